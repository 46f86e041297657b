//! Provenance: a report's history only ever grows, and its terms are only ever tightened.

use jiff::{SignedDuration, Timestamp};
use names::{Refusal, Tlp};
use priority::bod2604::{day, utc_date};

use crate::embargo::EMBARGO_DAYS_MAX;
use crate::report::{Handling, Hop, Provenance, Terms};
use crate::submit::bounds::LIST_MAX;

/// A name, a number, or what somebody did, in characters: one line.
const LINE_CHARS_MAX: usize = 200;

/// What is added after a report was handed over.
#[derive(Clone, Debug, PartialEq)]
pub enum Extension {
    /// Another hand that it passed.
    Hop(Hop),
    /// What another coordinator calls it.
    Handling(Handling),
    /// Stricter terms; what is not said stays.
    Terms(Terms),
}

/// History and terms with what is added at `now`, or what stands against it, all at once.
pub fn extend(
    (provenance, terms): (&Provenance, &Terms),
    extension: Extension,
    received: Timestamp,
    now: Timestamp,
) -> Result<(Provenance, Terms), Refusal> {
    let mut new = (provenance.clone(), terms.clone());
    let mut refusal = Refusal::none();
    match extension {
        Extension::Hop(hop) => {
            hop_problem(&provenance.hops, &hop, now, &mut refusal);
            new.0.hops.push(hop);
        }
        Extension::Handling(handling) => {
            handling_problem(&provenance.handling, &handling, &mut refusal);
            new.0.handling.push(handling);
        }
        Extension::Terms(added) => {
            new.1 = Terms {
                embargo_until: added.embargo_until.or(terms.embargo_until),
                tlp: added.tlp.or(terms.tlp),
                disclose_at: added.disclose_at.or(terms.disclose_at),
            };
            if new.1 == *terms {
                refusal.add("", "nothing of it is stricter than the terms it has");
            }
            terms_problem(terms, &new.1, received, &mut refusal);
        }
    }
    for problem in [
        extend_provenance(provenance, &new.0).err(),
        tighten_terms(terms, &new.1).err(),
    ]
    .into_iter()
    .flatten()
    {
        refusal.within("", problem);
    }
    refusal.or(new)
}

/// Whether a mark may become `new`: a stricter one.
pub fn tighten_tlp(old: Option<Tlp>, new: Tlp) -> Result<(), Refusal> {
    match old {
        Some(old) if new <= old => Err(Refusal::of(
            "tlp",
            format!(
                "is no stricter than `{}`, which it has; only whoever marked it loosens it",
                old.as_str()
            ),
        )),
        _ => Ok(()),
    }
}

fn hop_problem(old: &[Hop], hop: &Hop, now: Timestamp, refusal: &mut Refusal) {
    line_problem("organization", &hop.organization, refusal);
    if !hop.note.is_empty() {
        line_problem("note", &hop.note, refusal);
    }
    if hop.at > now {
        refusal.add("at", "is in the future; say when it passed that hand");
    }
    if let Some(last) = old.last().filter(|last| last.at > hop.at) {
        refusal.add(
            "at",
            format!("is before `{}`, when it passed the last hand", last.at),
        );
    }
    count_problem("organization", old.len(), refusal);
}

fn handling_problem(old: &[Handling], handling: &Handling, refusal: &mut Refusal) {
    line_problem("coordinator", &handling.coordinator, refusal);
    line_problem("id", &handling.id, refusal);
    if old.contains(handling) {
        refusal.add("id", "is noted already");
    }
    count_problem("id", old.len(), refusal);
}

/// A day that its finder sets alone ends: it is no further from the report's coming than any embargo may last.
fn terms_problem(old: &Terms, new: &Terms, received: Timestamp, refusal: &mut Refusal) {
    let longest = received
        .checked_add(SignedDuration::from_hours(24 * EMBARGO_DAYS_MAX))
        .unwrap_or(Timestamp::MAX);
    if new.embargo_until != old.embargo_until && new.embargo_until > Some(longest) {
        let last = day(utc_date(longest));
        refusal.add(
            "embargo_until",
            format!("is more than {EMBARGO_DAYS_MAX} days after it was handed over; give a day until {last}"),
        );
    }
    if let (Some(until), Some(at)) = (new.embargo_until, new.disclose_at)
        && at < until
    {
        refusal.add(
            "disclose_at",
            format!(
                "`{at}` is before the embargo ends, `{until}`; one of the two is meant otherwise"
            ),
        );
    }
}

