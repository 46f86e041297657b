//! Triage: what went wrong there, told alike whichever tool printed it.

use finding::report::Frame;
use serde::{Deserialize, Serialize};

/// A crash, normalized.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triaged {
    /// Who printed it: `AddressSanitizer`, `signal`, `Rust`, `Python`, …
    pub tool: Box<str>,
    /// The tool's own word, `heap-buffer-overflow`.
    pub kind: Box<str>,
    pub class: Class,
    /// What was done to memory, where it is known.
    pub access: Option<Access>,
    /// Bytes that were read or written at once.
    pub access_bytes: Option<u64>,
    pub region: Option<Region>,
    /// The address lies in the first pages: most likely a null pointer with an offset.
    pub is_near_null: bool,
    /// The project's own frames, innermost first.
    pub frames: Vec<Frame>,
    /// What tells this crash from others: hexadecimal digits over class and innermost frames.
    pub signature: Box<str>,
}

/// What went wrong, whatever the tool calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    OutOfBounds,
    UseAfterFree,
    DoubleFree,
    InvalidFree,
    Uninitialized,
    NullDereference,
    WildAccess,
    StackExhausted,
    OutOfMemory,
    IntegerOverflow,
    DivisionByZero,
    DataRace,
    Leak,
    Undefined,
    Assertion,
    Exception,
    TimedOut,
    Killed,
    Unknown,
}

/// What was done to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    Read,
    Write,
    Execute,
}

/// Which memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    Heap,
    Stack,
    Global,
}

/// How bad it could be, by what was seen alone. Never the vendor's word and never shown as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    pub severity: Severity,
    /// Why, a sentence each, and what it leaves open.
    pub why: Vec<Box<str>>,
}

/// Degrees, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Low,
    Medium,
    High,
}

impl Severity {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }
}
