//! Holm: which of several claims stand together?
//!
//! Holm 1979: the smallest p-value is compared with alpha over their number, the next with alpha over one less, and so
//! on; the first that fails ends it. The chance of one false claim among all is at most alpha, however they depend.

/// For each p-value whether its claim stands, in the order given.
pub fn stand(values: &[f64], alpha: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|one, other| values[*one].total_cmp(&values[*other]));
    let mut stands = vec![false; values.len()];
    for (rank, at) in order.into_iter().enumerate() {
        let left = (values.len() - rank) as f64;
        // A NaN is no evidence, and nothing after it is.
        if values[at].is_nan() || values[at] > alpha / left {
            break;
        }
        stands[at] = true;
    }
    stands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_claim_that_fails_ends_it() {
        // Holm's own kind of example: 0.01 <= .05/4, 0.015 <= .05/3, 0.03 > .05/2.
        assert_eq!(
            stand(&[0.03, 0.01, 0.2, 0.015], 0.05),
            [false, true, false, true]
        );
        assert_eq!(stand(&[0.013, 0.013, 0.013, 0.013], 0.05), [false; 4]);
        assert_eq!(stand(&[f64::NAN, 0.0], 0.05), [false, true]);
        assert!(stand(&[], 0.05).is_empty());
    }
}
