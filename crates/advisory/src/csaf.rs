//! What does a CSAF document say? Common Security Advisory Framework 2.0 (OASIS Standard, 2022) and 2.1.
//!
//! One document tells of many flaws in many products. Each of its vulnerabilities becomes an [`Advisory`],
//! and what it says of products that are fixed, not affected or being looked into becomes [`Statement`]s too,
//! so that they can answer a match.
//! What is odd: products are leaves of a tree of branches and are named by ids that mean something inside the
//! document only; a version may stand in a branch, in a range written in prose, in the product's name, in its
//! CPE or in its purl; publishers disagree on all of these. [`tree`] flattens, [`version`] reads, and what
//! cannot be read stays as text and is never compared.
//!
//! [`Advisory`]: crate::Advisory
//! [`Statement`]: crate::Statement

pub(crate) mod cwe;
mod facts;
mod flaw;
mod metric;
mod target;
mod tree;
mod upgrade;
pub(crate) mod version;
mod write;

pub(crate) use self::facts::facts;
pub(crate) use self::upgrade::upgrade;
pub(crate) use self::write::{Edition, in_vers, purl_of, scored, write};

use jiff::Timestamp;
use serde_json::Value;

use crate::value::{document, list, string, text, time};
use crate::{Advisory, Problem, Record, Reference};

/// What holds for the whole document.
struct Document {
    id: String,
    publisher: String,
    title: String,
    summary: String,
    published: Option<Timestamp>,
    modified: Option<Timestamp>,
    withdrawn: Option<Timestamp>,
    references: Vec<Reference>,
}

/// Reads one document, record by record.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    if let Some(root) = document(bytes, problem) {
        told(&root, record, problem);
    }
}

fn told(root: &Value, record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    let Some(head) = root.get("document").filter(|head| head.is_object()) else {
        problem(Problem {
            place: String::new(),
            message: "no `document` object; a CSAF document has one beside `product_tree` and `vulnerabilities`"
                .into(),
        });
        return;
    };
    let head = Document::read(head);
    if head.id.is_empty() {
        problem(Problem {
            place: "/document/tracking/id".into(),
            message: "document has no id; `tracking.id` would be one such as `ICSA-24-102-01`"
                .into(),
        });
    }
    let tree = tree::flatten(root.get("product_tree").unwrap_or(&Value::Null), problem);
    let flaws = list(root, "vulnerabilities");
    for (number, flaw) in flaws.iter().enumerate() {
        flaw::read(&head, &tree, number, flaw, record, problem);
    }
    if flaws.is_empty() && head.withdrawn.is_some() {
        // CSAF 2.1 sections 4.6 and 4.7: a withdrawn document has no vulnerabilities left to say it of.
        record(Record::Advisory(Box::new(head.advisory())));
    }
}

impl Document {
    fn read(head: &Value) -> Document {
        let tracking = head.get("tracking").unwrap_or(&Value::Null);
        let publisher = head.get("publisher").unwrap_or(&Value::Null);
        let modified = time(tracking, "current_release_date");
        let withdrawn = matches!(text(head, "category"), "csaf_withdrawn" | "csaf_superseded")
            || text(tracking, "status") == "withdrawn";
        Document {
            id: string(tracking, "id"),
            publisher: string(publisher, "name"),
            title: string(head, "title"),
            summary: notes(head),
            published: time(tracking, "initial_release_date"),
            modified,
            withdrawn: modified.filter(|_| withdrawn),
            references: references(head),
        }
    }

    /// An advisory with all that the document says of every flaw in it.
    fn advisory(&self) -> Advisory {
        Advisory {
            id: self.id.clone(),
            document: Some(self.id.clone()).filter(|id| !id.is_empty()),
            publisher: self.publisher.clone(),
            title: self.title.clone(),
            details: self.summary.clone(),
            published: self.published,
            modified: self.modified,
            withdrawn: self.withdrawn,
            references: self.references.clone(),
            ..Advisory::default()
        }
    }
}

/// The notes that describe, in the order written; legal text and the like are not about the flaw.
fn notes(value: &Value) -> String {
    let mut all = String::new();
    for note in list(value, "notes") {
        if matches!(text(note, "category"), "summary" | "description") {
            if !all.is_empty() {
                all.push_str("\n\n");
            }
            all.push_str(text(note, "text"));
        }
    }
    all
}

/// Links, where `self` is the advisory.
fn references(value: &Value) -> Vec<Reference> {
    list(value, "references")
        .iter()
        .filter(|reference| !text(reference, "url").is_empty())
        .map(|reference| Reference {
            kind: match text(reference, "category") {
                "self" => "advisory".into(),
                _ => "web".into(),
            },
            url: string(reference, "url"),
        })
        .collect()
}
