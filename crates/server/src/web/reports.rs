//! `/reports`: hand over what was found, in any format that is read, and see what became of it.

pub(super) mod bodies;
mod history;
mod known;
mod proofs;
mod stream;
mod withdraw;

use askama::Template;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use clearinghouse::log::receipt::receipt as log_receipt;
use clearinghouse::submit::{self, Handed, Progress, Receipt, Status};
use clearinghouse::validate;
use finding::report::{Provenance, Terms};
use finding::submit::bounds::DOCUMENT_BYTES_MAX;
use finding::validate::Shown;
use jiff::Timestamp;
use names::ReportId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::form::{Filled, Forms};
use crate::page::{Ask, Path};
use crate::part::{Cell, Facts, Table};
use crate::routes::Routes;
use crate::{Answer, Head, Problem};

/// What stands above a page after one of these was done.
pub(super) const DONE: &[(&str, &str)] = &[
    (
        "report-taken",
        "The report is taken. Below is its receipt: when it is read, and where it stands in the log.",
    ),
    (
        "report-extended",
        "It is added, and nothing that was there has changed.",
    ),
    ("terms-tightened", "The terms are stricter now."),
];

/// Reports of one page.
const ROWS: usize = 50;

/// A receipt: what was received, when, and who reads it by when.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = ReportsReceiptView)]
struct ReceiptView {
    /// `R-000123`.
    report: String,
    /// Where it stays.
    address: String,
    /// Its entry's place in the log.
    log_index: i64,
    /// SHA-256 of what was received, in hexadecimal.
    sha256: String,
    #[schema(value_type = String)]
    received: Timestamp,
    /// Who reads it next.
    read_by: String,
    /// When at the latest.
    #[schema(value_type = String)]
    read_until: Timestamp,
    /// It was here already: this is the same receipt again.
    again: bool,
    maintainer: MaintainerView,
}

/// What the maintainer's policy says to the finder, as it is now.
#[derive(Clone, Serialize, ToSchema)]
struct MaintainerView {
    /// What the maintainer asks for.
    asks: Vec<Box<str>>,
    /// Why the report waits here; empty where it travels on.
    held: Vec<Box<str>>,
}

/// One report, for its finder.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "report/show.html")]
#[schema(as = ReportsReportView)]
struct ReportView {
    receipt: ReceiptView,
    /// `received`, `known` where its own evidence equals what was here before, or `withdrawn`.
    status: &'static str,
    /// As it was handed over; absent once it was withdrawn and its key destroyed.
    #[schema(value_type = Option<Object>)]
    report: Option<finding::Report>,
    /// Who found it and through whose hands it came, as it stands now.
    #[schema(value_type = Option<Object>)]
    provenance: Option<Provenance>,
    /// The terms it is under, as they stand now.
    #[schema(value_type = Option<Object>)]
    terms: Option<Terms>,
    proofs: Vec<ProofView>,
    /// How far its proofs have shown the flaw: `nothing`, `unchecked`, `unproven`, `waiting` or `proven`.
    #[schema(value_type = String)]
    shown: Shown,
    /// The re-runs of its proofs, the oldest first.
    validations: Vec<RerunView>,
    #[serde(skip)]
    #[schema(ignore)]
    may_extend: bool,
    #[serde(skip)]
    #[schema(ignore)]
    may_withdraw: bool,
    #[serde(skip)]
    #[schema(ignore)]
    forms: Forms,
}

/// How far the upload of a proof is.
#[derive(Serialize, ToSchema)]
struct ProofView {
    sha256: Box<str>,
    offset: u64,
    length: u64,
    complete: bool,
}

/// The re-run of a proof.
#[derive(Serialize, ToSchema)]
struct RerunView {
    /// `V-000123`.
    validation: String,
    sha256: Box<str>,
    /// `queued`, `running`, `done`, `cancelled` or `failed`.
    state: &'static str,
    /// `proven`, `not_reproduced`, `flaky`, `different_flaw` or `cannot_run`.
    outcome: Option<&'static str>,
    #[schema(value_type = Option<String>)]
    ended: Option<Timestamp>,
    #[serde(skip)]
    #[schema(ignore)]
    tag: &'static str,
}

