//! Signing keys, signed notes, DSSE, sealing, and the secrets people prove themselves with.
//!
//! The only room that touches secret key bytes. Randomness comes in as a [`Dice`], so that a test can
//! repeat itself; secrets print stars and are wiped when they go.

pub mod authorization;
pub mod blind;
pub mod call;
pub mod certificate;
pub mod dice;
pub mod dsse;
pub mod hpke;
pub mod hybrid;
pub mod keyring;
pub mod note;
pub mod openpgp;
pub mod password;
pub mod rotation;
pub mod run;
pub mod sealing;
pub mod shares;
pub mod sign;
pub mod statement;
pub mod token;
pub mod totp;

mod base32;

pub use blind::Blind;
pub use call::CallSecret;
pub use dice::{Dice, SeededDice, SystemDice};
pub use keyring::{Keyring, KeyringError};
pub use rotation::Rotation;
pub use run::RunKey;
pub use sealing::{DataKey, Master, SealError, Wrapped};
pub use sign::{Signer, Verifier};
pub use token::{Token, TokenError};

/// SHA-256 (FIPS 180-4) of `parts`, one after another.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    use aws_lc_rs::digest::{Context, SHA256};
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// Whether two secrets are the same, in a time that depends on their lengths alone.
#[must_use]
pub fn equal(one: &[u8], other: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one, other).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_of_parts_is_that_of_the_whole() {
        // FIPS 180-4, example of `abc`.
        let hex: String = sha256(&[b"a", b"", b"bc"])
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            hex,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn secrets_of_different_lengths_are_not_the_same() {
        assert!(equal(b"same", b"same"));
        assert!(!equal(b"same", b"sama"));
        assert!(!equal(b"same", b"same "));
        assert!(!equal(b"", b" "));
    }
}
