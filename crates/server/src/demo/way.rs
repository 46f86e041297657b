//! Way: what happens to a flaw, hour by hour, by the state that it has come to.

use finding::embargo::Cause;

use super::Flaw;

/// Hours between the first reports of two flaws.
const APART: i64 = 18;

/// Hours between two reports of one flaw.
const TURN: i64 = 5;

/// How long the finders of what is published asked to keep it, in hours from their first report.
pub const KEPT: i64 = 168;

/// Something that somebody does to a flaw's case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The finder of this place hands over a report.
    Report(usize),
    /// The house brings the reports to their case.
    Arrive,
    /// A worker has re-run the first finder's proof, or has not.
    Validate,
    Triage,
    /// The staff brings the vendor in, and the house sends it within its pace.
    Invite,
    Release,
    /// All finders agree to the day on offer.
    FindersAgree,
    VendorAgrees,
    Affected,
    Disputed,
    NotAffected,
    Fixing,
    Fixed,
    Ready,
    /// What is written in the case, in its order.
    Message(usize),
    /// The vendor offers another day than the one in effect.
    Longer,
    Alarm(Cause),
    End(Cause),
    Draft,
    Publish,
    /// A next version.
    Correct,
    /// The advisory is taken back.
    Retract,
    Close,
    /// The finder takes the case back.
    Withdraw,
}

/// Hours from the beginning, and what happens then to `flaw`, which is the one of this number.
pub fn way(number: usize, flaw: &Flaw) -> Vec<(i64, Act)> {
    let begin = i64::try_from(number).unwrap_or(0) * APART + 24;
    let found = flaw.found_by.len();
    let last = i64::try_from(found).unwrap_or(1).saturating_sub(1) * TURN;
    let mut way: Vec<(i64, Act)> = (0..found)
        .map(|turn| (i64::try_from(turn).unwrap_or(0) * TURN, Act::Report(turn)))
        .collect();
    way.push((last + 1, Act::Arrive));
    if flaw.proof.is_some() {
        way.push((last + 3, Act::Validate));
    }
    way.extend(
        after(&flaw.state)
            .into_iter()
            .map(|(hours, act)| (last + hours, act)),
    );
    let said = 0..flaw.message.len();
    way.extend(said.map(|turn| {
        (
            last + 44 + 3 * i64::try_from(turn).unwrap_or(0),
            Act::Message(turn),
        )
    }));
    way.into_iter()
        .map(|(hours, act)| (begin + hours, act))
        .collect()
}

/// Hours after the last report, and what happens then.
fn after(state: &str) -> Vec<(i64, Act)> {
    use Act::{
        Affected, Alarm, Close, Correct, Disputed, Draft, End, FindersAgree, Fixed, Fixing, Invite,
        Longer, NotAffected, Publish, Ready, Release, Retract, Triage, VendorAgrees, Withdraw,
    };
    let asked = [(4, Triage), (6, Invite), (8, Release)];
    let agreed = [(10, FindersAgree), (12, Release), (20, VendorAgrees)];
    let coordinated: Vec<(i64, Act)> = asked.into_iter().chain(agreed).collect();
    let fixed = [(30, Affected), (40, Fixing), (100, Fixed), (102, Ready)];
    let told = [(110, Draft), (KEPT + 2, Publish)];
    let more: Vec<(i64, Act)> = match state {
        "proposed" => return asked.to_vec(),
        "embargoed" => vec![(30, Affected), (70, Longer)],
        "working" => vec![(30, Affected), (40, Fixing)],
        "fixed" => fixed.to_vec(),
        "published" => fixed.into_iter().chain(told).collect(),
        "corrected" => [fixed.to_vec(), told.to_vec(), vec![(KEPT + 50, Correct)]].concat(),
        "retracted" => [fixed.to_vec(), told.to_vec(), vec![(KEPT + 60, Retract)]].concat(),
        "ended-early" => vec![
            (30, Affected),
            (40, Fixing),
            (50, Alarm(Cause::Exploitation)),
            (52, End(Cause::Exploitation)),
            (54, Draft),
            (55, Publish),
        ],
        "disputed" => vec![(30, Disputed)],
        "not-affected" => vec![(30, NotAffected), (60, Close)],
        "withdrawn" => return vec![(4, Triage), (12, Withdraw)],
        _ => return Vec::new(),
    };
    [coordinated, more].concat()
}
