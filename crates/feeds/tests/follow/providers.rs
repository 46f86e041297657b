//! CSAF providers that behave.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use expect_test::{Expect, expect};
use feeds::web::Credential;

use super::{METADATA, ONE, PROVIDER, TWO, World, documents, file, gone, shared};
use crate::server::Page;

fn check(world: &World, expected: Expect) {
    expected.assert_eq(&world.said(&world.provider()));
}

#[test]
fn only_what_the_feed_says_has_changed_is_asked_for() {
    let world = World::begin();
    world.trusted(&[ONE, TWO]);
    check(
        &world,
        expect![[r#"
        new 2, changed 0, unchanged 0, refused 0, restricted 0
        keeps 2026/esa-2026_0001.json
        keeps 2026/esa-2026_0001.json.asc
        keeps 2026/esa-2026_0001.json.sha512
        keeps 2026/esa-2026_0002.json
        keeps 2026/esa-2026_0002.json.asc
        keeps 2026/esa-2026_0002.json.sha512
    "#]],
    );
    world.server.asked();
    let outcome = world.provider();
    assert_eq!(outcome.failed, None);
    assert_eq!(
        world.server.asked(),
        [METADATA, "/key.asc", "/white/feed.json"]
    );
    world.trusted(&[("one-v2", ONE.1, "2026-01-20T00:00:00Z"), TWO]);
    let outcome = world.provider();
    assert_eq!((outcome.brought.new, outcome.brought.changed), (0, 1));
    assert_eq!(
        fs::read(outcome.folder.join("2026/esa-2026_0001.json")).unwrap(),
        file("one-v2.json")
    );
    let asked = world.server.asked();
    assert!(!asked.iter().any(|path| path.contains("0002")), "{asked:?}");
    let state = world.state(&outcome);
    let document = &state.documents[&format!("{}/white/{}", world.server.url, ONE.1)];
    assert_eq!(
        (document.id.as_str(), document.version.as_str()),
        ("ESA-2026:0001", "2")
    );
    assert_eq!(document.signed.as_deref(), Some(PROVIDER));
    assert!(state.is_complete);
}

#[test]
fn what_was_there_stays_while_the_source_fails() {
    let mut world = World::begin();
    world.trusted(&[ONE]);
    let first = world.provider();
    world.now = "2026-03-05T00:00:00Z".parse().unwrap();
    world.server.put(METADATA, gone());
    let outcome = world.provider();
    assert!(
        outcome
            .failed
            .as_deref()
            .is_some_and(|reason| reason.contains("503")),
        "{outcome:?}"
    );
    let state = world.state(&outcome);
    assert_eq!(state.reached, world.state(&first).changed);
    assert_eq!(state.asked, Some(world.now));
    assert_eq!(documents(&outcome.folder).len(), 3);
    // Of one feed that fails, too.
    world.trusted(&[ONE]);
    world.server.put("/white/feed.json", gone());
    check(
        &world,
        expect![[r#"
        new 0, changed 0, unchanged 0, refused 0, restricted 0
        URL/white/feed.json: `URL/white/feed.json` cannot be fetched, and an earlier copy is used: server answers 503 Service Unavailable
        keeps 2026/esa-2026_0001.json
        keeps 2026/esa-2026_0001.json.asc
        keeps 2026/esa-2026_0001.json.sha512
    "#]],
    );
}

#[test]
fn what_a_feed_lists_no_more_is_kept_and_said_to_be_so() {
    let world = World::begin();
    let many: Vec<(String, String)> = (0..6)
        .map(|number| (format!("/white/a-{number}.json"), format!("A-{number}")))
        .collect();
    world.metadata("csaf_provider", &[("WHITE", "/white/feed.json")]);
    world.server.text("/key.asc", file("provider.pub.asc"));
    let entry = |path: &str| {
        format!(
            r#"{{"updated": "2026-01-01T00:00:00Z", "content": {{"src": "{}{path}"}}}}"#,
            world.server.url
        )
    };
    for (path, id) in &many {
        world.server.text(path, super::killed::document(id));
    }
    let entries: Vec<String> = many.iter().map(|(path, _)| entry(path)).collect();
    world.feed("/white/feed.json", &entries);
    assert_eq!(world.provider().brought.new, 6);
    world.feed("/white/feed.json", &entries[..2]);
    let outcome = world.provider();
    let state = world.state(&outcome);
    assert_eq!(
        state
            .documents
            .values()
            .filter(|document| document.unlisted.is_some())
            .count(),
        4
    );
    assert_eq!(documents(&outcome.folder).len(), 6);
    let shrunk = "lists 2 documents and listed 6 before; what it lists no more is kept";
    assert!(
        state.notes.iter().any(|note| note == shrunk),
        "{:?}",
        state.notes
    );
    world.feed("/white/feed.json", &entries);
    let state = world.state(&world.provider());
    assert!(
        state
            .documents
            .values()
            .all(|document| document.unlisted.is_none())
    );
}

#[test]
fn a_directory_is_followed_by_its_changes() {
    let world = World::begin();
    world.server.text("/key.asc", file("provider.pub.asc"));
    world.server.text(
        METADATA,
        format!(
            r#"{{"metadata_version": "2.1", "role": "csaf_trusted_provider",
        "public_openpgp_keys": [{{"fingerprint": "{PROVIDER}", "url": "{0}/key.asc"}}],
        "distributions": [{{"directory": {{"tlp_label": "CLEAR", "url": "{0}/white"}}}}]}}"#,
            world.server.url
        ),
    );
    let serve = |data: &str| {
        world.serve(
            "/white/2026/esa-2026_0001.json",
            &file(&format!("{data}.json")),
            &file(&format!("{data}.json.asc")),
        )
    };
    serve("one-v1");
    world
        .server
        .text("/white/index.txt", "2026/esa-2026_0001.json\n");
    world.server.text(
        "/white/changes.csv",
        "2026/esa-2026_0001.json,2026-01-10T00:00:00Z\n",
    );
    assert_eq!(world.provider().brought.new, 1);
    serve("one-v2");
    assert_eq!(world.provider().brought.changed, 0);
    world.server.text(
        "/white/changes.csv",
        "\"2026/esa-2026_0001.json\",\"2026-01-20T00:00:00Z\"\r\n",
    );
    let outcome = world.provider();
    assert_eq!(outcome.brought.changed, 1);
    assert_eq!(world.state(&outcome).problems, []);
}

#[test]
fn a_house_is_found_by_security_txt_where_its_well_known_place_has_nothing() {
    let world = World::begin();
    world.trusted(&[ONE]);
    let metadata = world.server.url.clone() + "/there/provider-metadata.json";
    assert!(world.follow("csaf", "").brought.new == 1);
    world.server.put(
        "/there/provider-metadata.json",
        Page::new(r#"{"metadata_version": "2.0", "distributions": []}"#),
    );
    world.server.text(
        "/.well-known/security.txt",
        format!("Contact: mailto:a@b\nCSAF: {metadata}\n"),
    );
    let note = world.state(&world.follow("csaf", "")).notes;
    assert!(
        note.iter()
            .any(|note| note.contains("/there/provider-metadata.json` too")),
        "{note:?}"
    );
    world.server.remove(METADATA);
    let outcome = world.follow("csaf", "");
    assert_eq!(outcome.failed, None);
    world.server.remove("/there/provider-metadata.json");
    let failed = world
        .follow("csaf", "")
        .failed
        .unwrap()
        .replace(&world.server.url, "URL");
    expect!["no provider metadata was found: `URL/.well-known/csaf/provider-metadata.json`: server answers 404 Not Found; `URL/there/provider-metadata.json`: server answers 404 Not Found"].assert_eq(&failed);
}

#[test]
fn what_is_not_for_everyone_is_kept_only_by_who_has_a_way_in_and_marked() {
    let mut world = World::begin();
    world.server.text("/key.asc", file("provider.pub.asc"));
    world.metadata(
        "csaf_trusted_provider",
        &[("WHITE", "/white/feed.json"), ("AMBER", "/amber/feed.json")],
    );
    let path = "/amber/esa-2026_0003.json";
    // By mistake it is in the public feed as well.
    for feed in ["/white/feed.json", "/amber/feed.json"] {
        world.feed(feed, &[world.entry(path, "2026-01-13T00:00:00Z")]);
    }
    world.serve(path, &file("amber.json"), &file("amber.json.asc"));
    check(
        &world,
        expect![[r#"
        new 0, changed 0, unchanged 0, refused 0, restricted 1
        note: `URL/amber/feed.json` is labelled TLP:AMBER and was passed over: no credentials for it were given
    "#]],
    );
    let host = world.server.url.strip_prefix("http://").unwrap().to_owned();
    world
        .credentials
        .add(&host, Credential::Bearer("sesame".to_owned()));
    for path in [
        path,
        "/amber/feed.json",
        &format!("{path}.asc"),
        &format!("{path}.sha512"),
    ] {
        let body = match path {
            "/amber/feed.json" => continue,
            path if path.ends_with(".asc") => file("amber.json.asc"),
            path if path.ends_with(".sha512") => super::sha512(&file("amber.json")).into(),
            _ => file("amber.json"),
        };
        world
            .server
            .put(path, Page::new(body).needs(" Bearer sesame".trim()));
    }
    let outcome = world.provider();
    expect![[r#"
        new 1, changed 0, unchanged 0, refused 0, restricted 0
        keeps tlp-amber/2026/esa-2026_0003.json
        keeps tlp-amber/2026/esa-2026_0003.json.asc
        keeps tlp-amber/2026/esa-2026_0003.json.sha512
    "#]]
    .assert_eq(&world.said(&outcome));
    let mode = fs::metadata(outcome.folder.join("tlp-amber/2026/esa-2026_0003.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let state = world.state(&outcome);
    assert_eq!(
        state.documents.values().next().unwrap().label.as_deref(),
        Some("AMBER")
    );
}

#[test]
fn a_source_is_followed_by_one_process_at_a_time() {
    let world = World::begin();
    world.trusted(&[ONE]);
    let outcome = world.provider();
    let lock = fs::File::create(outcome.folder.join(".seamark/lock")).unwrap();
    lock.lock().unwrap();
    let failed = world.provider().failed.unwrap();
    assert_eq!(
        failed,
        "is being followed by another process at this moment"
    );
    lock.unlock().unwrap();
    assert_eq!(world.provider().failed, None);
}

#[test]
fn a_change_of_keys_is_told() {
    let world = World::begin();
    world.trusted(&[ONE]);
    world.provider();
    let text = String::from_utf8(world_metadata(&world)).unwrap();
    world
        .server
        .text(METADATA, text.replace(PROVIDER, super::STRANGER));
    world.server.text("/key.asc", file("stranger.pub.asc"));
    check(
        &world,
        expect![[r#"
        new 0, changed 0, unchanged 0, refused 0, restricted 0
        note: signs by a new key, `EE61CC84A0D62181A127DA752AB8717818559F1C`
        note: signs no more by the key `C410033D3071960FC46CDCA898808C477E650EDD`
        keeps 2026/esa-2026_0001.json
        keeps 2026/esa-2026_0001.json.asc
        keeps 2026/esa-2026_0001.json.sha512
    "#]],
    );
}

fn world_metadata(world: &World) -> Vec<u8> {
    let web = feeds::web::Web::new(
        [world.server.url.as_str()],
        Default::default(),
        &world.settings.fetch,
    );
    web.get(&format!("{}{METADATA}", world.server.url), None, 10_000)
        .unwrap()
        .unwrap()
        .bytes
}

/// The provider that csaf_provider's own tests follow: its key, its signature, its hashes.
#[test]
fn the_provider_of_another_projects_tests_is_followed() {
    let Some(folder) = shared("csaf/gocsaf/simple-rolie-provider") else {
        return;
    };
    let world = World::begin();
    serve_folder(&world, &folder, true);
    let outcome = world.follow("csaf", "/provider-metadata.json");
    expect![[r#"
        new 1, changed 0, unchanged 0, refused 0, restricted 0
        note: URL/white/white-feed.json#/feed/entry/0: its content is at `URL/avendor-advisory-0004.json`, and its link `self` leads to `URL/white/avendor-advisory-0004.json`
        keeps 2020/avendor-advisory-0004.json
        keeps 2020/avendor-advisory-0004.json.asc
        keeps 2020/avendor-advisory-0004.json.sha256
        keeps 2020/avendor-advisory-0004.json.sha512
    "#]].assert_eq(&world.said(&outcome));
    println!("vectors: gocsaf provider 1 ran, 0 listed as wrong");
}

/// Serves a folder whose files are templates of another project's tests; `has_sha256` says what its feed lists.
pub fn serve_folder(world: &World, folder: &std::path::Path, has_sha256: bool) {
    for path in documents(folder) {
        let bytes = fs::read(folder.join(&path)).unwrap();
        let body = match String::from_utf8(bytes.clone()) {
            Ok(text) if text.contains("{{") => {
                filled(&text, &world.server.url, has_sha256).into_bytes()
            }
            _ => bytes,
        };
        world.server.text(&format!("/{path}"), body);
    }
}

fn filled(text: &str, url: &str, has_sha256: bool) -> String {
    let mut out = String::new();
    let mut is_on = true;
    for line in text.lines() {
        match line.trim() {
            "{{if .EnableSha256}}" => is_on = has_sha256,
            "{{if .EnableSha512}}" => is_on = true,
            "{{end}}" => is_on = true,
            _ if is_on => out += &format!("{}\n", line.replace("{{.URL}}", url)),
            _ => {}
        }
    }
    out
}
