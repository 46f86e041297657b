//! `/authorizations`: who may scan what, by whose leave; and how a target checks that, offline or here.

use askama::Template;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use clearinghouse::Failure;
use clearinghouse::authorization::{self, NewAuthorization, Shown, TARGETS_MAX};
use jiff::Timestamp;
use names::authorization::{HEADER, STATEMENT_BYTES_MAX, Scan};
use names::{Authorization, AuthorizationId, OrganizationId, Place, Refusal};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::form::{Fields, Filled, Form, Input};
use crate::page::{Ask, Path, Wants};
use crate::part::{Cell, Confirm, Facts, Table};
use crate::routes::Routes;
use crate::web::claims::{on_lists, rules_of};
use crate::{Answer, Head};

/// What stands above a page after one of these was done.
pub(super) const DONE: &[(&str, &str)] = &[(
    "authorization-revoked",
    "The authorization is taken back. Targets learn it from the list, which you can fetch below.",
)];

/// Where programs learn how to check a token.
const WELL_KNOWN: &str = "/.well-known/seamark-authorization";

/// Those that the asker's organization gave or was given, the newest first.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "authorization/list.html")]
struct AuthorizationsView {
    authorizations: Vec<AuthorizationView>,
}

/// An authorization, for its two sides.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "authorization/show.html")]
struct AuthorizationView {
    /// What was signed.
    #[schema(value_type = Object)]
    statement: Authorization,
    #[schema(value_type = String)]
    made: Timestamp,
    #[schema(value_type = Option<String>)]
    revoked: Option<Timestamp>,
    #[serde(skip)]
    #[schema(ignore)]
    may_revoke: bool,
}

/// A token, shown once.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "authorization/token.html")]
#[schema(as = AuthorizationsTokenView)]
struct TokenView {
    id: String,
    /// For the header `Seamark-Authorization`. It cannot be asked for again.
    token: String,
    /// The key that targets trust.
    key: String,
    /// Whose targets it is for, which whoever checks has to say.
    owner: String,
}

/// How a target checks tokens of this clearinghouse.
#[derive(Serialize, ToSchema)]
struct WellKnown {
    /// The header of a request that carries a token.
    header: &'static str,
    /// The key that signs them, as `seamark authorization verify --key` takes it.
    key: String,
    /// Where the signed list of those taken back is.
    revoked: String,
}

impl From<Shown> for AuthorizationView {
    fn from(shown: Shown) -> AuthorizationView {
        AuthorizationView {
            statement: shown.statement,
            made: shown.made,
            revoked: shown.revoked,
            may_revoke: shown.may_revoke,
        }
    }
}

fn moment(seconds: i64) -> Cell {
    Timestamp::from_second(seconds).map_or(Cell::Nothing, Cell::when)
}

impl AuthorizationsView {
    fn table(&self) -> Table {
        const COLUMNS: &[&str] = &[
            "Authorization",
            "Target",
            "Given by",
            "To",
            "State",
            "Until",
        ];
        let mut table = Table::new("Authorizations, the newest first", COLUMNS, "None yet.");
        for one in &self.authorizations {
            let statement = &one.statement;
            let more = statement.targets.len().saturating_sub(1);
            let target = statement
                .targets
                .first()
                .map(Place::to_string)
                .unwrap_or_default();
            let target = if more > 0 {
                format!("{target} and {more} more")
            } else {
                target
            };
            table.row(vec![
                Cell::link(
                    statement.id.to_string(),
                    format!("/authorizations/{}", statement.id),
                ),
                Cell::code(target),
                Cell::text(&*statement.issuer),
                Cell::text(&*statement.holder),
                if one.revoked.is_some() {
                    Cell::tag("revoked")
                } else {
                    Cell::Nothing
                },
                moment(statement.ends),
            ]);
        }
        table
    }
}

