//! `/organizations`: who takes part, who acts for them, and how one comes and goes.

pub mod create;
pub mod invite;
pub mod leaving;
pub mod members;

use askama::Template;
use clearinghouse::who::{account, invitation, member};
use clearinghouse::{organization, who};
use jiff::Timestamp;
use names::{MemberId, OrganizationId, OrganizationKind, Role};
use policy::{Action, Thing};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::form::{Choice, Filled};
use crate::page::{Ask, Path};
use crate::part::{Cell, Confirm, Facts, Table};
use crate::routes::Routes;
use crate::web::account::deeds::{DeedsView, before};
use crate::{Answer, Head, Problem};

/// What stands above a page after one of these was done.
pub(super) const DONE: &[(&str, &str)] = &[
    (
        "organization-made",
        "The organization takes part. Invite its first administrator.",
    ),
    (
        "organization-suspended",
        "The organization is suspended; its members are strangers from now on.",
    ),
    ("organization-let-in", "The organization is let in again."),
    ("organization-renamed", "The organization has its new name."),
    ("member-renamed", "The member has their new name."),
    (
        "colleague-signed-out",
        "All their sessions have ended; their tokens go on.",
    ),
    ("member-changed", "The member's role is changed."),
    (
        "member-removed",
        "The member is removed; their sessions and tokens have ended.",
    ),
    ("invitation-withdrawn", "The invitation is taken back."),
];

/// Which organizations take part.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "organization/list.html")]
pub struct OrganizationsView {
    organizations: Vec<OrganizationLine>,
    #[serde(skip)]
    #[schema(ignore)]
    may_create: bool,
}

/// One of them.
#[derive(Serialize, ToSchema)]
pub struct OrganizationLine {
    #[schema(value_type = String)]
    id: OrganizationId,
    name: String,
    #[schema(value_type = String)]
    kind: OrganizationKind,
    /// It runs this house.
    staff: bool,
    #[schema(value_type = String)]
    joined: Timestamp,
    #[schema(value_type = Option<String>)]
    left: Option<Timestamp>,
}

impl OrganizationsView {
    fn table(&self) -> Table {
        let row = |one: &OrganizationLine| {
            vec![
                Cell::link(&one.name, format!("/organizations/{}", one.id)),
                Cell::code(one.id),
                Cell::text(one.kind.to_string()),
                Cell::when(one.joined),
                Cell::when(one.left),
            ]
        };
        let columns = &["Name", "Number", "Kind", "Joined", "Left"];
        Table::new("Who takes part", columns, "Nobody yet.")
            .rows(self.organizations.iter().map(row))
    }
}

fn line(one: organization::Organization) -> OrganizationLine {
    OrganizationLine {
        id: one.id,
        name: one.name.into(),
        kind: one.kind,
        staff: one.staff,
        joined: one.joined,
        left: one.left,
    }
}

/// Which organizations take part.
#[utoipa::path(get, path = "/organizations", tag = "organizations", responses((status = 200, body = OrganizationsView)))]
async fn list(ask: Ask) -> Answer {
    ask.member()?;
    let all = organization::list(&ask.app.house, &ask.visitor.actor()).await?;
    let view = OrganizationsView {
        organizations: all.into_iter().map(line).collect(),
        may_create: ask
            .visitor
            .may(&ask.app.house, Action::Administer, &Thing::instance()),
    };
    ask.page(Head::private("Organizations").wide(), &view)
}

/// One organization, as those see it who may.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "organization/show.html")]
pub struct OrganizationView {
    #[serde(flatten)]
    organization: OrganizationLine,
    /// Whoever acts for it; absent where one may not see them.
    members: Option<Vec<MemberView>>,
    #[serde(skip)]
    #[schema(ignore)]
    invitations: Vec<InvitationView>,
    #[serde(skip)]
    #[schema(ignore)]
    may: May,
    #[serde(skip)]
    #[schema(ignore)]
    form: Filled,
}

/// What the page draws.
#[derive(Default)]
struct May {
    invite: bool,
    set_role: bool,
    see_acts: bool,
    export: bool,
    leave: bool,
    suspend: bool,
    is_suspended: bool,
    rename: bool,
    end_sessions: bool,
}

/// Someone who acts for it.
#[derive(Serialize, ToSchema)]
pub struct MemberView {
    #[schema(value_type = String)]
    id: MemberId,
    name: String,
    email: String,
    #[schema(value_type = String)]
    role: Role,
    #[schema(value_type = Option<String>)]
    removed: Option<Timestamp>,
}

