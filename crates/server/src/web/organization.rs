//! `/organizations`: who takes part, who acts for them, and how one comes and goes.

use std::io::Seek;

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::{get, post};
use clearinghouse::Failure;
use clearinghouse::who::{account, invitation, leave, member};
use clearinghouse::{organization, who};
use jiff::Timestamp;
use names::{MemberId, OrganizationId, OrganizationKind, Role};
use policy::{Action, Thing};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::form::{Choice, Fields, Filled, Form, Input};
use crate::page::{Ask, Path, Wants};
use crate::part::{Cell, Confirm, Facts, Table};
use crate::routes::Routes;
use crate::web::account::{DeedsView, before};
use crate::{Answer, Head, Problem};

/// What stands above a page after one of these was done.
pub(super) const DONE: &[(&str, &str)] = &[
    (
        "organization-made",
        "The organization takes part. Invite its first administrator.",
    ),
    (
        "organization-suspended",
        "The organization is suspended; its members are strangers from now on.",
    ),
    ("organization-let-in", "The organization is let in again."),
    ("member-changed", "The member's role is changed."),
    (
        "member-removed",
        "The member is removed; their sessions and tokens have ended.",
    ),
    ("invitation-withdrawn", "The invitation is taken back."),
];

/// Which organizations take part.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "organization/list.html")]
pub struct OrganizationsView {
    organizations: Vec<OrganizationLine>,
    #[serde(skip)]
    #[schema(ignore)]
    may_create: bool,
}

/// One of them.
#[derive(Serialize, ToSchema)]
pub struct OrganizationLine {
    #[schema(value_type = String)]
    id: OrganizationId,
    name: String,
    #[schema(value_type = String)]
    kind: OrganizationKind,
    /// It runs this house.
    staff: bool,
    #[schema(value_type = String)]
    joined: Timestamp,
    #[schema(value_type = Option<String>)]
    left: Option<Timestamp>,
}

impl OrganizationsView {
    fn table(&self) -> Table {
        let row = |one: &OrganizationLine| {
            vec![
                Cell::link(&one.name, format!("/organizations/{}", one.id)),
                Cell::code(one.id),
                Cell::text(one.kind.to_string()),
                Cell::when(one.joined),
                Cell::when(one.left),
            ]
        };
        let columns = &["Name", "Number", "Kind", "Joined", "Left"];
        Table::new("Who takes part", columns, "Nobody yet.")
            .rows(self.organizations.iter().map(row))
    }
}

fn line(one: organization::Organization) -> OrganizationLine {
    OrganizationLine {
        id: one.id,
        name: one.name.into(),
        kind: one.kind,
        staff: one.staff,
        joined: one.joined,
        left: one.left,
    }
}

/// Which organizations take part.
#[utoipa::path(get, path = "/organizations", tag = "organizations", responses((status = 200, body = OrganizationsView)))]
async fn list(ask: Ask) -> Answer {
    ask.member()?;
    let all = organization::list(&ask.app.house, &ask.visitor.actor()).await?;
    let view = OrganizationsView {
        organizations: all.into_iter().map(line).collect(),
        may_create: ask
            .visitor
            .may(&ask.app.house, Action::Administer, &Thing::instance()),
    };
    ask.page(Head::private("Organizations").wide(), &view)
}

/// One organization, as those see it who may.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "organization/show.html")]
pub struct OrganizationView {
    #[serde(flatten)]
    organization: OrganizationLine,
    /// Whoever acts for it; absent where one may not see them.
    members: Option<Vec<MemberView>>,
    #[serde(skip)]
    #[schema(ignore)]
    invitations: Vec<InvitationView>,
    #[serde(skip)]
    #[schema(ignore)]
    may: May,
    #[serde(skip)]
    #[schema(ignore)]
    form: Filled,
}

/// What the page draws.
#[derive(Default)]
struct May {
    invite: bool,
    set_role: bool,
    see_acts: bool,
    export: bool,
    leave: bool,
    suspend: bool,
    is_suspended: bool,
}

