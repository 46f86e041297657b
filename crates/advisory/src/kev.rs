//! CISA's Known Exploited Vulnerabilities catalog: what is exploited, since when, and due by when?
//!
//! The JSON feed and the CSV export of cisa.gov, schema of 2025. Catalogs of several dates may be read together:
//! every entry says which catalog it stood in, so that whoever keeps them can tell the first date an entry was
//! given, and that it is gone. The export names no catalog.

use serde::Deserialize;

use crate::{Kev, Problem, Record, json, time};

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "cveID")]
    cve: String,
    #[serde(rename = "vendorProject", default)]
    vendor: String,
    #[serde(default)]
    product: String,
    #[serde(rename = "vulnerabilityName", default)]
    name: String,
    #[serde(rename = "dateAdded")]
    date_added: String,
    #[serde(rename = "dueDate", default)]
    due_date: Option<String>,
    #[serde(rename = "knownRansomwareCampaignUse", default)]
    ransomware: Option<String>,
    #[serde(rename = "forensicTriage", default)]
    forensic_triage: Option<Flag>,
    #[serde(rename = "requiredAction", default)]
    required_action: Option<String>,
    #[serde(default)]
    notes: Option<String>,
}

/// A flag, as a boolean or a word.
#[derive(Deserialize)]
#[serde(untagged)]
enum Flag {
    Set(bool),
    Word(String),
}

/// Reads one catalog.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match bytes.trim_ascii_start().first() {
        Some(b'{') => read_json(bytes, record, problem),
        _ => read_csv(bytes, record, problem),
    }
}

fn read_json(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    let text = |key| {
        json::member(bytes, key).and_then(|value| serde_json::from_slice::<String>(value).ok())
    };
    let catalog = text("catalogVersion")
        .or_else(|| text("dateReleased"))
        .unwrap_or_default();
    let Some(entries) = json::member(bytes, "vulnerabilities") else {
        return problem(Problem {
            place: String::new(),
            message: "catalog has no `vulnerabilities`; a list of entries would be right"
                .to_owned(),
        });
    };
    let mut count = 0_u64;
    for (at, entry) in json::elements(entries).enumerate() {
        count += 1;
        let entry = serde_json::from_slice::<Entry>(entry).map_err(|reason| reason.to_string());
        give(
            entry,
            &catalog,
            &format!("/vulnerabilities/{at}"),
            record,
            problem,
        );
    }
    let announced =
        json::member(bytes, "count").and_then(|value| serde_json::from_slice::<u64>(value).ok());
    if let Some(announced) = announced
        && announced != count
    {
        problem(Problem {
            place: "/count".to_owned(),
            message: format!(
                "catalog announces {announced} entries and holds {count}; it may be cut off"
            ),
        });
    }
}

fn read_csv(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    for (at, entry) in rows.deserialize::<Entry>().enumerate() {
        let entry = entry.map_err(|reason| reason.to_string());
        give(entry, "", &format!("row {}", at + 1), record, problem);
    }
}

fn give(
    entry: Result<Entry, String>,
    catalog: &str,
    place: &str,
    record: &mut dyn FnMut(Record),
    problem: &mut dyn FnMut(Problem),
) {
    match entry.and_then(|entry| convert(entry, catalog)) {
        Ok(entry) => record(Record::Kev(entry)),
        Err(reason) => {
            problem(Problem {
                place: place.to_owned(),
                message: format!("not a catalog entry: {reason}"),
            });
        }
    }
}

fn convert(entry: Entry, catalog: &str) -> Result<Kev, String> {
    let cve = entry.cve.trim();
    if !cve.starts_with("CVE-") {
        return Err(format!("`{cve}` is no CVE id; `CVE-2024-3094` would be"));
    }
    let day = |text: &str| {
        time::date(text).ok_or_else(|| format!("`{text}` is no day; `2024-01-31` would be"))
    };
    Ok(Kev {
        cve: cve.to_owned(),
        vendor: entry.vendor,
        product: entry.product,
        name: entry.name.trim().to_owned(),
        date_added: day(&entry.date_added)?,
        due_date: entry
            .due_date
            .filter(|text| !text.is_empty())
            .as_deref()
            .map(day)
            .transpose()?,
        ransomware: entry
            .ransomware
            .is_some_and(|word| word.eq_ignore_ascii_case("known")),
        forensic_triage: entry.forensic_triage.and_then(flag),
        required_action: entry.required_action.unwrap_or_default(),
        notes: entry.notes.unwrap_or_default(),
        catalog: catalog.to_owned(),
    })
}

fn flag(flag: Flag) -> Option<bool> {
    match flag {
        Flag::Set(is) => Some(is),
        Flag::Word(word) => match word.to_ascii_lowercase().as_str() {
            "yes" | "true" | "required" => Some(true),
            "no" | "false" => Some(false),
            _ => None,
        },
    }
}
