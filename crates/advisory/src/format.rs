//! Which format a document is in, and the reader for it.

use crate::{
    Problem, Record, csaf, cve, cyclonedx_vex, epss, friends_of_php, golang, haskell, json, kev,
    nvd, openvex, osv, rubysec, rustsec,
};

/// Largest document the readers are meant for. Records of the Linux kernel reach a few MiB and a year of NVD's
/// API 40 MiB; the rest is headroom.
pub const DOCUMENT_BYTES_MAX: usize = 64 << 20;

/// A format we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// OSV schema 1.7, JSON or YAML.
    Osv,
    /// CSAF 2.0 and 2.1.
    Csaf,
    /// CVE Record Format 5.
    Cve,
    /// NVD's CVE API 2.0.
    Nvd,
    /// RustSec's Markdown with TOML front matter.
    RustSec,
    /// OpenVEX 0.2.
    OpenVex,
    /// CycloneDX with a `vulnerabilities` list.
    CycloneDxVex,
    /// CISA's Known Exploited Vulnerabilities catalog, JSON or CSV.
    Kev,
    /// FIRST's daily EPSS file.
    Epss,
    /// Haskell's Markdown with TOML front matter.
    Haskell,
    /// FriendsOfPHP's YAML.
    FriendsOfPhp,
    /// RubySec's YAML.
    RubySec,
    /// Go's YAML, which its OSV records are made of.
    GoReport,
}

impl Format {
    /// All of them.
    pub const ALL: &'static [Format] = &[
        Format::Osv,
        Format::Csaf,
        Format::Cve,
        Format::Nvd,
        Format::RustSec,
        Format::OpenVex,
        Format::CycloneDxVex,
        Format::Kev,
        Format::Epss,
        Format::Haskell,
        Format::FriendsOfPhp,
        Format::RubySec,
        Format::GoReport,
    ];

    /// The format of a document, by its first bytes and, where these leave it open, its name's ending; `None`
    /// where it is none of ours. The more of a document is given, the surer: keys stand in any order.
    pub fn sniff(name: &str, head: &[u8]) -> Option<Format> {
        let head = head
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(head)
            .trim_ascii_start();
        match head.first()? {
            b'{' => by_keys(head),
            b'[' => json::elements(head).next().and_then(by_keys),
            _ => by_text(name, head),
        }
    }
}

/// By the keys of a JSON object.
fn by_keys(object: &[u8]) -> Option<Format> {
    let mut has_id = false;
    let mut is_osv = false;
    for (key, value) in json::members(object) {
        let says = |text: &str| memchr::memmem::find(value, text.as_bytes()).is_some();
        match key {
            b"dataType" if says("CVE_RECORD") => return Some(Format::Cve),
            b"cveMetadata" => return Some(Format::Cve),
            b"bomFormat" if says("CycloneDX") => return Some(Format::CycloneDxVex),
            b"@context" if says("openvex") => return Some(Format::OpenVex),
            b"document" if json::member(value, "csaf_version").is_some() => {
                return Some(Format::Csaf);
            }
            b"catalogVersion" => return Some(Format::Kev),
            b"format" if says("NVD_CVE") => return Some(Format::Nvd),
            b"CVE_data_type" => return Some(Format::Nvd),
            b"vulns" if value.starts_with(b"[") => return Some(Format::Osv),
            b"id" => has_id = value.starts_with(b"\""),
            b"affected" => is_osv = true,
            b"schema_version" | b"modified" => is_osv |= value.starts_with(b"\""),
            _ => {}
        }
    }
    (has_id && is_osv).then_some(Format::Osv)
}

/// By the first lines of anything else.
fn by_text(name: &str, text: &[u8]) -> Option<Format> {
    let first = text.split(|byte| *byte == b'\n').next()?;
    let unquoted: Vec<u8> = first
        .iter()
        .copied()
        .filter(|byte| *byte != b'"')
        .take(64)
        .collect();
    if unquoted.starts_with(b"cveID,vendorProject") {
        return Some(Format::Kev);
    }
    if unquoted.starts_with(b"#model_version:") || unquoted.starts_with(b"cve,epss,percentile") {
        return Some(Format::Epss);
    }
    if first.starts_with(b"```toml") {
        let names = |prefix: &str| memchr::memmem::find(text, prefix.as_bytes()).is_some();
        let known = [
            ("\"RUSTSEC-", Format::RustSec),
            ("\"HSEC-", Format::Haskell),
        ];
        return known
            .into_iter()
            .find(|(prefix, _)| names(prefix))
            .map(|(_, format)| format);
    }
    let name = name.to_ascii_lowercase();
    let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    if is_yaml { by_lines(text) } else { None }
}

/// By the keys at the beginning of a YAML text's lines.
fn by_lines(text: &[u8]) -> Option<Format> {
    let opens = |key: &str| {
        text.split(|byte| *byte == b'\n')
            .any(|line| line.starts_with(key.as_bytes()))
    };
    match () {
        () if opens("id: GO-") && opens("modules:") => Some(Format::GoReport),
        () if opens("id:") && (opens("affected:") || opens("modified:")) => Some(Format::Osv),
        () if opens("reference: composer://") || (opens("branches:") && opens("reference:")) => {
            Some(Format::FriendsOfPhp)
        }
        () if (opens("gem:") || opens("engine:"))
            && (opens("patched_versions:") || opens("title:")) =>
        {
            Some(Format::RubySec)
        }
        () => None,
    }
}

/// Reads one document, record by record.
///
/// Problems are told as they are met and reading goes on where it can. Bounds: a document larger than the
/// caller's limit never gets here; depth is bounded by 128.
pub fn read(
    format: Format,
    bytes: &[u8],
    record: &mut dyn FnMut(Record),
    problem: &mut dyn FnMut(Problem),
) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match format {
        Format::Osv => osv::read(bytes, record, problem),
        Format::Csaf => csaf::read(bytes, record, problem),
        Format::Cve => cve::read(bytes, record, problem),
        Format::Nvd => nvd::read(bytes, record, problem),
        Format::RustSec => rustsec::read(bytes, record, problem),
        Format::OpenVex => openvex::read(bytes, record, problem),
        Format::CycloneDxVex => cyclonedx_vex::read(bytes, record, problem),
        Format::Kev => kev::read(bytes, record, problem),
        Format::Epss => epss::read(bytes, record, problem),
        Format::Haskell => haskell::read(bytes, record, problem),
        Format::FriendsOfPhp => friends_of_php::read(bytes, record, problem),
        Format::RubySec => rubysec::read(bytes, record, problem),
        Format::GoReport => golang::read(bytes, record, problem),
    }
}

/// Reads anything, for fuzzing: whatever these bytes are, nothing panics.
pub fn fuzz(bytes: &[u8]) {
    for format in Format::ALL {
        read(*format, bytes, &mut |_| {}, &mut |_| {});
    }
    let _ = Format::sniff("a.yaml", bytes);
}
