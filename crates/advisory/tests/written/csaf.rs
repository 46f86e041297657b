//! CSAF 2.0, written and read again.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use advisory::{Advisory, Format, Publication, write_csaf};
use expect_test::expect_file;
use proptest::prelude::*;
use serde_json::Value;

use crate::hear::{data, files, hear};
use crate::held::in_csaf;
use crate::schema::Schema;
use crate::strategy::advisories;
use crate::{house, ordinary, score};

#[test]
fn an_ordinary_case_reads_so_in_csaf() {
    let written = write_csaf(&ordinary(), &score);
    expect_file!["../../testdata/written/ordinary.csaf.json"].assert_eq(&written.text);
    assert_eq!(written.losses, Vec::<String>::new());
    check("ordinary", &ordinary(), None);
    if let Some(data) = data() {
        Schema::of_csaf(&data).check("ordinary", &written.text);
    }
}

#[test]
fn a_withdrawn_advisory_names_no_product() {
    let mut publication = ordinary();
    publication.advisory.withdrawn = publication.advisory.modified;
    let written = write_csaf(&publication, &score);
    let document = mandatory("withdrawn", &written.text);
    assert!(document.get("product_tree").is_none() && document.get("vulnerabilities").is_none());
    assert_eq!(
        document["document"]["title"],
        "Withdrawn: `decode` writes past its buffer"
    );
    assert_eq!(written.losses.len(), 1);
    if let Some(data) = data() {
        Schema::of_csaf(&data).check("withdrawn", &written.text);
    }
}

#[test]
fn a_product_that_stands_in_two_ways_is_affected() {
    let mut publication = ordinary();
    let mut contradiction = publication.advisory.affected[0].clone();
    contradiction.status = advisory::Status::Fixed;
    publication.advisory.affected.insert(0, contradiction);
    publication.justifications.clear();
    let written = write_csaf(&publication, &score);
    let document = mandatory("contradiction", &written.text);
    let statuses = &document["vulnerabilities"][0]["product_status"];
    assert_eq!(
        statuses["known_affected"],
        serde_json::json!(["CSAFPID-0001"])
    );
    assert_eq!(statuses["fixed"], serde_json::json!(["CSAFPID-0002"]));
    assert_eq!(
        written.losses,
        [
            "`crates.io leftish vers:cargo/>=1.0.0|<1.4.2` is said to stand in two ways to the flaw; the graver is kept"
        ]
    );
}

/// Writes `publication` and reads it again: where nothing is said to be lost, nothing is.
fn check(name: &str, publication: &Publication, schema: Option<&Schema>) -> bool {
    let written = write_csaf(publication, &score);
    mandatory(name, &written.text);
    if let Some(schema) = schema {
        schema.check(name, &written.text);
    }
    let heard = hear(Format::Csaf, written.text.as_bytes());
    assert_eq!(heard.problems, [], "{name}\n{}", written.text);
    if publication.advisory.withdrawn.is_some() {
        return false;
    }
    let [read] = heard.advisories.as_slice() else {
        panic!("{name}: one flaw was written\n{}", written.text);
    };
    if !written.losses.is_empty() {
        return false;
    }
    let (read, wrote) = (in_csaf(read), in_csaf(&publication.advisory));
    let differs: Vec<_> = read.symmetric_difference(&wrote).collect();
    assert!(differs.is_empty(), "{name}\n{differs:#?}\n{}", written.text);
    true
}

#[test]
fn flaws_of_real_documents_are_read_as_they_were() {
    let Some(data) = data() else { return };
    let schema = Schema::of_csaf(&data);
    let (mut ran, mut whole) = (0, 0);
    for folder in [
        "csaf/cisa/samples",
        "csaf/gocsaf",
        "csaf/trustify/datasets/ds1",
    ] {
        for path in files(&data.join(folder)) {
            let bytes = std::fs::read(&path).expect("it is readable");
            if path.extension().is_none_or(|ending| ending != "json") || bytes.len() > 400_000 {
                continue;
            }
            for advisory in hear(Format::Csaf, &bytes).advisories.into_iter().take(3) {
                let name = path.display().to_string();
                let publication = of(advisory);
                ran += 1;
                whole += usize::from(check(&name, &publication, Some(&schema)));
            }
        }
    }
    println!("vectors: csaf written again {ran} ran, 0 listed as wrong");
    println!("csaf: {whole} of {ran} without a loss");
    assert!(ran >= 100 && whole * 2 >= ran, "{whole} of {ran}");
}

/// As its publisher would publish it.
fn of(mut advisory: Advisory) -> Publication {
    let publisher = advisory::Publisher {
        name: advisory.publisher.clone(),
        ..house()
    };
    let itself = advisory
        .references
        .iter()
        .find(|one| one.kind == "advisory");
    let address = itself.map(|one| one.url.clone()).unwrap_or_default();
    for one in &mut advisory.references {
        // Publishers call many links `self`; ours calls one so.
        let itself = one.url.trim() == address.trim();
        one.kind = if itself { "advisory" } else { "web" }.to_owned();
    }
    Publication {
        address,
        ..Publication::once(advisory, publisher)
    }
}

