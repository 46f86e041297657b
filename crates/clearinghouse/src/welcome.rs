//! Welcome: maintainers' policies are kept, proved, and asked at every step.
//!
//! Whoever is about to claim, send or propose an embargo asks [`for_target`] and does what [`Applied::answer`] says;
//! who hands over reports, a thousand at once, is told by [`for_many`].

use std::collections::{BTreeSet, HashMap, HashSet};

use finding::report::Target;
use finding::welcome::{self as rule, Applied, Pattern, Source, Welcome};
use jiff::Timestamp;
use names::{OrganizationId, Place, Refusal};
use policy::{Action, Thing};
use serde_json::json;
use store::Link;

use crate::log::{self, Note};
use crate::{Actor, Failure, House};

/// A list shows at most this many.
pub const LISTED_MAX: i64 = 500;

/// Whose word a document is, as the one who hands it in says.
#[derive(Clone, Debug, PartialEq)]
pub enum Speaker {
    /// The member's own organization.
    Own,
    /// The file of a repository or a site, found there by who runs this clearinghouse.
    File(Place),
    /// The record of another clearinghouse, by its name.
    Peer(Box<str>),
}

impl Speaker {
    fn label(&self) -> String {
        match self {
            Speaker::Own => String::new(),
            Speaker::File(place) => place.to_string(),
            Speaker::Peer(name) => format!("peer {name}"),
        }
    }
}

/// A policy as it is kept, with what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub kept: store::welcome::Welcome,
    pub welcome: Welcome,
    pub may_change: bool,
    pub may_prove: bool,
}

/// What all documents wish for `target` at `now`: one read of the store, some 100 µs.
pub async fn for_target(
    link: Link<'_>,
    target: &Target,
    now: Timestamp,
) -> Result<Applied, Failure> {
    for_places(link, &rule::places(target), None, now).await
}

/// The same for places, which are the names of one target. What `except` wrote itself is left out:
/// nobody needs leave of their own.
pub async fn for_places(
    link: Link<'_>,
    places: &[Place],
    except: Option<OrganizationId>,
    now: Timestamp,
) -> Result<Applied, Failure> {
    let words: Vec<String> = places.iter().flat_map(rule::lookups).collect();
    let rows = store::welcome::by_words(link, &words).await?;
    let mut documents = Vec::new();
    for row in rows.iter().filter(|row| Some(row.organization) != except) {
        documents.push((row.source, read(row)?));
    }
    let documents = documents.iter().map(|(source, welcome)| (*source, welcome));
    Ok(rule::combine(documents, places, now))
}

/// The same for many targets, each given by its names: one read of the store, and each document is read once.
pub async fn for_many(
    link: Link<'_>,
    targets: &[&[Place]],
    now: Timestamp,
) -> Result<Vec<Applied>, Failure> {
    let mut words: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for place in targets.iter().copied().flatten() {
        if seen.insert(place) {
            words.extend(rule::lookups(place));
        }
    }
    words.sort_unstable();
    words.dedup();
    let rows = store::welcome::by_words(link, &words).await?;
    let mut documents: Vec<(Source, Welcome)> = Vec::with_capacity(rows.len());
    let mut by_word: HashMap<String, BTreeSet<usize>> = HashMap::new();
    for row in &rows {
        let welcome = read(row)?;
        for pattern in welcome.rules.iter().flat_map(|rule| &rule.patterns) {
            let of_word = by_word.entry(pattern.word()).or_default();
            of_word.insert(documents.len());
        }
        documents.push((row.source, welcome));
    }
    let mut known: HashMap<&[Place], Applied> = HashMap::new();
    let mut all = Vec::with_capacity(targets.len());
    for places in targets {
        let applied = known.entry(places).or_insert_with(|| {
            let words = places.iter().flat_map(rule::lookups);
            let fitting: BTreeSet<usize> = words
                .filter_map(|word| by_word.get(&word))
                .flatten()
                .copied()
                .collect();
            let fitting = fitting.iter().filter_map(|at| documents.get(*at));
            let fitting = fitting.map(|(source, welcome)| (*source, welcome));
            rule::combine(fitting, places, now)
        });
        all.push(applied.clone());
    }
    Ok(all)
}

