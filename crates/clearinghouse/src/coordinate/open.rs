//! Open: the case of a finding, with everyone who reported it, on the terms they gave.

use finding::clocks::{Mark, policy};
use finding::coordinate::{Part, Stage};
use finding::embargo::{Keeps, Standing, What};
use jiff::{SignedDuration, Timestamp};
use names::{CaseId, FindingId, MemberId, OrganizationId, Refusal, Tlp};
use policy::{Action, Thing};
use store::Tx;

use crate::coordinate::desk::{Desk, load};
use crate::coordinate::text_problem;
use crate::notice::{self, Told};
use crate::{Actor, Failure, House, prioritize, seal, welcome};

/// A title is one line of a list.
pub const TITLE_CHARS_MAX: usize = 200;

/// What a case is opened with. Where nobody says, the first report's title stands.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    pub title: Option<Box<str>>,
    pub description: Box<str>,
    pub tlp: Option<Tlp>,
}

/// Opens the case of a finding. Its finders join, on the terms they handed it over on; the longest day any of them
/// asked for is proposed, or this clearinghouse's own where none did, and the coordinator agrees to it.
pub async fn open(
    house: &House,
    actor: &Actor,
    finding: FindingId,
    opening: Opening,
    now: Timestamp,
) -> Result<CaseId, Failure> {
    let tx = house.store.write().await?;
    let coordinator = opener(house, &tx, actor).await?;
    if let Some(old) = store::case::of_finding(tx.link(), finding).await? {
        return Err(Failure::refused(
            "finding",
            format!("{finding} has a case already, {}", old.id),
        ));
    }
    let reports = prioritize::reports(house, tx.link(), finding).await?;
    let Some(first) = reports.first() else {
        return Err(Failure::Hidden);
    };
    let mut refusal = Refusal::none();
    let title = titled(opening.title.as_deref().unwrap_or(&first.body.title));
    if title.is_empty() {
        refusal.add("title", "say in one line what is wrong where");
    }
    text_problem("description", &opening.description, &mut refusal);
    refusal.or(())?;

    let (key, wrapped) = seal::new_key(house, "case");
    let tlp = reports
        .iter()
        .filter_map(|report| report.body.terms.tlp)
        .max();
    let tlp = tlp.max(opening.tlp).unwrap_or(Tlp::AmberStrict);
    let draft = store::case::Draft {
        finding,
        stage: if matches!(actor, Actor::House) {
            Stage::New
        } else {
            Stage::Triage
        },
        key: wrapped,
        title: seal::seal(house, &key, "case title", &title),
        titled_by: opening.title.is_none().then_some(first.id),
        tlp: tlp.as_str().into(),
    };
    let id = store::case::insert(tx.link(), draft, now).await?;
    let description = seal::seal(house, &key, "case description", &opening.description);
    store::case::set_text(tx.link(), id, description).await?;
    store::case::join(tx.link(), id, coordinator, Part::Coordinator, now).await?;
    let mut desk = load(house, tx.link(), id).await?;
    let by = (coordinator, actor.member().map(|member| member.id));
    desk.embargo_event(house, &tx, by, What::Join(Standing::Coordinator), now)
        .await?;
    store::case::mark(tx.link(), id, Mark::Reported.as_str(), "", first.received).await?;
    if desk.case.stage == Stage::Triage {
        store::case::mark(tx.link(), id, Mark::Triaged.as_str(), "", now).await?;
    }
    for report in &reports {
        join_finder(house, &tx, &mut desk, report, now).await?;
    }
    propose_first(house, &tx, &mut desk, &reports, by, now).await?;
    desk.save(&tx, now).await?;
    prioritize::rank(house, &tx, finding, Some(&desk), now).await?;
    let told = Told {
        what: "case-opened",
        case: id,
        to: desk.told(Some(coordinator), now),
    };
    notice::tell(&tx, &told, now).await?;
    tx.commit().await?;
    Ok(id)
}

/// A title as cases have it.
pub(super) fn titled(words: &str) -> String {
    words.trim().chars().take(TITLE_CHARS_MAX).collect()
}

