//! Objects of the AIxCC final competition's API (2025, version 1.4): PoV, patch, SARIF and its assessment, bundle.
//!
//! What is odd: no object names its target, for the competition's address did; it is said beside the document
//! (`?repository=…`). A bundle there names ids that only the competition knows; here its parts stand in it:
//! `{"pov": {…}, "patch": {…}, "sarif": {…}, "assessment": {…}, "description": "…"}`, each as its own call takes it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use names::Refusal;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::bounds::{NAME_BYTES_MAX, PATCH_BYTES_MAX, TESTCASE_BYTES_MAX};
use super::check::{plain, plain_line};
use super::fields::Fields;
use super::{Draft, Input, Read, Taken, json, slice};
use crate::report::{ProofMark, Report};

/// A patch, decoded: what the competition allows.
const AIXCC_PATCH_BYTES_MAX: usize = 100 * 1024;

/// Reads one object or an array of them.
pub fn read(bytes: &[u8], into: &mut Read) -> Result<(), Refusal> {
    let document = bytes.trim_ascii();
    let value = json::parse(document)?;
    let Value::Array(all) = &value else {
        return one(&value, document, "", into);
    };
    for (index, (value, bytes)) in all.iter().zip(slice::elements(document)).enumerate() {
        one(value, bytes, &format!("reports[{index}]"), into)?;
    }
    Ok(())
}

fn one(value: &Value, bytes: &[u8], place: &str, into: &mut Read) -> Result<(), Refusal> {
    let sarif = value.get("sarif").filter(|sarif| !sarif.is_null());
    let proven = value.get("pov").is_some() || value.get("fuzzer_name").is_some();
    if let (Some(sarif), false) = (sarif, proven) {
        return assessed(value, sarif, bytes, into);
    }
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    into.drafts.push(Taken {
        place: place.into(),
        draft: bundle(value, digest),
    });
    Ok(())
}

/// A SARIF log stands for its results; one that was assessed as incorrect is passed over.
fn assessed(value: &Value, sarif: &Value, bytes: &[u8], into: &mut Read) -> Result<(), Refusal> {
    let assessment = value.get("assessment").and_then(|found| {
        // As its own call takes it, or the word alone.
        found.get("assessment").unwrap_or(found).as_str()
    });
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let before = into.drafts.len();
    super::sarif::read_value(sarif, digest, into)?;
    if assessment == Some("incorrect") {
        into.passed_over += into.drafts.len() - before;
        into.drafts.truncate(before);
    }
    Ok(())
}

fn bundle(value: &Value, digest: [u8; 32]) -> Result<Draft, Refusal> {
    let mut refusal = Refusal::none();
    let mut draft = Draft {
        report: Report::default(),
        key: None,
        digest,
        inputs: Vec::new(),
    };
    let flat = value.get("fuzzer_name").is_some();
    let Some(mut fields) = Fields::of(value, "", &mut refusal) else {
        return Err(refusal);
    };
    if flat {
        pov(&mut fields, &mut draft);
    } else {
        fields.object("pov", |fields| pov(fields, &mut draft));
    }
    if value.get("patch").is_some_and(Value::is_object) {
        fields.object("patch", |fields| patch(fields, &mut draft.report));
    } else {
        patch(&mut fields, &mut draft.report);
    }
    if let Some(description) = fields.text("description") {
        draft.report.description = plain(description, super::bounds::DESCRIPTION_BYTES_MAX);
    }
    fields.text("key");
    for id in [
        "pov_id",
        "patch_id",
        "broadcast_sarif_id",
        "submitted_sarif_id",
        "freeform_id",
    ] {
        if fields.text(id).is_some() {
            fields.wrong(id, "names what only the competition knows; hand over the object itself, as `pov`, `patch` or `sarif`");
        }
    }
    fields.done();
    draft.key = value.get("key").and_then(Value::as_str).map(Box::from);
    finish(&mut draft.report, &mut refusal);
    refusal.or(draft)
}

fn finish(report: &mut Report, refusal: &mut Refusal) {
    report
        .provenance
        .tools
        .push("AIxCC cyber reasoning system".into());
    if report.title.is_empty() && report.patch.is_some() {
        report.title = "Patch without a proof".into();
    }
    if report.proofs.is_empty() && report.patch.is_none() && refusal.is_empty() {
        refusal.add("", "it holds neither a proof (`pov`) nor a patch");
    }
}

fn pov(fields: &mut Fields<'_, '_>, draft: &mut Draft) {
    let mut said = |key: &'static str| {
        let text = fields.text(key);
        if text.is_none() && !fields.has(key) {
            fields.wrong(key, "is missing; the competition's API asks for it");
        }
        plain_line(text.unwrap_or_default(), NAME_BYTES_MAX)
    };
    let (architecture, engine) = (said("architecture"), said("engine"));
    let (fuzzer, sanitizer) = (said("fuzzer_name"), said("sanitizer"));
    let report = &mut draft.report;
    report.title = plain_line(
        &format!("Crash under the {sanitizer} sanitizer in fuzz target {fuzzer}"),
        super::bounds::TITLE_BYTES_MAX,
    );
    report.provenance.origins.push(
        format!("aixcc:architecture={architecture} engine={engine} sanitizer={sanitizer}").into(),
    );
    if let Some(bytes) = decoded(fields, "testcase", TESTCASE_BYTES_MAX) {
        attach(draft, bytes, &fuzzer);
    } else if !fields.has("testcase") {
        fields.wrong(
            "testcase",
            "is missing; give the input that triggers it in base64",
        );
    }
}

/// Puts a testcase beside the report that names it.
pub fn attach(draft: &mut Draft, bytes: Vec<u8>, harness: &str) {
    draft.report.proofs.push(ProofMark {
        sha256: crate::hex(&Sha256::digest(&bytes)).into(),
        bytes: bytes.len() as u64,
        kind: "testcase".into(),
        harness: (!harness.is_empty()).then(|| harness.into()),
    });
    draft.inputs.push(Input {
        proof: draft.report.proofs.len() - 1,
        bytes: bytes.into(),
    });
}

fn patch(fields: &mut Fields<'_, '_>, report: &mut Report) {
    const { assert!(AIXCC_PATCH_BYTES_MAX <= PATCH_BYTES_MAX) };
    let Some(bytes) = decoded(fields, "patch", AIXCC_PATCH_BYTES_MAX) else {
        return;
    };
    match String::from_utf8(bytes) {
        Ok(text) => report.patch = Some(text.into()),
        Err(_) => fields.wrong("patch", "is not UTF-8 once decoded; give a unified diff"),
    }
}

/// The bytes of a text in base64 (RFC 4648, section 4).
pub fn decoded(fields: &mut Fields<'_, '_>, key: &'static str, most: usize) -> Option<Vec<u8>> {
    let text = fields.text(key)?;
    // Four characters stand for three bytes.
    if text.len() / 4 * 3 > most + 2 {
        fields.wrong(
            key,
            format!("it is over {most} bytes once decoded; upload it as a proof"),
        );
        return None;
    }
    match STANDARD.decode(text) {
        Ok(bytes) if bytes.is_empty() => {
            fields.wrong(key, "is empty");
            None
        }
        Ok(bytes) if bytes.len() > most => {
            fields.wrong(
                key,
                format!("it is over {most} bytes once decoded; upload it as a proof"),
            );
            None
        }
        Ok(bytes) => Some(bytes),
        Err(error) => {
            fields.wrong(
                key,
                format!("is not base64 (RFC 4648, with padding): {error}"),
            );
            None
        }
    }
}
