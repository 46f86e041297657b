//! Fields: a JSON object read key by key, so that everything wrong with it is said at once.

use std::str::FromStr;

use names::problem::quoted;
use names::{Problems, Refusal};
use serde_json::{Map, Value};

/// Where a value stands, `crash.stack[3]`: written out only where something is wrong there.
#[derive(Clone, Copy)]
enum Path<'p> {
    Given(&'p str),
    Key(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Path::Given(path) => out.write_str(path),
            Path::Key(Path::Given(""), key) => out.write_str(key),
            Path::Key(path, key) => write!(out, "{path}.{key}"),
            Path::Item(path, index) => write!(out, "{path}[{index}]"),
        }
    }
}

/// An object being read: what was asked for is known, what is left over at the end is refused.
pub struct Fields<'a, 'r> {
    map: &'a Map<String, Value>,
    path: Path<'r>,
    known: Vec<&'static str>,
    refusal: &'r mut Refusal,
}

impl<'a, 'r> Fields<'a, 'r> {
    /// `value` as an object at `path`, or a problem where it is none.
    pub fn of(value: &'a Value, path: &'r str, refusal: &'r mut Refusal) -> Option<Fields<'a, 'r>> {
        Fields::at_path(value, Path::Given(path), refusal)
    }

    fn at_path(
        value: &'a Value,
        path: Path<'r>,
        refusal: &'r mut Refusal,
    ) -> Option<Fields<'a, 'r>> {
        match value {
            Value::Object(map) => Some(Fields {
                map,
                path,
                known: Vec::with_capacity(16),
                refusal,
            }),
            other => {
                refusal.add(path.to_string(), wanted("an object", other));
                None
            }
        }
    }

    /// Says what is wrong with `key`.
    pub fn wrong(&mut self, key: &str, message: impl Into<Box<str>>) {
        let path = self.at(key);
        self.refusal.add(path, message);
    }

    /// The value of `key`; none where it is missing or `null`.
    fn value(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Option<&'a str> {
        match self.value(key)? {
            Value::String(text) => Some(text),
            other => {
                self.wrong(key, wanted("a text", other));
                None
            }
        }
    }

    /// Whether `key` is there at all.
    pub fn has(&self, key: &str) -> bool {
        self.map.get(key).is_some_and(|value| !value.is_null())
    }

    /// A text of our own.
    pub fn owned(&mut self, key: &'static str) -> Option<Box<str>> {
        self.text(key).map(Box::from)
    }

