//! Place: where in the source, told so that two checkouts, mirrors and versions tell it alike.

use serde::{Deserialize, Serialize};

use super::function;
use crate::report;

/// A path keeps this many innermost components: a mirror, a checkout and a build folder differ further out.
const COMPONENTS_MAX: usize = 4;

/// Longer paths are cut from the outside; Linux itself allows 4,096 bytes.
const PATH_BYTES_MAX: usize = 4096;

/// A function, its file and its line, each as far as known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Plain name; empty where unknown.
    #[serde(rename = "f", default, skip_serializing_if = "str::is_empty")]
    pub function: Box<str>,
    /// The innermost components of the path; empty where unknown.
    #[serde(rename = "p", default, skip_serializing_if = "str::is_empty")]
    pub file: Box<str>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

impl Place {
    /// What a report says of a site; none where it says neither file nor function.
    pub fn of_site(site: &report::Site) -> Option<Place> {
        let function = site.function.as_deref().and_then(function::plain);
        Place::known(function, path(&site.file), site.line)
    }

    /// What a report says of a frame; none where it says neither file nor function.
    pub fn of_frame(frame: &report::Frame) -> Option<Place> {
        Place::known(
            function::plain(&frame.function),
            path(&frame.file),
            frame.line,
        )
    }

    fn known(
        function: Option<Box<str>>,
        file: Option<Box<str>>,
        line: Option<u32>,
    ) -> Option<Place> {
        let place = Place {
            function: function.unwrap_or_default(),
            file: file.unwrap_or_default(),
            line: line.filter(|line| *line > 0),
        };
        (!place.function.is_empty() || !place.file.is_empty()).then_some(place)
    }

    /// Whether both are in the same function; none where one does not say.
    pub fn function_agrees(&self, other: &Place) -> Option<bool> {
        let said = !self.function.is_empty() && !other.function.is_empty();
        said.then(|| function::agree(&self.function, &other.function))
    }

    /// Whether both are in the same file; none where one does not say.
    pub fn file_agrees(&self, other: &Place) -> Option<bool> {
        let said = !self.file.is_empty() && !other.file.is_empty();
        said.then(|| same_file(&self.file, &other.file))
    }

    /// The file's own name, the innermost component.
    pub fn base(&self) -> &str {
        self.file.rsplit('/').next().unwrap_or_default()
    }

    /// The function's innermost segment.
    pub fn leaf(&self) -> &str {
        function::leaf(&self.function)
    }

    /// In words: `png_read_row` in `pngread.c`, line 12.
    pub fn words(&self) -> String {
        match (&*self.function, self.base()) {
            ("", file) => format!("`{file}`"),
            (function, "") => format!("`{function}`"),
            (function, file) => format!("`{function}` in `{file}`"),
        }
    }
}

/// The innermost components of a path, without `.`, `..`, versions in folder names and `:line:column`.
pub fn path(text: &str) -> Option<Box<str>> {
    let text = text.trim();
    let from = text.len().saturating_sub(PATH_BYTES_MAX);
    let text = (from..=text.len())
        .find_map(|from| text.get(from..))
        .unwrap_or_default();
    let text = without_lines(text);
    let mut components: Vec<&str> = Vec::new();
    for component in text.split(['/', '\\']) {
        match component {
            "" | "." => {}
            ".." => {
                components.pop();
            }
            component => components.push(component),
        }
    }
    let base = components.pop()?;
    // A module in brackets and a runtime's own source are no files.
    if text.starts_with(['<', '(']) || base == "??" {
        return None;
    }
    // Below these stands what is installed, and its own path begins; `/src` is where OSS-Fuzz builds.
    let roots = ["site-packages", "dist-packages", "node_modules", "mod"];
    let installed = components.iter().rposition(|held| roots.contains(held));
    let built = (text.starts_with("/src/")).then_some(0);
    let from = installed.or(built).map_or(0, |at| at + 1);
    let mut kept: Vec<&str> = components.split_off(from.min(components.len()));
    let excess = kept.len().saturating_sub(COMPONENTS_MAX - 1);
    kept.drain(..excess);
    let mut path: String = kept
        .iter()
        .flat_map(|part| [unversioned(part), "/"])
        .collect();
    path.push_str(base);
    Some(path.into())
}

/// Whether two paths name one file: the same innermost name, and the same folder where both tell one.
///
/// Of names that every project has many of (`mod.rs`, `index.js`), folders must agree further out.
pub fn same_file(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    if let (Some(last), Some(other)) = (one.as_bytes().last(), other.as_bytes().last())
        && last != other
    {
        return false;
    }
    let mut pairs = one.rsplit('/').zip(other.rsplit('/'));
    let Some((base, other)) = pairs.next() else {
        return true;
    };
    if base != other {
        return false;
    }
    let everywhere = is_everywhere(base);
    for (one, other) in pairs {
        if one != other {
            return false;
        }
        if !everywhere || !is_everywhere(one) {
            return true;
        }
    }
    true
}

/// Names that tell no file from another.
fn is_everywhere(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let stems = [
        "lib", "mod", "main", "index", "__init__", "src", "source", "util", "utils", "common",
        "helpers", "app", "types", "init", "include",
    ];
    stems.contains(&stem)
}

/// `file.c:12:3` without what follows the name.
fn without_lines(text: &str) -> &str {
    let mut text = text;
    while let Some((before, digits)) = text.rsplit_once(':') {
        if before.is_empty()
            || digits.is_empty()
            || !digits.bytes().all(|byte| byte.is_ascii_digit())
        {
            break;
        }
        text = before;
    }
    text
}

/// `libpng-1.6.40` without its version.
fn unversioned(part: &str) -> &str {
    let at = part.find(['-', '@', '_']).filter(|at| {
        let rest = part.get(at + 1..).unwrap_or_default();
        rest.trim_start_matches('v')
            .starts_with(|letter: char| letter.is_ascii_digit())
    });
    at.and_then(|at| part.get(..at))
        .filter(|kept| !kept.is_empty())
        .unwrap_or(part)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(paths: &[&str], expected: Expect) {
        let lines: String = paths
            .iter()
            .map(|text| format!("{}\n", path(text).as_deref().unwrap_or("none")))
            .collect();
        expected.assert_eq(&lines);
    }

    #[test]
    fn a_file_has_one_path_wherever_it_was_checked_out() {
        check(
            &[
                "/xlnt/build/../load_fuzzer.cc:9:23",
                "/src/libpng-1.6.40/contrib/png/pngread.c",
                "./contrib/png/pngread.c:12",
                r"C:\work\libpng\contrib\png\pngread.c",
                "/home/me/.local/lib/python3.8/site-packages/ruamel/yaml/resolver.py",
                "/root/go/pkg/mod/github.com/owner/repo@v1.2.3/server/http.go",
                "<frozen importlib._bootstrap>",
                "(/lib/x86_64-linux-gnu/libc.so.6+0x46f0)",
                "",
            ],
            expect![[r#"
                xlnt/load_fuzzer.cc
                libpng/contrib/png/pngread.c
                contrib/png/pngread.c
                libpng/contrib/png/pngread.c
                ruamel/yaml/resolver.py
                owner/repo/server/http.go
                none
                none
                none
            "#]],
        );
    }

    #[test]
    fn files_of_one_name_in_other_folders_are_others() {
        assert!(same_file("png/pngread.c", "pngread.c"));
        assert!(same_file("a/png/pngread.c", "b/png/pngread.c"));
        assert!(!same_file("users/index.js", "orders/index.js"));
    }
}
