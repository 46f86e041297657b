//! Workers that take proofs, die, come back too late and say something else; and what holds whatever they do.

use std::collections::BTreeMap;

use clearinghouse::validate::{self, Proved, work};
use clearinghouse::{Actor, Failure, House, log};
use finding::report::ProofMark;
use finding::submit::Input;
use finding::validate::{Outcome, State};
use names::ValidationId;
use serde_json::json;
use store::validation::Validation;

use super::World;
use super::laws::SECRET;
use super::play::Play;

/// A proof that looks like a bundle, of its own for each `number`.
pub fn bundle(number: u64) -> Vec<u8> {
    let text = format!("{SECRET} {number}");
    [&[0x28, 0xb5, 0x2f, 0xfd], text.as_bytes()].concat()
}

/// How a report names it.
pub fn mark(proof: &[u8]) -> ProofMark {
    ProofMark {
        sha256: finding::hex(&keys::sha256(&[proof])).into(),
        bytes: proof.len() as u64,
        kind: "bundle".into(),
        harness: None,
    }
}

/// What comes along with a report.
pub fn inputs(proof: Option<&[u8]>) -> Vec<Input> {
    let input = |bytes: &[u8]| Input {
        proof: 0,
        bytes: bytes.into(),
    };
    proof.map(input).into_iter().collect()
}

/// All validations there are.
pub async fn all(node: &House) -> Vec<Validation> {
    let link = node.store.link();
    let all = store::validation::list(link, ValidationId::new(0), i64::MAX).await;
    all.expect("it answers")
}

fn proved(outcome: Outcome) -> Proved {
    Proved {
        outcome,
        result: json!({"said": SECRET, "runs": [1, 2, 3]}),
        minimized: Some(SECRET.as_bytes().to_vec()),
        statement: json!({"predicate": outcome.as_str()})
            .to_string()
            .into_bytes(),
    }
}

/// What workers have in hand, those among them whom nobody believes alive any more.
#[derive(Default)]
pub struct Validators {
    hand: Vec<work::Taken>,
    pub said: Said,
}

/// What workers were told that it counts.
#[derive(Default)]
pub struct Said {
    pub outcomes: BTreeMap<ValidationId, Outcome>,
}

impl Said {
    /// What ended stays as it ended, by one entry of the log for each, and an outcome that counts is the one there.
    pub async fn stay(&mut self, node: &House, entries: bool) {
        let link = node.store.link();
        let rows = all(node).await;
        for (id, outcome) in &self.outcomes {
            let row = rows.iter().find(|row| row.id == *id);
            let row = row.unwrap_or_else(|| panic!("{id} is lost"));
            assert_eq!(row.outcome, Some(*outcome), "{id} says something else now");
        }
        for row in &rows {
            assert_eq!(row.state.is_over(), row.ended_index.is_some(), "{}", row.id);
            assert_eq!(
                row.state == State::Done,
                row.outcome.is_some(),
                "{}",
                row.id
            );
            if let Some(outcome) = row.outcome {
                // The worker may never have heard that it counts.
                self.outcomes.insert(row.id, outcome);
            }
        }
        if !entries {
            return;
        }
        let mut ends: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for index in 0..store::log::size(link).await.expect("it answers") {
            let Ok(opening) = log::opening(node, link, index).await else {
                continue;
            };
            let body: serde_json::Value =
                serde_json::from_str(opening.body.as_str()).expect("each entry is JSON");
            if let Some(id) = body.get("validation").and_then(|id| id.as_str()) {
                ends.entry(id.to_owned()).or_default().push(index);
            }
        }
        for row in &rows {
            let found = ends.get(&row.id.to_string()).cloned().unwrap_or_default();
            let wanted: Vec<i64> = row.ended_index.into_iter().collect();
            assert_eq!(
                found, wanted,
                "entries of the log for the end of {}",
                row.id
            );
        }
    }
}

/// Neither a stranger nor, asked at the end, anyone sees a proof, what it showed, or that there is one.
pub async fn nobody_else_sees_a_proof(world: &World, node: &House, everyone: bool) {
    let now = world.now;
    let last = all(node).await.last().map(|last| last.id);
    let ids = [last.unwrap_or(ValidationId::new(9_999))];
    let askers = [&world.stranger, &Actor::Anonymous];
    for asker in &askers[..if everyone { 2 } else { 1 }] {
        for id in &ids {
            let seen = [
                validate::show(node, asker, *id, now).await.is_ok(),
                validate::bundle(node, asker, *id, now).await.is_ok(),
                validate::minimized(node, asker, *id, now).await.is_ok(),
                validate::statement(node, asker, *id, now).await.is_ok(),
                validate::cancel(node, asker, *id, now).await.is_ok(),
            ];
            assert_eq!(seen, [false; 5], "{id} is seen by {asker:?}");
        }
        let denied = validate::list(node, asker, None).await;
        assert!(matches!(denied, Err(Failure::Denied)), "{denied:?}");
    }
}

