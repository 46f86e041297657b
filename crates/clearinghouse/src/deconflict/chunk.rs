//! Chunk: one report or a thousand, deconflicted inside the transaction that takes them.
//!
//! Everything is looked up for the whole chunk at once; then each report is decided in its turn and is held by those
//! after it, so that two reports of one flaw meet in one chunk as they would in two.

use std::borrow::Borrow;
use std::fmt::Write as _;
use std::sync::Arc;

use finding::deconflict::{Candidate, EDITION, Ground, Outcome};
use finding::{Deconfliction, Fingerprint, Report, deconflict, hex};
use jiff::Timestamp;
use keys::DataKey;
use names::{FindingId, ReportId};
use rustc_hash::FxHashMap;
use serde_json::json;
use store::Tx;
use store::term::{Change, Hash};

use super::index::Index;
use super::{FINGERPRINT, WHY, hashes};
use crate::log::{self, Note};
use crate::{Failure, House, seal};

/// Reports from which on another thread decides: below it that costs more than it saves.
const ASIDE_MIN: usize = 64;

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

/// What is needed to decide: who shares terms with whom, and the fingerprints of those that may be the same.
pub struct Sought {
    index: Index,
    prints: Vec<(ReportId, Arc<Fingerprint>)>,
}

/// What was decided, with numbers of our own for the findings that are new.
pub struct Placing {
    of_each: Vec<(FindingId, Deconfliction)>,
    /// The places of the reports whose findings are new.
    opens: Vec<usize>,
}

/// Opens what deciding will probably compare `all` with, before the writer's turn.
pub async fn foresee<D: Borrow<Drawn>>(house: &House, all: &[D]) -> Result<(), Failure> {
    let (missing, redrawn) = {
        let held = house.held.lock().await;
        let index = Index::of(&held, all.iter().flat_map(|drawn| &drawn.borrow().hashes));
        (held.missing(&index.wanted(all)), held.redrawn())
    };
    let rows = store::decision::prints(house.store.link(), &missing).await?;
    let opened: Result<Vec<_>, Failure> = rows
        .iter()
        .map(|row| Ok((row.report, Arc::new(open(house, row)?))))
        .collect();
    let opened = opened?;
    house.held.lock().await.foreseen(opened, redrawn);
    Ok(())
}

/// Decides which finding each of `all` belongs to, and opens those that are new. Before this transaction changes
/// anything that reports are looked up by.
pub async fn place_chunk(
    house: &House,
    tx: &Tx,
    all: &[&Drawn],
    now: Timestamp,
) -> Result<Placed, Failure> {
    let sought = seek(house, tx, all).await?;
    number(tx, all, decide(all, sought), now).await
}

/// Looks up what is needed to decide. Before this transaction changes anything that reports are looked up by.
pub async fn seek<D: Borrow<Drawn>>(house: &House, tx: &Tx, all: &[D]) -> Result<Sought, Failure> {
    let mut held = house.held.lock().await;
    held.catch_up(house, tx.link()).await?;
    let index = Index::of(&held, all.iter().flat_map(|drawn| &drawn.borrow().hashes));
    let wanted = index.wanted(all);
    let prints = held.prints(house, tx.link(), &wanted).await?;
    Ok(Sought { index, prints })
}

/// Decides on a thread beside, where there are many, so that the store is kept busy meanwhile.
pub fn deciding(
    all: &Arc<Vec<Arc<Drawn>>>,
    sought: Sought,
) -> impl Future<Output = Result<Placing, Failure>> + use<> {
    let begun = match all.len() < ASIDE_MIN {
        true => Ok(decide(all, sought)),
        false => {
            let all = Arc::clone(all);
            Err(tokio::task::spawn_blocking(move || decide(&all, sought)))
        }
    };
    async {
        match begun {
            Ok(decided) => Ok(decided),
            Err(deciding) => deciding.await.map_err(Failure::broken),
        }
    }
}

/// Decides one after the other; each is held by those after it.
fn decide<D: Borrow<Drawn>>(all: &[D], sought: Sought) -> Placing {
    let Sought {
        mut index,
        prints: loaded,
    } = sought;
    let mut prints: FxHashMap<ReportId, &Fingerprint> =
        loaded.iter().map(|(id, print)| (*id, &**print)).collect();
    let mut opens = Vec::new();
    let mut of_each = Vec::with_capacity(all.len());
    for (place, number) in (0..all.len()).zip(UNNUMBERED..) {
        let drawn: &Drawn = all[place].borrow();
        let known = index.candidates(&drawn.hashes, &prints);
        let answer = deconflict(&drawn.fingerprint, &known);
        let finding = match &answer.outcome {
            Outcome::Same(candidate) => candidate.finding,
            Outcome::New | Outcome::Unsure(_) => {
                opens.push(place);
                FindingId::new(UNNUMBERED + opens.len() as i64 - 1)
            }
        };
        let report = ReportId::new(number);
        index.add(report, finding, &drawn.hashes);
        prints.insert(report, &drawn.fingerprint);
        of_each.push((finding, answer));
    }
    Placing { of_each, opens }
}

/// Opens the findings that are new, which gives them their numbers.
pub async fn number<D: Borrow<Drawn>>(
    tx: &Tx,
    all: &[D],
    decided: Placing,
    now: Timestamp,
) -> Result<Placed, Failure> {
    let ecosystem = |place: &usize| all.get(*place).map(|drawn| &*drawn.borrow().ecosystem);
    let ecosystems: Vec<&str> = decided.opens.iter().filter_map(ecosystem).collect();
    let numbers = store::decision::open_findings(tx.link(), &ecosystems, now).await?;
    let mut decided = decided.of_each;
    for (finding, answer) in &mut decided {
        *finding = numbered(*finding, &numbers);
        renumber(answer, &numbers);
    }
    Ok(Placed { decided })
}

/// Keeps what was decided of reports that have their rows now, in their findings.
///
/// Appends one sealed entry to the log, whatever was decided.
pub async fn keep_chunk<D: Borrow<Drawn>>(
    house: &House,
    tx: &Tx,
    reports: &[ReportId],
    all: &[D],
    placed: Placed,
    now: Timestamp,
) -> Result<Vec<Joined>, Failure> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    save(house, tx, reports, all, &placed.decided, now).await?;
    Ok(reports
        .iter()
        .zip(placed.decided)
        .map(|(report, (finding, answer))| joined(*report, finding, &answer))
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
async fn save<D: Borrow<Drawn>>(
    house: &House,
    tx: &Tx,
    reports: &[ReportId],
    all: &[D],
    decided: &[(FindingId, Deconfliction)],
    now: Timestamp,
) -> Result<(), Failure> {
    let mut changes = Vec::with_capacity(all.len());
    let mut decisions = Vec::with_capacity(all.len());
    let mut pairs = Vec::new();
    let mut lines = String::new();
    for ((report, drawn), (finding, answer)) in reports.iter().zip(all).zip(decided) {
        let drawn: &Drawn = drawn.borrow();
        let outcome = word(&answer.outcome);
        writeln!(lines, "{report} {outcome} {finding}").expect("writing to a string cannot fail");
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
