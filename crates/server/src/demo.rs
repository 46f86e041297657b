//! Demo: what does a house look like that has been at work for a month?
//!
//! Everything is made through the acts that people use, with a clock in the past; the data is invented and stands in
//! `examples/demo`. What happens is drawn up first, an act an hour ([`way`]), and then done in the order of its hours,
//! so that the log reads as a month does. Each role gets a link that signs in as a member made for it.

mod models;
mod people;
mod play;
mod proofs;
mod reports;
mod scans;
mod way;

use clearinghouse::who::invitation;
use clearinghouse::{Failure, House, numbers};
use jiff::{SignedDuration, Timestamp};
use names::{OrganizationKind, Refusal};
use serde::Deserialize;

const ORGANIZATIONS: &str = include_str!("../../../examples/demo/organizations.toml");
const FLAWS: &str = include_str!("../../../examples/demo/flaws.toml");

/// How long the house has been at work.
const DAYS: i64 = 28;

#[derive(Deserialize)]
struct Organizations {
    organization: Vec<Organization>,
}

#[derive(Deserialize)]
struct Organization {
    name: String,
    kind: OrganizationKind,
    people: Vec<String>,
    pace: Option<u32>,
}

#[derive(Deserialize)]
struct Flaws {
    flaw: Vec<Flaw>,
}

#[derive(Deserialize)]
struct Flaw {
    vendor: String,
    package: Option<String>,
    title: String,
    weakness: u32,
    file: Option<String>,
    function: Option<String>,
    line: Option<u32>,
    crash: Option<String>,
    #[serde(default)]
    stack: Vec<String>,
    text: String,
    severity: Option<String>,
    found_by: Vec<String>,
    /// What becomes of the proof that its first finder brings; none where they bring none.
    proof: Option<String>,
    state: String,
    #[serde(default)]
    message: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    by: String,
    text: String,
}

/// A link that signs in.
pub struct Link {
    pub role: String,
    /// The session's secret.
    pub secret: String,
}

/// Fills an empty house, and makes a link for each organization; [`Failure::Refused`] where somebody takes part
/// already, since invented cases do not belong among real ones.
pub async fn fill(house: &House, now: Timestamp) -> Result<Vec<Link>, Failure> {
    let all: Organizations = toml::from_str(ORGANIZATIONS).map_err(Failure::broken)?;
    let flaws: Flaws = toml::from_str(FLAWS).map_err(Failure::broken)?;
    let begun = ago(now, DAYS * 24);
    let Some(first) = invitation::first(house, begun).await? else {
        return Err(Failure::Refused(Refusal::whole(
            "this data folder has members already; give `--demo` an empty one with `--data-dir`",
        )));
    };
    let (staff, actors) = people::arrive(house, &first, &all.organization, begun).await?;
    scans::policies(house, &actors, begun).await?;
    play::play(house, (&staff, &actors), &flaws.flaw, now).await?;
    scans::scans(house, &actors, now).await?;
    models::models(house, &actors, now).await?;
    numbers::count(house, now).await?;
    people::links(house, &staff, &all.organization, &actors, now).await
}

fn ago(now: Timestamp, hours: i64) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(hours))
        .unwrap_or(Timestamp::MIN)
}
