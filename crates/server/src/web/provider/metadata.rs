//! Metadata: who provides what, and where (CSAF 2.0, section 7.1.7; RFC 8322, section 5).

use clearinghouse::publish::{Key, Shelf};
use jiff::Timestamp;
use names::Tlp;
use serde_json::{Value, json};

use super::shelf::Label;
use crate::settings::Settings;

/// The metadata with the folders of `labels`, and when it changed last.
pub fn metadata(
    settings: &Settings,
    shelf: &Shelf,
    keys: &[Key],
    labels: impl Iterator<Item = Label>,
) -> (String, Option<Timestamp>) {
    let url = settings.url.as_str();
    let base = url.trim_end_matches('/');
    let labels: Vec<Label> = labels.collect();
    let shown = shelf.listed.iter().filter(|one| one.tlp == Tlp::Clear);
    let newest = shown.map(|one| one.modified).max();
    let modified = newest.max(keys.iter().map(|key| key.made).max());
    let mut distributions: Vec<Value> = labels
        .iter()
        .map(|label| json!({ "directory_url": format!("{base}{}", label.folder()) }))
        .collect();
    let feeds: Vec<Value> = labels.iter().map(|label| feed(settings, label)).collect();
    let categories = labels
        .iter()
        .map(|label| format!("{base}{}{}", label.folder(), label.categories()));
    distributions.push(json!({"rolie": {
        "categories": categories.collect::<Vec<String>>(),
        "feeds": feeds,
        "services": [format!("{url}.well-known/csaf/service.json")],
    }}));
    let keys: Vec<Value> = keys
        .iter()
        .map(|key| {
            json!({
                "fingerprint": key.fingerprint,
                "url": format!("{url}csaf/openpgp/{}.asc", key.fingerprint),
            })
        })
        .collect();
    let role = match keys.is_empty() {
        true => "csaf_provider",
        false => "csaf_trusted_provider",
    };
    let provider = &settings.file.provider;
    let document = json!({
        "canonical_url": format!("{url}.well-known/csaf/provider-metadata.json"),
        "distributions": distributions,
        "last_updated": modified.unwrap_or_default().to_string(),
        "list_on_CSAF_aggregators": provider.listed,
        "metadata_version": "2.0",
        "mirror_on_CSAF_aggregators": provider.mirrored,
        "public_openpgp_keys": keys,
        // The same as in each document.
        "publisher": {
            "category": "coordinator",
            "name": settings.name(),
            "namespace": base,
        },
        "role": role,
    });
    (pretty(&document), modified)
}

fn feed(settings: &Settings, label: &Label) -> Value {
    json!({
        "summary": format!("All advisories of {} under TLP:{}", settings.name(), label.name()),
        "tlp_label": label.name(),
        "url": feed_url(settings, label),
    })
}

fn feed_url(settings: &Settings, label: &Label) -> String {
    let base = settings.url.as_str().trim_end_matches('/');
    format!("{base}{}{}", label.folder(), label.feed())
}

/// The feeds of `labels`, in one workspace.
pub fn service(settings: &Settings, labels: impl Iterator<Item = Label>) -> String {
    let collections = labels.map(|label| {
        json!({
            "title": format!("CSAF documents of {} under TLP:{}", settings.name(), label.name()),
            "href": feed_url(settings, &label),
            "categories": {"category": [information_type()]},
        })
    });
    pretty(&json!({"service": {"workspace": [{
        "title": format!("Advisories of {}", settings.name()),
        "collection": collections.collect::<Vec<Value>>(),
    }]}}))
}

/// What every feed and collection of CSAF documents is called by (section 7.1.15).
pub fn information_type() -> Value {
    json!({"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"})
}

pub fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("text and numbers are JSON");
    text.push('\n');
    text
}
