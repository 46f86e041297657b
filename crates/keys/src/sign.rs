//! Sign: who said this?
//!
//! Ed25519 (RFC 8032), the pure variant, as signed notes, cosignatures and DSSE use it.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use zeroize::Zeroize;

use crate::dice::{Dice, draw};

/// A private key.
pub struct Signer {
    pair: Ed25519KeyPair,
    seed: Seed,
}

/// The 32 bytes of RFC 8032, section 5.1.5, that a key pair is made of.
#[derive(Clone, zeroize::ZeroizeOnDrop)]
struct Seed([u8; 32]);

/// A public key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Verifier([u8; 32]);

impl Signer {
    /// A new key.
    pub fn new(dice: &mut dyn Dice) -> Signer {
        Signer::from_seed(draw(dice))
    }

    /// The key of this seed (RFC 8032, section 5.1.5).
    pub fn from_seed(mut seed: [u8; 32]) -> Signer {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
            .expect("any 32 bytes are a seed (RFC 8032, section 5.1.5)");
        let kept = Seed(seed);
        seed.zeroize();
        Signer { pair, seed: kept }
    }

    /// Its seed, for a file that only its owner reads.
    pub(crate) fn seed(&self) -> &[u8; 32] {
        &self.seed.0
    }

    /// Its public half.
    pub fn verifier(&self) -> Verifier {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.pair.public_key().as_ref());
        Verifier(bytes)
    }

    /// Signs `message`; about 20 µs for a short one.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(message).as_ref());
        signature
    }
}

impl Clone for Signer {
    fn clone(&self) -> Signer {
        Signer::from_seed(self.seed.0)
    }
}

impl Verifier {
    /// The public key with these bytes (RFC 8032, section 5.1.2). Bytes that are no point of the curve
    /// verify nothing.
    pub fn from_bytes(bytes: [u8; 32]) -> Verifier {
        Verifier(bytes)
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether the owner of this key signed `message`.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let Ok(key) = ParsedPublicKey::new(&ED25519, self.0) else {
            return false;
        };
        key.verify_sig(message, signature).is_ok()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer(***, {:?})", self.verifier())
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(")?;
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededDice;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap())
            .collect()
    }

    /// Secret, public, message, signature: RFC 8032, section 7.1, tests 1 to 3.
    const RFC_8032: &[[&str; 4]] = &[
        [
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ],
        [
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ],
        [
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ],
    ];

    #[test]
    fn signatures_are_those_of_rfc_8032() {
        for [secret, public, message, signature] in RFC_8032 {
            let signer = Signer::from_seed(bytes(secret).try_into().unwrap());
            assert_eq!(signer.verifier().bytes()[..], bytes(public));
            assert_eq!(signer.sign(&bytes(message))[..], bytes(signature));
            assert!(signer.verifier().verify(&bytes(message), &bytes(signature)));
        }
    }

    #[test]
    fn another_key_message_or_signature_does_not_verify() {
        let dice = &mut SeededDice::new(1);
        let (signer, other) = (Signer::new(dice), Signer::new(dice));
        let signature = signer.sign(b"message");
        let key = signer.verifier();
        assert!(key.verify(b"message", &signature));
        assert!(!other.verifier().verify(b"message", &signature));
        assert!(!key.verify(b"massage", &signature));
        assert!(!key.verify(b"message", &signature[..63]));
        assert!(!key.verify(b"message", &[]));
        for bit in 0..512 {
            let mut changed = signature;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!key.verify(b"message", &changed), "bit {bit}");
        }
    }

    #[test]
    fn bytes_that_are_no_point_verify_nothing() {
        let signature = Signer::new(&mut SeededDice::new(1)).sign(b"m");
        assert!(!Verifier::from_bytes([0xff; 32]).verify(b"m", &signature));
    }

    #[test]
    fn a_private_key_prints_stars() {
        let signer = Signer::from_seed([1; 32]);
        let printed = format!("{signer:?}");
        assert!(printed.starts_with("Signer(***, Verifier("), "{printed}");
    }
}
