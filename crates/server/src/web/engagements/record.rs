//! `/engagements/E-000123/record`: what a developer holds about its model, for itself to read, write and take out.

use std::collections::BTreeMap;

use askama::Template;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use clearinghouse::Failure;
use clearinghouse::record::{self, Form as Taken, Shown};
use frontier::record::{Draft, ENTRY_BYTES_MAX, Kind, Redaction};
use names::EngagementId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::form::{Choice, Fields, Filled, Form, Input};
use crate::page::{Ask, Path};
use crate::part::{Cell, Table};
use crate::routes::Routes;
use crate::{Answer, Head, Problem};

/// A developer's record of one model.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "record/show.html")]
struct RecordView {
    engagement: String,
    model: String,
    /// Digest of the last statement.
    head_sha256: Option<String>,
    entries: Vec<EntryView>,
    /// What the public copy does not have, by digest.
    withheld: Vec<WithheldView>,
    #[serde(skip)]
    #[schema(ignore)]
    form: Filled,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RecordEntryView)]
struct EntryView {
    number: u32,
    kind: &'static str,
    at: String,
    kept_until: String,
    privilege: Option<String>,
    #[schema(value_type = Object)]
    fields: BTreeMap<String, Value>,
    log_index: i64,
}

#[derive(Serialize, ToSchema)]
struct WithheldView {
    entry: u32,
    field: String,
    sha256: String,
    /// The entry that says who took it out and why.
    by: Option<u32>,
}

/// What was written.
#[derive(Serialize, ToSchema)]
struct WrittenView {
    entry: u32,
}

impl RecordView {
    fn of(id: EngagementId, shown: Shown, form: Filled) -> RecordView {
        let entry = |(entry, log_index): (&frontier::record::Entry, &i64)| {
            let predicate = &entry.statement.predicate;
            EntryView {
                number: predicate.number,
                kind: entry.kind().map_or("unknown", Kind::as_str),
                at: predicate.at.to_string(),
                kept_until: predicate.kept_until.to_string(),
                privilege: predicate.privilege.as_ref().map(ToString::to_string),
                fields: entry
                    .fields
                    .iter()
                    .map(|(name, one)| (name.to_string(), one.value.clone()))
                    .collect(),
                log_index: *log_index,
            }
        };
        RecordView {
            engagement: id.to_string(),
            model: shown.model.to_string(),
            head_sha256: shown.checked.head.map(|head| head.to_string()),
            entries: shown.entries.iter().zip(&shown.logged).map(entry).collect(),
            withheld: shown
                .checked
                .withheld
                .iter()
                .map(|one| WithheldView {
                    entry: one.entry,
                    field: one.field.to_string(),
                    sha256: one.digest.to_string(),
                    by: one.by,
                })
                .collect(),
            form,
        }
    }

    fn head(&self) -> Head {
        let id = &self.engagement;
        let head = Head::private(format!("Record of {}", self.model));
        head.under("Engagements", "/engagements")
            .under(id.clone(), format!("/engagements/{id}"))
            .wide()
    }

    fn table(&self) -> Table {
        const COLUMNS: &[&str] = &["Entry", "Kind", "Written", "Says", "Log"];
        let row = |one: &EntryView| {
            let says: Vec<String> = one
                .fields
                .iter()
                .map(|(name, value)| format!("{name}: {}", plain(value)))
                .collect();
            vec![
                Cell::number(one.number),
                Cell::text(one.kind),
                Cell::text(&one.at),
                Cell::text(says.join("; ")),
                Cell::link(one.log_index.to_string(), format!("/log/{}", one.log_index)),
            ]
        };
        Table::new("Statements, in order", COLUMNS, "Nothing is written yet.")
            .rows(self.entries.iter().map(row))
    }

    fn withheld_table(&self) -> Table {
        let row = |one: &WithheldView| {
            vec![
                Cell::number(one.entry),
                Cell::text(&one.field),
                Cell::code(&one.sha256),
                one.by.map_or(Cell::Nothing, Cell::number),
            ]
        };
        Table::new(
            "Not in the public copy",
            &["Entry", "Field", "SHA-256", "Why: entry"],
            "Nothing.",
        )
        .rows(self.withheld.iter().map(row))
    }

    fn kinds(&self) -> Vec<Choice> {
        let kinds = Kind::ALL.iter().filter(|kind| **kind != Kind::Redaction);
        kinds
            .map(|kind| {
                let fields: Vec<&str> = kind.fields().iter().map(|field| field.name).collect();
                Choice::new(
                    kind.as_str(),
                    format!("{}: {}", kind.shown(), fields.join(", ")),
                )
            })
            .collect()
    }

