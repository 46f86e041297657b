//! Submit: a finder hands over what they found, and holds a receipt.
//!
//! One report or a thousand are one transaction ([`take`]); many who hand over one each are gathered into one
//! ([`Gathering`]). What costs time, sealing and hashing, is done before the writer's turn begins.

mod check;
mod gather;
mod precommit;
pub(crate) mod proof;
mod view;
mod wish;

use std::collections::{HashMap, HashSet};

use finding::known::{self, Evidence, EvidenceKind, STRUCTURED_PER_DAY_MAX};
use finding::submit::{Draft, Input};
use finding::{Report, hex};
use jiff::{SignedDuration, Timestamp};
use keys::{Blind, DataKey};
use names::{FindingId, OrganizationId, Refusal, ReportId};
use policy::{Action, Thing};
use serde::Serialize;
use serde_json::json;
use store::Tx;

use crate::actor::Member;
use crate::coordinate;
use crate::deconflict::{self, Drawn};
use crate::log::{self, Note};
use crate::{Actor, Failure, House, seal, validate};

pub use check::{Answer, claim_check};
pub use gather::Gathering;
pub use precommit::{Committed, commit, reveal};
pub use proof::{Progress, expire, progress, receive};
pub use view::{Handed, Status, list, show};
pub use wish::Wished;

use wish::Asking;

/// Reports of one transaction. A thousand of 2 KiB are sealed, inserted and logged in some 50 ms, and that long every
/// other writer waits.
pub const CHUNK_MAX: usize = 1_000;

/// Reports of one document, which is taken whole or not at all: five chunks, and as long again nobody else writes.
/// What is longer is streamed as NDJSON.
pub const DOCUMENT_REPORTS_MAX: usize = 5 * CHUNK_MAX;

/// A key is a word of the sender's: a run and a number, a URL, a hash.
const KEY_BYTES_MAX: usize = 256;

/// Someone reads a report by then: three days, over a weekend too.
const READ_WITHIN: SignedDuration = SignedDuration::from_hours(72);

/// The same where the finder saw it used against someone.
const READ_WITHIN_EXPLOITED: SignedDuration = SignedDuration::from_hours(24);

/// What the finder holds in hand.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Receipt {
    pub report: ReportId,
    /// Its entry's place in the log.
    pub log_index: i64,
    /// SHA-256 of what was received, in hexadecimal.
    #[serde(serialize_with = "as_hex")]
    pub digest: [u8; 32],
    pub received: Timestamp,
    /// Someone of the clearinghouse reads it by then.
    pub read_by: Timestamp,
    /// It was there already, under the same key: this is the same receipt again.
    pub again: bool,
    /// What the maintainer asks for, and what becomes of it now.
    pub maintainer: Wished,
}

/// A report whose texts are sealed, ready for a transaction.
#[derive(Clone)]
pub struct Prepared {
    member: Member,
    idempotency: Box<str>,
    digest: [u8; 32],
    wrapped: keys::Wrapped,
    body: Vec<u8>,
    terms: Terms,
    drawn: Drawn,
    inputs: Vec<SealedInput>,
    asking: Asking,
    read_by: Timestamp,
    now: Timestamp,
}

/// A report's evidence as the index holds it, by how far it can be guessed.
#[derive(Clone, Default)]
struct Terms {
    proofs: Vec<[u8; 16]>,
    structured: Vec<[u8; 16]>,
    /// Kept to be asked about, and never a reason to call a report known.
    salted: Vec<[u8; 16]>,
}

/// A proof that came along, sealed.
#[derive(Clone)]
struct SealedInput {
    digest: Vec<u8>,
    length: i64,
    body: Vec<u8>,
    is_bundle: bool,
}

/// Takes one report. The same key again gives the same receipt.
pub async fn submit(
    house: &House,
    actor: &Actor,
    report: &Report,
    idempotency: &str,
    digest: [u8; 32],
    now: Timestamp,
) -> Result<Receipt, Failure> {
    let draft = Draft {
        report: report.clone(),
        key: Some(idempotency.into()),
        digest,
        inputs: Vec::new(),
    };
    let prepared = prepare(house, actor, draft, None, now)?;
    let mut all = take(house, vec![prepared]).await?;
    all.pop()
        .unwrap_or_else(|| Err(Failure::broken("one report and no answer")))
}

