//! Scans: who claims what, what an operator allows, and how maintainers want to be told.

use std::collections::BTreeMap;

use clearinghouse::authorization::{NewAuthorization, authorize};
use clearinghouse::{Actor, Failure, House, claim, welcome};
use finding::claim::Draft;
use jiff::{SignedDuration, Timestamp};
use names::Rules;
use serde::Deserialize;

use super::ago;

const SCANS: &str = include_str!("../../../../examples/demo/scans.toml");

#[derive(Deserialize)]
struct Scans {
    claim: Vec<Claim>,
    authorization: Vec<Authorization>,
    policy: Vec<Policy>,
}

#[derive(Deserialize)]
struct Claim {
    by: String,
    hours_ago: i64,
    days: i64,
    targets: Vec<Box<str>>,
    testing: Vec<Box<str>>,
    contact: Box<str>,
}

#[derive(Deserialize)]
struct Authorization {
    owner: String,
    holder: String,
    hours_ago: i64,
    days: i64,
    targets: Vec<String>,
    #[serde(flatten)]
    rules: Rules,
}

#[derive(Deserialize)]
struct Policy {
    owner: String,
    text: String,
}

fn read() -> Result<Scans, Failure> {
    toml::from_str(SCANS).map_err(Failure::broken)
}

fn named<'a>(actors: &'a BTreeMap<String, Actor>, name: &str) -> Result<&'a Actor, Failure> {
    let missing = || Failure::broken(format!("nobody is called `{name}`"));
    actors.get(name).ok_or_else(missing)
}

/// Maintainers say how they want to be told, before anybody tells them.
pub async fn policies(
    house: &House,
    actors: &BTreeMap<String, Actor>,
    begun: Timestamp,
) -> Result<(), Failure> {
    for policy in read()?.policy {
        let owner = named(actors, &policy.owner)?;
        welcome::keep(house, owner, &policy.text, &welcome::Speaker::Own, begun).await?;
    }
    Ok(())
}

/// Teams say what they scan, and an operator allows a scan of its own.
pub async fn scans(
    house: &House,
    actors: &BTreeMap<String, Actor>,
    now: Timestamp,
) -> Result<(), Failure> {
    let scans = read()?;
    for one in scans.claim {
        let draft = Draft {
            targets: one.targets,
            testing: one.testing,
            contact: one.contact,
            tlp: Some("GREEN".into()),
            days: one.days,
            ..Draft::default()
        };
        let by = named(actors, &one.by)?;
        claim::claim(house, by, &draft, ago(now, one.hours_ago)).await?;
    }
    for one in scans.authorization {
        let (owner, holder) = (named(actors, &one.owner)?, named(actors, &one.holder)?);
        let at = ago(now, one.hours_ago);
        let targets: Result<Vec<_>, _> = one.targets.iter().map(|text| text.parse()).collect();
        let new = NewAuthorization {
            holder: holder.organization().ok_or(Failure::Hidden)?,
            targets: targets.map_err(|problems: names::Problems| Failure::broken(problems))?,
            sources: Vec::new(),
            rules: one.rules,
            starts: at,
            ends: at + SignedDuration::from_hours(24 * one.days),
        };
        authorize(house, owner, new, at).await?;
    }
    Ok(())
}
