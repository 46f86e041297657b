//! Theirs: what does `csaf-rs` say, and what does it leave unsaid?
//!
//! It has three answers that are no finding: success, *skipped* (its typed model could not read the document) and
//! *not found* (it has no such test). Only the first is a pass. Where its model cannot read a document, the members
//! that break the schema are taken out of a copy and its tests are run on that ([`super::mend`]); what it then says
//! about a place where something was taken out is not passed on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use csaf_rs::validations::test_6_2_37::test_6_2_37_usage_of_unknown_ssvc_decision_point_namespace_without_resource as unknown_namespaces;
use csaf_rs::{
    csaf::raw::{HasParsed, RawDocument},
    schema::{
        csaf2_0::schema::CommonSecurityAdvisoryFramework as Csaf20,
        csaf2_1::schema::CommonSecurityAdvisoryFramework as Csaf21,
    },
    validation::{TestFinding, TestResult, TestResultStatus, Validatable, ValidationError},
};
use serde_json::Value;

use super::{
    Text,
    clauses::{By, Clause},
    csd03, license, mend,
    view::each,
};
use crate::{Group, findings::Findings, place::clip};

/// How often members are taken out before the document is given up.
const ROUNDS_MAX: usize = 6;

/// Tests of theirs whose cost grows with the square of the number of products, and up to how many they are run.
const SQUARES: [(&str, usize); 2] = [("6.1.27.13", 2_000), ("6.2.42", 20_000)];

/// A document as `csaf-rs` reads it.
pub struct Theirs {
    text: Text,
    document: Loaded,
    products: usize,
}

enum Loaded {
    V20(Box<RawDocument<Csaf20>>),
    V21(Box<RawDocument<Csaf21>>),
}

impl Theirs {
    pub fn new(mut root: Value, text: Text) -> Self {
        if text == Text::Csd03 {
            csd03::translate(&mut root);
        }
        if text != Text::V20 {
            license::spell(&mut root, text);
        }
        let products = each(&root, "/product_tree/branches+/product").len();
        Self {
            text,
            document: Loaded::of(root, text),
            products,
        }
    }

    /// Runs those of `wanted` that are theirs.
    pub fn run(self, wanted: &[&Clause], findings: &mut Findings) {
        let mut mended: Option<Option<(Loaded, Vec<String>)>> = None;
        for clause in wanted.iter().filter(|clause| matches!(clause.by, By::Them)) {
            if let Some((_, most)) = SQUARES
                .iter()
                .find(|(id, most)| *id == clause.id && self.products > *most)
            {
                findings.untested(
                    clause.id,
                    format!(
                        "document has {} products; it is run up to {most}",
                        self.products
                    ),
                );
                continue;
            }
            if self.text == Text::Csd03 && csd03::is_later(clause.id, self.category()) {
                continue;
            }
            if clause.id == "6.1.26" && is_base(self.category()) {
                continue;
            }
            let result = self.document.run(clause.id);
            if result.status != TestResultStatus::Skipped {
                told(clause, result, &[], findings);
                continue;
            }
            match mended.get_or_insert_with(|| self.mend()) {
                Some((document, out)) => told(clause, document.run(clause.id), out, findings),
                None => findings.untested(
                    clause.id,
                    "document breaks the schema too much for this test",
                ),
            }
        }
        if let Some(Some((_, out))) = mended {
            for clause in wanted {
                for pointer in out
                    .iter()
                    .filter(|pointer| mend::consequence(pointer) == Some(clause.id))
                {
                    findings.say(
                        clause.id,
                        clause.group,
                        pointer.clone(),
                        "value is not even by the pattern of the schema",
                    );
                }
            }
            let (first, count) = (out.first().map_or("", String::as_str), out.len());
            let why = format!(
                "{count} members that break the schema were left out, the first at `{}`",
                clip(first)
            );
            findings.untested("6", why);
        }
    }

    fn category(&self) -> &str {
        self.document
            .root()
            .pointer("/document/category")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// A copy without what its model cannot read, and the pointers to what was taken out.
    fn mend(&self) -> Option<(Loaded, Vec<String>)> {
        let mut root = self.document.root().clone();
        let mut out = Vec::new();
        for round in 0..ROUNDS_MAX {
            let document = Loaded::of(root, self.text);
            if document.reads() {
                return Some((document, out));
            }
            let errors = match document.run("schema").status {
                TestResultStatus::Failure { errors, .. } => errors,
                _ => return None,
            };
            root = document.into_root();
            for ValidationError {
                message,
                instance_path,
            } in errors
            {
                out.extend(mend::take_out(&mut root, &instance_path, &message, round));
            }
        }
        None
    }
}

impl Loaded {
    fn of(root: Value, text: Text) -> Self {
        match text {
            Text::V20 => Self::V20(Box::new(RawDocument::new(root))),
            Text::Csd03 | Text::Draft => Self::V21(Box::new(RawDocument::new(root))),
        }
    }

