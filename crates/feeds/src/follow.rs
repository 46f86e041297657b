//! Follow: bring what is kept of a source up to what the source has.
//!
//! Each source has a folder: documents lie in it as files, so that everything that reads folders reads what is
//! followed, and `.seamark` beside them holds what is known of the source. A document is asked for only where the
//! source says that it changed; it takes its place whole, once everything that vouches for it was checked; and it
//! stays while the source fails, shrinks or takes it off its list. Whoever stops the program at any moment loses at
//! most what was fetched since the last checkpoint, and nothing is half there.

mod aggregator;
mod bundle;
mod csaf;
mod cve;
mod document;
mod file;
mod listing;
mod osv;
mod shelf;
mod source;
mod state;

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use advisory::format::DOCUMENT_BYTES_MAX;
use jiff::Timestamp;

pub use self::source::{Kind, Source};
pub use self::state::{Document, State, Told};
use crate::fetch;
use crate::web::{Credentials, Web};
use shelf::Shelf;

/// How following behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How addresses are asked.
    pub fetch: fetch::Settings,
    /// Documents of one source.
    pub documents_max: usize,
    /// Bytes of one document.
    pub document_bytes_max: u64,
    /// Questions to one source at the same time.
    pub connections_max: usize,
    /// Time for one source in one go; what is left then is for the next.
    pub source_seconds_max: u64,
    /// After how many changed documents the state is written, at least; of large sources after a sixteenth.
    pub checkpoint_documents: usize,
}

impl Default for Settings {
    /// The CVE list has 320,000 records and grows by 50,000 a year. Four connections with 20 ms between two
    /// questions are 100 documents a second at best, which no web server notices.
    fn default() -> Settings {
        Settings {
            fetch: fetch::Settings {
                gap: Duration::from_millis(20),
                ..fetch::Settings::default()
            },
            documents_max: 1_000_000,
            document_bytes_max: DOCUMENT_BYTES_MAX as u64,
            connections_max: 4,
            source_seconds_max: 6 * 60 * 60,
            checkpoint_documents: 128,
        }
    }
}

/// What is asked of [`follow`].
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The folder in which each source has its own.
    pub into: &'a Path,
    pub credentials: &'a Credentials,
    pub settings: &'a Settings,
    pub now: Timestamp,
}

/// What following a source came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub source: String,
    pub folder: PathBuf,
    pub brought: Brought,
    /// Why it failed as a whole; what was there before is kept.
    pub failed: Option<String>,
    /// For an aggregator, what following each of its parties came to.
    pub parties: Vec<Outcome>,
}

/// What one go brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    pub new: u64,
    pub changed: u64,
    /// Asked for, and the same as before.
    pub unchanged: u64,
    /// Not taken, or not to be had.
    pub refused: u64,
    /// Not taken because they are not for everyone, and nothing opens them to us.
    pub restricted: u64,
}

/// Hidden, so that whoever reads the folder for advisories passes over it.
const BESIDE: &str = ".seamark";

/// Brings one source up to date, and keeps what it had where that fails.
pub fn follow(source: &Source, asked: &Asked<'_>) -> Outcome {
    let web = Web::new(
        [source.typed().as_str()],
        asked.credentials.clone(),
        &asked.settings.fetch,
    );
    follow_by(&web, source, None, asked)
}

/// As [`follow`], by a way out that is shared; `via` is the aggregator that names it.
fn follow_by(web: &Web, source: &Source, via: Option<&str>, asked: &Asked<'_>) -> Outcome {
    let folder = asked.into.join(source.folder());
    let mut outcome = Outcome {
        source: source.to_string(),
        folder: folder.clone(),
        brought: Brought::default(),
        failed: None,
        parties: Vec::new(),
    };
    if let Err(reason) = go(web, source, via, &folder, asked, &mut outcome) {
        outcome.failed = Some(reason);
    }
    outcome
}

fn go(
    web: &Web,
    source: &Source,
    via: Option<&str>,
    folder: &Path,
    asked: &Asked<'_>,
    outcome: &mut Outcome,
) -> Result<(), String> {
    let shelf = Shelf::at(folder)
        .map_err(|reason| format!("cannot write `{}`: {reason}", folder.display()))?;
    let _lock = lock(&folder.join(BESIDE).join("lock"))?;
    let mut state = State::load(&shelf, source)?;
    // Who was typed by itself stays so, also where an aggregator names it too.
    if state.asked.is_none() || via.is_none() {
        state.via = via.map(str::to_owned);
    }
    state.begin(asked.now);
    let paths = state
        .documents
        .iter()
        .map(|(key, document)| (document.path.clone(), key.clone()));
    let mut run = Run {
        web,
        shelf: &shelf,
        paths: paths.collect(),
        state,
        asked: *asked,
        brought: Brought::default(),
        unsaved: 0,
        until: Instant::now() + Duration::from_secs(asked.settings.source_seconds_max),
    };
    let done = match source.kind {
        Kind::Csaf => csaf::follow(&mut run, source),
        Kind::Aggregator => {
            aggregator::follow(&mut run, source).map(|parties| outcome.parties = parties)
        }
        Kind::Osv => osv::follow(&mut run, source),
        Kind::Cve => cve::follow(&mut run, source),
        Kind::File => file::follow(&mut run, source),
        Kind::Folder => file::look(&mut run, source),
    };
    outcome.brought = run.brought;
    run.state.end(asked.now, done.as_ref().err(), &run.brought);
    let saved = run.state.save(&shelf);
    done?;
    saved.map_err(|reason| format!("cannot write `{}`: {reason}", folder.display()))
}

