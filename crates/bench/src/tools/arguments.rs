//! Arguments: what a model wrote behind the name of a tool, read leniently where that is clear and refused in words
//! where it is not.

use model::ToolCall;
use serde_json::{Map, Value};

use super::Wrong;

/// The arguments of a call, and what is wrong with them so far.
pub(super) struct Arguments<'a> {
    named: &'a Map<String, Value>,
    wrong: Vec<String>,
}

impl<'a> Arguments<'a> {
    pub(super) fn of(call: &'a ToolCall) -> Result<Arguments<'a>, Wrong> {
        Ok(Arguments {
            named: call.named().map_err(Wrong::Told)?,
            wrong: Vec::new(),
        })
    }

    /// A text that has to be there.
    pub(super) fn text(&mut self, name: &str, bytes_max: usize) -> Option<String> {
        let wrong = match self.named.get(name) {
            None | Some(Value::Null) => format!("`{name}` is missing"),
            Some(Value::String(text)) if text.len() > bytes_max => format!(
                "`{name}` has {} bytes; at most {bytes_max} can be given at once",
                text.len()
            ),
            Some(Value::String(text)) => return Some(text.clone()),
            // A number is clear enough; a list of words is not: who knows how they were to be quoted?
            Some(Value::Number(number)) => return Some(number.to_string()),
            Some(_) => format!("`{name}` is no text"),
        };
        self.wrong.push(wrong);
        None
    }

    /// A whole number that may be there, also as a text.
    pub(super) fn number(&mut self, name: &str, least: u64, most: u64) -> Option<u64> {
        let number = match self.named.get(name) {
            None | Some(Value::Null) => return None,
            Some(Value::Number(number)) => number
                .as_u64()
                .or_else(|| number.as_f64().map(|number| number as u64)),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        match number {
            // Beyond its bounds it is clear what is meant: as much or as little as there is.
            Some(number) => Some(number.clamp(least, most)),
            None => {
                self.wrong.push(format!("`{name}` is no whole number"));
                None
            }
        }
    }

    /// Whether something is so.
    pub(super) fn is(&mut self, name: &str) -> bool {
        match self.named.get(name) {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::Bool(true)) => true,
            Some(Value::String(text)) if text == "true" => true,
            Some(Value::String(text)) if text == "false" => false,
            Some(_) => {
                self.wrong
                    .push(format!("`{name}` is neither true nor false"));
                false
            }
        }
    }

    /// What was read, or all that is wrong, with what would be right.
    pub(super) fn end<T>(self, example: &str, read: Option<T>) -> Result<T, Wrong> {
        match read {
            Some(read) if self.wrong.is_empty() => Ok(read),
            _ => Err(Wrong::Told(format!(
                "{}; `{example}` would be right",
                self.wrong.join("; ")
            ))),
        }
    }
}

/// A stranger's word, short and on one line.
pub(super) fn shown(word: &str) -> String {
    sandbox::plain(word.as_bytes())
        .chars()
        .map(|letter| if letter == '\n' { ' ' } else { letter })
        .take(60)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(arguments: &str, expected: Expect) {
        let call = ToolCall::new("1", "write_file", arguments);
        let read = || {
            let mut arguments = Arguments::of(&call)?;
            let path = arguments.text("path", 10);
            let bytes = arguments.number("bytes", 1, 100);
            let executable = arguments.is("executable");
            let path = arguments.end(r#"{"path": "a"}"#, path)?;
            Ok(format!("{path} {bytes:?} {executable}"))
        };
        let read: Result<String, Wrong> = read();
        expected.assert_eq(&match read {
            Ok(read) => read,
            Err(Wrong::Told(why)) => why,
            Err(Wrong::Lost(why)) => why.into(),
        });
    }

    #[test]
    fn what_is_clear_is_taken_and_all_else_is_said_at_once() {
        check(r#"{"path": "a"}"#, expect!["a None false"]);
        check(
            r#"{"path": 7, "bytes": "20", "executable": "true", "more": []}"#,
            expect!["7 Some(20) true"],
        );
        check(
            r#"{"path": "a", "bytes": 1000, "executable": null}"#,
            expect!["a Some(100) false"],
        );
        check(
            r#"{"bytes": "many", "executable": 1}"#,
            expect![
                "`path` is missing; `bytes` is no whole number; `executable` is neither true nor false; `{\"path\": \"a\"}` would be right"
            ],
        );
        check(
            r#"{"path": ["a"]}"#,
            expect!["`path` is no text; `{\"path\": \"a\"}` would be right"],
        );
        check(
            r#"{"path": "longer than ten"}"#,
            expect![
                "`path` has 15 bytes; at most 10 can be given at once; `{\"path\": \"a\"}` would be right"
            ],
        );
        check(
            "ls -l",
            expect![
                "arguments are no JSON (expected value at line 1 column 1); write them as an object, `{\"name\": …}`"
            ],
        );
    }
}
