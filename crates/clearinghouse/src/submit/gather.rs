//! Gather: many who hand over one report each share one commit.
//!
//! A durable commit costs a disk flush whatever it holds. While one is under way the next reports gather, and all of
//! them go with the next: nobody waits for a timer, and a lone report goes at once.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::{CHUNK_MAX, Prepared, Receipt, take};
use crate::{Failure, House};

/// Reports that may wait. At 1,500 a second that is under three seconds; who comes later is told to come again rather
/// than kept waiting.
const WAITING_MAX: usize = 4_096;

/// Where reports gather.
#[derive(Clone)]
pub struct Gathering {
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
        tokio::spawn(async move {
            let mut waiting = Vec::new();
            while queue.recv_many(&mut waiting, CHUNK_MAX).await > 0 {
                commit(&house, std::mem::take(&mut waiting)).await;
            }
        });
        Gathering { door }
    }

    /// Hands over one report and waits until it is durable and in the log.
    pub async fn submit(&self, prepared: Prepared) -> Result<Receipt, Failure> {
        let (answer, answered) = oneshot::channel();
        let full = |_| {
            Failure::refused(
                "",
                "too many reports wait to be taken; send this one again in a few seconds",
            )
        };
        self.door
            .try_send(Waiting { prepared, answer })
            .map_err(full)?;
        let lost = |_| Failure::broken("the gathering ended before it answered");
        answered.await.map_err(lost)?
    }
}

async fn commit(house: &House, waiting: Vec<Waiting>) {
    let (prepared, answers): (Vec<_>, Vec<_>) = waiting
        .into_iter()
        .map(|one| (one.prepared, one.answer))
        .unzip();
    match take(house, prepared).await {
        Ok(taken) => {
            for (answer, taken) in answers.into_iter().zip(taken) {
                // Whoever stopped waiting asks again with the same key.
                let _ = answer.send(taken);
            }
        }
        Err(failure) => {
            let said = match &failure {
                Failure::Broken(incident) => incident.cause().to_string(),
                other => other.to_string(),
            };
            for answer in answers {
                let _ = answer.send(Err(Failure::broken(said.clone())));
            }
        }
    }
}
