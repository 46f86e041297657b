//! Thing: what something is done to, as far as a policy looks at it.

use names::{MemberId, OrganizationId, Tlp};

use crate::asker::Asker;

/// What kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Instance,
    Log,
    Organization,
    Account,
    Claim,
    Authorization,
    Report,
    Finding,
    Case,
    Advisory,
    Engagement,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { #[default] $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word of the policy files.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }
    };
}

impl Kind {
    /// All of them.
    pub const ALL: &'static [Kind] = &[
        Kind::Instance,
        Kind::Log,
        Kind::Organization,
        Kind::Account,
        Kind::Claim,
        Kind::Authorization,
        Kind::Report,
        Kind::Finding,
        Kind::Case,
        Kind::Advisory,
        Kind::Engagement,
    ];

    /// The word of the policy files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Instance => "Instance",
            Kind::Log => "Log",
            Kind::Organization => "Organization",
            Kind::Account => "Account",
            Kind::Claim => "Claim",
            Kind::Authorization => "Authorization",
            Kind::Report => "Report",
            Kind::Finding => "Finding",
            Kind::Case => "Case",
            Kind::Advisory => "Advisory",
            Kind::Engagement => "Engagement",
        }
    }
}

words! {
    /// The part that the asker's organization plays. For a claim, the vendor is the owner of what is scanned;
    /// for an authorization, the finder is the one who may scan.
    Part {
        /// No part.
        None "none",
        /// Found the flaw or handed it over.
        Finder "finder",
        /// Mends it.
        Vendor "vendor",
        /// Another coordinator.
        Coordinator "coordinator",
        /// Runs what has the flaw, and is warned ahead.
        Deployer "deployer",
        /// Watches that it is done rightly.
        Observer "observer",
    }
}

words! {
    /// The seat of the asker's organization in an engagement.
    Seat {
        /// No seat.
        None "none",
        /// Develops the model.
        Developer "developer",
        /// Measures it.
        Evaluator "evaluator",
        /// Determines.
        Official "official",
        /// Is heard.
        Consulted "consulted",
        /// Looks at it again.
        Reviewer "reviewer",
    }
}

words! {
    /// Whether something is still kept from the public. What nobody said is kept.
    Embargo {
        /// Kept until a day.
        Running "running",
        /// Nothing is agreed, or the day has come; not yet told.
        Over "over",
        /// Told to everyone its traffic light allows.
        Published "published",
    }
}

/// What something is done to. Built by its kind, then told what else is known of it; what is left out is what
/// allows least: no owner, no part, not told, an embargo that runs, TLP:RED, held by someone else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thing {
    kind: Kind,
    owner: Option<OrganizationId>,
    member: Option<MemberId>,
    part: Part,
    seat: Seat,
    told: bool,
    embargo: Embargo,
    tlp: Tlp,
    held: bool,
}

impl Thing {
    const fn of(kind: Kind) -> Thing {
        Thing {
            kind,
            owner: None,
            member: None,
            part: Part::None,
            seat: Seat::None,
            told: false,
            embargo: Embargo::Running,
            tlp: Tlp::Red,
            held: true,
        }
    }

    /// This clearinghouse.
    pub const fn instance() -> Thing {
        Thing::of(Kind::Instance)
    }

    /// Its log.
    pub const fn log() -> Thing {
        Thing::of(Kind::Log)
    }

    /// An organization.
    pub const fn organization(id: OrganizationId) -> Thing {
        Thing::of(Kind::Organization).owner(id)
    }

    /// The account of a member of an organization.
    pub const fn account(member: MemberId, organization: OrganizationId) -> Thing {
        let mut thing = Thing::of(Kind::Account).owner(organization);
        thing.member = Some(member);
        thing
    }

    /// A claim that `holder` has; [`Part::Vendor`] is the part of the owner of what is scanned.
    pub const fn claim(holder: OrganizationId) -> Thing {
        Thing::of(Kind::Claim).owner(holder)
    }

    /// An authorization that `owner` gave; [`Part::Finder`] is the part of whom it allows to scan.
    pub const fn authorization(owner: OrganizationId) -> Thing {
        Thing::of(Kind::Authorization).owner(owner)
    }

    /// A report that `finder` handed over. Its part, embargo and light are those of the asker in its case.
    pub const fn report(finder: OrganizationId) -> Thing {
        Thing::of(Kind::Report).owner(finder)
    }

    /// A finding.
    pub const fn finding() -> Thing {
        Thing::of(Kind::Finding)
    }

    /// A case.
    pub const fn case() -> Thing {
        Thing::of(Kind::Case)
    }

    /// An advisory.
    pub const fn advisory() -> Thing {
        Thing::of(Kind::Advisory)
    }

    /// An engagement.
    pub const fn engagement() -> Thing {
        Thing::of(Kind::Engagement)
    }

    /// The seat of the asker's organization in it.
    #[must_use]
    pub const fn seat(mut self, seat: Seat) -> Thing {
        self.seat = seat;
        self
    }

    /// Whose it is.
    #[must_use]
    pub const fn owner(mut self, owner: OrganizationId) -> Thing {
        self.owner = Some(owner);
        self
    }

    /// The part that the asker's organization plays in its case.
    #[must_use]
    pub const fn part(mut self, part: Part) -> Thing {
        self.part = part;
        self
    }

    /// Whether the asker's organization has been told the flaw.
    #[must_use]
    pub const fn told(mut self, told: bool) -> Thing {
        self.told = told;
        self
    }

    /// Whether it is still kept from the public.
    #[must_use]
    pub const fn embargo(mut self, embargo: Embargo) -> Thing {
        self.embargo = embargo;
        self
    }

    /// Who may be told.
    #[must_use]
    pub const fn tlp(mut self, tlp: Tlp) -> Thing {
        self.tlp = tlp;
        self
    }

    /// Whether someone other than the asker has taken it in hand.
    #[must_use]
    pub const fn held_by_another(mut self, held: bool) -> Thing {
        self.held = held;
        self
    }

    /// What kind of thing.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// What a policy sees of it, for `asker`.
    pub(crate) fn seen_by(&self, asker: &Asker) -> Seen {
        let (own, is_self) = match asker {
            Asker::Anonymous => (false, false),
            Asker::Member(member) => (
                self.owner == Some(member.organization),
                self.member == Some(member.id) && self.owner == Some(member.organization),
            ),
        };
        Seen {
            kind: self.kind,
            owner: self.owner,
            own,
            is_self,
            part: self.part,
            seat: self.seat,
            told: self.told,
            embargo: self.embargo,
            tlp: self.tlp,
            held: self.held,
        }
    }
}

/// A thing as a policy sees it. Every thing that is the same in this gets the same answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub kind: Kind,
    pub owner: Option<OrganizationId>,
    pub own: bool,
    pub is_self: bool,
    pub part: Part,
    pub seat: Seat,
    pub told: bool,
    pub embargo: Embargo,
    pub tlp: Tlp,
    pub held: bool,
}
