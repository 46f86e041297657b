//! Go: `go.mod`, `go.sum`, `vendor/modules.txt` (Go Modules Reference, as of Go 1.25).
//!
//! Versions lose their `v`, as Go's advisories have none. The standard library counts as the module `stdlib`,
//! with the version of the toolchain. From Go 1.17 on, `go.mod` lists all that is built; before, only `go.sum`
//! knows what dependencies need, and lists more than is used.

use names::EcosystemKind::Go;

use super::text::{numbered, without_v};
use super::{Fault, List};
use crate::{Location, Sink};

/// A line of `go.mod`: the block it stands in, and its words.
struct Directive<'a> {
    verb: &'a str,
    words: Vec<&'a str>,
    line: u32,
}

/// A module, a version of it, and where it stands.
struct Module<'a> {
    path: &'a str,
    version: &'a str,
    line: u32,
}

/// Reads a `go.mod`.
pub fn module(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let directives = directives(list.text()?)?;
    let mut modules: Vec<Module<'_>> = Vec::new();
    for directive in directives
        .iter()
        .filter(|directive| directive.verb == "require")
    {
        if let [path, version, ..] = directive.words[..] {
            let line = directive.line;
            modules.push(Module {
                path,
                version,
                line,
            });
        }
    }
    for directive in directives
        .iter()
        .filter(|directive| directive.verb == "replace")
    {
        replace(&mut modules, directive);
    }
    for module in &modules {
        let version = without_v(module.version);
        sink.component(list.component(Go, module.path, version, module.line));
    }
    if let Some((version, line)) = toolchain(&directives) {
        sink.component(list.component(Go, "stdlib", version, line));
    }
    if !directives.is_empty() && !lists_all(&directives) {
        rest_of_sum(list, &directives, &modules, sink);
    }
    Ok(())
}

/// What the `go.sum` beside knows and the `go.mod` does not: what dependencies need.
fn rest_of_sum(
    list: &List<'_>,
    directives: &[Directive<'_>],
    modules: &[Module<'_>],
    sink: &mut dyn Sink,
) {
    let Some(bytes) = list.beside.open("go.sum") else {
        return;
    };
    let path = &list.location.path;
    let folder = path
        .rsplit_once('/')
        .map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let location = Location {
        path: format!("{folder}go.sum"),
        ..list.location.clone()
    };
    let of_sum = List {
        bytes: &bytes,
        location: &location,
        beside: list.beside,
    };
    let text = super::text::decode(&bytes);
    for module in sums(&text).into_iter().flatten() {
        let required = modules
            .iter()
            .any(|known| (known.path, known.version) == (module.path, module.version));
        let replaced = directives.iter().any(|directive| {
            directive.verb == "replace" && directive.words.first() == Some(&module.path)
        });
        if !required && !replaced {
            sink.component(of_sum.component(
                Go,
                module.path,
                without_v(module.version),
                module.line,
            ));
        }
    }
}

/// Splits a `go.mod` into its directives.
fn directives(text: &str) -> Result<Vec<Directive<'_>>, Fault> {
    let mut directives = Vec::new();
    let mut block = "";
    for (line, content) in numbered(text) {
        let content = content.split("//").next().unwrap_or("").trim();
        let words: Vec<&str> = content
            .split_ascii_whitespace()
            .map(super::text::unquoted)
            .collect();
        match (block, words.as_slice()) {
            (_, []) => {}
            ("", [verb, "("]) => block = verb,
            ("", [verb, rest @ ..]) => {
                let words = rest.to_vec();
                directives.push(Directive { verb, words, line });
            }
            (_, [")"]) => block = "",
            (verb, words) => {
                let words = words.to_vec();
                directives.push(Directive { verb, words, line });
            }
        }
    }
    match directives
        .iter()
        .find(|directive| !VERBS.contains(&directive.verb))
    {
        Some(odd) => Err(Fault {
            line: odd.line,
            message: format!(
                "`{}` is no directive of a go.mod, such as `require`",
                odd.verb
            ),
        }),
        None => Ok(directives),
    }
}

const VERBS: [&str; 11] = [
    "module",
    "go",
    "toolchain",
    "require",
    "replace",
    "exclude",
    "retract",
    "godebug",
    "tool",
    "ignore",
    "use",
];

/// `old [version] => new [version]`: the new one is what is built.
fn replace<'a>(modules: &mut [Module<'a>], directive: &Directive<'a>) {
    let mut sides = directive.words.split(|word| *word == "=>");
    let (Some([path, of @ ..]), Some([new, version @ ..])) = (sides.next(), sides.next()) else {
        return;
    };
    for module in modules.iter_mut() {
        let meant = of.first().is_none_or(|of| *of == module.version);
        if module.path == *path && meant {
            module.path = new;
            module.version = version.first().copied().unwrap_or("");
            module.line = directive.line;
        }
    }
}

