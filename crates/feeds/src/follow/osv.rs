//! A folder of an OSV bucket: everything once, then what `modified_id.csv` says has changed.
//!
//! `all.zip` holds every record, `modified_id.csv` says when each changed last (`TIME,ID` in the folder of an
//! ecosystem, `TIME,ECOSYSTEM/ID` at the root), and each record is a file of its own.

use std::collections::BTreeSet;
use std::io::Read;

use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use super::Run;
use super::bundle::{Change, Form, Record, take_all, take_changes};
use super::source::Source;
use crate::csaf::directory::short;
use crate::fetch;

/// Longest list: a million records at 60 bytes each, with headroom.
const LIST_BYTES_MAX: u64 = 128 << 20;

/// From how many changes on all of it is fetched anew: one question of some MiB instead of a thousand, or of more
/// than a twentieth of what is listed.
const CHANGES_MIN: usize = 1_000;

const FORM: Form = Form {
    is_id,
    path: |id| format!("{id}.json"),
    read,
};

pub(super) fn follow(run: &mut Run<'_>, source: &Source) -> Result<(), String> {
    let base =
        Url::parse(&source.place).map_err(|_| format!("`{}` is no address", source.place))?;
    let list = base
        .join("modified_id.csv")
        .map_err(|reason| reason.to_string())?;
    let fetched = fetch::fetch_by(run.web, list.as_str(), &run.cache())
        .map_err(|reason| reason.to_string())?;
    if let Some(reason) = fetched.stale {
        return Err(reason);
    }
    run.state.reached = Some(run.asked.now);
    let mut text = Vec::new();
    let opened = std::fs::File::open(&fetched.path).map_err(|reason| reason.to_string())?;
    opened
        .take(LIST_BYTES_MAX)
        .read_to_end(&mut text)
        .map_err(|reason| reason.to_string())?;
    let changes = changes(run, &base, &text);
    if changes.is_empty() {
        return Err(format!(
            "`{list}` lists nothing; its lines are a time, a comma and an id"
        ));
    }
    run.state.listed = changes.len() as u64;
    let listed: BTreeSet<String> = changes.iter().map(|change| change.id.clone()).collect();
    let now = run.asked.now;
    run.state.mark_unlisted(|id| listed.contains(id), now);
    let wanted = |run: &Run<'_>| {
        changes
            .iter()
            .filter(|change| change.is_wanted(run))
            .cloned()
            .collect::<Vec<_>>()
    };
    let many = CHANGES_MIN.max(changes.len() / 20);
    if run.state.documents.is_empty() || wanted(run).len() > many {
        let all = base.join("all.zip").map_err(|reason| reason.to_string())?;
        // Without it, thousands of records would be asked for one by one.
        let fetched = fetch::fetch_by(run.web, all.as_str(), &run.cache())
            .map_err(|reason| reason.to_string())?;
        if let Some(reason) = fetched.stale {
            return Err(reason);
        }
        take_all(run, &fetched.path, FORM)?;
    }
    let wanted = wanted(run);
    take_changes(run, wanted, FORM)
}

/// Lines of the list that can be followed; what is wrong is told.
fn changes(run: &mut Run<'_>, base: &Url, text: &[u8]) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut beyond = 0_u64;
    for line in text.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let read = change(base, line);
        match read {
            Some(_) if changes.len() >= run.settings().documents_max => beyond += 1,
            Some(change) => changes.push(change),
            None => run.refuse(
                "modified_id.csv",
                format!(
                    "`{}` is no line such as `2024-10-10T17:22:00Z,PYSEC-2024-104`",
                    short(line)
                ),
            ),
        }
    }
    if beyond > 0 {
        run.state.tell(
            "modified_id.csv",
            format!("lists {beyond} records beyond those that are followed"),
        );
    }
    changes
}

fn change(base: &Url, line: &str) -> Option<Change> {
    let (time, place) = line.split_once(',')?;
    let modified: Timestamp = time.trim().parse().ok()?;
    let place = place.trim();
    let id = place.rsplit('/').next().filter(|id| is_id(id))?;
    let ecosystem = place.strip_suffix(id)?.trim_end_matches('/');
    let is_plain = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, ' ' | '.' | '-' | ':' | '_')
    };
    if !ecosystem.chars().all(is_plain) || ecosystem.starts_with('.') {
        return None;
    }
    let mut url = base.clone();
    url.path_segments_mut()
        .ok()?
        .pop_if_empty()
        .extend([ecosystem].iter().filter(|part| !part.is_empty()))
        .push(&format!("{id}.json"));
    Some(Change {
        id: id.to_owned(),
        url: url.into(),
        modified,
    })
}

/// `GHSA-…`, `RHSA-2024:1234`, `openSUSE-SU-2024:1-1`: nothing a path could be made of.
fn is_id(text: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'_' | b'+');
    (3..=200).contains(&text.len()) && !text.starts_with(['.', '-']) && text.bytes().all(is_plain)
}

fn read(bytes: &[u8]) -> Result<Record, String> {
    #[derive(Deserialize)]
    struct Raw {
        id: String,
        #[serde(default)]
        modified: Option<String>,
    }
    let raw: Raw =
        serde_json::from_slice(bytes).map_err(|reason| format!("is no OSV record: {reason}"))?;
    Ok(Record {
        id: raw.id,
        modified: raw.modified.and_then(|text| text.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::change;

    #[test]
    fn lines_name_records_below_the_folder_and_nothing_else() {
        let base = Url::parse("https://a.example/PyPI/").expect("an address");
        let url = |line: &str| change(&base, line).map(|change| change.url);
        let time = "2024-10-10T17:22:00.587279Z";
        assert_eq!(
            url(&format!("{time},RHSA-2024:1")).as_deref(),
            Some("https://a.example/PyPI/RHSA-2024:1.json")
        );
        assert_eq!(
            url(&format!("{time},Red Hat/RHSA-1")).as_deref(),
            Some("https://a.example/PyPI/Red%20Hat/RHSA-1.json")
        );
        for place in [
            "../x",
            "..",
            "a/../b",
            "x/",
            "https://b.example/x",
            "a%2e",
            "a b",
            "",
        ] {
            assert_eq!(url(&format!("{time},{place}")), None, "{place}");
        }
        assert_eq!(url("yesterday,GHSA-1"), None);
    }
}
