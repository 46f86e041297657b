//! Receipt: what does one file prove, to someone who trusts nobody and has no network?
//!
//! A receipt holds an entry, the proof that it is in the log, and a checkpoint signed by the log and
//! its witnesses. It proves that the log committed to the entry; a witness's signature adds by when at
//! the latest, and that others were shown the same log.

use std::fmt;

use keys::note::{Kind, Note, NoteError, VerifierKey};
use keys::rotation::Rotation;
use serde::{Deserialize, Serialize};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::entry::{Body, Entry, Opening};
use crate::hash::Hash;
use crate::proof::{ProofError, verify_inclusion};

/// Longest receipt in bytes: an entry and an opening of 64 KiB each, twice for escapes in JSON, and a note.
pub const RECEIPT_BYTES_MAX: usize = 1 << 20;

/// The form that is written below.
const FORM: &str = "seamark receipt 1";

/// One self-contained file, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What this file is.
    pub form: Form,
    /// The log's name.
    pub origin: String,
    /// The key that signed the checkpoint, as a vkey. A reader compares it with the one they know.
    pub key: String,
    /// The entry's place in the log; the first is 0.
    pub index: u64,
    /// The entry itself.
    pub entry: Entry,
    /// What opens a sealed entry, for those who may know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<Opening>,
    /// The way from the entry to the root.
    pub proof: Vec<Hash>,
    /// The signed note.
    pub checkpoint: String,
    /// The notes by which the log's keys followed one another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rotations: Vec<String>,
}

/// `seamark receipt 1`, and nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Form;

/// By whose word the log's key is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The reader gave the key.
    Given,
    /// The reader gave a former key, and this many rotations lead from it to the one that signed.
    Followed(usize),
    /// Nobody gave a key of a log: the receipt's own was taken, which proves nothing about whose log it is.
    Itself,
}

/// What a receipt proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The log's name.
    pub origin: String,
    /// By whose word its key is taken.
    pub trust: Trust,
    /// The key that signed.
    pub key: VerifierKey,
    /// The entry's place in the log.
    pub index: u64,
    /// How many entries the log had when the checkpoint was signed.
    pub size: u64,
    /// The root of its tree then.
    pub root: Hash,
    /// The entry.
    pub entry: Entry,
    /// What a sealed entry says, where the receipt opens it.
    pub opened: Option<Body>,
    /// The witnesses that were given and cosigned, with the time they did, in seconds since 1970.
    pub witnesses: Vec<(String, u64)>,
    /// The names in signatures of keys that nobody gave: they prove nothing here.
    pub strangers: Vec<String>,
}

/// Why a receipt proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptError {
    /// It is no receipt.
    Form(String),
    /// Its key cannot be read.
    Key(NoteError),
    /// Its key, its checkpoint and itself name different logs.
    Origin { receipt: String, other: String },
    /// A rotation in it is not signed by the keys it names.
    Rotation(NoteError),
    /// Its key is none that was given, and no rotation leads there.
    Untrusted { key: Box<VerifierKey> },
    /// Its checkpoint is not signed by its key, or not by a witness that it names.
    Checkpoint(CheckpointError),
    /// Its proof does not lead from its entry to the checkpoint's root.
    Proof(ProofError),
    /// What it opens the entry with is not what was sealed.
    Opening,
}

impl Receipt {
    /// The receipt written here.
    pub fn parse(text: &str) -> Result<Receipt, ReceiptError> {
        if text.len() > RECEIPT_BYTES_MAX {
            let message = format!("a receipt has at most {RECEIPT_BYTES_MAX} bytes");
            return Err(ReceiptError::Form(message));
        }
        serde_json::from_str(text).map_err(|error| ReceiptError::Form(error.to_string()))
    }

    /// As a file, one member a line.
    pub fn print(&self) -> String {
        let mut text =
            serde_json::to_string_pretty(self).expect("all of it is strings and numbers");
        text.push('\n');
        text
    }
}