/// Someone who acts for it.
#[derive(Serialize, ToSchema)]
pub struct MemberView {
    #[schema(value_type = String)]
    id: MemberId,
    name: String,
    email: String,
    #[schema(value_type = String)]
    role: Role,
    #[schema(value_type = Option<String>)]
    removed: Option<Timestamp>,
}

struct InvitationView {
    id: i64,
    email: String,
    role: Role,
    ends: Timestamp,
}

impl InvitationView {
    fn until(&self) -> Cell {
        Cell::when(self.ends)
    }
}

impl OrganizationView {
    fn facts(&self) -> Facts {
        let one = &self.organization;
        let mut facts = Facts::new()
            .fact("Number", Cell::code(one.id))
            .fact("Kind", Cell::text(one.kind.to_string()))
            .fact("Joined", Cell::when(one.joined));
        if one.left.is_some() {
            facts = facts.fact("Left", Cell::when(one.left));
        }
        if one.staff {
            facts = facts.fact("Here", Cell::text("runs this house"));
        }
        facts
    }

    fn roles() -> Vec<Choice> {
        let choice = |role: &Role| Choice::new(role.as_str(), role.as_str());
        Role::ALL.iter().rev().map(choice).collect()
    }

    fn id(&self) -> OrganizationId {
        self.organization.id
    }
}

async fn view(ask: &Ask, id: OrganizationId, form: Filled) -> Result<OrganizationView, Problem> {
    ask.member()?;
    let (house, actor) = (&ask.app.house, ask.visitor.actor());
    let found = organization::find(house, &actor, id).await?;
    let thing = Thing::organization(id);
    let may = |action| ask.visitor.may(house, action, &thing) && found.left.is_none();
    let members = match may(Action::SeeMembers) {
        true => Some(member::list(house, &actor, id).await?),
        false => None,
    };
    let invitations = match may(Action::Invite) {
        true => invitation::list(house, &actor, id, ask.now).await?,
        false => Vec::new(),
    };
    let suspend = ask
        .visitor
        .may(house, Action::Administer, &Thing::instance())
        && !found.staff;
    let may = May {
        invite: may(Action::Invite),
        set_role: may(Action::SetRole),
        see_acts: may(Action::SeeActs),
        export: may(Action::Export),
        leave: may(Action::Leave) && !found.staff,
        suspend,
        is_suspended: suspend && account::suspended(house, &actor).await?.contains(&id),
    };
    let member = |one: who::MemberRow| MemberView {
        id: one.id,
        name: one.name.into(),
        email: one.email.into(),
        role: one.role,
        removed: one.removed,
    };
    let invited = |one: who::Invitation| InvitationView {
        id: one.id,
        email: one
            .email
            .map_or_else(|| "whoever opens it".to_owned(), Into::into),
        role: one.role,
        ends: one.ends,
    };
    Ok(OrganizationView {
        organization: line(found),
        members: members.map(|all| all.into_iter().map(member).collect()),
        invitations: invitations.into_iter().map(invited).collect(),
        may,
        form,
    })
}

fn head(view: &OrganizationView) -> Head {
    Head::private(&view.organization.name).under("Organizations", "/organizations")
}

/// One organization.
#[utoipa::path(get, path = "/organizations/{id}", tag = "organizations", params(("id" = String, Path)),
    responses((status = 200, body = OrganizationView)))]
async fn show(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    let view = view(&ask, id, Filled::empty()).await?;
    ask.page(head(&view), &view)
}

#[derive(Template)]
#[template(path = "organization/new.html")]
struct NewPage {
    form: Filled,
}

impl NewPage {
    fn kinds() -> Vec<Choice> {
        OrganizationKind::ALL
            .iter()
            .map(|kind| Choice::new(kind.as_str(), kind.as_str()))
            .collect()
    }
}

