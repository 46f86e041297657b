//! Closest: of several alternatives, which one was meant?

use serde_json::Value;

use super::walk::{Node, Walk, required};
use super::{Fault, Way};

/// Whether `value` fits one alternative or more.
pub fn any_of<'s>(
    walk: &mut Walk<'s>,
    node: Node<'s>,
    rules: &'s [Value],
    value: &Value,
    way: Way<'_>,
) -> bool {
    if rules
        .iter()
        .any(|rule| walk.probe(node.of(rule), value, way))
    {
        return true;
    }
    none(walk, node, rules, value, way)
}

/// Whether `value` fits exactly one alternative.
pub fn one_of<'s>(
    walk: &mut Walk<'s>,
    node: Node<'s>,
    rules: &'s [Value],
    value: &Value,
    way: Way<'_>,
) -> bool {
    let fitting: Vec<&Value> = (rules.iter())
        .filter(|rule| walk.probe(node.of(rule), value, way))
        .collect();
    match fitting.len() {
        0 => none(walk, node, rules, value, way),
        1 => true,
        count => walk.fault(way, 1, || several(&fitting, count, way)),
    }
}

/// Tells what is wrong by the alternative that comes closest.
fn none<'s>(
    walk: &mut Walk<'s>,
    node: Node<'s>,
    rules: &'s [Value],
    value: &Value,
    way: Way<'_>,
) -> bool {
    if !walk.is_telling() {
        return false;
    }
    let sets: Vec<String> = rules
        .iter()
        .map(|rule| required(rule).join(" and "))
        .collect();
    let lacks_only = |rule: &&'s Value| {
        rule.as_object()
            .is_some_and(|members| members.len() == 1 && members.contains_key("required"))
    };
    if value.is_object() && rules.iter().all(|rule| lacks_only(&rule)) {
        return walk.fault(way, 1, || {
            format!("{} needs {}", way.called(), sets.join(", or "))
        });
    }
    let told = rules
        .iter()
        .map(|rule| walk.aside(node.of(rule), value, way));
    let closest = told.min_by_key(|faults| faults.iter().map(|fault| fault.weight).sum::<u32>());
    match closest {
        Some(faults) if !faults.is_empty() => walk.take(named(faults)),
        _ => walk.fault(way, 1, || {
            format!("{} fits none of {} alternatives", way.called(), rules.len())
        }),
    }
}

/// What is told of the closest alternative weighs no more than what is told where there is only one.
fn named(mut faults: Vec<Fault>) -> Vec<Fault> {
    for fault in &mut faults {
        fault.weight = fault.weight.min(2);
    }
    faults
}

/// Which members say that more than one alternative is meant.
fn several(fitting: &[&Value], count: usize, way: Way<'_>) -> String {
    let sets: Vec<Vec<String>> = fitting.iter().map(|rule| required(rule)).collect();
    let is_shared = |name: &String| sets.iter().all(|set| set.contains(name));
    let mut telling: Vec<String> = sets
        .iter()
        .flatten()
        .filter(|name| !is_shared(name))
        .cloned()
        .collect();
    telling.dedup();
    match telling.len() {
        0 | 1 => format!(
            "{} fits {count} alternatives; it must fit exactly one",
            way.called()
        ),
        _ => format!(
            "{} has {}; only one of them may stand there",
            way.called(),
            telling.join(" and ")
        ),
    }
}