/// One's own reports, newest first.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "report/list.html")]
struct ReportsView {
    reports: Vec<LineView>,
    /// The report before which the next page begins.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ReportsLineView)]
struct LineView {
    report: String,
    status: &'static str,
    title: Box<str>,
    #[schema(value_type = String)]
    received: Timestamp,
}

/// The empty form, or a refused one as it was filled in.
#[derive(Template)]
#[template(path = "report/new.html")]
struct NewPage {
    form: Filled,
}

impl NewPage {
    /// The days that a report without a day of its own is kept, as its finder is told before handing it over.
    fn days(&self) -> u16 {
        finding::clocks::policy().embargo_default_days
    }
}

impl ReceiptView {
    fn of(ask: &Ask, receipt: &Receipt) -> ReceiptView {
        ReceiptView {
            report: receipt.report.to_string(),
            address: format!("{}/reports/{}", ask.app.house.settings.url, receipt.report),
            log_index: receipt.log_index,
            sha256: finding::hex(&receipt.digest),
            received: receipt.received,
            read_by: ask.app.settings.name().to_string(),
            read_until: receipt.read_by,
            again: receipt.again,
            maintainer: MaintainerView {
                asks: receipt.maintainer.asks.clone(),
                held: receipt.maintainer.held.clone(),
            },
        }
    }
}

impl ReportView {
    async fn read(ask: &Ask, id: ReportId) -> Result<ReportView, Problem> {
        let handed = submit::show(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
        let Handed {
            receipt,
            status,
            report,
            standing,
            proofs,
            shown,
            may_extend,
            may_withdraw,
        } = handed;
        let proof = |proof: Progress| ProofView {
            sha256: proof.sha256,
            offset: proof.offset,
            length: proof.length,
            complete: proof.complete,
        };
        Ok(ReportView {
            receipt: ReceiptView::of(ask, &receipt),
            status: word(status),
            provenance: standing.as_ref().map(|now| now.provenance.clone()),
            terms: standing.map(|now| now.terms),
            may_extend: may_extend && report.is_some(),
            may_withdraw: may_withdraw && report.is_some(),
            report,
            proofs: proofs.into_iter().map(proof).collect(),
            shown,
            validations: validations(ask, id).await?,
            forms: Forms::new(),
        })
    }

    fn head(&self) -> Head {
        Head::private(format!("{}: {}", self.receipt.report, self.title()))
            .under("Reports", "/reports")
            .tagged(self.status)
    }

    fn title(&self) -> &str {
        self.report
            .as_ref()
            .map_or("Withdrawn", |report| &report.title)
    }

    fn facts(&self) -> Facts {
        let facts = Facts::new().fact("Received", Cell::when(self.receipt.received));
        let facts = match self.report {
            Some(_) => facts
                .fact("Read by", Cell::text(self.receipt.read_by.clone()))
                .fact("At the latest", Cell::when(self.receipt.read_until)),
            None => facts,
        };
        facts
            .fact("In the log", Cell::number(self.receipt.log_index))
            .fact(
                "SHA-256 of what was received",
                Cell::code(&self.receipt.sha256),
            )
    }

    /// Complete proofs that nothing waits for or has shown: their finder may ask.
    fn askable(&self) -> Vec<&str> {
        let asked = |sha256: &str| {
            let mut own = self.validations.iter().filter(|one| &*one.sha256 == sha256);
            own.any(|one| matches!(one.state, "queued" | "running" | "done"))
        };
        let open = self
            .proofs
            .iter()
            .filter(|proof| proof.complete && !asked(&proof.sha256));
        open.map(|proof| &*proof.sha256).collect()
    }

    fn rerun_table(&self) -> Table {
        let rows = self.validations.iter().map(|one| {
            vec![
                Cell::link(
                    one.validation.clone(),
                    format!("/validations/{}", one.validation),
                ),
                Cell::code(&one.sha256),
                Cell::tag(one.tag),
                Cell::when(one.ended),
            ]
        });
        let columns = &["Validation", "Proof", "State", "Ended"];
        Table::new("Re-runs of its proofs", columns, "None yet.").rows(rows)
    }

    fn table(&self) -> Table {
        let rows = self.proofs.iter().map(|proof| {
            vec![
                Cell::code(&proof.sha256),
                Cell::number(proof.offset),
                Cell::number(proof.length),
                Cell::text(if proof.complete {
                    "complete"
                } else {
                    "missing"
                }),
            ]
        });
        Table::new("Proofs", &["Hash", "Received", "Bytes", "State"], "").rows(rows)
    }
}

impl ReportsView {
    fn table(&self) -> Table {
        let rows = self.reports.iter().map(|line| {
            vec![
                Cell::link(line.report.clone(), format!("/reports/{}", line.report)),
                Cell::text(line.title.to_string()),
                Cell::tag(line.status),
                Cell::when(line.received),
            ]
        });
        let empty = "You have handed over nothing yet.";
        Table::new(
            "Your reports, newest first",
            &["Report", "Title", "State", "Received"],
            empty,
        )
        .rows(rows)
    }
}

/// The re-runs of a report's proofs.
async fn validations(ask: &Ask, id: ReportId) -> Result<Vec<RerunView>, Problem> {
    let all = validate::of_report(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    let view = |one: validate::Rerun| RerunView {
        validation: one.line.id.to_string(),
        sha256: one.sha256,
        state: one.line.state.as_str(),
        outcome: one.line.outcome.map(|outcome| outcome.as_str()),
        ended: one.line.ended,
        tag: one
            .line
            .outcome
            .map_or(one.line.state.shown(), |outcome| outcome.shown()),
    };
    Ok(all.into_iter().map(view).collect())
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Received => "received",
        Status::Known => "known",
        Status::Withdrawn => "withdrawn",
    }
}

/// One report of one's own, with its receipt.
#[utoipa::path(get, path = "/reports/{id}", tag = "reports",
    params(("id" = String, Path, description = "`R-000123`")),
    responses((status = 200, body = ReportView)))]
