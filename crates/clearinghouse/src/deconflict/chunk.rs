//! Chunk: one report or a thousand, deconflicted inside the transaction that takes them.
//!
//! Everything is looked up for the whole chunk at once; then each report is decided in its turn and is held by those
//! after it, so that two reports of one flaw meet in one chunk as they would in two.

use finding::deconflict::{CANDIDATES_MAX, Candidate, EDITION, Ground, Outcome, REPORTS_MAX};
use finding::{Deconfliction, Fingerprint, Report, deconflict, hex};
use jiff::Timestamp;
use keys::DataKey;
use names::{FindingId, ReportId};
use rustc_hash::FxHashMap;
use serde_json::json;
use store::Tx;
use store::term::{Change, Hash};

use super::held::{Held, REPORTS_MAX as HELD_MAX, REPORTS_OF_FINDING_MAX};
use super::{FINGERPRINT, WHY, hashes};
use crate::log::{self, Note};
use crate::{Failure, House, seal};

/// Stored reports that are loaded for one report: the rule looks at no more findings, and most have one report.
const LOADED_MAX: usize = 2 * CANDIDATES_MAX;

/// Above every id that the store gives: findings and reports of this chunk that the store has not numbered yet.
const UNNUMBERED: i64 = 1 << 62;

/// What deconfliction needs of a report, drawn and sealed before the writer's turn begins.
#[derive(Clone)]
pub struct Drawn {
    fingerprint: Fingerprint,
    hashes: Vec<Hash>,
    ecosystem: String,
    key: DataKey,
    /// The fingerprint, sealed under the report's key, for its row.
    pub sealed: Vec<u8>,
}

impl Drawn {
    /// What the report is looked up by.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }
}

/// What became of one report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    pub report: ReportId,
    /// The finding it is in now.
    pub finding: FindingId,
    /// It is the first of its finding.
    pub is_first: bool,
    /// What made it the same as the reports before it.
    pub ground: Option<Ground>,
    /// Findings that a person has to compare it with.
    pub unsure: usize,
}

/// Draws what deconfliction needs of `report`, whose texts `key` seals.
pub fn draw(house: &House, key: &DataKey, report: &Report) -> Drawn {
    let fingerprint = Fingerprint::of(report);
    let ecosystem = report
        .target
        .package
        .as_ref()
        .and_then(|package| package.ecosystem());
    Drawn {
        hashes: hashes(house, &fingerprint),
        ecosystem: ecosystem.map_or(String::new(), |ecosystem| {
            ecosystem.kind.as_str().to_owned()
        }),
        key: key.clone(),
        sealed: seal::seal(house, key, FINGERPRINT, &fingerprint),
        fingerprint,
    }
}

/// What was decided of a chunk whose reports have no rows yet.
pub struct Placed {
    decided: Vec<(FindingId, Deconfliction)>,
}

impl Placed {
    /// The finding of each report, in their order.
    pub fn findings(&self) -> impl Iterator<Item = FindingId> {
        self.decided.iter().map(|(finding, _)| *finding)
    }
}

/// Decides which finding each of `all` belongs to, and opens those that are new. Before this transaction changes
/// anything that reports are looked up by.
pub async fn place_chunk(
    house: &House,
    tx: &Tx,
    all: &[&Drawn],
    now: Timestamp,
) -> Result<Placed, Failure> {
    let (mut index, loaded) = {
        let mut held = house.held.lock().await;
        held.catch_up(house, tx.link()).await?;
        let index = Index::of(&held, all.iter().flat_map(|drawn| &drawn.hashes));
        let wanted = index.wanted(all);
        (index, held.prints(house, tx.link(), &wanted).await?)
    };
    let mut prints: FxHashMap<ReportId, &Fingerprint> =
        loaded.iter().map(|(id, print)| (*id, &**print)).collect();
    let mut ecosystems = Vec::new();
    let mut decided = Vec::with_capacity(all.len());
    for (drawn, number) in all.iter().zip(UNNUMBERED..) {
        let known = index.candidates(&drawn.hashes, &prints);
        let answer = deconflict(&drawn.fingerprint, &known);
        let finding = match &answer.outcome {
            Outcome::Same(candidate) => candidate.finding,
            Outcome::New | Outcome::Unsure(_) => {
                ecosystems.push(&*drawn.ecosystem);
                FindingId::new(UNNUMBERED + ecosystems.len() as i64 - 1)
            }
        };
        let report = ReportId::new(number);
        index.add(report, finding, &drawn.hashes);
        prints.insert(report, &drawn.fingerprint);
        decided.push((finding, answer));
    }
    let numbers = store::decision::open_findings(tx.link(), &ecosystems, now).await?;
    for (finding, answer) in &mut decided {
        *finding = numbered(*finding, &numbers);
        renumber(answer, &numbers);
    }
    Ok(Placed { decided })
}

/// Keeps what was decided of reports that have their rows now, in their findings.
///
/// Appends one sealed entry to the log, whatever was decided.
pub async fn keep_chunk(
    house: &House,
    tx: &Tx,
    all: &[(ReportId, Drawn)],
    placed: Placed,
    now: Timestamp,
) -> Result<Vec<Joined>, Failure> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    save(house, tx, all, &placed.decided, now).await?;
    Ok(all
        .iter()
        .zip(placed.decided)
        .map(|((report, _), (finding, answer))| joined(*report, finding, &answer))
        .collect())
}

