//! Provenance: a report's history only ever grows, and its terms are only ever tightened.

use names::Refusal;

use crate::report::{Provenance, Terms};

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
            "terms.embargo_until",
            "is earlier than it was handed over with; an embargo ends early only by agreement in its case",
        );
    }
    if old.tlp > new.tlp {
        refusal.add(
            "terms.tlp",
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
            "terms.disclose_at",
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
            (terms(None, Some(Tlp::Amber)), "terms.embargo_until"),
            (
                terms(at("2026-11-30T00:00:00Z"), Some(Tlp::Amber)),
                "terms.embargo_until",
            ),
            (
                terms(at("2026-12-01T00:00:00Z"), Some(Tlp::Green)),
                "terms.tlp",
            ),
            (terms(at("2026-12-01T00:00:00Z"), None), "terms.tlp"),
        ] {
            let refusal = tighten_terms(&old, &looser).expect_err("looser");
            assert!(refusal.about(field).is_some(), "{refusal}");
        }
    }
}
