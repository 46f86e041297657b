//! Coming in by another house, which is a real one, and everything that it or someone on the way could do wrong.

use expect_test::{Expect, expect};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::common::{House, Seen, Visitor};
use crate::provider::{CLIENT, Provider, SECRET, Wrong};
use crate::who::ada;

const OVER: &str = "no sign-in of this house waits for this answer; begin again";

/// A house that believes `provider`, with what `more` says of it in its settings.
fn house(provider: &Provider, more: &str) -> House {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let settings = folder.path().join("seamarkd.toml");
    let text = format!(
        "[[sign_on]]\nname = \"corp\"\nlabel = \"Corp ID\"\nissuer = \"{}\"\nclient_id = \"{CLIENT}\"\n\
         client_secret_file = \"{}\"\n{more}\n",
        provider.issuer(),
        secret.display()
    );
    std::fs::write(&settings, text).unwrap();
    House::start_as(&["--settings", &settings.display().to_string()])
}

/// A provider that recognizes everyone, and a house that believes it.
pub fn start(more: &str) -> (Provider, House) {
    let provider = Provider::start("u-1", crate::common::START.parse().unwrap());
    let house = house(&provider, more);
    (provider, house)
}

/// What a browser holds after it was sent to the provider: its cookie, and the way back.
struct Away {
    cookie: String,
    back: String,
}

/// Sends `visitor` away from the form at `path`, and has the provider send them back.
fn go(house: &House, visitor: &Visitor, path: &str) -> Away {
    let page = visitor.post(path, "next=/organizations");
    assert_eq!(page.status, 200, "{}", page.body);
    let onward = page.header("refresh").unwrap();
    let address = onward.strip_prefix("0; url=").unwrap();
    let link = address.replace('&', "&#38;");
    assert!(page.body.contains(&link), "the page has the link too");
    let config = ureq::Agent::config_builder()
        .max_redirects(0)
        .max_redirects_will_error(false);
    let agent: ureq::Agent = config.build().into();
    let sent = agent.get(address).call().unwrap();
    let location = sent.headers()["location"].to_str().unwrap().to_owned();
    let here = format!("http://{}", house.address);
    Away {
        cookie: page.cookie().unwrap().to_owned(),
        back: location.strip_prefix(&here).unwrap().to_owned(),
    }
}

/// Comes back as a program, which is told in one line how it ends.
fn come(visitor: &Visitor, cookie: &str, back: &str) -> Seen {
    visitor
        .with("accept", "application/json")
        .with("cookie", cookie)
        .get(back)
}

fn said(seen: &Seen) -> String {
    match seen.status {
        204 => "signed in".to_owned(),
        422 => seen.json()["problems"][0]["message"]
            .as_str()
            .unwrap()
            .to_owned(),
        other => format!("{other} {}", seen.body),
    }
}

/// The whole way of a stranger.
fn enter(house: &House) -> String {
    let anon = house.anon();
    let away = go(house, &anon, "/sign-in/with/corp");
    said(&come(&anon, &away.cookie, &away.back))
}

/// Ada links her account to whomever the provider recognizes.
fn link(house: &House, ada: &Visitor) -> String {
    let away = go(house, ada, "/account/sign-on/corp");
    let both = format!("{}; {}", ada.cookie(), away.cookie);
    said(&come(&house.anon(), &both, &away.back))
}

#[test]
fn whoever_was_linked_comes_in_and_goes_where_they_wanted() {
    let (_provider, house) = start("");
    let (ada, _) = ada(&house);
    assert_eq!(
        enter(&house),
        "this proves no account here; accounts are made by invitation"
    );
    assert_eq!(link(&house, &ada), "signed in");
    let account = ada.get("/account.json").json();
    let ways = account["credentials"].as_array().unwrap();
    assert!(
        ways.iter()
            .any(|way| way["kind"] == "sign-on" && way["label"] == "Corp ID")
    );
    let away = go(&house, &house.anon(), "/sign-in/with/corp");
    let seen = house.anon().with("cookie", &away.cookie).get(&away.back);
    assert_eq!(
        seen.header("location"),
        Some("/organizations?done=signed-in"),
        "{}",
        seen.body
    );
    let again = house.anon().with("cookie", seen.cookie().unwrap());
    assert_eq!(again.get("/account").status, 200);
}

/// Has the provider do something wrong; says how the sign-in of a linked account ends.
fn check(wrong: Wrong, wanted: Expect) {
    let (provider, house) = start("");
    let (ada, _) = ada(&house);
    assert_eq!(link(&house, &ada), "signed in");
    provider.goes(wrong);
    wanted.assert_eq(&enter(&house));
}

fn claim(name: &'static str, value: Value) -> Wrong {
    Wrong {
        claims: [(name, value)].into(),
        ..Wrong::default()
    }
}

fn signed(how: &'static str) -> Wrong {
    Wrong {
        signed: how,
        ..Wrong::default()
    }
}

