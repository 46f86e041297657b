//! What holds after every step, whoever did what and whatever broke.

use std::collections::BTreeMap;

use clearinghouse::claim::BoardAsk;
use clearinghouse::coordinate::show;
use clearinghouse::{
    Actor, Failure, House, authorization, claim, deconflict, log, publish, queue, submit,
};
use finding::claim::Standing;
use finding::coordinate::Stage;
use jiff::{SignedDuration, Timestamp};
use names::{AdvisoryId, AuthorizationId, CaseId, ClaimId, OrganizationId, ReportId};
use store::advisory::Filter;
use tlog::{Entry, Hash, TileId, Tree};

use super::World;

/// Begins every embargoed word of this world; nothing else contains it.
pub const SECRET: &str = "zq7x";

/// What a finder holds in hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub organization: OrganizationId,
    pub report: ReportId,
    pub log_index: i64,
    pub digest: [u8; 32],
}

/// The log as someone who keeps watching it knows it.
#[derive(Default)]
pub struct Watcher {
    entries: Vec<Vec<u8>>,
    tree: Tree,
    tiles: BTreeMap<TileId, Vec<Hash>>,
}

impl Watcher {
    /// The log only grows, and what was in it stays: proved as a client would ask for it to be proved.
    pub async fn looks(&mut self, house: &House) {
        let link = house.store.link();
        let size = store::log::size(link).await.expect("it answers");
        let known = i64::try_from(self.entries.len()).expect("small");
        assert!(size >= known, "the log shrank from {known} to {size}");
        let last = (known - 1).max(0);
        let tail = store::log::entries(link, last, size - last + 1)
            .await
            .expect("it answers");
        assert_eq!(tail.len() as i64, size - last, "an index was skipped");
        let fresh = if known == 0 { 0 } else { 1 };
        assert_eq!(
            tail.first().filter(|_| fresh == 1),
            self.entries.last(),
            "an entry changed"
        );
        let before = self.tree.clone();
        let leaves = tail.iter().skip(fresh).map(|bytes| {
            let entry = Entry::parse(bytes).expect("every entry is one");
            if matches!(entry, Entry::Sealed(_)) {
                assert_eq!(
                    bytes.len(),
                    tlog::entry::SEALED_BYTES,
                    "a sealed entry tells by its length"
                );
            }
            // A sealed entry is a hash, in which four letters stand by chance every so many seeds (277 was one).
            assert!(
                matches!(entry, Entry::Sealed(_))
                    || !String::from_utf8_lossy(bytes).contains(SECRET),
                "the log tells an embargoed word"
            );
            entry.leaf()
        });
        let (tiles, tree) = tlog::integrate(&before, leaves.collect::<Vec<_>>());
        self.tiles.extend(tiles);
        self.entries.extend(tail.into_iter().skip(fresh));
        let (from, to) = (before.size(), tree.size());
        if 0 < from && from < to {
            let proof =
                tlog::proof::consistency(from, to, &self.tiles).expect("every tile is kept");
            let (older, newer) = ((from, before.root()), (to, tree.root()));
            let proved = tlog::proof::verify_consistency(older, newer, &proof);
            assert_eq!(proved, Ok(()), "the log forked between {from} and {to}");
        }
        self.tree = tree;
    }

    /// Whether it has not looked yet.
    pub fn is_new(&self) -> bool {
        self.entries.is_empty()
    }

    /// Everything from the beginning gives the same root.
    pub async fn reads_it_all_again(&self, house: &House) {
        let all = store::log::entries(house.store.link(), 0, i64::MAX)
            .await
            .expect("it answers");
        assert_eq!(all, self.entries, "an old entry changed");
        let (_, tree) = tlog::integrate(
            &Tree::default(),
            all.iter().map(|entry| tlog::hash::leaf(entry)),
        );
        assert_eq!(tree.root(), self.tree.root());
    }
}

/// No acknowledged report is lost, and its entry opens to what the receipt says.
pub async fn nothing_acknowledged_is_lost(house: &House, held: &Held) {
    let link = house.store.link();
    let kept = store::report::find(link, held.report)
        .await
        .expect("it answers");
    let kept = kept.unwrap_or_else(|| panic!("{} was acknowledged and is lost", held.report));
    assert_eq!(
        kept.organization, held.organization,
        "{} changed hands",
        held.report
    );
    assert_eq!(
        kept.digest, held.digest,
        "{} is another report now",
        held.report
    );
    assert_eq!(
        kept.log_index, held.log_index,
        "{} has another receipt now",
        held.report
    );
    let opening = log::opening(house, link, held.log_index)
        .await
        .expect("its opening is kept");
    let entries = store::log::entries(link, held.log_index, 1)
        .await
        .expect("it answers");
    let entry = Entry::parse(&entries[0]).expect("an entry");
    assert!(
        entry.is_opened_by(&opening),
        "the opening of {} opens something else",
        held.report
    );
    let said = opening.body.as_str();
    assert!(
        said.contains(&finding::hex(&held.digest)),
        "the log says of {} {said}",
        held.report
    );
}

