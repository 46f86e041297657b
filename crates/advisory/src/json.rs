//! Where the values of a JSON text begin and end, without reading them.
//!
//! RFC 8259. Splitting before parsing lets one bad record cost only itself, and tells a format by its keys.
//! Nothing is checked here but brackets and strings; what a slice holds is for the reader of that slice.
//! A text that breaks off ends its last value where it ends. Nothing recurses.

/// Values that follow one another in `bytes`: a lone document, or one a line.
pub(crate) fn documents(bytes: &[u8]) -> Values<'_> {
    Values { rest: bytes }
}

/// Values of the array that `bytes` is; none where it is no array.
pub(crate) fn elements(bytes: &[u8]) -> Values<'_> {
    Values {
        rest: inside(bytes, b'['),
    }
}

/// Keys and values of the object that `bytes` is; none where it is no object. Keys are raw: escapes stay.
pub(crate) fn members(bytes: &[u8]) -> Members<'_> {
    Members {
        values: Values {
            rest: inside(bytes, b'{'),
        },
    }
}

/// The value of `key` in the object that `bytes` is.
pub(crate) fn member<'a>(bytes: &'a [u8], key: &str) -> Option<&'a [u8]> {
    members(bytes)
        .find(|(found, _)| *found == key.as_bytes())
        .map(|(_, value)| value)
}

/// See [`documents`] and [`elements`].
pub(crate) struct Values<'a> {
    rest: &'a [u8],
}

/// See [`members`].
pub(crate) struct Members<'a> {
    values: Values<'a>,
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = skip(self.rest, |byte| is_space(byte) || byte == b',');
        if matches!(start.first(), None | Some(b']' | b'}')) {
            self.rest = &[];
            return None;
        }
        let (value, rest) = start.split_at(value_len(start).max(1).min(start.len()));
        self.rest = rest;
        Some(value)
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.values.next()?;
        let key = key.strip_prefix(b"\"")?;
        let key = key.strip_suffix(b"\"").unwrap_or(key);
        self.values.rest = skip(self.values.rest, |byte| is_space(byte) || byte == b':');
        let value = self.values.next().unwrap_or_default();
        Some((key, value))
    }
}

/// What follows the opening bracket, or nothing.
fn inside(bytes: &[u8], open: u8) -> &[u8] {
    skip(bytes, is_space)
        .strip_prefix(&[open])
        .unwrap_or_default()
}

fn skip(bytes: &[u8], what: impl Fn(u8) -> bool) -> &[u8] {
    let from = bytes
        .iter()
        .position(|byte| !what(*byte))
        .unwrap_or(bytes.len());
    bytes.get(from..).unwrap_or_default()
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// How long the value at the start of `bytes` is.
fn value_len(bytes: &[u8]) -> usize {
    match bytes.first() {
        Some(b'"') => string_len(bytes),
        Some(b'{' | b'[') => bracket_len(bytes),
        _ => scalar_len(bytes),
    }
}

fn scalar_len(bytes: &[u8]) -> usize {
    let ends = |byte: &u8| is_space(*byte) || matches!(byte, b',' | b':' | b']' | b'}');
    bytes.iter().position(ends).unwrap_or(bytes.len())
}

/// From the opening quote through the closing one.
fn string_len(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(rest) = bytes.get(at..) {
        match memchr::memchr2(b'"', b'\\', rest) {
            Some(found) if rest.get(found) == Some(&b'"') => return at + found + 1,
            Some(found) => at += found + 2,
            None => break,
        }
    }
    bytes.len()
}

fn bracket_len(bytes: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        match rest.first() {
            Some(b'"') => at += string_len(rest),
            Some(b'{' | b'[') => {
                depth += 1;
                at += 1;
            }
            Some(b'}' | b']') => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(values: Values<'_>) -> Vec<String> {
        values
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .collect()
    }

    #[test]
    fn brackets_inside_strings_do_not_count() {
        assert_eq!(
            text(elements(br#"[{"a":"]}\""}, [1, 2],"x" ,3]"#)),
            [r#"{"a":"]}\""}"#, "[1, 2]", "\"x\"", "3"]
        );
    }

    #[test]
    fn a_text_that_breaks_off_keeps_its_beginning() {
        let keys: Vec<_> = members(br#"{"id": "A", "affected": [{"x"#)
            .map(|(key, _)| key)
            .collect();
        assert_eq!(keys, [b"id".as_slice(), b"affected"]);
    }

    #[test]
    fn documents_may_stand_one_a_line() {
        assert_eq!(
            text(documents(b"{\"a\":1}\n{\"b\":2}\n")),
            ["{\"a\":1}", "{\"b\":2}"]
        );
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_end(bytes: Vec<u8>) {
            let most = bytes.len() + 1;
            assert!(documents(&bytes).take(most + 1).count() <= most);
            assert!(elements(&bytes).take(most + 1).count() <= most);
            assert!(members(&bytes).take(most + 1).count() <= most);
        }
    }
}
