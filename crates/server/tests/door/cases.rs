//! A case's page: each act has its form there, without script, and what is refused comes back as it was filled in.

use server::web;

use crate::common::{House, Visitor};
use crate::leaks::{comes, finder};
use crate::who::ada;

/// A house with one case, who runs it, and whose report it is of.
fn house() -> (House, Visitor, Visitor) {
    let house = House::start();
    let (ada, _) = ada(&house);
    let lab = finder(&house, &ada, "Lab");
    let report = r#"{"title": "Overflow in decode", "target": {"package": "pkg:cargo/a@1.0.0"}}"#;
    let taken = lab.send_json("POST", "/reports.json", report);
    assert_eq!(taken.status, 201, "{}", taken.body);
    comes(&house);
    let moved = ada.post("/cases/C-000001/stage", "stage=triage");
    assert_eq!(moved.status, 303, "{}", moved.body);
    (house, ada, lab)
}

#[test]
fn each_act_of_a_case_has_a_form_on_its_page() {
    let (_house, ada, _) = house();
    let page = ada.get("/cases/C-000001").body;
    let mut without = Vec::new();
    for route in web::routes().list() {
        let Some(act) = route.path.strip_prefix("/cases/{id}/") else {
            continue;
        };
        // A vendor's verdict is on the vendor's page, and what one said elsewhere takes a vendor; who is let go is named
        // in the address; withdrawing, and all that is done to an advisory, have pages of their own.
        let elsewhere = ["verdicts", "heard", "withdraw"].contains(&act)
            || act.contains('{')
            || act.starts_with("advisory");
        let form = format!("method=\"post\" action=\"/cases/C-000001/{act}\"");
        if route.method == "POST" && !elsewhere && !page.contains(&form) {
            without.push(act.to_owned());
        }
    }
    assert!(without.is_empty(), "only programs can do this: {without:?}");
    assert!(page.contains("Let Lab go"));
    // No id stands twice, so each label is of one field.
    let mut ids: Vec<&str> = page
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn a_refused_form_of_a_case_comes_back_open_and_as_it_was_filled_in() {
    let (_house, ada, _) = house();
    for (act, form, field, kept) in [
        (
            "handling",
            "coordinator=CERT%2FCC&number=",
            "number",
            "value=\"CERT/CC\"",
        ),
        (
            "handoff",
            "coordinator=&organization=O-000077",
            "coordinator",
            "value=\"O-000077\"",
        ),
        (
            "facts",
            "kev_added=yesterday&epss_probability=5",
            "kev_added",
            "value=\"yesterday\"",
        ),
        ("marks", "mark=aware&at=soon", "at", "value=\"soon\""),
        ("tlp", "tlp=CLEAR", "tlp", "id=\"tlp\""),
        (
            "embargo",
            "act=alarm&cause=leak&source=",
            "source",
            "value=\"leak\" checked",
        ),
        (
            "participants",
            "organization=O-000077&part=vendor",
            "organization",
            "value=\"O-000077\"",
        ),
    ] {
        let refused = ada.post(&format!("/cases/C-000001/{act}"), form);
        assert_eq!(refused.status, 422, "{act}: {}", refused.body);
        let page = &refused.body;
        assert!(page.contains("<title>Error: "), "{act}");
        assert!(
            page.contains(&format!("href=\"#{field}\"")),
            "{act} names no field: {page}"
        );
        assert!(
            page.contains(&format!("id=\"{field}\"")),
            "{act} has no field {field}"
        );
        assert!(
            page.contains(kept),
            "{act} does not come back as it was filled in: {page}"
        );
        assert_eq!(page.matches("<details open>").count(), 1, "{act}");
    }
}

#[test]
fn a_case_is_marked_noted_and_handed_over_from_its_page() {
    let (_house, ada, lab) = house();
    for (act, form) in [
        (
            "facts",
            "kev_added=2026-11-01&automatable=yes&total=&exposed=no&epss_probability=970000&epss_percentile=990000",
        ),
        ("handling", "coordinator=CERT%2FCC&number=VU%231"),
        ("tlp", "tlp=RED"),
        ("embargo", "act=alarm&cause=leak&source=seen+in+a+forum"),
        ("marks", "mark=measure&awareness=&at="),
    ] {
        let done = ada.post(&format!("/cases/C-000001/{act}"), form);
        assert_eq!(done.status, 303, "{act}: {}", done.body);
    }
    let page = ada.get("/cases/C-000001").body;
    for said in [
        "VU#1",
        "TLP:RED",
        "raised an alarm",
        "a corrective measure became available",
        "value=\"2026-11-01\"",
        "value=\"970000\"",
    ] {
        assert!(page.contains(said), "the page does not say {said}: {page}");
    }
    let handed = ada.post("/cases/C-000001/handoff", "coordinator=CERT%2FCC");
    assert_eq!(handed.status, 200, "{}", handed.body);
    assert!(handed.body.contains("CERT/CC has the case now"));
    assert!(
        handed.body.contains("pkg:cargo/a"),
        "the bundle is there to be sent on"
    );

    // And the finder's page of the report, whose history grows.
    for (act, form) in [
        ("hops", "organization=CERT%2FCC&note=received&at="),
        ("handling", "coordinator=CERT%2FCC&number=VU%231"),
        ("terms", "embargo_until=2027-03-01&tlp=RED&disclose_at="),
    ] {
        let done = lab.post(&format!("/reports/R-000001/{act}"), form);
        assert_eq!(done.status, 303, "{act}: {}", done.body);
    }
    let refused = lab.post(
        "/reports/R-000001/terms",
        "embargo_until=2026-12-01&tlp=&disclose_at=",
    );
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("value=\"2026-12-01\""),
        "{}",
        refused.body
    );
    let shown = lab.get("/reports/R-000001.json").json();
    assert_eq!(shown["terms"]["tlp"], "TLP:RED");
    assert_eq!(shown["provenance"]["handling"][0]["id"], "VU#1");
    assert!(
        shown["report"]["provenance"].get("handling").is_none(),
        "as it was handed over"
    );
}
