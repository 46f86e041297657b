//! `/account`: what proves who one is, where one is signed in, and one's tokens.

pub mod deeds;
pub mod passkeys;
pub mod tokens;
pub mod ways;

use askama::Template;
use axum::routing::post;
use clearinghouse::who::{self, credential, session, token};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::page::{Ask, Path};
use crate::part::{Cell, Facts};
use crate::routes::Routes;
use crate::web::sign_in::{Other, others};
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
    ("sign-on-linked", "From now on you also sign in that way."),
    (
        "passkey-added",
        "The passkey is yours; sign in with it from now on.",
    ),
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
    /// Whether this house has a name, which a passkey is bound to.
    takes_passkeys: bool,
    #[serde(skip)]
    #[schema(ignore)]
    others: Vec<Other>,
}

/// A browser that is signed in.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    pub(super) id: i64,
    /// What the browser calls itself.
    pub(super) agent: String,
    /// How it was signed in.
    pub(super) proof: String,
    pub(super) is_this: bool,
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
            $(pub(super) fn $name(&self) -> Cell { Cell::when(self.$field) })*
        }
    )*};
}
moments! {
    SessionView { since created, last used, until ends }
    TokenView { since created, last used, until ends }
    CredentialView { since created, last used }
}

impl SessionView {
    pub(super) fn new(one: who::Session, this: Option<i64>) -> SessionView {
        SessionView {
            is_this: this == Some(one.id),
            id: one.id,
            agent: one.agent.into(),
            proof: one.proof.into(),
            created: one.created,
            used: one.used,
            ends: one.ends,
        }
    }
}

impl TokenView {
    fn new(one: who::Token) -> TokenView {
        TokenView {
            id: one.id,
            label: one.label.into(),
            hint: one.hint.into(),
            scopes: one.scopes.into(),
            created: one.created,
            used: one.used,
            ends: one.ends,
        }
    }
}

impl CredentialView {
    fn new(one: who::Credential) -> CredentialView {
        CredentialView {
            id: one.id,
            kind: one.kind.into(),
            label: one.label.into(),
            created: one.created,
            used: one.used,
        }
    }

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
    let (recovery, credentials): (Vec<_>, Vec<_>) = credentials
        .into_iter()
        .partition(|one| &*one.kind == "recovery");
    let view = AccountView {
        id: member.id,
        name: member.name.to_string(),
        organization: member.organization,
        organization_name: member.organization_name.to_string(),
        role: member.role,
        sessions: sessions
            .into_iter()
            .map(|one| SessionView::new(one, guest.session))
            .collect(),
        tokens: tokens.into_iter().map(TokenView::new).collect(),
        recovery_codes_left: recovery.len(),
        credentials: credentials.into_iter().map(CredentialView::new).collect(),
        takes_passkeys: crate::passkey::is_possible(&ask.app.settings),
        others: others(&ask),
    };
    ask.page(Head::private("Your account").wide(), &view)
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

pub fn routes() -> Routes {
    Routes::new()
        .both("see_account", routes!(show))
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
        .and(deeds::routes())
        .and(tokens::routes())
        .and(ways::routes())
        .and(passkeys::routes())
}
