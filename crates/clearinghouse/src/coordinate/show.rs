//! Show: a case as one organization sees it, each part only where its view holds it.

use std::collections::BTreeMap;

use finding::Report;
use finding::clocks::Clock;
use finding::coordinate::{Part, Scope, Stage, View, ways};
use finding::embargo::{Consent, Embargo};
use finding::report::Handling;
use finding::verdict::{Said, standing};
use jiff::Timestamp;
use names::{CaseId, FindingId, MemberId, OrganizationId, ReportId};
use store::Link;

use crate::coordinate::desk::{Desk, Seat, load};
use crate::coordinate::{reruns, timeline};
use crate::known::{self, Proved};
use crate::prioritize::Answers;
use crate::{Actor, Failure, House, clocks, handoff, pace, prioritize, seal, validate, verdict};

/// A case, as its reader sees it.
pub struct Shown {
    pub id: CaseId,
    pub stage: Stage,
    pub tlp: Box<str>,
    pub opened: Timestamp,
    pub updated: Timestamp,
    pub seat: Seat,
    pub coordinator: Box<str>,
    pub embargo: Embargo,
    /// `None` for whoever has not been told.
    pub flaw: Option<Flaw>,
    pub held_by: Option<(MemberId, Box<str>)>,
    pub participants: Vec<Present>,
    pub reports: Vec<Evidence>,
    /// The re-runs of the proofs that the reader may see, the oldest first.
    pub validations: Vec<validate::Shown>,
    /// Proofs of these reports that the reader may ask to be re-run: report, and SHA-256 of the proof.
    pub askable: Vec<(ReportId, Box<str>)>,
    pub messages: Vec<Message>,
    pub verdicts: Vec<Product>,
    pub timeline: Vec<Line>,
    pub clocks: Vec<Clock>,
    pub handling: Vec<Handling>,
    /// For the coordinator: what waits for whom, and why.
    pub waits: Vec<(Box<str>, Box<str>)>,
    /// For the coordinator: reports whose finders wait to be let in, with whose they are and when they came.
    pub arrivals: Vec<(ReportId, Box<str>, Timestamp)>,
    /// For the coordinator: who proved to know it by asking whether it is known.
    pub proved: Vec<Proved>,
    /// For the coordinator: what its date is decided by.
    pub answers: Option<Answers>,
    /// Where the reader may take it.
    pub ways: Vec<Stage>,
    /// The names of the organizations that are named on it.
    pub names: BTreeMap<OrganizationId, Box<str>>,
}

/// What it is about.
pub struct Flaw {
    pub finding: FindingId,
    pub title: Box<str>,
    pub description: Box<str>,
    /// Why it is where it is in the queue.
    pub why: Vec<Box<str>>,
    pub row: Option<(Box<str>, u8)>,
    pub due: Option<jiff::civil::Date>,
}

/// An organization in the case.
pub struct Present {
    pub organization: OrganizationId,
    pub name: Box<str>,
    pub part: Part,
    pub since: Timestamp,
    pub left: Option<Timestamp>,
    pub sent: Option<Timestamp>,
    pub consent: Option<Consent>,
    /// Whether it said yes to the day on offer, which others still have to answer.
    pub accepted: bool,
}

/// What a finder handed over.
pub struct Evidence {
    pub id: ReportId,
    pub organization: OrganizationId,
    pub received: Timestamp,
    pub body: Report,
}

/// What someone wrote.
pub struct Message {
    pub id: i64,
    pub at: Timestamp,
    pub by: OrganizationId,
    pub audience: Option<OrganizationId>,
    pub text: Box<str>,
    /// Number, name, length in bytes, SHA-256.
    pub files: Vec<(i64, Box<str>, i64, Vec<u8>)>,
}

/// How things stand with one product.
pub struct Product {
    pub product: Box<str>,
    pub said: Vec<Statement>,
    pub overtaken: Vec<Statement>,
    pub conflict: bool,
}

/// What one said of it.
pub struct Statement {
    pub vendor: OrganizationId,
    pub at: Timestamp,
    pub word: finding::verdict::Word,
    /// Where a coordinator has it from; `None` for the vendor's own verdict.
    pub source: Option<Box<str>>,
}

/// Something that was done.
pub struct Line {
    pub at: Timestamp,
    pub by: OrganizationId,
    pub member: Option<MemberId>,
    pub said: String,
    pub log_index: i64,
}

