//! Commits, by equality alone.
//!
//! Which commits lie between two others only the repository knows, and it is not here. So a commit matches a
//! row that names it, as the one that introduced the flaw or the last that has it; the one that fixed it does
//! not; of any other nothing is known, and the match says so.

use crate::{
    index::Index,
    layout::{Section, record::commit as at},
    wire::Damage,
};

/// The bytes of a commit's full hash, SHA-1 or SHA-256; `None` for anything else, abbreviations too.
pub fn hash(text: &str) -> Option<[u8; 32]> {
    if !matches!(text.len(), 40 | 64) {
        return None;
    }
    let mut hash = [0; 32];
    for (to, pair) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(pair).ok()?;
        *to = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(hash)
}

impl Index {
    /// The rows that name this commit as affected.
    pub(crate) fn rows_of_commit(&self, hash: &[u8; 32]) -> Result<Vec<u32>, Damage> {
        let table = self.array(Section::Commits, at::SIZE);
        let name = |n| {
            let bytes = table.get(n)?;
            Ok::<_, Damage>(
                bytes
                    .get(at::HASH..at::HASH + at::HASH_LENGTH)
                    .unwrap_or_default(),
            )
        };
        let mut n = table.partition(|n| Ok(name(n)? < hash.as_slice()))?;
        let mut rows = Vec::new();
        while n < table.len() && name(n)? == hash.as_slice() {
            rows.push(table.u32(n, at::ROW)?);
            n += 1;
        }
        Ok(rows)
    }
}
