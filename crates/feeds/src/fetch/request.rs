//! One question for a file that may be here already or in part, and what its answer means (RFC 9110).

use ureq::BodyReader;
use ureq::http::{HeaderMap, StatusCode, header};

use crate::web::{Setback, Validators, Web, conditions, number, refusal, text, validators};

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

pub(super) fn send(web: &Web, url: &str, ask: &Ask) -> Result<Answer, Setback> {
    let range = ask.part.as_ref().map(|(from, _)| format!("bytes={from}-"));
    let headers = match (&ask.part, &range) {
        (Some((_, validators)), Some(range)) => vec![
            (header::RANGE, range.as_str()),
            (header::IF_RANGE, validators.strong().unwrap_or_default()),
        ],
        _ => ask.known.as_ref().map(conditions).unwrap_or_default(),
    };
    let reply = web.send(url, &headers, web.settings().attempt_seconds_max)?;
    let validators = validators(&reply.headers);
    let length = number(&reply.headers, header::CONTENT_LENGTH);
    let bytes_max = web.settings().bytes_max;
    if length.is_some_and(|length| length > bytes_max) {
        return Err(Setback::Final(format!("longer than {bytes_max} bytes")));
    }
    let body = reply.body;
    match reply.status {
        StatusCode::NOT_MODIFIED if ask.part.is_none() && ask.known.is_some() => {
            Ok(Answer::Unchanged)
        }
        StatusCode::OK => Ok(Answer::Whole {
            validators,
            length,
            body,
        }),
        StatusCode::PARTIAL_CONTENT => match (&ask.part, content_range(&reply.headers)) {
            (Some((part, _)), Some((from, length))) if *part == from => Ok(Answer::Rest {
                validators,
                from,
                length,
                body,
            }),
            _ => Ok(Answer::NoSuchPart),
        },
        StatusCode::RANGE_NOT_SATISFIABLE if ask.part.is_some() => Ok(Answer::NoSuchPart),
        status => Err(refusal(status, &reply.headers)),
    }
}

/// `bytes 100-199/200`: where it begins, and how long the whole is.
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let range = text(headers, header::CONTENT_RANGE)?.strip_prefix("bytes ")?;
    let (span, whole) = range.split_once('/')?;
    Some((span.split_once('-')?.0.parse().ok()?, whole.parse().ok()))
}
