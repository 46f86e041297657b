//! Container: what a CNA or an ADP says of a flaw: products, metrics, weaknesses, references.

use crate::Group;
use crate::address::{is_uri, scheme, web_fault};
use crate::at::At;
use crate::cvss::{self, Tests};
use crate::findings::Findings;
use crate::place::clip;
use crate::repeats::repeats;

use super::product;

const CVSS: Tests = Tests {
    vector: "cve.cvss.vector",
    version: "cve.cvss.version",
    score: "cve.cvss.score",
    severity: "cve.cvss.severity",
    metric: "cve.cvss.metric",
};

pub fn check(container: &At<'_>, findings: &mut Findings) {
    for affected in container.each("affected") {
        product::check(&affected, findings);
    }
    metrics(container, findings);
    weaknesses(container, findings);
    reference_url(container, findings);
    reference_repeat(container, findings);
    product::applicability(container, findings);
}

/// metrics: each CVSS object under the name of its version, its vector agreeing with what stands beside it.
fn metrics(container: &At<'_>, findings: &mut Findings) {
    let kinds = [
        ("cvssV2_0", "2.0"),
        ("cvssV3_0", "3.0"),
        ("cvssV3_1", "3.1"),
        ("cvssV4_0", "4.0"),
    ];
    for metric in container.each("metrics") {
        for (name, version) in kinds {
            if let Some(object) = metric.get(name) {
                cvss::object(&object, version, &CVSS, findings);
            }
        }
    }
}

/// problemTypes: a CWE has its id in `cweId`, where programs look, and it is the one that the text names.
fn weaknesses(container: &At<'_>, findings: &mut Findings) {
    for description in container
        .each("problemTypes")
        .flat_map(|kind| kind.each("descriptions"))
    {
        let text = description.text("description").unwrap_or_default();
        let named = cwe(text);
        match (description.text("cweId"), named) {
            (Some(id), Some(other)) if id != other => {
                let message = format!(
                    "`cweId` is `{}` and the description names `{other}`; both are one weakness",
                    clip(id)
                );
                findings.say(
                    "cve.cwe.match",
                    Group::Recommended,
                    description.to("cweId"),
                    message,
                );
            }
            (None, Some(id)) => {
                let message = format!(
                    "description names `{id}` and there is no `cweId`, where programs look for it"
                );
                findings.say(
                    "cve.cwe.id",
                    Group::Recommended,
                    description.pointer.as_str(),
                    message,
                );
            }
            (None, None)
                if description
                    .text("type")
                    .is_some_and(|kind| kind.eq_ignore_ascii_case("cwe")) =>
            {
                let message =
                    "entry is of type `CWE` and has no `cweId`, where programs look for it";
                findings.say(
                    "cve.cwe.id",
                    Group::Recommended,
                    description.pointer.as_str(),
                    message,
                );
            }
            _ => {}
        }
    }
}

/// The CWE that `text` begins with: `CWE-79` of `CWE-79: Cross-site Scripting`.
fn cwe(text: &str) -> Option<String> {
    let rest = text.trim_start();
    let rest = rest
        .get(..4)
        .filter(|head| head.eq_ignore_ascii_case("cwe-"))
        .and_then(|_| rest.get(4..))?;
    let digits: String = rest
        .chars()
        .take_while(char::is_ascii_digit)
        .take(6)
        .collect();
    (!digits.is_empty()).then(|| format!("CWE-{digits}"))
}

/// references: addresses from which the resource can be fetched.
fn reference_url(container: &At<'_>, findings: &mut Findings) {
    for reference in container.each("references") {
        let Some(url) = reference.text("url").filter(|url| is_uri(url)) else {
            continue;
        };
        let is_ftp = scheme(url).is_some_and(|scheme| scheme.eq_ignore_ascii_case("ftp"));
        if let Some(fault) = web_fault(url).filter(|_| !is_ftp) {
            let message = format!("`{}` {fault}", clip(url));
            findings.say(
                "cve.reference.url",
                Group::Recommended,
                reference.to("url"),
                message,
            );
        }
    }
}

/// references: each address once; the schema tells only entries that are the same in all they say.
fn reference_repeat(container: &At<'_>, findings: &mut Findings) {
    for (entry, first) in repeats(container.each("references"), |at| {
        at.text("url").map(str::to_owned)
    }) {
        let message =
            format!("reference has the address of entry {first}; one entry takes all of its tags");
        findings.say(
            "cve.reference.repeat",
            Group::Recommended,
            entry.pointer,
            message,
        );
    }
}
