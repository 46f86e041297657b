//! Releases, identifiers and traffic lights.

use names::{Ecosystem, Tlp, id};

#[test]
fn an_os_release_becomes_osvs_name_for_it() {
    let table = [
        ("debian", "12", "", "Debian:12"),
        ("debian", "", "", "Debian"),
        ("raspbian", "11", "debian", "Debian:11"),
        ("ubuntu", "22.04", "debian", "Ubuntu:22.04:LTS"),
        ("ubuntu", "6.06", "", "Ubuntu:6.06:LTS"),
        ("ubuntu", "23.10", "debian", "Ubuntu:23.10"),
        ("pop", "22.04", "ubuntu debian", "Ubuntu:22.04:LTS"),
        ("linuxmint", "21.2", "ubuntu debian", "none"),
        ("alpine", "3.19.1", "", "Alpine:v3.19"),
        ("alpine", "3.22_alpha20250108", "", "Alpine:edge"),
        ("almalinux", "9.4", "rhel centos fedora", "AlmaLinux:9"),
        ("rocky", "9.3", "", "Rocky Linux:9"),
        ("rhel", "9.4", "fedora", "Red Hat:enterprise_linux:9"),
        (
            "opensuse-leap",
            "15.5",
            "suse opensuse",
            "openSUSE:Leap 15.5",
        ),
        (
            "opensuse-tumbleweed",
            "20240101",
            "opensuse suse",
            "openSUSE:Tumbleweed",
        ),
        (
            "sles",
            "15.5",
            "suse",
            "SUSE:Linux Enterprise Server 15 SP5",
        ),
        ("sles", "15", "suse", "SUSE:Linux Enterprise Server 15"),
        (
            "sle-micro",
            "5.3",
            "suse",
            "SUSE:Linux Enterprise Micro 5.3",
        ),
        ("wolfi", "20230201", "", "Wolfi"),
        ("photon", "4.0", "", "Photon OS:4.0"),
        ("openEuler", "22.03", "", "openEuler:22.03"),
        (
            "openEuler",
            "22.03 (LTS-SP1)",
            "",
            "openEuler:22.03-LTS-SP1",
        ),
        ("mageia", "9", "", "Mageia:9"),
        ("azurelinux", "3.0", "", "Azure Linux:3"),
        ("haiku", "1", "", "none"),
        ("", "", "", "none"),
    ];
    for (system, version, like, expected) in table {
        let found = Ecosystem::of_os_release(system, version, like);
        let shown = found.map_or("none".to_owned(), |found| found.to_string());
        assert_eq!(shown, expected, "{system} {version}");
    }
}

#[test]
fn a_flaw_is_shown_by_its_cve() {
    let ids = [
        "RUSTSEC-2021-0078",
        "GHSA-f67m-9j94-qv9j",
        "CVE-2021-10000",
        "CVE-2021-9999",
        "CVE-20-1",
    ];
    assert_eq!(id::display_id(ids), Some("CVE-2021-9999"));
    assert_eq!(
        id::display_id(["x", "GHSA-f67m-9j94-qv9j"]),
        Some("GHSA-f67m-9j94-qv9j")
    );
    assert!(!id::is_cve("CVE-2021-123"));
    assert!(!id::is_ghsa("GHSA-aaaa-bbbb-cccc"));
}

#[test]
fn a_traffic_light_is_read_in_either_edition() {
    let read = ["TLP:WHITE", "tlp:amber+strict", "Green"].map(|text| text.parse::<Tlp>());
    let shown = read.map(|light| light.map(|light| light.to_string()).unwrap_or_default());
    assert_eq!(shown, ["TLP:CLEAR", "TLP:AMBER+STRICT", "TLP:GREEN"]);
    assert!("TLP:PINK".parse::<Tlp>().is_err());
    assert_eq!(Tlp::AmberStrict.as_v1(), "RED");
}
