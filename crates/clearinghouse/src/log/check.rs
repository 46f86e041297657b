//! Check: is the log whole, and does what is stored agree with it?
//!
//! Everything is computed again from the entries: each tile, each head that is kept, each opening, each report's
//! place. Reads in batches; a log of a million entries takes seconds.

use keys::note::Note;
use store::Link;
use store::log::checkpoint as heads;
use tlog::{Checkpoint, Entry, TileId, Tree};

use super::{opening, sequence};
use crate::{Failure, House};

/// Rows read at once: entries of at most 64 KiB each, 64 MiB at the very most.
const BATCH: i64 = 1024;
/// Problems that are told one by one; a damaged file has as many as it has rows.
const PROBLEMS_MAX: usize = 100;

/// What was checked, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    pub entries: u64,
    pub tiles: u64,
    pub heads: u64,
    pub openings: u64,
    pub reports: u64,
    /// In words for the operator; at most [`PROBLEMS_MAX`].
    pub problems: Vec<String>,
}

/// Checks all of it. What is wrong is told; only a database that does not answer is a failure.
pub async fn check(house: &House) -> Result<Checked, Failure> {
    let link = house.store.link();
    let mut checked = Checked::default();
    let size = store::log::size(link).await?;
    let integrated = store::log::tile::size(link).await?;
    if integrated > size {
        checked.add(format!(
            "the tree has {integrated} entries, and the log only {size}"
        ));
    }
    tree(house, link, (size, integrated), &mut checked).await?;
    openings(house, link, size, &mut checked).await?;
    reports(house, link, &mut checked).await?;
    Ok(checked)
}

impl Checked {
    fn add(&mut self, problem: String) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }
}

/// Grows the tree again and compares it with each tile and head that is kept.
async fn tree(
    house: &House,
    link: Link<'_>,
    (size, integrated): (i64, i64),
    checked: &mut Checked,
) -> Result<(), Failure> {
    let mut tree = Tree::default();
    let (mut at, mut stop) = (0, 0);
    while at < size {
        // Up to the next head, so that its root can be compared; entries behind the last one only have to be there.
        if at == stop {
            let next = heads::after(link, at, 1).await?.pop();
            if let Some(next) = &next {
                stop = next.size.min(size);
            } else {
                stop = size;
            }
        }
        let entries = store::log::entries(link, at, BATCH.min(stop - at)).await?;
        if entries.is_empty() {
            checked.add(format!("entry {at} is missing"));
            return Ok(());
        }
        let mut leaves = Vec::with_capacity(entries.len());
        for (bytes, index) in entries.iter().zip(at..) {
            if Entry::parse(bytes).is_err() {
                checked.add(format!("entry {index} is no entry"));
            }
            leaves.push(tlog::hash::leaf(bytes));
        }
        at += entries.len() as i64;
        checked.entries = at as u64;
        let (written, grown) = tlog::integrate(&tree, leaves);
        tree = grown;
        if at <= integrated {
            compare(link, written, checked).await?;
        }
        if at == stop {
            head(house, link, &tree, checked).await?;
        }
    }
    if integrated > 0 && heads::after(link, integrated - 1, 1).await?.is_empty() {
        checked.add(format!(
            "no checkpoint is over the {integrated} entries of the tree"
        ));
    }
    Ok(())
}

/// Each tile that was just computed is kept, or a wider one that begins with it.
async fn compare(
    link: Link<'_>,
    written: Vec<(TileId, Vec<tlog::Hash>)>,
    checked: &mut Checked,
) -> Result<(), Failure> {
    for (id, hashes) in written {
        let kept = match sequence::kept(link, vec![id]).await {
            Ok(mut kept) => kept.remove(&id),
            Err(Failure::Broken(_)) => None,
            Err(other) => return Err(other),
        };
        checked.tiles += 1;
        if !kept.is_some_and(|kept| kept.starts_with(&hashes)) {
            let path = id.path(hashes.len() as u64);
            checked.add(format!("`{path}` is not what the entries make"));
        }
    }
    Ok(())
}

/// The head at the size of `tree`, where one is kept, is signed by a key of ours and over this tree.
async fn head(
    house: &House,
    link: Link<'_>,
    tree: &Tree,
    checked: &mut Checked,
) -> Result<(), Failure> {
    let size = tree.size() as i64;
    let kept = heads::after(link, size - 1, 1).await?.pop();
    let Some(kept) = kept.filter(|kept| kept.size == size) else {
        return Ok(());
    };
    checked.heads += 1;
    let keys = house.keys.verifiers();
    let opened = Note::parse(&kept.note).map_err(tlog::CheckpointError::Note);
    match opened.and_then(|note| Checkpoint::open(&note, &keys).map(|(head, _)| head)) {
        Err(error) => checked.add(format!("the checkpoint over {size} entries: {error}")),
        Ok(head) if (head.size, head.root) != (tree.size(), tree.root()) => checked.add(format!(
            "the checkpoint over {size} entries is not what the entries make"
        )),
        Ok(_) => (),
    }
    Ok(())
}

/// Each opening opens under the master key, and is what its entry committed to.
async fn openings(
    house: &House,
    link: Link<'_>,
    size: i64,
    checked: &mut Checked,
) -> Result<(), Failure> {
    let mut at = 0;
    while at < size {
        // Openings before entries: a house at work adds both together, so each opening then has its entry here.
        let openings = store::log::openings(link, at, BATCH).await?;
        let entries = store::log::entries(link, at, BATCH).await?;
        for (index, _) in openings {
            checked.openings += 1;
            let entry = entries.get((index - at) as usize);
            let entry = entry.and_then(|bytes| Entry::parse(bytes).ok());
            let is_good = match opening(house, link, index).await {
                Ok(opening) => entry.is_some_and(|entry| entry.is_opened_by(&opening)),
                Err(_) => false,
            };
            if !is_good {
                checked.add(format!(
                    "entry {index} is not opened by what is kept for it"
                ));
            }
        }
        at += BATCH;
    }
    Ok(())
}

/// Each report stands in the log, and what the log committed to is its digest.
async fn reports(house: &House, link: Link<'_>, checked: &mut Checked) -> Result<(), Failure> {
    let mut last = 0;
    loop {
        let rows = store::log::reports_after(link, last, BATCH).await?;
        let Some(end) = rows.last() else {
            return Ok(());
        };
        last = end.id;
        for row in &rows {
            checked.reports += 1;
            let digest: String = row.digest.iter().map(|it| format!("{it:02x}")).collect();
            let said = opening(house, link, row.log_index).await.ok();
            let said = said.map(|opening| opening.body.value());
            if said.is_none_or(|body| body["sha256"] != digest) {
                checked.add(format!(
                    "report {} is not what entry {} committed to",
                    row.id, row.log_index
                ));
            }
        }
    }
}
