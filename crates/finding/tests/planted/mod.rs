//! Planted reports: known flaws in made-up packages, each reported by several kinds of finders in their own way.
//!
//! Hard on purpose: two flaws in one function, one helper that several careless callers crash in, the same mistake in
//! twin functions, tools whose words are all template, finders who are wrong about a line or a weakness, versions in
//! which every file has moved, packages of one repository, and copies that others hand on.

use finding::Report;
use finding::report::{Crash, ProofMark, Site};

mod words;

use words::{CLASSES, Class, NOUNS, PHRASES, VERBS};

/// A seeded generator (SplitMix64), so that a seed is a world.
pub struct Seed(pub u64);

impl Seed {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// A report and the flaw it is of.
pub struct Planted {
    pub flaw: usize,
    /// What kind of finder it is from, for whoever changes the rule.
    pub finder: &'static str,
    pub report: Report,
}

#[derive(Clone)]
struct Function {
    name: String,
    file: usize,
    line: u32,
}

struct Package {
    name: String,
    purl: String,
    repository: String,
    files: Vec<String>,
    functions: Vec<Function>,
    /// Lines by which each file has moved in each version.
    moved: Vec<Vec<u32>>,
}

struct Flaw {
    package: usize,
    class: &'static Class,
    /// Innermost first: the function and the line in the first version.
    chain: Vec<(Function, u32)>,
    /// The cause, where it is not where it crashes.
    cause: usize,
    noun: &'static str,
    old_line: String,
    new_line: String,
    cve: Option<String>,
    proofs: Vec<String>,
}

const VERSIONS: [&str; 3] = ["1.4.0", "1.4.2", "1.5.0"];

/// A world of `packages` packages with a dozen flaws each, reported about four times each.
pub fn planted(seed: u64, packages: usize) -> Vec<Planted> {
    let mut seed = Seed(seed);
    let mut reports = Vec::new();
    let mut flaws = 0;
    for number in 0..packages {
        let package = package(&mut seed, number);
        for flaw in package_flaws(&mut seed, &package, number) {
            let copies = 1 + seed.below(7);
            let mut earlier: Vec<Report> = Vec::new();
            for _ in 0..copies {
                let (finder, report) = report(&mut seed, &package, &flaw, &earlier);
                earlier.push(report.clone());
                reports.push(Planted {
                    flaw: flaws,
                    finder,
                    report,
                });
            }
            flaws += 1;
        }
    }
    seed.shuffle(&mut reports);
    reports
}

fn package(seed: &mut Seed, number: usize) -> Package {
    let stem = format!(
        "{}{}",
        seed.pick(NOUNS),
        seed.pick(&["lib", "kit", "core", "x", "parse"])
    );
    let name = format!("{stem}{number}");
    let files: Vec<String> = (0..6)
        .map(|_| format!("{}_{}", seed.pick(NOUNS), seed.pick(VERBS)))
        .collect();
    let folder = seed.pick(&["src", "lib", "core"]).to_string();
    let files: Vec<String> = files
        .iter()
        .map(|file| format!("{folder}/{file}.c"))
        .collect();
    let functions = (0..40)
        .map(|at| Function {
            // No two functions of a program have one name.
            name: format!(
                "{}_{}{at}_{}",
                &stem[..3],
                seed.pick(VERBS),
                seed.pick(NOUNS)
            ),
            file: seed.below(files.len()),
            line: 40 + at * 37,
        })
        .collect();
    let moved = VERSIONS.iter().enumerate().map(|(version, _)| {
        // Between two releases about half of the files stay as they are.
        let changed = |seed: &mut Seed| {
            if seed.percent(50) {
                seed.below(40 * version) as u32
            } else {
                0
            }
        };
        files
            .iter()
            .map(|_| if version == 0 { 0 } else { changed(seed) })
            .collect()
    });
    Package {
        purl: format!("pkg:generic/{name}"),
        repository: format!("https://github.com/{stem}/{name}"),
        moved: moved.collect(),
        name,
        files,
        functions,
    }
}

/// A dozen flaws: plain ones, two in one function, twins, and callers of one helper.
fn package_flaws(seed: &mut Seed, package: &Package, number: usize) -> Vec<Flaw> {
    let mut flaws: Vec<Flaw> = Vec::new();
    let entry: Vec<(Function, u32)> = (0..3)
        .map(|at| {
            (
                package.functions[37 + at].clone(),
                package.functions[37 + at].line + 5,
            )
        })
        .collect();
    for at in 0..12 {
        let class = seed.pick(CLASSES);
        let inner = package.functions[seed.below(30)].clone();
        let line = inner.line + 2 + seed.below(30) as u32;
        let depth = 2 + seed.below(3);
        let mut chain = vec![(inner, line)];
        for _ in 0..depth {
            let caller = package.functions[seed.below(36)].clone();
            let line = caller.line + 1 + seed.below(30) as u32;
            chain.push((caller, line));
        }
        chain.extend(entry.iter().cloned());
        let mut flaw = new_flaw(seed, number, class, chain);
        match (at, flaws.last()) {
            // A second flaw in the function of the one before.
            (1, Some(before)) => {
                flaw.chain[0].0 = before.chain[0].0.clone();
                let line = before.chain[0].1 + 4 + seed.below(20) as u32;
                flaw.chain[0].1 = line;
                flaw.chain.splice(1.., before.chain[1..].iter().cloned());
                flaw.class = before.class;
            }
            // The same mistake in a twin: another function, the same words, the same kind of fix.
            (3 | 8, Some(before)) => {
                flaw.class = before.class;
                flaw.noun = before.noun;
            }
            // A helper, called without care by this caller and by the next.
            (9, _) => flaw.cause = 1,
            (10, Some(before)) => {
                let crash = before.chain[0].clone();
                flaw.chain.insert(0, crash);
                flaw.cause = 1;
                flaw.class = before.class;
            }
            _ => {}
        }
        flaws.push(flaw);
    }
    flaws
}

fn new_flaw(
    seed: &mut Seed,
    package: usize,
    class: &'static Class,
    chain: Vec<(Function, u32)>,
) -> Flaw {
    let noun = seed.pick(NOUNS);
    let proofs = (0..3)
        .map(|_| format!("{:016x}", seed.next()).repeat(4))
        .collect();
    Flaw {
        package,
        class,
        chain,
        cause: 0,
        noun,
        old_line: format!(
            "{}_{}({noun}, n{});",
            seed.pick(VERBS),
            noun,
            seed.below(1000)
        ),
        new_line: format!("if (n < {noun}_max)"),
        cve: seed
            .percent(15)
            .then(|| format!("CVE-2026-{}", 10_000 + seed.below(80_000))),
        proofs,
    }
}

/// One finder's report.
fn report(
    seed: &mut Seed,
    package: &Package,
    flaw: &Flaw,
    earlier: &[Report],
) -> (&'static str, Report) {
    assert!(flaw.package < 1_000_000);
    let mut report = Report::default();
    // Most look at what was released last.
    let version = if seed.percent(60) {
        VERSIONS.len() - 1
    } else {
        seed.below(VERSIONS.len())
    };
    name_target(seed, package, version, &mut report);
    let kind = seed.below(100);
    let finder = match kind {
        // Handed on by another coordinator, word for word, sometimes with a line before it.
        0..10 if !earlier.is_empty() => {
            let before = seed.pick(earlier);
            report.target = before.target.clone();
            report.weaknesses = before.weaknesses.clone();
            report.sites = before.sites.clone();
            report.title = before.title.clone();
            report.description = match seed.percent(50) {
                true => before.description.clone(),
                false => {
                    format!("Forwarded on behalf of a member.\n\n{}", before.description).into()
                }
            };
            "relay"
        }
        ..45 => fuzzer(seed, package, flaw, version, &mut report),
        45..65 => analyzer(seed, package, flaw, version, &mut report),
        65..85 => auditor(seed, package, flaw, version, &mut report),
        _ => person(seed, package, flaw, &mut report),
    };
    if seed.percent(25) && flaw.cve.is_some() {
        report.aliases = flaw.cve.iter().map(|cve| cve.as_str().into()).collect();
    }
    (finder, report)
}

fn name_target(seed: &mut Seed, package: &Package, version: usize, report: &mut Report) {
    let chance = seed.below(100);
    if chance < 90 {
        let version = if seed.percent(85) {
            format!("@{}", VERSIONS[version])
        } else {
            String::new()
        };
        report.target.package = Some(
            format!("{}{version}", package.purl)
                .parse()
                .expect("a purl"),
        );
    }
    if chance >= 60 {
        let endings = ["", ".git", "/"];
        report.target.repository =
            Some(format!("{}{}", package.repository, seed.pick(&endings)).into());
    }
}

/// A crash as AddressSanitizer prints it, an input, few words.
fn fuzzer(
    seed: &mut Seed,
    package: &Package,
    flaw: &Flaw,
    version: usize,
    report: &mut Report,
) -> &'static str {
    let prefix = seed
        .pick(&["/src/", "/home/a/work/", "/build/x/../", "/fuzz/"])
        .to_string();
    let mut raw = format!(
        "==1==ERROR: AddressSanitizer: {} on address 0x60200\n",
        seed.pick(flaw.class.crashes)
    );
    let mut frames: Vec<String> = Vec::new();
    if seed.percent(30) {
        frames.push(
            "__asan_memcpy /llvm-project/compiler-rt/lib/asan/asan_interceptors.cpp:22:3".into(),
        );
    }
    for (function, line) in &flaw.chain {
        let (file, line) = (
            &package.files[function.file],
            line + package.moved[version][function.file],
        );
        frames.push(format!(
            "{}(char const*) {prefix}{}/{file}:{line}:{}",
            function.name,
            package.name,
            seed.below(40)
        ));
        // A compiler that inlines prints a frame less in the middle of the stack.
        if frames.len() > 5 && seed.percent(20) {
            frames.pop();
        }
    }
    let harness = seed.pick(&["load", "read", "all"]);
    frames.push(format!(
        "LLVMFuzzerTestOneInput {prefix}{}/fuzz/{harness}_fuzzer.c:9:5",
        package.name
    ));
    frames.push("fuzzer::Fuzzer::ExecuteCallback(unsigned char const*, unsigned long) /llvm/FuzzerLoop.cpp:611:15".into());
    for (number, frame) in frames.iter().enumerate() {
        raw += &format!("    #{number} 0x{:x} in {frame}\n", seed.below(1 << 30));
    }
    report.crash = Some(Crash {
        raw: raw.into(),
        ..Crash::default()
    });
    let proof = match seed.percent(25) {
        true => seed.pick(&flaw.proofs).clone(),
        false => format!("{:016x}", seed.next()).repeat(4),
    };
    report.proofs.push(ProofMark {
        sha256: proof.into(),
        bytes: 20 + seed.below(4000) as u64,
        kind: "testcase".into(),
        harness: Some(harness.to_string().into()),
    });
    if seed.percent(60) {
        report.weaknesses = vec![*seed.pick(flaw.class.weaknesses)];
    }
    report.title = format!(
        "{} in {}",
        seed.pick(flaw.class.crashes),
        flaw.chain[0].0.name
    )
    .into();
    report.description = "Found by fuzzing. The input is attached.".into();
    "fuzzer"
}

