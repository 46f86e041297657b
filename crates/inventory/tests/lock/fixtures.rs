//! Lockfiles and manifests of our own, one or more a format, and what is read from them; and what is read from
//! them when they are damaged.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::common;
use expect_test::expect_file;
use inventory::kind::{self, Alone, Beside, Kind};
use inventory::{Component, Listing, Location, lock};
use proptest::prelude::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lock")
}

/// Every fixture with its path below the root and its list.
fn fixtures() -> Vec<(String, Kind, Vec<u8>)> {
    let root = root();
    common::files(&root)
        .into_iter()
        .filter_map(|path| {
            let shown = path.strip_prefix(&root).ok()?.to_str()?.replace('\\', "/");
            let kind = kind::of(&shown)?;
            Some((shown, kind, std::fs::read(path).ok()?))
        })
        .collect()
}

struct Folder(PathBuf);

impl Beside for Folder {
    fn open(&self, relative: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(relative)).ok()
    }
}

fn read(path: &str, kind: Kind, bytes: &[u8]) -> Listing {
    let mut listing = Listing::default();
    let location = Location {
        path: path.to_owned(),
        ..Location::default()
    };
    let folder = Folder(
        root()
            .join(path)
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default(),
    );
    // The others would find the locks of their neighbours.
    let beside: &dyn Beside = match kind {
        Kind::Requirements | Kind::PomXml => &folder,
        _ => &Alone,
    };
    kind::read_beside(kind, &location, bytes, beside, &mut listing);
    listing
}

fn line(component: &Component) -> String {
    let mut line = match &component.ecosystem {
        Some(ecosystem) => format!("  {ecosystem}"),
        None => "  -".to_owned(),
    };
    let _ = write!(line, " {} {:?}", component.name, component.version);
    if !component.groups.is_empty() {
        let _ = write!(line, " in {}", component.groups.join(", "));
    }
    if !component.commit.is_empty() {
        let _ = write!(line, " at {} of {}", component.commit, component.repository);
    }
    if let Some(source) = &component.source {
        let _ = write!(line, " from {} {}", source.name, source.version);
    }
    if let Some(purl) = &component.purl {
        let _ = write!(line, " {purl}");
    }
    let _ = write!(line, " line {}", component.location.line);
    line
}

#[test]
fn each_format_is_read_as_it_is_written() {
    let mut out = String::new();
    for (path, kind, bytes) in fixtures() {
        let listing = read(&path, kind, &bytes);
        let _ = writeln!(out, "{path}: {kind:?}");
        for component in &listing.components {
            let _ = writeln!(out, "{}", line(component));
        }
        for problem in &listing.problems {
            let _ = writeln!(out, "  ! {}: {}", problem.location.line, problem.message);
        }
    }
    expect_file![root().join("expected.txt")].assert_eq(&out);
}

