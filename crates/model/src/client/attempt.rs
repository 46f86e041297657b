//! Attempt: one request sent, and its answer read or why there is none.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::http::{HeaderMap, header};
use ureq::{Body, Timeout};

use super::line::Line;
use crate::failure::shown;
use crate::retry::{Setback, of_status};
use crate::sse::Parser;
use crate::wire::{self, Answer, Fault};
use crate::{Cause, Endpoint};

/// Longest body of an error that is read: its words are cut to one line anyway.
const ERROR_BYTES_MAX: u64 = 64 * 1024;

/// Longest wait an endpoint may ask for: a day, after which nothing of a run is left to wait.
const AFTER_SECONDS_MAX: u64 = 24 * 3600;

pub(super) fn attempt(
    line: &Line,
    endpoint: &Endpoint,
    body: &[u8],
    deadline: Instant,
) -> Result<Answer, Setback> {
    let left = deadline.saturating_duration_since(Instant::now());
    let limit = Duration::from_secs(u64::from(endpoint.limits.seconds));
    // No time at all would mean no limit.
    let seconds = left.min(limit).max(Duration::from_millis(1));
    let is_last = left <= limit;
    let mut request = line.agent.post(&line.address);
    for (name, value) in &line.headers {
        request = request.header(name, value);
    }
    let response = request
        .config()
        .timeout_global(Some(seconds))
        .build()
        .send(body)
        .map_err(|error| of_line(error, is_last, seconds))?;
    let (head, body) = response.into_parts();
    let status = head.status.as_u16();
    if !(200..300).contains(&status) {
        return Err(of_refusal(status, &head.headers, body, endpoint));
    }
    let max = endpoint.limits.answer_bytes_max;
    if number(&head.headers, header::CONTENT_LENGTH.as_str()).is_some_and(|bytes| bytes > max) {
        return Err(of_fault(too_long(max), status));
    }
    let kind = head
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let is_stream = kind.is_some_and(|kind| kind.starts_with("text/event-stream"));
    let whole = match is_stream {
        true => streamed(body, endpoint),
        false => in_one_piece(body, endpoint),
    };
    let answer = match whole {
        Ok(whole) => wire::read(endpoint.api, whole),
        Err(Broken::Fault(fault)) => Err(fault),
        Err(Broken::Line(error)) => return Err(of_line(error.into(), is_last, seconds)),
    };
    answer.map_err(|fault| of_fault(fault, status))
}

/// Why the body of an answer could not be read to its end.
enum Broken {
    Fault(Fault),
    Line(io::Error),
}

impl From<Fault> for Broken {
    fn from(fault: Fault) -> Broken {
        Broken::Fault(fault)
    }
}

fn in_one_piece(body: Body, endpoint: &Endpoint) -> Result<Value, Broken> {
    let max = endpoint.limits.answer_bytes_max;
    let mut bytes = Vec::new();
    let read = body.into_reader().take(max + 1).read_to_end(&mut bytes);
    read.map_err(Broken::Line)?;
    if bytes.len() as u64 > max {
        return Err(too_long(max).into());
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        let begins = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        let fault = Fault::answer(format!(
            "answer is no JSON ({error}), it begins `{}`; is this the address of an endpoint of the format `{}`?",
            shown(&begins),
            endpoint.api
        ));
        Broken::Fault(fault)
    })
}

fn streamed(body: Body, endpoint: &Endpoint) -> Result<Value, Broken> {
    let max = endpoint.limits.answer_bytes_max;
    let mut parser = Parser::new(usize::try_from(max).unwrap_or(usize::MAX));
    let mut pieces = wire::pieces(endpoint.api);
    let mut body = body.into_reader();
    let mut buffer = vec![0; 16 * 1024];
    let mut bytes = 0;
    loop {
        let count = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Broken::Line(error)),
        };
        bytes += count as u64;
        if bytes > max {
            return Err(too_long(max).into());
        }
        parser.push::<Fault>(&buffer[..count], &mut |kind, data| pieces.take(kind, data))?;
    }
    let cut = || {
        io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the stream ended before the answer did",
        )
    };
    pieces.whole().ok_or_else(|| Broken::Line(cut()))
}

