//! Identifiers of flaws: which database an id is from, and by which of its ids a flaw is shown
//! (prefixes of the OSV schema 1.7.4; the CVE id syntax of 2014).

use std::cmp::Ordering;

/// Whose id it is, from the best known to the least: a flaw is shown by its first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdKind {
    /// `CVE-2021-44228`.
    Cve,
    /// `GHSA-jfh8-c2jp-5v3q`.
    Ghsa,
    /// A language's or a project's own database: `RUSTSEC-2021-0078`, `PYSEC-2020-1`, `GO-2022-0001`.
    Project,
    /// An advisory of a distribution or a vendor: `RHSA-2021:5128`, `DSA-5020-1`, `ALSA-2022:0290`.
    Vendor,
    /// A malicious package: `MAL-2022-1`.
    Malware,
    /// None that we know.
    Other,
}

const PROJECTS: &[&str] = &[
    "GO", "RUSTSEC", "PYSEC", "PSF", "HSEC", "JLSEC", "OSEC", "RSEC", "EEF", "DRUPAL", "CURL",
    "KUBE", "BIT", "V8", "OSV", "GSD", "LBSEC", "VCPKG", "BREW",
];

const VENDORS: &[&str] = &[
    "ASB-A",
    "PUB-A",
    "ALPINE",
    "ALSA",
    "ALBA",
    "ALEA",
    "AZL",
    "BELL",
    "CGA",
    "CLEANSTART",
    "CLSA",
    "DEBIAN",
    "DHI",
    "DSA",
    "DLA",
    "ELA",
    "DTSA",
    "ECHO",
    "FreeBSD",
    "LSN",
    "MINI",
    "MGASA",
    "OESA",
    "openSUSE-SU",
    "PHSA",
    "RHBA",
    "RHEA",
    "RHSA",
    "RLSA",
    "RXSA",
    "ROOT",
    "SUSE-SU",
    "SUSE-RU",
    "SUSE-FU",
    "SUSE-OU",
    "UBUNTU",
    "USN",
    "ICSA",
    "ICSMA",
    "SSA",
    "VDE",
    "cisco-sa",
];

impl IdKind {
    /// Whose id `id` is.
    pub fn of(id: &str) -> IdKind {
        let has_prefix =
            |prefixes: &[&str]| prefixes.iter().any(|prefix| rest(id, prefix).is_some());
        match id {
            _ if is_cve(id) => IdKind::Cve,
            _ if is_ghsa(id) => IdKind::Ghsa,
            _ if has_prefix(&["MAL"]) => IdKind::Malware,
            _ if has_prefix(PROJECTS) => IdKind::Project,
            _ if has_prefix(VENDORS) => IdKind::Vendor,
            _ => IdKind::Other,
        }
    }
}

/// Which of two ids comes first when a flaw is shown: the better known database, then the older, then the smaller.
pub fn display_order(one: &str, other: &str) -> Ordering {
    let by_kind = IdKind::of(one).cmp(&IdKind::of(other));
    by_kind.then_with(|| natural(one, other))
}

/// The id a flaw is shown by.
pub fn display_id<'a>(ids: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    ids.into_iter()
        .min_by(|one, other| display_order(one, other))
}

/// `CVE-`, a year of four digits, and a number of four digits or more.
pub fn is_cve(id: &str) -> bool {
    let numbers = rest(id, "CVE").and_then(|rest| rest.split_once('-'));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    // Nineteen digits are what the CVE record format allows, and what fits an unsigned 64-bit number.
    numbers.is_some_and(|(year, number)| {
        year.len() == 4 && (4..=19).contains(&number.len()) && digits(year) && digits(number)
    })
}

/// `GHSA-` and three groups of four from GitHub's alphabet.
pub fn is_ghsa(id: &str) -> bool {
    let groups = rest(id, "GHSA").map(|rest| rest.split('-').collect::<Vec<_>>());
    let is_group = |group: &&str| {
        group.len() == 4
            && group
                .bytes()
                .all(|byte| b"23456789cfghjmpqrvwx".contains(&byte.to_ascii_lowercase()))
    };
    groups.is_some_and(|groups| groups.len() == 3 && groups.iter().all(is_group))
}

/// What follows `prefix` and its dash; prefixes are compared without case.
fn rest<'a>(id: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = id.split_at_checked(prefix.len())?;
    let rest = rest.strip_prefix('-')?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Runs of digits compare as numbers, so that `CVE-2021-9999` comes before `CVE-2021-10000`.
fn natural(one: &str, other: &str) -> Ordering {
    let parts = |text: &str| -> Vec<(usize, String)> {
        text.split('-')
            .map(
                |part| match part.bytes().all(|byte| byte.is_ascii_digit()) {
                    true => (
                        part.trim_start_matches('0').len(),
                        part.trim_start_matches('0').to_owned(),
                    ),
                    false => (0, part.to_owned()),
                },
            )
            .collect()
    };
    parts(one).cmp(&parts(other)).then_with(|| one.cmp(other))
}
