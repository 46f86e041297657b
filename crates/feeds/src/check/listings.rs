//! What lists its documents: directories and ROLIE feeds (requirements 4, 5 and 11 to 17).

use std::collections::BTreeMap;

use jiff::Timestamp;
use names::Tlp;
use url::Url;

use super::report::Findings;
use super::{Look, there};
use crate::csaf::directory::{self, below};
use crate::csaf::metadata::Metadata;
use crate::csaf::object::Problem;
use crate::csaf::rolie::{self, FEED_BYTES_MAX, SERVICE_BYTES_MAX};

/// A document and what its listings say of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Listed {
    /// By `changes.csv` or its feed.
    pub updated: Option<Timestamp>,
    pub hashes: Vec<String>,
    pub signatures: Vec<String>,
    /// The label of its listing; `None` where that has none.
    pub label: Option<Tlp>,
    pub is_in_feed: bool,
    pub is_in_directory: bool,
}

/// A page of a directory that is looked through for names.
const PAGE_BYTES_MAX: u64 = 64 << 20;

pub(super) fn check(
    look: &Look<'_>,
    metadata: &Metadata,
    base: &Url,
    findings: &mut Findings,
) -> BTreeMap<String, Listed> {
    let mut listed = BTreeMap::new();
    if metadata.directories.is_empty() {
        findings.unused(11..=14);
    }
    if metadata.feeds.is_empty() {
        findings.unused(15..=17);
    }
    for directory in &metadata.directories {
        let label = directory
            .label
            .as_deref()
            .map(|label| label.parse().unwrap_or(Tlp::Red));
        match base.join(&directory.url) {
            Ok(url) if is_for_look(look, &url, label, findings) => {
                of_directory(look, url, label, findings, &mut listed)
            }
            Ok(_) => {}
            Err(_) => findings.error(7, &directory.url, "is no address"),
        }
    }
    let is_open = |label: &str| matches!(label, "WHITE" | "CLEAR" | "GREEN" | "UNLABELED");
    if !metadata.feeds.is_empty() && !metadata.feeds.iter().any(|feed| is_open(&feed.label)) {
        findings.error(
            15,
            base.as_str(),
            "has no feed for TLP:CLEAR, TLP:GREEN or, in 2.0, what is unlabeled",
        );
    }
    for feed in &metadata.feeds {
        let label = Some(feed.label.as_str()).filter(|label| *label != "UNLABELED");
        let label = label.map(|label| label.parse().unwrap_or(Tlp::Red));
        match base.join(&feed.url) {
            Ok(url) if is_for_look(look, &url, label, findings) => {
                of_feed(look, &url, label, findings, &mut listed)
            }
            Ok(_) => {}
            Err(_) => findings.error(15, &feed.url, "is no address"),
        }
    }
    services(look, metadata, base, findings);
    listed
}

/// Whether the listing can be read; what is protected and should not be, or the other way round, is told.
fn is_for_look(look: &Look<'_>, url: &Url, label: Option<Tlp>, findings: &mut Findings) -> bool {
    let is_protected = label.is_some_and(|label| label >= Tlp::Amber);
    if !is_protected {
        return true;
    }
    let open = look.anyone.look(url.as_str(), None, FEED_BYTES_MAX);
    findings.looked(5);
    match open {
        Ok(seen) if seen.status == 200 => {
            let label = label.map(|label| label.to_string()).unwrap_or_default();
            findings.error(
                5,
                url.as_str(),
                &format!("is labelled {label} and can be read by anyone"),
            );
            true
        }
        _ => look.us.has_credentials(url.as_str()),
    }
}

fn of_directory(
    look: &Look<'_>,
    mut url: Url,
    label: Option<Tlp>,
    findings: &mut Findings,
    listed: &mut BTreeMap<String, Listed>,
) {
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    let mut index = Vec::new();
    let mut changes = Vec::new();
    let max = look.settings.documents_max.max(1_000_000);
    (11..=14).for_each(|number| findings.looked(number));
    let file = |name: &str, number: u8, findings: &mut Findings| {
        let at = url.join(name).map(String::from).unwrap_or_default();
        let seen = look
            .see_as_us(&at, FEED_BYTES_MAX, findings)
            .map(|(seen, _)| seen);
        there(seen)
            .map_err(|reason| findings.error(number, &at, &reason))
            .ok()
            .map(|bytes| (at, bytes))
    };
    if let Some((at, bytes)) = file("index.txt", 12, findings) {
        let listing = directory::index(&bytes, max);
        listing
            .problems
            .iter()
            .for_each(|problem| findings.error(12, &at, problem));
        index = listing.entries;
    }
    if let Some((at, bytes)) = file("changes.csv", 13, findings) {
        let listing = directory::changes(&bytes, max);
        listing
            .problems
            .iter()
            .for_each(|problem| findings.error(13, &at, problem));
        changes = listing.entries;
        let known: std::collections::BTreeSet<&str> =
            changes.iter().map(|change| change.path.as_str()).collect();
        for path in index.iter().filter(|path| !known.contains(path.as_str())) {
            findings.error(
                13,
                &at,
                &format!("does not list `{path}`, which index.txt does"),
            );
        }
        let known: std::collections::BTreeSet<&str> = index.iter().map(String::as_str).collect();
        for change in changes
            .iter()
            .filter(|change| !known.contains(change.path.as_str()))
        {
            findings.error(
                12,
                url.as_str(),
                &format!(
                    "index.txt does not list `{}`, which changes.csv does",
                    change.path
                ),
            );
        }
    }
    let all = directory::together(index, changes);
    pages(look, &url, all.keys(), findings);
    for (path, updated) in all {
        match below(&url, &path) {
            Err(reason) => findings.error(12, url.as_str(), &reason),
            Ok(at) => {
                let at = String::from(at);
                let one = listed.entry(at.clone()).or_default();
                one.updated = updated;
                one.label = label;
                one.is_in_directory = true;
                one.hashes = vec![format!("{at}.sha512"), format!("{at}.sha256")];
                one.signatures = vec![format!("{at}.asc")];
            }
        }
    }
}

