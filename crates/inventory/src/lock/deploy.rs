//! What things are deployed with: container images in compose files, Dockerfiles and Kubernetes manifests,
//! GitHub Actions, Terraform providers, Helm charts.

use names::EcosystemKind::GitHubActions;
use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::text::{is_commit, numbered, unquoted, without_v};
use super::yaml::{self, Pairs};
use super::{Fault, List};
use crate::{Component, Sink};

/// A container image by its reference, `registry/path/name:tag@digest`.
fn image(list: &List<'_>, reference: &str, line: u32) -> Option<Component> {
    let (named, digest) = reference.split_once('@').unwrap_or((reference, ""));
    let (path, name) = named.rsplit_once('/').unwrap_or(("", named));
    let (name, tag) = name.split_once(':').unwrap_or((name, ""));
    if name.is_empty() || named.contains(['$', ' ', '{']) {
        return None;
    }
    let version = match (tag, digest) {
        ("", "") => "latest",
        ("", digest) => digest,
        (tag, _) => tag,
    };
    let mut component = list.stranger("docker", path, name, version, line);
    if !path.is_empty() {
        component.name = format!("{path}/{name}");
    }
    let (host, rest) = path.split_once('/').unwrap_or((path, ""));
    if let Some(purl) = component
        .purl
        .as_mut()
        .filter(|_| host.contains(['.', ':']))
    {
        purl.namespace = rest.into();
        purl.qualifiers = [("repository_url".into(), host.into())].into();
    }
    Some(component)
}

#[derive(Deserialize)]
struct Compose {
    #[serde(default)]
    services: Pairs<Service>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Service {
    image: String,
}

/// Reads a compose file. Variables come from the `.env` beside it, or from the defaults in the file.
pub fn compose(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    if text.trim().is_empty() {
        return Ok(());
    }
    let compose: Compose = yaml::parse(text)?;
    let environment = list.beside.open(".env").unwrap_or_default();
    let environment = super::text::decode(&environment);
    let variables: FxHashMap<&str, &str> = environment
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), unquoted(value)))
        .collect();
    for pair in &compose.services.0 {
        if let Some(component) = unfolded(&pair.value.image, &variables)
            .and_then(|reference| image(list, &reference, pair.line))
        {
            sink.component(component);
        }
    }
    Ok(())
}

/// Puts variables in: `${A}`, `${A:-default}`, `$A`; `None` where one has no value.
fn unfolded(text: &str, variables: &FxHashMap<&str, &str>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (expression, further) = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}')?,
            None => {
                let end = after
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(after.len());
                after.split_at(end)
            }
        };
        let (key, default) = expression
            .split_once(":-")
            .or_else(|| expression.split_once('-'))
            .map_or((expression, None), |(key, default)| (key, Some(default)));
        let value = variables
            .get(key)
            .copied()
            .filter(|value| !value.is_empty());
        out.push_str(value.or(default)?);
        rest = further;
    }
    out.push_str(rest);
    (!out.is_empty()).then_some(out)
}

/// Reads a Dockerfile: the images its stages begin from.
pub fn dockerfile(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = super::text::decode(list.bytes);
    let mut stages: Vec<&str> = Vec::new();
    let mut arguments: FxHashMap<&str, &str> = FxHashMap::default();
    for (line, content) in numbered(&text) {
        let mut words = content
            .split_ascii_whitespace()
            .filter(|word| !word.starts_with("--"));
        let Some(instruction) = words.next() else {
            continue;
        };
        let Some(first) = words.next() else {
            continue;
        };
        if instruction.eq_ignore_ascii_case("ARG") {
            arguments.extend(
                first
                    .split_once('=')
                    .map(|(key, value)| (key, unquoted(value))),
            );
        } else if instruction.eq_ignore_ascii_case("FROM") {
            let own =
                first == "scratch" || stages.iter().any(|stage| stage.eq_ignore_ascii_case(first));
            if let Some(component) = unfolded(first, &arguments)
                .filter(|_| !own)
                .and_then(|reference| image(list, &reference, line))
            {
                sink.component(component);
            }
            if words
                .next()
                .is_some_and(|word| word.eq_ignore_ascii_case("AS"))
            {
                stages.extend(words.next());
            }
        }
    }
    Ok(())
}

