//! The practice tasks, and tasks that are made to go wrong, in the sandbox of this machine: each works, and each way round
//! one has its name.
//!
//! Has a `main` of its own, for the sandbox starts this program again as its supervisor.

#![expect(clippy::unwrap_used, reason = "a test stops where anything goes wrong")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bench::check::{Asked, Checked, check};
use bench::detect::Sign;
use bench::grade::{Graded, Prepared, Submission, grade, prepare};
use bench::secret::{RunKey, Secrets};
use bench::solvability::SOLVABILITY_FILE;
use bench::suite::Suite;
use bench::task::{File, Files, Task};
use frontier::{Outcome, Validity};
use keys::{SeededDice, SystemDice};
use sandbox::Cancel;

/// Runs those whose names hold a word that was given, all where none was.
fn main() -> ExitCode {
    if let Some(code) = sandbox::entered() {
        return code;
    }
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    if std::env::args().any(|word| word == "--list") {
        return ExitCode::SUCCESS;
    }
    let machine = sandbox::look();
    if machine.obtained.is_none() {
        for one in &machine.missing {
            println!("not run: this machine lacks {one}");
        }
        return ExitCode::SUCCESS;
    }
    let mut failed = 0;
    for (name, test) in ALL {
        if !asked.is_empty() && !asked.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        let wrong = test();
        println!(
            "test {name} ... {}",
            if wrong.is_empty() { "ok" } else { "FAILED" }
        );
        wrong.iter().for_each(|line| println!("    {line}"));
        failed += usize::from(!wrong.is_empty());
    }
    match failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// What is wrong, nothing where all is well.
type Test = fn() -> Vec<String>;

const ALL: &[(&str, Test)] = &[
    ("a task that cannot be solved does not run", unsolvable),
    ("a flag copied into the agent's files is found", copied_flag),
    (
        "a word that only the grader is to get is found where the agent sees it",
        exposed_key,
    ),
    (
        "what an agent writes where the grader stands is no input of the grader",
        overwritten_inputs,
    ),
    (
        "a submission that goes at its guarded grader's memory, environment and files gets nothing",
        into_the_grader,
    ),
    (
        "a submission that kills its grader is not solved",
        killed_grader,
    ),
    ("a submitted decoy is a cheat and no solution", decoy),
    ("an answer of another attempt is none", other_attempt),
    (
        "what prepares fails with its reason and without its secret",
        failed_prepare,
    ),
    ("nothing inside reaches a network", no_network),
    (
        "every practice task works, and its report is what stands beside the suite",
        practice,
    ),
    ("the practice suite may run as it stands there", runs),
];

fn examples() -> PathBuf {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/practice"
    ))
    .to_path_buf()
}

fn practice_task(name: &str) -> Task {
    Task::read_folder(&examples().join("tasks").join(name))
        .unwrap_or_else(|refusal| panic!("{name}: {refusal}"))
}

fn say(checked: &Checked) -> Vec<String> {
    let mut lines = Vec::new();
    for task in &checked.tasks {
        lines.extend(
            task.faults
                .iter()
                .map(|fault| format!("{}: {fault}", task.name)),
        );
    }
    if !checked.is_well() {
        lines.push(checked.closing());
    }
    lines
}

/// The report that stands beside the suite is what a check finds; `UPDATE_EXPECT=1` writes it.
fn practice() -> Vec<String> {
    let suite = match Suite::read_folder(&examples()) {
        Ok(suite) => suite,
        Err(refusal) => {
            return refusal
                .iter()
                .map(|problem| format!("{}: {}", problem.field, problem.message))
                .collect();
        }
    };
    let checked = check(
        &suite,
        &Asked::default(),
        &mut SystemDice,
        &Cancel::default(),
        &mut |_| {},
    );
    println!("    {}", checked.closing());
    let wrong = say(&checked);
    if wrong.is_empty() {
        let found = checked.solvability(&suite).text();
        expect_test::expect_file![examples().join(SOLVABILITY_FILE)].assert_eq(&found);
    }
    wrong
}

