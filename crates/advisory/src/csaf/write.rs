//! How does a document of ours read in CSAF? Version 2.0 (OASIS Standard, 2022) and 2.1 (CSD03 and the drafts after it).
//!
//! What is odd: everything is said of products, and a product is a leaf of a tree, one leaf a version or range; a
//! score stands with its number, a weakness with its name; 2.0 has no withdrawal, so that a withdrawn advisory
//! becomes a base document that says so and names no product at all: what matches by machine then matches nothing.
//! Numbers of tests below are those of section 6.1, profiles those of section 4.

mod flaw;
mod leaf;
mod metric;
mod profile;
mod tree;

use rustc_hash::FxHashSet;
use serde_json::{Map, Value, json};

pub(crate) use self::leaf::{in_vers, purl as purl_of};
pub(crate) use self::metric::scored;

use self::tree::Tree;
use crate::document::{DocumentState, Flaw, PublisherRole, titled};
use crate::publication::{BaseScore, Losses, is_url};
use crate::{Document, Reference, Written};

/// Which edition of CSAF is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    V20,
    V21,
}

/// What every part is written by.
struct Context<'a> {
    document: &'a Document,
    edition: Edition,
    /// Links that every flaw has, which stand at the document.
    shared: FxHashSet<&'a Reference>,
    /// Reads a CVSS vector, for scores stand beside vectors (test 6.1.9).
    score: &'a dyn Fn(&str) -> Option<BaseScore>,
}

/// Writes one document.
pub(crate) fn write(
    document: &Document,
    edition: Edition,
    score: &dyn Fn(&str) -> Option<BaseScore>,
) -> Written {
    let mut losses = Losses::default();
    let to = Context {
        document,
        edition,
        shared: shared(&document.flaws).into_iter().collect(),
        score,
    };
    let first_told = |flaw: &Flaw| flaw.advisory.publisher != document.publisher.name;
    losses.add_if(
        document.flaws.iter().any(first_told),
        "who published it first has no field beside who publishes it now",
    );
    if document.withdrawn.is_some() || !document.superseded_by.is_empty() {
        return taken_back(&to, losses);
    }
    let tree = Tree::of(&document.flaws, edition, &mut losses);
    let flaws: Vec<Value> = (0..)
        .zip(&document.flaws)
        .map(|(number, flaw)| flaw::written(&to, number, flaw, &tree, &mut losses))
        .collect();
    let category = profile::of(&to, &tree, &flaws);
    let mut root = begun(edition);
    root.insert("document".to_owned(), head(&to, category, &mut losses));
    if !tree.is_empty() {
        root.insert("product_tree".to_owned(), tree.written());
    }
    if !flaws.is_empty() {
        root.insert("vulnerabilities".to_owned(), Value::Array(flaws));
    }
    losses.with(&sorted(root))
}

fn begun(edition: Edition) -> Map<String, Value> {
    let mut root = Map::new();
    if edition == Edition::V21 {
        let schema = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json";
        root.insert("$schema".to_owned(), json!(schema));
    }
    root
}

/// Sections 4.7 and 4.8 of 2.1; what 2.0 has instead.
fn taken_back(to: &Context<'_>, mut losses: Losses) -> Written {
    let category = match to.edition {
        Edition::V20 => {
            losses.add("CSAF 2.0 has no withdrawal; the document says it and names no product");
            "csaf_base"
        }
        Edition::V21 => {
            losses.add_if(
                !to.document.flaws.is_empty(),
                "a withdrawn document of CSAF 2.1 names no flaw and no product; the reason says what it was about",
            );
            match to.document.superseded_by.as_str() {
                "" => "csaf_withdrawn",
                _ => "csaf_superseded",
            }
        }
    };
    let mut root = begun(to.edition);
    root.insert("document".to_owned(), head(to, category, &mut losses));
    losses.with(&sorted(root))
}

