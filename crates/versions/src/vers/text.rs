//! A VERS string taken apart (clause 5.3) and its validation rules (clause 5.4).

use std::collections::BTreeSet;
use std::fmt;

use names::Problems;
use names::problem::quoted;

use super::{CONSTRAINTS_MAX, Comparator, Constraint, Constraints, VERS_BYTES_MAX, Vers};
use crate::{Key, key};

/// Reads `text`; beside it the rules it breaks that leave its meaning clear.
pub fn read(text: &str) -> Result<(Vers, Problems), Problems> {
    if text.len() > VERS_BYTES_MAX {
        let bytes = text.len();
        return Err(Problems::one(format!(
            "VERS has {bytes} bytes, and at most {VERS_BYTES_MAX} are read"
        )));
    }
    let Some((scheme, rest)) = text.split_once(':') else {
        return Err(Problems::one(format!(
            "{} is no VERS; it starts with `vers:`, as in `vers:npm/<1.2.3`",
            quoted(text)
        )));
    };
    let Some((kind, constraints)) = rest.split_once('/') else {
        return Err(Problems::one(format!(
            "{} has no constraints; write `vers:type/constraints`",
            quoted(text)
        )));
    };
    let mut broken = Problems::none();
    if scheme != "vers" {
        let scheme = quoted(scheme);
        broken.add(format!("scheme {scheme} must be `vers`"));
    }
    if !scheme.eq_ignore_ascii_case("vers") || !is_type(kind) {
        let kind = quoted(kind);
        broken.add(format!(
            "type {kind} must start with a letter and hold only letters, digits, `.` and `-`"
        ));
        return Err(broken);
    }
    if kind.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let kind = quoted(kind);
        broken.add(format!("type {kind} must be lower case"));
    }
    let kind = kind.to_ascii_lowercase();
    if kind == "invalid" {
        return Err(Problems::one(
            "type `invalid` is reserved for ranges that are invalid",
        ));
    }
    if !constraints.is_ascii() {
        broken.add("VERS holds characters beyond ASCII; percent-encode them");
    }
    if constraints.contains(|c: char| c.is_ascii_whitespace()) {
        broken.add("VERS holds white space; write `%20` for a space within a version");
    }
    let constraints = read_constraints(&kind, constraints, &mut broken)?;
    if matches!(&*kind, "all" | "none") && constraints != Constraints::Any {
        broken.add(format!("type `{kind}` has the one form `vers:{kind}/*`"));
        return Err(broken);
    }
    Ok((
        Vers {
            kind: kind.into(),
            constraints,
        },
        broken,
    ))
}

fn read_constraints(
    kind: &str,
    text: &str,
    broken: &mut Problems,
) -> Result<Constraints, Problems> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    if text == "*" {
        return Ok(Constraints::Any);
    }
    let mut fatal = Problems::none();
    match &*text {
        "" => fatal.add("VERS has no constraints; write at least one, such as `<1.2.3` or `*`"),
        text if text.starts_with('|') => {
            fatal.add("constraints start with a pipe; a pipe stands between two")
        }
        text if text.ends_with('|') => {
            fatal.add("constraints end with a pipe; a pipe stands between two")
        }
        text if text.contains("||") => {
            fatal.add("constraints hold two pipes in a row; one separates them")
        }
        _ => {}
    }
    let mut points = Vec::new();
    for constraint in text.split('|').filter(|constraint| !constraint.is_empty()) {
        if points.len() == CONSTRAINTS_MAX {
            fatal.add(format!(
                "VERS has more than {CONSTRAINTS_MAX} constraints, and no more are read"
            ));
            break;
        }
        match read_constraint(kind, constraint, broken) {
            Ok(point) => points.push(point),
            Err(problem) => fatal.add(problem),
        }
    }
    fatal.or(Constraints::Points(points))
}

