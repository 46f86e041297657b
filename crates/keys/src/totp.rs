//! Codes: does the person hold the device they enrolled?
//!
//! TOTP (RFC 6238) over HOTP (RFC 4226) with what every authenticator app takes: HMAC-SHA-1, six
//! digits, steps of 30 seconds.

use std::fmt;

use aws_lc_rs::hmac;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::base32;
use crate::dice::{Dice, draw};

/// RFC 6238, section 4.1: the default step.
pub const STEP_SECONDS: u64 = 30;
/// RFC 6238, section 5.2: one step either way, for clocks that disagree and for slow typing.
const STEPS_AROUND: u64 = 1;
/// RFC 4226, section 4, R6: at least 128 bits, 160 recommended.
const SECRET_BYTES: usize = 20;

/// What the device and we share.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret {
    bytes: [u8; SECRET_BYTES],
}

impl Secret {
    /// A new one.
    pub fn new(dice: &mut dyn Dice) -> Secret {
        Secret { bytes: draw(dice) }
    }

    /// The one that was kept; `None` where these are not its 20 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Secret> {
        let bytes = bytes.try_into().ok()?;
        Some(Secret { bytes })
    }

    /// Its bytes, to be stored sealed.
    pub fn reveal(&self) -> &[u8] {
        &self.bytes
    }

    /// What a person types into their device where it cannot read the picture.
    pub fn base32(&self) -> String {
        base32::encode(&self.bytes)
    }

    /// `otpauth://totp/…`, which devices read as a link or a picture.
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (percent(issuer), percent(account));
        let secret = self.base32();
        format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}")
    }

    /// The six digits of a step (`seconds since 1970 / 30`).
    pub fn code(&self, step: u64) -> String {
        format!("{:06}", truncated(&self.bytes, step) % 1_000_000)
    }

    /// The step that `code` is of, where it is one around `now_seconds` and later than `last`, the step
    /// accepted before. Keep it with the account in the same transaction, so that no code counts twice.
    #[must_use]
    pub fn accept(&self, code: &str, now_seconds: u64, last: Option<u64>) -> Option<u64> {
        let now = now_seconds / STEP_SECONDS;
        let code: String = code.chars().filter(|it| !it.is_whitespace()).collect();
        let mut accepted = None;
        for step in now.saturating_sub(STEPS_AROUND)..=now.saturating_add(STEPS_AROUND) {
            let is_fresh = last.is_none_or(|last| step > last);
            if crate::equal(code.as_bytes(), self.code(step).as_bytes()) && is_fresh {
                accepted = Some(step);
            }
        }
        accepted
    }
}

/// RFC 4226, section 5.3: 31 bits from where the last four bits of the hash point to.
fn truncated(secret: &[u8], counter: u64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &counter.to_be_bytes());
    let hash = tag.as_ref();
    let at = usize::from(hash[19] & 15);
    let word = [hash[at], hash[at + 1], hash[at + 2], hash[at + 3]];
    u32::from_be_bytes(word) & 0x7fff_ffff
}

/// RFC 3986, section 2.3: all but unreserved letters as `%XX`.
fn percent(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::from_bytes(b"12345678901234567890").unwrap()
    }

    /// RFC 6238, appendix B, the rows of SHA-1; their last six of eight digits.
    #[test]
    fn codes_are_those_of_rfc_6238() {
        let rows = [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ];
        for (seconds, code) in rows {
            let step = seconds / STEP_SECONDS;
            assert_eq!(secret().code(step), format!("{:06}", code % 1_000_000));
            assert_eq!(truncated(secret().reveal(), step) % 100_000_000, code);
        }
    }

    #[test]
    fn a_code_counts_one_step_either_way_and_never_twice() {
        let secret = secret();
        let code = secret.code(100);
        for (now, last, accepted) in [
            (98 * 30, None, None),
            (99 * 30, None, Some(100)),
            (100 * 30 + 29, None, Some(100)),
            (101 * 30 + 29, None, Some(100)),
            (102 * 30, None, None),
            (100 * 30, Some(99), Some(100)),
            (100 * 30, Some(100), None),
            (100 * 30, Some(101), None),
        ] {
            assert_eq!(secret.accept(&code, now, last), accepted, "{now} {last:?}");
        }
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        assert_eq!(secret.accept(&spaced, 3000, None), Some(100));
        assert_eq!(secret.accept("", 3000, None), None);
        assert_eq!(secret.accept("000000", 0, None), None);
    }

    #[test]
    fn a_device_is_told_whose_code_it_is() {
        assert_eq!(
            secret().uri("Seamark test", "ada@example.org"),
            "otpauth://totp/Seamark%20test:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Seamark%20test"
        );
        assert_eq!(format!("{:?}", secret()), "Secret(***)");
        assert!(Secret::from_bytes(b"short").is_none());
    }
}
