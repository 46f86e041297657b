//! Metadata: who provides what, and where (CSAF 2.0 and 2.1, section 7.1.7; RFC 8322, section 5).

use clearinghouse::publish::Key;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::shelf::{Edition, Label, V20};
use crate::settings::Settings;

/// The metadata with these folders and when what the reader may read in each changed last; and when all of it did.
pub fn metadata(
    settings: &Settings,
    edition: &'static Edition,
    keys: &[Key],
    folders: &[(Label, Option<Timestamp>)],
) -> (String, Option<Timestamp>) {
    let url = settings.url.as_str();
    let base = url.trim_end_matches('/');
    let newest = folders.iter().filter_map(|(_, newest)| *newest);
    let modified = newest.max().max(keys.iter().map(|key| key.made).max());
    let mut distributions: Vec<Value> = folders
        .iter()
        .map(|(label, _)| directory(label, &format!("{base}{}", label.folder())))
        .collect();
    let feeds: Vec<Value> = folders
        .iter()
        .map(|(label, newest)| feed(settings, label, *newest))
        .collect();
    let categories = folders
        .iter()
        .map(|(label, _)| format!("{base}{}{}", label.folder(), label.categories()));
    distributions.push(json!({"rolie": {
        "categories": categories.collect::<Vec<String>>(),
        "feeds": feeds,
        "services": [format!("{base}{}", edition.service())],
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
    let mut document = json!({
        "canonical_url": format!("{base}{}", edition.metadata()),
        "distributions": distributions,
        "last_updated": modified.unwrap_or_default().to_string(),
        "list_on_CSAF_aggregators": provider.listed,
        "metadata_version": edition.version,
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
    if *edition != V20 {
        document["$schema"] = PROVIDER_21.into();
    }
    (pretty(&document), modified)
}

/// What CSAF 2.1 has metadata say of itself.
const PROVIDER_21: &str = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/provider.json";

/// A folder, with its light where the edition has a place for that.
fn directory(label: &Label, url: &str) -> Value {
    match *label.edition == V20 {
        true => json!({ "directory_url": url }),
        false => json!({"directory": {"tlp_label": label.name(), "url": url}}),
    }
}

fn feed(settings: &Settings, label: &Label, newest: Option<Timestamp>) -> Value {
    let mut feed = json!({
        "summary": format!("All advisories of {} under TLP:{}", settings.name(), label.name()),
        "tlp_label": label.name(),
        "url": feed_url(settings, label),
    });
    if *label.edition != V20 {
        feed["last_updated"] = updated(newest).to_string().into();
    }
    feed
}

/// When a feed changed last; what is empty has been so from the beginning of time.
pub fn updated(newest: Option<Timestamp>) -> Timestamp {
    newest.unwrap_or_default()
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
