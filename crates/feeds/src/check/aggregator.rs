//! An aggregator or a lister (requirements 21 to 23).

use std::collections::BTreeSet;

use url::Url;

use super::report::{Findings, unmet};
use super::{Look, Report, there};
use crate::csaf::aggregator::{AGGREGATOR_BYTES_MAX, Aggregator};
use crate::csaf::metadata::{METADATA_BYTES_MAX, Metadata};

/// Mirrors that are looked at.
const MIRRORS_MAX: usize = 200;

pub(super) fn check(look: &Look<'_>, place: &str) -> Result<Report, String> {
    let mut findings = Findings::default();
    let seen = look.see(place, AGGREGATOR_BYTES_MAX, &mut findings);
    let bytes = there(seen).map_err(|reason| format!("`{place}`: {reason}"))?;
    let aggregator = Aggregator::read(&bytes).map_err(|reason| format!("`{place}`: {reason}"))?;
    for number in [3, 6, 21, 22] {
        findings.looked(number);
    }
    for problem in &aggregator.problems {
        findings.error(
            21,
            &format!("{place}#{}", problem.pointer),
            &problem.message,
        );
    }
    let base = Url::parse(place).map_err(|_| format!("`{place}` is no address"))?;
    let beside = base
        .join("provider-metadata.json")
        .map(String::from)
        .unwrap_or_default();
    if look
        .anyone
        .look(&beside, None, METADATA_BYTES_MAX)
        .is_ok_and(|seen| seen.status == 200)
    {
        findings.error(
            21,
            &beside,
            "stands beside `aggregator.json`, which it must not",
        );
    }
    let disjoint: BTreeSet<&str> = aggregator
        .parties
        .iter()
        .map(|party| party.namespace.as_str())
        .collect();
    if disjoint.len() < 2 || aggregator.parties.iter().all(|party| party.is_publisher) {
        findings.error(
            22,
            place,
            "lists fewer than two disjoint issuing parties of which one is a provider",
        );
    }
    mirrors(look, place, &base, &aggregator, &mut findings);
    let requirements = findings.requirements();
    let role = if aggregator.is_lister {
        "lister"
    } else {
        "aggregator"
    };
    let version = if String::from_utf8_lossy(&bytes).contains("\"2.1\"") {
        "2.1"
    } else {
        "2.0"
    };
    let unmet = unmet(&requirements, role, version);
    Ok(Report {
        subject: place.to_owned(),
        metadata: place.to_owned(),
        edition: version.to_owned(),
        role: role.to_owned(),
        fulfills_role: unmet.is_empty(),
        unmet,
        documents_listed: 0,
        documents_checked: 0,
        requirements,
    })
}

/// Requirement 23: folders beside `aggregator.json`, each with metadata and a feed.
fn mirrors(
    look: &Look<'_>,
    place: &str,
    base: &Url,
    aggregator: &Aggregator,
    findings: &mut Findings,
) {
    let mirrors: Vec<&String> = aggregator
        .parties
        .iter()
        .flat_map(|party| &party.mirrors)
        .collect();
    if aggregator.is_lister {
        findings.unused(23..=23);
        let own = mirrors
            .iter()
            .filter(|mirror| Url::parse(mirror).is_ok_and(|url| url.host() == base.host()));
        for mirror in own {
            findings.error(
                21,
                mirror,
                "is a mirror of a lister's own, which a lister does not have",
            );
        }
        return;
    }
    findings.looked(23);
    if mirrors.is_empty() {
        findings.error(23, place, "lists no mirror");
    }
    let mut folders = BTreeSet::new();
    for mirror in mirrors.into_iter().take(MIRRORS_MAX) {
        let folder = mirror.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !folders.insert(folder) {
            findings.error(23, mirror, "shares its folder with another issuing party");
        }
        let beside = base.join(".").map(String::from).unwrap_or_default();
        if !mirror.starts_with(&beside) {
            findings.error(23, mirror, "is not beside `aggregator.json`");
        }
        let read = there(look.see(mirror, METADATA_BYTES_MAX, findings))
            .and_then(|bytes| Metadata::read(&bytes));
        match read {
            Err(reason) => findings.error(23, mirror, &reason),
            Ok(metadata) if metadata.feeds.is_empty() => {
                findings.error(23, mirror, "names no ROLIE feed")
            }
            Ok(metadata) => {
                for problem in &metadata.problems {
                    findings.error(
                        23,
                        &format!("{mirror}#{}", problem.pointer),
                        &problem.message,
                    );
                }
            }
        }
    }
}
