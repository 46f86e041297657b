//! VERS: is a product version range written as clause 3.1.3.3.2 asks, closed, and of a known type?
//! (6.1.50, 6.1.59, 6.2.49, 6.2.51)
//!
//! Ours, with our own orders: the library knows few of the registered types, and a type that it does not know ends
//! its test before the rules that hold for all of them.

pub mod overlap;

use serde_json::Value;
use versions::{
    Vers, key,
    vers::{Comparator, Constraints, scheme},
};

use super::view::{Say, View, string};
use crate::place::clip;

/// Types that are registered and whose order is not implemented here.
const REGISTERED: [&str; 4] = ["cpan", "huggingface", "mlflow", "oci"];

/// The type under which a vers-like specifier is read: none that has an order.
const VLS: &str = "x-vls";

/// A range as it is written.
pub enum Written {
    Vers(Vers),
    /// Constraints without a type.
    Vls(Vers),
    /// Neither, or not by the rules.
    Broken(String),
}

/// Reads `name`; what breaks a rule beyond its form is in the second place.
pub fn read(name: &str) -> (Written, Option<String>) {
    let vers = name
        .get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("vers:"));
    let text = if vers {
        name.to_owned()
    } else {
        format!("vers:{VLS}/{name}")
    };
    let (range, broken) = match (Vers::parse(&text), Vers::read(&text)) {
        (Ok(range), _) => (range, None),
        (Err(problems), Ok(range)) => (range, Some(problems.to_string())),
        (Err(problems), Err(_)) => return (Written::Broken(problems.to_string()), None),
    };
    if vers {
        (Written::Vers(range), broken)
    } else {
        (Written::Vls(range), broken)
    }
}

/// 6.1.50 Product Version Range Rules: each range is a canonical VERS, or constraints that are none of one version.
pub fn test_6_1_50(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, name) in ranges(view) {
        let shown = clip(name).into_owned();
        let wrong = match read(name) {
            (Written::Broken(why), _) | (_, Some(why)) => Some(why),
            (Written::Vers(range), None) => vers_rules(&range, say),
            (Written::Vls(range), None) => match &range.constraints {
                Constraints::Any => {
                    Some("`*` is no range; write `vers:all/*` for all versions".to_owned())
                }
                Constraints::Points(points)
                    if single(points.iter().map(|point| point.comparator)) =>
                {
                    Some(
                        "one version is no range; its branch has the category `product_version`"
                            .to_owned(),
                    )
                }
                Constraints::Points(_) => None,
            },
        };
        if let Some(wrong) = wrong {
            say.at(
                pointer,
                format!("version range `{shown}` is not by the rules: {wrong}"),
            );
        }
    }
}

fn vers_rules(range: &Vers, say: &mut Say<'_>) -> Option<String> {
    let kind = &*range.kind;
    if range.constraints == Constraints::Any {
        let special = matches!(kind, "all" | "none");
        return (!special).then(|| "all versions are written `vers:all/*`".to_owned());
    }
    if kind == "generic" {
        // Its versions have no form of their own.
        return None;
    }
    let Some(scheme) = scheme(kind) else {
        say.untested(format!(
            "VERS type `{}` is not supported; its order and versions are not tested",
            clip(kind)
        ));
        return None;
    };
    let wrong = range
        .points()
        .iter()
        .find(|point| key(scheme, &point.version).is_none())?;
    Some(format!(
        "`{}` is no version of type `{kind}`",
        clip(&wrong.version)
    ))
}

fn single(mut comparators: impl Iterator<Item = Comparator>) -> bool {
    comparators.next() == Some(Comparator::Equal) && comparators.next().is_none()
}

/// Whether there is only one version in it: `4.2.0`, also without others, or from it up to itself.
fn is_one_version(range: &Vers) -> bool {
    let included: Vec<_> = range
        .points()
        .iter()
        .filter(|point| point.comparator != Comparator::NotEqual)
        .collect();
    match included.as_slice() {
        [one] => one.comparator == Comparator::Equal,
        [from, to] => {
            from.comparator == Comparator::GreaterOrEqual
                && to.comparator == Comparator::LessOrEqual
                && is_same(range, &from.version, &to.version)
        }
        _ => false,
    }
}

fn is_same(range: &Vers, one: &str, other: &str) -> bool {
    let placed = |version| key(scheme(&range.kind)?, version);
    one == other || placed(one).is_some_and(|one| Some(one) == placed(other))
}

