//! Record: what does a developer hold about its model that it can stand by years later?
//!
//! An append-only chain of in-toto Statements, each linked to the one before by digest. A statement holds salted digests
//! of its fields; the fields travel beside it. What is redacted is taken from beside it and never from the chain: its
//! digest stays, a statement says who took it out and why, and whoever keeps the whole copy can show later that it is the
//! one. So a stranger with the public copy recomputes what is there, and sees exactly which digest blocks the rest.
//!
//! Statements are signed where keys are; here they are written, linked, thinned and checked.

mod check;
mod kind;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use names::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::Digest;
use crate::engage::Model;
use crate::jcs::{self, JcsError};
use crate::task::Salt;

pub use check::{Checked, Withheld, check};
pub use kind::{Field, Kind};

/// in-toto Attestation Framework, Statement v1.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// Followed by the kind: `https://seamark.dev/record/v1/capability-claim`.
pub const PREDICATE_TYPE: &str = "https://seamark.dev/record/v1/";

/// The whole copy is kept five years (New York General Business Law § 1421, as transcribed by others).
pub const KEPT_YEARS: i16 = 5;

/// A statement's fields are text, numbers and digests of what is kept elsewhere: forty pages.
pub const ENTRY_BYTES_MAX: usize = 128 * 1024;

/// A model under development is written about daily for years; ten a day for five years, with headroom.
pub const ENTRIES_MAX: usize = 20_000;

/// One statement with those of its fields that this copy has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub statement: Statement,
    /// By the field's name. A field whose digest is in the statement and that is not here is withheld.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<Box<str>, Disclosed>,
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    #[serde(rename = "_type")]
    pub kind: Box<str>,
    pub subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    pub predicate_type: Box<str>,
    pub predicate: Predicate,
}

/// The model, by name and by the digest of its handle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    pub name: Box<str>,
    pub digest: Sha256,
}

/// A digest as in-toto writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sha256 {
    pub sha256: Digest,
}

/// Its place in the chain, and the salted digests of what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predicate {
    /// From 0; none is missing.
    pub number: u32,
    /// Digest of the statement before; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Digest>,
    pub at: Timestamp,
    /// Until when the whole copy is kept.
    pub kept_until: Date,
    /// Such as `attorney-client`: not for the public copy, whatever it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privilege: Option<Box<str>>,
    pub fields: BTreeMap<Box<str>, Digest>,
}

/// A field as it was written, and what hides it where it is withheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosed {
    salt: Digest,
    pub value: Value,
}

/// What somebody wants written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    pub kind: Kind,
    pub fields: BTreeMap<Box<str>, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privilege: Option<Box<str>>,
}

/// What is taken out of the public copy, by whom and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    pub entry: u32,
    pub fields: Vec<Box<str>>,
    pub by: Box<str>,
    pub reason: Box<str>,
}

/// The entry that comes after `chain`; all that is wrong with `draft` where something is.
pub fn record(
    chain: &[Entry],
    model: &Model,
    draft: &Draft,
    salts: &mut dyn FnMut() -> Salt,
    now: Timestamp,
) -> Result<Entry, Refusal> {
    let mut refusal = kind::sound(draft);
    if chain.len() >= ENTRIES_MAX {
        refusal.add(
            "",
            format!(
                "has {ENTRIES_MAX} entries, and no more are kept; begin another for the next model"
            ),
        );
    }
    let last = chain.last().map(|last| &last.statement.predicate);
    let at = last.map_or(now, |last| now.max(last.at));
    let mut fields = BTreeMap::new();
    for (name, value) in &draft.fields {
        let disclosed = Disclosed {
            salt: Digest(salts()),
            value: value.clone(),
        };
        fields.insert(name.clone(), disclosed);
    }
    let digests = digests(&fields).map_err(|error| Refusal::of("fields", error.to_string()));
    let digests = match digests {
        Ok(digests) => digests,
        Err(other) => {
            refusal.within("", other);
            return Err(refusal);
        }
    };
    let previous = match chain.last() {
        Some(last) => Some(
            last.statement
                .digest()
                .map_err(|error| Refusal::whole(error.to_string()))?,
        ),
        None => None,
    };
    refusal.or(Entry {
        statement: Statement {
            kind: STATEMENT_TYPE.into(),
            subject: vec![subject(model)],
            predicate_type: format!("{PREDICATE_TYPE}{}", draft.kind).into(),
            predicate: Predicate {
                number: u32::try_from(chain.len()).unwrap_or(u32::MAX),
                previous,
                at,
                kept_until: kept_until(at),
                privilege: draft.privilege.clone(),
                fields: digests,
            },
        },
        fields,
    })
}