/// The organization that opens: the house's staff, or the house itself as its first organization of staff.
async fn opener(house: &House, tx: &Tx, actor: &Actor) -> Result<OrganizationId, Failure> {
    match actor {
        Actor::Member(member) => {
            // Whoever sees the queue knows what is in it; opening is work on a case that is there already.
            house.reveal(actor, Action::SeeQueue, &Thing::instance())?;
            house.authorize(actor, Action::MoveCase, &Thing::case())?;
            Ok(member.organization)
        }
        Actor::Anonymous => Err(Failure::Hidden),
        Actor::House => {
            let organizations = store::organization::list(tx.link()).await?;
            let staff = organizations
                .iter()
                .filter(|one| one.staff)
                .map(|one| one.id);
            staff
                .min()
                .ok_or_else(|| Failure::broken("nobody runs this clearinghouse yet"))
        }
    }
}

/// A finder joins with its report's terms; one that takes part already only adds the terms.
pub async fn join_finder(
    house: &House,
    tx: &Tx,
    desk: &mut Desk,
    report: &prioritize::Opened,
    now: Timestamp,
) -> Result<(), Failure> {
    let finder = report.organization;
    if desk.case.part(finder).is_none() {
        store::case::join(tx.link(), desk.row.id, finder, Part::Finder, now).await?;
        desk.embargo_event(house, tx, (finder, None), What::Join(Standing::Knows), now)
            .await?;
        desk.case.participants = store::case::participants(tx.link(), desk.row.id).await?;
    }
    let terms = What::Terms {
        report: report.id,
        not_before: report.body.terms.embargo_until,
        keeps: Some(Keeps {
            finder,
            until: kept_until(report),
        }),
    };
    let coordinator = desk.coordinator()?;
    desk.embargo_event(house, tx, (coordinator, None), terms, now)
        .await
}

/// The day up to which a finder agreed by handing over: their own, or this house's for reports without one.
fn kept_until(report: &prioritize::Opened) -> Timestamp {
    let default = SignedDuration::from_hours(24 * i64::from(policy().embargo_default_days));
    let own = report.body.terms.embargo_until;
    own.unwrap_or(
        report
            .received
            .checked_add(default)
            .unwrap_or(Timestamp::MAX),
    )
}

/// The longest day that a finder named, in its name; else the house's own, which is counted from the first report.
async fn propose_first(
    house: &House,
    tx: &Tx,
    desk: &mut Desk,
    reports: &[prioritize::Opened],
    by: (OrganizationId, Option<MemberId>),
    now: Timestamp,
) -> Result<(), Failure> {
    // Whoever is told in public only bargains for no day; what a finder's terms keep stays kept.
    if let Some(first) = reports.first() {
        let wishes = welcome::for_target(tx.link(), &first.body.target, now).await?;
        if wishes.is_public() {
            return Ok(());
        }
    }
    let asked = reports
        .iter()
        .filter_map(|report| Some((report.body.terms.embargo_until?, report.organization)))
        .filter(|(until, _)| *until > now)
        .max();
    let (until, proposer) = match asked {
        Some((until, finder)) => (until, (finder, None)),
        None => {
            let agreed = reports.iter().map(kept_until).min();
            let default = SignedDuration::from_hours(24 * i64::from(policy().embargo_default_days));
            let fresh = now.checked_add(default).unwrap_or(Timestamp::MAX);
            (agreed.filter(|until| *until > now).unwrap_or(fresh), by)
        }
    };
    // A day further off than an embargo may last is not proposed in a finder's name; the parties find one.
    if desk
        .embargo
        .decide(proposer.0, What::Propose { until }, now)
        .is_err()
    {
        return Ok(());
    }
    desk.embargo_event(house, tx, proposer, What::Propose { until }, now)
        .await?;
    if proposer.0 != by.0
        && desk
            .embargo
            .decide(by.0, What::Accept { until }, now)
            .is_ok()
    {
        desk.embargo_event(house, tx, by, What::Accept { until }, now)
            .await?;
    }
    Ok(())
}