/// Held while a source is followed; the system lets go of it when we end, in whichever way.
fn lock(path: &Path) -> Result<File, String> {
    let file = File::create(path)
        .map_err(|reason| format!("cannot write `{}`: {reason}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err("is being followed by another process at this moment".to_owned()),
    }
}

/// One source on its way.
struct Run<'a> {
    web: &'a Web,
    shelf: &'a Shelf,
    state: State,
    /// Whose document lies at a path.
    paths: HashMap<String, String>,
    asked: Asked<'a>,
    brought: Brought,
    /// Documents that changed since the state was written.
    unsaved: usize,
    until: Instant,
}

impl Run<'_> {
    fn settings(&self) -> &Settings {
        self.asked.settings
    }

    /// Whether time is up for this source.
    fn is_late(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Where large files are kept between two goes.
    fn cache(&self) -> PathBuf {
        self.shelf.beside("cache")
    }

    /// Puts a document in its place and remembers it. Fails only where the disk does.
    fn keep(&mut self, key: String, document: Document, bytes: &[u8]) -> Result<(), String> {
        let broken = |reason: std::io::Error| format!("cannot write: {reason}");
        let is_private = document.label.is_some();
        self.shelf
            .put(&document.path, bytes, is_private)
            .map_err(broken)?;
        self.paths.insert(document.path.clone(), key.clone());
        let path = document.path.clone();
        match self.state.documents.insert(key.clone(), document) {
            None => self.brought.new += 1,
            Some(old) => {
                self.brought.changed += 1;
                // If we stop here, the document is there twice, and the next go finds the state as it was.
                if old.path != path && self.paths.get(&old.path) == Some(&key) {
                    self.paths.remove(&old.path);
                    self.shelf.remove(&old.path);
                }
            }
        }
        self.unsaved += 1;
        let enough = self
            .settings()
            .checkpoint_documents
            .max(self.state.documents.len() / 16);
        if self.unsaved >= enough {
            self.state.save(self.shelf).map_err(broken)?;
            self.unsaved = 0;
        }
        Ok(())
    }

    fn refuse(&mut self, about: &str, reason: impl Into<String>) {
        self.brought.refused += 1;
        self.state.tell(about, reason);
    }
}

/// What is kept of every source below `into`, in the order of their folders. What cannot be read is an error with
/// its folder.
pub fn status(into: &Path) -> std::io::Result<Vec<Result<(PathBuf, State), String>>> {
    let mut all = Vec::new();
    for folder in folders(into)? {
        let read =
            State::read(&folder).map_err(|reason| format!("`{}`: {reason}", folder.display()));
        all.push(read.map(|state| (folder, state)));
    }
    Ok(all)
}

/// Folders of sources below `into`; `into` itself where it is one.
pub fn folders(into: &Path) -> std::io::Result<Vec<PathBuf>> {
    let is_source = |folder: &Path| State::place(folder).is_file();
    if is_source(into) {
        return Ok(vec![into.to_owned()]);
    }
    let mut folders = Vec::new();
    for child in std::fs::read_dir(into)? {
        let path = child?.path();
        if is_source(&path) {
            folders.push(path);
        }
    }
    folders.sort_unstable();
    Ok(folders)
}

/// What is followed in `into`, as sources that can be read, each its own: a folder of this machine is read where it is.
pub fn sources(into: &Path) -> std::io::Result<Vec<crate::Source>> {
    let mut sources = Vec::new();
    for folder in folders(into)? {
        let path = match State::read(&folder) {
            Ok(state) if state.kind == Kind::Folder => PathBuf::from(state.place),
            // What lies there was checked when it was taken, also where the state is damaged.
            _ => folder,
        };
        sources.push(crate::Source::Path(path));
    }
    Ok(sources)
}

/// Two sources that hold one version of one document, and not the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The document.
    pub about: String,
    /// Each source and what it says.
    pub words: Vec<(String, String)>,
}

/// A source's name and the document it has.
type Copy<'a> = (String, &'a Document);

/// Differences that are told; two mirrors that differ throughout are told as well by as many.
const DIFFERENCES_MAX: usize = 1_000;

/// Where sources of one kind differ, in the order of documents.
pub fn differences<'a>(states: impl Iterator<Item = &'a State>) -> Vec<Difference> {
    // By what it is and which version of it.
    let mut all: HashMap<(Kind, &str, String), Vec<Copy<'_>>> = HashMap::new();
    for state in states.filter(|state| matches!(state.kind, Kind::Csaf | Kind::Osv | Kind::Cve)) {
        let name = state.source().to_string();
        for (key, document) in &state.documents {
            let id = if document.id.is_empty() {
                key
            } else {
                &document.id
            };
            let version = match (&document.released, document.version.as_str()) {
                (_, version) if !version.is_empty() => format!("version {version}"),
                (Some(released), _) => format!("of {released}"),
                (None, _) => continue,
            };
            let known = all.entry((state.kind, id, version)).or_default();
            known.push((name.clone(), document));
        }
    }
    let mut found: Vec<Difference> = all
        .into_iter()
        .filter(|(_, copies)| {
            copies.iter().any(|(_, copy)| {
                copies
                    .first()
                    .is_some_and(|(_, first)| first.sha256 != copy.sha256)
            })
        })
        .map(|((_, id, version), copies)| Difference {
            about: format!("{id} {version}"),
            words: copies
                .into_iter()
                .map(|(source, copy)| (source, format!("SHA-256 {}", copy.sha256)))
                .collect(),
        })
        .collect();
    found.sort_by(|one, other| one.about.cmp(&other.about));
    found.truncate(DIFFERENCES_MAX);
    found
}
