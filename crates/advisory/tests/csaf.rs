//! What CSAF documents say, in the words of real ones.

mod hear;

use std::io::Read;
use std::path::Path;

use advisory::{Affected, Format, RangeScheme, Target};
use hear::{Heard, data, files, hear};
use serde_json::Value;

/// How many product entries there are, and how many have a version that was understood.
#[derive(Default)]
struct Count {
    documents: usize,
    flaws: usize,
    affected: usize,
    understood: usize,
    statements: usize,
}

impl Count {
    fn add(&mut self, heard: &Heard) {
        self.documents += 1;
        self.flaws += heard.advisories.len();
        self.statements += heard.statements.len();
        for affected in heard.advisories.iter().flat_map(|one| &one.affected) {
            self.affected += 1;
            self.understood += usize::from(understood(affected));
        }
    }

    fn print(&self, family: &str) {
        assert!(self.documents > 0, "{family}: nothing ran");
        println!(
            "vectors: {family} {} ran, 0 listed as wrong",
            self.documents
        );
        println!(
            "{family}: {} flaws, {} product entries, {} with a version understood, {} statements",
            self.flaws, self.affected, self.understood, self.statements
        );
    }
}

fn understood(affected: &Affected) -> bool {
    let unreadable = |scheme: &RangeScheme| matches!(scheme, RangeScheme::Unreadable(_));
    !affected
        .ranges
        .iter()
        .any(|range| unreadable(&range.scheme))
}

/// Each vulnerability makes one advisory, and each product id in it an entry, without a problem.
fn check_whole(name: &str, bytes: &[u8], count: &mut Count) {
    let heard = hear(Format::Csaf, bytes);
    assert_eq!(heard.problems, [], "{name}");
    let document: Value = serde_json::from_slice(bytes).expect("it was read");
    let flaws = document["vulnerabilities"].as_array().map_or(0, Vec::len);
    assert_eq!(heard.advisories.len(), flaws, "{name}");
    for advisory in &heard.advisories {
        assert!(
            !advisory.id.is_empty() && !advisory.title.is_empty(),
            "{name}"
        );
        for affected in &advisory.affected {
            assert_ne!(affected.target, Target::Nothing, "{name}");
            assert!(
                !(affected.versions.is_empty() && affected.ranges.is_empty()),
                "{name}"
            );
        }
    }
    count.add(&heard);
}

#[test]
fn every_advisory_of_cisa_is_read_whole() {
    let Some(path) = data()
        .map(|data| data.join("csaf/cisa/advisories.tar.zst"))
        .filter(|path| path.is_file())
    else {
        return;
    };
    let mut decoder =
        zstd::Decoder::new(std::fs::File::open(path).expect("it is there")).expect("it is zstd");
    decoder
        .window_log_max(27)
        .expect("128 MiB is a window zstd knows");
    let mut count = Count::default();
    let mut unreadable = std::collections::BTreeMap::<String, usize>::new();
    for entry in tar::Archive::new(decoder).entries().expect("it is a tar") {
        let mut entry = entry.expect("it is whole");
        let name = entry.path().expect("it has a name").display().to_string();
        if !name.ends_with(".json") || name.contains("feed") {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("it is whole");
        check_whole(&name, &bytes, &mut count);
        for affected in hear(Format::Csaf, &bytes)
            .advisories
            .iter()
            .flat_map(|one| &one.affected)
        {
            for range in &affected.ranges {
                if let RangeScheme::Unreadable(text) = &range.scheme {
                    *unreadable.entry(text.clone()).or_default() += 1;
                }
            }
        }
    }
    count.print("csaf/cisa");
    let mut unreadable: Vec<_> = unreadable.into_iter().collect();
    unreadable.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    for (text, times) in unreadable.iter().take(150) {
        println!("{times} {text}");
    }
    assert!(count.understood * 10 > count.affected * 9);
}

/// The documents of a family that are meant to be read.
fn check_family(family: &str, skip: &[&str]) {
    let Some(data) = data() else { return };
    let mut count = Count::default();
    for path in files(&data.join(family)) {
        let name = path.display().to_string();
        let Some(bytes) = document(&path) else {
            continue;
        };
        if !skip.iter().any(|part| name.contains(part)) {
            check_whole(&name, &bytes, &mut count);
        }
    }
    if count.documents > 0 {
        count.print(family);
    }
}

/// The file's bytes, where it is a CSAF document.
fn document(path: &Path) -> Option<Vec<u8>> {
    let bytes = std::fs::read(path).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    value
        .pointer("/document/csaf_version")
        .is_some()
        .then_some(bytes)
}

#[test]
fn every_sample_of_cisa_is_read_whole() {
    check_family("csaf/cisa/samples", &[]);
}

#[test]
fn every_document_of_trustify_is_read_whole() {
    check_family("csaf/trustify", &[]);
}

#[test]
fn every_document_of_gocsaf_is_read_whole() {
    check_family("csaf/gocsaf", &[]);
}

#[test]
fn every_csaf_vex_of_grype_is_read_whole() {
    check_family("vex/openvex/grype-csaf", &[]);
}

#[test]
fn every_example_of_oasis_is_read_whole() {
    check_family("csaf/oasis-csaf_2.1/examples", &[]);
}
