//! Clauses: which tests does each text of the standard have, and who runs them?

use std::sync::OnceLock;

use super::{
    Text, csd03, dates, extensions, involvements, license, metrics, profiles, properties,
    revisions, sorting, spelling, tree, urls, vers,
    view::{Say, View},
    weakness,
};
use crate::Group;

/// One test of a text.
pub struct Clause {
    pub id: &'static str,
    pub group: Group,
    pub by: By,
}

/// Who runs a test.
#[derive(Clone, Copy)]
pub enum By {
    Them,
    Us(Test),
}

/// A test: what it looks at and how it speaks.
pub type Test = fn(&View<'_>, &mut Say<'_>);

/// The tests of CSAF 2.0, section 6.
static V20: [(Group, &str); 3] = [
    (
        Group::Mandatory,
        "6.1.1 6.1.2 6.1.3 6.1.4 6.1.5 6.1.6 6.1.7 6.1.8 6.1.9 6.1.10 6.1.11 6.1.12 6.1.13 6.1.14 6.1.15 6.1.16 \
         6.1.17 6.1.18 6.1.19 6.1.20 6.1.21 6.1.22 6.1.23 6.1.24 6.1.25 6.1.26 6.1.27.1 6.1.27.2 6.1.27.3 6.1.27.4 \
         6.1.27.5 6.1.27.6 6.1.27.7 6.1.27.8 6.1.27.9 6.1.27.10 6.1.27.11 6.1.28 6.1.29 6.1.30 6.1.31 6.1.32 6.1.33",
    ),
    (
        Group::Optional,
        "6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.2.9 6.2.10 6.2.11 6.2.12 6.2.13 6.2.14 6.2.15 6.2.16 \
         6.2.17 6.2.18 6.2.19 6.2.20",
    ),
    (
        Group::Informative,
        "6.3.1 6.3.2 6.3.3 6.3.4 6.3.5 6.3.6 6.3.7 6.3.8 6.3.9 6.3.10 6.3.11",
    ),
];

/// The tests that CSAF 2.1 has in CSD03 and after it.
static V21: [(Group, &str); 3] = [
    (
        Group::Mandatory,
        "6.1.1 6.1.2 6.1.3 6.1.4 6.1.5 6.1.6 6.1.7 6.1.8 6.1.9 6.1.10 6.1.11 6.1.12 6.1.13 6.1.14 6.1.15 6.1.16 \
         6.1.17 6.1.18 6.1.19 6.1.20 6.1.21 6.1.22 6.1.23 6.1.24 6.1.25 6.1.26 6.1.27.1 6.1.27.2 6.1.27.3 6.1.27.4 \
         6.1.27.5 6.1.27.6 6.1.27.7 6.1.27.8 6.1.27.9 6.1.27.10 6.1.27.11 6.1.27.12 6.1.27.13 6.1.27.14 6.1.27.15 \
         6.1.27.16 6.1.27.17 6.1.27.18 6.1.27.19 6.1.28 6.1.29 6.1.30 6.1.31 6.1.32 6.1.33 6.1.34 6.1.35 6.1.36 \
         6.1.37 6.1.38 6.1.39 6.1.40 6.1.41 6.1.42 6.1.43 6.1.44 6.1.45 6.1.46 6.1.47 6.1.48 6.1.49 6.1.50 6.1.51 \
         6.1.52 6.1.53 6.1.54 6.1.55 6.1.56 6.1.57 6.1.58 6.1.59 6.1.60.1 6.1.60.2 6.1.60.3 6.1.61",
    ),
    (
        Group::Recommended,
        "6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.8 6.2.9 6.2.11 6.2.12 6.2.13 6.2.14 6.2.15 6.2.16 6.2.17 6.2.18 \
         6.2.19 6.2.20 6.2.21 6.2.22 6.2.23 6.2.24 6.2.25 6.2.26 6.2.27 6.2.28 6.2.29 6.2.30 6.2.31 6.2.32 6.2.33 \
         6.2.34 6.2.35 6.2.36 6.2.37 6.2.38 6.2.39.1 6.2.39.2 6.2.39.3 6.2.39.4 6.2.39.5 6.2.40 6.2.41 6.2.42 \
         6.2.43 6.2.44 6.2.45 6.2.46 6.2.47 6.2.48 6.2.49 6.2.50.1 6.2.50.2 6.2.50.3 6.2.51 6.2.52 6.2.53 6.2.54.1 \
         6.2.54.2 6.2.54.3 6.2.54.4",
    ),
    (
        Group::Informative,
        "6.3.1 6.3.2 6.3.3 6.3.4 6.3.5 6.3.6 6.3.7 6.3.8 6.3.9 6.3.10 6.3.11 6.3.12 6.3.13 6.3.14 6.3.15 6.3.16 \
         6.3.17 6.3.18 6.3.19.1 6.3.19.2 6.3.19.3 6.3.19.4 6.3.19.5 6.3.20 6.3.21.1 6.3.21.2 6.3.21.3 6.3.21.4 \
         6.3.21.5 6.3.21.6 6.3.21.7 6.3.21.8 6.3.21.9 6.3.22",
    ),
];

