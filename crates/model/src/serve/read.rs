//! Read: requests from a connection, one after the other (RFC 9112).
//!
//! Takes what clients of these formats send and refuses the rest: HTTP/1.1 alone, lines that end in CRLF, a body with a
//! length or in chunks and never both. What could be read in two ways is not read at all, and ends the connection.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

/// Longest head: what common servers take, with a key of 6 KiB in it.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// Most headers: a client of these formats sends some 20.
const HEADERS_MAX: usize = 100;

/// Longest line with the length of a chunk: 16 digits, and extensions that nobody sends.
const CHUNK_LINE_BYTES_MAX: usize = 256;

/// What is held between two requests, at most.
const HELD_BYTES_MAX: usize = 256 * 1024;

/// Longest trailer behind the last chunk.
const TRAILER_BYTES_MAX: usize = 4 * 1024;

/// What is asked, without its body.
#[derive(Debug)]
pub(super) struct Head {
    pub method: String,
    /// Without what stands behind a question mark.
    pub path: String,
    headers: Vec<(String, String)>,
    pub closes: bool,
}

/// Why no further request is read.
#[derive(Debug)]
pub(super) enum End {
    /// The other side has gone, or is silent.
    Gone,
    /// What it sent is refused, and cannot be read on.
    Refused(u16, &'static str),
}

impl Head {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub body_bytes_max: usize,
    pub seconds: Duration,
}

/// Bytes of a connection, and those of them that were read already.
pub(super) struct Reader<'a, R: Read, W: Write> {
    stream: &'a mut R,
    writer: W,
    held: Vec<u8>,
    at: usize,
    limits: Limits,
    /// When the request under way must be here; none is before its first byte.
    deadline: Option<Instant>,
}

