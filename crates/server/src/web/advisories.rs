//! `/advisories`: what was told to everyone, for people and for programs, and how anyone checks it.
//!
//! A version's files are the bytes that were rendered when it was published; the log commits to their hashes. They are
//! served under two addresses: one that names the version and is true for good, and one that is always the last.

mod write;

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use clearinghouse::publish::{self, Kind, Public};
use finding::publish::Document;
use jiff::Timestamp;
use names::{AdvisoryId, Tlp};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::filter::{Chips, Filter};
use crate::page::{Ask, Path, Wants};
use crate::part::{Cell, Facts, Pages, Table, When};
use crate::routes::Routes;
use crate::web::provider;
use crate::{Answer, Head, Problem};

/// The words that may stand before a colon.
const WORDS: &[&str] = &[
    "ecosystem",
    "package",
    "vendor",
    "product",
    "weakness",
    "id",
    "is",
];

/// A list or the last version may be this old: a correction is out a minute later everywhere.
const LAST_SECONDS: u32 = 60;

/// The page round an older version changes with the house's style only.
const OLDER_SECONDS: u32 = 3_600;

/// Whoever keeps a copy asks whether it is still the last.
const LAST_CACHING: HeaderValue = HeaderValue::from_static("public, no-cache");

/// What a member reads may be for few.
const OWN_CACHING: HeaderValue = HeaderValue::from_static("no-store");

/// A version's bytes never change.
const VERSION_CACHING: HeaderValue =
    HeaderValue::from_static("public, max-age=31536000, immutable");

/// Forms that are kept beside a version, as addresses end, and what they are called.
const BESIDE: &[(&str, &str)] = &[
    (publish::CSAF_21, "CSAF 2.1"),
    (publish::OPENVEX, "OpenVEX"),
    (publish::CVE, "CVE"),
];

/// A page of advisories.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "advisory/list.html")]
struct ListView {
    advisories: Vec<LineView>,
    page: u32,
    more: bool,
    #[serde(skip)]
    #[schema(ignore)]
    chips: Chips,
    #[serde(skip)]
    #[schema(ignore)]
    address: String,
}

/// An advisory in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = AdvisoriesLineView)]
struct LineView {
    /// `A-000123`.
    advisory: String,
    title: Box<str>,
    /// The last one, from 1.
    version: u32,
    #[schema(value_type = String)]
    published: Timestamp,
    #[schema(value_type = String)]
    modified: Timestamp,
    #[schema(value_type = Option<String>)]
    withdrawn: Option<Timestamp>,
}

impl ListView {
    fn table(&self) -> Table {
        const COLUMNS: &[&str] = &["Advisory", "What", "State", "Published", "Last version"];
        let empty = "Nothing that was published fits.";
        let mut table = Table::new("Advisories, the last changed first", COLUMNS, empty);
        for line in &self.advisories {
            let state = match line.withdrawn {
                Some(_) => Cell::tag("withdrawn"),
                None => Cell::Nothing,
            };
            table.row(vec![
                Cell::link(
                    line.advisory.clone(),
                    format!("/advisories/{}", line.advisory),
                ),
                Cell::text(&*line.title),
                state,
                Cell::when(line.published),
                Cell::when(line.modified),
            ]);
        }
        table
    }

    fn pages(&self) -> Pages {
        Pages::new(self.page, self.more, &self.address)
    }
}

/// What was published, the last changed first.
#[utoipa::path(get, path = "/advisories", tag = "advisories",
    params(
        ("q" = Option<String>, Query, description = "`ecosystem:cargo`, `package:serde`, `weakness:cwe-787`, `id:CVE-2026-1234`, `is:withdrawn`, `is:current`, and words of the title"),
        ("page" = Option<u32>, Query, description = "from 1")),
    responses((status = 200, body = ListView)))]
async fn list(ask: Ask) -> Answer {
    let filter = Filter::read(&ask, WORDS);
    let word = |key: &&str| {
        let value = filter.get(key)?;
        Some(format!("{key}:{value}").to_lowercase().into())
    };
    let title = filter.words().iter();
    let narrowed = publish::Filter {
        words: WORDS
            .iter()
            .filter(|key| **key != "is")
            .filter_map(word)
            .collect(),
        title: title.map(|word| word.to_lowercase().into()).collect(),
        withdrawn: match filter.get("is") {
            Some("withdrawn") => Some(true),
            Some("current") => Some(false),
            _ => None,
        },
        ..publish::Filter::default()
    };
    let actor = ask.visitor.actor();
    let (rows, more) = publish::list(&ask.app.house, &actor, &narrowed, filter.page()).await?;
    let line = |row: publish::Advisory| LineView {
        advisory: row.id.to_string(),
        title: row.title,
        version: row.version,
        published: row.published,
        modified: row.modified,
        withdrawn: row.withdrawn,
    };
    let view = ListView {
        advisories: rows.into_iter().map(line).collect(),
        page: filter.page(),
        more,
        chips: filter.chips(),
        address: filter.address(),
    };
    let head = open(&ask, "Advisories".to_owned(), LAST_SECONDS);
    ask.page(head.page(filter.page()).wide(), &view)
}

