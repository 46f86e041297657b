//! Layers laid one over the other, written here as `docker save` writes them.

#![expect(
    clippy::unwrap_used,
    reason = "fixtures are written by code that is right"
)]

use inventory::{Listing, image};

/// What a layer does with a path.
enum Entry {
    File(&'static str),
    Link(&'static str),
    HardLink(&'static str),
    Folder,
}

use Entry::{File, Folder, HardLink, Link};

type Layer<'a> = &'a [(&'a str, Entry)];

fn append(
    builder: &mut tar::Builder<Vec<u8>>,
    path: &str,
    kind: tar::EntryType,
    link: &str,
    content: &[u8],
) {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    match link {
        "" => builder.append_data(&mut header, path, content).unwrap(),
        link => builder.append_link(&mut header, path, link).unwrap(),
    }
}

fn layer(entries: Layer<'_>) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, entry) in entries {
        match entry {
            File(content) => append(
                &mut builder,
                path,
                tar::EntryType::Regular,
                "",
                content.as_bytes(),
            ),
            Link(target) => append(&mut builder, path, tar::EntryType::Symlink, target, b""),
            HardLink(target) => append(&mut builder, path, tar::EntryType::Link, target, b""),
            Folder => append(&mut builder, path, tar::EntryType::Directory, "", b""),
        }
    }
    builder.into_inner().unwrap()
}

fn saved(layers: &[Layer<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let names: Vec<String> = (0..layers.len())
        .map(|index| format!("\"{index}/layer.tar\""))
        .collect();
    for (index, entries) in layers.iter().enumerate() {
        let path = format!("{index}/layer.tar");
        append(
            &mut builder,
            &path,
            tar::EntryType::Regular,
            "",
            &layer(entries),
        );
    }
    let config = r#"{"os":"linux","architecture":"arm64","variant":"v8"}"#;
    append(
        &mut builder,
        "config",
        tar::EntryType::Regular,
        "",
        config.as_bytes(),
    );
    let manifest = format!(
        "[{{\"Config\":\"config\",\"Layers\":[{}]}}]",
        names.join(",")
    );
    append(
        &mut builder,
        "manifest.json",
        tar::EntryType::Regular,
        "",
        manifest.as_bytes(),
    );
    builder.into_inner().unwrap()
}

fn check(layers: &[Layer<'_>], want: &[&str]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), saved(layers)).unwrap();
    let mut listing = Listing::default();
    image::read(file.path(), "i", &mut listing);
    let mut have: Vec<String> = listing
        .components
        .iter()
        .map(|it| {
            assert_eq!(it.location.platform, "linux/arm64/v8");
            format!("{} {} {}", it.location.path, it.name, it.location.layer)
        })
        .collect();
    have.extend(
        listing
            .problems
            .iter()
            .map(|it| format!("{}: {}", it.location.path, it.message)),
    );
    assert_eq!(have, want);
}

const A: &str = r#"{"name":"a","version":"1"}"#;
const B: &str = r#"{"name":"b","version":"1"}"#;
const IN: &str = "node_modules/x/package.json";

#[test]
fn an_upper_layer_replaces_and_removes() {
    check(
        &[&[(IN, File(A))], &[(IN, File(B))]],
        &["i!/node_modules/x/package.json b 1/layer.tar"],
    );
    check(
        &[
            &[(IN, File(A))],
            &[("node_modules/x/.wh.package.json", File(""))],
        ],
        &[],
    );
    check(
        &[&[(IN, File(A))], &[("node_modules/.wh.x", File(""))]],
        &[],
    );
    check(
        &[&[(IN, File(A))], &[("node_modules", File("now a file"))]],
        &[],
    );
    check(
        &[&[(IN, File(A))], &[("node_modules", Folder)]],
        &["i!/node_modules/x/package.json a 0/layer.tar"],
    );
}

#[test]
fn whatever_its_order_a_whiteout_removes_what_is_below_only() {
    let above = "i!/node_modules/x/package.json b 1/layer.tar";
    check(
        &[
            &[(IN, File(A))],
            &[(IN, File(B)), ("node_modules/x/.wh..wh..opq", File(""))],
        ],
        &[above],
    );
    check(
        &[
            &[(IN, File(A))],
            &[("node_modules/.wh.x", File("")), (IN, File(B))],
        ],
        &[above],
    );
    check(
        &[
            &[(IN, File(A))],
            &[(IN, File(B)), ("node_modules/.wh.x", File(""))],
        ],
        &[above],
    );
    // A name that only begins alike stays.
    check(
        &[
            &[("node_modules/xy/package.json", File(A))],
            &[("node_modules/.wh.x", File(""))],
        ],
        &["i!/node_modules/xy/package.json a 0/layer.tar"],
    );
}

#[test]
fn a_path_leads_through_the_links_of_lower_layers() {
    check(
        &[
            &[("node_modules", Link("/usr/modules/node_modules"))],
            &[(IN, File(A))],
        ],
        &["i!/usr/modules/node_modules/x/package.json a 1/layer.tar"],
    );
    check(
        &[
            &[("node_modules", Link("../../../../out/node_modules"))],
            &[(IN, File(A))],
        ],
        &["i!/out/node_modules/x/package.json a 1/layer.tar"],
    );
    check(
        &[
            &[("a", Link("b")), ("b", Link("a"))],
            &[("a/package.json", File(A))],
        ],
        &["i!/a/package.json: more than 40 links one after the other; they may go in a circle"],
    );
}

#[test]
fn a_hard_link_is_the_file_it_links_to() {
    let want = ["i!/node_modules/x/package.json a 0/layer.tar"];
    check(
        &[&[("cache/0a1b", File(A)), (IN, HardLink("cache/0a1b"))]],
        &want,
    );
    check(
        &[&[(IN, File(A)), ("node_modules/y/package.json", HardLink(IN))]],
        &[want[0], "i!/node_modules/y/package.json a 0/layer.tar"],
    );
    check(
        &[&[(IN, HardLink("cache/gone"))]],
        &[
            "i!/node_modules/x/package.json: hard link to `cache/gone`, which is not in the same layer",
        ],
    );
}
