//! Held: what reports are looked up by, in memory, so that looking up costs the same at 10^3 and at 10^6 findings.
//!
//! The store keeps it as changes, in the order in which they were made, a row for each report. A transaction that
//! deconflicts reads first what is new there, whichever node made it; so memory holds what was committed and nothing
//! else, and whoever starts reads all of it. A report's terms come to some 16 entries of 8 bytes: 10^6 reports are
//! about 160 MB, which one look-up touches at 16 places.
//!
//! A term that many reports have says little, so of one term only the first [`REPORTS_MAX`] reports are held, and of
//! one finding only [`REPORTS_OF_FINDING_MAX`]: a flaw that everyone finds does not crowd out the others.

use std::sync::Arc;

use finding::Fingerprint;
use names::{FindingId, ReportId};
use rustc_hash::FxHashMap;
use store::Link;
use store::term::{Change, Hash};

use super::{chunk, hashes};
use crate::{Failure, House};

/// Reports that are held for one term. With 32 terms to a report, a look-up finds 2,048 at the very most.
pub const REPORTS_MAX: usize = 64;

/// Reports of one finding that are held for one term.
pub const REPORTS_OF_FINDING_MAX: usize = 4;

/// Changes that are read at once: some 200 bytes each.
const CHANGES_MAX: i64 = 10_000;

/// Two to the power of 16: at 10^6 reports a bucket has some 250 entries, which are searched in 8 steps and moved up
/// in 50 ns.
const BUCKETS: usize = 1 << 16;

/// Fingerprints that are kept open in each of two halves: some 2 KiB each, so 32 MiB in all.
const PRINTS_MAX: usize = 8_192;

/// What reports are looked up by.
pub struct Held {
    /// The last change that was read.
    read: i64,
    /// By the first 16 bits of a term's hash: the next 32 bits, and the place of a report that has it, in order.
    buckets: Vec<Vec<(u32, u32)>>,
    /// Every report that was ever held, and the finding it is in; none once its key is destroyed.
    reports: Vec<(ReportId, Option<FindingId>)>,
    places: FxHashMap<ReportId, u32>,
    prints: Prints,
    /// How often a report that was held already changed.
    redrawn: u64,
}

impl Default for Held {
    fn default() -> Held {
        Held {
            read: 0,
            buckets: vec![Vec::new(); BUCKETS],
            reports: Vec::new(),
            places: FxHashMap::default(),
            prints: Prints::default(),
            redrawn: 0,
        }
    }
}

/// Reads all that is there, before the first report asks for it.
pub async fn warm(house: &House) -> Result<(), Failure> {
    let mut held = house.held.lock().await;
    held.catch_up(house, house.store.link()).await
}

impl Held {
    /// Reads what changed since the last time.
    ///
    /// INVARIANT: inside a transaction this comes before the transaction's own changes. What is read here and never
    /// committed would be held for good.
    pub(super) async fn catch_up(&mut self, house: &House, link: Link<'_>) -> Result<(), Failure> {
        loop {
            let changes = store::term::changes(link, self.read, CHANGES_MAX).await?;
            let drawn = self.drawn_anew(house, link, &changes).await?;
            for change in &changes {
                self.apply(change, drawn.get(&change.report));
                self.read = change.id;
            }
            if (changes.len() as i64) < CHANGES_MAX {
                return Ok(());
            }
        }
    }

    /// The terms of reports that come without: those that were there before changes were kept.
    async fn drawn_anew(
        &self,
        house: &House,
        link: Link<'_>,
        changes: &[Change],
    ) -> Result<FxHashMap<ReportId, Vec<Hash>>, Failure> {
        let bare = changes.iter().filter(|change| {
            change.hashes.is_none()
                && change.finding.is_some()
                && !self.places.contains_key(&change.report)
        });
        let bare: Vec<ReportId> = bare.map(|change| change.report).collect();
        let mut drawn = FxHashMap::default();
        for row in store::decision::prints(link, &bare).await? {
            drawn.insert(row.report, hashes(house, &chunk::open(house, &row)?));
        }
        Ok(drawn)
    }

