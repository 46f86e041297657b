//! Severity: do the vectors of an OSV record mean anything?

use crate::Group;
use crate::at::At;
use crate::cvss;
use crate::findings::Findings;
use crate::place::clip;
use crate::repeats::repeats;

/// The severities of a record or of one affected package.
pub fn check(of: &At<'_>, findings: &mut Findings) {
    for severity in of.each("severity") {
        vector(&severity, findings);
    }
    once(of, findings);
}

/// severity[].score field: a vector that can be computed, of the version that `type` says.
fn vector(severity: &At<'_>, findings: &mut Findings) {
    let (Some(kind), Some(score)) = (severity.text("type"), severity.text("score")) else {
        return;
    };
    let wanted = match kind {
        "CVSS_V2" => "2.0",
        "CVSS_V3" => "3.1",
        "CVSS_V4" => "4.0",
        _ => return,
    };
    match cvss::read_as(wanted, score) {
        Err(problems) => {
            let message = format!("`{}` is no CVSS vector: {problems}", clip(score));
            findings.say(
                "osv.severity.vector",
                Group::Mandatory,
                severity.to("score"),
                message,
            );
        }
        Ok(vector) if vector.version().split('.').next() != wanted.split('.').next() => {
            let message = format!(
                "`type` is `{kind}` and the vector is of CVSS {}",
                vector.version()
            );
            findings.say(
                "osv.severity.type",
                Group::Mandatory,
                severity.to("type"),
                message,
            );
        }
        Ok(_) => {}
    }
}

/// severity field: one of each type; of two, nobody can tell which holds.
fn once(of: &At<'_>, findings: &mut Findings) {
    let what = |at: &At<'_>| {
        Some((
            at.text("type")?.to_owned(),
            at.text("source").map(str::to_owned),
        ))
    };
    for (entry, first) in repeats(of.each("severity"), what) {
        let kind = entry.text("type").unwrap_or_default();
        let message = format!(
            "`{}` is given again after entry {first}; nobody can tell which of the two holds",
            clip(kind)
        );
        findings.say(
            "osv.severity.repeat",
            Group::Recommended,
            entry.pointer,
            message,
        );
    }
}
