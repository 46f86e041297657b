//! Coordinate: a case is opened, organizations come and go, write to one another, and take it from stage to stage.

pub mod arrive;
pub mod desk;
pub mod show;

use finding::clocks::{Mark, policy};
use finding::coordinate::{Circumstances, Part, Stage};
use finding::embargo::{Keeps, Standing, What};
use jiff::{SignedDuration, Timestamp};
use names::{CaseId, FindingId, MemberId, OrganizationId, Refusal, Tlp};
use policy::{Action, Thing};
use serde::{Deserialize, Serialize};
use store::Tx;

use crate::coordinate::desk::{Desk, Done, load};
use crate::notice::{self, Told};
use crate::{Actor, Failure, House, prioritize, seal, welcome};

/// A title is one line of a list.
pub const TITLE_CHARS_MAX: usize = 200;

/// A description or a message in bytes: some fifteen pages; longer things are attached.
pub const TEXT_BYTES_MAX: usize = 64 << 10;

/// A reason is a paragraph.
const REASON_BYTES_MAX: usize = 4_000;

/// A file in bytes: VINCE takes 10 MiB, and so do the mail servers that such files came by before.
pub const FILE_BYTES_MAX: usize = 10 << 20;

/// Files of one message.
pub const FILES_MAX: usize = 10;

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
    let title = opening.title.as_deref().unwrap_or(&first.body.title).trim();
    let title: String = title.chars().take(TITLE_CHARS_MAX).collect();
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

/// A move, as it is sealed and told to the participants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    pub from: Box<str>,
    pub to: Box<str>,
    pub reason: Box<str>,
}

/// Takes a case to another stage.
pub async fn advance(
    house: &House,
    actor: &Actor,
    id: CaseId,
    to: Stage,
    reason: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.acting(house, actor, Action::MoveCase, now)?;
    if to == Stage::Withdrawn {
        return Err(Failure::refused(
            "stage",
            "withdrawing destroys the case's key; it has a page of its own",
        ));
    }
    if to == Stage::Published {
        return Err(Failure::refused(
            "stage",
            "a case is published with its advisory; write it, and publish that",
        ));
    }
    if to.is_over() && !crate::handoff::may_terminate(&desk, &seat)? {
        return Err(Failure::refused(
            "stage",
            "the case was handed to you without leave to end it; ask whoever handed it",
        ));
    }
    let mut refusal = Refusal::none();
    reason_problem(reason, &mut refusal);
    refusal.or(())?;
    let circumstances = Circumstances {
        sole_finder: false,
        reason: !reason.trim().is_empty(),
        now,
    };
    let from = desk.case.stage;
    desk.case.stage = finding::coordinate::coordinate(
        &desk.case,
        &desk.embargo,
        seat.organization,
        to,
        circumstances,
    )?;
    let mark = match to {
        Stage::Triage | Stage::Rejected => Some(Mark::Triaged),
        Stage::Fixing => Some(Mark::Acknowledged),
        Stage::Ready => Some(Mark::Measure),
        _ => None,
    };
    if let Some(mark) = mark {
        store::case::mark(tx.link(), id, mark.as_str(), "", now).await?;
    }
    let moved = Moved {
        from: from.as_str().into(),
        to: to.as_str().into(),
        reason: reason.trim().into(),
    };
    desk.record(house, &tx, seat.done("stage", &moved), now)
        .await?;
    desk.save(&tx, now).await?;
    let told = Told {
        what: "stage",
        case: id,
        to: desk.told(Some(seat.organization), now),
    };
    notice::tell(&tx, &told, now).await?;
    tx.commit().await?;
    Ok(())
}

/// A coming or going, as it is sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Came {
    pub organization: OrganizationId,
    pub part: Box<str>,
}

