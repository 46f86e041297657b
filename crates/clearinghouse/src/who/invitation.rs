//! Invitation: a link that makes one account, once.

use jiff::Timestamp;
use keys::{Token, totp};
use names::{OrganizationId, OrganizationKind, Refusal, Role};
use policy::{Action, Thing};
use store::Tx;

use crate::who::join::{Joined, Newcomer, Proven, is_address, join, name_problem};
use crate::who::sign_in::{From, address};
use crate::who::{after, credential, device, note, password, throttle};
use crate::{Actor, Failure, House};

/// A week, for who is away for one.
const HOURS: i64 = 24 * 7;
/// The first administrator sits before the screen that shows the link; a day is for who went to lunch and home.
const FIRST_HOURS: i64 = 24;
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
    /// A single sign-on that the door has verified: issuer and subject, and what people call the issuer.
    SignOn { subject: String, label: String },
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
) -> Result<Joined, Failure> {
    throttle::throttle(house, "", from.address, now).await?;
    let offer = offer(house, text, now).await?;
    let checked = check(&offer, &account, now)?;
    let proof = match &account.proof {
        Chosen::Password { password, .. } => Proven::Password {
            hash: password::hash(house, password).await?,
            device: &offer.device,
            step: checked.step,
        },
        Chosen::SignOn { subject, label } => Proven::SignOn { subject, label },
    };
    let how = match offer.invited_by {
        Some(by) => format!("invited by {by}"),
        None => "the first".to_owned(),
    };
    let newcomer = Newcomer {
        name: &checked.name,
        email: &checked.email,
        role: offer.role,
        proof,
        how: &how,
    };
    let tx = house.store.write().await?;
    if !store::invitation::take(tx.link(), offer.id).await? {
        return Err(Failure::Hidden);
    }
    join(house, tx, &offer.organization, newcomer, from, now).await
}

/// What of an account passed.
struct Checked {
    name: String,
    email: String,
    /// The step of the device whose code was accepted; 0 where there is none.
    step: u64,
}

/// Name, address and accepted step, or all that is wrong.
fn check(offer: &Offer, account: &Account, now: Timestamp) -> Result<Checked, Refusal> {
    let mut refusal = Refusal::none();
    let email = match offer.email.as_deref() {
        Some(invited) => invited.to_owned(),
        None => address(&account.email),
    };
    let mut name = account.name.trim().to_owned();
    if let Some(problem) = name_problem(&name) {
        match &account.proof {
            // A provider need not tell a name; an administrator can give one later.
            Chosen::SignOn { .. } => name.clone_from(&email),
            Chosen::Password { .. } => refusal.add("name", problem),
        }
    }
    if !is_address(&email) {
        refusal.add("email", "write one mail address, such as `ada@example.org`");
    }
    let mut step = 0;
    if let Chosen::Password { password, code } = &account.proof {
        if let Some(problem) = password::problem(password) {
            refusal.add("password", problem);
        }
        match offer.device.accept(code, device::seconds(now), None) {
            Some(accepted) => step = accepted,
            None => refusal.add(
                "code",
                "this is not the code that the device shows now; look at its clock",
            ),
        }
    }
    refusal.or(Checked { name, email, step })
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
