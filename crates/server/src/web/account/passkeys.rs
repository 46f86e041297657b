//! `/account/passkeys`: a new passkey, on a page with the one script of this house.

use askama::Template;
use axum::routing::post;
use clearinghouse::Failure;

use crate::form::{Fields, Filled, Form, Input};
use crate::page::Ask;
use crate::passkey::{self, Question};
use crate::routes::Routes;
use crate::{Answer, Head, Problem, style};

#[derive(Template)]
#[template(path = "account/passkey.html")]
struct PasskeyPage {
    form: Filled,
    question: Question,
}

fn head() -> Head {
    Head::private("Add a passkey")
        .under("Your account", "/account")
        .script(style::script())
}

async fn page(ask: &Ask, form: Filled) -> Result<PasskeyPage, Problem> {
    let guest = ask.visitor.guest()?;
    let question = passkey::ask_new(&ask.app, guest, ask.now).await?;
    Ok(PasskeyPage { form, question })
}

/// A POST, since it begins something: a question that waits for its answer.
async fn new(ask: Ask) -> Answer {
    let page = page(&ask, Filled::empty()).await?;
    ask.html(head(), &page)
}

struct NewPasskey {
    label: String,
    answer: passkey::Answered,
}

impl Input for NewPasskey {
    fn read(fields: &mut Fields<'_>) -> Option<NewPasskey> {
        let label = fields.line("label", "a name for it, such as `laptop`", 200);
        let answer = passkey::Answered::read(fields);
        Some(NewPasskey {
            label: label?,
            answer: answer?,
        })
    }
}

async fn add(ask: Ask, form: Form) -> Answer {
    let guest = ask.visitor.guest()?;
    let outcome = match form.read::<NewPasskey>() {
        Ok(new) => passkey::add(&ask.app, guest, &new.label, &new.answer, ask.now).await,
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(()) => ask.changed("/account#ways", "passkey-added"),
        Err(Failure::Refused(refusal)) => {
            // The question was used up: a new one is asked.
            let again = page(&ask, form.filled(&refusal)).await?;
            Err(ask.refused(refusal, head(), &again))
        }
        Err(other) => Err(other.into()),
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .page(
            "set_credentials",
            "POST",
            "/account/passkeys/new",
            post(new),
        )
        .page("set_credentials", "POST", "/account/passkeys", post(add))
}