/// A case as `actor` sees it.
pub async fn show(
    house: &House,
    actor: &Actor,
    id: CaseId,
    now: Timestamp,
) -> Result<Shown, Failure> {
    let link = house.store.link();
    let desk = load(house, link, id).await?;
    let seat = desk.seat(house, actor, now)?;
    let view = seat.view;
    let names = names(link, &desk).await?;
    let coordinator = desk.coordinator()?;
    let shows_all = view.participants;
    let evidence = evidence(house, link, &desk, &seat).await?;
    let validations = match view.proofs {
        Scope::Nothing => Vec::new(),
        _ => validate::of_case(house, actor, &desk, &seat, now).await?,
    };
    let askable =
        reruns::askable(house, actor, &desk, &seat, (&evidence, &validations), now).await?;
    let timeline = match view.timeline {
        true => {
            let lines = timeline::timeline(&desk, &seat, &names)?;
            reruns::with(lines, &validations, coordinator)
        }
        false => Vec::new(),
    };
    Ok(Shown {
        id,
        stage: desk.case.stage,
        tlp: desk.row.tlp.clone(),
        opened: desk.row.opened,
        updated: desk.row.updated,
        seat,
        coordinator: names.get(&coordinator).cloned().unwrap_or_default(),
        embargo: desk.embargo.clone(),
        flaw: if view.flaw {
            Some(flaw(house, link, &desk, now).await?)
        } else {
            None
        },
        held_by: match (desk.row.held_by, seat.part) {
            (Some(member), Part::Coordinator) => {
                let reader = store::notice::reader(link, member).await?;
                reader.map(|reader| (member, reader.name))
            }
            _ => None,
        },
        participants: present(&desk, &names, |id| {
            shows_all || id == seat.organization || id == coordinator
        }),
        reports: evidence,
        validations,
        askable,
        messages: messages(link, &desk, &seat).await?,
        verdicts: if view.verdicts {
            products(&desk)?
        } else {
            Vec::new()
        },
        timeline,
        clocks: if view.clocks {
            running(house, link, &desk, &view, now).await?
        } else {
            Vec::new()
        },
        handling: if seat.part == Part::Coordinator {
            handoff::handling(&desk)?
        } else {
            Vec::new()
        },
        waits: if seat.part == Part::Coordinator {
            waits(house, &desk, &names, now).await?
        } else {
            Vec::new()
        },
        arrivals: if seat.part == Part::Coordinator {
            let waiting = store::arrival::waiting(link, id).await?.into_iter();
            waiting.map(|(id, _, name, at)| (id, name, at)).collect()
        } else {
            Vec::new()
        },
        proved: if seat.part == Part::Coordinator {
            known::of(house, &desk).await?
        } else {
            Vec::new()
        },
        answers: match seat.part {
            Part::Coordinator => Some(prioritize::answers(&desk)?),
            _ => None,
        },
        // Publishing is no move of the case alone: it takes an advisory.
        ways: ways(desk.case.stage, seat.part)
            .filter(|to| *to != Stage::Published)
            .collect(),
        names: names
            .into_iter()
            .filter(|(id, _)| shows_all || *id == seat.organization || *id == coordinator)
            .collect(),
    })
}

/// Whether whoever sits in `seat` reads a message: everyone's, its own, and what is addressed to it.
pub fn reads(seat: &Seat, event: &store::case::Event) -> bool {
    let own = event.organization == seat.organization || event.audience == Some(seat.organization);
    match seat.view.messages {
        Scope::Nothing => false,
        Scope::Own => own,
        Scope::Everything => own || event.audience.is_none() || seat.part == Part::Coordinator,
    }
}

async fn names(link: Link<'_>, desk: &Desk) -> Result<BTreeMap<OrganizationId, Box<str>>, Failure> {
    let mut ids: Vec<OrganizationId> = desk
        .case
        .participants
        .iter()
        .map(|one| one.organization)
        .collect();
    ids.extend(desk.events.iter().map(|event| event.organization));
    for event in desk.events.iter().filter(|event| &*event.act == "heard") {
        ids.push(desk.open::<verdict::Hearsay>(event)?.vendor);
    }
    ids.sort_unstable();
    ids.dedup();
    let mut names = BTreeMap::new();
    for id in ids {
        if let Some(organization) = store::organization::find(link, id).await? {
            names.insert(id, organization.name);
        }
    }
    Ok(names)
}

async fn flaw(house: &House, link: Link<'_>, desk: &Desk, now: Timestamp) -> Result<Flaw, Failure> {
    let description = match store::case::text(link, desk.row.id).await? {
        Some(sealed) => seal::open(&desk.key, "case description", &sealed)?,
        None => Box::default(),
    };
    let reports = prioritize::reports(house, link, desk.row.finding).await?;
    let known = prioritize::known(&reports, Some(desk))?;
    let priority = known.map(|known| finding::prioritize::prioritize(&known, now));
    Ok(Flaw {
        finding: desk.row.finding,
        title: seal::open(&desk.key, "case title", &desk.row.title)?,
        description,
        row: priority.as_ref().map(|priority| {
            (
                priority.decision.edition.as_str().into(),
                priority.decision.row,
            )
        }),
        due: priority.as_ref().and_then(|priority| priority.decision.due),
        why: priority.map(|priority| priority.why).unwrap_or_default(),
    })
}

