//! Binomial: bounds of a proportion from `k` of `n`.
//!
//! Clopper & Pearson 1934 (exact: coverage never falls below what is stated), and Wilson 1927 for comparison with what
//! others publish. `k` and `n` may be broken numbers, as effective sizes are.

use crate::statistics::beta;

/// Which way a bound bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Lower,
    Upper,
}

/// The exact one-sided bound at error rate `alpha`, for `0 <= k <= n`.
pub fn bound(side: Side, k: f64, n: f64, alpha: f64) -> f64 {
    match side {
        Side::Lower if k <= 0.0 => 0.0,
        Side::Lower => beta::quantile(alpha, k, n - k + 1.0),
        Side::Upper if k >= n => 1.0,
        Side::Upper => beta::quantile(1.0 - alpha, k + 1.0, n - k),
    }
}

/// Both exact bounds, each at half of `alpha`.
pub fn two_sided(k: f64, n: f64, alpha: f64) -> (f64, f64) {
    (
        bound(Side::Lower, k, n, 0.5 * alpha),
        bound(Side::Upper, k, n, 0.5 * alpha),
    )
}

/// Wilson's score interval for the normal quantile `z`. No decision rests on it.
pub fn wilson(k: f64, n: f64, z: f64) -> (f64, f64) {
    if n <= 0.0 {
        return (0.0, 1.0);
    }
    let p = k / n;
    let z2 = z * z;
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// The probability of exactly `k` of `n` at `p`.
pub fn mass(k: u32, n: u32, p: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        let sure = if p <= 0.0 { 0 } else { n };
        return f64::from(u8::from(k == sure));
    }
    let (k, n) = (f64::from(k), f64::from(n));
    let ln_choose = beta::ln_gamma(n + 1.0) - beta::ln_gamma(k + 1.0) - beta::ln_gamma(n - k + 1.0);
    (ln_choose + k * p.ln() + (n - k) * (-p).ln_1p()).exp()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(k: f64, n: f64, expected: &Expect) {
        let (low, high) = two_sided(k, n, 0.05);
        let (wilson_low, wilson_high) = wilson(k, n, 1.959_964);
        expected.assert_eq(&format!(
            "{low:.3}-{high:.3} wilson {wilson_low:.3}-{wilson_high:.3} one-sided {:.3} {:.3}",
            bound(Side::Lower, k, n, 0.05),
            bound(Side::Upper, k, n, 0.05)
        ));
    }

    /// The worked numbers that the design publishes, section 7.
    #[test]
    fn published_intervals_come_out_to_the_last_digit() {
        check(
            3.0,
            10.0,
            &expect!["0.067-0.652 wilson 0.108-0.603 one-sided 0.087 0.607"],
        );
        check(
            6.0,
            10.0,
            &expect!["0.262-0.878 wilson 0.313-0.832 one-sided 0.304 0.850"],
        );
        check(
            0.0,
            10.0,
            &expect!["0.000-0.308 wilson 0.000-0.278 one-sided 0.000 0.259"],
        );
        check(
            29.0,
            40.0,
            &expect!["0.561-0.854 wilson 0.572-0.839 one-sided 0.586 0.837"],
        );
    }

    #[test]
    fn nothing_of_nothing_bounds_nothing() {
        assert_eq!(two_sided(0.0, 0.0, 0.05), (0.0, 1.0));
        assert_eq!(wilson(0.0, 0.0, 1.96), (0.0, 1.0));
        assert_eq!(bound(Side::Upper, 10.0, 10.0, 0.05), 1.0);
    }

    /// Coverage by summing over every outcome, as the design's table gives it for nominal 95 %.
    #[test]
    fn coverage_of_exact_bounds_is_never_below_what_they_state() {
        let covers = |n: u32, p: f64, interval: &dyn Fn(f64, f64) -> (f64, f64)| -> f64 {
            (0..=n)
                .filter(|k| {
                    let (low, high) = interval(f64::from(*k), f64::from(n));
                    low <= p && p <= high
                })
                .map(|k| mass(k, n, p))
                .sum()
        };
        let exact = |k: f64, n: f64| two_sided(k, n, 0.05);
        let score = |k: f64, n: f64| wilson(k, n, 1.959_964);
        assert_eq!(format!("{:.0}", 100.0 * covers(10, 0.05, &exact)), "99");
        assert_eq!(format!("{:.0}", 100.0 * covers(10, 0.05, &score)), "91");
        assert_eq!(format!("{:.0}", 100.0 * covers(40, 0.1, &exact)), "97");
        assert_eq!(format!("{:.0}", 100.0 * covers(40, 0.1, &score)), "94");
        for n in [1, 2, 5, 10, 37, 80] {
            for step in 1..50 {
                let p = f64::from(step) / 50.0;
                assert!(covers(n, p, &exact) >= 0.95, "{n} {p}");
            }
        }
    }
}
