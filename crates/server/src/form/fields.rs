//! Fields: what was sent, read one by one into what it should be, with all that is wrong.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::Timestamp;
use names::Refusal;
use serde_json::{Map, Value};

/// What can be read from a form and from JSON.
pub trait Input: Sized {
    /// Reads every field first and asks for them with `?` last, so that all that is wrong is said:
    ///
    /// ```
    /// # use server::form::{Fields, Input};
    /// # struct Invitation { name: String, days: i64 }
    /// impl Input for Invitation {
    ///     fn read(fields: &mut Fields<'_>) -> Option<Invitation> {
    ///         let name = fields.line("name", "a name", 200);
    ///         let days = fields.number("days", "the days it holds", 1..=30);
    ///         Some(Invitation { name: name?, days: days? })
    ///     }
    /// }
    /// ```
    fn read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// The fields of one object, and what is wrong with them so far.
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    asked: Vec<String>,
    refusal: Refusal,
}

/// Reads `value` as a `T`.
pub(super) fn read<T: Input>(value: &Value) -> Result<T, Refusal> {
    let Value::Object(map) = value else {
        return Err(Refusal::whole("send one JSON object, `{…}`"));
    };
    let mut fields = Fields {
        map,
        asked: Vec::new(),
        refusal: Refusal::none(),
    };
    let read = T::read(&mut fields);
    fields.leave_none_over();
    match read {
        Some(read) if fields.refusal.is_empty() => Ok(read),
        _ if fields.refusal.is_empty() => Err(Refusal::whole("something is missing")),
        _ => Err(fields.refusal),
    }
}

impl<'a> Fields<'a> {
    /// Says that `field` is wrong in a way of its own.
    pub fn wrong(&mut self, field: &str, message: impl Into<Box<str>>) {
        self.refusal.add(field, message);
    }

    /// Adds what the rule says no to, where nothing is said of the field yet: what cannot be read and what may not be
    /// come back in one answer.
    pub fn also<T>(&mut self, ruled: Result<T, Refusal>) {
        let Err(refusal) = ruled else {
            return;
        };
        let outer = |field: &str| field.split(['[', '.']).next().unwrap_or("").to_owned();
        for problem in refusal.iter() {
            let field = outer(&problem.field);
            if self
                .refusal
                .iter()
                .all(|known| outer(&known.field) != field)
            {
                self.refusal
                    .add(problem.field.clone(), problem.message.clone());
            }
        }
    }

    /// A line that must be there: trimmed, without control characters, of at most `chars_max` characters.
    /// `what` is what is missing, such as `a title`.
    pub fn line(&mut self, name: &str, what: &str, chars_max: usize) -> Option<String> {
        let line = self.optional_line(name, chars_max);
        self.required(name, what, line)
    }

    /// A line that may be left out.
    pub fn optional_line(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let line = self.optional_prose(name, chars_max)?;
        if line.chars().any(char::is_control) {
            self.wrong(name, "holds control characters; write one line of text");
            return None;
        }
        Some(line)
    }

    /// A text of several lines that must be there.
    pub fn prose(&mut self, name: &str, what: &str, chars_max: usize) -> Option<String> {
        let prose = self.optional_prose(name, chars_max);
        self.required(name, what, prose)
    }

    /// A text of several lines that may be left out.
    pub fn optional_prose(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let text = self.text(name)?;
        let chars = text.chars().count();
        if chars > chars_max {
            self.wrong(
                name,
                format!("has {chars} characters; at most {chars_max} fit"),
            );
            return None;
        }
        Some(text)
    }

    /// What must be there and be one of ours: an id, a word, a package.
    pub fn one<T: FromStr<Err: Display>>(&mut self, name: &str, what: &str) -> Option<T> {
        let one = self.optional(name);
        self.required(name, what, one)
    }

