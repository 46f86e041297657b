//! Every question that can be asked, for the tests that ask them all.

use names::{MemberId, OrganizationId, OrganizationKind, Role, Tlp};
use policy::{Action, Asker, Embargo, Kind, Member, Part, Policy, Scopes, Seat, Thing};

const TLP: [Tlp; 5] = [
    Tlp::Clear,
    Tlp::Green,
    Tlp::Amber,
    Tlp::AmberStrict,
    Tlp::Red,
];

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stand {
    Visitor,
    Member(OrganizationKind, Role),
    Staff(Role),
}

impl Stand {
    /// All of them.
    pub fn all() -> Vec<Stand> {
        let mut all = vec![Stand::Visitor];
        for kind in OrganizationKind::ALL {
            all.extend(Role::ALL.iter().map(|role| Stand::Member(*kind, *role)));
        }
        all.extend(Role::ALL.iter().map(|role| Stand::Staff(*role)));
        all
    }

    /// Someone who stands so, with a session or with a token of `scopes`.
    pub fn asker(self, scopes: Option<Scopes>) -> Asker {
        let member = |kind, role, staff| {
            let (id, organization) = (MemberId::new(1), OrganizationId::new(1));
            Asker::Member(Member {
                id,
                organization,
                kind,
                role,
                staff,
                scopes,
            })
        };
        match self {
            Stand::Visitor => Asker::Anonymous,
            Stand::Member(kind, role) => member(kind, role, false),
            Stand::Staff(role) => member(OrganizationKind::Coordinator, role, true),
        }
    }
}

/// A question, as a policy sees it. What a kind of thing has not stays at what allows least.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    pub action: Action,
    pub stand: Stand,
    pub own: bool,
    pub is_self: bool,
    pub part: Part,
    pub seat: Seat,
    pub told: bool,
    pub embargo: Embargo,
    pub tlp: Tlp,
    pub held: bool,
}

impl Question {
    pub fn is_staff(&self) -> bool {
        matches!(self.stand, Stand::Staff(_))
    }

    pub fn role(&self) -> Option<Role> {
        match self.stand {
            Stand::Visitor => None,
            Stand::Member(_, role) | Stand::Staff(role) => Some(role),
        }
    }

    /// Whether it is one of few that stand for all where only the asker matters.
    pub fn is_plain(&self) -> bool {
        let told = if matches!(self.action.on(), Kind::Advisory | Kind::Engagement) {
            Embargo::Published
        } else {
            Embargo::Over
        };
        let part = matches!(self.part, Part::None | Part::Vendor);
        let seat = matches!(self.seat, Seat::None | Seat::Developer);
        let embargo = self.embargo == told || self.action.on() < Kind::Report;
        part && seat && embargo && !self.held && self.told && self.tlp == Tlp::Clear
    }

    /// The answer to a session, or to a token of `scopes`.
    pub fn answer(&self, policy: &Policy, scopes: Option<Scopes>) -> bool {
        let organization = OrganizationId::new(if self.own { 1 } else { 2 });
        let member = MemberId::new(if self.is_self { 1 } else { 2 });
        let thing = match self.action.on() {
            Kind::Instance => Thing::instance(),
            Kind::Log => Thing::log(),
            Kind::Organization => Thing::organization(organization),
            Kind::Account => Thing::account(member, organization),
            Kind::Claim => Thing::claim(organization),
            Kind::Authorization => Thing::authorization(organization),
            Kind::Report => Thing::report(organization),
            Kind::Finding => Thing::finding(),
            Kind::Case => Thing::case(),
            Kind::Advisory => Thing::advisory(),
            Kind::Engagement => Thing::engagement().seat(self.seat),
        };
        let thing = thing
            .part(self.part)
            .told(self.told)
            .embargo(self.embargo)
            .tlp(self.tlp);
        policy.may(
            &self.stand.asker(scopes),
            self.action,
            &thing.held_by_another(self.held),
        )
    }
}

/// Every question about `action`: by who asks and by what its kind of thing has.
pub fn questions(action: Action) -> impl Iterator<Item = Question> {
    let kind = action.on();
    let has = |kinds: &[Kind]| kinds.contains(&kind);
    let both = |has: bool, otherwise: bool| {
        if has {
            vec![true, false]
        } else {
            vec![otherwise]
        }
    };
    use Kind::{Account, Advisory, Authorization, Case, Claim, Finding, Organization, Report};
    let own = both(
        has(&[Organization, Account, Claim, Authorization, Report]),
        false,
    );
    let is_self = both(has(&[Account]), false);
    let told = both(has(&[Report, Finding, Case]), true);
    let held = both(has(&[Finding, Case]), false);
    let parts = match has(&[Claim, Authorization, Report, Finding, Case, Advisory]) {
        true => Part::ALL.to_vec(),
        false => vec![Part::None],
    };
    let seats = match has(&[Kind::Engagement]) {
        true => Seat::ALL.to_vec(),
        false => vec![Seat::None],
    };
    let embargoes = match has(&[Report, Finding, Case, Advisory]) {
        true => Embargo::ALL.to_vec(),
        false => vec![Embargo::Published],
    };
    let tlps = match has(&[Claim, Report, Finding, Case, Advisory]) {
        true => TLP.to_vec(),
        false => vec![Tlp::Clear],
    };
    let mut all = Vec::new();
    // What has a seat has no part, so that one list of the two has more than one.
    let places: Vec<(Part, Seat)> = parts
        .iter()
        .flat_map(|part| seats.iter().map(|seat| (*part, *seat)))
        .collect();
    for stand in Stand::all() {
        for own in &own {
            for is_self in &is_self {
                for (part, seat) in &places {
                    for told in &told {
                        for embargo in &embargoes {
                            for tlp in &tlps {
                                for held in &held {
                                    all.push(Question {
                                        action,
                                        stand,
                                        own: *own,
                                        is_self: *is_self,
                                        part: *part,
                                        seat: *seat,
                                        told: *told,
                                        embargo: *embargo,
                                        tlp: *tlp,
                                        held: *held,
                                    });
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    // A visitor owns nothing and takes part in nothing; one's own account is in one's own organization.
    all.retain(|question| {
        let nobody = !question.own
            && !question.is_self
            && question.part == Part::None
            && question.seat == Seat::None;
        (question.stand != Stand::Visitor
            || nobody && question.told == told[0] && question.held == held[0])
            && (!question.is_self || question.own)
    });
    all.into_iter()
}
