//! HPKE: how is something sealed to one key, so that only its holder opens it?
//!
//! RFC 9180, base mode, one message: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. Base mode says nothing of
//! who sealed; whoever must know that signs what was sealed.

use std::fmt;

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::hmac;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::dice::{Dice, draw};

/// 7.1: DHKEM(X25519, HKDF-SHA256).
const KEM: [u8; 2] = [0x00, 0x20];
/// 7.2: HKDF-SHA256.
const KDF: [u8; 2] = [0x00, 0x01];
/// 7.3: ChaCha20Poly1305, whose key has 32 bytes, nonce 12, tag 16.
const AEAD: [u8; 2] = [0x00, 0x03];
/// 7.1: `Nenc` and `Npk`.
const KEY_BYTES: usize = 32;
/// What sealing adds to a text: the encapsulated key and the tag.
pub const OVERHEAD_BYTES: usize = KEY_BYTES + 16;

/// The key that opens.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Opener([u8; KEY_BYTES]);

/// The key that one seals to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Recipient([u8; KEY_BYTES]);

/// Why nothing was sealed, or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HpkeError {
    /// Shorter than what sealing adds.
    Short,
    /// The key is one of the few that make every secret the same (7.1.4).
    Key,
    /// Another key, another purpose, or changed bytes. Which of them cannot be told.
    Closed,
}

impl Opener {
    /// A new one.
    pub fn new(dice: &mut dyn Dice) -> Opener {
        Opener(draw(dice))
    }

    /// The one of these bytes; any 32 are one (RFC 7748, section 5).
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Opener {
        Opener(bytes)
    }

    /// Its bytes, for a file that only its owner reads.
    pub fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Its public half.
    pub fn recipient(&self) -> Recipient {
        let mut bytes = [0; KEY_BYTES];
        let public = self.key().compute_public_key();
        bytes.copy_from_slice(public.expect("every scalar has a point").as_ref());
        Recipient(bytes)
    }

    fn key(&self) -> PrivateKey {
        PrivateKey::from_private_key(&X25519, &self.0).expect("any 32 bytes are a key of X25519")
    }

