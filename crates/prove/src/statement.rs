//! Statement: a validation as something that can be signed.
//!
//! in-toto Attestation Framework, Statement v1: subjects by digest, a predicate of a stated type. Whoever holds a key
//! signs it in a DSSE envelope of the type [`PAYLOAD_TYPE`]. It says what was seen and holds nothing of the proof
//! itself: no input, no output, no path; so it may go where the proof may not.

use serde_json::{Map, Value, json};

use crate::oracle::Judged;
use crate::validate::Validation;

/// The type of a payload that is such a statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The type of its predicate; `docs/proofs.md` says what stands in it.
pub const PREDICATE_TYPE: &str = "https://seamark.dev/validation/v1";

const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// The bytes to sign.
pub fn statement(validation: &Validation) -> Vec<u8> {
    let mut subjects = vec![subject("bundle", &validation.bundle)];
    for build in validation
        .builds
        .iter()
        .filter(|build| &*build.of == "vulnerable")
    {
        subjects.extend(
            build
                .outputs
                .iter()
                .enumerate()
                .map(|(number, (_, sha256))| subject(&format!("target/{number}"), sha256)),
        );
    }
    if let Some(patch) = &validation.patch {
        subjects.push(subject("patch", &patch.patch));
    }
    let document = json!({
        "_type": STATEMENT_TYPE,
        "subject": subjects,
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate(validation),
    });
    document.to_string().into_bytes()
}

fn subject(name: &str, sha256: &str) -> Value {
    json!({"name": name, "digest": {"sha256": sha256}})
}

fn predicate(validation: &Validation) -> Value {
    let met = |runs: &[crate::Attempt]| runs.iter().filter(|one| one.judged == Judged::Met).count();
    let mut predicate = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            predicate.insert(key.to_owned(), value);
        }
    };
    put("outcome", validation.outcome.as_str().into());
    put("tool", (*validation.tool).into());
    put(
        "runs",
        json!({"count": validation.runs.len(), "showed": met(&validation.runs)}),
    );
    if !validation.fixed.is_empty() {
        put(
            "fixedRuns",
            json!({"count": validation.fixed.len(), "showed": met(&validation.fixed)}),
        );
    }
    if let Some(crash) = &validation.crash {
        put(
            "crash",
            json!({"class": crash.class, "signature": crash.signature}),
        );
    }
    if let Some(estimate) = &validation.estimate {
        put("estimate", json!(estimate.severity));
    }
    if let Some(patch) = &validation.patch {
        put(
            "patch",
            json!({
                "builds": patch.builds,
                "endsProof": patch.ends_proof,
                "passesTests": patch.passes_tests,
                "holds": patch.holds,
                "variants": patch.variants,
                "tellingVariants": patch.telling_variants,
            }),
        );
    }
    put("isolation", json!(validation.isolation));
    Value::Object(predicate)
}
