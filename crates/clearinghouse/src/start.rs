//! Start: opens the database and the keys of an installation, and says whether it can work.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use keys::openpgp::Ring;
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
    let folder = keys;
    let keys =
        Keyring::open_or_create(folder, &settings.origin, &mut *dice).map_err(Failure::broken)?;
    let name = crate::publish::signer_name(&settings);
    let seconds = crate::publish::seconds(now);
    let ring = Ring::open_or_create(folder, &name, seconds, &mut *dice).map_err(Failure::broken)?;
    let store = Store::open(database, &store::Settings::default()).await?;
    let house = House::open(Arc::new(store), keys, settings, dice, now).await?;
    let house = house.with_openpgp(Some(ring));
    crate::publish::keep_key(&house).await?;
    // Before the new key signs anything, the log says that it follows the old one.
    crate::log::rotation::record(&house, now).await?;
    // So that the log has a head from the first visitor on.
    crate::log::sequence::catch_up(&house, now).await?;
    Ok(house)
}

/// The same installation as it stands, to look at: nothing is made, neither tables nor keys.
pub async fn look(
    database: &str,
    keys: &Path,
    settings: Settings,
    dice: Box<dyn Dice>,
) -> Result<House, Failure> {
    let ring = Ring::open(keys).map_err(Failure::broken)?;
    let keys = Keyring::open(keys).map_err(Failure::broken)?;
    let as_it_is = store::Settings {
        create: false,
        ..store::Settings::default()
    };
    let store = Store::open(database, &as_it_is).await?;
    Ok(House::over(Arc::new(store), keys, settings, dice).with_openpgp(ring))
}

/// The steps that the database still needs for this version.
pub async fn pending(house: &House) -> Result<Vec<&'static str>, Failure> {
    Ok(store::migrate::pending(house.store.link()).await?)
}

/// The database alone, made where it is missing.
pub async fn store(database: &str) -> Result<Store, Failure> {
    Ok(Store::open(database, &store::Settings::default()).await?)
}

/// Makes the tables of the database what this version needs, and says which steps ran.
pub async fn migrate(database: &str, now: Timestamp) -> Result<Vec<&'static str>, Failure> {
    let store = Store::open(database, &store::Settings::default()).await?;
    Ok(store::migrate::migrate(&store, now).await?)
}
