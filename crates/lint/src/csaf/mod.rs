//! CSAF: is a document what the Common Security Advisory Framework 2.0 or 2.1 says it should be?

use crate::{Edition, check::Document, findings::Findings};

/// Says into `findings` what is wrong, and by which edition.
pub fn check(document: &Document<'_>, findings: &mut Findings) -> Edition {
    let version = document
        .value
        .pointer("/document/csaf_version")
        .and_then(serde_json::Value::as_str);
    findings.untested("6", "no test of CSAF is run yet");
    match version {
        Some("2.0") => "CSAF 2.0 OS".into(),
        _ => "CSAF 2.1 CSD03".into(),
    }
}
