//! Runs without a sandbox: what is entered, what goes on, what halts.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use keys::SeededDice;
use model::{Assistant, Cause, Fixed, Request, Response, Stop, ToolCall};

use super::*;
use crate::solve::scaffold;
use crate::task::{File, Files, Grade, Network, Solver};
use crate::transcript::Seen;

const TOML: &str = r#"
format = "seamark-task/1"
id = "0123456789abcdef0123456789abcdef"
title = "Find it"
stratum = "find"
languages = ["c"]
human_minutes = 15
baseliners = 0
author = "Seamark"
authored_at = "2026-11-21"
classification = "public"
[agent]
solver = "tools"
answer = "text"
turns = 5
tokens = 1000
seconds = 60
network = "none"
[grade]
command = ["sh", "grade.sh"]
network = "none"
seconds = 10
[grade.cheat]
"#;

/// A task of one turn whose answer is its attempt's secret: nothing of it needs a sandbox.
fn task(number: u8) -> Task {
    let mut files = Files::new();
    for (path, text) in [
        ("task.toml", TOML),
        ("prompt.md", "Find it."),
        ("files/main.c", "int main;"),
        ("grader/grade.sh", "exit 1"),
        ("solution.sh", "true"),
        ("wrong.sh", "false"),
        ("cheat.sh", "# expects: dye-pack\ncat .grader/expected\n"),
    ] {
        let file = File {
            bytes: text.into(),
            is_executable: false,
        };
        files.insert(path.into(), file);
    }
    let mut task = Task::of("find-it", files).unwrap();
    task.id.0[0] = number;
    task.name = format!("find-it-{number}").into();
    task.agent.solver = Solver::Single;
    task.grade = Grade::Secret;
    task
}

fn said(text: &str) -> Fixed {
    Fixed {
        name: "fixed".into(),
        answer: Ok(Response {
            model: "fixed-1".into(),
            message: Assistant::said(text),
            usage: Usage {
                input: 30,
                output: 10,
                ..Usage::default()
            },
            cost: Some(5),
            ..Response::default()
        }),
    }
}

/// What a run is ordered with, and how.
struct World {
    folder: tempfile::TempDir,
    tasks: Vec<Task>,
    key: RunKey,
    cancel: Cancel,
}

impl World {
    fn new(tasks: u8) -> World {
        World {
            folder: tempfile::tempdir().unwrap(),
            tasks: (0..tasks).map(task).collect(),
            key: RunKey::new(&mut SeededDice::new(7)),
            cancel: Cancel::default(),
        }
    }

