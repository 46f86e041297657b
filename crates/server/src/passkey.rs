//! Passkeys: what a browser is asked, and whether what it answers proves anything.
//!
//! WebAuthn level 2 (W3C, 2021), as `webauthn-rs` verifies it: the question's challenge, this house's origin, the
//! signature, that the device asked who holds it, and that its counter has not gone back. A question waits in the
//! store, sealed, for ten minutes and one answer, so that any node can take the answer. Who signs in says nothing
//! first: the passkey itself names the account, so no address can be tried for having one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clearinghouse::Failure;
use clearinghouse::who::sign_in::From;
use clearinghouse::who::{Guest, passkey};
use jiff::Timestamp;
use keys::Token;
use names::Refusal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

use crate::App;
use crate::form::Fields;
use crate::settings::Settings;

/// A credential's name has at most 1,023 bytes (WebAuthn, section 6.5.1), its attestation some KiB with a chain of
/// certificates; in base64 that is well under this.
const ANSWER_CHARS_MAX: usize = 32 * 1024;

/// What a browser is asked.
pub struct Question {
    /// As `navigator.credentials` takes it, in JSON.
    pub options: String,
    /// Comes back with the answer.
    pub ticket: Token,
}

/// What it answers.
pub struct Answered {
    ticket: String,
    credential: String,
}

impl Answered {
    /// From the fields of a page with the script.
    pub fn read(fields: &mut Fields<'_>) -> Option<Answered> {
        let ticket = fields.line("ticket", "the ticket that the page carries", 100);
        let credential = fields.line(
            "credential",
            "what the browser answers; the page's script puts it here, at the address that this house calls itself by",
            ANSWER_CHARS_MAX,
        );
        Some(Answered {
            ticket: ticket?,
            credential: credential?,
        })
    }
}

/// Whether passkeys can be used here: they are bound to a name, and browsers show them to no address in the clear but
/// this machine's own.
pub fn is_possible(settings: &Settings) -> bool {
    relying(settings).is_some()
}

/// This house, as passkeys know it.
fn relying(settings: &Settings) -> Option<Webauthn> {
    let url = &settings.url;
    let name = url.domain()?;
    if url.scheme() != "https" && name != "localhost" {
        return None;
    }
    let builder = WebauthnBuilder::new(name, url).ok()?;
    builder.rp_name(settings.name()).build().ok()
}

/// Asks a guest's browser for a new passkey, on a device that has none of theirs yet.
pub async fn ask_new(app: &App, guest: &Guest, now: Timestamp) -> Result<Question, Failure> {
    let here = relying(&app.settings).ok_or(Failure::Hidden)?;
    let handle = Uuid::from_bytes(passkey::handle(&app.house, guest.member.id));
    let others = passkey::names(&app.house, guest).await?;
    let others = others
        .iter()
        .filter_map(|id| URL_SAFE_NO_PAD.decode(&**id).ok());
    let others: Vec<CredentialID> = others.collect();
    let shown = format!("{} for {}", guest.member.name, guest.organization_name);
    let (asked, state) = here
        .start_passkey_registration(handle, &guest.member.name, &shown, Some(others))
        .map_err(Failure::broken)?;
    let mut options = serde_json::to_value(&asked.public_key).map_err(Failure::broken)?;
    // Only a key that the device itself keeps can name its account.
    options["authenticatorSelection"]["residentKey"] = json!("required");
    options["authenticatorSelection"]["requireResidentKey"] = json!(true);
    let ticket = passkey::ask_new(&app.house, guest, &written(&state)?, now).await?;
    Ok(question(&options, ticket))
}

/// Keeps the new passkey that answers.
pub async fn add(
    app: &App,
    guest: &Guest,
    label: &str,
    answered: &Answered,
    now: Timestamp,
) -> Result<(), Failure> {
    let here = relying(&app.settings).ok_or(Failure::Hidden)?;
    let state = passkey::asked_new(&app.house, guest, &answered.ticket, now).await?;
    let state: PasskeyRegistration = serde_json::from_slice(&state).map_err(Failure::broken)?;
    let answer: RegisterPublicKeyCredential = read(&answered.credential)?;
    let kept = here
        .finish_passkey_registration(&answer, &state)
        .map_err(|error| no(&error))?;
    let id = URL_SAFE_NO_PAD.encode(kept.cred_id());
    passkey::add(&app.house, guest, &id, label, &written(&kept)?, now).await
}

/// Asks whoever wants to sign in.
pub async fn ask(app: &App, from: From<'_>, now: Timestamp) -> Result<Question, Failure> {
    let here = relying(&app.settings).ok_or(Failure::Hidden)?;
    let (asked, state) = here
        .start_discoverable_authentication()
        .map_err(Failure::broken)?;
    let ticket = passkey::ask(&app.house, &written(&state)?, from, now).await?;
    let options = serde_json::to_value(&asked.public_key).map_err(Failure::broken)?;
    Ok(question(&options, ticket))
}

/// Signs in whoever's passkey answers.
pub async fn sign_in(
    app: &App,
    answered: &Answered,
    from: From<'_>,
    now: Timestamp,
) -> Result<Token, Failure> {
    let here = relying(&app.settings).ok_or(Failure::Hidden)?;
    let state = passkey::asked(&app.house, &answered.ticket, now).await?;
    let state: DiscoverableAuthentication =
        serde_json::from_slice(&state).map_err(Failure::broken)?;
    let answer: PublicKeyCredential = read(&answered.credential)?;
    let (handle, id) = here
        .identify_discoverable_authentication(&answer)
        .map_err(|error| no(&error))?;
    let id = URL_SAFE_NO_PAD.encode(id);
    let (member, kept) = passkey::find(&app.house, &id).await?;
    // WebAuthn, section 7.2, step 6: the account that the device names is the one whose key it is.
    if *handle.as_bytes() != passkey::handle(&app.house, member) {
        return Err(no(&WebauthnError::InvalidUserUniqueId));
    }
    let mut kept: Passkey = serde_json::from_slice(&kept).map_err(Failure::broken)?;
    let proved = here
        .finish_discoverable_authentication_v2(&answer, state, &kept)
        .map_err(|error| no(&error))?;
    let renewed = match kept.update_credential(&proved) {
        Some(true) => Some(written(&kept)?),
        Some(false) | None => None,
    };
    passkey::sign_in(&app.house, &id, renewed.as_deref(), from, now).await
}

fn question(options: &Value, ticket: Token) -> Question {
    Question {
        options: options.to_string(),
        ticket,
    }
}

fn written(state: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(state).map_err(Failure::broken)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text)
        .map_err(|_| Failure::refused("", "this is no answer of a passkey; begin again"))
}

/// What a person is told. Everything else that can be wrong is an answer that no browser of theirs gives.
fn no(error: &WebauthnError) -> Failure {
    let text = match error {
        WebauthnError::UserNotVerified => {
            "the passkey did not ask who holds it; set a PIN, a fingerprint or a face for it, and begin again"
        }
        WebauthnError::CredentialPossibleCompromise => {
            "the passkey counts as if there were a copy of it; come in another way, and remove it"
        }
        WebauthnError::InvalidRPOrigin | WebauthnError::InvalidRPIDHash => {
            "the passkey was asked by another address than this house's"
        }
        _ => "the passkey's answer does not fit the question; begin again",
    };
    Refusal::whole(text).into()
}
