//! What the tests of this crate share: the vectors' folder, and reading everything in it.

use std::path::{Path, PathBuf};

use advisory::{Advisory, Format, Problem, Record, Statement};

/// The shared data, where there is some.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
pub fn data() -> Option<PathBuf> {
    let near = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("SEAMARK_DATA").map_or(near, PathBuf::from);
    if !folder.is_dir() {
        println!("skipped: no shared data");
        return None;
    }
    Some(folder)
}

/// Every file below `folder`, sorted; none where there is no such folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => open.push(path),
                false => found.push(path),
            }
        }
    }
    found.sort();
    found
}

/// Everything a document says, by kind.
#[derive(Default, Debug)]
pub struct Heard {
    pub advisories: Vec<Advisory>,
    pub statements: Vec<Statement>,
    pub others: usize,
    pub problems: Vec<Problem>,
}

pub fn hear(format: Format, bytes: &[u8]) -> Heard {
    let mut heard = Heard::default();
    let mut problems = Vec::new();
    advisory::read(
        format,
        bytes,
        &mut |record| match record {
            Record::Advisory(advisory) => heard.advisories.push(*advisory),
            Record::Statement(statement) => heard.statements.push(*statement),
            _ => heard.others += 1,
        },
        &mut |problem| problems.push(problem),
    );
    heard.problems = problems;
    heard
}
