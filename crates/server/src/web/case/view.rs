//! View: what a case's page and its JSON hold, in the order in which the page says it.

mod forms;
mod parts;
mod tables;

use askama::Template;
use clearinghouse::coordinate::show::Shown;
use clearinghouse::prioritize::Answers;
use finding::coordinate::{Part, Stage};
use finding::embargo::{Consent, State as EmbargoState};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::form::Forms;
use crate::web::validations::ValidationView;

use parts::{
    ArrivalView, ClockView, EmbargoView, HandlingView, LineView, MessageView, Names,
    ParticipantView, ProductView, ProvedView, ReportView, WaitView,
};

/// A case, as its reader sees it. What the reader may not see is absent or empty.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "case/show.html")]
pub struct CaseView {
    /// `C-000123`.
    pub case: String,
    pub stage: &'static str,
    /// The part that the reader's organization plays.
    part: &'static str,
    pub title: Option<Box<str>>,
    description: Option<Box<str>>,
    /// `F-000123`.
    finding: Option<String>,
    tlp: Box<str>,
    coordinator: Box<str>,
    held_by: Option<Box<str>>,
    embargo: EmbargoView,
    /// Why it is where it is in the queue.
    why: Vec<Box<str>>,
    clocks: Vec<ClockView>,
    participants: Vec<ParticipantView>,
    verdicts: Vec<ProductView>,
    messages: Vec<MessageView>,
    reports: Vec<ReportView>,
    /// The re-runs of the proofs that the reader may see, the oldest first.
    validations: Vec<ValidationView>,
    timeline: Vec<LineView>,
    /// What other coordinators call it.
    handling: Vec<HandlingView>,
    /// What waits for whom, and why.
    waits: Vec<WaitView>,
    /// For the coordinator: reports that came to it by themselves, whose finders wait to be let in.
    arrivals: Vec<ArrivalView>,
    /// For the coordinator: who proved to know it by asking whether it is known, newest first.
    proved: Vec<ProvedView>,
    /// Where the reader may take it.
    ways: Vec<&'static str>,
    #[serde(skip)]
    #[schema(ignore)]
    pub shown_stage: &'static str,
    #[serde(skip)]
    #[schema(ignore)]
    shown: Stages,
    #[serde(skip)]
    #[schema(ignore)]
    pub forms: Forms,
}

/// What only the page needs to know.
struct Stages {
    stage: Stage,
    part: Part,
    ways: Vec<Stage>,
    told: bool,
    asked: Option<Timestamp>,
    may_propose: bool,
    open_offer: bool,
    /// For the coordinator: what its date is decided by.
    answers: Option<Answers>,
    /// The reader's organization.
    own: String,
    /// Report and SHA-256 of each proof that the reader may have re-run.
    askable: Vec<(String, Box<str>)>,
}

impl CaseView {
    /// As it is shown at `now`.
    pub fn of(shown: Shown, now: Timestamp) -> CaseView {
        let (stages, embargo) = Stages::of(&shown, now);
        let (flaw, names) = (shown.flaw, shown.names);
        let name: &Names<'_> = &|id| {
            let known = names.get(&id).cloned();
            known.unwrap_or_else(|| "another participant".into())
        };
        let message = |message| MessageView::of(message, shown.id, name);
        CaseView {
            case: shown.id.to_string(),
            stage: shown.stage.as_str(),
            part: shown.seat.part.as_str(),
            title: flaw.as_ref().map(|flaw| flaw.title.clone()),
            description: flaw.as_ref().map(|flaw| flaw.description.clone()),
            finding: flaw.as_ref().map(|flaw| flaw.finding.to_string()),
            why: flaw.map(|flaw| flaw.why).unwrap_or_default(),
            embargo,
            tlp: shown.tlp,
            coordinator: shown.coordinator,
            held_by: shown.held_by.map(|(_, name)| name),
            clocks: shown.clocks.iter().map(ClockView::of).collect(),
            participants: shown.participants.iter().map(ParticipantView::of).collect(),
            verdicts: shown
                .verdicts
                .iter()
                .map(|one| ProductView::of(one, name))
                .collect(),
            messages: shown.messages.iter().map(message).collect(),
            reports: shown.reports.into_iter().map(ReportView::of).collect(),
            validations: shown
                .validations
                .into_iter()
                .map(ValidationView::of)
                .collect(),
            timeline: shown
                .timeline
                .iter()
                .map(|line| LineView::of(line, name))
                .collect(),
            handling: shown.handling.into_iter().map(HandlingView::from).collect(),
            waits: shown.waits.into_iter().map(WaitView::from).collect(),
            arrivals: shown.arrivals.into_iter().map(ArrivalView::from).collect(),
            proved: shown.proved.iter().map(ProvedView::of).collect(),
            ways: shown.ways.iter().map(|stage| stage.as_str()).collect(),
            shown_stage: shown.stage.shown(),
            shown: stages,
            forms: Forms::new(),
        }
    }
}

impl Stages {
    fn of(shown: &Shown, now: Timestamp) -> (Stages, EmbargoView) {
        let organization = shown.seat.organization;
        let own = shown.embargo.parties().get(&organization);
        let offered = shown.embargo.proposal().map(|proposal| proposal.until);
        let awaited = shown.embargo.awaited().contains(&organization);
        let consent = own.map(|party| party.consent);
        let asked = match (awaited, consent, shown.embargo.state()) {
            (true, ..) => offered,
            (_, Some(Consent::Open), EmbargoState::Active | EmbargoState::Revise) => {
                shown.embargo.until()
            }
            _ => None,
        };
        let stages = Stages {
            stage: shown.stage,
            part: shown.seat.part,
            ways: shown.ways.clone(),
            told: shown.flaw.is_some(),
            asked: asked.filter(|until| *until > now),
            may_propose: own.is_some() && shown.embargo.state() != EmbargoState::Exited,
            open_offer: offered.is_some(),
            answers: shown.answers.clone(),
            own: organization.to_string(),
            askable: shown
                .askable
                .iter()
                .map(|(report, sha256)| (report.to_string(), sha256.clone()))
                .collect(),
        };
        (stages, EmbargoView::of(shown))
    }
}
