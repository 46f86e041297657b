//! The words of a product's name: which of them tell one model from another?
//!
//! A word is compared without its signs (`S7-1500` is `s71500`), and a name holds every run of its neighbouring
//! pieces, so that `CPU1515-2PN`, `CPU 1515-2 PN` and `1515-2` meet. What stands in parentheses adds detail
//! (`(2x230 V AC)`) and decides nothing, unless it is an order number.

use super::Runs;

/// Pieces a run of a device's name is made of. `6ES7 515-2AM02-0AB0` has nine, and people put more spaces in.
pub(super) const RUN_MAX: usize = 12;

/// Pieces a run of a product's name is made of: its order numbers are known as such, and `DS-2CD2143G0-I` has seven.
pub(super) const PRODUCT_RUN_MAX: usize = 7;

/// Pieces of one name; longer names are prose.
const PIECES_MAX: usize = 48;

/// Characters before a wildcard that make a model number findable: `BME*`. Fewer fit half a catalogue.
pub(super) const PREFIX_MIN: usize = 3;

/// `MX400-MX850` and `MX400-550`, but not `S7-1500`: both ends are written with the letters, or are of one length.
pub(super) fn span(word: &str) -> Option<(String, u64, u64)> {
    let (low, high) = word.split_once(['-', '–'])?;
    let low = compact(low);
    let (letters, from) = lettered(&low)?;
    let high = compact(high);
    let to = match lettered(&high) {
        Some((same, to)) if same == letters => to,
        Some(_) => return None,
        None if high.len() + letters.len() == low.len() => high.parse().ok()?,
        None => return None,
    };
    (from < to).then(|| (letters.to_owned(), from, to))
}

/// `mx450` is `mx` and 450.
pub(super) fn lettered(word: &str) -> Option<(&str, u64)> {
    let at = word
        .find(|c: char| c.is_ascii_digit())
        .filter(|at| *at > 0)?;
    let (letters, digits) = word.split_at_checked(at)?;
    Some((letters, digits.parse().ok()?))
}

/// `BMEP*` as written; `DS-2CD2xx2FWD` and `HDW1XXX` with a question mark for each placeholder.
pub(super) fn placeholders(word: &str) -> Option<String> {
    let pattern = pattern(word);
    if pattern.contains('*') {
        return (pattern.len() > PREFIX_MIN).then_some(pattern);
    }
    let placed = pattern.contains("xx") && pattern.bytes().any(|b| b.is_ascii_digit());
    let head = pattern.find("xx").unwrap_or(0);
    (placed && head >= PREFIX_MIN).then(|| pattern.replace('x', "?"))
}

/// The text outside parentheses, and the text inside them.
pub(super) fn parted(text: &str) -> (String, String) {
    let (mut plain, mut details) = (String::new(), String::new());
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            c if depth > 0 => details.push(c),
            c => plain.push(c),
        }
        if matches!(c, '(' | ')') {
            plain.push(' ');
            details.push(' ');
        }
    }
    (plain, details)
}

/// Letters and digits only, in lower case.
pub(super) fn compact(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// As [`compact`], keeping `*` and `?`.
pub(super) fn pattern(text: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '*' | '?');
    text.chars()
        .filter(kept)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Runs of letters and runs of digits.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut last = None;
    for c in text.chars().flat_map(char::to_lowercase) {
        let kind = (c.is_alphabetic(), c.is_numeric());
        match (kind, pieces.last_mut()) {
            ((false, false), _) => {}
            (_, Some(piece)) if last == Some(kind) => piece.push(c),
            _ => pieces.push(c.to_string()),
        }
        last = Some(kind);
    }
    pieces.truncate(PIECES_MAX);
    pieces
}

/// Every run of up to `pieces_max` neighbouring pieces.
pub(super) fn runs(text: &str, pieces_max: usize) -> Runs {
    let pieces = pieces(text);
    let mut runs = Runs::default();
    for start in 0..pieces.len() {
        let mut run = String::new();
        for piece in pieces.iter().skip(start).take(pieces_max) {
            run.push_str(piece);
            runs.insert(run.clone());
        }
    }
    runs
}

/// A word that has a digit and is no single one: `m340`, `1515`, `mx450`.
pub(super) fn is_code(word: &str) -> bool {
    word.len() >= 2 && word.bytes().any(|b| b.is_ascii_digit())
}

/// A number to order by: eight signs or more, letters and digits mixed.
pub(super) fn is_order_code(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    word.len() >= 8 && digits >= 3 && letters >= 1
}

/// `V15.1`, and `V4.X` for all of 4.
pub(super) fn line(word: &str) -> Option<String> {
    let number = word.strip_prefix(['V', 'v'])?;
    let number = number
        .strip_suffix(".X")
        .or_else(|| number.strip_suffix(".x"))
        .unwrap_or(number);
    let numeric = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    // A bare `V8` may be an engine; a vendor's line is what the name ends in or has a point.
    (numeric && number.starts_with(|c: char| c.is_ascii_digit()))
        .then(|| number.trim_end_matches('.').to_owned())
}

/// Whether `text` fits a pattern with `*` for any run and `?` for one character (CSAF section 3.1.3.3.4: a star stands
/// for any number of characters, a question mark for one).
pub(super) fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || Some(c) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_runs_and_single_signs() {
        let table = [
            ("bmep*", "bmep582040", true),
            ("bmep*", "bmeh582040", false),
            ("6gk5?08", "6gk5208", true),
            ("6gk5?08", "6gk508", false),
            ("*ab*cd", "xxabyycd", true),
            ("*ab*cd", "xxabyycde", false),
            ("", "", true),
            ("**", "", true),
        ];
        for (pattern, text, fits) in table {
            assert_eq!(wildcard(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn models_from_one_to_another_are_a_span() {
        assert_eq!(span("MX400-MX850"), Some(("mx".into(), 400, 850)));
        assert_eq!(span("MX400-550"), Some(("mx".into(), 400, 550)));
        assert_eq!(span("MP2-MP90"), Some(("mp".into(), 2, 90)));
        for word in [
            "S7-1500", "1515-2", "X204-2", "EDR-810", "750-852", "CP-8000",
        ] {
            assert_eq!(span(word), None, "{word}");
        }
        assert_eq!(
            placeholders("DS-2CD2xx2FWD").as_deref(),
            Some("ds2cd2??2fwd")
        );
        assert_eq!(placeholders("BMEP*").as_deref(), Some("bmep*"));
        assert_eq!(placeholders("Maxx"), None);
    }

    #[test]
    fn a_word_meets_itself_however_it_is_written() {
        for text in ["CPU1515-2PN", "CPU 1515-2 PN", "cpu 1515 2 pn"] {
            assert!(runs(text, RUN_MAX).contains("15152"), "{text}");
        }
        assert!(runs("DS-2CD2143G0-I", PRODUCT_RUN_MAX).contains("ds2cd2143g0i"));
    }
}
