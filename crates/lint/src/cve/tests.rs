//! What is said of CVE records.

use expect_test::{Expect, expect};

use crate::{Format, testing};

const METADATA: &str = r#""cveMetadata": {"cveId": "CVE-2024-1111", "assignerOrgId": "8254265b-2729-46b6-b9e3-3dfca2d5bfca", "state": "PUBLISHED"}"#;
const PROVIDER: &str = r#""providerMetadata": {"orgId": "8254265b-2729-46b6-b9e3-3dfca2d5bfca"}"#;

/// A published record of the format's version `version`, with these affected products and `more` in its container.
#[track_caller]
fn record(version: &str, affected: &str, more: &str, expect: Expect) {
    let comma = if more.is_empty() { "" } else { ", " };
    let text = format!(
        r#"{{"dataType": "CVE_RECORD", "dataVersion": "{version}", {METADATA}, "containers": {{"cna": {{{PROVIDER},
            "descriptions": [{{"lang": "en", "value": "A flaw."}}], "references": [{{"url": "https://example.org/a"}}],
            "affected": [{affected}]{comma}{more}}}}}}}"#
    );
    testing::check(Format::Cve, &text, expect);
}

const PRODUCT: &str = r#"{"vendor": "a", "product": "b", "defaultStatus": "affected"}"#;

#[track_caller]
fn versions(versions: &str, expect: Expect) {
    record(
        "5.1",
        &format!(
            r#"{{"vendor": "a", "product": "b", "defaultStatus": "unaffected", "versions": [{versions}]}}"#
        ),
        "",
        expect,
    );
}

#[test]
fn a_small_record_in_which_nothing_is_wrong() {
    record(
        "5.1",
        PRODUCT,
        r#""x_generator": {"engine": "by hand"}"#,
        expect![""],
    );
    versions(
        r#"{"version": "1.0", "status": "affected", "versionType": "semver", "lessThan": "2.*"}, {"version": "3.0.1", "status": "affected"}"#,
        expect![""],
    );
}

