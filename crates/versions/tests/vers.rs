//! Version ranges: other people's vectors, and what ours promise.

mod shared;

use expect_test::{Expect, expect};
use names::Problems;
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::{Tally, data, files};
use versions::native::{from_native, npm};
use versions::vers::{Comparator, Constraints, Containment};
use versions::{Vers, key};

#[test]
fn ranges_agree_with_the_specifications_tests() {
    let Some(folder) = data()
        .map(|data| data.join("versions/vers-spec"))
        .filter(|folder| folder.is_dir())
    else {
        return;
    };
    let mut tallies = ["parse", "validate", "containment", "from_native", "build"]
        .map(|kind| (kind, Tally::new(["vers ", kind].concat())));
    for file in files(&folder.join("tests"), ".json") {
        let text = std::fs::read_to_string(&file).expect("a vector file is readable");
        let suite: Value = serde_json::from_str(&text).expect("a vector file is JSON");
        for test in suite["tests"].as_array().into_iter().flatten() {
            let tally = tallies
                .iter_mut()
                .find(|(kind, _)| test["test_type"] == **kind);
            let Some((_, tally)) = tally else { continue };
            match run(test) {
                Err(_) if reason_why_wrong(test).is_some() => tally.listed_as_wrong(),
                outcome => {
                    tally.agree(outcome.is_ok(), || {
                        format!("{}: {test}\n  {}", file.display(), outcome.unwrap_err())
                    });
                }
            }
        }
    }
    let ran: usize = tallies
        .into_iter()
        .map(|(_, tally)| tally.finish_some())
        .sum();
    assert!(ran > 0, "the folder is there and held no vectors");
}

/// Vectors that contradict who defines the notation.
///
/// npm's ranges are defined by node-semver, and the rows of `derived-oracles/npm-ranges.tsv` were computed by it.
fn reason_why_wrong(test: &Value) -> Option<&'static str> {
    if test["expected_output"]
        .as_str()
        .is_some_and(|text| text.ends_with('/'))
    {
        return Some(
            "a VERS has at least one constraint (5.3.3), and a range that names none is `*`",
        );
    }
    let native = test["input"]["native_range"]
        .as_str()
        .filter(|_| test["input"]["scheme"] == "npm")?;
    let words: Vec<&str> = native
        .split(|c: char| c.is_whitespace() || "<>=|".contains(c))
        .collect();
    if native.contains('~')
        && words
            .iter()
            .any(|word| word.starts_with('~') && word.contains('-'))
    {
        return Some(
            "`~0.8.0-pre` reaches to 0.9.0 in node-semver, and the vector ends it at 0.8.1",
        );
    }
    let partial = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_digit())
            && (word.ends_with(['x', 'X', '*']) || word.split('.').count() < 3)
    };
    let compared = native.contains(['<', '>']) && words.iter().any(partial);
    compared.then_some(
        "`>=1.x` has no upper bound and `<=1.0` takes all of 1.0 in node-semver, not in the vector",
    )
}

fn run(test: &Value) -> Result<(), String> {
    let (input, expected) = (&test["input"], &test["expected_output"]);
    let text = input.as_str().unwrap_or_default();
    let failed = |problems: Problems| problems.to_string();
    if test["expected_failure"] == true {
        let taken = if text.is_empty() {
            build(input)
        } else {
            Vers::parse(text).map_err(failed)
        };
        return taken.map_or(Ok(()), |vers| Err(format!("taken as {vers}")));
    }
    let found = match test["test_type"].as_str() {
        Some("parse") => {
            let vers = Vers::parse(text).map_err(failed)?;
            json!({"scheme": &*vers.kind, "version_constraints": points(&vers)})
        }
        Some("validate") => Value::from(Vers::read(text).map_err(failed)?.to_string()),
        Some("build") => Value::from(build(input)?.to_string()),
        Some("containment") => {
            let vers = Vers::read(input["vers"].as_str().unwrap_or_default()).map_err(failed)?;
            match vers.contains(input["version"].as_str().unwrap_or_default()) {
                Containment::Unknown => Value::Null,
                found => Value::from(found == Containment::Inside),
            }
        }
        _ => {
            let kind = input["scheme"]
                .as_str()
                .or(input["type"].as_str())
                .unwrap_or_default();
            let native = input["native_range"].as_str().unwrap_or_default();
            Value::from(from_native(kind, native).map_err(failed)?.to_string())
        }
    };
    let expected = match expected.get("type") {
        Some(kind) => json!({"scheme": kind, "version_constraints": expected["constraints"]}),
        None => expected.clone(),
    };
    if found == expected {
        Ok(())
    } else {
        Err(format!("is {found}"))
    }
}

