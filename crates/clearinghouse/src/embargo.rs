//! Embargo: the parties of a case bargain, agree, raise alarms; its day comes, or it ends before.

use finding::clocks::{Awareness, Mark};
use finding::coordinate::Part;
use finding::embargo::{Cause, State, What};
use finding::welcome::{Act, Answer};
use jiff::Timestamp;
use names::CaseId;
use policy::Action;
use store::Tx;

use crate::coordinate::desk::{Desk, load};
use crate::notice::{self, Told};
use crate::{Actor, Failure, House, prioritize, welcome};

/// What a party asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A first day, or another than the one in effect: longer or shorter.
    Propose(Timestamp),
    Counter(Timestamp),
    Accept(Timestamp),
    Refuse,
    Leave,
    Alarm(Cause, Box<str>),
    End(Cause, Box<str>),
}

/// A party acts on the embargo of a case it takes part in.
pub async fn embargo(
    house: &House,
    actor: &Actor,
    id: CaseId,
    ask: Ask,
    now: Timestamp,
) -> Result<State, Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let (action, what, word) = match ask {
        Ask::Propose(until) => (
            Action::ProposeEmbargo,
            What::Propose { until },
            "embargo-proposed",
        ),
        Ask::Counter(until) => (
            Action::ProposeEmbargo,
            What::Counter { until },
            "embargo-proposed",
        ),
        Ask::Accept(until) => (
            Action::AnswerEmbargo,
            What::Accept { until },
            "embargo-answered",
        ),
        Ask::Refuse => (Action::AnswerEmbargo, What::Refuse, "embargo-answered"),
        Ask::Leave => (Action::AnswerEmbargo, What::Leave, "embargo-answered"),
        Ask::Alarm(cause, source) => (Action::RaiseAlarm, What::Alarm { cause, source }, "alarm"),
        Ask::End(cause, source) => (
            Action::EndEmbargo,
            What::End { cause, source },
            "embargo-ended",
        ),
    };
    let seat = desk.acting(house, actor, action, now)?;
    if action == Action::ProposeEmbargo {
        may_propose(house, &tx, &desk, now).await?;
    }
    let exploited = matches!(&what, What::Alarm { cause, .. } | What::End { cause, .. } if *cause == Cause::Exploitation);
    desk.embargo_event(house, &tx, (seat.organization, seat.member), what, now)
        .await?;
    if exploited {
        // The manufacturer knows it now, if it says so itself: the clock of Article 14 starts.
        if seat.part == Part::Vendor {
            store::case::mark(
                tx.link(),
                id,
                Mark::Aware.as_str(),
                Awareness::Exploited.as_str(),
                now,
            )
            .await?;
        }
        prioritize::rank(house, &tx, desk.row.finding, Some(&desk), now).await?;
    }
    desk.save(&tx, now).await?;
    let told = Told {
        what: word,
        case: id,
        to: desk.told(Some(seat.organization), now),
    };
    notice::tell(&tx, &told, now).await?;
    tx.commit().await?;
    Ok(desk.embargo.state())
}

/// No day is bargained over where the maintainer is told in public only. A policy that nobody proved says so to whoever
/// looks it up, and keeps nobody from bargaining.
async fn may_propose(house: &House, tx: &Tx, desk: &Desk, now: Timestamp) -> Result<(), Failure> {
    let reports = prioritize::reports(house, tx.link(), desk.row.finding).await?;
    let Some(first) = reports.first() else {
        return Ok(());
    };
    let wishes = welcome::for_target(tx.link(), &first.body.target, now).await?;
    match wishes.answer(Act::Embargo, now) {
        Answer::Refuse(why) => Err(Failure::refused("until", why.to_string())),
        Answer::Go | Answer::Hold(_) => Ok(()),
    }
}

/// Says what the manufacturer did for a deadline: became aware, gave its early warning, notified, reported.
pub async fn mark(
    house: &House,
    actor: &Actor,
    id: CaseId,
    (mark, awareness): (Mark, Option<Awareness>),
    at: Timestamp,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.acting(house, actor, Action::MoveCase, now)?;
    if !matches!(seat.part, Part::Vendor | Part::Coordinator) {
        return Err(Failure::Denied);
    }
    let own = matches!(
        mark,
        Mark::Aware
            | Mark::EarlyWarning
            | Mark::Notification
            | Mark::Measure
            | Mark::FinalReport
            | Mark::Acknowledged
    );
    let mut refusal = names::Refusal::none();
    if !own {
        refusal.add(
            "mark",
            format!("`{}` follows from what is done here", mark.as_str()),
        );
    }
    if at > now {
        refusal.add("at", "is in the future; say when it happened");
    }
    if mark == Mark::Aware && awareness.is_none() {
        refusal.add(
            "awareness",
            "say what was learned: `exploited` or `incident`",
        );
    }
    refusal.or(())?;
    let detail = awareness
        .filter(|_| mark == Mark::Aware)
        .map_or("", Awareness::as_str);
    if !store::case::mark(tx.link(), id, mark.as_str(), detail, at).await? {
        return Err(Failure::refused("mark", "was said already"));
    }
    desk.record(house, &tx, seat.done("mark", &(mark.as_str(), at)), now)
        .await?;
    desk.save(&tx, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The house looks at a case whose day may have come: lets it lapse, and tells the coordinator. It publishes nothing.
pub async fn lapse(house: &House, id: CaseId, now: Timestamp) -> Result<bool, Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let coordinator = desk.coordinator()?;
    if desk.embargo.decide(coordinator, What::Lapse, now).is_err() {
        return Ok(false);
    }
    desk.embargo_event(house, &tx, (coordinator, None), What::Lapse, now)
        .await?;
    desk.save(&tx, now).await?;
    notice::tell(
        &tx,
        &Told {
            what: "embargo-lapsed",
            case: id,
            to: desk.told(None, now),
        },
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(true)
}