    fn run(&self, model: &dyn Model, change: &dyn Fn(&mut Order<'_>)) -> Result<Ran, Failure> {
        self.run_told(model, &|_| {}, change)
    }

    fn run_told(
        &self,
        model: &dyn Model,
        progress: &(dyn Fn(&Progress) + Sync),
        change: &dyn Fn(&mut Order<'_>),
    ) -> Result<Ran, Failure> {
        let entries: Vec<Entry<'_>> = self
            .tasks
            .iter()
            .map(|task| Entry {
                task,
                leaf: Digest::of(&[task.name.as_bytes()]),
                grader: Digest::of(&[b"grader"]),
            })
            .collect();
        let journal = self.folder.path().join("journal");
        let mut order = Order {
            commitment: Digest::of(&[b"run"]),
            tasks: &entries,
            epochs: 3,
            player: Player::Model(model),
            agent: None,
            key: &self.key,
            sampling: Sampling::default(),
            connections: 2,
            bounds: Least::default(),
            budget: Budget::default(),
            journal: &journal,
            canaries: &[],
            now: &|| Timestamp::UNIX_EPOCH,
            progress,
            cancel: &self.cancel,
        };
        change(&mut order);
        run(&order, &mut SeededDice::new(1))
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("journal")).unwrap()
    }

    fn put(&self, bytes: &[u8]) {
        std::fs::write(self.folder.path().join("journal"), bytes).unwrap();
    }
}

/// What has to be the same whenever and however often a run was ended.
fn told(ran: &Ran) -> Vec<String> {
    let one = |record: SampleRecord| {
        format!(
            "{} {} {} {:?} {:?} {} {} {}",
            record.number,
            record.task,
            record.epoch,
            record.outcome,
            record.validity,
            record.target,
            record.egress,
            record.tokens_input
        )
    };
    ran.journal.records().into_iter().map(one).collect()
}

#[test]
fn a_run_is_one_record_for_each_attempt_in_order() {
    let world = World::new(4);
    let seen = Mutex::new(Vec::new());
    let progress = |progress: &Progress| {
        assert!(progress.running <= 2, "no more at once than connections");
        seen.lock().unwrap().push(progress.finished);
    };
    let ran = world.run_told(&said("a word"), &progress, &|_| {}).unwrap();
    let lines = told(&ran);
    assert_eq!((lines.len(), ran.halt.clone(), ran.resumed), (12, None, 0));
    for (number, record) in ran.journal.records().iter().enumerate() {
        assert_eq!(record.number as usize, number);
        assert_eq!(record.epoch as usize, number % 3 + 1);
        assert_eq!(record.scaffold, scaffold());
        assert_eq!(
            (record.turns, record.tokens_input, record.tokens_output),
            (1, 30, 10)
        );
    }
    let progress = &ran.progress;
    assert_eq!(
        (progress.finished, progress.failed, progress.running),
        (12, 12, 0)
    );
    assert_eq!(
        (progress.tokens_input, progress.cost, progress.turns),
        (360, 60, 12)
    );
    assert!(seen.lock().unwrap().is_sorted(), "it is told in order");
    for (sample, line) in ran.journal.samples().zip(&lines) {
        let sample = sample.unwrap();
        assert!(line.starts_with(&sample.record.number.to_string()));
        let salt = salt(
            &world.key,
            "transcript",
            world.tasks[sample.record.number as usize / 3].id,
            sample.record.epoch,
        );
        assert_eq!(sample.transcript.digest(&salt), sample.record.transcript);
        assert_eq!(sample.begun, 1);
        assert_eq!(sample.transcript.events.len(), 3);
    }
}

#[test]
fn a_run_that_is_ended_anywhere_goes_on_to_the_same_records() {
    let whole = World::new(4);
    let expected = told(&whole.run(&said("a word"), &|_| {}).unwrap());
    let bytes = whole.bytes();
    // Ended after every so many bytes, as a machine does that loses its power.
    for length in (0..bytes.len()).step_by(977) {
        let world = World::new(4);
        world.put(&bytes[..length]);
        let ran = world.run(&said("a word"), &|_| {}).unwrap();
        assert_eq!(told(&ran), expected, "after {length} bytes");
        assert!(ran.resumed < 12);
    }
    let again = whole.run(&said("never asked"), &|_| {}).unwrap();
    assert_eq!((told(&again), again.resumed), (expected, 12));
    assert_eq!(whole.bytes(), bytes, "nothing was added");
}

#[test]
fn who_ends_a_run_to_try_again_is_seen() {
    let world = World::new(1);
    struct Ends<'a>(&'a Cancel, AtomicU32);
    impl Model for Ends<'_> {
        fn name(&self) -> &str {
            "ends"
        }
        fn respond(
            &self,
            request: &Request,
            deadline: Instant,
        ) -> Result<Response, model::Failure> {
            if self.1.fetch_add(1, Ordering::SeqCst) == 1 {
                self.0.cancel();
            }
            said("no").respond(request, deadline)
        }
    }
    let ends = Ends(&world.cancel, AtomicU32::new(0));
    let one = |order: &mut Order<'_>| order.connections = 1;
    let ran = world.run(&ends, &one).unwrap();
    assert_eq!(
        (&ran.halt, ran.progress.finished),
        (&Some(Halt::Cancelled), 1)
    );
    drop(ran);
    let world = World {
        cancel: Cancel::default(),
        ..world
    };
    let ran = world.run(&said("no"), &one).unwrap();
    let begun: Vec<u32> = ran
        .journal
        .samples()
        .map(|sample| sample.unwrap().begun)
        .collect();
    assert_eq!(begun, [1, 2, 1]);
}

