//! What was published, through the door: written, confirmed, read by everyone, checked, corrected, taken back.

use std::path::{Path, PathBuf};

use advisory::Format;
use clearinghouse::coordinate::arrive;
use expect_test::expect;
use serde_json::{Value, json};

use crate::common::{House, Seen, Visitor};
use crate::who::{ada, wait};

/// A case of one report, whose embargo has ended.
fn case(house: &House) -> Visitor {
    let (ada, _) = ada(house);
    let report = json!({
        "title": "Overflow in decode", "target": {"package": "pkg:cargo/leftish@1.2.0"}, "weaknesses": [787],
        "severities": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"],
        "provenance": {"finders": ["Ines <script>"]},
    });
    let taken = ada.send_json("POST", "/reports.json", &report.to_string());
    assert_eq!(taken.status, 201, "{}", taken.body);
    let now = house.app.now();
    assert_eq!(wait(arrive::arrive(&house.app.house, now)).unwrap(), 1);
    let looked = ada.post("/cases/C-000001/stage", "stage=triage");
    assert_eq!(looked.status, 303, "{}", looked.body);
    let ended = ada.post(
        "/cases/C-000001/embargo",
        "act=end&cause=leak&source=https://paste.example/1",
    );
    assert_eq!(ended.status, 303, "{}", ended.body);
    ada
}

pub fn draft() -> Value {
    json!({
        "title": "decode writes past its buffer",
        "summary": "A length from the input is not checked.",
        "products": [
            {"product": "pkg:cargo/leftish", "versions": "vers:cargo/>=1.0.0|<1.4.2", "status": "affected"},
            {"product": "Left Works: Pump", "status": "not-affected", "justification": "component_not_present"},
        ],
        "aliases": ["CVE-2026-10001"],
        "weaknesses": ["CWE-787"],
        "severities": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"],
        "references": ["https://leftish.example/fix"],
        "fix": "Update to 1.4.2.",
        "untold": "its maker has no address",
    })
}

fn save(ada: &Visitor, draft: &Value) {
    let saved = ada.send_json("POST", "/cases/C-000001/advisory.json", &draft.to_string());
    assert_eq!(saved.status, 204, "{}", saved.body);
}

pub fn published(house: &House) -> Visitor {
    let ada = case(house);
    save(&ada, &draft());
    let done = ada.send_json("POST", "/cases/C-000001/advisory/publish.json", "{}");
    assert_eq!(done.status, 201, "{}", done.body);
    assert_eq!(done.json()["advisory"], "A-000001");
    ada
}

