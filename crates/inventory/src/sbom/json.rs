//! JSON (RFC 8259) as a stream: what does the next value say, without holding the document?
//!
//! A pull parser over a fixed buffer. A caller names the members it wants and skips the rest; skipped values are
//! scanned for their end, not checked. Memory is the buffer and the longest string that was asked for, whatever
//! the document's size.

use std::io::Read;

/// Bytes read at once. Large enough that the system call disappears, small enough for a processor's cache.
const BUFFER_BYTES: usize = 256 * 1024;
/// Nesting that is followed. CycloneDX nests components in components; the deepest real document has 9.
pub const DEPTH_MAX: u32 = 128;
/// The longest string that is kept: a purl or CPE with every qualifier stays below 4 KiB; titles are shorter.
pub const STRING_BYTES_MAX: usize = 64 * 1024;

/// Why reading stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Bytes from the start of the document.
    pub offset: u64,
    /// What is wrong, lower case, no full stop.
    pub message: String,
}

pub type Result<T> = std::result::Result<T, Fault>;

/// A document being read.
pub struct Json<R> {
    input: R,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    /// Bytes in buffers before this one.
    before: u64,
    depth: u32,
    /// Keys that are not in use, so that a million members need few allocations.
    spare: Vec<String>,
    scratch: Vec<u8>,
    /// Bytes of a string that are kept.
    keep_max: usize,
}

impl<R: Read> Json<R> {
    pub fn new(input: R) -> Json<R> {
        Json {
            input,
            buffer: vec![0; BUFFER_BYTES],
            at: 0,
            end: 0,
            before: 0,
            depth: 0,
            spare: Vec::new(),
            scratch: Vec::new(),
            keep_max: STRING_BYTES_MAX,
        }
    }

    /// Reads an object; `member` must read or [`skip`](Json::skip) each value. Any other value is skipped.
    pub fn object(&mut self, mut member: impl FnMut(&mut Self, &str) -> Result<()>) -> Result<()> {
        if self.peek()? != b'{' {
            return self.skip();
        }
        self.enter()?;
        let mut key = self.spare.pop().unwrap_or_default();
        let mut first = true;
        while self.another(b'}', &mut first)? {
            self.expect(b'"', "a member's name in quotes")?;
            key.clear();
            self.rest_of_string(&mut key)?;
            self.peek()?;
            self.expect(b':', "`:` after a member's name")?;
            member(self, &key)?;
        }
        self.spare.push(key);
        self.depth -= 1;
        Ok(())
    }

