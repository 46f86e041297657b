//! XML documents as a small tree.
//!
//! Entities that a document declares itself are never expanded (so none can grow without bound); they stay as
//! written. Namespaces are dropped: none of our lists has the same name in two of them.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Fault;
use super::text::Lines;

/// An element and all below it.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// Its own text, without the white space at both ends.
    pub text: String,
    pub children: Vec<Element>,
    pub line: u32,
}

/// Depth of elements: a POM's plugin configuration reaches about 15; four times that.
const DEPTH_MAX: usize = 64;
/// Elements in one document: the longest verification metadata we know has about 60,000.
const ELEMENTS_MAX: usize = 1_000_000;

impl Element {
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The elements at the end of a way of names.
    pub fn at<'a>(&'a self, way: &'a [&'a str]) -> Vec<&'a Element> {
        way.iter().fold(vec![self], |found, name| {
            found
                .into_iter()
                .flat_map(|element| element.all(name))
                .collect()
        })
    }

    /// The text of a child; empty if there is none.
    pub fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.as_str())
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Reads a document's root element.
pub fn parse(text: &str) -> Result<Element, Fault> {
    let lines = Lines::new(text);
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = vec![Element::default()];
    let mut count = 0usize;
    loop {
        let offset = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|error| Fault {
            line: lines.at(offset),
            message: format!("not XML: {error}"),
        })?;
        match event {
            Event::Start(start) => {
                count += 1;
                open.push(element(&start, lines.at(offset)));
            }
            Event::Empty(start) => {
                count += 1;
                close(&mut open, element(&start, lines.at(offset)));
            }
            Event::End(_) => {
                let done = open.pop().unwrap_or_default();
                close(&mut open, done);
            }
            Event::Text(part) => append(&mut open, &part),
            Event::CData(part) => append(&mut open, &part),
            Event::GeneralRef(part) => append(&mut open, &reference(&part)),
            Event::Eof => break,
            _ => {}
        }
        if open.len() > DEPTH_MAX || count > ELEMENTS_MAX {
            return Err(Fault {
                line: lines.at(offset),
                message: format!(
                    "more than {DEPTH_MAX} elements in one another, or {ELEMENTS_MAX} in all"
                ),
            });
        }
    }
    root(open)
}

fn root(mut open: Vec<Element>) -> Result<Element, Fault> {
    match (open.pop(), open.is_empty()) {
        (Some(mut document), true) => document
            .children
            .pop()
            .ok_or_else(|| Fault::from("not XML: there is no element")),
        (Some(element), false) => Err(Fault {
            line: element.line,
            message: format!("not XML: `<{}>` is not closed", element.name),
        }),
        (None, _) => Err(Fault::from(
            "not XML: an element is closed that was never opened",
        )),
    }
}

fn element(start: &BytesStart<'_>, line: u32) -> Element {
    let attributes = start
        .attributes()
        .with_checks(false)
        .flatten()
        .map(|attribute| (local(attribute.key.as_ref()), unescaped(&attribute.value)))
        .collect();
    Element {
        name: local(start.name().as_ref()),
        attributes,
        line,
        ..Element::default()
    }
}

/// A name without its prefix.
fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}

fn close(open: &mut [Element], mut done: Element) {
    done.text = done.text.trim().to_owned();
    if let Some(parent) = open.last_mut() {
        parent.children.push(done);
    }
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// What stands between `&` and `;`, as the character it means or as written.
fn reference(name: &str) -> String {
    let number = match name.strip_prefix('#') {
        Some(hex) if hex.starts_with(['x', 'X']) => {
            u32::from_str_radix(hex.get(1..).unwrap_or(""), 16).ok()
        }
        Some(decimal) => decimal.parse().ok(),
        None => None,
    };
    match (name, number.and_then(char::from_u32)) {
        (_, Some(char)) => char.to_string(),
        ("amp", _) => "&".into(),
        ("lt", _) => "<".into(),
        ("gt", _) => ">".into(),
        ("quot", _) => "\"".into(),
        ("apos", _) => "'".into(),
        _ => format!("&{name};"),
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match after.split_once(';') {
            Some((name, after)) if name.len() <= 10 => {
                out.push_str(&reference(name));
                rest = after;
            }
            _ => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}
