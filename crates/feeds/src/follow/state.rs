//! What is known of a source between two goes: one file, replaced as a whole.
//!
//! Whoever can write it can say what was fetched and by whom it was signed; it is as trustworthy as the folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::shelf::Shelf;
use super::source::{Kind, Source};
use super::{BESIDE, Brought};
use crate::web::Validators;

/// What the file is, and in which form.
const FORM: &str = "seamark feed 1";

/// Longest state that is read: a million documents at 400 bytes each, doubled.
const STATE_BYTES_MAX: u64 = 800 << 20;

/// Problems that are kept by name; the others are counted.
const PROBLEMS_MAX: usize = 200;

/// A source and what is kept of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    form: String,
    pub kind: Kind,
    pub place: String,
    /// The aggregator through which it is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// What it calls itself.
    #[serde(default)]
    pub title: String,
    /// When it was asked last, when it answered last, and when something changed last.
    pub asked: Option<Timestamp>,
    pub reached: Option<Timestamp>,
    pub changed: Option<Timestamp>,
    /// Why the last go failed as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Whether the last go brought everything that it was to bring.
    #[serde(default)]
    pub is_complete: bool,
    /// How many documents it lists.
    #[serde(default)]
    pub listed: u64,
    /// What was not taken because it is not for everyone, at the last go.
    #[serde(default)]
    pub restricted: u64,
    /// What went wrong with something in particular at the last go.
    #[serde(default)]
    pub problems: Vec<Told>,
    #[serde(default)]
    pub problems_beyond: u64,
    /// What its operator or ours should know.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Fingerprints of the keys by which it signs.
    #[serde(default)]
    pub keys: BTreeSet<String>,
    /// By address, or by id where the source has ids.
    #[serde(default)]
    pub documents: BTreeMap<String, Document>,
}

/// Something that went wrong, and with what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub about: String,
    pub reason: String,
}

/// A document that is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Below the source's folder.
    pub path: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// What the source says of its last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<Timestamp>,
    /// What the document says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<Timestamp>,
    pub bytes: u64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    #[serde(flatten)]
    pub validators: Validators,
    /// The traffic light, where it is not for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Fingerprint of the published key that signed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<String>,
    /// Since when the source no longer lists it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlisted: Option<Timestamp>,
}

impl State {
    pub(super) fn new(source: &Source) -> State {
        State {
            form: FORM.to_owned(),
            kind: source.kind,
            place: source.place.clone(),
            via: None,
            title: String::new(),
            asked: None,
            reached: None,
            changed: None,
            failed: None,
            is_complete: false,
            listed: 0,
            restricted: 0,
            problems: Vec::new(),
            problems_beyond: 0,
            notes: Vec::new(),
            keys: BTreeSet::new(),
            documents: BTreeMap::new(),
        }
    }

    /// What is known of `source`. Damage is an error and not a beginning anew: what is there was checked once, and
    /// a state that is gone would let older documents in.
    pub(super) fn load(shelf: &Shelf, source: &Source) -> Result<State, String> {
        match State::place(shelf.folder()).exists() {
            false => Ok(State::new(source)),
            true => {
                let state = State::read(shelf.folder())?;
                let is_its = state.kind == source.kind && state.place == source.place;
                match is_its {
                    true => Ok(state),
                    false => Err(format!("holds what is followed of `{}`", state.source())),
                }
            }
        }
    }

    pub(super) fn place(folder: &Path) -> PathBuf {
        folder.join(BESIDE).join("state.json")
    }

    pub(super) fn read(folder: &Path) -> Result<State, String> {
        let damaged = |reason: &dyn std::fmt::Display| {
            format!("its state is damaged: {reason}; move the folder away to follow it anew")
        };
        let place = State::place(folder);
        let length = fs::metadata(&place)
            .map_err(|reason| damaged(&reason))?
            .len();
        if length > STATE_BYTES_MAX {
            return Err(damaged(&format!("longer than {STATE_BYTES_MAX} bytes")));
        }
        let bytes = fs::read(place).map_err(|reason| damaged(&reason))?;
        let state: State = serde_json::from_slice(&bytes).map_err(|reason| damaged(&reason))?;
        match state.form == FORM {
            true => Ok(state),
            false => Err(damaged(&format!(
                "it is of the form `{}`, and `{FORM}` is read",
                state.form
            ))),
        }
    }

    pub(super) fn save(&self, shelf: &Shelf) -> io::Result<()> {
        shelf.put_beside("state.json", |out| Ok(serde_json::to_writer(out, self)?))
    }

    pub fn source(&self) -> Source {
        Source {
            kind: self.kind,
            place: self.place.clone(),
        }
    }

    /// What was told of the last go is forgotten; what is kept is not.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.asked = Some(now);
        self.failed = None;
        // Until it ends: a state that was written on the way, before a kill, is of a go that was not.
        self.is_complete = false;
        self.problems.clear();
        self.problems_beyond = 0;
        self.notes.clear();
    }

    pub(super) fn end(&mut self, now: Timestamp, failed: Option<&String>, brought: &Brought) {
        self.failed = failed.cloned();
        self.is_complete = failed.is_none() && self.problems.is_empty();
        if brought.new + brought.changed > 0 {
            self.changed = Some(now);
        }
    }

    pub(super) fn tell(&mut self, about: &str, reason: impl Into<String>) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Told {
                about: about.to_owned(),
                reason: reason.into(),
            });
        } else {
            self.problems_beyond += 1;
        }
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        if self.notes.len() < PROBLEMS_MAX {
            self.notes.push(text.into());
        }
    }

    /// Marks what is listed no more, and takes the mark from what is listed again.
    pub(super) fn mark_unlisted(&mut self, is_listed: impl Fn(&str) -> bool, now: Timestamp) {
        for (key, document) in &mut self.documents {
            document.unlisted = match is_listed(key) {
                true => None,
                false => document.unlisted.or(Some(now)),
            };
        }
    }
}
