//! Bills of materials: what is read, over our own small documents and other people's by the folder.

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};
use inventory::kind::{self, Kind};
use inventory::{Listing, Location};
use serde_json::Value;

mod common;

fn read(bytes: &[u8]) -> Listing {
    let mut found = Listing::default();
    let kind = kind::sniff(&bytes[..bytes.len().min(4096)]).unwrap_or(Kind::CycloneDxJson);
    kind::read(kind, &Location::default(), bytes, &mut found);
    found
}

fn check(text: &str, expected: Expect) {
    let found = read(text.as_bytes());
    let mut said = String::new();
    for component in &found.components {
        let ecosystem = component
            .ecosystem
            .as_ref()
            .map_or("-".to_owned(), ToString::to_string);
        let source = component
            .source
            .as_ref()
            .map(|source| format!(" from {} {}", source.name, source.version))
            .unwrap_or_default();
        said += &format!(
            "{ecosystem} {} {}{source} {}\n",
            component.name,
            component.version,
            component.groups.join(",")
        );
    }
    for device in &found.devices {
        said += &format!(
            "device {} {} {}\n",
            device.vendor, device.product, device.version
        );
    }
    for problem in &found.problems {
        said += &format!(
            "{}: {}\n",
            if problem.lost { "lost" } else { "note" },
            problem.message
        );
    }
    expected.assert_eq(&said);
}

#[test]
fn components_are_read_however_deep_they_are_nested() {
    check(
        r#"{"components":[{"type":"library","group":"org.a","name":"b","version":"1","purl":"pkg:maven/org.a/b@1",
            "components":[{"type":"library","name":"c","version":"2","purl":"pkg:npm/%40s/c@2","scope":"optional"},
                          {"type":"library","name":"d","version":"3","scope":"excluded"}]}],
            "bomFormat":"CycloneDX","specVersion":"1.6"}"#,
        expect![[r#"
            npm @s/c 2 optional
            Maven org.a:b 1 
        "#]],
    );
}

