//! apk's `installed` (apk-tools 2, and 3 where it keeps the older form): one letter, a colon, a value; records end
//! with an empty line.
//!
//! Odd about it: Alpine's advisories speak of the origin (`o:`), the package a subpackage was split from.

use super::{Package, System, note_unknown_system};
use crate::Sink;
use crate::lock::{Fault, List};

#[derive(Default)]
struct Record<'a> {
    line: u32,
    name: &'a str,
    version: &'a str,
    arch: &'a str,
    origin: &'a str,
}

pub(super) fn read(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = String::from_utf8_lossy(list.bytes);
    let system = System::of(list);
    let mut record = Record::default();
    let (mut found, mut wrong) = (0u32, None);
    for (line, number) in text.lines().zip(1u32..) {
        let line = line.trim_end();
        if line.is_empty() {
            end(
                std::mem::take(&mut record),
                &mut found,
                &mut wrong,
                &system,
                list,
                sink,
            );
            continue;
        }
        if record.line == 0 {
            record.line = number;
        }
        match line.as_bytes() {
            [_, b':', ..] => field(line, &mut record),
            _ => {
                wrong.get_or_insert(number);
            }
        }
    }
    end(record, &mut found, &mut wrong, &system, list, sink);
    if found > 0 {
        note_unknown_system(&system, list, sink);
    }
    match wrong {
        Some(line) => Err(Fault {
            line,
            message: "not a record of apk; records have lines such as `P:name` and `V:1.0-r0`"
                .to_owned(),
        }),
        None => Ok(()),
    }
}

fn field<'a>(line: &'a str, record: &mut Record<'a>) {
    let Some((key, value)) = line.split_once(':') else {
        return;
    };
    match key {
        "P" => record.name = value,
        "V" => record.version = value,
        "A" => record.arch = value,
        "o" => record.origin = value,
        _ => {}
    }
}

fn end(
    record: Record<'_>,
    found: &mut u32,
    wrong: &mut Option<u32>,
    system: &System,
    list: &List<'_>,
    sink: &mut dyn Sink,
) {
    if record.line == 0 {
        return;
    }
    if record.name.is_empty() || record.version.is_empty() {
        wrong.get_or_insert(record.line);
        return;
    }
    let package = Package {
        name: record.name,
        version: record.version,
        arch: record.arch,
        source: Some((record.origin, record.version)),
        line: record.line,
        ..Package::default()
    };
    sink.component(package.component(system, "apk", list));
    *found += 1;
}
