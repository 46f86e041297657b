//! One thread reads and unpacks, several parse, the caller's thread tells, in order.
//!
//! Documents travel in batches, so that 50,000 records of 2 KiB cost no 50,000 wake-ups. A budget counts the
//! bytes from the moment a batch is read until it is told: whoever is slow stops the reader, and memory stays
//! bounded. The batch to be told next is always in some parser's hands or already parsed, so nobody waits for
//! ever.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use advisory::{Format, Record};

use crate::{Counts, Item, Origin, Settings, Source, Unreadable, fetch, name, unpack, walk};

/// A batch is sent off once it holds this much: some tens of ordinary records, a millisecond of parsing.
const BATCH_BYTES: usize = 256 << 10;

/// Records a parser hands over at once. A file of EPSS scores holds hundreds of thousands.
const CHUNK_RECORDS: usize = 2048;

/// What the reading thread found.
enum Found {
    Document(Arc<Origin>, Vec<u8>),
    Skipped,
    Unreadable(Unreadable),
}

/// Documents that are parsed together and told in turn.
struct Batch {
    number: u64,
    bytes: usize,
    found: Vec<Found>,
}

/// What a parser made of a batch, in parts.
struct Part {
    number: u64,
    items: Vec<Item>,
    /// Set on the last part: what the batch adds to the counts, and the bytes it gives back.
    end: Option<(Counts, usize)>,
}

pub(crate) fn run(sources: &[Source], settings: &Settings, sink: &mut dyn FnMut(Item)) -> Counts {
    let threads = settings.threads.max(1);
    let budget = Budget::new(settings.in_flight_bytes_max);
    let (to_parsers, batches) = sync_channel::<Batch>(threads);
    let (to_teller, parts) = sync_channel::<Part>(threads * 2);
    let batches = Mutex::new(batches);
    std::thread::scope(|scope| {
        let budget = &budget;
        scope.spawn(move || Reader::new(budget, to_parsers, settings).read(sources));
        for _ in 0..threads {
            let (batches, to_teller) = (&batches, to_teller.clone());
            scope.spawn(move || parse_batches(batches, &to_teller, settings.originals));
        }
        drop(to_teller);
        tell(parts, budget, sink)
    })
}

/// Tells parts in the order of their batches.
fn tell(parts: Receiver<Part>, budget: &Budget, sink: &mut dyn FnMut(Item)) -> Counts {
    let _lift = Lift(budget);
    let mut counts = Counts::default();
    let mut waiting: BTreeMap<u64, Vec<Part>> = BTreeMap::new();
    let mut next = 0;
    for part in parts {
        waiting.entry(part.number).or_default().push(part);
        while let Some(ready) = waiting.remove(&next) {
            let end = ready.iter().find_map(|part| part.end);
            ready
                .into_iter()
                .flat_map(|part| part.items)
                .for_each(&mut *sink);
            let Some((added, bytes)) = end else { break };
            counts = sum(counts, added);
            sink(Item::Progress(counts));
            budget.give_back(bytes);
            next += 1;
        }
    }
    counts
}

fn sum(one: Counts, other: Counts) -> Counts {
    Counts {
        documents: one.documents + other.documents,
        records: one.records + other.records,
        unreadable: one.unreadable + other.unreadable,
        skipped: one.skipped + other.skipped,
        bytes: one.bytes + other.bytes,
    }
}

fn parse_batches(batches: &Mutex<Receiver<Batch>>, to_teller: &SyncSender<Part>, originals: bool) {
    loop {
        let batch = batches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(batch) = batch else { return };
        let mut out = Out {
            number: batch.number,
            items: Vec::new(),
            counts: Counts::default(),
            to_teller,
            originals,
        };
        for found in batch.found {
            match found {
                Found::Document(origin, bytes) => parse(&origin, &bytes, &mut out),
                Found::Skipped => out.counts.skipped += 1,
                Found::Unreadable(what) => out.unreadable(what),
            }
        }
        out.send(Some(batch.bytes));
    }
}

