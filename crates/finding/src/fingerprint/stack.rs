//! Stack: the frames of a crash that are the project's own, innermost first.
//!
//! What is odd: each tool prints frames in a way of its own, Python the innermost last; sanitizers print further
//! stacks (who freed it, who allocated it) behind the one that matters; and allocators, runtimes and fuzzers stand at
//! both ends of every stack and tell nothing. Recursion repeats frames, as often as the input says.

mod noise;
mod parse;

use super::place::Place;
use crate::report::{Crash, Frame};

/// Frames that are kept, innermost first. Beyond these stand the entry points, which a flaw can have several of.
pub const FRAMES_MAX: usize = 16;

/// The project's own frames of a crash, innermost first, each function once.
pub fn stack(crash: &Crash) -> Vec<Place> {
    let parsed;
    let frames = if crash.stack.is_empty() {
        parsed = parse::parse(&crash.raw);
        &parsed
    } else {
        &crash.stack
    };
    own(frames)
}

/// The family of a crash: what a tool's word for it amounts to; empty where it says nothing.
pub fn kind(crash: &Crash) -> &'static str {
    let said = match &*crash.kind {
        "" => parse::headline(&crash.raw),
        kind => kind,
    };
    let said = said.to_ascii_lowercase();
    let families = FAMILIES.iter();
    let mut found = families.filter(|(words, _)| words.iter().any(|word| said.contains(word)));
    found.next().map_or("", |(_, family)| family)
}

/// Words of sanitizers, debuggers and runtimes, the narrower before the wider.
const FAMILIES: &[(&[&str], &str)] = &[
    (
        &[
            "use-after",
            "uaf",
            "double-free",
            "doublefree",
            "invalid next size",
            "bad-free",
        ],
        "lifetime",
    ),
    (
        &[
            "stack-overflow",
            "stackoverflow",
            "recursionerror",
            "call stack size",
            "stack overflow",
        ],
        "recursion",
    ),
    (
        &[
            "out-of-memory",
            "outofmemory",
            "allocation-size",
            "oom",
            "bad_alloc",
            "memoryerror",
            "rss limit",
        ],
        "exhaustion",
    ),
    (&["timeout", "slow-unit", "deadly signal: alrm"], "time"),
    (&["leak"], "leak"),
    (&["uninitialized", "memorysanitizer"], "uninitialized"),
    (&["data race", "threadsanitizer", "race"], "race"),
    (
        &[
            "fpe",
            "divide",
            "division",
            "arithmeticexception",
            "zerodivision",
        ],
        "division",
    ),
    (
        &[
            "integer overflow",
            "signed integer",
            "shift",
            "integer-overflow",
        ],
        "integer",
    ),
    (
        &[
            "overflow",
            "out-of-bounds",
            "out of bounds",
            "underflow",
            "global-buffer",
            "sourceav",
            "destav",
            "accessviolation",
            "segv",
            "sigsegv",
            "segmentation",
            "sigbus",
            "nil pointer",
            "nullpointer",
            "null pointer",
            "indexerror",
            "indexoutofbounds",
            "unknown-crash",
            "access violation",
        ],
        "access",
    ),
    (
        &[
            "abort",
            "assert",
            "panic",
            "check failed",
            "exception",
            "error",
            "unreachable",
        ],
        "abort",
    ),
];

/// Frames without what tells nothing. Where nothing is left, the innermost as they stand: better than no stack.
fn own(frames: &[Frame]) -> Vec<Place> {
    let mut kept: Vec<Place> = Vec::new();
    for frame in frames.iter().take(parse::FRAMES_READ_MAX) {
        if kept.len() == FRAMES_MAX {
            break;
        }
        let Some(place) = Place::of_frame(frame) else {
            continue;
        };
        let seen = |held: &Place| {
            held.function_agrees(&place) == Some(true) && held.file_agrees(&place) != Some(false)
        };
        if noise::is_entry(&place) && !kept.is_empty() {
            break;
        }
        if !noise::is_noise(&place, frame) && !kept.iter().any(seen) {
            kept.push(place);
        }
    }
    if kept.is_empty() {
        let innermost = frames.iter().filter_map(Place::of_frame);
        kept = innermost.take(3).collect();
    }
    kept
}

#[cfg(test)]
mod tests;
