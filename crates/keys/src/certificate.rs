//! Certificate: whose OpenPGP signature is this, and does it hold?
//!
//! RFC 9580 (and RFC 4880, which it replaced), of it what verifying takes: keys of version 4 with RSA, ECDSA, EdDSA
//! and Ed25519. What is odd: what everyone calls a public key is a certificate of several keys, and only self-signatures
//! inside say which of them may sign and until when; so each of those is verified before it is believed. A signing
//! subkey has to sign back, or anyone could adopt a stranger's key. Times and flags are read from the hashed part of a
//! signature alone, for the other part anybody can change. Nothing is asked of a web of trust: whose certificate it
//! is, the caller knows by its fingerprint.

mod armor;
mod own;
mod packet;
mod public;
mod signature;

use std::fmt;

use self::packet::Packet;
use self::public::Public;
use self::signature::{Kind, Signature};

/// Longest file of certificates or signatures that is read: a certificate with thousands of strangers' signatures on
/// it has a few hundred KiB; the rest is headroom.
pub const BYTES_MAX: usize = 4 << 20;

/// Most certificates of one file, keys of one certificate, and signatures of one file.
const CERTIFICATES_MAX: usize = 100;
const KEYS_MAX: usize = 100;
const SIGNATURES_MAX: usize = 16;

/// Most self-signatures of one certificate that are verified: 60 µs each for RSA, so 60 ms for the most hostile one.
const CHECKS_MAX: usize = 1_000;

/// A signature may come from this far in the future: clocks differ.
const SKEW_SECONDS: u64 = 24 * 60 * 60;

/// A key and others that it speaks for, as far as their self-signatures hold.
#[derive(Clone, Debug)]
pub struct Certificate {
    fingerprint: String,
    /// Those that may sign documents.
    signers: Vec<Member>,
    names: Vec<String>,
}

/// A key that may sign, and when.
#[derive(Clone, Debug)]
struct Member {
    public: Public,
    /// When it ends, in seconds since 1970.
    until: Option<u64>,
    revoked: Option<Revoked>,
}

/// How a key was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Revoked {
    /// Whoever has it now may not be its owner: nothing it signed holds.
    Wholly,
    /// What it signed before this second holds.
    From(u64),
}

/// A signature that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Of the certificate: the one that is published.
    pub fingerprint: String,
    /// Of the key within that signed.
    pub signer: String,
    /// Seconds since 1970, as the signer says.
    pub made: u64,
    /// Until when it holds: the first of the signature's end and the keys'.
    pub until: Option<u64>,
}

/// Why a signature or a certificate is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be read. Says what is wrong.
    Form(String),
    /// None of the certificates has the key; says what the signature calls it.
    UnknownKey(String),
    /// The bytes are not what was signed, or the key is another.
    Wrong,
    /// Made with what can be forged today.
    Weak(&'static str),
    /// Held until then, in seconds since 1970.
    Expired(u64),
    /// Says that it was made then, which has not come.
    Future(u64),
    /// The key was taken back.
    Revoked,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Form(what) => out.write_str(what),
            Refusal::UnknownKey(key) => write!(
                out,
                "signature is by the key `{key}`, which is none of those published for signing"
            ),
            Refusal::Wrong => out.write_str("signature is not over these bytes"),
            Refusal::Weak(what) => {
                write!(out, "signature is made with {what}, which can be forged")
            }
            Refusal::Expired(when) => write!(
                out,
                "signature or its key ended {} seconds after 1970",
                when
            ),
            Refusal::Future(when) => write!(
                out,
                "signature says that it was made {when} seconds after 1970, which has not come"
            ),
            Refusal::Revoked => out.write_str("signature is by a key that was revoked"),
        }
    }
}

impl std::error::Error for Refusal {}

