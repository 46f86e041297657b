//! Token: what a program shows in place of its member.

use jiff::{SignedDuration, Timestamp};
use keys::Token;
use names::{MemberId, Refusal};
use policy::{Action, Scopes, Thing};

use crate::who::{Guest, note, of_account, see_account, settle};
use crate::{Actor, Failure, House};

/// A year, so that each token is looked at once a year; a day over it for leap years.
pub const DAYS_MAX: i64 = 366;
/// A program, a pipeline, a laptop: some for each, and a list that fits a page.
const TOKENS_MAX: usize = 50;
/// A line of a list.
const LABEL_CHARS_MAX: usize = 60;
/// How a token begins: scanners for leaked secrets know it by this.
const PREFIX: &str = "smk";

/// What a token is to be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What it is for, in its owner's words.
    pub label: String,
    pub scopes: Scopes,
    pub days: i64,
}

/// Makes a token for the guest's own account. Its text is shown once, here.
pub async fn make(
    house: &House,
    guest: &Guest,
    wish: Wish,
    now: Timestamp,
) -> Result<Token, Failure> {
    let member = &guest.member;
    let account = Thing::account(member.id, member.organization);
    house.authorize(&guest.actor, Action::MakeToken, &account)?;
    let mut refusal = Refusal::none();
    let label = wish.label.trim();
    if label.is_empty()
        || label.chars().count() > LABEL_CHARS_MAX
        || label.chars().any(char::is_control)
    {
        refusal.add(
            "label",
            format!(
                "say in 1 to {LABEL_CHARS_MAX} characters what it is for, such as `nightly scan`"
            ),
        );
    }
    if wish.scopes.is_empty() {
        refusal.add("scopes", "choose at least one thing that it may do");
    }
    if !(1..=DAYS_MAX).contains(&wish.days) {
        refusal.add("days", format!("write for how many days, 1 to {DAYS_MAX}"));
    }
    let tx = house.store.write().await?;
    if store::token::of_member(tx.link(), member.id, now)
        .await?
        .len()
        >= TOKENS_MAX
    {
        refusal.add(
            "",
            format!("an account has at most {TOKENS_MAX} tokens; end one that is not used"),
        );
    }
    refusal.or(())?;
    let token = house.dice(|dice| Token::new(PREFIX, dice));
    let ends = now
        .saturating_add(SignedDuration::from_hours(24 * wish.days))
        .unwrap_or(Timestamp::MAX);
    let draft = store::token::Draft {
        digest: token.digest(),
        member: member.id,
        hint: token.hint(),
        label,
        scopes: &wish.scopes.to_string(),
        ends,
    };
    store::token::insert(tx.link(), draft, now).await?;
    note(
        house,
        &tx,
        &guest.actor,
        member.organization,
        Action::MakeToken,
        token.hint(),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(token)
}

/// The tokens of the guest's own account, newest first.
pub async fn list(
    house: &House,
    guest: &Guest,
    now: Timestamp,
) -> Result<Vec<store::token::Token>, Failure> {
    see_account(house, guest)?;
    Ok(store::token::of_member(house.store.link(), guest.member.id, now).await?)
}

/// Ends a token of a member: their own, or a colleague's by an administrator. It is refused from the next request on.
pub async fn end(
    house: &House,
    actor: &Actor,
    whose: MemberId,
    id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let member = of_account(house, tx.link(), actor, Action::EndToken, whose).await?;
    if !store::token::end(tx.link(), whose, id).await? {
        return Err(Failure::Hidden);
    }
    settle(house, tx, actor, Action::EndToken, &member, now).await
}