fn present(
    desk: &Desk,
    names: &BTreeMap<OrganizationId, Box<str>>,
    is_shown: impl Fn(OrganizationId) -> bool,
) -> Vec<Present> {
    let participants = desk
        .case
        .participants
        .iter()
        .filter(|one| is_shown(one.organization));
    let present = |one: &finding::coordinate::Participant| Present {
        organization: one.organization,
        name: names.get(&one.organization).cloned().unwrap_or_default(),
        part: one.part,
        since: one.since,
        left: one.left,
        sent: one.sent,
        consent: desk
            .embargo
            .parties()
            .get(&one.organization)
            .map(|party| party.consent),
        accepted: desk
            .embargo
            .proposal()
            .is_some_and(|offer| offer.accepted.contains(&one.organization)),
    };
    participants.map(present).collect()
}

async fn evidence(
    house: &House,
    link: Link<'_>,
    desk: &Desk,
    seat: &Seat,
) -> Result<Vec<Evidence>, Failure> {
    if seat.view.reports == Scope::Nothing {
        return Ok(Vec::new());
    }
    let reports = prioritize::reports(house, link, desk.row.finding).await?;
    let is_shown = |report: &prioritize::Opened| {
        seat.view.reports == Scope::Everything || report.organization == seat.organization
    };
    let evidence = |report: prioritize::Opened| Evidence {
        id: report.id,
        organization: report.organization,
        received: report.received,
        body: report.body,
    };
    Ok(reports.into_iter().filter(is_shown).map(evidence).collect())
}

async fn messages(link: Link<'_>, desk: &Desk, seat: &Seat) -> Result<Vec<Message>, Failure> {
    let files = store::case::attachments(link, desk.row.id).await?;
    let mut messages = Vec::new();
    for event in desk
        .events
        .iter()
        .filter(|event| &*event.act == "message" && reads(seat, event))
    {
        let mut attached = Vec::new();
        for file in files.iter().filter(|file| file.event == event.id) {
            let name = seal::open(&desk.key, "attachment name", &file.name)?;
            attached.push((file.id, name, file.bytes, file.digest.clone()));
        }
        messages.push(Message {
            id: event.id,
            at: event.at,
            by: event.organization,
            audience: event.audience,
            text: desk.open(event)?,
            files: attached,
        });
    }
    Ok(messages)
}

fn products(desk: &Desk) -> Result<Vec<Product>, Failure> {
    let (verdicts, heard) = verdict::said(desk)?;
    let statement = |said: &Said<'_>| Statement {
        vendor: said.vendor(),
        at: said.at(),
        word: said.word().clone(),
        source: match said {
            Said::Verdict(_) => None,
            Said::Heard(heard) => Some(heard.source().into()),
        },
    };
    let product = |standing: finding::verdict::Standing<'_>| Product {
        product: standing.product.into(),
        said: standing.said.iter().map(statement).collect(),
        overtaken: standing
            .overtaken
            .iter()
            .map(|heard| statement(&Said::Heard(heard)))
            .collect(),
        conflict: standing.conflict,
    };
    Ok(standing(&verdicts, &heard)
        .into_iter()
        .map(product)
        .collect())
}

/// Clocks of the flaw itself are for those who know it; the others see their own and the embargo's.
async fn running(
    house: &House,
    link: Link<'_>,
    desk: &Desk,
    view: &View,
    now: Timestamp,
) -> Result<Vec<Clock>, Failure> {
    let all = clocks::of(house, link, desk, now).await?;
    let plain = |clock: &Clock| matches!(&*clock.regime, "embargo" | "receipt");
    Ok(all
        .into_iter()
        .filter(|clock| view.flaw || plain(clock))
        .collect())
}

async fn waits(
    house: &House,
    desk: &Desk,
    names: &BTreeMap<OrganizationId, Box<str>>,
    now: Timestamp,
) -> Result<Vec<(Box<str>, Box<str>)>, Failure> {
    let mut said = Vec::new();
    for one in &desk.case.participants {
        let is_waiting = matches!(one.part, Part::Vendor | Part::Deployer)
            && one.sent.is_none()
            && one.left.is_none();
        if !is_waiting {
            continue;
        }
        let waits = pace::waits(house, one.organization, now).await?;
        let why = waits
            .into_iter()
            .find(|waits| waits.case == desk.row.id)
            .map(|waits| waits.why);
        let name = names.get(&one.organization).cloned().unwrap_or_default();
        said.push((name, why.unwrap_or_else(|| "waits".into())));
    }
    Ok(said)
}
