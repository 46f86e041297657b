//! Coordinate: where does the work on a flaw stand, who takes part, and what may each of them see and do?

use jiff::Timestamp;
use names::{CaseId, FindingId, OrganizationId, Refusal};

use crate::embargo::Embargo;
use crate::verdict::VendorSeat;

/// The work on one flaw, with its participants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub id: CaseId,
    pub finding: FindingId,
    pub stage: Stage,
    pub participants: Vec<Participant>,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident $noun:literal { $($(#[$vdoc:meta])* $variant:ident $word:literal $shown:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All of them, in the order that pages list them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word that forms, JSON and the store use.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// The word that pages show.
            pub const fn shown(self) -> &'static str {
                match self { $($name::$variant => $shown,)* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = names::Problems;

            fn from_str(text: &str) -> Result<$name, names::Problems> {
                match text {
                    $($word => Ok($name::$variant),)*
                    _ => Err(names::Problems::one(format!(
                        "{} is no {}; write one of {}", names::problem::quoted(text), $noun,
                        [$($word,)*].map(|word| format!("`{word}`")).join(", ")
                    ))),
                }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Where the work stands.
    Stage "stage" {
        /// Opened, not looked at.
        New "new" "new",
        /// A coordinator looks at it.
        Triage "triage" "in triage",
        /// The vendor has it, and has not said what it will do.
        WithVendor "with-vendor" "with the vendor",
        /// A fix is being made.
        Fixing "fixing" "being fixed",
        /// A fix or a mitigation is there; it waits for its day.
        Ready "ready" "ready",
        /// Told to everyone.
        Published "published" "published",
        /// Over, without more to tell.
        Closed "closed" "closed",
        /// Taken back by its finder; its key is destroyed.
        Withdrawn "withdrawn" "withdrawn",
        /// Nothing that is coordinated here.
        Rejected "rejected" "rejected",
    }
}

words! {
    /// The part an organization plays in a case.
    Part "part in a case" {
        /// Found it or handed it over.
        Finder "finder" "finder",
        /// Makes or maintains what has the flaw; owns the verdict.
        Vendor "vendor" "vendor",
        /// Runs the case.
        Coordinator "coordinator" "coordinator",
        /// Runs what has the flaw, and is warned ahead.
        Deployer "deployer" "deployer",
        /// Watches that it is done rightly; reads no embargoed word.
        Observer "observer" "observer",
    }
}

/// An organization in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    pub organization: OrganizationId,
    pub part: Part,
    pub since: Timestamp,
    /// When it was sent the flaw, where it has to be: a vendor within its pace, a deployer ahead of the public.
    pub sent: Option<Timestamp>,
    /// When it left. What it was told before, it knows.
    pub left: Option<Timestamp>,
}

impl Stage {
    /// Whether nothing more is done.
    pub const fn is_over(self) -> bool {
        matches!(self, Stage::Closed | Stage::Withdrawn | Stage::Rejected)
    }

    /// Whether its finder can take it back.
    pub fn may_be_withdrawn(self) -> bool {
        MOVES
            .iter()
            .any(|(from, to, _)| (*from, *to) == (self, Stage::Withdrawn))
    }

    /// Whether it counts against what a maintainer agreed to have open.
    pub const fn is_with_vendor(self) -> bool {
        matches!(self, Stage::WithVendor | Stage::Fixing | Stage::Ready)
    }
}

/// From where to where, and by whom. What is not here is not done.
pub const MOVES: &[(Stage, Stage, &[Part])] = {
    use Part::{Coordinator, Finder, Vendor};
    use Stage::{Closed, Fixing, New, Published, Ready, Rejected, Triage, WithVendor, Withdrawn};
    &[
        (New, Triage, &[Coordinator]),
        (New, Rejected, &[Coordinator]),
        (New, Withdrawn, &[Finder]),
        (Triage, WithVendor, &[Coordinator]),
        (Triage, Published, &[Coordinator]),
        (Triage, Closed, &[Coordinator]),
        (Triage, Rejected, &[Coordinator]),
        (Triage, Withdrawn, &[Finder]),
        (WithVendor, Triage, &[Vendor, Coordinator]),
        (WithVendor, Fixing, &[Vendor]),
        (WithVendor, Ready, &[Vendor, Coordinator]),
        (WithVendor, Published, &[Coordinator]),
        (WithVendor, Closed, &[Coordinator]),
        (WithVendor, Withdrawn, &[Finder]),
        (Fixing, WithVendor, &[Vendor]),
        (Fixing, Ready, &[Vendor, Coordinator]),
        (Fixing, Published, &[Coordinator]),
        (Fixing, Closed, &[Coordinator]),
        (Fixing, Withdrawn, &[Finder]),
        (Ready, Fixing, &[Vendor, Coordinator]),
        (Ready, Published, &[Coordinator]),
        (Ready, Closed, &[Coordinator]),
        (Ready, Withdrawn, &[Finder]),
        (Published, Closed, &[Coordinator]),
        (Closed, Triage, &[Coordinator]),
        (Rejected, Triage, &[Coordinator]),
    ]
};

/// What else a move needs to be known.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// Whether every report of the flaw is the mover's own.
    pub sole_finder: bool,
    /// What the mover says why.
    pub reason: bool,
    pub now: Timestamp,
}

/// Whether `organization` may take the case from where it is to `to`; all that stands against it where not.
pub fn coordinate(
    case: &Case,
    embargo: &Embargo,
    organization: OrganizationId,
    to: Stage,
    circumstances: Circumstances,
) -> Result<Stage, Refusal> {
    let part = case.part(organization);
    let step = MOVES
        .iter()
        .find(|(from, into, _)| (*from, *into) == (case.stage, to));
    let Some((_, _, by)) = step else {
        return Err(Refusal::of("stage", no_way(case.stage, to)));
    };
    let mut refusal = Refusal::none();
    if part.is_none_or(|part| !by.contains(&part)) {
        let who: Vec<&str> = by.iter().map(|part| part.shown()).collect();
        refusal.add(
            "stage",
            format!("only the {} does this", who.join(" or the ")),
        );
    }
    if matches!(to, Stage::Rejected | Stage::Closed) && !circumstances.reason {
        refusal.add("reason", "say why; the finder reads it");
    }
    if to == Stage::Withdrawn && !circumstances.sole_finder {
        refusal.add(
            "stage",
            "others reported the same flaw; withdraw your own report instead of the case",
        );
    }
    if to == Stage::Published
        && let Err(kept) = embargo.may_publish(circumstances.now)
    {
        refusal.within("", kept);
    }
    refusal.or(to)
}

/// Where `part` may take a case that is at `from`.
pub fn ways(from: Stage, part: Part) -> impl Iterator<Item = Stage> {
    let ways = MOVES
        .iter()
        .filter(move |(at, _, by)| *at == from && by.contains(&part));
    ways.map(|(_, to, _)| *to)
}

fn no_way(from: Stage, to: Stage) -> String {
    let ways: Vec<&str> = MOVES
        .iter()
        .filter(|(at, ..)| *at == from)
        .map(|(_, to, _)| to.as_str())
        .collect();
    match ways.as_slice() {
        [] => format!("`{}` is for good", from.as_str()),
        ways => format!(
            "no way leads from `{}` to `{}`; the ways are `{}`",
            from.as_str(),
            to.as_str(),
            ways.join("`, `")
        ),
    }
}

impl Case {
    /// The part of `organization`, while it takes part. An organization plays one part in a case.
    pub fn part(&self, organization: OrganizationId) -> Option<Part> {
        self.participant(organization)
            .map(|participant| participant.part)
    }

    /// The entry of `organization`, while it takes part.
    pub fn participant(&self, organization: OrganizationId) -> Option<&Participant> {
        self.participants.iter().find(|participant| {
            participant.organization == organization && participant.left.is_none()
        })
    }

    /// The seat from which the verdict is given: only a vendor of this case has one, while it takes part.
    /// With `at` in the past, for what was said then.
    pub fn vendor_seat(&self, organization: OrganizationId, at: Timestamp) -> Option<VendorSeat> {
        let sits = |participant: &&Participant| {
            participant.organization == organization
                && participant.part == Part::Vendor
                && participant.since <= at
                && participant.left.is_none_or(|left| at <= left)
        };
        self.participants
            .iter()
            .find(sits)
            .map(|_| VendorSeat::of(organization))
    }

    /// Whether `organization` may be given a part; why not, where not.
    pub fn may_join(&self, organization: OrganizationId) -> Result<(), Refusal> {
        if let Some(present) = self.part(organization) {
            let text = format!("takes part as {} already", present.shown());
            return Err(Refusal::of("organization", text));
        }
        if self.stage.is_over() {
            let text = format!("the case is {}; reopen it first", self.stage.shown());
            return Err(Refusal::of("stage", text));
        }
        if self.participants.len() >= PARTICIPANTS_MAX {
            let text = format!("at most {PARTICIPANTS_MAX} organizations take part in a case");
            return Err(Refusal::of("organization", text));
        }
        Ok(())
    }
}

/// The largest multi-party cases on record had some 300 vendors (VU#962459 and the like); ten times that, rounded.
pub const PARTICIPANTS_MAX: usize = 3_000;

/// What of a case someone sees. All `false` is what an organization sees that has been asked and not told:
/// the number, the stage, who coordinates, and the day on offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Title, description and what is affected.
    pub flaw: bool,
    /// What finders handed over: their words and their evidence.
    pub reports: Scope,
    /// Inputs that show the flaw.
    pub proofs: Scope,
    pub messages: Scope,
    /// What vendors say of their products.
    pub verdicts: bool,
    /// Who else takes part.
    pub participants: bool,
    /// What was done when, without its words.
    pub timeline: bool,
    pub clocks: bool,
}

/// How much of one kind of thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    #[default]
    Nothing,
    /// What the organization gave or was addressed with.
    Own,
    Everything,
}

