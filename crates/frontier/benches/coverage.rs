//! Coverage: how often does each bound hold what it states, over a grid of rate × tasks × attempts × correlation?
//!
//! `cargo xtask simulate` runs it and prints the tables of `docs/statistics.md`. A cell that covers less than is stated,
//! by more than the simulation's own error, ends it with an error. Rates of single tasks are drawn from a beta
//! distribution whose intra-class correlation is given, so attempts at one task resemble one another that much.

use std::process::ExitCode;

use frontier::statistics::binomial::mass;
use frontier::statistics::clustered::{Cluster, effective};
use frontier::statistics::seeded::Seeded;
use frontier::statistics::{Evidence, Side, beta, bound, sequential};

/// Error rate of each one-sided bound.
const ALPHA: f64 = 0.05;
/// Draws of a cell. Its standard error at 95 % is 0.22 points.
const DRAWS: u32 = 10_000;
/// What a cell may fall below what is stated by chance: three standard errors.
const CHANCE: f64 = 0.0066;

const RATES: [f64; 6] = [0.02, 0.1, 0.3, 0.5, 0.8, 0.95];
const TASKS: [u32; 4] = [10, 24, 40, 150];
const ATTEMPTS: [u32; 2] = [3, 10];
const CORRELATIONS: [f64; 4] = [0.0, 0.1, 0.3, 0.6];

fn main() -> ExitCode {
    // `cargo test --benches` calls this with `--test`: nothing is measured then.
    if std::env::args().any(|word| word == "--test") {
        return ExitCode::SUCCESS;
    }
    let mut worst = 0;
    worst += independent();
    worst += clustered();
    worst += fixed_tasks();
    worst += peeking();
    ExitCode::from(u8::from(worst > 0))
}

/// Exact, by summing over every outcome.
fn independent() -> u32 {
    println!("\nIndependent attempts, one-sided 95 %, exact:\n");
    println!("| attempts | lowest coverage below | lowest coverage above |\n|--:|--:|--:|");
    let mut failed = 0;
    for n in [5, 10, 24, 40, 100, 300] {
        let (mut low, mut high) = (1.0_f64, 1.0_f64);
        for step in 1..200 {
            let p = f64::from(step) / 200.0;
            let (mut lower, mut upper) = (0.0, 0.0);
            for k in 0..=n {
                let chance = mass(k, n, p);
                let (k, n) = (f64::from(k), f64::from(n));
                lower += if bound(Side::Lower, k, n, ALPHA) <= p {
                    chance
                } else {
                    0.0
                };
                upper += if bound(Side::Upper, k, n, ALPHA) >= p {
                    chance
                } else {
                    0.0
                };
            }
            (low, high) = (low.min(lower), high.min(upper));
        }
        failed += u32::from(low.min(high) < 1.0 - ALPHA - 1e-9);
        println!("| {n} | {:.2} % | {:.2} % |", 100.0 * low, 100.0 * high);
    }
    failed
}

/// Tasks are a sample; attempts at one correlate.
fn clustered() -> u32 {
    println!(
        "\nTasks like these (effective attempts), one-sided 95 %, {DRAWS} draws a cell; lowest over the rates:\n"
    );
    println!(
        "| tasks | attempts at each | correlation | lower bound holds | upper bound holds | if attempts counted as independent |"
    );
    println!("|--:|--:|--:|--:|--:|--:|");
    let mut failed = 0;
    let mut seeded = Seeded::new(20_261_121);
    for tasks in TASKS {
        for attempts in ATTEMPTS {
            for icc in CORRELATIONS {
                let mut worst = [1.0_f64; 3];
                for p in RATES {
                    let held = cell(tasks, attempts, icc, p, &mut seeded);
                    for (worst, held) in worst.iter_mut().zip(held) {
                        *worst = worst.min(held);
                    }
                }
                failed += u32::from(worst[0].min(worst[1]) < 1.0 - ALPHA - CHANCE);
                let [lower, upper, naive] = worst.map(|share| 100.0 * share);
                println!(
                    "| {tasks} | {attempts} | {icc} | {lower:.1} % | {upper:.1} % | {naive:.1} % |"
                );
            }
        }
    }
    failed
}

