//! Where do sources disagree?
//!
//! Shown, never settled: each contradiction is both sides' words. What is done about a flaw follows the side
//! that asks for more.

use std::collections::BTreeMap;

use advisory::Status;
use inventory::Component;
use jiff::civil::Date;
use serde::Serialize;

use crate::{
    fact::Facts,
    fix,
    index::Index,
    matching::{Basis, Match},
    scope::scoped_rows,
    span::{Keys, evaluate, listed},
    wire::Damage,
};

/// What one source says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Word {
    /// The advisory's id, the catalog's name, or who answered SSVC.
    pub source: String,
    pub says: String,
}

/// A disagreement, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    pub kind: Kind,
    /// What it is about: a CVE, or a flaw.
    pub about: String,
    /// Two at least.
    pub words: Vec<Word>,
}

/// In what they disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// KEV lists it, and an SSVC answer says that nobody exploits it.
    ListedButNotActive,
    /// A record says that KEV lists it, and the catalogs here do not.
    ListedInRecordOnly,
    /// A catalog listed it, and a later one does not.
    Delisted,
    /// KEV's date of addition differs between catalogs or records.
    AdditionDates,
    /// One advisory's versions include the installed one, another's on the same package do not.
    Verdicts,
    /// Advisories name different versions as the one that ends it.
    Fixes,
    /// The range includes the installed version, and the list beside it does not.
    RangeAndList,
    /// Two sources hold one version of one document, and not the same bytes.
    Copies,
}

/// How sources differ about one version of one document: each source's name, and what it has.
pub fn copies(about: String, words: Vec<(String, String)>) -> Contradiction {
    Contradiction {
        kind: Kind::Copies,
        about,
        words: words
            .into_iter()
            .map(|(source, says)| word(&source, says))
            .collect(),
    }
}

/// How the sources on a CVE's facts disagree.
pub fn in_facts(facts: &Facts) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let mut tell = |kind, words: Vec<Word>| {
        found.push(Contradiction {
            kind,
            about: facts.cve.clone(),
            words,
        });
    };
    let added = |date: Date| format!("added {date}");
    match &facts.kev {
        Some(kev) => {
            let listed = word("KEV", added(kev.added));
            // What is no longer listed is in no contradiction with what nobody exploits.
            for ssvc in facts.ssvc.iter().filter(|_| !kev.removed) {
                let exploitation = ssvc.exploitation.as_deref();
                if let Some(said) = exploitation.filter(|said| !said.eq_ignore_ascii_case("active"))
                {
                    let said = word(&ssvc.source, format!("exploitation {said}"));
                    tell(Kind::ListedButNotActive, vec![listed.clone(), said]);
                }
            }
            let mut dates: BTreeMap<Date, String> = BTreeMap::new();
            for (catalog, date) in &kev.history {
                dates.entry(*date).or_insert_with(|| catalog_name(catalog));
            }
            for date in &facts.kev_in_records {
                dates
                    .entry(*date)
                    .or_insert_with(|| "CVE record".to_owned());
            }
            if dates.len() > 1 {
                let words = dates
                    .iter()
                    .map(|(date, source)| word(source, added(*date)));
                tell(Kind::AdditionDates, words.collect());
            }
            if let (true, Some((last, _))) = (kev.removed, kev.history.last()) {
                let gone = word("KEV, newest catalog", "not listed".to_owned());
                tell(
                    Kind::Delisted,
                    vec![word(&catalog_name(last), added(kev.added)), gone],
                );
            }
        }
        None => {
            for date in &facts.kev_in_records {
                let listed = word("CVE record", added(*date));
                tell(
                    Kind::ListedInRecordOnly,
                    vec![listed, word("KEV", "not listed".to_owned())],
                );
            }
        }
    }
    found
}

fn word(source: &str, says: String) -> Word {
    Word {
        source: source.to_owned(),
        says,
    }
}