/// What CSD03 has and the draft after it no longer.
static CSD03: [(Group, &str); 1] = [(Group::Recommended, "6.2.7")];

/// What the draft has beyond CSD03.
static DRAFT: [(Group, &str); 3] = [
    (
        Group::Mandatory,
        "6.1.27.20 6.1.62 6.1.63 6.1.64.1 6.1.64.2 6.1.64.3 6.1.64.4 6.1.64.5 6.1.64.6 6.1.64.7 6.1.64.8 6.1.64.9 \
         6.1.64.10 6.1.64.11 6.1.64.12 6.1.64.13 6.1.65.1 6.1.65.2 6.1.66",
    ),
    (
        Group::Recommended,
        "6.2.39.6 6.2.39.7 6.2.39.8 6.2.39.9 6.2.39.10 6.2.39.11 6.2.39.12 6.2.39.13 6.2.55 6.2.56.1 6.2.56.2 \
         6.2.56.3 6.2.56.4 6.2.56.5 6.2.57",
    ),
    (
        Group::Informative,
        "6.3.23.1 6.3.23.2 6.3.24 6.3.25 6.3.26.1 6.3.26.2 6.3.26.3 6.3.26.4",
    ),
];

/// Where a test of ours stands, in every text or in those of 2.1 alone.
static OURS: [(&str, &[Text], Test); 45] = [
    ("6.1.1", ALL, tree::test_6_1_1),
    ("6.1.3", ALL, tree::test_6_1_3),
    ("6.1.4", ALL, tree::test_6_1_4),
    ("6.1.11", ALL, weakness::test_6_1_11),
    ("6.2.1", ALL, tree::test_6_2_1),
    ("6.2.13", ALL, sorting::test_6_2_13),
    ("6.2.19", ALL, metrics::test_6_2_19),
    ("6.3.6", ALL, urls::test_6_3_6),
    ("6.3.7", ALL, urls::test_6_3_7),
    ("6.3.8", ALL, spelling::test_6_3_8),
    ("6.1.21", &[Text::Csd03], revisions::test_6_1_21),
    ("6.1.24", &[Text::Csd03], involvements::test_6_1_24),
    ("6.2.7", &[Text::Csd03], involvements::test_6_2_7),
    ("6.1.50", NEWER, vers::test_6_1_50),
    ("6.1.59", NEWER, vers::test_6_1_59),
    ("6.1.60.2", NEWER, extensions::test_6_1_60_2),
    ("6.1.60.3", NEWER, extensions::test_6_1_60_3),
    ("6.2.20", &[Text::V20], properties::test_6_2_20),
    ("6.2.21", NEWER, dates::test_6_2_21),
    ("6.2.33", NEWER, dates::test_6_2_33),
    ("6.2.24", NEWER, weakness::test_6_2_24),
    ("6.2.39.1", NEWER, profiles::test_6_2_39_1),
    ("6.2.44", NEWER, license::test_6_2_44),
    ("6.2.45", NEWER, license::test_6_2_45),
    ("6.2.49", NEWER, vers::test_6_2_49),
    ("6.2.50.1", NEWER, vers::overlap::test_6_2_50_1),
    ("6.2.50.2", NEWER, vers::overlap::test_6_2_50_2),
    ("6.2.50.3", NEWER, vers::overlap::test_6_2_50_3),
    ("6.2.51", NEWER, vers::test_6_2_51),
    ("6.2.54.1", NEWER, extensions::test_6_2_54_1),
    ("6.2.54.2", NEWER, extensions::test_6_2_54_2),
    ("6.2.54.3", NEWER, extensions::test_6_2_54_3),
    ("6.2.54.4", NEWER, extensions::test_6_2_54_4),
    ("6.2.55", &[Text::Draft], urls::openpgp),
    ("6.3.24", &[Text::Draft], urls::openpgp),
    ("6.3.13", NEWER, metrics::test_6_3_13),
    ("6.3.16", NEWER, spelling::test_6_3_16),
    ("6.3.17", NEWER, license::test_6_3_17),
    ("6.3.19.1", NEWER, vers::overlap::test_6_3_19_1),
    ("6.3.19.2", NEWER, vers::overlap::test_6_3_19_2),
    ("6.3.19.3", NEWER, vers::overlap::test_6_3_19_3),
    ("6.3.19.4", NEWER, vers::overlap::test_6_3_19_4),
    ("6.3.19.5", NEWER, vers::overlap::test_6_3_19_5),
    ("6.3.21.1", NEWER, extensions::test_6_3_21_1),
    ("6.3.21.2", NEWER, extensions::test_6_3_21_2),
];

