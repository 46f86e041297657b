//! Authorization: a token by which the target of a scan tells it from an attack, offline.
//!
//! A token is `seamark-authorization-1.STATEMENT.KEYID.SIGNATURE`: the statement as JSON and the signature in
//! base64url without padding (RFC 4648, 5), the key's id in eight hexadecimal digits. Signed is the pre-authentication
//! encoding of DSSE 1.0.2 with [`PAYLOAD_TYPE`], so that no other signed text passes for an authorization. It has only
//! characters that a header field's value may have (RFC 9110, 5.5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use names::Authorization;
use names::authorization::{
    PAYLOAD_TYPE, REVOCATIONS_TYPE, Revocations, STATEMENT_BYTES_MAX, Scan, Unauthorized,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::dsse::pae;
use crate::note::{NoteError, SignerKey, VerifierKey};
use crate::sealing::Master;
use crate::sign::Signer;

const TOKEN: &str = "seamark-authorization-1";
const LIST: &str = "seamark-revocations-1";

/// A list of those taken back has at most this many bytes: a hundred thousand ids of 12 bytes, in round numbers.
/// None stays on it for longer than an authorization lasts.
const LIST_BYTES_MAX: usize = 2 << 20;

/// The key by which an instance signs authorizations: apart from the log's, for its signatures go to strangers.
///
/// Drawn from the master key, so there is no other secret to keep; it is as old as that one.
pub fn key(master: &Master, origin: &str) -> Result<SignerKey, NoteError> {
    let signer = Signer::from_seed(*master.part("authorization").bytes());
    SignerKey::new(&format!("{origin}/authorization"), signer)
}

/// The token of `authorization`.
pub fn sign(authorization: &Authorization, key: &SignerKey) -> String {
    signed(TOKEN, PAYLOAD_TYPE, authorization, key)
}

/// The authorization that one of `keys` signed as `token`, if it covers `scan`.
///
/// Every way in which it does not has its own name; whatever it is, treat the scan as one without a token.
pub fn verify(
    token: &str,
    keys: &[VerifierKey],
    scan: Scan<'_>,
) -> Result<Authorization, Unauthorized> {
    let authorization = read(token, keys)?;
    authorization.covers(scan)?;
    Ok(authorization)
}

/// The authorization that one of `keys` signed as `token`, whatever it covers.
pub fn read(token: &str, keys: &[VerifierKey]) -> Result<Authorization, Unauthorized> {
    opened(token.trim(), TOKEN, PAYLOAD_TYPE, STATEMENT_BYTES_MAX, keys)
}

/// The list of those taken back, signed, so that a target can fetch it from anybody.
pub fn sign_revocations(revocations: &Revocations, key: &SignerKey) -> String {
    signed(LIST, REVOCATIONS_TYPE, revocations, key)
}

/// The list that one of `keys` signed.
pub fn read_revocations(text: &str, keys: &[VerifierKey]) -> Result<Revocations, Unauthorized> {
    opened(text.trim(), LIST, REVOCATIONS_TYPE, LIST_BYTES_MAX, keys)
}

fn signed(prefix: &str, payload_type: &str, statement: &impl Serialize, key: &SignerKey) -> String {
    let payload = serde_json::to_vec(statement).expect("names and numbers are JSON");
    let signature = key.sign_bytes(&pae(payload_type, &payload));
    let (payload, signature) = (BASE64.encode(&payload), BASE64.encode(signature));
    format!("{prefix}.{payload}.{:08x}.{signature}", key.verifier().id())
}

fn opened<T: DeserializeOwned>(
    text: &str,
    prefix: &str,
    payload_type: &str,
    bytes_max: usize,
    keys: &[VerifierKey],
) -> Result<T, Unauthorized> {
    let unreadable = |why: &str| Unauthorized::Unreadable(why.into());
    // A third more for base64, and room for what stands around it.
    if text.len() > bytes_max.div_ceil(3) * 4 + 200 {
        return Err(unreadable("it is longer than any that is signed here"));
    }
    let parts: Vec<&str> = text.split('.').collect();
    let &[held, payload, id, signature] = parts.as_slice() else {
        return Err(unreadable("it is not in four parts with dots between them"));
    };
    if held != prefix {
        return Err(Unauthorized::Unreadable(
            format!("it does not begin with `{prefix}`").into(),
        ));
    }
    let payload = BASE64
        .decode(payload)
        .map_err(|_| unreadable("its statement is not base64url"))?;
    let signature = BASE64
        .decode(signature)
        .map_err(|_| unreadable("its signature is not base64url"))?;
    let id = u32::from_str_radix(id, 16)
        .map_err(|_| unreadable("its key's id is not eight hexadecimal digits"))?;
    let mut named = keys.iter().filter(|key| key.id() == id).peekable();
    if named.peek().is_none() {
        return Err(Unauthorized::StrangeKey);
    }
    let message = pae(payload_type, &payload);
    // Verified before it is parsed: what an attacker wrote never reaches the reader.
    if !named.any(|key| key.verifier().verify(&message, &signature)) {
        return Err(Unauthorized::Forged);
    }
    serde_json::from_slice(&payload).map_err(|error| {
        Unauthorized::Unreadable(format!("its statement is of another form: {error}").into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededDice;
    use names::{AuthorizationId, OrganizationId, Place, Rules, Testing};

    fn statement() -> Authorization {
        Authorization {
            id: AuthorizationId::new(7),
            via: "clearing.example.org".into(),
            owner: OrganizationId::new(3),
            issuer: "Water Works".into(),
            holder: "Lab".into(),
            targets: vec!["host:*.water.example".parse().unwrap()],
            sources: vec![],
            rules: Rules {
                testing: vec![Testing::Probe],
                contact: "noc@water.example".into(),
                ..Rules::default()
            },
            starts: 1_000,
            ends: 2_000,
        }
    }

    fn keys(seed: u64) -> SignerKey {
        key(
            &Master::new(&mut SeededDice::new(seed)),
            "clearing.example.org",
        )
        .unwrap()
    }

    fn scan(target: &[Place], now: i64) -> Scan<'_> {
        Scan {
            now,
            owner: OrganizationId::new(3),
            target,
            source: None,
            revoked: &[],
        }
    }

    #[test]
    fn a_token_says_what_was_signed_and_fits_a_header() {
        let (key, target) = (keys(1), ["host:a.water.example".parse().unwrap()]);
        let token = sign(&statement(), &key);
        assert!(
            token
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        );
        let trusted = [keys(2).verifier().clone(), key.verifier().clone()];
        assert_eq!(
            verify(&token, &trusted, scan(&target, 1_500)),
            Ok(statement())
        );
        assert_eq!(
            verify(&token, &trusted, scan(&target, 2_000)),
            Err(Unauthorized::Over { ended: 2_000 })
        );
        assert_eq!(
            verify(&token, &trusted[..1], scan(&target, 1_500)),
            Err(Unauthorized::StrangeKey)
        );
        assert_eq!(
            verify(&token, &[], scan(&target, 1_500)),
            Err(Unauthorized::StrangeKey)
        );
    }

    #[test]
    fn no_changed_token_is_taken() {
        let key = keys(1);
        let token = sign(&statement(), &key);
        let trusted = [key.verifier().clone()];
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            // The last digit of a signature holds bits that mean nothing; they must be zero all the same.
            assert!(read(&changed, &trusted).is_err(), "at {at}");
        }
        for text in [
            "",
            "....",
            &token[..token.len() - 3],
            &format!("{token}.x"),
            &"a".repeat(10_000),
        ] {
            assert!(
                matches!(
                    read(text, &trusted),
                    Err(Unauthorized::Unreadable(_) | Unauthorized::Forged)
                ),
                "{text}"
            );
        }
    }

    #[test]
    fn a_list_of_revocations_is_no_authorization_nor_the_other_way_round() {
        let key = keys(1);
        let trusted = [key.verifier().clone()];
        let list = Revocations {
            via: "clearing.example.org".into(),
            made: 5,
            revoked: vec![AuthorizationId::new(7)],
        };
        let text = sign_revocations(&list, &key);
        assert_eq!(read_revocations(&text, &trusted), Ok(list));
        let swapped = text.replace(LIST, TOKEN);
        assert_eq!(read(&swapped, &trusted), Err(Unauthorized::Forged));
        assert!(matches!(
            read(&text, &trusted),
            Err(Unauthorized::Unreadable(_))
        ));
    }

    #[test]
    fn the_key_is_drawn_from_the_master_and_is_not_the_logs() {
        let dice = &mut SeededDice::new(1);
        let keyring = crate::Keyring::new("clearing.example.org", dice).unwrap();
        let own = key(keyring.master(), keyring.origin()).unwrap();
        assert_eq!(
            own.verifier(),
            key(keyring.master(), keyring.origin()).unwrap().verifier()
        );
        assert_ne!(
            own.verifier().verifier(),
            keyring.log().verifier().verifier()
        );
    }
}
