//! `/account`: what proves who one is, where one is signed in, one's tokens, and what one did.

use askama::Template;
use axum::routing::{get, post};
use clearinghouse::Failure;
use clearinghouse::who::{account, credential, session, token};
use jiff::Timestamp;
use policy::{Scope, Scopes};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::form::{Choice, Fields, Filled, Form, Input};
use crate::page::{Ask, Path, Wants};
use crate::part::{Cell, Facts, Table};
use crate::routes::Routes;
use crate::web::sign_in::RecoveryPage;
use crate::{Answer, Head};

/// What stands above a page after one of these was done.
pub(super) const DONE: &[(&str, &str)] = &[
    ("session-ended", "That session has ended."),
    ("sessions-ended", "All other sessions have ended."),
    (
        "token-ended",
        "That token has ended; it is refused from now on.",
    ),
    (
        "password-set",
        "Your password is changed, and all other sessions have ended.",
    ),
    (
        "device-set",
        "Your new code device is in use; the old one is not any more.",
    ),
    ("credential-removed", "That way in is removed."),
];

/// One's own account.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "account/account.html")]
pub struct AccountView {
    #[schema(value_type = String)]
    id: names::MemberId,
    name: String,
    #[schema(value_type = String)]
    organization: names::OrganizationId,
    organization_name: String,
    /// `admin`, `member` or `reader`.
    #[schema(value_type = String)]
    role: names::Role,
    sessions: Vec<SessionView>,
    tokens: Vec<TokenView>,
    credentials: Vec<CredentialView>,
    recovery_codes_left: usize,
}

/// A browser that is signed in.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    id: i64,
    /// What the browser calls itself.
    agent: String,
    /// How it was signed in.
    proof: String,
    is_this: bool,
    #[schema(value_type = String)]
    created: Timestamp,
    #[schema(value_type = String)]
    used: Timestamp,
    #[schema(value_type = String)]
    ends: Timestamp,
}

/// What a program shows in one's place; its text was shown once.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountTokenView)]
pub struct TokenView {
    id: i64,
    label: String,
    /// Its first letters.
    hint: String,
    scopes: String,
    #[schema(value_type = String)]
    created: Timestamp,
    #[schema(value_type = Option<String>)]
    used: Option<Timestamp>,
    #[schema(value_type = String)]
    ends: Timestamp,
}

/// A way in.
#[derive(Serialize, ToSchema)]
pub struct CredentialView {
    id: i64,
    /// `password`, `code`, `passkey` or `sign-on`.
    kind: String,
    label: String,
    #[schema(value_type = String)]
    created: Timestamp,
    #[schema(value_type = Option<String>)]
    used: Option<Timestamp>,
}

impl AccountView {
    fn facts(&self) -> Facts {
        let organization = format!("/organizations/{}", self.organization);
        Facts::new()
            .fact("Name", Cell::text(&self.name))
            .fact("Number", Cell::code(self.id))
            .fact(
                "Organization",
                Cell::link(&self.organization_name, organization),
            )
            .fact("Role", Cell::text(self.role.to_string()))
    }

    fn has_password(&self) -> bool {
        self.credentials.iter().any(|one| one.kind == "password")
    }
}

/// The moments of a row, as cells of a table.
macro_rules! moments {
    ($($view:ident { $($name:ident $field:ident),* })*) => {$(
        impl $view {
            $(fn $name(&self) -> Cell { Cell::when(self.$field) })*
        }
    )*};
}
moments! {
    SessionView { since created, last used, until ends }
    TokenView { since created, last used, until ends }
    CredentialView { since created, last used }
}

impl CredentialView {
    fn shown(&self) -> &str {
        match self.kind.as_str() {
            "password" => "Password",
            "code" => "Code device",
            "passkey" => "Passkey",
            _ => "Single sign-on",
        }
    }
}

/// One's own account: ways in, sessions and tokens.
#[utoipa::path(get, path = "/account", tag = "account", responses((status = 200, body = AccountView)))]
async fn show(ask: Ask) -> Answer {
    let guest = ask.visitor.guest()?;
    let member = ask.member()?;
    let house = &ask.app.house;
    let credentials = credential::list(house, guest).await?;
    let sessions = session::list(house, guest, ask.now).await?;
    let tokens = token::list(house, guest, ask.now).await?;
    let view = AccountView {
        id: member.id,
        name: member.name.to_string(),
        organization: member.organization,
        organization_name: member.organization_name.to_string(),
        role: member.role,
        sessions: sessions
            .into_iter()
            .map(|one| SessionView {
                id: one.id,
                agent: one.agent.into(),
                proof: one.proof.into(),
                is_this: guest.session == Some(one.id),
                created: one.created,
                used: one.used,
                ends: one.ends,
            })
            .collect(),
        tokens: tokens
            .into_iter()
            .map(|one| TokenView {
                id: one.id,
                label: one.label.into(),
                hint: one.hint.into(),
                scopes: one.scopes.into(),
                created: one.created,
                used: one.used,
                ends: one.ends,
            })
            .collect(),
        recovery_codes_left: credentials
            .iter()
            .filter(|one| &*one.kind == "recovery")
            .count(),
        credentials: credentials
            .into_iter()
            .filter(|one| &*one.kind != "recovery")
            .map(|one| CredentialView {
                id: one.id,
                kind: one.kind.into(),
                label: one.label.into(),
                created: one.created,
                used: one.used,
            })
            .collect(),
    };
    ask.page(Head::private("Your account"), &view)
}

async fn end_session(ask: Ask, Path(id): Path<i64>) -> Answer {
    let guest = ask.visitor.guest()?;
    session::end(&ask.app.house, &guest.actor, guest.member.id, id, ask.now).await?;
    ask.changed("/account#sessions", "session-ended")
}

