//! Fetching an address, politely: is there something new, and where is it kept?
//!
//! HTTP semantics (RFC 9110): what was fetched before is asked for conditionally (`If-None-Match`,
//! `If-Modified-Since`), what broke off is resumed (`Range` with `If-Range`), a server that is busy is asked again
//! after the time it names (`Retry-After`). Everything is bounded: bytes, time, redirects, attempts. A new file
//! replaces the old one whole or not at all, and while a source fails the old one is kept and said to be old.
//!
//! Whoever can write the cache folder can say what was fetched.

mod kept;
mod request;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use self::kept::Kept;
use self::request::{Answer, Ask};
use crate::web::{self, Credentials, Setback, Validators, Web};

/// How fetching behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Bytes of one answer.
    pub bytes_max: u64,
    /// Seconds of one attempt.
    pub attempt_seconds_max: u64,
    /// Seconds of one attempt at something small: a document, a hash, a signature, a key.
    pub document_seconds_max: u64,
    /// Seconds without a byte.
    pub silence_seconds_max: u64,
    pub redirects_max: u32,
    /// How often a source is asked that is busy or breaks off.
    pub attempts_max: u32,
    /// Seconds between two attempts, also where the server would like more.
    pub wait_seconds_max: u64,
    /// How long is waited before each question.
    pub gap: Duration,
    /// How waiting is done; tests do not wait.
    pub wait: fn(Duration),
}

impl Default for Settings {
    /// OSV's export of everything has 1.3 GiB and doubles in two years: 16 GiB. Half an hour carries it over a
    /// line of 6 Mbit/s; what is cut off then is resumed.
    fn default() -> Settings {
        Settings {
            bytes_max: 16 << 30,
            attempt_seconds_max: 1800,
            document_seconds_max: 120,
            silence_seconds_max: 60,
            redirects_max: 5,
            attempts_max: 4,
            wait_seconds_max: 120,
            gap: Duration::ZERO,
            wait: std::thread::sleep,
        }
    }
}

/// What is there after fetching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Where it is kept.
    pub path: PathBuf,
    /// Whether it changed since the last time.
    pub is_new: bool,
    /// Why it may be out of date, where the source failed and an earlier copy is given.
    pub stale: Option<String>,
}

/// Fetches `url`, which a person typed, into the folder `cache`, or says that what is kept there is still what the
/// source has.
///
/// An error only where nothing is kept from an earlier time.
pub fn fetch(url: &str, cache: &Path, settings: &Settings) -> io::Result<Fetched> {
    web::check(url)?;
    let web = Web::new([url], Credentials::default(), settings);
    fetch_by(&web, url, cache)
}

/// As [`fetch`], by a way out that is shared.
pub(crate) fn fetch_by(web: &Web, url: &str, cache: &Path) -> io::Result<Fetched> {
    std::fs::create_dir_all(cache)?;
    let kept = Kept::at(cache, url);
    match web.insist(url, |web| attempt(web, url, &kept)) {
        Ok(is_new) => Ok(Fetched {
            path: kept.file,
            is_new,
            stale: None,
        }),
        Err(reason) if kept.file.is_file() => {
            let stale = Some(format!(
                "`{url}` cannot be fetched, and an earlier copy is used: {reason}"
            ));
            Ok(Fetched {
                path: kept.file,
                is_new: false,
                stale,
            })
        }
        Err(reason) => Err(io::Error::other(format!(
            "`{url}` cannot be fetched: {reason}"
        ))),
    }
}

/// Forgets what tells the state of `url`, so that it is fetched whole the next time. The file stays.
pub(crate) fn doubt(url: &str, cache: &Path) {
    Kept::at(cache, url).forget();
}

/// One attempt: whether there is something new.
fn attempt(web: &Web, url: &str, kept: &Kept) -> Result<bool, Setback> {
    let ask = Ask {
        known: kept.known(),
        part: kept.part(),
    };
    let settings = web.settings();
    let answer = request::send(web, url, &ask)?;
    match answer {
        Answer::Unchanged => Ok(false),
        Answer::Whole {
            validators,
            length,
            body,
        } => receive(kept, &validators, 0, length, body, settings).map(|()| true),
        Answer::Rest {
            validators,
            from,
            length,
            body,
        } => receive(kept, &validators, from, length, body, settings).map(|()| true),
        Answer::NoSuchPart => {
            kept.forget_part();
            Err(Setback::Passing(
                "the part fetched before is no longer part of it".to_owned(),
                Some(Duration::ZERO),
            ))
        }
    }
}

/// Writes an answer beside the file, and puts it in the file's place once it is whole.
fn receive(
    kept: &Kept,
    validators: &Validators,
    from: u64,
    length: Option<u64>,
    mut body: impl io::Read,
    settings: &Settings,
) -> Result<(), Setback> {
    let broken = |reason: io::Error| Setback::Final(format!("cannot write the cache: {reason}"));
    let mut part = kept.open_part(validators, from).map_err(broken)?;
    let mut written = from;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            // What arrived stays, for the next attempt to go on from.
            Err(reason) => {
                return Err(Setback::Passing(
                    format!("broke off after {written} bytes: {reason}"),
                    None,
                ));
            }
        };
        written += count as u64;
        if written > settings.bytes_max {
            kept.forget_part();
            return Err(Setback::Final(format!(
                "longer than {} bytes",
                settings.bytes_max
            )));
        }
        part.write_all(buffer.get(..count).unwrap_or_default())
            .map_err(broken)?;
    }
    if let Some(length) = length.filter(|length| *length != written) {
        return Err(Setback::Passing(
            format!("broke off after {written} of {length} bytes"),
            None,
        ));
    }
    part.sync_all().map_err(broken)?;
    kept.settle(validators, written).map_err(broken)
}
