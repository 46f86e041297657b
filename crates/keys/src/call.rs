//! Call: how does whoever we call by machine know that it is us, now, and unchanged?
//!
//! HMAC-SHA-256 (RFC 2104) over `id.timestamp.body`, as Standard Webhooks 1.0 signs. The secret is shown once, when an
//! address is added, and is kept sealed under the [`Master`].

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::dice::{Dice, draw};
use crate::sealing::{Master, SealError};

/// What a sealed secret is bound to.
const CONTEXT: &[u8] = b"call secret";

/// What signs the calls to one address.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct CallSecret {
    bytes: [u8; 32],
}

impl CallSecret {
    /// A new one.
    pub fn new(dice: &mut dyn Dice) -> CallSecret {
        CallSecret { bytes: draw(dice) }
    }

    /// As it may be stored.
    pub fn seal(&self, master: &Master, dice: &mut dyn Dice) -> Vec<u8> {
        master.seal(CONTEXT, &self.bytes, dice)
    }

    /// What [`CallSecret::seal`] made.
    pub fn open(master: &Master, sealed: &[u8]) -> Result<CallSecret, SealError> {
        let mut plain = master.open(CONTEXT, sealed)?;
        let bytes = plain.as_slice().try_into().map_err(|_| SealError::Closed);
        plain.zeroize();
        Ok(CallSecret { bytes: bytes? })
    }

    /// `whsec_` and the secret in base64: what the receiver keeps. Shown once.
    pub fn reveal(&self) -> String {
        format!("whsec_{}", BASE64.encode(self.bytes))
    }

    /// The header `webhook-signature`: `v1,` and the MAC in base64.
    pub fn signature(&self, id: &str, timestamp: &str, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.bytes);
        let mut context = hmac::Context::with_key(&key);
        for part in [id, ".", timestamp, ".", body] {
            context.update(part.as_bytes());
        }
        format!("v1,{}", BASE64.encode(context.sign().as_ref()))
    }
}

impl fmt::Debug for CallSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallSecret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededDice;

    #[test]
    fn a_signature_depends_on_secret_id_time_and_body() {
        let dice = &mut SeededDice::new(1);
        let (secret, other) = (CallSecret::new(dice), CallSecret::new(dice));
        let signed = secret.signature("notice-1", "1700000000", "{}");
        assert!(signed.starts_with("v1,"));
        assert_eq!(signed, secret.signature("notice-1", "1700000000", "{}"));
        let others = [
            other.signature("notice-1", "1700000000", "{}"),
            secret.signature("notice-2", "1700000000", "{}"),
            secret.signature("notice-1", "1700000001", "{}"),
            secret.signature("notice-1", "1700000000", "{ }"),
        ];
        assert!(others.iter().all(|other| *other != signed));
    }

    #[test]
    fn a_secret_opens_as_it_was_sealed_and_prints_stars() {
        let dice = &mut SeededDice::new(1);
        let master = Master::new(dice);
        let secret = CallSecret::new(dice);
        let again =
            CallSecret::open(&master, &secret.seal(&master, dice)).expect("as it was sealed");
        assert_eq!(again.reveal(), secret.reveal());
        assert_eq!(format!("{secret:?}"), "CallSecret(***)");
    }
}