#[test]
fn what_the_schema_asks_is_said_with_what_would_have_been_right() {
    testing::check(
        Format::Cve,
        r#"{"dataType": "CVE_RECORD", "dataVersion": "4.0", "cveMetadata": {"cveId": "CVE-24-1", "state": "PUBLISHED"}, "containers": {}}"#,
        expect![[r#"
            Error schema /dataVersion: `dataVersion` is `4.0`; a version of the format such as `5.1` or `5.2.0` belongs there
            Error schema /cveMetadata: `cveMetadata` lacks `assignerOrgId`, which is required
            Error schema /cveMetadata/cveId: `cveId` is `CVE-24-1`; an id such as `CVE-2024-3094` belongs there
            Error schema /containers: `containers` lacks `cna`, which is required"#]],
    );
    record(
        "5.1",
        r#"{"vendor": "a", "versions": [{"version": "1", "status": "afected"}], "generator": 1}"#,
        r#""sources": {}"#,
        expect![[r#"
            Error schema /containers/cna/affected/0: entry 1 of `affected` needs `vendor` and `product`, or `collectionURL` and `packageName`, or `packageURL`
            Error schema /containers/cna/affected/0/versions/0/status: `status` is `afected`; one of `affected`, `unaffected`, `unknown` belongs there
            Error schema /containers/cna/affected/0/generator: `generator` is no member of entry 1 of `affected`
            Error schema /containers/cna/sources: `sources` is no member of `cna`; `source` is"#]],
    );
    versions(
        r#"{"version": "1", "status": "affected", "lessThan": "2"}, {"version": "1", "status": "affected", "versionType": "semver", "lessThan": "2", "lessThanOrEqual": "3"}"#,
        expect![[r#"
            Error schema /containers/cna/affected/0/versions/0: entry 1 of `versions` lacks `versionType`, which is required
            Error schema /containers/cna/affected/0/versions/1: entry 2 of `versions` has `lessThan` and `lessThanOrEqual`; only one of them may stand there"#]],
    );
}

#[test]
fn a_rejected_record_has_other_members() {
    let text = format!(
        r#"{{"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {{"cveId": "CVE-2024-1111", "assignerOrgId": "8254265b-2729-46b6-b9e3-3dfca2d5bfca", "state": "REJECTED"}},
            "containers": {{"cna": {{{PROVIDER}, "descriptions": [{{"lang": "de", "value": "x"}}], "replacedBy": ["CVE-2024-1111"]}}}}}}"#
    );
    testing::check(
        Format::Cve,
        &text,
        expect![[r#"
        Error schema /containers/cna: `cna` lacks `rejectedReasons`, which is required
        Error schema /containers/cna/descriptions: `descriptions` is no member of `cna`
        Error cve.replaced.itself /containers/cna/replacedBy/0: `CVE-2024-1111` is said to be replaced by itself; another id belongs there"#]],
    );
}

#[test]
fn a_filler_is_told_wherever_something_was_asked() {
    record(
        "5.1",
        r#"{"vendor": "n/a", "product": "N/A", "versions": [{"version": "unspecified", "status": "affected"}]}"#,
        "",
        expect![[r#"
            Information cve.na /containers/cna/affected/0/vendor: `vendor` is `n/a`, which names nothing that could be matched
            Warning cve.na /containers/cna/affected/0/product: `product` is `N/A`, which names nothing that could be matched
            Warning cve.na /containers/cna/affected/0/versions/0/version: `version` is `unspecified`, which no version is; where versions are not known, `defaultStatus` alone says so"#]],
    );
}

#[test]
fn a_version_says_what_a_program_reads_in_it() {
    versions(
        r#"{"version": "*", "status": "affected"}, {"version": "< 1.2", "status": "affected"}, {"version": "1.0 through 1.4", "status": "affected"}"#,
        expect![[r#"
            Warning cve.version.star /containers/cna/affected/0/versions/0/version: version `*` is one version of that name; `0` with `lessThan: "*"` is all of them
            Warning cve.version.prose /containers/cna/affected/0/versions/1/version: version `< 1.2` is said in words or signs, which programs read as the name of one version; `version` with `lessThan` or `lessThanOrEqual` says a range
            Warning cve.version.prose /containers/cna/affected/0/versions/2/version: version `1.0 through 1.4` is said in words or signs, which programs read as the name of one version; `version` with `lessThan` or `lessThanOrEqual` says a range"#]],
    );
    versions(
        r#"{"version": "2.0.0", "status": "affected", "versionType": "semver", "lessThan": "1.0.0"},
           {"version": "2.1.0", "status": "affected", "versionType": "semver", "lessThan": "2.1.0p41"},
           {"version": "10.1", "status": "affected", "versionType": "semver", "lessThanOrEqual": "10.1.0.3"},
           {"version": "1.0", "status": "affected", "versionType": "git", "lessThanOrEqual": "abc"},
           {"version": "1:2.0-1", "status": "affected", "versionType": "rpm", "lessThanOrEqual": "1.9-1"}"#,
        expect![[r#"
            Warning cve.version.empty /containers/cna/affected/0/versions/0/lessThan: range from `2.0.0` with `lessThan: 1.0.0` holds no version
            Warning cve.version.type /containers/cna/affected/0/versions/3/version: `version` is `1.0`, which is no version of the type `git`
            Warning cve.version.type /containers/cna/affected/0/versions/3/lessThanOrEqual: `lessThanOrEqual` is `abc`, which is no version of the type `git`
            Warning cve.version.empty /containers/cna/affected/0/versions/4/lessThanOrEqual: range from `1:2.0-1` with `lessThanOrEqual: 1.9-1` holds no version"#]],
    );
    versions(
        r#"{"version": "1", "status": "affected"}, {"version": "1", "status": "unaffected"}"#,
        expect![
            "Warning cve.version.contradiction /containers/cna/affected/0/versions/1/status: version `1` is `unaffected` here and `affected` in entry 1, which is the one that counts"
        ],
    );
    versions(
        r#"{"version": "1.15.5", "status": "affected", "versionType": "semver", "lessThan": "1.16.0", "changes": [{"at": "1.15.9", "status": "unaffected"}, {"at": "1.14.10", "status": "unaffected"}]}"#,
        expect![[r#"
            Warning cve.version.changes /containers/cna/affected/0/versions/0/changes/1/at: change at `1.14.10` is before the range begins at `1.15.5`, so that none of it has the status of the range
            Warning cve.version.changes /containers/cna/affected/0/versions/0/changes/1/at: change at `1.14.10` stands after a later one; changes are sorted by `at`"#]],
    );
    versions(
        r#"{"version": "1", "status": "unaffected"}"#,
        expect![
            "Warning cve.affected.none /containers/cna/affected: no product has a version that is affected, so that the record describes no flaw"
        ],
    );
}

#[test]
fn a_score_is_held_against_its_vector() {
    let object = |more: &str| {
        format!(
            r#""metrics": [{{"cvssV3_1": {{"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", {more}}}}}]"#
        )
    };
    record(
        "5.1",
        PRODUCT,
        &object(
            r#""baseScore": 9.8, "baseSeverity": "CRITICAL", "attackVector": "NETWORK", "modifiedScope": "UNCHANGED", "exploitCodeMaturity": "NOT_DEFINED""#,
        ),
        expect![""],
    );
    record(
        "5.1",
        PRODUCT,
        &object(
            r#""baseScore": 9.1, "baseSeverity": "HIGH", "attackVector": "LOCAL", "modifiedScope": "CHANGED""#,
        ),
        expect![[r#"
            Error cve.cvss.score /containers/cna/metrics/0/cvssV3_1/baseScore: `baseScore` is 9.1 and the vector computes to 9.8
            Error cve.cvss.severity /containers/cna/metrics/0/cvssV3_1/baseSeverity: `baseSeverity` is `HIGH`; the word for 9.8 is `CRITICAL`
            Error cve.cvss.metric /containers/cna/metrics/0/cvssV3_1/attackVector: `attackVector` is `LOCAL` and the vector says `AV:N`
            Error cve.cvss.metric /containers/cna/metrics/0/cvssV3_1/modifiedScope: `modifiedScope` is `CHANGED` and the vector says `MS:X`"#]],
    );
    record(
        "5.1",
        PRODUCT,
        r#""metrics": [{"cvssV4_0": {"version": "4.0", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "baseScore": 9.8, "baseSeverity": "CRITICAL"}}]"#,
        expect![
            "Error cve.cvss.version /containers/cna/metrics/0/cvssV4_0/vectorString: vector is of CVSS 3.1 where one of 4.0 belongs"
        ],
    );
    record(
        "5.1",
        PRODUCT,
        r#""metrics": [{"cvssV2_0": {"version": "2.0", "vectorString": "AV:N/AC:L/Au:N/C:P/I:P/A:P", "baseScore": 7.5, "exploitability": "PROOF_OF_CONCEPT", "accessVector": "NETWORK"}}, {"cvssV3_0": {"version": "3.0", "vectorString": "AV:N", "baseScore": 5, "baseSeverity": "MEDIUM"}}]"#,
        expect![[r#"
            Error cve.cvss.metric /containers/cna/metrics/0/cvssV2_0/exploitability: `exploitability` is `PROOF_OF_CONCEPT` and the vector says `E:ND`
            Error cve.cvss.vector /containers/cna/metrics/1/cvssV3_0/vectorString: `AV:N` is no CVSS vector: it does not begin with its version, `CVSS:3.0/`"#]],
    );
}

#[test]
fn a_weakness_is_where_programs_look_for_it() {
    record(
        "5.1",
        PRODUCT,
        r#""problemTypes": [{"descriptions": [{"lang": "en", "description": "CWE-79 Cross-site Scripting"}, {"lang": "en", "description": "CWE-862: Missing Authorization", "cweId": "CWE-262"}, {"lang": "en", "description": "n/a", "type": "CWE"}]}]"#,
        expect![[r#"
            Warning cve.cwe.id /containers/cna/problemTypes/0/descriptions/0: description names `CWE-79` and there is no `cweId`, where programs look for it
            Warning cve.cwe.match /containers/cna/problemTypes/0/descriptions/1/cweId: `cweId` is `CWE-262` and the description names `CWE-862`; both are one weakness
            Warning cve.cwe.id /containers/cna/problemTypes/0/descriptions/2: entry is of type `CWE` and has no `cweId`, where programs look for it"#]],
    );
}

#[test]
fn members_that_came_later_than_the_record_says_are_told() {
    record(
        "5.0",
        r#"{"vendor": "a", "product": "b", "defaultStatus": "affected", "packageURL": "pkg:npm/a@1", "packageName": "a"}"#,
        r#""cpeApplicability": [{"nodes": [{"operator": "OR", "cpeMatch": [{"vulnerable": true, "criteria": "cpe:2.3:a:a", "versionEndIncluding": "1", "versionEndExcluding": "2"}]}]}]"#,
        expect![[r#"
            Error cve.dataversion /containers/cna/affected/0/packageURL: `packageURL` came with 5.2 and `dataVersion` is `5.0`; `5.2` or later belongs there
            Error cve.purl.version /containers/cna/affected/0/packageURL: `packageURL` has the version `1`; it names the package alone, and `versions` says which
            Error cve.purl.pair /containers/cna/affected/0/packageName: `packageName` stands beside `packageURL`; one of the two ways names the package
            Warning cve.package.pair /containers/cna/affected/0/packageName: `packageName` stands without `collectionURL`; only both together name a package
            Error cve.dataversion /containers/cna/cpeApplicability: `cpeApplicability` came with 5.1 and `dataVersion` is `5.0`; `5.1` or later belongs there
            Error cve.cpe /containers/cna/cpeApplicability/0/nodes/0/cpeMatch/0/criteria: `cpe:2.3:a:a` is no CPE name: CPE name has 2 attributes, and there must be 11
            Error cve.cpe.bound /containers/cna/cpeApplicability/0/nodes/0/cpeMatch/0/versionEndExcluding: `versionEndIncluding` stands beside `versionEndExcluding`; a range has one of the two bounds"#]],
    );
}

#[test]
fn times_references_and_descriptions() {
    let text = format!(
        r#"{{"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {{"cveId": "CVE-2024-1111", "assignerOrgId": "8254265b-2729-46b6-b9e3-3dfca2d5bfca", "state": "PUBLISHED",
            "dateReserved": "2024-02-02T00:00:00", "datePublished": "2024-01-01T00:00:00.000Z", "dateUpdated": "2030-01-01T00:00:00Z"}},
            "containers": {{"cna": {{{PROVIDER}, "descriptions": [{{"lang": "en", "value": "** DISPUTED ** No."}}], "affected": [{PRODUCT}],
            "references": [{{"url": "https://example.org/a"}}, {{"url": "https://example.org/a", "tags": ["patch"]}}, {{"url": "mailto:a@example.org"}}, {{"url": "www.example.org"}}]}}}}}}"#
    );
    testing::check(
        Format::Cve,
        &text,
        expect![[r#"
        Warning cve.time.order /cveMetadata/datePublished: `datePublished` (2024-01-01T00:00:00Z) is before `dateReserved` (2024-02-02T00:00:00Z); an id is reserved before its record is published
        Warning cve.time.future /cveMetadata/dateUpdated: `dateUpdated` (2030-01-01T00:00:00Z) is in the future
        Warning cve.description.stars /containers/cna/descriptions/0/value: description begins with `** DISPUTED **`; the tag `disputed` says so to programs as well
        Warning cve.reference.repeat /containers/cna/references/1: reference has the address of entry 1; one entry takes all of its tags
        Warning cve.reference.url /containers/cna/references/2/url: `mailto:a@example.org` does not begin with `https://` or `http://`
        Error schema /containers/cna/references/3/url: `url` is `www.example.org`; an address with its scheme, such as `https://example.org/a`, belongs there (RFC 3986)"#]],
    );
}