fn points(vers: &Vers) -> Value {
    if vers.constraints == Constraints::Any {
        return json!([["*", ""]]);
    }
    let point = |point: &versions::vers::Constraint| {
        let comparator = match point.comparator {
            Comparator::Equal => "=",
            other => other.as_str(),
        };
        json!([comparator, &*point.version])
    };
    vers.points().iter().map(point).collect()
}

fn build(input: &Value) -> Result<Vers, String> {
    let kind = input["type"]
        .as_str()
        .or(input["scheme"].as_str())
        .unwrap_or_default();
    let pairs = input["constraints"]
        .as_array()
        .or(input["version_constraints"].as_array());
    let text: Vec<String> = pairs
        .into_iter()
        .flatten()
        .map(|pair| {
            let comparator = pair[0].as_str().unwrap_or_default().trim_start_matches('=');
            let comparator = if pair[0] == "=" { "" } else { comparator };
            let version = pair[1]
                .as_str()
                .unwrap_or_default()
                .replace('%', "%25")
                .replace('|', "%7C");
            format!("{comparator}{version}")
        })
        .collect();
    Vers::parse(&format!("vers:{kind}/{}", text.join("|"))).map_err(|problems| problems.to_string())
}

#[test]
fn npm_ranges_agree_with_node_semver() {
    let Some(folder) = data()
        .map(|data| data.join("versions/derived-oracles"))
        .filter(|folder| folder.is_dir())
    else {
        return;
    };
    let files = files(&folder, "npm-ranges.tsv");
    if files.is_empty() {
        return;
    }
    let mut tally = Tally::new("npm ranges");
    for file in files {
        let text = std::fs::read_to_string(file).expect("a vector file is readable");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            let &[range, version, expected] = columns.as_slice() else {
                continue;
            };
            let found = match npm::Range::parse(range) {
                Ok(range) => range.satisfied_by(version).to_string(),
                Err(_) => "invalid-range".to_owned(),
            };
            tally.agree(found == expected, || format!("{line}: is {found}"));
        }
    }
    tally.finish();
}

fn check(ranges: &str, expected: Expect) {
    let mut shown = String::new();
    for line in ranges.lines().map(str::trim) {
        let (kind, range) = line.split_once(' ').unwrap_or((line, ""));
        shown += &match from_native(kind, range) {
            Ok(vers) => format!("{vers}\n"),
            Err(problems) => format!("refused: {problems}\n"),
        };
    }
    expected.assert_eq(&shown);
}

