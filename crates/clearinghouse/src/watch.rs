//! Watch: how is the house doing, in numbers that tell nothing of a case?

use crate::{Failure, House};

/// Cases are counted up to here: more of them is the same news, and counting a million would slow the house down.
pub const CASES_COUNTED_MAX: i64 = 10_000;

/// How far the log is, and how far its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    pub entries: i64,
    /// How many of them the tree holds and a checkpoint signs for.
    pub sequenced: i64,
}

/// How much waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    pub reach: Reach,
    /// Pieces of work, whatever they are.
    pub work: i64,
    pub notices: i64,
    /// Proofs that wait for a worker or are at one.
    pub proofs: i64,
    /// At most [`CASES_COUNTED_MAX`].
    pub cases_open: i64,
}

/// How far the log is. Short: readiness is asked every few seconds.
pub async fn reach(house: &House) -> Result<Reach, Failure> {
    let link = house.store.link();
    // In this order: the tree never reaches further than the log, so what is read later may only be larger.
    let sequenced = store::log::tile::size(link).await?;
    let entries = store::log::size(link).await?;
    Ok(Reach { entries, sequenced })
}

/// All of it.
pub async fn numbers(house: &House) -> Result<Numbers, Failure> {
    let reach = reach(house).await?;
    let link = house.store.link();
    Ok(Numbers {
        reach,
        work: store::watch::work(link).await?,
        notices: store::watch::notices(link).await?,
        proofs: store::validation::waiting(link).await?,
        cases_open: store::watch::open_cases(link, CASES_COUNTED_MAX).await?,
    })
}

/// Writes what was destroyed over what stood there, also in the database's own log of writes.
///
/// Done each minute and right after a key was destroyed; where somebody reads just then, the next minute does it.
pub async fn overwrite(house: &House) -> Result<(), Failure> {
    house.store.overwrite().await?;
    Ok(())
}
