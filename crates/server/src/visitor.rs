//! Who is asking: read from the cookie or the token of a request, once.

use std::net::SocketAddr;

use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::serve::IncomingStream;
use clearinghouse::who::{self, Guest, Recognized, Shown};
use clearinghouse::{Actor, House};
use jiff::Timestamp;
use names::{MemberId, OrganizationId, OrganizationKind, Role};
use policy::{Action, Thing};

use crate::listener::Door;
use crate::{App, Problem};

/// Who is asking. The default is someone we do not know.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// Who they are, where they have signed in.
    pub member: Option<Member>,
    guest: Option<Guest>,
}

/// Someone who has signed in.
#[derive(Clone, Debug)]
pub struct Member {
    pub id: MemberId,
    pub name: Box<str>,
    pub role: Role,
    pub organization: OrganizationId,
    pub organization_name: Box<str>,
    pub kind: OrganizationKind,
    /// Their organization runs this house.
    pub staff: bool,
}

impl Visitor {
    /// Someone we do not know.
    pub fn anonymous() -> Visitor {
        Visitor::default()
    }

    /// Whether they have signed in.
    pub fn is_known(&self) -> bool {
        self.member.is_some()
    }

    /// The same for an act, which asks the policy about them.
    pub fn actor(&self) -> Actor {
        self.guest
            .as_ref()
            .map_or(Actor::Anonymous, |guest| guest.actor.clone())
    }

    /// The same for acts on their own account.
    ///
    /// # Errors
    ///
    /// [`Problem::SignIn`] for a stranger.
    pub fn guest(&self) -> Result<&Guest, Problem> {
        self.guest.as_ref().ok_or(Problem::SignIn)
    }

    /// Whether they may do `action` to `thing`: what a page draws a button by. The act asks again.
    pub fn may(&self, house: &House, action: Action, thing: &Thing) -> bool {
        house.may(&self.actor(), action, thing)
    }

    fn of(guest: Guest) -> Visitor {
        let member = &guest.member;
        Visitor {
            member: Some(Member {
                id: member.id,
                name: member.name.clone(),
                role: member.role,
                organization: member.organization,
                organization_name: guest.organization_name.clone(),
                kind: member.kind,
                staff: member.staff,
            }),
            guest: Some(guest),
        }
    }
}

/// Reads who is asking from what the request carries. A token comes before a cookie.
///
/// # Errors
///
/// Where it carries a token that is none, or none any more: better told than treated as a stranger.
pub async fn recognize(app: &App, headers: &HeaderMap, now: Timestamp) -> Result<Visitor, Problem> {
    let shown = match (bearer(headers), cookie(headers, cookie_name(app))) {
        (Some(token), _) => Shown::Token(token),
        (None, Some(session)) => Shown::Session(session),
        (None, None) => return Ok(Visitor::anonymous()),
    };
    match who::recognize(&app.house, shown, now).await? {
        Recognized::Stranger => Ok(Visitor::anonymous()),
        Recognized::Guest(guest) => Ok(Visitor::of(guest)),
        Recognized::Revoked => {
            let said = "this token is none of ours, or none any more; make a new one on your account's page";
            Err(Problem::unfit(StatusCode::UNAUTHORIZED, said))
        }
    }
}

/// `Authorization: Bearer TOKEN` (RFC 6750, section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// `__Host-` (RFC 6265bis, section 4.1.3.2): no other host of the domain can plant it, and it never goes in the clear.
fn cookie_name(app: &App) -> &'static str {
    if is_secure(app) {
        "__Host-seamark"
    } else {
        "seamark"
    }
}

/// Of the browser that went to another house, until it comes back.
fn away_name(app: &App) -> &'static str {
    if is_secure(app) {
        "__Host-seamark-away"
    } else {
        "seamark-away"
    }
}

fn is_secure(app: &App) -> bool {
    app.settings.url.scheme() == "https"
}

/// Has the browser keep `session`. `Lax`: another site's link opens our pages signed in, its forms do nothing.
pub fn keep(app: &App, response: &mut Response, session: &keys::Token) {
    let seconds = who::session::HOURS_MAX * 3_600;
    set(app, response, cookie_name(app), session.reveal(), seconds);
}

/// Has the browser forget it.
pub fn forget(app: &App, response: &mut Response) {
    set(app, response, cookie_name(app), "", 0);
}

/// Has a browser that goes to another house keep `token` until it comes back: `Lax` lets it come along then.
pub fn send_away(app: &App, response: &mut Response, token: &keys::Token) {
    let seconds = who::ceremony::MINUTES * 60;
    set(app, response, away_name(app), token.reveal(), seconds);
}

/// Has it forget that.
pub fn take_back(app: &App, response: &mut Response) {
    set(app, response, away_name(app), "", 0);
}

/// What a browser kept while it was away.
pub struct Away(pub Option<String>);

impl FromRequestParts<App> for Away {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Away, Problem> {
        Ok(Away(
            cookie(&parts.headers, away_name(app)).map(str::to_owned),
        ))
    }
}

fn set(app: &App, response: &mut Response, name: &str, value: &str, seconds: i64) {
    let secure = if is_secure(app) { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    if let Ok(mut line) = HeaderValue::try_from(text) {
        line.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, Door>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Peer {
        Peer(*stream.remote_addr())
    }
}

/// Where a sign-in comes from: for the count of tries, and for the list of sessions.
pub struct From {
    address: String,
    agent: String,
}

impl From {
    /// The same for an act.
    pub fn act(&self) -> who::sign_in::From<'_> {
        who::sign_in::From {
            address: &self.address,
            agent: &self.agent,
        }
    }
}

impl FromRequestParts<App> for From {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<From, Problem> {
        let text = |name: &str| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let peer = parts
            .extensions
            .get::<ConnectInfo<Peer>>()
            .map(|peer| peer.0.0.ip().to_string());
        // Only the last hop is our proxy's own word; whatever stands before it anyone can write.
        let told = text("x-forwarded-for")
            .and_then(|list| list.rsplit(',').next())
            .map(|last| last.trim().to_owned());
        let address = if app.settings.file.behind_proxy {
            told.or(peer)
        } else {
            peer
        };
        Ok(From {
            address: address.unwrap_or_default(),
            agent: text("user-agent")
                .unwrap_or("an unnamed program")
                .to_owned(),
        })
    }
}