/// Without what differs as soon as anything else is logged: hashes and places in the log.
fn plain(said: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for character in said.chars().chain(['\n']) {
        if character.is_ascii_hexdigit() {
            run.push(character);
            continue;
        }
        match run.len() {
            64 => out.push_str("HASH"),
            _ => out.push_str(&run),
        }
        run.clear();
        out.push(character);
    }
    let mut cut = String::new();
    let mut rest = out.as_str();
    while let Some((before, after)) = rest.split_once("log/") {
        cut.push_str(before);
        cut.push_str("log/N");
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    cut + rest
}

#[test]
fn a_draft_says_what_stands_against_it_and_is_published_on_a_page_of_its_own() {
    let house = House::start();
    let ada = case(&house);
    let early = ada.send_json("POST", "/cases/C-000001/advisory/publish.json", "{}");
    assert_eq!(
        (early.status, &*early.json()["detail"].to_string()),
        (422, "\"there is no draft; save one first\"")
    );
    let wrong = ada.post(
        "/cases/C-000001/advisory",
        "title=x&weaknesses=heap&products[0].product=pkg:cargo/a",
    );
    assert_eq!(wrong.status, 422);
    for said in ["`CWE-787`", "say how it stands"] {
        let said = said.replace('`', "");
        assert!(wrong.body.contains(&said), "{said}: {}", wrong.body);
    }
    let mut bare = draft();
    bare["untold"] = json!("");
    save(&ada, &bare);
    let read = ada.get("/cases/C-000001/advisory.json").json();
    assert_eq!(read["against"][0]["field"], "untold");
    assert_eq!(
        read["draft"]["products"][1]["justification"],
        "component_not_present"
    );
    let no = ada.get("/cases/C-000001/advisory/publish");
    assert_eq!(no.header("location"), Some("/cases/C-000001/advisory"));

    save(&ada, &draft());
    let page = ada.get("/cases/C-000001/advisory");
    assert!(
        page.body
            .contains("href=\"/cases/C-000001/advisory/publish\""),
        "{}",
        page.body
    );
    assert!(
        ada.get("/cases/C-000001")
            .body
            .contains("href=\"/cases/C-000001/advisory\"")
    );
    let confirm = ada.get("/cases/C-000001/advisory/publish");
    assert!(
        confirm.body.contains("This cannot be undone"),
        "{}",
        confirm.body
    );
    let stale = ada.post(
        "/cases/C-000001/advisory/publish?saved=2026-01-01T00:00:00Z",
        "",
    );
    assert!(
        stale.body.contains("was changed since you read it"),
        "{}",
        stale.body
    );
    let action = confirm.body.split("action=\"/cases/").nth(1).unwrap();
    let action = format!("/cases/{}", action.split('"').next().unwrap());
    let done = ada.post(&action, "");
    assert_eq!(
        done.header("location"),
        Some("/advisories/A-000001?done=published")
    );
}

#[test]
fn a_stranger_is_shown_neither_a_draft_nor_its_absence() {
    let house = House::start();
    let ada = case(&house);
    save(&ada, &draft());
    let stranger = house.anon().with("accept", "application/json");
    let get = |path: &str| stranger.get(path).status;
    assert_eq!(
        get("/cases/C-000001/advisory"),
        get("/cases/C-000009/advisory")
    );
    assert_eq!(get("/advisories/A-000001"), 404);
    let listed = stranger.get("/advisories.json").json();
    assert_eq!(listed["advisories"], json!([]));
}

#[test]
fn everyone_reads_what_was_published_and_how_to_check_it() {
    let house = House::start();
    published(&house);
    let page = house.anon().get("/advisories/A-000001");
    assert!(!page.body.contains("<script"), "a finder's name is text");
    expect![[r#"
        GET /advisories/A-000001
          200 (cache-control public, max-age=60)
          title A-000001: decode writes past its buffer – Seamark on trial
          li [Advisories](/advisories)
          h1 A-000001: decode writes past its buffer published
          dt Advisory
          dd A-000001
          dt Version
          dd 1 of 1
          dt Who may be told
          dd TLP:CLEAR, everyone
          dt Published
          dd 20 Nov 2026, 12:00 UTC
          dt This version
          dd 20 Nov 2026, 12:00 UTC
          dt Severity
          dd 9.8 critical, CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H
          dt Also called
          dd CVE-2026-10001
          dt Weakness
          dd CWE-787
          pre A length from the input is not checked.
          caption What is affected
          tr Product | Versions | Status | Why, or in its maker's words |
          tr pkg:cargo/leftish | vers:cargo/>=1.0.0|<1.4.2 | affected | –none |
          tr Left Works: Pump | all | not affected | the component is not present |
          h2 How to get the fix
          pre Update to 1.4.2.
          h2 References
          li [https://leftish.example/fix](https://leftish.example/fix)
          h2 Thanks to
          li Ines <script>, who found it
          caption Versions
          tr Version | When | What is new | Entry of the log |
          tr [1](/advisories/A-000001/1) | 20 Nov 2026, 12:00 UTC | first published | [13](/log/N) |
          h2 For programs
          li [JSON](/advisories/A-000001/1.json), [OSV](/advisories/A-000001/1.osv.json), [CSAF 2.0](/advisories/A-000001/1.csaf.json), [CSAF 2.1](/advisories/A-000001/1.csaf-2.1.json), [CVE](/advisories/A-000001/1.cve.json), [OpenVEX](/advisories/A-000001/1.openvex.json) of this version, which never change
          li [JSON](/advisories/A-000001.json), [OSV](/advisories/A-000001.osv.json), [CSAF 2.0](/advisories/A-000001.csaf.json), [CSAF 2.1](/advisories/A-000001.csaf-2.1.json), [CVE](/advisories/A-000001.cve.json), [OpenVEX](/advisories/A-000001.openvex.json) of whichever version is the last
          Programs that follow [everything that is published here](/csaf/) find it as [a-000001.json](/csaf/white/2026/a-000001.json), with [SHA-256](/csaf/white/2026/a-000001.json.sha256), [SHA-512](/csaf/white/2026/a-000001.json.sha512) and a [signature](/csaf/white/2026/a-000001.json.asc) beside it. To check that signature:
          pre curl -sO http://HOUSE/csaf/white/2026/a-000001.json curl -sO http://HOUSE/csaf/white/2026/a-000001.json.asc gpg --verify a-000001.json.asc
          h2 Check it yourself
          Entry [13](/log/N) of the log says which bytes this version has. Fetch them, and compare:
          pre curl -s http://HOUSE/advisories/A-000001/1.json | sha256sum curl -s http://HOUSE/advisories/A-000001/1.osv.json | sha256sum curl -s http://HOUSE/advisories/A-000001/1.csaf.json | sha256sum curl -s http://HOUSE/log/N.receipt.json > receipt.json seamark verify receipt.json
          dt SHA-256 of json
          dd HASH
          dt SHA-256 of osv.json
          dd HASH
          dt SHA-256 of csaf.json
          dd HASH
          dt SHA-256 of csaf-2.1.json
          dd HASH
          dt SHA-256 of cve.json
          dd HASH
          dt SHA-256 of openvex.json
          dd HASH
          While the flaw was kept from the public, each report, move and word on a product left a sealed entry: a salted hash. They are open now, and say who did what when, by number. Each has a receipt, and none can have been written since.
          summary 7 entries that are open now
          caption Entries of the log that were sealed until now
          tr Entry | When | What it says |
          tr [2](/log/N) | 20 Nov 2026, 12:00 UTC | O-000001 handed over a report |
          tr [4](/log/N) | 20 Nov 2026, 12:00 UTC | O-000001 acted on the embargo |
          tr [5](/log/N) | 20 Nov 2026, 12:00 UTC | O-000001 acted on the embargo |
          tr [6](/log/N) | 20 Nov 2026, 12:00 UTC | O-000001 acted on the embargo |
          tr [9](/log/N) | 20 Nov 2026, 12:00 UTC | O-000001 moved the case |
          tr [10](/log/N) | 20 Nov 2026, 12:00 UTC | O-000001 acted on the embargo |
          tr [12](/log/N) | 20 Nov 2026, 12:00 UTC | O-000001 moved the case |
          [These entries as a page of their own](/advisories/A-000001/entries), [as JSON](/advisories/A-000001/entries.json).

    "#]].assert_eq(&format!("GET /advisories/A-000001\n{}", plain(&page.said())));
    let entries = house.anon().get("/advisories/A-000001/entries.json").json();
    let all = entries["entries"].as_array().unwrap();
    assert!(
        all.iter().any(|one| one["body"]["act"] == "submit"),
        "{entries}"
    );
    for one in all {
        let receipt = house
            .anon()
            .get(&format!("/log/{}.receipt.json", one["index"]))
            .json();
        assert_eq!(receipt["opening"]["body"], one["body"], "{receipt}");
    }
}

#[test]
fn a_version_is_kept_for_good_and_the_last_is_asked_for_again() {
    let house = House::start();
    let ada = published(&house);
    let anon = house.anon();
    let caching = |seen: &Seen| seen.header("cache-control").unwrap().to_owned();
    for ending in ["json", "osv.json", "csaf.json"] {
        let last = anon.get(&format!("/advisories/A-000001.{ending}"));
        let first = anon.get(&format!("/advisories/A-000001/1.{ending}"));
        assert_eq!((last.status, first.status), (200, 200), "{ending}");
        assert_eq!(last.body, first.body);
        assert_eq!(caching(&last), "public, no-cache");
        assert_eq!(caching(&first), "public, max-age=31536000, immutable");
        let tag = first.header("etag").unwrap();
        let again = anon
            .with("if-none-match", tag)
            .get(&format!("/advisories/A-000001.{ending}"));
        assert_eq!((again.status, again.body.as_str()), (304, ""));
    }
    let before = anon.get("/advisories/A-000001/1.json").body;
    let mut next = draft();
    next["change"] = json!("names the fix");
    save(&ada, &next);
    let done = ada.send_json("POST", "/cases/C-000001/advisory/publish.json", "{}");
    assert_eq!(done.json()["version"], 2, "{}", done.body);
    assert_eq!(anon.get("/advisories/A-000001/1.json").body, before);
    assert_ne!(anon.get("/advisories/A-000001.json").body, before);
    let old = anon.get("/advisories/A-000001/1");
    assert!(
        old.body.contains("The last one is version 2"),
        "{}",
        old.body
    );
    for path in [
        "/advisories/A-000001/3",
        "/advisories/A-000001/0.json",
        "/advisories/A-000002",
        "/advisories/A-000001.xml",
    ] {
        assert_eq!(anon.get(path).status, 404, "{path}");
    }
}

#[test]
fn a_withdrawn_advisory_says_so_first_and_keeps_its_number() {
    let house = House::start();
    let ada = published(&house);
    assert_eq!(
        house
            .anon()
            .post("/advisories/A-000001/withdraw", "reason=x")
            .header("location"),
        Some("/sign-in?next=%2Fadvisories%2FA-000001%2Fwithdraw")
    );
    let silent = ada.post("/advisories/A-000001/withdraw", "reason=");
    assert!(
        silent
            .body
            .contains("say why; everyone who reads it wants to know"),
        "{}",
        silent.body
    );
    let done = ada.post("/advisories/A-000001/withdraw", "reason=it+is+no+flaw");
    assert_eq!(
        done.header("location"),
        Some("/advisories/A-000001?done=advisory-withdrawn")
    );
    let page = house.anon().get("/advisories/A-000001");
    let said = page.said();
    assert!(
        said.contains("Withdrawn on 20 Nov 2026, 12:00 UTC. withdrawn: it is no flaw"),
        "{said}"
    );
    assert!(house.anon().get("/advisories/A-000001/1").status == 200);
    let listed = house.anon().get("/advisories.json?q=is:withdrawn").json();
    assert_eq!(listed["advisories"][0]["advisory"], "A-000001");
    let current = house.anon().get("/advisories.json?q=is:current").json();
    assert_eq!(current["advisories"], json!([]));
    assert_eq!(
        house.anon().get("/advisories/A-000001.osv.json").json()["withdrawn"],
        "2026-11-20T12:00:00Z"
    );
}

#[test]
fn lists_are_narrowed_by_words_of_the_advisory() {
    let house = House::start();
    published(&house);
    let count = |query: &str| {
        let listed = house
            .anon()
            .get(&format!("/advisories.json?q={query}"))
            .json();
        listed["advisories"].as_array().unwrap().len()
    };
    for found in [
        "",
        "ecosystem:crates.io",
        "package:leftish",
        "weakness:CWE-787",
        "id:cve-2026-10001",
        "vendor:%22left+works%22",
        "Buffer+decode",
    ] {
        assert_eq!(count(found), 1, "{found}");
    }
    for none in [
        "ecosystem:npm",
        "weakness:cwe-79",
        "is:withdrawn",
        "kestrel",
    ] {
        assert_eq!(count(none), 0, "{none}");
    }
}

#[test]
fn numbers_are_for_everyone_and_tell_of_no_open_flaw() {
    let house = House::start();
    let anon = house.anon();
    let before = anon.get("/numbers");
    case(&house);
    let after = anon.get("/numbers");
    assert_eq!(
        before.body, after.body,
        "a case that is open changes nothing"
    );
    assert_eq!(after.header("cache-control"), Some("public, max-age=600"));
    expect![[r#"
        GET /numbers
          200 (cache-control public, max-age=600)
          title Numbers – Seamark on trial
          h1 Numbers
          The work of this house as a whole. Nothing here tells of a flaw that is open: what came in is counted by months that are over and in steps of 10, and how a flaw went is drawn from published ones alone, where there are at least 10.
          dt Reports received
          dd fewer than 10
          dt Duplicates stopped
          dd fewer than 10
          dt Published
          dd 0
          dt Of these, shown by a proof
          dd fewer than 10
          dt Of these, with a fix
          dd fewer than 10
          No month is over yet.
          caption How long a step takes
          tr Step | Median days |
          tr from the first report until its vendor was sent it | too few to tell |
          tr from then until the vendor's verdict | too few to tell |
          tr from the first report until a fix | too few to tell |
          tr from the first report until publication | too few to tell |
    "#]].assert_eq(&format!("GET /numbers\n{}", after.said()));
}

#[test]
fn a_finding_is_a_page_for_those_who_may_and_none_for_others() {
    let house = House::start();
    let ada = case(&house);
    let page = ada.get("/findings/F-000001");
    assert!(page.body.contains("it was new"), "{}", page.body);
    let view = ada.get("/findings/F-000001.json").json();
    assert_eq!(view["case"], "C-000001");
    assert_eq!(view["reports"][0]["report"], "R-000001");
    let anon = house.anon();
    let (held, none) = (
        anon.get("/findings/F-000001"),
        anon.get("/findings/F-000009"),
    );
    assert_eq!(held.status, 404);
    assert_eq!(held.said(), none.said());
}

#[test]
fn what_programs_read_is_what_the_standards_and_our_own_reader_ask_for() {
    let house = House::start();
    published(&house);
    let Some(data) = data() else {
        return;
    };
    for (ending, format, schema) in [
        ("osv.json", Format::Osv, "schemas/osv/osv-schema.json"),
        (
            "csaf.json",
            Format::Csaf,
            "schemas/csaf/csaf_2.0/json_schema/csaf_json_schema.json",
        ),
    ] {
        let text = house
            .anon()
            .get(&format!("/advisories/A-000001.{ending}"))
            .body;
        let validator = validator(&data, schema);
        let document: Value = serde_json::from_str(&text).unwrap();
        let wrong: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{} {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{ending}\n{}\n{text}", wrong.join("\n"));
        let (mut read, mut problems) = (Vec::new(), Vec::new());
        advisory::read(
            format,
            text.as_bytes(),
            &mut |record| read.push(record),
            &mut |problem| problems.push(problem),
        );
        assert!(problems.is_empty(), "{problems:?}");
        let titles = read.iter().filter_map(|record| match record {
            advisory::Record::Advisory(one) => Some((&*one.title, one.affected.len())),
            _ => None,
        });
        let titles: Vec<_> = titles.collect();
        assert_eq!(titles.len(), 1, "{read:?}");
        assert_eq!(titles[0].0, "decode writes past its buffer");
    }
}

/// The shared data, beside the workspace where nothing else is said.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
pub fn data() -> Option<PathBuf> {
    let near = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("SEAMARK_DATA").map_or(near, PathBuf::from);
    let is_there = folder.join("schemas").is_dir();
    if !is_there {
        println!("skipped: no schemas at {}", folder.display());
    }
    is_there.then_some(folder)
}

pub fn validator(data: &Path, schema: &str) -> jsonschema::Validator {
    let read =
        |path: PathBuf| -> Value { serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() };
    let mut registry = jsonschema::Registry::new();
    for version in ["2.0", "3.0", "3.1"] {
        let file = format!("schemas/csaf/csaf_2.0/referenced_schema/first/cvss-v{version}.json");
        let name = format!("https://www.first.org/cvss/cvss-v{version}.json");
        registry = registry.add(name, read(data.join(file))).unwrap();
    }
    let csaf = read(data.join("schemas/csaf/csaf_2.0/json_schema/csaf_json_schema.json"));
    let name = "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json";
    let registry = registry.add(name, csaf).unwrap().prepare().unwrap();
    jsonschema::options()
        .should_validate_formats(true)
        .with_registry(&registry)
        .build(&read(data.join(schema)))
        .unwrap()
}
