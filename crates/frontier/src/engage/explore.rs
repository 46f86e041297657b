//! Explore: every engagement that can be reached, by anybody's signature and any passing of time, keeps the five promises.
//!
//! Each promise is a function that says what breaks it; each has a test over the true machine, and one that breaks the
//! machine on purpose and has to be told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use names::{EngagementId, MemberId, OrganizationId, Refusal};

use super::*;
use crate::designate::{Draft, Evidence, Marking, Measured, Outcome, Reasons, Stance};
use crate::engage::table::TRANSITIONS;

const DEVELOPER: OrganizationId = OrganizationId::new(1);
const OFFICIAL: OrganizationId = OrganizationId::new(2);
const EVALUATOR: OrganizationId = OrganizationId::new(3);
const OFFICE: OrganizationId = OrganizationId::new(4);
const REVIEWER: OrganizationId = OrganizationId::new(5);
const STRANGER: OrganizationId = OrganizationId::new(6);

const GATE_WORDS: &str = include_str!("gate-words.txt");

type Machine<'a> = &'a dyn Fn(&Engagement, By, &What, Timestamp) -> Result<Step, Refusal>;

/// An act that was done, or a refusal, from a node that can be reached.
struct Edge<'a> {
    before: &'a Engagement,
    by: By,
    what: &'a What,
    now: Timestamp,
    done: &'a Result<Step, Refusal>,
}

fn start() -> Engagement {
    let model = Model {
        name: "Lark 3".into(),
        handle: "sha256:00".into(),
    };
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    inquire(EngagementId::new(1), model, DEVELOPER, OFFICIAL, now).unwrap()
}

fn reasons() -> Reasons {
    Reasons::read("(U) Measured.\n\n(S) On nine tasks.", &mut || [7; 32]).unwrap()
}

fn digest(text: &str) -> Digest {
    Digest::of(&[text.as_bytes()])
}

const fn signs(person: i64, organization: OrganizationId, seat: Seat) -> By {
    By::Person(Signature {
        person: MemberId::new(person),
        organization,
        seat,
    })
}

/// The clock, and everybody from the seat that may be theirs; the official's organization is also asked to be heard.
const SIGNERS: [By; 8] = [
    By::Clock,
    signs(1, DEVELOPER, Seat::Developer),
    signs(2, OFFICIAL, Seat::Official),
    signs(2, OFFICIAL, Seat::Consulted),
    signs(12, OFFICIAL, Seat::Official),
    signs(3, EVALUATOR, Seat::Evaluator),
    signs(4, OFFICE, Seat::Consulted),
    signs(5, REVIEWER, Seat::Reviewer),
];

/// Everybody from every seat, whether it is theirs or not.
fn anybody() -> Vec<By> {
    let organizations = [DEVELOPER, OFFICIAL, EVALUATOR, OFFICE, REVIEWER, STRANGER];
    let of = |organization: OrganizationId| {
        let from = move |seat: &Seat| signs(organization.get(), organization, *seat);
        Seat::ALL.iter().map(from)
    };
    organizations.into_iter().flat_map(of).collect()
}

/// Something to say for every act, with every outcome.
fn whats(now: Timestamp) -> Vec<What> {
    let access = Access {
        from: now,
        until: now + SignedDuration::from_hours(24 * ACCESS_DAYS_MAX),
        partners: None,
    };
    let terms = |access| Terms {
        digest: digest("terms"),
        access,
    };
    let commitments = Commitments {
        suite: digest("suite"),
        plan: digest("plan"),
        run: digest("run"),
    };
    let asked = [OFFICE, OFFICIAL].map(|organization| Asked {
        organization,
        office: "An office".into(),
    });
    let mut all = vec![
        What::Scope {
            evaluator: EVALUATOR,
        },
        What::Agree {
            terms: terms(Some(access)),
        },
        What::Agree { terms: terms(None) },
        What::Commit { commitments },
        What::Consult {
            asked: asked.to_vec(),
        },
        What::Opine {
            stance: Stance::Dissents,
            reasons: reasons(),
        },
        What::Share {},
        What::Comment { text: "No.".into() },
        What::Reconsider {
            grounds: Grounds::Statistics,
            statement: "Count again.".into(),
        },
        What::Assign { reviewer: REVIEWER },
        What::Assign {
            reviewer: EVALUATOR,
        },
        What::Settle {},
        What::Review {},
        What::Retest {},
        What::Lift {},
        What::Sunset {},
        What::Declare {
            text: "I worked there.".into(),
        },
        What::Notify {
            to: Audience::Everyone,
            on: None,
        },
        What::Withdraw {},
    ];
    for (measured, outcome) in Measured::ALL.iter().zip(Outcome::ALL) {
        let evidence = Evidence {
            scorecard: digest("scorecard"),
            measured: *measured,
        };
        let draft = Draft {
            outcome: *outcome,
            reasons: reasons(),
        };
        all.push(What::Evaluate {
            evidence,
            run: digest("run"),
        });
        all.push(What::Propose {
            draft: draft.clone(),
        });
        all.push(What::Determine {
            draft: draft.clone(),
        });
        let (beacon, delta) = (digest("beacon"), "One sample.".into());
        all.push(What::Conclude {
            draft,
            evidence,
            beacon,
            delta,
        });
    }
    all
}

