//! Acts: what a participant does to a case, one POST each. A refused form comes back as it was filled in.

mod people;

use clearinghouse::coordinate::{self, File, show};
use clearinghouse::embargo::{Ask as Wish, embargo, mark};
use clearinghouse::verdict::{self, Hearsay};
use clearinghouse::{Failure, prioritize, withdraw};
use finding::clocks::{Awareness, Mark};
use finding::coordinate::Stage;
use finding::embargo::Cause;
use finding::verdict::{Justification, Status, Word};
use jiff::Timestamp;
use names::{CaseId, OrganizationId, Refusal};
use utoipa_axum::routes;

use super::{CaseView, head};
use crate::form::{Fields, Form, Forms, Input};
use crate::page::{Ask, Path};
use crate::routes::Routes;
use crate::{Answer, Problem};

/// A text's characters; the act bounds its bytes.
const TEXT_CHARS_MAX: usize = 64 << 10;

/// A line's characters; the act says what fits where.
const LINE_CHARS_MAX: usize = 4_000;

/// A message with ten files of 10 MiB, and its form.
const MESSAGE_BYTES_MAX: usize = 101 << 20;

/// Back to the case, or the page again with what is wrong, and the form `name` open as it was filled in.
async fn ended(
    ask: &Ask,
    id: CaseId,
    (name, form): (&'static str, &Form),
    outcome: Result<(), Failure>,
    done: &'static str,
) -> Answer {
    match outcome {
        Ok(()) => ask.changed(&format!("/cases/{id}"), done),
        Err(failure) => again(ask, id, (name, form), failure).await,
    }
}

async fn again(
    ask: &Ask,
    id: CaseId,
    (name, form): (&'static str, &Form),
    failure: Failure,
) -> Answer {
    let Failure::Refused(refusal) = failure else {
        return Err(failure.into());
    };
    let actor = ask.visitor.actor();
    let shown = show::show(&ask.app.house, &actor, id, ask.now)
        .await
        .map_err(Problem::from)?;
    let mut again = CaseView::of(shown, ask.now);
    again.forms = Forms::again(name, form.filled(&refusal));
    Err(ask.refused(refusal, head(&again), &again))
}

struct Move {
    stage: Stage,
    reason: String,
}

impl Input for Move {
    fn read(fields: &mut Fields<'_>) -> Option<Move> {
        let stage = fields.one("stage", "where to");
        let reason = fields
            .optional_prose("reason", LINE_CHARS_MAX)
            .unwrap_or_default();
        Some(Move {
            stage: stage?,
            reason,
        })
    }
}

/// Takes the case to another stage: `stage`, `reason`.
#[utoipa::path(post, path = "/cases/{id}/stage", tag = "cases", params(("id" = String, Path)), request_body = serde_json::Value, responses((status = 204)))]
async fn advance(ask: Ask, Path(id): Path<CaseId>, form: Form) -> Answer {
    let outcome = match form.read::<Move>() {
        Ok(to) => {
            coordinate::advance(
                &ask.app.house,
                &ask.visitor.actor(),
                id,
                to.stage,
                &to.reason,
                ask.now,
            )
            .await
        }
        Err(refusal) => Err(refusal.into()),
    };
    ended(&ask, id, ("move", &form), outcome, "case-moved").await
}

struct Written {
    text: String,
    audience: Option<OrganizationId>,
}

impl Input for Written {
    fn read(fields: &mut Fields<'_>) -> Option<Written> {
        Some(Written {
            text: fields
                .optional_prose("text", TEXT_CHARS_MAX)
                .unwrap_or_default(),
            audience: fields.optional("audience"),
        })
    }
}

/// Writes to everyone in the case, or to one organization and the coordinator: `text`, `audience`, `file`.
#[utoipa::path(post, path = "/cases/{id}/messages", tag = "cases", params(("id" = String, Path)), request_body = serde_json::Value, responses((status = 204)))]
async fn message(ask: Ask, Path(id): Path<CaseId>, form: Form) -> Answer {
    let files: Vec<File> = form
        .file("file")
        .map(|file| File {
            name: file.name.as_str().into(),
            bytes: file.bytes.to_vec(),
        })
        .into_iter()
        .collect();
    let outcome = match form.read::<Written>() {
        Ok(new) => {
            let actor = ask.visitor.actor();
            coordinate::message(
                &ask.app.house,
                &actor,
                id,
                &new.text,
                new.audience,
                &files,
                ask.now,
            )
            .await
            .map(|_| ())
        }
        Err(refusal) => Err(refusal.into()),
    };
    ended(&ask, id, ("message", &form), outcome, "message-sent").await
}

struct Spoken(Word);

impl Input for Spoken {
    fn read(fields: &mut Fields<'_>) -> Option<Spoken> {
        let product = fields.line("product", "a product", LINE_CHARS_MAX);
        let versions = fields
            .optional_line("versions", LINE_CHARS_MAX)
            .unwrap_or_default();
        let status = fields.one::<Status>("status", "a status");
        let justification = fields.optional::<Justification>("justification");
        let words = fields
            .optional_prose("words", TEXT_CHARS_MAX)
            .unwrap_or_default();
        let severity = fields
            .optional_line("severity", LINE_CHARS_MAX)
            .map(Box::from);
        Some(Spoken(Word {
            product: product?.into(),
            versions: versions.into(),
            status: status?,
            justification,
            words: words.into(),
            severity,
        }))
    }
}

/// A vendor gives its verdict: `product`, `versions`, `status`, `justification`, `words`, `severity`.
#[utoipa::path(post, path = "/cases/{id}/verdicts", tag = "cases", params(("id" = String, Path)), request_body = serde_json::Value, responses((status = 204)))]
async fn say(ask: Ask, Path(id): Path<CaseId>, form: Form) -> Answer {
    let outcome = match form.read::<Spoken>() {
        Ok(Spoken(word)) => {
            verdict::say(&ask.app.house, &ask.visitor.actor(), id, word, ask.now).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    ended(&ask, id, ("verdict", &form), outcome, "verdict-given").await
}

struct Overheard(Hearsay);

impl Input for Overheard {
    fn read(fields: &mut Fields<'_>) -> Option<Overheard> {
        let vendor = fields.one("vendor", "a vendor");
        let source = fields.line("source", "where it was said", LINE_CHARS_MAX);
        let word = Spoken::read(fields);
        Some(Overheard(Hearsay {
            vendor: vendor?,
            source: source?.into(),
            word: word?.0,
        }))
    }
}

/// A coordinator writes down what a vendor said elsewhere: as a verdict, with `vendor` and `source`.
#[utoipa::path(post, path = "/cases/{id}/heard", tag = "cases", params(("id" = String, Path)), request_body = serde_json::Value, responses((status = 204)))]
async fn hear(ask: Ask, Path(id): Path<CaseId>, form: Form) -> Answer {
    let outcome = match form.read::<Overheard>() {
        Ok(Overheard(word)) => {
            verdict::hear(&ask.app.house, &ask.visitor.actor(), id, word, ask.now).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    ended(&ask, id, ("heard", &form), outcome, "heard-noted").await
}

struct Bargain(Wish);

impl Input for Bargain {
    fn read(fields: &mut Fields<'_>) -> Option<Bargain> {
        let act = fields.line("act", "what to do", 20)?;
        let wish = match act.as_str() {
            "propose" => Wish::Propose(fields.moment("until", "a day")?),
            "counter" => Wish::Counter(fields.moment("until", "a day")?),
            "accept" => Wish::Accept(fields.moment("until", "a day")?),
            "refuse" => Wish::Refuse,
            "leave" => Wish::Leave,
            "alarm" | "end" => {
                let cause = fields.line("cause", "a cause", 40);
                let source = fields
                    .optional_prose("source", LINE_CHARS_MAX)
                    .unwrap_or_default();
                let cause = cause?;
                let known = Cause::ALL.iter().find(|known| known.as_str() == cause);
                let Some(known) = known else {
                    fields.wrong(
                        "cause",
                        "write `leak`, `exploitation` or `published-elsewhere`",
                    );
                    return None;
                };
                match act == "end" {
                    true => Wish::End(*known, source.into()),
                    false => Wish::Alarm(*known, source.into()),
                }
            }
            _ => {
                fields.wrong(
                    "act",
                    "write `propose`, `counter`, `accept`, `refuse`, `leave`, `alarm` or `end`",
                );
                return None;
            }
        };
        Some(Bargain(wish))
    }
}

/// Acts on the embargo: `act` is `propose`, `counter`, `accept` (each with `until`), `refuse`, `leave`, `alarm` or
/// `end` (both with `cause` and `source`).
#[utoipa::path(post, path = "/cases/{id}/embargo", tag = "cases", params(("id" = String, Path)), request_body = serde_json::Value, responses((status = 204)))]
async fn bargain(ask: Ask, Path(id): Path<CaseId>, form: Form) -> Answer {
    let outcome = match form.read::<Bargain>() {
        Ok(Bargain(wish)) => embargo(&ask.app.house, &ask.visitor.actor(), id, wish, ask.now)
            .await
            .map(|_| ()),
        Err(refusal) => Err(refusal.into()),
    };
    let name = match form.filled(&Refusal::none()).value("act") {
        "alarm" => "alarm",
        "end" => "end",
        _ => "day",
    };
    ended(&ask, id, (name, &form), outcome, "embargo-done").await
}

struct Looked(prioritize::Answers);

impl Input for Looked {
    fn read(fields: &mut Fields<'_>) -> Option<Looked> {
        let million = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
        let yes_no =
            |fields: &mut Fields<'_>, name: &str| match fields.optional_line(name, 3).as_deref() {
                Some("yes") => Some(true),
                Some("no") => Some(false),
                Some("") | None => None,
                Some(_) => {
                    fields.wrong(name, "write `yes` or `no`, or leave it open");
                    None
                }
            };
        Some(Looked(prioritize::Answers {
            kev_added: fields.optional("kev_added"),
            kev_due: fields.optional("kev_due"),
            automatable: yes_no(fields, "automatable"),
            total: yes_no(fields, "total"),
            exposed: yes_no(fields, "exposed"),
            epss_probability: million(fields.optional_number("epss_probability", 0..=1_000_000)),
            epss_percentile: million(fields.optional_number("epss_percentile", 0..=1_000_000)),
            proven: fields.flag("proven"),
        }))
    }
}

/// Answers what the date is decided by: `kev_added`, `kev_due`, `automatable`, `total`, `exposed`,
/// `epss_probability` and `epss_percentile` in millionths, `proven`.
#[utoipa::path(post, path = "/cases/{id}/facts", tag = "cases", params(("id" = String, Path)), request_body = serde_json::Value, responses((status = 204)))]
async fn facts(ask: Ask, Path(id): Path<CaseId>, form: Form) -> Answer {
    let outcome = match form.read::<Looked>() {
        Ok(Looked(answers)) => {
            prioritize::answer(&ask.app.house, &ask.visitor.actor(), id, &answers, ask.now).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    ended(&ask, id, ("facts", &form), outcome, "facts-set").await
}

struct Happened {
    mark: Mark,
    awareness: Option<Awareness>,
    at: Option<Timestamp>,
}

impl Input for Happened {
    fn read(fields: &mut Fields<'_>) -> Option<Happened> {
        let mark = fields.one("mark", "what happened");
        let awareness = fields.optional("awareness");
        let at = fields.optional_moment("at");
        Some(Happened {
            mark: mark?,
            awareness,
            at,
        })
    }
}

/// Says what was done for a deadline: `mark` is `aware` (with `awareness`), `acknowledged`, `early-warning`,
/// `notification`, `measure` or `final-report`; `at` where it was not just now.
#[utoipa::path(post, path = "/cases/{id}/marks", tag = "cases", params(("id" = String, Path)), request_body = serde_json::Value, responses((status = 204)))]
async fn happened(ask: Ask, Path(id): Path<CaseId>, form: Form) -> Answer {
    let outcome = match form.read::<Happened>() {
        Ok(new) => {
            let what = (new.mark, new.awareness);
            mark(
                &ask.app.house,
                &ask.visitor.actor(),
                id,
                what,
                new.at.unwrap_or(ask.now),
                ask.now,
            )
            .await
        }
        Err(refusal) => Err(refusal.into()),
    };
    ended(&ask, id, ("mark", &form), outcome, "mark-set").await
}

/// Takes the case back and destroys its keys. The answer is the receipt.
#[utoipa::path(post, path = "/cases/{id}/withdraw", tag = "cases",
    params(("id" = String, Path)), responses((status = 200, body = Object)))]
async fn withdraw_case(ask: Ask, Path(id): Path<CaseId>) -> Answer {
    ask.member()?;
    let held = withdraw::withdraw(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    ask.json(&crate::Head::private(""), &held)
}

/// The route of each act.
pub fn routes() -> Routes {
    Routes::new()
        .both("message", routes!(message))
        .limit(axum::extract::DefaultBodyLimit::max(MESSAGE_BYTES_MAX))
        .both("move_case", routes!(advance))
        .both("move_case", routes!(happened))
        .both("move_case", routes!(hear))
        .both("set_verdict", routes!(say))
        .both("answer_embargo", routes!(bargain))
        .both("add_participant", routes!(people::invite))
        .both("add_participant", routes!(people::leave))
        .both("add_participant", routes!(people::handling))
        .both("hold_case", routes!(people::hold))
        .both("prioritize", routes!(facts))
        .both("hand_off", routes!(people::hand_off))
        .both("move_case", routes!(people::restrict))
        .both("withdraw_case", routes!(withdraw_case))
}
