//! CSD03: where does the schema of Committee Specification Draft 03 differ from that of the draft after it?
//!
//! The library's schema, model and tests are the later draft's. Of what a document may hold, that moved involvements
//! from each vulnerability to the document and turned contact details into an object. Of the tests, it widened three
//! to further categories and made room for a new profile.

use serde_json::Value;

use super::view::{Say, View, items};
use crate::place::token;

/// Members that only the later draft has.
const LATER: [(&str, &str); 3] = [
    (
        "/document/involvement",
        "involvements stand in `/vulnerabilities/*/involvements`",
    ),
    (
        "/document/publisher/contact",
        "the contact stands in `contact_details`",
    ),
    (
        "/vulnerabilities/*/dl_vuln_id",
        "there are no document-local ids",
    ),
];

const PARTIES: [&str; 5] = ["coordinator", "discoverer", "other", "user", "vendor"];

const STATES: [&str; 6] = [
    "completed",
    "contact_attempted",
    "disputed",
    "in_progress",
    "not_contacted",
    "open",
];

/// Takes out of a copy what the later draft does not have: [`schema`] looks at it in its stead.
pub fn translate(root: &mut Value) {
    if let Some(Value::Object(publisher)) = root.pointer_mut("/document/publisher") {
        publisher.shift_remove("contact_details");
    }
    let vulnerabilities = root
        .get_mut("vulnerabilities")
        .and_then(Value::as_array_mut);
    for vulnerability in vulnerabilities
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
    {
        let had = vulnerability.shift_remove("involvements").is_some();
        // A vulnerability has at least one member.
        if had && vulnerability.is_empty() {
            vulnerability.insert("title".to_owned(), "-".into());
        }
    }
}

/// Whether CSD03 does not run `test` on a document of `category`, although the later draft does.
pub fn is_later(test: &str, category: &str) -> bool {
    match test {
        "6.1.27.2" => category == "csaf_superseded",
        "6.1.27.8" => category != "csaf_vex",
        "6.1.26" => is_report(category),
        "6.1.27.4" | "6.1.27.11" => category == "csaf_vulnerability_report",
        _ => false,
    }
}

/// 6.1.26 for the one category that the later draft made a profile of.
pub fn test_6_1_26(view: &View<'_>, say: &mut Say<'_>) {
    let category = view.category();
    if is_report(category) && category.to_lowercase().starts_with("csaf_") {
        say.at(
            "/document/category",
            format!("category `{category}` begins with `csaf_` and is no profile of this text"),
        );
    }
}

/// Whether `category` is, but for case and what joins its words, the profile that the later draft has.
fn is_report(category: &str) -> bool {
    let letters: String = category
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect::<String>()
        .to_lowercase();
    letters.strip_prefix("csaf").unwrap_or(&letters) == "vulnerabilityreport"
}

/// 6.2.20 for what the later draft knows, or does not look at any more.
pub fn test_6_2_20(view: &View<'_>, say: &mut Say<'_>) {
    let mut unknown = |pointer: String| {
        let name = pointer.rsplit('/').next().unwrap_or_default().to_owned();
        say.at(pointer, format!("member `{name}` is not known"));
    };
    for (pattern, _) in LATER {
        for (pointer, _) in view.each(pattern) {
            unknown(pointer);
        }
    }
    for (pointer, involvement) in view.each("/vulnerabilities/*/involvements/*") {
        let members = involvement.as_object().into_iter().flatten();
        for (name, _) in members.filter(|(name, _)| !MEMBERS.contains(&name.as_str())) {
            unknown(format!("{pointer}/{}", token(name)));
        }
    }
}

/// What an involvement has.
const MEMBERS: [&str; 7] = [
    "contact",
    "date",
    "group_ids",
    "party",
    "product_ids",
    "status",
    "summary",
];

/// The schema's rules for what differs.
pub fn schema(view: &View<'_>, say: &mut Say<'_>) {
    for (pattern, instead) in LATER {
        for (pointer, _) in view.each(pattern) {
            let name = pointer.rsplit('/').next().unwrap_or_default().to_owned();
            say.at(
                pointer,
                format!("member `{name}` is not known in this text; {instead}"),
            );
        }
    }
    for (pointer, details) in view.each("/document/publisher/contact_details") {
        text(&pointer, details, say);
    }
    for (pointer, list) in view.each("/vulnerabilities/*/involvements") {
        match list.as_array() {
            None => say.at(pointer, "involvements must be a list"),
            Some(list) if list.is_empty() => {
                say.at(pointer, "list of involvements must have at least one")
            }
            Some(_) => {}
        }
    }
    for (pointer, involvement) in view.each("/vulnerabilities/*/involvements/*") {
        self::involvement(&pointer, involvement, say);
    }
}

fn involvement(pointer: &str, involvement: &Value, say: &mut Say<'_>) {
    let Some(members) = involvement.as_object() else {
        return say.at(pointer, "involvement must be an object");
    };
    for name in ["party", "status"] {
        if !members.contains_key(name) {
            say.at(
                pointer,
                format!("involvement has no `{name}`, which is required"),
            );
        }
    }
    for (name, value) in members {
        let pointer = format!("{pointer}/{name}");
        match name.as_str() {
            "party" => one_of(&pointer, value, &PARTIES, say),
            "status" => one_of(&pointer, value, &STATES, say),
            "contact" | "summary" => text(&pointer, value, say),
            "date" => date(&pointer, value, say),
            "group_ids" | "product_ids" => ids(&pointer, involvement, name, say),
            _ => say.at(
                pointer,
                format!("member `{name}` is not known; an involvement has no such member"),
            ),
        }
    }
}

fn one_of(pointer: &str, value: &Value, allowed: &[&str], say: &mut Say<'_>) {
    if !value.as_str().is_some_and(|value| allowed.contains(&value)) {
        say.at(
            pointer,
            format!("value must be one of `{}`", allowed.join("`, `")),
        );
    }
}

fn text(pointer: &str, value: &Value, say: &mut Say<'_>) {
    if value.as_str().is_none_or(str::is_empty) {
        say.at(pointer, "value must be a string of at least one character");
    }
}

fn date(pointer: &str, value: &Value, say: &mut Say<'_>) {
    if value
        .as_str()
        .is_none_or(|value| crate::time::rfc3339(value).is_none())
    {
        say.at(
            pointer,
            "value must be a date and time such as `2026-07-29T12:00:00Z`",
        );
    }
}

fn ids(pointer: &str, involvement: &Value, name: &str, say: &mut Say<'_>) {
    let strings = items(involvement, name)
        .filter(|id| id.as_str().is_some_and(|id| !id.is_empty()))
        .count();
    if strings == 0 || strings != items(involvement, name).count() {
        say.at(pointer, "value must be a list of one or more ids");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::view::each, *};

    #[test]
    fn a_copy_for_the_later_draft_has_nothing_that_it_does_not_know() {
        let mut root = json!({
            "document": {"publisher": {"name": "a", "contact_details": "b"}},
            "vulnerabilities": [{"involvements": [], "cve": "c"}, 3]
        });
        translate(&mut root);
        assert_eq!(
            root,
            json!({"document": {"publisher": {"name": "a"}}, "vulnerabilities": [{"cve": "c"}, 3]})
        );
        assert!(each(&root, "/vulnerabilities/*/involvements").is_empty());
    }
}
