//! A browser goes to another house and comes back, with the keyboard, by day and by night.

use serde_json::json;

use super::driver::Browser;
use super::look_at;
use crate::sign_on::start;
use crate::who::{ada, join};

#[test]
fn a_browser_goes_to_the_provider_and_comes_back_signed_in() {
    let Some(browser) = Browser::open() else {
        return;
    };
    let (provider, house) = start("organization = \"O-000001\"");
    let _ = ada(&house);
    provider.is("u-9", json!({"email": "bo@example.org", "name": "Bo"}));
    browser.go(&format!("http://{}/sign-in", house.address));
    browser.press("Sign in with Corp ID");
    browser.arrive("Your account – Seamark on trial");
    browser.says("You are signed in.");
    browser.says("Bo");
    // What it kept while it was away is gone.
    let away = format!("http://{}/sign-in/with/corp?state=x&code=x", house.address);
    browser.go(&away);
    browser.says("no sign-in of this house waits for this answer");
}

#[test]
fn axe_finds_nothing_on_the_pages_of_those_who_run_the_house_and_of_accounts() {
    let Some(browser) = Browser::open() else {
        return;
    };
    let (_provider, house) = start("");
    let (ada, _) = ada(&house);
    let (id, _) = join(&house, &ada, "Lab", "lise@lab.example");
    let members = ada.get(&format!("/organizations/{id}.json")).json();
    let lise = members["members"][0]["id"].as_str().unwrap().to_owned();
    let mut wrong = look_at(&browser, &house, "sign-in", "/sign-in");
    browser.cookie(ada.cookie());
    for (name, path) in [
        ("account", "/account".to_owned()),
        ("administration", "/administration".to_owned()),
        ("organization", format!("/organizations/{id}")),
        ("member", format!("/organizations/{id}/members/{lise}")),
    ] {
        wrong += &look_at(&browser, &house, name, &path);
    }
    assert_eq!(wrong, "");
}
