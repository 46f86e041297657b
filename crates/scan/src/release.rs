//! Do an advisory's release and an installation's name the same release of a distribution?
//!
//! Databases spell releases in their own ways: `Alpine:v3.19` for 3.19.1, `Debian:12` for 12.5 or bookworm,
//! `AlmaLinux:9` for 9.4, `Ubuntu:22.04:LTS` for 22.04. Both sides are brought to one spelling and compared
//! by equality. Language ecosystems have no releases; what follows their colon names a repository
//! (`Maven:https://…`) and is ignored.

use names::EcosystemKind as Kind;

/// Debian's names for its releases, as they stand in `VERSION_CODENAME`.
const DEBIAN: [(&str, &str); 9] = [
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("duke", "15"),
    ("wheezy", "7"),
];

/// The one spelling of a release, or empty where `kind` has none.
pub fn normal(kind: &Kind, release: &str) -> String {
    let lower = release.trim().to_ascii_lowercase();
    match kind {
        Kind::Alpine | Kind::Alpaquita | Kind::BellSoft => {
            numbers(lower.strip_prefix('v').unwrap_or(&lower), 2)
        }
        Kind::Debian | Kind::Echo | Kind::Root => debian(&lower),
        Kind::Ubuntu => ubuntu(&lower),
        Kind::AlmaLinux
        | Kind::RockyLinux
        | Kind::OracleLinux
        | Kind::AzureLinux
        | Kind::Mageia
        | Kind::Fedora => numbers(&lower, 1),
        Kind::RedHat => red_hat(&lower),
        Kind::PhotonOs => numbers(&lower, 2),
        Kind::OpenSuse => lower.trim_start_matches("leap ").to_owned(),
        Kind::AmazonLinux | Kind::Suse | Kind::OpenEuler | Kind::Android | Kind::FreeBsd => lower,
        Kind::Other(_) => lower,
        _ => String::new(),
    }
}

/// Whether `kind` has releases at all, so that an advisory for one cannot be compared without knowing it.
pub fn has_releases(kind: &Kind) -> bool {
    !matches!(kind, Kind::Other(_)) && !normal(kind, "1").is_empty()
}

/// The first `count` numbers of a dotted version; anything else as it is (`edge`, `rolling`).
fn numbers(text: &str, count: usize) -> String {
    let dotted = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !dotted {
        return text.to_owned();
    }
    let parts: Vec<&str> = text.split('.').take(count).collect();
    parts.join(".")
}

fn debian(release: &str) -> String {
    let number = DEBIAN.iter().find(|(name, _)| *name == release);
    numbers(number.map_or(release, |(_, number)| number), 1)
}

/// `22.04:lts`, `pro:18.04:lts`: support does not make another release, Pro does.
fn ubuntu(release: &str) -> String {
    let parts: Vec<&str> = release
        .split(':')
        .filter(|part| *part != "lts")
        .map(|part| part.trim_end_matches(" lts"))
        .collect();
    parts.join(":")
}

/// `enterprise_linux:9::appstream` and 9.4 are Red Hat Enterprise Linux 9; extended streams stay themselves.
fn red_hat(release: &str) -> String {
    let mut parts = release.split(':');
    match (parts.next(), parts.next()) {
        (Some("enterprise_linux"), Some(number)) => numbers(number, 1),
        _ => numbers(release, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_release_meet() {
        let table = [
            (Kind::Alpine, "v3.19", "3.19.1"),
            (Kind::Alpine, "edge", "edge"),
            (Kind::Debian, "12", "12.5"),
            (Kind::Debian, "12", "bookworm"),
            (Kind::Ubuntu, "22.04:LTS", "22.04"),
            (Kind::AlmaLinux, "9", "9.4"),
            (Kind::RockyLinux, "8", "8.10"),
            (Kind::RedHat, "enterprise_linux:9::baseos", "9.4"),
            (Kind::OpenSuse, "Leap 15.5", "15.5"),
            (Kind::PhotonOs, "3.0", "3.0"),
            (Kind::Maven, "https://repo.example/", ""),
        ];
        for (kind, advisory, installed) in table {
            assert_eq!(
                normal(&kind, advisory),
                normal(&kind, installed),
                "{kind:?} {advisory}"
            );
        }
    }

    #[test]
    fn other_releases_stay_apart() {
        let table = [
            (Kind::Alpine, "v3.19", "3.1"),
            (Kind::Debian, "1", "12"),
            (Kind::Ubuntu, "Pro:18.04:LTS", "18.04"),
            (Kind::AlmaLinux, "9", "8.9"),
            (Kind::RedHat, "rhel_eus:9.2::baseos", "9.2"),
            (Kind::AmazonLinux, "2", "2023"),
        ];
        for (kind, advisory, installed) in table {
            assert_ne!(
                normal(&kind, advisory),
                normal(&kind, installed),
                "{kind:?} {advisory}"
            );
        }
    }
}
