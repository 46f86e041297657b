//! Beta: the distribution that exact bounds of a proportion come from.
//!
//! Abramowitz & Stegun 26.5, DLMF 8.17: the regularized incomplete beta function by its continued fraction (DLMF
//! 8.17.22, evaluated by Lentz's method), its inverse by bisection, for whole and broken parameters alike.

/// Lanczos coefficients for g = 7, n = 9 (Godfrey); about 15 digits.
const LANCZOS: [f64; 9] = [
    0.999_999_999_999_809_9,
    676.520_368_121_885_1,
    -1_259.139_216_722_402_8,
    771.323_428_777_653_1,
    -176.615_029_162_140_6,
    12.507_343_278_686_905,
    -0.138_571_095_265_720_12,
    9.984_369_578_019_572e-6,
    1.505_632_735_149_311_6e-7,
];

/// Terms of the continued fraction: it needs O(sqrt(max(a, b))) of them, so this serves up to 10^8 attempts.
const TERMS_MAX: u32 = 100_000;

/// Halvings of the unit interval: beyond 64 a double has no more digits to tell.
const HALVINGS: u32 = 64;

/// The logarithm of the gamma function for `x > 0`.
pub fn ln_gamma(x: f64) -> f64 {
    if x < 0.5 {
        // Reflection, DLMF 5.5.3.
        let pi = std::f64::consts::PI;
        return (pi / (pi * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let base = x + 7.5;
    let sum = LANCZOS[1..]
        .iter()
        .zip(1..)
        .fold(LANCZOS[0], |sum, (coefficient, at)| {
            sum + coefficient / (x + f64::from(at))
        });
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * base.ln() - base + sum.ln()
}

/// The logarithm of the beta function.
pub fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// The regularized incomplete beta function `I_x(a, b)`: the probability that a beta variable is at most `x`.
pub fn below(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let ln_front = a * x.ln() + b * (-x).ln_1p() - ln_beta(a, b);
    if x < (a + 1.0) / (a + b + 2.0) {
        ln_front.exp() * fraction(x, a, b) / a
    } else {
        1.0 - ln_front.exp() * fraction(1.0 - x, b, a) / b
    }
}

/// The probability that it is above `x`, exact where `below` is near one.
pub fn above(x: f64, a: f64, b: f64) -> f64 {
    below(1.0 - x, b, a)
}

/// The value that a beta variable stays at or below with probability `p`.
pub fn quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if below(middle, a, b) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The quantile of Student's t distribution with `freedom` degrees, for `p` above one half (DLMF 8.17, A&S 26.7.1).
pub fn student(p: f64, freedom: f64) -> f64 {
    let x = quantile(2.0 * (1.0 - p), 0.5 * freedom, 0.5);
    (freedom * (1.0 - x) / x).sqrt()
}

/// The continued fraction of DLMF 8.17.22.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let keep = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / keep(1.0 - (a + b) * x / (a + 1.0));
    let mut all = d;
    for term in 1..=TERMS_MAX {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / keep(1.0 + even * d);
        c = keep(1.0 + even / c);
        all *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / keep(1.0 + odd * d);
        c = keep(1.0 + odd / c);
        let step = d * c;
        all *= step;
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(one: f64, other: f64, within: f64) {
        assert!((one - other).abs() <= within, "{one} is not {other}");
    }

    #[test]
    fn the_gamma_function_is_that_of_the_tables() {
        near(ln_gamma(1.0), 0.0, 1e-14);
        near(ln_gamma(5.0), 24.0_f64.ln(), 1e-13);
        near(ln_gamma(0.5), std::f64::consts::PI.sqrt().ln(), 1e-14);
        near(ln_gamma(0.1), 2.252_712_651_734_206, 1e-13);
        near(ln_gamma(101.0), 363.739_375_555_563_5, 1e-10);
    }

    #[test]
    fn the_beta_distribution_sums_a_binomial_tail() {
        // A&S 26.5.24: sum of i >= k of C(n, i) p^i q^(n-i) is I_p(k, n - k + 1).
        for (n, k, p) in [
            (10_u32, 3_u32, 0.3_f64),
            (40, 29, 0.6),
            (5, 5, 0.9),
            (200, 1, 0.01),
        ] {
            let tail: f64 = (k..=n)
                .map(|i| {
                    let (n, i) = (f64::from(n), f64::from(i));
                    let ln_choose = ln_gamma(n + 1.0) - ln_gamma(i + 1.0) - ln_gamma(n - i + 1.0);
                    (ln_choose + i * p.ln() + (n - i) * (1.0 - p).ln()).exp()
                })
                .sum();
            near(below(p, f64::from(k), f64::from(n - k + 1)), tail, 1e-12);
            near(
                above(p, f64::from(k), f64::from(n - k + 1)),
                1.0 - tail,
                1e-12,
            );
        }
    }

    #[test]
    fn a_quantile_is_where_the_distribution_reaches_it() {
        for (p, a, b) in [
            (0.05, 3.0, 8.0),
            (0.975, 0.5, 0.5),
            (0.5, 1_000.0, 3.5),
            (0.01, 1e6, 2e6),
        ] {
            near(below(quantile(p, a, b), a, b), p, 1e-9);
        }
        // Tables of Student's t: 2.262157 for 9 degrees at .975, 1.644854 in the limit at .95.
        near(student(0.975, 9.0), 2.262_157_162_740_992, 1e-9);
        near(student(0.95, 1e7), 1.644_853_8, 1e-5);
    }
}
