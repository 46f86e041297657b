//! Extensions: are those of a 2.1 document known, whole, allowed where they stand, and fit for its readers?
//! (6.1.60.2, 6.1.60.3, 6.2.54.1 to .4, 6.3.21.1, 6.3.21.2)
//!
//! The OASIS CSAF TC has neither published an official extension nor registered one, so every extension is an
//! experimental one. The schemas known here are those with which the standard itself explains extensions.

use std::collections::HashMap;

use serde_json::Value;

use super::view::{Say, View, each, string};
use crate::place::clip;

/// Where extensions may stand, as their metadata names the place.
const PLACES: [(&str, Place); 7] = [
    ("/document/x_extensions", Place::Document),
    (
        "/product_tree/branches+/product/x_extensions",
        Place::Branches,
    ),
    (
        "/product_tree/full_product_names/*/x_extensions",
        Place::FullProductNames,
    ),
    (
        "/product_tree/product_paths/*/full_product_name/x_extensions",
        Place::ProductPaths,
    ),
    (
        "/vulnerabilities/*/metrics/*/content/x_extensions",
        Place::Metrics,
    ),
    ("/vulnerabilities/*/x_extensions", Place::Vulnerabilities),
    ("/x_extensions", Place::Root),
];

#[derive(Clone, Copy)]
enum Place {
    Document,
    Branches,
    FullProductNames,
    ProductPaths,
    Metrics,
    Vulnerabilities,
    Root,
}

/// An extension whose schema and metadata are known.
struct Known {
    /// The last part of the schema's address.
    name: &'static str,
    critical: bool,
    content: fn(&Value) -> Result<(), String>,
    /// How often it may stand at each of [`PLACES`].
    most: [usize; 7],
    incompatible: &'static [&'static str],
}

/// The addresses of the schemas known here begin so.
const BASE: &str = "https://raw.githubusercontent.com/oasis-tcs/csaf/refs/heads/master/csaf_2.1/extension/data/valid/";

/// The extensions that the standard's repository has for documentation, read off their schemas and metadata at
/// commit 27af37f of <https://github.com/oasis-tcs/csaf>.
static KNOWN: [Known; 3] = [
    Known {
        name: "documentation-11/documentation-11-content_1.0.0.json",
        critical: false,
        content: only_documentation,
        most: [1; 7],
        incompatible: &["documentation-12/documentation-12-content_1.0.0.json"],
    },
    Known {
        name: "documentation-12/documentation-12-content_1.0.0.json",
        critical: false,
        content: documentation_and_notes,
        most: [4096, 4096, 10, 2, 0, 4096, 4096],
        incompatible: &["documentation-11/documentation-11-content_1.0.0.json"],
    },
    Known {
        name: "documentation-13/documentation-13-content_1.0.0.json",
        critical: true,
        content: configurations,
        most: [0, 0, 0, 0, 0, 0, 1],
        incompatible: &[],
    },
];

const SENTENCE: &str = "This extension is for documentation and test purposed only. It is valid. It is not allowed to \
                        be used in a production CSAF.";

fn known(extension: &Value) -> Option<&'static Known> {
    let name = string(extension, "$schema")?.strip_prefix(BASE)?;
    KNOWN.iter().find(|known| known.name == name)
}

/// 6.1.60.2 Extension Schema: each extension is valid against the schema it declares.
pub fn test_6_1_60_2(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, extension) in extensions(view) {
        match known(extension) {
            None => unsupported(extension, say),
            Some(known) => {
                if let Err(why) = by_schema(known, extension) {
                    say.at(
                        pointer,
                        format!("extension is not valid by the schema it declares: {why}"),
                    );
                }
            }
        }
    }
}

