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

mod constraint;
mod shape;

use versions::vers::{self, Vers};
use versions::{End, Interval, Scheme};

use crate::{AffectedRange, RangeScheme};

use constraint::{Comparator, INTRODUCTIONS, constraints, strip_word, wildcard};
use shape::{PREFIXES, is_version};

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
    if let Some((model, version)) = text.split_once(" version ")
        && model.starts_with(|c: char| c.is_ascii_digit())
        && model.split(' ').next().is_some_and(|code| code.len() > 4)
    {
        // `1046568 (Starterkit) version 1.x`
        return Said {
            model: model.split(' ').next().map(str::to_owned),
            ..exact(version)
        };
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
    said.or_else(|| strict(text))
        .unwrap_or_else(|| Said::unreadable(text))
}

/// A VERS as its specification has it, with what looks like no version to us and with signs written as `%3A`.
fn strict(text: &str) -> Option<Said> {
    if !text.starts_with("vers:") {
        return None;
    }
    let vers = Vers::read(text).ok()?;
    let constraints = vers.points().iter().map(|point| {
        let comparator = match point.comparator {
            vers::Comparator::Equal => Comparator::Equal,
            vers::Comparator::NotEqual => return None,
            vers::Comparator::Less => Comparator::Less,
            vers::Comparator::LessOrEqual => Comparator::AtMost,
            vers::Comparator::Greater => Comparator::More,
            vers::Comparator::GreaterOrEqual => Comparator::AtLeast,
        };
        Some((comparator, point.version.to_string()))
    });
    intervals(scheme(&vers.kind)?, constraints.collect::<Option<_>>()?)
}

/// The order a VERS scheme names. `all`, `generic` and the vendor's own follow the vendor order.
fn scheme(name: &str) -> Option<Scheme> {
    Some(match name {
        "all" | "generic" | "unknown" | "vendor" => Scheme::Vendor,
        name => return vers::scheme(name),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a text says, in few signs.
    fn told(said: &Said) -> String {
        let mut parts: Vec<String> = said
            .versions
            .iter()
            .map(|version| format!("={version}"))
            .collect();
        for range in &said.ranges {
            if let RangeScheme::Unreadable(_) = range.scheme {
                parts.push("unreadable".into());
            }
            for interval in &range.intervals {
                let low = interval.introduced.as_deref().unwrap_or_default();
                parts.push(match &interval.end {
                    End::Open => format!("[{low}..)"),
                    End::Fixed(high) => format!("[{low}..{high})"),
                    End::LastAffected(high) => format!("[{low}..{high}]"),
                });
            }
        }
        parts.extend(said.model.iter().map(|model| format!("model {model}")));
        parts.join(" ")
    }

    #[test]
    fn a_range_is_read_as_vendors_write_it() {
        let table = [
            ("vers:all/*", "[..)"),
            ("*", "[..)"),
            ("All versions", "[..)"),
            ("vers:all/<V7.0.3", "[..V7.0.3)"),
            ("vers:intdot/>=1.0|<2.0", "[1.0..2.0)"),
            ("vers:nobody/>=1.0", "unreadable"),
            ("< 2.10.0.4", "[..2.10.0.4)"),
            ("<=V3.2 SP1", "[..V3.2 SP1]"),
            (">= 1.0 < 2.0", "[1.0..2.0)"),
            (">= V2.0 and < V2.6", "[V2.0..V2.6)"),
            (">= 4.4 | <= 4.12", "[4.4..4.12]"),
            (">= 1.3.4 | < 1.5.3 | 2.0", "=2.0 [1.3.4..1.5.3)"),
            ("All versions < V2.0", "[..V2.0)"),
            ("All BIOS versions < V22.01.08", "[..V22.01.08)"),
            ("V4.5 and prior", "[..V4.5]"),
            ("2.3.6 and  below", "[..2.3.6]"),
            ("prior to 2.30", "[..2.30)"),
            ("<V3.2_SP2", "[..V3.2 SP2)"),
            ("<=8.2_20170817", "[..8.2_20170817]"),
            ("<=5.x", "[..6)"),
            ("2.0 through 2.6", "[2.0..2.6]"),
            (">FW19_up_to_and_including_FW26", "[FW19..FW26]"),
            (
                "All versions between V2.5 (including) and V2.7 (excluding)",
                "[V2.5..V2.7)",
            ),
            (">= V7.80", "[V7.80..)"),
            ("< V3.X.17", "unreadable"),
            ("<= 4.2.21 | <= 5.0.27", "unreadable"),
            ("<V33.017_V34.014", "unreadable"),
            ("All versions with Ethernet interface", "unreadable"),
            (
                "<=with_the_first_5_digits_of_serial_number_24061",
                "unreadable",
            ),
            ("< V10.4.1 only if web components are used", "unreadable"),
            ("distributed < april 1, 2018", "unreadable"),
        ];
        for (text, expected) in table {
            assert_eq!(told(&range(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_version_is_what_stands_there_and_a_model_is_none() {
        let table = [
            ("4.3.1.71", "=4.3.1.71"),
            ("9.6 | 9.8", "=9.6 =9.8"),
            ("8.1.x", "[8.1..8.2)"),
            ("vers:all/*", "[..)"),
            ("HEN32204", "unreadable model HEN32204"),
            ("v8.x model 35700BAX2", "[v8..v9) model 35700BAX2"),
            ("2404267 version 1.x", "[1..2) model 2404267"),
            ("R16A", "=R16A"),
            ("with wireless option", "unreadable"),
        ];
        for (text, expected) in table {
            assert_eq!(told(&exact(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_release_line_in_the_name_begins_the_range_that_counts_like_it() {
        let anchored = |name: &str, text: &str| {
            let mut said = range(text);
            said.ranges.iter_mut().for_each(|range| anchor(name, range));
            told(&said)
        };
        assert_eq!(
            anchored("SIMATIC WinCC V7.4", "< V7.4 SP1"),
            "[V7.4..V7.4 SP1)"
        );
        assert_eq!(anchored("RUGGEDCOM RS900 V4.X", "<V4.3.8"), "[V4..V4.3.8)");
        assert_eq!(anchored("LOGO! V8.3", "< V1.83"), "[..V1.83)");
        assert_eq!(anchored("SIMATIC WinCC", "< V7.4 SP1"), "[..V7.4 SP1)");
    }
}
