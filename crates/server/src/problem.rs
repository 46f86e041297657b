//! How a request that does not end well is answered: the one place that turns endings into 422, 403, 404 and 500.
//!
//! As a page for people and as problem details for programs (RFC 9457), in the same words.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use clearinghouse::Failure;
use names::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::page::{Ask, Head, Wants};

/// A database that restarts is back within seconds; asked sooner, it would only be kept from starting.
const AWAY_SECONDS: u32 = 5;

/// A request that did not end well. Handlers return it with `?`; [`render`] makes it a page or JSON.
#[derive(Clone, Debug)]
pub enum Problem {
    /// The rules say no, and why. `again` is the form as it was filled in, for a person.
    Refused {
        refusal: Refusal,
        again: Option<Box<Again>>,
    },
    /// They may see it, and may not do this to it.
    Denied,
    /// There is no such thing, or none that they may know of. Never told apart.
    Hidden,
    /// Nothing that they asked for by guessing: this page is for those who have signed in.
    SignIn,
    /// It was here. `on` says where to go instead.
    Gone {
        said: Box<str>,
        on: Vec<(Box<str>, Box<str>)>,
    },
    /// Not about what was asked but about how: too large, too many, no such method.
    Unfit {
        status: StatusCode,
        said: Box<str>,
        retry_seconds: Option<u32>,
    },
    /// Our fault. Logged where it happened, under the number of the request.
    Broken,
}

/// A refused form, filled in as it came.
#[derive(Clone, Debug)]
pub struct Again {
    pub head: Head,
    pub body: String,
}

/// Problem details for programs (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Details {
    /// What kind of ending: `refused`, `denied`, `hidden`, `sign-in`, `gone`, `unfit`, `broken`.
    r#type: &'static str,
    title: String,
    status: u16,
    /// What would have been right.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The number to give when asking about this.
    instance: String,
    /// Each message with the field it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<FieldProblem>,
}

/// One message about one field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// A path such as `target.package` or `reports[3].title`; empty where it is about the whole.
    field: String,
    message: String,
}

impl Problem {
    /// Refused without a form to show again.
    pub fn refused(refusal: Refusal) -> Problem {
        Problem::Refused {
            refusal,
            again: None,
        }
    }

    /// How it was asked is the problem.
    pub fn unfit(status: StatusCode, said: impl Into<Box<str>>) -> Problem {
        Problem::Unfit {
            status,
            said: said.into(),
            retry_seconds: None,
        }
    }

    /// Our fault: logs `cause` once, here, and tells them only the number.
    pub fn broken(cause: impl std::fmt::Display) -> Problem {
        tracing::error!(cause = %cause, "broken");
        Problem::Broken
    }

    /// The HTTP status it is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Problem::Refused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Problem::Denied => StatusCode::FORBIDDEN,
            Problem::Hidden => StatusCode::NOT_FOUND,
            Problem::SignIn => StatusCode::UNAUTHORIZED,
            Problem::Gone { .. } => StatusCode::GONE,
            Problem::Unfit { status, .. } => *status,
            Problem::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Problem::Refused { .. } => "refused",
            Problem::Denied => "denied",
            Problem::Hidden => "hidden",
            Problem::SignIn => "sign-in",
            Problem::Gone { .. } => "gone",
            Problem::Unfit { .. } => "unfit",
            Problem::Broken => "broken",
        }
    }

    fn title(&self) -> &str {
        match self {
            Problem::Refused { .. } => "There is a problem",
            Problem::Denied => "You may see this, and may not do that to it",
            Problem::Hidden => "There is nothing here that you may see",
            Problem::SignIn => "Sign in first",
            Problem::Gone { .. } => "This was here",
            Problem::Unfit { status, .. } => match *status {
                StatusCode::METHOD_NOT_ALLOWED => "This address does not do that",
                StatusCode::PAYLOAD_TOO_LARGE => "That is too large",
                StatusCode::TOO_MANY_REQUESTS => "That was too often",
                StatusCode::SERVICE_UNAVAILABLE => "This house is busy",
                _ => "That could not be read",
            },
            Problem::Broken => "Something broke here",
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Problem::Refused { refusal, .. } => Some(refusal.to_string()),
            Problem::Gone { said, .. } | Problem::Unfit { said, .. } => Some(said.to_string()),
            Problem::Denied | Problem::Hidden | Problem::SignIn | Problem::Broken => None,
        }
    }
}