/// 6.1.60.3 Extension Metadata: each extension stands where, as often as, and beside what its metadata allows.
pub fn test_6_1_60_3(view: &View<'_>, say: &mut Say<'_>) {
    for (pattern, place) in PLACES {
        for (pointer, list) in view.each(pattern) {
            let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
            let mut counts: HashMap<&str, usize> = HashMap::new();
            for extension in list {
                match known(extension) {
                    Some(known) => *counts.entry(known.name).or_default() += 1,
                    None => unsupported(extension, say),
                }
            }
            for known in &KNOWN {
                let (count, most) = (
                    counts.get(known.name).copied().unwrap_or_default(),
                    known.most[place as usize],
                );
                if count > most {
                    let name = known.name;
                    say.at(
                        pointer.clone(),
                        format!("extension `{name}` stands here {count} times; at most {most} may"),
                    );
                }
            }
        }
    }
    incompatible(view, say);
}

/// Extensions that do not go together, anywhere in the document.
fn incompatible(view: &View<'_>, say: &mut Say<'_>) {
    let all = extensions(view);
    let used: Vec<&Known> = all
        .iter()
        .filter_map(|(_, extension)| known(extension))
        .collect();
    for (pointer, extension) in &all {
        let Some(known) = known(extension) else {
            continue;
        };
        if let Some(other) = used
            .iter()
            .find(|other| known.incompatible.contains(&other.name))
        {
            say.at(
                pointer.clone(),
                format!(
                    "extension is incompatible with `{}`, which is used too",
                    other.name
                ),
            );
        }
    }
}

/// 6.2.54.1 Registered Extension: each extension is registered, or official.
pub fn test_6_2_54_1(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, _) in extensions(view) {
        say.at(
            pointer,
            "extension is neither an official nor a registered one",
        );
    }
}

/// 6.2.54.2 Official Extension: each extension is an official one.
pub fn test_6_2_54_2(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, _) in extensions(view) {
        say.at(pointer, "extension is not an official one");
    }
}

/// 6.2.54.3 Critical Extension: no extension is critical.
pub fn test_6_2_54_3(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, extension) in extensions(view) {
        if extension.get("critical").and_then(Value::as_bool) == Some(true) {
            say.at(
                format!("{pointer}/critical"),
                "extension is critical: who does not know it cannot trust the document",
            );
        }
    }
}

/// 6.2.54.4 Usage of Experimental Extension in TLP:CLEAR Document.
pub fn test_6_2_54_4(view: &View<'_>, say: &mut Say<'_>) {
    if view.tlp() == "CLEAR" {
        experimental(view, say);
    }
}

/// 6.3.21.1 Extension Category Essential: no extension has the category that readers cannot do without.
pub fn test_6_3_21_1(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, extension) in extensions(view) {
        if let Some(category @ ("essential" | "critical")) = string(extension, "category") {
            let why = "who does not know it may miss what is needed to understand the document";
            say.at(
                format!("{pointer}/category"),
                format!("extension has the category `{category}`: {why}"),
            );
        }
    }
}

/// 6.3.21.2 Usage of Experimental Extension in Non TLP:CLEAR Document.
pub fn test_6_3_21_2(view: &View<'_>, say: &mut Say<'_>) {
    if view.tlp() != "CLEAR" {
        experimental(view, say);
    }
}

fn experimental(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, _) in extensions(view) {
        say.at(
            pointer,
            "extension is an experimental one, whose meaning a reader may not know",
        );
    }
}

fn unsupported(extension: &Value, say: &mut Say<'_>) {
    let schema = string(extension, "$schema").unwrap_or_default();
    say.untested(format!(
        "extension `{}`, an experimental one, is not supported",
        clip(schema)
    ));
}

