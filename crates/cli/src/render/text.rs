//! Words for dates and lines of a bounded width.

use jiff::civil::Date;
use unicode_width::UnicodeWidthStr;

/// `4 December 2026`, which no country reads as another day.
pub use priority::bod2604::day as date_words;

/// `today`, `in 3 days`, `1,012 days ago`.
pub fn days_words(due: Date, today: Date) -> String {
    let days = (due - today).get_days();
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        days if days > 0 => format!("in {} days", thousands(days.unsigned_abs().into())),
        days => format!("{} days ago", thousands(days.unsigned_abs().into())),
    }
}

/// `57,104`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 asset`, `2 assets`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        thousands(number),
        if number == 1 { one } else { many }
    )
}

/// Breaks `text` at spaces so that no line is wider than `width`; a word wider than that stands alone.
///
/// Control characters of a stranger's text become spaces, so that it cannot drive the terminal.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let clean = plain(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in clean.split_whitespace() {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Text without control characters and without the marks that turn a line's direction.
pub fn plain(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|c| if c.is_control() || turns(c) { ' ' } else { c })
        .collect()
}

/// `text` cut to `width` columns, with an ellipsis where something is missing.
pub fn cut(text: &str, width: usize) -> String {
    let text = plain(text);
    if text.width() <= width {
        return text;
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + unicode_width::UnicodeWidthChar::width(c).unwrap_or(0) + 1 > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_cannot_drive_the_terminal() {
        assert_eq!(
            wrap("safe\u{1b}[2Jgone \u{202e}txt", 80),
            ["safe [2Jgone txt"]
        );
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("incomprehensibilities", 7), ["incomprehensibilities"]);
    }

    #[test]
    fn days_are_said_as_people_say_them() {
        let today = jiff::civil::date(2026, 11, 20);
        let said = |due| days_words(due, today);
        assert_eq!(said(today), "today");
        assert_eq!(said(jiff::civil::date(2026, 11, 23)), "in 3 days");
        assert_eq!(said(jiff::civil::date(2021, 12, 24)), "1,792 days ago");
    }
}
