//! What CSAF documents say, in the words of real ones.

mod hear;

use std::io::Read;
use std::path::Path;

use advisory::{Affected, Format, RangeScheme, Target};
use expect_test::{Expect, expect};
use hear::{Heard, data, files, hear};
use serde_json::Value;
use versions::End;

/// How many product entries there are, and how many have a version that was understood.
#[derive(Default)]
struct Count {
    documents: usize,
    flaws: usize,
    affected: usize,
    understood: usize,
    statements: usize,
}

impl Count {
    fn add(&mut self, heard: &Heard) {
        self.documents += 1;
        self.flaws += heard.advisories.len();
        self.statements += heard.statements.len();
        for affected in heard.advisories.iter().flat_map(|one| &one.affected) {
            self.affected += 1;
            self.understood += usize::from(understood(affected));
        }
    }

    fn print(&self, family: &str) {
        assert!(self.documents > 0, "{family}: nothing ran");
        println!(
            "vectors: {family} {} ran, 0 listed as wrong",
            self.documents
        );
        println!(
            "{family}: {} flaws, {} product entries, {} with a version understood, {} statements",
            self.flaws, self.affected, self.understood, self.statements
        );
    }
}

/// Its text was read, and every bound in it is a version of its order.
fn understood(affected: &Affected) -> bool {
    affected.ranges.iter().all(|range| match &range.scheme {
        RangeScheme::Unreadable(_) => false,
        RangeScheme::Scheme(scheme) => range.intervals.iter().all(|interval| {
            let end = match &interval.end {
                End::Open => None,
                End::Fixed(bound) | End::LastAffected(bound) => Some(bound),
            };
            let mut bounds = interval.introduced.iter().chain(end);
            bounds.all(|bound| versions::key(*scheme, bound).is_some())
        }),
        _ => true,
    })
}

/// Each vulnerability makes one advisory, and each product id in it an entry, without a problem.
fn check_whole(name: &str, bytes: &[u8], count: &mut Count) {
    let heard = hear(Format::Csaf, bytes);
    assert_eq!(heard.problems, [], "{name}");
    let document: Value = serde_json::from_slice(bytes).expect("it was read");
    let flaws = document["vulnerabilities"].as_array().map_or(0, Vec::len);
    assert_eq!(heard.advisories.len(), flaws, "{name}");
    for advisory in &heard.advisories {
        assert!(
            !advisory.id.is_empty() && !advisory.title.is_empty(),
            "{name}"
        );
        for affected in &advisory.affected {
            assert_ne!(affected.target, Target::Nothing, "{name}");
            assert!(
                !(affected.versions.is_empty() && affected.ranges.is_empty()),
                "{name}"
            );
        }
    }
    count.add(&heard);
}

#[test]
fn every_advisory_of_cisa_is_read_whole() {
    let Some(path) = data()
        .map(|data| data.join("csaf/cisa/advisories.tar.zst"))
        .filter(|path| path.is_file())
    else {
        return;
    };
    let mut decoder =
        zstd::Decoder::new(std::fs::File::open(path).expect("it is there")).expect("it is zstd");
    decoder
        .window_log_max(27)
        .expect("128 MiB is a window zstd knows");
    let mut count = Count::default();
    for entry in tar::Archive::new(decoder).entries().expect("it is a tar") {
        let mut entry = entry.expect("it is whole");
        let name = entry.path().expect("it has a name").display().to_string();
        if !name.ends_with(".json") || name.contains("feed") {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("it is whole");
        check_whole(&name, &bytes, &mut count);
    }
    count.print("csaf/cisa");
    assert!(count.understood * 10 > count.affected * 9);
}

/// The documents of a family that are meant to be read.
fn check_family(family: &str, skip: &[&str]) {
    let Some(data) = data() else { return };
    let mut count = Count::default();
    for path in files(&data.join(family)) {
        let name = path.display().to_string();
        let Some(bytes) = document(&path) else {
            continue;
        };
        if !skip.iter().any(|part| name.contains(part)) {
            check_whole(&name, &bytes, &mut count);
        }
    }
    if count.documents > 0 {
        count.print(family);
    }
}

/// The file's bytes, where it is a CSAF document.
fn document(path: &Path) -> Option<Vec<u8>> {
    let bytes = std::fs::read(path).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    value
        .pointer("/document/csaf_version")
        .is_some()
        .then_some(bytes)
}

#[test]
fn every_sample_of_cisa_is_read_whole() {
    check_family("csaf/cisa/samples", &[]);
}

#[test]
fn every_document_of_trustify_is_read_whole() {
    check_family("csaf/trustify", &[]);
}

#[test]
fn every_document_of_gocsaf_is_read_whole() {
    check_family("csaf/gocsaf", &[]);
}

#[test]
fn every_csaf_vex_of_grype_is_read_whole() {
    check_family("vex/openvex/grype-csaf", &[]);
}

#[test]
fn every_example_of_oasis_is_read_whole() {
    check_family("csaf/oasis-csaf_2.1/examples", &[]);
}

/// A document about `flaws` in the tree `tree`.
fn document_of(head: &str, tree: &str, flaws: &str) -> String {
    format!(
        r#"{{"document": {{"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Flaws in Pump",
            "publisher": {{"category": "vendor", "name": "Acme PSIRT"}},
            "tracking": {{"id": "ACME-1", "status": "final", "initial_release_date": "2026-01-01T00:00:00Z",
                         "current_release_date": "2026-02-01T00:00:00Z"}}{head}}},
            "product_tree": {tree}, "vulnerabilities": [{flaws}]}}"#
    )
}

