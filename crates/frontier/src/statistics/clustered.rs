//! Clustered: how many independent attempts are several attempts at each of a few tasks worth?
//!
//! Korn & Graubard 1998 (Survey Methodology 24-2, "Confidence intervals for proportions with small expected number of
//! positive counts estimated from survey data"): divide the number of attempts by the design effect that the tasks
//! show, correct for how few tasks there are, and put that number into the exact bound.
//!
//! What is odd here: the design effect is itself estimated, and is missed most where it matters, when few tasks are
//! solved at all, or few are not. As published the method then covers less than it states: 89 % instead of 95 % for
//! 40 tasks of ten attempts each (`docs/statistics.md`). So two tasks that were not tried are added while the design
//! effect is estimated, one always solved and one never (as Agresti & Coull 1998 add two attempts to independent ones);
//! and below [`TASKS_MIN`] tasks each counts as one attempt.

use crate::statistics::beta;

/// Fewer tasks than this count as one attempt each. `cargo xtask simulate` shows why: with fewer, the estimated design
/// effect lets coverage fall below what is stated.
pub const TASKS_MIN: usize = 30;

/// The attempts at one task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cluster {
    pub solved: u32,
    pub attempts: u32,
}

/// Attempts as if they were independent: `solved` of `attempts`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effective {
    pub solved: f64,
    pub attempts: f64,
    /// By how much the variance exceeds that of independent attempts; at least one.
    pub design_effect: f64,
}

/// What `clusters` are worth at error rate `alpha` (one-sided). Tasks without an attempt count for nothing.
pub fn effective(clusters: &[Cluster], alpha: f64) -> Effective {
    let of_any = || clusters.iter().filter(|one| one.attempts > 0);
    let tasks = of_any().count();
    let count = |of: fn(&Cluster) -> u32| -> f64 { of_any().map(|one| f64::from(of(one))).sum() };
    let (solved, attempts) = (count(|one| one.solved), count(|one| one.attempts));
    if tasks == 0 {
        return Effective {
            solved: 0.0,
            attempts: 0.0,
            design_effect: 1.0,
        };
    }
    let p = solved / attempts;
    let of = |independent: f64| Effective {
        solved: p * independent,
        attempts: independent,
        design_effect: attempts / independent,
    };
    let count = tasks as f64;
    if attempts <= count {
        // One attempt a task: they are independent.
        return of(attempts);
    }
    if tasks < TASKS_MIN {
        return of(count);
    }
    // Two tasks more, for the design effect alone.
    let each = attempts / count;
    let (more, p_more) = (count + 2.0, (solved + each) / (attempts + 2.0 * each));
    let attempts_more = attempts + 2.0 * each;
    let off = |solved: f64, attempts: f64| (solved - p_more * attempts).powi(2);
    let squares: f64 = of_any()
        .map(|one| off(f64::from(one.solved), f64::from(one.attempts)))
        .sum::<f64>()
        + off(each, each)
        + off(0.0, each);
    // The variance of a ratio between clusters (Cochran, Sampling Techniques, 3rd edition, 6.4).
    let variance = more / (more - 1.0) * squares / (attempts_more * attempts_more);
    let design = variance * attempts_more / (p_more * (1.0 - p_more));
    let counted = attempts / design.max(1.0);
    // Korn & Graubard, equation 5: the degrees of freedom are those of tasks, not of attempts.
    let few = beta::student(1.0 - alpha, attempts - 1.0) / beta::student(1.0 - alpha, count - 1.0);
    of((counted * few * few).min(attempts).max(1.0))
}

/// The design effect of `m` attempts a task whose outcomes correlate by `icc` within it.
pub fn design_effect(m: f64, icc: f64) -> f64 {
    1.0 + (m - 1.0) * icc
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tasks(solved: &[u32], attempts: u32) -> Vec<Cluster> {
        solved
            .iter()
            .map(|solved| Cluster {
                solved: *solved,
                attempts,
            })
            .collect()
    }

    #[test]
    fn the_published_design_effects_come_out() {
        assert!((design_effect(10.0, 0.3) - 3.7).abs() < 1e-12);
        assert!((design_effect(10.0, 0.6) - 6.4).abs() < 1e-12);
    }

    #[test]
    fn attempts_that_repeat_each_other_are_worth_one_a_task() {
        // Forty tasks, each solved always or never.
        let all: Vec<u32> = (0..40)
            .map(|task| if task % 2 == 0 { 10 } else { 0 })
            .collect();
        let worth = effective(&tasks(&all, 10), 0.05);
        assert!(worth.attempts > 36.0 && worth.attempts <= 40.0, "{worth:?}");
        assert!((worth.solved / worth.attempts - 0.5).abs() < 1e-12);
    }

    #[test]
    fn attempts_that_do_not_correlate_are_worth_nearly_all_of_them_and_never_more() {
        let all: Vec<u32> = (0..200).map(|task| [4, 5, 6, 5][task % 4]).collect();
        let worth = effective(&tasks(&all, 10), 0.05);
        assert!(
            worth.attempts <= 2_000.0 && worth.attempts > 1_900.0,
            "{worth:?}"
        );
    }

    #[test]
    fn where_nothing_varies_a_task_counts_little_more_than_once() {
        for solved in [0, 5] {
            let worth = effective(&tasks(&[solved; 50], 5), 0.05);
            assert!(worth.attempts < 60.0, "{worth:?}");
        }
        assert_eq!(effective(&tasks(&[3, 1, 5], 5), 0.05).attempts, 3.0);
        assert_eq!(effective(&[], 0.05).attempts, 0.0);
        let one_each = effective(&tasks(&[1, 0, 1, 1], 1), 0.05);
        assert_eq!((one_each.solved, one_each.attempts), (3.0, 4.0));
    }
}
