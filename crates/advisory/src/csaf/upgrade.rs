//! How does a CSAF 2.0 document read in 2.1? CSAF 2.1 (CSD03 and after), conformance clause 18, "CSAF 2.0 to CSAF 2.1
//! Converter".
//!
//! Member by member and in place, so that what both editions hold stays as it is. What the clause calls a warning is a
//! change, said with its path; what has no place in 2.1 is a loss. Not done, for the clause lets it be or leaves it to
//! options: finding licenses and products in the words of notes, new products for the ends of ranges, ids of RVISC.

mod flaw;
mod prune;
mod tree;

use serde_json::{Value, json};

use crate::Settings;
use crate::value::{list, text};

/// What is told of a conversion.
#[derive(Default)]
pub(super) struct Told {
    losses: Vec<String>,
    changes: Vec<String>,
}

/// Of each kind at most so many are told by name; the longest real document has some 2,000 of one kind.
const TOLD_MAX: usize = 5_000;

impl Told {
    pub fn lost(&mut self, text: String) {
        if self.losses.len() < TOLD_MAX {
            self.losses.push(text);
        }
    }

    pub fn changed(&mut self, text: String) {
        if self.changes.len() < TOLD_MAX {
            self.changes.push(text);
        }
    }
}

/// Makes a document of 2.0 one of 2.1: what was lost, and what was changed.
pub(crate) fn upgrade(root: &mut Value, settings: &Settings<'_>) -> (Vec<String>, Vec<String>) {
    let mut told = Told::default();
    prune::prune(root, &mut told);
    seconds(root, &mut String::new(), &mut told);
    let before = root.pointer("/document/tracking/current_release_date");
    let before = crate::time::timestamp(before.and_then(Value::as_str));
    let current = before.ok().flatten();
    tree::upgrade(root, &mut told);
    head(root, &mut told);
    let flaws = root
        .get_mut("vulnerabilities")
        .and_then(Value::as_array_mut);
    for (number, one) in flaws.into_iter().flatten().enumerate() {
        flaw::upgrade(one, number, current, settings, &mut told);
    }
    if let Some(root) = root.as_object_mut() {
        let schema = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json";
        root.insert("$schema".to_owned(), json!(schema));
    }
    // Section 6.2.13: members were put in where they came to hand.
    root.sort_all_objects();
    category(root, &mut told);
    (told.losses, told.changes)
}

/// Leap seconds are gone: `60` becomes `59.999999`.
fn seconds(value: &mut Value, path: &mut String, told: &mut Told) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let length = path.len();
                path.push('/');
                path.push_str(key);
                seconds(value, path, told);
                path.truncate(length);
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter_mut().enumerate() {
                let length = path.len();
                path.push_str(&format!("/{at}"));
                seconds(value, path, told);
                path.truncate(length);
            }
        }
        Value::String(text) if is_leap(text) => {
            let zone = text.get(19..).unwrap_or_default();
            let zone = zone.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
            let mended = format!("{}59.999999{zone}", text.get(..17).unwrap_or_default());
            told.changed(format!(
                "`{path}`: leap seconds are gone; `{text}` is now `{mended}`"
            ));
            *text = mended;
        }
        _ => {}
    }
}

/// `2016-12-31T23:59:60Z`.
fn is_leap(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 20
        && bytes.get(4) == Some(&b'-')
        && bytes
            .get(10)
            .is_some_and(|byte| matches!(byte, b'T' | b't' | b' '))
        && bytes.get(13) == Some(&b':')
        && bytes.get(16..19) == Some(b":60")
}

/// `$.document`.
fn head(root: &mut Value, told: &mut Told) {
    let Some(head) = root.get_mut("document").and_then(Value::as_object_mut) else {
        return;
    };
    head.insert("csaf_version".to_owned(), json!("2.1"));
    let distribution = head.entry("distribution").or_insert_with(|| json!({}));
    label(distribution, told);
    if let Some(publisher) = head.get("publisher")
        && text(publisher, "category") == "other"
    {
        told.changed(
            "`/document/publisher/category`: some parties of `other` are `multiplier` now"
                .to_owned(),
        );
    }
    let id = head
        .get("tracking")
        .map(|tracking| text(tracking, "id").to_owned())
        .unwrap_or_default();
    if let Some(Value::String(title)) = head.get_mut("title")
        && !id.is_empty()
        && title.contains(&id)
    {
        let odd = |c: char| c.is_whitespace() || ":-–—()[]{}|/,.".contains(c);
        let parts: Vec<&str> = title
            .split(&id)
            .map(|part| part.trim_matches(odd))
            .collect();
        let kept: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let mended = kept.join(" ");
        if !mended.is_empty() {
            told.changed(format!(
                "`/document/title`: `{id}` is no part of it any more"
            ));
            *title = mended;
        }
    }
}

