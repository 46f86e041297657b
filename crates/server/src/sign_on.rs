//! Single sign-on: another house says who someone is, and we check what it says.
//!
//! OpenID Connect Core 1.0 (with errata set 2), the authorization code flow with PKCE (RFC 7636, S256), the issuer
//! in the answer (RFC 9207), and the advice of RFC 9700. The question waits in the store for ten minutes and one
//! answer, and is bound to the browser that asks by a cookie. What the other house sends is taken only where issuer,
//! audience, signature, time and nonce are right, and each that is not is named.

pub mod caller;
pub mod provider;

use std::time::SystemTime;

use clearinghouse::Failure;
use clearinghouse::who::sign_in::From;
use clearinghouse::who::sign_on::{self, Proved};
use jiff::{SignedDuration, Timestamp};
use keys::Token;
use names::{MemberId, Refusal};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims,
    CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    DiscoveryError, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse,
};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::App;
use caller::{CallError, Caller, is_safe};
use provider::Provider;

/// Two clocks that are kept differ by less.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// A token is fetched the moment it is made; one that is older than a question lives was made for another.
const AGE_MAX: SignedDuration = SignedDuration::from_mins(10);
/// What stands on a page of ours of what another house says.
const SAID_CHARS_MAX: usize = 60;

/// The algorithms of RFC 7518 and RFC 8037 by which only the provider can sign: not `none`, and nothing by a secret
/// that we hold too.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What someone goes to another house for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Purpose {
    /// To come in, and to go on to an address of ours.
    SignIn { next: String },
    /// To come in that way from now on.
    Link { member: MemberId },
    /// To join by a link.
    Join { link: String },
}

/// Where someone goes, and what their browser is to keep meanwhile.
pub struct Going {
    pub address: Url,
    pub browser: Token,
}

/// What waits until they come back.
#[derive(Serialize, Deserialize)]
struct Waiting {
    provider: String,
    nonce: String,
    verifier: String,
    /// The digest of what their browser keeps.
    browser: [u8; 32],
    purpose: Purpose,
}

/// What they come back with, as the query says it.
#[derive(Default)]
pub struct Back {
    pub state: String,
    pub code: String,
    pub issuer: Option<String>,
    pub error: Option<String>,
}

impl Back {
    /// From a query.
    pub fn read(query: &str) -> Back {
        let mut back = Back::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            match &*name {
                "state" => back.state = value,
                "code" => back.code = value,
                "iss" => back.issuer = Some(value),
                "error" => back.error = Some(value),
                _ => {}
            }
        }
        back
    }
}

/// Where `provider` sends people back to.
pub fn address(app: &App, provider: &Provider) -> String {
    format!("{}sign-in/with/{}", app.settings.url, provider.name)
}

/// Sends someone to `provider`.
pub async fn begin(
    app: &App,
    provider: &Provider,
    purpose: Purpose,
    from: From<'_>,
    now: Timestamp,
) -> Result<Going, Failure> {
    let house = &app.house;
    let secret = |prefix| house.dice(|dice| Token::new(prefix, dice));
    let (nonce, verifier, browser) = (secret("smkn"), secret("smkv"), secret("smkb"));
    let waiting = Waiting {
        provider: provider.name.clone(),
        nonce: nonce.reveal().to_owned(),
        verifier: verifier.reveal().to_owned(),
        browser: browser.digest(),
        purpose,
    };
    let waiting = serde_json::to_vec(&waiting).map_err(Failure::broken)?;
    let state = sign_on::ask(house, &waiting, from, now).await?;
    let (back, provider) = (address(app, provider), provider.clone());
    let work = move || {
        let client = client(&provider, back, &Caller::new())?;
        let (state, nonce) = (state.reveal().to_owned(), nonce.reveal().to_owned());
        let verifier = PkceCodeVerifier::new(verifier.reveal().to_owned());
        let (address, ..) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        match is_safe(&address) {
            true => Ok(address),
            false => Err(said(&provider, "sends people to an address in the clear")),
        }
    };
    let address = tokio::task::spawn_blocking(work)
        .await
        .map_err(Failure::broken)??;
    Ok(Going { address, browser })
}

