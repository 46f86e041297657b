//! Prioritize: a finding's place in the queue, from what its reports, its vendors and its coordinator say.

use finding::Report;
use finding::prioritize::{Known, Priority, prioritize};
use finding::validate::{Shown, validate};
use jiff::Timestamp;
use jiff::civil::Date;
use names::{CaseId, FindingId, OrganizationId, Refusal, ReportId};
use policy::{Action, Thing};
use priority::epss::Epss;
use priority::{Cvss, Facts};
use serde::{Deserialize, Serialize};
use store::{Link, Tx};

use crate::coordinate::desk::{Desk, load};
use crate::{Actor, Failure, House, provenance, seal};

/// A report, opened.
pub struct Opened {
    pub id: ReportId,
    pub organization: OrganizationId,
    pub received: Timestamp,
    pub body: Report,
    /// How far its proofs have shown the flaw.
    pub shown: Shown,
}

/// What a coordinator looked up for a finding. What is not given stays open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    pub kev_added: Option<Date>,
    pub kev_due: Option<Date>,
    pub automatable: Option<bool>,
    pub total: Option<bool>,
    pub exposed: Option<bool>,
    /// EPSS, in millionths.
    pub epss_probability: Option<u32>,
    pub epss_percentile: Option<u32>,
    /// Whether a proof was shown to work.
    pub proven: bool,
}

/// The reports of a finding whose keys are there, the first first, with history and terms as they stand now.
pub async fn reports(
    house: &House,
    link: Link<'_>,
    finding: FindingId,
) -> Result<Vec<Opened>, Failure> {
    let rows = store::report::of_finding(link, finding).await?;
    let amended = store::amendment::of_finding(link, finding).await?;
    let last = |id: ReportId| {
        let found = amended.iter().find(|(report, _)| *report == id);
        found.map(|(_, sealed)| &**sealed)
    };
    let said = store::validation::said(link, finding).await?;
    let opened = rows.iter().map(|row| {
        let mut one = opened(house, row, last(row.id))?;
        let runs = said.iter().filter(|(report, ..)| *report == row.id);
        let runs = runs.map(|(_, state, outcome)| (*state, *outcome));
        one.shown = validate(one.body.proofs.len(), runs);
        Ok(one)
    });
    opened.collect()
}

/// One report, with what `amendment` made of its history and terms.
pub fn opened(
    house: &House,
    row: &store::report::Report,
    amendment: Option<&[u8]>,
) -> Result<Opened, Failure> {
    let key = seal::key(house, "report", row.key.as_deref())?;
    let body: Report = seal::open(&key, "report body", &row.body)?;
    Ok(Opened {
        shown: validate(body.proofs.len(), []),
        id: row.id,
        organization: row.organization,
        received: row.received,
        body: provenance::amended(&key, body, amendment)?,
    })
}

/// What is known of a finding, with what stands on its case.
pub fn known(reports: &[Opened], desk: Option<&Desk>) -> Result<Option<Known>, Failure> {
    let Some(reported) = reports.iter().map(|report| report.received).min() else {
        return Ok(None);
    };
    let answers = desk.map(answers).transpose()?.unwrap_or_default();
    let mut exploited_by: Vec<OrganizationId> = reports
        .iter()
        .filter(|report| report.body.exploited)
        .map(|report| report.organization)
        .collect();
    if let Some(desk) = desk {
        let says = |event: &&finding::embargo::Event| matches!(&event.what, finding::embargo::What::Alarm { cause, .. } if *cause == finding::embargo::Cause::Exploitation);
        exploited_by.extend(
            desk.embargo
                .alarms()
                .iter()
                .filter(says)
                .map(|event| event.by),
        );
    }
    exploited_by.sort_unstable();
    exploited_by.dedup();
    let mut finders: Vec<OrganizationId> =
        reports.iter().map(|report| report.organization).collect();
    finders.sort_unstable();
    finders.dedup();
    let vectors = reports.iter().flat_map(|report| &report.body.severities);
    Ok(Some(Known {
        facts: Facts {
            exposed: answers.exposed,
            kev_added: answers.kev_added,
            kev_due: answers.kev_due,
            automatable: answers.automatable,
            total: answers.total,
            detected: Some(reported),
            ..Facts::default()
        },
        exploited_by,
        epss: answers.epss_percentile.map(|percentile_millionths| Epss {
            probability_millionths: answers.epss_probability.unwrap_or(0),
            percentile_millionths,
        }),
        finder_cvss: vectors
            .filter_map(|text| text.parse::<Cvss>().ok())
            .collect(),
        vendor_cvss: desk
            .map(crate::verdict::severities)
            .transpose()?
            .unwrap_or_default(),
        proven: answers.proven || reports.iter().any(|report| report.shown.is_proven()),
        finders: u32::try_from(finders.len()).unwrap_or(u32::MAX),
        reported,
    }))
}

/// What the coordinator said last.
pub fn answers(desk: &Desk) -> Result<Answers, Failure> {
    let last = desk
        .events
        .iter()
        .rev()
        .find(|event| &*event.act == "facts");
    last.map_or(Ok(Answers::default()), |event| desk.open(event))
}

/// Puts a finding where it belongs now; says its priority, where it has any report left.
pub async fn rank(
    house: &House,
    tx: &Tx,
    finding: FindingId,
    desk: Option<&Desk>,
    now: Timestamp,
) -> Result<Option<Priority>, Failure> {
    let reports = reports(house, tx.link(), finding).await?;
    let Some(known) = known(&reports, desk)? else {
        return Ok(None);
    };
    let priority = prioritize(&known, now);
    let due = priority.decision.due.and_then(|due| {
        let end = due
            .tomorrow()
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()?;
        Some(end.timestamp())
    });
    let flags = (priority.rank.is_exploited(), known.proven);
    store::queue::set_rank(tx.link(), finding, priority.rank.number(), flags, due, now).await?;
    Ok(Some(priority))
}

/// The coordinator answers what the date is decided by.
pub async fn answer(
    house: &House,
    actor: &Actor,
    id: CaseId,
    answers: &Answers,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.seat(house, actor, now)?;
    let thing = desk.thing(Thing::finding(), &seat, now);
    house.authorize(actor, Action::Prioritize, &thing)?;
    let mut refusal = Refusal::none();
    let million = [
        ("epss_probability", answers.epss_probability),
        ("epss_percentile", answers.epss_percentile),
    ];
    for (field, value) in million {
        if value.is_some_and(|value| value > 1_000_000) {
            refusal.add(field, "is more than 1; write a share such as `0.97`");
        }
    }
    if answers.kev_due.is_some() && answers.kev_added.is_none() {
        refusal.add(
            "kev_added",
            "a due date of KEV comes with the day of its addition",
        );
    }
    refusal.or(())?;
    desk.record(house, &tx, seat.done("facts", answers), now)
        .await?;
    rank(house, &tx, desk.row.finding, Some(&desk), now).await?;
    desk.save(&tx, now).await?;
    tx.commit().await?;
    Ok(())
}
