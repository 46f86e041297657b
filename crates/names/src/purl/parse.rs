//! A purl's text taken apart (ECMA-427 5.6): from the right, for only the right end is unambiguous.

use super::percent::{self, Flaw};
use super::{PURL_BYTES_MAX, Parts};
use crate::Problems;
use crate::problem::quoted;

/// A purl's parts, decoded, before its type's rules are applied.
#[derive(Debug, Default)]
pub struct Draft {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub version: String,
    /// Keys as written.
    pub qualifiers: Vec<(String, String)>,
    pub subpath: String,
    /// Rules of the standard that it breaks and yet can be understood.
    pub broken: Problems,
}

/// Takes `text` apart, or says why nobody can know which package it means.
pub fn draft(text: &str) -> Result<Draft, Problems> {
    bounded(text.len())?;
    let Some((scheme, rest)) = text.split_once(':') else {
        return Err(no_scheme(text));
    };
    if !scheme.eq_ignore_ascii_case("pkg") {
        return Err(no_scheme(text));
    }
    let (rest, subpath) = split_last(rest, '#');
    let (rest, qualifiers) = split_last(rest, '?');
    let Some((kind, path)) = rest.trim_start_matches('/').split_once('/') else {
        return Err(Problems::one(format!(
            "{} has a type or a name, not both; write `pkg:type/name`",
            quoted(text)
        )));
    };
    let mut draft = Draft {
        kind: kind.to_ascii_lowercase(),
        ..Draft::default()
    };
    let (path, version) = split_version(path);
    draft.version = draft.decoded(version, "version")?;
    draft.read_path(path, !version.is_empty())?;
    draft.read_qualifiers(qualifiers)?;
    draft.subpath = draft.segments(subpath.split('/'), "subpath")?;
    Ok(draft)
}

/// The same from parts that nobody has encoded.
pub fn draft_of(parts: Parts<'_>) -> Result<Draft, Problems> {
    let qualifiers = parts.qualifiers.iter();
    let bytes = parts.kind.len() + parts.namespace.len() + parts.name.len() + parts.version.len();
    let rest = qualifiers
        .map(|(key, value)| key.len() + value.len())
        .sum::<usize>();
    bounded(bytes + rest + parts.subpath.len())?;
    let mut draft = Draft {
        kind: parts.kind.to_ascii_lowercase(),
        namespace: joined(parts.namespace.split('/')),
        name: parts.name.trim_matches('/').to_owned(),
        version: parts.version.to_owned(),
        subpath: joined(parts.subpath.split('/').filter(|segment| !is_dots(segment))),
        ..Draft::default()
    };
    for (key, value) in parts.qualifiers {
        draft.add_qualifier(key, (*value).to_owned());
    }
    Ok(draft)
}

impl Draft {
    /// Namespace and name: the last segment is the name, except for git, whose first is the host.
    fn read_path(&mut self, path: &str, versioned: bool) -> Result<(), Problems> {
        // `pkg:swift/github.com/Alamofire/@5.4.3` names no repository, and not the one before it.
        if versioned && path.ends_with('/') {
            return Ok(());
        }
        let path = path.trim_matches('/');
        let (namespace, name) = match &*self.kind {
            "git" => path.split_once('/').unwrap_or(("", path)),
            _ => path.rsplit_once('/').unwrap_or(("", path)),
        };
        self.namespace = self.segments(namespace.split('/'), "namespace")?;
        self.name = match &*self.kind {
            "git" => self.segments(name.split('/'), "name")?,
            _ => self.decoded(name, "name")?,
        };
        Ok(())
    }

    fn read_qualifiers(&mut self, text: &str) -> Result<(), Problems> {
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let Some((key, value)) = pair.split_once('=') else {
                let pair = quoted(pair);
                self.broken
                    .add(format!("qualifier {pair} has no value; write `key=value`"));
                continue;
            };
            let value = self.decoded(value, "a qualifier")?;
            self.add_qualifier(key, value);
        }
        Ok(())
    }

    fn add_qualifier(&mut self, key: &str, value: String) {
        if value.is_empty() {
            return; // The same as none at all (5.6.6).
        }
        let shown = quoted(key);
        if !is_key(key) {
            self.broken.add(format!(
                "qualifier key {shown} must start with a letter and hold only letters, digits, `.`, `-` and `_`"
            ));
        } else if self
            .qualifiers
            .iter()
            .any(|(held, _)| held.eq_ignore_ascii_case(key))
        {
            self.broken.add(format!(
                "qualifier {shown} is given twice; give each key once"
            ));
        } else {
            self.qualifiers.push((key.to_owned(), value));
        }
    }

    /// Decoded segments, the empty ones and those of dots left out.
    fn segments<'a>(
        &mut self,
        segments: impl Iterator<Item = &'a str>,
        part: &str,
    ) -> Result<String, Problems> {
        let mut decoded = Vec::new();
        for segment in segments {
            let segment = self.decoded(segment, part)?;
            if segment.contains('/') {
                self.broken.add(format!(
                    "{part} holds an encoded slash; separate segments by `/`"
                ));
            }
            decoded.push(segment);
        }
        let kept = decoded.iter().flat_map(|segment| segment.split('/'));
        Ok(joined(
            kept.filter(|segment| part != "subpath" || !is_dots(segment)),
        ))
    }

    fn decoded(&mut self, text: &str, part: &str) -> Result<String, Problems> {
        let (decoded, flaw) = percent::decode(text);
        match flaw {
            None => {}
            Some(Flaw::Stray) => self
                .broken
                .add(format!("{part} has a bare `%`; write `%25`")),
            Some(Flaw::NotText) => {
                return Err(Problems::one(format!(
                    "{part} {} does not decode to UTF-8",
                    quoted(text)
                )));
            }
        }
        Ok(decoded.into_owned())
    }
}

/// Splits off the version. An `@` that opens a segment which others follow is an npm scope.
fn split_version(path: &str) -> (&str, &str) {
    match path.rsplit_once('@') {
        Some((before, after))
            if (before.is_empty() || before.ends_with('/')) && after.contains('/') =>
        {
            (path, "")
        }
        Some((before, after)) => (before, after),
        None => (path, ""),
    }
}

fn split_last(text: &str, at: char) -> (&str, &str) {
    text.rsplit_once(at).unwrap_or((text, ""))
}

fn joined<'a>(segments: impl Iterator<Item = &'a str>) -> String {
    let kept: Vec<&str> = segments.filter(|segment| !segment.is_empty()).collect();
    kept.join("/")
}

fn is_dots(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

fn is_key(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

fn bounded(bytes: usize) -> Result<(), Problems> {
    match bytes <= PURL_BYTES_MAX {
        true => Ok(()),
        false => Err(Problems::one(format!(
            "purl has {bytes} bytes, and at most {PURL_BYTES_MAX} are read"
        ))),
    }
}

fn no_scheme(text: &str) -> Problems {
    Problems::one(format!(
        "{} is no purl; it starts with `pkg:`, as in `pkg:cargo/serde@1.0.0`",
        quoted(text)
    ))
}
