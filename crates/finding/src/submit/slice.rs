//! Where the values of a JSON text begin and end, without reading them (RFC 8259).
//!
//! A receipt holds the hash of a report's own bytes, so a report is cut out of its document before it is read.
//! Nothing is checked here but brackets and strings; what a slice holds is for the reader of that slice.

/// Values that follow one another.
pub fn documents(bytes: &[u8]) -> Values<'_> {
    Values { rest: bytes }
}

/// Values of the array that `bytes` is; none where it is no array.
pub fn elements(bytes: &[u8]) -> Values<'_> {
    Values {
        rest: inside(bytes, b'['),
    }
}

/// Raw keys and values of the object that `bytes` is; none where it is no object.
pub fn members(bytes: &[u8]) -> Members<'_> {
    Members {
        values: Values {
            rest: inside(bytes, b'{'),
        },
    }
}

/// See [`documents`] and [`elements`].
pub struct Values<'a> {
    rest: &'a [u8],
}

/// See [`members`].
pub struct Members<'a> {
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
        // At least one byte, so that a stray colon cannot hold us.
        let (value, rest) = start.split_at(length(start).clamp(1, start.len()));
        self.rest = rest;
        Some(value)
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.values.next()?.strip_prefix(b"\"")?;
        let key = key.strip_suffix(b"\"").unwrap_or(key);
        self.values.rest = skip(self.values.rest, |byte| is_space(byte) || byte == b':');
        Some((key, self.values.next().unwrap_or_default()))
    }
}

fn inside(bytes: &[u8], open: u8) -> &[u8] {
    skip(bytes, is_space)
        .strip_prefix(&[open])
        .unwrap_or_default()
}

fn skip(bytes: &[u8], what: impl Fn(u8) -> bool) -> &[u8] {
    let from = bytes.iter().position(|byte| !what(*byte));
    bytes.get(from.unwrap_or(bytes.len())..).unwrap_or_default()
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// How long the value at the start of `bytes` is.
fn length(bytes: &[u8]) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        if quoted {
            (escaped, quoted) = (*byte == b'\\' && !escaped, *byte != b'"' || escaped);
            if !quoted && depth == 0 {
                return at + 1;
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' | b':' if depth == 0 => return at,
            byte if depth == 0 && is_space(*byte) => return at,
            _ => {}
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bracket_inside_a_string_does_not_count() {
        let found: Vec<_> = elements(br#"[{"a":"]}\"\\"}, [1, 2],"x" ,3]"#)
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .collect();
        assert_eq!(found, [r#"{"a":"]}\"\\"}"#, "[1, 2]", "\"x\"", "3"]);
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