impl<'a, R: Read, W: Write> Reader<'a, R, W> {
    pub(super) fn new(stream: &'a mut R, writer: W, limits: Limits) -> Reader<'a, R, W> {
        Reader {
            stream,
            writer,
            held: Vec::new(),
            at: 0,
            limits,
            deadline: None,
        }
    }

    /// The next request, with its body.
    pub(super) fn request(&mut self) -> Result<(Head, Vec<u8>), End> {
        self.held.drain(..self.at);
        self.at = 0;
        // One long conversation is not held for as long as the connection is.
        self.held.shrink_to(HELD_BYTES_MAX);
        self.deadline = (!self.held.is_empty()).then(|| Instant::now() + self.limits.seconds);
        let head = self.head()?;
        let body = self.body(&head)?;
        Ok((head, body))
    }

    fn head(&mut self) -> Result<Head, End> {
        let end = self.until(
            b"\r\n\r\n",
            HEAD_BYTES_MAX,
            End::Refused(431, "head is longer than 16 KiB"),
        )?;
        let bytes = &self.held[self.at..end];
        let head = std::str::from_utf8(bytes).map_err(|_| End::Refused(400, "head is no text"))?;
        let head = parse(head)?;
        self.at = end + 4;
        Ok(head)
    }

    fn body(&mut self, head: &Head) -> Result<Vec<u8>, End> {
        let lengths: Vec<&str> = head.all("content-length").collect();
        let codings: Vec<&str> = head.all("transfer-encoding").collect();
        if head
            .header("expect")
            .is_some_and(|expect| expect.eq_ignore_ascii_case("100-continue"))
        {
            self.writer
                .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
                .map_err(|_| End::Gone)?;
        }
        match (lengths.as_slice(), codings.as_slice()) {
            ([], []) if head.method == "POST" => Err(End::Refused(
                411,
                "body has no length; `Content-Length` would give it",
            )),
            ([], []) => Ok(Vec::new()),
            ([length], []) => {
                let digits = !length.is_empty()
                    && length.len() <= 18
                    && length.bytes().all(|byte| byte.is_ascii_digit());
                let length = length.parse().ok().filter(|_| digits);
                self.bytes(length.ok_or(End::Refused(400, "`Content-Length` is no number"))?)
            }
            ([], [coding]) if coding.eq_ignore_ascii_case("chunked") => self.chunks(),
            ([], _) => Err(End::Refused(
                501,
                "`Transfer-Encoding` is not `chunked` alone",
            )),
            // RFC 9112, 6.3: two lengths are how one request is smuggled into another.
            _ => Err(End::Refused(
                400,
                "body has two lengths; one would be right",
            )),
        }
    }

    fn bytes(&mut self, count: usize) -> Result<Vec<u8>, End> {
        if count > self.limits.body_bytes_max {
            return Err(End::Refused(413, "body is longer than is read"));
        }
        while self.held.len() - self.at < count {
            self.fill()?;
        }
        let body = self.held[self.at..self.at + count].to_vec();
        self.at += count;
        Ok(body)
    }

    /// RFC 9112, 7.1.
    fn chunks(&mut self) -> Result<Vec<u8>, End> {
        let mut body = Vec::new();
        loop {
            let wrong = End::Refused(400, "a chunk has no length");
            let end = self.until(
                b"\r\n",
                CHUNK_LINE_BYTES_MAX,
                End::Refused(400, "a chunk's length is too long"),
            )?;
            let line = std::str::from_utf8(&self.held[self.at..end]).unwrap_or_default();
            let digits = line.split(';').next().unwrap_or_default().trim_end();
            let is_hex = !digits.is_empty()
                && digits.len() <= 15
                && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let Some(count) = usize::from_str_radix(digits, 16).ok().filter(|_| is_hex) else {
                return Err(wrong);
            };
            self.at = end + 2;
            if count == 0 {
                break;
            }
            if count > self.limits.body_bytes_max - body.len() {
                return Err(End::Refused(413, "body is longer than is read"));
            }
            body.extend_from_slice(&self.bytes(count)?);
            if self.bytes(2)? != b"\r\n" {
                return Err(End::Refused(400, "a chunk is longer than it says"));
            }
            // What was read is let go, or a body would be held twice.
            self.held.drain(..self.at);
            self.at = 0;
        }
        loop {
            let end = self.until(
                b"\r\n",
                TRAILER_BYTES_MAX,
                End::Refused(431, "trailer is too long"),
            )?;
            let is_last = end == self.at;
            self.at = end + 2;
            if is_last {
                return Ok(body);
            }
        }
    }

    /// Where `mark` begins, at most `max` bytes on.
    fn until(&mut self, mark: &[u8], max: usize, too_long: End) -> Result<usize, End> {
        let mut from = self.at;
        loop {
            let found = self.held[from..]
                .windows(mark.len())
                .position(|window| window == mark);
            if let Some(found) = found.filter(|found| from + found - self.at <= max) {
                return Ok(from + found);
            }
            if self.held.len() - self.at > max {
                return Err(too_long);
            }
            from = self.held.len().saturating_sub(mark.len() - 1).max(self.at);
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<(), End> {
        let mut buffer = [0; 16 * 1024];
        let count = loop {
            match self.stream.read(&mut buffer) {
                Ok(count) => break count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(End::Gone),
            }
        };
        if count == 0 {
            return Err(End::Gone);
        }
        let now = Instant::now();
        if now > *self.deadline.get_or_insert(now + self.limits.seconds) {
            return Err(End::Refused(408, "request took too long to arrive"));
        }
        self.held.extend_from_slice(&buffer[..count]);
        Ok(())
    }
}

impl Head {
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }
}

/// RFC 9112, 3 and 5.
fn parse(head: &str) -> Result<Head, End> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(End::Refused(
            400,
            "first line is not `METHOD /path HTTP/1.1`",
        ));
    };
    if version != "HTTP/1.1" {
        return Err(End::Refused(505, "version is not `HTTP/1.1`"));
    }
    if !is_token(method)
        || !target.starts_with('/')
        || !target.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(End::Refused(
            400,
            "first line is not `METHOD /path HTTP/1.1`",
        ));
    }
    let mut headers = Vec::new();
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            return Err(End::Refused(400, "a header has no colon"));
        };
        // Also refuses lines that go on the one before (5.2) and blanks before the colon (5.1).
        if !is_token(name) || value.chars().any(|c| c != '\t' && c.is_control()) {
            return Err(End::Refused(400, "a header holds what none may"));
        }
        if headers.len() >= HEADERS_MAX {
            return Err(End::Refused(431, "head holds more than 100 headers"));
        }
        headers.push((
            name.to_ascii_lowercase(),
            value.trim_matches([' ', '\t']).to_owned(),
        ));
    }
    let mut head = Head {
        method: method.to_owned(),
        path: target.split('?').next().unwrap_or_default().to_owned(),
        headers,
        closes: false,
    };
    let closes = |value: &str| {
        value
            .split(',')
            .any(|word| word.trim().eq_ignore_ascii_case("close"))
    };
    let last = head.all("connection").any(closes);
    head.closes = last;
    Ok(head)
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// For the fuzzer: every request of `bytes`, until one cannot be read.
#[doc(hidden)]
pub(crate) fn read_all(mut bytes: &[u8]) -> usize {
    let limits = Limits {
        body_bytes_max: 64 * 1024,
        seconds: Duration::from_secs(3600),
    };
    let mut reader = Reader::new(&mut bytes, io::sink(), limits);
    let mut count = 0;
    while let Ok((head, body)) = reader.request() {
        assert!(head.path.starts_with('/') && body.len() <= limits.body_bytes_max);
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    /// Gives its bytes in pieces of `step`.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(into.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn read(text: &str, step: usize) -> String {
        let limits = Limits {
            body_bytes_max: 16,
            seconds: Duration::from_secs(3600),
        };
        let mut slow = Slow(text.as_bytes(), step);
        let mut reader = Reader::new(&mut slow, io::sink(), limits);
        let mut read = Vec::new();
        loop {
            match reader.request() {
                Ok((head, body)) => {
                    let body = String::from_utf8_lossy(&body).into_owned();
                    let closes = if head.closes { " closes" } else { "" };
                    read.push(format!("{} {} {body:?}{closes}", head.method, head.path));
                }
                Err(End::Gone) => break,
                Err(End::Refused(status, words)) => {
                    read.push(format!("{status} {words}"));
                    break;
                }
            }
        }
        read.join("\n")
    }

    /// However the bytes come, the requests are the same.
    fn check(text: &str, expected: Expect) {
        let text = text.replace('\n', "\r\n");
        let whole = read(&text, usize::MAX);
        for step in [1, 2, 3, 7] {
            assert_eq!(read(&text, step), whole, "in steps of {step}");
        }
        expected.assert_eq(&whole);
    }

    #[test]
    fn requests_follow_one_another_on_a_connection() {
        check(
            "GET /v1/models HTTP/1.1\nHost: h\n\nPOST /a?b=c HTTP/1.1\ncontent-length: 3\n\nabcPOST /d HTTP/1.1\nTransfer-Encoding: chunked\nConnection: close\n\n2;x=y\nab\n1\nc\n0\nTrailer: t\n\n",
            expect![[r#"
                GET /v1/models ""
                POST /a "abc"
                POST /d "abc" closes"#]],
        );
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_read() {
        for (text, told) in [
            (
                "POST / HTTP/1.1\nContent-Length: 1\nContent-Length: 1\n\na",
                "400 body has two lengths; one would be right",
            ),
            (
                "POST / HTTP/1.1\nContent-Length: 1\nTransfer-Encoding: chunked\n\na",
                "400 body has two lengths; one would be right",
            ),
            (
                "POST / HTTP/1.1\nContent-Length: +1\n\na",
                "400 `Content-Length` is no number",
            ),
            (
                "POST / HTTP/1.1\nContent-Length: 1, 1\n\na",
                "400 `Content-Length` is no number",
            ),
            (
                "POST / HTTP/1.1\nTransfer-Encoding: gzip, chunked\n\n0\n\n",
                "501 `Transfer-Encoding` is not `chunked` alone",
            ),
            (
                "POST / HTTP/1.1\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n0\n\n",
                "501 `Transfer-Encoding` is not `chunked` alone",
            ),
            (
                "POST / HTTP/1.1\n\n",
                "411 body has no length; `Content-Length` would give it",
            ),
            (
                "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n-1\n",
                "400 a chunk has no length",
            ),
            (
                "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n1\nab\n0\n\n",
                "400 a chunk is longer than it says",
            ),
            (
                "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\nffffffffffffffff\n",
                "400 a chunk has no length",
            ),
            (
                "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n11\n",
                "413 body is longer than is read",
            ),
            (
                "POST / HTTP/1.1\nContent-Length: 17\n\n",
                "413 body is longer than is read",
            ),
            (
                "GET / HTTP/1.1\nA : b\n\n",
                "400 a header holds what none may",
            ),
            ("GET / HTTP/1.1\nA: b\n c\n\n", "400 a header has no colon"),
            (
                "GET / HTTP/1.1\nA: b\n c: d\n\n",
                "400 a header holds what none may",
            ),
            (
                "GET / HTTP/1.1\nA: b\u{0}\n\n",
                "400 a header holds what none may",
            ),
            (
                "GET http://h/ HTTP/1.1\n\n",
                "400 first line is not `METHOD /path HTTP/1.1`",
            ),
            (
                "GET  / HTTP/1.1\n\n",
                "400 first line is not `METHOD /path HTTP/1.1`",
            ),
            ("GET / HTTP/1.0\n\n", "505 version is not `HTTP/1.1`"),
            ("\n\n", "400 first line is not `METHOD /path HTTP/1.1`"),
        ] {
            let text = text.replace('\n', "\r\n");
            for step in [1, 5, usize::MAX] {
                assert_eq!(read(&text, step), told, "{text}");
            }
        }
    }

    #[test]
    fn a_head_without_end_is_cut_off() {
        let long = format!("GET / HTTP/1.1\r\nA: {}", "x".repeat(HEAD_BYTES_MAX));
        assert_eq!(read(&long, 1000), "431 head is longer than 16 KiB");
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(101));
        assert_eq!(read(&many, 1000), "431 head holds more than 100 headers");
    }
}
