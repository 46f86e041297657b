//! `/claims`: who scans what, and whose turn it is.

pub(crate) mod form;

use askama::Template;
use axum::routing::get;
use clearinghouse::Failure;
use clearinghouse::claim::{self, BoardAsk, Choice, Made, Met, Shown};
use finding::claim::{Draft, Standing};
use jiff::Timestamp;
use names::{ClaimId, Refusal};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::filter::{Chips, Filter};
use crate::form::{Fields, Filled, Form, Input};
use crate::page::{Ask, Path};
use crate::part::{Cell, Confirm, Facts, Table};
use crate::routes::Routes;
use crate::{Answer, Head};

use form::Written;
pub(crate) use form::{fields_of, intensities, lights, on_lists, rules_of, testing};

/// What stands above a page after one of these was done.
pub(super) const DONE: &[(&str, &str)] = &[
    (
        "claimed",
        "The claim is made. Below is whether its turn has come, and who else is at it.",
    ),
    (
        "claim-queued",
        "You wait for your turn; it begins by itself when those before you are done.",
    ),
    ("claim-split", "The claim is narrower now."),
    ("claim-renewed", "The lease is renewed."),
    (
        "claim-released",
        "The claim is let go, and whoever waited has their turn.",
    ),
];

/// The words that may stand before a colon.
const WORDS: &[&str] = &["is", "after"];

/// A page of the board, the oldest claims first.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "claim/board.html")]
struct ClaimsView {
    claims: Vec<ClaimView>,
    /// The claim after which the next page begins.
    next: Option<String>,
    #[serde(skip)]
    #[schema(ignore)]
    chips: Chips,
    #[serde(skip)]
    #[schema(ignore)]
    more: Option<String>,
}

/// A claim, as far as its light lets the asker see.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "claim/show.html")]
struct ClaimView {
    /// `K-000123`.
    id: String,
    /// Whether it is of the asker's organization.
    mine: bool,
    /// `waiting`, `active`, `lapsed` or `released`.
    standing: &'static str,
    /// Its holder said that they wait for their turn.
    queued: bool,
    /// Who holds it, where that is shown.
    holder: Option<Box<str>>,
    contact: Option<Box<str>>,
    targets: Vec<String>,
    tlp: &'static str,
    /// All that was claimed, where that is shown.
    #[schema(value_type = Option<Object>)]
    claim: Option<Draft>,
    #[schema(value_type = String)]
    asked: Timestamp,
    #[schema(value_type = Option<String>)]
    starts: Option<Timestamp>,
    /// The first moment after it.
    #[schema(value_type = String)]
    ends: Timestamp,
    /// Other teams' claims that it overlaps, the oldest first; for its holder alone.
    overlaps: Vec<OverlapView>,
    #[serde(skip)]
    #[schema(ignore)]
    may_change: bool,
    #[serde(skip)]
    #[schema(ignore)]
    form: Filled,
}

/// Another team's claim that overlaps one's own.
#[derive(Serialize, ToSchema)]
struct OverlapView {
    id: String,
    /// It came before and has the turn first.
    first: bool,
    standing: &'static str,
    why: Box<str>,
    holder: Option<Box<str>>,
    contact: Option<Box<str>>,
    #[schema(value_type = String)]
    ends: Timestamp,
}

/// A claim that was just made or changed.
#[derive(Serialize, ToSchema)]
struct MadeView {
    id: String,
    standing: &'static str,
    overlaps: Vec<MadeOverlap>,
}

#[derive(Serialize, ToSchema)]
struct MadeOverlap {
    id: String,
    why: Box<str>,
    shared: Vec<String>,
}

impl From<Made> for MadeView {
    fn from(made: Made) -> MadeView {
        let overlap = |(id, overlap): (ClaimId, finding::claim::Overlap)| MadeOverlap {
            id: id.to_string(),
            why: overlap.why,
            shared: overlap.shared.iter().map(ToString::to_string).collect(),
        };
        MadeView {
            id: made.id.to_string(),
            standing: made.standing.as_str(),
            overlaps: made.overlaps.into_iter().map(overlap).collect(),
        }
    }
}

