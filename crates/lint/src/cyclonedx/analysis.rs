//! Analysis: does what was decided about a vulnerability say what its reader needs?

use crate::Group;
use crate::at::At;
use crate::findings::Findings;
use crate::place::clip;
use crate::time::rfc3339;

pub fn check(vulnerability: &At<'_>, findings: &mut Findings) {
    let Some(analysis) = vulnerability.get("analysis") else {
        return;
    };
    justification(&analysis, findings);
    response(vulnerability, &analysis, findings);
    time_order(&analysis, findings);
}

/// analysis.justification: why a vulnerability is not one here; of other states it says nothing.
fn justification(analysis: &At<'_>, findings: &mut Findings) {
    let state = analysis.text("state");
    let has_detail = analysis
        .text("detail")
        .is_some_and(|text| !text.trim().is_empty());
    match (state, analysis.text("justification")) {
        (Some("not_affected"), None) if !has_detail => {
            let message = "state is `not_affected` and nothing says why; `justification` says it to programs, `detail` to people";
            findings.say(
                "cyclonedx.analysis.justification",
                Group::Recommended,
                analysis.pointer.as_str(),
                message,
            );
        }
        (Some(state), Some(_)) if !matches!(state, "not_affected" | "false_positive") => {
            let message = format!(
                "`justification` goes with the state `not_affected`, and the state is `{}`",
                clip(state)
            );
            findings.say(
                "cyclonedx.analysis.justification",
                Group::Recommended,
                analysis.to("justification"),
                message,
            );
        }
        _ => {}
    }
}

/// analysis.response: what the supplier does about what is exploitable.
fn response(vulnerability: &At<'_>, analysis: &At<'_>, findings: &mut Findings) {
    let state = analysis.text("state");
    let says = |at: &At<'_>, name: &str| at.text(name).is_some_and(|text| !text.trim().is_empty());
    let has_response = analysis.each("response").next().is_some();
    let has_advice = says(analysis, "detail")
        || says(vulnerability, "recommendation")
        || says(vulnerability, "workaround");
    if state == Some("exploitable") && !has_response && !has_advice {
        let message = "state is `exploitable` and nothing says what to do; `response`, `recommendation` or `workaround` does";
        findings.say(
            "cyclonedx.analysis.response",
            Group::Recommended,
            analysis.pointer.as_str(),
            message,
        );
    }
}

/// analysis.firstIssued and lastUpdated (1.5).
fn time_order(analysis: &At<'_>, findings: &mut Findings) {
    let time = |name: &str| rfc3339(analysis.text(name)?);
    if let (Some(first), Some(last)) = (time("firstIssued"), time("lastUpdated"))
        && last < first
    {
        let message = format!(
            "`lastUpdated` ({last}) is before `firstIssued` ({first}); it is then or later"
        );
        findings.say(
            "cyclonedx.time.order",
            Group::Recommended,
            analysis.to("lastUpdated"),
            message,
        );
    }
}
