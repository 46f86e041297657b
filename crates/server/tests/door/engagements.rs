//! Engagements, by what the door says: to everybody who has a seat, and to everybody who has none.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::common::{House, Seen};

const GATE_WORDS: &str = include_str!("../../../frontier/src/engage/gate-words.txt");

const MEASURED: &str = "E-000001";
const ASKED: &str = "E-000002";
const LEFT: &str = "E-000003";

fn demo() -> House {
    House::start_as(&["--demo"])
}

fn gate_word(text: &str) -> Option<&'static str> {
    let small = text.to_lowercase();
    GATE_WORDS.lines().find(|word| small.contains(word))
}

/// Every schema that `value` refers to, and what those refer to.
fn schemas<'a>(value: &'a Value, document: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            let name = members.get("$ref").and_then(Value::as_str);
            let name = name.and_then(|place| place.strip_prefix("#/components/schemas/"));
            if let Some(name) = name
                && found.insert(name)
            {
                schemas(&document["components"]["schemas"][name], document, found);
            }
            members
                .values()
                .for_each(|one| schemas(one, document, found));
        }
        Value::Array(all) => all.iter().for_each(|one| schemas(one, document, found)),
        _ => {}
    }
}

#[test]
fn never_a_gate_no_served_address_or_answer_of_this_way_gives_a_permission() {
    let house = demo();
    let document = house.anon().get("/openapi.json").json();
    let mut found = BTreeSet::new();
    let mut count = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        if path.starts_with("/engagements") || path.starts_with("/commitments") {
            count += 1;
            assert_eq!(gate_word(&format!("{path} {item}")), None, "{path} {item}");
            schemas(item, &document, &mut found);
        }
    }
    assert!(count > 25 && found.len() > 20, "{count} {}", found.len());
    for name in found.iter().filter(|name| !name.contains("Problem")) {
        let schema = &document["components"]["schemas"][*name];
        assert_eq!(
            gate_word(&format!("{name} {schema}")),
            None,
            "{name} {schema}"
        );
    }
    // And what is answered, to whoever has a seat and whoever has none.
    let mut answers = 0;
    for organization in [
        "Meridian Models",
        "Plumb Line",
        "Office of Payment",
        "Seamark on trial",
    ] {
        let member = house.member(organization);
        for path in [
            "/engagements.json".to_owned(),
            "/engagements/counts.json".to_owned(),
            "/commitments.json".to_owned(),
            format!("/engagements/{MEASURED}.json"),
            format!("/engagements/{ASKED}.json"),
            format!("/engagements/{LEFT}.json"),
            format!("/engagements/{MEASURED}/record.json"),
        ] {
            let seen = member.get(&path);
            if seen.status == 200 {
                answers += 1;
                assert_eq!(
                    gate_word(&seen.body),
                    None,
                    "{organization} {path} {}",
                    seen.body
                );
            }
        }
    }
    assert!(answers > 14, "{answers}");
    // Seen red: a member of that sort is found.
    assert_eq!(
        gate_word(&json!({"release_approved": true}).to_string()),
        Some("approv")
    );
}

