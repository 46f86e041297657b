//! Withdraw: a report is taken back by whoever handed it over.

use askama::Template;
use clearinghouse::log::receipt;
use clearinghouse::submit;
use names::ReportId;
use serde::Serialize;
use tlog::Receipt;
use utoipa::ToSchema;

use super::ReportView;
use crate::page::{Ask, Path};
use crate::part::Confirm;
use crate::{Answer, Head, Problem};

/// What its finder holds in hand afterwards.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "report/withdrawn.html")]
#[schema(as = ReportsWithdrawnView)]
struct WithdrawnView {
    /// `R-000123`.
    report: String,
    /// SHA-256 of the wrapped key that was destroyed, in hexadecimal: a backup can be searched for it.
    key_sha256: Box<str>,
    /// The entry of the log that says so.
    log_index: i64,
    /// What `seamark verify` takes, without asking anyone.
    #[schema(value_type = Object)]
    receipt: Receipt,
}

impl WithdrawnView {
    fn file(&self) -> String {
        self.receipt.print()
    }
}

/// What withdrawing does, before it is done.
pub async fn confirm(ask: Ask, Path(id): Path<ReportId>) -> Answer {
    ask.member()?;
    let view = ReportView::read(&ask, id).await?;
    if !view.may_withdraw {
        return Err(Problem::Hidden);
    }
    let sentences = [
        "Its text, its proofs and the key that opens them are destroyed: nobody can read them any more, not you, not this house, not from a backup without the keys.",
        "That you handed it over, when, and the hash of what you sent stay, and your receipt stays valid. An entry of the log says that it was taken back, and you get its receipt.",
        "A case that nobody else reported ends with it. One that others reported too goes on, and you stay bound by what you agreed to there; what was published stays published.",
    ];
    let confirm = Confirm {
        what: sentences.map(str::to_owned).to_vec(),
        whom: Vec::new(),
        action: format!("/reports/{id}/withdraw"),
        button: "Withdraw the report".to_owned(),
        back: format!("/reports/{id}"),
    };
    let head =
        Head::private(format!("Withdraw {id}")).under(id.to_string(), format!("/reports/{id}"));
    ask.html(head, &confirm)
}

/// Takes the report back and destroys its key. Answers with what shows that it is done.
#[utoipa::path(post, path = "/reports/{id}/withdraw", tag = "reports",
    params(("id" = String, Path, description = "`R-000123`")),
    responses((status = 200, body = WithdrawnView)))]
pub async fn withdraw(ask: Ask, Path(id): Path<ReportId>) -> Answer {
    ask.member()?;
    let house = &ask.app.house;
    let held = submit::withdraw(house, &ask.visitor.actor(), id, ask.now).await?;
    let index = u64::try_from(held.log_index).map_err(Problem::broken)?;
    let view = WithdrawnView {
        report: held.report.to_string(),
        key_sha256: held.key_sha256,
        log_index: held.log_index,
        // Who took it back may read what the sealed entry says.
        receipt: receipt::receipt(house, index, true, ask.now).await?,
    };
    let head = Head::private(format!("{id} is withdrawn: keep this"));
    ask.page(head.under("Reports", "/reports").logged(index), &view)
}
