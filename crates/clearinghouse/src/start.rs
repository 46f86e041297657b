//! Start: opens the database and the keys of an installation, and says whether it can work.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use keys::{Dice, Keyring};
use store::Store;

use crate::{Failure, House, Settings};

/// Opens the house whose database is at `database` (`sqlite:FILE` or `postgres://…`) and whose keys are in the folder
/// `keys`; a fresh one makes its tables and its keys.
pub async fn start(
    database: &str,
    keys: &Path,
    settings: Settings,
    mut dice: Box<dyn Dice>,
    now: Timestamp,
) -> Result<House, Failure> {
    let keys =
        Keyring::open_or_create(keys, &settings.origin, &mut *dice).map_err(Failure::broken)?;
    let store = Store::open(database, &store::Settings::default()).await?;
    let house = House::open(Arc::new(store), keys, settings, dice, now).await?;
    // Before the new key signs anything, the log says that it follows the old one.
    crate::log::rotation::record(&house, now).await?;
    // So that the log has a head from the first visitor on.
    crate::log::sequence::catch_up(&house, now).await?;
    Ok(house)
}

/// What is missing before `house` can work; nothing where its database answers.
pub async fn unready(house: &House) -> Option<String> {
    match store::log::size(house.store.link()).await {
        Ok(_) => None,
        Err(_) => Some("the database does not answer".to_owned()),
    }
}
