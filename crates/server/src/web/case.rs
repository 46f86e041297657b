//! `/cases/C-000123`: the work on one flaw, as each participant sees it, and what they may do now.

mod acts;
mod view;

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;
use clearinghouse::coordinate::{self, show};
use finding::coordinate::Stage;
use names::CaseId;
use utoipa_axum::routes;

use crate::page::{Ask, Path};
use crate::part::Confirm;
use crate::routes::Routes;
use crate::{Answer, Head};

pub use view::CaseView;

/// The page's head: the title of the flaw for those who know it, with the stage as a tag.
fn head(view: &CaseView) -> Head {
    let title = match &view.title {
        Some(title) => format!("{}: {title}", view.case),
        None => view.case.clone(),
    };
    Head::private(title)
        .wide()
        .under("Cases", "/cases")
        .tagged(view.shown_stage)
}

/// One case, as the reader sees it.
#[utoipa::path(get, path = "/cases/{id}", tag = "cases",
    params(("id" = String, Path, description = "`C-000123`")), responses((status = 200, body = CaseView)))]
async fn read(ask: Ask, Path(id): Path<CaseId>) -> Answer {
    ask.member()?;
    let shown = show::show(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    let view = CaseView::of(shown, ask.now);
    ask.page(head(&view), &view)
}

/// A file of a case. It comes as a download, never as a page: a stranger made it.
async fn attachment(ask: Ask, Path((id, number)): Path<(CaseId, i64)>) -> Answer {
    ask.member()?;
    let actor = ask.visitor.actor();
    let file = coordinate::attachment(&ask.app.house, &actor, id, number, ask.now).await?;
    // The name goes in RFC 8187's form, where nothing a stranger wrote can end the header.
    let name: String = file
        .name
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    let disposition = HeaderValue::try_from(format!("attachment; filename*=UTF-8''{name}"))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        ),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, file.bytes).into_response())
}

/// What withdrawing does, before it is done.
async fn confirm_withdraw(ask: Ask, Path(id): Path<CaseId>) -> Answer {
    ask.member()?;
    let shown = show::show(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    if !shown.ways.contains(&Stage::Withdrawn) {
        return Err(crate::Problem::Hidden);
    }
    let confirm = Confirm {
        what: vec![
            format!("{id} is taken back, and the keys of the case and of its reports are destroyed."),
            "Nobody can read its words, messages and files any more: not you, not this house, not from a backup without the keys.".to_owned(),
            "An entry of the log says so, and you get a receipt.".to_owned(),
        ],
        whom: shown.participants.iter().map(|one| one.name.to_string()).collect(),
        action: format!("/cases/{id}/withdraw"),
        button: "Withdraw the case".to_owned(),
        back: format!("/cases/{id}"),
    };
    let head =
        Head::private(format!("Withdraw {id}")).under(id.to_string(), format!("/cases/{id}"));
    ask.html(head, &confirm)
}

/// What was done, in a sentence.
pub const DONE: &[(&str, &str)] = &[
    ("case-opened", "The case is open."),
    ("case-moved", "The case is moved."),
    ("message-sent", "Your message is sent."),
    ("verdict-given", "Your verdict is given."),
    ("heard-noted", "What the vendor said is written down."),
    ("embargo-done", "Your answer counts."),
    (
        "participant-added",
        "The organization is brought in. It learns of the case once it is sent.",
    ),
    ("participant-gone", "The organization has left the case."),
    ("case-held", "The case has changed hands."),
    (
        "facts-set",
        "The answers are set, and the queue is in order.",
    ),
    ("mark-set", "The clocks know."),
    ("handling-noted", "The number is noted."),
    ("case-marked", "The case is marked."),
];

pub fn routes() -> Routes {
    Routes::new()
        .both("see_case", routes!(read))
        .page(
            "see_case",
            "GET",
            "/cases/{id}/files/{number}",
            get(attachment),
        )
        .page(
            "withdraw_case",
            "GET",
            "/cases/{id}/withdraw",
            get(confirm_withdraw),
        )
        .and(acts::routes())
}
