//! Images that others made, and what has to be found in them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its data has to stop"
)]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use inventory::image::{self, Want};
use inventory::{Component, Listing};

fn read(path: &Path) -> Listing {
    let mut listing = Listing::default();
    image::read(path, "image", &mut listing);
    listing
}

type Row = (String, String, String);

fn row(component: &Component) -> Row {
    let kind = component.purl.as_ref().map(|purl| purl.kind.to_string());
    let kind = kind.or_else(|| component.ecosystem.as_ref().map(|it| it.to_string()));
    let kind = match kind.unwrap_or_default().as_str() {
        "crates.io" => "cargo".to_owned(),
        kind => kind.to_owned(),
    };
    (kind, component.name.clone(), component.version.clone())
}

fn expected(packages: &serde_json::Value) -> BTreeSet<Row> {
    let text = |package: &serde_json::Value, key: &str| package[key].as_str().unwrap().to_owned();
    let packages = packages.as_array().unwrap().iter();
    packages
        .map(|it| (text(it, "type"), text(it, "name"), text(it, "version")))
        .collect()
}

fn check(case: &Path, want: &serde_json::Value) {
    let listing = read(case);
    let lost: Vec<_> = listing
        .problems
        .iter()
        .filter(|problem| problem.lost)
        .collect();
    let rows: BTreeSet<Row> = listing.components.iter().map(row).collect();
    if want["error"].is_string() {
        assert!(!lost.is_empty(), "{case:?} has to be refused");
        assert!(rows.is_empty(), "{case:?}: {rows:?}");
    } else if let Some(platforms) = want["by_platform"].as_object() {
        assert_eq!(lost, Vec::<&inventory::Problem>::new(), "{case:?}");
        for (platform, packages) in platforms {
            let of_platform = listing
                .components
                .iter()
                .filter(|it| it.location.platform == *platform);
            assert_eq!(
                of_platform.map(row).collect::<BTreeSet<Row>>(),
                expected(packages),
                "{case:?} {platform}"
            );
        }
        let seen: BTreeSet<&str> = listing
            .components
            .iter()
            .map(|it| it.location.platform.as_str())
            .collect();
        assert_eq!(seen.len(), platforms.len());
    } else {
        assert_eq!(rows, expected(&want["packages"]), "{case:?}");
        if !want["error_or_limit"].is_string() {
            assert_eq!(lost, Vec::<&inventory::Problem>::new(), "{case:?}");
        }
    }
    for component in &listing.components {
        assert!(component.location.path.starts_with("image!/"));
        assert!(!component.location.platform.is_empty() && !component.location.layer.is_empty());
    }
}

#[test]
fn every_derived_image_holds_what_it_should() {
    let Some(folder) = common::data("images/derived") else {
        return;
    };
    let mut ran = 0;
    for case in common::files(&folder)
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "tar"))
    {
        let text = std::fs::read_to_string(case.with_extension("expected.json")).unwrap();
        check(case, &serde_json::from_str(&text).unwrap());
        ran += 1;
    }
    assert!(ran > 0);
    println!("vectors: images-derived {ran} ran, 0 listed as wrong");
}

/// The same images, compressed as a whole, and unpacked into a folder.
#[test]
fn an_image_may_be_compressed_or_a_folder() {
    let Some(folder) = common::data("images/derived") else {
        return;
    };
    let scratch = tempfile::tempdir().unwrap();
    for case in common::files(&folder)
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "tar"))
    {
        let want: serde_json::Value = serde_json::from_str(
            &std::fs::read_to_string(case.with_extension("expected.json")).unwrap(),
        )
        .unwrap();
        let bytes = std::fs::read(case).unwrap();
        let packed = scratch.path().join("image.tar.gz");
        let mut encoder = flate2::write::GzEncoder::new(
            std::fs::File::create(&packed).unwrap(),
            flate2::Compression::fast(),
        );
        std::io::copy(&mut bytes.as_slice(), &mut encoder).unwrap();
        encoder.finish().unwrap();
        check(&packed, &want);
        let unpacked = scratch.path().join(case.file_stem().unwrap());
        archive::walk(
            "",
            std::io::Cursor::new(&bytes),
            &archive::Limits::default(),
            &mut |mut entry| {
                let to = unpacked.join(&entry.path);
                if entry.kind == archive::Kind::File {
                    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
                    std::fs::write(to, entry.content(1 << 20).unwrap()).unwrap();
                }
                archive::Flow::Next
            },
        )
        .unwrap();
        check(&unpacked, &want);
    }
}

/// Every file of an image, wanted or not.
fn everything(_: &str, _: u64, _: u32) -> Want {
    Want::Bytes(1 << 20)
}

/// What the provenance of these images promises of links and layers.
#[test]
fn links_stay_inside_and_upper_layers_win() {
    let Some(folder) = common::data("images/osv-scalibr") else {
        return;
    };
    let mut ran = 0;
    for path in common::files(&folder)
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "tar"))
    {
        if !image::is_image(path) {
            continue;
        }
        let root = image::files(path, &everything).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let paths: Vec<&str> = root.paths().collect();
        let mut circles = 0;
        for path in &paths {
            assert!(!path.split('/').any(|component| component == ".."));
            if let Err(why) = root.open(path) {
                assert!(
                    why.contains("no file") || why.contains("circle"),
                    "{name} {path}: {why}"
                );
                circles += usize::from(why.contains("circle"));
            }
        }
        if name.contains("cycle") {
            assert!(circles > 0, "{name}: {paths:?}");
        }
        ran += 1;
    }
    assert!(ran > 0);
    println!("vectors: images-osv-scalibr {ran} ran, 0 listed as wrong");
}

#[test]
fn what_is_no_image_says_so() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("x.tar");
    std::fs::write(&file, b"no tar").unwrap();
    assert!(!image::is_image(&file));
    let listing = read(&file);
    assert_eq!(
        listing.problems[0].message,
        "neither zip nor tar, nor compressed with gzip, zstd, xz or bzip2"
    );
    let listing = read(&scratch.path().join("absent"));
    assert_eq!(listing.problems.len(), 1);
}

mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn damaged_images_never_panic(
            pick in any::<proptest::sample::Index>(),
            hits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..10),
        ) {
            let Some(folder) = common::data("images/derived") else {
                return Ok(());
            };
            let cases: Vec<_> = common::files(&folder)
                .into_iter()
                .filter(|path| path.extension().is_some_and(|it| it == "tar"))
                .filter(|path| !path.to_string_lossy().contains("bomb"))
                .collect();
            let mut bytes = std::fs::read(pick.get(&cases)).unwrap();
            for (at, value) in hits {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let scratch = tempfile::tempdir().unwrap();
            let file = scratch.path().join("image.tar");
            std::fs::write(&file, bytes).unwrap();
            read(&file);
        }
    }
}
