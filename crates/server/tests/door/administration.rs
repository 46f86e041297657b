//! What those see who run the house, and what an administrator does for their own people.

use serde_json::json;

use crate::common::{House, Visitor};
use crate::who::{ada, join};

#[test]
fn those_who_run_the_house_see_how_it_stands_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("seamarkd.toml");
    let text = "name = \"Harbor ISAC\"\nfederation_salt = \"a-salt-nobody-else-has\"\n\
                [mail]\nserver = \"smtps://harbor:a-password@mail.example\"\nfrom = \"Harbor <harbor@mail.example>\"\n";
    std::fs::write(&settings, text).unwrap();
    let house = House::start_as(&[
        "--settings",
        &settings.display().to_string(),
        "--database",
        "postgres://seamark:a-password@db.example/seamark",
    ]);
    let (ada, _) = ada(&house);
    let (id, _) = join(&house, &ada, "Lab", "lise@lab.example");
    let suspended = ada.post(&format!("/organizations/{id}/suspend"), "");
    assert_eq!(suspended.status, 303, "{}", suspended.body);

    let page = ada.get("/administration");
    assert_eq!(
        (page.status, page.header("cache-control")),
        (200, Some("no-store"))
    );
    for secret in ["a-password", "a-salt-nobody-else-has", "mail.example"] {
        assert!(!page.body.contains(secret), "{secret}: {}", page.body);
    }
    let seen = ada.get("/administration.json").json();
    let lab = seen["organizations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "Lab")
        .unwrap();
    assert_eq!(
        (&lab["standing"], &lab["members"], &lab["sessions"]),
        (&json!("suspended"), &json!(1), &json!(1))
    );
    let set = |name: &str| {
        let all = seen["settings"].as_array().unwrap();
        let one = all.iter().find(|one| one["name"] == name).unwrap();
        one["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(set("database"), "postgres://db.example/seamark");
    assert_eq!((&*set("mail"), &*set("federation_salt")), ("yes", "yes"));
    assert!(set("policies").starts_with("1_bounds, "));
    let job = &seen["jobs"][0];
    assert_eq!(
        (&job["name"], &job["runs"]),
        (&json!("log-sequence"), &json!(0)),
        "no job runs in this test"
    );
}

#[test]
fn nobody_else_learns_that_there_is_an_administration() {
    let house = House::start();
    let (ada, _) = ada(&house);
    let (_, lise) = join(&house, &ada, "Lab", "lise@lab.example");
    assert_eq!(lise.get("/administration").status, 404);
    assert!(!lise.get("/account").body.contains("/administration"));
    assert!(ada.get("/account").body.contains("/administration"));
    assert_eq!(house.anon().get("/administration").status, 303);
}

/// A colleague of `admin`'s in the organization `id`.
fn colleague(house: &House, admin: &Visitor, id: &str) -> (String, Visitor) {
    let bo = crate::who::invited(house, admin, id, "Bo", "bo@lab.example");
    let account = bo.get("/account.json").json();
    (account["id"].as_str().unwrap().to_owned(), bo)
}

#[test]
fn an_administrator_ends_a_colleagues_session_and_no_stranger_does() {
    let house = House::start();
    let (ada, _) = ada(&house);
    let (id, lise) = join(&house, &ada, "Lab", "lise@lab.example");
    let (_, other) = join(&house, &ada, "Other", "otto@other.example");
    let (bo, browser) = colleague(&house, &lise, &id);
    let page = format!("/organizations/{id}/members/{bo}");
    let sessions = lise.get(&format!("{page}.json")).json();
    let number = sessions["sessions"][0]["id"].as_i64().unwrap();
    let end = format!("{page}/sessions/{number}/end");
    assert_eq!(other.get(&page).status, 404);
    assert_eq!(other.post(&end, "").status, 404);
    assert_eq!(
        browser.post(&format!("{page}/name"), "name=B").status,
        403,
        "a member does not rename"
    );
    assert_eq!(browser.get("/account").status, 200);
    assert_eq!(lise.post(&end, "").status, 303);
    assert_eq!(browser.get("/account").status, 303, "signed out at once");
    let (cleo, browser) = {
        let cleo = crate::who::invited(&house, &lise, &id, "Cleo", "cleo@lab.example");
        let account = cleo.get("/account.json").json();
        (account["id"].as_str().unwrap().to_owned(), cleo)
    };
    let all = format!("/organizations/{id}/members/{cleo}/sessions/end");
    assert_eq!(lise.post(&all, "").status, 303);
    assert_eq!(browser.get("/account").status, 303);
}

#[test]
fn an_organization_and_a_member_are_renamed_by_their_administrator() {
    let house = House::start();
    let (ada, _) = ada(&house);
    let (id, lise) = join(&house, &ada, "Lab", "lise@lab.example");
    let (bo, browser) = colleague(&house, &lise, &id);
    let name = format!("/organizations/{id}/name");
    assert_eq!(lise.post(&name, "name=The+Lab").status, 303);
    let seen = lise.get(&format!("/organizations/{id}.json")).json();
    assert_eq!(seen["name"], "The Lab");
    let taken = lise.send_json("POST", &name, r#"{"name": "An unnamed clearinghouse"}"#);
    assert_eq!(taken.status, 422, "{}", taken.body);
    assert_eq!(browser.post(&name, "name=Mine").status, 403);
    let page = format!("/organizations/{id}/members/{bo}/name");
    assert_eq!(lise.post(&page, "name=Bodil").status, 303);
    assert_eq!(browser.get("/account.json").json()["name"], "Bodil");
    let empty = lise.post(&page, "name=");
    assert_eq!(empty.status, 422);
    let acts = lise.get(&format!("/organizations/{id}/acts.json")).body;
    assert!(acts.contains(&format!("{bo} renamed")), "{acts}");
    assert!(
        !acts.contains("Bodil"),
        "a name is no part of what was done"
    );
}

/// A house whose operator forbids `text` besides, or what it says in place of starting.
fn forbidding(files: &[(&str, &str)]) -> Result<House, String> {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("policy");
    std::fs::create_dir(&policies).unwrap();
    for (name, text) in files {
        std::fs::write(policies.join(name), text).unwrap();
    }
    let data = folder.path().display().to_string();
    let arguments = ["--data-dir", &data];
    match House::refusal(&arguments) {
        Some(refusal) => Err(refusal.replace(&data, "DIR")),
        None => Ok(House::start_as(&arguments)),
    }
}

#[test]
fn what_the_operator_forbids_is_forbidden_and_everything_else_is_as_before() {
    let files = [
        (
            "10_names.cedar",
            "@id(\"no organization changes its name\")\nforbid (principal, action == Action::\"set_organization\", resource);\n",
        ),
        ("readme.txt", "This is no policy."),
    ];
    let house = forbidding(&files).unwrap();
    let (ada, _) = ada(&house);
    let (id, lise) = join(&house, &ada, "Lab", "lise@lab.example");
    let name = format!("/organizations/{id}/name");
    assert_eq!(lise.post(&name, "name=The+Lab").status, 403);
    assert!(
        !lise
            .get(&format!("/organizations/{id}"))
            .body
            .contains("Rename it"),
        "what one may not do is not drawn"
    );
    assert_eq!(lise.get(&format!("/organizations/{id}/export")).status, 200);
    let seen = ada.get("/administration.json").body;
    assert!(seen.contains("10_names.cedar"), "{seen}");
}

#[test]
fn a_house_does_not_start_with_policies_that_are_wrong_and_says_where_each_is() {
    let files = [
        (
            "action.cedar",
            "// Ours.\n\nforbid (principal, action == Action::\"sumbit\", resource);",
        ),
        (
            "attribute.cedar",
            "forbid (principal is Member, action == Action::\"submit\", resource) when { principal.colour };",
        ),
        (
            "form.cedar",
            "// Nobody submits on Sundays.\nforbid (principal",
        ),
        (
            "permit.cedar",
            "@id(\"all to me\") permit (principal, action, resource);",
        ),
        (
            "twice.cedar",
            "@id(\"one\")\nforbid (principal, action == Action::\"claim\", resource);\n@id(\"one\")\nforbid (principal, action == Action::\"submit\", resource);",
        ),
        (
            "word.cedar",
            "forbid (principal is Member, action == Action::\"submit\", resource) when { principal.role == Role::\"amdin\" };",
        ),
    ];
    let Err(refusal) = forbidding(&files) else {
        panic!("it started");
    };
    expect_test::expect![[r#"
        the policies in `DIR/policy` are not in force:
        `action.cedar` line 3: unrecognized action `Action::"sumbit"`; did you mean `Action::"submit"`?
        `attribute.cedar` line 1: attribute `colour` on entity type `Member` not found; did you mean `role`?
        `form.cedar` line 2: unexpected end of input
        `permit.cedar` line 1: `all to me` permits; an operator's policies may only `forbid`
        `twice.cedar` line 3: there is another `one` in this file; give each an `@id` of its own
        `word.cedar` line 1: entity `Role::"amdin"` is of an enumerated entity type, but `"amdin"` is not declared as a valid eid; valid entity eids: "admin", "member", "reader""#]]
    .assert_eq(&refusal);
}