    /// Opens what was [sealed](Recipient::seal) to this key for the same purpose.
    pub fn open(&self, info: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, HpkeError> {
        if sealed.len() < OVERHEAD_BYTES {
            return Err(HpkeError::Short);
        }
        let (enc, sealed) = sealed.split_at(KEY_BYTES);
        let enc: [u8; KEY_BYTES] = enc.try_into().map_err(|_| HpkeError::Short)?;
        // 4.1, Decap.
        let own = self.recipient();
        let secret = shared_secret(&self.key(), &Recipient(enc), &enc, &own.0)?;
        let schedule = Schedule::new(&secret, info);
        let mut plain = sealed.to_vec();
        let length = schedule
            .aead()
            .open_in_place(schedule.first_nonce(), Aad::from(aad), &mut plain)
            .map_err(|_| HpkeError::Closed)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }
}

impl Recipient {
    /// The key of these bytes.
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Recipient {
        Recipient(bytes)
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Seals `plain`, once. `info` says for what purpose, `aad` beside what; whoever opens it says the same.
    pub fn seal(
        &self,
        info: &[u8],
        aad: &[u8],
        plain: &[u8],
        dice: &mut dyn Dice,
    ) -> Result<Vec<u8>, HpkeError> {
        self.seal_with(&Opener::new(dice), info, aad, plain)
    }

    /// 6.1, `SealBase`, with this ephemeral key.
    fn seal_with(
        &self,
        ephemeral: &Opener,
        info: &[u8],
        aad: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, HpkeError> {
        // 4.1, Encap.
        let enc = ephemeral.recipient();
        let secret = shared_secret(&ephemeral.key(), self, &enc.0, &self.0)?;
        let schedule = Schedule::new(&secret, info);
        let mut sealed = enc.0.to_vec();
        sealed.extend(plain);
        let (_, text) = sealed.split_at_mut(KEY_BYTES);
        let tag = schedule
            .aead()
            .seal_in_place_separate_tag(schedule.first_nonce(), Aad::from(aad), text)
            .expect("RFC 8439 allows 2^38 bytes, and memory holds fewer");
        sealed.extend(tag.as_ref());
        Ok(sealed)
    }
}

/// 4.1: `ExtractAndExpand` of what both sides compute, bound to the encapsulated and to the recipient's key.
fn shared_secret(
    own: &PrivateKey,
    other: &Recipient,
    enc: &[u8; KEY_BYTES],
    recipient: &[u8; KEY_BYTES],
) -> Result<Zeroizing<[u8; 32]>, HpkeError> {
    let suite = Suite(&[b"KEM", &KEM]);
    let other = UnparsedPublicKey::new(&X25519, other.0);
    agree(own, other, HpkeError::Key, |dh| {
        let eae_prk = suite.extract(b"", b"eae_prk", dh);
        Ok(suite.expand::<32>(&eae_prk, b"shared_secret", &[enc, recipient]))
    })
}

/// 5.1: what is derived from the shared secret. There is one message, so that its nonce is the base nonce (5.2).
struct Schedule {
    key: Zeroizing<[u8; 32]>,
    base_nonce: Zeroizing<[u8; 12]>,
}

impl Schedule {
    fn new(secret: &[u8; 32], info: &[u8]) -> Schedule {
        let suite = Suite(&[b"HPKE", &KEM, &KDF, &AEAD]);
        let psk_id_hash = suite.extract(b"", b"psk_id_hash", b"");
        let info_hash = suite.extract(b"", b"info_hash", info);
        // `mode_base` is 0.
        let context: [&[u8]; 3] = [&[0], psk_id_hash.as_slice(), info_hash.as_slice()];
        let secret = suite.extract(secret, b"secret", b"");
        Schedule {
            key: suite.expand(&secret, b"key", &context),
            base_nonce: suite.expand(&secret, b"base_nonce", &context),
        }
    }

    fn aead(&self) -> LessSafeKey {
        let key = UnboundKey::new(&CHACHA20_POLY1305, self.key.as_slice());
        LessSafeKey::new(key.expect("a key of ChaCha20-Poly1305 has 32 bytes"))
    }

    fn first_nonce(&self) -> Nonce {
        Nonce::assume_unique_for_key(*self.base_nonce)
    }
}

/// 4: the labels that keep one use of HKDF from another; the suite's id in parts.
struct Suite<'s>(&'s [&'s [u8]]);

impl Suite<'_> {
    /// 4: `LabeledExtract`; RFC 5869, section 2.2.
    fn extract(&self, salt: &[u8], label: &[u8], ikm: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, salt));
        context.update(b"HPKE-v1");
        self.0.iter().for_each(|part| context.update(part));
        context.update(label);
        context.update(ikm);
        bytes(context.sign().as_ref())
    }

    /// 4: `LabeledExpand`; RFC 5869, section 2.3, of which one block is enough for 32 bytes.
    fn expand<const N: usize>(
        &self,
        prk: &[u8; 32],
        label: &[u8],
        info: &[&[u8]],
    ) -> Zeroizing<[u8; N]> {
        const { assert!(N <= 32, "one block of SHA-256") };
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, prk));
        context.update(&(N as u16).to_be_bytes());
        context.update(b"HPKE-v1");
        self.0.iter().for_each(|part| context.update(part));
        context.update(label);
        info.iter().for_each(|part| context.update(part));
        context.update(&[1]);
        bytes(context.sign().as_ref())
    }
}

fn bytes<const N: usize>(tag: &[u8]) -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    out.iter_mut().zip(tag).for_each(|(out, byte)| *out = *byte);
    out
}