/// What `receipt` proves to someone who trusts `keys`: keys of logs ([`Kind::Ed25519`]) and of witnesses
/// ([`Kind::Cosignature`]). Where none of a log is given, the receipt's own key is taken and [`Trust::Itself`] says so.
pub fn verify(receipt: &Receipt, keys: &[VerifierKey]) -> Result<Verified, ReceiptError> {
    let key: VerifierKey = receipt.key.parse().map_err(ReceiptError::Key)?;
    same_log(receipt, key.name())?;
    let trust = trust(receipt, &key, keys)?;
    let note = Note::parse(&receipt.checkpoint).map_err(CheckpointError::Note)?;
    let is_witness = |it: &&VerifierKey| it.kind() == Kind::Cosignature;
    let mut known = vec![key.clone()];
    known.extend(keys.iter().filter(is_witness).cloned());
    let (checkpoint, signed) = Checkpoint::open(&note, &known)?;
    same_log(receipt, &checkpoint.origin)?;
    verify_inclusion(
        receipt.entry.leaf(),
        receipt.index,
        checkpoint.size,
        checkpoint.root,
        &receipt.proof,
    )
    .map_err(ReceiptError::Proof)?;
    let is_opened = |opening: &Opening| receipt.entry.is_opened_by(opening);
    if !receipt.opening.as_ref().is_none_or(is_opened) {
        return Err(ReceiptError::Opening);
    }
    let time = |it: &keys::note::Signed<'_>| Some((it.key.name().to_owned(), it.at?));
    let is_known = |it: &&keys::note::Signature| known.iter().any(|key| key.is_named_by(it));
    let strangers = note.signatures().iter().filter(|it| !is_known(it));
    Ok(Verified {
        origin: checkpoint.origin,
        trust,
        index: receipt.index,
        size: checkpoint.size,
        root: checkpoint.root,
        entry: receipt.entry.clone(),
        opened: receipt.opening.as_ref().map(|it| it.body.clone()),
        witnesses: signed.iter().filter_map(time).collect(),
        strangers: strangers.map(|it| it.name().to_owned()).collect(),
        key,
    })
}

/// By whose word `key` may sign for the log.
fn trust(
    receipt: &Receipt,
    key: &VerifierKey,
    keys: &[VerifierKey],
) -> Result<Trust, ReceiptError> {
    let is_given = |key: &VerifierKey| keys.contains(key);
    if is_given(key) {
        return Ok(Trust::Given);
    }
    if !keys.iter().any(|it| it.kind() == Kind::Ed25519) {
        return Ok(Trust::Itself);
    }
    let parse = |note: &String| Rotation::parse(note).map_err(ReceiptError::Rotation);
    let rotations: Vec<Rotation> = receipt
        .rotations
        .iter()
        .map(parse)
        .collect::<Result<_, _>>()?;
    // Backwards from the key that signed; a rotation leads to a key once, so this ends.
    let (mut follower, mut steps) = (key.clone(), 0);
    for rotation in rotations.iter().rev() {
        if rotation.new != follower {
            continue;
        }
        steps += 1;
        if is_given(&rotation.old) {
            return Ok(Trust::Followed(steps));
        }
        follower = rotation.old.clone();
    }
    Err(ReceiptError::Untrusted {
        key: Box::new(key.clone()),
    })
}

fn same_log(receipt: &Receipt, other: &str) -> Result<(), ReceiptError> {
    if receipt.origin == other {
        return Ok(());
    }
    Err(ReceiptError::Origin {
        receipt: receipt.origin.clone(),
        other: other.into(),
    })
}

impl From<CheckpointError> for ReceiptError {
    fn from(error: CheckpointError) -> ReceiptError {
        ReceiptError::Checkpoint(error)
    }
}

impl TryFrom<String> for Form {
    type Error = String;

    fn try_from(text: String) -> Result<Form, String> {
        match text == FORM {
            true => Ok(Form),
            false => Err(format!("`form` is `{FORM}` in what this version reads")),
        }
    }
}

impl From<Form> for String {
    fn from(_: Form) -> String {
        FORM.into()
    }
}

impl fmt::Display for ReceiptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReceiptError::Form(why) => write!(f, "not a receipt: {why}"),
            ReceiptError::Key(error) => write!(f, "the receipt's `key` cannot be read: {error}"),
            ReceiptError::Origin { receipt, other } => write!(
                f,
                "the receipt is of the log `{receipt}`, and its key or checkpoint of `{other}`"
            ),
            ReceiptError::Rotation(error) => {
                write!(
                    f,
                    "a change of the log's key is not signed as it must be: {error}"
                )
            }
            ReceiptError::Untrusted { key } => write!(
                f,
                "the receipt is signed with `{key}`, which is no key that was given and follows none"
            ),
            ReceiptError::Checkpoint(error) => write!(f, "the checkpoint does not count: {error}"),
            ReceiptError::Proof(error) => {
                write!(f, "the entry is not proven to be in the log: {error}")
            }
            ReceiptError::Opening => {
                f.write_str("the opening is not what was sealed: its salt or body is another")
            }
        }
    }
}

impl std::error::Error for ReceiptError {}
