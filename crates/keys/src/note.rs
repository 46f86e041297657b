//! Signed notes: a text, and who signed it.
//!
//! C2SP signed-note v1.0.0 (<https://c2sp.org/signed-note>): Ed25519 signatures (type 0x01) of logs,
//! and timestamped cosignatures (type 0x04, C2SP tlog-cosignature) of witnesses. A signature of a key
//! one does not know is ignored; a false one of a key one knows refuses the whole note.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use crate::sign::{Signer, Verifier};

/// Longest note in bytes: the specification asks for 16 signatures at least, of up to 5 kB each where they are
/// post-quantum; with base64 that is 107 kB, so 256 KiB leaves as much for the text.
pub const NOTE_BYTES_MAX: usize = 256 << 10;
/// Most signatures: four times what the specification asks for.
pub const SIGNATURES_MAX: usize = 64;
/// Longest key name in bytes: a host name has at most 253, and a short path follows.
pub const NAME_BYTES_MAX: usize = 512;

/// What a key signs, and how ("Signature types").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 0x01: the note's text.
    Ed25519,
    /// 0x04: the note's text and a time, by a witness.
    Cosignature,
}

/// A public key with its name; prints as a vkey, `NAME+ID+KEY`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    // Invariant: `name` is a key name, and `id` is that of name, kind and key.
    name: Box<str>,
    kind: Kind,
    key: Verifier,
    id: u32,
}

/// A private key with its name, for signatures of kind [`Kind::Ed25519`].
#[derive(Clone)]
pub struct SignerKey {
    signer: Signer,
    verifier: VerifierKey,
}

/// A text with signatures that nobody verified yet: its text must not be used before [`Note::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// One line below a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    name: Box<str>,
    id: u32,
    bytes: Vec<u8>,
}

/// A signature that verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed<'k> {
    /// By whom.
    pub key: &'k VerifierKey,
    /// When, in seconds since 1970, where it is a cosignature.
    pub at: Option<u64>,
}

/// Why a note or key is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteError {
    /// Not the form of a note; says what would have been right.
    Form(&'static str),
    /// Not the form of a key; says what would have been right.
    Key(&'static str),
    /// A key whose id is not that of its name and bytes.
    KeyId,
    /// A key of a type that is not known here.
    KeyType(u8),
    /// A key that is known by name and id did not make the signature that bears them.
    Forged(Box<str>),
    /// No signature of a known key.
    Unsigned,
}

impl VerifierKey {
    /// The key `key`, called `name`.
    pub fn new(name: &str, kind: Kind, key: Verifier) -> Result<VerifierKey, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key(
                "a key's name is 1 to 512 bytes without spaces and `+`, such as `log.example.org/seamark`",
            ));
        }
        Ok(VerifierKey {
            name: name.into(),
            kind,
            key,
            id: key_id(name, kind, &key),
        })
    }

    /// Its name: the log's origin, or the witness's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its id: four bytes of the hash of name, kind and key.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What it signs.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The key itself.
    pub fn verifier(&self) -> &Verifier {
        &self.key
    }

    /// Whether `signature` bears this key's name and id. What it is worth, [`VerifierKey::check`] says.
    pub fn is_named_by(&self, signature: &Signature) -> bool {
        self.id == signature.id && self.name == signature.name
    }

    /// Whether this key made `signature` over `text`, and when where it says so.
    fn check(&self, text: &str, signature: &Signature) -> Option<Option<u64>> {
        match self.kind {
            Kind::Ed25519 => {
                let is_good = self.key.verify(text.as_bytes(), &signature.bytes);
                is_good.then_some(None)
            }
            Kind::Cosignature => {
                let (time, bytes) = signature.bytes.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                // tlog-cosignature, "Format": the time must not exceed 2^63 - 1.
                let is_good = i64::try_from(time).is_ok()
                    && self.key.verify(cosigned(time, text).as_bytes(), bytes);
                is_good.then_some(Some(time))
            }
        }
    }
}

impl SignerKey {
    /// The key of `signer`, called `name`.
    pub fn new(name: &str, signer: Signer) -> Result<SignerKey, NoteError> {
        let verifier = VerifierKey::new(name, Kind::Ed25519, signer.verifier())?;
        Ok(SignerKey { signer, verifier })
    }

