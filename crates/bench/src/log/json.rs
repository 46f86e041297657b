//! JSON: what does a document say, and how did it say it?
//!
//! Odd about the subject: Python writes `NaN`, `Infinity` and `-Infinity`, which RFC 8259 does not have, and evaluation
//! logs hold them as scores; `1.0` and `1` are different to whoever wrote them; and members that nobody here knows must
//! come out as they went in. So a [`Document`] keeps the text, and beside it where each value begins and ends. Nothing is
//! copied until somebody asks for it, which is also what makes it fast.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

/// A JSON text and where its values are.
#[derive(Clone, Debug)]
pub struct Document {
    text: Box<str>,
    // INVARIANT: in the order of the text; a list's or an object's children follow it, and `next` is the first node after
    // them. In an object, names and values take turns.
    nodes: Box<[Node]>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    start: u32,
    end: u32,
    next: u32,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    False,
    True,
    Number,
    /// Text without a backslash: what stands between the quotes is what is meant.
    Plain,
    /// Text with escapes.
    Escaped,
    List,
    Object,
}

/// One value of a [`Document`].
#[derive(Clone, Copy, Debug)]
pub struct Json<'d> {
    document: &'d Document,
    at: u32,
}

/// How much one document may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Lists and objects inside each other. Inspect writes 254 at most; tool results may hold JSON of their own: 512.
    pub depth: u32,
    /// Values. Each takes 16 bytes beside its text, so that `[1,1,…` costs eight times its length; the largest samples
    /// we know have 2 million, so 16 million, which is 256 MiB.
    pub values: usize,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            depth: 512,
            values: 16 << 20,
        }
    }
}

/// Why a text is no JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub line: usize,
    pub column: usize,
    pub message: &'static str,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Fault {
            line,
            column,
            message,
        } = self;
        write!(out, "line {line}, column {column}: {message}")
    }
}

impl Document {
    /// Reads `bytes`, which are UTF-8, perhaps behind a byte order mark.
    pub fn read(bytes: Vec<u8>, bounds: Bounds) -> Result<Document, Fault> {
        match String::from_utf8(bytes) {
            Ok(text) => Document::parse(text, bounds),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes().get(..at).unwrap_or_default());
                Err(place(&text, at, "not UTF-8; JSON is written in UTF-8"))
            }
        }
    }

    /// Reads `text`.
    pub fn parse(text: impl Into<Box<str>>, bounds: Bounds) -> Result<Document, Fault> {
        let text: Box<str> = text.into();
        if u32::try_from(text.len()).is_err() {
            return Err(place("", 0, "longer than 4 GiB; split the log"));
        }
        let mut parser = Parser {
            bytes: text.as_bytes(),
            at: if text.starts_with('\u{feff}') { 3 } else { 0 },
            // Evaluation logs have a value in about 20 bytes.
            nodes: Vec::with_capacity((text.len() / 20 + 8).min(1 << 20)),
            bounds,
        };
        match parser.document() {
            Ok(()) => {
                let nodes = parser.nodes.into_boxed_slice();
                Ok(Document { text, nodes })
            }
            Err(message) => {
                let at = parser.at;
                Err(place(&text, at, message))
            }
        }
    }

    /// The document of `value`, written without spaces.
    pub fn of(value: &Value) -> Document {
        Document::parse(value.to_string(), Bounds::default())
            .expect("what serde_json writes is JSON, and what we write is small")
    }

    /// The whole of it.
    pub fn root(&self) -> Json<'_> {
        Json {
            document: self,
            at: 0,
        }
    }

    /// The value that [`Json::node_at`] named.
    pub(super) fn at(&self, at: u32) -> Json<'_> {
        Json { document: self, at }
    }

    /// The text as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many values it holds.
    pub fn values(&self) -> usize {
        self.nodes.len()
    }
}

