//! Horizon: how long do people take for the tasks that a model solves half of the time?
//!
//! A logistic fit of success on log2 of human minutes, weighted so that no task and no family of tasks counts for more
//! because it was tried more often: 1 / (attempts · sqrt(tasks of the family)), scaled to a mean of one. Published with its sensitivity, for the
//! choice of penalty alone has moved such figures by a fifth: without a penalty but with Firth's correction (the
//! figure), and with L2 of 0.1 on the slope (beside it). Secondary: no verdict rests on it.

use crate::statistics::seeded::Seeded;

/// Newton steps; some ten suffice.
const STEPS_MAX: u32 = 200;

/// A step smaller than this ends it.
const SETTLED: f64 = 1e-11;

/// Attempts at one task.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// Tasks that resemble one another.
    pub family: Box<str>,
    pub human_minutes: f64,
    pub solved: u32,
    pub attempts: u32,
}

/// How the fit is kept finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Penalty {
    /// Jeffreys' prior (Firth 1993): removes the first-order bias, and is finite always.
    Firth,
    /// Half of this times the slope squared is added to the loss. The level is not penalized.
    Slope(f64),
}

/// A fitted curve: the logit of success is `level + slope · log2(minutes)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    pub level: f64,
    pub slope: f64,
}

impl Curve {
    /// log2 of the minutes at which a share `p` is solved, where success falls with time at all.
    pub fn log2_minutes(&self, p: f64) -> Option<f64> {
        let at = ((p / (1.0 - p)).ln() - self.level) / self.slope;
        (self.slope < 0.0 && at.is_finite()).then_some(at)
    }
}

/// The curve through `tasks`, or none where fewer than two lengths were attempted.
pub fn fit(tasks: &[Timed], penalty: Penalty) -> Option<Curve> {
    let tasks: Vec<&Timed> = tasks
        .iter()
        .filter(|one| one.attempts > 0 && one.human_minutes > 0.0)
        .collect();
    let first = tasks.first()?.human_minutes;
    if tasks.iter().all(|one| one.human_minutes == first) {
        return None;
    }
    let weights = weights(&tasks);
    let mut curve = Curve {
        level: 0.0,
        slope: 0.0,
    };
    for _ in 0..STEPS_MAX {
        let step = newton(&tasks, &weights, curve, penalty)?;
        curve.level += step.0;
        curve.slope += step.1;
        if step.0.abs().max(step.1.abs()) < SETTLED {
            break;
        }
    }
    Some(curve)
}

/// What one attempt at each task counts. Scaled so that all attempts together count as many as there are: a penalty
/// means the same then for few and for many.
fn weights(tasks: &[&Timed]) -> Vec<f64> {
    let of_family = |family: &str| tasks.iter().filter(|one| &*one.family == family).count();
    let raw: Vec<f64> = tasks
        .iter()
        .map(|one| 1.0 / (f64::from(one.attempts) * (of_family(&one.family) as f64).sqrt()))
        .collect();
    let attempts: f64 = tasks.iter().map(|one| f64::from(one.attempts)).sum();
    let sum: f64 = raw
        .iter()
        .zip(tasks)
        .map(|(weight, one)| weight * f64::from(one.attempts))
        .sum();
    raw.into_iter()
        .map(|weight| weight * attempts / sum)
        .collect()
}

/// One damped Newton step of the penalized score.
fn newton(tasks: &[&Timed], weights: &[f64], curve: Curve, penalty: Penalty) -> Option<(f64, f64)> {
    let rows: Vec<(f64, f64, f64, f64)> = tasks
        .iter()
        .zip(weights)
        .map(|(one, weight)| {
            let x = one.human_minutes.log2();
            let p = 1.0 / (1.0 + (-(curve.level + curve.slope * x)).exp());
            (
                x,
                p,
                weight * f64::from(one.attempts),
                weight * f64::from(one.solved),
            )
        })
        .collect();
    // The information: weights n p q over (1, x).
    let (mut i00, mut i01, mut i11) = (0.0, 0.0, 0.0);
    for (x, p, n, _) in &rows {
        let w = n * p * (1.0 - p);
        i00 += w;
        i01 += w * x;
        i11 += w * x * x;
    }
    let information = i00 * i11 - i01 * i01;
    let (mut s0, mut s1) = (0.0, 0.0);
    for (x, p, n, k) in &rows {
        let mut score = k - n * p;
        if penalty == Penalty::Firth {
            // The leverage of this row, times one half less p (Heinze & Schemper 2002, equation 2).
            let w = n * p * (1.0 - p);
            let leverage = w * (i11 - 2.0 * x * i01 + x * x * i00) / information;
            score += leverage * (0.5 - p);
        }
        s0 += score;
        s1 += score * x;
    }
    if let Penalty::Slope(lambda) = penalty {
        s1 -= lambda * curve.slope;
        i11 += lambda;
    }
    let determinant = i00 * i11 - i01 * i01;
    let step = (
        (i11 * s0 - i01 * s1) / determinant,
        (i00 * s1 - i01 * s0) / determinant,
    );
    let longest = step.0.abs().max(step.1.abs());
    if !longest.is_finite() {
        return None;
    }
    let damped = if longest > 2.0 { 2.0 / longest } else { 1.0 };
    Some((step.0 * damped, step.1 * damped))
}

