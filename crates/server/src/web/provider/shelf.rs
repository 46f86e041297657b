//! Shelf: which file stands where below `/csaf/`, and which of them were rendered already?

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

pub use clearinghouse::publish::file_name as name;
use clearinghouse::publish::{self, Listed};
use jiff::tz::TimeZone;
use names::{AdvisoryId, Tlp};
use policy::{Embargo, Thing};

use super::reply::Body;

/// An edition of the format, with folders of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct Edition {
    /// Which files of a version are its documents.
    pub kind: &'static str,
    /// `2.0`.
    pub version: &'static str,
    pub schema: &'static str,
    /// What stands between `/csaf/` and the name of a folder, and before the name of its metadata.
    prefix: &'static str,
    labels: &'static [(&'static str, &'static str, &'static [Tlp])],
}

/// CSAF 2.0, which has the words of TLP 1.0.
pub const V20: Edition = Edition {
    kind: publish::CSAF,
    version: "2.0",
    schema: "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json",
    prefix: "",
    labels: &[
        ("white", "WHITE", &[Tlp::Clear]),
        ("green", "GREEN", &[Tlp::Green]),
        ("amber", "AMBER", &[Tlp::Amber]),
        ("red", "RED", &[Tlp::AmberStrict, Tlp::Red]),
    ],
};

/// CSAF 2.1, with the words of TLP 2.0.
pub const V21: Edition = Edition {
    kind: publish::CSAF_21,
    version: "2.1",
    schema: "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json",
    prefix: "v2.1/",
    labels: &[
        ("clear", "CLEAR", &[Tlp::Clear]),
        ("green", "GREEN", &[Tlp::Green]),
        ("amber", "AMBER", &[Tlp::Amber]),
        ("amber+strict", "AMBER+STRICT", &[Tlp::AmberStrict]),
        ("red", "RED", &[Tlp::Red]),
    ],
};

/// All of them. The prefix of the first is empty, and no folder of it is called as that of another.
pub const EDITIONS: &[&Edition] = &[&V20, &V21];

impl Edition {
    /// Where its metadata stands: the older edition's where every follower looks first, until the younger is the one
    /// that counts (CSAF 2.1, section 7.4).
    pub fn metadata(&self) -> String {
        format!("/.well-known/csaf/{}provider-metadata.json", self.prefix)
    }

    /// Where its ROLIE service document stands.
    pub fn service(&self) -> String {
        format!("/.well-known/csaf/{}service.json", self.prefix)
    }

    /// Its folders.
    pub fn labels(&'static self) -> impl Iterator<Item = Label> {
        self.labels.iter().map(move |(word, name, holds)| Label {
            edition: self,
            word,
            name,
            holds,
        })
    }

    /// The folder of what is told under this light.
    pub fn label(&'static self, tlp: Tlp) -> Label {
        let found = self.labels().find(|label| label.holds(tlp));
        found.expect("every light has its folder")
    }
}

/// A folder: what is told to the same people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    pub edition: &'static Edition,
    word: &'static str,
    name: &'static str,
    holds: &'static [Tlp],
}

impl Label {
    /// The folder's name, as names of files in it have it.
    pub fn word(&self) -> &'static str {
        self.word
    }

    /// Where the folder stands, with a slash at both ends.
    pub fn folder(&self) -> String {
        format!("/csaf/{}{}/", self.edition.prefix, self.word)
    }

    /// Where a document of it stands.
    pub fn path(&self, one: &Listed) -> String {
        format!("{}{}", self.folder(), below(one))
    }

    /// As the format says it, without `TLP:`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn holds(&self, tlp: Tlp) -> bool {
        self.holds.contains(&tlp)
    }

    /// Whether everyone may read it.
    pub fn is_open(&self) -> bool {
        self.holds == [Tlp::Clear]
    }

    /// Whether who may read one document may read each: then a list of them is the same for all.
    pub fn is_shared(&self) -> bool {
        matches!(self.holds, [Tlp::Clear] | [Tlp::Green])
    }

    /// What the policy is asked of all of it.
    pub fn thing(&self) -> Thing {
        let strictest = self.holds.iter().max().copied().unwrap_or(Tlp::Red);
        Thing::advisory().embargo(Embargo::Published).tlp(strictest)
    }

    /// The name of its ROLIE feed.
    pub fn feed(&self) -> String {
        format!("csaf-feed-tlp-{}.json", self.word)
    }

    /// The name of its ROLIE category document.
    pub fn categories(&self) -> String {
        format!("category-tlp-{}.json", self.word)
    }
}

/// What stands where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Feed,
    Categories,
    Index,
    Changes,
    /// The folder itself, or a year of it.
    Folder(Option<i16>),
    Document(i16, AdvisoryId, Ending),
}

/// What is asked of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Json,
    Sha256,
    Sha512,
    Asc,
}

