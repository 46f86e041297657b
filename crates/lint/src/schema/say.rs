//! Say: the words for what does not fit, and for what would have.

use serde_json::Value;

use crate::place::clip;

/// So many values are listed; of more, the nearest is named.
const CHOICES_MAX: usize = 14;

/// Names longer than this are not compared letter by letter.
const NEAR_CHARS_MAX: usize = 48;

/// What is meant by the patterns of the schemas, for the person.
const PATTERNS: &[(&str, &str)] = &[
    (
        "^CVE-[0-9]{4}-[0-9]{4,19}$",
        "an id such as `CVE-2024-3094` belongs there",
    ),
    ("^CWE-[1-9][0-9]*$", "an id such as `CWE-787` belongs there"),
    (
        "^CAPEC-[1-9][0-9]{0,4}$",
        "an id such as `CAPEC-66` belongs there",
    ),
    ("^x_.*$", "a tag of one's own begins with `x_`"),
    (
        "^(0|[a-f0-9]{40}|[a-f0-9]{64})$",
        "a full commit hash of 40 or 64 hexadecimal digits belongs there, or `0`",
    ),
    (
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z",
        "a time in UTC such as `2024-01-31T12:00:00Z` belongs there",
    ),
    (
        "^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        "a serial number such as `urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79` belongs there",
    ),
    (
        "^5\\.(0|[1-9][0-9]*)(\\.(0|[1-9][0-9]*))?$",
        "a version of the format such as `5.1` or `5.2.0` belongs there",
    ),
    (
        "^[-+a-z0-9.]+/[-+a-z0-9.]+$",
        "a media type such as `text/markdown` belongs there",
    ),
    (
        "^([a-z]{2})(-[A-Z]{2})?$",
        "a language such as `en` or `en-US` belongs there",
    ),
];

/// `text` in backticks, cut where it is long.
pub fn quoted(text: &str) -> String {
    format!("`{}`", clip(text))
}

/// A value as it stands, cut where it is long.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
        other => quoted(&other.to_string()),
    }
}

/// `a string`.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// `an array or null`.
pub fn kinds(rule: &Value) -> String {
    let word = |name: &str| match name {
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "a string",
        "array" => "an array",
        "object" => "an object",
        _ => "null",
    };
    match rule {
        Value::Array(names) => {
            let words: Vec<&str> = names.iter().filter_map(Value::as_str).map(word).collect();
            words.join(" or ")
        }
        rule => word(rule.as_str().unwrap_or_default()).to_owned(),
    }
}

/// Which values are known: all of a few, or the nearest of many.
pub fn choices(known: &[Value], given: &Value) -> String {
    if known.len() <= CHOICES_MAX {
        let all: Vec<String> = known.iter().map(shown).collect();
        return match all.as_slice() {
            [one] => format!("{one} belongs there"),
            all => format!("one of {} belongs there", all.join(", ")),
        };
    }
    let near = given
        .as_str()
        .and_then(|given| nearest(given, known.iter().filter_map(Value::as_str)));
    match near {
        Some(near) => format!(
            "it is none of the {} known values; {} is the nearest",
            known.len(),
            quoted(near)
        ),
        None => format!(
            "it is none of the {} known values, such as {}",
            known.len(),
            known.first().map(shown).unwrap_or_default()
        ),
    }
}

/// What a pattern asks for.
pub fn pattern_words(pattern: &str) -> String {
    match PATTERNS.iter().find(|(known, _)| *known == pattern) {
        Some((_, words)) => (*words).to_owned(),
        None if pattern.starts_with("^(x_|(") => "an id with the prefix of a known database, such as `GHSA-`, belongs there, or one that begins with `x_`".to_owned(),
        None if pattern.contains("8}-[0-9A-Fa-f]") => "a random UUID such as `8254265b-2729-46b6-b9e3-3dfca2d5bfca` belongs there".to_owned(),
        None if pattern.contains("02-29") => "a time such as `2024-01-31T12:00:00.000Z` belongs there".to_owned(),
        None if pattern.contains("AlmaLinux|") => "the name of an ecosystem of the OSV schema such as `PyPI` or `Debian:12` belongs there".to_owned(),
        None if pattern.contains("AV:[") => "a vector of that version of CVSS belongs there".to_owned(),
        None => format!("it must have the form `{}`", clip(pattern)),
    }
}

/// Of `known`, what `given` was probably meant to be.
pub fn nearest<'k>(given: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let given: Vec<char> = given
        .chars()
        .take(NEAR_CHARS_MAX + 1)
        .flat_map(char::to_lowercase)
        .collect();
    if given.len() > NEAR_CHARS_MAX {
        return None;
    }
    let scored = known.filter_map(|name| {
        let letters: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
        let distance = (letters.len() <= NEAR_CHARS_MAX).then(|| distance(&given, &letters))?;
        // A third of the letters may differ.
        (distance * 3 <= letters.len().max(given.len())).then_some((distance, name))
    });
    scored
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many letters must be put in, left out or changed (Levenshtein).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (slot, b) in row.iter_mut().skip(1).zip(other) {
            let cost = (diagonal + usize::from(a != b))
                .min(left + 1)
                .min(*slot + 1);
            diagonal = *slot;
            *slot = cost;
            left = cost;
        }
    }
    row.last().copied().unwrap_or_default()
}
