//! Index: which reports share terms with those that are decided now, and which of them share most?

use std::borrow::Borrow;

use finding::Fingerprint;
use finding::deconflict::{CANDIDATES_MAX, REPORTS_MAX};
use names::{FindingId, ReportId};
use rustc_hash::FxHashMap;
use store::term::Hash;

use super::chunk::Drawn;
use super::held::{Held, REPORTS_MAX as HELD_MAX, REPORTS_OF_FINDING_MAX};

/// Stored reports that are loaded for one report: the rule looks at no more findings, and most have one report.
const LOADED_MAX: usize = 2 * CANDIDATES_MAX;

/// Which reports have which terms: those that are held, and those of this chunk so far.
#[derive(Default)]
pub(super) struct Index {
    by_hash: FxHashMap<Hash, Vec<(ReportId, FindingId)>>,
}

impl Index {
    /// What is held of `hashes`.
    pub(super) fn of<'a>(held: &Held, hashes: impl IntoIterator<Item = &'a Hash>) -> Index {
        let mut index = Index::default();
        for hash in hashes {
            index
                .by_hash
                .entry(*hash)
                .or_insert_with(|| held.find(*hash).collect());
        }
        index
    }

    /// The stored reports that any of `all` may be compared with, each once.
    pub(super) fn wanted<D: Borrow<Drawn>>(&self, all: &[D]) -> Vec<ReportId> {
        let mut wanted: Vec<ReportId> = all
            .iter()
            .flat_map(|drawn| self.nearest(drawn.borrow().hashes()))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    /// The reports that share the most with `hashes`.
    pub(super) fn nearest(&self, hashes: &[Hash]) -> Vec<ReportId> {
        let ranked = self.ranked(hashes);
        ranked
            .into_iter()
            .take(LOADED_MAX)
            .map(|(_, report, _)| report)
            .collect()
    }

    /// Every report that shares a term, those that share most first, then the oldest.
    fn ranked(&self, hashes: &[Hash]) -> Vec<(std::cmp::Reverse<usize>, ReportId, FindingId)> {
        let mut shared: FxHashMap<ReportId, (usize, FindingId)> = FxHashMap::default();
        for (report, finding) in hashes
            .iter()
            .filter_map(|hash| self.by_hash.get(hash))
            .flatten()
        {
            shared.entry(*report).or_insert((0, *finding)).0 += 1;
        }
        let mut ranked: Vec<_> = shared
            .into_iter()
            .map(|(report, (count, finding))| (std::cmp::Reverse(count), report, finding))
            .collect();
        ranked.sort_unstable();
        ranked
    }

    /// The findings to compare with, each with its reports that share most.
    pub(super) fn candidates<'a>(
        &self,
        hashes: &[Hash],
        prints: &FxHashMap<ReportId, &'a Fingerprint>,
    ) -> Vec<(FindingId, Vec<&'a Fingerprint>)> {
        let mut found: Vec<(FindingId, Vec<&Fingerprint>)> = Vec::new();
        for (_, report, finding) in self.ranked(hashes) {
            let Some(print) = prints.get(&report) else {
                continue;
            };
            let full = found.len() == CANDIDATES_MAX;
            match found.iter_mut().find(|(held, _)| *held == finding) {
                Some((_, reports)) if reports.len() < REPORTS_MAX => reports.push(print),
                Some(_) => {}
                None if full => {}
                None => found.push((finding, vec![print])),
            }
        }
        found
    }

    /// Holds a report for those after it, as far as its terms are not too common.
    pub(super) fn add(&mut self, report: ReportId, finding: FindingId, hashes: &[Hash]) {
        for hash in hashes {
            let held = self.by_hash.entry(*hash).or_default();
            let of_finding = held.iter().filter(|(_, other)| *other == finding).count();
            if held.len() < HELD_MAX && of_finding < REPORTS_OF_FINDING_MAX {
                held.push((report, finding));
            }
        }
    }
}
