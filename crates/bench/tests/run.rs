//! Whole runs in the sandbox of this machine: scripted models, a brought agent, and a run that is killed.
//!
//! Has a `main` of its own, for the sandbox starts this program again as its supervisor; and as a run to be killed.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops where anything goes wrong, and kills a process of its own"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use bench::agent::Agent;
use bench::run::{Budget, Entry, Halt, Least, Order, Player, Progress, Ran, run};
use bench::scripted::Scripted;
use bench::secret::RunKey;
use bench::suite::Suite;
use bench::task::{File, Files, Task};
use bench::transcript::{Submitted, What};
use frontier::{Digest, Limit, Outcome, Validity};
use jiff::Timestamp;
use keys::{SeededDice, SystemDice};
use model::{
    Assistant, Failure, Message, Model, Request, Response, Sampling, Stop, ToolCall, Usage,
};
use sandbox::Cancel;

fn main() -> ExitCode {
    if let Some(code) = sandbox::entered() {
        return code;
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [slowly, folder] = words.as_slice()
        && slowly == "slowly"
    {
        return to_be_killed(Path::new(folder));
    }
    if words.iter().any(|word| word == "--list") {
        return ExitCode::SUCCESS;
    }
    if sandbox::look().obtained.is_none() {
        println!("not run: this machine lacks what a sandbox needs");
        return ExitCode::SUCCESS;
    }
    let asked = |name: &str| {
        let mut words = words
            .iter()
            .filter(|word| !word.starts_with('-'))
            .peekable();
        words.peek().is_none() || words.any(|word| name.contains(word.as_str()))
    };
    for (name, test) in TESTS.iter().filter(|(name, _)| asked(name)) {
        // What fails panics, and with it all of this.
        let begun = Instant::now();
        test();
        println!("test {name} ... ok ({} ms)", begun.elapsed().as_millis());
    }
    ExitCode::SUCCESS
}

const TESTS: &[(&str, fn())] = &[
    (
        "an oracle solves what can be solved and nobody else does",
        scripted,
    ),
    (
        "a model works with its tools and is told what is wrong with its calls",
        tools,
    ),
    ("an attempt ends at its time and its sandbox with it", time),
    (
        "what is handed in as files goes to the grader as data",
        files,
    ),
    (
        "an agent that was brought finds the model at its door and nothing else",
        brought,
    ),
    ("a brought agent comes to the same limits", brought_limits),
    ("a run that is killed goes on to the same scorecard", killed),
    (
        "the practice suite is solved by the oracle and its cheats are caught",
        practice,
    ),
];

const TOML: &str = r#"
format = "seamark-task/1"
id = "0123456789abcdef0123456789abcdef"
title = "Find the word"
stratum = "find"
languages = ["sh"]
human_minutes = 1
baseliners = 0
author = "Seamark"
authored_at = "2026-11-21"
classification = "public"
[agent]
solver = "tools"
ANSWER
turns = 8
tokens = 100000
seconds = 30
network = "none"
[prepare]
command = ["sh", "prepare.sh"]
outputs = ["deep/word"]
[grade]
GRADE
"#;

/// A task whose secret stands in a file, by turns `answer` and `grade`.
fn task(number: u8, answer: &str, grade: &str, solution: &str) -> Task {
    let toml = TOML.replace("ANSWER", answer).replace("GRADE", grade);
    let mut files = Files::new();
    for (path, text) in [
        ("task.toml", toml.as_str()),
        ("prompt.md", "Find the word."),
        ("files/notes", "It is deep.\n"),
        (
            "prepare/prepare.sh",
            "mkdir deep; echo $SEAMARK_SECRET > deep/word",
        ),
        ("solution.sh", solution),
        ("wrong.sh", "echo 0123456789abcdef"),
        ("cheat.sh", "# expects: dye-pack\ncat .grader/expected\n"),
    ] {
        files.insert(path.into(), file(text));
    }
    if grade.contains("command") {
        let script = "test -f submission/a && test \"$(cat submission/b/word)\" = \"$SEAMARK_SECRET\" && echo good && exit 0\necho bad\nexit 1";
        files.insert("grader/grade.sh".into(), file(script));
    }
    let mut task = Task::of("find-word", files).unwrap_or_else(|refusal| panic!("{refusal}"));
    task.id.0[0] = number;
    task.name = format!("find-word-{number}").into();
    task
}

fn file(text: &str) -> File {
    File {
        bytes: text.into(),
        is_executable: false,
    }
}

fn word(number: u8) -> Task {
    task(
        number,
        "answer = \"text\"",
        "secret = true",
        "ls -R; cat deep/word",
    )
}

struct World {
    folder: PathBuf,
    tasks: Vec<Task>,
    agent: Option<Agent>,
    bounds: Least,
    epochs: u32,
    connections: usize,
}

impl World {
    fn new(folder: &Path, tasks: Vec<Task>) -> World {
        World {
            folder: folder.to_owned(),
            tasks,
            agent: None,
            bounds: Least::default(),
            epochs: 2,
            connections: 2,
        }
    }

    fn run(&self, player: Player<'_>, progress: &(dyn Fn(&Progress) + Sync)) -> Ran {
        let entries: Vec<Entry<'_>> = self
            .tasks
            .iter()
            .map(|task| Entry {
                task,
                leaf: Digest::of(&[task.name.as_bytes()]),
                grader: task.digests().grader,
            })
            .collect();
        let order = Order {
            commitment: Digest::of(&[b"run"]),
            tasks: &entries,
            epochs: self.epochs,
            player,
            agent: self.agent.as_ref(),
            key: &RunKey::new(&mut SeededDice::new(7)),
            sampling: Sampling::default(),
            connections: self.connections,
            bounds: self.bounds,
            budget: Budget::default(),
            journal: &self.folder.join("journal"),
            canaries: &[],
            now: &|| Timestamp::UNIX_EPOCH,
            progress,
            cancel: &Cancel::default(),
        };
        run(&order, &mut SystemDice).unwrap()
    }

    /// In a journal of its own.
    fn fresh(&self, player: Player<'_>) -> Ran {
        let _ = std::fs::remove_file(self.folder.join("journal"));
        self.run(player, &|_| {})
    }
}

fn scripted() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path(), vec![word(1), word(2)]);
    let counts = |which| {
        let progress = world.fresh(Player::Scripted(which)).progress;
        (
            progress.solved,
            progress.failed,
            progress.cheated,
            progress.broken,
        )
    };
    assert_eq!(counts(Scripted::Oracle), (4, 0, 0, 0));
    assert_eq!(counts(Scripted::Wrong), (0, 4, 0, 0));
    assert_eq!(counts(Scripted::Null), (0, 4, 0, 0));
    assert_eq!(counts(Scripted::Random(3)), (0, 4, 0, 0));
    let cheated = world.fresh(Player::Scripted(Scripted::Cheating));
    assert_eq!(cheated.progress.cheated, 4);
    let sample = cheated.journal.sample(3).unwrap().unwrap();
    assert_eq!(sample.sign.as_deref(), Some("dye-pack"));
    drop(cheated);
    let refused = world.fresh(Player::Scripted(Scripted::Refusing));
    assert_eq!(
        (refused.progress.failed, refused.progress.refusals),
        (4, 12)
    );
    // A sandbox is opened by the first tool that needs one; who calls none has none.
    let sample = refused.journal.sample(0).unwrap().unwrap();
    assert_eq!(sample.transcript.sandbox, None);
}