    fn apply(&mut self, change: &Change, drawn: Option<&Vec<Hash>>) {
        let is_new = !self.places.contains_key(&change.report);
        let place = *self.places.entry(change.report).or_insert_with(|| {
            self.reports.push((change.report, None));
            u32::try_from(self.reports.len() - 1).expect("memory ends before 2^32 reports")
        });
        self.reports[place as usize].1 = change.finding;
        self.redrawn += u64::from(!is_new);
        let Some(finding) = change.finding else {
            self.prints.forget(change.report);
            return;
        };
        let hashes = match &change.hashes {
            Some(hashes) => {
                self.prints.forget(change.report);
                hashes
            }
            None if is_new => match drawn {
                Some(hashes) => hashes,
                None => return,
            },
            None => return,
        };
        for hash in hashes {
            self.insert(*hash, place, finding, change.whole);
        }
    }

    fn insert(&mut self, hash: Hash, place: u32, finding: FindingId, whole: bool) {
        let (bucket, tag) = split(hash);
        let bucket = &mut self.buckets[bucket];
        let first = bucket.partition_point(|(other, _)| *other < tag);
        let (mut after, mut all, mut of_finding) = (first, 0, 0);
        while let Some((_, other)) = bucket.get(after).filter(|(other, _)| *other == tag) {
            if *other == place {
                return;
            }
            let held = self.reports[*other as usize].1;
            all += usize::from(held.is_some());
            of_finding += usize::from(held == Some(finding));
            after += 1;
        }
        if whole || (all < REPORTS_MAX && of_finding < REPORTS_OF_FINDING_MAX) {
            if bucket.len() == bucket.capacity() {
                // An eighth more rather than twice as much: there are many buckets, and each stands half empty after.
                bucket.reserve_exact(4 + bucket.len() / 8);
            }
            bucket.insert(after, (tag, place));
        }
    }

    /// The reports that have a term, the first that came first.
    pub(super) fn find(&self, hash: Hash) -> impl Iterator<Item = (ReportId, FindingId)> {
        let (bucket, tag) = split(hash);
        let bucket = &self.buckets[bucket];
        let first = bucket.partition_point(|(other, _)| *other < tag);
        let found = bucket[first..]
            .iter()
            .take_while(move |(other, _)| *other == tag);
        found.filter_map(|(_, place)| {
            let (report, finding) = self.reports[*place as usize];
            Some((report, finding?))
        })
    }

    /// Those of `wanted` whose fingerprints are not open.
    pub(super) fn missing(&self, wanted: &[ReportId]) -> Vec<ReportId> {
        let missing = wanted.iter().filter(|id| !self.prints.has(**id));
        missing.copied().collect()
    }

    /// How often a report that was held already changed, up to now.
    pub(super) fn redrawn(&self) -> u64 {
        self.redrawn
    }

    /// Keeps fingerprints that were opened outside of the writer's turn, when [`Held::redrawn`] was `redrawn`.
    ///
    /// INVARIANT: none of them changed since. A change that is not read yet makes them forgotten when it is; where one
    /// was read meanwhile they may be from before it, and are opened again when they are needed.
    pub(super) fn foreseen(&mut self, opened: Vec<(ReportId, Arc<Fingerprint>)>, redrawn: u64) {
        if self.redrawn == redrawn {
            for (report, print) in opened {
                self.prints.keep(report, print);
            }
        }
    }

    /// The fingerprints of `wanted`, those that are open already and those of the store.
    pub(super) async fn prints(
        &mut self,
        house: &House,
        link: Link<'_>,
        wanted: &[ReportId],
    ) -> Result<Vec<(ReportId, Arc<Fingerprint>)>, Failure> {
        let mut found = Vec::with_capacity(wanted.len());
        let mut missing = Vec::new();
        for report in wanted {
            match self.prints.find(*report) {
                Some(print) => found.push((*report, print)),
                None => missing.push(*report),
            }
        }
        for row in store::decision::prints(link, &missing).await? {
            let print = Arc::new(chunk::open(house, &row)?);
            self.prints.keep(row.report, Arc::clone(&print));
            found.push((row.report, print));
        }
        Ok(found)
    }
}