/// What makes two engagements the same for what can be done next. What a state does not ask about any more is left out.
fn key(one: &Engagement) -> String {
    let pending = one.pending.as_ref().map(|pending| {
        let by: Vec<(Seat, MemberId)> = pending.by.iter().map(|by| (by.seat, by.person)).collect();
        (pending.what.act(), outcome(&pending.what), by)
    });
    let is = |states: &[State]| states.contains(&one.state);
    let heard = is(&[State::Consultation]).then_some(one.opinions.len().min(1));
    let swayed: BTreeSet<MemberId> = one.conflicts.iter().map(|one| one.person).collect();
    let access = one.access_ends().map(|ends| ends <= one.since);
    let proposal = is(&[State::Proposed]).then(|| one.proposal.as_ref().map(|one| one.outcome));
    let answered = is(&[State::Comment]).then_some(one.comment.is_some());
    let reviewers: Vec<OrganizationId> = one.seated(Seat::Reviewer).collect();
    format!(
        "{:?} {pending:?} {:?} {heard:?} {swayed:?} {access:?} {proposal:?} {answered:?} {reviewers:?} {:?}",
        one.state,
        one.evidence.map(|one| one.measured),
        one.determination.as_ref().map(|one| one.outcome),
    )
}

fn outcome(what: &What) -> Option<Outcome> {
    match what {
        What::Propose { draft } | What::Determine { draft } | What::Conclude { draft, .. } => {
            Some(draft.outcome)
        }
        _ => None,
    }
}

/// Whether exploration goes this way: one official declares a conflict and one office is heard; that is all there is to
/// it with more.
fn is_tried(by: By, what: &What) -> bool {
    match (what, by) {
        (What::Declare { .. }, By::Person(signature)) => signature.person.get() == 2,
        (What::Opine { .. }, By::Person(signature)) => signature.person.get() == 4,
        _ => true,
    }
}

/// Every engagement that `machine` can bring about, and `seen` of everything that was tried on the way. From the first
/// of each state everybody is tried from every seat; from the others whoever may have one.
fn explore(
    machine: Machine<'_>,
    seen: &mut dyn FnMut(Edge<'_>) -> Result<(), String>,
) -> Result<Vec<Engagement>, String> {
    let mut nodes: BTreeMap<String, Engagement> = BTreeMap::new();
    let mut states = BTreeSet::new();
    let mut waiting = vec![start()];
    while let Some(before) = waiting.pop() {
        if nodes.insert(key(&before), before.clone()).is_some() {
            continue;
        }
        let mut signers = SIGNERS.to_vec();
        if states.insert(before.state) {
            signers.extend(anybody());
        }
        for now in times(&before) {
            for what in whats(now) {
                for by in signers.iter().filter(|by| is_tried(**by, &what)) {
                    let done = machine(&before, *by, &what, now);
                    seen(Edge {
                        before: &before,
                        by: *by,
                        what: &what,
                        now,
                        done: &done,
                    })?;
                    if let Ok(step) = done
                        && !nodes.contains_key(&key(&step.engagement))
                    {
                        waiting.push(step.engagement);
                    }
                }
            }
        }
    }
    Ok(nodes.into_values().collect())
}

/// The true machine, explored once for all tests.
struct World {
    nodes: Vec<Engagement>,
    tried: u64,
    /// What an edge broke, by the promise.
    broken: BTreeMap<&'static str, String>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    type Promise = fn(&Edge<'_>) -> Result<(), String>;
    let promises: [(&str, Promise); 6] = [
        ("permission", returns_no_permission),
        ("access", extends_no_access),
        ("quorum", moves_by_quorum),
        ("conflict", counts_nobody_who_is_swayed),
        ("covered", follows_from_what_was_measured),
        ("clock", is_done_in_time),
    ];
    let (mut tried, mut broken) = (0, BTreeMap::new());
    let nodes = explore(&engage, &mut |edge| {
        tried += 1;
        for (name, holds) in promises {
            if let Err(text) = holds(&edge) {
                broken.entry(name).or_insert(text);
            }
        }
        Ok(())
    });
    World {
        nodes: nodes.expect("no edge ends it"),
        tried,
        broken,
    }
});

