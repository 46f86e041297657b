//! Feed: every document of a folder with what changed when, as ROLIE (RFC 8322; CSAF 2.0, sections 7.1.15 and 7.1.17).

use std::collections::BTreeSet;

use clearinghouse::publish::Listed;
use serde_json::{Value, json};

use super::metadata::{information_type, pretty, updated};
use super::shelf::Label;
use crate::settings::Settings;

/// Words that a document's entry is found by, of those that lists know.
const CATEGORIES: &[&str] = &["ecosystem:", "vendor:", "product:", "package:"];

/// The feed of a folder, the last changed first.
pub fn feed(settings: &Settings, label: Label, listed: &[&Listed]) -> String {
    let base = settings.url.as_str().trim_end_matches('/');
    let entries: Vec<Value> = listed.iter().map(|one| entry(base, label, one)).collect();
    let own = format!("{base}{}{}", label.folder(), label.feed());
    pretty(&json!({"feed": {
        "id": format!("csaf-feed-tlp-{}", label.word()),
        "title": format!("Advisories of {} under TLP:{}", settings.name(), label.name()),
        "link": [
            {"rel": "self", "href": own},
            {"rel": "service", "href": format!("{base}{}", label.edition.service())},
        ],
        "category": [information_type()],
        "updated": updated(listed.first().map(|one| one.modified)).to_string(),
        "entry": entries,
    }}))
}

fn entry(base: &str, label: Label, one: &Listed) -> Value {
    let place = format!("{base}{}", label.path(one));
    let mut links = vec![
        json!({"rel": "self", "href": place}),
        json!({"rel": "hash", "href": format!("{place}.sha256")}),
        json!({"rel": "hash", "href": format!("{place}.sha512")}),
    ];
    if one.is_signed {
        links.push(json!({"rel": "signature", "href": format!("{place}.asc")}));
    }
    let mut entry = json!({
        "id": one.advisory.to_string(),
        "title": one.title,
        "link": links,
        "published": one.published.to_string(),
        "updated": one.modified.to_string(),
        "summary": {"content": format!("Version {}", one.version)},
        "content": {"type": "application/json", "src": place},
        "format": {
            "schema": label.edition.schema,
            "version": label.edition.version,
        },
    });
    let terms: Vec<Value> = terms(one).map(|term| json!({"term": term})).collect();
    if !terms.is_empty() {
        entry["category"] = Value::Array(terms);
    }
    entry
}

/// The categories that entries of a folder have.
pub fn categories(listed: &[&Listed]) -> String {
    let all: BTreeSet<&str> = listed.iter().flat_map(|one| terms(one)).collect();
    let all: Vec<Value> = all.iter().map(|term| json!({"term": term})).collect();
    pretty(&json!({"categories": {"category": all}}))
}

fn terms(one: &Listed) -> impl Iterator<Item = &str> {
    let known = |word: &&str| CATEGORIES.iter().any(|kind| word.starts_with(kind));
    let words = one.words.iter().map(|word| &**word);
    words.filter(known).filter_map(|word| {
        let (_, term) = word.split_once(':')?;
        Some(term)
    })
}
