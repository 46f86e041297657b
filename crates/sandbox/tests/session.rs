//! Sessions: calls act on the same files, nothing but those outlives a call, and nothing inside reaches the harness.
//!
//! Has a `main` of its own, for the sandbox starts this program again as its supervisor; and as a client inside.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops where anything goes wrong, and starts a compiler"
)]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use sandbox::{
    Call, Called, Cancel, Changed, Ended, Failure, Given, Kind, Limits, Network, Run, Session,
};

fn main() -> ExitCode {
    if let Some(code) = sandbox::entered() {
        return code;
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [client, port] = words.as_slice()
        && client == "client"
    {
        return talk_to(port);
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
        test();
        println!("test {name} ... ok");
    }
    ExitCode::SUCCESS
}

const TESTS: &[(&str, fn())] = &[
    ("calls act on the same files", same_files),
    (
        "what a daemon of a call hides in ends with the call",
        daemons,
    ),
    (
        "a call that takes too long is ended with all it started",
        too_long,
    ),
    (
        "a fork bomb ends with its call and the next call runs",
        fork_bomb,
    ),
    ("a call sees no descriptor but its three", descriptors),
    (
        "the first process is neither signaled nor bounded nor read",
        first_process,
    ),
    (
        "who takes all memory is ended and the session goes on",
        memory,
    ),
    ("the disk is bounded over all calls", disk),
    ("of much output the first and the last are kept", flood),
    (
        "input goes in and files of the processes do not come out",
        files,
    ),
    (
        "a submission is taken as data and no link is followed",
        taken,
    ),
    (
        "programs inside reach the harness by its listener alone",
        listener,
    ),
    ("without a network no counter moves", traffic),
    (
        "a session that is dropped ends with everything inside",
        dropped,
    ),
    ("when its time is over nothing is asked any more", time),
    (
        "no attempt to get out of a run gets out of a session",
        attacks,
    ),
    ("who is told to end ends in the middle of a call", cancelled),
    ("everything wrong is said at once", wrong),
];

fn open() -> Session {
    Session::open(&run()).unwrap()
}

fn run() -> Run {
    Run {
        folder: "/task".into(),
        ..Run::of([""; 0])
    }
}

fn sh(session: &mut Session, line: &str) -> Called {
    session.call(&Call::of(["sh", "-c", line])).unwrap()
}

fn said(session: &mut Session, line: &str) -> String {
    let called = sh(session, line);
    format!("{}{}", called.output.text(), called.errors.text())
}

/// Whether any process of this machine has `mark` among its words.
fn runs(mark: &str) -> bool {
    let all = fs::read_dir("/proc").unwrap().flatten();
    all.filter_map(|one| fs::read(one.path().join("cmdline")).ok())
        .any(|words| String::from_utf8_lossy(&words).contains(mark))
}

/// A number of seconds that nobody else sleeps for.
fn mark(of: u32) -> String {
    format!("{}.{of}", 100_000 + std::process::id())
}

fn same_files() {
    let given = Given {
        path: "/task/given".into(),
        bytes: b"as it was".to_vec(),
        executable: false,
    };
    let mut session = Session::open(&Run {
        files: vec![given],
        ..run()
    })
    .unwrap();
    assert_eq!(
        said(&mut session, "pwd; cat given; echo one > new"),
        "/task\nas it was"
    );
    assert_eq!(said(&mut session, "cat new; echo two > given"), "one\n");
    assert_eq!(session.read("given", 100).unwrap(), b"two\n");
    session
        .write("deep/er/file", b"#!/bin/sh\necho ran", true)
        .unwrap();
    assert_eq!(said(&mut session, "deep/er/file"), "ran\n");
    let failed = sh(&mut session, "echo to >&2; exit 3");
    assert_eq!(failed.ended, Ended::Exited(3));
    assert_eq!(failed.errors.text(), "to\n");
    let missing = session.call(&Call::of(["no-such-program"])).unwrap();
    assert!(matches!(missing.ended, Ended::NotStarted(_)), "{missing:?}");
    let transcript = session.close().unwrap();
    assert_eq!(transcript.ended, Ended::Exited(0));
    let written: Vec<_> = transcript
        .changes
        .iter()
        .filter(|change| change.how == Changed::Written)
        .map(|change| &*change.path)
        .collect();
    assert_eq!(written, ["/task/deep/er/file", "/task/given", "/task/new"]);
    assert_eq!(transcript.isolation.namespaces.len(), 7);
}

fn daemons() {
    let mut session = open();
    let mark = mark(1);
    let line = format!(
        "(setsid sh -c 'setsid sleep {mark} & setsid nohup sleep {mark}' &) ; sleep 0.2; echo done"
    );
    let called = sh(&mut session, &line);
    assert_eq!(called.output.text(), "done\n");
    assert!(called.left_behind >= 2, "{called:?}");
    assert!(!runs(&mark), "nothing of it is left");
    // What holds the streams of a call open does not hold up the call.
    let begun = Instant::now();
    let called = sh(&mut session, &format!("sleep {mark} & echo at once"));
    assert_eq!(called.output.text(), "at once\n");
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert!(!runs(&mark), "nothing of it is left");
}

fn too_long() {
    let mut session = open();
    let mark = mark(2);
    let line = format!(
        "trap '' TERM INT HUP; echo begun; setsid sleep {mark} & sleep {mark}; sleep {mark}"
    );
    let call = Call {
        milliseconds: 300,
        ..Call::of(["sh", "-c", &line])
    };
    let called = session.call(&call).unwrap();
    assert_eq!(called.ended, Ended::TimedOut);
    assert_eq!(called.output.text(), "begun\n");
    assert!(!runs(&mark), "nothing of it is left");
    assert_eq!(said(&mut session, "echo on"), "on\n");
}

fn fork_bomb() {
    let mut session = Session::open(&Run {
        limits: Limits {
            processes: 30,
            ..Limits::default()
        },
        ..run()
    })
    .unwrap();
    for _ in 0..3 {
        let call = Call {
            milliseconds: 500,
            ..Call::of(["sh", "-c", "bomb() { bomb | bomb & }; bomb; sleep 5"])
        };
        let bomb = session.call(&call).unwrap();
        assert!(bomb.left_behind <= 31, "{bomb:?}");
        assert_eq!(said(&mut session, "echo on"), "on\n");
    }
}

fn descriptors() {
    let mut session = Session::open(&Run {
        network: Network::Loopback,
        ..run()
    })
    .unwrap();
    let _listener = session.listen(8_080).unwrap();
    // `ls` itself opens the folder.
    assert_eq!(
        said(
            &mut session,
            "ls /proc/self/fd | tr '\\n' ' '; ls -l /proc/self/fd | grep -c socket"
        ),
        "0 1 2 3 0\n"
    );
    // Of the first process nothing is there.
    let first = said(
        &mut session,
        "ls /proc/1/fd; cat /proc/1/environ; cat /proc/1/maps; cat /proc/1/fd/0; readlink /proc/1/exe; ls -d /proc/1",
    );
    let refused = ["Operation not permitted", "No such file or directory"];
    let is_refused = |line: &str| refused.iter().any(|why| line.ends_with(why));
    assert!(
        first.lines().count() == 5 && first.lines().all(is_refused),
        "{first}"
    );
}

fn first_process() {
    let mut session = open();
    sh(
        &mut session,
        "kill -9 1; kill -STOP 1; kill -TERM 1; kill -9 -1",
    );
    assert_eq!(said(&mut session, "echo on"), "on\n");
    let bounded = said(
        &mut session,
        "prlimit --pid 1 --cpu=1:1 && echo GOT OUT; prlimit --pid 1 --nofile=0:0 && echo GOT OUT; \
         echo 1000 > /proc/1/oom_score_adj && echo GOT OUT; echo x > /proc/1/mem && echo GOT OUT",
    );
    assert!(!bounded.contains("GOT OUT"), "{bounded}");
    assert_eq!(said(&mut session, "ulimit -n"), "1024\n");
}

fn memory() {
    let mut session = Session::open(&Run {
        limits: Limits {
            memory_bytes: 128 << 20,
            disk_bytes: 16 << 20,
            ..Limits::default()
        },
        ..run()
    })
    .unwrap();
    session.write("kept", b"still here", false).unwrap();
    // One line of a gigabyte, which has to be held whole.
    let hog = sh(
        &mut session,
        "head -c 1000000000 /dev/zero | tr '\\0' x | sort > /dev/null; echo $?",
    );
    // Where the kernel does not count, the session ends with it.
    if session.is_open() {
        assert_ne!(hog.output.text(), "0\n", "{hog:?}");
        assert_eq!(said(&mut session, "cat kept"), "still here");
        assert_eq!(session.close().unwrap().ended, Ended::Exited(0));
    }
}

fn disk() {
    let mut session = Session::open(&Run {
        limits: Limits {
            disk_bytes: 4 << 20,
            ..Limits::default()
        },
        ..run()
    })
    .unwrap();
    let fill = |name: &str| format!("head -c 3000000 /dev/zero > {name}");
    assert_eq!(sh(&mut session, &fill("one")).ended, Ended::Exited(0));
    assert_ne!(sh(&mut session, &fill("two")).ended, Ended::Exited(0));
    let Err(Failure::Refused(why)) = session.write("three", &[0; 3_000_000], false) else {
        panic!("more than the disk was written");
    };
    assert!(why[0].contains("No space left"), "{why:?}");
    assert_eq!(said(&mut session, "rm one two three; echo on"), "on\n");
}

fn flood() {
    let mut session = open();
    let call = Call {
        output_bytes: 1_000,
        ..Call::of([
            "sh",
            "-c",
            "printf '\\033[31mfirst'; head -c 5000000 /dev/zero | tr '\\0' x; echo last",
        ])
    };
    let called = session.call(&call).unwrap();
    assert_eq!(called.output.left_out, 5_000_000 + 15 - 1_000);
    let text = called.output.text();
    assert!(
        text.starts_with("firstxx") && text.ends_with("xlast\n"),
        "{text}"
    );
}

fn files() {
    let mut session = open();
    let call = Call {
        input: b"read by it",
        environment: vec![("NAME".into(), "value".into())],
        ..Call::of(["sh", "-c", "cat; echo; echo $NAME"])
    };
    assert_eq!(
        session.call(&call).unwrap().output.text(),
        "read by it\nvalue\n"
    );
    assert_eq!(said(&mut session, "wc -c; echo -n \"$NAME\""), "0\n");
    sh(
        &mut session,
        "ln -s /proc/self/maps maps; ln -s /proc/self/fd/0 control; mkfifo pipe; ln -s /dev/zero zero; ln -s /proc/1 first",
    );
    for path in [
        "maps",
        "control",
        "/proc/self/environ",
        "/proc/self/mem",
        "first/status",
        "pipe",
        "zero",
        "/dev/null",
        ".",
        "no-such",
        "nul\0",
    ] {
        let read = session.read(path, 1_000);
        assert!(matches!(read, Err(Failure::Refused(_))), "{path}: {read:?}");
        let written = session.write(path, b"x", false);
        assert!(
            path == "no-such" || matches!(written, Err(Failure::Refused(_))),
            "{path}: {written:?}"
        );
    }
    for path in ["first", "/proc", "/proc/1/fd", "pipe"] {
        assert!(
            matches!(session.list(path), Err(Failure::Refused(_))),
            "{path}"
        );
    }
    session.write("long", b"0123456789", false).unwrap();
    let Err(Failure::Refused(why)) = session.read("long", 9) else {
        panic!("more was read than may be");
    };
    assert_eq!(why, ["`long` has 10 bytes; at most 9 are read"]);
    let part = session.read_part("long", 7, 100).unwrap();
    assert_eq!((part.bytes.as_slice(), part.whole), (&b"789"[..], 10));
    assert!(session.is_open());
}

fn taken() {
    let mut session = open();
    sh(
        &mut session,
        "mkdir -p answer/src; echo a > answer/src/a; echo b > answer/b; chmod +x answer/b; \
         ln -s /etc/passwd answer/link; mkfifo answer/pipe; ln -s / answer/root",
    );
    let all = session.take("/task/answer", 1_000).unwrap();
    let all: Vec<_> = all
        .iter()
        .map(|one| (&*one.path, one.bytes.as_slice(), one.executable))
        .collect();
    assert_eq!(
        all,
        [("b", &b"b\n"[..], true), ("src/a", &b"a\n"[..], false)]
    );
    let one = session.take("answer/b", 2).unwrap();
    assert_eq!(one.len(), 1);
    let one = &one[0];
    assert_eq!(
        (&*one.path, one.bytes.as_slice(), one.executable),
        (
            "",
            &b"b
"[..],
            true
        )
    );
    for (path, most) in [
        ("answer", 3),
        ("answer/b", 1),
        ("answer/pipe", 9),
        ("none", 9),
    ] {
        assert!(
            matches!(session.take(path, most), Err(Failure::Refused(_))),
            "{path}"
        );
    }
    let (listed, left_out) = session.list("answer").unwrap();
    let listed: Vec<_> = listed.iter().map(|one| (&*one.name, one.kind)).collect();
    assert_eq!(left_out, 0);
    assert_eq!(
        listed,
        [
            ("b", Kind::File),
            ("link", Kind::Link),
            ("pipe", Kind::Other),
            ("root", Kind::Link),
            ("src", Kind::Folder)
        ]
    );
}

/// What a program inside does that talks to the harness.
fn talk_to(port: &str) -> ExitCode {
    let Ok(mut stream) = TcpStream::connect(format!("127.0.0.1:{port}")) else {
        println!("nobody there");
        return ExitCode::SUCCESS;
    };
    stream.write_all(b"hello\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    println!("{answer}");
    ExitCode::SUCCESS
}

fn listener() {
    let outside = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let elsewhere = outside.local_addr().unwrap().port();
    let own = Given {
        path: "/task/me".into(),
        bytes: fs::read("/proc/self/exe").unwrap(),
        executable: true,
    };
    let mut session = Session::open(&Run {
        files: vec![own],
        network: Network::Loopback,
        ..run()
    })
    .unwrap();
    let listener = session.listen(8_080).unwrap();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut hello = [0; 6];
        stream.read_exact(&mut hello).unwrap();
        stream.write_all(b"and hello to you").unwrap();
        hello
    });
    assert_eq!(said(&mut session, "./me client 8080"), "and hello to you\n");
    assert_eq!(&answering.join().unwrap(), b"hello\n");
    assert_eq!(
        said(&mut session, &format!("./me client {elsewhere}")),
        "nobody there\n"
    );
    let traffic = session.traffic().unwrap();
    let lo = traffic.iter().find(|one| &*one.interface == "lo").unwrap();
    assert!(lo.sent_bytes > 22 && lo.received_packets > 3, "{lo:?}");
    let taken = session.listen(8_081).map(drop);
    assert!(taken.is_ok());
    // A listener of a session without a loopback there is none.
    assert!(matches!(open().listen(8_080), Err(Failure::Refused(_))));
}

