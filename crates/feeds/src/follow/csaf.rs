//! A CSAF provider: found, believed as far as its keys go, and brought up to date (CSAF 2.0 and 2.1, 7.3).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use jiff::tz::TimeZone;
use keys::certificate::Certificate;
use url::Url;

use super::document::{self, Fetched, Job, New, Rules};
use super::source::Source;
use super::state::Document;
use super::{Run, listing};
use crate::crew;
use crate::csaf::integrity::Algorithm;
use crate::csaf::metadata::{Metadata, Role};
use crate::fetch;
use crate::locate::locate;

pub(super) fn follow(run: &mut Run<'_>, source: &Source) -> Result<(), String> {
    let cache = run.cache();
    // A house may be typed by its address as well as by its domain.
    let is_document = Url::parse(&source.place).is_ok_and(|url| url.path().ends_with(".json"));
    let (url, bytes) = match is_document {
        true => {
            let fetched = fetch::fetch_by(run.web, &source.place, &cache)
                .map_err(|reason| reason.to_string())?;
            if let Some(reason) = fetched.stale {
                return Err(reason);
            }
            let bytes = std::fs::read(fetched.path).map_err(|reason| reason.to_string())?;
            (source.place.clone(), bytes)
        }
        false => {
            let located = locate(run.web, &source.place)?;
            located
                .notes
                .into_iter()
                .for_each(|note| run.state.note(note));
            (located.url, located.bytes)
        }
    };
    let metadata = Metadata::read(&bytes).map_err(|reason| format!("`{url}`: {reason}"))?;
    run.state.reached = Some(run.asked.now);
    run.state.title = metadata.publisher.clone();
    for problem in &metadata.problems {
        run.state
            .note(format!("{url}#{}: {}", problem.pointer, problem.message));
    }
    let (error, warning) = metadata.maintained(run.asked.now);
    if let Some(reason) = error {
        return Err(format!("`{url}` {reason}"));
    }
    warning
        .into_iter()
        .for_each(|warning| run.state.note(format!("`{url}` {warning}")));
    let base = Url::parse(&url).map_err(|_| format!("`{url}` is no address"))?;
    let certificates = certificates(run, &metadata, &base);
    let listed = listing::read(run, &metadata, &base);
    let was_listed = run.state.listed;
    run.state.listed = listed.jobs.len() as u64;
    if run.state.listed * 2 < was_listed {
        let now = run.state.listed;
        run.state.note(format!(
            "lists {now} documents and listed {was_listed} before; what it lists no more is kept"
        ));
    }
    if listed.is_whole {
        let now = run.asked.now;
        run.state
            .mark_unlisted(|key| listed.jobs.contains_key(key), now);
    }
    let is_trusted = metadata.role == Some(Role::TrustedProvider);
    documents(run, listed.jobs, &certificates, is_trusted)
}

/// The published keys, each the one that the metadata names.
fn certificates(run: &mut Run<'_>, metadata: &Metadata, base: &Url) -> Vec<Certificate> {
    let mut certificates = Vec::new();
    for key in &metadata.keys {
        match certificate(run, key.fingerprint.as_deref(), &key.url, base) {
            Ok(found) => certificates.extend(found),
            Err(reason) => run.state.tell(&key.url, reason),
        }
    }
    let now: BTreeSet<String> = certificates
        .iter()
        .map(|certificate| certificate.fingerprint().to_owned())
        .collect();
    let before = std::mem::replace(&mut run.state.keys, now.clone());
    if !before.is_empty() {
        for new in now.difference(&before) {
            run.state.note(format!("signs by a new key, `{new}`"));
        }
        for gone in before.difference(&now) {
            run.state.note(format!("signs no more by the key `{gone}`"));
        }
    }
    certificates
}

fn certificate(
    run: &Run<'_>,
    fingerprint: Option<&str>,
    url: &str,
    base: &Url,
) -> Result<Vec<Certificate>, String> {
    let url = base.join(url).map_err(|_| "is no address".to_owned())?;
    let fetched = fetch::fetch_by(run.web, url.as_str(), &run.cache())
        .map_err(|reason| reason.to_string())?;
    let bytes = std::fs::read(fetched.path).map_err(|reason| reason.to_string())?;
    let mut read = Certificate::read_all(&bytes).map_err(|reason| {
        fetch::doubt(url.as_str(), &run.cache());
        reason.to_string()
    })?;
    if let Some(named) = fingerprint {
        let found: Vec<&str> = read.iter().map(Certificate::fingerprint).collect();
        if !found.contains(&named) {
            return Err(format!(
                "holds the key `{}`, and the metadata names `{named}`",
                found.join("`, `")
            ));
        }
        read.retain(|certificate| certificate.fingerprint() == named);
    }
    Ok(read)
}

