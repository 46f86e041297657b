//! One writer at a time, all of a write or none of it, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use jiff::Timestamp;
use names::OrganizationKind;
use store::{Fault, Faults, Settings, Store, StoreError, log, migrate, organization};

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// Every database that is here: SQLite in memory and in a file, and PostgreSQL where its URL is set.
async fn stores() -> Vec<(Store, Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("t.db").display());
    let settings = Settings::default();
    let mut stores = vec![
        (
            Store::open("sqlite::memory:", &settings).await.unwrap(),
            None,
        ),
        (Store::open(&file, &settings).await.unwrap(), Some(folder)),
    ];
    if let Some(url) = store::testing::postgres("link").await {
        stores.push((Store::open(&url, &settings).await.unwrap(), None));
    }
    for (store, _) in &stores {
        migrate::migrate(store, now()).await.unwrap();
    }
    stores
}

#[tokio::test]
async fn migrating_twice_does_nothing_the_second_time() {
    for (store, _folder) in stores().await {
        assert_eq!(
            migrate::migrate(&store, now()).await.unwrap(),
            Vec::<&str>::new()
        );
        assert_eq!(
            migrate::pending(store.link()).await.unwrap(),
            Vec::<&str>::new()
        );
    }
}

#[tokio::test]
async fn a_write_that_is_dropped_did_not_happen() {
    for (store, _folder) in stores().await {
        let tx = store.write().await.unwrap();
        log::append(tx.link(), vec![b"one".to_vec()]).await.unwrap();
        drop(tx);
        assert_eq!(log::size(store.link()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_second_organization_of_one_name_is_taken() {
    for (store, _folder) in stores().await {
        let tx = store.write().await.unwrap();
        let kind = OrganizationKind::Finder;
        organization::insert(tx.link(), kind, "Lab", false, now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let tx = store.write().await.unwrap();
        let second = organization::insert(tx.link(), kind, "Lab", false, now()).await;
        assert!(matches!(second, Err(StoreError::Taken(_))), "{second:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_side_by_side_leave_no_gap_in_the_log() {
    for (store, _folder) in stores().await {
        let store = Arc::new(store);
        let writers: Vec<_> = (0..8u8)
            .map(|writer| {
                let store = store.clone();
                tokio::spawn(async move {
                    for _ in 0..10 {
                        let tx = store.write().await.unwrap();
                        log::append(tx.link(), vec![vec![writer], vec![writer]])
                            .await
                            .unwrap();
                        tx.commit().await.unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        assert_eq!(log::size(store.link()).await.unwrap(), 160);
        assert_eq!(
            log::entries(store.link(), 0, 1000).await.unwrap().len(),
            160
        );
    }
}

struct Lost;

impl Faults for Lost {
    fn at_commit(&self) -> Fault {
        Fault::FailButPersist
    }
}

#[tokio::test]
async fn a_lost_answer_says_that_it_failed_and_yet_it_is_there() {
    let store = Store::open("sqlite::memory:", &Settings::default())
        .await
        .unwrap();
    migrate::migrate(&store, now()).await.unwrap();
    let store = store.with_faults(Arc::new(Lost));
    let tx = store.write().await.unwrap();
    log::append(tx.link(), vec![b"one".to_vec()]).await.unwrap();
    assert!(tx.commit().await.is_err());
    assert_eq!(log::size(store.link()).await.unwrap(), 1);
}
