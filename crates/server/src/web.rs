//! Pages and JSON, one noun a file, and how a new one is added.
//!
//! # Adding a page
//!
//! 1. `src/web/NOUN.rs` holds views, handlers and `pub fn routes() -> Routes`; `templates/NOUN/` its templates. Add the
//!    noun's line to the `mod` list, to [`routes`], to [`DONE`] where it confirms something, and to [`nav`] where
//!    everyone should find it.
//! 2. A *view* is one struct: it is the page and the JSON. Derive `Template`, `Serialize`, `ToSchema`. What only the
//!    page needs (a [`Table`](crate::part::Table), a [`Filled`](crate::form::Filled)) is a method of the view, or a
//!    field with `#[serde(skip)]` and `#[schema(ignore)]`. The template holds the page's content alone, without
//!    `<html>` and `<h1>`: [`Ask::page`](crate::Ask::page) puts the layout round it.
//! 3. A handler takes [`Ask`](crate::Ask) first, then [`Path`](crate::page::Path), then
//!    [`Form`](crate::form::Form) last, and returns [`Answer`](crate::Answer). Acts are called with `ask.now`. Every
//!    failure goes out by `?` as a [`Problem`](crate::Problem), which becomes the right page or problem+json.
//!
//! ```ignore
//! /// One organization, as those see it who may.
//! #[derive(Template, Serialize, ToSchema)]
//! #[template(path = "organization/show.html")]
//! struct OrganizationView {
//!     #[schema(value_type = String)]
//!     id: OrganizationId,
//!     name: String,
//! }
//!
//! /// One organization.
//! #[utoipa::path(get, path = "/organizations/{id}", tag = "organizations",
//!     params(("id" = String, Path)), responses((status = 200, body = OrganizationView)))]
//! async fn show(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
//!     let view = …;
//!     let head = Head::private(&view.name).under("Organizations", "/organizations");
//!     ask.page(head, &view)
//! }
//!
//! /// Makes one. A refused form comes back as it was filled in.
//! #[utoipa::path(post, path = "/organizations", tag = "organizations",
//!     request_body = NewOrganization, responses((status = 201, body = OrganizationView)))]
//! async fn create(ask: Ask, form: Form) -> Answer {
//!     let outcome = match form.read::<NewOrganization>() {
//!         Ok(new) => act(…, new, ask.now).await,
//!         Err(refusal) => Err(Failure::Refused(refusal)),
//!     };
//!     match outcome {
//!         Ok(made) => ask.made(&format!("/organizations/{}", made.id), "organization-made", &view),
//!         Err(Failure::Refused(refusal)) => {
//!             let again = NewPage { form: form.filled(&refusal) };
//!             Err(ask.refused(refusal, Head::private("New organization"), &again))
//!         }
//!         Err(other) => Err(other.into()),
//!     }
//! }
//!
//! pub fn routes() -> Routes {
//!     Routes::new()
//!         .both("organization:read", routes!(show))
//!         .both("organization:create", routes!(create))
//!         .page("organization:create", "GET", "/organizations/new", get(new))
//! }
//! ```
//!
//! # What holds everywhere
//!
//! - The first argument of `both` and `page` is the policy's action, or `public: why`. A test reads it.
//! - GET never changes anything. A POST ends in [`Ask::made`](crate::Ask::made) or
//!   [`Ask::changed`](crate::Ask::changed); the sentence that confirms it stands in [`DONE`] under a word.
//! - Forms carry no secret against other sites: `guard` refuses what a page of another site sent.
//! - [`Head::private`](crate::Head::private) is never kept by anyone, and is right for whatever is under embargo or
//!   differs by visitor; `Head::public` is for what is the same for everyone.
//! - What cannot be undone has a page of its own, [`Confirm`](crate::part::Confirm).
//! - Field ids are field names: `ask.refused` links to them. Messages are whatever the rule said.
//! - Bodies are at most 1 MiB unless the noun says `.limit(DefaultBodyLimit::max(BYTES_MAX))` after those routes.
//! - No script, no inline style. Text from strangers is only ever `{{ text }}`, never `|safe`.

pub mod about;
pub mod account;
pub mod administration;
pub mod advisories;
pub mod authorizations;
pub mod case;
pub mod claims;
pub mod commitments;
pub mod compare;
pub mod demo;
pub mod engagements;
pub mod findings;
pub mod health;
pub mod home;
pub mod log;
pub mod my;
pub mod numbers;
pub mod organization;
pub mod osv;
pub mod policies;
pub mod provider;
pub mod queue;
pub mod reports;
pub mod sign_in;
pub mod validations;

