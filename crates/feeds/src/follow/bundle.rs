//! Records by id: many at once out of an archive, or one by one, and never an older one for a newer one.

use std::fs::File;
use std::io::{self, BufReader};
use std::ops::ControlFlow;
use std::path::Path;

use archive::{Flow, Kind, Limits};
use jiff::Timestamp;

use super::Run;
use super::state::Document;
use crate::crew;
use crate::csaf::directory::short;
use crate::csaf::integrity::Algorithm;
use crate::web::Validators;

/// What a record says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub id: String,
    pub modified: Option<Timestamp>,
}

/// How records of a kind are told and where they belong.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// Whether a text is an id; an id becomes a file's name.
    pub is_id: fn(&str) -> bool,
    /// Where the record of this id is kept.
    pub path: fn(&str) -> String,
    pub read: fn(&[u8]) -> Result<Record, String>,
}

/// A record that changed, and when.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub id: String,
    pub url: String,
    pub modified: Timestamp,
}

impl Change {
    /// Whether what is kept is older or missing.
    pub fn is_wanted(&self, run: &Run<'_>) -> bool {
        let known = run.state.documents.get(&self.id);
        !known.is_some_and(|known| {
            known
                .updated
                .is_some_and(|updated| updated >= self.modified)
                && run.shelf.has(&known.path, known.bytes)
        })
    }
}

/// Takes every record of an archive that is not kept yet; also of an archive inside it.
pub(super) fn take_all(run: &mut Run<'_>, file: &Path, form: Form) -> Result<(), String> {
    let inner = run.shelf.beside("cache").join("inner.zip");
    let mut has_inner = false;
    take_from(run, file, form, &mut |entry| {
        has_inner = true;
        io::copy(entry, &mut File::create(&inner)?).map(drop)
    })?;
    if has_inner {
        // What is in there once more is passed over.
        take_from(run, &inner, form, &mut |_| Ok(()))?;
        let _ = std::fs::remove_file(&inner);
    }
    Ok(())
}

fn take_from(
    run: &mut Run<'_>,
    file: &Path,
    form: Form,
    inner: &mut dyn FnMut(&mut archive::Entry<'_>) -> io::Result<()>,
) -> Result<(), String> {
    let opened = File::open(file).map_err(|reason| reason.to_string())?;
    let label = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut ended = Ok(());
    let max = run.settings().document_bytes_max;
    let walked = archive::walk(
        &label,
        BufReader::new(opened),
        &Limits::default(),
        &mut |mut entry| {
            let name = entry.path.rsplit('/').next().unwrap_or_default().to_owned();
            if entry.kind != Kind::File {
                return Flow::Next;
            }
            if name.ends_with(".zip") {
                let _ = inner(&mut entry);
                return Flow::Next;
            }
            let Some(id) = name.strip_suffix(".json").filter(|id| (form.is_id)(id)) else {
                return Flow::Next;
            };
            let id = id.to_owned();
            // What cannot be read is kept by the walk, and told below.
            if let Ok(bytes) = entry.content(max) {
                ended = take(run, form, &id, None, Validators::default(), &bytes);
            }
            let is_over = ended.is_err() || run.is_late();
            if is_over { Flow::Stop } else { Flow::Next }
        },
    );
    match walked {
        Ok(summary) => {
            for refusal in summary.refused {
                run.refuse(&short(&refusal.entry), refusal.message);
            }
        }
        Err(refusal) => return Err(refusal.to_string()),
    }
    ended?;
    match run.is_late() {
        true => Err("took too long; the next go takes the rest".to_owned()),
        false => Ok(()),
    }
}

/// Fetches records that changed, a few at a time.
pub(super) fn take_changes(
    run: &mut Run<'_>,
    changes: Vec<Change>,
    form: Form,
) -> Result<(), String> {
    let (web, settings) = (run.web, run.asked.settings);
    let work = |change: Change| {
        let seen = web.get(&change.url, None, settings.document_bytes_max);
        (change, seen)
    };
    let mut ended = Ok(());
    let mut refused = std::collections::BTreeMap::new();
    crew::each(changes, settings.connections_max, work, |(change, seen)| {
        match seen {
            Err(reason) => drop(refused.insert(change.url, reason)),
            Ok(None) => {}
            Ok(Some(seen)) => {
                let before = run.brought.refused;
                ended = take(
                    run,
                    form,
                    &change.id,
                    Some(change.modified),
                    seen.validators,
                    &seen.bytes,
                );
                debug_assert!(before <= run.brought.refused);
            }
        }
        if ended.is_ok() && run.is_late() {
            ended = Err("took too long; the next go takes the rest".to_owned());
        }
        match ended.is_ok() {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    });
    for (url, reason) in refused {
        run.refuse(&url, reason);
    }
    ended
}

/// Takes one record. Fails only where the disk does.
fn take(
    run: &mut Run<'_>,
    form: Form,
    id: &str,
    listed: Option<Timestamp>,
    validators: Validators,
    bytes: &[u8],
) -> Result<(), String> {
    let record = match (form.read)(bytes) {
        Ok(record) if record.id == id => record,
        Ok(record) => {
            run.refuse(id, format!("says that it is `{}`", short(&record.id)));
            return Ok(());
        }
        Err(reason) => {
            run.refuse(id, reason);
            return Ok(());
        }
    };
    let known = run.state.documents.get(id);
    if let Some(known) = known {
        if let (Some(before), Some(now)) = (known.released, record.modified)
            && now < before
        {
            run.refuse(
                id,
                format!("went back: that of {before} is kept, and this is of {now}"),
            );
            return Ok(());
        }
        let is_same = known.sha256 == Algorithm::Sha256.hash(bytes)
            && run.shelf.has(&known.path, known.bytes);
        if is_same {
            if let Some(known) = run.state.documents.get_mut(id) {
                known.updated = known.updated.max(listed).max(record.modified);
            }
            run.brought.unchanged += 1;
            return Ok(());
        }
    }
    if known.is_none() && run.state.documents.len() >= run.settings().documents_max {
        run.refuse(
            id,
            format!(
                "is beyond the {} documents that are kept",
                run.settings().documents_max
            ),
        );
        return Ok(());
    }
    let document = Document {
        path: (form.path)(id),
        updated: listed.max(record.modified),
        released: record.modified,
        bytes: bytes.len() as u64,
        sha256: Algorithm::Sha256.hash(bytes),
        validators,
        ..Document::default()
    };
    run.keep(id.to_owned(), document, bytes)
}
