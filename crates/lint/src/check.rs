//! Check: all that is wrong with one document.

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    Format, Group, Report, Settings,
    findings::Findings,
    place::{Fault, Places},
};

/// One document as every rule sees it: its value and its bytes.
pub struct Document<'a> {
    /// As it was given: the last part of a path or address.
    pub name: &'a str,
    pub value: Value,
    pub places: Places<'a>,
    pub settings: &'a Settings<'a>,
}

/// Why nothing can be said about a document: it is of no kind that is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub why: String,
}

/// All that is wrong with `bytes`, a file of `name`.
///
/// What is no JSON is a report of one problem, `json`, with the place where reading ended.
pub fn check(name: &str, bytes: &[u8], settings: &Settings<'_>) -> Result<Report, Unreadable> {
    let places = match Places::read(bytes) {
        Ok(places) => places,
        Err(fault) => return Ok(broken(settings.format, fault)),
    };
    let value: Value = match serde_json::from_str(places.text()) {
        Ok(value) => value,
        Err(error) => return Ok(broken(settings.format, refused(&error))),
    };
    let Some(format) = settings.format.or_else(|| sniff(&value)) else {
        let why = "document is of no known format: CSAF, OSV, CVE, OpenVEX or CycloneDX".to_owned();
        return Err(Unreadable { why });
    };
    let mut document = Document {
        name,
        value,
        places,
        settings,
    };
    let mut findings = Findings::default();
    for fault in document.places.faults() {
        findings.say(
            "json",
            Group::Syntax,
            fault.pointer.clone(),
            fault.message.clone(),
        );
    }
    let edition = match format {
        Format::Csaf => crate::csaf::check(&mut document, &mut findings),
        Format::Osv | Format::Cve | Format::OpenVex | Format::CycloneDx => {
            return Err(Unreadable {
                why: "document is of a format that is not checked yet".to_owned(),
            });
        }
    };
    let (problems, untested) = findings.placed(&document.places);
    Ok(Report {
        format: Some(format),
        edition,
        problems,
        untested,
    })
}

/// The format that `value` says it is of, by the members that its standard requires.
pub fn sniff(value: &Value) -> Option<Format> {
    if value.pointer("/document/csaf_version").is_some()
        || value.pointer("/document/tracking").is_some()
    {
        return Some(Format::Csaf);
    }
    None
}

fn broken(format: Option<Format>, fault: Fault) -> Report {
    let Fault {
        pointer,
        line,
        column,
        message,
    } = fault;
    let group = Group::Syntax;
    let problem = crate::Problem {
        test: "json".into(),
        group,
        severity: group.severity(),
        pointer,
        line,
        column,
        message,
    };
    Report {
        format,
        edition: Cow::Borrowed("JSON (RFC 8259)"),
        problems: vec![problem],
        untested: Vec::new(),
    }
}

/// What `serde_json` refuses although it is JSON: a number that no machine holds.
fn refused(error: &serde_json::Error) -> Fault {
    let (line, column) = (
        u32::try_from(error.line()).unwrap_or(1),
        u32::try_from(error.column()).unwrap_or(1),
    );
    Fault {
        pointer: String::new(),
        line,
        column,
        message: "number is larger than can be held".to_owned(),
    }
}