    /// A test that panics has not passed: it is as one that is not there.
    fn run(&self, id: &str) -> TestResult {
        let run = || match self {
            Self::V20(document) => document.run_test(id),
            // As the clause has it, namespaces that are reserved for tests need no resource; the library allows them in its
            // own tests alone.
            Self::V21(document) if id == "6.2.37" => match document.get_parsed() {
                Ok(parsed) => warned(id, unknown_namespaces(parsed, true)),
                Err(_) => TestResult {
                    test_id: id.to_owned(),
                    status: TestResultStatus::Skipped,
                },
            },
            Self::V21(document) => document.run_test(id),
        };
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| TestResult {
            test_id: id.to_owned(),
            status: TestResultStatus::NotFound,
        })
    }

    fn reads(&self) -> bool {
        match self {
            Self::V20(document) => document.get_parsed().is_ok(),
            Self::V21(document) => document.get_parsed().is_ok(),
        }
    }

    fn root(&self) -> &Value {
        match self {
            Self::V20(document) => document.get_json(),
            Self::V21(document) => document.get_json(),
        }
    }

    fn into_root(self) -> Value {
        self.root().clone()
    }
}

/// What a test of theirs found that was called by itself.
fn warned(id: &str, found: Result<(), Vec<TestFinding>>) -> TestResult {
    let status = match found {
        Ok(()) => TestResultStatus::Success,
        Err(found) => TestResultStatus::Failure {
            errors: Vec::new(),
            warnings: found.iter().map(ValidationError::from).collect(),
            infos: Vec::new(),
        },
    };
    TestResult {
        test_id: id.to_owned(),
        status,
    }
}

/// Whether `category` is, but for case and what joins its words, the name of the base profile: 6.1.26 asks for that of
/// no *other* profile.
fn is_base(category: &str) -> bool {
    let letters: String = category
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    !category.to_lowercase().starts_with("csaf_")
        && letters.strip_prefix("csaf").unwrap_or(&letters) == "base"
}

/// Passes on what was found, as heavy as the group of its test says.
///
/// A mandatory test that only warns has not failed: it names what it could not decide.
fn told(clause: &Clause, result: TestResult, out: &[String], findings: &mut Findings) {
    let (errors, warnings, infos) = match result.status {
        TestResultStatus::Success => return,
        TestResultStatus::Skipped => {
            return findings.untested(clause.id, "document could not be read for this test");
        }
        TestResultStatus::NotFound => {
            return findings.untested(
                clause.id,
                "this test is not implemented, or could not be run to its end",
            );
        }
        TestResultStatus::Failure {
            errors,
            warnings,
            infos,
        } => (errors, warnings, infos),
    };
    let (said, undecided) = match clause.group {
        Group::Informative => ([errors, warnings, infos].concat(), Vec::new()),
        Group::Recommended | Group::Optional => ([errors, warnings].concat(), infos),
        Group::Schema | Group::Mandatory | Group::Syntax => (errors, [warnings, infos].concat()),
    };
    for ValidationError {
        message,
        instance_path,
    } in said
    {
        let concerns = |gone: &String| mend::touches(gone, &instance_path);
        if !out.iter().any(concerns) {
            findings.say(clause.id, clause.group, instance_path, worded(&message));
        }
    }
    if let Some(first) = undecided.first() {
        findings.untested(clause.id, worded(&first.message));
    }
}

/// `message` as ours are: lower case, no full stop, short.
fn worded(message: &str) -> String {
    const CHARACTERS_MAX: usize = 400;
    let message = message.trim().trim_end_matches('.');
    let mut characters = message.chars();
    let (first, second) = (characters.next(), characters.next());
    let plain = second.is_some_and(|second| second.is_lowercase() || second == ' ');
    let mut text = String::new();
    text.extend(first.map(|first| {
        if plain {
            first.to_ascii_lowercase()
        } else {
            first
        }
    }));
    text.extend(message.chars().skip(1).take(CHARACTERS_MAX));
    if message.chars().nth(CHARACTERS_MAX + 1).is_some() {
        text.push('…');
    }
    text
}
