//! Kev: what this house published as exploited, in the shape of CISA's catalog, for whoever already reads that one.

use clearinghouse::publish::Exploited;
use finding::verdict::{Status, Word};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use names::Purl;
use serde_json::{Value, json};

use super::metadata::pretty;

/// Days from an entry to its due date: what CISA gave to most entries of its catalog (three weeks: 996 of 1,501 on
/// 2026-01-29).
const DUE_DAYS: i64 = 21;

/// The columns of CISA's file, in its order.
const COLUMNS: &[&str] = &[
    "cveID",
    "vendorProject",
    "product",
    "vulnerabilityName",
    "dateAdded",
    "shortDescription",
    "requiredAction",
    "dueDate",
    "knownRansomwareCampaignUse",
    "notes",
    "cwes",
];

/// The catalogue as JSON. Flaws without a CVE id are not in it: its form has none.
pub fn json(house: &str, all: &[Exploited]) -> String {
    let entries: Vec<Value> = all.iter().filter_map(entry).collect();
    let released = newest(all);
    pretty(&json!({
        "title": format!("Flaws that {house} published as exploited"),
        "catalogVersion": released.to_zoned(TimeZone::UTC).strftime("%Y.%m.%d").to_string(),
        "dateReleased": released.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string(),
        "count": entries.len(),
        "vulnerabilities": entries,
    }))
}

/// The same as lines (RFC 4180).
pub fn csv(all: &[Exploited]) -> String {
    let mut text = COLUMNS.join(",") + "\n";
    for entry in all.iter().filter_map(entry) {
        let cell = |name: &&str| match &entry[*name] {
            Value::Array(all) => {
                let all: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
                quoted(&all.join(", "))
            }
            other => quoted(other.as_str().unwrap_or("")),
        };
        let cells: Vec<String> = COLUMNS.iter().map(cell).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// When it changed last.
pub fn newest(all: &[Exploited]) -> Timestamp {
    let changed = all.iter().map(|one| one.said.max(one.document.modified));
    changed.max().unwrap_or_default()
}

fn entry(one: &Exploited) -> Option<Value> {
    let document = &one.document;
    let cve = document.aliases.iter().find(|id| names::id::is_cve(id))?;
    let added = one.said.to_zoned(TimeZone::UTC).date();
    let due = added.checked_add(DUE_DAYS.days()).unwrap_or(added);
    let (vendor, product) = named(document.products.iter().find(tells)?);
    let action = [&document.fix, &document.workaround]
        .into_iter()
        .find(|text| !text.is_empty());
    let action = action.map_or(
        "Do what the advisory says, or stop using the product where nothing helps.",
        |text| text,
    );
    Some(json!({
        "cveID": cve,
        "vendorProject": vendor,
        "product": product,
        "vulnerabilityName": document.title,
        "dateAdded": added.to_string(),
        "shortDescription": document.summary,
        "requiredAction": action,
        "dueDate": due.to_string(),
        "knownRansomwareCampaignUse": "Unknown",
        "notes": document.address,
        "cwes": document.weaknesses,
    }))
}

fn tells(word: &&Word) -> bool {
    matches!(
        word.status,
        Status::Affected | Status::Fixed | Status::Disputed
    )
}

/// Vendor and product: of `Left Works: Pump` both, of a package its namespace or kind, and its name.
fn named(word: &Word) -> (String, String) {
    if let Ok(purl) = word.product.parse::<Purl>() {
        let vendor = match &*purl.namespace {
            "" => purl.kind.to_string(),
            namespace => namespace.to_owned(),
        };
        return (vendor, purl.name.to_string());
    }
    match word.product.split_once(": ") {
        Some((vendor, product)) => (vendor.to_owned(), product.to_owned()),
        None => (word.product.to_string(), word.product.to_string()),
    }
}

fn quoted(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}