impl Play {
    /// One thing that workers do, or that is done to them.
    pub async fn a_worker_works(&mut self) -> String {
        let (what, at) = (self.luck.below(9), self.luck.below(2));
        let picked = self.luck.below(self.validators.hand.len().max(1));
        if matches!(what, 2..=4) {
            return self.a_worker_takes(at).await;
        }
        let (node, now) = (&self.world.nodes[at], self.world.now);
        match what {
            0 | 1 => format!(
                "asked about {:?} proofs",
                validate::arrive(node, now).await.ok()
            ),
            5 => format!("gave up {:?}", work::give_up(node, now).await.ok()),
            6 => {
                let all = all(node).await;
                let Some(row) = all.get(self.luck.below(all.len().max(1))) else {
                    return "nothing to cancel".to_owned();
                };
                let staff = &self.world.staff;
                let done = validate::cancel(node, staff, row.id, now).await;
                format!("{} is cancelled: {}", row.id, done.is_ok())
            }
            _ => {
                let Some(taken) = self.validators.hand.get(picked) else {
                    return "no worker has anything".to_owned();
                };
                if what == 7 {
                    let held = work::hold(node, taken, now).await.ok();
                    return format!("a worker at {} lives: {held:?}", taken.row.id);
                }
                let outcome = Outcome::ALL[self.luck.below(Outcome::ALL.len())];
                let done = validate::record(node, taken, &proved(outcome), now).await;
                let id = taken.row.id;
                if let Ok(true) = done {
                    let before = self.validators.said.outcomes.insert(id, outcome);
                    assert_eq!(before, None, "{id} counted twice");
                }
                // It stays in hand: a worker that heard nothing says it again, and one long dead comes back.
                format!("{id} is {} to a worker: {:?}", outcome.as_str(), done.ok())
            }
        }
    }

    /// A worker takes the next; now and then after so long that whoever had one is believed dead.
    async fn a_worker_takes(&mut self, at: usize) -> String {
        let worker = format!("w{}", self.luck.below(3));
        if self.luck.one_in(3) {
            // Nobody was heard of meanwhile.
            self.world.later(2 * work::LEASE.as_secs());
        }
        let (node, now) = (&self.world.nodes[at], self.world.now);
        match work::take(node, &worker, now).await {
            Ok(Some(taken)) => {
                let said = format!("{worker} takes {}", taken.row.id);
                self.validators.hand.push(taken);
                said
            }
            Ok(None) => format!("{worker} finds nothing"),
            Err(_) => format!("{worker} takes, and it broke"),
        }
    }

    /// In fair weather every bundle that was acknowledged has been re-run, failed or been cancelled.
    pub async fn every_proof_comes_to_an_end(&mut self) {
        let ended = "it works in fair weather";
        for _ in 0..work::ATTEMPTS_MAX + 2 {
            self.world.later(2 * work::LEASE.as_secs());
            let (node, now) = (&self.world.nodes[0], self.world.now);
            validate::arrive(node, now).await.expect(ended);
            work::give_up(node, now).await.expect(ended);
            let rows = all(node).await;
            if !rows.is_empty() && rows.iter().all(|row| row.state.is_over()) {
                break;
            }
            while let Some(taken) = work::take(node, "last", now).await.expect(ended) {
                let kept = validate::record(node, &taken, &proved(Outcome::Flaky), now).await;
                if kept.expect(ended) {
                    let said = &mut self.validators.said.outcomes;
                    assert_eq!(
                        said.insert(taken.row.id, Outcome::Flaky),
                        None,
                        "counted twice"
                    );
                }
            }
        }
        let rows = all(&self.world.nodes[0]).await;
        for row in &rows {
            assert!(row.state.is_over(), "{} never ends: {row:?}", row.id);
        }
        for sent in self.sent.iter().filter(|sent| sent.proof.is_some()) {
            let Some(held) = &sent.held else { continue };
            let link = self.world.nodes[0].store.link();
            let kept = store::report::find(link, held.report).await;
            let kept = kept.expect(ended).expect(ended);
            if kept.key.is_none() {
                // Taken back, and its proof with it.
                continue;
            }
            let is_there = rows.iter().any(|row| row.report == held.report);
            assert!(
                is_there,
                "the proof of {} was never asked about",
                held.report
            );
        }
    }
}
