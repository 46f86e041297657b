//! View: one engagement, as page and as JSON.

use askama::Template;
use clearinghouse::engage::{Done, Proposed, Shown};
use frontier::designate::{Again, Summary};
use frontier::engage::{Act, Passes, Seat, State};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::Head;
use crate::form::{Choice, Filled};
use crate::part::{Cell, Facts, Steps, Table, Timeline};
use crate::web::commitments::CommitmentView;

const STEPS: &[&str] = &[
    "asked",
    "being scoped",
    "agreed",
    "committed",
    "measured",
    "in consultation",
    "proposed",
    "with the developer",
    "determined",
    "final",
];

/// One engagement, as far as one's seat goes.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "engagement/show.html")]
pub struct EngagementView {
    pub engagement: String,
    model: String,
    handle: String,
    state: &'static str,
    #[schema(value_type = String)]
    asked: Timestamp,
    clock: Option<ClockView>,
    seats: Vec<SeatView>,
    /// One's own seats.
    yours: Vec<&'static str>,
    /// What one can do next.
    next: Vec<NextView>,
    /// What some have signed, and whose signatures it waits for.
    waits: Option<WaitsView>,
    terms: Option<TermsView>,
    commitments: Vec<CommitmentView>,
    scorecard: Option<ScorecardView>,
    offices: Vec<OfficeView>,
    /// How many who were heard disagree.
    dissents: usize,
    opinions: Vec<OpinionView>,
    conflicts: Vec<ConflictView>,
    proposal: Option<DecidedView>,
    /// What the developer answered.
    comment: Option<String>,
    determination: Option<DecidedView>,
    reconsiderations: Vec<AgainView>,
    notices: Vec<NoticeView>,
    timeline: Vec<DoneView>,
    #[serde(skip)]
    #[schema(ignore)]
    shown_state: State,
    #[serde(skip)]
    #[schema(ignore)]
    acts: Vec<Act>,
    #[serde(skip)]
    #[schema(ignore)]
    is_developer: bool,
    #[serde(skip)]
    #[schema(ignore)]
    has_leave_key: bool,
    /// The line that signs a withdrawal away from here.
    #[serde(skip)]
    #[schema(ignore)]
    leaving: String,
    #[serde(skip)]
    #[schema(ignore)]
    form: Filled,
}

/// Whose turn it is, and until when.
#[derive(Serialize, ToSchema)]
struct ClockView {
    seat: &'static str,
    #[schema(value_type = String)]
    until: Timestamp,
    /// What happens then.
    then: String,
}

#[derive(Serialize, ToSchema)]
struct SeatView {
    organization: String,
    name: String,
    seat: &'static str,
}

#[derive(Serialize, ToSchema)]
struct NextView {
    seat: &'static str,
    act: &'static str,
}

#[derive(Serialize, ToSchema)]
struct WaitsView {
    act: &'static str,
    seats: Vec<&'static str>,
    #[serde(skip)]
    #[schema(ignore)]
    mine: bool,
}

#[derive(Serialize, ToSchema)]
struct TermsView {
    sha256: String,
    #[schema(value_type = Option<String>)]
    access_from: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    access_until: Option<Timestamp>,
}

/// What the committed rule made of the run.
#[derive(Serialize, ToSchema)]
struct ScorecardView {
    sha256: String,
    #[schema(value_type = String)]
    at: Timestamp,
    log_index: i64,
    /// `above`, `below` or `indeterminate`.
    measured: &'static str,
    /// As it was handed in.
    #[schema(value_type = Object)]
    card: Value,
}

#[derive(Serialize, ToSchema)]
struct OfficeView {
    office: String,
    name: String,
    heard: bool,
}

#[derive(Serialize, ToSchema)]
struct OpinionView {
    name: String,
    stance: &'static str,
    reasons: Vec<PortionView>,
    #[schema(value_type = String)]
    at: Timestamp,
}

#[derive(Serialize, ToSchema)]
struct ConflictView {
    name: String,
    text: String,
}

/// What is determined, or would be.
#[derive(Serialize, ToSchema)]
struct DecidedView {
    /// `covered`, `not-covered` or `indeterminate`.
    outcome: &'static str,
    /// The mark of the highest portion.
    banner: &'static str,
    reasons: Vec<PortionView>,
    /// The digest of all portions, whoever reads them.
    reasons_sha256: String,
    by: Vec<String>,
    #[schema(value_type = Option<String>)]
    at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    ends: Option<Timestamp>,
}