/// Tests of CSD03 of which the library runs the greater part, on what the later draft has too.
static BESIDE: [(&str, Test); 4] = [
    ("schema", csd03::schema),
    ("6.1.26", csd03::test_6_1_26),
    ("6.1.37", involvements::test_6_1_37),
    ("6.2.20", csd03::test_6_2_20),
];

const ALL: &[Text] = &[Text::V20, Text::Csd03, Text::Draft];
const NEWER: &[Text] = &[Text::Csd03, Text::Draft];

/// The tests of `text`, the schema first.
pub fn of(text: Text) -> &'static [Clause] {
    static V20_CLAUSES: OnceLock<Vec<Clause>> = OnceLock::new();
    static CSD03_CLAUSES: OnceLock<Vec<Clause>> = OnceLock::new();
    static DRAFT_CLAUSES: OnceLock<Vec<Clause>> = OnceLock::new();
    match text {
        Text::V20 => V20_CLAUSES.get_or_init(|| listed(text, V20.iter())),
        Text::Csd03 => CSD03_CLAUSES.get_or_init(|| listed(text, V21.iter().chain(&CSD03))),
        Text::Draft => DRAFT_CLAUSES.get_or_init(|| listed(text, V21.iter().chain(&DRAFT))),
    }
}

fn listed(text: Text, lists: impl Iterator<Item = &'static (Group, &'static str)>) -> Vec<Clause> {
    let ours = |id: &str| {
        OURS.iter()
            .find(|(ours, texts, _)| *ours == id && texts.contains(&text))
    };
    let beside = |id: &str| {
        BESIDE
            .iter()
            .find(|(beside, _)| *beside == id && text == Text::Csd03)
    };
    let mut clauses = vec![Clause {
        id: "schema",
        group: Group::Schema,
        by: By::Them,
    }];
    clauses.extend(beside("schema").map(|(id, test)| Clause {
        id,
        group: Group::Schema,
        by: By::Us(*test),
    }));
    for (group, ids) in lists {
        for id in ids.split_whitespace() {
            let by = ours(id).map_or(By::Them, |(_, _, test)| By::Us(*test));
            clauses.push(Clause {
                id,
                group: *group,
                by,
            });
            clauses.extend(beside(id).map(|(id, test)| Clause {
                id,
                group: *group,
                by: By::Us(*test),
            }));
        }
    }
    clauses
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_test_of_ours_stands_in_the_text_it_is_for() {
        for (id, texts, _) in OURS {
            for text in texts {
                let found = of(*text)
                    .iter()
                    .filter(|clause| clause.id == id && matches!(clause.by, By::Us(_)));
                assert_eq!(found.count(), 1, "{id} in {text:?}");
            }
        }
    }

    #[test]
    fn each_text_has_as_many_tests_as_its_section_six() {
        let count = |text| {
            let ids = of(text)
                .iter()
                .map(|clause| clause.id)
                .filter(|id| *id != "schema");
            ids.collect::<BTreeSet<_>>().len()
        };
        assert_eq!(
            (count(Text::V20), count(Text::Csd03), count(Text::Draft)),
            (74, 177, 218)
        );
    }
}
