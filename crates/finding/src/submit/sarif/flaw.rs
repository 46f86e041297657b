//! Which rule, which words, which weakness, which fix.

use serde_json::Value;

use super::{index, list, text};
use crate::submit::bounds::{CWE_MAX, PATCH_BYTES_MAX, WEAKNESSES_MAX};
use crate::submit::diff::{Change, unified};
use crate::submit::fields::cwe;

/// 3.27.5 to 3.27.7, 3.52: the rule by index, or by id, in the tool component that `rule.toolComponent` names.
pub fn rule<'a>(run: &'a Value, result: &'a Value) -> Option<&'a Value> {
    let reference = result.get("rule").unwrap_or(&Value::Null);
    let tool = run.get("tool")?;
    let component = match reference.get("toolComponent") {
        Some(named) => component(tool, named)?,
        None => tool.get("driver")?,
    };
    let rules = list(component, "rules");
    let at = index(result, "ruleIndex").or_else(|| index(reference, "index"));
    if let Some(found) = at.and_then(|at| rules.get(at)) {
        return Some(found);
    }
    let id = match text(result, "ruleId") {
        "" => text(reference, "id"),
        id => id,
    };
    // 3.27.5: `CA1000/1` is a finer point of the rule `CA1000`.
    let is = |rule: &&Value| {
        let own = text(rule, "id");
        !own.is_empty()
            && (own == id
                || id
                    .strip_prefix(own)
                    .is_some_and(|rest| rest.starts_with('/')))
    };
    rules.iter().find(is)
}

fn component<'a>(tool: &'a Value, named: &Value) -> Option<&'a Value> {
    let extensions = list(tool, "extensions");
    if let Some(at) = index(named, "index") {
        return extensions.get(at);
    }
    let name = text(named, "name");
    let driver = tool.get("driver");
    let all = driver.into_iter().chain(extensions);
    all.into_iter().find(|one| text(one, "name") == name)
}

/// 3.11: the text, else the Markdown, else the rule's text of that id, with `{0}` filled in.
pub fn message(rule: Option<&Value>, message: &Value) -> String {
    let own = match text(message, "text") {
        "" => text(message, "markdown"),
        own => own,
    };
    let template = match own {
        "" => rule
            .and_then(|rule| rule.get("messageStrings")?.get(text(message, "id")))
            .map_or("", |found| text(found, "text")),
        own => own,
    };
    let mut filled = template.to_owned();
    for (at, argument) in list(message, "arguments").iter().enumerate().take(32) {
        let argument = argument.as_str().unwrap_or_default();
        filled = filled.replace(&format!("{{{at}}}"), argument);
    }
    filled.trim().to_owned()
}

/// Whether a message says anything.
pub fn has_words(message: &str) -> bool {
    message.chars().any(char::is_alphanumeric)
}

/// 3.27.8 `taxa`, 3.49.15 `relationships`, and tags: `external/cwe/cwe-079`, `CWE-79`, `properties.cwe`.
pub fn weaknesses(run: &Value, rule: Option<&Value>, result: &Value) -> Vec<u32> {
    let mut all = Vec::new();
    for taxon in list(result, "taxa") {
        all.extend(taxon_cwe(run, taxon));
    }
    for relationship in rule.map_or(&[][..], |rule| list(rule, "relationships")) {
        all.extend(
            relationship
                .get("target")
                .and_then(|target| taxon_cwe(run, target)),
        );
    }
    for holder in [Some(result), rule].into_iter().flatten() {
        let properties = holder.get("properties").unwrap_or(&Value::Null);
        for tag in list(properties, "tags").iter().filter_map(Value::as_str) {
            all.extend(tagged(tag));
        }
        for key in ["cwe", "CWE", "cwes"] {
            match properties.get(key) {
                Some(Value::String(said)) => all.extend(said.split([',', ' ']).filter_map(loose)),
                Some(Value::Array(said)) => {
                    all.extend(said.iter().filter_map(Value::as_str).filter_map(loose))
                }
                Some(Value::Number(number)) => {
                    all.extend(number.as_u64().and_then(|n| u32::try_from(n).ok()))
                }
                _ => {}
            }
        }
    }
    all.extend(tagged(text(result, "ruleId")));
    let mut kept = Vec::new();
    for number in all {
        if (1..=CWE_MAX).contains(&number) && !kept.contains(&number) {
            kept.push(number);
        }
    }
    kept.truncate(WEAKNESSES_MAX);
    kept
}

