//! What does a directory list? (CSAF 2.0 and 2.1, 7.1.12 `index.txt` and 7.1.13 `changes.csv`)

use std::collections::BTreeMap;

use jiff::Timestamp;
use url::Url;

/// A line of `changes.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub path: String,
    pub released: Timestamp,
}

/// What a listing holds, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    pub entries: Vec<T>,
    /// Up to [`PROBLEMS_MAX`] of them.
    pub problems: Vec<String>,
    /// Lines beyond the bound.
    pub beyond: u64,
}

/// Problems that are told of one listing; a listing that is wrong throughout is told as well by twenty.
const PROBLEMS_MAX: usize = 20;

/// Longest path that is followed: a year, a slash and a name as `filename` bounds it, with headroom for folders.
const PATH_BYTES_MAX: usize = 512;

impl<T> Listing<T> {
    fn new() -> Listing<T> {
        Listing {
            entries: Vec::new(),
            problems: Vec::new(),
            beyond: 0,
        }
    }

    fn wrong(&mut self, line: usize, what: impl std::fmt::Display) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(format!("line {}: {what}", line + 1));
        }
    }
}

/// Reads `index.txt`.
pub fn index(bytes: &[u8], entries_max: usize) -> Listing<String> {
    let mut listing = Listing::new();
    for (number, line) in lines(bytes) {
        match relative(line) {
            Ok(_) if listing.entries.len() >= entries_max => listing.beyond += 1,
            Ok(path) => listing.entries.push(path.to_owned()),
            Err(reason) => listing.wrong(number, reason),
        }
    }
    listing
}

/// Reads `changes.csv`: with quotes in 2.0, without in 2.1, newest first in both.
pub fn changes(bytes: &[u8], entries_max: usize) -> Listing<Change> {
    let mut listing: Listing<Change> = Listing::new();
    let mut is_sorted = true;
    for (number, line) in lines(bytes) {
        let parts = line
            .rsplit_once(',')
            .map(|(path, date)| (unquoted(path), unquoted(date)));
        let Some((path, date)) = parts else {
            listing.wrong(
                number,
                "no comma; a line is a path, a comma and the time of its current release",
            );
            continue;
        };
        match (relative(path), date.parse::<Timestamp>()) {
            (Err(reason), _) => listing.wrong(number, reason),
            (_, Err(_)) => listing.wrong(
                number,
                format!(
                    "`{}` is no time such as `2025-07-21T11:14:37Z`",
                    short(date)
                ),
            ),
            (Ok(_), Ok(_)) if listing.entries.len() >= entries_max => listing.beyond += 1,
            (Ok(path), Ok(released)) => {
                let before = listing.entries.last().map(|before| before.released);
                if is_sorted && before.is_some_and(|before| before < released) {
                    is_sorted = false;
                    listing.wrong(
                        number,
                        "newer than the line before; the latest stands first",
                    );
                }
                listing.entries.push(Change {
                    path: path.to_owned(),
                    released,
                });
            }
        }
    }
    listing
}

/// What both listings name, with the time of its current release where `changes.csv` has it.
pub fn together(index: Vec<String>, changes: Vec<Change>) -> BTreeMap<String, Option<Timestamp>> {
    let mut all: BTreeMap<String, Option<Timestamp>> =
        index.into_iter().map(|path| (path, None)).collect();
    for change in changes {
        let known = all.entry(change.path).or_default();
        *known = (*known).max(Some(change.released));
    }
    all
}

/// Where `path` is below `base`, which it must not leave, also not by `%2e%2e`.
pub fn below(base: &Url, path: &str) -> Result<Url, String> {
    let path = relative(path)?;
    let url = base
        .join(path)
        .map_err(|_| format!("`{}` makes no address", short(path)))?;
    let is_below = url.origin() == base.origin()
        && url.path().starts_with(base.path())
        && url.path() != base.path();
    match is_below {
        true => Ok(url),
        false => Err(format!("`{}` leads out of its directory", short(path))),
    }
}