/// A static analyser: place and weakness, and words that are all template.
fn analyzer(
    seed: &mut Seed,
    package: &Package,
    flaw: &Flaw,
    version: usize,
    report: &mut Report,
) -> &'static str {
    let (function, line) = &flaw.chain[flaw.cause];
    let line = line + package.moved[version][function.file];
    report.sites.push(Site {
        file: package.files[function.file].as_str().into(),
        function: seed.percent(80).then(|| function.name.as_str().into()),
        line: Some(if seed.percent(10) { line + 1 } else { line }),
    });
    report.weaknesses = vec![flaw.class.weaknesses[0]];
    report.title = format!("{} ({})", flaw.class.rule, package.files[function.file]).into();
    report.description = format!(
        "Rule {}: data that crosses a trust boundary reaches a dangerous operation without being checked. \
         Review the flow from source to sink and validate the value before it is used. Confidence: medium.",
        flaw.class.rule
    )
    .into();
    "analyzer"
}

/// A model that reads code: place, prose, often a patch, a weakness of the family.
fn auditor(
    seed: &mut Seed,
    package: &Package,
    flaw: &Flaw,
    version: usize,
    report: &mut Report,
) -> &'static str {
    let (function, line) = &flaw.chain[flaw.cause];
    let line = line + package.moved[version][function.file];
    let file = &package.files[function.file];
    let line = match seed.below(10) {
        // The function's first line in place of the statement.
        0 | 1 => function.line + package.moved[version][function.file],
        2 => line + 2,
        _ => line,
    };
    report.sites.push(Site {
        file: file.as_str().into(),
        function: seed.percent(90).then(|| function.name.as_str().into()),
        line: seed.percent(85).then_some(line),
    });
    report.weaknesses = match seed.percent(4) {
        true => vec![seed.pick(CLASSES).weaknesses[0]],
        false => vec![*seed.pick(flaw.class.weaknesses)],
    };
    if seed.percent(40) {
        let added = if seed.percent(70) {
            flaw.new_line.clone()
        } else {
            format!("assert(n{});", seed.below(99))
        };
        report.patch = Some(
            format!(
                "--- a/{file}\n+++ b/{file}\n@@ -{line},3 +{line},4 @@\n {{\n-\t{}\n+{}\n+    {}\n",
                flaw.old_line, added, flaw.old_line
            )
            .into(),
        );
    }
    report.title = format!("{} in {}()", flaw.class.name, function.name).into();
    report.description = prose(seed, flaw, &function.name).into();
    "auditor"
}

