//! Which versions does a vendor's text mean?
//!
//! CSAF's `product_version_range` should be a VERS string or a "vendor-like" text (2.0 section 3.1.2.3.1). Found in
//! public documents: `vers:all/*`, `vers:all/<V7.0.3` (no VERS at all: scheme `all` takes only `*`), `< 2.10.0.4`,
//! `All versions < V7.4 SP1 Upd 11`, `>= 4.4 | <= 4.12`, `<V3.2_SP2`, `V4.5 and prior`, and conditions that are
//! no versions (`<=with_the_first_5_digits_of_serial_number_24061`). What is read becomes intervals in the order
//! of [`Scheme::Vendor`]; everything else is [`RangeScheme::Unreadable`] with its text. Nothing is guessed: several
//! upper bounds without lower ones mean one per release line, which the text does not name, so they are unreadable.
//!
//! An exclusive lower bound (`> V2.5`) includes its bound, because [`Interval`] has no other: one version too many
//! rather than one too few.

use versions::{End, Interval, Scheme};

use crate::{AffectedRange, RangeScheme};

/// Texts longer than this are prose. The longest readable one in CISA's corpus has 90 characters.
const TEXT_BYTES_MAX: usize = 400;

/// What a text says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub versions: Vec<String>,
    pub ranges: Vec<AffectedRange>,
    /// A model number that stood where a version belongs (`HEN32204`).
    pub model: Option<String>,
}

impl Said {
    /// Every version.
    pub fn all() -> Said {
        Said::ranged(everything(Some(Scheme::Vendor)))
    }

    fn ranged(range: AffectedRange) -> Said {
        Said {
            ranges: vec![range],
            ..Said::default()
        }
    }

    fn unreadable(text: &str) -> Said {
        Said::ranged(AffectedRange {
            scheme: RangeScheme::Unreadable(text.to_owned()),
            intervals: Vec::new(),
        })
    }
}

/// Every version, in the order of `scheme` or else of the target's ecosystem.
pub(crate) fn everything(scheme: Option<Scheme>) -> AffectedRange {
    AffectedRange {
        scheme: scheme.map_or(RangeScheme::Ecosystem, RangeScheme::Scheme),
        intervals: vec![Interval {
            introduced: None,
            end: End::Open,
        }],
    }
}

/// A text of category `product_version`: one version, or what some publishers put there instead.
pub(crate) fn exact(text: &str) -> Said {
    let text = &text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.starts_with("vers:") || looks_ranged(text) {
        return range(text);
    }
    if let Some((version, model)) = text.split_once(" model ") {
        // `v8.x model 35700BAX2`
        let said = exact(version);
        return Said {
            model: Some(model.trim().to_owned()),
            ..said
        };
    }
    if is_model(text) {
        return Said {
            model: Some(text.to_owned()),
            ..Said::unreadable(text)
        };
    }
    let parts: Vec<&str> = text.split('|').map(str::trim).collect();
    let named = |part: &&str| is_version(part) || !part.contains(' ') && !part.is_empty();
    if !parts.iter().all(named) {
        return Said::unreadable(text);
    }
    Said {
        versions: parts.into_iter().map(str::to_owned).collect(),
        ..Said::default()
    }
}

/// Whether a text of category `product_version` wants to be read as a range.
fn looks_ranged(text: &str) -> bool {
    let lower = text.to_lowercase();
    let phrase = [
        "and below",
        "and prior",
        "and earlier",
        "and lower",
        "and later",
        "and older",
        "prior to",
        "before ",
        "through",
        " to ",
        " - ",
        "all versions",
        "and newer",
        "and above",
    ];
    text == "*"
        || lower == "all"
        || lower.contains(['<', '>'])
        || phrase.iter().any(|phrase| lower.contains(phrase))
        || wildcard(&lower).is_some()
}

/// Two letters or more, then digits and more, and none of the words versions begin with: an order code.
fn is_model(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let word = text[..letters].to_lowercase();
    letters >= 2
        && digits >= 2
        && !text.contains([' ', '.', '_'])
        && !PREFIXES.contains(&word.as_str())
}