    /// Reads an array; `element` must read or skip each value. Any other value is skipped.
    pub fn array(&mut self, mut element: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        if self.peek()? != b'[' {
            return self.skip();
        }
        self.enter()?;
        let mut first = true;
        while self.another(b']', &mut first)? {
            element(self)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads a string into `out`, in place of what it held. Any other value is skipped, and `out` is empty then.
    pub fn string(&mut self, out: &mut String) -> Result<()> {
        out.clear();
        if self.peek()? != b'"' {
            return self.skip();
        }
        self.at += 1;
        self.rest_of_string(out)
    }

    /// Reads a string that may be longer than a name, up to `bytes_max`.
    pub fn long_string(&mut self, out: &mut String, bytes_max: usize) -> Result<()> {
        self.keep_max = bytes_max;
        let read = self.string(out);
        self.keep_max = STRING_BYTES_MAX;
        read
    }

    /// The next value's first byte, white space passed over.
    pub fn peek(&mut self) -> Result<u8> {
        loop {
            while let Some(&byte) = self.buffer.get(self.at).filter(|_| self.at < self.end) {
                if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                    return Ok(byte);
                }
                self.at += 1;
            }
            if !self.fill()? {
                return Err(self.fault("the document ends in the middle"));
            }
        }
    }

    /// Passes over the next value, whatever it is.
    pub fn skip(&mut self) -> Result<()> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                self.skip_string()
            }
            b'{' | b'[' => self.skip_nested(),
            b'}' | b']' | b',' | b':' => Err(self.fault("a value is missing")),
            _ => self.skip_scalar(),
        }
    }

    /// Whether nothing but white space is left.
    pub fn finished(&mut self) -> Result<bool> {
        loop {
            let rest = &self.buffer[self.at..self.end];
            match rest.iter().position(|byte| !byte.is_ascii_whitespace()) {
                Some(_) => return Ok(false),
                None => self.at = self.end,
            }
            if !self.fill()? {
                return Ok(true);
            }
        }
    }

    fn enter(&mut self) -> Result<()> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.fault(&format!("values are nested deeper than {DEPTH_MAX}")));
        }
        Ok(())
    }

    /// Whether another member or element follows; passes the comma or the `close`.
    fn another(&mut self, close: u8, first: &mut bool) -> Result<bool> {
        let byte = self.peek()?;
        if byte == close {
            self.at += 1;
            return Ok(false);
        }
        if !std::mem::take(first) {
            self.expect(b',', "`,` between values")?;
            // A comma before the end is no JSON, but a list kept by hand may have one, and nothing is lost by it.
            if self.peek()? == close {
                self.at += 1;
                return Ok(false);
            }
        }
        self.peek()?;
        Ok(true)
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<()> {
        if self.peek()? != byte {
            return Err(self.fault(&format!("{what} was expected")));
        }
        self.at += 1;
        Ok(())
    }

    fn rest_of_string(&mut self, out: &mut String) -> Result<()> {
        self.scratch.clear();
        loop {
            let chunk = &self.buffer[self.at..self.end];
            let stop = memchr::memchr2(b'"', b'\\', chunk);
            let text = &chunk[..stop.unwrap_or(chunk.len())];
            // What is too long to be a name is read past, and cut.
            let room = self
                .keep_max
                .saturating_sub(self.scratch.len())
                .min(text.len());
            self.scratch.extend_from_slice(&text[..room]);
            self.at += text.len();
            match stop.map(|_| self.buffer[self.at]) {
                Some(b'"') => {
                    self.at += 1;
                    break;
                }
                Some(_) => self.escape()?,
                None => {
                    if !self.fill()? {
                        return Err(self.fault("a string has no end"));
                    }
                }
            }
        }
        match std::str::from_utf8(&self.scratch) {
            Ok(text) => out.push_str(text),
            Err(_) => out.push_str(&String::from_utf8_lossy(&self.scratch)),
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<()> {
        self.at += 1;
        let plain = match self.byte()? {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            b'u' => return self.unicode(),
            same @ (b'"' | b'\\' | b'/') => same,
            _ => {
                return Err(self.fault("`\\` is followed by a character that has no meaning there"));
            }
        };
        self.keep(&[plain]);
        Ok(())
    }

    /// Keeps what there is room for.
    fn keep(&mut self, bytes: &[u8]) {
        if self.scratch.len() + bytes.len() <= self.keep_max {
            self.scratch.extend_from_slice(bytes);
        }
    }

    fn unicode(&mut self) -> Result<()> {
        let mut code = self.hex()?;
        // RFC 8259, section 7: a character outside the basic plane is a pair of surrogates.
        if (0xd800..0xdc00).contains(&code) && self.byte()? == b'\\' && self.byte()? == b'u' {
            let low = self.hex()?;
            code = match low {
                0xdc00..0xe000 => 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00),
                _ => 0xfffd,
            };
        }
        let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.keep(character.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    fn hex(&mut self) -> Result<u32> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = char::from(self.byte()?).to_digit(16);
            code = code * 16
                + digit
                    .ok_or_else(|| self.fault("`\\u` is followed by four hexadecimal digits"))?;
        }
        Ok(code)
    }

    fn byte(&mut self) -> Result<u8> {
        if self.at == self.end && !self.fill()? {
            return Err(self.fault("a string has no end"));
        }
        self.at += 1;
        Ok(self.buffer[self.at - 1])
    }

    fn skip_string(&mut self) -> Result<()> {
        loop {
            match memchr::memchr2(b'"', b'\\', &self.buffer[self.at..self.end]) {
                Some(stop) => {
                    self.at += stop + 1;
                    if self.buffer[self.at - 1] == b'"' {
                        return Ok(());
                    }
                    self.byte()?;
                }
                None => {
                    self.at = self.end;
                    if !self.fill()? {
                        return Err(self.fault("a string has no end"));
                    }
                }
            }
        }
    }

    fn skip_nested(&mut self) -> Result<()> {
        let mut open = 0_u64;
        loop {
            let rest = &self.buffer[self.at..self.end];
            let Some(stop) = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'))
            else {
                self.at = self.end;
                if !self.fill()? {
                    return Err(self.fault("the document ends in the middle"));
                }
                continue;
            };
            let byte = rest[stop];
            self.at += stop + 1;
            match byte {
                b'"' => self.skip_string()?,
                b'{' | b'[' => open += 1,
                _ => open -= 1,
            }
            if open == 0 {
                return Ok(());
            }
        }
    }

    /// Numbers and words; what they say does not matter to anyone here.
    fn skip_scalar(&mut self) -> Result<()> {
        loop {
            let rest = &self.buffer[self.at..self.end];
            let stop = rest
                .iter()
                .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'));
            match stop {
                Some(stop) => {
                    self.at += stop;
                    return Ok(());
                }
                None => {
                    self.at = self.end;
                    if !self.fill()? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Reads the next buffer; `false` at the end of the input. Only called when this one is used up.
    fn fill(&mut self) -> Result<bool> {
        self.before += self.end as u64;
        (self.at, self.end) = (0, 0);
        loop {
            match self.input.read(&mut self.buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    self.end = count;
                    // RFC 8259, section 8.1: a byte order mark may be ignored.
                    if self.before == 0 && self.buffer[..count].starts_with(b"\xef\xbb\xbf") {
                        self.at = 3;
                    }
                    return Ok(true);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.fault(&format!("cannot read on: {error}"))),
            }
        }
    }

    fn fault(&self, message: &str) -> Fault {
        Fault {
            offset: self.before + self.at as u64,
            message: message.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    /// Gives one byte at a time, so that every token crosses a buffer's end.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            self.0 = rest;
            out[0] = *first;
            Ok(1)
        }
    }

    fn names(input: impl Read) -> Result<Vec<String>> {
        let mut json = Json::new(input);
        let mut found = Vec::new();
        json.object(|json, key| match key {
            "list" => json.array(|json| {
                json.object(|json, key| {
                    if key != "name" {
                        return json.skip();
                    }
                    let mut name = String::new();
                    json.string(&mut name)?;
                    found.push(name);
                    Ok(())
                })
            }),
            _ => json.skip(),
        })?;
        Ok(found)
    }

    fn check(text: &str, expected: Expect) {
        let fast = names(text.as_bytes());
        assert_eq!(
            names(Slow(text.as_bytes())),
            fast,
            "it must not matter where a buffer ends"
        );
        match fast {
            Ok(names) => expected.assert_eq(&format!("{names:?}")),
            Err(fault) => expected.assert_eq(&format!("at {}: {}", fault.offset, fault.message)),
        }
    }

    #[test]
    fn what_was_not_asked_for_is_passed_over() {
        check(
            r#"{"a":[1,{"name":"no"},"}\"]"],"list":[{"x":null,"name":"one"},{"name":"t\u0077o \ud83d\ude00\n"}],"b":-1.5e3}"#,
            expect![[r#"["one", "two 😀\n"]"#]],
        );
    }

    #[test]
    fn a_value_of_another_type_is_no_name() {
        check(
            r#"{"list":[{"name":["no"]},7,{"name":"yes"}]}"#,
            expect![[r#"["", "yes"]"#]],
        );
        check(r#"{"list":"none"}"#, expect!["[]"]);
    }

    #[test]
    fn a_cut_document_says_where() {
        check(
            r#"{"list":[{"name":"on"#,
            expect!["at 20: a string has no end"],
        );
        check(
            r#"{"list":[{"name" "one"}]}"#,
            expect!["at 17: `:` after a member's name was expected"],
        );
    }

    #[test]
    fn nesting_has_an_end() {
        let text = r#"{"list":"#.to_owned() + &"[".repeat(200);
        assert!(names(text.as_bytes()).is_err());
        fn dive<R: Read>(json: &mut Json<R>) -> Result<()> {
            json.array(dive)
        }
        let deep = "[".repeat(100_000);
        let fault = dive(&mut Json::new(deep.as_bytes())).unwrap_err();
        assert_eq!(fault.message, "values are nested deeper than 128");
    }

    #[test]
    fn a_string_is_kept_up_to_its_bound() {
        let text = format!(
            r#"{{"list":[{{"name":"{}"}}]}}"#,
            "x".repeat(STRING_BYTES_MAX * 3)
        );
        assert_eq!(names(text.as_bytes()).unwrap()[0].len(), STRING_BYTES_MAX);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = names(&bytes[..]);
        }

        #[test]
        fn it_reads_what_serde_json_writes(names_in in prop::collection::vec(any::<String>(), 0..8)) {
            let list: Vec<_> = names_in.iter().map(|name| serde_json::json!({ "other": [name], "name": name })).collect();
            let text = serde_json::json!({ "before": { "deep": names_in }, "list": list }).to_string();
            prop_assert_eq!(names(Slow(text.as_bytes())).unwrap(), names_in);
        }
    }
}
