//! What is said of OSV records.

use expect_test::{Expect, expect};

use crate::{Format, testing};

/// A record with one affected package of PyPI, and `more` members.
#[track_caller]
fn record(more: &str, expect: Expect) {
    let text = format!(
        r#"{{"schema_version": "1.7.4", "id": "PYSEC-2024-1", "modified": "2024-05-02T00:00:00Z"{}{more}}}"#,
        if more.is_empty() { "" } else { ", " }
    );
    testing::check(Format::Osv, &text, expect);
}

#[track_caller]
fn affected(package: &str, rest: &str, expect: Expect) {
    record(
        &format!(r#""affected": [{{"package": {package}, {rest}}}]"#),
        expect,
    );
}

/// Events of a range of PyPI, and the versions that are listed beside it.
#[track_caller]
fn range(events: &str, versions: &str, expect: Expect) {
    let rest = format!(
        r#""ranges": [{{"type": "ECOSYSTEM", "events": [{events}]}}], "versions": [{versions}]"#
    );
    affected(r#"{"ecosystem": "PyPI", "name": "a"}"#, &rest, expect);
}

#[test]
fn a_record_that_says_little_and_nothing_wrong() {
    record("", expect![""]);
    range(
        r#"{"introduced": "0"}, {"fixed": "1.2"}, {"introduced": "2.0rc1"}, {"fixed": "2.1"}"#,
        r#""0.9", "1.1.post1", "2.0""#,
        expect![""],
    );
}

#[test]
fn what_the_schema_asks_is_said_with_what_would_have_been_right() {
    testing::check(
        Format::Osv,
        r#"{"id": "NOBODY-1", "modified": "yesterday", "aliases": "CVE-2024-1", "afected": []}"#,
        expect![[r#"
            Error schema /id: `id` is `NOBODY-1`; an id with the prefix of a known database, such as `GHSA-`, belongs there, or one that begins with `x_`
            Error schema /modified: `modified` is `yesterday`; a time such as `2024-01-31T12:00:00Z` belongs there (RFC 3339)
            Error schema /aliases: `aliases` is a string; an array or null belongs there
            Error schema /afected: `afected` is no member of the document; `affected` is"#]],
    );
    record(
        r#""affected": [{"package": {"ecosystem": "Pypi", "name": 7}, "ranges": [{"type": "GIT", "events": [{"introduced": "abc"}]}]}]"#,
        expect![[r#"
            Error schema /affected/0/package/ecosystem: `ecosystem` is `Pypi`; the name of an ecosystem of the OSV schema such as `PyPI` or `Debian:12` belongs there
            Error schema /affected/0/package/name: `name` is a number; a string belongs there
            Error schema /affected/0/ranges/0: range of type `GIT` lacks `repo`, the address of its repository
            Error schema /affected/0/ranges/0/events/0/introduced: `introduced` is `abc`; a full commit hash of 40 or 64 hexadecimal digits belongs there, or `0`"#]],
    );
    record(
        r#""affected": [{"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1", "fixed": "2"}, {}]}]}]"#,
        expect![[r#"
            Error schema /affected/0/ranges/0/events/0: entry 1 of `events` has `introduced` and `fixed`; only one of them may stand there
            Error schema /affected/0/ranges/0/events/1: entry 2 of `events` lacks `introduced`, which is required"#]],
    );
    record(
        r#""affected": [{"ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.0"}, {"last_affected": "0.9.0"}]}]}]"#,
        expect![[r#"
            Error schema /affected/0/ranges/0: range has both `fixed` and `last_affected` events; it takes one of the two, `fixed` where it is known
            Warning osv.range.idle /affected/0/ranges/0/events/1/fixed: `fixed: 1.0.0` ends nothing, since nothing is affected right before it
            Warning osv.range.order /affected/0/ranges/0/events/2/last_affected: event `last_affected: 0.9.0` stands after `fixed: 1.0.0`; events are sorted from the oldest version on"#]],
    );
    record(
        r#""references": [{"type": "FIXED", "url": "https://example.org/a"}], "credits": [{"type": "FINDER"}]"#,
        expect![[r#"
            Error schema /references/0/type: `type` is `FIXED`; one of `ADVISORY`, `ARTICLE`, `DETECTION`, `DISCUSSION`, `REPORT`, `FIX`, `INTRODUCED`, `GIT`, `PACKAGE`, `EVIDENCE`, `WEB` belongs there
            Error schema /credits/0: entry 1 of `credits` lacks `name`, which is required"#]],
    );
    record(
        r#""severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}], "affected": [{"versions": ["1"], "severity": [{"type": "Ubuntu", "score": "low"}]}]"#,
        expect![
            "Error schema /affected/0/severity: `severity` stands at the top as well as below `affected`; it may stand in one of the two places"
        ],
    );
}

#[test]
fn times_are_in_utc_in_order_and_not_in_the_future() {
    record(
        r#""published": "2024-05-03T00:00:00Z", "withdrawn": "2024-05-01T00:00:00Z""#,
        expect![[r#"
            Warning osv.time.order /modified: `modified` (2024-05-02T00:00:00Z) is before `published` (2024-05-03T00:00:00Z); what is published was modified then or later
            Warning osv.time.order /withdrawn: `withdrawn` (2024-05-01T00:00:00Z) is before `published` (2024-05-03T00:00:00Z); only what is published can be withdrawn"#]],
    );
    testing::check(
        Format::Osv,
        r#"{"schema_version": "1.7.4", "id": "PYSEC-1", "modified": "2027-01-01T00:00:00Z", "published": "2024-01-01T00:00:00Zulu"}"#,
        expect![[r#"
            Warning osv.time.future /modified: `modified` (2027-01-01T00:00:00Z) is in the future; until then every correction counts as older
            Error schema /published: `published` is `2024-01-01T00:00:00Zulu`; a time such as `2024-01-31T12:00:00Z` belongs there (RFC 3339)"#]],
    );
    testing::check(
        Format::Osv,
        r#"{"schema_version": "v1.7", "id": "PYSEC-1", "modified": "0001-01-01T00:00:00Z", "published": "2024-01-01T00:00:00+01:00"}"#,
        expect![[r#"
            Error osv.schema_version /schema_version: `schema_version` is `v1.7`; a version such as `1.7.0` belongs there
            Warning osv.time.zero /modified: `modified` is the year 1, which some programs write where nobody filled in a time
            Error schema /published: `published` is `2024-01-01T00:00:00+01:00`; a time in UTC such as `2024-01-31T12:00:00Z` belongs there"#]],
    );
}

#[test]
fn other_ids_are_others_and_stand_once() {
    record(
        r#""aliases": ["PYSEC-2024-1", "CVE-2024-1111", "CVE-2024-1111", "see the web page"], "related": ["CVE-2024-1111"]"#,
        expect![[r#"
            Error osv.alias.itself /aliases/0: `aliases` names the record itself, `PYSEC-2024-1`; others belong there
            Warning osv.alias.repeat /aliases/2: `CVE-2024-1111` stands in `aliases` twice; once is enough
            Warning osv.alias.form /aliases/3: `see the web page` is no id of another database; one such as `CVE-2024-3094` belongs there
            Warning osv.alias.repeat /related/0: `CVE-2024-1111` stands in `aliases` and in `related`, which exclude each other"#]],
    );
    affected(
        r#"{"ecosystem": "Debian:12", "name": "a"}"#,
        r#""versions": ["1"]}], "aliases": ["CVE-2024-1111"], "related": [], "credits": [{"name": "a", "contact": ["a@example.org"]"#,
        expect![[r#"
            Warning osv.alias.upstream /aliases/0: a record of `Debian:12` lists a CVE as its alias; packaged flaws belong in `upstream`
            Warning osv.credit.contact /credits/0/contact/0: contact `a@example.org` is no full address; one such as `https://…` or `mailto:…` belongs there"#]],
    );
}

#[test]
fn events_make_a_timeline() {
    range(
        r#"{"introduced": "2.0"}, {"fixed": "2.1"}, {"introduced": "0"}, {"fixed": "1.2"}"#,
        "",
        expect![
            "Warning osv.range.order /affected/0/ranges/0/events/2/introduced: event `introduced: 0` stands after `fixed: 2.1`; events are sorted from the oldest version on"
        ],
    );
    range(
        r#"{"introduced": "2.0"}, {"fixed": "1.9"}"#,
        "",
        expect![[r#"
        Error osv.range.end /affected/0/ranges/0/events/1/fixed: `fixed: 1.9` is before `introduced: 2.0`, and ends nothing
        Warning osv.range.order /affected/0/ranges/0/events/1/fixed: event `fixed: 1.9` stands after `introduced: 2.0`; events are sorted from the oldest version on"#]],
    );
    range(
        r#"{"introduced": "2.0"}, {"fixed": "2.0.0"}, {"introduced": "3"}, {"fixed": "4"}"#,
        "",
        expect![
            "Warning osv.range.empty /affected/0/ranges/0/events/1/fixed: `2.0.0` is introduced and fixed at once; readers differ in whether anything from there on is affected"
        ],
    );
    range(
        r#"{"introduced": "0"}, {"introduced": "1.0"}, {"fixed": "2.0"}, {"fixed": "2.0"}, {"fixed": "3.0"}"#,
        "",
        expect![[r#"
            Warning osv.range.idle /affected/0/ranges/0/events/1/introduced: `introduced: 1.0` lies in what is affected already, and says nothing
            Warning osv.range.repeat /affected/0/ranges/0/events/3/fixed: event `fixed: 2.0` stands in this range twice; once is enough
            Warning osv.range.idle /affected/0/ranges/0/events/4/fixed: `fixed: 3.0` ends nothing, since nothing is affected right before it"#]],
    );
    range(
        r#"{"introduced": "0"}, {"fixed": "one two"}"#,
        r#""9""#,
        expect![
            "Warning osv.range.version /affected/0/ranges/0/events/1/fixed: `one two` is no version of this ecosystem, so that nobody can tell what lies before or after it"
        ],
    );
}

#[test]
fn a_listed_version_outside_every_range_is_a_contradiction() {
    range(
        r#"{"introduced": "1.0"}, {"fixed": "1.2"}, {"introduced": "3"}"#,
        r#""0.9", "1.0", "1.2", "2.9", "3.0", "9", "9""#,
        expect![[r#"
            Warning osv.versions.range /affected/0/versions/0: version `0.9` is listed and lies outside every range; one of the two is wrong
            Warning osv.versions.range /affected/0/versions/2: version `1.2` is listed and lies outside every range; one of the two is wrong
            Warning osv.versions.range /affected/0/versions/3: version `2.9` is listed and lies outside every range; one of the two is wrong
            Warning osv.versions.repeat /affected/0/versions/6: version `9` repeats entry 6; once is enough"#]],
    );
}

#[test]
fn versions_of_semver_ranges_are_of_semver_and_do_not_overlap() {
    affected(
        r#"{"ecosystem": "npm", "name": "a"}"#,
        r#""ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "v1.0"}]},
            {"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"fixed": "2.0.0"}]},
            {"type": "SEMVER", "events": [{"introduced": "1.5.0-rc.1"}, {"fixed": "3.0.0"}]}]"#,
        expect![[r#"
            Error osv.range.semver /affected/0/ranges/0/events/1/fixed: `v1.0` is no version of SemVer 2.0.0 such as `1.2.3`; other versions take the type `ECOSYSTEM`
            Warning osv.range.overlap /affected/0/ranges/2: range overlaps another of this package; one range of several pieces says the same without"#]],
    );
}

#[test]
fn a_package_is_named_in_one_way() {
    let versions = r#""versions": ["1"]"#;
    for (package, expect) in [
        (
            r#"{"ecosystem": "PyPI", "name": "Jinja_2", "purl": "pkg:pypi/jinja-2"}"#,
            expect![
                "Warning osv.package.name /affected/0/package/name: `Jinja_2` is not normalized; `jinja-2` would be right (PEP 503)"
            ],
        ),
        (
            r#"{"ecosystem": "Maven", "name": "log4j-core"}"#,
            expect![
                "Error osv.package.name /affected/0/package/name: `log4j-core` lacks its group; `groupId:artifactId` would be right"
            ],
        ),
        (
            r#"{"ecosystem": "Alpine", "name": "musl"}"#,
            expect![
                "Error osv.package.release /affected/0/package/ecosystem: `Alpine` does not name its release as this ecosystem does; `Alpine:v3.20` would be right"
            ],
        ),
        (
            r#"{"ecosystem": "npm", "name": "@a/b", "purl": "pkg:npm/%40a/b@1.0.0"}"#,
            expect![
                "Error osv.package.purl.version /affected/0/package/purl: `purl` has the version `1.0.0`; it names the package alone, and versions stand beside it"
            ],
        ),
        (
            r#"{"ecosystem": "npm", "name": "@a/b", "purl": "pkg:npm/%40a/c"}"#,
            expect![
                "Error osv.package.purl.match /affected/0/package/purl: `purl` is of `@a/c` and `name` is `@a/b`; both name one package"
            ],
        ),
        (
            r#"{"ecosystem": "npm", "name": "a", "purl": "pkg:pypi/a"}"#,
            expect![
                "Error osv.package.purl.match /affected/0/package/purl: `purl` is of `PyPI` and `ecosystem` is `npm`; both name one package"
            ],
        ),
        (
            r#"{"ecosystem": "Go", "name": "stdlib", "purl": "golang/stdlib"}"#,
            expect![
                "Error osv.package.purl /affected/0/package/purl: `golang/stdlib` is no package URL: `golang/stdlib` is no purl; it starts with `pkg:`, as in `pkg:cargo/serde@1.0.0`"
            ],
        ),
        (
            r#"{"ecosystem": "Debian:12", "name": "zlib", "purl": "pkg:deb/debian/zlib?arch=source"}"#,
            expect![""],
        ),
    ] {
        affected(package, versions, expect);
    }
}

#[test]
fn vectors_are_read_and_of_the_version_that_is_said() {
    record(
        r#""severity": [
            {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H"},
            {"type": "CVSS_V3", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"},
            {"type": "CVSS_V4", "score": "CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"},
            {"type": "CVSS_V2", "score": "AV:N/AC:L/Au:N/C:P/I:P/A:P"}]"#,
        expect![[r#"
            Error osv.severity.vector /severity/0/score: `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H` is no CVSS vector: base metric `A` is missing; give one of `H`, `L`, `N`
            Warning osv.severity.repeat /severity/1: `CVSS_V3` is given again after entry 1; nobody can tell which of the two holds
            Error osv.severity.type /severity/1/type: `type` is `CVSS_V3` and the vector is of CVSS 4.0
            Error osv.severity.vector /severity/2/score: `CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N` is no CVSS vector: its metrics are not in the order of CVSS 4.0; `CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N` would be right"#]],
    );
}

#[test]
fn what_a_reader_is_shown_can_be_shown() {
    record(
        r#""summary": "one\ntwo", "references": [{"type": "WEB", "url": "ttps://example.org"}, {"type": "WEB", "url": "https://example.org/a"},
            {"type": "WEB", "url": "https://example.org/a"}, {"type": "FIX", "url": "example.org"}], "affected": [{"package": {"ecosystem": "npm", "name": "a"}}]"#,
        expect![[r#"
            Warning osv.summary.line /summary: `summary` has several lines; it is one line, and `details` takes the rest
            Warning osv.reference.url /references/0/url: `ttps://example.org` does not begin with `https://` or `http://`
            Warning osv.reference.repeat /references/2: reference repeats entry 2; once is enough
            Error schema /references/3/url: `url` is `example.org`; an address with its scheme, such as `https://example.org/a`, belongs there (RFC 3986)
            Warning osv.affected.empty /affected/0: entry names neither `ranges` nor `versions`, so that no version counts as affected; `introduced: "0"` would be all of them"#]],
    );
}

#[test]
fn a_hundred_thousand_events_cost_no_more_than_their_sorting() {
    let events: Vec<String> = (0..50_000)
        .rev()
        .map(|n| format!(r#"{{"introduced": "{n}.1"}}, {{"fixed": "{n}.1"}}"#))
        .collect();
    let versions: Vec<String> = (0..50_000).map(|n| format!(r#""{n}.0""#)).collect();
    let text = format!(
        r#"{{"id": "PYSEC-1", "modified": "2024-05-02T00:00:00Z", "affected": [{{"package": {{"ecosystem": "PyPI", "name": "a"}}, "ranges": [{{"type": "ECOSYSTEM", "events": [{}]}}], "versions": [{}]}}]}}"#,
        events.join(", "),
        versions.join(", ")
    );
    let settings = crate::Settings::at("2026-11-20T12:00:00Z".parse().expect("a time"));
    let report = crate::check("a.json", text.as_bytes(), &settings).expect("it is OSV");
    assert_eq!(
        report
            .untested
            .iter()
            .map(|rest| &*rest.test)
            .collect::<Vec<_>>(),
        ["osv.range.empty", "osv.range.order"]
    );
}
