//! Which ecosystem a machine's `/etc/os-release` speaks of (`os-release(5)` of systemd), in OSV's spelling.
//!
//! What is odd: OSV writes each distribution's release in its own way (`Debian:12`, `Alpine:v3.19`,
//! `Ubuntu:22.04:LTS`, `openSUSE:Leap 15.5`), and a derivative's release number is not its parent's
//! (Linux Mint 21 is no Ubuntu 21), so `ID_LIKE` is believed only where the number can be checked.

use super::{Ecosystem, EcosystemKind as K};

impl Ecosystem {
    /// The ecosystem of a system with this `ID`, `VERSION_ID` and `ID_LIKE`; empty where there is none.
    ///
    /// Without a usable release the ecosystem has none. Red Hat's release is the beginning of its CPE,
    /// `enterprise_linux:9`: OSV appends the repository to it, as in `Red Hat:enterprise_linux:9::baseos`.
    pub fn of_os_release(id: &str, version_id: &str, id_like: &str) -> Option<Ecosystem> {
        let id = id.trim().to_ascii_lowercase();
        let version = version_id.trim();
        let (kind, release) = match &*id {
            "debian" | "raspbian" => (K::Debian, debian(version)),
            "ubuntu" => (K::Ubuntu, ubuntu(version)),
            "alpine" => (K::Alpine, alpine(version)),
            "almalinux" => (K::AlmaLinux, major(version)),
            "rocky" => (K::RockyLinux, major(version)),
            "rhel" => (
                K::RedHat,
                major(version).map(|major| format!("enterprise_linux:{major}")),
            ),
            "ol" => (K::OracleLinux, major(version)),
            "amzn" => (K::AmazonLinux, major(version)),
            "fedora" => (K::Fedora, major(version)),
            "mageia" => (K::Mageia, major(version)),
            "azurelinux" | "mariner" => (K::AzureLinux, major(version)),
            "photon" => (K::PhotonOs, photon(version)),
            "openeuler" => (K::OpenEuler, open_euler(version)),
            "alpaquita" => (K::Alpaquita, given(version)),
            "bellsoft-hardened-containers" => (K::BellSoft, given(version)),
            "freebsd" => (
                K::FreeBsd,
                given(version).map(|release| format!("ports:{release}")),
            ),
            "wolfi" => (K::Wolfi, None),
            "chainguard" => (K::Chainguard, None),
            "minimos" => (K::MinimOs, None),
            "cleanstart" => (K::CleanStart, None),
            "echo" => (K::Echo, None),
            "arch" | "archlinux" => (K::Arch, None),
            "gentoo" => (K::Gentoo, None),
            _ => return suse(&id, version).or_else(|| like_ubuntu(version, id_like)),
        };
        Some(Ecosystem {
            kind,
            release: release.map(Into::into),
        })
    }
}

/// `12.9` is Debian 12, and until 2007 the first two numbers counted; names stand for their numbers.
fn debian(version: &str) -> Option<String> {
    let number = match &*version.to_ascii_lowercase() {
        "wheezy" => "7",
        "jessie" => "8",
        "stretch" => "9",
        "buster" => "10",
        "bullseye" => "11",
        "bookworm" => "12",
        "trixie" => "13",
        "forky" => "14",
        "duke" => "15",
        "sid" | "unstable" => return Some("sid".to_owned()),
        _ if version.starts_with("3.") => return numbers(version, 2),
        _ => return major(version),
    };
    Some(number.to_owned())
}

/// The April release of every even year is an LTS, from 6.06 on.
fn ubuntu(version: &str) -> Option<String> {
    let named = match &*version.to_ascii_lowercase() {
        "precise" => "12.04",
        "trusty" => "14.04",
        "xenial" => "16.04",
        "bionic" => "18.04",
        "focal" => "20.04",
        "jammy" => "22.04",
        "noble" => "24.04",
        "oracular" => "24.10",
        "plucky" => "25.04",
        "questing" => "25.10",
        "resolute" => "26.04",
        _ => version,
    };
    let (year, month) = year_and_month(&numbers(named, 2)?)?;
    let lts = (year % 2 == 0 && month == 4) || (year, month) == (6, 6);
    Some(format!(
        "{year}.{month:02}{}",
        if lts { ":LTS" } else { "" }
    ))
}