/// Requirement 14: pages by which a person finds the way, folder by folder.
fn pages<'a>(
    look: &Look<'_>,
    url: &Url,
    paths: impl Iterator<Item = &'a String>,
    findings: &mut Findings,
) {
    let mut folders: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for path in paths {
        let (folder, name) = path
            .rsplit_once('/')
            .map_or(("", path.as_str()), |(folder, name)| (folder, name));
        let folder = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        folders.entry(folder).or_default().push(name);
    }
    // A provider has a folder for each year; more pages than that say nothing new.
    for (folder, names) in folders.into_iter().take(50) {
        let at = url.join(&folder).map(String::from).unwrap_or_default();
        let seen = look
            .see_as_us(&at, PAGE_BYTES_MAX, findings)
            .map(|(seen, _)| seen);
        match there(seen) {
            Err(reason) => findings.error(14, &at, &reason),
            Ok(page) => {
                let page = String::from_utf8_lossy(&page);
                let missing = names.iter().filter(|name| !page.contains(**name)).count();
                if missing > 0 {
                    findings.error(
                        14,
                        &at,
                        &format!(
                            "its page does not show {missing} of {} documents",
                            names.len()
                        ),
                    );
                }
            }
        }
    }
}

/// Requirement 15.
fn of_feed(
    look: &Look<'_>,
    url: &Url,
    label: Option<Tlp>,
    findings: &mut Findings,
    listed: &mut BTreeMap<String, Listed>,
) {
    findings.looked(15);
    let at = url.as_str();
    let (seen, is_open) = match look.see_as_us(at, FEED_BYTES_MAX, findings) {
        Ok(seen) => seen,
        Err(reason) => return findings.error(15, at, &reason),
    };
    if label.is_none_or(|label| label == Tlp::Clear)
        && (!is_open || matches!(seen.status, 401 | 403))
    {
        findings.error(4, at, "is for everyone, and everyone is refused");
    }
    let feed = there(Ok(seen)).and_then(|bytes| rolie::Feed::read(bytes.as_slice(), 1_000_000));
    let feed = match feed {
        Ok(feed) => feed,
        Err(reason) => return findings.error(15, at, &reason),
    };
    problems(15, at, &feed.problems, findings);
    for oddity in &feed.oddities {
        findings.warning(15, &format!("{at}#{}", oddity.pointer), &oddity.message);
    }
    let own = feed.links.iter().find(|link| link.rel == "self");
    if let Some(own) = own.filter(|own| url.join(&own.href).is_ok_and(|own| own != *url)) {
        findings.warning(15, at, &format!("its link `self` leads to `{}`", own.href));
    }
    for entry in feed.entries {
        let join = |href: &String| url.join(href).ok().map(String::from);
        let Some(document) = join(&entry.document) else {
            findings.error(
                15,
                at,
                &format!("names `{}`, which is no address", entry.document),
            );
            continue;
        };
        let one = listed.entry(document).or_default();
        one.updated = one.updated.max(entry.updated);
        one.label = label.or(one.label);
        one.is_in_feed = true;
        one.hashes = entry.hashes.iter().filter_map(join).collect();
        one.signatures = entry.signatures.iter().filter_map(join).collect();
    }
}

/// Requirements 16 and 17, which are optional.
fn services(look: &Look<'_>, metadata: &Metadata, base: &Url, findings: &mut Findings) {
    for (number, urls) in [(16, &metadata.services), (17, &metadata.categories)] {
        if urls.is_empty() {
            findings.info(number, base.as_str(), "is optional, and there is none");
        }
        for url in urls {
            findings.looked(number);
            let at = base.join(url).map_or_else(|_| url.clone(), String::from);
            let bytes = there(look.see(&at, SERVICE_BYTES_MAX, findings));
            let read = match number {
                16 => bytes
                    .and_then(|bytes| rolie::service(&bytes))
                    .map(|(feeds, problems)| {
                        for feed in metadata
                            .feeds
                            .iter()
                            .filter(|feed| !feeds.contains(&feed.url))
                        {
                            findings.error(
                                16,
                                &at,
                                &format!("does not list the feed `{}`", feed.url),
                            );
                        }
                        problems
                    }),
                _ => bytes
                    .and_then(|bytes| rolie::category(&bytes))
                    .map(|(_, problems)| problems),
            };
            match read {
                Ok(found) => problems(number, &at, &found, findings),
                Err(reason) => findings.error(number, &at, &reason),
            }
        }
    }
}

fn problems(number: u8, at: &str, problems: &[Problem], findings: &mut Findings) {
    for problem in problems {
        findings.error(
            number,
            &format!("{at}#{}", problem.pointer),
            &problem.message,
        );
    }
}
