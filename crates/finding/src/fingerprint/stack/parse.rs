//! Parse: frames out of what a tool printed.
//!
//! Sanitizers and gdb (`#0 …`), Rust backtraces (`0: …` and `at …`), Java and JavaScript (`at …`), Go (a call and an
//! indented file), Python (`File "…", line …, in …`, innermost last). Whatever else stands between is passed over.

use super::super::function::cut;
use crate::report::Frame;

/// What is read of a tool's report; sanitizer reports have 10 to 100 KiB, most of it shadow bytes and registers.
const RAW_BYTES_MAX: usize = 256 * 1024;

/// Frames that are read before noise is dropped: recursion fills hundreds, and what is new comes before that.
pub const FRAMES_READ_MAX: usize = 256;

/// Reads the frames of one form of stack out of lines.
type Reader = fn(&[&str]) -> Vec<Frame>;

/// The first stack of a report, innermost first.
pub fn parse(raw: &str) -> Vec<Frame> {
    let raw = cut(raw, RAW_BYTES_MAX);
    let lines: Vec<&str> = raw.lines().map(clean).collect();
    let readers: [Reader; 6] = [numbered, python, go, called, rust_panic, runtime_error];
    readers
        .iter()
        .map(|read| read(&lines))
        .find(|frames| !frames.is_empty())
        .unwrap_or_default()
}

/// The line that says what went wrong.
pub fn headline(raw: &str) -> &str {
    let marks = [
        "ERROR: ",
        "WARNING: ",
        "runtime error:",
        "panicked at",
        "panic:",
        "signal SIG",
        "Exception",
        "Error:",
        "SUMMARY:",
    ];
    let mut lines = cut(raw, RAW_BYTES_MAX).lines();
    lines
        .find(|line| marks.iter().any(|mark| line.contains(mark)))
        .unwrap_or_default()
}

/// A line without escapes and blanks at its end.
fn clean(line: &str) -> &str {
    line.trim_end()
}

/// `#0 0x… in function file:line:column`, gdb's `#0  0x… in function (…) at file:line`, Rust's `0: function` and `at file`.
fn numbered(lines: &[&str]) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in lines {
        let text = line.trim_start();
        if let Some(place) = text.strip_prefix("at ").filter(|_| line.starts_with("   "))
            && let Some(last) = frames.last_mut()
            && last.file.is_empty()
        {
            (last.file, last.line) = file_and_line(place);
            continue;
        }
        let Some((number, rest)) = number_of(text) else {
            // The stack has ended; further ones tell who freed or allocated. A blank line may stand inside Rust's.
            if frames.len() > 1 && text.is_empty() {
                break;
            }
            continue;
        };
        if number != frames.len() && frames.is_empty() && number > 1 {
            continue;
        }
        if number == 0 && !frames.is_empty() {
            break;
        }
        frames.push(frame_of(rest));
        if frames.len() == FRAMES_READ_MAX {
            break;
        }
    }
    frames
}

/// The number of a frame, and what follows it.
fn number_of(text: &str) -> Option<(usize, &str)> {
    let sharp = text.strip_prefix('#');
    let rest = sharp.unwrap_or(text);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = rest.split_at_checked(digits)?;
    let number = number.parse().ok()?;
    let rest = match sharp {
        Some(_) => rest.strip_prefix([' ', '\t'])?,
        None => rest.strip_prefix(": ")?,
    };
    Some((number, rest.trim_start()))
}

/// One frame of a sanitizer or of gdb, behind its number.
fn frame_of(text: &str) -> Frame {
    let text = match text.strip_prefix("0x") {
        Some(rest) => {
            let rest = rest
                .trim_start_matches(|letter: char| letter.is_ascii_hexdigit())
                .trim_start();
            rest.strip_prefix("in ")
                .or_else(|| rest.strip_prefix("- "))
                .unwrap_or(rest)
        }
        None => text,
    };
    if let Some((function, place)) = text
        .rsplit_once(") at ")
        .or_else(|| text.rsplit_once(" at "))
    {
        let (file, line) = file_and_line(place);
        return frame(function, file, line);
    }
    if let Some((function, module)) = text.rsplit_once(" from ") {
        return Frame {
            module: module.into(),
            ..frame(function, "".into(), None)
        };
    }
    let (text, module) = match text.rsplit_once(" (") {
        Some((before, module)) if module.ends_with(')') && module.contains("+0x") => {
            (before, module.trim_end_matches(')'))
        }
        _ => (text, ""),
    };
    let module = match text.strip_prefix('(') {
        Some(only) => only.trim_end_matches(')'),
        None => module,
    };
    let found = match text.rsplit_once(' ') {
        _ if text.starts_with('(') && text.contains("+0x") => frame("", "".into(), None),
        // A path with a line is the place; a word without either belongs to the function.
        Some((function, place)) if place.contains(['/', '\\']) || has_line(place) => {
            let (file, line) = file_and_line(place);
            frame(function, file, line)
        }
        None if text.starts_with('/') => {
            let (file, line) = file_and_line(text);
            frame("", file, line)
        }
        _ => frame(text, "".into(), None),
    };
    Frame {
        module: module.into(),
        ..found
    }
}

