//! `/sign-in/passkey`: coming in by a passkey, without saying who one is first.

use askama::Template;
use axum::routing::post;
use clearinghouse::Failure;

use super::{CHARS_MAX, inside};
use crate::form::{Fields, Filled, Form, Input};
use crate::page::Ask;
use crate::passkey::{self, Question};
use crate::routes::Routes;
use crate::visitor::{self, From};
use crate::{Answer, Head, Problem, style};

#[derive(Template)]
#[template(path = "sign_in/passkey.html")]
struct PasskeyPage {
    form: Filled,
    question: Question,
}

fn head() -> Head {
    Head::private("Sign in by passkey")
        .under("Sign in", "/sign-in")
        .script(style::script())
}

async fn page(ask: &Ask, from: &From, form: Filled) -> Result<PasskeyPage, Problem> {
    let question = passkey::ask(&ask.app, from.act(), ask.now).await?;
    Ok(PasskeyPage { form, question })
}

/// Where one wants to go.
struct Next(String);

impl Input for Next {
    fn read(fields: &mut Fields<'_>) -> Option<Next> {
        let next = fields.optional_line("next", CHARS_MAX);
        Some(Next(inside(next.unwrap_or_default())))
    }
}

/// A POST, since it begins something: a question that waits for its answer.
async fn begin(ask: Ask, from: From, form: Form) -> Answer {
    let Next(next) = form.read()?;
    let page = page(&ask, &from, Filled::empty().with("next", next)).await?;
    ask.html(head(), &page)
}

struct Entering {
    answer: passkey::Answered,
    next: Next,
}

impl Input for Entering {
    fn read(fields: &mut Fields<'_>) -> Option<Entering> {
        let answer = passkey::Answered::read(fields);
        let next = Next::read(fields);
        Some(Entering {
            answer: answer?,
            next: next?,
        })
    }
}

async fn enter(ask: Ask, from: From, form: Form) -> Answer {
    let outcome = match form.read::<Entering>() {
        Ok(it) => passkey::sign_in(&ask.app, &it.answer, from.act(), ask.now)
            .await
            .map(|session| (session, it.next)),
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok((session, Next(next))) => {
            let mut response = ask.changed(&next, "signed-in")?;
            visitor::keep(&ask.app, &mut response, &session);
            Ok(response)
        }
        Err(Failure::Refused(refusal)) => {
            let again = page(&ask, &from, form.filled(&refusal)).await?;
            Err(ask.refused(refusal, head(), &again))
        }
        Err(other) => Err(other.into()),
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .page("sign_in", "POST", "/sign-in/passkey/new", post(begin))
        .page("sign_in", "POST", "/sign-in/passkey", post(enter))
}
