//! Digests of content (OCI image-spec 1.1, descriptor.md): an algorithm, a colon, hexadecimal digits.

use std::fmt::Write as _;
use std::io::{self, Read};

use sha2::{Digest as _, Sha256, Sha512};

/// A digest that was stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digest {
    is_512: bool,
    hex: String,
}

impl Digest {
    /// Reads `sha256:…` or `sha512:…`; the digits become part of a path, so nothing else passes.
    pub fn parse(text: &str) -> Option<Digest> {
        let (algorithm, hex) = text.split_once(':')?;
        let (is_512, length) = match algorithm {
            "sha256" => (false, 64),
            "sha512" => (true, 128),
            _ => return None,
        };
        let fits = hex.len() == length
            && hex
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        fits.then(|| Digest {
            is_512,
            hex: hex.to_owned(),
        })
    }

    /// Where an image layout keeps the content.
    pub fn blob(&self) -> String {
        format!("blobs/{}/{}", self.algorithm(), self.hex)
    }

    fn algorithm(&self) -> &'static str {
        if self.is_512 { "sha512" } else { "sha256" }
    }

    /// Whether this is the digest of `bytes`.
    pub fn fits(&self, bytes: &[u8]) -> bool {
        let mut reader = Digested::new(bytes, Some(self.clone()));
        io::copy(&mut reader, &mut io::sink()).is_ok() && reader.end().is_ok()
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}", self.algorithm(), self.hex)
    }
}

enum State {
    None,
    Short(Sha256),
    Long(Box<Sha512>),
}

/// A reader whose bytes are compared with a digest at their end.
pub(super) struct Digested<R> {
    inner: R,
    want: Option<Digest>,
    state: State,
}

impl<R: Read> Digested<R> {
    pub fn new(inner: R, want: Option<Digest>) -> Digested<R> {
        let state = match &want {
            None => State::None,
            Some(digest) if digest.is_512 => State::Long(Box::default()),
            Some(_) => State::Short(Sha256::new()),
        };
        Digested { inner, want, state }
    }

    /// Reads the rest and says whether the digest fits.
    pub fn end(mut self) -> Result<(), String> {
        io::copy(&mut self, &mut io::sink()).map_err(|error| error.to_string())?;
        let have = match self.state {
            State::None => return Ok(()),
            State::Short(state) => hex(&state.finalize()),
            State::Long(state) => hex(&state.finalize()),
        };
        match self.want {
            Some(want) if want.hex != have => Err(format!(
                "digest mismatch: `{want}` was stated, the content has `{have}`"
            )),
            _ => Ok(()),
        }
    }
}

impl<R: Read> Read for Digested<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let bytes = buffer.get(..count).unwrap_or_default();
        match &mut self.state {
            State::None => {}
            State::Short(state) => state.update(bytes),
            State::Long(state) => state.update(bytes),
        }
        Ok(count)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