/// Mandatory tests of section 6.1 that a document with one flaw, without relationships, groups and hashes can fail.
fn mandatory(name: &str, text: &str) -> Value {
    let document: Value = serde_json::from_str(text).expect("what we write is JSON");
    let mut defined = defined(&document["product_tree"]);
    // A product that stands on another is named by the relationship; those it is made of are used there only.
    for one in list(&document["product_tree"]["relationships"]) {
        let alone = one["product_reference"].as_str().expect("a reference");
        assert!(
            defined.iter().any(|id| id == alone),
            "6.1.1 {name}: {alone}"
        );
        defined.retain(|id| id != alone);
        defined.extend(
            one["full_product_name"]["product_id"]
                .as_str()
                .map(str::to_owned),
        );
    }
    let unique: BTreeSet<&str> = defined.iter().map(String::as_str).collect();
    assert_eq!(
        unique.len(),
        defined.len(),
        "6.1.2 {name}: an id is defined twice"
    );
    let mut used = BTreeSet::new();
    for flaw in list(&document["vulnerabilities"]) {
        used_in(flaw, &mut used);
        groups_are_apart(name, &flaw["product_status"]);
        scores_are_single(name, flaw);
        for key in ["remediations", "flags"] {
            for one in list(&flaw[key]) {
                assert!(
                    !list(&one["product_ids"]).is_empty(),
                    "6.1.29, 6.1.32 {name}"
                );
            }
        }
        let mut flagged: Vec<&Value> = list(&flaw["flags"])
            .iter()
            .flat_map(|flag| list(&flag["product_ids"]))
            .collect();
        let all = flagged.len();
        flagged.sort_by_key(|id| id.to_string());
        flagged.dedup();
        assert_eq!(flagged.len(), all, "6.1.33 {name}");
    }
    let used: BTreeSet<&str> = used.iter().map(String::as_str).collect();
    assert_eq!(
        used, unique,
        "6.1.1, 6.2.1 {name}: ids used and ids defined"
    );
    versions_are_no_ranges(name, &document["product_tree"]);
    let head = &document["document"];
    if head["category"] == "csaf_security_advisory" {
        assert!(
            !defined.is_empty() && !list(&document["vulnerabilities"]).is_empty(),
            "6.1.27 {name}"
        );
        for flaw in list(&document["vulnerabilities"]) {
            assert!(
                flaw["notes"].is_array() && flaw["product_status"].is_object(),
                "6.1.27 {name}"
            );
        }
    } else {
        assert_eq!(head["category"], "csaf_base", "6.1.26 {name}");
    }
    tracked(name, &head["tracking"]);
    document
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn defined(branch: &Value) -> Vec<String> {
    let mut found: Vec<String> = list(&branch["branches"]).iter().flat_map(defined).collect();
    found.extend(branch["product"]["product_id"].as_str().map(str::to_owned));
    found
}

fn used_in(value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.starts_with("CSAFPID-") => {
            used.insert(text.clone());
        }
        Value::Array(list) => list.iter().for_each(|one| used_in(one, used)),
        Value::Object(object) => object.values().for_each(|one| used_in(one, used)),
        _ => {}
    }
}

fn groups_are_apart(name: &str, statuses: &Value) {
    let mut seen = BTreeSet::new();
    for key in [
        "known_affected",
        "fixed",
        "known_not_affected",
        "under_investigation",
    ] {
        for id in list(&statuses[key]) {
            assert!(
                seen.insert(id.to_string()),
                "6.1.6 {name}: {id} stands in two groups"
            );
        }
    }
}

fn scores_are_single(name: &str, flaw: &Value) {
    let mut seen = BTreeSet::new();
    for score in list(&flaw["scores"]) {
        for id in list(&score["products"]) {
            for key in ["cvss_v2", "cvss_v3"] {
                assert!(
                    score.get(key).is_none() || seen.insert((key, id.to_string())),
                    "6.1.7 {name}"
                );
            }
        }
        for (key, base) in [
            ("cvss_v2", &score["cvss_v2"]),
            ("cvss_v3", &score["cvss_v3"]),
        ] {
            if base.is_object() {
                let vector = base["vectorString"].as_str().expect("a vector");
                let counted = crate::score(vector).expect("6.1.8: a vector");
                assert_eq!(
                    base["baseScore"],
                    f64::from(counted.tenths) / 10.0,
                    "6.1.9 {name} {key}"
                );
            }
        }
    }
}

fn versions_are_no_ranges(name: &str, branch: &Value) {
    for one in list(&branch["branches"]) {
        let text = one["name"].as_str().expect("a name").to_lowercase();
        let words = [
            "<",
            ">",
            " after ",
            " all ",
            " before ",
            " earlier ",
            " later ",
            " prior ",
            " versions ",
        ];
        let ranged = words.iter().any(|word| format!(" {text} ").contains(word));
        assert!(
            one["category"] != "product_version" || !ranged,
            "6.1.31 {name}: {text}"
        );
        versions_are_no_ranges(name, one);
    }
}

fn tracked(name: &str, tracking: &Value) {
    let history = list(&tracking["revision_history"]);
    let numbers: Vec<&str> = history
        .iter()
        .filter_map(|one| one["number"].as_str())
        .collect();
    let expected: Vec<String> = (1..=history.len())
        .map(|number| number.to_string())
        .collect();
    assert_eq!(numbers, expected, "6.1.18 to 6.1.22 {name}");
    assert_eq!(
        tracking["version"].as_str(),
        numbers.last().copied(),
        "6.1.16 {name}"
    );
    let dates: Vec<jiff::Timestamp> = history
        .iter()
        .filter_map(|one| one["date"].as_str()?.parse().ok())
        .collect();
    assert!(dates.is_sorted(), "6.1.14 {name}");
    assert_eq!(tracking["status"], "final", "6.1.17 {name}");
}

/// Made once: a schema takes longer than what is checked by it.
static SCHEMA: LazyLock<Option<Schema>> =
    LazyLock::new(|| data().map(|data| Schema::of_csaf(&data)));

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_csaf_is_not_said_to_lose_is_read_again(advisory in advisories("CVE-2026-1000", "Example House")) {
        check("generated", &of(advisory), SCHEMA.as_ref());
    }
}