fn read_constraint(kind: &str, text: &str, broken: &mut Problems) -> Result<Constraint, String> {
    const COMPARATORS: [Comparator; 5] = [
        Comparator::GreaterOrEqual,
        Comparator::LessOrEqual,
        Comparator::NotEqual,
        Comparator::Less,
        Comparator::Greater,
    ];
    let shown = quoted(text);
    let found = COMPARATORS
        .into_iter()
        .find_map(|comparator| Some((comparator, text.strip_prefix(comparator.as_str())?)));
    let (comparator, version) = match (found, text.strip_prefix('=')) {
        (Some(found), _) => found,
        (None, Some(version)) => {
            broken.add(format!(
                "constraint {shown} starts with `=`; write the bare version"
            ));
            (Comparator::Equal, version)
        }
        (None, None) => (Comparator::Equal, text),
    };
    if version.is_empty() {
        return Err(format!("constraint {shown} has no version"));
    }
    if version.contains(['<', '>', '=', '!', '*']) {
        return Err(format!(
            "constraint {shown} must have one comparator, and others in its version percent-encoded"
        ));
    }
    if kind == "datetime" && version.to_ascii_lowercase().contains("%3a") {
        return Err(format!(
            "colons of the time in {shown} must not be percent-encoded"
        ));
    }
    if kind == "datetime" && version.contains(['t', 'z']) {
        broken.add(format!(
            "date and time {shown} must have an upper-case `T` and `Z`"
        ));
    }
    match decoded(version) {
        Some(version) => Ok(Constraint::new(comparator, version)),
        None => Err(format!(
            "constraint {shown} must have two hexadecimal digits after each `%`, and printable text"
        )),
    }
}

/// Decodes once; `None` where an escape is none, or hides what a version must not hold.
fn decoded(version: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(version.len());
    let mut rest = version;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let (digits, after) = after.split_at_checked(2)?;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit())
            .then_some(())?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    let version = String::from_utf8(bytes).ok()?;
    (!version.contains(char::is_control)).then_some(version)
}

/// Writes a version with what separates constraints percent-encoded.
pub fn write_version(out: &mut fmt::Formatter<'_>, version: &str) -> fmt::Result {
    for byte in version.bytes() {
        match byte {
            b'>' | b'<' | b'=' | b'!' | b'*' | b'|' | b'%' => write!(out, "%{byte:02X}")?,
            byte if byte.is_ascii_graphic() => fmt::Write::write_char(out, char::from(byte))?,
            byte => write!(out, "%{byte:02X}")?,
        }
    }
    Ok(())
}

fn is_type(kind: &str) -> bool {
    kind.starts_with(|c: char| c.is_ascii_alphabetic())
        && kind
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

/// What clause 5.4 forbids: versions out of order or twice, intervals that open or close twice.
pub fn disorder(vers: &Vers) -> Problems {
    let mut problems = Problems::none();
    let points = vers.points();
    let scheme = vers.scheme();
    let keys: Vec<Option<Key>> = points
        .iter()
        .map(|point| scheme.and_then(|scheme| key(scheme, &point.version)))
        .collect();
    let (mut texts, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for (point, key) in points.iter().zip(&keys) {
        let twice = !texts.insert(&point.version);
        if key.as_ref().is_some_and(|key| !seen.insert(key)) || twice {
            problems.add(format!(
                "version {} occurs twice; give each once",
                quoted(&point.version)
            ));
        }
    }
    for (pair, keys) in points.windows(2).zip(keys.windows(2)) {
        if let ([one, other], [Some(first), Some(second)]) = (pair, keys)
            && first > second
        {
            let (one, other) = (quoted(&one.version), quoted(&other.version));
            problems.add(format!(
                "version {other} stands after {one} and sorts before it"
            ));
        }
    }
    let rest: Vec<&Constraint> = points
        .iter()
        .filter(|point| point.comparator != Comparator::NotEqual)
        .collect();
    for pair in rest.windows(2) {
        if let [one, other] = pair
            && is_redundant(one.comparator, other.comparator)
        {
            let (one, other) = (shown(one), shown(other));
            problems.add(format!(
                "constraint {other} after {one} says nothing; `>` opens an interval that `<` closes"
            ));
        }
    }
    problems
}

fn is_redundant(one: Comparator, other: Comparator) -> bool {
    match one {
        _ if one.opens() => !other.closes(),
        _ => other.closes(),
    }
}

fn shown(point: &Constraint) -> String {
    quoted(&format!("{}{}", point.comparator.as_str(), point.version))
}