/// The range in which `log2_minutes(p)` falls for 95 of 100 resamples, drawn family by family, task by task, attempt by
/// attempt. A resample in which success does not fall with time has no horizon; `lost` says how many these were.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    pub low: f64,
    pub high: f64,
    pub draws: u32,
    pub lost: u32,
}

/// The range, by `draws` resamples.
pub fn bootstrap(
    tasks: &[Timed],
    penalty: Penalty,
    p: f64,
    draws: u32,
    seed: u64,
) -> Option<Range> {
    let mut families: Vec<Vec<&Timed>> = Vec::new();
    for task in tasks.iter().filter(|one| one.attempts > 0) {
        match families.iter_mut().find(|all| all[0].family == task.family) {
            Some(all) => all.push(task),
            None => families.push(vec![task]),
        }
    }
    if families.is_empty() {
        return None;
    }
    let mut seeded = Seeded::new(seed);
    let mut seen: Vec<f64> = Vec::with_capacity(draws as usize);
    for _ in 0..draws {
        let mut drawn = Vec::with_capacity(tasks.len());
        for number in 0..families.len() {
            let family = &families[seeded.below(families.len())];
            for _ in 0..family.len() {
                let task = family[seeded.below(family.len())];
                let rate = f64::from(task.solved) / f64::from(task.attempts);
                let solved = (0..task.attempts).filter(|_| seeded.unit() < rate).count();
                // A family drawn twice is two families.
                let family = format!("{number}").into();
                drawn.push(Timed {
                    family,
                    solved: solved as u32,
                    ..task.clone()
                });
            }
        }
        seen.extend(fit(&drawn, penalty).and_then(|curve| curve.log2_minutes(p)));
    }
    seen.sort_by(f64::total_cmp);
    let last = seen.len().checked_sub(1)? as f64;
    let at = |share: f64| seen[(share * last).round() as usize];
    Some(Range {
        low: at(0.025),
        high: at(0.975),
        draws,
        lost: draws - seen.len() as u32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tasks of 1 to 512 minutes whose success follows a curve with half of it at 2^4 minutes.
    fn following(attempts: u32) -> Vec<Timed> {
        (0..10)
            .map(|log2| {
                let p = 1.0 / (1.0 + (0.8 * (f64::from(log2) - 4.0)).exp());
                Timed {
                    family: format!("f{}", log2 % 3).into(),
                    human_minutes: f64::from(1_u32 << log2),
                    solved: (p * f64::from(attempts)).round() as u32,
                    attempts,
                }
            })
            .collect()
    }

    #[test]
    fn the_curve_that_made_the_attempts_is_found_again() {
        let curve = fit(&following(100_000), Penalty::Firth).unwrap();
        assert!((curve.slope + 0.8).abs() < 1e-3, "{curve:?}");
        assert!((curve.log2_minutes(0.5).unwrap() - 4.0).abs() < 1e-3);
        // 80 %: ln 4 / 0.8 below.
        assert!((curve.log2_minutes(0.8).unwrap() - (4.0 - 4.0_f64.ln() / 0.8)).abs() < 1e-2);
    }

    #[test]
    fn without_a_penalty_the_score_is_zero_at_the_fit() {
        let tasks = following(7);
        let curve = fit(&tasks, Penalty::Slope(0.0)).unwrap();
        let all: Vec<&Timed> = tasks.iter().collect();
        let weights = weights(&all);
        let step = newton(&all, &weights, curve, Penalty::Slope(0.0)).unwrap();
        assert!(step.0.abs() < 1e-9 && step.1.abs() < 1e-9);
    }

    #[test]
    fn a_perfect_separation_is_finite_with_either_penalty() {
        let tasks: Vec<Timed> = following(5)
            .into_iter()
            .map(|one| Timed {
                solved: if one.human_minutes < 16.0 { 5 } else { 0 },
                ..one
            })
            .collect();
        for penalty in [Penalty::Firth, Penalty::Slope(0.1)] {
            let at = fit(&tasks, penalty).unwrap().log2_minutes(0.5).unwrap();
            assert!((3.0..=4.0).contains(&at), "{penalty:?} {at}");
        }
    }

    #[test]
    fn what_does_not_fall_with_time_has_no_horizon() {
        let same: Vec<Timed> = following(5)
            .into_iter()
            .map(|one| Timed {
                human_minutes: 8.0,
                ..one
            })
            .collect();
        assert_eq!(fit(&same, Penalty::Firth), None);
        let rising = Curve {
            level: 0.0,
            slope: 0.5,
        };
        assert_eq!(rising.log2_minutes(0.5), None);
        assert_eq!(fit(&[], Penalty::Firth), None);
    }

    #[test]
    fn the_range_holds_the_figure_and_repeats_itself() {
        let tasks = following(10);
        let range = bootstrap(&tasks, Penalty::Slope(0.1), 0.5, 200, 7).unwrap();
        let at = fit(&tasks, Penalty::Slope(0.1))
            .unwrap()
            .log2_minutes(0.5)
            .unwrap();
        assert!(range.low < at && at < range.high, "{range:?} {at}");
        assert_eq!(
            bootstrap(&tasks, Penalty::Slope(0.1), 0.5, 200, 7).unwrap(),
            range
        );
    }
}