async fn show(ask: Ask, Path(id): Path<ReportId>) -> Answer {
    let view = ReportView::read(&ask, id).await?;
    ask.page(view.head(), &view)
}

/// The receipt as a file that proves, offline, that the log holds the report: check it with `seamark verify`.
#[utoipa::path(get, path = "/reports/{id}/receipt", tag = "reports",
    params(("id" = String, Path, description = "`R-000123`")),
    responses((status = 200, body = Object)))]
async fn receipt(ask: Ask, Path(id): Path<ReportId>) -> Answer {
    let house = &ask.app.house;
    let handed = submit::show(house, &ask.visitor.actor(), id, ask.now).await?;
    let index = u64::try_from(handed.receipt.log_index).map_err(Problem::broken)?;
    let proved = log_receipt(house, index, true, ask.now).await?;
    ask.json(&Head::private("Receipt"), &proved)
}

/// One's own reports, newest first.
#[utoipa::path(get, path = "/reports", tag = "reports",
    params(("before" = Option<String>, Query, description = "The report before which the page begins")),
    responses((status = 200, body = ReportsView)))]
async fn list(ask: Ask) -> Answer {
    let before = bodies::query(&ask, "before");
    let before = before
        .map(|text| text.parse().map_err(|_| Problem::Hidden))
        .transpose()?;
    let actor = ask.visitor.actor();
    let found = submit::list(&ask.app.house, &actor, before, ROWS).await?;
    let next = (found.len() == ROWS)
        .then(|| found.last().map(|last| last.receipt.report.to_string()))
        .flatten();
    let line = |one: Handed| LineView {
        report: one.receipt.report.to_string(),
        status: word(one.status),
        title: one.report.map_or("Withdrawn".into(), |report| report.title),
        received: one.receipt.received,
    };
    let view = ReportsView {
        reports: found.into_iter().map(line).collect(),
        next,
    };
    ask.page(Head::private("Your reports").wide(), &view)
}

async fn new(ask: Ask) -> Answer {
    ask.member()?;
    let page = NewPage {
        form: Filled::empty(),
    };
    ask.html(
        Head::private("Hand over a report").under("Reports", "/reports"),
        &page,
    )
}

/// The routes of this noun.
pub fn routes() -> Routes {
    let documents = Routes::new()
        .both("submit", routes!(bodies::create))
        .limit(DefaultBodyLimit::max(DOCUMENT_BYTES_MAX));
    let pieces = Routes::new()
        .both("add_proof", routes!(proofs::receive))
        .limit(DefaultBodyLimit::max(proofs::BODY_BYTES_MAX));
    Routes::new()
        .page("submit", "GET", "/reports/new", get(new))
        .both("see_report", routes!(list))
        .both("see_report", routes!(show))
        .both("see_report", routes!(receipt))
        .both("see_report", routes!(proofs::progress))
        .both("extend_report", routes!(history::add_hop))
        .both("extend_report", routes!(history::add_handling))
        .both("extend_report", routes!(history::tighten))
        .both("withdraw_report", routes!(withdraw::withdraw))
        .page(
            "withdraw_report",
            "GET",
            "/reports/{id}/withdraw",
            get(withdraw::confirm),
        )
        .both("submit", routes!(known::commit))
        .both("submit", routes!(known::reveal))
        .both("check_known", routes!(known::check))
        .and(documents)
        .and(pieces)
}
