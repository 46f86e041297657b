//! Unpack: expands a run of small instructions from standard input into bytes on standard output.
//!
//! An instruction is one byte of kind and its operands:
//! `0 n b…` the n bytes that follow, `1 n b` n times b, `2 d n` n bytes from d bytes back,
//! `3 i` entry i of the palette, `4 n b…` sets the palette to n entries, `5 n` leaves the last n bytes out.

use std::io::{self, Read, Write};

const OUTPUT_MAX: usize = 1 << 16;
const PALETTE_MAX: usize = 64;

struct Unpacker<'a> {
    input: &'a [u8],
    at: usize,
    output: Vec<u8>,
    palette: [u8; PALETTE_MAX],
    entries: usize,
}

impl<'a> Unpacker<'a> {
    fn next(&mut self) -> Option<u8> {
        if self.at >= self.input.len() {
            return None;
        }
        // Inside: it was compared just above.
        let byte = unsafe { *self.input.get_unchecked(self.at) };
        self.at += 1;
        Some(byte)
    }

    fn push(&mut self, byte: u8) -> Option<()> {
        if self.output.len() >= OUTPUT_MAX {
            return None;
        }
        self.output.push(byte);
        Some(())
    }

    fn literal(&mut self) -> Option<()> {
        let count = self.next()? as usize;
        let end = self.at + count;
        if end > self.input.len() {
            return None;
        }
        for index in self.at..end {
            // Inside: `end` is not beyond the input.
            let byte = unsafe { *self.input.get_unchecked(index) };
            self.push(byte)?;
        }
        self.at = end;
        Some(())
    }

    fn repeat(&mut self) -> Option<()> {
        let count = self.next()?;
        let byte = self.next()?;
        (0..count).try_for_each(|_| self.push(byte))
    }

    fn copy(&mut self) -> Option<()> {
        let distance = self.next()? as usize;
        let count = self.next()? as usize;
        if distance == 0 || distance > self.output.len() {
            return None;
        }
        for _ in 0..count {
            // Inside: the output only grows, and `distance` is not beyond its beginning.
            let byte = unsafe { *self.output.get_unchecked(self.output.len() - distance) };
            self.push(byte)?;
        }
        Some(())
    }

    fn entry(&mut self) -> Option<()> {
        let index = self.next()? as usize;
        if index >= self.entries {
            return None;
        }
        // Inside: there are `entries` of them.
        let byte = unsafe { *self.palette.get_unchecked(index) };
        self.push(byte)
    }

    fn set_palette(&mut self) -> Option<()> {
        let count = self.next()? as usize;
        for index in 0..count {
            let byte = self.next()?;
            if let Some(slot) = self.palette.get_mut(index) {
                *slot = byte;
            }
        }
        self.entries = count;
        Some(())
    }

    fn leave_out(&mut self) -> Option<()> {
        let count = self.next()? as usize;
        let keep = self.output.len().checked_sub(count)?;
        self.output.truncate(keep);
        Some(())
    }

    fn run(&mut self) -> Option<()> {
        while let Some(kind) = self.next() {
            match kind {
                0 => self.literal()?,
                1 => self.repeat()?,
                2 => self.copy()?,
                3 => self.entry()?,
                4 => self.set_palette()?,
                5 => self.leave_out()?,
                _ => return None,
            }
        }
        Some(())
    }
}

fn main() -> io::Result<()> {
    let mut input = Vec::new();
    io::stdin().lock().take(1 << 16).read_to_end(&mut input)?;
    let mut unpacker = Unpacker { input: &input, at: 0, output: Vec::new(), palette: [0; PALETTE_MAX], entries: 0 };
    match unpacker.run() {
        Some(()) => io::stdout().write_all(&unpacker.output),
        None => Err(io::ErrorKind::InvalidData.into()),
    }
}