    /// The same, where it may be left out.
    pub fn optional<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(problem) => {
                self.wrong(name, problem.to_string());
                None
            }
        }
    }

    /// A whole number within `bounds`.
    pub fn number(&mut self, name: &str, what: &str, bounds: RangeInclusive<i64>) -> Option<i64> {
        let number = self.optional_number(name, bounds);
        self.required(name, what, number)
    }

    /// The same, where it may be left out.
    pub fn optional_number(&mut self, name: &str, bounds: RangeInclusive<i64>) -> Option<i64> {
        let text = self.text(name)?;
        match text.parse::<i64>() {
            Ok(number) if bounds.contains(&number) => Some(number),
            _ => {
                self.wrong(
                    name,
                    format!(
                        "write a whole number from {} to {}",
                        bounds.start(),
                        bounds.end()
                    ),
                );
                None
            }
        }
    }

    /// A box that is ticked, or `true`.
    pub fn flag(&mut self, name: &str) -> bool {
        match self.text(name).as_deref() {
            None | Some("false" | "off" | "no") => false,
            Some("true" | "on" | "yes") => true,
            Some(_) => {
                self.wrong(name, "write `true` or `false`");
                false
            }
        }
    }

    /// A moment: a day, `2026-12-24`, which means its end in UTC, or a time as RFC 3339 writes it.
    pub fn moment(&mut self, name: &str, what: &str) -> Option<Timestamp> {
        let moment = self.optional_moment(name);
        self.required(name, what, moment)
    }

    /// The same, where it may be left out.
    pub fn optional_moment(&mut self, name: &str) -> Option<Timestamp> {
        let text = self.text(name)?;
        let moment = match text.parse::<jiff::civil::Date>() {
            Ok(day) if text.len() == 10 => jiff::tz::Offset::UTC
                .to_timestamp(day.at(23, 59, 59, 0))
                .ok(),
            _ => text.parse().ok(),
        };
        if moment.is_none() {
            self.wrong(
                name,
                "write a day such as `2026-12-24`, or a time such as `2026-12-24T18:00:00Z`",
            );
        }
        moment
    }

    /// Several lines or boxes of one name, or one text with a line for each; blank ones are left out.
    pub fn list(&mut self, name: &str, items_max: usize, chars_max: usize) -> Vec<String> {
        let items: Vec<String> = match self.value(name) {
            Some(Value::Array(list)) => list.iter().filter_map(plain).collect(),
            Some(one) => plain(one)
                .map(|text| text.lines().map(str::to_owned).collect())
                .unwrap_or_default(),
            None => Vec::new(),
        };
        let trimmed = items.iter().map(|item| item.trim().to_owned());
        let items: Vec<String> = trimmed.filter(|item| !item.is_empty()).collect();
        if items.len() > items_max {
            self.wrong(
                name,
                format!("has {} entries; at most {items_max} fit", items.len()),
            );
        }
        if items.iter().any(|item| item.chars().count() > chars_max) {
            self.wrong(
                name,
                format!("has an entry of more than {chars_max} characters"),
            );
        }
        items
    }

    /// A list of what must each be one of ours.
    pub fn many<T: FromStr<Err: Display>>(&mut self, name: &str, items_max: usize) -> Vec<T> {
        /// The longest of ours are package URLs; two thousand characters are more than any has.
        const CHARS_MAX: usize = 2_000;
        let mut read = Vec::new();
        for item in self.list(name, items_max, CHARS_MAX) {
            match item.parse::<T>() {
                Ok(value) => read.push(value),
                Err(problem) => self.wrong(name, problem.to_string()),
            }
        }
        read
    }

    /// An object of its own, under `name`. Its fields are called `name.field`.
    pub fn inside<T: Input>(&mut self, name: &str, what: &str) -> Option<T> {
        let inside = self.optional_inside(name);
        self.required(name, what, inside)
    }

    /// The same, where it may be left out.
    pub fn optional_inside<T: Input>(&mut self, name: &str) -> Option<T> {
        let value = self.value(name)?;
        self.nested(name, value)
    }

    /// A list of objects, called `name[0].field` and so on.
    pub fn each<T: Input>(&mut self, name: &str, items_max: usize) -> Vec<T> {
        let list: &[Value] = match self.value(name) {
            Some(Value::Array(list)) => list,
            Some(_) => {
                self.wrong(name, "send a list, `[…]`");
                &[]
            }
            None => &[],
        };
        if list.len() > items_max {
            self.wrong(
                name,
                format!("has {} entries; at most {items_max} fit", list.len()),
            );
            return Vec::new();
        }
        let entries = list.iter().enumerate().filter(|(_, item)| !item.is_null());
        entries
            .filter_map(|(index, item)| self.nested(&format!("{name}[{index}]"), item))
            .collect()
    }

    fn nested<T: Input>(&mut self, name: &str, value: &Value) -> Option<T> {
        match read::<T>(value) {
            Ok(read) => Some(read),
            Err(refusal) => {
                self.refusal.within(name, refusal);
                None
            }
        }
    }

    /// Notes that `name` was asked for; nothing where it is absent, null or blank.
    fn value(&mut self, name: &str) -> Option<&'a Value> {
        self.asked.push(name.to_owned());
        let is_blank = |value: &Value| {
            value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
        };
        self.map.get(name).filter(|value| !is_blank(value))
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let value = self.value(name)?;
        match plain(value) {
            Some(text) => Some(text.trim().replace("\r\n", "\n")).filter(|text| !text.is_empty()),
            None => {
                self.wrong(name, "write one text here, not a list or an object");
                None
            }
        }
    }

    fn required<T>(&mut self, name: &str, what: &str, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.is_wrong(name) {
            self.wrong(name, format!("write {what}"));
        }
        value
    }

    fn is_wrong(&self, name: &str) -> bool {
        let is_inside = |rest: &str| rest.is_empty() || rest.starts_with(['.', '[']);
        self.refusal
            .iter()
            .any(|problem| problem.field.strip_prefix(name).is_some_and(is_inside))
    }

    /// A field that nobody asked for is a typing error, and typing errors are said.
    fn leave_none_over(&mut self) {
        let unknown: Vec<String> = self
            .map
            .keys()
            .filter(|key| !self.asked.contains(*key))
            .cloned()
            .collect();
        let known = self
            .asked
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        for key in unknown {
            let shown: String = key.chars().take(60).collect();
            self.wrong(
                &shown,
                format!("nothing of this name is read; known are {known}"),
            );
        }
    }
}