fn too_long(max: u64) -> Fault {
    Fault::answer(format!(
        "answer is longer than {max} bytes; raise `answer_bytes_max` if it is meant to be"
    ))
}

/// The endpoint answered, and not with an answer.
fn of_refusal(status: u16, headers: &HeaderMap, body: Body, endpoint: &Endpoint) -> Setback {
    let mut bytes = Vec::new();
    // What cannot be read of an error is not worth another one: its status says enough.
    let _ = body
        .into_reader()
        .take(ERROR_BYTES_MAX)
        .read_to_end(&mut bytes);
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let (words, code) = wire::error_words(&body);
    let plain = String::from_utf8_lossy(&bytes);
    let words = shown(words.unwrap_or(&plain));
    let (mut passes, perhaps_billed) = of_status(status);
    let cause = match status {
        413 => Cause::Long,
        400 | 422 if wire::is_long(&words, code) => Cause::Long,
        401..=403 => Cause::Key,
        429 if code == "insufficient_quota" || code == "billing_error" => {
            passes = false;
            Cause::Key
        }
        _ if passes || status >= 500 => Cause::Busy,
        _ => Cause::Request,
    };
    match headers
        .get("x-should-retry")
        .and_then(|value| value.to_str().ok())
    {
        Some("true") => passes = true,
        Some("false") => passes = false,
        _ => {}
    }
    let advice = match (cause, status) {
        (Cause::Key, _) if endpoint.key.is_none() => {
            "; a key in `key_env` or `key_file` may be what it wants"
        }
        (Cause::Key, 401) => "; is the key the one for this endpoint?",
        (Cause::Request, 300..=399) => "; the address it sends on to would be right as `url`",
        (Cause::Request, 404 | 405) => "; look at `url`, `api` and `model`",
        (Cause::Long, _) => "; a shorter conversation would fit",
        _ => "",
    };
    let said = match words.is_empty() {
        true => String::new(),
        false => format!(": `{words}`"),
    };
    Setback {
        cause,
        message: format!("endpoint answers {status}{said}{advice}"),
        status: Some(status),
        passes,
        perhaps_billed,
        after: after(headers),
    }
}

/// An answer came, and was none. It was billed, and asked again would be billed again.
fn of_fault(fault: Fault, status: u16) -> Setback {
    Setback {
        passes: fault.cause == Cause::Busy,
        cause: fault.cause,
        message: fault.message,
        status: Some(status),
        perhaps_billed: true,
        after: None,
    }
}

/// The line broke, before or after the request was sent.
fn of_line(error: ureq::Error, is_last: bool, limit: Duration) -> Setback {
    let setback = |cause, message: String, passes, perhaps_billed| Setback {
        cause,
        message,
        status: None,
        passes,
        perhaps_billed,
        after: None,
    };
    let words = shown(&error.to_string());
    let timeout = timeout(&error);
    if is_untrusted(&error) {
        let message = format!(
            "endpoint shows a certificate that this machine does not trust ({words}); one that leads to a root of this machine would be right"
        );
        return setback(Cause::Line, message, false, false);
    }
    if is_unreached(&error) || matches!(timeout, Some(Timeout::Connect | Timeout::Resolve)) {
        let message = format!("no way to the endpoint: {words}; does it listen there?");
        return setback(Cause::Line, message, true, false);
    }
    if timeout.is_some() && is_last {
        let message = "time was up before the endpoint had answered; a later deadline would let it"
            .to_owned();
        return setback(Cause::Deadline, message, false, true);
    }
    if timeout.is_some() {
        let message = format!(
            "endpoint had not answered after {} s; raise `seconds` if it is meant to take longer",
            limit.as_secs()
        );
        return setback(Cause::Line, message, true, true);
    }
    match &error {
        ureq::Error::Io(_) => setback(
            Cause::Line,
            format!("line to the endpoint broke: {words}"),
            true,
            true,
        ),
        // What is wrong with an address stays wrong.
        _ => setback(
            Cause::Line,
            format!("endpoint cannot be asked: {words}"),
            false,
            false,
        ),
    }
}

