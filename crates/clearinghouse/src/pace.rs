//! Pace: what waits for a maintainer is sent as they agreed to, and not faster.

use std::collections::BTreeMap;

use finding::coordinate::{Part, Stage};
use finding::pace::{Item, Pace, send_next};
use finding::prioritize::prioritize;
use finding::validate::{Shown, slow};
use finding::welcome::{Act, Answer, Evidence};
use jiff::{SignedDuration, Timestamp};
use names::{CaseId, FindingId, OrganizationId};
use policy::{Action, Thing};
use serde_json::json;
use store::Link;
use store::queue::Waiting;

use crate::coordinate::desk::load;
use crate::log::{self, Note};
use crate::notice::{self, Told};
use crate::prioritize::{known, reports};
use crate::{Actor, Failure, House, welcome};

/// Counts and weeks beyond this are no pace any more but no limit: leave them out.
const COUNT_MAX: u32 = 10_000;

/// The week that is counted in, with a second to spare on either side.
const WEEK: SignedDuration = SignedDuration::from_secs(7 * 24 * 3600 + 1);

/// An organization says what it agrees to be sent.
pub async fn set(house: &House, actor: &Actor, pace: &Pace, now: Timestamp) -> Result<(), Failure> {
    let member = actor.member().ok_or(Failure::Denied)?;
    let thing = Thing::organization(member.organization);
    house.authorize(actor, Action::SetPolicy, &thing)?;
    let mut refusal = names::Refusal::none();
    for (field, value) in [
        ("open_max", pace.open_max),
        ("per_week_max", pace.per_week_max),
    ] {
        if value.is_some_and(|value| value > COUNT_MAX) {
            refusal.add(
                field,
                format!("is more than {COUNT_MAX}; leave it empty for no limit"),
            );
        }
    }
    if pace.paused_until.is_some_and(|until| until <= now) {
        refusal.add(
            "paused_until",
            "has passed; give a day to come, or leave it empty",
        );
    }
    refusal.or(())?;
    let tx = house.store.write().await?;
    store::queue::set_pace(tx.link(), member.organization, pace, now).await?;
    let body = json!({"act": "pace.set", "organization": member.organization, "at": now});
    log::append(house, &tx, &[Note::Sealed(body)]).await?;
    tx.commit().await?;
    Ok(())
}

/// What an organization agreed to; who said nothing takes everything.
pub async fn of(house: &House, organization: OrganizationId) -> Result<Pace, Failure> {
    Ok(store::queue::pace(house.store.link(), organization)
        .await?
        .unwrap_or_default())
}

/// A case that waits for someone, and why.
#[derive(Clone, Debug)]
pub struct Waits {
    pub case: CaseId,
    pub organization: OrganizationId,
    pub why: Box<str>,
}

/// Everyone who has something waiting gets what they agreed to; says how many cases went. Run by the house.
pub async fn release(house: &House, now: Timestamp) -> Result<usize, Failure> {
    let mut count = 0;
    for organization in store::queue::awaited(house.store.link()).await? {
        count += release_to(house, organization, now).await?;
    }
    Ok(count)
}

