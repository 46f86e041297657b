//! Hybrid: a signature that stands as long as one of two kinds of mathematics does.
//!
//! Ed25519 (RFC 8032) and ML-DSA-65 (FIPS 204), each over the same bytes: a label, both public keys, the message. Both
//! must verify. So a signature of one kind is none of this, and neither half can be taken out and used elsewhere.

use std::fmt;

use aws_lc_rs::signature::{KeyPair, ML_DSA_65, ML_DSA_65_SIGNING, ParsedPublicKey, PqdsaKeyPair};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::dice::{Dice, draw};
use crate::sign::{Signer, Verifier};

/// Stands before what is signed.
const LABEL: &[u8] = b"seamark/hybrid/v1: Ed25519 + ML-DSA-65\0";
/// RFC 8032, section 5.1.6.
const ED25519_BYTES: usize = 64;
/// FIPS 204, table 2: ML-DSA-65.
const ML_DSA_BYTES: usize = 3_309;
/// FIPS 204, table 2: its public key.
const ML_DSA_KEY_BYTES: usize = 1_952;
/// A signature: both, one after the other.
pub const SIGNATURE_BYTES: usize = ED25519_BYTES + ML_DSA_BYTES;
/// A public key: both, one after the other.
pub const KEY_BYTES: usize = 32 + ML_DSA_KEY_BYTES;

/// A private key of both kinds.
pub struct HybridSigner {
    one: Signer,
    other: PqdsaKeyPair,
    seeds: Seeds,
    verifier: HybridVerifier,
}

/// 32 bytes for each.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Seeds([u8; 64]);

/// A public key of both kinds.
#[derive(Clone, PartialEq, Eq)]
pub struct HybridVerifier {
    one: Verifier,
    other: Box<[u8]>,
}

impl HybridSigner {
    /// A new key.
    pub fn new(dice: &mut dyn Dice) -> HybridSigner {
        HybridSigner::from_seeds(draw(dice))
    }

    /// The key of these seeds: the first 32 bytes are that of Ed25519, the others that of ML-DSA (FIPS 204, section 5.1).
    pub fn from_seeds(seeds: [u8; 64]) -> HybridSigner {
        let seeds = Seeds(seeds);
        let (first, second) = seeds.0.split_at(32);
        let one = Signer::from_seed(first.try_into().expect("half of 64 bytes is 32"));
        let other = PqdsaKeyPair::from_seed(&ML_DSA_65_SIGNING, second)
            .expect("any 32 bytes are a seed (FIPS 204, section 5.1)");
        let verifier = HybridVerifier {
            one: one.verifier(),
            other: other.public_key().as_ref().into(),
        };
        HybridSigner {
            one,
            other,
            seeds,
            verifier,
        }
    }

    /// Its seeds, for a file that only its owner reads.
    pub fn seeds(&self) -> &[u8; 64] {
        &self.seeds.0
    }

    /// Its public half.
    pub fn verifier(&self) -> &HybridVerifier {
        &self.verifier
    }

    /// Signs `message` with both.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let bound = self.verifier.bound(message);
        let mut signature = vec![0; SIGNATURE_BYTES];
        let (first, second) = signature.split_at_mut(ED25519_BYTES);
        first.copy_from_slice(&self.one.sign(&bound));
        let length = self
            .other
            .sign(&bound, second)
            .expect("a signature of ML-DSA-65 has 3,309 bytes, and there is room for them");
        debug_assert_eq!(length, ML_DSA_BYTES);
        signature
    }
}

impl HybridVerifier {
    /// The public key with these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<HybridVerifier> {
        if bytes.len() != KEY_BYTES {
            return None;
        }
        let (first, second) = bytes.split_at(32);
        Some(HybridVerifier {
            one: Verifier::from_bytes(first.try_into().ok()?),
            other: second.into(),
        })
    }

    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        [self.one.bytes().as_slice(), &self.other].concat()
    }

    /// Whether the owner of this key signed `message` with both.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        if signature.len() != SIGNATURE_BYTES {
            return false;
        }
        let (first, second) = signature.split_at(ED25519_BYTES);
        let bound = self.bound(message);
        let Ok(other) = ParsedPublicKey::new(&ML_DSA_65, &*self.other) else {
            return false;
        };
        // Both are looked at, whatever the first one says.
        let one = self.one.verify(&bound, first);
        let other = other.verify_sig(&bound, second).is_ok();
        one & other
    }

    /// What is signed: which kind of signature, by which keys, and the message.
    fn bound(&self, message: &[u8]) -> Vec<u8> {
        let keys = crate::sha256(&[self.one.bytes(), &self.other]);
        [LABEL, &keys, message].concat()
    }
}

impl fmt::Debug for HybridSigner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "HybridSigner(***, {:?})", self.verifier)
    }
}

impl fmt::Debug for HybridVerifier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = crate::sha256(&[self.one.bytes(), &self.other]);
        out.write_str("HybridVerifier(sha256 ")?;
        digest
            .iter()
            .try_for_each(|byte| write!(out, "{byte:02x}"))?;
        out.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededDice;

    #[test]
    fn a_signature_stands_only_with_both_halves() {
        let dice = &mut SeededDice::new(1);
        let (signer, other) = (HybridSigner::new(dice), HybridSigner::new(dice));
        let signature = signer.sign(b"message");
        assert_eq!(signature.len(), SIGNATURE_BYTES);
        assert!(signer.verifier().verify(b"message", &signature));
        assert!(!signer.verifier().verify(b"massage", &signature));
        assert!(!other.verifier().verify(b"message", &signature));
        // Either half wrong, cut off, or from another key.
        for at in [0, 63, 64, 3_000, SIGNATURE_BYTES - 1] {
            let mut changed = signature.clone();
            changed[at] ^= 1;
            assert!(!signer.verifier().verify(b"message", &changed), "byte {at}");
        }
        assert!(
            !signer
                .verifier()
                .verify(b"message", &signature[..ED25519_BYTES])
        );
        let theirs = other.sign(b"message");
        let mixed = [&signature[..ED25519_BYTES], &theirs[ED25519_BYTES..]].concat();
        assert!(!signer.verifier().verify(b"message", &mixed));
    }

    #[test]
    fn half_a_signature_is_none_of_its_kind() {
        let signer = HybridSigner::new(&mut SeededDice::new(2));
        let signature = signer.sign(b"message");
        let half = &signature[..ED25519_BYTES];
        assert!(!signer.verifier().one.verify(b"message", half));
    }

    #[test]
    fn keys_are_read_as_they_were_written_and_print_stars() {
        let signer = HybridSigner::new(&mut SeededDice::new(3));
        let bytes = signer.verifier().bytes();
        assert_eq!(bytes.len(), KEY_BYTES);
        assert_eq!(
            HybridVerifier::from_bytes(&bytes).as_ref(),
            Some(signer.verifier())
        );
        assert_eq!(HybridVerifier::from_bytes(&bytes[1..]), None);
        let again = HybridSigner::from_seeds(*signer.seeds());
        assert_eq!(again.verifier(), signer.verifier());
        assert!(format!("{signer:?}").starts_with("HybridSigner(***, HybridVerifier(sha256 "));
    }
}
