//! Authorization: an owner allows a scan of what is theirs, and takes it back.
//!
//! The token is signed here and shown once; kept is what it says, sealed. The list of those taken back is signed too,
//! so that a target that fetched it from anybody can trust it.

use finding::claim::Draft;
use jiff::Timestamp;
use names::authorization::{PLACES_MAX, Revocations, STATEMENT_BYTES_MAX, Scan, Unauthorized};
use names::place::Network;
use names::{Authorization, AuthorizationId, OrganizationId, Place, Refusal, Rules};
use policy::{Action, Part, Thing};
use serde_json::json;
use store::Link;

use crate::log::{self, Note};
use crate::{Actor, Failure, House};

/// A list shows at most this many.
const LISTED_MAX: i64 = 500;

/// An authorization as an owner writes it.
#[derive(Clone, Debug)]
pub struct NewAuthorization {
    /// Who may scan.
    pub holder: OrganizationId,
    pub targets: Vec<Place>,
    pub sources: Vec<Network>,
    pub rules: Rules,
    pub starts: Timestamp,
    pub ends: Timestamp,
}

/// An authorization as its two sides see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub statement: Authorization,
    pub made: Timestamp,
    pub revoked: Option<Timestamp>,
    pub may_revoke: bool,
    pub log_index: i64,
}

/// Allows a scan; answers with the token, which nobody can ask for again.
pub async fn authorize(
    house: &House,
    actor: &Actor,
    new: NewAuthorization,
    now: Timestamp,
) -> Result<(AuthorizationId, String), Failure> {
    let member = actor.member().ok_or(Failure::Denied)?;
    house.authorize(
        actor,
        Action::AuthorizeScan,
        &Thing::organization(member.organization),
    )?;
    let tx = house.store.write().await?;
    let link = tx.link();
    let holder = store::organization::find(link, new.holder)
        .await?
        .filter(|holder| holder.left.is_none());
    let owner = store::organization::find(link, member.organization)
        .await?
        .ok_or(Failure::Hidden)?;
    let mut refusal = Refusal::none();
    if holder.is_none() {
        refusal.add(
            "holder",
            "no organization of this number takes part; give the number of the team that scans",
        );
    }
    if new.ends <= now {
        refusal.add("ends", "the end has passed; give a later one");
    }
    let mut statement = Authorization {
        id: AuthorizationId::new(0),
        via: house.keys.origin().into(),
        owner: owner.id,
        issuer: owner.name,
        holder: holder
            .map(|holder| holder.name)
            .unwrap_or_else(|| "nobody".into()),
        targets: new.targets,
        sources: new.sources,
        rules: new.rules,
        starts: new.starts.as_second(),
        ends: new.ends.as_second(),
    };
    refusal.within("", statement.problems());
    // The id is 19 digits at the most; what is measured now has one of 6.
    let bytes = serde_json::to_vec(&statement)
        .map_err(Failure::broken)?
        .len()
        + 13;
    if bytes > STATEMENT_BYTES_MAX && refusal.is_empty() {
        refusal.add("targets", format!("the statement has {bytes} bytes, and a header has room for {STATEMENT_BYTES_MAX}; name fewer or wider targets"));
    }
    refusal.or(())?;
    let body = json!({"act": "authorize", "organization": owner.id, "to": new.holder, "at": now});
    let log_index = log::append(house, &tx, &[Note::Sealed(body)]).await?;
    let draft = store::authorization::Draft {
        owner: owner.id,
        holder: new.holder,
        made: now,
        starts: new.starts,
        ends: new.ends,
        log_index,
    };
    statement.id = store::authorization::insert(link, draft).await?;
    store::authorization::set_body(link, statement.id, sealed(house, &statement)).await?;
    tx.commit().await?;
    let token = keys::authorization::sign(&statement, &key(house)?);
    Ok((statement.id, token))
}

/// Takes an authorization back. Targets learn it from the list; whoever never fetches it, at the end.
pub async fn revoke(
    house: &House,
    actor: &Actor,
    id: AuthorizationId,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let row = store::authorization::find(tx.link(), id)
        .await?
        .ok_or(Failure::Hidden)?;
    let thing = thing(actor, &row);
    house.reveal(actor, Action::SeeAuthorization, &thing)?;
    house.authorize(actor, Action::RevokeAuthorization, &thing)?;
    store::authorization::revoke(tx.link(), id, now).await?;
    let body = json!({"act": "authorization.revoke", "authorization": id, "at": now});
    log::append(house, &tx, &[Note::Sealed(body)]).await?;
    Ok(tx.commit().await?)
}

