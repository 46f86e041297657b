//! View: what a finder sees of what they handed over.

use finding::Report;
use finding::validate::Shown;
use jiff::Timestamp;
use names::ReportId;
use policy::{Action, Thing};
use serde::Serialize;

use super::wish::{self, Asking};
use super::{Progress, READ_WITHIN, READ_WITHIN_EXPLOITED, Receipt, Wished, reach};
use crate::provenance::{self, Standing};
use crate::{Actor, Failure, House, seal};

/// What became of it, as far as its finder proved to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is here. Whether the flaw was known is not said to who brings no evidence of their own.
    Received,
    /// It carries evidence that equals what was here before it.
    Known,
    /// It was taken back, by itself or with its case, or its finder has left: nobody can read it.
    Withdrawn,
}

/// One's own report.
#[derive(Clone, Debug, Serialize)]
pub struct Handed {
    pub receipt: Receipt,
    pub status: Status,
    /// `None` once it was withdrawn and its key destroyed.
    pub report: Option<Report>,
    /// History and terms as they stand now.
    pub standing: Option<Standing>,
    pub proofs: Vec<Progress>,
    /// How far the proofs have shown the flaw.
    pub shown: Shown,
    /// Whether the reader may add to them.
    pub may_extend: bool,
    /// Whether the reader may take it back.
    pub may_withdraw: bool,
}

/// One's own report, with what its maintainer asks for by now. Another's is [`Failure::Hidden`], like one that is not
/// there.
pub async fn show(
    house: &House,
    actor: &Actor,
    id: ReportId,
    now: Timestamp,
) -> Result<Handed, Failure> {
    let found = reach(house, actor, Action::SeeReport, id).await?;
    let link = house.store.link();
    let may_extend = house.may(
        actor,
        Action::ExtendReport,
        &Thing::report(found.organization),
    );
    let may_withdraw = house.may(
        actor,
        Action::WithdrawReport,
        &Thing::report(found.organization),
    );
    let key = found.key.clone();
    let mut handed = opened(house, found)?;
    handed.may_extend = may_extend;
    handed.may_withdraw = may_withdraw;
    if let (Some(report), Some(wrapped)) = (&handed.report, key) {
        let key = seal::key(house, "report", Some(&wrapped))?;
        handed.standing = Some(provenance::standing(link, id, &key, report).await?);
        let runs = store::validation::of_report(link, id).await?;
        let runs = runs.iter().map(|one| (one.state, one.outcome));
        handed.shown = finding::validate::validate(report.proofs.len(), runs);
        let asking = Asking::shown(house, report, handed.shown);
        let mut wished = wish::of(link, &[&asking], now).await?;
        handed.receipt.maintainer = wished.pop().unwrap_or_default();
    }
    let held = store::proof::of_report(link, id).await?;
    let marks = handed.report.as_ref().map(|report| report.proofs.clone());
    for mark in marks.unwrap_or_default() {
        let digest = finding::unhex32(&mark.sha256);
        let upload = held
            .iter()
            .find(|one| digest.is_some_and(|digest| one.digest == digest));
        handed.proofs.push(Progress {
            sha256: mark.sha256,
            offset: upload.map_or(0, |one| u64::try_from(one.received).unwrap_or(0)),
            length: mark.bytes,
            complete: upload.is_some_and(|one| one.complete),
        });
    }
    Ok(handed)
}

/// One's own reports, newest first, older than `before`.
pub async fn list(
    house: &House,
    actor: &Actor,
    before: Option<ReportId>,
    count: usize,
) -> Result<Vec<Handed>, Failure> {
    let organization = actor.organization().ok_or(Failure::Denied)?;
    house.reveal(actor, Action::SeeReport, &Thing::report(organization))?;
    let count = i64::try_from(count.min(200)).unwrap_or(200);
    let link = house.store.link();
    let found = store::report::by_organization(link, organization, before, count).await?;
    found.into_iter().map(|one| opened(house, one)).collect()
}

fn opened(house: &House, found: store::report::Report) -> Result<Handed, Failure> {
    let report: Option<Report> = match &found.key {
        None => None,
        Some(wrapped) => {
            let key = seal::key(house, "report", Some(wrapped))?;
            Some(seal::open(&key, "report body", &found.body)?)
        }
    };
    let exploited = report.as_ref().is_some_and(|report| report.exploited);
    let within = if exploited {
        READ_WITHIN_EXPLOITED
    } else {
        READ_WITHIN
    };
    Ok(Handed {
        receipt: Receipt {
            report: found.id,
            log_index: found.log_index,
            digest: found
                .digest
                .as_slice()
                .try_into()
                .map_err(|_| Failure::broken("a digest that is not 32 bytes"))?,
            received: found.received,
            read_by: found
                .received
                .saturating_add(within)
                .unwrap_or(Timestamp::MAX),
            again: false,
            maintainer: Wished::default(),
        },
        status: match (&report, found.known) {
            (None, _) => Status::Withdrawn,
            (Some(_), true) => Status::Known,
            (Some(_), false) => Status::Received,
        },
        report,
        standing: None,
        proofs: Vec::new(),
        shown: Shown::default(),
        may_extend: false,
        may_withdraw: false,
    })
}
