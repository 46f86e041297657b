//! OSV: what was published here, for whoever asks as they would ask osv.dev.
//!
//! Nobody in particular asks: what is handed out is what a stranger may see, so a policy of the operator that keeps
//! advisories from strangers keeps them from this door too.

use names::{AdvisoryId, Tlp};
use policy::{Action, Embargo, Thing};

use crate::{Actor, Failure, House};

pub use store::osv::Published;

/// Advisories that are read at once: at most a few MiB, for they are some KiB each.
const PAGE: i64 = 500;

/// What changes with every publication, and with nothing else.
pub async fn mark(house: &House) -> Result<i64, Failure> {
    Ok(store::osv::mark(house.store.link()).await?)
}

/// A page of what strangers may see, after that advisory; the last page is empty.
pub async fn published(
    house: &House,
    after: Option<AdvisoryId>,
) -> Result<Vec<Published>, Failure> {
    let everyones = Thing::advisory()
        .embargo(Embargo::Published)
        .tlp(Tlp::Clear);
    match house.may(&Actor::Anonymous, Action::SeeAdvisory, &everyones) {
        true => Ok(store::osv::page(house.store.link(), after, PAGE).await?),
        false => Ok(Vec::new()),
    }
}
