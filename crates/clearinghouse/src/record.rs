//! Record: a developer writes down what it holds about its model, statement by statement, signed and logged; and hands
//! out as much of it as it likes.
//!
//! Only the developer writes and reads it here. Each statement is signed by this house, which says that it was written
//! down then and in this order, not that it is true; and each is one sealed entry of the log.

use frontier::engage::Seat;
use frontier::export::{Heading, card, cyclonedx, spdx};
use frontier::record::{self as rule, Checked, Draft, Entry, Redaction};
use jiff::Timestamp;
use keys::dsse::Envelope;
use names::EngagementId;
use policy::Action;
use serde_json::{Value, json};
use store::{Link, StoreError, Tx};

use crate::designate::salt;
use crate::engage::{Desk, reach, thing};
use crate::log::{self, Note};
use crate::{Actor, Failure, House, seal};

/// The form of a record that is taken out.
pub const FORMAT: &str = "seamark-record/1";

/// A record as its developer sees it.
pub struct Shown {
    pub model: Box<str>,
    pub entries: Vec<Entry>,
    /// By number: the entry of the log.
    pub logged: Vec<i64>,
    /// Of the public copy.
    pub checked: Checked,
    pub redactions: Vec<(u32, Redaction)>,
}

/// In which form it is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The public copy, with its signatures: what `check` reads.
    Public,
    /// All of it, for who keeps it five years.
    Whole,
    CycloneDx,
    Spdx,
    Markdown,
    Html,
}

impl Form {
    /// All of them, by the word of the address, with the name of the file.
    pub const ALL: [(&'static str, &'static str, Form); 6] = [
        ("public", "record.json", Form::Public),
        ("whole", "record-whole.json", Form::Whole),
        ("cyclonedx", "record.cdx.json", Form::CycloneDx),
        ("spdx", "record.spdx.json", Form::Spdx),
        ("markdown", "card.md", Form::Markdown),
        ("html", "card.html", Form::Html),
    ];
}

/// Writes a statement.
pub async fn write(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    draft: &Draft,
    now: Timestamp,
) -> Result<u32, Failure> {
    let tx = house.store.write().await?;
    let desk = developers(house, tx.link(), actor, id, Action::WriteRecord).await?;
    if draft.kind == rule::Kind::Redaction {
        let message = "is written when fields are taken out of the public copy, with their page";
        return Err(Failure::refused("kind", message));
    }
    let (chain, _) = entries(&desk, tx.link()).await?;
    let model = &desk.engagement.model;
    let entry = rule::record(&chain, model, draft, &mut || salt(house), now)?;
    keep(house, tx, &desk, entry).await
}

/// Takes fields out of the public copy, and says so in the record.
pub async fn redact(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    redaction: &Redaction,
    now: Timestamp,
) -> Result<u32, Failure> {
    let tx = house.store.write().await?;
    let desk = developers(house, tx.link(), actor, id, Action::WriteRecord).await?;
    let (chain, _) = entries(&desk, tx.link()).await?;
    let model = &desk.engagement.model;
    let entry = rule::redact(&chain, model, redaction, &mut || salt(house), now)?;
    keep(house, tx, &desk, entry).await
}

async fn keep(house: &House, tx: Tx, desk: &Desk, entry: Entry) -> Result<u32, Failure> {
    let predicate = &entry.statement.predicate;
    let (number, at) = (predicate.number, predicate.at);
    let statement = entry.statement.bytes().map_err(Failure::broken)?;
    let signer = keys::statement::key(house.keys.master(), house.keys.origin());
    let envelope = keys::statement::sign(&statement, &signer.map_err(Failure::broken)?);
    let body = json!({
        "act": "record", "engagement": desk.row.id, "number": number,
        "statement_sha256": finding::hex(&keys::sha256(&[&statement])), "at": at,
    });
    let log_index = log::append(house, &tx, &[Note::Sealed(body)]).await?;
    let kept = store::record::Entry {
        number: i64::from(number),
        at,
        body: seal::seal(house, &desk.key, "record body", &entry),
        envelope: seal::seal(house, &desk.key, "record envelope", &envelope),
        log_index,
    };
    match store::record::insert(tx.link(), desk.row.id, kept).await {
        Ok(()) => {}
        Err(StoreError::Taken(_)) => {
            return Err(Failure::away("another statement is being written"));
        }
        Err(other) => return Err(other.into()),
    }
    // Durable from here: statement, signature and entry are there together, or none of them is.
    tx.commit().await?;
    Ok(number)
}