/// Takes what someone comes back with: what they went for, and whom `provider` recognized. `kept` is what their
/// browser kept.
pub async fn finish(
    app: &App,
    provider: &Provider,
    back: Back,
    kept: Option<&str>,
    now: Timestamp,
) -> Result<(Purpose, Proved), Failure> {
    let waiting = sign_on::asked(&app.house, &back.state, now).await?;
    let waiting: Waiting = serde_json::from_slice(&waiting).map_err(Failure::broken)?;
    let is_same = kept
        .and_then(|text| Token::parse(text).ok())
        .is_some_and(|token| keys::equal(&token.digest(), &waiting.browser));
    if !is_same {
        let text = "this was begun in another browser; begin again in this one";
        return Err(Refusal::whole(text).into());
    }
    if waiting.provider != provider.name {
        return Err(said(provider, "was not the house that was asked"));
    }
    if let Some(error) = &back.error {
        let error: String = error.chars().take(SAID_CHARS_MAX).collect();
        return Err(said(provider, &format!("let nobody in: `{error}`")));
    }
    // RFC 9207, section 2.4: an answer of one house is not taken to another.
    if back.issuer.is_some_and(|issuer| issuer != provider.issuer) {
        return Err(said(provider, "did not send this: it names another issuer"));
    }
    let (address, provider) = (address(app, provider), provider.clone());
    let Waiting {
        nonce,
        verifier,
        purpose,
        ..
    } = waiting;
    let work = move || {
        let caller = Caller::new();
        let client = client(&provider, address, &caller)?;
        let token = exchange(&provider, &client, &caller, back.code, verifier)?;
        verify(&provider, &client, &token, &Nonce::new(nonce), now)
    };
    let proved = tokio::task::spawn_blocking(work)
        .await
        .map_err(Failure::broken)??;
    Ok((purpose, proved))
}

/// A provider whose addresses are known.
type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Asks `provider` where its doors and what its keys are. Asked each time: a key that was taken back is gone at once.
fn client(provider: &Provider, back: String, caller: &Caller) -> Result<Client, Failure> {
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(Failure::broken)?;
    let call = |request| caller.call(request);
    let found = CoreProviderMetadata::discover(&issuer, &call).map_err(|error| {
        tracing::warn!(provider = provider.name, cause = %chain(&error), "cannot be discovered");
        match error {
            DiscoveryError::Validation(_) => said(
                provider,
                "calls itself by another address than `issuer` in seamarkd.toml",
            ),
            DiscoveryError::Request(CallError::InTheClear(_)) => {
                said(provider, "keeps its keys at an address in the clear")
            }
            DiscoveryError::Request(_) => silent(provider),
            _ => said(provider, "describes itself in a way that cannot be read"),
        }
    })?;
    let methods = found.token_endpoint_auth_methods_supported();
    let takes = |method| methods.is_some_and(|all| all.contains(&method));
    // OpenID Connect Discovery 1.0, section 3: without a word on it, by HTTP Basic.
    let in_body = takes(CoreClientAuthMethod::ClientSecretPost)
        && !takes(CoreClientAuthMethod::ClientSecretBasic);
    let id = ClientId::new(provider.client_id.clone());
    let secret = provider.secret.as_ref();
    let secret = secret.map(|secret| ClientSecret::new(secret.reveal().to_owned()));
    let back = RedirectUrl::new(back).map_err(Failure::broken)?;
    let client = CoreClient::from_provider_metadata(found, id, secret).set_redirect_uri(back);
    Ok(match in_body {
        true => client.set_auth_type(AuthType::RequestBody),
        false => client,
    })
}

