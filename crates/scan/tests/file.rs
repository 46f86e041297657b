//! The index as a file: the same bytes from the same records, opened cheaply, replaced whole, and never trusted.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its data has failed"
)]

mod common;

use advisory::{
    Advisory, Affected, AffectedRange, Epss, Kev, Product, RangeScheme, Record, Severity,
    Statement, Status, Target,
};
use common::{NOW, component};
use inventory::{Component, Device};
use jiff::civil::date;
use names::Ecosystem;
use proptest::prelude::*;
use scan::{Builder, Index, Through, Unusable, devices::device_matches, diff, matches};
use versions::{End, Interval, Scheme};

const REPOSITORY: &str = "https://github.com/o/r";

fn advisory(id: &str, alias: &str, package: &str, fixed: &str) -> Record {
    Record::Advisory(Box::new(Advisory {
        id: id.to_owned(),
        aliases: vec![alias.to_owned()],
        publisher: "Test".into(),
        title: format!("Flaw in {package}"),
        details: "Words.".repeat(50),
        modified: Some(NOW),
        severities: vec![Severity {
            vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".into(),
            ..Severity::default()
        }],
        affected: vec![Affected {
            target: Target::Package {
                ecosystem: Ecosystem::parse("npm"),
                name: package.to_owned(),
                purl: None,
            },
            versions: vec!["0.1.0".into(), "0.2.0".into()],
            ranges: vec![AffectedRange {
                scheme: RangeScheme::Ecosystem,
                intervals: vec![Interval {
                    introduced: None,
                    end: End::Fixed(fixed.to_owned()),
                }],
            }],
            ..Affected::default()
        }],
        ..Advisory::default()
    }))
}

fn kev(cve: &str, day: i8, catalog: &str) -> Record {
    Record::Kev(Kev {
        cve: cve.to_owned(),
        vendor: "V".into(),
        product: "P".into(),
        name: "N".into(),
        date_added: date(2025, 1, day),
        due_date: Some(date(2025, 2, day)),
        ransomware: true,
        forensic_triage: None,
        required_action: "Patch.".into(),
        notes: String::new(),
        catalog: catalog.to_owned(),
    })
}

fn world() -> Vec<Record> {
    vec![
        advisory("GHSA-1", "CVE-2025-0001", "a", "1.0.0"),
        advisory("X-1", "CVE-2025-0001", "a", "1.1.0"),
        advisory("X-2", "CVE-2025-0002", "b", "2.0.0"),
        advisory("X-3", "", "c", "2.0.0"),
        kev("CVE-2025-0001", 7, "2025.01.10"),
        kev("CVE-2025-0001", 9, "2025.03.10"),
        kev("CVE-2025-0002", 8, "2025.01.10"),
        Record::Epss(Epss {
            cve: "CVE-2025-0002".into(),
            epss_millionths: 420_000,
            percentile_millionths: 990_000,
            date: date(2025, 5, 1),
        }),
    ]
}

/// [`world`], and what else an index can hold: products with CPEs, commits, modules, statements.
fn whole_world() -> Vec<Record> {
    let mut world = world();
    let cpe = names::Cpe::parse("cpe:2.3:o:siemens:scalance_x204_firmware:4.1:*:*:*:*:*:*:*");
    let product = Target::Product(Box::new(Product {
        vendor: "Siemens".into(),
        name: "SCALANCE X204".into(),
        models: vec!["6GK5 204-*".into()],
        cpes: cpe.into_iter().collect(),
        ..Product::default()
    }));
    let range = |scheme, introduced: &str, end| AffectedRange {
        scheme,
        intervals: vec![Interval {
            introduced: (!introduced.is_empty()).then(|| introduced.to_owned()),
            end,
        }],
    };
    let text = || RangeScheme::Unreadable("before the June patch".into());
    let git = RangeScheme::Git {
        repository: REPOSITORY.into(),
    };
    let affected = |target: &Target, range, status| Affected {
        target: target.clone(),
        ranges: vec![range],
        status,
        module: "nodejs:18".into(),
        arches: vec!["x86_64".into()],
        ..Affected::default()
    };
    let below = range(
        RangeScheme::Scheme(Scheme::Vendor),
        "",
        End::Fixed("V5.0".into()),
    );
    let repository = Target::Repository {
        url: REPOSITORY.into(),
    };
    world.push(Record::Advisory(Box::new(Advisory {
        id: "CVE-2025-0002".into(),
        document: Some("SSA-1".into()),
        affected: vec![
            affected(&product, below, Status::Affected),
            affected(&product, range(text(), "", End::Open), Status::Fixed),
            affected(
                &repository,
                range(git, &"ab".repeat(20), End::Open),
                Status::Affected,
            ),
        ],
        ..Advisory::default()
    })));
    world.push(Record::Statement(Box::new(Statement {
        flaws: vec!["CVE-2025-0002".into(), "x-1".into()],
        status: Status::NotAffected,
        products: vec![product, repository],
        versions: vec!["V4.1".into()],
        author: "us".into(),
        ..Statement::default()
    })));
    world
}

