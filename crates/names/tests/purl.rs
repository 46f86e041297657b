//! Package URLs and what they are called elsewhere.

use expect_test::{Expect, expect};
use names::{Ecosystem, EcosystemKind, Purl, package};
use proptest::prelude::*;

/// Each purl, with what is wrong, its ecosystem, its name and version there, and the way back.
fn check(purls: &str, expected: Expect) {
    let mut shown = String::new();
    for text in purls.lines().map(str::trim) {
        match Purl::read(text) {
            Err(problems) => shown += &format!("refused: {problems}\n"),
            Ok((purl, broken)) => {
                let ecosystem = purl.ecosystem();
                let (name, version) = (purl.package_name(), purl.package_version());
                let back = ecosystem
                    .as_ref()
                    .and_then(|held| Purl::of(held, &name, &version));
                let held = ecosystem.map_or("no ecosystem".to_owned(), |held| held.to_string());
                let back = back.map_or("no way back".to_owned(), |back| back.to_string());
                shown += &format!("{held} | {name} | {version} | {back}");
                shown += &if broken.is_empty() {
                    "\n".to_owned()
                } else {
                    format!(" | {broken}\n")
                };
            }
        }
    }
    expected.assert_eq(&shown);
}

#[test]
fn a_purl_names_its_package_as_osv_does() {
    check(
        "pkg:cargo/serde@1.0.0
         pkg:npm/%40babel/core@7.0.0
         pkg:npm/%40babel%2Fcore@7.0.0
         pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar
         pkg:golang/github.com/BurntSushi/toml@v0.3.1
         pkg:golang/stdlib@1.21.0
         pkg:composer/Symfony/http-kernel@4.4.0
         pkg:swift/github.com/apple/swift-nio@2.0.0
         pkg:vscode-extension/RedHat/Java@1.0
         pkg:julia/HTTP@1.0.0
         pkg:generic/openssl@1.1.1
         pkg:github/actions/checkout@v4",
        expect![[r#"
            crates.io | serde | 1.0.0 | pkg:cargo/serde@1.0.0
            npm | @babel/core | 7.0.0 | pkg:npm/%40babel/core@7.0.0
            npm | @babel/core | 7.0.0 | pkg:npm/%40babel/core@7.0.0
            Maven | org.apache.logging.log4j:log4j-core | 2.14.1 | pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1
            Go | github.com/BurntSushi/toml | v0.3.1 | pkg:golang/github.com/BurntSushi/toml@v0.3.1
            Go | stdlib | 1.21.0 | pkg:golang/stdlib@1.21.0 | type `golang` needs a namespace; write `pkg:golang/namespace/name`
            Packagist | symfony/http-kernel | 4.4.0 | pkg:composer/symfony/http-kernel@4.4.0
            SwiftURL | github.com/apple/swift-nio | 2.0.0 | pkg:swift/github.com/apple/swift-nio@2.0.0
            VSCode | redhat.java | 1.0 | pkg:vscode-extension/redhat/java@1.0
            Julia | HTTP | 1.0.0 | no way back | type `julia` needs the qualifier `uuid`
            no ecosystem | openssl | 1.1.1 | no way back
            no ecosystem | actions/checkout | v4 | no way back
        "#]],
    );
}

#[test]
fn a_distribution_is_found_in_the_namespace_and_its_release_in_a_qualifier() {
    check(
        "pkg:deb/debian/curl@7.88.1-10?distro=debian-12.9
         pkg:deb/debian/curl@7.88.1-10?distro=bookworm
         pkg:deb/debian/curl@7.88.1-10
         pkg:deb/ubuntu/curl@7.68.0?distro=ubuntu-20.04
         pkg:deb/ubuntu/curl@7.68.0?distro=ubuntu-23.10
         pkg:apk/alpine/musl@1.2.2-r7?distro=alpine-3.16.2
         pkg:apk/alpine/musl@1.2.2-r7?distro=3.15.6
         pkg:alpine/musl@1.2.2-r7?distro=alpine-3.16.2
         pkg:apk/wolfi/curl@8.0-r0?distro=wolfi-20230201
         pkg:rpm/almalinux/bash@4.4?distro=almalinux-9.4&epoch=1
         pkg:rpm/redhat/bash@4.4?distro=rhel-8.10
         pkg:rpm/rhel/bash@4.4?distro=rhel-7.7
         pkg:rpm/redhat/bash@4.4-2.el8_6?arch=src
         pkg:rpm/redhat/nodejs@10.19-1.module%2Bel8.1.0%2B5726?rpmmod=nodejs:10
         pkg:rpm/redhat/elfutils@0.1-1
         pkg:rpm/amzn/bash@4.4?distro=amzn-2
         pkg:rpm/opensuse/bash@4.4?distro=opensuse-leap-15.5
         pkg:rpm/opensuse/bash@4.4?distro=opensuse-tumbleweed-20240101
         pkg:rpm/suse/bash@4.4?distro=sles-15.5
         pkg:rpm/openeuler/bash@4.4?distro=openEuler-22.03-LTS-SP1
         pkg:rpm/centos/bash@4.4?distro=centos-7.6.1810
         pkg:deb/kali/bash@4.4?distro=kali-2024.1",
        expect![[r#"
            Debian:12 | curl | 7.88.1-10 | pkg:deb/debian/curl@7.88.1-10?distro=debian-12
            Debian:12 | curl | 7.88.1-10 | pkg:deb/debian/curl@7.88.1-10?distro=debian-12
            Debian | curl | 7.88.1-10 | pkg:deb/debian/curl@7.88.1-10
            Ubuntu:20.04:LTS | curl | 7.68.0 | pkg:deb/ubuntu/curl@7.68.0?distro=ubuntu-20.04
            Ubuntu:23.10 | curl | 7.68.0 | pkg:deb/ubuntu/curl@7.68.0?distro=ubuntu-23.10
            Alpine:v3.16 | musl | 1.2.2-r7 | pkg:apk/alpine/musl@1.2.2-r7?distro=alpine-3.16
            Alpine:v3.15 | musl | 1.2.2-r7 | pkg:apk/alpine/musl@1.2.2-r7?distro=alpine-3.15
            Alpine:v3.16 | musl | 1.2.2-r7 | pkg:apk/alpine/musl@1.2.2-r7?distro=alpine-3.16
            Wolfi | curl | 8.0-r0 | pkg:apk/wolfi/curl@8.0-r0
            AlmaLinux:9 | bash | 1:4.4 | pkg:rpm/almalinux/bash@4.4?distro=almalinux-9&epoch=1
            Red Hat:enterprise_linux:8 | bash | 4.4 | pkg:rpm/redhat/bash@4.4?distro=rhel-8
            Red Hat:enterprise_linux:7 | bash | 4.4 | pkg:rpm/redhat/bash@4.4?distro=rhel-7
            Red Hat:enterprise_linux:8 | bash | 4.4-2.el8_6 | pkg:rpm/redhat/bash@4.4-2.el8_6?distro=rhel-8
            Red Hat:enterprise_linux:8 | nodejs | 10.19-1.module+el8.1.0+5726 | pkg:rpm/redhat/nodejs@10.19-1.module%2Bel8.1.0%2B5726?distro=rhel-8
            Red Hat | elfutils | 0.1-1 | pkg:rpm/redhat/elfutils@0.1-1
            Amazon Linux:2 | bash | 4.4 | pkg:rpm/amazon/bash@4.4?distro=amzn-2
            openSUSE:Leap 15.5 | bash | 4.4 | pkg:rpm/opensuse/bash@4.4?distro=opensuse-leap-15.5
            openSUSE:Tumbleweed | bash | 4.4 | pkg:rpm/opensuse/bash@4.4?distro=opensuse-tumbleweed
            SUSE:Linux Enterprise Server 15 SP5 | bash | 4.4 | pkg:rpm/suse/bash@4.4
            openEuler:22.03-LTS-SP1 | bash | 4.4 | pkg:rpm/openeuler/bash@4.4?distro=openeuler-22.03-LTS-SP1
            no ecosystem | bash | 4.4 | no way back
            no ecosystem | bash | 4.4 | no way back
        "#]],
    );
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    check(
        "serde
         pkg:3a/@1
         pkg:julia/x/HTTP?Uuid=1&b&c=%
         pkg:chrome-extension/dogs@1.2.3.4.5
         pkg:npm/a%0Ab",
        expect![[r#"
            refused: `serde` is no purl; it starts with `pkg:`, as in `pkg:cargo/serde@1.0.0`
            refused: type `3a` must start with a letter and hold only letters, digits, `.` and `-`; purl has no name; write one after the type, as in `pkg:cargo/serde`
            Julia | x/HTTP |  | no way back | qualifier `b` has no value; write `key=value`; a qualifier has a bare `%`; write `%25`; type `julia` has no namespaces; leave out `x`; qualifier key `Uuid` of type `julia` is spelled `uuid`
            no ecosystem | dogs | 1.2.3.4.5 | no way back | extension id `dogs` must be 32 letters from `a` to `p`; extension version `1.2.3.4.5` must be one to four numbers joined by `.`
            refused: purl holds a control character; names and versions are printable
        "#]],
    );
}

#[test]
fn a_purl_longer_than_its_bound_is_refused() {
    let long = format!("pkg:cargo/{}", "a".repeat(names::purl::PURL_BYTES_MAX));
    assert!(Purl::read(&long).is_err());
}

#[test]
fn names_meet_in_one_spelling() {
    let table = [
        (EcosystemKind::PyPi, "Zope.Interface__x", "zope-interface-x"),
        (EcosystemKind::NuGet, "Newtonsoft.Json", "newtonsoft.json"),
        (EcosystemKind::Packagist, "Symfony/Yaml", "symfony/yaml"),
        (
            EcosystemKind::SwiftUrl,
            "https://github.com/Apple/swift-nio.git",
            "github.com/apple/swift-nio",
        ),
        (
            EcosystemKind::Maven,
            "HTTPClient:HTTPClient",
            "HTTPClient:HTTPClient",
        ),
        (
            EcosystemKind::Go,
            "github.com/BurntSushi/toml",
            "github.com/BurntSushi/toml",
        ),
    ];
    for (kind, written, normal) in table {
        assert_eq!(package::normalize(&kind, written), normal);
    }
}

#[test]
fn every_kind_is_read_back_by_its_name() {
    for kind in EcosystemKind::ALL {
        assert_eq!(EcosystemKind::parse(kind.as_str()), *kind);
    }
    let ubuntu = Ecosystem::parse("Ubuntu:22.04:LTS");
    assert_eq!(ubuntu.to_string(), "Ubuntu:22.04:LTS");
}

/// A failure becomes a named test, not a file.
fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,80}") {
        let _ = Purl::read(&text);
        let _ = Purl::read(&format!("pkg:{text}"));
    }

    #[test]
    fn what_is_read_is_canonical(text in "pkg:(npm|git|deb|pypi|pub|cpan|swid)(/[a-zA-Z%@._-]{1,4}){1,3}(@[0-9%@/]{1,4})?(\\?[a-z=&%]{1,9})?(#[a-z/.%]{1,6})?") {
        if let Ok((purl, broken)) = Purl::read(&text) {
            let (again, _) = Purl::read(&purl.to_string()).expect("what we print we read");
            prop_assert_eq!(&again, &purl);
            if broken.is_empty() {
                prop_assert!(Purl::parse(&purl.to_string()).is_ok());
            }
        }
    }

    #[test]
    fn normalizing_twice_changes_nothing(name in "[a-zA-Z:/._@ -]{0,24}", at in 0..EcosystemKind::ALL.len()) {
        let kind = &EcosystemKind::ALL[at];
        let once = package::normalize(kind, &name).into_owned();
        prop_assert_eq!(package::normalize(kind, &once), &*once);
    }
}
