//! Archives of packages: jar, war and ear (with jars inside), Python's wheels and eggs, and any other archive that
//! somebody names by hand.
//!
//! A jar says what it is in `META-INF/maven/…/pom.properties`, once for itself and once for each artifact that
//! was shaded into it; one without says it in its manifest, or only in its file name.

use std::io::{Cursor, Read, Seek};

use archive::{Entry, Flow, Limits};

use crate::kind::{self, Kind};
use crate::lock::List;
use crate::{Component, Location, Problem, Sink};
use names::EcosystemKind;

/// The longest archive that is held in memory, as those inside others are. The largest jars in use (engines for big data)
/// have about 200 MiB.
const BUNDLE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// All archives in one, unpacked: a war of the largest, ten times over.
const BUNDLE_BYTES_TOTAL: u64 = 2 * 1024 * 1024 * 1024;

const JARS: &[&str] = &[
    "jar", "war", "ear", "par", "sar", "kar", "jpi", "hpi", "aar", "nar",
];
const WHEELS: &[&str] = &["whl", "egg"];

/// Whether a file is an archive of packages, going by its name.
pub fn is_bundle(path: &str) -> bool {
    is_one_of(path, JARS) || is_one_of(path, WHEELS)
}

fn is_one_of(path: &str, endings: &[&str]) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    endings
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

/// Lists what is in the archive of packages in `file`.
pub fn read_file<F: Read + Seek>(file: F, location: &Location, sink: &mut dyn Sink) {
    Bundle {
        of_packages: true,
        sink,
    }
    .read(file, location, &limits());
}

/// Lists what the lists in an archive say, whichever they are: for one that somebody names by hand.
pub fn read_any<F: Read + Seek>(file: F, location: &Location, sink: &mut dyn Sink) {
    Bundle {
        of_packages: false,
        sink,
    }
    .read(file, location, &limits());
}

/// As [`read_file`], for what can only be read in order.
pub fn read_stream(reader: &mut dyn Read, location: &Location, sink: &mut dyn Sink) {
    let mut bytes = Vec::new();
    let read = reader.take(BUNDLE_BYTES_MAX + 1).read_to_end(&mut bytes);
    let message = match read {
        Ok(_) if bytes.len() as u64 > BUNDLE_BYTES_MAX => {
            format!("archive longer than {BUNDLE_BYTES_MAX} bytes")
        }
        Ok(_) => return read_file(Cursor::new(bytes), location, sink),
        Err(error) => error.to_string(),
    };
    sink.problem(lost(location, message));
}

fn limits() -> Limits {
    Limits {
        bytes_total: BUNDLE_BYTES_TOTAL,
        ..Limits::default()
    }
}

fn lost(location: &Location, message: String) -> Problem {
    Problem {
        location: location.clone(),
        message,
        lost: true,
    }
}

struct Bundle<'a> {
    of_packages: bool,
    sink: &'a mut dyn Sink,
}

/// What one jar says of itself.
#[derive(Default)]
struct Jar {
    properties: u32,
    manifest: Option<Vec<u8>>,
}

impl Bundle<'_> {
    fn read<F: Read + Seek>(&mut self, file: F, location: &Location, limits: &Limits) {
        let is_jar = is_one_of(&location.path, JARS);
        let mut jar = Jar::default();
        let walked = archive::walk("", file, limits, &mut |entry| {
            self.entry(entry, location, limits, &mut jar);
            Flow::Next
        });
        match walked {
            Ok(summary) => {
                for refusal in summary.refused {
                    self.sink.problem(Problem {
                        lost: false,
                        ..lost(&inner(location, &refusal.entry), refusal.message)
                    });
                }
            }
            Err(refusal) => self.sink.problem(lost(location, refusal.message)),
        }
        if is_jar && jar.properties == 0 {
            let stated = manifest(&jar.manifest.unwrap_or_default(), location);
            stated.into_iter().for_each(|it| self.sink.component(it));
        }
    }

    fn entry(&mut self, mut entry: Entry<'_>, location: &Location, limits: &Limits, jar: &mut Jar) {
        if entry.kind != archive::Kind::File {
            return;
        }
        if entry.path == "META-INF/MANIFEST.MF" {
            // What cannot be read is in the walk's summary.
            jar.manifest = entry.content(kind::LIST_BYTES_MAX).ok();
            return;
        }
        if is_bundle(&entry.path) {
            return self.nested(&mut entry, location, limits);
        }
        let known = match kind::of(&entry.path) {
            Some(kind @ (Kind::PomProperties | Kind::PythonMetadata)) => kind,
            Some(kind) if !self.of_packages => kind,
            _ => return,
        };
        if let Ok(bytes) = entry.content(kind::bytes_max(known)) {
            jar.properties += u32::from(known == Kind::PomProperties);
            kind::read(known, &inner(location, &entry.path), &bytes, self.sink);
        }
    }

    fn nested(&mut self, entry: &mut Entry<'_>, location: &Location, limits: &Limits) {
        let location = inner(location, &entry.path);
        match limits.inner() {
            None => self
                .sink
                .problem(lost(&location, "an archive too deep in others".to_owned())),
            Some(limits) => {
                if let Ok(bytes) = entry.content(BUNDLE_BYTES_MAX) {
                    self.read(Cursor::new(bytes), &location, &limits);
                }
            }
        }
    }
}

fn inner(location: &Location, path: &str) -> Location {
    Location {
        path: format!("{}!/{path}", location.path),
        ..location.clone()
    }
}

/// What a jar's manifest and file name say: the artifact is only sure where the manifest names its group as well.
fn manifest(bytes: &[u8], location: &Location) -> Option<Component> {
    let text = String::from_utf8_lossy(bytes)
        .replace("\r\n", "\n")
        .replace("\n ", "");
    let header = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(found.1.trim()).filter(|value| !value.is_empty())
    };
    let file = location.path.rsplit('/').next()?;
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    // `name-1.2.3`: the version begins at the first dash before a digit.
    let cut = stem
        .match_indices('-')
        .map(|(at, _)| at)
        .find(|at| stem.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit));
    let (artifact, named) = match cut {
        Some(at) => (stem.get(..at)?, stem.get(at + 1..)?),
        None => (stem, ""),
    };
    let version = match named {
        "" => header("Implementation-Version")
            .or_else(|| header("Bundle-Version"))
            .or_else(|| header("Specification-Version"))?,
        named => named,
    };
    let list = List {
        bytes: &[],
        location,
        beside: &kind::Alone,
    };
    Some(match header("Implementation-Vendor-Id") {
        Some(group) => list.component(
            EcosystemKind::Maven,
            &format!("{group}:{artifact}"),
            version,
            0,
        ),
        None => list.stranger("maven", "", artifact, version, 0),
    })
}
