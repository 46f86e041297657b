//! `/log`: the transparency log, for people, for programs, and for whoever follows it without trusting us.

use askama::Template;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clearinghouse::log::{receipt, recent, serve, witness};
use serde::Serialize;
use tlog::{Checkpoint, Entry, Receipt, export, tile};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::page::{Ask, Path};
use crate::part::{Cell, Facts, Table};
use crate::routes::Routes;
use crate::{Answer, Head, Problem};

/// Entries on one page.
const ENTRIES_SHOWN: u64 = 50;
/// A checkpoint is out of date with the next entry; "caching headers SHOULD prevent caching beyond a few seconds".
const HEAD_CACHING: &str = "no-cache";
/// A tile never changes under its address.
const TILE_CACHING: &str = "public, max-age=31536000, immutable";
const OCTETS: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";
const PUBLIC: &str = "public: everyone may follow the log and check it";

/// The log's head, and its newest entries.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "log/list.html")]
struct LogView {
    /// The log's name.
    origin: String,
    /// The key that signs it, as `seamark verify --key` takes it.
    key: String,
    /// How many entries the last checkpoint is over.
    size: u64,
    /// The root of its tree, in base64.
    root: String,
    /// The names below the checkpoint.
    signed_by: Vec<String>,
    /// Who else is asked to see it grow, and how far each is.
    witnesses: Vec<WitnessView>,
    entries: Vec<EntryView>,
}

/// A witness of this log.
#[derive(Serialize, ToSchema)]
struct WitnessView {
    name: String,
    /// How many entries it last cosigned; 0 where it never did.
    size: u64,
    /// Whether the last time it was asked ended well.
    is_well: bool,
}

/// One entry.
#[derive(Serialize, ToSchema)]
#[schema(as = LogEntryView)]
struct EntryView {
    index: u64,
    /// `{"open":{…}}` or `{"sealed":"HASH"}`.
    #[schema(value_type = Object)]
    entry: Entry,
}

/// One entry with its proof.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "log/show.html")]
#[schema(as = LogReceiptView)]
struct ReceiptView {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    receipt: Receipt,
}

impl LogView {
    fn facts(&self) -> Facts {
        let facts = Facts::new()
            .fact("Name", Cell::code(&self.origin))
            .fact("Key", Cell::code(&self.key))
            .fact("Entries", Cell::number(self.size))
            .fact("Root", Cell::code(&self.root))
            .fact("Signed by", Cell::text(self.signed_by.join(", ")));
        let (count, all) = (self.cosigned(), self.witnesses.len());
        let said = match all {
            0 => "no witness is asked: keep your receipts, and compare checkpoints with others"
                .to_owned(),
            _ => format!("{count} of {all} witnesses"),
        };
        facts.fact("Cosigned by", Cell::text(said))
    }

    /// How many witnesses signed the checkpoint that is shown.
    fn cosigned(&self) -> usize {
        let signed = |it: &&WitnessView| self.signed_by.contains(&it.name);
        self.witnesses.iter().filter(signed).count()
    }

    fn table(&self) -> Table {
        let mut table = Table::new(
            "Entries, the newest first",
            &["Entry", "State", "Act"],
            "None yet.",
        );
        for one in &self.entries {
            let (state, act) = match &one.entry {
                Entry::Open(body) => ("open", act(&body.value())),
                Entry::Sealed(_) => ("sealed", Cell::Nothing),
            };
            let link = Cell::link(one.index.to_string(), format!("/log/{}", one.index));
            table.row(vec![link, Cell::tag(state), act]);
        }
        table
    }

    /// Where the next page begins.
    fn older(&self) -> Option<u64> {
        let last = self.entries.last()?;
        (last.index > 0).then_some(last.index)
    }
}

fn act(body: &serde_json::Value) -> Cell {
    body["act"].as_str().map_or(Cell::Nothing, Cell::text)
}

impl ReceiptView {
    fn facts(&self) -> Facts {
        let state = match (&self.receipt.entry, &self.receipt.opening) {
            (Entry::Open(_), _) => "open",
            (Entry::Sealed(_), Some(_)) => "published",
            (Entry::Sealed(_), None) => "sealed",
        };
        Facts::new()
            .fact("Log", Cell::code(&self.receipt.origin))
            .fact("Entry", Cell::number(self.receipt.index))
            .fact("State", Cell::tag(state))
            .fact("Hash", Cell::code(self.receipt.entry.leaf()))
    }