impl AuthorizationView {
    fn facts(&self) -> Facts {
        let statement = &self.statement;
        let rules = &statement.rules;
        let words = |list: Vec<String>| match list.is_empty() {
            true => Cell::Nothing,
            false => Cell::text(list.join(", ")),
        };
        let sources: Vec<String> = statement.sources.iter().map(ToString::to_string).collect();
        Facts::new()
            .fact(
                "Given by",
                Cell::text(format!("{} ({})", statement.issuer, statement.owner)),
            )
            .fact("To", Cell::text(&*statement.holder))
            .fact("From", moment(statement.starts))
            .fact("Until", moment(statement.ends))
            .fact("Taken back", Cell::when(self.revoked))
            .fact("Scans come from", words(sources))
            .fact(
                "Testing",
                words(rules.testing.iter().map(ToString::to_string).collect()),
            )
            .fact(
                "At most",
                words(rules.intensity.iter().map(ToString::to_string).collect()),
            )
            .fact(
                "Requests a second",
                rules
                    .requests_per_second_max
                    .map_or(Cell::Nothing, Cell::number),
            )
            .fact(
                "Hours, UTC",
                words(rules.hours.iter().map(ToString::to_string).collect()),
            )
            .fact("Call", Cell::text(&*rules.contact))
            .fact(
                "Left alone",
                words(rules.exclude.iter().map(ToString::to_string).collect()),
            )
    }
}

/// What one's organization may scan, and what it lets others scan.
#[utoipa::path(get, path = "/authorizations", tag = "authorizations", responses((status = 200, body = AuthorizationsView)))]
async fn list(ask: Ask) -> Answer {
    ask.member()?;
    let list = authorization::list(&ask.app.house, &ask.visitor.actor()).await?;
    let view = AuthorizationsView {
        authorizations: list.into_iter().map(AuthorizationView::from).collect(),
    };
    ask.page(Head::private("Authorizations").wide(), &view)
}

/// One authorization.
#[utoipa::path(get, path = "/authorizations/{id}", tag = "authorizations", params(("id" = String, Path)), responses((status = 200, body = AuthorizationView)))]
async fn show(ask: Ask, Path(id): Path<AuthorizationId>) -> Answer {
    let shown = authorization::show(&ask.app.house, &ask.visitor.actor(), id).await?;
    ask.page(
        head(&format!("Authorization {id}")),
        &AuthorizationView::from(shown),
    )
}

fn head(title: &str) -> Head {
    Head::private(title).under("Authorizations", "/authorizations")
}

/// Leave to scan, as it is sent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by hand; the derive describes it")]
struct NewLeave {
    /// Who may scan: `O-000007`.
    holder: String,
    /// What may be scanned, as in a claim.
    targets: Vec<String>,
    /// Addresses and networks that scans come from; from anywhere where none is given.
    sources: Option<Vec<String>>,
    starts: String,
    /// At most 30 days later.
    ends: String,
    /// `review`, `analysis`, `fuzz`, `probe`, `exploit`.
    testing: Vec<String>,
    /// `passive`, `light`, `normal`, `heavy`.
    intensity: Option<String>,
    requests_per_second_max: Option<u32>,
    /// In UTC: `mon-fri 20:00-06:00`.
    hours: Option<Vec<String>>,
    /// Whom to call when something breaks.
    contact: String,
    /// What nobody touches although it lies inside.
    exclude: Option<Vec<String>>,
}

/// The same, read.
struct Written(NewAuthorization);

impl Input for Written {
    fn read(fields: &mut Fields<'_>) -> Option<Written> {
        let holder = fields.one::<OrganizationId>(
            "holder",
            "the number of the organization that scans, such as `O-000007`",
        );
        let targets = fields.many("targets", TARGETS_MAX);
        let sources = fields.many("sources", TARGETS_MAX);
        let starts = fields.moment("starts", "when it begins");
        let ends = fields.moment("ends", "when it ends");
        let draft = rules_of(fields);
        let rules = match authorization::rules(&draft) {
            Ok(rules) => Some(rules),
            Err(refusal) => {
                for problem in refusal.iter() {
                    fields.wrong(&problem.field, problem.message.clone());
                }
                None
            }
        };
        Some(Written(NewAuthorization {
            holder: holder?,
            targets,
            sources,
            rules: rules?,
            starts: starts?,
            ends: ends?,
        }))
    }
}

