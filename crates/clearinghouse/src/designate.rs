//! Designate: officials hear others one by one, propose, give the developer its say, and determine; and what was
//! determined is looked at again by somebody else when the developer asks.
//!
//! The rule is `frontier::designate`; here reasons get their salts, and each act is saved as every other of an engagement.

use frontier::Digest;
use frontier::designate::{Asked, Draft, Grounds, Outcome, Reasons, Stance};
use frontier::engage::{Step, What};
use jiff::Timestamp;
use names::{EngagementId, OrganizationId, OrganizationKind, Refusal};
use store::Link;

use crate::engage::{act, act_in};
use crate::{Actor, Failure, House, benchmark};

/// What somebody writes: an outcome, and why, in portions that begin with their marks.
#[derive(Clone, Debug)]
pub struct Written {
    pub outcome: Outcome,
    pub reasons: Box<str>,
}

/// How a reconsideration ends.
#[derive(Clone, Debug)]
pub struct Conclusion {
    pub written: Written,
    /// What the reviewer measured, as a scorecard.
    pub card: Vec<u8>,
    /// Digest of the beacon's round by which samples were chosen.
    pub beacon: Digest,
    pub delta: Box<str>,
}

/// Asks offices to be heard.
pub async fn consult(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    asked: Vec<Asked>,
    now: Timestamp,
) -> Result<Step, Failure> {
    let link = house.store.link();
    let mut refusal = Refusal::none();
    for (index, one) in asked.iter().enumerate() {
        let field = format!("asked[{index}].organization");
        takes_part(
            link,
            one.organization,
            &[OrganizationKind::Agency],
            &field,
            &mut refusal,
        )
        .await?;
    }
    refusal.or(())?;
    act(house, actor, id, &What::Consult { asked }, now).await
}

/// Says what one thinks, as one who is heard.
pub async fn opine(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    stance: Stance,
    reasons: &str,
    now: Timestamp,
) -> Result<Step, Failure> {
    let reasons = read(house, reasons)?;
    act(house, actor, id, &What::Opine { stance, reasons }, now).await
}

/// Writes what would be determined, or signs what another wrote: whoever signs second signs the very same.
pub async fn propose(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    written: &Written,
    now: Timestamp,
) -> Result<Step, Failure> {
    let draft = draft(house, written)?;
    act(house, actor, id, &What::Propose { draft }, now).await
}

/// Determines; takes effect with the second signature.
pub async fn determine(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    written: &Written,
    now: Timestamp,
) -> Result<Step, Failure> {
    let draft = draft(house, written)?;
    act(house, actor, id, &What::Determine { draft }, now).await
}

/// Signs what waits for signatures, whatever it is, as it stands.
pub async fn sign(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    now: Timestamp,
) -> Result<Step, Failure> {
    let tx = house.store.write().await?;
    let desk = crate::engage::reach(house, tx.link(), actor, id).await?;
    let pending = desk.engagement.pending.as_ref();
    let what = pending.map(|pending| pending.what.clone()).ok_or_else(|| {
        Failure::refused(
            "",
            "nothing waits for a signature; it was signed or taken back since",
        )
    })?;
    let step = act_in(house, &tx, actor, id, &what, now).await?;
    tx.commit().await?;
    Ok(step)
}

/// Has a determination looked at again.
pub async fn reconsider(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    grounds: Grounds,
    statement: &str,
    now: Timestamp,
) -> Result<Step, Failure> {
    let statement = statement.into();
    act(
        house,
        actor,
        id,
        &What::Reconsider { grounds, statement },
        now,
    )
    .await
}

/// Names who looks at it again.
pub async fn assign(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    reviewer: OrganizationId,
    now: Timestamp,
) -> Result<Step, Failure> {
    let mut refusal = Refusal::none();
    let kinds = [OrganizationKind::Evaluator, OrganizationKind::Agency];
    takes_part(
        house.store.link(),
        reviewer,
        &kinds,
        "reviewer",
        &mut refusal,
    )
    .await?;
    refusal.or(())?;
    act(house, actor, id, &What::Assign { reviewer }, now).await
}

/// Takes up what a developer asked, and names who measures.
pub async fn scope(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    evaluator: OrganizationId,
    now: Timestamp,
) -> Result<Step, Failure> {
    let mut refusal = Refusal::none();
    let kinds = [OrganizationKind::Evaluator];
    takes_part(
        house.store.link(),
        evaluator,
        &kinds,
        "evaluator",
        &mut refusal,
    )
    .await?;
    refusal.or(())?;
    act(house, actor, id, &What::Scope { evaluator }, now).await
}

/// Ends a reconsideration, with what the reviewer measured.
pub async fn conclude(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    conclusion: &Conclusion,
    now: Timestamp,
) -> Result<Step, Failure> {
    let (card, evidence, _) = benchmark::read(&conclusion.card)?;
    let draft = draft(house, &conclusion.written)?;
    let what = What::Conclude {
        draft,
        evidence,
        beacon: conclusion.beacon,
        delta: conclusion.delta.clone(),
    };
    let tx = house.store.write().await?;
    let step = act_in(house, &tx, actor, id, &what, now).await?;
    benchmark::keep(house, &tx, id, &card, &evidence, now).await?;
    tx.commit().await?;
    Ok(step)
}

fn draft(house: &House, written: &Written) -> Result<Draft, Failure> {
    Ok(Draft {
        outcome: written.outcome,
        reasons: read(house, &written.reasons)?,
    })
}

fn read(house: &House, text: &str) -> Result<Reasons, Failure> {
    Ok(Reasons::read(text, &mut || salt(house))?)
}

/// 32 bytes that nobody guesses.
pub(crate) fn salt(house: &House) -> [u8; 32] {
    let mut salt = [0; 32];
    house.dice(|dice| dice.fill(&mut salt));
    salt
}

/// Refuses an organization that does not take part here, or not as one of `kinds`.
async fn takes_part(
    link: Link<'_>,
    organization: OrganizationId,
    kinds: &[OrganizationKind],
    field: &str,
    refusal: &mut Refusal,
) -> Result<(), Failure> {
    let found = store::organization::find(link, organization).await?;
    let is_one = found.is_some_and(|one| kinds.contains(&one.kind) && one.left.is_none());
    if !is_one {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        let message = format!("is no {} that takes part here", kinds.join(" or "));
        refusal.add(field, message);
    }
    Ok(())
}
