//! Text: where a report begins in what a program wrote, who wrote it, and what its words mean.

use super::{Access, Class, Region};

/// What was found.
pub struct Found<'a> {
    pub tool: &'static str,
    pub kind: Box<str>,
    pub class: Class,
    /// From its first line on.
    pub report: &'a str,
}

impl Found<'_> {
    /// A signal and nothing else.
    pub fn bare(name: Option<&str>) -> Found<'static> {
        let name = name.unwrap_or("signal");
        let class = SIGNALS.iter().find(|(known, _)| *known == name);
        Found {
            tool: "signal",
            kind: name.into(),
            class: class.map_or(Class::Killed, |(_, class)| *class),
            report: "",
        }
    }
}

/// What a signal alone may mean.
const SIGNALS: &[(&str, Class)] = &[
    ("SIGSEGV", Class::WildAccess),
    ("SIGBUS", Class::WildAccess),
    ("SIGABRT", Class::Assertion),
    ("SIGFPE", Class::DivisionByZero),
    ("SIGILL", Class::Undefined),
    ("SIGTRAP", Class::Undefined),
    ("SIGXCPU", Class::TimedOut),
    ("SIGALRM", Class::TimedOut),
];

/// Text that begins a report, and whose it is. What stands first in a line's order is tried first.
const HEADS: &[(&str, &str)] = &[
    ("ERROR: AddressSanitizer: ", "AddressSanitizer"),
    ("ERROR: HWAddressSanitizer: ", "HWAddressSanitizer"),
    ("ERROR: LeakSanitizer: ", "LeakSanitizer"),
    ("WARNING: MemorySanitizer: ", "MemorySanitizer"),
    ("WARNING: ThreadSanitizer: ", "ThreadSanitizer"),
    ("ERROR: ThreadSanitizer: ", "ThreadSanitizer"),
    (
        "ERROR: UndefinedBehaviorSanitizer: ",
        "UndefinedBehaviorSanitizer",
    ),
    ("panic: ", "Go"),
    ("fatal error: ", "Go"),
    (": runtime error: ", "UndefinedBehaviorSanitizer"),
    ("ERROR: libFuzzer: ", "libFuzzer"),
    ("== Java Exception: ", "Java"),
    ("Exception in thread ", "Java"),
    (" panicked at ", "Rust"),
    ("thread '", "Rust"),
    ("Traceback (most recent call last)", "Python"),
    ("Program received signal ", "gdb"),
    ("Program terminated with signal ", "gdb"),
    ("*** buffer overflow detected ***", "glibc"),
    ("*** stack smashing detected ***", "glibc"),
    ("double free or corruption", "glibc"),
    ("free(): ", "glibc"),
    ("malloc(): ", "glibc"),
    ("realloc(): ", "glibc"),
    ("malloc_consolidate(): ", "glibc"),
    ("corrupted size vs. prev_size", "glibc"),
    (": Assertion `", "assert"),
];

/// The first report in `said`. Reports of a sanitizer come before all others: its own end is often told again by the
/// runtime around it.
pub fn report(said: &str) -> Option<Found<'_>> {
    let mut first: Option<(usize, bool, &'static str, &'static str)> = None;
    let mut at = 0;
    for line in said.split_inclusive('\n') {
        let is_sanitizer = |tool: &str| tool.ends_with("Sanitizer");
        // A frame's arguments may hold any text.
        let is_frame = line.trim_start().starts_with('#');
        if let Some((head, tool)) = HEADS
            .iter()
            .find(|(head, tool)| !is_frame && begins(line, head, tool))
        {
            let better = match first {
                None => true,
                Some((_, sanitizer, _, _)) => !sanitizer && is_sanitizer(tool),
            };
            if better {
                first = Some((at, is_sanitizer(tool), head, tool));
            }
        }
        at += line.len();
    }
    if let Some((at, _, head, tool)) = first {
        let report = said.get(at..).unwrap_or_default();
        let kind = kind(report, head, tool);
        let class = class(&kind, tool, report);
        return Some(Found {
            tool,
            kind: kind.into(),
            class,
            report,
        });
    }
    // Frames alone, as a debugger prints them; an allocator's complaint stands among the arguments.
    let first = said
        .lines()
        .find(|line| line.trim_start().starts_with("#0 "))?;
    let report = said.get(said.find(first)?..)?;
    let complaint = HEADS
        .iter()
        .filter(|(_, tool)| *tool == "glibc")
        .find_map(|(head, _)| {
            let from = report.find(&format!("\"{head}"))?;
            report.get(from + 1..)?.split('"').next()
        });
    let kind = complaint.unwrap_or_default();
    Some(Found {
        tool: "frames",
        kind: kind.into(),
        class: class(kind, "frames", report),
        report,
    })
}