/// A page that is the same for every stranger; a member's has their name above it.
fn open(ask: &Ask, title: String, seconds: u32) -> Head {
    match ask.visitor.is_known() {
        true => Head::private(title),
        false => Head::public(title, seconds),
    }
}

/// An advisory as its page shows it.
#[derive(Template)]
#[template(path = "advisory/show.html")]
struct AdvisoryPage {
    id: String,
    document: Document,
    /// The last version's number.
    last: u32,
    versions: Vec<publish::Line>,
    entries: Vec<EntryView>,
    /// SHA-256 of the files of this version: ending and hash.
    hashes: Vec<(String, String)>,
    /// Other forms of this version: ending, and what it is called.
    forms: Vec<(&'static str, &'static str)>,
    url: String,
}

/// An opened entry of the log.
#[derive(Serialize, ToSchema)]
#[schema(as = AdvisoriesEntryView)]
struct EntryView {
    index: i64,
    /// In words.
    said: String,
    /// What the entry commits to.
    body: serde_json::Value,
}

/// The opened entries of an advisory's case.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "advisory/entries.html")]
struct EntriesView {
    /// `A-000123`.
    advisory: String,
    /// The oldest first.
    entries: Vec<EntryView>,
    #[serde(skip)]
    #[schema(ignore)]
    url: String,
}

fn entry((index, body): (i64, serde_json::Value)) -> EntryView {
    EntryView {
        index,
        said: publish::entry_words(&body),
        body,
    }
}

fn entry_table(entries: &[EntryView]) -> Table {
    const COLUMNS: &[&str] = &["Entry", "When", "What it says"];
    let mut table = Table::new(
        "Entries of the log that were sealed until now",
        COLUMNS,
        "No entry was sealed.",
    );
    for one in entries {
        let at = one.body["at"].as_str().and_then(|at| at.parse().ok());
        table.row(vec![
            Cell::link(one.index.to_string(), format!("/log/{}", one.index)),
            Cell::when(at),
            Cell::text(&*one.said),
        ]);
    }
    table
}

impl EntriesView {
    fn table(&self) -> Table {
        entry_table(&self.entries)
    }
}

impl AdvisoryPage {
    fn facts(&self) -> Facts {
        let document = &self.document;
        let mut facts = Facts::new()
            .fact("Advisory", Cell::code(&self.id))
            .fact(
                "Version",
                Cell::text(format!("{} of {}", document.version, self.last)),
            )
            .fact("Who may be told", Cell::text(self.light()))
            .fact("Published", Cell::when(document.published))
            .fact("This version", Cell::when(document.modified));
        for score in &document.severities {
            let text = format!("{} {}, {}", score.base, score.word, score.vector);
            facts = facts.fact("Severity", Cell::text(text));
        }
        if let Some(day) = document.exploited {
            facts = facts.fact("Exploited since", Cell::text(day.to_string()));
        }
        if !document.aliases.is_empty() {
            facts = facts.fact("Also called", Cell::text(document.aliases.join(", ")));
        }
        if !document.weaknesses.is_empty() {
            facts = facts.fact("Weakness", Cell::text(document.weaknesses.join(", ")));
        }
        facts
    }

    fn products(&self) -> Table {
        const COLUMNS: &[&str] = &[
            "Product",
            "Versions",
            "Status",
            "Why, or in its maker's words",
        ];
        let mut table = Table::new("What is affected", COLUMNS, "No product is named.");
        for word in &self.document.products {
            let why = word.justification.map(|one| one.shown()).unwrap_or("");
            let words = match (why, &*word.words) {
                ("", "") => Cell::Nothing,
                ("", words) => Cell::text(words),
                (why, "") => Cell::text(why),
                (why, words) => Cell::text(format!("{why}: {words}")),
            };
            let versions = match &*word.versions {
                "" => Cell::text("all"),
                versions => Cell::code(versions),
            };
            table.row(vec![
                Cell::code(&word.product),
                versions,
                Cell::tag(word.status.shown()),
                words,
            ]);
        }
        table
    }

