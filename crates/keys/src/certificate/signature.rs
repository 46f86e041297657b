//! Signature: what does it say of itself, and over what? (RFC 9580, section 5.2)

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};

use super::packet::{Cursor, cut_off};
use super::public::Public;
use super::{Refusal, Revoked};

/// What a signature is about (section 5.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Binary,
    Text,
    CertifiesName,
    BindsSubkey,
    BindsBack,
    Direct,
    RevokesKey,
    RevokesSubkey,
    Other,
}

/// Section 9.5. SHA-1 stands in self-signatures of old keys; over documents it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = Context::new(match self {
            Hash::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &SHA256,
            Hash::Sha384 => &SHA384,
            Hash::Sha512 => &SHA512,
        });
        parts.iter().for_each(|part| context.update(part));
        context.finish().as_ref().to_vec()
    }
}

/// A signature of version 4.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    pub kind: Kind,
    algorithm: u8,
    hash: Result<Hash, &'static str>,
    /// Seconds since 1970.
    pub made: Option<u64>,
    /// Seconds for which it holds.
    pub lasts: Option<u64>,
    /// Seconds for which the key it is about holds.
    pub key_lasts: Option<u64>,
    flags: Option<u8>,
    /// Why a key is revoked (section 5.2.3.31).
    reason: Option<u8>,
    /// Names of the key that signed; hints, for the keys themselves decide.
    issuers: Vec<String>,
    pub embedded: Option<Vec<u8>>,
    /// What is hashed after what is signed.
    ending: Vec<u8>,
    numbers: Vec<u8>,
}

impl Signature {
    pub fn read(body: &[u8]) -> Result<Signature, Refusal> {
        let mut cursor = Cursor(body);
        let version = cursor.byte().ok_or_else(cut_off)?;
        if version != 4 {
            return Err(Refusal::Form(format!(
                "signature is of version {version}; signatures of version 4 are read"
            )));
        }
        Signature::fields(body, cursor).ok_or_else(cut_off)?
    }

    fn fields(body: &[u8], mut cursor: Cursor<'_>) -> Option<Result<Signature, Refusal>> {
        let (kind, algorithm, hash) = (cursor.byte()?, cursor.byte()?, cursor.byte()?);
        let length = cursor.two()?;
        let hashed = cursor.take(length)?;
        let ending = body.get(..6_usize.checked_add(length)?)?;
        let length = cursor.two()?;
        let unhashed = cursor.take(length)?;
        // The first bytes of the hash, to fail early; nothing depends on them.
        cursor.two()?;
        let mut signature = Signature {
            kind: kind_of(kind),
            algorithm,
            hash: hash_of(hash),
            made: None,
            lasts: None,
            key_lasts: None,
            flags: None,
            reason: None,
            issuers: Vec::new(),
            embedded: None,
            ending: Vec::new(),
            numbers: cursor.0.to_vec(),
        };
        let count = u32::try_from(ending.len()).ok()?;
        signature.ending = [ending, &[0x04, 0xff], &count.to_be_bytes()].concat();
        if let Err(refusal) = signature.subpackets(hashed, true)? {
            return Some(Err(refusal));
        }
        if let Err(refusal) = signature.subpackets(unhashed, false)? {
            return Some(Err(refusal));
        }
        Some(Ok(signature))
    }

