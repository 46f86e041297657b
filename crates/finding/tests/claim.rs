//! Claims: what overlaps, whose turn it is, and that every lease ends.

use expect_test::{Expect, expect};
use finding::claim::{
    self, Claim, Draft, Held, LEASE_DAYS_MAX, Lease, Standing, TURN_DAYS_MAX, View, Viewer, overlap,
};
use jiff::{SignedDuration, Timestamp};
use names::{Authorization, AuthorizationId, ClaimId, OrganizationId, Rules, Testing, Tlp};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::constant(1_795_132_800, 0);

fn days(days: i64) -> Timestamp {
    NOW.checked_add(SignedDuration::from_hours(days * 24))
        .expect("a time of this century")
}

/// `target target; versions; CWE,CWE; excluded; commits`, later parts left out where empty.
fn draft(line: &str) -> Draft {
    let parts: Vec<&str> = line.split(';').map(str::trim).collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or_default();
    let list = |text: &str, at: char| -> Vec<Box<str>> {
        text.split(at)
            .map(str::trim)
            .filter(|one| !one.is_empty())
            .map(Into::into)
            .collect()
    };
    let some = |text: &str| (!text.is_empty()).then(|| Box::from(text));
    Draft {
        targets: list(part(0), ' '),
        versions: some(part(1)),
        weaknesses: list(part(2), ','),
        exclude: list(part(3), ' '),
        commits: some(part(4)),
        testing: vec!["review".into()],
        contact: "lab@example.org".into(),
        days: 14,
        ..Draft::default()
    }
}

fn read(line: &str) -> Claim {
    claim::claim(&draft(line)).unwrap_or_else(|refusal| panic!("{line}: {refusal}"))
}

fn check(table: &str, expected: Expect) {
    let mut said = String::new();
    for line in table.lines().map(str::trim) {
        let (one, other) = line.split_once(" | ").expect("two claims a line");
        let (one, other) = (read(one), read(other));
        let found = overlap(&one, &other);
        assert_eq!(
            found,
            overlap(&other, &one),
            "{line}: the same whichever is asked first"
        );
        said += &found.map_or("none".into(), |found| found.why);
        said.push('\n');
    }
    expected.assert_eq(&said);
}