impl From<Failure> for Problem {
    /// The four endings of an act.
    fn from(failure: Failure) -> Problem {
        match failure {
            Failure::Refused(refusal) => Problem::refused(refusal),
            Failure::Denied => Problem::Denied,
            Failure::Hidden => Problem::Hidden,
            Failure::Broken(incident) if incident.is_away() => {
                tracing::warn!(cause = %incident.cause(), "the store is away or busy");
                Problem::Unfit {
                    status: StatusCode::SERVICE_UNAVAILABLE,
                    said: "our database is away or has too much to do just now; send this again in a moment, and it counts once".into(),
                    retry_seconds: Some(AWAY_SECONDS),
                }
            }
            Failure::Broken(incident) => Problem::broken(incident.cause()),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        Problem::refused(refusal)
    }
}

impl IntoResponse for Problem {
    /// Only marks the answer: `guard` knows who asks and for what, and has [`render`] fill it in.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The page or the JSON for `problem`.
pub fn render(problem: Problem, ask: &Ask) -> Response {
    let mut response = match (ask.wants(), &problem) {
        (Wants::Json, _) => details(&problem, ask),
        (Wants::Page, Problem::SignIn) => ask.go(&sign_in(ask)),
        (
            Wants::Page,
            Problem::Refused {
                again: Some(again), ..
            },
        ) => ask.framed(&again.head, &again.body, problem.status(), None),
        (Wants::Page, _) => lost(&problem, ask),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Problem::Unfit {
        retry_seconds: Some(seconds),
        ..
    } = problem
    {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if matches!((&problem, ask.wants()), (Problem::SignIn, Wants::Json)) {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn details(problem: &Problem, ask: &Ask) -> Response {
    let problems = match problem {
        Problem::Refused { refusal, .. } => refusal
            .iter()
            .map(|one| FieldProblem {
                field: one.field.to_string(),
                message: one.message.to_string(),
            })
            .collect(),
        _ => Vec::new(),
    };
    let details = Details {
        r#type: problem.kind(),
        title: problem.title().to_owned(),
        status: problem.status().as_u16(),
        detail: problem.detail(),
        instance: ask.request_id().to_owned(),
        problems,
    };
    let body = serde_json::to_vec(&details).expect("text and numbers are JSON");
    (
        problem.status(),
        [(header::CONTENT_TYPE, "application/problem+json")],
        body,
    )
        .into_response()
}

/// Where to sign in, and where to come back to. Only what was read is come back to, never what was sent.
fn sign_in(ask: &Ask) -> String {
    let back: String = url::form_urlencoded::byte_serialize(ask.address().as_bytes()).collect();
    format!("/sign-in?next={back}")
}

/// A page that offers ways on.
#[derive(Template)]
#[template(path = "problem/lost.html")]
struct Lost<'a> {
    problem: &'a Problem,
    detail: Option<String>,
    incident: &'a str,
    is_known: bool,
    contact: Option<&'a str>,
}

fn lost(problem: &Problem, ask: &Ask) -> Response {
    let view = Lost {
        problem,
        detail: problem.detail(),
        incident: ask.request_id(),
        is_known: ask.visitor.is_known(),
        contact: ask.app.settings.file.contact.as_deref(),
    };
    let body = view.render().unwrap_or_else(|_| problem.title().to_owned());
    ask.framed(
        &Head::private(problem.title()),
        &body,
        problem.status(),
        None,
    )
}