/// One maintainer's share. Decided and written in one transaction, so that two nodes cannot both send the last one.
async fn release_to(
    house: &House,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<usize, Failure> {
    let tx = house.store.write().await?;
    let waiting = store::queue::waiting(tx.link(), organization).await?;
    let ready: Vec<&Waiting> = waiting.iter().filter(|item| is_ready(item)).collect();
    let decided = decide(tx.link(), house, organization, &ready, now).await?;
    let mut count = 0;
    for item in ready {
        let vendor = item.part == Part::Vendor;
        if vendor && !decided.send.contains(&item.finding) {
            continue;
        }
        let mut desk = load(house, tx.link(), item.case).await?;
        if !store::queue::sent(tx.link(), item.case, organization, now).await? {
            continue;
        }
        let coordinator = desk.coordinator()?;
        if vendor {
            store::case::mark(
                tx.link(),
                item.case,
                finding::clocks::Mark::Sent.as_str(),
                "",
                now,
            )
            .await?;
        }
        if vendor && desk.case.stage == Stage::Triage {
            desk.case.stage = Stage::WithVendor;
        }
        let done = crate::coordinate::desk::Done {
            organization: coordinator,
            member: None,
            act: "sent",
            audience: Some(organization),
            words: &organization,
        };
        desk.record(house, &tx, done, now).await?;
        desk.save(&tx, now).await?;
        notice::tell(
            &tx,
            &Told {
                what: "case-sent",
                case: item.case,
                to: vec![organization],
            },
            now,
        )
        .await?;
        count += 1;
    }
    tx.commit().await?;
    Ok(count)
}

/// What goes to a maintainer now, and why the rest waits.
#[derive(Default)]
struct Decided {
    send: Vec<FindingId>,
    why: BTreeMap<FindingId, Box<str>>,
}

/// Two say how much a maintainer takes: the organization here, and the policies that were written for the very thing
/// that has the flaw. What either holds back waits.
async fn decide(
    link: Link<'_>,
    house: &House,
    organization: OrganizationId,
    ready: &[&Waiting],
    now: Timestamp,
) -> Result<Decided, Failure> {
    let pace = store::queue::pace(link, organization)
        .await?
        .unwrap_or_default();
    let since = now.checked_sub(WEEK).unwrap_or(Timestamp::MIN);
    let sent = store::queue::sent_to(link, organization, since).await?;
    let (mut queue, mut targets) = (Vec::new(), BTreeMap::new());
    for item in ready.iter().filter(|item| item.part == Part::Vendor) {
        let desk = load(house, link, item.case).await?;
        let reports = reports(house, link, item.finding).await?;
        let (Some(first), Some(known)) = (reports.first(), known(&reports, Some(&desk))?) else {
            continue;
        };
        let shown = match known.proven {
            true => Shown::Proven,
            false => reports
                .iter()
                .map(|report| report.shown)
                .max()
                .unwrap_or_default(),
        };
        let evidence = Evidence {
            reproducer: shown,
            patch: reports.iter().any(|report| report.body.patch.is_some()),
        };
        queue.push(Item {
            finding: item.finding,
            rank: prioritize(&known, now).rank,
            proof: shown.is_proven(),
            patch: evidence.patch,
        });
        targets.insert(item.finding, (first.body.target.clone(), evidence));
    }
    let sending = send_next(&queue, &sent, &pace, now);
    let mut decided = Decided::default();
    for waiting in &sending.wait {
        decided.why.insert(waiting.finding, waiting.words().into());
    }
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let open = count(sent.iter().filter(|sent| sent.open).count());
    let this_week = count(sent.len());
    for finding in sending.send {
        let Some((target, evidence)) = targets.get(&finding) else {
            continue;
        };
        if let Some(why) = slow(evidence.reproducer, house.settings.proof_required) {
            decided.why.insert(finding, why.into());
            continue;
        }
        let now_sent = count(decided.send.len());
        let act = Act::Send {
            evidence: *evidence,
            open: open + now_sent,
            this_week: this_week + now_sent,
        };
        match welcome::for_target(link, target, now)
            .await?
            .answer(act, now)
        {
            Answer::Go => decided.send.push(finding),
            Answer::Hold(why) | Answer::Refuse(why) => {
                decided.why.insert(finding, why.to_string().into());
            }
        }
    }
    Ok(decided)
}

/// A coordinator has looked at it, and for those who only run it a fix is there.
fn is_ready(item: &Waiting) -> bool {
    match item.part {
        Part::Vendor => !matches!(item.stage, Stage::New) && !item.stage.is_over(),
        _ => matches!(item.stage, Stage::Ready | Stage::Published),
    }
}

/// What waits for `organization` and why, the most urgent first.
pub async fn waits(
    house: &House,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Vec<Waits>, Failure> {
    let link = house.store.link();
    let waiting = store::queue::waiting(link, organization).await?;
    let ready: Vec<&Waiting> = waiting.iter().filter(|item| is_ready(item)).collect();
    let decided = decide(link, house, organization, &ready, now).await?;
    let why = |item: &Waiting| -> Box<str> {
        match decided.why.get(&item.finding) {
            Some(why) => why.clone(),
            None if is_ready(item) => "goes with the next round".into(),
            None if item.part == Part::Vendor => "a coordinator has not looked at it yet".into(),
            None => "no fix is there yet".into(),
        }
    };
    Ok(waiting
        .iter()
        .map(|item| Waits {
            case: item.case,
            organization,
            why: why(item),
        })
        .collect())
}
