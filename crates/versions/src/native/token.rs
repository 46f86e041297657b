//! A range in words: operators and versions.

/// An operator, perhaps empty, and the version it stands before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term<'a> {
    pub operator: &'a str,
    pub version: &'a str,
}

/// The terms of a list separated by spaces and commas; spaces may stand between an operator and its version.
///
/// The last term's version is empty where the text ends in an operator.
pub fn terms(text: &str) -> Vec<Term<'_>> {
    let separates = |c: char| c.is_whitespace() || c == ',';
    let mut terms = Vec::new();
    let mut rest = text.trim_matches(separates);
    while !rest.is_empty() {
        let (operator, after) =
            split_while(rest, |c| matches!(c, '<' | '>' | '=' | '!' | '~' | '^'));
        let (version, after) = split_while(after.trim_start(), |c| !separates(c));
        terms.push(Term { operator, version });
        rest = after.trim_start_matches(separates);
    }
    terms
}

fn split_while(text: &str, fits: impl Fn(char) -> bool) -> (&str, &str) {
    let at = text.find(|c| !fits(c)).unwrap_or(text.len());
    text.split_at_checked(at).unwrap_or((text, ""))
}

/// The numbers that open `version`, and whether anything but a wildcard follows them.
pub fn numbers(version: &str) -> Vec<u64> {
    let release = version
        .trim_start_matches('v')
        .split(['-', '+'])
        .next()
        .unwrap_or_default();
    release
        .split('.')
        .map_while(|number| number.parse().ok())
        .collect()
}

/// `numbers` cut after `index`, the last of them one higher.
pub fn bumped(numbers: &[u64], index: usize) -> Vec<u64> {
    let mut bumped: Vec<u64> = numbers.iter().copied().take(index + 1).collect();
    bumped.resize(index + 1, 0);
    if let Some(last) = bumped.last_mut() {
        *last = last.saturating_add(1);
    }
    bumped
}

/// With zeros up to `count` numbers, dotted.
pub fn padded(mut numbers: Vec<u64>, count: usize) -> String {
    if numbers.len() < count {
        numbers.resize(count, 0);
    }
    dotted(&numbers)
}

/// Joined by dots.
pub fn dotted(numbers: &[u64]) -> String {
    let words: Vec<String> = numbers.iter().map(u64::to_string).collect();
    words.join(".")
}

/// The first number that is not zero, or the last.
pub fn first_significant(numbers: &[u64]) -> usize {
    let found = numbers.iter().position(|number| *number != 0);
    found.unwrap_or(numbers.len().saturating_sub(1))
}
