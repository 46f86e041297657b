//! Words that names share: what says nothing, what says the sort of thing, what says the part of it.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

/// Words that say nothing of the thing.
const FUNCTION: &str = "\
    a affected all and any are as device family firmware following for incl including installed line model of \
    on only or product series system the to type unit used variant version with";

/// Plain words for the sort of thing, which half of all names carry.
const NOUNS: &str = "\
    automation base bedside camera care controller cpu drive ethernet hardware hospital industrial infusion ip \
    laboratory large medical meter module monitor panel patient plc point programmable pump relay small \
    standard switch syringe ventilator volume wireless";

/// Words for a part or a kind of it, which a thousand products share.
const KINDS: &str = "\
    ac access adapter addon advanced agent alle analyzer app application assembly basic battery board building \
    cabinet card cell client comfort communication communications compact component computer configuration \
    connect console control converter dc desktop diagnostic digital display dome driver edge edition \
    electronic embedded energy engineering enterprise expansion firewall function gateway general generation \
    ground hmi home information input integrated intelligent interface internet inverter io kit library local \
    lte machine main managed management manager master mobile modem modular monitoring multi network \
    networking number online operating operator option output part pc platform plus portable power premium pro \
    process processor professional program programming project protection protocol pumpe rack radio recorder \
    remote router rugged runtime safety scanner secure security sensor serial server service smart software \
    standalone station storage studio suite supply support technology telemetry terminal time tool toolkit \
    touch transmitter universal unmanaged user utility video viewer virtual vital web win windows workstation \
    xp";

/// How much a word tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Nothing,
    Noun,
    Kind,
    /// It is the name of something.
    Name,
}

type Words = FxHashSet<&'static str>;

static TABLES: LazyLock<[(Words, Weight); 3]> = LazyLock::new(|| {
    [
        (FUNCTION.split_whitespace().collect(), Weight::Nothing),
        (NOUNS.split_whitespace().collect(), Weight::Noun),
        (KINDS.split_whitespace().collect(), Weight::Kind),
    ]
});

/// How much `word` tells, in the singular or the plural.
pub(super) fn weight(word: &str) -> Weight {
    let singular = [Some(word), word.strip_suffix('s'), word.strip_suffix("es")];
    for word in singular.into_iter().flatten() {
        for (words, weight) in TABLES.iter() {
            if words.contains(word) {
                return *weight;
            }
        }
    }
    Weight::Name
}

/// Order numbers that say what family they are of, as their makers' catalogues have them.
pub(super) const FAMILIES: &[(&str, &str)] = &[
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_weighs_the_same_in_the_plural() {
        for (word, expected) in [
            ("family", Weight::Nothing),
            ("variants", Weight::Nothing),
            ("switches", Weight::Noun),
            ("gateway", Weight::Kind),
            ("alaris", Weight::Name),
        ] {
            assert_eq!(weight(word), expected, "{word}");
        }
    }

    #[test]
    fn no_word_stands_in_two_lists() {
        let all: Vec<&str> = [FUNCTION, NOUNS, KINDS]
            .into_iter()
            .flat_map(str::split_whitespace)
            .collect();
        let different: Words = all.iter().copied().collect();
        assert_eq!(all.len(), different.len());
    }
}
