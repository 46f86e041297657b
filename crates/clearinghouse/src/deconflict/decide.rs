//! Decide: a person says whether two findings are one, and takes it back.

use finding::deconflict::{Candidate, EDITION};
use jiff::Timestamp;
use names::{FindingId, MemberId, ReportId};
use policy::{Action, Thing};
use serde_json::json;
use store::term::Change;
use store::{Tx, pair::Pair};

use super::{WHY, hashes};
use crate::coordinate::arrive;
use crate::log::{self, Note};
use crate::{Actor, Failure, House, seal};

/// What a person says of two findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// One flaw: the two become one finding.
    Same,
    /// Two flaws; not asked again.
    Apart,
    /// Two flaws of one cause: linked.
    Sibling,
    /// Someone else, or later: the question goes to the end of the line.
    Skip,
}

impl Verdict {
    /// The word of the form, the store and the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Apart => "apart",
            Verdict::Sibling => "sibling",
            Verdict::Skip => "skip",
        }
    }

    /// The verdict a form names.
    pub fn parse(word: &str) -> Option<Verdict> {
        let all = [
            Verdict::Same,
            Verdict::Apart,
            Verdict::Sibling,
            Verdict::Skip,
        ];
        all.into_iter().find(|verdict| verdict.as_str() == word)
    }
}

/// What a verdict did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub pair: i64,
    pub verdict: Verdict,
    /// The finding that was joined to the other, and that other.
    pub merged: Option<(FindingId, FindingId)>,
}

/// Answers a question. A merge moves every report of one finding into the other.
pub async fn decide(
    house: &House,
    actor: &Actor,
    pair: i64,
    verdict: Verdict,
    now: Timestamp,
) -> Result<Decided, Failure> {
    let member = may(house, actor, Action::DecideUnsure)?;
    let tx = house.store.write().await?;
    let pair = store::pair::find(tx.link(), pair)
        .await?
        .ok_or(Failure::Hidden)?;
    if &*pair.state != "unsure" {
        return Err(Failure::refused(
            "verdict",
            format!(
                "{} and {} were decided before: {}",
                pair.newer,
                pair.older,
                said(&pair.state)
            ),
        ));
    }
    free(
        house,
        &tx,
        actor,
        Action::DecideUnsure,
        &[pair.newer, pair.older],
    )
    .await?;
    let merged = match verdict {
        Verdict::Same => {
            free(house, &tx, actor, Action::Merge, &[pair.newer, pair.older]).await?;
            Some(merge(&tx, &pair, member, now).await?)
        }
        Verdict::Apart | Verdict::Sibling => {
            store::pair::answer(tx.link(), pair.id, verdict.as_str(), member, None, now).await?;
            None
        }
        Verdict::Skip => {
            store::pair::answer(tx.link(), pair.id, "unsure", None, None, now).await?;
            None
        }
    };
    note(house, &tx, "decide", actor, &pair, verdict.as_str(), now).await?;
    tx.commit().await?;
    Ok(Decided {
        pair: pair.id,
        verdict,
        merged,
    })
}

