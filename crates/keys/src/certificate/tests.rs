//! What GnuPG signed, in `testdata/openpgp`, and what was done to it.

use std::path::PathBuf;

use expect_test::{Expect, expect};

use super::{Certificate, Refusal, Verified, verify};

fn file(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/openpgp");
    std::fs::read(folder.join(name)).expect("a file of the test data")
}

fn certificate(name: &str) -> Vec<Certificate> {
    Certificate::read_all(&file(&format!("{name}.pub.asc"))).expect("a certificate")
}

/// 2026-02-02, a day after the signatures.
const DAY_AFTER: u64 = 1_769_990_400;
const MONTH: u64 = 30 * 24 * 60 * 60;

fn say(result: Result<Verified, Refusal>) -> String {
    match result {
        Ok(Verified { signer, until, .. }) => format!("{signer} until {until:?}"),
        Err(refusal) => refusal.to_string(),
    }
}

/// What a signature says under a certificate at a time.
fn check(public: &str, signature: &str, now: u64, expected: Expect) {
    let result = verify(
        &certificate(public),
        &file(signature),
        &file("document.json"),
        now,
    );
    expected.assert_eq(&say(result));
}

#[test]
fn what_gnupg_signed_holds_under_its_own_key() {
    for name in [
        "ed25519", "nistp256", "nistp384", "subkey", "expired", "retired", "stranger",
    ] {
        let (public, signature, document) = (
            certificate(name),
            file(&format!("{name}.sig.asc")),
            file("document.json"),
        );
        let verified = verify(&public, &signature, &document, DAY_AFTER).expect(name);
        assert_eq!(verified.fingerprint, public[0].fingerprint());
        let mut other = document.clone();
        other[3] ^= 1;
        assert_eq!(
            verify(&public, &signature, &other, DAY_AFTER),
            Err(Refusal::Wrong),
            "{name}"
        );
    }
}

#[test]
fn a_subkey_signs_for_its_certificate() {
    check(
        "subkey",
        "subkey.sig.asc",
        DAY_AFTER,
        expect!["6B5E6B556AFD648744E6D153C13E93086F657819 until None"],
    );
    let all = certificate("subkey");
    assert_eq!(
        all[0].fingerprint(),
        "65C158B3E090993A8305944C1206CFD794D26263"
    );
    assert_eq!(all[0].names(), ["subkey <subkey@example.com>"]);
    // Neither the key that certifies nor the one that encrypts signs documents.
    assert_eq!(all[0].signers.len(), 1);
}

#[test]
fn a_key_that_nobody_published_is_named() {
    check(
        "ed25519",
        "stranger.sig.asc",
        DAY_AFTER,
        expect![
            "signature is by the key `8C68FD316B7F79FBE8078B1BE097493A2FC5AF4D`, which is none of those published for signing"
        ],
    );
}

#[test]
fn of_several_signatures_one_that_holds_is_enough() {
    check(
        "ed25519",
        "both.sig.asc",
        DAY_AFTER,
        expect!["AB60588991C88FBB88F11BE1F659F2CDDB4BD03E until None"],
    );
    check(
        "stranger",
        "both.sig.asc",
        DAY_AFTER,
        expect!["8C68FD316B7F79FBE8078B1BE097493A2FC5AF4D until None"],
    );
}

#[test]
fn texts_and_signatures_without_armor_hold_too() {
    check(
        "ed25519",
        "text.sig.asc",
        DAY_AFTER,
        expect!["AB60588991C88FBB88F11BE1F659F2CDDB4BD03E until None"],
    );
    check(
        "ed25519",
        "binary.sig",
        DAY_AFTER,
        expect!["AB60588991C88FBB88F11BE1F659F2CDDB4BD03E until None"],
    );
    let carried = String::from_utf8(file("document.json"))
        .expect("UTF-8")
        .replace('\n', "\r\n")
        .into_bytes();
    let under = certificate("ed25519");
    assert!(verify(&under, &file("text.sig.asc"), &carried, DAY_AFTER).is_ok());
    assert_eq!(
        verify(&under, &file("ed25519.sig.asc"), &carried, DAY_AFTER),
        Err(Refusal::Wrong)
    );
}

#[test]
fn what_has_ended_holds_no_more() {
    check(
        "ed25519",
        "ends.sig.asc",
        DAY_AFTER,
        expect!["AB60588991C88FBB88F11BE1F659F2CDDB4BD03E until Some(1772496000)"],
    );
    check(
        "ed25519",
        "ends.sig.asc",
        DAY_AFTER + MONTH,
        expect!["signature or its key ended 1772496000 seconds after 1970"],
    );
    check(
        "expired",
        "expired.sig.asc",
        DAY_AFTER,
        expect!["6A021385FC5A1C385F4DED7144F2EC5167CF3649 until Some(1772366400)"],
    );
    check(
        "expired",
        "expired.sig.asc",
        DAY_AFTER + MONTH,
        expect!["signature or its key ended 1772366400 seconds after 1970"],
    );
}

