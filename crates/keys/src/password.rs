//! Passwords: does the person know the word they set?
//!
//! Argon2id version 1.3 (RFC 9106), stored in the PHC string format
//! `$argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$HASH`.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

use crate::dice::{Dice, draw};

/// Memory of one hash in KiB: OWASP's first choice for Argon2id (Password Storage Cheat Sheet, 2025),
/// 19 MiB, so that 16 sign-ins at once fit the smallest machine we serve, of 1 GiB.
const MEMORY_KIB: u32 = 19_456;
/// Passes over it, of the same choice.
const PASSES: u32 = 2;
/// Lanes, of the same choice.
const LANES: u32 = 1;
/// RFC 9106, section 3.1: 16 bytes are recommended for password hashing.
const SALT_BYTES: usize = 16;
/// RFC 9106, section 4: a tag of 256 bits.
const HASH_BYTES: usize = 32;

/// What a stored hash may ask for at most: four times ours in memory, five times in passes. Whoever can write
/// the database could otherwise stop the server with one row.
const MEMORY_KIB_MAX: u32 = 4 * MEMORY_KIB;
const PASSES_MAX: u32 = 10;
const LANES_MAX: u32 = 4;
/// A stored hash of ours has 97 characters; anything longer is none.
const STORED_CHARS_MAX: usize = 256;

/// Longest password in bytes: no sentence a person remembers is longer, and Argon2 reads all of it.
pub const PASSWORD_BYTES_MAX: usize = 1024;

/// A hash that no password has, to be checked where there is no such account: so that the answer takes as long.
pub const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2VhbWFyayBkZWNveSBzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a password could not be checked. A wrong password is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordError {
    /// The password is longer than [`PASSWORD_BYTES_MAX`].
    Long,
    /// What is stored is no hash of ours.
    Stored,
    /// What is stored asks for more memory or passes than we spend.
    Costly,
}

/// The hash to store for `password`. Takes about 20 ms and 19 MiB: call it where waiting is allowed.
pub fn hash(password: &str, dice: &mut dyn Dice) -> Result<String, PasswordError> {
    let salt: [u8; SALT_BYTES] = draw(dice);
    let hash = derive(password, &salt, (MEMORY_KIB, PASSES, LANES))?;
    let (salt, hash) = (BASE64.encode(salt), BASE64.encode(hash));
    Ok(format!(
        "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"
    ))
}

/// Whether `password` is the one that `stored` was made from. Takes as long as [`hash`].
pub fn verify(password: &str, stored: &str) -> Result<bool, PasswordError> {
    let stored = Stored::parse(stored)?;
    let hash = derive(password, &stored.salt, stored.cost)?;
    Ok(crate::equal(&hash, &stored.hash))
}

/// Whether `stored` was made with other costs than today's, so that it is made anew at the next sign-in.
pub fn is_outdated(stored: &str) -> bool {
    Stored::parse(stored).map(|stored| stored.cost) != Ok((MEMORY_KIB, PASSES, LANES))
}

/// A hash as it was stored: its salt, its bytes, and memory in KiB, passes and lanes.
struct Stored {
    salt: Vec<u8>,
    hash: Vec<u8>,
    cost: (u32, u32, u32),
}

impl Stored {
    fn parse(text: &str) -> Result<Stored, PasswordError> {
        if text.len() > STORED_CHARS_MAX {
            return Err(PasswordError::Stored);
        }
        let parts: Vec<&str> = text.split('$').collect();
        let ["", "argon2id", "v=19", costs, salt, hash] = parts[..] else {
            return Err(PasswordError::Stored);
        };
        let costs: Vec<&str> = costs.split(',').collect();
        let [memory, passes, lanes] = costs[..] else {
            return Err(PasswordError::Stored);
        };
        let number = |text: &str, name: &str| {
            let digits = text.strip_prefix(name).ok_or(PasswordError::Stored)?;
            digits.parse::<u32>().map_err(|_| PasswordError::Stored)
        };
        let cost = (
            number(memory, "m=")?,
            number(passes, "t=")?,
            number(lanes, "p=")?,
        );
        if cost.0 > MEMORY_KIB_MAX || cost.1 > PASSES_MAX || cost.2 > LANES_MAX {
            return Err(PasswordError::Costly);
        }
        let bytes = |text: &str| BASE64.decode(text).map_err(|_| PasswordError::Stored);
        let (salt, hash) = (bytes(salt)?, bytes(hash)?);
        if salt.len() < SALT_BYTES || hash.len() != HASH_BYTES {
            return Err(PasswordError::Stored);
        }
        Ok(Stored { salt, hash, cost })
    }
}

