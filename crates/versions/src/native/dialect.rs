//! Ranges made of operators: Cargo, Composer, Conan, Hex, Pub, PyPI, RubyGems, and the plain comparators of
//! Debian, rpm, apk, Go and the vulnerability databases.

use names::Problems;

use super::token::{Term, bumped, dotted, first_significant, numbers, padded, terms};
use super::{Alternatives, unreadable};
use crate::vers::{Comparator, Constraint};

use Comparator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};

/// Reads alternatives separated by `||` (Composer: also `|`, Hex: `or`).
pub fn read(kind: &str, range: &str) -> Result<Alternatives, Problems> {
    let range = match kind {
        "hex" => range.replace(" or ", "||").replace(" and ", " "),
        "composer" => range.replace("||", "|").replace('|', "||"),
        "conan" => range
            .trim()
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned(),
        _ => range.to_owned(),
    };
    let mut problems = Problems::none();
    let mut alternatives = Vec::new();
    for part in range.split("||") {
        match alternative(kind, part.trim()) {
            Ok(constraints) => alternatives.push(constraints),
            Err(problem) => problems.extend(problem),
        }
    }
    problems.or(alternatives)
}

fn alternative(kind: &str, text: &str) -> Result<Vec<Constraint>, Problems> {
    if let Some((low, high)) = text.split_once(" - ")
        && kind == "composer"
    {
        return Ok(hyphen(low.trim(), high.trim()));
    }
    // Conan puts options after a comma: `>1 <2, include_prerelease=True`.
    let text = if kind == "conan" {
        text.split(',').next().unwrap_or_default()
    } else {
        text
    };
    let mut constraints = Vec::new();
    for term in terms(text) {
        let term = match kind {
            "composer" => Term {
                version: term.version.split('@').next().unwrap_or_default(),
                ..term
            },
            _ => term,
        };
        if term.version.is_empty() {
            return Err(unreadable(kind, text, "a version after each operator"));
        }
        let translated = match kind {
            "cargo" => cargo(term),
            "composer" => composer(term),
            "conan" => conan(term),
            "gem" => gem(term),
            "hex" => hex(term),
            "pub" | "dart" => dart(term),
            "pypi" => pypi(term),
            _ => plain(term),
        };
        constraints.extend(
            translated.ok_or_else(|| unreadable(kind, text, "comparators such as `>=1.0`"))?,
        );
    }
    Ok(constraints)
}

/// The comparators that all have in common; Debian's `<<` and `>>` are strict.
fn plain(term: Term<'_>) -> Option<Vec<Constraint>> {
    let comparator = match term.operator {
        "" if term.version == "*" => return Some(Vec::new()),
        "" | "=" | "==" | "===" => Equal,
        "!=" | "<>" => NotEqual,
        "<" | "<<" => Less,
        "<=" | "=<" => LessOrEqual,
        ">" | ">>" => Greater,
        ">=" | "=>" => GreaterOrEqual,
        _ => return None,
    };
    Some(vec![Constraint::new(comparator, term.version)])
}

fn between(low: &str, high: String) -> Vec<Constraint> {
    vec![
        Constraint::new(GreaterOrEqual, low),
        Constraint::new(Less, high),
    ]
}

/// `1.*` and `1.2.x`: the numbers before the wildcard.
fn wild(version: &str) -> Option<Vec<u64>> {
    let stem = version
        .strip_suffix(".*")
        .or_else(|| version.strip_suffix(".x"))
        .or_else(|| version.strip_suffix(".X"))?;
    let numbers = numbers(stem.trim_end_matches(".*").trim_end_matches(".x"));
    (!numbers.is_empty()).then_some(numbers)
}

/// The Cargo book: a bare version is a caret; the first number that is not zero may not change.
fn cargo(term: Term<'_>) -> Option<Vec<Constraint>> {
    let stem = wild(term.version);
    let given = stem.clone().unwrap_or_else(|| numbers(term.version));
    let index = match term.operator {
        _ if term.version == "*" => return Some(Vec::new()),
        "" | "=" if stem.is_some() => given.len().checked_sub(1)?,
        "" | "^" => first_significant(&given),
        "~" => given.len().min(2).checked_sub(1)?,
        "=" if given.len() < 3 => given.len().checked_sub(1)?,
        _ => return compared(term, &given),
    };
    let high = first_prerelease(&bumped(&given, index));
    (!given.is_empty()).then(|| between(&filled(term.version, &given), high))
}

/// A comparator; what it says of `1.2` it says of all of 1.2.
fn compared(term: Term<'_>, given: &[u64]) -> Option<Vec<Constraint>> {
    let floor = filled(term.version, given);
    let next = padded(bumped(given, given.len().checked_sub(1)?), 3);
    match (term.operator, given.len() < 3) {
        (">", true) => Some(vec![Constraint::new(GreaterOrEqual, next)]),
        ("<=", true) => Some(vec![Constraint::new(Less, format!("{next}-0"))]),
        _ => plain(Term {
            version: &floor,
            ..term
        }),
    }
}

