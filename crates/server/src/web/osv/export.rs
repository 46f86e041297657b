//! `/osv`: everything that was published here as OSV, in the layout of OSV's own exports.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use utoipa_axum::routes;

use crate::osv::{Export, File, Own};
use crate::page::{Ask, Path};
use crate::routes::Routes;
use crate::{Answer, Problem};

const PUBLIC: &str = "public: what was published is for everyone";

/// Whoever keeps a copy asks whether it is still the last.
const CACHING: HeaderValue = HeaderValue::from_static("public, no-cache");

/// What is told of all records: when each was modified last, and where it is, the newest first.
#[utoipa::path(get, path = "/osv/modified_id.csv", tag = "osv",
    responses((status = 200, body = String, content_type = "text/csv")))]
async fn modified(ask: Ask, headers: HeaderMap) -> Answer {
    let own = own(&ask).await?;
    file(&headers, Kind::Csv, &own.all.modified)
}

/// All records, `<ID>.json` each.
#[utoipa::path(get, path = "/osv/all.zip", tag = "osv",
    responses((status = 200, body = Vec<u8>, content_type = "application/zip")))]
async fn all(ask: Ask, headers: HeaderMap) -> Answer {
    let own = own(&ask).await?;
    file(&headers, Kind::Zip, &own.all.zip)
}

/// The ecosystems that there are records of, a line each; `[EMPTY]` where records name none.
#[utoipa::path(get, path = "/osv/ecosystems.txt", tag = "osv",
    responses((status = 200, body = String, content_type = "text/plain")))]
async fn ecosystems(ask: Ask, headers: HeaderMap) -> Answer {
    let own = own(&ask).await?;
    file(&headers, Kind::Text, &own.names)
}

/// Of one ecosystem: `all.zip`, `modified_id.csv`, or one record as `<ID>.json`, in the bytes that were published.
#[utoipa::path(get, path = "/osv/{ecosystem}/{file}", tag = "osv",
    params(("ecosystem" = String, Path, description = "a line of `ecosystems.txt`"),
        ("file" = String, Path, description = "`all.zip`, `modified_id.csv` or `<ID>.json`")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
async fn of_ecosystem(
    ask: Ask,
    Path((ecosystem, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let own = own(&ask).await?;
    let export: &Export = own.ecosystems.get(&*ecosystem).ok_or(Problem::Hidden)?;
    match &*name {
        "all.zip" => file(&headers, Kind::Zip, &export.zip),
        "modified_id.csv" => file(&headers, Kind::Csv, &export.modified),
        name => {
            let id = name.strip_suffix(".json").ok_or(Problem::Hidden)?;
            let record = own.record(&ecosystem, id).map_err(Problem::broken)?;
            let record = record.ok_or(Problem::Hidden)?;
            file(&headers, Kind::Json, &File::new(record.to_vec()))
        }
    }
}

async fn own(ask: &Ask) -> Result<Arc<Own>, Problem> {
    Ok(ask.app.osv.shelf(&ask.app).await?.own)
}

/// What kind of file.
#[derive(Clone, Copy)]
enum Kind {
    Zip,
    Csv,
    Text,
    Json,
}

impl Kind {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Kind::Zip => "application/zip",
            Kind::Csv => "text/csv; charset=utf-8",
            Kind::Text => "text/plain; charset=utf-8",
            Kind::Json => "application/json",
        })
    }
}

/// The bytes, or only that they are still what the asker holds.
fn file(headers: &HeaderMap, kind: Kind, file: &File) -> Answer {
    let digest = &*file.digest;
    // Weak, since the same bytes may come compressed.
    let tag = HeaderValue::try_from(format!("W/\"{digest}\"")).map_err(Problem::broken)?;
    let held = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|held| held.to_str().ok())
        .is_some_and(|held| held.contains(digest));
    let common = [(header::CACHE_CONTROL, CACHING), (header::ETAG, tag)];
    Ok(match held {
        true => (StatusCode::NOT_MODIFIED, common).into_response(),
        false => {
            let kind = [(header::CONTENT_TYPE, kind.content_type())];
            (common, kind, file.bytes.clone()).into_response()
        }
    })
}

/// The routes. A record is a file whose name ends in `.json`, not the JSON of a page.
pub fn routes() -> Routes {
    Routes::new()
        .both(PUBLIC, routes!(modified))
        .both(PUBLIC, routes!(all))
        .both(PUBLIC, routes!(ecosystems))
        .both(PUBLIC, routes!(of_ecosystem))
        .files("/osv/")
}
