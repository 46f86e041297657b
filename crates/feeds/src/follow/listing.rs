//! Which documents does a provider list? ROLIE feeds, or directories where it has none (CSAF 2.1, 7.3.2).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use jiff::Timestamp;
use names::Tlp;
use url::Url;

use super::Run;
use super::document::Job;
use crate::csaf::directory::{self, below};
use crate::csaf::metadata::Metadata;
use crate::csaf::rolie::{FEED_BYTES_MAX, Feed};
use crate::fetch;

/// What all listings of a provider say together.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// By address.
    pub jobs: BTreeMap<String, Job>,
    /// Whether every listing was read, so that what is in none is listed no more.
    pub is_whole: bool,
}

/// Reads every listing that is for us.
pub(super) fn read(run: &mut Run<'_>, metadata: &Metadata, base: &Url) -> Listed {
    let mut listed = Listed {
        is_whole: true,
        ..Listed::default()
    };
    // "If both are present, the ROLIE information SHOULD be preferred."
    if metadata.feeds.is_empty() {
        for directory in &metadata.directories {
            if let Some(url) = ours(run, base, &directory.url, directory.label.as_deref()) {
                read_directory(run, &url, &mut listed);
            }
        }
    }
    for feed in &metadata.feeds {
        if let Some(url) = ours(run, base, &feed.url, Some(&feed.label)) {
            read_feed(run, &url, &mut listed);
        }
    }
    bound(run, &mut listed);
    listed
}

/// The address, where the listing is for everyone or for us.
fn ours(run: &mut Run<'_>, base: &Url, url: &str, label: Option<&str>) -> Option<Url> {
    let Ok(url) = base.join(url) else {
        run.state.tell(url, "is no address");
        return None;
    };
    // A label that nobody knows is the strictest; `UNLABELED` of 2.0 is none.
    let label = label.filter(|label| *label != "UNLABELED");
    let label = label.map(|label| label.parse().unwrap_or(Tlp::Red));
    let is_open = label.is_none_or(|label| label == Tlp::Clear);
    if !is_open && !run.web.has_credentials(url.as_str()) {
        let label = label.map(|label| label.to_string()).unwrap_or_default();
        run.state.note(format!(
            "`{url}` is labelled {label} and was passed over: no credentials for it were given"
        ));
        return None;
    }
    Some(url)
}

fn read_feed(run: &mut Run<'_>, url: &Url, listed: &mut Listed) {
    let Some(file) = fetched(run, url, listed) else {
        return;
    };
    let feed = match Feed::read(file.take(FEED_BYTES_MAX), run.settings().documents_max) {
        Ok(feed) => feed,
        Err(reason) => {
            // What cannot be read is not kept as if it had been: it is fetched whole the next time.
            fetch::doubt(url.as_str(), &run.cache());
            run.state.tell(url.as_str(), reason);
            listed.is_whole = false;
            return;
        }
    };
    for problem in feed.problems.iter().chain(&feed.oddities) {
        run.state
            .note(format!("{url}#{}: {}", problem.pointer, problem.message));
    }
    beyond(run, url, feed.beyond, listed);
    for entry in feed.entries {
        let join = |href: &String| url.join(href).ok().map(String::from);
        let Some(document) = join(&entry.document) else {
            run.refuse(&entry.document, "is no address");
            continue;
        };
        add(
            listed,
            Job {
                url: document,
                updated: entry.updated,
                hashes: entry.hashes.iter().filter_map(join).collect(),
                signatures: entry.signatures.iter().filter_map(join).collect(),
                is_guessed: false,
                known: None,
            },
        );
    }
}

fn read_directory(run: &mut Run<'_>, url: &Url, listed: &mut Listed) {
    let mut url = url.clone();
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    let max = run.settings().documents_max;
    let file = |run: &mut Run<'_>, name: &str, listed: &mut Listed| {
        let at = url.join(name).ok()?;
        let mut bytes = Vec::new();
        let read = fetched(run, &at, listed)?
            .take(FEED_BYTES_MAX)
            .read_to_end(&mut bytes);
        read.is_ok().then_some((at, bytes))
    };
    let mut index = Vec::new();
    if let Some((at, bytes)) = file(run, "index.txt", listed) {
        let listing = directory::index(&bytes, max);
        tell(run, &at, &listing.problems);
        beyond(run, &at, listing.beyond, listed);
        index = listing.entries;
    }
    let mut changes = Vec::new();
    if let Some((at, bytes)) = file(run, "changes.csv", listed) {
        let listing = directory::changes(&bytes, max);
        tell(run, &at, &listing.problems);
        beyond(run, &at, listing.beyond, listed);
        changes = listing.entries;
    }
    for (path, updated) in directory::together(index, changes) {
        match below(&url, &path) {
            Err(reason) => run.refuse(&path, reason),
            Ok(at) => {
                let at = at.to_string();
                add(
                    listed,
                    Job {
                        updated,
                        hashes: vec![format!("{at}.sha512"), format!("{at}.sha256")],
                        signatures: vec![format!("{at}.asc")],
                        is_guessed: true,
                        known: None,
                        url: at,
                    },
                );
            }
        }
    }
}

/// One document in several feeds: what vouches for it in one vouches for it, and the latest change counts.
fn add(listed: &mut Listed, job: Job) {
    match listed.jobs.get_mut(&job.url) {
        None => drop(listed.jobs.insert(job.url.clone(), job)),
        Some(known) => {
            known.updated = known.updated.max(job.updated);
            for (all, more) in [
                (&mut known.hashes, job.hashes),
                (&mut known.signatures, job.signatures),
            ] {
                for url in more {
                    if !all.contains(&url) {
                        all.push(url);
                    }
                }
            }
        }
    }
}

/// A listing, fetched; told and not whole where that failed, also where an earlier copy is there.
fn fetched(run: &mut Run<'_>, url: &Url, listed: &mut Listed) -> Option<File> {
    let cache = run.cache();
    let fetched = match fetch::fetch_by(run.web, url.as_str(), &cache) {
        Ok(fetched) => fetched,
        Err(reason) => {
            listed.is_whole = false;
            run.state.tell(url.as_str(), reason.to_string());
            return None;
        }
    };
    if let Some(reason) = fetched.stale {
        listed.is_whole = false;
        run.state.tell(url.as_str(), reason);
    }
    File::open(fetched.path).ok()
}

fn tell(run: &mut Run<'_>, url: &Url, problems: &[String]) {
    for problem in problems {
        run.state.tell(url.as_str(), problem);
    }
}

fn beyond(run: &mut Run<'_>, url: &Url, beyond: u64, listed: &mut Listed) {
    if beyond > 0 {
        listed.is_whole = false;
        let max = run.settings().documents_max;
        run.state.tell(
            url.as_str(),
            format!("lists {beyond} documents beyond the {max} that are followed"),
        );
    }
}

/// All listings together within the bound, the newest first.
fn bound(run: &mut Run<'_>, listed: &mut Listed) {
    let max = run.settings().documents_max;
    if listed.jobs.len() <= max {
        return;
    }
    listed.is_whole = false;
    let mut newest: Vec<(Option<Timestamp>, String)> = listed
        .jobs
        .values()
        .map(|job| (job.updated, job.url.clone()))
        .collect();
    newest.sort_unstable_by(|one, other| other.cmp(one));
    let over = newest.split_off(max);
    run.state.tell(
        "its listings",
        format!(
            "list {} documents beyond the {max} that are followed",
            over.len()
        ),
    );
    for (_, url) in over {
        listed.jobs.remove(&url);
    }
}