impl Certificate {
    /// Certificates of a file, armored or not. A file without one is refused.
    pub fn read_all(file: &[u8]) -> Result<Vec<Certificate>, Refusal> {
        let mut certificates = Vec::new();
        for block in armor::blocks(file, "PUBLIC KEY BLOCK")? {
            let packets = packet::all(&block)?;
            let starts = |packet: &Packet<'_>| packet.tag == packet::PUBLIC_KEY;
            let mut rest = packets.as_slice();
            while let Some(start) = rest.iter().position(starts) {
                let (_, from) = rest.split_at(start);
                let end = from
                    .iter()
                    .skip(1)
                    .position(starts)
                    .map_or(from.len(), |end| end + 1);
                let (one, after) = from.split_at(end);
                if certificates.len() == CERTIFICATES_MAX {
                    return Err(Refusal::Form(format!(
                        "file holds more than {CERTIFICATES_MAX} certificates"
                    )));
                }
                certificates.push(own::read(one)?);
                rest = after;
            }
        }
        match certificates.is_empty() {
            true => Err(Refusal::Form("file holds no OpenPGP public key".to_owned())),
            false => Ok(certificates),
        }
    }

    /// 40 hexadecimal digits in capitals.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Names that its owner gives it, as written.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether any key of it may sign at `now`, in seconds since 1970.
    pub fn may_sign(&self, now: u64) -> bool {
        let is_good = |member: &Member| {
            member.revoked.is_none() && member.until.is_none_or(|until| until > now)
        };
        self.signers.iter().any(is_good)
    }
}

/// Checks a detached signature over `document` at `now`, in seconds since 1970.
///
/// Of several signatures, one that holds is enough. Where none does, the refusal is that of the one that came furthest.
pub fn verify(
    certificates: &[Certificate],
    signature: &[u8],
    document: &[u8],
    now: u64,
) -> Result<Verified, Refusal> {
    let mut refusal = Refusal::Form("file holds no OpenPGP signature".to_owned());
    let mut count = 0;
    for block in armor::blocks(signature, "SIGNATURE")? {
        for packet in packet::all(&block)? {
            if packet.tag != packet::SIGNATURE {
                continue;
            }
            count += 1;
            if count > SIGNATURES_MAX {
                return Err(Refusal::Form(format!(
                    "file holds more than {SIGNATURES_MAX} signatures"
                )));
            }
            match one(certificates, packet.body, document, now) {
                Ok(verified) => return Ok(verified),
                Err(Refusal::UnknownKey(key)) if count > 1 => {
                    // What came further says more.
                    if matches!(refusal, Refusal::Form(_)) {
                        refusal = Refusal::UnknownKey(key);
                    }
                }
                Err(other) => refusal = other,
            }
        }
    }
    Err(refusal)
}

fn one(
    certificates: &[Certificate],
    body: &[u8],
    document: &[u8],
    now: u64,
) -> Result<Verified, Refusal> {
    let signature = Signature::read(body)?;
    let document = match signature.kind {
        Kind::Binary => std::borrow::Cow::Borrowed(document),
        Kind::Text => std::borrow::Cow::Owned(signature::with_line_ends(document)),
        _ => {
            return Err(Refusal::Form(
                "signature is not one over a document".to_owned(),
            ));
        }
    };
    let Some(made) = signature.made else {
        return Err(Refusal::Form(
            "signature does not say when it was made".to_owned(),
        ));
    };
    // Said first, for whoever published another key wants to know it, whatever the hash is.
    let candidates = certificates
        .iter()
        .flat_map(|certificate| {
            certificate
                .signers
                .iter()
                .map(move |member| (certificate, member))
        })
        .filter(|(_, member)| signature.may_be_by(&member.public));
    let mut refusal = Refusal::UnknownKey(signature.issuer());
    for (certificate, member) in candidates {
        if !signature.is_by(&member.public, &[&document])? {
            refusal = Refusal::Wrong;
            continue;
        }
        if made > now.saturating_add(SKEW_SECONDS) {
            return Err(Refusal::Future(made));
        }
        let is_revoked = match member.revoked {
            Some(Revoked::Wholly) => true,
            Some(Revoked::From(when)) => made >= when,
            None => false,
        };
        if is_revoked {
            return Err(Refusal::Revoked);
        }
        if made < member.public.made {
            return Err(Refusal::Form(
                "signature says that it is older than its key".to_owned(),
            ));
        }
        let ends = signature.lasts.map(|lasts| made.saturating_add(lasts));
        let until = [ends, member.until].into_iter().flatten().min();
        if let Some(until) = until.filter(|until| *until <= now) {
            return Err(Refusal::Expired(until));
        }
        return Ok(Verified {
            fingerprint: certificate.fingerprint.clone(),
            signer: member.public.fingerprint.clone(),
            made,
            until,
        });
    }
    Err(refusal)
}

#[cfg(test)]
mod tests;
