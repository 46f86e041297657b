//! What is said of CycloneDX documents.

use expect_test::{Expect, expect};

use crate::{Format, testing};

#[track_caller]
fn bom(more: &str, expect: Expect) {
    let text = format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "version": 1,
            "components": [{{"type": "library", "name": "a", "bom-ref": "a"}}], {more}}}"#
    );
    testing::check(Format::CycloneDx, &text, expect);
}

#[track_caller]
fn vulnerability(more: &str, expect: Expect) {
    bom(
        &format!(r#""vulnerabilities": [{{"id": "CVE-2024-1111", {more}}}]"#),
        expect,
    );
}

#[test]
fn a_vulnerability_in_which_nothing_is_wrong() {
    vulnerability(
        r#""ratings": [{"method": "CVSSv31", "vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "score": 9.8, "severity": "critical"}, {"method": "CVSSv3", "vector": "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
           "cwes": [79], "analysis": {"state": "not_affected", "justification": "code_not_reachable"},
           "affects": [{"ref": "a", "versions": [{"range": "vers:npm/>=1.0.0|<2.0.0", "status": "affected"}, {"version": "2.0.0", "status": "unaffected"}]}, {"ref": "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#b"}]"#,
        expect![""],
    );
}

#[test]
fn what_the_schema_asks_is_said_with_what_would_have_been_right() {
    vulnerability(
        r#""analysis": {"state": "not_afected", "justification": "because", "response": ["fix"]}, "cwes": ["CWE-79"], "ratings": [{"method": "CVSS31", "score": "9.8"}]"#,
        expect![[r#"
            Error schema /vulnerabilities/0/analysis/state: `state` is `not_afected`; one of `resolved`, `resolved_with_pedigree`, `exploitable`, `in_triage`, `false_positive`, `not_affected` belongs there
            Error schema /vulnerabilities/0/analysis/justification: `justification` is `because`; one of `code_not_present`, `code_not_reachable`, `requires_configuration`, `requires_dependency`, `requires_environment`, `protected_by_compiler`, `protected_at_runtime`, `protected_at_perimeter`, `protected_by_mitigating_control` belongs there
            Warning cyclonedx.analysis.justification /vulnerabilities/0/analysis/justification: `justification` goes with the state `not_affected`, and the state is `not_afected`
            Error schema /vulnerabilities/0/analysis/response/0: entry 1 of `response` is `fix`; one of `can_not_fix`, `will_not_fix`, `update`, `rollback`, `workaround_available` belongs there
            Error schema /vulnerabilities/0/cwes/0: entry 1 of `cwes` is a string; a whole number belongs there
            Error schema /vulnerabilities/0/ratings/0/method: `method` is `CVSS31`; one of `CVSSv2`, `CVSSv3`, `CVSSv31`, `CVSSv4`, `OWASP`, `SSVC`, `other` belongs there
            Error schema /vulnerabilities/0/ratings/0/score: `score` is a string; a number belongs there"#]],
    );
    vulnerability(
        r#""affects": [{"ref": "a", "versions": [{"version": "1", "range": "vers:npm/1"}]}]"#,
        expect![
            "Error schema /vulnerabilities/0/affects/0/versions/0: entry 1 of `versions` has `version` and `range`; only one of them may stand there"
        ],
    );
    bom(
        r#""metadata": {"licenses": [{"license": {"id": "Apache 2"}}]}"#,
        expect![
            "Error schema /metadata/licenses/0/license/id: `id` is `Apache 2`; it is none of the 811 known values; `Apache-2.0` is the nearest"
        ],
    );
    bom(
        r#""metadata": {"licenses": [{"expression": "MIT"}, {"license": {"id": "MIT"}}]}"#,
        expect![[r#"
            Error schema /metadata/licenses: `licenses` has 2 entries; it may have at most 1
            Error schema /metadata/licenses/1: entry 2 of `licenses` must not be there"#]],
    );
}

#[test]
fn references_lead_somewhere() {
    vulnerability(
        r#""affects": [{"ref": "b"}, {"ref": "urn:cdx:f08a6ccd/1#b"}, {"ref": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#a"}]"#,
        expect![[r#"
            Error cyclonedx.affects.ref /vulnerabilities/0/affects/0/ref: nothing in this BOM has the `bom-ref` `b`; a thing of another BOM is named `urn:cdx:serialNumber/version#bom-ref`
            Error cyclonedx.affects.ref /vulnerabilities/0/affects/1/ref: `urn:cdx:f08a6ccd/1#b` is no BOM-Link; `urn:cdx:serialNumber/version#bom-ref` is its form"#]],
    );
    bom(
        r#""services": [{"name": "s", "bom-ref": "a"}], "dependencies": [{"ref": "a", "dependsOn": ["c"]}]"#,
        expect![[r#"
            Error cyclonedx.ref.unique /services/0/bom-ref: `bom-ref` `a` is given twice, first at `/components/0/bom-ref`; each names one thing
            Warning cyclonedx.ref.dangling /dependencies/0/dependsOn/0: nothing in this BOM has the `bom-ref` `c`; a thing of another BOM is named `urn:cdx:serialNumber/version#bom-ref`"#]],
    );
}

#[test]
fn vector_score_and_severity_agree() {
    vulnerability(
        r#""ratings": [{"method": "CVSSv31", "vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "score": 7.5, "severity": "low"}, {"method": "CVSSv2", "vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, {"method": "CVSSv4", "vector": "AAV:N"}]"#,
        expect![[r#"
            Error cyclonedx.rating.score /vulnerabilities/0/ratings/0/score: `score` is 7.5 and the vector computes to 9.8
            Warning cyclonedx.rating.severity /vulnerabilities/0/ratings/0/severity: `severity` is `low`; the word for 9.8 is `critical`
            Error cyclonedx.rating.method /vulnerabilities/0/ratings/1/method: `method` is `CVSSv2` and the vector is of CVSS 3.1
            Error cyclonedx.rating.vector /vulnerabilities/0/ratings/2/vector: `AAV:N` is no vector of `CVSSv4`: `AAV` is no metric of this version; base metric `AV` is missing; give one of `N`, `A`, `L`, `P`; base metric `AC` is missing; give one of `L`, `H`; base metric `AT` is missing; give one of `N`, `P`; base metric `PR` is missing; give one of `N`, `L`, `H`; base metric `UI` is missing; give one of `N`, `P`, `A`; base metric `VC` is missing; give one of `H`, `L`, `N`; base metric `VI` is missing; give one of `H`, `L`, `N`; base metric `VA` is missing; give one of `H`, `L`, `N`; base metric `SC` is missing; give one of `H`, `L`, `N`; base metric `SI` is missing; give one of `H`, `L`, `N`; base metric `SA` is missing; give one of `H`, `L`, `N`"#]],
    );
}

#[test]
fn an_analysis_says_what_its_reader_needs() {
    vulnerability(
        r#""analysis": {"state": "not_affected"}"#,
        expect![
            "Warning cyclonedx.analysis.justification /vulnerabilities/0/analysis: state is `not_affected` and nothing says why; `justification` says it to programs, `detail` to people"
        ],
    );
    vulnerability(
        r#""analysis": {"state": "exploitable", "justification": "code_not_present", "firstIssued": "2024-02-01T00:00:00Z", "lastUpdated": "2024-01-01T00:00:00Z"}, "published": "2024-01-02T00:00:00Z", "updated": "2024-01-01T00:00:00Z""#,
        expect![[r#"
            Warning cyclonedx.analysis.response /vulnerabilities/0/analysis: state is `exploitable` and nothing says what to do; `response`, `recommendation` or `workaround` does
            Warning cyclonedx.analysis.justification /vulnerabilities/0/analysis/justification: `justification` goes with the state `not_affected`, and the state is `exploitable`
            Warning cyclonedx.time.order /vulnerabilities/0/analysis/lastUpdated: `lastUpdated` (2024-01-01T00:00:00Z) is before `firstIssued` (2024-02-01T00:00:00Z); it is then or later
            Warning cyclonedx.time.order /vulnerabilities/0/updated: `updated` (2024-01-01T00:00:00Z) is before `published` (2024-01-02T00:00:00Z)"#]],
    );
}

#[test]
fn versions_are_told_once_and_ranges_are_vers() {
    vulnerability(
        r#""affects": [{"ref": "a", "versions": [{"version": "1"}, {"version": "1", "status": "unaffected"}, {"version": "1"}, {"range": ">=1.0"}, {"range": "vers:npm/<2|>=1"}]}], "cwes": [79, 79], "advisories": [{"url": "ftp://example.org/a"}]"#,
        expect![[r#"
            Error cyclonedx.versions.contradiction /vulnerabilities/0/affects/0/versions/1: `1` is `unaffected` here and `affected` in entry 1; nobody can tell which holds
            Warning cyclonedx.versions.repeat /vulnerabilities/0/affects/0/versions/2: `1` repeats entry 1; once is enough
            Error cyclonedx.range /vulnerabilities/0/affects/0/versions/3/range: `>=1.0` is no range as VERS has it: `>=1.0` is no VERS; it starts with `vers:`, as in `vers:npm/<1.2.3`
            Warning cyclonedx.range /vulnerabilities/0/affects/0/versions/4/range: `vers:npm/<2|>=1` is not written as VERS asks: version `1` stands after `2` and sorts before it
            Warning cyclonedx.cwe.repeat /vulnerabilities/0/cwes/1: CWE 79 repeats entry 1; once is enough
            Warning cyclonedx.url /vulnerabilities/0/advisories/0/url: `ftp://example.org/a` does not begin with `https://` or `http://`"#]],
    );
}

#[test]
fn one_vulnerability_in_one_thing_has_one_analysis() {
    bom(
        r#""vulnerabilities": [{"id": "CVE-2024-1111", "affects": [{"ref": "a"}], "analysis": {"state": "exploitable", "response": ["update"]}},
            {"id": "CVE-2024-1111", "affects": [{"ref": "a"}], "analysis": {"state": "resolved"}}, {"description": "?"}]"#,
        expect![[r#"
            Error cyclonedx.vulnerability.contradiction /vulnerabilities/1/affects/0: `CVE-2024-1111` is `resolved` here and `exploitable` in vulnerability 1; nobody can tell which holds
            Warning cyclonedx.vulnerability.id /vulnerabilities/2: vulnerability has neither `id` nor `references`, so that nobody can tell which is meant"#]],
    );
}

#[test]
fn an_edition_that_is_not_checked_is_no_success() {
    let settings = crate::Settings::at("2026-11-20T12:00:00Z".parse().expect("a time"));
    let report = crate::check(
        "a.json",
        br#"{"bomFormat": "CycloneDX", "specVersion": "1.3"}"#,
        &settings,
    )
    .expect("it is CycloneDX");
    assert_eq!(
        (
            report.problems.len(),
            report.untested.len(),
            &*report.edition
        ),
        (0, 1, "CycloneDX 1.3")
    );
}
