//! What `seamarkd` does besides running: backup, restore, migrate, check, and a new key for the log.

use std::path::Path;
use std::sync::Arc;

use clearinghouse::check::{Checked, check};
use clearinghouse::{Failure, House, restore, start};
use keys::openpgp::Ring;
use keys::{Keyring, SystemDice};
use tokio::sync::watch;

use crate::args::{Args, Command};
use crate::run::{said, told_to_stop};
use crate::settings::{AT_ONCE_MAX, Settings};
use crate::worker::{self, Work};
use crate::{folder, now};

/// Does `command`, and says what it did.
///
/// # Errors
///
/// What is wrong, in words for the operator.
pub async fn command(args: &Args, command: &Command) -> Result<(), String> {
    let settings = Settings::gather(args)?;
    match command {
        Command::Backup { file } => backup(&settings, file).await,
        Command::Restore { file } => bring_back(&settings, file).await,
        Command::Migrate => migrate(&settings).await,
        Command::Check => checked(&look(&settings).await?).await,
        Command::RotateLogKey => rotate(&settings).await,
        Command::RotateOpenpgpKey => rotate_openpgp(&settings).await,
        Command::Worker { at_once } => work(settings, *at_once).await,
    }
}

/// The house as it stands, to look at.
async fn look(settings: &Settings) -> Result<House, String> {
    folder::is_there(&settings.database)
        .map_err(|error| format!("there is no database at `{}`: {error}", settings.database))?;
    let keys = settings.keys_dir();
    let house = start::look(
        &settings.database,
        &keys,
        settings.house(),
        Box::new(SystemDice),
    );
    house.await.map_err(|failure| said(&failure))
}

async fn backup(settings: &Settings, file: &Path) -> Result<(), String> {
    let house = look(settings).await?;
    let made =
        clearinghouse::backup::backup(&house.store, &house.keys, file, now::system()()).await;
    let made = made.map_err(|failure| said(&failure))?;
    let rows: u64 = made.tables.iter().map(|table| table.rows).sum();
    println!(
        "{}: {rows} rows of {} tables, {} entries of the log",
        file.display(),
        made.tables.len(),
        made.log_size
    );
    println!(
        "the keys are not in it: without the folder `{}` nothing sealed in it opens, so keep a copy of that folder \
         somewhere else than this file (master key {})",
        settings.keys_dir().display(),
        made.keys.master
    );
    Ok(())
}

async fn bring_back(settings: &Settings, file: &Path) -> Result<(), String> {
    let _held = folder::hold(&settings.data_dir, true)?;
    let keys = Keyring::open(&settings.keys_dir()).map_err(|error| {
        format!("{error}; a backup has no keys in it: put the copy of that house's folder of keys there first")
    })?;
    folder::keep_to_ourselves(settings)?;
    let store = start::store(&settings.database).await;
    let store = store.map_err(|failure| said(&failure))?;
    let now = now::system()();
    let restored = match restore::restore(&store, &keys, file, now).await {
        Ok(restored) => restored,
        Err(Failure::Refused(refusal)) => {
            for problem in refusal.iter() {
                match &*problem.field {
                    "" => eprintln!("{}: {}", file.display(), problem.message),
                    field => eprintln!("{}: {field}: {}", file.display(), problem.message),
                }
            }
            return Err("nothing was restored".to_owned());
        }
        Err(other) => return Err(format!("nothing was restored: {}", said(&other))),
    };
    let rows: u64 = restored.tables.iter().map(|table| table.rows).sum();
    println!(
        "restored {rows} rows of {} tables, as they were at {}",
        restored.tables.len(),
        restored.made
    );
    drop(store);
    bring_up(settings).await?;
    checked(&look(settings).await?).await
}

async fn migrate(settings: &Settings) -> Result<(), String> {
    let _held = folder::hold(&settings.data_dir, false)?;
    bring_up(settings).await
}

/// Makes the tables what this version needs, in a folder that is held already.
async fn bring_up(settings: &Settings) -> Result<(), String> {
    folder::keep_to_ourselves(settings)?;
    let ran = start::migrate(&settings.database, now::system()()).await;
    let ran = ran.map_err(|failure| said(&failure))?;
    match ran.is_empty() {
        true => println!("the tables are what this version needs"),
        false => println!("ran {}", ran.join(", ")),
    }
    Ok(())
}

