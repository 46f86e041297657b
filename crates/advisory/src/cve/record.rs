//! The CVE Record Format's own shape, as much of it as we use (5.0 to 5.2, schema of 2025).
//!
//! Descriptions in other media, credits, timelines and the legacy record inside records of 2022 are passed over
//! without being read.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    pub cve_metadata: Metadata,
    #[serde(default)]
    pub containers: Containers,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    pub cve_id: String,
    pub state: String,
    pub assigner_short_name: String,
    pub date_published: Option<String>,
    pub date_updated: Option<String>,
    pub date_rejected: Option<String>,
    pub date_reserved: Option<String>,
}

#[derive(Deserialize, Default)]
pub(super) struct Containers {
    #[serde(default)]
    pub cna: Container,
    #[serde(default, deserialize_with = "or_default")]
    pub adp: Vec<Container>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Container {
    pub provider_metadata: Provider,
    pub title: String,
    pub descriptions: Vec<Text>,
    pub rejected_reasons: Vec<Text>,
    pub affected: Vec<Affected>,
    pub cpe_applicability: Vec<Applicability>,
    pub metrics: Vec<Metric>,
    pub problem_types: Vec<ProblemType>,
    pub references: Vec<Reference>,
    pub solutions: Vec<Text>,
    pub workarounds: Vec<Text>,
    /// Free-form; GitHub keeps the id of its own advisory here.
    pub source: Option<Value>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Provider {
    pub short_name: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Text {
    pub lang: String,
    pub value: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Affected {
    pub vendor: String,
    pub product: String,
    #[serde(rename = "collectionURL")]
    pub collection_url: String,
    pub package_name: String,
    #[serde(rename = "packageURL")]
    pub package_url: String,
    pub repo: String,
    pub cpes: Vec<String>,
    pub program_routines: Vec<Routine>,
    pub default_status: Option<Status>,
    pub versions: Vec<Version>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Routine {
    pub name: String,
}

#[derive(Clone, Copy, Deserialize, Default, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Affected,
    Unaffected,
    #[default]
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Version {
    pub version: String,
    pub status: Status,
    pub version_type: String,
    pub less_than: Option<String>,
    pub less_than_or_equal: Option<String>,
    pub changes: Vec<Change>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Change {
    pub at: String,
    pub status: Status,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Applicability {
    pub nodes: Vec<Node>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Node {
    pub negate: bool,
    pub cpe_match: Vec<CpeMatch>,
}

/// One CPE and its versions, the same in NVD's API and in records since 5.1.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct CpeMatch {
    pub vulnerable: bool,
    pub criteria: String,
    pub version_start_including: Option<String>,
    pub version_start_excluding: Option<String>,
    pub version_end_including: Option<String>,
    pub version_end_excluding: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Metric {
    #[serde(rename = "cvssV4_0")]
    pub v4_0: Option<Cvss>,
    #[serde(rename = "cvssV3_1")]
    pub v3_1: Option<Cvss>,
    #[serde(rename = "cvssV3_0")]
    pub v3_0: Option<Cvss>,
    #[serde(rename = "cvssV2_0")]
    pub v2_0: Option<Cvss>,
    pub other: Option<Other>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Cvss {
    pub vector_string: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Other {
    #[serde(rename = "type")]
    pub kind: String,
    pub content: Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ProblemType {
    pub descriptions: Vec<Weakness>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Weakness {
    pub cwe_id: Option<String>,
    pub description: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Reference {
    pub url: String,
    pub tags: Vec<String>,
}

fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}