#[test]
fn hardware_is_a_device() {
    check(
        r#"{"bomFormat":"CycloneDX","components":[{"type":"device","name":"S7-1500","version":"V2.9","manufacturer":{"name":"Siemens"}}]}"#,
        expect![[r#"
            device Siemens S7-1500 V2.9
        "#]],
    );
}

#[test]
fn the_source_package_of_a_distributions_package_is_kept() {
    check(
        r#"{"bomFormat":"CycloneDX","components":[{"type":"library","name":"libc6","version":"2.36-9","purl":"pkg:deb/debian/libc6@2.36-9?distro=debian-12&upstream=glibc"}]}"#,
        expect![[r#"
            Debian:12 libc6 2.36-9 from glibc 2.36-9 
        "#]],
    );
}

#[test]
fn xml_says_the_same_as_json() {
    check(
        r#"<?xml version="1.0"?><!DOCTYPE bom [<!ENTITY x "y">]>
           <bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components>
             <component type="library"><supplier><name>S</name></supplier><group>org.a</group><name>b&amp;c</name><version>1</version>
               <purl>pkg:maven/org.a/b@1</purl><components><component type="library"><name>d</name><version>2</version></component></components>
             </component></components></bom>"#,
        expect![[r#"
            - d 2 
            Maven org.a:b 1 
        "#]],
    );
}

#[test]
fn tag_value_and_its_long_texts() {
    check(
        "SPDXVersion: SPDX-2.3\nPackageName: a\nPackageVersion: 1.0\nPackageComment: <text>PackageName: no\nPackageVersion: 9</text>\n\
         ExternalRef: PACKAGE-MANAGER purl pkg:cargo/a@1.0.1\nPackageName: b\nFileName: ./x\nPackageVersion: 7\n",
        expect![[r#"
            crates.io a 1.0.1 
            - b  
        "#]],
    );
}

#[test]
fn spdx_3_is_a_graph_of_elements() {
    check(
        r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"Person","name":"me"},
            {"type":"software_Package","name":"a","software_packageVersion":"1","externalIdentifier":[{"type":"ExternalIdentifier","externalIdentifierType":"packageUrl","identifier":"pkg:pypi/A_b@1"}]}]}"#,
        expect![[r#"
            PyPI a-b 1 
        "#]],
    );
}

#[test]
fn members_may_stand_in_any_order_and_files_be_called_otherwise() {
    let sorted = r#"{"SPDXID": "SPDXRef-DOCUMENT", "packages": [{"SPDXID": "SPDXRef-1", "name": "one",
        "versionInfo": "1.0"}], "spdxVersion": "SPDX-2.3"}"#;
    assert_eq!(kind::sniff(&sorted.as_bytes()[..60]), Some(Kind::SpdxJson));
    let mut found = Listing::default();
    // Bitnami's images have JSON in files called `.spdx`.
    kind::read(
        Kind::SpdxTagValue,
        &Location::default(),
        sorted.as_bytes(),
        &mut found,
    );
    assert_eq!(found.problems, Vec::new());
    assert_eq!(found.components.len(), 1);
}

#[test]
fn an_envelope_is_opened() {
    let statement = r#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://cyclonedx.org/bom","predicate":{"bomFormat":"CycloneDX","components":[{"name":"a","version":"1"}]}}"#;
    check(
        statement,
        expect![[r#"
            - a 1 
        "#]],
    );
}

#[test]
fn what_is_no_bill_of_materials_says_what_one_has() {
    check(
        r#"{"bomFormat":"Other"}"#,
        expect![[r#"
        lost: no bill of materials; a CycloneDX document has `bomFormat`, an SPDX document `spdxVersion` or `@graph`
    "#]],
    );
    check(
        r#"{"bomFormat":"CycloneDX","components":[{"name":"a","version":"1"},{"name""#,
        expect![[r#"
            - a 1 
            lost: the JSON breaks off at byte 73: the document ends in the middle
        "#]],
    );
}

/// Counts what the streaming reader should find, with a parser that holds the whole document.
fn counted(document: &Value) -> Option<usize> {
    if let Some(packages) = document
        .get("packages")
        .filter(|_| document.get("spdxVersion").is_some())
    {
        return packages
            .as_array()
            .map(|packages| packages.iter().filter(|package| !is_empty(package)).count());
    }
    document.get("bomFormat")?;
    let own = document.pointer("/metadata/component").map_or(0, nested);
    Some(
        own + document
            .get("components")
            .and_then(Value::as_array)
            .map_or(0, |list| list.iter().map(nested).sum()),
    )
}

fn is_empty(component: &Value) -> bool {
    let text = |name: &str| {
        component
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    text("name").is_empty() && text("purl").is_empty()
}

fn nested(component: &Value) -> usize {
    let inside: usize = component
        .get("components")
        .and_then(Value::as_array)
        .map_or(0, |list| list.iter().map(nested).sum());
    let excluded = component.get("scope").and_then(Value::as_str) == Some("excluded");
    inside + usize::from(!excluded && !is_empty(component))
}

#[test]
fn the_stream_finds_what_a_whole_parser_finds() {
    let Some(data) = common::data("sbom") else {
        return;
    };
    let mut ran = 0;
    for file in common::files(&data) {
        let Some(bytes) = small(&file) else { continue };
        let Ok(document) = serde_json::from_slice::<Value>(&bytes) else {
            continue;
        };
        let Some(expected) = counted(&document) else {
            continue;
        };
        let found = read(&bytes);
        assert_eq!(
            found.components.len() + found.devices.len(),
            expected,
            "{}: {:?}",
            file.display(),
            found.problems
        );
        ran += 1;
    }
    println!("vectors: sbom, JSON counted twice {ran} ran, 0 listed as wrong");
}

/// Fixtures up to 64 MiB; the larger ones are compressed and belong to the archive tests.
fn small(file: &Path) -> Option<Vec<u8>> {
    (fs::metadata(file).ok()?.len() < 64 << 20).then(|| fs::read(file).ok())?
}

#[test]
fn official_cyclonedx_documents_lose_nothing() {
    let Some(data) = common::data("sbom") else {
        return;
    };
    let valid = |file: &PathBuf| {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        name.starts_with("valid-") && (name.ends_with(".json") || name.ends_with(".xml"))
    };
    let mut ran = 0;
    for file in common::files(&data.join("cyclonedx-spec"))
        .into_iter()
        .filter(valid)
    {
        let bytes = fs::read(&file).unwrap();
        let found = read(&bytes);
        let lost: Vec<_> = found
            .problems
            .iter()
            .filter(|problem| problem.lost)
            .collect();
        assert!(lost.is_empty(), "{}: {lost:?}", file.display());
        ran += 1;
    }
    println!("vectors: sbom, CycloneDX valid documents {ran} ran, 0 listed as wrong");
}

#[test]
fn no_document_of_the_shared_data_makes_it_panic() {
    let Some(data) = common::data("sbom") else {
        return;
    };
    let mut ran = 0;
    for file in common::files(&data) {
        let Some(bytes) = small(&file) else { continue };
        for kind in [Kind::CycloneDxJson, Kind::CycloneDxXml, Kind::SpdxTagValue] {
            kind::read(kind, &Location::default(), &bytes, &mut Listing::default());
        }
        let cut = &bytes[..bytes.len() / 2];
        read(cut);
        ran += 1;
    }
    println!("vectors: sbom, every file read and cut {ran} ran, 0 listed as wrong");
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        for kind in [Kind::CycloneDxJson, Kind::CycloneDxXml, Kind::SpdxTagValue] {
            kind::read(kind, &Location::default(), &bytes, &mut Listing::default());
        }
    }
}