#[track_caller]
fn holds(promise: &str) {
    assert_eq!(WORLD.broken.get(promise), None);
    assert!(WORLD.tried > 10_000, "{}", WORLD.tried);
}

/// At once, and when whatever has a time is past it.
fn times(one: &Engagement) -> [Timestamp; 2] {
    let soon = one.since + SignedDuration::from_hours(1);
    let late = one.clock().map_or(soon, |clock| clock.until);
    [soon, late + SignedDuration::from_hours(1)]
}

fn the_developer() -> By {
    By::Person(Signature {
        person: MemberId::new(1),
        organization: DEVELOPER,
        seat: Seat::Developer,
    })
}

/// 1 and 2: no word of what is done or kept says that a release may or may not be.
fn says_nothing_of_permission(text: &str) -> Result<(), String> {
    let small = text.to_lowercase();
    match GATE_WORDS.lines().find(|word| small.contains(*word)) {
        Some(word) => Err(format!("`{word}` stands in {text}")),
        None => Ok(()),
    }
}

/// 1: neither what is answered nor why something is refused.
fn returns_no_permission(edge: &Edge<'_>) -> Result<(), String> {
    match edge.done {
        Ok(step) => says_nothing_of_permission(&serde_json::to_string(&step.event).unwrap()),
        Err(refusal) => says_nothing_of_permission(&refusal.to_string()),
    }
}

fn moves_by_quorum(edge: &Edge<'_>) -> Result<(), String> {
    let Ok(Step {
        event: Some(event), ..
    }) = edge.done
    else {
        return Ok(());
    };
    let act = event.what.act();
    let holds = if event.waits.is_empty() {
        let full = rows(event.from, act).any(|row| missing(row.quorum, &event.by).is_empty());
        full && event.by.is_empty() == (edge.by == By::Clock)
    } else {
        event.from == event.to
    };
    match holds {
        true => Ok(()),
        false => Err(format!("{event:?}")),
    }
}

fn counts_nobody_who_is_swayed(edge: &Edge<'_>) -> Result<(), String> {
    let Ok(Step {
        event: Some(event), ..
    }) = edge.done
    else {
        return Ok(());
    };
    let swayed = |by: &Signature| {
        let conflicts = &edge.before.conflicts;
        conflicts.iter().any(|one| one.person == by.person)
    };
    let is_heard = matches!(event.what.act(), Act::Opine | Act::Declare);
    match event.by.iter().any(swayed) && !is_heard {
        true => Err(format!("{event:?}")),
        false => Ok(()),
    }
}

