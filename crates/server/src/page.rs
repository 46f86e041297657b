//! How a handler answers: the same view as a page for people and as JSON for programs.

use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use names::Refusal;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::Again;
use crate::visitor::{Member, Visitor};
use crate::{App, Problem, style, web};

/// A refused form says so first, where a screen reader begins.
const ERROR: &str = "Error: ";

/// What every handler returns.
pub type Answer = Result<Response, Problem>;

/// One request: who asks, when, and for what kind of answer. Every handler's first argument.
#[derive(Clone)]
pub struct Ask {
    pub app: App,
    pub visitor: Arc<Visitor>,
    /// Read once for the whole request.
    pub now: Timestamp,
    wants: Wants,
    uri: Uri,
    id: Arc<str>,
}

/// Which of the two readers of one address asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// A person, with a browser.
    Page,
    /// A program: the address ended in `.json`, or `Accept` or `Content-Type` names JSON.
    Json,
}

/// What a page says about itself: title, way back, and for how long a copy of it is true.
#[derive(Clone, Debug)]
pub struct Head {
    title: String,
    tag: Option<&'static str>,
    trail: Vec<(String, String)>,
    caching: Caching,
    page: u32,
    is_wide: bool,
    logged: Option<u64>,
    script: Option<&'static str>,
}

/// For how long a copy of a page is true, and whose copy it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caching {
    Private,
    Public { seconds: u32 },
    Forever,
}

impl Head {
    /// A page for this visitor alone, kept by nobody. What is under embargo is always this.
    pub fn private(title: impl Into<String>) -> Head {
        Head {
            title: title.into(),
            tag: None,
            trail: Vec::new(),
            caching: Caching::Private,
            page: 1,
            is_wide: false,
            logged: None,
            script: None,
        }
    }

    /// A page that is the same for everyone, true for `seconds`.
    pub fn public(title: impl Into<String>, seconds: u32) -> Head {
        Head {
            caching: Caching::Public { seconds },
            ..Head::private(title)
        }
    }

    /// A page that will never change: a published version under an address that names the version.
    pub fn forever(title: impl Into<String>) -> Head {
        Head {
            caching: Caching::Forever,
            ..Head::private(title)
        }
    }

    /// Adds the next step of the way that leads here.
    #[must_use]
    pub fn under(mut self, name: impl Into<String>, address: impl Into<String>) -> Head {
        self.trail.push((name.into(), address.into()));
        self
    }

    /// Which page of several this is, from one; the title says so.
    #[must_use]
    pub fn page(mut self, page: u32) -> Head {
        self.page = page;
        self
    }

    /// One of the words of [`crate::part::Tag`], drawn beside the title.
    #[must_use]
    pub fn tagged(mut self, tag: &'static str) -> Head {
        self.tag = Some(tag);
        self
    }

    /// As wide as its table needs, rather than as prose reads best.
    #[must_use]
    pub fn wide(mut self) -> Head {
        self.is_wide = true;
        self
    }

    /// Which entry of the log proves what this page says.
    #[must_use]
    pub fn logged(mut self, index: u64) -> Head {
        self.logged = Some(index);
        self
    }

    /// A page on which a passkey is used says where its script is; everything else works without one.
    #[must_use]
    pub fn script(mut self, file: &'static str) -> Head {
        self.script = Some(file);
        self
    }

    fn cache_control(&self) -> HeaderValue {
        match self.caching {
            Caching::Private => HeaderValue::from_static("no-store"),
            Caching::Public { seconds } => {
                HeaderValue::try_from(format!("public, max-age={seconds}"))
                    .expect("digits may stand in a header")
            }
            Caching::Forever => HeaderValue::from_static("public, max-age=31536000, immutable"),
        }
    }
}

