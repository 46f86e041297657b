//! PyPI: PEP 440, and before it whatever was uploaded before there was a PEP 440.
//!
//! Source: the PyPA version specifiers specification (PEP 440), appendix B's grammar. Odd about it: an epoch
//! outranks everything; trailing zeros of the release do not count; `1.0.dev1` precedes `1.0a1`, which precedes `1.0`,
//! which precedes `1.0.post1`; a development release of any of these precedes it; a local version (`+ubuntu.1`)
//! follows it, compared by segments, words before numbers. Spellings are many (`1.0-ALPHA.1` is `1.0a1`,
//! `1.0-1` is `1.0.post1`), and each has one key.
//!
//! What PEP 440 refuses has a legacy key, as in setuptools before 66 and in OSV: words and numbers as texts,
//! numbers padded to eight digits, before every valid version.
//!
//! Key: `LEGACY` and its parts, or the epoch, release numbers and an end, pre, post, dev, local, each a
//! marker where it is absent and a number where it is there.

use std::cmp::Ordering;

use crate::encode;

const LEGACY: u8 = 0x00;
const END: u8 = 0x01;
const LOCAL_WORD: u8 = 0x02;
/// Absent and after everything present: no dev release.
const NO_DEV: u8 = 0xFF;
/// Absent and before everything present: no post release.
const NO_POST: u8 = 0x01;
/// Only a dev release: before `a`, `b` and `rc`, which are 2, 3 and 4.
const DEV_ONLY: u8 = 1;
const NO_PRE: u8 = 5;

#[derive(Default)]
struct Parts<'a> {
    epoch: &'a [u8],
    release: &'a [u8],
    /// 2 for `a`, 3 for `b`, 4 for `rc`.
    pre: Option<(u8, &'a [u8])>,
    post: Option<&'a [u8]>,
    dev: Option<&'a [u8]>,
    local: Option<&'a [u8]>,
}

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    match read(version) {
        Some(parts) => valid_into(&parts, out),
        None => legacy_into(version, out)?,
    }
    Some(())
}

/// How `a` stands to `b`: PEP 440's order of the parts, or setuptools' of what is older.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(match (read(a), read(b)) {
        (Some(a), Some(b)) => compare_valid(&a, &b),
        (None, None) => legacy(a)?.cmp(&legacy(b)?),
        (None, Some(_)) => legacy(a).map(|_| Ordering::Less)?,
        (Some(_), None) => legacy(b).map(|_| Ordering::Greater)?,
    })
}

fn valid_into(parts: &Parts<'_>, out: &mut Vec<u8>) {
    encode::number(parts.epoch, out);
    for digits in trim_zeros(parts.release).split(|byte| *byte == b'.') {
        encode::number(digits, out);
    }
    out.push(END);
    match parts.pre {
        Some((phase, digits)) => {
            out.push(phase);
            encode::number(digits, out);
        }
        None if parts.post.is_none() && parts.dev.is_some() => out.push(DEV_ONLY),
        None => out.push(NO_PRE),
    }
    match parts.post {
        Some(digits) => encode::number(digits, out),
        None => out.push(NO_POST),
    }
    match parts.dev {
        Some(digits) => encode::number(digits, out),
        None => out.push(NO_DEV),
    }
    for segment in parts.local.into_iter().flat_map(segments) {
        if encode::is_number(segment) {
            encode::number(segment, out);
        } else {
            out.push(LOCAL_WORD);
            encode::text_lower(segment, out);
        }
    }
    out.push(END);
}