/// A text of category `product_version_range`.
pub(crate) fn range(text: &str) -> Said {
    let text = text.trim();
    if text.len() > TEXT_BYTES_MAX {
        return Said::unreadable(text);
    }
    let (scheme, body) = match text
        .strip_prefix("vers:")
        .and_then(|rest| rest.split_once('/'))
    {
        Some((name, constraints)) => match scheme(name) {
            Some(scheme) => (scheme, constraints.to_owned()),
            None => return Said::unreadable(text),
        },
        None => (Scheme::Vendor, prose(text)),
    };
    if body.is_empty() || body == "*" {
        return Said::ranged(everything(Some(scheme)));
    }
    let said = constraints(&body).and_then(|constraints| intervals(scheme, constraints));
    said.unwrap_or_else(|| Said::unreadable(text))
}

/// The order a VERS scheme names. `all`, `generic` and the vendor's own follow the vendor order.
fn scheme(name: &str) -> Option<Scheme> {
    Some(match name {
        "all" | "generic" | "unknown" | "vendor" => Scheme::Vendor,
        "intdot" => Scheme::Intdot,
        "semver" => Scheme::SemVer,
        "npm" => Scheme::Npm,
        "cargo" => Scheme::Cargo,
        "golang" => Scheme::Go,
        "pypi" => Scheme::PyPi,
        "maven" => Scheme::Maven,
        "nuget" => Scheme::NuGet,
        "gem" => Scheme::RubyGems,
        "deb" => Scheme::Deb,
        "rpm" => Scheme::Rpm,
        "apk" | "alpine" => Scheme::Apk,
        "composer" => Scheme::Packagist,
        "openssl" => Scheme::OpenSsl,
        "nginx" => Scheme::Nginx,
        "datetime" => Scheme::DateTime,
        "lexicographic" => Scheme::Lexicographic,
        _ => return None,
    })
}

/// The text in lower case where that is safe to look at, without the words that only introduce a version.
fn prose(text: &str) -> String {
    let mut body = text
        .replace('≤', "<=")
        .replace('≥', ">=")
        .replace(['\u{a0}', '\t'], " ");
    if body.contains('_') && worded(&body) {
        body = body.replace('_', " ");
    }
    let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rest = body.as_str();
    while let Some(shorter) = INTRODUCTIONS.iter().find_map(|word| strip_word(rest, word)) {
        rest = shorter;
    }
    rest.trim_end_matches([',', ';', ':', '.', ' ']).to_owned()
}

