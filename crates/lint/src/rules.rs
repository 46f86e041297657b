//! Rules: what each rule of ours asks, and where its standard says so.

/// What a rule asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// In one sentence.
    pub asks: String,
    /// The part of the standard.
    pub section: String,
    /// Where the standard is read.
    pub address: &'static str,
}

const OSV: &str = "https://ossf.github.io/osv-schema/";
const CVE: &str =
    "https://github.com/CVEProject/cve-schema/blob/main/schema/CVE_Record_Format.json";
const OPENVEX: &str = "https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md";
const CYCLONEDX: &str = "https://cyclonedx.org/docs/1.7/json/";
const CSAF: &str = "https://docs.oasis-open.org/csaf/csaf/v2.1/csaf-v2.1.html";
const JSON: &str = "https://www.rfc-editor.org/rfc/rfc8259";

/// A rule a line: name, section, sentence. CSAF's tests are named by their clauses and not listed.
const RULES: &str = include_str!("../data/rules.txt");

/// Name, section and sentence of every rule that has a name of ours.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    RULES.lines().filter_map(|line| {
        let mut parts = line.splitn(3, " | ");
        Some((parts.next()?, parts.next()?, parts.next()?))
    })
}

/// What the rule of this name asks.
pub fn rule(name: &str) -> Rule {
    if let Some((_, section, asks)) = all().find(|(known, ..)| *known == name) {
        return Rule {
            asks: asks.to_owned(),
            section: section.to_owned(),
            address: address(name),
        };
    }
    Rule {
        asks: format!("Test {name} of the Common Security Advisory Framework"),
        section: format!("section {name}"),
        address: CSAF,
    }
}

fn address(name: &str) -> &'static str {
    match name.split('.').next() {
        Some("osv") => OSV,
        Some("cve") => CVE,
        Some("openvex") => OPENVEX,
        Some("cyclonedx") => CYCLONEDX,
        Some("json" | "file") => JSON,
        _ => "https://json-schema.org/",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Every text in quotes of these files that begins as a name of ours does.
    fn said(folder: &Path, names: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder)
            .expect("the sources are here")
            .flatten()
        {
            let path = entry.path();
            if path.is_dir() {
                said(&path, names);
            } else if path
                .file_name()
                .is_some_and(|name| name != "rules.rs" && name != "tests.rs")
            {
                let text = std::fs::read_to_string(&path).expect("a source is text");
                let prefixes = ["osv.", "cve.", "openvex.", "cyclonedx."];
                let quoted = text
                    .split('"')
                    .filter(|text| prefixes.iter().any(|prefix| text.starts_with(prefix)));
                let is_name = |text: &&str| {
                    text.bytes()
                        .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_'))
                };
                names.extend(quoted.filter(is_name).map(str::to_owned));
            }
        }
    }

    #[test]
    fn each_rule_says_what_it_asks_and_none_is_listed_that_never_speaks() {
        let mut names = BTreeSet::new();
        said(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut names,
        );
        let listed: BTreeSet<String> = all()
            .filter(|(name, ..)| name.contains('.'))
            .map(|(name, ..)| name.to_owned())
            .collect();
        assert_eq!(names, listed);
    }

    #[test]
    fn each_rule_stands_on_the_page_about_them() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lint.md");
        let page = std::fs::read_to_string(page).expect("the page is here");
        let missing: Vec<&str> = all()
            .map(|(name, ..)| name)
            .filter(|name| name.contains('.') && !page.contains(&format!("| `{name}` |")))
            .collect();
        assert!(missing.is_empty(), "docs/lint.md lacks {missing:?}");
    }

    #[test]
    fn a_test_of_csaf_is_found_by_its_clause() {
        assert_eq!(rule("6.1.7").section, "section 6.1.7");
    }
}
