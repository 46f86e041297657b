//! CycloneDX XML as the tree that its JSON would be.
//!
//! Only the parts that tell of flaws and name what they affect are kept; an SBOM's thousands of licences and
//! hashes are skipped. Entities are the five of XML: there is no DTD in a BOM, and none is read.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

use crate::Problem;

/// Elements in elements, as serde_json bounds it for JSON.
const DEPTH_MAX: usize = 128;

/// Elements that hold a list of their children.
const LISTS: &[&str] = &[
    "vulnerabilities",
    "components",
    "services",
    "references",
    "ratings",
    "cwes",
    "advisories",
    "responses",
    "affects",
    "versions",
    "authors",
];

/// Elements about neither flaws nor what they affect.
const SKIPPED: &[&str] = &[
    "licenses",
    "hashes",
    "properties",
    "dependencies",
    "externalReferences",
    "evidence",
];

/// An element being read.
struct Open {
    name: String,
    attributes: Map<String, Value>,
    children: Vec<(String, Value)>,
    text: String,
}

/// The document as a tree, or a problem that says where it stops being XML.
pub(super) fn document(bytes: &[u8], problem: &mut dyn FnMut(Problem)) -> Option<Value> {
    let mut reader = Reader::from_reader(bytes);
    match tree(&mut reader) {
        Ok(value) => Some(value),
        Err(message) => {
            problem(Problem {
                place: format!("byte {}", reader.buffer_position()),
                message,
            });
            None
        }
    }
}

fn tree(reader: &mut Reader<&[u8]>) -> Result<Value, String> {
    let mut open: Vec<Open> = Vec::new();
    loop {
        match reader
            .read_event()
            .map_err(|error| format!("document is not XML: {error}"))?
        {
            Event::Start(start) => {
                let element = element(&start);
                if SKIPPED.contains(&element.name.as_str()) {
                    reader
                        .read_to_end(start.name())
                        .map_err(|error| format!("document is not XML: {error}"))?;
                    continue;
                }
                if open.len() >= DEPTH_MAX {
                    return Err(format!("elements are nested deeper than {DEPTH_MAX}"));
                }
                open.push(element);
            }
            Event::Empty(start) => {
                if let Some(above) = open.last_mut() {
                    let made = element(&start);
                    above.children.push((made.name.clone(), closed(made)));
                }
            }
            Event::Text(text) => {
                if let Some(above) = open.last_mut() {
                    above.text.push_str(&text);
                }
            }
            Event::CData(text) => {
                if let Some(above) = open.last_mut() {
                    above.text.push_str(&text);
                }
            }
            Event::GeneralRef(name) => {
                if let Some(above) = open.last_mut() {
                    above.text.push_str(entity(&name));
                }
            }
            Event::End(_) => {
                let Some(made) = open.pop() else { continue };
                let Some(above) = open.last_mut() else {
                    return Ok(closed(made));
                };
                above.children.push((made.name.clone(), closed(made)));
            }
            Event::Eof => return Err("document ends before its first element does".into()),
            _ => {}
        }
    }
}

fn element(start: &BytesStart<'_>) -> Open {
    let mut attributes = Map::new();
    for attribute in start.attributes().flatten() {
        let key = attribute.key.local_name().as_ref().to_owned();
        let value = attribute.value.replace("&amp;", "&");
        attributes.insert(key, Value::String(value));
    }
    Open {
        name: start.local_name().as_ref().to_owned(),
        attributes,
        children: Vec::new(),
        text: String::new(),
    }
}

fn entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}

/// The element as JSON has it: a list, a text or an object.
fn closed(made: Open) -> Value {
    if LISTS.contains(&made.name.as_str()) {
        return Value::Array(made.children.into_iter().map(|(_, value)| value).collect());
    }
    if made.children.is_empty() && made.attributes.is_empty() {
        return Value::String(made.text.trim().to_owned());
    }
    let mut object = made.attributes;
    for (name, value) in made.children {
        // XML says `responses` where JSON says `response`.
        let name = if name == "responses" {
            "response".to_owned()
        } else {
            name
        };
        object.insert(name, value);
    }
    Value::Object(object)
}
