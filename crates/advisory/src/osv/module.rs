//! Module streams of rpm distributions: which stream does an erratum speak of?
//!
//! OSV has no field for it. The release of a modular package says `.module_el8…` or `.module+el8…`, and the
//! erratum's summary says which stream: `Important: nodejs:18 security update`. Where a summary names several,
//! each package may be in any of them. Red Hat and Oracle say it in the purl: `rpmmod=nodejs:18`.

use versions::End;

use crate::{AffectedRange, Target};

/// Streams that a summary names.
pub(super) fn streams(summary: &str) -> Vec<&str> {
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphanumeric())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
    };
    let is_stream = |word: &&str| {
        word.split_once(':')
            .is_some_and(|(name, stream)| is_part(name) && is_part(stream))
    };
    summary.split([' ', ',']).filter(is_stream).collect()
}

/// Whether a fix lives in a module.
pub(super) fn is_modular(range: &AffectedRange) -> bool {
    range.intervals.iter().any(|interval| match &interval.end {
        End::Fixed(version) | End::LastAffected(version) => {
            version.contains(".module_el") || version.contains(".module+el")
        }
        End::Open => false,
    })
}

/// The stream a purl names.
pub(super) fn of_purl(target: &Target) -> Option<String> {
    let Target::Package {
        purl: Some(purl), ..
    } = target
    else {
        return None;
    };
    let named = purl.qualifiers.iter().find(|(key, _)| &**key == "rpmmod");
    named.map(|(_, value)| value.split(':').take(2).collect::<Vec<_>>().join(":"))
}

#[cfg(test)]
mod tests {
    use super::streams;

    #[test]
    fn a_summary_names_its_streams() {
        assert_eq!(
            streams("Important: nodejs:18 security update"),
            ["nodejs:18"]
        );
        assert_eq!(
            streams("Low: virt:rhel and virt-devel:rhel security update"),
            ["virt:rhel", "virt-devel:rhel"]
        );
        assert!(streams("Moderate: kernel security and bug fix update").is_empty());
    }
}
