//! Package databases against what the distributions' own tools say.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its data has to stop"
)]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use inventory::kind::{self, Beside, Kind};
use inventory::{Component, Listing, Location};

/// An `os-release` and nothing else.
struct Release(Vec<u8>);

impl Beside for Release {
    fn open(&self, relative: &str) -> Option<Vec<u8>> {
        relative.ends_with("etc/os-release").then(|| self.0.clone())
    }
}

fn read(kind: Kind, path: &str, bytes: &[u8], release: &[u8]) -> Listing {
    let location = Location {
        path: path.to_owned(),
        ..Location::default()
    };
    let mut listing = Listing::default();
    kind::read_beside(
        kind,
        &location,
        bytes,
        &Release(release.to_vec()),
        &mut listing,
    );
    listing
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

fn source(component: &Component) -> (String, String) {
    match &component.source {
        Some(source) => (source.name.clone(), source.version.clone()),
        None => (component.name.clone(), component.version.clone()),
    }
}

#[test]
fn debian_status_agrees_with_dpkg_query() {
    let Some(folder) = common::data("inventories") else {
        return;
    };
    let mut ran = 0;
    for status in common::files(&folder)
        .iter()
        .filter(|path| path.ends_with("status"))
    {
        let release = std::fs::read(status.with_file_name("os-release")).unwrap();
        let listing = read(
            Kind::Dpkg,
            "status",
            &std::fs::read(status).unwrap(),
            &release,
        );
        assert_eq!(listing.problems, []);
        let have: BTreeSet<Vec<String>> = listing
            .components
            .iter()
            .map(|it| {
                let (source, version) = source(it);
                assert!(
                    it.ecosystem
                        .as_ref()
                        .unwrap()
                        .to_string()
                        .starts_with("Debian:")
                );
                assert_eq!(
                    it.purl.as_ref().unwrap().qualifier("arch"),
                    Some(it.arch.as_str())
                );
                vec![
                    it.name.clone(),
                    it.version.clone(),
                    it.arch.clone(),
                    source,
                    version,
                ]
            })
            .collect();
        let want: BTreeSet<Vec<String>> = rows(&status.with_file_name("expected.tsv"))
            .into_iter()
            .map(|mut row| {
                row.truncate(5);
                row
            })
            .collect();
        assert_eq!(have, want);
        ran += want.len();
    }
    println!("vectors: dpkg-query {ran} ran, 0 listed as wrong");
}

#[test]
fn apk_installed_agrees_with_its_list() {
    let Some(folder) = common::data("inventories/alpine") else {
        return;
    };
    let mut ran = 0;
    for installed in common::files(&folder)
        .iter()
        .filter(|path| path.ends_with("lib/apk/db/installed"))
    {
        let root = installed.ancestors().nth(4).unwrap();
        let release = std::fs::read(root.join("etc/os-release")).unwrap();
        let bytes = std::fs::read(installed).unwrap();
        let listing = read(Kind::Apk, "lib/apk/db/installed", &bytes, &release);
        assert_eq!(listing.problems, []);
        let have: Vec<Vec<String>> = listing
            .components
            .iter()
            .map(|it| {
                assert!(
                    it.ecosystem
                        .as_ref()
                        .unwrap()
                        .to_string()
                        .starts_with("Alpine:v3.")
                );
                vec![
                    it.name.clone(),
                    it.version.clone(),
                    it.arch.clone(),
                    source(it).0,
                ]
            })
            .collect();
        let mut want = rows(&root.join("expected.tsv"));
        let mut have = have;
        have.sort();
        want.sort();
        assert_eq!(have, want);
        ran += want.len();
    }
    assert!(ran > 0);
    println!("vectors: apk-installed {ran} ran, 0 listed as wrong");
}

#[test]
fn rpm_databases_agree_with_rpm_qa() {
    let Some(folder) = common::data("inventories/rpmdb") else {
        return;
    };
    let mut ran = 0;
    for database in common::files(&folder)
        .iter()
        .filter(|path| path.ends_with("rpmdb.sqlite"))
    {
        let release = std::fs::read(database.with_file_name("os-release")).unwrap();
        let bytes = std::fs::read(database).unwrap();
        let listing = read(Kind::RpmSqlite, "rpmdb.sqlite", &bytes, &release);
        assert_eq!(listing.problems, []);
        let have: BTreeSet<(String, String, String)> = listing
            .components
            .iter()
            .map(|it| (it.name.clone(), it.version.clone(), it.arch.clone()))
            .collect();
        let want: BTreeSet<(String, String, String)> =
            rows(&database.with_file_name("expected-packages.tsv"))
                .iter()
                .map(|row| {
                    (
                        row[0].clone(),
                        row[5].trim_start_matches("0:").to_owned(),
                        row[4].clone(),
                    )
                })
                .collect();
        assert_eq!(have, want);
        ran += want.len();
    }
    assert!(ran > 0);
    println!("vectors: rpm-qa {ran} ran, 0 listed as wrong");
}

/// Which list each folder of `osv-scalibr/os` holds.
const EXTRACTORS: &[(&str, Kind)] = &[
    ("dpkg", Kind::Dpkg),
    ("apk", Kind::Apk),
    ("rpm", Kind::RpmSqlite),
];

#[test]
fn scalibr_finds_the_same_packages() {
    let Some(folder) = common::data("lockfiles/osv-scalibr/os") else {
        return;
    };
    let mut ran = 0;
    for (name, kind) in EXTRACTORS {
        let Ok(text) = std::fs::read_to_string(folder.join(name).join("expected.json")) else {
            continue;
        };
        let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        for row in rows {
            let file = row["file"].as_str().unwrap();
            // What is not installed is listed there on request; here it never is.
            let Ok(bytes) = std::fs::read(folder.join(name).join(file)) else {
                continue;
            };
            if row["other"].to_string().contains("IncludeNotInstalled") {
                continue;
            }
            let release = match row["other"]["osrelease"].as_str() {
                Some(text) if text.contains("ID=") => text.to_owned(),
                _ => "ID=debian\nVERSION_ID=12".to_owned(),
            };
            let kind = match file.contains("status.d/") {
                true => Kind::DpkgStatusD,
                false => *kind,
            };
            let listing = read(kind, file, &bytes, release.as_bytes());
            let is_error = listing
                .problems
                .iter()
                .any(|problem| problem.lost && listing.components.is_empty());
            assert_eq!(
                is_error,
                row["error"].as_bool().unwrap(),
                "{file}: {:?}",
                listing.problems
            );
            let want = row["packages"].as_array().unwrap();
            assert_eq!(listing.components.len(), want.len(), "{file}");
            if row["partial"].as_bool() != Some(true) {
                // There versions of rpm stand without their epoch.
                let bare = |version: &str| {
                    version
                        .split_once(':')
                        .map_or(version, |(_, bare)| bare)
                        .to_owned()
                };
                let version = |it: &Component| match *name {
                    "rpm" => bare(&it.version),
                    _ => it.version.clone(),
                };
                let have: BTreeSet<_> = listing
                    .components
                    .iter()
                    .map(|it| (it.name.clone(), version(it)))
                    .collect();
                let text = |it: &serde_json::Value, key: &str| it[key].as_str().unwrap().to_owned();
                let want: BTreeSet<_> = want
                    .iter()
                    .map(|it| (text(it, "name"), text(it, "version")))
                    .collect();
                assert_eq!(have, want, "{file}");
            }
            ran += 1;
        }
    }
    println!("vectors: scalibr-os {ran} ran, 0 listed as wrong");
}

fn names(listing: &Listing) -> Vec<String> {
    let mut names: Vec<String> = listing
        .components
        .iter()
        .map(|it| {
            let source = it
                .source
                .as_ref()
                .map(|it| format!(" of {} {}", it.name, it.version));
            format!(
                "{} {} {}{}",
                it.name,
                it.version,
                it.arch,
                source.unwrap_or_default()
            )
        })
        .collect();
    names.sort();
    names
}

#[test]
fn the_three_forms_of_an_rpm_database_hold_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/rpm");
    let want = [
        "alpha 3:1.0-2.el9 x86_64",
        "beta 2.5~rc1-1 noarch",
        "gamma 7-7 x86_64 of gamma-src 7-7",
    ];
    for (file, kind) in [
        ("rpmdb.sqlite", Kind::RpmSqlite),
        ("Packages.db", Kind::RpmNdb),
        ("Packages", Kind::RpmBdb),
        ("Packages-big-endian", Kind::RpmBdb),
    ] {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let listing = read(kind, file, &bytes, b"ID=almalinux\nVERSION_ID=9.4");
        assert_eq!(listing.problems, []);
        assert_eq!(names(&listing), want, "{file}");
        assert_eq!(kind::sniff(&bytes[..bytes.len().min(4096)]), Some(kind));
    }
    let alpha = std::fs::read(folder.join("rpmdb.sqlite")).unwrap();
    let listing = read(
        Kind::RpmSqlite,
        "rpmdb.sqlite",
        &alpha,
        b"ID=almalinux\nVERSION_ID=9.4",
    );
    let alpha = listing
        .components
        .iter()
        .find(|it| it.name == "alpha")
        .unwrap();
    assert_eq!(alpha.module, "alpha:1");
    assert_eq!(
        alpha.purl.as_ref().unwrap().to_string(),
        "pkg:rpm/almalinux/alpha@1.0-2.el9?arch=x86_64&distro=almalinux-9.4&epoch=3"
    );
}

