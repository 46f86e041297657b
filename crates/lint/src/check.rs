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
        Format::Osv => crate::osv::check(&document, &mut findings),
        Format::Cve => crate::cve::check(&document, &mut findings),
        Format::OpenVex => crate::openvex::check(&document, &mut findings),
        Format::CycloneDx => crate::cyclonedx::check(&document, &mut findings),
    };
    let (mut problems, untested) = findings.placed(&document.places);
    problems.retain(|problem| problem.group == Group::Syntax || settings.groups.has(problem.group));
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
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let has = |name: &str| value.get(name).is_some();
    if text("bomFormat") == Some("CycloneDX") {
        return Some(Format::CycloneDx);
    }
    if text("dataType") == Some("CVE_RECORD") || (has("cveMetadata") && has("containers")) {
        return Some(Format::Cve);
    }
    let is_openvex = text("@context").is_some_and(|context| context.contains("openvex"));
    if is_openvex || (has("statements") && has("author")) {
        return Some(Format::OpenVex);
    }
    let is_osv = ["modified", "affected", "schema_version"]
        .into_iter()
        .any(has);
    (text("id").is_some() && is_osv).then_some(Format::Osv)
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
        edition: Cow::Borrowed(crate::report::UNREAD),
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
