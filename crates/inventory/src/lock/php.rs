//! PHP: `composer.lock` and what Composer installed, `vendor/composer/installed.json`.

use names::EcosystemKind::Packagist;

use super::json::{self, Loose};
use super::text::{Lines, is_commit};
use super::{Fault, List};
use crate::Sink;

/// Reads a `composer.lock`.
pub fn lock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let lock = json::object(text)?;
    let lines = Lines::new(text);
    for (section, group) in [("packages", ""), ("packages-dev", "dev")] {
        for package in lock.get(section).items() {
            emit(list, package, group, &lines, sink);
        }
    }
    Ok(())
}

/// Reads an `installed.json`: of Composer 1 an array, of Composer 2 an object.
pub fn installed(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let installed: Loose<'_> = json::parse(text)?;
    let lines = Lines::new(text);
    let development: Vec<&str> = installed
        .get("dev-package-names")
        .items()
        .iter()
        .map(Loose::text)
        .collect();
    let packages = match &installed {
        Loose::List(packages) => packages.as_slice(),
        other => other.get("packages").items(),
    };
    for package in packages {
        let is_dev = development.contains(&package.get("name").text());
        emit(list, package, if is_dev { "dev" } else { "" }, &lines, sink);
    }
    Ok(())
}

fn emit(list: &List<'_>, package: &Loose<'_>, group: &str, lines: &Lines<'_>, sink: &mut dyn Sink) {
    let name = package.get("name").text();
    if name.is_empty() {
        return;
    }
    let mut component = list.component(
        Packagist,
        name,
        package.get("version").text(),
        lines.of(name),
    );
    let source = package.get("source");
    let commit = source.get("reference").text();
    if is_commit(commit) {
        component.commit = commit.to_ascii_lowercase();
        component.repository = source.get("url").text().to_owned();
    }
    component.groups = Some(group)
        .filter(|group| !group.is_empty())
        .map(str::to_owned)
        .into_iter()
        .collect();
    sink.component(component);
}
