//! Provenance: a report's history grows and its terms are tightened, and what was handed over stays as it was.
//!
//! What is added stands in rows of its own, sealed under the report's key; each holds history and terms as they are from
//! then on. Tightened terms bind the case that the report is in. Finders can count the log's entries, so tightening
//! appends as many where there is no case yet: a report that waits for a person is not told from one that does not.

use finding::Report;
use finding::embargo::{Keeps, What};
use finding::provenance::{self as rule, Extension};
use finding::report::{Provenance, Terms};
use jiff::Timestamp;
use keys::DataKey;
use names::{CaseId, ReportId, Tlp};
use policy::{Action, Thing};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Link, Tx};

use crate::coordinate::desk::load;
use crate::log::{self, Note};
use crate::notice::{self, Told};
use crate::{Actor, Failure, House, prioritize, seal};

/// What is sealed here, bound to its column.
const AMENDMENT: &str = "report amendment";

/// History and terms of a report as they stand now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    pub provenance: Provenance,
    pub terms: Terms,
}

/// Adds to a report's history, or tightens its terms.
pub async fn extend(
    house: &House,
    actor: &Actor,
    id: ReportId,
    extension: Extension,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let link = tx.link();
    let row = store::report::find(link, id)
        .await?
        .ok_or(Failure::Hidden)?;
    let thing = Thing::report(row.organization);
    house.reveal(actor, Action::ExtendReport, &thing)?;
    let member = actor.member().ok_or(Failure::Denied)?;
    let key = seal::key(house, "report", row.key.as_deref())?;
    let body: Report = seal::open(&key, "report body", &row.body)?;
    let old = standing(link, id, &key, &body).await?;
    let tightens = matches!(extension, Extension::Terms(_));
    let (provenance, terms) =
        rule::extend((&old.provenance, &old.terms), extension, row.received, now)?;
    let new = Standing { provenance, terms };
    let sealed = seal::seal(house, &key, AMENDMENT, &new);
    let note = Note::Sealed(json!({
        "act": "report.extend", "report": id, "organization": member.organization, "member": member.id,
        "sealed_sha256": finding::hex(&keys::sha256(&[&sealed])), "at": now,
    }));
    let log_index = log::append(house, &tx, &[note]).await?;
    let draft = store::amendment::Draft {
        report: id,
        at: now,
        organization: member.organization,
        member: Some(member.id),
        sealed,
        log_index,
    };
    store::amendment::append(link, draft).await?;
    if tightens {
        bind(house, &tx, &row, &new.terms, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Binds the case of a report to its terms. One entry of the log, whether there is a case or not.
async fn bind(
    house: &House,
    tx: &Tx,
    report: &store::report::Report,
    terms: &Terms,
    now: Timestamp,
) -> Result<(), Failure> {
    let case = match report.finding {
        Some(finding) => store::case::of_finding(tx.link(), finding).await?,
        None => None,
    };
    let Some(case) = case.filter(|case| case.key.is_some()) else {
        let nothing = Note::Sealed(json!({"act": "nothing", "at": now}));
        log::append(house, tx, &[nothing]).await?;
        return Ok(());
    };
    let mut desk = load(house, tx.link(), case.id).await?;
    let coordinator = desk.coordinator()?;
    let what = What::Terms {
        report: report.id,
        not_before: terms.embargo_until,
        keeps: terms.embargo_until.map(|until| Keeps {
            finder: report.organization,
            until,
        }),
    };
    desk.embargo_event(house, tx, (coordinator, None), what, now)
        .await?;
    if let Some(tlp) = terms.tlp {
        raise(tx, case.id, &desk.row.tlp, tlp).await?;
    }
    desk.save(tx, now).await?;
    prioritize::rank(house, tx, desk.row.finding, Some(&desk), now).await?;
    let told = Told {
        what: "terms",
        case: case.id,
        to: vec![coordinator],
    };
    notice::tell(tx, &told, now).await
}

/// The stricter of what a case is marked with and `tlp`.
async fn raise(tx: &Tx, case: CaseId, old: &str, tlp: Tlp) -> Result<(), Failure> {
    if old.parse::<Tlp>().is_ok_and(|old| old >= tlp) {
        return Ok(());
    }
    Ok(store::case::set_tlp(tx.link(), case, tlp.as_str()).await?)
}

/// The coordinator marks a case more strictly than its reports are.
pub async fn mark(
    house: &House,
    actor: &Actor,
    id: CaseId,
    tlp: Tlp,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.coordinating(house, actor, Action::MoveCase, now)?;
    rule::tighten_tlp(desk.row.tlp.parse().ok(), tlp)?;
    raise(&tx, id, &desk.row.tlp, tlp).await?;
    desk.record(house, &tx, seat.done("tlp", &tlp.as_str()), now)
        .await?;
    desk.save(&tx, now).await?;
    tx.commit().await?;
    Ok(())
}

/// History and terms of a report whose body is `body`, as they stand now.
pub async fn standing(
    link: Link<'_>,
    id: ReportId,
    key: &DataKey,
    body: &Report,
) -> Result<Standing, Failure> {
    match store::amendment::last(link, id).await? {
        Some(sealed) => open(key, &sealed),
        None => Ok(Standing {
            provenance: body.provenance.clone(),
            terms: body.terms.clone(),
        }),
    }
}

/// `body` with its history and terms as an amendment left them.
pub fn amended(key: &DataKey, body: Report, sealed: Option<&[u8]>) -> Result<Report, Failure> {
    let Some(sealed) = sealed else {
        return Ok(body);
    };
    let Standing { provenance, terms } = open(key, sealed)?;
    Ok(Report {
        provenance,
        terms,
        ..body
    })
}

fn open(key: &DataKey, sealed: &[u8]) -> Result<Standing, Failure> {
    seal::open(key, AMENDMENT, sealed)
}
