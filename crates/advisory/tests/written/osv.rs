//! OSV, written and read again.

use std::io::Read;
use std::path::Path;
use std::sync::LazyLock;

use advisory::{Format, Publication, write_osv};
use expect_test::expect_file;
use proptest::prelude::*;

use crate::hear::{data, hear};
use crate::held::in_osv;
use crate::schema::Schema;
use crate::strategy::advisories;
use crate::{house, ordinary};

#[test]
fn an_ordinary_case_reads_so_in_osv() {
    let written = write_osv(&ordinary());
    expect_file!["../../testdata/written/ordinary.osv.json"].assert_eq(&written.text);
    let mut losses = written.losses.join("\n");
    losses.push('\n');
    expect_file!["../../testdata/written/ordinary.osv.losses"].assert_eq(&losses);
    if let Some(data) = data() {
        Schema::of_osv(&data).check("ordinary", &written.text);
    }
}

/// Writes `publication` and reads it again: where nothing is said to be lost, nothing is.
fn check(name: &str, publication: &Publication, schema: Option<&Schema>) -> bool {
    let written = write_osv(publication);
    if let Some(schema) = schema {
        schema.check(name, &written.text);
    }
    let heard = hear(Format::Osv, written.text.as_bytes());
    assert_eq!(heard.problems, [], "{name}\n{}", written.text);
    let [read] = heard.advisories.as_slice() else {
        panic!("{name}: one record was written\n{}", written.text);
    };
    if !written.losses.is_empty() {
        return false;
    }
    assert_eq!(
        in_osv(read),
        in_osv(&publication.advisory),
        "{name}\n{}",
        written.text
    );
    true
}

/// Records taken from each export, spread evenly.
const SAMPLE: usize = 300;

#[test]
fn records_of_every_export_are_read_as_they_were() {
    let Some(data) = data() else { return };
    let schema = Schema::of_osv(&data);
    for database in ["AlmaLinux", "Bitnami", "Go", "Hackage", "PyPI", "crates.io"] {
        let (mut ran, mut whole) = (0, 0);
        for (name, bytes) in sample(&data.join("osv").join(database).join("all.zip"), SAMPLE) {
            for mut advisory in hear(Format::Osv, &bytes).advisories {
                // Go stamps year 1, which is no time; OSV asks for one.
                advisory.modified = advisory.modified.or(Some(jiff::Timestamp::UNIX_EPOCH));
                let publication = Publication::once(advisory, house());
                ran += 1;
                whole += usize::from(check(&name, &publication, Some(&schema)));
            }
        }
        println!("vectors: osv written again, {database} {ran} ran, 0 listed as wrong");
        println!("{database}: {whole} of {ran} without a loss");
        assert!(ran >= 30, "{database}: {ran} ran");
        // Streams of modules have no field, and AlmaLinux is full of them; elsewhere nearly all is held.
        assert!(
            database == "AlmaLinux" || whole * 10 >= ran * 9,
            "{database}: {whole} of {ran}"
        );
    }
}

pub fn sample(zip: &Path, count: usize) -> Vec<(String, Vec<u8>)> {
    let file = std::fs::File::open(zip).expect("the export is there");
    let mut archive = zip::ZipArchive::new(file).expect("a zip");
    let step = (archive.len() / count).max(1);
    (0..archive.len())
        .step_by(step)
        .map(|at| {
            let mut file = archive.by_index(at).expect("an entry");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("it unpacks");
            (at.to_string(), bytes)
        })
        .collect()
}

/// Made once: a schema takes longer than what is checked by it.
static SCHEMA: LazyLock<Option<Schema>> =
    LazyLock::new(|| data().map(|data| Schema::of_osv(&data)));

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_osv_is_not_said_to_lose_is_read_again(advisory in advisories("PYSEC-2026-1", "PyPA")) {
        check("generated", &Publication::once(advisory, house()), SCHEMA.as_ref());
    }
}