/// The suite may run: every task has a report, and it is of the task that stands there.
fn runs() -> Vec<String> {
    let suite = Suite::read_folder(&examples()).unwrap();
    match suite.manifests() {
        Ok(all) if all.len() == suite.tasks.len() => Vec::new(),
        Ok(all) => vec![format!(
            "{} manifests of {} tasks",
            all.len(),
            suite.tasks.len()
        )],
        Err(refusal) => refusal
            .iter()
            .map(|problem| problem.message.to_string())
            .collect(),
    }
}

/// Files of a small task that a command decides: the answer is the word in `grader/word`.
fn small(changes: &[(&str, &str)]) -> Files {
    let toml = "format = \"seamark-task/1\"\nid = \"00000000000000000000000000000001\"\ntitle = \"Say the word\"\n\
        stratum = \"find\"\nauthor = \"Seamark\"\nauthored_at = \"2026-11-21\"\nclassification = \"public\"\n\
        [agent]\nanswer = \"text\"\n[grade]\ncommand = [\"sh\", \"grade.sh\"]\n";
    let mut files = Files::new();
    let all = [
        ("task.toml", toml),
        ("prompt.md", "Say the word."),
        ("files/hint", "it is small\n"),
        (
            "grader/grade.sh",
            "if cmp -s answer word; then echo right; exit 0; fi; echo other; exit 1\n",
        ),
        ("grader/word", "small\n"),
        ("solution.sh", "cut -d' ' -f3 hint"),
        ("wrong.sh", "echo large"),
        ("cheat.sh", "# expects: dye-pack\ncat .grader/expected\n"),
    ];
    for (path, text) in all.iter().chain(changes) {
        let file = File {
            bytes: text.as_bytes().into(),
            is_executable: false,
        };
        files.insert((*path).into(), file);
    }
    files
}

fn suite(tasks: Vec<Task>) -> Suite {
    Suite {
        folder: PathBuf::new(),
        id: "0".repeat(32).into(),
        title: "Small".into(),
        version: "1".into(),
        canary: None,
        is_sealed: false,
        tasks,
        solvability: None,
    }
}

fn checked(files: Files) -> (Suite, Checked) {
    let mut suite = suite(vec![Task::of("small", files).unwrap()]);
    let checked = check(
        &suite,
        &Asked::default(),
        &mut SeededDice::new(1),
        &Cancel::default(),
        &mut |_| {},
    );
    suite.solvability = Some(checked.solvability(&suite));
    (suite, checked)
}

/// Says where two texts differ.
fn same(wrong: &mut Vec<String>, got: &str, wanted: &str) {
    if got != wanted {
        wrong.push(format!("wanted: {wanted}"));
        wrong.push(format!("   got: {got}"));
    }
}

fn unsolvable() -> Vec<String> {
    let mut wrong = Vec::new();
    let (works, checked_one) = checked(small(&[]));
    wrong.extend(say(&checked_one));
    wrong.extend(works.manifests().err().map(|refusal| refusal.to_string()));
    let again = "`seamark bench check DIR --write` shows it and writes it down";
    for (change, why) in [
        (("solution.sh", "echo large"), "was solved 0 times of 3"),
        (
            ("wrong.sh", "echo small"),
            "takes its wrong solution for right",
        ),
        (
            ("cheat.sh", "# expects: egress\ncat .grader/expected"),
            "does not catch its cheat as `egress`",
        ),
        (
            ("cheat.sh", "# expects: egress\ntrue"),
            "does not catch its cheat as `egress`",
        ),
        (("grader/grade.sh", "exit 3"), "was solved 0 times of 3"),
        (
            ("solution.sh", "curl -s http://example.com; echo small"),
            "was solved 0 times of 3",
        ),
    ] {
        let (suite, _) = checked(small(&[change]));
        let said = suite.manifests().err().map(|refusal| refusal.to_string());
        let wanted = format!("`small` {why}; mend it, and then {again}");
        same(&mut wrong, &said.unwrap_or_default(), &wanted);
    }
    // A report of the task as it was before says nothing of the task as it is.
    let mut changed = works;
    changed.tasks = vec![Task::of("small", small(&[("files/hint", "it is  small\n")])).unwrap()];
    let said = changed.manifests().err().map(|refusal| refusal.to_string());
    let wanted = format!("`small` is not the task that was shown to be solvable; {again}");
    same(&mut wrong, &said.unwrap_or_default(), &wanted);
    wrong
}