    /// A text that must read as a `T`.
    pub fn parsed<T: FromStr<Err = Problems>>(&mut self, key: &'static str) -> Option<T> {
        let text = self.text(key)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(problems) => {
                let path = self.at(key);
                self.refusal.extend(&path, &problems);
                None
            }
        }
    }

    /// A time.
    pub fn time(&mut self, key: &'static str) -> Option<jiff::Timestamp> {
        let text = self.text(key)?;
        let time = text.parse().ok();
        if time.is_none() {
            let message = format!(
                "{} is no time; write it in UTC, `2026-11-21T12:00:00Z`",
                quoted(text)
            );
            self.wrong(key, message);
        }
        time
    }

    /// A whole number from 0 to `most`.
    pub fn number(&mut self, key: &'static str, most: u64) -> Option<u64> {
        let value = self.value(key)?;
        let number = whole(value, most);
        if number.is_none() {
            self.wrong(key, wanted(&format!("a whole number up to {most}"), value));
        }
        number
    }

    /// Yes or no; no where it is missing.
    pub fn flag(&mut self, key: &'static str) -> bool {
        match self.value(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(other) => {
                self.wrong(key, wanted("`true` or `false`", other));
                false
            }
        }
    }

    /// An object inside.
    pub fn object<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Fields<'_, '_>) -> T,
    ) -> Option<T> {
        let value = self.value(key)?;
        let path = Path::Key(&self.path, key);
        let mut inner = Fields::at_path(value, path, self.refusal)?;
        let read = read(&mut inner);
        inner.done();
        Some(read)
    }

    /// A list of objects.
    pub fn objects<T>(
        &mut self,
        key: &'static str,
        most: usize,
        mut read: impl FnMut(&mut Fields<'_, '_>) -> T,
    ) -> Vec<T> {
        let mut all = Vec::new();
        let items = self.list(key, most);
        let list = Path::Key(&self.path, key);
        for (index, value) in items.iter().enumerate() {
            let path = Path::Item(&list, index);
            if let Some(mut inner) = Fields::at_path(value, path, self.refusal) {
                all.push(read(&mut inner));
                inner.done();
            }
        }
        all
    }

    /// A list of texts.
    pub fn texts(&mut self, key: &'static str, most: usize) -> Vec<Box<str>> {
        let mut all = Vec::new();
        for (index, value) in self.list(key, most).iter().enumerate() {
            match value {
                Value::String(text) => all.push(text.as_str().into()),
                other => self.wrong_item(key, index, wanted("a text", other)),
            }
        }
        all
    }

    /// A list of CWE numbers, as numbers or as `CWE-79`.
    pub fn weaknesses(&mut self, key: &'static str, most: usize) -> Vec<u32> {
        let mut all = Vec::new();
        for (index, value) in self.list(key, most).iter().enumerate() {
            let number = match value {
                Value::String(text) => cwe(text),
                other => whole(other, u64::from(u32::MAX)).and_then(|n| u32::try_from(n).ok()),
            };
            match number {
                Some(number) => all.push(number),
                None => self.wrong_item(
                    key,
                    index,
                    wanted("the number of a weakness such as `787` or `CWE-787`", value),
                ),
            }
        }
        all
    }

    /// Ends the object: a key that nobody asked for is a problem, for a mistyped one would be lost silently.
    pub fn done(self) {
        for key in self.map.keys() {
            if self.known.iter().any(|known| known == key) {
                continue;
            }
            let path = self.at(&quoted(key).replace('`', ""));
            let near = self.known.iter().find(|known| near(known, key));
            let message = match near {
                Some(known) => format!("is no field here; `{known}` is one"),
                None => format!("is no field here; there are {}", list(&self.known)),
            };
            self.refusal.add(path, message);
        }
    }

    fn list(&mut self, key: &'static str, most: usize) -> &'a [Value] {
        match self.value(key) {
            None => &[],
            Some(Value::Array(all)) if all.len() > most => {
                let message = format!("it has {} items; give at most {most}", all.len());
                self.wrong(key, message);
                &[]
            }
            Some(Value::Array(all)) => all,
            Some(other) => {
                self.wrong(key, wanted("a list", other));
                &[]
            }
        }
    }

    fn wrong_item(&mut self, key: &str, index: usize, message: String) {
        let path = Path::Item(&Path::Key(&self.path, key), index).to_string();
        self.refusal.add(path, message);
    }

    fn at(&self, key: &str) -> String {
        Path::Key(&self.path, key).to_string()
    }
}

/// `CWE-787`, `cwe-787`, `787`, `external/cwe/cwe-079` into its number.
pub fn cwe(text: &str) -> Option<u32> {
    let lower = text.trim().to_ascii_lowercase();
    let at = lower.rfind("cwe").map_or(0, |at| at + 3);
    let rest = lower
        .get(at..)?
        .trim_start_matches([' ', '-', '_', ':', '#']);
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let rest = rest.get(digits.len()..)?;
    if at == 0 && !rest.is_empty() {
        return None;
    }
    digits.parse().ok().filter(|number| *number > 0)
}

fn whole(value: &Value, most: u64) -> Option<u64> {
    value.as_u64().filter(|number| *number <= most)
}

fn wanted(what: &str, found: &Value) -> String {
    let found = match found {
        Value::Null => "`null`".to_owned(),
        Value::Bool(flag) => format!("`{flag}`"),
        Value::Number(number) => format!("`{number}`"),
        Value::String(text) => quoted(text),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    format!("{found} stands where {what} belongs")
}

fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// Whether someone who wrote `key` may have meant `known`: letters swapped, left out, a plural.
fn near(known: &str, key: &str) -> bool {
    let plain = |text: &str| {
        let mut letters: Vec<char> = text
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect();
        letters.sort_unstable();
        letters
    };
    let (one, other) = (plain(known), plain(key));
    let common = one.iter().filter(|letter| other.contains(letter)).count();
    let most = one.len().max(other.len());
    most > 2 && common + 1 >= most && one.len().abs_diff(other.len()) <= 1
}