#[test]
fn a_token_of_another_sign_in_is_refused() {
    let text = expect!["Corp ID sent a token for another sign-in"];
    check(claim("nonce", json!("another")), text);
    let text = expect!["Corp ID sent a token for another sign-in"];
    check(claim("nonce", Value::Null), text);
}

#[test]
fn a_token_for_another_house_is_refused() {
    let text = expect!["Corp ID sent a token that is not for this house alone"];
    check(claim("aud", json!("another")), text);
    let text = expect!["Corp ID sent a token that is not for this house alone"];
    check(claim("aud", json!([CLIENT, "another"])), text);
    let text = expect!["Corp ID sent a token that another house asked for"];
    check(claim("azp", json!("another")), text);
}

#[test]
fn a_token_of_another_issuer_is_refused() {
    let text = expect!["Corp ID sent a token of another issuer"];
    check(claim("iss", json!("https://elsewhere.example")), text);
}

#[test]
fn a_token_whose_time_is_not_now_is_refused_and_a_minute_of_skew_is_not() {
    let past =
        || expect!["Corp ID sent a token whose time is not now; someone looks at both clocks"];
    check(claim("exp", json!(-61)), past());
    check(claim("exp", json!(-59)), expect!["signed in"]);
    check(claim("iat", json!(61)), past());
    check(claim("iat", json!(59)), expect!["signed in"]);
    check(claim("iat", json!(-661)), past());
}

#[test]
fn a_token_that_the_provider_did_not_sign_is_refused() {
    for how in ["none", "HS256", "HS256-public", "other-key"] {
        let text = expect!["Corp ID sent a token that is not signed by a key of its own"];
        check(signed(how), text);
    }
    check(signed("ES256"), expect!["signed in"]);
}

#[test]
fn what_the_provider_says_of_itself_is_checked() {
    let described = |name, value| Wrong {
        described: [(name, value)].into(),
        ..Wrong::default()
    };
    for (wrong, wanted) in [
        (
            described("issuer", json!("https://elsewhere.example")),
            "Corp ID calls itself by another address than `issuer` in seamarkd.toml",
        ),
        (
            described("jwks_uri", json!("http://elsewhere.example/keys")),
            "Corp ID keeps its keys at an address in the clear",
        ),
        (
            described(
                "authorization_endpoint",
                json!("http://elsewhere.example/authorize"),
            ),
            "Corp ID sends people to an address in the clear",
        ),
        (
            Wrong {
                padding: 2 << 20,
                ..Wrong::default()
            },
            "Corp ID does not answer now; come in another way, or try again",
        ),
    ] {
        let (provider, house) = start("");
        provider.goes(wrong);
        let anon = house.anon().with("accept", "application/json");
        assert_eq!(said(&anon.post("/sign-in/with/corp", "")), wanted);
    }
}

