//! Gather: the documents behind what was typed, in one order, a batch at a time.

use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

use archive::{Flow, Kind, Limits};
use ignore::WalkBuilder;
use lint::place::BYTES_MAX;

/// A document, or why there is none.
pub struct Found {
    /// How it is called to people: a path, an address, and the member after `!`.
    pub file: String,
    /// The last part of it, which some rules are about.
    pub name: String,
    pub content: Result<Vec<u8>, String>,
    /// Somebody asked for this very file.
    pub is_named: bool,
}

/// So many documents that every processor has work, and no more bytes than fit beside what they become: a document
/// takes some ten times its size while it is checked.
pub type Batch = Vec<Found>;

const BATCH_FILES_MAX: usize = 512;
const BATCH_BYTES_MAX: usize = 32 << 20;

/// Members of an archive at most: twice as many as the largest collection of advisories has.
const MEMBERS_MAX: u64 = 1_000_000;

/// Bytes that an archive may unpack to: the largest collection has 2 GiB.
const UNPACKED_BYTES_MAX: u64 = 8 << 30;

/// Hands over every document; whether to go on is the answer.
pub fn each_batch(sources: &[String], give: &mut dyn FnMut(Batch) -> bool) {
    let mut gather = Gather {
        batch: Vec::new(),
        bytes: 0,
        goes_on: true,
        give,
    };
    for source in sources {
        gather.source(source);
    }
    gather.flush();
}

struct Gather<'a> {
    batch: Batch,
    bytes: usize,
    goes_on: bool,
    give: &'a mut dyn FnMut(Batch) -> bool,
}

