//! Keys against what the field already uses, on generated versions. Where a crate is known to be wrong, or
//! to read more or less than its ecosystem, the generator keeps off that ground and says why.

use std::cmp::Ordering;

use proptest::prelude::*;
use proptest::sample::select;
use versions::{Scheme, key};

fn keys(scheme: Scheme, a: &str, b: &str) -> Option<Ordering> {
    Some(key(scheme, a)?.cmp(&key(scheme, b)?))
}

fn joined(pieces: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(select(pieces), 1..most).prop_map(|pieces| pieces.concat())
}

const SEMVER: &[&str] = &[
    "0",
    "1",
    "2",
    "10",
    "11",
    ".",
    ".",
    "-",
    "-",
    "+",
    "alpha",
    "beta",
    "rc",
    "x-y",
    "1.0.0",
    "1.2.3",
    "1.2.3-",
    "1.2.3-rc.",
];
/// Every word with its number: where one lacks it, the crate tells `1a` and `1a0` apart and puts `1a0~` after `1a`;
/// dpkg (`--compare-versions`) does neither, nor do we.
const DEBIAN: &[&str] = &[
    "0", "1", "2", "10", "007", "~1", "~~2", "+2", "-1", "-0", ".3", ".0", "a1", "b0", "Z2", "rc1",
    "deb9", "1:1",
];
const RPM: &[&str] = &[
    "0", "1", "2", "10", "007", "~", "^", "+", "_", ".", ".", "a", "b", "Z", "rc", "el9", "1:",
    "1.0-1",
];
const PYPI: &[&str] = &[
    "0", "1", "2", "10", ".", ".", ".", "a", "b", "rc", "c", "alpha", "preview", "post", "rev",
    "dev", "-", "_", "+", "!", "local", "1.0", "v", "ALPHA",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn cargo_agrees_with_the_semver_crate(a in joined(SEMVER, 8), b in joined(SEMVER, 8)) {
        let read = semver::Version::parse;
        if let (Ok(x), Ok(y)) = (read(&a), read(&b)) {
            // `Ord` counts build metadata, precedence does not.
            prop_assert_eq!(keys(Scheme::Cargo, &a, &b), Some(x.cmp_precedence(&y)), "{} {}", a, b);
        }
    }

    #[test]
    fn npm_agrees_with_the_node_semver_crate(a in joined(SEMVER, 8), b in joined(SEMVER, 8)) {
        let read = node_semver::Version::parse;
        if let (Ok(x), Ok(y)) = (read(&a), read(&b)) {
            prop_assert_eq!(keys(Scheme::Npm, &a, &b), Some(x.cmp(&y)), "{} {}", a, b);
        }
    }

    #[test]
    fn pypi_agrees_with_pep440_rs(a in joined(PYPI, 8), b in joined(PYPI, 8)) {
        let read = |text: &str| text.parse::<pep440_rs::Version>();
        match (read(&a), read(&b)) {
            (Ok(x), Ok(y)) => {
                prop_assert_eq!(keys(Scheme::PyPi, &a, &b), Some(x.cmp(&y)), "{} {}", a, b);
            }
            // What it refuses is older than all it accepts.
            (Ok(_), Err(_)) => prop_assert_eq!(keys(Scheme::PyPi, &a, &b), Some(Ordering::Greater), "{} {}", a, b),
            _ => {}
        }
    }

    #[test]
    fn debian_agrees_with_the_debversion_crate(a in joined(DEBIAN, 8), b in joined(DEBIAN, 8)) {
        // An empty revision is an error to dpkg; we take it for none, the crate for less than none.
        prop_assume!(!a.ends_with('-') && !b.ends_with('-'));
        // A colon in a revision is an error to dpkg, and read differently by us and the crate.
        prop_assume!(a.matches(':').count() < 2 && b.matches(':').count() < 2);
        let read = |text: &str| text.parse::<debversion::Version>();
        if let (Ok(x), Ok(y)) = (read(&a), read(&b))
            && let Some(order) = keys(Scheme::Deb, &a, &b)
        {
            prop_assert_eq!(order, x.cmp(&y), "{} {}", a, b);
        }
    }

    #[test]
    fn rpm_agrees_with_the_rpm_version_crate(a in joined(RPM, 8), b in joined(RPM, 8)) {
        // Without a release the crate, as rpm, leaves it out of the comparison, which is no order: see rpm.rs.
        prop_assume!(a.contains('-') == b.contains('-'));
        // It ends an epoch at the first colon whatever stands before it; rpm's own parser wants digits there. And it
        // begins a release at the first hyphen, rpm at the last; a well-formed version has one.
        let well_formed = |text: &str| {
            let epoch = text.split_once(':').is_none_or(|(epoch, _)| epoch.bytes().all(|b| b.is_ascii_digit()));
            epoch && text.matches('-').count() < 2 && !text.ends_with(['-', ':'])
        };
        prop_assume!(well_formed(&a) && well_formed(&b));
        let order = rpm_version::rpm_evr_compare(&a, &b);
        prop_assert_eq!(keys(Scheme::Rpm, &a, &b), Some(order), "{} {}", a, b);
    }
}
