//! A case is told to everyone: whole or not at all, in bytes that stay, with its sealed entries opened, and never under
//! embargo. On SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use clearinghouse::coordinate::{self, arrive, show};
use clearinghouse::embargo::{Ask, embargo};
use clearinghouse::publish::{self, Kind};
use clearinghouse::testing::{Testing, house_at, house_on};
use clearinghouse::{
    Actor, Failure, House, deconflict, log, notice, numbers, pace, submit, verdict,
};
use expect_test::expect;
use finding::Report;
use finding::coordinate::{Part, Stage};
use finding::embargo::Cause;
use finding::publish::Draft;
use finding::verdict::{Status, Word};
use jiff::{SignedDuration, Timestamp};
use names::{AdvisoryId, CaseId, OrganizationKind, ReportId, Tlp};
use store::{Fault, Faults, Store};

/// A word that stands in every secret of these tests.
const SECRET: &str = "heapspray-zanzibar";

const FIRST: AdvisoryId = AdvisoryId::new(1);

struct World {
    house: Testing,
    staff: Actor,
    lab: Actor,
    maker: Actor,
    other: Actor,
    case: CaseId,
}

/// The same case on every database that is here.
async fn worlds(test: &str) -> Vec<World> {
    let mut urls = vec!["sqlite::memory:".to_owned()];
    urls.extend(store::testing::postgres(test).await);
    let mut worlds = Vec::new();
    for url in urls {
        worlds.push(world(&url).await);
    }
    worlds
}

/// A case of two reports, which its maker agreed to keep for sixty days and has fixed.
async fn world(url: &str) -> World {
    let house = house_at(url, 7).await;
    let staff = house.member(OrganizationKind::Coordinator, "Harbor").await;
    let lab = house.member(OrganizationKind::Finder, "Lab").await;
    let maker = house.member(OrganizationKind::Vendor, "Maker").await;
    let other = house.member(OrganizationKind::Finder, "Other").await;
    let now = house.now;
    let report = |name: &str| Report {
        title: format!("{SECRET} in decode").into(),
        description: format!("{SECRET}, as {name} says").into(),
        target: finding::report::Target {
            package: Some("pkg:cargo/leftish@1.2.0".parse().unwrap()),
            ..Default::default()
        },
        weaknesses: vec![787],
        aliases: vec!["CVE-2026-10001".into()],
        severities: vec!["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".into()],
        terms: finding::report::Terms {
            embargo_until: Some(now + SignedDuration::from_hours(24 * 60)),
            ..Default::default()
        },
        provenance: finding::report::Provenance {
            finders: vec![name.into()],
            ..Default::default()
        },
        ..Report::default()
    };
    for (actor, name) in [
        (&lab, "ada \u{2764} <b>of</b> Lab"),
        (&other, "ada \u{2764} <b>of</b> Lab"),
    ] {
        submit::submit(&house, actor, &report(name), name, [1; 32], now)
            .await
            .unwrap();
    }
    while arrive::arrive(&house, now).await.unwrap() > 0 {}
    arrive::let_in(&house, &staff, ReportId::new(2), now)
        .await
        .unwrap();
    arrive::arrive(&house, now).await.unwrap();
    let case = CaseId::new(1);
    let maker_id = maker.organization().unwrap();
    coordinate::advance(&house, &staff, case, Stage::Triage, "", now)
        .await
        .unwrap();
    coordinate::invite(&house, &staff, case, maker_id, Part::Vendor, now)
        .await
        .unwrap();
    let seen = show::show(&house, &staff, case, now).await.unwrap();
    let until = seen
        .embargo
        .until()
        .or(seen.embargo.proposal().map(|one| one.until));
    let until = until.unwrap();
    for finder in [&lab, &other] {
        let _ = embargo(&house, finder, case, Ask::Accept(until), now).await;
    }
    pace::release(&house, now).await.unwrap();
    embargo(&house, &maker, case, Ask::Accept(until), now)
        .await
        .unwrap();
    let word = Word {
        product: "pkg:cargo/leftish".into(),
        versions: "vers:cargo/<1.4.2".into(),
        status: Status::Affected,
        justification: None,
        words: "".into(),
        severity: None,
    };
    verdict::say(&house, &maker, case, word, now).await.unwrap();
    World {
        house,
        staff,
        lab,
        maker,
        other,
        case,
    }
}

