//! Parts: what a case is made of, as its page and its JSON say it.

use clearinghouse::coordinate::show::{
    Evidence, Line, Message, Present, Product, Shown, Statement,
};
use clearinghouse::known::Proved;
use finding::clocks::{Clock, State};
use finding::embargo::{Cause, Consent};
use finding::verdict::Justification;
use jiff::Timestamp;
use names::{CaseId, OrganizationId};
use serde::Serialize;
use utoipa::ToSchema;

/// How long it is kept.
#[derive(Serialize, ToSchema)]
pub struct EmbargoView {
    pub state: &'static str,
    #[schema(value_type = Option<String>)]
    pub until: Option<Timestamp>,
    /// The day on offer.
    #[schema(value_type = Option<String>)]
    pub offered: Option<Timestamp>,
    /// Why it ended before its day.
    pub ended_early: Option<&'static str>,
    pub alarms: usize,
}

/// A deadline.
#[derive(Serialize, ToSchema)]
pub struct ClockView {
    pub regime: Box<str>,
    pub name: Box<str>,
    pub who: &'static str,
    #[schema(value_type = String)]
    pub started: Timestamp,
    #[schema(value_type = String)]
    pub due: Timestamp,
    pub state: &'static str,
    pub why: Box<str>,
    pub source: Box<str>,
}

/// An organization in the case.
#[derive(Serialize, ToSchema)]
pub struct ParticipantView {
    pub organization: String,
    pub name: Box<str>,
    pub part: &'static str,
    pub embargo: &'static str,
    #[schema(value_type = String)]
    pub since: Timestamp,
    #[schema(value_type = Option<String>)]
    pub sent: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub left: Option<Timestamp>,
}

/// How things stand with one product.
#[derive(Serialize, ToSchema)]
pub struct ProductView {
    pub product: Box<str>,
    pub said: Vec<StatementView>,
    /// Heard, and not what the vendor then said itself.
    pub overtaken: Vec<StatementView>,
    /// Two say what cannot both be so.
    pub conflict: bool,
}

/// What one said of a product.
#[derive(Serialize, ToSchema)]
pub struct StatementView {
    pub vendor: Box<str>,
    pub status: &'static str,
    pub versions: Box<str>,
    pub justification: Option<&'static str>,
    pub words: Box<str>,
    pub severity: Option<Box<str>>,
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Where a coordinator has it from; absent for the vendor's own verdict.
    pub source: Option<Box<str>>,
}

/// What someone wrote.
#[derive(Serialize, ToSchema)]
pub struct MessageView {
    pub id: i64,
    #[schema(value_type = String)]
    pub at: Timestamp,
    pub by: Box<str>,
    /// To whom alone; absent for everyone.
    pub to: Option<Box<str>>,
    pub text: Box<str>,
    pub files: Vec<FileView>,
}

/// A file that came with a message.
#[derive(Serialize, ToSchema)]
pub struct FileView {
    pub address: String,
    pub name: Box<str>,
    pub bytes: i64,
    pub sha256: String,
}

/// What a finder handed over.
#[derive(Serialize, ToSchema)]
#[schema(as = CaseReportView)]
pub struct ReportView {
    pub report: String,
    #[schema(value_type = String)]
    pub received: Timestamp,
    pub finders: Vec<Box<str>>,
    #[schema(value_type = Object)]
    pub body: finding::Report,
}

/// Something that was done.
#[derive(Serialize, ToSchema)]
#[schema(as = CaseLineView)]
pub struct LineView {
    #[schema(value_type = String)]
    pub at: Timestamp,
    pub by: Box<str>,
    pub said: String,
    pub log_index: i64,
}

/// What another coordinator calls it.
#[derive(Serialize, ToSchema)]
pub struct HandlingView {
    pub coordinator: Box<str>,
    pub id: Box<str>,
}

/// Who has not been sent it yet.
#[derive(Serialize, ToSchema)]
pub struct WaitView {
    pub organization: Box<str>,
    pub why: Box<str>,
}

/// Someone who proved to know what the case is about, by asking whether it is known.
#[derive(Serialize, ToSchema)]
pub struct ProvedView {
    #[schema(value_type = String)]
    pub at: Timestamp,
    pub organization: Box<str>,
    pub member: Option<Box<str>>,
    /// What they hold.
    pub what: &'static str,
    /// They had reported it themselves.
    pub own: bool,
}

/// A report that came to the case by itself, whose finder does not know of the case yet.
#[derive(Serialize, ToSchema)]
pub struct ArrivalView {
    /// `R-000123`.
    pub report: String,
    pub organization: Box<str>,
    #[schema(value_type = String)]
    pub received: Timestamp,
}

