//! Play: everything that was drawn up is done, in the order of its hours.

use std::collections::{BTreeMap, BTreeSet};

use clearinghouse::coordinate::{self, arrive, show};
use clearinghouse::embargo::{Ask, embargo};
use clearinghouse::{Actor, Failure, House, pace, publish, queue, verdict, withdraw};
use finding::coordinate::{Part, Stage};
use finding::publish::Draft;
use finding::verdict::{Justification, Status, Word};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use names::CaseId;

use super::proofs;
use super::reports::worded;
use super::way::{Act, KEPT, way};
use super::{DAYS, Flaw, ago};

/// Everyone: the staff, and each organization's member by its name.
type Cast<'a> = (&'a Actor, &'a BTreeMap<String, Actor>);

/// Plays the month up to `now`.
pub async fn play(
    house: &House,
    cast: Cast<'_>,
    flaws: &[Flaw],
    now: Timestamp,
) -> Result<(), Failure> {
    let begun = ago(now, DAYS * 24);
    let mut plan: Vec<(i64, usize, Act)> = Vec::new();
    for (number, flaw) in flaws.iter().enumerate() {
        plan.extend(
            way(number, flaw)
                .into_iter()
                .map(|(hours, act)| (hours, number, act)),
        );
    }
    plan.sort_by_key(|(hours, number, _)| (*hours, *number));
    let mut cases = Cases::default();
    for (hours, number, act) in plan {
        let at = begun + SignedDuration::from_hours(hours);
        if at >= now {
            break;
        }
        let flaw = &flaws[number];
        match act {
            Act::Report(turn) => report(house, cast, (number, flaw), turn, at).await?,
            Act::Arrive => {
                while arrive::arrive(house, at).await? > 0 {}
                cases.find(house, cast.0, flaws, at).await?;
            }
            Act::Release => {
                pace::release(house, at).await?;
            }
            Act::Validate => proofs::validated(house, cast.0, flaw, at).await?,
            act => {
                if let Some(case) = cases.of(number) {
                    settled(one(house, cast, flaw, (case, act), at).await)?;
                }
            }
        }
    }
    Ok(())
}

/// Which flaw has which case: a report that was the same as another's has none of its own.
#[derive(Default)]
struct Cases {
    of: BTreeMap<usize, CaseId>,
    seen: BTreeSet<CaseId>,
}

impl Cases {
    fn of(&self, number: usize) -> Option<CaseId> {
        self.of.get(&number).copied()
    }

    /// Those that were opened since, as the staff finds them in the queue by their titles.
    async fn find(
        &mut self,
        house: &House,
        staff: &Actor,
        flaws: &[Flaw],
        at: Timestamp,
    ) -> Result<(), Failure> {
        for page in 1.. {
            let all = queue::Filter::default();
            let (lines, more) = queue::queue(house, staff, &all, page, at).await?;
            for line in lines {
                if !self.seen.insert(line.case) {
                    continue;
                }
                let title = line.title.unwrap_or_default().to_lowercase();
                let flaw = flaws
                    .iter()
                    .position(|flaw| title.contains(&flaw.title.to_lowercase()));
                if let Some(number) = flaw {
                    self.of.entry(number).or_insert(line.case);
                }
            }
            if !more {
                break;
            }
        }
        Ok(())
    }
}

/// Hands over what a finder found, in words of their own.
async fn report(
    house: &House,
    (_, actors): Cast<'_>,
    (number, flaw): (usize, &Flaw),
    turn: usize,
    at: Timestamp,
) -> Result<(), Failure> {
    let finder = &flaw.found_by[turn];
    let actor = named(actors, finder)?;
    let is_told = matches!(&*flaw.state, "published" | "corrected" | "retracted");
    // The first finder says until when; the others leave it to them.
    let until = (is_told && turn == 0).then(|| at + SignedDuration::from_hours(KEPT));
    let place = i64::try_from(turn).unwrap_or(0);
    let report = worded(flaw, finder, place, until);
    let proof = Some(flaw).filter(|flaw| turn == 0 && flaw.proof.is_some());
    proofs::hand_over(house, actor, proof, report, &format!("demo-{number}"), at).await
}