impl World {
    /// The day after the embargo.
    fn day(&self) -> Timestamp {
        self.house.now + SignedDuration::from_hours(24 * 61)
    }

    async fn publish(&self, draft: &Draft) -> Result<publish::Published, Failure> {
        publish::publish(&self.house, &self.staff, self.case, draft, self.day()).await
    }

    async fn bytes(&self, version: u32) -> [Vec<u8>; 3] {
        let get = async |kind| {
            publish::bytes(&self.house, &Actor::Anonymous, FIRST, Some(version), kind)
                .await
                .unwrap()
        };
        [
            get(Kind::Document).await,
            get(Kind::Osv).await,
            get(Kind::Csaf).await,
        ]
    }
}

fn good() -> Draft {
    Draft {
        title: "decode writes past its buffer".into(),
        summary: "A length from the input is not checked.".into(),
        products: vec![Word {
            product: "pkg:cargo/leftish".into(),
            versions: "vers:cargo/<1.4.2".into(),
            status: Status::Affected,
            justification: None,
            words: "".into(),
            severity: None,
        }],
        aliases: vec!["CVE-2026-10001".into()],
        weaknesses: vec![787],
        severities: vec!["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".into()],
        references: vec!["https://leftish.example/fix".into()],
        fix: "Update to 1.4.2.".into(),
        ..Draft::default()
    }
}

fn next(change: &str) -> Draft {
    Draft {
        change: change.into(),
        ..good()
    }
}

/// Acts of a case that nobody needs in order to check what was known when.
const KEPT: &[&str] = &["join", "leave", "message", "assign", "draft", "handling"];

/// The indices of what the case and its reports left in the log, and whether each opens with publication.
async fn indices(house: &House, case: CaseId) -> Vec<(i64, bool)> {
    let link = house.store.link();
    let row = store::case::find(link, case).await.unwrap().unwrap();
    let events = store::case::events(link, case).await.unwrap();
    let reports = store::report::of_finding(link, row.finding).await.unwrap();
    let events = events
        .iter()
        .map(|event| (event.log_index, !KEPT.contains(&&*event.act)));
    events
        .chain(reports.iter().map(|report| (report.log_index, true)))
        .collect()
}

#[tokio::test]
async fn the_sealed_entries_of_a_published_case_open_and_match_for_everyone() {
    for world in worlds("publish_open").await {
        let (house, day) = (&world.house, world.day());
        let words = "between us";
        coordinate::message(house, &world.lab, world.case, words, None, &[], house.now)
            .await
            .unwrap();
        for (index, _) in indices(house, world.case).await {
            let kept = log::receipt::receipt(house, index as u64, false, day)
                .await
                .unwrap();
            assert!(kept.opening.is_none(), "{index} is open before");
        }
        let published = world.publish(&good()).await.unwrap();
        let indices = indices(house, world.case).await;
        assert!(indices.len() > 10, "{indices:?}");
        for (index, opens) in indices {
            let receipt = log::receipt::receipt(house, index as u64, false, day)
                .await
                .unwrap();
            assert_eq!(receipt.opening.is_some(), opens, "{index}");
            if !opens {
                continue;
            }
            let opening = receipt
                .opening
                .unwrap_or_else(|| panic!("{index} stays sealed"));
            assert!(
                receipt.entry.is_opened_by(&opening),
                "{index} opens to something else"
            );
            let said = opening.body.as_str();
            assert!(said.contains("\"act\""), "{said}");
            assert!(!said.contains(SECRET), "{said}");
        }
        let index = published.log_index as u64;
        let receipt = log::receipt::receipt(house, index, false, day)
            .await
            .unwrap();
        let tlog::Entry::Open(body) = receipt.entry else {
            panic!("what is published is sealed");
        };
        for bytes in world.bytes(1).await {
            let digest = finding::hex(&keys::sha256(&[&bytes]));
            assert!(
                body.as_str().contains(&digest),
                "the log does not commit to {digest}"
            );
        }
    }
}