impl From<Met> for OverlapView {
    fn from(met: Met) -> OverlapView {
        OverlapView {
            id: met.id.to_string(),
            first: met.is_first,
            standing: met.standing.as_str(),
            why: met.why,
            holder: met.holder,
            contact: met.contact,
            ends: met.ends,
        }
    }
}

impl From<Shown> for ClaimView {
    fn from(shown: Shown) -> ClaimView {
        let claim = shown.claim.as_ref().map(|claim| claim.draft(shown.days));
        let form = match &claim {
            Some(draft) if shown.may_change => fields_of(draft),
            _ => Filled::empty(),
        };
        ClaimView {
            id: shown.id.to_string(),
            mine: shown.is_own,
            standing: shown.standing.as_str(),
            queued: shown.is_queued,
            holder: shown.holder.map(|(_, name)| name),
            contact: shown.contact,
            targets: shown.targets.iter().map(ToString::to_string).collect(),
            tlp: shown.tlp.as_str(),
            claim,
            asked: shown.asked,
            starts: shown.starts,
            ends: shown.ends,
            overlaps: shown.overlaps.into_iter().map(OverlapView::from).collect(),
            may_change: shown.may_change,
            form,
        }
    }
}

impl ClaimsView {
    fn table(&self) -> Table {
        const COLUMNS: &[&str] = &["Claim", "Target", "Held by", "State", "Until", "Overlaps"];
        let mut table = Table::new(
            "Claims, the oldest first",
            COLUMNS,
            "Nobody claims anything here.",
        );
        for claim in &self.claims {
            let more = claim.targets.len().saturating_sub(1);
            let target = claim.targets.first().cloned().unwrap_or_default();
            let target = if more > 0 {
                format!("{target} and {more} more")
            } else {
                target
            };
            table.row(vec![
                Cell::link(claim.id.clone(), format!("/claims/{}", claim.id)),
                Cell::code(target),
                Cell::text(claim.holder.as_deref().unwrap_or("somebody who takes part")),
                Cell::tag(claim.standing),
                Cell::when(claim.ends),
                Cell::number(claim.overlaps.len()),
            ]);
        }
        table
    }
}

impl ClaimView {
    fn facts(&self) -> Facts {
        let mut facts = Facts::new()
            .fact(
                "Held by",
                Cell::text(self.holder.as_deref().unwrap_or("somebody who takes part")),
            )
            .fact(
                "Call",
                self.contact.as_deref().map_or(Cell::Nothing, Cell::text),
            )
            .fact("Who may know", Cell::text(format!("TLP:{}", self.tlp)))
            .fact("Asked", Cell::when(self.asked))
            .fact("Began", Cell::when(self.starts))
            .fact("Ends by itself", Cell::when(self.ends));
        let Some(claim) = &self.claim else {
            return facts;
        };
        if let Some(versions) = &claim.versions {
            facts = facts.fact("Versions", Cell::code(versions));
        }
        if let Some(commits) = &claim.commits {
            facts = facts.fact("Commits", Cell::code(commits));
        }
        if !claim.weaknesses.is_empty() {
            facts = facts.fact("Looking for", Cell::text(claim.weaknesses.join(", ")));
        }
        facts = facts.fact("Testing", Cell::text(claim.testing.join(", ")));
        if let Some(intensity) = &claim.intensity {
            facts = facts.fact("At most", Cell::text(&**intensity));
        }
        if let Some(most) = claim.requests_per_second_max {
            facts = facts.fact("Requests a second", Cell::number(most));
        }
        if !claim.hours.is_empty() {
            facts = facts.fact("Hours, UTC", Cell::text(claim.hours.join("; ")));
        }
        if !claim.exclude.is_empty() {
            facts = facts.fact("Left alone", Cell::code(claim.exclude.join(", ")));
        }
        facts
    }

