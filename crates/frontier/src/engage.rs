//! Engage: where does the talk about a model stand, who may take it further, and how does its developer leave?
//!
//! By choice and never a gate. What may be done is a table ([`TRANSITIONS`]); whatever is done is signed by one of each
//! seat of a row, different people of different organizations. The developer leaves from every state with one
//! signature, gives no reason, and tells of a release in every state without anybody's answer. Tests named
//! `never_a_gate_…` walk every state that can be reached and show that it is so.

mod apply;
mod clock;
mod count;
#[cfg(test)]
mod explore;
mod quorum;
mod table;
mod view;
pub mod withdraw;

use jiff::Timestamp;
use jiff::civil::Date;
use names::{EngagementId, OrganizationId, Refusal};
use serde::{Deserialize, Serialize};

use crate::designate::{
    Again, Asked, Conflict, Determination, Draft, Evidence, Grounds, Opinion, Reasons, Stance,
};
use crate::digest::Digest;
use crate::words::words;

pub use clock::{CLOCKS, Clock, Passes, SUNSET_DAYS};
pub use count::{Count, K};
pub use quorum::{Signature, missing};
pub use table::{Act, Seat, State, TRANSITIONS, Transition, acts, rows};
pub use view::{View, view};

/// Access is for at most thirty days (section 3(b)(ii) of the order: "up to 30 days").
pub const ACCESS_DAYS_MAX: i64 = 30;

/// What a developer answers or says when it asks again: some twenty pages.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// A name of a model, an office or a digest's owner stays on one line.
pub const NAME_BYTES_MAX: usize = 200;

/// Five offices are consulted by the order; ten times that.
pub const ASKED_MAX: usize = 50;

/// Each of them may send a handful of people, who may each say more than once.
pub const OPINIONS_MAX: usize = 500;

/// Notices are always taken note of; so many are kept at hand, and all of them in the record.
pub const NOTICES_KEPT: usize = 100;

/// What a developer and the others speak about: one model, on terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engagement {
    pub id: EngagementId,
    pub model: Model,
    pub seats: Vec<Seated>,
    pub state: State,
    pub since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitments: Option<Commitments>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Asked>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opinions: Vec<Opinion>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Conflict>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Draft>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub determination: Option<Determination>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<Again>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// What some have signed and others have still to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
}

/// The model that is spoken about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// What its developer calls it.
    pub name: Box<str>,
    /// Which one it is: the digest of its weights, or its provider's build and the fingerprint of probes.
    pub handle: Box<str>,
}

/// An organization with its seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seated {
    pub organization: OrganizationId,
    pub seat: Seat,
}

/// What both sides sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The text: confidentiality, cybersecurity, insider risk, intellectual property, use, nondisclosure.
    pub digest: Digest,
    /// When the model may be used, where it is given at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
}

/// From when until when a model may be used. Its end is only ever brought forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    pub from: Timestamp,
    pub until: Timestamp,
    /// When the developer plans to give the model to other trusted partners, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partners: Option<Timestamp>,
}

/// What the evaluator is bound by, each in the log before the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitments {
    pub suite: Digest,
    /// Statistics, threshold rule and elicitation, as planned.
    pub plan: Digest,
    pub run: Digest,
}

/// That a model is or will be released. Nobody answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    pub to: Audience,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
    pub at: Timestamp,
}

words! {
    /// To whom a model goes.
    Audience "audience" {
        Partners "partners" "trusted partners",
        Everyone "everyone" "everyone",
    }
}

/// What some have signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    pub what: What,
    pub by: Vec<Signature>,
    pub since: Timestamp,
}

/// An act with what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum What {
    Scope {
        evaluator: OrganizationId,
    },
    Agree {
        terms: Terms,
    },
    Commit {
        commitments: Commitments,
    },
    Evaluate {
        evidence: Evidence,
        run: Digest,
    },
    Consult {
        asked: Vec<Asked>,
    },
    Opine {
        stance: Stance,
        reasons: Reasons,
    },
    Propose {
        draft: Draft,
    },
    Share {},
    Comment {
        text: Box<str>,
    },
    Determine {
        draft: Draft,
    },
    Reconsider {
        grounds: Grounds,
        statement: Box<str>,
    },
    Assign {
        reviewer: OrganizationId,
    },
    Conclude {
        draft: Draft,
        evidence: Evidence,
        beacon: Digest,
        delta: Box<str>,
    },
    Settle {},
    Review {},
    Retest {},
    Lift {},
    Sunset {},
    Declare {
        text: Box<str>,
    },
    Notify {
        to: Audience,
        on: Option<Date>,
    },
    Withdraw {},
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Person(Signature),
    /// Nobody: its time has come.
    Clock,
}

/// What was done, as the record keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub at: Timestamp,
    pub what: What,
    pub from: State,
    pub to: State,
    /// Everyone who signed it; nobody where the clock did it.
    pub by: Vec<Signature>,
    /// Whose signatures it waits for; it takes effect with the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<Seat>,
}

/// What came of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub engagement: Engagement,
    /// Nothing, where it was so already: to leave twice is to leave.
    pub event: Option<Event>,
}