fn compare_valid(a: &Parts<'_>, b: &Parts<'_>) -> Ordering {
    let releases = || {
        let mut a = a.release.split(|byte| *byte == b'.');
        let mut b = b.release.split(|byte| *byte == b'.');
        loop {
            match (a.next(), b.next()) {
                (None, None) => return Ordering::Equal,
                (a, b) => match encode::compare_numbers(a.unwrap_or(b"0"), b.unwrap_or(b"0")) {
                    Ordering::Equal => {}
                    order => return order,
                },
            }
        }
    };
    encode::compare_numbers(a.epoch, b.epoch)
        .then_with(releases)
        .then_with(|| phase(a).cmp(&phase(b)))
        .then_with(|| compare_optional(a.pre.map(|pre| pre.1), b.pre.map(|pre| pre.1)))
        .then_with(|| compare_optional(a.post, b.post))
        .then_with(|| match (a.dev, b.dev) {
            (Some(a), Some(b)) => encode::compare_numbers(a, b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        })
        .then_with(|| compare_local(a.local, b.local))
}

fn phase(parts: &Parts<'_>) -> u8 {
    match (parts.pre, parts.post, parts.dev) {
        (Some((phase, _)), ..) => phase,
        (None, None, Some(_)) => DEV_ONLY,
        _ => NO_PRE,
    }
}

fn compare_optional(a: Option<&[u8]>, b: Option<&[u8]>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => encode::compare_numbers(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

fn compare_local(a: Option<&[u8]>, b: Option<&[u8]>) -> Ordering {
    let mut a = a.into_iter().flat_map(segments);
    let mut b = b.into_iter().flat_map(segments);
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) => match (encode::is_number(a), encode::is_number(b)) {
                (true, true) => encode::compare_numbers(a, b),
                (false, false) => a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()),
                (a, b) => a.cmp(&b),
            },
            (a, b) => a.is_some().cmp(&b.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn segments(local: &[u8]) -> impl Iterator<Item = &[u8]> {
    local.split(|byte| is_separator(*byte))
}

/// `release` without trailing zeros; its first number stays.
fn trim_zeros(release: &[u8]) -> &[u8] {
    let mut rest = release;
    while let Some(dot) = rest.iter().rposition(|byte| *byte == b'.') {
        let (head, tail) = rest.split_at(dot);
        if !encode::is_zero(tail.split_at(1).1) {
            break;
        }
        rest = head;
    }
    rest
}

/// Appendix B's grammar.
fn read(version: &str) -> Option<Parts<'_>> {
    let mut rest = version.as_bytes();
    rest = strip_word(rest, b"v").unwrap_or(rest);
    let mut parts = Parts::default();
    let start = rest;
    let digits = encode::take_digits(&mut rest);
    match rest.strip_prefix(b"!") {
        Some(tail) if !digits.is_empty() => {
            parts.epoch = digits;
            rest = tail;
        }
        _ => rest = start,
    }
    parts.release = release(&mut rest)?;
    parts.pre = pre(&mut rest);
    parts.post = post(&mut rest);
    parts.dev = tagged(&mut rest, &[b"dev"]);
    parts.local = match rest.split_first() {
        None => None,
        Some((b'+', local)) => Some(local),
        Some(_) => return None,
    };
    let good =
        |segment: &[u8]| !segment.is_empty() && segment.iter().all(u8::is_ascii_alphanumeric);
    let local_is_good = parts.local.is_none_or(|local| segments(local).all(good));
    local_is_good.then_some(parts)
}

/// `N(.N)*`: a dot that no digit follows belongs to what comes next.
fn release<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let start = *rest;
    if encode::take_digits(rest).is_empty() {
        return None;
    }
    while let Some(mut tail) = rest.strip_prefix(b".") {
        if encode::take_digits(&mut tail).is_empty() {
            break;
        }
        *rest = tail;
    }
    Some(start.split_at(start.len() - rest.len()).0)
}

/// `[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?N?`. Of two that match, the longer comes first.
fn pre<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    const PHASES: [(u8, &[&[u8]]); 3] = [
        (2, &[b"alpha", b"a"]),
        (3, &[b"beta", b"b"]),
        (4, &[b"preview", b"pre", b"rc", b"c"]),
    ];
    PHASES
        .into_iter()
        .find_map(|(phase, words)| Some((phase, tagged(rest, words)?)))
}

/// `-N` or `[-_.]?(post|rev|r)[-_.]?N?`.
fn post<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    if let Some(mut tail) = rest.strip_prefix(b"-") {
        let digits = encode::take_digits(&mut tail);
        if !digits.is_empty() {
            *rest = tail;
            return Some(digits);
        }
    }
    tagged(rest, &[b"post", b"rev", b"r"])
}

