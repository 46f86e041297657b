//! Read: the one pass over the bytes, which makes the places.

use std::{borrow::Cow, sync::OnceLock};

use super::{
    DEPTH_MAX, Fault, Key, Mark, Places, START, Spot, TWICE_MAX, VALUES_MAX, clip, offset, token,
};

/// The one pass.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    values: Vec<Spot<'a>>,
    children: Vec<u32>,
    /// Containers that are open, and where their children begin in `pending`.
    open: Vec<(u32, usize)>,
    pending: Vec<u32>,
    twice: Vec<(u32, u32)>,
}

/// What a value is preceded by.
enum Next<'a> {
    Value(Key<'a>),
    After,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let values = Vec::with_capacity(text.len() / 32);
        Self {
            text,
            at: 0,
            values,
            children: Vec::new(),
            open: Vec::new(),
            pending: Vec::new(),
            twice: Vec::new(),
        }
    }

    pub(super) fn run(&mut self) -> Result<(), String> {
        if self.text.starts_with('\u{feff}') {
            self.at = 3;
        }
        let mut next = Next::Value(Key::Root);
        loop {
            self.space();
            next = match next {
                Next::Value(key) => self.value(key)?,
                Next::After => match self.open.last() {
                    None => break,
                    Some(&(container, _)) => self.after(container)?,
                },
            };
        }
        if self.at < self.text.len() {
            Err("text goes on after the end of the document".to_owned())
        } else {
            Ok(())
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn value(&mut self, key: Key<'a>) -> Result<Next<'a>, String> {
        let Some(first) = self.peek() else {
            return Err("document ends where a value is expected".to_owned());
        };
        if self.values.len() == VALUES_MAX {
            return Err(format!(
                "document has more than {VALUES_MAX} values, which is more than is read"
            ));
        }
        let id = u32::try_from(self.values.len()).map_err(|_| "document is too long".to_owned())?;
        let start = offset(self.at);
        let object = first == b'{';
        self.values.push(Spot {
            start,
            end: start,
            children: (0, 0),
            key,
            object,
        });
        if !self.open.is_empty() {
            self.pending.push(id);
        }
        match first {
            b'{' | b'[' => return self.enter(id, object),
            b'"' => drop(self.string()?),
            b'-' | b'0'..=b'9' => self.number()?,
            _ => self.word()?,
        }
        self.values[id as usize].end = offset(self.at);
        Ok(Next::After)
    }

    fn enter(&mut self, id: u32, object: bool) -> Result<Next<'a>, String> {
        if self.open.len() == DEPTH_MAX {
            return Err(format!(
                "value is nested deeper than {DEPTH_MAX} levels, which is more than is read"
            ));
        }
        self.at += 1;
        self.open.push((id, self.pending.len()));
        self.space();
        match self.peek() {
            Some(b'}') if object => Ok(self.leave()),
            Some(b']') if !object => Ok(self.leave()),
            _ if object => self.member(),
            _ => Ok(Next::Value(Key::Index)),
        }
    }

    fn after(&mut self, container: u32) -> Result<Next<'a>, String> {
        let object = self.values[container as usize].object;
        match (self.peek(), object) {
            (Some(b'}'), true) | (Some(b']'), false) => Ok(self.leave()),
            (Some(b','), true) => {
                self.at += 1;
                self.space();
                self.member()
            }
            (Some(b','), false) => {
                self.at += 1;
                Ok(Next::Value(Key::Index))
            }
            (None, _) => Err("document ends inside an object or array".to_owned()),
            (Some(_), true) => Err("`,` or `}` is expected after a member".to_owned()),
            (Some(_), false) => Err("`,` or `]` is expected after an element".to_owned()),
        }
    }

    fn member(&mut self) -> Result<Next<'a>, String> {
        if self.peek() != Some(b'"') {
            return Err("the name of a member in `\"` is expected".to_owned());
        }
        let name = self.string()?;
        self.space();
        if self.peek() != Some(b':') {
            return Err("`:` is expected after the name of a member".to_owned());
        }
        self.at += 1;
        Ok(Next::Value(Key::Name(name)))
    }

    /// Closes the innermost container: its children go side by side, members sorted.
    fn leave(&mut self) -> Next<'a> {
        self.at += 1;
        let Some((id, from)) = self.open.pop() else {
            return Next::After;
        };
        let begin = offset(self.children.len());
        let values = &self.values;
        if values[id as usize].object {
            let members = &mut self.pending[from..];
            members.sort_by(|&a, &b| values[a as usize].name().cmp(values[b as usize].name()));
            for pair in members.windows(2) {
                if self.twice.len() < TWICE_MAX
                    && values[pair[0] as usize].name() == values[pair[1] as usize].name()
                {
                    self.twice.push((id, pair[1]));
                }
            }
        }
        self.children.extend(self.pending.drain(from..));
        let end = offset(self.children.len());
        let spot = &mut self.values[id as usize];
        spot.end = offset(self.at);
        spot.children = (begin, end);
        Next::After
    }

    fn string(&mut self) -> Result<Cow<'a, str>, String> {
        self.at += 1;
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut escaped = false;
        loop {
            match bytes.get(self.at) {
                None => return Err("document ends inside a string".to_owned()),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(0..=0x1f) => {
                    return Err("control character in a string; write it as an escape".to_owned());
                }
                Some(_) => self.at += 1,
            }
        }
        let raw = &self.text[start..self.at];
        self.at += 1;
        if escaped {
            let quoted = &self.text[start - 1..self.at];
            return serde_json::from_str(quoted)
                .map(Cow::Owned)
                .map_err(|_| "string has an unpaired surrogate".into());
        }
        Ok(Cow::Borrowed(raw))
    }

    fn escape(&mut self) -> Result<(), String> {
        let bytes = self.text.as_bytes();
        match bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let digits = bytes.get(self.at + 2..self.at + 6);
                if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return Err("`\\u` is not followed by four hexadecimal digits".to_owned());
                }
                self.at += 6;
            }
            _ => return Err("`\\` begins no escape of JSON".to_owned()),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), String> {
        let wrong = || "number is not written as JSON has it".to_owned();
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else if self.digits() == 0 {
            return Err(wrong());
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(wrong());
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(wrong());
            }
        }
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - from
    }

    fn word(&mut self) -> Result<(), String> {
        for word in ["true", "false", "null"] {
            if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(());
            }
        }
        Err(
            "a value is expected: an object, array, string, number, `true`, `false` or `null`"
                .to_owned(),
        )
    }

    /// The pointer to `id`, which lies in the containers `open`.
    pub(super) fn fault(self, message: String) -> Fault {
        let mut pointer = String::new();
        for pair in self.open.windows(2) {
            self.step(&mut pointer, pair[0], pair[1].0);
        }
        let at = self.at.min(self.text.len());
        let Mark { line, column } = START.over(&self.text.as_bytes()[..at]);
        Fault {
            pointer,
            line,
            column,
            message,
        }
    }

    /// Adds to `pointer` the way from the open container `outer` to its child `inner`.
    fn step(&self, pointer: &mut String, outer: (u32, usize), inner: u32) {
        pointer.push('/');
        match &self.values[inner as usize].key {
            Key::Name(name) => pointer.push_str(&token(name)),
            Key::Root | Key::Index => {
                let index = self.pending[outer.1..]
                    .iter()
                    .position(|&child| child == inner)
                    .unwrap_or_default();
                pointer.push_str(&index.to_string());
            }
        }
    }

    pub(super) fn finish(self) -> Places<'a> {
        let Self {
            text,
            values,
            children,
            mut twice,
            ..
        } = self;
        let mut places = Places {
            text,
            values,
            children,
            faults: Vec::new(),
            marks: OnceLock::new(),
        };
        let mut faults = Vec::new();
        if text.starts_with('\u{feff}') {
            let message =
                "document begins with a byte order mark, which JSON does not have".to_owned();
            faults.push(Fault {
                pointer: String::new(),
                line: 1,
                column: 1,
                message,
            });
        }
        twice.sort_by_key(|&(_, member)| member);
        let pointers = if twice.is_empty() {
            Vec::new()
        } else {
            places.pointers(&twice)
        };
        for ((_, member), pointer) in twice.into_iter().zip(pointers) {
            let spot = &places.values[member as usize];
            let message = format!(
                "member `{}` is named twice; readers differ in which they keep",
                clip(spot.name())
            );
            let (line, column) = places.locate(spot.start as usize);
            faults.push(Fault {
                pointer,
                line,
                column,
                message,
            });
        }
        places.faults = faults;
        places
    }
}
