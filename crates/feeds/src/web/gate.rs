//! The gate before one server: whoever it told to wait keeps all others waiting too.

use std::sync::{Mutex, PoisonError};

/// Counts how often was waited; whoever waits holds the lock.
#[derive(Debug, Default)]
pub(super) struct Gate {
    waits: Mutex<u64>,
}

impl Gate {
    /// Waits while another waits. Gives the number of waits so far, for [`Gate::hold`].
    pub fn pass(&self) -> u64 {
        *self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for all, unless another has done so since `turn`: four connections that are told to wait at once wait
    /// once, not four times in a row.
    pub fn hold(&self, turn: u64, wait: impl FnOnce()) {
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        if *waits == turn {
            wait();
            *waits += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Gate;

    #[test]
    fn those_told_to_wait_at_once_wait_once() {
        let gate = Gate::default();
        let (one, other) = (gate.pass(), gate.pass());
        let mut waited = 0;
        gate.hold(one, || waited += 1);
        gate.hold(other, || waited += 1);
        gate.hold(gate.pass(), || waited += 1);
        assert_eq!(waited, 2);
    }
}
