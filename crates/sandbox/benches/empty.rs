//! An empty program in the sandbox, beside bubblewrap where it is installed: `cargo bench -p sandbox --bench empty`.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark starts what it compares with, and stops where anything goes wrong"
)]

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use sandbox::{Cancel, Ended, Run, run};

/// Runs of each; the middle one counts.
const RUNS: usize = 101;

/// How long runs go on side by side.
const BESIDE: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    if let Some(code) = sandbox::entered() {
        return code;
    }
    let plain = middle(&mut || assert!(Command::new("true").status().unwrap().success()));
    let ours = middle(&mut empty);
    let beside = match Command::new("bwrap").arg("--version").output() {
        Err(_) => "bubblewrap is not installed".to_owned(),
        Ok(_) => {
            let theirs = middle(&mut bubblewrap);
            format!(
                "{:.2} × bubblewrap ({:.1} ms)",
                ours.as_secs_f64() / theirs.as_secs_f64(),
                millis(theirs)
            )
        }
    };
    println!(
        "an empty program in the sandbox, start to finish | {:.1} ms | {beside}; {:.1} ms without either; goal: within 2 ×, under 10 ms",
        millis(ours),
        millis(plain)
    );
    let start = Instant::now();
    let count: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut count = 0;
                    while start.elapsed() < BESIDE {
                        empty();
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });
    println!(
        "empty runs, two at a time | {:.0} a second | ",
        count as f64 / start.elapsed().as_secs_f64()
    );
    ExitCode::SUCCESS
}

fn empty() {
    let transcript = run(&Run::of(["true"]), &Cancel::default()).unwrap();
    assert_eq!(transcript.ended, Ended::Exited(0));
}

/// The same protections as far as it has them: no allow-list of calls, no bounds, no layer to write to.
fn bubblewrap() {
    let status = Command::new("bwrap")
        .args("--unshare-all --die-with-parent --new-session --cap-drop ALL".split(' '))
        .args("--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib".split(' '))
        .args("--symlink usr/lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp true".split(' '))
        .status();
    assert!(status.unwrap().success());
}

fn middle(one: &mut dyn FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            one();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
