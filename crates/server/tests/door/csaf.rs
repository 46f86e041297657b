//! Whoever follows this house: from its metadata over feeds and folders to every document, hash and signature, with
//! real HTTP and with GnuPG; what is not for everyone, for those it is for, and for nobody else.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use clearinghouse::testing::Work;
use expect_test::expect;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::advisories::{data, draft, published, validator};
use crate::common::{House, Seen, Visitor};
use crate::leaks::{answer, comes, finder, masked};
use crate::who::ada;

const METADATA: &str = "/.well-known/csaf/provider-metadata.json";

const METADATA_21: &str = "/.well-known/csaf/v2.1/provider-metadata.json";

/// GnuPG in a home of its own, where it is the day after the house opened; `None` where it is not installed.
#[expect(
    clippy::disallowed_methods,
    reason = "a downloader's own tool is asked whether it believes us"
)]
fn gpg(home: &Path, arguments: &[&str]) -> Option<Output> {
    fs::set_permissions(home, fs::Permissions::from_mode(0o700)).unwrap();
    let out = Command::new("gpg")
        .env("GNUPGHOME", home)
        .env("LC_ALL", "C")
        .args([
            "--batch",
            "--no-tty",
            "--status-fd",
            "1",
            "--faked-system-time",
            "20261121T120000",
        ])
        .args(arguments)
        .output();
    if out.is_err() {
        println!("skipped: GnuPG is not installed, and nobody else was asked about our signatures");
    }
    out.ok()
}

/// The path of one of our own addresses.
fn path<'a>(house: &House, address: &'a Value) -> &'a str {
    let address = address.as_str().unwrap();
    let own = format!("http://{}", house.address);
    address
        .strip_prefix(&own)
        .unwrap_or_else(|| panic!("{address} is not ours"))
}

fn found(visitor: &Visitor, path: &str) -> Seen {
    let seen = visitor.get(path);
    assert_eq!(seen.status, 200, "{path}: {}", seen.body);
    seen
}

/// Follows the house as `visitor`: every document of every feed, by its label and path, each verified.
fn follow(house: &House, visitor: &Visitor) -> Vec<String> {
    follow_from(house, visitor, METADATA)
}

/// The same, beginning at this metadata.
fn follow_from(house: &House, visitor: &Visitor, at: &str) -> Vec<String> {
    let metadata = found(visitor, at).json();
    assert_eq!(path(house, &metadata["canonical_url"]), at);
    let home = tempfile::tempdir().unwrap();
    let mut signs = true;
    for key in metadata["public_openpgp_keys"].as_array().unwrap() {
        let text = found(visitor, path(house, &key["url"])).body;
        let file = home.path().join("key.asc");
        fs::write(&file, text).unwrap();
        match gpg(home.path(), &["--import", file.to_str().unwrap()]) {
            None => signs = false,
            Some(said) => {
                let said = String::from_utf8_lossy(&said.stdout).into_owned();
                let imported = format!("IMPORT_OK 1 {}", key["fingerprint"].as_str().unwrap());
                assert!(said.contains(&imported), "{said}");
            }
        }
    }
    let mut all = Vec::new();
    let mut listed = BTreeSet::new();
    for distribution in metadata["distributions"].as_array().unwrap() {
        let folder = distribution
            .get("directory_url")
            .or_else(|| distribution.pointer("/directory/url"));
        if let Some(folder) = folder {
            listed.extend(folder_of(visitor, path(house, folder)));
            continue;
        }
        for feed in distribution["rolie"]["feeds"].as_array().unwrap() {
            let document = found(visitor, path(house, &feed["url"])).json();
            assert_eq!(document["feed"]["category"][0]["term"], "csaf");
            if let Some(updated) = feed.get("last_updated") {
                assert_eq!(*updated, document["feed"]["updated"]);
            }
            for entry in document["feed"]["entry"].as_array().unwrap() {
                let at = verified(house, visitor, entry, home.path(), signs);
                all.push(format!("{} {at}", feed["tlp_label"].as_str().unwrap()));
            }
        }
        for place in ["services", "categories"] {
            for one in distribution["rolie"][place].as_array().unwrap() {
                found(visitor, path(house, one)).json();
            }
        }
    }
    let of_feeds: BTreeSet<String> = all
        .iter()
        .filter_map(|one| Some(one.split_once(' ')?.1.to_owned()))
        .collect();
    assert_eq!(
        of_feeds, listed,
        "feeds and folders tell of the same documents"
    );
    all
}

