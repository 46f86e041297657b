//! What does an OpenVEX document say? OpenVEX specification 0.2.0 (2023), and the older shapes still around.
//!
//! A document is a list of statements: who says how which product stands to which flaw. Author and time stand at the
//! document and hold for its statements. What is odd: in 0.0.1 a vulnerability and a product were plain texts and
//! subcomponents belonged to the statement; documents travel as predicates of in-toto statements, bare or inside a
//! DSSE envelope, and then the subjects of the in-toto statement stand in for products left out. Signatures are not
//! checked here: whoever feeds a document in decides whom to trust.

mod facts;
mod write;

pub(crate) use self::{facts::facts, write::write};

use serde_json::Value;

use crate::identify::{cpe, package, purl};
use crate::value::{document, list, string, text, texts, time};
use crate::{Problem, Product, Record, Statement, Status, Target};

/// Envelopes in envelopes: a Sigstore bundle holds a DSSE envelope holds an in-toto statement holds a document.
const WRAPPINGS_MAX: usize = 4;

/// Reads one document, record by record.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    let Some(root) = document(bytes, problem) else {
        return;
    };
    let Some((root, subjects)) = unwrap(root, problem) else {
        return;
    };
    told(
        &root,
        &subjects,
        &mut |one| record(Record::Statement(Box::new(one))),
        problem,
    );
}

fn told(
    root: &Value,
    subjects: &[Target],
    told: &mut dyn FnMut(Statement),
    problem: &mut dyn FnMut(Problem),
) {
    let statements = list(root, "statements");
    if root.get("statements").is_none_or(|list| !list.is_array()) {
        problem(Problem {
            place: String::new(),
            message:
                "no `statements` list; an OpenVEX document has one beside `@context` and `author`"
                    .into(),
        });
    }
    for (number, statement) in statements.iter().enumerate() {
        match stated(root, subjects, statement) {
            Ok(stated) => stated.into_iter().for_each(&mut *told),
            Err(message) => problem(Problem {
                place: format!("/statements/{number}"),
                message,
            }),
        }
    }
}

/// The document inside its envelopes, with the subjects it is attested for.
fn unwrap(mut root: Value, problem: &mut dyn FnMut(Problem)) -> Option<(Value, Vec<Target>)> {
    let mut subjects = Vec::new();
    for _ in 0..WRAPPINGS_MAX {
        if let Some(envelope) = root.get_mut("dsseEnvelope") {
            root = envelope.take();
        } else if root.get("payloadType").is_some() {
            root = document(&base64(text(&root, "payload")), problem)?;
        } else if root.get("predicate").is_some() {
            subjects = list(&root, "subject")
                .iter()
                .map(|subject| target(subject, text(subject, "name")))
                .collect();
            root = root
                .get_mut("predicate")
                .map(Value::take)
                .unwrap_or_default();
        } else {
            break;
        }
    }
    Some((root, subjects))
}

/// One statement, as one of ours for each set of subcomponents.
fn stated(root: &Value, subjects: &[Target], statement: &Value) -> Result<Vec<Statement>, String> {
    let base = Statement {
        flaws: flaws(statement)?,
        status: status(statement)?,
        justification: string(statement, "justification"),
        impact: joined(statement, &["impact_statement", "status_notes"]),
        action: string(statement, "action_statement"),
        author: string(root, "author"),
        timestamp: time(statement, "last_updated")
            .or_else(|| time(statement, "timestamp"))
            .or_else(|| time(root, "timestamp")),
        document: either(root, "@id", "id"),
        ..Statement::default()
    };
    let shared = components(statement, "subcomponents");
    let mut told: Vec<Statement> = Vec::new();
    for product in list(statement, "products") {
        let mut subcomponents = components(product, "subcomponents");
        subcomponents.extend(shared.iter().cloned());
        let product = component(product);
        match told
            .iter_mut()
            .find(|one| one.subcomponents == subcomponents)
        {
            Some(one) => one.products.push(product),
            None => told.push(Statement {
                products: vec![product],
                subcomponents,
                ..base.clone()
            }),
        }
    }
    if told.is_empty() {
        told.push(Statement {
            products: subjects.to_vec(),
            subcomponents: shared,
            ..base
        });
    }
    Ok(told)
}

fn either(value: &Value, key: &str, old: &str) -> String {
    match text(value, key) {
        "" => string(value, old),
        found => found.to_owned(),
    }
}

fn joined(value: &Value, keys: &[&str]) -> String {
    let parts = keys
        .iter()
        .map(|key| text(value, key))
        .filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n")
}

/// The flaw's name and its aliases.
fn flaws(statement: &Value) -> Result<Vec<String>, String> {
    let flaw = statement.get("vulnerability").unwrap_or(&Value::Null);
    let id = text(flaw, "@id");
    let name = match (flaw.as_str(), text(flaw, "name")) {
        (Some(old), _) => old.trim(),
        // The last step of `https://nvd.nist.gov/vuln/detail/CVE-2019-17571`.
        (None, "") => id.rsplit(['/', '=']).next().unwrap_or_default(),
        (None, name) => name,
    };
    if name.is_empty() {
        return Err("statement names no vulnerability; `\"vulnerability\": {\"name\": \"CVE-2024-3094\"}` would".into());
    }
    let mut all = vec![name.to_owned()];
    for alias in texts(flaw, "aliases") {
        if !all.iter().any(|known| known == alias) {
            all.push(alias.to_owned());
        }
    }
    Ok(all)
}

fn status(statement: &Value) -> Result<Status, String> {
    match text(statement, "status") {
        "not_affected" => Ok(Status::NotAffected),
        "affected" => Ok(Status::Affected),
        "fixed" => Ok(Status::Fixed),
        "under_investigation" => Ok(Status::UnderInvestigation),
        other => Err(format!(
            "status `{other}` is none of `not_affected`, `affected`, `fixed`, `under_investigation`"
        )),
    }
}

fn components(value: &Value, key: &str) -> Vec<Target> {
    list(value, key).iter().map(component).collect()
}

/// A product or subcomponent; a plain text in 0.0.1.
fn component(value: &Value) -> Target {
    match value.as_str() {
        Some(old) => target(&Value::Null, old.trim()),
        None => target(value, text(value, "@id")),
    }
}

/// What an id and identifiers name: a package where a purl says so, else a product.
fn target(value: &Value, id: &str) -> Target {
    let identifiers = value.get("identifiers").unwrap_or(&Value::Null);
    let purls: Vec<_> = [text(identifiers, "purl"), id]
        .into_iter()
        .filter_map(purl)
        .collect();
    if let Some(package) = purls.iter().find_map(package) {
        return package;
    }
    let cpes = [text(identifiers, "cpe23"), text(identifiers, "cpe22"), id];
    let name = purls.first().map_or(id, |purl| &purl.name);
    Target::Product(Box::new(Product {
        name: name.to_owned(),
        cpes: cpes.into_iter().filter_map(cpe).collect(),
        document_id: id.to_owned(),
        purls,
        ..Product::default()
    }))
}

/// Base64 (RFC 4648 sections 4 and 5), spaces and padding skipped; stops at what is neither.
fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        held = (held << 6 | u32::from(six)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    bytes
}
