//! Invitation: a link that makes one account, once.

use jiff::Timestamp;
use keys::{Token, totp};
use names::{OrganizationId, OrganizationKind, Refusal, Role};
use policy::{Action, Thing};
use store::{StoreError, Tx};

use crate::actor::Member;
use crate::who::session::{self, Proof};
use crate::who::sign_in::{From, address};
use crate::who::{after, credential, note, throttle};
use crate::{Actor, Failure, House};

/// A week, for who is away for one.
const HOURS: i64 = 24 * 7;
/// The first administrator sits before the screen that shows the link; a day is for who went to lunch and home.
const FIRST_HOURS: i64 = 24;
/// RFC 5321, section 4.5.3.1.3: a path has at most 256 octets, with its brackets.
const EMAIL_CHARS_MAX: usize = 254;
const NAME_CHARS_MAX: usize = 100;
/// How a link's secret begins.
const PREFIX: &str = "smki";

/// What whoever opens a link is shown.
pub struct Offer {
    pub organization: store::organization::Organization,
    pub email: Option<Box<str>>,
    pub role: Role,
    pub ends: Timestamp,
    /// The code device that the account begins with.
    pub device: totp::Secret,
    id: i64,
    invited_by: Option<names::MemberId>,
}

/// What whoever accepts says of themselves.
#[derive(Clone)]
pub struct Account {
    pub name: String,
    /// Only where the invitation names no address.
    pub email: String,
    pub proof: Chosen,
}

/// What the account is to be proved with.
#[derive(Clone)]
pub enum Chosen {
    /// A password, and the first code of the device that the offer shows.
    Password { password: String, code: String },
    /// A passkey that the door has verified: its name, and what is needed to verify it.
    Passkey { id: String, secret: Vec<u8> },
    /// A single sign-on that the door has verified: issuer and subject.
    SignOn { subject: String },
}

/// An account that was made.
pub struct Accepted {
    pub member: Member,
    pub session: Token,
    /// Shown once; empty where there is no password that they would stand in for a device of.
    pub recovery: Vec<String>,
}

