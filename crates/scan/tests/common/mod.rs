//! Where the shared data is, and how a test makes an index of it.

#![allow(
    clippy::allow_attributes,
    reason = "which helpers a test file leaves unused differs from file to file"
)]
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::{
    collections::BTreeSet,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use advisory::{Format, Record};
use archive::{Flow, Limits};
use inventory::Component;
use jiff::Timestamp;
use names::Ecosystem;
use scan::{Builder, Index, Match, matches};

/// A day in the middle of the data's years; what is read does not depend on it.
pub const NOW: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// The shared data, if it is here.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
pub fn data() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("SEAMARK_DATA").map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// A part of the shared data; says so where it is not here.
pub fn part(name: &str) -> Option<PathBuf> {
    let part = data()
        .map(|folder| folder.join(name))
        .filter(|part| part.exists());
    if part.is_none() {
        println!("skipped: no shared data ({name})");
    }
    part
}

/// Shows every record of the zip at `path` to `each`; what cannot be read is counted.
pub fn records(path: &Path, each: &mut dyn FnMut(Record)) -> u64 {
    let mut problems = 0;
    documents(path, &mut |name, bytes| {
        if let Some(format) = Format::sniff(name, bytes) {
            advisory::read(format, bytes, each, &mut |_| problems += 1);
        }
    });
    problems
}

/// Shows every file of the zip at `path` to `each`, by name.
pub fn documents(path: &Path, each: &mut dyn FnMut(&str, &[u8])) {
    let file = BufReader::new(File::open(path).unwrap());
    let mut visit = |mut entry: archive::Entry<'_>| {
        let bytes = entry.content(64 << 20).unwrap();
        each(&entry.path, &bytes);
        Flow::Next
    };
    let name = path.to_string_lossy();
    archive::walk(&name, file, &Limits::default(), &mut visit).unwrap();
}

/// The index of some of the shared OSV databases; `None` where one of them is not here.
pub fn osv_index(databases: &[&str]) -> Option<Index> {
    let mut builder = Builder::new(NOW);
    for database in databases {
        let path = part(&format!("osv/{database}/all.zip"))?;
        records(&path, &mut |record| builder.add(database, record));
    }
    let (bytes, _) = builder.finish_bytes().unwrap();
    Some(Index::from_bytes(bytes).unwrap())
}

/// The index of a few OSV records.
pub fn index_of(records: &[&str]) -> Index {
    let mut builder = Builder::new(NOW);
    for text in records {
        advisory::read(
            Format::Osv,
            text.as_bytes(),
            &mut |record| builder.add("test", record),
            &mut |problem| panic!("{problem:?} in {text}"),
        );
    }
    let (bytes, _) = builder.finish_bytes().unwrap();
    Index::from_bytes(bytes).unwrap()
}

/// A component in a few words: `PyPI django 4.2`, where the ecosystem may be quoted.
pub fn component(ecosystem: &str, name: &str, version: &str) -> Component {
    let ecosystem = Ecosystem::parse(ecosystem);
    Component {
        name: names::package::normalize(&ecosystem.kind, name).into_owned(),
        ecosystem: Some(ecosystem),
        version: version.to_owned(),
        ..Component::default()
    }
}

/// Every match.
pub fn all_matches(index: &Index, component: &Component) -> Vec<Match> {
    let mut all = Vec::new();
    matches(index, component, &mut |found| all.push(found)).unwrap();
    all
}

/// The ids of the advisories that match, notes left out.
pub fn ids(index: &Index, component: &Component) -> BTreeSet<String> {
    all_matches(index, component)
        .iter()
        .filter(|found| !found.is_note())
        .map(|found| index.head(found.advisory).unwrap().id.to_owned())
        .collect()
}
