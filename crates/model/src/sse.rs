//! Sse: a stream of events, byte by byte (WHATWG HTML, 9.2.6 "Interpreting an event stream").
//!
//! Odd about it: three line ends, one of which may be cut in two by the wire; an event ends at an empty line and not
//! at the end of the stream; one space behind the colon belongs to nobody.

/// Reads events out of bytes as they come.
pub(crate) struct Parser {
    line: Vec<u8>,
    kind: String,
    data: String,
    has_data: bool,
    /// The last byte was a carriage return: a line feed that follows it ends no further line.
    returned: bool,
    /// Nothing was read yet: a byte order mark may come.
    fresh: bool,
    event_bytes_max: usize,
}

/// A line or an event longer than allowed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Parser {
    pub(crate) fn new(event_bytes_max: usize) -> Parser {
        Parser {
            line: Vec::new(),
            kind: String::new(),
            data: String::new(),
            has_data: false,
            returned: false,
            fresh: true,
            event_bytes_max,
        }
    }

    /// Hands every event that `bytes` complete to `seen`, its kind and its data. What they leave open waits.
    pub(crate) fn push<E: From<TooLong>>(
        &mut self,
        mut bytes: &[u8],
        seen: &mut impl FnMut(&str, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.returned && !bytes.is_empty() {
            self.returned = false;
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.grow(&bytes[..end])?;
            let returned = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            match returned {
                true if bytes.is_empty() => self.returned = true,
                true => bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes),
                false => {}
            }
            self.end_line(seen)?;
        }
        self.grow(bytes)?;
        Ok(())
    }

    fn grow(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + self.data.len() + bytes.len() > self.event_bytes_max {
            return Err(TooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line<E: From<TooLong>>(
        &mut self,
        seen: &mut impl FnMut(&str, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.fresh) && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        if line.is_empty() {
            // An event without data is none, whatever its kind.
            let told = match std::mem::take(&mut self.has_data) {
                true => seen(&self.kind, &self.data),
                false => Ok(()),
            };
            self.kind.clear();
            self.data.clear();
            return told;
        }
        let text = String::from_utf8_lossy(&line);
        let (name, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.has_data = true;
                self.data.push_str(value);
            }
            "event" => {
                self.kind.clear();
                self.kind.push_str(value);
            }
            // `id` and `retry` are for readers that come back; comments for proxies that fall asleep.
            _ => {}
        }
        line.clear();
        self.line = line;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn read(pieces: &[&[u8]]) -> Result<Vec<String>, TooLong> {
        let mut parser = Parser::new(64);
        let mut events = Vec::new();
        for piece in pieces {
            parser.push::<TooLong>(piece, &mut |kind, data| {
                events.push(format!("{kind}|{data}"));
                Ok(())
            })?;
        }
        Ok(events)
    }

    /// However the bytes are cut in two or to single ones, the events are the same.
    fn check(text: &str, expected: Expect) {
        let bytes = text.as_bytes();
        let whole = read(&[bytes]).unwrap();
        for at in 0..=bytes.len() {
            assert_eq!(
                read(&[&bytes[..at], &bytes[at..]]).unwrap(),
                whole,
                "cut at {at}"
            );
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(&single).unwrap(), whole);
        expected.assert_eq(&whole.join("\n"));
    }

    #[test]
    fn an_event_ends_at_an_empty_line_whatever_ends_a_line() {
        check(
            "data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: left open",
            expect![[r#"
            |a
            |b
            |c"#]],
        );
    }

    #[test]
    fn lines_of_data_are_joined_and_one_space_belongs_to_nobody() {
        check(
            "event: x\ndata:  a\ndata:b\ndata\n\n",
            expect![[r#"
            x| a
            b
        "#]],
        );
    }

    #[test]
    fn comments_other_fields_and_events_without_data_are_passed_over() {
        check(
            "\u{feff}: hello\nid: 7\nretry: 1\ndata: é\n\nevent: lost\n\ndata: y\n\n\n\n",
            expect![[r#"
                |é
                |y"#]],
        );
    }

    #[test]
    fn a_line_or_an_event_without_end_is_cut_off() {
        assert_eq!(read(&[&[b'x'; 65]]), Err(TooLong));
        let endless = "data: 23456789\n".repeat(9);
        assert_eq!(read(&[endless.as_bytes()]), Err(TooLong));
        let single: Vec<&[u8]> = endless.as_bytes().chunks(1).collect();
        assert_eq!(read(&single), Err(TooLong));
    }

    #[test]
    fn what_is_no_text_is_read_as_what_stands_for_it() {
        assert_eq!(read(&[b"data: a\xffb\n\n"]).unwrap(), ["|a\u{fffd}b"]);
    }
}
