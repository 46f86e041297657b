//! `/administration`: how the house stands, for those who run it.

use askama::Template;
use clearinghouse::log::receipt;
use clearinghouse::who::account;
use jiff::Timestamp;
use names::{OrganizationId, OrganizationKind};
use policy::{Action, Thing};
use serde::Serialize;
use tlog::Checkpoint;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::app::Ran;
use crate::jobs::JOBS;
use crate::page::Ask;
use crate::part::{Cell, Facts, Pages, Table, Tag};
use crate::routes::Routes;
use crate::{Answer, Head};

/// How the house stands.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "administration/show.html")]
pub struct AdministrationView {
    /// The version of the program.
    version: &'static str,
    /// How many entries the last checkpoint is over; absent before the first.
    log_size: Option<u64>,
    /// The root of its tree, in base64.
    log_root: Option<String>,
    /// Each setting in force, without secrets.
    settings: Vec<SettingView>,
    organizations: Vec<StandingView>,
    /// What this node does by itself.
    jobs: Vec<JobView>,
    page: u32,
    more: bool,
}

/// A setting in force.
#[derive(Serialize, ToSchema)]
pub struct SettingView {
    name: &'static str,
    value: String,
}

/// An organization, and how it stands.
#[derive(Serialize, ToSchema)]
pub struct StandingView {
    #[schema(value_type = String)]
    id: OrganizationId,
    name: String,
    #[schema(value_type = String)]
    kind: OrganizationKind,
    /// `here`, `runs this house`, `suspended` or `left`.
    standing: &'static str,
    #[schema(value_type = String)]
    since: Timestamp,
    members: i64,
    /// Browsers of its members that are signed in.
    sessions: i64,
}

/// A job of this node.
#[derive(Serialize, ToSchema)]
pub struct JobView {
    name: &'static str,
    every_seconds: f64,
    #[schema(value_type = Option<String>)]
    last: Option<Timestamp>,
    /// `well`, `refused` or `broken`; absent before its first run.
    ending: Option<&'static str>,
    /// Since this node started.
    runs: u64,
    failures: u64,
    #[schema(value_type = Option<String>)]
    failed: Option<Timestamp>,
}

impl AdministrationView {
    fn facts(&self) -> Facts {
        let or_none = |text: Option<String>| text.map_or(Cell::Nothing, Cell::code);
        Facts::new()
            .fact("Version", Cell::code(self.version))
            .fact(
                "Entries of the log",
                or_none(self.log_size.map(|size| size.to_string())),
            )
            .fact("Root of the log", or_none(self.log_root.clone()))
    }

    fn in_force(&self) -> Table {
        let row = |one: &SettingView| vec![Cell::text(one.name), Cell::code(&one.value)];
        Table::new(
            "Settings in force, without secrets",
            &["Setting", "Value"],
            "",
        )
        .rows(self.settings.iter().map(row))
    }

    fn standings(&self) -> Table {
        let row = |one: &StandingView| {
            vec![
                Cell::link(&one.name, format!("/organizations/{}", one.id)),
                Cell::code(one.id),
                Cell::text(one.kind.to_string()),
                Cell::Tag(Tag::new(one.standing)),
                Cell::when(one.since),
                Cell::number(one.members),
                Cell::number(one.sessions),
            ]
        };
        let columns = &[
            "Name",
            "Number",
            "Kind",
            "Standing",
            "Since",
            "Members",
            "Signed in",
        ];
        Table::new("Organizations, by name", columns, "Nobody yet.")
            .rows(self.organizations.iter().map(row))
    }

    fn work(&self) -> Table {
        let row = |one: &JobView| {
            vec![
                Cell::code(one.name),
                Cell::number(one.every_seconds),
                Cell::when(one.last),
                one.ending.map_or(Cell::Nothing, Cell::tag),
                Cell::number(one.runs),
                Cell::number(one.failures),
                Cell::when(one.failed),
            ]
        };
        let columns = &[
            "Job",
            "Every (s)",
            "Last",
            "Ended",
            "Runs",
            "Failures",
            "Last failure",
        ];
        Table::new(
            "What this node does by itself, since it started",
            columns,
            "",
        )
        .rows(self.jobs.iter().map(row))
    }

    fn pages(&self) -> Pages {
        Pages::new(self.page, self.more, "/administration")
    }
}

impl StandingView {
    fn new(one: account::Standing) -> StandingView {
        let organization = one.organization;
        let (standing, since) = match (organization.left, one.suspended) {
            (Some(left), _) => ("left", left),
            (None, Some(suspended)) => ("suspended", suspended),
            (None, None) if organization.staff => ("runs this house", organization.joined),
            (None, None) => ("here", organization.joined),
        };
        StandingView {
            id: organization.id,
            name: organization.name.into(),
            kind: organization.kind,
            standing,
            since,
            members: one.members,
            sessions: one.sessions,
        }
    }
}

