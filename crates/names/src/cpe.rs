//! CPE 2.3 well-formed names and their matching (NISTIR 7695, NISTIR 7696).

/// A CPE name, read from a formatted string (`cpe:2.3:…`) or a URI (`cpe:/…`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpe {
    /// The formatted string it was read from, in canonical spelling.
    pub text: Box<str>,
}