/// Gives the code back for what it stands for.
fn exchange(
    provider: &Provider,
    client: &Client,
    caller: &Caller,
    code: String,
    verifier: String,
) -> Result<CoreIdToken, Failure> {
    let call = |request| caller.call(request);
    let asked = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(|_| said(provider, "names no address that takes a code"))?;
    let asked = asked.set_pkce_verifier(PkceCodeVerifier::new(verifier));
    let answer = asked.request(&call).map_err(|error| {
        tracing::warn!(provider = provider.name, cause = %chain(&error), "does not take the code");
        match error {
            RequestTokenError::ServerResponse(_) => said(
                provider,
                "does not take the code: it was used, or is not ours",
            ),
            RequestTokenError::Request(CallError::InTheClear(_)) => {
                said(provider, "takes codes at an address in the clear")
            }
            RequestTokenError::Request(_) => silent(provider),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                said(provider, "answers the code with what cannot be read")
            }
        }
    })?;
    let token = answer.id_token().cloned();
    token.ok_or_else(|| {
        said(
            provider,
            "answers the code, and says of nobody who they are",
        )
    })
}

/// Whom the token names, where every part of it is right.
fn verify(
    provider: &Provider,
    client: &Client,
    token: &CoreIdToken,
    nonce: &Nonce,
    now: Timestamp,
) -> Result<Proved, Failure> {
    // A token that ended a moment ago by our clock has not yet by its own.
    let lenient = SystemTime::from(now.saturating_sub(SKEW).unwrap_or(Timestamp::MIN));
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || lenient.into())
        .set_issue_time_verifier_fn(move |made| {
            let age = now.as_second().saturating_sub(made.timestamp());
            match age {
                age if age < -SKEW.as_secs() => Err("it was made in the future".to_owned()),
                age if age > (AGE_MAX + SKEW).as_secs() => Err("it was made long ago".to_owned()),
                _ => Ok(()),
            }
        });
    let claims = token.claims(&verifier, nonce).map_err(|error| {
        tracing::warn!(provider = provider.name, cause = %chain(&error), "sent a token that is refused");
        let text = match error {
            ClaimsVerificationError::InvalidIssuer(_) => "sent a token of another issuer",
            ClaimsVerificationError::InvalidAudience(_) => "sent a token that is not for this house alone",
            ClaimsVerificationError::InvalidNonce(_) => "sent a token for another sign-in",
            ClaimsVerificationError::Expired(_) => {
                "sent a token whose time is not now; someone looks at both clocks"
            }
            ClaimsVerificationError::SignatureVerification(_)
            | ClaimsVerificationError::Unsupported(_) => {
                "sent a token that is not signed by a key of its own"
            }
            _ => "sent a token that cannot be read",
        };
        said(provider, text)
    })?;
    // OpenID Connect Core 1.0, section 3.1.3.7, step 5.
    let party = claims.authorized_party();
    if party.is_some_and(|party| **party != provider.client_id) {
        return Err(said(provider, "sent a token that another house asked for"));
    }
    Ok(proved(provider, claims))
}

fn proved(provider: &Provider, claims: &CoreIdTokenClaims) -> Proved {
    let name = claims.name().and_then(|name| name.get(None));
    // An address that the provider itself doubts is none.
    let is_doubted = claims.email_verified() == Some(false);
    let email = claims.email().filter(|_| !is_doubted);
    Proved {
        issuer: provider.issuer.clone(),
        subject: claims.subject().to_string(),
        name: name.map(|name| name.to_string()),
        email: email.map(|email| email.to_string()),
    }
}

fn silent(provider: &Provider) -> Failure {
    said(
        provider,
        "does not answer now; come in another way, or try again",
    )
}

fn said(provider: &Provider, what: &str) -> Failure {
    Refusal::whole(format!("{} {what}", provider.label)).into()
}

/// An error with everything it came from, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