#[test]
fn a_berkeley_database_of_rpm_itself_is_read() {
    let Some(folder) = common::data("lockfiles") else {
        return;
    };
    for file in common::files(&folder)
        .iter()
        .filter(|path| path.ends_with("redhat/Packages"))
    {
        let bytes = std::fs::read(file).unwrap();
        let listing = read(
            Kind::RpmBdb,
            "var/lib/rpm/Packages",
            &bytes,
            b"ID=fedora\nVERSION_ID=30",
        );
        assert_eq!(listing.problems, []);
        assert_eq!(names(&listing), ["dive 0.9.2-1 x86_64"]);
    }
}

#[test]
fn a_status_tells_installed_from_left_behind() {
    let status = b"Package: a\nStatus: install ok installed\nVersion: 1\nSource: src (2)\n\n\
        Package: b\nStatus: deinstall ok config-files\nVersion: 1\n\n\
        Package: c\nVersion: 1\n\n\
        Package: d\nStatus: install ok triggers-pending\nVersion: 1\nDescription: x\n folded: not a field\n";
    let listing = read(Kind::Dpkg, "status", status, b"ID=debian\nVERSION_ID=12");
    assert_eq!(names(&listing), ["a 1  of src 2", "d 1 "]);
    let listing = read(
        Kind::DpkgStatusD,
        "status.d/c",
        b"Package: c\nVersion: 1\n",
        b"",
    );
    assert_eq!(names(&listing), ["c 1 "]);
    assert_eq!(listing.problems.len(), 1);
}