fn begins(line: &str, head: &str, tool: &str) -> bool {
    match tool {
        // Words that stand in other lines too: there they begin it.
        "Go" => line.starts_with(head),
        "Rust" if head == "thread '" => {
            line.starts_with(head) && line.contains("has overflowed its stack")
        }
        _ => line.contains(head),
    }
}

/// The tool's word for it.
fn kind(report: &str, head: &str, tool: &str) -> String {
    let line = report.lines().next().unwrap_or_default();
    let rest = line.split_once(head).map_or("", |(_, rest)| rest);
    let kind = match tool {
        "Rust" if head == "thread '" => "stack overflow",
        "Rust" => "panic",
        "Go" => rest.split([':', '[', '(']).next().unwrap_or(rest),
        "Python" => return python(report),
        "Java" if head.starts_with("Exception") => {
            let said = rest.split_once(' ').map_or(rest, |(_, said)| said);
            said.split([':', ' ']).next().unwrap_or(said)
        }
        "Java" => rest.split(':').next().unwrap_or(rest),
        "gdb" => rest.split([',', '.', ' ']).next().unwrap_or(rest),
        "glibc" => line
            .trim_matches(['*', ' '])
            .split(" ***")
            .next()
            .unwrap_or(line),
        "assert" => "assertion failed",
        "UndefinedBehaviorSanitizer" if head.starts_with(": runtime") => {
            rest.split([':', ';']).next().unwrap_or(rest)
        }
        "libFuzzer" => rest
            .split(['(', ';'])
            .next()
            .unwrap_or(rest)
            .split(" after ")
            .next()
            .unwrap_or(rest),
        _ => {
            let word = rest.split(['(', '\n']).next().unwrap_or(rest);
            word.split(" on ")
                .next()
                .unwrap_or(word)
                .trim_end_matches(':')
        }
    };
    kind.trim().chars().take(200).collect()
}

/// A traceback ends with the exception's name.
fn python(report: &str) -> String {
    let mut lines = report.lines().skip(1);
    let last = lines.find(|line| !line.starts_with([' ', '\t']) && !line.trim().is_empty());
    let name = last
        .and_then(|line| line.split(':').next())
        .unwrap_or("exception");
    name.trim().chars().take(200).collect()
}

