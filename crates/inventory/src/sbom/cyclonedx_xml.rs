//! CycloneDX 1.0 to 1.7 in XML (ECMA-424): the same components in elements.
//!
//! Entities beyond XML's own five are not expanded, and a document type declaration is passed over: neither
//! has a place in a bill of materials, and both are how an XML reader is attacked.

use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::Event;

use super::cyclonedx_json::property;
use super::{Out, Raw};

/// Elements inside elements that are followed, as for JSON.
const DEPTH_MAX: usize = 128 * 2;
/// The longest text of one element that is kept.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// A component that is open, and how deep its element lies.
struct Open {
    raw: Raw,
    depth: usize,
    excluded: bool,
    property: String,
}

/// Reads all components, each when its element ends.
pub fn read(input: impl Read, out: &mut Out<'_>) -> Result<(), String> {
    let mut reader = Reader::from_reader(BufReader::new(input));
    let mut buffer = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut text = String::new();
    loop {
        buffer.clear();
        let at = reader.buffer_position();
        match reader
            .read_event_into(&mut buffer)
            .map_err(|error| format!("the XML breaks off at byte {at}: {error}"))?
        {
            Event::Start(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                if path.is_empty() && name != "bom" {
                    return Err(format!(
                        "the document's element is `{name}`; a CycloneDX document's is `bom`"
                    ));
                }
                if path.len() >= DEPTH_MAX {
                    return Err(format!("elements are nested deeper than {DEPTH_MAX}"));
                }
                path.push(name);
                text.clear();
                begun(
                    &tag,
                    path.len(),
                    path.last().map_or("", String::as_str),
                    &mut open,
                );
            }
            Event::Text(part) => append(&mut text, &part),
            Event::CData(part) => append(&mut text, &part),
            Event::GeneralRef(entity) => append(&mut text, expanded(&entity)),
            Event::End(_) => {
                let depth = path.len();
                let name = path.pop().unwrap_or_default();
                ended(
                    &name,
                    depth,
                    path.last().map_or("", String::as_str),
                    text.trim(),
                    &mut open,
                    out,
                );
                text.clear();
            }
            Event::Eof if path.is_empty() => return Ok(()),
            Event::Eof => return Err("the XML ends in the middle".to_owned()),
            _ => {}
        }
    }
}

fn append(text: &mut String, part: &str) {
    if text.len() + part.len() <= TEXT_BYTES_MAX {
        text.push_str(part);
    }
}

/// XML 1.0, section 4.6: the five entities that need no declaration.
fn expanded(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}

fn attribute(tag: &quick_xml::events::BytesStart<'_>, name: &str) -> String {
    let found = tag
        .attributes()
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name);
    found
        .map(|attribute| attribute.value.into_owned())
        .unwrap_or_default()
}

fn begun(tag: &quick_xml::events::BytesStart<'_>, depth: usize, name: &str, open: &mut Vec<Open>) {
    match name {
        "component" => {
            let raw = Raw {
                kind: attribute(tag, "type"),
                ..Raw::default()
            };
            open.push(Open {
                raw,
                depth,
                excluded: false,
                property: String::new(),
            });
        }
        "property" => {
            if let Some(component) = open.last_mut() {
                component.property = attribute(tag, "name");
            }
        }
        _ => {}
    }
}

fn ended(
    name: &str,
    depth: usize,
    parent: &str,
    text: &str,
    open: &mut Vec<Open>,
    out: &mut Out<'_>,
) {
    let Some(component) = open.last_mut() else {
        return;
    };
    if component.depth == depth {
        if let Some(component) = open.pop().filter(|component| !component.excluded) {
            out.package(&component.raw);
        }
        return;
    }
    let raw = &mut component.raw;
    let own = depth == component.depth + 1;
    match name {
        "group" if own => raw.group = text.to_owned(),
        "name" if own => raw.name = text.to_owned(),
        "version" if own => raw.version = text.to_owned(),
        "purl" if own => raw.purl = text.to_owned(),
        "cpe" if own => raw.cpes.push(text.to_owned()),
        "publisher" if own && raw.maker.is_empty() => raw.maker = text.to_owned(),
        "scope" if own => {
            raw.optional = text == "optional";
            component.excluded = text == "excluded";
        }
        "name" if matches!(parent, "supplier" | "manufacturer") => raw.maker = text.to_owned(),
        "property" => property(&std::mem::take(&mut component.property), text, raw),
        "uid" if parent == "commit" && raw.commit.is_empty() => raw.commit = text.to_owned(),
        _ => {}
    }
}