/// Checks, and says what was looked at and what is wrong.
async fn checked(house: &House) -> Result<(), String> {
    let Checked { counts, problems } = check(house).await.map_err(|failure| said(&failure))?;
    for (what, count) in counts {
        println!("{count:>12} {what}");
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    match problems.len() {
        0 => {
            println!("all is well");
            Ok(())
        }
        1 => Err("one problem".to_owned()),
        count => Err(format!("{count} problems")),
    }
}

/// Re-runs proofs until told to stop.
async fn work(settings: Settings, at_once: Option<usize>) -> Result<(), String> {
    let at_once = at_once.unwrap_or(settings.file.worker.at_once);
    if !(1..=AT_ONCE_MAX).contains(&at_once) {
        return Err(format!(
            "`--at-once` takes from 1 to {}; more takes another machine",
            AT_ONCE_MAX
        ));
    }
    let _held = folder::hold(&settings.data_dir, false)?;
    let house = look(&settings).await?;
    let pending = store_steps(&house).await?;
    if !pending.is_empty() {
        return Err(format!(
            "the database needs {pending}; start a `seamarkd` of this version, or run `seamarkd migrate`"
        ));
    }
    let clock: worker::Now = Arc::from(now::system());
    let work = Work::new(Arc::new(house), clock, &settings, worker::prover());
    let (stop, stopped) = watch::channel(false);
    println!(
        "re-runs proofs, {at_once} at a time, as worker {}",
        work.name
    );
    let lanes = worker::spawn(&work, at_once, &stopped);
    told_to_stop().await;
    tracing::info!("told to stop; giving back what was begun");
    let _ = stop.send(true);
    for lane in lanes {
        // A lane that panicked has been logged by whoever saw it.
        let _ = lane.await;
    }
    Ok(())
}

/// The steps that the database still needs, in words.
async fn store_steps(house: &House) -> Result<String, String> {
    let steps = clearinghouse::start::pending(house).await;
    Ok(steps.map_err(|failure| said(&failure))?.join(", "))
}

async fn rotate(settings: &Settings) -> Result<(), String> {
    let _held = folder::hold(&settings.data_dir, true)?;
    let folder = settings.keys_dir();
    let keys = Keyring::rotate(&folder, &mut SystemDice).map_err(|error| error.to_string())?;
    let house = look(settings).await?;
    let now = now::system()();
    // The statement, and at once a checkpoint by the new key over it. If we stop before, the next start does both.
    let stated = clearinghouse::log::rotation::record(&house, now).await;
    stated.map_err(|failure| said(&failure))?;
    let size = clearinghouse::log::sequence::catch_up(&house, now).await;
    let size = size.map_err(|failure| said(&failure))?;
    println!(
        "the log has the key {} from entry {} on; checkpoints and receipts by the old one stay good",
        keys.log().verifier(),
        size.saturating_sub(1)
    );
    println!(
        "copy `{}` to the other nodes and to where you keep keys, and tell your witnesses",
        folder.display()
    );
    Ok(())
}

async fn rotate_openpgp(settings: &Settings) -> Result<(), String> {
    let _held = folder::hold(&settings.data_dir, true)?;
    let folder = settings.keys_dir();
    let before = look(settings).await?;
    // The old public half is in the database before its private half goes. If we stop after that, the next start puts
    // the new one there too.
    let kept = clearinghouse::publish::keep_key(&before).await;
    kept.map_err(|failure| said(&failure))?;
    let seconds = clearinghouse::publish::seconds(now::system()());
    let name = clearinghouse::publish::signer_name(&before.settings);
    let ring = Ring::rotate(&folder, &name, seconds, &mut SystemDice);
    let ring = ring.map_err(|error| error.to_string())?;
    let fingerprint = ring.key().fingerprint();
    let after = before.with_openpgp(Some(ring));
    let kept = clearinghouse::publish::keep_key(&after).await;
    kept.map_err(|failure| said(&failure))?;
    println!(
        "what is published from now on is signed by {fingerprint}; what the keys before it signed stays signed, and they \
         stay served"
    );
    println!(
        "copy `{}` to the other nodes and to where you keep keys, and tell who follows you",
        folder.display()
    );
    Ok(())
}
