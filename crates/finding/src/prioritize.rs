//! Prioritize: which flaw first, by which facts, and due when by which row of which table?
//!
//! The date is BOD 26-04's, by the crate `priority`, with the row and the edition it was found by.
//! The order of the queue is ours, since a directive for operators cannot order a maintainer's work:
//! exploited first, then KEV, then the row's timeline, then EPSS, CVSS, proven, and the oldest first.
//! A finder's score and a vendor's are kept apart; where they differ both are shown, and the vendor's counts.

use std::cmp::Reverse;

use jiff::Timestamp;
use names::OrganizationId;
use priority::cvss::Score;
use priority::epss::Epss;
use priority::{Cvss, Decision, Facts};

/// What is known of a finding.
#[derive(Clone, Debug)]
pub struct Known {
    /// BOD 26-04's answers; `detected` is when the first report came.
    pub facts: Facts,
    /// Who says that it is being exploited, each once.
    pub exploited_by: Vec<OrganizationId>,
    pub epss: Option<Epss>,
    /// Vectors that finders gave.
    pub finder_cvss: Vec<Cvss>,
    /// Vectors that vendors gave.
    pub vendor_cvss: Vec<Cvss>,
    /// Whether a proof was shown to work.
    pub proven: bool,
    /// How many independent finders reported it.
    pub finders: u32,
    pub reported: Timestamp,
}

/// Due when, by which row of which edition of which table, on which facts.
#[derive(Clone, Debug)]
pub struct Priority {
    pub decision: Decision,
    pub rank: Rank,
    /// The finder's severest and the vendor's severest, where they are not the same.
    pub disagreement: Option<(Score, Score)>,
    /// In sentences, the weightiest first.
    pub why: Vec<Box<str>>,
}

/// A place in the queue: the least is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    exploited: Reverse<bool>,
    kev: Reverse<bool>,
    timeline: (u16, bool),
    epss: Reverse<u32>,
    cvss: Reverse<u8>,
    proven: Reverse<bool>,
    reported: Timestamp,
}

impl Rank {
    /// Where someone says that it is being exploited, or CISA lists it.
    pub fn is_exploited(&self) -> bool {
        self.exploited.0 || self.kev.0
    }

    /// As one number for the store's index: the greater is first, and the older finding where two are alike.
    ///
    /// From the top: exploited 1 bit, KEV 1, days of the row 16 and its triage 1, EPSS percentile in millionths 20
    /// (10^6 < 2^20), CVSS in tenths 7 (100 < 2^7), proven 1: 47 of 63 bits.
    pub fn number(&self) -> i64 {
        let parts = [
            (u64::from(self.exploited.0), 1),
            (u64::from(self.kev.0), 1),
            (u64::from(u16::MAX - self.timeline.0), 16),
            (u64::from(!self.timeline.1), 1),
            (u64::from(self.epss.0.min(1_000_000)), 20),
            (u64::from(self.cvss.0.min(100)), 7),
            (u64::from(self.proven.0), 1),
        ];
        let number = parts
            .iter()
            .fold(0_u64, |number, (part, bits)| (number << bits) | part);
        i64::try_from(number).expect("47 bits fit")
    }

    /// For tests: all but two facts alike.
    #[cfg(test)]
    pub(crate) fn of_age(exploited: bool, reported: Timestamp) -> Rank {
        Rank {
            exploited: Reverse(exploited),
            kev: Reverse(false),
            timeline: (60, true),
            epss: Reverse(0),
            cvss: Reverse(0),
            proven: Reverse(false),
            reported,
        }
    }
}

/// Decides by the edition in force.
pub fn prioritize(known: &Known, now: Timestamp) -> Priority {
    let facts = Facts {
        detected: known.facts.detected.or(Some(known.reported)),
        ..known.facts.clone()
    };
    let decision = priority::decide(&facts, now);
    let severest = |vectors: &[Cvss]| vectors.iter().map(Cvss::score).max();
    let (finder, vendor) = (severest(&known.finder_cvss), severest(&known.vendor_cvss));
    let rank = Rank {
        exploited: Reverse(!known.exploited_by.is_empty()),
        kev: Reverse(facts.kev_added.is_some()),
        timeline: decision.timeline.strictness(),
        epss: Reverse(known.epss.map_or(0, |epss| epss.percentile_millionths)),
        cvss: Reverse(vendor.or(finder).map_or(0, Score::tenths)),
        proven: Reverse(known.proven),
        reported: known.reported,
    };
    Priority {
        why: why(known, &decision, finder, vendor),
        disagreement: finder
            .zip(vendor)
            .filter(|(finder, vendor)| finder != vendor),
        decision,
        rank,
    }
}

