//! Commits, by equality alone.
//!
//! Which commits lie between two others only the repository knows, and it is not here. So a commit matches a
//! row that names it, as the one that introduced the flaw or the last that has it; the one that fixed it does
//! not; of any other nothing is known, and the match says so.

use inventory::Component;
use names::EcosystemKind;

use crate::{
    index::Index,
    layout::{NONE, Section, record::commit as at},
    matching::{Basis, Match, Through, at_row, judge_all, live},
    package,
    report::Confidence,
    row::{Row, SpanKind},
    wire::Damage,
};

/// The bytes of a commit's full hash, SHA-1 or SHA-256; `None` for anything else, abbreviations too.
pub fn hash(text: &str) -> Option<[u8; 32]> {
    // Digits are asked for by name: `+f` is a number to the standard library too.
    if !matches!(text.len(), 40 | 64) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
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

/// Through its commit, and its repository's rows that cannot be told by commits.
pub(crate) fn by_commit(
    index: &Index,
    component: &Component,
    found: &mut impl FnMut(Match),
) -> Result<(), Damage> {
    let Some(hash) = hash(&component.commit) else {
        return Ok(());
    };
    for number in index.rows_of_commit(&hash)? {
        let row = index.row(number)?;
        if live(&row) {
            found(at_row(
                index,
                number,
                &row,
                Basis::Commit,
                Through::Commit,
                Confidence::Exact,
            )?);
        }
    }
    if component.repository.is_empty() {
        return Ok(());
    }
    let rows = index.package_rows(
        EcosystemKind::Git.as_str(),
        &package::repository(&component.repository),
    )?;
    judge_all(index, component, rows, "", Through::Commit, found)
}

/// Whether `commit` is one that fixed it.
pub(crate) fn is_fix(index: &Index, row: &Row, commit: &str) -> Result<bool, Damage> {
    for span in index.spans(row)? {
        let (_, span) = span?;
        if span.end != NONE && index.version(span.end)?.text.eq_ignore_ascii_case(commit) {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(crate) fn only_commits(index: &Index, row: &Row) -> Result<bool, Damage> {
    for span in index.spans(row)? {
        if span?.1.kind != SpanKind::Git {
            return Ok(false);
        }
    }
    Ok(row.listed.1 == 0)
}
