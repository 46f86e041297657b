//! Journal: what a run has finished so far, so that whatever ends it takes no more than the attempts in flight.
//!
//! A file that is only appended to: a header with the digest of the run's commitment, then entries, each sealed under
//! the run's key with its place in the file. Nobody without the key reads a word of it, moves an entry or takes one from
//! another run. An entry is finished once it is on the disk; what was cut off in the middle is cut off whole, and what
//! is damaged anywhere else is said and nothing is resumed.
//!
//! What is odd: an attempt is entered when it begins, too. One that was begun and not finished is made again, and its
//! sample says how often it began: who ends a run to try its attempts anew is seen.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use frontier::{Digest, SampleRecord};
use keys::{Dice, Master, RunKey};
use serde::{Deserialize, Serialize};

use super::{Failure, Sample};
use crate::transcript::Transcript;

const MAGIC: &[u8; 16] = b"seamark-journal\n";

/// Before the first entry: the magic word and the digest of the commitment.
const HEADER: u64 = 16 + 32;

/// An entry: a transcript of all the context that an attempt may have, in JSON where every byte takes six, and what is
/// told of it besides.
const ENTRY_BYTES_MAX: u32 = 128 << 20;

/// What stands in the file for one event.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    Begun {
        number: u32,
    },
    /// The transcript follows, as JSON.
    Finished(Box<Told>),
}

/// A sample without its transcript.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    pub record: SampleRecord,
    pub task: Box<str>,
    pub reason: Box<str>,
    pub sign: Option<Box<str>>,
    pub cost: u64,
    pub begun: u32,
}

/// An open journal.
pub struct Journal {
    file: File,
    key: Master,
    commitment: Digest,
    end: u64,
    entries: u64,
    /// Where a finished sample stands, which entry it is, and what is told of it.
    finished: BTreeMap<u32, (Place, Told)>,
    begun: BTreeMap<u32, u32>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    at: u64,
    bytes: u32,
    entry: u64,
}

/// A finished sample as it goes into the file.
pub(super) struct Line {
    pub told: Told,
    /// The transcript's JSON, which is also what its digest is of.
    pub transcript: Vec<u8>,
}