/// Line and column, both from 1, of byte `at`.
fn place(text: &str, at: usize, message: &'static str) -> Fault {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    let line_start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1);
    Fault {
        line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
        column: 1 + before.len() - line_start,
        message,
    }
}

struct Parser<'t> {
    bytes: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
    bounds: Bounds,
}

/// A list or an object that is not closed yet, by its node.
struct Open {
    node: usize,
    object: bool,
}

impl Parser<'_> {
    /// No recursion: how deep it goes is a matter of `open`, not of the stack.
    fn document(&mut self) -> Result<(), &'static str> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            let mut ended = self.value(&mut open)?;
            while ended {
                self.space();
                let Some(inner) = open.last() else {
                    return match self.at == self.bytes.len() {
                        true => Ok(()),
                        false => Err("something stands behind the end; one document is one value"),
                    };
                };
                match (self.peek(), inner.object) {
                    (Some(b','), true) => {
                        self.at += 1;
                        self.name()?;
                        ended = false;
                    }
                    (Some(b','), false) => {
                        self.at += 1;
                        ended = false;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => self.close(&mut open),
                    (None, _) => return Err("ends too early; it may have been cut off"),
                    (Some(_), true) => return Err("`,` or `}` would be right here"),
                    (Some(_), false) => return Err("`,` or `]` would be right here"),
                }
            }
        }
    }

    fn close(&mut self, open: &mut Vec<Open>) {
        self.at += 1;
        let next = self.nodes.len() as u32;
        if let Some(node) = open.pop().and_then(|open| self.nodes.get_mut(open.node)) {
            node.end = self.at as u32;
            node.next = next;
        }
    }

    /// One value, or the beginning of a list or an object; says whether it has ended.
    fn value(&mut self, open: &mut Vec<Open>) -> Result<bool, &'static str> {
        self.space();
        match self.peek() {
            Some(b'"') => self.text().map(|()| true),
            Some(begin @ (b'{' | b'[')) => {
                if open.len() >= self.bounds.depth as usize {
                    return Err("nested too deep");
                }
                let object = begin == b'{';
                let kind = if object { Kind::Object } else { Kind::List };
                let node = self.node(kind, self.at, self.at)?;
                open.push(Open { node, object });
                self.at += 1;
                self.space();
                match (self.peek(), object) {
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.close(open);
                        Ok(true)
                    }
                    (_, true) => self.name().map(|()| false),
                    (_, false) => Ok(false),
                }
            }
            Some(b'-' | b'0'..=b'9') => self.number().map(|()| true),
            Some(b't') => self.word(b"true", Kind::True),
            Some(b'f') => self.word(b"false", Kind::False),
            Some(b'n') => self.word(b"null", Kind::Null),
            Some(b'N') => self.word(b"NaN", Kind::Number),
            Some(b'I') => self.word(b"Infinity", Kind::Number),
            Some(_) => Err("a value would be right here"),
            None => Err("ends too early; it may have been cut off"),
        }
    }

    fn name(&mut self) -> Result<(), &'static str> {
        self.space();
        match self.peek() {
            Some(b'"') => self.text()?,
            Some(_) => return Err("a member's name in quotes would be right here"),
            None => return Err("ends too early; it may have been cut off"),
        }
        self.space();
        match self.peek() {
            Some(b':') => {
                self.at += 1;
                Ok(())
            }
            _ => Err("`:` would be right here"),
        }
    }

    fn text(&mut self) -> Result<(), &'static str> {
        let start = self.at;
        self.at += 1;
        let mut kind = Kind::Plain;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let run = rest
                .iter()
                .position(|byte| SPECIAL[usize::from(*byte)])
                .ok_or("a text without its closing quote; it may have been cut off")?;
            self.at += run;
            match rest.get(run) {
                Some(b'"') => {
                    self.at += 1;
                    self.node(kind, start, self.at)?;
                    return Ok(());
                }
                Some(b'\\') => {
                    kind = Kind::Escaped;
                    self.escape()?;
                }
                _ => return Err("a control character in a text; write it as `\\u00xx`"),
            }
        }
    }

    fn escape(&mut self) -> Result<(), &'static str> {
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        let length = match rest.first() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => match rest.get(1..5) {
                Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => 6,
                _ => return Err("`\\u` takes four hexadecimal digits"),
            },
            _ => {
                return Err(
                    "no such escape; JSON has `\\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u`",
                );
            }
        };
        self.at += length;
        Ok(())
    }

    fn number(&mut self) -> Result<(), &'static str> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
            if self.peek() == Some(b'I') {
                self.at = start;
                return self.word(b"-Infinity", Kind::Number).map(|_| ());
            }
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err("a digit would be right here"),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        self.node(Kind::Number, start, self.at).map(|_| ())
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), &'static str> {
        let start = self.at;
        self.digits();
        match self.at > start {
            true => Ok(()),
            false => Err("a digit would be right here"),
        }
    }

    fn word(&mut self, word: &'static [u8], kind: Kind) -> Result<bool, &'static str> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err("a value would be right here");
        }
        let start = self.at;
        self.at += word.len();
        self.node(kind, start, self.at)?;
        Ok(true)
    }

    fn node(&mut self, kind: Kind, start: usize, end: usize) -> Result<usize, &'static str> {
        let at = self.nodes.len();
        if at >= self.bounds.values {
            return Err("too many values");
        }
        self.nodes.push(Node {
            kind,
            start: start as u32,
            end: end as u32,
            next: at as u32 + 1,
        });
        Ok(at)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

