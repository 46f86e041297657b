//! Cedar: what do the policies say? The only file that knows their language.
//!
//! Cedar 4.5 of the language, strict validation: a misspelled word in a policy does not start.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Effect, Entities, Entity, EntityId,
    EntityTypeName, EntityUid, Policy, PolicyId, PolicySet, Request, RestrictedExpression, Schema,
    ValidationMode, Validator,
};
use miette::Diagnostic;
use names::problem::quoted;
use names::{OrganizationId, Problems};

use crate::action::Action;
use crate::asker::{Asker, Member, Scope};
use crate::thing::{Kind, Seen, Thing};

/// The words that policies are written in.
const SCHEMA: &str = include_str!("../policies/seamark.cedarschema");

/// The policies of this version, in reading order.
const POLICIES: &[(&str, &str)] = &[
    ("1_bounds", include_str!("../policies/1_bounds.cedar")),
    ("2_everyone", include_str!("../policies/2_everyone.cedar")),
    (
        "3_organization",
        include_str!("../policies/3_organization.cedar"),
    ),
    ("4_case", include_str!("../policies/4_case.cedar")),
    ("5_staff", include_str!("../policies/5_staff.cedar")),
    (
        "6_engagement",
        include_str!("../policies/6_engagement.cedar"),
    ),
];

/// Policies that passed their schema.
pub struct Rules {
    /// By action, in the order of [`Action::ALL`].
    slices: Vec<Slice>,
    authorizer: Authorizer,
    texts: Vec<(Box<str>, Box<str>)>,
}

/// What there is to say of one action: a policy about others cannot apply, and is not asked.
struct Slice {
    /// The action with the groups it is in.
    action: Entity,
    policies: PolicySet,
}

impl Rules {
    /// Reads the policies of this version and `further` ones, which may only forbid.
    pub fn read(further: &[(&str, &str)]) -> Result<Rules, Problems> {
        let mut problems = Problems::none();
        let schema = schema();
        let validator = Validator::new(schema.clone());
        let mut policies = PolicySet::new();
        let own = POLICIES.iter().map(|(file, text)| (file, text, false));
        let others = further.iter().map(|(file, text)| (file, text, true));
        for (file, text, forbid_only) in own.chain(others) {
            let mut wrong = Wrong {
                text,
                found: BTreeSet::new(),
            };
            let some = take(file, forbid_only, &mut wrong);
            validate(&validator, &some, &mut wrong);
            if let Err(error) = policies.merge(&some, false) {
                wrong.add(0, error.to_string());
            }
            for (line, text) in wrong.found {
                problems.add(format!("{} line {line}: {text}", quoted(file)));
            }
        }
        problems.or(())?;
        let texts = POLICIES.iter().chain(further);
        Ok(Rules {
            slices: slices(&schema, &policies),
            authorizer: Authorizer::new(),
            texts: texts
                .map(|(file, text)| ((*file).into(), (*text).into()))
                .collect(),
        })
    }

    /// Each file's name and text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(file, text)| (&**file, &**text))
    }

    /// Asks Cedar. An evaluation that goes wrong is a no: Cedar alone would leave out a policy that forbids.
    pub fn decide(&self, asker: &Asker, action: Action, thing: &Thing) -> bool {
        let slice = &self.slices[action as usize];
        let (principal, resource) = (principal(asker), resource(&thing.seen_by(asker)));
        let uids = (principal.uid(), slice.action.uid(), resource.uid());
        let (entities, request) = fit(principal, slice.action.clone(), resource, uids, None);
        let answer = self
            .authorizer
            .is_authorized(&request, &slice.policies, &entities);
        answer.decision() == Decision::Allow && answer.diagnostics().errors().next().is_none()
    }
}

/// What is asked, checked against `schema` where a test gives it: what is asked follows from our own types alone.
fn fit(
    principal: Entity,
    action: Entity,
    resource: Entity,
    uids: (EntityUid, EntityUid, EntityUid),
    schema: Option<&Schema>,
) -> (Entities, Request) {
    let all = match schema {
        // A schema brings its actions along.
        Some(_) => vec![principal, resource],
        None => vec![principal, action, resource],
    };
    let entities = Entities::from_entities(all, schema)
        .expect("what is asked fits the schema, as a test shows");
    let request = Request::new(uids.0, uids.1, uids.2, Context::empty(), schema)
        .expect("each action is asked of its own kind of thing, as a test shows");
    (entities, request)
}

