//! Who provides, and where? (`provider-metadata.json`; CSAF 2.0 and 2.1, 7.1.7 and the provider schemas)

use jiff::Timestamp;
use serde_json::Value;

use super::object::{Object, Problem, Reader, Rule};

/// Longest document that is read. Providers list a handful of feeds and keys; a house with a feed for each product
/// lists thousands at 200 bytes each.
pub const METADATA_BYTES_MAX: u64 = 4 << 20;

/// Most feeds, directories or keys of one provider that are followed.
pub const LISTED_MAX: usize = 1_000;

/// What a provider says of itself. What is wrong with it stands in `problems`; what is right is here anyway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    pub version: String,
    pub canonical_url: Option<String>,
    pub role: Option<Role>,
    pub publisher: String,
    pub publisher_namespace: String,
    pub last_updated: Option<Timestamp>,
    pub maintained_from: Option<Timestamp>,
    pub maintained_until: Option<Timestamp>,
    /// Whether it agrees to be listed, and to be mirrored.
    pub list: Option<bool>,
    pub mirror: Option<bool>,
    pub feeds: Vec<Feed>,
    pub services: Vec<String>,
    pub categories: Vec<String>,
    pub directories: Vec<Directory>,
    pub keys: Vec<Key>,
    pub problems: Vec<Problem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Publisher,
    Provider,
    TrustedProvider,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Publisher => "csaf_publisher",
            Role::Provider => "csaf_provider",
            Role::TrustedProvider => "csaf_trusted_provider",
        }
    }

    pub(super) fn read(text: &str) -> Option<Role> {
        let all = [Role::Publisher, Role::Provider, Role::TrustedProvider];
        all.into_iter().find(|role| role.as_str() == text)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    pub url: String,
    /// As written: `WHITE`, `UNLABELED`, `CLEAR`.
    pub label: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    pub url: String,
    /// 2.1 has one for each directory.
    pub label: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub url: String,
    /// In upper case; optional in 2.0.
    pub fingerprint: Option<String>,
}

