//! SPDX 2.2 and 2.3 in tag-value form: `Tag: value` lines, with `<text>` blocks that may span many.

use std::io::{BufRead, BufReader, Read};

use super::{Out, Raw, spdx_json};

/// The longest line that is kept. Names, versions and locators are short; licence texts may be long and are not used.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Reads all packages, each when the next one begins.
pub fn read(input: impl Read, out: &mut Out<'_>) -> Result<(), String> {
    let mut lines = BufReader::new(input);
    let mut line = Vec::new();
    let (mut package, mut known, mut in_text) = (None, false, false);
    while next(&mut lines, &mut line)? {
        let text = String::from_utf8_lossy(&line);
        if std::mem::take(&mut in_text) {
            in_text = !text.contains("</text>");
            continue;
        }
        let Some((tag, value)) = text.trim_start().split_once(':') else {
            continue;
        };
        let value = value.trim();
        in_text = value.contains("<text>") && !value.contains("</text>");
        known |= tag == "SPDXVersion";
        tagged(tag, value, &mut package, out);
    }
    if let Some(raw) = package {
        out.package(&raw);
    }
    if known {
        Ok(())
    } else {
        Err(
            "no SPDX document in tag-value form; one begins with `SPDXVersion: SPDX-2.3`"
                .to_owned(),
        )
    }
}

fn tagged(tag: &str, value: &str, package: &mut Option<Raw>, out: &mut Out<'_>) {
    // A file or snippet section ends the package before it (SPDX 2.3, clause 8).
    if matches!(tag, "PackageName" | "FileName" | "SnippetSPDXID")
        && let Some(raw) = package.take()
    {
        out.package(&raw);
    }
    if tag == "PackageName" {
        *package = Some(Raw {
            name: value.to_owned(),
            ..Raw::default()
        });
    }
    let Some(raw) = package else { return };
    match tag {
        "PackageVersion" => raw.version = value.to_owned(),
        "PackageSupplier" => raw.maker = value.to_owned(),
        "ExternalRef" => {
            let mut words = value.split_whitespace().skip(1);
            if let (Some(kind), Some(locator)) = (words.next(), words.next()) {
                spdx_json::reference(kind, locator, raw);
            }
        }
        _ => {}
    }
}

/// Reads the next line, cut at its bound; `false` at the end.
fn next(lines: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, String> {
    line.clear();
    let mut read = false;
    loop {
        let chunk = lines
            .fill_buf()
            .map_err(|error| format!("cannot read on: {error}"))?;
        if chunk.is_empty() {
            return Ok(read);
        }
        read = true;
        let end = memchr::memchr(b'\n', chunk);
        let part = &chunk[..end.unwrap_or(chunk.len())];
        let room = LINE_BYTES_MAX.saturating_sub(line.len()).min(part.len());
        line.extend_from_slice(&part[..room]);
        let used = part.len() + usize::from(end.is_some());
        lines.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}
