//! Place: on which line and in which column does the value at a JSON pointer begin?
//!
//! One pass over the raw bytes, without recursion. It reads JSON by RFC 8259 and no more, so it also finds what a
//! parser would not say: members named twice, of which most readers silently keep the last.

mod read;

use std::{borrow::Cow, fmt, sync::OnceLock};

use read::Reader;

/// The deepest nesting that is read. CSAF's deepest path is 30 branches of two levels each and a dozen around them;
/// `serde_json` itself stops at 128.
pub const DEPTH_MAX: usize = 127;

/// The longest document that is read. CSAF asks for documents of at most 15 MB and the largest real ones are about
/// 50; places are held as 32-bit offsets.
pub const BYTES_MAX: usize = 64 << 20;

/// The most values in one document: a value in 16 bytes of the longest. It bounds memory: a value costs 48 bytes
/// here and up to 120 as a `serde_json::Value`, so below 700 MB in all.
pub const VALUES_MAX: usize = 4_000_000;

/// The most members named twice that are told of, one by one.
const TWICE_MAX: usize = 100;

/// How far apart the bytes are whose line and column are kept, so that a document of one line costs no scan from
/// its beginning for each problem.
const STRIDE: usize = 1024;

/// Where each value of a document stands.
pub struct Places<'a> {
    text: &'a str,
    /// In the order they begin; the first is the root.
    values: Vec<Spot<'a>>,
    /// The members or elements of each container, side by side: elements in order, members sorted by key.
    children: Vec<u32>,
    /// Members named twice, and a byte order mark, in order.
    faults: Vec<Fault>,
    marks: OnceLock<Vec<Mark>>,
}

/// What is wrong with the bytes as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// To the value concerned; for a syntax error to the innermost container that was open.
    pub pointer: String,
    pub line: u32,
    /// In characters, counted from 1.
    pub column: u32,
    pub message: String,
}

/// A value: its bytes, its name in its parent, and where its children are listed.
struct Spot<'a> {
    start: u32,
    end: u32,
    children: (u32, u32),
    key: Key<'a>,
    object: bool,
}

/// How a value is reached from its parent.
enum Key<'a> {
    Root,
    Index,
    Name(Cow<'a, str>),
}

/// Line and column at a byte.
#[derive(Clone, Copy)]
struct Mark {
    line: u32,
    column: u32,
}

impl<'a> Places<'a> {
    /// Reads `bytes`; the error is the first thing that is no JSON, with its place.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        if bytes.len() > BYTES_MAX {
            let message = format!(
                "document has {} bytes; at most {BYTES_MAX} are read",
                bytes.len()
            );
            return Err(Fault {
                pointer: String::new(),
                line: 1,
                column: 1,
                message,
            });
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(broken) => {
                let Mark { line, column } = START.over(&bytes[..broken.valid_up_to()]);
                let message =
                    "byte is not UTF-8, the only encoding of JSON that may be exchanged".to_owned();
                return Err(Fault {
                    pointer: String::new(),
                    line,
                    column,
                    message,
                });
            }
        };
        let mut reader = Reader::new(text);
        match reader.run() {
            Ok(()) => Ok(reader.finish()),
            Err(error) => Err(reader.fault(error)),
        }
    }

    /// The document as text, without a byte order mark: what a parser is to be given.
    pub fn text(&self) -> &'a str {
        self.text.strip_prefix('\u{feff}').unwrap_or(self.text)
    }

    /// Members named twice and the like: what is wrong although it can be read.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// `pointer`, or its nearest ancestor that exists.
    pub fn mend<'p>(&self, pointer: &'p str) -> &'p str {
        self.walk(pointer).0
    }

    /// The line and column, counted from 1, where the value at `pointer` or its nearest existing ancestor begins.
    pub fn of(&self, pointer: &str) -> (u32, u32) {
        self.locate(self.walk(pointer).1.start as usize)
    }

    /// The raw bytes of the value at `pointer` exactly; `None` where there is none.
    pub fn raw(&self, pointer: &str) -> Option<&'a str> {
        let (mended, spot) = self.walk(pointer);
        (mended.len() == pointer.len()).then(|| &self.text[spot.start as usize..spot.end as usize])
    }

    /// How many values the document has.
    pub fn count(&self) -> usize {
        self.values.len()
    }

    fn walk<'p>(&self, pointer: &'p str) -> (&'p str, &Spot<'a>) {
        let mut spot = &self.values[0];
        let mut good = 0;
        while let Some(rest) = pointer[good..].strip_prefix('/') {
            let token = &rest[..rest.find('/').unwrap_or(rest.len())];
            let Some(child) = self.child(spot, token) else {
                break;
            };
            spot = &self.values[child as usize];
            good += 1 + token.len();
        }
        (&pointer[..good], spot)
    }

    fn child(&self, spot: &Spot<'_>, token: &str) -> Option<u32> {
        let children = &self.children[spot.children.0 as usize..spot.children.1 as usize];
        if !spot.object {
            let plain = token == "0"
                || (!token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit()));
            return children
                .get(plain.then(|| token.parse::<usize>().ok()).flatten()?)
                .copied();
        }
        let name = if token.contains('~') {
            token.replace("~1", "/").replace("~0", "~")
        } else {
            token.to_owned()
        };
        // The last of equal names, as parsers have it.
        let after =
            children.partition_point(|&child| self.values[child as usize].name() <= name.as_str());
        let found = *children[..after].last()?;
        (self.values[found as usize].name() == name).then_some(found)
    }

    fn locate(&self, at: usize) -> (u32, u32) {
        let marks = self.marks.get_or_init(|| marks(self.text));
        let nearest = at / STRIDE;
        let mark = marks[nearest].over(&self.text.as_bytes()[nearest * STRIDE..at]);
        (mark.line, mark.column)
    }
}