fn new_head() -> Head {
    Head::private("New organization").under("Organizations", "/organizations")
}

async fn new(ask: Ask) -> Answer {
    ask.member()?;
    ask.app
        .house
        .reveal(&ask.visitor.actor(), Action::Administer, &Thing::instance())?;
    ask.html(
        new_head(),
        &NewPage {
            form: Filled::empty(),
        },
    )
}

/// An organization to take in.
#[derive(ToSchema)]
pub struct NewOrganization {
    name: String,
    /// `finder`, `vendor`, `operator`, `agency`, `coordinator`, `developer`, `evaluator`, `partner` or `auditor`.
    #[schema(value_type = String)]
    kind: OrganizationKind,
}

impl Input for NewOrganization {
    fn read(fields: &mut Fields<'_>) -> Option<NewOrganization> {
        let name = fields.line("name", "the organization's name", 100);
        let kind = fields.one("kind", "what kind of organization it is");
        Some(NewOrganization {
            name: name?,
            kind: kind?,
        })
    }
}

/// Takes an organization in. For administrators of the staff, signed in.
#[utoipa::path(post, path = "/organizations", tag = "organizations", request_body = NewOrganization,
    responses((status = 201, body = OrganizationView)))]
async fn create(ask: Ask, form: Form) -> Answer {
    let actor = ask.visitor.actor();
    let outcome = match form.read::<NewOrganization>() {
        Ok(new) => organization::create(&ask.app.house, &actor, new.kind, &new.name, ask.now).await,
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(id) => {
            let view = view(&ask, id, Filled::empty()).await?;
            ask.made(&format!("/organizations/{id}"), "organization-made", &view)
        }
        Err(Failure::Refused(refusal)) => {
            let again = NewPage {
                form: form.filled(&refusal),
            };
            Err(ask.refused(refusal, new_head(), &again))
        }
        Err(other) => Err(other.into()),
    }
}

/// Whom to invite, and as what.
#[derive(ToSchema)]
pub struct NewInvitation {
    email: String,
    /// `admin`, `member` or `reader`.
    #[schema(value_type = String)]
    role: Role,
}

impl Input for NewInvitation {
    fn read(fields: &mut Fields<'_>) -> Option<NewInvitation> {
        let email = fields.line("email", "their mail address", 254);
        let role = fields.one("role", "what they may do");
        Some(NewInvitation {
            email: email?,
            role: role?,
        })
    }
}

/// A link that makes one account, shown this once.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "organization/invited.html")]
pub struct InvitedView {
    email: String,
    link: String,
}

/// Invites someone. The link is answered once, to be handed on; it opens for a week.
#[utoipa::path(post, path = "/organizations/{id}/invitations", tag = "organizations", params(("id" = String, Path)),
    request_body = NewInvitation, responses((status = 201, body = InvitedView)))]
async fn invite(ask: Ask, Path(id): Path<OrganizationId>, form: Form) -> Answer {
    let actor = ask.visitor.actor();
    let read = form.read::<NewInvitation>();
    let outcome = match &read {
        Ok(new) => {
            invitation::invite(&ask.app.house, &actor, id, &new.email, new.role, ask.now).await
        }
        Err(refusal) => Err(refusal.clone().into()),
    };
    match outcome {
        Ok(token) => {
            let email = read.map(|new| new.email).unwrap_or_default();
            let link = format!("{}invitations/{}", ask.app.settings.url, token.reveal());
            let view = InvitedView { email, link };
            match ask.wants() {
                Wants::Json => ask.made(&format!("/organizations/{id}"), "", &view),
                Wants::Page => {
                    let back = format!("/organizations/{id}");
                    ask.html(
                        Head::private("Hand this link on").under("Organization", back),
                        &view,
                    )
                }
            }
        }
        Err(Failure::Refused(refusal)) => {
            let again = view(&ask, id, form.filled(&refusal)).await?;
            Err(ask.refused(refusal, head(&again), &again))
        }
        Err(other) => Err(other.into()),
    }
}

