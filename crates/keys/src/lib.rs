//! Signing keys, signed notes, DSSE, sealing, and the secrets people prove themselves with.