fn follows_from_what_was_measured(edge: &Edge<'_>) -> Result<(), String> {
    let Ok(step) = edge.done else { return Ok(()) };
    let Some(is) = &step.engagement.determination else {
        return Ok(());
    };
    match (is.outcome, is.evidence.measured) {
        (Outcome::Covered, Measured::Above)
        | (Outcome::NotCovered, Measured::Below)
        | (Outcome::Indeterminate, _) => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// What the clock does, it does not do before its time.
fn is_done_in_time(edge: &Edge<'_>) -> Result<(), String> {
    let early = edge
        .before
        .clock()
        .is_none_or(|clock| edge.now < clock.until);
    match edge.by == By::Clock && edge.done.is_ok() && early {
        true => Err(format!("{} in {}", edge.what.act(), edge.before.state)),
        false => Ok(()),
    }
}

/// 3: a notice of a release is taken, and moves nothing.
fn takes_a_notice(machine: Machine<'_>, one: &Engagement) -> Result<(), String> {
    let what = What::Notify {
        to: Audience::Everyone,
        on: None,
    };
    for now in times(one) {
        let step = machine(one, the_developer(), &what, now);
        let step = step.map_err(|refusal| format!("{}: {refusal}", one.state))?;
        let told = step
            .engagement
            .notices
            .last()
            .is_some_and(|last| last.at == now);
        let waits = step.event.is_none_or(|event| !event.waits.is_empty());
        let mut same = step.engagement;
        same.notices.clone_from(&one.notices);
        if !told || waits || same != *one {
            return Err(format!(
                "{}: a notice was not taken, or moved something",
                one.state
            ));
        }
    }
    Ok(())
}

/// The developer leaves at once, by one signature, twice as well as once; and whoever uses the model stops.
fn lets_go(machine: Machine<'_>, one: &Engagement) -> Result<(), String> {
    for now in times(one) {
        let left = machine(one, the_developer(), &What::Withdraw {}, now);
        let left = left
            .map_err(|refusal| format!("{}: {refusal}", one.state))?
            .engagement;
        if left.state != State::Withdrawn || left.has_access(now) {
            return Err(format!("{} is {} after it was left", one.state, left.state));
        }
        let again = machine(&left, the_developer(), &What::Withdraw {}, now);
        let again = again.map_err(|refusal| format!("again: {refusal}"))?;
        if again.engagement != left || again.event.is_some() {
            return Err("to leave twice is not to leave".to_owned());
        }
    }
    Ok(())
}

/// 4: only terms that both sides signed give access; every other act, and the clock, leave its end or bring it forward.
fn extends_no_access(edge: &Edge<'_>) -> Result<(), String> {
    let Ok(step) = edge.done else { return Ok(()) };
    let (before, after) = (edge.before.access_ends(), step.engagement.access_ends());
    let by_both = edge.what.act() == Act::Agree
        && step
            .event
            .as_ref()
            .is_some_and(|event| missing(&[Seat::Developer, Seat::Official], &event.by).is_empty());
    let is_longer = match (before, after) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(before), Some(after)) => after > before,
    };
    if is_longer && !(by_both && edge.by != By::Clock) {
        return Err(format!(
            "{} moved the end of access from {before:?} to {after:?}",
            edge.what.act()
        ));
    }
    let terms = step
        .engagement
        .terms
        .as_ref()
        .and_then(|terms| terms.access);
    let longest = SignedDuration::from_hours(24 * ACCESS_DAYS_MAX);
    if terms.is_some_and(|access| access.until.duration_since(access.from) > longest) {
        return Err("access is for more than thirty days".to_owned());
    }
    let ends = |one: &Engagement| one.determination.as_ref().map(|one| one.ends);
    let is_new = matches!(edge.what.act(), Act::Determine);
    match (ends(edge.before), ends(&step.engagement)) {
        (Some(before), Some(after)) if after > before && !is_new => {
            Err(format!("{} prolonged a determination", edge.what.act()))
        }
        _ => Ok(()),
    }
}

/// 5: once the developer has left, everyone else sees what they would see if it had never come.
fn leaves_no_trace(
    see: &dyn Fn(&Engagement, OrganizationId) -> Option<View>,
    one: &Engagement,
) -> Result<(), String> {
    if one.state != State::Withdrawn {
        return Ok(());
    }
    for other in [OFFICIAL, EVALUATOR, OFFICE, REVIEWER, STRANGER] {
        // What is not there is seen by nobody, which is `None`.
        if see(one, other).is_some() {
            return Err(format!("{other} sees what was withdrawn"));
        }
    }
    Ok(())
}

#[test]
fn never_a_gate_1_no_act_returns_a_permission_to_release() {
    holds("permission");
    for one in &WORLD.nodes {
        says_nothing_of_permission(&serde_json::to_string(one).unwrap()).unwrap();
    }
    for row in TRANSITIONS {
        let words = format!("{} {} {}", row.act, row.act.shown(), row.to.shown());
        says_nothing_of_permission(&words).unwrap();
    }
    let reached: BTreeSet<State> = WORLD.nodes.iter().map(|one| one.state).collect();
    assert_eq!(reached.len(), State::ALL.len(), "{reached:?}");
    // Printed for docs/engage.md.
    println!(
        "{} engagements, {} acts tried",
        WORLD.nodes.len(),
        WORLD.tried
    );
    assert!(WORLD.nodes.len() > 200, "{}", WORLD.nodes.len());
}