async fn withdraw(ask: Ask, Path((id, number)): Path<(OrganizationId, i64)>) -> Answer {
    invitation::withdraw(&ask.app.house, &ask.visitor.actor(), id, number, ask.now).await?;
    ask.changed(
        &format!("/organizations/{id}#members"),
        "invitation-withdrawn",
    )
}

struct NewRole(Role);

impl Input for NewRole {
    fn read(fields: &mut Fields<'_>) -> Option<NewRole> {
        fields.one("role", "what they may do").map(NewRole)
    }
}

async fn set_role(
    ask: Ask,
    Path((id, whose)): Path<(OrganizationId, MemberId)>,
    form: Form,
) -> Answer {
    let NewRole(role) = form.read()?;
    member::set_role(&ask.app.house, &ask.visitor.actor(), whose, role, ask.now).await?;
    ask.changed(&format!("/organizations/{id}#members"), "member-changed")
}

#[derive(Template)]
#[template(source = "{{ confirm }}", ext = "html")]
struct ConfirmPage {
    confirm: Confirm,
}

async fn confirm_remove(ask: Ask, Path((id, whose)): Path<(OrganizationId, MemberId)>) -> Answer {
    ask.member()?;
    let actor = ask.visitor.actor();
    ask.app
        .house
        .reveal(&actor, Action::SetRole, &Thing::organization(id))?;
    let all = member::list(&ask.app.house, &actor, id).await?;
    let one = all
        .into_iter()
        .find(|one| one.id == whose && one.removed.is_none())
        .ok_or(Problem::Hidden)?;
    let confirm = Confirm {
        what: vec![format!(
            "{} is removed: every session and token ends at once, and what proves who they are is forgotten. What they did stays on record.",
            one.name
        )],
        whom: vec![format!("{} ({})", one.name, one.email)],
        action: format!("/organizations/{id}/members/{whose}/remove"),
        button: "Remove the member".to_owned(),
        back: format!("/organizations/{id}"),
    };
    ask.html(
        Head::private(format!("Remove {}?", one.name)),
        &ConfirmPage { confirm },
    )
}

async fn remove(ask: Ask, Path((id, whose)): Path<(OrganizationId, MemberId)>) -> Answer {
    member::remove(&ask.app.house, &ask.visitor.actor(), whose, ask.now).await?;
    ask.changed(&format!("/organizations/{id}#members"), "member-removed")
}

/// What an organization's members did.
#[utoipa::path(get, path = "/organizations/{id}/acts", tag = "organizations", params(("id" = String, Path)),
    responses((status = 200, body = DeedsView)))]
async fn acts(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    ask.member()?;
    let deeds = account::deeds(&ask.app.house, &ask.visitor.actor(), id, before(&ask)).await?;
    let base = format!("/organizations/{id}/acts");
    let head = Head::private("What its members did")
        .under("Organization", format!("/organizations/{id}"))
        .wide();
    ask.page(head, &DeedsView::new(deeds, &base))
}