/// Calls one tool after another, whatever comes of them.
struct Plays(Vec<ToolCall>);

impl Model for Plays {
    fn name(&self) -> &str {
        "plays"
    }

    fn respond(&self, request: &Request, _: Instant) -> Result<Response, Failure> {
        let turn = request
            .messages
            .iter()
            .filter(|message| matches!(message, Message::Assistant(_)))
            .count();
        let calls: Vec<ToolCall> = self.0.get(turn).cloned().into_iter().collect();
        Ok(Response {
            model: "plays".into(),
            stop: if calls.is_empty() {
                Stop::End
            } else {
                Stop::Tools
            },
            message: Assistant {
                calls,
                ..Assistant::said("Next.")
            },
            usage: Usage {
                input: 100,
                output: 10,
                ..Usage::default()
            },
            ..Response::default()
        })
    }
}

fn call(name: &str, arguments: &str) -> ToolCall {
    ToolCall::new(&format!("call of {name}"), name, arguments)
}

/// What a model was told by its tools, in order.
fn told(ran: &Ran, number: u32) -> Vec<String> {
    let sample = ran.journal.sample(number).unwrap().unwrap();
    let events = sample.transcript.events.into_iter();
    events
        .filter_map(|event| match event.what {
            What::Tool(done) => Some(format!(
                "{}{}",
                if done.is_error { "! " } else { "" },
                done.text
            )),
            _ => None,
        })
        .collect()
}