use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::{Router, middleware};
use names::Role;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};

use crate::guard::{guard, take_ending};
use crate::routes::Routes;
use crate::visitor::Visitor;
use crate::{App, Problem, open_api, style};

/// A form with a long description, or one report, is some tens of KiB; 1 MiB is room for the longest.
const BODY_BYTES_MAX: usize = 1 << 20;

/// The sentences that confirm what was done, by the word in the address, a list for each noun.
pub(crate) const DONE: &[&[(&str, &str)]] = &[
    sign_in::DONE,
    account::DONE,
    organization::DONE,
    claims::DONE,
    commitments::DONE,
    engagements::DONE,
    authorizations::DONE,
    policies::DONE,
    compare::DONE,
    case::DONE,
    my::DONE,
    reports::DONE,
    validations::DONE,
    advisories::DONE,
];

/// All routes, a line for each noun.
pub fn routes() -> Routes {
    Routes::new()
        .and(home::routes())
        .and(about::routes())
        .and(compare::routes())
        .and(health::routes())
        .and(sign_in::routes())
        .and(account::routes())
        .and(administration::routes())
        .and(organization::routes())
        .and(log::routes())
        .and(demo::routes())
        .and(claims::routes())
        .and(engagements::routes())
        .and(commitments::routes())
        .and(authorizations::routes())
        .and(policies::routes())
        .and(case::routes())
        .and(queue::routes())
        .and(my::routes())
        .and(reports::routes())
        .and(advisories::routes())
        .and(provider::routes())
        .and(osv::routes())
        .and(findings::routes())
        .and(validations::routes())
        .and(numbers::routes())
        .page(
            "public: how pages look is no secret",
            "GET",
            "/static/{file}",
            get(style::file),
        )
        .verbatim("/openapi.json")
}

/// A line of the navigation.
#[derive(Clone, Debug)]
pub struct Nav {
    pub label: &'static str,
    pub address: &'static str,
}

/// Where this visitor can go. What they may not do is not drawn.
pub(crate) fn nav(visitor: &Visitor) -> Vec<Nav> {
    let mut nav = Vec::new();
    let mut add = |label, address| nav.push(Nav { label, address });
    let staff = visitor.actor().member().is_some_and(|member| member.staff);
    if staff {
        add("Compare", "/compare");
        add("Proofs", "/validations");
    }
    if visitor.is_known() {
        add("My work", "/my");
        add("Reports", "/reports");
        add("Cases", "/cases");
        add("Claims", "/claims");
        add("Engagements", "/engagements");
        add("Organizations", "/organizations");
    }
    let runs_it = staff
        && visitor
            .actor()
            .member()
            .is_some_and(|it| it.role == Role::Admin);
    if runs_it {
        add("Administration", "/administration");
    }
    add("Advisories", "/advisories");
    add("Log", "/log");
    add("Numbers", "/numbers");
    add("Policies", "/policies");
    add("About", "/about");
    nav
}

/// The whole door: every route, with everything that happens round a request.
pub fn router(app: App) -> Router {
    let routes = routes();
    let verbatim = routes.verbatim.clone();
    let (router, gathered) = routes.router.split_for_parts();
    let document = open_api::document(gathered)
        .to_pretty_json()
        .unwrap_or_default();
    let served = (
        [
            ("content-type", "application/json"),
            ("cache-control", "public, max-age=3600"),
        ],
        document,
    );
    let inner = router
        .route("/openapi.json", get(async move || served))
        .fallback(async || Problem::Hidden)
        .method_not_allowed_fallback(async || {
            Problem::unfit(
                axum::http::StatusCode::METHOD_NOT_ALLOWED,
                "look at `/openapi.json` for what each address does",
            )
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(app.clone(), guard))
        .layer(
            CompressionLayer::new()
                .gzip(true)
                .compress_when(DefaultPredicate::new().and(is_no_secret)),
        )
        .with_state(app);
    // The ending goes before the routes are looked at, so the routes stand inside.
    Router::new()
        .fallback_service(inner)
        .layer(axum::middleware::map_request(move |request| {
            let request = take_ending(request, &verbatim);
            async move { request }
        }))
}

/// What is under embargo is not compressed: its length would tell a listener how well a guess fits (BREACH, 2013).
fn is_no_secret(
    _: axum::http::StatusCode,
    _: axum::http::Version,
    headers: &axum::http::HeaderMap,
    _: &axum::http::Extensions,
) -> bool {
    headers
        .get("cache-control")
        .is_some_and(|caching| caching != "no-store")
}
