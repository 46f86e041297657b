//! Turn: what taking reports does while nobody else writes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use finding::known::STRUCTURED_PER_DAY_MAX;
use jiff::Timestamp;
use names::{FindingId, OrganizationId, ReportId};
use store::Tx;

use super::{Prepared, Receipt, Wished, day, over, proof};
use crate::coordinate;
use crate::deconflict::{self, Drawn};
use crate::log;
use crate::{Failure, House};

/// Answers each of `all`, and takes those that are new.
pub(super) async fn within(
    house: &House,
    tx: &Tx,
    all: Vec<Prepared>,
    wished: Vec<Wished>,
) -> Result<Vec<Result<Receipt, Failure>>, Failure> {
    let mut answers: Vec<Option<Result<Receipt, Failure>>> = Vec::new();
    answers.resize_with(all.len(), || None);
    let fresh = settle(house, tx, &all, &mut answers).await?;
    if !fresh.is_empty() {
        insert(house, tx, all, &fresh, &mut answers).await?;
    }
    let missing = || Err(Failure::broken("a report without an answer"));
    let told = |(answer, maintainer): (Option<Result<Receipt, Failure>>, Wished)| {
        let receipt = answer.unwrap_or_else(missing)?;
        Ok(Receipt {
            maintainer,
            ..receipt
        })
    };
    Ok(answers.into_iter().zip(wished).map(told).collect())
}

/// Answers what is here already and what is over a quota; says which places are left.
async fn settle(
    house: &House,
    tx: &Tx,
    all: &[Prepared],
    answers: &mut [Option<Result<Receipt, Failure>>],
) -> Result<Vec<usize>, Failure> {
    let mut by_organization: HashMap<OrganizationId, Vec<usize>> = HashMap::new();
    for (place, one) in all.iter().enumerate() {
        by_organization
            .entry(one.member.organization)
            .or_default()
            .push(place);
    }
    let mut fresh = Vec::new();
    for (organization, places) in by_organization {
        let keys: Vec<&str> = places
            .iter()
            .map(|place| &*all[*place].idempotency)
            .collect();
        let held = store::report::by_keys(tx.link(), organization, &keys).await?;
        let held: HashMap<&str, &store::report::Report> =
            held.iter().map(|old| (&*old.idempotency, old)).collect();
        let mut first: HashMap<&str, usize> = HashMap::new();
        let mut own = Vec::new();
        for place in places {
            let one = &all[place];
            if let Some(old) = held.get(&*one.idempotency) {
                answers[place] = Some(again(old, one));
            } else if let Some(earlier) = first.insert(&one.idempotency, place) {
                // Twice in one transaction: the later one is refused where it differs, and asked again where not.
                first.insert(&one.idempotency, earlier);
                answers[place] = Some(Err(twice(&all[earlier], one)));
            } else {
                own.push(place);
            }
        }
        quota(house, tx, organization, all, &mut own, answers).await?;
        fresh.extend(own);
    }
    fresh.sort_unstable();
    Ok(fresh)
}

/// Uses the day's quota; what is over it is refused and dropped from `own`.
async fn quota(
    house: &House,
    tx: &Tx,
    organization: OrganizationId,
    all: &[Prepared],
    own: &mut Vec<usize>,
    answers: &mut [Option<Result<Receipt, Failure>>],
) -> Result<(), Failure> {
    let Some(now) = own.first().map(|place| all[*place].now) else {
        return Ok(());
    };
    let day = day(now);
    let used = store::quota::used(tx.link(), organization, "report", day).await?;
    let most = i64::try_from(house.settings.reports_per_day_max).unwrap_or(i64::MAX);
    let left = usize::try_from(most.saturating_sub(used)).unwrap_or(0);
    for place in own.drain(left.min(own.len())..) {
        answers[place] = Some(Err(over("reports", used.max(most), most, day)));
    }
    if !own.is_empty() {
        let count = i64::try_from(own.len()).unwrap_or(i64::MAX);
        store::quota::add(tx.link(), organization, "report", day, count).await?;
    }
    Ok(())
}

