//! What does a ROLIE feed list? (RFC 8322 as JSON; CSAF 2.0 and 2.1, 7.1.15 to 7.1.17)
//!
//! Feeds of large vendors have hundreds of thousands of entries, so a feed is read as it comes and no more of it is
//! kept than is followed.

use std::fmt;
use std::io::Read;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::object::{Problem, Reader, Rule};

/// Longest feed that is read: 300,000 entries at 1.5 KiB each, doubled.
pub const FEED_BYTES_MAX: u64 = 1 << 30;

/// Longest service or category document that is read.
pub const SERVICE_BYTES_MAX: u64 = 4 << 20;

/// The category without which a feed is none of CSAF's.
const SCHEME: &str = "urn:ietf:params:rolie:category:information-type";

/// A feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    pub id: Option<String>,
    pub title: Option<String>,
    pub updated: Option<Timestamp>,
    pub links: Vec<Link>,
    /// Whether it has the category `csaf` of the scheme that ROLIE registered.
    pub is_csaf: bool,
    pub entries: Vec<Entry>,
    /// Entries beyond the bound, not kept.
    pub beyond: u64,
    /// What is wrong, up to [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
    /// What is odd and forbidden by nothing, up to as many.
    pub oddities: Vec<Problem>,
}

/// Problems that are told of one feed.
const PROBLEMS_MAX: usize = 50;

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Link {
    #[serde(default)]
    pub rel: String,
    #[serde(default)]
    pub href: String,
}

/// A document as a feed lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    /// Address of the document, as written.
    pub document: String,
    pub updated: Option<Timestamp>,
    pub hashes: Vec<String>,
    pub signatures: Vec<String>,
}

impl Feed {
    /// Reads a feed, keeping up to `entries_max` entries. An error only where it is no ROLIE feed at all.
    pub fn read(from: impl Read, entries_max: usize) -> Result<Feed, String> {
        let mut json =
            serde_json::Deserializer::from_reader(std::io::BufReader::with_capacity(1 << 16, from));
        let feed = Outer(entries_max)
            .deserialize(&mut json)
            .map_err(|reason| format!("is no ROLIE feed: {reason}"))?;
        json.end()
            .map_err(|reason| format!("is no ROLIE feed: {reason}"))?;
        let mut feed = feed.ok_or("is no ROLIE feed: has no `feed`")?;
        feed.check();
        Ok(feed)
    }

    fn check(&mut self) {
        let mut missing = |is_missing: bool, what: &str| {
            if is_missing {
                let message = what.to_owned();
                let pointer = "/feed".to_owned();
                self.problems.insert(0, Problem { pointer, message });
            }
        };
        missing(self.updated.is_none(), "has no `updated` that is a time");
        missing(self.title.is_none(), "has no `title`");
        missing(self.id.is_none(), "has no `id`");
        missing(
            !self.is_csaf,
            &format!("has no category `csaf` of the scheme `{SCHEME}`"),
        );
        missing(
            !self.links.iter().any(|link| link.rel == "self"),
            "has no link whose `rel` is `self`",
        );
    }

    fn take(&mut self, number: usize, raw: RawEntry, entries_max: usize) {
        if self.entries.len() >= entries_max {
            self.beyond += 1;
            return;
        }
        let links = raw.link;
        let hrefs = |rel: &'static str| {
            let of_rel = links.iter().filter(move |link| link.rel == rel);
            of_rel.map(|link| link.href.clone())
        };
        let of_content = raw.content.as_ref().map(|content| content.src.clone());
        let itself = hrefs("self").next();
        let tell = |list: &mut Vec<Problem>, message: String| {
            if list.len() < PROBLEMS_MAX {
                let pointer = format!("/feed/entry/{number}");
                list.push(Problem { pointer, message });
            }
        };
        if let (Some(content), Some(itself)) = (&of_content, &itself)
            && content != itself
        {
            let what =
                format!("its content is at `{content}`, and its link `self` leads to `{itself}`");
            tell(&mut self.oddities, what);
        }
        if raw.updated.parse::<Timestamp>().is_err() {
            tell(
                &mut self.problems,
                "has no `updated` that is a time".to_owned(),
            );
        }
        // "rel": "self" is what downloaders follow; a feed without it is followed by what it has.
        let Some(document) = itself.or(of_content).filter(|url| !url.is_empty()) else {
            tell(
                &mut self.problems,
                "names no document; it has neither a link `self` nor `content`".to_owned(),
            );
            return;
        };
        let (hashes, signatures) = (hrefs("hash").collect(), hrefs("signature").collect());
        self.entries.push(Entry {
            updated: raw.updated.parse().ok(),
            id: raw.id,
            document,
            hashes,
            signatures,
        });
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawEntry {
    id: String,
    updated: String,
    link: Vec<Link>,
    content: Option<RawContent>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawContent {
    src: String,
}

#[derive(Deserialize)]
struct RawCategory {
    #[serde(default)]
    scheme: String,
    #[serde(default)]
    term: String,
}

/// `{"feed": …}`.
struct Outer(usize);

/// What stands in `feed`.
struct Inner(usize);

/// The list of entries.
struct Entries<'a>(&'a mut Feed, usize);

impl<'de> DeserializeSeed<'de> for Outer {
    type Value = Option<Feed>;
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Outer {
    type Value = Option<Feed>;
    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object with a `feed`")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut feed = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "feed" => feed = Some(map.next_value_seed(Inner(self.0))?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(feed)
    }
}

impl<'de> DeserializeSeed<'de> for Inner {
    type Value = Feed;
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Feed, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Inner {
    type Value = Feed;
    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object that is a feed")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Feed, A::Error> {
        let mut feed = Feed::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "id" => feed.id = Some(map.next_value()?),
                "title" => feed.title = Some(map.next_value()?),
                "updated" => feed.updated = map.next_value::<String>()?.parse().ok(),
                "link" => feed.links = map.next_value()?,
                "category" => {
                    let categories: Vec<RawCategory> = map.next_value()?;
                    let is_csaf = |category: &RawCategory| {
                        category.scheme == SCHEME && category.term == "csaf"
                    };
                    feed.is_csaf = categories.iter().any(is_csaf);
                }
                "entry" => map.next_value_seed(Entries(&mut feed, self.0))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(feed)
    }
}

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();
    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list of entries")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(entry) = list.next_element::<RawEntry>()? {
            self.0.take(number, entry, self.1);
            number += 1;
        }
        Ok(())
    }
}