/// What a finder was told is destroyed has no key any more, and nothing that one would open.
pub async fn what_was_taken_back_stays_gone(house: &House, reports: &[ReportId]) {
    for id in reports {
        let row = store::report::find(house.store.link(), *id).await;
        let row = row.expect("it answers").expect("its row stays");
        assert!(
            row.key.is_none() && row.body.is_empty() && row.fingerprint.is_none(),
            "{id} was taken back, and is still there"
        );
    }
}

/// Asks for everything that there is to read, as people who may not know of it.
pub async fn an_outsider_learns_nothing(
    world: &World,
    node: &House,
    claims: &BTreeMap<ClaimId, Actor>,
) {
    for asker in [&Actor::Anonymous, &world.stranger] {
        for id in claims.keys().copied().chain([ClaimId::new(9_999)]) {
            hidden(claim::show(node, asker, id, world.now).await);
        }
        let board = claim::board(node, asker, &BoardAsk::default(), world.now).await;
        silent(&format!("{board:?}"));
        for id in 1..4 {
            hidden(authorization::show(node, asker, AuthorizationId::new(id)).await);
        }
        silent(&format!("{:?}", authorization::list(node, asker).await));
    }
}

/// Every report belongs to one finding, which stands for itself, and the last decision says which.
pub async fn a_report_is_in_one_finding(node: &House, held: &Held) {
    let link = node.store.link();
    let kept = store::report::find(link, held.report)
        .await
        .expect("it answers");
    let finding = kept.and_then(|kept| kept.finding);
    let finding = finding.unwrap_or_else(|| panic!("{} is in no finding", held.report));
    let merged = store::decision::merged_into(link, finding)
        .await
        .expect("it answers");
    assert_eq!(
        merged,
        Some(None),
        "{} is in {finding}, which is part of another",
        held.report
    );
    let reports = store::decision::reports_of(link, finding)
        .await
        .expect("it answers");
    let count = reports
        .iter()
        .filter(|report| **report == held.report)
        .count();
    assert_eq!(count, 1, "{finding} holds {} {count} times", held.report);
    let decisions = store::decision::of_report(link, held.report)
        .await
        .expect("it answers");
    let last = decisions.last().map(|last| last.after);
    assert_eq!(
        last,
        Some(finding),
        "{} was put elsewhere than it is",
        held.report
    );
}

/// All cases there are.
pub async fn cases(node: &House) -> Vec<CaseId> {
    let mut cases = Vec::new();
    for number in 1.. {
        let id = CaseId::new(number);
        match store::case::find(node.store.link(), id)
            .await
            .expect("it answers")
        {
            Some(_) => cases.push(id),
            None => break,
        }
    }
    cases
}

/// A case is there for nobody but those who take part; a vendor learns of it when it is sent. What is not theirs looks
/// like what is not there.
pub async fn a_case_is_hidden_from_outsiders(world: &World, node: &House, case: CaseId) {
    let link = node.store.link();
    let parts = store::case::participants(link, case)
        .await
        .expect("it answers");
    let unsent = world.vendors.iter().filter(|vendor| {
        let own = parts
            .iter()
            .find(|part| Some(part.organization) == vendor.organization());
        own.is_none_or(|part| part.sent.is_none())
    });
    let outsiders = [&Actor::Anonymous, &world.stranger];
    for asker in outsiders.into_iter().chain(unsent) {
        for id in [case, CaseId::new(9_999)] {
            let shown = show::show(node, asker, id, world.now).await;
            assert!(
                matches!(shown, Err(Failure::Hidden)),
                "{id} is shown to {asker:?}"
            );
            hidden(publish::draft(node, asker, id, world.now).await);
        }
    }
}

/// Lists, counts, filters and searches are empty for whoever takes part in nothing.
pub async fn lists_tell_an_outsider_nothing(world: &World, node: &House, reports: &[ReportId]) {
    let (stranger, now) = (&world.stranger, world.now);
    for asker in [&Actor::Anonymous, stranger] {
        for id in reports.iter().copied().chain([ReportId::new(9_999)]) {
            let shown = submit::show(node, asker, id, now).await;
            assert!(
                matches!(shown, Err(Failure::Hidden)),
                "{id} is shown to {asker:?}"
            );
        }
        let asked = deconflict::next(node, asker, now).await;
        assert!(matches!(asked, Err(Failure::Hidden)), "{asked:?}");
    }
    for exploited in [false, true] {
        let filter = queue::Filter {
            exploited,
            ..queue::Filter::default()
        };
        let (lines, more) = queue::queue(node, stranger, &filter, 1, now)
            .await
            .expect("their own");
        assert!(
            lines.is_empty() && !more,
            "an outsider's queue holds {lines:?}"
        );
    }
    let work = queue::work(node, stranger, now).await.expect("their own");
    assert!(work.is_empty(), "an outsider has work: {work:?}");
    let own = submit::list(node, stranger, None, 10)
        .await
        .expect("their own");
    assert!(own.is_empty(), "an outsider handed over {own:?}");
    let (found, _) = publish::list(node, stranger, &Filter::default(), 1)
        .await
        .expect("for everyone");
    silent(&format!("{found:?}"));
}