/// `1.2` → `1.2.0`; a full version stays as it is.
fn filled(version: &str, given: &[u64]) -> String {
    if given.len() < 3 {
        padded(given.to_vec(), 3)
    } else {
        version.to_owned()
    }
}

/// The first version of the next line, its prereleases included: `2.0.0-0`.
fn first_prerelease(next: &[u64]) -> String {
    format!("{}-0", padded(next.to_vec(), 3))
}

/// Composer's documentation, "Versions and constraints": `~1.2` lets the last number given rise.
fn composer(term: Term<'_>) -> Option<Vec<Constraint>> {
    let stem = wild(term.version);
    let given = numbers(term.version);
    let index = match (term.operator, &stem) {
        _ if matches!(term.version, "*" | "x") => return Some(Vec::new()),
        ("", Some(stem)) => {
            let next = format!("{}-dev", dotted(&bumped(stem, stem.len() - 1)));
            return Some(between(&dotted(stem), next));
        }
        ("^", _) => first_significant(&given),
        ("~", _) => given.len().saturating_sub(2),
        _ => return plain(term),
    };
    (!given.is_empty()).then(|| {
        between(
            term.version,
            format!("{}-dev", dotted(&bumped(&given, index))),
        )
    })
}

/// `1.0 - 2.0` takes all of 2.0.x; `1.0 - 2.0.0` takes 2.0.0.
fn hyphen(low: &str, high: &str) -> Vec<Constraint> {
    let given = numbers(high);
    match given.len() {
        1 | 2 => between(
            low,
            format!("{}-dev", dotted(&bumped(&given, given.len() - 1))),
        ),
        _ => vec![
            Constraint::new(GreaterOrEqual, low),
            Constraint::new(LessOrEqual, high),
        ],
    }
}

/// Conan 2's version ranges; an upper bound `2-` is before all of 2, and a lower one drops its dash.
fn conan(term: Term<'_>) -> Option<Vec<Constraint>> {
    let version = term.version.strip_suffix('-').unwrap_or(term.version);
    let given = numbers(version);
    let index = match term.operator {
        "" if version == "*" => return Some(vec![Constraint::new(GreaterOrEqual, "0.0.0")]),
        "^" => given
            .iter()
            .position(|number| *number != 0)
            .unwrap_or(given.len()),
        "~" => given.len().saturating_sub(1).min(1),
        _ => return plain(Term { version, ..term }),
    };
    (!given.is_empty()).then(|| between(version, format!("{}-", dotted(&bumped(&given, index)))))
}

/// `Gem::Requirement`: `~> 2.2.0` lets the last number rise, `~> 2.2` the second.
fn gem(term: Term<'_>) -> Option<Vec<Constraint>> {
    if term.operator != "~>" {
        return plain(term);
    }
    let given = numbers(term.version);
    let next = bumped(&given, given.len().saturating_sub(2));
    // The type definition writes `~> 2.0` as `<3.0`, and `~> 3.5.0` as `<3.6`.
    let high = padded(next, 2);
    (!given.is_empty()).then(|| between(term.version, high))
}

/// Elixir's `Version`: `~> 2.0` is below 3, `~> 2.0.0` below 2.1.
fn hex(term: Term<'_>) -> Option<Vec<Constraint>> {
    if term.operator != "~>" {
        return plain(term);
    }
    let given = numbers(term.version);
    let index = given.len().checked_sub(2)?;
    Some(between(
        &filled(term.version, &given),
        first_prerelease(&bumped(&given, index)),
    ))
}

/// Dart's pub: `any`, `^1.2.3` and comparators.
fn dart(term: Term<'_>) -> Option<Vec<Constraint>> {
    match term.operator {
        "" if term.version == "any" => Some(Vec::new()),
        "^" => cargo(term),
        _ => plain(term),
    }
}

/// PEP 440: `~=` lets the last number rise, `==1.*` takes all that begins so, development releases included.
fn pypi(term: Term<'_>) -> Option<Vec<Constraint>> {
    let given = numbers(term.version);
    match term.operator {
        "~=" => {
            let index = given.len().checked_sub(2)?;
            Some(between(
                term.version,
                format!("{}.dev0", dotted(&bumped(&given, index))),
            ))
        }
        "==" if term.version.ends_with(".*") => {
            let stem = wild(term.version)?;
            let next = dotted(&bumped(&stem, stem.len() - 1));
            Some(between(
                &format!("{}.dev0", dotted(&stem)),
                format!("{next}.dev0"),
            ))
        }
        _ if term.version.ends_with(".*") => None,
        _ => plain(term),
    }
}
