//! Maven: `ComparableVersion`, as the POM reference ("Version Order Specification") describes it.
//!
//! Odd about it: any string is a version. It is cut at dots, at hyphens, and wherever digits meet anything else,
//! which counts as a hyphen. Zeros, `ga`, `final`, `release` and nothing are null: nulls in front of a hyphen and of
//! the end fall away, so `1`, `1.0`, `1-ga` and `1.0.0-0.0` are one version, and `1.0-x` is `1x`. `a`, `b` and `m`
//! right before a digit mean alpha, beta and milestone; `cr` is `rc`; case does not count. Words: alpha, beta,
//! milestone, rc, snapshot, then the end, then `sp`, then other words by letter. Position by position a word
//! after a dot precedes one after a hyphen, that precedes a number after a hyphen, that a number after a dot.
//!
//! Not a total order, because the end, which is compared as zeros or as nothing, fits nowhere among those: Maven has
//! `1.x` < `1-alpha` < `1` < `1.x`, and `1` < `1-x` < `1.0.rc` < `1`. Decided: what precedes the end precedes whatever
//! follows the end; only where both stand on one side do positions decide.
//!
//! Key: a marker per token in that order; a number after a dot is the number itself, above all markers. Zeros that
//! lead to a word before the end are counted rather than written, for they must sort before the end.

use std::cmp::Ordering;

use crate::encode;

/// A word before the end, after a dot; its place follows.
const DOT_EARLY: u8 = 0x01;
const HYPHEN_EARLY: u8 = 0x02;
/// Zeros after dots, then an early word: their count follows, then the word.
const ZEROS_THEN_EARLY: u8 = 0x03;
const END: u8 = 0x04;
/// A word after the end, after a dot; its place follows, and its text.
const DOT_LATE: u8 = 0x05;
const HYPHEN_LATE: u8 = 0x06;
const HYPHEN_NUMBER: u8 = 0x07;

/// Words before the end, in order; their place counts from 1.
const EARLY: [&[u8]; 5] = [b"alpha", b"beta", b"milestone", b"rc", b"snapshot"];
const NULLS: [&[u8]; 3] = [b"ga", b"final", b"release"];
const NULL_WORD: u8 = 6;
const SP: u8 = 7;
const OTHER_WORD: u8 = 8;

#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    /// Whether a hyphen, or the place where digits meet the rest, stands before it.
    hyphen: bool,
    text: &'a [u8],
    /// Whether digits follow without anything between.
    glued: bool,
}

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    let mut tokens = Tokens::new(version);
    token_into(tokens.next()?, out);
    // Nulls met since the last token that counted: the one after a hyphen, and how many after dots.
    let (mut hyphened, mut dotted) = (None, 0_u16);
    for token in tokens {
        if token.hyphen {
            (hyphened, dotted) = (None, 0);
        }
        if is_null(token) {
            match token.hyphen {
                true => hyphened = Some(token),
                false => dotted = dotted.saturating_add(1),
            }
            continue;
        }
        if let Some(null) = hyphened.take() {
            token_into(null, out);
        }
        let early = !is_numeric(token.text) && rank(token) < NULL_WORD;
        match std::mem::take(&mut dotted) {
            0 => {}
            zeros if early => {
                out.push(ZEROS_THEN_EARLY);
                out.extend_from_slice(&zeros.to_be_bytes());
            }
            zeros => out.extend(std::iter::repeat_n(0x10, usize::from(zeros))),
        }
        token_into(token, out);
    }
    out.push(END);
    Some(())
}

fn token_into(token: Token<'_>, out: &mut Vec<u8>) {
    if is_numeric(token.text) {
        if token.hyphen {
            out.push(HYPHEN_NUMBER);
        }
        return encode::number(token.text, out);
    }
    let rank = rank(token);
    out.push(match (rank < NULL_WORD, token.hyphen) {
        (true, false) => DOT_EARLY,
        (true, true) => HYPHEN_EARLY,
        (false, false) => DOT_LATE,
        (false, true) => HYPHEN_LATE,
    });
    out.push(rank);
    if rank == OTHER_WORD {
        encode::text_lower(token.text, out);
    }
}

/// A word's place among words.
fn rank(token: Token<'_>) -> u8 {
    let is = |name: &[u8]| token.text.eq_ignore_ascii_case(name);
    match token.text {
        b"a" | b"A" if token.glued => 1,
        b"b" | b"B" if token.glued => 2,
        b"m" | b"M" if token.glued => 3,
        _ if is(b"cr") => 4,
        _ if is(b"sp") => SP,
        _ if token.text.is_empty() || NULLS.into_iter().any(is) => NULL_WORD,
        _ => match EARLY.into_iter().position(is) {
            Some(at) => at as u8 + 1,
            None => OTHER_WORD,
        },
    }
}

fn is_null(token: Token<'_>) -> bool {
    match is_numeric(token.text) {
        true => encode::is_zero(token.text),
        false => rank(token) == NULL_WORD,
    }
}

