//! Benchmark: what an evaluator is bound by goes into the log before the run, and what came of it is handed in after.
//!
//! A commitment is a digest and nothing else, and its entry is open: everybody sees that something was fixed, when and by
//! whom, and nobody what. An engagement takes no run whose digests are not in the log already.

use frontier::Digest;
use frontier::designate::{Evidence, Measured};
use frontier::engage::{Commitments, Engagement, Seat, Step, What};
use jiff::{SignedDuration, Timestamp};
use names::{EngagementId, OrganizationId, Refusal};
use policy::{Action, Thing};
use serde_json::{Value, json};
use store::{Link, StoreError};

use crate::engage::{Desk, act_in, load, reach};
use crate::log::{self, Note};
use crate::{Actor, Failure, House, seal};

/// What may be committed to, in the order in which it is.
pub const KINDS: [&str; 3] = ["suite", "plan", "run"];

/// Commitments that a list shows at once.
pub const LISTED_MAX: usize = 100;

/// Commitments of one evaluator in a day: a run a minute.
pub const PER_DAY_MAX: i64 = 1_440;

/// A scorecard is some KiB; one with every stratum, treatment and reason, ten times that.
pub const SCORECARD_BYTES_MAX: usize = 256 * 1024;

/// A commitment that is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    pub number: i64,
    pub kind: Box<str>,
    pub digest: Box<str>,
    pub organization: OrganizationId,
    pub evaluator: Box<str>,
    pub at: Timestamp,
    pub log_index: i64,
}

/// Commits to `digest`. The same a second time is the same commitment, with the time of the first.
pub async fn commit(
    house: &House,
    actor: &Actor,
    kind: &str,
    digest: &str,
    now: Timestamp,
) -> Result<Committed, Failure> {
    house.authorize(actor, Action::CommitRun, &Thing::instance())?;
    let member = actor.member().ok_or(Failure::Denied)?;
    let mut refusal = Refusal::none();
    if !KINDS.contains(&kind) {
        refusal.add(
            "kind",
            "is no kind of commitment; write `suite`, `plan` or `run`",
        );
    }
    if let Err(problems) = digest.parse::<Digest>() {
        refusal.extend("digest", &problems);
    }
    refusal.or(())?;
    let tx = house.store.write().await?;
    let link = tx.link();
    if let Some(row) = store::commitment::find(link, member.organization, kind, digest).await? {
        return named(link, row).await;
    }
    let since = now - SignedDuration::from_hours(24);
    if store::commitment::count(link, member.organization, since).await? >= PER_DAY_MAX {
        let message = format!("{PER_DAY_MAX} commitments a day are made; go on tomorrow");
        return Err(Failure::refused("", message));
    }
    let body = json!({"act": "commit", "kind": kind, "digest": digest, "by": member.organization, "at": now});
    let log_index = log::append(house, &tx, &[Note::Open(body)]).await?;
    let made =
        store::commitment::insert(link, member.organization, kind, digest, now, log_index).await;
    match made {
        Ok(_) => {}
        Err(StoreError::Taken(_)) => return Err(Failure::away("the same is being committed to")),
        Err(other) => return Err(other.into()),
    }
    let row = store::commitment::find(link, member.organization, kind, digest).await?;
    let committed = named(link, row.ok_or(Failure::Hidden)?).await?;
    tx.commit().await?;
    Ok(committed)
}

/// What was committed to before `before`, the newest first, for everybody.
pub async fn commitments(
    house: &House,
    actor: &Actor,
    before: Option<i64>,
) -> Result<Vec<Committed>, Failure> {
    house.authorize(actor, Action::SeeLog, &Thing::log())?;
    let link = house.store.link();
    let mut all = Vec::new();
    for row in store::commitment::list(link, before, LISTED_MAX as i64).await? {
        all.push(named(link, row).await?);
    }
    Ok(all)
}

