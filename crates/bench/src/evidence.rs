//! Evidence: the log of one evaluator, in a folder of its own.
//!
//! What is committed to stands here before the first call: one entry a line, a checkpoint signed after each, keys that
//! nobody else reads. It proves order, and that nothing was taken out, to everyone who saw an earlier checkpoint. By
//! when at the latest something was said only others can show: the log of a clearinghouse, with witnesses; its
//! receipts take the place of these.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use frontier::Digest;
use jiff::Timestamp;
use keys::hybrid::HybridSigner;
use keys::{Dice, Keyring};
use serde::{Deserialize, Serialize};
use tlog::receipt::Form;
use tlog::tree::Written;
use tlog::{Body, Checkpoint, Entry, Hash, Receipt, TileId, Tree, integrate};
use zeroize::Zeroizing;

/// The entries, one a line.
const ENTRIES: &str = "entries.jsonl";
/// The newest checkpoint.
const CHECKPOINT: &str = "checkpoint";
/// The folder of keys.
const KEYS: &str = "keys";
/// In it, the seeds of the evaluator's own key: 128 hexadecimal digits.
const SIGNER: &str = "signer";
/// Three entries a run, some 250 bytes each: a million runs.
const ENTRIES_BYTES_MAX: u64 = 1 << 30;

/// What an entry says: that something with this digest was known at this time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub kind: Kind,
    pub digest: Digest,
    pub at: Timestamp,
}

/// What was committed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    #[serde(rename = "suite-commitment")]
    Suite,
    #[serde(rename = "run-commitment")]
    Run,
    #[serde(rename = "run-closed")]
    Closed,
    #[serde(rename = "tasks-revealed")]
    Revealed,
}

impl Kind {
    /// The word that the log and signatures use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Suite => "suite-commitment",
            Kind::Run => "run-commitment",
            Kind::Closed => "run-closed",
            Kind::Revealed => "tasks-revealed",
        }
    }
}

/// An open log. Held by one process at a time.
pub struct Evidence {
    folder: PathBuf,
    keyring: Keyring,
    signer: HybridSigner,
    entries: File,
    all: Vec<Entry>,
    tree: Tree,
    tiles: BTreeMap<TileId, Vec<Hash>>,
    /// The time of the newest entry.
    last: Option<Timestamp>,
}

/// Why a log cannot be had or written.
#[derive(Debug)]
pub enum EvidenceError {
    /// The file system says no.
    File(PathBuf, std::io::Error),
    Keys(keys::KeyringError),
    /// Another process holds it.
    Held(PathBuf),
    /// It is not what its newest checkpoint says it was.
    Changed(PathBuf, Box<str>),
    /// The clock stands before the newest entry.
    Clock {
        newest: Timestamp,
        now: Timestamp,
    },
}

