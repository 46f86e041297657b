//! The words of a product's name: which of them tell one model from another?
//!
//! A word is compared without its signs (`S7-1500` is `s71500`), and a name holds every run of its neighbouring
//! pieces, so that `CPU1515-2PN`, `CPU 1515-2 PN` and `1515-2` meet. What stands in parentheses adds detail
//! (`(2x230 V AC)`) and decides nothing, unless it is an order number.

use advisory::Product;

use super::{Runs, vendor};

/// Pieces a run is made of. `6ES7 515-2AM02-0AB0` has eleven.
const RUN_MAX: usize = 12;

/// Pieces of one name; longer names are prose.
const PIECES_MAX: usize = 48;

/// Characters before a wildcard that make a model number findable: `BME*`. Fewer fit half a catalogue.
pub(super) const PREFIX_MIN: usize = 3;

/// Words that name a kind of thing, in which case a thousand products share them.
const GENERIC: &[&str] = &[
    "a",
    "ac",
    "access",
    "adapter",
    "addon",
    "advanced",
    "affected",
    "agent",
    "all",
    "alle",
    "analyzer",
    "and",
    "any",
    "app",
    "application",
    "are",
    "as",
    "assembly",
    "automation",
    "base",
    "basic",
    "battery",
    "bedside",
    "board",
    "building",
    "cabinet",
    "camera",
    "card",
    "care",
    "cell",
    "client",
    "comfort",
    "communication",
    "communications",
    "compact",
    "component",
    "computer",
    "configuration",
    "connect",
    "console",
    "control",
    "controller",
    "converter",
    "cpu",
    "dc",
    "desktop",
    "device",
    "diagnostic",
    "digital",
    "display",
    "dome",
    "drive",
    "driver",
    "edge",
    "edition",
    "electronic",
    "embedded",
    "energy",
    "engineering",
    "enterprise",
    "ethernet",
    "expansion",
    "family",
    "firewall",
    "firmware",
    "following",
    "for",
    "function",
    "gateway",
    "general",
    "generation",
    "ground",
    "hardware",
    "hmi",
    "home",
    "hospital",
    "incl",
    "including",
    "industrial",
    "information",
    "infusion",
    "input",
    "installed",
    "integrated",
    "intelligent",
    "interface",
    "internet",
    "inverter",
    "io",
    "ip",
    "kit",
    "laboratory",
    "large",
    "library",
    "line",
    "local",
    "lte",
    "machine",
    "main",
    "managed",
    "management",
    "manager",
    "master",
    "medical",
    "meter",
    "mobile",
    "model",
    "modem",
    "modular",
    "module",
    "monitor",
    "monitoring",
    "multi",
    "network",
    "networking",
    "number",
    "of",
    "on",
    "online",
    "only",
    "operating",
    "operator",
    "option",
    "or",
    "output",
    "panel",
    "part",
    "patient",
    "pc",
    "platform",
    "plc",
    "plus",
    "point",
    "portable",
    "power",
    "premium",
    "pro",
    "process",
    "processor",
    "product",
    "professional",
    "program",
    "programmable",
    "programming",
    "project",
    "protection",
    "protocol",
    "pump",
    "pumpe",
    "rack",
    "radio",
    "recorder",
    "relay",
    "remote",
    "router",
    "rugged",
    "runtime",
    "safety",
    "scanner",
    "secure",
    "security",
    "sensor",
    "serial",
    "series",
    "server",
    "service",
    "small",
    "smart",
    "software",
    "standalone",
    "standard",
    "station",
    "storage",
    "studio",
    "suite",
    "supply",
    "support",
    "switch",
    "syringe",
    "system",
    "technology",
    "telemetry",
    "terminal",
    "the",
    "time",
    "to",
    "tool",
    "toolkit",
    "touch",
    "transmitter",
    "type",
    "unit",
    "universal",
    "unmanaged",
    "used",
    "user",
    "utility",
    "variant",
    "ventilator",
    "version",
    "video",
    "viewer",
    "virtual",
    "vital",
    "volume",
    "web",
    "win",
    "windows",
    "wireless",
    "with",
    "workstation",
    "xp",
];