impl Journal {
    /// Opens the journal of the run with this commitment, or begins it where there is none.
    pub fn open(path: &Path, commitment: Digest, key: &RunKey) -> Result<Journal, Failure> {
        let broken = |error: std::io::Error| {
            Failure::Journal(format!("`{}`: {error}", path.display()).into())
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.mode(0o600).open(path).map_err(broken)?;
        // Two that append to one file would make it unreadable.
        file.try_lock().map_err(|_| {
            Failure::Journal(format!("`{}` is in use by another run", path.display()).into())
        })?;
        let bytes = file.metadata().map_err(broken)?.len();
        if bytes < HEADER {
            // Cut off while it was made, or new: nothing was finished.
            file.set_len(0).map_err(broken)?;
            file.write_all(MAGIC).map_err(broken)?;
            file.write_all(&commitment.0).map_err(broken)?;
            file.sync_all().map_err(broken)?;
        }
        let mut journal = Journal {
            file,
            key: sealing(key),
            commitment,
            end: HEADER,
            entries: 0,
            finished: BTreeMap::new(),
            begun: BTreeMap::new(),
        };
        journal.check_header(path)?;
        journal
            .read_all(bytes.max(HEADER))
            .map_err(|why| Failure::Journal(format!("`{}` {why}", path.display()).into()))?;
        journal.file.set_len(journal.end).map_err(broken)?;
        Ok(journal)
    }

    fn check_header(&mut self, path: &Path) -> Result<(), Failure> {
        let mut header = [0; HEADER as usize];
        let read = self.file.read_exact_at(&mut header, 0);
        let (magic, commitment) = header.split_at(16);
        let why = match read {
            Err(error) => error.to_string(),
            Ok(()) if magic != MAGIC => {
                "is no journal of a run; name a file that is not there yet".to_owned()
            }
            Ok(()) if commitment != self.commitment.0 => {
                "is the journal of another run; name a file that is not there yet".to_owned()
            }
            Ok(()) => return Ok(()),
        };
        Err(Failure::Journal(
            format!("`{}` {why}", path.display()).into(),
        ))
    }

    /// Reads what is there, up to the first entry that was cut off.
    fn read_all(&mut self, bytes: u64) -> Result<(), String> {
        while self.end < bytes {
            let Some((place, plain)) = self.read_entry(bytes)? else {
                return Ok(());
            };
            let (entry, _) = split(&plain)?;
            match entry {
                Entry::Begun { number } => *self.begun.entry(number).or_default() += 1,
                Entry::Finished(told) => {
                    self.finished.insert(told.record.number, (place, *told));
                }
            }
            self.end = place.at + u64::from(place.bytes);
            self.entries += 1;
        }
        Ok(())
    }

    fn read_entry(&mut self, bytes: u64) -> Result<Option<(Place, Vec<u8>)>, String> {
        let mut length = [0; 4];
        if bytes - self.end < 4 {
            return Ok(None);
        }
        let broken = |error: std::io::Error| format!("cannot be read: {error}");
        self.file
            .read_exact_at(&mut length, self.end)
            .map_err(broken)?;
        let place = Place {
            at: self.end + 4,
            bytes: u32::from_le_bytes(length),
            entry: self.entries,
        };
        let end = place.at + u64::from(place.bytes);
        if end > bytes && place.bytes <= ENTRY_BYTES_MAX {
            return Ok(None);
        }
        match self.unseal(place) {
            Ok(plain) => Ok(Some((place, plain))),
            // The last one, whose bytes never all came to the disk: a length of nothing, or nothing behind it.
            Err(_) if end >= bytes || self.is_nothing(bytes)? => Ok(None),
            Err(why) => Err(format!(
                "{why} at byte {}; nothing of it is resumed",
                self.end
            )),
        }
    }

    /// Whether only zeros follow: room that was made and never filled.
    fn is_nothing(&mut self, bytes: u64) -> Result<bool, String> {
        let broken = |error: std::io::Error| format!("cannot be read: {error}");
        self.file.seek(SeekFrom::Start(self.end)).map_err(broken)?;
        let mut rest = (&self.file).take(bytes - self.end);
        let mut buffer = [0; 8_192];
        loop {
            let length = rest.read(&mut buffer).map_err(broken)?;
            match &buffer[..length] {
                [] => return Ok(true),
                piece if piece.iter().any(|byte| *byte != 0) => return Ok(false),
                _ => {}
            }
        }
    }

    fn unseal(&self, place: Place) -> Result<Vec<u8>, String> {
        if place.bytes > ENTRY_BYTES_MAX {
            return Err("is damaged".to_owned());
        }
        let mut sealed = vec![0; place.bytes as usize];
        self.file
            .read_exact_at(&mut sealed, place.at)
            .map_err(|error| format!("cannot be read: {error}"))?;
        let context = context(&self.commitment, place.entry);
        self.key
            .open(&context, &sealed)
            .map_err(|_| "is damaged, or of another key".to_owned())
    }

    /// Appends what began and what finished, and, where something finished, waits until all of it is on the disk.
    pub(super) fn append(
        &mut self,
        begun: &[u32],
        finished: &[Line],
        dice: &mut dyn Dice,
    ) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        let mut places = Vec::with_capacity(finished.len());
        for number in begun {
            self.entry(&Entry::Begun { number: *number }, &[], &mut bytes, dice)?;
            *self.begun.entry(*number).or_default() += 1;
        }
        for line in finished {
            let entry = Entry::Finished(Box::new(line.told.clone()));
            places.push(self.entry(&entry, &line.transcript, &mut bytes, dice)?);
        }
        let written = self.file.write_all_at(&bytes, self.end);
        let written = written.and_then(|()| match finished {
            [] => Ok(()),
            // Durable from here: a sample is finished when this comes back, and not before.
            _ => self.file.sync_data(),
        });
        written.map_err(|error| {
            Failure::Journal(format!("the journal cannot be written: {error}").into())
        })?;
        self.end += bytes.len() as u64;
        for (line, place) in finished.iter().zip(places) {
            self.finished
                .insert(line.told.record.number, (place, line.told.clone()));
        }
        Ok(())
    }

