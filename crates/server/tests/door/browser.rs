//! A real browser reads our pages: with the keyboard alone, by day and by night, on a small screen, on paper.

mod driver;
mod models;
mod passkey;
mod roles;
mod round;
mod sign_on;

use std::fs;

use driver::{Browser, Look, target};
use serde_json::Value;

use crate::common::House;

/// Pages that anyone may read.
const PAGES: &[(&str, &str)] = &[("home", "/"), ("about", "/about"), ("lost", "/nowhere")];

#[test]
fn the_keyboard_leads_a_stranger_round_the_house() {
    let Some(browser) = Browser::open() else {
        return;
    };
    let house = House::start();
    for look in [Look::Light, Look::Dark] {
        browser.look(look);
        browser.go(&format!("http://{}/", house.address));
        browser.press_here("Skip to content");
        assert_eq!(browser.run("return document.activeElement.id"), "main");
        browser.go(&format!("http://{}/", house.address));
        browser.press("About");
        assert_eq!(browser.title(), "About this house – Seamark on trial");
    }
}

#[test]
fn axe_finds_nothing_and_no_page_is_wider_than_its_screen() {
    let Some(browser) = Browser::open() else {
        return;
    };
    let house = House::start();
    for (name, path) in PAGES {
        assert_eq!(look_at(&browser, &house, name, path), "");
    }
}

/// Looks at a page in every way, keeps a picture of each, has axe look too, and says all that is wrong.
fn look_at(browser: &Browser, house: &House, name: &str, path: &str) -> String {
    let mut wrong = String::new();
    for look in Look::ALL {
        browser.look(look);
        browser.go(&format!("http://{}{path}", house.address));
        let over = browser.run(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        if over != 0 {
            wrong += &format!("{path}, {look:?}: {over} px wider than its screen\n");
        }
        browser.picture(&format!("{name}-{look:?}").to_lowercase());
        if !matches!(look, Look::Print) {
            for fault in faults(browser).lines() {
                wrong += &format!("{path}, {look:?}: {fault}\n");
            }
        }
    }
    wrong
}

/// What axe finds on this page, a line each; nothing, said aloud, where there is no axe.
fn faults(browser: &Browser) -> String {
    let Ok(axe) = fs::read_to_string(target().join("tools/axe/package/axe.min.js")) else {
        println!("skipped: there is no axe-core in target/tools; `cargo xtask test` fetches it");
        return String::new();
    };
    let found = browser.run_later(&format!(
        "const done = arguments[arguments.length - 1]; {axe}; axe.run().then(found => done(found.violations), error => done(String(error)))"
    ));
    let Value::Array(found) = found else {
        return format!("axe did not run: {found}");
    };
    let line = |one: &Value| {
        format!(
            "{}: {} at {}\n",
            one["id"], one["help"], one["nodes"][0]["html"]
        )
    };
    found.iter().map(line).collect()
}