/// A reference into a taxonomy that is called CWE.
fn taxon_cwe(run: &Value, taxon: &Value) -> Option<u32> {
    let named = taxon.get("toolComponent").unwrap_or(&Value::Null);
    let by_index = index(named, "index").and_then(|at| list(run, "taxonomies").get(at));
    let name = match text(named, "name") {
        "" => by_index.map_or("", |found| text(found, "name")),
        name => name,
    };
    let id = match text(taxon, "id") {
        "" => {
            let at = index(taxon, "index")?;
            text(list(by_index?, "taxa").get(at)?, "id")
        }
        id => id,
    };
    match name.eq_ignore_ascii_case("cwe") {
        true => cwe(id),
        false => tagged(id),
    }
}

/// A text that says CWE itself.
fn tagged(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    let has = lower.starts_with("cwe") || lower.contains("/cwe-") || lower.contains("cwe-");
    has.then(|| cwe(text)).flatten()
}

fn loose(text: &str) -> Option<u32> {
    cwe(text.trim())
}

/// 3.27.30 `fixes`: the first, as a diff, where the text that goes is known (a snippet, or the file embedded in the run).
pub fn patch(run: &Value, result: &Value) -> Option<Box<str>> {
    let fix = list(result, "fixes").first()?;
    let mut owned = Vec::new();
    for change in list(fix, "artifactChanges") {
        let location = change.get("artifactLocation")?;
        let file = super::place::file(run, location)?;
        for replacement in list(change, "replacements") {
            let region = replacement.get("deletedRegion")?;
            let first = u32::try_from(region.get("startLine")?.as_u64()?).ok()?;
            let (old, new) = whole_lines(run, location, region, replacement)?;
            owned.push((file.clone(), first.max(1), old, new));
        }
    }
    let changes: Vec<Change<'_>> = owned
        .iter()
        .map(|(file, first, old, new)| Change {
            file,
            first: *first,
            old,
            new,
        })
        .collect();
    let text = unified(&changes);
    (!changes.is_empty() && text.len() <= PATCH_BYTES_MAX).then(|| text.into())
}

/// The lines that a replacement touches, before and after; columns count characters from 1 (3.30.6).
fn whole_lines(
    run: &Value,
    location: &Value,
    region: &Value,
    replacement: &Value,
) -> Option<(String, String)> {
    let first = index(region, "startLine")?.max(1);
    let last = index(region, "endLine").unwrap_or(first).max(first);
    let contents = super::place::contents(run, location)?;
    let lines: Vec<&str> = contents
        .lines()
        .skip(first - 1)
        .take(last - first + 1)
        .collect();
    if lines.len() != last - first + 1 {
        return None;
    }
    let start = index(region, "startColumn").unwrap_or(1).max(1) - 1;
    let ending = lines.last()?;
    let end = index(region, "endColumn").map_or_else(|| ending.chars().count(), |at| at.max(1) - 1);
    let head: String = lines.first()?.chars().take(start).collect();
    let tail: String = ending.chars().skip(end).collect();
    let inserted = replacement
        .pointer("/insertedContent/text")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Some((lines.join("\n"), format!("{head}{inserted}{tail}")))
}

/// What the fixes say they do, in words.
pub fn proposals(result: &Value) -> String {
    let fixes = list(result, "fixes").iter().take(8);
    let said = fixes.filter_map(|fix| fix.get("description").map(|found| text(found, "text")));
    let said: Vec<String> = said
        .filter(|text| !text.is_empty())
        .map(|text| format!("Proposed fix: {text}"))
        .collect();
    said.join("\n")
}