/// Fetches what changed, a few at a time.
fn documents(
    run: &mut Run<'_>,
    listed: BTreeMap<String, Job>,
    certificates: &[Certificate],
    is_trusted: bool,
) -> Result<(), String> {
    let jobs: Vec<Job> = listed
        .into_values()
        .filter_map(|job| wanted(run, job))
        .collect();
    // Told by address, so that what is told does not depend on which answer comes first.
    let mut refused: BTreeMap<String, String> = BTreeMap::new();
    let mut restricted = 0;
    let mut ended = Ok(());
    let (web, asked) = (run.web, run.asked);
    let rules = Rules {
        certificates,
        is_trusted,
        document_bytes_max: asked.settings.document_bytes_max,
        now: asked.now,
    };
    let work = |job: Job| {
        let fetched = document::fetch(web, &job, &rules);
        (job, fetched)
    };
    crew::each(
        jobs,
        asked.settings.connections_max,
        work,
        |(job, fetched)| {
            match fetched {
                Fetched::Unchanged => {
                    run.brought.unchanged += 1;
                    if let Some(known) = run.state.documents.get_mut(&job.url) {
                        known.updated = job.updated.or(known.updated);
                    }
                }
                Fetched::Restricted => restricted += 1,
                Fetched::Refused(reason) => drop(refused.insert(job.url, reason)),
                Fetched::New(new) => match place(run, &job, &new) {
                    Err(reason) => drop(refused.insert(job.url, reason)),
                    Ok(document) => ended = shelve(run, job.url, document, &new),
                },
            }
            if ended.is_ok() && run.is_late() {
                ended = Err(format!(
                    "took more than {} seconds; the next go takes the rest",
                    asked.settings.source_seconds_max
                ));
            }
            match ended.is_ok() {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        },
    );
    for (url, reason) in refused {
        run.refuse(&url, reason);
    }
    run.brought.restricted = restricted;
    run.state.restricted = restricted;
    ended
}

/// The job, unless what is kept is what the listing says.
fn wanted(run: &Run<'_>, mut job: Job) -> Option<Job> {
    let known = run
        .state
        .documents
        .get(&job.url)
        .filter(|known| run.shelf.has(&known.path, known.bytes));
    if let Some(known) = known {
        let is_same = known.updated.is_some() && known.updated == job.updated;
        // Without a date, `index.txt` says only that it is there; `changes.csv` tells when it changes.
        if is_same || job.updated.is_none() {
            return None;
        }
        let validators = &known.validators;
        job.known = Some(validators.clone())
            .filter(|known| known.etag.is_some() || known.last_modified.is_some());
    }
    Some(job)
}

/// Where it belongs, unless what is kept speaks against it.
fn place(run: &Run<'_>, job: &Job, new: &New) -> Result<Document, String> {
    let head = &new.head;
    let known = run.state.documents.get(&job.url);
    if let Some(known) = known
        && let (Some(before), Some(now)) = (known.released, head.current_release)
        && now < before
    {
        return Err(format!(
            "went back: version {} of {before} is kept, and this is version {} of {now}",
            known.version, head.version
        ));
    }
    let year = head
        .initial_release
        .map(|time| time.to_zoned(TimeZone::UTC).year());
    let year = year.map_or_else(|| "undated".to_owned(), |year| year.to_string());
    let label = head.label.filter(|_| !head.is_public());
    let folder = label.map(|label| format!("tlp-{}/", label.as_str().to_ascii_lowercase()));
    let path = format!("{}{year}/{}", folder.unwrap_or_default(), new.name);
    let sha256 = Algorithm::Sha256.hash(&new.seen.bytes);
    let owner = run.paths.get(&path).filter(|owner| **owner != job.url);
    if let Some(url) = owner
        && run
            .state
            .documents
            .get(url)
            .is_some_and(|other| other.sha256 != sha256)
    {
        return Err(format!(
            "is another document of the same name than `{url}`, which is kept"
        ));
    }
    Ok(Document {
        path,
        id: head.id.clone(),
        version: head.version.clone(),
        updated: job.updated,
        released: head.current_release,
        bytes: new.seen.bytes.len() as u64,
        sha256,
        validators: new.seen.validators.clone(),
        label: label.map(|label| label.as_str().to_owned()),
        signed: new.signed.as_ref().map(|signed| signed.fingerprint.clone()),
        unlisted: None,
    })
}

/// What vouches for it goes first: a document that is there was checked by what stands beside it.
fn shelve(run: &mut Run<'_>, url: String, document: Document, new: &New) -> Result<(), String> {
    for (ending, bytes) in &new.beside {
        let path = format!("{}.{ending}", document.path);
        let put = run.shelf.put(&path, bytes, document.label.is_some());
        put.map_err(|reason| format!("cannot write: {reason}"))?;
    }
    run.keep(url, document, &new.seen.bytes)
}
