//! Whether it can work is said truly.

use jiff::SignedDuration;

use crate::common::House;
use crate::who::{ada, wait};

#[test]
fn a_log_that_nobody_sequences_makes_it_unready_after_a_minute() {
    let house = House::start();
    let _ = ada(&house);
    let ready = || {
        let seen = house.anon().get("/ready");
        format!("{} {}", seen.status, seen.body)
    };
    assert_eq!(ready(), "200 ready\n");
    house.later(SignedDuration::from_secs(60));
    assert_eq!(ready(), "200 ready\n");
    house.later(SignedDuration::from_secs(1));
    assert_eq!(
        ready(),
        "503 the log has entries that no checkpoint signs for since 61 s; at most 60 s are well\n"
    );
    let now = house.app.now();
    wait(clearinghouse::log::sequence::catch_up(
        &house.app.house,
        now,
    ))
    .unwrap();
    assert_eq!(ready(), "200 ready\n");
    house.later(SignedDuration::from_hours(3));
    assert_eq!(ready(), "200 ready\n", "a log that rests is well");
}