impl Ask {
    /// Put together by `guard`, before the handler.
    pub(crate) fn new(
        app: App,
        now: Timestamp,
        uri: Uri,
        headers: &HeaderMap,
        is_json: bool,
    ) -> Ask {
        let id = app.request_id().into();
        let names_json = |name: &header::HeaderName| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .is_some_and(|value| {
                    value.split(',').next().is_some_and(|first| {
                        let kind = first.split(';').next().unwrap_or("").trim();
                        kind == "application/json"
                            || kind.ends_with("+json")
                            || kind == "application/x-ndjson"
                    })
                })
        };
        let is_json = is_json || names_json(&header::ACCEPT) || names_json(&header::CONTENT_TYPE);
        let wants = if is_json { Wants::Json } else { Wants::Page };
        Ask {
            app,
            visitor: Arc::default(),
            now,
            wants,
            uri,
            id,
        }
    }

    pub(crate) fn by(mut self, visitor: Visitor) -> Ask {
        self.visitor = Arc::new(visitor);
        self
    }

    /// Which kind of answer.
    pub fn wants(&self) -> Wants {
        self.wants
    }

    /// The number this request is logged under.
    pub fn request_id(&self) -> &str {
        &self.id
    }

    /// Path and query, as they were asked for.
    pub fn address(&self) -> &str {
        self.uri.path_and_query().map_or("/", |both| both.as_str())
    }

    /// The query as it was asked for, without its question mark.
    pub fn query(&self) -> &str {
        self.uri.query().unwrap_or("")
    }

    /// Whoever has signed in.
    ///
    /// # Errors
    ///
    /// [`Problem::SignIn`] for a stranger: only where that teaches nothing about what exists.
    pub fn member(&self) -> Result<&Member, Problem> {
        self.visitor.member.as_ref().ok_or(Problem::SignIn)
    }

    /// `view` as a page or as JSON, whichever was asked for.
    pub fn page<V: Template + Serialize>(&self, head: Head, view: &V) -> Answer {
        match self.wants {
            Wants::Page => {
                let body = view.render().map_err(Problem::broken)?;
                let program = program(&self.uri);
                Ok(self.framed(&head, &body, StatusCode::OK, program))
            }
            Wants::Json => self.json(&head, view),
        }
    }

    /// A page for people alone, such as an empty form.
    pub fn html<V: Template>(&self, head: Head, view: &V) -> Answer {
        let body = view.render().map_err(Problem::broken)?;
        Ok(self.framed(&head, &body, StatusCode::OK, None))
    }

    /// JSON alone, under the caching that `head` states.
    pub fn json<V: Serialize>(&self, head: &Head, view: &V) -> Answer {
        let body = serde_json::to_vec(view).map_err(Problem::broken)?;
        let headers = [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            ),
            (header::CACHE_CONTROL, head.cache_control()),
        ];
        Ok((headers, body).into_response())
    }

    /// After something was done: a person is sent to `address`, where the sentence for `done` stands above the
    /// page ([`web::DONE`]); a program gets `view` with status 201 and the address.
    pub fn made<V: Serialize>(&self, address: &str, done: &'static str, view: &V) -> Answer {
        if self.wants == Wants::Page {
            return Ok(self.done(address, done));
        }
        let mut response = self.json(&Head::private(""), view)?;
        *response.status_mut() = StatusCode::CREATED;
        let place = HeaderValue::try_from(address).map_err(Problem::broken)?;
        response.headers_mut().insert(header::LOCATION, place);
        Ok(response)
    }

    /// After something was done that has nothing to show: as [`Ask::made`], and 204 for a program.
    pub fn changed(&self, address: &str, done: &'static str) -> Answer {
        Ok(match self.wants {
            Wants::Page => self.done(address, done),
            Wants::Json => (
                StatusCode::NO_CONTENT,
                [(header::CACHE_CONTROL, "no-store")],
            )
                .into_response(),
        })
    }

    fn done(&self, address: &str, done: &'static str) -> Response {
        let (path, part) = address.split_once('#').unwrap_or((address, ""));
        let joint = if path.contains('?') { '&' } else { '?' };
        let hash = if part.is_empty() { "" } else { "#" };
        self.go(&format!("{path}{joint}done={done}{hash}{part}"))
    }

    /// Sends a person on to `address`, with GET.
    pub fn go(&self, address: &str) -> Response {
        let place = HeaderValue::try_from(address).unwrap_or(HeaderValue::from_static("/"));
        let headers = [
            (header::LOCATION, place),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        (StatusCode::SEE_OTHER, headers).into_response()
    }

    /// A refused form: `again` draws it as it was filled in. Programs get the refusal alone.
    pub fn refused<V: Template>(&self, refusal: Refusal, head: Head, again: &V) -> Problem {
        let again = match self.wants {
            Wants::Json => None,
            Wants::Page => {
                let summary = Summary { refusal: &refusal };
                let title = format!("{ERROR}{}", head.title);
                let body = summary
                    .render()
                    .and_then(|summary| Ok(summary + &again.render()?));
                body.ok().map(|body| {
                    Box::new(Again {
                        head: Head { title, ..head },
                        body,
                    })
                })
            }
        };
        Problem::Refused { refusal, again }
    }

    /// The whole page round `body`, with its address for programs where it has one.
    pub(crate) fn framed(
        &self,
        head: &Head,
        body: &str,
        status: StatusCode,
        program: Option<String>,
    ) -> Response {
        let settings = &self.app.settings;
        let layout = Layout {
            head,
            house: settings.name(),
            contact: settings.file.contact.as_deref(),
            visitor: &self.visitor,
            nav: web::nav(&self.visitor),
            path: self.uri.path(),
            style: style::sheet(),
            icon: style::address("icon").unwrap_or_default(),
            heading: head.title.strip_prefix(ERROR).unwrap_or(&head.title),
            program,
            done: done(self.query()),
            url: settings.url.as_str(),
            body,
        };
        let page = match layout.render() {
            Ok(page) => page,
            Err(error) => return Problem::broken(error).into_response(),
        };
        let headers = [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            ),
            (header::CACHE_CONTROL, head.cache_control()),
        ];
        let mut response = (status, headers, page).into_response();
        if let Some(script) = head.script {
            response.extensions_mut().insert(NeedsScript(script));
        }
        response
    }
}