fn scalance() -> Device {
    Device {
        vendor: "Siemens".into(),
        product: "SCALANCE X204".into(),
        version: "V4.1".into(),
        count: 1,
        ..Device::default()
    }
}

/// Components that are found by name, by commit and by CPE.
fn asked_for() -> Vec<Component> {
    let mut all: Vec<Component> = ["a", "b", "c", "none"]
        .map(|name| component("npm", name, "0.2.0"))
        .into();
    all.push(Component {
        commit: "ab".repeat(20),
        repository: REPOSITORY.into(),
        cpes: names::Cpe::parse("cpe:2.3:o:siemens:scalance_x204_firmware:4.1:*:*:*:*:*:*:*")
            .into_iter()
            .collect(),
        version: "4.1".into(),
        ..Component::default()
    });
    all
}

fn bytes(records: impl IntoIterator<Item = Record>) -> Vec<u8> {
    let mut builder = Builder::new(NOW);
    for (record, number) in records.into_iter().zip(0..) {
        builder.add(if number % 2 == 0 { "even" } else { "odd" }, record);
    }
    builder.finish_bytes().unwrap().0
}

#[test]
fn the_order_of_records_leaves_no_trace() {
    let build = |order: &[usize]| {
        let world = world();
        let mut builder = Builder::new(NOW);
        for &n in order {
            let source = if n < 3 { "first" } else { "second" };
            builder.add(source, world[n].clone());
        }
        builder.finish_bytes().unwrap().0
    };
    assert_eq!(
        build(&[0, 1, 2, 3, 4, 5, 6, 7]),
        build(&[7, 3, 5, 1, 6, 0, 4, 2])
    );
}

#[test]
fn the_newer_of_two_editions_of_a_record_is_kept_and_a_double_dropped() {
    let old = advisory("X-1", "", "a", "1.0.0");
    let new = match old.clone() {
        Record::Advisory(mut advisory) => {
            advisory.modified = Some(NOW + jiff::SignedDuration::from_hours(1));
            advisory.title = "Newer".into();
            Record::Advisory(advisory)
        }
        other => other,
    };
    let mut builder = Builder::new(NOW);
    for record in [new.clone(), old.clone(), new] {
        builder.add("one", record);
    }
    let (bytes, summary) = builder.finish_bytes().unwrap();
    assert_eq!((summary.advisories, summary.replaced), (1, 2));
    let index = Index::from_bytes(bytes).unwrap();
    assert_eq!(index.head(0).unwrap().title, "Newer");
}

#[test]
fn a_file_is_replaced_whole_and_its_hash_checked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.seamark");
    std::fs::write(&path, b"something else").unwrap();
    assert!(matches!(Index::open(&path), Err(Unusable::Foreign)));
    let mut builder = Builder::new(NOW);
    builder.add("one", advisory("X-1", "", "a", "1.0.0"));
    let summary = builder.finish(&path).unwrap();
    let index = Index::open(&path).unwrap();
    index.verify().unwrap();
    assert_eq!(index.digest(), summary.digest);
    assert_eq!(index.size(), summary.bytes);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let changed = Index::from_bytes(bytes.clone()).unwrap();
    assert!(matches!(changed.verify(), Err(Unusable::Changed)));
    bytes.pop();
    assert!(matches!(Index::from_bytes(bytes), Err(Unusable::CutShort)));
}