/// Everything that is an organization's own, a JSON object a line.
async fn export(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    ask.member()?;
    // Into a file without a name, so that 10^5 reports need no more memory than one.
    let mut file = tempfile::tempfile().map_err(Problem::broken)?;
    {
        let mut out = std::io::BufWriter::new(&mut file);
        leave::export(&ask.app.house, &ask.visitor.actor(), id, &mut out, ask.now).await?;
        std::io::Write::flush(&mut out).map_err(Problem::broken)?;
    }
    file.rewind().map_err(Problem::broken)?;
    let parts = futures_util::stream::unfold(file, async |mut file| {
        let mut part = vec![0; 64 * 1024];
        match std::io::Read::read(&mut file, &mut part) {
            Ok(0) => None,
            Ok(count) => {
                part.truncate(count);
                Some((Ok::<_, std::io::Error>(part), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    });
    let mut response = Response::new(Body::from_stream(parts));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-ndjson"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let name = format!("attachment; filename=\"{id}.ndjson\"");
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::try_from(name).map_err(Problem::broken)?,
    );
    Ok(response)
}

async fn confirm_leave(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    ask.member()?;
    let actor = ask.visitor.actor();
    ask.app
        .house
        .reveal(&actor, Action::Leave, &Thing::organization(id))?;
    let found = organization::find(&ask.app.house, &actor, id).await?;
    let confirm = Confirm {
        what: vec![
            format!("{} leaves this house for good. All its members' sessions, tokens and invitations end.", found.name),
            "The keys of all that it handed over are destroyed, so that nobody can open it any more: not we, not whoever takes the database. An entry of the log, for everyone to read, says so.".to_owned(),
            "Cases that others work on go on without its words. Export what is yours first.".to_owned(),
        ],
        whom: vec!["Every member of the organization".to_owned(), "Everyone it shares a case with".to_owned()],
        action: format!("/organizations/{id}/leave"),
        button: "Leave for good".to_owned(),
        back: format!("/organizations/{id}"),
    };
    ask.html(
        Head::private(format!("Have {} leave?", found.name)),
        &ConfirmPage { confirm },
    )
}

/// What shows that it was done.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "organization/left.html")]
pub struct LeftView {
    #[schema(value_type = String)]
    organization: OrganizationId,
    /// How many data keys were destroyed.
    keys_destroyed: u64,
    /// SHA-256 over the numbers of the reports whose keys they were, one a line.
    reports_sha256: String,
    /// The entry of the log that says so.
    log_index: i64,
}

/// Leaves for good. Answers with what shows that the keys are destroyed.
#[utoipa::path(post, path = "/organizations/{id}/leave", tag = "organizations", params(("id" = String, Path)),
    responses((status = 200, body = LeftView)))]
async fn do_leave(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    let left = leave::leave(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    let view = LeftView {
        organization: left.organization,
        keys_destroyed: left.keys_destroyed,
        reports_sha256: left.reports_sha256,
        log_index: left.log_index,
    };
    let index = u64::try_from(left.log_index).unwrap_or(0);
    ask.page(
        Head::private("You have left: keep this").logged(index),
        &view,
    )
}

async fn suspend(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    account::suspend(&ask.app.house, &ask.visitor.actor(), id, true, ask.now).await?;
    ask.changed(&format!("/organizations/{id}"), "organization-suspended")
}

async fn let_in(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    account::suspend(&ask.app.house, &ask.visitor.actor(), id, false, ask.now).await?;
    ask.changed(&format!("/organizations/{id}"), "organization-let-in")
}

pub fn routes() -> Routes {
    let member = "/organizations/{id}/members/{member}/remove";
    Routes::new()
        .both("see_directory", routes!(list))
        .both("see_organization", routes!(show))
        .both("administer", routes!(create))
        .page("administer", "GET", "/organizations/new", get(new))
        .both("invite", routes!(invite))
        .page(
            "invite",
            "POST",
            "/organizations/{id}/invitations/{number}/withdraw",
            post(withdraw),
        )
        .page(
            "set_role",
            "POST",
            "/organizations/{id}/members/{member}/role",
            post(set_role),
        )
        .page(
            "set_role",
            "GET POST",
            member,
            get(confirm_remove).post(remove),
        )
        .both("see_acts", routes!(acts))
        .page("export", "GET", "/organizations/{id}/export", get(export))
        .both("leave", routes!(do_leave))
        .page(
            "leave",
            "GET",
            "/organizations/{id}/leave",
            get(confirm_leave),
        )
        .page(
            "administer",
            "POST",
            "/organizations/{id}/suspend",
            post(suspend),
        )
        .page(
            "administer",
            "POST",
            "/organizations/{id}/let-in",
            post(let_in),
        )
}
