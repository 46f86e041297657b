//! Lockfiles and manifests: what a build resolved to, or asks for.
//!
//! A file a family of formats. A lockfile's entry has the version that is used; a manifest's has what it asks
//! for, and where that is a range, the component stands in the group [`LOWEST`] and bears the lowest version
//! the range allows.

use names::{Ecosystem, EcosystemKind};

use crate::kind::{Beside, Kind};
use crate::{Component, Location, Sink};

/// The group of a component whose version is the lowest that a manifest allows: what runs may be newer.
pub const LOWEST: &str = "lowest allowed";

/// A list as its reader gets it.
pub struct List<'a> {
    pub bytes: &'a [u8],
    pub location: &'a Location,
    pub beside: &'a dyn Beside,
}

/// Why a list cannot be read, or not to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// From 1; 0 where lines mean nothing.
    pub line: u32,
    pub message: String,
}

impl From<String> for Fault {
    fn from(message: String) -> Fault {
        Fault { line: 0, message }
    }
}

impl From<&str> for Fault {
    fn from(message: &str) -> Fault {
        Fault::from(message.to_owned())
    }
}

impl<'a> List<'a> {
    /// The list as text, without a byte order mark.
    pub fn text(&self) -> Result<&'a str, Fault> {
        let bytes = self
            .bytes
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(self.bytes);
        std::str::from_utf8(bytes).map_err(|_| Fault::from("not UTF-8 text"))
    }

    /// A component of this list, its name normalized.
    pub fn component(
        &self,
        kind: EcosystemKind,
        name: &str,
        version: &str,
        line: u32,
    ) -> Component {
        Component {
            name: names::package::normalize(&kind, name).into_owned(),
            ecosystem: Some(Ecosystem::new(kind)),
            version: version.to_owned(),
            location: Location {
                line,
                ..self.location.clone()
            },
            ..Component::default()
        }
    }
}

/// Reads a lockfile or manifest.
pub fn read(kind: Kind, list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let _ = (list, sink);
    Err(Fault::from(format!("no reader for `{kind:?}` yet")))
}