/// For each action the policies that can apply to it.
fn slices(schema: &Schema, policies: &PolicySet) -> Vec<Slice> {
    let actions = schema
        .action_entities()
        .expect("the groups of actions form no circle, or the schema is none");
    let slice = |action: &Action| {
        let uid = uid("Action", action.as_str());
        let entity = actions
            .get(&uid)
            .cloned()
            .expect("each action of the code is one of the schema, as a test shows");
        let is_in = |group: &EntityUid| *group == uid || actions.is_ancestor_of(group, &uid);
        let applies = |policy: &&Policy| match policy.action_constraint() {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(one) => one == uid,
            ActionConstraint::In(some) => some.iter().any(is_in),
        };
        let some = policies.policies().filter(applies).cloned();
        let policies = PolicySet::from_policies(some).expect("a part of a set of policies is one");
        Slice {
            action: entity,
            policies,
        }
    };
    Action::ALL.iter().map(slice).collect()
}

fn schema() -> Schema {
    let (schema, _warnings) = Schema::from_cedarschema_str(SCHEMA)
        .expect("the schema that is compiled in is one, as a test shows");
    schema
}

/// What is wrong with one file, by line.
struct Wrong<'a> {
    text: &'a str,
    found: BTreeSet<(usize, String)>,
}

impl Wrong<'_> {
    /// `offset` is in bytes from the beginning.
    fn add(&mut self, offset: usize, text: String) {
        let before = self.text.bytes().take(offset);
        let line = 1 + before.filter(|byte| *byte == b'\n').count();
        self.found.insert((line, text));
    }

    /// What Cedar says, where, and how it would be right as far as it knows.
    fn tell(&mut self, error: &dyn Diagnostic) {
        let offset = error.labels().and_then(|mut all| all.next());
        let offset = offset.map_or(0, |label| label.offset());
        let said = error.to_string();
        // It names the policy by its file and its name; the line says it better.
        let said = match said.strip_prefix("for policy `") {
            Some(rest) => rest
                .split_once('`')
                .map_or(rest, |(_, said)| said.trim_start_matches([',', ':', ' '])),
            None => &said,
        };
        let text = match error.help() {
            Some(help) => format!("{said}; {help}"),
            None => said.to_owned(),
        };
        self.add(offset, text);
    }
}

/// The policies of one file, each under the name that it gives itself.
fn take(file: &str, forbid_only: bool, wrong: &mut Wrong<'_>) -> PolicySet {
    let mut policies = PolicySet::new();
    let read: PolicySet = match wrong.text.parse::<PolicySet>() {
        Ok(read) => read,
        Err(errors) => {
            for error in errors.iter() {
                wrong.tell(error);
            }
            return policies;
        }
    };
    for template in read.templates() {
        let offset = wrong.text.find(&template.to_cedar()).unwrap_or(0);
        wrong.add(
            offset,
            "a template has no use here; write plain policies".to_owned(),
        );
    }
    let offset = |policy: &Policy| {
        let text = policy.to_cedar();
        text.and_then(|text| wrong.text.find(&text)).unwrap_or(0)
    };
    let mut all: Vec<(usize, &Policy)> = read.policies().map(|one| (offset(one), one)).collect();
    all.sort_by_key(|(offset, _)| *offset);
    for (index, (offset, policy)) in all.into_iter().enumerate() {
        let name = policy
            .annotation("id")
            .map_or_else(|| format!("policy {index}"), str::to_owned);
        if forbid_only && policy.effect() == Effect::Permit {
            wrong.add(
                offset,
                format!(
                    "{} permits; an operator's policies may only `forbid`",
                    quoted(&name)
                ),
            );
        }
        let policy: Policy = policy.new_id(PolicyId::new(format!("{file}: {name}")));
        if policies.add(policy).is_err() {
            wrong.add(
                offset,
                format!(
                    "there is another {} in this file; give each an `@id` of its own",
                    quoted(&name)
                ),
            );
        }
    }
    policies
}

/// Checks the policies of one file against the schema, strictly.
fn validate(validator: &Validator, policies: &PolicySet, wrong: &mut Wrong<'_>) {
    let checked = validator.validate(policies, ValidationMode::Strict);
    for error in checked.validation_errors() {
        wrong.tell(error);
    }
    // A policy that can never apply is a mistake of whoever wrote it; where there is an error, it follows from that.
    if wrong.found.is_empty() {
        for warning in checked.validation_warnings() {
            wrong.tell(warning);
        }
    }
}

