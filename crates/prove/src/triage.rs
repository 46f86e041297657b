//! Triage: what went wrong there, told alike whichever tool printed it.

#[cfg(test)]
mod tests;
mod text;

use finding::fingerprint::{self, Place};
use finding::report::{Crash, Frame};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::oracle::signal_name;

/// Innermost frames that tell one crash from another. Further out stand the many ways to the same place.
const SIGNATURE_FRAMES: usize = 3;

/// Addresses below this are a null pointer with an offset: Linux maps nothing under `mmap_min_addr`, which is 64 KiB.
const NULL_PAGES_END: u64 = 0x1_0000;

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

impl Class {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::OutOfBounds => "out_of_bounds",
            Class::UseAfterFree => "use_after_free",
            Class::DoubleFree => "double_free",
            Class::InvalidFree => "invalid_free",
            Class::Uninitialized => "uninitialized",
            Class::NullDereference => "null_dereference",
            Class::WildAccess => "wild_access",
            Class::StackExhausted => "stack_exhausted",
            Class::OutOfMemory => "out_of_memory",
            Class::IntegerOverflow => "integer_overflow",
            Class::DivisionByZero => "division_by_zero",
            Class::DataRace => "data_race",
            Class::Leak => "leak",
            Class::Undefined => "undefined",
            Class::Assertion => "assertion",
            Class::Exception => "exception",
            Class::TimedOut => "timed_out",
            Class::Killed => "killed",
            Class::Unknown => "unknown",
        }
    }

    /// The words for people.
    pub fn words(self) -> String {
        self.as_str().replace('_', " ")
    }
}

impl Triaged {
    /// In one line: `heap-buffer-overflow, write of 4 bytes, in read_record of records.c`.
    pub fn words(&self) -> String {
        let mut words = match &*self.kind {
            "" => self.class.words(),
            kind => kind.to_owned(),
        };
        if let Some(access) = self.access {
            words.push_str(&format!(", {}", access.as_str()));
            if let Some(bytes) = self.access_bytes {
                let unit = if bytes == 1 { "byte" } else { "bytes" };
                words.push_str(&format!(" of {bytes} {unit}"));
            }
        }
        if self.is_near_null {
            words.push_str(" near null");
        }
        if let Some(place) = self.frames.first().and_then(Place::of_frame) {
            words.push_str(&format!(", in {}", place.words()));
        }
        words
    }

    /// Whether both are the same crash, as far as class and innermost frames tell.
    pub fn is_same(&self, other: &Triaged) -> bool {
        self.signature == other.signature
    }
}

impl Access {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Access::Read => "read",
            Access::Write => "write",
            Access::Execute => "execute",
        }
    }
}

/// What a run's text and the signal that ended it tell of a crash; none where they tell of none.
///
/// The program under test wrote the text, so it can say anything: a triage is as good as the build.
pub fn triage(said: &str, signal: Option<i32>) -> Option<Triaged> {
    let found = text::report(said);
    let bare = text::Found::bare(signal.and_then(signal_name));
    let found = match (found, signal) {
        (Some(found), _) => found,
        (None, Some(_)) => bare,
        (None, None) => return None,
    };
    let crash = Crash {
        raw: found.report.into(),
        ..Crash::default()
    };
    let mut frames = fingerprint::stack(&crash);
    // A tool's word about a fault that a signal reported says less than the address.
    let fault = text::fault(found.report);
    let is_near_null = fault.is_some_and(|address| address < NULL_PAGES_END);
    let mut class = found.class;
    if class == Class::WildAccess && is_near_null {
        class = Class::NullDereference;
    }
    if found.report.is_empty() {
        frames.clear();
    }
    // GCC's own interceptors stand under names of their own, `printf_common`.
    if frames.iter().any(|place| !is_interceptor(place)) {
        frames.retain(|place| !is_interceptor(place));
    }
    Some(Triaged {
        signature: signature(class, &frames).into(),
        access: text::access(found.report),
        access_bytes: text::access_bytes(found.report),
        region: text::region(&found.kind),
        tool: found.tool.into(),
        kind: found.kind,
        class,
        is_near_null,
        frames: frames.iter().map(frame).collect(),
    })
}

fn is_interceptor(place: &Place) -> bool {
    place.file.contains("libsanitizer/") || place.file.contains("sanitizer_common/")
}

fn frame(place: &Place) -> Frame {
    Frame {
        function: place.function.clone(),
        file: place.file.clone(),
        line: place.line,
        module: "".into(),
    }
}

/// Class and functions, without lines: they move with every change.
fn signature(class: Class, frames: &[Place]) -> String {
    let mut text = class.as_str().to_owned();
    for place in frames.iter().take(SIGNATURE_FRAMES) {
        let named = match &*place.function {
            "" => format!("{}:{}", place.file, place.line.unwrap_or(0)),
            function => function.to_owned(),
        };
        text.push('\n');
        text.push_str(&named);
    }
    let digest = Sha256::digest(text.as_bytes());
    // 64 bits: a million crashes meet by chance once in forty million times.
    finding::hex(digest.get(..8).unwrap_or_default())
}