/// A portion: its words, or its digest where they are withheld.
#[derive(Serialize, ToSchema)]
struct PortionView {
    marking: &'static str,
    text: Option<String>,
    withheld_sha256: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct AgainView {
    grounds: &'static str,
    statement: String,
    before: Option<&'static str>,
    after: Option<&'static str>,
    delta: Option<String>,
    beacon_sha256: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct NoticeView {
    to: &'static str,
    on: Option<String>,
    #[schema(value_type = String)]
    at: Timestamp,
}

#[derive(Serialize, ToSchema)]
struct DoneView {
    #[schema(value_type = String)]
    at: Timestamp,
    act: &'static str,
    by: Vec<String>,
    state: &'static str,
    waits: Vec<&'static str>,
    log_index: i64,
    #[serde(skip)]
    #[schema(ignore)]
    said: String,
}

/// An interval to be drawn, in pixels.
pub struct Bar {
    label: String,
    text: String,
    from: u32,
    width: u32,
    at: u32,
    y: u32,
}

impl EngagementView {
    /// What is shown of an engagement, with `form` as it was filled in.
    pub fn of(shown: Shown, form: Filled) -> EngagementView {
        let acts: Vec<Act> = shown.next.iter().map(|(_, act)| *act).collect();
        let mine = |seats: &[Seat]| seats.iter().any(|seat| shown.own.contains(seat));
        EngagementView {
            engagement: shown.id.to_string(),
            model: shown.model.name.to_string(),
            handle: shown.model.handle.to_string(),
            state: shown.state.as_str(),
            asked: shown.asked,
            clock: shown.clock.map(|clock| ClockView {
                seat: clock.seat.shown(),
                until: clock.until,
                then: then(clock.passes),
            }),
            seats: shown
                .sitting
                .iter()
                .map(|one| SeatView {
                    organization: one.organization.to_string(),
                    name: one.name.to_string(),
                    seat: one.seat.shown(),
                })
                .collect(),
            yours: shown.own.iter().map(|seat| seat.shown()).collect(),
            next: shown
                .next
                .iter()
                .map(|(seat, act)| NextView {
                    seat: seat.as_str(),
                    act: act.as_str(),
                })
                .collect(),
            waits: shown.pending.as_ref().map(|(act, seats)| WaitsView {
                act: act.as_str(),
                seats: seats.iter().map(|seat| seat.shown()).collect(),
                mine: mine(seats),
            }),
            terms: shown.terms.as_ref().map(|terms| TermsView {
                sha256: terms.digest.to_string(),
                access_from: terms.access.map(|access| access.from),
                access_until: terms.access.map(|access| access.until),
            }),
            commitments: shown
                .commitments
                .into_iter()
                .map(CommitmentView::from)
                .collect(),
            scorecard: shown.scored.map(|scored| ScorecardView {
                sha256: scored.digest.to_string(),
                at: scored.at,
                log_index: scored.log_index,
                measured: scored.measured.as_str(),
                card: scored.card,
            }),
            offices: shown
                .offices
                .iter()
                .map(|one| OfficeView {
                    office: one.office.to_string(),
                    name: one.name.to_string(),
                    heard: one.heard,
                })
                .collect(),
            dissents: shown.dissents,
            opinions: shown
                .opinions
                .iter()
                .map(|(name, one)| OpinionView {
                    name: name.to_string(),
                    stance: one.stance.as_str(),
                    reasons: portions(&one.reasons.up_to(frontier::designate::Marking::TopSecret)),
                    at: one.at,
                })
                .collect(),
            conflicts: shown
                .conflicts
                .iter()
                .map(|(name, one)| ConflictView {
                    name: name.to_string(),
                    text: one.text.to_string(),
                })
                .collect(),
            proposal: shown.proposal.as_ref().map(proposed),
            comment: shown.comment.map(Into::into),
            determination: shown.determination.as_ref().map(|one| DecidedView {
                outcome: one.outcome.as_str(),
                banner: one.banner.shown(),
                reasons: portions(&one.reasons),
                reasons_sha256: one.reasons.digest().to_string(),
                by: one
                    .by
                    .iter()
                    .map(|(name, seat)| format!("{name}, {}", seat.shown()))
                    .collect(),
                at: Some(one.at),
                ends: Some(one.ends),
            }),
            reconsiderations: shown.again.iter().map(again).collect(),
            notices: shown
                .notices
                .iter()
                .map(|one| NoticeView {
                    to: one.to.as_str(),
                    on: one.on.map(|day| day.to_string()),
                    at: one.at,
                })
                .collect(),
            timeline: shown.timeline.iter().map(done).collect(),
            shown_state: shown.state,
            is_developer: shown.own.contains(&Seat::Developer),
            has_leave_key: shown.has_leave_key,
            leaving: String::new(),
            acts,
            form,
        }
    }

    /// The same with the line by which its developer leaves the house whose log is `origin`, wherever they are.
    #[must_use]
    pub fn leaving(mut self, origin: &str, url: &str) -> EngagementView {
        let mut seats = self.seats.iter();
        if let Some(own) = seats.find(|seat| seat.seat == Seat::Developer.shown()) {
            self.leaving = format!(
                "seamark engagement leave {} --developer {} --log {origin} --key leave.key --server {url}",
                self.engagement, own.organization
            );
        }
        self
    }

    /// What the page says about itself.
    pub fn head(&self) -> Head {
        let title = format!("{}: {}", self.engagement, self.model);
        let head = Head::private(title).under("Engagements", "/engagements");
        head.tagged(self.shown_state.shown()).wide()
    }

    fn may(&self, act: &str) -> bool {
        self.acts.iter().any(|one| one.as_str() == act)
    }

    fn steps(&self) -> Option<Steps> {
        let current = self.shown_state.shown();
        STEPS.contains(&current).then(|| Steps::new(STEPS, current))
    }

    fn facts(&self) -> Facts {
        let mut facts = Facts::new()
            .fact("Model", Cell::text(&self.model))
            .fact("Which one", Cell::code(&self.handle))
            .fact("Asked", Cell::when(self.asked))
            .fact("Your seat", Cell::text(self.yours.join(", ")));
        if let Some(clock) = &self.clock {
            facts = facts
                .fact("Whose turn", Cell::text(clock.seat))
                .fact("Until", Cell::when(clock.until))
                .fact("Then", Cell::text(&clock.then));
        }
        if let Some(terms) = &self.terms {
            facts = facts
                .fact("Terms, SHA-256", Cell::code(&terms.sha256))
                .fact("Access from", Cell::when(terms.access_from))
                .fact("Access ends", Cell::when(terms.access_until));
        }
        facts
    }

    fn seat_table(&self) -> Table {
        let row = |one: &SeatView| vec![Cell::text(&one.name), Cell::text(one.seat)];
        Table::new("Who has a seat", &["Organization", "Seat"], "Nobody.")
            .rows(self.seats.iter().map(row))
    }

    fn commitment_table(&self) -> Table {
        CommitmentView::table("What was committed to before the run", &self.commitments)
    }

    fn notice_table(&self) -> Table {
        let row = |one: &NoticeView| {
            let day = one.on.as_ref().map_or(Cell::Nothing, Cell::text);
            vec![Cell::when(one.at), Cell::text(one.to), day]
        };
        Table::new("Notices", &["Told", "To", "On"], "None.").rows(self.notices.iter().map(row))
    }

    fn office_table(&self) -> Table {
        let row = |one: &OfficeView| {
            let heard = if one.heard { "heard" } else { "not heard" };
            vec![
                Cell::text(&one.office),
                Cell::text(&one.name),
                Cell::text(heard),
            ]
        };
        Table::new(
            "Who was asked",
            &["Office", "Organization", "Heard"],
            "Nobody.",
        )
        .rows(self.offices.iter().map(row))
    }

    fn history(&self) -> Timeline {
        let add = |timeline: Timeline, one: &DoneView| {
            let by = if one.by.is_empty() {
                "The clock".to_owned()
            } else {
                one.by.join(" and ")
            };
            timeline.then(one.at, by, one.said.clone())
        };
        self.timeline.iter().fold(Timeline::new(), add)
    }

    /// The bounds of each treatment and stratum, to be drawn.
    fn bars(&self) -> Vec<Bar> {
        let Some(scored) = &self.scorecard else {
            return Vec::new();
        };
        let all = |name: &str| scored.card[name].as_array().cloned().unwrap_or_default();
        let treatments = all("scores")
            .into_iter()
            .map(|one| (label(&one["treatment"]), one));
        let strata = all("strata")
            .into_iter()
            .map(|one| (label(&one["stratum"]), one["score"].clone()));
        let bar = |(index, (label, score)): (u32, (String, Value))| {
            let at = |name: &str| pixels(&score[name]);
            let (from, until) = (at("lower"), at("upper"));
            Bar {
                text: format!(
                    "{} of {}, {} to {}",
                    score["solved"],
                    score["attempts"],
                    score["lower"].as_str().unwrap_or("?"),
                    score["upper"].as_str().unwrap_or("?")
                ),
                label,
                from: 150 + from,
                width: until.saturating_sub(from).max(1),
                at: 149 + at("estimate"),
                y: 20 * index,
            }
        };
        (0..).zip(treatments.chain(strata)).map(bar).collect()
    }

    fn stances(&self) -> Vec<Choice> {
        frontier::designate::Stance::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one.shown()))
            .collect()
    }

