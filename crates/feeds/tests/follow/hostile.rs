//! Servers that do not behave.

use expect_test::{Expect, expect};

use super::{METADATA, ONE, STRANGER, TWO, World, documents, file};
use crate::server::Page;

const AT: &str = "/white/esa-2026_0001.json";

/// A provider whose first version is kept, and whose second is served as `spoil` leaves it: what is said of it. What
/// was kept stays, whatever it is.
fn check(spoil: impl FnOnce(&World), expected: Expect) {
    let world = World::begin();
    world.trusted(&[ONE]);
    let first = world.provider();
    assert_eq!(first.brought.new, 1);
    world.trusted(&[("one-v2", ONE.1, "2026-01-20T00:00:00Z")]);
    spoil(&world);
    let outcome = world.provider();
    let state = world.state(&outcome);
    let mut said: Vec<String> = state
        .problems
        .iter()
        .map(|told| format!("{}: {}", told.about, told.reason))
        .collect();
    said.extend(outcome.failed.clone());
    expected.assert_eq(&said.join("\n").replace(&world.server.url, "URL"));
    assert!(!state.is_complete);
    let kept = std::fs::read(outcome.folder.join("2026").join(ONE.1)).unwrap();
    assert_eq!(kept, file("one-v1.json"), "what was kept is spoiled");
    assert_eq!(documents(&outcome.folder).len(), 3);
}

#[test]
fn what_is_wrong_with_what_vouches_for_a_document_keeps_it_out() {
    check(
        |world| world.server.text(&format!("{AT}.sha512"), "0".repeat(128)),
        expect![
            "URL/white/esa-2026_0001.json: sha512 file says `00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000`, and the document hashes to `4686333e89e6a423aad6fe9f36a2eaf9d329e7b6aad8730a3d38c2d5499300ca012443fde5d86b9f2b4be969d50b6f285bf748feb29ce349104b543bc2a0d34b`"
        ],
    );
    check(
        |world| {
            world
                .server
                .text(&format!("{AT}.sha512"), "<html>404</html>")
        },
        expect![
            "URL/white/esa-2026_0001.json: sha512 file does not begin with 128 hexadecimal digits"
        ],
    );
    check(
        |world| world.server.remove(&format!("{AT}.sha512")),
        expect![
            "URL/white/esa-2026_0001.json: cannot be checked: its hash `esa-2026_0001.json.sha512`: server answers 404 Not Found"
        ],
    );
    check(
        |world| {
            world
                .server
                .text(&format!("{AT}.asc"), file("one-v1.json.asc"))
        },
        expect!["URL/white/esa-2026_0001.json: its signature is not over these bytes"],
    );
    check(
        |world| {
            world
                .server
                .text(&format!("{AT}.asc"), file("one-v1.json.stranger.asc"))
        },
        expect![
            "URL/white/esa-2026_0001.json: its signature is not taken: signature is by the key `EE61CC84A0D62181A127DA752AB8717818559F1C`, which is none of those published for signing"
        ],
    );
    check(
        |world| world.server.remove(&format!("{AT}.asc")),
        expect![
            "URL/white/esa-2026_0001.json: cannot be checked: its signature `esa-2026_0001.json.asc`: server answers 404 Not Found"
        ],
    );
}

#[test]
fn a_trusted_provider_that_lists_no_hash_is_not_trusted_with_it() {
    check(
        |world| {
            let entry = world
                .entry(AT, "2026-01-20T00:00:00Z")
                .replace("\"rel\": \"hash\"", "\"rel\": \"other\"");
            world.feed("/white/feed.json", &[entry]);
        },
        expect![
            "URL/white/esa-2026_0001.json: cannot be checked: its trusted provider lists neither its SHA-256 nor its SHA-512"
        ],
    );
    check(
        |world| {
            let entry = world
                .entry(AT, "2026-01-20T00:00:00Z")
                .replace("\"rel\": \"signature\"", "\"rel\": \"other\"");
            world.feed("/white/feed.json", &[entry]);
        },
        expect![
            "URL/white/esa-2026_0001.json: cannot be checked: its trusted provider lists no signature"
        ],
    );
}