#[tokio::test]
async fn nothing_under_embargo_is_published_and_no_stranger_publishes() {
    for world in worlds("publish_embargo").await {
        let (house, now) = (&world.house, world.house.now);
        let publish =
            async |actor: &Actor, at| publish::publish(house, actor, world.case, &good(), at).await;
        let early = publish(&world.staff, now).await.unwrap_err();
        assert!(
            early.to_string().starts_with("embargo: kept until"),
            "{early}"
        );
        let moved = coordinate::advance(
            house,
            &world.staff,
            world.case,
            Stage::Published,
            "",
            world.day(),
        );
        assert_eq!(
            moved.await.unwrap_err().to_string(),
            "stage: a case is published with its advisory; write it, and publish that"
        );
        for actor in [&world.lab, &world.maker] {
            let denied = publish(actor, world.day()).await;
            assert!(matches!(denied, Err(Failure::Denied)), "{denied:?}");
        }
        let stranger = house.member(OrganizationKind::Finder, "Nosy").await;
        for actor in [&stranger, &Actor::Anonymous] {
            let hidden = publish(actor, world.day()).await;
            assert!(matches!(hidden, Err(Failure::Hidden)), "{hidden:?}");
        }
        let none = publish::show(house, &world.staff, FIRST, None).await;
        assert!(matches!(none, Err(Failure::Hidden)), "{none:?}");
        let (list, _) = publish::list(house, &Actor::Anonymous, &Default::default(), 1)
            .await
            .unwrap();
        assert_eq!(list, []);

        // A leak ends it before its day.
        let leak = Ask::End(Cause::Leak, "https://paste.example/1".into());
        embargo(house, &world.staff, world.case, leak, now)
            .await
            .unwrap();
        publish(&world.staff, now).await.unwrap();
        let shown = show::show(house, &world.staff, world.case, now)
            .await
            .unwrap();
        assert_eq!(shown.stage, Stage::Published);
        assert_eq!(shown.embargo.state().as_str(), "exited");
    }
}

#[tokio::test]
async fn a_draft_is_read_by_those_who_agreed_to_the_embargo_and_by_nobody_else() {
    for world in worlds("publish_draft").await {
        let (house, now) = (&world.house, world.house.now);
        let proposed = publish::draft(house, &world.staff, world.case, now)
            .await
            .unwrap();
        assert!(proposed.may_write && proposed.saved.is_none());
        assert_eq!(&*proposed.draft.products[0].product, "pkg:cargo/leftish");
        assert_eq!(proposed.draft.weaknesses, [787]);
        let unwritten = publish::draft(house, &world.maker, world.case, now)
            .await
            .unwrap();
        assert_eq!(unwritten.draft, Draft::default());

        let draft = Draft {
            summary: format!("{SECRET} as drafted").into(),
            ..good()
        };
        let denied = publish::save(house, &world.maker, world.case, &draft, now).await;
        assert!(matches!(denied, Err(Failure::Denied)), "{denied:?}");
        publish::save(house, &world.staff, world.case, &draft, now)
            .await
            .unwrap();
        for actor in [&world.staff, &world.lab, &world.maker, &world.other] {
            let read = publish::draft(house, actor, world.case, now).await.unwrap();
            assert_eq!(read.draft, draft);
            assert!(read.against.to_string().contains("kept until"));
        }
        let asked = house.member(OrganizationKind::Vendor, "Asked").await;
        let watcher = house.member(OrganizationKind::Auditor, "Watcher").await;
        for (actor, part) in [(&asked, Part::Vendor), (&watcher, Part::Observer)] {
            let id = actor.organization().unwrap();
            coordinate::invite(house, &world.staff, world.case, id, part, now)
                .await
                .unwrap();
        }
        pace::release(house, now).await.unwrap();
        for actor in [&asked, &watcher, &Actor::Anonymous] {
            let hidden = publish::draft(house, actor, world.case, now).await;
            assert!(matches!(hidden, Err(Failure::Hidden)), "{hidden:?}");
        }
    }
}