impl Evidence {
    /// The log in `folder`, or a new one called `origin` where none is.
    pub fn open(
        folder: &Path,
        origin: &str,
        dice: &mut dyn Dice,
    ) -> Result<Evidence, EvidenceError> {
        fs::create_dir_all(folder).map_err(file(folder))?;
        let keyring = Keyring::open_or_create(&folder.join(KEYS), origin, dice)
            .map_err(EvidenceError::Keys)?;
        let path = folder.join(ENTRIES);
        let signer = signer(&folder.join(KEYS).join(SIGNER), dice)?;
        let entries = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&path)
            .map_err(file(&path))?;
        if entries.try_lock().is_err() {
            return Err(EvidenceError::Held(folder.into()));
        }
        let mut evidence = Evidence {
            folder: folder.into(),
            keyring,
            signer,
            entries,
            all: Vec::new(),
            tree: Tree::default(),
            tiles: BTreeMap::new(),
            last: None,
        };
        evidence.read(&path)?;
        evidence.continues()?;
        Ok(evidence)
    }

    /// Says that something with `digest` is known `now`. Durable when this returns; its place in the log.
    pub fn say(
        &mut self,
        kind: Kind,
        digest: Digest,
        now: Timestamp,
    ) -> Result<u64, EvidenceError> {
        if let Some(newest) = self.last.filter(|newest| *newest > now) {
            return Err(EvidenceError::Clock { newest, now });
        }
        let said = Said {
            kind,
            digest,
            at: now,
        };
        let body = Body::new(&said).expect("texts alone, a few of them");
        let entry = Entry::Open(body);
        let mut line = entry.bytes();
        line.push(b'\n');
        let path = self.folder.join(ENTRIES);
        self.entries.write_all(&line).map_err(file(&path))?;
        // Durable from here. If we stop before the checkpoint is written, `continues` finds the entry behind it.
        self.entries.sync_all().map_err(file(&path))?;
        self.take(entry);
        self.last = Some(now);
        self.sign()?;
        Ok(self.tree.size() - 1)
    }

    /// Where something was said, if it was.
    pub fn find(&self, kind: Kind, digest: Digest) -> Option<u64> {
        (0..)
            .zip(&self.all)
            .find(|(_, entry)| {
                said(entry).is_some_and(|one| one.kind == kind && one.digest == digest)
            })
            .map(|(index, _)| index)
    }

    /// What proves the entry at `index`.
    pub fn receipt(&self, index: u64) -> Option<Receipt> {
        let entry = self.all.get(usize::try_from(index).ok()?)?.clone();
        let proof = tlog::proof::inclusion(index, self.tree.size(), &self.tiles).ok()?;
        Some(Receipt {
            form: Form,
            origin: self.keyring.origin().to_owned(),
            key: self.keyring.log().verifier().to_string(),
            index,
            entry,
            opening: None,
            proof,
            checkpoint: self.checkpoint().sign(self.keyring.log()).to_string(),
            rotations: self.keyring.rotations().map(str::to_owned).collect(),
        })
    }

    /// The evaluator's own key, of both kinds.
    pub fn signer(&self) -> &HybridSigner {
        &self.signer
    }

    /// What others know that key by: SHA-256 of its public half.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&[&self.signer.verifier().bytes()])
    }

    /// The key that others are told to trust.
    pub fn key(&self) -> String {
        self.keyring.log().verifier().to_string()
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint::new(self.keyring.origin(), self.tree.size(), self.tree.root())
    }

    fn take(&mut self, entry: Entry) {
        let (written, tree): (Vec<Written>, Tree) = integrate(&self.tree, [entry.leaf()]);
        self.tiles.extend(written);
        self.tree = tree;
        self.all.push(entry);
    }

    fn read(&mut self, path: &Path) -> Result<(), EvidenceError> {
        let mut text = String::new();
        let mut from = File::open(path)
            .map_err(file(path))?
            .take(ENTRIES_BYTES_MAX + 1);
        from.read_to_string(&mut text).map_err(file(path))?;
        if text.len() as u64 > ENTRIES_BYTES_MAX {
            return Err(EvidenceError::Changed(
                path.into(),
                "it is longer than 1 GiB".into(),
            ));
        }
        // What a crash cut off was never acknowledged.
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        if whole < text.len() {
            self.entries.set_len(whole as u64).map_err(file(path))?;
        }
        for (number, line) in (1..).zip(text[..whole].lines()) {
            let entry = Entry::parse(line.as_bytes()).map_err(|_| {
                EvidenceError::Changed(path.into(), format!("line {number} is no entry").into())
            })?;
            self.last = said(&entry).map(|one| one.at).max(self.last);
            self.take(entry);
        }
        Ok(())
    }

    /// Whether the entries continue what the newest checkpoint signed.
    fn continues(&self) -> Result<(), EvidenceError> {
        let path = self.folder.join(CHECKPOINT);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            // None was signed before the first entry was durable.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.all.len() < 2 => {
                return Ok(());
            }
            Err(error) => return Err(EvidenceError::File(path, error)),
        };
        let changed = |why: &str| EvidenceError::Changed(path.clone(), why.into());
        let note =
            keys::note::Note::parse(&text).map_err(|_| changed("it is no signed checkpoint"))?;
        let (signed, _) = Checkpoint::open(&note, &self.keyring.verifiers())
            .map_err(|_| changed("no key of this log signed it"))?;
        if signed.size > self.tree.size() {
            return Err(changed("entries that it signed are gone"));
        }
        let leaves = self.all.iter().take(signed.size as usize).map(Entry::leaf);
        let (_, then) = integrate(&Tree::default(), leaves);
        match then.root() == signed.root {
            true => Ok(()),
            false => Err(changed("entries that it signed are others now")),
        }
    }

    /// Writes the checkpoint of what is there: the old one or the new one stands, never half of either.
    fn sign(&self) -> Result<(), EvidenceError> {
        let (path, next) = (
            self.folder.join(CHECKPOINT),
            self.folder.join("checkpoint.next"),
        );
        let note = self.checkpoint().sign(self.keyring.log()).to_string();
        let write = || -> std::io::Result<()> {
            let mut to = File::create(&next)?;
            to.write_all(note.as_bytes())?;
            to.sync_all()?;
            fs::rename(&next, &path)?;
            File::open(&self.folder)?.sync_all()
        };
        write().map_err(file(&path))
    }
}

/// What an entry of this kind of log says.
pub fn said(entry: &Entry) -> Option<Said> {
    match entry {
        Entry::Open(body) => serde_json::from_value(body.value()).ok(),
        Entry::Sealed(_) => None,
    }
}

fn file(path: &Path) -> impl FnOnce(std::io::Error) -> EvidenceError + '_ {
    move |error| EvidenceError::File(path.into(), error)
}

