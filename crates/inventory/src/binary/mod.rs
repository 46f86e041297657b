//! Programs that list what they were built from: Go's build information and `cargo auditable`'s section, in ELF, PE
//! and Mach-O.

use std::io::{Read, Seek};

use names::{Ecosystem, EcosystemKind, Purl};
use object::read::{ReadCache, ReadRef};
use object::{FileKind, Object as _, ObjectSection as _};

use crate::{Component, Location, Problem, Sink};

mod auditable;
mod go;

/// The largest program that is held in memory, where it cannot be read from its file: the largest we know (container
/// tools of cloud vendors) have some 200 MiB.
const PROGRAM_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// The longest list in a program. A thousand modules of a hundred bytes make 100 KiB; `cargo auditable` itself stops
/// at 8 MiB.
const LIST_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Whether these first bytes are a program's.
pub fn begins(head: &[u8]) -> bool {
    matches!(
        head,
        [0x7f, b'E', b'L', b'F', ..]
            | [b'M', b'Z', ..]
            | [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..]
            | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..]
            | [0xca, 0xfe, 0xba, 0xbe | 0xbf, ..]
    )
}

/// Lists what the program in `file` says it was built from; one that says nothing lists nothing.
pub fn read_file<F: Read + Seek>(file: F, location: &Location, sink: &mut dyn Sink) {
    inspect(&ReadCache::new(file), location, sink);
}

/// As [`read_file`], for what can only be read in order.
pub fn read_stream(reader: &mut dyn Read, location: &Location, sink: &mut dyn Sink) {
    let mut bytes = Vec::new();
    let read = match reader.take(4).read_to_end(&mut bytes) {
        Ok(_) if begins(&bytes) => reader.take(PROGRAM_BYTES_MAX + 1).read_to_end(&mut bytes),
        ended => return note(ended.err().map(|error| error.to_string()), location, sink),
    };
    match read {
        Ok(_) if bytes.len() as u64 > PROGRAM_BYTES_MAX => {
            let message = format!(
                "program longer than {PROGRAM_BYTES_MAX} bytes; what it was built from is not read"
            );
            note(Some(message), location, sink);
        }
        Ok(_) => inspect(bytes.as_slice(), location, sink),
        Err(error) => note(Some(error.to_string()), location, sink),
    }
}

/// Lists what the program in `bytes` was built from.
pub fn read(bytes: &[u8], location: &Location, sink: &mut dyn Sink) {
    inspect(bytes, location, sink);
}

fn note(message: Option<String>, location: &Location, sink: &mut dyn Sink) {
    if let Some(message) = message {
        sink.problem(Problem {
            location: location.clone(),
            message,
            lost: true,
        });
    }
}

fn inspect<'a, R: ReadRef<'a>>(data: R, location: &Location, sink: &mut dyn Sink) {
    // What is no program after all, or a damaged one, has nothing to say.
    match universal(data) {
        Some(part) => {
            if let Ok(program) = object::File::parse(part) {
                list(&program, location, sink);
            }
        }
        None => {
            if let Ok(program) = object::File::parse(data) {
                list(&program, location, sink);
            }
        }
    }
}

/// Of a universal binary of macOS, the first program.
fn universal<'a, R: ReadRef<'a>>(data: R) -> Option<&'a [u8]> {
    use object::read::macho::{FatArch as _, MachOFatFile32, MachOFatFile64};
    let (offset, size) = match FileKind::parse(data).ok()? {
        FileKind::MachOFat32 => MachOFatFile32::parse(data)
            .ok()?
            .arches()
            .first()?
            .file_range(),
        FileKind::MachOFat64 => MachOFatFile64::parse(data)
            .ok()?
            .arches()
            .first()?
            .file_range(),
        _ => return None,
    };
    data.read_bytes_at(offset, size).ok()
}

fn list<'a, R: ReadRef<'a>>(
    program: &object::File<'a, R>,
    location: &Location,
    sink: &mut dyn Sink,
) {
    match go::read(program) {
        Some(Ok((version, modules))) => go::modules(&version, &modules, location, sink),
        Some(Err(why)) => note(
            Some(format!("Go's build information: {why}")),
            location,
            sink,
        ),
        None => {}
    }
    if let Some(section) = program.section_by_name(".dep-v0") {
        let bytes = match section.size() <= LIST_BYTES_MAX {
            true => section.data().map_err(|error| error.to_string()),
            false => Err(format!("longer than {LIST_BYTES_MAX} bytes")),
        };
        let listed = bytes.and_then(|bytes| auditable::read(bytes, location, sink));
        let why = listed
            .err()
            .map(|why| format!("section `.dep-v0` of `cargo auditable`: {why}"));
        note(why, location, sink);
    }
}

fn component(kind: EcosystemKind, name: &str, version: &str, location: &Location) -> Component {
    let name = names::package::normalize(&kind, name).into_owned();
    let ecosystem = Ecosystem::new(kind);
    Component {
        purl: Purl::of(&ecosystem, &name, version),
        ecosystem: Some(ecosystem),
        name,
        version: version.to_owned(),
        location: location.clone(),
        ..Component::default()
    }
}
