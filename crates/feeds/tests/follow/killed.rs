//! Killed at any moment: nothing is half there, and the next go takes the rest.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use feeds::follow::{Asked, Source, follow};
use feeds::web::Credentials;

use super::{METADATA, NOW, World, documents, settings};

/// A document of this id, and as much of it as makes it take a while to write.
pub fn document(id: &str) -> String {
    let title = "a pump ".repeat(2_000);
    format!(
        r#"{{"document": {{"csaf_version": "2.0", "category": "csaf_base", "title": "{title}", "publisher": {{"category": "vendor", "name": "A", "namespace": "https://a.example"}},
        "tracking": {{"id": "{id}", "version": "1", "status": "final", "initial_release_date": "2026-01-01T00:00:00Z", "current_release_date": "2026-01-01T00:00:00Z", "revision_history": []}}}}}}"#
    )
}

const DOCUMENTS: usize = 12;

/// Runs in a process of its own, which is killed.
#[test]
#[ignore = "the process that `nothing_is_half_there_whenever_it_is_killed` kills"]
#[expect(clippy::disallowed_methods, reason = "told by the test that starts it")]
fn child() {
    let (Ok(url), Ok(into)) = (std::env::var("FEEDS_URL"), std::env::var("FEEDS_INTO")) else {
        return;
    };
    let mut settings = settings();
    settings.checkpoint_documents = 2;
    settings.connections_max = 2;
    let asked = Asked {
        into: into.as_ref(),
        credentials: &Credentials::default(),
        settings: &settings,
        now: NOW.parse().unwrap(),
    };
    follow(
        &Source::parse(&format!("csaf:{url}{METADATA}")).unwrap(),
        &asked,
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "a process that is killed has to be another one"
)]
fn start(world: &World) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::child", "--ignored"])
        .env("FEEDS_URL", &world.server.url)
        .env("FEEDS_INTO", world.into.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn nothing_is_half_there_whenever_it_is_killed() {
    let world = World::begin();
    world.metadata("csaf_provider", &[("WHITE", "/white/feed.json")]);
    world
        .server
        .text("/key.asc", super::file("provider.pub.asc"));
    let entry = |number: usize| {
        format!(
            r#"{{"updated": "2026-01-01T00:00:00Z", "content": {{"src": "{}/white/a-{number}.json"}}}}"#,
            world.server.url
        )
    };
    world.feed(
        "/white/feed.json",
        &(0..DOCUMENTS).map(entry).collect::<Vec<_>>(),
    );
    for number in 0..DOCUMENTS {
        world.server.text(
            &format!("/white/a-{number}.json"),
            document(&format!("A-{number}")),
        );
    }
    for moment in [1, 2, 3, 4, 5, 7, 9, 9, 9] {
        let child: Arc<Mutex<Option<Child>>> = Arc::default();
        let mut held = child.lock().unwrap();
        let (doomed, mut count) = (child.clone(), 0);
        world.server.on_request(move |_| {
            count += 1;
            if count == moment
                && let Some(child) = doomed.lock().unwrap().as_mut()
            {
                child.kill().unwrap();
            }
        });
        *held = Some(start(&world));
        drop(held);
        loop {
            let mut held = child.lock().unwrap();
            if held.as_mut().unwrap().try_wait().unwrap().is_some() {
                break;
            }
            drop(held);
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        whole(&world);
    }
    world.server.on_request(|_| {});
    world.server.asked();
    let outcome = world.provider();
    assert_eq!(outcome.failed, None);
    assert_eq!(documents(&outcome.folder).len(), DOCUMENTS);
    assert_eq!(world.state(&outcome).documents.len(), DOCUMENTS);
    let asked = world.server.asked();
    let again = asked
        .iter()
        .filter(|path| path.starts_with("/white/a-"))
        .count();
    assert!(
        again < DOCUMENTS,
        "nothing was kept of what was fetched before: {asked:?}"
    );
}

/// Every document is the one that is served, and the state can be read where there is one.
fn whole(world: &World) {
    for state in feeds::follow::status(world.into.path()).unwrap() {
        let (folder, state) = state.unwrap();
        for path in documents(&folder) {
            let name = path
                .rsplit('/')
                .next()
                .unwrap()
                .strip_suffix(".json")
                .unwrap();
            let bytes = std::fs::read(folder.join(&path)).unwrap();
            assert_eq!(bytes, document(&name.to_uppercase()).as_bytes(), "{path}");
        }
        for document in state.documents.values() {
            assert!(
                folder.join(&document.path).is_file(),
                "the state knows of `{}`, which is not there",
                document.path
            );
        }
    }
}
