//! Recognize: who is it that shows this?
//!
//! Asked of the store at every request and never remembered, so what is revoked is revoked on every node at once.

use jiff::{SignedDuration, Timestamp};
use policy::Scopes;

use crate::actor::Member;
use crate::who::{before, session};
use crate::{Actor, Failure, House};

/// A last use is written down at most this often: a program may ask a hundred times a second.
const USED_SECONDS: i64 = 60;

/// What a request shows.
#[derive(Clone, Copy)]
pub enum Shown<'a> {
    Nothing,
    /// A browser's cookie.
    Session(&'a str),
    /// A program's `Authorization: Bearer`.
    Token(&'a str),
}

/// Who it is.
#[derive(Clone, Debug)]
pub enum Recognized {
    /// Nobody we know, or whose session is over.
    Stranger,
    /// Someone.
    Guest(Guest),
    /// A token that is none, or none any more.
    Revoked,
}

/// Someone we know.
#[derive(Clone, Debug)]
pub struct Guest {
    pub actor: Actor,
    pub member: Member,
    pub organization_name: Box<str>,
    /// The session's number, where it is one.
    pub session: Option<i64>,
}

/// Who shows this.
pub async fn recognize(
    house: &House,
    shown: Shown<'_>,
    now: Timestamp,
) -> Result<Recognized, Failure> {
    let link = house.store.link();
    let (known, is_token) = match shown {
        Shown::Nothing => return Ok(Recognized::Stranger),
        Shown::Session(text) => match keys::Token::parse(text) {
            Ok(token) => {
                let idle_since = before(now, session::IDLE_HOURS);
                (
                    store::member::by_session(link, &token.digest(), now, idle_since).await?,
                    false,
                )
            }
            Err(_) => return Ok(Recognized::Stranger),
        },
        Shown::Token(text) => match keys::Token::parse(text) {
            Ok(token) => (
                store::member::by_token(link, &token.digest(), now).await?,
                true,
            ),
            Err(_) => return Ok(Recognized::Revoked),
        },
    };
    let Some(known) = known else {
        return Ok(if is_token {
            Recognized::Revoked
        } else {
            Recognized::Stranger
        });
    };
    let scopes = match (is_token, known.scopes.as_deref()) {
        (false, _) => None,
        // A word that this version does not know allows nothing.
        (true, words) => Some(
            words
                .unwrap_or_default()
                .parse::<Scopes>()
                .unwrap_or_default(),
        ),
    };
    note_use(house, &known, is_token, now).await?;
    let member = Member {
        id: known.id,
        name: known.name,
        organization: known.organization,
        kind: known.kind,
        role: known.role,
        staff: known.staff,
        scopes,
    };
    Ok(Recognized::Guest(Guest {
        actor: Actor::Member(member.clone()),
        member,
        organization_name: known.organization_name,
        session: (!is_token).then_some(known.by),
    }))
}

async fn note_use(
    house: &House,
    known: &store::member::Known,
    is_token: bool,
    now: Timestamp,
) -> Result<(), Failure> {
    let recent = known
        .used
        .is_some_and(|used| now.duration_since(used) < SignedDuration::from_secs(USED_SECONDS));
    if recent {
        return Ok(());
    }
    let tx = house.store.write_aside().await?;
    if is_token {
        store::token::used(tx.link(), known.by, now).await?;
    } else {
        store::session::used(tx.link(), known.by, now).await?;
    }
    Ok(tx.commit().await?)
}
