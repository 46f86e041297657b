//! What a fuzzer hands to each reader here: whatever the bytes, nothing panics.
//!
//! Images are missing because they are read from disk; their target writes a file first.

use std::io::Cursor;

use crate::kind::{self, Kind};
use crate::{Listing, Location, binary, bundle};

/// A target's name, and what reads the fuzzer's bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name, for the fuzzer and for replaying what it found.
pub const TARGETS: &[Target] = &[
    ("apk", apk),
    ("bundle", bundle),
    ("device", device),
    ("dpkg", dpkg),
    ("list", list),
    ("program", program),
    ("rpm_bdb", rpm_bdb),
    ("rpm_ndb", rpm_ndb),
    ("rpm_sqlite", rpm_sqlite),
    ("sbom_json", sbom_json),
    ("sbom_tag", sbom_tag),
    ("sbom_xml", sbom_xml),
];

macro_rules! targets {
    ($($(#[$doc:meta])* $name:ident = $kind:ident),* $(,)?) => { $(
        $(#[$doc])*
        pub fn $name(bytes: &[u8]) {
            kind::read(Kind::$kind, &Location::default(), bytes, &mut Listing::default());
        }
    )* };
}

targets! {
    /// What apk says is installed.
    apk = Apk,
    /// A device list.
    device = DeviceCsv,
    /// What dpkg says is installed.
    dpkg = Dpkg,
    /// An rpm database in Berkeley DB.
    rpm_bdb = RpmBdb,
    /// An rpm database in ndb.
    rpm_ndb = RpmNdb,
    /// An rpm database in SQLite.
    rpm_sqlite = RpmSqlite,
    /// A bill of materials in JSON, whichever.
    sbom_json = CycloneDxJson,
    /// SPDX as tags and values.
    sbom_tag = SpdxTagValue,
    /// CycloneDX in XML.
    sbom_xml = CycloneDxXml,
}

/// A program.
pub fn program(bytes: &[u8]) {
    binary::read(bytes, &Location::default(), &mut Listing::default());
}

/// A jar, and any archive that somebody names.
pub fn bundle(bytes: &[u8]) {
    let location = Location {
        path: "a/b-1.0.jar".to_owned(),
        ..Location::default()
    };
    bundle::read_file(Cursor::new(bytes), &location, &mut Listing::default());
    bundle::read_any(Cursor::new(bytes), &location, &mut Listing::default());
}

/// Any list: its path on the first line, the list after it; else whatever its beginning is taken for.
pub fn list(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (path, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
    let bytes = rest.get(1..).unwrap_or_default();
    let kind = kind::of(&String::from_utf8_lossy(path)).or_else(|| kind::sniff(bytes));
    if let Some(kind) = kind {
        kind::read(kind, &Location::default(), bytes, &mut Listing::default());
    }
}