/// One entry of a feed: its document is what its hashes and its signature say.
fn verified(house: &House, visitor: &Visitor, entry: &Value, home: &Path, signs: bool) -> String {
    let at = path(house, &entry["content"]["src"]);
    let document = found(visitor, at);
    let name = at.rsplit('/').next().unwrap();
    let mut rels = Vec::new();
    for link in entry["link"].as_array().unwrap() {
        let (rel, href) = (link["rel"].as_str().unwrap(), path(house, &link["href"]));
        let beside = found(visitor, href).body;
        let hash = match href.rsplit('.').next().unwrap() {
            "sha256" => finding::hex(digest(&SHA256, &document.bytes).as_ref()),
            "sha512" => finding::hex(digest(&SHA512, &document.bytes).as_ref()),
            _ => String::new(),
        };
        match rel {
            "self" => assert_eq!(href, at),
            "hash" => assert_eq!(beside, format!("{hash}  {name}\n")),
            "signature" => {
                let [signed, signature] = ["a.json", "a.json.asc"].map(|name| home.join(name));
                fs::write(&signed, &document.bytes).unwrap();
                fs::write(&signature, beside).unwrap();
                let [signed, signature] = [&signed, &signature].map(|it| it.to_str().unwrap());
                if signs {
                    let said = gpg(home, &["--verify", signature, signed]).unwrap();
                    assert!(
                        said.status.success(),
                        "{}",
                        String::from_utf8_lossy(&said.stderr)
                    );
                }
            }
            other => panic!("a link of kind `{other}`"),
        }
        rels.push(rel.to_owned());
    }
    assert_eq!(rels.join(" "), "self hash hash signature");
    let csaf = document.json();
    assert_eq!(
        csaf["document"]["tracking"]["current_release_date"],
        entry["updated"]
    );
    assert_eq!(csaf["document"]["tracking"]["id"], entry["id"]);
    at.to_owned()
}

/// The documents of a folder, by `index.txt`, `changes.csv` and the pages that list it.
fn folder_of(visitor: &Visitor, folder: &str) -> Vec<String> {
    let index = found(visitor, &format!("{folder}index.txt")).body;
    let all: BTreeSet<String> = index
        .lines()
        .map(|line| format!("{folder}{line}"))
        .collect();
    let changes = found(visitor, &format!("{folder}changes.csv")).body;
    let mut times = Vec::new();
    let mut changed = BTreeSet::new();
    for line in changes.lines() {
        let (name, at) = line.split_once(',').unwrap();
        // Only 2.0 has quotes round what needs none.
        let plain = |text: &str| match folder.contains("/v2.1/") {
            true => text.to_owned(),
            false => {
                let inner = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                inner.unwrap().to_owned()
            }
        };
        changed.insert(format!("{folder}{}", plain(name)));
        times.push(plain(at).parse::<jiff::Timestamp>().unwrap());
    }
    assert_eq!(all, changed);
    assert!(times.is_sorted_by(|one, other| one >= other), "{changes}");
    let page = found(visitor, folder).body;
    let links = |page: &str| -> Vec<String> {
        let parts = page.split("href=\"").skip(1);
        parts
            .map(|part| part.split('"').next().unwrap().to_owned())
            .collect()
    };
    let mut walked = BTreeSet::new();
    for year in links(&page).iter().filter(|link| link.starts_with("20")) {
        for name in links(&found(visitor, &format!("{folder}{year}")).body) {
            if name.ends_with(".json") {
                walked.insert(format!("{folder}{year}{name}"));
            }
        }
    }
    assert_eq!(all, walked);
    all.into_iter().collect()
}