fn line_problem(field: &str, text: &str, refusal: &mut Refusal) {
    let length = text.trim().chars().count();
    if length == 0 || length > LINE_CHARS_MAX || text.chars().any(char::is_control) {
        refusal.add(
            field,
            format!("write it in one line of 1 to {LINE_CHARS_MAX} characters, such as `CERT/CC` or `VU#123456`"),
        );
    }
}

fn count_problem(field: &str, count: usize, refusal: &mut Refusal) {
    if count >= LIST_MAX {
        refusal.add(
            field,
            format!("there are {LIST_MAX} already, and no more are kept"),
        );
    }
}

/// `old` with what `new` adds at the ends of its lists; or what `new` leaves out or says otherwise.
pub fn extend_provenance(old: &Provenance, new: &Provenance) -> Result<Provenance, Refusal> {
    let mut refusal = Refusal::none();
    grown(
        "provenance.finders",
        &old.finders,
        &new.finders,
        &mut refusal,
    );
    grown("provenance.tools", &old.tools, &new.tools, &mut refusal);
    grown("provenance.hops", &old.hops, &new.hops, &mut refusal);
    grown(
        "provenance.origins",
        &old.origins,
        &new.origins,
        &mut refusal,
    );
    grown(
        "provenance.handling",
        &old.handling,
        &new.handling,
        &mut refusal,
    );
    refusal.or(new.clone())
}

/// `new`, where it keeps at least what `old` asked for.
pub fn tighten_terms(old: &Terms, new: &Terms) -> Result<Terms, Refusal> {
    let mut refusal = Refusal::none();
    if old.embargo_until > new.embargo_until {
        refusal.add(
            "embargo_until",
            "is earlier than it was handed over with; an embargo ends early only by agreement in its case",
        );
    }
    if old.tlp > new.tlp {
        refusal.add(
            "tlp",
            format!(
                "is looser than `{}`, under which it was handed over",
                old.tlp.map_or("", |tlp| tlp.as_str())
            ),
        );
    }
    if let Some(at) = old.disclose_at
        && new.disclose_at.is_some_and(|new| new < at)
    {
        refusal.add(
            "disclose_at",
            format!("is before `{at}`, which the finder said first"),
        );
    }
    refusal.or(new.clone())
}

