//! `/csaf/` and `/.well-known/csaf/`: what was told, as files that programs follow (CSAF 2.0, section 7).
//!
//! One folder a traffic light, one folder a year in it, and beside each document its hashes and its signature. The
//! lists of a folder are rendered when something was published and kept until the next time. What is under
//! TLP:CLEAR is the same for everyone; the other folders answer a stranger the same whatever is in them.

mod feed;
mod kev;
mod listing;
mod metadata;
mod reply;
mod security;
mod shelf;

use askama::Template;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clearinghouse::publish::{self, Key, Listed};
use jiff::Timestamp;
use names::{AdvisoryId, Tlp};
use utoipa_axum::routes;

use crate::page::{Ask, Path};
use crate::part::{Cell, Table};
use crate::routes::Routes;
use crate::{Answer, Head, Problem};

use reply::{Body, Caching};
pub(crate) use shelf::Cache;
use shelf::{EDITIONS, Edition, Label, Place, V20, V21};

/// The readable page changes when something is published; a minute later everywhere is soon enough.
const PAGE_SECONDS: u32 = 60;

/// What this house provides, and where: the file that every follower of CSAF begins with (CSAF 2.0, section 7.1.7).
#[utoipa::path(get, path = "/.well-known/csaf/provider-metadata.json", tag = "provider",
    responses((status = 200, body = serde_json::Value)))]
async fn provider_metadata(ask: Ask, headers: HeaderMap) -> Answer {
    metadata_of(&ask, &headers, &V20).await
}

/// The same of CSAF 2.1, where its section 7.4 has it for as long as 2.0 is provided too.
#[utoipa::path(get, path = "/.well-known/csaf/v2.1/provider-metadata.json", tag = "provider",
    responses((status = 200, body = serde_json::Value)))]
async fn provider_metadata_21(ask: Ask, headers: HeaderMap) -> Answer {
    metadata_of(&ask, &headers, &V21).await
}

async fn metadata_of(ask: &Ask, headers: &HeaderMap, edition: &'static Edition) -> Answer {
    let (house, actor) = (&ask.app.house, ask.visitor.actor());
    let (shelf, keys) = (
        publish::shelf(house, edition.kind).await?,
        publish::public_keys(house).await?,
    );
    let reads = publish::reads(house, &actor).await?;
    // The shelf has the last changed first.
    let in_folder = |label: Label| {
        let mut all = shelf.listed.iter();
        let newest = all.find(|one| label.holds(one.tlp) && reads.may(one));
        (label, newest.map(|one| one.modified))
    };
    let folders: Vec<(Label, Option<Timestamp>)> = shown(edition, ask).map(in_folder).collect();
    let (text, modified) = metadata::metadata(&ask.app.settings, edition, &keys, &folders);
    let caching = Caching::of(!ask.visitor.is_known());
    Ok(Body::json(text).modified(modified).reply(headers, caching))
}

/// The folders that someone is told of.
fn shown(edition: &'static Edition, ask: &Ask) -> impl Iterator<Item = Label> {
    let is_known = ask.visitor.is_known();
    edition
        .labels()
        .filter(move |label| label.is_open() || is_known)
}

/// The feeds, as a ROLIE service document (RFC 8322, section 5).
#[utoipa::path(get, path = "/.well-known/csaf/service.json", tag = "provider",
    responses((status = 200, body = serde_json::Value)))]
async fn service(ask: Ask, headers: HeaderMap) -> Answer {
    Ok(service_of(&ask, &headers, &V20))
}

/// The feeds of CSAF 2.1 documents, in the same form.
#[utoipa::path(get, path = "/.well-known/csaf/v2.1/service.json", tag = "provider",
    responses((status = 200, body = serde_json::Value)))]
async fn service_21(ask: Ask, headers: HeaderMap) -> Answer {
    Ok(service_of(&ask, &headers, &V21))
}

fn service_of(ask: &Ask, headers: &HeaderMap, edition: &'static Edition) -> Response {
    let text = metadata::service(&ask.app.settings, shown(edition, ask));
    let caching = Caching::of(!ask.visitor.is_known());
    Body::json(text).reply(headers, caching)
}

/// What this house published as exploited, in the shape of CISA's catalog of known exploited vulnerabilities.
#[utoipa::path(get, path = "/kev.json", tag = "provider", responses((status = 200, body = serde_json::Value)))]
async fn kev_json(ask: Ask, headers: HeaderMap) -> Answer {
    let name = ask.app.settings.name().to_owned();
    exploited(&ask, &headers, "kev.json", |all| {
        Body::json(kev::json(&name, all))
    })
    .await
}

/// The same as lines.
async fn kev_csv(ask: Ask, headers: HeaderMap) -> Answer {
    let kind = "text/csv; charset=utf-8";
    exploited(&ask, &headers, "kev.csv", |all| {
        Body::new(kind, kev::csv(all))
    })
    .await
}

