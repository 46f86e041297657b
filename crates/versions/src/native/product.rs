//! Ranges as the advisory pages of two products write them: nginx and OpenSSL.

use names::Problems;

use super::token::{bumped, numbers, padded};
use super::{Alternatives, unreadable};
use crate::vers::{Comparator, Constraint};

use Comparator::{Equal, GreaterOrEqual, Less, LessOrEqual};

/// nginx: `1.1.4-1.2.8, 1.3.9-1.4.0` are spans, both ends in; `1.4.1+` is the rest of a stable branch, whose second
/// number is even, and `1.5.0+` everything since.
pub fn nginx(range: &str) -> Result<Alternatives, Problems> {
    let mut alternatives = Vec::new();
    for part in range
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        alternatives.push(
            nginx_part(part)
                .ok_or_else(|| unreadable("nginx", part, "`1.1.4-1.2.8` or `1.4.1+`"))?,
        );
    }
    Ok(alternatives)
}

fn nginx_part(part: &str) -> Option<Vec<Constraint>> {
    if part.eq_ignore_ascii_case("all") {
        return Some(Vec::new());
    }
    if let Some(from) = part.strip_suffix('+') {
        let given = numbers(from);
        let stable = given.get(1)? % 2 == 0;
        let mut constraints = vec![Constraint::new(GreaterOrEqual, from)];
        if stable {
            constraints.push(Constraint::new(Less, padded(bumped(&given, 1), 3)));
        }
        return Some(constraints);
    }
    numbers(part).first()?;
    Some(match part.split_once('-') {
        Some((first, last)) => {
            vec![
                Constraint::new(GreaterOrEqual, first.trim()),
                Constraint::new(LessOrEqual, last.trim()),
            ]
        }
        None => vec![Constraint::new(Equal, part)],
    })
}

/// OpenSSL lists the versions one by one.
pub fn openssl(range: &str) -> Alternatives {
    let versions = range
        .split([',', ' '])
        .filter(|version| !version.is_empty());
    versions
        .map(|version| vec![Constraint::new(Equal, version)])
        .collect()
}
