//! Members of a JSON object by rules, with all that is wrong said by pointer.
//!
//! The small documents of distribution (provider metadata, aggregator, ROLIE) are read with it: what is right is
//! taken, what is wrong is told, and the one does not hinder the other.

use jiff::Timestamp;
use serde_json::{Map, Value};
use url::Url;

use super::directory::short;

/// Something that is wrong in a document.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// JSON pointer.
    pub pointer: String,
    pub message: String,
}

/// Problems that are told of one document; an aggregator lists hundreds of providers.
const PROBLEMS_MAX: usize = 200;

/// What a text has to be.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Not empty.
    Text,
    Url,
    /// An address that ends so.
    UrlEnding(&'static str),
    Time,
    /// 40 or more hexadecimal digits.
    Fingerprint,
    OneOf(&'static [&'static str]),
}

/// What was found wrong so far.
#[derive(Debug, Default)]
pub struct Reader {
    pub problems: Vec<Problem>,
}

/// An object and where it stands.
#[derive(Clone, Debug)]
pub struct Object<'a> {
    members: &'a Map<String, Value>,
    pointer: String,
}

impl Reader {
    pub fn wrong(&mut self, pointer: &str, message: impl Into<String>) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem {
                pointer: pointer.to_owned(),
                message: message.into(),
            });
        }
    }

    /// The object at `pointer`.
    pub fn object<'a>(&mut self, value: &'a Value, pointer: &str) -> Option<Object<'a>> {
        match value.as_object() {
            Some(members) => Some(Object {
                members,
                pointer: pointer.to_owned(),
            }),
            None => {
                self.wrong(pointer, "is no object");
                None
            }
        }
    }

    /// A member that has to be there.
    pub fn needed<'a>(&mut self, object: &Object<'a>, key: &str) -> Option<&'a Value> {
        let value = object.members.get(key);
        if value.is_none() {
            self.wrong(&object.pointer, format!("has no `{key}`"));
        }
        value
    }

    /// An object that has to be there.
    pub fn child<'a>(&mut self, object: &Object<'a>, key: &str) -> Option<Object<'a>> {
        let value = self.needed(object, key)?;
        self.object(value, &object.at(key))
    }

    /// A text that has to be there and keep a rule.
    pub fn text<'a>(&mut self, object: &Object<'a>, key: &str, rule: Rule) -> Option<&'a str> {
        self.needed(object, key)?;
        self.text_if(object, key, rule)
    }

    /// A text that keeps a rule where it is there.
    pub fn text_if<'a>(&mut self, object: &Object<'a>, key: &str, rule: Rule) -> Option<&'a str> {
        let pointer = object.at(key);
        let Some(text) = object.members.get(key)?.as_str() else {
            self.wrong(&pointer, "is no text");
            return None;
        };
        match rule.check(text) {
            Ok(()) => Some(text),
            Err(reason) => {
                self.wrong(&pointer, reason);
                None
            }
        }
    }

    pub fn time(&mut self, object: &Object<'_>, key: &str) -> Option<Timestamp> {
        self.text(object, key, Rule::Time)?.parse().ok()
    }

    pub fn time_if(&mut self, object: &Object<'_>, key: &str) -> Option<Timestamp> {
        self.text_if(object, key, Rule::Time)?.parse().ok()
    }

    /// Yes or no, which has to be there.
    pub fn flag(&mut self, object: &Object<'_>, key: &str) -> Option<bool> {
        let flag = self.needed(object, key)?.as_bool();
        if flag.is_none() {
            self.wrong(&object.at(key), "is neither `true` nor `false`");
        }
        flag
    }

    /// Items of a list where it is there; a list that is there and empty is wrong unless `may_be_empty`.
    pub fn items<'a>(
        &mut self,
        object: &Object<'a>,
        key: &str,
        may_be_empty: bool,
    ) -> Vec<(String, &'a Value)> {
        let pointer = object.at(key);
        let Some(value) = object.members.get(key) else {
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            self.wrong(&pointer, "is no list");
            return Vec::new();
        };
        if items.is_empty() && !may_be_empty {
            self.wrong(&pointer, "is an empty list; leave it out or name something");
        }
        let at = |(number, item)| (format!("{pointer}/{number}"), item);
        items.iter().enumerate().map(at).collect()
    }

    /// Objects of a list where it is there.
    pub fn objects<'a>(
        &mut self,
        object: &Object<'a>,
        key: &str,
        may_be_empty: bool,
    ) -> Vec<Object<'a>> {
        let items = self.items(object, key, may_be_empty);
        items
            .into_iter()
            .filter_map(|(pointer, item)| self.object(item, &pointer))
            .collect()
    }

    /// Texts of a list where it is there.
    pub fn texts(&mut self, object: &Object<'_>, key: &str, rule: Rule) -> Vec<String> {
        let mut texts = Vec::new();
        for (pointer, item) in self.items(object, key, false) {
            match item.as_str().map(|text| (text, rule.check(text))) {
                Some((text, Ok(()))) => texts.push(text.to_owned()),
                Some((_, Err(reason))) => self.wrong(&pointer, reason),
                None => self.wrong(&pointer, "is no text"),
            }
        }
        texts
    }

    /// Members of other names are wrong (CSAF 2.1's schemas close their objects).
    pub fn only(&mut self, object: &Object<'_>, keys: &[&str]) {
        for key in object
            .members
            .keys()
            .filter(|key| !keys.contains(&key.as_str()))
        {
            self.wrong(
                &object.pointer,
                format!(
                    "has a member `{}` that the schema does not know",
                    short(key)
                ),
            );
        }
    }
}

impl Object<'_> {
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    pub fn has(&self, key: &str) -> bool {
        self.members.contains_key(key)
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    fn at(&self, key: &str) -> String {
        format!(
            "{}/{}",
            self.pointer,
            key.replace('~', "~0").replace('/', "~1")
        )
    }
}

impl Rule {
    fn check(self, text: &str) -> Result<(), String> {
        let is_url = || Url::parse(text).is_ok();
        let says = |what: &str| Err(format!("`{}` {what}", short(text)));
        match self {
            Rule::Text if text.is_empty() => Err("is empty".to_owned()),
            Rule::Text => Ok(()),
            Rule::Url if is_url() => Ok(()),
            Rule::Url => says("is no address such as `https://www.example.com/`"),
            Rule::UrlEnding(ending) if is_url() && text.ends_with(ending) => Ok(()),
            Rule::UrlEnding(ending) => says(&format!("is no address that ends in `{ending}`")),
            Rule::Time if text.parse::<Timestamp>().is_ok() => Ok(()),
            Rule::Time => says("is no time such as `2024-01-24T20:20:56Z`"),
            Rule::Fingerprint => {
                let is_hex = text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
                if is_hex {
                    Ok(())
                } else {
                    says("is no fingerprint of 40 or more hexadecimal digits")
                }
            }
            Rule::OneOf(words) if words.contains(&text) => Ok(()),
            Rule::OneOf(words) => says(&format!("is none of {}", quoted(words))),
        }
    }
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
