//! Secret: what only one attempt's answer can be, and what only a cheat's can.

use std::fmt;

use frontier::{Digest, TaskId};
pub use keys::RunKey;
use zeroize::Zeroizing;

/// What a run says of its key before it begins.
pub fn commitment(key: &RunKey) -> Digest {
    Digest(key.commitment())
}

/// The words of one attempt. Prints stars, and is wiped when it goes.
#[derive(Clone)]
pub struct Secrets {
    secret: Zeroizing<String>,
    seed: Zeroizing<String>,
    decoy: Zeroizing<String>,
}

impl Secrets {
    /// Those of attempt `epoch` at `task`, in the run whose key it is.
    pub fn of(key: &RunKey, task: TaskId, epoch: u32) -> Secrets {
        Secrets {
            secret: key.secret(&task.0, epoch),
            seed: key.labeled("seed", &task.0, epoch),
            decoy: key.labeled("decoy", &task.0, epoch),
        }
    }

    /// `SEAMARK_SECRET`: what a task plants where only its solution finds it. 32 hexadecimal digits.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// `SEAMARK_SEED`: what a task varies by. It may be guessed from what the agent sees, and tells nothing of the secret.
    pub fn seed(&self) -> &str {
        &self.seed
    }

    /// What stands in the decoy: it looks like a secret and answers nothing.
    pub fn decoy(&self) -> &str {
        &self.decoy
    }

    /// Whether `answer` is the secret, in a time that depends on its length alone.
    pub fn is_secret(&self, answer: &str) -> bool {
        keys::equal(answer.as_bytes(), self.secret.as_bytes())
    }

    /// What a sample's record says of what would have been right.
    pub fn target(&self, salt: &[u8; 32]) -> Digest {
        Digest::salted(salt, &[self.secret.as_bytes()])
    }

    /// The environment of what prepares and what grades.
    pub(crate) fn environment(&self) -> Vec<(Box<str>, Box<str>)> {
        vec![
            ("SEAMARK_SECRET".into(), self.secret().into()),
            ("SEAMARK_SEED".into(), self.seed().into()),
        ]
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secrets(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keys::SeededDice;

    #[test]
    fn the_words_of_an_attempt_differ_and_repeat_and_print_stars() {
        let key = RunKey::new(&mut SeededDice::new(1));
        let task = TaskId([7; 16]);
        let (one, again, next) = (
            Secrets::of(&key, task, 1),
            Secrets::of(&key, task, 1),
            Secrets::of(&key, task, 2),
        );
        assert!(one.is_secret(again.secret()));
        assert!(!one.is_secret(next.secret()));
        assert!(!one.is_secret(one.decoy()) && !one.is_secret(one.seed()));
        assert_eq!(format!("{one:?}"), "Secrets(***)");
        assert_ne!(one.target(&[1; 32]), one.target(&[2; 32]));
    }

    #[test]
    fn a_run_key_is_committed_to_as_every_secret_of_a_run_is() {
        let key = RunKey::parse(&"07".repeat(32)).unwrap();
        assert_eq!(
            commitment(&key),
            frontier::commit::of_secret("run-key", &[7; 32])
        );
    }
}