#[test]
fn never_a_gate_a_notice_of_a_release_is_taken_at_the_door_whatever_the_state() {
    let house = demo();
    let developer = house.member("Meridian Models");
    for (id, state) in [
        (MEASURED, "evaluated"),
        (ASKED, "inquiry"),
        (LEFT, "withdrawn"),
    ] {
        let path = format!("/engagements/{id}/notify");
        let told = developer.send_json("POST", &path, r#"{"to": "everyone", "on": "2027-03-01"}"#);
        assert_eq!(told.status, 204, "{id} {}", told.body);
        let seen = developer.get(&format!("/engagements/{id}.json")).json();
        assert_eq!(
            (seen["state"].as_str(), seen["notices"][0]["on"].as_str()),
            (Some(state), Some("2027-03-01"))
        );
    }
    let other = house.member("Plumb Line").send_json(
        "POST",
        &format!("/engagements/{MEASURED}/notify"),
        r#"{"to": "everyone"}"#,
    );
    assert!(
        other.status == 403 || other.status == 404,
        "{}",
        other.status
    );
}

fn masked(seen: &Seen, id: &str) -> String {
    seen.said().replace(id, "E-#")
}

#[test]
fn what_was_withdrawn_and_what_never_was_are_answered_with_the_same_page() {
    let house = demo();
    for organization in [
        "Office of Payment",
        "Plumb Line",
        "Seamark on trial",
        "Lantern Fuzzing",
    ] {
        let member = house.member(organization);
        for suffix in ["", ".json", "/record", "/withdraw"] {
            let gone = member.get(&format!("/engagements/{LEFT}{suffix}"));
            let never = member.get(&format!("/engagements/E-000077{suffix}"));
            assert_eq!(gone.status, 404, "{organization} {suffix}");
            let without = |text: String| {
                text.lines()
                    .filter(|line| !line.contains("request"))
                    .collect::<Vec<_>>()
                    .join("\n")
            };
            assert_eq!(
                without(masked(&gone, LEFT)),
                without(masked(&never, "E-000077"))
            );
        }
        let list = member.get("/engagements.json").body;
        assert!(!list.contains(LEFT), "{list}");
    }
    let own = house
        .member("Meridian Models")
        .get(&format!("/engagements/{LEFT}.json"))
        .json();
    assert_eq!(own["state"], "withdrawn");
}

#[test]
fn the_whole_way_is_walked_through_the_door_by_forms() {
    let house = demo();
    let developer = house.member("Meridian Models");
    let official = house.member("Office of Payment");
    let page = official.get(&format!("/engagements/{ASKED}"));
    assert!(
        page.body.contains("Who measures") && !page.body.contains("Withdraw</a>"),
        "{}",
        page.body
    );
    // A form that is refused comes back as it was filled in.
    let refused = official.post(
        &format!("/engagements/{ASKED}/scope"),
        "organization=O-000002",
    );
    assert_eq!(refused.status, 422);
    assert!(
        refused
            .body
            .contains("is no evaluator that takes part here")
            && refused.body.contains("O-000002")
    );
    let measured = official
        .get(&format!("/engagements/{MEASURED}.json"))
        .json();
    let evaluator = measured["seats"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["seat"] == "evaluator")
        .unwrap();
    let body = format!(
        "organization={}",
        evaluator["organization"].as_str().unwrap()
    );
    assert_eq!(
        official
            .post(&format!("/engagements/{ASKED}/scope"), &body)
            .status,
        303
    );
    let terms = format!("terms={}", "a".repeat(64));
    assert_eq!(
        official
            .post(&format!("/engagements/{ASKED}/agree"), &terms)
            .status,
        303
    );
    let page = developer.get(&format!("/engagements/{ASKED}"));
    assert!(page.body.contains("Sign it as it stands"), "{}", page.body);
    assert_eq!(
        developer
            .post(&format!("/engagements/{ASKED}/sign"), "")
            .status,
        303
    );
    let seen = developer.get(&format!("/engagements/{ASKED}.json")).json();
    assert_eq!(seen["state"], "engaged");
    // One page, one button.
    let page = developer.get(&format!("/engagements/{ASKED}/withdraw"));
    assert_eq!(
        page.body.matches("<button").count() - page.body.matches("sign-out").count().min(1),
        1,
        "{}",
        page.body
    );
    assert_eq!(
        developer
            .post(&format!("/engagements/{ASKED}/withdraw"), "")
            .status,
        303
    );
    assert_eq!(official.get(&format!("/engagements/{ASKED}")).status, 404);
    // The scorecard is drawn, and says where it can be checked.
    let page = official.get(&format!("/engagements/{MEASURED}"));
    assert!(
        page.body.contains("<svg") && page.body.contains("29 of 40, 0.586 to 0.837"),
        "{}",
        page.body
    );
    house.later(SignedDuration::from_hours(1));
    let commitments = house.anon().get("/commitments.json").json();
    let index = commitments["commitments"][0]["log_index"].as_i64().unwrap();
    let receipt = house.anon().get(&format!("/log/{index}.receipt"));
    assert_eq!(receipt.status, 200);
}

#[test]
fn a_record_is_written_redacted_and_taken_out_through_the_door() {
    let house = demo();
    let developer = house.member("Meridian Models");
    let path = format!("/engagements/{MEASURED}/record");
    let form = "kind=incident&fields=what%3A+A+key+was+posted%0Aon%3A+2026-11-19%0Aresponse%3A+zanzibar&privilege=";
    assert_eq!(developer.post(&path, form).status, 303);
    let refused = developer.post(&path, "kind=incident&fields=what%3A+x&privilege=");
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("is missing; a statement of kind"),
        "{}",
        refused.body
    );
    let out = "entry=1&names=response&by=Counsel&reason=not+ours+to+tell";
    assert_eq!(developer.post(&format!("{path}/redact"), out).status, 303);
    for (word, has) in [
        ("public", false),
        ("whole", true),
        ("cyclonedx", false),
        ("spdx", false),
        ("markdown", false),
        ("html", false),
    ] {
        let seen = developer.get(&format!("{path}/{word}"));
        assert_eq!(
            (seen.status, seen.body.contains("zanzibar")),
            (200, has),
            "{word}"
        );
        assert!(
            seen.header("content-disposition")
                .is_some_and(|text| text.starts_with("attachment"))
        );
    }
    assert_eq!(
        house
            .member("Plumb Line")
            .get(&format!("{path}/public"))
            .status,
        404
    );
}