/// 6.1.59 Single Version as Product Version Range: a range does not identify a single version.
pub fn test_6_1_59(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, name) in ranges(view) {
        match read(name).0 {
            Written::Vers(range) | Written::Vls(range) => {
                if is_one_version(&range) {
                    let shown = clip(name);
                    say.at(
                        pointer,
                        format!(
                            "range `{shown}` is one version; its category is `product_version`"
                        ),
                    );
                }
            }
            Written::Broken(_) => say.untested(format!("range `{}` cannot be read", clip(name))),
        }
    }
}

/// 6.2.49 Upper Open Ended Product Version Range: a range has an upper end.
pub fn test_6_2_49(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, name) in ranges(view) {
        let (Written::Vers(range) | Written::Vls(range)) = read(name).0 else {
            continue;
        };
        let last = range
            .points()
            .iter()
            .rfind(|point| point.comparator != Comparator::NotEqual);
        let open = match last {
            Some(last) => last.comparator.opens(),
            None => &*range.kind != "none",
        };
        if open {
            say.at(
                pointer,
                format!(
                    "range `{}` has no upper end, so versions yet to come are in it",
                    clip(name)
                ),
            );
        }
    }
}

/// 6.2.51 Unknown VERS Type: the type of a VERS is registered and supported.
pub fn test_6_2_51(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, name) in ranges(view) {
        let Some((_, rest)) = name
            .split_once(':')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("vers"))
        else {
            continue;
        };
        let kind = rest.split('/').next().unwrap_or_default();
        if REGISTERED.contains(&kind) {
            say.at(
                pointer,
                format!("VERS type `{kind}` is registered, but not supported here"),
            );
        } else if !matches!(kind, "all" | "none") && scheme(kind).is_none() {
            say.at(
                pointer,
                format!(
                    "VERS type `{}` is not officially registered, nor supported here",
                    clip(kind)
                ),
            );
        }
    }
}

/// The names of the branches of category `product_version_range`, with their pointers.
fn ranges<'v>(view: &View<'v>) -> Vec<(String, &'v str)> {
    let branches: Vec<(String, &Value)> = view.each("/product_tree/branches+");
    let ranges = branches
        .into_iter()
        .filter(|(_, branch)| string(branch, "category") == Some("product_version_range"));
    ranges
        .filter_map(|(pointer, branch)| Some((format!("{pointer}/name"), string(branch, "name")?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_range_is_read_as_vers_or_as_constraints_or_not_at_all() {
        let mut lines = Vec::new();
        for name in [
            "vers:gem/>=2.2.0|!=2.2.1|<2.3.0",
            ">10.9a|!=10.9c|!=10.9f|<=10.9k",
            "<2024-4-pabc0019|>2024-10-pefd0010|<2024-12-pjkl2010|>2024-12-pjkl5010|<=2025-1-pghi1001",
            "all versions < 4.2.0",
            "vers:intdot/<4.2.0|>=1.0",
            "vers:intdot/=4.2.0",
            "*",
            "8.0.0 - 8.0.1",
        ] {
            lines.push(match read(name) {
                (Written::Vers(range), why) => format!("vers {range} {}", why.unwrap_or_default()),
                (Written::Vls(range), why) => format!("vls {range} {}", why.unwrap_or_default()),
                (Written::Broken(why), _) => format!("broken {why}"),
            });
        }
        expect![[r#"
            vers vers:gem/>=2.2.0|!=2.2.1|<2.3.0 
            vls vers:x-vls/>10.9a|!=10.9c|!=10.9f|<=10.9k 
            vls vers:x-vls/<2024-4-pabc0019|>2024-10-pefd0010|<2024-12-pjkl2010|>2024-12-pjkl5010|<=2025-1-pghi1001 
            broken constraint `allversions<4.2.0` must have one comparator, and others in its version percent-encoded
            vers vers:intdot/>=1.0|<4.2.0 version `1.0` stands after `4.2.0` and sorts before it
            vers vers:intdot/4.2.0 constraint `=4.2.0` starts with `=`; write the bare version
            vls vers:x-vls/* 
            vls vers:x-vls/8.0.0-8.0.1 VERS holds white space; write `%20` for a space within a version"#]].assert_eq(&lines.join("\n"));
    }
}
