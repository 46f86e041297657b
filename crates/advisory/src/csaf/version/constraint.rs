//! Bounds in a vendor's words: signs (`>= 4.4 | <= 4.12`) and phrases (`V4.5 and prior`, `2.0 through 2.6`).

use super::shape::is_version;

/// Words that only introduce a version.
pub(super) const INTRODUCTIONS: &[&str] = &[
    "all firmware versions",
    "all software versions",
    "all bios versions",
    "all versions",
    "firmware versions",
    "software versions",
    "firmware version",
    "software version",
    "bios versions",
    "versions",
    "version",
    "bios",
    "firmware:",
    "all",
];

/// What follows `word`, where `text` starts with it as a whole word, in any case.
pub(super) fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    let rest = text.get(word.len()..)?;
    let ends = rest.is_empty() || rest.starts_with([' ', '<', '>', '=', ':', ',']);
    (head.eq_ignore_ascii_case(word) && ends).then(|| rest.trim_start_matches([' ', ':', ',']))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparator {
    Less,
    AtMost,
    AtLeast,
    More,
    Equal,
}

/// The comparators in a text, each with its version; `None` where something else stands between them.
pub(super) fn constraints(body: &str) -> Option<Vec<(Comparator, String)>> {
    if let Some(phrased) = phrase(body) {
        return Some(phrased);
    }
    let mut found = Vec::new();
    for part in body.split('|').flat_map(|part| part.split(" and ")) {
        found.extend(compared(part.trim())?);
    }
    Some(found)
}

/// `>= V2.5 < V2.6.1`: comparators one after the other.
fn compared(part: &str) -> Option<Vec<(Comparator, String)>> {
    let mut found = Vec::new();
    let mut rest = part;
    while !rest.is_empty() {
        let (comparator, after) = comparator(rest);
        let end = after.find(['<', '>', '=']).unwrap_or(after.len());
        let (version, next) = after.split_at_checked(end)?;
        let version = version.trim().trim_end_matches([',', ';', '.', ' ']);
        let (comparator, version) = match wildcard(version) {
            // `<= 5.x` is before 6; `>= 5.x` is from 5 on.
            Some((_, next)) if comparator == Comparator::AtMost => (Comparator::Less, next),
            Some((from, _)) if matches!(comparator, Comparator::AtLeast | Comparator::Less) => {
                (comparator, from)
            }
            Some((from, next)) if comparator == Comparator::Equal => {
                found.push((Comparator::AtLeast, from));
                (Comparator::Less, next)
            }
            Some(_) => return None,
            None => (comparator, version.to_owned()),
        };
        if !is_version(&version) {
            return None;
        }
        found.push((comparator, version));
        rest = next.trim_start();
    }
    (!found.is_empty()).then_some(found)
}

fn comparator(text: &str) -> (Comparator, &str) {
    let written = [
        ("<=", Comparator::AtMost),
        ("=<", Comparator::AtMost),
        (">=", Comparator::AtLeast),
        ("=>", Comparator::AtLeast),
        ("==", Comparator::Equal),
        ("<", Comparator::Less),
        (">", Comparator::More),
        ("=", Comparator::Equal),
    ];
    for (sign, comparator) in written {
        if let Some(rest) = text.strip_prefix(sign) {
            return (comparator, rest.trim_start());
        }
    }
    (Comparator::Equal, text)
}

