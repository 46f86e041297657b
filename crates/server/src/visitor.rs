//! Who is asking: read from the cookie or the token of a request, once.

use axum::http::HeaderMap;
use jiff::Timestamp;
use names::{MemberId, OrganizationId, OrganizationKind, Role};

use crate::{App, Problem};

/// Who is asking. The default is someone we do not know.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// Who they are, where they have signed in.
    pub member: Option<Member>,
}

/// Someone who has signed in.
#[derive(Clone, Debug)]
pub struct Member {
    pub id: MemberId,
    pub name: Box<str>,
    pub role: Role,
    pub organization: OrganizationId,
    pub organization_name: Box<str>,
    pub kind: OrganizationKind,
}

impl Visitor {
    /// Someone we do not know.
    pub fn anonymous() -> Visitor {
        Visitor::default()
    }

    /// The same for an act, which asks the policy about them.
    pub fn actor(&self) -> clearinghouse::Actor {
        use clearinghouse::actor;
        let Some(member) = &self.member else {
            return clearinghouse::Actor::Anonymous;
        };
        clearinghouse::Actor::Member(actor::Member {
            id: member.id,
            name: member.name.clone(),
            organization: member.organization,
            kind: member.kind,
            role: member.role,
            staff: false,
            scopes: None,
        })
    }

    /// Whether they have signed in.
    pub fn is_known(&self) -> bool {
        self.member.is_some()
    }
}

/// Reads who is asking from what the request carries.
///
/// # Errors
///
/// Where it carries a token that is none, or none any more: better told than treated as a stranger.
pub async fn recognize(
    _app: &App,
    _headers: &HeaderMap,
    _now: Timestamp,
) -> Result<Visitor, Problem> {
    Ok(Visitor::anonymous())
}
