//! Diff: a unified diff, read strictly.
//!
//! What is odd: `--- ` may also be a removed line that begins with `-- `, so a hunk is read by the counts of its head
//! and never by how its lines look; and a line without an end is told by the line after it.

use names::Refusal;
use names::problem::quoted;

/// A patch has at most this many bytes: what intake takes.
const PATCH_BYTES_MAX: usize = finding::submit::bounds::PATCH_BYTES_MAX;

/// One file of a diff.
#[derive(Debug, PartialEq, Eq)]
pub struct FileDiff<'a> {
    /// None where the file is new.
    pub old: Option<&'a str>,
    /// None where it is removed.
    pub new: Option<&'a str>,
    pub hunks: Vec<Hunk<'a>>,
}

/// One change.
#[derive(Debug, PartialEq, Eq)]
pub struct Hunk<'a> {
    /// The line it begins at, from 1; 0 in a file without lines.
    pub first: usize,
    /// Each with its line end as it is to stand in the file.
    pub lines: Vec<(Sign, std::borrow::Cow<'a, str>)>,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Stays,
    Goes,
    Comes,
}

/// Reads a diff, or says at which line it is none.
pub fn read(text: &str) -> Result<Vec<FileDiff<'_>>, Refusal> {
    if text.len() > PATCH_BYTES_MAX {
        return Err(Refusal::of(
            "patch",
            format!(
                "has {} bytes; at most {PATCH_BYTES_MAX} are read",
                text.len()
            ),
        ));
    }
    let mut reader = Reader {
        lines: text.split_inclusive('\n').collect(),
        at: 0,
    };
    let mut files = Vec::new();
    while let Some(line) = reader.line() {
        if let Some(old) = line.strip_prefix("--- ") {
            files.push(reader.file(old)?);
        } else if line.starts_with("GIT binary patch") || line.starts_with("Binary files ") {
            return Err(reader.wrong("changes a file that is no text"));
        } else if line.starts_with("rename ") || line.starts_with("copy ") {
            return Err(
                reader.wrong("renames a file; write it as one that goes and one that comes")
            );
        }
    }
    match files.is_empty() {
        true => Err(Refusal::of(
            "patch",
            "is no unified diff; `diff -u` and `git diff` write one",
        )),
        false => Ok(files),
    }
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn line(&mut self) -> Option<&'a str> {
        let line = self.lines.get(self.at).copied();
        self.at += 1;
        line
    }

    fn peek(&self) -> Option<&'a str> {
        self.lines.get(self.at).copied()
    }

    fn wrong(&self, message: &str) -> Refusal {
        Refusal::of("patch", format!("line {} {message}", self.at))
    }

    fn file(&mut self, old: &'a str) -> Result<FileDiff<'a>, Refusal> {
        let Some(new) = self.line().and_then(|line| line.strip_prefix("+++ ")) else {
            return Err(self.wrong("is not the `+++ ` that follows `--- `"));
        };
        let mut file = FileDiff {
            old: name(old),
            new: name(new),
            hunks: Vec::new(),
        };
        if file.old.is_none() && file.new.is_none() {
            return Err(self.wrong("names no file on either side"));
        }
        while self.peek().is_some_and(|line| line.starts_with("@@ ")) {
            let hunk = self.hunk()?;
            file.hunks.push(hunk);
        }
        match file.hunks.is_empty() {
            true => Err(self.wrong("is followed by no change, `@@ -1,3 +1,3 @@`")),
            false => Ok(file),
        }
    }

    fn hunk(&mut self) -> Result<Hunk<'a>, Refusal> {
        let head = self.line().unwrap_or_default();
        let Some((first, mut old_left, mut new_left)) = counts(head) else {
            return Err(self.wrong(&format!(
                "is no head of a change: {}",
                quoted(head.trim_end())
            )));
        };
        let mut lines: Vec<(Sign, std::borrow::Cow<'a, str>)> = Vec::new();
        while old_left > 0 || new_left > 0 {
            let Some(line) = self.line() else {
                return Err(
                    self.wrong("is missing: the last change has fewer lines than its head says")
                );
            };
            let (sign, text) = match line.split_at_checked(1) {
                Some((" ", text)) => (Sign::Stays, text),
                Some(("-", text)) => (Sign::Goes, text),
                Some(("+", text)) => (Sign::Comes, text),
                // Mail and editors take the blank of an empty line away.
                _ if line.trim_end().is_empty() => (Sign::Stays, line),
                _ => {
                    return Err(
                        self.wrong("is no line of a change: it begins with a blank, `-` or `+`")
                    );
                }
            };
            let (old, new) = (sign != Sign::Comes, sign != Sign::Goes);
            if usize::from(old) > old_left || usize::from(new) > new_left {
                return Err(self.wrong("is more than the head of its change says"));
            }
            old_left -= usize::from(old);
            new_left -= usize::from(new);
            let mut text = std::borrow::Cow::Borrowed(text);
            if !text.ends_with('\n') {
                text = format!("{text}\n").into();
            }
            if self.peek().is_some_and(|next| next.starts_with('\\')) {
                self.at += 1;
                text = text.trim_end_matches('\n').to_owned().into();
            }
            lines.push((sign, text));
        }
        Ok(Hunk { first, lines })
    }
}

/// The path without a time behind it; none for `/dev/null`.
fn name(text: &str) -> Option<&str> {
    let text = text.split('\t').next().unwrap_or(text).trim_end();
    (text != "/dev/null").then_some(text)
}

/// `@@ -3,4 +3,5 @@ …`: where it begins, how many lines it has before and after.
fn counts(head: &str) -> Option<(usize, usize, usize)> {
    let rest = head.strip_prefix("@@ -")?;
    let (old, rest) = rest.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let range = |text: &str| -> Option<(usize, usize)> {
        match text.split_once(',') {
            Some((first, count)) => Some((first.parse().ok()?, count.parse().ok()?)),
            None => Some((text.parse().ok()?, 1)),
        }
    };
    let ((first, old), (_, new)) = (range(old)?, range(new)?);
    Some((first, old, new))
}
