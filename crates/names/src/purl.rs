//! Package URLs: `pkg:type/namespace/name@version?qualifiers#subpath` (ECMA-427, first edition, 2025,
//! and the registered type definitions of August 2026).
//!
//! What is odd: each type folds case and forbids parts in its own way (`purl/rules.rs`), a `/` in a git
//! repository's name stays bare, and `@` also opens an npm scope. Inventories break the types' rules all the
//! time (`pkg:golang/stdlib`, a Julia package without its UUID), so there are two doors: [`Purl::parse`] takes
//! only what conforms, [`Purl::read`] takes all that can be understood and says which rules it breaks.

mod ecosystem;
mod parse;
mod percent;
mod rules;

use std::fmt;
use std::str::FromStr;

use crate::Problems;

/// A purl has at most this many bytes.
///
/// Two of its qualifiers may be URLs of 2,000 characters, each three bytes when percent-encoded: 12,000.
/// Name, namespace, version and subpath get 4,000 together; rounded up to 16 KiB.
pub const PURL_BYTES_MAX: usize = 16 * 1024;

/// A package URL in canonical form.
///
/// Made by [`Purl::parse`], [`Purl::read`], [`Purl::build`] and [`Purl::of`], which normalize every part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purl {
    /// Lower-case type: `cargo`, `npm`, `deb`.
    pub kind: Box<str>,
    /// Decoded, segments joined by `/`; empty when there is none.
    pub namespace: Box<str>,
    /// Decoded name, never empty.
    pub name: Box<str>,
    /// Decoded version; empty when there is none.
    pub version: Box<str>,
    /// Decoded, sorted by key, keys lower case, no empty values.
    pub qualifiers: Box<[(Box<str>, Box<str>)]>,
    /// Decoded subpath; empty when there is none.
    pub subpath: Box<str>,
}

/// The parts to build a purl from, none of them encoded; empty where there is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts<'a> {
    /// The type, such as `cargo`.
    pub kind: &'a str,
    /// Segments joined by `/`.
    pub namespace: &'a str,
    /// The package's own name.
    pub name: &'a str,
    /// As the ecosystem writes it.
    pub version: &'a str,
    /// In any order.
    pub qualifiers: &'a [(&'a str, &'a str)],
    /// Relative to the package's root.
    pub subpath: &'a str,
}

impl Purl {
    /// Reads a purl that conforms to ECMA-427 and to its type's definition.
    pub fn parse(text: &str) -> Result<Purl, Problems> {
        let (purl, broken) = Purl::read(text)?;
        broken.or(purl)
    }

    /// Reads whatever can be understood, with the rules it breaks beside it.
    ///
    /// Fails only where there is no saying which package is meant.
    pub fn read(text: &str) -> Result<(Purl, Problems), Problems> {
        rules::settle(parse::draft(text)?)
    }

    /// Builds a purl from parts, or says all that is wrong with them.
    pub fn build(parts: Parts<'_>) -> Result<Purl, Problems> {
        let (purl, broken) = rules::settle(parse::draft_of(parts)?)?;
        broken.or(purl)
    }

    /// The value of a qualifier.
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        let found = self.qualifiers.iter().find(|(held, _)| **held == *key);
        found.map(|(_, value)| &**value)
    }
}

impl FromStr for Purl {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Purl, Problems> {
        Purl::parse(text)
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "pkg:{}", self.kind)?;
        if !self.namespace.is_empty() {
            out.write_str("/")?;
            percent::write_segments(out, &self.namespace)?;
        }
        out.write_str("/")?;
        match &*self.kind {
            "git" => percent::write_segments(out, &self.name)?,
            _ => percent::write(out, &self.name)?,
        }
        if !self.version.is_empty() {
            out.write_str("@")?;
            percent::write(out, &self.version)?;
        }
        for (index, (key, value)) in self.qualifiers.iter().enumerate() {
            write!(out, "{}{key}=", if index == 0 { '?' } else { '&' })?;
            percent::write(out, value)?;
        }
        if !self.subpath.is_empty() {
            out.write_str("#")?;
            percent::write_segments(out, &self.subpath)?;
        }
        Ok(())
    }
}

impl serde::Serialize for Purl {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
