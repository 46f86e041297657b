//! Package URLs: `pkg:type/namespace/name@version?qualifiers#subpath` (ECMA-427, first edition, 2025).

/// A package URL in canonical form.
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
