//! Transcript: what a run did, as far as its bounds let it.

use serde::{Deserialize, Serialize};

use crate::isolation::Isolation;
use crate::session::Traffic;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    pub ended: Ended,
    pub output: Said,
    pub errors: Said,
    pub resources: Resources,
    /// Files that it made, changed or removed, by path; at most [`CHANGES_MAX`].
    pub changes: Vec<Change>,
    /// Changes beyond those.
    pub changes_left_out: u64,
    /// Processes that were still there when it ended, and were ended with it.
    pub left_behind: u32,
    /// What went through the interfaces of a session's network, as its supervisor counted at the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traffic: Vec<Traffic>,
    pub isolation: Isolation,
}

/// Changed files that are named: what a build of a small project leaves.
pub const CHANGES_MAX: usize = 10_000;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// By itself, with this code.
    Exited(i32),
    /// By a signal, its own or another process's inside.
    Signaled(i32),
    /// Its time was over.
    TimedOut,
    /// It needed more memory than it may have.
    OutOfMemory,
    /// Whoever asked for it did not want it any more.
    Cancelled,
    /// The program could not be started: not there, not executable, of another machine.
    NotStarted(Box<str>),
}

/// What it wrote to one of its two streams.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The first and the last of it, as they were written.
    #[serde(with = "crate::wire::base64")]
    pub first: Vec<u8>,
    #[serde(
        with = "crate::wire::base64",
        skip_serializing_if = "Vec::is_empty",
        default
    )]
    pub last: Vec<u8>,
    /// Bytes between the two that were not kept.
    pub left_out: u64,
}

/// What it used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    pub wall_microseconds: u64,
    pub user_microseconds: u64,
    pub system_microseconds: u64,
    /// The most memory at once: of all processes where it was counted, else of the largest.
    pub memory_bytes: u64,
}

/// A file that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Absolute, as inside; what is not UTF-8 is shown by its replacement character.
    pub path: Box<str>,
    pub how: Changed,
    pub bytes: u64,
    pub executable: bool,
    /// Hexadecimal, of regular files up to what is kept.
    pub sha256: Option<Box<str>>,
    /// Where it was asked for and small enough.
    #[serde(
        with = "crate::wire::base64_option",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub content: Option<Vec<u8>>,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// It was not there, or is another one now: an upper layer does not tell.
    Written,
    Folder,
    Link,
    /// A pipe or a socket.
    Other,
    Removed,
}

impl Said {
    /// As text for people: what is no UTF-8 replaced, escapes and other controls stripped, and a line where bytes
    /// were left out.
    pub fn text(&self) -> String {
        let mut text = plain(&self.first);
        if self.left_out > 0 {
            if !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&format!("[{} bytes left out]\n", self.left_out));
        }
        text.push_str(&plain(&self.last));
        text
    }

    /// All that was kept, as it was written.
    pub fn bytes(&self) -> Vec<u8> {
        [self.first.as_slice(), self.last.as_slice()].concat()
    }
}

/// Text without anything that a terminal would act on: escape sequences go whole, other controls but newline and
/// tab go by themselves, and what turns the direction of writing goes too.
pub fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(one) = rest.next() {
        match one {
            '\u{1b}' => escape(&mut rest),
            // C1 controls: one character for what an escape takes two for.
            '\u{9b}' => sequence(&mut rest),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => string(&mut rest),
            '\n' | '\t' => plain.push(one),
            '\r' if rest.peek() == Some(&'\n') => {}
            '\r' => plain.push('\n'),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            one if one.is_control() => {}
            one => plain.push(one),
        }
    }
    plain
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// What follows ESC (ECMA-48, 5th edition, 5.3).
fn escape(rest: &mut Rest<'_>) {
    match rest.next() {
        Some('[') => sequence(rest),
        // Strings: DCS, SOS, OSC, PM, APC.
        Some('P' | 'X' | ']' | '^' | '_') => string(rest),
        // Intermediate bytes, then one final byte.
        Some(' '..='/') => while let Some(' '..='/') = rest.next() {},
        _ => {}
    }
}

/// A control sequence: parameters and intermediates up to a final byte.
fn sequence(rest: &mut Rest<'_>) {
    while let Some(one) = rest.peek() {
        match one {
            '\u{20}'..='\u{3f}' => rest.next(),
            '\u{40}'..='\u{7e}' => {
                rest.next();
                return;
            }
            // Not part of a sequence, which is broken off here.
            _ => return,
        };
    }
}

/// A string up to BEL or ST; one that never ends takes the line, not all that follows.
fn string(rest: &mut Rest<'_>) {
    while let Some(one) = rest.peek() {
        match one {
            '\u{07}' | '\u{9c}' => {
                rest.next();
                return;
            }
            '\u{1b}' => {
                rest.next();
                if rest.peek() == Some(&'\\') {
                    rest.next();
                }
                return;
            }
            '\n' => return,
            _ => rest.next(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(bytes: &[u8], expected: Expect) {
        expected.assert_eq(&plain(bytes));
    }

    #[test]
    fn what_a_terminal_would_act_on_is_gone_and_the_words_are_left() {
        check(
            b"\x1b[31mred\x1b[0m and \x1b]0;title\x07plain",
            expect!["red and plain"],
        );
        check(b"\x1b]52;c;ZXZpbA==\x1b\\clipboard", expect!["clipboard"]);
        check(b"\x1bP+q544e\x1b\\device", expect!["device"]);
        check(
            b"an unfinished \x1b]0;title\nnext line",
            expect![[r"
            an unfinished 
            next line"]],
        );
        check(
            "c1 \u{9b}2Jclear \u{9d}0;x\u{9c}done".as_bytes(),
            expect!["c1 clear done"],
        );
        check(
            b"bell\x07 back\x08space \x00nul\x7f",
            expect!["bell backspace nul"],
        );
        check("\u{202e}turned\u{202c}".as_bytes(), expect!["turned"]);
        check(
            b"over\rwritten\r\n",
            expect![[r"
            over
            written
        "]],
        );
        check(b"\xff\xfe bytes", expect!["\u{fffd}\u{fffd} bytes"]);
    }
}