#[test]
fn facts_are_kept_with_their_history() {
    let index = Index::from_bytes(bytes(world())).unwrap();
    let facts = index.facts("CVE-2025-0001").unwrap();
    let kev = facts.kev.unwrap();
    assert_eq!(kev.added, date(2025, 1, 7));
    assert_eq!(kev.history.len(), 2);
    assert!(!kev.removed);
    assert_eq!(facts.severities.len(), 1);
    let facts = index.facts("CVE-2025-0002").unwrap();
    assert!(facts.kev.unwrap().removed);
    assert_eq!(facts.epss.unwrap().score_millionths, 420_000);
    assert_eq!(index.facts("CVE-2025-9999").unwrap().kev, None);
}

#[test]
fn one_flaw_is_found_by_each_of_its_ids() {
    let index = Index::from_bytes(bytes(world())).unwrap();
    let by = |id| index.lookup(id).unwrap();
    assert_eq!(by("GHSA-1"), by("X-1"));
    assert_eq!(by("cve-2025-0001"), by("X-1"));
    let flaw = index.flaw(by("X-1").flaws[0]).unwrap();
    assert_eq!(flaw.ids, ["CVE-2025-0001", "GHSA-1", "X-1"]);
    assert_eq!(flaw.advisories.len(), 2);
    assert_eq!(by("nothing"), scan::lookup::Found::default());
}

#[test]
fn a_newer_index_tells_what_changed() {
    let one_source = |records: Vec<Record>| {
        let mut builder = Builder::new(NOW);
        for record in records {
            builder.add("one", record);
        }
        Index::from_bytes(builder.finish_bytes().unwrap().0).unwrap()
    };
    let mut newer = world();
    newer.remove(3);
    newer[2] = advisory("X-2", "CVE-2025-0002", "b", "2.0.1");
    newer.push(advisory("X-9", "", "z", "1.0.0"));
    newer.push(kev("CVE-2025-0009", 11, "2025.03.10"));
    let changes = diff(&one_source(world()), &one_source(newer)).unwrap();
    assert_eq!(changes.added, ["X-9"]);
    assert_eq!(changes.changed, ["X-2"]);
    assert_eq!(changes.removed, ["X-3"]);
    assert_eq!(
        changes.kev_added,
        [("CVE-2025-0009".to_owned(), date(2025, 1, 11))]
    );
}

#[test]
fn all_that_the_damaged_worlds_hold_is_found_in_the_whole_one() {
    let index = Index::from_bytes(bytes(whole_world())).unwrap();
    let mut through = Vec::new();
    for component in asked_for() {
        matches(&index, &component, &mut |one| through.push(one.through)).unwrap();
    }
    for expected in [Through::Name, Through::Commit, Through::Cpe] {
        assert!(through.contains(&expected), "{expected:?} in {through:?}");
    }
    let mut answered = Vec::new();
    device_matches(&index, &scalance(), &mut |one| {
        answered.extend(scan::vex::device_answers(&index, &one.found, &scalance(), &[]).unwrap());
    })
    .unwrap();
    assert_eq!(
        answered.first().map(|answer| answer.status),
        Some(Status::NotAffected)
    );
}

#[test]
fn the_order_of_sources_leaves_no_trace() {
    let build = |sources: &[&str]| {
        let mut builder = Builder::new(NOW);
        for source in sources {
            let records = whole_world().into_iter().zip(0usize..);
            let own = |number: usize| ["first", "second", "third"][number % 3] == *source;
            for (record, _) in records.filter(|(_, number)| own(*number)) {
                builder.add(source, record);
            }
        }
        builder.finish_bytes().unwrap().0
    };
    let expected = build(&["first", "second", "third"]);
    assert_eq!(build(&["third", "first", "second"]), expected);
    assert_eq!(build(&["second", "third", "first"]), expected);
}

