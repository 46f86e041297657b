//! Assert: what a schema asks of a single value.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use super::Way;
use super::say::{choices, kind, kinds, pattern_words, quoted, shown};
use super::walk::Walk;
use crate::{address, time};

/// A value of the wrong kind says that another alternative was meant.
const ANOTHER_KIND: u32 = 100;

/// One of another value as well, but less than a member that is missing.
const ANOTHER_VALUE: u32 = 4;

/// Whether `value` holds what `keyword` asks; keywords that ask nothing of its kind hold.
pub fn holds(
    walk: &mut Walk<'_>,
    keyword: &str,
    rule: &Value,
    value: &Value,
    way: Way<'_>,
) -> bool {
    match keyword {
        "type" => {
            is_of(rule, value)
                || walk.fault(way, ANOTHER_KIND, || {
                    format!(
                        "{} is {}; {} belongs there",
                        way.called(),
                        kind(value),
                        kinds(rule)
                    )
                })
        }
        "enum" => {
            let known = rule.as_array().map_or(&[][..], Vec::as_slice);
            known.contains(value)
                || walk.fault(way, ANOTHER_VALUE, || {
                    format!(
                        "{} is {}; {}",
                        way.called(),
                        shown(value),
                        choices(known, value)
                    )
                })
        }
        "const" => {
            rule == value
                || walk.fault(way, ANOTHER_KIND, || {
                    format!(
                        "{} is {}; {} belongs there",
                        way.called(),
                        shown(value),
                        shown(rule)
                    )
                })
        }
        "required" => has_all(walk, rule, value, way),
        "minProperties" | "maxProperties" | "minItems" | "maxItems" | "minLength" | "maxLength" => {
            is_sized(walk, keyword, rule, value, way)
        }
        "minimum" | "maximum" => is_bounded(walk, keyword, rule, value, way),
        "uniqueItems" if *rule == Value::Bool(true) => is_unique(walk, value, way),
        "pattern" => match (rule, value) {
            (Value::String(pattern), Value::String(text)) => {
                walk.schema.matches(pattern, text)
                    || walk.fault(way, 2, || {
                        format!(
                            "{} is {}; {}",
                            way.called(),
                            quoted(text),
                            pattern_words(pattern)
                        )
                    })
            }
            _ => true,
        },
        "format" => match (rule.as_str(), value) {
            (Some(form), Value::String(text)) => {
                is_formed(form, text)
                    || walk.malformed(way, || {
                        format!("{} is {}; {}", way.called(), quoted(text), form_words(form))
                    })
            }
            _ => true,
        },
        _ => true,
    }
}

fn is_of(rule: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "integer" => value.as_number().is_some_and(is_whole),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    };
    match rule {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

/// `1.0` is an integer (draft 6 and later).
fn is_whole(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

fn has_all(walk: &mut Walk<'_>, rule: &Value, value: &Value, way: Way<'_>) -> bool {
    let (Some(names), Some(members)) = (rule.as_array(), value.as_object()) else {
        return true;
    };
    let missing = names
        .iter()
        .filter_map(Value::as_str)
        .filter(|name| !members.contains_key(*name));
    let mut good = true;
    for name in missing {
        good = walk.fault(way, 5, || {
            format!("{} lacks {}, which is required", way.called(), quoted(name))
        });
    }
    good
}

fn is_sized(walk: &mut Walk<'_>, keyword: &str, rule: &Value, value: &Value, way: Way<'_>) -> bool {
    let (count, what) = match (keyword, value) {
        ("minProperties" | "maxProperties", Value::Object(members)) => (members.len(), "members"),
        ("minItems" | "maxItems", Value::Array(elements)) => (elements.len(), "entries"),
        ("minLength" | "maxLength", Value::String(text)) => (text.chars().count(), "characters"),
        _ => return true,
    };
    let Some(bound) = rule.as_u64().and_then(|bound| usize::try_from(bound).ok()) else {
        return true;
    };
    let (is_good, words) = match keyword.starts_with("min") {
        true => (count >= bound, "at least"),
        false => (count <= bound, "at most"),
    };
    // Too many members for one alternative say that another was meant.
    let weight = if keyword == "maxProperties" { 8 } else { 1 };
    is_good
        || walk.fault(way, weight, || match (count, bound) {
            (0, 1) => format!(
                "{} is empty; it needs at least one of its {what}, or must be left out",
                way.called()
            ),
            _ => format!(
                "{} has {count} {what}; it may have {words} {bound}",
                way.called()
            ),
        })
}

fn is_bounded(
    walk: &mut Walk<'_>,
    keyword: &str,
    rule: &Value,
    value: &Value,
    way: Way<'_>,
) -> bool {
    let (Some(bound), Some(number)) = (rule.as_f64(), value.as_f64()) else {
        return true;
    };
    let (is_good, words) = match keyword {
        "minimum" => (number >= bound, "at least"),
        _ => (number <= bound, "at most"),
    };
    is_good
        || walk.fault(way, 1, || {
            format!("{} is {value}; it may be {words} {rule}", way.called())
        })
}

/// By one sorted table: a hostile list of 100,000 entries is not compared pair by pair.
fn is_unique(walk: &mut Walk<'_>, value: &Value, way: Way<'_>) -> bool {
    let Value::Array(elements) = value else {
        return true;
    };
    if elements.len() < 2 {
        return true;
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut good = true;
    for (index, element) in elements.iter().enumerate() {
        if let Some(first) = seen.get(&canonical(element)) {
            let first = first + 1;
            good = walk.fault(Way::Index(&way, index), 1, || {
                format!(
                    "entry {} of {} repeats entry {first}; one is enough",
                    index + 1,
                    way.called()
                )
            });
        } else {
            seen.insert(canonical(element), index);
        }
    }
    good
}

/// Equal texts for equal values: members sorted, `1.0` as `1`.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<&String, String> = members
                .iter()
                .map(|(name, member)| (name, canonical(member)))
                .collect();
            format!("{sorted:?}")
        }
        Value::Array(elements) => {
            format!("{:?}", elements.iter().map(canonical).collect::<Vec<_>>())
        }
        Value::Number(number) if is_whole(number) => match number.as_i64() {
            Some(whole) => whole.to_string(),
            None => format!("{:?}", number.as_f64()),
        },
        other => other.to_string(),
    }
}

fn is_formed(form: &str, text: &str) -> bool {
    match form {
        "date-time" => time::rfc3339(text).is_some(),
        "date" => time::day(text).is_some(),
        "uri" => address::is_uri(text),
        "iri" => address::is_iri(text),
        "iri-reference" => address::is_iri_reference(text),
        "idn-email" => text
            .split_once('@')
            .is_some_and(|(who, at)| !who.is_empty() && !at.is_empty()),
        _ => true,
    }
}

fn form_words(form: &str) -> &'static str {
    match form {
        "date-time" => "a time such as `2024-01-31T12:00:00Z` belongs there (RFC 3339)",
        "date" => "a day such as `2024-01-31` belongs there",
        "uri" => {
            "an address with its scheme, such as `https://example.org/a`, belongs there (RFC 3986)"
        }
        "iri" => {
            "an identifier with its scheme, such as `https://example.org/a` or a package URL, belongs there (RFC 3987)"
        }
        "iri-reference" => {
            "an address without spaces and the like belongs there; others are percent-encoded (RFC 3987)"
        }
        _ => "an address of mail such as `security@example.org` belongs there",
    }
}
