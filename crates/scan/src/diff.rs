//! What changed between two editions of an index?

use std::{cmp::Ordering, collections::BTreeMap};

use jiff::civil::Date;
use serde::Serialize;

use crate::{build::Source, fact::KevFact, index::Index, lookup::Head, wire::Damage};

/// What a newer index has that an older had not, and the other way round. Ids, in their order.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Changes {
    pub added: Vec<String>,
    pub changed: Vec<String>,
    /// No longer there at all.
    pub removed: Vec<String>,
    /// There, and taken back by their publishers since.
    pub withdrawn: Vec<String>,
    /// CVEs that came into KEV, with the date CISA added them.
    pub kev_added: Vec<(String, Date)>,
    /// CVEs that the newest catalog no longer has.
    pub kev_removed: Vec<String>,
}

/// What changed from `old` to `new`.
pub fn diff(old: &Index, new: &Index) -> Result<Changes, Damage> {
    let mut changes = Changes::default();
    let (old_sources, new_sources) = (old.sources()?, new.sources()?);
    let (mut a, mut b) = (0u32, 0u32);
    loop {
        let before = group(old, &old_sources, a)?;
        let after = group(new, &new_sources, b)?;
        let order = match (&before, &after) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(before), Some(after)) => before.name.cmp(&after.name),
        };
        let before = before.filter(|_| order != Ordering::Greater);
        let after = after.filter(|_| order != Ordering::Less);
        a += before.as_ref().map_or(0, |group| group.prints.len() as u32);
        b += after.as_ref().map_or(0, |group| group.prints.len() as u32);
        tell(&mut changes, before, after);
    }
    tell_kev(&mut changes, old, new)?;
    Ok(changes)
}

/// The advisories of one id, document and source: one, but for records that their source holds twice.
struct Group<'a> {
    name: (&'a str, &'a str, &'a str),
    prints: Vec<&'a [u8]>,
    withdrawn: bool,
}

/// The group that begins at `at`; the index holds advisories in the order of these names.
fn group<'a>(
    index: &'a Index,
    sources: &'a [Source],
    mut at: u32,
) -> Result<Option<Group<'a>>, Damage> {
    let name = |head: &Head<'a>| {
        let source = sources.get(head.source as usize);
        (
            head.id,
            head.document,
            source.map_or("", |source| source.name.as_str()),
        )
    };
    let mut group: Option<Group<'a>> = None;
    while at < index.advisories() {
        let head = index.head(at)?;
        let own = name(&head);
        match &mut group {
            Some(group) if group.name != own => break,
            Some(group) => group.prints.push(head.print),
            None => {
                group = Some(Group {
                    name: own,
                    prints: vec![head.print],
                    withdrawn: head.withdrawn.is_some(),
                });
            }
        }
        at += 1;
    }
    Ok(group)
}

fn tell(changes: &mut Changes, before: Option<Group<'_>>, after: Option<Group<'_>>) {
    match (before, after) {
        (Some(before), Some(after)) if before.prints == after.prints => {}
        (Some(before), Some(after)) => {
            let id = after.name.0.to_owned();
            match after.withdrawn && !before.withdrawn {
                true => changes.withdrawn.push(id),
                false => changes.changed.push(id),
            }
        }
        (None, Some(after)) => changes.added.push(after.name.0.to_owned()),
        (Some(before), None) => changes.removed.push(before.name.0.to_owned()),
        (None, None) => {}
    }
}

fn tell_kev(changes: &mut Changes, old: &Index, new: &Index) -> Result<(), Damage> {
    let old = listed(old)?;
    let new = listed(new)?;
    for (cve, fact) in &new {
        if !old.contains_key(cve) {
            changes.kev_added.push((cve.clone(), fact.added));
        }
    }
    // Where no catalog is at hand none was found to lack anything.
    if !new.is_empty() {
        let gone = old.into_keys().filter(|cve| !new.contains_key(cve));
        changes.kev_removed.extend(gone);
    }
    Ok(())
}

/// What the newest catalog lists.
fn listed(index: &Index) -> Result<BTreeMap<String, KevFact>, Damage> {
    let standing =
        |entry: &Result<(String, KevFact), _>| !matches!(entry, Ok((_, fact)) if fact.removed);
    index.kev_entries().filter(standing).collect()
}
