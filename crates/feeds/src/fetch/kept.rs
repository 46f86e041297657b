//! What the cache folder keeps of one address: the file, what the server said to tell its state by, and the part
//! of a new file that has arrived so far.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::web::Validators;

impl Validators {
    /// What `If-Range` takes: a strong tag, or a date.
    pub(super) fn strong(&self) -> Option<&str> {
        let tag = self.etag.as_deref().filter(|tag| !tag.starts_with("W/"));
        tag.or(self.last_modified.as_deref())
    }
}

/// The sidecar's content.
#[derive(Serialize, Deserialize)]
struct Note {
    url: String,
    bytes: u64,
    #[serde(flatten)]
    validators: Validators,
}

/// Names of one address in the cache folder.
pub(super) struct Kept {
    url: String,
    pub file: PathBuf,
    note: PathBuf,
    part: PathBuf,
    part_note: PathBuf,
}

impl Kept {
    /// The file's name begins with a hash of the address and ends as the address does, for people.
    pub fn at(cache: &Path, url: &str) -> Kept {
        let digest: String = Sha256::digest(url.as_bytes())
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        let plain =
            |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
        let last: String = last.chars().filter(plain).take(80).collect();
        let at = |ending: &str| cache.join(format!("{digest}-{last}{ending}"));
        let url = url.to_owned();
        Kept {
            url,
            file: at(""),
            note: at(".note.json"),
            part: at(".part"),
            part_note: at(".part.note.json"),
        }
    }

    /// How the file's state is told, where it and its note are as they were left.
    pub fn known(&self) -> Option<Validators> {
        let note = self.read(&self.note)?;
        let length = std::fs::metadata(&self.file).ok()?.len();
        (length == note.bytes).then_some(note.validators)
    }

    /// How much of a new file is there, and of which state, where it can be gone on with.
    pub fn part(&self) -> Option<(u64, Validators)> {
        let note = self.read(&self.part_note)?;
        let length = std::fs::metadata(&self.part).ok()?.len();
        (length > 0 && note.validators.strong().is_some()).then_some((length, note.validators))
    }

    fn read(&self, note: &Path) -> Option<Note> {
        let note: Note = serde_json::from_slice(&std::fs::read(note).ok()?).ok()?;
        (note.url == self.url).then_some(note)
    }

    /// Opens the part to be written on from `from`; from 0, a new one.
    pub fn open_part(&self, validators: &Validators, from: u64) -> io::Result<File> {
        if from > 0 {
            return OpenOptions::new().append(true).open(&self.part);
        }
        // The note goes first: a part without its note is never gone on with, nor one with another's.
        self.forget_part();
        self.write(&self.part_note, validators, 0)?;
        File::create(&self.part)
    }

    /// Forgets which state the file is of.
    pub fn forget(&self) {
        let _ = std::fs::remove_file(&self.note);
    }

    pub fn forget_part(&self) {
        for path in [&self.part_note, &self.part] {
            // Absent is as good as removed; one that stays is overwritten or fails there.
            let _ = std::fs::remove_file(path);
        }
    }

    /// Puts the whole part in the file's place.
    pub fn settle(&self, validators: &Validators, bytes: u64) -> io::Result<()> {
        std::fs::rename(&self.part, &self.file)?;
        // If we stop here, the old note has another length or an old tag, and the next time asks for all of it.
        self.write(&self.note, validators, bytes)?;
        self.forget_part();
        Ok(())
    }

    fn write(&self, path: &Path, validators: &Validators, bytes: u64) -> io::Result<()> {
        let note = Note {
            url: self.url.clone(),
            bytes,
            validators: validators.clone(),
        };
        let fresh = path.with_extension("fresh");
        std::fs::write(&fresh, serde_json::to_vec_pretty(&note)?)?;
        std::fs::rename(&fresh, path)
    }
}
