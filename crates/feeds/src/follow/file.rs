//! One file at an address, or a folder of this machine: KEV, EPSS, an archive, a mirror.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::Run;
use super::source::Source;
use super::state::Document;
use crate::{Item, fetch, pipeline, walk};

pub(super) fn follow(run: &mut Run<'_>, source: &Source) -> Result<(), String> {
    let url = &source.place;
    let cache = run.cache();
    let fetched = fetch::fetch_by(run.web, url, &cache).map_err(|reason| reason.to_string())?;
    if let Some(reason) = fetched.stale {
        return Err(reason);
    }
    run.state.reached = Some(run.asked.now);
    let known = run.state.documents.get(url);
    if !fetched.is_new && known.is_some_and(|known| run.shelf.has(&known.path, known.bytes)) {
        run.brought.unchanged += 1;
        return Ok(());
    }
    let records = records(&fetched.path);
    let before = run.state.listed;
    if records == 0 || records.saturating_mul(2) < before {
        // Asked for whole the next time, too: what is not taken is not what we have.
        fetch::doubt(url, &cache);
        return Err(match records {
            0 => "holds no advisory that can be read".to_owned(),
            _ => format!(
                "holds {records} records, and what is kept holds {before}; move its folder away to take it nonetheless"
            ),
        });
    }
    run.state.listed = records;
    let path = name(url, &fetched.path);
    link(
        &fetched.path,
        &run.shelf.folder().join(&path),
        &run.shelf.beside("fresh"),
    )
    .map_err(|reason| format!("cannot write: {reason}"))?;
    let bytes = fs::metadata(&fetched.path)
        .map_err(|reason| reason.to_string())?
        .len();
    let document = Document {
        path,
        bytes,
        ..Document::default()
    };
    match run.state.documents.insert(url.clone(), document) {
        None => run.brought.new += 1,
        Some(_) => run.brought.changed += 1,
    }
    Ok(())
}

/// Looks at a folder, which is read where it is.
pub(super) fn look(run: &mut Run<'_>, source: &Source) -> Result<(), String> {
    let mut files = 0_u64;
    let mut newest: Option<Timestamp> = None;
    let mut problems = Vec::new();
    let path = PathBuf::from(&source.place);
    walk::files(
        &path,
        &mut |file| {
            let is_beside = crate::name::is_beside(&file.to_string_lossy());
            files += u64::from(!is_beside);
            let changed = fs::metadata(file).and_then(|found| found.modified()).ok();
            newest = newest.max(changed.and_then(|time| Timestamp::try_from(time).ok()));
        },
        &mut |path, reason| problems.push((path.display().to_string(), reason)),
    );
    for (about, reason) in problems {
        run.refuse(&about, reason);
    }
    if files == 0 {
        return Err(format!(
            "`{}` holds no file that could be an advisory",
            source.place
        ));
    }
    run.state.reached = Some(run.asked.now);
    run.state.listed = files;
    run.state.changed = newest;
    Ok(())
}

/// How many records the file holds, read as an index would read it.
fn records(file: &Path) -> u64 {
    let sources = [crate::Source::Path(file.to_owned())];
    let mut sink = |_: Item| {};
    pipeline::run(&sources, &crate::Settings::default(), &mut sink).records
}

/// The last part of the address, so that its ending tells what it is.
fn name(url: &str, fetched: &Path) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let is_plain =
        |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let last: String = path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(is_plain)
        .take(120)
        .collect();
    let last = last.trim_start_matches('.');
    match last.is_empty() {
        true => fetched
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        false => last.to_owned(),
    }
}

/// The same file under a second name, put in place in one step; a copy where the disk knows no second names.
fn link(from: &Path, to: &Path, fresh: &Path) -> std::io::Result<()> {
    let _ = fs::remove_file(fresh);
    if fs::hard_link(from, fresh).is_err() {
        fs::copy(from, fresh)?;
    }
    fs::rename(fresh, to)
}