fn why(
    known: &Known,
    decision: &Decision,
    finder: Option<Score>,
    vendor: Option<Score>,
) -> Vec<Box<str>> {
    let mut why: Vec<Box<str>> = Vec::new();
    match known.exploited_by.len() {
        0 => {}
        1 => why.push("one participant reports that it is being exploited".into()),
        count => why.push(format!("{count} participants report that it is being exploited").into()),
    }
    why.extend(priority::explain(decision).into_iter().map(Box::from));
    if let Some(epss) = known.epss {
        why.push(
            format!(
                "EPSS: {} in the next 30 days, {}",
                epss.chance(),
                epss.words()
            )
            .into(),
        );
    }
    why.extend(
        match (vendor, finder) {
            (Some(vendor), Some(finder)) if vendor != finder => Some(format!(
                "CVSS: {vendor} by the vendor, {finder} by a finder; the vendor's counts"
            )),
            (Some(vendor), _) => Some(format!("CVSS: {vendor} by the vendor")),
            (None, Some(finder)) => Some(format!(
                "CVSS: {finder} by a finder, the vendor has given none"
            )),
            (None, None) => None,
        }
        .map(Box::from),
    );
    why.push(match known.proven {
        true => "a proof was shown to work".into(),
        false => "no proof was shown to work yet".into(),
    });
    if known.finders > 1 {
        why.push(format!("{} finders reported it independently", known.finders).into());
    }
    why
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use jiff::civil::date;
    use proptest::prelude::*;

    fn now() -> Timestamp {
        "2026-03-10T00:00:00Z".parse().expect("a day")
    }

    fn known() -> Known {
        Known {
            facts: Facts::default(),
            exploited_by: Vec::new(),
            epss: None,
            finder_cvss: Vec::new(),
            vendor_cvss: Vec::new(),
            proven: false,
            finders: 1,
            reported: "2026-03-01T12:00:00Z".parse().expect("a day"),
        }
    }

    fn check(known: &Known, expected: Expect) {
        let priority = prioritize(known, now());
        let head = format!(
            "row {} of {}, due {:?}",
            priority.decision.row, priority.decision.edition, priority.decision.due
        );
        expected.assert_eq(&format!("{head}\n{}", priority.why.join("\n")));
    }

    #[test]
    fn a_finding_of_which_nothing_is_known_says_what_it_assumed() {
        check(
            &known(),
            expect![[r#"
            row 7 of bod-26-04/2026-06-10, due Some(2026-03-15)
            Fix by 15 March 2026: nobody has said whether the internet can reach it, CISA does not list it as exploited, an attack is assumed not to be automatable, and it is assumed to give an attacker full control
            Row 7 of CISA BOD 26-04, Table 1 (bod-26-04/2026-06-10): 14 days, counted from 1 March 2026, when it was first seen on this asset
            Assumed: not automatable, since the directive's implementers take a flaw outside KEV without CISA's answer as not automatable (unconfirmed by CISA) (who could say: CISA, through Vulnrichment)
            Assumed: total impact, since the directive's implementers take a flaw outside KEV without CISA's answer as total impact (unconfirmed by CISA) (who could say: CISA, through Vulnrichment)
            Open question: exposed, since nobody has said and no default is known; the answer with the stricter date is taken (who could say: the operator: can anyone on the internet reach this asset?)
            Beside it, if not exposed: row 15: fix on system upgrade
            Beside it, FedRAMP NTC-0014: 4 March 2026 (row 5: 3 days)
            no proof was shown to work yet"#]],
        );
    }

    #[test]
    fn the_vendor_s_score_counts_and_the_finder_s_is_shown_beside_it() {
        let cvss = |text: &str| vec![text.parse().expect("a vector")];
        let disputed = Known {
            facts: Facts {
                kev_added: Some(date(2026, 3, 5)),
                automatable: Some(true),
                total: Some(true),
                exposed: Some(true),
                ..Facts::default()
            },
            exploited_by: vec![OrganizationId::new(2), OrganizationId::new(5)],
            epss: Some(Epss {
                probability_millionths: 420_000,
                percentile_millionths: 991_000,
            }),
            finder_cvss: cvss("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
            vendor_cvss: cvss("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N"),
            proven: true,
            finders: 3,
            ..known()
        };
        check(
            &disputed,
            expect![[r#"
            row 1 of bod-26-04/2026-06-10, due Some(2026-03-04)
            2 participants report that it is being exploited
            Fix now: overdue since 4 March 2026; anyone on the internet can reach it and CISA knows it is being exploited; an attack can be automated and it gives an attacker full control
            Look for an intruder before patching: know the affected assets by 5 March 2026 02:00 UTC, keep volatile evidence by 6 March 2026 00:00 UTC, decide by 8 March 2026 00:00 UTC
            Row 1 of CISA BOD 26-04, Table 1 (bod-26-04/2026-06-10): 3 days, with forensic triage, counted from 1 March 2026, when it was first seen on this asset
            Beside it, counted from the KEV addition: 8 March 2026 (KEV came after the detection; the directive starts the clock at the first of both)
            EPSS: 42.0% in the next 30 days, among the 1 in 100 flaws most likely to be exploited
            CVSS: 5.5 by the vendor, 9.8 by a finder; the vendor's counts
            a proof was shown to work
            3 finders reported it independently"#]],
        );
        let scores = prioritize(&disputed, now()).disagreement;
        assert_eq!(
            scores.map(|(a, b)| (a.to_string(), b.to_string())),
            Some(("9.8".into(), "5.5".into()))
        );
    }

    #[test]
    fn exploited_goes_before_kev_before_the_row_before_epss_before_cvss_before_proven_before_age() {
        let epss = |percentile_millionths| {
            Some(Epss {
                probability_millionths: 1,
                percentile_millionths,
            })
        };
        let kev = Facts {
            kev_added: Some(date(2026, 3, 5)),
            ..Facts::default()
        };
        let exposed = Facts {
            exposed: Some(true),
            automatable: Some(true),
            ..Facts::default()
        };
        let in_order = [
            Known {
                exploited_by: vec![OrganizationId::new(1)],
                ..known()
            },
            Known {
                facts: kev,
                ..known()
            },
            Known {
                facts: exposed,
                ..known()
            },
            Known {
                epss: epss(900_000),
                ..known()
            },
            Known {
                epss: epss(500_000),
                finder_cvss: vec!["AV:N/AC:L/Au:N/C:C/I:C/A:C".parse().expect("a vector")],
                ..known()
            },
            Known {
                finder_cvss: vec!["AV:N/AC:L/Au:N/C:C/I:C/A:C".parse().expect("a vector")],
                ..known()
            },
            Known {
                proven: true,
                ..known()
            },
            Known {
                reported: "2026-02-01T00:00:00Z".parse().expect("a day"),
                ..known()
            },
            known(),
        ];
        let ranks: Vec<Rank> = in_order
            .iter()
            .map(|known| prioritize(known, now()).rank)
            .collect();
        assert!(ranks.is_sorted(), "{ranks:#?}");
        let numbers: Vec<i64> = ranks.iter().map(Rank::number).collect();
        assert!(
            numbers.is_sorted_by(|one, next| one >= next),
            "{numbers:#?}"
        );
        assert_eq!(ranks.iter().filter(|rank| rank.is_exploited()).count(), 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_number_orders_as_the_rank_does(a in rank(), b in rank()) {
            let by_number = b.number().cmp(&a.number()).then(a.reported.cmp(&b.reported));
            prop_assert_eq!(a.cmp(&b), by_number);
        }
    }

    fn rank() -> impl Strategy<Value = Rank> {
        let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
        (
            flags,
            0..u16::MAX,
            0..=1_000_000_u32,
            0..=100_u8,
            -9_000_i64..9_000,
        )
            .prop_map(
                |((exploited, kev, triage, proven), days, epss, cvss, second)| Rank {
                    exploited: Reverse(exploited),
                    kev: Reverse(kev),
                    timeline: (days % 4, triage),
                    epss: Reverse(epss % 3),
                    cvss: Reverse(cvss % 3),
                    proven: Reverse(proven),
                    reported: Timestamp::from_second(second).expect("near 1970"),
                },
            )
    }
}