/// Marks the answer whose page needs a script of our own, at this address.
#[derive(Clone, Copy)]
pub(crate) struct NeedsScript(pub &'static str);

impl FromRequestParts<App> for Ask {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Ask, Problem> {
        parts
            .extensions
            .get::<Ask>()
            .cloned()
            .ok_or_else(|| Problem::broken("a route stands outside the guard"))
    }
}

/// What the address names, such as `Path(id): Path<FindingId>`. What cannot be one of ours is hidden like any other.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Path<T>, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, app).await {
            Ok(axum::extract::Path(value)) => Ok(Path(value)),
            Err(_) => Err(Problem::Hidden),
        }
    }
}

/// "There is a problem", with a link to each field.
#[derive(Template)]
#[template(path = "problem/summary.html")]
struct Summary<'a> {
    refusal: &'a Refusal,
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a> {
    head: &'a Head,
    house: &'a str,
    contact: Option<&'a str>,
    visitor: &'a Visitor,
    nav: Vec<web::Nav>,
    path: &'a str,
    style: &'a str,
    icon: String,
    heading: &'a str,
    program: Option<String>,
    done: Option<&'static str>,
    url: &'a str,
    body: &'a str,
}

impl Layout<'_> {
    fn is_here(&self, address: &str) -> bool {
        self.path == address
            || self
                .path
                .strip_prefix(address)
                .is_some_and(|rest| rest.starts_with('/'))
    }
}

/// The address of the same page for programs.
fn program(uri: &Uri) -> Option<String> {
    let path = uri.path().trim_end_matches('/');
    let query = uri
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    (!path.is_empty()).then(|| format!("{path}.json{query}"))
}

/// The sentence for `done=WORD` in a query: one of ours, never text from the address itself.
fn done(query: &str) -> Option<&'static str> {
    let word = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("done="))?;
    let (_, said) = web::DONE
        .iter()
        .copied()
        .flatten()
        .find(|(known, _)| *known == word)?;
    Some(said)
}

/// Only for `guard`: the address before anything was rewritten.
pub(crate) fn original(parts: &Parts) -> Uri {
    parts
        .extensions
        .get::<OriginalUri>()
        .map_or_else(|| parts.uri.clone(), |uri| uri.0.clone())
}
