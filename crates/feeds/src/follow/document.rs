//! One CSAF document: fetched, and checked by everything that vouches for it.

use jiff::Timestamp;
use keys::certificate::{self, Certificate, Verified};

use crate::csaf::Head;
use crate::csaf::filename::{filename, of_address};
use crate::csaf::integrity::{self, Algorithm, HASH_BYTES_MAX};
use crate::web::{Seen, Validators, Web};

/// Longest signature file: an armored RSA signature has 800 bytes; a signature of several keys a few of those.
const SIGNATURE_BYTES_MAX: u64 = 64 << 10;

/// A document to be asked for.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub url: String,
    /// What the listing says of its last change.
    pub updated: Option<Timestamp>,
    pub hashes: Vec<String>,
    pub signatures: Vec<String>,
    /// Whether hashes and signatures are guessed: a directory does not list them.
    pub is_guessed: bool,
    /// How the state that is kept is told, where it is kept.
    pub known: Option<Validators>,
}

/// What is asked of each document of a provider.
pub(super) struct Rules<'a> {
    pub certificates: &'a [Certificate],
    /// For a trusted provider, hash and signature have to be there (CSAF 2.1, 7.3.2).
    pub is_trusted: bool,
    pub document_bytes_max: u64,
    pub now: Timestamp,
}

/// What came of a job.
#[derive(Debug)]
pub(super) enum Fetched {
    Unchanged,
    New(Box<New>),
    /// Not for everyone, and nothing opens it to us.
    Restricted,
    Refused(String),
}

/// A document that passed.
#[derive(Debug)]
pub(super) struct New {
    pub head: Head,
    /// What it is called, which follows from its id.
    pub name: String,
    pub seen: Seen,
    pub signed: Option<Verified>,
    /// Files that vouch for it, by ending.
    pub beside: Vec<(&'static str, Vec<u8>)>,
}

/// Fetches a document with what vouches for it, and checks it.
pub(super) fn fetch(web: &Web, job: &Job, rules: &Rules<'_>) -> Fetched {
    // A document may be replaced while we ask for its hash: then both are asked for once more.
    match once(web, job, job.known.as_ref(), rules) {
        Err(Setback::Differs(_)) => once(web, job, None, rules),
        other => other,
    }
    .unwrap_or_else(|setback| match setback {
        Setback::Differs(reason) | Setback::Other(reason) => Fetched::Refused(reason),
    })
}

enum Setback {
    /// Bytes and what vouches for them do not fit.
    Differs(String),
    Other(String),
}

fn once(
    web: &Web,
    job: &Job,
    known: Option<&Validators>,
    rules: &Rules<'_>,
) -> Result<Fetched, Setback> {
    let Some(seen) = web
        .get(&job.url, known, rules.document_bytes_max)
        .map_err(Setback::Other)?
    else {
        return Ok(Fetched::Unchanged);
    };
    let mut beside = hashed(web, job, &seen.bytes, rules)?;
    let (signed, signature) = signed(web, job, &seen.bytes, rules)?;
    beside.extend(signature.map(|bytes| ("asc", bytes)));
    let head = Head::read(&seen.bytes).map_err(Setback::Other)?;
    let name = filename(&head.id).map_err(Setback::Other)?;
    if of_address(&job.url) != name {
        let id: String = head.id.chars().take(80).collect();
        return Err(Setback::Other(format!(
            "its tracking id `{id}` makes it `{name}`, and it stands at another name"
        )));
    }
    if !head.is_public() && !web.has_credentials(&job.url) {
        return Ok(Fetched::Restricted);
    }
    Ok(Fetched::New(Box::new(New {
        head,
        name,
        seen,
        signed,
        beside,
    })))
}

/// Checks every hash that is known here; returns their files.
fn hashed(
    web: &Web,
    job: &Job,
    bytes: &[u8],
    rules: &Rules<'_>,
) -> Result<Vec<(&'static str, Vec<u8>)>, Setback> {
    let mut beside = Vec::new();
    let mut missing = None;
    let known = job
        .hashes
        .iter()
        .filter_map(|url| Some((Algorithm::of_name(url)?, url)));
    for (algorithm, url) in known.take(4) {
        match web.get(url, None, HASH_BYTES_MAX) {
            Ok(Some(seen)) => {
                integrity::check(algorithm, &seen.bytes, bytes).map_err(Setback::Differs)?;
                beside.push((algorithm.extension(), seen.bytes));
            }
            Ok(None) => {}
            Err(reason) => missing = Some(format!("its hash `{}`: {reason}", of_address(url))),
        }
    }
    match (beside.is_empty(), missing) {
        (true, Some(missing)) if rules.is_trusted || !job.is_guessed => {
            Err(Setback::Other(format!("cannot be checked: {missing}")))
        }
        (true, None) if rules.is_trusted => Err(Setback::Other(
            "cannot be checked: its trusted provider lists neither its SHA-256 nor its SHA-512"
                .to_owned(),
        )),
        _ => Ok(beside),
    }
}

type Signed = (Option<Verified>, Option<Vec<u8>>);

fn signed(web: &Web, job: &Job, bytes: &[u8], rules: &Rules<'_>) -> Result<Signed, Setback> {
    let missing = match job.signatures.first() {
        None => "its trusted provider lists no signature".to_owned(),
        Some(url) => match web.get(url, None, SIGNATURE_BYTES_MAX) {
            Ok(Some(seen)) if rules.certificates.is_empty() && !rules.is_trusted => {
                // Nobody says by which key; it is kept for whoever knows.
                return Ok((None, Some(seen.bytes)));
            }
            Ok(Some(seen)) => {
                let now = u64::try_from(rules.now.as_second()).unwrap_or(0);
                return match certificate::verify(rules.certificates, &seen.bytes, bytes, now) {
                    Ok(verified) => Ok((Some(verified), Some(seen.bytes))),
                    Err(certificate::Refusal::Wrong) => Err(Setback::Differs(
                        "its signature is not over these bytes".to_owned(),
                    )),
                    Err(reason) => Err(Setback::Other(format!(
                        "its signature is not taken: {reason}"
                    ))),
                };
            }
            Ok(None) => "its signature is not there".to_owned(),
            Err(_) if job.is_guessed && !rules.is_trusted => return Ok((None, None)),
            Err(reason) => format!("its signature `{}`: {reason}", of_address(url)),
        },
    };
    match rules.is_trusted || !job.signatures.is_empty() {
        true => Err(Setback::Other(format!("cannot be checked: {missing}"))),
        false => Ok((None, None)),
    }
}
