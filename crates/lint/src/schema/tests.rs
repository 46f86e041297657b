//! The committed schemas are the official ones, and what is said by them is what others say.

use std::path::PathBuf;

use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use super::{Schema, official};

#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
fn data() -> Option<PathBuf> {
    let given = std::env::var_os("SEAMARK_DATA").map(PathBuf::from);
    let folder = given
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    folder.is_dir().then_some(folder)
}

/// What is left out of the official schemas, by name.
const LEFT_OUT: [&str; 9] = [
    "description",
    "examples",
    "meta:enum",
    "title",
    "$comment",
    "default",
    "deprecated",
    "$id",
    "x-why",
];

/// Under these, names are those of members.
const NAMED: [&str; 4] = ["properties", "definitions", "$defs", "patternProperties"];

fn stripped(value: &Value, is_named: bool) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, member)| {
                let is_cvss = *name == "pattern"
                    && member
                        .as_str()
                        .is_some_and(|pattern| pattern.contains("AV:["));
                is_named || (!LEFT_OUT.contains(&name.as_str()) && !is_cvss)
            });
            let inner = |name: &str, member: &Value| match name {
                "enum" | "const" if !is_named => member.clone(),
                name => stripped(member, NAMED.contains(&name) && !is_named),
            };
            Value::Object(
                kept.map(|(name, member)| (name.clone(), inner(name, member)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(elements) => Value::Array(
            elements
                .iter()
                .map(|element| stripped(element, false))
                .collect(),
        ),
        other => other.clone(),
    }
}

#[test]
fn the_committed_schemas_are_the_official_ones() {
    let Some(data) = data() else { return };
    for (ours, theirs) in [
        ("osv-1.7", "osv/osv-schema"),
        ("openvex-0.2", "openvex/openvex_json_schema"),
        ("cyclonedx-1.4", "cyclonedx/bom-1.4.schema"),
        ("cyclonedx-1.5", "cyclonedx/bom-1.5.schema"),
        ("cyclonedx-1.6", "cyclonedx/bom-1.6.schema"),
        ("cyclonedx-1.7", "cyclonedx/bom-1.7.schema"),
        ("jsf-0.82", "cyclonedx/jsf-0.82.schema"),
        ("spdx", "cyclonedx/spdx.schema"),
        ("cryptography-defs", "cyclonedx/cryptography-defs.schema"),
    ] {
        let read = |path: PathBuf| -> Value {
            serde_json::from_slice(&std::fs::read(path).expect("it is there")).expect("it is JSON")
        };
        let ours_text = read(
            PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("data")
                .join(format!("{ours}.json")),
        );
        let theirs_text = read(data.join("schemas").join(format!("{theirs}.json")));
        assert!(
            stripped(&ours_text, false) == stripped(&theirs_text, false),
            "{ours} differs from {theirs}"
        );
    }
}

fn all() -> [(&'static str, &'static Schema); 7] {
    [
        ("osv", official::osv()),
        ("cve", official::cve()),
        ("openvex", official::openvex()),
        ("cyclonedx 1.4", official::cyclonedx_1_4()),
        ("cyclonedx 1.5", official::cyclonedx_1_5()),
        ("cyclonedx 1.6", official::cyclonedx_1_6()),
        ("cyclonedx 1.7", official::cyclonedx_1_7()),
    ]
}

#[test]
fn every_keyword_pattern_and_reference_of_the_schemas_is_known() {
    const KNOWN: &[&str] = &[
        "$ref",
        "$schema",
        "additionalItems",
        "additionalProperties",
        "allOf",
        "anyOf",
        "const",
        "contains",
        "definitions",
        "$defs",
        "else",
        "enum",
        "format",
        "if",
        "items",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "not",
        "oneOf",
        "pattern",
        "patternProperties",
        "properties",
        "required",
        "then",
        "type",
        "uniqueItems",
        "x-why",
    ];
    const FORMS: &[&str] = &[
        "date-time",
        "date",
        "uri",
        "iri",
        "iri-reference",
        "idn-email",
    ];
    fn walk(name: &str, schema: &Schema, document: &Value, value: &Value, is_named: bool) {
        let Value::Object(members) = value else {
            if let Value::Array(elements) = value {
                elements
                    .iter()
                    .for_each(|element| walk(name, schema, document, element, false));
            }
            return;
        };
        for (keyword, rule) in members {
            if is_named {
                walk(name, schema, document, rule, false);
                continue;
            }
            assert!(
                KNOWN.contains(&keyword.as_str()),
                "{name}: keyword `{keyword}`"
            );
            match (keyword.as_str(), rule) {
                ("format", Value::String(form)) => {
                    assert!(FORMS.contains(&form.as_str()), "{name}: format `{form}`")
                }
                ("$ref", Value::String(to)) => {
                    let node = super::walk::Node {
                        schema: value,
                        document,
                    };
                    assert!(
                        schema.follow(node, to).is_some(),
                        "{name}: reference `{to}`"
                    );
                }
                ("enum" | "const" | "required", _) => {}
                (keyword, rule) => walk(name, schema, document, rule, NAMED.contains(&keyword)),
            }
        }
    }
    for (name, schema) in all() {
        walk(name, schema, &schema.root, &schema.root, false);
        for (beside, document) in &schema.beside {
            walk(beside, schema, document, document, false);
        }
        for pattern in schema.patterns.keys() {
            assert!(
                regex::Regex::new(pattern).is_ok(),
                "{name}: pattern `{pattern}`"
            );
        }
    }
}

/// The same schema, by an independent implementation.
fn theirs(schema: &Schema) -> jsonschema::Validator {
    let at = |name: &str| format!("https://schemas.example/{name}");
    let mut root = schema.root.clone();
    root["$id"] = at("root.json").into();
    let mut registry = jsonschema::Registry::new();
    for (name, document) in &schema.beside {
        registry = registry
            .add(at(name), document.clone())
            .expect("it is a schema");
    }
    let registry = registry.prepare().expect("they are schemas");
    jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&root)
        .expect("it is a schema")
}

