//! Every published comparison agrees, by key and by the plain comparator, in both directions.

mod common;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use versions::{Scheme, compare, key};

/// File names begin with their ecosystem's name; VERS tests carry their scheme.
fn scheme(name: &str) -> Option<Scheme> {
    Some(match name {
        "alpine" | "apk" => Scheme::Apk,
        "alpm" | "arch" => Scheme::Alpm,
        "cargo" | "crates" => Scheme::Cargo,
        "conan" => Scheme::Conan,
        "cran" => Scheme::Cran,
        "datetime" => Scheme::DateTime,
        "debian" | "deb" | "ubuntu" => Scheme::Deb,
        "gentoo" | "ebuild" => Scheme::Gentoo,
        "go" | "golang" => Scheme::Go,
        "hackage" => Scheme::Hackage,
        "hex" => Scheme::Hex,
        "intdot" => Scheme::Intdot,
        "lexicographic" => Scheme::Lexicographic,
        "maven" => Scheme::Maven,
        "nginx" => Scheme::Nginx,
        "npm" => Scheme::Npm,
        "nuget" => Scheme::NuGet,
        "opam" => Scheme::Opam,
        "openssl" => Scheme::OpenSsl,
        "packagist" | "composer" => Scheme::Packagist,
        "pub" => Scheme::Pub,
        "pypi" => Scheme::PyPi,
        "redhat" | "rpm" => Scheme::Rpm,
        "rubygems" | "gem" => Scheme::RubyGems,
        "semver" => Scheme::SemVer,
        _ => return None,
    })
}

#[derive(Default)]
struct Tally {
    ran: BTreeMap<String, (usize, usize)>,
    wrong: Vec<String>,
}

impl Tally {
    fn pair(&mut self, family: &str, scheme: Scheme, a: &str, want: Ordering, b: &str) {
        let (ran, listed) = self.ran.entry(family.to_string()).or_default();
        if is_wrong(scheme, a, want, b) {
            *listed += 1;
            return;
        }
        *ran += 1;
        let keys = |a: &str, b: &str| Some(key(scheme, a)?.cmp(&key(scheme, b)?));
        let answers = [
            ("key", keys(a, b), want),
            ("key, mirrored", keys(b, a), want.reverse()),
            ("compare", compare(scheme, a, b), want),
            ("compare, mirrored", compare(scheme, b, a), want.reverse()),
        ];
        for (what, got, want) in answers {
            if got != Some(want) {
                let line =
                    format!("{family} {scheme:?} {what}: `{a}` `{b}` wants {want:?}, is {got:?}");
                self.wrong.push(line);
            }
        }
    }

    fn end(self) {
        for (family, (ran, listed)) in &self.ran {
            println!("vectors: versions/{family} {ran} ran, {listed} listed as wrong");
        }
        let ran: usize = self.ran.values().map(|(ran, _)| ran).sum();
        assert!(ran > 0, "no vectors ran");
        let shown: Vec<_> = self.wrong.iter().take(60).collect();
        assert!(
            self.wrong.is_empty(),
            "{} wrong:\n{shown:#?}",
            self.wrong.len()
        );
    }
}

/// Whether the vector cannot hold in any order, by its content. There are two kinds; see `packagist.rs` and
/// `maven.rs` for what was decided.
fn is_wrong(scheme: Scheme, a: &str, want: Ordering, b: &str) -> bool {
    match scheme {
        Scheme::Packagist => is_placeholder(a, want, b),
        Scheme::Maven => is_cycle(a, want, b),
        _ => false,
    }
}

/// PHP's placeholder `#` equals every number, so that `1.2.3.#` equals `1.2.3` as well as the greater `1.2.3.1`. We keep
/// the first.
fn is_placeholder(a: &str, want: Ordering, b: &str) -> bool {
    let kept = || key(Scheme::Packagist, a) == key(Scheme::Packagist, b);
    want.is_eq() && a.contains('#') != b.contains('#') && !kept()
}

/// Whether Maven contradicts itself here: it puts `a` on one side of the plain release that both lead to and `b` on the
/// other (nobody disputes that `1.0-rc` precedes `1.0` and `1.0-x` follows it), and yet compares the two the
/// other way round. No order has all three; see `maven.rs`.
fn is_cycle(a: &str, want: Ordering, b: &str) -> bool {
    let release = |text: &str| {
        let end = text.find(|it: char| !it.is_ascii_digit() && it != '.');
        key(Scheme::Maven, &text[..end.unwrap_or(text.len())])
    };
    let (Some(base), Some(other)) = (release(a), release(b)) else {
        return false;
    };
    let side = |text: &str| key(Scheme::Maven, text).map(|key| key.cmp(&base));
    base == other
        && match (side(a), side(b)) {
            (Some(a), Some(b)) => a.is_ne() && b == a.reverse() && want == b,
            _ => false,
        }
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn family(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).expect("found below the root");
    path.with_extension("").display().to_string()
}