async fn end_others(ask: Ask) -> Answer {
    let guest = ask.visitor.guest()?;
    session::end_all(
        &ask.app.house,
        &guest.actor,
        guest.member.id,
        guest.session,
        ask.now,
    )
    .await?;
    ask.changed("/account#sessions", "sessions-ended")
}

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

async fn password(ask: Ask) -> Answer {
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
        Ok(new) => {
            credential::set_password(&ask.app.house, guest, &new.old, &new.password, ask.now).await
        }
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

async fn device_page(ask: &Ask, form: Filled) -> Result<DevicePage, crate::Problem> {
    let guest = ask.visitor.guest()?;
    let (device, ticket) = credential::new_device(&ask.app.house, guest, ask.now).await?;
    Ok(DevicePage {
        form: form.with("ticket", ticket.reveal()),
        text: device.base32(),
        link: device.uri(ask.app.settings.name(), &guest.member.name),
    })
}

/// A POST, since it begins something: a new device that waits for its first code.
async fn new_device(ask: Ask) -> Answer {
    let page = device_page(&ask, Filled::empty()).await?;
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
        Ok(first) => {
            credential::set_device(&ask.app.house, guest, &first.ticket, &first.code, ask.now).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(()) => ask.changed("/account", "device-set"),
        Err(Failure::Refused(refusal)) => {
            // The ticket was taken: a new device is offered.
            let page = device_page(&ask, form.filled(&refusal)).await?;
            Err(ask.refused(refusal, device_head(), &page))
        }
        Err(other) => Err(other.into()),
    }
}

async fn new_recovery(ask: Ask) -> Answer {
    let guest = ask.visitor.guest()?;
    let codes = credential::new_recovery(&ask.app.house, guest, ask.now).await?;
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

/// What someone did, newest first.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "account/deeds.html")]
pub struct DeedsView {
    deeds: Vec<DeedView>,
    #[serde(skip)]
    #[schema(ignore)]
    base: String,
}

/// One thing that was done.
#[derive(Serialize, ToSchema)]
pub struct DeedView {
    id: i64,
    #[schema(value_type = String)]
    at: Timestamp,
    #[schema(value_type = Option<String>)]
    member: Option<names::MemberId>,
    /// The action's word.
    act: String,
    /// To what.
    subject: String,
    /// The entry of the log that proves it.
    log_index: i64,
}

impl DeedsView {
    pub(super) fn new(deeds: Vec<clearinghouse::who::Deed>, base: &str) -> DeedsView {
        let view = |one: clearinghouse::who::Deed| DeedView {
            id: one.id,
            at: one.at,
            member: one.member,
            act: one.act.into(),
            subject: one.subject.into(),
            log_index: one.log_index,
        };
        DeedsView {
            deeds: deeds.into_iter().map(view).collect(),
            base: base.to_owned(),
        }
    }

    fn table(&self) -> Table {
        let columns = &["When", "Who", "Did", "To", "Entry of the log"];
        let row = |one: &DeedView| {
            vec![
                Cell::when(one.at),
                one.member.map_or(Cell::text("the house"), Cell::code),
                Cell::text(one.act.replace('_', " ")),
                Cell::text(&one.subject),
                Cell::link(one.log_index.to_string(), format!("/log/{}", one.log_index)),
            ]
        };
        Table::new("Newest first", columns, "Nothing yet.").rows(self.deeds.iter().map(row))
    }

    /// The address of what came before these, where there may be more.
    fn older(&self) -> Option<String> {
        let last = self.deeds.last()?;
        let full = self.deeds.len() >= account::DEEDS_MAX as usize;
        full.then(|| format!("{}?before={}", self.base, last.id))
    }
}

/// `before=` of a query.
pub(super) fn before(ask: &Ask) -> Option<i64> {
    let mut pairs = url::form_urlencoded::parse(ask.query().as_bytes());
    pairs
        .find(|(name, _)| name == "before")
        .and_then(|(_, value)| value.parse().ok())
}

/// What one did oneself.
#[utoipa::path(get, path = "/account/acts", tag = "account", responses((status = 200, body = DeedsView)))]
async fn deeds(ask: Ask) -> Answer {
    ask.visitor.guest()?;
    let deeds = account::own_deeds(&ask.app.house, &ask.visitor.actor(), before(&ask)).await?;
    let head = Head::private("What you did")
        .under("Your account", "/account")
        .wide();
    ask.page(head, &DeedsView::new(deeds, "/account/acts"))
}

pub fn routes() -> Routes {
    Routes::new()
        .both("see_account", routes!(show))
        .both("see_account", routes!(deeds))
        .both("make_token", routes!(make_token))
        .page("make_token", "GET", "/account/tokens/new", get(new_token))
        .page(
            "end_token",
            "POST",
            "/account/tokens/{id}/end",
            post(end_token),
        )
        .page(
            "end_session",
            "POST",
            "/account/sessions/{id}/end",
            post(end_session),
        )
        .page(
            "end_session",
            "POST",
            "/account/sessions/end",
            post(end_others),
        )
        .page(
            "set_credentials",
            "GET POST",
            "/account/password",
            get(password).post(set_password),
        )
        .page(
            "set_credentials",
            "POST",
            "/account/device/new",
            post(new_device),
        )
        .page(
            "set_credentials",
            "POST",
            "/account/device",
            post(set_device),
        )
        .page(
            "set_credentials",
            "POST",
            "/account/recovery",
            post(new_recovery),
        )
        .page(
            "set_credentials",
            "POST",
            "/account/credentials/{id}/remove",
            post(remove_credential),
        )
}