fn named<'a>(actors: &'a BTreeMap<String, Actor>, name: &str) -> Result<&'a Actor, Failure> {
    let missing = || Failure::broken(format!("nobody is called `{name}`"));
    actors.get(name).ok_or_else(missing)
}

/// What a rule says no to stays as it is: a case that was not sent yet, within the pace its maintainer agreed to, is
/// one that its maintainer knows nothing of.
fn settled(outcome: Result<(), Failure>) -> Result<(), Failure> {
    match outcome {
        Ok(()) | Err(Failure::Refused(_) | Failure::Hidden | Failure::Denied) => Ok(()),
        Err(broken) => Err(broken),
    }
}

/// The staff looked at what came to a case by itself, and lets its finders in.
async fn let_in(house: &House, staff: &Actor, case: CaseId, at: Timestamp) -> Result<(), Failure> {
    let shown = show::show(house, staff, case, at).await?;
    for (report, ..) in shown.arrivals {
        arrive::let_in(house, staff, report, at).await?;
    }
    arrive::arrive(house, at).await?;
    Ok(())
}

/// One act of one case.
async fn one(
    house: &House,
    (staff, actors): Cast<'_>,
    flaw: &Flaw,
    (case, act): (CaseId, Act),
    at: Timestamp,
) -> Result<(), Failure> {
    let vendor = named(actors, &flaw.vendor)?;
    let advance = async |actor: &Actor, stage, why: &str| {
        coordinate::advance(house, actor, case, stage, why, at).await
    };
    let ask = async |actor: &Actor, ask| embargo(house, actor, case, ask, at).await.map(|_| ());
    match act {
        Act::Report(_) | Act::Arrive | Act::Release | Act::Validate => Ok(()),
        Act::Triage => {
            advance(staff, Stage::Triage, "").await?;
            let_in(house, staff, case, at).await
        }
        Act::Invite => {
            let id = vendor.organization().ok_or(Failure::Hidden)?;
            coordinate::invite(house, staff, case, id, Part::Vendor, at).await
        }
        Act::FindersAgree => {
            let_in(house, staff, case, at).await?;
            for finder in &flaw.found_by {
                settled(agree(house, named(actors, finder)?, case, at).await)?;
            }
            Ok(())
        }
        Act::VendorAgrees => agree(house, vendor, case, at).await,
        Act::Affected => verdict::say(house, vendor, case, word(flaw, Status::Affected), at).await,
        Act::Disputed => verdict::say(house, vendor, case, word(flaw, Status::Disputed), at).await,
        Act::NotAffected => {
            let word = Word {
                justification: Some(Justification::VulnerableCodeNotInExecutePath),
                ..word(flaw, Status::NotAffected)
            };
            verdict::say(house, vendor, case, word, at).await
        }
        Act::Fixing => advance(vendor, Stage::Fixing, "").await,
        Act::Fixed => verdict::say(house, vendor, case, word(flaw, Status::Fixed), at).await,
        Act::Ready => advance(vendor, Stage::Ready, "").await,
        Act::Message(turn) => {
            let message = &flaw.message[turn];
            let writer = named(actors, &message.by)?;
            let sent = coordinate::message(house, writer, case, &message.text, None, &[], at);
            sent.await.map(|_| ())
        }
        Act::Longer => {
            let until = at + SignedDuration::from_hours(24 * 120);
            ask(vendor, Ask::Propose(until)).await
        }
        Act::Alarm(cause) => {
            let seen = "a customer's sensor saw it used twice since yesterday";
            ask(vendor, Ask::Alarm(cause, seen.into())).await
        }
        Act::End(cause) => {
            let seen = "the vendor's report, and a second sighting by an operator";
            ask(staff, Ask::End(cause, seen.into())).await
        }
        Act::Draft => {
            publish::save(
                house,
                staff,
                case,
                &draft(house, staff, flaw, case, at).await?,
                at,
            )
            .await
        }
        Act::Publish => {
            let draft = draft(house, staff, flaw, case, at).await?;
            publish::publish(house, staff, case, &draft, at)
                .await
                .map(|_| ())
        }
        Act::Correct => {
            let draft = Draft {
                change: "names what helps where an update must wait".into(),
                workaround: "Refuse inputs from outside until the update is in.".into(),
                // Seen in use since the day before, under an id that nobody will ever give.
                exploited: at.to_zoned(TimeZone::UTC).date().yesterday().ok(),
                aliases: vec![format!("CVE-2026-{}", 900_000 + case.get()).into()],
                ..draft(house, staff, flaw, case, at).await?
            };
            publish::publish(house, staff, case, &draft, at)
                .await
                .map(|_| ())
        }
        Act::Retract => {
            let drafted = publish::draft(house, staff, case, at).await?;
            let advisory = drafted.advisory.ok_or(Failure::Hidden)?;
            let reason = "the behavior is one that its documentation promises";
            publish::withdraw(house, staff, advisory.id, reason, at)
                .await
                .map(|_| ())
        }
        Act::Close => {
            advance(
                staff,
                Stage::Closed,
                "its vendor showed that the code is never run",
            )
            .await
        }
        Act::Withdraw => {
            let finder = named(actors, &flaw.found_by[0])?;
            withdraw::withdraw(house, finder, case, at)
                .await
                .map(|_| ())
        }
    }
}

