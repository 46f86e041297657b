//! Walk: a value beside its schema, keyword by keyword.

use serde_json::{Map, Value};

use super::say::{nearest, quoted};
use super::{Fault, Schema, Way, assert, closest};

/// Most faults of one document: a person reads the first dozens, and each costs a message.
const FAULTS_MAX: usize = 1000;

/// Deepest walk: a document has at most 127 levels, and a schema refers on at most a few times at each; with headroom.
const DEPTH_MAX: u32 = 1024;

/// A schema, and the document in which its references are looked up.
#[derive(Clone, Copy)]
pub struct Node<'s> {
    pub schema: &'s Value,
    pub document: &'s Value,
}

impl<'s> Node<'s> {
    pub fn of(self, schema: &'s Value) -> Node<'s> {
        Node { schema, ..self }
    }
}

/// One walk: it tells, or it only asks whether there would be anything to tell.
pub struct Walk<'s> {
    pub schema: &'s Schema,
    told: Option<Vec<Fault>>,
    depth: u32,
}

impl<'s> Walk<'s> {
    pub fn telling(schema: &'s Schema) -> Walk<'s> {
        Walk {
            schema,
            told: Some(Vec::new()),
            depth: 0,
        }
    }

    pub fn faults(self) -> Vec<Fault> {
        self.told.unwrap_or_default()
    }

    /// Whether `value` would fit.
    pub fn probe(&self, node: Node<'s>, value: &Value, way: Way<'_>) -> bool {
        let mut walk = Walk {
            schema: self.schema,
            told: None,
            depth: self.depth,
        };
        walk.fits(node, value, way)
    }

    /// What would be told of `value`.
    pub fn aside(&self, node: Node<'s>, value: &Value, way: Way<'_>) -> Vec<Fault> {
        let mut walk = Walk {
            depth: self.depth,
            ..Walk::telling(self.schema)
        };
        walk.fits(node, value, way);
        walk.faults()
    }

    /// Adds what was told aside. Never fits.
    pub fn take(&mut self, faults: Vec<Fault>) -> bool {
        if let Some(told) = &mut self.told {
            let room = FAULTS_MAX.saturating_sub(told.len());
            told.extend(faults.into_iter().take(room));
        }
        false
    }

    pub fn is_telling(&self) -> bool {
        self.told.is_some()
    }

    /// Tells, where this walk does. Never fits.
    pub fn fault(&mut self, way: Way<'_>, weight: u32, message: impl FnOnce() -> String) -> bool {
        if let Some(told) = &mut self.told
            && told.len() < FAULTS_MAX
        {
            told.push(Fault {
                pointer: way.pointer(),
                message: message(),
                weight,
                is_form: false,
            });
        }
        false
    }

    /// As [`Walk::fault`], of a `format`.
    pub fn malformed(&mut self, way: Way<'_>, message: impl FnOnce() -> String) -> bool {
        self.fault(way, 2, message);
        if let Some(fault) = self.told.as_mut().and_then(|told| told.last_mut()) {
            fault.is_form = true;
        }
        false
    }

    /// Whether `value` fits; what does not is told.
    pub fn fits(&mut self, node: Node<'s>, value: &Value, way: Way<'_>) -> bool {
        let Value::Object(rules) = node.schema else {
            return *node.schema != Value::Bool(false)
                || self.fault(way, 1, || format!("{} must not be there", way.called()));
        };
        if self.depth >= DEPTH_MAX {
            return true;
        }
        self.depth += 1;
        let good = self.all(node, rules, value, way);
        self.depth -= 1;
        good
    }

    fn all(
        &mut self,
        node: Node<'s>,
        rules: &'s Map<String, Value>,
        value: &Value,
        way: Way<'_>,
    ) -> bool {
        let mut good = true;
        if let Some(Value::String(to)) = rules.get("$ref") {
            good = match self.schema.follow(node, to) {
                Some(target) => self.fits(target, value, way),
                None => true,
            };
            if self.schema.refs_stand_alone {
                return good;
            }
        }
        for (keyword, rule) in rules {
            good &= self.keyword(node, keyword, rule, value, way);
            if !good && !self.is_telling() {
                return false;
            }
        }
        good
    }

    fn keyword(
        &mut self,
        node: Node<'s>,
        keyword: &str,
        rule: &'s Value,
        value: &Value,
        way: Way<'_>,
    ) -> bool {
        match (keyword, rule, value) {
            ("allOf", Value::Array(rules), _) => {
                let each = rules
                    .iter()
                    .map(|rule| self.fits(node.of(rule), value, way));
                each.fold(true, |good, one| good & one)
            }
            ("anyOf", Value::Array(rules), _) => closest::any_of(self, node, rules, value, way),
            ("oneOf", Value::Array(rules), _) => closest::one_of(self, node, rules, value, way),
            ("not", rule, _) => self.not(node, rule, value, way),
            ("if", rule, _) => self.condition(node, rule, value, way),
            ("properties", Value::Object(rules), Value::Object(members)) => {
                self.members(node, rules, members, way)
            }
            ("patternProperties", Value::Object(rules), Value::Object(members)) => {
                self.members_by_pattern(node, rules, members, way)
            }
            ("additionalProperties", rule, Value::Object(members)) => {
                self.others(node, rule, members, way)
            }
            ("items", Value::Object(_) | Value::Bool(_), Value::Array(elements)) => {
                let mut good = true;
                for (index, element) in elements.iter().enumerate() {
                    good &= self.fits(node.of(rule), element, Way::Index(&way, index));
                    if !good && !self.is_telling() {
                        return false;
                    }
                }
                good
            }
            ("items", Value::Array(rules), Value::Array(elements)) => {
                self.tuple(node, rules, elements, way)
            }
            ("contains", rule, Value::Array(elements)) => {
                let is_there = (elements.iter().enumerate()).any(|(index, element)| {
                    self.probe(node.of(rule), element, Way::Index(&way, index))
                });
                is_there || self.fault(way, 1, || contains_words(node.schema, rule, way))
            }
            _ => assert::holds(self, keyword, rule, value, way),
        }
    }

    /// Draft 7: a schema for each place, and `additionalItems` for those after.
    fn tuple(
        &mut self,
        node: Node<'s>,
        rules: &'s [Value],
        elements: &[Value],
        way: Way<'_>,
    ) -> bool {
        let more = node.schema.get("additionalItems");
        let mut good = true;
        for (index, element) in elements.iter().enumerate() {
            if let Some(rule) = rules.get(index).or(more) {
                good &= self.fits(node.of(rule), element, Way::Index(&way, index));
            }
        }
        good
    }

    fn not(&mut self, node: Node<'s>, rule: &'s Value, value: &Value, way: Way<'_>) -> bool {
        if !self.probe(node.of(rule), value, way) {
            return true;
        }
        let names = required(rule);
        self.fault(way, 1, || match names.is_empty() {
            true => format!("{} is as the schema rules out", way.called()),
            false => format!(
                "{} must not have {}",
                way.called(),
                names.join(" together with ")
            ),
        })
    }

    fn condition(&mut self, node: Node<'s>, rule: &'s Value, value: &Value, way: Way<'_>) -> bool {
        let branch = match self.probe(node.of(rule), value, way) {
            true => "then",
            false => "else",
        };
        let Some(branch) = node.schema.get(branch) else {
            return true;
        };
        let why = node.schema.get("x-why").and_then(Value::as_str);
        let (true, Some(why)) = (self.is_telling(), why) else {
            return self.fits(node.of(branch), value, way);
        };
        let mut faults = self.aside(node.of(branch), value, way);
        faults.truncate(1);
        for fault in &mut faults {
            why.clone_into(&mut fault.message);
        }
        faults.is_empty() || self.take(faults)
    }

    fn members(
        &mut self,
        node: Node<'s>,
        rules: &'s Map<String, Value>,
        members: &Map<String, Value>,
        way: Way<'_>,
    ) -> bool {
        let mut good = true;
        for (name, member) in members {
            if let Some(rule) = rules.get(name) {
                good &= self.fits(node.of(rule), member, Way::Name(&way, name));
                if !good && !self.is_telling() {
                    return false;
                }
            }
        }
        good
    }

    fn members_by_pattern(
        &mut self,
        node: Node<'s>,
        rules: &'s Map<String, Value>,
        members: &Map<String, Value>,
        way: Way<'_>,
    ) -> bool {
        let mut good = true;
        for (name, member) in members {
            for (pattern, rule) in rules {
                if self.schema.matches(pattern, name) {
                    good &= self.fits(node.of(rule), member, Way::Name(&way, name));
                }
            }
        }
        good
    }

    /// Members that neither `properties` nor `patternProperties` of the same schema name.
    fn others(
        &mut self,
        node: Node<'s>,
        rule: &'s Value,
        members: &Map<String, Value>,
        way: Way<'_>,
    ) -> bool {
        let named = |keyword: &str| node.schema.get(keyword).and_then(Value::as_object);
        let (known, patterns) = (named("properties"), named("patternProperties"));
        let mut good = true;
        for (name, member) in members {
            let is_known = known.is_some_and(|known| known.contains_key(name))
                || patterns.is_some_and(|patterns| {
                    patterns
                        .keys()
                        .any(|pattern| self.schema.matches(pattern, name))
                });
            if is_known {
                continue;
            }
            let step = Way::Name(&way, name);
            good &= match rule {
                Value::Bool(false) => self.fault(step, 1, || {
                    let names = known.into_iter().flat_map(|known| known.keys());
                    let hint = nearest(name, names.map(String::as_str));
                    let hint = hint.map_or(String::new(), |near| format!("; {} is", quoted(near)));
                    format!("{} is no member of {}{hint}", quoted(name), way.called())
                }),
                rule => self.fits(node.of(rule), member, step),
            };
        }
        good
    }
}

/// The members that a schema requires, quoted.
pub fn required(rule: &Value) -> Vec<String> {
    let names = rule.get("required").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    names.map(quoted).collect()
}

fn contains_words(schema: &Value, rule: &Value, way: Way<'_>) -> String {
    let names = required(rule);
    match (
        schema.get("x-why").and_then(Value::as_str),
        names.is_empty(),
    ) {
        (Some(why), _) => why.to_owned(),
        (None, false) => {
            format!(
                "{} has no entry with {}; at least one must have it",
                way.called(),
                names.join(" and ")
            )
        }
        (None, true) => format!("{} has no entry of the kind that is needed", way.called()),
    }
}
