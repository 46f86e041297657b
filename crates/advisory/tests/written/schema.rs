//! The official schemas, from the shared data.

use std::path::Path;

use serde_json::Value;

/// A schema with the others it refers to.
pub struct Schema(jsonschema::Validator);

impl Schema {
    pub fn of_osv(data: &Path) -> Schema {
        let schema = read(&data.join("schemas/osv/osv-schema.json"));
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema);
        Schema(validator.expect("the schema is one"))
    }

    pub fn of_csaf(data: &Path) -> Schema {
        let folder = data.join("schemas/csaf/csaf_2.0");
        let mut registry = jsonschema::Registry::new();
        for version in ["2.0", "3.0", "3.1"] {
            let scores = format!("referenced_schema/first/cvss-v{version}.json");
            let name = format!("https://www.first.org/cvss/cvss-v{version}.json");
            registry = registry
                .add(name, read(&folder.join(scores)))
                .expect("the schema is one");
        }
        let registry = registry
            .prepare()
            .expect("the schemas refer to themselves only");
        let schema = read(&folder.join("json_schema/csaf_json_schema.json"));
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .with_registry(&registry)
            .build(&schema);
        Schema(validator.expect("the schema is one"))
    }

    pub fn of_csaf_21(data: &Path) -> Schema {
        let folder = data.join("schemas/csaf/csaf_2.1");
        let first = "referenced_schema/first/cvss-v";
        let registry = registry(
            &folder,
            &[
                (
                    "https://www.first.org/cvss/cvss-v2.0.json",
                    &format!("{first}2.0.json"),
                ),
                (
                    "https://www.first.org/cvss/cvss-v3.0.json",
                    &format!("{first}3.0.json"),
                ),
                (
                    "https://www.first.org/cvss/cvss-v3.1.json",
                    &format!("{first}3.1.json"),
                ),
                (
                    "https://www.first.org/cvss/cvss-v4.0.json",
                    &format!("{first}4.0.json"),
                ),
                (
                    "https://certcc.github.io/SSVC/data/schema/v2/SelectionList_2_0_0.schema.json",
                    "referenced_schema/certcc/SelectionList_2_0_0.schema.json",
                ),
                (
                    "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/extension-content.json",
                    "json_schema/extension-content.json",
                ),
                (
                    "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/extension-metadata.json",
                    "json_schema/extension-metadata.json",
                ),
                (
                    "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/extension-metaschema.json",
                    "json_schema/extension-metaschema.json",
                ),
                (
                    "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/meta.json",
                    "json_schema/meta.json",
                ),
            ],
        );
        let mut schema = read(&folder.join("json_schema/csaf.json"));
        // A dialect of its own, whose keywords are those of 2020-12.
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
        built(&schema, &registry)
    }

    /// The shared data hold CIRCL's edition of the schema, which asks for an id of CIRCL's beside the CVE id.
    pub fn of_cve(data: &Path) -> Schema {
        let folder = data.join("schemas-cve");
        let mut schema = read(&folder.join("CVE_Record_Format.json"));
        let published = &mut schema["definitions"]["cveMetadataPublished"];
        published["required"] = serde_json::json!(["cveId", "assignerOrgId", "state"]);
        inline(&mut schema, &folder, data);
        built(
            &schema,
            &jsonschema::Registry::new()
                .prepare()
                .expect("nothing to prepare"),
        )
    }

    pub fn of_openvex(data: &Path) -> Schema {
        let schema = read(&data.join("schemas/openvex/openvex_json_schema.json"));
        built(
            &schema,
            &jsonschema::Registry::new()
                .prepare()
                .expect("nothing to prepare"),
        )
    }

    pub fn of_cyclonedx(data: &Path, edition: &str) -> Schema {
        let folder = data.join("schemas/cyclonedx");
        let registry = registry(
            &folder,
            &[
                (
                    "http://cyclonedx.org/schema/spdx.schema.json",
                    "spdx.schema.json",
                ),
                (
                    "http://cyclonedx.org/schema/jsf-0.82.schema.json",
                    "jsf-0.82.schema.json",
                ),
            ],
        );
        let mut schema = read(&folder.join(format!("bom-{edition}.schema.json")));
        without_cryptography(&mut schema);
        built(&schema, &registry)
    }

    /// Panics with all that is wrong with `text`.
    pub fn check(&self, name: &str, text: &str) -> Value {
        let (document, wrong) = self.wrong(text);
        assert!(wrong.is_empty(), "{name}\n{}\n{text}", wrong.join("\n"));
        document
    }
}

impl Schema {
    /// All that is wrong with `text`.
    pub fn wrong(&self, text: &str) -> (Value, Vec<String>) {
        let document: Value = serde_json::from_str(text).expect("what we write is JSON");
        let wrong = self.0.iter_errors(&document);
        let wrong = wrong.map(|error| format!("{} {error}", error.instance_path()));
        let wrong = wrong.collect();
        (document, wrong)
    }
}

fn read(path: &Path) -> Value {
    let bytes = std::fs::read(path).expect("the schemas are in the shared data");
    serde_json::from_slice(&bytes).expect("a schema is JSON")
}

fn registry(folder: &Path, schemas: &[(&str, &str)]) -> jsonschema::Registry<'static> {
    let mut registry = jsonschema::Registry::new();
    for (name, path) in schemas {
        let mut schema = read(&folder.join(path));
        // Dialects of their own, whose keywords are those of 2020-12.
        if let Some(Value::String(dialect)) = schema.get_mut("$schema")
            && !dialect.contains("json-schema.org")
        {
            *dialect = "https://json-schema.org/draft/2020-12/schema".to_owned();
        }
        registry = registry.add(*name, schema).expect("the schema is one");
    }
    registry
        .prepare()
        .expect("the schemas refer to themselves only")
}

fn built(schema: &Value, registry: &jsonschema::Registry<'_>) -> Schema {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .with_registry(registry)
        .build(schema);
    Schema(validator.expect("the schema is one"))
}

/// Puts files that are referred to by their path in the place of the reference.
fn inline(schema: &mut Value, folder: &Path, data: &Path) {
    match schema {
        Value::Object(members) => {
            let path = members
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|at| at.strip_prefix("file:"))
                .map(str::to_owned);
            if let Some(path) = path {
                let held = folder.join(&path);
                let first = data.join("schemas/csaf/csaf_2.1/referenced_schema/first");
                let file = match held.exists() {
                    true => held,
                    // Of CVSS the folder holds two editions; the others are FIRST's own.
                    false => first.join(path.rsplit('/').next().unwrap_or_default()),
                };
                let mut found = read(&file);
                if let Some(found) = found.as_object_mut() {
                    found.remove("$schema");
                    let id = format!("urn:x:{path}").into();
                    found.insert("$id".to_owned(), id);
                }
                *schema = found;
                return;
            }
            members
                .values_mut()
                .for_each(|value| inline(value, folder, data));
        }
        Value::Array(list) => list.iter_mut().for_each(|one| inline(one, folder, data)),
        _ => {}
    }
}

/// What 1.7 refers to for names of algorithms is not in the shared data, and nothing that we write.
fn without_cryptography(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let refers = |at: &Value| {
                at.as_str()
                    .is_some_and(|at| at.contains("cryptography-defs"))
            };
            if members.get("$ref").is_some_and(refers) {
                members.remove("$ref");
            }
            members.values_mut().for_each(without_cryptography);
        }
        Value::Array(list) => list.iter_mut().for_each(without_cryptography),
        _ => {}
    }
}
