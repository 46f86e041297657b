//! Which records answer a query of OSV's API: a package with or without a version, or a commit?
//!
//! What holds for a version is decided by the same function as in a scan. What is odd: a query may leave out the
//! version and means every record of the package then; it may leave out a distribution's release and means each of
//! them; it may even leave out the ecosystem, and means each that has a package of this name. Only records whose
//! original is kept answer, and none that was withdrawn.

use std::ops::Range;

use names::{Ecosystem, EcosystemKind};

use crate::{
    commit,
    index::Index,
    matching::{Basis, live},
    package, release,
    row::Row,
    scope::of_release,
    span::{Keys, evaluate},
    wire::Damage,
};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query<'a> {
    /// What is known of a package.
    Package {
        /// `None`: whichever has a package of this name.
        ecosystem: Option<&'a Ecosystem>,
        name: &'a str,
        /// Empty: every version.
        version: &'a str,
    },
    /// What names this commit as affected.
    Commit(&'a [u8; 32]),
}

/// Appends the numbers of the advisories that answer `query` to `found`, in the order of their ids, each once; says how
/// many rows were looked at.
pub fn query(index: &Index, query: Query<'_>, found: &mut Vec<u32>) -> Result<usize, Damage> {
    let start = found.len();
    let looked = match query {
        Query::Commit(hash) => by_commit(index, hash, found)?,
        Query::Package {
            ecosystem: Some(ecosystem),
            name,
            version,
        } => by_package(index, ecosystem, name, version, found)?,
        Query::Package {
            ecosystem: None,
            name,
            version,
        } => {
            let mut looked = 0;
            for kind in EcosystemKind::ALL {
                let ecosystem = Ecosystem::new(kind.clone());
                looked += by_package(index, &ecosystem, name, version, found)?;
            }
            looked
        }
    };
    // Advisories stand in the order of their ids.
    let mut own = found.split_off(start);
    own.sort_unstable();
    own.dedup();
    for number in own {
        if index.original(number)?.is_some() {
            found.push(number);
        }
    }
    Ok(looked)
}

fn by_commit(index: &Index, hash: &[u8; 32], found: &mut Vec<u32>) -> Result<usize, Damage> {
    let rows = index.rows_of_commit(hash)?;
    for &number in &rows {
        let row = index.row(number)?;
        if live(&row) {
            found.push(row.advisory);
        }
    }
    Ok(rows.len())
}

fn by_package(
    index: &Index,
    ecosystem: &Ecosystem,
    name: &str,
    version: &str,
    found: &mut Vec<u32>,
) -> Result<usize, Damage> {
    let rows = package_rows(index, &ecosystem.kind, name)?;
    let looked = rows.len();
    let release = ecosystem.release.as_deref().unwrap_or_default();
    let release = release::normal(&ecosystem.kind, release);
    let mut keys = Keys::new(version);
    for number in rows {
        let row = index.row(number)?;
        // Rows of one advisory stand beside one another: what is found needs no second look.
        if found.last() != Some(&row.advisory) && holds(index, &row, &release, &mut keys, version)?
        {
            found.push(row.advisory);
        }
    }
    Ok(looked)
}

fn package_rows(index: &Index, kind: &EcosystemKind, name: &str) -> Result<Range<u32>, Damage> {
    match kind {
        // A repository is called by its address, which is written in several ways.
        EcosystemKind::Git => index.package_rows(kind.as_str(), &package::repository(name)),
        _ => index.package_rows(kind.as_str(), &names::package::normalize(kind, name)),
    }
}

fn holds(
    index: &Index,
    row: &Row,
    release: &str,
    keys: &mut Keys<'_>,
    version: &str,
) -> Result<bool, Damage> {
    if !live(row) || of_release(index, row, release)? == Some(false) {
        return Ok(false);
    }
    if version.is_empty() {
        return Ok(true);
    }
    let basis = evaluate(index, row, keys)?;
    Ok(basis.is_some_and(|basis: Basis| !basis.is_doubt()))
}

/// The bytes of a commit's full hash; `None` for anything else.
pub fn commit(text: &str) -> Option<[u8; 32]> {
    commit::hash(text)
}
