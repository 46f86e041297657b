//! A few at a time: many questions, few connections, answers as they come.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

/// Does every job on one of `hands` threads and tells `done` of each on the caller's. Once that breaks, no further
/// job is begun.
pub(crate) fn each<J: Send, R: Send>(
    jobs: Vec<J>,
    hands: usize,
    work: impl Fn(J) -> R + Sync,
    mut done: impl FnMut(R) -> ControlFlow<()>,
) {
    let hands = hands.clamp(1, jobs.len().max(1));
    let jobs = Mutex::new(jobs.into_iter());
    let is_over = AtomicBool::new(false);
    // One answer waits at a time: a document may have 64 MiB.
    let (to_teller, answers) = sync_channel(1);
    std::thread::scope(|scope| {
        for _ in 0..hands {
            let (jobs, work, is_over, to_teller) = (&jobs, &work, &is_over, to_teller.clone());
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(job) = job else { return };
                    if to_teller.send(work(job)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(to_teller);
        for answer in answers {
            if !is_over.load(Ordering::Relaxed) && done(answer).is_break() {
                is_over.store(true, Ordering::Relaxed);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::each;

    #[test]
    fn every_job_is_done_once_and_none_is_begun_after_the_end() {
        let mut done = Vec::new();
        each(
            (0..100).collect(),
            4,
            |job: i32| job * 2,
            |answer| {
                done.push(answer);
                ControlFlow::Continue(())
            },
        );
        done.sort_unstable();
        assert_eq!(done, (0..100).map(|job| job * 2).collect::<Vec<_>>());
        let mut count = 0;
        each(
            (0..1000).collect(),
            4,
            |job: i32| job,
            |_| {
                count += 1;
                ControlFlow::Break(())
            },
        );
        assert_eq!(count, 1);
    }
}