/// Takes `[-_.]?WORD[-_.]?N?` off `rest` and gives its digits; takes nothing where no word matches.
fn tagged<'a>(rest: &mut &'a [u8], words: &[&[u8]]) -> Option<&'a [u8]> {
    let bare = match rest.split_first() {
        Some((first, tail)) if is_separator(*first) => tail,
        _ => rest,
    };
    let after = words.iter().find_map(|word| strip_word(bare, word))?;
    let mut numbered = match after.split_first() {
        Some((first, tail)) if is_separator(*first) => tail,
        _ => after,
    };
    let digits = encode::take_digits(&mut numbered);
    // The grammar takes the separator even where no number follows; nothing after it needs one.
    *rest = numbered;
    Some(digits)
}

fn strip_word<'a>(rest: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(word.len())?;
    head.eq_ignore_ascii_case(word).then_some(tail)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'.' | b'-' | b'_')
}

fn legacy_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    out.push(LEGACY);
    for part in legacy(version)? {
        encode::text(&part, out);
    }
    Some(())
}

/// The parts of a legacy version, which are compared as a list of texts. Blanks inside make no version.
fn legacy(version: &str) -> Option<Vec<Vec<u8>>> {
    if version.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return None;
    }
    let lower = version.to_ascii_lowercase();
    let mut rest = lower.as_bytes();
    let mut parts: Vec<Vec<u8>> = Vec::new();
    while let Some(first) = rest.first().copied() {
        let class = legacy_class(first);
        let piece = match class {
            2 | 3 => {
                let (piece, tail) = rest.split_at(1);
                rest = tail;
                piece
            }
            _ => encode::take(&mut rest, |byte| legacy_class(byte) == class),
        };
        match piece {
            b"." => {}
            _ if class == 0 => parts.push(padded(piece)),
            _ => push_word(legacy_word(piece), &mut parts),
        }
    }
    push_word(b"final", &mut parts);
    Some(parts)
}

/// Digits, letters, a dot, a hyphen, anything else.
fn legacy_class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'.' => 2,
        b'-' => 3,
        _ => 4,
    }
}

fn legacy_word(piece: &[u8]) -> &[u8] {
    match piece {
        b"pre" | b"preview" | b"rc" => b"c",
        b"-" => b"final-",
        b"dev" => b"@",
        other => other,
    }
}

/// A word takes the zeros before it away, and a word before `final` takes hyphens.
fn push_word(word: &[u8], parts: &mut Vec<Vec<u8>>) {
    if word < b"final" {
        while parts.last().is_some_and(|last| last == b"*final-") {
            parts.pop();
        }
    }
    while parts.last().is_some_and(|last| last == b"00000000") {
        parts.pop();
    }
    parts.push([b"*", word].concat());
}

fn padded(digits: &[u8]) -> Vec<u8> {
    let mut part = vec![b'0'; 8_usize.saturating_sub(digits.len())];
    part.extend_from_slice(digits);
    part
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn the_life_of_a_release_ascends() {
        let versions = [
            "trunk",
            "2.0-final",
            "1.0.dev1",
            "1.0a1.dev1",
            "1.0a1",
            "1.0a1.post1.dev1",
            "1.0a1.post1",
            "1.0b2",
            "1.0rc1",
            "1.0",
            "1.0+abc",
            "1.0+abc.1",
            "1.0+1",
            "1.0.post1.dev1",
            "1.0.post1",
            "1.1",
            "1!0.1",
        ];
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::PyPi, v)).collect();
        assert!(keys[2..].is_sorted_by(|a, b| a < b), "{keys:?}");
        assert!(keys[..2].iter().all(|legacy| *legacy < keys[2]));
    }

    #[test]
    fn many_spellings_have_one_key() {
        for (a, b) in [
            ("1.0-ALPHA.1", "1a1"),
            ("v1.0", "1.0.0"),
            ("1.0-1", "1.post1"),
            ("1.0.preview", "1rc0"),
            ("1.0_rev-2", "1.0.post2"),
            ("0!1", "1"),
            ("1.0+AB-c", "1+ab.c"),
            ("1.0c1", "1.0rc1"),
            ("1.DEV", "1.dev0"),
        ] {
            assert_eq!(key(Scheme::PyPi, a), key(Scheme::PyPi, b), "{a} {b}");
        }
    }
}
