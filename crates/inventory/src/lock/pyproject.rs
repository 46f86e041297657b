//! What Python projects ask for: `pyproject.toml` (PEP 621, PEP 735, Poetry's own tables), `setup.py`, and
//! conda's `environment.yml`.

use names::EcosystemKind::PyPi;
use serde::Deserialize;

use super::manifest::{self, Requirement};
use super::merged::Merged;
use super::requirement::parse;
use super::table::{self, Value};
use super::text::numbered;
use super::{Fault, List, yaml};
use crate::Sink;

/// Locks that speak for a `pyproject.toml`.
const LOCKS: [&str; 4] = ["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"];

/// Reads a `pyproject.toml` (PEP 621, PEP 735, and Poetry's own tables), where no lock stands beside it.
pub fn pyproject(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let document = table::parse(list.text()?)?;
    if list.is_locked(&LOCKS) {
        return Ok(());
    }
    let mut emit = |text: &str, group: &str, offset: usize| {
        if let Some(requirement) = parse(text) {
            let line = document.lines.at(offset);
            manifest::emit(
                list,
                PyPi,
                &Requirement {
                    group,
                    line,
                    ..requirement
                },
                sink,
            );
        }
    };
    if let Some(project) = table::subtable(&document.table, "project") {
        for (value, offset) in table::array(project, "dependencies") {
            emit(value.as_str().unwrap_or_default(), "", offset);
        }
        for (group, _, _) in table::entries(project, "optional-dependencies") {
            let groups = table::subtable(project, "optional-dependencies").into_iter();
            for (value, offset) in groups.flat_map(|groups| table::array(groups, group)) {
                emit(value.as_str().unwrap_or_default(), group, offset);
            }
        }
    }
    if let Some(groups) = table::subtable(&document.table, "dependency-groups") {
        for group in groups.keys() {
            for (value, offset) in table::array(groups, group.get_ref()) {
                emit(value.as_str().unwrap_or_default(), group.get_ref(), offset);
            }
        }
    }
    poetry(list, &document, sink);
    Ok(())
}

/// `[tool.poetry.dependencies]`, `[tool.poetry.group.NAME.dependencies]`.
fn poetry(list: &List<'_>, document: &table::Document<'_>, sink: &mut dyn Sink) {
    let Some(tool) = table::subtable(&document.table, "tool") else {
        return;
    };
    let Some(poetry) = table::subtable(tool, "poetry") else {
        return;
    };
    let mut sections = vec![
        ("", poetry, "dependencies"),
        ("dev", poetry, "dev-dependencies"),
    ];
    for (group, value, _) in table::entries(poetry, "group") {
        sections.extend(value.as_table().map(|table| (group, table, "dependencies")));
    }
    for (group, table, section) in sections {
        for (name, value, offset) in table::entries(table, section) {
            let range = match value {
                Value::Table(table) => table::string(table, "version"),
                other => other.as_str().unwrap_or_default(),
            };
            if name == "python" || range.is_empty() {
                continue;
            }
            let lowest = manifest::lowest(range);
            let requirement = Requirement {
                name,
                lowest: if lowest == "*" { "" } else { lowest },
                exact: range.trim_start_matches("==").trim() == lowest,
                group,
                line: document.lines.at(offset),
                ..Requirement::default()
            };
            manifest::emit(list, PyPi, &requirement, sink);
        }
    }
}

/// Reads a `setup.py`, which is a program: its strings that are requirements and name a version.
pub fn setup(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let mut merged = Merged::default();
    for (line, content) in numbered(list.text()?) {
        let mut rest = content.split('#').next().unwrap_or("");
        while let Some(start) = rest.find(['"', '\'']) {
            let (quote, after) = rest.split_at(start).1.split_at(1);
            let Some((text, further)) = after.split_once(quote) else {
                break;
            };
            if let Some(requirement) =
                parse(text).filter(|requirement| !requirement.lowest.is_empty())
            {
                manifest::emit(
                    list,
                    PyPi,
                    &Requirement {
                        line,
                        ..requirement
                    },
                    &mut merged,
                );
            }
            rest = further;
        }
    }
    merged.emit(sink);
    Ok(())
}

#[derive(Deserialize)]
struct Environment {
    #[serde(default)]
    dependencies: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Conda(String),
    Pip {
        #[serde(default)]
        pip: Vec<String>,
    },
}

/// Reads conda's `environment.yml`: `name=version=build`, and a list for pip.
pub fn environment(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let environment: Environment = yaml::parse(list.text()?)?;
    for entry in &environment.dependencies {
        match entry {
            Entry::Conda(text) => conda(list, text, sink),
            Entry::Pip { pip } => {
                for requirement in pip.iter().filter_map(|text| parse(text)) {
                    manifest::emit(list, PyPi, &requirement, sink);
                }
            }
        }
    }
    Ok(())
}

/// One of conda's match specifications: `channel::name[=version[=build]]`.
fn conda(list: &List<'_>, text: &str, sink: &mut dyn Sink) {
    let text = text.rsplit("::").next().unwrap_or(text).trim();
    let end = text.find(['=', '<', '>', '!', ' ']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim();
    let bare = rest.trim_start_matches(['=', ' ']);
    let version = bare.split(['=', ' ']).next().unwrap_or("");
    let known = !rest.starts_with(['<', '>', '!']) && !version.contains(['*', '|', ',', '<', '>']);
    sink.component(list.stranger("conda", "", name, if known { version } else { "" }, 0));
}