/// A person: words alone, and the weakness as they understand it.
fn person(seed: &mut Seed, package: &Package, flaw: &Flaw, report: &mut Report) -> &'static str {
    let function = &flaw.chain[flaw.cause].0;
    report.title = format!(
        "{} when handling a {} in {}",
        flaw.class.name, flaw.noun, package.name
    )
    .into();
    let names = seed.percent(60);
    report.description = prose(
        seed,
        flaw,
        if names { &function.name } else { "the library" },
    )
    .into();
    if seed.percent(50) {
        report.weaknesses = vec![if seed.percent(20) {
            20
        } else {
            *seed.pick(flaw.class.weaknesses)
        }];
    }
    "person"
}

fn prose(seed: &mut Seed, flaw: &Flaw, place: &str) -> String {
    let mut text = String::new();
    let (wrongs, thens): (&[&'static str], &[&'static str]) = (flaw.class.wrongs, flaw.class.thens);
    let sentences = 3 + seed.below(4);
    for _ in 0..sentences {
        let phrase = seed.pick(PHRASES);
        let part = phrase
            .replace("{place}", &format!("`{place}()`"))
            .replace("{noun}", flaw.noun)
            .replace("{wrong}", seed.pick::<&str>(wrongs))
            .replace("{then}", seed.pick::<&str>(thens));
        text += &part;
        text += " ";
    }
    text
}
