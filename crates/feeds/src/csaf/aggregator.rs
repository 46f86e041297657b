//! Whom does an aggregator or a lister name? (`aggregator.json`; CSAF 2.0 and 2.1, 7.1.21 and the aggregator schemas)

use serde_json::Value;

use super::metadata::{PROVIDER, publisher_of};
use super::object::{Object, Problem, Reader, Rule};

/// Longest document that is read: 10,000 issuing parties at 600 bytes each, doubled.
pub const AGGREGATOR_BYTES_MAX: u64 = 12 << 20;

/// Most issuing parties that are followed through one aggregator.
pub const PARTIES_MAX: usize = 10_000;

/// What an aggregator says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aggregator {
    pub name: String,
    pub is_lister: bool,
    pub canonical_url: Option<String>,
    pub parties: Vec<Party>,
    pub problems: Vec<Problem>,
}

/// An issuing party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    pub publisher: String,
    pub namespace: String,
    /// Its own `provider-metadata.json`, or whatever it has in place of one.
    pub url: String,
    pub mirrors: Vec<String>,
    /// Listed among publishers, who may have no metadata of their own.
    pub is_publisher: bool,
}

impl Party {
    /// Where its documents are followed: at its own place where it provides them itself, at the mirror where it
    /// does not. "If CSAF documents of a CSAF publisher are mirrored, a consumer can retrieve them as if […] a CSAF
    /// trusted provider" (7.2.5).
    pub fn place(&self) -> &str {
        match (self.is_publisher, self.mirrors.first()) {
            (true, Some(mirror)) => mirror,
            _ => &self.url,
        }
    }
}

impl Aggregator {
    /// Reads it. An error only where it is no JSON object at all.
    pub fn read(bytes: &[u8]) -> Result<Aggregator, String> {
        let value: Value =
            serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
                .map_err(|reason| format!("not JSON: {reason}"))?;
        let mut reader = Reader::default();
        let Some(object) = reader.object(&value, "") else {
            return Err("is no JSON object".to_owned());
        };
        reader.text(&object, "aggregator_version", Rule::OneOf(&["2.0", "2.1"]));
        reader.time(&object, "last_updated");
        let url = reader.text(
            &object,
            "canonical_url",
            Rule::UrlEnding("/aggregator.json"),
        );
        let mut aggregator = Aggregator {
            canonical_url: url.map(str::to_owned),
            ..Aggregator::default()
        };
        if let Some(itself) = reader.child(&object, "aggregator") {
            let category = reader.text(&itself, "category", Rule::OneOf(&["aggregator", "lister"]));
            aggregator.is_lister = category == Some("lister");
            aggregator.name = reader
                .text(&itself, "name", Rule::Text)
                .unwrap_or_default()
                .to_owned();
            reader.text(&itself, "namespace", Rule::Url);
        }
        reader.needed(&object, "csaf_providers");
        for provider in reader.objects(&object, "csaf_providers", false) {
            aggregator
                .parties
                .extend(party(&mut reader, &provider, false));
        }
        for publisher in reader.objects(&object, "csaf_publishers", false) {
            reader.text(&publisher, "update_interval", Rule::Text);
            aggregator
                .parties
                .extend(party(&mut reader, &publisher, true));
        }
        if aggregator.parties.len() > PARTIES_MAX {
            let count = aggregator.parties.len();
            reader.wrong(
                "",
                format!("names {count} issuing parties; {PARTIES_MAX} at most are followed"),
            );
            aggregator.parties.truncate(PARTIES_MAX);
        }
        aggregator.problems = reader.problems;
        Ok(aggregator)
    }
}

fn party(reader: &mut Reader, object: &Object<'_>, is_publisher: bool) -> Option<Party> {
    let metadata = reader.child(object, "metadata")?;
    reader.time(&metadata, "last_updated");
    let publisher = reader.child(&metadata, "publisher");
    let (publisher, namespace) = publisher
        .map(|object| publisher_of(reader, &object))
        .unwrap_or_default();
    let url = reader.text(&metadata, "url", PROVIDER);
    let mirrors = reader.texts(object, "mirrors", PROVIDER);
    Some(Party {
        publisher,
        namespace,
        url: url.or(mirrors.first().map(String::as_str))?.to_owned(),
        mirrors,
        is_publisher,
    })
}
