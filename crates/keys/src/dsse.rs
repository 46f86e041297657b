//! DSSE: a signed document of a stated type.
//!
//! Dead Simple Signing Envelope 1.0.2: the signature covers the type as well as the bytes, and the
//! bytes are verified before they are parsed.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::{Deserialize, Serialize};

use crate::sign::{Signer, Verifier};

/// Longest payload in bytes: 1 MiB. What we sign this way is an authorization or a statement, a few KiB of JSON.
pub const PAYLOAD_BYTES_MAX: usize = 1 << 20;
/// Most signatures that are tried: each costs an Ed25519 verification per key with its id.
pub const SIGNATURES_MAX: usize = 16;

/// An envelope, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The payload in base64.
    pub payload: String,
    /// What the payload is, such as `application/vnd.in-toto+json`.
    #[serde(rename = "payloadType")]
    pub payload_type: String,
    /// At least one.
    pub signatures: Vec<Signature>,
}

/// One signature of an [`Envelope`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// A hint at the key; never trusted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub keyid: String,
    /// In base64.
    pub sig: String,
}

/// Why an envelope is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DsseError {
    /// The payload is not base64.
    Payload,
    /// The payload is longer than [`PAYLOAD_BYTES_MAX`].
    Long,
    /// The type is another than the one asked for.
    Type,
    /// More signatures than [`SIGNATURES_MAX`].
    Many,
    /// No signature of a key that was given verifies.
    Unsigned,
}

/// What is signed: the pre-authentication encoding (DSSE protocol, "Signature Definition").
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    );
    [head.as_bytes(), payload].concat()
}

/// Signs `payload`, which is of `payload_type`.
pub fn sign(payload_type: &str, payload: &[u8], keyid: &str, signer: &Signer) -> Envelope {
    let mut envelope = unsigned(payload_type, payload);
    envelope.add(keyid, &signer.sign(&pae(payload_type, payload)));
    envelope
}

/// An envelope that nobody has signed yet.
pub(crate) fn unsigned(payload_type: &str, payload: &[u8]) -> Envelope {
    Envelope {
        payload: STANDARD.encode(payload),
        payload_type: payload_type.into(),
        signatures: Vec::new(),
    }
}

impl Envelope {
    /// Adds a signature over [`pae`] of what is in it.
    pub(crate) fn add(&mut self, keyid: &str, signature: &[u8]) {
        self.signatures.push(Signature {
            keyid: keyid.into(),
            sig: STANDARD.encode(signature),
        });
    }
}

/// The payload of `envelope`, and which of `keys` signed it, where it is of `payload_type` and at least one did.
pub fn verify(
    envelope: &Envelope,
    payload_type: &str,
    keys: &[Verifier],
) -> Result<(Vec<u8>, Vec<Verifier>), DsseError> {
    if envelope.payload_type != payload_type {
        return Err(DsseError::Type);
    }
    if envelope.signatures.len() > SIGNATURES_MAX {
        return Err(DsseError::Many);
    }
    if envelope.payload.len() > PAYLOAD_BYTES_MAX.div_ceil(3) * 4 {
        return Err(DsseError::Long);
    }
    let payload = bytes(&envelope.payload).ok_or(DsseError::Payload)?;
    let message = pae(payload_type, &payload);
    let signatures: Vec<Vec<u8>> = envelope
        .signatures
        .iter()
        .filter_map(|signature| bytes(&signature.sig))
        .collect();
    let signed = |key: &&Verifier| signatures.iter().any(|it| key.verify(&message, it));
    let signers: Vec<Verifier> = keys.iter().filter(signed).copied().collect();
    if signers.is_empty() {
        return Err(DsseError::Unsigned);
    }
    Ok((payload, signers))
}

/// Either alphabet, as the envelope specification asks of readers.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let standard = STANDARD.decode(text);
    standard.or_else(|_| URL_SAFE.decode(text)).ok()
}

impl std::fmt::Display for DsseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DsseError::Payload => f.write_str("the envelope's `payload` is not base64"),
            DsseError::Long => write!(
                f,
                "the envelope's `payload` is longer than {PAYLOAD_BYTES_MAX} bytes"
            ),
            DsseError::Type => {
                f.write_str("the envelope's `payloadType` is another than the one asked for")
            }
            DsseError::Many => write!(f, "the envelope has more than {SIGNATURES_MAX} signatures"),
            DsseError::Unsigned => {
                f.write_str("no signature of the envelope is by a key that is trusted for this")
            }
        }
    }
}

impl std::error::Error for DsseError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededDice;

    const TYPE: &str = "http://example.com/HelloWorld";

    /// The example of the DSSE protocol text.
    #[test]
    fn what_is_signed_is_the_specifications_example() {
        let message = pae(TYPE, b"hello world");
        assert_eq!(
            message,
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn an_envelope_opens_for_its_type_and_its_keys_only() {
        let dice = &mut SeededDice::new(1);
        let (signer, other) = (Signer::new(dice), Signer::new(dice));
        let (key, stranger) = (signer.verifier(), other.verifier());
        let envelope = sign(TYPE, b"hello world", "k1", &signer);
        assert_eq!(
            verify(&envelope, TYPE, &[stranger, key]),
            Ok((b"hello world".to_vec(), vec![key]))
        );
        assert_eq!(
            verify(&envelope, TYPE, &[stranger]),
            Err(DsseError::Unsigned)
        );
        assert_eq!(verify(&envelope, TYPE, &[]), Err(DsseError::Unsigned));
        assert_eq!(
            verify(&envelope, "text/plain", &[key]),
            Err(DsseError::Type)
        );
    }

    #[test]
    fn a_changed_payload_type_or_signature_is_refused() {
        let signer = Signer::new(&mut SeededDice::new(1));
        let keys = [signer.verifier()];
        let good = sign(TYPE, b"hello world", "", &signer);
        let mut changed = good.clone();
        changed.payload = STANDARD.encode("hello moon");
        assert_eq!(verify(&changed, TYPE, &keys), Err(DsseError::Unsigned));
        changed.payload = "%".into();
        assert_eq!(verify(&changed, TYPE, &keys), Err(DsseError::Payload));
        let mut changed = good.clone();
        changed.payload_type = "text/plain".into();
        assert_eq!(
            verify(&changed, "text/plain", &keys),
            Err(DsseError::Unsigned)
        );
        let mut changed = good.clone();
        changed.signatures = vec![changed.signatures[0].clone(); SIGNATURES_MAX + 1];
        assert_eq!(verify(&changed, TYPE, &keys), Err(DsseError::Many));
        let mut changed = good;
        changed.payload = "A".repeat(PAYLOAD_BYTES_MAX * 2);
        assert_eq!(verify(&changed, TYPE, &keys), Err(DsseError::Long));
    }

    #[test]
    fn an_envelope_is_read_from_the_specifications_form() {
        let text =
            r#"{"payload":"aGVsbG8gd29ybGQ=","payloadType":"t","signatures":[{"sig":"AA=="}]}"#;
        let envelope: Envelope = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&envelope).unwrap(), text);
    }
}
