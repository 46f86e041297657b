//! Single files and folders.

use std::fs;

use super::{World, documents, shared};

fn kev(count: usize) -> String {
    let entry = |number: usize| {
        format!(
            r#"{{"cveID": "CVE-2026-{number:04}", "vendorProject": "A", "product": "B", "vulnerabilityName": "C", "dateAdded": "2026-01-01", "shortDescription": "D", "requiredAction": "E", "dueDate": "2026-01-22"}}"#
        )
    };
    let entries: Vec<String> = (1..=count).map(entry).collect();
    format!(
        r#"{{"title": "KEV", "catalogVersion": "2026.01.01", "dateReleased": "2026-01-01T00:00:00Z", "count": {count}, "vulnerabilities": [{}]}}"#,
        entries.join(", ")
    )
}

#[test]
fn a_catalog_is_replaced_whole_by_one_that_can_be_read_and_did_not_shrink() {
    let world = World::begin();
    world.server.text("/kev.json", kev(10));
    let outcome = world.follow("file", "/kev.json");
    assert_eq!((outcome.brought.new, outcome.failed.clone()), (1, None));
    assert_eq!(documents(&outcome.folder), ["kev.json"]);
    let outcome = world.follow("file", "/kev.json");
    assert_eq!((outcome.brought.unchanged, outcome.brought.changed), (1, 0));
    for (wrong, reason) in [
        (
            "<html>down for maintenance</html>".to_owned(),
            "holds no advisory that can be read",
        ),
        (
            kev(10)[..400].to_owned(),
            "holds 1 records, and what is kept holds 10; move its folder away to take it nonetheless",
        ),
        (
            kev(4),
            "holds 4 records, and what is kept holds 10; move its folder away to take it nonetheless",
        ),
    ] {
        world.server.text("/kev.json", wrong);
        // Twice: what was refused once is not taken for unchanged the next time.
        for _ in 0..2 {
            let outcome = world.follow("file", "/kev.json");
            assert_eq!(outcome.failed.as_deref(), Some(reason));
            assert_eq!(
                fs::read_to_string(outcome.folder.join("kev.json")).unwrap(),
                kev(10)
            );
        }
    }
    world.server.text("/kev.json", kev(11));
    let outcome = world.follow("file", "/kev.json");
    assert_eq!((outcome.brought.changed, outcome.failed.clone()), (1, None));
    assert_eq!(world.state(&outcome).listed, 11);
}

#[test]
fn scores_and_catalogs_as_they_are_published_are_kept_as_they_are() {
    for (path, count) in [
        ("kev/kev-2025.08.25.csv", 1_000),
        ("epss/epss_scores-2026-01-30.csv.gz", 300_000),
    ] {
        let Some(file) = shared(path) else { return };
        let world = World::begin();
        let name = path.rsplit('/').next().unwrap();
        world
            .server
            .text(&format!("/{name}"), fs::read(&file).unwrap());
        let outcome = world.follow("file", &format!("/{name}"));
        assert_eq!(outcome.failed, None, "{path}");
        assert!(world.state(&outcome).listed > count, "{path}");
        assert_eq!(
            fs::read(outcome.folder.join(name)).unwrap(),
            fs::read(file).unwrap()
        );
    }
}

#[test]
fn a_folder_is_read_where_it_is() {
    let world = World::begin();
    let folder = tempfile::tempdir().unwrap();
    let typed = folder.path().display().to_string();
    let source = feeds::follow::Source::parse(&typed).unwrap();
    let asked = feeds::follow::Asked {
        into: world.into.path(),
        credentials: &world.credentials,
        settings: &world.settings,
        now: world.now,
    };
    let outcome = feeds::follow::follow(&source, &asked);
    assert!(
        outcome
            .failed
            .unwrap()
            .ends_with("holds no file that could be an advisory")
    );
    fs::write(folder.path().join("kev.json"), kev(1)).unwrap();
    let outcome = feeds::follow::follow(&source, &asked);
    assert_eq!(outcome.failed, None);
    let state = world.state(&outcome);
    assert_eq!(
        (
            state.listed,
            state.changed.is_some(),
            documents(&outcome.folder).len()
        ),
        (1, true, 0)
    );
}
