//! Dates: are two revisions of one instant, and was a vulnerability disclosed after the last of them? (6.2.21, 6.2.33)
//!
//! Ours, because the library lists with each revision all others of the same instant, and because it reads the
//! clock where the time of validation is to be given.

use std::collections::HashMap;

use jiff::Timestamp;

use super::view::{Say, View, instant, string};

/// 6.2.21 Same Timestamps in Revision History: no two revisions have the same date.
pub fn test_6_2_21(view: &View<'_>, say: &mut Say<'_>) {
    let dates = view.each("/document/tracking/revision_history/*/date");
    let known: Vec<(&String, Timestamp)> = dates
        .iter()
        .filter_map(|(pointer, date)| Some((pointer, instant(date.as_str()?)?)))
        .collect();
    let mut times: HashMap<Timestamp, usize> = HashMap::new();
    for (_, date) in &known {
        *times.entry(*date).or_default() += 1;
    }
    for (pointer, date) in known {
        if times[&date] > 1 {
            say.at(
                pointer.clone(),
                format!(
                    "{} revisions have the date `{date}`; each has its own",
                    times[&date]
                ),
            );
        }
    }
}

/// 6.2.33 Disclosure Date Newer than Revision History: what was disclosed in the past has a revision not older.
pub fn test_6_2_33(view: &View<'_>, say: &mut Say<'_>) {
    let Some(newest) = view.newest_revision() else {
        return;
    };
    for (pointer, vulnerability) in view.vulnerabilities() {
        let Some(disclosed) = string(vulnerability, "disclosure_date").and_then(instant) else {
            continue;
        };
        if disclosed < view.settings.now && disclosed > newest {
            say.at(
                format!("{pointer}/disclosure_date"),
                format!("disclosure at `{disclosed}` has passed and is newer than the last revision at `{newest}`"),
            );
        }
    }
}