impl std::fmt::Display for EvidenceError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EvidenceError::File(path, error) => write!(out, "`{}`: {error}", path.display()),
            EvidenceError::Keys(error) => write!(out, "{error}"),
            EvidenceError::Held(path) => write!(
                out,
                "another run writes the log in `{}`; wait for it, or give this one a log of its own",
                path.display()
            ),
            EvidenceError::Changed(path, why) => {
                write!(out, "`{}` was changed from outside: {why}", path.display())
            }
            EvidenceError::Clock { newest, now } => write!(
                out,
                "the clock says {now}, and the newest entry of the log {newest}; set the clock"
            ),
        }
    }
}

impl std::error::Error for EvidenceError {}

/// The evaluator's own key, which is made where there is none yet.
fn signer(path: &Path, dice: &mut dyn Dice) -> Result<HybridSigner, EvidenceError> {
    if !path.exists() {
        let signer = HybridSigner::new(dice);
        let (one, other) = signer.seeds().split_at(32);
        let text = Zeroizing::new(format!("{}{}\n", hex(one), hex(other)));
        let write = || -> std::io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(file(path))?;
        return Ok(signer);
    }
    let damaged = || EvidenceError::Changed(path.into(), "it holds no key of both kinds".into());
    let text = Zeroizing::new(fs::read_to_string(path).map_err(file(path))?);
    let seed = |part: Option<&str>| part.and_then(|part| part.parse::<Digest>().ok());
    let (one, other) = (seed(text.get(..64)), seed(text.get(64..128)));
    let mut seeds = Zeroizing::new([0; 64]);
    let (first, second) = seeds.split_at_mut(32);
    first.copy_from_slice(&one.ok_or_else(damaged)?.0);
    second.copy_from_slice(&other.ok_or_else(damaged)?.0);
    Ok(HybridSigner::from_seeds(*seeds))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use keys::SeededDice;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn open(folder: &Path) -> Result<Evidence, EvidenceError> {
        Evidence::open(folder, "evaluator.example/log", &mut SeededDice::new(1))
    }

    #[test]
    fn what_was_said_is_found_again_and_proven() {
        let folder = tempfile::tempdir().unwrap();
        let digest = |number: u8| Digest([number; 32]);
        let mut log = open(folder.path()).unwrap();
        for number in 0..5 {
            assert_eq!(
                log.say(Kind::Suite, digest(number), at(number.into()))
                    .unwrap(),
                u64::from(number)
            );
        }
        drop(log);
        let mut log = open(folder.path()).unwrap();
        assert_eq!(log.find(Kind::Suite, digest(3)), Some(3));
        assert_eq!(log.find(Kind::Run, digest(3)), None);
        log.say(Kind::Run, digest(3), at(9)).unwrap();
        let receipt = log.receipt(3).unwrap();
        let known = [log.key().parse().unwrap()];
        let proven = tlog::verify(&receipt, &known).unwrap();
        assert_eq!((proven.index, proven.size), (3, 6));
        assert_eq!(said(&proven.entry).unwrap().digest, digest(3));
        assert!(log.receipt(6).is_none());
    }

    #[test]
    fn a_log_that_was_changed_is_not_written_on() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = open(folder.path()).unwrap();
        for second in 0..3 {
            log.say(Kind::Suite, Digest([second as u8; 32]), at(second))
                .unwrap();
        }
        drop(log);
        let path = folder.path().join(ENTRIES);
        let whole = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        for changed in [
            // One is gone, two are exchanged, one says another time.
            format!("{}\n{}\n", lines[0], lines[2]),
            format!("{}\n{}\n{}\n", lines[1], lines[0], lines[2]),
            whole.replace("01Z", "00Z"),
        ] {
            fs::write(&path, &changed).unwrap();
            assert!(
                matches!(open(folder.path()), Err(EvidenceError::Changed(..))),
                "{changed}"
            );
        }
        // What a crash cut off in the middle of a line was never acknowledged.
        fs::write(&path, format!("{whole}{{\"open\":{{\"ki")).unwrap();
        let mut log = open(folder.path()).unwrap();
        assert_eq!(log.say(Kind::Run, Digest([9; 32]), at(5)).unwrap(), 3);
        drop(log);
        assert!(open(folder.path()).is_ok());
    }

    #[test]
    fn time_does_not_run_backwards_and_one_process_writes() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = open(folder.path()).unwrap();
        log.say(Kind::Suite, Digest([1; 32]), at(10)).unwrap();
        assert!(matches!(
            log.say(Kind::Run, Digest([2; 32]), at(9)),
            Err(EvidenceError::Clock { .. })
        ));
        assert!(matches!(open(folder.path()), Err(EvidenceError::Held(_))));
    }
}
