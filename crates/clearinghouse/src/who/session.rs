//! Session: a browser that is signed in, until it is not.

use jiff::Timestamp;
use keys::Token;
use names::MemberId;
use policy::Action;
use store::Tx;

use crate::who::{Guest, after, before, of_account, see_account, settle};
use crate::{Actor, Failure, House};

/// NIST SP 800-63B-4, section 2.2.3: at most 24 hours in all.
pub const HOURS_MAX: i64 = 24;
/// The same: at most one hour without use.
pub const IDLE_HOURS: i64 = 1;
/// What a browser calls itself, as far as a list shows it.
const AGENT_CHARS_MAX: usize = 120;
/// How a cookie's secret begins.
const PREFIX: &str = "smks";

/// How someone proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    Password,
    Passkey,
    SignOn,
    Invitation,
}

impl Proof {
    /// The word of lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Proof::Password => "password and code",
            Proof::Passkey => "passkey",
            Proof::SignOn => "single sign-on",
            Proof::Invitation => "invitation",
        }
    }
}

/// Begins a session of `member`: what the browser keeps. Each sign-in has a secret of its own, so none can be planted.
pub(super) async fn begin(
    house: &House,
    tx: &Tx,
    member: MemberId,
    proof: Proof,
    agent: &str,
    now: Timestamp,
) -> Result<Token, Failure> {
    let token = house.dice(|dice| Token::new(PREFIX, dice));
    let agent: String = agent
        .chars()
        .filter(|it| !it.is_control())
        .take(AGENT_CHARS_MAX)
        .collect();
    let draft = store::session::Draft {
        digest: token.digest(),
        member,
        proof: proof.as_str(),
        agent: &agent,
        ends: after(now, HOURS_MAX),
    };
    store::session::insert(tx.link(), draft, now).await?;
    Ok(token)
}

/// The sessions of the guest's own account, last used first.
pub async fn list(
    house: &House,
    guest: &Guest,
    now: Timestamp,
) -> Result<Vec<store::session::Session>, Failure> {
    see_account(house, guest)?;
    of_member(house, guest.member.id, now).await
}

/// The sessions of one of an organization's accounts, for whoever may end them.
pub async fn list_of(
    house: &House,
    actor: &Actor,
    whose: MemberId,
    now: Timestamp,
) -> Result<Vec<store::session::Session>, Failure> {
    let link = house.store.link();
    of_account(house, link, actor, Action::EndSession, whose).await?;
    of_member(house, whose, now).await
}

async fn of_member(
    house: &House,
    member: MemberId,
    now: Timestamp,
) -> Result<Vec<store::session::Session>, Failure> {
    let idle_since = before(now, IDLE_HOURS);
    Ok(store::session::of_member(house.store.link(), member, now, idle_since).await?)
}

/// Ends one session of a member: their own, or a colleague's by an administrator.
pub async fn end(
    house: &House,
    actor: &Actor,
    whose: MemberId,
    id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let member = of_account(house, tx.link(), actor, Action::EndSession, whose).await?;
    if !store::session::end(tx.link(), whose, id).await? {
        return Err(Failure::Hidden);
    }
    settle(house, tx, actor, Action::EndSession, &member, now).await
}

/// Ends all sessions of a member, but for `except`.
pub async fn end_all(
    house: &House,
    actor: &Actor,
    whose: MemberId,
    except: Option<i64>,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let member = of_account(house, tx.link(), actor, Action::EndSession, whose).await?;
    store::session::end_all(tx.link(), whose, except).await?;
    settle(house, tx, actor, Action::EndSession, &member, now).await
}

/// Signs out: ends the very session that asks. Whoever has none is signed out already.
pub async fn sign_out(house: &House, guest: &Guest) -> Result<(), Failure> {
    let Some(session) = guest.session else {
        return Err(Failure::Denied);
    };
    let tx = house.store.write_aside().await?;
    store::session::end(tx.link(), guest.member.id, session).await?;
    Ok(tx.commit().await?)
}