/// Brings an organization into a case. A vendor or deployer learns of it once it is sent: in its own pace.
pub async fn invite(
    house: &House,
    actor: &Actor,
    id: CaseId,
    organization: OrganizationId,
    part: Part,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.coordinating(house, actor, Action::AddParticipant, now)?;
    let mut refusal = Refusal::none();
    let found = store::organization::find(tx.link(), organization).await?;
    if found.is_none_or(|found| found.left.is_some()) {
        refusal.add(
            "organization",
            format!("{organization} takes no part here; invite it first"),
        );
    }
    if part == Part::Coordinator {
        refusal.add("part", "another coordinator comes in by a hand-off");
    }
    if let Err(problem) = desk.case.may_join(organization) {
        refusal.within("", problem);
    }
    let before = desk
        .case
        .participants
        .iter()
        .find(|participant| participant.organization == organization);
    if let Some(before) = before.filter(|before| before.part != part) {
        refusal.add(
            "part",
            format!(
                "was {} in this case before, and comes back as that",
                before.part.shown()
            ),
        );
    }
    refusal.or(())?;
    store::case::join(tx.link(), id, organization, part, now).await?;
    desk.case.participants = store::case::participants(tx.link(), id).await?;
    let standing = if part == Part::Finder {
        Standing::Knows
    } else {
        Standing::Asked
    };
    if part != Part::Observer {
        desk.embargo_event(house, &tx, (organization, None), What::Join(standing), now)
            .await?;
    }
    if matches!(part, Part::Vendor | Part::Deployer) {
        store::queue::enqueue(tx.link(), id, organization, now).await?;
    }
    let came = Came {
        organization,
        part: part.as_str().into(),
    };
    desk.record(house, &tx, seat.done("join", &came), now)
        .await?;
    desk.save(&tx, now).await?;
    if !matches!(part, Part::Vendor | Part::Deployer) {
        notice::tell(
            &tx,
            &Told {
                what: "invited",
                case: id,
                to: vec![organization],
            },
            now,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Lets an organization go: its own wish, or the coordinator's.
pub async fn leave(
    house: &House,
    actor: &Actor,
    id: CaseId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let own = actor.organization() == Some(organization);
    let seat = match own {
        true => desk.acting(house, actor, Action::AnswerEmbargo, now)?,
        false => desk.coordinating(house, actor, Action::AddParticipant, now)?,
    };
    let Some(part) = desk.case.part(organization) else {
        return Err(Failure::Hidden);
    };
    if part == Part::Coordinator && desk.coordinator()? == organization {
        return Err(Failure::refused(
            "organization",
            "the coordinator cannot leave; hand the case to another first",
        ));
    }
    if desk.embargo.decide(organization, What::Leave, now).is_ok() {
        desk.embargo_event(house, &tx, (organization, None), What::Leave, now)
            .await?;
    }
    store::case::leave(tx.link(), id, organization, now).await?;
    let came = Came {
        organization,
        part: part.as_str().into(),
    };
    desk.record(house, &tx, seat.done("leave", &came), now)
        .await?;
    desk.save(&tx, now).await?;
    tx.commit().await?;
    Ok(())
}

/// "Held by Ada": takes a case in hand, gives it to a colleague, or back.
pub async fn assign(
    house: &House,
    actor: &Actor,
    id: CaseId,
    member: Option<MemberId>,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.coordinating(house, actor, Action::HoldCase, now)?;
    if let Some(member) = member {
        let colleagues = store::notice::readers(tx.link(), seat.organization).await?;
        if colleagues
            .iter()
            .all(|colleague| colleague.member != member)
        {
            return Err(Failure::refused(
                "member",
                format!("{member} is none of your colleagues"),
            ));
        }
    }
    desk.row.held_by = member;
    desk.record(house, &tx, seat.done("assign", &member), now)
        .await?;
    desk.save(&tx, now).await?;
    tx.commit().await?;
    Ok(())
}

/// A file that comes with a message.
#[derive(Clone, Debug)]
pub struct File {
    pub name: Box<str>,
    pub bytes: Vec<u8>,
}

/// Writes to everyone in the case, or to one organization and the coordinator.
pub async fn message(
    house: &House,
    actor: &Actor,
    id: CaseId,
    text: &str,
    audience: Option<OrganizationId>,
    files: &[File],
    now: Timestamp,
) -> Result<i64, Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.acting(house, actor, Action::Message, now)?;
    let mut refusal = Refusal::none();
    if text.trim().is_empty() && files.is_empty() {
        refusal.add("text", "write something, or attach a file");
    }
    text_problem("text", text, &mut refusal);
    files_problem(files, &mut refusal);
    // Whoever sees only their own part writes to the coordinator alone: nobody they do not know reads them unasked.
    let coordinator = desk.coordinator()?;
    let audience = match audience {
        None if seat.view.messages < finding::coordinate::Scope::Everything => Some(coordinator),
        given => given,
    };
    if audience.is_some_and(|audience| {
        desk.case.part(audience).is_none()
            || (seat.view.messages < finding::coordinate::Scope::Everything
                && audience != coordinator)
    }) {
        refusal.add("audience", "takes no part in this case");
    }
    refusal.or(())?;
    let text = text.trim();
    let done = Done {
        audience,
        ..seat.done("message", &text)
    };
    let event = desk.record(house, &tx, done, now).await?;
    for file in files {
        let digest = keys::sha256(&[&file.bytes]);
        let name = seal::seal(house, &desk.key, "attachment name", &file.name);
        let sealed = house.dice(|dice| desk.key.seal(b"attachment", &file.bytes, dice));
        let length = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
        store::case::attach(
            tx.link(),
            id,
            event,
            name,
            (length, digest.to_vec()),
            sealed,
        )
        .await?;
    }
    if seat.part == Part::Vendor {
        store::case::mark(tx.link(), id, Mark::Acknowledged.as_str(), "", now).await?;
    }
    desk.save(&tx, now).await?;
    let to = match audience {
        None => desk.told(Some(seat.organization), now),
        Some(audience) => [audience, coordinator]
            .into_iter()
            .filter(|to| *to != seat.organization)
            .collect(),
    };
    notice::tell(
        &tx,
        &Told {
            what: "message",
            case: id,
            to,
        },
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(event)
}

/// A file of a case, as it was attached.
pub async fn attachment(
    house: &House,
    actor: &Actor,
    id: CaseId,
    attachment: i64,
    now: Timestamp,
) -> Result<File, Failure> {
    let link = house.store.link();
    let desk = load(house, link, id).await?;
    let seat = desk.seat(house, actor, now)?;
    let files = store::case::attachments(link, id).await?;
    let file = files
        .iter()
        .find(|file| file.id == attachment)
        .ok_or(Failure::Hidden)?;
    let event = desk
        .events
        .iter()
        .find(|event| event.id == file.event)
        .ok_or(Failure::Hidden)?;
    if !show::reads(&seat, event) {
        return Err(Failure::Hidden);
    }
    let sealed = store::case::attached(link, id, attachment)
        .await?
        .ok_or(Failure::Hidden)?;
    Ok(File {
        name: seal::open(&desk.key, "attachment name", &file.name)?,
        bytes: desk.key.open(b"attachment", &sealed)?,
    })
}

pub(crate) fn text_problem(field: &'static str, text: &str, refusal: &mut Refusal) {
    if text.len() > TEXT_BYTES_MAX {
        refusal.add(
            field,
            format!(
                "is {} bytes; at most {TEXT_BYTES_MAX} are kept, attach the rest",
                text.len()
            ),
        );
    }
}

pub(crate) fn reason_problem(reason: &str, refusal: &mut Refusal) {
    if reason.len() > REASON_BYTES_MAX {
        refusal.add(
            "reason",
            format!(
                "is {} bytes; at most {REASON_BYTES_MAX} are kept",
                reason.len()
            ),
        );
    }
}

fn files_problem(files: &[File], refusal: &mut Refusal) {
    if files.len() > FILES_MAX {
        refusal.add(
            "files",
            format!(
                "are {}; attach at most {FILES_MAX} to a message",
                files.len()
            ),
        );
    }
    for file in files {
        if file.bytes.len() > FILE_BYTES_MAX {
            let text = format!(
                "`{}` has {} bytes; a file may have {FILE_BYTES_MAX}",
                file.name,
                file.bytes.len()
            );
            refusal.add("files", text);
        }
    }
}
