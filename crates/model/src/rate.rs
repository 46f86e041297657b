//! Rate: may this request go now, and if not, when?

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::endpoint::Limits;

/// Nobody waits longer than this without looking again: a wake-up meant for another is lost for so long at most.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What all requests to one endpoint pass through.
pub(crate) struct Gate {
    connections: u32,
    state: Mutex<State>,
    freed: Condvar,
}

struct State {
    under_way: u32,
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    /// The endpoint asked everybody to wait until then.
    held_until: Option<Instant>,
}

/// Leave to be under way, given back when dropped.
pub(crate) struct Pass<'a>(&'a Gate);

impl Gate {
    pub(crate) fn new(limits: &Limits, now: Instant) -> Gate {
        let requests = limits
            .requests_minute
            .map(|count| Bucket::new(u64::from(count), now));
        Gate {
            connections: limits.connections,
            state: Mutex::new(State {
                under_way: 0,
                requests,
                tokens: limits.tokens_minute.map(|count| Bucket::new(count, now)),
                held_until: None,
            }),
            freed: Condvar::new(),
        }
    }

    /// Waits until a request of about `tokens` may go; `None` where that is not before `deadline`.
    pub(crate) fn enter(&self, tokens: u64, deadline: Instant) -> Option<Pass<'_>> {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            if now >= deadline {
                return None;
            }
            let wait = match state.under_way < self.connections {
                true => state.wait(tokens, now),
                false => LOOK_AGAIN,
            };
            if wait.is_zero() {
                state.take(tokens);
                return Some(Pass(self));
            }
            // It would be too late: whoever asks is told now rather than then.
            if state.under_way < self.connections && wait > deadline - now {
                return None;
            }
            let wait = wait.min(LOOK_AGAIN).min(deadline - now);
            state = self
                .freed
                .wait_timeout(state, wait)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Puts right what was only estimated.
    pub(crate) fn settle(&self, estimated: u64, used: u64) {
        if let Some(tokens) = &mut self.lock().tokens {
            tokens.settle(estimated, used);
        }
    }

    /// Lets nobody go before `until`: the endpoint asked for it.
    pub(crate) fn hold(&self, until: Instant) {
        let mut state = self.lock();
        state.held_until = state.held_until.max(Some(until));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Counters alone are behind it: whoever panicked with it in hand left them whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.lock().under_way -= 1;
        self.0.freed.notify_one();
    }
}

impl State {
    fn wait(&mut self, tokens: u64, now: Instant) -> Duration {
        let held = self
            .held_until
            .map(|until| until.saturating_duration_since(now));
        let requests = self.requests.as_mut().map(|bucket| bucket.wait(1, now));
        let tokens = self.tokens.as_mut().map(|bucket| bucket.wait(tokens, now));
        [held, requests, tokens]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or_default()
    }

    fn take(&mut self, tokens: u64) {
        self.under_way += 1;
        if let Some(bucket) = &mut self.requests {
            bucket.take(1);
        }
        if let Some(bucket) = &mut self.tokens {
            bucket.take(tokens);
        }
    }
}

/// So much a minute, evenly, with ten seconds' worth at once.
///
/// Counts in sixty-thousandths, so that a millisecond brings a whole number of them: `minute` itself.
struct Bucket {
    minute: i128,
    full: i128,
    level: i128,
    last: Instant,
}

const MINUTE_MILLISECONDS: i128 = 60_000;

impl Bucket {
    fn new(minute: u64, now: Instant) -> Bucket {
        let minute = i128::from(minute);
        let full = (minute * 10_000).max(MINUTE_MILLISECONDS);
        Bucket {
            minute,
            full,
            level: full,
            last: now,
        }
    }