    fn said(&self) -> Option<String> {
        let opened = self.receipt.opening.as_ref().map(|it| &it.body);
        let body = match &self.receipt.entry {
            Entry::Open(body) => Some(body),
            Entry::Sealed(_) => opened,
        };
        body.map(|body| serde_json::to_string_pretty(&body.value()).unwrap_or_default())
    }
}

/// The log: its head and its newest entries.
#[utoipa::path(get, path = "/log", tag = "log",
    params(("below" = Option<u64>, Query, description = "Only entries below this index")),
    responses((status = 200, body = LogView)))]
async fn list(ask: Ask) -> Answer {
    let house = &ask.app.house;
    let note = receipt::head(house).await?;
    let head = Checkpoint::parse(note.text()).map_err(Problem::broken)?;
    let mut asked = url::form_urlencoded::parse(ask.query().as_bytes());
    let below = asked.find(|(name, _)| name == "below");
    let below = below.and_then(|(_, value)| value.parse().ok());
    let end = below.unwrap_or(head.size).min(head.size);
    let entries = recent::below(house, end, ENTRIES_SHOWN).await?;
    let keys: Vec<_> = ask
        .app
        .settings
        .file
        .witness
        .iter()
        .map(|it| it.key.clone())
        .collect();
    let witnesses = witness::standing(house, &keys).await?;
    let view = LogView {
        origin: head.origin,
        key: house.keys.log().verifier().to_string(),
        size: head.size,
        root: head.root.to_string(),
        signed_by: note
            .signatures()
            .iter()
            .map(|it| it.name().to_owned())
            .collect(),
        witnesses: witnesses
            .into_iter()
            .map(|it| WitnessView {
                name: it.name.into(),
                size: it.size,
                is_well: it.is_well,
            })
            .collect(),
        entries: entries
            .into_iter()
            .map(|(index, entry)| EntryView { index, entry })
            .collect(),
    };
    ask.page(Head::private("Log").wide(), &view)
}

/// One entry with its proof; `INDEX.receipt` is the receipt to keep, `INDEX.tlog-proof` the same for other tools.
#[utoipa::path(get, path = "/log/{index}", tag = "log", params(("index" = String, Path)),
    responses((status = 200, body = ReceiptView)))]
async fn show(ask: Ask, Path(asked): Path<String>) -> Answer {
    let (index, form) = asked.split_once('.').unwrap_or((&asked, ""));
    let number: u64 = index.parse().map_err(|_| Problem::Hidden)?;
    if number.to_string() != index {
        return Err(Problem::Hidden);
    }
    let receipt = receipt::receipt(&ask.app.house, number, false, ask.now).await?;
    match form {
        "" => {
            let head = Head::private(format!("Entry {index}"));
            let head = head.under("Log", "/log").logged(number);
            ask.page(head, &ReceiptView { receipt })
        }
        "receipt" => Ok(file("application/json", HEAD_CACHING, receipt.print())),
        "tlog-proof" => Ok(file(TEXT, HEAD_CACHING, export::tlog_proof(&receipt))),
        _ => Err(Problem::Hidden),
    }
}

async fn checkpoint(ask: Ask) -> Answer {
    let note = receipt::head(&ask.app.house).await?;
    Ok(file(TEXT, HEAD_CACHING, note.to_string()))
}

async fn file_of_tree(ask: Ask, Path(path): Path<String>) -> Answer {
    let asked = tile::parse(&format!("tile/{path}")).ok_or(Problem::Hidden)?;
    let bytes = serve::file(&ask.app.house, asked).await?;
    Ok(file(OCTETS, TILE_CACHING, bytes))
}

fn file(kind: &'static str, caching: &'static str, body: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, caching),
    ];
    (headers, body).into_response()
}

pub fn routes() -> Routes {
    Routes::new()
        .both(PUBLIC, routes!(list))
        .both(PUBLIC, routes!(show))
        .page(PUBLIC, "GET", "/log/checkpoint", get(checkpoint))
        .page(PUBLIC, "GET", "/log/tile/{*path}", get(file_of_tree))
}
