//! What happens round every request: a number, a seat, a time limit, who asks, one log line, safe headers.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::Instrument;

use crate::page::{Ask, NeedsScript, original};
use crate::routes::Verbatim;
use crate::{App, Problem, problem, visitor};

/// Our slowest ordinary page is a bulk submission of 100,000 reports, which takes ten seconds at the promised
/// 10,000 a second; six times that leaves room for a slow sender on the same line.
const REQUEST_SECONDS_MAX: u64 = 60;

/// Turned away for want of a seat: by then those who sit are done.
const RETRY_SECONDS: u32 = 2;

/// Marks a request whose address ended in `.json`.
#[derive(Clone, Copy)]
pub(crate) struct EndsInJson;

/// A method as metrics have it. Anybody can make one up, and each label is kept for good.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = [
        "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
    ];
    let own = KNOWN.into_iter().find(|known| method.as_str() == *known);
    own.unwrap_or("other")
}

/// The middleware: everything an answer has to have, whatever the handler did.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    // The pattern, never the address itself: one-time links and search words are in addresses.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let (parts, body) = request.into_parts();
    let is_json = parts.extensions.get::<EndsInJson>().is_some();
    let ask = Ask::new(
        app.clone(),
        app.now(),
        original(&parts),
        &parts.headers,
        is_json,
    );
    let id = ask.request_id().to_owned();
    let span = tracing::info_span!("request", id = %id, method = %method, route = %route);
    let mut response = answer(&app, ask, Request::from_parts(parts, body), next)
        .instrument(span.clone())
        .await;
    secure(&app, response.headers_mut(), &id);
    if let Some(NeedsScript(script)) = response.extensions_mut().remove() {
        let policy = policy_with(&app, script);
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    let _entered = span.enter();
    tracing::info!(status, elapsed_us = elapsed.as_micros() as u64, "answered");
    let labels = [
        ("method", known(&method).to_owned()),
        ("route", route),
        ("status", status.to_string()),
    ];
    metrics::counter!("seamarkd_requests_total", &labels).increment(1);
    metrics::histogram!("seamarkd_request_seconds", &labels[..2]).record(elapsed.as_secs_f64());
    response
}

/// From the request to the answer, or to the page of what went wrong.
async fn answer(app: &App, mut ask: Ask, request: Request, next: Next) -> Response {
    let Ok(_seat) = app.seats.try_acquire() else {
        let problem = Problem::Unfit {
            status: StatusCode::SERVICE_UNAVAILABLE,
            said: "more is asked at once than this house can answer; come back in a moment".into(),
            retry_seconds: Some(RETRY_SECONDS),
        };
        return problem::render(problem, &ask);
    };
    if is_from_elsewhere(app, request.method(), request.headers()) {
        let said =
            "this was sent from a page of another site; open the form here and send it again";
        return problem::render(Problem::unfit(StatusCode::FORBIDDEN, said), &ask);
    }
    match visitor::recognize(app, request.headers(), ask.now).await {
        Ok(visitor) => ask = ask.by(visitor),
        Err(problem) => return problem::render(problem, &ask),
    }
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(ask.clone());
    let work = AssertUnwindSafe(next.run(Request::from_parts(parts, body))).catch_unwind();
    let mut response =
        match tokio::time::timeout(Duration::from_secs(REQUEST_SECONDS_MAX), work).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => Problem::broken("a handler panicked").into_response(),
            Err(_) => {
                let said = "this took longer than a minute, and was given up";
                let problem = Problem::Unfit {
                    status: StatusCode::SERVICE_UNAVAILABLE,
                    said: said.into(),
                    retry_seconds: Some(RETRY_SECONDS),
                };
                problem.into_response()
            }
        };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return problem::render(problem, &ask);
    }
    response
}

/// Nothing comes from anywhere but us: no script, no frame, no other site's picture.
/// `style-src` and `img-src`: our one style sheet and our icon. `form-action`: our forms post to us.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same and `script`, for a page on which a passkey is used: WebAuthn has no door but a script. It is this one
/// file under the name of what is in it, and it can fetch nothing: it fills in a form.
fn policy_with(app: &App, script: &str) -> HeaderValue {
    let here = app.settings.url.as_str().trim_end_matches('/');
    HeaderValue::try_from(format!("{POLICY}; script-src {here}{script}"))
        .unwrap_or(HeaderValue::from_static(POLICY))
}

fn secure(app: &App, headers: &mut HeaderMap, id: &str) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    set(header::CACHE_CONTROL, "no-store");
    // One address serves people and programs, and strangers and members.
    set(header::VARY, "accept, cookie, authorization");
    if app.settings.url.scheme() == "https" {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000");
    }
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert("x-request-id", id);
    }
}

/// Whether a browser says that a page of another site sent this. Programs say neither header.
///
/// Every browser since 2023 sends `Sec-Fetch-Site` (W3C Fetch Metadata) to addresses that it trusts, and `Origin`
/// with every POST (Fetch, section 3.2); so no form needs a secret of its own.
fn is_from_elsewhere(app: &App, method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return false;
    };
    let origin = origin.to_str().unwrap_or("null");
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("");
    let is_ours = origin == app.settings.url.origin().ascii_serialization();
    let is_same_host = origin
        .split_once("://")
        .is_some_and(|(_, rest)| !host.is_empty() && rest == host);
    !(is_ours || is_same_host)
}

/// Takes `.json` off an address, so that one route serves both readers; not under the prefixes in `verbatim`.
pub(crate) fn take_ending(mut request: Request, verbatim: &[Verbatim]) -> Request {
    let path = request.uri().path();
    let mut prefixes = verbatim.iter();
    if let Some(found) = prefixes.find(|one| path.starts_with(one.prefix)) {
        if found.is_for_programs {
            request.extensions_mut().insert(EndsInJson);
        }
        return request;
    }
    let Some(bare) = path.strip_suffix(".json") else {
        return request;
    };
    let bare = if bare.is_empty() || bare.ends_with('/') {
        "/"
    } else {
        bare
    };
    let query = request
        .uri()
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    if let Ok(uri) = format!("{bare}{query}").parse::<Uri>() {
        *request.uri_mut() = uri;
        request.extensions_mut().insert(EndsInJson);
    }
    request
}
