//! `/policies`: how owners want to be scanned and told, for every scanner to look up.

use askama::Template;
use axum::routing::get;
use clearinghouse::Failure;
use clearinghouse::welcome::{self, Shown, Speaker};
use finding::welcome::{Act, Applied, DOCUMENT_BYTES_MAX, Evidence, Source, Welcome};
use jiff::Timestamp;
use names::{Place, Purl, Refusal};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::form::{Choice, Fields, Filled, Form, Input};
use crate::page::{Ask, Path};
use crate::part::{Cell, Confirm, Table};
use crate::routes::Routes;
use crate::{Answer, Head};

/// What stands above a page after one of these was done.
pub(super) const DONE: &[(&str, &str)] = &[
    (
        "policy-kept",
        "The policy is kept, and asked at every step from now on.",
    ),
    ("policy-proved", "It is noted whose word this policy is."),
    ("policy-withdrawn", "The policy is withdrawn."),
];

/// Policies, or what they wish for one target.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "policy/list.html")]
struct PoliciesView {
    /// The target that was asked for.
    target: Option<String>,
    /// What holds for it, wish by wish, with who says so.
    #[schema(value_type = Option<Object>)]
    wishes: Option<Applied>,
    /// What may be done to it now.
    effects: Vec<EffectView>,
    policies: Vec<PolicyLine>,
    /// The policy after which the next page begins.
    next: Option<i64>,
    #[serde(skip)]
    #[schema(ignore)]
    form: Filled,
}

/// Whether something may be done now.
#[derive(Clone, Serialize, ToSchema)]
struct EffectView {
    act: &'static str,
    /// `go`, `hold` or `refuse`.
    answer: &'static str,
    reasons: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct PolicyLine {
    id: i64,
    organization: String,
    /// `owner`, `project`, `peer` or `stranger`.
    source: &'static str,
    /// The place whose file it is; empty where the organization speaks for itself.
    speaker: Box<str>,
    targets: Vec<String>,
    #[schema(value_type = String)]
    made: Timestamp,
}

/// One policy, as it was written and as it is read.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "policy/show.html")]
struct PolicyView {
    id: i64,
    organization: String,
    source: &'static str,
    speaker: Box<str>,
    document: Box<str>,
    #[schema(value_type = Object)]
    welcome: Welcome,
    #[schema(value_type = String)]
    made: Timestamp,
    #[serde(skip)]
    #[schema(ignore)]
    effects: Vec<(String, Vec<EffectView>)>,
    #[serde(skip)]
    #[schema(ignore)]
    may_change: bool,
    #[serde(skip)]
    #[schema(ignore)]
    may_prove: bool,
}

impl From<Shown> for PolicyLine {
    fn from(shown: Shown) -> PolicyLine {
        let patterns = shown.welcome.rules.iter().flat_map(|rule| &rule.patterns);
        PolicyLine {
            id: shown.kept.id,
            organization: shown.kept.organization.to_string(),
            source: shown.kept.source.as_str(),
            targets: patterns.map(ToString::to_string).collect(),
            speaker: shown.kept.speaker,
            made: shown.kept.made,
        }
    }
}

impl PoliciesView {
    fn table(&self) -> Table {
        const COLUMNS: &[&str] = &["Policy", "For", "Whose word", "Kept by", "Since"];
        let mut table = Table::new(
            "Policies",
            COLUMNS,
            "Nobody has said how they want to be scanned and told.",
        );
        for policy in &self.policies {
            let more = policy.targets.len().saturating_sub(1);
            let first = policy.targets.first().cloned().unwrap_or_default();
            table.row(vec![
                Cell::link(
                    format!("Policy {}", policy.id),
                    format!("/policies/{}", policy.id),
                ),
                Cell::code(if more > 0 {
                    format!("{first} and {more} more")
                } else {
                    first
                }),
                Cell::text(whose(policy.source)),
                Cell::code(&policy.organization),
                Cell::when(policy.made),
            ]);
        }
        table
    }

    fn effect(&self) -> Table {
        table_of(&self.effects)
    }
}

impl PolicyView {
    fn is_owner(&self) -> bool {
        self.source == Source::Owner.as_str()
    }

    fn whose(&self) -> &'static str {
        whose(self.source)
    }

    fn rows(&self, effects: &[EffectView]) -> Table {
        table_of(effects)
    }
}

fn table_of(effects: &[EffectView]) -> Table {
    const COLUMNS: &[&str] = &["To", "Now", "Why"];
    let mut table = Table::new("What may be done now", COLUMNS, "");
    for effect in effects {
        table.row(vec![
            Cell::text(effect.act),
            Cell::text(effect.answer),
            Cell::text(effect.reasons.join("; ")),
        ]);
    }
    table
}

