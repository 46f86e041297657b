//! Sequential: evidence that may be looked at after every attempt.
//!
//! A mixture e-process (Robbins' method of mixtures; Ramdas and others 2023, "Game-theoretic statistics and safe
//! anytime-valid inference"). Against *the rate is at most tau* it is the mean likelihood ratio to tau over a prior,
//! which is fixed here and published: uniform over the rates above tau. For every rate at or below tau each step's
//! expected factor is at most one, so by Ville's inequality the chance that it ever reaches 1 / alpha is at most alpha,
//! whenever one stops. The other side is the same with everything turned round.
//!
//! It holds for attempts that do not depend on one another given the tasks drawn: one attempt a task.

use crate::statistics::beta;

/// What a row of attempts says of `tau`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// The logarithm of the e-value against *at most tau*.
    pub ln_above: f64,
    /// The logarithm of the e-value against *at least tau*.
    pub ln_below: f64,
}

impl Evidence {
    /// From `k` of `n`, for `0 < tau < 1`.
    pub fn of(k: u32, n: u32, tau: f64) -> Evidence {
        let (a, b) = (f64::from(k) + 1.0, f64::from(n - k) + 1.0);
        let at_tau = f64::from(k) * tau.ln() + f64::from(n - k) * (-tau).ln_1p();
        let whole = beta::ln_beta(a, b);
        Evidence {
            ln_above: whole + beta::above(tau, a, b).ln() - (-tau).ln_1p() - at_tau,
            ln_below: whole + beta::below(tau, a, b).ln() - tau.ln() - at_tau,
        }
    }

    /// Whether the rate is shown to be above tau at error rate `alpha`.
    pub fn is_above(&self, alpha: f64) -> bool {
        self.ln_above >= -alpha.ln()
    }

    /// Whether it is shown to be below.
    pub fn is_below(&self, alpha: f64) -> bool {
        self.ln_below >= -alpha.ln()
    }
}

/// The chance that looking after each of up to `n_max` attempts ever says *above*, when the rate is `p`: exact, over
/// all paths. `says` decides from `k` of `n`.
pub fn ever(n_max: u32, p: f64, says: &dyn Fn(u32, u32) -> bool) -> f64 {
    let mut alive = vec![1.0_f64];
    let mut said = 0.0;
    for n in 1..=n_max {
        let mut next = vec![0.0; n as usize + 1];
        for (k, mass) in alive.iter().enumerate() {
            next[k] += mass * (1.0 - p);
            next[k + 1] += mass * p;
        }
        for (k, mass) in (0..).zip(next.iter_mut()) {
            if *mass > 0.0 && says(k, n) {
                said += *mass;
                *mass = 0.0;
            }
        }
        alive = next;
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::binomial::{Side, bound};

    /// The design's figure: 20.5 % by exact enumeration.
    #[test]
    fn peeking_at_an_exact_bound_designates_a_fifth_of_models_at_the_threshold() {
        let peeked = ever(100, 0.3, &|k, n| {
            bound(Side::Lower, f64::from(k), f64::from(n), 0.05) > 0.3
        });
        assert_eq!(format!("{:.1}", 100.0 * peeked), "20.5");
    }

    #[test]
    fn the_e_process_may_be_looked_at_after_every_attempt() {
        for tau in [0.1, 0.3, 0.5, 0.8] {
            for truth in [tau, 0.8 * tau] {
                let above = ever(300, truth, &|k, n| Evidence::of(k, n, tau).is_above(0.05));
                assert!(above <= 0.05, "{tau} {truth} {above}");
            }
            let below = ever(300, tau, &|k, n| Evidence::of(k, n, tau).is_below(0.05));
            assert!(below <= 0.05, "{tau} {below}");
        }
        // Our prior's own figure at the design's example, so that a change of prior is seen.
        let above = ever(100, 0.3, &|k, n| Evidence::of(k, n, 0.3).is_above(0.05));
        assert_eq!(format!("{:.1}", 100.0 * above), "2.5");
    }

    #[test]
    fn it_decides_when_the_truth_is_far() {
        let sees = |truth: f64| ever(200, truth, &|k, n| Evidence::of(k, n, 0.3).is_above(0.05));
        assert!(sees(0.6) > 0.99);
        assert!(sees(0.5) > 0.95);
    }

    #[test]
    fn no_attempt_is_no_evidence() {
        let none = Evidence::of(0, 0, 0.3);
        assert!(none.ln_above.abs() < 1e-12 && none.ln_below.abs() < 1e-12);
    }
}
