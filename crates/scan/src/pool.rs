//! Texts and versions, each kept once while an index is built.
//!
//! A reference is the offset at which the text or version will stand in the file. Records are interned in the
//! sorted order the builder goes by, so equal inputs make equal offsets.

use rustc_hash::FxHashMap;
use versions::Scheme;

use crate::{layout::NONE, wire::Writer};

/// Interned texts.
#[derive(Default)]
pub struct Strings {
    known: FxHashMap<Box<str>, u32>,
    pub bytes: Writer,
}

impl Strings {
    /// The reference of `text`.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(&at) = self.known.get(text) {
            return at;
        }
        let at = offset(&self.bytes);
        self.bytes.text(text);
        self.known.insert(text.into(), at);
        at
    }

    /// The reference of `text`, or [`NONE`] where it is empty.
    pub fn intern_some(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            NONE
        } else {
            self.intern(text)
        }
    }

    /// The text of a reference that [`Strings::intern`] gave.
    pub fn get(&self, at: u32) -> &str {
        crate::wire::Reader::new("strings", &self.bytes.0, at as usize)
            .text()
            .expect("every reference was made by `intern`")
    }
}

/// Interned versions: one per scheme and text.
#[derive(Default)]
pub struct Versions {
    known: FxHashMap<(Scheme, Box<str>), u32>,
    pub bytes: Writer,
    scratch: Vec<u8>,
}

impl Versions {
    /// The reference of `text` under `scheme`.
    pub fn intern(&mut self, scheme: Scheme, text: &str) -> u32 {
        let name = (scheme, Box::from(text));
        if let Some(&at) = self.known.get(&name) {
            return at;
        }
        let at = offset(&self.bytes);
        self.scratch.clear();
        let keyed = versions::key_into(scheme, text, &mut self.scratch);
        self.bytes.byte(u8::from(keyed));
        self.bytes.number(self.scratch.len() as u64);
        self.bytes.0.extend_from_slice(&self.scratch);
        self.bytes.text(text);
        self.known.insert(name, at);
        at
    }

    /// What listed versions are sorted by: those without a key first, by text; then by key.
    pub fn rank(&self, at: u32) -> (bool, &[u8]) {
        let mut from = crate::wire::Reader::new("versions", &self.bytes.0, at as usize);
        let mut read = || {
            let keyed = from.byte()? != 0;
            let key = from.slice()?;
            Ok::<_, crate::wire::Damage>((keyed, if keyed { key } else { from.slice()? }))
        };
        read().expect("every reference was made by `intern`")
    }
}

/// Where the next record of `bytes` will stand. Saturates: the builder refuses a section of 4 GiB as a whole.
pub fn offset(bytes: &Writer) -> u32 {
    u32::try_from(bytes.0.len()).unwrap_or(NONE)
}
