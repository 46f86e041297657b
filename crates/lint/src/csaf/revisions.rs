//! Revisions: does the history of a CSD03 document leave a version out? (6.1.21 of CSD03)
//!
//! Ours, because the library holds 2.1 against the draft after it, which asks for every minor and patch version
//! too; CSD03, as 2.0, asks for every major version.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::view::{Say, View, instant, string};

/// The most versions that are listed one by one.
const MISSING_MAX: usize = 100;

const POINTER: &str = "/document/tracking/revision_history";

/// 6.1.21 Missing Item in Revision History: sorted by date, no version is left out and the first is 0 or 1.
pub fn test_6_1_21(view: &View<'_>, say: &mut Say<'_>) {
    let revisions = view.each("/document/tracking/revision_history/*");
    let mut sorted: Vec<(Timestamp, [u64; 3])> = Vec::new();
    for (_, revision) in &revisions {
        let date = string(revision, "date").and_then(instant);
        match (date, string(revision, "number").and_then(number)) {
            (Some(date), Some(number)) => sorted.push((date, number)),
            _ => return say.untested("a revision has no valid date and number"),
        }
    }
    sorted.sort_unstable();
    let Some((_, [first, ..])) = sorted.first() else {
        return;
    };
    if *first > 1 {
        say.at(
            POINTER,
            format!("history begins with version {first} when sorted by date; it must be 0 or 1"),
        );
    }
    let all: BTreeSet<u64> = sorted.iter().map(|(_, [major, ..])| *major).collect();
    let mut before: BTreeSet<u64> = BTreeSet::from([0]);
    let (mut last, mut told) = (0, 0);
    for (_, [major, ..]) in sorted {
        for missing in (last + 1..major)
            .filter(|version| !before.contains(version))
            .take(MISSING_MAX + 1 - told)
        {
            told += 1;
            if told > MISSING_MAX {
                return say.at(
                    POINTER,
                    format!("more than {MISSING_MAX} versions are missing"),
                );
            }
            let how = if all.contains(&missing) {
                "where its date puts it"
            } else {
                "at all"
            };
            say.at(
                POINTER,
                format!("version {missing} is not in the history {how}"),
            );
        }
        before.insert(major);
        last = major;
    }
}

/// The core of an integer or semantic version.
fn number(text: &str) -> Option<[u64; 3]> {
    let core = text.split(['-', '+']).next()?;
    let mut parts = core.split('.').map(|part| part.parse().ok());
    let major = parts.next()??;
    Some([
        major,
        parts.next().flatten().unwrap_or(0),
        parts.next().flatten().unwrap_or(0),
    ])
}
