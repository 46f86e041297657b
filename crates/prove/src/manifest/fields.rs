//! Fields: one table of a manifest, read key by key, with all that is wrong under its place.

use names::Refusal;
use names::problem::quoted;
use toml::{Table, Value};

/// A text of one line: a title, a function's name with its template arguments. `PATH_MAX` on Linux is 4,096 as well.
pub const TEXT_BYTES_MAX: usize = 4096;

/// Items of a list: the arguments of a compiler, the files of a small project.
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

    /// What is said under `key`.
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
        match value.as_str() {
            Some(text) => self.line(key, text),
            None => {
                self.wrong(key, format!("is {}; write a text in quotes", what(value)));
                None
            }
        }
    }

    fn line(&mut self, place: &str, text: &str) -> Option<Box<str>> {
        let wrong = match text {
            text if text.trim().is_empty() => "is empty".to_owned(),
            text if text.len() > TEXT_BYTES_MAX => {
                format!(
                    "has {} bytes; at most {TEXT_BYTES_MAX} are read",
                    text.len()
                )
            }
            text if text.chars().any(char::is_control) => {
                format!(
                    "{} holds a control character; write one line of text",
                    quoted(text)
                )
            }
            text => return Some(text.into()),
        };
        self.wrong(place, wrong);
        None
    }

    /// A list of lines of text.
    pub fn texts(&mut self, key: &'static str) -> Vec<Box<str>> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        self.list(key, value)
    }

    fn list(&mut self, place: &str, value: &Value) -> Vec<Box<str>> {
        let Some(values) = value.as_array() else {
            self.wrong(place, format!("is {}; write a list of texts", what(value)));
            return Vec::new();
        };
        if values.len() > LIST_MAX {
            self.wrong(
                place,
                format!("has {} items; at most {LIST_MAX} are read", values.len()),
            );
            return Vec::new();
        }
        let mut texts = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let place = format!("{place}[{index}]");
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

    /// Commands: a list of words, or a list of such lists.
    pub fn commands(&mut self, key: &'static str) -> Vec<Vec<Box<str>>> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let nested = value
            .as_array()
            .is_some_and(|list| list.iter().any(Value::is_array));
        let lists = match value.as_array().map(Vec::as_slice) {
            // An empty list takes back what another version lends.
            Some([]) => return Vec::new(),
            Some(list) if nested => list
                .iter()
                .enumerate()
                .map(|(at, one)| (format!("{key}[{at}]"), one))
                .collect(),
            _ => vec![(key.to_owned(), value)],
        };
        if lists.len() > LIST_MAX {
            self.wrong(
                key,
                format!("has {} commands; at most {LIST_MAX} are read", lists.len()),
            );
            return Vec::new();
        }
        let mut commands = Vec::new();
        for (place, list) in lists {
            let words = self.list(&place, list);
            match words.first() {
                Some(program) if !program.is_empty() => commands.push(words),
                _ => self.wrong(
                    &place,
                    "has no program; write it and its arguments, `[\"make\", \"all\"]`",
                ),
            }
        }
        commands
    }

    /// A whole number within bounds.
    pub fn number(&mut self, key: &'static str, least: u64, most: u64) -> Option<u64> {
        let value = self.take(key)?;
        let number = value
            .as_integer()
            .and_then(|number| u64::try_from(number).ok());
        match number.filter(|number| (least..=most).contains(number)) {
            Some(number) => Some(number),
            None => {
                self.wrong(
                    key,
                    format!(
                        "is {}; write a whole number from {least} to {most}",
                        shown(value)
                    ),
                );
                None
            }
        }
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

    /// A list of tables inside this one.
    pub fn tables(&mut self, key: &'static str, most: usize) -> Vec<&'a Table> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let list = value
            .as_array()
            .filter(|list| list.iter().all(Value::is_table));
        match list {
            Some(list) if list.len() <= most => list.iter().filter_map(Value::as_table).collect(),
            Some(list) => {
                self.wrong(
                    key,
                    format!("has {} entries; at most {most} are read", list.len()),
                );
                Vec::new()
            }
            None => {
                self.wrong(
                    key,
                    format!("is {}; write `[[{key}]]` above each", what(value)),
                );
                Vec::new()
            }
        }
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

fn shown(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        other => what(other).to_owned(),
    }
}