    fn overlaps(&self) -> Table {
        const COLUMNS: &[&str] = &["Claim", "Whose turn", "Why", "Held by", "Call", "Until"];
        let mut table = Table::new("Who else is at it", COLUMNS, "Nobody else is at it.");
        for overlap in &self.overlaps {
            table.row(vec![
                Cell::link(overlap.id.clone(), format!("/claims/{}", overlap.id)),
                Cell::text(if overlap.first {
                    "before you"
                } else {
                    "after you"
                }),
                Cell::text(&*overlap.why),
                Cell::text(
                    overlap
                        .holder
                        .as_deref()
                        .unwrap_or("somebody who takes part"),
                ),
                overlap.contact.as_deref().map_or(Cell::Nothing, Cell::text),
                Cell::when(overlap.ends),
            ]);
        }
        table
    }

    fn is_waiting(&self) -> bool {
        self.standing == Standing::Waiting.as_str()
    }
}

/// How the board is narrowed.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read as a filter; here for the document alone")]
struct BoardQuery {
    /// Words of a target; `is:mine`; `after:K-000123` for the next page.
    q: Option<String>,
}

/// Who scans what.
#[utoipa::path(get, path = "/claims", tag = "claims", params(BoardQuery), responses((status = 200, body = ClaimsView)))]
async fn board(ask: Ask) -> Answer {
    ask.member()?;
    let filter = Filter::read(&ask, WORDS);
    let mut refusal = Refusal::none();
    let asked = BoardAsk {
        is_mine: filter.get("is") == Some("mine"),
        words: filter.words().join(" ").into(),
        after: filter.parsed::<ClaimId>("after", &mut refusal),
    };
    refusal.or(())?;
    let board = claim::board(&ask.app.house, &ask.visitor.actor(), &asked, ask.now).await?;
    let next = board.next.map(|next| next.to_string());
    let mine = if asked.is_mine { "is:mine+" } else { "" };
    let view = ClaimsView {
        more: next
            .as_ref()
            .map(|next| format!("/claims?q={mine}after:{next}")),
        claims: board.claims.into_iter().map(ClaimView::from).collect(),
        next,
        chips: filter.chips(),
    };
    ask.page(Head::private("Who scans what").wide(), &view)
}

