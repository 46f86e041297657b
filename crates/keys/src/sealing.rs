//! Sealing: how is a text kept so that the database file alone tells nothing?
//!
//! Each report and each case has a [`DataKey`] of its own, kept only wrapped under the instance's
//! [`Master`]. Destroying the wrapped key destroys everything sealed under it, in backups of the
//! database as well, as long as the backup was made without the key column.
//!
//! A sealed text is a version byte, a nonce of 12 bytes, and the ciphertext of AES-256-GCM-SIV with
//! its tag of 16 bytes (RFC 8452). The *context* says what the text is and whose, for instance
//! `report 12 title`; it is authenticated and not stored, so that a sealed text moved to another
//! row or column does not open.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::dice::{Dice, draw};

/// The first byte of everything sealed: AES-256-GCM-SIV as this file describes it.
const VERSION: u8 = 1;
/// RFC 8452, section 6: `N_MIN` and `N_MAX` are 12.
const NONCE_BYTES: usize = 12;
/// RFC 8452, section 6: the tag.
const TAG_BYTES: usize = 16;
/// What sealing adds to a text.
pub const OVERHEAD_BYTES: usize = 1 + NONCE_BYTES + TAG_BYTES;

/// The instance's master key: whoever holds it and the database can read everything.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Master {
    bytes: [u8; 32],
    /// The keys for the two uses of every report, drawn once.
    wrap: DataKey,
    seal: DataKey,
}

/// The key of one report or one case.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DataKey {
    bytes: [u8; 32],
}

/// A [`DataKey`] as it is stored: sealed under the [`Master`].
pub type Wrapped = Vec<u8>;

/// Why a sealed text does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// Shorter than what sealing adds.
    Short,
    /// A form that this version does not know.
    Version(u8),
    /// Another key, another context, or changed bytes. Which of them cannot be told.
    Closed,
}

impl Master {
    /// A new one.
    pub fn new(dice: &mut dyn Dice) -> Master {
        Master::from_bytes(draw(dice))
    }

    /// The one that was kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Master {
        Master {
            wrap: part(&bytes, "wrap"),
            seal: part(&bytes, "seal"),
            bytes,
        }
    }

    /// Its bytes, for the keyring's file.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// A word to know it again by, which says nothing of it: a backup names its key so.
    pub fn fingerprint(&self) -> String {
        let bytes = &self.part("fingerprint").bytes[..8];
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// `key` as it may be stored beside what it seals. `context` says whose key it is.
    pub fn wrap(&self, key: &DataKey, context: &[u8], dice: &mut dyn Dice) -> Wrapped {
        seal(&self.wrap.bytes, context, &key.bytes, dice)
    }

    /// The key that [`Master::wrap`] was given, in the same context.
    pub fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<DataKey, SealError> {
        let mut plain = open(&self.wrap.bytes, context, wrapped)?;
        let bytes = plain.as_slice().try_into().map_err(|_| SealError::Closed);
        plain.zeroize();
        Ok(DataKey { bytes: bytes? })
    }

    /// Seals a small secret of the instance itself, such as a salt of the log or a secret for codes.
    pub fn seal(&self, context: &[u8], plain: &[u8], dice: &mut dyn Dice) -> Vec<u8> {
        seal(&self.seal.bytes, context, plain, dice)
    }

    /// What [`Master::seal`] was given, in the same context.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        open(&self.seal.bytes, context, sealed)
    }

    /// A key for one use alone, so that no use can be played against another
    /// (one block of HKDF-Expand, RFC 5869, section 2.3).
    pub(crate) fn part(&self, label: &str) -> DataKey {
        part(&self.bytes, label)
    }
}

fn part(master: &[u8; 32], label: &str) -> DataKey {
    let key = hmac::Key::new(hmac::HMAC_SHA256, master);
    let tag = hmac::sign(&key, format!("seamark/{label}\u{1}").as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    DataKey { bytes }
}

impl DataKey {
    /// A new one.
    pub fn new(dice: &mut dyn Dice) -> DataKey {
        DataKey { bytes: draw(dice) }
    }

    /// The one that holders of shares made again.
    pub fn from_bytes(bytes: [u8; 32]) -> DataKey {
        DataKey { bytes }
    }

    /// Its bytes, for keyed hashes.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Seals `plain`; `context` says what it is and whose.
    pub fn seal(&self, context: &[u8], plain: &[u8], dice: &mut dyn Dice) -> Vec<u8> {
        seal(&self.bytes, context, plain, dice)
    }

    /// What [`DataKey::seal`] was given, in the same context.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        open(&self.bytes, context, sealed)
    }
}

fn seal(key: &[u8; 32], context: &[u8], plain: &[u8], dice: &mut dyn Dice) -> Vec<u8> {
    let nonce: [u8; NONCE_BYTES] = draw(dice);
    let mut sealed = Vec::with_capacity(plain.len() + OVERHEAD_BYTES);
    sealed.push(VERSION);
    sealed.extend(nonce);
    sealed.extend(plain);
    let tag = aead(key)
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(context),
            &mut sealed[1 + NONCE_BYTES..],
        )
        .expect("RFC 8452 allows 2^36 bytes, and memory holds fewer");
    sealed.extend(tag.as_ref());
    sealed
}

fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (&version, rest) = sealed.split_first().ok_or(SealError::Short)?;
    if version != VERSION {
        return Err(SealError::Version(version));
    }
    if sealed.len() < OVERHEAD_BYTES {
        return Err(SealError::Short);
    }
    let (nonce, rest) = rest.split_at(NONCE_BYTES);
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Short)?;
    let mut bytes = rest.to_vec();
    let length = aead(key)
        .open_in_place(nonce, Aad::from(context), &mut bytes)
        .map_err(|_| SealError::Closed)?
        .len();
    bytes.truncate(length);
    Ok(bytes)
}

fn aead(key: &[u8; 32]) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM_SIV, key).expect("a key of AES-256 has 32 bytes");
    LessSafeKey::new(key)
}

impl fmt::Debug for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Master(***)")
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(***)")
    }
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SealError::Short => write!(
                f,
                "sealed text is cut short; at least {OVERHEAD_BYTES} bytes belong to it"
            ),
            SealError::Version(version) => write!(
                f,
                "sealed text has form {version}, and this version reads form {VERSION}"
            ),
            SealError::Closed => f.write_str(
                "sealed text does not open; it was sealed under another key or for another place, or was changed",
            ),
        }
    }
}

impl std::error::Error for SealError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededDice;
    use expect_test::{Expect, expect};

    /// Seals `word` as `title 1` and opens what `change` makes of it.
    fn check(change: impl FnOnce(&mut Vec<u8>), context: &str, expected: Expect) {
        let dice = &mut SeededDice::new(1);
        let key = DataKey::new(dice);
        let mut sealed = key.seal(b"title 1", b"word", dice);
        change(&mut sealed);
        let said = match key.open(context.as_bytes(), &sealed) {
            Ok(plain) => String::from_utf8(plain).unwrap(),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn a_sealed_text_opens_where_it_was_sealed_for() {
        check(|_| (), "title 1", expect!["word"]);
        check(
            |_| (),
            "title 2",
            expect![
                "sealed text does not open; it was sealed under another key or for another place, or was changed"
            ],
        );
    }

    #[test]
    fn a_changed_or_cut_text_does_not_open() {
        check(
            |sealed| sealed[14] ^= 1,
            "title 1",
            expect![
                "sealed text does not open; it was sealed under another key or for another place, or was changed"
            ],
        );
        check(
            |sealed| sealed.truncate(28),
            "title 1",
            expect!["sealed text is cut short; at least 29 bytes belong to it"],
        );
        check(
            Vec::clear,
            "title 1",
            expect!["sealed text is cut short; at least 29 bytes belong to it"],
        );
        check(
            |sealed| sealed[0] = 9,
            "title 1",
            expect!["sealed text has form 9, and this version reads form 1"],
        );
    }

    #[test]
    fn every_changed_bit_is_found() {
        let dice = &mut SeededDice::new(2);
        let key = DataKey::new(dice);
        let sealed = key.seal(b"c", b"some text", dice);
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key.open(b"c", &changed).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_key_unwraps_under_its_master_and_for_its_owner_only() {
        let dice = &mut SeededDice::new(3);
        let (master, other) = (Master::new(dice), Master::new(dice));
        let key = DataKey::new(dice);
        let sealed = key.seal(b"t", b"word", dice);
        let wrapped = master.wrap(&key, b"case 1", dice);
        let back = master.unwrap(&wrapped, b"case 1").unwrap();
        assert_eq!(back.open(b"t", &sealed).unwrap(), b"word");
        assert!(master.unwrap(&wrapped, b"case 2").is_err());
        assert!(other.unwrap(&wrapped, b"case 1").is_err());
        // A small secret is no key, even in the same context.
        let secret = master.seal(b"case 1", &[7; 32], dice);
        assert!(master.unwrap(&secret, b"case 1").is_err());
    }

    #[test]
    fn the_same_text_never_looks_the_same() {
        let dice = &mut SeededDice::new(4);
        let key = DataKey::new(dice);
        assert_ne!(key.seal(b"c", b"text", dice), key.seal(b"c", b"text", dice));
    }

    /// RFC 8452, appendix C.2: key 01 00…, nonce 03 00…, plaintext 01 00 00 00 00 00 00 00, no data.
    #[test]
    fn the_cipher_is_that_of_rfc_8452() {
        let mut key = [0; 32];
        key[0] = 1;
        let mut nonce = [0; 12];
        nonce[0] = 3;
        let mut bytes = vec![1, 0, 0, 0, 0, 0, 0, 0];
        let nonce = Nonce::assume_unique_for_key(nonce);
        aead(&key)
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut bytes)
            .unwrap();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28");
    }

    #[test]
    fn keys_print_stars() {
        let dice = &mut SeededDice::new(5);
        let printed = format!("{:?} {:?}", Master::new(dice), DataKey::new(dice));
        assert_eq!(printed, "Master(***) DataKey(***)");
    }
}