/// The record as its developer sees it.
pub async fn show(house: &House, actor: &Actor, id: EngagementId) -> Result<Shown, Failure> {
    let link = house.store.link();
    let desk = developers(house, link, actor, id, Action::SeeRecord).await?;
    let (entries, rows) = entries(&desk, link).await?;
    let checked = checked(&rule::public(&entries))?;
    Ok(Shown {
        model: desk.engagement.model.name.clone(),
        logged: rows.iter().map(|row| row.log_index).collect(),
        redactions: rule::redactions(&entries),
        checked,
        entries,
    })
}

/// The record in one of its forms, as bytes.
pub async fn export(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    form: Form,
    now: Timestamp,
) -> Result<Vec<u8>, Failure> {
    let link = house.store.link();
    let desk = developers(house, link, actor, id, Action::SeeRecord).await?;
    let (whole, rows) = entries(&desk, link).await?;
    let public = rule::public(&whole);
    let developer = store::organization::find(link, desk.row.developer).await?;
    let developer = developer.map(|one| one.name).unwrap_or_default();
    let heading = Heading {
        developer: &developer,
        operator: &house.settings.operator,
        now,
    };
    let document = match form {
        Form::Public => bundle(house, &desk, &public, &rows)?,
        Form::Whole => bundle(house, &desk, &whole, &rows)?,
        Form::CycloneDx => cyclonedx::document(&public, &heading),
        Form::Spdx => spdx::document(&public, &heading),
        Form::Markdown => {
            return Ok(card::markdown(&public, &checked(&public)?, &heading).into_bytes());
        }
        Form::Html => return Ok(card::html(&public, &checked(&public)?, &heading).into_bytes()),
    };
    serde_json::to_vec_pretty(&document).map_err(Failure::broken)
}

/// What a stranger checks with: statements, signatures, where the log has them, and the key.
fn bundle(
    house: &House,
    desk: &Desk,
    chain: &[Entry],
    rows: &[store::record::Entry],
) -> Result<Value, Failure> {
    let signer = keys::statement::key(house.keys.master(), house.keys.origin());
    let signer = signer.map_err(Failure::broken)?;
    let mut envelopes = Vec::new();
    for row in rows {
        let envelope: Envelope = seal::open(&desk.key, "record envelope", &row.envelope)?;
        envelopes.push(json!({"signatures": envelope.signatures, "log_index": row.log_index}));
    }
    Ok(json!({
        "format": FORMAT,
        "log": house.keys.origin(),
        "key": signer.verifier().to_string(),
        "head": checked(chain)?.head,
        "entries": chain,
        "signed": envelopes,
    }))
}

fn checked(chain: &[Entry]) -> Result<Checked, Failure> {
    rule::check(chain, None).map_err(|problems| Failure::broken(problems.to_string()))
}

/// The engagement, for its developer; for everyone else there is no record.
async fn developers(
    house: &House,
    link: Link<'_>,
    actor: &Actor,
    id: EngagementId,
    action: Action,
) -> Result<Desk, Failure> {
    let desk = reach(house, link, actor, id).await?;
    let is_own = desk.engagement.developer() == actor.organization();
    if !is_own {
        return Err(Failure::Hidden);
    }
    house.reveal(actor, Action::SeeRecord, &thing(Seat::Developer))?;
    house.authorize(actor, action, &thing(Seat::Developer))?;
    Ok(desk)
}

async fn entries(
    desk: &Desk,
    link: Link<'_>,
) -> Result<(Vec<Entry>, Vec<store::record::Entry>), Failure> {
    let rows = store::record::list(link, desk.row.id).await?;
    let open = |row: &store::record::Entry| seal::open(&desk.key, "record body", &row.body);
    let entries: Result<Vec<Entry>, Failure> = rows.iter().map(open).collect();
    Ok((entries?, rows))
}
