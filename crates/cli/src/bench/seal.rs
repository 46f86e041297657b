//! `seamark bench holder | seal | share`, and opening a sealed suite for a run.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::bench::seal::{self, Brought, Holder, HolderKey};
use names::Problems;

use crate::args::bench::{Holder as NewHolder, Opening, Seal, Share};
use crate::failure::{Failure, unreadable, wrong};
use crate::output;
use crate::render::text::{counted, plain};

/// Keys and shares have some hundred bytes; a public file names a holder besides.
const TEXT_BYTES_MAX: u64 = 64 << 10;

/// Where a suite that was opened stands while a run lasts: in memory, on every Linux.
const IN_MEMORY: &str = "/dev/shm";

pub fn holder(asked: &NewHolder) -> Result<ExitCode, Failure> {
    let key = HolderKey::new(&asked.name, &asked.organization, &mut keys::SystemDice)
        .map_err(problems)?;
    secret(&asked.output, &key.to_secret_text())?;
    let public = asked.output.with_extension("public");
    let text = key.holder().to_text();
    output::to(Some(&public), |out| out.write_all(text.as_bytes()))?;
    eprintln!(
        "seamark: `{}` stays with you, `{}` goes to whoever seals a suite",
        asked.output.display(),
        public.display()
    );
    Ok(ExitCode::SUCCESS)
}

pub fn seal(asked: &Seal) -> Result<ExitCode, Failure> {
    let suite = super::suite(&asked.suite)?;
    if !suite.is_sealed {
        return Err(wrong(format!(
            "`{}` says that it is public; write `sealed = true` in its `suite.toml`, or its logs would hold its text",
            asked.suite.display()
        )));
    }
    let holders = asked
        .holder
        .iter()
        .map(|path| Holder::read(&bytes(path, TEXT_BYTES_MAX)?).map_err(|wrong| of(path, wrong)))
        .collect::<Result<Vec<Holder>, Failure>>()?;
    let folder = seal::read_folder(&asked.suite).map_err(problems)?;
    let sealed = seal::seal(
        &suite.id,
        &suite.version,
        &folder,
        asked.needed,
        &holders,
        &mut keys::SystemDice,
    )
    .map_err(problems)?;
    output::to(Some(&asked.output), |out| out.write_all(&sealed))?;
    eprintln!(
        "seamark: sealed {} into `{}`; any {} of {} open it",
        counted(suite.tasks.len() as u64, "task", "tasks"),
        asked.output.display(),
        asked.needed,
        counted(holders.len() as u64, "holder", "holders")
    );
    Ok(ExitCode::SUCCESS)
}

pub fn share(asked: &Share) -> Result<ExitCode, Failure> {
    let sealed = bytes(&asked.sealed, seal::SEALED_BYTES_MAX)?;
    let key = HolderKey::read(&bytes(&asked.key, TEXT_BYTES_MAX)?)
        .map_err(|wrong| of(&asked.key, wrong))?;
    let brought = seal::unseal(&sealed, &key).map_err(problems)?;
    secret(&asked.output, &brought.to_text())?;
    eprintln!(
        "seamark: `{}` holds your share; bring it where the suite is opened by a way that is secret",
        asked.output.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// The suite's folder: the one that was named, or a sealed one opened into memory for as long as this is held.
pub struct Place {
    folder: PathBuf,
    _private: Option<seal::Private>,
}

impl Place {
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Opens what was named, by shares where it is sealed.
pub fn place(path: &Path, opening: &Opening) -> Result<Place, Failure> {
    if path.is_dir() {
        return match opening.share.is_empty() {
            true => Ok(Place {
                folder: path.into(),
                _private: None,
            }),
            false => Err(wrong(format!(
                "`{}` is a folder, which no share opens",
                path.display()
            ))),
        };
    }
    let sealed = bytes(path, seal::SEALED_BYTES_MAX)?;
    let head = seal::head(&sealed).map_err(|wrong| of(path, wrong))?;
    if opening.share.is_empty() {
        let holders: Vec<String> = head
            .holders
            .iter()
            .map(|one| {
                format!(
                    "{} of {}",
                    plain(&one.holder.name),
                    plain(&one.holder.organization)
                )
            })
            .collect();
        return Err(wrong(format!(
            "`{}` is sealed: bring {} of {} with `--share` (held by {})",
            path.display(),
            head.needed,
            counted(holders.len() as u64, "share", "shares"),
            holders.join(", ")
        )));
    }
    let brought = opening
        .share
        .iter()
        .map(|path| {
            let text = String::from_utf8(bytes(path, TEXT_BYTES_MAX)?)
                .map_err(|_| wrong(format!("`{}` is no share", path.display())))?;
            Brought::from_text(&text).map_err(|wrong| of(path, wrong))
        })
        .collect::<Result<Vec<Brought>, Failure>>()?;
    let folder = seal::open(&sealed, &brought).map_err(problems)?;
    let parent = opening.open_in.as_deref().unwrap_or(Path::new(IN_MEMORY));
    let private = folder
        .put(parent, &mut keys::SystemDice)
        .map_err(problems)?;
    Ok(Place {
        folder: private.path().to_path_buf(),
        _private: Some(private),
    })
}

/// Writes a file that only its owner reads, and that was not there.
pub(super) fn secret(path: &Path, text: &str) -> Result<(), Failure> {
    let cannot = |error| wrong(format!("cannot write `{}`: {error}", path.display()));
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(cannot)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(cannot)
}

fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let cannot = |error| unreadable(format!("cannot read `{}`: {error}", path.display()));
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(cannot)?;
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    match bytes.len() as u64 <= most {
        true => Ok(bytes),
        false => Err(wrong(format!(
            "`{}` is longer than {most} bytes",
            path.display()
        ))),
    }
}

fn problems(problems: Problems) -> Failure {
    wrong(problems.to_string())
}

fn of(path: &Path, problems: Problems) -> Failure {
    wrong(format!("`{}`: {problems}", path.display()))
}
