//! Signatures: the evaluator's own, of two kinds of mathematics, under what was committed to and what came of it.
//!
//! The log proves order by Ed25519, as its format has it (C2SP). These stand as long as Ed25519 or ML-DSA-65 does, so that
//! a bundle says who ran it also when one of the two is broken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use frontier::Digest;
use keys::hybrid::{HybridSigner, HybridVerifier};
use serde::{Deserialize, Serialize};

use crate::evidence::Kind;

/// Stands before what is signed, so that it is signed for nothing else.
const LABEL: &[u8] = b"seamark/commitment/v1\0";

/// What an evaluator signed. Keys and signatures are base64 (RFC 4648, section 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatures {
    /// Both public keys, one after the other: Ed25519, then ML-DSA-65.
    pub key: Box<str>,
    /// Both signatures under the suite's commitment, under the run's, and under what closed it.
    pub suite: Box<str>,
    pub run: Box<str>,
    pub closed: Box<str>,
}

impl Signatures {
    /// Signs the three.
    pub fn of(signer: &HybridSigner, suite: Digest, run: Digest, closed: Digest) -> Signatures {
        let sign = |kind, digest| STANDARD.encode(signer.sign(&message(kind, digest))).into();
        Signatures {
            key: STANDARD.encode(signer.verifier().bytes()).into(),
            suite: sign(Kind::Suite, suite),
            run: sign(Kind::Run, run),
            closed: sign(Kind::Closed, closed),
        }
    }

    /// What the key is known by: SHA-256 of its bytes.
    pub fn fingerprint(&self) -> Option<Digest> {
        Some(Digest::of(&[&self.verifier()?.bytes()]))
    }

    /// Whether all three are good.
    ///
    /// # Errors
    ///
    /// Which one is not.
    pub fn verify(&self, suite: Digest, run: Digest, closed: Digest) -> Result<(), Box<str>> {
        let verifier = self.verifier().ok_or("`key` is no key of both kinds")?;
        for (kind, text, digest) in [
            (Kind::Suite, &self.suite, suite),
            (Kind::Run, &self.run, run),
            (Kind::Closed, &self.closed, closed),
        ] {
            let signature = STANDARD.decode(text.as_bytes()).unwrap_or_default();
            if !verifier.verify(&message(kind, digest), &signature) {
                return Err(format!("the {} was signed by somebody else", kind.as_str()).into());
            }
        }
        Ok(())
    }

    fn verifier(&self) -> Option<HybridVerifier> {
        HybridVerifier::from_bytes(&STANDARD.decode(self.key.as_bytes()).ok()?)
    }
}

fn message(kind: Kind, digest: Digest) -> Vec<u8> {
    [LABEL, kind.as_str().as_bytes(), b"\0", &digest.0].concat()
}