/// A name taken apart.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Words that tell models apart.
    pub telling: Vec<String>,
    /// Those of them that speak against a product without them.
    pub deciding: Vec<String>,
    /// Runs of neighbouring pieces.
    pub runs: Runs,
    /// Order numbers, with `*` and `?`.
    pub models: Vec<String>,
    /// Model numbers from one to another: `mx`, 400, 850 of `MX400-MX850`.
    pub spans: Vec<(String, u64, u64)>,
    /// Words for what part or kind it is (`gateway`, `studio`), which decide where only a brand is shared.
    pub kinds: Vec<String>,
    /// Plain words for the sort of thing (`controller`, `pump`), which half of all names carry.
    pub nouns: Vec<String>,
    /// The release line in the name: `15.1` of `TIA Portal V15.1`.
    pub line: Option<String>,
    /// Numbers to order by: whole words, and the whole column they stand in.
    pub codes: Vec<String>,
    /// Words too short to tell anything alone: `vp`, `se`.
    pub short: Vec<String>,
}

impl Names {
    /// A product's, from its name, its family and its identification helper.
    pub fn of_product(product: &Product, vendors: &[String]) -> Names {
        let mut names = Names::default();
        let name = vendor::without(&product.name, vendors);
        let (plain, details) = parted(&name);
        // What it is made for is another product.
        let plain = plain.split(" for ").next().unwrap_or_default();
        names.read(plain, true);
        names.read(&product.family, names.telling.is_empty());
        for word in details.split([' ', ',', ';']) {
            let code = pattern(word);
            if let Some(placed) = placeholders(word) {
                names.models.push(placed);
            } else if is_order_code(&code) {
                names.models.push(code);
            } else {
                names.spans.extend(span(word));
            }
        }
        names.runs.extend(runs(&details));
        names.details(&details);
        names
            .models
            .extend(product.models.iter().map(|model| pattern(model)));
        names
            .models
            .retain(|model| !model.trim_matches(['*', '?']).is_empty());
        for cpe in &product.cpes {
            if let (true, Some(name)) = (names.telling.is_empty(), cpe.product()) {
                names.read(&name.replace('_', " "), true);
            }
        }
        names.fall_back();
        names
    }

    /// `(TIA Portal)` names what it is of; `(incl. SIPLUS variants)` and `(2x230 V AC)` do not.
    fn details(&mut self, details: &str) {
        let words: Vec<&str> = details.split_whitespace().collect();
        let named = |word: &&str| {
            word.len() > 2
                && word.starts_with(char::is_uppercase)
                && word.chars().all(char::is_alphabetic)
        };
        if words.len() <= 3 && !words.is_empty() && words.iter().all(named) {
            for word in words
                .into_iter()
                .map(compact)
                .filter(|word| !is_filler(word))
            {
                if !self.telling.contains(&word) {
                    self.kinds.push(word);
                }
            }
        }
    }

    /// A device's. What stands in the column for models decides; a hall's nickname for it does not.
    pub fn of_device(product: &str, model: &str, vendors: &[String]) -> Names {
        let mut names = Names::default();
        names.read(&vendor::without(model, vendors), true);
        names.fall_back();
        names.deciding = names.telling.clone();
        let named = names.telling.len();
        let (kinds, short) = (names.kinds.len(), names.short.len());
        names.read(&vendor::without(product, vendors), true);
        names.fall_back();
        if named == 0 {
            names.deciding = names.telling.clone();
        } else {
            names.kinds.truncate(kinds);
            names.short.truncate(short);
        }
        for column in [model, product] {
            names
                .codes
                .extend(Some(compact(column)).filter(|code| is_code(code)));
        }
        let coded = names.telling.iter().filter(|word| is_code(word));
        names.codes.extend(coded.cloned());
        for (prefix, family) in FAMILIES {
            if names
                .runs
                .iter()
                .any(|run| run.starts_with(prefix) && is_order_code(run))
            {
                names.runs.extend(runs(family));
            }
        }
        names
    }

