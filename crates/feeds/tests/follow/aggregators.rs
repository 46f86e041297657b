//! Aggregators and listers.

use super::{METADATA, NOW, ONE, World, file};

fn aggregator(world: &World, category: &str, providers: &str) -> String {
    let publisher = |name: &str| {
        format!(
            r#"{{"category": "vendor", "name": "{name}", "namespace": "https://{name}.example"}}"#
        )
    };
    let url = &world.server.url;
    let one = publisher("one");
    format!(
        r#"{{"aggregator": {{"category": "{category}", "name": "Example Lister", "namespace": "https://lister.example"}}, "aggregator_version": "2.0",
        "canonical_url": "{url}/lists/aggregator.json", "last_updated": "{NOW}",
        "csaf_providers": [{{"metadata": {{"last_updated": "{NOW}", "publisher": {one}, "role": "csaf_trusted_provider", "url": "{url}{METADATA}"}}}}{providers}]}}"#
    )
}

#[test]
fn everyone_an_aggregator_names_is_followed_in_a_folder_of_their_own() {
    let world = World::begin();
    world.trusted(&[ONE]);
    let url = &world.server.url;
    let inside = format!(
        r#", {{"metadata": {{"last_updated": "{NOW}", "publisher": {{"category": "vendor", "name": "two", "namespace": "https://two.example"}}, "role": "csaf_provider", "url": "https://10.0.0.1/provider-metadata.json"}}}},
        {{"metadata": {{"last_updated": "{NOW}", "publisher": {{"category": "vendor", "name": "three", "namespace": "https://three.example"}}, "role": "csaf_provider", "url": "{url}/gone/provider-metadata.json"}}}}"#
    );
    world.server.text(
        "/lists/aggregator.json",
        aggregator(&world, "lister", &inside),
    );
    let outcome = world.follow("aggregator", "/lists/aggregator.json");
    let state = world.state(&outcome);
    assert_eq!(
        (state.title.as_str(), state.listed, outcome.parties.len()),
        ("Example Lister", 3, 3)
    );
    let good: Vec<_> = outcome
        .parties
        .iter()
        .filter(|party| party.failed.is_none())
        .collect();
    assert_eq!(good.len(), 1);
    assert_eq!(good[0].brought.new, 1);
    assert_eq!(
        std::fs::read(good[0].folder.join("2026").join(ONE.1)).unwrap(),
        file("one-v1.json")
    );
    assert_eq!(
        world.state(good[0]).via,
        Some(format!("aggregator:{url}/lists/aggregator.json"))
    );
    // Where an aggregator points, nobody typed: machines inside are not asked.
    let reasons: Vec<&str> = state
        .problems
        .iter()
        .map(|told| told.reason.as_str())
        .collect();
    assert!(
        reasons
            .iter()
            .any(|reason| reason.contains("no public address")),
        "{reasons:?}"
    );
    // Who is typed as well is followed for itself.
    let typed = world.provider();
    assert_eq!(world.state(&typed).via, None);
    world.follow("aggregator", "/lists/aggregator.json");
    assert_eq!(world.state(&typed).via, None);
}

#[test]
fn the_aggregators_of_the_standard_are_read() {
    let Some(folder) = super::shared("csaf/oasis-csaf_2.1/examples/aggregator") else {
        return;
    };
    let mut parties = 0;
    for name in super::documents(&folder) {
        let read =
            feeds::csaf::aggregator::Aggregator::read(&std::fs::read(folder.join(name)).unwrap())
                .unwrap();
        assert_eq!(read.problems, []);
        parties += read.parties.len();
    }
    assert_eq!(parties, 7);
    let folder = super::shared("csaf/oasis-csaf_2.1/examples/provider-metadata").unwrap();
    for name in super::documents(&folder) {
        let read =
            feeds::csaf::metadata::Metadata::read(&std::fs::read(folder.join(name)).unwrap())
                .unwrap();
        assert_eq!(read.problems, []);
        assert_eq!(read.feeds.len(), 1);
    }
    let folder = super::shared("csaf/oasis-csaf_2.1/examples/ROLIE").unwrap();
    for name in super::documents(&folder) {
        let bytes = std::fs::read(folder.join(&name)).unwrap();
        match () {
            () if name.contains("category") => {
                assert_eq!(feeds::csaf::rolie::category(&bytes).unwrap(), (2, vec![]))
            }
            () if name.contains("service") => {
                assert_eq!(feeds::csaf::rolie::service(&bytes).unwrap().1, [])
            }
            () => {
                let feed = feeds::csaf::rolie::Feed::read(bytes.as_slice(), 10).unwrap();
                assert_eq!((feed.problems.len(), feed.entries.len()), (0, 1));
            }
        }
    }
    println!("vectors: csaf-2.1-distribution 10 ran, 0 listed as wrong");
}
