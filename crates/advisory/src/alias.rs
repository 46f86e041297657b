//! Which ids name one flaw.