fn traffic() {
    let mut session = open();
    sh(
        &mut session,
        "ping -c1 -W1 127.0.0.1; wget -T1 -t1 http://192.0.2.1/; curl -m1 http://127.0.0.1",
    );
    let traffic = session.traffic().unwrap();
    assert!(traffic.iter().any(|one| &*one.interface == "lo"));
    for one in traffic {
        assert_eq!((one.sent_bytes, one.received_bytes), (0, 0), "{one:?}");
    }
}

fn dropped() {
    let mark = mark(3);
    let mut session = open();
    session
        .write("go", format!("sleep {mark}").as_bytes(), true)
        .unwrap();
    let running = std::thread::spawn(move || {
        let call = Call {
            milliseconds: 400,
            ..Call::of(["sh", "go"])
        };
        let _ = session.call(&call);
        session
    });
    while !runs(&mark) {
        assert!(!running.is_finished(), "it never ran");
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(running.join().unwrap());
    assert!(!runs(&mark));
    // The harness itself goes away: its end of the socket is closed, and all inside with it.
    let session = open();
    let supervisor = session.supervisor();
    drop(session);
    assert!(!fs::exists(format!("/proc/{supervisor}/stat")).unwrap());
}

fn time() {
    let mut session = Session::open(&Run {
        limits: Limits {
            milliseconds: 700,
            ..Limits::default()
        },
        ..run()
    })
    .unwrap();
    let mark = mark(4);
    let Err(Failure::Broken(why)) = session.call(&Call::of(["sleep", &mark])) else {
        panic!("it outlived its time");
    };
    assert_eq!(&*why, "the session ended: its time is over");
    assert!(!runs(&mark) && !session.is_open());
    assert!(matches!(session.read("x", 1), Err(Failure::Broken(_))));
    assert_eq!(session.close().unwrap().ended, Ended::TimedOut);
}

/// Those that `crates/cli/tests/escape.rs` makes of a run, with how many there are of each.
const ATTACKS: &[(&str, &str, usize)] = &[
    ("trace", "", 7),
    ("mounts", "", 13),
    ("files", "/proc/1/root/etc/shadow", 36),
    ("privileges", "", 8),
    ("kernel", "", 14),
    ("inheritance", "", 2),
];

fn attacks() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("attacks");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../cli/tests/escape/attacks.c");
    let built = Command::new("cc")
        .args(["-O1", "-w", "-o"])
        .args([program.as_os_str(), source.as_ref()])
        .status();
    assert!(built.unwrap().success(), "a C compiler builds the attacks");
    let mut session = open();
    let bytes = fs::read(&program).unwrap();
    session.write("attacks", &bytes, true).unwrap();
    for (attack, more, count) in ATTACKS {
        let call = Call::of(["/task/attacks", attack, more]);
        let tried = session.call(&call).unwrap().output.text();
        assert!(!tried.contains("GOT OUT"), "{attack}: {tried}");
        assert_eq!(
            tried.matches("refused: ").count(),
            *count,
            "{attack}: {tried}"
        );
    }
    // A network that is up has no way out of it either.
    let mut session = Session::open(&Run {
        network: Network::Loopback,
        ..run()
    })
    .unwrap();
    session.write("attacks", &bytes, true).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let tried = said(&mut session, &format!("./attacks network {port} none"));
    for way in [
        "the loopback outside",
        "a host elsewhere",
        "a packet elsewhere",
    ] {
        assert!(tried.contains(&format!("refused: {way}")), "{tried}");
    }
}

