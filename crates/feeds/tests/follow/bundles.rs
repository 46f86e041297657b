//! OSV buckets and the CVE list: an archive once, then what changed.

use std::fs;
use std::io::Write as _;

use expect_test::expect;

use super::{World, documents, shared};

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn osv(id: &str, modified: &str) -> String {
    format!(r#"{{"id": "{id}", "modified": "{modified}", "affected": []}}"#)
}

fn bucket(world: &World, list: &str, members: &[(&str, &str)]) {
    let members: Vec<(&str, &[u8])> = members
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    world.server.text("/PyPI/all.zip", zip(&members));
    world.server.text("/PyPI/modified_id.csv", list);
}

#[test]
fn a_bucket_is_fetched_once_and_then_record_by_record() {
    let world = World::begin();
    let (old, new) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00.5Z");
    let list = format!("{old},PYSEC-2026-1\n{old},GHSA-aaaa\n");
    let (one, two) = (osv("PYSEC-2026-1", old), osv("GHSA-aaaa", old));
    bucket(
        &world,
        &list,
        &[
            ("PYSEC-2026-1.json", &one),
            ("GHSA-aaaa.json", &two),
            ("../../escape.json", "{}"),
            ("readme.txt", ""),
        ],
    );
    let outcome = world.follow("osv", "/PyPI/");
    expect![[r#"
        new 2, changed 0, unchanged 0, refused 1, restricted 0
        ../../escape.json: path climbs out of its folder with `..`
        keeps GHSA-aaaa.json
        keeps PYSEC-2026-1.json
    "#]]
    .assert_eq(&world.said(&outcome));
    world.server.asked();
    world.server.text("/PyPI/modified_id.csv", format!("{new},PYSEC-2026-1\n{new},PYSEC-2026-2\n{new},PYSEC-2026-3\n{new},../../etc/passwd\n{new},PYSEC-2026-4\n{old},GHSA-aaaa\n"));
    world
        .server
        .text("/PyPI/PYSEC-2026-1.json", osv("PYSEC-2026-1", new));
    world
        .server
        .text("/PyPI/PYSEC-2026-2.json", osv("PYSEC-2026-2", new));
    world
        .server
        .text("/PyPI/PYSEC-2026-3.json", osv("GHSA-aaaa", new));
    let outcome = world.follow("osv", "/PyPI/");
    expect![[r#"
        new 1, changed 1, unchanged 0, refused 3, restricted 0
        modified_id.csv: `2026-02-01T00:00:00.5Z,../../etc/passwd` is no line such as `2024-10-10T17:22:00Z,PYSEC-2024-104`
        PYSEC-2026-3: says that it is `GHSA-aaaa`
        URL/PyPI/PYSEC-2026-4.json: server answers 404 Not Found
        keeps GHSA-aaaa.json
        keeps PYSEC-2026-1.json
        keeps PYSEC-2026-2.json
    "#]].assert_eq(&world.said(&outcome));
    let mut asked = world.server.asked();
    asked.sort();
    assert_eq!(
        asked,
        [
            "/PyPI/PYSEC-2026-1.json",
            "/PyPI/PYSEC-2026-2.json",
            "/PyPI/PYSEC-2026-3.json",
            "/PyPI/PYSEC-2026-4.json",
            "/PyPI/modified_id.csv"
        ]
    );
    // A record that goes back in time is an old copy, whatever the list says.
    world.server.text(
        "/PyPI/modified_id.csv",
        format!("2026-02-03T00:00:00Z,PYSEC-2026-1\n{old},GHSA-aaaa\n{new},PYSEC-2026-2\n"),
    );
    world
        .server
        .text("/PyPI/PYSEC-2026-1.json", osv("PYSEC-2026-1", old));
    let said = world.said(&world.follow("osv", "/PyPI/"));
    assert!(said.contains("PYSEC-2026-1: went back: that of 2026-02-01T00:00:00.5Z is kept, and this is of 2026-01-01T00:00:00Z"), "{said}");
}

#[test]
fn a_bucket_that_is_out_of_order_takes_nothing_away() {
    let world = World::begin();
    let time = "2026-01-01T00:00:00Z";
    bucket(
        &world,
        &format!("{time},PYSEC-2026-1\n"),
        &[("PYSEC-2026-1.json", &osv("PYSEC-2026-1", time))],
    );
    world.follow("osv", "/PyPI/");
    world.server.text("/PyPI/modified_id.csv", "");
    let outcome = world.follow("osv", "/PyPI/");
    assert!(
        outcome
            .failed
            .as_deref()
            .unwrap()
            .ends_with("lists nothing; its lines are a time, a comma and an id")
    );
    world.server.put("/PyPI/modified_id.csv", super::gone());
    let outcome = world.follow("osv", "/PyPI/");
    assert!(outcome.failed.is_some());
    assert_eq!(documents(&outcome.folder), ["PYSEC-2026-1.json"]);
}

#[test]
fn a_real_bucket_is_kept_record_for_record() {
    let Some(folder) = shared("osv/Hackage") else {
        return;
    };
    let world = World::begin();
    for name in ["all.zip", "modified_id.csv"] {
        world.server.text(
            &format!("/Hackage/{name}"),
            fs::read(folder.join(name)).unwrap(),
        );
    }
    let outcome = world.follow("osv", "/Hackage/");
    let listed = fs::read_to_string(folder.join("modified_id.csv"))
        .unwrap()
        .lines()
        .count();
    assert_eq!((outcome.failed.clone(), outcome.brought.refused), (None, 0));
    assert_eq!(documents(&outcome.folder).len(), listed);
    world.server.asked();
    assert_eq!(world.follow("osv", "/Hackage/").brought.new, 0);
    assert_eq!(world.server.asked(), ["/Hackage/modified_id.csv"]);
    println!("vectors: osv-bucket {listed} ran, 0 listed as wrong");
}

fn cve(id: &str, updated: &str) -> String {
    format!(
        r#"{{"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {{"cveId": "{id}", "state": "PUBLISHED", "dateUpdated": "{updated}"}}, "containers": {{}}}}"#
    )
}

#[test]
fn the_cve_list_is_fetched_once_and_then_by_its_log() {
    let mut world = World::begin();
    let url = world.server.url.clone();
    let one = cve("CVE-2026-0001", "2026-02-27T00:00:00Z");
    let two = cve("CVE-2026-0002", "2026-02-27T00:00:00Z");
    let inner = zip(&[
        ("cves/2026/0xxx/CVE-2026-0001.json", one.as_bytes()),
        ("cves/delta.json", b"{}"),
    ]);
    world.server.text("/all.zip", zip(&[("cves.zip", &inner)]));
    world.server.text(
        "/delta.zip",
        zip(&[("deltaCves/CVE-2026-0002.json", two.as_bytes())]),
    );
    world.server.text("/latest", format!(r#"{{"tag_name": "cve_2026-02-28_0300Z", "assets": [
        {{"name": "2026-02-28_delta_CVEs_at_0300Z.zip", "browser_download_url": "{url}/delta.zip"}},
        {{"name": "2026-02-28_all_CVEs_at_midnight.zip.zip", "browser_download_url": "{url}/all.zip"}}]}}"#));
    let outcome = world.follow("cve", "/latest");
    expect![[r#"
        new 2, changed 0, unchanged 0, refused 0, restricted 0
        keeps cves/2026/0xxx/CVE-2026-0001.json
        keeps cves/2026/0xxx/CVE-2026-0002.json
    "#]]
    .assert_eq(&world.said(&outcome));
    world.now = "2026-03-02T00:00:00Z".parse().unwrap();
    let named = |id: &str, time: &str| {
        format!(r#"{{"cveId": "{id}", "githubLink": "{url}/{id}.json", "dateUpdated": "{time}"}}"#)
    };
    let (old, new) = ("2026-02-27T00:00:00Z", "2026-03-01T12:00:00Z");
    let log = |oldest: &str, newest: &str| {
        format!(
            r#"[{{"fetchTime": "{newest}", "new": [{}], "updated": [{}, {}]}}, {{"fetchTime": "{oldest}", "new": [], "updated": []}}]"#,
            named("CVE-2026-0003", new),
            named("CVE-2026-0001", new),
            named("CVE-2026-0002", old)
        )
    };
    world
        .server
        .text("/deltaLog.json", log("2026-02-20T00:00:00Z", new));
    world
        .server
        .text("/CVE-2026-0001.json", cve("CVE-2026-0001", new));
    world
        .server
        .text("/CVE-2026-0003.json", cve("CVE-2026-0003", new));
    world.server.asked();
    let outcome = world.follow("cve", "/latest");
    assert_eq!(
        (outcome.brought.new, outcome.brought.changed, outcome.failed),
        (1, 1, None)
    );
    let mut asked = world.server.asked();
    asked.sort();
    assert_eq!(
        asked,
        [
            "/CVE-2026-0001.json",
            "/CVE-2026-0003.json",
            "/deltaLog.json"
        ]
    );
    // Whoever was away for longer than the log reaches starts from the archives.
    world.now = "2026-05-02T00:00:00Z".parse().unwrap();
    world.server.text(
        "/deltaLog.json",
        log("2026-04-20T00:00:00Z", "2026-05-01T00:00:00Z"),
    );
    world.follow("cve", "/latest");
    assert!(world.server.asked().contains(&"/all.zip".to_owned()));
}
