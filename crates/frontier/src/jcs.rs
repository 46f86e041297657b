//! JCS: one way to write a JSON document, so that its hash means what it says.
//!
//! RFC 8785, JSON Canonicalization Scheme. Of its section 3.2.2.3 (numbers as ECMAScript prints them) only whole
//! numbers within plus or minus 2^53 - 1 are written here: what is committed to holds no fraction, and a rate is a
//! decimal text such as `"0.30"`.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// Largest whole number that every reader of JSON holds exactly (RFC 7493, section 2.2).
const WHOLE_MAX: u64 = (1 << 53) - 1;

/// Deepest nesting that is written; our own documents have at most a dozen levels.
const DEPTH_MAX: u32 = 64;

/// Why a value cannot be written in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JcsError {
    /// A number with a fraction, or beyond 2^53 - 1.
    Number(Box<str>),
    /// Deeper than this reads.
    Deep,
    /// Not a JSON value at all, such as a map whose keys are no texts.
    Form(Box<str>),
}

impl fmt::Display for JcsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JcsError::Number(number) => write!(
                out,
                "`{number}` is no whole number within plus or minus 2^53 - 1; write a fraction as a text"
            ),
            JcsError::Deep => write!(out, "the document is deeper than {DEPTH_MAX} levels"),
            JcsError::Form(why) => write!(out, "the document is no JSON: {why}"),
        }
    }
}

impl std::error::Error for JcsError {}

/// `value` in its canonical form.
pub fn canonical(value: &impl Serialize) -> Result<String, JcsError> {
    let value =
        serde_json::to_value(value).map_err(|error| JcsError::Form(error.to_string().into()))?;
    let mut out = String::new();
    write(&value, DEPTH_MAX, &mut out)?;
    Ok(out)
}

fn write(value: &Value, depth: u32, out: &mut String) -> Result<(), JcsError> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(JcsError::Deep);
    };
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(is) => out.push_str(if *is { "true" } else { "false" }),
        Value::Number(number) => {
            let whole = number
                .as_i64()
                .is_some_and(|whole| whole.unsigned_abs() <= WHOLE_MAX);
            if !whole {
                return Err(JcsError::Number(number.to_string().into()));
            }
            out.push_str(&number.to_string());
        }
        Value::String(text) => string(text, out),
        Value::Array(all) => {
            out.push('[');
            for (at, one) in all.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(one, depth, out)?;
            }
            out.push(']');
        }
        Value::Object(all) => {
            let mut members: Vec<_> = all.iter().collect();
            // Section 3.2.3: by UTF-16 code units, which differs from bytes above U+FFFF.
            members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            out.push('{');
            for (at, (name, one)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                string(name, out);
                out.push(':');
                write(one, depth, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// Section 3.2.2.2: the seven short escapes, `\u00xx` for other controls, everything else as it is.
fn string(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if u32::from(control) < 0x20 => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_sorted_by_utf_16_and_controls_escaped_as_the_rfc_does() {
        // RFC 8785, sections 3.2.2 and 3.2.3, without its fractions.
        let value = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis",
            "literals": [null, true, false], "string": "\u{20ac}$\u{000f}\u{000a}A'\u{0042}\u{0022}\u{005c}\\\"/",
        });
        assert_eq!(
            canonical(&value).unwrap(),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"literals\":[null,true,false],\
             \"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\",\"\u{80}\":\"Control\",\
             \"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\"\u{20ac}\":\"Euro Sign\",\
             \"\u{1f600}\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        );
    }

    #[test]
    fn what_has_several_spellings_is_refused() {
        for value in [
            json!(0.5),
            json!(1e300),
            json!(9_007_199_254_740_992_u64),
            json!({"a": [1.5]}),
        ] {
            assert!(
                matches!(canonical(&value), Err(JcsError::Number(_))),
                "{value}"
            );
        }
        assert_eq!(
            canonical(&json!(-9_007_199_254_740_991_i64)).unwrap(),
            "-9007199254740991"
        );
        let deep = (0..80).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(canonical(&deep), Err(JcsError::Deep));
    }
}