pub(super) const PROVIDER: Rule = Rule::UrlEnding("/provider-metadata.json");
const ROLES: Rule = Rule::OneOf(&["csaf_publisher", "csaf_provider", "csaf_trusted_provider"]);
const LABELS_2_0: Rule = Rule::OneOf(&["UNLABELED", "WHITE", "GREEN", "AMBER", "RED"]);
const LABELS_2_1: Rule = Rule::OneOf(&["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]);
const SCHEMA_2_1: Rule =
    Rule::OneOf(&["https://docs.oasis-open.org/csaf/csaf/v2.1/schema/provider.json"]);
const CATEGORIES: Rule = Rule::OneOf(&[
    "coordinator",
    "discoverer",
    "multiplier",
    "other",
    "translator",
    "user",
    "vendor",
]);

impl Metadata {
    /// Reads it. An error only where it is no JSON object at all.
    pub fn read(bytes: &[u8]) -> Result<Metadata, String> {
        let value: Value =
            serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
                .map_err(|reason| format!("not JSON: {reason}"))?;
        let mut reader = Reader::default();
        let Some(object) = reader.object(&value, "") else {
            return Err("is no JSON object".to_owned());
        };
        let mut metadata = head(&mut reader, &object);
        let is_2_1 = metadata.version == "2.1";
        for distribution in reader.objects(&object, "distributions", false) {
            distributed(&mut reader, &distribution, is_2_1, &mut metadata);
        }
        for key in reader.objects(&object, "public_openpgp_keys", true) {
            let fingerprint = match is_2_1 {
                true => reader.text(&key, "fingerprint", Rule::Fingerprint),
                false => reader.text_if(&key, "fingerprint", Rule::Fingerprint),
            };
            let fingerprint = fingerprint.map(str::to_ascii_uppercase);
            if let Some(url) = reader.text(&key, "url", Rule::Url) {
                metadata.keys.push(Key {
                    url: url.to_owned(),
                    fingerprint,
                });
            }
        }
        bounded(&mut reader, "/distributions", &mut metadata.feeds);
        bounded(&mut reader, "/distributions", &mut metadata.directories);
        bounded(&mut reader, "/public_openpgp_keys", &mut metadata.keys);
        metadata.problems = reader.problems;
        Ok(metadata)
    }

    /// How the days stand to those for which it is maintained (7.1.7 of 2.1): an error and a warning.
    pub fn maintained(&self, now: Timestamp) -> (Option<String>, Option<String>) {
        let days = |later: Timestamp| later.as_second().saturating_sub(now.as_second()) / 86_400;
        let until = self.maintained_until;
        let error = until
            .filter(|until| *until < now)
            .map(|until| format!("is maintained until {until} only, and that has passed"));
        let ends = until
            .filter(|until| *until >= now && days(*until) < 90)
            .map(|until| {
                format!("is maintained until {until} only, which is less than 90 days away")
            });
        let begins = self
            .maintained_from
            .filter(|from| *from > now)
            .map(|from| format!("is maintained from {from} on, which has not come"));
        (error, ends.or(begins))
    }
}

fn bounded<T>(reader: &mut Reader, pointer: &str, list: &mut Vec<T>) {
    if list.len() > LISTED_MAX {
        reader.wrong(
            pointer,
            format!("names {}; {LISTED_MAX} at most are followed", list.len()),
        );
        list.truncate(LISTED_MAX);
    }
}

fn head(reader: &mut Reader, object: &Object<'_>) -> Metadata {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let version = reader.text(object, "metadata_version", Rule::OneOf(&["2.0", "2.1"]));
    let version = version.unwrap_or_default().to_owned();
    if version == "2.1" {
        reader.text(object, "$schema", SCHEMA_2_1);
        reader.only(
            object,
            &[
                "$schema",
                "canonical_url",
                "distributions",
                "last_updated",
                "list_on_CSAF_aggregators",
                "maintained_from",
                "maintained_until",
                "metadata_version",
                "mirror_on_CSAF_aggregators",
                "public_openpgp_keys",
                "publisher",
                "role",
            ],
        );
    }
    let publisher = reader.child(object, "publisher");
    let (name, namespace) = publisher
        .map(|object| publisher_of(reader, &object))
        .unwrap_or_default();
    let maintained = |reader: &mut Reader, key| {
        if version == "2.1" {
            reader.time_if(object, key)
        } else {
            None
        }
    };
    Metadata {
        canonical_url: owned(reader.text(object, "canonical_url", PROVIDER)),
        role: reader.text(object, "role", ROLES).and_then(Role::read),
        last_updated: reader.time(object, "last_updated"),
        maintained_from: maintained(reader, "maintained_from"),
        maintained_until: maintained(reader, "maintained_until"),
        list: reader.flag(object, "list_on_CSAF_aggregators"),
        mirror: reader.flag(object, "mirror_on_CSAF_aggregators"),
        publisher: name,
        publisher_namespace: namespace,
        version,
        ..Metadata::default()
    }
}

/// Name and namespace of a `publisher` object.
pub(super) fn publisher_of(reader: &mut Reader, object: &Object<'_>) -> (String, String) {
    reader.text(object, "category", CATEGORIES);
    let name = reader
        .text(object, "name", Rule::Text)
        .unwrap_or_default()
        .to_owned();
    let namespace = reader
        .text(object, "namespace", Rule::Url)
        .unwrap_or_default();
    reader.text_if(object, "contact_details", Rule::Text);
    reader.text_if(object, "issuing_authority", Rule::Text);
    (name, namespace.to_owned())
}

fn distributed(reader: &mut Reader, object: &Object<'_>, is_2_1: bool, metadata: &mut Metadata) {
    let (labels, directory) = match is_2_1 {
        true => (LABELS_2_1, "directory"),
        false => (LABELS_2_0, "directory_url"),
    };
    if object.is_empty() {
        reader.wrong(
            object.pointer(),
            "names neither a directory nor ROLIE feeds",
        );
    }
    if is_2_1 {
        reader.only(object, &["directory", "rolie"]);
        if object.has("directory")
            && let Some(directory) = reader.child(object, "directory")
        {
            let label = reader
                .text(&directory, "tlp_label", labels)
                .map(str::to_owned);
            let url = reader.text(&directory, "url", Rule::Url);
            metadata.directories.extend(url.map(|url| Directory {
                url: url.to_owned(),
                label,
            }));
        }
    } else if let Some(url) = reader.text_if(object, directory, Rule::Url) {
        metadata.directories.push(Directory {
            url: url.to_owned(),
            label: None,
        });
    }
    if !object.has("rolie") {
        return;
    }
    let Some(rolie) = reader.child(object, "rolie") else {
        return;
    };
    if !rolie.has("feeds") {
        reader.needed(&rolie, "feeds");
    }
    for feed in reader.objects(&rolie, "feeds", false) {
        if is_2_1 {
            reader.time(&feed, "last_updated");
        }
        let label = reader.text(&feed, "tlp_label", labels);
        let url = reader.text(&feed, "url", Rule::UrlEnding(".json"));
        metadata.feeds.extend(url.map(|url| Feed {
            url: url.to_owned(),
            // One that nobody can read is taken as the strictest.
            label: label.unwrap_or("RED").to_owned(),
        }));
    }
    let json = Rule::UrlEnding(".json");
    metadata
        .services
        .extend(reader.texts(&rolie, "services", json));
    metadata
        .categories
        .extend(reader.texts(&rolie, "categories", json));
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::Metadata;

    const GOOD: &str = r#"{"canonical_url": "https://a.example/provider-metadata.json", "last_updated": "2024-01-01T00:00:00Z",
        "list_on_CSAF_aggregators": true, "mirror_on_CSAF_aggregators": false, "metadata_version": "2.0", "role": "csaf_provider",
        "publisher": {"category": "vendor", "name": "A", "namespace": "https://a.example"},
        "distributions": [{"directory_url": "https://a.example/csaf/"}]}"#;

    fn check(text: &str, expected: Expect) {
        let said = match Metadata::read(text.as_bytes()) {
            Err(reason) => reason,
            Ok(metadata) => metadata
                .problems
                .iter()
                .map(|problem| format!("{}: {}", problem.pointer, problem.message))
                .collect::<Vec<_>>()
                .join("\n"),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn a_good_one_has_no_problems() {
        check(GOOD, expect![""]);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        check("[]", expect!["is no JSON object"]);
        check(
            r#"{"canonical_url": "https://a.example/metadata.json", "metadata_version": "2.0", "role": "king", "list_on_CSAF_aggregators": "yes",
                "publisher": {"category": "shop", "name": ""}, "distributions": [{}, {"rolie": {}}, {"rolie": {"feeds": [{"url": "feed", "tlp_label": "CLEAR"}]}}],
                "public_openpgp_keys": [{"fingerprint": "ABC"}]}"#,
            expect![[r#"
                /publisher/category: `shop` is none of `coordinator`, `discoverer`, `multiplier`, `other`, `translator`, `user`, `vendor`
                /publisher/name: is empty
                /publisher: has no `namespace`
                /canonical_url: `https://a.example/metadata.json` is no address that ends in `/provider-metadata.json`
                /role: `king` is none of `csaf_publisher`, `csaf_provider`, `csaf_trusted_provider`
                : has no `last_updated`
                /list_on_CSAF_aggregators: is neither `true` nor `false`
                : has no `mirror_on_CSAF_aggregators`
                /distributions/0: names neither a directory nor ROLIE feeds
                /distributions/1/rolie: has no `feeds`
                /distributions/2/rolie/feeds/0/tlp_label: `CLEAR` is none of `UNLABELED`, `WHITE`, `GREEN`, `AMBER`, `RED`
                /distributions/2/rolie/feeds/0/url: `feed` is no address that ends in `.json`
                /public_openpgp_keys/0/fingerprint: `ABC` is no fingerprint of 40 or more hexadecimal digits
                /public_openpgp_keys/0: has no `url`"#]],
        );
    }

    #[test]
    fn the_end_of_maintenance_is_told_before_it_comes() {
        let with = |until: &str| {
            let text = GOOD.replace("\"2.0\"", "\"2.1\"").replacen(
                '{',
                &format!("{{\"maintained_until\": \"{until}\","),
                1,
            );
            let now = "2026-01-01T00:00:00Z".parse().expect("a time");
            let (error, warning) = Metadata::read(text.as_bytes())
                .expect("metadata")
                .maintained(now);
            (error.is_some(), warning.is_some())
        };
        assert_eq!(with("2025-12-31T00:00:00Z"), (true, false));
        assert_eq!(with("2026-03-01T00:00:00Z"), (false, true));
        assert_eq!(with("2027-01-01T00:00:00Z"), (false, false));
    }
}
