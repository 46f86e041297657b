//! `/organizations/…/invitations`: a link that makes one account, once.

use askama::Template;
use axum::routing::post;
use clearinghouse::Failure;
use clearinghouse::who::invitation;
use names::{OrganizationId, Role};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{head, view};
use crate::form::{Fields, Form, Input};
use crate::page::{Ask, Path, Wants};
use crate::routes::Routes;
use crate::{Answer, Head};

/// Whom to invite, and as what.
#[derive(ToSchema)]
pub struct NewInvitation {
    email: String,
    /// `admin`, `member` or `reader`.
    #[schema(value_type = String)]
    role: Role,
}

impl Input for NewInvitation {
    fn read(fields: &mut Fields<'_>) -> Option<NewInvitation> {
        let email = fields.line("email", "their mail address", 254);
        let role = fields.one("role", "what they may do");
        Some(NewInvitation {
            email: email?,
            role: role?,
        })
    }
}

/// A link that makes one account, shown this once.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "organization/invited.html")]
pub struct InvitedView {
    email: String,
    link: String,
}

/// Invites someone. The link is answered once, to be handed on; it opens for a week.
#[utoipa::path(post, path = "/organizations/{id}/invitations", tag = "organizations", params(("id" = String, Path)),
    request_body = NewInvitation, responses((status = 201, body = InvitedView)))]
async fn invite(ask: Ask, Path(id): Path<OrganizationId>, form: Form) -> Answer {
    let actor = ask.visitor.actor();
    let read = form.read::<NewInvitation>();
    let outcome = match &read {
        Ok(new) => {
            invitation::invite(&ask.app.house, &actor, id, &new.email, new.role, ask.now).await
        }
        Err(refusal) => Err(refusal.clone().into()),
    };
    match outcome {
        Ok(token) => {
            let email = read.map(|new| new.email).unwrap_or_default();
            let link = format!("{}invitations/{}", ask.app.settings.url, token.reveal());
            let view = InvitedView { email, link };
            match ask.wants() {
                Wants::Json => ask.made(&format!("/organizations/{id}"), "", &view),
                Wants::Page => {
                    let back = format!("/organizations/{id}");
                    ask.html(
                        Head::private("Hand this link on").under("Organization", back),
                        &view,
                    )
                }
            }
        }
        Err(Failure::Refused(refusal)) => {
            let again = view(&ask, id, form.filled(&refusal)).await?;
            Err(ask.refused(refusal, head(&again), &again))
        }
        Err(other) => Err(other.into()),
    }
}

async fn withdraw(ask: Ask, Path((id, number)): Path<(OrganizationId, i64)>) -> Answer {
    invitation::withdraw(&ask.app.house, &ask.visitor.actor(), id, number, ask.now).await?;
    ask.changed(
        &format!("/organizations/{id}#members"),
        "invitation-withdrawn",
    )
}

pub fn routes() -> Routes {
    Routes::new().both("invite", routes!(invite)).page(
        "invite",
        "POST",
        "/organizations/{id}/invitations/{number}/withdraw",
        post(withdraw),
    )
}
