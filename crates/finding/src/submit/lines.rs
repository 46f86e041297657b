//! Lines: NDJSON read as it arrives, however it is cut on the way.

use names::Refusal;

use super::bounds::REPORT_BYTES_MAX;
use super::{Taken, json};

/// A reader that is fed bytes and hands back each report whose line is complete.
///
/// It holds at most one line, and of a line that is too long only that it was.
#[derive(Debug, Default)]
pub struct Lines {
    held: Vec<u8>,
    /// From 1, of the line being held.
    line: usize,
    /// The rest of this line is dropped.
    skipping: bool,
}

impl Lines {
    /// Before the first byte.
    pub fn new() -> Lines {
        Lines {
            line: 1,
            ..Lines::default()
        }
    }

    /// Takes what arrived and hands back the lines that it ended. They are not checked yet: [`Taken::settle`].
    pub fn push(&mut self, mut bytes: &[u8]) -> Vec<Taken> {
        let mut taken = Vec::new();
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (head, rest) = bytes.split_at(end);
            taken.extend(self.hold(head));
            taken.extend(self.end());
            bytes = rest.get(1..).unwrap_or_default();
        }
        taken.extend(self.hold(bytes));
        taken
    }

    /// Nothing more comes: the last line may lack its end.
    pub fn finish(mut self) -> Option<Taken> {
        self.end()
    }

    fn hold(&mut self, bytes: &[u8]) -> Option<Taken> {
        if self.skipping {
            return None;
        }
        if self.held.len() + bytes.len() > REPORT_BYTES_MAX {
            self.skipping = true;
            self.held = Vec::new();
            return Some(self.taken(Err(Refusal::whole(format!(
                "this line is longer than {REPORT_BYTES_MAX} bytes; put large inputs into proofs and upload these"
            )))));
        }
        self.held.extend_from_slice(bytes);
        None
    }

    fn end(&mut self) -> Option<Taken> {
        let line = std::mem::take(&mut self.held);
        let skipped = std::mem::take(&mut self.skipping);
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        let line = line.trim_ascii();
        let taken = (!line.is_empty() && !skipped).then(|| self.taken(json::read_one(line)));
        self.line += 1;
        taken
    }

    fn taken(&self, draft: Result<super::Draft, Refusal>) -> Taken {
        Taken {
            place: format!("line {}", self.line).into(),
            draft,
        }
    }
}
