//! Run: where do the secrets of one benchmark run come from, so that none of them can be known before it?
//!
//! A run draws one key. Every attempt's secret is HMAC-SHA-256 (RFC 2104) under it, of the task and the attempt's
//! number; so nothing in a suite, an image or an older log holds an answer, and an answer that turns up somewhere else
//! says of which attempt it was. There is no default key: what is not drawn is not run.

use std::fmt;

use aws_lc_rs::hmac;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::dice::{Dice, draw};

/// The key of one run.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RunKey {
    bytes: [u8; 32],
}

impl RunKey {
    /// A new one.
    pub fn new(dice: &mut dyn Dice) -> RunKey {
        RunKey { bytes: draw(dice) }
    }

    /// What [`RunKey::reveal`] gave, so that a run can be resumed.
    pub fn parse(text: &str) -> Option<RunKey> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = value(pair[0])? << 4 | value(pair[1])?;
        }
        Some(RunKey { bytes })
    }

    /// 64 hexadecimal digits, to be kept where nobody but the run's owner reads them.
    pub fn reveal(&self) -> Zeroizing<String> {
        hex(&self.bytes)
    }

    /// What a run says of its key before it begins: SHA-256 of `0x00 ‖ "run-key" ‖ "/v1" ‖ key`. A key has 256 random
    /// bits, which nobody tries out.
    pub fn commitment(&self) -> [u8; 32] {
        crate::sha256(&[b"\0run-key/v1", &self.bytes])
    }

    /// The secret of attempt `epoch` at `task`: HMAC-SHA-256 of `task ‖ epoch` (big-endian), its first 128 bits as 32
    /// hexadecimal digits.
    pub fn secret(&self, task: &[u8; 16], epoch: u32) -> Zeroizing<String> {
        self.word(b"", task, epoch)
    }

    /// As [`RunKey::secret`], of `label ‖ task ‖ epoch`: another word for another use, which tells nothing of it.
    pub fn labeled(&self, label: &str, task: &[u8; 16], epoch: u32) -> Zeroizing<String> {
        assert!(!label.is_empty(), "without a label it is the secret itself");
        self.word(label.as_bytes(), task, epoch)
    }

    fn word(&self, label: &[u8], task: &[u8; 16], epoch: u32) -> Zeroizing<String> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.bytes);
        let mut context = hmac::Context::with_key(&key);
        // Of one length but for the label: no two uses meet.
        context.update(label);
        context.update(task);
        context.update(&epoch.to_be_bytes());
        hex(&context.sign().as_ref()[..16])
    }
}

fn hex(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(half)]));
        }
    }
    text
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Debug for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RunKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededDice;
    use std::collections::BTreeSet;

    #[test]
    fn a_secret_is_the_hmac_of_task_and_epoch() {
        // Computed by another implementation: python3, `hmac.new(bytes(range(32)), bytes([7]) * 16 + b"\0\0\0\3", "sha256")`.
        let key: String = (0..32).map(|byte| format!("{byte:02x}")).collect();
        let key = RunKey::parse(&key).unwrap();
        assert_eq!(*key.secret(&[7; 16], 3), "4a2f769571c6358b1cdf4a5d13afbac3");
        assert_eq!(
            *key.labeled("seed", &[7; 16], 3),
            "91fb8418473c0572a4b847e47404ffa3"
        );
    }

    #[test]
    fn no_two_words_of_a_run_or_of_two_runs_are_alike() {
        let dice = &mut SeededDice::new(1);
        let mut words = BTreeSet::new();
        for key in [RunKey::new(dice), RunKey::new(dice)] {
            for task in [[1; 16], [2; 16]] {
                for epoch in 1..=3 {
                    assert!(words.insert(key.secret(&task, epoch).to_string()));
                    for label in ["seed", "decoy"] {
                        assert!(words.insert(key.labeled(label, &task, epoch).to_string()));
                    }
                }
            }
        }
    }

    #[test]
    fn a_key_is_read_as_it_was_shown_and_prints_stars() {
        let key = RunKey::new(&mut SeededDice::new(1));
        let read = RunKey::parse(&key.reveal()).unwrap();
        assert_eq!(read.commitment(), key.commitment());
        assert_eq!(format!("{key:?}"), "RunKey(***)");
        for wrong in ["", "00", &key.reveal().to_uppercase(), &"g".repeat(64)] {
            assert!(RunKey::parse(wrong).is_none());
        }
    }
}
