//! Records as their publishers write them, format by format.

mod common;
mod cve;
mod native;
mod osv;
mod rustsec;
mod twins;

use advisory::Format;
use proptest::prelude::*;

#[test]
fn a_format_is_told_by_its_content() {
    let check = |name: &str, text: &str, expected: Option<Format>| {
        assert_eq!(Format::sniff(name, text.as_bytes()), expected, "{text}");
    };
    check(
        "a",
        r#"{"id": "A-1", "modified": "2024-01-01T00:00:00Z"}"#,
        Some(Format::Osv),
    );
    check("a", r#"[{"affected": [], "id": "A-1"}]"#, Some(Format::Osv));
    check("a", r#"{"vulns": []}"#, Some(Format::Osv));
    check(
        "a",
        r#"{"containers": {}, "cveMetadata": {}}"#,
        Some(Format::Cve),
    );
    check(
        "a",
        r#"{"document": {"title": "x", "csaf_version": "2.0"}}"#,
        Some(Format::Csaf),
    );
    check(
        "a",
        r#"{"@context": "https://openvex.dev/ns/v0.2.0"}"#,
        Some(Format::OpenVex),
    );
    check(
        "a",
        r#"{"$schema": "x", "bomFormat": "CycloneDX"}"#,
        Some(Format::CycloneDxVex),
    );
    check(
        "a",
        r#"{"title": "x", "catalogVersion": "2024.12.18"}"#,
        Some(Format::Kev),
    );
    check(
        "a",
        r#"{"resultsPerPage": 1, "format": "NVD_CVE"}"#,
        Some(Format::Nvd),
    );
    check(
        "a",
        "\u{feff}\"cveID\",\"vendorProject\"",
        Some(Format::Kev),
    );
    check(
        "a",
        "#model_version:v1,score_date:2024-01-01",
        Some(Format::Epss),
    );
    check(
        "a.md",
        "```toml\n[advisory]\nid = \"RUSTSEC-2024-0001\"",
        Some(Format::RustSec),
    );
    check(
        "a.YAML",
        "details: x\nid: PYSEC-1\naffected:\n",
        Some(Format::Osv),
    );
    check(
        "a.md",
        "```toml\n[advisory]\nid = \"HSEC-2024-0001\"",
        Some(Format::Haskell),
    );
    check(
        "a.yaml",
        "title: x\nreference: composer://v/p\nbranches:\n",
        Some(Format::FriendsOfPhp),
    );
    check("a.yml", "---\ngem: g\ntitle: x\n", Some(Format::RubySec));
    check(
        "a.yaml",
        "id: GO-2024-1\nmodules:\n    - module: std\n",
        Some(Format::GoReport),
    );
    check("a.json", r#"{"id": 7, "affected": 1}"#, None);
    check("a.json", r#"{"id": "x", "name": "y"}"#, None);
    check("a.md", "# Readme", None);
    check("a", "", None);
}

#[test]
fn kev_reads_alike_from_json_and_csv() {
    let json = r#"{"catalogVersion": "2024.12.18", "count": 2, "vulnerabilities": [
        {"cveID": "CVE-2024-1", "vendorProject": "V", "product": "P", "vulnerabilityName": "N ", "dateAdded": "2024-12-18",
         "dueDate": "2025-01-08", "knownRansomwareCampaignUse": "Known", "requiredAction": "Act", "notes": ""},
        {"cveID": "CVE-2024-2", "dateAdded": "soon"}]}"#;
    let csv = "cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,requiredAction,dueDate,knownRansomwareCampaignUse,notes,cwes\n\
        CVE-2024-1,V,P,\"N \",2024-12-18,S,Act,2025-01-08,Known,,\n";
    let (from_json, problems) = common::read(Format::Kev, json.as_bytes());
    let (from_csv, none) = common::read(Format::Kev, csv.as_bytes());
    let places: Vec<&str> = problems
        .iter()
        .map(|problem| problem.place.as_str())
        .collect();
    assert_eq!((places, none), (vec!["/vulnerabilities/1"], vec![]));
    match (from_json.as_slice(), from_csv.as_slice()) {
        ([advisory::Record::Kev(one)], [advisory::Record::Kev(other)]) => {
            assert!(one.ransomware && one.due_date.is_some() && one.name == "N");
            assert_eq!(
                (one.catalog.as_str(), other.catalog.as_str()),
                ("2024.12.18", "")
            );
            assert_eq!(
                advisory::Kev {
                    catalog: String::new(),
                    ..one.clone()
                },
                *other
            );
        }
        other => panic!("one entry each, not {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        advisory::format::fuzz(&bytes);
    }

    /// Nearer to the formats than arbitrary bytes: real texts, bent.
    #[test]
    fn bent_documents_never_panic(which in 0..SEEDS.len(), at: proptest::sample::Index, byte: u8, cut: proptest::sample::Index) {
        let mut bytes = SEEDS[which].as_bytes().to_vec();
        let (at, cut) = (at.index(bytes.len()), cut.index(bytes.len()));
        bytes[at] = byte;
        advisory::format::fuzz(&bytes);
        bytes.truncate(cut);
        advisory::format::fuzz(&bytes);
    }
}

const SEEDS: &[&str] = &[
    r#"{"id":"A-1","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0.0"},{"limit":"2.0.0"}]}]}]}"#,
    r#"{"cveMetadata":{"cveId":"CVE-2024-1","state":"PUBLISHED"},"containers":{"cna":{"affected":[{"vendor":"v","product":"p","defaultStatus":"affected","versions":[{"version":"1.x","lessThanOrEqual":"2.*","status":"unaffected","changes":[{"at":"1.5","status":"affected"}]},{"version":"< 1.0, >= 0.5 and prior","status":"affected"}]}]}}}"#,
    "```toml\n[advisory]\nid = \"RUSTSEC-2024-0001\"\npackage = \"a\"\n[versions]\npatched = [\"^1.2, < 18446744073709551615\", \"~0.0.3\", \"*\"]\n```\n\n# T\n",
    "id: A-1\naffected:\n- package: {name: x, ecosystem: PyPI}\n  ranges:\n  - type: ECOSYSTEM\n    events: [{introduced: '0'}, {fixed: 1.0}]\nmodified: 2022-01-01T00:00:00Z\n",
    r#"{"catalogVersion":"2024.12.18","count":1,"vulnerabilities":[{"cveID":"CVE-2024-1","dateAdded":"2024-01-01"}]}"#,
    "#model_version:v1,score_date:2024-01-01\ncve,epss,percentile\nCVE-2024-1,5e-05,0.1\n",
    "---\ngem: g\ncve: 2024-1\ntitle: x\npatched_versions:\n- \"~> 5.2.4, >= 5.2.4.3\"\n- \"> 18446744073709551615\"\n",
    "title: x\nreference: composer://v/p\nbranches:\n  a:\n    versions: ['>=2.0.0', '<2.5.1']\n",
];
