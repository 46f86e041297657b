//! What ids, links and names tell by themselves.

use names::EcosystemKind;
use versions::Scheme;

/// Longest title made from a text's beginning: a line of a terminal and a half.
const TITLE_CHARS_MAX: usize = 120;

/// Who publishes the ids that begin so.
const PUBLISHERS: &[(&str, &str)] = &[
    ("ALAS", "Amazon Linux"),
    ("ALBA-", "AlmaLinux"),
    ("ALEA-", "AlmaLinux"),
    ("ALPINE-", "Alpine"),
    ("ALSA-", "AlmaLinux"),
    ("ASB-", "Android"),
    ("BELL-", "BellSoft"),
    ("BIT-", "Bitnami"),
    ("CGA-", "Chainguard"),
    ("CURL-", "curl"),
    ("CVE-", "CVE Program"),
    ("DEBIAN-", "Debian"),
    ("DLA-", "Debian"),
    ("DSA-", "Debian"),
    ("DTSA-", "Debian"),
    ("EEF-", "Erlang Ecosystem Foundation"),
    ("ELSA-", "Oracle"),
    ("GHSA-", "GitHub"),
    ("GO-", "Go"),
    ("GSD-", "Global Security Database"),
    ("HSEC-", "Haskell"),
    ("JLSEC-", "Julia"),
    ("KUBE-", "Kubernetes"),
    ("LSN-", "Ubuntu"),
    ("MAL-", "OpenSSF Malicious Packages"),
    ("MGASA-", "Mageia"),
    ("OESA-", "openEuler"),
    ("OSEC-", "OCaml"),
    ("OSV-", "OSS-Fuzz"),
    ("PHSA-", "Photon OS"),
    ("PSF-", "Python Software Foundation"),
    ("PYSEC-", "PyPA"),
    ("RHBA-", "Red Hat"),
    ("RHEA-", "Red Hat"),
    ("RHSA-", "Red Hat"),
    ("RLBA-", "Rocky Linux"),
    ("RLEA-", "Rocky Linux"),
    ("RLSA-", "Rocky Linux"),
    ("RSEC-", "R Consortium"),
    ("RUSTSEC-", "RustSec"),
    ("RXSA-", "Rocky Linux"),
    ("SUSE-", "SUSE"),
    ("UBUNTU-", "Ubuntu"),
    ("USN-", "Ubuntu"),
    ("openSUSE-", "openSUSE"),
];

/// An address that is nobody's: RFC 2606 keeps `.invalid` from ever being one.
pub(crate) const NOWHERE: &str = "https://publisher.invalid";

/// Addresses of publishers, for formats that tell them apart by one.
const NAMESPACES: &[(&str, &str)] = &[
    ("AlmaLinux", "https://errata.almalinux.org"),
    ("Alpine", "https://security.alpinelinux.org"),
    ("Bitnami", "https://github.com/bitnami/vulndb"),
    ("CISA", "https://www.cisa.gov"),
    ("CVE Program", "https://www.cve.org"),
    ("Debian", "https://www.debian.org/security"),
    (
        "FriendsOfPHP",
        "https://github.com/FriendsOfPHP/security-advisories",
    ),
    ("GitHub", "https://github.com/advisories"),
    ("Go", "https://go.dev/security"),
    ("Haskell", "https://github.com/haskell/security-advisories"),
    ("NVD", "https://nvd.nist.gov"),
    ("OSS-Fuzz", "https://github.com/google/oss-fuzz"),
    ("PyPA", "https://github.com/pypa/advisory-database"),
    ("Red Hat", "https://access.redhat.com/security"),
    ("RubySec", "https://rubysec.com"),
    ("RustSec", "https://rustsec.org"),
    ("SUSE", "https://www.suse.com/security"),
    ("Ubuntu", "https://ubuntu.com/security"),
];

/// The address of a publisher; one that is nobody's where it is not known.
pub(crate) fn namespace_of(publisher: &str) -> &'static str {
    let known = NAMESPACES.iter().find(|(name, _)| *name == publisher);
    known.map_or(NOWHERE, |(_, address)| address)
}

/// Publishers whose ids are errata: one may fix many flaws.
const ERRATA: &[&str] = &[
    "ALAS",
    "ALBA-",
    "ALEA-",
    "ALSA-",
    "DLA-",
    "DSA-",
    "DTSA-",
    "ELSA-",
    "LSN-",
    "MGASA-",
    "OESA-",
    "PHSA-",
    "RHBA-",
    "RHEA-",
    "RHSA-",
    "RLBA-",
    "RLEA-",
    "RLSA-",
    "RXSA-",
    "SUSE-",
    "USN-",
    "openSUSE-",
];

/// Who publishes `id`; empty where its prefix is nobody's we know.
pub(crate) fn publisher_of(id: &str) -> &'static str {
    let known = PUBLISHERS.iter().find(|(prefix, _)| id.starts_with(prefix));
    known.map_or("", |(_, publisher)| publisher)
}

/// Whether `id` is that of a distribution's erratum.
pub(crate) fn is_erratum_id(id: &str) -> bool {
    ERRATA.iter().any(|prefix| id.starts_with(prefix))
}

/// Whether packages of this kind are a distribution's, repackaged from upstream.
pub(crate) fn is_distribution(kind: &EcosystemKind) -> bool {
    let scheme = Scheme::of(kind);
    matches!(
        scheme,
        Scheme::Deb | Scheme::Rpm | Scheme::Apk | Scheme::Alpm | Scheme::Gentoo
    ) || *kind == EcosystemKind::FreeBsd
}

/// The title, else the first line of the text, shortened at a word.
pub(crate) fn title(title: String, text: &str) -> String {
    if !title.trim().is_empty() {
        return title;
    }
    let line = text
        .lines()
        .map(|line| line.trim_start_matches(['#', ' ']))
        .find(|line| !line.trim().is_empty());
    let line = line.unwrap_or_default().trim_end();
    match line.char_indices().nth(TITLE_CHARS_MAX) {
        None => line.to_owned(),
        Some((end, _)) => {
            let short = line.get(..end).unwrap_or(line);
            let word = short.rsplit_once(' ').map_or(short, |(words, _)| words);
            format!("{word} …")
        }
    }
}
