//! `seamark authorization verify`, by what it says.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its input has failed"
)]

use std::fs;

use expect_test::{Expect, expect};
use keys::{Master, SeededDice};
use names::authorization::Revocations;
use names::{Authorization, AuthorizationId, OrganizationId, Rules, Testing};

mod common;

use common::seamark;

/// A day in the transcripts: 2026-11-20, noon.
const NOON: &str = "2026-11-20T12:00:00Z";

fn statement() -> Authorization {
    Authorization {
        id: AuthorizationId::new(12),
        via: "clearing.example.org".into(),
        owner: OrganizationId::new(7),
        issuer: "Water \u{1b}[31mWorks".into(),
        holder: "Lab".into(),
        targets: vec![
            "192.0.2.0/24".parse().unwrap(),
            "host:*.water.example".parse().unwrap(),
        ],
        sources: vec!["203.0.113.0/28".parse().unwrap()],
        rules: Rules {
            testing: vec![Testing::Probe],
            requests_per_second_max: Some(5),
            hours: vec!["daily 08:00-18:00".parse().unwrap()],
            contact: "noc@water.example".into(),
            exclude: vec!["192.0.2.10".parse().unwrap()],
            ..Rules::default()
        },
        starts: 1_795_132_800,
        ends: 1_795_132_800 + 3 * 86_400,
    }
}

fn check(more: &[&str], expected: Expect) {
    let master = Master::new(&mut SeededDice::new(1));
    let key = keys::authorization::key(&master, "clearing.example.org").unwrap();
    let token = keys::authorization::sign(&statement(), &key);
    let folder = tempfile::tempdir().unwrap();
    let list = Revocations {
        via: "clearing.example.org".into(),
        made: 0,
        revoked: vec![AuthorizationId::new(12)],
    };
    let list_path = folder.path().join("list");
    fs::write(
        &list_path,
        keys::authorization::sign_revocations(&list, &key),
    )
    .unwrap();
    let vkey = key.verifier().to_string();
    let mut words = vec!["authorization", "verify", &token, "--key", &vkey];
    if !more.contains(&"--owner") {
        words.extend(["--owner", "O-000007"]);
    }
    let list_text = list_path.display().to_string();
    words.extend(more.iter().map(|word| {
        if *word == "LIST" {
            list_text.as_str()
        } else {
            word
        }
    }));
    let output = seamark(&words);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = format!(
        "exit {}\n{}{}",
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr)
    );
    expected.assert_eq(&said.replace(&list_text, "LIST"));
}