    /// Any text's.
    pub fn of_text(text: &str, vendors: &[String]) -> Names {
        let mut names = Names::default();
        names.read(&vendor::without(text, vendors), true);
        names
    }

    fn read(&mut self, text: &str, telling: bool) {
        self.runs.extend(runs(text));
        for word in text.split(|c: char| c.is_whitespace() || ",;/()[]\"".contains(c)) {
            if let Some(line) = line(word) {
                self.line.get_or_insert(line);
            } else if let Some(span) = span(word) {
                self.spans.push(span);
            } else if let Some(pattern) = placeholders(word) {
                self.models.push(pattern);
            } else {
                self.word(compact(word), telling);
            }
        }
    }

    fn word(&mut self, word: String, telling: bool) {
        let place = match (is_generic(&word), word.len() > 2 || is_code(&word)) {
            (true, _) if is_filler(&word) => {
                let function = |word: &str| FUNCTION.binary_search(&word).is_ok();
                if function(&word) || word.strip_suffix('s').is_some_and(function) {
                    return;
                }
                &mut self.nouns
            }
            (true, _) => &mut self.kinds,
            (false, true) if telling => &mut self.telling,
            (false, _) => &mut self.short,
        };
        if !word.is_empty() && !place.contains(&word) {
            place.push(word);
        }
    }

    /// Names of nothing but short words (`T8`, `C5`) go by them.
    fn fall_back(&mut self) {
        if self.telling.is_empty() {
            self.telling = std::mem::take(&mut self.short);
        }
    }

    /// Whether the word stands here, whole, as a run or within a span of models.
    pub fn holds(&self, word: &str) -> bool {
        self.runs.contains(word) || self.spanned(word)
    }

    fn spanned(&self, word: &str) -> bool {
        let Some((letters, number)) = lettered(word) else {
            return false;
        };
        let mut spans = self.spans.iter();
        spans.any(|(prefix, low, high)| prefix == letters && (*low..=*high).contains(&number))
    }

    /// Whether one of the words lies within each span of `self`, of which there is one at least.
    pub fn spans_meet(&self, words: &[String]) -> bool {
        !self.spans.is_empty() && words.iter().any(|word| self.spanned(word))
    }

    /// What a product is found by: its telling words, and the pieces of them that are models themselves.
    pub fn found_by(&self) -> Vec<String> {
        let mut found = self.telling.clone();
        for word in &self.telling {
            let pieces = pieces(word);
            found.extend(
                pieces
                    .into_iter()
                    .filter(|piece| piece.len() > 2 && !is_generic(piece)),
            );
        }
        found
    }
}