#[test]
fn every_line_of_a_op_b_agrees_in_both_directions() {
    let Some(root) = common::data("versions") else {
        return;
    };
    let mut tally = Tally::default();
    for path in files(&root, "txt") {
        let stem = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let name = stem.split(['-', '_']).next().unwrap_or_default();
        let Some(scheme) = scheme(name).filter(|_| !stem.ends_with("invalid")) else {
            continue;
        };
        let family = family(&root, &path);
        for line in fs::read_to_string(&path).expect("a text file").lines() {
            if line.starts_with('#') || line.starts_with("//") || line.trim().is_empty() {
                continue;
            }
            match operation(line) {
                Some((a, want, b)) => tally.pair(&family, scheme, a, want, b),
                None => tally.wrong.push(format!("{family}: cannot read `{line}`")),
            }
        }
    }
    tally.end();
}

/// `A OP B`, with blanks around the operator.
fn operation(line: &str) -> Option<(&str, Ordering, &str)> {
    let operators = [
        (" < ", Ordering::Less),
        (" = ", Ordering::Equal),
        (" > ", Ordering::Greater),
    ];
    operators.into_iter().find_map(|(operator, order)| {
        let (a, b) = line.split_once(operator)?;
        Some((a.trim(), order, b.trim()))
    })
}

#[test]
fn what_pep_440_refuses_sorts_before_every_valid_version() {
    let Some(root) = common::data("versions") else {
        return;
    };
    let mut tally = Tally::default();
    for path in files(&root, "txt") {
        let stem = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if stem != "pypi-invalid" {
            continue;
        }
        let family = family(&root, &path);
        for line in fs::read_to_string(&path).expect("a text file").lines() {
            tally.pair(&family, Scheme::PyPi, line, Ordering::Less, "0.dev0");
        }
    }
    if !tally.ran.is_empty() {
        tally.end();
    }
}

#[test]
fn comparisons_and_equalities_of_the_vers_suites_agree() {
    let Some(root) = common::data("versions/vers-spec") else {
        return;
    };
    let mut tally = Tally::default();
    for path in files(&root, "json") {
        let text = fs::read_to_string(&path).expect("a text file");
        let suite: Value = serde_json::from_str(&text).expect("JSON");
        let family = format!("vers-spec/{}", family(&root, &path));
        for test in suite["tests"].as_array().into_iter().flatten() {
            vers_test(&mut tally, &family, test);
        }
    }
    tally.end();
}

fn vers_test(tally: &mut Tally, family: &str, test: &Value) {
    let Some(scheme) = test["input"]["input_scheme"].as_str().and_then(scheme) else {
        return;
    };
    let strings = |list: &Value| -> Vec<String> {
        let list = list.as_array().into_iter().flatten();
        list.filter_map(|it| it.as_str().map(str::to_string))
            .collect()
    };
    let input = strings(&test["input"]["versions"]);
    if test["expected_failure"].as_bool() == Some(true) {
        if input.iter().all(|version| key(scheme, version).is_some()) {
            tally.wrong.push(format!("{family} accepts {input:?}"));
        }
        return;
    }
    match test["test_type"].as_str() {
        Some("comparison") => {
            let mut want = strings(&test["expected_output"]);
            if scheme == Scheme::NuGet {
                // The expected list is normalized to lower case, the input is not.
                want = want.iter().map(|it| it.to_lowercase()).collect();
            }
            for pair in want.windows(2) {
                let order = if pair[0] == pair[1] {
                    Ordering::Equal
                } else {
                    Ordering::Less
                };
                tally.pair(family, scheme, &pair[0], order, &pair[1]);
            }
            let keys = |list: &[String]| list.iter().map(|it| key(scheme, it)).collect::<Vec<_>>();
            let mut sorted = keys(&input);
            sorted.sort();
            assert_eq!(sorted, keys(&want), "{test}");
        }
        Some("equality") => {
            let [a, b] = &input[..] else {
                panic!("{family}: an equality wants two versions: {test}");
            };
            let want = test["expected_output"].as_bool().expect("a truth value");
            match (want, compare(scheme, a, b)) {
                (true, _) => tally.pair(family, scheme, a, Ordering::Equal, b),
                (false, Some(order)) if order.is_ne() => tally.pair(family, scheme, a, order, b),
                (false, order) => tally.wrong.push(format!("{family} {a} {b} is {order:?}")),
            }
        }
        _ => {}
    }
}
