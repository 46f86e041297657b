//! History: a report's hands, its numbers elsewhere and its terms, which grow and tighten after it was handed over.

use clearinghouse::{Failure, provenance};
use finding::provenance::Extension;
use finding::report::{Handling, Hop, Terms};
use jiff::Timestamp;
use names::{Refusal, ReportId, Tlp};

use super::ReportView;
use crate::Answer;
use crate::form::{Choice, Fields, Form, Forms, Input};
use crate::page::{Ask, Path};
use crate::part::{Cell, Facts, Table};

/// A line of a form; the rule says how long each may be.
const LINE_CHARS_MAX: usize = 1_000;

struct Passed {
    organization: String,
    note: String,
    at: Option<Timestamp>,
}

impl Input for Passed {
    fn read(fields: &mut Fields<'_>) -> Option<Passed> {
        let organization = fields.line("organization", "whose hand", LINE_CHARS_MAX);
        let note = fields.optional_line("note", LINE_CHARS_MAX);
        let at = fields.optional_moment("at");
        Some(Passed {
            organization: organization?,
            note: note.unwrap_or_default(),
            at,
        })
    }
}

struct Called(Handling);

impl Input for Called {
    fn read(fields: &mut Fields<'_>) -> Option<Called> {
        let coordinator = fields.line("coordinator", "a coordinator", LINE_CHARS_MAX);
        let id = fields.line("number", "its number there", LINE_CHARS_MAX);
        Some(Called(Handling {
            coordinator: coordinator?.into(),
            id: id?.into(),
        }))
    }
}

struct Tightened(Terms);

impl Input for Tightened {
    fn read(fields: &mut Fields<'_>) -> Option<Tightened> {
        Some(Tightened(Terms {
            embargo_until: fields.optional_moment("embargo_until"),
            tlp: fields.optional("tlp"),
            disclose_at: fields.optional_moment("disclose_at"),
        }))
    }
}

/// Adds a hand that the report passed: `organization`, `note`, `at` where it was not just now.
#[utoipa::path(post, path = "/reports/{id}/hops", tag = "reports", params(("id" = String, Path)),
    request_body = serde_json::Value, responses((status = 204)))]
pub async fn add_hop(ask: Ask, Path(id): Path<ReportId>, form: Form) -> Answer {
    let read = form.read::<Passed>().map(|passed| {
        Extension::Hop(Hop {
            organization: passed.organization.into(),
            at: passed.at.unwrap_or(ask.now),
            note: passed.note.into(),
        })
    });
    ended(&ask, id, ("hop", &form), read, "report-extended").await
}

/// Notes what another coordinator calls the report: `coordinator`, `number`.
#[utoipa::path(post, path = "/reports/{id}/handling", tag = "reports", params(("id" = String, Path)),
    request_body = serde_json::Value, responses((status = 204)))]
pub async fn add_handling(ask: Ask, Path(id): Path<ReportId>, form: Form) -> Answer {
    let read = form.read::<Called>();
    let read = read.map(|Called(handling)| Extension::Handling(handling));
    ended(&ask, id, ("handling", &form), read, "report-extended").await
}

/// Makes the terms of the report stricter: `embargo_until`, `tlp`, `disclose_at`; what is not said stays.
#[utoipa::path(post, path = "/reports/{id}/terms", tag = "reports", params(("id" = String, Path)),
    request_body = serde_json::Value, responses((status = 204)))]
pub async fn tighten(ask: Ask, Path(id): Path<ReportId>, form: Form) -> Answer {
    let read = form.read::<Tightened>();
    let read = read.map(|Tightened(terms)| Extension::Terms(terms));
    ended(&ask, id, ("terms", &form), read, "terms-tightened").await
}

/// Back to the report, or its page again with what is wrong, and the form `name` open as it was filled in.
async fn ended(
    ask: &Ask,
    id: ReportId,
    (name, form): (&'static str, &Form),
    read: Result<Extension, Refusal>,
    done: &'static str,
) -> Answer {
    let outcome = match read {
        Ok(extension) => {
            let actor = ask.visitor.actor();
            provenance::extend(&ask.app.house, &actor, id, extension, ask.now).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(()) => ask.changed(&format!("/reports/{id}"), done),
        Err(Failure::Refused(refusal)) => {
            let refusal = renamed(&refusal);
            let mut again = ReportView::read(ask, id).await?;
            again.forms = Forms::again(name, form.filled(&refusal));
            Err(ask.refused(refusal, again.head(), &again))
        }
        Err(other) => Err(other.into()),
    }
}

/// The form calls the other's number `number`.
fn renamed(refusal: &Refusal) -> Refusal {
    let mut out = Refusal::none();
    for problem in refusal.iter() {
        let field = if &*problem.field == "id" {
            "number"
        } else {
            &problem.field
        };
        out.add(field, problem.message.clone());
    }
    out
}

impl ReportView {
    /// The hands it passed, the first first.
    pub(super) fn hop_table(&self) -> Table {
        const COLUMNS: &[&str] = &["Hand", "What they did", "When"];
        let hops = self.provenance.iter().flat_map(|history| &history.hops);
        let rows = hops.map(|hop| {
            vec![
                Cell::text(&*hop.organization),
                Cell::text(&*hop.note),
                Cell::when(hop.at),
            ]
        });
        Table::new("Whose hands it passed", COLUMNS, "").rows(rows)
    }

    pub(super) fn handling_table(&self) -> Table {
        const COLUMNS: &[&str] = &["Coordinator", "Number"];
        let all = self.provenance.iter().flat_map(|history| &history.handling);
        let rows = all.map(|one| vec![Cell::text(&*one.coordinator), Cell::code(&one.id)]);
        Table::new("What other coordinators call it", COLUMNS, "").rows(rows)
    }

    pub(super) fn has_hops(&self) -> bool {
        self.provenance
            .as_ref()
            .is_some_and(|history| !history.hops.is_empty())
    }

    pub(super) fn has_handling(&self) -> bool {
        self.provenance
            .as_ref()
            .is_some_and(|history| !history.handling.is_empty())
    }

    /// The terms it is under.
    pub(super) fn term_facts(&self) -> Facts {
        let terms = self.terms.clone().unwrap_or_default();
        let tlp = terms
            .tlp
            .map_or("not said".to_owned(), |tlp| tlp.to_string());
        Facts::new()
            .fact("May be told", Cell::text(tlp))
            .fact("Kept until", Cell::when(terms.embargo_until))
            .fact("Published by its finder on", Cell::when(terms.disclose_at))
    }

    /// Stricter marks than the one it has.
    pub(super) fn tlp_choices(&self) -> Vec<Choice> {
        let held = self.terms.as_ref().and_then(|terms| terms.tlp);
        let all = [
            Tlp::Clear,
            Tlp::Green,
            Tlp::Amber,
            Tlp::AmberStrict,
            Tlp::Red,
        ];
        let stricter = all.into_iter().filter(|tlp| Some(*tlp) > held);
        let stays = [Choice::new("", "as it is")];
        let stricter = stricter.map(|tlp| Choice::new(tlp.as_str(), tlp.to_string()));
        stays.into_iter().chain(stricter).collect()
    }

    /// The attribute of a `<details>` that holds form `name`.
    pub(super) fn open(&self, name: &str) -> &'static str {
        if self.forms.is_sent(name) {
            " open"
        } else {
            ""
        }
    }
}
