//! OpenVEX: is a document what the OpenVEX specification 0.2.0 says it should be, and does it agree with itself?
//!
//! Sections are those of the specification's text. What a statement lacks may come from a document around it
//! (section "Data Inheritance"); a file of its own has none around it.

mod statement;

use jiff::{SignedDuration, Timestamp};

use crate::at::At;
use crate::check::Document;
use crate::findings::Findings;
use crate::place::clip;
use crate::schema::official;
use crate::time::rfc3339;
use crate::{Edition, Group};

/// Two clocks may differ so much before a time is said to be in the future.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_hours(24);

/// The contexts in use for 0.2.0.
const CONTEXTS: [&str; 2] = ["https://openvex.dev/ns", "https://openvex.dev/ns/v0.2.0"];

/// Says into `findings` what is wrong, and by which edition.
pub fn check(document: &Document<'_>, findings: &mut Findings) -> Edition {
    if document.settings.groups.has(Group::Schema) {
        official::openvex().check(&document.value, findings);
    }
    let vex = At::root(&document.value);
    context(&vex, findings);
    author(&vex, findings);
    id(&vex, findings);
    time_order(&vex, findings);
    time_future(&vex, document.settings.now, findings);
    for statement in vex.each("statements") {
        statement::check(&statement, findings);
    }
    statement::contradictions(&vex, findings);
    "OpenVEX 0.2.0".into()
}

/// Document struct fields, @context: fixed.
fn context(vex: &At<'_>, findings: &mut Findings) {
    if let Some(text) = vex.text("@context").filter(|text| !CONTEXTS.contains(text)) {
        let message = format!(
            "`@context` is `{}`; `{}` belongs there",
            clip(text),
            CONTEXTS[1]
        );
        findings.say(
            "openvex.context",
            Group::Mandatory,
            vex.to("@context"),
            message,
        );
    }
}

/// Document struct fields, author: an individual or an organization.
fn author(vex: &At<'_>, findings: &mut Findings) {
    if let Some(text) = vex
        .text("author")
        .filter(|text| crate::cve::is_filler(text) || text.trim().is_empty())
    {
        let message = format!(
            "`author` is `{}`; the person or organization that makes the statements belongs there",
            clip(text)
        );
        findings.say(
            "openvex.author",
            Group::Mandatory,
            vex.to("author"),
            message,
        );
    }
}

/// Public IRI namespaces: two are reserved and mean no document in particular.
fn id(vex: &At<'_>, findings: &mut Findings) {
    let Some(text) = vex.text("@id") else { return };
    for (namespace, use_of) in [("public", "demos"), ("example", "documentation")] {
        if text
            .strip_prefix("https://openvex.dev/docs/")
            .is_some_and(|rest| rest.split('/').next() == Some(namespace))
        {
            let message = format!(
                "`@id` is in the namespace `{namespace}`, which is for {use_of}; an address of one's own would be unique"
            );
            findings.say("openvex.id", Group::Informative, vex.to("@id"), message);
        }
    }
}

/// Document struct fields: what was issued is modified then or later.
fn time_order(vex: &At<'_>, findings: &mut Findings) {
    for at in std::iter::once(vex.clone()).chain(vex.each("statements")) {
        let time = |name: &str| rfc3339(at.text(name)?);
        if let (Some(issued), Some(updated)) = (time("timestamp"), time("last_updated"))
            && updated < issued
        {
            let message = format!(
                "`last_updated` ({updated}) is before `timestamp` ({issued}); it is then or later"
            );
            findings.say(
                "openvex.time.order",
                Group::Recommended,
                at.to("last_updated"),
                message,
            );
        }
    }
    let time = |name: &str| rfc3339(vex.text(name)?);
    let Some(latest) = time("timestamp").max(time("last_updated")) else {
        return;
    };
    for statement in vex.each("statements") {
        if let Some(made) = statement
            .text("timestamp")
            .and_then(rfc3339)
            .filter(|made| made.as_second() > latest.as_second())
        {
            let message = format!(
                "statement ({made}) is younger than the document that makes it ({latest}); `last_updated` of the document says when it was last changed"
            );
            findings.say(
                "openvex.time.statement",
                Group::Recommended,
                statement.to("timestamp"),
                message,
            );
        }
    }
}

/// Statement fields, timestamp: when the statement was known to be true.
fn time_future(vex: &At<'_>, now: Timestamp, findings: &mut Findings) {
    let Ok(limit) = now.checked_add(CLOCK_SLACK) else {
        return;
    };
    for at in std::iter::once(vex.clone()).chain(vex.each("statements")) {
        for name in ["timestamp", "last_updated", "action_statement_timestamp"] {
            if let Some(time) = at.text(name).and_then(rfc3339).filter(|time| *time > limit) {
                let message = format!(
                    "`{name}` ({time}) is in the future; until then a correction counts as older"
                );
                findings.say(
                    "openvex.time.future",
                    Group::Recommended,
                    at.to(name),
                    message,
                );
            }
        }
    }
}

#[cfg(test)]
mod tests;