impl fmt::Debug for Opener {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Opener(***, {:?})", self.recipient())
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Recipient(")?;
        self.0
            .iter()
            .try_for_each(|byte| write!(out, "{byte:02x}"))?;
        out.write_str(")")
    }
}

impl fmt::Display for HpkeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HpkeError::Short => write!(
                out,
                "sealed text is cut short; at least {OVERHEAD_BYTES} bytes belong to it"
            ),
            HpkeError::Key => out.write_str("the key is weak; have its holder make a new one"),
            HpkeError::Closed => out.write_str(
                "sealed text does not open; it was sealed to another key or for another purpose, or was changed",
            ),
        }
    }
}

impl std::error::Error for HpkeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededDice;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap())
            .collect()
    }

    fn key(hex: &str) -> [u8; 32] {
        bytes(hex).try_into().unwrap()
    }

    /// RFC 9180, appendix A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode; its first
    /// encryption.
    #[test]
    fn what_is_sealed_is_what_rfc_9180_seals() {
        let info = bytes("4f6465206f6e2061204772656369616e2055726e");
        let ephemeral = Opener(key(
            "f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600",
        ));
        let opener = Opener(key(
            "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
        ));
        assert_eq!(
            opener.recipient().0,
            key("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a")
        );
        let enc = key("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
        assert_eq!(ephemeral.recipient().0, enc);
        let secret = shared_secret(
            &ephemeral.key(),
            &opener.recipient(),
            &enc,
            &opener.recipient().0,
        )
        .unwrap();
        assert_eq!(
            *secret,
            key("0bbe78490412b4bbea4812666f7916932b828bba79942424abb65244930d69a7")
        );
        let schedule = Schedule::new(&secret, &info);
        assert_eq!(
            *schedule.key,
            key("ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91")
        );
        assert_eq!(
            schedule.base_nonce.to_vec(),
            bytes("5c4d98150661b848853b547f")
        );
        let plain = bytes("4265617574792069732074727574682c20747275746820626561757479");
        let aad = bytes("436f756e742d30");
        let sealed = opener
            .recipient()
            .seal_with(&ephemeral, &info, &aad, &plain)
            .unwrap();
        let text = bytes(
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
        );
        assert_eq!(sealed, [&enc[..], &text[..]].concat());
        assert_eq!(opener.open(&info, &aad, &sealed).unwrap(), plain);
    }

    #[test]
    fn only_the_holder_opens_it_and_only_for_the_same_purpose() {
        let dice = &mut SeededDice::new(1);
        let (opener, other) = (Opener::new(dice), Opener::new(dice));
        let sealed = opener
            .recipient()
            .seal(b"share", b"1", b"word", dice)
            .unwrap();
        assert_eq!(opener.open(b"share", b"1", &sealed).unwrap(), b"word");
        assert_eq!(other.open(b"share", b"1", &sealed), Err(HpkeError::Closed));
        assert_eq!(opener.open(b"mail", b"1", &sealed), Err(HpkeError::Closed));
        assert_eq!(opener.open(b"share", b"2", &sealed), Err(HpkeError::Closed));
        assert_eq!(
            opener.open(b"share", b"1", &sealed[..47]),
            Err(HpkeError::Short)
        );
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            // RFC 7748, section 5: the highest bit of a point is not looked at, but it is hashed.
            assert!(opener.open(b"share", b"1", &changed).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn nothing_is_sealed_to_a_point_that_makes_every_secret_the_same() {
        let zero = Recipient([0; 32]);
        let dice = &mut SeededDice::new(2);
        assert_eq!(zero.seal(b"", b"", b"word", dice), Err(HpkeError::Key));
    }

    #[test]
    fn keys_print_stars() {
        let printed = format!("{:?}", Opener([7; 32]));
        assert!(printed.starts_with("Opener(***, Recipient("), "{printed}");
        assert!(!printed.contains("0707"), "{printed}");
    }
}
