//! Gather: many who hand over one report each share one commit.
//!
//! A durable commit costs a disk flush whatever it holds. While one is under way the next reports gather, and all of
//! them go with the next: nobody waits for a timer, and a lone report goes at once.

use std::collections::HashSet;
use std::sync::Arc;

use finding::submit::Draft;
use jiff::Timestamp;
use names::Refusal;
use tokio::sync::{mpsc, oneshot};

use super::{CHUNK_MAX, Prepared, Receipt, prepare, submit_all, take};
use crate::{Actor, Failure, House};

/// Reports that may wait. At 1,500 a second that is under three seconds; who comes later is told to come again rather
/// than kept waiting.
const WAITING_MAX: usize = 4_096;

/// Reports that break one after the other, each in a transaction of its own, before the rest are not tried: three
/// broken ones side by side among those of a moment are a broken store.
const BROKEN_IN_A_ROW_MAX: usize = 3;

/// Where reports gather.
#[derive(Clone)]
pub struct Gathering {
    house: Arc<House>,
    door: mpsc::Sender<Waiting>,
}

struct Waiting {
    prepared: Prepared,
    answer: oneshot::Sender<Result<Receipt, Failure>>,
}

impl Gathering {
    /// Begins to gather. It ends when every clone is dropped, after what waits was taken.
    pub fn start(house: Arc<House>) -> Gathering {
        let (door, mut queue) = mpsc::channel(WAITING_MAX);
        let for_all = Arc::clone(&house);
        tokio::spawn(async move {
            let mut waiting = Vec::new();
            while queue.recv_many(&mut waiting, CHUNK_MAX).await > 0 {
                while !waiting.is_empty() {
                    let (first, again) = apart(std::mem::take(&mut waiting));
                    commit(&for_all, first).await;
                    waiting = again;
                }
            }
        });
        Gathering { house, door }
    }

    /// Takes a document: its one report with those that others hand over at the same time, or all of its many in a
    /// transaction of their own.
    pub async fn document(
        &self,
        actor: &Actor,
        mut drafts: Vec<(Box<str>, Draft)>,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<Receipt>, Failure> {
        if drafts.len() != 1 {
            return submit_all(&self.house, actor, drafts, key, now).await;
        }
        let Some((place, draft)) = drafts.pop() else {
            return Ok(Vec::new());
        };
        let taken = match prepare(&self.house, actor, draft, key, now) {
            Ok(prepared) => self.submit(prepared).await,
            Err(failure) => Err(failure),
        };
        match taken {
            Ok(receipt) => Ok(vec![receipt]),
            Err(Failure::Refused(problems)) => {
                let mut refusal = Refusal::none();
                refusal.within(&place, problems);
                Err(refusal.into())
            }
            Err(other) => Err(other),
        }
    }

    /// Hands over one report and waits until it is durable and in the log.
    pub async fn submit(&self, prepared: Prepared) -> Result<Receipt, Failure> {
        let (answer, answered) = oneshot::channel();
        let full = |_| Failure::away("too many reports wait to be taken");
        self.door
            .try_send(Waiting { prepared, answer })
            .map_err(full)?;
        let lost = |_| Failure::broken("the gathering ended before it answered");
        answered.await.map_err(lost)?
    }
}

/// The first of each key, and those that come under a key for the second time: these find the first one in the store,
/// and are answered with its receipt.
fn apart(waiting: Vec<Waiting>) -> (Vec<Waiting>, Vec<Waiting>) {
    let mut seen = HashSet::new();
    waiting.into_iter().partition(|one| {
        let prepared = &one.prepared;
        seen.insert((prepared.member.organization, prepared.idempotency.clone()))
    })
}

/// Takes all in one transaction. Where that breaks, each is taken alone: what is wrong with one costs no other.
async fn commit(house: &House, waiting: Vec<Waiting>) {
    let (prepared, answers): (Vec<_>, Vec<_>) = waiting
        .into_iter()
        .map(|one| (one.prepared, one.answer))
        .unzip();
    // Kept for the second try: the transaction seals nothing anew, so the same key gives the same receipt.
    let kept = prepared.clone();
    let taken = match take(house, prepared).await {
        Ok(taken) => taken,
        Err(failure) if kept.len() == 1 => vec![Err(failure)],
        Err(_) => one_by_one(house, kept).await,
    };
    for (answer, taken) in answers.into_iter().zip(taken) {
        // Whoever stopped waiting asks again with the same key.
        let _ = answer.send(taken);
    }
}

/// Each in a transaction of its own, until so many broke one after the other that it is none of theirs.
async fn one_by_one(house: &House, all: Vec<Prepared>) -> Vec<Result<Receipt, Failure>> {
    let (mut broken, mut is_away) = (0, false);
    let mut answers = Vec::with_capacity(all.len());
    for one in all {
        if is_away {
            answers.push(Err(Failure::away("the store is away")));
            continue;
        }
        if broken == BROKEN_IN_A_ROW_MAX {
            answers.push(Err(Failure::broken(
                "the store breaks whatever it is given",
            )));
            continue;
        }
        let taken = match take(house, vec![one]).await {
            Ok(mut taken) => taken
                .pop()
                .unwrap_or_else(|| Err(Failure::broken("one report and no answer"))),
            Err(failure) => Err(failure),
        };
        broken = match &taken {
            Err(Failure::Broken(incident)) => {
                is_away = incident.is_away();
                broken + 1
            }
            _ => 0,
        };
        answers.push(taken);
    }
    answers
}
