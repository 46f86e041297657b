//! rpm's database, in each of the three forms it has had: Berkeley DB (`Packages`, until rpm 4.15), ndb
//! (`Packages.db`, SUSE), SQLite (`rpmdb.sqlite`, from 4.16 on); and the plain list of distroless Azure Linux.
//!
//! Odd about it: each is only a heap of packages' headers under a number. All are read from the bytes of the file:
//! no library of theirs opens a stranger's database here.

use super::{Package, System, note_unknown_system};
use crate::kind::Kind;
use crate::lock::{Fault, List};
use crate::{Problem, Sink};

mod bdb;
mod header;
mod ndb;
mod sqlite;
mod wal;

use header::Header;

/// The longest header that is read. The longest we know (packages of a TeX distribution, with the names of a
/// hundred thousand files) have about 10 MiB; 64 MiB.
const HEADER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Takes one header.
type Each<'a> = &'a mut dyn FnMut(&[u8]);

pub(super) fn read(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let system = System::of(list);
    let (mut found, mut damaged) = (0u32, 0u32);
    let mut each = |blob: &[u8]| match Header::read(blob) {
        Some(header) => found += component(&header, &system, list, sink),
        None => damaged += 1,
    };
    let ended = match Form::of(list.bytes) {
        Some(Form::Sqlite) => {
            let log = list.beside.open(wal::NAME);
            sqlite::read(list.bytes, log.as_deref(), &mut each)
        }
        Some(Form::Ndb) => ndb::read(list.bytes, &mut each),
        Some(Form::Bdb) => bdb::read(list.bytes, &mut each),
        None => Err("neither SQLite, ndb nor a Berkeley DB hash".to_owned()),
    };
    if damaged > 0 {
        sink.problem(Problem {
            location: list.location.clone(),
            message: format!("{damaged} package headers are damaged"),
            lost: true,
        });
    }
    if found > 0 {
        note_unknown_system(&system, list, sink);
    }
    ended.map_err(|why| Fault::from(format!("rpm database cannot be read to its end: {why}")))
}

/// How a database is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Sqlite,
    Ndb,
    Bdb,
}

impl Form {
    fn of(bytes: &[u8]) -> Option<Form> {
        if bytes.starts_with(sqlite::MAGIC) {
            Some(Form::Sqlite)
        } else if bytes.starts_with(ndb::MAGIC) {
            Some(Form::Ndb)
        } else {
            bdb::begins(bytes).then_some(Form::Bdb)
        }
    }
}

/// Whether a file begins as an rpm database does. SQLite alone says nothing: only a database that has a table of
/// rpm's counts.
pub(super) fn sniff(head: &[u8]) -> Option<Kind> {
    match Form::of(head)? {
        Form::Sqlite => {
            memchr::memmem::find(head, b"CREATE TABLE 'Packages'").map(|_| Kind::RpmSqlite)
        }
        Form::Ndb => Some(Kind::RpmNdb),
        Form::Bdb => Some(Kind::RpmBdb),
    }
}

/// Lists one package; how many that are. Keys that were imported are kept as if they were packages, and are none.
fn component(header: &Header<'_>, system: &System, list: &List<'_>, sink: &mut dyn Sink) -> u32 {
    if header.name == "gpg-pubkey" {
        return 0;
    }
    let bare = format!("{}-{}", header.version, header.release);
    let epoch = header.epoch.filter(|epoch| *epoch > 0);
    let evr = |bare: &str| epoch.map_or_else(|| bare.to_owned(), |epoch| format!("{epoch}:{bare}"));
    let version = evr(&bare);
    let source = source(header.source).map(|(name, version)| (name, evr(version)));
    let epoch_text = epoch.map(|epoch| epoch.to_string()).unwrap_or_default();
    let package = Package {
        name: header.name,
        version: &version,
        arch: header.arch,
        source: source
            .as_ref()
            .map(|(name, version)| (*name, version.as_str())),
        qualifiers: &[("epoch", &epoch_text)],
        purl_version: Some(&bare),
        line: 0,
    };
    let mut component = package.component(system, "rpm", list);
    component.module = module(header.module);
    sink.component(component);
    1
}

/// Name and version-release of `bash-5.1.8-6.el9.src.rpm`.
fn source(file: &str) -> Option<(&str, &str)> {
    let stem = file
        .strip_suffix(".src.rpm")
        .or_else(|| file.strip_suffix(".nosrc.rpm"))?;
    let release = stem.rfind('-')?;
    let version = stem.get(..release)?.rfind('-')?;
    Some((stem.get(..version)?, stem.get(version + 1..)?))
}

/// Name and stream of `nodejs:18:8060020220523160029:ad008a3a`; what follows is one build of it.
fn module(label: &str) -> String {
    let end = label
        .match_indices(':')
        .nth(1)
        .map_or(label.len(), |(at, _)| at);
    label.get(..end).unwrap_or_default().to_owned()
}

/// `container-manifest-2`: a line a package, columns by tab: name, version-release, two times, vendor, epoch, size,
/// arch, epoch as a number, source.
pub(super) fn manifest(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let system = System::of(list);
    let mut wrong = None;
    for (line, number) in text.lines().zip(1u32..) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (Some(name), Some(bare), Some(arch)) =
            (columns.first(), columns.get(1), columns.get(7))
        else {
            if !line.trim().is_empty() {
                wrong.get_or_insert(number);
            }
            continue;
        };
        let Some((version, release)) = bare.rsplit_once('-') else {
            wrong.get_or_insert(number);
            continue;
        };
        let header = Header {
            name,
            version,
            release,
            arch,
            epoch: columns.get(5).and_then(|epoch| epoch.parse().ok()),
            source: columns.get(9).copied().unwrap_or_default(),
            module: "",
        };
        component(&header, &system, list, sink);
    }
    note_unknown_system(&system, list, sink);
    match wrong {
        Some(line) => Err(Fault {
            line,
            message:
                "not a package; lines have a name, version-release and eight more columns by tab"
                    .to_owned(),
        }),
        None => Ok(()),
    }
}

/// A number of two or four bytes at `at`.
fn u16_le(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..)?
        .first_chunk()
        .copied()
        .map(u16::from_le_bytes)
}

fn u16_be(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..)?
        .first_chunk()
        .copied()
        .map(u16::from_be_bytes)
}

fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk()
        .copied()
        .map(u32::from_le_bytes)
}

fn u32_be(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk()
        .copied()
        .map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_file_gives_name_and_version() {
        assert_eq!(
            source("bash-5.1.8-6.el9.src.rpm"),
            Some(("bash", "5.1.8-6.el9"))
        );
        assert_eq!(source("a-b-1-2.nosrc.rpm"), Some(("a-b", "1-2")));
        assert_eq!(source("(none)"), None);
    }

    #[test]
    fn a_module_is_its_name_and_stream() {
        assert_eq!(
            module("nodejs:18:8060020220523160029:ad008a3a"),
            "nodejs:18"
        );
        assert_eq!(module("nodejs:18"), "nodejs:18");
        assert_eq!(module(""), "");
    }
}
