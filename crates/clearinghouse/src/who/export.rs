//! Export: all that is an organization's own, opened, a JSON object a line, as fast as it is read.
//!
//! Each line says by `kind` what it is; the last is of the kind `end` and counts the others, so that a cut is seen.
//! Reports and commitments come with the receipt that `seamark verify` takes, files in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use keys::DataKey;
use names::{CaseId, ClaimId, OrganizationId, ReportId};
use policy::{Action, Thing};
use serde_json::{Value, json};
use store::report::Report;
use tokio::sync::mpsc::Sender;

use crate::log::receipt;
use crate::submit::proof;
use crate::who::account;
use crate::{Actor, Failure, House, claim, seal, validate};

/// Lines that wait for whoever reads them: the largest is a piece of a proof, 4 MiB and a third.
pub const LINES_WAITING: usize = 4;
/// Rows that are read at once: some MiB of text, so that 10^5 reports need no more memory than these.
const ROWS_AT_ONCE: i64 = 200;

/// Goes on only where the actor may take out what is the organization's.
pub fn may(house: &House, actor: &Actor, organization: OrganizationId) -> Result<(), Failure> {
    house.authorize(actor, Action::Export, &Thing::organization(organization))
}

/// Writes all that is an organization's own into `lines`. Whoever reads no more ends it, which is no failure.
pub async fn export(
    house: &House,
    actor: &Actor,
    organization: OrganizationId,
    lines: Sender<Vec<u8>>,
    now: Timestamp,
) -> Result<(), Failure> {
    may(house, actor, organization)?;
    let mut out = Out {
        house,
        organization,
        now,
        lines,
        count: 0,
    };
    match out.all().await {
        Ok(()) | Err(Stop::Gone) => Ok(()),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}

/// Why it stops before its end.
enum Stop {
    /// Nobody reads any more.
    Gone,
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failed(failure)
    }
}

impl From<store::StoreError> for Stop {
    fn from(error: store::StoreError) -> Stop {
        Stop::Failed(error.into())
    }
}

impl From<keys::SealError> for Stop {
    fn from(error: keys::SealError) -> Stop {
        Stop::Failed(error.into())
    }
}

struct Out<'a> {
    house: &'a House,
    organization: OrganizationId,
    now: Timestamp,
    lines: Sender<Vec<u8>>,
    count: u64,
}