/// The bucket of a hash, and what tells it from others there. With 48 of its bits two terms of 10^7 are taken for one
/// about once in 10^7; they are then compared like any other, and found to have nothing in common.
fn split(hash: Hash) -> (usize, u32) {
    ((hash >> 48) as usize, (hash >> 16) as u32)
}

/// Fingerprints that were opened lately. Where the young half is full it becomes the old one, and the old one goes.
#[derive(Default)]
struct Prints {
    young: FxHashMap<ReportId, Arc<Fingerprint>>,
    old: FxHashMap<ReportId, Arc<Fingerprint>>,
}

impl Prints {
    fn has(&self, report: ReportId) -> bool {
        self.young.contains_key(&report) || self.old.contains_key(&report)
    }

    fn find(&mut self, report: ReportId) -> Option<Arc<Fingerprint>> {
        if let Some(print) = self.young.get(&report) {
            return Some(Arc::clone(print));
        }
        let print = self.old.remove(&report)?;
        self.keep(report, Arc::clone(&print));
        Some(print)
    }

    fn keep(&mut self, report: ReportId, print: Arc<Fingerprint>) {
        if self.young.len() >= PRINTS_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(report, print);
    }

    fn forget(&mut self, report: ReportId) {
        self.young.remove(&report);
        self.old.remove(&report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(report: i64, finding: i64, hashes: Option<&[Hash]>, whole: bool) -> Change {
        Change {
            id: 0,
            report: ReportId::new(report),
            finding: (finding > 0).then(|| FindingId::new(finding)),
            hashes: hashes.map(<[Hash]>::to_vec),
            whole,
        }
    }

    fn found(held: &Held, hash: Hash) -> Vec<(i64, i64)> {
        let found = held.find(hash);
        found
            .map(|(report, finding)| (report.get(), finding.get()))
            .collect()
    }

    #[test]
    fn a_report_is_found_by_each_of_its_terms_where_it_is_now() {
        let mut held = Held::default();
        let (one, other) = (7 << 40, u64::MAX);
        held.apply(&change(1, 10, Some(&[one, other]), false), None);
        held.apply(&change(2, 20, Some(&[one]), false), None);
        assert_eq!(found(&held, one), [(1, 10), (2, 20)]);
        held.apply(&change(2, 10, None, false), None);
        assert_eq!(found(&held, one), [(1, 10), (2, 10)]);
        held.apply(&change(1, 0, None, false), None);
        assert_eq!(found(&held, one), [(2, 10)]);
        assert_eq!(found(&held, other), []);
        assert_eq!(found(&held, 8 << 40), []);
    }

    #[test]
    fn a_term_of_many_findings_is_held_for_few_unless_a_report_is_held_whole() {
        let mut held = Held::default();
        for report in 1..200 {
            held.apply(&change(report, report, Some(&[5]), false), None);
        }
        assert_eq!(found(&held, 5).len(), REPORTS_MAX);
        held.apply(&change(200, 200, Some(&[5]), true), None);
        held.apply(&change(200, 200, Some(&[5]), true), None);
        assert_eq!(found(&held, 5).len(), REPORTS_MAX + 1);
    }

    #[test]
    fn a_finding_that_everyone_reports_leaves_room_for_others() {
        let mut held = Held::default();
        for report in 1..100 {
            held.apply(&change(report, 1, Some(&[5]), false), None);
        }
        held.apply(&change(100, 2, Some(&[5]), false), None);
        let found = found(&held, 5);
        assert_eq!(found.len(), REPORTS_OF_FINDING_MAX + 1);
        assert_eq!(found.last(), Some(&(100, 2)));
    }
}
