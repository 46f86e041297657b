//! Weakness: does the CWE exist, under this name, in the version that applies, and is that the latest? (6.1.11, 6.2.24)
//!
//! Ours, because the library's tables know no compound elements before CWE 3.1, although CWE-352 and CWE-384 have
//! been there since 1.0, because two versions of one day are told apart there by chance, and because reading 57,000
//! rows costs more than a document does.

use std::{collections::HashMap, ops::RangeInclusive, sync::OnceLock};

use serde_json::Value;

use super::{
    Text,
    view::{Say, View, instant, string},
};
use crate::place::clip;

/// 6.1.11 CWE: each given CWE exists and is valid; in 2.1 in the version given.
///
/// 2.0 asks for no version and has no place for one. Its documents name weaknesses as CWE named them when they were
/// written, or when they were last converted, so the name of any version is valid.
pub fn test_6_1_11(view: &View<'_>, say: &mut Say<'_>) {
    let pattern = if view.text == Text::V20 {
        "/vulnerabilities/*/cwe"
    } else {
        "/vulnerabilities/*/cwes/*"
    };
    for (pointer, weakness) in view.each(pattern) {
        check(&pointer, weakness, view.text, say);
    }
}

fn check(pointer: &str, weakness: &Value, text: Text, say: &mut Say<'_>) {
    let (Some(id), Some(name)) = (string(weakness, "id"), string(weakness, "name")) else {
        return;
    };
    let catalog = Catalog::read();
    let newest = catalog.versions.len().saturating_sub(1);
    let (versions, which) = match string(weakness, "version").filter(|_| text != Text::V20) {
        None => (0..=newest, "any version of CWE".to_owned()),
        Some(given) => match catalog.version(given) {
            Some(version) => (version..=version, format!("CWE {given}")),
            None => {
                return say.at(
                    format!("{pointer}/version"),
                    format!("CWE has no version `{}`", clip(given)),
                );
            }
        },
    };
    let names: Vec<&str> = catalog.names(id, versions);
    match names.last() {
        None => say.at(
            format!("{pointer}/id"),
            format!(
                "`{}` is no weakness of {which}; a view or category is none",
                clip(id)
            ),
        ),
        Some(right) if !names.contains(&name.trim_end()) => {
            say.at(
                format!("{pointer}/name"),
                format!("`{id}` does not have this name in {which}, but `{right}`"),
            );
        }
        Some(_) => {}
    }
}

/// 6.2.24 Usage of Non-Latest CWE Version: the version is the latest that there was when the document was released.
pub fn test_6_2_24(view: &View<'_>, say: &mut Say<'_>) {
    let released = view.string("/document/tracking/current_release_date");
    let Some(released) = released.and_then(instant) else {
        return;
    };
    let Some(latest) = Catalog::read().latest(&released.to_string()) else {
        return;
    };
    for (pointer, weakness) in view.each("/vulnerabilities/*/cwes/*") {
        if let Some(version) = string(weakness, "version").filter(|version| *version != latest) {
            say.at(
                format!("{pointer}/version"),
                format!(
                    "the latest version of CWE was {latest} when the document was released, not `{}`",
                    clip(version)
                ),
            );
        }
    }
}

/// All versions of CWE.
struct Catalog {
    /// Number and date, oldest first.
    versions: Vec<(&'static str, &'static str)>,
    /// From which version to which a weakness had which name, by its number.
    names: HashMap<&'static str, Vec<Named>>,
}

/// A name and the versions in which it holds.
struct Named {
    first: usize,
    last: usize,
    name: &'static str,
}

impl Catalog {
    fn read() -> &'static Self {
        static CATALOG: OnceLock<Catalog> = OnceLock::new();
        CATALOG.get_or_init(|| {
            let mut catalog = Catalog {
                versions: Vec::new(),
                names: HashMap::new(),
            };
            for line in include_str!("weakness/cwe.txt")
                .lines()
                .filter(|line| !line.starts_with('#'))
            {
                catalog.add(line);
            }
            catalog
        })
    }

    fn add(&mut self, line: &'static str) {
        let mut fields = line.split('\t');
        match (fields.next(), fields.next(), fields.next(), fields.next()) {
            (Some("versions"), Some(versions), ..) => {
                self.versions = versions
                    .split(' ')
                    .filter_map(|version| version.split_once('='))
                    .collect();
            }
            (Some(number), Some(first), Some(last), Some(name)) => {
                if let (Ok(first), Ok(last)) = (first.parse(), last.parse()) {
                    self.names
                        .entry(number)
                        .or_default()
                        .push(Named { first, last, name });
                }
            }
            _ => {}
        }
    }

    /// The latest version at `moment`, which is RFC 3339 in UTC. Of two of one day it is the higher.
    fn latest(&self, moment: &str) -> Option<&'static str> {
        let mut there = self.versions.iter().rev();
        there
            .find(|(_, day)| moment.get(..day.len()).is_some_and(|until| *day <= until))
            .map(|(number, _)| *number)
    }

    fn version(&self, number: &str) -> Option<usize> {
        self.versions.iter().position(|(known, _)| *known == number)
    }

    /// What `id` is named in `versions`, the newest last.
    fn names(&self, id: &str, versions: RangeInclusive<usize>) -> Vec<&'static str> {
        let names = id
            .strip_prefix("CWE-")
            .and_then(|number| self.names.get(number));
        let overlap =
            |named: &&Named| named.first <= *versions.end() && named.last >= *versions.start();
        names
            .into_iter()
            .flatten()
            .filter(overlap)
            .map(|named| named.name)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_version_is_that_of_the_day_and_of_two_the_higher() {
        let catalog = Catalog::read();
        let days: Vec<&str> = catalog.versions.iter().map(|(_, day)| *day).collect();
        assert!(days.is_sorted(), "{days:?}");
        let twice = days.windows(2).position(|pair| pair[0] == pair[1]);
        let (number, day) = catalog.versions[twice.expect("there are two of one day") + 1];
        assert_eq!(catalog.latest(&format!("{day}T00:00:00Z")), Some(number));
        assert_eq!(catalog.latest("1999-01-01T00:00:00Z"), None);
    }

    #[test]
    fn a_name_is_that_of_its_version() {
        let catalog = Catalog::read();
        assert_eq!(catalog.versions.len(), 57);
        for (id, version, name) in [
            ("CWE-352", "1.0", Some("Cross-Site Request Forgery (CSRF)")),
            ("CWE-384", "2.12", Some("Session Fixation")),
            ("CWE-200", "3.4", Some("Information Exposure")),
            (
                "CWE-200",
                "4.0",
                Some("Exposure of Sensitive Information to an Unauthorized Actor"),
            ),
            ("CWE-1385", "4.5", None),
            (
                "CWE-1385",
                "4.20",
                Some("Missing Origin Validation in WebSockets"),
            ),
        ] {
            let version = catalog.version(version).expect("it is a version");
            assert_eq!(
                catalog.names(id, version..=version),
                name.into_iter().collect::<Vec<_>>(),
                "{id}"
            );
        }
    }
}
