//! People: who comes into a case and goes, in whose hands it is, and to whom it is handed on.

use askama::Template;
use clearinghouse::handoff::{self, Bundle, HandOff};
use clearinghouse::{Failure, coordinate, provenance};
use finding::coordinate::Part;
use finding::report::Handling;
use names::{CaseId, OrganizationId, Refusal, Tlp};
use serde::Serialize;

use super::{again, ended};
use crate::form::{Fields, Form, Input};
use crate::page::{Ask, Path};
use crate::{Answer, Head};

struct Invited {
    organization: OrganizationId,
    part: Part,
}

impl Input for Invited {
    fn read(fields: &mut Fields<'_>) -> Option<Invited> {
        let organization = fields.one("organization", "an organization");
        let part = fields.one("part", "its part");
        Some(Invited {
            organization: organization?,
            part: part?,
        })
    }
}

/// Brings an organization in: `organization`, `part`.
#[utoipa::path(post, path = "/cases/{id}/participants", tag = "cases", params(("id" = String, Path)), request_body = serde_json::Value, responses((status = 204)))]
pub(super) async fn invite(ask: Ask, Path(id): Path<CaseId>, form: Form) -> Answer {
    let outcome = match form.read::<Invited>() {
        Ok(new) => {
            let actor = ask.visitor.actor();
            coordinate::invite(
                &ask.app.house,
                &actor,
                id,
                new.organization,
                new.part,
                ask.now,
            )
            .await
        }
        Err(refusal) => Err(refusal.into()),
    };
    ended(&ask, id, ("invite", &form), outcome, "participant-added").await
}

/// Lets an organization go, or leaves.
#[utoipa::path(post, path = "/cases/{id}/participants/{organization}/leave", tag = "cases",
    params(("id" = String, Path), ("organization" = String, Path)), responses((status = 204)))]
pub(super) async fn leave(
    ask: Ask,
    Path((id, organization)): Path<(CaseId, OrganizationId)>,
) -> Answer {
    ask.member()?;
    coordinate::leave(
        &ask.app.house,
        &ask.visitor.actor(),
        id,
        organization,
        ask.now,
    )
    .await?;
    ask.changed("/cases", "participant-gone")
}

struct Held(bool);

impl Input for Held {
    fn read(fields: &mut Fields<'_>) -> Option<Held> {
        Some(Held(fields.flag("held")))
    }
}

/// Takes the case in hand, or gives it back: `held`.
#[utoipa::path(post, path = "/cases/{id}/hold", tag = "cases", params(("id" = String, Path)), request_body = serde_json::Value, responses((status = 204)))]
pub(super) async fn hold(ask: Ask, Path(id): Path<CaseId>, form: Form) -> Answer {
    let member = ask.member()?.id;
    let outcome = match form.read::<Held>() {
        Ok(Held(held)) => {
            let actor = ask.visitor.actor();
            coordinate::assign(&ask.app.house, &actor, id, held.then_some(member), ask.now).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    ended(&ask, id, ("hold", &form), outcome, "case-held").await
}

struct Called(Handling);

impl Input for Called {
    fn read(fields: &mut Fields<'_>) -> Option<Called> {
        let coordinator = fields.line("coordinator", "a coordinator", 200);
        let id = fields.line("number", "its number there", 200);
        Some(Called(Handling {
            coordinator: coordinator?.into(),
            id: id?.into(),
        }))
    }
}

/// Notes what another coordinator calls the case: `coordinator`, `number`.
#[utoipa::path(post, path = "/cases/{id}/handling", tag = "cases", params(("id" = String, Path)), request_body = serde_json::Value, responses((status = 204)))]
pub(super) async fn handling(ask: Ask, Path(id): Path<CaseId>, form: Form) -> Answer {
    let outcome = match form.read::<Called>() {
        Ok(Called(called)) => {
            handoff::note_handling(&ask.app.house, &ask.visitor.actor(), id, called, ask.now).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    ended(
        &ask,
        id,
        ("handling", &form),
        outcome.map_err(renamed),
        "handling-noted",
    )
    .await
}

struct Handed(HandOff);

impl Input for Handed {
    fn read(fields: &mut Fields<'_>) -> Option<Handed> {
        let coordinator = fields.line("coordinator", "a coordinator", 200);
        let organization = fields.optional("organization");
        let may_terminate = fields.flag("may_terminate");
        Some(Handed(HandOff {
            coordinator: coordinator?.into(),
            organization,
            may_terminate,
        }))
    }
}

/// What goes to the other coordinator, and the page that shows it.
#[derive(Template, Serialize)]
#[template(path = "case/handed.html")]
struct HandedView {
    #[serde(skip)]
    case: CaseId,
    #[serde(skip)]
    coordinator: Box<str>,
    #[serde(flatten)]
    bundle: Bundle,
}

impl HandedView {
    fn text(&self) -> String {
        serde_json::to_string_pretty(&self.bundle).unwrap_or_default()
    }
}

/// Hands the case to another coordinator: `coordinator`, `organization` where it takes part here, `may_terminate`.
/// The answer is the bundle for them, with credit, terms, numbers and every hand it passed.
#[utoipa::path(post, path = "/cases/{id}/handoff", tag = "cases",
    params(("id" = String, Path)), request_body = serde_json::Value, responses((status = 200, body = Object)))]
pub(super) async fn hand_off(ask: Ask, Path(id): Path<CaseId>, form: Form) -> Answer {
    ask.member()?;
    let outcome = match form.read::<Handed>() {
        Ok(Handed(to)) => {
            let (house, actor) = (&ask.app.house, ask.visitor.actor());
            let coordinator = to.coordinator.clone();
            let handed = handoff::hand_off(house, &actor, id, to, ask.now).await;
            handed.map(|bundle| (coordinator, bundle))
        }
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok((coordinator, bundle)) => {
            let view = HandedView {
                case: id,
                coordinator,
                bundle,
            };
            let head = Head::private(format!("{id} is handed over"))
                .under(id.to_string(), format!("/cases/{id}"));
            ask.page(head, &view)
        }
        Err(failure) => again(&ask, id, ("handoff", &form), failure).await,
    }
}

struct Marked(Tlp);

impl Input for Marked {
    fn read(fields: &mut Fields<'_>) -> Option<Marked> {
        fields.one("tlp", "a mark").map(Marked)
    }
}

/// Marks the case more strictly: `tlp`.
#[utoipa::path(post, path = "/cases/{id}/tlp", tag = "cases", params(("id" = String, Path)), request_body = serde_json::Value, responses((status = 204)))]
pub(super) async fn restrict(ask: Ask, Path(id): Path<CaseId>, form: Form) -> Answer {
    let outcome = match form.read::<Marked>() {
        Ok(Marked(tlp)) => {
            provenance::mark(&ask.app.house, &ask.visitor.actor(), id, tlp, ask.now).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    ended(&ask, id, ("tlp", &form), outcome, "case-marked").await
}

/// The form calls the other's number `number`.
fn renamed(failure: Failure) -> Failure {
    let Failure::Refused(refusal) = failure else {
        return failure;
    };
    let mut out = Refusal::none();
    for problem in refusal.iter() {
        let field = match &*problem.field {
            "id" => "number",
            field => field,
        };
        out.add(field, problem.message.clone());
    }
    Failure::Refused(out)
}