    fn versions(&self) -> Table {
        const COLUMNS: &[&str] = &["Version", "When", "What is new", "Entry of the log"];
        let mut table = Table::new("Versions", COLUMNS, "There is none.");
        for line in self.versions.iter().rev() {
            let address = format!("/advisories/{}/{}", self.id, line.number);
            table.row(vec![
                Cell::link(line.number.to_string(), address),
                Cell::when(line.at),
                Cell::text(&*line.summary),
                Cell::link(
                    line.log_index.to_string(),
                    format!("/log/{}", line.log_index),
                ),
            ]);
        }
        table
    }

    fn entry_table(&self) -> Table {
        entry_table(&self.entries)
    }

    fn log_index(&self) -> i64 {
        let number = self.document.version;
        let line = self.versions.iter().find(|line| line.number == number);
        line.map_or(0, |line| line.log_index)
    }

    /// `TLP:CLEAR, everyone`.
    fn light(&self) -> String {
        let light = self.document.tlp.unwrap_or(Tlp::Clear);
        let whom = match light {
            Tlp::Clear => "everyone",
            Tlp::Green => "every member of this house",
            _ => "who has a part in its case",
        };
        format!("{light}, {whom}")
    }

    /// Where its last version stands among the files that programs follow.
    fn place(&self) -> String {
        let document = &self.document;
        let light = document.tlp.unwrap_or(Tlp::Clear);
        provider::document_path(document.advisory, document.published, light)
    }

    /// The name of that file.
    fn file_name(&self) -> String {
        let place = self.place();
        place.rsplit('/').next().unwrap_or_default().to_owned()
    }

    fn withdrawn(&self) -> Option<When> {
        self.document.withdrawn.map(When::new)
    }
}

/// `A-000001`, `A-000001.osv`, `A-000001.csaf`: what is asked for, and in which form.
fn asked<T: std::str::FromStr>(text: &str, wants: Wants) -> Result<(T, Option<Kind>), Problem> {
    let (id, form) = text.split_once('.').unwrap_or((text, ""));
    let id = id.parse().map_err(|_| Problem::Hidden)?;
    match (form, wants) {
        ("", Wants::Page) => Ok((id, None)),
        ("", Wants::Json) => Ok((id, Some(Kind::Document))),
        // Both are JSON, whoever asks for them.
        ("osv", _) => Ok((id, Some(Kind::Osv))),
        ("csaf", _) => Ok((id, Some(Kind::Csaf))),
        ("csaf.json.asc", _) => Ok((id, Some(Kind::Signature))),
        (form, _) => {
            let beside = BESIDE.iter().find(|(kind, _)| *kind == form);
            let (kind, _) = beside.ok_or(Problem::Hidden)?;
            Ok((id, Some(Kind::Beside(kind))))
        }
    }
}

/// The last version of an advisory; `A-000123.osv.json`, `.csaf.json`, `.csaf-2.1.json`, `.openvex.json` and `.cve.json` are the same in other formats.
#[utoipa::path(get, path = "/advisories/{advisory}", tag = "advisories",
    params(("advisory" = String, Path, description = "`A-000123`")),
    responses((status = 200, body = serde_json::Value)))]
async fn show(ask: Ask, Path(text): Path<String>, headers: HeaderMap) -> Answer {
    let (id, kind) = asked::<AdvisoryId>(&text, ask.wants())?;
    match kind {
        Some(kind) => file(&ask, &headers, id, None, kind).await,
        None => page(&ask, id, None).await,
    }
}

/// A version of an advisory, which never changes; `1.osv.json`, `.csaf.json`, `.csaf-2.1.json`, `.openvex.json` and `.cve.json` are the same in other formats.
#[utoipa::path(get, path = "/advisories/{advisory}/{version}", tag = "advisories",
    params(("advisory" = String, Path, description = "`A-000123`"), ("version" = String, Path, description = "from 1")),
    responses((status = 200, body = serde_json::Value)))]
async fn version(
    ask: Ask,
    Path((id, text)): Path<(AdvisoryId, String)>,
    headers: HeaderMap,
) -> Answer {
    let (number, kind) = asked::<u32>(&text, ask.wants())?;
    match kind {
        Some(kind) => file(&ask, &headers, id, Some(number), kind).await,
        None => page(&ask, id, Some(number)).await,
    }
}