async fn exploited(
    ask: &Ask,
    headers: &HeaderMap,
    name: &str,
    render: impl FnOnce(&[publish::Exploited]) -> Body,
) -> Answer {
    let (house, cache) = (&ask.app.house, &ask.app.provided);
    house.reveal(
        &ask.visitor.actor(),
        policy::Action::SeeAdvisory,
        &V20.label(Tlp::Clear).thing(),
    )?;
    let last = publish::shelf(house, V20.kind).await?.last;
    let body = match cache.kept(name, last) {
        Some(body) => body,
        None => {
            let all = publish::exploited(house).await?;
            cache.keep(name, last, render(&all).modified(Some(kev::newest(&all))))
        }
    };
    Ok(body.reply(headers, Caching::Open))
}

/// Where to report a flaw in this house, and where its metadata is (RFC 9116), signed.
async fn security_txt(ask: Ask, headers: HeaderMap) -> Answer {
    let text = security::text(&ask.app.settings, ask.app.house.openpgp.as_ref(), ask.now);
    Ok(Body::new("text/plain; charset=utf-8", text).reply(&headers, Caching::Open))
}

/// A file below `/csaf/`.
async fn file(ask: Ask, Path(path): Path<String>, headers: HeaderMap) -> Answer {
    if let Some(name) = path.strip_prefix("openpgp/") {
        return key(&ask, &headers, name).await;
    }
    let (label, place) = Place::parse(&path).ok_or(Problem::Hidden)?;
    if !label.is_open() && !ask.visitor.is_known() {
        return Ok(locked());
    }
    let actor = ask.visitor.actor();
    let house = &ask.app.house;
    let shelf = publish::shelf(house, label.edition.kind).await?;
    if let Place::Document(year, id, ending) = place {
        let reads = publish::reads(house, &actor).await?;
        let fits =
            |one: &&Listed| label.holds(one.tlp) && shelf::year(one) == year && reads.may(one);
        let one = shelf.find(id).filter(fits).ok_or(Problem::Hidden)?;
        return document(&ask, &headers, label, one, ending).await;
    }
    let render = |listed: &[&Listed]| match place {
        Place::Feed => Body::json(feed::feed(&ask.app.settings, label, listed)),
        Place::Categories => Body::json(feed::categories(listed)),
        Place::Index => Body::new("text/plain; charset=utf-8", listing::index(listed)),
        Place::Changes => Body::new("text/csv; charset=utf-8", listing::changes(label, listed)),
        Place::Folder(year) => Body::new(
            "text/html; charset=utf-8",
            listing::folder(label, year, listed),
        ),
        Place::Document(..) => Body::json(String::new()),
    };
    let of_label = shelf.listed.iter().filter(|one| label.holds(one.tlp));
    let body = match label.is_shared() {
        // Whoever may read one of these may read all of them.
        true => {
            house.reveal(&actor, policy::Action::SeeAdvisory, &label.thing())?;
            let cache = &ask.app.provided;
            match cache.kept(&path, shelf.last) {
                Some(body) => body,
                None => {
                    let all: Vec<&Listed> = of_label.collect();
                    let newest = all.first().map(|one| one.modified);
                    cache.keep(&path, shelf.last, render(&all).modified(newest))
                }
            }
        }
        false => {
            let reads = publish::reads(house, &actor).await?;
            let own: Vec<&Listed> = of_label.filter(|one| reads.may(one)).collect();
            render(&own).modified(own.first().map(|one| one.modified))
        }
    };
    Ok(body.reply(&headers, Caching::of(label.is_open())))
}

/// A document of the shelf, or what stands beside it.
async fn document(
    ask: &Ask,
    headers: &HeaderMap,
    label: Label,
    one: &Listed,
    ending: shelf::Ending,
) -> Answer {
    let (house, actor) = (&ask.app.house, ask.visitor.actor());
    let id = one.advisory;
    let kept = publish::file(house, &actor, id, Some(one.version), label.edition.kind).await?;
    let name = shelf::name(id);
    let body = match ending {
        shelf::Ending::Json => Body::json(kept.body.unwrap_or_default()),
        shelf::Ending::Sha256 => Body::new(
            "text/plain; charset=utf-8",
            format!("{}  {name}\n", kept.sha256),
        ),
        shelf::Ending::Sha512 => Body::new(
            "text/plain; charset=utf-8",
            format!("{}  {name}\n", kept.sha512),
        ),
        shelf::Ending::Asc => {
            let (_, signature) = kept.signed.ok_or(Problem::Hidden)?;
            Body::new("application/pgp-signature", signature.into_string())
        }
    };
    let body = body.modified(Some(one.modified));
    Ok(body.reply(headers, Caching::of(one.tlp == Tlp::Clear)))
}

/// A public key, under its fingerprint.
async fn key(ask: &Ask, headers: &HeaderMap, name: &str) -> Answer {
    let fingerprint = name.strip_suffix(".asc").ok_or(Problem::Hidden)?;
    let keys = publish::public_keys(&ask.app.house).await?;
    let found = keys
        .into_iter()
        .find(|key| *key.fingerprint == *fingerprint);
    let found = found.ok_or(Problem::Hidden)?;
    let body = Body::new("application/pgp-keys", found.public.into_string());
    Ok(body
        .modified(Some(found.made))
        .reply(headers, Caching::Forever))
}

