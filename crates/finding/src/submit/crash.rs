//! Crash: what a sanitizer, a fuzzer or a runtime printed, read into its kind and its stack.
//!
//! What is odd: one report holds several stacks (use, free, allocation) and the first is the one it stopped at;
//! Python prints the innermost frame last, everyone else first; Go prints a frame in two lines.

use crate::report::{Crash, Frame};

use super::bounds::{CRASH_BYTES_MAX, FRAMES_MAX};
use super::check::{plain, plain_line};

/// Reads what was printed. What is not understood stays in `raw`.
pub fn read_crash(text: &str) -> Crash {
    let raw = plain(text, CRASH_BYTES_MAX);
    let mut stack = stack(&raw);
    stack.truncate(FRAMES_MAX);
    Crash {
        kind: kind(&raw),
        stack,
        raw,
    }
}

/// The word that tells what happened, and what stands before it.
const KINDS: &[(&str, &str)] = &[
    ("ERROR: AddressSanitizer: ", ""),
    ("ERROR: HWAddressSanitizer: ", ""),
    ("ERROR: LeakSanitizer: ", ""),
    ("WARNING: MemorySanitizer: ", ""),
    ("WARNING: ThreadSanitizer: ", ""),
    ("ERROR: UndefinedBehaviorSanitizer: ", ""),
    ("ERROR: libFuzzer: ", "libFuzzer "),
    ("== Java Exception: ", ""),
    ("runtime error: ", "runtime error: "),
    ("fatal error: ", "fatal error: "),
];

fn kind(text: &str) -> Box<str> {
    for line in text.lines() {
        for (before, say) in KINDS {
            if let Some((_, rest)) = line.split_once(before) {
                return plain_line(&format!("{say}{}", short(rest, before)), 200);
            }
        }
        if line.contains("panicked at") || line.starts_with("panic: ") {
            return "panic".into();
        }
    }
    // A Python traceback ends with the exception's name.
    if text.contains("Traceback (most recent call last)") {
        let last = text.lines().rev().find(|line| !line.trim().is_empty());
        let name = last.and_then(|line| line.split(':').next());
        return plain_line(name.unwrap_or_default(), 200);
    }
    "".into()
}

/// `heap-buffer-overflow on address 0x…` is a `heap-buffer-overflow`; a message with a value in it is cut at the value.
fn short<'a>(rest: &'a str, before: &str) -> &'a str {
    match before {
        "== Java Exception: " => rest.split([':', '\n']).next().unwrap_or(rest).trim(),
        "runtime error: " | "fatal error: " => {
            rest.split([':', ';', '[']).next().unwrap_or(rest).trim()
        }
        "ERROR: libFuzzer: " => {
            let rest = rest.split('(').next().unwrap_or(rest);
            rest.split(" after ").next().unwrap_or(rest).trim()
        }
        _ => rest
            .split(['(', '\n'])
            .next()
            .unwrap_or(rest)
            .split(" on ")
            .next()
            .unwrap_or(rest)
            .trim_end_matches(':')
            .trim(),
    }
}

fn stack(text: &str) -> Vec<Frame> {
    let numbered = numbered(text);
    if !numbered.is_empty() {
        return numbered;
    }
    let java: Vec<Frame> = text.lines().filter_map(java).collect();
    if !java.is_empty() {
        return java;
    }
    let mut python: Vec<Frame> = text.lines().filter_map(python).collect();
    if !python.is_empty() {
        python.reverse();
        return python;
    }
    let go = go(text);
    if !go.is_empty() {
        return go;
    }
    text.lines().find_map(located).into_iter().collect()
}

/// `#0 0x55 in f(int) /src/a.c:3:5`, until the numbers begin again.
fn numbered(text: &str) -> Vec<Frame> {
    let mut frames = Vec::new();
    for line in text.lines() {
        let Some(rest) = line.trim_start().strip_prefix('#') else {
            continue;
        };
        let Some((number, rest)) = rest.split_once(char::is_whitespace) else {
            continue;
        };
        if number.parse() != Ok(frames.len()) {
            if frames.is_empty() {
                continue;
            }
            break;
        }
        frames.push(frame(rest.trim()));
    }
    frames
}