#[test]
fn a_key_taken_back_as_compromised_never_signed_and_a_retired_one_did() {
    check(
        "revoked",
        "revoked.sig.asc",
        DAY_AFTER,
        expect!["signature is by a key that was revoked"],
    );
    check(
        "retired",
        "retired.sig.asc",
        DAY_AFTER + 6 * MONTH,
        expect!["04C233199A1066A0EAD92E62BA73281A07133806 until None"],
    );
}

#[test]
fn what_can_be_forged_what_comes_from_the_future_and_what_is_not_understood_is_refused() {
    check(
        "subkey",
        "sha1.sig.asc",
        DAY_AFTER,
        expect!["signature is made with SHA-1, which can be forged"],
    );
    check(
        "stranger",
        "late.sig.asc",
        DAY_AFTER,
        expect![
            "signature says that it was made 1777593600 seconds after 1970, which has not come"
        ],
    );
    check(
        "ed25519",
        "critical.sig.asc",
        DAY_AFTER,
        expect!["signature has a critical notation that is not known"],
    );
}

#[test]
fn what_is_no_signature_is_said_to_be_none() {
    let under = certificate("ed25519");
    let said = |text: &[u8]| say(verify(&under, text, b"", DAY_AFTER));
    expect!["file holds no `-----BEGIN PGP SIGNATURE-----`"].assert_eq(&said(b"<html>not found"));
    expect!["armor has no end"].assert_eq(&said(b"-----BEGIN PGP SIGNATURE-----\n\nabc"));
    expect!["armor is not base64"].assert_eq(&said(
        b"-----BEGIN PGP SIGNATURE-----\n\n?\n-----END PGP SIGNATURE-----\n",
    ));
    expect!["file holds no OpenPGP signature"].assert_eq(&said(
        b"-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n",
    ));
    expect!["an OpenPGP packet is cut off or of a form that is not read"]
        .assert_eq(&said(&file("binary.sig")[..80]));
    assert!(Certificate::read_all(&file("ed25519.sig.asc")).is_err());
}

/// A flipped bit anywhere makes it another signature or none, and never ends the program.
#[test]
fn no_bit_of_a_signature_or_a_certificate_can_be_changed_for_gain() {
    let document = file("document.json");
    let under = certificate("ed25519");
    let signature = file("binary.sig");
    let mut holds = 0;
    for at in 0..signature.len() * 8 {
        let mut changed = signature.clone();
        changed[at / 8] ^= 1 << (at % 8);
        if let Ok(verified) = verify(&under, &changed, &document, DAY_AFTER) {
            assert_eq!((verified.made, verified.until), (1_769_904_000, None));
            holds += 1;
        }
    }
    // The two bytes of the hash, and the part that is not signed: hints at the key, which decides itself.
    assert!(holds <= 16 + 12 * 8, "{holds}");
    let block = super::armor::blocks(&file("subkey.pub.asc"), "PUBLIC KEY BLOCK")
        .expect("a block")
        .remove(0);
    for at in 0..block.len() * 8 {
        if at % 7 != 0 {
            continue;
        }
        let mut changed = block.clone();
        changed[at / 8] ^= 1 << (at % 8);
        for certificate in Certificate::read_all(&changed).unwrap_or_default() {
            let is_known = |fingerprint: &str| {
                fingerprint == "65C158B3E090993A8305944C1206CFD794D26263"
                    || certificate.signers.is_empty()
            };
            assert!(is_known(certificate.fingerprint()), "bit {at}");
            let foreign = certificate.signers.iter().find(|member| {
                member.public.fingerprint != "6B5E6B556AFD648744E6D153C13E93086F657819"
            });
            assert!(foreign.is_none(), "bit {at}");
        }
    }
}

/// A subkey of somebody else's, adopted: bound by the thief, who cannot make it sign back.
#[test]
fn a_certificate_cannot_adopt_a_strangers_key() {
    let mut both = super::armor::blocks(&file("stranger.pub.asc"), "PUBLIC KEY BLOCK")
        .expect("a block")
        .remove(0);
    let victim = super::armor::blocks(&file("subkey.pub.asc"), "PUBLIC KEY BLOCK")
        .expect("a block")
        .remove(0);
    let packets = super::packet::all(&victim).expect("packets");
    let subkey = packets
        .iter()
        .position(|packet| packet.tag == super::packet::PUBLIC_SUBKEY)
        .expect("a subkey");
    for packet in &packets[subkey..subkey + 2] {
        both.push(0xc0 | packet.tag);
        both.push(0xff);
        both.extend((packet.body.len() as u32).to_be_bytes());
        both.extend(packet.body);
    }
    let read = Certificate::read_all(&both).expect("a certificate");
    assert_eq!(read[0].signers.len(), 1);
    assert!(
        verify(
            &read,
            &file("subkey.sig.asc"),
            &file("document.json"),
            DAY_AFTER
        )
        .is_err()
    );
}