/// Takes back what was said of a pair: its reports are where they were, and it is asked again.
pub async fn undo(house: &House, actor: &Actor, pair: i64, now: Timestamp) -> Result<(), Failure> {
    let member = may(house, actor, Action::DecideUnsure)?;
    let tx = house.store.write().await?;
    let pair = store::pair::find(tx.link(), pair)
        .await?
        .ok_or(Failure::Hidden)?;
    match (&*pair.state, pair.answered_in) {
        ("unsure", _) => {
            let message = format!(
                "{} and {} are not decided, so there is nothing to undo",
                pair.newer, pair.older
            );
            return Err(Failure::refused("pair", message));
        }
        ("same", Some(step)) => {
            free(house, &tx, actor, Action::Split, &[pair.newer, pair.older]).await?;
            unmerge(house, &tx, step, member, now).await?;
        }
        _ => store::pair::answer(tx.link(), pair.id, "unsure", None, None, now).await?,
    }
    note(house, &tx, "undo", actor, &pair, &pair.state, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes one report out of its finding into a new one of its own: the rule, or a person, was wrong about it. The two are
/// set apart: no later edition of the rule asks again.
pub async fn split(
    house: &House,
    actor: &Actor,
    report: ReportId,
    now: Timestamp,
) -> Result<FindingId, Failure> {
    let member = may(house, actor, Action::Split)?;
    let tx = house.store.write().await?;
    let link = tx.link();
    let row = store::report::find(link, report)
        .await?
        .ok_or(Failure::Hidden)?;
    let before = row.finding.ok_or(Failure::Hidden)?;
    free(house, &tx, actor, Action::Split, &[before]).await?;
    if store::decision::reports_of(link, before).await?.len() < 2 {
        let message = format!("{report} is the only report of {before}");
        return Err(Failure::refused("report", message));
    }
    let opened = store::decision::open_findings(link, &[""], now).await?;
    let after = opened
        .first()
        .copied()
        .ok_or_else(|| Failure::broken("no finding was opened"))?;
    let step = store::decision::next_batch(link).await?;
    move_reports(
        &tx,
        &[(report, before)],
        after,
        "split",
        step,
        None,
        member,
        now,
    )
    .await?;
    hold_terms(house, &tx, &[report]).await?;
    set_apart(house, &tx, &row, (before, after), member, now).await?;
    arrive::expect(&tx, &[report], now).await?;
    let body = json!({
        "act": "split", "by": actor.mark(), "report": report, "from": before, "to": after, "at": now,
    });
    log::append(house, &tx, &[Note::Sealed(body)]).await?;
    tx.commit().await?;
    Ok(after)
}

/// Answers the question whether two findings are one before anybody asks it.
async fn set_apart(
    house: &House,
    tx: &Tx,
    row: &store::report::Report,
    (before, after): (FindingId, FindingId),
    member: Option<MemberId>,
    now: Timestamp,
) -> Result<(), Failure> {
    let key = seal::key(house, "report", row.key.as_deref())?;
    let why = Candidate {
        finding: before,
        points: 0,
        ground: None,
        why: Vec::new(),
    };
    let draft = store::pair::Draft {
        newer: after.max(before),
        older: after.min(before),
        report: row.id,
        state: Verdict::Apart.as_str(),
        points: 0,
        edition: EDITION,
        sealed: seal::seal(house, &key, WHY, &why),
    };
    Ok(store::pair::set_apart(tx.link(), draft, member, now).await?)
}

/// Goes on only for those who may decide; for all others there is nothing to decide.
fn may(house: &House, actor: &Actor, action: Action) -> Result<Option<MemberId>, Failure> {
    house.reveal(actor, action, &Thing::finding().held_by_another(false))?;
    Ok(actor.member().map(|member| member.id))
}

/// Goes on only where nobody else has one of these findings in hand.
async fn free(
    house: &House,
    tx: &Tx,
    actor: &Actor,
    action: Action,
    findings: &[FindingId],
) -> Result<(), Failure> {
    let own = actor.member().map(|member| member.id);
    for finding in findings {
        let holder = store::decision::held_by(tx.link(), *finding).await?;
        let held = holder.is_some() && holder != own;
        house.authorize(actor, action, &Thing::finding().held_by_another(held))?;
    }
    Ok(())
}

fn said(state: &str) -> &'static str {
    match state {
        "same" => "they are one",
        "sibling" => "they are siblings",
        _ => "they are two",
    }
}

/// Moves the reports of one finding into the other: the older stays, unless only the newer one has a case.
async fn merge(
    tx: &Tx,
    pair: &Pair,
    member: Option<MemberId>,
    now: Timestamp,
) -> Result<(FindingId, FindingId), Failure> {
    let link = tx.link();
    let cases = (
        store::decision::has_case(link, pair.newer).await?,
        store::decision::has_case(link, pair.older).await?,
    );
    let (from, into) = match cases {
        (true, true) => {
            return Err(Failure::refused(
                "verdict",
                format!(
                    "{} and {} each have a case; close one of the two first",
                    pair.newer, pair.older
                ),
            ));
        }
        (true, false) => (pair.older, pair.newer),
        (false, _) => (pair.newer, pair.older),
    };
    for finding in [from, into] {
        match store::decision::merged_into(link, finding).await? {
            Some(None) => {}
            Some(Some(other)) => {
                let message = format!("{finding} is part of {other} now; compare that one");
                return Err(Failure::refused("verdict", message));
            }
            None => return Err(Failure::Hidden),
        }
    }
    let step = store::decision::next_batch(link).await?;
    let reports = store::decision::reports_of(link, from).await?;
    let moves: Vec<(ReportId, FindingId)> =
        reports.into_iter().map(|report| (report, from)).collect();
    move_reports(tx, &moves, into, "merged", step, None, member, now).await?;
    // Their finders join the case of the finding that they are in now, on the terms they gave.
    let moved: Vec<ReportId> = moves.iter().map(|(report, _)| *report).collect();
    arrive::admit(tx, &moved, member, now).await?;
    store::decision::merge_finding(link, from, Some(into), now).await?;
    store::pair::answer(link, pair.id, "same", member, Some(step), now).await?;
    store::pair::ask_instead(link, from, into, step).await?;
    Ok((from, into))
}

/// Puts every report of a step back where it was.
async fn unmerge(
    house: &House,
    tx: &Tx,
    step: i64,
    member: Option<MemberId>,
    now: Timestamp,
) -> Result<(), Failure> {
    let link = tx.link();
    let decisions = store::decision::batch(link, step).await?;
    let Some((from, into)) = decisions
        .first()
        .and_then(|first| Some((first.before?, first.after)))
    else {
        return Err(Failure::broken("a merge that moved nothing"));
    };
    if let Some(Some(other)) = store::decision::merged_into(link, into).await? {
        let message = format!("{into} has become part of {other} since; undo that first");
        return Err(Failure::refused("pair", message));
    }
    let held = store::decision::reports_of(link, into).await?;
    // A report that was moved on by hand since stays where it was put.
    let back: Vec<(ReportId, FindingId)> = decisions
        .iter()
        .filter(|decision| held.contains(&decision.report))
        .map(|decision| (decision.report, into))
        .collect();
    let undone = store::decision::next_batch(link).await?;
    move_reports(
        tx,
        &back,
        from,
        "undone",
        undone,
        decisions.first().map(|first| first.id),
        member,
        now,
    )
    .await?;
    store::decision::merge_finding(link, from, None, now).await?;
    store::pair::undo(link, step, now).await?;
    let reports: Vec<ReportId> = back.iter().map(|(report, _)| *report).collect();
    // A finding that stands for itself again has a case of its own, once the question is answered.
    arrive::expect(tx, &reports, now).await?;
    hold_terms(house, tx, &reports).await
}

#[expect(clippy::too_many_arguments, reason = "one row has as many columns")]
async fn move_reports(
    tx: &Tx,
    reports: &[(ReportId, FindingId)],
    after: FindingId,
    outcome: &'static str,
    step: i64,
    undoes: Option<i64>,
    decider: Option<MemberId>,
    now: Timestamp,
) -> Result<(), Failure> {
    let moves: Vec<(ReportId, FindingId)> =
        reports.iter().map(|(report, _)| (*report, after)).collect();
    store::decision::place(tx.link(), &moves).await?;
    let changes = moves.iter().map(|(report, after)| Change {
        id: 0,
        report: *report,
        finding: Some(*after),
        hashes: None,
        whole: false,
    });
    store::term::append(tx.link(), changes.collect()).await?;
    let drafts = reports
        .iter()
        .map(|(report, before)| store::decision::Draft {
            report: *report,
            at: now,
            decider,
            edition: EDITION,
            outcome,
            before: Some(*before),
            after,
            batch: Some(step),
            undoes,
            sealed: None,
        });
    Ok(store::decision::append(tx.link(), drafts.collect()).await?)
}

/// Holds all terms of reports that stand for themselves again: as one of many of a finding, some were not kept.
pub(super) async fn hold_terms(
    house: &House,
    tx: &Tx,
    reports: &[ReportId],
) -> Result<(), Failure> {
    let mut changes = Vec::new();
    for row in store::decision::prints(tx.link(), reports).await? {
        changes.push(Change {
            id: 0,
            report: row.report,
            finding: row.finding,
            hashes: Some(hashes(house, &super::chunk::open(house, &row)?)),
            whole: true,
        });
    }
    Ok(store::term::append(tx.link(), changes).await?)
}

async fn note(
    house: &House,
    tx: &Tx,
    act: &str,
    actor: &Actor,
    pair: &Pair,
    verdict: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let body = json!({
        "act": act, "by": actor.mark(), "findings": [pair.newer, pair.older], "verdict": verdict, "at": now,
    });
    log::append(house, tx, &[Note::Sealed(body)]).await?;
    Ok(())
}
