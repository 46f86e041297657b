//! Leave: a withdrawal that was signed away from this house, handed in by whoever brings it.

use frontier::engage::withdraw::{BYTES_MAX, Withdrawal};
use frontier::engage::{self as rule, By, Seat, Signature, What};
use jiff::Timestamp;
use keys::dsse::{self, DsseError, Envelope};
use keys::note::VerifierKey;
use keys::statement::PAYLOAD_TYPE;
use names::problem::quoted;
use names::{EngagementId, MemberId, OrganizationId, Problems, Refusal};
use store::Tx;

use super::{load, save};
use crate::coordinate::arrive::pad;
use crate::{Actor, Failure, House};

/// Engagements that are read at once.
const AT_ONCE: i64 = 100;

/// Entries of the log come in steps of so many where a developer leaves the house: its own entry is open, and who counts
/// those beside it must not learn whether it ever asked about a model.
const ENTRIES_STEP: usize = 5;

/// Reads the line of a verifier key, such as `larkspur.example/leave+1a2b3c4d+AQ…`.
pub fn read_leave_key(text: &str) -> Result<VerifierKey, Problems> {
    text.trim().parse().map_err(|error| {
        Problems::one(format!(
            "{} is no line of a verifier key: {error}",
            quoted(text)
        ))
    })
}

/// Takes a signed withdrawal of `id` from anybody: its signature is all that is asked for. One that the key of the
/// engagement did not sign is answered as one of an engagement that is not there.
///
/// It counts from now: what was used until it arrived was used.
pub async fn leave_signed(
    house: &House,
    id: EngagementId,
    envelope: &[u8],
    now: Timestamp,
) -> Result<(), Failure> {
    // Base64 adds a third, and the envelope some hundred letters; eight times is room for a few signatures.
    if envelope.len() > 8 * BYTES_MAX {
        let message = format!("is longer than {} bytes", 8 * BYTES_MAX);
        return Err(Failure::refused("", message));
    }
    let envelope: Envelope = serde_json::from_slice(envelope)
        .map_err(|error| Failure::refused("", format!("is no DSSE envelope: {error}")))?;
    let tx = house.store.write().await?;
    let desk = load(house, tx.link(), id).await?;
    let Ok(key) = read_leave_key(&desk.row.leave_key) else {
        return Err(Failure::Hidden);
    };
    let payload = match dsse::verify(&envelope, PAYLOAD_TYPE, &[*key.verifier()]) {
        Ok((payload, _)) => payload,
        Err(
            DsseError::Payload
            | DsseError::Long
            | DsseError::Type
            | DsseError::Many
            | DsseError::Unsigned,
        ) => return Err(Failure::Hidden),
    };
    let said = Withdrawal::read(&payload).map_err(|problems| {
        let mut refusal = Refusal::none();
        refusal.extend("", &problems);
        refusal
    })?;
    let is_this = said.engagement == id && said.developer == desk.row.developer;
    if !is_this || &*said.via != house.keys.origin() {
        let message = format!(
            "is signed, and is of another engagement; this is {id} of {} via `{}`",
            desk.row.developer,
            house.keys.origin()
        );
        return Err(Failure::refused("", message));
    }
    let signature = Signature {
        // Nobody who is a member here: the developer's key.
        person: MemberId::new(0),
        organization: said.developer,
        seat: Seat::Developer,
    };
    let step = rule::engage(
        &desk.engagement,
        By::Person(signature),
        &What::Withdraw {},
        now,
    )?;
    let by = format!("the key {} of {}", key.name(), said.developer);
    save(house, &tx, &desk, &step, &by, now).await?;
    Ok(tx.commit().await?)
}

/// Withdraws all that `organization` asked for, as a part of its leaving the house.
pub(crate) async fn leave_all(
    house: &House,
    tx: &Tx,
    actor: &Actor,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), Failure> {
    let link = tx.link();
    let signature = Signature {
        person: actor.member().map_or(MemberId::new(0), |member| member.id),
        organization,
        seat: Seat::Developer,
    };
    let (mut before, mut said) = (None, 0_usize);
    loop {
        let rows = store::engagement::of_organization(link, organization, before, AT_ONCE).await?;
        let Some(last) = rows.last() else { break };
        before = Some(last.id);
        for row in rows.iter().filter(|row| row.developer == organization) {
            let desk = load(house, link, row.id).await?;
            let by = By::Person(signature);
            let step = rule::engage(&desk.engagement, by, &What::Withdraw {}, now)?;
            save(house, tx, &desk, &step, &actor.mark(), now).await?;
            said += usize::from(step.event.is_some());
        }
    }
    let all = said.next_multiple_of(ENTRIES_STEP).max(ENTRIES_STEP);
    pad(house, tx, all - said, now).await
}