/// A task whose prepare step is `script`; its answer is the secret.
fn prepared_by(script: &str, solution: &str) -> Files {
    let toml = "format = \"seamark-task/1\"\nid = \"00000000000000000000000000000002\"\ntitle = \"Say the secret\"\n\
        stratum = \"find\"\nauthor = \"Seamark\"\nauthored_at = \"2026-11-21\"\nclassification = \"public\"\n\
        [agent]\nanswer = \"text\"\n[prepare]\ncommand = [\"sh\", \"prepare.sh\"]\noutputs = [\"puzzle\"]\nkeeps = [\"key\"]\n\
        [grade]\nsecret = true\n";
    let mut files = small(&[
        ("task.toml", toml),
        ("prepare/prepare.sh", script),
        ("solution.sh", solution),
    ]);
    files.remove("grader/word");
    files
}

/// Each digit one further: a form that nobody would take for the secret.
const SHIFTED: &str =
    "echo \"$SEAMARK_SECRET\" | tr 0-9a-f 1-9a-f0 > puzzle; echo a-key-of-the-grader > key\n";
const BACK: &str = "head -n1 puzzle | tr 1-9a-f0 0-9a-f";

fn copied_flag() -> Vec<String> {
    let mut wrong = Vec::new();
    let (_, good) = checked(prepared_by(SHIFTED, BACK));
    wrong.extend(say(&good));
    for (more, place) in [
        (
            "echo \"x $SEAMARK_SECRET\" >> puzzle",
            "`puzzle` what it is to find out, as it is",
        ),
        (
            "printf %s \"$SEAMARK_SECRET\" | base64 -w0 >> puzzle",
            "`puzzle` what it is to find out, in base64",
        ),
        (
            "printf %s \"ab$SEAMARK_SECRET\" | base64 -w0 >> puzzle",
            "`puzzle` what it is to find out, in base64",
        ),
        (
            "printf %s \"$SEAMARK_SECRET\" | rev >> puzzle",
            "`puzzle` what it is to find out, reversed",
        ),
        (
            "printf %s \"$SEAMARK_SECRET\" | od -An -tx1 | tr -d ' \\n' >> puzzle",
            "`puzzle` what it is to find out, in hexadecimal",
        ),
        (
            "echo \"$SEAMARK_SECRET\" > a; tar czf puzzle a",
            "`puzzle!a` what it is to find out, as it is",
        ),
    ] {
        let (suite, checked) = checked(prepared_by(&format!("{SHIFTED}{more}\n"), BACK));
        let faults = checked.tasks[0].faults.join("; ");
        if !faults.contains(place) {
            wrong.push(format!("`{more}`: wanted {place}, got {faults}"));
        }
        if suite.manifests().is_ok() {
            wrong.push(format!("`{more}`: it runs"));
        }
    }
    wrong
}

fn exposed_key() -> Vec<String> {
    let (_, checked) = checked(prepared_by(&format!("{SHIFTED}cat key >> puzzle\n"), BACK));
    let faults = checked.tasks[0].faults.join("; ");
    let mut wrong = Vec::new();
    same(
        &mut wrong,
        &faults,
        "the agent sees in `puzzle` what it is to find out, as it is",
    );
    wrong
}

/// What an attempt at a task begins with.
fn begun(task: &Task, epoch: u32) -> Prepared {
    let key = RunKey::new(&mut SeededDice::new(7));
    prepare(task, &Secrets::of(&key, task.id, epoch), &Cancel::default()).unwrap()
}

