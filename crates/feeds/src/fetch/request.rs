//! One question to a server, and what its answer means (RFC 9110, RFC 9112).

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ureq::http::{HeaderMap, StatusCode, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, BodyReader};

use super::kept::Validators;
use super::{Setback, Settings};

/// What is there already.
pub(super) struct Ask {
    pub known: Option<Validators>,
    pub part: Option<(u64, Validators)>,
}

/// What a server answers.
pub(super) enum Answer {
    Unchanged,
    Whole {
        validators: Validators,
        length: Option<u64>,
        body: BodyReader<'static>,
    },
    /// What follows the part that is there; `length` is that of the whole.
    Rest {
        validators: Validators,
        from: u64,
        length: Option<u64>,
        body: BodyReader<'static>,
    },
    NoSuchPart,
}

/// Refuses what is not `https`, but for this machine itself.
pub(crate) fn check(url: &str) -> io::Result<()> {
    match url.starts_with("https://") || is_local(url) {
        true => Ok(()),
        false => Err(io::Error::other(format!(
            "`{url}` is not fetched; an address beginning with `https://` would be"
        ))),
    }
}

pub(crate) fn is_local(url: &str) -> bool {
    let host = |rest: &str| {
        rest.split(['/', '?', '#'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    // A colon may also part a name from a password, before the real host: only digits make a port.
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let is_this = |host: String| {
        let parts = host.rsplit_once(':').filter(|(_, port)| is_port(port));
        let name = parts.map_or(host.as_str(), |(name, _)| name);
        ["127.0.0.1", "localhost", "[::1]"].contains(&name)
    };
    url.strip_prefix("http://").map(host).is_some_and(is_this)
}

pub(super) fn send(url: &str, ask: &Ask, settings: &Settings) -> Result<Answer, Setback> {
    let mut request = agent(url, settings).get(url);
    if let Some((from, validators)) = &ask.part {
        request = request.header(header::RANGE, format!("bytes={from}-"));
        request = request.header(header::IF_RANGE, validators.strong().unwrap_or_default());
    } else if let Some(known) = &ask.known {
        for (name, value) in [
            (header::IF_NONE_MATCH, &known.etag),
            (header::IF_MODIFIED_SINCE, &known.last_modified),
        ] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
    }
    let response = request.call().map_err(setback)?;
    let (head, body) = response.into_parts();
    let validators = validators(&head.headers);
    let length = number(&head.headers, header::CONTENT_LENGTH);
    if length.is_some_and(|length| length > settings.bytes_max) {
        return Err(Setback::Final(format!(
            "longer than {} bytes",
            settings.bytes_max
        )));
    }
    let body = body.into_reader();
    match head.status {
        StatusCode::NOT_MODIFIED if ask.part.is_none() && ask.known.is_some() => {
            Ok(Answer::Unchanged)
        }
        StatusCode::OK => Ok(Answer::Whole {
            validators,
            length,
            body,
        }),
        StatusCode::PARTIAL_CONTENT => match (&ask.part, content_range(&head.headers)) {
            (Some((part, _)), Some((from, length))) if *part == from => Ok(Answer::Rest {
                validators,
                from,
                length,
                body,
            }),
            _ => Ok(Answer::NoSuchPart),
        },
        StatusCode::RANGE_NOT_SATISFIABLE if ask.part.is_some() => Ok(Answer::NoSuchPart),
        status => Err(refusal(status, &head.headers)),
    }
}

fn refusal(status: StatusCode, headers: &HeaderMap) -> Setback {
    let reason = format!("server answers {status}");
    match status.as_u16() {
        408 | 429 | 500 | 502 | 503 | 504 => Setback::Passing(reason, retry_after(headers)),
        _ => Setback::Final(reason),
    }
}

/// Failures of a line pass; those of an address or of trust do not.
fn setback(error: ureq::Error) -> Setback {
    let reason = error.to_string();
    match error {
        ureq::Error::Io(_) | ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed => {
            Setback::Passing(reason, None)
        }
        _ => Setback::Final(reason),
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn number(headers: &HeaderMap, name: header::HeaderName) -> Option<u64> {
    text(headers, name)?.parse().ok()
}

fn validators(headers: &HeaderMap) -> Validators {
    let owned = |name| text(headers, name).map(str::to_owned);
    Validators {
        etag: owned(header::ETAG),
        last_modified: owned(header::LAST_MODIFIED),
    }
}

/// `bytes 100-199/200`: where it begins, and how long the whole is.
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let range = text(headers, header::CONTENT_RANGE)?.strip_prefix("bytes ")?;
    let (span, whole) = range.split_once('/')?;
    Some((span.split_once('-')?.0.parse().ok()?, whole.parse().ok()))
}

/// RFC 9110 section 10.2.3: seconds, or a date, which is read against the server's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, header::RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let parser = jiff::fmt::rfc2822::DateTimeParser::new();
    let then = parser.parse_timestamp(value).ok()?;
    let now = parser.parse_timestamp(text(headers, header::DATE)?).ok()?;
    let seconds = then.as_second().saturating_sub(now.as_second());
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

fn agent(url: &str, settings: &Settings) -> Agent {
    let seconds = Duration::from_secs;
    Agent::config_builder()
        .https_only(!is_local(url))
        .tls_config(tls())
        .http_status_as_error(false)
        .max_redirects(settings.redirects_max)
        .max_redirects_will_error(true)
        // What arrives is what is kept and gone on with, so it must not be packed for the way.
        .accept_encoding("identity")
        .user_agent(concat!("seamark/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(seconds(settings.attempt_seconds_max)))
        .timeout_connect(Some(seconds(settings.silence_seconds_max)))
        .timeout_per_read(Some(seconds(settings.silence_seconds_max)))
        .build()
        .new_agent()
}

/// The machine's own roots, read once; a hospital's proxy has its own.
pub(crate) fn tls() -> TlsConfig {
    static TLS: OnceLock<TlsConfig> = OnceLock::new();
    let build = || {
        let native = rustls_native_certs::load_native_certs();
        let roots = native
            .certs
            .iter()
            .map(|root| Certificate::from_der(root).to_owned());
        TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots.collect())))
            .unversioned_rustls_crypto_provider(Arc::new(
                rustls::crypto::aws_lc_rs::default_provider(),
            ))
            .build()
    };
    TLS.get_or_init(build).clone()
}