impl Gather<'_> {
    fn source(&mut self, source: &str) {
        if source == "-" {
            let content = bounded(&mut io::stdin().lock());
            return self.packed("standard input".to_owned(), "-".to_owned(), content, true);
        }
        if source.contains("://") {
            return self.address(source);
        }
        let path = Path::new(source);
        match path.is_dir() {
            true => self.folder(path),
            false => self.file(path, true),
        }
    }

    /// Every `.json` and every archive below a folder, by name. Links to folders are not followed.
    fn folder(&mut self, folder: &Path) {
        let walk = WalkBuilder::new(folder)
            .standard_filters(false)
            .hidden(true)
            .sort_by_file_name(Ord::cmp)
            .build();
        for entry in walk {
            if !self.goes_on {
                return;
            }
            match entry {
                Err(error) => self.refuse(folder.display().to_string(), words(&error.to_string())),
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) => {}
                Ok(entry) => {
                    let path = entry.path().to_string_lossy();
                    // A pipe that nobody writes to would be waited for.
                    let is_file = entry.path().is_file();
                    if is_file && (is_document(&path) || is_archive(&path)) {
                        self.file(entry.path(), false);
                    }
                }
            }
        }
    }

    fn file(&mut self, path: &Path, is_named: bool) {
        let file = path.display().to_string();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let opened = File::open(path).and_then(|file| match file.metadata()?.is_dir() {
            true => Err(io::Error::other("is a folder")),
            false => Ok(file),
        });
        let mut opened = match opened {
            Ok(opened) => opened,
            Err(error) => return self.refuse(file, words(&error.to_string())),
        };
        match begins_packed(&mut opened) {
            Ok(true) => self.archive(&file, BufReader::new(opened), is_named),
            Ok(false) => {
                let content = bounded(&mut opened);
                self.add(Found {
                    file,
                    name,
                    content,
                    is_named,
                });
            }
            Err(error) => self.refuse(file, words(&error.to_string())),
        }
    }

    /// An address, fetched into a folder of its own that goes with it.
    fn address(&mut self, url: &str) {
        let fetched = || -> io::Result<Vec<u8>> {
            let folder = tempfile::tempdir()?;
            let settings = feeds::fetch::Settings {
                bytes_max: BYTES_MAX as u64,
                attempt_seconds_max: 300,
                attempts_max: 2,
                wait_seconds_max: 10,
                ..feeds::fetch::Settings::default()
            };
            fs::read(feeds::fetch(url, folder.path(), &settings)?.path)
        };
        let name = url
            .split(['?', '#'])
            .next()
            .unwrap_or_default()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        let content = fetched().map_err(|error| words(&error.to_string()));
        self.packed(url.to_owned(), name, content, true);
    }

    /// Bytes that may be packed.
    fn packed(
        &mut self,
        file: String,
        name: String,
        content: Result<Vec<u8>, String>,
        is_named: bool,
    ) {
        match content {
            Ok(bytes) if is_packed(&bytes) => self.archive(&file, Cursor::new(bytes), is_named),
            content => self.add(Found {
                file,
                name,
                content,
                is_named,
            }),
        }
    }

    fn archive(&mut self, file: &str, reader: impl Read + io::Seek, is_named: bool) {
        let limits = Limits {
            bytes_total: UNPACKED_BYTES_MAX,
            entry_bytes: BYTES_MAX as u64,
            entries: MEMBERS_MAX,
            ..Limits::default()
        };
        let walked = archive::walk(file, reader, &limits, &mut |mut entry| {
            // A single compressed file is shown as an entry without a size, and is read whatever its name.
            let is_single = entry.size.is_none();
            let is_one = entry.kind == Kind::File && (is_single || is_document(&entry.path));
            if is_one {
                // What cannot be read is kept by the walk, and told below.
                if let Ok(bytes) = entry.content(BYTES_MAX as u64) {
                    let name = entry.path.rsplit('/').next().unwrap_or_default().to_owned();
                    let member = format!("{file}!{}", entry.path);
                    self.add(Found {
                        file: member,
                        name,
                        content: Ok(bytes),
                        is_named: is_named && is_single,
                    });
                }
            }
            if self.goes_on { Flow::Next } else { Flow::Stop }
        });
        let (refused, count) = match walked {
            Ok(summary) => (summary.refused, summary.refused_count),
            Err(refusal) => {
                let mut all = refusal.earlier.clone();
                all.push(refusal);
                let count = all.len() as u64;
                (all, count)
            }
        };
        let left_out = count.saturating_sub(refused.len() as u64);
        for refusal in refused {
            let member = match refusal.entry.is_empty() {
                true => file.to_owned(),
                false => format!("{file}!{}", refusal.entry),
            };
            self.refuse(member, refusal.message);
        }
        if left_out > 0 {
            self.refuse(
                file.to_owned(),
                format!("{left_out} more members cannot be read"),
            );
        }
    }

    fn refuse(&mut self, file: String, why: String) {
        self.add(Found {
            name: String::new(),
            file,
            content: Err(why),
            is_named: true,
        });
    }

    fn add(&mut self, found: Found) {
        if !self.goes_on {
            return;
        }
        self.bytes += found.content.as_ref().map_or(0, Vec::len);
        self.batch.push(found);
        if self.batch.len() >= BATCH_FILES_MAX || self.bytes >= BATCH_BYTES_MAX {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        if self.goes_on && !batch.is_empty() {
            self.goes_on = (self.give)(batch);
        }
    }
}

fn is_document(path: &str) -> bool {
    path.ends_with(".json")
}

fn is_archive(path: &str) -> bool {
    const ENDINGS: &[&str] = &[
        ".zip",
        ".tar",
        ".tgz",
        ".tar.gz",
        ".tar.zst",
        ".tar.xz",
        ".tar.bz2",
        ".json.gz",
        ".json.zst",
        ".json.xz",
        ".json.bz2",
    ];
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// Enough to tell every kind of packing; a tar says so at byte 257.
const HEAD_BYTES: u64 = 512;

fn begins_packed(file: &mut File) -> io::Result<bool> {
    use std::io::Seek as _;
    let mut head = Vec::new();
    file.take(HEAD_BYTES).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(is_packed(&head))
}

fn is_packed(head: &[u8]) -> bool {
    archive::packed(head).is_some()
        || head.starts_with(b"PK\x03\x04")
        || head.get(257..262) == Some(b"ustar")
}

/// No more than is checked, and one byte to tell that there was more.
fn bounded(from: &mut dyn Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    from.take(BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| words(&error.to_string()))?;
    Ok(bytes)
}

/// An error of the system as the middle of a sentence.
fn words(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}
