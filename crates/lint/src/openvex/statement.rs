//! Statement: product, vulnerability, status, and what each status asks for.

use std::collections::BTreeMap;

use names::{Cpe, Purl};

use crate::Group;
use crate::address::is_uri;
use crate::at::At;
use crate::findings::Findings;
use crate::place::clip;

pub fn check(statement: &At<'_>, findings: &mut Findings) {
    products(statement, findings);
    status(statement, findings);
    vulnerability(statement, findings);
    action_time(statement, findings);
    for product in statement.each("products") {
        component(&product, findings);
        for subcomponent in product.each("subcomponents") {
            component(&subcomponent, findings);
        }
    }
}

/// Data inheritance: a document with incomplete statements is not valid.
fn products(statement: &At<'_>, findings: &mut Findings) {
    if statement.each("products").next().is_none() {
        let message = "statement names no product, and no document around it can; `products` needs at least one";
        findings.say(
            "openvex.product.none",
            Group::Mandatory,
            statement.pointer.as_str(),
            message,
        );
    }
}

/// Statement fields: `not_affected` is justified by a label, and the other members go with one status each.
fn status(statement: &At<'_>, findings: &mut Findings) {
    let Some(status) = statement.text("status") else {
        return;
    };
    let blank = |name: &str| {
        statement
            .text(name)
            .is_some_and(|text| text.trim().is_empty())
    };
    for name in ["impact_statement", "action_statement"] {
        if blank(name) {
            let message = format!("`{name}` is empty; it says why, or what to do");
            findings.say(
                "openvex.status.text",
                Group::Mandatory,
                statement.to(name),
                message,
            );
        }
    }
    if status == "not_affected"
        && statement.get("justification").is_none()
        && statement.get("impact_statement").is_some()
    {
        let message =
            "`not_affected` is explained in words alone; a `justification` says it to programs";
        findings.say(
            "openvex.justification.label",
            Group::Recommended,
            statement.pointer.as_str(),
            message,
        );
    }
    for (name, goes_with) in [
        ("justification", "not_affected"),
        ("impact_statement", "not_affected"),
        ("action_statement", "affected"),
    ] {
        if statement.get(name).is_some() && status != goes_with {
            let message = format!(
                "`{name}` goes with the status `{goes_with}`, and the status is `{}`",
                clip(status)
            );
            findings.say(
                "openvex.status.member",
                Group::Recommended,
                statement.to(name),
                message,
            );
        }
    }
}

/// Vulnerability struct fields, name: an id that is looked up.
fn vulnerability(statement: &At<'_>, findings: &mut Findings) {
    let Some(vulnerability) = statement.get("vulnerability") else {
        return;
    };
    let Some(name) = vulnerability.text("name") else {
        return;
    };
    if name.trim().is_empty() || name.contains("://") || name.chars().any(char::is_whitespace) {
        let message = format!(
            "`name` is `{}`; an id such as `CVE-2024-3094` belongs there, and an address in `@id`",
            clip(name)
        );
        findings.say(
            "openvex.vulnerability.name",
            Group::Recommended,
            vulnerability.to("name"),
            message,
        );
    }
}

/// Statement fields, action_statement_timestamp: when the action statement was issued.
fn action_time(statement: &At<'_>, findings: &mut Findings) {
    if statement.get("action_statement_timestamp").is_some()
        && statement.get("action_statement").is_none()
    {
        let message = "`action_statement_timestamp` stands without an `action_statement`";
        findings.say(
            "openvex.action.time",
            Group::Recommended,
            statement.to("action_statement_timestamp"),
            message,
        );
    }
}

