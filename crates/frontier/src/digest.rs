//! Digest: SHA-256 (FIPS 180-4) as everything here names bytes that it does not hold.

use std::fmt;
use std::str::FromStr;

use names::Problems;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::jcs::{self, JcsError};

/// SHA-256 of something. Prints as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// SHA-256 of `parts`, one after another.
    pub fn of(parts: &[&[u8]]) -> Digest {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Digest(hash.finalize().into())
    }

    /// SHA-256 of `value` as RFC 8785 writes it.
    pub fn of_json(value: &impl Serialize) -> Result<Digest, JcsError> {
        Ok(Digest::of(&[jcs::canonical(value)?.as_bytes()]))
    }

    /// SHA-256 of a salt and what it hides: without the salt nobody can try out what it might have been.
    pub fn salted(salt: &[u8; 32], parts: &[&[u8]]) -> Digest {
        let all: Vec<&[u8]> = std::iter::once(&salt[..])
            .chain(parts.iter().copied())
            .collect();
        Digest::of(&all)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = Problems;

    fn try_from(text: String) -> Result<Digest, Problems> {
        text.parse()
    }
}

impl FromStr for Digest {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Digest, Problems> {
        bytes(text).map(Digest).ok_or_else(|| {
            Problems::one(format!(
                "`{text}` is no digest; give the 64 hexadecimal digits of a SHA-256"
            ))
        })
    }
}

/// The bytes that `2 N` small hexadecimal digits stand for.
pub(crate) fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_printed() {
        // FIPS 180-4, example of `abc`.
        let abc = Digest::of(&[b"a", b"bc"]);
        let text = abc.to_string();
        assert_eq!(
            text,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(text.parse::<Digest>().unwrap(), abc);
        for wrong in ["", "ba78", &text.to_uppercase(), &text.replace('b', "g")] {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
    }
}
