//! How two CPE names stand to each other (NISTIR 7696, tables 6-2 and 6-4).

use super::{Attribute, Cpe, Value, wildcards};

/// How what one name says stands to what another says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// The same.
    Equal,
    /// All that the first means is meant by the second, and more.
    Subset,
    /// All that the second means is meant by the first, and more.
    Superset,
    /// Nothing is meant by both.
    Disjoint,
    /// The second has wildcards, or the names overlap: the standard leaves it open.
    Undefined,
}

impl Cpe {
    /// How this name, which may have wildcards, stands to `target`, which should have none.
    pub fn compare(&self, target: &Cpe) -> Relation {
        let mut all = Relation::Equal;
        for (source, target) in self.values().zip(target.values()) {
            let one = compare(source, target);
            all = match (all, one) {
                (_, Relation::Disjoint) => return Relation::Disjoint,
                (Relation::Equal, one) => one,
                (all, Relation::Equal) => all,
                (all, one) if all == one => all,
                _ => Relation::Undefined,
            };
        }
        all
    }

    /// How this name's attribute stands to `target`'s.
    pub fn compare_attribute(&self, target: &Cpe, attribute: Attribute) -> Relation {
        compare(self.value(attribute), target.value(attribute))
    }

    /// Whether everything that `target` means is meant by this name.
    pub fn covers(&self, target: &Cpe) -> bool {
        matches!(self.compare(target), Relation::Equal | Relation::Superset)
    }
}

/// Table 6-2 of NISTIR 7696.
fn compare(source: Value<'_>, target: Value<'_>) -> Relation {
    match (source, target) {
        (Value::Any, Value::Any) | (Value::NotApplicable, Value::NotApplicable) => Relation::Equal,
        (_, Value::Text(target)) if is_wild(target) => Relation::Undefined,
        (Value::Any, _) => Relation::Superset,
        (_, Value::Any) => Relation::Subset,
        (Value::NotApplicable, _) | (_, Value::NotApplicable) => Relation::Disjoint,
        (Value::Text(source), Value::Text(target)) if is_wild(source) => {
            match matches(source, target) {
                true => Relation::Superset,
                false => Relation::Disjoint,
            }
        }
        (Value::Text(source), Value::Text(target)) => match source.eq_ignore_ascii_case(target) {
            true => Relation::Equal,
            false => Relation::Disjoint,
        },
    }
}

fn is_wild(text: &str) -> bool {
    let (before, _, after) = wildcards(text);
    before > 0 || after > 0
}

/// Whether `pattern`'s core stands in `text` with no more around it than its wildcards allow.
fn matches(pattern: &str, text: &str) -> bool {
    let (before, core, after) = wildcards(pattern);
    let (core, text) = (characters(core), characters(text));
    let starts = 0..=text.len().saturating_sub(core.len()).min(before);
    text.len() >= core.len()
        && starts.into_iter().any(|start| {
            let rest = text.get(start..).unwrap_or_default();
            rest.starts_with(&core) && rest.len() - core.len() <= after
        })
}

/// The characters of `text`, an escaped one with its backslash as one.
fn characters(text: &str) -> Vec<(bool, char)> {
    let mut all = Vec::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        all.push(match c {
            '\\' => (true, characters.next().unwrap_or(c)),
            c => (false, c.to_ascii_lowercase()),
        });
    }
    all
}