#[test]
fn never_a_gate_1_is_seen_red_when_an_act_answers_that_a_model_may_be_released() {
    let broken = |one: &Engagement, by, what: &What, now| {
        let mut step = engage(one, by, what, now)?;
        if let Some(event) = &mut step.event
            && event.to == State::Final
        {
            event.what = What::Comment {
                text: "The model may be released.".into(),
            };
        }
        Ok(step)
    };
    let found = explore(&broken, &mut |edge| match edge.done {
        Ok(step) => says_nothing_of_permission(&serde_json::to_string(&step.event).unwrap()),
        Err(_) => Ok(()),
    });
    assert!(
        found
            .unwrap_err()
            .starts_with("`may be released` stands in")
    );
}

#[test]
fn never_a_gate_1_no_function_here_answers_whether_a_model_may_be_released() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![folder];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // A test may name what it shows not to be there.
            let is_test = path.ends_with("explore.rs") || path.ends_with("tests.rs");
            if path.extension().is_none_or(|is| is != "rs") || is_test {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let names = text
                .split("fn ")
                .skip(1)
                .filter_map(|rest| rest.split(['(', '<']).next());
            for name in names {
                count += 1;
                says_nothing_of_permission(&name.replace('_', " ")).unwrap();
                assert!(!name.contains("release"), "`{name}` in {}", path.display());
            }
        }
    }
    assert!(count > 100, "{count} functions were read");
}

#[test]
fn never_a_gate_3_a_notice_of_a_release_is_taken_in_every_state() {
    for one in &WORLD.nodes {
        takes_a_notice(&engage, one).unwrap();
    }
}

#[test]
fn never_a_gate_3_is_seen_red_when_one_state_takes_no_notice() {
    for deaf in State::ALL {
        let broken = |one: &Engagement, by, what: &What, now| {
            if one.state == *deaf && what.act() == Act::Notify {
                return Err(Refusal::whole("wait for the review"));
            }
            engage(one, by, what, now)
        };
        let nodes = &WORLD.nodes;
        let found = nodes
            .iter()
            .find_map(|one| takes_a_notice(&broken, one).err());
        assert_eq!(found, Some(format!("{deaf}: wait for the review")));
    }
}

#[test]
fn never_a_gate_a_developer_leaves_from_every_state_by_one_signature() {
    for one in &WORLD.nodes {
        lets_go(&engage, one).unwrap();
    }
}

#[test]
fn never_a_gate_leaving_is_seen_red_when_it_needs_a_second_signature() {
    let broken = |one: &Engagement, by, what: &What, now| {
        let mut step = engage(one, by, what, now)?;
        if what.act() == Act::Withdraw && one.state == State::Reconsideration {
            step.engagement.state = one.state;
        }
        Ok(step)
    };
    let nodes = &WORLD.nodes;
    let found = nodes.iter().find_map(|one| lets_go(&broken, one).err());
    assert_eq!(
        found.as_deref(),
        Some("reconsideration is reconsideration after it was left")
    );
}

#[test]
fn never_a_gate_4_the_clock_ends_access_and_never_extends_it() {
    holds("access");
}

#[test]
fn never_a_gate_4_is_seen_red_when_the_clock_gives_another_day() {
    let broken = |one: &Engagement, by, what: &What, now: Timestamp| {
        let mut step = engage(one, by, what, now)?;
        let access = step
            .engagement
            .terms
            .as_mut()
            .and_then(|terms| terms.access.as_mut());
        if let (By::Clock, Some(access)) = (by, access) {
            access.until += SignedDuration::from_hours(24);
        }
        Ok(step)
    };
    let found = explore(&broken, &mut |edge| extends_no_access(&edge)).unwrap_err();
    assert!(found.contains("moved the end of access"), "{found}");
}

