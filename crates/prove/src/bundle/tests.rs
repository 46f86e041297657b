//! Bundles as folders and packed.

use std::fs;

use expect_test::{Expect, expect};

use super::*;

const MANIFEST: &str = "format = \"seamark-proof/1\"\ntitle = \"t\"\ncommand = [\"./a\", \"{input}\"]\n[target]\nsource = \"source\"\nfiles = [\"data\"]\n[fixed]\nsource = \"fixed\"\n[input]\nfile = \"input\"\nas = \"argument\"\n[oracle]\nkind = \"exit\"\ncode = 3\n";

fn files(of: &[(&str, &[u8])]) -> BTreeMap<Box<str>, File> {
    let file = |(path, bytes): &(&str, &[u8])| {
        (
            (*path).into(),
            File {
                bytes: bytes.to_vec(),
                is_executable: path.ends_with('x'),
            },
        )
    };
    of.iter().map(file).collect()
}

fn good() -> BTreeMap<Box<str>, File> {
    files(&[
        (MANIFEST_FILE, MANIFEST.as_bytes()),
        ("source/a.c", b"int main;"),
        ("fixed/a.c", b"int main;"),
        ("data/x", b"1"),
        ("input", b"aaaa"),
    ])
}

fn check(files: BTreeMap<Box<str>, File>, expected: Expect) {
    let said = match Bundle::of(files) {
        Ok(bundle) => format!("{bundle:?}"),
        Err(refusal) => refusal.to_string().replace("; ", "\n"),
    };
    expected.assert_eq(&said);
}

#[test]
fn what_the_manifest_names_has_to_be_there() {
    check(
        good(),
        expect![
            "Bundle(d1e8e45d8ca14c133b30b1bbd3e713872c4e54666459891d0b359fc06ee922c9, 5 files)"
        ],
    );
    check(
        files(&[("source/a.c", b"")]),
        expect![[r#"
        holds no `proof.toml` at its top
        `seamark prove --new` writes one"#]],
    );
    check(
        files(&[
            (MANIFEST_FILE, MANIFEST.as_bytes()),
            ("fixed", b"no folder"),
        ]),
        expect![[r#"
            input.file: the bundle holds no `input`
            target.source: the bundle holds no folder `source` with a file in it
            target.files[0]: the bundle holds no `data`
            fixed.source: the bundle holds no folder `fixed` with a file in it
            fixed.files[0]: the bundle holds no `data`"#]],
    );
    let mut with_zero = good();
    with_zero.extend(files(&[("input", b"a\0b")]));
    check(
        with_zero,
        expect![
            "input.file: cannot be a word of a command: that is UTF-8 without zero bytes, at most 98304 bytes"
        ],
    );
}

#[test]
fn a_folder_and_what_is_packed_of_it_have_one_digest() {
    let bundle = Bundle::of(good()).unwrap();
    let packed = bundle.pack().unwrap();
    assert_eq!(packed, bundle.pack().unwrap());
    assert_eq!(Bundle::read_packed(&packed), Ok(bundle.clone()));
    let folder = tempfile::tempdir().unwrap();
    for (path, file) in bundle.files() {
        let to = folder.path().join(&**path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(&to, &file.bytes).unwrap();
        if file.is_executable {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&to, fs::Permissions::from_mode(0o700)).unwrap();
        }
    }
    assert_eq!(Bundle::read_folder(folder.path()), Ok(bundle.clone()));
    let mut other = good();
    other.extend(files(&[("data/x", b"2")]));
    assert_ne!(Bundle::of(other).unwrap().digest(), bundle.digest());
}

#[test]
fn what_could_lead_out_of_a_bundle_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("input")).unwrap();
    let refusal = Bundle::read_folder(folder.path()).unwrap_err();
    expect!["input: is a link or a device; a bundle holds files and folders"]
        .assert_eq(&refusal.to_string());
    for (path, kind) in [
        ("a", tar::EntryType::Symlink),
        ("b", tar::EntryType::Link),
        ("c", tar::EntryType::Fifo),
    ] {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        header.set_mode(0o644);
        tar.append_link(&mut header, path, "/etc/passwd").unwrap();
        let refused = Bundle::read_packed(&tar.into_inner().unwrap());
        assert!(refused.is_err(), "{path}");
    }
    assert!(Bundle::read_packed(b"no archive").is_err());
    assert!(Bundle::read_packed(b"").is_err());
}
