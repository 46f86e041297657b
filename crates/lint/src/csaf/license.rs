//! License: are the identifiers of the license expression listed, and still in use? (6.2.44, 6.2.45, 6.3.17)
//!
//! Ours, because the library stops at the first thing in an expression that is no token, and because SPDX matches
//! identifiers without regard to case.

use csaf_rs::helpers::SCANCODE_LICENSEDB;
use spdx::{
    flags::IS_DEPRECATED,
    identifiers::{EXCEPTIONS, LICENSES},
};

use serde_json::Value;

use super::{
    Text,
    view::{Say, View},
};
use crate::place::clip;

const POINTER: &str = "/document/license_expression";

/// Writes the expression of a copy as the library reads it: identifiers as their list has them, for SPDX matches them
/// without regard to case (SPDX 3.0.1, annex B.2), and in CSD03, which stands on that annex, operators in upper case and
/// one space between words.
pub fn spell(root: &mut Value, text: Text) {
    let Some(Value::String(expression)) = root.pointer_mut(POINTER) else {
        return;
    };
    let words = expression.split(' ').map(|word| match (text, word) {
        (Text::Csd03, "and") => "AND".to_owned(),
        (Text::Csd03, "or") => "OR".to_owned(),
        (Text::Csd03, "with") => "WITH".to_owned(),
        _ => listed(word),
    });
    let words: Vec<String> = words.collect();
    // What stands before the first word or behind the last is no space between words.
    let inner = words.iter().enumerate().filter(|(at, word)| {
        text != Text::Csd03 || !word.is_empty() || *at == 0 || *at + 1 == words.len()
    });
    *expression = inner
        .map(|(_, word)| word.as_str())
        .collect::<Vec<_>>()
        .join(" ");
}

/// `word` with its identifier as it is listed, in the same brackets.
fn listed(word: &str) -> String {
    let name = word.trim_matches(['(', ')', '+']);
    let licenses = LICENSES.iter().map(|license| license.name);
    let exceptions = EXCEPTIONS.iter().map(|exception| exception.name);
    let known = licenses
        .chain(exceptions)
        .find(|known| known.eq_ignore_ascii_case(name));
    match known {
        Some(known) if !name.is_empty() => word.replacen(name, known, 1),
        _ => word.to_owned(),
    }
}

/// 6.2.44 Deprecated License Identifier: no identifier is deprecated.
pub fn test_6_2_44(view: &View<'_>, say: &mut Say<'_>) {
    for word in words(view) {
        if let Known::Listed { deprecated: true } = look_up(word) {
            say.at(
                POINTER,
                format!(
                    "license identifier or exception `{}` is deprecated",
                    clip(word)
                ),
            );
        }
    }
}

/// 6.2.45 Non-Existing License Identifier: each identifier of SPDX or of ScanCode's list exists there.
pub fn test_6_2_45(view: &View<'_>, say: &mut Say<'_>) {
    for word in words(view) {
        if look_up(word) == Known::Missing {
            say.at(
                POINTER,
                format!(
                    "license identifier or exception `{}` does not exist",
                    clip(word)
                ),
            );
        }
    }
}

/// 6.3.17 Use of Unregistered License: each identifier is in the list of SPDX or of ScanCode.
pub fn test_6_3_17(view: &View<'_>, say: &mut Say<'_>) {
    for word in words(view) {
        if matches!(look_up(word), Known::Missing | Known::Elsewhere) {
            let lists = "the SPDX license list nor ScanCode LicenseDB";
            say.at(
                POINTER,
                format!(
                    "license identifier or exception `{}` is in neither {lists}",
                    clip(word)
                ),
            );
        }
    }
}

/// What the lists say of an identifier.
#[derive(Debug, PartialEq)]
enum Known {
    Listed {
        deprecated: bool,
    },
    /// Of a list that says it is complete, and not there.
    Missing,
    /// Somebody's own.
    Elsewhere,
}

fn look_up(word: &str) -> Known {
    if word.starts_with("DocumentRef-") {
        return Known::Elsewhere;
    }
    for (prefix, exception) in [("LicenseRef-", false), ("AdditionRef-", true)] {
        let Some(name) = word
            .get(..prefix.len())
            .filter(|start| start.eq_ignore_ascii_case(prefix))
        else {
            continue;
        };
        let name = word[name.len()..].to_ascii_lowercase();
        return match SCANCODE_LICENSEDB.get(&name) {
            Some(found) if found.is_exception == exception => Known::Listed {
                deprecated: found.is_deprecated,
            },
            Some(_) => Known::Missing,
            None if name.starts_with("scancode-") => Known::Missing,
            None => Known::Elsewhere,
        };
    }
    let plain = word.strip_suffix('+').unwrap_or(word);
    let license = || {
        LICENSES
            .iter()
            .find(|license| license.name.eq_ignore_ascii_case(plain))
            .map(|license| license.flags)
    };
    let exact = || {
        LICENSES
            .iter()
            .find(|license| license.name.eq_ignore_ascii_case(word))
            .map(|license| license.flags)
    };
    let exception = || {
        EXCEPTIONS
            .iter()
            .find(|exception| exception.name.eq_ignore_ascii_case(plain))
            .map(|exception| exception.flags)
    };
    match exact().or_else(license).or_else(exception) {
        Some(flags) => Known::Listed {
            deprecated: flags & IS_DEPRECATED != 0,
        },
        None => Known::Missing,
    }
}

/// The identifiers of the expression: what is no operator, no parenthesis and not the absence of a license.
fn words<'v>(view: &View<'v>) -> Vec<&'v str> {
    let expression = view.string(POINTER).unwrap_or_default();
    let words = expression
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')'))
        .filter(|word| !word.is_empty());
    let meant = |word: &&str| {
        !["AND", "OR", "WITH", "NONE", "NOASSERTION"]
            .iter()
            .any(|reserved| word.eq_ignore_ascii_case(reserved))
    };
    words.filter(meant).collect()
}
