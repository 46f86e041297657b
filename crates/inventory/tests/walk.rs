//! What a walk meets on disk, and what it leaves alone.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot write its files has to stop"
)]

use std::io::Write as _;
use std::path::Path;

use inventory::walk::{Options, Root, walk};
use inventory::{Listing, Location, bundle};

const LOCK: &str = "version = 4\n\n[[package]]\nname = \"one\"\nversion = \"1.0.0\"\n\
                    source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";

fn write(root: &Path, path: &str, content: &[u8]) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn walked(root: Root, options: &Options) -> Listing {
    let mut listing = Listing::default();
    walk(&[root], options, &|_| {}, &mut listing);
    listing
}

fn lines(listing: &Listing, root: &Path) -> Vec<String> {
    let prefix = format!("{}/", root.display());
    let named = |location: &Location| {
        location
            .path
            .strip_prefix(&prefix)
            .unwrap_or(&location.path)
            .to_owned()
    };
    let mut lines: Vec<String> = listing
        .components
        .iter()
        .map(|it| {
            let ecosystem = it
                .ecosystem
                .as_ref()
                .map(|it| it.to_string())
                .unwrap_or_default();
            format!(
                "{}: {ecosystem} {} {}",
                named(&it.location),
                it.name,
                it.version
            )
        })
        .collect();
    lines.extend(
        listing
            .problems
            .iter()
            .map(|it| format!("{}: {}", named(&it.location), it.message)),
    );
    lines
}

#[test]
fn lists_are_found_in_the_order_of_their_paths() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "b/Cargo.lock", LOCK.as_bytes());
    write(root, "a/Cargo.lock", LOCK.as_bytes());
    write(root, "a/notes.txt", b"nothing");
    let listing = walked(Root::Path(root.to_path_buf()), &Options::default());
    let want = [
        "a/Cargo.lock: crates.io one 1.0.0",
        "b/Cargo.lock: crates.io one 1.0.0",
    ];
    assert_eq!(lines(&listing, root), want);
}

#[test]
fn what_git_ignores_is_left_out_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, ".gitignore", b"skipped/\n");
    write(root, "skipped/Cargo.lock", LOCK.as_bytes());
    write(root, ".hidden/Cargo.lock", LOCK.as_bytes());
    let all = walked(Root::Path(root.to_path_buf()), &Options::default());
    assert_eq!(all.components.len(), 2);
    let options = Options {
        gitignore: true,
        ..Options::default()
    };
    let some = walked(Root::Path(root.to_path_buf()), &options);
    assert_eq!(
        lines(&some, root),
        [".hidden/Cargo.lock: crates.io one 1.0.0"]
    );
}

#[cfg(unix)]
#[test]
fn links_and_special_files_are_never_opened() {
    let folder = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "Cargo.lock", LOCK.as_bytes());
    let root = folder.path();
    std::os::unix::fs::symlink(outside.path(), root.join("out")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", root.join("go.sum")).unwrap();
    std::os::unix::fs::symlink(".", root.join("circle")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("Cargo.lock")).unwrap();
    let listing = walked(Root::Path(root.to_path_buf()), &Options::default());
    assert_eq!(lines(&listing, root), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_mounted_root_tells_its_system_and_stays_inside() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "usr/lib/os-release", b"ID=debian\nVERSION_ID=12\n");
    std::fs::create_dir_all(root.join("etc")).unwrap();
    // Absolute, as some systems have it: it means the root's own file, not ours.
    std::os::unix::fs::symlink("/usr/lib/os-release", root.join("etc/os-release")).unwrap();
    write(
        root,
        "var/lib/dpkg/status",
        b"Package: a\nStatus: install ok installed\nVersion: 1\n",
    );
    write(root, "proc/Cargo.lock", LOCK.as_bytes());
    let listing = walked(Root::System(root.to_path_buf()), &Options::default());
    assert_eq!(
        lines(&listing, root),
        ["var/lib/dpkg/status: Debian:12 a 1"]
    );
    // A package database that somebody names is understood by the root it lies in.
    let listing = walked(
        Root::Path(root.join("var/lib/dpkg/status")),
        &Options::default(),
    );
    assert_eq!(
        lines(&listing, root),
        ["var/lib/dpkg/status: Debian:12 a 1"]
    );
}

#[test]
fn what_somebody_names_is_read_or_said_not_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(
        root,
        "copy",
        b"Package: a\nStatus: install ok installed\nVersion: 1\n",
    );
    write(root, "os-release", b"ID=debian\nVERSION_ID=12\n");
    let listing = walked(Root::Path(root.join("copy")), &Options::default());
    assert_eq!(lines(&listing, root), ["copy: Debian:12 a 1"]);
    write(root, "letter.txt", b"Dear Sir or Madam");
    let listing = walked(Root::Path(root.join("letter.txt")), &Options::default());
    assert_eq!(
        lines(&listing, root),
        [
            "letter.txt: not a list we know, nor an archive that holds one; bills of materials, lockfiles, package \
          databases, images and programs are read"
        ]
    );
    let listing = walked(Root::Path(root.join("absent")), &Options::default());
    assert!(listing.problems[0].lost);
}