#[test]
fn a_stranger_follows_the_metadata_and_verifies_every_hash_and_signature() {
    let house = House::start();
    published(&house);
    let all = follow(&house, &house.anon());
    expect!["WHITE /csaf/white/2026/a-000001.json"].assert_eq(&all.join("\n"));
    let metadata = found(&house.anon(), METADATA).json();
    assert_eq!(metadata["role"], "csaf_trusted_provider");
    if let Some(data) = data() {
        let schema = "schemas/csaf/csaf_2.0/json_schema/provider_json_schema.json";
        let validator = validator(&data, schema);
        let wrong: Vec<String> = validator
            .iter_errors(&metadata)
            .map(|error| format!("{} {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn who_follows_csaf_2_1_finds_the_same_in_its_own_folders() {
    let house = House::start();
    published(&house);
    let all = follow_from(&house, &house.anon(), METADATA_21);
    expect!["CLEAR /csaf/v2.1/clear/2026/a-000001.json"].assert_eq(&all.join("\n"));
    let metadata = found(&house.anon(), METADATA_21).json();
    let said = ["$schema", "metadata_version", "role"].map(|key| metadata[key].as_str().unwrap());
    expect![[r#"
        https://docs.oasis-open.org/csaf/csaf/v2.1/schema/provider.json
        2.1
        csaf_trusted_provider"#]]
    .assert_eq(&said.join("\n"));
    let document = found(&house.anon(), "/csaf/v2.1/clear/2026/a-000001.json");
    assert_eq!(document.json()["document"]["csaf_version"], "2.1");
    // It is the version's own file, under another address.
    let own = found(&house.anon(), "/advisories/A-000001/1.csaf-2.1.json");
    assert_eq!(document.bytes, own.bytes);
}

#[test]
fn every_form_of_what_is_published_is_clean_by_its_own_standard() {
    let house = House::start();
    let ada = published(&house);
    let anon = house.anon();
    let all = [
        ("csaf", "a-000001.json"),
        ("csaf-2.1", "a-000001.json"),
        ("osv", "A-000001.json"),
        ("openvex", "A-000001.json"),
        ("cve", "CVE-2026-10001.json"),
    ];
    let mut said = Vec::new();
    for version in ["1", "2"] {
        for (form, name) in all {
            let address = format!("/advisories/A-000001/{version}.{form}.json");
            if (version, form) == ("2", "openvex") {
                // What is taken back states nothing, and OpenVEX has no word for that.
                assert_eq!(anon.get(&address).status, 404);
                continue;
            }
            let seen = found(&anon, &address);
            assert_eq!(
                seen.header("cache-control"),
                Some("public, max-age=31536000, immutable")
            );
            let now = "2026-11-20T12:00:00Z".parse().unwrap();
            let report = lint::check(name, &seen.bytes, &lint::Settings::at(now)).unwrap();
            said.push(format!("{version} {form}: {}", report.edition));
            for problem in report.problems {
                let lint::Problem {
                    test,
                    severity,
                    pointer,
                    message,
                    ..
                } = problem;
                said.push(format!("  {severity:?} {test} {pointer}: {message}"));
            }
        }
        if version == "1" {
            let done = ada.post("/advisories/A-000001/withdraw", "reason=it+is+no+flaw");
            assert_eq!(done.status, 303, "{}", done.body);
        }
    }
    expect![[r#"
        1 csaf: CSAF 2.0 OS
          Warning 6.2.11 /document/references: document is missing a canonical URL, as no reference fulfills the requirements
          Information 6.3.6 /document/references/2/url: `https://leftish.example/fix` does not resolve: names under `example` are reserved and never have an address
          Information 6.3.10 /product_tree/branches/0/branches/0/branches/0: usage of 'product_version_range' branch category is not recommended
          Information 6.3.9 /product_tree/branches/0/branches/0/branches/0/product: the recommended branch category sequence is: `vendor` -> `product_name` -> `product_version`, irrespective of other branch categories. Some of the categories are missing: `product_version`. Full path: `vendor` -> `product_name` -> `product_version_range`
          Information 6.3.10 /product_tree/branches/1/branches/0/branches/0: usage of 'product_version_range' branch category is not recommended
          Warning 6.2.16 /product_tree/branches/1/branches/0/branches/0/product: product is missing 'product_identification_helper' property
          Information 6.3.9 /product_tree/branches/1/branches/0/branches/0/product: the recommended branch category sequence is: `vendor` -> `product_name` -> `product_version`, irrespective of other branch categories. Some of the categories are missing: `product_version`. Full path: `vendor` -> `product_name` -> `product_version_range`
        1 csaf-2.1: CSAF 2.1 CSD03
          Warning 6.2.43 /document: the document's license expression is missing
          Warning 6.2.11 /document/references: document is missing a canonical URL, as no reference fulfills the requirements
          Information 6.3.6 /document/references/2/url: `https://leftish.example/fix` does not resolve: names under `example` are reserved and never have an address
          Information 6.3.10 /product_tree/branches/0/branches/0/branches/0: usage of 'product_version_range' branch category is not recommended
          Information 6.3.9 /product_tree/branches/0/branches/0/branches/0/product: the recommended branch category sequence is: `vendor` -> `product_name` -> `product_version`, irrespective of other branch categories. Some of the categories are missing: `product_version`. Full path: `vendor` -> `product_name` -> `product_version_range`
          Warning 6.2.42 /product_tree/branches/0/branches/0/branches/0/product/product_identification_helper/purls/0: product's PURL and categorized_strings contain information not provided by the other. PURL is Missing while `product_version_range` is `vers:cargo/>=1.0.0|<1.4.2`
          Information 6.3.10 /product_tree/branches/1/branches/0/branches/0: usage of 'product_version_range' branch category is not recommended
          Warning 6.2.49 /product_tree/branches/1/branches/0/branches/0/name: range `vers:all/*` has no upper end, so versions yet to come are in it
          Warning 6.2.16 /product_tree/branches/1/branches/0/branches/0/product: product is missing 'product_identification_helper' property
          Information 6.3.9 /product_tree/branches/1/branches/0/branches/0/product: the recommended branch category sequence is: `vendor` -> `product_name` -> `product_version`, irrespective of other branch categories. Some of the categories are missing: `product_version`. Full path: `vendor` -> `product_name` -> `product_version_range`
          Warning 6.2.26 /vulnerabilities/0/cwes/0: weakness 'CWE-787' has usage 'Allowed-with-Review' in version 4.20, which requires a thorough review
          Information 6.3.12 /vulnerabilities/0/metrics/0/content: the metric contains CVSS-v3.1 but does not include a CVSS v4.0 score
          Warning 6.2.39.1 /vulnerabilities/0/product_status: product `CSAFPID-0001` is affected, and no version of it is listed as fixed
        1 osv: OSV schema 1.7
        1 openvex: OpenVEX 0.2.0
        1 cve: CVE Record Format 5.2.0
        2 csaf: CSAF 2.0 OS
          Warning 6.2.11 /document/references: document is missing a canonical URL, as no reference fulfills the requirements
          Information 6.3.6 /document/references/2/url: `https://leftish.example/fix` does not resolve: names under `example` are reserved and never have an address
        2 csaf-2.1: CSAF 2.1 CSD03
          Warning 6.2.43 /document: the document's license expression is missing
          Warning 6.2.11 /document/references: document is missing a canonical URL, as no reference fulfills the requirements
          Information 6.3.6 /document/references/2/url: `https://leftish.example/fix` does not resolve: names under `example` are reserved and never have an address
          Warning 6.2.21 /document/tracking/revision_history/0/date: 2 revisions have the date `2026-11-20T12:00:00Z`; each has its own
          Warning 6.2.21 /document/tracking/revision_history/1/date: 2 revisions have the date `2026-11-20T12:00:00Z`; each has its own
        2 osv: OSV schema 1.7
        2 cve: CVE Record Format 5.2.0"#]].assert_eq(&said.join("\n"));
}

#[test]
fn the_log_commits_to_every_form_of_a_version() {
    let house = House::start();
    published(&house);
    let anon = house.anon();
    let page = found(&anon, "/advisories/A-000001").body;
    for form in [
        "json",
        "osv.json",
        "csaf.json",
        "csaf-2.1.json",
        "openvex.json",
        "cve.json",
    ] {
        let bytes = found(&anon, &format!("/advisories/A-000001/1.{form}")).bytes;
        let hash = finding::hex(digest(&SHA256, &bytes).as_ref());
        assert!(
            page.contains(&hash),
            "{form} is not among the hashes of the page"
        );
        let index = page
            .split("/log/")
            .nth(1)
            .and_then(|it| it.split('"').next())
            .unwrap();
        let entry = found(&anon, &format!("/log/{index}.json")).body;
        assert!(
            entry.contains(&hash),
            "{form} is not in entry {index}: {entry}"
        );
    }
    let none = anon.get("/advisories/A-000001/1.cyclonedx.json");
    assert_eq!(none.status, 404);
}

#[test]
fn an_empty_house_is_followed_too() {
    let house = House::start();
    assert!(follow(&house, &house.anon()).is_empty());
    let page = found(&house.anon(), "/csaf/");
    assert!(
        page.body.contains("Nothing is published yet."),
        "{}",
        page.body
    );
}

#[test]
fn a_revision_takes_the_place_of_the_version_before_and_its_date() {
    let house = House::start();
    let ada = published(&house);
    let anon = house.anon();
    let before = found(&anon, "/csaf/white/2026/a-000001.json");
    house.later(SignedDuration::from_mins(20));
    let mut next = draft();
    next["change"] = json!("the fix is out");
    let saved = ada.send_json("POST", "/cases/C-000001/advisory.json", &next.to_string());
    assert_eq!(saved.status, 204, "{}", saved.body);
    let done = ada.send_json("POST", "/cases/C-000001/advisory/publish.json", "{}");
    assert_eq!(done.status, 201, "{}", done.body);
    assert_eq!(follow(&house, &anon).len(), 1);
    let after = found(&anon, "/csaf/white/2026/a-000001.json");
    assert_ne!(before.bytes, after.bytes);
    assert_eq!(
        after.header("last-modified"),
        Some("Fri, 20 Nov 2026 12:20:00 GMT")
    );
    // Each version keeps its own signature.
    let [one, two] = ["1", "2"].map(|version| {
        found(
            &anon,
            &format!("/advisories/A-000001/{version}.csaf.json.asc"),
        )
        .body
    });
    assert_ne!(one, two);
    assert_eq!(two, found(&anon, "/csaf/white/2026/a-000001.json.asc").body);
}

#[test]
fn a_client_that_holds_the_last_is_told_so_without_it() {
    let house = House::start();
    published(&house);
    let anon = house.anon();
    let all = [
        METADATA,
        METADATA_21,
        "/.well-known/csaf/service.json",
        "/.well-known/security.txt",
        "/csaf/white/csaf-feed-tlp-white.json",
        "/csaf/white/index.txt",
        "/csaf/white/2026/a-000001.json",
        "/csaf/white/2026/a-000001.json.asc",
    ];
    for path in all {
        let seen = found(&anon, path);
        let tag = seen.header("etag").unwrap().to_owned();
        assert!(tag.starts_with('"'), "{path}: {tag}");
        assert_eq!(
            seen.header("cache-control"),
            Some("public, no-cache"),
            "{path}"
        );
        assert_eq!(
            seen.header("access-control-allow-origin"),
            Some("*"),
            "{path}"
        );
        let held = anon.with("if-none-match", &tag).get(path);
        assert_eq!((held.status, held.bytes.len()), (304, 0), "{path}");
        assert_eq!(held.header("etag"), Some(&*tag), "{path}");
        let other = anon.with("if-none-match", "\"another\"").get(path);
        assert_eq!(other.status, 200, "{path}");
        if let Some(date) = seen.header("last-modified") {
            let held = anon.with("if-modified-since", date).get(path);
            assert_eq!(held.status, 304, "{path}");
            let old = anon.with("if-modified-since", "Thu, 19 Nov 2026 12:00:00 GMT");
            assert_eq!(old.get(path).status, 200, "{path}");
        }
        let head = anon.send("HEAD", path, None, "");
        assert_eq!((head.status, head.bytes.len()), (200, 0), "{path}");
        assert_eq!(head.header("etag"), Some(&*tag), "{path}");
    }
    let packed = anon
        .with("accept-encoding", "gzip")
        .get("/csaf/white/2026/a-000001.json");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.header("etag").unwrap().starts_with("W/\""));
    let key = found(&anon, METADATA).json()["public_openpgp_keys"][0]["url"].clone();
    let key = found(&anon, path(&house, &key));
    assert_eq!(
        key.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
}

#[test]
fn who_found_a_flaw_in_this_house_is_told_where_to_say_so() {
    let house = House::start();
    let seen = found(&house.anon(), "/.well-known/security.txt");
    let said = seen.body.replace(&seen.host, "HOUSE");
    let (text, signature) = said.split_once("-----BEGIN PGP SIGNATURE-----").unwrap();
    assert!(
        signature
            .trim_end()
            .ends_with("-----END PGP SIGNATURE-----")
    );
    expect![[r#"
        -----BEGIN PGP SIGNED MESSAGE-----
        Hash: SHA512

        Contact: http://HOUSE/about
        Expires: 2027-05-01T00:00:00Z
        Encryption: openpgp4fpr:FINGERPRINT
        Preferred-Languages: en
        Canonical: http://HOUSE/.well-known/security.txt
        Policy: http://HOUSE/about
        CSAF: http://HOUSE/.well-known/csaf/provider-metadata.json
        CSAF: http://HOUSE/.well-known/csaf/v2.1/provider-metadata.json
    "#]]
    .assert_eq(&without_fingerprint(text));
}

fn without_fingerprint(text: &str) -> String {
    let (before, rest) = text.split_once("openpgp4fpr:").unwrap();
    format!("{before}openpgp4fpr:FINGERPRINT{}", &rest[40..])
}

/// A house where a lab found something, and whatever `light` says was told of it.
struct World {
    house: House,
    work: Arc<Work>,
    ada: Visitor,
    lab: Visitor,
    other: Visitor,
}

/// The first case is the lab's, told under `light` or not at all; the second is told to everyone.
fn world(light: Option<&str>) -> World {
    let work = Arc::new(Work::default());
    let house = House::start_counted(&[], Arc::clone(&work));
    let (ada, _) = ada(&house);
    let lab = finder(&house, &ada, "Lab");
    let other = finder(&house, &ada, "Other");
    let world = World {
        house,
        work,
        ada,
        lab,
        other,
    };
    world.open("zq7lib", 1);
    if let Some(light) = light {
        let mut own = draft();
        own["title"] = json!("zq7lib writes past its buffer");
        own["tlp"] = json!(light);
        own["aliases"] = json!([]);
        assert_eq!(world.publish(1, &own)["advisory"], "A-900000001");
    }
    world.open("leftish", 2);
    assert_eq!(world.publish(2, &draft())["advisory"], "A-000001");
    world
}

impl World {
    /// The lab hands over a flaw, whose embargo ends.
    fn open(&self, package: &str, case: u32) {
        let report = json!({
            "title": format!("Overflow in {package}"), "weaknesses": [787],
            "target": {"package": format!("pkg:cargo/{package}@1.2.0")},
        });
        let taken = self
            .lab
            .send_json("POST", "/reports.json", &report.to_string());
        assert_eq!(taken.status, 201, "{}", taken.body);
        comes(&self.house);
        let path = format!("/cases/C-{case:06}");
        let looked = self.ada.post(&format!("{path}/stage"), "stage=triage");
        assert_eq!(looked.status, 303, "{}", looked.body);
        let leak = "act=end&cause=leak&source=https://paste.example/1";
        let ended = self.ada.post(&format!("{path}/embargo"), leak);
        assert_eq!(ended.status, 303, "{}", ended.body);
    }

    fn publish(&self, case: u32, draft: &Value) -> Value {
        let path = format!("/cases/C-{case:06}/advisory");
        let saved = self
            .ada
            .send_json("POST", &format!("{path}.json"), &draft.to_string());
        assert_eq!(saved.status, 204, "{}", saved.body);
        let done = self
            .ada
            .send_json("POST", &format!("{path}/publish.json"), "{}");
        assert_eq!(done.status, 201, "{}", done.body);
        done.json()
    }
}

/// Tags, lengths and signatures of what names the house's own address go with its port, which differs from house to
/// house.
fn without_port(answer: &str) -> String {
    if !answer.contains("HOUSE") {
        return answer.to_owned();
    }
    let told = answer.split("-----BEGIN PGP SIGNATURE").next();
    let goes = |line: &&str| line.starts_with("etag: ") || line.starts_with("content-length: ");
    let lines = told.unwrap_or_default().lines();
    let lines: Vec<&str> = lines.filter(|line| !goes(line)).collect();
    lines.join("\n")
}

/// What a stranger, and a member without a part, ask about an advisory that is told to few.
const ASKED: &[&str] = &[
    "/advisories.json",
    "/advisories",
    "/advisories.json?q=zq7lib",
    "/advisories.json?q=package:zq7lib",
    "/advisories/A-900000001.json",
    "/advisories/A-900000001",
    "/advisories/A-900000001.csaf.json",
    "/advisories/A-900000001/1.csaf.json",
    "/advisories/A-900000001/1.csaf.json.asc",
    "/advisories/A-900000001/entries.json",
    "/advisories/A-900000002.json",
    "/advisories/A-000002.json",
    METADATA,
    "/.well-known/csaf/service.json",
    "/.well-known/security.txt",
    "/csaf/",
    "/csaf/white/",
    "/csaf/white/2026/",
    "/csaf/white/index.txt",
    "/csaf/white/changes.csv",
    "/csaf/white/csaf-feed-tlp-white.json",
    "/csaf/white/category-tlp-white.json",
    "/csaf/white/2026/a-900000001.json",
    "/csaf/green/",
    "/csaf/green/csaf-feed-tlp-green.json",
    "/csaf/amber/",
    "/csaf/amber/2026/",
    "/csaf/amber/index.txt",
    "/csaf/amber/csaf-feed-tlp-amber.json",
    "/csaf/amber/2026/a-900000001.json",
    "/csaf/amber/2026/a-900000001.json.sha512",
    "/csaf/amber/2026/a-900000002.json",
    "/csaf/red/2026/a-900000001.json",
    "/findings/F-000001.json",
    "/cases/C-000001.json",
    "/v1/vulns/A-900000001",
    "/osv/modified_id.csv",
    "/kev.json",
    "/numbers.json",
    "/",
];

#[test]
fn an_advisory_for_few_is_not_there_for_anyone_else() {
    let (told, untold) = (world(Some("AMBER")), world(None));
    let ask = |world: &World, visitor: &Visitor, path: &str| {
        let before = (world.work.count(), world.house.app.house.unwrapped());
        let seen = visitor.get(path);
        let after = (world.work.count(), world.house.app.house.unwrapped());
        (
            seen.status,
            without_port(&answer(&seen)),
            (after.0 - before.0, after.1 - before.1),
        )
    };
    for path in ASKED {
        // Lists are read into memory by whoever asks first.
        for (visitor, of) in [
            ("a stranger", World::stranger as fn(&World) -> Visitor),
            ("a member without a part", |world: &World| {
                world.other.clone()
            }),
        ] {
            for _ in 0..2 {
                let (status, with, cost) = ask(&told, &of(&told), path);
                let (_, without, other_cost) = ask(&untold, &of(&untold), path);
                assert_eq!(masked(&with), masked(&without), "{visitor}: {path}");
                if status != 200 || !with.contains("A-000001") {
                    assert_eq!(with, without, "{visitor}: {path}");
                }
                assert_eq!(cost, other_cost, "{visitor}: {path}");
            }
        }
    }
}

impl World {
    fn stranger(&self) -> Visitor {
        self.house.anon()
    }
}

#[test]
fn who_has_a_part_reads_what_is_told_to_few_and_verifies_it() {
    let world = world(Some("AMBER"));
    let house = &world.house;
    let own = "AMBER /csaf/amber/2026/a-900000001.json";
    let everyones = "WHITE /csaf/white/2026/a-000001.json";
    let reads = |visitor: &Visitor| follow(house, visitor).join("\n");
    assert_eq!(reads(&world.lab), format!("{everyones}\n{own}"));
    assert_eq!(reads(&world.ada), format!("{everyones}\n{own}"));
    assert_eq!(reads(&world.other), everyones);
    assert_eq!(reads(&house.anon()), everyones);
    let document = found(&world.lab, "/csaf/amber/2026/a-900000001.json");
    assert_eq!(
        document.json()["document"]["distribution"]["tlp"]["label"],
        "AMBER"
    );
    assert_eq!(document.header("cache-control"), Some("no-store"));
    let locked = house.anon().get("/csaf/amber/2026/a-900000001.json");
    assert_eq!(
        (locked.status, locked.header("www-authenticate")),
        (401, Some("Bearer"))
    );
    let page = found(&world.lab, "/advisories/A-900000001");
    assert!(page.body.contains("TLP:AMBER"), "{}", page.body);
    let all = found(&world.lab, "/advisories.json").json();
    assert_eq!(all["advisories"].as_array().unwrap().len(), 2);
}

#[test]
fn what_was_told_to_members_is_told_to_everyone_and_never_back() {
    let world = world(Some("GREEN"));
    let (house, path) = (&world.house, "/csaf/green/2026/a-900000001.json");
    found(&world.other, path);
    let mut next = draft();
    next["aliases"] = json!([]);
    next["change"] = json!("for everyone");
    world.publish(1, &next);
    assert_eq!(world.other.get(path).status, 404);
    let all = follow(house, &house.anon());
    assert_eq!(
        all,
        [
            "WHITE /csaf/white/2026/a-900000001.json",
            "WHITE /csaf/white/2026/a-000001.json"
        ]
    );
    // The version before stays with whom it was told to.
    assert_eq!(
        house.anon().get("/advisories/A-900000001/1.json").status,
        404
    );
    found(&world.other, "/advisories/A-900000001/1.json");
    next["tlp"] = json!("AMBER");
    world
        .ada
        .send_json("POST", "/cases/C-000001/advisory.json", &next.to_string());
    let back = world
        .ada
        .send_json("POST", "/cases/C-000001/advisory/publish.json", "{}");
    assert_eq!(back.status, 422, "{}", back.body);
    assert!(
        back.body.contains("what was told cannot be kept again"),
        "{}",
        back.body
    );
}

#[test]
fn what_is_published_as_exploited_stands_in_a_catalogue_that_readers_of_kev_know() {
    let house = House::start();
    let ada = published(&house);
    let anon = house.anon();
    let empty = found(&anon, "/kev.json").json();
    assert_eq!(
        (&empty["count"], &empty["vulnerabilities"]),
        (&json!(0), &json!([]))
    );
    house.later(SignedDuration::from_mins(20));
    let mut next = draft();
    next["change"] = json!("it is exploited");
    next["exploited"] = json!("2026-12-24");
    let saved = ada.send_json("POST", "/cases/C-000001/advisory.json", &next.to_string());
    assert_eq!(saved.status, 204, "{}", saved.body);
    let early = ada.send_json("POST", "/cases/C-000001/advisory/publish.json", "{}");
    assert!(
        early.body.contains("is a day that has not come"),
        "{}",
        early.body
    );
    next["exploited"] = json!("2026-11-19");
    ada.send_json("POST", "/cases/C-000001/advisory.json", &next.to_string());
    let done = ada.send_json("POST", "/cases/C-000001/advisory/publish.json", "{}");
    assert_eq!(done.status, 201, "{}", done.body);
    let kev = found(&anon, "/kev.json");
    expect![[r#"
        {
          "title": "Flaws that Seamark on trial published as exploited",
          "catalogVersion": "2026.11.20",
          "dateReleased": "2026-11-20T12:20:00.000Z",
          "count": 1,
          "vulnerabilities": [
            {
              "cveID": "CVE-2026-10001",
              "vendorProject": "cargo",
              "product": "leftish",
              "vulnerabilityName": "decode writes past its buffer",
              "dateAdded": "2026-11-20",
              "shortDescription": "A length from the input is not checked.",
              "requiredAction": "Update to 1.4.2.",
              "dueDate": "2026-12-11",
              "knownRansomwareCampaignUse": "Unknown",
              "notes": "http://127.0.0.1:8080/advisories/A-000001",
              "cwes": [
                "CWE-787"
              ]
            }
          ]
        }
    "#]]
    .assert_eq(&kev.body.replace(&kev.host, "HOUSE"));
    let lines = found(&anon, "/kev.csv");
    expect![[r#"
        cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,requiredAction,dueDate,knownRansomwareCampaignUse,notes,cwes
        CVE-2026-10001,cargo,leftish,decode writes past its buffer,2026-11-20,A length from the input is not checked.,Update to 1.4.2.,2026-12-11,Unknown,http://127.0.0.1:8080/advisories/A-000001,CWE-787
    "#]].assert_eq(&lines.body.replace(&lines.host, "HOUSE"));
    if let Some(data) = data() {
        let schema =
            fs::read(data.join("kev/known_exploited_vulnerabilities_schema.json")).unwrap();
        let schema: Value = serde_json::from_slice(&schema).unwrap();
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        let wrong: Vec<String> = validator
            .iter_errors(&kev.json())
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
    let page = found(&anon, "/advisories/A-000001");
    assert!(page.body.contains("Exploited since"), "{}", page.body);
}