/// Words of all tools, the narrower before the wider.
const WORDS: &[(&str, Class)] = &[
    ("heap-use-after-free", Class::UseAfterFree),
    ("use-after", Class::UseAfterFree),
    ("use after free", Class::UseAfterFree),
    ("double-free", Class::DoubleFree),
    ("double free", Class::DoubleFree),
    ("bad-free", Class::InvalidFree),
    ("attempting free", Class::InvalidFree),
    ("alloc-dealloc-mismatch", Class::InvalidFree),
    ("invalid pointer", Class::InvalidFree),
    ("stack-overflow", Class::StackExhausted),
    ("stack overflow", Class::StackExhausted),
    ("StackOverflowError", Class::StackExhausted),
    ("RecursionError", Class::StackExhausted),
    ("out-of-memory", Class::OutOfMemory),
    ("allocation-size-too-big", Class::OutOfMemory),
    ("OutOfMemoryError", Class::OutOfMemory),
    ("MemoryError", Class::OutOfMemory),
    ("requested allocation size", Class::OutOfMemory),
    ("calloc-overflow", Class::IntegerOverflow),
    ("buffer-overflow", Class::OutOfBounds),
    ("buffer-underflow", Class::OutOfBounds),
    ("buffer overflow", Class::OutOfBounds),
    ("stack smashing", Class::OutOfBounds),
    ("container-overflow", Class::OutOfBounds),
    ("param-overlap", Class::Undefined),
    ("negative-size-param", Class::OutOfBounds),
    ("out of bounds", Class::OutOfBounds),
    ("out of range", Class::OutOfBounds),
    ("OutOfBounds", Class::OutOfBounds),
    ("IndexError", Class::OutOfBounds),
    ("invalid next size", Class::OutOfBounds),
    ("invalid size", Class::OutOfBounds),
    ("corrupted", Class::OutOfBounds),
    ("use-of-uninitialized-value", Class::Uninitialized),
    ("data race", Class::DataRace),
    ("lock-order-inversion", Class::DataRace),
    ("detected memory leaks", Class::Leak),
    ("signed integer overflow", Class::IntegerOverflow),
    ("unsigned integer overflow", Class::IntegerOverflow),
    ("negation of", Class::IntegerOverflow),
    ("shift exponent", Class::IntegerOverflow),
    ("left shift", Class::IntegerOverflow),
    ("attempt to add with overflow", Class::IntegerOverflow),
    ("with overflow", Class::IntegerOverflow),
    ("division by zero", Class::DivisionByZero),
    ("divide by zero", Class::DivisionByZero),
    ("ArithmeticException", Class::DivisionByZero),
    ("ZeroDivisionError", Class::DivisionByZero),
    ("SIGFPE", Class::DivisionByZero),
    ("FPE", Class::DivisionByZero),
    ("null pointer", Class::NullDereference),
    ("NullPointerException", Class::NullDereference),
    ("nil pointer", Class::NullDereference),
    ("SEGV", Class::WildAccess),
    ("BUS", Class::WildAccess),
    ("unknown-crash", Class::WildAccess),
    ("timeout", Class::TimedOut),
    ("ABRT", Class::Assertion),
    ("assertion", Class::Assertion),
    ("deadly signal", Class::Assertion),
    ("panic", Class::Assertion),
];

fn class(kind: &str, tool: &str, report: &str) -> Class {
    // A runtime's panic says what it was behind its word.
    let whole = match tool {
        "Rust" | "Go" => report.get(..600).unwrap_or(report),
        _ => kind,
    };
    let found = WORDS.iter().find(|(word, _)| whole.contains(word));
    match (found, tool) {
        (Some((_, class)), _) => *class,
        (None, "Python" | "Java") => Class::Exception,
        (None, "Rust" | "Go" | "assert") => Class::Assertion,
        (None, "glibc") => Class::OutOfBounds,
        (None, "UndefinedBehaviorSanitizer") => Class::Undefined,
        _ => Class::Unknown,
    }
}

/// `READ of size 4`, `caused by a WRITE memory access`, `Write of size 4` of a race.
pub fn access(report: &str) -> Option<Access> {
    for line in report.lines().take(12) {
        for (words, access) in [
            (
                &["READ of size", "a READ memory", "Read of size"][..],
                Access::Read,
            ),
            (
                &["WRITE of size", "a WRITE memory", "Write of size"],
                Access::Write,
            ),
        ] {
            if words.iter().any(|word| line.contains(word)) {
                return Some(access);
            }
        }
        if line.contains("PC is at a non-executable region") {
            return Some(Access::Execute);
        }
    }
    None
}

pub fn access_bytes(report: &str) -> Option<u64> {
    let line = report.lines().take(12).find(|line| {
        let line = line.to_ascii_lowercase();
        line.contains("read of size") || line.contains("write of size")
    })?;
    let (_, rest) = line.split_once(" of size ")?;
    rest.split(|letter: char| !letter.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

/// The address that a fault was at.
pub fn fault(report: &str) -> Option<u64> {
    let line = report.lines().take(12).find(|line| {
        line.contains("unknown address")
            || line.contains("addr=0x")
            || line.contains("null pointer")
    })?;
    if line.contains("null pointer") {
        return Some(0);
    }
    let (_, rest) = line.split_once("0x")?;
    let digits: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    u64::from_str_radix(&digits, 16).ok()
}

pub fn region(kind: &str) -> Option<Region> {
    let starts = [
        ("heap-", Region::Heap),
        ("stack-buffer", Region::Stack),
        ("stack-use", Region::Stack),
        ("dynamic-stack", Region::Stack),
        ("global-", Region::Global),
        ("double", Region::Heap),
        ("attempting", Region::Heap),
        ("malloc", Region::Heap),
        ("free", Region::Heap),
        ("stack smashing", Region::Stack),
    ];
    let found = starts.iter().find(|(start, _)| kind.starts_with(start));
    found.map(|(_, region)| *region)
}