struct InvitationView {
    id: i64,
    email: String,
    role: Role,
    ends: Timestamp,
}

impl MemberView {
    fn new(one: who::MemberRow) -> MemberView {
        MemberView {
            id: one.id,
            name: one.name.into(),
            email: one.email.into(),
            role: one.role,
            removed: one.removed,
        }
    }
}

impl InvitationView {
    fn new(one: who::Invitation) -> InvitationView {
        let email = one.email.map(String::from);
        InvitationView {
            id: one.id,
            email: email.unwrap_or_else(|| "whoever opens it".to_owned()),
            role: one.role,
            ends: one.ends,
        }
    }

    fn until(&self) -> Cell {
        Cell::when(self.ends)
    }
}

impl OrganizationView {
    fn facts(&self) -> Facts {
        let one = &self.organization;
        let mut facts = Facts::new()
            .fact("Number", Cell::code(one.id))
            .fact("Kind", Cell::text(one.kind.to_string()))
            .fact("Joined", Cell::when(one.joined));
        if one.left.is_some() {
            facts = facts.fact("Left", Cell::when(one.left));
        }
        if one.staff {
            facts = facts.fact("Here", Cell::text("runs this house"));
        }
        facts
    }

    fn roles() -> Vec<Choice> {
        let choice = |role: &Role| Choice::new(role.as_str(), role.as_str());
        Role::ALL.iter().rev().map(choice).collect()
    }

    fn id(&self) -> OrganizationId {
        self.organization.id
    }
}

async fn view(ask: &Ask, id: OrganizationId, form: Filled) -> Result<OrganizationView, Problem> {
    ask.member()?;
    let (house, actor) = (&ask.app.house, ask.visitor.actor());
    let found = organization::find(house, &actor, id).await?;
    let thing = Thing::organization(id);
    let may = |action| ask.visitor.may(house, action, &thing) && found.left.is_none();
    let members = match may(Action::SeeMembers) {
        true => Some(member::list(house, &actor, id).await?),
        false => None,
    };
    let invitations = match may(Action::Invite) {
        true => invitation::list(house, &actor, id, ask.now).await?,
        false => Vec::new(),
    };
    let suspend = ask
        .visitor
        .may(house, Action::Administer, &Thing::instance())
        && !found.staff;
    let may = May {
        invite: may(Action::Invite),
        set_role: may(Action::SetRole),
        see_acts: may(Action::SeeActs),
        export: may(Action::Export),
        leave: may(Action::Leave) && !found.staff,
        suspend,
        rename: may(Action::SetOrganization),
        end_sessions: ask.visitor.may(
            house,
            Action::EndSession,
            &Thing::account(MemberId::new(0), id),
        ),
        is_suspended: suspend && account::suspended(house, &actor).await?.contains(&id),
    };
    Ok(OrganizationView {
        organization: line(found),
        members: members.map(|all| all.into_iter().map(MemberView::new).collect()),
        invitations: invitations.into_iter().map(InvitationView::new).collect(),
        may,
        form,
    })
}

fn head(view: &OrganizationView) -> Head {
    Head::private(&view.organization.name).under("Organizations", "/organizations")
}

/// One organization.
#[utoipa::path(get, path = "/organizations/{id}", tag = "organizations", params(("id" = String, Path)),
    responses((status = 200, body = OrganizationView)))]
async fn show(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    let view = view(&ask, id, Filled::empty()).await?;
    ask.page(head(&view), &view)
}

/// What an organization's members did.
#[utoipa::path(get, path = "/organizations/{id}/acts", tag = "organizations", params(("id" = String, Path)),
    responses((status = 200, body = DeedsView)))]
async fn acts(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    ask.member()?;
    let deeds = account::deeds(&ask.app.house, &ask.visitor.actor(), id, before(&ask)).await?;
    let base = format!("/organizations/{id}/acts");
    let head = Head::private("What its members did")
        .under("Organization", format!("/organizations/{id}"))
        .wide();
    ask.page(head, &DeedsView::new(deeds, &base))
}

#[derive(Template)]
#[template(source = "{{ confirm }}", ext = "html")]
struct ConfirmPage {
    confirm: Confirm,
}

pub fn routes() -> Routes {
    Routes::new()
        .both("see_directory", routes!(list))
        .both("see_organization", routes!(show))
        .both("see_acts", routes!(acts))
        .and(create::routes())
        .and(invite::routes())
        .and(members::routes())
        .and(leaving::routes())
}
