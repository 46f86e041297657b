//! Frames: reads a tree of values from standard input and prints it in one line.
//!
//! A value is one byte of kind, and
//!   `i` eight bytes, a whole number with its sign, least significant byte first;
//!   `s` four bytes of length and that many bytes of UTF-8;
//!   `l` four bytes of count and that many values;
//!   `r` two bytes of times and a text (`s`), which stands that many times in a row, without a gap.
//! What is not such a value, or has something behind it, is answered with `refused`.

use std::io::{self, Read};

enum Value {
    Number(i64),
    Text(String),
    List(Vec<Value>),
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        if self.at + count > self.bytes.len() {
            return None;
        }
        let part = &self.bytes[self.at..self.at + count];
        self.at += count;
        Some(part)
    }

    fn length(&mut self) -> Option<u32> {
        let bytes = self.take(4)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn text(&mut self) -> Option<String> {
        let length = self.length()? as usize;
        let bytes = self.take(length)?;
        Some(String::from_utf8(bytes.to_vec()).unwrap())
    }

    fn value(&mut self) -> Option<Value> {
        match self.take(1)?[0] {
            b'i' => {
                let mut number = [0; 8];
                number.copy_from_slice(self.take(8)?);
                Some(Value::Number(i64::from_le_bytes(number)))
            }
            b's' => Some(Value::Text(self.text()?)),
            b'l' => {
                let count = self.length()? as usize;
                let mut values = Vec::with_capacity(count);
                for _ in 0..count {
                    values.push(self.value()?);
                }
                Some(Value::List(values))
            }
            b'r' => {
                let bytes = self.take(2)?;
                let times = u16::from_le_bytes([bytes[0], bytes[1]]);
                if self.take(1)? != b"s" {
                    return None;
                }
                Some(Value::Text(self.text()?.repeat(times as usize)))
            }
            _ => None,
        }
    }
}

fn print(value: &Value, out: &mut String) {
    match value {
        Value::Number(number) if *number < 0 => out.push_str(&format!("-{}", -number)),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::Text(text) => out.push_str(&format!("{:?}", text)),
        Value::List(values) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                print(value, out);
            }
            out.push(']');
        }
    }
}

fn read(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.value()?;
    if reader.at != bytes.len() {
        return None;
    }
    let mut out = String::new();
    print(&value, &mut out);
    Some(out)
}

fn main() -> io::Result<()> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(1 << 20).read_to_end(&mut bytes)?;
    println!("{}", read(&bytes).unwrap_or_else(|| "refused".to_owned()));
    Ok(())
}
