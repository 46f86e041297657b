//! The CVE list without git: a release's archives once, then what its log of changes names.
//!
//! A release (GitHub's `releases/latest`) carries all records as of midnight (`…_all_CVEs_at_midnight.zip.zip`, an
//! archive in an archive) and those changed since (`…_delta_CVEs_at_0300Z.zip`). `deltaLog.json` names what changed
//! within 30 days, with a link to each record. Whoever comes more often than that needs no archive again.

use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use super::Run;
use super::bundle::{Change, Form, Record, take_all, take_changes};
use super::source::Source;
use crate::fetch;

/// Where the log of changes of the CVE list is.
const DELTA_LOG: &str =
    "https://raw.githubusercontent.com/CVEProject/cvelistV5/main/cves/deltaLog.json";

/// Longest description of a release: its notes name every changed record, some hundred KiB.
const RELEASE_BYTES_MAX: u64 = 8 << 20;

/// Longest log: 30 days of 1,000 changes at 350 bytes each, and once all 320,000 records changed.
const LOG_BYTES_MAX: u64 = 256 << 20;

/// From how many changes on an archive of some hundred MiB is asked for instead.
const CHANGES_MAX: usize = 10_000;

const FORM: Form = Form { is_id, path, read };

pub(super) fn follow(run: &mut Run<'_>, source: &Source) -> Result<(), String> {
    let base =
        Url::parse(&source.place).map_err(|_| format!("`{}` is no address", source.place))?;
    let log = match base.host_str() {
        Some("api.github.com") => DELTA_LOG.to_owned(),
        _ => base
            .join("deltaLog.json")
            .map_err(|reason| reason.to_string())?
            .into(),
    };
    let before = run
        .state
        .reached
        .filter(|_| !run.state.documents.is_empty());
    let changed = match before {
        None => None,
        Some(before) => changes(run, &log, before)?,
    };
    match changed.filter(|changes| changes.len() <= CHANGES_MAX) {
        Some(changes) => take_changes(run, changes, FORM)?,
        None => archives(run, source)?,
    }
    run.state.listed = run.state.documents.len() as u64;
    // Only from here on: what is not complete is asked for from the same day on again.
    if run.state.problems.is_empty() {
        run.state.reached = Some(run.asked.now);
    }
    Ok(())
}

fn archives(run: &mut Run<'_>, source: &Source) -> Result<(), String> {
    let seen = run.web.get(&source.place, None, RELEASE_BYTES_MAX)?;
    let bytes = seen.map(|seen| seen.bytes).unwrap_or_default();
    let release: Release =
        serde_json::from_slice(&bytes).map_err(|reason| format!("is no release: {reason}"))?;
    run.state.title = release.tag_name.chars().take(80).collect();
    let named = |part: &str| {
        release
            .assets
            .iter()
            .find(|asset| asset.name.contains(part) && asset.name.contains(".zip"))
    };
    let Some(all) = named("_all_CVEs") else {
        return Err("its release has no archive whose name has `_all_CVEs` in it".to_owned());
    };
    for asset in [Some(all), named("_delta_CVEs")].into_iter().flatten() {
        let url = &asset.browser_download_url;
        let fetched =
            fetch::fetch_by(run.web, url, &run.cache()).map_err(|reason| reason.to_string())?;
        take_all(run, &fetched.path, FORM)?;
    }
    Ok(())
}

/// What changed since `before`; `None` where the log does not reach back to it.
fn changes(run: &mut Run<'_>, log: &str, before: Timestamp) -> Result<Option<Vec<Change>>, String> {
    let fetched =
        fetch::fetch_by(run.web, log, &run.cache()).map_err(|reason| reason.to_string())?;
    if let Some(reason) = fetched.stale {
        return Err(reason);
    }
    if std::fs::metadata(&fetched.path).map_or(u64::MAX, |found| found.len()) > LOG_BYTES_MAX {
        return Ok(None);
    }
    let bytes = std::fs::read(&fetched.path).map_err(|reason| reason.to_string())?;
    let steps: Vec<Step> = serde_json::from_slice(&bytes)
        .map_err(|reason| format!("`{log}` is no log of changes: {reason}"))?;
    let oldest = steps
        .iter()
        .filter_map(|step| step.fetch_time.parse::<Timestamp>().ok())
        .min();
    if oldest.is_none_or(|oldest| oldest > before) {
        return Ok(None);
    }
    // A record that changed twice is named twice; its link leads to the last.
    let mut changes = std::collections::BTreeMap::new();
    for named in steps
        .into_iter()
        .flat_map(|step| step.new.into_iter().chain(step.updated))
    {
        let Ok(modified) = named.date_updated.parse::<Timestamp>() else {
            continue;
        };
        if !is_id(&named.cve_id) {
            run.refuse("deltaLog.json", "names what is no CVE");
            continue;
        }
        let change = Change {
            id: named.cve_id.clone(),
            url: named.github_link,
            modified,
        };
        let is_newer = changes
            .get(&named.cve_id)
            .is_none_or(|known: &Change| known.modified < modified);
        if is_newer {
            changes.insert(named.cve_id, change);
        }
    }
    Ok(Some(
        changes
            .into_values()
            .filter(|change| change.is_wanted(run))
            .collect(),
    ))
}

#[derive(Deserialize)]
struct Release {
    #[serde(default)]
    tag_name: String,
    assets: Vec<Asset>,
}

#[derive(Deserialize)]
struct Asset {
    name: String,
    browser_download_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    #[serde(default)]
    fetch_time: String,
    #[serde(default)]
    new: Vec<Named>,
    #[serde(default)]
    updated: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    cve_id: String,
    github_link: String,
    #[serde(default)]
    date_updated: String,
}

fn is_id(text: &str) -> bool {
    let Some((year, number)) = text
        .strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'))
    else {
        return false;
    };
    let digits = |text: &str, from: usize, to: usize| {
        (from..=to).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    digits(year, 4, 4) && digits(number, 4, 19)
}

/// As in the list itself: `cves/2024/1xxx/CVE-2024-1234.json`.
fn path(id: &str) -> String {
    let (year, number) = id
        .strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'))
        .unwrap_or_default();
    let thousands = number
        .get(..number.len().saturating_sub(3))
        .unwrap_or_default();
    format!("cves/{year}/{thousands}xxx/{id}.json")
}

fn read(bytes: &[u8]) -> Result<Record, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Raw {
        cve_metadata: RawMetadata,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct RawMetadata {
        cve_id: String,
        date_updated: Option<String>,
    }
    let raw: Raw =
        serde_json::from_slice(bytes).map_err(|reason| format!("is no CVE record: {reason}"))?;
    Ok(Record {
        id: raw.cve_metadata.cve_id,
        modified: raw
            .cve_metadata
            .date_updated
            .and_then(|text| text.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::{is_id, path};

    #[test]
    fn records_are_kept_as_in_the_list() {
        assert_eq!(path("CVE-2024-1234"), "cves/2024/1xxx/CVE-2024-1234.json");
        assert_eq!(
            path("CVE-2024-123456"),
            "cves/2024/123xxx/CVE-2024-123456.json"
        );
        assert!(is_id("CVE-1999-0001"));
        for text in [
            "CVE-1999-1",
            "CVE-19999-0001",
            "CVE-2024-../..",
            "cve-2024-1234",
            "CVE-2024-123a",
        ] {
            assert!(!is_id(text), "{text}");
        }
    }
}
