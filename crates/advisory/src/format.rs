//! Which format a document is in, and the reader for it.

use crate::{Problem, Record};
use crate::{csaf, cve, cyclonedx_vex, epss, kev, nvd, openvex, osv, rustsec};

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
}

impl Format {
    /// The format of a document, by its name's ending and its first bytes; `None` where it is none of ours.
    pub fn sniff(name: &str, head: &[u8]) -> Option<Format> {
        let _ = (name, head);
        None
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
    }
}
