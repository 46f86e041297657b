//! What VEX documents say: OpenVEX, CycloneDX, and both in what they travel in.

mod hear;

use advisory::{Format, Statement, Target};
use expect_test::{Expect, expect};
use hear::{data, files, hear};
use serde_json::Value;

/// Statements and problems in a line each.
fn check(format: Format, document: &str, expected: Expect) {
    let heard = hear(format, document.as_bytes());
    let mut lines: Vec<String> = heard
        .advisories
        .iter()
        .map(|one| {
            let affected: Vec<String> = one
                .affected
                .iter()
                .map(|a| {
                    format!(
                        "{} {:?} {:?} {:?}",
                        name(&a.target),
                        a.status,
                        a.versions,
                        a.ranges
                    )
                })
                .collect();
            let scores: Vec<_> = one
                .severities
                .iter()
                .map(|s| format!("{}{}", s.vector, s.word))
                .collect();
            format!(
                "advisory {} by {}: {} | {} | {:?}",
                one.id,
                one.publisher,
                affected.join("; "),
                scores.join(" "),
                one.weaknesses
            )
        })
        .collect();
    lines.extend(heard.statements.iter().map(line));
    lines.extend(
        heard
            .problems
            .iter()
            .map(|one| format!("problem {}: {}", one.place, one.message)),
    );
    expected.assert_eq(&lines.join("\n"));
}

fn line(one: &Statement) -> String {
    let names = |all: &[Target]| all.iter().map(name).collect::<Vec<_>>().join(", ");
    format!(
        "{} {:?} [{}] in [{}] {}{}because {:?} {:?} do {:?} ({}, {})",
        one.flaws.join("="),
        one.status,
        names(&one.products),
        names(&one.subcomponents),
        one.versions
            .iter()
            .map(|v| format!("{v} "))
            .collect::<String>(),
        one.ranges
            .iter()
            .map(|range| format!("{:?} ", range.intervals))
            .collect::<String>(),
        one.justification,
        one.impact,
        one.action,
        one.author,
        one.timestamp
            .map(|time| time.to_string())
            .unwrap_or_default(),
    )
}

