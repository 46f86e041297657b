//! Power: how many attempts, and how often does the rule decide which way?
//!
//! All by summing over every outcome; nothing is simulated. Power of an exact test is not monotone in the number of
//! attempts: one more can raise the number of successes that are needed.

use crate::statistics::binomial::{Side, bound, mass};

/// Most attempts that a search goes through.
const ATTEMPTS_MAX: u32 = 10_000;

/// Fewest successes of `n` whose lower bound exceeds `tau`, where any do.
pub fn critical(n: u32, tau: f64, alpha: f64) -> Option<u32> {
    // The tail at tau falls with k: search for the first k whose tail is at most alpha.
    let mut tail = 1.0;
    for k in 0..=n {
        if tail <= alpha {
            return Some(k);
        }
        tail -= mass(k, n, tau);
    }
    None
}

/// The chance that `n` attempts show a rate of `truth` to be above `tau`.
pub fn power(n: u32, tau: f64, truth: f64, alpha: f64) -> f64 {
    critical(n, tau, alpha).map_or(0.0, |k| (k..=n).map(|k| mass(k, n, truth)).sum())
}

/// The smallest number of attempts whose power is at least `wanted`, with the successes that are then needed.
pub fn attempts(tau: f64, truth: f64, alpha: f64, wanted: f64) -> Option<(u32, u32)> {
    (1..=ATTEMPTS_MAX)
        .find(|n| power(*n, tau, truth, alpha) >= wanted)
        .and_then(|n| Some((n, critical(n, tau, alpha)?)))
}

/// How the rule decides at a true rate this far from the threshold, over all thresholds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Characteristic {
    /// The true rate less the threshold.
    pub distance: f64,
    /// The smallest and the largest chance of ABOVE, and of BELOW.
    pub above: (f64, f64),
    pub below: (f64, f64),
}

/// The operating characteristic for `n` independent attempts, as a function of the distance from the threshold.
///
/// A curve for one threshold would give the threshold away, for its shape depends on it. So each point is the range
/// over all thresholds from 0.05 to 0.95: it says how good the rule is and nothing of where it stands.
pub fn characteristic(n: u32, alpha: f64, distances: &[f64]) -> Vec<Characteristic> {
    let bounds: Vec<(f64, f64)> = (0..=n)
        .map(|k| {
            let (k, n) = (f64::from(k), f64::from(n));
            (
                bound(Side::Lower, k, n, alpha),
                bound(Side::Upper, k, n, alpha),
            )
        })
        .collect();
    let point = |distance: f64| {
        let (mut above, mut below) = ((1.0_f64, 0.0_f64), (1.0_f64, 0.0_f64));
        for step in 1..20 {
            let tau = f64::from(step) / 20.0;
            let truth = tau + distance;
            if !(0.0..=1.0).contains(&truth) {
                continue;
            }
            let (mut is_above, mut is_below) = (0.0, 0.0);
            for (k, (low, high)) in (0..).zip(&bounds) {
                let chance = mass(k, n, truth);
                is_above += if *low > tau { chance } else { 0.0 };
                is_below += if *high < tau { chance } else { 0.0 };
            }
            above = (above.0.min(is_above), above.1.max(is_above));
            below = (below.0.min(is_below), below.1.max(is_below));
        }
        Characteristic {
            distance,
            above,
            below,
        }
    };
    distances.iter().copied().map(point).collect()
}

/// How many leaves must be revealed to find, with confidence `1 - alpha`, that a share `substituted` was exchanged.
pub fn audit(substituted: f64, alpha: f64) -> u32 {
    (alpha.ln() / (-substituted).ln_1p()).ceil() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sizes_come_out() {
        let size = |tau, truth| attempts(tau, truth, 0.05, 0.8).map(|(n, _)| n);
        assert_eq!(attempts(0.1, 0.3, 0.05, 0.8), Some((25, 6)));
        assert_eq!(size(0.1, 0.2), Some(78));
        assert_eq!(size(0.2, 0.4), Some(35));
        assert_eq!(size(0.3, 0.5), Some(39));
        assert_eq!(size(0.5, 0.7), Some(37));
        assert_eq!(size(0.5, 0.6), Some(158));
    }

    #[test]
    fn audits_find_what_was_exchanged() {
        assert_eq!(audit(0.10, 0.05), 29);
        assert_eq!(audit(0.05, 0.05), 59);
    }

    #[test]
    fn the_characteristic_says_how_good_the_rule_is_and_not_where_it_stands() {
        let curve = characteristic(100, 0.05, &[-0.3, 0.0, 0.3]);
        assert!(curve[1].above.1 <= 0.05 && curve[1].below.1 <= 0.05);
        assert!(curve[2].above.0 > 0.99 && curve[0].below.0 > 0.99);
        assert!(curve[2].below.1 < 1e-6 && curve[0].above.1 < 1e-6);
    }

    #[test]
    fn a_critical_count_is_where_the_lower_bound_passes() {
        for (n, tau) in [(10_u32, 0.3), (25, 0.1), (40, 0.5)] {
            let k = critical(n, tau, 0.05).unwrap();
            assert!(bound(Side::Lower, f64::from(k), f64::from(n), 0.05) > tau);
            assert!(bound(Side::Lower, f64::from(k - 1), f64::from(n), 0.05) <= tau);
        }
        assert_eq!(critical(2, 0.5, 0.05), None);
    }
}
