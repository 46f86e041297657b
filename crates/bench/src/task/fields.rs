//! Fields: one table of a TOML file, read key by key, with all that is wrong under its place.

use names::Refusal;
use names::problem::quoted;
use toml::{Table, Value};

/// A line of text: a title, a word of a command; a script in `sh -c` with headroom.
pub const TEXT_BYTES_MAX: usize = 4096;

/// Items of a list: the files that a small project protects.
pub const LIST_MAX: usize = 256;

/// One table under way.
pub struct Fields<'a> {
    table: &'a Table,
    known: Vec<&'static str>,
    refusal: Refusal,
}

impl<'a> Fields<'a> {
    pub fn of(table: &'a Table) -> Fields<'a> {
        Fields {
            table,
            known: Vec::new(),
            refusal: Refusal::none(),
        }
    }

    fn take(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.table.get(key)
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub fn wrong(&mut self, key: &str, message: impl Into<Box<str>>) {
        self.refusal.add(key, message);
    }

    /// Adds what is wrong with a table inside this one.
    pub fn within(&mut self, key: &str, inner: Refusal) {
        self.refusal.within(key, inner);
    }

    /// A line of text, not empty, without controls.
    pub fn text(&mut self, key: &'static str) -> Option<Box<str>> {
        let value = self.take(key)?;
        let wrong = match value.as_str() {
            None => format!("is {}; write a text in quotes", what(value)),
            Some(text) if text.trim().is_empty() => "is empty".to_owned(),
            Some(text) if text.len() > TEXT_BYTES_MAX => {
                format!(
                    "has {} bytes; at most {TEXT_BYTES_MAX} are read",
                    text.len()
                )
            }
            Some(text) if text.chars().any(char::is_control) => {
                format!(
                    "{} holds a control character; write one line of text",
                    quoted(text)
                )
            }
            Some(text) => return Some(text.into()),
        };
        self.wrong(key, wrong);
        None
    }

    /// A text that has to be there.
    pub fn required(&mut self, key: &'static str, remedy: &str) -> Option<Box<str>> {
        let text = self.text(key);
        if text.is_none() && !self.has(key) {
            self.wrong(key, format!("is missing; {remedy}"));
        }
        text
    }

    /// A text that is read as what it stands for.
    pub fn parsed<T: std::str::FromStr>(&mut self, key: &'static str, remedy: &str) -> Option<T> {
        let text = self.required(key, remedy)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.wrong(key, format!("{} is none; {remedy}", quoted(&text)));
        }
        parsed
    }

    /// A list of texts.
    pub fn texts(&mut self, key: &'static str) -> Vec<Box<str>> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let Some(values) = value.as_array() else {
            self.wrong(key, format!("is {}; write a list of texts", what(value)));
            return Vec::new();
        };
        if values.len() > LIST_MAX {
            self.wrong(
                key,
                format!("has {} items; at most {LIST_MAX} are read", values.len()),
            );
            return Vec::new();
        }
        let mut texts = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let place = format!("{key}[{index}]");
            match value.as_str() {
                // A word of a command may be empty or hold a line break: `sh -c` takes whole scripts.
                Some(text) if text.len() <= TEXT_BYTES_MAX && !text.contains('\0') => {
                    texts.push(text.into());
                }
                Some(text) => self.wrong(
                    &place,
                    format!(
                        "has {} bytes or holds a NUL; at most {TEXT_BYTES_MAX} are read",
                        text.len()
                    ),
                ),
                None => self.wrong(
                    &place,
                    format!("is {}; write a text in quotes", what(value)),
                ),
            }
        }
        texts
    }

    /// A command, which has to be there.
    pub fn command(&mut self) -> Vec<Box<str>> {
        let words = self.texts("command");
        if words.first().is_none_or(|program| program.is_empty()) {
            self.wrong(
                "command",
                "has no program; write it and its arguments, `[\"python3\", \"grade.py\"]`",
            );
        }
        words
    }

    /// A whole number within bounds.
    pub fn number(&mut self, key: &'static str, least: u64, most: u64) -> Option<u64> {
        let value = self.take(key)?;
        let number = value
            .as_integer()
            .and_then(|number| u64::try_from(number).ok());
        let found = number.filter(|number| (least..=most).contains(number));
        if found.is_none() {
            let shown = match value {
                Value::Integer(number) => number.to_string(),
                other => what(other).to_owned(),
            };
            self.wrong(
                key,
                format!("is {shown}; write a whole number from {least} to {most}"),
            );
        }
        found
    }

    /// A number that fits 32 bits, or what it is where it is not said.
    pub fn small(&mut self, key: &'static str, least: u32, most: u32, unsaid: u32) -> u32 {
        let number = self.number(key, u64::from(least), u64::from(most));
        number
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(unsaid)
    }

    pub fn truth(&mut self, key: &'static str) -> Option<bool> {
        let value = self.take(key)?;
        let truth = value.as_bool();
        if truth.is_none() {
            self.wrong(key, format!("is {}; write `true` or `false`", what(value)));
        }
        truth
    }

    /// A table inside this one.
    pub fn table(&mut self, key: &'static str) -> Option<&'a Table> {
        let value = self.take(key)?;
        let table = value.as_table();
        if table.is_none() {
            self.wrong(key, format!("is {}; write a table, `[{key}]`", what(value)));
        }
        table
    }

    /// Reads the table under `key` with `read`, where there is one.
    pub fn inner<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> Option<T> {
        let table = self.table(key)?;
        let mut inside = Fields::of(table);
        let value = read(&mut inside);
        self.within(key, inside.done());
        Some(value)
    }

    /// One of `words`.
    pub fn word(&mut self, key: &'static str, words: &[&'static str]) -> Option<&'static str> {
        let text = self.text(key)?;
        let found = words.iter().find(|word| ***word == *text);
        if found.is_none() {
            let known = words.join("`, `");
            self.wrong(
                key,
                format!(
                    "{} is not known here; write one of `{known}`",
                    quoted(&text)
                ),
            );
        }
        found.copied()
    }

    /// All that is wrong, with the keys that nobody asked for.
    pub fn done(mut self) -> Refusal {
        for key in self.table.keys() {
            if !self.known.contains(&key.as_str()) {
                let known = self.known.join("`, `");
                self.refusal.add(
                    key.as_str(),
                    format!("is not known here; there are `{known}`"),
                );
            }
        }
        self.refusal
    }
}

/// The table that a text holds, or where it is no TOML.
pub fn table(text: &str) -> Result<Table, Refusal> {
    text.trim_start_matches('\u{feff}')
        .parse()
        .map_err(|error: toml::de::Error| {
            let line = error.span().map_or(0, |span| {
                text.get(..span.start).unwrap_or(text).matches('\n').count() + 1
            });
            Refusal::whole(format!("line {line} is no TOML: {}", error.message()))
        })
}

fn what(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a number",
        Value::Float(_) => "a number with a fraction",
        Value::Boolean(_) => "`true` or `false`",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}