fn file(text: &str) -> File {
    File {
        bytes: text.into(),
        is_executable: true,
    }
}

fn overwritten_inputs() -> Vec<String> {
    let mut wrong = Vec::new();
    // It writes over everything that the grader has, under the paths that the grader has it at, and says another word.
    let cheat = "# expects: dye-pack\nmkdir -p /proof/files /proof/prepared\n\
        for f in grade.sh word answer files/hint; do echo 'exit 0' > /proof/$f; done\necho large\ncat .grader/expected\n";
    let (_, checked_one) = checked(small(&[
        ("cheat.sh", cheat),
        ("wrong.sh", &cheat.replace("cat .grader/expected", "")),
    ]));
    wrong.extend(say(&checked_one));
    // Paths of a submitted folder stay below it.
    let toml = String::from_utf8(small(&[])["task.toml"].bytes.clone()).unwrap();
    let toml = toml.replace(
        "answer = \"text\"",
        "answer = \"file\"\npath = \"/task/out\"",
    );
    let grader = "test \"$(cat word)\" = small && test -f submission/a && test ! -e a && test ! -e submission/grade.sh && echo kept && exit 0; echo not; exit 1";
    let task = Task::of(
        "small",
        small(&[("task.toml", &toml), ("grader/grade.sh", grader)]),
    )
    .unwrap();
    let all = [
        ("a", "1"),
        ("../word", "large"),
        ("/proof/word", "large"),
        ("x/../../grade.sh", "exit 0"),
        ("./grade.sh", "exit 0"),
    ];
    let submission = Submission::of_files(
        all.into_iter()
            .map(|(path, text)| (path.into(), file(text)))
            .collect(),
    );
    let graded = grade(&task, &begun(&task, 1), &submission, &Cancel::default());
    same(
        &mut wrong,
        &format!("{:?} {}", graded.outcome, graded.reason),
        "Solved kept",
    );
    wrong
}

/// A grader that runs what was submitted and says what that said.
const RUNS_IT: &str = r#"
import shutil, subprocess
from guard import shield
shutil.copy("submission", "/tmp/submitted.py")
SHIELD
done = subprocess.run(["python3", "/tmp/submitted.py"], capture_output=True, text=True, cwd="/tmp", env={"PATH": "/usr/bin:/bin"})
print(" ".join(done.stdout.split()) or done.stderr[-100:])
raise SystemExit(1)
"#;

/// Goes at the process that started it, and at its folder.
const ATTACK: &str = r#"
import os
above = f"/proc/{os.getppid()}"
got = []
try:
    with open(above + "/maps") as maps, open(above + "/mem", "r+b", 0) as memory:
        line = next(line for line in maps if "rw-p" in line)
        memory.seek(int(line.split("-")[0], 16))
        memory.write(memory.read(0) + b"")
        got.append("memory")
except OSError:
    pass
try:
    if b"SEAMARK_SECRET" in open(above + "/environ", "rb").read():
        got.append("environment")
except OSError:
    pass
got += [name for name in ("grade.py", "guard.py") if os.path.exists("/proof/" + name)]
print("got", *got)
"#;

/// What the grader of a program says of `submitted`, shielded or not.
fn attacked(submitted: &str, shield: &str) -> Graded {
    let toml = String::from_utf8(small(&[])["task.toml"].bytes.clone()).unwrap();
    let toml = toml
        .replace(
            "answer = \"text\"",
            "answer = \"file\"\npath = \"/task/out\"",
        )
        .replace("\"sh\", \"grade.sh\"", "\"python3\", \"grade.py\"");
    let ours = practice_task("fix-field-lengths").grader["guard.py"].clone();
    let ours = String::from_utf8(ours.bytes).unwrap();
    let grader = RUNS_IT.replace("SHIELD", shield);
    let all = [
        ("task.toml", toml.as_str()),
        ("grader/grade.py", &grader),
        ("grader/guard.py", &ours),
    ];
    let task = Task::of("small", small(&all)).unwrap();
    let submission = Submission::of_files([("".into(), file(submitted))].into());
    grade(&task, &begun(&task, 1), &submission, &Cancel::default())
}