fn name(target: &Target) -> String {
    match target {
        Target::Package {
            ecosystem,
            name,
            purl,
        } => {
            let version = purl
                .as_ref()
                .map(|purl| purl.version.to_string())
                .unwrap_or_default();
            format!("{ecosystem} {name} {version}").trim().to_owned()
        }
        Target::Product(product) => format!("product {} {}", product.vendor, product.name),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_statement_inherits_author_and_time_and_keeps_subcomponents_apart() {
    check(
        Format::OpenVex,
        r#"{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1", "author": "Ada",
            "timestamp": "2026-01-02T03:04:05Z", "version": 1, "statements": [
            {"vulnerability": {"name": "CVE-2021-44228", "aliases": ["GHSA-jfh8-c2jp-5v3q"]},
             "products": [{"@id": "pkg:oci/app@sha256%3Aaa", "subcomponents": [{"@id": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}]},
                          {"identifiers": {"purl": "pkg:npm/%40acme/web@1.0.0"}}],
             "status": "not_affected", "justification": "vulnerable_code_not_in_execute_path"},
            {"vulnerability": {"@id": "https://nvd.nist.gov/vuln/detail/CVE-2020-1"}, "timestamp": "2026-02-02T00:00:00Z",
             "products": [{"@id": "https://acme.example/router", "identifiers": {"cpe23": "cpe:2.3:h:acme:router:1:*:*:*:*:*:*:*"}}],
             "status": "affected", "action_statement": "update to 2"},
            {"vulnerability": {"name": "CVE-2020-2"}, "status": "maybe"},
            {"status": "fixed"}]}"#,
        expect![[r#"
            CVE-2021-44228=GHSA-jfh8-c2jp-5v3q NotAffected [product  app] in [Maven org.apache.logging.log4j:log4j-core 2.14.1] because "vulnerable_code_not_in_execute_path" "" do "" (Ada, 2026-01-02T03:04:05Z)
            CVE-2021-44228=GHSA-jfh8-c2jp-5v3q NotAffected [npm @acme/web 1.0.0] in [] because "vulnerable_code_not_in_execute_path" "" do "" (Ada, 2026-01-02T03:04:05Z)
            CVE-2020-1 Affected [product  https://acme.example/router] in [] because "" "" do "update to 2" (Ada, 2026-02-02T00:00:00Z)
            problem /statements/2: status `maybe` is none of `not_affected`, `affected`, `fixed`, `under_investigation`
            problem /statements/3: statement names no vulnerability; `"vulnerability": {"name": "CVE-2024-3094"}` would"#]],
    );
}

#[test]
fn the_first_edition_wrote_plain_texts() {
    check(
        Format::OpenVex,
        r#"{"@context": "https://openvex.dev/ns", "@id": "x", "author": "Ada", "timestamp": "2023-01-01T00:00:00Z",
            "statements": [{"vulnerability": "CVE-2023-1", "products": ["pkg:apk/wolfi/git@2.39.0-r1"],
            "subcomponents": ["pkg:apk/wolfi/zlib@1.2"], "status": "fixed"}]}"#,
        expect![[
            r#"CVE-2023-1 Fixed [Wolfi git 2.39.0-r1] in [Wolfi zlib 1.2] because "" "" do "" (Ada, 2023-01-01T00:00:00Z)"#
        ]],
    );
}

#[test]
fn an_attested_document_is_about_the_subjects_of_its_attestation() {
    let inner = r#"{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://openvex.dev/ns","subject":[{"name":"pkg:cargo/time@0.1.0"}],"predicate":{"author":"Ada","timestamp":"2023-01-01T00:00:00Z","statements":[{"vulnerability":{"name":"CVE-2020-26235"},"status":"under_investigation"}]}}"#;
    let expected = expect![[
        r#"CVE-2020-26235 UnderInvestigation [crates.io time 0.1.0] in [] because "" "" do "" (Ada, 2023-01-01T00:00:00Z)"#
    ]];
    check(Format::OpenVex, inner, expected);
    let envelope = format!(
        r#"{{"mediaType":"application/vnd.dev.sigstore.bundle+json;version=0.2","dsseEnvelope":{{"payloadType":"application/vnd.in-toto+json","payload":"{}","signatures":[]}}}}"#,
        base64(inner.as_bytes())
    );
    check(
        Format::OpenVex,
        &envelope,
        expect![[
            r#"CVE-2020-26235 UnderInvestigation [crates.io time 0.1.0] in [] because "" "" do "" (Ada, 2023-01-01T00:00:00Z)"#
        ]],
    );
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let held = three
            .iter()
            .fold(0_u32, |held, byte| held << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = LETTERS[(held >> (18 - 6 * at) & 63) as usize];
            text.push(if at > three.len() {
                '='
            } else {
                char::from(letter)
            });
        }
    }
    text
}

const CYCLONEDX: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
  "metadata": {"timestamp": "2026-01-02T03:04:05Z", "supplier": {"name": "Acme"},
               "component": {"bom-ref": "self", "type": "application", "name": "Monitor", "version": "2.4", "publisher": "Acme"}},
  "components": [{"bom-ref": "jackson", "type": "library", "group": "com.fasterxml", "name": "jackson-databind", "version": "2.10.0",
                  "purl": "pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.10.0?type=jar"}],
  "vulnerabilities": [
    {"id": "CVE-2020-25649", "references": [{"id": "GHSA-288c-cq4h-88gq"}], "cwes": [611],
     "ratings": [{"source": {"name": "NVD"}, "method": "CVSSv31", "severity": "high", "vector": "AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N"}],
     "analysis": {"state": "not_affected", "justification": "code_not_reachable", "detail": "no XML is read"},
     "affects": [{"ref": "jackson"}, {"ref": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#jackson"},
                 {"ref": "urn:cdx:11111111-395b-41f5-a30f-a58921a69b79/1#pkg%3Anpm/left-pad@1.0.0"}]},
    {"id": "CVE-2021-44228", "description": "Remote code execution by JNDI lookup", "recommendation": "Update to 2.7",
     "ratings": [{"severity": "critical", "method": "other"}],
     "analysis": {"state": "exploitable", "response": ["update"]},
     "affects": [{"ref": "self", "versions": [{"version": "2.4", "status": "affected"}, {"range": "vers:generic/>=2.9|<=4.1"},
                                              {"version": "4.2", "status": "unaffected"}, {"version": "5", "status": "unknown"}]}]},
    {"description": "no id"}]}"#;

#[test]
fn cyclonedx_answers_for_what_its_affects_point_to() {
    check(
        Format::CycloneDxVex,
        CYCLONEDX,
        expect![[r#"
        advisory CVE-2021-44228 by Acme: product Acme Monitor Affected ["2.4"] [AffectedRange { scheme: Scheme(Vendor), intervals: [Interval { introduced: Some("2.9"), end: LastAffected("4.1") }] }]; product Acme Monitor NotAffected ["4.2"] [] | critical | []
        CVE-2020-25649=GHSA-288c-cq4h-88gq NotAffected [Maven com.fasterxml.jackson.core:jackson-databind 2.10.0, Maven com.fasterxml.jackson.core:jackson-databind 2.10.0, npm left-pad 1.0.0] in [] because "vulnerable_code_not_in_execute_path" "no XML is read" do "" (Acme, 2026-01-02T03:04:05Z)
        CVE-2021-44228 Affected [product Acme Monitor] in [] 2.4 [Interval { introduced: Some("2.9"), end: LastAffected("4.1") }] because "" "" do "Update to 2.7; update" (Acme, 2026-01-02T03:04:05Z)
        CVE-2021-44228 NotAffected [product Acme Monitor] in [] 4.2 because "" "" do "Update to 2.7; update" (Acme, 2026-01-02T03:04:05Z)
        problem /vulnerabilities/2: vulnerability has no `id`; one such as `CVE-2024-3094` would say which flaw is meant"#]],
    );
}

#[test]
fn cyclonedx_xml_reads_as_its_json_does() {
    check(
        Format::CycloneDxVex,
        r#"<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.4" serialNumber="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79" version="1">
  <metadata><timestamp>2026-01-02T03:04:05Z</timestamp><supplier><name>Acme &amp; Co</name></supplier></metadata>
  <components><component type="library" bom-ref="jackson"><name>jackson-databind</name><version>2.10.0</version>
    <licenses><license><id>Apache-2.0</id></license></licenses>
    <purl>pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.10.0</purl></component></components>
  <vulnerabilities><vulnerability bom-ref="1"><id>CVE-2020-25649</id><source><name>NVD</name></source>
    <ratings><rating><severity>high</severity><method>CVSSv31</method><vector>AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N</vector></rating></ratings>
    <cwes><cwe>611</cwe></cwes><description>XXE</description>
    <analysis><state>exploitable</state><responses><response>will_not_fix</response><response>update</response></responses></analysis>
    <affects><target><ref>jackson</ref><versions><version><range>vers:maven/&lt;2.10.5</range><status>affected</status></version></versions></target></affects>
  </vulnerability></vulnerabilities>
</bom>"#,
        expect![[r#"
            advisory CVE-2020-25649 by Acme & Co: Maven com.fasterxml.jackson.core:jackson-databind 2.10.0 Affected [] [AffectedRange { scheme: Scheme(Maven), intervals: [Interval { introduced: None, end: Fixed("2.10.5") }] }] | CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N | ["CWE-611"]
            CVE-2020-25649 Affected [Maven com.fasterxml.jackson.core:jackson-databind 2.10.0] in [] [Interval { introduced: None, end: Fixed("2.10.5") }] because "" "" do "will not fix; update" (Acme & Co, 2026-01-02T03:04:05Z)"#]],
    );
}

/// Every document of the folder that is JSON and has `key`, with as many records as entries of `key`.
fn check_family(family: &str, format: Format, key: &str, endings: &[&str]) {
    let Some(folder) = data().map(|data| data.join(family)) else {
        return;
    };
    let (mut ran, mut statements, mut advisories) = (0, 0, 0);
    for path in files(&folder) {
        let ending = path
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default();
        let bytes = std::fs::read(&path).expect("it is there");
        if !endings.contains(&ending) {
            continue;
        }
        let entries = match ending {
            "xml" => String::from_utf8_lossy(&bytes)
                .matches("<vulnerability ")
                .count()
                .max(
                    String::from_utf8_lossy(&bytes)
                        .matches("<vulnerability>")
                        .count(),
                ),
            _ => match serde_json::from_slice::<Value>(&bytes) {
                Ok(value) => value[key].as_array().map_or(0, Vec::len),
                Err(_) => 0,
            },
        };
        if entries == 0 {
            continue;
        }
        let heard = hear(format, &bytes);
        assert_eq!(heard.problems, [], "{}", path.display());
        assert!(
            heard.statements.len() + heard.advisories.len() >= entries,
            "{}",
            path.display()
        );
        for statement in &heard.statements {
            assert!(!statement.flaws.is_empty(), "{}", path.display());
        }
        ran += 1;
        statements += heard.statements.len();
        advisories += heard.advisories.len();
    }
    if ran > 0 {
        println!("vectors: {family} {ran} ran, 0 listed as wrong");
        println!("{family}: {statements} statements, {advisories} advisories");
    }
}

#[test]
fn every_openvex_document_is_read_whole() {
    check_family("vex/openvex", Format::OpenVex, "statements", &["json"]);
}

#[test]
fn every_cyclonedx_example_is_read_whole() {
    check_family(
        "sbom/cyclonedx-bom-examples/VEX",
        Format::CycloneDxVex,
        "vulnerabilities",
        &["json"],
    );
}

#[test]
fn every_cyclonedx_specification_vector_is_read_whole() {
    check_family(
        "sbom/cyclonedx-spec",
        Format::CycloneDxVex,
        "vulnerabilities",
        &["json", "xml"],
    );
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        for format in [Format::Csaf, Format::OpenVex, Format::CycloneDxVex] {
            hear(format, &bytes);
            hear(format, &[b"<bom>", bytes.as_slice()].concat());
        }
    }
}
