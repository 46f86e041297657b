//! CSAF: is a document what the Common Security Advisory Framework 2.0 or 2.1 says it should be?
//!
//! Most tests are those of `csaf-rs`; where it has none, or another opinion than the clause, ours stands in its
//! place (`clauses.rs` says which). What was neither run by one nor the other is named as untested.

mod bounds;
mod clauses;
mod csd03;
mod filename;
mod mend;
mod theirs;
mod view;

mod dates;
mod extensions;
mod involvements;
mod license;
mod metrics;
mod profiles;
mod properties;
mod revisions;
mod sorting;
mod spelling;
mod tree;
mod urls;
mod vers;
mod weakness;

use serde_json::Value;

use self::{
    clauses::{By, Clause},
    theirs::Theirs,
    view::{Say, View},
};
use crate::{Csaf21, Edition, Group, Settings, check::Document, findings::Findings};

/// A text of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// OASIS Standard of 2022-11-18.
    V20,
    /// Committee Specification Draft 03 of 2026-07-29.
    Csd03,
    /// The editors' draft that followed it, as `csaf-rs` 0.6.1 has it.
    Draft,
}

impl Text {
    fn of(root: &Value, settings: &Settings<'_>) -> Self {
        let said = |pointer| {
            root.pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let newer = said("/document/csaf_version") == "2.1"
            || (said("/document/csaf_version") != "2.0" && said("/$schema").contains("/v2.1/"));
        match settings.csaf_2_1 {
            _ if !newer => Text::V20,
            Csaf21::Csd03 => Text::Csd03,
            Csaf21::Draft => Text::Draft,
        }
    }

    fn edition(self) -> Edition {
        match self {
            Text::V20 => "CSAF 2.0 OS".into(),
            Text::Csd03 => "CSAF 2.1 CSD03".into(),
            Text::Draft => "CSAF 2.1 editors' draft of 2026-11".into(),
        }
    }
}

/// Says into `findings` what is wrong, and by which edition.
pub fn check(document: &mut Document<'_>, findings: &mut Findings) -> Edition {
    let root = std::mem::take(&mut document.value);
    let text = Text::of(&root, document.settings);
    let wanted: Vec<&Clause> = clauses::of(text)
        .iter()
        .filter(|clause| document.settings.groups.has(clause.group))
        .collect();
    let too_much = bounds::exceeded(&root);
    let view = View::new(&root, text, document.settings);
    for clause in &wanted {
        if let By::Us(test) = clause.by {
            test(
                &view,
                &mut Say {
                    findings,
                    test: clause.id,
                    group: clause.group,
                },
            );
        }
    }
    if document.settings.groups.has(Group::Mandatory) {
        filename::check(document.name, &view, findings);
    }
    match too_much {
        Some(why) => leave_out(&wanted, &why, findings),
        None => Theirs::new(root, text).run(&wanted, findings),
    }
    text.edition()
}

/// What is too much for `csaf-rs` is told, and its tests are named as untested.
fn leave_out(wanted: &[&Clause], why: &str, findings: &mut Findings) {
    for clause in wanted.iter().filter(|clause| matches!(clause.by, By::Them)) {
        findings.untested(clause.id, why);
    }
    findings.say("schema", Group::Schema, "", why);
}
