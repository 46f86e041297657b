//! `/account/tokens`: what programs show in one's place.

use askama::Template;
use axum::routing::{get, post};
use clearinghouse::Failure;
use clearinghouse::who::token;
use policy::{Scope, Scopes};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::form::{Choice, Fields, Filled, Form, Input};
use crate::page::{Ask, Path, Wants};
use crate::routes::Routes;
use crate::{Answer, Head};

#[derive(Template)]
#[template(path = "account/new_token.html")]
struct NewTokenPage {
    form: Filled,
}

impl NewTokenPage {
    fn scopes(&self) -> Vec<Choice> {
        let choice =
            |scope: &Scope| Choice::new(scope.as_str(), scope.as_str()).hint(scope.explanation());
        Scope::ALL.iter().map(choice).collect()
    }
}

async fn new_token(ask: Ask) -> Answer {
    ask.visitor.guest()?;
    let form = Filled::empty().with("days", "90");
    ask.html(new_token_head(), &NewTokenPage { form })
}

fn new_token_head() -> Head {
    Head::private("New token").under("Your account", "/account")
}

impl Input for token::Wish {
    fn read(fields: &mut Fields<'_>) -> Option<token::Wish> {
        let label = fields.line("label", "what it is for, such as `nightly scan`", 200);
        let scopes: Vec<Scope> = fields.many("scopes", Scope::ALL.len());
        let days = fields.number("days", "for how many days", 1..=token::DAYS_MAX);
        let scopes: Scopes = scopes.into_iter().collect();
        Some(token::Wish {
            label: label?,
            scopes,
            days: days?,
        })
    }
}

/// A token, shown this once.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "account/token.html")]
pub struct NewTokenView {
    token: String,
    url: String,
}

/// What a token is to be.
#[derive(ToSchema)]
#[expect(dead_code, reason = "for the OpenAPI document alone")]
pub struct TokenWish {
    /// What it is for, in 1 to 60 characters.
    label: String,
    /// Any of `read`, `submit`, `claim`, `coordinate`.
    scopes: Vec<String>,
    /// For how many days, 1 to 366.
    days: i64,
}

/// Makes a token for one's own account. Takes a session: a token makes no tokens.
#[utoipa::path(post, path = "/account/tokens", tag = "account", request_body = TokenWish,
    responses((status = 201, body = NewTokenView)))]
async fn make_token(ask: Ask, form: Form) -> Answer {
    let guest = ask.visitor.guest()?;
    let outcome = match form.read::<token::Wish>() {
        Ok(wish) => token::make(&ask.app.house, guest, wish, ask.now).await,
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(token) => {
            let view = NewTokenView {
                token: token.reveal().to_owned(),
                url: ask.app.settings.url.to_string(),
            };
            match ask.wants() {
                Wants::Json => ask.made("/account", "", &view),
                Wants::Page => ask.html(
                    Head::private("Copy your token now").under("Your account", "/account"),
                    &view,
                ),
            }
        }
        Err(Failure::Refused(refusal)) => {
            let again = NewTokenPage {
                form: form.filled(&refusal),
            };
            Err(ask.refused(refusal, new_token_head(), &again))
        }
        Err(other) => Err(other.into()),
    }
}

async fn end_token(ask: Ask, Path(id): Path<i64>) -> Answer {
    let guest = ask.visitor.guest()?;
    token::end(&ask.app.house, &guest.actor, guest.member.id, id, ask.now).await?;
    ask.changed("/account#tokens", "token-ended")
}

pub fn routes() -> Routes {
    Routes::new()
        .both("make_token", routes!(make_token))
        .page("make_token", "GET", "/account/tokens/new", get(new_token))
        .page(
            "end_token",
            "POST",
            "/account/tokens/{id}/end",
            post(end_token),
        )
}
