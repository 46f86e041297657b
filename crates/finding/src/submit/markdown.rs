//! Markdown with YAML front matter: the fields of our JSON above, the finder's words below.
//!
//! ```text
//! ---
//! target: {package: "pkg:cargo/serde@1.0.0"}
//! weaknesses: [787]
//! ---
//! # Heap overflow in decode
//! What happens, and how to see it.
//! ```

use names::Refusal;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Draft, Read, Taken};

/// Reads the one report of a document.
pub fn read(bytes: &[u8], into: &mut Read) -> Result<(), Refusal> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Refusal::whole(format!("not UTF-8 at byte {}", error.valid_up_to())))?;
    let draft = read_text(text).map(|mut draft| {
        draft.digest = Sha256::digest(bytes).into();
        draft
    });
    into.drafts.push(Taken {
        place: "".into(),
        draft,
    });
    Ok(())
}

fn read_text(text: &str) -> Result<Draft, Refusal> {
    let (front, body) = split(text.trim_start())?;
    let mut value = front_matter(front)?;
    let Value::Object(fields) = &mut value else {
        return Err(Refusal::whole(
            "the front matter is no mapping; write a field a line, `title: …`",
        ));
    };
    let (title, body) = heading(body);
    let mut refusal = Refusal::none();
    if !fields.contains_key("title") && !title.is_empty() {
        fields.insert("title".to_owned(), title.into());
    }
    if fields.contains_key("description") {
        refusal.add("description", "stands below the front matter, not in it");
    }
    fields.insert("description".to_owned(), body.into());
    let (report, key) = super::json::report(&value, &mut refusal);
    refusal.or(Draft {
        report,
        key,
        digest: [0; 32],
        inputs: Vec::new(),
    })
}

/// What stands between the two lines of dashes, and what follows.
fn split(text: &str) -> Result<(&str, &str), Refusal> {
    let missing = || {
        Refusal::whole(
            "it has no front matter; begin with a line `---`, then `target:` and the other fields, then a line `---`",
        )
    };
    let rest = text.strip_prefix("---").ok_or_else(missing)?;
    let (blank, rest) = rest.split_once('\n').ok_or_else(missing)?;
    if !blank.trim().is_empty() {
        return Err(missing());
    }
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            let body = rest.get(at + line.len()..).unwrap_or_default();
            return Ok((rest.get(..at).unwrap_or_default(), body));
        }
        at += line.len();
    }
    Err(Refusal::whole(
        "its front matter is not closed; end it by a line `---`",
    ))
}

/// The first heading, and what is below it.
fn heading(body: &str) -> (&str, &str) {
    let body = body.trim();
    match body.strip_prefix("# ") {
        Some(rest) => {
            let (title, rest) = rest.split_once('\n').unwrap_or((rest, ""));
            (title.trim(), rest.trim())
        }
        None => ("", body),
    }
}

/// A report's fields are some hundred nodes; sites and frames at their bounds make 2,000. Nothing in it needs an alias
/// more than once, and sixteen levels are twice what the deepest field has.
fn front_matter(text: &str) -> Result<Value, Refusal> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 20_000,
            max_nodes: 10_000,
            max_total_scalar_bytes: 1024 * 1024,
            max_depth: 16,
            max_documents: 1,
        },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error.location().map_or(0, |location| location.line());
        Refusal::whole(format!(
            "the front matter is not YAML (line {line}): {error}"
        ))
    })
}