async fn insert(
    house: &House,
    tx: &Tx,
    all: Vec<Prepared>,
    fresh: &[usize],
    answers: &mut [Option<Result<Receipt, Failure>>],
) -> Result<(), Failure> {
    let (mut kept, mut entries) = (Vec::new(), Vec::new());
    let mut drawn: Vec<Arc<Drawn>> = Vec::with_capacity(fresh.len());
    for (place, mut one) in all.into_iter().enumerate() {
        if fresh.binary_search(&place).is_ok() {
            entries.push(std::mem::take(&mut one.entry));
            drawn.push(Arc::clone(&one.drawn));
            kept.push((place, one));
        }
    }
    let now = kept
        .first()
        .map_or(Timestamp::UNIX_EPOCH, |(_, one)| one.now);
    let drawn = Arc::new(drawn);
    // What is decided is computed while the store keeps the entries and looks for evidence.
    let sought = deconflict::seek(house, tx, &drawn).await?;
    let deciding = deconflict::deciding(&drawn, sought);
    let first = log::append_written(house, tx, entries).await?;
    let known = known(tx, &kept).await?;
    let placed = deconflict::number(tx, &drawn, deciding.await?, now).await?;
    let drafts = kept
        .iter_mut()
        .zip(first..)
        .zip(placed.findings())
        .zip(known)
        .map(|((((_, one), index), finding), known)| (row(one, index, finding), known))
        .collect();
    let ids = store::report::insert_all(tx.link(), drafts).await?;
    let mut evidence = Vec::new();
    for (((place, one), id), index) in kept.into_iter().zip(&ids).zip(first..) {
        let terms = [one.terms.proofs, one.terms.structured, one.terms.salted];
        evidence.extend(terms.into_iter().flatten().map(|term| (*id, term)));
        for input in one.inputs {
            proof::keep(tx, *id, input, one.now).await?;
        }
        answers[place] = Some(Ok(Receipt {
            report: *id,
            log_index: index,
            digest: one.digest,
            received: one.now,
            read_by: one.read_by,
            again: false,
            maintainer: Wished::default(),
        }));
    }
    store::evidence::insert(tx.link(), evidence).await?;
    deconflict::keep_chunk(house, tx, &ids, &drawn, placed, now).await?;
    coordinate::arrive::expect(tx, &ids, now).await?;
    Ok(())
}

fn row(one: &mut Prepared, log_index: i64, finding: FindingId) -> store::report::Draft {
    store::report::Draft {
        organization: one.member.organization,
        member: Some(one.member.id),
        finding: Some(finding),
        received: one.now,
        idempotency: one.idempotency.clone(),
        digest: one.digest.to_vec(),
        key: std::mem::take(&mut one.wrapped),
        body: std::mem::take(&mut one.body),
        fingerprint: Some(std::mem::take(&mut one.print)),
        log_index,
    }
}

/// Which reports carry evidence that is held already. Stacks and traces can be guessed at some cost, so as many a day
/// are compared as may be asked about; a report beyond them is `received`, like one that proves nothing.
async fn known(tx: &Tx, kept: &[(usize, Prepared)]) -> Result<Vec<bool>, Failure> {
    let mut left: HashMap<OrganizationId, i64> = HashMap::new();
    for (_, one) in kept
        .iter()
        .filter(|(_, one)| !one.terms.structured.is_empty())
    {
        *left.entry(one.member.organization).or_default() += 1;
    }
    let most = i64::try_from(STRUCTURED_PER_DAY_MAX).unwrap_or(i64::MAX);
    let Some(day) = kept.first().map(|(_, one)| day(one.now)) else {
        return Ok(Vec::new());
    };
    for (organization, count) in &mut left {
        let used = store::quota::used(tx.link(), *organization, "check-structured", day).await?;
        let may = (*count).min(most.saturating_sub(used)).max(0);
        store::quota::add(tx.link(), *organization, "check-structured", day, may).await?;
        *count = may;
    }
    let mut compared: Vec<Vec<[u8; 16]>> = Vec::with_capacity(kept.len());
    for (_, one) in kept {
        let mut own = one.terms.proofs.clone();
        if let Some(left) = left.get_mut(&one.member.organization)
            && *left > 0
            && !one.terms.structured.is_empty()
        {
            *left -= 1;
            own.extend(&one.terms.structured);
        }
        compared.push(own);
    }
    let mut asked = compared.concat();
    asked.sort_unstable();
    asked.dedup();
    let holders = store::evidence::holders(tx.link(), &asked).await?;
    let held: HashSet<&[u8]> = holders.iter().map(|one| one.term.as_slice()).collect();
    let is_known = |own: &Vec<[u8; 16]>| own.iter().any(|term| held.contains(term.as_slice()));
    Ok(compared.iter().map(is_known).collect())
}

/// The receipt of a report that is here already, or why this is another one.
fn again(old: &store::report::Report, new: &Prepared) -> Result<Receipt, Failure> {
    if old.digest != new.digest {
        return Err(other_report(old.id));
    }
    Ok(Receipt {
        report: old.id,
        log_index: old.log_index,
        digest: new.digest,
        received: old.received,
        read_by: shifted(new.read_by, new.now, old.received),
        again: true,
        maintainer: Wished::default(),
    })
}

/// When the first one was promised to be read.
fn shifted(read_by: Timestamp, now: Timestamp, then: Timestamp) -> Timestamp {
    let within = read_by.duration_since(now);
    then.saturating_add(within).unwrap_or(then)
}

fn other_report(old: ReportId) -> Failure {
    Failure::refused(
        "key",
        format!("this key was used for another report, {old}; use a new key for a new report"),
    )
}

fn twice(first: &Prepared, second: &Prepared) -> Failure {
    let message = match first.digest == second.digest {
        true => "this report stands twice in what was handed over; the first of the two was taken",
        false => {
            "this key stands twice in what was handed over, for two reports; give each a key of its own"
        }
    };
    Failure::refused("key", message)
}
