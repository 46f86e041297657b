//! `/organizations/new`: taking one in, and letting one rest or go on.

use askama::Template;
use axum::routing::{get, post};
use clearinghouse::Failure;
use clearinghouse::organization;
use clearinghouse::who::account;
use names::{OrganizationId, OrganizationKind};
use policy::{Action, Thing};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{OrganizationView, view};
use crate::form::{Choice, Fields, Filled, Form, Input};
use crate::page::{Ask, Path};
use crate::routes::Routes;
use crate::{Answer, Head};

#[derive(Template)]
#[template(path = "organization/new.html")]
struct NewPage {
    form: Filled,
}

impl NewPage {
    fn kinds() -> Vec<Choice> {
        OrganizationKind::ALL
            .iter()
            .map(|kind| Choice::new(kind.as_str(), kind.as_str()))
            .collect()
    }
}

fn new_head() -> Head {
    Head::private("New organization").under("Organizations", "/organizations")
}

async fn new(ask: Ask) -> Answer {
    ask.member()?;
    ask.app
        .house
        .reveal(&ask.visitor.actor(), Action::Administer, &Thing::instance())?;
    ask.html(
        new_head(),
        &NewPage {
            form: Filled::empty(),
        },
    )
}

/// An organization to take in.
#[derive(ToSchema)]
pub struct NewOrganization {
    name: String,
    /// `finder`, `vendor`, `operator`, `agency`, `coordinator`, `developer`, `evaluator`, `partner` or `auditor`.
    #[schema(value_type = String)]
    kind: OrganizationKind,
}

impl Input for NewOrganization {
    fn read(fields: &mut Fields<'_>) -> Option<NewOrganization> {
        let name = fields.line("name", "the organization's name", 100);
        let kind = fields.one("kind", "what kind of organization it is");
        Some(NewOrganization {
            name: name?,
            kind: kind?,
        })
    }
}

/// Takes an organization in. For administrators of the staff, signed in.
#[utoipa::path(post, path = "/organizations", tag = "organizations", request_body = NewOrganization,
    responses((status = 201, body = OrganizationView)))]
async fn create(ask: Ask, form: Form) -> Answer {
    let actor = ask.visitor.actor();
    let outcome = match form.read::<NewOrganization>() {
        Ok(new) => organization::create(&ask.app.house, &actor, new.kind, &new.name, ask.now).await,
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(id) => {
            let view = view(&ask, id, Filled::empty()).await?;
            ask.made(&format!("/organizations/{id}"), "organization-made", &view)
        }
        Err(Failure::Refused(refusal)) => {
            let again = NewPage {
                form: form.filled(&refusal),
            };
            Err(ask.refused(refusal, new_head(), &again))
        }
        Err(other) => Err(other.into()),
    }
}

struct NewName(String);

impl Input for NewName {
    fn read(fields: &mut Fields<'_>) -> Option<NewName> {
        let name = fields.line("name", "the organization's name", 100);
        name.map(NewName)
    }
}

async fn rename(ask: Ask, Path(id): Path<OrganizationId>, form: Form) -> Answer {
    let actor = ask.visitor.actor();
    let outcome = match form.read::<NewName>() {
        Ok(NewName(name)) => organization::rename(&ask.app.house, &actor, id, &name, ask.now).await,
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(()) => ask.changed(&format!("/organizations/{id}"), "organization-renamed"),
        Err(Failure::Refused(refusal)) => {
            let again = view(&ask, id, form.filled(&refusal)).await?;
            Err(ask.refused(refusal, super::head(&again), &again))
        }
        Err(other) => Err(other.into()),
    }
}

async fn suspend(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    account::suspend(&ask.app.house, &ask.visitor.actor(), id, true, ask.now).await?;
    ask.changed(&format!("/organizations/{id}"), "organization-suspended")
}

async fn let_in(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    account::suspend(&ask.app.house, &ask.visitor.actor(), id, false, ask.now).await?;
    ask.changed(&format!("/organizations/{id}"), "organization-let-in")
}

pub fn routes() -> Routes {
    Routes::new()
        .both("administer", routes!(create))
        .page("administer", "GET", "/organizations/new", get(new))
        .page(
            "set_organization",
            "POST",
            "/organizations/{id}/name",
            post(rename),
        )
        .page(
            "administer",
            "POST",
            "/organizations/{id}/suspend",
            post(suspend),
        )
        .page(
            "administer",
            "POST",
            "/organizations/{id}/let-in",
            post(let_in),
        )
}
