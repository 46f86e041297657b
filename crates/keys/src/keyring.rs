//! Keyring: where does an instance keep its own keys?
//!
//! A folder of its own, readable by nobody else:
//!
//! - `master.key` wraps the keys of all reports and cases. Whoever has it and the database reads
//!   everything; whoever loses it reads nothing. It is backed up apart from the database.
//! - `log.key` signs checkpoints of the log. Whoever has it can split the log, which witnesses and
//!   readers who compare will notice. It bears the log's origin as its name.
//! - `log.key.N` is the note by which the Nth key of the log was followed by the next (see
//!   [`crate::rotation`]). The private half of a former key is not kept.
//!
//! Both keys come into being together, by the renaming of a folder; nothing is ever half written.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use crate::dice::{Dice, draw};
use crate::note::{SignerKey, VerifierKey};
use crate::rotation::Rotation;
use crate::sealing::Master;
use crate::sign::Signer;

const MASTER: &str = "master.key";
const LOG: &str = "log.key";
/// The key that is about to follow, while a rotation is being written.
const NEXT: &str = "log.key.next";
/// What `master.key` begins with.
const MASTER_FORM: &str = "seamark master key 1 ";
/// Longest key file in bytes: a rotation holds two keys and two signatures, whose names may have 512 bytes each.
const FILE_BYTES_MAX: u64 = 8 << 10;
/// Most rotations that are read: one a day for 27 years.
const ROTATIONS_MAX: u32 = 9999;

/// The keys of one instance.
#[derive(Debug)]
pub struct Keyring {
    master: Master,
    log: SignerKey,
    rotations: Vec<(Rotation, String)>,
}

/// Why the keys cannot be had.
#[derive(Debug)]
pub enum KeyringError {
    /// The file system says no while `doing`, such as `read`.
    File {
        doing: &'static str,
        path: PathBuf,
        error: io::Error,
    },
    /// Others than its owner may read or write it.
    Loose { path: PathBuf, mode: u32 },
    /// It does not hold what it should.
    Form { path: PathBuf, why: String },
    /// There are keys already, and they are never overwritten.
    Exists { path: PathBuf },
    /// A name that no log can have.
    Origin { origin: String },
}

impl Keyring {
    /// New keys that are kept nowhere, for a log called `origin`, such as `clearinghouse.example.org/log`.
    pub fn new(origin: &str, dice: &mut dyn Dice) -> Result<Keyring, KeyringError> {
        let named = |_| KeyringError::Origin {
            origin: origin.into(),
        };
        Ok(Keyring {
            master: Master::new(dice),
            log: SignerKey::new(origin, Signer::new(dice)).map_err(named)?,
            rotations: Vec::new(),
        })
    }

