//! Ring: where is the OpenPGP key kept?
//!
//! In the house's folder of keys, beside those of [`crate::keyring`], as `openpgp.key`, readable by its owner alone.
//! Whoever has it can sign files in the house's name, which everyone who follows the house would take for its own.
//! A key that another followed is forgotten here: its public half stays with whoever serves it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use super::Key;
use crate::dice::Dice;
use crate::keyring::{KeyringError, read_secret, write_secret};
use crate::sign::Signer;

const FILE: &str = "openpgp.key";

/// What the file begins with; when it was made, its seed in base64 and its name follow.
const FORM: &str = "seamark openpgp key 1 ";

/// The folder's OpenPGP key.
#[derive(Clone, Debug)]
pub struct Ring {
    key: Key,
}

impl Ring {
    /// A key that is kept nowhere, for tests and simulations.
    pub fn unkept(key: Key) -> Ring {
        Ring { key }
    }

    /// The key kept in `folder`; `None` where none was made yet.
    pub fn open(folder: &Path) -> Result<Option<Ring>, KeyringError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let text = read_secret(&path)?;
        let key = parse(&text).ok_or_else(|| KeyringError::Form {
            path,
            why: format!(
                "an OpenPGP key is `{FORM}`, the second it was made in, 32 bytes in base64 and a name"
            ),
        })?;
        Ok(Some(Ring { key }))
    }

    /// The key kept in `folder`, or a new one for whoever is called `name`. A name is chosen once: where there is a
    /// key, its own stays.
    pub fn open_or_create(
        folder: &Path,
        name: &str,
        now: u32,
        dice: &mut dyn Dice,
    ) -> Result<Ring, KeyringError> {
        match Ring::open(folder)? {
            Some(ring) => Ok(ring),
            None => Ring::create(folder, name, now, dice),
        }
    }

    /// Puts a new key in the place of the one in `folder`, which is forgotten.
    ///
    /// The caller has made sure that the public half of the old one stays served.
    pub fn rotate(
        folder: &Path,
        name: &str,
        now: u32,
        dice: &mut dyn Dice,
    ) -> Result<Ring, KeyringError> {
        Ring::create(folder, name, now, dice)
    }

    /// The key that signs.
    pub fn key(&self) -> &Key {
        &self.key
    }

    fn create(
        folder: &Path,
        name: &str,
        now: u32,
        dice: &mut dyn Dice,
    ) -> Result<Ring, KeyringError> {
        let key = Key::new(name, now, dice);
        let seed = Zeroizing::new(BASE64.encode(key.signer.seed()));
        let text = Zeroizing::new(format!("{FORM}{} {} {}", key.made, *seed, key.name));
        // Durable from here: the file appears whole or not at all.
        write_secret(&folder.join(FILE), &text)?;
        Ok(Ring { key })
    }
}

fn parse(text: &str) -> Option<Key> {
    let rest = text.trim_end_matches('\n').strip_prefix(FORM)?;
    let (made, rest) = rest.split_once(' ')?;
    let (seed, name) = rest.split_once(' ')?;
    let seed = Zeroizing::new(BASE64.decode(seed).ok()?);
    let signer = Signer::from_seed(seed.as_slice().try_into().ok()?);
    Some(Key::from_parts(signer, made.parse().ok()?, name))
}