    /// How long until `amount` is there; more than a full bucket waits for a full one, and then overdraws it.
    fn wait(&mut self, amount: u64, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.last).as_millis();
        let passed = i128::try_from(passed).unwrap_or(i128::MAX);
        // What is less than a millisecond is counted the next time.
        self.last += Duration::from_millis(u64::try_from(passed).unwrap_or(0));
        self.level = self
            .level
            .saturating_add(passed.saturating_mul(self.minute))
            .min(self.full);
        let needed = (i128::from(amount) * MINUTE_MILLISECONDS).min(self.full);
        let missing = (needed - self.level).max(0);
        let milliseconds = missing / self.minute + i128::from(missing % self.minute > 0);
        Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX))
    }

    fn take(&mut self, amount: u64) {
        self.level -= i128::from(amount) * MINUTE_MILLISECONDS;
    }

    fn settle(&mut self, estimated: u64, used: u64) {
        let back = (i128::from(estimated) - i128::from(used)) * MINUTE_MILLISECONDS;
        self.level = (self.level + back).min(self.full);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes `amount` again and again at the first moment each may go, and says when that was, in milliseconds.
    fn moments(minute: u64, amounts: &[u64]) -> Vec<u128> {
        let start = Instant::now();
        let mut now = start;
        let mut bucket = Bucket::new(minute, start);
        let mut moments = Vec::new();
        for amount in amounts {
            let wait = bucket.wait(*amount, now);
            now += wait;
            assert!(
                bucket.wait(*amount, now).is_zero(),
                "it is there when it was said to be"
            );
            bucket.take(*amount);
            moments.push((now - start).as_millis());
        }
        moments
    }

    #[test]
    fn ten_seconds_worth_goes_at_once_and_the_rest_evenly() {
        assert_eq!(moments(24, &[1; 7]), [0, 0, 0, 0, 2500, 5000, 7500]);
        // Less than one in ten seconds is still one at a time.
        assert_eq!(moments(2, &[1; 3]), [0, 30_000, 60_000]);
    }

    #[test]
    fn what_is_larger_than_the_bucket_waits_for_a_full_one_and_is_paid_for_afterwards() {
        assert_eq!(moments(600, &[100, 300, 1, 1]), [0, 10_000, 30_100, 30_200]);
    }

    #[test]
    fn what_was_not_used_is_given_back_and_never_more_than_fits() {
        let now = Instant::now();
        let mut bucket = Bucket::new(600, now);
        bucket.take(100);
        bucket.settle(100, 40);
        assert!(bucket.wait(60, now).is_zero());
        assert_eq!(bucket.wait(61, now), Duration::from_millis(100));
        bucket.settle(1000, 0);
        assert!(bucket.wait(100, now).is_zero());
        bucket.take(100);
        assert_eq!(bucket.wait(1, now), Duration::from_millis(100));
    }

    #[test]
    fn nobody_passes_who_could_only_pass_too_late() {
        let limits = Limits {
            connections: 1,
            requests_minute: Some(6),
            ..Limits::default()
        };
        let now = Instant::now();
        let gate = Gate::new(&limits, now);
        let deadline = now + Duration::from_secs(5);
        let first = gate.enter(0, deadline);
        assert!(first.is_some());
        drop(first);
        // The next may go in ten seconds: that is said at once.
        assert!(gate.enter(0, deadline).is_none());
        assert!(gate.enter(0, now).is_none());
    }

    #[test]
    fn whoever_waits_for_a_connection_gets_the_one_that_is_freed() {
        let limits = Limits {
            connections: 2,
            ..Limits::default()
        };
        let now = Instant::now();
        let gate = Gate::new(&limits, now);
        let deadline = now + Duration::from_secs(600);
        let under_way = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let pass = gate.enter(0, deadline).unwrap();
                        let count = under_way.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        assert!(count < 2);
                        under_way.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                        drop(pass);
                    }
                });
            }
        });
    }

    #[test]
    fn when_the_endpoint_asks_to_wait_all_wait() {
        let now = Instant::now();
        let gate = Gate::new(&Limits::default(), now);
        gate.hold(now + Duration::from_secs(60));
        gate.hold(now + Duration::from_secs(30));
        assert!(gate.enter(0, now + Duration::from_secs(59)).is_none());
    }
}
