//! `/account/password`, `/account/device` and `/account/recovery`: ways in that need no script, and how one is removed.

use askama::Template;
use axum::routing::{get, post};
use clearinghouse::Failure;
use clearinghouse::who::{credential, device, password};

use crate::form::{Fields, Filled, Form, Input};
use crate::page::{Ask, Path, Wants};
use crate::routes::Routes;
use crate::web::sign_in::RecoveryPage;
use crate::{Answer, Head};

#[derive(Template)]
#[template(path = "account/password.html")]
struct PasswordPage {
    form: Filled,
}

struct NewPassword {
    old: String,
    password: String,
}

impl Input for NewPassword {
    fn read(fields: &mut Fields<'_>) -> Option<NewPassword> {
        let old = fields.optional_line("old", 1_024).unwrap_or_default();
        let password = fields.line("password", "a new password", 1_024);
        Some(NewPassword {
            old,
            password: password?,
        })
    }
}

fn password_head() -> Head {
    Head::private("Change your password").under("Your account", "/account")
}

async fn password_page(ask: Ask) -> Answer {
    ask.visitor.guest()?;
    ask.html(
        password_head(),
        &PasswordPage {
            form: Filled::empty(),
        },
    )
}

async fn set_password(ask: Ask, form: Form) -> Answer {
    let guest = ask.visitor.guest()?;
    let outcome = match form.read::<NewPassword>() {
        Ok(new) => password::set(&ask.app.house, guest, &new.old, &new.password, ask.now).await,
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(()) => ask.changed("/account", "password-set"),
        Err(Failure::Refused(refusal)) => {
            let again = PasswordPage {
                form: form.filled(&refusal),
            };
            Err(ask.refused(refusal, password_head(), &again))
        }
        Err(other) => Err(other.into()),
    }
}

#[derive(Template)]
#[template(path = "account/device.html")]
struct DevicePage {
    form: Filled,
    text: String,
    link: String,
}

fn device_head() -> Head {
    Head::private("Set up a code device").under("Your account", "/account")
}

async fn offer(ask: &Ask, form: Filled) -> Result<DevicePage, crate::Problem> {
    let guest = ask.visitor.guest()?;
    let (device, ticket) = device::offer(&ask.app.house, guest, ask.now).await?;
    Ok(DevicePage {
        form: form.with("ticket", ticket.reveal()),
        text: device.base32(),
        link: device.uri(ask.app.settings.name(), &guest.member.name),
    })
}

/// A POST, since it begins something: a new device that waits for its first code.
async fn new_device(ask: Ask) -> Answer {
    let page = offer(&ask, Filled::empty()).await?;
    ask.html(device_head(), &page)
}

struct FirstCode {
    ticket: String,
    code: String,
}

impl Input for FirstCode {
    fn read(fields: &mut Fields<'_>) -> Option<FirstCode> {
        let ticket = fields.line("ticket", "the ticket that the page carries", 100);
        let code = fields.line("code", "the code that the device shows", 100);
        Some(FirstCode {
            ticket: ticket?,
            code: code?,
        })
    }
}

async fn set_device(ask: Ask, form: Form) -> Answer {
    let guest = ask.visitor.guest()?;
    let outcome = match form.read::<FirstCode>() {
        Ok(first) => device::set(&ask.app.house, guest, &first.ticket, &first.code, ask.now).await,
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(()) => ask.changed("/account", "device-set"),
        Err(Failure::Refused(refusal)) => {
            // The ticket was taken: a new device is offered.
            let page = offer(&ask, form.filled(&refusal)).await?;
            Err(ask.refused(refusal, device_head(), &page))
        }
        Err(other) => Err(other.into()),
    }
}

async fn new_recovery(ask: Ask) -> Answer {
    let guest = ask.visitor.guest()?;
    let codes = device::new_recovery(&ask.app.house, guest, ask.now).await?;
    let head = Head::private("Keep these recovery codes").under("Your account", "/account");
    match ask.wants() {
        Wants::Page => ask.html(head, &RecoveryPage { codes }),
        Wants::Json => ask.json(&head, &serde_json::json!({ "recovery_codes": codes })),
    }
}

async fn remove_credential(ask: Ask, Path(id): Path<i64>) -> Answer {
    let guest = ask.visitor.guest()?;
    credential::remove(&ask.app.house, guest, id, ask.now).await?;
    ask.changed("/account#ways", "credential-removed")
}

pub fn routes() -> Routes {
    let page = |methods, path, handler| ("set_credentials", methods, path, handler);
    let all = [
        page(
            "GET POST",
            "/account/password",
            get(password_page).post(set_password),
        ),
        page("POST", "/account/device/new", post(new_device)),
        page("POST", "/account/device", post(set_device)),
        page("POST", "/account/recovery", post(new_recovery)),
        page(
            "POST",
            "/account/credentials/{id}/remove",
            post(remove_credential),
        ),
    ];
    all.into_iter()
        .fold(Routes::new(), |routes, (action, methods, path, handler)| {
            routes.page(action, methods, path, handler)
        })
}
