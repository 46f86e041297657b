//! Demo: what does a house look like that has been at work for a month?
//!
//! Everything is made through the acts that people use, with a clock in the past; the data is invented and stands in
//! `examples/demo`. Each role gets a link that signs in as a member made for it.

use std::collections::BTreeMap;

use clearinghouse::coordinate::{self, arrive};
use clearinghouse::who::{invitation, sign_in};
use clearinghouse::{Actor, Failure, House, embargo, organization, pace, queue, submit, verdict};
use finding::Report;
use finding::coordinate::{Part, Stage};
use finding::pace::Pace;
use finding::report::{Crash, Frame, Product, Site};
use finding::verdict::{Status, Word};
use jiff::{SignedDuration, Timestamp};
use names::{CaseId, OrganizationId, OrganizationKind, Refusal, Role};
use serde::Deserialize;

const ORGANIZATIONS: &str = include_str!("../../../examples/demo/organizations.toml");
const FLAWS: &str = include_str!("../../../examples/demo/flaws.toml");

/// How long the house has been at work.
const DAYS: i64 = 28;

/// The address that the makers of the demo come from, where tries are counted.
const FROM: sign_in::From<'static> = sign_in::From {
    address: "demo",
    agent: "demo",
};

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
    state: String,
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
    let mut actors: BTreeMap<String, Actor> = BTreeMap::new();
    let mut staff = Actor::Anonymous;
    for one in &all.organization {
        let actor = if one.kind == OrganizationKind::Coordinator && staff == Actor::Anonymous {
            let made = accept(house, first.reveal(), &one.people[0], begun).await?;
            staff = Actor::Member(made.member.clone());
            staff.clone()
        } else {
            let id = organization::create(house, &staff, one.kind, &one.name, begun).await?;
            Actor::Member(
                account(house, &staff, id, &one.people[0], begun)
                    .await?
                    .member,
            )
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
    report(house, &actors, &flaws.flaw, now).await?;
    while arrive::arrive(house, ago(now, 48)).await? > 0 {}
    work(house, &staff, &actors, &flaws.flaw, now).await?;
    links(house, &staff, &all.organization, &actors, now).await
}

/// Everyone hands over what they found, each in words of their own.
async fn report(
    house: &House,
    actors: &BTreeMap<String, Actor>,
    flaws: &[Flaw],
    now: Timestamp,
) -> Result<(), Failure> {
    for (number, flaw) in (0i64..).zip(flaws) {
        for (turn, finder) in (0i64..).zip(&flaw.found_by) {
            let Some(actor) = actors.get(finder) else {
                return Err(Failure::broken(format!("nobody is called `{finder}`")));
            };
            let at = ago(now, (DAYS - 1) * 24 - number * 18 - turn * 5);
            let report = worded(flaw, finder, turn);
            let text = serde_json::to_vec(&report).map_err(Failure::broken)?;
            let key = format!("demo-{number}");
            submit::submit(house, actor, &report, &key, keys::sha256(&[&text]), at).await?;
        }
    }
    Ok(())
}

/// The same flaw as another finder tells it: other words, another build, sometimes no stack.
fn worded(flaw: &Flaw, finder: &str, turn: i64) -> Report {
    let title = match turn {
        0 => flaw.title.clone(),
        1 => format!("{} ({finder})", flaw.title),
        _ => format!("{}: {}", finder, flaw.title.to_lowercase()),
    };
    let site = Site {
        file: flaw.file.clone().unwrap_or_default().into(),
        function: flaw.function.clone().map(Into::into),
        line: flaw.line,
    };
    let frames = flaw.stack.iter().map(|function| Frame {
        function: function.as_str().into(),
        ..Frame::default()
    });
    let crash = flaw.crash.as_ref().filter(|_| turn != 2).map(|kind| Crash {
        kind: kind.as_str().into(),
        stack: frames.collect(),
        raw: "".into(),
    });
    let mut report = Report {
        title: title.into(),
        description: flaw.text.clone().into(),
        weaknesses: vec![flaw.weakness],
        sites: if flaw.file.is_some() {
            vec![site]
        } else {
            Vec::new()
        },
        crash,
        severities: flaw
            .severity
            .iter()
            .map(|vector| vector.as_str().into())
            .collect(),
        ..Report::default()
    };
    report.target.package = flaw.package.as_ref().and_then(|text| text.parse().ok());
    if report.target.package.is_none() {
        report.target.product = Some(Product {
            vendor: flaw.vendor.clone().into(),
            name: flaw
                .title
                .split_whitespace()
                .last()
                .unwrap_or("product")
                .into(),
        });
    }
    report.provenance.finders = vec![finder.into()];
    report
}

/// The staff asks vendors in, and some of them answer.
async fn work(
    house: &House,
    staff: &Actor,
    actors: &BTreeMap<String, Actor>,
    flaws: &[Flaw],
    now: Timestamp,
) -> Result<(), Failure> {
    let held = cases(house, staff, flaws, now).await?;
    for (case, flaw) in held {
        let vendor = actors.get(&flaw.vendor);
        let Some(vendor_id) = vendor.and_then(Actor::organization) else {
            continue;
        };
        if flaw.state == "received" {
            continue;
        }
        let triage = coordinate::advance(house, staff, case, Stage::Triage, "", ago(now, 44));
        settled(triage.await)?;
        // A case that another flaw of the list was merged into has its vendor already.
        let invited = coordinate::invite(house, staff, case, vendor_id, Part::Vendor, ago(now, 40));
        settled(invited.await)?;
    }
    pace::release(house, ago(now, 36)).await?;
    for (case, flaw) in cases(house, staff, flaws, now).await? {
        let status = match flaw.state.as_str() {
            "fixed" | "published" => Status::Fixed,
            "working" => Status::Affected,
            "disputed" => Status::Disputed,
            _ => continue,
        };
        let word = Word {
            product: flaw
                .package
                .clone()
                .unwrap_or_else(|| flaw.vendor.clone())
                .into(),
            versions: "".into(),
            status,
            justification: None,
            words: "We looked at it.".into(),
            severity: None,
        };
        let Some(vendor) = actors.get(&flaw.vendor) else {
            continue;
        };
        agree(house, vendor, case, ago(now, 30)).await?;
        settled(verdict::say(house, vendor, case, word, ago(now, 24)).await)?;
    }
    Ok(())
}

/// A maintainer who was sent a case agrees to its embargo, and may read it then.
async fn agree(house: &House, vendor: &Actor, case: CaseId, at: Timestamp) -> Result<(), Failure> {
    let Ok(seen) = coordinate::show::show(house, vendor, case, at).await else {
        return Ok(());
    };
    let proposed = seen.embargo.proposal().map(|proposal| proposal.until);
    let Some(until) = proposed.or(seen.embargo.until()) else {
        return Ok(());
    };
    let agreed = embargo::embargo(house, vendor, case, embargo::Ask::Accept(until), at);
    settled(agreed.await.map(|_| ()))
}

/// What a rule says no to stays as it is: a case that was not sent yet, within the pace its maintainer agreed to, is
/// one that its maintainer knows nothing of.
fn settled(outcome: Result<(), Failure>) -> Result<(), Failure> {
    match outcome {
        Ok(()) | Err(Failure::Refused(_) | Failure::Hidden | Failure::Denied) => Ok(()),
        Err(broken) => Err(broken),
    }
}

/// Each flaw with its case, as the staff finds it in the queue by its title.
async fn cases<'a>(
    house: &House,
    staff: &Actor,
    flaws: &'a [Flaw],
    now: Timestamp,
) -> Result<Vec<(CaseId, &'a Flaw)>, Failure> {
    let mut found = Vec::new();
    for page in 1.. {
        let (lines, more) =
            queue::queue(house, staff, &queue::Filter::default(), page, now).await?;
        for line in lines {
            let title = line.title.unwrap_or_default().to_lowercase();
            let flaw = flaws
                .iter()
                .find(|flaw| title.contains(&flaw.title.to_lowercase()));
            found.extend(flaw.map(|flaw| (line.case, flaw)));
        }
        if !more {
            break;
        }
    }
    Ok(found)
}

/// A member for each organization, signed in now.
async fn links(
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
) -> Result<invitation::Accepted, Failure> {
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
) -> Result<invitation::Accepted, Failure> {
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

fn ago(now: Timestamp, hours: i64) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(hours))
        .unwrap_or(Timestamp::MIN)
}
