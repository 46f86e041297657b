//! What CSAF says of distribution: who provides, where documents are listed, what stands beside each
//! (CSAF 2.0 and 2.1, clause 7). All pure: bytes in, what they say out.
//!
//! What a document says of flaws is read in `advisory`; here only what decides whether it is kept, and where.

pub mod aggregator;
pub mod directory;
pub mod filename;
pub mod integrity;
pub mod metadata;
pub mod object;
pub mod rolie;
pub mod security_txt;

use jiff::Timestamp;
use names::Tlp;
use serde::Deserialize;

/// What a CSAF document says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub id: String,
    pub version: String,
    pub csaf_version: String,
    pub initial_release: Option<Timestamp>,
    pub current_release: Option<Timestamp>,
    /// `None` where it carries no label; an unknown one is taken as the strictest.
    pub label: Option<Tlp>,
    pub publisher: String,
    pub publisher_namespace: String,
}

impl Head {
    /// Reads it. The rest of the document is passed over, but has to be JSON to its end.
    pub fn read(bytes: &[u8]) -> Result<Head, String> {
        let raw: Raw = serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
            .map_err(|reason| format!("is no CSAF document: {reason}"))?;
        let document = raw.document;
        let label = document.distribution.tlp.label;
        let label = label.map(|label| label.parse().unwrap_or(Tlp::Red));
        let date = |text: Option<String>| text?.parse().ok();
        Ok(Head {
            id: document.tracking.id,
            version: document.tracking.version,
            csaf_version: document.csaf_version,
            initial_release: date(document.tracking.initial_release_date),
            current_release: date(document.tracking.current_release_date),
            label,
            publisher: document.publisher.name,
            publisher_namespace: document.publisher.namespace,
        })
    }

    /// Whether everyone may have it: `CLEAR`, `WHITE` in 2.0, or no label.
    pub fn is_public(&self) -> bool {
        self.label.is_none_or(|label| label == Tlp::Clear)
    }
}

#[derive(Deserialize)]
struct Raw {
    document: RawDocument,
}

#[derive(Deserialize)]
struct RawDocument {
    #[serde(default)]
    csaf_version: String,
    #[serde(default)]
    distribution: RawDistribution,
    #[serde(default)]
    publisher: RawPublisher,
    tracking: RawTracking,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawDistribution {
    tlp: RawTlp,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawTlp {
    label: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawPublisher {
    name: String,
    namespace: String,
}

#[derive(Deserialize)]
struct RawTracking {
    id: String,
    #[serde(default)]
    version: String,
    initial_release_date: Option<String>,
    current_release_date: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::Head;

    fn document(distribution: &str) -> String {
        format!(r#"{{"document": {{{distribution} "tracking": {{"id": "A-1"}}}}}}"#)
    }

    #[test]
    fn a_label_that_nobody_knows_is_the_strictest() {
        let head = |text: &str| Head::read(document(text).as_bytes()).expect("a head");
        assert!(head("").is_public());
        assert!(head(r#""distribution": {"tlp": {"label": "WHITE"}},"#).is_public());
        assert!(!head(r#""distribution": {"tlp": {"label": "GREEN"}},"#).is_public());
        assert!(!head(r#""distribution": {"tlp": {"label": "ULTRA"}},"#).is_public());
    }

    #[test]
    fn what_follows_the_document_is_not_passed_over() {
        let text = document("") + "x";
        assert!(Head::read(text.as_bytes()).is_err());
    }
}
