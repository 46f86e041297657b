//! View: what the tests of CSAF look at, in the document as it was written.
//!
//! No typed model stands between: what is absent is absent, what is unknown is still there, and a member of the
//! wrong type is passed over (the schema has told of it).

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::Value;

use super::Text;
use crate::{Settings, findings::Findings, report::Group};

/// A CSAF document and what it is held against.
pub struct View<'a> {
    pub root: &'a Value,
    pub text: Text,
    pub settings: &'a Settings<'a>,
    products: Vec<Product<'a>>,
}

/// A full product name where it is defined.
pub struct Product<'a> {
    /// To the object that has `product_id`.
    pub pointer: String,
    pub value: &'a Value,
}

/// How one test speaks.
pub struct Say<'a> {
    pub findings: &'a mut Findings,
    pub test: &'static str,
    pub group: Group,
}

impl Say<'_> {
    /// `message` about the value at `pointer`.
    pub fn at(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.findings.say(self.test, self.group, pointer, message);
    }

    /// The test could not be run here.
    pub fn untested(&mut self, why: impl Into<String>) {
        self.findings.untested(self.test, why);
    }
}

/// Where a full product name is defined.
const PRODUCTS: [&str; 4] = [
    "/product_tree/branches+/product",
    "/product_tree/full_product_names/*",
    "/product_tree/relationships/*/full_product_name",
    "/product_tree/product_paths/*/full_product_name",
];

impl<'a> View<'a> {
    pub fn new(root: &'a Value, text: Text, settings: &'a Settings<'a>) -> Self {
        let products = PRODUCTS
            .iter()
            .flat_map(|pattern| each(root, pattern))
            .map(|(pointer, value)| Product { pointer, value })
            .collect();
        View {
            root,
            text,
            settings,
            products,
        }
    }

    /// Every full product name, in the order of the document.
    pub fn products(&self) -> &[Product<'a>] {
        &self.products
    }

    /// The string at `pointer`.
    pub fn string(&self, pointer: &str) -> Option<&'a str> {
        self.root.pointer(pointer)?.as_str()
    }

    pub fn category(&self) -> &'a str {
        self.string("/document/category").unwrap_or_default()
    }

    pub fn tlp(&self) -> &'a str {
        self.string("/document/distribution/tlp/label")
            .unwrap_or_default()
    }

    /// Everything that `pattern` fits, see [`each`].
    pub fn each(&self, pattern: &str) -> Vec<(String, &'a Value)> {
        each(self.root, pattern)
    }

    /// The vulnerabilities with their pointers.
    pub fn vulnerabilities(&self) -> Vec<(String, &'a Value)> {
        self.each("/vulnerabilities/*")
    }

    /// The product ids of each product group.
    pub fn product_groups(&self) -> HashMap<&'a str, Vec<&'a str>> {
        let groups = self.each("/product_tree/product_groups/*");
        let mut members: HashMap<&str, Vec<&str>> = HashMap::new();
        for (_, group) in groups {
            if let Some(id) = string(group, "group_id") {
                members
                    .entry(id)
                    .or_default()
                    .extend(strings(group, "product_ids"));
            }
        }
        members
    }

    /// The products that `item` names, by their ids and through groups.
    pub fn named(
        &self,
        item: &'a Value,
        groups: &HashMap<&'a str, Vec<&'a str>>,
    ) -> HashSet<&'a str> {
        let through = strings(item, "group_ids")
            .filter_map(|group| groups.get(group))
            .flatten()
            .copied();
        strings(item, "product_ids").chain(through).collect()
    }

    /// The newest date of the revision history.
    pub fn newest_revision(&self) -> Option<Timestamp> {
        let dates = self.each("/document/tracking/revision_history/*/date");
        dates
            .iter()
            .filter_map(|(_, date)| instant(date.as_str()?))
            .max()
    }
}

/// The instant that `text` names by RFC 3339.
pub fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// The string member `name` of `value`.
pub fn string<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

/// The elements of the array member `name` of `value`.
pub fn items<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The strings of the array member `name` of `value`.
pub fn strings<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v str> {
    items(value, name).filter_map(Value::as_str)
}

/// Every value of `root` that `pattern` fits, with its pointer, in the order of the pattern's arrays.
///
/// A pattern is a JSON pointer in which `*` stands for each element of an array, and `name+` for `name/*` once or
/// more: `branches+/name` is the name of every branch.
pub fn each<'v>(root: &'v Value, pattern: &str) -> Vec<(String, &'v Value)> {
    let mut found = vec![(String::new(), root)];
    for step in pattern.split('/').skip(1) {
        let before = std::mem::take(&mut found);
        for (pointer, value) in before {
            match step.strip_suffix('+') {
                Some(name) => descend(&pointer, value, name, &mut found),
                None if step == "*" => {
                    for (index, element) in value.as_array().into_iter().flatten().enumerate() {
                        found.push((joined(&pointer, &index.to_string()), element));
                    }
                }
                None => found.extend(
                    value
                        .get(step)
                        .map(|member| (joined(&pointer, step), member)),
                ),
            }
        }
    }
    found
}

/// `pointer` and one more step; there are some thousand of these a document.
fn joined(pointer: &str, step: &str) -> String {
    let mut joined = String::with_capacity(pointer.len() + 1 + step.len());
    joined.push_str(pointer);
    joined.push('/');
    joined.push_str(step);
    joined
}

/// Adds the elements of `name` in `value`, and theirs in turn; as deep as documents are read.
fn descend<'v>(pointer: &str, value: &'v Value, name: &str, found: &mut Vec<(String, &'v Value)>) {
    for (index, element) in items(value, name).enumerate() {
        let pointer = joined(&joined(pointer, name), &index.to_string());
        found.push((pointer.clone(), element));
        descend(&pointer, element, name, found);
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pattern_finds_every_value_that_it_fits() {
        let root = json!({"a": {"b": [{"n": 1, "b": [{"n": 2}]}, {"n": 3}]}, "c": [[4], {}]});
        let mut lines = Vec::new();
        for pattern in ["/a/b+/n", "/a/b/*/n", "/c/*/*", "/c/*", "/x/*"] {
            for (pointer, value) in each(&root, pattern) {
                lines.push(format!("{pattern} {pointer} {value}"));
            }
        }
        expect![[r#"
            /a/b+/n /a/b/0/n 1
            /a/b+/n /a/b/0/b/0/n 2
            /a/b+/n /a/b/1/n 3
            /a/b/*/n /a/b/0/n 1
            /a/b/*/n /a/b/1/n 3
            /c/*/* /c/0/0 4
            /c/* /c/0 [4]
            /c/* /c/1 {}"#]]
        .assert_eq(&lines.join("\n"));
    }
}