fn whose(source: &str) -> &'static str {
    match source {
        "owner" => "the owner's, proved",
        "project" => "a file of the project",
        "peer" => "another clearinghouse's",
        _ => "nobody's proof yet",
    }
}

/// What `applied` means for everything that is done to a target.
fn effects(applied: &Applied, now: Timestamp) -> Vec<EffectView> {
    let evidence = Evidence {
        reproducer: finding::validate::Shown::Proven,
        patch: true,
    };
    let send = |open| Act::Send {
        evidence,
        open,
        this_week: 0,
    };
    let mut acts = vec![
        ("claim it for a scan", Act::Claim),
        (
            "hand in a report without reproducer and patch",
            Act::Submit(Evidence::default()),
        ),
        ("hand in a report with both", Act::Submit(evidence)),
        ("send a case to a maintainer who has nothing open", send(0)),
    ];
    if let Some(most) = &applied.open_max {
        acts.push(("send one more than they take at a time", send(most.wish)));
    }
    acts.push(("propose an embargo", Act::Embargo));
    let effect = |(act, what): (&'static str, Act)| {
        let answer = applied.answer(what, now);
        EffectView {
            act,
            answer: answer.as_str(),
            reasons: answer.reasons().map(str::to_owned).collect(),
        }
    };
    acts.into_iter().map(effect).collect()
}

/// What is looked up.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by hand; here for the document alone")]
struct Lookup {
    /// A package URL, with or without version.
    package: Option<String>,
    /// Any target: a package, `https://host/repository#folder`, `product:Vendor/Name`.
    target: Option<String>,
    /// The policy after which the page begins.
    after: Option<i64>,
}

/// How owners want to be scanned and told; with `package` or `target`, what holds for that one.
#[utoipa::path(get, path = "/policies", tag = "policies", params(Lookup), responses((status = 200, body = PoliciesView)))]
async fn list(ask: Ask) -> Answer {
    let of = |wanted: &str| {
        let pairs = url::form_urlencoded::parse(ask.query().as_bytes());
        pairs
            .into_iter()
            .find(|(name, value)| name == wanted && !value.trim().is_empty())
            .map(|(_, value)| value.into_owned())
    };
    let (house, actor) = (&ask.app.house, ask.visitor.actor());
    let head = Head::private("How owners want to be scanned and told").wide();
    let Some(text) = of("package").or_else(|| of("target")) else {
        let after = of("after")
            .and_then(|after| after.parse().ok())
            .unwrap_or(0);
        let policies: Vec<PolicyLine> = welcome::list(house, &actor, None, after)
            .await?
            .into_iter()
            .map(PolicyLine::from)
            .collect();
        let next = policies
            .last()
            .map(|last| last.id)
            .filter(|_| policies.len() >= welcome::LISTED_MAX as usize);
        let view = PoliciesView {
            target: None,
            wishes: None,
            effects: Vec::new(),
            policies,
            next,
            form: Filled::empty(),
        };
        return ask.page(head, &view);
    };
    let form = Filled::empty().with("target", text.clone());
    let place = place(&text)?;
    let wishes = welcome::for_places(
        house.store.link(),
        std::slice::from_ref(&place),
        None,
        ask.now,
    )
    .await?;
    let view = PoliciesView {
        target: Some(place.to_string()),
        effects: effects(&wishes, ask.now),
        wishes: Some(wishes),
        policies: Vec::new(),
        next: None,
        form,
    };
    ask.page(head, &view)
}

/// A target, whatever version of a package is named.
fn place(text: &str) -> Result<Place, Refusal> {
    let read = match text.trim().starts_with("pkg:") {
        true => text
            .trim()
            .parse::<Purl>()
            .map(|purl| Place::package(&purl)),
        false => text.parse::<Place>(),
    };
    read.map_err(|problems| {
        let mut refusal = Refusal::none();
        refusal.extend("target", &problems);
        refusal
    })
}

/// One policy.
#[utoipa::path(get, path = "/policies/{id}", tag = "policies", params(("id" = i64, Path)), responses((status = 200, body = PolicyView)))]
async fn show(ask: Ask, Path(id): Path<i64>) -> Answer {
    let shown = welcome::show(&ask.app.house, &ask.visitor.actor(), id).await?;
    let index = u64::try_from(shown.kept.log_index).unwrap_or_default();
    let source = shown.kept.source;
    let view = PolicyView {
        id,
        organization: shown.kept.organization.to_string(),
        source: source.as_str(),
        speaker: shown.kept.speaker,
        document: shown.kept.document,
        effects: preview(&shown.welcome, source, ask.now),
        welcome: shown.welcome,
        made: shown.kept.made,
        may_change: shown.may_change,
        may_prove: shown.may_prove,
    };
    ask.page(head(&format!("Policy {id}")).logged(index), &view)
}

