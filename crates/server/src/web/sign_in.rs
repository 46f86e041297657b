//! `/sign-in`, `/sign-out` and `/invitations/…`: the way in, and out.

pub mod passkey;
pub mod with;

use askama::Template;
use axum::routing::{get, post};
use clearinghouse::Failure;
use clearinghouse::who::invitation::{self, Account, Chosen, Offer};
use clearinghouse::who::{session, sign_in};

use crate::form::{Fields, Filled, Form, Input};
use crate::page::{Ask, Path, Wants};
use crate::part::{Cell, Facts};
use crate::routes::Routes;
use crate::sign_on::provider::Provider;
use crate::visitor::{self, From};
use crate::{Answer, Head, Problem};

/// Longest line of a sign-in: an address has at most 254 characters, a password at most 1,024 bytes.
const CHARS_MAX: usize = 1_024;

/// What stands above a page after one of these was done.
pub(super) const DONE: &[(&str, &str)] = &[
    ("signed-in", "You are signed in."),
    ("signed-out", "You are signed out."),
];

#[derive(Template)]
#[template(path = "sign_in/sign_in.html")]
struct SignInPage {
    form: Filled,
    takes_passkeys: bool,
    others: Vec<Other>,
}

/// Another house that recognizes people for this one.
pub(super) struct Other {
    pub name: String,
    pub label: String,
}

/// All of them.
pub(super) fn others(ask: &Ask) -> Vec<Other> {
    let other = |one: &Provider| Other {
        name: one.name.clone(),
        label: one.label.clone(),
    };
    ask.app.settings.providers.iter().map(other).collect()
}

impl SignInPage {
    fn new(ask: &Ask, form: Filled) -> SignInPage {
        let takes_passkeys = crate::passkey::is_possible(&ask.app.settings);
        SignInPage {
            form,
            takes_passkeys,
            others: others(ask),
        }
    }
}

async fn show(ask: Ask) -> Answer {
    let form = Filled::empty().with("next", next(ask.query()));
    ask.html(head(), &SignInPage::new(&ask, form))
}

fn head() -> Head {
    Head::private("Sign in")
}

struct Typed {
    typed: sign_in::Typed,
    next: String,
}

impl Input for Typed {
    fn read(fields: &mut Fields<'_>) -> Option<Typed> {
        let email = fields.line("email", "your mail address", CHARS_MAX);
        let password = fields.line("password", "your password", CHARS_MAX);
        let code = fields.line(
            "code",
            "the code that your device shows, or a recovery code",
            CHARS_MAX,
        );
        let next = fields.optional_line("next", CHARS_MAX);
        let typed = sign_in::Typed {
            email: email?,
            password: password?,
            code: code?,
        };
        Some(Typed {
            typed,
            next: inside(next.unwrap_or_default()),
        })
    }
}

async fn enter(ask: Ask, from: From, form: Form) -> Answer {
    let outcome = match form.read::<Typed>() {
        Ok(typed) => sign_in::by_password(&ask.app.house, &typed.typed, from.act(), ask.now)
            .await
            .map(|session| (session, typed.next)),
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok((session, next)) => {
            let mut response = ask.changed(&next, "signed-in")?;
            visitor::keep(&ask.app, &mut response, &session);
            Ok(response)
        }
        Err(Failure::Refused(refusal)) => {
            let again = SignInPage::new(&ask, form.filled(&refusal));
            Err(ask.refused(refusal, head(), &again))
        }
        Err(other) => Err(other.into()),
    }
}

async fn leave(ask: Ask) -> Answer {
    if let Ok(guest) = ask.visitor.guest() {
        session::sign_out(&ask.app.house, guest).await?;
    }
    let mut response = ask.changed("/", "signed-out")?;
    visitor::forget(&ask.app, &mut response);
    Ok(response)
}

/// Where `next=` of a query leads, as long as it stays here.
fn next(query: &str) -> String {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    inside(
        pairs
            .find(|(name, _)| name == "next")
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default(),
    )
}

/// `address` where it is one of ours; else the account. `//elsewhere.example` and `/\elsewhere` are not ours.
pub(super) fn inside(address: String) -> String {
    let plain = address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains('\\')
        && !address.chars().any(char::is_control);
    if plain {
        address
    } else {
        "/account".to_owned()
    }
}