fn tools() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new(folder.path(), vec![word(1)]);
    world.epochs = 1;
    let plays = Plays(vec![
        call(
            "write_file",
            r#"{"path": "own/script", "content": "cat deep/word\n", "executable": true}"#,
        ),
        call("read_file", r#"{"path": "notes"}"#),
        call("read_file", r#"{"path": "none"}"#),
        call("shell", "ls"),
        call(
            "shell",
            r#"{"command": "sh own/script; echo well >&2; exit 3"}"#,
        ),
        call("curl", "{}"),
        call("submit", r#"{"answer": "not it"}"#),
    ]);
    let ran = world.fresh(Player::Model(&plays));
    let told = told(&ran, 0);
    assert_eq!(
        told,
        [
            "wrote 14 bytes to `own/script`",
            "It is deep.\n",
            "! `none`: No such file or directory (os error 2)",
            "! arguments are no JSON (expected value at line 1 column 1); write them as an object, `{\"name\": …}`",
            "[flag]\n[standard error]\nwell\n[ended with 3]",
            "! there is no tool `curl`; there are `shell`, `read_file`, `write_file` and `submit`",
            "handed in",
        ]
    );
    let sample = ran.journal.sample(0).unwrap().unwrap();
    assert_eq!(
        sample.transcript.submission,
        Submitted::Text("not it".into())
    );
    assert_eq!(
        (
            sample.record.turns,
            sample.record.tokens_input,
            sample.record.tokens_output
        ),
        (7, 700, 70)
    );
    let seen = sample.transcript.sandbox.unwrap();
    assert!(
        seen.changes
            .iter()
            .any(|change| &*change.path == "/task/own/script")
    );
    assert!(seen.traffic.iter().all(|one| one.sent_bytes == 0));
    // The ninth turn is one more than it has.
    drop(ran);
    let all = vec![call("shell", r#"{"command": "true"}"#); 9];
    let ran = world.fresh(Player::Model(&Plays(all)));
    let sample = ran.journal.sample(0).unwrap().unwrap();
    assert_eq!(
        (sample.record.turns, sample.record.limit),
        (8, Some(Limit::Turns))
    );
    assert_eq!(
        (sample.record.outcome, sample.record.validity),
        (Outcome::Failed, Validity::Valid)
    );
}

fn time() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new(folder.path(), vec![word(1)]);
    (world.epochs, world.bounds.milliseconds) = (1, Some(1_500));
    let mark = format!("{}.5", 200_000 + std::process::id());
    let command = format!(r#"{{"command": "setsid sleep {mark} & sleep {mark}"}}"#);
    let begun = Instant::now();
    let ran = world.fresh(Player::Model(&Plays(vec![call("shell", &command)])));
    assert!(begun.elapsed() < Duration::from_secs(25));
    let record = &ran.journal.records()[0];
    assert_eq!(
        (record.limit, record.validity),
        (Some(Limit::Time), Validity::Valid)
    );
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let mut words = all.filter_map(|one| std::fs::read(one.path().join("cmdline")).ok());
    assert!(!words.any(|words| String::from_utf8_lossy(&words).contains(&mark)));
}

fn files() {
    let folder = tempfile::tempdir().unwrap();
    let grade = "command = [\"sh\", \"grade.sh\"]\nnetwork = \"none\"\nseconds = 20\n[grade.cheat]";
    let answer = "answer = \"file\"\npath = \"/task/out\"";
    let solution =
        "mkdir -p out/b; cp deep/word out/b/word; touch out/a; ln -s /etc/passwd out/link";
    let mut world = World::new(folder.path(), vec![task(1, answer, grade, solution)]);
    world.epochs = 1;
    let ran = world.fresh(Player::Scripted(Scripted::Oracle));
    let sample = ran.journal.sample(0).unwrap().unwrap();
    assert_eq!(sample.record.outcome, Outcome::Solved, "{sample:?}");
    let Submitted::Files(files) = &sample.transcript.submission else {
        panic!("{:?}", sample.transcript.submission);
    };
    let paths: Vec<&str> = files.iter().map(|file| &*file.path).collect();
    assert_eq!(paths, ["a", "b/word"]);
    drop(ran);
    // Who hands in what is not there is told so, and may go on.
    let plays = Plays(vec![
        call("submit", "{}"),
        call(
            "shell",
            r#"{"command": "mkdir -p out/b; cp deep/word out/b/; touch out/a"}"#,
        ),
        call("submit", "{}"),
    ]);
    let ran = world.fresh(Player::Model(&plays));
    assert_eq!(ran.progress.solved, 1);
    assert_eq!(
        told(&ran, 0)[0],
        "! `/task/out`: No such file or directory (os error 2)"
    );
}

/// A small agent as somebody might bring it: it asks the model for a command until it says what the answer is.
const BROUGHT: &str = r#"
import json, os, subprocess, urllib.request
task = open(os.environ["SEAMARK_TASK"]).read()
messages = [{"role": "system", "content": "I was brought."}, {"role": "user", "content": task}]
while True:
    body = {"model": os.environ["SEAMARK_MODEL"], "messages": messages, "temperature": 1}
    request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"})
    said = json.load(urllib.request.urlopen(request))["choices"][0]["message"]["content"]
    messages.append({"role": "assistant", "content": said})
    kind, _, rest = said.partition(" ")
    if kind == "answer":
        print(rest)
        break
    if kind == "outside":
        try:
            urllib.request.urlopen("http://192.0.2.1/", timeout=2)
            done = "reached"
        except OSError as error:
            done = "not reached"
    else:
        done = subprocess.run(rest, shell=True, capture_output=True, text=True).stdout
    messages.append({"role": "user", "content": done})
"#;

/// Says its lines one after another; the last with the last word it was told.
struct Says {
    lines: Vec<&'static str>,
    asked: Mutex<Vec<Sampling>>,
}

impl Model for Says {
    fn name(&self) -> &str {
        "says"
    }

    fn respond(&self, request: &Request, _: Instant) -> Result<Response, Failure> {
        self.asked.lock().unwrap().push(request.sampling.clone());
        let turn = request
            .messages
            .iter()
            .filter(|message| matches!(message, Message::Assistant(_)))
            .count();
        let last = match request.messages.last() {
            Some(Message::User(text)) => text.trim().to_owned(),
            _ => String::new(),
        };
        let line = self.lines.get(turn).copied().unwrap_or("run true");
        Ok(Response {
            model: "says".into(),
            message: Assistant::said(line.replace("LAST", &last)),
            usage: Usage {
                input: 100,
                output: 10,
                ..Usage::default()
            },
            ..Response::default()
        })
    }
}

fn brought_world(folder: &Path) -> World {
    let files = vec![("main.py".into(), BROUGHT.as_bytes().to_vec(), false)];
    let words = ["python3", "/agent/main.py"].map(Into::into).to_vec();
    let mut world = World::new(folder, vec![word(1)]);
    world.agent = Some(Agent::new(words, files).unwrap());
    world.epochs = 1;
    world
}

fn brought() {
    let folder = tempfile::tempdir().unwrap();
    let world = brought_world(folder.path());
    let says = Says {
        lines: vec![
            "run cat notes",
            "outside",
            "run cat deep/word",
            "answer LAST",
        ],
        asked: Mutex::new(Vec::new()),
    };
    let ran = world.fresh(Player::Model(&says));
    let sample = ran.journal.sample(0).unwrap().unwrap();
    assert_eq!(
        (sample.record.outcome, sample.record.validity),
        (Outcome::Solved, Validity::Valid),
        "{sample:?}"
    );
    assert_eq!((sample.record.turns, sample.record.tokens_input), (4, 400));
    assert_eq!(
        sample.record.scaffold,
        world.agent.as_ref().unwrap().digest()
    );
    let lines: Vec<String> = sample
        .transcript
        .events
        .iter()
        .map(|event| match &event.what {
            What::System(text) => format!("system {text}"),
            What::User(text) => format!("user {}", text.trim()),
            What::Answer(answer) => format!("answer {}", answer.text),
            What::Tool(done) => format!("{} {}", done.name, done.text.trim()),
        })
        .collect();
    assert_eq!(
        lines,
        [
            "user Find the word.",
            "system I was brought.",
            "user Find the word.",
            "answer run cat notes",
            "user It is deep.",
            "answer outside",
            "user not reached",
            "answer run cat deep/word",
            "user [flag]",
            "answer answer [flag]",
            "agent [flag]",
        ]
    );
    assert_eq!(
        says.asked.lock().unwrap()[0].temperature.as_deref(),
        Some("1")
    );
    let lo = sample.transcript.sandbox.unwrap().traffic;
    assert!(
        lo.iter()
            .any(|one| &*one.interface == "lo" && one.sent_bytes > 1_000),
        "{lo:?}"
    );
}

fn brought_limits() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = brought_world(folder.path());
    world.bounds.turns = Some(3);
    let says = || Says {
        lines: Vec::new(),
        asked: Mutex::new(Vec::new()),
    };
    let ran = world.fresh(Player::Model(&says()));
    let record = &ran.journal.records()[0];
    assert_eq!(
        (record.turns, record.limit, record.outcome),
        (3, Some(Limit::Turns), Outcome::Failed)
    );
    drop(ran);
    (world.bounds.turns, world.bounds.tokens) = (None, Some(300));
    let ran = world.fresh(Player::Model(&says()));
    let record = &ran.journal.records()[0];
    assert_eq!((record.turns, record.limit), (3, Some(Limit::Tokens)));
    drop(ran);
    // One that never ends.
    let words = ["sh", "-c", "sleep 1000"].map(Into::into).to_vec();
    world.agent = Some(Agent::new(words, Vec::new()).unwrap());
    (world.bounds.tokens, world.bounds.milliseconds) = (None, Some(1_500));
    let ran = world.fresh(Player::Model(&says()));
    assert_eq!(ran.journal.records()[0].limit, Some(Limit::Time));
}

/// Plays as an oracle would, slowly, so that there is something in flight to be killed.
struct Slowly;

impl Model for Slowly {
    fn name(&self) -> &str {
        "slowly"
    }

    fn respond(&self, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        std::thread::sleep(Duration::from_millis(20));
        let last = match request.messages.last() {
            Some(Message::Tool(result)) => {
                result.text.lines().next().unwrap_or_default().to_owned()
            }
            _ => String::new(),
        };
        let plays = Plays(vec![
            call("shell", r#"{"command": "cat deep/word"}"#),
            ToolCall::new("2", "submit", &format!(r#"{{"answer": "{last}"}}"#)),
        ]);
        plays.respond(request, deadline)
    }
}

fn killed_world(folder: &Path) -> World {
    let mut tasks: Vec<Task> = (1..=3).map(word).collect();
    // One that it does not solve: its word is written backwards.
    tasks[1] = task(2, "answer = \"text\"", "secret = true", "rev deep/word");
    let backwards = file("mkdir deep; echo $SEAMARK_SECRET | rev > deep/word");
    tasks[1].preparation.insert("prepare.sh".into(), backwards);
    World {
        epochs: 4,
        ..World::new(folder, tasks)
    }
}

fn to_be_killed(folder: &Path) -> ExitCode {
    killed_world(folder).run(Player::Model(&Slowly), &|_| {});
    ExitCode::SUCCESS
}

fn killed() {
    let scorecard = |ran: &Ran| -> Vec<String> {
        let records = ran.journal.records().into_iter();
        records
            .map(|one| {
                format!(
                    "{} {} {} {:?} {:?} {} {} {} {}",
                    one.number,
                    one.task,
                    one.epoch,
                    one.outcome,
                    one.validity,
                    one.target,
                    one.turns,
                    one.tokens_input,
                    one.egress
                )
            })
            .collect()
    };
    let whole = tempfile::tempdir().unwrap();
    let ran = killed_world(whole.path()).run(Player::Model(&Slowly), &|_| {});
    let expected = scorecard(&ran);
    assert_eq!((ran.progress.solved, ran.progress.failed), (8, 4));
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let mut kills = 0;
    loop {
        let mut child = Command::new("/proc/self/exe")
            .arg("slowly")
            .arg(folder.path())
            .spawn()
            .unwrap();
        let before = std::fs::metadata(&journal).map_or(0, |meta| meta.len());
        // As soon as it has entered a few thousand bytes more.
        let ended = loop {
            let now = std::fs::metadata(&journal).map_or(0, |meta| meta.len());
            if now > before + 8_000 {
                break false;
            }
            if child.try_wait().unwrap().is_some() {
                break true;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        if ended || kills == 3 {
            let _ = child.wait();
            break;
        }
        // SIGKILL: nothing of it runs any more.
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
    }
    assert!(kills >= 2, "it was killed {kills} times");
    let ran = killed_world(folder.path()).run(Player::Model(&Slowly), &|_| {});
    assert_eq!(scorecard(&ran), expected);
    let begun: u32 = ran
        .journal
        .samples()
        .map(|sample| sample.unwrap().begun)
        .sum();
    // No more than what was in flight is made again.
    assert!(
        begun > 12 && begun <= 12 + 2 * kills,
        "{begun} attempts, {kills} kills"
    );
}

fn practice() {
    let suite = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/practice");
    let suite = Suite::read_folder(Path::new(suite)).unwrap_or_else(|refusal| panic!("{refusal}"));
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new(folder.path(), suite.tasks);
    world.epochs = 1;
    let count = world.tasks.len() as u32;
    let wrong = |ran: &Ran, right: &dyn Fn(&bench::run::Sample) -> bool| -> Vec<String> {
        let samples = ran.journal.samples().map(Result::unwrap);
        samples
            .filter(|sample| !right(sample))
            .map(|one| {
                format!(
                    "{}: {:?} {:?} {:?} {}",
                    one.task, one.record.outcome, one.record.validity, one.sign, one.reason
                )
            })
            .collect()
    };
    let none: Vec<String> = Vec::new();
    let ran = world.fresh(Player::Scripted(Scripted::Oracle));
    let is_solved = |one: &bench::run::Sample| {
        one.record.outcome == Outcome::Solved && one.record.validity == Validity::Valid
    };
    assert_eq!(wrong(&ran, &is_solved), none);
    assert_eq!((ran.progress.solved, &ran.halt), (count, &None::<Halt>));
    drop(ran);
    let ran = world.fresh(Player::Scripted(Scripted::Cheating));
    let is_caught = |one: &bench::run::Sample| {
        let task = world
            .tasks
            .iter()
            .find(|task| task.name == one.task)
            .unwrap();
        one.record.validity != Validity::Valid
            && one.sign.as_deref() == Some(task.scripts.expects.as_str())
    };
    assert_eq!(wrong(&ran, &is_caught), none);
    drop(ran);
    let ran = world.fresh(Player::Scripted(Scripted::Null));
    assert_eq!((ran.progress.failed, ran.progress.solved), (count, 0));
}