/// What a document means for each of its targets, were it alone.
fn preview(welcome: &Welcome, source: Source, now: Timestamp) -> Vec<(String, Vec<EffectView>)> {
    /// A page shows the effects of this many rules; they are alike after that.
    const SHOWN_MAX: usize = 10;
    let rules = welcome.rules.iter().take(SHOWN_MAX);
    rules
        .map(|rule| {
            let only = Welcome {
                expires: welcome.expires,
                rules: vec![rule.clone()],
            };
            let named: Vec<String> = rule.patterns.iter().map(ToString::to_string).collect();
            let sample = rule.patterns.iter().find_map(|pattern| pattern.sample());
            let applied = finding::welcome::combine([(source, &only)], sample.as_slice(), now);
            (named.join(", "), effects(&applied, now))
        })
        .collect()
}

fn head(title: &str) -> Head {
    Head::private(title).under("Policies", "/policies")
}

#[derive(Template)]
#[template(path = "policy/new.html")]
struct NewPolicy {
    form: Filled,
    effects: Vec<(String, Vec<EffectView>)>,
}

impl NewPolicy {
    fn rows(&self, effects: &[EffectView]) -> Table {
        table_of(effects)
    }

    fn speakers() -> Vec<Choice> {
        [
            ("own", "We say it for ourselves"),
            ("file", "It is a file found in a repository or on a site"),
            ("peer", "It is a record of another clearinghouse"),
        ]
        .map(|(word, said)| Choice::new(word, said))
        .to_vec()
    }
}

async fn new(ask: Ask) -> Answer {
    ask.member()?;
    let form = Filled::empty()
        .with("speaker", "own")
        .with("document", EXAMPLE);
    ask.html(
        head("New policy"),
        &NewPolicy {
            form,
            effects: Vec::new(),
        },
    )
}

/// What stands in an empty form.
const EXAMPLE: &str = "version = 1\ncontact = \"security@example.org\"\nlanguages = [\"en\"]\n\n[[rule]]\nfor = [\"pkg:npm/name\", \"https://github.com/owner/*\"]\nscan = \"yes\"            # yes, ask, no\nreport = \"private\"      # any, public, private, no\nreproducer_required = true\nopen_max = 3\nper_week_max = 5\n";

/// A policy as it is sent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by hand; the derive describes it")]
struct NewPolicyBody {
    /// TOML, JSON, `security.txt`, `SECURITY.md` with a block `seamark-policy`, or a record of the interchange.
    document: String,
    /// `own`, `file` or `peer`; `own` where nothing is said.
    speaker: Option<String>,
    /// The repository or site of a file, the name of a peer.
    place: Option<String>,
    /// Only show what it would mean.
    preview: Option<bool>,
}

struct Written {
    document: String,
    speaker: Speaker,
    is_preview: bool,
}

impl Input for Written {
    fn read(fields: &mut Fields<'_>) -> Option<Written> {
        let document = fields.prose("document", "the policy", DOCUMENT_BYTES_MAX);
        let word = fields.optional_line("speaker", 20);
        let place = fields.optional_line("place", names::place::PLACE_BYTES_MAX);
        let is_preview = fields.flag("preview");
        let speaker = match (word.as_deref().unwrap_or("own"), place) {
            ("own", _) => Some(Speaker::Own),
            ("file", Some(text)) => match text.parse::<Place>() {
                Ok(place) => Some(Speaker::File(place)),
                Err(problems) => {
                    fields.wrong("place", problems.to_string());
                    None
                }
            },
            ("peer", Some(name)) => Some(Speaker::Peer(name.into())),
            ("file" | "peer", None) => {
                fields.wrong(
                    "place",
                    "write the repository, the site or the peer it is from",
                );
                None
            }
            _ => {
                fields.wrong("speaker", "write `own`, `file` or `peer`");
                None
            }
        };
        Some(Written {
            document: document?,
            speaker: speaker?,
            is_preview,
        })
    }
}

/// A policy that was kept, or what it would mean.
#[derive(Serialize, ToSchema)]
struct KeptView {
    /// Absent where it was only shown.
    id: Option<i64>,
    effects: Vec<RuleEffects>,
}

#[derive(Serialize, ToSchema)]
struct RuleEffects {
    targets: String,
    effects: Vec<EffectView>,
}

impl KeptView {
    fn new(id: Option<i64>, effects: Vec<(String, Vec<EffectView>)>) -> KeptView {
        let rules = effects
            .into_iter()
            .map(|(targets, effects)| RuleEffects { targets, effects });
        KeptView {
            id,
            effects: rules.collect(),
        }
    }
}