/// An empty token stands for zero.
fn is_numeric(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

/// How `a` stands to `b`: tokens trimmed, padded and compared one by one, as the specification says, but for
/// what was decided above.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (trimmed(a), trimmed(b));
    let (mut a, mut b) = (&a[..], &b[..]);
    if let (Some(first_of_a), Some(first_of_b)) = (a.first(), b.first()) {
        let order = compare_tokens(*first_of_a, *first_of_b);
        if order.is_ne() {
            return Some(order);
        }
    }
    while let (Some((left, more_a)), Some((right, more_b))) = (a.split_first(), b.split_first()) {
        if compare_tokens(*left, *right).is_ne() {
            break;
        }
        (a, b) = (more_a, more_b);
    }
    let sides = against_the_end(a).cmp(&against_the_end(b));
    Some(sides.then_with(|| match (a.first(), b.first()) {
        (Some(a), Some(b)) => compare_tokens(*a, *b),
        // Both are at their end: one that was not would stand on one side of it.
        _ => Ordering::Equal,
    }))
}

/// The tokens that are left when every run of nulls before a hyphen and before the end is gone. A null word after
/// a dot is a zero.
fn trimmed(version: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Tokens::new(version).collect();
    let mut droppable = true;
    for at in (1..tokens.len()).rev() {
        let Some(token) = tokens.get(at).copied() else {
            break;
        };
        let dropped = droppable && is_null(token);
        if dropped {
            tokens.remove(at);
        } else if is_null(token)
            && !token.hyphen
            && let Some(zero) = tokens.get_mut(at)
        {
            zero.text = b"0";
        }
        // What stands before this one may go if this one is gone or has a hyphen.
        droppable = dropped || token.hyphen;
    }
    tokens
}

fn compare_tokens(a: Token<'_>, b: Token<'_>) -> Ordering {
    let class = |token: Token<'_>| match (is_numeric(token.text), token.hyphen) {
        (false, false) => 0,
        (false, true) => 1,
        (true, true) => 2,
        (true, false) => 3,
    };
    class(a)
        .cmp(&class(b))
        .then_with(|| match is_numeric(a.text) {
            true => encode::compare_numbers(a.text, b.text),
            false => rank(a).cmp(&rank(b)).then_with(|| match rank(a) {
                OTHER_WORD => a
                    .text
                    .to_ascii_lowercase()
                    .cmp(&b.text.to_ascii_lowercase()),
                _ => Ordering::Equal,
            }),
        })
}

/// On which side of the end `tokens` lead: the first that is no zero after a dot decides.
fn against_the_end(tokens: &[Token<'_>]) -> Ordering {
    let counts = |token: &&Token<'_>| token.hyphen || !is_null(**token);
    match tokens.iter().find(counts) {
        None => Ordering::Equal,
        Some(token) if !is_numeric(token.text) && rank(*token) < NULL_WORD => Ordering::Less,
        Some(_) => Ordering::Greater,
    }
}

/// Cuts a version into tokens.
struct Tokens<'a> {
    /// `None` when the last token has been given out.
    rest: Option<&'a [u8]>,
    hyphen: bool,
}

impl<'a> Tokens<'a> {
    fn new(version: &'a str) -> Tokens<'a> {
        Tokens {
            rest: Some(version.as_bytes()),
            // The first token has nothing before it; it is compared as after a dot.
            hyphen: false,
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let mut rest = self.rest?;
        let digits = rest.first().is_some_and(u8::is_ascii_digit);
        let text = encode::take(&mut rest, |byte| {
            byte.is_ascii_digit() == digits && byte != b'.' && byte != b'-'
        });
        let hyphen = std::mem::replace(&mut self.hyphen, true);
        let mut glued = false;
        self.rest = match rest.split_first() {
            None => None,
            Some((b'.', tail)) => {
                self.hyphen = false;
                Some(tail)
            }
            Some((b'-', tail)) => Some(tail),
            Some((next, _)) => {
                glued = next.is_ascii_digit();
                Some(rest)
            }
        };
        Some(Token {
            hyphen,
            text,
            glued,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn nulls_before_a_hyphen_a_word_and_the_end_fall_away() {
        for same in [
            &[
                "1",
                "1.0",
                "1-ga",
                "1.",
                "1-",
                "1.0.0-0.0.0",
                "1.FINAL",
                "01",
            ][..],
            &["1x", "1.0-x", "1-x", "1.0.0X"],
            &["1a1", "1-alpha-1", "1.0a1", "1-ALPHA1"],
            &["1-1", "1-ga-1", "1.0-1"],
        ] {
            let keys: Vec<_> = same.iter().map(|v| key(Scheme::Maven, v)).collect();
            assert!(keys.iter().all(|key| *key == keys[0]), "{same:?} {keys:?}");
        }
    }

    #[test]
    fn words_numbers_and_the_end_have_their_places() {
        let versions = [
            "1-a1",
            "1-beta",
            "1-m2",
            "1-cr1",
            "1-rc2",
            "1-SNAPSHOT",
            "1",
            "1-sp",
            "1-abc",
            "1-x",
            "1-0.1",
            "1-1",
            "1.0.1",
            "1.1",
        ];
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::Maven, v)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    }
}
