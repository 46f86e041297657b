//! os-release: which system a root holds (`os-release(5)` of systemd).
//!
//! Odd about it: it is shell text, so values may be quoted and escaped, and the file in `/etc` is usually a link to
//! the one in `/usr/lib`.

use names::purl::Parts;
use names::{Ecosystem, Purl};

use crate::lock::List;

/// Where os-release may be, seen from a package database: in its root, which is three folders above
/// (`var/lib/dpkg`) or four (`usr/lib/sysimage/rpm`), or else in the same folder, where somebody put copies.
const PLACES: &[&str] = &[
    "../../../etc/os-release",
    "../../../usr/lib/os-release",
    "../../../../etc/os-release",
    "../../../../usr/lib/os-release",
    "os-release",
    "etc/os-release",
];

/// What an os-release says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    pub id: String,
    pub version_id: String,
    pub codename: String,
    pub id_like: String,
    pub ecosystem: Option<Ecosystem>,
}

impl System {
    /// Reads an os-release.
    pub fn read(bytes: &[u8]) -> System {
        let text = String::from_utf8_lossy(bytes);
        let mut system = System::default();
        for line in text.lines() {
            let Some((key, value)) = line.trim().split_once('=') else {
                continue;
            };
            match key {
                "ID" => system.id = unquoted(value),
                "VERSION_ID" => system.version_id = unquoted(value),
                "VERSION_CODENAME" => system.codename = unquoted(value),
                "ID_LIKE" => system.id_like = unquoted(value),
                _ => {}
            }
        }
        // Debian's testing has no number, only a name.
        let release = match system.version_id.is_empty() {
            true => &system.codename,
            false => &system.version_id,
        };
        system.ecosystem = Ecosystem::of_os_release(&system.id, release, &system.id_like);
        system
    }

    /// The system of the root that a package database lies in.
    pub(crate) fn of(list: &List<'_>) -> System {
        let found = PLACES.iter().find_map(|place| list.beside.open(place));
        found.map_or_else(System::default, |bytes| System::read(&bytes))
    }

    /// The package URL of one of its packages.
    pub(crate) fn purl(
        &self,
        kind: &str,
        name: &str,
        version: &str,
        arch: &str,
        more: &[(&str, &str)],
    ) -> Option<Purl> {
        let namespace = match (self.id.as_str(), kind) {
            ("", "deb") => "debian",
            ("", "apk") => "alpine",
            ("rhel", _) => "redhat",
            (id, _) => id,
        };
        let distro = match self.version_id.is_empty() {
            true => self.id.clone(),
            false => format!("{}-{}", self.id, self.version_id),
        };
        let mut qualifiers = vec![("arch", arch), ("distro", &distro)];
        qualifiers.extend(more);
        qualifiers.retain(|(_, value)| !value.is_empty());
        Purl::build(Parts {
            kind,
            namespace,
            name,
            version,
            qualifiers: &qualifiers,
            ..Parts::default()
        })
        .ok()
    }
}

/// A value without its quotes; within double quotes `\` keeps the next character from meaning anything.
fn unquoted(value: &str) -> String {
    let value = value.trim();
    if let Some(plain) = value
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
    {
        return plain.to_owned();
    }
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value);
    let mut plain = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next()),
            letter => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes_are_taken_off() {
        let system =
            System::read(b"ID=\"alma\\\"linux\"\nVERSION_ID='9.4'\n# ID=x\nID_LIKE=rhel\n");
        assert_eq!(system.id, "alma\"linux");
        assert_eq!(system.version_id, "9.4");
        assert_eq!(system.ecosystem, None);
    }

    #[test]
    fn the_ecosystem_has_the_release_its_advisories_speak_of() {
        let debian = System::read(b"ID=debian\nVERSION_ID=\"12\"\n");
        assert_eq!(
            debian.ecosystem.map(|it| it.to_string()).as_deref(),
            Some("Debian:12")
        );
        let testing = System::read(b"ID=debian\nVERSION_CODENAME=trixie\n");
        assert_eq!(
            testing.ecosystem.map(|it| it.to_string()).as_deref(),
            Some("Debian:13")
        );
    }
}