/// Component fields, and appendices A and B: identifiers and hashes that mean something.
fn component(component: &At<'_>, findings: &mut Findings) {
    if let Some(id) = component.text("@id").filter(|id| id.starts_with("pkg:")) {
        purl(id, component.to("@id"), findings);
    }
    let identifiers = component.get("identifiers");
    for (name, value) in identifiers.iter().flat_map(At::members) {
        let Some(text) = value.as_text() else {
            continue;
        };
        match name {
            "purl" => purl(text, value.pointer, findings),
            "cpe22" | "cpe23" => cpe(name, text, value.pointer, findings),
            _ => {}
        }
    }
    if let Some(id) = component
        .text("@id")
        .filter(|id| !id.starts_with("pkg:") && is_uri(id))
        && identifiers.is_none()
    {
        let message = format!(
            "`{}` is no package URL and no identifier stands beside it, so that scanners will not find the product",
            clip(id)
        );
        findings.say(
            "openvex.product.id",
            Group::Informative,
            component.to("@id"),
            message,
        );
    }
    for (name, value) in component.get("hashes").iter().flat_map(At::members) {
        if let Some(text) = value.as_text() {
            hash(name, text, value.pointer, findings);
        }
    }
}

fn purl(text: &str, pointer: String, findings: &mut Findings) {
    match Purl::read(text) {
        Err(problems) => {
            let message = format!("`{}` is no package URL: {problems}", clip(text));
            findings.say("openvex.purl", Group::Mandatory, pointer, message);
        }
        Ok((_, broken)) if !broken.is_empty() => {
            let message = format!(
                "`{}` breaks the rules of package URLs: {broken}",
                clip(text)
            );
            findings.say("openvex.purl", Group::Recommended, pointer, message);
        }
        Ok(_) => {}
    }
}

fn cpe(name: &str, text: &str, pointer: String, findings: &mut Findings) {
    let prefix = if name == "cpe22" { "cpe:/" } else { "cpe:2.3:" };
    let message = match Cpe::parse(text) {
        Err(problems) => format!("`{}` is no CPE name: {problems}", clip(text)),
        Ok(_) if !text.starts_with(prefix) => format!(
            "`{name}` is `{}`; a name that begins with `{prefix}` belongs there",
            clip(text)
        ),
        Ok(_) => return,
    };
    findings.say("openvex.cpe", Group::Mandatory, pointer, message);
}

/// Appendix A: as many hexadecimal digits as the function gives.
fn hash(name: &str, text: &str, pointer: String, findings: &mut Findings) {
    let digits = match name {
        "md5" => 32,
        "sha1" => 40,
        "sha3-224" => 56,
        "sha-256" | "sha3-256" | "blake2s-256" | "blake2b-256" => 64,
        "sha-384" | "sha3-384" => 96,
        "sha-512" | "sha3-512" | "blake2b-512" => 128,
        _ => return,
    };
    if text.len() != digits || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let message = format!(
            "`{}` is no hash of {name}, which has {digits} hexadecimal digits",
            clip(text)
        );
        findings.say("openvex.hash", Group::Mandatory, pointer, message);
    }
}

/// The VEX statement: a later one overrides an earlier one; of two of the same time nobody can tell which holds.
pub fn contradictions(vex: &At<'_>, findings: &mut Findings) {
    let mut said: BTreeMap<String, (&str, usize)> = BTreeMap::new();
    for (index, statement) in vex.each("statements").enumerate() {
        let vulnerability = statement
            .get("vulnerability")
            .and_then(|at| at.text("name"));
        let (Some(name), Some(status)) = (vulnerability, statement.text("status")) else {
            continue;
        };
        let time = statement.text("timestamp").unwrap_or_default();
        for product in statement.each("products") {
            let key = format!("{name}\n{time}\n{}", product.value);
            match said.get(&key) {
                Some((first, place)) if *first != status => {
                    let message = format!(
                        "product is `{}` here and `{first}` in statement {} of the same time; nobody can tell which holds",
                        clip(status),
                        place + 1
                    );
                    findings.say(
                        "openvex.statement.contradiction",
                        Group::Mandatory,
                        product.pointer,
                        message,
                    );
                }
                Some(_) => {}
                None => {
                    said.insert(key, (status, index));
                }
            }
        }
    }
}
