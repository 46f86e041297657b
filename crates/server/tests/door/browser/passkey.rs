//! Passkeys, with a browser and a device that it believes to be real.

use serde_json::Value;

use super::driver::{Authenticator, Browser};
use crate::common::{House, Seen, Visitor};
use crate::who::ada;

/// A house that has a name, as passkeys need one.
fn house() -> House {
    House::start_as(&["--url", "http://localhost:0"])
}

fn at(house: &House, path: &str) -> String {
    format!("http://localhost:{}{path}", house.address.port())
}

/// Ada signs in to `browser` and makes a passkey with the keyboard.
fn add(browser: &Browser, house: &House) -> Visitor {
    let (ada, _) = ada(house);
    browser.go(&at(house, "/about"));
    browser.cookie(ada.cookie());
    browser.go(&at(house, "/account"));
    browser.press("Add a passkey");
    browser.tab_to("Name");
    browser.keys("laptop");
    browser.press("Make the passkey");
    browser.arrive("Your account – Seamark on trial");
    ada
}

#[test]
fn a_passkey_is_made_used_and_removed_with_the_keyboard() {
    let Some(browser) = Browser::open() else {
        return;
    };
    let house = house();
    let _device = browser.authenticator();
    let ada = add(&browser, &house);
    let account = ada.get("/account.json").json();
    let kept = account["credentials"].as_array().unwrap();
    let kept = kept.iter().find(|one| one["kind"] == "passkey").unwrap();
    assert_eq!(
        (&kept["label"], &kept["used"]),
        (&Value::from("laptop"), &Value::Null)
    );

    browser.press("Sign out");
    browser.says("You are signed out.");
    browser.go(&at(&house, "/sign-in?next=/organizations"));
    browser.press("Sign in by passkey");
    browser.arrive("Organizations – Seamark on trial");
    let account = ada.get("/account.json");
    assert_eq!(account.status, 401, "she signed out of that session");

    browser.go(&at(&house, "/account"));
    browser.press("Remove Passkey laptop");
    browser.says("That way in is removed.");
    browser.press("Sign out");
    browser.says("You are signed out.");
    browser.go(&at(&house, "/sign-in"));
    browser.press("Sign in by passkey");
    browser.arrive("Error: Sign in by passkey – Seamark on trial");
    browser.says("this proves no account here");
}

#[test]
fn a_device_is_asked_for_no_second_passkey_of_an_account() {
    let Some(browser) = Browser::open() else {
        return;
    };
    let house = house();
    let device = browser.authenticator();
    add(&browser, &house);
    browser.press("Add a passkey");
    browser.tab_to("Name");
    browser.keys("again");
    browser.press_here("Make the passkey");
    browser.says("This device has a passkey of your account already.");
    assert_eq!(device.credentials().len(), 1);
}

/// A question of the sign-in page, and where its answer goes.
struct Asked {
    options: String,
    ticket: String,
}

fn asked(page: &Seen) -> Asked {
    let between = |from: &str, to: &str| {
        let rest = page.body.split(from).nth(1).unwrap();
        rest.split(to).next().unwrap().to_owned()
    };
    Asked {
        options: between("data-options=\"", "\"").replace("&#34;", "\""),
        ticket: between("name=\"ticket\" value=\"", "\""),
    }
}

fn begin(house: &House) -> Asked {
    let page = house.anon().post("/sign-in/passkey/new", "next=/account");
    assert_eq!(page.status, 200, "{}", page.body);
    asked(&page)
}

/// What the browser answers to `asked`.
fn answer(browser: &Browser, asked: &Asked) -> Value {
    let text = browser.run_later(&format!(
        "const done = arguments[arguments.length - 1];
         const options = PublicKeyCredential.parseRequestOptionsFromJSON({});
         navigator.credentials.get({{publicKey: options}}).then(it => done(JSON.stringify(it)), e => done(String(e)))",
        asked.options
    ));
    serde_json::from_str(text.as_str().unwrap())
        .unwrap_or_else(|_| panic!("the device answers {text}"))
}