async fn page(ask: &Ask, id: AdvisoryId, version: Option<u32>) -> Answer {
    let (house, actor) = (&ask.app.house, ask.visitor.actor());
    let public = publish::show(house, &actor, id, version).await?;
    let number = public.document.version;
    let mut hashes = Vec::new();
    for (ending, kind) in [
        ("json", Kind::Document),
        ("osv.json", Kind::Osv),
        ("csaf.json", Kind::Csaf),
    ] {
        let bytes = publish::bytes(house, &actor, id, Some(number), kind).await?;
        hashes.push((ending.to_owned(), finding::hex(&keys::sha256(&[&bytes]))));
    }
    let Public {
        files,
        advisory,
        document,
        versions,
        entries,
    } = public;
    let mut forms = Vec::new();
    for (kind, hash) in files {
        if let Some(form) = BESIDE.iter().find(|(form, _)| **form == *kind) {
            forms.push(*form);
            hashes.push((format!("{kind}.json"), hash.into()));
        }
    }
    let page = AdvisoryPage {
        forms,
        id: id.to_string(),
        last: advisory.version,
        document,
        versions,
        entries: entries.into_iter().map(entry).collect(),
        hashes,
        url: ask.app.settings.url.to_string(),
    };
    let seconds = version.map_or(LAST_SECONDS, |_| OLDER_SECONDS);
    let mut head = open(ask, format!("{id}: {}", page.document.title), seconds)
        .under("Advisories", "/advisories")
        .logged(u64::try_from(page.log_index()).unwrap_or(0));
    if version.is_some() {
        head = head.under(id.to_string(), format!("/advisories/{id}"));
    }
    let tag = match page.document.withdrawn {
        Some(_) => "withdrawn",
        None => "published",
    };
    ask.html(head.tagged(tag), &page)
}

/// A version's bytes, or only that they are still what the asker holds.
async fn file(
    ask: &Ask,
    headers: &HeaderMap,
    id: AdvisoryId,
    version: Option<u32>,
    kind: Kind,
) -> Answer {
    let actor = ask.visitor.actor();
    let bytes = publish::bytes(&ask.app.house, &actor, id, version, kind).await?;
    let digest = finding::hex(&keys::sha256(&[&bytes]));
    // Weak, since the same bytes may come compressed.
    let tag = HeaderValue::try_from(format!("W/\"{digest}\"")).map_err(Problem::broken)?;
    let held = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|held| held.to_str().ok())
        .is_some_and(|held| held.contains(&digest));
    // What only some may read is kept by nobody.
    let caching = match version {
        _ if ask.visitor.is_known() => OWN_CACHING,
        None => LAST_CACHING,
        Some(_) => VERSION_CACHING,
    };
    let common = [(header::CACHE_CONTROL, caching), (header::ETAG, tag)];
    Ok(match held {
        true => (StatusCode::NOT_MODIFIED, common).into_response(),
        false if kind == Kind::Signature => {
            let kind = [(header::CONTENT_TYPE, "application/pgp-signature")];
            (common, kind, bytes).into_response()
        }
        false => json(common, bytes),
    })
}

fn json(headers: [(header::HeaderName, HeaderValue); 2], bytes: Vec<u8>) -> Response {
    let kind = [(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    )];
    (headers, kind, bytes).into_response()
}

/// The entries of the log that were sealed until the advisory was published, with what they commit to.
#[utoipa::path(get, path = "/advisories/{advisory}/entries", tag = "advisories",
    params(("advisory" = String, Path, description = "`A-000123`")),
    responses((status = 200, body = EntriesView)))]
async fn entries(ask: Ask, Path(id): Path<AdvisoryId>) -> Answer {
    let actor = ask.visitor.actor();
    let public = publish::show(&ask.app.house, &actor, id, None).await?;
    let view = EntriesView {
        advisory: id.to_string(),
        entries: public.entries.into_iter().map(entry).collect(),
        url: ask.app.settings.url.to_string(),
    };
    let head = open(&ask, format!("What was sealed of {id}"), LAST_SECONDS)
        .under("Advisories", "/advisories")
        .under(id.to_string(), format!("/advisories/{id}"));
    ask.page(head, &view)
}

/// What was done, in a sentence.
pub const DONE: &[(&str, &str)] = &[
    (
        "draft-saved",
        "The draft is saved, and those who keep the case can read it.",
    ),
    (
        "published",
        "It is published, what was sealed of the case is open, and everyone who had a part in it is told.",
    ),
    (
        "advisory-withdrawn",
        "The advisory is withdrawn. Its number stays taken, and its versions stay readable.",
    ),
];

pub fn routes() -> Routes {
    Routes::new()
        .both("see_advisory", routes!(list))
        .both("see_advisory", routes!(show))
        .both("see_advisory", routes!(version))
        .both("see_advisory", routes!(entries))
        .and(write::routes())
}