#[test]
fn what_the_provider_answers_a_code_with_is_checked() {
    let answer = |status, text| Wrong {
        token: Some((status, text)),
        ..Wrong::default()
    };
    let text = expect!["Corp ID answers the code with what cannot be read"];
    check(answer(302, ""), text);
    let text = expect!["Corp ID answers the code with what cannot be read"];
    check(answer(200, "{"), text);
    let text = expect!["Corp ID answers the code, and says of nobody who they are"];
    check(
        answer(200, r#"{"access_token": "it", "token_type": "Bearer"}"#),
        text,
    );
}

#[test]
fn an_answer_counts_once_in_time_and_for_the_browser_that_asked() {
    let (provider, house) = start("");
    let (ada, _) = ada(&house);
    assert_eq!(link(&house, &ada), "signed in");
    let anon = house.anon();
    let away = || go(&house, &anon, "/sign-in/with/corp");
    let tell = |cookie: &str, back: &str| said(&come(&anon, cookie, back));

    let one = away();
    assert_eq!(tell(&one.cookie, &one.back), "signed in");
    assert_eq!(tell(&one.cookie, &one.back), OVER, "replayed");

    let (one, other) = (away(), away());
    let browser = "this was begun in another browser; begin again in this one";
    assert_eq!(tell(&other.cookie, &one.back), browser, "another's browser");
    let one = away();
    assert_eq!(tell("none=at-all", &one.back), browser, "no cookie");

    let one = away();
    house.later(SignedDuration::from_secs(601));
    assert_eq!(tell(&one.cookie, &one.back), OVER, "ten minutes later");
    provider.at(house.app.now());

    let one = away();
    let forged = one.back.replace("state=smkt_", "state=smkt_a");
    assert_eq!(tell(&one.cookie, &forged), OVER, "another state");

    let one = away();
    let mixed = one.back.replace("iss=http", "iss=https");
    assert_eq!(
        tell(&one.cookie, &mixed),
        "Corp ID did not send this: it names another issuer"
    );

    // Someone who saw a code brings it to a sign-in of their own: it belongs to another question.
    let (mine, theirs) = (away(), away());
    let code = |back: &str| {
        back.split("code=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .to_owned()
    };
    let injected = mine.back.replace(&code(&mine.back), &code(&theirs.back));
    assert_eq!(
        tell(&mine.cookie, &injected),
        "Corp ID does not take the code: it was used, or is not ours"
    );

    let one = away();
    let state = one.back.split("state=").nth(1).unwrap();
    let denied = format!("/sign-in/with/corp?error=access_denied&state={state}");
    assert_eq!(
        tell(&one.cookie, &denied),
        "Corp ID let nobody in: `access_denied`"
    );
}

#[test]
fn a_mail_address_finds_no_account() {
    let (provider, house) = start("");
    let (_ada, _) = ada(&house);
    provider.is(
        "u-2",
        json!({"email": "ada@example.org", "email_verified": true, "name": "Ada"}),
    );
    assert_eq!(
        enter(&house),
        "this proves no account here; accounts are made by invitation"
    );
}

#[test]
fn one_who_is_recognized_proves_one_account_alone() {
    let (_provider, house) = start("");
    let (ada, _) = ada(&house);
    assert_eq!(link(&house, &ada), "signed in");
    let bo = invited(&house, &ada, "bo@example.org");
    let welcome = bo.1;
    assert_eq!(
        said(&welcome),
        "this proves another account already; sign out there, or use another"
    );
    assert_eq!(
        house.anon().get(&format!("/invitations/{}", bo.0)).status,
        200,
        "the link still opens"
    );
}

/// Invites someone, who accepts by the provider: the link's secret, and how that ends.
fn invited(house: &House, ada: &Visitor, email: &str) -> (String, Seen) {
    let organizations = ada.get("/organizations.json").json();
    let id = organizations["organizations"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let made = ada.send_json(
        "POST",
        &format!("/organizations/{id}/invitations.json"),
        &json!({"email": email, "role": "reader"}).to_string(),
    );
    let made = made.json();
    let link = made["link"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let anon = house.anon();
    let away = go(house, &anon, &format!("/invitations/{link}/with/corp"));
    let seen = come(&anon, &away.cookie, &away.back);
    (link, seen)
}

#[test]
fn whoever_is_invited_joins_by_the_provider_as_what_the_invitation_says() {
    let (provider, house) = start("");
    let (ada, _) = ada(&house);
    provider.is(
        "u-7",
        json!({"email": "bo@elsewhere.example", "name": "Bo"}),
    );
    let (link, seen) = invited(&house, &ada, "bo@example.org");
    assert_eq!(said(&seen), "signed in");
    let bo = house.anon().with("cookie", seen.cookie().unwrap());
    let account = bo.get("/account.json").json();
    assert_eq!(
        (&account["name"], &account["role"]),
        (&json!("Bo"), &json!("reader"))
    );
    assert_eq!(
        house.anon().get(&format!("/invitations/{link}")).status,
        410
    );
    assert_eq!(enter(&house), "signed in");
}

#[test]
fn everyone_of_an_organization_comes_in_where_the_operator_says_so() {
    let (provider, house) = start("organization = \"O-000001\"\nrole = \"reader\"");
    let (_ada, _) = ada(&house);
    assert_eq!(
        enter(&house),
        "Corp ID tells no mail address of yours; ask whoever runs it, or for an invitation"
    );
    provider.is(
        "u-2",
        json!({"email": "ada@example.org", "name": "Another Ada"}),
    );
    assert_eq!(
        enter(&house),
        "this is the address of a member of the organization already",
        "an address is no proof"
    );
    provider.is(
        "u-3",
        json!({"email": "eve@example.org", "email_verified": false}),
    );
    assert_eq!(
        enter(&house),
        "Corp ID tells no mail address of yours; ask whoever runs it, or for an invitation"
    );
    provider.is("u-4", json!({"email": "Bo@Example.org", "name": "Bo"}));
    let anon = house.anon();
    let away = go(&house, &anon, "/sign-in/with/corp");
    let seen = come(&anon, &away.cookie, &away.back);
    let bo = anon.with("cookie", seen.cookie().unwrap());
    let account = bo.get("/account.json").json();
    assert_eq!(
        (&account["name"], &account["role"], &account["organization"]),
        (&json!("Bo"), &json!("reader"), &json!("O-000001"))
    );
    assert_eq!(enter(&house), "signed in", "the second time they are known");
}

#[test]
fn an_account_is_linked_by_whoever_is_signed_in_to_it_alone() {
    let (_provider, house) = start("");
    let (ada, _) = ada(&house);
    let away = go(&house, &ada, "/account/sign-on/corp");
    let stranger = said(&come(&house.anon(), &away.cookie, &away.back));
    assert_eq!(
        stranger,
        "you are not signed in to the account that this was begun for; sign in, and begin again"
    );
    assert_eq!(house.anon().post("/account/sign-on/corp", "").status, 303);
    assert_eq!(house.anon().post("/sign-in/with/nobody", "").status, 404);
}