/// One authorization, for its two sides and for who runs this clearinghouse.
pub async fn show(house: &House, actor: &Actor, id: AuthorizationId) -> Result<Shown, Failure> {
    let row = store::authorization::find(house.store.link(), id)
        .await?
        .ok_or(Failure::Hidden)?;
    house.reveal(actor, Action::SeeAuthorization, &thing(actor, &row))?;
    shown(house, actor, row)
}

/// Those that the actor's organization gave or was given, the newest first.
pub async fn list(house: &House, actor: &Actor) -> Result<Vec<Shown>, Failure> {
    let member = actor.member().ok_or(Failure::Denied)?;
    house.authorize(actor, Action::SeeBoard, &Thing::instance())?;
    let rows =
        store::authorization::of_organization(house.store.link(), member.organization, LISTED_MAX)
            .await?;
    let visible = rows
        .into_iter()
        .filter(|row| house.may(actor, Action::SeeAuthorization, &thing(actor, row)));
    visible.map(|row| shown(house, actor, row)).collect()
}

/// What `organization` was allowed and may use at `now`.
pub async fn held(
    house: &House,
    link: Link<'_>,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Vec<Authorization>, Failure> {
    let rows = store::authorization::held(link, organization, now).await?;
    rows.iter().map(|row| opened(house, &row.body)).collect()
}

/// The key that targets trust, as `seamark authorization verify --key` takes it.
pub fn verifier(house: &House) -> Result<keys::note::VerifierKey, Failure> {
    Ok(key(house)?.verifier().clone())
}

/// The signed list of those taken back that would still hold otherwise.
pub async fn revocations(house: &House, now: Timestamp) -> Result<String, Failure> {
    let list = Revocations {
        via: house.keys.origin().into(),
        made: now.as_second(),
        revoked: store::authorization::revoked(house.store.link(), now).await?,
    };
    Ok(keys::authorization::sign_revocations(&list, &key(house)?))
}

/// Whether `token` covers a scan of `target`, with what was taken back until now. For a target without our program.
pub async fn check(
    house: &House,
    token: &str,
    scan: Scan<'_>,
) -> Result<Result<Authorization, Unauthorized>, Failure> {
    let now = Timestamp::from_second(scan.now).map_err(Failure::broken)?;
    let revoked = store::authorization::revoked(house.store.link(), now).await?;
    let scan = Scan {
        revoked: &revoked,
        ..scan
    };
    Ok(keys::authorization::verify(
        token,
        &[verifier(house)?],
        scan,
    ))
}

fn key(house: &House) -> Result<keys::note::SignerKey, Failure> {
    keys::authorization::key(house.keys.master(), house.keys.origin()).map_err(Failure::broken)
}

fn thing(actor: &Actor, row: &store::authorization::Authorization) -> Thing {
    let part = match actor.organization() == Some(row.holder) {
        true => Part::Finder,
        false => Part::None,
    };
    Thing::authorization(row.owner).part(part)
}

fn shown(
    house: &House,
    actor: &Actor,
    row: store::authorization::Authorization,
) -> Result<Shown, Failure> {
    let thing = thing(actor, &row);
    Ok(Shown {
        statement: opened(house, &row.body)?,
        made: row.made,
        revoked: row.revoked,
        may_revoke: row.revoked.is_none() && house.may(actor, Action::RevokeAuthorization, &thing),
        log_index: row.log_index,
    })
}

const SEALED: &[u8] = b"authorization";

fn sealed(house: &House, statement: &Authorization) -> Vec<u8> {
    let plain = serde_json::to_vec(statement).expect("names and numbers are JSON");
    house.dice(|dice| house.keys.master().seal(SEALED, &plain, dice))
}

fn opened(house: &House, body: &[u8]) -> Result<Authorization, Failure> {
    let plain = house.keys.master().open(SEALED, body)?;
    serde_json::from_slice(&plain).map_err(Failure::broken)
}

/// How many targets a form offers lines for.
pub const TARGETS_MAX: usize = PLACES_MAX;

/// The rules of engagement as a form or a program writes them: the same fields as a claim's.
pub fn rules(draft: &Draft) -> Result<Rules, Refusal> {
    let mut refusal = Refusal::none();
    let rules = finding::claim::rules(draft, &mut refusal);
    refusal.or(rules)
}
