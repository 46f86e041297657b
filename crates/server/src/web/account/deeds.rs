//! `/account/acts`: what one did; the same list serves an organization.

use askama::Template;
use clearinghouse::who::account;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::page::Ask;
use crate::part::{Cell, Table};
use crate::routes::Routes;
use crate::{Answer, Head};

/// What someone did, newest first.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "account/deeds.html")]
pub struct DeedsView {
    deeds: Vec<DeedView>,
    #[serde(skip)]
    #[schema(ignore)]
    base: String,
}

/// One thing that was done.
#[derive(Serialize, ToSchema)]
pub struct DeedView {
    id: i64,
    #[schema(value_type = String)]
    at: Timestamp,
    #[schema(value_type = Option<String>)]
    member: Option<names::MemberId>,
    /// The action's word.
    act: String,
    /// To what.
    subject: String,
    /// The entry of the log that proves it.
    log_index: i64,
}

impl DeedsView {
    pub(in crate::web) fn new(deeds: Vec<clearinghouse::who::Deed>, base: &str) -> DeedsView {
        let view = |one: clearinghouse::who::Deed| DeedView {
            id: one.id,
            at: one.at,
            member: one.member,
            act: one.act.into(),
            subject: one.subject.into(),
            log_index: one.log_index,
        };
        DeedsView {
            deeds: deeds.into_iter().map(view).collect(),
            base: base.to_owned(),
        }
    }

    fn table(&self) -> Table {
        let columns = &["When", "Who", "Did", "To", "Entry of the log"];
        let row = |one: &DeedView| {
            vec![
                Cell::when(one.at),
                one.member.map_or(Cell::text("the house"), Cell::code),
                Cell::text(one.act.replace('_', " ")),
                Cell::text(&one.subject),
                Cell::link(one.log_index.to_string(), format!("/log/{}", one.log_index)),
            ]
        };
        Table::new("Newest first", columns, "Nothing yet.").rows(self.deeds.iter().map(row))
    }

    /// The address of what came before these, where there may be more.
    fn older(&self) -> Option<String> {
        let last = self.deeds.last()?;
        let full = self.deeds.len() >= account::DEEDS_MAX as usize;
        full.then(|| format!("{}?before={}", self.base, last.id))
    }
}

/// `before=` of a query.
pub(in crate::web) fn before(ask: &Ask) -> Option<i64> {
    let mut pairs = url::form_urlencoded::parse(ask.query().as_bytes());
    pairs
        .find(|(name, _)| name == "before")
        .and_then(|(_, value)| value.parse().ok())
}

/// What one did oneself.
#[utoipa::path(get, path = "/account/acts", tag = "account", responses((status = 200, body = DeedsView)))]
async fn deeds(ask: Ask) -> Answer {
    ask.visitor.guest()?;
    let deeds = account::own_deeds(&ask.app.house, &ask.visitor.actor(), before(&ask)).await?;
    let head = Head::private("What you did")
        .under("Your account", "/account")
        .wide();
    ask.page(head, &DeedsView::new(deeds, "/account/acts"))
}

pub fn routes() -> Routes {
    Routes::new().both("see_account", routes!(deeds))
}