const TREE: &str = r#"{"branches": [{"category": "vendor", "name": "Acme", "branches": [
      {"category": "product_family", "name": "Flow", "branches": [
        {"category": "product_name", "name": "Pump 7", "branches": [
          {"category": "product_version_range", "name": "< V2.1", "product": {"product_id": "P-OLD", "name": "Pump 7 < V2.1",
             "product_identification_helper": {"model_numbers": ["P7-???-*"], "skus": ["900-7"], "serial_numbers": ["A1*"],
                                               "cpe": "cpe:2.3:h:acme:pump_7:*:*:*:*:*:*:*:*"}}},
          {"category": "product_version", "name": "V2.1", "branches": [
            {"category": "service_pack", "name": "SP1", "product": {"product_id": "P-NEW", "name": "Pump 7 V2.1 SP1"}}]}]}]},
      {"category": "product_name", "name": "Hub", "product": {"product_id": "HUB", "name": "Hub"}}]}],
    "product_groups": [{"group_id": "OLD", "product_ids": ["P-OLD", "P-ON-HUB"]}],
    "relationships": [{"category": "installed_on", "product_reference": "P-OLD", "relates_to_product_reference": "HUB",
                       "full_product_name": {"product_id": "P-ON-HUB", "name": "Pump 7 on Hub"}}]}"#;

fn check(document: &str, expected: Expect) {
    let heard = hear(Format::Csaf, document.as_bytes());
    let mut lines = Vec::new();
    for one in &heard.advisories {
        let scores: Vec<String> = one
            .severities
            .iter()
            .map(|s| format!("{}{}", s.vector, s.word))
            .collect();
        lines.push(format!(
            "{} {:?} of {} withdrawn {:?}: {} | {scores:?} {:?} {:?}",
            one.id,
            one.aliases,
            one.publisher,
            one.withdrawn.is_some(),
            one.title,
            one.weaknesses,
            one.ssvc
        ));
        for affected in &one.affected {
            lines.push(format!(
                "  {:?} {} {:?} {:?} by {:?}",
                affected.status,
                named(&affected.target),
                affected.versions,
                affected
                    .ranges
                    .iter()
                    .flat_map(|r| &r.intervals)
                    .collect::<Vec<_>>(),
                affected.remediations
            ));
        }
        lines.extend(
            one.remediations
                .iter()
                .map(|r| format!("  {:?} {} restart {:?}", r.kind, r.text, r.restart)),
        );
    }
    for one in &heard.statements {
        let products: Vec<String> = one.products.iter().map(named).collect();
        lines.push(format!(
            "{:?} {:?} {products:?} {:?} {:?} by {}",
            one.flaws, one.status, one.justification, one.impact, one.author
        ));
    }
    lines.extend(
        heard
            .problems
            .iter()
            .map(|one| format!("problem {}: {}", one.place, one.message)),
    );
    expected.assert_eq(&lines.join("\n"));
}