/// Reads the images of a Kubernetes manifest, wherever in it they stand.
pub fn kubernetes(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let _: Vec<yaml::Anything> = yaml::parse_all(text)?;
    let is_manifest = ["apiVersion:", "kind:"]
        .iter()
        .all(|key| text.lines().any(|line| line.starts_with(key)));
    if !is_manifest {
        return Ok(());
    }
    for (line, content) in numbered(text) {
        let content = content.trim().trim_start_matches("- ");
        let value = content
            .strip_prefix("image:")
            .map(|value| value.split(" #").next().unwrap_or(value));
        if let Some(component) = value.and_then(|value| image(list, unquoted(value), line)) {
            sink.component(component);
        }
    }
    Ok(())
}

/// Reads a workflow or a composite action of GitHub's: `uses: owner/name@reference`. Who fixes a commit often
/// notes the version behind it: `@8f4b… # v4.1.1`.
pub fn workflow(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    for (line, content) in numbered(list.text()?) {
        let content = content.trim().trim_start_matches("- ");
        let Some(value) = content.strip_prefix("uses:") else {
            continue;
        };
        let (value, note) = value.split_once('#').unwrap_or((value, ""));
        let value = unquoted(value);
        if let Some(reference) = value.strip_prefix("docker://") {
            if let Some(component) = image(list, reference, line) {
                sink.component(component);
            }
            continue;
        }
        let Some((path, reference)) = value
            .split_once('@')
            .filter(|(path, _)| !path.starts_with('.'))
        else {
            continue;
        };
        let mut steps = path.splitn(3, '/');
        let (Some(owner), Some(repository)) = (steps.next(), steps.next()) else {
            continue;
        };
        let pinned = reference.len() == 40 && is_commit(reference);
        let noted = note
            .split_ascii_whitespace()
            .next()
            .unwrap_or("")
            .trim_start_matches("tag=");
        let version = match pinned {
            true if without_v(noted).starts_with(|c: char| c.is_ascii_digit()) => noted,
            true => "",
            false => reference,
        };
        let mut component = list.component(
            GitHubActions,
            &format!("{owner}/{repository}"),
            without_v(version),
            line,
        );
        if pinned {
            component.commit = reference.to_ascii_lowercase();
            component.repository = format!("https://github.com/{owner}/{repository}");
        }
        sink.component(component);
    }
    Ok(())
}

/// Reads a `.terraform.lock.hcl`: `provider "host/owner/name" {` and its `version`.
pub fn terraform(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let mut provider = None;
    for (line, content) in numbered(list.text()?) {
        let content = content.trim();
        if let Some(rest) = content.strip_prefix("provider ") {
            provider = Some((unquoted(rest.trim_end_matches('{')), line));
        } else if let Some(rest) = content.strip_prefix("version")
            && let Some(version) = rest.trim_start().strip_prefix('=')
            && let Some((address, line)) = provider.take()
        {
            let (namespace, name) = address.rsplit_once('/').unwrap_or(("", address));
            let mut component =
                list.stranger("terraform", namespace, name, unquoted(version), line);
            component.name = address.to_owned();
            sink.component(component);
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Charts {
    #[serde(default)]
    dependencies: Vec<Chart>,
}

#[derive(Deserialize)]
struct Chart {
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    repository: String,
}

/// Reads Helm's `Chart.lock`.
pub fn helm(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let charts: Charts = yaml::parse(list.text()?)?;
    for chart in &charts.dependencies {
        let mut component = list.stranger("helm", "", &chart.name, &chart.version, 0);
        if let Some(purl) = component
            .purl
            .as_mut()
            .filter(|_| !chart.repository.is_empty())
        {
            purl.qualifiers = [("repository_url".into(), chart.repository.as_str().into())].into();
        }
        sink.component(component);
    }
    Ok(())
}
