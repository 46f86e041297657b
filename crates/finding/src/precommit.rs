//! Precommit: a finder says now, in 32 bytes, what they will show later.
//!
//! `SHA-256("seamark precommit v1" ‖ salt ‖ SHA-256(what was handed over))`. The inner hash is the receipt's, so that any
//! format can be committed to and nothing is ever canonicalized; the salt keeps a guess at the words from being tried.

use names::Refusal;
use sha2::{Digest, Sha256};

/// Sets this use of the hash apart from every other.
const DOMAIN: &[u8] = b"seamark precommit v1";

/// What is published before anything is told.
pub fn commitment(salt: &[u8; 32], digest: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(salt);
    hash.update(digest);
    hash.finalize().into()
}

/// Whether the report with this digest is what was committed to.
pub fn reveal(committed: &[u8; 32], salt: &[u8; 32], digest: &[u8; 32]) -> Result<(), Refusal> {
    match commitment(salt, digest) == *committed {
        true => Ok(()),
        false => Err(Refusal::of(
            "salt",
            "this salt and this report do not make that commitment; the report must be handed over byte for byte as it was committed to",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_bytes_under_the_same_salt_open_a_commitment() {
        let digest: [u8; 32] = Sha256::digest(b"{\"title\":\"a\"}").into();
        let committed = commitment(&[7; 32], &digest);
        assert_eq!(reveal(&committed, &[7; 32], &digest), Ok(()));
        assert!(reveal(&committed, &[8; 32], &digest).is_err());
        let other: [u8; 32] = Sha256::digest(b"{\"title\": \"a\"}").into();
        assert!(reveal(&committed, &[7; 32], &other).is_err());
    }

    #[test]
    fn a_commitment_is_what_any_other_program_computes() {
        // printf 'seamark precommit v1' + 32 zero bytes + SHA-256 of nothing.
        let digest: [u8; 32] = Sha256::digest(b"").into();
        let mut all = b"seamark precommit v1".to_vec();
        all.extend([0; 32]);
        all.extend(digest);
        let expected: [u8; 32] = Sha256::digest(&all).into();
        assert_eq!(commitment(&[0; 32], &digest), expected);
    }
}