/// What ends a run of letters in a text: a quote, a backslash, a control character.
static SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table
};

impl<'d> Json<'d> {
    fn node(self) -> Node {
        *self
            .document
            .nodes
            .get(self.at as usize)
            .expect("a value is only ever made for a node that is there")
    }

    /// Where it stands in its document.
    pub(super) fn node_at(self) -> u32 {
        self.at
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// As it was written.
    pub fn raw(self) -> &'d str {
        let node = self.node();
        self.document
            .text
            .get(node.start as usize..node.end as usize)
            .expect("values begin and end between letters")
    }

    /// The member of that name; of several, the last one, as Python's reader has it.
    pub fn get(self, name: &str) -> Option<Json<'d>> {
        self.members()
            .filter(|(one, _)| one.is(name))
            .map(|(_, value)| value)
            .last()
    }

    /// The member of that name, unless it is `null`.
    pub fn some(self, name: &str) -> Option<Json<'d>> {
        self.get(name).filter(|value| value.kind() != Kind::Null)
    }

    /// Names and values of an object, in the order of the text; nothing for what is no object.
    pub fn members(self) -> impl Iterator<Item = (Json<'d>, Json<'d>)> {
        let mut children = self.children(Kind::Object);
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }

    /// What stands in a list; nothing for what is no list.
    pub fn items(self) -> impl Iterator<Item = Json<'d>> {
        self.children(Kind::List)
    }

    fn children(self, kind: Kind) -> impl Iterator<Item = Json<'d>> {
        let node = self.node();
        let end = if node.kind == kind { node.next } else { 0 };
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let one = (at < end).then_some(Json {
                document: self.document,
                at,
            })?;
            at = one.node().next;
            Some(one)
        })
    }

    /// Whether it is this text.
    pub fn is(self, text: &str) -> bool {
        match self.kind() {
            Kind::Plain => self.inner() == text,
            Kind::Escaped => self.text().is_some_and(|own| own == text),
            _ => false,
        }
    }

    /// The text it means, if it is one. Half a surrogate pair, which Python lets through, is U+FFFD here.
    pub fn text(self) -> Option<Cow<'d, str>> {
        match self.kind() {
            Kind::Plain => Some(Cow::Borrowed(self.inner())),
            Kind::Escaped => Some(Cow::Owned(unescape(self.inner()))),
            _ => None,
        }
    }

    /// What stands between the quotes.
    fn inner(self) -> &'d str {
        let raw = self.raw();
        raw.get(1..raw.len() - 1).unwrap_or_default()
    }

    /// The number it is, if it is one; the nearest one that a double can hold.
    pub fn number(self) -> Option<f64> {
        match (self.kind(), self.raw()) {
            (Kind::Number, "NaN") => Some(f64::NAN),
            (Kind::Number, "Infinity") => Some(f64::INFINITY),
            (Kind::Number, "-Infinity") => Some(f64::NEG_INFINITY),
            (Kind::Number, raw) => raw.parse().ok(),
            _ => None,
        }
    }

    /// The whole number it is, if it is one that is written as one.
    pub fn whole(self) -> Option<i64> {
        match self.kind() {
            Kind::Number => self.raw().parse().ok(),
            _ => None,
        }
    }

    /// Whether it is `true`.
    pub fn is_true(self) -> bool {
        self.kind() == Kind::True
    }

    /// Whether two values say the same: members in any order, numbers by their value, `NaN` like `NaN`.
    pub fn same(self, other: Json<'_>) -> bool {
        match (self.kind(), other.kind()) {
            (Kind::Number, Kind::Number) => {
                self.raw() == other.raw() || self.number() == other.number()
            }
            (Kind::Plain | Kind::Escaped, Kind::Plain | Kind::Escaped) => {
                self.text() == other.text()
            }
            (Kind::List, Kind::List) => {
                self.items().count() == other.items().count()
                    && self
                        .items()
                        .zip(other.items())
                        .all(|(one, two)| one.same(two))
            }
            (Kind::Object, Kind::Object) => {
                let (one, two) = (self.by_name(), other.by_name());
                one.len() == two.len()
                    && one
                        .iter()
                        .zip(&two)
                        .all(|((name, value), (other, two))| name == other && value.same(*two))
            }
            (one, two) => one == two,
        }
    }

    fn by_name(self) -> BTreeMap<Cow<'d, str>, Json<'d>> {
        self.members()
            .filter_map(|(name, value)| Some((name.text()?, value)))
            .collect()
    }

    /// The value as `serde_json` has it. `NaN` and the infinities, which it cannot hold, become texts of these words.
    pub fn value(self) -> Value {
        match self.kind() {
            Kind::Null => Value::Null,
            Kind::False => Value::Bool(false),
            Kind::True => Value::Bool(true),
            Kind::Number => {
                serde_json::from_str(self.raw()).unwrap_or_else(|_| Value::from(self.raw()))
            }
            Kind::Plain | Kind::Escaped => Value::from(self.text().unwrap_or_default()),
            Kind::List => self.items().map(Json::value).collect(),
            Kind::Object => Value::Object(
                self.members()
                    .map(|(name, value)| {
                        (name.text().unwrap_or_default().into_owned(), value.value())
                    })
                    .collect(),
            ),
        }
    }
}