/// What `organization` sees of `case`; `None` where it may not know that there is one.
pub fn view(
    case: &Case,
    embargo: &Embargo,
    organization: OrganizationId,
    now: Timestamp,
) -> Option<View> {
    let participant = case.participant(organization)?;
    let told = embargo.may_be_told(organization, now);
    let sent = participant.sent.is_some();
    Some(match participant.part {
        Part::Coordinator => View::everything(),
        // A case that nobody has looked at yet tells its finder nothing: else whoever hands over a guess would learn from
        // it that the flaw is new, and from its absence that it is not.
        Part::Finder if case.stage == Stage::New => return None,
        // What waits for a vendor's pace is not known to it.
        Part::Vendor | Part::Deployer if !sent => return None,
        Part::Vendor if told => View::everything(),
        // A finder knows the flaw and agreed to nothing yet: its own report, and how far the work is.
        Part::Finder if !bound(embargo, organization) => View {
            reports: Scope::Own,
            proofs: Scope::Own,
            messages: Scope::Own,
            clocks: true,
            ..View::default()
        },
        Part::Finder => View {
            reports: Scope::Own,
            proofs: Scope::Own,
            ..View::everything()
        },
        Part::Deployer if told => View {
            flaw: true,
            verdicts: true,
            messages: Scope::Own,
            clocks: true,
            ..View::default()
        },
        Part::Observer => View {
            participants: true,
            timeline: true,
            clocks: true,
            ..View::default()
        },
        Part::Vendor | Part::Deployer => View::default(),
    })
}

/// Whether a finder agreed to keep it, or there is nothing left to keep.
fn bound(embargo: &Embargo, organization: OrganizationId) -> bool {
    use crate::embargo::{Consent, State};
    let consent = embargo
        .parties()
        .get(&organization)
        .map(|party| party.consent);
    match embargo.state() {
        State::Exited => true,
        State::None => embargo.not_before().is_none(),
        _ => matches!(consent, Some(Consent::Bound(_))),
    }
}

impl View {
    /// All of it.
    pub const fn everything() -> View {
        View {
            flaw: true,
            reports: Scope::Everything,
            proofs: Scope::Everything,
            messages: Scope::Everything,
            verdicts: true,
            participants: true,
            timeline: true,
            clocks: true,
        }
    }
}

#[cfg(test)]
mod tests;
