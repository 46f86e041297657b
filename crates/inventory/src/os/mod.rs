//! Package databases of distributions: what the system itself says is installed.
//!
//! A database does not say whose packages they are; `/etc/os-release` of the same root does. Without it packages
//! are listed and nothing answers for them.

use crate::kind::Kind;
use crate::lock::{Fault, List};
use crate::{Component, Problem, Sink, SourcePackage};

mod apk;
mod dpkg;
mod release;
mod rpm;

pub use release::System;

/// Reads a package database that is held in memory.
pub(crate) fn read(kind: Kind, list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    match kind {
        Kind::Dpkg => dpkg::read(list, "deb", dpkg::Unstated::Left, sink),
        Kind::DpkgStatusD => dpkg::read(list, "deb", dpkg::Unstated::Installed, sink),
        Kind::Opkg => dpkg::read(list, "opkg", dpkg::Unstated::Left, sink),
        Kind::Apk => apk::read(list, sink),
        Kind::RpmSqlite | Kind::RpmNdb | Kind::RpmBdb => rpm::read(list, sink),
        Kind::RpmManifest => rpm::manifest(list, sink),
        _ => Ok(()),
    }
}

/// Which package database a file is, going by how it begins; the first 4 KiB tell.
pub(crate) fn sniff(head: &[u8]) -> Option<Kind> {
    let has = |text: &[u8]| memchr::memmem::find(head, text).is_some();
    if head.starts_with(b"Package: ") && has(b"\nStatus: ") {
        return Some(Kind::Dpkg);
    }
    let is_apk =
        (head.starts_with(b"C:Q1") && has(b"\nP:")) || (head.starts_with(b"P:") && has(b"\nV:"));
    if is_apk {
        return Some(Kind::Apk);
    }
    rpm::sniff(head)
}

/// A package as a database describes it.
#[derive(Default)]
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    arch: &'a str,
    source: Option<(&'a str, &'a str)>,
    /// What a purl says beside these; those without a value are left out.
    qualifiers: &'a [(&'a str, &'a str)],
    /// The version for the purl where that is another.
    purl_version: Option<&'a str>,
    line: u32,
}

impl Package<'_> {
    fn component(&self, system: &System, kind: &str, list: &List<'_>) -> Component {
        let version = self.purl_version.unwrap_or(self.version);
        let source = self
            .source
            .filter(|source| *source != (self.name, self.version) && !source.0.is_empty());
        Component {
            ecosystem: system.ecosystem.clone(),
            name: self.name.to_owned(),
            version: self.version.to_owned(),
            purl: system.purl(kind, self.name, version, self.arch, self.qualifiers),
            source: source.map(|(name, version)| SourcePackage {
                name: name.to_owned(),
                version: version.to_owned(),
            }),
            arch: self.arch.to_owned(),
            location: crate::Location {
                line: self.line,
                ..list.location.clone()
            },
            ..Component::default()
        }
    }
}

/// Says once that nothing answers for the packages of this list.
fn note_unknown_system(system: &System, list: &List<'_>, sink: &mut dyn Sink) {
    if system.ecosystem.is_some() {
        return;
    }
    let message = match system.id.is_empty() {
        true => "no `etc/os-release` in the same root says whose packages these are, so that no advisory is \
                 matched with them"
            .to_owned(),
        false => format!(
            "no database answers for the packages of `{}` {}",
            system.id, system.version_id
        ),
    };
    sink.problem(Problem {
        location: list.location.clone(),
        message: message.trim_end().to_owned(),
        lost: false,
    });
}