/// Each extension with its pointer.
fn extensions<'v>(view: &View<'v>) -> Vec<(String, &'v Value)> {
    let lists = PLACES.iter().flat_map(|(pattern, _)| view.each(pattern));
    lists
        .flat_map(|(pointer, list)| {
            let extensions = list.as_array().into_iter().flatten().enumerate();
            extensions
                .map(move |(index, extension)| (format!("{pointer}/{index}"), extension))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn by_schema(known: &Known, extension: &Value) -> Result<(), String> {
    let Some(members) = extension.as_object() else {
        return Err("it is no object".to_owned());
    };
    for name in ["$schema", "category", "critical", "content"] {
        if !members.contains_key(name) {
            return Err(format!("`{name}` is required"));
        }
    }
    if let Some(name) = members
        .keys()
        .find(|name| !["$schema", "category", "critical", "content"].contains(&name.as_str()))
    {
        return Err(format!("`{}` is not known", clip(name)));
    }
    if !matches!(
        string(extension, "category"),
        Some("essential" | "significant" | "supplementary")
    ) {
        return Err("`category` must be `essential`, `significant` or `supplementary`".to_owned());
    }
    if extension["critical"].as_bool() != Some(known.critical) {
        return Err(format!("`critical` must be `{}`", known.critical));
    }
    if extension["content"]
        .as_object()
        .is_none_or(serde_json::Map::is_empty)
    {
        return Err("`content` must have a member".to_owned());
    }
    (known.content)(&extension["content"])
}

/// Whether the members of `content` are among `allowed`.
fn no_others(content: &Value, allowed: &[&str]) -> Result<(), String> {
    let mut names = content
        .as_object()
        .into_iter()
        .flat_map(serde_json::Map::keys);
    match names.find(|name| !allowed.contains(&name.as_str())) {
        Some(name) => Err(format!("`content` does not know `{}`", clip(name))),
        None => Ok(()),
    }
}

fn only_documentation(content: &Value) -> Result<(), String> {
    sentence(content)?;
    no_others(content, &["documentation"])
}

fn sentence(content: &Value) -> Result<(), String> {
    match content.get("documentation") {
        Some(text) if text.as_str() != Some(SENTENCE) => {
            Err("`documentation` is not its constant text".to_owned())
        }
        _ => Ok(()),
    }
}

fn documentation_and_notes(content: &Value) -> Result<(), String> {
    if content.get("documentation").is_none() {
        return Err("`content` has no `documentation`, which is required".to_owned());
    }
    sentence(content)?;
    if let Some(notes) = content.get("notes") {
        let notes = notes.as_array().filter(|notes| !notes.is_empty());
        let texts = notes.is_some_and(|notes| {
            notes
                .iter()
                .all(|note| note.as_str().is_some_and(|note| !note.is_empty()))
        });
        if !texts {
            return Err("`notes` must be a list of one or more texts".to_owned());
        }
    }
    no_others(content, &["documentation", "notes"])
}

fn configurations(content: &Value) -> Result<(), String> {
    no_others(content, &["configuration_tree"])?;
    let Some(tree) = content.get("configuration_tree") else {
        return Ok(());
    };
    for name in ["configurations", "relationships"] {
        let list = tree
            .get(name)
            .and_then(Value::as_array)
            .filter(|list| !list.is_empty());
        let Some(list) = list else {
            return Err(format!("`configuration_tree` must have a list `{name}`"));
        };
        if list
            .iter()
            .enumerate()
            .any(|(index, item)| list[..index].contains(item))
        {
            return Err(format!("an item of `{name}` is there twice"));
        }
    }
    let text = |value: &Value, name: &str| string(value, name).is_some_and(|text| !text.is_empty());
    for (_, item) in each(tree, "/configurations/*") {
        if !text(item, "configuration_id") || !text(item, "details") {
            return Err("a configuration must have a `configuration_id` and `details`".to_owned());
        }
        no_others(item, &["configuration_id", "details"])?;
    }
    for (_, item) in each(tree, "/relationships/*") {
        let product = item
            .get("full_product_name")
            .is_some_and(|name| text(name, "name") && text(name, "product_id"));
        if !text(item, "configuration_reference") || !text(item, "product_reference") || !product {
            return Err(
                "a relationship must have its references and a `full_product_name`".to_owned(),
            );
        }
        no_others(
            item,
            &[
                "configuration_reference",
                "product_reference",
                "full_product_name",
            ],
        )?;
    }
    Ok(())
}
