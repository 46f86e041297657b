//! Every real CSAF document of the shared data: how often each test speaks, and of how many documents.

mod shared;

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use expect_test::expect;
use lint::Report;

use shared::{bytes_of, check, shared};

/// For each test: in how many documents it spoke, and how often.
#[derive(Default)]
struct Summary {
    documents: usize,
    told: BTreeMap<String, (usize, usize)>,
    untested: BTreeMap<String, usize>,
}

impl Summary {
    fn add(&mut self, report: &Report) {
        self.documents += 1;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for problem in &report.problems {
            assert!(problem.line > 0 && problem.column > 0);
            *counts
                .entry(format!("{:?} {}", problem.group, problem.test))
                .or_default() += 1;
        }
        for (test, count) in counts {
            let entry = self.told.entry(test).or_default();
            *entry = (entry.0 + 1, entry.1 + count);
        }
        for untested in &report.untested {
            *self.untested.entry(untested.test.to_string()).or_default() += 1;
        }
    }

    fn text(&self) -> String {
        let mut text = format!("{} documents\n", self.documents);
        for (test, (documents, problems)) in &self.told {
            text += &format!("{test}: {problems} in {documents}\n");
        }
        for (test, count) in &self.untested {
            text += &format!("untested {test}: {count}\n");
        }
        text
    }
}

#[test]
fn the_advisories_of_cisa() {
    let Some(shared) = shared() else { return };
    let file = fs::File::open(shared.join("csaf/cisa/advisories.tar.zst")).expect("it is there");
    let mut decoder = zstd::Decoder::new(file).expect("it is zstd");
    decoder.window_log_max(27).expect("the window is 64 MiB");
    let mut summary = Summary::default();
    for entry in tar::Archive::new(decoder).entries().expect("it is a tar") {
        let mut entry = entry.expect("it can be read");
        let path = entry.path().expect("it has a path").into_owned();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !name.ends_with(".json") || name.starts_with("cisa-csaf-") {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("it can be read");
        summary.add(&bytes_of(&name, &bytes));
    }
    expect![[r#""#]].assert_eq(&summary.text());
}

/// The JSON documents of `folder` that say that they are CSAF documents.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("it can be listed").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "json")
                && fs::read(&path).is_ok_and(|bytes| {
                    bytes
                        .windows(14)
                        .any(|window| window == b"\"csaf_version\"")
                })
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_documents_of_other_tools_and_the_examples_of_the_standard() {
    let Some(shared) = shared() else { return };
    let mut text = String::new();
    for folder in [
        "gocsaf/csaf-documents",
        "trustify",
        "oasis-csaf_2.1/examples/csaf",
    ] {
        let mut summary = Summary::default();
        for file in documents(&shared.join("csaf").join(folder)) {
            summary.add(&check(&file));
        }
        text += &format!("{folder}: {}", summary.text());
    }
    expect![[r#""#]].assert_eq(&text);
}