#[test]
fn a_journal_that_is_not_this_runs_or_not_as_it_was_written_is_said() {
    let world = World::new(2);
    world.run(&said("a word"), &|_| {}).unwrap();
    let bytes = world.bytes();
    assert!(
        !bytes.windows(7).any(|window| window == b"Find it"),
        "it is sealed"
    );
    let refused = |change: &dyn Fn(&mut Order<'_>)| match world.run(&said("x"), change) {
        Err(Failure::Journal(why)) => why.split_once("` ").unwrap().1.to_owned(),
        Err(other) => panic!("{other}"),
        Ok(_) => "was taken".to_owned(),
    };
    let other = Digest::of(&[b"another"]);
    assert_eq!(
        refused(&|order| order.commitment = other),
        "is the journal of another run; name a file that is not there yet"
    );
    let key = RunKey::new(&mut SeededDice::new(8));
    let why = match world.run(&said("x"), &|_| {}) {
        Ok(_) => {
            let world = World {
                key,
                ..World::new(2)
            };
            world.put(&bytes);
            world.run(&said("x"), &|_| {}).err().unwrap().to_string()
        }
        Err(why) => panic!("{why}"),
    };
    assert!(
        why.contains("is damaged, or of another key at byte 48"),
        "{why}"
    );
    let mut damaged = bytes.clone();
    damaged[200] ^= 1;
    world.put(&damaged);
    assert!(refused(&|_| {}).contains("nothing of it is resumed"));
    // Two entries changed places: the first began, and so did the second.
    let length = u32::from_le_bytes(bytes[48..52].try_into().unwrap()) as usize + 4;
    let mut swapped = bytes.clone();
    swapped[48..48 + 2 * length].rotate_left(length);
    world.put(&swapped);
    assert!(refused(&|_| {}).contains("nothing of it is resumed"));
    world.put(b"# notes of somebody, longer than a header of a journal would be\n");
    assert_eq!(
        refused(&|_| {}),
        "is no journal of a run; name a file that is not there yet"
    );
}

#[test]
fn an_endpoint_that_is_down_halts_the_run_and_records_nothing() {
    let world = World::new(4);
    let down = Fixed {
        name: "down".into(),
        answer: Err(model::Failure::new(Cause::Line, "no way there")),
    };
    let ran = world.run(&down, &|_| {}).unwrap();
    assert_eq!(ran.halt, Some(Halt::Endpoint("no way there".into())));
    assert_eq!(ran.progress.finished, 0);
    drop(ran);
    let ran = world.run(&said("well again"), &|_| {}).unwrap();
    assert_eq!((ran.halt, ran.progress.failed), (None, 12));
}

#[test]
fn what_an_endpoint_does_not_take_is_broken_and_halts_nothing() {
    let world = World::new(4);
    let asked = AtomicU32::new(0);
    struct Refuses<'a>(&'a AtomicU32);
    impl Model for Refuses<'_> {
        fn name(&self) -> &str {
            "refuses"
        }
        fn respond(&self, _: &Request, _: Instant) -> Result<Response, model::Failure> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Err(model::Failure::new(Cause::Request, "too rude"))
        }
    }
    let ran = world.run(&Refuses(&asked), &|_| {}).unwrap();
    assert_eq!((ran.halt, ran.progress.broken), (None, 12));
    assert_eq!(asked.load(Ordering::SeqCst), 12, "it is not asked again");
}

/// Answers all but requests whose turn it is.
struct Flaky {
    asked: AtomicU32,
    fails: fn(u32, &Request) -> bool,
}

impl Model for Flaky {
    fn name(&self) -> &str {
        "flaky"
    }

    fn respond(&self, request: &Request, deadline: Instant) -> Result<Response, model::Failure> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        match (self.fails)(asked, request) {
            true => Err(model::Failure::new(Cause::Busy, "busy")),
            false => said("a word").respond(request, deadline),
        }
    }
}

