//! The real documents of the shared data.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use archive::{Flow, Kind, Limits};
use jiff::Timestamp;
use lint::{Format, Report, Settings};

/// The moment all of it is reckoned with.
pub fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().expect("a time")
}

/// The shared data, where this machine has it.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
pub fn data() -> Option<PathBuf> {
    let given = std::env::var_os("SEAMARK_DATA").map(PathBuf::from);
    let folder = given
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    folder.is_dir().then_some(folder)
}

/// Every file below `folder`, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut left = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(path) = left.pop() {
        match fs::read_dir(&path) {
            Ok(children) => left.extend(children.flatten().map(|child| child.path())),
            Err(_) => found.push(path),
        }
    }
    found.sort();
    found
}

/// Every JSON member of an archive.
pub fn members(archive: &Path, each: &mut dyn FnMut(&str, &[u8])) {
    let file = BufReader::new(File::open(archive).expect("the shared data can be read"));
    let walked = archive::walk("shared", file, &Limits::default(), &mut |mut entry| {
        if entry.kind == Kind::File && entry.path.ends_with(".json") {
            let bytes = entry.content(64 << 20).expect("a document is shorter");
            each(&entry.path, &bytes);
        }
        Flow::Next
    });
    walked.expect("the archive of the shared data can be read");
}

/// How often each rule spoke, in how many documents, and where first.
#[derive(Default)]
pub struct Tally {
    pub documents: usize,
    pub clean: usize,
    by_test: BTreeMap<String, (usize, usize, String)>,
}

impl Tally {
    pub fn add(&mut self, name: &str, bytes: &[u8], format: Format) -> Report {
        let settings = Settings {
            format: Some(format),
            ..Settings::at(now())
        };
        let report = lint::check(name, bytes, &settings).expect("its format was named");
        self.documents += 1;
        self.clean += usize::from(report.problems.is_empty());
        let mut here: BTreeMap<&str, usize> = BTreeMap::new();
        for problem in &report.problems {
            *here.entry(&problem.test).or_default() += 1;
        }
        for (test, count) in here {
            let slot = self.by_test.entry(test.to_owned()).or_default();
            slot.0 += 1;
            slot.1 += count;
            if slot.2.is_empty() {
                let first = report
                    .problems
                    .iter()
                    .find(|problem| problem.test == test)
                    .expect("it was counted");
                slot.2 = format!("{name} {}: {}", first.pointer, first.message);
            }
        }
        report
    }

    /// `osv.range.order 3/5`: in three documents, five times.
    pub fn told(&self) -> String {
        let mut lines = vec![format!(
            "{} documents, {} clean",
            self.documents, self.clean
        )];
        lines.extend(
            self.by_test
                .iter()
                .map(|(test, (documents, count, _))| format!("{test} {documents}/{count}")),
        );
        lines.join("\n")
    }

    pub fn examples(&self) {
        for (test, (documents, count, first)) in &self.by_test {
            println!("  {test} {documents}/{count} e.g. {first}");
        }
    }
}