fn principal(asker: &Asker) -> Entity {
    match asker {
        Asker::Anonymous => Entity::new_no_attrs(uid("Visitor", "it"), HashSet::new()),
        Asker::Member(member) => entity("Member", member_attributes(member)),
    }
}

fn member_attributes(member: &Member) -> Vec<(&'static str, RestrictedExpression)> {
    // A session may all that its member may.
    let scopes = Scope::ALL
        .iter()
        .filter(|scope| member.scopes.is_none_or(|some| some.has(**scope)));
    vec![
        ("organization", number(Some(member.organization))),
        ("kind", word("Kind", member.kind.as_str())),
        ("role", word("Role", member.role.as_str())),
        ("staff", RestrictedExpression::new_bool(member.staff)),
        (
            "session",
            RestrictedExpression::new_bool(member.scopes.is_none()),
        ),
        (
            "scopes",
            RestrictedExpression::new_set(scopes.map(|scope| word("Scope", scope.as_str()))),
        ),
    ]
}

fn resource(seen: &Seen) -> Entity {
    let mut attributes = Vec::with_capacity(8);
    let mut put = |name, value| attributes.push((name, value));
    let truth = RestrictedExpression::new_bool;
    if matches!(
        seen.kind,
        Kind::Organization | Kind::Account | Kind::Claim | Kind::Authorization | Kind::Report
    ) {
        put("owner", number(seen.owner));
        put("own", truth(seen.own));
    }
    if seen.kind == Kind::Account {
        put("self", truth(seen.is_self));
    }
    if matches!(
        seen.kind,
        Kind::Claim
            | Kind::Authorization
            | Kind::Report
            | Kind::Finding
            | Kind::Case
            | Kind::Advisory
    ) {
        put("part", word("Part", seen.part.as_str()));
    }
    if seen.kind == Kind::Engagement {
        put("seat", word("Seat", seen.seat.as_str()));
    }
    if matches!(seen.kind, Kind::Report | Kind::Finding | Kind::Case) {
        put("told", truth(seen.told));
    }
    if matches!(
        seen.kind,
        Kind::Report | Kind::Finding | Kind::Case | Kind::Advisory
    ) {
        put("embargo", word("Embargo", seen.embargo.as_str()));
    }
    if matches!(
        seen.kind,
        Kind::Claim | Kind::Report | Kind::Finding | Kind::Case | Kind::Advisory
    ) {
        put("tlp", word("Tlp", seen.tlp.as_str()));
    }
    if matches!(seen.kind, Kind::Finding | Kind::Case) {
        put("held", truth(seen.held));
    }
    entity(seen.kind.as_str(), attributes)
}

fn entity(kind: &str, attributes: Vec<(&'static str, RestrictedExpression)>) -> Entity {
    let attributes: HashMap<String, RestrictedExpression> = attributes
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Entity::new(uid(kind, "it"), attributes, HashSet::new())
        .expect("words, truths and texts need no evaluation")
}

fn number(id: Option<OrganizationId>) -> RestrictedExpression {
    RestrictedExpression::new_string(id.map(|id| id.to_string()).unwrap_or_default())
}

fn word(kind: &str, word: &str) -> RestrictedExpression {
    RestrictedExpression::new_entity_uid(uid(kind, word))
}

fn uid(kind: &str, id: &str) -> EntityUid {
    let kind = TYPES
        .get(kind)
        .expect("every type that is asked about is in the list")
        .clone();
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

/// Each type of the schema by its name, read once: reading a name costs more than an answer.
static TYPES: LazyLock<HashMap<&'static str, EntityTypeName>> = LazyLock::new(|| {
    let words = [
        "Visitor", "Member", "Action", "Kind", "Role", "Scope", "Part", "Seat", "Embargo", "Tlp",
    ];
    let all = words
        .into_iter()
        .chain(Kind::ALL.iter().map(|kind| kind.as_str()));
    let read = |name: &'static str| {
        (
            name,
            name.parse().expect("our names of types are names of types"),
        )
    };
    all.map(read).collect()
});

#[cfg(test)]
mod tests;