#[test]
fn what_fits_by_us_fits_by_others() {
    let Some(data) = data() else { return };
    let mut held = 0;
    for (name, folder, schema) in [
        ("openvex", "vex/openvex", official::openvex()),
        ("osv", "e2e", official::osv()),
        ("cve", "cve/osv-dev-conversion", official::cve()),
        ("cve", "cve/vulnrichment/samples", official::cve()),
        ("1.4", "sbom/cyclonedx-spec", official::cyclonedx_1_4()),
        ("1.5", "sbom/cyclonedx-spec", official::cyclonedx_1_5()),
        ("1.6", "sbom/cyclonedx-spec", official::cyclonedx_1_6()),
        ("1.7", "sbom/cyclonedx-spec", official::cyclonedx_1_7()),
    ] {
        let theirs = theirs(schema);
        for file in files(&data.join(folder)) {
            let Ok(value) =
                serde_json::from_slice::<Value>(&std::fs::read(&file).unwrap_or_default())
            else {
                continue;
            };
            let ours: Vec<String> = schema
                .faults(&value)
                .into_iter()
                .filter(|fault| !fault.is_form)
                .map(|fault| fault.message)
                .collect();
            let said: Vec<String> = theirs
                .iter_errors(&value)
                // Forms of text are ours to read: real records have addresses that no RFC allows.
                .filter(|error| !matches!(error.kind(), ValidationErrorKind::Format { .. }))
                .map(|error| format!("{} {error}", error.instance_path()))
                .take(3)
                .collect();
            assert_eq!(
                ours.is_empty(),
                said.is_empty(),
                "{name} {}: {ours:?}, and {said:?}",
                file.display()
            );
            held += 1;
        }
    }
    assert!(
        held > 500,
        "only {held} documents were held against another implementation"
    );
}

fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut left = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(path) = left.pop() {
        match std::fs::read_dir(&path) {
            Ok(children) => left.extend(children.flatten().map(|child| child.path())),
            Err(_) if path.extension().is_some_and(|ending| ending == "json") => found.push(path),
            Err(_) => {}
        }
    }
    found.sort();
    found
}