#[tokio::test]
async fn a_version_keeps_its_bytes_and_a_withdrawn_advisory_its_number() {
    for mut world in worlds("publish_versions").await {
        let day = world.day();
        world.publish(&good()).await.unwrap();
        let first = world.bytes(1).await;
        let silent = world.publish(&good()).await.unwrap_err();
        assert_eq!(
            silent.to_string(),
            "change: say what is new in this version"
        );
        // Another operator at another address does not change what was published.
        world.house.house.settings.operator = "Somebody Else".into();
        world.house.house.settings.url = "https://elsewhere.example".into();
        let second = world.publish(&next("names the fix")).await.unwrap();
        assert_eq!((second.advisory, second.version), (FIRST, 2));
        assert_eq!(world.bytes(1).await, first);
        assert_ne!(world.bytes(2).await, first);

        let house = &world.house;
        let withdraw = async |actor: &Actor, reason: &str| {
            publish::withdraw(house, actor, FIRST, reason, day).await
        };
        for actor in [&world.maker, &world.lab, &Actor::Anonymous] {
            let denied = withdraw(actor, "no").await;
            assert!(matches!(denied, Err(Failure::Denied)), "{denied:?}");
        }
        assert_eq!(
            withdraw(&world.staff, " ").await.unwrap_err().to_string(),
            "reason: say why; everyone who reads it wants to know"
        );
        let third = withdraw(&world.staff, "it is no flaw").await.unwrap();
        assert_eq!((third.advisory, third.version), (FIRST, 3));
        assert_eq!(world.bytes(1).await, first);
        let again = withdraw(&world.staff, "again").await.unwrap_err();
        assert_eq!(again.to_string(), "it is withdrawn already");
        let over = world.publish(&next("more")).await.unwrap_err();
        assert!(over.to_string().starts_with("it was withdrawn"), "{over}");

        let shown = publish::show(house, &Actor::Anonymous, FIRST, None)
            .await
            .unwrap();
        assert_eq!(shown.advisory.withdrawn, Some(day));
        assert_eq!(shown.document.withdrawn, Some(day));
        let lines: Vec<String> = shown
            .versions
            .iter()
            .map(|line| format!("{} {}", line.number, line.summary))
            .collect();
        expect![[r#"
            1 first published
            2 names the fix
            3 withdrawn: it is no flaw"#]]
        .assert_eq(&lines.join("\n"));
        let [_, osv, _] = world.bytes(3).await;
        assert!(String::from_utf8(osv).unwrap().contains("\"withdrawn\""));
        // The next number is another one.
        let next = store::advisory::next_number(house.store.link(), Tlp::Clear)
            .await
            .unwrap();
        assert_eq!(next, AdvisoryId::new(2));
    }
}

#[tokio::test]
async fn finders_are_credited_once_as_they_wrote_it_and_everyone_is_told() {
    for world in worlds("publish_credit").await {
        let (house, day) = (&world.house, world.day());
        world.publish(&good()).await.unwrap();
        let shown = publish::show(house, &Actor::Anonymous, FIRST, None)
            .await
            .unwrap();
        let names: Vec<&str> = shown
            .document
            .credits
            .iter()
            .map(|one| &*one.name)
            .collect();
        assert_eq!(names, ["ada \u{2764} <b>of</b> Lab"]);
        for actor in [&world.lab, &world.other, &world.maker, &world.staff] {
            let told = notice::settings(house, actor).await.unwrap();
            let last = &told.recent[0].0;
            assert_eq!((&*last.what, &*last.subject), ("published", "A-000001"));
        }
        let letters = notice::take_letters(house, day + SignedDuration::from_hours(1), 1_000)
            .await
            .unwrap();
        assert!(!letters.is_empty());
        let told = letters
            .iter()
            .filter(|letter| letter.text.contains("/advisories/A-000001\n"));
        assert_eq!(told.count(), 4, "{letters:?}");
        for letter in letters {
            assert!(!letter.text.contains("decode"), "{}", letter.text);
        }
    }
}

#[tokio::test]
async fn lists_are_narrowed_by_what_the_last_version_says() {
    for world in worlds("publish_list").await {
        world.publish(&good()).await.unwrap();
        let found = async |words: &[&str], title: &[&str], withdrawn| {
            let boxed = |all: &[&str]| all.iter().map(|one| Box::from(*one)).collect();
            let filter = publish::Filter {
                words: boxed(words),
                title: boxed(title),
                withdrawn,
                ..Default::default()
            };
            let list = publish::list(&world.house, &Actor::Anonymous, &filter, 1).await;
            list.unwrap().0.len()
        };
        assert_eq!(
            found(&["package:leftish", "weakness:cwe-787"], &["buffer"], None).await,
            1
        );
        assert_eq!(found(&["id:cve-2026-10001"], &[], Some(false)).await, 1);
        assert_eq!(found(&["weakness:cwe-79"], &[], None).await, 0);
        assert_eq!(
            found(&[], &["%"], None).await,
            0,
            "a sign of the database's is a letter"
        );
        assert_eq!(found(&[], &[], Some(true)).await, 0);
    }
}

/// Fails at one statement, or at the commit in one of its ways.
struct Trip {
    left: AtomicI64,
    at_commit: Fault,
}

impl Faults for Trip {
    fn at_statement(&self) -> bool {
        self.left.fetch_sub(1, Ordering::Relaxed) == 0
    }

    fn at_commit(&self) -> Fault {
        self.at_commit
    }
}

/// What there is of a publication: versions, entries of the log, opened entries, the case's stage.
async fn traces(house: &House, case: CaseId) -> (usize, i64, usize, Stage) {
    let link = house.store.link();
    let versions = store::advisory::versions(link, FIRST).await.unwrap().len();
    let opened = store::advisory::opened(link, case, 1_000)
        .await
        .unwrap()
        .len();
    let row = store::case::find(link, case).await.unwrap().unwrap();
    (
        versions,
        store::log::size(link).await.unwrap(),
        opened,
        row.stage,
    )
}

#[tokio::test]
async fn a_failing_write_leaves_neither_advisory_nor_entry() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec![format!("sqlite:{}", folder.path().join("a.db").display())];
    urls.extend(store::testing::postgres("publish_fails").await);
    for url in urls {
        let world = world(&url).await;
        let day = world.day();
        let before = traces(&world.house, world.case).await;
        let settings = store::Settings {
            durable: false,
            ..store::Settings::default()
        };
        let open = async || Store::open(&url, &settings).await.unwrap();
        let mut house = house_on(Arc::new(open().await), 7, 1, day).await;
        let mut failed = 0;
        // Each statement in turn; then all go through, and the commit fails.
        loop {
            let trip = Arc::new(Trip {
                left: AtomicI64::new(failed),
                at_commit: Fault::Fail,
            });
            house.store = Arc::new(open().await.with_faults(trip.clone()));
            let ended = publish::publish(&house, &world.staff, world.case, &good(), day).await;
            assert!(matches!(ended, Err(Failure::Broken(_))), "{ended:?}");
            let after = traces(&world.house, world.case).await;
            assert_eq!(after, before, "half of it is there");
            if trip.left.load(Ordering::Relaxed) >= 0 {
                break;
            }
            failed += 1;
        }
        let trip = Arc::new(Trip {
            left: AtomicI64::new(i64::MAX),
            at_commit: Fault::FailButPersist,
        });
        house.store = Arc::new(open().await.with_faults(trip));
        let ended = publish::publish(&house, &world.staff, world.case, &good(), day).await;
        assert!(matches!(ended, Err(Failure::Broken(_))), "{ended:?}");
        let after = traces(&world.house, world.case).await;
        assert_eq!((after.0, after.3), (1, Stage::Published));
        let left = indices(&world.house, world.case).await;
        let opens = left.iter().filter(|(_, opens)| *opens).count();
        assert_eq!(after.2, opens, "all of it is there");
        let shown = publish::show(&world.house, &Actor::Anonymous, FIRST, None).await;
        let index = shown.unwrap().versions[0].log_index;
        log::receipt::receipt(&world.house, index as u64, false, day)
            .await
            .unwrap();
        assert!(failed > 60, "{failed} writes failed");
    }
}

#[tokio::test]
async fn a_finding_shows_each_the_reports_that_are_theirs_to_see_and_a_stranger_nothing() {
    for world in worlds("publish_finding").await {
        let (house, now) = (&world.house, world.house.now);
        let id = names::FindingId::new(1);
        let sees = async |actor: &Actor| match deconflict::of_finding(house, actor, id, now).await {
            Ok(found) => format!(
                "{} of {:?}, why {}, history {}, decides {}",
                found.reports.len(),
                found.count,
                found.reports.iter().map(|one| one.why.len()).sum::<usize>(),
                found
                    .reports
                    .iter()
                    .map(|one| one.history.len())
                    .sum::<usize>(),
                found.decides
            ),
            Err(failure) => failure.to_string(),
        };
        let staff = deconflict::of_finding(house, &world.staff, id, now)
            .await
            .unwrap();
        assert_eq!((staff.reports.len(), staff.count), (2, Some(2)));
        assert!(!staff.reports[1].why.is_empty(), "{staff:?}");
        assert_eq!(
            staff.reports[1].history[0].1,
            "is of the same flaw as a report that was here, by the rule"
        );
        assert!(sees(&world.maker).await.starts_with("2 of Some(2), why"));
        assert!(sees(&world.maker).await.ends_with("decides false"));
        assert_eq!(
            sees(&world.lab).await,
            "1 of None, why 0, history 0, decides false"
        );
        let stranger = house.member(OrganizationKind::Finder, "Nosy").await;
        for actor in [&stranger, &Actor::Anonymous] {
            assert_eq!(sees(actor).await, "no such thing");
            let none = deconflict::of_finding(house, actor, names::FindingId::new(99), now).await;
            assert_eq!(none.unwrap_err().to_string(), "no such thing");
        }
    }
}

#[tokio::test]
async fn a_month_is_counted_once_when_it_is_over_and_nothing_of_later_changes_it() {
    for world in worlds("publish_numbers").await {
        let house = &world.house;
        let link = house.store.link();
        assert_eq!(numbers::count(house, world.house.now).await.unwrap(), 0);
        let later = world.day();
        assert_eq!(numbers::count(house, later).await.unwrap(), 2);
        assert_eq!(numbers::count(house, later).await.unwrap(), 0);
        let months = store::numbers::months(link).await.unwrap();
        let said: Vec<String> = months
            .iter()
            .map(|month| format!("{} {} {}", month.first, month.received, month.duplicates))
            .collect();
        assert_eq!(said, ["2026-11-01 2 1", "2026-12-01 0 0"]);
        let before = numbers::show(house, &Actor::Anonymous, later)
            .await
            .unwrap();
        assert_eq!(before.received, finding::numbers::Shown::Few);
        world.publish(&good()).await.unwrap();
        let after = numbers::show(house, &Actor::Anonymous, later)
            .await
            .unwrap();
        assert_eq!((before.published, after.published), (0, 1));
        assert_eq!(store::numbers::months(link).await.unwrap(), months);
        let told = store::numbers::told(link).await.unwrap();
        assert!(
            told[0].sent.is_some() && told[0].verdict.is_some(),
            "{told:?}"
        );
        assert_eq!(told[0].reported, world.house.now);
    }
}

#[tokio::test]
async fn what_is_listed_is_what_may_be_read_whoever_asks_under_whichever_light() {
    let lights = [
        Tlp::Clear,
        Tlp::Green,
        Tlp::Amber,
        Tlp::AmberStrict,
        Tlp::Red,
    ];
    let mut said = Vec::new();
    for light in lights {
        let world = world("sqlite::memory:").await;
        let house = &world.house;
        let nobody = house.member(OrganizationKind::Finder, "Nobody").await;
        let draft = Draft {
            tlp: Some(light),
            ..good()
        };
        let id = world.publish(&draft).await.unwrap().advisory;
        let mut who = Vec::new();
        for (name, actor) in [
            ("stranger", &Actor::Anonymous),
            ("member", &nobody),
            ("finder", &world.lab),
            ("vendor", &world.maker),
            ("staff", &world.staff),
        ] {
            let (list, _) = publish::list(house, actor, &Default::default(), 1)
                .await
                .unwrap();
            let shown = publish::show(house, actor, id, None).await.is_ok();
            let shelf = publish::shelf(house, publish::CSAF).await.unwrap();
            let reads = publish::reads(house, actor).await.unwrap();
            let served = shelf.listed.iter().any(|one| reads.may(one));
            let file = publish::file(house, actor, id, None, publish::CSAF).await;
            assert_eq!(
                (list.len() == 1, served, file.is_ok()),
                (shown, shown, shown),
                "{name} {light}"
            );
            if shown {
                who.push(name);
            }
        }
        said.push(format!("{light} {id}: {}", who.join(" ")));
    }
    expect![[r#"
        TLP:CLEAR A-000001: stranger member finder vendor staff
        TLP:GREEN A-900000001: member finder vendor staff
        TLP:AMBER A-900000001: finder vendor staff
        TLP:AMBER+STRICT A-900000001: finder vendor staff
        TLP:RED A-900000001: finder vendor staff"#]]
    .assert_eq(&said.join("\n"));
}

#[tokio::test]
async fn a_release_is_of_one_moment_in_its_document_and_in_lists() {
    for world in worlds("publish_moment").await {
        let (house, case) = (&world.house, world.case);
        // A clock that is finer than what tables keep.
        let now = world.day() + SignedDuration::from_nanos(123_456_789);
        publish::publish(house, &world.staff, case, &good(), now)
            .await
            .unwrap();
        for kind in [publish::CSAF, publish::CSAF_21] {
            let shelf = publish::shelf(house, kind).await.unwrap();
            let file = publish::file(house, &Actor::Anonymous, FIRST, None, kind).await;
            let document: serde_json::Value =
                serde_json::from_slice(&file.unwrap().body.unwrap()).unwrap();
            let said = document["document"]["tracking"]["current_release_date"].clone();
            assert_eq!(said, shelf.listed[0].modified.to_string());
        }
    }
}

#[tokio::test]
async fn what_was_published_before_files_were_kept_is_signed_once() {
    for world in worlds("publish_fill").await {
        let (house, day) = (&world.house, world.day());
        world.publish(&good()).await.unwrap();
        assert_eq!(publish::fill(house, day).await.unwrap(), 0);
        let file = publish::file(house, &Actor::Anonymous, FIRST, None, publish::CSAF);
        let before = file.await.unwrap();
        store::testing::forget_files(&house.store).await.unwrap();
        assert_eq!(publish::fill(house, day).await.unwrap(), 1);
        assert_eq!(publish::fill(house, day).await.unwrap(), 0);
        let file = publish::file(house, &Actor::Anonymous, FIRST, None, publish::CSAF);
        assert_eq!(file.await.unwrap(), before);
        assert_eq!(
            publish::shelf(house, publish::CSAF)
                .await
                .unwrap()
                .listed
                .len(),
            1
        );
    }
}