/// Takes all of a document or none of it, and says everything that keeps it from being taken. `key` is the document's
/// own, where its sender gave one.
pub async fn submit_all(
    house: &House,
    actor: &Actor,
    drafts: Vec<(Box<str>, Draft)>,
    key: Option<&str>,
    now: Timestamp,
) -> Result<Vec<Receipt>, Failure> {
    if drafts.len() > DOCUMENT_REPORTS_MAX {
        let message = format!(
            "it holds {} reports; a document holds at most {DOCUMENT_REPORTS_MAX}, more are streamed as NDJSON",
            drafts.len()
        );
        return Err(Failure::refused("", message));
    }
    let (places, drafts): (Vec<Box<str>>, Vec<Draft>) = drafts.into_iter().unzip();
    let mut prepared = Vec::with_capacity(drafts.len());
    let mut refusal = Refusal::none();
    for (at, draft) in drafts.into_iter().enumerate() {
        let key = key.map(|key| {
            if at == 0 {
                key.to_owned()
            } else {
                format!("{key}#{at}")
            }
        });
        match prepare(house, actor, draft, key.as_deref(), now) {
            Ok(one) => prepared.push(one),
            Err(Failure::Refused(problems)) => refusal.within(&places[at], problems),
            Err(other) => return Err(other),
        }
    }
    if !refusal.is_empty() {
        return Err(refusal.into());
    }
    let wished = wish::of_all(house.store.link(), &prepared).await?;
    let tx = house.store.write().await?;
    let mut receipts = Vec::with_capacity(prepared.len());
    let answers = within(house, &tx, prepared, wished).await?;
    for (taken, place) in answers.into_iter().zip(&places) {
        match taken {
            Ok(receipt) => receipts.push(receipt),
            Err(Failure::Refused(problems)) => refusal.within(place, problems),
            Err(other) => return Err(other),
        }
    }
    if !refusal.is_empty() {
        // Dropped without a commit: nothing of it happened.
        return Err(refusal.into());
    }
    tx.commit().await?;
    Ok(receipts)
}

/// Authorizes and seals one report. `key` stands where the report has none; without either its digest does, so that
/// whoever sends the same bytes again gets the same receipt.
pub fn prepare(
    house: &House,
    actor: &Actor,
    draft: Draft,
    key: Option<&str>,
    now: Timestamp,
) -> Result<Prepared, Failure> {
    let member = may(house, actor, Action::Submit)?;
    let idempotency = draft
        .key
        .as_deref()
        .or(key)
        .map_or_else(|| fallback_key(&draft), Box::from);
    if idempotency.is_empty() || idempotency.len() > KEY_BYTES_MAX {
        return Err(Failure::refused(
            "key",
            format!("a key has from 1 to {KEY_BYTES_MAX} bytes; a run's name and a number will do"),
        ));
    }
    let (data, wrapped) = seal::new_key(house, "report");
    let read_within = match draft.report.exploited {
        true => READ_WITHIN_EXPLOITED,
        false => READ_WITHIN,
    };
    Ok(Prepared {
        member: member.clone(),
        idempotency,
        digest: draft.digest,
        body: seal::seal(house, &data, "report body", &draft.report),
        terms: terms(house, &draft),
        drawn: deconflict::draw(house, &data, &draft.report),
        inputs: inputs(house, &data, &draft),
        asking: Asking::of(house, &draft.report),
        wrapped,
        read_by: now.saturating_add(read_within).unwrap_or(now),
        now,
    })
}

/// Takes `all` in one transaction, each for itself: what one is refused for costs no other. `Err` where none was taken.
pub async fn take(
    house: &House,
    all: Vec<Prepared>,
) -> Result<Vec<Result<Receipt, Failure>>, Failure> {
    let wished = wish::of_all(house.store.link(), &all).await?;
    let tx = house.store.write().await?;
    let answers = within(house, &tx, all, wished).await?;
    // Durable from here. If the answer is lost, the same key gives the same receipt.
    tx.commit().await?;
    Ok(answers)
}

