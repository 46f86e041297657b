//! Leave: an organization goes, with all that is its own, and what it sealed here can be opened by nobody.

use std::io::Write;

use jiff::Timestamp;
use names::{OrganizationId, Refusal, ReportId};
use policy::{Action, Thing};
use serde::Serialize;
use serde_json::{Value, json};

use crate::log::{self, Note};
use crate::who::{account, member};
use crate::{Actor, Failure, House, seal};

/// Reports that are opened at once: some MiB of text, so that 10^5 of them need no more memory than these.
const REPORTS_AT_ONCE: i64 = 500;

/// What shows that it was done: entry `log_index` of the log says so, for everyone to read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Left {
    pub organization: OrganizationId,
    /// How many data keys were destroyed; what they sealed is noise from then on.
    pub keys_destroyed: u64,
    /// SHA-256 over the numbers of the reports whose keys they were, one a line: whoever holds the receipts of those
    /// reports can compute it, and nobody learns from it how many there were of whom.
    pub reports_sha256: String,
    pub log_index: i64,
}

/// Has an organization leave for good. Its members, links and tokens end; the data keys of its reports are destroyed,
/// so that neither we nor whoever takes the database can open them; an open entry of the log says so.
/// Cases that others work on go on, without its words.
pub async fn leave(
    house: &House,
    actor: &Actor,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Left, Failure> {
    house.authorize(actor, Action::Leave, &Thing::organization(organization))?;
    let tx = house.store.write().await?;
    let link = tx.link();
    let found = store::organization::find(link, organization)
        .await?
        .ok_or(Failure::Hidden)?;
    if found.staff {
        return Err(
            Refusal::whole("this organization runs the instance; hand it over first").into(),
        );
    }
    if found.left.is_some() {
        return Err(Refusal::whole("the organization has left before").into());
    }
    let destroyed = store::leave::destroy_reports(link, organization).await?;
    for one in store::member::of_organization(link, organization).await? {
        member::end_everything(&tx, one.id).await?;
        store::member::remove(link, one.id, now).await?;
    }
    store::invitation::withdraw_all(link, organization).await?;
    store::leave::leave(link, organization, now).await?;
    let reports_sha256 = digest(&destroyed);
    let body = json!({
        "act": Action::Leave.as_str(),
        "organization": organization,
        "keys_destroyed": destroyed.len(),
        "reports_sha256": reports_sha256,
        "at": now,
    });
    // Open: that it left is for everyone to see, and what it reported is not in it.
    let log_index = log::append(house, &tx, &[Note::Open(body)]).await?;
    let by = actor.member().map(|member| member.id);
    store::deed::insert(
        link,
        organization,
        by,
        Action::Leave.as_str(),
        "",
        log_index,
        now,
    )
    .await?;
    // Durable from here: the keys were in these rows alone.
    tx.commit().await?;
    let keys_destroyed = u64::try_from(destroyed.len()).unwrap_or(u64::MAX);
    Ok(Left {
        organization,
        keys_destroyed,
        reports_sha256,
        log_index,
    })
}

/// The digest of a list of reports, as [`Left::reports_sha256`] has it.
pub fn digest(reports: &[ReportId]) -> String {
    let lines: String = reports.iter().map(|id| format!("{id}\n")).collect();
    keys::sha256(&[lines.as_bytes()])
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Writes all that is an organization's own into `out`, one JSON object a line: itself, its members, what it did, and
/// each report with its text and receipt, opened. Each line says what it is.
pub async fn export(
    house: &House,
    actor: &Actor,
    organization: OrganizationId,
    out: &mut (dyn Write + Send),
    now: Timestamp,
) -> Result<(), Failure> {
    house.authorize(actor, Action::Export, &Thing::organization(organization))?;
    let link = house.store.link();
    let found = store::organization::find(link, organization)
        .await?
        .ok_or(Failure::Hidden)?;
    line(
        out,
        &json!({
            "kind": "organization", "id": found.id, "organization_kind": found.kind, "name": found.name,
            "joined": found.joined, "exported": now,
        }),
    )?;
    for one in store::member::of_organization(link, organization).await? {
        line(
            out,
            &json!({
                "kind": "member", "id": one.id, "name": one.name, "email": one.email, "role": one.role,
                "created": one.created, "removed": one.removed,
            }),
        )?;
    }
    let mut before = None;
    loop {
        let deeds = store::deed::list(link, organization, None, before, account::DEEDS_MAX).await?;
        let Some(last) = deeds.last() else { break };
        before = Some(last.id);
        for deed in &deeds {
            line(
                out,
                &json!({
                    "kind": "act", "at": deed.at, "member": deed.member, "act": deed.act, "subject": deed.subject,
                    "log_index": deed.log_index,
                }),
            )?;
        }
    }
    export_reports(house, organization, out).await
}

async fn export_reports(
    house: &House,
    organization: OrganizationId,
    out: &mut (dyn Write + Send),
) -> Result<(), Failure> {
    let mut after = ReportId::new(0);
    loop {
        let reports =
            store::leave::reports(house.store.link(), organization, after, REPORTS_AT_ONCE).await?;
        let Some(last) = reports.last() else {
            return Ok(());
        };
        after = last.id;
        for report in &reports {
            let text: Option<Value> = match report.key.as_deref() {
                Some(wrapped) => {
                    let key = seal::key(house, "report", Some(wrapped))?;
                    Some(seal::open(&key, "report body", &report.body)?)
                }
                None => None,
            };
            let sha256: String = report
                .digest
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            line(
                out,
                &json!({
                    "kind": "report", "id": report.id, "received": report.received, "member": report.member,
                    "idempotency_key": report.idempotency, "sha256": sha256, "log_index": report.log_index,
                    "withdrawn": report.key.is_none(), "report": text,
                }),
            )?;
        }
    }
}

fn line(out: &mut (dyn Write + Send), value: &Value) -> Result<(), Failure> {
    writeln!(out, "{value}").map_err(Failure::broken)
}