/// Keeps a policy in place of the last one of the same speaker; or, with `preview`, shows what it would mean.
#[utoipa::path(post, path = "/policies", tag = "policies", request_body = NewPolicyBody, responses((status = 201, body = KeptView), (status = 200, body = KeptView)))]
async fn create(ask: Ask, form: Form) -> Answer {
    match written(&ask, &form).await {
        Ok((Some(id), effects)) => ask.made(
            &format!("/policies/{id}"),
            "policy-kept",
            &KeptView::new(Some(id), effects),
        ),
        Ok((None, effects)) => match ask.wants() {
            crate::page::Wants::Page => ask.html(
                head("New policy"),
                &NewPolicy {
                    form: form.filled(&Refusal::none()),
                    effects,
                },
            ),
            crate::page::Wants::Json => ask.json(&Head::private(""), &KeptView::new(None, effects)),
        },
        Err(Failure::Refused(refusal)) => {
            let again = NewPolicy {
                form: form.filled(&on_document(&refusal)),
                effects: Vec::new(),
            };
            Err(ask.refused(refusal, head("New policy"), &again))
        }
        Err(other) => Err(other.into()),
    }
}

async fn written(
    ask: &Ask,
    form: &Form,
) -> Result<(Option<i64>, Vec<(String, Vec<EffectView>)>), Failure> {
    let written = form.read::<Written>()?;
    let place = match &written.speaker {
        Speaker::File(place) => Some(place),
        Speaker::Own | Speaker::Peer(_) => None,
    };
    let read = finding::welcome::read(&written.document, place)?;
    // As it will be once it is proved: whoever writes it wants to see what they ask for.
    let effects = preview(&read, Source::Owner, ask.now);
    if written.is_preview {
        return Ok((None, effects));
    }
    let id = welcome::keep(
        &ask.app.house,
        &ask.visitor.actor(),
        &written.document,
        &written.speaker,
        ask.now,
    )
    .await?;
    Ok((Some(id), effects))
}

/// All that is wrong inside the document, beside the box that holds it.
fn on_document(refusal: &Refusal) -> Refusal {
    let mut boxed = Refusal::none();
    for problem in refusal.iter() {
        match &*problem.field {
            field @ ("speaker" | "place" | "document" | "") => {
                boxed.add(field, problem.message.clone())
            }
            field => boxed.add("document", format!("{field}: {}", problem.message)),
        }
    }
    boxed
}

/// Whose word it is.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by hand; the derive describes it")]
struct Proof {
    owner: bool,
}

struct IsOwner(bool);

impl Input for IsOwner {
    fn read(fields: &mut Fields<'_>) -> Option<IsOwner> {
        Some(IsOwner(fields.flag("owner")))
    }
}

/// Notes that a policy is its owner's word, or that it is not.
#[utoipa::path(post, path = "/policies/{id}/prove", tag = "policies", params(("id" = i64, Path)), request_body = Proof, responses((status = 204)))]
async fn prove(ask: Ask, Path(id): Path<i64>, form: Form) -> Answer {
    let IsOwner(is_owner) = form.read()?;
    welcome::prove(&ask.app.house, &ask.visitor.actor(), id, is_owner, ask.now).await?;
    ask.changed(&format!("/policies/{id}"), "policy-proved")
}

async fn leave(ask: Ask, Path(id): Path<i64>) -> Answer {
    let shown = welcome::show(&ask.app.house, &ask.visitor.actor(), id).await?;
    if !shown.may_change {
        return Err(crate::Problem::Hidden);
    }
    let confirm = Confirm {
        what: vec![format!(
            "Policy {id} is asked no longer: whoever scans or reports goes by what others say, or by nothing."
        )],
        whom: Vec::new(),
        action: format!("/policies/{id}/withdraw"),
        button: "Withdraw the policy".into(),
        back: format!("/policies/{id}"),
    };
    ask.html(head("Withdraw the policy"), &confirm)
}

/// Ends a policy.
#[utoipa::path(post, path = "/policies/{id}/withdraw", tag = "policies", params(("id" = i64, Path)), responses((status = 204)))]
async fn withdraw(ask: Ask, Path(id): Path<i64>) -> Answer {
    welcome::withdraw(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    ask.changed("/policies", "policy-withdrawn")
}

pub fn routes() -> Routes {
    Routes::new()
        .both(
            "public: scanners anywhere are to honour them",
            routes!(list),
        )
        .both("set_policy", routes!(create))
        .both(
            "public: scanners anywhere are to honour them",
            routes!(show),
        )
        .both("administer", routes!(prove))
        .both("set_policy", routes!(withdraw))
        .page("set_policy", "GET", "/policies/new", get(new))
        .page("set_policy", "GET", "/policies/{id}/withdraw", get(leave))
}
