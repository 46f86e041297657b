//! The official test documents of CSAF that the shared data has, by the table that lies beside them.

mod shared;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use shared::{bytes_of, check, shared};

/// Runs every entry of `testcases.json` whose file exists; says what differs, and how many were run.
fn by_table(folder: &Path) -> (Vec<String>, usize) {
    let table = fs::read(folder.join("testcases.json")).expect("there is a table");
    let table: Value = serde_json::from_slice(&table).expect("the table is JSON");
    let (mut wrong, mut run) = (Vec::new(), 0);
    for test in table["tests"].as_array().into_iter().flatten() {
        let id = test["id"].as_str().unwrap_or_default();
        for (list, fails) in [("failures", true), ("valid", false)] {
            for entry in test[list].as_array().into_iter().flatten() {
                let file = folder.join(entry["name"].as_str().unwrap_or_default());
                if !file.exists() {
                    continue;
                }
                run += 1;
                let report = check(&file);
                let told: BTreeSet<&str> = report
                    .problems
                    .iter()
                    .filter(|problem| problem.test == id)
                    .map(|problem| problem.pointer.as_str())
                    .collect();
                if told.is_empty() == fails {
                    wrong.push(format!("{id} {}: {told:?}", file.display()));
                }
                if let Some(result) = entry["result"].as_str() {
                    let expected = pointers(&folder.join(result));
                    if told
                        .iter()
                        .any(|pointer| !expected.iter().any(|expected| expected == pointer))
                    {
                        wrong.push(format!(
                            "{id} {}: {told:?} instead of {expected:?}",
                            file.display()
                        ));
                    }
                    if expected.len() != told.len() {
                        wrong.push(format!(
                            "{id} {}: {} told instead of {}",
                            file.display(),
                            told.len(),
                            expected.len()
                        ));
                    }
                }
            }
        }
    }
    (wrong, run)
}

/// The places that a result file expects to be told.
fn pointers(file: &Path) -> Vec<String> {
    let result: Value =
        serde_json::from_slice(&fs::read(file).expect("there is a result")).expect("it is JSON");
    ["errors", "warnings", "infos"]
        .iter()
        .flat_map(|list| {
            result["primary_result"][list]
                .as_array()
                .into_iter()
                .flatten()
        })
        .filter_map(|told| told["instance_path"].as_str().map(str::to_owned))
        .collect()
}

#[test]
fn the_official_documents_fail_and_pass_as_their_table_says() {
    let Some(shared) = shared() else { return };
    for (edition, least) in [("oasis-csaf_2.0", 7), ("oasis-csaf_2.1", 8)] {
        let (wrong, run) = by_table(&shared.join("csaf").join(edition).join("validator/data"));
        assert_eq!(wrong, Vec::<String>::new(), "{edition}");
        assert!(run >= least, "{edition}: only {run} were run");
    }
}

#[test]
fn the_official_file_names_are_valid() {
    let Some(shared) = shared() else { return };
    for edition in ["oasis-csaf_2.0", "oasis-csaf_2.1"] {
        let mut read = 0;
        for entry in fs::read_dir(
            shared
                .join("csaf")
                .join(edition)
                .join("filenames/data/valid"),
        )
        .expect("it is there")
        {
            let report = check(&entry.expect("it can be listed").path());
            let named: Vec<&str> = report
                .problems
                .iter()
                .filter(|problem| problem.test == "5.1")
                .map(|problem| &*problem.message)
                .collect();
            assert_eq!(named, Vec::<&str>::new());
            read += 1;
        }
        assert!(read >= 2, "{edition}: only {read} file names");
    }
}

#[test]
fn documents_of_another_validator_fail_and_pass_as_their_folder_says() {
    let Some(shared) = shared() else { return };
    let mut run = 0;
    for test in fs::read_dir(shared.join("csaf/secvisogram-csaf-validator-lib"))
        .expect("it is there")
        .flatten()
    {
        let name = test.file_name().to_string_lossy().into_owned();
        let Some((_, id)) = name.split_once("Test_") else {
            continue;
        };
        let id = id.replace('_', ".");
        for (folder, fails) in [("failing", true), ("valid", false)] {
            for file in fs::read_dir(test.path().join(folder))
                .into_iter()
                .flatten()
                .flatten()
            {
                let report = check(&file.path());
                let told = report.problems.iter().any(|problem| problem.test == id);
                assert_eq!(told, fails, "{id} {}", file.path().display());
                run += 1;
            }
        }
    }
    assert!(run >= 3, "only {run} documents");
}

#[test]
fn official_cpes_are_told_from_those_that_are_none() {
    let Some(shared) = shared() else { return };
    let template =
        shared.join("csaf/oasis-csaf_2.1/validator/data/oasis_csaf_tc-csaf_2_1-2024-TEMPLATE.json");
    let template: Value =
        serde_json::from_slice(&fs::read(template).expect("it is there")).expect("it is JSON");
    let mut run = 0;
    for (folder, valid) in [("valid", true), ("invalid", false)] {
        let list = shared
            .join("csaf/oasis-csaf_2.1/cpe/data")
            .join(folder)
            .join("cpe.txt");
        for cpe in fs::read_to_string(list)
            .expect("it is there")
            .lines()
            .filter(|line| !line.is_empty())
        {
            let mut document = template.clone();
            let helper = serde_json::json!({"cpe": cpe});
            document["product_tree"]["full_product_names"] = serde_json::json!([{"name": "A", "product_id": "B", "product_identification_helper": helper}]);
            let report = bytes_of("", document.to_string().as_bytes());
            let told = report
                .problems
                .iter()
                .any(|problem| problem.test == "schema" && problem.pointer.ends_with("/cpe"));
            assert_eq!(told, !valid, "{cpe}");
            run += 1;
        }
    }
    assert!(run >= 4, "only {run} were read");
}
