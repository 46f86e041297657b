//! Actor: who asks, as the door recognized them.

use names::{MemberId, OrganizationId, OrganizationKind, Role};
use policy::{Asker, Scopes};

/// Who asks. Built by the act that recognizes a session or a token, or by the house itself for its own work.
#[derive(Clone, Debug, PartialEq)]
pub enum Actor {
    /// Nobody we know.
    Anonymous,
    /// A member, by session or by token.
    Member(Member),
    /// The house's own jobs: lapses, reminders, the sequencer.
    House,
}

/// A member who asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub id: MemberId,
    pub name: Box<str>,
    pub organization: OrganizationId,
    pub kind: OrganizationKind,
    pub role: Role,
    /// Their organization runs this instance.
    pub staff: bool,
    /// What a token is limited to; `None` for a session, which may all that its member may.
    pub scopes: Option<Scopes>,
}

impl Actor {
    /// The member, where one asks.
    pub fn member(&self) -> Option<&Member> {
        match self {
            Actor::Member(member) => Some(member),
            Actor::Anonymous | Actor::House => None,
        }
    }

    /// Their organization.
    pub fn organization(&self) -> Option<OrganizationId> {
        self.member().map(|member| member.organization)
    }

    /// The same as a policy sees it; `None` for the house, which asks nobody.
    pub fn asker(&self) -> Option<Asker> {
        match self {
            Actor::Anonymous => Some(Asker::Anonymous),
            Actor::Member(member) => Some(Asker::Member(policy::Member {
                id: member.id,
                organization: member.organization,
                kind: member.kind,
                role: member.role,
                staff: member.staff,
                scopes: member.scopes,
            })),
            Actor::House => None,
        }
    }

    /// How the log and the timeline name them.
    pub fn mark(&self) -> String {
        match self {
            Actor::Anonymous => "anyone".to_owned(),
            Actor::Member(member) => format!("{} of {}", member.id, member.organization),
            Actor::House => "the house".to_owned(),
        }
    }
}