#[test]
fn an_authorized_scan_is_told_with_who_allowed_what() {
    check(
        &[
            "--target",
            "192.0.2.7",
            "--from",
            "203.0.113.5",
            "--at",
            NOON,
        ],
        expect![[r#"
            exit 0
            authorized: Lab may scan this
              by       Water  [31mWorks (O-000007), Z-000012 of clearing.example.org
              until    2026-11-23 00:00 UTC
              testing  probe
              at most  5 requests a second
              hours    daily 08:00-18:00 UTC
              contact  noc@water.example
            Whether it was taken back was not checked; give the list with --revoked.
        "#]],
    );
}

#[test]
fn a_scan_of_something_else_is_refused_by_name() {
    check(
        &[
            "--target",
            "192.0.2.10",
            "--from",
            "203.0.113.5",
            "--at",
            NOON,
        ],
        expect![[r#"
            exit 1
            not authorized (excluded): the authorization excludes `192.0.2.10`
            Treat this scan as one without a token.
        "#]],
    );
    check(
        &[
            "--target",
            "host:water.example",
            "--from",
            "203.0.113.5",
            "--at",
            NOON,
            "--format",
            "json",
        ],
        expect![[r#"
            exit 1
            {
              "allowed": false,
              "refusal": "other-target",
              "why": "the authorization is for other targets"
            }
        "#]],
    );
    check(
        &[
            "--target",
            "192.0.2.7",
            "--from",
            "198.51.100.1",
            "--at",
            NOON,
        ],
        expect![[r#"
            exit 1
            not authorized (other-source): the authorization is for scans from other addresses
            Treat this scan as one without a token.
        "#]],
    );
    check(
        &[
            "--target",
            "192.0.2.7",
            "--from",
            "203.0.113.5",
            "--at",
            "2026-11-20T19:00:00Z",
        ],
        expect![[r#"
            exit 1
            not authorized (out-of-hours): the authorization does not hold at this hour
            Treat this scan as one without a token.
        "#]],
    );
    check(
        &[
            "--target",
            "192.0.2.7",
            "--from",
            "203.0.113.5",
            "--at",
            NOON,
            "--owner",
            "O-000008",
        ],
        expect![[r#"
            exit 1
            not authorized (other-owner): the authorization was given by somebody else than the target's owner
            Treat this scan as one without a token.
        "#]],
    );
}

#[test]
fn one_that_was_taken_back_is_refused() {
    check(
        &[
            "--target",
            "192.0.2.7",
            "--from",
            "203.0.113.5",
            "--at",
            NOON,
            "--revoked",
            "LIST",
        ],
        expect![[r#"
            exit 1
            not authorized (revoked): the authorization was taken back
            Treat this scan as one without a token.
        "#]],
    );
}

#[test]
fn everything_wrong_with_a_command_is_said() {
    check(
        &[
            "--target",
            "nonsense",
            "--target",
            "10.0.0.1/8",
            "--at",
            NOON,
        ],
        expect![[r#"
            exit 2
            seamark: `nonsense` is no target; write `pkg:npm/name`, `https://host/repository#folder`, `product:Vendor/Name`, `192.0.2.0/24`, `host:*.example.org` or `asset:Name`; `10.0.0.1/8` is an address inside `10.0.0.0/8`; write the network or the address alone
        "#]],
    );
}

#[test]
fn the_help_says_what_a_target_needs() {
    let help = common::said(&["authorization", "verify", "--help"]);
    for word in ["--key", "--owner", "--target", "--revoked"] {
        assert!(help.contains(word), "{help}");
    }
}

/// The withdrawal that an engagement's developer signs away from the clearinghouse.
#[test]
fn a_withdrawal_is_signed_by_a_key_of_ones_own_and_says_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let key = path("leave.key");
    let words = [
        "engagement",
        "key",
        "--name",
        "larkspur.example/leave",
        "--output",
        &key,
    ];
    let line = common::said(&words);
    let public: keys::note::VerifierKey = line.trim().parse().unwrap();
    // Nobody's key is written over.
    assert_eq!(seamark(&words).status.code(), Some(2));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&key).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);

    let envelope = common::said(&[
        "engagement",
        "leave",
        "E-000007",
        "--developer",
        "O-000003",
        "--log",
        "house.example/log",
        "--key",
        &key,
        "--as-of",
        NOON,
    ]);
    let envelope: keys::dsse::Envelope = serde_json::from_str(&envelope).unwrap();
    let (payload, _) = keys::dsse::verify(
        &envelope,
        keys::statement::PAYLOAD_TYPE,
        &[*public.verifier()],
    )
    .unwrap();
    let said = frontier::engage::withdraw::Withdrawal::read(&payload).unwrap();
    assert_eq!(
        format!(
            "{} {} {} {}",
            said.engagement, said.developer, said.via, said.at
        ),
        format!("E-000007 O-000003 house.example/log {NOON}")
    );

    let public = path("public.key");
    fs::write(&public, line).unwrap();
    let wrong = seamark(&[
        "engagement",
        "leave",
        "E-000007",
        "--developer",
        "O-000003",
        "--log",
        "house.example/log",
        "--key",
        &public,
    ]);
    let told = String::from_utf8_lossy(&wrong.stderr).replace(&public, "FILE");
    expect![[r#"
        seamark: `FILE`: not a key; a private key is `PRIVATE+KEY+NAME+ID+SEED`
    "#]]
    .assert_eq(&told);
}