fn catalog_name(catalog: &str) -> String {
    match catalog {
        "" => "KEV".to_owned(),
        catalog => format!("KEV {catalog}"),
    }
}

/// What one advisory says of the component, over all its rows.
#[derive(Default)]
struct Verdict {
    affected: bool,
    doubtful: bool,
    ranges: Vec<String>,
    ends: Vec<String>,
}

/// How the advisories on one flaw disagree about `component`; `found` is any match of it on that flaw.
pub fn in_advisories(
    index: &Index,
    component: &Component,
    found: &Match,
) -> Result<Vec<Contradiction>, Damage> {
    let mut verdicts: BTreeMap<(String, String), Verdict> = BTreeMap::new();
    let mut contradictions = Vec::new();
    let about = index.flaw(found.flaw)?.id().to_owned();
    let mut keys = Keys::new(found.version(component));
    for (number, row) in scoped_rows(index, component, found)? {
        let head = index.head(row.advisory)?;
        let basis = evaluate(index, &row, &mut keys)?;
        let name = (head.id.to_owned(), head.publisher.to_owned());
        let verdict = verdicts.entry(name).or_default();
        let words = index.ranges_in_words(number)?;
        match basis {
            Some(basis) if basis.is_doubt() => verdict.doubtful = true,
            Some(_) => {
                verdict.affected = row.status == Status::Affected || verdict.affected;
                verdict
                    .ends
                    .extend(fix::fixes(index, &row, found.version(component))?.ends);
            }
            None => {}
        }
        if let (Some(Basis::Range { .. }), true) = (basis, row.listed.1 > 0) {
            let key = keys.key(row.scheme);
            if key.is_some() && listed(index, &row, key, "")?.is_none() {
                contradictions.push(Contradiction {
                    kind: Kind::RangeAndList,
                    about: about.clone(),
                    words: vec![
                        word(head.id, format!("range {}", words.join(" or "))),
                        word(head.id, format!("not in its list of {}", row.listed.1)),
                    ],
                });
            }
        }
        verdict.ranges.extend(words);
    }
    contradictions.extend(verdicts_differ(&about, &verdicts));
    contradictions.extend(fixes_differ(&about, &verdicts));
    Ok(contradictions)
}

fn verdicts_differ(
    about: &str,
    verdicts: &BTreeMap<(String, String), Verdict>,
) -> Option<Contradiction> {
    let sure = || verdicts.iter().filter(|(_, verdict)| !verdict.doubtful);
    let differ = sure().any(|(_, one)| one.affected) && sure().any(|(_, one)| !one.affected);
    let words = sure().map(|((id, publisher), verdict)| {
        let affected = if verdict.affected {
            "affected"
        } else {
            "not affected"
        };
        word(
            &by(id, publisher),
            format!("{affected}: {}", verdict.ranges.join(" or ")),
        )
    });
    differ.then(|| Contradiction {
        kind: Kind::Verdicts,
        about: about.to_owned(),
        words: words.collect(),
    })
}

fn fixes_differ(
    about: &str,
    verdicts: &BTreeMap<(String, String), Verdict>,
) -> Option<Contradiction> {
    let affected = || verdicts.iter().filter(|(_, verdict)| verdict.affected);
    let mut ends: Vec<&[String]> = affected().map(|(_, verdict)| &*verdict.ends).collect();
    ends.sort();
    ends.dedup();
    let words = affected().map(|((id, publisher), verdict)| {
        let says = match &*verdict.ends {
            [] => "names no fixed version".to_owned(),
            ends => format!("fixed in {}", ends.join(" and ")),
        };
        word(&by(id, publisher), says)
    });
    (ends.len() > 1).then(|| Contradiction {
        kind: Kind::Fixes,
        about: about.to_owned(),
        words: words.collect(),
    })
}

fn by(id: &str, publisher: &str) -> String {
    match publisher {
        "" => id.to_owned(),
        publisher => format!("{id} ({publisher})"),
    }
}
