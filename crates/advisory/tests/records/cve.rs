//! CVE records as CNAs and CISA write them.

use advisory::Format;
use expect_test::{Expect, expect};

use crate::common;

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&common::outline(&common::one(Format::Cve, text.as_bytes())));
}

/// A record whose CNA says `affected`.
fn check_affected(affected: &str, expected: Expect) {
    let text = format!(
        r#"{{"dataType": "CVE_RECORD", "cveMetadata": {{"cveId": "CVE-2024-1", "state": "PUBLISHED"}},
            "containers": {{"cna": {{"affected": [{affected}]}}}}}}"#
    );
    let outline = common::outline(&common::one(Format::Cve, text.as_bytes()));
    expected.assert_eq(outline.split_once('\n').map_or("", |(_, rest)| rest));
}

#[test]
fn a_record_and_what_cisa_adds() {
    check(
        r#"{"dataType": "CVE_RECORD", "dataVersion": "5.1",
            "cveMetadata": {"cveId": "CVE-2024-1", "state": "PUBLISHED", "assignerShortName": "GitHub_M",
              "datePublished": "2024-05-01T00:00:00", "dateUpdated": "2024-06-01T00:00:00.123Z"},
            "containers": {"cna": {"providerMetadata": {"shortName": "GitHub_M"}, "title": "A flaw",
              "descriptions": [{"lang": "es", "value": "Hola"}, {"lang": "en-US", "value": "Long text"}],
              "problemTypes": [{"descriptions": [{"lang": "en", "cweId": "CWE-79", "description": "XSS"}]}],
              "metrics": [{"format": "CVSS", "cvssV3_1": {"version": "3.1", "vectorString": "CVSS:3.1/AV:N"}}],
              "source": {"advisory": "GHSA-aaaa-bbbb-cccc"},
              "references": [{"url": "https://a", "tags": ["patch"]}, {"url": "https://b"}],
              "workarounds": [{"lang": "en", "value": "Unplug it"}],
              "affected": [{"vendor": "v", "product": "p", "versions": [{"version": ">= 1.0, < 1.2", "status": "affected"}]}]},
             "adp": [{"providerMetadata": {"shortName": "CISA-ADP"}, "title": "CISA ADP Vulnrichment",
              "metrics": [{"other": {"type": "ssvc", "content": {"timestamp": "2024-06-01T00:00:00Z", "options":
                 [{"Exploitation": "Active"}, {"Automatable": "no"}, {"Technical Impact": "total"}]}}},
                {"other": {"type": "kev", "content": {"dateAdded": "2024-05-30", "reference": "https://k"}}}],
              "references": [{"url": "https://a"}]}]}}"#,
        expect![[r#"
            CVE-2024-1 (GitHub_M) A flaw
            aliases GHSA-aaaa-bbbb-cccc
            published 2024-05-01T00:00:00Z
            modified 2024-06-01T00:00:00.123Z
            severity CVSS:3.1/AV:N by GitHub_M
            weakness CWE-79
            ssvc Ssvc { exploitation: Some("active"), automatable: Some(false), technical_impact_total: Some(true), timestamp: Some(2024-06-01T00:00:00Z), source: "CISA-ADP" }
            kev 2024-05-30
            - product v p; Scheme(Vendor) [1.0,1.2)
            fix https://a
            web https://b
            Workaround Unplug it
        "#]],
    );
}

#[test]
fn a_rejected_record_is_withdrawn() {
    check(
        r#"{"cveMetadata": {"cveId": "CVE-2024-2", "state": "REJECTED", "dateRejected": "2024-05-01T00:00:00Z"},
            "containers": {"cna": {"rejectedReasons": [{"lang": "en", "value": "Not a flaw"}]}}}"#,
        expect![[r#"
            CVE-2024-2 () Not a flaw
            withdrawn 2024-05-01T00:00:00Z
        "#]],
    );
}

#[test]
fn bounds_are_read_as_cnas_write_them() {
    check_affected(
        r#"{"vendor": "v", "product": "p", "versions": [
            {"version": "unspecified", "lessThan": "1.2", "status": "affected", "versionType": "custom"},
            {"version": "2.0", "lessThanOrEqual": "2.*", "status": "affected", "versionType": "custom"},
            {"version": "4.1.x", "lessThan": "*", "status": "affected", "versionType": "custom"}]},
           {"vendor": "v", "product": "q", "versions": [
            {"version": "0", "lessThan": "publication", "status": "affected"},
            {"version": "n/a", "status": "affected"}, {"version": "All versions < V3.2 SP1", "status": "affected"},
            {"version": "1\\(2\\)", "status": "affected"}, {"version": "2.1", "status": "unaffected"}]}"#,
        expect![[r#"
            - product v p; Scheme(Vendor) [,1.2) [2.0,3) [4.1,)
            - product v q; Unreadable("from 0 less than publication"); Scheme(Vendor) [,V3.2 SP1); versions 1(2)
        "#]],
    );
}

#[test]
fn a_range_may_change_on_the_way() {
    check_affected(
        r#"{"vendor": "v", "product": "p", "defaultStatus": "unaffected", "versions": [
            {"version": "1.0", "lessThan": "4.0", "status": "affected", "versionType": "semver", "changes": [
              {"at": "2.0", "status": "unaffected"}, {"at": "3.0", "status": "affected"}]},
            {"version": "n/a", "lessThanOrEqual": "1.9.3", "status": "affected", "versionType": "custom", "changes": [
              {"at": "1.9.4", "status": "unaffected"}]}]}"#,
        expect![[r#"
            - product v p; Scheme(SemVer) [1.0,2.0) [3.0,4.0); Scheme(Vendor) [,1.9.4)
        "#]],
    );
}

#[test]
fn affected_by_default_is_all_but_what_is_named() {
    check_affected(
        r#"{"vendor": "Linux", "product": "Linux", "defaultStatus": "affected", "versions": [
            {"version": "4.10", "status": "affected"},
            {"version": "0", "lessThan": "4.10", "status": "unaffected", "versionType": "semver"},
            {"version": "5.4.300", "lessThanOrEqual": "5.4.*", "status": "unaffected", "versionType": "semver"},
            {"version": "6.9", "lessThanOrEqual": "*", "status": "unaffected", "versionType": "original_commit_for_fix"}]},
           {"vendor": "Linux", "product": "Linux", "repo": "https://git", "defaultStatus": "unaffected", "versions": [
            {"version": "aaa", "lessThan": "bbb", "status": "affected", "versionType": "git"}]},
           {"vendor": "Red Hat", "product": "Red Hat Enterprise Linux 8", "packageName": "kernel",
            "collectionURL": "https://access.redhat.com/downloads/content/package-browser/", "defaultStatus": "affected",
            "cpes": ["cpe:/a:redhat:enterprise_linux:8::appstream", "cpe:/o:redhat:enterprise_linux:8::baseos"],
            "versions": [{"version": "0:4.18.0-553.el8_10", "lessThan": "*", "status": "unaffected", "versionType": "rpm"}]},
           {"vendor": "v", "product": "p", "defaultStatus": "affected"},
           {"vendor": "v", "product": "q", "defaultStatus": "affected", "versions": [
            {"version": "0", "lessThan": "2.2", "status": "affected"}]},
           {"vendor": "v", "product": "r", "defaultStatus": "affected", "versions": [{"version": "1.27.4.1", "status": "unaffected"}]},
           {"vendor": "v", "product": "s", "defaultStatus": "unaffected"}"#,
        expect![[r#"
            - product Linux Linux; Scheme(SemVer) [4.10,5.4.300) [5.5,6.9)
            - repository https://git; Git { repository: "https://git" } [aaa,bbb)
            - Red Hat:enterprise_linux:8::appstream kernel; Ecosystem [,0:4.18.0-553.el8_10)
            - Red Hat:enterprise_linux:8::baseos kernel; Ecosystem [,0:4.18.0-553.el8_10)
            - product v p; Scheme(Vendor) [,)
            - product v q; Scheme(Vendor) [,2.2)
            - product v r; Scheme(Vendor) [,1.27.4.1)
        "#]],
    );
}

#[test]
fn a_collection_of_a_registry_names_a_package() {
    check_affected(
        r#"{"vendor": "Apache", "product": "X", "collectionURL": "https://repo.maven.apache.org/maven2", "packageName": "org.x:y",
            "versions": [{"version": "1.0", "lessThan": "1.3", "status": "affected", "versionType": "maven"}]},
           {"vendor": "w", "product": "plugin", "collectionURL": "https://wordpress.org/plugins", "packageName": "plugin",
            "versions": [{"version": "*", "lessThanOrEqual": "1.6", "status": "affected", "versionType": "semver"}]}"#,
        expect![[r#"
            - Maven org.x:y; Ecosystem [1.0,1.3)
            - product w plugin; Scheme(SemVer) [,1.6]
        "#]],
    );
}

#[test]
fn cpe_applicability_names_products() {
    let text = r#"{"cveMetadata": {"cveId": "CVE-2024-1", "state": "PUBLISHED"}, "containers": {"cna": {"cpeApplicability": [
        {"nodes": [{"operator": "OR", "negate": false, "cpeMatch": [
          {"vulnerable": true, "criteria": "cpe:2.3:a:v:p:*:*:*:*:*:*:*:*", "versionEndExcluding": "2.0"},
          {"vulnerable": true, "criteria": "cpe:2.3:a:v:q:1.1:*:*:*:*:*:*:*"},
          {"vulnerable": false, "criteria": "cpe:2.3:h:v:h:-:*:*:*:*:*:*:*"}]}]}]}}}"#;
    check(
        text,
        expect![[r#"
        CVE-2024-1 () 
        - product v p; Scheme(Vendor) [,2.0)
        - product v q; versions 1.1
    "#]],
    );
}

#[test]
fn nvd_answers_read_alike() {
    let text = r#"{"format": "NVD_CVE", "version": "2.0", "vulnerabilities": [{"cve": {"id": "CVE-2024-1",
        "published": "2024-07-26T13:15:10.003", "lastModified": "2024-08-26T13:15:10.003", "vulnStatus": "Analyzed",
        "cisaExploitAdd": "2024-08-01", "descriptions": [{"lang": "en", "value": "Text"}],
        "metrics": {"cvssMetricV31": [{"source": "nvd@nist.gov", "cvssData": {"vectorString": "CVSS:3.1/AV:L"}}]},
        "weaknesses": [{"description": [{"lang": "en", "value": "CWE-20"}, {"lang": "en", "value": "NVD-CWE-noinfo"}]}],
        "configurations": [{"nodes": [{"cpeMatch": [
          {"vulnerable": true, "criteria": "cpe:2.3:o:v:f:*:*:*:*:*:*:*:*", "versionStartIncluding": "1", "versionEndIncluding": "2"}]}]}],
        "references": [{"url": "https://a", "tags": ["Patch"]}]}}, {"cve": 7}]}"#;
    let (records, problems) = common::read(Format::Nvd, text.as_bytes());
    let advisory::Record::Advisory(advisory) = records.first().expect("a record") else {
        panic!("an advisory")
    };
    expect![[r#"
        CVE-2024-1 () Text
        published 2024-07-26T13:15:10.003Z
        modified 2024-08-26T13:15:10.003Z
        severity CVSS:3.1/AV:L by nvd@nist.gov
        weakness CWE-20
        kev 2024-08-01
        - product v f; Scheme(Vendor) [1,2]
        fix https://a
    "#]]
    .assert_eq(&common::outline(advisory));
    assert_eq!(
        problems.first().map(|problem| problem.place.as_str()),
        Some("/vulnerabilities/1")
    );
}
