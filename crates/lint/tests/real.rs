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
    expect![[r#"
        1938 documents
        Informative 6.3.10: 10460 in 1613
        Informative 6.3.11: 80 in 31
        Informative 6.3.2: 6578 in 1227
        Informative 6.3.5: 14 in 1
        Informative 6.3.8: 96 in 49
        Informative 6.3.9: 10493 in 1614
        Optional 6.2.12: 4 in 4
        Optional 6.2.13: 87 in 4
        Optional 6.2.16: 9439 in 1867
        Optional 6.2.18: 5974 in 1461
        Optional 6.2.3: 3 in 2
        Optional 6.2.8: 13 in 1
        untested 6.2.16: 1
        untested 6.3.6: 1938
        untested 6.3.7: 1938
    "#]]
    .assert_eq(&summary.text());
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
    expect![[r#"
        gocsaf/csaf-documents: 3 documents
        Informative 6.3.4: 4 in 2
        Mandatory 5.1: 1 in 1
        Optional 6.2.1: 8 in 2
        Optional 6.2.11: 2 in 2
        Optional 6.2.12: 2 in 2
        Optional 6.2.13: 22 in 2
        Optional 6.2.16: 10 in 2
        Optional 6.2.2: 4 in 2
        Syntax json: 1 in 1
        untested 6.3.6: 2
        trustify: 34 documents
        Informative 6.3.10: 138 in 1
        Informative 6.3.4: 3 in 3
        Informative 6.3.8: 6 in 3
        Informative 6.3.9: 8056 in 34
        Mandatory 5.1: 7 in 7
        Mandatory 6.1.1: 1 in 1
        Mandatory 6.1.16: 22 in 22
        Mandatory 6.1.2: 412 in 3
        Optional 6.2.16: 8001 in 34
        Optional 6.2.19: 2185 in 28
        Optional 6.2.3: 1 in 1
        untested 6.2.16: 1
        untested 6.3.6: 34
        untested 6.3.7: 34
        oasis-csaf_2.1/examples/csaf: 23 documents
        Informative 6.3.10: 16 in 6
        Informative 6.3.12: 21 in 9
        Informative 6.3.2: 2 in 1
        Informative 6.3.20: 6 in 5
        Informative 6.3.22: 24 in 3
        Informative 6.3.3: 2 in 1
        Informative 6.3.4: 57 in 16
        Informative 6.3.8: 4 in 1
        Informative 6.3.9: 34 in 11
        Mandatory 6.1.36: 22 in 3
        Recommended 6.2.1: 32 in 4
        Recommended 6.2.11: 19 in 19
        Recommended 6.2.12: 17 in 17
        Recommended 6.2.13: 709 in 5
        Recommended 6.2.16: 380 in 21
        Recommended 6.2.18: 1 in 1
        Recommended 6.2.2: 9 in 4
        Recommended 6.2.3: 6 in 2
        Recommended 6.2.38: 3 in 3
        Recommended 6.2.42: 19 in 4
        Recommended 6.2.43: 23 in 23
        Recommended 6.2.49: 1 in 1
        untested 6.3.6: 23
        untested 6.3.7: 4
    "#]]
    .assert_eq(&text);
}
