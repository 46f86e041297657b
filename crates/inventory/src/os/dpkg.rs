//! dpkg's status (`deb-control(5)`, `dpkg-query(1)`), its `status.d` in distroless images, and opkg's status.
//!
//! Odd about it: packages that are gone stay as long as their configuration does, so a stanza counts only if its
//! `Status` says that the package is installed; in `status.d` there is no status, and what is there is installed. The source
//! package stands in `Source` only where its name or version (in parentheses) is another.

use super::{Package, System, note_unknown_system};
use crate::lock::{Fault, List};
use crate::{Location, Problem, Sink};

/// What a stanza without `Status` means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unstated {
    /// Somebody names the package, nobody installed it.
    Left,
    Installed,
}

#[derive(Default)]
struct Stanza<'a> {
    line: u32,
    package: &'a str,
    version: &'a str,
    arch: &'a str,
    source: &'a str,
    status: Option<&'a str>,
}

pub(super) fn read(
    list: &List<'_>,
    purl_kind: &str,
    unstated: Unstated,
    sink: &mut dyn Sink,
) -> Result<(), Fault> {
    // Checksums of the package's files lie beside its stanza in `status.d`.
    if unstated == Unstated::Installed && is_aside(&list.location.path) {
        return Ok(());
    }
    let text = String::from_utf8_lossy(list.bytes);
    let system = System::of(list);
    let mut stanza = Stanza::default();
    let (mut found, mut wrong) = (0u32, None);
    for (line, number) in text.lines().zip(1u32..) {
        if line.trim().is_empty() {
            found += end(
                std::mem::take(&mut stanza),
                &system,
                list,
                purl_kind,
                unstated,
                sink,
            );
            continue;
        }
        if stanza.line == 0 {
            stanza.line = number;
        }
        match line.split_once(':') {
            _ if line.starts_with([' ', '\t', '#']) => {}
            Some((key, value)) => field(key, value.trim(), &mut stanza),
            None => {
                wrong.get_or_insert(number);
            }
        }
    }
    found += end(stanza, &system, list, purl_kind, unstated, sink);
    if found > 0 {
        note_unknown_system(&system, list, sink);
    }
    match wrong {
        Some(line) => Err(Fault {
            line,
            message: "a line that is no field; fields look like `Package: name`".to_owned(),
        }),
        None => Ok(()),
    }
}

fn is_aside(path: &str) -> bool {
    const SCRIPTS: &[&str] = &[
        ".md5sums",
        ".preinst",
        ".postinst",
        ".prerm",
        ".postrm",
        ".list",
        ".conffiles",
        ".triggers",
        ".shlibs",
        ".symbols",
        ".templates",
        ".config",
    ];
    SCRIPTS.iter().any(|ending| path.ends_with(ending))
}

fn field<'a>(key: &str, value: &'a str, stanza: &mut Stanza<'a>) {
    match key {
        "Package" => stanza.package = value,
        "Version" => stanza.version = value,
        "Architecture" => stanza.arch = value,
        "Source" => stanza.source = value,
        "Status" => stanza.status = Some(value),
        _ => {}
    }
}

/// Lists the package of a stanza if it is installed; how many that are.
fn end(
    stanza: Stanza<'_>,
    system: &System,
    list: &List<'_>,
    purl_kind: &str,
    unstated: Unstated,
    sink: &mut dyn Sink,
) -> u32 {
    if stanza.line == 0 || !is_installed(stanza.status, unstated) {
        return 0;
    }
    let missing = match (stanza.package, stanza.version) {
        ("", "") => return 0,
        ("", _) => "an installed package without a `Package` field",
        (_, "") if stanza.status.is_none() => return 0,
        (_, "") => "an installed package without a `Version` field",
        _ => "",
    };
    if !missing.is_empty() {
        sink.problem(Problem {
            location: Location {
                line: stanza.line,
                ..list.location.clone()
            },
            message: missing.to_owned(),
            lost: true,
        });
        return 0;
    }
    let source = source(stanza.source, stanza.package, stanza.version);
    let package = Package {
        name: stanza.package,
        version: stanza.version,
        arch: stanza.arch,
        source: Some(source),
        line: stanza.line,
        ..Package::default()
    };
    sink.component(package.component(system, purl_kind, list));
    1
}

/// `Status` is what is wanted, whether there was an error, and the state. One whose triggers are pending is
/// installed too; one that was only unpacked, or half configured, is not.
fn is_installed(status: Option<&str>, unstated: Unstated) -> bool {
    match status {
        None => unstated == Unstated::Installed,
        Some(status) => matches!(
            status.split_whitespace().nth(2),
            Some("installed" | "triggers-pending" | "triggers-awaited")
        ),
    }
}

/// `Source: name` or `Source: name (version)`.
fn source<'a>(source: &'a str, package: &'a str, version: &'a str) -> (&'a str, &'a str) {
    match source.split_once('(') {
        _ if source.is_empty() => (package, version),
        Some((name, version)) => (name.trim(), version.trim_end_matches(')').trim()),
        None => (source, version),
    }
}
