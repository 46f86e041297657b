//! Rotation: how does a log change its key without becoming another log?
//!
//! The old key states which key follows, and the new one agrees: a signed note of both. Whoever
//! trusts the old key can so trust the new one, offline, and a stolen new key alone cannot claim the
//! log. The text can be mistaken for no checkpoint: its first line has spaces, and no origin of ours does.

use crate::note::{Note, NoteError, SignerKey, VerifierKey};

/// The first line: what this note is.
const TITLE: &str = "log key rotation/v1";

/// One change of a log's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The first is 1.
    pub number: u32,
    /// The key that was. Its checkpoints stay good.
    pub old: VerifierKey,
    /// The key that follows.
    pub new: VerifierKey,
}

impl Rotation {
    /// The statement for a change from `old` to `new`.
    pub(crate) fn sign(number: u32, old: &SignerKey, new: &SignerKey) -> Note {
        let text = text(number, old.verifier(), new.verifier());
        let mut note = Note::new(text).expect("keys have no control characters in them");
        note.sign(old);
        note.sign(new);
        note
    }

    /// Reads a statement and verifies that both keys signed it. Says nothing of whether either is trusted.
    pub fn parse(note: &str) -> Result<Rotation, NoteError> {
        const FORM: NoteError =
            NoteError::Form("a rotation names its number, the old key and the new key");
        let note = Note::parse(note)?;
        let lines: Vec<&str> = note.text().lines().collect();
        let [TITLE, number, old, new] = lines[..] else {
            return Err(FORM);
        };
        let value = |line: &str, name: &str| {
            let value = line.strip_prefix(name).ok_or(FORM)?;
            Ok(value.to_owned())
        };
        let rotation = Rotation {
            number: value(number, "number ")?.parse().map_err(|_| FORM)?,
            old: value(old, "old ")?.parse()?,
            new: value(new, "new ")?.parse()?,
        };
        let is_plain = note.text() == text(rotation.number, &rotation.old, &rotation.new);
        if !is_plain || rotation.old.name() != rotation.new.name() || rotation.old == rotation.new {
            return Err(FORM);
        }
        let keys = [rotation.old.clone(), rotation.new.clone()];
        match note.verify(&keys)?.len() {
            2 => Ok(rotation),
            _ => Err(NoteError::Unsigned),
        }
    }
}

fn text(number: u32, old: &VerifierKey, new: &VerifierKey) -> String {
    format!("{TITLE}\nnumber {number}\nold {old}\nnew {new}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SeededDice, Signer};

    fn key(name: &str, seed: u64) -> SignerKey {
        SignerKey::new(name, Signer::new(&mut SeededDice::new(seed))).unwrap()
    }

    #[test]
    fn both_keys_sign_a_rotation() {
        let (old, new) = (key("log", 1), key("log", 2));
        let note = Rotation::sign(1, &old, &new);
        let rotation = Rotation::parse(&note.to_string()).unwrap();
        assert_eq!((rotation.number, &rotation.new), (1, new.verifier()));
        for one in [&old, &new] {
            let mut alone = Note::new(note.text()).unwrap();
            alone.sign(one);
            assert_eq!(
                Rotation::parse(&alone.to_string()),
                Err(NoteError::Unsigned)
            );
        }
    }

    #[test]
    fn a_rotation_stays_within_its_log_and_changes_something() {
        let (old, other) = (key("log", 1), key("other", 2));
        assert!(Rotation::parse(&Rotation::sign(1, &old, &other).to_string()).is_err());
        assert!(Rotation::parse(&Rotation::sign(1, &old, &old).to_string()).is_err());
        let new = key("log", 2);
        let changed = Rotation::sign(1, &old, &new)
            .to_string()
            .replace("number 1", "number 2");
        assert!(matches!(
            Rotation::parse(&changed),
            Err(NoteError::Forged(_))
        ));
    }
}
