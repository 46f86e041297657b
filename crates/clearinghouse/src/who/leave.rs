//! Leave: an organization goes, with all that is its own, and what it sealed here can be opened by nobody.

use jiff::Timestamp;
use names::{OrganizationId, Refusal, ReportId};
use policy::{Action, Thing};
use serde::Serialize;
use serde_json::json;
use store::Tx;
use store::report::Which;

use crate::log::{self, Note};
use crate::who::member;
use crate::{Actor, Failure, House, engage, seal};

/// Messages that are replaced at once: few KiB each.
const MESSAGES_AT_ONCE: i64 = 500;
/// What stands where a message stood whose writer's organization has left.
const GONE: &str = "These words were destroyed when the organization that wrote them left.";

/// What shows that it was done: entry `log_index` of the log says so, for everyone to read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Left {
    pub organization: OrganizationId,
    /// How many data keys were destroyed; what they sealed is noise from then on.
    pub keys_destroyed: u64,
    /// SHA-256 over the numbers of the reports whose keys they were, one a line: whoever holds the receipts of those
    /// reports can compute it, and nobody learns from it how many there were of whom.
    pub reports_sha256: String,
    /// Messages in cases that others work on, whose words and files are gone.
    pub messages_destroyed: u64,
    /// Claims that are forgotten.
    pub claims_destroyed: u64,
    pub log_index: i64,
}

/// Has an organization leave for good. Its members, links and tokens end; the data keys of its reports are destroyed,
/// so that neither we nor whoever takes the database can open them; an open entry of the log says so.
/// Cases that others work on go on, without its words; what it asked for about models is withdrawn.
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
    let destroyed = store::report::destroy(link, Which::Of(organization)).await?;
    let messages_destroyed = destroy_messages(house, &tx, organization).await?;
    let claims_destroyed = store::leave::forget_claims(link, organization, now).await?;
    engage::leave_all(house, &tx, actor, organization, now).await?;
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
        "messages_destroyed": messages_destroyed,
        "claims_destroyed": claims_destroyed,
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
        messages_destroyed,
        claims_destroyed,
        log_index,
    })
}

/// Puts a sentence of ours where its messages stood: who wrote when is the case's history, what they said is theirs.
async fn destroy_messages(
    house: &House,
    tx: &Tx,
    organization: OrganizationId,
) -> Result<u64, Failure> {
    let (mut after, mut count) = (0, 0);
    loop {
        let messages =
            store::leave::messages(tx.link(), organization, after, MESSAGES_AT_ONCE).await?;
        let Some(last) = messages.last() else {
            return Ok(count);
        };
        after = last.id;
        // Where the case was withdrawn its key is gone, and the words with it.
        for message in messages.iter().filter(|message| message.key.is_some()) {
            let key = seal::key(house, "case", message.key.as_deref())?;
            let sealed = seal::seal(house, &key, "case message", &GONE);
            store::leave::replace_message(tx.link(), message.id, sealed).await?;
            count += 1;
        }
    }
}

/// The digest of a list of reports, as [`Left::reports_sha256`] has it.
pub fn digest(reports: &[ReportId]) -> String {
    let lines: String = reports.iter().map(|id| format!("{id}\n")).collect();
    keys::sha256(&[lines.as_bytes()])
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
