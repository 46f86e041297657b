//! How does a small record become bytes, and how is it read back when the bytes are a stranger's?
//!
//! Little-endian, lengths as LEB128. Every read is checked against the end; what is not there is [`Damage`],
//! never a panic, and a count is never believed beyond the bytes that could hold it.

use std::fmt;

use jiff::{Timestamp, civil::Date};

/// An index that is not what a builder wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Which part of the file.
    pub place: &'static str,
    /// Where in that part.
    pub at: u64,
}

impl fmt::Display for Damage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Damage { place, at } = self;
        write!(
            out,
            "index is damaged in `{place}` at byte {at}; build it or fetch it again"
        )
    }
}

impl std::error::Error for Damage {}

/// No time. Earlier than any that jiff can hold, so it never stands for one.
const NO_TIME: i64 = i64::MIN;

/// The little-endian number at `at`.
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

/// The little-endian number at `at`.
pub fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(eight.try_into().ok()?))
}

/// A time as microseconds, for columns.
pub fn micros(time: Option<Timestamp>) -> i64 {
    time.map_or(NO_TIME, Timestamp::as_microsecond)
}

/// The time that `micros` stands for.
pub fn time(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros).ok()
}

/// Bytes being written.
#[derive(Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    pub fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    pub fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub fn texts<S: AsRef<str>>(&mut self, texts: &[S]) {
        self.list(texts, |out, text| out.text(text.as_ref()));
    }

    pub fn time(&mut self, time: Option<Timestamp>) {
        self.0.extend_from_slice(&micros(time).to_le_bytes());
    }

    /// A day as `YYYY-MM-DD`, empty for none: rare enough that plain is better than short.
    pub fn date(&mut self, date: Option<Date>) {
        self.text(&date.map(|date| date.to_string()).unwrap_or_default());
    }

    /// Nobody said, no, yes.
    pub fn answer(&mut self, answer: Option<bool>) {
        self.byte(answer.map_or(0, |yes| 1 + u8::from(yes)));
    }

    pub fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Writer, &T)) {
        self.number(items.len() as u64);
        for item in items {
            each(self, item);
        }
    }
}

/// Bytes being read.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    place: &'static str,
}

impl<'a> Reader<'a> {
    /// From `at` on.
    pub fn new(place: &'static str, bytes: &'a [u8], at: usize) -> Reader<'a> {
        Reader { bytes, at, place }
    }

    fn damage(&self) -> Damage {
        Damage {
            place: self.place,
            at: self.at as u64,
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Damage> {
        let end = self.at.checked_add(length).ok_or(self.damage())?;
        let taken = self.bytes.get(self.at..end).ok_or(self.damage())?;
        self.at = end;
        Ok(taken)
    }

    pub fn byte(&mut self) -> Result<u8, Damage> {
        let damage = self.damage();
        self.take(1)?.first().copied().ok_or(damage)
    }

    pub fn number(&mut self) -> Result<u64, Damage> {
        let mut value = 0u64;
        // A u64 in groups of seven bits takes ten bytes at most.
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.damage())
    }

    pub fn slice(&mut self) -> Result<&'a [u8], Damage> {
        let length = usize::try_from(self.number()?).map_err(|_| self.damage())?;
        self.take(length)
    }

    pub fn text(&mut self) -> Result<&'a str, Damage> {
        let damage = self.damage();
        std::str::from_utf8(self.slice()?).map_err(|_| damage)
    }

    pub fn string(&mut self) -> Result<String, Damage> {
        self.text().map(str::to_owned)
    }

    pub fn strings(&mut self) -> Result<Vec<String>, Damage> {
        self.list(Reader::string)
    }

    pub fn time(&mut self) -> Result<Option<Timestamp>, Damage> {
        let damage = self.damage();
        let eight = self.take(8)?.try_into().map_err(|_| damage)?;
        Ok(time(i64::from_le_bytes(eight)))
    }

    pub fn date(&mut self) -> Result<Option<Date>, Damage> {
        let damage = self.damage();
        match self.text()? {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| damage),
        }
    }

    pub fn answer(&mut self) -> Result<Option<bool>, Damage> {
        let damage = self.damage();
        match self.byte()? {
            0 => Ok(None),
            1 => Ok(Some(false)),
            2 => Ok(Some(true)),
            _ => Err(damage),
        }
    }

    pub fn list<T>(
        &mut self,
        mut each: impl FnMut(&mut Reader<'a>) -> Result<T, Damage>,
    ) -> Result<Vec<T>, Damage> {
        let count = self.count()?;
        // Not `with_capacity(count)`: an element in memory is larger than the one byte it needs here.
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(each(self)?);
        }
        Ok(items)
    }

    /// A count of things that take at least a byte each.
    pub fn count(&mut self) -> Result<usize, Damage> {
        let damage = self.damage();
        let count = usize::try_from(self.number()?).map_err(|_| damage)?;
        let left = self.bytes.len().saturating_sub(self.at);
        if count > left { Err(damage) } else { Ok(count) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(number: u64, text in ".{0,40}", answer: Option<bool>) {
            let mut out = Writer::default();
            out.number(number);
            out.text(&text);
            out.answer(answer);
            let mut from = Reader::new("test", &out.0, 0);
            prop_assert_eq!(from.number(), Ok(number));
            prop_assert_eq!(from.text(), Ok(text.as_str()));
            prop_assert_eq!(from.answer(), Ok(answer));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>, at in 0usize..64) {
            let mut from = Reader::new("test", &bytes, at);
            let _ = from.strings();
            let _ = from.time();
            let _ = from.date();
            let _ = from.number();
        }
    }
}