/// What is inside an error of the line, where it is a `T`.
fn inside<T: std::error::Error + 'static>(error: &ureq::Error) -> Option<&T> {
    match error {
        ureq::Error::Io(error) => error.get_ref()?.downcast_ref(),
        _ => None,
    }
}

/// `ureq` wraps a timeout that strikes while a body is read.
fn timeout(error: &ureq::Error) -> Option<Timeout> {
    match inside(error).unwrap_or(error) {
        ureq::Error::Timeout(timeout) => Some(*timeout),
        _ => None,
    }
}

/// The handshake came to nothing: no byte of the request was sent.
fn is_untrusted(error: &ureq::Error) -> bool {
    let inner = match error {
        ureq::Error::Rustls(error) => Some(error),
        error => inside(error),
    };
    matches!(
        inner,
        Some(
            rustls::Error::InvalidCertificate(_)
                | rustls::Error::NoCertificatesPresented
                | rustls::Error::PeerIncompatible(_)
                | rustls::Error::UnsupportedNameType
        )
    )
}

fn is_unreached(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => true,
        ureq::Error::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable => true,
            // A name that is not found has no kind of its own in the standard library, only its words.
            _ => error.to_string().starts_with("failed to lookup address"),
        },
        _ => false,
    }
}

/// How long the endpoint asks to wait: milliseconds where it says so, else RFC 9110 10.2.3, seconds or a date, which is
/// read against the endpoint's own clock.
fn after(headers: &HeaderMap) -> Option<Duration> {
    if let Some(milliseconds) = number(headers, "retry-after-ms") {
        return Some(Duration::from_millis(
            milliseconds.min(AFTER_SECONDS_MAX * 1000),
        ));
    }
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = match value.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => seconds.ceil() as u64,
        Ok(_) => return None,
        Err(_) => {
            let parser = jiff::fmt::rfc2822::DateTimeParser::new();
            let then = parser.parse_timestamp(value).ok()?;
            let now = parser
                .parse_timestamp(headers.get(header::DATE)?.to_str().ok()?)
                .ok()?;
            u64::try_from(then.as_second().saturating_sub(now.as_second())).unwrap_or(0)
        }
    };
    Some(Duration::from_secs(seconds.min(AFTER_SECONDS_MAX)))
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_in_each_of_its_forms() {
        let read = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            after(&headers).map(|wait| wait.as_millis())
        };
        assert_eq!(read(&[("retry-after", "7")]), Some(7000));
        assert_eq!(read(&[("retry-after", "0.4")]), Some(1000));
        assert_eq!(
            read(&[("retry-after-ms", "250"), ("retry-after", "1")]),
            Some(250)
        );
        let date = ("date", "Sat, 21 Nov 2026 10:00:00 GMT");
        assert_eq!(
            read(&[date, ("retry-after", "Sat, 21 Nov 2026 10:00:30 GMT")]),
            Some(30_000)
        );
        assert_eq!(
            read(&[date, ("retry-after", "Sat, 21 Nov 2026 09:00:00 GMT")]),
            Some(0)
        );
        assert_eq!(
            read(&[("retry-after", "Sat, 21 Nov 2026 10:00:30 GMT")]),
            None
        );
        assert_eq!(read(&[("retry-after", "1e30")]), Some(86_400_000));
        for wrong in ["-1", "soon", "NaN"] {
            assert_eq!(read(&[("retry-after", wrong)]), None);
        }
    }
}