/// One claim.
#[utoipa::path(get, path = "/claims/{id}", tag = "claims", params(("id" = String, Path)), responses((status = 200, body = ClaimView)))]
async fn show(ask: Ask, Path(id): Path<ClaimId>) -> Answer {
    let shown = claim::show(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    let head = head(&format!("Claim {id}")).tagged(shown.standing.as_str());
    ask.page(head, &ClaimView::from(shown))
}

fn head(title: &str) -> Head {
    Head::private(title).under("Who scans what", "/claims")
}

/// A new claim, to be filled in.
#[derive(Template)]
#[template(path = "claim/new.html")]
struct NewPage {
    form: Filled,
}

async fn new(ask: Ask) -> Answer {
    ask.member()?;
    let form = Filled::empty()
        .with("days", "14")
        .with("testing", "review")
        .with("tlp", "AMBER");
    ask.html(head("New claim"), &NewPage { form })
}

/// Claims a target. It holds at once where nobody else is at it, and waits for its turn where somebody is.
#[utoipa::path(post, path = "/claims", tag = "claims", request_body = form::NewClaim, responses((status = 201, body = MadeView)))]
async fn create(ask: Ask, form: Form) -> Answer {
    let outcome = match form.read::<Written>() {
        Ok(written) => {
            claim::claim(&ask.app.house, &ask.visitor.actor(), &written.0, ask.now).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(made) => ask.made(
            &format!("/claims/{}", made.id),
            "claimed",
            &MadeView::from(made),
        ),
        Err(Failure::Refused(refusal)) => {
            let again = NewPage {
                form: form.filled(&on_lists(&refusal)),
            };
            Err(ask.refused(refusal, head("New claim"), &again))
        }
        Err(other) => Err(other.into()),
    }
}

/// Waits for its turn.
#[utoipa::path(post, path = "/claims/{id}/queue", tag = "claims", params(("id" = String, Path)), responses((status = 204)))]
async fn queue(ask: Ask, Path(id): Path<ClaimId>) -> Answer {
    claim::answer(
        &ask.app.house,
        &ask.visitor.actor(),
        id,
        Choice::Queue,
        ask.now,
    )
    .await?;
    ask.changed(&format!("/claims/{id}"), "claim-queued")
}

/// Gives up what others have: the claim as it shall be from now on.
#[utoipa::path(post, path = "/claims/{id}/split", tag = "claims", params(("id" = String, Path)), request_body = form::NewClaim, responses((status = 201, body = MadeView)))]
async fn split(ask: Ask, Path(id): Path<ClaimId>, form: Form) -> Answer {
    let (house, actor) = (&ask.app.house, ask.visitor.actor());
    let outcome = match form.read::<Written>() {
        Ok(written) => {
            claim::answer(
                house,
                &actor,
                id,
                Choice::Split(Box::new(written.0)),
                ask.now,
            )
            .await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(made) => ask.made(
            &format!("/claims/{id}"),
            "claim-split",
            &MadeView::from(made),
        ),
        Err(Failure::Refused(refusal)) => {
            let shown = claim::show(house, &actor, id, ask.now).await?;
            let again = ClaimView {
                form: form.filled(&on_lists(&refusal)),
                ..ClaimView::from(shown)
            };
            Err(ask.refused(refusal, head(&format!("Claim {id}")), &again))
        }
        Err(other) => Err(other.into()),
    }
}

/// For how many days more.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by hand; the derive describes it")]
struct Renewal {
    /// From now on, 1 to 30.
    days: i64,
}

struct Days(i64);

impl Input for Days {
    fn read(fields: &mut Fields<'_>) -> Option<Days> {
        fields
            .number(
                "days",
                "the days it shall last from now on",
                1..=finding::claim::LEASE_DAYS_MAX,
            )
            .map(Days)
    }
}

/// Renews its lease, at most twice.
#[utoipa::path(post, path = "/claims/{id}/renew", tag = "claims", params(("id" = String, Path)), request_body = Renewal, responses((status = 204)))]
async fn renew(ask: Ask, Path(id): Path<ClaimId>, form: Form) -> Answer {
    let Days(days) = form.read()?;
    claim::renew(&ask.app.house, &ask.visitor.actor(), id, days, ask.now).await?;
    ask.changed(&format!("/claims/{id}"), "claim-renewed")
}

async fn leave(ask: Ask, Path(id): Path<ClaimId>) -> Answer {
    let shown = claim::show(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    let waiting = shown.overlaps.iter().filter(|met| !met.is_first);
    let confirm = Confirm {
        what: vec![format!(
            "You let {id} go. It holds no longer, and a new claim comes behind those who wait."
        )],
        whom: waiting
            .map(|met| format!("{} may have its turn at once", met.id))
            .collect(),
        action: format!("/claims/{id}/release"),
        button: "Let the claim go".into(),
        back: format!("/claims/{id}"),
    };
    ask.html(head(&format!("Let {id} go")), &confirm)
}

/// Lets it go, and lets those who wait have their turn.
#[utoipa::path(post, path = "/claims/{id}/release", tag = "claims", params(("id" = String, Path)), responses((status = 204)))]
async fn release(ask: Ask, Path(id): Path<ClaimId>) -> Answer {
    claim::release(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    ask.changed(&format!("/claims/{id}"), "claim-released")
}

pub fn routes() -> Routes {
    Routes::new()
        .both("see_board", routes!(board))
        .both("claim", routes!(create))
        .both("see_claim", routes!(show))
        .both("change_claim", routes!(queue))
        .both("change_claim", routes!(split))
        .both("change_claim", routes!(renew))
        .both("change_claim", routes!(release))
        .page("claim", "GET", "/claims/new", get(new))
        .page("change_claim", "GET", "/claims/{id}/release", get(leave))
}
