//! Retry: whether to ask again, and when.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::endpoint::Retries;
use crate::failure::Cause;

/// Longest wait of our own choosing.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// One attempt that came to nothing.
#[derive(Debug)]
pub(crate) struct Setback {
    pub cause: Cause,
    pub message: String,
    pub status: Option<u16>,
    /// Asked again, it may go better.
    pub passes: bool,
    /// The request was sent, and nobody said that it was not answered: it may be billed.
    pub perhaps_billed: bool,
    /// How long the endpoint asks us to wait.
    pub after: Option<Duration>,
}

/// What may still be asked again, by all requests to one endpoint together.
pub(crate) struct Budget {
    retries: Retries,
    spent: AtomicU64,
    dice: AtomicU64,
}

impl Budget {
    pub(crate) fn new(retries: Retries) -> Budget {
        Budget {
            retries,
            spent: AtomicU64::new(0),
            dice: AtomicU64::new(retries.seed),
        }
    }

    /// How long to wait after `setback`, the one after `retries` retries that took `passed`, and before `left` is over;
    /// or why not to ask again.
    pub(crate) fn wait(
        &self,
        setback: &Setback,
        retries: u32,
        passed: Duration,
        left: Duration,
    ) -> Result<Duration, String> {
        if !setback.passes {
            return Err(String::new());
        }
        if retries >= self.retries.times {
            return Err(match retries {
                0 => String::new(),
                1 => "; asked twice".to_owned(),
                _ => format!("; asked {} times", retries + 1),
            });
        }
        let own = self.spread(self.doubled(retries));
        let wait = setback
            .after
            .map_or(own, |after| after.saturating_add(own.min(after / 10)));
        if passed.saturating_add(wait) > Duration::from_secs(u64::from(self.retries.seconds)) {
            return Err(format!(
                "; the next attempt would be in {} s, and `retry_seconds` allows {} in all",
                wait.as_secs(),
                self.retries.seconds
            ));
        }
        if wait >= left {
            return Err("; the time is up before it may be asked again".to_owned());
        }
        let total = self.retries.total;
        if self.spent.fetch_add(1, Ordering::Relaxed) >= total {
            return Err(format!(
                "; all {total} retries of `retries_total` are used up"
            ));
        }
        Ok(wait)
    }

    fn doubled(&self, retries: u32) -> Duration {
        let first = Duration::from_millis(u64::from(self.retries.first_milliseconds));
        first
            .saturating_mul(1u32.checked_shl(retries.min(20)).unwrap_or(u32::MAX))
            .min(WAIT_MAX)
    }

    /// Between half of `wait` and all of it: those who failed together do not come back together.
    fn spread(&self, wait: Duration) -> Duration {
        let half = wait / 2;
        let milliseconds = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
        half + Duration::from_millis(self.throw() % milliseconds.saturating_add(1))
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014): spreads, and keeps no secret.
    fn throw(&self) -> u64 {
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self
            .dice
            .fetch_add(GOLDEN, Ordering::Relaxed)
            .wrapping_add(GOLDEN);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Whether a status may pass, and whether it may be billed even so.
pub(crate) fn of_status(status: u16) -> (bool, bool) {
    match status {
        // Somebody on the way stopped waiting; whoever answers may not have.
        408 | 502 | 504 | 524 => (true, true),
        409 | 425 | 429 | 500 | 503 | 520..=523 | 529 => (true, false),
        _ => (false, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setback(after: Option<u64>) -> Setback {
        Setback {
            cause: Cause::Busy,
            message: String::new(),
            status: Some(429),
            passes: true,
            perhaps_billed: false,
            after: after.map(Duration::from_secs),
        }
    }

    const DAY: Duration = Duration::from_secs(86_400);

    fn waits(seed: u64) -> Vec<u128> {
        let budget = Budget::new(Retries {
            times: 12,
            seconds: 86_400,
            seed,
            ..Retries::default()
        });
        (0..12)
            .map(|retries| {
                budget
                    .wait(&setback(None), retries, Duration::ZERO, DAY)
                    .unwrap()
                    .as_millis()
            })
            .collect()
    }

    #[test]
    fn waits_double_up_to_a_minute_and_are_spread_by_the_seed() {
        let (first, second) = (waits(1), waits(2));
        for (index, wait) in first.iter().enumerate() {
            let full = (500u128 << index).min(60_000);
            assert!((full / 2..=full).contains(wait), "{index}: {wait}");
        }
        assert_eq!(first, waits(1));
        assert_ne!(first, second);
    }

    #[test]
    fn what_the_endpoint_asks_for_is_kept_to() {
        let budget = Budget::new(Retries::default());
        for after in [0, 1, 30, 200] {
            let wait = budget
                .wait(&setback(Some(after)), 0, Duration::ZERO, DAY)
                .unwrap();
            assert!(
                wait >= Duration::from_secs(after) && wait <= Duration::from_secs(after) * 11 / 10
            );
        }
    }

    #[test]
    fn who_may_not_ask_again_is_told_why() {
        let budget = Budget::new(Retries {
            times: 3,
            seconds: 60,
            total: 1,
            ..Retries::default()
        });
        let why = |after, retries, passed, left| {
            let seconds = Duration::from_secs;
            budget
                .wait(&setback(after), retries, seconds(passed), seconds(left))
                .unwrap_err()
        };
        assert_eq!(why(None, 3, 0, 600), "; asked 4 times");
        assert_eq!(
            why(Some(61), 0, 0, 600),
            "; the next attempt would be in 61 s, and `retry_seconds` allows 60 in all"
        );
        assert!(why(None, 0, 60, 600).starts_with("; the next attempt would be in 0 s"));
        assert_eq!(
            why(Some(5), 0, 0, 5),
            "; the time is up before it may be asked again"
        );
        assert!(budget.wait(&setback(None), 0, Duration::ZERO, DAY).is_ok());
        assert_eq!(
            why(None, 0, 0, 600),
            "; all 1 retries of `retries_total` are used up"
        );
        let never = Setback {
            passes: false,
            ..setback(None)
        };
        assert_eq!(budget.wait(&never, 0, Duration::ZERO, DAY).unwrap_err(), "");
    }
}
