//! What did its database write, to the letter?
//!
//! An index may keep each OSV record as it was, beside what it made of it, so that a server can hand it out without
//! parsing it. With it stands what a list of answers says of it, rendered once: `{"id":"…","modified":"…"}`.
//! Of several records with one id the newest is the one that is handed out.

use advisory::Advisory;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    index::Index,
    layout::{Section, record::original as at},
    pack::Packed,
    spill::{Place, Spill},
    wire::{Damage, u32_at, u64_at},
};

/// An original on its way into the index.
#[derive(Clone, Copy, Debug)]
pub struct Original {
    place: Place,
    /// How many of its bytes are what a list says of it.
    brief: u32,
    /// The first bytes of its SHA-256, to put what is else alike into one order.
    print: [u8; 8],
}

impl Original {
    /// What tells two of them apart, wherever they wait.
    pub(crate) fn order(one: &Option<Original>) -> Option<[u8; 8]> {
        one.map(|one| one.print)
    }
}

/// A record as its database wrote it. Both are JSON objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written<'a> {
    /// `{"id":"…","modified":"…"}`.
    pub brief: &'a [u8],
    pub json: &'a [u8],
}

impl Index {
    /// Whether any record's original was kept when the index was built.
    pub fn has_originals(&self) -> bool {
        !self.part(Section::Originals).is_empty()
    }

    /// The record of an advisory as its database wrote it; `None` where it was not kept, or a newer one is.
    pub fn original(&self, advisory: u32) -> Result<Option<Written<'_>>, Damage> {
        if !self.has_originals() {
            return Ok(None);
        }
        let all = self.array(Section::Originals, at::SIZE);
        let bytes = all.get(advisory as usize)?;
        let length = |field| u32_at(bytes, field).unwrap_or(0) as usize;
        let (brief, json) = (length(at::BRIEF), length(at::JSON));
        if json == 0 {
            return Ok(None);
        }
        let damage = || Damage {
            place: Section::OriginalBytes.name(),
            at: u64_at(bytes, at::AT).unwrap_or(u64::MAX),
        };
        let start = u64_at(bytes, at::AT).and_then(|at| usize::try_from(at).ok());
        let held = start.and_then(|start| {
            let end = start.checked_add(brief)?.checked_add(json)?;
            self.part(Section::OriginalBytes).get(start..end)
        });
        let (brief, json) = held.ok_or_else(damage)?.split_at(brief);
        Ok(Some(Written { brief, json }))
    }

    /// The advisory of this very id whose original is handed out.
    pub fn original_called(&self, id: &str) -> Result<Option<u32>, Damage> {
        let all = self.array(Section::Advisories, crate::layout::record::advisory::SIZE);
        let own = |n: usize| {
            let at = all.u32(n, crate::layout::record::advisory::ID)?;
            self.text_bytes(at)
        };
        let mut n = all.partition(|n| Ok(own(n)? < id.as_bytes()))?;
        while n < all.len() && own(n)? == id.as_bytes() {
            if self.original(n as u32)?.is_some() {
                return Ok(Some(n as u32));
            }
            n += 1;
        }
        Ok(None)
    }
}

/// Puts an original aside, with what lists say of it before it.
pub(crate) fn put(advisory: &Advisory, json: &[u8], spill: &mut Spill) -> Original {
    let mut bytes = brief(&advisory.id, advisory.modified);
    let brief = bytes.len() as u32;
    bytes.extend_from_slice(json);
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    let mut print = [0; 8];
    print.copy_from_slice(hash.split_at(8).0);
    Original {
        place: spill.push(&bytes),
        brief,
        print,
    }
}

/// What a list of answers says of a record.
fn brief(id: &str, modified: Option<Timestamp>) -> Vec<u8> {
    let mut text = String::from("{\"id\":");
    quote(id, &mut text);
    if let Some(modified) = modified {
        // Digits and the letters of RFC 3339 need no escaping.
        text.push_str(&format!(",\"modified\":\"{modified}\""));
    }
    text.push('}');
    text.into_bytes()
}

/// `text` as a JSON string (RFC 8259, section 7).
pub fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// `json` without the space between its parts: a database's export is indented for people, and an answer is not.
pub fn compact(json: &[u8]) -> Vec<u8> {
    let mut compact = Vec::with_capacity(json.len());
    let (mut in_text, mut escaped) = (false, false);
    for &byte in json {
        match (in_text, byte) {
            (false, b' ' | b'\n' | b'\r' | b'\t') => continue,
            (false, b'"') => in_text = true,
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (true, b'"') => in_text = false,
            _ => {}
        }
        compact.push(byte);
    }
    compact
}

/// The section's records, and the originals in the order of their bytes; nothing where none was kept.
///
/// Of neighbors with one id, the one that was modified last keeps its original; of equals the last, for they are sorted
/// to the last byte.
pub(crate) fn lay_out(packed: &[Kept]) -> (Vec<u8>, Vec<Place>, u64) {
    let (mut table, mut places, mut length) = (Vec::new(), Vec::new(), 0u64);
    if packed.iter().all(|kept| kept.original.is_none()) {
        return (table, places, length);
    }
    for one in packed.chunk_by(|a, b| a.id == b.id) {
        let newest = one
            .iter()
            .enumerate()
            .filter(|(_, kept)| kept.original.is_some())
            .max_by_key(|(n, kept)| (kept.modified, *n))
            .map(|(n, _)| n);
        for (n, kept) in one.iter().enumerate() {
            let own = kept.original.filter(|_| newest == Some(n));
            let (brief, json) = own.map_or((0, 0), |own| {
                (own.brief, own.place.length.saturating_sub(own.brief))
            });
            table.extend_from_slice(&length.to_le_bytes());
            table.extend_from_slice(&brief.to_le_bytes());
            table.extend_from_slice(&json.to_le_bytes());
            if let Some(own) = own {
                length += u64::from(own.place.length);
                places.push(own.place);
            }
        }
    }
    (table, places, length)
}

/// What [`lay_out`] asks of a packed record.
pub(crate) struct Kept {
    /// The reference of its interned id.
    id: u32,
    modified: i64,
    original: Option<Original>,
}

impl Kept {
    pub fn of(packed: &Packed, id: u32) -> Kept {
        Kept {
            id,
            modified: packed.modified,
            original: packed.original,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn space_goes_but_never_out_of_a_text() {
        let compacted = compact(b"{ \"a b\" : [ 1 ,\n\t\"c \\\" d\\\\\" , \"\\\\\" ] }");
        assert_eq!(compacted, b"{\"a b\":[1,\"c \\\" d\\\\\",\"\\\\\"]}");
    }

    proptest! {
        #[test]
        fn an_id_is_quoted_as_json_has_it(id in ".{0,20}") {
            let mut text = String::new();
            quote(&id, &mut text);
            prop_assert_eq!(serde_json::from_str::<String>(&text).unwrap_or_default(), id);
        }

        #[test]
        fn what_is_compact_says_the_same(texts in proptest::collection::vec(".{0,9}", 0..5)) {
            let value = serde_json::json!({"texts": texts, "deep": [[{"a": 1.5}], null]});
            let pretty = serde_json::to_vec_pretty(&value).unwrap_or_default();
            prop_assert_eq!(compact(&pretty), serde_json::to_vec(&value).unwrap_or_default());
        }
    }
}