mod laws {
    use proptest::prelude::*;

    use super::*;

    const KINDS: &[Kind] = &[
        Kind::Dpkg,
        Kind::DpkgStatusD,
        Kind::Apk,
        Kind::RpmSqlite,
        Kind::RpmNdb,
        Kind::RpmBdb,
        Kind::RpmManifest,
    ];

    fn seeds() -> Vec<(Kind, Vec<u8>)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/rpm");
        let mut seeds = Vec::new();
        for (file, kind) in [
            ("rpmdb.sqlite", Kind::RpmSqlite),
            ("Packages.db", Kind::RpmNdb),
            ("Packages", Kind::RpmBdb),
        ] {
            if let Ok(bytes) = std::fs::read(folder.join(file)) {
                seeds.push((kind, bytes));
            }
        }
        seeds.push((Kind::Apk, b"P:a\nV:1-r0\nA:x\no:b\n\nP:c\nV:2\n".to_vec()));
        seeds.push((
            Kind::Dpkg,
            b"Package: a\nStatus: install ok installed\nVersion: 1\n".to_vec(),
        ));
        seeds
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(
            kind in proptest::sample::select(KINDS),
            bytes in proptest::collection::vec(any::<u8>(), 0..4096),
        ) {
            read(kind, "x", &bytes, &bytes);
        }

        #[test]
        fn damaged_databases_never_panic(
            (kind, mut bytes) in proptest::sample::select(seeds()),
            hits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..20),
            cut in any::<proptest::sample::Index>(),
        ) {
            for (at, value) in hits {
                // The first bytes decide most, so half of the damage goes there.
                let within = if value % 2 == 0 { bytes.len() } else { bytes.len().min(4096) };
                let at = at.index(within);
                bytes[at] = value;
            }
            read(kind, "x", &bytes, b"");
            read(kind, "x", &bytes[..cut.index(bytes.len())], b"");
        }
    }
}
