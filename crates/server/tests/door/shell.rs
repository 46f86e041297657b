//! What holds for every address: endings, headers, caching, limits, the document for programs.

use std::fs;
use std::path::Path;

use expect_test::{Expect, expect, expect_file};
use server::web;

use crate::common::House;

fn check(script: &str, wanted: Expect) {
    wanted.assert_eq(&House::start().anon().play(script));
}

#[test]
fn a_stranger_learns_who_runs_this() {
    check(
        "GET /\nGET /about.json",
        expect![[r#"
            GET /
              200 (cache-control no-store)
              title One flaw, one case, however many found it – Seamark on trial
              h1 One flaw, one case, however many found it
              Seamark on trial takes in findings from people and programs who do not trust one another, makes one case of each flaw, and lets its maintainer work it at a pace of their own. What is under embargo stays so; every act can be proved later.
              [Sign in](/sign-in)
              New here? Accounts are made by invitation: ask the people who run this house.
              h2 What happens to a finding
              li Claim what you scan, so that nobody scans it twice.
              li Submit what you find, one report or a hundred thousand. Each is answered with a receipt.
              li Deconflict: the same flaw found twice becomes one case, and each finder keeps their credit.
              li Coordinate: maintainer, finders and coordinator agree on an embargo and keep it.
              li Publish: one advisory for people and for programs.
            GET /about.json
              200 (cache-control no-store)
              {"name":"Seamark on trial","contact":null,"about":null,"url":"http://HOUSE/","version":"0.1.0"}
        "#]],
    );
}

#[test]
fn what_is_not_there_and_what_is_not_for_you_look_the_same() {
    check(
        "GET /nowhere\nGET /nowhere.json\nGET /static/style.0.css",
        expect![[r#"
            GET /nowhere
              404 (cache-control no-store)
              title There is nothing here that you may see – Seamark on trial
              h1 There is nothing here that you may see
              Either there is no such thing, or it is not for you. This page is the same in both cases, so that it tells nobody what exists.
              li [Sign in](/sign-in), if you have an account here
              li [Start from the front page](/)
              li [Look among what was published](/advisories)
              li Check the address: ids look like F-000123
              Request NUMBER
            GET /nowhere.json
              404 (cache-control no-store)
              {"type":"hidden","title":"There is nothing here that you may see","status":404,"instance":"NUMBER"}
            GET /static/style.0.css
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
fn an_address_that_does_not_do_that_says_where_to_look() {
    check(
        "POST /about name=Ada\nDELETE /about.json",
        expect![[r#"
            POST /about name=Ada
              405 (cache-control no-store)
              title This address does not do that – Seamark on trial
              h1 This address does not do that
              look at /openapi.json for what each address does
              [Start from the front page](/)
              Request NUMBER
            DELETE /about.json
              405 (cache-control no-store)
              {"type":"unfit","title":"This address does not do that","status":405,"detail":"look at `/openapi.json` for what each address does","instance":"NUMBER"}
        "#]],
    );
}

#[test]
fn what_a_page_of_another_site_sends_is_refused() {
    let house = House::start();
    let post = |name: &str, value: &str| house.anon().with(name, value).post("/about", "").status;
    assert_eq!(post("sec-fetch-site", "cross-site"), 403);
    assert_eq!(post("sec-fetch-site", "same-site"), 403);
    assert_eq!(post("origin", "https://elsewhere.example"), 403);
    assert_eq!(post("origin", "null"), 403);
    // Past the guard; the address itself does not take a form.
    assert_eq!(post("sec-fetch-site", "same-origin"), 405);
    assert_eq!(post("origin", &format!("http://{}", house.address)), 405);
}

#[test]
fn every_answer_has_the_headers_that_keep_others_out() {
    let house = House::start();
    for path in ["/", "/about.json", "/nowhere", "/health", "/openapi.json"] {
        let seen = house.anon().get(path);
        for name in [
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "cache-control",
            "x-request-id",
        ] {
            assert!(seen.header(name).is_some(), "{path} has no {name}");
        }
    }
}

#[test]
fn two_requests_have_two_numbers_that_do_not_count() {
    let house = House::start();
    let number = || {
        u64::from_str_radix(
            house.anon().get("/health").header("x-request-id").unwrap(),
            16,
        )
        .unwrap()
    };
    let (one, other) = (number(), number());
    assert!(one.abs_diff(other) > 1_000_000, "{one} and {other}");
}

#[test]
fn the_style_sheet_is_kept_for_ever_under_its_own_name() {
    let house = House::start();
    let page = house.anon().get("/").body;
    let address = page
        .split("rel=\"stylesheet\" href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let seen = house.anon().get(address);
    assert_eq!(
        (seen.status, seen.header("cache-control")),
        (200, Some("public, max-age=31536000, immutable"))
    );
}

#[test]
fn only_a_house_that_nobody_else_reaches_tells_its_numbers() {
    assert_eq!(
        House::start_as(&["--url", "https://harbor.example"])
            .anon()
            .get("/metrics")
            .status,
        404
    );
}

/// The document in `docs/openapi.json` is what programs are promised; `UPDATE_EXPECT=1` writes a new one.
#[test]
fn programs_are_promised_what_is_served() {
    let served = House::start().anon().get("/openapi.json").body;
    expect_file!["../../../../docs/openapi.json"].assert_eq(&(served + "\n"));
}

/// Every route names its action; those that the document does not describe are listed, each with the reason.
#[test]
fn every_route_is_described_or_says_why_not() {
    let reasons = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/door/undescribed.txt"),
    )
    .unwrap();
    let mut wrong = Vec::new();
    let routes = web::routes().list();
    for route in &routes {
        let line = format!("{} {}: ", route.method, route.path);
        let is_listed = reasons
            .lines()
            .any(|reason| reason.starts_with(&line) && reason.len() > line.len());
        match (route.is_described, is_listed) {
            (true, true) => wrong.push(format!("{line}is in the document, and listed as left out")),
            (false, false) => wrong.push(format!(
                "{line}is neither in the document nor in undescribed.txt with a reason"
            )),
            _ => {}
        }
        if route.action.trim().is_empty() {
            wrong.push(format!("{line}names no action"));
        }
    }
    for reason in reasons
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if !routes
            .iter()
            .any(|route| reason.starts_with(&format!("{} {}: ", route.method, route.path)))
        {
            wrong.push(format!("`{reason}` is about no route"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// WCAG 2.2, success criterion 1.4.3: text has a contrast of 4.5:1 to what it stands on.
#[test]
fn every_color_can_be_read_on_paper_and_on_band_by_day_and_by_night() {
    let sheet = include_str!("../../static/style.css");
    let mut looked_at = 0;
    for block in sheet.split("--ink:").skip(1).take(2) {
        let block = format!("--ink:{}", block.split('}').next().unwrap());
        let color = |name: &str| {
            let hex = block
                .split(&format!("--{name}: #"))
                .nth(1)
                .unwrap_or_else(|| panic!("no {name}"));
            luminance(&hex[..6])
        };
        for ground in ["paper", "band"] {
            for ink in ["ink", "dim", "link", "stop", "wait", "good"] {
                let (one, other) = (color(ground), color(ink));
                let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
                assert!(contrast >= 4.5, "{ink} on {ground} has {contrast:.2}:1");
                looked_at += 1;
            }
        }
    }
    assert_eq!(looked_at, 24);
}

/// Relative luminance, WCAG 2.2.
fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}
