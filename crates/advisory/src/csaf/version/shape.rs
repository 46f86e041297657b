//! What looks like one version and nothing else?

/// Words a version may begin with, in lower case.
pub(super) const PREFIXES: &[&str] = &[
    "v", "ver", "ver.", "version", "r", "rev", "rev.", "revision", "release", "fw", "sw", "sv",
    "firmware",
];

/// Words a version may go on with, besides numbers.
const WORDS: &[&str] = &[
    "sp",
    "service",
    "pack",
    "hf",
    "hotfix",
    "update",
    "upd",
    "upd.",
    "build",
    "patch",
    "p",
    "rev",
    "rev.",
    "r",
    "rc",
    "beta",
    "alpha",
    "hotfixrev",
    "cu",
    "mr",
    "mp",
    "(build",
    "ru",
    "tcu",
];

/// Whether a text is one version and nothing else. Conservative: `V3.X.17` and dates in words are not.
pub(super) fn is_version(text: &str) -> bool {
    let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
    if let Some(first) = words.peek()
        && PREFIXES.contains(&first.to_lowercase().as_str())
    {
        words.next();
    }
    let Some(first) = words.next() else {
        return false;
    };
    is_number(first) && words.all(continues) && !marks_placeholder(text)
}

/// `x` in the place of a number.
fn marks_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains(".x") || lower.contains('*') || lower.ends_with('x')
}

/// `V7.0.3`, `2.10.0.4`, `R5.01.00`, `15.2(6)E0a`, `FW14`: an optional short prefix, a digit, and no odd signs.
fn is_number(word: &str) -> bool {
    let at = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (prefix, rest) = word.split_at(at);
    let rest = rest.strip_prefix('.').filter(|_| at > 0).unwrap_or(rest);
    let known = prefix.is_empty() || PREFIXES.contains(&prefix.to_lowercase().as_str());
    known
        && rest.starts_with(|c: char| c.is_ascii_digit())
        && rest
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-+()~".contains(&b))
        && letters_max(rest) <= 4
}

/// The longest run of letters.
fn letters_max(word: &str) -> usize {
    word.split(|c: char| !c.is_ascii_alphabetic())
        .map(str::len)
        .max()
        .unwrap_or(0)
}

fn continues(word: &str) -> bool {
    let lower = word.to_lowercase();
    if WORDS.contains(&lower.as_str()) {
        return true;
    }
    let at = lower.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (head, rest) = lower.split_at(at);
    let numbered = rest.bytes().any(|b| b.is_ascii_digit())
        && rest
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".-()".contains(&b));
    // A second version (`V33.017 V34.014`) is not part of the first.
    numbered
        && (head.is_empty() || WORDS.contains(&head))
        && !(head.is_empty() && rest.contains('.'))
}
