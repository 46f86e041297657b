//! What holds after every step, whoever did what and whatever broke.

use std::collections::BTreeMap;

use clearinghouse::claim::BoardAsk;
use clearinghouse::{Actor, Failure, House, authorization, claim, log};
use finding::claim::Standing;
use jiff::Timestamp;
use names::{AuthorizationId, ClaimId, OrganizationId, ReportId};
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
            assert!(
                !String::from_utf8_lossy(bytes).contains(SECRET),
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