#[test]
fn a_range_is_read_in_its_ecosystems_notation() {
    check(
        "cargo 1.2.3
         cargo ^0.3, <0.3.7
         cargo ~1.2
         cargo 1.*
         composer ^1.2 || ~2.0.5
         composer 1.0 - 2.0
         composer 1.2.*|>=3
         hex ~> 2.0 and != 2.1.0 or == 3.0.0
         pub ^0.2.1
         gem ~> 3.5.0, != 3.5.2
         gem ~> 2.0
         pypi >=1.0,<2
         pypi ~=1.4.2
         pypi ==1.*
         pypi <21.2.3||>=22.0.0,<22.2.3
         maven [1.0,2.0),(3.0,]
         maven [1.5]
         maven 1.5
         nuget 1.5
         nuget (,1.0]
         nuget <8.0.0||>=9.0.0,<9.0.1
         deb >= 1.0, << 2.0
         golang >=v1.0.0 <v1.2.3
         nginx 1.1.4-1.2.8, 1.3.9+
         npm >=1 || >=2 <3
         npm 1.2.3 - 2.3
         npm >=1.0.0 garbage!
         maven [1.0",
        expect![[r#"
            vers:cargo/>=1.2.3|<2.0.0-0
            vers:cargo/>=0.3.0|<0.3.7
            vers:cargo/>=1.2.0|<1.3.0-0
            vers:cargo/>=1.0.0|<2.0.0-0
            vers:composer/>=1.2|<2-dev|>=2.0.5|<2.1-dev
            vers:composer/>=1.0|<2.1-dev
            vers:composer/>=1.2|<1.3-dev|>=3
            vers:hex/>=2.0.0|!=2.1.0|<3.0.0-0|3.0.0
            vers:pub/>=0.2.1|<0.3.0-0
            vers:gem/>=3.5.0|!=3.5.2|<3.6
            vers:gem/>=2.0|<3.0
            vers:pypi/>=1.0|<2
            vers:pypi/>=1.4.2|<1.5.dev0
            vers:pypi/>=1.dev0|<2.dev0
            vers:pypi/<21.2.3|>=22.0.0|<22.2.3
            vers:maven/>=1.0|<2.0|>3.0
            vers:maven/1.5
            vers:maven/1.5
            vers:nuget/>=1.5
            vers:nuget/<=1.0
            vers:nuget/<8.0.0|>=9.0.0|<9.0.1
            vers:deb/>=1.0|<2.0
            vers:golang/>=v1.0.0|<v1.2.3
            vers:nginx/>=1.1.4|<=1.2.8|>=1.3.9
            vers:npm/>=1.0.0
            vers:npm/>=1.2.3|<2.4.0
            refused: `>=1.0.0 garbage!` is no npm range; write `^1.2.3`, `>=1.0.0 <2.0.0` or `1.x`
            refused: `[1.0` is no maven range; write a closing bracket
        "#]],
    );
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let read = |text: &str| match Vers::parse(text) {
        Ok(vers) => format!("{vers}\n"),
        Err(problems) => format!("{problems}\n"),
    };
    let shown: String = [
        "vers:npm/>=1.0.0|<2.0.0",
        "vers:NPM/=1.0.0",
        "vers:npm/<2.0.0|>=1.0.0|1.0.0",
        "vers:npm/>1||%zz|<",
        "vers:invalid/*",
        "vers:all/1",
        "npm/1.0",
    ]
    .map(read)
    .concat();
    expect![[r#"
        vers:npm/>=1.0.0|<2.0.0
        type `NPM` must be lower case; constraint `=1.0.0` starts with `=`; write the bare version
        version `1.0.0` occurs twice; give each once; version `1.0.0` stands after `2.0.0` and sorts before it; constraint `1.0.0` after `>=1.0.0` says nothing; `>` opens an interval that `<` closes
        constraints hold two pipes in a row; one separates them; constraint `%zz` must have two hexadecimal digits after each `%`, and printable text; constraint `<` has no version
        type `invalid` is reserved for ranges that are invalid
        type `all` has the one form `vers:all/*`
        `npm/1.0` is no VERS; it starts with `vers:`, as in `vers:npm/<1.2.3`
    "#]].assert_eq(&shown);
}

#[test]
fn a_range_of_as_many_alternatives_as_fit_is_read_in_good_time() {
    let alternatives: Vec<String> = (0..6_000).map(|minor| format!(">1.{minor}")).collect();
    let vers = from_native("semver", &alternatives.join("||")).expect("a range");
    assert_eq!(vers.contains("1.7.0"), Containment::Inside);
    let long = "1||".repeat(versions::native::NATIVE_BYTES_MAX);
    assert!(from_native("semver", &long).is_err());
}

#[test]
fn a_version_is_inside_outside_or_nobody_can_tell() {
    let table = [
        ("vers:npm/*", "1.0.0", Containment::Inside),
        ("vers:none/*", "1.0.0", Containment::Outside),
        ("vers:npm/>1.0.0|<=2.0.0", "1.0.0", Containment::Outside),
        ("vers:npm/>1.0.0|<=2.0.0", "2.0.0", Containment::Inside),
        (
            "vers:npm/>=1.0.0|<2.0.0|3.0.0|!=1.5.0",
            "1.5.0",
            Containment::Outside,
        ),
        (
            "vers:npm/>=1.0.0|<2.0.0|3.0.0|!=1.5.0",
            "3.0.0",
            Containment::Inside,
        ),
        ("vers:npm/!=1.5.0", "9.0.0", Containment::Inside),
        ("vers:deb/<1.0", "1.0~rc1", Containment::Inside),
        ("vers:rpm/>=1:1.0", "2.0", Containment::Outside),
        ("vers:npm/>=1.0.0", "latest", Containment::Unknown),
        ("vers:npm/1.0.0", "latest", Containment::Outside),
        ("vers:npm/latest", "latest", Containment::Inside),
        ("vers:unheard-of/<2", "1", Containment::Unknown),
        ("vers:unheard-of/2", "2", Containment::Inside),
    ];
    for (range, version, expected) in table {
        let vers = Vers::read(range).expect("a range");
        assert_eq!(vers.contains(version), expected, "{range} {version}");
    }
}

/// A failure becomes a named test, not a file.
fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn version() -> impl Strategy<Value = String> {
    (0..4u8, 0..4u8).prop_map(|(major, minor)| format!("{major}.{minor}.0"))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,60}", rest in "[a-z0-9<>=!|*%~^, .\\[\\]()-]{0,40}") {
        for text in [&text, &rest] {
            let _ = Vers::read(text);
            if let Ok(vers) = Vers::read(&format!("vers:npm/{text}")) {
                prop_assert_eq!(Vers::read(&vers.to_string()).expect("what we print we read"), vers);
            }
            for kind in ["npm", "cargo", "composer", "conan", "gem", "hex", "pub", "pypi", "maven", "nuget", "nginx", "openssl", "deb"] {
                let _ = from_native(kind, text);
            }
            if let Ok(range) = npm::Range::parse(text) {
                let _ = range.satisfied_by(text);
            }
        }
    }

    #[test]
    fn the_index_holds_what_the_range_does(
        points in proptest::collection::vec((0..6usize, version()), 1..6),
        asked in version(),
    ) {
        let comparators = ["", "!=", "<", "<=", ">", ">="];
        let text: Vec<String> = points.iter().map(|(at, version)| format!("{}{version}", comparators[*at])).collect();
        let vers = Vers::read(&format!("vers:npm/{}", text.join("|"))).expect("a range");
        let range = vers.range().expect("every version has a key");
        let asked = key(range.scheme, &asked).expect("a version has a key");
        let held = range.intervals.iter().any(|interval| interval.contains(&asked));
        prop_assert_eq!(held, vers.set().expect("every version has a key").contains(&asked));
        for pair in range.intervals.windows(2) {
            prop_assert!(pair[0].introduced < pair[1].introduced, "sorted");
        }
    }

    #[test]
    fn a_comma_narrows_and_a_bar_widens(one in version(), other in version(), asked in version()) {
        let holds = |range: &str| {
            let vers = from_native("semver", range).expect("a range");
            vers.contains(&asked) == Containment::Inside
        };
        let (low, high) = (format!(">={one}"), format!("<{other}"));
        prop_assert_eq!(holds(&format!("{low} || {high}")), holds(&low) || holds(&high));
        if one < other {
            prop_assert_eq!(holds(&format!("{low}, {high}")), holds(&low) && holds(&high));
        }
    }

    #[test]
    fn cargo_requirements_hold_what_cargo_says(
        terms in proptest::collection::vec((0..8usize, proptest::collection::vec(0..3u64, 1..4)), 1..3),
        asked in version(),
    ) {
        let operators = ["", "^", "~", "=", ">=", ">", "<", "<="];
        let term = |(at, numbers): &(usize, Vec<u64>)| {
            let words: Vec<String> = numbers.iter().map(u64::to_string).collect();
            format!("{}{}", operators[*at], words.join("."))
        };
        let range = terms.iter().map(term).collect::<Vec<_>>().join(", ");
        let theirs = semver::VersionReq::parse(&range).expect("a requirement");
        let asked = semver::Version::parse(&asked).expect("a version");
        let vers = from_native("cargo", &range).expect("a range");
        let ours = vers.contains(&asked.to_string()) == Containment::Inside;
        // Two terms that contradict each other are read as alternatives: their author meant something.
        prop_assert!(ours == theirs.matches(&asked) || terms.len() > 1 && ours, "{} {}", range, vers);
    }

    #[test]
    fn python_specifiers_hold_what_packaging_says(
        at in 0..8usize,
        numbers in proptest::collection::vec(0..3u64, 2..4),
        asked in "[0-2]\\.[0-2](\\.[0-2])?",
    ) {
        let operator = ["==", "!=", "~=", ">=", ">", "<", "<=", "=="][at];
        let words: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let range = format!("{operator}{}{}", words.join("."), if at == 7 { ".*" } else { "" });
        let theirs: pep440_rs::VersionSpecifiers = range.parse().expect("a specifier");
        let version: pep440_rs::Version = asked.parse().expect("a version");
        // pep440_rs takes 2.1 for `==2.1.1.*`; packaging, which wrote the standard, does not.
        prop_assume!(at != 7 || asked.split('.').count() >= numbers.len());
        let ours = from_native("pypi", &range).expect("a range").contains(&asked);
        prop_assert_eq!(ours == Containment::Inside, theirs.contains(&version), "{} {}", range, asked);
    }
}
