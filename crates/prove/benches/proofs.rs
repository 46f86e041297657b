//! How many proofs a second, and how many runs of making an input small: `cargo bench -p prove --bench proofs`.
//!
//! A proof is one of `examples/proofs`, built once and run three times, in the sandbox of this machine; as many at once
//! as there are two cores for. Small programs and no sanitizer: what is measured is what is ours.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops where anything goes wrong"
)]

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use prove::{Bundle, Cancel, Wish, validate};

/// Workers at once: the cores that the goal is said for.
const WORKERS: u32 = 2;

/// Proofs of each worker.
const PROOFS: u32 = 20;

fn main() -> ExitCode {
    if let Some(code) = sandbox::entered() {
        return code;
    }
    if sandbox::look().obtained.is_none() {
        println!("proofs a second | not measured | nothing can run on this machine");
        return ExitCode::SUCCESS;
    }
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/proofs/format-string"
    ));
    let bundle = Bundle::read_folder(folder).unwrap();
    let wish = Wish {
        minimize_runs: 0,
        ..Wish::new([7; 32])
    };
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| (0..PROOFS).for_each(|_| run(&bundle, &wish)));
        }
    });
    let taken = start.elapsed().as_secs_f64();
    println!(
        "proofs a second, {WORKERS} workers | {:.1} | each two builds by gcc and six runs",
        f64::from(WORKERS * PROOFS) / taken
    );
    let wish = Wish {
        minimize_runs: 300,
        runs: 1,
        ..wish
    };
    let start = Instant::now();
    let found = validate(&bundle, &wish, &Cancel::default(), &mut |_| {}).unwrap();
    let taken = start.elapsed().as_secs_f64();
    let small = found.minimized.unwrap();
    println!(
        "runs of making an input small, a second | {:.0} | {} runs, {} bytes of {}",
        f64::from(small.runs) / taken,
        small.runs,
        small.input.len(),
        small.bytes_before
    );
    ExitCode::SUCCESS
}

fn run(bundle: &Bundle, wish: &Wish) {
    let found = validate(bundle, wish, &Cancel::default(), &mut |_| {}).unwrap();
    assert_eq!(found.outcome, prove::Outcome::Proven, "{:?}", found.why);
}