/// Whether underscores stand for spaces: there are no spaces, and a word follows one (`<V3.2_SP2`).
fn worded(text: &str) -> bool {
    let words = text.split('_').skip(1);
    !text.contains(' ')
        && words
            .into_iter()
            .any(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
}

const INTRODUCTIONS: &[&str] = &[
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
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    let rest = text.get(word.len()..)?;
    let ends = rest.is_empty() || rest.starts_with([' ', '<', '>', '=', ':', ',']);
    (head.eq_ignore_ascii_case(word) && ends).then(|| rest.trim_start_matches([' ', ':', ',']))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparator {
    Less,
    AtMost,
    AtLeast,
    More,
    Equal,
}

/// The comparators in a text, each with its version; `None` where something else stands between them.
fn constraints(body: &str) -> Option<Vec<(Comparator, String)>> {
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
fn wildcard(version: &str) -> Option<(String, String)> {
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

/// Words a version may begin with, in lower case.
const PREFIXES: &[&str] = &[
    "v", "ver", "ver.", "version", "r", "rev", "rev.", "revision", "release", "fw", "sw", "sv",
    "firmware",
];

/// Words a version may go on with, besides numbers.
const WORDS: &[&str] = &[
    "sp",
    "service",
    "pack",
    "hf",
    "hotfix",
    "update",
    "upd",
    "upd.",
    "build",
    "patch",
    "p",
    "rev",
    "rev.",
    "r",
    "rc",
    "beta",
    "alpha",
    "hotfixrev",
    "cu",
    "mr",
    "mp",
    "(build",
    "ru",
    "tcu",
];

/// Whether a text is one version and nothing else. Conservative: `V3.X.17` and dates in words are not.
pub(crate) fn is_version(text: &str) -> bool {
    let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
    if let Some(first) = words.peek()
        && PREFIXES.contains(&first.to_lowercase().as_str())
    {
        words.next();
    }
    let Some(first) = words.next() else {
        return false;
    };
    is_number(first) && words.all(continues) && !marks_placeholder(text)
}

/// `x` in the place of a number.
fn marks_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains(".x") || lower.contains('*') || lower.ends_with('x')
}

/// `V7.0.3`, `2.10.0.4`, `R5.01.00`, `15.2(6)E0a`, `FW14`: an optional short prefix, a digit, and no odd signs.
fn is_number(word: &str) -> bool {
    let at = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (prefix, rest) = word.split_at(at);
    let rest = rest.strip_prefix('.').filter(|_| at > 0).unwrap_or(rest);
    let known = prefix.is_empty() || PREFIXES.contains(&prefix.to_lowercase().as_str());
    known
        && rest.starts_with(|c: char| c.is_ascii_digit())
        && rest
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-+()~".contains(&b))
        && letters_max(rest) <= 4
}

/// The longest run of letters.
fn letters_max(word: &str) -> usize {
    word.split(|c: char| !c.is_ascii_alphabetic())
        .map(str::len)
        .max()
        .unwrap_or(0)
}

fn continues(word: &str) -> bool {
    let lower = word.to_lowercase();
    if WORDS.contains(&lower.as_str()) {
        return true;
    }
    let at = lower.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (head, rest) = lower.split_at(at);
    let numbered = rest.bytes().any(|b| b.is_ascii_digit())
        && rest
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".-()".contains(&b));
    // A second version (`V33.017 V34.014`) is not part of the first.
    numbered
        && (head.is_empty() || WORDS.contains(&head))
        && !(head.is_empty() && rest.contains('.'))
}

/// Pairs bounds into intervals. Upper bounds of unnamed release lines are not understood.
fn intervals(scheme: Scheme, constraints: Vec<(Comparator, String)>) -> Option<Said> {
    let mut said = Said::default();
    let mut found: Vec<Interval<String>> = Vec::new();
    let mut low: Option<String> = None;
    for (comparator, version) in constraints {
        let end = match comparator {
            Comparator::Equal => {
                said.versions.push(version);
                continue;
            }
            Comparator::AtLeast | Comparator::More => {
                if let Some(introduced) = low.replace(version) {
                    found.push(Interval {
                        introduced: Some(introduced),
                        end: End::Open,
                    });
                }
                continue;
            }
            Comparator::Less => End::Fixed(version),
            Comparator::AtMost => End::LastAffected(version),
        };
        let introduced = low.take();
        if introduced.is_none() && !found.is_empty() {
            return None;
        }
        found.push(Interval { introduced, end });
    }
    if let Some(introduced) = low {
        found.push(Interval {
            introduced: Some(introduced),
            end: End::Open,
        });
    }
    if !found.is_empty() {
        said.ranges.push(AffectedRange {
            scheme: RangeScheme::Scheme(scheme),
            intervals: found,
        });
    }
    Some(said)
}

/// Gives `< V7.4 SP1` of a product named `SIMATIC WinCC V7.4` its beginning.
///
/// Vendors sell release lines as products. Only where the bound itself begins with the one version in the name:
/// then name and bound count alike, and V7.3 is another product.
pub(crate) fn anchor(name: &str, range: &mut AffectedRange) {
    let [interval] = range.intervals.as_mut_slice() else {
        return;
    };
    let (End::Fixed(bound) | End::LastAffected(bound)) = &interval.end else {
        return;
    };
    let mut lines = name.split_whitespace().filter_map(line);
    if let (None, Some(line), None) = (&interval.introduced, lines.next(), lines.next()) {
        let after = bound.strip_prefix(line).unwrap_or_default();
        if after.starts_with(['.', ' ', '_']) {
            interval.introduced = Some(line.to_owned());
        }
    }
}

/// A release line in a product's name: `V7.4`, and `V4` of `V4.X`.
fn line(word: &str) -> Option<&str> {
    let word = word
        .strip_suffix(".X")
        .or_else(|| word.strip_suffix(".x"))
        .unwrap_or(word);
    let number = word.strip_prefix('V')?;
    let digits = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    (digits && number.starts_with(|c: char| c.is_ascii_digit())).then_some(word)
}
