//! apk-tools 3: `number{.number}[letter]{_suffix[number]}[~hash][-rN]`, as apk-package(5) orders it.
//!
//! Odd about it: a number after the first that begins with a zero is compared as text, as a fraction would be
//! (`1.06` < `1.1`), and so is whatever it is compared with. Of the suffixes `_alpha`, `_beta`, `_pre` and `_rc`
//! sort before the end, `_cvs`, `_svn`, `_git`, `_hg` and `_p` after it. Where one version ends and the other goes
//! on, the kind of what goes on decides: a number is more than a letter, that more than a late suffix, its
//! number, a hash, a revision and the end. So `1.0` < `1.0-r0` and `1.0_p` < `1.0_p0`.
//!
//! apk tells versions it finds malformed apart differently in each of its releases, sometimes without a total
//! order. Decided here: what is well-formed up to a point is ordered up to that point, and the malformed rest
//! sorts right before the end, as text; after a revision it does not count at all (`1-r0-1` is `1-r0-2`). A
//! string with nothing well-formed at its head has no key.
//!
//! Key: the first number, then a marker a token in the order above; see the constants.

use std::cmp::Ordering;

use crate::encode;

const MALFORMED: u8 = 0x05;
const END: u8 = 0x06;
const REVISION: u8 = 0x07;
const HASH: u8 = 0x08;
const SUFFIX_NUMBER: u8 = 0x09;
const LETTER: u8 = 0x0E;
/// A number that begins with a zero; the others' first byte lies above.
const FRACTION: u8 = 0x0F;