/// Feeds that a service document lists, and what is wrong with it.
pub fn service(bytes: &[u8]) -> Result<(Vec<String>, Vec<Problem>), String> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|reason| format!("not JSON: {reason}"))?;
    let mut reader = Reader::default();
    let mut hrefs = Vec::new();
    if let Some(root) = reader.object(&value, "")
        && let Some(service) = reader.child(&root, "service")
    {
        reader.needed(&service, "workspace");
        for workspace in reader.objects(&service, "workspace", false) {
            reader.text(&workspace, "title", Rule::Text);
            reader.needed(&workspace, "collection");
            for collection in reader.objects(&workspace, "collection", false) {
                reader.text(&collection, "title", Rule::Text);
                hrefs.extend(
                    reader
                        .text(&collection, "href", Rule::Url)
                        .map(str::to_owned),
                );
                reader.child(&collection, "categories");
            }
        }
    }
    Ok((hrefs, reader.problems))
}

/// How many categories a category document lists, and what is wrong with it.
pub fn category(bytes: &[u8]) -> Result<(usize, Vec<Problem>), String> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|reason| format!("not JSON: {reason}"))?;
    let mut reader = Reader::default();
    let mut count = 0;
    if let Some(root) = reader.object(&value, "")
        && let Some(categories) = reader.child(&root, "categories")
    {
        reader.needed(&categories, "category");
        for category in reader.objects(&categories, "category", true) {
            reader.text(&category, "term", Rule::Text);
            count += 1;
        }
    }
    Ok((count, reader.problems))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::Feed;

    fn check(text: &str, expected: Expect) {
        let said = match Feed::read(text.as_bytes(), 2) {
            Err(reason) => reason,
            Ok(feed) => {
                let mut out = String::new();
                for entry in feed.entries {
                    out += &format!(
                        "{} {} {:?} {:?}\n",
                        entry.id, entry.document, entry.hashes, entry.signatures
                    );
                }
                for problem in feed.problems {
                    out += &format!("{}: {}\n", problem.pointer, problem.message);
                }
                out + &format!("{} beyond", feed.beyond)
            }
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn entries_are_taken_up_to_the_bound_and_the_rest_is_counted() {
        check(
            r#"{"feed": {"id": "f", "title": "t", "updated": "2024-01-01T00:00:00Z", "link": [{"rel": "self", "href": "f.json"}],
                "category": [{"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}],
                "entry": [
                  {"id": "A", "updated": "2024-01-01T00:00:00Z", "link": [{"rel": "self", "href": "a.json"}, {"rel": "hash", "href": "a.json.sha512"}, {"rel": "signature", "href": "a.json.asc"}], "x": [[1]]},
                  {"id": "N", "updated": "2024-01-01T00:00:00Z"},
                  {"id": "B", "updated": "?", "content": {"src": "b.json"}},
                  {"id": "C", "updated": "2024-01-01T00:00:00Z", "content": {"src": "c.json"}}]}}"#,
            expect![[r#"
                A a.json ["a.json.sha512"] ["a.json.asc"]
                B b.json [] []
                /feed/entry/1: names no document; it has neither a link `self` nor `content`
                /feed/entry/2: has no `updated` that is a time
                1 beyond"#]],
        );
    }

    #[test]
    fn what_is_no_feed_is_said_to_be_none() {
        check("{}", expect!["is no ROLIE feed: has no `feed`"]);
        check(
            "{\"feed\": {\"entry\": [",
            expect!["is no ROLIE feed: EOF while parsing a list at line 1 column 20"],
        );
        check(
            "{\"feed\": {\"entry\": {}}}",
            expect![
                "is no ROLIE feed: invalid type: map, expected a list of entries at line 1 column 20"
            ],
        );
        check(
            "{\"feed\": {}}",
            expect![[r#"
                /feed: has no link whose `rel` is `self`
                /feed: has no category `csaf` of the scheme `urn:ietf:params:rolie:category:information-type`
                /feed: has no `id`
                /feed: has no `title`
                /feed: has no `updated` that is a time
                0 beyond"#]],
        );
    }
}