#[test]
fn never_a_gate_4_thirty_days_and_a_second_are_refused() {
    let now = start().since;
    let scoped = engage(
        &start(),
        official(2),
        &What::Scope {
            evaluator: EVALUATOR,
        },
        now,
    )
    .unwrap();
    let month = SignedDuration::from_hours(24 * ACCESS_DAYS_MAX);
    let partners = now + SignedDuration::from_hours(48);
    let check = |until: Timestamp, partners: Option<Timestamp>| {
        let access = Some(Access {
            from: now,
            until,
            partners,
        });
        let what = What::Agree {
            terms: Terms {
                digest: digest("terms"),
                access,
            },
        };
        engage(&scoped.engagement, official(2), &what, now)
            .map(|_| ())
            .map_err(|refusal| refusal.to_string())
    };
    assert_eq!(check(now + month, None), Ok(()));
    assert_eq!(check(partners, Some(partners)), Ok(()));
    assert_eq!(
        check(now + month + SignedDuration::from_secs(1), None).unwrap_err(),
        "access.until: is more than 30 days after its beginning; access is for at most 30"
    );
    assert_eq!(
        check(partners + SignedDuration::from_secs(1), Some(partners)).unwrap_err(),
        "access.until: is after the release to other trusted partners; access ends with it"
    );
}

fn official(person: i64) -> By {
    By::Person(Signature {
        person: MemberId::new(person),
        organization: OFFICIAL,
        seat: Seat::Official,
    })
}

#[test]
fn never_a_gate_5_withdrawn_and_never_there_look_the_same_to_everyone_else() {
    let mut withdrawn = 0;
    for one in &WORLD.nodes {
        leaves_no_trace(&view, one).unwrap();
        withdrawn += usize::from(one.state == State::Withdrawn);
        assert!(
            view(one, DEVELOPER).is_some(),
            "its developer sees it always"
        );
        assert_eq!(view(one, STRANGER), None);
    }
    assert!(withdrawn > 10, "{withdrawn}");
}

#[test]
fn never_a_gate_5_is_seen_red_when_an_official_sees_that_somebody_left() {
    let broken = |one: &Engagement, organization| match view(one, organization) {
        None if organization == OFFICIAL => Some(View::default()),
        other => other,
    };
    let nodes = &WORLD.nodes;
    let found = nodes
        .iter()
        .find_map(|one| leaves_no_trace(&broken, one).err());
    assert_eq!(found.as_deref(), Some("O-000002 sees what was withdrawn"));
}

#[test]
fn never_a_gate_5_counts_do_not_tell_one_developer_from_none() {
    for number in 0..K {
        assert_eq!(Count::of(number).to_string(), "0 to 4");
    }
    // One that leaves is told from one that stays only where it is the K-th, and then not which.
    assert_eq!(Count::of(5).to_string(), "5 to 9");
    assert_eq!(Count::of(5), Count::of(9));
}

#[test]
fn nothing_moves_without_a_quorum_of_different_people_and_organizations() {
    holds("quorum");
}

#[test]
fn whoever_declared_a_conflict_is_heard_and_not_counted() {
    holds("conflict");
}

#[test]
fn who_looks_at_it_again_is_not_who_measured_it() {
    let nodes = &WORLD.nodes;
    let both = |one: &Engagement| {
        let reviewers: Vec<OrganizationId> = one.seated(Seat::Reviewer).collect();
        one.seated(Seat::Evaluator)
            .any(|evaluator| reviewers.contains(&evaluator))
    };
    assert!(
        nodes
            .iter()
            .any(|one| one.seated(Seat::Reviewer).next().is_some())
    );
    assert!(!nodes.iter().any(both));
}

#[test]
fn a_model_is_covered_only_where_it_was_measured_above() {
    holds("covered");
}

#[test]
fn whoever_is_silent_designates_nothing() {
    // The clock alone, from every state: nothing is determined, nothing proposed, and nobody waits for ever.
    for one in &WORLD.nodes {
        let mut is = one.clone();
        while let Some(what) = is.due(Timestamp::MAX) {
            let late = is.clock().unwrap().until;
            is = engage(&is, By::Clock, &what, late).unwrap().engagement;
        }
        let before = one.determination.as_ref().map(|one| one.outcome);
        assert_eq!(
            is.determination.as_ref().map(|one| one.outcome),
            before,
            "{}",
            one.state
        );
        assert!(
            !is.clock()
                .is_some_and(|clock| matches!(clock.passes, Passes::Does(_)))
        );
    }
}

#[test]
fn the_clock_does_nothing_before_its_time() {
    holds("clock");
}

#[test]
fn an_unclassified_view_never_holds_a_marked_portion() {
    let draft = Draft {
        outcome: Outcome::Covered,
        reasons: reasons(),
    };
    let seen = serde_json::to_string(&draft.reasons.up_to(Marking::Unclassified)).unwrap();
    assert!(!seen.contains("nine tasks"), "{seen}");
}
