//! Claims, authorizations and policies, by what the door says to somebody nobody knows.

use std::fs;
use std::path::Path;

use clearinghouse::authorization::{self, NewAuthorization};
use clearinghouse::welcome::{self, Speaker};
use clearinghouse::{Actor, actor, organization};
use expect_test::{Expect, expect};
use names::{MemberId, OrganizationId, OrganizationKind, Role, Rules};

use crate::common::{House, START};

fn check(script: &str, wanted: Expect) {
    wanted.assert_eq(&House::start().anon().play(script));
}

#[test]
fn a_stranger_is_shown_no_board_and_no_form() {
    check(
        "GET /claims\nGET /claims/new\nGET /claims/K-000001\nGET /authorizations\nGET /authorizations/Z-000001\nGET /policies/1",
        expect![[r#"
            GET /claims
              303 → /sign-in?next=%2Fclaims (cache-control no-store)
            GET /claims/new
              303 → /sign-in?next=%2Fclaims%2Fnew (cache-control no-store)
            GET /claims/K-000001
              404 (cache-control no-store)
              title There is nothing here that you may see – Seamark on trial
              h1 There is nothing here that you may see
              Either there is no such thing, or it is not for you. This page is the same in both cases, so that it tells nobody what exists.
              li [Sign in](/sign-in), if you have an account here
              li [Start from the front page](/)
              li [Look among what was published](/advisories)
              li Check the address: ids look like F-000123
              Request NUMBER
            GET /authorizations
              303 → /sign-in?next=%2Fauthorizations (cache-control no-store)
            GET /authorizations/Z-000001
              404 (cache-control no-store)
              title There is nothing here that you may see – Seamark on trial
              h1 There is nothing here that you may see
              Either there is no such thing, or it is not for you. This page is the same in both cases, so that it tells nobody what exists.
              li [Sign in](/sign-in), if you have an account here
              li [Start from the front page](/)
              li [Look among what was published](/advisories)
              li Check the address: ids look like F-000123
              Request NUMBER
            GET /policies/1
              404 (cache-control no-store)
              title There is nothing here that you may see – Seamark on trial
              h1 There is nothing here that you may see
              Either there is no such thing, or it is not for you. This page is the same in both cases, so that it tells nobody what exists.
              li [Sign in](/sign-in), if you have an account here
              li [Start from the front page](/)
              li [Look among what was published](/advisories)
              li Check the address: ids look like F-000123
              Request NUMBER
        "#]],
    );
}

#[test]
fn a_stranger_changes_nothing() {
    check(
        "POST /claims targets=pkg:npm/a&testing=review&contact=a@b&days=3\nPOST /claims/K-000001/release\nPOST /authorizations/Z-000001/revoke\nPOST /policies/1/withdraw",
        expect![[r#"
            POST /claims targets=pkg:npm/a&testing=review&contact=a@b&days=3
              403 (cache-control no-store)
              title You may see this, and may not do that to it – Seamark on trial
              h1 You may see this, and may not do that to it
              Somebody else in your organization, or the people who run this house, may be able to.
              Request NUMBER
            POST /claims/K-000001/release
              404 (cache-control no-store)
              title There is nothing here that you may see – Seamark on trial
              h1 There is nothing here that you may see
              Either there is no such thing, or it is not for you. This page is the same in both cases, so that it tells nobody what exists.
              li [Sign in](/sign-in), if you have an account here
              li [Start from the front page](/)
              li [Look among what was published](/advisories)
              li Check the address: ids look like F-000123
              Request NUMBER
            POST /authorizations/Z-000001/revoke
              404 (cache-control no-store)
              title There is nothing here that you may see – Seamark on trial
              h1 There is nothing here that you may see
              Either there is no such thing, or it is not for you. This page is the same in both cases, so that it tells nobody what exists.
              li [Sign in](/sign-in), if you have an account here
              li [Start from the front page](/)
              li [Look among what was published](/advisories)
              li Check the address: ids look like F-000123
              Request NUMBER
            POST /policies/1/withdraw
              404 (cache-control no-store)
              title There is nothing here that you may see – Seamark on trial
              h1 There is nothing here that you may see
              Either there is no such thing, or it is not for you. This page is the same in both cases, so that it tells nobody what exists.
              li [Sign in](/sign-in), if you have an account here
              li [Start from the front page](/)
              li [Look among what was published](/advisories)
              li Check the address: ids look like F-000123
              Request NUMBER
        "#]],
    );
}

#[test]
fn every_scanner_can_look_a_policy_up() {
    check(
        "GET /policies\nGET /policies?target=pkg:npm/a@1.0.0\nGET /policies.json?package=nonsense",
        expect![[r#"
            GET /policies
              200 (cache-control no-store)
              title How owners want to be scanned and told – Seamark on trial
              h1 How owners want to be scanned and told
              A policy says how an owner wants to be scanned and told: not at all, in public only, with a reproducer, so many at a time, not before a day. It is asked at every step here, and every scanner can look it up: GET /policies.json?package=pkg:npm/name.
              form GET /policies
              label Look up a target
              pkg:npm/name, https://github.com/owner/name, product:Vendor/Name
                text target
              button Look it up
              [Write a policy](/policies/new)
              Nobody has said how they want to be scanned and told.
            GET /policies?target=pkg:npm/a@1.0.0
              200 (cache-control no-store)
              title How owners want to be scanned and told – Seamark on trial
              h1 How owners want to be scanned and told
              A policy says how an owner wants to be scanned and told: not at all, in public only, with a reproducer, so many at a time, not before a day. It is asked at every step here, and every scanner can look it up: GET /policies.json?package=pkg:npm/name.
              form GET /policies
              label Look up a target
              pkg:npm/name, https://github.com/owner/name, product:Vendor/Name
                text target = pkg:npm/a@1.0.0
              button Look it up
              [Write a policy](/policies/new)
              h2 For pkg:npm/a
              caption What may be done now
              tr To | Now | Why |
              tr claim it for a scan | go | |
              tr hand in a report without reproducer and patch | go | |
              tr hand in a report with both | go | |
              tr send a case to a maintainer who has nothing open | go | |
              tr propose an embargo | go | |
              [All policies](/policies)
            GET /policies.json?package=nonsense
              422 (cache-control no-store)
              {"type":"refused","title":"There is a problem","status":422,"detail":"target: `nonsense` is no target; write `pkg:npm/name`, `https://host/repository#folder`, `product:Vendor/Name`, `192.0.2.0/24`, `host:*.example.org` or `asset:Name`","instance":"NUMBER","problems":[{"field":"target","message":"`nonsense` is no target; write `pkg:npm/name`, `https://host/repository#folder`, `product:Vendor/Name`, `192.0.2.0/24`, `host:*.example.org` or `asset:Name`"}]}
        "#]],
    );
}

const POLICY: &str = r#"{"version": 1, "contact": "security@example.org", "languages": ["en", "pt-BR"], "expires": "2027-01-01",
  "rule": [{"for": ["pkg:npm/a", "https://github.com/owner/*"], "scan": "no", "report": "public", "open_max": 2,
            "per_week_max": 5, "reproducer_required": true, "patch_required": false, "paused_until": "2026-12-01T00:00:00Z",
            "route": "https://example.org/report"}]}"#;

#[test]
fn the_schema_takes_what_the_reader_takes() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/maintainer-policy.schema.json");
    let schema: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let rule =
        |rule: &str| format!(r#"{{"version": 1, "rule": [{{"for": "pkg:npm/a", {rule}}}]}}"#);
    let mut texts = vec![
        POLICY.to_owned(),
        r#"{"version": 2, "rule": []}"#.to_owned(),
        "{}".to_owned(),
    ];
    for one in [
        r#""scan": "ask""#,
        r#""scan": "never""#,
        r#""report": "any""#,
        r#""report": "maybe""#,
        r#""open_max": 0"#,
        r#""open_max": -1"#,
        r#""open_max": 1.5"#,
        r#""per_week_max": "2""#,
        r#""patch_required": "yes""#,
        r#""paused_until": "soon""#,
        r#""paused_until": "2026-12-01""#,
        r#""languages": []"#,
        r#""languages": ["en"]"#,
        r#""languages": ["not a tag"]"#,
        r#""contact": """#,
        r#""route": "a\nb""#,
        r#""opt_out": true"#,
    ] {
        texts.push(rule(one));
    }
    for text in texts {
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            schema.is_valid(&value),
            finding::welcome::read(&text, None).is_ok(),
            "{text}"
        );
    }
}

/// A token of an operator, the key it is signed by, whose target it is for; and a policy that nobody proved.
async fn made(house: &clearinghouse::House) -> (String, String, OrganizationId) {
    let now = START.parse().unwrap();
    let member = async |kind, name| {
        let organization = organization::create(house, &Actor::House, kind, name, now)
            .await
            .unwrap();
        let (id, role) = (MemberId::new(1), Role::Admin);
        Actor::Member(actor::Member {
            id,
            name: name.into(),
            organization,
            kind,
            role,
            staff: false,
            scopes: None,
        })
    };
    let owner = member(OrganizationKind::Operator, "Water Works").await;
    let lab = member(OrganizationKind::Finder, "Lab").await;
    let new = NewAuthorization {
        holder: lab.organization().unwrap(),
        targets: vec!["host:*.water.example".parse().unwrap()],
        sources: Vec::new(),
        rules: Rules {
            testing: vec![names::Testing::Probe],
            contact: "noc@water.example".into(),
            ..Rules::default()
        },
        starts: now,
        ends: "2026-11-25T00:00:00Z".parse().unwrap(),
    };
    let (_, token) = authorization::authorize(house, &owner, new, now)
        .await
        .unwrap();
    welcome::keep(house, &owner, POLICY, &Speaker::Own, now)
        .await
        .unwrap();
    let key = authorization::verifier(house).unwrap().to_string();
    (token, key, owner.organization().unwrap())
}

#[test]
fn a_target_learns_the_key_and_checks_a_token_here_or_offline() {
    let house = House::start();
    // Kept to the end: a connection goes back to the pool by the runtime that borrowed it.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (token, key, owner) = runtime.block_on(made(&house.app.house));
    let anon = house.anon();
    let known = anon.get("/.well-known/seamark-authorization").body;
    assert!(known.contains(&key), "{known}");
    let asked = |target: &str| {
        let body =
            format!(r#"{{"token": "{token}", "owner": "{owner}", "targets": ["{target}"]}}"#);
        anon.send(
            "POST",
            "/authorizations/check",
            Some("application/json"),
            &body,
        )
        .body
    };
    let allowed = asked("host:a.water.example");
    assert!(allowed.contains("\"allowed\":true"), "{allowed}");
    assert!(asked("host:water.example").contains("\"refusal\":\"other-target\""));
    let policy = anon.get("/policies.json?package=pkg:npm/a@1.2.3").body;
    assert!(
        policy.contains("\"act\":\"claim it for a scan\",\"answer\":\"hold\""),
        "{policy}"
    );
    let page = anon.get("/policies/1");
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("nobody&#39;s proof yet") || page.body.contains("nobody's proof yet"),
        "{}",
        page.body
    );
}