/// `V4.5 and prior`, `prior to 2.30`, `1.0 to 2.0`, `between V2.5 (including) and V2.7 (excluding)`.
fn phrase(body: &str) -> Option<Vec<(Comparator, String)>> {
    use Comparator::{AtLeast, AtMost, Less, More};
    let body = body.trim();
    let lower = body.to_ascii_lowercase();
    let one = |comparator, version: &str| {
        let version = bare(version);
        let (comparator, version) = match wildcard(&version) {
            Some((_, next)) if comparator == AtMost => (Less, next),
            Some((from, _)) => (comparator, from),
            None => (comparator, version),
        };
        is_version(&version).then(|| vec![(comparator, version)])
    };
    for (tail, comparator) in TAILS {
        if let Some(at) = lower.strip_suffix(tail).map(str::len) {
            return one(*comparator, body.get(..at)?);
        }
    }
    for (head, comparator) in HEADS {
        if lower.starts_with(head) {
            return one(*comparator, body.get(head.len()..)?);
        }
    }
    let within = |low: &str, high: &str, open, close| {
        let (mut all, high) = (one(open, low)?, one(close, high)?);
        all.extend(high);
        Some(all)
    };
    if let Some(between) = lower.strip_prefix("between ") {
        let at = body.len().checked_sub(between.len())?;
        let (low, high) = body.get(at..)?.split_once(" and ")?;
        let low_open = if low.contains("(excluding)") {
            More
        } else {
            AtLeast
        };
        let high_close = if high.contains("(excluding)") {
            Less
        } else {
            AtMost
        };
        return within(
            &low.replace("(including)", ""),
            &high.replace("(excluding)", "").replace("(including)", ""),
            low_open,
            high_close,
        );
    }
    let rest = lower
        .strip_prefix("from ")
        .map_or(body, |_| body.get(5..).unwrap_or_default());
    for joint in [
        " up to and including ",
        " through ",
        " to ",
        " thru ",
        " - ",
    ] {
        if let Some(at) = rest.to_ascii_lowercase().find(joint) {
            let (low, high) = (rest.get(..at)?, rest.get(at + joint.len()..)?);
            let (open, low) = match comparator(low.trim()) {
                (More, low) => (More, low),
                (_, low) => (AtLeast, low),
            };
            return within(low, high, open, AtMost);
        }
    }
    None
}

const TAILS: &[(&str, Comparator)] = &[
    (" and all prior versions", Comparator::AtMost),
    (" and all earlier versions", Comparator::AtMost),
    (" and prior versions", Comparator::AtMost),
    (" and earlier versions", Comparator::AtMost),
    (" and previous versions", Comparator::AtMost),
    (" and older versions", Comparator::AtMost),
    (" and prior", Comparator::AtMost),
    (" and earlier", Comparator::AtMost),
    (" and below", Comparator::AtMost),
    (" and lower", Comparator::AtMost),
    (" and older", Comparator::AtMost),
    (" and previous", Comparator::AtMost),
    (" or earlier", Comparator::AtMost),
    (" or prior", Comparator::AtMost),
    (" or lower", Comparator::AtMost),
    (" or older", Comparator::AtMost),
    (" or below", Comparator::AtMost),
    (" and later versions", Comparator::AtLeast),
    (" and newer versions", Comparator::AtLeast),
    (" and later", Comparator::AtLeast),
    (" and newer", Comparator::AtLeast),
    (" and above", Comparator::AtLeast),
    (" and higher", Comparator::AtLeast),
    (" or later", Comparator::AtLeast),
    (" or newer", Comparator::AtLeast),
    (" or higher", Comparator::AtLeast),
    (" or above", Comparator::AtLeast),
];

const HEADS: &[(&str, Comparator)] = &[
    ("prior to ", Comparator::Less),
    ("before ", Comparator::Less),
    ("earlier than ", Comparator::Less),
    ("lower than ", Comparator::Less),
    ("older than ", Comparator::Less),
    ("up to and including ", Comparator::AtMost),
    ("up to ", Comparator::AtMost),
    ("through ", Comparator::AtMost),
    ("later than ", Comparator::More),
];

/// A version without the words before it.
fn bare(text: &str) -> String {
    let text = text.trim();
    let text = INTRODUCTIONS
        .iter()
        .find_map(|word| strip_word(text, word))
        .unwrap_or(text);
    text.trim().to_owned()
}

/// `5.x` as the versions from `5` on and before `6`.
pub(super) fn wildcard(version: &str) -> Option<(String, String)> {
    let stem = version
        .strip_suffix(".x")
        .or_else(|| version.strip_suffix(".X"))
        .or_else(|| version.strip_suffix(".*"))?;
    if !is_version(stem) {
        return None;
    }
    let at = stem
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + 1);
    let (head, last) = stem.split_at_checked(at)?;
    let next = last.parse::<u32>().ok()?.checked_add(1)?;
    Some((stem.to_owned(), format!("{head}{next}")))
}
