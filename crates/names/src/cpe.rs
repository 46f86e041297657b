//! CPE 2.3 names (NISTIR 7695: formatted strings `cpe:2.3:…` and URIs `cpe:/…`) and their matching (NISTIR 7696).
//!
//! What is odd: eleven attributes, each `*` (any), `-` (not applicable) or a string, in which `*` and `?` at the
//! ends are wildcards unless a backslash stands before them. A `?` there stands for one character *or none*.
//! A URI carries the last four attributes packed into the sixth, between tildes.

mod compare;
mod uri;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

pub use compare::Relation;

use crate::Problems;
use crate::problem::quoted;

/// A CPE name has at most this many bytes: eleven attributes of 128 characters each, which is more than any of
/// the official dictionary, every one of them escaped (2,816), and as much again for headroom.
pub const CPE_BYTES_MAX: usize = 6 * 1024;

/// A CPE name, read from a formatted string (`cpe:2.3:…`) or a URI (`cpe:/…`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpe {
    /// The formatted string it was read from, in canonical spelling.
    pub text: Box<str>,
}

/// The eleven attributes, in the order of the formatted string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// `a` application, `o` operating system, `h` hardware.
    Part,
    /// Who makes it.
    Vendor,
    /// What it is called.
    Product,
    /// As the vendor writes it.
    Version,
    /// Service pack, patch level.
    Update,
    /// Edition as CPE 2.2 knew it.
    Edition,
    /// RFC 5646 language tag.
    Language,
    /// Edition of the software: `professional`.
    SwEdition,
    /// The software it runs on: `wordpress`, `android`.
    TargetSw,
    /// The hardware it runs on: `x64`.
    TargetHw,
    /// Anything else.
    Other,
}

/// What an attribute says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// `*`: any value.
    Any,
    /// `-`: there is no such thing.
    NotApplicable,
    /// A string as the formatted string writes it, escapes included.
    Text(&'a str),
}

impl Attribute {
    /// All of them, in order.
    pub const ALL: [Attribute; 11] = [
        Attribute::Part,
        Attribute::Vendor,
        Attribute::Product,
        Attribute::Version,
        Attribute::Update,
        Attribute::Edition,
        Attribute::Language,
        Attribute::SwEdition,
        Attribute::TargetSw,
        Attribute::TargetHw,
        Attribute::Other,
    ];

    /// The name NISTIR 7695 gives it.
    pub fn as_str(self) -> &'static str {
        match self {
            Attribute::Part => "part",
            Attribute::Vendor => "vendor",
            Attribute::Product => "product",
            Attribute::Version => "version",
            Attribute::Update => "update",
            Attribute::Edition => "edition",
            Attribute::Language => "language",
            Attribute::SwEdition => "sw_edition",
            Attribute::TargetSw => "target_sw",
            Attribute::TargetHw => "target_hw",
            Attribute::Other => "other",
        }
    }
}

impl Cpe {
    /// Reads a formatted string or a URI; all that is wrong at once.
    pub fn parse(text: &str) -> Result<Cpe, Problems> {
        if text.len() > CPE_BYTES_MAX {
            let bytes = text.len();
            return Err(Problems::one(format!(
                "CPE name has {bytes} bytes, and at most {CPE_BYTES_MAX} are read"
            )));
        }
        if let Some(attributes) = text.strip_prefix("cpe:2.3:") {
            return Cpe::of_values(split(attributes).map(str::to_ascii_lowercase).collect());
        }
        match text.split_at_checked("cpe:/".len()) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("cpe:/") => {
                Cpe::of_values(uri::unbind(&rest.to_ascii_lowercase())?)
            }
            _ => Err(Problems::one(format!(
                "{} is no CPE name; it starts with `cpe:2.3:` or `cpe:/`",
                quoted(text)
            ))),
        }
    }

    /// As [`Cpe::parse`], and mends what people and generators leave out of a formatted string: the last attributes,
    /// which then are any, backslashes before punctuation (`1.0+incompatible`), and underscores for spaces.
    ///
    /// A colon without its backslash is not mended: nobody can say which attribute it ends.
    pub fn read(text: &str) -> Result<Cpe, Problems> {
        let text = text.trim();
        match text.strip_prefix("cpe:2.3:") {
            Some(attributes) if text.len() <= CPE_BYTES_MAX => {
                let missing = Attribute::ALL
                    .len()
                    .saturating_sub(split(attributes).count());
                let values = split(attributes)
                    .map(mended)
                    .chain(vec!["*".to_owned(); missing]);
                Cpe::of_values(values.collect())
            }
            _ => Cpe::parse(text),
        }
    }

    /// Checks eleven values, each as a formatted string writes it.
    fn of_values(values: Vec<String>) -> Result<Cpe, Problems> {
        let mut problems = Problems::none();
        if values.len() != Attribute::ALL.len() {
            let count = values.len();
            problems.add(format!(
                "CPE name has {count} attributes, and there must be 11"
            ));
        }
        for (attribute, value) in Attribute::ALL.into_iter().zip(&values) {
            if let Some(problem) = problem_in(attribute, value) {
                problems.add(problem);
            }
        }
        let text = format!("cpe:2.3:{}", values.join(":")).into();
        problems.or(Cpe { text })
    }

    /// What an attribute says.
    pub fn value(&self, attribute: Attribute) -> Value<'_> {
        self.values().nth(attribute as usize).unwrap_or(Value::Any)
    }

    /// What all attributes say, in their order.
    pub fn values(&self) -> impl Iterator<Item = Value<'_>> {
        let attributes = self.text.strip_prefix("cpe:2.3:").unwrap_or_default();
        split(attributes).map(|text| match text {
            "*" | "" => Value::Any,
            "-" => Value::NotApplicable,
            text => Value::Text(text),
        })
    }

    /// An attribute's string without its escapes; `None` where it is any or not applicable.
    pub fn plain(&self, attribute: Attribute) -> Option<Cow<'_, str>> {
        match self.value(attribute) {
            Value::Text(text) => Some(unescaped(text)),
            Value::Any | Value::NotApplicable => None,
        }
    }

    /// `a`, `o` or `h`; `None` where it is any or not applicable.
    pub fn part(&self) -> Option<char> {
        self.plain(Attribute::Part)?.chars().next()
    }

    /// The vendor, unescaped.
    pub fn vendor(&self) -> Option<Cow<'_, str>> {
        self.plain(Attribute::Vendor)
    }

    /// The product, unescaped.
    pub fn product(&self) -> Option<Cow<'_, str>> {
        self.plain(Attribute::Product)
    }

    /// The version, unescaped.
    pub fn version(&self) -> Option<Cow<'_, str>> {
        self.plain(Attribute::Version)
    }

    /// The name bound to a URI, as CPE 2.2 wrote it.
    pub fn uri(&self) -> String {
        uri::bind(self)
    }
}

