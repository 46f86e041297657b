//! Mend: which members keep a typed model from reading a document, and how does one do without them?
//!
//! Elements are never taken out of a list, so every pointer means in the copy what it means in the document.

use serde_json::{Value, json};

use crate::place::token;

/// What a document cannot be without, and what stands in for it in the copy.
fn stand_in(pointer: &str, name: &str) -> Option<Value> {
    const DATE: &str = "1970-01-01T00:00:00Z";
    Some(match (pointer, name) {
        ("", "$schema") => json!("https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json"),
        ("/document", "category") => json!("csaf_base"),
        ("/document", "title") => json!("-"),
        ("/document", "distribution") => json!({"tlp": {"label": "CLEAR"}}),
        ("/document/distribution", "tlp") => json!({"label": "CLEAR"}),
        ("/document/distribution/tlp", "label") => json!("CLEAR"),
        ("/document", "publisher") => {
            json!({"category": "other", "name": "-", "namespace": "https://example.invalid"})
        }
        ("/document/publisher", "category") => json!("other"),
        ("/document/publisher", "name") => json!("-"),
        ("/document/publisher", "namespace") => json!("https://example.invalid"),
        ("/document/tracking", "id") => json!("-"),
        ("/document/tracking", "status") => json!("draft"),
        ("/document/tracking", "version") => json!("1"),
        ("/document/tracking", "current_release_date" | "initial_release_date") => json!(DATE),
        ("/document/tracking", "revision_history") => {
            json!([{"date": DATE, "number": "1", "summary": "-"}])
        }
        _ => return None,
    })
}

/// Takes out of `root` what `message` says is wrong at `pointer`, and more around it with each `round`; the
/// pointers to what is gone or made up.
pub fn take_out(root: &mut Value, pointer: &str, message: &str, round: usize) -> Vec<String> {
    let missing = quoted(message, '"').filter(|_| message.ends_with("is a required property"));
    if let Some(name) = missing
        && let Some(value) = stand_in(pointer, name)
    {
        if let Some(Value::Object(members)) = root.pointer_mut(pointer) {
            members.insert(name.to_owned(), value);
        }
        return vec![format!("{pointer}/{name}")];
    }
    if message.contains("unexpected)") {
        let names: Vec<&str> = message.split('\'').skip(1).step_by(2).collect();
        if let Some(Value::Object(members)) = root.pointer_mut(pointer) {
            return names
                .into_iter()
                .filter(|name| members.shift_remove(*name).is_some())
                .map(|name| format!("{pointer}/{}", token(name)))
                .collect();
        }
    }
    let mut at = pointer;
    for _ in 0..round {
        at = at.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    remove(root, at).into_iter().collect()
}

/// Removes the member at `pointer`, or the nearest above it: an element's list goes as a whole.
fn remove(root: &mut Value, mut pointer: &str) -> Option<String> {
    loop {
        let (parent, last) = pointer.rsplit_once('/')?;
        let name = last.replace("~1", "/").replace("~0", "~");
        if let Some(Value::Object(members)) = root.pointer_mut(parent)
            && members.contains_key(&name)
        {
            match stand_in(parent, &name) {
                Some(value) => drop(members.insert(name, value)),
                None => drop(members.shift_remove(&name)),
            }
            return Some(pointer.to_owned());
        }
        pointer = parent;
    }
}

/// Whether what is said about `place` may come from `gone` not being there.
pub fn touches(gone: &str, place: &str) -> bool {
    let inside = |outer: &str, inner: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    inside(gone, place) || (inside(place, gone) && !place.is_empty())
}

/// The test that fails with the schema where the value at `pointer` breaks its pattern: what is asked there is more
/// than the pattern, and the library asks it only of what keeps that.
pub fn consequence(pointer: &str) -> Option<&'static str> {
    match pointer {
        "/document/lang" | "/document/source_lang" => Some("6.1.12"),
        _ if pointer.contains("/product_identification_helper/purl") => Some("6.1.13"),
        _ => None,
    }
}

fn quoted(text: &str, mark: char) -> Option<&str> {
    text.split(mark).nth(1)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn what_breaks_the_schema_goes_and_no_list_is_shortened() {
        let mut root =
            json!({"document": {"title": 3, "lang": "!", "notes": [{"text": "a"}, {"text": 1}]}});
        let mut gone = Vec::new();
        for (pointer, message) in [
            ("/document/title", "3 is not of type \"string\""),
            ("/document/lang", "\"!\" does not match"),
            ("/document/notes/1", "\"category\" is a required property"),
            (
                "/document",
                "Additional properties are not allowed ('x', 'y' were unexpected)",
            ),
        ] {
            gone.extend(take_out(&mut root, pointer, message, 0));
        }
        expect![[
            r#"{"document":{"title":"-"}} ["/document/title", "/document/lang", "/document/notes"]"#
        ]]
        .assert_eq(&format!("{root} {gone:?}"));
    }

    #[test]
    fn what_is_said_near_a_gap_is_not_trusted() {
        assert!(touches("/a/b", "/a/b/c"));
        assert!(touches("/a/b", "/a"));
        assert!(!touches("/a/b", "/a/bc"));
        assert!(!touches("/a/b", ""));
    }
}