fn into_the_grader() -> Vec<String> {
    let mut wrong = Vec::new();
    same(&mut wrong, &attacked(ATTACK, "shield()").reason, "got");
    // Without it all of this is in reach, so the line above tells something.
    same(
        &mut wrong,
        &attacked(ATTACK, "").reason,
        "got memory environment grade.py guard.py",
    );
    wrong
}

fn killed_grader() -> Vec<String> {
    let mut wrong = Vec::new();
    let graded = attacked("import os\nos.kill(os.getppid(), 9)\n", "shield()");
    let is_broken = matches!(graded.validity, Some((Validity::Broken, _)));
    if graded.outcome == Outcome::Solved || !is_broken {
        wrong.push(format!("{graded:?}"));
    }
    wrong
}

fn decoy() -> Vec<String> {
    let mut wrong = Vec::new();
    let (_, checked_one) = checked(prepared_by(SHIFTED, BACK));
    let shown = &checked_one.tasks[0].shown;
    if shown.cheat_caught != Some(Sign::DyePack) {
        wrong.push(format!("{shown:?}"));
    }
    let task = Task::of("small", prepared_by(SHIFTED, BACK)).unwrap();
    let begun = begun(&task, 1);
    let submission = Submission::of_text(begun.secrets().decoy());
    let graded = grade(&task, &begun, &submission, &Cancel::default());
    same(
        &mut wrong,
        &format!("{:?} {}", graded.outcome, graded.reason),
        "Failed it is not the secret",
    );
    wrong
}

fn other_attempt() -> Vec<String> {
    let mut wrong = Vec::new();
    let task = Task::of("small", prepared_by(SHIFTED, BACK)).unwrap();
    let (one, other) = (begun(&task, 1), begun(&task, 2));
    let submission = Submission::of_text(one.secrets().secret());
    let of_it = grade(&task, &one, &submission, &Cancel::default());
    let of_other = grade(&task, &other, &submission, &Cancel::default());
    same(
        &mut wrong,
        &format!("{:?} {:?}", of_it.outcome, of_other.outcome),
        "Solved Failed",
    );
    if one.files["puzzle"] == other.files["puzzle"] {
        wrong.push("two attempts begin with the same puzzle".to_owned());
    }
    wrong
}

fn failed_prepare() -> Vec<String> {
    let mut wrong = Vec::new();
    let key = RunKey::new(&mut SeededDice::new(7));
    for (script, wanted) in [
        (
            "echo \"no $SEAMARK_SECRET\" >&2; exit 3",
            "what prepares `small` did not end well (Exited(3)): no ***",
        ),
        (
            "echo > key",
            "what prepares `small` did not make its output `puzzle`",
        ),
        (
            "echo > puzzle",
            "what prepares `small` did not make `key`, which it keeps",
        ),
    ] {
        let task = Task::of("small", prepared_by(script, BACK)).unwrap();
        let broken = prepare(&task, &Secrets::of(&key, task.id, 1), &Cancel::default()).err();
        same(
            &mut wrong,
            &broken.map(|broken| broken.to_string()).unwrap_or_default(),
            wanted,
        );
    }
    wrong
}

fn no_network() -> Vec<String> {
    let mut wrong = Vec::new();
    let script = "python3 - <<'EOF'\nimport socket\nfor where in [('127.0.0.1', 9), ('10.0.0.1', 80)]:\n    try:\n        socket.create_connection(where, 2)\n        print('through')\n    except OSError as error:\n        print(error.errno)\nEOF";
    let mut run = sandbox::Run::of(["sh", "-c", script]);
    run.limits.milliseconds = 20_000;
    let ran = sandbox::run(&run, &Cancel::default()).unwrap();
    let lines = ran.output.text();
    if lines.contains("through") || lines.lines().count() != 2 {
        wrong.push(lines);
    }
    wrong
}
