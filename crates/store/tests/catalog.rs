//! What is in the tables is known: which columns are sealed, and which hold bytes that tell nothing.

use store::dialect::catalog::{Kind, references};
use store::{Settings, Store, backup, check, migrate};

/// Columns of bytes that are not sealed, and why they may stand there as they are.
const PLAIN: &[(&str, &str)] = &[
    (
        "advisory_file.body",
        "public, or for those whom its traffic light names",
    ),
    ("advisory_version.csaf", "public"),
    ("advisory_version.document", "public"),
    ("advisory_version.osv", "public"),
    ("attachment.digest", "SHA-256 of sealed bytes"),
    ("attempt.bucket", "a keyed hash of whose try it was"),
    ("case_file.key", "wrapped under the master key"),
    ("ceremony.digest", "a digest of what a browser shows"),
    ("ceremony.sealed", "sealed, and gone within minutes"),
    ("claim_word.word", "a keyed hash"),
    ("evidence.term", "a keyed hash"),
    ("invitation.digest", "a digest of what a link shows"),
    ("log_checkpoint.root", "public"),
    ("log_entry.entry", "public: open, or a salted hash"),
    (
        "log_opening.sealed",
        "sealed; `clearinghouse::log::check` opens it",
    ),
    ("log_tile.hashes", "public"),
    (
        "precommit.commitment",
        "a hash that its sender made of what nobody has seen",
    ),
    ("proof.digest", "SHA-256 of a proof, which its finder holds"),
    ("proof_chunk.digest", "the same"),
    (
        "report.digest",
        "SHA-256 of what its finder sent, for whoever holds the same bytes",
    ),
    ("engagement.key", "wrapped under the master key"),
    ("report.key", "wrapped under the master key"),
    ("session.digest", "a digest of what a browser shows"),
    ("term_change.hashes", "parts of keyed hashes"),
    ("token.digest", "a digest of what a program shows"),
    (
        "validation.digest",
        "SHA-256 of a proof, which its finder holds",
    ),
];

#[tokio::test]
async fn every_column_of_bytes_is_sealed_or_may_stand_there_as_it_is() {
    let store = Store::open("sqlite::memory:", &Settings::default())
        .await
        .unwrap();
    migrate::migrate(&store, jiff::Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let tables = backup::tables(store.link()).await.unwrap();
    let mut known: Vec<String> = PLAIN.iter().map(|(name, _)| (*name).to_owned()).collect();
    known.extend(
        check::SEALED
            .iter()
            .map(|it| format!("{}.{}", it.table, it.column)),
    );
    known.sort();
    let mut found: Vec<String> = tables
        .iter()
        .flat_map(|table| {
            let bytes = table.columns.iter().filter(|it| it.kind == Kind::Bytes);
            bytes.map(|column| format!("{}.{}", table.name, column.name))
        })
        .collect();
    found.sort();
    assert_eq!(
        found, known,
        "a new column of bytes is either sealed, and then `store/src/check.rs` says how it opens, or it stands in PLAIN with a reason"
    );
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_references() {
    let Some(url) = store::testing::postgres("catalog").await else {
        println!("skipped: no PostgreSQL for tests");
        return;
    };
    let mut all = Vec::new();
    for url in ["sqlite::memory:", &url] {
        let store = Store::open(url, &Settings::default()).await.unwrap();
        migrate::migrate(&store, jiff::Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
        let tables = backup::tables(store.link()).await.unwrap();
        let mut references = references(store.link(), &tables).await.unwrap();
        references.iter_mut().for_each(|it| it.name = String::new());
        references.sort_by_key(|it| (it.table.clone(), it.columns.clone()));
        all.push((tables, references));
    }
    assert!(all[0].0.len() > 40 && all[0].1.len() > 40);
    assert_eq!(all[0], all[1]);
}