#[test]
fn what_a_stopped_machine_left_in_the_log_counts() {
    let database = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/rpm/with-log/rpmdb.sqlite");
    let listing = walked(Root::Path(database), &Options::default());
    let names: Vec<&str> = listing
        .components
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["gamma", "alpha"]);
}

#[test]
fn a_compressed_list_is_unpacked_and_a_bomb_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let packed = |content: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    write(root, "Cargo.lock.gz", &packed(LOCK.as_bytes()));
    let listing = walked(Root::Path(root.join("Cargo.lock.gz")), &Options::default());
    assert_eq!(
        lines(&listing, root),
        ["Cargo.lock.gz: crates.io one 1.0.0"]
    );
    let mut bomb = b"{\"bomFormat\": \"CycloneDX\", \"components\": [".to_vec();
    bomb.resize(80 << 20, b' ');
    write(root, "bom.json.gz", &packed(&bomb));
    let listing = walked(Root::Path(root.join("bom.json.gz")), &Options::default());
    let [line] = &lines(&listing, root)[..] else {
        panic!("one line");
    };
    assert!(
        line.contains("unpacks to more than 250 times its size"),
        "{line}"
    );
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, content) in files {
        writer
            .start_file(*path, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const PROPERTIES: &[u8] = b"groupId=org.example\nartifactId=inner\nversion=2.0\n";

#[test]
fn jars_in_a_war_are_read_and_no_deeper_than_three() {
    let inner = zipped(&[(
        "META-INF/maven/org.example/inner/pom.properties",
        PROPERTIES,
    )]);
    let war = zipped(&[
        ("WEB-INF/lib/inner-2.0.jar", &inner),
        ("META-INF/MANIFEST.MF", b"Implementation-Version: 3\r\n"),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "shop.war", &war);
    let listing = walked(Root::Path(root.to_path_buf()), &Options::default());
    assert_eq!(
        lines(&listing, root),
        [
            "shop.war!/WEB-INF/lib/inner-2.0.jar!/META-INF/maven/org.example/inner/pom.properties: Maven \
             org.example:inner 2.0",
            "shop.war:  shop 3",
        ]
    );
    let mut deep = inner;
    for _ in 0..5 {
        deep = zipped(&[("x.jar", &deep)]);
    }
    let mut listing = Listing::default();
    bundle::read_file(
        std::io::Cursor::new(deep),
        &Location::default(),
        &mut listing,
    );
    assert_eq!(listing.problems.len(), 1);
    assert_eq!(listing.problems[0].message, "an archive too deep in others");
}

#[test]
fn a_jar_without_properties_goes_by_its_manifest_and_name() {
    let jar = zipped(&[(
        "META-INF/MANIFEST.MF",
        b"Implementation-Vendor-Id: org.exa\r\n mple\r\nX: y\r\n",
    )]);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "log4j-core-2.14.1.jar", &jar);
    let listing = walked(Root::Path(folder.path().to_path_buf()), &Options::default());
    assert_eq!(
        lines(&listing, folder.path()),
        ["log4j-core-2.14.1.jar: Maven org.example:log4j-core 2.14.1"]
    );
}

#[test]
fn a_wheel_and_a_source_archive_are_read() {
    let metadata = b"Metadata-Version: 2.1\nName: Some.Thing\nVersion: 1.2\n";
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(
        root,
        "a.whl",
        &zipped(&[("some_thing-1.2.dist-info/METADATA", metadata)]),
    );
    write(
        root,
        "source.zip",
        &zipped(&[("x/Cargo.lock", LOCK.as_bytes()), ("../y", b"")]),
    );
    let listing = walked(Root::Path(root.join("a.whl")), &Options::default());
    assert_eq!(
        lines(&listing, root),
        ["a.whl!/some_thing-1.2.dist-info/METADATA: PyPI some-thing 1.2"]
    );
    let listing = walked(Root::Path(root.join("source.zip")), &Options::default());
    assert_eq!(
        lines(&listing, root),
        [
            "source.zip!/x/Cargo.lock: crates.io one 1.0.0",
            "source.zip!/../y: path climbs out of its folder with `..`",
        ]
    );
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..2048)) {
        let location = Location { path: "x.jar".to_owned(), ..Location::default() };
        bundle::read_any(std::io::Cursor::new(&bytes), &location, &mut Listing::default());
        bundle::read_stream(&mut bytes.as_slice(), &location, &mut Listing::default());
    }
}
