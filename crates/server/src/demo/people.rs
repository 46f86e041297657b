//! People: organizations of every kind, their members, and the links that sign in as one of them.

use std::collections::BTreeMap;

use clearinghouse::who::{invitation, join, sign_in};
use clearinghouse::{Actor, Failure, House, organization, pace};
use finding::pace::Pace;
use jiff::Timestamp;
use keys::Token;
use names::{OrganizationId, OrganizationKind, Role};

use super::{Link, Organization};

/// The address that the makers of the demo come from, where tries are counted.
const FROM: sign_in::From<'static> = sign_in::From {
    address: "demo",
    agent: "demo",
};

/// Everyone who takes part, by the name of their organization; the staff is the first coordinator.
pub async fn arrive(
    house: &House,
    first: &Token,
    all: &[Organization],
    begun: Timestamp,
) -> Result<(Actor, BTreeMap<String, Actor>), Failure> {
    let mut actors: BTreeMap<String, Actor> = BTreeMap::new();
    let mut staff = Actor::Anonymous;
    for one in all {
        let actor = if one.kind == OrganizationKind::Coordinator && staff == Actor::Anonymous {
            let made = accept(house, first.reveal(), &one.people[0], begun).await?;
            staff = Actor::Member(made.member.clone());
            staff.clone()
        } else {
            let id = organization::create(house, &staff, one.kind, &one.name, begun).await?;
            let made = account(house, &staff, id, &one.people[0], begun).await?;
            Actor::Member(made.member)
        };
        if let Some(open) = one.pace {
            let agreed = Pace {
                open_max: Some(open),
                ..Pace::default()
            };
            pace::set(house, &actor, &agreed, begun).await?;
        }
        actors.insert(one.name.clone(), actor);
    }
    Ok((staff, actors))
}

/// A member for each organization, signed in now.
pub async fn links(
    house: &House,
    staff: &Actor,
    all: &[Organization],
    actors: &BTreeMap<String, Actor>,
    now: Timestamp,
) -> Result<Vec<Link>, Failure> {
    let mut links = Vec::new();
    for one in all {
        let Some(id) = actors.get(&one.name).and_then(Actor::organization) else {
            continue;
        };
        let name = one.people.get(1).map_or("Visitor", String::as_str);
        let made = account(house, staff, id, name, now).await?;
        links.push(Link {
            role: format!("{} ({})", one.name, one.kind),
            secret: made.session.reveal().to_owned(),
        });
    }
    Ok(links)
}

async fn account(
    house: &House,
    staff: &Actor,
    organization: OrganizationId,
    name: &str,
    at: Timestamp,
) -> Result<join::Joined, Failure> {
    let plain: String = name
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(".");
    let email = format!("{plain}.{}@demo.example", organization.get());
    let link = invitation::invite(house, staff, organization, &email, Role::Admin, at).await?;
    accept(house, link.reveal(), name, at).await
}

/// Accepts an invitation with a password that nobody knows.
async fn accept(
    house: &House,
    link: &str,
    name: &str,
    at: Timestamp,
) -> Result<join::Joined, Failure> {
    let offer = invitation::offer(house, link, at).await?;
    let step = u64::try_from(at.as_second() / 30).map_err(Failure::broken)?;
    let password = house.dice(|dice| keys::Token::new("demo", dice));
    let account = invitation::Account {
        name: name.to_owned(),
        email: "staff@demo.example".to_owned(),
        proof: invitation::Chosen::Password {
            password: password.reveal().to_owned(),
            code: offer.device.code(step),
        },
    };
    invitation::accept(house, link, account, FROM, at).await
}