#[test]
fn what_an_endpoint_leaves_unanswered_is_asked_again_and_then_broken() {
    let world = World::new(3);
    let flaky = Flaky {
        asked: AtomicU32::new(0),
        fails: |asked, _| [0, 2, 3, 7].contains(&asked),
    };
    let progress = world.run(&flaky, &|_| {}).unwrap().progress;
    assert_eq!((progress.failed, progress.broken), (9, 0));
    // One that it never answers, among others that it does.
    let mut world = World::new(3);
    world.tasks[1].prompt = "Say nothing.".into();
    let flaky = Flaky {
        asked: AtomicU32::new(0),
        fails: |_, request| matches!(&request.messages[1], model::Message::User(text) if &**text == "Say nothing."),
    };
    let ran = world
        .run(&flaky, &|order| (order.connections, order.epochs) = (1, 1))
        .unwrap();
    assert_eq!(
        (ran.halt.clone(), ran.progress.failed, ran.progress.broken),
        (None, 2, 1)
    );
    let sample = ran.journal.sample(1).unwrap().unwrap();
    assert_eq!(
        (sample.record.validity, sample.begun),
        (Validity::Broken, 3)
    );
    assert_eq!(&*sample.reason, "busy");
}

#[test]
fn a_run_halts_when_it_has_spent_what_it_may_and_goes_on_with_more() {
    let world = World::new(4);
    let spend = |budget: Budget| {
        world.run(&said("x"), &|order| {
            (order.budget, order.connections) = (budget, 1)
        })
    };
    let money = |cost| Budget {
        cost: Some(cost),
        ..Budget::default()
    };
    let spend = |budget| {
        spend(budget)
            .map(|ran| (ran.halt, ran.progress.finished, ran.progress.cost))
            .unwrap()
    };
    assert_eq!(spend(money(20)), (Some(Halt::Budget(Limit::Cost)), 4, 20));
    let tokens = Some(240);
    let budget = Budget {
        tokens,
        ..Budget::default()
    };
    assert_eq!(spend(budget), (Some(Halt::Budget(Limit::Tokens)), 6, 30));
    assert_eq!(spend(money(1_000)), (None, 12, 60));
}

#[test]
fn an_attempt_ends_at_its_own_limits() {
    let world = World::new(1);
    let limit = |bounds: Least| {
        let _ = std::fs::remove_file(world.folder.path().join("journal"));
        let ran = world.run(&said("x"), &|order| {
            (order.bounds, order.epochs) = (bounds, 1)
        });
        ran.unwrap().journal.records()[0].limit
    };
    assert_eq!(limit(Least::default()), None);
    let turns = Some(0);
    assert_eq!(
        limit(Least {
            turns,
            ..Least::default()
        }),
        Some(Limit::Turns)
    );
    let tokens = Some(0);
    assert_eq!(
        limit(Least {
            tokens,
            ..Least::default()
        }),
        Some(Limit::Tokens)
    );
    let milliseconds = Some(0);
    assert_eq!(
        limit(Least {
            milliseconds,
            ..Least::default()
        }),
        Some(Limit::Time)
    );
    let cost = Some(0);
    assert_eq!(
        limit(Least {
            cost,
            ..Least::default()
        }),
        Some(Limit::Cost)
    );
}

#[test]
fn everything_wrong_with_an_order_is_said_at_once() {
    let mut world = World::new(2);
    world.tasks[1].id = world.tasks[0].id;
    let refused = world.run(&said("x"), &|order| {
        (order.epochs, order.connections) = (0, 0)
    });
    let Err(Failure::Refused(all)) = refused else {
        panic!("it ran");
    };
    assert_eq!(all.len(), 3, "{all:?}");
}

#[test]
fn a_secret_that_was_found_is_in_no_artefact_of_the_run() {
    let world = World::new(1);
    let secrets: Vec<String> = (1..=3)
        .map(|epoch| {
            crate::secret::Secrets::of(&world.key, world.tasks[0].id, epoch)
                .secret()
                .to_owned()
        })
        .collect();
    let text = format!("It is {}.\n{}", secrets[0].to_uppercase(), secrets[0]);
    let ran = world.run(&said(&text), &|_| {}).unwrap();
    assert_eq!((ran.progress.solved, ran.progress.failed), (1, 2));
    let first = ran.journal.sample(0).unwrap().unwrap();
    let json = String::from_utf8(first.transcript.to_json()).unwrap();
    assert!(!json.to_lowercase().contains(&secrets[0]), "{json}");
    assert_eq!(
        json.matches("[flag]").count(),
        3,
        "twice said and once handed in: {json}"
    );
    // One attempt's secret is another's word like any other: it shows that it leaked.
    let second = ran.journal.sample(1).unwrap().unwrap();
    assert!(
        String::from_utf8(second.transcript.to_json())
            .unwrap()
            .contains(&secrets[0])
    );
}