/// Binds the engagement's evaluator to a suite, a plan and a run that it has committed to.
pub async fn bind(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    commitments: Commitments,
    now: Timestamp,
) -> Result<Step, Failure> {
    let tx = house.store.write().await?;
    let link = tx.link();
    let desk = reach(house, link, actor, id).await?;
    let mut refusal = Refusal::none();
    for (kind, digest) in by_kind(&commitments) {
        let found = match desk.engagement.seated(Seat::Evaluator).next() {
            Some(evaluator) => {
                store::commitment::find(link, evaluator, kind, &digest.to_string()).await?
            }
            None => None,
        };
        if found.is_none() {
            refusal.add(
                kind,
                "is not in the log; commit to it first, and begin the run after that",
            );
        }
    }
    refusal.or(())?;
    let step = act_in(house, &tx, actor, id, &What::Commit { commitments }, now).await?;
    tx.commit().await?;
    Ok(step)
}

/// Hands in a scorecard: what the committed rule made of the run.
pub async fn evaluate(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    card: &[u8],
    now: Timestamp,
) -> Result<Step, Failure> {
    let (card, evidence, run) = read(card)?;
    let tx = house.store.write().await?;
    let what = What::Evaluate { evidence, run };
    let step = act_in(house, &tx, actor, id, &what, now).await?;
    keep(house, &tx, id, &card, &evidence, now).await?;
    tx.commit().await?;
    Ok(step)
}

/// Keeps a scorecard beside what it is evidence of.
pub(crate) async fn keep(
    house: &House,
    tx: &store::Tx,
    id: EngagementId,
    card: &Value,
    evidence: &Evidence,
    now: Timestamp,
) -> Result<(), Failure> {
    let desk: Desk = load(house, tx.link(), id).await?;
    let body = json!({"act": "evaluate", "engagement": id, "scorecard_sha256": evidence.scorecard, "at": now});
    let log_index = log::append(house, tx, &[Note::Sealed(body)]).await?;
    let kept = store::engagement::Scorecard {
        digest: evidence.scorecard.to_string().into(),
        body: seal::seal(house, &desk.key, "scorecard", card),
        at: now,
        log_index,
    };
    Ok(store::engagement::add_scorecard(tx.link(), id, kept).await?)
}

/// A scorecard as it is handed in, what it is evidence of, and the run that it is of.
pub(crate) fn read(bytes: &[u8]) -> Result<(Value, Evidence, Digest), Failure> {
    if bytes.len() > SCORECARD_BYTES_MAX {
        let message = format!(
            "has {} bytes, and a scorecard at most {SCORECARD_BYTES_MAX}",
            bytes.len()
        );
        return Err(Failure::refused("scorecard", message));
    }
    let card: frontier::scorecard::Scorecard = serde_json::from_slice(bytes).map_err(|error| {
        let message =
            format!("is no scorecard: {error}; hand in `scorecard.json` of the run's bundle");
        Failure::refused("scorecard", message)
    })?;
    let measured = match card.verdict {
        frontier::scorecard::Verdict::Above => Measured::Above,
        frontier::scorecard::Verdict::Below => Measured::Below,
        frontier::scorecard::Verdict::Indeterminate => Measured::Indeterminate,
    };
    let scorecard = card
        .digest()
        .map_err(|error| Failure::refused("scorecard", error.to_string()))?;
    let value = serde_json::to_value(&card).map_err(Failure::broken)?;
    Ok((
        value,
        Evidence {
            scorecard,
            measured,
        },
        card.run,
    ))
}

/// What an engagement is bound by, each with its entry of the log.
pub(crate) async fn of(link: Link<'_>, engagement: &Engagement) -> Result<Vec<Committed>, Failure> {
    let (Some(commitments), Some(evaluator)) = (
        &engagement.commitments,
        engagement.seated(Seat::Evaluator).next(),
    ) else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for (kind, digest) in by_kind(commitments) {
        let found = store::commitment::find(link, evaluator, kind, &digest.to_string()).await?;
        if let Some(row) = found {
            all.push(named(link, row).await?);
        }
    }
    Ok(all)
}

fn by_kind(all: &Commitments) -> [(&'static str, Digest); 3] {
    [("suite", all.suite), ("plan", all.plan), ("run", all.run)]
}

async fn named(link: Link<'_>, row: store::commitment::Commitment) -> Result<Committed, Failure> {
    let evaluator = store::organization::find(link, row.organization).await?;
    Ok(Committed {
        number: row.id,
        kind: row.kind,
        digest: row.digest,
        organization: row.organization,
        evaluator: evaluator.map(|one| one.name).unwrap_or_default(),
        at: row.at,
        log_index: row.log_index,
    })
}
