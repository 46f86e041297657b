//! What a walk shows, refuses and costs, over archives that other people's writers made.

#![expect(
    clippy::unwrap_used,
    reason = "fixtures are written by code that is right"
)]

use std::io::{Cursor, Read, Write};

use archive::{Entry, Flow, Kind, Limits, Place, Summary, decompress, walk, walk_stream};

type File<'a> = (&'a str, &'a [u8]);

fn tarred(files: &[File<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append_data(&mut header, path, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

/// A tar of one entry whose header is written as given, `..` and all.
fn raw_tar(name: &str, kind: tar::EntryType, link: &str, content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.as_mut_bytes()[157..157 + link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_size(content.len() as u64);
    header.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(&header, content).unwrap();
    let mut good = tar::Header::new_ustar();
    good.set_path("good").unwrap();
    good.set_size(2);
    good.set_cksum();
    builder.append(&good, &b"ok"[..]).unwrap();
    builder.into_inner().unwrap()
}

fn zipped(files: &[File<'_>], method: zip::CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (path, content) in files {
        writer.start_file(*path, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn line(entry: &mut Entry<'_>) -> String {
    let mut content = String::new();
    let kind = entry.kind;
    match entry.read_to_string(&mut content) {
        Ok(_) if kind == Kind::File => format!("{} = {content}", entry.path),
        Ok(_) => format!("{} {kind:?} {}", entry.path, entry.link),
        Err(error) => format!("{} failed: {error}", entry.path),
    }
}

fn lines(summary: Result<Summary, archive::Refusal>, mut lines: Vec<String>) -> Vec<String> {
    match summary {
        Ok(summary) => lines.extend(
            summary
                .refused
                .iter()
                .map(|refusal| format!("refused: {refusal}")),
        ),
        Err(refusal) => {
            lines.extend(
                refusal
                    .earlier
                    .iter()
                    .map(|earlier| format!("refused: {earlier}")),
            );
            lines.push(format!("ended: {refusal}"));
        }
    }
    lines
}

fn walked(bytes: &[u8], limits: &Limits) -> Vec<String> {
    let mut seen = Vec::new();
    let summary = walk("a", Cursor::new(bytes), limits, &mut |mut entry| {
        seen.push(line(&mut entry));
        Flow::Next
    });
    lines(summary, seen)
}

fn streamed(bytes: &[u8], limits: &Limits) -> Vec<String> {
    let mut seen = Vec::new();
    let summary = walk_stream("a", bytes, limits, &mut |mut entry| {
        seen.push(line(&mut entry));
        Flow::Next
    });
    lines(summary, seen)
}

/// [`FILES`] as GNU tar and xz write them.
const XZ: &[u8] = include_bytes!("../testdata/three.tar.xz");
const FILES: &[File<'_>] = &[("one", b"1"), ("dir/two", b"22"), ("dir/three", b"333")];
const SHOWN: &[&str] = &["one = 1", "dir/two = 22", "dir/three = 333"];

#[test]
fn every_wrapper_shows_the_same_entries() {
    let plain = tarred(FILES);
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    bzip2.write_all(&plain).unwrap();
    let wrapped = [
        gzipped(&plain),
        bzip2.finish().unwrap(),
        zstd::stream::encode_all(plain.as_slice(), 3).unwrap(),
        XZ.to_vec(),
        plain,
    ];
    for bytes in wrapped {
        assert_eq!(walked(&bytes, &Limits::default()), SHOWN);
        assert_eq!(streamed(&bytes, &Limits::default()), SHOWN);
    }
    for method in [
        zip::CompressionMethod::Stored,
        zip::CompressionMethod::Deflated,
        zip::CompressionMethod::Bzip2,
        zip::CompressionMethod::Zstd,
    ] {
        assert_eq!(walked(&zipped(FILES, method), &Limits::default()), SHOWN);
    }
}

#[test]
fn a_single_compressed_file_is_one_entry() {
    let packed = gzipped(b"{}");
    let mut seen = Vec::new();
    walk_stream(
        "feeds/all.json.gz",
        packed.as_slice(),
        &Limits::default(),
        &mut |mut entry| {
            seen.push(line(&mut entry));
            Flow::Next
        },
    )
    .unwrap();
    assert_eq!(seen, ["all.json = {}"]);
    let mut text = String::new();
    let mut reader = decompress("all.json.gz", packed.as_slice(), &Limits::default()).unwrap();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "{}");
    let mut reader = decompress("plain", &b"plain"[..], &Limits::default()).unwrap();
    text.clear();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "plain");
}

#[test]
fn long_names_of_gnu_and_pax_are_read() {
    let long = format!("{}/file", vec!["folder"; 40].join("/"));
    assert_eq!(
        walked(&tarred(&[(&long, b"x")]), &Limits::default()),
        [format!("{long} = x")]
    );
    let mut builder = tar::Builder::new(Vec::new());
    builder
        .append_pax_extensions([("path", long.as_bytes()), ("comment", b"a=b\nc")])
        .unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_path("short").unwrap();
    header.set_size(1);
    header.set_cksum();
    builder.append(&header, &b"x"[..]).unwrap();
    assert_eq!(
        walked(&builder.into_inner().unwrap(), &Limits::default()),
        [format!("{long} = x")]
    );
}

#[test]
fn what_climbs_out_is_refused_by_name_and_the_rest_is_read() {
    use tar::EntryType::{Link, Regular, Symlink};
    let table = [
        (
            "../x",
            Regular,
            "",
            "refused: `../x` in `a`: path climbs out of its folder with `..`",
        ),
        (
            "/etc/x",
            Regular,
            "",
            "refused: `/etc/x` in `a`: path is absolute; it has to be relative",
        ),
        (
            "l",
            Symlink,
            "../x",
            "refused: `l` in `a`: link to `../x` leaves the archive",
        ),
        (
            "d/l",
            Symlink,
            "/etc",
            "refused: `d/l` in `a`: link to `/etc` leaves the archive",
        ),
        (
            "h",
            Link,
            "../x",
            "refused: `h` in `a`: link to `../x`: path climbs out of its folder with `..`",
        ),
    ];
    for (name, kind, link, want) in table {
        let tar = raw_tar(name, kind, link, b"");
        assert_eq!(walked(&tar, &Limits::default()), ["good = ok", want]);
    }
    let zip = zipped(
        &[("..\\x", b""), ("good", b"ok")],
        zip::CompressionMethod::Stored,
    );
    assert_eq!(
        walked(&zip, &Limits::default()),
        [
            "good = ok",
            "refused: `..\\x` in `a`: path climbs out of its folder with `..`"
        ]
    );
}

#[test]
fn in_a_root_absolute_paths_are_its_own() {
    let limits = Limits {
        place: Place::Root,
        ..Limits::default()
    };
    let tar = raw_tar("/etc/x", tar::EntryType::Symlink, "/../y", b"");
    assert_eq!(walked(&tar, &limits), ["etc/x Link /../y", "good = ok"]);
}

#[test]
fn a_bomb_ends_early() {
    let zeros = vec![0; 80 << 20];
    let message = "ended: `a`: unpacks to more than 250 times its size";
    assert_eq!(
        streamed(&gzipped(&zeros), &Limits::default())
            .last()
            .unwrap(),
        message
    );
    let bomb = gzipped(&tarred(&[("zeros", &zeros)]));
    assert_eq!(walked(&bomb, &Limits::default()).last().unwrap(), message);
    let zip = zipped(
        &[("good", b"ok"), ("zeros", &zeros), ("more", b"")],
        zip::CompressionMethod::Deflated,
    );
    assert_eq!(
        walked(&zip, &Limits::default())[2..],
        [
            "refused: `zeros` in `a`: unpacks to more than 250 times its size",
            message
        ]
    );
}

#[test]
fn every_limit_says_its_name() {
    let tar = gzipped(&tarred(FILES));
    let few = Limits {
        entries: 2,
        ..Limits::default()
    };
    assert_eq!(
        walked(&tar, &few).last().unwrap(),
        "ended: `a`: more than 2 entries"
    );
    let small = Limits {
        bytes_total: 1024,
        ..Limits::default()
    };
    assert_eq!(
        walked(&tar, &small).last().unwrap(),
        "ended: `a`: unpacks to more than 1024 bytes"
    );
    let short = Limits {
        entry_bytes: 2,
        ..Limits::default()
    };
    assert_eq!(
        walked(&tar, &short).last().unwrap(),
        "refused: `dir/three` in `a`: longer than 2 bytes"
    );
    assert_eq!(
        Limits {
            depth: 0,
            ..Limits::default()
        }
        .inner(),
        None
    );
}

#[test]
fn zips_that_lie_are_refused() {
    let twice = {
        let one = zipped(
            &[("aa", b"1"), ("bb", b"2")],
            zip::CompressionMethod::Stored,
        );
        one.iter()
            .map(|byte| if *byte == b'b' { b'a' } else { *byte })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        walked(&twice, &Limits::default()),
        [
            "aa = 1",
            "refused: `aa` in `a`: a second entry of that name; the first one counts"
        ]
    );
    let mut locked = zipped(&[("aa", b"1")], zip::CompressionMethod::Stored);
    let list = locked
        .windows(4)
        .position(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    locked[list + 8] |= 1;
    assert_eq!(
        walked(&locked, &Limits::default()),
        ["refused: `aa` in `a`: is encrypted; unpack it with its password first"]
    );
    let mut damaged = zipped(&[("aa", b"12345")], zip::CompressionMethod::Stored);
    let content = damaged
        .windows(5)
        .position(|bytes| bytes == b"12345")
        .unwrap();
    damaged[content] = b'x';
    assert_eq!(
        walked(&damaged, &Limits::default()).last().unwrap(),
        "refused: `aa` in `a`: its checksum does not fit; it is damaged"
    );
}

#[test]
fn a_zip_after_a_script_is_read() {
    let mut bytes = b"#!/bin/sh\nexec java -jar $0\n".to_vec();
    bytes.extend(zipped(FILES, zip::CompressionMethod::Deflated));
    assert_eq!(walked(&bytes, &Limits::default()), SHOWN);
}

#[test]
fn a_zip_written_to_a_pipe_is_read() {
    let mut writer = zip::ZipWriter::new_stream(Vec::new());
    let options = zip::write::SimpleFileOptions::default();
    for (path, content) in FILES {
        writer.start_file(*path, options).unwrap();
        writer.write_all(content).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    assert_eq!(walked(&bytes, &Limits::default()), SHOWN);
}

#[test]
fn a_zip_with_64_bit_sizes_is_read() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().large_file(true);
    for (path, content) in FILES {
        writer.start_file(*path, options).unwrap();
        writer.write_all(content).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    assert_eq!(walked(&bytes, &Limits::default()), SHOWN);
}

#[test]
fn what_is_cut_off_says_so() {
    let tar = tarred(FILES);
    assert_eq!(
        walked(&tar[..1100], &Limits::default()),
        [
            "one = 1",
            "ended: `a`: ends too early; it may have been cut off"
        ]
    );
    let packed = gzipped(&tar);
    assert!(
        walked(&packed[..packed.len() / 2], &Limits::default())
            .last()
            .unwrap()
            .starts_with("ended: ")
    );
    assert_eq!(
        walked(b"hello", &Limits::default()),
        ["ended: `a`: neither zip nor tar, nor compressed with gzip, zstd, xz or bzip2"]
    );
}

/// The shared data's folder of this name, if it is there.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
fn data(folder: &str) -> Option<std::path::PathBuf> {
    let root = std::env::var_os("SEAMARK_DATA").map(std::path::PathBuf::from);
    let beside = || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let found = root.unwrap_or_else(beside).join(folder);
    if !found.is_dir() {
        println!("skipped: no shared data in {folder}");
        return None;
    }
    Some(found)
}

#[test]
fn bombs_of_others_are_refused() {
    let Some(folder) = data("sbom/trustify/robustness") else {
        return;
    };
    let mut ran = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if !path.to_string_lossy().contains("bomb") {
            continue;
        }
        let bomb = std::fs::File::open(path).unwrap();
        let mut reader = decompress("bomb", bomb, &Limits::default()).unwrap();
        let refused = std::io::copy(&mut reader, &mut std::io::sink()).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "unpacks to more than 250 times its size"
        );
        ran += 1;
    }
    assert!(ran > 0);
    println!("vectors: bombs {ran} ran, 0 listed as wrong");
}

mod laws {
    use proptest::prelude::*;

    use super::*;

    /// Limits so small that no input can keep a test busy.
    fn tight() -> Limits {
        Limits {
            bytes_total: 1 << 20,
            entries: 100,
            ..Limits::default()
        }
    }

    fn seeds() -> Vec<Vec<u8>> {
        let tar = tarred(FILES);
        vec![
            gzipped(&tar),
            XZ.to_vec(),
            zstd::stream::encode_all(tar.as_slice(), 3).unwrap(),
            zipped(FILES, zip::CompressionMethod::Deflated),
            zipped(FILES, zip::CompressionMethod::Zstd),
            tar,
        ]
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
            walked(&bytes, &tight());
            streamed(&bytes, &tight());
        }

        #[test]
        fn damaged_archives_never_panic(
            seed in proptest::sample::select(seeds()),
            hits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
            cut in any::<proptest::sample::Index>(),
        ) {
            let mut bytes = seed;
            for (at, value) in hits {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            walked(&bytes, &tight());
            walked(&bytes[..cut.index(bytes.len())], &tight());
        }

        #[test]
        fn what_is_shown_stays_inside(path in "[./a\\\\]{0,12}") {
            let limits = Limits::default();
            let bytes = raw_tar(&path, tar::EntryType::Regular, "", b"");
            walk("a", Cursor::new(bytes), &limits, &mut |entry| {
                assert!(!entry.path.starts_with('/'));
                assert!(entry.path.split('/').all(|component| !matches!(component, "" | "." | "..")));
                Flow::Next
            })
            .unwrap();
        }
    }
}
