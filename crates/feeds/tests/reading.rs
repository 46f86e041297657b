//! Reading folders and archives: what is told, in which order, and what a bad neighbour costs.

use std::io::Write as _;
use std::path::Path;

use expect_test::{Expect, expect};
use feeds::{Item, Settings, Source};

/// What reading `folder` tells, a line each, with paths below it.
fn check(folder: &Path, settings: &Settings, expected: Expect) {
    let mut out = String::new();
    let below = |file: &str| file.replace(&folder.display().to_string(), "");
    let counts =
        feeds::read_all(
            &[Source::Path(folder.to_owned())],
            settings,
            &mut |item| match item {
                Item::Record(origin, advisory::Record::Advisory(advisory)) => {
                    out += &format!(
                        "{} {} gives {}\n",
                        below(&origin.file),
                        origin.member,
                        advisory.id
                    );
                }
                Item::Record(origin, record) => {
                    out += &format!("{} gives {record:?}\n", below(&origin.file))
                }
                Item::Unreadable(what) => {
                    out += &format!(
                        "{} {} {}: {}\n",
                        below(&what.origin.file),
                        what.origin.member,
                        what.place,
                        what.reason
                    );
                }
                Item::Original(..) | Item::Progress(_) => {}
            },
        );
    out += &format!(
        "{} documents, {} records, {} unreadable, {} skipped\n",
        counts.documents, counts.records, counts.unreadable, counts.skipped
    );
    expected.assert_eq(&out);
}

fn record(id: &str) -> String {
    format!(r#"{{"id": "{id}", "modified": "2024-01-01T00:00:00Z"}}"#)
}

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in members {
        archive
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .expect("a member");
        archive.write_all(text.as_bytes()).expect("its bytes");
    }
    archive.finish().expect("a zip").into_inner()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).expect("bytes");
    packed.finish().expect("a gzip")
}

#[test]
fn a_bad_file_costs_only_itself_and_order_is_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    };
    write("b/2.json", record("B-2").as_bytes());
    write("b/1.json", record("B-1").as_bytes());
    write(
        "a.zip",
        &zip(&[
            ("Z-1.json", &record("Z-1")),
            ("README.md", "x"),
            ("cut.json", "{\"id\": \"Z-2\", \"aff"),
            ("inner.zip", "PK"),
            ("list.json", "[1, 2]"),
        ]),
    );
    write("c.json.gz", &gzip(&record("C-1")));
    write("d.json", b"{\"id\": \"D-1\", \"affected\": 7}");
    write("e.json", b"");
    write("index.txt", b"x");
    write(".git/config.json", b"x");
    write("f.zip", b"PK\x03\x04 and no more");
    write("z.json", record("Z-9").as_bytes());
    check(
        folder.path(),
        &Settings::default(),
        expect![[r#"
        /a.zip Z-1.json gives Z-1
        /a.zip cut.json : not JSON: EOF while parsing a string at line 1 column 18
        /b/1.json  gives B-1
        /b/2.json  gives B-2
        /c.json.gz c.json gives C-1
        /d.json  D-1: not an OSV record: invalid type: integer `7`, expected a sequence at line 1 column 27
        /e.json  : not JSON: EOF while parsing a value at line 1 column 0
        /f.zip  : a zip without its end; it may have been cut off
        /z.json  gives Z-9
        8 documents, 5 records, 4 unreadable, 4 skipped
    "#]],
    );
}

#[test]
fn a_document_over_the_limit_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let long = record(&"x".repeat(2000));
    std::fs::write(folder.path().join("a.json"), &long).expect("a file");
    std::fs::write(
        folder.path().join("b.zip"),
        zip(&[("1.json", &long), ("2.json", &record("B-2"))]),
    )
    .expect("a file");
    let mut settings = Settings::default();
    settings.limits.document_bytes_max = 1000;
    check(
        folder.path(),
        &settings,
        expect![[r#"
        /a.json  : document is longer than 1000 bytes, which is as much as is read
        /b.zip 2.json gives B-2
        /b.zip 1.json : longer than 1000 bytes
        1 documents, 1 records, 2 unreadable, 0 skipped
    "#]],
    );
}

#[test]
fn many_documents_pass_through_a_small_budget_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    for at in 0..500 {
        std::fs::write(
            folder.path().join(format!("{at:04}.json")),
            record(&format!("A-{at:04}")),
        )
        .expect("a file");
    }
    let settings = Settings {
        in_flight_bytes_max: 1,
        threads: 3,
        ..Settings::default()
    };
    let mut ids = Vec::new();
    feeds::read_all(
        &[Source::Path(folder.path().to_owned())],
        &settings,
        &mut |item| {
            if let Item::Record(_, advisory::Record::Advisory(advisory)) = item {
                ids.push(advisory.id);
            }
        },
    );
    assert_eq!(ids.len(), 500);
    assert!(ids.is_sorted());
}

#[test]
fn a_callback_that_panics_does_not_hang() {
    let folder = tempfile::tempdir().expect("a folder");
    for at in 0..200 {
        std::fs::write(folder.path().join(format!("{at}.json")), record("A-1")).expect("a file");
    }
    let settings = Settings {
        in_flight_bytes_max: 1,
        threads: 2,
        ..Settings::default()
    };
    let sources = [Source::Path(folder.path().to_owned())];
    let read = std::panic::catch_unwind(|| {
        feeds::read_all(&sources, &settings, &mut |_| panic!("enough"))
    });
    assert!(read.is_err());
}

#[test]
fn a_source_that_is_not_there_is_told() {
    let mut told = Vec::new();
    feeds::read_all(
        &[Source::Path("/nowhere/at/all".into())],
        &Settings::default(),
        &mut |item| {
            if let Item::Unreadable(what) = item {
                told.push(what.reason);
            }
        },
    );
    assert!(
        told.iter()
            .any(|reason| reason.starts_with("cannot be opened")),
        "{told:?}"
    );
}