fn derive(
    password: &str,
    salt: &[u8],
    (memory, passes, lanes): (u32, u32, u32),
) -> Result<[u8; HASH_BYTES], PasswordError> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(PasswordError::Long);
    }
    let params = Params::new(memory, passes, lanes, Some(HASH_BYTES));
    let params = params.map_err(|_| PasswordError::Stored)?;
    let mut hash = [0; HASH_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut hash)
        .map_err(|_| PasswordError::Stored)?;
    Ok(hash)
}

impl fmt::Display for PasswordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PasswordError::Long => write!(
                f,
                "the password is longer than {PASSWORD_BYTES_MAX} bytes; choose a shorter one"
            ),
            PasswordError::Stored => {
                f.write_str("what is stored for this account is no password hash of ours")
            }
            PasswordError::Costly => f.write_str(
                "the stored password hash asks for more memory or passes than are spent on one",
            ),
        }
    }
}

impl std::error::Error for PasswordError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededDice;

    #[test]
    fn only_the_password_itself_verifies() {
        let stored = hash("correct horse", &mut SeededDice::new(1)).unwrap();
        assert!(
            stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
        assert_eq!(verify("correct horse", &stored), Ok(true));
        assert_eq!(verify("correct horse ", &stored), Ok(false));
        assert_eq!(verify("", &stored), Ok(false));
        assert!(!is_outdated(&stored));
    }

    #[test]
    fn the_same_password_is_stored_differently_each_time() {
        let dice = &mut SeededDice::new(1);
        assert_ne!(hash("word", dice).unwrap(), hash("word", dice).unwrap());
    }

    #[test]
    fn nobody_has_the_decoys_password() {
        assert_eq!(verify("", DECOY), Ok(false));
        assert!(!is_outdated(DECOY), "it must cost what a real one costs");
    }

    #[test]
    fn a_hash_with_smaller_costs_verifies_and_is_outdated() {
        let salt = [7; 16];
        let bytes = derive("word", &salt, (64, 1, 1)).unwrap();
        let (salt, bytes) = (BASE64.encode(salt), BASE64.encode(bytes));
        let stored = format!("$argon2id$v=19$m=64,t=1,p=1${salt}${bytes}");
        assert_eq!(verify("word", &stored), Ok(true));
        assert!(is_outdated(&stored));
    }

    #[test]
    fn a_row_cannot_ask_for_all_memory() {
        let asks = |costs: &str| verify("word", &DECOY.replace("m=19456,t=2,p=1", costs));
        assert_eq!(asks("m=4294967295,t=2,p=1"), Err(PasswordError::Costly));
        assert_eq!(asks("m=19456,t=99999,p=1"), Err(PasswordError::Costly));
        assert_eq!(asks("m=19456,t=2,p=99"), Err(PasswordError::Costly));
        assert_eq!(asks("m=19456,t=2"), Err(PasswordError::Stored));
        assert_eq!(asks("m=1,t=0,p=0"), Err(PasswordError::Stored));
    }

    #[test]
    fn what_is_no_hash_is_an_error_and_not_a_wrong_password() {
        for stored in [
            "",
            "word",
            "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA",
            "$argon2id$v=19$m=64,t=1,p=1$$",
        ] {
            assert_eq!(
                verify("word", stored),
                Err(PasswordError::Stored),
                "{stored}"
            );
        }
        let long = "a".repeat(PASSWORD_BYTES_MAX + 1);
        assert_eq!(verify(&long, DECOY), Err(PasswordError::Long));
    }
}
