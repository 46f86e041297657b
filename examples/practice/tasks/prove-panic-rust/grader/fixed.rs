//! Excerpt: prints a short form of each line of standard input, for a list of messages.
//!
//! A line is `sender: message`, percent-encoded: `%41` is `A`. What cannot be shown is answered with `?`.
//! It serves many users at once and must not panic, whatever it is given.

use std::io::{self, BufRead};

const SENDER_MAX: usize = 12;
const MESSAGE_MAX: usize = 32;

/// The digits of a percent-encoded byte.
fn digits(bytes: &[u8]) -> Option<u8> {
    let high = (*bytes.first()? as char).to_digit(16)?;
    let low = (*bytes.get(1)? as char).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            out.push(digits(&bytes[at + 1..])?);
            at += 3;
        } else if bytes[at].is_ascii() {
            out.push(bytes[at]);
            at += 1;
        } else {
            return None;
        }
    }
    String::from_utf8(out).ok()
}

/// The first word of the sender's name, cut.
fn sender(name: &str) -> String {
    let word = name.split_whitespace().next().unwrap_or("?");
    word.chars().take(SENDER_MAX).collect()
}

/// The first line of a message, cut at a word where one ends.
fn message(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    if line.len() <= MESSAGE_MAX {
        return line.to_owned();
    }
    match line.char_indices().take(MESSAGE_MAX).filter(|(_, c)| *c == ' ').last() {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => format!("{}…", line.chars().take(MESSAGE_MAX).collect::<String>()),
    }
}

fn excerpt(line: &str) -> Option<String> {
    let (name, text) = line.split_once(": ")?;
    let (name, text) = (decode(name)?, decode(text)?);
    if name.chars().chain(text.chars()).any(|c| c.is_control() && c != '\n') {
        return None;
    }
    Some(format!("{}: {}", sender(&name), message(&text)))
}

fn main() -> io::Result<()> {
    for line in io::stdin().lock().split(b'\n') {
        let line = line?;
        let text = std::str::from_utf8(&line).ok().and_then(excerpt);
        println!("{}", text.as_deref().unwrap_or("?"));
    }
    Ok(())
}