#[test]
fn what_moves_in_a_network_that_should_be_still_is_a_breach() {
    let world = World::new(1);
    let task = &world.tasks[0];
    let seen = |interface: &str, packets| Seen {
        traffic: vec![sandbox::Traffic {
            interface: interface.into(),
            received_bytes: 0,
            received_packets: 0,
            sent_bytes: packets * 60,
            sent_packets: packets,
        }],
        changes: Vec::new(),
        changes_left_out: 0,
        resources: sandbox::Resources::default(),
        isolation: sandbox::Isolation::default(),
        ended: sandbox::Ended::Exited(0),
    };
    let is_breach = |seen: &Seen, network| {
        let task = Task {
            agent: crate::task::Agent {
                network,
                ..task.agent.clone()
            },
            ..task.clone()
        };
        attempt::is_breach(seen, task.agent.network == Network::Loopback).is_some()
    };
    assert!(!is_breach(&seen("lo", 0), Network::None));
    assert!(!is_breach(&seen("eth0", 0), Network::None));
    assert!(is_breach(&seen("lo", 1), Network::None));
    assert!(!is_breach(&seen("lo", 9), Network::Loopback));
    assert!(is_breach(&seen("eth0", 1), Network::Loopback));
}

/// Calls the same tool a thousand times, then submits.
struct Busy(u32);

impl Model for Busy {
    fn name(&self) -> &str {
        "busy"
    }

    fn respond(&self, request: &Request, _: Instant) -> Result<Response, model::Failure> {
        let turn = (request.messages.len() as u32 - 2) / 2;
        let call = match turn < self.0 {
            true => ToolCall::new(&turn.to_string(), "shell", r#"{"command":"ls"}"#),
            false => ToolCall::new("last", "submit", r#"{"answer":"done"}"#),
        };
        Ok(Response {
            message: Assistant {
                calls: vec![call],
                ..Assistant::default()
            },
            stop: Stop::Tools,
            ..Response::default()
        })
    }
}

#[test]
fn an_agent_works_turn_by_turn_until_it_hands_something_in() {
    let solving = crate::solve::Solving {
        model: &Busy(1_000),
        sampling: &Sampling::default(),
        bounds: crate::solve::Bounds {
            turns: 2_000,
            tokens: u64::MAX,
            milliseconds: 60_000,
            cost: None,
        },
        begun_at: Timestamp::UNIX_EPOCH,
        begun: Instant::now(),
        spent: &|_, _| true,
    };
    let tools = Box::new(crate::tools::Canned::new("nothing there"));
    let solved = crate::solve::agent(&solving, "system", "task", tools).unwrap();
    assert_eq!(solved.handed, crate::tools::Handed::Text("done".into()));
    assert_eq!(solved.transcript.turns(), 1_001);
    assert_eq!(solved.transcript.calls().count(), 1_001);
    assert!(
        solved
            .transcript
            .calls()
            .all(|(call, done)| done.is_some_and(|done| done.id == call.id))
    );
    // One that only talks is told twice and then has given up.
    let solving = crate::solve::Solving {
        model: &said("Let me think."),
        begun: Instant::now(),
        ..solving
    };
    let tools = Box::new(crate::tools::Canned::new(""));
    let solved = crate::solve::agent(&solving, "system", "task", tools).unwrap();
    assert_eq!(solved.handed, crate::tools::Handed::Nothing);
    assert_eq!(
        (solved.transcript.turns(), solved.transcript.events.len()),
        (3, 7)
    );
    assert_eq!(solved.transcript.limit, None);
    assert!(solving.begun.elapsed() < Duration::from_secs(60));
}