    fn entry(
        &mut self,
        entry: &Entry,
        more: &[u8],
        bytes: &mut Vec<u8>,
        dice: &mut dyn Dice,
    ) -> Result<Place, Failure> {
        let wrong =
            |why: &str| Failure::Journal(format!("an entry cannot be written: {why}").into());
        let head = serde_json::to_vec(entry).map_err(|error| wrong(&error.to_string()))?;
        let length = u32::try_from(head.len()).map_err(|_| wrong("it is too long"))?;
        let plain = [&length.to_le_bytes()[..], &head, more].concat();
        let sealed = self
            .key
            .seal(&context(&self.commitment, self.entries), &plain, dice);
        let length = u32::try_from(sealed.len())
            .ok()
            .filter(|length| *length <= ENTRY_BYTES_MAX)
            .ok_or_else(|| wrong("it is too long"))?;
        bytes.extend_from_slice(&length.to_le_bytes());
        let place = Place {
            at: self.end + bytes.len() as u64,
            bytes: length,
            entry: self.entries,
        };
        bytes.extend_from_slice(&sealed);
        self.entries += 1;
        Ok(place)
    }

    /// What is told of the finished samples, by number.
    pub(super) fn finished(&self) -> impl Iterator<Item = &Told> {
        self.finished.values().map(|(_, told)| told)
    }

    pub fn is_finished(&self, number: u32) -> bool {
        self.finished.contains_key(&number)
    }

    /// How often an attempt began.
    pub(super) fn begun(&self, number: u32) -> u32 {
        self.begun.get(&number).copied().unwrap_or(0)
    }

    /// The records of what is finished, in the order of their numbers.
    pub fn records(&self) -> Vec<SampleRecord> {
        self.finished().map(|told| told.record.clone()).collect()
    }

    /// A finished sample with its transcript; none where it is not finished.
    pub fn sample(&self, number: u32) -> Result<Option<Sample>, Failure> {
        let Some((place, _)) = self.finished.get(&number) else {
            return Ok(None);
        };
        let read = || {
            let plain = self.unseal(*place)?;
            let (entry, rest) = split(&plain)?;
            let Entry::Finished(told) = entry else {
                return Err("is damaged".to_owned());
            };
            let transcript: Transcript =
                serde_json::from_slice(rest).map_err(|error| error.to_string())?;
            Ok(Sample {
                record: told.record,
                task: told.task,
                reason: told.reason,
                sign: told.sign,
                cost: told.cost,
                begun: told.begun,
                transcript,
            })
        };
        read()
            .map(Some)
            .map_err(|why: String| Failure::Journal(format!("the journal {why}").into()))
    }

    /// All finished samples in the order of their numbers, one at a time.
    pub fn samples(&self) -> impl Iterator<Item = Result<Sample, Failure>> {
        self.finished
            .keys()
            .filter_map(|number| self.sample(*number).transpose())
    }
}

/// Entry and what follows it.
fn split(plain: &[u8]) -> Result<(Entry, &[u8]), String> {
    let damaged = || "is damaged".to_owned();
    let (length, rest) = plain.split_first_chunk::<4>().ok_or_else(damaged)?;
    let length = u32::from_le_bytes(*length) as usize;
    let (head, rest) = rest.split_at_checked(length).ok_or_else(damaged)?;
    let entry = serde_json::from_slice(head).map_err(|_| damaged())?;
    Ok((entry, rest))
}

/// A key of the journal's own, from the run's.
fn sealing(key: &RunKey) -> Master {
    // Two words of 128 bits each, hashed to one key.
    let words = [1, 2].map(|half| key.labeled("journal", &[0; 16], half));
    Master::from_bytes(keys::sha256(&[words[0].as_bytes(), words[1].as_bytes()]))
}

/// What an entry is bound to: its run and its place.
fn context(commitment: &Digest, entry: u64) -> Vec<u8> {
    [&MAGIC[..], &commitment.0, &entry.to_be_bytes()].concat()
}
