//! The OSV schema's own shape, as much of it as we use (1.7.4, 2025).
//!
//! `null` stands for an absent list or object in the wild, so it does here. Fields that a database fills with
//! its own things are read loosely: what is not understood there is nobody's problem.

use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
pub(super) struct Entry {
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub aliases: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub upstream: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub related: Vec<String>,
    pub published: Option<String>,
    pub modified: Option<String>,
    pub withdrawn: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub summary: String,
    #[serde(default, deserialize_with = "or_default")]
    pub details: String,
    #[serde(default, deserialize_with = "or_default")]
    pub severity: Vec<Severity>,
    #[serde(default, deserialize_with = "or_default")]
    pub affected: Vec<Affected>,
    #[serde(default, deserialize_with = "or_default")]
    pub references: Vec<Reference>,
    #[serde(default, deserialize_with = "loosely")]
    pub database_specific: DatabaseSpecific,
}

#[derive(Deserialize)]
pub(super) struct Severity {
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    pub score: String,
}

#[derive(Deserialize)]
pub(super) struct Reference {
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    pub url: String,
}

#[derive(Deserialize)]
pub(super) struct Affected {
    pub package: Option<Package>,
    #[serde(default, deserialize_with = "or_default")]
    pub severity: Vec<Severity>,
    #[serde(default, deserialize_with = "or_default")]
    pub ranges: Vec<Range>,
    #[serde(default, deserialize_with = "or_default")]
    pub versions: Vec<String>,
    #[serde(default, deserialize_with = "loosely")]
    pub ecosystem_specific: EcosystemSpecific,
    #[serde(default, deserialize_with = "loosely")]
    pub database_specific: DatabaseSpecific,
}

#[derive(Deserialize)]
pub(super) struct Package {
    pub ecosystem: String,
    pub name: String,
    pub purl: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Range {
    #[serde(rename = "type")]
    pub kind: String,
    pub repo: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub events: Vec<Event>,
}

/// One event, or in the wild several in one object, which stand for themselves in this order.
#[derive(Deserialize)]
pub(super) struct Event {
    pub introduced: Option<String>,
    pub fixed: Option<String>,
    pub last_affected: Option<String>,
    pub limit: Option<String>,
}

/// Useful things databases keep beside the schema.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct DatabaseSpecific {
    /// GitHub, Bitnami: the word.
    pub severity: Option<String>,
    /// GitHub.
    pub cwe_ids: Option<Vec<String>>,
    /// OpenSSF malicious packages.
    pub cwes: Option<Vec<Cwe>>,
    /// RustSec.
    pub informational: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct EcosystemSpecific {
    /// Go.
    pub imports: Option<Vec<Import>>,
    /// RustSec.
    pub affects: Option<Affects>,
    /// Debian's word for it.
    pub urgency: Option<String>,
    /// Ubuntu's, in older records.
    pub ubuntu_priority: Option<String>,
    pub severity: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Cwe {
    #[serde(rename = "cweId")]
    pub id: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Import {
    pub path: String,
    pub symbols: Option<Vec<String>>,
    pub goarch: Option<Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Affects {
    pub arch: Option<Vec<String>>,
    pub functions: Option<Vec<String>>,
}

/// `null` as the default.
fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}

/// What has not the expected shape as the default: these fields belong to the database, not to the schema.
fn loosely<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either<T> {
        Known(T),
        Other(serde::de::IgnoredAny),
    }
    Ok(match Option::<Either<T>>::deserialize(from)? {
        Some(Either::Known(value)) => value,
        Some(Either::Other(_)) | None => T::default(),
    })
}
