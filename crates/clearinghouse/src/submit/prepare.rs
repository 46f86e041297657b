//! Prepare: what of taking a report needs neither the store nor the writer's turn.
//!
//! Checking, fingerprints, hashes, sealing and the entry for the log: most of what a report costs, and done for the next
//! thousand while the store takes this one.

use std::sync::Arc;

use finding::hex;
use finding::known::{self, Evidence, EvidenceKind};
use finding::submit::{Draft, Input};
use jiff::Timestamp;
use keys::{Blind, DataKey};
use policy::Action;
use serde_json::json;

use super::wish::{self, Asking, Wished};
use super::{KEY_BYTES_MAX, READ_WITHIN, READ_WITHIN_EXPLOITED, may, proof};
use crate::actor::Member;
use crate::deconflict::{self, Drawn};
use crate::log::{self, Note, Written};
use crate::{Actor, Failure, House, seal, validate};

/// A report whose texts are sealed, ready for a transaction.
#[derive(Clone)]
pub struct Prepared {
    pub(super) member: Member,
    pub(super) idempotency: Box<str>,
    pub(super) digest: [u8; 32],
    pub(super) wrapped: keys::Wrapped,
    pub(super) body: Vec<u8>,
    /// Its entry, which has no place in the log yet.
    pub(super) entry: Written,
    pub(super) terms: Terms,
    pub(super) drawn: Arc<Drawn>,
    /// The fingerprint, sealed.
    pub(super) print: Vec<u8>,
    pub(super) inputs: Vec<SealedInput>,
    pub(super) asking: Asking,
    /// What the maintainer asks for, where it was looked up before ([`foresee`]).
    pub(super) wished: Option<Wished>,
    pub(super) read_by: Timestamp,
    pub(super) now: Timestamp,
}

/// A report's evidence as the index holds it, by how far it can be guessed.
#[derive(Clone, Default)]
pub(super) struct Terms {
    pub(super) proofs: Vec<[u8; 16]>,
    pub(super) structured: Vec<[u8; 16]>,
    /// Kept to be asked about, and never a reason to call a report known.
    pub(super) salted: Vec<[u8; 16]>,
}

/// A proof that came along, sealed.
#[derive(Clone)]
pub(super) struct SealedInput {
    pub(super) digest: Vec<u8>,
    pub(super) length: i64,
    pub(super) body: Vec<u8>,
    pub(super) is_bundle: bool,
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
    let text = seal::json(&draft.report);
    let idempotency = draft
        .key
        .as_deref()
        .or(key)
        .map_or_else(|| fallback_key(&draft, &text), Box::from);
    if idempotency.is_empty() || idempotency.len() > KEY_BYTES_MAX {
        return Err(Failure::refused(
            "key",
            format!("a key has from 1 to {KEY_BYTES_MAX} bytes; a run's name and a number will do"),
        ));
    }
    let (data, wrapped) = seal::new_key(house, "report");
    let mut drawn = deconflict::draw(house, &data, &draft.report);
    let read_within = match draft.report.exploited {
        true => READ_WITHIN_EXPLOITED,
        false => READ_WITHIN,
    };
    Ok(Prepared {
        member: member.clone(),
        idempotency,
        digest: draft.digest,
        body: seal::seal_text(house, &data, "report body", &text),
        entry: log::write(house, &note(member, &draft, now))?,
        terms: terms(house, &draft),
        print: std::mem::take(&mut drawn.sealed),
        drawn: Arc::new(drawn),
        inputs: inputs(house, &data, &draft),
        asking: Asking::of(house, &draft.report),
        wished: None,
        wrapped,
        read_by: now.saturating_add(read_within).unwrap_or(now),
        now,
    })
}

/// Looks up before the writer's turn what `all` will be compared with and what their finders are told, so that the turn
/// is shorter. Nothing is decided by it: what changes meanwhile is seen in the turn.
pub async fn foresee(house: &House, all: &mut [Prepared]) -> Result<(), Failure> {
    let wished = wish::of_all(house.store.link(), all).await?;
    for (one, wished) in all.iter_mut().zip(wished) {
        one.wished = Some(wished);
    }
    let drawn: Vec<&Drawn> = all.iter().map(|one| &*one.drawn).collect();
    deconflict::foresee(house, &drawn).await
}

fn note(member: &Member, draft: &Draft, now: Timestamp) -> Note {
    Note::Sealed(json!({
        "act": "submit",
        "organization": member.organization,
        "member": member.id,
        "sha256": hex(&draft.digest),
        "at": now,
    }))
}

/// Several reports of one SARIF log have one digest; what each says tells them apart.
fn fallback_key(draft: &Draft, text: &[u8]) -> Box<str> {
    hex(&keys::sha256(&[&draft.digest, text])).into()
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

pub(super) fn term(blind: &Blind, one: &Evidence) -> [u8; 16] {
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