/// The entry that takes fields out of the public copy of an earlier one.
pub fn redact(
    chain: &[Entry],
    model: &Model,
    redaction: &Redaction,
    salts: &mut dyn FnMut() -> Salt,
    now: Timestamp,
) -> Result<Entry, Refusal> {
    let mut refusal = Refusal::none();
    let index = usize::try_from(redaction.entry).unwrap_or(usize::MAX);
    match chain.get(index) {
        None => refusal.add(
            "entry",
            format!(
                "there is no entry {}; the last is {}",
                redaction.entry,
                chain.len().saturating_sub(1)
            ),
        ),
        Some(entry) if entry.kind() == Some(Kind::Redaction) => {
            refusal.add(
                "entry",
                "is a redaction itself; what was taken out, by whom and why is never taken out",
            );
        }
        Some(entry) => {
            for name in redaction
                .fields
                .iter()
                .filter(|name| !entry.statement.predicate.fields.contains_key(*name))
            {
                let known: Vec<&str> = entry
                    .statement
                    .predicate
                    .fields
                    .keys()
                    .map(|name| &**name)
                    .collect();
                let message = format!(
                    "entry {} has no `{name}`; it has `{}`",
                    redaction.entry,
                    known.join("`, `")
                );
                refusal.add("fields", message);
            }
        }
    }
    if redaction.fields.is_empty() {
        refusal.add("fields", "names nothing to take out");
    }
    refusal.or(())?;
    let fields = [
        ("entry", Value::from(redaction.entry)),
        (
            "fields",
            serde_json::to_value(&redaction.fields).unwrap_or_default(),
        ),
        ("by", Value::from(&*redaction.by)),
        ("reason", Value::from(&*redaction.reason)),
    ];
    let draft = Draft {
        kind: Kind::Redaction,
        fields: fields.map(|(name, value)| (name.into(), value)).into(),
        privilege: None,
    };
    record(chain, model, &draft, salts, now)
}

/// The public copy: every statement, without the fields that were redacted and without those of a privileged one.
pub fn public(chain: &[Entry]) -> Vec<Entry> {
    let redacted = redactions(chain);
    let thin = |entry: &Entry| {
        let mut entry = entry.clone();
        let number = entry.statement.predicate.number;
        let is_privileged = entry.statement.predicate.privilege.is_some();
        entry.fields.retain(|name, _| {
            !is_privileged
                && !redacted
                    .iter()
                    .any(|(_, one)| one.entry == number && one.fields.contains(name))
        });
        entry
    };
    chain.iter().map(thin).collect()
}

/// The redactions of `chain` that this copy can read, with the number of the entry that each is.
pub fn redactions(chain: &[Entry]) -> Vec<(u32, Redaction)> {
    let of_kind = chain
        .iter()
        .filter(|entry| entry.kind() == Some(Kind::Redaction));
    let read = |entry: &Entry| {
        let fields: serde_json::Map<String, Value> = entry
            .fields
            .iter()
            .map(|(name, disclosed)| (name.to_string(), disclosed.value.clone()))
            .collect();
        let redaction = serde_json::from_value(Value::Object(fields)).ok()?;
        Some((entry.statement.predicate.number, redaction))
    };
    of_kind.filter_map(read).collect()
}

fn subject(model: &Model) -> Subject {
    Subject {
        name: model.name.clone(),
        digest: Sha256 {
            sha256: Digest::of(&[b"\0model/v1", model.handle.as_bytes()]),
        },
    }
}

fn kept_until(at: Timestamp) -> Date {
    let day = at.to_zoned(TimeZone::UTC).date();
    day.checked_add(jiff::Span::new().years(KEPT_YEARS))
        .unwrap_or(Date::MAX)
}

fn digests(fields: &BTreeMap<Box<str>, Disclosed>) -> Result<BTreeMap<Box<str>, Digest>, JcsError> {
    fields
        .iter()
        .map(|(name, disclosed)| Ok((name.clone(), disclosed.digest(name)?)))
        .collect()
}

impl Disclosed {
    /// Salted digest of a field: its name is bound in, so that one never passes for another.
    pub fn digest(&self, name: &str) -> Result<Digest, JcsError> {
        let value = jcs::canonical(&self.value)?;
        Ok(Digest::salted(
            &self.salt.0,
            &[b"field/v1\n", name.as_bytes(), b"\n", value.as_bytes()],
        ))
    }
}

impl Statement {
    /// The bytes that are signed.
    pub fn bytes(&self) -> Result<Vec<u8>, JcsError> {
        Ok(jcs::canonical(self)?.into_bytes())
    }

    /// What the next one links to.
    pub fn digest(&self) -> Result<Digest, JcsError> {
        Ok(Digest::of(&[&self.bytes()?]))
    }
}

impl Entry {
    /// What it is about; `None` for a kind that this version does not know.
    pub fn kind(&self) -> Option<Kind> {
        let word = self.statement.predicate_type.strip_prefix(PREDICATE_TYPE)?;
        word.parse().ok()
    }

    /// A field of this copy.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).map(|disclosed| &disclosed.value)
    }

    /// A field of this copy, as text.
    pub fn text(&self, name: &str) -> Option<String> {
        Some(match self.value(name)? {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