impl Place {
    /// `white/index.txt`, `white/2026/`, `white/2026/a-000001.json.asc`.
    pub fn parse(path: &str) -> Option<(Label, Place)> {
        // An edition's prefix is no folder of another one.
        let in_edition = |edition: &&'static Edition| {
            let (word, rest) = path.strip_prefix(edition.prefix)?.split_once('/')?;
            let label = edition.labels().find(|label| label.word == word)?;
            Some((label, rest))
        };
        let (label, rest) = EDITIONS.iter().find_map(in_edition)?;
        let place = match rest {
            "" => Place::Folder(None),
            "index.txt" => Place::Index,
            "changes.csv" => Place::Changes,
            rest if rest == label.feed() => Place::Feed,
            rest if rest == label.categories() => Place::Categories,
            rest => Place::in_year(rest)?,
        };
        Some((label, place))
    }

    fn in_year(rest: &str) -> Option<Place> {
        let (year, name) = rest.split_once('/')?;
        let digits = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        let year = year.parse().ok().filter(|_| digits)?;
        if name.is_empty() {
            return Some(Place::Folder(Some(year)));
        }
        let (stem, ending) = name.split_once(".json")?;
        let ending = match ending {
            "" => Ending::Json,
            ".sha256" => Ending::Sha256,
            ".sha512" => Ending::Sha512,
            ".asc" => Ending::Asc,
            _ => return None,
        };
        let id: AdvisoryId = stem.to_ascii_uppercase().parse().ok()?;
        // One name a document: not `A-1.json` beside `a-000001.json`.
        (format!("{stem}.json") == self::name(id)).then_some(Place::Document(year, id, ending))
    }
}

/// The year that its folder is called by: that of its first version (section 7.1.11).
pub fn year(one: &Listed) -> i16 {
    one.published.to_zoned(TimeZone::UTC).year()
}

/// Where it stands below its label's folder.
pub fn below(one: &Listed) -> String {
    format!("{:04}/{}", year(one), name(one.advisory))
}

/// Lists that are rendered at the moment: five of each of the two folders that are shared, and a folder a year.
const KEPT_MAX: usize = 64;

/// What was rendered, until something else is published. Holds nothing that is not the same for whoever may read it.
#[derive(Default)]
pub struct Cache(Mutex<HashMap<String, (i64, Body)>>);

impl Cache {
    /// What stands at `path`, where it was rendered since `last` was published.
    pub fn kept(&self, path: &str, last: i64) -> Option<Body> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, body) = all.get(path)?;
        (*at == last).then(|| body.clone())
    }

    /// Keeps what was rendered for `path`.
    pub fn keep(&self, path: &str, last: i64, body: Body) -> Body {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT_MAX {
            all.clear();
        }
        all.insert(path.to_owned(), (last, body.clone()));
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_says_of_itself_the_place_where_it_stands() {
        let published = "2026-11-20T12:00:00Z".parse().unwrap();
        for edition in EDITIONS {
            for tlp in [
                Tlp::Clear,
                Tlp::Green,
                Tlp::Amber,
                Tlp::AmberStrict,
                Tlp::Red,
            ] {
                let one = Listed {
                    id: 1,
                    advisory: AdvisoryId::new(12),
                    version: 3,
                    title: "".into(),
                    published,
                    modified: published,
                    tlp,
                    is_signed: true,
                    words: Vec::new(),
                };
                let said = publish::place(edition.kind, one.advisory, published, tlp);
                assert_eq!(said, edition.label(tlp).path(&one));
            }
        }
    }

    #[test]
    fn a_document_has_one_name_and_nothing_else_is_found() {
        let said = |path: &str| match Place::parse(path) {
            Some((label, place)) => format!("{} {place:?}", label.word()),
            None => "nothing".to_owned(),
        };
        let all = [
            "white/",
            "green/2026/",
            "white/index.txt",
            "amber/changes.csv",
            "red/csaf-feed-tlp-red.json",
            "white/csaf-feed-tlp-red.json",
            "white/2026/a-000012.json",
            "white/2026/a-000012.json.sha512",
            "white/2026/a-000012.json.asc",
            "white/2026/a-12.json",
            "white/2026/A-000012.json",
            "white/2026/a-000012.json.md5",
            "white/26/a-000012.json",
            "white",
            "blue/index.txt",
            "white/2026/../index.txt",
        ];
        let told: Vec<String> = all
            .iter()
            .map(|path| format!("{path}: {}", said(path)))
            .collect();
        expect_test::expect![[r#"
            white/: white Folder(None)
            green/2026/: green Folder(Some(2026))
            white/index.txt: white Index
            amber/changes.csv: amber Changes
            red/csaf-feed-tlp-red.json: red Feed
            white/csaf-feed-tlp-red.json: nothing
            white/2026/a-000012.json: white Document(2026, AdvisoryId(12), Json)
            white/2026/a-000012.json.sha512: white Document(2026, AdvisoryId(12), Sha512)
            white/2026/a-000012.json.asc: white Document(2026, AdvisoryId(12), Asc)
            white/2026/a-12.json: nothing
            white/2026/A-000012.json: nothing
            white/2026/a-000012.json.md5: nothing
            white/26/a-000012.json: nothing
            white: nothing
            blue/index.txt: nothing
            white/2026/../index.txt: nothing"#]]
        .assert_eq(&told.join("\n"));
    }
}