fn joined(report: ReportId, finding: FindingId, answer: &Deconfliction) -> Joined {
    let (ground, unsure) = match &answer.outcome {
        Outcome::New => (None, 0),
        Outcome::Same(candidate) => (candidate.ground, answer.also.len()),
        Outcome::Unsure(candidates) => (None, candidates.len()),
    };
    Joined {
        report,
        finding,
        is_first: !matches!(answer.outcome, Outcome::Same(_)),
        ground,
        unsure,
    }
}

/// The number that the store gave to a finding of this chunk.
fn numbered(finding: FindingId, numbers: &[FindingId]) -> FindingId {
    let place = finding
        .get()
        .checked_sub(UNNUMBERED)
        .and_then(|place| usize::try_from(place).ok());
    place
        .and_then(|place| numbers.get(place))
        .copied()
        .unwrap_or(finding)
}

fn renumber(answer: &mut Deconfliction, numbers: &[FindingId]) {
    let named = match &mut answer.outcome {
        Outcome::New => &mut [][..],
        Outcome::Same(candidate) => std::slice::from_mut(candidate),
        Outcome::Unsure(candidates) => candidates,
    };
    let others = answer.also.iter_mut().chain(&mut answer.siblings);
    for candidate in named.iter_mut().chain(others) {
        candidate.finding = numbered(candidate.finding, numbers);
    }
}

/// Keeps what was decided: terms, decisions, questions, and the log's entry.
async fn save(
    house: &House,
    tx: &Tx,
    all: &[(ReportId, Drawn)],
    decided: &[(FindingId, Deconfliction)],
    now: Timestamp,
) -> Result<(), Failure> {
    let mut changes = Vec::with_capacity(all.len());
    let mut decisions = Vec::with_capacity(all.len());
    let mut pairs = Vec::new();
    let mut lines = String::new();
    for ((report, drawn), (finding, answer)) in all.iter().zip(decided) {
        let outcome = word(&answer.outcome);
        lines.push_str(&format!("{report} {outcome} {finding}\n"));
        changes.push(Change {
            id: 0,
            report: *report,
            finding: Some(*finding),
            hashes: Some(drawn.hashes.clone()),
            whole: false,
        });
        let silent = answer.outcome == Outcome::New && answer.siblings.is_empty();
        decisions.push(store::decision::Draft {
            report: *report,
            at: now,
            decider: None,
            edition: EDITION,
            outcome,
            before: None,
            after: *finding,
            batch: None,
            undoes: None,
            sealed: (!silent).then(|| seal::seal(house, &drawn.key, WHY, answer)),
        });
        pairs.extend(questions(house, *report, &drawn.key, *finding, answer));
    }
    let link = tx.link();
    store::term::append(link, changes).await?;
    store::decision::append(link, decisions).await?;
    store::pair::insert(link, pairs, now).await?;
    // The decisions can be recomputed from the rows; the log proves that they are those of this day.
    let note = Note::Sealed(json!({
        "act": "deconflict", "edition": EDITION, "reports": all.len(),
        "sha256": hex(&keys::sha256(&[lines.as_bytes()])), "at": now,
    }));
    log::append(house, tx, &[note]).await?;
    Ok(())
}

/// The word of an outcome in the store.
fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::New => "new",
        Outcome::Same(_) => "same",
        Outcome::Unsure(_) => "unsure",
    }
}

/// What a person is asked, and which findings are siblings, about the finding that `report` is in.
pub(super) fn questions(
    house: &House,
    report: ReportId,
    key: &DataKey,
    finding: FindingId,
    answer: &Deconfliction,
) -> Vec<store::pair::Draft> {
    let unsure = match &answer.outcome {
        Outcome::Unsure(candidates) => candidates.as_slice(),
        _ => &[],
    };
    let asked = unsure
        .iter()
        .chain(&answer.also)
        .map(|candidate| ("unsure", candidate));
    let linked = answer
        .siblings
        .iter()
        .map(|candidate| ("sibling", candidate));
    let others = asked
        .chain(linked)
        .filter(|(_, candidate)| candidate.finding != finding);
    others
        .map(|(state, candidate)| pair(house, report, key, finding, state, candidate))
        .collect()
}

fn pair(
    house: &House,
    report: ReportId,
    key: &DataKey,
    finding: FindingId,
    state: &'static str,
    candidate: &Candidate,
) -> store::pair::Draft {
    store::pair::Draft {
        newer: finding.max(candidate.finding),
        older: finding.min(candidate.finding),
        report,
        state,
        points: candidate.points,
        edition: EDITION,
        sealed: seal::seal(house, key, WHY, candidate),
    }
}

/// Opens the fingerprints of stored reports.
pub(super) async fn load(
    house: &House,
    tx: &Tx,
    reports: &[ReportId],
) -> Result<Vec<(ReportId, Fingerprint)>, Failure> {
    let rows = store::decision::prints(tx.link(), reports).await?;
    let opened = rows.iter().map(|row| Ok((row.report, open(house, row)?)));
    opened.collect()
}

/// Opens one fingerprint.
pub(super) fn open(house: &House, row: &store::decision::Print) -> Result<Fingerprint, Failure> {
    let key = seal::key(house, "report", Some(&row.key))?;
    seal::open(&key, FINGERPRINT, &row.fingerprint)
}

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
    fn wanted(&self, all: &[&Drawn]) -> Vec<ReportId> {
        let mut wanted: Vec<ReportId> = all
            .iter()
            .flat_map(|drawn| self.nearest(&drawn.hashes))
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