fn cancelled() {
    let cancel = Cancel::default();
    let mut session = Session::open_until(&run(), &cancel).unwrap();
    let mark = mark(5);
    let begun = Instant::now();
    let called = std::thread::scope(|scope| {
        let called = scope.spawn(|| session.call(&Call::of(["sleep", &mark])));
        while !runs(&mark) && !called.is_finished() {
            std::thread::sleep(Duration::from_millis(5));
        }
        cancel.cancel();
        called.join().unwrap()
    });
    let Err(Failure::Broken(why)) = called else {
        panic!("it went on");
    };
    assert_eq!(&*why, "the session ended: it was told to");
    assert!(begun.elapsed() < Duration::from_secs(30));
    drop(session);
    assert!(!runs(&mark));
}

fn wrong() {
    let Err(Failure::Refused(why)) = Session::open(&Run {
        folder: "task".into(),
        input: b"x".to_vec(),
        limits: Limits {
            processes: 0,
            ..Limits::default()
        },
        ..run()
    }) else {
        panic!("it opened");
    };
    assert_eq!(why.len(), 3, "{why:?}");
    let mut session = open();
    let call = Call {
        environment: vec![("A=B".into(), "".into())],
        ..Call::of([""])
    };
    let Err(Failure::Refused(why)) = session.call(&call) else {
        panic!("it was called");
    };
    assert_eq!(
        why,
        ["no program is named", "`A=B` is no name of a variable"]
    );
    assert!(session.is_open());
}
