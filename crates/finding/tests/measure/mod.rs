//! Clusters beside the truth: pairwise precision and recall, the adjusted Rand index, splits and false merges.

use std::collections::BTreeMap;

use finding::deconflict::{Outcome, deconflict};
use finding::fingerprint::Term;
use finding::{Deconfliction, Fingerprint};
use names::FindingId;

/// What the rule made of a list of reports that came one after the other.
pub struct Run {
    /// The finding of each report, by the rule alone.
    pub findings: Vec<usize>,
    /// The same with every unsure one decided by a person who knows.
    pub decided: Vec<usize>,
    /// Reports that joined a finding whose first report is of another flaw.
    pub false_merges: usize,
    /// Reports that waited for a person.
    pub unsure: usize,
    /// Of these, those that turned out to be new.
    pub unsure_new: usize,
    /// Reports that were said to be new and are not, though a person was never asked.
    pub missed: usize,
    /// Why reports were merged wrongly, for whoever changes the rule.
    pub told: Vec<String>,
}

/// Hands `prints` over one by one, looked up by their terms as the store does, and keeps what becomes of each.
pub fn run(prints: &[Fingerprint], truth: &[usize]) -> Run {
    let mut index: BTreeMap<Term, Vec<usize>> = BTreeMap::new();
    let mut held: Vec<Vec<usize>> = Vec::new();
    let mut run = Run {
        findings: Vec::new(),
        decided: Vec::new(),
        false_merges: 0,
        unsure: 0,
        unsure_new: 0,
        missed: 0,
        told: Vec::new(),
    };
    let mut by_person: Vec<usize> = Vec::new();
    for (at, print) in prints.iter().enumerate() {
        let answer = answer(print, prints, &index, &held);
        let fresh = held.len();
        let (finding, person) = match &answer.outcome {
            Outcome::Same(candidate) => {
                let finding = candidate.finding.get() as usize;
                if truth[held[finding][0]] != truth[at] {
                    run.false_merges += 1;
                    let why = candidate
                        .why
                        .iter()
                        .map(|reason| format!("{:+} {}", reason.signed(), reason.words));
                    run.told.push(format!(
                        "{:?} {}",
                        candidate.ground,
                        why.collect::<Vec<_>>().join("; ")
                    ));
                }
                (finding, 0)
            }
            Outcome::Unsure(candidates) => {
                run.unsure += 1;
                let right = candidates
                    .iter()
                    .map(|candidate| candidate.finding.get() as usize);
                let right: Vec<usize> = right
                    .filter(|finding| truth[held[*finding][0]] == truth[at])
                    .collect();
                run.unsure_new += usize::from(right.is_empty());
                let person = right.first().map_or(fresh, |finding| by_person[*finding]);
                // Whoever says that it is the same as two has said that the two are the same.
                for finding in right {
                    let other = by_person[finding];
                    by_person
                        .iter_mut()
                        .filter(|held| **held == other)
                        .for_each(|held| *held = person);
                }
                (fresh, person)
            }
            Outcome::New => {
                run.missed +=
                    usize::from(held.iter().any(|reports| truth[reports[0]] == truth[at]));
                (fresh, fresh)
            }
        };
        if finding == fresh {
            held.push(Vec::new());
            by_person.push(person);
        }
        held[finding].push(at);
        run.findings.push(finding);
        for term in print.terms() {
            index.entry(term).or_default().push(at);
        }
    }
    run.decided = run
        .findings
        .iter()
        .map(|finding| by_person[*finding])
        .collect();
    run
}

/// Deconflicts one report against those that share a term.
fn answer(
    print: &Fingerprint,
    prints: &[Fingerprint],
    index: &BTreeMap<Term, Vec<usize>>,
    held: &[Vec<usize>],
) -> Deconfliction {
    let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
    let terms = print.terms();
    let reports: Vec<usize> = terms
        .iter()
        .filter_map(|term| index.get(term))
        .flatten()
        .copied()
        .collect();
    for (finding, members) in held.iter().enumerate() {
        let count = members
            .iter()
            .filter(|member| reports.contains(member))
            .count();
        if count > 0 {
            shared.insert(finding, count);
        }
    }
    let mut order: Vec<usize> = shared.keys().copied().collect();
    order.sort_by_key(|finding| (std::cmp::Reverse(shared[finding]), *finding));
    let known: Vec<(FindingId, Vec<Fingerprint>)> = order
        .iter()
        .map(|finding| {
            let members = held[*finding]
                .iter()
                .take(8)
                .map(|member| prints[*member].clone());
            (FindingId::new(*finding as i64), members.collect())
        })
        .collect();
    deconflict(print, &known)
}

/// How clusters compare with the truth.
pub struct Score {
    pub precision: f64,
    pub recall: f64,
    /// Adjusted Rand index (Hubert and Arabie, 1985).
    pub ari: f64,
    pub clusters: usize,
    pub labels: usize,
    /// Flaws that stand in more than one finding.
    pub split: usize,
    /// Findings that hold more than one flaw.
    pub mixed: usize,
}

/// Compares clusters with labels.
pub fn score(clusters: &[usize], labels: &[usize]) -> Score {
    let mut cells: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    let mut by_cluster: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    let mut by_label: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for (cluster, label) in clusters.iter().zip(labels) {
        *cells.entry((*cluster, *label)).or_default() += 1;
    }
    for ((cluster, label), count) in &cells {
        by_cluster.entry(*cluster).or_default().push(*count);
        by_label.entry(*label).or_default().push(*count);
    }
    let pairs = |count: u64| (count * count.saturating_sub(1) / 2) as f64;
    let sums = |groups: &BTreeMap<usize, Vec<u64>>| {
        groups
            .values()
            .map(|counts| pairs(counts.iter().sum()))
            .sum::<f64>()
    };
    let both: f64 = cells.values().map(|count| pairs(*count)).sum();
    let (together, alike) = (sums(&by_cluster), sums(&by_label));
    let expected = together * alike / pairs(labels.len() as u64).max(1.0);
    let most = (together + alike) / 2.0;
    let share = |part: f64, whole: f64| if whole == 0.0 { 1.0 } else { part / whole };
    Score {
        precision: share(both, together),
        recall: share(both, alike),
        ari: if most == expected {
            1.0
        } else {
            (both - expected) / (most - expected)
        },
        clusters: by_cluster.len(),
        labels: by_label.len(),
        split: by_label.values().filter(|cells| cells.len() > 1).count(),
        mixed: by_cluster.values().filter(|cells| cells.len() > 1).count(),
    }
}

impl Score {
    /// A row of a table.
    pub fn row(&self, name: &str, reports: usize) -> String {
        format!(
            "| {name} | {reports} | {} | {} | {:.4} | {:.4} | {:.4} | {} | {} |",
            self.labels,
            self.clusters,
            self.precision,
            self.recall,
            self.ari,
            self.split,
            self.mixed
        )
    }
}

/// Numbers for labels.
pub fn numbered(labels: &[String]) -> Vec<usize> {
    let mut seen: Vec<&String> = Vec::new();
    labels
        .iter()
        .map(|label| match seen.iter().position(|held| *held == label) {
            Some(at) => at,
            None => {
                seen.push(label);
                seen.len() - 1
            }
        })
        .collect()
}