/// RFC 8259, section 7.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        text.push_str(before);
        let (letter, length) = one_escape(escape);
        text.push(letter);
        rest = escape.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

/// The letter that an escape at the beginning of `escape` means, and how long the escape is.
fn one_escape(escape: &str) -> (char, usize) {
    let unit = |from: usize| {
        escape
            .get(from..from + 4)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
    };
    match escape.as_bytes().get(1) {
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(b'u') => match (unit(2), escape.get(6..8), unit(8)) {
            (Some(high @ 0xd800..0xdc00), Some("\\u"), Some(low @ 0xdc00..0xe000)) => {
                let letter = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                (char::from_u32(letter).unwrap_or('\u{fffd}'), 12)
            }
            (Some(unit), ..) => (char::from_u32(unit).unwrap_or('\u{fffd}'), 6),
            (None, ..) => ('\u{fffd}', escape.len()),
        },
        Some(other) => (char::from(*other), 2),
        None => ('\u{fffd}', escape.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        let bounds = Bounds {
            depth: 4,
            values: 40,
        };
        let said = match Document::parse(text, bounds) {
            Ok(document) => document.root().value().to_string(),
            Err(fault) => fault.to_string(),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn what_python_writes_is_read() {
        check(
            "{\"a\": [1, 2.50, -0, 1e5, true, null, {}, []], \"b\": \"x\"}",
            expect![[r#"{"a":[1,2.5,-0.0,100000.0,true,null,{},[]],"b":"x"}"#]],
        );
        check(
            "[NaN, Infinity, -Infinity, -1]",
            expect![[r#"["NaN","Infinity","-Infinity",-1]"#]],
        );
        check("\u{feff} 7 ", expect!["7"]);
        check(
            r#""\u00e4 \ud83d\ude00 \ud83d \" \\ \/ \n""#,
            expect![[r#""ä 😀 � \" \\ / \n""#]],
        );
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        for (text, expected) in [
            (
                "",
                expect!["line 1, column 1: ends too early; it may have been cut off"],
            ),
            (
                "{\n  \"a\": 1,\n  \"b\"",
                expect!["line 3, column 6: `:` would be right here"],
            ),
            (
                "[1 2]",
                expect!["line 1, column 4: `,` or `]` would be right here"],
            ),
            (
                "{\"a\":1 2}",
                expect!["line 1, column 8: `,` or `}` would be right here"],
            ),
            (
                "[1,]",
                expect!["line 1, column 4: a value would be right here"],
            ),
            (
                "{1:2}",
                expect!["line 1, column 2: a member's name in quotes would be right here"],
            ),
            (
                "01",
                expect![
                    "line 1, column 2: something stands behind the end; one document is one value"
                ],
            ),
            (
                "1.",
                expect!["line 1, column 3: a digit would be right here"],
            ),
            (
                "-",
                expect!["line 1, column 2: a digit would be right here"],
            ),
            (
                "nul",
                expect!["line 1, column 1: a value would be right here"],
            ),
            (
                "\"a\nb\"",
                expect!["line 1, column 3: a control character in a text; write it as `\\u00xx`"],
            ),
            (
                "\"a",
                expect![
                    "line 1, column 2: a text without its closing quote; it may have been cut off"
                ],
            ),
            (
                r#""\x""#,
                expect![[
                    r#"line 1, column 2: no such escape; JSON has `\"`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t` and `\u`"#
                ]],
            ),
            (
                r#""\u12g4""#,
                expect![[r#"line 1, column 2: `\u` takes four hexadecimal digits"#]],
            ),
            ("[[[[[1]]]]]", expect!["line 1, column 5: nested too deep"]),
        ] {
            check(text, expected);
        }
        check(
            &format!("[{}1]", "1,".repeat(50)),
            expect!["line 1, column 81: too many values"],
        );
    }

    #[test]
    fn a_hundred_thousand_brackets_cost_a_message() {
        let deep = "[".repeat(100_000);
        let fault = Document::parse(deep, Bounds::default()).unwrap_err();
        assert_eq!(fault.message, "nested too deep");
    }

    #[test]
    fn values_say_the_same_in_any_order_and_spelling() {
        let same = |one: &str, two: &str| {
            let read = |text| Document::parse(text, Bounds::default()).unwrap();
            read(one).root().same(read(two).root())
        };
        assert!(same(r#"{"a":1,"b":[NaN]}"#, r#"{"b":[NaN],"a":1.0}"#));
        assert!(same(r#""\u0061""#, r#""a""#));
        assert!(!same(r#"{"a":1}"#, r#"{"a":1,"b":null}"#));
        assert!(!same("[1,2]", "[2,1]"));
        assert!(!same("1", "\"1\""));
    }

    #[test]
    fn of_two_members_of_one_name_the_last_counts() {
        let document = Document::parse(r#"{"a":1,"a":2}"#, Bounds::default()).unwrap();
        assert_eq!(document.root().get("a").and_then(Json::whole), Some(2));
    }
}