/// `MX400-MX850` and `MX400-550`, but not `S7-1500`: both ends are written with the letters, or are of one length.
fn span(word: &str) -> Option<(String, u64, u64)> {
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
fn placeholders(word: &str) -> Option<String> {
    let pattern = pattern(word);
    if pattern.contains('*') {
        return (pattern.len() > PREFIX_MIN).then_some(pattern);
    }
    let placed = pattern.contains("xx") && pattern.bytes().any(|b| b.is_ascii_digit());
    let head = pattern.find("xx").unwrap_or(0);
    (placed && head >= PREFIX_MIN).then(|| pattern.replace('x', "?"))
}

/// Words that say nothing of the thing.
const FUNCTION: &[&str] = &[
    "a",
    "affected",
    "all",
    "and",
    "any",
    "are",
    "as",
    "device",
    "family",
    "firmware",
    "following",
    "for",
    "incl",
    "including",
    "installed",
    "line",
    "model",
    "of",
    "on",
    "only",
    "or",
    "product",
    "series",
    "system",
    "the",
    "to",
    "type",
    "unit",
    "used",
    "variant",
    "version",
    "with",
];

/// Words that every thing of its kind could carry.
fn is_filler(word: &str) -> bool {
    const FILLERS: &[&str] = &[
        "a",
        "affected",
        "all",
        "and",
        "any",
        "are",
        "as",
        "automation",
        "base",
        "bedside",
        "camera",
        "care",
        "controller",
        "cpu",
        "device",
        "drive",
        "ethernet",
        "family",
        "firmware",
        "following",
        "for",
        "hardware",
        "hospital",
        "incl",
        "including",
        "industrial",
        "infusion",
        "installed",
        "ip",
        "laboratory",
        "large",
        "line",
        "medical",
        "meter",
        "model",
        "module",
        "monitor",
        "of",
        "on",
        "only",
        "or",
        "panel",
        "patient",
        "plc",
        "point",
        "product",
        "programmable",
        "pump",
        "relay",
        "series",
        "small",
        "standard",
        "switch",
        "syringe",
        "system",
        "the",
        "to",
        "type",
        "unit",
        "used",
        "variant",
        "ventilator",
        "version",
        "volume",
        "wireless",
        "with",
    ];
    let known = |word: &str| FILLERS.binary_search(&word).is_ok();
    known(word)
        || word.strip_suffix('s').is_some_and(known)
        || word.strip_suffix("es").is_some_and(known)
}

/// Order numbers that say what family they are of, as their makers' catalogues have them.
const FAMILIES: &[(&str, &str)] = &[
    ("6es721", "SIMATIC S7-1200"),
    ("6es731", "SIMATIC S7-300"),
    ("6es741", "SIMATIC S7-400"),
    ("6es751", "SIMATIC S7-1500"),
    ("6gk5", "SCALANCE"),
    ("6ed1", "LOGO!"),
    ("6av", "SIMATIC HMI"),
    ("1756l6", "ControlLogix 5560"),
    ("1756l7", "ControlLogix 5570"),
    ("1756l8", "ControlLogix 5580"),
    ("1769l3", "CompactLogix 5370"),
    ("1766l32", "MicroLogix 1400"),
    ("1763l", "MicroLogix 1100"),
    ("bmxp34", "Modicon M340"),
    ("bmep58", "Modicon M580"),
    ("bmeh58", "Modicon M580"),
    ("140cpu", "Modicon Quantum"),
];

/// The text outside parentheses, and the text inside them.
fn parted(text: &str) -> (String, String) {
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
fn pieces(text: &str) -> Vec<String> {
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

/// Every run of neighbouring pieces.
fn runs(text: &str) -> Runs {
    let pieces = pieces(text);
    let mut runs = Runs::default();
    for start in 0..pieces.len() {
        let mut run = String::new();
        for piece in pieces.iter().skip(start).take(RUN_MAX) {
            run.push_str(piece);
            runs.insert(run.clone());
        }
    }
    runs
}

fn is_generic(word: &str) -> bool {
    let known = |word: &str| GENERIC.binary_search(&word).is_ok();
    known(word)
        || word.strip_suffix('s').is_some_and(known)
        || word.strip_suffix("es").is_some_and(known)
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
fn line(word: &str) -> Option<String> {
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
    fn the_generic_words_are_sorted() {
        assert!(GENERIC.is_sorted());
        assert!(FUNCTION.is_sorted());
    }

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
    fn the_fillers_are_generic() {
        for word in ["all", "family", "with"] {
            assert!(is_filler(word) && is_generic(word), "{word}");
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
            assert!(runs(text).contains("15152"), "{text}");
        }
        assert!(runs("DS-2CD2143G0-I").contains("ds2cd2143g0i"));
    }
}