    fn outcomes(&self) -> Vec<Choice> {
        frontier::designate::Outcome::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one.shown()))
            .collect()
    }

    fn grounds(&self) -> Vec<Choice> {
        frontier::designate::Grounds::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one.shown()))
            .collect()
    }

    fn audiences(&self) -> Vec<Choice> {
        frontier::engage::Audience::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one.shown()))
            .collect()
    }
}

impl DecidedView {
    fn facts(&self) -> Facts {
        Facts::new()
            .fact("Determined by", Cell::text(self.by.join("; ")))
            .fact("Determined", Cell::when(self.at))
            .fact("Ends", Cell::when(self.ends))
    }
}

fn label(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('-', " ")
}

/// A share, written as a decimal, in pixels of three hundred.
fn pixels(value: &Value) -> u32 {
    let share: f64 = value
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0.0);
    (share.clamp(0.0, 1.0) * 300.0).round() as u32
}

fn then(passes: Passes) -> String {
    match passes {
        Passes::Late => "it is late, and nothing happens by itself".to_owned(),
        Passes::GoesOn => "it goes on without an answer".to_owned(),
        Passes::Does(act) => format!("it {}", act.shown()),
    }
}

fn portions(summary: &Summary) -> Vec<PortionView> {
    let portion = |shown: &frontier::designate::Shown| match shown {
        frontier::designate::Shown::Text(portion) => PortionView {
            marking: portion.marking.as_str(),
            text: Some(portion.text.to_string()),
            withheld_sha256: None,
        },
        frontier::designate::Shown::Withheld { marking, digest } => PortionView {
            marking: marking.as_str(),
            text: None,
            withheld_sha256: Some(digest.to_string()),
        },
    };
    summary.portions.iter().map(portion).collect()
}