    /// New keys in `folder`, which is not there yet or empty.
    pub fn create(
        folder: &Path,
        origin: &str,
        dice: &mut dyn Dice,
    ) -> Result<Keyring, KeyringError> {
        let keyring = Keyring::new(origin, dice)?;
        let parent = parent(folder);
        fs::create_dir_all(parent).map_err(doing("make", parent))?;
        let number = u64::from_be_bytes(draw(dice));
        let made = parent.join(format!(".keys-{number:016x}"));
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&made)
            .map_err(doing("make", &made))?;
        let written = keyring.write_into(&made);
        // Durable from here: the folder appears whole or not at all. Renaming onto a folder that holds anything fails.
        let moved = written.and_then(|()| fs::rename(&made, folder).map_err(doing("make", folder)));
        if let Err(error) = moved {
            // Best effort: what is left over is a folder only its owner reads, under a name nobody opens.
            let _ = fs::remove_dir_all(&made);
            return Err(match is_kept(folder) {
                true => KeyringError::Exists {
                    path: folder.into(),
                },
                false => error,
            });
        }
        sync(parent)?;
        Ok(keyring)
    }

    /// The keys kept in `folder`.
    pub fn open(folder: &Path) -> Result<Keyring, KeyringError> {
        let path = folder.join(MASTER);
        let text = read_secret(&path)?;
        let master = parse_master(&text).ok_or_else(|| KeyringError::Form {
            path,
            why: format!("a master key is `{MASTER_FORM}` and 32 bytes in base64"),
        })?;
        let rotations = read_rotations(folder)?;
        finish_rotation(folder, rotations.last().map(|(last, _)| last))?;
        let log = read_log(&folder.join(LOG))?;
        check_chain(folder, &rotations, log.verifier())?;
        Ok(Keyring {
            master,
            log,
            rotations,
        })
    }

    /// The keys kept in `folder`, or new ones for a log called `origin` where none are.
    ///
    /// An origin is chosen once: where there are keys, theirs stays.
    pub fn open_or_create(
        folder: &Path,
        origin: &str,
        dice: &mut dyn Dice,
    ) -> Result<Keyring, KeyringError> {
        if is_kept(folder) {
            return Keyring::open(folder);
        }
        match Keyring::create(folder, origin, dice) {
            // Another process was quicker.
            Err(KeyringError::Exists { .. }) => Keyring::open(folder),
            made => made,
        }
    }

    /// Makes a new key for the log and states that it follows the old one, whose private half is forgotten.
    ///
    /// The statement is to be appended to the log, and the next checkpoint signed with the new key.
    pub fn rotate(folder: &Path, dice: &mut dyn Dice) -> Result<Keyring, KeyringError> {
        let keyring = Keyring::open(folder)?;
        let number = keyring.rotations.len() as u32 + 1;
        let new = SignerKey::new(keyring.origin(), Signer::new(dice))
            .expect("the name was good for the key before");
        let note = Rotation::sign(number, &keyring.log, &new).to_string();
        // If we stop before the note is written, the next key is forgotten; after it, `open` moves the key to its place.
        write_secret(&folder.join(NEXT), &new.reveal())?;
        write_secret(&folder.join(format!("{LOG}.{number}")), &note)?;
        Keyring::open(folder)
    }

    /// The key that wraps the keys of reports and cases.
    pub fn master(&self) -> &Master {
        &self.master
    }

    /// The key that signs checkpoints.
    pub fn log(&self) -> &SignerKey {
        &self.log
    }

    /// The log's name, first line of each checkpoint.
    pub fn origin(&self) -> &str {
        self.log.verifier().name()
    }

    /// Every key the log ever had, the present one first.
    pub fn verifiers(&self) -> Vec<VerifierKey> {
        let former = self.rotations.iter().rev().map(|(it, _)| it.old.clone());
        std::iter::once(self.log.verifier().clone())
            .chain(former)
            .collect()
    }

    /// The notes by which one key followed another, the first one first.
    pub fn rotations(&self) -> impl ExactSizeIterator<Item = &str> {
        self.rotations.iter().map(|(_, note)| note.as_str())
    }

    fn write_into(&self, folder: &Path) -> Result<(), KeyringError> {
        let bytes = Zeroizing::new(BASE64.encode(self.master.bytes()));
        let master = Zeroizing::new(format!("{MASTER_FORM}{}", *bytes));
        write_secret(&folder.join(MASTER), &master)?;
        write_secret(&folder.join(LOG), &self.log.reveal())
    }
}

fn is_kept(folder: &Path) -> bool {
    folder.join(MASTER).exists() || folder.join(LOG).exists()
}

fn parse_master(text: &str) -> Option<Master> {
    let coded = text.trim_end().strip_prefix(MASTER_FORM)?;
    let bytes = Zeroizing::new(BASE64.decode(coded).ok()?);
    Some(Master::from_bytes(bytes.as_slice().try_into().ok()?))
}

fn read_log(path: &Path) -> Result<SignerKey, KeyringError> {
    let text = read_secret(path)?;
    SignerKey::parse(text.trim_end()).map_err(|error| KeyringError::Form {
        path: path.into(),
        why: error.to_string(),
    })
}