    fn files(&self) -> [(&'static str, &'static str, Taken); 6] {
        Taken::ALL
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A statement to write.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by hand; the derive describes it")]
struct NewStatement {
    /// Such as `capability-claim`.
    kind: String,
    /// A line for each field, `name: value`; a value that is JSON is taken as JSON.
    fields: String,
    /// Such as `attorney-client`: not for the public copy.
    privilege: Option<String>,
}

struct Statement(Draft);

impl Input for Statement {
    fn read(fields: &mut Fields<'_>) -> Option<Statement> {
        let kind = fields.one("kind", "what it is about");
        let text = fields.prose("fields", "what it says", ENTRY_BYTES_MAX);
        let privilege = fields.optional_line("privilege", 64);
        let mut read = BTreeMap::new();
        for line in text
            .unwrap_or_default()
            .lines()
            .filter(|line| !line.trim().is_empty())
        {
            match line.split_once(':') {
                Some((name, value)) => {
                    let value = value.trim();
                    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
                    read.insert(name.trim().into(), value);
                }
                None => fields.wrong("fields", "each line is `name: value`"),
            }
        }
        Some(Statement(Draft {
            kind: kind?,
            fields: read,
            privilege: privilege.map(Into::into),
        }))
    }
}

/// What to take out of the public copy.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by hand; the derive describes it")]
struct NewRedaction {
    entry: i64,
    /// A field's name a line.
    names: String,
    by: String,
    reason: String,
}

struct Out(Redaction);

impl Input for Out {
    fn read(fields: &mut Fields<'_>) -> Option<Out> {
        let entry = fields.number("entry", "the number of the entry", 0..=i64::from(u32::MAX));
        let names = fields.list("names", 100, 100);
        let by = fields.line("by", "who takes it out", 200);
        let reason = fields.line("reason", "why", 1_000);
        Some(Out(Redaction {
            entry: u32::try_from(entry?).ok()?,
            fields: names.into_iter().map(Into::into).collect(),
            by: by?.into(),
            reason: reason?.into(),
        }))
    }
}

/// The record.
#[utoipa::path(get, path = "/engagements/{id}/record", tag = "engagements", params(("id" = String, Path)),
    responses((status = 200, body = RecordView)))]
async fn show(ask: Ask, Path(id): Path<EngagementId>) -> Answer {
    let shown = record::show(&ask.app.house, &ask.visitor.actor(), id).await?;
    let view = RecordView::of(id, shown, Filled::empty());
    ask.page(view.head(), &view)
}

/// Writes a statement, signed and logged.
#[utoipa::path(post, path = "/engagements/{id}/record", tag = "engagements", params(("id" = String, Path)),
    request_body = NewStatement, responses((status = 201, body = WrittenView)))]
async fn write(ask: Ask, Path(id): Path<EngagementId>, form: Form) -> Answer {
    let (house, actor) = (&ask.app.house, ask.visitor.actor());
    let outcome = match form.read::<Statement>() {
        Ok(statement) => record::write(house, &actor, id, &statement.0, ask.now).await,
        Err(refusal) => Err(refusal.into()),
    };
    answered(&ask, id, &form, outcome, "record-written").await
}

/// Takes fields out of the public copy. Their digests stay.
#[utoipa::path(post, path = "/engagements/{id}/record/redact", tag = "engagements", params(("id" = String, Path)),
    request_body = NewRedaction, responses((status = 201, body = WrittenView)))]
async fn redact(ask: Ask, Path(id): Path<EngagementId>, form: Form) -> Answer {
    let (house, actor) = (&ask.app.house, ask.visitor.actor());
    let outcome = match form.read::<Out>() {
        Ok(out) => record::redact(house, &actor, id, &out.0, ask.now).await,
        Err(refusal) => Err(refusal.into()),
    };
    answered(&ask, id, &form, outcome, "record-redacted").await
}

async fn answered(
    ask: &Ask,
    id: EngagementId,
    form: &Form,
    outcome: Result<u32, Failure>,
    done: &'static str,
) -> Answer {
    match outcome {
        Ok(entry) => ask.made(
            &format!("/engagements/{id}/record"),
            done,
            &WrittenView { entry },
        ),
        Err(Failure::Refused(refusal)) => {
            let shown = record::show(&ask.app.house, &ask.visitor.actor(), id).await?;
            let mut said = refusal.clone();
            // What is wrong with a field of a statement stands beside the one box that they are written in.
            for problem in refusal
                .iter()
                .filter(|one| one.field.starts_with("fields."))
            {
                let name = problem.field.trim_start_matches("fields.");
                said.add("fields", format!("`{name}` {}", problem.message));
            }
            let view = RecordView::of(id, shown, form.filled(&said));
            Err(ask.refused(refusal, view.head(), &view))
        }
        Err(other) => Err(other.into()),
    }
}

/// The record as a file: `public`, `whole`, `cyclonedx`, `spdx`, `markdown` or `html`.
#[utoipa::path(get, path = "/engagements/{id}/record/{form}", tag = "engagements",
    params(("id" = String, Path), ("form" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
async fn export(ask: Ask, Path((id, form)): Path<(EngagementId, String)>) -> Answer {
    let found = Taken::ALL.into_iter().find(|(word, ..)| *word == form);
    let (_, name, form) = found.ok_or(Problem::Hidden)?;
    let bytes = record::export(&ask.app.house, &ask.visitor.actor(), id, form, ask.now).await?;
    let disposition = format!("attachment; filename=\"{id}-{name}\"");
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).map_err(Problem::broken)?,
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, bytes).into_response())
}

pub fn routes() -> Routes {
    Routes::new()
        .both("see_record", routes!(show))
        .both("write_record", routes!(write))
        .both("write_record", routes!(redact))
        .both("see_record", routes!(export))
}
