//! `/sign-in/with/…`: going to another house to be recognized, and coming back.
//!
//! It is begun by a POST, whose page sends the browser on: a redirect after a form would be stopped by `form-action`.
//! The way back is the one GET that does something; each is done once, for the browser that asked.

use askama::Template;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use axum::routing::{get, post};
use clearinghouse::Failure;
use clearinghouse::who::invitation::{self, Account};
use clearinghouse::who::sign_on::{self as act, Proved};
use names::Refusal;

use super::{CHARS_MAX, SignInPage, inside};
use crate::form::{Fields, Filled, Form, Input};
use crate::page::{Ask, Path};
use crate::routes::Routes;
use crate::sign_on::provider::Provider;
use crate::sign_on::{self, Back, Purpose};
use crate::visitor::{self, Away, From};
use crate::{Answer, Head, Problem};

/// Sends the browser on by itself; the page has the link for those that do not go.
const REFRESH: HeaderName = HeaderName::from_static("refresh");

#[derive(Template)]
#[template(
    source = r#"<p>{{ label }} asks you who you are, and sends you back here.</p>
<p class="buttons"><a class="button" href="{{ address }}">Go on to {{ label }}</a></p>"#,
    ext = "html"
)]
struct GoingPage {
    label: String,
    address: String,
}

struct Next(String);

impl Input for Next {
    fn read(fields: &mut Fields<'_>) -> Option<Next> {
        let next = fields.optional_line("next", CHARS_MAX);
        Some(Next(inside(next.unwrap_or_default())))
    }
}

async fn begin(ask: Ask, Path(name): Path<String>, from: From, form: Form) -> Answer {
    let Next(next) = form.read()?;
    send(&ask, &name, Purpose::SignIn { next }, &from).await
}

async fn begin_link(ask: Ask, Path(name): Path<String>, from: From) -> Answer {
    let member = ask.visitor.guest()?.member.id;
    send(&ask, &name, Purpose::Link { member }, &from).await
}

async fn begin_join(ask: Ask, Path((link, name)): Path<(String, String)>, from: From) -> Answer {
    super::offer(&ask, &link).await?;
    send(&ask, &name, Purpose::Join { link }, &from).await
}

fn provider<'a>(ask: &'a Ask, name: &str) -> Result<&'a Provider, Problem> {
    ask.app.settings.provider(name).ok_or(Problem::Hidden)
}

async fn send(ask: &Ask, name: &str, purpose: Purpose, from: &From) -> Answer {
    let provider = provider(ask, name)?;
    let going = match sign_on::begin(&ask.app, provider, purpose, from.act(), ask.now).await {
        Ok(going) => going,
        Err(failure) => return Err(refused(ask, failure)),
    };
    let page = GoingPage {
        label: provider.label.clone(),
        address: going.address.to_string(),
    };
    let mut response = ask.html(Head::private(format!("On to {}", provider.label)), &page)?;
    let onward = HeaderValue::try_from(format!("0; url={}", going.address));
    response
        .headers_mut()
        .insert(REFRESH, onward.map_err(Problem::broken)?);
    visitor::send_away(&ask.app, &mut response, &going.browser);
    Ok(response)
}

/// What was refused is said on the page where everyone begins again.
fn refused(ask: &Ask, failure: Failure) -> Problem {
    match failure {
        Failure::Refused(refusal) => {
            let again = SignInPage::new(ask, Filled::empty());
            ask.refused(refusal, super::head(), &again)
        }
        other => other.into(),
    }
}

async fn back(ask: Ask, Path(name): Path<String>, from: From, Away(kept): Away) -> Answer {
    let provider = provider(&ask, &name)?;
    let answer = Back::read(ask.query());
    let proved = sign_on::finish(&ask.app, provider, answer, kept.as_deref(), ask.now).await;
    let outcome = match proved {
        Ok((purpose, proved)) => settle(&ask, provider, purpose, proved, &from).await,
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(mut response) => {
            visitor::take_back(&ask.app, &mut response);
            Ok(response)
        }
        Err(failure) => Err(refused(&ask, failure)),
    }
}

/// Does what someone went for.
async fn settle(
    ask: &Ask,
    provider: &Provider,
    purpose: Purpose,
    proved: Proved,
    from: &From,
) -> Result<Response, Failure> {
    let house = &ask.app.house;
    let (session, next) = match purpose {
        Purpose::SignIn { next } => {
            let session = match provider.home {
                Some((organization, role)) if !act::is_known(house, &proved).await? => {
                    let label = &provider.label;
                    let from = from.act();
                    act::take_in(house, &proved, label, organization, role, from, ask.now)
                        .await?
                        .session
                }
                _ => act::sign_in(house, &proved, from.act(), ask.now).await?,
            };
            (session, next)
        }
        Purpose::Join { link } => {
            let account = Account {
                name: proved.name.clone().unwrap_or_default(),
                email: proved.email.clone().unwrap_or_default(),
                proof: proved.chosen(&provider.label)?,
            };
            let joined = invitation::accept(house, &link, account, from.act(), ask.now).await?;
            (joined.session, "/account".to_owned())
        }
        Purpose::Link { member } => {
            let guest = ask.visitor.guest().ok();
            let Some(guest) = guest.filter(|guest| guest.member.id == member) else {
                let text = "you are not signed in to the account that this was begun for; sign in, and begin again";
                return Err(Refusal::whole(text).into());
            };
            act::link(house, guest, &proved, &provider.label, ask.now).await?;
            return done(ask, "/account#ways", "sign-on-linked");
        }
    };
    let mut response = done(ask, &next, "signed-in")?;
    visitor::keep(&ask.app, &mut response, &session);
    Ok(response)
}

fn done(ask: &Ask, address: &str, word: &'static str) -> Result<Response, Failure> {
    ask.changed(address, word)
        .map_err(|_| Failure::broken("an answer without a body cannot be made"))
}

pub fn routes() -> Routes {
    Routes::new()
        .page(
            "sign_in",
            "GET POST",
            "/sign-in/with/{provider}",
            get(back).post(begin),
        )
        .page(
            "sign_in",
            "POST",
            "/invitations/{link}/with/{provider}",
            post(begin_join),
        )
        .page(
            "set_credentials",
            "POST",
            "/account/sign-on/{provider}",
            post(begin_link),
        )
}
