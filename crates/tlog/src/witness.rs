//! Witness: who else saw the log grow, and nothing else?
//!
//! C2SP tlog-witness (<https://c2sp.org/tlog-witness>), the log's side: what is sent to
//! `add-checkpoint`, and what an answer is worth. The connection is someone else's.

use std::fmt;
use std::fmt::Write as _;

use keys::note::{self, Kind, Note, NoteError, Signature, VerifierKey};

use crate::hash::Hash;

/// The path below a witness's address.
pub const PATH: &str = "add-checkpoint";
/// Longest answer that is read: a few signature lines, or a number.
pub const ANSWER_BYTES_MAX: usize = 16 << 10;

/// What a witness says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It saw the log grow: its signatures, verified, to be kept below the checkpoint.
    Cosigned(Vec<Signature>),
    /// It last saw a log of this size; ask again with a proof from there.
    Behind(u64),
}

/// Why a witness did not cosign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessError {
    /// It does not know this log (404).
    Unknown,
    /// It knows the log by another key (403).
    Key,
    /// It says the log forked or the proof is wrong (409 without a size, 422). A person must look at this.
    Disputed(u16),
    /// It answers with another status.
    Status(u16),
    /// What it sent cannot be read or is not its signature.
    Answer(NoteError),
}

/// The body of a request: the checkpoint, and the proof that it continues the tree of `old` entries.
pub fn request(old: u64, proof: &[Hash], checkpoint: &Note) -> String {
    let mut body = format!("old {old}\n");
    for hash in proof {
        let _ = writeln!(body, "{hash}");
    }
    let _ = write!(body, "\n{checkpoint}");
    body
}

/// What the answer of the witness `key` to a request about `checkpoint` says.
pub fn answer(
    status: u16,
    body: &str,
    checkpoint: &Note,
    key: &VerifierKey,
) -> Result<Answer, WitnessError> {
    match status {
        200 => cosigned(body, checkpoint, key).map(Answer::Cosigned),
        // "The response body MUST consist of the tree size of the latest cosigned checkpoint in decimal."
        409 => {
            let size = body.strip_suffix('\n').and_then(|size| size.parse().ok());
            size.map(Answer::Behind)
                .ok_or(WitnessError::Disputed(status))
        }
        404 => Err(WitnessError::Unknown),
        403 => Err(WitnessError::Key),
        422 => Err(WitnessError::Disputed(status)),
        _ => Err(WitnessError::Status(status)),
    }
}

/// "The client MUST ignore any cosignatures from unknown keys."
fn cosigned(
    body: &str,
    checkpoint: &Note,
    key: &VerifierKey,
) -> Result<Vec<Signature>, WitnessError> {
    let lines = note::signatures(body).map_err(WitnessError::Answer)?;
    let own: Vec<Signature> = lines.into_iter().filter(|it| key.is_named_by(it)).collect();
    let mut alone = Note::new(checkpoint.text()).map_err(WitnessError::Answer)?;
    own.iter().cloned().for_each(|it| alone.add(it));
    let signed = alone.verify(std::slice::from_ref(key));
    let is_cosigned = signed.map_err(WitnessError::Answer)?;
    match is_cosigned[..] {
        [one] if one.key.kind() == Kind::Cosignature => Ok(own),
        _ => Err(WitnessError::Answer(NoteError::Unsigned)),
    }
}

impl fmt::Display for WitnessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WitnessError::Unknown => {
                f.write_str("the witness does not know this log; ask its operator to add it")
            }
            WitnessError::Key => f.write_str(
                "the witness knows this log by another key; tell its operator of the rotation",
            ),
            WitnessError::Disputed(status) => write!(
                f,
                "the witness says that the log does not continue what it saw ({status}); look at this before anything else"
            ),
            WitnessError::Status(status) => write!(f, "the witness answered {status}"),
            WitnessError::Answer(error) => {
                write!(f, "the witness's answer is not its cosignature: {error}")
            }
        }
    }
}

impl std::error::Error for WitnessError {}
