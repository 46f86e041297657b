//! Memory: how much all processes of a run hold, where no control group counts it.
//!
//! Read from `/proc` by the supervisor, which sees them from outside. Pages that several share are counted for each:
//! the sum is never too small.

use std::fs;

/// Bytes resident in `process` and all that it started.
pub(crate) fn resident(process: u32) -> u64 {
    let mut sum = 0;
    let mut left = vec![process];
    let mut seen = 0;
    while let Some(process) = left.pop() {
        seen += 1;
        // More than any limit on processes allows is a race with a fork bomb, which its own bound ends.
        if seen > 100_000 {
            break;
        }
        sum += own(process);
        let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else {
            continue;
        };
        for thread in threads.flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            left.extend(
                children
                    .split_whitespace()
                    .filter_map(|one| one.parse::<u32>().ok()),
            );
        }
    }
    sum
}

fn own(process: u32) -> u64 {
    // Pages of 4 KiB on both machines that we are built for.
    let text = fs::read_to_string(format!("/proc/{process}/statm")).unwrap_or_default();
    let pages = text
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4_096
}