/// How the house stands. For administrators of the staff.
#[utoipa::path(get, path = "/administration", tag = "house", params(("page" = Option<u32>, Query)),
    responses((status = 200, body = AdministrationView)))]
async fn show(ask: Ask) -> Answer {
    ask.member()?;
    let house = &ask.app.house;
    let actor = ask.visitor.actor();
    house.reveal(&actor, Action::Administer, &Thing::instance())?;
    let page = page(ask.query());
    let (standings, more) = account::standings(house, &actor, page, ask.now).await?;
    // A house whose first entry is not sequenced yet has no head.
    let head = receipt::head(house).await.ok();
    let head = head.and_then(|note| Checkpoint::parse(note.text()).ok());
    let view = AdministrationView {
        version: env!("CARGO_PKG_VERSION"),
        log_size: head.as_ref().map(|head| head.size),
        log_root: head.as_ref().map(|head| head.root.to_string()),
        settings: settings(&ask),
        organizations: standings.into_iter().map(StandingView::new).collect(),
        jobs: jobs(&ask.app.ran()),
        page,
        more,
    };
    ask.page(Head::private("Administration").page(page).wide(), &view)
}

/// `page=` of a query, from one.
fn page(query: &str) -> u32 {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let said = pairs
        .find(|(name, _)| name == "page")
        .and_then(|(_, value)| value.parse().ok());
    said.unwrap_or(1).max(1)
}

/// Each setting in force. A database's address is told without its password, mail without its server.
fn settings(ask: &Ask) -> Vec<SettingView> {
    let settings = &ask.app.settings;
    let file = &settings.file;
    let house = &ask.app.house;
    let given = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let policies = house.policy.texts().map(|(name, _)| name.to_owned());
    let providers = settings.providers.iter();
    let providers: Vec<String> = providers
        .map(|one| format!("{} ({})", one.name, one.issuer))
        .collect();
    let or_none = |text: String| match text.is_empty() {
        true => "none".to_owned(),
        false => text,
    };
    let all = [
        ("name", settings.name().to_owned()),
        ("url", settings.url.to_string()),
        ("listen", settings.listen.to_string()),
        ("database", database(&settings.database)),
        ("data_dir", settings.data_dir.display().to_string()),
        ("origin", house.settings.origin.to_string()),
        (
            "metrics_listen",
            or_none(
                settings
                    .metrics_listen
                    .map_or(String::new(), |at| at.to_string()),
            ),
        ),
        ("behind_proxy", given(file.behind_proxy)),
        ("mail", given(file.mail.is_some())),
        ("private_webhooks", given(file.private_webhooks)),
        ("federation_salt", given(file.federation_salt.is_some())),
        ("proof_required", given(file.proof_required)),
        ("worker.here", given(file.worker.here && !settings.demo)),
        (
            "reports_per_day_max",
            house.settings.reports_per_day_max.to_string(),
        ),
        ("sign_on", or_none(providers.join(", "))),
        ("policies", policies.collect::<Vec<_>>().join(", ")),
    ];
    all.into_iter()
        .map(|(name, value)| SettingView { name, value })
        .collect()
}

/// A database's address without what lets anyone in.
fn database(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(mut url) if url.has_host() => {
            // Neither can fail where there is a host.
            let _ = url.set_password(None);
            let _ = url.set_username("");
            url.set_query(None);
            url.to_string()
        }
        _ => address.to_owned(),
    }
}

fn jobs(ran: &[(&'static str, Ran)]) -> Vec<JobView> {
    let view = |job: &crate::jobs::Job| {
        let found = ran.iter().find(|(name, _)| *name == job.name);
        let ran = found.map(|(_, ran)| *ran).unwrap_or_default();
        JobView {
            name: job.name,
            every_seconds: job.every.as_secs_f64(),
            last: ran.last,
            ending: ran.ending,
            runs: ran.runs,
            failures: ran.failures,
            failed: ran.failed,
        }
    };
    JOBS.iter().map(view).collect()
}

pub fn routes() -> Routes {
    Routes::new().both("administer", routes!(show))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_told_without_its_password() {
        let told = |address: &str| database(address);
        assert_eq!(
            told("postgres://ada:secret@db.example:5432/seamark?sslkey=secret"),
            "postgres://db.example:5432/seamark"
        );
        assert_eq!(told("sqlite:seamark.db"), "sqlite:seamark.db");
    }
}
