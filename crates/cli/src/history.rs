//! What is kept between scans, and where.
//!
//! Two files beside `seamark.toml`, in `.seamark/`: the history (first sightings, clocks, deferrals: it must not
//! be lost) and the last report (it can be made again). Whoever can write them can move dates.

use std::fs;
use std::path::{Path, PathBuf};

use ::scan::report::Report;
use priority::clock::{HISTORY_BYTES_MAX, History};

use crate::config::Config;
use crate::failure::{Failure, wrong};
use crate::output;

/// The folder beside the settings.
const FOLDER: &str = ".seamark";

/// A last report larger than this is not read again: a million rows of 1 KiB.
const REPORT_BYTES_MAX: u64 = 1 << 30;

/// Where the history is kept: the file named, else beside the settings; `None` where there are no settings.
pub fn place(named: Option<&Path>, config: &Config) -> Option<PathBuf> {
    named
        .map(Path::to_owned)
        .or_else(|| beside(config, "history.json"))
}

/// Where the last report is kept.
pub fn last_place(named: Option<&Path>, config: &Config) -> Option<PathBuf> {
    named
        .map(Path::to_owned)
        .or_else(|| beside(config, "last.json"))
}

fn beside(config: &Config, name: &str) -> Option<PathBuf> {
    (!config.folder.as_os_str().is_empty()).then(|| config.folder.join(FOLDER).join(name))
}

/// Reads the history; an empty one where there is no file yet. A damaged one is never replaced by an empty one.
pub fn read(file: &Path) -> Result<History, Failure> {
    let shown = file.display();
    let bytes = match fs::metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(History::default()),
        Err(error) => return Err(wrong(format!("cannot read the history `{shown}`: {error}"))),
        Ok(found) if found.len() > HISTORY_BYTES_MAX as u64 => {
            return Err(wrong(format!(
                "the history `{shown}` has {} bytes; at most {HISTORY_BYTES_MAX} are read",
                found.len()
            )));
        }
        Ok(_) => fs::read(file)
            .map_err(|error| wrong(format!("cannot read the history `{shown}`: {error}")))?,
    };
    History::read(&bytes).map_err(|problems| {
        wrong(format!("the history `{shown}` is damaged; put back a copy, or move it away to start every clock anew:\n  {}", problems.join("\n  ")))
    })
}

/// Writes the history in one step.
pub fn write(file: &Path, history: &History) -> Result<(), Failure> {
    let bytes = history.write();
    ready(file)?;
    output::replace(file, |out| out.write_all(&bytes)).map_err(|error| {
        wrong(format!(
            "cannot write the history `{}`: {error}",
            file.display()
        ))
    })
}

/// Keeps the report for `seamark plan`.
pub fn keep(file: &Path, report: &Report) -> Result<(), Failure> {
    ready(file)?;
    output::replace(file, |out| Ok(serde_json::to_writer(&mut *out, report)?))
        .map_err(|error| wrong(format!("cannot write `{}`: {error}", file.display())))
}

/// Makes the folder, and tells version control to leave it alone: it holds what an attacker would like to read.
fn ready(file: &Path) -> Result<(), Failure> {
    let Some(folder) = file
        .parent()
        .filter(|folder| folder.ends_with(FOLDER) && !folder.exists())
    else {
        return Ok(());
    };
    let made =
        fs::create_dir_all(folder).and_then(|()| fs::write(folder.join(".gitignore"), "*\n"));
    made.map_err(|error| {
        wrong(format!(
            "cannot make `{}`: {error}; `--no-history` keeps nothing",
            folder.display()
        ))
    })
}

/// The last report.
pub fn last(file: &Path) -> Result<Report, Failure> {
    let shown = file.display();
    let missing = |error: std::io::Error| {
        wrong(format!(
            "cannot read the last plan `{shown}`: {error}; `seamark scan` makes one"
        ))
    };
    if fs::metadata(file).map_err(missing)?.len() > REPORT_BYTES_MAX {
        return Err(wrong(format!(
            "`{shown}` is larger than {REPORT_BYTES_MAX} bytes; scan again"
        )));
    }
    let report: Report =
        serde_json::from_slice(&fs::read(file).map_err(missing)?).map_err(|error| {
            wrong(format!(
                "`{shown}` is no plan of this version of Seamark ({error}); scan again"
            ))
        })?;
    if report.schema != ::scan::report::SCHEMA {
        return Err(wrong(format!(
            "`{shown}` follows `{}`, and this Seamark reads `{}`; scan again",
            report.schema,
            ::scan::report::SCHEMA
        )));
    }
    Ok(report)
}