#[derive(Template)]
#[template(path = "sign_in/invitation.html")]
struct InvitationPage {
    form: Filled,
    facts: Facts,
    asks_email: bool,
    device_text: String,
    device_link: String,
    link: String,
    others: Vec<Other>,
}

impl InvitationPage {
    fn new(ask: &Ask, offer: &Offer, link: &str, form: Filled) -> InvitationPage {
        let facts = Facts::new()
            .fact("Organization", Cell::text(&*offer.organization.name))
            .fact("You will be", Cell::text(offer.role.to_string()))
            .fact("Opens until", Cell::when(offer.ends));
        let account = offer.email.as_deref().unwrap_or("administrator");
        InvitationPage {
            form,
            facts,
            asks_email: offer.email.is_none(),
            device_text: offer.device.base32(),
            device_link: offer.device.uri(ask.app.settings.name(), account),
            link: link.to_owned(),
            others: others(ask),
        }
    }
}

fn invitation_head(offer: &Offer) -> Head {
    Head::private(format!("Join {}", offer.organization.name))
}

async fn invitation(ask: Ask, Path(link): Path<String>) -> Answer {
    let offer = offer(&ask, &link).await?;
    let form = Filled::empty();
    let form = match &offer.email {
        Some(email) => form.with("email", &**email),
        None => form,
    };
    ask.html(
        invitation_head(&offer),
        &InvitationPage::new(&ask, &offer, &link, form),
    )
}

async fn offer(ask: &Ask, link: &str) -> Result<Offer, Problem> {
    match invitation::offer(&ask.app.house, link, ask.now).await {
        Err(Failure::Hidden) => Err(Problem::Gone {
            said: "this link opens nothing: it was used, taken back, or its time is over; ask for a new one".into(),
            on: vec![("Sign in".into(), "/sign-in".into())],
        }),
        other => Ok(other?),
    }
}

impl Input for Account {
    fn read(fields: &mut Fields<'_>) -> Option<Account> {
        let name = fields.line("name", "your name", CHARS_MAX);
        let email = fields.optional_line("email", CHARS_MAX).unwrap_or_default();
        let password = fields.line("password", "a password", CHARS_MAX);
        let code = fields.line("code", "the code that your device shows", CHARS_MAX);
        let proof = Chosen::Password {
            password: password?,
            code: code?,
        };
        Some(Account {
            name: name?,
            email,
            proof,
        })
    }
}

/// The codes that stand in for a lost device, shown this once.
#[derive(Template)]
#[template(path = "sign_in/recovery.html")]
pub(super) struct RecoveryPage {
    pub codes: Vec<String>,
}

async fn accept(ask: Ask, Path(link): Path<String>, from: From, form: Form) -> Answer {
    let offer = offer(&ask, &link).await?;
    let outcome = match form.read::<Account>() {
        Ok(account) => {
            invitation::accept(&ask.app.house, &link, account, from.act(), ask.now).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(accepted) => {
            let page = RecoveryPage {
                codes: accepted.recovery,
            };
            let mut response = match ask.wants() {
                Wants::Page => {
                    ask.html(Head::private("Welcome: keep these recovery codes"), &page)?
                }
                Wants::Json => ask.json(
                    &Head::private(""),
                    &serde_json::json!({ "recovery_codes": page.codes }),
                )?,
            };
            visitor::keep(&ask.app, &mut response, &accepted.session);
            Ok(response)
        }
        Err(Failure::Refused(refusal)) => {
            let again = InvitationPage::new(&ask, &offer, &link, form.filled(&refusal));
            Err(ask.refused(refusal, invitation_head(&offer), &again))
        }
        Err(other) => Err(other.into()),
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .page("sign_in", "GET POST", "/sign-in", get(show).post(enter))
        .page("sign_in", "POST", "/sign-out", post(leave))
        .page(
            "sign_in",
            "GET POST",
            "/invitations/{link}",
            get(invitation).post(accept),
        )
        .and(passkey::routes())
        .and(with::routes())
}
