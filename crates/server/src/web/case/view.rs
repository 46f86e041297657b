//! View: what a case's page and its JSON hold, in the order in which the page says it.

use askama::Template;
use clearinghouse::coordinate::show::{Shown, Statement};
use finding::clocks::{Clock, State};
use finding::coordinate::{Part, Stage};
use finding::embargo::{Cause, Consent, State as EmbargoState};
use finding::verdict::{Justification, Status};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::form::{Choice, Filled};
use crate::part::{Cell, Facts, Steps, Table, Timeline, When};

/// The steps of a finding's way that a case is on.
const STEPS: &[&str] = &[
    "submit",
    "deconflict",
    "validate",
    "prioritize",
    "coordinate",
    "publish",
    "distribute",
    "verify",
];

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
    timeline: Vec<LineView>,
    /// What other coordinators call it.
    handling: Vec<HandlingView>,
    /// What waits for whom, and why.
    waits: Vec<WaitView>,
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
    pub form: Filled,
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
}

/// How long it is kept.
#[derive(Serialize, ToSchema)]
struct EmbargoView {
    state: &'static str,
    #[schema(value_type = Option<String>)]
    until: Option<Timestamp>,
    /// The day on offer.
    #[schema(value_type = Option<String>)]
    offered: Option<Timestamp>,
    /// Why it ended before its day.
    ended_early: Option<&'static str>,
    alarms: usize,
}

/// A deadline.
#[derive(Serialize, ToSchema)]
struct ClockView {
    regime: Box<str>,
    name: Box<str>,
    who: &'static str,
    #[schema(value_type = String)]
    started: Timestamp,
    #[schema(value_type = String)]
    due: Timestamp,
    state: &'static str,
    why: Box<str>,
    source: Box<str>,
}

/// An organization in the case.
#[derive(Serialize, ToSchema)]
struct ParticipantView {
    organization: String,
    name: Box<str>,
    part: &'static str,
    embargo: &'static str,
    #[schema(value_type = String)]
    since: Timestamp,
    #[schema(value_type = Option<String>)]
    sent: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    left: Option<Timestamp>,
}

/// How things stand with one product.
#[derive(Serialize, ToSchema)]
struct ProductView {
    product: Box<str>,
    said: Vec<StatementView>,
    /// Heard, and not what the vendor then said itself.
    overtaken: Vec<StatementView>,
    /// Two say what cannot both be so.
    conflict: bool,
}

/// What one said of a product.
#[derive(Serialize, ToSchema)]
struct StatementView {
    vendor: Box<str>,
    status: &'static str,
    versions: Box<str>,
    justification: Option<&'static str>,
    words: Box<str>,
    severity: Option<Box<str>>,
    #[schema(value_type = String)]
    at: Timestamp,
    /// Where a coordinator has it from; absent for the vendor's own verdict.
    source: Option<Box<str>>,
}

/// What someone wrote.
#[derive(Serialize, ToSchema)]
struct MessageView {
    id: i64,
    #[schema(value_type = String)]
    at: Timestamp,
    by: Box<str>,
    /// To whom alone; absent for everyone.
    to: Option<Box<str>>,
    text: Box<str>,
    files: Vec<FileView>,
}

/// A file that came with a message.
#[derive(Serialize, ToSchema)]
struct FileView {
    address: String,
    name: Box<str>,
    bytes: i64,
    sha256: String,
}

/// What a finder handed over.
#[derive(Serialize, ToSchema)]
#[schema(as = CaseReportView)]
struct ReportView {
    report: String,
    #[schema(value_type = String)]
    received: Timestamp,
    finders: Vec<Box<str>>,
    #[schema(value_type = Object)]
    body: finding::Report,
}

/// Something that was done.
#[derive(Serialize, ToSchema)]
#[schema(as = CaseLineView)]
struct LineView {
    #[schema(value_type = String)]
    at: Timestamp,
    by: Box<str>,
    said: String,
    log_index: i64,
}

/// What another coordinator calls it.
#[derive(Serialize, ToSchema)]
struct HandlingView {
    coordinator: Box<str>,
    id: Box<str>,
}

/// Who has not been sent it yet.
#[derive(Serialize, ToSchema)]
struct WaitView {
    organization: Box<str>,
    why: Box<str>,
}