/// Parses one document, or skips it where it is no advisory.
fn parse(origin: &Arc<Origin>, bytes: &[u8], out: &mut Out<'_>) {
    let name = if origin.member.is_empty() {
        &origin.file
    } else {
        &origin.member
    };
    let Some(format) = Format::sniff(name, bytes) else {
        return match broken_json(name, bytes) {
            Some(reason) => {
                out.counts.documents += 1;
                out.unreadable(Unreadable {
                    origin: origin.clone(),
                    place: String::new(),
                    reason,
                });
            }
            None => out.counts.skipped += 1,
        };
    };
    out.counts.documents += 1;
    out.counts.bytes += bytes.len() as u64;
    let mut problems = Vec::new();
    let named = (out.originals && format == Format::Osv)
        .then(|| name_of(bytes))
        .flatten();
    // A reader that panics on a hostile document costs that document and a message, not the whole reading.
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        advisory::read(
            format,
            bytes,
            &mut |record| {
                if named.is_some() && named.as_deref() == id_of(&record) {
                    out.original(origin, bytes);
                }
                out.record(origin, record);
            },
            &mut |problem| problems.push(problem),
        );
    }));
    for problem in problems {
        out.unreadable(Unreadable {
            origin: origin.clone(),
            place: problem.place,
            reason: problem.message,
        });
    }
    if read.is_err() {
        let reason = format!(
            "reading it as {format:?} failed in a way it should not; please report the file"
        );
        out.unreadable(Unreadable {
            origin: origin.clone(),
            place: String::new(),
            reason,
        });
    }
}

/// The id of a document that is one OSV record in JSON: no list of them, and nothing round it.
fn name_of(bytes: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        id: String,
        vulns: Option<serde::de::IgnoredAny>,
    }
    let named: Named = serde_json::from_slice(bytes).ok()?;
    // A query's answer holds records and is none.
    named.vulns.is_none().then_some(named.id)
}

fn id_of(record: &Record) -> Option<&str> {
    match record {
        Record::Advisory(advisory) => Some(&advisory.id),
        _ => None,
    }
}

/// Why a file that claims to be JSON is none: an advisory cut off half-way must not pass for a readme.
fn broken_json(name: &str, bytes: &[u8]) -> Option<String> {
    if !name.to_ascii_lowercase().ends_with(".json") {
        return None;
    }
    let read = serde_json::from_slice::<serde::de::IgnoredAny>(bytes);
    read.err().map(|reason| format!("not JSON: {reason}"))
}

/// What a parser has made of its batch so far.
struct Out<'a> {
    number: u64,
    items: Vec<Item>,
    counts: Counts,
    to_teller: &'a SyncSender<Part>,
    originals: bool,
}

impl Out<'_> {
    fn original(&mut self, origin: &Arc<Origin>, bytes: &[u8]) {
        self.items
            .push(Item::Original(origin.clone(), bytes.to_vec()));
    }

    fn record(&mut self, origin: &Arc<Origin>, record: Record) {
        self.counts.records += 1;
        self.items.push(Item::Record(origin.clone(), record));
        if self.items.len() >= CHUNK_RECORDS {
            self.send(None);
        }
    }

    fn unreadable(&mut self, what: Unreadable) {
        self.counts.unreadable += 1;
        self.items.push(Item::Unreadable(what));
    }

    fn send(&mut self, end: Option<usize>) {
        let items = std::mem::take(&mut self.items);
        let end = end.map(|bytes| (self.counts, bytes));
        // Only a teller that panicked is gone, and then the panic is what is told.
        let _ = self.to_teller.send(Part {
            number: self.number,
            items,
            end,
        });
    }
}

/// Bytes that may be under way.
struct Budget {
    max: usize,
    used: Mutex<usize>,
    freed: Condvar,
    is_lifted: AtomicBool,
}

/// Lifts the budget when the teller ends, in whichever way: a reader that waits for a teller that panicked would
/// wait for ever.
struct Lift<'a>(&'a Budget);

impl Drop for Lift<'_> {
    fn drop(&mut self) {
        self.0.lift();
    }
}

impl Budget {
    fn new(max: usize) -> Budget {
        Budget {
            max,
            used: Mutex::new(0),
            freed: Condvar::new(),
            is_lifted: AtomicBool::new(false),
        }
    }

    /// Waits until `bytes` fit, or until nothing else is under way: one document larger than the budget passes.
    fn take(&self, bytes: usize) {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |used: &mut usize| {
            !self.is_lifted.load(Ordering::Relaxed)
                && *used > 0
                && used.saturating_add(bytes) > self.max
        };
        let mut used = self
            .freed
            .wait_while(used, full)
            .unwrap_or_else(PoisonError::into_inner);
        *used = used.saturating_add(bytes);
    }

