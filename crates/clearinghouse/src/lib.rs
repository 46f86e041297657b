//! The acts: the only place where rules, policy, store, log and clock meet.
