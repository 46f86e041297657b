//! Sandbox: run something hostile under limits, and bring back what happened.
//!
//! A run has namespaces of its own (user, process, mount, network, IPC, host name, control group), a root that it
//! cannot write through, a writable layer in memory, no network, an allow-list of system calls, no privileges and
//! none to gain, and bounds on memory, processes, time, disk and output. What was obtained of that is part of what
//! comes back: whoever reads a transcript sees how far it can be believed. With less than was asked for nothing
//! starts.
//!
//! A [`Session`] stays open: what it is asked to do one call after another acts on the same files, and nothing of a call
//! outlives it but those.
//!
//! A program that uses this calls [`entered`] first in its `main`: the sandbox starts that program again, twice, as
//! its own supervisor and as the first process inside.

mod changes;
mod group;
mod image;
mod inside;
mod isolation;
mod loopback;
mod machine;
mod memory;
mod mounts;
mod outside;
mod run;
mod session;
mod supervisor;
mod syscalls;
mod transcript;
mod wire;

pub use image::unpack;
pub use isolation::{Bound, Isolation, Missing};
pub use machine::{Machine, look};
pub use outside::{Cancel, Failure, run};
pub use run::{Demand, Given, Limits, Network, Root, Run};
pub use session::{Call, Called, Kind, Listed, Part, Session, Taken, Traffic};
pub use supervisor::entered;
pub use transcript::{Change, Changed, Ended, Resources, Said, Transcript, plain};
