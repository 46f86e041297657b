//! What a fuzzer hands to the checks here: whatever the bytes, nothing panics, and what is said has its place.

use jiff::Timestamp;

use crate::{Format, Settings, place::Places};

/// A target's name, and what reads the fuzzer's bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name, for the fuzzer and for replaying what it found.
pub const TARGETS: &[Target] = &[
    ("lint", lint),
    ("lint_csaf", csaf),
    ("lint_cve", cve),
    ("lint_cyclonedx", cyclonedx),
    ("lint_openvex", openvex),
    ("lint_osv", osv),
];

/// A document of whatever format it says it is of.
pub fn lint(bytes: &[u8]) {
    check(None, bytes);
}

/// A CSAF document.
pub fn csaf(bytes: &[u8]) {
    check(Some(Format::Csaf), bytes);
}

/// An OSV record.
pub fn osv(bytes: &[u8]) {
    check(Some(Format::Osv), bytes);
}

/// A CVE record.
pub fn cve(bytes: &[u8]) {
    check(Some(Format::Cve), bytes);
}

/// An OpenVEX document.
pub fn openvex(bytes: &[u8]) {
    check(Some(Format::OpenVex), bytes);
}

/// A CycloneDX document.
pub fn cyclonedx(bytes: &[u8]) {
    check(Some(Format::CycloneDx), bytes);
}

fn check(format: Option<Format>, bytes: &[u8]) {
    let settings = Settings {
        format,
        ..Settings::at(Timestamp::UNIX_EPOCH)
    };
    let Ok(report) = crate::check("document.json", bytes, &settings) else {
        return;
    };
    let places = Places::read(bytes);
    for problem in &report.problems {
        assert!(
            problem.line > 0 && problem.column > 0,
            "{problem:?} has no place"
        );
        if let Ok(places) = &places {
            assert_eq!(
                places.mend(&problem.pointer),
                problem.pointer,
                "{problem:?} points at nothing"
            );
        }
    }
}