/// What a stranger is told in front of every folder that is not for everyone, whatever is in it: how to come in.
fn locked() -> Response {
    let said = "this folder is for members; send a token as `Authorization: Bearer …`, or sign in at `/sign-in`\n";
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::WWW_AUTHENTICATE, "Bearer"),
    ];
    (StatusCode::UNAUTHORIZED, headers, said).into_response()
}

/// Where the last version of an advisory stands that was first `published` then, and is told under `light`.
pub fn document_path(id: AdvisoryId, published: Timestamp, light: Tlp) -> String {
    publish::place(V20.kind, id, published, light)
}

/// What is provided, for people.
#[derive(Template)]
#[template(path = "provider/show.html")]
struct ProviderPage {
    url: String,
    newest: Vec<(AdvisoryId, Box<str>, String)>,
    labels: Vec<Label>,
    keys: Vec<Key>,
}

/// Documents that the page names: enough to try one.
const NEWEST: usize = 10;

impl ProviderPage {
    /// The name of the first file, as the commands have it.
    fn first_name(&self) -> String {
        self.newest
            .first()
            .map_or(String::new(), |(id, ..)| shelf::name(*id))
    }

    fn folders(&self) -> Table {
        const COLUMNS: &[&str] = &["Folder", "CSAF", "Feed", "List", "Changes"];
        let mut table = Table::new("Folders, one a traffic light", COLUMNS, "There is none.");
        for label in &self.labels {
            let at = |file: &str| format!("{}{file}", label.folder());
            table.row(vec![
                Cell::link(format!("TLP:{}", label.name()), at("")),
                Cell::text(label.edition.version),
                Cell::link("ROLIE", at(&label.feed())),
                Cell::link("index.txt", at("index.txt")),
                Cell::link("changes.csv", at("changes.csv")),
            ]);
        }
        table
    }

    fn documents(&self) -> Table {
        const COLUMNS: &[&str] = &["Advisory", "What", "Document", "Hashes", "Signature"];
        let mut table = Table::new("The last published", COLUMNS, "Nothing is published yet.");
        for (id, title, path) in &self.newest {
            table.row(vec![
                Cell::link(id.to_string(), format!("/advisories/{id}")),
                Cell::text(&**title),
                Cell::link(shelf::name(*id), path.clone()),
                Cell::link("sha512", format!("{path}.sha512")),
                Cell::link("asc", format!("{path}.asc")),
            ]);
        }
        table
    }

    fn keys(&self) -> Table {
        const COLUMNS: &[&str] = &["Fingerprint", "Since", "File"];
        let mut table = Table::new(
            "Keys that sign or signed",
            COLUMNS,
            "Nothing is signed here.",
        );
        for key in &self.keys {
            table.row(vec![
                Cell::code(&key.fingerprint),
                Cell::when(key.made),
                Cell::link("asc", format!("/csaf/openpgp/{}.asc", key.fingerprint)),
            ]);
        }
        table
    }
}

async fn show(ask: Ask) -> Answer {
    let house = &ask.app.house;
    let (shelf, keys) = (
        publish::shelf(house, V20.kind).await?,
        publish::public_keys(house).await?,
    );
    let open = shelf.listed.iter().filter(|one| one.tlp == Tlp::Clear);
    let is_known = ask.visitor.is_known();
    let page = ProviderPage {
        url: ask.app.settings.url.to_string(),
        newest: open
            .take(NEWEST)
            .map(|one| {
                (
                    one.advisory,
                    one.title.clone(),
                    V20.label(one.tlp).path(one),
                )
            })
            .collect(),
        labels: EDITIONS
            .iter()
            .flat_map(|edition| shown(edition, &ask))
            .collect(),
        keys,
    };
    let title = "Advisories as files";
    let head = match is_known {
        true => Head::private(title),
        false => Head::public(title, PAGE_SECONDS),
    };
    ask.html(head.under("Advisories", "/advisories").wide(), &page)
}

pub fn routes() -> Routes {
    Routes::new()
        .both(
            "public: whoever follows this house begins here",
            routes!(provider_metadata),
        )
        .both(
            "public: whoever follows this house begins here",
            routes!(service),
        )
        .both(
            "public: whoever follows this house begins here",
            routes!(provider_metadata_21),
        )
        .both(
            "public: whoever follows this house begins here",
            routes!(service_21),
        )
        .page(
            "public: whoever found a flaw in this house is told where to say so",
            "GET",
            "/.well-known/security.txt",
            get(security_txt),
        )
        .both("see_advisory", routes!(kev_json))
        .page("see_advisory", "GET", "/kev.csv", get(kev_csv))
        .files("/kev.json")
        .page("see_advisory", "GET", "/csaf/", get(show))
        .page("see_advisory", "GET", "/csaf/{*path}", get(file))
        .files("/.well-known/csaf/")
        .verbatim("/csaf/")
}
