//! Bodies: a document, a stream of lines, or a form, each into the same drafts.

use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use clearinghouse::Failure;
use clearinghouse::submit::Receipt;
use finding::submit::{Beside, Draft, Format, read};
use names::Refusal;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{NewPage, ReceiptView, stream};
use crate::form::{self, Fields, Form, Input};
use crate::page::{Ask, Wants};
use crate::{Answer, Head, Problem};

/// What a document came to.
#[derive(Serialize, ToSchema)]
struct TakenView {
    /// In the order of the reports; empty where it was only checked.
    receipts: Vec<ReceiptView>,
    /// Reports that are taken, or would be.
    reports: usize,
    /// Results that say of themselves that they are no finding.
    passed_over: usize,
    /// Only checked: nothing was taken.
    checked: bool,
}

/// Hands over reports. A document (`application/json`, `application/sarif+json`, `text/markdown`,
/// `application/vnd.seamark.aixcc+json`, `application/vnd.seamark.ossfuzz+json`, a sanitizer's output as `text/plain`)
/// is taken whole or not at all; of `application/x-ndjson` each line is, and is answered by a line of its own.
#[utoipa::path(post, path = "/reports", tag = "reports",
    params(
        ("package" = Option<String>, Query, description = "The purl that reports are about which name nothing"),
        ("repository" = Option<String>, Query, description = "The same as a repository"),
        ("commit" = Option<String>, Query, description = "The commit that was looked at"),
        ("finder" = Option<String>, Query, description = "Whom to credit where a report says nobody"),
        ("check" = Option<bool>, Query, description = "Only say what would be refused"),
        ("idempotency-key" = Option<String>, Header, description = "The same key again gives the same receipts; without it the bytes are the key"),
    ),
    request_body = Object,
    responses((status = 201, body = TakenView)))]
pub async fn create(ask: Ask, request: Request) -> Answer {
    let actor = ask.visitor.actor();
    let media = text(&request, header::CONTENT_TYPE);
    let kind = media
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let beside = beside(&ask)?;
    let checks = query(&ask, "check").as_deref() == Some("true");
    if matches!(
        kind.as_str(),
        "application/x-www-form-urlencoded" | "multipart/form-data"
    ) {
        let app = ask.app.clone();
        return filled_in(ask, Form::from_request(request, &app).await?).await;
    }
    let declared = Format::declared(&media);
    if declared == Some(Format::Ndjson) {
        return stream::stream(&ask, &actor, request.into_body(), &beside, checks).await;
    }
    let key = text(
        &request,
        "idempotency-key".parse().map_err(Problem::broken)?,
    );
    let app = ask.app.clone();
    let bytes = form::body(request, &app).await?;
    let read = read(&bytes, declared, &beside)?;
    let passed_over = read.passed_over;
    let drafts = read.all()?;
    let key = (!key.is_empty()).then_some(key.as_str());
    let count = drafts.len();
    let receipts = match checks {
        true => Vec::new(),
        false => app.gathering.document(&actor, drafts, key, ask.now).await?,
    };
    let view = TakenView {
        receipts: receipts
            .iter()
            .map(|one| ReceiptView::of(&ask, one))
            .collect(),
        reports: count,
        passed_over,
        checked: checks,
    };
    let mut response = ask.json(&Head::private("Taken"), &view)?;
    if !checks {
        *response.status_mut() = StatusCode::CREATED;
    }
    Ok(response)
}

/// A report as the form asks for it, or a file that holds some.
struct Written(Value);

impl Input for Written {
    fn read(fields: &mut Fields<'_>) -> Option<Written> {
        let title = fields.optional_line("title", 500);
        let description = fields.optional_prose("description", 100_000);
        let package = fields.optional_line("package", 4_000);
        let repository = fields.optional_line("repository", 2_000);
        let versions = fields.optional_line("versions", 2_000);
        let weaknesses = fields.list("weaknesses", 16, 20);
        let finders = fields.list("finders", 16, 200);
        let crash = fields.optional_prose("crash", 100_000);
        let exploited = fields.flag("exploited");
        let crash = crash.map(|text| serde_json::to_value(finding::submit::read_crash(&text)));
        Some(Written(json!({
            "title": title, "description": description,
            "target": {"package": package, "repository": repository, "versions": versions},
            "weaknesses": weaknesses, "crash": crash.and_then(Result::ok), "exploited": exploited,
            "provenance": {"finders": finders},
        })))
    }
}

async fn filled_in(ask: Ask, form: Form) -> Answer {
    match taken_from(&ask, &form).await {
        Ok(receipts) => {
            let first = receipts
                .first()
                .map(|one| format!("/reports/{}", one.report));
            let address = match receipts.len() {
                1 => first.unwrap_or_default(),
                _ => "/reports".to_owned(),
            };
            match ask.wants() {
                Wants::Page => ask.changed(&address, "report-taken"),
                Wants::Json => {
                    let view: Vec<ReceiptView> = receipts
                        .iter()
                        .map(|one| ReceiptView::of(&ask, one))
                        .collect();
                    ask.made(&address, "report-taken", &view)
                }
            }
        }
        Err(Failure::Refused(refusal)) => {
            let refusal = renamed(refusal);
            let again = NewPage {
                form: form.filled(&refusal),
            };
            let head = Head::private("Hand over a report").under("Reports", "/reports");
            Err(ask.refused(refusal, head, &again))
        }
        Err(other) => Err(other.into()),
    }
}

async fn taken_from(ask: &Ask, form: &Form) -> Result<Vec<Receipt>, Failure> {
    let drafts: Vec<(Box<str>, Draft)> = match form.file("file") {
        Some(file) => read(&file.bytes, None, &Beside::default())?.all()?,
        None => {
            let Written(value) = form.read()?;
            read(
                value.to_string().as_bytes(),
                Some(Format::Json),
                &Beside::default(),
            )?
            .all()?
        }
    };
    let actor = ask.visitor.actor();
    ask.app
        .gathering
        .document(&actor, drafts, None, ask.now)
        .await
}

/// The form's fields have shorter names than the report's.
fn renamed(refusal: Refusal) -> Refusal {
    let mut out = Refusal::none();
    for problem in refusal.iter() {
        let field = match &*problem.field {
            "target" => "package",
            field => field
                .strip_prefix("target.")
                .or_else(|| field.strip_prefix("provenance."))
                .unwrap_or(field),
        };
        let field = field.split(['[', '.']).next().unwrap_or(field);
        out.add(field, problem.message.clone());
    }
    out
}

/// What is said beside the document, in the address.
fn beside(ask: &Ask) -> Result<Beside, Problem> {
    let mut beside = Beside::default();
    let mut refusal = Refusal::none();
    if let Some(package) = query(ask, "package") {
        match package.parse() {
            Ok(package) => beside.target.package = Some(package),
            Err(problems) => refusal.extend("package", &problems),
        }
    }
    beside.target.repository = query(ask, "repository").map(Into::into);
    beside.target.commit = query(ask, "commit").map(Into::into);
    beside.finders = query(ask, "finder").map(Into::into).into_iter().collect();
    refusal.or(beside).map_err(Problem::refused)
}

/// The value of `name` in the query.
pub fn query(ask: &Ask, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(ask.query().as_bytes());
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    Some(value.into_owned()).filter(|value| !value.is_empty())
}

fn text(request: &Request, name: header::HeaderName) -> String {
    let value = request.headers().get(name);
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}