/// Sends an answer; says how it ends.
fn send(house: &House, ticket: &str, answer: &Value) -> String {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("ticket", ticket)
        .append_pair("credential", &answer.to_string())
        .finish();
    let anon = house.anon().with("accept", "application/json");
    let seen = anon.post("/sign-in/passkey", &form);
    match seen.status {
        204 => "signed in".to_owned(),
        422 => seen.json()["problems"][0]["message"]
            .as_str()
            .unwrap()
            .to_owned(),
        other => panic!("{other}: {}", seen.body),
    }
}

#[test]
fn an_answer_counts_once_in_time_and_for_its_own_question() {
    let Some(browser) = Browser::open() else {
        return;
    };
    let house = house();
    let _device = browser.authenticator();
    let ada = add(&browser, &house);
    let over = "this question was answered before, or more than ten minutes ago; begin again";
    let unfit = "the passkey's answer does not fit the question; begin again";

    let one = begin(&house);
    let right = answer(&browser, &one);
    assert_eq!(send(&house, &one.ticket, &right), "signed in");
    assert_eq!(send(&house, &one.ticket, &right), over, "replayed");

    let other = begin(&house);
    assert_eq!(
        send(&house, &other.ticket, &right),
        unfit,
        "of another question"
    );

    let late = begin(&house);
    let right = answer(&browser, &late);
    house.later(jiff::SignedDuration::from_secs(601));
    assert_eq!(send(&house, &late.ticket, &right), over, "expired");

    let new = asked(&ada.post("/account/passkeys/new", ""));
    let right = answer(&browser, &begin(&house));
    assert_eq!(
        send(&house, &new.ticket, &right),
        over,
        "a question for a new passkey"
    );

    let forged = begin(&house);
    let mut handle = answer(&browser, &forged);
    handle["response"]["userHandle"] = "AAAAAAAAAAAAAAAAAAAAAA".into();
    assert_eq!(
        send(&house, &forged.ticket, &handle),
        unfit,
        "another's account"
    );

    let forged = begin(&house);
    let mut signature = answer(&browser, &forged);
    signature["response"]["signature"] = right["response"]["signature"].clone();
    assert_eq!(
        send(&house, &forged.ticket, &signature),
        unfit,
        "another's signature"
    );
}

#[test]
fn a_copy_of_a_passkey_is_noticed_by_its_count() {
    let Some(browser) = Browser::open() else {
        return;
    };
    let house = house();
    let device: Authenticator<'_> = browser.authenticator();
    add(&browser, &house);
    for _ in 0..3 {
        let one = begin(&house);
        let right = answer(&browser, &one);
        assert_eq!(send(&house, &one.ticket, &right), "signed in");
    }
    device.turn_back(&device.credentials()[0]);
    let one = begin(&house);
    let copied = answer(&browser, &one);
    assert_eq!(
        send(&house, &one.ticket, &copied),
        "the passkey counts as if there were a copy of it; come in another way, and remove it"
    );
}

#[test]
fn only_the_pages_of_a_passkey_have_a_script_and_it_can_fetch_nothing() {
    let house = house();
    let (ada, _) = ada(&house);
    let policy = |seen: Seen| seen.header("content-security-policy").unwrap().to_owned();
    for path in ["/", "/sign-in", "/account", "/organizations", "/nowhere"] {
        let policy = policy(ada.get(path));
        assert!(!policy.contains("script-src"), "{path}: {policy}");
    }
    let script = server::style::script();
    for seen in [
        ada.post("/account/passkeys/new", ""),
        house.anon().post("/sign-in/passkey/new", ""),
    ] {
        assert!(seen.body.contains("<noscript>"), "{}", seen.body);
        let policy = policy(seen);
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(!policy.contains("connect-src"), "{policy}");
        assert!(
            policy.ends_with(&format!("; script-src {}", at(&house, script))),
            "{policy}"
        );
    }
    assert_eq!(house.anon().get(script).status, 200);
}

#[test]
fn a_house_without_a_name_offers_no_passkeys() {
    let house = House::start();
    let (ada, _) = ada(&house);
    assert!(!ada.get("/sign-in").body.contains("passkey"));
    assert!(ada.get("/account").body.contains("it takes no passkeys"));
    assert_eq!(ada.post("/account/passkeys/new", "").status, 404);
}