    fn subpackets(&mut self, area: &[u8], is_hashed: bool) -> Option<Result<(), Refusal>> {
        let mut cursor = Cursor(area);
        let seconds =
            |content: &[u8]| Some(u64::from(u32::from_be_bytes(content.try_into().ok()?)));
        while !cursor.0.is_empty() {
            let (is_critical, kind, content) = cursor.subpacket()?;
            match kind {
                2 if is_hashed => self.made = Some(seconds(content)?),
                // Section 5.2.3.18 and 5.2.3.13: zero means for ever.
                3 if is_hashed => self.lasts = seconds(content).filter(|lasts| *lasts > 0),
                9 if is_hashed => self.key_lasts = seconds(content).filter(|lasts| *lasts > 0),
                27 if is_hashed => self.flags = content.first().copied().or(Some(0)),
                29 if is_hashed => self.reason = content.first().copied(),
                16 if content.len() == 8 => self.issuers.push(hex(content)),
                33 => self.issuers.extend(content.strip_prefix(&[4]).map(hex)),
                // It is verified by itself, wherever it stands.
                32 => self.embedded = Some(content.to_vec()),
                // Section 5.2.3.24: a notation that its writer marks as critical and we do not know.
                20 if is_critical && is_hashed => {
                    return Some(Err(Refusal::Form(
                        "signature has a critical notation that is not known".to_owned(),
                    )));
                }
                4..=7 | 10..=12 | 16 | 20..=26 | 28 | 30 | 31 | 34 | 35 => {}
                _ if is_critical && is_hashed && !matches!(kind, 2 | 3 | 9 | 27 | 29) => {
                    return Some(Err(Refusal::Form(format!(
                        "signature has a critical subpacket of type {kind}, which is not known"
                    ))));
                }
                _ => {}
            }
        }
        Some(Ok(()))
    }

    /// Whether the key is the one it names, or it names none.
    pub fn may_be_by(&self, public: &Public) -> bool {
        let names = |issuer: &String| *issuer == public.fingerprint || *issuer == public.short_id();
        self.issuers.is_empty() || self.issuers.iter().any(names)
    }

    /// How it names its key, the longest way.
    pub fn issuer(&self) -> String {
        let longest = self.issuers.iter().max_by_key(|issuer| issuer.len());
        longest.cloned().unwrap_or_else(|| "unnamed".to_owned())
    }

    /// Whether it is by this key over a document.
    pub fn is_by(&self, public: &Public, told: &[&[u8]]) -> Result<bool, Refusal> {
        match self.hash {
            Err(name) => Err(Refusal::Weak(name)),
            Ok(Hash::Sha1) => Err(Refusal::Weak("SHA-1")),
            Ok(hash) => Ok(self.holds(hash, public, told)),
        }
    }

    /// Whether it is by this key over what a certificate says of itself. SHA-1 passes: to forge one, its owner would
    /// have to sign what the forger prepared.
    pub fn is_own_by(&self, public: &Public, told: &[&[u8]]) -> bool {
        self.hash.is_ok_and(|hash| self.holds(hash, public, told))
    }

    fn holds(&self, hash: Hash, public: &Public, told: &[&[u8]]) -> bool {
        let parts = [told, &[&self.ending]].concat();
        public.verifies(hash, &parts, Cursor(&self.numbers), self.algorithm == 27)
    }

    /// Whether the key it is about may sign documents (section 5.2.3.29); `None` where it does not say.
    pub fn may_sign(&self) -> Option<bool> {
        self.flags.map(|flags| flags & 0x02 != 0)
    }

    /// Section 5.2.3.31: superseded and retired look forward; anything else, and silence, looks back too.
    pub fn revocation(&self) -> Revoked {
        match (self.reason, self.made) {
            (Some(1 | 3), Some(made)) => Revoked::From(made),
            _ => Revoked::Wholly,
        }
    }
}

fn kind_of(kind: u8) -> Kind {
    match kind {
        0x00 => Kind::Binary,
        0x01 => Kind::Text,
        0x10..=0x13 => Kind::CertifiesName,
        0x18 => Kind::BindsSubkey,
        0x19 => Kind::BindsBack,
        0x1f => Kind::Direct,
        0x20 => Kind::RevokesKey,
        0x28 => Kind::RevokesSubkey,
        _ => Kind::Other,
    }
}

fn hash_of(hash: u8) -> Result<Hash, &'static str> {
    match hash {
        2 => Ok(Hash::Sha1),
        8 => Ok(Hash::Sha256),
        9 => Ok(Hash::Sha384),
        10 => Ok(Hash::Sha512),
        1 => Err("MD5"),
        3 => Err("RIPEMD-160"),
        _ => Err("a hash that is not known"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Section 5.2.4: a text is signed with a carriage return and a line feed at each line's end.
pub(super) fn with_line_ends(document: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(document.len() + document.len() / 32);
    let mut before = 0;
    for byte in document {
        if *byte == b'\n' && before != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        before = *byte;
    }
    out
}
