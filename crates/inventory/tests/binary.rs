//! Programs that list what they were built from, written here byte by byte: an ELF of a segment and a section.

#![expect(
    clippy::unwrap_used,
    reason = "fixtures are written by code that is right"
)]

use std::io::Write as _;

use inventory::{Listing, Location, binary};

/// Where the section's bytes lie, in the file and in memory.
const AT: u64 = 0x400;
const MEMORY: u64 = 0x40_0000;

/// An ELF of 64 bits, little-endian, whose one segment and one section of this name hold `data`.
fn elf(name: &str, data: &[u8]) -> Vec<u8> {
    let names = format!("\0{name}\0.shstrtab\0");
    let names_at = AT + data.len() as u64;
    let sections_at = names_at + names.len() as u64;
    let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    bytes.extend(2u16.to_le_bytes()); // an executable
    bytes.extend(62u16.to_le_bytes()); // x86-64
    bytes.extend(1u32.to_le_bytes());
    for number in [0, 64, sections_at] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(0u32.to_le_bytes());
    for number in [64u16, 56, 1, 64, 3, 2] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(1u32.to_le_bytes()); // PT_LOAD
    bytes.extend(6u32.to_le_bytes());
    for number in [AT, MEMORY, MEMORY, data.len() as u64, data.len() as u64, 16] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.resize(AT as usize, 0);
    bytes.extend(data);
    bytes.extend(names.as_bytes());
    bytes.extend([0; 64]);
    for (name, kind, address, at, size) in [
        (1u32, 1u32, MEMORY, AT, data.len() as u64),
        (2 + name.len() as u32, 3, 0, names_at, names.len() as u64),
    ] {
        bytes.extend(name.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        for number in [0, address, at, size, 0, 1, 0] {
            bytes.extend(number.to_le_bytes());
        }
    }
    bytes
}

const MODULES: &str = "path\texample.com/tool\nmod\texample.com/tool\tv0.3.0\t\n\
                       dep\tgolang.org/x/net\tv0.7.0\th1:abc\n";

fn marked(modules: &str) -> Vec<u8> {
    [&[0xaa; 16], modules.as_bytes(), &[0xbb; 16]].concat()
}

/// As Go writes it from 1.18 on.
fn go_inline() -> Vec<u8> {
    let mut data = b"\xff Go buildinf:\x08\x02".to_vec();
    data.resize(32, 0);
    data.push(8);
    data.extend(b"go1.19.5");
    let modules = marked(MODULES);
    data.extend([modules.len() as u8 | 0x80, (modules.len() >> 7) as u8]);
    data.extend(modules);
    data
}

/// As Go wrote it before: two addresses of string headers.
fn go_pointers() -> Vec<u8> {
    let modules = marked(MODULES);
    let mut data = b"\xff Go buildinf:\x08\x00".to_vec();
    for number in [
        MEMORY + 32,
        MEMORY + 48,
        MEMORY + 64,
        7,
        MEMORY + 71,
        modules.len() as u64,
    ] {
        data.extend(number.to_le_bytes());
    }
    data.extend(b"go1.17a");
    data.extend(modules);
    data
}

fn auditable(json: &str) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(json.as_bytes()).unwrap();
    elf(".dep-v0", &encoder.finish().unwrap())
}

fn listed(bytes: &[u8]) -> Vec<String> {
    let mut listing = Listing::default();
    binary::read(bytes, &Location::default(), &mut listing);
    // However it is read, the same is found.
    let mut other = Listing::default();
    binary::read_file(
        std::io::Cursor::new(bytes),
        &Location::default(),
        &mut other,
    );
    assert_eq!(listing.components, other.components);
    let components = listing.components.iter().map(|it| {
        let ecosystem = it
            .ecosystem
            .as_ref()
            .map_or("none".to_owned(), |it| it.to_string());
        format!("{ecosystem} {} {} {:?}", it.name, it.version, it.groups)
    });
    components
        .chain(listing.problems.iter().map(|it| it.message.clone()))
        .collect()
}

#[test]
fn go_tells_its_modules_in_either_form() {
    let modules = [
        "Go example.com/tool 0.3.0 []",
        "Go golang.org/x/net 0.7.0 []",
    ];
    let inline = listed(&elf(".go.buildinfo", &go_inline()));
    assert_eq!(inline[0], "Go stdlib 1.19.5 []");
    assert_eq!(inline[1..], modules);
    let pointers = listed(&elf(".go.buildinfo", &go_pointers()));
    assert_eq!(pointers, modules);
}

#[test]
fn cargo_auditable_tells_its_crates() {
    let json = r#"{"packages":[
        {"name":"tool","version":"0.1.0","source":"local","root":true,"dependencies":[1]},
        {"name":"serde","version":"1.0.1","source":"crates.io"},
        {"name":"cc","version":"1.0.2","source":"crates.io","kind":"build"}]}"#;
    let want = [
        "none tool 0.1.0 []",
        "crates.io serde 1.0.1 []",
        "crates.io cc 1.0.2 [\"build\"]",
    ];
    assert_eq!(listed(&auditable(json)), want);
}

#[test]
fn a_list_that_unpacks_to_too_much_is_refused() {
    let bomb = auditable(&" ".repeat(9 << 20));
    assert_eq!(
        listed(&bomb),
        ["section `.dep-v0` of `cargo auditable`: unpacks to more than 8388608 bytes"]
    );
    let damaged = elf(".dep-v0", b"not zlib");
    assert_eq!(listed(&damaged).len(), 1);
    let damaged = elf(".go.buildinfo", b"\xff Go buildinf:\x08\x02");
    assert_eq!(listed(&damaged), ["Go's build information: it is damaged"]);
}

mod laws {
    use proptest::prelude::*;

    use super::*;

    fn seeds() -> Vec<Vec<u8>> {
        vec![
            elf(".go.buildinfo", &go_inline()),
            elf(".go.buildinfo", &go_pointers()),
            auditable(r#"{"packages":[{"name":"a","version":"1"}]}"#),
        ]
    }

    const MAGIC: &[&[u8]] = &[
        b"\x7fELF\x02\x01\x01",
        b"MZ",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b"",
    ];

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(
            magic in proptest::sample::select(MAGIC),
            rest in proptest::collection::vec(any::<u8>(), 0..2048),
        ) {
            listed(&[magic, &rest].concat());
        }

        #[test]
        fn damaged_programs_never_panic(
            mut bytes in proptest::sample::select(seeds()),
            hits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..20),
            cut in any::<proptest::sample::Index>(),
        ) {
            for (at, value) in hits {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let mut listing = Listing::default();
            binary::read(&bytes, &Location::default(), &mut listing);
            binary::read(&bytes[..cut.index(bytes.len())], &Location::default(), &mut listing);
            binary::read_stream(&mut bytes.as_slice(), &Location::default(), &mut listing);
        }
    }
}