/// The notes `log.key.1`, `log.key.2` and so on, until one is missing.
fn read_rotations(folder: &Path) -> Result<Vec<(Rotation, String)>, KeyringError> {
    let mut all = Vec::new();
    for number in 1..=ROTATIONS_MAX {
        let path = folder.join(format!("{LOG}.{number}"));
        if !path.exists() {
            break;
        }
        let note = read_secret(&path)?;
        let form = |why: String| KeyringError::Form {
            path: path.clone(),
            why,
        };
        let rotation = Rotation::parse(&note).map_err(|error| form(error.to_string()))?;
        if rotation.number != number {
            return Err(form(format!("it is rotation {}", rotation.number)));
        }
        all.push((rotation, note.to_string()));
    }
    Ok(all)
}

/// Where a rotation was stated and its key not yet in place, puts it there; where it was not stated, forgets the key.
fn finish_rotation(folder: &Path, last: Option<&Rotation>) -> Result<(), KeyringError> {
    let next = folder.join(NEXT);
    if !next.exists() {
        return Ok(());
    }
    let key = read_log(&next)?;
    if last.is_some_and(|last| last.new == *key.verifier()) {
        let place = folder.join(LOG);
        fs::rename(&next, &place).map_err(doing("write", &place))?;
    } else {
        fs::remove_file(&next).map_err(doing("remove", &next))?;
    }
    sync(folder)
}

/// Each rotation begins with the key that the one before ended with, and the last ends with the present key.
fn check_chain(
    folder: &Path,
    rotations: &[(Rotation, String)],
    present: &VerifierKey,
) -> Result<(), KeyringError> {
    let follows = rotations.iter().skip(1).map(|(next, _)| &next.old);
    let follows = follows.chain(std::iter::once(present));
    for ((rotation, _), follows) in rotations.iter().zip(follows) {
        if rotation.new != *follows {
            return Err(KeyringError::Form {
                path: folder.join(format!("{LOG}.{}", rotation.number)),
                why: format!(
                    "it leads to the key `{}`, and `{follows}` follows",
                    rotation.new
                ),
            });
        }
    }
    Ok(())
}

pub(crate) fn read_secret(path: &Path) -> Result<Zeroizing<String>, KeyringError> {
    let file = File::open(path).map_err(doing("read", path))?;
    let mode = file
        .metadata()
        .map_err(doing("read", path))?
        .permissions()
        .mode()
        & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyringError::Loose {
            path: path.into(),
            mode,
        });
    }
    let mut text = Zeroizing::new(String::new());
    file.take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(doing("read", path))?;
    Ok(text)
}

/// Writes `text` whole or not at all, readable by its owner only.
pub(crate) fn write_secret(path: &Path, text: &str) -> Result<(), KeyringError> {
    let beside = path.with_extension("part");
    let written = || -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    written().map_err(doing("write", path))?;
    sync(parent(path))
}

/// Makes a renaming in `folder` last.
fn sync(folder: &Path) -> Result<(), KeyringError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(doing("write", folder))
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn doing(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeyringError {
    let path = path.to_owned();
    move |error| KeyringError::File { doing, path, error }
}

impl fmt::Display for KeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyringError::File { doing, path, .. } => {
                write!(f, "cannot {doing} `{}`", path.display())
            }
            KeyringError::Loose { path, mode } => write!(
                f,
                "`{path}` can be read or written by others (mode {mode:03o}); consider its key known, and if it is not, run `chmod 600 {path}`",
                path = path.display()
            ),
            KeyringError::Form { path, why } => {
                write!(f, "`{}` holds no key: {why}", path.display())
            }
            KeyringError::Exists { path } => write!(
                f,
                "`{}` holds keys already, and they are never overwritten",
                path.display()
            ),
            KeyringError::Origin { origin } => write!(
                f,
                "`{origin}` cannot name a log; use an address without scheme, spaces and `+`, such as `clearinghouse.example.org/log`"
            ),
        }
    }
}

impl std::error::Error for KeyringError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            KeyringError::File { error, .. } => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
