//! Pass: pass@k, the chance that at least one of `k` attempts succeeds.
//!
//! Chen and others 2021 (arXiv 2107.03374, equation 1): the unbiased estimate from `c` of `n`. Putting the observed
//! rate into a formula instead is biased; it is here only so that both can be shown side by side.

/// The unbiased estimate, where `k <= n`.
pub fn at(k: u32, solved: u32, attempts: u32) -> Option<f64> {
    if k == 0 || k > attempts || solved > attempts {
        return None;
    }
    if attempts - solved < k {
        return Some(1.0);
    }
    let missed: f64 = (attempts - solved + 1..=attempts)
        .map(|i| 1.0 - f64::from(k) / f64::from(i))
        .product();
    Some(1.0 - missed)
}

/// What the observed rate would promise: biased, for contrast.
pub fn plug_in(k: u32, solved: u32, attempts: u32) -> f64 {
    1.0 - (1.0 - f64::from(solved) / f64::from(attempts)).powf(f64::from(k))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_numbers_come_out() {
        assert_eq!(format!("{:.3}", at(5, 3, 10).unwrap()), "0.917");
        assert_eq!(format!("{:.3}", plug_in(5, 3, 10)), "0.832");
    }

    #[test]
    fn it_is_the_share_of_subsets_that_hold_a_success() {
        // Two of four: of the six pairs one holds none.
        assert!((at(2, 2, 4).unwrap() - 5.0 / 6.0).abs() < 1e-12);
        assert_eq!(at(3, 2, 4), Some(1.0));
        assert_eq!(at(1, 0, 4), Some(0.0));
        assert_eq!(at(5, 2, 4), None);
        assert_eq!(at(0, 2, 4), None);
    }
}