/// Text, or a number or a truth value as text.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use names::Role;

    use super::*;
    use crate::form::Form;

    #[derive(Debug)]
    #[expect(dead_code, reason = "read by its Debug alone")]
    struct Invitation {
        name: String,
        role: Role,
        days: Option<i64>,
        is_urgent: bool,
        until: Option<Timestamp>,
        areas: Vec<String>,
        people: Vec<Person>,
    }

    #[derive(Debug)]
    #[expect(dead_code, reason = "read by its Debug alone")]
    struct Person {
        mail: String,
    }

    impl Input for Person {
        fn read(fields: &mut Fields<'_>) -> Option<Person> {
            let mail = fields.line("mail", "an address", 20);
            Some(Person { mail: mail? })
        }
    }

    impl Input for Invitation {
        fn read(fields: &mut Fields<'_>) -> Option<Invitation> {
            let name = fields.line("name", "a name", 10);
            let role = fields.one("role", "a role");
            let days = fields.optional_number("days", 1..=30);
            let is_urgent = fields.flag("urgent");
            let until = fields.optional_moment("until");
            let areas = fields.list("areas", 3, 10);
            let people = fields.each("people", 2);
            Some(Invitation {
                name: name?,
                role: role?,
                days,
                is_urgent,
                until,
                areas,
                people,
            })
        }
    }

    fn check(sent: &str, wanted: Expect) {
        let form = if sent.starts_with(['{', '[']) {
            Form::from_json(serde_json::from_str(sent).unwrap())
        } else {
            let pairs = url::form_urlencoded::parse(sent.as_bytes())
                .into_owned()
                .collect();
            Form::from_pairs(pairs, Vec::new()).unwrap()
        };
        wanted.assert_eq(&match form.read::<Invitation>() {
            Ok(read) => format!("{read:?}"),
            Err(refusal) => refusal
                .iter()
                .map(|one| format!("{}: {}\n", one.field, one.message))
                .collect(),
        });
    }

    #[test]
    fn a_form_and_json_end_in_the_same() {
        let form = "name=Ada&role=admin&days=7&urgent=on&until=2026-12-24&areas=a%0D%0A%0D%0Ab&people[0].mail=a@b";
        check(
            form,
            expect![[
                r#"Invitation { name: "Ada", role: Admin, days: Some(7), is_urgent: true, until: Some(2026-12-24T23:59:59Z), areas: ["a", "b"], people: [Person { mail: "a@b" }] }"#
            ]],
        );
        let json = r#"{"name": "Ada", "role": "admin", "days": 7, "urgent": true, "until": "2026-12-24", "areas": ["a", "b"], "people": [{"mail": "a@b"}]}"#;
        check(
            json,
            expect![[
                r#"Invitation { name: "Ada", role: Admin, days: Some(7), is_urgent: true, until: Some(2026-12-24T23:59:59Z), areas: ["a", "b"], people: [Person { mail: "a@b" }] }"#
            ]],
        );
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        check(
            "name=a+very+long+name&role=king&days=31&urgent=perhaps&until=soon&areas=1&areas=2&areas=3&areas=4&people[0].mail=&titel=x",
            expect![[r#"
                name: has 16 characters; at most 10 fit
                role: `king` is no role; write one of `admin`, `member`, `reader`
                days: write a whole number from 1 to 30
                urgent: write `true` or `false`
                until: write a day such as `2026-12-24`, or a time such as `2026-12-24T18:00:00Z`
                areas: has 4 entries; at most 3 fit
                people[0].mail: write an address
                titel: nothing of this name is read; known are `name`, `role`, `days`, `urgent`, `until`, `areas`, `people`
            "#]],
        );
    }

    #[test]
    fn what_is_missing_is_named_once() {
        check(
            "{}",
            expect![[r#"
            name: write a name
            role: write a role
        "#]],
        );
        check(
            "[1]",
            expect![[r#"
            : send one JSON object, `{…}`
        "#]],
        );
        check(
            r#"{"name": ["a"], "role": {"x": 1}, "people": 1}"#,
            expect![[r#"
                name: write one text here, not a list or an object
                role: write one text here, not a list or an object
                people: send a list, `[…]`
            "#]],
        );
    }
}
