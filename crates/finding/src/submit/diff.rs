//! Diff: is a text a unified diff, and one made of a replacement in a file whose text is known.

/// Whether there is a file header and a hunk.
pub fn is_diff(text: &str) -> bool {
    let mut lines = text.lines().map(|line| line.trim_end_matches('\r'));
    let has = |line: &str, start: &str| line.starts_with(start);
    lines.by_ref().any(|line| has(line, "--- "))
        && lines.by_ref().any(|line| has(line, "+++ "))
        && lines.any(|line| has(line, "@@ "))
}

/// A replacement in a file: lines from `first` on, as they are and as they shall be.
pub struct Change<'a> {
    pub file: &'a str,
    pub first: u32,
    pub old: &'a str,
    pub new: &'a str,
}

/// Changes as a unified diff without context lines, a file header each.
pub fn unified(changes: &[Change<'_>]) -> String {
    let mut out = String::new();
    for change in changes {
        let (old, new): (Vec<&str>, Vec<&str>) =
            (change.old.lines().collect(), change.new.lines().collect());
        // A range of no lines names the line before it.
        let start = |lines: &[&str]| change.first - u32::from(lines.is_empty());
        out.push_str(&format!(
            "--- a/{file}\n+++ b/{file}\n@@ -{},{} +{},{} @@\n",
            start(&old),
            old.len(),
            start(&new),
            new.len(),
            file = change.file,
        ));
        for (sign, lines) in [('-', &old), ('+', &new)] {
            for line in lines {
                out.push(sign);
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}