/// The version of the toolchain, `go1.23.6-suffix`, or else the language's.
fn toolchain<'a>(directives: &[Directive<'a>]) -> Option<(&'a str, u32)> {
    let find = |verb| directives.iter().find(|directive| directive.verb == verb);
    let chosen = find("toolchain").filter(|chosen| chosen.words.first() != Some(&"default"));
    let directive = chosen.or_else(|| find("go"))?;
    let version = directive.words.first()?.trim_start_matches("go");
    Some((version.split('-').next().unwrap_or(version), directive.line))
}

/// Reads a `go.sum`. Where a `go.mod` stands beside it, that one's reader decides what of it counts.
pub fn sum(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    if list.is_locked_here("go.mod") {
        return Ok(());
    }
    for module in sums(list.text()?)? {
        sink.component(list.component(Go, module.path, without_v(module.version), module.line));
    }
    Ok(())
}

/// The modules of a `go.sum` whose code was fetched, rather than their `go.mod` alone to choose versions.
fn sums(text: &str) -> Result<Vec<Module<'_>>, Fault> {
    let mut modules = Vec::new();
    for (line, content) in numbered(text) {
        let mut words = content.split_ascii_whitespace();
        match (words.next(), words.next(), words.next()) {
            (None, ..) => {}
            (Some(path), Some(version), Some(_)) if version.starts_with('v') => {
                if !version.ends_with("/go.mod") {
                    modules.push(Module {
                        path,
                        version,
                        line,
                    });
                }
            }
            _ => {
                let message = "not a module, a version and a hash".to_owned();
                return Err(Fault { line, message });
            }
        }
    }
    Ok(modules)
}

/// Whether a `go.mod` lists all modules that are built, which it does from Go 1.17 on.
fn lists_all(directives: &[Directive<'_>]) -> bool {
    let version = directives.iter().find(|directive| directive.verb == "go");
    let mut numbers = version
        .and_then(|directive| directive.words.first())
        .into_iter()
        .flat_map(|version| version.split('.'))
        .map(|number| number.parse::<u32>().unwrap_or(0));
    (numbers.next(), numbers.next()) >= (Some(1), Some(17))
}

/// Reads a `vendor/modules.txt`: the modules of which a package was copied.
pub fn vendor(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let mut module: Option<Module<'_>> = None;
    let mut seen = rustc_hash::FxHashSet::default();
    for (line, content) in numbered(list.text()?) {
        if content.starts_with("## ") || content.trim().is_empty() {
            continue;
        }
        let Some(header) = content.strip_prefix("# ") else {
            if let Some(module) = module
                .take()
                .filter(|module| seen.insert((module.path, module.version)))
            {
                let version = without_v(module.version);
                sink.component(list.component(Go, module.path, version, module.line));
            }
            continue;
        };
        let words: Vec<&str> = header.split_ascii_whitespace().collect();
        let (path, version) = match words[..] {
            [_, _, "=>", new, version] => (new, version),
            [_, "=>", new, version] => (new, version),
            // Replaced by a folder: its code is one's own, under the name of the other.
            [path, version, "=>", _] | [path, version] => (path, version),
            _ => {
                module = None;
                continue;
            }
        };
        module = Some(Module {
            path,
            version,
            line,
        });
    }
    Ok(())
}