#[test]
fn a_key_that_is_not_the_one_named_is_not_taken() {
    check(
        |world| world.server.text("/key.asc", file("stranger.pub.asc")),
        expect![[r#"
            URL/key.asc: holds the key `EE61CC84A0D62181A127DA752AB8717818559F1C`, and the metadata names `C410033D3071960FC46CDCA898808C477E650EDD`
            URL/white/esa-2026_0001.json: its signature is not taken: signature is by the key `C410033D3071960FC46CDCA898808C477E650EDD`, which is none of those published for signing"#]],
    );
    assert_ne!(STRANGER, super::PROVIDER);
}

#[test]
fn a_document_that_is_another_an_older_or_half_a_one_is_not_taken() {
    check(
        |world| {
            world.serve(AT, &file("two.json"), &file("two.json.asc"));
        },
        expect![
            "URL/white/esa-2026_0001.json: its tracking id `ESA-2026:0002` makes it `esa-2026_0002.json`, and it stands at another name"
        ],
    );
    check(
        |world| {
            world.server.put(
                AT,
                Page {
                    cut: Some(300),
                    ..Page::new(file("one-v2.json"))
                },
            );
        },
        expect!["URL/white/esa-2026_0001.json: broke off: Peer disconnected"],
    );
    // Signed by the right key, and from before: a mirror that plays an old version again.
    let world = World::begin();
    world.trusted(&[("one-v2", ONE.1, "2026-01-20T00:00:00Z")]);
    world.provider();
    world.trusted(&[("one-v1", ONE.1, "2026-01-21T00:00:00Z")]);
    let said = world.said(&world.provider());
    let expected = "URL/white/esa-2026_0001.json: went back: version 2 of 2026-01-20T00:00:00Z is kept, and this is version 1 of 2026-01-10T00:00:00Z";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_document_replaced_between_two_questions_is_asked_for_once_more() {
    let world = World::begin();
    world.trusted(&[("one-v2", ONE.1, "2026-01-20T00:00:00Z")]);
    world.server.put(
        AT,
        Page::new(file("one-v1.json")).then(Page::new(file("one-v2.json"))),
    );
    let outcome = world.provider();
    assert_eq!((outcome.brought.new, outcome.brought.refused), (1, 0));
}

#[test]
fn a_feed_leads_to_nobody_elses_machines() {
    let ways = |to: &str| format!("Location: {to}");
    let redirected = |to: String| {
        move |world: &World| {
            world
                .server
                .put(AT, Page::status("302 Found", &[&ways(&to)]))
        }
    };
    check(
        redirected("https://10.0.0.1/x.json".to_owned()),
        expect![
            "URL/white/esa-2026_0001.json: leads to `10.0.0.1` at 10.0.0.1, which is no public address"
        ],
    );
    check(
        redirected("https://169.254.169.254/latest".to_owned()),
        expect![
            "URL/white/esa-2026_0001.json: leads to `169.254.169.254` at 169.254.169.254, which is no public address"
        ],
    );
    check(
        redirected("https://[::1]:1/".to_owned()),
        expect![
            "URL/white/esa-2026_0001.json: leads to `[::1]` at ::1, which is no public address"
        ],
    );
    check(
        redirected("https://localhost/".to_owned()),
        expect![
            "URL/white/esa-2026_0001.json: leads to `localhost` at 127.0.0.1, which is no public address"
        ],
    );
    check(
        redirected("http://127.0.0.1:1/x".to_owned()),
        expect![
            "URL/white/esa-2026_0001.json: leads to `http://127.0.0.1:1/x`, which is not fetched; an address beginning with `https://` would be"
        ],
    );
    check(
        redirected("http://example.com/x".to_owned()),
        expect![
            "URL/white/esa-2026_0001.json: leads to `http://example.com/x`, which is not fetched; an address beginning with `https://` would be"
        ],
    );
    check(
        redirected("file:///etc/passwd".to_owned()),
        expect![
            "URL/white/esa-2026_0001.json: leads to `file:///etc/passwd`, which is not fetched; an address beginning with `https://` would be"
        ],
    );
    check(
        redirected("https://a:b@example.com/".to_owned()),
        expect![
            "URL/white/esa-2026_0001.json: leads to an address of `example.com:443` with a name or a password in it; credentials are given in a file"
        ],
    );
    check(
        redirected(AT.to_owned()),
        expect!["URL/white/esa-2026_0001.json: more than 5 redirects"],
    );
    check(
        |world| {
            let entry = world
                .entry(AT, "2026-01-20T00:00:00Z")
                .replace(&world.server.url, "https://192.168.0.1");
            world.feed("/white/feed.json", &[entry]);
        },
        expect![
            "https://192.168.0.1/white/esa-2026_0001.json: leads to `192.168.0.1` at 192.168.0.1, which is no public address"
        ],
    );
}

#[test]
fn a_directory_leads_to_nothing_but_what_is_below_it() {
    let world = World::begin();
    world.server.text(METADATA, format!(r#"{{"metadata_version": "2.0", "role": "csaf_provider", "distributions": [{{"directory_url": "{}/white/"}}]}}"#, world.server.url));
    world.server.text("/white/index.txt", "../../etc/passwd.json\n/etc/shadow.json\n%2e%2e/secret.json\nhttps://a.example/b.json\n2026/esa-2026_0001.json\n");
    world.server.text(
        "/white/changes.csv",
        "..\\secret.json,2026-01-01T00:00:00Z\n",
    );
    world
        .server
        .text(&format!("/white/2026/{}", ONE.1), file("one-v1.json"));
    let outcome = world.provider();
    assert_eq!((outcome.brought.new, outcome.brought.refused), (1, 1));
    assert_eq!(documents(&outcome.folder), ["2026/esa-2026_0001.json"]);
    let asked = world.server.asked();
    assert!(
        !asked.iter().any(|path| path.contains("passwd")
            || path.contains("secret")
            || path.contains("shadow")),
        "{asked:?}"
    );
    assert_eq!(world.state(&outcome).problems.len(), 5);
}

#[test]
fn a_server_that_is_busy_is_asked_again_and_all_wait() {
    use std::sync::atomic::{AtomicU64, Ordering};
    static WAITED: AtomicU64 = AtomicU64::new(0);
    let mut world = World::begin();
    world.trusted(&[ONE, TWO]);
    world.settings.fetch.wait = |time| {
        WAITED.fetch_add(time.as_secs(), Ordering::Relaxed);
    };
    let busy = |then: Page| Page::status("429 Too Many Requests", &["Retry-After: 7"]).then(then);
    world.server.put(AT, busy(Page::new(file("one-v1.json"))));
    let outcome = world.provider();
    assert_eq!((outcome.brought.new, outcome.brought.refused), (2, 0));
    assert_eq!(WAITED.load(Ordering::Relaxed), 7);
}

#[test]
fn a_feed_without_an_end_is_followed_up_to_a_bound() {
    let mut world = World::begin();
    world.settings.documents_max = 3;
    world.metadata("csaf_provider", &[("WHITE", "/white/feed.json")]);
    let mut entries = vec![world.entry(AT, "2026-01-10T00:00:00Z")];
    let filler = r#"{"content":{"src":"x.json"},"updated":"2025-01-01T00:00:00Z"}"#;
    entries.extend(std::iter::repeat_n(filler.to_owned(), 1_000_000));
    world.server.text(AT, file("one-v1.json"));
    world.serve(AT, &file("one-v1.json"), &file("one-v1.json.asc"));
    world.server.text("/key.asc", file("provider.pub.asc"));
    world.feed("/white/feed.json", &entries);
    let outcome = world.provider();
    assert_eq!(outcome.brought.new, 1);
    let problems = world.state(&outcome).problems;
    assert!(
        problems
            .iter()
            .any(|told| told.reason == "lists 999998 documents beyond the 3 that are followed"),
        "{problems:?}"
    );
    assert!(world.server.asked().len() < 10);
}

#[test]
fn what_is_longer_than_a_document_may_be_is_cut_off() {
    let mut world = World::begin();
    world.trusted(&[ONE, TWO]);
    world.settings.document_bytes_max = 100;
    let outcome = world.provider();
    assert_eq!((outcome.brought.new, outcome.brought.refused), (0, 2));
    assert_eq!(
        world.state(&outcome).problems[0].reason,
        "longer than 100 bytes"
    );
}

#[test]
fn a_server_that_says_nothing_costs_only_its_own_document() {
    let mut world = World::begin();
    world.trusted(&[ONE, TWO]);
    world.settings.fetch.document_seconds_max = 1;
    world.settings.fetch.attempts_max = 1;
    // Promised and never sent: the line stays open.
    world.server.put(
        AT,
        Page {
            hangs: true,
            ..Page::default()
        },
    );
    let outcome = world.provider();
    assert_eq!((outcome.brought.new, outcome.brought.refused), (1, 1));
}

#[test]
fn a_damaged_state_is_said_and_not_begun_anew() {
    let world = World::begin();
    world.trusted(&[ONE]);
    let outcome = world.provider();
    std::fs::write(outcome.folder.join(".seamark/state.json"), "{\"form\":").unwrap();
    let failed = world.provider().failed.unwrap();
    assert!(
        failed.starts_with("its state is damaged: EOF")
            && failed.ends_with("move the folder away to follow it anew"),
        "{failed}"
    );
}
