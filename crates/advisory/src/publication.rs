//! Publication: what a publisher says beside the flaw itself, and what becomes of both in a format.

use jiff::Timestamp;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use crate::Advisory;

/// An advisory with all that only its publisher can say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Publication {
    /// Its `published` and `modified` are those of the first and of the last revision.
    pub advisory: Advisory,
    pub publisher: Publisher,
    /// What the publisher numbers it by; its own id where there is none other.
    pub number: String,
    /// Where it can be read; a reference to this address is one to itself.
    pub address: String,
    /// Oldest first, at least one; the first has number 1, each next one more.
    pub revisions: Vec<Revision>,
    pub credits: Vec<Credit>,
    /// Why targets that are not affected are not.
    pub justifications: Vec<Justification>,
}

/// Who publishes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publisher {
    pub name: String,
    /// A URL under the publisher's control that tells it from all others.
    pub namespace: String,
    /// How to reach them; empty where they do not say.
    pub contact: String,
}

/// One time it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    pub at: Timestamp,
    /// What changed, one line.
    pub summary: String,
}

/// Someone who helped, named as they wish to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Verbatim.
    pub name: String,
    pub role: CreditRole,
}

/// What they did, in words of the OSV schema (1.7, `credits[].type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditRole {
    /// Found the flaw.
    Finder,
    /// Told of it.
    Reporter,
    /// Brought everyone together.
    Coordinator,
    /// Wrote the fix.
    RemediationDeveloper,
    /// A program or model that found it.
    Tool,
}

/// Why a target is not affected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Justification {
    /// An index into [`Advisory::affected`].
    pub target: usize,
    /// A word of CSAF and OpenVEX, `vulnerable_code_not_present`; empty where none is given.
    pub label: String,
    /// Why, in the vendor's words.
    pub impact: String,
}

/// A base score, for formats that ask for the number beside the vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseScore {
    /// 0 to 100.
    pub tenths: u8,
    /// `none`, `low`, `medium`, `high`, `critical`.
    pub severity: &'static str,
}

/// A document, and what of the publication it does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// JSON; empty where the format has no way to say any of it.
    pub text: String,
    /// In words, one loss each.
    pub losses: Vec<String>,
}

impl Publication {
    /// A publication of someone else's advisory, as if it had been published once.
    pub fn once(advisory: Advisory, publisher: Publisher) -> Publication {
        let at = advisory.modified.or(advisory.published);
        Publication {
            number: advisory
                .document
                .clone()
                .unwrap_or_else(|| advisory.id.clone()),
            revisions: vec![Revision {
                at: at.unwrap_or_default(),
                summary: "first published".to_owned(),
            }],
            advisory,
            publisher,
            ..Publication::default()
        }
    }
}

impl CreditRole {
    /// All of them.
    pub const ALL: &'static [CreditRole] = &[
        CreditRole::Finder,
        CreditRole::Reporter,
        CreditRole::Coordinator,
        CreditRole::RemediationDeveloper,
        CreditRole::Tool,
    ];

    /// The word of the OSV schema.
    pub fn as_osv(self) -> &'static str {
        match self {
            CreditRole::Finder => "FINDER",
            CreditRole::Reporter => "REPORTER",
            CreditRole::Coordinator => "COORDINATOR",
            CreditRole::RemediationDeveloper => "REMEDIATION_DEVELOPER",
            CreditRole::Tool => "TOOL",
        }
    }

    /// What they did, for readers.
    pub fn words(self) -> &'static str {
        match self {
            CreditRole::Finder => "found it",
            CreditRole::Reporter => "reported it",
            CreditRole::Coordinator => "coordinated the disclosure",
            CreditRole::RemediationDeveloper => "wrote the fix",
            CreditRole::Tool => "is the tool that found it",
        }
    }
}

/// Kinds of losses that are told apart. A document that names a hundred thousand things a format cannot hold is told
/// of by so many, and how many more there are.
const LOSSES_MAX: usize = 1_000;

/// A loss quotes what is lost, and what a stranger wrote may have any length.
const LOSS_CHARS_MAX: usize = 400;

fn short(loss: String) -> String {
    match loss.char_indices().nth(LOSS_CHARS_MAX) {
        None => loss,
        Some((end, _)) => format!("{} …", loss.get(..end).unwrap_or_default()),
    }
}

/// Losses in the making: each said once.
#[derive(Default)]
pub(crate) struct Losses {
    said: Vec<String>,
    known: FxHashSet<String>,
    more: usize,
}

impl Losses {
    pub fn add(&mut self, loss: impl Into<String>) {
        let loss = short(loss.into());
        if self.known.contains(&loss) {
            return;
        }
        if self.said.len() >= LOSSES_MAX {
            self.more += 1;
            return;
        }
        self.known.insert(loss.clone());
        self.said.push(loss);
    }

    /// Adds it where something is lost.
    pub fn add_if(&mut self, lost: bool, loss: &str) {
        if lost && !self.known.contains(loss) {
            self.add(loss);
        }
    }

    pub fn with(self, document: &serde_json::Value) -> Written {
        Written {
            text: format!("{document:#}\n"),
            losses: self.told(),
        }
    }

    fn told(mut self) -> Vec<String> {
        if self.more > 0 {
            self.said
                .push(format!("{} more losses of these kinds", self.more));
        }
        self.said
    }

    /// Where the format has no way to say any of it.
    pub fn with_nothing(self) -> Written {
        Written {
            text: String::new(),
            losses: self.told(),
        }
    }
}

/// What looks like an absolute URL: a scheme, something after it, and no space. Formats ask for no less.
pub(crate) fn is_url(text: &str) -> bool {
    let printable = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    let parts = text.split_once("://");
    printable
        && parts.is_some_and(|(scheme, rest)| {
            !rest.is_empty()
                && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                && scheme
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        })
}