#[test]
fn every_format_has_a_fixture() {
    let fixtures = fixtures();
    let missing: Vec<_> = kind::all()
        .iter()
        .copied()
        .filter(|kind| lock::reads(*kind) && *kind != Kind::DenoSource)
        .filter(|kind| !fixtures.iter().any(|(_, have, _)| have == kind))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_lock_inside_an_installed_package_says_what_its_authors_had() {
    let lock = br#"{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0"}}}"#;
    let table = [
        ("app/package-lock.json", 1),
        ("app/node_modules/b/package-lock.json", 0),
        ("app/node_modules/.package-lock.json", 1),
    ];
    for (path, count) in table {
        let listing = read(path, Kind::PackageLock, lock);
        assert_eq!(listing.components.len(), count, "{path}");
    }
}

#[test]
fn the_pom_in_a_jar_names_the_jar() {
    let pom = b"<project><parent><groupId>a</groupId><version>1</version></parent><artifactId>b</artifactId>\
        <dependencies><dependency><groupId>c</groupId><artifactId>d</artifactId><version>2</version></dependency></dependencies></project>";
    let names = |path| {
        let listing = read(path, Kind::PomXml, pom);
        listing
            .components
            .iter()
            .map(|one| format!("{} {}", one.name, one.version))
            .collect::<Vec<_>>()
    };
    assert_eq!(names("a.jar!/META-INF/maven/a/b/pom.xml"), ["a:b 1"]);
    assert_eq!(names("b/pom.xml"), ["c:d 2"]);
}

#[test]
fn a_range_of_npm_has_a_lowest_version() {
    let table = [
        ("1.2.3", "1.2.3"),
        ("^1.2", "1.2.0"),
        ("5.x", "5.0.0"),
        (">1", "2.0.0"),
        (">1.2.3", "1.2.4"),
        (">=1.0.0-rc.1 <2", "1.0.0-rc.1"),
        ("1.2.3 - 2.0.0", "1.2.3"),
        ("npm:other@~3.1", "3.1.0"),
    ];
    for (range, lowest) in table {
        let text = format!(r#"{{"dependencies":{{"a":"{range}"}}}}"#);
        let listing = read("package.json", Kind::PackageJson, text.as_bytes());
        let versions: Vec<_> = listing
            .components
            .iter()
            .map(|one| one.version.as_str())
            .collect();
        assert_eq!(versions, [lowest], "{range}");
    }
    for range in [
        "latest",
        "*",
        "<2.0.0",
        "git+https://example.org/a.git",
        "file:../a",
    ] {
        let text = format!(r#"{{"dependencies":{{"a":"{range}"}}}}"#);
        let listing = read("package.json", Kind::PackageJson, text.as_bytes());
        assert!(listing.components.is_empty(), "{range}");
    }
}

#[test]
fn a_list_that_is_something_else_costs_a_message_and_no_more() {
    let nothing_said = [
        b"".as_slice(),
        b"\0\0\0\0",
        b"\xEF\xBB\xBF",
        b"{",
        b"[[[[[[",
        b"<a><b>",
        b"a: &a [*a, *a]",
        b"\xFF\xFE<\0a\0>\0",
    ];
    for kind in kind::all().iter().filter(|kind| lock::reads(**kind)) {
        for bytes in nothing_said {
            let listing = read("x", *kind, bytes);
            assert!(listing.components.is_empty(), "{kind:?} {bytes:?}");
        }
    }
}

#[test]
fn what_is_nested_deeper_than_any_list_is_refused() {
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let texts = [
        (
            Kind::PackageLock,
            format!(
                r#"{{"dependencies":{}}}"#,
                deep(r#"{"a":{"dependencies":"#, "}}")
            ),
        ),
        (Kind::ComposerInstalled, deep("[", "]")),
        (Kind::PnpmLock, format!("packages: {}", deep("[", "]"))),
        (Kind::PomXml, deep("<a>", "</a>")),
        (Kind::UvLock, format!("a = {}", deep("[", "]"))),
    ];
    for (kind, text) in texts {
        let listing = read("x", kind, text.as_bytes());
        assert!(
            listing.problems.iter().any(|problem| problem.lost),
            "{kind:?}"
        );
    }
}

#[test]
fn aliases_that_unfold_to_billions_are_refused() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        let _ = writeln!(text, "a{level}: &a{level} [{before}]");
    }
    let _ = writeln!(text, "packages: *a9");
    for kind in [
        Kind::PnpmLock,
        Kind::PubspecLock,
        Kind::Compose,
        Kind::PodfileLock,
    ] {
        let listing = read("x", kind, text.as_bytes());
        assert!(listing.components.is_empty(), "{kind:?}");
    }
}

/// A damage: where, as a share of the length, how much, and what stands there instead.
fn damage() -> impl Strategy<Value = (f64, usize, Vec<u8>)> {
    let odd =
        prop::sample::select(b"\0\n\r \t\"'{}[]()<>:=,@#/\\$%&*|-._0129azAZ\xC3\xBF\xEF".to_vec());
    (0.0..1.0f64, 0usize..40, prop::collection::vec(odd, 0..12))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn damaged_lists_never_panic(damages in prop::collection::vec(damage(), 1..5)) {
        for (path, kind, mut bytes) in fixtures() {
            for (share, length, instead) in &damages {
                let start = ((bytes.len() as f64) * share) as usize;
                let end = (start + length).min(bytes.len());
                bytes.splice(start..end, instead.iter().copied());
            }
            let _ = read(&path, kind, &bytes);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,200}") {
        for kind in kind::all() {
            let _ = read("a/b/c/d", *kind, &bytes);
            let _ = read("a/b/c/d", *kind, text.as_bytes());
        }
    }
}
