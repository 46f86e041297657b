//! dpkg: `[epoch:]upstream[-revision]`, as Debian Policy 4.7 section 5.6.12 and deb-version(7) order it.
//!
//! Odd about it: a tilde sorts before everything, even before the end, so that `1.0~rc1` precedes `1.0`. Letters
//! sort before every other character. Text and numbers alternate, an absent number is zero, so `1.a` and `1.a0`
//! are one version. A missing epoch is 0, a missing revision is `0`: `1` and `1-0` are one version too. The
//! revision begins after the *last* hyphen, the epoch ends at the *first* colon.
//!
//! Key: the epoch; then upstream and revision, each as text, `END`, number, text, `END`, number … `END`. A
//! character is one byte (`~` 1, `END` 2, letters from 3, others from 64), a number follows only an `END`.
//!
//! dpkg refuses characters outside `A-Za-z0-9.+-~:`. OSV holds versions with an underscore or two, so any
//! visible ASCII is ordered, by dpkg's own rule for "others"; anything else has no key.

use std::cmp::Ordering;

use crate::encode;

/// Where text ends and a number begins, or the whole ends.
const END: u8 = 2;

struct Parts<'a> {
    epoch: &'a [u8],
    upstream: &'a [u8],
    revision: &'a [u8],
}

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    let parts = split(version)?;
    encode::number(parts.epoch, out);
    part_into(parts.upstream, out);
    part_into(parts.revision, out);
    Some(())
}

/// How `a` stands to `b`: the algorithm of deb-version(7), character by character.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (split(a)?, split(b)?);
    let order = encode::compare_numbers(a.epoch, b.epoch)
        .then_with(|| compare_parts(a.upstream, b.upstream))
        .then_with(|| compare_parts(a.revision, b.revision));
    Some(order)
}

/// Writes one of upstream and revision.
pub(crate) fn part_into(part: &[u8], out: &mut Vec<u8>) {
    let mut rest = part;
    loop {
        let text = encode::take(&mut rest, |byte| !byte.is_ascii_digit());
        out.extend(text.iter().map(|byte| weight(*byte)));
        out.push(END);
        encode::number(encode::take_digits(&mut rest), out);
        if rest.is_empty() {
            break;
        }
    }
    out.push(END);
}

/// Compares one of upstream and revision.
pub(crate) fn compare_parts(a: &[u8], b: &[u8]) -> Ordering {
    let (mut a, mut b) = (a, b);
    while !a.is_empty() || !b.is_empty() {
        let left = encode::take(&mut a, |byte| !byte.is_ascii_digit());
        let right = encode::take(&mut b, |byte| !byte.is_ascii_digit());
        for at in 0..left.len().max(right.len()) {
            let order = rank(left.get(at)).cmp(&rank(right.get(at)));
            if order != Ordering::Equal {
                return order;
            }
        }
        let (left, right) = (encode::take_digits(&mut a), encode::take_digits(&mut b));
        let order = encode::compare_numbers(left, right);
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// Whether every byte has a place in the order.
pub(crate) fn is_visible(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_graphic)
}

fn split(version: &str) -> Option<Parts<'_>> {
    let (epoch, rest) = match version.split_once(':') {
        Some((epoch, _)) if !encode::is_number(epoch.as_bytes()) => return None,
        Some(split) => split,
        None => ("0", version),
    };
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    let good = !upstream.is_empty() && is_visible(rest.as_bytes());
    good.then_some(Parts {
        epoch: epoch.as_bytes(),
        upstream: upstream.as_bytes(),
        revision: revision.as_bytes(),
    })
}

/// A character's byte in the key. `byte` is visible ASCII and no digit.
fn weight(byte: u8) -> u8 {
    match byte {
        b'~' => 1,
        b'A'..=b'Z' | b'a'..=b'z' => byte - b'A' + 3,
        _ => 64 + (byte & 0x7F),
    }
}

/// A character's rank as the manual has it: tilde, the end, letters, the rest.
fn rank(byte: Option<&u8>) -> i32 {
    match byte {
        Some(b'~') => -1,
        None => 0,
        Some(letter) if letter.is_ascii_alphabetic() => i32::from(*letter),
        Some(other) => i32::from(*other) + 256,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    fn ascends(versions: &[&str]) {
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::Deb, v)).collect();
        assert!(keys.iter().all(Option::is_some), "{versions:?}");
        assert!(keys.is_sorted_by(|a, b| a < b), "{versions:?}");
    }

    #[test]
    fn a_tilde_sorts_before_the_end() {
        ascends(&["1.0~~", "1.0~~a", "1.0~", "1.0", "1.0a", "1.0+", "1:0"]);
    }

    #[test]
    fn a_missing_number_is_zero() {
        for (a, b) in [
            ("1.a", "1.a0"),
            ("1", "1-0"),
            ("0:1", "1"),
            ("1", "01"),
            ("1-", "1"),
        ] {
            assert_eq!(key(Scheme::Deb, a), key(Scheme::Deb, b), "{a} {b}");
        }
    }

    #[test]
    fn an_epoch_that_is_no_number_makes_no_version() {
        assert_eq!(key(Scheme::Deb, "a:1"), None);
        assert_eq!(key(Scheme::Deb, ":1"), None);
        assert_eq!(key(Scheme::Deb, "1:"), None);
    }
}