impl From<(names::ReportId, Box<str>, Timestamp)> for ArrivalView {
    fn from(
        (report, organization, received): (names::ReportId, Box<str>, Timestamp),
    ) -> ArrivalView {
        ArrivalView {
            report: report.to_string(),
            organization,
            received,
        }
    }
}

/// Whom a number names, for a reader who may know; else *another participant*.
pub type Names<'a> = dyn Fn(OrganizationId) -> Box<str> + 'a;

impl EmbargoView {
    pub fn of(shown: &Shown) -> EmbargoView {
        let embargo = &shown.embargo;
        let ended = embargo.ended().and_then(|ended| ended.early);
        EmbargoView {
            state: embargo.state().as_str(),
            until: embargo.until(),
            offered: embargo.proposal().map(|proposal| proposal.until),
            ended_early: ended.map(Cause::as_str),
            alarms: embargo.alarms().len(),
        }
    }
}

impl ParticipantView {
    pub fn of(one: &Present) -> ParticipantView {
        ParticipantView {
            organization: one.organization.to_string(),
            name: one.name.clone(),
            part: one.part.as_str(),
            embargo: consent_word(one.consent, one.accepted),
            since: one.since,
            sent: one.sent,
            left: one.left,
        }
    }
}

impl ProductView {
    pub fn of(product: &Product, name: &Names<'_>) -> ProductView {
        let views = |all: &[Statement]| {
            all.iter()
                .map(|said| StatementView::of(said, name))
                .collect()
        };
        ProductView {
            product: product.product.clone(),
            said: views(&product.said),
            overtaken: views(&product.overtaken),
            conflict: product.conflict,
        }
    }
}

impl StatementView {
    fn of(said: &Statement, name: &Names<'_>) -> StatementView {
        StatementView {
            vendor: name(said.vendor),
            status: said.word.status.shown(),
            versions: said.word.versions.clone(),
            justification: said.word.justification.map(Justification::shown),
            words: said.word.words.clone(),
            severity: said.word.severity.clone(),
            at: said.at,
            source: said.source.clone(),
        }
    }
}

impl MessageView {
    pub fn of(message: &Message, case: CaseId, name: &Names<'_>) -> MessageView {
        let file = |(number, name, bytes, digest): &(i64, Box<str>, i64, Vec<u8>)| FileView {
            address: format!("/cases/{case}/files/{number}"),
            name: name.clone(),
            bytes: *bytes,
            sha256: finding::hex(digest),
        };
        MessageView {
            id: message.id,
            at: message.at,
            by: name(message.by),
            to: message.audience.map(name),
            text: message.text.clone(),
            files: message.files.iter().map(file).collect(),
        }
    }
}

impl ReportView {
    pub fn of(report: Evidence) -> ReportView {
        ReportView {
            report: report.id.to_string(),
            received: report.received,
            finders: report.body.provenance.finders.clone(),
            body: report.body,
        }
    }
}

impl LineView {
    pub fn of(line: &Line, name: &Names<'_>) -> LineView {
        LineView {
            at: line.at,
            by: name(line.by),
            said: line.said.clone(),
            log_index: line.log_index,
        }
    }
}

impl ProvedView {
    pub fn of(proved: &Proved) -> ProvedView {
        ProvedView {
            at: proved.at,
            organization: proved.who.clone(),
            member: proved.member.clone(),
            what: proved.what,
            own: proved.own,
        }
    }
}

impl ClockView {
    pub fn of(clock: &Clock) -> ClockView {
        ClockView {
            regime: clock.regime.clone(),
            name: clock.name.clone(),
            who: clock.who.shown(),
            started: clock.started,
            due: clock.due,
            state: match clock.state {
                State::Running => "running",
                State::Soon => "due",
                State::Late => "overdue",
                State::Met => "met",
                State::MetLate => "met late",
            },
            why: clock.why.clone(),
            source: clock.source.clone(),
        }
    }
}

fn consent_word(consent: Option<Consent>, accepted: bool) -> &'static str {
    match consent {
        None => "not asked",
        Some(Consent::Open) if accepted => "agreed to the day on offer",
        Some(Consent::Open) => "has not answered",
        Some(Consent::Bound(_)) => "agreed",
        Some(Consent::Refused) => "said no",
        Some(Consent::Left) => "left it",
    }
}

impl From<finding::report::Handling> for HandlingView {
    fn from(handling: finding::report::Handling) -> HandlingView {
        HandlingView {
            coordinator: handling.coordinator,
            id: handling.id,
        }
    }
}

impl From<(Box<str>, Box<str>)> for WaitView {
    fn from((organization, why): (Box<str>, Box<str>)) -> WaitView {
        WaitView { organization, why }
    }
}