    /// Its public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs `message`, which says itself what it is.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        self.signer.sign(message)
    }

    /// `PRIVATE+KEY+NAME+ID+SEED`, for a file that only its owner reads.
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(vec![Kind::Ed25519.byte()]);
        bytes.extend(self.signer.seed());
        let coded = Zeroizing::new(BASE64.encode(&*bytes));
        let VerifierKey { name, id, .. } = &self.verifier;
        Zeroizing::new(format!("{PRIVATE}{name}+{id:08x}+{}", *coded))
    }

    /// The key that [`SignerKey::reveal`] wrote.
    pub fn parse(text: &str) -> Result<SignerKey, NoteError> {
        let rest = text.strip_prefix(PRIVATE).ok_or(NoteError::Key(
            "a private key is `PRIVATE+KEY+NAME+ID+SEED`",
        ))?;
        let (name, id, bytes) = parts(rest)?;
        let bytes = Zeroizing::new(bytes);
        let (kind, seed) = kind_and_key(&bytes)?;
        if kind != Kind::Ed25519 {
            return Err(NoteError::KeyType(kind.byte()));
        }
        let key = SignerKey::new(name, Signer::from_seed(seed))?;
        (key.verifier.id == id)
            .then_some(key)
            .ok_or(NoteError::KeyId)
    }
}

const PRIVATE: &str = "PRIVATE+KEY+";

impl Note {
    /// A note that nobody signed yet. `text` ends with a newline and has no other control characters.
    pub fn new(text: impl Into<String>) -> Result<Note, NoteError> {
        let text = text.into();
        if !text.ends_with('\n') {
            return Err(NoteError::Form("a note's text ends with a newline"));
        }
        let signatures = Vec::new();
        check_characters(&text)?;
        Ok(Note { text, signatures })
    }