#[test]
fn what_was_taken_back_or_delisted_is_told_as_that() {
    let taken_back = |id: &str| match advisory(id, "", "c", "2.0.0") {
        Record::Advisory(mut advisory) => {
            advisory.withdrawn = Some(NOW);
            Record::Advisory(advisory)
        }
        other => other,
    };
    let index = |records: Vec<Record>| Index::from_bytes(bytes(records)).unwrap();
    let old = index(vec![
        advisory("X-3", "", "c", "2.0.0"),
        kev("CVE-2025-0001", 7, "2025.01.10"),
        kev("CVE-2025-0002", 8, "2025.01.10"),
    ]);
    let newest_only = || kev("CVE-2025-0001", 7, "2025.03.10");
    let new = index(vec![taken_back("X-3"), newest_only()]);
    let changes = diff(&old, &new).unwrap();
    assert_eq!(changes.withdrawn, ["X-3"]);
    assert_eq!(changes.changed, [""; 0]);
    // Told where the newer index has the older catalog too, and where it has the newest alone.
    assert_eq!(changes.kev_removed, ["CVE-2025-0002"]);
    let both = index(vec![
        taken_back("X-3"),
        newest_only(),
        kev("CVE-2025-0001", 7, "2025.01.10"),
        kev("CVE-2025-0002", 8, "2025.01.10"),
    ]);
    let changes = diff(&old, &both).unwrap();
    assert_eq!(changes.kev_removed, ["CVE-2025-0002"]);
    assert_eq!(changes.kev_added, []);
    // Back again.
    let changes = diff(&both, &old).unwrap();
    assert_eq!(
        changes.kev_added,
        [("CVE-2025-0002".to_owned(), date(2025, 1, 8))]
    );
    assert_eq!(changes.changed, ["X-3"]);
}

#[test]
fn an_index_without_a_catalog_delists_nothing() {
    let old = Index::from_bytes(bytes(world())).unwrap();
    let without = world()
        .into_iter()
        .filter(|record| !matches!(record, Record::Kev(_)));
    let new = Index::from_bytes(bytes(without)).unwrap();
    assert_eq!(diff(&old, &new).unwrap().kev_removed, [""; 0]);
}

/// Everything that can be asked of an index.
fn ask_everything(index: &Index) {
    let _ = index.info();
    let _ = index.verify();
    for component in asked_for() {
        let mut found = Vec::new();
        let _ = matches(index, &component, &mut |one| found.push(one));
        for one in found {
            let _ = index.resolve(&one, &component);
            let _ = scan::answers(index, &one, &component, &[]);
            let _ = scan::contradiction::in_advisories(index, &component, &one);
        }
    }
    let mut found = Vec::new();
    let device = scalance();
    let _ = device_matches(index, &device, &mut |one| found.push(one));
    for one in found {
        let _ = index.resolve_device(&one, &device);
        let _ = scan::vex::device_answers(index, &one.found, &device, &[]);
    }
    for id in ["CVE-2025-0001", "X-3", "nothing"] {
        let _ = index.facts(id);
        for advisory in index
            .lookup(id)
            .map(|found| found.advisories)
            .unwrap_or_default()
        {
            if let Ok(head) = index.head(advisory) {
                let _ = index.detail(&head);
                let _ = index.rows_of(&head);
            }
        }
    }
    for entry in index.kev_entries() {
        let _ = entry;
    }
    for number in 0..4 {
        let _ = index.product(number);
        let _ = index.statement(number);
    }
    let _ = index.candidates(&["some".into(), "product".into()]);
    let _ = diff(index, index);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_damaged_file_is_an_error_and_never_a_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in prop::option::weighted(0.3, any::<prop::sample::Index>()),
    ) {
        let mut bytes = bytes(whole_world());
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
            // The length in the header, so that more than the first check is tried.
            let length = (bytes.len() as u64).to_le_bytes();
            if bytes.len() > 32 {
                bytes[24..32].copy_from_slice(&length);
            }
        }
        if let Ok(index) = Index::from_bytes(bytes) {
            ask_everything(&index);
        }
    }

    #[test]
    fn bytes_that_are_no_index_are_refused(bytes: Vec<u8>) {
        prop_assert!(Index::from_bytes(bytes).is_err());
    }
}
