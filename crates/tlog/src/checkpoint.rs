//! Checkpoint: what does the log promise to be?
//!
//! C2SP tlog-checkpoint v1.0.0 (<https://c2sp.org/tlog-checkpoint>): a signed note with the log's
//! origin, its size and the root of its tree.

use std::fmt;

use keys::note::{Kind, Note, NoteError, Signed, SignerKey, VerifierKey};

use crate::hash::Hash;

/// The head of a log's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many entries the tree has.
    pub size: u64,
    /// The hash over all of them.
    pub root: Hash,
    /// What else the log wrote below; it means nothing to us.
    pub extensions: Vec<String>,
}

/// Why a checkpoint is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// The note, its keys or its signatures.
    Note(NoteError),
    /// The note is of something else.
    Form(&'static str),
    /// It is signed, and by no key that bears the log's origin as its name.
    Stranger { origin: String },
}

impl Checkpoint {
    /// The head of our own log.
    pub fn new(origin: &str, size: u64, root: Hash) -> Checkpoint {
        Checkpoint {
            origin: origin.into(),
            size,
            root,
            extensions: Vec::new(),
        }
    }

    /// The note that `key` signed it in.
    pub fn sign(&self, key: &SignerKey) -> Note {
        let mut note =
            Note::new(self.text()).expect("an origin and base64 have no control characters");
        note.sign(key);
        note
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Reads the text of a note whose signatures were verified ("Note text").
    pub fn parse(text: &str) -> Result<Checkpoint, CheckpointError> {
        let form = CheckpointError::Form;
        let lines = text
            .strip_suffix('\n')
            .ok_or(form("each line ends with a newline"))?;
        let mut lines = lines.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(form("its lines are the origin, the size and the root"));
        };
        let number: Option<u64> = size.parse().ok();
        let number = number.filter(|number| number.to_string() == size);
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if origin.is_empty() || extensions.iter().any(String::is_empty) {
            return Err(form("no line is empty"));
        }
        Ok(Checkpoint {
            origin: origin.into(),
            size: number.ok_or(form("its size is a number without leading zeroes"))?,
            root: root
                .parse()
                .map_err(|_| form("its root is 32 bytes in base64"))?,
            extensions,
        })
    }

    /// The checkpoint in `note`, and who of `keys` signed it: at least one key of the log, which bears the origin as
    /// its name, and any witnesses.
    pub fn open<'k>(
        note: &Note,
        keys: &'k [VerifierKey],
    ) -> Result<(Checkpoint, Vec<Signed<'k>>), CheckpointError> {
        let signed = note.verify(keys).map_err(CheckpointError::Note)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        let is_log =
            |it: &Signed<'_>| it.key.kind() == Kind::Ed25519 && it.key.name() == checkpoint.origin;
        if !signed.iter().any(is_log) {
            return Err(CheckpointError::Stranger {
                origin: checkpoint.origin,
            });
        }
        Ok((checkpoint, signed))
    }
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckpointError::Note(error) => write!(f, "{error}"),
            CheckpointError::Form(right) => write!(f, "not a checkpoint; {right}"),
            CheckpointError::Stranger { origin } => write!(
                f,
                "the checkpoint is of the log `{origin}`, and no key of that name signed it"
            ),
        }
    }
}

impl std::error::Error for CheckpointError {}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use keys::{SeededDice, Signer};

    fn key(name: &str, seed: u64) -> SignerKey {
        SignerKey::new(name, Signer::new(&mut SeededDice::new(seed))).unwrap()
    }

    #[test]
    fn a_checkpoint_is_opened_by_its_logs_key_only() {
        let checkpoint = Checkpoint::new("log.example/a", 3, crate::hash::leaf(b"a"));
        let note = checkpoint.sign(&key("log.example/a", 1));
        let open = |note: &Note, key: SignerKey| {
            Checkpoint::open(note, &[key.verifier().clone()]).map(|(it, _)| it)
        };
        assert_eq!(open(&note, key("log.example/a", 1)), Ok(checkpoint.clone()));
        let said = |error: Result<Checkpoint, CheckpointError>| error.unwrap_err().to_string();
        expect!["no signature is by a known key"]
            .assert_eq(&said(open(&note, key("log.example/a", 2))));
        let note = checkpoint.sign(&key("log.example/b", 1));
        expect!["the checkpoint is of the log `log.example/a`, and no key of that name signed it"]
            .assert_eq(&said(open(&note, key("log.example/b", 1))));
    }

    #[test]
    fn what_is_no_checkpoint_says_what_one_is() {
        let root = crate::hash::empty();
        for (text, expected) in [
            (
                "".to_owned(),
                expect!["not a checkpoint; each line ends with a newline"],
            ),
            (
                "log\n1\n".to_owned(),
                expect!["not a checkpoint; its lines are the origin, the size and the root"],
            ),
            (
                format!("log\n01\n{root}\n"),
                expect!["not a checkpoint; its size is a number without leading zeroes"],
            ),
            (
                format!("log\n+1\n{root}\n"),
                expect!["not a checkpoint; its size is a number without leading zeroes"],
            ),
            (
                format!("log\n18446744073709551616\n{root}\n"),
                expect!["not a checkpoint; its size is a number without leading zeroes"],
            ),
            (
                "log\n1\nAAAA\n".to_owned(),
                expect!["not a checkpoint; its root is 32 bytes in base64"],
            ),
            (
                format!("\n1\n{root}\n"),
                expect!["not a checkpoint; no line is empty"],
            ),
            (
                format!("log\n1\n{root}\n\n"),
                expect!["not a checkpoint; no line is empty"],
            ),
        ] {
            expected.assert_eq(&Checkpoint::parse(&text).unwrap_err().to_string());
        }
        let with_more = Checkpoint::parse(&format!("log\n0\n{root}\nmore\n")).unwrap();
        assert_eq!(with_more.extensions, ["more"]);
        assert_eq!(with_more.text(), format!("log\n0\n{root}\nmore\n"));
    }
}