#[derive(Template)]
#[template(path = "authorization/new.html")]
struct NewPage {
    form: Filled,
}

fn new_page(form: Filled) -> NewPage {
    NewPage { form }
}

async fn new(ask: Ask) -> Answer {
    ask.member()?;
    let starts = ask.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let form = Filled::empty()
        .with("starts", starts)
        .with("testing", "probe");
    ask.html(head("Allow a scan"), &new_page(form))
}

/// Allows a scan, and answers with the token.
#[utoipa::path(post, path = "/authorizations", tag = "authorizations", request_body = NewLeave, responses((status = 201, body = TokenView)))]
async fn create(ask: Ask, form: Form) -> Answer {
    let house = &ask.app.house;
    let outcome = match form.read::<Written>() {
        Ok(written) => {
            authorization::authorize(house, &ask.visitor.actor(), written.0, ask.now).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok((id, token)) => {
            let owner = ask.member()?.organization.to_string();
            let view = TokenView {
                id: id.to_string(),
                token,
                key: authorization::verifier(house)?.to_string(),
                owner,
            };
            // Not sent on: the token is on this page and on no other.
            match ask.wants() {
                Wants::Page => ask.html(head(&format!("The token of {id}")), &view),
                Wants::Json => ask.made(&format!("/authorizations/{id}"), "", &view),
            }
        }
        Err(Failure::Refused(refusal)) => {
            let again = new_page(form.filled(&on_lists(&unnested(&refusal))));
            Err(ask.refused(refusal, head("Allow a scan"), &again))
        }
        Err(other) => Err(other.into()),
    }
}

/// The form has the rules' fields beside the others.
fn unnested(refusal: &Refusal) -> Refusal {
    let mut flat = Refusal::none();
    for problem in refusal.iter() {
        flat.add(
            problem.field.trim_start_matches("rules."),
            problem.message.clone(),
        );
    }
    flat
}

async fn take_back(ask: Ask, Path(id): Path<AuthorizationId>) -> Answer {
    let shown = authorization::show(&ask.app.house, &ask.visitor.actor(), id).await?;
    let confirm = Confirm {
        what: vec![format!(
            "{id} counts no longer. Whoever scans with its token from now on is to be treated as one without."
        )],
        whom: vec![
            format!("{} may not scan by it any more", shown.statement.holder),
            "Targets that check offline learn it when they fetch the list again".into(),
        ],
        action: format!("/authorizations/{id}/revoke"),
        button: "Take the authorization back".into(),
        back: format!("/authorizations/{id}"),
    };
    ask.html(head(&format!("Take {id} back")), &confirm)
}

/// Takes an authorization back.
#[utoipa::path(post, path = "/authorizations/{id}/revoke", tag = "authorizations", params(("id" = String, Path)), responses((status = 204)))]
async fn revoke(ask: Ask, Path(id): Path<AuthorizationId>) -> Answer {
    authorization::revoke(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    ask.changed(&format!("/authorizations/{id}"), "authorization-revoked")
}

/// Where targets find the key that signs authorizations.
#[utoipa::path(get, path = "/.well-known/seamark-authorization", tag = "authorizations", responses((status = 200, body = WellKnown)))]
async fn well_known(ask: Ask) -> Answer {
    let view = WellKnown {
        header: HEADER,
        key: authorization::verifier(&ask.app.house)?.to_string(),
        revoked: format!(
            "{}{}/revoked",
            ask.app.settings.url.as_str().trim_end_matches('/'),
            WELL_KNOWN
        ),
    };
    ask.json(&Head::public("", 3600), &view)
}

async fn revoked(ask: Ask) -> Answer {
    let list = authorization::revocations(&ask.app.house, ask.now).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=60"),
    ];
    Ok((headers, format!("{list}\n")).into_response())
}

/// Whether a scan is authorized.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "authorization/check.html")]
struct CheckView {
    allowed: bool,
    /// The refusal's name, such as `other-target`.
    refusal: Option<&'static str>,
    why: Option<String>,
    #[schema(value_type = Option<Object>)]
    authorization: Option<Authorization>,
    #[serde(skip)]
    #[schema(ignore)]
    form: Filled,
    #[serde(skip)]
    #[schema(ignore)]
    is_asked: bool,
}

/// A scan as its target sees it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by hand; the derive describes it")]
struct SeenScan {
    token: String,
    /// Whose target it is: `O-000007`.
    owner: String,
    /// All names of the one thing being scanned.
    targets: Vec<String>,
    /// The address that the scan comes from.
    from: Option<String>,
}

/// The same, read.
struct Seen {
    token: String,
    owner: OrganizationId,
    targets: Vec<Place>,
    from: Option<std::net::IpAddr>,
}

impl Input for Seen {
    fn read(fields: &mut Fields<'_>) -> Option<Seen> {
        let token = fields.line(
            "token",
            "the token of the header `Seamark-Authorization`",
            STATEMENT_BYTES_MAX * 2,
        );
        let owner = fields.one(
            "owner",
            "the number of the target's organization, such as `O-000007`",
        );
        let targets = fields.many("targets", TARGETS_MAX);
        let from = fields.optional("from");
        Some(Seen {
            token: token?,
            owner: owner?,
            targets,
            from,
        })
    }
}

fn check_page(form: Filled) -> CheckView {
    CheckView {
        allowed: false,
        refusal: None,
        why: None,
        authorization: None,
        form,
        is_asked: false,
    }
}

async fn checking(ask: Ask) -> Answer {
    ask.html(
        Head::private("Check a scanner's token"),
        &check_page(Filled::empty()),
    )
}

/// Tells an authorized scan from an attack, for a target that has not our program at hand.
#[utoipa::path(post, path = "/authorizations/check", tag = "authorizations", request_body = SeenScan, responses((status = 200, body = CheckView)))]
async fn check(ask: Ask, form: Form) -> Answer {
    let head = Head::private("Check a scanner's token");
    let seen = match form.read::<Seen>() {
        Ok(seen) => seen,
        Err(refusal) => {
            let again = check_page(form.filled(&refusal));
            return Err(ask.refused(refusal, head, &again));
        }
    };
    let scan = Scan {
        now: ask.now.as_second(),
        owner: seen.owner,
        target: &seen.targets,
        source: seen.from,
        revoked: &[],
    };
    let answer = authorization::check(&ask.app.house, &seen.token, scan).await?;
    let view = CheckView {
        allowed: answer.is_ok(),
        refusal: answer.as_ref().err().map(|why| why.name()),
        why: answer.as_ref().err().map(ToString::to_string),
        authorization: answer.ok(),
        form: form.filled(&Refusal::none()),
        is_asked: true,
    };
    ask.page(head, &view)
}

pub fn routes() -> Routes {
    Routes::new()
        .both("see_authorization", routes!(list))
        .both("authorize_scan", routes!(create))
        .both("see_authorization", routes!(show))
        .both("revoke_authorization", routes!(revoke))
        .both("verify_authorization", routes!(check))
        .both(
            "public: targets need the key that they trust",
            routes!(well_known),
        )
        .page("authorize_scan", "GET", "/authorizations/new", get(new))
        .page(
            "revoke_authorization",
            "GET",
            "/authorizations/{id}/revoke",
            get(take_back),
        )
        .page(
            "verify_authorization",
            "GET",
            "/authorizations/check",
            get(checking),
        )
        .page(
            "public: targets need to know what was taken back",
            "GET",
            "/.well-known/seamark-authorization/revoked",
            get(revoked),
        )
}