fn proposed(one: &Proposed) -> DecidedView {
    DecidedView {
        outcome: one.outcome.as_str(),
        banner: one.banner.shown(),
        reasons: portions(&one.reasons),
        reasons_sha256: one.reasons.digest().to_string(),
        by: Vec::new(),
        at: None,
        ends: None,
    }
}

fn again(one: &Again) -> AgainView {
    let concluded = one.concluded.as_ref();
    AgainView {
        grounds: one.grounds.as_str(),
        statement: one.statement.to_string(),
        before: concluded.map(|one| one.before.as_str()),
        after: concluded.map(|one| one.after.as_str()),
        delta: concluded.map(|one| one.delta.to_string()),
        beacon_sha256: concluded.map(|one| one.beacon.to_string()),
    }
}

fn done(one: &Done) -> DoneView {
    let waits: Vec<&str> = one.waits.iter().map(|seat| seat.shown()).collect();
    let said = match waits.as_slice() {
        [] => format!(
            "{}: {} (entry {})",
            one.act.shown(),
            one.to.shown(),
            one.log_index
        ),
        waits => format!(
            "{}: signed, waits for the {} (entry {})",
            one.act.shown(),
            waits.join(" and the "),
            one.log_index
        ),
    };
    DoneView {
        at: one.at,
        act: one.act.as_str(),
        by: one.by.iter().map(ToString::to_string).collect(),
        state: one.to.as_str(),
        waits,
        log_index: one.log_index,
        said,
    }
}