impl Out<'_> {
    async fn line(&mut self, value: Value) -> Result<(), Stop> {
        self.count += 1;
        let line = format!("{value}\n").into_bytes();
        self.lines.send(line).await.map_err(|_| Stop::Gone)
    }

    async fn all(&mut self) -> Result<(), Stop> {
        self.itself().await?;
        self.deeds().await?;
        self.reports().await?;
        self.precommitments().await?;
        self.claims().await?;
        self.messages().await?;
        let count = self.count;
        self.line(json!({"kind": "end", "lines": count})).await
    }

    async fn itself(&mut self) -> Result<(), Stop> {
        let link = self.house.store.link();
        let found = store::organization::find(link, self.organization)
            .await?
            .ok_or(Failure::Hidden)?;
        let exported = self.now;
        self.line(json!({
            "kind": "organization", "id": found.id, "organization_kind": found.kind, "name": found.name,
            "joined": found.joined, "exported": exported,
        }))
        .await?;
        for one in store::member::of_organization(link, self.organization).await? {
            self.line(json!({
                "kind": "member", "id": one.id, "name": one.name, "email": one.email, "role": one.role,
                "created": one.created, "removed": one.removed,
            }))
            .await?;
        }
        Ok(())
    }

    async fn deeds(&mut self) -> Result<(), Stop> {
        let link = self.house.store.link();
        let mut before = None;
        loop {
            let most = account::DEEDS_MAX;
            let deeds = store::deed::list(link, self.organization, None, before, most).await?;
            let Some(last) = deeds.last() else {
                return Ok(());
            };
            before = Some(last.id);
            for deed in deeds {
                self.line(json!({
                    "kind": "act", "at": deed.at, "member": deed.member, "act": deed.act, "subject": deed.subject,
                    "log_index": deed.log_index,
                }))
                .await?;
            }
        }
    }

    async fn reports(&mut self) -> Result<(), Stop> {
        let link = self.house.store.link();
        let mut after = ReportId::new(0);
        loop {
            let reports =
                store::leave::reports(link, self.organization, after, ROWS_AT_ONCE).await?;
            let Some(last) = reports.last() else {
                return Ok(());
            };
            after = last.id;
            for report in &reports {
                self.report(report).await?;
            }
        }
    }

    async fn report(&mut self, report: &Report) -> Result<(), Stop> {
        let key = match report.key.as_deref() {
            Some(wrapped) => Some(seal::key(self.house, "report", Some(wrapped))?),
            None => None,
        };
        let text: Option<Value> = match &key {
            Some(key) => Some(seal::open(key, "report body", &report.body)?),
            None => None,
        };
        let receipt = self.receipt(report.log_index).await?;
        self.line(json!({
            "kind": "report", "id": report.id, "received": report.received, "member": report.member,
            "idempotency_key": report.idempotency, "sha256": finding::hex(&report.digest),
            "log_index": report.log_index, "withdrawn": key.is_none(), "report": text, "receipt": receipt,
        }))
        .await?;
        match key {
            Some(key) => {
                self.proofs(report.id, &key).await?;
                self.validations(report.id).await
            }
            None => Ok(()),
        }
    }

    /// What the re-run of each proof showed, with the signed statement.
    async fn validations(&mut self, report: ReportId) -> Result<(), Stop> {
        let link = self.house.store.link();
        for one in store::validation::of_report(link, report).await? {
            let result = validate::result(self.house, link, &one).await?;
            let statement = validate::envelope(self.house, link, &one).await?;
            self.line(json!({
                "kind": "validation", "id": one.id, "report": report, "sha256": finding::hex(&one.digest),
                "state": one.state.as_str(), "outcome": one.outcome.map(|outcome| outcome.as_str()),
                "asked": one.asked, "ended": one.ended, "log_index": one.ended_index, "result": result,
                "statement": statement.map(|bytes| STANDARD.encode(bytes)),
            }))
            .await?;
        }
        Ok(())
    }

    /// The bytes of each proof, a line for each piece as it was uploaded.
    async fn proofs(&mut self, report: ReportId, key: &DataKey) -> Result<(), Stop> {
        let link = self.house.store.link();
        for held in store::proof::of_report(link, report).await? {
            let mut at = 0;
            while let Some((from, piece)) = proof::piece(link, key, &held, at).await? {
                at = from + i64::try_from(piece.len()).unwrap_or(i64::MAX);
                self.line(json!({
                    "kind": "proof", "report": report, "sha256": finding::hex(&held.digest),
                    "length": held.length, "complete": held.complete, "offset": from,
                    "bytes": STANDARD.encode(piece),
                }))
                .await?;
            }
        }
        Ok(())
    }

    async fn precommitments(&mut self) -> Result<(), Stop> {
        let link = self.house.store.link();
        let mut after = -1;
        loop {
            let own = self.organization;
            let all = store::precommit::of_organization(link, own, after, ROWS_AT_ONCE).await?;
            let Some(last) = all.last() else {
                return Ok(());
            };
            after = last.log_index;
            for one in all {
                let receipt = self.receipt(one.log_index).await?;
                self.line(json!({
                    "kind": "precommitment", "commitment": finding::hex(&one.commitment), "at": one.at,
                    "report": one.report, "revealed": one.revealed, "log_index": one.log_index,
                    "receipt": receipt,
                }))
                .await?;
            }
        }
    }

    async fn claims(&mut self) -> Result<(), Stop> {
        let link = self.house.store.link();
        let mut after = ClaimId::new(0);
        loop {
            let claims = store::leave::claims(link, self.organization, after, ROWS_AT_ONCE).await?;
            let Some(last) = claims.last() else {
                return Ok(());
            };
            after = last.id;
            for row in claims {
                let opened = claim::opened(self.house, row)?;
                let lease = opened.row.lease;
                self.line(json!({
                    "kind": "claim", "id": opened.row.id, "asked": lease.asked, "starts": lease.starts,
                    "ends": lease.ends, "renewals": lease.renewals, "closed": lease.closed,
                    "log_index": opened.row.log_index, "claim": opened.claim.draft(lease.days),
                }))
                .await?;
            }
        }
    }

    async fn messages(&mut self) -> Result<(), Stop> {
        let link = self.house.store.link();
        let mut after = 0;
        loop {
            let all = store::leave::messages(link, self.organization, after, ROWS_AT_ONCE).await?;
            let Some(last) = all.last() else {
                return Ok(());
            };
            after = last.id;
            for one in all {
                let key = match one.key.as_deref() {
                    Some(wrapped) => Some(seal::key(self.house, "case", Some(wrapped))?),
                    None => None,
                };
                let text: Option<String> = match (&key, one.sealed.as_deref()) {
                    (Some(key), Some(sealed)) => Some(seal::open(key, "case message", sealed)?),
                    _ => None,
                };
                self.line(json!({
                    "kind": "message", "case": one.case, "at": one.at, "member": one.member,
                    "audience": one.audience, "log_index": one.log_index, "withdrawn": key.is_none(),
                    "text": text,
                }))
                .await?;
                if let Some(key) = key {
                    self.files(one.case, one.id, &key).await?;
                }
            }
        }
    }

    async fn files(&mut self, case: CaseId, message: i64, key: &DataKey) -> Result<(), Stop> {
        let link = self.house.store.link();
        for (id, name) in store::leave::files(link, message).await? {
            let name: String = seal::open(key, "attachment name", &name)?;
            if let Some(sealed) = store::case::attached(link, case, id).await? {
                let bytes = key.open(b"attachment", &sealed)?;
                self.line(json!({
                    "kind": "attachment", "case": case, "name": name, "bytes": STANDARD.encode(bytes),
                }))
                .await?;
            }
        }
        Ok(())
    }

    async fn receipt(&self, index: i64) -> Result<Value, Stop> {
        let index = u64::try_from(index).map_err(Failure::broken)?;
        let receipt = receipt::receipt(self.house, index, true, self.now).await?;
        Ok(serde_json::to_value(receipt).map_err(Failure::broken)?)
    }
}
