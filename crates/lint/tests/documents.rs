//! What our rules say of every real document of the shared data. A figure that changes is looked at: what is said of
//! real documents must be right (docs/accuracy.md says what was looked at).

mod corpus;

use std::collections::BTreeMap;

use corpus::{Tally, data, files, members};
use expect_test::{Expect, expect};
use lint::Format;

#[track_caller]
fn osv(ecosystem: &str, expect: Expect) {
    let Some(data) = data() else { return };
    let mut tally = Tally::default();
    members(
        &data.join("osv").join(ecosystem).join("all.zip"),
        &mut |name, bytes| {
            tally.add(name, bytes, Format::Osv);
        },
    );
    println!(
        "vectors: lint-osv-{ecosystem} {} ran, 0 listed as wrong",
        tally.documents
    );
    tally.examples();
    expect.assert_eq(&tally.told());
}

#[test]
fn records_of_almalinux() {
    osv("AlmaLinux", expect![]);
}

#[test]
fn records_of_bitnami() {
    osv("Bitnami", expect![]);
}

#[test]
fn records_of_go() {
    osv("Go", expect![]);
}

#[test]
fn records_of_hackage() {
    osv("Hackage", expect![]);
}

#[test]
fn records_of_pypi() {
    osv("PyPI", expect![]);
}

#[test]
fn records_of_crates_io() {
    osv("crates.io", expect![]);
}

#[test]
fn records_of_cve_with_what_cisa_adds() {
    let Some(data) = data() else { return };
    let mut tally = Tally::default();
    members(
        &data.join("cve/vulnrichment/records.tar.zst"),
        &mut |name, bytes| {
            tally.add(name, bytes, Format::Cve);
        },
    );
    println!(
        "vectors: lint-cve {} ran, 0 listed as wrong",
        tally.documents
    );
    tally.examples();
    expect![].assert_eq(&tally.told());
}

#[test]
fn documents_of_openvex() {
    let Some(data) = data() else { return };
    let mut tally = Tally::default();
    for file in files(&data.join("vex/openvex"))
        .iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "json"))
    {
        let bytes = std::fs::read(file).expect("the shared data can be read");
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if lint::sniff(&value) == Some(Format::OpenVex) {
            tally.add(&file.display().to_string(), &bytes, Format::OpenVex);
        }
    }
    println!(
        "vectors: lint-openvex {} ran, 0 listed as wrong",
        tally.documents
    );
    tally.examples();
    expect![].assert_eq(&tally.told());
}

#[test]
fn boms_with_vulnerabilities() {
    let Some(data) = data() else { return };
    let mut tally = Tally::default();
    for file in files(&data.join("sbom"))
        .iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "json"))
    {
        let bytes = std::fs::read(file).expect("the shared data can be read");
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if lint::sniff(&value) == Some(Format::CycloneDx) && value.get("vulnerabilities").is_some()
        {
            tally.add(&file.display().to_string(), &bytes, Format::CycloneDx);
        }
    }
    println!(
        "vectors: lint-cyclonedx {} ran, 0 listed as wrong",
        tally.documents
    );
    tally.examples();
    expect![].assert_eq(&tally.told());
}

/// Documents that our rules' makers hold to be wrong, by what the schema alone cannot say or we read another way.
const DIFFERENT: &[(&str, &str)] = &[];

#[test]
fn what_cyclonedx_calls_valid_fits_and_what_it_calls_invalid_does_not() {
    let Some(data) = data() else { return };
    let mut ran = 0;
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for edition in ["1.4", "1.5", "1.6", "1.7"] {
        for file in files(&data.join("sbom/cyclonedx-spec").join(edition)) {
            let name = file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if !name.ends_with(".json") || DIFFERENT.iter().any(|(known, _)| *known == name) {
                continue;
            }
            let bytes = std::fs::read(&file).expect("the shared data can be read");
            let report = Tally::default().add(&name, &bytes, Format::CycloneDx);
            let said: Vec<String> = (report.problems.into_iter())
                .filter(|problem| problem.test == "schema")
                .map(|problem| problem.message)
                .collect();
            ran += 1;
            if said.is_empty() != name.starts_with("valid") {
                wrong.insert(name, said);
            }
        }
    }
    println!(
        "vectors: lint-cyclonedx-spec {ran} ran, {} listed as wrong",
        DIFFERENT.len()
    );
    assert!(wrong.is_empty() && ran > 0, "{wrong:#?}");
}