impl fmt::Debug for Places<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Places({} values)", self.values.len())
    }
}

/// `name` as one token of a JSON pointer.
pub fn token(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) {
        name.replace('~', "~0").replace('/', "~1").into()
    } else {
        name.into()
    }
}

impl Spot<'_> {
    fn name(&self) -> &str {
        match &self.key {
            Key::Name(name) => name,
            Key::Root | Key::Index => "",
        }
    }
}

impl Mark {
    /// Where one is after `bytes`.
    fn over(mut self, bytes: &[u8]) -> Self {
        for &byte in bytes {
            match byte {
                b'\n' => {
                    self = Self {
                        line: self.line + 1,
                        column: 1,
                    }
                }
                0x80..=0xbf => {}
                _ => self.column += 1,
            }
        }
        self
    }
}

const START: Mark = Mark { line: 1, column: 1 };

fn marks(text: &str) -> Vec<Mark> {
    let mut at = START;
    let mut marks = vec![at];
    for piece in text.as_bytes().chunks(STRIDE) {
        at = at.over(piece);
        marks.push(at);
    }
    marks
}

impl Places<'_> {
    /// The pointer to each of `members` (container and member), by one table of parents.
    fn pointers(&self, members: &[(u32, u32)]) -> Vec<String> {
        let mut parents = vec![(u32::MAX, 0_u32); self.values.len()];
        for (parent, spot) in (0_u32..).zip(&self.values) {
            let children = &self.children[spot.children.0 as usize..spot.children.1 as usize];
            for (index, &child) in (0_u32..).zip(children) {
                parents[child as usize] = (parent, index);
            }
        }
        members
            .iter()
            .map(|&(_, member)| self.pointer(&parents, member))
            .collect()
    }

    fn pointer(&self, parents: &[(u32, u32)], mut at: u32) -> String {
        let mut tokens = Vec::new();
        while at != 0 {
            let (parent, index) = parents[at as usize];
            tokens.push(match &self.values[at as usize].key {
                Key::Name(name) => token(name).into_owned(),
                Key::Root | Key::Index => index.to_string(),
            });
            at = parent;
        }
        tokens
            .iter()
            .rev()
            .fold(String::new(), |pointer, token| format!("{pointer}/{token}"))
    }
}

/// `text` short enough to be quoted.
pub fn clip(text: &str) -> Cow<'_, str> {
    const CHARACTERS_MAX: usize = 120;
    match text.char_indices().nth(CHARACTERS_MAX) {
        None => text.into(),
        Some((at, _)) => format!("{}…", &text[..at]).into(),
    }
}

