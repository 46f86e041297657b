//! FriendsOfPHP's security advisories: a YAML file a flaw, with the affected versions of each branch of a package.
//!
//! What is odd here: a file has no id but its CVE, and where it has none, its package and title must do. A branch
//! lists comparators that must all hold (`['>=2.0.0', '<2.0.99']`). Files of PHP's frameworks name themselves
//! `composer://vendor/package`.

use std::collections::BTreeMap;

use names::{Ecosystem, EcosystemKind, Purl};
use serde::Deserialize;
use versions::{End, Interval};

use crate::{
    Advisory, Affected, AffectedRange, Problem, RangeScheme, Record, Reference, Target, time,
};

#[derive(Deserialize)]
struct Entry {
    title: String,
    link: Option<String>,
    cve: Option<String>,
    reference: String,
    #[serde(default)]
    branches: BTreeMap<String, Branch>,
}

#[derive(Deserialize)]
struct Branch {
    time: Option<String>,
    #[serde(default)]
    versions: Vec<String>,
}

/// Reads one advisory.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    let wrong = |message: String| Problem {
        place: String::new(),
        message,
    };
    match serde_saphyr::from_slice::<Entry>(bytes) {
        Ok(entry) => match convert(entry) {
            Ok(advisory) => record(Record::Advisory(Box::new(advisory))),
            Err(message) => problem(wrong(message)),
        },
        Err(reason) => {
            let reason = reason.to_string();
            problem(wrong(format!(
                "not an advisory: {}",
                reason.lines().next().unwrap_or_default()
            )));
        }
    }
}

fn convert(entry: Entry) -> Result<Advisory, String> {
    let Some(package) = entry.reference.strip_prefix("composer://") else {
        return Err(format!(
            "`{}` names no package; `composer://vendor/package` would",
            entry.reference
        ));
    };
    let cve = entry.cve.filter(|id| id.starts_with("CVE-"));
    let times = entry
        .branches
        .values()
        .filter_map(|branch| time::timestamp(branch.time.as_deref()).ok().flatten());
    let intervals = entry
        .branches
        .values()
        .map(|branch| interval(&branch.versions));
    let mut intervals = intervals.collect::<Result<Vec<Interval<String>>, String>>()?;
    intervals.sort_by_cached_key(|interval| {
        interval
            .introduced
            .as_ref()
            .and_then(|version| versions::key(versions::Scheme::Packagist, version))
    });
    let ecosystem = Ecosystem::new(EcosystemKind::Packagist);
    let purl = Purl::of(&ecosystem, package, "");
    Ok(Advisory {
        id: cve
            .unwrap_or_else(|| format!("FOP-{}-{}", package.replace('/', "-"), slug(&entry.title))),
        publisher: "FriendsOfPHP".to_owned(),
        published: times.min(),
        affected: vec![Affected {
            target: Target::Package {
                ecosystem,
                name: package.to_owned(),
                purl,
            },
            ranges: vec![AffectedRange {
                scheme: RangeScheme::Ecosystem,
                intervals,
            }],
            ..Affected::default()
        }],
        references: entry
            .link
            .map(|url| Reference {
                kind: "advisory".to_owned(),
                url,
            })
            .into_iter()
            .collect(),
        title: entry.title,
        ..Advisory::default()
    })
}

/// Comparators that must all hold, as one interval. `>` begins with its bound: one version too many rather than
/// one too few.
fn interval(comparators: &[String]) -> Result<Interval<String>, String> {
    let mut interval = Interval {
        introduced: None,
        end: End::Open,
    };
    for text in comparators
        .iter()
        .flat_map(|text| text.split(','))
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        let at = text
            .find(|letter: char| !"<>=!".contains(letter))
            .unwrap_or(text.len());
        let (operator, version) = text.split_at(at);
        let version = version.trim().to_owned();
        match operator {
            _ if version.is_empty() => {
                return Err(format!("`{text}` names no version; `<1.2.3` would"));
            }
            ">=" | ">" => interval.introduced = Some(version),
            "<" => interval.end = End::Fixed(version),
            "<=" => interval.end = End::LastAffected(version),
            "=" | "==" => {
                interval.end = End::LastAffected(version.clone());
                interval.introduced = Some(version);
            }
            _ => return Err(format!("`{text}` is no comparator; `<1.2.3` would be")),
        }
    }
    Ok(interval)
}

/// A title as part of an id.
fn slug(title: &str) -> String {
    let words = title
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words
        .map(str::to_ascii_lowercase)
        .take(8)
        .collect::<Vec<_>>()
        .join("-")
}