/// Opens one: a developer asks.
pub fn inquire(
    id: EngagementId,
    model: Model,
    developer: OrganizationId,
    official: OrganizationId,
    now: Timestamp,
) -> Result<Engagement, Refusal> {
    let mut refusal = Refusal::none();
    apply::named(&mut refusal, "model", &model.name);
    apply::named(&mut refusal, "handle", &model.handle);
    if developer == official {
        refusal.add(
            "official",
            "is the developer's own organization; name the agency that is asked",
        );
    }
    refusal.or(Engagement {
        id,
        model,
        seats: vec![
            Seated {
                organization: developer,
                seat: Seat::Developer,
            },
            Seated {
                organization: official,
                seat: Seat::Official,
            },
        ],
        state: State::Inquiry,
        since: now,
        terms: None,
        commitments: None,
        evidence: None,
        asked: Vec::new(),
        opinions: Vec::new(),
        conflicts: Vec::new(),
        proposal: None,
        comment: None,
        determination: None,
        again: Vec::new(),
        notices: Vec::new(),
        pending: None,
    })
}

/// Does `what` where that is the table's, is signed as it has to be and holds together; all that stands against it where not.
///
/// A signature that is not the last keeps the act until the others signed the very same.
pub fn engage(
    engagement: &Engagement,
    by: By,
    what: &What,
    now: Timestamp,
) -> Result<Step, Refusal> {
    apply::engage(engagement, by, what, now)
}

impl What {
    /// Which act it is.
    pub const fn act(&self) -> Act {
        match self {
            What::Scope { .. } => Act::Scope,
            What::Agree { .. } => Act::Agree,
            What::Commit { .. } => Act::Commit,
            What::Evaluate { .. } => Act::Evaluate,
            What::Consult { .. } => Act::Consult,
            What::Opine { .. } => Act::Opine,
            What::Propose { .. } => Act::Propose,
            What::Share {} => Act::Share,
            What::Comment { .. } => Act::Comment,
            What::Determine { .. } => Act::Determine,
            What::Reconsider { .. } => Act::Reconsider,
            What::Assign { .. } => Act::Assign,
            What::Conclude { .. } => Act::Conclude,
            What::Settle {} => Act::Settle,
            What::Review {} => Act::Review,
            What::Retest {} => Act::Retest,
            What::Lift {} => Act::Lift,
            What::Sunset {} => Act::Sunset,
            What::Declare { .. } => Act::Declare,
            What::Notify { .. } => Act::Notify,
            What::Withdraw {} => Act::Withdraw,
        }
    }
}

impl Engagement {
    /// The developer.
    pub fn developer(&self) -> Option<OrganizationId> {
        self.seated(Seat::Developer).next()
    }

    /// Who sits on `seat`.
    pub fn seated(&self, seat: Seat) -> impl Iterator<Item = OrganizationId> {
        let on = self.seats.iter().filter(move |one| one.seat == seat);
        on.map(|one| one.organization)
    }

    /// The seats of `organization`.
    pub fn seats_of(&self, organization: OrganizationId) -> impl Iterator<Item = Seat> {
        let of = self
            .seats
            .iter()
            .filter(move |one| one.organization == organization);
        of.map(|one| one.seat)
    }

    /// Its clock, where it has one.
    pub fn clock(&self) -> Option<Clock> {
        let ends = self.determination.as_ref().map(|one| one.ends);
        clock::clock(self.state, self.since, ends)
    }

    /// What the clock does now by itself.
    pub fn due(&self, now: Timestamp) -> Option<What> {
        let clock = self.clock().filter(|clock| clock.until <= now)?;
        match clock.passes {
            Passes::Does(Act::Settle) => Some(What::Settle {}),
            Passes::Does(Act::Sunset) => Some(What::Sunset {}),
            _ => None,
        }
    }

    /// What `organization` may do next, with the seat it does it from; what others have to sign besides is in the table.
    pub fn next(&self, organization: OrganizationId) -> Vec<(Seat, Act)> {
        let acts = |seat| {
            acts(self.state, seat)
                .into_iter()
                .map(move |act| (seat, act))
        };
        self.seats_of(organization).flat_map(acts).collect()
    }

    /// Whether the developer was given what is proposed.
    pub fn is_shared(&self) -> bool {
        use State::{Comment, Determined, Ended, Final, Reconsideration, Review, Withdrawn};
        let given = matches!(
            self.state,
            Comment | Determined | Reconsideration | Final | Review
        );
        given || (matches!(self.state, Ended | Withdrawn) && self.determination.is_some())
    }

    /// The last moment at which the model may be used; `None` where it may not.
    pub fn access_ends(&self) -> Option<Timestamp> {
        let access = self.terms.as_ref()?.access?;
        Some(access.until)
    }

    /// Whether the model may be used at `now`.
    pub fn has_access(&self, now: Timestamp) -> bool {
        let access = self.terms.as_ref().and_then(|terms| terms.access);
        access.is_some_and(|access| access.from <= now && now < access.until)
    }

    /// Whether nothing more is done, but to tell of a release and to leave.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Ended | State::Withdrawn)
    }
}
