//! `/organizations/…/members`: what each may do, what they are called, where they are signed in, and how one goes.

use askama::Template;
use axum::routing::{get, post};
use clearinghouse::Failure;
use clearinghouse::who::{MemberRow, member, session};
use names::{MemberId, OrganizationId, Role};
use policy::{Action, Thing};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{ConfirmPage, MemberView};
use crate::form::{Fields, Filled, Form, Input};
use crate::page::{Ask, Path};
use crate::part::{Cell, Confirm, Facts};
use crate::routes::Routes;
use crate::web::account::SessionView;
use crate::{Answer, Head, Problem};

/// A colleague's account, as those see it who may end what it can do.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "organization/member.html")]
pub struct ColleagueView {
    #[serde(flatten)]
    member: MemberView,
    sessions: Vec<SessionView>,
    #[serde(skip)]
    #[schema(ignore)]
    organization: OrganizationId,
    #[serde(skip)]
    #[schema(ignore)]
    may_rename: bool,
    #[serde(skip)]
    #[schema(ignore)]
    form: Filled,
}

impl ColleagueView {
    fn facts(&self) -> Facts {
        Facts::new()
            .fact("Number", Cell::code(self.member.id))
            .fact("Mail address", Cell::text(&self.member.email))
            .fact("Role", Cell::text(self.member.role.to_string()))
    }
}

/// The member of the organization that the address names, and is not removed.
async fn one(ask: &Ask, id: OrganizationId, whose: MemberId) -> Result<MemberRow, Problem> {
    ask.member()?;
    let all = member::list(&ask.app.house, &ask.visitor.actor(), id).await?;
    all.into_iter()
        .find(|one| one.id == whose && one.removed.is_none())
        .ok_or(Problem::Hidden)
}

async fn colleague(
    ask: &Ask,
    id: OrganizationId,
    whose: MemberId,
    form: Filled,
) -> Result<ColleagueView, Problem> {
    let found = one(ask, id, whose).await?;
    let house = &ask.app.house;
    let sessions = session::list_of(house, &ask.visitor.actor(), whose, ask.now).await?;
    let this = ask.visitor.guest()?.session;
    let thing = Thing::organization(id);
    let form = match form.is_refused() {
        true => form,
        false => form.with("name", &*found.name),
    };
    Ok(ColleagueView {
        member: MemberView::new(found),
        sessions: sessions
            .into_iter()
            .map(|one| SessionView::new(one, this))
            .collect(),
        organization: id,
        may_rename: ask.visitor.may(house, Action::SetRole, &thing),
        form,
    })
}

fn colleague_head(view: &ColleagueView) -> Head {
    Head::private(&view.member.name).under(
        "Organization",
        format!("/organizations/{}", view.organization),
    )
}

/// A colleague's account: where they are signed in.
#[utoipa::path(get, path = "/organizations/{id}/members/{member}", tag = "organizations",
    params(("id" = String, Path), ("member" = String, Path)), responses((status = 200, body = ColleagueView)))]
async fn show(ask: Ask, Path((id, whose)): Path<(OrganizationId, MemberId)>) -> Answer {
    let view = colleague(&ask, id, whose, Filled::empty()).await?;
    ask.page(colleague_head(&view), &view)
}

struct NewName(String);

impl Input for NewName {
    fn read(fields: &mut Fields<'_>) -> Option<NewName> {
        fields
            .line("name", "what they are called", 200)
            .map(NewName)
    }
}

async fn rename(
    ask: Ask,
    Path((id, whose)): Path<(OrganizationId, MemberId)>,
    form: Form,
) -> Answer {
    one(&ask, id, whose).await?;
    let actor = ask.visitor.actor();
    let outcome = match form.read::<NewName>() {
        Ok(NewName(name)) => member::rename(&ask.app.house, &actor, whose, &name, ask.now).await,
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(()) => ask.changed(
            &format!("/organizations/{id}/members/{whose}"),
            "member-renamed",
        ),
        Err(Failure::Refused(refusal)) => {
            let again = colleague(&ask, id, whose, form.filled(&refusal)).await?;
            Err(ask.refused(refusal, colleague_head(&again), &again))
        }
        Err(other) => Err(other.into()),
    }
}

async fn end_session(
    ask: Ask,
    Path((id, whose, number)): Path<(OrganizationId, MemberId, i64)>,
) -> Answer {
    one(&ask, id, whose).await?;
    let actor = ask.visitor.actor();
    session::end(&ask.app.house, &actor, whose, number, ask.now).await?;
    let back = format!("/organizations/{id}/members/{whose}");
    ask.changed(&back, "session-ended")
}

async fn end_sessions(ask: Ask, Path((id, whose)): Path<(OrganizationId, MemberId)>) -> Answer {
    one(&ask, id, whose).await?;
    let actor = ask.visitor.actor();
    session::end_all(&ask.app.house, &actor, whose, None, ask.now).await?;
    let back = format!("/organizations/{id}/members/{whose}");
    ask.changed(&back, "colleague-signed-out")
}

struct NewRole(Role);

impl Input for NewRole {
    fn read(fields: &mut Fields<'_>) -> Option<NewRole> {
        fields.one("role", "what they may do").map(NewRole)
    }
}

async fn set_role(
    ask: Ask,
    Path((id, whose)): Path<(OrganizationId, MemberId)>,
    form: Form,
) -> Answer {
    let NewRole(role) = form.read()?;
    member::set_role(&ask.app.house, &ask.visitor.actor(), whose, role, ask.now).await?;
    ask.changed(&format!("/organizations/{id}#members"), "member-changed")
}

async fn confirm_remove(ask: Ask, Path((id, whose)): Path<(OrganizationId, MemberId)>) -> Answer {
    ask.member()?;
    let actor = ask.visitor.actor();
    ask.app
        .house
        .reveal(&actor, Action::SetRole, &Thing::organization(id))?;
    let all = member::list(&ask.app.house, &actor, id).await?;
    let one = all
        .into_iter()
        .find(|one| one.id == whose && one.removed.is_none())
        .ok_or(Problem::Hidden)?;
    let confirm = Confirm {
        what: vec![format!(
            "{} is removed: every session and token ends at once, and what proves who they are is forgotten. What they did stays on record.",
            one.name
        )],
        whom: vec![format!("{} ({})", one.name, one.email)],
        action: format!("/organizations/{id}/members/{whose}/remove"),
        button: "Remove the member".to_owned(),
        back: format!("/organizations/{id}"),
    };
    ask.html(
        Head::private(format!("Remove {}?", one.name)),
        &ConfirmPage { confirm },
    )
}

async fn remove(ask: Ask, Path((id, whose)): Path<(OrganizationId, MemberId)>) -> Answer {
    member::remove(&ask.app.house, &ask.visitor.actor(), whose, ask.now).await?;
    ask.changed(&format!("/organizations/{id}#members"), "member-removed")
}

pub fn routes() -> Routes {
    Routes::new()
        .both("end_session", routes!(show))
        .page(
            "end_session",
            "POST",
            "/organizations/{id}/members/{member}/sessions/{number}/end",
            post(end_session),
        )
        .page(
            "end_session",
            "POST",
            "/organizations/{id}/members/{member}/sessions/end",
            post(end_sessions),
        )
        .page(
            "set_role",
            "POST",
            "/organizations/{id}/members/{member}/name",
            post(rename),
        )
        .page(
            "set_role",
            "POST",
            "/organizations/{id}/members/{member}/role",
            post(set_role),
        )
        .page(
            "set_role",
            "GET POST",
            "/organizations/{id}/members/{member}/remove",
            get(confirm_remove).post(remove),
        )
}