/// Section 3.2.1 (3.2.2 of 2.1): what holds for the whole document.
fn head(to: &Context<'_>, category: &str, losses: &mut Losses) -> Value {
    let document = to.document;
    let title = match document.withdrawn {
        Some(_) if to.edition == Edition::V20 => format!("Withdrawn: {}", document.title),
        _ => or(document.title.trim(), "untitled").to_owned(),
    };
    let (version, tlp) = match to.edition {
        Edition::V20 => ("2.0", document.tlp.as_v1()),
        Edition::V21 => ("2.1", document.tlp.as_str()),
    };
    losses.add_if(
        to.edition == Edition::V20 && document.tlp == names::Tlp::AmberStrict,
        "CSAF 2.0 has no `AMBER+STRICT`; the document is `RED`, never looser",
    );
    let mut head = Map::new();
    head.insert("category".to_owned(), json!(category));
    head.insert("csaf_version".to_owned(), json!(version));
    let tlp = json!({"tlp": {"label": tlp, "url": "https://www.first.org/tlp/"}});
    head.insert("distribution".to_owned(), tlp);
    if !document.language.is_empty() {
        head.insert("lang".to_owned(), json!(document.language));
    }
    head.insert("publisher".to_owned(), publisher(to, losses));
    head.insert("title".to_owned(), json!(title));
    head.insert("tracking".to_owned(), tracking(to, losses));
    let notes = notes(to);
    if !notes.is_empty() {
        head.insert("notes".to_owned(), Value::Array(notes));
    }
    let references = references(to, losses);
    if !references.is_empty() {
        head.insert("references".to_owned(), Value::Array(references));
    }
    Value::Object(head)
}

/// The names of members sorted, as section 6.2.13 asks for.
fn sorted(root: Map<String, Value>) -> Value {
    let mut root = Value::Object(root);
    root.sort_all_objects();
    root
}

fn publisher(to: &Context<'_>, losses: &mut Losses) -> Value {
    let publisher = &to.document.publisher;
    let role = match (to.document.role, to.edition) {
        (PublisherRole::Multiplier, Edition::V20) => {
            losses.add("CSAF 2.0 has no `multiplier`; the publisher is `other`");
            PublisherRole::Other
        }
        (role, _) => role,
    };
    let mut by = json!({
        "category": role.as_str(),
        "name": or(&publisher.name, "unnamed"),
        "namespace": publisher.namespace,
    });
    if !publisher.contact.is_empty() {
        by["contact_details"] = json!(publisher.contact);
    }
    by
}

/// Section 3.2.1.8, with what 2.1 asks for where a document was taken back.
fn notes(to: &Context<'_>) -> Vec<Value> {
    let document = to.document;
    let mut notes = Vec::new();
    if let Some(at) = document.withdrawn {
        let day = at.strftime("%Y-%m-%d");
        let text = format!("This advisory was withdrawn on {day}.");
        notes.push(match to.edition {
            Edition::V20 => json!({"category": "summary", "text": text, "title": "Withdrawn"}),
            Edition::V21 => json!({
                "category": "description",
                "text": format!("{text}{}", described(document)),
                "title": "Reasoning for Withdrawal",
            }),
        });
    } else if !document.superseded_by.is_empty() {
        let text = format!("This document is superseded by {}.", document.superseded_by);
        notes.push(json!({
            "category": "description",
            "text": format!("{text}{}", described(document)),
            "title": "Reasoning for Supersession",
        }));
    }
    for note in &document.notes {
        // A document that was taken back has one note of this category.
        if note.text.is_empty() || (note.kind == "description" && !notes.is_empty()) {
            continue;
        }
        let mut one = json!({"category": note.kind, "text": note.text});
        if !note.title.is_empty() {
            one["title"] = json!(note.title);
        }
        notes.push(one);
    }
    notes
}

/// What it was about, for who meets the document after it was taken back.
fn described(document: &Document) -> String {
    let about = document.flaws.iter().map(|flaw| {
        let details = flaw.advisory.details.trim();
        let title = titled(&flaw.advisory);
        format!("\n\n{title}\n\n{details}").trim_end().to_owned()
    });
    about.collect()
}

