//! Takes a vendor's version string apart, or refuses it: see the words in [`super`].

use super::{Parts, Shape};
use crate::encode;

const NEUTRAL: [&str; 9] = [
    "v", "ver", "version", "fw", "firmware", "sw", "software", "rel", "release",
];

/// Words behind the numbers, with the place of what they name. See [`super::NO_QUALIFIER`].
const QUALIFIERS: [(&str, u8); 24] = [
    ("dev", 0),
    ("alpha", 1),
    ("beta", 2),
    ("rc", 3),
    ("build", 5),
    ("bld", 5),
    ("patch", 6),
    ("p", 6),
    ("pl", 6),
    ("hotfix", 7),
    ("hotfixrev", 7),
    ("hf", 7),
    ("fix", 7),
    ("update", 8),
    ("upd", 8),
    ("u", 8),
    ("servicepack", 9),
    ("sp", 9),
    ("r", 10),
    ("rev", 10),
    ("revision", 10),
    ("s", 11),
    ("maintenance", 12),
    ("mr", 12),
];

/// Words written as two.
const TWO_WORDS: [(&[u8], &[u8], &[u8]); 2] = [
    (b"service", b"pack", b"servicepack"),
    (b"hot", b"fix", b"hotfix"),
];

/// From how many digits on a number without dots is a build or a date rather than a version.
const BUILD_DIGITS_MIN: usize = 5;

/// Takes `version`, in lower case, apart.
pub(super) fn read(version: &str) -> Option<Parts<'_>> {
    let mut rest = version.as_bytes();
    let mut parts = Parts {
        shape: prefix(&mut rest)?,
        numbers: Vec::new(),
        letter: None,
        bracket: [(Vec::new(), None), (Vec::new(), None)],
        qualifiers: Vec::new(),
    };
    if parts.shape == Shape::Numbers
        && let Some(date) = date(rest)
    {
        parts.shape = Shape::Date;
        parts.numbers = date;
        return Some(parts);
    }
    parts.numbers = numbers(&mut rest)?;
    if let ([only], Shape::Numbers) = (&parts.numbers[..], &parts.shape)
        && only.len() >= BUILD_DIGITS_MIN
    {
        parts.shape = Shape::Build;
    }
    while parts.numbers.len() > 1
        && parts
            .numbers
            .last()
            .is_some_and(|last| encode::is_zero(last))
    {
        parts.numbers.pop();
    }
    if let Some(tail) = rest.strip_prefix(b"(")
        && tail.first().is_some_and(u8::is_ascii_digit)
        && parts.shape == Shape::Numbers
    {
        rest = tail;
        parts.shape = Shape::Train(bracket(&mut rest, &mut parts.bracket)?);
    } else {
        parts.letter = letter(&mut rest);
    }
    while !rest.is_empty() {
        parts.qualifiers.push(qualifier(&mut rest)?);
    }
    Some(parts)
}

/// Takes the words in front of the first number off `rest`: what is counted.
fn prefix(rest: &mut &[u8]) -> Option<Shape> {
    let mut shape = Shape::Numbers;
    loop {
        let word = encode::take(rest, |byte| byte.is_ascii_lowercase());
        let word = str::from_utf8(word).ok()?;
        shape = match word {
            "" => return Some(shape),
            "r" | "rev" | "revision" => Shape::Revision,
            "build" | "bld" => Shape::Build,
            _ if NEUTRAL.contains(&word) => shape,
            _ => return None,
        };
        encode::take(rest, |byte| is_blank(byte) || matches!(byte, b'.' | b':'));
    }
}

/// Takes `N(.N)*` off `rest`.
fn numbers<'a>(rest: &mut &'a [u8]) -> Option<Vec<&'a [u8]>> {
    let mut numbers = Vec::new();
    let mut tail = *rest;
    loop {
        let digits = encode::take_digits(&mut tail);
        if digits.is_empty() {
            break;
        }
        numbers.push(digits);
        *rest = tail;
        match tail.strip_prefix(b".") {
            Some(after) => tail = after,
            None => break,
        }
    }
    (!numbers.is_empty()).then_some(numbers)
}

/// Takes one letter off `rest`, if it stands alone.
fn letter(rest: &mut &[u8]) -> Option<u8> {
    let (letter, tail) = rest.split_first()?;
    let alone = !tail.first().is_some_and(u8::is_ascii_alphanumeric);
    if !letter.is_ascii_lowercase() || !alone {
        return None;
    }
    *rest = tail;
    Some(*letter)
}

/// Takes `7)`, `7a)`, `7)e4` or `7)e4a` off `rest`, what stands behind an opening bracket; gives the train.
fn bracket<'a>(
    rest: &mut &'a [u8],
    bracket: &mut [(Vec<&'a [u8]>, Option<u8>); 2],
) -> Option<String> {
    let [inner, outer] = bracket;
    inner.0 = numbers(rest)?;
    inner.1 = letter(rest);
    *rest = rest.strip_prefix(b")")?;
    let train = encode::take(rest, |byte| byte.is_ascii_lowercase());
    if let Some(behind) = numbers(rest) {
        *outer = (behind, letter(rest));
    }
    str::from_utf8(train).ok().map(str::to_string)
}

/// Takes one qualifier and its numbers off `rest`, with the blanks and brackets around it.
fn qualifier<'a>(rest: &mut &'a [u8]) -> Option<(u8, Vec<&'a [u8]>)> {
    encode::take(rest, |byte| {
        is_blank(byte) || matches!(byte, b'.' | b'(' | b':')
    });
    let mut word = encode::take(rest, |byte| byte.is_ascii_lowercase());
    for (first, second, joined) in TWO_WORDS {
        if word == first
            && let Some(tail) = rest.trim_ascii_start().strip_prefix(second)
        {
            (word, *rest) = (joined, tail);
        }
    }
    let place = QUALIFIERS
        .iter()
        .find(|(name, _)| name.as_bytes() == word)?
        .1;
    let mut tail = *rest;
    encode::take(&mut tail, |byte| {
        is_blank(byte) || matches!(byte, b'.' | b':' | b'#')
    });
    let numbers = numbers(&mut tail);
    if numbers.is_some() {
        *rest = tail;
    }
    encode::take(rest, |byte| byte == b')');
    // A letter behind a qualifier's number, `SP1a`, is nothing we know.
    let clean = rest.first().is_none_or(|next| !next.is_ascii_alphabetic());
    (clean || numbers.is_some()).then(|| (place, numbers.unwrap_or_default()))
}

fn date(rest: &[u8]) -> Option<Vec<&[u8]>> {
    let mut fields = rest.split(|byte| *byte == b'-');
    let mut parts = Vec::with_capacity(3);
    for (width, max) in [(4, "9999"), (2, "12"), (2, "31")] {
        let field = fields.next()?;
        let good = field.len() == width && encode::is_number(field) && field <= max.as_bytes();
        parts.push(good.then_some(field)?);
    }
    fields.next().is_none().then_some(parts)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'-' | b'_' | b',' | b'/')
}