/// A path that only goes down.
fn relative(path: &str) -> Result<&str, String> {
    let says = |what: &str| Err(format!("`{}` {what}", short(path)));
    if path.len() > PATH_BYTES_MAX {
        return says("is too long for a path");
    }
    if path.contains(['\\', ':', '?', '#', '"', '<', '>', '|', '*'])
        || path.chars().any(char::is_control)
    {
        return says("has letters that no path of a document has");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return says("does not go straight down; a path is such as `2024/esa-2024-1.json`");
    }
    match path.ends_with(".json") {
        true => Ok(path),
        false => says("does not end in `.json`"),
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &str)> {
    let text = |line: &[u8]| std::str::from_utf8(line).is_ok();
    bytes
        .split(|byte| *byte == b'\n')
        .enumerate()
        .map(move |(number, line)| (number, if text(line) { line } else { b"\x01" as &[u8] }))
        .filter_map(|(number, line)| {
            Some((
                number,
                std::str::from_utf8(line).ok()?.trim_end_matches('\r'),
            ))
        })
        .filter(|(_, line)| !line.trim().is_empty())
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or(text)
}

/// What a stranger wrote, short enough for a line.
pub(crate) fn short(text: &str) -> String {
    let plain = |letter: char| {
        if letter.is_control() {
            '\u{fffd}'
        } else {
            letter
        }
    };
    let mut out: String = text.chars().take(80).map(plain).collect();
    if text.chars().nth(80).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use url::Url;

    use super::{below, changes, index};

    fn check_changes(text: &str, expected: Expect) {
        let listing = changes(text.as_bytes(), 3);
        let mut out = String::new();
        for change in listing.entries {
            out += &format!("{} at {}\n", change.path, change.released);
        }
        for problem in listing.problems {
            out += &format!("wrong: {problem}\n");
        }
        out += &format!("{} beyond\n", listing.beyond);
        expected.assert_eq(&out);
    }

    #[test]
    fn changes_are_read_with_and_without_quotes() {
        check_changes(
            "\"2024/a.json\",\"2025-07-21T11:14:37Z\"\r\n2023/b.json,2025-01-01T00:00:00+01:00\n",
            expect![[r#"
                2024/a.json at 2025-07-21T11:14:37Z
                2023/b.json at 2024-12-31T23:00:00Z
                0 beyond
            "#]],
        );
    }

    #[test]
    fn what_is_wrong_with_changes_costs_only_its_line() {
        check_changes(
            "../../etc/passwd.json,2025-01-01T00:00:00Z\n2024/a.json,yesterday\n2024/b.json\n2024/c.json,2024-01-01T00:00:00Z\n2024/d.json,2025-01-01T00:00:00Z\n2024/e.json,2023-01-01T00:00:00Z\n2024/f.json,2022-01-01T00:00:00Z\n",
            expect![[r#"
                2024/c.json at 2024-01-01T00:00:00Z
                2024/d.json at 2025-01-01T00:00:00Z
                2024/e.json at 2023-01-01T00:00:00Z
                wrong: line 1: `../../etc/passwd.json` does not go straight down; a path is such as `2024/esa-2024-1.json`
                wrong: line 2: `yesterday` is no time such as `2025-07-21T11:14:37Z`
                wrong: line 3: no comma; a line is a path, a comma and the time of its current release
                wrong: line 5: newer than the line before; the latest stands first
                1 beyond
            "#]],
        );
    }

    #[test]
    fn no_path_leads_out() {
        let text = b"/etc/passwd.json\nhttps://a.example/b.json\na/../b.json\na\\b.json\na//b.json\nindex.txt\n\xff.json\n2024/good.json\n";
        let listing = index(text, 100);
        assert_eq!(listing.entries, ["2024/good.json"]);
        assert_eq!(listing.problems.len(), 7);
        let base = Url::parse("https://a.example/csaf/white/").expect("an address");
        assert_eq!(
            below(&base, "2024/good.json").map(String::from).as_deref(),
            Ok("https://a.example/csaf/white/2024/good.json")
        );
        for path in [
            "%2e%2e/green/a.json",
            "%2E%2E/%2E%2e/a.json",
            "..%2fa.json/../../b.json",
        ] {
            assert!(below(&base, path).is_err(), "{path}");
        }
    }
}
