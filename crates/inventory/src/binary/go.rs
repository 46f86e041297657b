//! Go's build information (`debug/buildinfo`): a header of 32 bytes, and after it, from Go 1.18 on, the strings
//! themselves; before, the addresses of two string headers. The modules are lines of text.

use names::EcosystemKind;
use object::read::ReadRef;
use object::{BinaryFormat, Object as _, ObjectSection as _, ObjectSegment as _};

use super::{LIST_BYTES_MAX, component};
use crate::{Component, Location, Sink};

/// Where PE keeps Go's list there is no section of its own, so all of the data is searched, where it is no more than this.
const SEARCHED_BYTES_MAX: u64 = 64 * 1024 * 1024;

const GO_MAGIC: &[u8] = b"\xff Go buildinf:";
const GO_HEADER_BYTES: usize = 32;

/// Go's version and its list of modules; `None` where the program is none of Go's.
pub(super) fn read<'a, R: ReadRef<'a>>(
    program: &object::File<'a, R>,
) -> Option<Result<(String, String), String>> {
    let named = program
        .section_by_name(".go.buildinfo")
        .or_else(|| program.section_by_name("__go_buildinfo"));
    let data = match (named, program.format()) {
        (Some(section), _) if section.size() <= LIST_BYTES_MAX => section.data().ok()?,
        (None, BinaryFormat::Pe) => {
            let section = program.section_by_name(".data")?;
            if section.size() > SEARCHED_BYTES_MAX {
                return None;
            }
            section.data().ok()?
        }
        _ => return None,
    };
    // The header is aligned to 16 bytes.
    let at = memchr::memmem::find_iter(data, GO_MAGIC).find(|at| at % 16 == 0)?;
    let header = data.get(at..)?;
    Some(strings(program, header).ok_or_else(|| "it is damaged".to_owned()))
}

fn strings<'a, R: ReadRef<'a>>(
    program: &object::File<'a, R>,
    header: &[u8],
) -> Option<(String, String)> {
    let (pointer_bytes, flags) = (*header.get(14)?, *header.get(15)?);
    let (version, modules) = if flags & 2 != 0 {
        let (version, rest) = counted(header.get(GO_HEADER_BYTES..)?)?;
        let (modules, _) = counted(rest)?;
        (version.to_vec(), modules.to_vec())
    } else {
        let memory = Memory {
            program,
            pointer_bytes: usize::from(pointer_bytes),
            big: flags & 1 != 0,
        };
        let version = memory.string(memory.number(header, 16)?)?;
        let modules = memory.string(memory.number(header, 16 + memory.pointer_bytes)?)?;
        (version.to_vec(), modules.to_vec())
    };
    // The list stands between two marks of 16 bytes each.
    let modules = match modules.len() {
        length if length >= 33 && modules.get(length - 17) == Some(&b'\n') => {
            modules.get(16..length - 16)?
        }
        _ => &[],
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some((text(&version), text(modules)))
}

/// A string after its length, seven bits a byte, least significant first.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0usize;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return bytes.get(index + 1..)?.split_at_checked(length);
        }
    }
    None
}

/// A program as it would lie in memory.
struct Memory<'p, 'a, R: ReadRef<'a>> {
    program: &'p object::File<'a, R>,
    pointer_bytes: usize,
    big: bool,
}

impl<'a, R: ReadRef<'a>> Memory<'_, 'a, R> {
    fn number(&self, bytes: &[u8], at: usize) -> Option<u64> {
        let bytes = bytes.get(at..at.checked_add(self.pointer_bytes)?)?;
        match (self.pointer_bytes, self.big) {
            (4, false) => bytes
                .first_chunk()
                .copied()
                .map(u32::from_le_bytes)
                .map(u64::from),
            (4, true) => bytes
                .first_chunk()
                .copied()
                .map(u32::from_be_bytes)
                .map(u64::from),
            (8, false) => bytes.first_chunk().copied().map(u64::from_le_bytes),
            (8, true) => bytes.first_chunk().copied().map(u64::from_be_bytes),
            _ => None,
        }
    }

    fn bytes(&self, address: u64, size: u64) -> Option<&'a [u8]> {
        let mut segments = self.program.segments();
        segments.find_map(|segment| segment.data_range(address, size).ok().flatten())
    }

    /// The string whose header (address, length) is at `address`.
    fn string(&self, address: u64) -> Option<&'a [u8]> {
        let header = self.bytes(address, 2 * self.pointer_bytes as u64)?;
        let (at, size) = (
            self.number(header, 0)?,
            self.number(header, self.pointer_bytes)?,
        );
        if size > LIST_BYTES_MAX {
            return None;
        }
        self.bytes(at, size)
    }
}