fn named(target: &Target) -> String {
    match target {
        Target::Package {
            ecosystem, name, ..
        } => format!("{ecosystem} {name}"),
        Target::Product(one) => format!(
            "{} {} {} {:?} {:?} on {:?}",
            one.vendor, one.family, one.name, one.models, one.serial_numbers, one.installed_on
        ),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_flaw_is_told_with_its_products_and_what_helps() {
    check(
        &document_of(
            "",
            TREE,
            r#"{"cve": "CVE-2026-1", "ids": [{"system_name": "GitHub", "text": "GHSA-aaaa-bbbb-cccc"}],
            "cwe": {"id": "CWE-79", "name": "XSS"}, "title": "Script in the pump's page",
            "product_status": {"known_affected": ["P-OLD", "P-ON-HUB"], "fixed": ["P-NEW"], "known_not_affected": ["HUB"], "recommended": ["GONE"]},
            "flags": [{"label": "component_not_present", "product_ids": ["HUB"]}],
            "threats": [{"category": "impact", "details": "The hub has no page.", "product_ids": ["HUB"]}],
            "remediations": [{"category": "vendor_fix", "details": "Update to V2.1 SP1", "group_ids": ["OLD"], "restart_required": {"category": "system"}},
                             {"category": "mitigation", "details": "Close port 80"}],
            "scores": [{"products": ["P-OLD"], "cvss_v3": {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"}}]}"#,
        ),
        expect![[r#"
            CVE-2026-1 ["GHSA-aaaa-bbbb-cccc"] of Acme PSIRT withdrawn false: Script in the pump's page | ["CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"] ["CWE-79"] None
              Affected Acme Flow Pump 7 ["P7-???-*", "900-7"] ["A1*"] on "" [] [Interval { introduced: None, end: Fixed("V2.1") }] by [0, 1]
              Affected Acme Flow Pump 7 ["P7-???-*", "900-7"] ["A1*"] on "Hub" [] [Interval { introduced: None, end: Fixed("V2.1") }] by [0, 1]
              NotAffected Acme  Hub [] [] on "" [] [Interval { introduced: None, end: Open }] by [1]
              Fixed Acme Flow Pump 7 [] [] on "" ["V2.1 SP1"] [] by [1]
              VendorFix Update to V2.1 SP1 restart "system"
              Mitigation Close port 80 restart ""
            ["CVE-2026-1", "GHSA-aaaa-bbbb-cccc"] NotAffected ["Acme  Hub [] [] on \"\""] "component_not_present" "The hub has no page." by Acme PSIRT
            ["CVE-2026-1", "GHSA-aaaa-bbbb-cccc"] Fixed ["Acme Flow Pump 7 [] [] on \"\""] "" "" by Acme PSIRT
            problem /vulnerabilities/0/product_status/recommended: `GONE` is no product of this document's product tree"#]],
    );
}

#[test]
fn csaf_2_1_tells_metrics_paths_and_withdrawal() {
    let tree = r#"{"full_product_names": [{"product_id": "A", "name": "Pump 8", "product_identification_helper": {"purls": ["pkg:npm/pump@8.0.0"]}},
                                         {"product_id": "B", "name": "Box"}],
        "product_paths": [{"beginning_product_reference": "B", "full_product_name": {"product_id": "BA", "name": "Box on Pump"},
                           "subpaths": [{"category": "installed_on", "next_product_reference": "A"}]}]}"#;
    check(
        &document_of(
            "",
            tree,
            r#"{"ids": [{"system_name": "Acme", "text": "ACME-FLAW-7"}], "cwes": [{"id": "CWE-20", "name": "x", "version": "4.15"}],
            "product_status": {"known_affected": ["A", "BA"], "unknown": ["B"]},
            "metrics": [{"products": ["A"], "source": "https://acme.example", "content": {
                "cvss_v4": {"vectorString": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"},
                "ssvc_v2": {"schemaVersion": "2.0.0", "timestamp": "2026-01-01T00:00:00Z", "selections": [
                    {"namespace": "ssvc", "key": "E", "version": "1.1.0", "name": "Exploitation", "values": [{"key": "A", "name": "Active"}]},
                    {"namespace": "ssvc", "key": "A", "version": "2.0.0", "name": "Automatable", "values": [{"key": "Y", "name": "Yes"}]},
                    {"namespace": "ssvc", "key": "TI", "version": "1.0.0", "name": "Technical Impact", "values": [{"key": "P", "name": "Partial"}, {"key": "T", "name": "Total"}]}]}}}]},
            {"title": "Nameless", "product_status": {"under_investigation": ["A"]}}"#,
        ),
        expect![[r#"
            ACME-FLAW-7 [] of Acme PSIRT withdrawn false: Flaws in Pump | ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"] ["CWE-20"] Some(Ssvc { exploitation: Some("active"), automatable: Some(true), technical_impact_total: None, timestamp: Some(2026-01-01T00:00:00Z), source: "https://acme.example" })
              Affected npm pump ["8.0.0"] [] by []
              Affected   Box [] [] on "Pump 8" [] [Interval { introduced: None, end: Open }] by []
            ACME-1#2 [] of Acme PSIRT withdrawn false: Nameless | [] [] None
              UnderInvestigation npm pump ["8.0.0"] [] by []
            ["ACME-1#2"] UnderInvestigation ["npm pump"] "" "" by Acme PSIRT"#]],
    );
    check(
        &document_of("", "{}", "").replace("csaf_security_advisory", "csaf_withdrawn"),
        expect!["ACME-1 [] of Acme PSIRT withdrawn true: Flaws in Pump | [] [] None"],
    );
}

#[test]
fn red_hats_packages_belong_to_their_repository() {
    let tree = r#"{"branches": [{"category": "vendor", "name": "Red Hat", "branches": [
        {"category": "product_name", "name": "RHEL AppStream 9", "product": {"product_id": "AS9", "name": "RHEL AppStream 9",
          "product_identification_helper": {"cpe": "cpe:/a:redhat:enterprise_linux:9::appstream"}}},
        {"category": "product_name", "name": "RHEL 6", "product": {"product_id": "EL6", "name": "RHEL 6",
          "product_identification_helper": {"cpe": "cpe:/o:redhat:enterprise_linux:6"}}},
        {"category": "architecture", "name": "x86_64", "branches": [{"category": "product_version", "name": "zlib-0:1.2.11-40.el9.x86_64",
          "product": {"product_id": "zlib-x", "name": "zlib", "product_identification_helper": {"purl": "pkg:rpm/redhat/zlib@1.2.11-40.el9?arch=x86_64&epoch=1"}}}]},
        {"category": "architecture", "name": "s390x", "branches": [{"category": "product_version", "name": "zlib-0:1.2.11-40.el9.s390x",
          "product": {"product_id": "zlib-s", "name": "zlib", "product_identification_helper": {"purl": "pkg:rpm/redhat/zlib@1.2.11-40.el9?arch=s390x&epoch=1"}}}]},
        {"category": "product_version", "name": "postgresql:15/postgresql", "product": {"product_id": "pg", "name": "postgresql:15/postgresql"}}]}],
        "relationships": [
          {"category": "default_component_of", "product_reference": "zlib-x", "relates_to_product_reference": "AS9", "full_product_name": {"product_id": "AS9:zlib-x", "name": "z"}},
          {"category": "default_component_of", "product_reference": "zlib-s", "relates_to_product_reference": "AS9", "full_product_name": {"product_id": "AS9:zlib-s", "name": "z"}},
          {"category": "default_component_of", "product_reference": "pg", "relates_to_product_reference": "EL6", "full_product_name": {"product_id": "EL6:pg", "name": "p"}},
          {"category": "default_component_of", "product_reference": "nobody", "relates_to_product_reference": "EL6", "full_product_name": {"product_id": "EL6:x", "name": "p"}}]}"#;
    check(
        &document_of(
            "",
            tree,
            r#"{"cve": "CVE-2026-2", "product_status": {"fixed": ["AS9:zlib-x", "AS9:zlib-s"], "known_affected": ["EL6:pg"]},
            "threats": [{"category": "impact", "details": "Important"}]}"#,
        ),
        expect![[r#"
            CVE-2026-2 [] of Acme PSIRT withdrawn false: Flaws in Pump | ["important"] [] None
              Affected Red Hat:enterprise_linux:6 postgresql [] [Interval { introduced: None, end: Open }] by []
              Fixed Red Hat:enterprise_linux:9::appstream zlib ["1:1.2.11-40.el9"] [] by []
              Affected Red Hat:enterprise_linux:9::appstream zlib [] [Interval { introduced: None, end: Fixed("1:1.2.11-40.el9") }] by []
            ["CVE-2026-2"] Fixed ["Red Hat:enterprise_linux:9::appstream zlib"] "" "" by Acme PSIRT
            problem EL6:x: relationship of `nobody` to `EL6` names a product that the tree does not define"#]],
    );
}

#[test]
fn what_is_no_csaf_says_so() {
    check(
        "{}",
        expect![
            "problem : no `document` object; a CSAF document has one beside `product_tree` and `vulnerabilities`"
        ],
    );
    check(
        "[1, 2",
        expect![
            "problem line 1: document is not JSON: EOF while parsing a list at line 1 column 5"
        ],
    );
}
