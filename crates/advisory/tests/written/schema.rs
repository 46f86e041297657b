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

    /// Panics with all that is wrong with `text`.
    pub fn check(&self, name: &str, text: &str) -> Value {
        let document: Value = serde_json::from_str(text).expect("what we write is JSON");
        let wrong: Vec<String> = self
            .0
            .iter_errors(&document)
            .map(|error| format!("{} {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{name}\n{}\n{text}", wrong.join("\n"));
        document
    }
}

fn read(path: &Path) -> Value {
    let bytes = std::fs::read(path).expect("the schemas are in the shared data");
    serde_json::from_slice(&bytes).expect("a schema is JSON")
}
