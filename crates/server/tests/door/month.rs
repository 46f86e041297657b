//! The demo: what it shows is what it says it shows.

use std::collections::BTreeMap;

use clearinghouse::publish;

use crate::common::House;
use crate::who::wait;

#[test]
fn a_demo_has_cases_in_every_state_and_signs_in_each_role() {
    let house = House::start_as(&["--demo"]);
    for role in ["Lantern Fuzzing", "Kestrel Networks", "Open Books Audit"] {
        let entered = house.anon().get(&house.entrance(role));
        assert_eq!(entered.header("location"), Some("/my"), "{role}");
    }
    let entered = house.anon().get(&house.entrance("Seamark on trial"));
    let staff = house.anon().with("cookie", entered.cookie().unwrap());
    let cases = staff.get("/cases.json").json();
    let mut stages: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases["cases"].as_array().unwrap() {
        *stages
            .entry(case["stage"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    for stage in [
        "new",
        "with-vendor",
        "fixing",
        "ready",
        "published",
        "closed",
        "withdrawn",
    ] {
        assert!(stages.contains_key(stage), "none is {stage}: {stages:?}");
    }
    let actor = clearinghouse::Actor::Anonymous;
    let listed = wait(publish::list(
        &house.app.house,
        &actor,
        &Default::default(),
        1,
    ));
    let (advisories, _) = listed.unwrap();
    assert!(advisories.len() >= 5, "{advisories:?}");
    assert!(advisories.iter().any(|one| one.withdrawn.is_some()));
    assert!(
        advisories
            .iter()
            .any(|one| one.version > 1 && one.withdrawn.is_none())
    );
    let proofs = staff.get("/validations.json").json();
    let proofs = proofs["validations"].as_array().unwrap();
    for word in [
        "proven",
        "not_reproduced",
        "flaky",
        "different_flaw",
        "cannot_run",
        "queued",
        "running",
        "cancelled",
        "failed",
    ] {
        let fits = |one: &serde_json::Value| one["outcome"] == word || one["state"] == word;
        assert!(proofs.iter().any(fits), "no proof is {word}: {proofs:?}");
    }
    let all = staff.get("/cases/C-000003.json").json();
    assert_eq!(all["embargo"]["ended_early"], "exploitation", "{all}");
    for page in [
        "/claims",
        "/authorizations",
        "/policies",
        "/findings/F-000001",
        "/numbers",
    ] {
        assert_eq!(staff.get(page).status, 200, "{page}");
    }
    let numbers = staff.get("/numbers.json").json();
    assert!(numbers["published"].as_u64() >= Some(4), "{numbers}");
}