/// Section 3.2.1.12. Whole numbers as versions, one a revision, in order of time (tests 6.1.14 to 6.1.22).
fn tracking(to: &Context<'_>, losses: &mut Losses) -> Value {
    let document = to.document;
    let mut told: Vec<(jiff::Timestamp, String)> = document
        .revisions
        .iter()
        .map(|revision| (revision.at, or(&revision.summary, "published").to_owned()))
        .collect();
    let (first, mut last) = (document.first(), document.last());
    if told.is_empty() {
        told.push((first, "published".to_owned()));
    }
    let decided = document
        .flaws
        .iter()
        .filter_map(|flaw| flaw.advisory.ssvc.as_ref()?.timestamp);
    let newest = told.iter().map(|(at, _)| *at).max();
    if to.edition == Edition::V21
        && let Some(decided) = decided.max().filter(|decided| Some(*decided) > newest)
    {
        // Section 6.1.49: no decision is younger than the last revision of the document that tells it.
        losses.add("the time of the last revision is that of an SSVC decision, which is younger");
        last = last.max(decided);
        told.push((last, "SSVC decision".to_owned()));
    }
    let is_back = document.withdrawn.is_some() || !document.superseded_by.is_empty();
    if to.edition == Edition::V21 && is_back && told.len() == 1 {
        // Sections 4.7 and 4.8: at least two entries, for nothing is withdrawn with its first release.
        let at = document.withdrawn.unwrap_or(last).max(last);
        told.push((at, "withdrawn".to_owned()));
        last = at;
    }
    let history: Vec<Value> = told
        .iter()
        .zip(1_u32..)
        .map(|((at, summary), number)| {
            json!({"date": at.to_string(), "number": number.to_string(), "summary": summary})
        })
        .collect();
    let status = match document.state {
        DocumentState::Draft => "draft",
        DocumentState::Interim => "interim",
        DocumentState::Final => "final",
    };
    json!({
        "current_release_date": last.to_string(),
        "generator": {"engine": {"name": "Seamark", "version": env!("CARGO_PKG_VERSION")}},
        "id": or(document.number.trim(), "unnumbered"),
        "initial_release_date": first.to_string(),
        "revision_history": history,
        "status": status,
        "version": told.len().to_string(),
    })
}

/// Section 3.2.1.9: links that every flaw has. Only the link to this very document is `self`.
fn references(to: &Context<'_>, losses: &mut Losses) -> Vec<Value> {
    let document = to.document;
    let mut written = Vec::new();
    for one in shared(&document.flaws) {
        written.extend(reference(to, one, losses));
    }
    if !document.superseded_by.is_empty() && is_url(&document.superseded_by) {
        let url = &document.superseded_by;
        written
            .push(json!({"category": "external", "summary": "Superseding Document", "url": url}));
    }
    written
}

/// Links of the first flaw that all others have too.
fn shared(flaws: &[Flaw]) -> Vec<&Reference> {
    let Some((first, others)) = flaws.split_first() else {
        return Vec::new();
    };
    let held: Vec<FxHashSet<&Reference>> = others
        .iter()
        .map(|flaw| flaw.advisory.references.iter().collect())
        .collect();
    let links = first.advisory.references.iter();
    links
        .filter(|one| held.iter().all(|held| held.contains(one)))
        .collect()
}

fn reference(to: &Context<'_>, one: &Reference, losses: &mut Losses) -> Option<Value> {
    let url = one.url.trim();
    if !is_url(url) {
        losses.add(format!("`{url}` is no address"));
        return None;
    }
    let itself = url == to.document.address;
    let read_as = if itself { "advisory" } else { "web" };
    losses.add_if(
        one.kind != read_as,
        "kinds of references have no field in CSAF",
    );
    let category = if itself { "self" } else { "external" };
    let summary = or(&one.kind, "web");
    Some(json!({"category": category, "summary": summary, "url": url}))
}

/// `text`, or `other` where it is empty: CSAF has no empty texts.
fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}