impl FromStr for Cpe {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Cpe, Problems> {
        Cpe::parse(text)
    }
}

impl fmt::Display for Cpe {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl serde::Serialize for Cpe {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// Splits at the colons that no backslash escapes.
fn split(attributes: &str) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    attributes.split(move |c: char| {
        let separates = c == ':' && !escaped;
        escaped = c == '\\' && !escaped;
        separates
    })
}

fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        plain.push(if c == '\\' {
            characters.next().unwrap_or(c)
        } else {
            c
        });
    }
    Cow::Owned(plain)
}

/// `value` in lower case, with the backslashes it should have.
fn mended(value: &str) -> String {
    let mut mended = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                // Alone, an escaped dash is a dash and not `-`.
                Some(plain) if value.len() > 2 && is_plain(plain) => mended.push(plain),
                escaped => mended.extend([c].into_iter().chain(escaped)),
            },
            ' ' => mended.push('_'),
            '-' | '.' | '_' | '*' | '?' => mended.push(c),
            c if c.is_ascii_punctuation() => mended.extend(['\\', c]),
            c => mended.push(c.to_ascii_lowercase()),
        }
    }
    mended.make_ascii_lowercase();
    mended
}

/// What is wrong with one value (NISTIR 7695 5.3.2 and 6.2), if anything.
fn problem_in(attribute: Attribute, value: &str) -> Option<String> {
    let name = attribute.as_str();
    let shown = quoted(value);
    if matches!(value, "*" | "-") {
        return None;
    }
    match attribute {
        Attribute::Part => (!matches!(value, "a" | "o" | "h"))
            .then(|| format!("CPE part {shown} must be `a`, `o`, `h`, `*` or `-`")),
        Attribute::Language => (!is_language(value))
            .then(|| format!("CPE language {shown} must be a tag such as `en` or `en-us`")),
        _ if value.is_empty() => Some(format!("CPE {name} is empty; write `*` for any")),
        _ => (!is_string(value)).then(|| {
            format!("CPE {name} {shown} must have letters and digits, other characters after `\\`, and wildcards only at its ends")
        }),
    }
}

/// Two or three letters, and perhaps a region of two letters or three digits.
fn is_language(value: &str) -> bool {
    let (language, region) = match value.split_once('-') {
        Some((language, region)) => (language, Some(region)),
        None => (value, None),
    };
    let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_region = |region: &str| match region.len() {
        2 => letters(region),
        3 => region.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    matches!(language.len(), 2 | 3) && letters(language) && region.is_none_or(is_region)
}

/// Wildcards (`*`, or any number of `?`), a core of at least one character, wildcards.
fn is_string(value: &str) -> bool {
    let (_, core, _) = wildcards(value);
    !core.is_empty() && is_core(core)
}

fn is_core(core: &str) -> bool {
    let mut characters = core.chars();
    while let Some(c) = characters.next() {
        let fine = match c {
            '\\' => characters
                .next()
                .is_some_and(|c| c.is_ascii_punctuation() && !matches!(c, '-' | '.' | '_')),
            c => is_plain(c),
        };
        if !fine {
            return false;
        }
    }
    true
}

/// Whether `c` stands without a backslash.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')
}

/// Cuts the wildcards off both ends: how many characters each may stand for, and what is between.
fn wildcards(value: &str) -> (usize, &str, usize) {
    let (before, rest) = match value.strip_prefix('*') {
        Some(rest) => (usize::MAX, rest),
        None => {
            let rest = value.trim_start_matches('?');
            (value.len() - rest.len(), rest)
        }
    };
    let (after, core) = match rest.strip_suffix('*') {
        Some(core) if !ends_escaped(core) => (usize::MAX, core),
        _ => {
            let mut core = rest;
            while let Some(shorter) = core
                .strip_suffix('?')
                .filter(|shorter| !ends_escaped(shorter))
            {
                core = shorter;
            }
            (rest.len() - core.len(), core)
        }
    };
    (before, core, after)
}

/// Whether `text` ends in a backslash that escapes what follows.
fn ends_escaped(text: &str) -> bool {
    (text.len() - text.trim_end_matches('\\').len()) % 2 == 1
}