fn grown<T: PartialEq>(field: &str, old: &[T], new: &[T], refusal: &mut Refusal) {
    let kept = old
        .iter()
        .zip(new)
        .take_while(|(old, new)| old == new)
        .count();
    if kept < old.len() {
        let message = match new.get(kept) {
            Some(_) => "says otherwise than before; what was handed over stays, add below it",
            None => "was left out; what was handed over stays, add below it",
        };
        refusal.add(format!("{field}[{kept}]"), message);
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(old: &[&str], new: &[&str], expected: Expect) {
        let of = |finders: &[&str]| Provenance {
            finders: finders.iter().map(|name| Box::from(*name)).collect(),
            ..Provenance::default()
        };
        let said = match extend_provenance(&of(old), &of(new)) {
            Ok(kept) => kept.finders.join(", "),
            Err(refusal) => refusal.to_string(),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn a_history_grows_at_its_end_and_loses_nothing() {
        check(&["Ada"], &["Ada", "Bo"], expect!["Ada, Bo"]);
        check(
            &["Ada"],
            &["ada"],
            expect![
                "provenance.finders[0]: says otherwise than before; what was handed over stays, add below it"
            ],
        );
        check(
            &["Ada", "Bo"],
            &["Ada"],
            expect![
                "provenance.finders[1]: was left out; what was handed over stays, add below it"
            ],
        );
        check(
            &["Ada"],
            &["Bo", "Ada"],
            expect![
                "provenance.finders[0]: says otherwise than before; what was handed over stays, add below it"
            ],
        );
    }

    #[test]
    fn terms_are_tightened_and_never_loosened() {
        use names::Tlp;
        let at = |text: &str| Some(text.parse().expect("a time"));
        let terms = |until, tlp| Terms {
            embargo_until: until,
            tlp,
            disclose_at: None,
        };
        let old = terms(at("2026-12-01T00:00:00Z"), Some(Tlp::Amber));
        assert!(tighten_terms(&old, &terms(at("2026-12-02T00:00:00Z"), Some(Tlp::Red))).is_ok());
        for (looser, field) in [
            (terms(None, Some(Tlp::Amber)), "embargo_until"),
            (
                terms(at("2026-11-30T00:00:00Z"), Some(Tlp::Amber)),
                "embargo_until",
            ),
            (terms(at("2026-12-01T00:00:00Z"), Some(Tlp::Green)), "tlp"),
            (terms(at("2026-12-01T00:00:00Z"), None), "tlp"),
        ] {
            let refusal = tighten_terms(&old, &looser).expect_err("looser");
            assert!(refusal.about(field).is_some(), "{refusal}");
        }
    }

    const NOW: Timestamp = Timestamp::constant(1_795_132_800, 0);

    fn extended(extensions: Vec<Extension>, expected: Expect) {
        let mut said = String::new();
        let mut held = (Provenance::default(), Terms::default());
        for extension in extensions {
            match extend((&held.0, &held.1), extension, NOW, NOW) {
                Ok(new) => {
                    let days = new
                        .1
                        .embargo_until
                        .map(|at| at.duration_since(NOW).as_hours() / 24);
                    let tlp = new.1.tlp.map_or("none", |tlp| tlp.as_str());
                    said += &format!(
                        "{} hops, {} numbers, {days:?} days, {tlp}\n",
                        new.0.hops.len(),
                        new.0.handling.len()
                    );
                    held = new;
                }
                Err(refusal) => said += &format!("  no: {refusal}\n"),
            }
        }
        expected.assert_eq(&said);
    }

    fn days(count: i64) -> Option<Timestamp> {
        NOW.checked_add(SignedDuration::from_hours(24 * count)).ok()
    }

    #[test]
    fn hands_come_in_their_order_and_none_comes_from_the_future() {
        let hop = |organization: &str, day: i64| {
            Extension::Hop(Hop {
                organization: organization.into(),
                at: days(day).expect("a day"),
                note: "".into(),
            })
        };
        extended(
            vec![
                hop("CERT/CC", -2),
                hop("Maker", -1),
                hop("Too early", -2),
                hop("", 1),
            ],
            expect![[r#"
            1 hops, 0 numbers, None days, none
            2 hops, 0 numbers, None days, none
              no: at: is before `2026-11-19T00:00:00Z`, when it passed the last hand
              no: organization: write it in one line of 1 to 200 characters, such as `CERT/CC` or `VU#123456`; at: is in the future; say when it passed that hand
            "#]],
        );
    }

    #[test]
    fn a_number_is_noted_once() {
        let handling = |id: &str| {
            Extension::Handling(Handling {
                coordinator: "CERT/CC".into(),
                id: id.into(),
            })
        };
        extended(
            vec![
                handling("VU#1"),
                handling("VU#1"),
                handling("VU#2"),
                handling(""),
            ],
            expect![[r#"
            0 hops, 1 numbers, None days, none
              no: id: is noted already
            0 hops, 2 numbers, None days, none
              no: id: write it in one line of 1 to 200 characters, such as `CERT/CC` or `VU#123456`
            "#]],
        );
    }

    #[test]
    fn terms_are_made_stricter_within_what_an_embargo_may_last() {
        let terms = |until, tlp| {
            Extension::Terms(Terms {
                embargo_until: until,
                tlp,
                disclose_at: None,
            })
        };
        extended(
            vec![
                terms(days(30), None),
                terms(None, Some(Tlp::Amber)),
                terms(days(10), Some(Tlp::Green)),
                terms(days(30), Some(Tlp::Amber)),
                terms(days(400), None),
                terms(days(366), Some(Tlp::Red)),
            ],
            expect![[r#"
            0 hops, 0 numbers, Some(30) days, none
            0 hops, 0 numbers, Some(30) days, AMBER
              no: embargo_until: is earlier than it was handed over with; an embargo ends early only by agreement in its case; tlp: is looser than `AMBER`, under which it was handed over
              no: nothing of it is stricter than the terms it has
              no: embargo_until: is more than 366 days after it was handed over; give a day until 21 November 2027
            0 hops, 0 numbers, Some(366) days, RED
            "#]],
        );
    }
}