/// The link's secret for the first administrator of an instance that has no member: each start makes a new one,
/// and only the newest opens. `None` where there is a member.
pub async fn first(house: &House, now: Timestamp) -> Result<Option<Token>, Failure> {
    let tx = house.store.write().await?;
    if store::member::any(tx.link()).await? {
        return Ok(None);
    }
    let staff = store::organization::list(tx.link())
        .await?
        .into_iter()
        .find(|one| one.staff);
    let organization = match staff {
        Some(staff) => staff.id,
        None => {
            let kind = OrganizationKind::Coordinator;
            let name = &house.settings.operator;
            store::organization::insert(tx.link(), kind, name, true, now).await?
        }
    };
    store::invitation::withdraw_all(tx.link(), organization).await?;
    let token = insert(
        house,
        &tx,
        organization,
        None,
        Role::Admin,
        None,
        after(now, FIRST_HOURS),
        now,
    )
    .await?;
    note(
        house,
        &tx,
        &Actor::House,
        organization,
        Action::Invite,
        "first administrator",
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Invites someone to an organization: the link's secret, shown once. Says nothing of whether they have an account.
pub async fn invite(
    house: &House,
    actor: &Actor,
    organization: OrganizationId,
    email: &str,
    role: Role,
    now: Timestamp,
) -> Result<Token, Failure> {
    house.reveal(
        actor,
        Action::SeeOrganization,
        &Thing::organization(organization),
    )?;
    house.authorize(actor, Action::Invite, &Thing::organization(organization))?;
    let email = address(email);
    if !is_address(&email) {
        return Err(Failure::refused(
            "email",
            "write one mail address, such as `ada@example.org`",
        ));
    }
    let tx = house.store.write().await?;
    let found = store::organization::find(tx.link(), organization)
        .await?
        .ok_or(Failure::Hidden)?;
    if found.left.is_some() {
        return Err(Refusal::whole("the organization has left").into());
    }
    let all = store::member::of_organization(tx.link(), organization).await?;
    if all
        .iter()
        .any(|one| one.removed.is_none() && *one.email == *email)
    {
        return Err(Failure::refused(
            "email",
            "this is the address of a member already",
        ));
    }
    let by = actor.member().map(|member| member.id);
    let token = insert(
        house,
        &tx,
        organization,
        Some(&email),
        role,
        by,
        after(now, HOURS),
        now,
    )
    .await?;
    note(
        house,
        &tx,
        actor,
        organization,
        Action::Invite,
        role.as_str(),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(token)
}

#[expect(clippy::too_many_arguments, reason = "one row with as many columns")]
async fn insert(
    house: &House,
    tx: &Tx,
    organization: OrganizationId,
    email: Option<&str>,
    role: Role,
    invited_by: Option<names::MemberId>,
    ends: Timestamp,
    now: Timestamp,
) -> Result<Token, Failure> {
    let (token, device) = house.dice(|dice| (Token::new(PREFIX, dice), totp::Secret::new(dice)));
    let secret = credential::seal(house, "invitation", device.reveal());
    let draft = store::invitation::Draft {
        digest: token.digest(),
        organization,
        email,
        role,
        secret,
        invited_by,
        ends,
    };
    store::invitation::insert(tx.link(), draft, now).await?;
    Ok(token)
}

/// What a link offers; [`Failure::Hidden`] where it opens nothing, or nothing any more.
pub async fn offer(house: &House, text: &str, now: Timestamp) -> Result<Offer, Failure> {
    let token = Token::parse(text).map_err(|_| Failure::Hidden)?;
    let link = house.store.link();
    let kept = store::invitation::find(link, &token.digest(), now)
        .await?
        .ok_or(Failure::Hidden)?;
    let organization = store::organization::find(link, kept.organization)
        .await?
        .ok_or(Failure::Hidden)?;
    let bytes = credential::open(house, "invitation", &kept.secret)?;
    let device = totp::Secret::from_bytes(&bytes)
        .ok_or_else(|| Failure::broken("a code device of no length"))?;
    Ok(Offer {
        organization,
        email: kept.email,
        role: kept.role,
        ends: kept.ends,
        device,
        id: kept.id,
        invited_by: kept.invited_by,
    })
}

/// Accepts an invitation: the account is made and signed in. The link opens nothing any more.
pub async fn accept(
    house: &House,
    text: &str,
    account: Account,
    from: From<'_>,
    now: Timestamp,
) -> Result<Accepted, Failure> {
    throttle::throttle(house, "", from.address, now).await?;
    let offer = offer(house, text, now).await?;
    let (name, email, step) = check(&offer, &account, now)?;
    let hash = match &account.proof {
        Chosen::Password { password, .. } => Some(credential::hash(house, password).await?),
        Chosen::Passkey { .. } | Chosen::SignOn { .. } => None,
    };
    let tx = house.store.write().await?;
    if !store::invitation::take(tx.link(), offer.id).await? {
        return Err(Failure::Hidden);
    }
    let organization = &offer.organization;
    let id = match store::member::insert(tx.link(), organization.id, &name, &email, offer.role, now)
        .await
    {
        Ok(id) => id,
        Err(StoreError::Taken(_)) => {
            return Err(Failure::refused(
                "email",
                "this is the address of a member of the organization already",
            ));
        }
        Err(error) => return Err(error.into()),
    };
    let mut recovery = Vec::new();
    let proof = match account.proof {
        Chosen::Password { .. } => {
            credential::put_password(house, &tx, id, &hash.unwrap_or_default(), now).await?;
            credential::put_device(house, &tx, id, &offer.device, step.unwrap_or(0), now).await?;
            recovery = credential::put_recovery(house, &tx, id, now).await?;
            Proof::Invitation
        }
        Chosen::Passkey {
            id: passkey,
            secret,
        } => {
            let secret = credential::seal(house, "passkey", &secret);
            credential::put(&tx, id, "passkey", &passkey, "", secret, now).await?;
            Proof::Passkey
        }
        Chosen::SignOn { subject } => {
            credential::put(&tx, id, "sign-on", &subject, "", Vec::new(), now).await?;
            Proof::SignOn
        }
    };
    let session = session::begin(house, &tx, id, proof, from.agent, now).await?;
    let member = Member {
        id,
        name: name.into(),
        organization: organization.id,
        kind: organization.kind,
        role: offer.role,
        staff: organization.staff,
        scopes: None,
    };
    let subject = match offer.invited_by {
        Some(by) => format!("{id}, invited by {by}"),
        None => format!("{id}, the first"),
    };
    note(
        house,
        &tx,
        &Actor::Member(member.clone()),
        organization.id,
        Action::SignIn,
        &subject,
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(Accepted {
        member,
        session,
        recovery,
    })
}

/// Name, address and accepted step, or all that is wrong.
fn check(
    offer: &Offer,
    account: &Account,
    now: Timestamp,
) -> Result<(String, String, Option<u64>), Refusal> {
    let mut refusal = Refusal::none();
    let name = account.name.trim();
    if name.is_empty()
        || name.chars().count() > NAME_CHARS_MAX
        || name.chars().any(char::is_control)
    {
        refusal.add(
            "name",
            format!("write your name in one line of 1 to {NAME_CHARS_MAX} characters"),
        );
    }
    let email = offer
        .email
        .as_deref()
        .map_or_else(|| address(&account.email), str::to_owned);
    if !is_address(&email) {
        refusal.add("email", "write one mail address, such as `ada@example.org`");
    }
    let mut step = None;
    if let Chosen::Password { password, code } = &account.proof {
        if let Some(problem) = credential::problem(password) {
            refusal.add("password", problem);
        }
        step = offer.device.accept(code, credential::seconds(now), None);
        if step.is_none() {
            refusal.add(
                "code",
                "this is not the code that the device shows now; look at its clock",
            );
        }
    }
    refusal.or((name.to_owned(), email, step))
}

/// The invitations of an organization that still open.
pub async fn list(
    house: &House,
    actor: &Actor,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Vec<store::invitation::Invitation>, Failure> {
    house.authorize(actor, Action::Invite, &Thing::organization(organization))?;
    Ok(store::invitation::of_organization(house.store.link(), organization, now).await?)
}

/// Takes an invitation back.
pub async fn withdraw(
    house: &House,
    actor: &Actor,
    organization: OrganizationId,
    id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    house.reveal(actor, Action::Invite, &Thing::organization(organization))?;
    let tx = house.store.write().await?;
    if !store::invitation::withdraw(tx.link(), organization, id).await? {
        return Err(Failure::Hidden);
    }
    note(
        house,
        &tx,
        actor,
        organization,
        Action::Invite,
        "taken back",
        now,
    )
    .await?;
    Ok(tx.commit().await?)
}

/// One `@` with something on both sides, no blank, no control character. Whether mail arrives only mail can tell.
fn is_address(text: &str) -> bool {
    let plain = !text
        .chars()
        .any(|it| it.is_control() || it.is_whitespace() || matches!(it, '<' | '>' | ','));
    let halves = text.rsplit_once('@');
    plain
        && text.chars().count() <= EMAIL_CHARS_MAX
        && halves.is_some_and(|(user, host)| {
            !user.is_empty() && !user.contains('@') && host.contains('.')
        })
}
