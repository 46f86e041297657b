//! `cargo auditable` (0.6): JSON, compressed with zlib, in a section `.dep-v0`.

use std::io::{self, Read};

use names::EcosystemKind;
use serde::Deserialize;

use super::{LIST_BYTES_MAX, component};
use crate::{Location, Sink};

#[derive(Deserialize)]
struct Audit {
    packages: Vec<Crate>,
}

#[derive(Deserialize)]
struct Crate {
    name: String,
    version: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    kind: String,
}

pub(super) fn read(section: &[u8], location: &Location, sink: &mut dyn Sink) -> Result<(), String> {
    let mut json = Vec::new();
    let unpacked = flate2::read::ZlibDecoder::new(section)
        .take(LIST_BYTES_MAX + 1)
        .read_to_end(&mut json);
    unpacked.map_err(|error: io::Error| error.to_string())?;
    if json.len() as u64 > LIST_BYTES_MAX {
        return Err(format!("unpacks to more than {LIST_BYTES_MAX} bytes"));
    }
    let audit: Audit = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
    for package in audit.packages {
        let mut found = component(
            EcosystemKind::CratesIo,
            &package.name,
            &package.version,
            location,
        );
        // Of crates from elsewhere the registry's advisories do not speak.
        if !matches!(package.source.as_str(), "crates.io" | "registry") {
            found.ecosystem = None;
        }
        if package.kind == "build" {
            found.groups.push("build".to_owned());
        }
        sink.component(found);
    }
    Ok(())
}