/// What follows a frame's number: `0x55 in f /src/a.c:3:5`, `0x55 (/lib/libc.so+0x29d8f)`, `f() /src/a.c:3`.
fn frame(text: &str) -> Frame {
    let text = match text.strip_prefix("0x") {
        Some(rest) => rest
            .split_once(char::is_whitespace)
            .map_or("", |(_, rest)| rest),
        None => text,
    };
    let text = text.trim_start();
    let text = text.strip_prefix("in ").unwrap_or(text).trim();
    // A build id may follow a module.
    let text = text.split(" (BuildId").next().unwrap_or(text).trim_end();
    let (text, module) = match text.rsplit_once('(') {
        Some((head, module)) if module.ends_with(')') && module.contains("+0x") => {
            (head.trim_end(), module.trim_end_matches(')'))
        }
        _ => (text, ""),
    };
    // A path begins at the last ` /`, for a C++ function's text holds spaces of its own.
    let (function, place) = match text.rfind(" /").or_else(|| place_at(text)) {
        Some(at) => text.split_at(at),
        None if text.starts_with('/') => ("", text),
        None => (text, ""),
    };
    let (file, line) = file_and_line(place.trim());
    Frame {
        function: function.trim().into(),
        file: file.into(),
        line,
        module: module.split("+0x").next().unwrap_or(module).into(),
    }
}

/// The last word where it looks like `a.c:3`.
fn place_at(text: &str) -> Option<usize> {
    let at = text.rfind(' ')?;
    let (_, last) = text.split_at(at);
    let (_, line) = file_and_line(last.trim());
    line.map(|_| at)
}

/// `a.c:3:5` into `a.c` and 3.
fn file_and_line(place: &str) -> (&str, Option<u32>) {
    let mut parts = place.rsplitn(3, ':');
    let (last, middle, first) = (parts.next(), parts.next(), parts.next());
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok()).filter(|n| *n > 0);
    match (first, middle, last) {
        (Some(file), line, column) if number(line).is_some() && number(column).is_some() => {
            (file, number(line))
        }
        (_, Some(_), line) if number(line).is_some() => {
            let file = place.rsplit_once(':').map_or(place, |(file, _)| file);
            (file, number(line))
        }
        _ => (place, None),
    }
}

/// `at com.example.Reader.read(Reader.java:42)`.
fn java(line: &str) -> Option<Frame> {
    let rest = line.trim().strip_prefix("at ")?;
    let (function, place) = rest.strip_suffix(')')?.rsplit_once('(')?;
    let (file, line) = file_and_line(place);
    Some(Frame {
        function: function.into(),
        file: file.into(),
        line,
        module: "".into(),
    })
}

/// `File "a.py", line 3, in f`.
fn python(line: &str) -> Option<Frame> {
    let rest = line.trim().strip_prefix("File \"")?;
    let (file, rest) = rest.split_once("\", line ")?;
    let (line, function) = rest.split_once(", in ").unwrap_or((rest, ""));
    Some(Frame {
        function: function.trim().into(),
        file: file.into(),
        line: line.parse().ok(),
        module: "".into(),
    })
}

/// `main.f(0x1)` and below it, indented, `/src/a.go:3 +0x1d`.
fn go(text: &str) -> Vec<Frame> {
    let Some((_, text)) = text.split_once("\ngoroutine ") else {
        return Vec::new();
    };
    let mut frames = Vec::new();
    let mut lines = text.lines().skip(1).peekable();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            break;
        }
        let Some(place) = lines.next_if(|next| next.starts_with('\t')) else {
            continue;
        };
        let place = place.trim().split(" +0x").next().unwrap_or_default();
        let (file, at) = file_and_line(place);
        let function = line.rsplit_once('(').map_or(line, |(function, _)| function);
        frames.push(Frame {
            function: function.into(),
            file: file.into(),
            line: at,
            module: "".into(),
        });
    }
    frames
}

/// `src/a.rs:3:5` after `panicked at`, `a.c:3:5: runtime error`.
fn located(line: &str) -> Option<Frame> {
    let place = match line.split_once("panicked at ") {
        Some((_, rest)) => rest.trim_end_matches(':').trim_matches('\''),
        None => line.split_once(": runtime error")?.0,
    };
    let (file, line) = file_and_line(place.trim());
    line.map(|line| Frame {
        file: file.into(),
        line: Some(line),
        ..Frame::default()
    })
}
