//! What our rules say of every real document of the shared data. A figure that changes is looked at: what is said of
//! real documents must be right (docs/accuracy.md says what was looked at).

mod corpus;
mod written;

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
    osv(
        "AlmaLinux",
        expect![[r#"
        5637 documents, 5264 clean
        osv.alias.repeat 40/64
        osv.summary.length 7/7
        osv.time.order 326/326"#]],
    );
}

#[test]
fn records_of_bitnami() {
    osv(
        "Bitnami",
        expect![[r#"
        7444 documents, 7106 clean
        osv.range.empty 224/224
        osv.range.end 3/3
        osv.range.idle 4/7
        osv.range.order 30/30
        osv.range.overlap 3/3
        osv.range.repeat 2/3
        osv.range.semver 20/25
        osv.range.version 1/1
        osv.summary.length 62/62"#]],
    );
}

#[test]
fn records_of_go() {
    osv(
        "Go",
        expect![[r#"
        4291 documents, 0 clean
        osv.affected.repeat 4/7
        osv.alias.repeat 20/20
        osv.reference.repeat 1/1
        osv.summary.length 887/887
        osv.summary.line 1/1
        osv.time.zero 4291/8330"#]],
    );
}

#[test]
fn records_of_hackage() {
    osv("Hackage", expect!["35 documents, 35 clean"]);
}

#[test]
fn records_of_pypi() {
    osv(
        "PyPI",
        expect![[r#"
        2661 documents, 2384 clean
        osv.affected.empty 1/1
        osv.package.name 1/1
        osv.range.idle 1/2
        osv.range.order 70/88
        osv.reference.url 1/1
        osv.schema_version 203/203
        osv.time.order 4/4
        osv.time.zero 1/1
        osv.versions.range 2/7
        osv.versions.repeat 2/2
        schema 7/7"#]],
    );
}

#[test]
fn records_of_crates_io() {
    osv(
        "crates.io",
        expect![[r#"
        1206 documents, 0 clean
        osv.alias.repeat 3/4
        osv.range.empty 4/4
        osv.reference.repeat 11/11
        osv.schema_version 1206/1206
        osv.summary.length 4/4
        osv.time.order 19/19"#]],
    );
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
    expect![[r#"
        35312 documents, 17609 clean
        cve.affected.none 12/12
        cve.cpe 5/26
        cve.cvss.metric 5/15
        cve.cvss.score 318/318
        cve.cvss.severity 43/43
        cve.cwe.id 2314/2367
        cve.cwe.match 3/3
        cve.description.stars 5/5
        cve.na 11931/27136
        cve.package.pair 368/449
        cve.reference.repeat 8/12
        cve.reference.url 2/3
        cve.version.changes 8/15
        cve.version.contradiction 1/1
        cve.version.empty 436/632
        cve.version.prose 2976/6943
        cve.version.star 234/2503
        cve.version.type 380/1414"#]]
    .assert_eq(&tally.told());
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
    expect![[r#"
        11 documents, 0 clean
        openvex.id 9/9
        schema 4/9"#]]
    .assert_eq(&tally.told());
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
    expect![[r#"
        27 documents, 19 clean
        cyclonedx.analysis.justification 1/1
        cyclonedx.range 4/8
        cyclonedx.rating.score 1/1
        cyclonedx.rating.vector 2/2"#]]
    .assert_eq(&tally.told());
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