/// Agrees to the day on offer, or to the one in effect.
async fn agree(house: &House, actor: &Actor, case: CaseId, at: Timestamp) -> Result<(), Failure> {
    let seen = show::show(house, actor, case, at).await?;
    let proposed = seen.embargo.proposal().map(|proposal| proposal.until);
    let Some(until) = proposed.or(seen.embargo.until()) else {
        return Ok(());
    };
    embargo(house, actor, case, Ask::Accept(until), at)
        .await
        .map(|_| ())
}

/// A flaw's product, the version that has it, and the next one, which has the fix.
fn product(flaw: &Flaw) -> (&str, &str, String) {
    let package = flaw.package.as_deref().unwrap_or(&flaw.vendor);
    let (product, version) = package.rsplit_once('@').unwrap_or((package, ""));
    let digits = |c: char| c.is_ascii_digit();
    let (rest, last) = version.split_at(version.trim_end_matches(digits).len());
    let next = last.parse::<u32>().map_or(0, |last| last + 1);
    (product, version, format!("{rest}{next}"))
}

/// What a vendor says of its product.
fn word(flaw: &Flaw, status: Status) -> Word {
    let (product, version, next) = product(flaw);
    let versions = match status {
        Status::Fixed => next,
        _ => version.to_owned(),
    };
    let words = match status {
        Status::Disputed => {
            "It does what its documentation says; we see no boundary that it crosses."
        }
        Status::NotAffected => "The rounded value is shown and never booked.",
        Status::Fixed => "This release has the fix.",
        _ => "",
    };
    Word {
        product: product.into(),
        versions: versions.into(),
        status,
        justification: None,
        words: words.into(),
        severity: None,
    }
}

/// What the staff writes to be published: what the record of the case proposes, and the words of the flaw.
async fn draft(
    house: &House,
    staff: &Actor,
    flaw: &Flaw,
    case: CaseId,
    at: Timestamp,
) -> Result<Draft, Failure> {
    let drafted = publish::draft(house, staff, case, at).await?;
    let (product, _, next) = product(flaw);
    let name = product.rsplit('/').next().unwrap_or(product);
    Ok(Draft {
        title: flaw.title.clone().into(),
        summary: flaw.text.clone().into(),
        references: vec![format!("https://releases.example/{name}/{next}").into()],
        fix: format!("Update to {name} {next}.").into(),
        ..drafted.draft
    })
}