/// How often lower and upper bound hold, and the worse of both with attempts taken as independent.
fn cell(tasks: u32, attempts: u32, icc: f64, p: f64, seeded: &mut Seeded) -> [f64; 3] {
    let quantiles = rates(p, icc);
    let mut held = [0_u32; 4];
    for _ in 0..DRAWS {
        let clusters: Vec<Cluster> = (0..tasks)
            .map(|_| {
                let rate = quantiles[seeded.below(quantiles.len())];
                let solved = (0..attempts).filter(|_| seeded.unit() < rate).count() as u32;
                Cluster { solved, attempts }
            })
            .collect();
        let worth = effective(&clusters, ALPHA);
        let solved: u32 = clusters.iter().map(|one| one.solved).sum();
        let (k, n) = (f64::from(solved), f64::from(tasks * attempts));
        let holds = [
            holds(Side::Lower, worth.solved, worth.attempts, p),
            holds(Side::Upper, worth.solved, worth.attempts, p),
            holds(Side::Lower, k, n, p),
            holds(Side::Upper, k, n, p),
        ];
        for (count, holds) in held.iter_mut().zip(holds) {
            *count += u32::from(holds);
        }
    }
    let [lower, upper, naive_lower, naive_upper] =
        held.map(|count| f64::from(count) / f64::from(DRAWS));
    [lower, upper, naive_lower.min(naive_upper)]
}

/// Whether the exact bound holds `p`: what [`bound`] finds by halving, asked the other way round, in one step.
fn holds(side: Side, k: f64, n: f64, p: f64) -> bool {
    match side {
        Side::Lower => k <= 0.0 || beta::below(p, k, n - k + 1.0) >= ALPHA,
        Side::Upper => k >= n || beta::above(p, k + 1.0, n - k) >= ALPHA,
    }
}

/// A thousand rates of tasks, evenly over a beta distribution with mean `p` and intra-class correlation `icc`.
fn rates(p: f64, icc: f64) -> Vec<f64> {
    if icc == 0.0 {
        return vec![p];
    }
    let size = 1.0 / icc - 1.0;
    let drawn: Vec<f64> = (0..1_000)
        .map(|at| beta::quantile((f64::from(at) + 0.5) / 1_000.0, p * size, (1.0 - p) * size))
        .collect();
    // The grid of a thousand has nearly that mean; what is covered is the grid's own.
    let mean = drawn.iter().sum::<f64>() / 1_000.0;
    drawn
        .into_iter()
        .map(|rate| (rate + p - mean).clamp(0.0, 1.0))
        .collect()
}

/// Exactly these tasks, each with a rate of its own: attempts differ in chance, the bound takes them as equal.
fn fixed_tasks() -> u32 {
    println!(
        "\nExactly these tasks (all attempts count), {DRAWS} draws a cell; lowest over the rates:\n"
    );
    println!(
        "| tasks | attempts at each | spread of tasks | lower bound holds | upper bound holds |\n|--:|--:|--:|--:|--:|"
    );
    let mut failed = 0;
    let mut seeded = Seeded::new(7);
    for tasks in TASKS {
        for icc in [0.1, 0.6] {
            let attempts = 3;
            let mut worst = [1.0_f64; 2];
            for p in RATES {
                let quantiles = rates(p, icc);
                let own: Vec<f64> = (0..tasks)
                    .map(|task| quantiles[(task as usize * 1_000 + 500) / tasks as usize])
                    .collect();
                let truth = own.iter().sum::<f64>() / f64::from(tasks);
                let mut held = [0_u32; 2];
                for _ in 0..DRAWS {
                    let solved = own
                        .iter()
                        .map(|rate| (0..attempts).filter(|_| seeded.unit() < *rate).count())
                        .sum::<usize>();
                    let (k, n) = (solved as f64, f64::from(tasks * attempts));
                    held[0] += u32::from(holds(Side::Lower, k, n, truth));
                    held[1] += u32::from(holds(Side::Upper, k, n, truth));
                }
                for (worst, held) in worst.iter_mut().zip(held) {
                    *worst = worst.min(f64::from(held) / f64::from(DRAWS));
                }
            }
            failed += u32::from(worst[0].min(worst[1]) < 1.0 - ALPHA - CHANCE);
            println!(
                "| {tasks} | {attempts} | {icc} | {:.1} % | {:.1} % |",
                100.0 * worst[0],
                100.0 * worst[1]
            );
        }
    }
    failed
}

/// Exact, over every path.
fn peeking() -> u32 {
    println!("\nLooking after each of up to 300 attempts, the rate being the threshold; exact:\n");
    println!(
        "| threshold | exact bound says ABOVE | e-process says ABOVE | e-process says BELOW |\n|--:|--:|--:|--:|"
    );
    let mut failed = 0;
    for tau in [0.1, 0.3, 0.5, 0.8] {
        let bounds = sequential::ever(300, tau, &|k, n| {
            bound(Side::Lower, f64::from(k), f64::from(n), ALPHA) > tau
        });
        let above = sequential::ever(300, tau, &|k, n| Evidence::of(k, n, tau).is_above(ALPHA));
        let below = sequential::ever(300, tau, &|k, n| Evidence::of(k, n, tau).is_below(ALPHA));
        failed += u32::from(above.max(below) > ALPHA);
        println!(
            "| {tau} | {:.1} % | {:.1} % | {:.1} % |",
            100.0 * bounds,
            100.0 * above,
            100.0 * below
        );
    }
    failed
}