/// What is published is in the log, by the hash of what is told, and is under no embargo any more; and a case says that
/// it is published only with an advisory.
pub async fn what_is_published_is_in_the_log(node: &House, case: CaseId) {
    let link = node.store.link();
    let row = store::case::find(link, case)
        .await
        .expect("it answers")
        .expect("it is there");
    let advisory = store::advisory::of_case(link, case)
        .await
        .expect("it answers");
    // What was published may be closed afterwards, and taken up again; its advisory stays.
    let fits = row.stage != Stage::Published || advisory.is_some();
    assert!(fits, "{case} is published without an advisory");
    let Some(advisory) = advisory else { return };
    assert_eq!(&*row.embargo, "exited", "{case} is published under embargo");
    for line in store::advisory::versions(link, advisory.id)
        .await
        .expect("it answers")
    {
        let version = store::advisory::version(link, advisory.id, line.number).await;
        let version = version.expect("it answers").expect("it is listed");
        let entries = store::log::entries(link, version.log_index, 1)
            .await
            .expect("it answers");
        let entry = String::from_utf8_lossy(&entries[0]).into_owned();
        let digest = finding::hex(&keys::sha256(&[&version.document]));
        assert!(
            entry.contains(&digest),
            "{} is not in the log: {entry}",
            advisory.id
        );
    }
}

/// What each maintainer was sent so far.
#[derive(Default)]
pub struct Paces(BTreeMap<OrganizationId, usize>);

impl Paces {
    /// Whoever was sent something since the last look has no more than they agreed to.
    pub async fn hold(&mut self, world: &World, node: &House) {
        let link = node.store.link();
        for vendor in &world.vendors {
            let id = vendor.organization().expect("a member");
            let pace = store::queue::pace(link, id)
                .await
                .expect("it answers")
                .expect("it was set");
            let all = store::queue::sent_to(link, id, Timestamp::MIN)
                .await
                .expect("it answers");
            let before = self.0.insert(id, all.len()).unwrap_or(0);
            if all.len() <= before {
                continue;
            }
            let week = world
                .now
                .checked_sub(SignedDuration::from_hours(24 * 7))
                .expect("a week ago");
            let of_week = all.iter().filter(|sent| sent.at > week).count();
            let open = all.iter().filter(|sent| sent.open).count();
            let most = |most: Option<u32>| most.map_or(usize::MAX, |most| most as usize);
            assert!(
                open <= most(pace.open_max),
                "{id} has {open} open of {:?}",
                pace.open_max
            );
            assert!(
                of_week <= most(pace.per_week_max),
                "{id} got {of_week} in a week"
            );
        }
    }
}

/// What was told, by advisory and version.
#[derive(Default)]
pub struct Advisories(pub BTreeMap<(AdvisoryId, u32), [u8; 32]>);

impl Advisories {
    /// What was told once stays as it was told.
    pub async fn stay(&mut self, node: &House) {
        let link = node.store.link();
        for number in 1.. {
            let id = AdvisoryId::new(number);
            if store::advisory::find(link, id)
                .await
                .expect("it answers")
                .is_none()
            {
                assert!(!self.0.contains_key(&(id, 1)), "{id} is gone");
                return;
            }
            for line in store::advisory::versions(link, id)
                .await
                .expect("it answers")
            {
                let kept = store::advisory::version(link, id, line.number).await;
                let kept = kept.expect("it answers").expect("it is listed");
                let digest = keys::sha256(&[&kept.document, &kept.osv, &kept.csaf]);
                let before = self.0.insert((id, line.number), digest);
                assert!(before.is_none_or(|before| before == digest), "{id} changed");
            }
        }
    }
}

/// What one may not know of does not exist; nor does what does not exist.
fn hidden<T: std::fmt::Debug>(answer: Result<T, Failure>) {
    assert!(
        matches!(answer, Err(Failure::Hidden | Failure::Denied)),
        "an outsider reads {answer:?}"
    );
}

fn silent(answer: &str) {
    assert!(!answer.contains(SECRET), "an outsider reads {answer}");
}

/// No lease outlives its end, and no two teams have the same target at once.
pub async fn leases_end(node: &House, claims: &BTreeMap<ClaimId, Actor>, now: Timestamp) {
    let mut holders: BTreeMap<String, (OrganizationId, ClaimId)> = BTreeMap::new();
    for (id, actor) in claims {
        let shown = claim::show(node, actor, *id, now).await.expect("their own");
        if shown.standing != Standing::Active {
            continue;
        }
        assert!(
            shown.ends > now,
            "{id} holds at {now} and ended at {}",
            shown.ends
        );
        let holder = actor.organization().expect("a member");
        for target in &shown.targets {
            let other = holders.insert(target.to_string(), (holder, *id));
            let others = other.filter(|(other, _)| *other != holder);
            assert_eq!(others, None, "{id} and another hold {target}");
        }
    }
}
