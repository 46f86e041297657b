//! Where advisories come from: folders, archives and addresses.
//!
//! [`read_all`] gives every record of its sources to one callback, in the order of sources, files and members,
//! whatever machine it runs on. What cannot be read is told by file, member and reason, and costs nothing else.
//! Memory does not grow with the sources: one thread reads, several parse, and a budget of bytes bounds what is
//! between them.

use std::path::PathBuf;
use std::sync::Arc;

use advisory::Record;

pub mod answers;
pub mod check;
pub mod csaf;
mod documents;
pub mod door;
pub mod fetch;
pub mod follow;
pub mod fuzz;
pub mod locate;
pub mod web;

mod crew;
mod name;
mod pipeline;
mod unpack;
mod walk;

pub use answers::answers;
pub use documents::{Given, documents};
pub use fetch::{Fetched, fetch};
pub use unpack::Limits;

/// Where advisories are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder, walked; or a file: a document, a compressed one, or an archive of them.
    Path(PathBuf),
    /// An address, fetched into a cache folder and read from there.
    Url {
        /// `https://…`; plain `http` is refused but for this machine.
        url: String,
        /// Where what was fetched is kept for the next time.
        cache: PathBuf,
    },
}

/// Which document a record or a problem came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// Which of the sources, counted from 0.
    pub source: usize,
    /// The file's path as it was reached, or the address.
    pub file: String,
    /// The member's path within the file; empty where the file is no archive.
    pub member: String,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub origin: Arc<Origin>,
    /// The place within the document, where it is known.
    pub place: String,
    /// What is wrong and what would have been right.
    pub reason: String,
}

/// What [`read_all`] tells, in order.
#[derive(Debug)]
pub enum Item {
    /// The document that the next record was read from, which is nothing but this record in OSV's JSON; told where
    /// [`Settings::originals`] asks for it.
    Original(Arc<Origin>, Vec<u8>),
    /// One record.
    Record(Arc<Origin>, Record),
    /// Something that could not be read. The document may still have given other records.
    Unreadable(Unreadable),
    /// How far reading has come; told now and then.
    Progress(Counts),
}

/// What was read so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files and members that were advisories, readable or not.
    pub documents: u64,
    /// Records given.
    pub records: u64,
    /// Things said to be unreadable.
    pub unreadable: u64,
    /// Files and members that are no advisories: readme, signatures, checksums, schemas.
    pub skipped: u64,
    /// Unpacked bytes of documents.
    pub bytes: u64,
}

/// How much is read at once.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Threads that parse.
    pub threads: usize,
    /// Unpacked bytes between the reading thread and the callback.
    pub in_flight_bytes_max: usize,
    /// How much of one file is unpacked.
    pub limits: Limits,
    /// How addresses are asked.
    pub fetch: fetch::Settings,
    /// Whether documents that are OSV records are told as well, for whoever hands them on as they are.
    pub originals: bool,
}

/// 16 MiB in flight: four parsers are kept busy by a few hundred records of 10 KiB each; the rest is for the
/// records that are MiBs long. Parsed records take about three times their text, read through trees ten times.
const IN_FLIGHT_BYTES_MAX: usize = 16 << 20;

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            threads: std::thread::available_parallelism().map_or(2, usize::from),
            in_flight_bytes_max: IN_FLIGHT_BYTES_MAX,
            limits: Limits::default(),
            fetch: fetch::Settings::default(),
            originals: false,
        }
    }
}

/// Reads every source, in order, and tells `sink` what is found. The callback runs on the caller's thread.
pub fn read_all(sources: &[Source], settings: &Settings, sink: &mut dyn FnMut(Item)) -> Counts {
    pipeline::run(sources, settings, sink)
}