    /// The note that is written here, with signatures that nobody verified yet.
    pub fn parse(note: &str) -> Result<Note, NoteError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(NoteError::Form("a note has at most 262144 bytes"));
        }
        check_characters(note)?;
        // "The text is separated from the signatures by the last empty line in the note."
        let at = note.rfind("\n\n").ok_or(NoteError::Form(
            "a note is a text, an empty line, and lines with signatures",
        ))?;
        let (text, below) = note.split_at(at + 1);
        let signatures = signatures(&below[1..])?;
        Ok(Note {
            text: text.into(),
            signatures,
        })
    }

    /// The text, its last newline included. Means nothing before [`Note::verify`].
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signatures, known or not.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds the signature of `key`; a second one of the same key changes nothing.
    pub fn sign(&mut self, key: &SignerKey) {
        let bytes = key.signer.sign(self.text.as_bytes()).to_vec();
        let VerifierKey { name, id, .. } = &key.verifier;
        let signature = Signature {
            name: name.clone(),
            id: *id,
            bytes,
        };
        self.add(signature);
    }

    /// Adds a signature made elsewhere, once. Nobody verifies it here.
    pub fn add(&mut self, signature: Signature) {
        if !self.signatures.contains(&signature) {
            self.signatures.push(signature);
        }
    }

    /// Who of `keys` signed this note, each once, in the order of `keys`.
    ///
    /// Signatures of other keys are ignored. Fails where one that bears a known key's name and id is
    /// not that key's, and where there is none.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<Signed<'k>>, NoteError> {
        let mut all = Vec::new();
        for key in keys {
            let mut first = None;
            for signature in self.signatures.iter().filter(|it| key.is_named_by(it)) {
                let at = key.check(&self.text, signature);
                let at = at.ok_or_else(|| NoteError::Forged(key.name.clone()))?;
                first = first.or(Some(Signed { key, at }));
            }
            all.extend(first.filter(|_| !all.iter().any(|it: &Signed<'_>| it.key == key)));
        }
        if all.is_empty() {
            return Err(NoteError::Unsigned);
        }
        Ok(all)
    }
}

/// The signatures in lines of their own, as they stand below a note and in a witness's answer.
pub fn signatures(lines: &str) -> Result<Vec<Signature>, NoteError> {
    let lines = lines.strip_suffix('\n').ok_or(NoteError::Form(
        "at least one signature stands below a note, and each line ends with a newline",
    ))?;
    let lines: Vec<&str> = lines.split('\n').collect();
    if lines.len() > SIGNATURES_MAX {
        return Err(NoteError::Form("a note has at most 64 signatures"));
    }
    lines.into_iter().map(Signature::parse).collect()
}

impl Signature {
    fn parse(line: &str) -> Result<Signature, NoteError> {
        const FORM: NoteError =
            NoteError::Form("a signature is `— NAME BASE64`, on a line of its own");
        let (name, coded) = line
            .strip_prefix("— ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or(FORM)?;
        let bytes = BASE64.decode(coded).map_err(|_| FORM)?;
        let (id, rest) = bytes.split_first_chunk::<4>().ok_or(FORM)?;
        if !is_name(name) || rest.is_empty() {
            return Err(FORM);
        }
        Ok(Signature {
            name: name.into(),
            id: u32::from_be_bytes(*id),
            bytes: rest.into(),
        })
    }

    /// The signature with these parts, made by someone else's hand.
    pub fn new(key: &VerifierKey, bytes: Vec<u8>) -> Signature {
        Signature {
            name: key.name.clone(),
            id: key.id,
            bytes,
        }
    }

    /// The name of whoever is said to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// What a witness signs with type 0x04 (tlog-cosignature, "Ed25519 signed message").
pub fn cosigned(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Kind::Ed25519 => 1,
            Kind::Cosignature => 4,
        }
    }
}

fn key_id(name: &str, kind: Kind, key: &Verifier) -> u32 {
    let hash = crate::sha256(&[name.as_bytes(), b"\n", &[kind.byte()], key.bytes()]);
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

/// "Key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus."
pub fn is_name(text: &str) -> bool {
    let is_good = |it: char| !it.is_whitespace() && !it.is_control() && it != '+';
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.chars().all(is_good)
}

/// "MUST NOT contain any ASCII control characters (those below U+0020) other than newline."
fn check_characters(text: &str) -> Result<(), NoteError> {
    let is_bad = |byte: u8| byte < 0x20 && byte != b'\n';
    match text.bytes().any(is_bad) {
        true => Err(NoteError::Form(
            "a note has no control characters other than newline",
        )),
        false => Ok(()),
    }
}

/// `NAME+ID+BYTES`; the base64 at the end may have a plus of its own.
fn parts(text: &str) -> Result<(&str, u32, Vec<u8>), NoteError> {
    const FORM: NoteError =
        NoteError::Key("a key is `NAME+ID+KEY`, the id in 8 hex digits and the key in base64");
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(FORM);
    };
    if id.len() != 8 || !id.bytes().all(|it| it.is_ascii_hexdigit()) {
        return Err(FORM);
    }
    let id = u32::from_str_radix(id, 16).map_err(|_| FORM)?;
    let bytes = BASE64.decode(key).map_err(|_| FORM)?;
    Ok((name, id, bytes))
}

fn kind_and_key(bytes: &[u8]) -> Result<(Kind, [u8; 32]), NoteError> {
    let (&byte, key) = bytes
        .split_first()
        .ok_or(NoteError::Key("a key begins with the byte of its type"))?;
    let kind = match byte {
        1 => Kind::Ed25519,
        4 => Kind::Cosignature,
        other => return Err(NoteError::KeyType(other)),
    };
    let key = key
        .try_into()
        .map_err(|_| NoteError::Key("an Ed25519 key has 32 bytes"))?;
    Ok((kind, key))
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<VerifierKey, NoteError> {
        let (name, id, bytes) = parts(text)?;
        let (kind, key) = kind_and_key(&bytes)?;
        let key = VerifierKey::new(name, kind, Verifier::from_bytes(key))?;
        (key.id == id).then_some(key).ok_or(NoteError::KeyId)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[self.kind.byte()][..], self.key.bytes()].concat();
        write!(f, "{}+{:08x}+{}", self.name, self.id, BASE64.encode(bytes))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id.to_be_bytes()[..], &self.bytes].concat();
        write!(f, "— {} {}", self.name, BASE64.encode(bytes))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            writeln!(f, "{signature}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey(***, {})", self.verifier)
    }
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoteError::Form(right) => write!(f, "not a signed note; {right}"),
            NoteError::Key(right) => write!(f, "not a key; {right}"),
            NoteError::KeyId => f.write_str(
                "not a key; its id is not that of its name and bytes, so part of it is mistyped",
            ),
            NoteError::KeyType(byte) => write!(
                f,
                "the key is of type {byte}, and types 1 (Ed25519) and 4 (cosignature) are known"
            ),
            NoteError::Forged(name) => write!(
                f,
                "the signature of `{name}` is false: that key did not sign this text"
            ),
            NoteError::Unsigned => f.write_str("no signature is by a known key"),
        }
    }
}

impl std::error::Error for NoteError {}

#[cfg(test)]
mod tests;