/// Suffixes with their byte: below [`MALFORMED`] before the end, above [`SUFFIX_NUMBER`] after it.
const SUFFIXES: [(&[u8], u8, u8); 9] = [
    (b"alpha", 0x01, 0),
    (b"beta", 0x02, 0),
    (b"pre", 0x03, 0),
    (b"rc", 0x04, 0),
    (b"cvs", 0x0A, 0),
    (b"svn", 0x0B, 0),
    (b"git", 0x0C, 0),
    (b"hg", 0x0D, 0),
    (b"p", 0x0D, 1),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    First(&'a [u8]),
    Number(&'a [u8]),
    Letter(u8),
    /// Index into [`SUFFIXES`].
    Suffix(usize),
    SuffixNumber(&'a [u8]),
    Hash(&'a [u8]),
    Revision(&'a [u8]),
    End,
    Malformed(&'a [u8]),
}

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    admit(version)?;
    let mut rest = version.as_bytes();
    let mut last = None;
    loop {
        let token = next(last, &mut rest);
        token_into(token, out);
        if matches!(token, Token::End | Token::Malformed(_)) {
            return Some(());
        }
        last = Some(token);
    }
}

/// How `a` stands to `b`, by apk's walk token by token.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    admit(a)?;
    admit(b)?;
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    let mut last = None;
    loop {
        let (left, right) = (next(last, &mut a), next(last, &mut b));
        let order = compare_tokens(left, right);
        if order != Ordering::Equal || matches!(left, Token::End | Token::Malformed(_)) {
            return Some(order);
        }
        last = Some(left);
    }
}

/// Refuses what has nothing well-formed at its head: it would sort before every version, and be reported as
/// older than every fix.
fn admit(version: &str) -> Option<()> {
    let mut rest = version.as_bytes();
    let good = match next(None, &mut rest) {
        Token::First(_) => true,
        Token::Letter(_) => rest.is_empty(),
        _ => version.starts_with('.') && version.bytes().any(|byte| byte.is_ascii_digit()),
    };
    (good && version.bytes().all(|byte| byte.is_ascii_graphic())).then_some(())
}

/// The next token of `rest`, given the one before.
fn next<'a>(last: Option<Token<'a>>, rest: &mut &'a [u8]) -> Token<'a> {
    let whole = *rest;
    let token = match (last, whole.split_first()) {
        (Some(_), None) => Some(Token::End),
        (None, Some((first, _))) if first.is_ascii_digit() => {
            Some(Token::First(encode::take_digits(rest)))
        }
        (None | Some(Token::First(_) | Token::Number(_)), Some((letter, tail)))
            if letter.is_ascii_lowercase() =>
        {
            *rest = tail;
            Some(Token::Letter(*letter))
        }
        (Some(Token::First(_) | Token::Number(_)), Some((b'.', tail))) => {
            *rest = tail;
            let digits = encode::take_digits(rest);
            (!digits.is_empty()).then_some(Token::Number(digits))
        }
        (Some(Token::Suffix(_)), Some((first, _))) if first.is_ascii_digit() => {
            Some(Token::SuffixNumber(encode::take_digits(rest)))
        }
        (Some(last), Some((b'_', tail))) if !is_late(last) => {
            *rest = tail;
            suffix(rest)
        }
        (Some(last), Some((b'~', tail))) if !is_late(last) => {
            *rest = tail;
            let hash = encode::take(rest, |b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            (!hash.is_empty()).then_some(Token::Hash(hash))
        }
        (Some(last), Some((b'-', [b'r', tail @ ..]))) if !matches!(last, Token::Revision(_)) => {
            *rest = tail;
            Some(Token::Revision(encode::take_digits(rest)))
        }
        _ => None,
    };
    match (token, last) {
        (Some(token), _) => token,
        // apk stops at the first thing it does not know; behind a revision it does not look at it.
        (None, Some(Token::Revision(_))) => Token::Malformed(b""),
        (None, _) => Token::Malformed(whole),
    }
}

fn is_late(token: Token<'_>) -> bool {
    matches!(token, Token::Hash(_) | Token::Revision(_))
}

fn suffix<'a>(rest: &mut &'a [u8]) -> Option<Token<'a>> {
    let word = encode::take(rest, |byte| byte.is_ascii_lowercase());
    let found = SUFFIXES.iter().position(|(name, ..)| *name == word);
    found.map(Token::Suffix)
}

fn token_into(token: Token<'_>, out: &mut Vec<u8>) {
    match token {
        Token::First(digits) => encode::number(digits, out),
        Token::Number(digits) if digits.starts_with(b"0") => {
            out.push(FRACTION);
            encode::text(digits, out);
        }
        Token::Number(digits) => encode::number(digits, out),
        Token::Letter(letter) => out.extend([LETTER, letter]),
        Token::Suffix(index) => {
            if let Some((_, marker, more)) = SUFFIXES.get(index) {
                out.push(*marker);
                if *marker == 0x0D {
                    out.push(*more);
                }
            }
        }
        Token::SuffixNumber(digits) => {
            out.push(SUFFIX_NUMBER);
            encode::number(digits, out);
        }
        Token::Hash(hash) => {
            out.push(HASH);
            encode::text(hash, out);
        }
        Token::Revision(digits) => {
            out.push(REVISION);
            encode::number(digits, out);
        }
        Token::End => out.push(END),
        Token::Malformed(rest) => {
            out.push(MALFORMED);
            encode::text(rest, out);
        }
    }
}

fn compare_tokens(a: Token<'_>, b: Token<'_>) -> Ordering {
    use Token as T;
    match (a, b) {
        (T::Number(a), T::Number(b)) if a.starts_with(b"0") || b.starts_with(b"0") => a.cmp(b),
        (T::First(a), T::First(b))
        | (T::Number(a), T::Number(b))
        | (T::SuffixNumber(a), T::SuffixNumber(b))
        | (T::Revision(a), T::Revision(b)) => encode::compare_numbers(a, b),
        (T::Letter(a), T::Letter(b)) => a.cmp(&b),
        (T::Suffix(a), T::Suffix(b)) => a.cmp(&b),
        (T::Hash(a), T::Hash(b)) | (T::Malformed(a), T::Malformed(b)) => a.cmp(b),
        (T::Suffix(early), _) if early < 4 => Ordering::Less,
        (_, T::Suffix(early)) if early < 4 => Ordering::Greater,
        (a, b) => place(b).cmp(&place(a)),
    }
}

/// Where a token of its kind may stand at the earliest; who stands earlier is more.
fn place(token: Token<'_>) -> u8 {
    match token {
        Token::First(_) => 0,
        Token::Number(_) => 1,
        Token::Letter(_) => 2,
        Token::Suffix(_) => 3,
        Token::SuffixNumber(_) => 4,
        Token::Hash(_) => 5,
        Token::Revision(_) => 6,
        Token::End => 7,
        Token::Malformed(_) => 8,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn late_suffixes_sort_after_the_end_and_early_ones_before() {
        let versions = [
            "1.0_alpha",
            "1.0_alpha1",
            "1.0_beta",
            "1.0_pre1",
            "1.0_rc2",
            "1.0",
            "1.0-r0",
            "1.0-r1",
            "1.0_cvs1",
            "1.0_git20200101",
            "1.0_hg1",
            "1.0_p1",
            "1.0a",
            "1.0.0",
            "1.0.01",
            "1.0.1",
        ];
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::Apk, v)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_leading_zero_makes_a_fraction() {
        assert!(key(Scheme::Apk, "1.010") < key(Scheme::Apk, "1.09"));
        assert!(key(Scheme::Apk, "1.06") < key(Scheme::Apk, "1.1"));
    }

    #[test]
    fn a_word_is_no_version() {
        for word in ["latest", "-r0", "_rc1", "...", "v1.0"] {
            assert_eq!(key(Scheme::Apk, word), None, "{word}");
        }
    }
}
