//! Scale: models and tasks on one line.
//!
//! The one-parameter logistic model (Rasch 1960): a model of ability `theta` solves a task of difficulty `b` with the
//! odds `exp(theta - b)`. Told in points where 200 points are three times the odds. Secondary: no verdict rests on it.
//!
//! What is odd here: the likelihood has no maximum for whoever solved everything or nothing, and the line has no origin.
//! Firth's correction (1993, Jeffreys' prior on each ability) keeps the first finite; anchors (tasks whose difficulty is
//! agreed on) fix the second, and without one the mean difficulty is zero.

use crate::statistics::clustered::Cluster;

/// Points for one natural logarithm of odds: 200 / ln 3.
pub const POINTS: f64 = 200.0 / 1.098_612_288_668_109_8;

/// Rounds of alternating steps; each halves the error or better, and some thirty suffice.
const ROUNDS_MAX: u32 = 2_000;

/// A step smaller than this ends it, in logarithms of odds.
const SETTLED: f64 = 1e-10;

/// Widest step of one round: keeps the first ones from overshooting.
const STEP_MAX: f64 = 1.0;

/// One model's place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// In points.
    pub points: f64,
    /// Its standard error by the information of its own attempts, in points.
    pub error: f64,
}

/// What was fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pub models: Vec<Place>,
    /// Difficulties in points, in the order of tasks.
    pub tasks: Vec<f64>,
}

/// Fits `attempts[model][task]`, rows of one length. `anchors` are difficulties in points that stay as they are.
pub fn fit(attempts: &[Vec<Cluster>], anchors: &[Option<f64>]) -> Scale {
    let count = anchors.len();
    let mut theta = vec![0.0; attempts.len()];
    let mut b: Vec<f64> = anchors
        .iter()
        .map(|at| at.unwrap_or(0.0) / POINTS)
        .collect();
    let is_anchored = anchors.iter().any(Option::is_some);
    for _ in 0..ROUNDS_MAX {
        let mut moved = 0.0_f64;
        for (ability, row) in theta.iter_mut().zip(attempts) {
            let step = step(row.iter().zip(&b).map(|(cell, b)| (*cell, *ability - b)));
            *ability += step;
            moved = moved.max(step.abs());
        }
        for task in (0..count).filter(|task| anchors[*task].is_none()) {
            let column = attempts.iter().zip(&theta).filter_map(|(row, theta)| {
                let cell = row.get(task)?;
                // Seen from the task, solving is failing.
                let turned = Cluster {
                    solved: cell.attempts.saturating_sub(cell.solved),
                    ..*cell
                };
                Some((turned, b[task] - theta))
            });
            let step = step(column);
            b[task] += step;
            moved = moved.max(step.abs());
        }
        if !is_anchored && count > 0 {
            let mean = b.iter().sum::<f64>() / count as f64;
            b.iter_mut().for_each(|one| *one -= mean);
            theta.iter_mut().for_each(|one| *one -= mean);
        }
        if moved < SETTLED {
            break;
        }
    }
    let place = |(theta, row): (&f64, &Vec<Cluster>)| Place {
        points: theta * POINTS,
        error: POINTS / information(row.iter().zip(&b).map(|(cell, b)| (*cell, theta - b))).sqrt(),
    };
    Scale {
        models: theta.iter().zip(attempts).map(place).collect(),
        tasks: b.iter().map(|one| one * POINTS).collect(),
    }
}

/// One Newton step of Firth's score: observed less expected, plus half the slope of the logarithm of the information.
fn step(cells: impl Iterator<Item = (Cluster, f64)>) -> f64 {
    let (mut score, mut information, mut skew) = (0.0, 0.0, 0.0);
    for (cell, logit) in cells {
        let p = 1.0 / (1.0 + (-logit).exp());
        let n = f64::from(cell.attempts);
        score += f64::from(cell.solved) - n * p;
        information += n * p * (1.0 - p);
        skew += n * p * (1.0 - p) * (1.0 - 2.0 * p);
    }
    if information <= f64::MIN_POSITIVE {
        return 0.0;
    }
    ((score + 0.5 * skew / information) / information).clamp(-STEP_MAX, STEP_MAX)
}

fn information(cells: impl Iterator<Item = (Cluster, f64)>) -> f64 {
    cells
        .map(|(cell, logit)| {
            let p = 1.0 / (1.0 + (-logit).exp());
            f64::from(cell.attempts) * p * (1.0 - p)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(solved: u32, attempts: u32) -> Cluster {
        Cluster { solved, attempts }
    }

    #[test]
    fn two_hundred_points_are_three_times_the_odds() {
        // Against one anchored task, one model has even odds and the other three to one.
        let many = 1_000_000;
        let scale = fit(
            &[vec![cell(many / 2, many)], vec![cell(many / 4 * 3, many)]],
            &[Some(1_000.0)],
        );
        assert!((scale.models[0].points - 1_000.0).abs() < 0.01, "{scale:?}");
        assert!((scale.models[1].points - 1_200.0).abs() < 0.01, "{scale:?}");
        assert_eq!(scale.tasks, [1_000.0]);
    }

    #[test]
    fn who_solves_everything_or_nothing_has_a_place_too() {
        let scale = fit(
            &[
                vec![cell(5, 5), cell(5, 5)],
                vec![cell(0, 5), cell(0, 5)],
                vec![cell(3, 5), cell(2, 5)],
            ],
            &[None, None],
        );
        assert!(
            scale
                .models
                .iter()
                .all(|one| one.points.is_finite() && one.error > 0.0)
        );
        assert!(scale.models[0].points > scale.models[2].points);
        assert!(scale.models[2].points > scale.models[1].points);
        assert!(scale.tasks.iter().sum::<f64>().abs() < 1e-6);
        assert!(scale.tasks[0] < scale.tasks[1]);
    }

    #[test]
    fn nothing_attempted_is_no_place_to_speak_of() {
        let scale = fit(&[vec![cell(0, 0)]], &[None]);
        assert_eq!(scale.models[0].points, 0.0);
        assert!(scale.models[0].error.is_infinite());
    }
}
