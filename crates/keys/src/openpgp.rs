//! OpenPGP: how does a house sign its files so that everyone's own tools can check them?
//!
//! RFC 9580, and of it what signing takes: one key of version 4 that certifies its own name and signs documents with
//! Ed25519 over SHA-512, written as GnuPG since 2.1 and every reader of CSAF know it (algorithm 22, "EdDSALegacy").
//! What is odd: a fingerprint is a SHA-1 of the public key and the second it was made in, so that second is kept with
//! the key; the two halves of a signature are numbers without their leading zeros; a packet's length is written in
//! one, two or five bytes, whichever fits.

mod armor;
mod packet;
mod ring;

use std::fmt;

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA512};

use crate::dice::Dice;
use crate::sign::Signer;
use packet::{Body, packet};

pub use ring::Ring;

/// Section 5.2.1: what a signature is about.
const BINARY: u8 = 0x00;
const TEXT: u8 = 0x01;
const CERTIFIES_NAME: u8 = 0x13;

/// Section 9.1, EdDSALegacy; section 9.5, SHA2-512.
const ALGORITHM: u8 = 22;
const HASH: u8 = 10;

/// Section 9.2: the object identifier of Ed25519Legacy, with its length before it.
const CURVE: &[u8] = &[9, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];

/// Longest name of a key in bytes: a line of a list of keys, with the house's name and an address in it.
pub const NAME_BYTES_MAX: usize = 200;

/// A key that signs, with the name it goes by.
#[derive(Clone)]
pub struct Key {
    signer: Signer,
    /// Seconds since 1970, when it was made.
    made: u32,
    name: Box<str>,
}

impl Key {
    /// A new key, made `made` seconds after 1970, for whoever is called `name`. Of a name, what fits one line is kept.
    pub fn new(name: &str, made: u32, dice: &mut dyn Dice) -> Key {
        Key::from_parts(Signer::new(dice), made, name)
    }

    pub(crate) fn from_parts(signer: Signer, made: u32, name: &str) -> Key {
        let plain: String = name.chars().filter(|one| !one.is_control()).collect();
        let mut end = plain.len().min(NAME_BYTES_MAX);
        while !plain.is_char_boundary(end) {
            end -= 1;
        }
        Key {
            signer,
            made,
            name: plain[..end].trim().into(),
        }
    }

    /// Its fingerprint (section 5.5.4.2), 40 hexadecimal digits in capitals.
    pub fn fingerprint(&self) -> String {
        let bytes = self.fingerprint_bytes();
        bytes.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// When it was made, in seconds since 1970.
    pub fn made(&self) -> u32 {
        self.made
    }

    /// The public half in ASCII armor (section 10.1): key, name, and the key's own word that the name is its.
    pub fn public(&self) -> String {
        let mut bytes = packet(6, &self.public_body());
        bytes.extend(packet(13, self.name.as_bytes()));
        let mut told = vec![0x99];
        let body = self.public_body();
        told.extend(short(body.len()));
        told.extend(body);
        told.push(0xb4);
        told.extend((self.name.len() as u32).to_be_bytes());
        told.extend(self.name.as_bytes());
        bytes.extend(self.signature(CERTIFIES_NAME, &told, self.made));
        armor::armored("PUBLIC KEY BLOCK", &bytes)
    }

    /// A detached signature over `document` in ASCII armor (section 10.4), made at `now`, in seconds since 1970.
    pub fn sign(&self, document: &[u8], now: u32) -> String {
        armor::armored("SIGNATURE", &self.signature(BINARY, document, now))
    }

    /// `text` with a signature below it that leaves it readable (section 7), made at `now`.
    pub fn sign_text(&self, text: &str, now: u32) -> String {
        let lines: Vec<&str> = text
            .lines()
            .map(|line| line.trim_end_matches([' ', '\t']))
            .collect();
        let signature = self.signature(TEXT, lines.join("\r\n").as_bytes(), now);
        armor::clear_signed(&lines, &armor::armored("SIGNATURE", &signature))
    }

    /// The packet of a signature of this `kind` over `told` (section 5.2.3).
    fn signature(&self, kind: u8, told: &[u8], now: u32) -> Vec<u8> {
        let mut hashed = Body::default();
        // Section 5.2.3.11: never before the key itself, or readers would say that it comes from the future.
        hashed.subpacket(2, &now.max(self.made).to_be_bytes());
        // Section 5.2.3.35: version 4, and the whole fingerprint.
        hashed.subpacket(33, &[&[4][..], &self.fingerprint_bytes()].concat());
        if kind == CERTIFIES_NAME {
            // Section 5.2.3.29: certifies and signs. Section 5.2.3.27: this is its first name.
            hashed.subpacket(27, &[0x03]);
            hashed.subpacket(25, &[1]);
        }
        let hashed = hashed.bytes();
        let mut body = vec![4, kind, ALGORITHM, HASH];
        body.extend(short(hashed.len()));
        body.extend(&hashed);
        // Section 5.2.4: what is hashed is the document, the fields up to here, and how long they are.
        let mut ending = vec![4, 0xff];
        ending.extend((body.len() as u32).to_be_bytes());
        let mut context = Context::new(&SHA512);
        for part in [told, &body, &ending] {
            context.update(part);
        }
        let digest = context.finish();
        let mut unhashed = Body::default();
        unhashed.subpacket(16, &self.fingerprint_bytes()[12..]);
        let unhashed = unhashed.bytes();
        body.extend(short(unhashed.len()));
        body.extend(unhashed);
        body.extend(&digest.as_ref()[..2]);
        let signature = self.signer.sign(digest.as_ref());
        body.extend(packet::number(&signature[..32]));
        body.extend(packet::number(&signature[32..]));
        packet(2, &body)
    }

    /// Section 5.5.2.2 with section 5.5.5.5: version, time, algorithm, curve, and the point in its native form.
    fn public_body(&self) -> Vec<u8> {
        let mut body = vec![4];
        body.extend(self.made.to_be_bytes());
        body.push(ALGORITHM);
        body.extend(CURVE);
        let point = [&[0x40][..], self.signer.verifier().bytes()].concat();
        body.extend(packet::number(&point));
        body
    }

    fn fingerprint_bytes(&self) -> [u8; 20] {
        let body = self.public_body();
        let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
        context.update(&[0x99]);
        context.update(&short(body.len()));
        context.update(&body);
        let mut bytes = [0; 20];
        bytes.copy_from_slice(context.finish().as_ref());
        bytes
    }
}

/// A length of two bytes. What is written here is a few hundred bytes long.
fn short(length: usize) -> [u8; 2] {
    (length as u16).to_be_bytes()
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Key(***, {} {})", self.fingerprint(), self.name)
    }
}

#[cfg(test)]
mod tests;