#[test]
fn packages_overlap_in_the_versions_they_share() {
    check(
        "pkg:npm/a | pkg:npm/a
         pkg:npm/a | pkg:npm/b
         pkg:npm/a@1.2.0 | pkg:npm/a@1.2.0
         pkg:npm/a@1.2.0 | pkg:npm/a@1.3.0
         pkg:npm/a@1.2.0 | pkg:npm/a
         pkg:npm/a; vers:npm/<2.0.0 | pkg:npm/a; vers:npm/>=2.0.0
         pkg:npm/a; vers:npm/<=2.0.0 | pkg:npm/a; vers:npm/>=2.0.0
         pkg:npm/a; vers:npm/>=1.0.0|<2.0.0 | pkg:npm/a@1.5.0
         pkg:npm/a@nightly | pkg:npm/a; vers:npm/<2.0.0
         pkg:npm/a@nightly | pkg:npm/a@1.0.0
         pkg:deb/debian/curl@7.88.1-10?distro=debian-12 | pkg:deb/debian/curl; 7.88.1-10
         pkg:pypi/Zope.Interface | pkg:pypi/zope_interface",
        expect![[r#"
            both scan `pkg:npm/a`
            none
            both scan `pkg:npm/a` in versions `vers:npm/1.2.0`
            none
            both scan `pkg:npm/a` in versions `vers:npm/1.2.0`
            none
            both scan `pkg:npm/a` in versions that `vers:npm/<=2.0.0` and `vers:npm/>=2.0.0` share
            both scan `pkg:npm/a` in versions that `vers:npm/1.5.0` and `vers:npm/>=1.0.0|<2.0.0` share
            both scan `pkg:npm/a`; nobody can tell whether `vers:npm/<2.0.0` and `vers:npm/nightly` share a version
            both scan `pkg:npm/a`; nobody can tell whether `vers:npm/1.0.0` and `vers:npm/nightly` share a version
            both scan `pkg:deb/debian/curl` in versions `vers:deb/7.88.1-10`
            both scan `pkg:pypi/zope-interface`
        "#]],
    );
}

#[test]
fn repositories_overlap_where_their_folders_nest() {
    check(
        "https://github.com/o/r | git@github.com:O/R.git
         https://github.com/o/r#src | https://github.com/o/r#src/parser
         https://github.com/o/r#src | https://github.com/o/r#tests
         https://github.com/o/r; ; ; https://github.com/o/r#tests | https://github.com/o/r#tests/data
         https://github.com/o/r; ; ; https://github.com/o/r#tests/data | https://github.com/o/r#tests
         pkg:github/o/r | https://github.com/o/r#src
         https://github.com/o/r; ; ; ; 4f2a1b9 | https://github.com/o/r; ; ; ; 4f2a1b9..9c01d2e
         https://github.com/o/r; ; CWE-787,CWE-125 | https://github.com/o/r; ; 79
         https://github.com/o/r; ; CWE-787,CWE-125 | https://github.com/o/r; ; 125
         https://github.com/o/r; ; CWE-787 | https://github.com/o/r",
        expect![[r#"
            both scan `https://github.com/o/r`
            both scan `https://github.com/o/r#src/parser`
            none
            none
            both scan `https://github.com/o/r#tests`
            both scan `https://github.com/o/r#src`
            both scan `https://github.com/o/r`; their commits may share code
            none
            both scan `https://github.com/o/r`, looking for CWE-125
            both scan `https://github.com/o/r`, looking for CWE-787
        "#]],
    );
}

#[test]
fn an_operators_scopes_overlap_where_networks_and_hosts_nest() {
    check(
        "10.1.0.0/16 host:*.water.example | 10.1.7.0/24
         10.1.0.0/16 | 10.2.0.0/16
         host:*.water.example | host:scada.water.example 10.9.9.9
         host:*.water.example; ; ; host:scada.water.example | host:scada.water.example
         product:Acme/Flow | product:ACME/flow; 2.1
         10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7 | 10.0.0.0/24",
        expect![[r#"
            both scan `10.1.7.0/24`
            none
            both scan `host:scada.water.example`
            none
            both scan `product:ACME/flow` in versions `vers:generic/2.1`
            both scan `10.0.0.1`, `10.0.0.2`, `10.0.0.3`, `10.0.0.4`, `10.0.0.5` and 2 more
        "#]],
    );
}

#[test]
fn everything_wrong_with_a_claim_is_said_at_once() {
    let wrong = Draft {
        targets: vec![
            "10.0.0.0/8".into(),
            "left-pad".into(),
            "pkg:npm/a@1".into(),
            "pkg:npm/b".into(),
        ],
        testing: vec!["sabotage".into()],
        weaknesses: vec!["CWE-x".into()],
        hours: vec!["tomorrow".into()],
        exclude: vec!["pkg:npm/c".into(), "pkg:npm/b".into()],
        commits: Some("main".into()),
        tlp: Some("pink".into()),
        days: 365,
        ..Draft::default()
    };
    let refusal = claim::claim(&wrong).expect_err("much is wrong");
    let said: Vec<String> = refusal
        .iter()
        .map(|problem| format!("{}: {}", problem.field, problem.message))
        .collect();
    expect![[r#"
        targets[0]: `10.0.0.0/8` is too much for one claim; give networks of at most a `/16` (IPv4) or a `/48` (IPv6)
        targets[1]: `left-pad` is no target; write `pkg:npm/name`, `https://host/repository#folder`, `product:Vendor/Name`, `192.0.2.0/24`, `host:*.example.org` or `asset:Name`
        targets: one of several targets carries a version; make a claim of its own for it
        commits: `main` is no commit; write its hexadecimal name, or two with `..` between them
        weaknesses: `CWE-x` is no weakness; write `CWE-787`
        testing: `sabotage` is no kind of testing; write one of `review`, `analysis`, `fuzz`, `probe`, `exploit`
        hours: `tomorrow` is no window; write days and hours in UTC, such as `mon-fri 20:00-06:00` or `daily 00:00-24:00`
        tlp: `pink` is no traffic light; write `CLEAR`, `GREEN`, `AMBER`, `AMBER+STRICT` or `RED`
        days: a lease lasts 365 days; give 1 to 30, and renew it then
        exclude: `pkg:npm/c` lies in none of the targets; leave it out
        exclude: `pkg:npm/b` is all of a target; leave the target out"#]].assert_eq(&said.join("\n"));
}

#[test]
fn a_split_only_gives_up_and_leaves_no_overlap() {
    let mine = read("pkg:npm/a; vers:npm/<3.0.0");
    let first = read("pkg:npm/a; vers:npm/<2.0.0");
    let mut said = String::new();
    for asked in [
        "pkg:npm/a; vers:npm/>=2.0.0|<3.0.0",
        "pkg:npm/a; vers:npm/>=1.0.0|<3.0.0",
        "pkg:npm/a; vers:npm/>=2.0.0",
        "pkg:npm/b",
        "pkg:npm/a#lib; vers:npm/2.5.0",
    ] {
        let split = claim::split(&mine, &draft(asked), std::slice::from_ref(&first));
        let shown = split.map_or_else(|refusal| refusal.to_string(), |_| "yes".into());
        said += &format!("{asked}\n  {shown}\n");
    }
    expect![[r#"
        pkg:npm/a; vers:npm/>=2.0.0|<3.0.0
          yes
        pkg:npm/a; vers:npm/>=1.0.0|<3.0.0
          the claims still overlap: both scan `pkg:npm/a` in versions that `vers:npm/<2.0.0` and `vers:npm/>=1.0.0|<3.0.0` share; give up more, or queue
        pkg:npm/a; vers:npm/>=2.0.0
          versions: these versions go beyond `vers:npm/<3.0.0`, which was claimed; give some of those
        pkg:npm/b
          targets: `pkg:npm/b` was not claimed; a split only gives up, so make a claim of its own for it; versions: these versions go beyond `vers:npm/<3.0.0`, which was claimed; give some of those
        pkg:npm/a#lib; vers:npm/2.5.0
          yes
    "#]].assert_eq(&said);
}

#[test]
fn whatever_somebody_runs_is_touched_with_their_leave_only() {
    let leave = Authorization {
        id: AuthorizationId::new(1),
        via: "test.example".into(),
        owner: OrganizationId::new(1),
        issuer: "Water Works".into(),
        holder: "Lab".into(),
        targets: vec!["host:*.water.example".parse().expect("a host")],
        sources: Vec::new(),
        rules: Rules {
            testing: vec![Testing::Review, Testing::Probe],
            intensity: Some(names::Intensity::Light),
            contact: "noc@water.example".into(),
            ..Rules::default()
        },
        starts: 0,
        ends: 1,
    };
    let mut said = String::new();
    for (line, testing, intensity, allowed, owns) in [
        ("pkg:npm/a", "review", "", false, false),
        ("pkg:npm/a", "probe", "light", false, false),
        ("10.1.0.0/24", "review", "", false, false),
        ("10.1.0.0/24", "probe", "", false, true),
        ("host:a.water.example", "probe", "light", true, false),
        ("host:a.water.example", "exploit", "heavy", true, false),
        ("host:water.example", "probe", "light", true, false),
    ] {
        let mut asked = draft(line);
        asked.testing = vec![testing.into()];
        asked.intensity = Some(intensity.into()).filter(|_| !intensity.is_empty());
        let claim = claim::claim(&asked).expect("the table holds claims");
        let leaves: &[Authorization] = if allowed {
            std::slice::from_ref(&leave)
        } else {
            &[]
        };
        let refusal = claim::unauthorized(&claim, leaves, owns);
        said += &format!(
            "{line} {testing}: {}\n",
            if refusal.is_empty() {
                "yes".to_owned()
            } else {
                refusal.to_string()
            }
        );
    }
    expect![[r#"
        pkg:npm/a review: yes
        pkg:npm/a probe: targets[0]: `pkg:npm/a` would be touched, and nobody allowed it; ask its owner for an authorization to your organization, or claim `review`, `analysis` or `fuzz` of its code
        10.1.0.0/24 review: targets[0]: `10.1.0.0/24` would be touched, and nobody allowed it; ask its owner for an authorization to your organization, or claim `review`, `analysis` or `fuzz` of its code
        10.1.0.0/24 probe: yes
        host:a.water.example probe: yes
        host:a.water.example exploit: testing: `exploit` is not allowed; allowed are `review`, `probe`; intensity: at most `light` is allowed
        host:water.example probe: targets[0]: `host:water.example` would be touched, and nobody allowed it; ask its owner for an authorization to your organization, or claim `review`, `analysis` or `fuzz` of its code
    "#]]
    .assert_eq(&said);
}

fn held(number: i64, line: &str, lease: Lease) -> Held {
    Held {
        id: ClaimId::new(number),
        claim: read(line),
        lease,
    }
}

#[test]
fn whoever_asked_first_has_the_turn_and_nobody_is_overtaken() {
    let all = [
        held(1, "pkg:npm/a", Lease::waiting(NOW, 14).begin(NOW)),
        held(2, "pkg:npm/a pkg:npm/b", Lease::waiting(NOW, 14)),
        held(3, "pkg:npm/b", Lease::waiting(NOW, 14)),
        held(4, "pkg:npm/c", Lease::waiting(NOW, 14)),
    ];
    let ahead = |number: usize, at: i64| -> Vec<i64> {
        let ahead = claim::ahead(&all[number - 1], &all, days(at));
        ahead.iter().map(|(held, _)| held.id.get()).collect()
    };
    assert_eq!(ahead(2, 0), [1]);
    // 3 overlaps only 2, which waits; were it let through, 2 might wait for ever.
    assert_eq!(ahead(3, 0), [2]);
    assert_eq!(ahead(4, 0), [0; 0]);
    assert_eq!(ahead(2, 14), [0; 0], "the first lapsed");
    assert_eq!(ahead(3, 90), [0; 0], "whoever waited too long lapsed");
}

#[test]
fn a_lease_is_renewed_twice_and_ends() {
    let lease = Lease::waiting(NOW, 30).begin(NOW);
    let once = lease.renew(days(29), 30).expect("it holds");
    let twice = once.renew(days(58), 30).expect("it holds");
    assert_eq!(twice.ends, days(88));
    let refused = |lease: Lease, at: i64, length: i64| {
        lease
            .renew(days(at), length)
            .expect_err("refused")
            .to_string()
    };
    expect![[r#"
        the lease was renewed 2 times, and no lease is renewed more often; let it end and claim again, behind those who wait
        the lease does not hold any more, or not yet; make a new claim
        days: the lease already lasts until 2026-12-20T00:00:00Z; give more days"#]].assert_eq(
        &[
            refused(twice, 87, 30),
            refused(lease, 30, 30),
            refused(lease, 1, 7),
        ]
        .join("\n"),
    );
}

#[test]
fn how_much_of_a_claim_is_shown() {
    let mut table = String::new();
    for tlp in [
        Tlp::Clear,
        Tlp::Green,
        Tlp::Amber,
        Tlp::AmberStrict,
        Tlp::Red,
    ] {
        let views = [
            Viewer::Own,
            Viewer::Overlapping,
            Viewer::Member,
            Viewer::Public,
        ]
        .map(|viewer| format!("{:?}", claim::view(tlp, viewer)));
        table += &format!("{tlp}: {}\n", views.join(", "));
        assert!(
            claim::view(tlp, Viewer::Overlapping) > View::Hidden,
            "two that overlap always learn it"
        );
    }
    expect![[r#"
        TLP:CLEAR: Full, Full, Full, Full
        TLP:GREEN: Full, Full, Full, Hidden
        TLP:AMBER: Full, Holder, Anonymous, Hidden
        TLP:AMBER+STRICT: Full, Holder, Hidden, Hidden
        TLP:RED: Full, Anonymous, Hidden, Hidden
    "#]]
    .assert_eq(&table);
}

const ANY: &str = "(pkg:npm/[ab](@[12])?|https://github\\.com/o/[rs](#[xy](/[xy])?)?|10\\.[01]\\.0\\.0/(16|24)|host:(\\*\\.)?[ab]\\.example)(; ?; ?(79|787)?)?";

proptest! {
    /// Begins, renewals and releases at any times, the clock jumping both ways.
    #[test]
    fn no_lease_outlives_its_end(first in 1i64..=30, steps in prop::collection::vec((0u8..3, -50i64..200, -5i64..40), 0..12), asked in -50i64..400) {
        let mut lease = Lease::waiting(NOW, first);
        let mut began = None;
        for (what, at, length) in steps {
            let before = lease;
            lease = match what {
                0 => lease.begin(days(at)),
                1 => lease.renew(days(at), length).unwrap_or(lease),
                _ => lease.release(days(at)),
            };
            began = began.or(lease.starts);
            prop_assert_eq!(lease.starts, began, "a turn begins once");
            prop_assert!(before.closed.is_none() || lease.closed == before.closed);
            let from = lease.starts.unwrap_or(lease.asked);
            prop_assert!(from < lease.ends && lease.ends <= from + SignedDuration::from_hours(24 * TURN_DAYS_MAX));
        }
        let now = days(asked);
        if lease.is_active(now) {
            prop_assert!(now < lease.ends && lease.closed.is_none() && lease.starts.is_some_and(|starts| starts <= now));
        }
        if now >= lease.ends {
            prop_assert!(matches!(lease.standing(now), Standing::Lapsed | Standing::Released));
        }
        prop_assert!(lease.days <= LEASE_DAYS_MAX);
    }

    #[test]
    fn overlap_is_the_same_from_both_sides_and_a_claim_overlaps_itself(a in ANY, b in ANY) {
        let (a, b) = (read(&a), read(&b));
        prop_assert_eq!(overlap(&a, &b), overlap(&b, &a));
        prop_assert!(overlap(&a, &a).is_some());
        if overlap(&a, &b).is_some() {
            let buckets = |claim: &Claim| claim.scope.targets.iter().map(|place| place.bucket()).collect::<Vec<_>>();
            prop_assert!(buckets(&a).iter().any(|word| buckets(&b).contains(word)), "a store finds it by equality");
        }
    }

    #[test]
    fn a_claim_reads_back_as_it_is_kept(a in "(pkg:npm/[ab](@[12]|@nightly)?|https://github\\.com/o/[rs](#[xy])?|product:Acme/x; 1\\.2)") {
        let claim = read(&a);
        prop_assert_eq!(claim::claim(&claim.draft(7)), Ok(claim));
    }
}
