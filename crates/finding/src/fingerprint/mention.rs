//! Mention: names that a finder's words hold, for those who fill in no field.
//!
//! `decode_row()`, `src/png.c:12`, `/api/v1/login`, anything in backticks that could be a name. They are hints: one
//! alone proves nothing, several of the same say that two texts speak of one place.

use super::function::{self, cut};

/// Names that are kept, those of the title first.
const MENTIONS_MAX: usize = 16;

/// A mention of fewer bytes is a variable, `i` or `len`, and of more is code.
const BYTES: std::ops::RangeInclusive<usize> = 4..=80;

/// What is read of a text.
const TEXT_BYTES_MAX: usize = 32 * 1024;

/// The names that title and description mention, in their order, each once.
pub fn mentions(title: &str, description: &str) -> Vec<Box<str>> {
    let mut found: Vec<Box<str>> = Vec::new();
    let mut fenced = false;
    for line in std::iter::once(title).chain(cut(description, TEXT_BYTES_MAX).lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for word in
            line.split(|letter: char| letter.is_whitespace() || ",;\"'|[]!?".contains(letter))
        {
            if let Some(name) = name(word)
                && found.len() < MENTIONS_MAX
                && !found.contains(&name)
            {
                found.push(name);
            }
        }
    }
    found
}

/// The name in a word, where it is written as one.
fn name(word: &str) -> Option<Box<str>> {
    let marked = word.starts_with('`') || word.starts_with("(`");
    let word = word.trim_matches(|letter: char| "`*.:<>{}".contains(letter));
    let word = word.strip_prefix('(').unwrap_or(word);
    if word.contains("://") || word.len() > BYTES.end() * 2 {
        return None;
    }
    let call = word.contains("()") || word.contains("::");
    let address = word.starts_with('/') && word.len() > 1;
    let snake = word.trim_matches('_').contains('_') && word.is_ascii();
    let file = word.rsplit_once('.').is_some_and(|(stem, rest)| {
        let ending = rest.split(':').next().unwrap_or(rest);
        !stem.is_empty() && ENDINGS.contains(&ending)
    });
    let plain: Box<str> = if file || address {
        // A file by its own name, an address whole.
        let path = word.split(':').next().unwrap_or(word);
        let base = if file {
            path.rsplit('/').next().unwrap_or(path)
        } else {
            path
        };
        base.trim_end_matches([')', '`'])
            .to_ascii_lowercase()
            .into()
    } else if call || snake || marked {
        function::leaf(&function::plain(word)?)
            .to_ascii_lowercase()
            .into()
    } else {
        return None;
    };
    let letters = plain.bytes().any(|byte| byte.is_ascii_alphabetic());
    (BYTES.contains(&plain.len()) && letters).then_some(plain)
}

/// Endings of source files.
const ENDINGS: &[&str] = &[
    "c", "h", "cc", "cpp", "cxx", "hpp", "rs", "go", "py", "js", "ts", "jsx", "tsx", "java", "kt",
    "scala", "php", "rb", "cs", "swift", "m", "mm", "pl", "lua", "ex", "erl", "hs", "ml", "vue",
    "asp", "aspx", "jsp", "cgi", "sh",
];

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn names_are_found_in_a_finders_words() {
        let found = mentions(
            "Heap overflow in png_handle_PLTE() of libpng",
            "The call at `pngrutil.c:1012` and src/pngread.c trusts `num_palette`, see foo::Bar::read and POST \
             /api/v1/login (https://example.com/x_y). Then it ends.\n```\nnot_this()\n```\n",
        );
        expect!["png_handle_plte pngrutil.c pngread.c num_palette read /api/v1/login"]
            .assert_eq(&found.join(" "));
    }
}