/// A place in a document of at most [`BYTES_MAX`] bytes, so of as many children.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[track_caller]
    fn check(text: &str, pointers: &[&str], expect: Expect) {
        let lines: Vec<String> = match Places::read(text.as_bytes()) {
            Err(fault) => vec![told(&fault)],
            Ok(places) => pointers
                .iter()
                .map(|pointer| {
                    let (line, column) = places.of(pointer);
                    let raw = places.raw(pointer).unwrap_or("-");
                    format!("{line}:{column} `{}` {raw}", places.mend(pointer))
                })
                .chain(places.faults().iter().map(told))
                .collect(),
        };
        expect.assert_eq(&lines.join("\n"));
    }

    fn told(fault: &Fault) -> String {
        format!(
            "{}:{} `{}` {}",
            fault.line, fault.column, fault.pointer, fault.message
        )
    }

    #[test]
    fn a_pointer_has_the_line_and_column_where_its_value_begins() {
        check(
            "{\n  \"a\": [1, {\"b/c\": true}],\n  \"ä~\": \"x\"\n}",
            &["", "/a", "/a/1/b~1c", "/ä~0"],
            expect![[r#"
                1:1 `` {
                  "a": [1, {"b/c": true}],
                  "ä~": "x"
                }
                2:8 `/a` [1, {"b/c": true}]
                2:20 `/a/1/b~1c` true
                3:9 `/ä~0` "x""#]],
        );
    }

    #[test]
    fn a_pointer_to_what_is_not_there_is_mended_to_the_nearest_that_is() {
        check(
            r#"{"a": [{"b": 1}]}"#,
            &["/a/0/c/d", "/a/1", "/a/00", "/x", "/a/0/b/c"],
            expect![[r#"
                1:8 `/a/0` -
                1:7 `/a` -
                1:7 `/a` -
                1:1 `` -
                1:14 `/a/0/b` -"#]],
        );
    }

    #[test]
    fn a_member_named_twice_is_told_where_it_is_named_again() {
        check(
            "{\"x\": {\"a\": 1,\n \"b\": 2,\n \"\\u0061\": 3}}",
            &["/x/a"],
            expect![[r#"
                3:12 `/x/a` 3
                3:12 `/x/a` member `a` is named twice; readers differ in which they keep"#]],
        );
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for (text, expect) in [
            (
                "",
                expect!["1:1 `` document ends where a value is expected"],
            ),
            (
                "{\"a\": [1,\n 2",
                expect!["2:3 `/a` document ends inside an object or array"],
            ),
            (
                "{\"a\" 1}",
                expect!["1:6 `` `:` is expected after the name of a member"],
            ),
            (
                "[01]",
                expect!["1:3 `` `,` or `]` is expected after an element"],
            ),
            (
                "[\"\u{1}\"]",
                expect!["1:3 `` control character in a string; write it as an escape"],
            ),
            (
                "[\"\\ud800\"]",
                expect!["1:10 `` string has an unpaired surrogate"],
            ),
            (
                "{} x",
                expect!["1:4 `` text goes on after the end of the document"],
            ),
            (
                "{'a': 1}",
                expect![[r#"1:2 `` the name of a member in `"` is expected"#]],
            ),
        ] {
            check(text, &[], expect);
        }
    }

    #[test]
    fn a_byte_order_mark_is_told_and_read_over() {
        check(
            "\u{feff}[1]",
            &["/0"],
            expect![[r#"
            1:3 `/0` 1
            1:1 `` document begins with a byte order mark, which JSON does not have"#]],
        );
    }

    #[test]
    fn a_document_of_many_levels_ends_with_a_message() {
        let text = "[".repeat(1_000_000);
        let fault = Places::read(text.as_bytes()).expect_err("it is too deep");
        expect!["value is nested deeper than 127 levels, which is more than is read"]
            .assert_eq(&fault.message);
    }

    #[test]
    fn a_million_problems_on_one_line_are_placed_without_a_scan_for_each() {
        let text = format!("[{}0]", "0,".repeat(300_000));
        let places = Places::read(text.as_bytes()).expect("it is JSON");
        let far = (0..300_000)
            .map(|index| places.of(&format!("/{index}")).1)
            .max();
        assert_eq!(far, Some(600_000));
    }
}