impl CaseView {
    /// As it is shown at `now`.
    pub fn of(shown: Shown, now: Timestamp) -> CaseView {
        let name = |id: names::OrganizationId| -> Box<str> {
            let known = shown.names.get(&id).cloned();
            known.unwrap_or_else(|| "another participant".into())
        };
        let own = shown.embargo.parties().get(&shown.seat.organization);
        let consent = own.map(|party| party.consent);
        let awaited = shown.embargo.awaited().contains(&shown.seat.organization);
        let offered = shown.embargo.proposal().map(|proposal| proposal.until);
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
        };
        let case = shown.id.to_string();
        CaseView {
            stage: shown.stage.as_str(),
            part: shown.seat.part.as_str(),
            title: shown.flaw.as_ref().map(|flaw| flaw.title.clone()),
            description: shown.flaw.as_ref().map(|flaw| flaw.description.clone()),
            finding: shown.flaw.as_ref().map(|flaw| flaw.finding.to_string()),
            tlp: shown.tlp.clone(),
            coordinator: shown.coordinator.clone(),
            held_by: shown.held_by.as_ref().map(|(_, name)| name.clone()),
            embargo: EmbargoView {
                state: shown.embargo.state().as_str(),
                until: shown.embargo.until(),
                offered,
                ended_early: shown
                    .embargo
                    .ended()
                    .and_then(|ended| ended.early)
                    .map(Cause::as_str),
                alarms: shown.embargo.alarms().len(),
            },
            why: shown
                .flaw
                .as_ref()
                .map(|flaw| flaw.why.clone())
                .unwrap_or_default(),
            clocks: shown.clocks.iter().map(ClockView::of).collect(),
            participants: shown
                .participants
                .iter()
                .map(|one| ParticipantView {
                    organization: one.organization.to_string(),
                    name: one.name.clone(),
                    part: one.part.as_str(),
                    embargo: consent_word(one.consent),
                    since: one.since,
                    sent: one.sent,
                    left: one.left,
                })
                .collect(),
            verdicts: shown
                .verdicts
                .iter()
                .map(|product| ProductView {
                    product: product.product.clone(),
                    said: product
                        .said
                        .iter()
                        .map(|said| statement(said, &name))
                        .collect(),
                    overtaken: product
                        .overtaken
                        .iter()
                        .map(|said| statement(said, &name))
                        .collect(),
                    conflict: product.conflict,
                })
                .collect(),
            messages: shown
                .messages
                .iter()
                .map(|message| MessageView {
                    id: message.id,
                    at: message.at,
                    by: name(message.by),
                    to: message.audience.map(&name),
                    text: message.text.clone(),
                    files: message
                        .files
                        .iter()
                        .map(|(number, name, bytes, digest)| FileView {
                            address: format!("/cases/{case}/files/{number}"),
                            name: name.clone(),
                            bytes: *bytes,
                            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
                        })
                        .collect(),
                })
                .collect(),
            timeline: shown
                .timeline
                .iter()
                .map(|line| LineView {
                    at: line.at,
                    by: name(line.by),
                    said: line.said.clone(),
                    log_index: line.log_index,
                })
                .collect(),
            handling: shown
                .handling
                .iter()
                .map(|one| HandlingView {
                    coordinator: one.coordinator.clone(),
                    id: one.id.clone(),
                })
                .collect(),
            waits: shown
                .waits
                .iter()
                .map(|(organization, why)| WaitView {
                    organization: organization.clone(),
                    why: why.clone(),
                })
                .collect(),
            ways: shown.ways.iter().map(|stage| stage.as_str()).collect(),
            shown_stage: shown.stage.shown(),
            reports: shown
                .reports
                .into_iter()
                .map(|report| ReportView {
                    report: report.id.to_string(),
                    received: report.received,
                    finders: report.body.provenance.finders.clone(),
                    body: report.body,
                })
                .collect(),
            shown: stages,
            case,
            form: Filled::empty(),
        }
    }

    fn steps(&self) -> Steps {
        Steps::new(
            STEPS,
            match self.shown.stage {
                Stage::New | Stage::Triage | Stage::Rejected => "prioritize",
                Stage::Published => "publish",
                _ => "coordinate",
            },
        )
    }

    fn facts(&self) -> Facts {
        let facts = Facts::new()
            .fact("Case", Cell::code(&self.case))
            .fact("Your part", Cell::text(self.shown.part.shown()))
            .fact("Run by", Cell::text(&*self.coordinator))
            .fact("May be told", Cell::text(format!("TLP:{}", self.tlp)))
            .fact("Embargo", Cell::text(self.embargo.state))
            .fact("Kept until", Cell::when(self.embargo.until));
        let facts = match &self.finding {
            Some(finding) => facts.fact("Finding", Cell::code(finding)),
            None => facts,
        };
        match &self.held_by {
            Some(name) => facts.fact("In hand", Cell::text(format!("Held by {name}"))),
            None => facts,
        }
    }

    fn clock_table(&self) -> Table {
        const COLUMNS: &[&str] = &["Clock", "State", "Due", "Who acts", "Why", "Source"];
        let mut table = Table::new("Clocks", COLUMNS, "No clock runs.");
        for clock in &self.clocks {
            table.row(vec![
                Cell::text(&*clock.name),
                Cell::tag(clock.state),
                Cell::when(clock.due),
                Cell::text(clock.who),
                Cell::text(&*clock.why),
                Cell::text(&*clock.source),
            ]);
        }
        table
    }

    fn participant_table(&self) -> Table {
        const COLUMNS: &[&str] = &["Organization", "Part", "Embargo", "Since", "Sent"];
        let mut table = Table::new("Who takes part", COLUMNS, "Nobody that you may know of.");
        for one in &self.participants {
            let name = match one.left {
                Some(_) => format!("{} (left)", one.name),
                None => one.name.to_string(),
            };
            table.row(vec![
                Cell::text(name),
                Cell::text(one.part),
                Cell::text(one.embargo),
                Cell::when(one.since),
                Cell::when(one.sent),
            ]);
        }
        table
    }

    fn history(&self) -> Timeline {
        let lines = self.timeline.iter();
        lines.fold(Timeline::new(), |timeline, line| {
            timeline.then(line.at, &*line.by, &*line.said)
        })
    }

    fn when(&self, at: &Timestamp) -> When {
        When::new(*at)
    }

    fn is_coordinator(&self) -> bool {
        self.shown.part == Part::Coordinator
    }

    fn is_vendor(&self) -> bool {
        self.shown.part == Part::Vendor
    }

    fn may_write(&self) -> bool {
        self.shown.part != Part::Observer
    }

    fn may_withdraw(&self) -> bool {
        self.shown.ways.contains(&Stage::Withdrawn)
    }

    fn asked_day(&self) -> String {
        self.shown
            .asked
            .map(|until| until.to_string())
            .unwrap_or_default()
    }

    fn stage_choices(&self) -> Vec<Choice> {
        let ways = self
            .shown
            .ways
            .iter()
            .filter(|stage| **stage != Stage::Withdrawn);
        ways.map(|stage| Choice::new(stage.as_str(), stage.shown()))
            .collect()
    }

    fn status_choices(&self) -> Vec<Choice> {
        Status::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one.shown()))
            .collect()
    }

    fn justification_choices(&self) -> Vec<Choice> {
        let none = [Choice::new(
            "",
            "none: it is affected, or the words say why not",
        )];
        let all = Justification::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one.shown()));
        none.into_iter().chain(all).collect()
    }

    fn cause_choices(&self) -> Vec<Choice> {
        Cause::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one.words()))
            .collect()
    }

    fn part_choices(&self) -> Vec<Choice> {
        let all = Part::ALL.iter().filter(|part| **part != Part::Coordinator);
        all.map(|part| Choice::new(part.as_str(), part.shown()))
            .collect()
    }
}

impl ClockView {
    fn of(clock: &Clock) -> ClockView {
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

fn statement(said: &Statement, name: &dyn Fn(names::OrganizationId) -> Box<str>) -> StatementView {
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

fn consent_word(consent: Option<Consent>) -> &'static str {
    match consent {
        None => "not asked",
        Some(Consent::Open) => "has not answered",
        Some(Consent::Bound(_)) => "agreed",
        Some(Consent::Refused) => "said no",
        Some(Consent::Left) => "left it",
    }
}
