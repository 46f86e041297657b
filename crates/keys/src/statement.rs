//! Statement: what an instance says it has seen, signed so that anybody can check who said it.
//!
//! An in-toto Statement 1 in a DSSE 1.0.2 envelope. The key is apart from the log's and from the one for scans: a
//! signature of one kind never passes for another.

use crate::dsse::{self, Envelope};
use crate::note::{NoteError, SignerKey};
use crate::sealing::Master;
use crate::sign::Signer;

/// What a payload is (in-toto attestation framework 1, `layers/envelope`).
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The key by which an instance signs statements.
///
/// Drawn from the master key, so there is no other secret to keep; it is as old as that one.
pub fn key(master: &Master, origin: &str) -> Result<SignerKey, NoteError> {
    let signer = Signer::from_seed(*master.part("statement").bytes());
    SignerKey::new(&format!("{origin}/statement"), signer)
}

/// `statement` signed by `key`; the key's name and id are the hint at it.
pub fn sign(statement: &[u8], key: &SignerKey) -> Envelope {
    let verifier = key.verifier();
    let hint = format!("{}+{:08x}", verifier.name(), verifier.id());
    let mut envelope = dsse::unsigned(PAYLOAD_TYPE, statement);
    let signature = key.sign_bytes(&dsse::pae(PAYLOAD_TYPE, statement));
    envelope.add(&hint, &signature);
    envelope
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededDice;

    #[test]
    fn a_statement_opens_for_the_key_that_signed_it_and_for_no_other_kind_of_key() {
        let master = Master::new(&mut SeededDice::new(1));
        let signer = key(&master, "test.example/log").unwrap();
        let envelope = sign(b"{}", &signer);
        let keys = [*signer.verifier().verifier()];
        let (payload, _) = dsse::verify(&envelope, PAYLOAD_TYPE, &keys).unwrap();
        assert_eq!(payload, b"{}");
        assert!(
            envelope.signatures[0]
                .keyid
                .starts_with("test.example/log/statement+")
        );
        let other = crate::authorization::key(&master, "test.example/log").unwrap();
        let others = [*other.verifier().verifier()];
        assert!(dsse::verify(&envelope, PAYLOAD_TYPE, &others).is_err());
    }
}