/// Keeps a policy in place of the last one of the same speaker.
///
/// A proof of ownership stays only where the new one is for nothing that the proved one was not for.
pub async fn keep(
    house: &House,
    actor: &Actor,
    document: &str,
    speaker: &Speaker,
    now: Timestamp,
) -> Result<i64, Failure> {
    let member = actor.member().ok_or(Failure::Denied)?;
    let organization = member.organization;
    house.authorize(actor, Action::SetPolicy, &Thing::organization(organization))?;
    let place = match speaker {
        Speaker::File(place) => Some(place),
        Speaker::Own | Speaker::Peer(_) => None,
    };
    let welcome = rule::read(document, place)?;
    let tx = house.store.write().await?;
    let link = tx.link();
    let source = match speaker {
        Speaker::Own => {
            let before = store::welcome::current(link, organization, "").await?;
            before.map_or(Ok(Source::Stranger), |before| followed(&before, &welcome))?
        }
        Speaker::File(_) if member.staff => Source::Project,
        Speaker::Peer(_) if member.staff => Source::Peer,
        Speaker::File(_) => Source::Stranger,
        Speaker::Peer(_) => {
            return Err(Refusal::of(
                "speaker",
                "records of other clearinghouses are taken in by who runs this one",
            )
            .into());
        }
    };
    // A policy is for everyone to read, so its entry is open.
    let digest: String = keys::sha256(&[document.as_bytes()])
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let body = json!({"act": "welcome.keep", "organization": organization, "speaker": speaker.label(), "sha256": digest, "at": now});
    let log_index = log::append(house, &tx, &[Note::Open(body)]).await?;
    let words: Vec<String> = welcome
        .rules
        .iter()
        .flat_map(|rule| &rule.patterns)
        .map(Pattern::word)
        .collect();
    let label = speaker.label();
    let draft = store::welcome::Draft {
        organization,
        source,
        speaker: &label,
        document,
        made: now,
        log_index,
    };
    let id = store::welcome::replace(link, draft, &words).await?;
    tx.commit().await?;
    Ok(id)
}

/// Whose word a new document is, given the one it replaces.
fn followed(before: &store::welcome::Welcome, new: &Welcome) -> Result<Source, Failure> {
    let old = read(before)?;
    let proved: Vec<&Pattern> = old.rules.iter().flat_map(|rule| &rule.patterns).collect();
    let is_within = new
        .rules
        .iter()
        .flat_map(|rule| &rule.patterns)
        .all(|pattern| proved.contains(&pattern));
    Ok(match is_within {
        true => before.source,
        false => Source::Stranger,
    })
}

/// Says that a policy is its owner's word, or that it is not: who runs this clearinghouse looked at the proof.
pub async fn prove(
    house: &House,
    actor: &Actor,
    id: i64,
    is_owner: bool,
    now: Timestamp,
) -> Result<(), Failure> {
    house.authorize(actor, Action::Administer, &Thing::instance())?;
    let tx = house.store.write().await?;
    let kept = store::welcome::find(tx.link(), id)
        .await?
        .ok_or(Failure::Hidden)?;
    if !kept.speaker.is_empty() {
        return Err(Failure::refused(
            "",
            "only what an organization says for itself is proved to be its own",
        ));
    }
    let source = if is_owner {
        Source::Owner
    } else {
        Source::Stranger
    };
    store::welcome::set_source(tx.link(), id, source).await?;
    let body = json!({"act": "welcome.prove", "organization": kept.organization, "policy": id, "source": source.as_str(), "at": now});
    log::append(house, &tx, &[Note::Open(body)]).await?;
    Ok(tx.commit().await?)
}

/// Ends a policy.
pub async fn withdraw(
    house: &House,
    actor: &Actor,
    id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let kept = store::welcome::find(tx.link(), id)
        .await?
        .ok_or(Failure::Hidden)?;
    house.authorize(
        actor,
        Action::SetPolicy,
        &Thing::organization(kept.organization),
    )?;
    store::welcome::withdraw(tx.link(), kept.organization, &kept.speaker, now).await?;
    let body = json!({"act": "welcome.withdraw", "organization": kept.organization, "policy": id, "at": now});
    log::append(house, &tx, &[Note::Open(body)]).await?;
    Ok(tx.commit().await?)
}

/// One policy; they are for everyone.
pub async fn show(house: &House, actor: &Actor, id: i64) -> Result<Shown, Failure> {
    let kept = store::welcome::find(house.store.link(), id)
        .await?
        .ok_or(Failure::Hidden)?;
    shown(house, actor, kept)
}

/// All policies after `after`, the oldest first; those of one organization where it is given.
pub async fn list(
    house: &House,
    actor: &Actor,
    organization: Option<OrganizationId>,
    after: i64,
) -> Result<Vec<Shown>, Failure> {
    let rows = store::welcome::list(house.store.link(), organization, after, LISTED_MAX).await?;
    rows.into_iter()
        .map(|kept| shown(house, actor, kept))
        .collect()
}

fn shown(house: &House, actor: &Actor, kept: store::welcome::Welcome) -> Result<Shown, Failure> {
    let may_change = house.may(
        actor,
        Action::SetPolicy,
        &Thing::organization(kept.organization),
    );
    let may_prove =
        kept.speaker.is_empty() && house.may(actor, Action::Administer, &Thing::instance());
    Ok(Shown {
        welcome: read(&kept)?,
        may_change,
        may_prove,
        kept,
    })
}

/// What a kept document says. It was read before it was kept.
fn read(kept: &store::welcome::Welcome) -> Result<Welcome, Failure> {
    let place = kept.speaker.parse::<Place>().ok();
    rule::read(&kept.document, place.as_ref()).map_err(Failure::broken)
}