async fn within(
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
    let mut kept: Vec<(usize, Prepared)> = all
        .into_iter()
        .enumerate()
        .filter(|(place, _)| fresh.binary_search(place).is_ok())
        .collect();
    let now = kept
        .first()
        .map_or(Timestamp::UNIX_EPOCH, |(_, one)| one.now);
    let notes: Vec<Note> = kept.iter().map(|(_, one)| note(one)).collect();
    let first = log::append(house, tx, &notes).await?;
    let known = known(tx, &kept).await?;
    let prints: Vec<&Drawn> = kept.iter().map(|(_, one)| &one.drawn).collect();
    let placed = deconflict::place_chunk(house, tx, &prints, now).await?;
    let drafts = kept
        .iter_mut()
        .zip(first..)
        .zip(placed.findings())
        .zip(known)
        .map(|((((_, one), index), finding), known)| (row(one, index, finding), known))
        .collect();
    let ids = store::report::insert_all(tx.link(), drafts).await?;
    let (mut evidence, mut drawn) = (Vec::new(), Vec::new());
    for (((place, one), id), index) in kept.into_iter().zip(ids).zip(first..) {
        let terms = one.terms;
        let all = [terms.proofs, terms.structured, terms.salted].concat();
        evidence.extend(all.into_iter().map(|term| (id, term)));
        for input in one.inputs {
            proof::keep(tx, id, input, one.now).await?;
        }
        drawn.push((id, one.drawn));
        answers[place] = Some(Ok(Receipt {
            report: id,
            log_index: index,
            digest: one.digest,
            received: one.now,
            read_by: one.read_by,
            again: false,
            maintainer: Wished::default(),
        }));
    }
    store::evidence::insert(tx.link(), evidence).await?;
    deconflict::keep_chunk(house, tx, &drawn, placed, now).await?;
    let reports: Vec<ReportId> = drawn.iter().map(|(id, _)| *id).collect();
    coordinate::arrive::expect(tx, &reports, now).await?;
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
        fingerprint: Some(std::mem::take(&mut one.drawn.sealed)),
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

fn note(one: &Prepared) -> Note {
    Note::Sealed(json!({
        "act": "submit",
        "organization": one.member.organization,
        "member": one.member.id,
        "sha256": hex(&one.digest),
        "at": one.now,
    }))
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

/// Who may hand over, as a member of their organization.
fn may<'a>(house: &House, actor: &'a Actor, action: Action) -> Result<&'a Member, Failure> {
    house.authorize(actor, action, &Thing::instance())?;
    actor.member().ok_or(Failure::Denied)
}

/// A report that they may do `action` to; else there is no such thing.
async fn reach(
    house: &House,
    actor: &Actor,
    action: Action,
    id: ReportId,
) -> Result<store::report::Report, Failure> {
    let found = store::report::find(house.store.link(), id).await?;
    let found = found.ok_or(Failure::Hidden)?;
    house.reveal(actor, action, &Thing::report(found.organization))?;
    Ok(found)
}

fn fallback_key(draft: &Draft) -> Box<str> {
    // Several reports of one SARIF log have one digest; what each says tells them apart.
    let text =
        serde_json::to_vec(&draft.report).expect("our own types have no keys that JSON lacks");
    hex(&keys::sha256(&[&draft.digest, &text])).into()
}

fn terms(house: &House, draft: &Draft) -> Terms {
    let blind = &house.evidence;
    let mut terms = Terms::default();
    let salt = house.settings.federation_salt.as_ref();
    let salted = salt.and_then(|salt| known::scrutineer(&salt.0, &draft.report));
    let own = known::evidence(&draft.report, &draft.inputs);
    for one in own.into_iter().chain(salted) {
        match one.kind {
            EvidenceKind::Proof => terms.proofs.push(term(blind, &one)),
            EvidenceKind::Stack | EvidenceKind::Trace => terms.structured.push(term(blind, &one)),
            EvidenceKind::Scrutineer => terms.salted.push(term(blind, &one)),
        }
    }
    terms
}

fn term(blind: &Blind, one: &Evidence) -> [u8; 16] {
    blind.term(one.kind.as_str(), &one.digest)
}

fn inputs(house: &House, key: &DataKey, draft: &Draft) -> Vec<SealedInput> {
    let sealed = |input: &Input| {
        let mark = draft.report.proofs.get(input.proof)?;
        let digest = finding::unhex32(&mark.sha256)?;
        Some(SealedInput {
            body: proof::seal_chunk(house, key, &digest, 0, &input.bytes),
            digest: digest.to_vec(),
            length: i64::try_from(input.bytes.len()).ok()?,
            is_bundle: validate::is_bundle(&input.bytes),
        })
    };
    draft.inputs.iter().filter_map(sealed).collect()
}

/// Days since 1970, UTC.
fn day(now: Timestamp) -> i64 {
    now.as_second().div_euclid(86_400)
}

/// What is said to someone who used up what they may.
fn over(what: &str, used: i64, most: i64, day: i64) -> Failure {
    let next = Timestamp::from_second((day + 1) * 86_400).unwrap_or(Timestamp::MAX);
    Failure::refused(
        "quota",
        format!("{used} of {most} {what} a day are used; the count begins again at {next}"),
    )
}

fn as_hex<S: serde::Serializer>(digest: &[u8; 32], out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&hex(digest))
}