fn frame(function: &str, file: Box<str>, line: Option<u32>) -> Frame {
    let function = function.trim();
    Frame {
        // gdb prints arguments behind a blank; they hold values, and values hold anything.
        function: function
            .split(" (")
            .next()
            .filter(|name| !name.is_empty())
            .unwrap_or(function)
            .into(),
        file,
        line,
        module: "".into(),
    }
}

/// `file:line:column`, `file:line` or `file`.
fn file_and_line(text: &str) -> (Box<str>, Option<u32>) {
    let text = text.trim().trim_end_matches(')');
    let mut numbers = Vec::new();
    let mut file = text;
    while let Some((before, digits)) = file.rsplit_once(':') {
        match digits.parse::<u32>() {
            Ok(number) => numbers.push(number),
            Err(_) => break,
        }
        file = before;
    }
    (file.into(), numbers.last().copied())
}

fn has_line(text: &str) -> bool {
    file_and_line(text).1.is_some()
}

/// `File "…", line …, in …`. A traceback is printed innermost last, casr prints it innermost first.
fn python(lines: &[&str]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut innermost_last = false;
    for line in lines {
        let text = line.trim_start();
        if text.starts_with("Traceback (most recent call last)") {
            // A chain prints the cause first; what was raised last is what stopped it.
            innermost_last = true;
            frames.clear();
        }
        let Some((file, rest)) = text
            .strip_prefix("File \"")
            .and_then(|rest| rest.split_once("\", line "))
        else {
            continue;
        };
        let (number, function) = rest.split_once(", in ").unwrap_or((rest, ""));
        if frames.len() < FRAMES_READ_MAX {
            frames.push(Frame {
                function: function.trim().into(),
                file: file.into(),
                line: number.trim().parse().ok(),
                module: "".into(),
            });
        }
    }
    if innermost_last {
        frames.reverse();
    }
    frames
}

/// A call, and below it an indented file: `main.parse(0x…)` and a tab, `/path/file.go:12 +0x1d`.
fn go(lines: &[&str]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let from = lines
        .iter()
        .position(|line| line.starts_with("goroutine ") && line.ends_with("]:"));
    let Some(from) = from else {
        return frames;
    };
    for pair in lines.get(from + 1..).unwrap_or_default().chunks(2) {
        let [call, place] = pair else {
            break;
        };
        if call.is_empty() || !place.starts_with('\t') || frames.len() == FRAMES_READ_MAX {
            break;
        }
        let (file, line) = file_and_line(place.trim().split(" +0x").next().unwrap_or_default());
        // The arguments are behind the last bracket: `pkg.(*T).call(0x…)`.
        let function = call
            .rsplit_once('(')
            .map_or(*call, |(function, _)| function);
        frames.push(frame(
            function.trim_start_matches("created by "),
            file,
            line,
        ));
    }
    frames
}

/// Java's `at com.acme.Parser.read(Parser.java:12)` and JavaScript's `at read (parser.js:12:3)` and `at parser.js:12:3`.
fn called(lines: &[&str]) -> Vec<Frame> {
    let mut frames = Vec::new();
    for line in lines {
        let text = line.trim_start();
        if text.starts_with("Caused by:") {
            // The cause is printed last and is what went wrong.
            frames.clear();
        }
        let Some(text) = text
            .strip_prefix("at ")
            .filter(|_| line.starts_with([' ', '\t']))
        else {
            continue;
        };
        if frames.len() == FRAMES_READ_MAX {
            continue;
        }
        let parts = text
            .rsplit_once('(')
            .map(|(function, place)| (function, place.trim_end_matches(')')));
        let (function, place) = parts.unwrap_or(("", text));
        let function = function
            .trim()
            .trim_start_matches("async ")
            .trim_start_matches("new ");
        let function = function.rsplit('/').next().unwrap_or(function);
        let (file, line) = file_and_line(place);
        frames.push(frame(function, file, line));
    }
    frames
}

/// `panicked at src/lib.rs:10:5:` without a backtrace.
fn rust_panic(lines: &[&str]) -> Vec<Frame> {
    let place = lines
        .iter()
        .find_map(|line| line.split_once("panicked at "))
        .map(|(_, place)| place);
    let place = place.map(|place| place.trim_end_matches(':'));
    let place = place.map(|place| place.rsplit_once("', ").map_or(place, |(_, place)| place));
    only(place)
}

/// `parser.c:12:5: runtime error: …` without a stack.
fn runtime_error(lines: &[&str]) -> Vec<Frame> {
    only(
        lines
            .iter()
            .find_map(|line| line.split_once(": runtime error:"))
            .map(|(place, _)| place),
    )
}

/// One frame of a place alone.
fn only(place: Option<&str>) -> Vec<Frame> {
    let frame = place.map(|place| {
        let (file, line) = file_and_line(place);
        frame("", file, line)
    });
    frame
        .into_iter()
        .filter(|frame| frame.line.is_some())
        .collect()
}
