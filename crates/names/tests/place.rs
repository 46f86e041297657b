//! Places, rules of engagement and authorizations.

use expect_test::{Expect, expect};
use names::authorization::{Scan, Unauthorized};
use names::place::Network;
use names::{Authorization, AuthorizationId, OrganizationId, Place, Rules, Testing};
use proptest::prelude::*;

fn read(text: &str) -> Place {
    text.parse().expect("the table holds places")
}

/// Each line read and written again.
fn check(lines: &str, expected: Expect) {
    let mut said = String::new();
    for line in lines.lines().map(str::trim) {
        let shown = match line.parse::<Place>() {
            Ok(place) => place.to_string(),
            Err(problems) => format!("✘ {problems}"),
        };
        said += &format!("{shown}\n");
    }
    expected.assert_eq(&said);
}

#[test]
fn a_repository_has_one_spelling() {
    check(
        "https://github.com/Owner/Name
         https://github.com/owner/name.git
         git@github.com:Owner/Name.git
         git+ssh://git@github.com:22/owner/name
         http://www.github.com/owner/name/tree/main/src#src/parser/
         https://gitlab.com/group/sub/name/-/blob/main/a.c
         https://git.example.org:8443/Team/Tool.git/
         https://github.com/owner
         https://github.com/owner/name#../other
         ftp://github.com/owner/name",
        expect![[r#"
            https://github.com/owner/name
            https://github.com/owner/name
            https://github.com/owner/name
            https://github.com/owner/name
            https://github.com/owner/name#src/parser
            https://gitlab.com/group/sub/name
            https://git.example.org:8443/Team/Tool
            ✘ `https://github.com/owner` is no repository; write its address, as in `https://github.com/owner/name`
            ✘ folder `../other` leaves its repository; write it from the repository's root, as in `src/parser`
            ✘ `ftp://github.com/owner/name` is no target; write `pkg:npm/name`, `https://host/repository#folder`, `product:Vendor/Name`, `192.0.2.0/24`, `host:*.example.org` or `asset:Name`
        "#]],
    );
}

#[test]
fn what_an_operator_owns_has_one_spelling() {
    check(
        "192.0.2.7
         192.0.2.0/24
         192.0.2.1/24
         ::ffff:192.0.2.0/120
         2001:DB8::/32
         10.0.0.0/33
         host:WWW.Example.org.
         host:*.example.org
         host:192.0.2.7
         host:*.org
         host:-a.example.org
         asset:  Pump   7
         asset:
         product:Acme Corp./Flow-Meter 3000
         product:Acme
         www.example.org",
        expect![[r#"
            192.0.2.7
            192.0.2.0/24
            ✘ `192.0.2.1/24` is an address inside `192.0.2.0/24`; write the network or the address alone
            192.0.2.0/24
            2001:db8::/32
            ✘ `10.0.0.0/33` is no network; write `192.0.2.0/24`, `2001:db8::/32` or one address
            host:www.example.org
            host:*.example.org
            192.0.2.7
            ✘ `*.org` is no host; write a name such as `www.example.org`, or `*.example.org` for all below it, in ASCII (`xn--…` where it has other letters)
            ✘ `-a.example.org` is no host; write a name such as `www.example.org`, or `*.example.org` for all below it, in ASCII (`xn--…` where it has other letters)
            asset:Pump 7
            ✘ the asset has no name
            product:Acme Corp./Flow-Meter 3000
            ✘ `product:Acme` names a vendor or a product, not both; write `product:Vendor/Name`
            ✘ `www.example.org` is no target; write `pkg:npm/name`, `https://host/repository#folder`, `product:Vendor/Name`, `192.0.2.0/24`, `host:*.example.org` or `asset:Name`
        "#]],
    );
}

#[test]
fn a_package_stands_without_its_version() {
    check(
        "pkg:pypi/Zope.Interface
         pkg:deb/debian/curl?distro=debian-12
         pkg:npm/%40scope/name#lib
         pkg:npm/name@1.2.3",
        expect![[r#"
            pkg:pypi/zope-interface
            pkg:deb/debian/curl
            pkg:npm/%40scope/name#lib
            ✘ `pkg:npm/name@1.2.3` names version `1.2.3`; give versions beside the target, as in `vers:npm/1.2.3`
        "#]],
    );
}

#[test]
fn what_two_places_share_is_the_narrower() {
    let table = "
        https://github.com/o/r | https://github.com/o/r#src = https://github.com/o/r#src
        https://github.com/o/r#src | https://github.com/o/r#srcs = none
        https://github.com/o/r#src/a | https://github.com/O/R.git#src = https://github.com/o/r#src/a
        pkg:github/o/r | git@github.com:o/r = pkg:github/o/r
        pkg:golang/github.com/o/r/v2/parse | https://github.com/o/r#parse = pkg:golang/github.com/o/r/v2/parse
        pkg:golang/gopkg.in/yaml.v3 | https://github.com/go-yaml/yaml = none
        pkg:npm/a | pkg:npm/a#lib = pkg:npm/a#lib
        pkg:npm/a | pkg:pypi/a = none
        192.0.2.0/24 | 192.0.2.128/25 = 192.0.2.128/25
        192.0.2.0/25 | 192.0.2.128/25 = none
        0.0.0.0/0 | 2001:db8::1 = none
        0.0.0.0/0 | 192.0.2.7 = 192.0.2.7
        host:*.example.org | host:a.b.example.org = host:a.b.example.org
        host:*.example.org | host:example.org = none
        host:*.example.org | host:*.b.example.org = host:*.b.example.org
        host:*.example.org | host:badexample.org = none
        product:Acme/Flow-Meter 3000 | product:ACME/flow_meter  3000 = product:ACME/flow_meter 3000
        product:Acme/Flow | product:Acme/Flow 2 = none
        asset:Pump 7 | asset:pump 7 = asset:Pump 7
        asset:a | host:a = none";
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        let (places, expected) = line.split_once(" = ").unwrap();
        let (one, other) = places.split_once(" | ").unwrap();
        let (one, other) = (read(one), read(other));
        let shown = one
            .common(&other)
            .map_or("none".into(), |place| place.to_string());
        assert_eq!(shown, expected, "{line}");
        let reverse = other.common(&one).is_some();
        assert_eq!(reverse, one.common(&other).is_some(), "{line}");
        if reverse {
            assert_eq!(one.bucket(), other.bucket(), "{line}");
        }
    }
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_it_begins_on() {
    // 2026-11-20 was a Friday.
    let friday = 1_795_132_800;
    let hour = 60 * 60;
    let rules = |hours: &str| Rules {
        hours: vec![hours.parse().unwrap()],
        ..Rules::default()
    };
    let at = |hours: &str, offset: i64| rules(hours).hold_at(friday + offset);
    assert!(at("fri 22:00-02:00", 22 * hour));
    assert!(at("fri 22:00-02:00", 25 * hour));
    assert!(!at("fri 22:00-02:00", 26 * hour));
    assert!(!at("fri 22:00-02:00", hour));
    assert!(at("thu-sat 00:00-24:00", 0));
    assert!(!at("sat-thu 00:00-24:00", 0));
    assert!(Rules::default().hold_at(friday));
    let shown: Vec<String> = [
        "fri-mon 08:00-09:30",
        "mon-sun 00:00-24:00",
        "mon,wed-fri 1:00-2:00",
        "08:00-08:00",
    ]
    .iter()
    .map(|text| match text.parse::<names::rules::Window>() {
        Ok(window) => window.to_string(),
        Err(problems) => problems.to_string(),
    })
    .collect();
    expect![[r#"
        mon,fri-sun 08:00-09:30
        daily 00:00-24:00
        `mon,wed-fri 1:00-2:00` is no window; write days and hours in UTC, such as `mon-fri 20:00-06:00` or `daily 00:00-24:00`
        `08:00-08:00` is no window; write days and hours in UTC, such as `mon-fri 20:00-06:00` or `daily 00:00-24:00`"#]]
    .assert_eq(&shown.join("\n"));
}

fn authorization() -> Authorization {
    Authorization {
        id: AuthorizationId::new(12),
        via: "clearing.example.org".into(),
        owner: OrganizationId::new(7),
        issuer: "Water Works".into(),
        holder: "Lab".into(),
        targets: vec![read("192.0.2.0/24"), read("host:*.water.example")],
        sources: vec!["203.0.113.0/28".parse().expect("a network")],
        rules: Rules {
            testing: vec![Testing::Probe],
            hours: vec!["daily 20:00-24:00".parse().expect("a window")],
            contact: "+1 555 0100".into(),
            exclude: vec![read("192.0.2.10"), read("host:pump.water.example")],
            ..Rules::default()
        },
        starts: 1_795_132_800,
        ends: 1_795_132_800 + 3 * 86_400,
    }
}

#[test]
fn a_scan_is_told_from_an_attack() {
    let table = "
        20:00 192.0.2.7 203.0.113.5 = allowed
        20:00 host:a.water.example 203.0.113.5 = allowed
        20:00 192.0.2.7,host:a.water.example 203.0.113.5 = allowed
        19:59 192.0.2.7 203.0.113.5 = out-of-hours
        -01:00 192.0.2.7 203.0.113.5 = early
        72:00 192.0.2.7 203.0.113.5 = over
        20:00 192.0.2.10 203.0.113.5 = excluded
        20:00 192.0.2.7,host:pump.water.example 203.0.113.5 = excluded
        20:00 192.0.2.0/24 203.0.113.5 = excluded
        20:00 198.51.100.1 203.0.113.5 = other-target
        20:00 host:water.example 203.0.113.5 = other-target
        20:00 192.0.2.7 203.0.113.16 = other-source
        20:00 192.0.2.7 - = no-source
        44:00 192.0.2.7 203.0.113.5 = allowed";
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        let (asked, expected) = line.trim().split_once(" = ").unwrap();
        let words: Vec<&str> = asked.split(' ').collect();
        let (hours, minutes) = words[0].split_once(':').unwrap();
        let (hours, minutes): (i64, i64) = (hours.parse().unwrap(), minutes.parse().unwrap());
        let target: Vec<Place> = words[1].split(',').map(read).collect();
        let answer = authorization().covers(Scan {
            now: authorization().starts + hours * 3600 + minutes * 60,
            owner: OrganizationId::new(7),
            target: &target,
            source: words[2].parse().ok(),
            revoked: &[],
        });
        let shown = answer.map_or_else(|why| why.name(), |()| "allowed");
        assert_eq!(shown, expected, "{line}");
    }
}

#[test]
fn one_taken_back_and_one_without_end_do_not_count() {
    let target = [read("192.0.2.7")];
    let mut endless = authorization();
    endless.ends = i64::MAX;
    let scan = |days: i64, revoked: &'static [AuthorizationId]| {
        endless.covers(Scan {
            now: endless.starts + days * 86_400 + 20 * 3600,
            owner: OrganizationId::new(7),
            target: &target,
            source: "203.0.113.5".parse().ok(),
            revoked,
        })
    };
    assert_eq!(scan(29, &[]), Ok(()));
    assert!(matches!(scan(30, &[]), Err(Unauthorized::Over { .. })));
    let stranger = Scan {
        now: endless.starts + 20 * 3600,
        owner: OrganizationId::new(8),
        target: &target,
        source: "203.0.113.5".parse().ok(),
        revoked: &[],
    };
    assert_eq!(endless.covers(stranger), Err(Unauthorized::OtherOwner));
    const TAKEN_BACK: &[AuthorizationId] = &[AuthorizationId::new(12)];
    assert_eq!(scan(0, TAKEN_BACK), Err(Unauthorized::Revoked));
}

#[test]
fn everything_wrong_with_an_authorization_is_said_at_once() {
    let mut wrong = authorization();
    wrong.holder = " ".into();
    wrong.targets.clear();
    wrong.ends = wrong.starts + 31 * 86_400;
    wrong.rules.contact = "".into();
    wrong.rules.intensity = Some(names::Intensity::Passive);
    expect![[r#"holder: nobody is named; give an organization's name; targets: nothing is named that may be scanned; give at least one target, such as `host:www.example.org`; ends: an authorization lasts at most 30 days; give an earlier end and renew it then; rules.contact: rules name nobody to call; give an address that is read while the testing runs, such as `security@example.org`; rules.intensity: `probe` sends requests, and `passive` sends none; write `light` or leave `probe` out"#]]
        .assert_eq(&wrong.problems().to_string());
    assert!(authorization().problems().is_empty());
}

proptest! {
    #[test]
    fn a_place_reads_back_as_it_is_written(text in "(pkg:(npm|pypi|github)/[a-zA-Z]{1,4}/[a-zA-Z._-]{1,6}|https://[a-z.]{1,12}/[a-zA-Z/.]{0,12}(#[a-z/]{0,6})?|[0-9.:/]{1,20}|host:[a-z.*-]{1,16}|asset:.{0,12}|product:.{0,12}|.{0,12})") {
        if let Ok(place) = text.parse::<Place>() {
            prop_assert_eq!(place.to_string().parse(), Ok(place.clone()));
            prop_assert!(place.contains(&place));
        }
    }

    #[test]
    fn a_network_holds_exactly_the_addresses_that_share_its_bits(address in any::<u32>(), bits in 0u8..=32, other in any::<u32>()) {
        let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
        let first = std::net::Ipv4Addr::from_bits(address & mask);
        let network: Network = format!("{first}/{bits}").parse().unwrap();
        let held = network.holds(std::net::Ipv4Addr::from_bits(other).into());
        prop_assert_eq!(held, other & mask == address & mask);
    }
}