/// `$.document.distribution.tlp`: TLP 2.0.
fn label(distribution: &mut Value, told: &mut Told) {
    let Some(distribution) = distribution.as_object_mut() else {
        return;
    };
    let tlp = distribution.entry("tlp").or_insert_with(|| json!({}));
    let label = text(tlp, "label").to_owned();
    let mended = match label.as_str() {
        "WHITE" => "CLEAR",
        "GREEN" | "AMBER" | "RED" => return,
        _ => {
            told.changed(
                "`/document/distribution/tlp/label`: none was given; it is `CLEAR`".to_owned(),
            );
            "CLEAR"
        }
    };
    if let Some(tlp) = tlp.as_object_mut() {
        tlp.insert("label".to_owned(), json!(mended));
    }
}

/// `$.document.category`: the profile that the document now fulfills.
fn category(root: &mut Value, told: &mut Told) {
    let head = root.get("document").unwrap_or(&Value::Null);
    let category = text(head, "category").to_owned();
    let language = text(head, "lang").to_lowercase();
    let is_english = language.is_empty() || language.starts_with("en");
    let lower = category.to_lowercase();
    let back = [
        ("Withdrawn", "csaf_withdrawn"),
        ("Superseded", "csaf_superseded"),
    ];
    let back = back.into_iter().find(|(word, _)| {
        is_english && (text(head, "title").starts_with(word) || lower == word.to_lowercase())
    });
    let mut is_mended = None;
    if let Some((word, profile)) = back {
        if fits(root, word) {
            is_mended = Some(profile);
        } else {
            told.changed(format!(
                "`/document`: it may be `{profile}`, and does not hold what that profile asks for"
            ));
        }
    }
    if category == "csaf_security_advisory" && is_mended.is_none() && !is_advisory(root) {
        is_mended = Some("csaf_deprecated_security_advisory");
    }
    if let (Some(mended), Some(Value::String(category))) =
        (is_mended, root.pointer_mut("/document/category"))
    {
        told.changed(format!(
            "`/document/category`: `{category}` is now `{mended}`"
        ));
        *category = mended.to_owned();
    }
}

/// Sections 4.7 and 4.8: no product, no flaw, a reason, and two revisions.
fn fits(root: &Value, word: &str) -> bool {
    let head = root.get("document").unwrap_or(&Value::Null);
    let title = match word {
        "Withdrawn" => "Reasoning for Withdrawal",
        _ => "Reasoning for Supersession",
    };
    let reasons = list(head, "notes");
    let described = reasons
        .iter()
        .filter(|note| text(note, "category") == "description");
    let titles: Vec<&str> = described.map(|note| text(note, "title")).collect();
    let tracking = head.get("tracking").unwrap_or(&Value::Null);
    let next = |link: &Value| text(link, "summary").starts_with("Superseding Document");
    root.get("product_tree").is_none()
        && root.get("vulnerabilities").is_none()
        && titles == [title]
        && list(tracking, "revision_history").len() >= 2
        && (word == "Withdrawn" || list(head, "references").iter().any(next))
}

/// Section 4.4, as far as it can be told without knowing which products are versions of one.
fn is_advisory(root: &Value) -> bool {
    let named = tree::names(root.get("product_tree").unwrap_or(&Value::Null));
    let flaws = list(root, "vulnerabilities");
    !flaws.is_empty()
        && flaws.iter().all(|flaw| {
            let status = flaw.get("product_status").unwrap_or(&Value::Null);
            let name = |key: &str| -> rustc_hash::FxHashSet<&str> {
                crate::value::texts(status, key)
                    .filter_map(|id| named.get(id).map(String::as_str))
                    .collect()
            };
            let affected = name("known_affected");
            let is_named = flaw.get("cve").is_some() || !list(flaw, "ids").is_empty();
            let is_told = !list(flaw, "notes").is_empty();
            is_named
                && is_told
                && !list(status, "known_affected").is_empty()
                && name("fixed").iter().all(|fixed| affected.contains(fixed))
        })
}