/// Alpine has a repository per minor version; its rolling branch is numbered `3.22_alpha20250108`.
fn alpine(version: &str) -> Option<String> {
    if version.contains("_alpha") || version.eq_ignore_ascii_case("edge") {
        return Some("edge".to_owned());
    }
    let minor = numbers(version.trim_start_matches('v'), 2)?;
    Some(format!("v{minor}"))
}

fn photon(version: &str) -> Option<String> {
    let release = numbers(version, 2)?;
    Some(if release.contains('.') {
        release
    } else {
        format!("{release}.0")
    })
}

/// `22.03 (LTS-SP1)`, as `VERSION` has it, and `22.03-LTS-SP1` are the same.
fn open_euler(version: &str) -> Option<String> {
    let words = version
        .split(['(', ')', ' ', '-'])
        .filter(|word| !word.is_empty());
    given(&words.collect::<Vec<_>>().join("-"))
}

fn suse(id: &str, version: &str) -> Option<Ecosystem> {
    let product = match id {
        "opensuse-tumbleweed" => return Some(Ecosystem::with_release(K::OpenSuse, "Tumbleweed")),
        "opensuse" | "opensuse-leap" => (K::OpenSuse, "Leap"),
        "opensuse-leap-micro" => (K::OpenSuse, "Leap Micro"),
        "sles" => (K::Suse, "Linux Enterprise Server"),
        "sles_sap" => (K::Suse, "Linux Enterprise Server for SAP Applications"),
        "sled" => (K::Suse, "Linux Enterprise Desktop"),
        "sle_hpc" => (K::Suse, "Linux Enterprise High Performance Computing"),
        "sle-micro" | "sl-micro" => (K::Suse, "Linux Enterprise Micro"),
        _ => return None,
    };
    let (kind, name) = product;
    // Until 15 a service pack is the minor version: 15.5 is `15 SP5`; Leap and Micro keep the dot.
    let release = match numbers(version, 2)?.split_once('.') {
        Some((major, "0")) if kind == K::Suse => format!("{name} {major}"),
        Some((major, pack)) if kind == K::Suse && !name.ends_with("Micro") => {
            format!("{name} {major} SP{pack}")
        }
        _ => format!("{name} {}", numbers(version, 2)?),
    };
    Some(Ecosystem::with_release(kind, &release))
}

/// A derivative that says it is like Ubuntu and is numbered as Ubuntu is, such as `22.04` of Pop!_OS.
fn like_ubuntu(version: &str, id_like: &str) -> Option<Ecosystem> {
    let (_, month) = year_and_month(version)?;
    let like = id_like
        .split_whitespace()
        .any(|id| id.eq_ignore_ascii_case("ubuntu"));
    (like && matches!(month, 4 | 10))
        .then(|| ubuntu(version))
        .flatten()
        .map(|release| Ecosystem::with_release(K::Ubuntu, &release))
}

fn year_and_month(version: &str) -> Option<(u16, u16)> {
    let (year, month) = version.split_once('.')?;
    (month.len() == 2).then_some(())?;
    Some((year.parse().ok()?, month.parse().ok()?))
}

fn major(version: &str) -> Option<String> {
    numbers(version, 1)
}

/// The first `count` dotted numbers at the beginning of `version`.
fn numbers(version: &str, count: usize) -> Option<String> {
    let end = version
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(version.len());
    let dotted = version.get(..end)?;
    let taken: Vec<&str> = dotted
        .split('.')
        .filter(|number| !number.is_empty())
        .take(count)
        .collect();
    (!taken.is_empty()).then(|| taken.join("."))
}

fn given(version: &str) -> Option<String> {
    (!version.is_empty()).then(|| version.to_owned())
}
