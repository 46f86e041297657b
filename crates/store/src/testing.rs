//! Testing: a fresh database on the PostgreSQL that the test command starts.

mod many;

use crate::link::{Settings, Store, StoreError};

pub use many::multiply;

/// The URL of a fresh, empty database named after `test`, on the server that `SEAMARK_TEST_POSTGRES` names
/// (`postgres://user@host:port/postgres`); `None` where it names none.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment which server they may use"
)]
pub async fn postgres(test: &str) -> Option<String> {
    let server = std::env::var("SEAMARK_TEST_POSTGRES").ok()?;
    let name = format!(
        "seamark_{test}_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    );
    let store = Store::open(&server, &Settings::default())
        .await
        .expect("the PostgreSQL of the tests answers");
    store
        .link()
        .script(&format!(
            "create database {name} template template0 encoding 'UTF8'"
        ))
        .await
        .expect("the PostgreSQL of the tests lets its user make databases");
    store.close().await.expect("closing loses nothing");
    let (base, _) = server.rsplit_once('/')?;
    Some(format!("{base}/{name}"))
}

/// A database as it was before what is served beside an advisory was kept.
pub async fn forget_files(store: &Store) -> Result<(), StoreError> {
    store.link().script("delete from advisory_file").await
}

static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
