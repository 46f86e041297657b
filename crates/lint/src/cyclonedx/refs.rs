//! Refs: which things of a BOM can be referred to, and does each reference lead somewhere?

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Group;
use crate::at::At;
use crate::findings::Findings;
use crate::place::{clip, token};

/// What a BOM defines: every `bom-ref`, and its own serial number.
pub struct Refs<'a> {
    defined: BTreeMap<&'a str, String>,
    serial: Option<&'a str>,
}

/// Where a reference leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    Here,
    /// A BOM-Link to another BOM, which is not read.
    Elsewhere,
    Nowhere,
    /// It begins as a BOM-Link and is none.
    Broken,
}

/// Gathers what is defined; says what is defined twice, and which references of the BOM lead nowhere.
pub fn check<'a>(bom: &At<'a>, findings: &mut Findings) -> Refs<'a> {
    let mut refs = Refs {
        defined: BTreeMap::new(),
        serial: bom
            .text("serialNumber")
            .and_then(|serial| serial.strip_prefix("urn:uuid:")),
    };
    gather(bom.value, &mut String::new(), &mut refs, findings);
    for dependency in bom.each("dependencies") {
        named(&dependency, "ref", &refs, findings);
        for list in ["dependsOn", "provides"] {
            dangling(dependency.each(list), &refs, findings);
        }
    }
    for composition in bom.each("compositions") {
        for list in ["assemblies", "dependencies", "vulnerabilities"] {
            dangling(composition.each(list), &refs, findings);
        }
    }
    for annotation in bom.each("annotations") {
        dangling(annotation.each("subjects"), &refs, findings);
    }
    refs
}

/// bom-ref: unique within the BOM. The walk is as deep as the document, whose depth is bounded.
fn gather<'a>(
    value: &'a Value,
    pointer: &mut String,
    refs: &mut Refs<'a>,
    findings: &mut Findings,
) {
    let length = pointer.len();
    match value {
        Value::Object(members) => {
            if let Some(name) = members.get("bom-ref").and_then(Value::as_str) {
                let here = format!("{pointer}/bom-ref");
                match refs.defined.get(name) {
                    Some(first) => {
                        let message = format!(
                            "`bom-ref` `{}` is given twice, first at `{}`; each names one thing",
                            clip(name),
                            clip(first)
                        );
                        findings.say("cyclonedx.ref.unique", Group::Mandatory, here, message);
                    }
                    None => {
                        refs.defined.insert(name, here);
                    }
                }
            }
            for (name, member) in members
                .iter()
                .filter(|(_, member)| member.is_object() || member.is_array())
            {
                pointer.push('/');
                pointer.push_str(&token(name));
                gather(member, pointer, refs, findings);
                pointer.truncate(length);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements
                .iter()
                .enumerate()
                .filter(|(_, element)| element.is_object() || element.is_array())
            {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                gather(element, pointer, refs, findings);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// dependencies, compositions, annotations: what is referred to is there.
fn dangling<'a>(entries: impl Iterator<Item = At<'a>>, refs: &Refs<'_>, findings: &mut Findings) {
    for entry in entries {
        if let Some(text) = entry.as_text() {
            tell(
                "cyclonedx.ref.dangling",
                Group::Recommended,
                text,
                entry.pointer,
                refs,
                findings,
            );
        }
    }
}

fn named(at: &At<'_>, name: &str, refs: &Refs<'_>, findings: &mut Findings) {
    if let Some(text) = at.text(name) {
        tell(
            "cyclonedx.ref.dangling",
            Group::Recommended,
            text,
            at.to(name),
            refs,
            findings,
        );
    }
}

/// Says so where a reference does not lead anywhere.
pub fn tell(
    test: &'static str,
    group: Group,
    text: &str,
    pointer: String,
    refs: &Refs<'_>,
    findings: &mut Findings,
) {
    let message = match refs.leads(text) {
        Leads::Here | Leads::Elsewhere => return,
        Leads::Nowhere => format!(
            "nothing in this BOM has the `bom-ref` `{}`; a thing of another BOM is named `urn:cdx:serialNumber/version#bom-ref`",
            clip(text)
        ),
        Leads::Broken => format!(
            "`{}` is no BOM-Link; `urn:cdx:serialNumber/version#bom-ref` is its form",
            clip(text)
        ),
    };
    findings.say(test, group, pointer, message);
}

impl Refs<'_> {
    /// Where `text` leads.
    pub fn leads(&self, text: &str) -> Leads {
        if self.defined.contains_key(text) {
            return Leads::Here;
        }
        let Some(link) = text.strip_prefix("urn:cdx:") else {
            return Leads::Nowhere;
        };
        let (bom, element) = link
            .split_once('#')
            .map_or((link, None), |(bom, element)| (bom, Some(element)));
        let Some((serial, version)) = bom.split_once('/') else {
            return Leads::Broken;
        };
        let is_version = !version.starts_with('0')
            && !version.is_empty()
            && version.bytes().all(|byte| byte.is_ascii_digit());
        let is_serial = serial.len() == 36
            && serial.split('-').map(str::len).eq([8, 4, 4, 4, 12])
            && serial
                .bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
        if !is_serial || !is_version || element == Some("") {
            return Leads::Broken;
        }
        match (element, self.serial) {
            (Some(element), Some(own)) if own.eq_ignore_ascii_case(serial) => {
                match self.defines(element) {
                    true => Leads::Here,
                    // Another version of this BOM may define it.
                    false => Leads::Elsewhere,
                }
            }
            _ => Leads::Elsewhere,
        }
    }

    fn defines(&self, element: &str) -> bool {
        self.defined.contains_key(element)
    }
}
