//! Check: does a chain hold together, and what of it is withheld?

use names::Problems;
use serde::Serialize;

use super::{ENTRIES_MAX, Entry, Kind, PREDICATE_TYPE, Redaction, STATEMENT_TYPE, redactions};
use crate::digest::Digest;

/// A chain that holds together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    pub entries: usize,
    /// Digest of the last statement. What was logged or stamped with it is this chain and no longer one.
    pub head: Option<Digest>,
    pub withheld: Vec<Withheld>,
}

/// A field that this copy does not have. Whoever is given it can be sure that it is the one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Withheld {
    pub entry: u32,
    /// The kind's word, as the statement has it.
    pub kind: Box<str>,
    pub field: Box<str>,
    pub digest: Digest,
    /// The entry that says who took it out and why; none where nobody says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<u32>,
    /// The privilege that its statement claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privilege: Option<Box<str>>,
}

/// Checks `chain` without anything else, and against `head` where one is known; all that is wrong with it.
pub fn check(chain: &[Entry], head: Option<Digest>) -> Result<Checked, Problems> {
    let mut problems = Problems::none();
    if chain.len() > ENTRIES_MAX {
        return Err(Problems::one(format!(
            "has {} entries, and at most {ENTRIES_MAX} are read",
            chain.len()
        )));
    }
    let redacted = redactions(chain);
    let (mut before, mut withheld): (Option<Digest>, Vec<Withheld>) = (None, Vec::new());
    for (number, entry) in (0..).zip(chain) {
        linked(number, entry, before, &mut problems);
        fields(number, entry, &mut problems);
        withheld.extend(missing(number, entry, &redacted));
        match entry.statement.digest() {
            Ok(digest) => before = Some(digest),
            Err(error) => problems.add(format!("entry {number}: {error}")),
        }
    }
    for (one, other) in chain.iter().zip(chain.iter().skip(1)) {
        let (one, other) = (&one.statement, &other.statement);
        if other.predicate.at < one.predicate.at {
            problems.add(format!(
                "entry {} is older than the one before",
                other.predicate.number
            ));
        }
        if other.subject != one.subject {
            problems.add(format!(
                "entry {} is about another model",
                other.predicate.number
            ));
        }
    }
    if head.is_some() && head != before {
        let head = head.map(|head| head.to_string()).unwrap_or_default();
        problems.add(format!(
            "ends otherwise than with {head}: entries are missing at its end, or were exchanged"
        ));
    }
    problems.or(Checked {
        entries: chain.len(),
        head: before,
        withheld,
    })
}

fn linked(number: u32, entry: &Entry, before: Option<Digest>, problems: &mut Problems) {
    let (statement, predicate) = (&entry.statement, &entry.statement.predicate);
    if &*statement.kind != STATEMENT_TYPE || !statement.predicate_type.starts_with(PREDICATE_TYPE) {
        problems.add(format!("entry {number} is no statement of a record"));
    }
    if predicate.number != number {
        problems.add(format!(
            "entry {number} says that it is {}; one is missing or out of order",
            predicate.number
        ));
    }
    if predicate.previous != before {
        problems.add(format!(
            "entry {number} does not follow the one before: its `previous` is another digest"
        ));
    }
}

fn fields(number: u32, entry: &Entry, problems: &mut Problems) {
    let committed = &entry.statement.predicate.fields;
    for (name, disclosed) in &entry.fields {
        match (committed.get(name), disclosed.digest(name)) {
            (None, _) => problems.add(format!(
                "entry {number}: `{name}` is not in what was signed"
            )),
            (Some(_), Err(error)) => problems.add(format!("entry {number}: `{name}`: {error}")),
            (Some(is), Ok(digest)) if *is != digest => {
                problems.add(format!("entry {number}: `{name}` is not what was signed"));
            }
            _ => {}
        }
    }
}

fn missing(number: u32, entry: &Entry, redacted: &[(u32, Redaction)]) -> Vec<Withheld> {
    let predicate = &entry.statement.predicate;
    let kind = entry.kind().map_or("unknown", Kind::as_str);
    let gone = predicate
        .fields
        .iter()
        .filter(|(name, _)| !entry.fields.contains_key(*name));
    gone.map(|(name, digest)| {
        let names = |(_, one): &&(u32, Redaction)| one.entry == number && one.fields.contains(name);
        Withheld {
            entry: number,
            kind: kind.into(),
            field: name.clone(),
            digest: *digest,
            by: redacted.iter().find(names).map(|(by, _)| *by),
            privilege: predicate.privilege.clone(),
        }
    })
    .collect()
}