    /// Nobody waits from here on.
    fn lift(&self) {
        self.is_lifted.store(true, Ordering::Relaxed);
        self.give_back(usize::MAX);
    }

    fn give_back(&self, bytes: usize) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        *used = used.saturating_sub(bytes);
        self.freed.notify_one();
    }
}

/// The reading thread: walks, unpacks, and packs batches.
struct Reader<'a> {
    budget: &'a Budget,
    to_parsers: SyncSender<Batch>,
    settings: &'a Settings,
    number: u64,
    bytes: usize,
    found: Vec<Found>,
}

impl<'a> Reader<'a> {
    fn new(
        budget: &'a Budget,
        to_parsers: SyncSender<Batch>,
        settings: &'a Settings,
    ) -> Reader<'a> {
        Reader {
            budget,
            to_parsers,
            settings,
            number: 0,
            bytes: 0,
            found: Vec::new(),
        }
    }

    fn read(mut self, sources: &[Source]) {
        for (source, what) in sources.iter().enumerate() {
            match what {
                Source::Path(path) => self.path(source, path, None),
                Source::Url { url, cache } => {
                    match fetch::fetch(url, cache, &self.settings.fetch) {
                        Ok(fetched) => {
                            if let Some(reason) = fetched.stale {
                                self.unreadable(source, url, "", reason);
                            }
                            self.path(source, &fetched.path, Some(url));
                        }
                        Err(reason) => self.unreadable(source, url, "", reason.to_string()),
                    }
                }
            }
        }
        self.flush();
    }

    /// A folder or a file; `known_as` where it has a name of its own.
    fn path(&mut self, source: usize, path: &std::path::Path, known_as: Option<&str>) {
        let mut files = Vec::new();
        let mut problems = Vec::new();
        walk::files(
            path,
            &mut |file| files.push(file.to_owned()),
            &mut |path, reason| {
                problems.push((path.display().to_string(), reason));
            },
        );
        for (file, reason) in problems {
            self.unreadable(source, &file, "", reason);
        }
        for file in files {
            let label = known_as.map_or_else(|| file.display().to_string(), str::to_owned);
            match name::is_beside(&label) {
                true => self.found.push(Found::Skipped),
                false => self.file(source, &file, &label),
            }
        }
    }

    fn file(&mut self, source: usize, path: &std::path::Path, label: &str) {
        let limits = self.settings.limits.clone();
        unpack::file(path, label, &limits, &mut |entry| match entry {
            unpack::Entry::Document { member, bytes } => {
                self.document(source, label, member, bytes)
            }
            unpack::Entry::Skipped => self.found.push(Found::Skipped),
            unpack::Entry::Unreadable { member, reason } => {
                self.unreadable(source, label, member, reason)
            }
        });
    }

    fn document(&mut self, source: usize, file: &str, member: &str, bytes: Vec<u8>) {
        if self.bytes > 0 && self.bytes.saturating_add(bytes.len()) > BATCH_BYTES {
            self.flush();
        }
        self.bytes = self.bytes.saturating_add(bytes.len());
        self.found
            .push(Found::Document(origin(source, file, member), bytes));
        if self.bytes >= BATCH_BYTES {
            self.flush();
        }
    }

    fn unreadable(&mut self, source: usize, file: &str, member: &str, reason: String) {
        let origin = origin(source, file, member);
        self.found.push(Found::Unreadable(Unreadable {
            origin,
            place: String::new(),
            reason,
        }));
    }

    fn flush(&mut self) {
        if self.found.is_empty() {
            return;
        }
        self.budget.take(self.bytes);
        let found = std::mem::take(&mut self.found);
        let batch = Batch {
            number: self.number,
            bytes: std::mem::take(&mut self.bytes),
            found,
        };
        self.number += 1;
        // Parsers end only after this sender does, or by a panic that is told anyway.
        let _ = self.to_parsers.send(batch);
    }
}

fn origin(source: usize, file: &str, member: &str) -> Arc<Origin> {
    Arc::new(Origin {
        source,
        file: file.to_owned(),
        member: member.to_owned(),
    })
}
