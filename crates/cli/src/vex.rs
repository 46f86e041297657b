//! Statements from files that were named: OpenVEX, CSAF and CycloneDX.

use std::path::PathBuf;

use advisory::{Record, Statement};
use feeds::{Item, Settings, Source};

use crate::failure::{Failure, unreadable};

/// Reads every statement of the files. A file that was named and says nothing is an error: whoever named it
/// believes that something is answered.
pub fn read(files: &[PathBuf]) -> Result<Vec<Statement>, Failure> {
    let mut statements = Vec::new();
    let mut wrongs = Vec::new();
    for file in files {
        let before = statements.len();
        feeds::read_all(
            &[Source::Path(file.clone())],
            &Settings::default(),
            &mut |item| match item {
                Item::Record(_, Record::Statement(statement)) => statements.push(*statement),
                Item::Unreadable(problem) => {
                    wrongs.push(format!("{}: {}", problem.origin.file, problem.reason))
                }
                Item::Original(..) | Item::Record(..) | Item::Progress(_) => {}
            },
        );
        if statements.len() == before && wrongs.is_empty() {
            wrongs.push(format!("`{}` holds no VEX statement; an OpenVEX, CSAF or CycloneDX document with statuses would", file.display()));
        }
    }
    if wrongs.is_empty() {
        Ok(statements)
    } else {
        Err(unreadable(wrongs.join("\n         ")))
    }
}