/// Lines of columns by tab: `path`, `mod`, `dep` and, for what the module before was replaced with, `=>`.
pub(super) fn modules(version: &str, modules: &str, location: &Location, sink: &mut dyn Sink) {
    if let Some(version) = go_version(version) {
        sink.component(module("stdlib", &version, location));
    }
    let mut pending: Option<Component> = None;
    for line in modules.lines() {
        let mut columns = line.split('\t');
        match (columns.next(), columns.next(), columns.next()) {
            (Some("mod"), Some(path), Some(_)) => {
                pending.take().into_iter().for_each(|it| sink.component(it));
                let version = columns_version(line);
                let mut main = module(path, version, location);
                main.commit = go_commit(modules).unwrap_or_default().to_owned();
                pending = Some(main);
            }
            (Some("dep"), Some(path), _) => {
                pending.take().into_iter().for_each(|it| sink.component(it));
                pending = Some(module(path, columns_version(line), location));
            }
            (Some("=>"), Some(path), _) => {
                let version = columns_version(line);
                // A folder in place of a module has no version of its own.
                let is_folder = path.starts_with(['.', '/']);
                pending = pending.map(|before| match is_folder {
                    true => module(&before.name, "", location),
                    false => module(path, version, location),
                });
            }
            _ => {}
        }
    }
    pending.into_iter().for_each(|it| sink.component(it));
}

/// The version of a line, without its `v`, as Go's advisories write it; empty for what was built from a folder.
fn columns_version(line: &str) -> &str {
    match line.split('\t').nth(2) {
        Some("(devel)") | None => "",
        Some(version) => version.strip_prefix('v').unwrap_or(version),
    }
}

/// The commit the main module was built from.
fn go_commit(modules: &str) -> Option<&str> {
    let revision = modules
        .lines()
        .find_map(|line| line.strip_prefix("build\tvcs.revision="))?;
    let is_hash = matches!(revision.len(), 40 | 64)
        && revision.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hash.then_some(revision)
}

/// `go1.22.1 X:boringcrypto` is 1.22.1 of the standard library, `go1.21rc2` is 1.21.0-rc.2, and a development build
/// is none.
fn go_version(text: &str) -> Option<String> {
    let version = text.split_whitespace().next()?.strip_prefix("go")?;
    let (numbers, pre) = match version.find(|letter: char| letter.is_ascii_alphabetic()) {
        Some(at) => version.split_at(at),
        None => (version, ""),
    };
    if pre.is_empty() {
        return Some(numbers.to_owned());
    }
    let (word, number) = pre.split_at(pre.find(|letter: char| letter.is_ascii_digit())?);
    let patch = if numbers.matches('.').count() < 2 {
        ".0"
    } else {
        ""
    };
    Some(format!("{numbers}{patch}-{word}.{number}"))
}

fn module(path: &str, version: &str, location: &Location) -> Component {
    component(EcosystemKind::Go, path, version, location)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Listing;

    #[test]
    fn a_toolchain_has_the_version_of_its_library() {
        let table = [
            ("go1.22.1", Some("1.22.1")),
            ("go1.21", Some("1.21")),
            ("go1.21rc2", Some("1.21.0-rc.2")),
            ("go1.20.3 X:boringcrypto", Some("1.20.3")),
            ("devel go1.23-abc", None),
        ];
        for (text, want) in table {
            assert_eq!(go_version(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn a_replaced_module_is_what_replaced_it() {
        let text = "path\tx/cmd\nmod\tx\t(devel)\t\ndep\ta/b\tv1.0.0\th1:x\ndep\tc/d\tv1.0.0\n=>\tc/e\tv2.0.0\th1:y\n\
                    dep\tf/g\tv1.0.0\n=>\t./g\t(devel)\nbuild\tvcs.revision=0123456789abcdef0123456789abcdef01234567\n";
        let mut listing = Listing::default();
        modules("go1.22.1", text, &Location::default(), &mut listing);
        let have: Vec<String> = listing
            .components
            .iter()
            .map(|it| format!("{}@{}", it.name, it.version))
            .collect();
        assert_eq!(
            have,
            ["stdlib@1.22.1", "x@", "a/b@1.0.0", "c/e@2.0.0", "f/g@"]
        );
        let commit = listing.components.get(1).map(|it| it.commit.as_str());
        assert_eq!(commit, Some("0123456789abcdef0123456789abcdef01234567"));
    }
}
