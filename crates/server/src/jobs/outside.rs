//! Outside: what has to be said leaves the house, by mail and by machine.
//!
//! A piece of work may be cut off anywhere and taken up by any node: what it says is taken from the store, and settled
//! there once it is said.

use std::sync::Arc;

use clearinghouse::notice::{self, Notice};
use clearinghouse::{Failure, House};
use jiff::Timestamp;

use super::{Caller, Mailer};

/// Notices taken at once; a backlog of a hundred thousand is gone within an hour.
const NOTICES_MAX: i64 = 500;

/// What became of one piece of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Letters or calls that were tried.
    pub tried: usize,
    /// Of these, how many did not get through and come again.
    pub failed: usize,
}

/// Sends the letters that are due.
///
/// # Errors
///
/// Where the store does not answer. What was not settled is taken again.
pub async fn letters(house: &House, mailer: &Arc<Mailer>, now: Timestamp) -> Result<Said, Failure> {
    let mut said = Said::default();
    for letter in notice::take_letters(house, now, NOTICES_MAX).await? {
        let mailer = mailer.clone();
        let notices = letter.notices.clone();
        let sent = tokio::task::spawn_blocking(move || mailer.send(&letter)).await;
        let outcome = sent.unwrap_or_else(|_| Err("the sender stopped".to_owned()));
        settle(house, &notices, outcome, &mut said, now).await?;
    }
    Ok(said)
}

/// Makes the calls that are due.
///
/// # Errors
///
/// Where the store does not answer. What was not settled is taken again.
pub async fn calls(house: &House, caller: &Arc<Caller>, now: Timestamp) -> Result<Said, Failure> {
    let mut said = Said::default();
    for call in notice::take_calls(house, now, NOTICES_MAX).await? {
        let caller = caller.clone();
        let notices = [call.notice.clone()];
        let rung = tokio::task::spawn_blocking(move || caller.call(&call)).await;
        let outcome = rung.unwrap_or_else(|_| Err("the caller stopped".to_owned()));
        settle(house, &notices, outcome, &mut said, now).await?;
    }
    Ok(said)
}

async fn settle(
    house: &House,
    notices: &[Notice],
    outcome: Result<(), String>,
    said: &mut Said,
    now: Timestamp,
) -> Result<(), Failure> {
    said.tried += 1;
    said.failed += usize::from(outcome.is_err());
    notice::settle(house, notices, outcome, now).await
}
