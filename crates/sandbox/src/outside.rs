//! Outside: checks what is asked for, obtains what the caller can give, starts the supervisor, and hears it out.

use std::fmt;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::geteuid;

use crate::group::Group;
use crate::inside::{LANDLOCK_REMEDY, edition};
use crate::isolation::{Bound, Isolation, Missing};
use crate::run::{Limits, Root, Run};
use crate::supervisor::SUPERVISOR;
use crate::transcript::{Ended, Transcript};
use crate::wire::{Answer, Order, OrderedFile, send};

/// Whom root becomes before anything else: `nobody`, who owns nothing.
pub(crate) const USER: u32 = 65_534;

/// Building the root and reading what is left, on top of the time of the run itself.
pub(crate) const AROUND: Duration = Duration::from_secs(30);

/// How soon a wish to stop is heard.
pub(crate) const HEARD: Duration = Duration::from_millis(50);

/// The largest answer: the kept files and both streams, in base64, and ten thousand changes.
const ANSWER_BYTES_MAX: u64 = 512 << 20;

/// Files that a run is given, all together.
const GIVEN_BYTES_MAX: u64 = 1 << 30;

/// Files that a run is given.
const GIVEN_MAX: usize = 20_000;

/// Words and environment together; Linux takes 2 MiB, of which 128 KiB in one word.
const WORDS_BYTES_MAX: usize = 1 << 20;

/// Why a run did not take place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// This machine gives less protection than was asked for.
    Missing(Vec<Missing>),
    /// It asks for what cannot be, everything at once.
    Refused(Vec<String>),
    /// Our fault, or the machine's.
    Broken(Box<str>),
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Missing(all) => {
                let all: Vec<String> = all.iter().map(ToString::to_string).collect();
                write!(out, "this machine cannot run it safely: {}", all.join("; "))
            }
            Failure::Refused(all) => out.write_str(&all.join("; ")),
            Failure::Broken(why) => write!(out, "the sandbox failed: {why}"),
        }
    }
}

impl std::error::Error for Failure {}

/// A wish that a run ends early, told from another thread.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Ends what runs under it, within some 50 ms, and keeps anything else from starting.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was said.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Runs it, and blocks until it has ended.
///
/// The calling program has to call [`crate::entered`] first in its `main`.
pub fn run(run: &Run, cancel: &Cancel) -> Result<Transcript, Failure> {
    let mut wrong = wrong(run);
    if run.words.first().is_none_or(|program| program.is_empty()) {
        wrong.insert(0, "no program is named".to_owned());
    }
    if !wrong.is_empty() {
        return Err(Failure::Refused(wrong));
    }
    let (group, isolation) = obtain(run)?;
    let mut child = start(Stdio::piped()).map_err(broken("the supervisor cannot be started"))?;
    let heard = talk(&mut child, run, isolation, group.as_ref(), cancel);
    // Whatever was said, nothing of it stays: the supervisor takes all inside with it.
    let _ = child.kill();
    let _ = child.wait();
    let mut transcript = ran(heard?)?;
    counted(&mut transcript, group.as_ref());
    Ok(transcript)
}

pub(crate) fn ran(answer: Answer) -> Result<Transcript, Failure> {
    match answer {
        Answer::Ran(transcript) => Ok(*transcript),
        Answer::Missing(missing) => Err(Failure::Missing(missing)),
        Answer::Broken(why) => Err(Failure::Broken(why)),
    }
}

/// Adds what the kernel counted.
pub(crate) fn counted(transcript: &mut Transcript, group: Option<&Group>) {
    if let Some(group) = group {
        if let Some(peak) = group.peak() {
            transcript.resources.memory_bytes = peak;
        }
        let by_itself = matches!(
            transcript.ended,
            Ended::Signaled(_) | Ended::NotStarted(_) | Ended::Exited(_)
        );
        if by_itself && group.ran_out() {
            transcript.ended = Ended::OutOfMemory;
        }
    }
}

/// Everything that is wrong with what is asked for, besides that no program is named.
pub(crate) fn wrong(run: &Run) -> Vec<String> {
    let mut wrong = Vec::new();
    wrong_words(&run.words, &run.environment, &mut wrong);
    if let Root::Folder(path) = &run.root
        && !(path.is_absolute() && path.is_dir())
    {
        wrong.push(format!(
            "the root `{}` is no folder with an absolute path",
            path.display()
        ));
    }
    let paths = run.files.iter().map(|file| &*file.path);
    for path in paths.chain([&*run.folder]) {
        if let Some(why) = wrong_path(path) {
            wrong.push(format!("`{path}` {why}"));
        }
    }
    if !run.folder.starts_with('/') {
        wrong.push(format!("the folder `{}` is not absolute", run.folder));
    }
    let given: u64 = run.files.iter().map(|file| file.bytes.len() as u64).sum();
    if given > GIVEN_BYTES_MAX || run.files.len() > GIVEN_MAX {
        wrong.push(format!(
            "{} files of {given} bytes; a run is given at most {GIVEN_MAX} of {GIVEN_BYTES_MAX} bytes",
            run.files.len()
        ));
    }
    limits(&run.limits, &mut wrong);
    wrong
}

/// What is wrong with a command and its environment.
pub(crate) fn wrong_words(
    words: &[Box<str>],
    environment: &[(Box<str>, Box<str>)],
    wrong: &mut Vec<String>,
) {
    let length: usize = words.iter().map(|word| word.len() + 1).sum::<usize>()
        + environment
            .iter()
            .map(|(name, value)| name.len() + value.len() + 2)
            .sum::<usize>();
    if length > WORDS_BYTES_MAX {
        wrong.push(format!(
            "the words and the environment have {length} bytes; at most {WORDS_BYTES_MAX} can be given"
        ));
    }
    let texts = words
        .iter()
        .chain(environment.iter().flat_map(|(name, value)| [name, value]));
    if texts.into_iter().any(|text| text.contains('\0')) {
        wrong.push(
            "a word or a variable holds a zero byte, which no program can be given".to_owned(),
        );
    }
    for (name, _) in environment {
        if name.is_empty() || name.contains('=') {
            wrong.push(format!("`{name}` is no name of a variable"));
        }
    }
}

/// Why no file can be given there.
fn wrong_path(path: &str) -> Option<&'static str> {
    let mut parts = path.split('/').filter(|part| !part.is_empty()).peekable();
    if path.contains('\0') {
        return Some("holds a zero byte");
    }
    if path.len() > 4_000 {
        return Some("is longer than 4,000 bytes");
    }
    let first = parts.peek().copied();
    if path.starts_with('/') && matches!(first, Some("proc" | "dev")) {
        return Some("is below `/proc` or `/dev`, which a run gets its own of");
    }
    parts.any(|part| part == "..").then_some("climbs with `..`")
}

fn limits(limits: &Limits, wrong: &mut Vec<String>) {
    let day = 86_400_000;
    for (name, value, least, most) in [
        ("memory_bytes", limits.memory_bytes, 1 << 20, 1 << 40),
        ("processes", u64::from(limits.processes), 1, 100_000),
        ("milliseconds", limits.milliseconds, 1, day),
        ("cpu_seconds", limits.cpu_seconds, 1, day / 1_000),
        ("disk_bytes", limits.disk_bytes, 1 << 16, 1 << 40),
        ("file_bytes", limits.file_bytes, 0, 1 << 40),
        ("files", limits.files, 8, 1_000_000),
        ("output_bytes", limits.output_bytes, 0, 64 << 20),
        ("kept_bytes", limits.kept_bytes, 0, 256 << 20),
    ] {
        if value < least || value > most {
            wrong.push(format!("`{name}` is {value}; it is from {least} to {most}"));
        }
    }
}

/// The bounds that only the caller can obtain.
pub(crate) fn obtain(run: &Run) -> Result<(Option<Group>, Isolation), Failure> {
    let mut missing = Vec::new();
    let group = match Group::make(&run.limits) {
        Ok(group) => Some(group),
        Err(why) => {
            if run.demand.memory_counted {
                missing.push(no_group(why));
            }
            None
        }
    };
    if run.demand.landlock && edition() == 0 {
        missing.push(Missing {
            what: "landlock".into(),
            why: "the kernel does not have it".into(),
            remedy: LANDLOCK_REMEDY.into(),
        });
    }
    if !missing.is_empty() {
        return Err(Failure::Missing(missing));
    }
    let bound = group.as_ref().map(Group::bound);
    let isolation = Isolation {
        dropped_root: geteuid().is_root(),
        memory: Some(bound.unwrap_or(Bound::Watched)),
        processes: Some(bound.unwrap_or(Bound::Rlimit)),
        kernel: kernel(),
        ..Isolation::default()
    };
    Ok((group, isolation))
}

pub(crate) fn no_group(why: String) -> Missing {
    Missing {
        what: "memory counted by the kernel".into(),
        why: why.into(),
        remedy: "run it as root, or under `systemd-run --user --scope -p Delegate=yes`, or allow memory to be watched instead".into(),
    }
}

pub(crate) fn kernel() -> Box<str> {
    match nix::sys::utsname::uname() {
        Ok(name) => format!(
            "{} {}",
            name.release().to_string_lossy(),
            name.machine().to_string_lossy()
        )
        .into(),
        Err(_) => "".into(),
    }
}

pub(crate) fn start(input: Stdio) -> std::io::Result<Child> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where processes are started"
    )]
    let mut command = Command::new("/proc/self/exe");
    command
        .arg0(SUPERVISOR)
        .env_clear()
        .current_dir("/")
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if geteuid().is_root() {
        command.uid(USER).gid(USER);
    }
    command.spawn()
}

/// Tells the supervisor what to do and hears what came of it.
fn talk(
    child: &mut Child,
    run: &Run,
    isolation: Isolation,
    group: Option<&Group>,
    cancel: &Cancel,
) -> Result<Answer, Failure> {
    enter(child, group)?;
    let (Some(mut to), Some(mut from)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Failure::Broken("the supervisor cannot be talked to".into()));
    };
    let (order, contents) = order(run, isolation, false);
    send(&order, &contents, &mut to).map_err(broken("the supervisor went away"))?;
    let deadline = Instant::now() + Duration::from_millis(run.limits.milliseconds) + AROUND;
    hear(&mut from, Some(to), deadline, cancel, group)
}

pub(crate) fn enter(child: &Child, group: Option<&Group>) -> Result<(), Failure> {
    match group {
        Some(group) => group
            .enter(child.id())
            .map_err(broken("the supervisor cannot enter its control group")),
        None => Ok(()),
    }
}

/// Hears what the supervisor answers; `open` is closed where its end is wished for.
pub(crate) fn hear(
    from: &mut ChildStdout,
    mut open: Option<ChildStdin>,
    deadline: Instant,
    cancel: &Cancel,
    group: Option<&Group>,
) -> Result<Answer, Failure> {
    let mut answer = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        if cancel.is_cancelled() {
            // Its standard input ends, which is how it knows; then it says what it saw until then.
            open.take();
        }
        if Instant::now() > deadline {
            return Err(Failure::Broken("the supervisor did not end in time".into()));
        }
        let mut wait = [PollFd::new(from.as_fd(), PollFlags::POLLIN)];
        let pause = PollTimeout::try_from(HEARD.as_millis()).unwrap_or(PollTimeout::ZERO);
        match poll(&mut wait, pause) {
            Ok(0) | Err(nix::errno::Errno::EINTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(broken("waiting failed")(error)),
        }
        let length = from
            .read(&mut buffer)
            .map_err(broken("the supervisor cannot be read"))?;
        if length == 0 {
            break;
        }
        answer.extend_from_slice(&buffer[..length]);
        if answer.len() as u64 > ANSWER_BYTES_MAX {
            return Err(Failure::Broken("the supervisor says too much".into()));
        }
    }
    if answer.is_empty() {
        let why = match group.is_some_and(Group::ran_out) {
            true => {
                "the bound on memory leaves no room for the supervisor; ask for more `memory_bytes`"
            }
            false => {
                "the supervisor ended without a word; the program has to call `sandbox::entered` first"
            }
        };
        return Err(Failure::Broken(why.into()));
    }
    serde_json::from_slice(&answer)
        .map_err(broken("the supervisor's answer is not what it should be"))
}

/// What is told to the supervisor.
pub(crate) fn order(run: &Run, isolation: Isolation, is_session: bool) -> (Order, Vec<&[u8]>) {
    let file = |given: &crate::run::Given| OrderedFile {
        path: match given.path.starts_with('/') {
            true => given.path.clone(),
            false => format!("{}/{}", crate::run::FOLDER, given.path).into(),
        },
        bytes: given.bytes.len() as u64,
        executable: given.executable,
    };
    let order = Order {
        root: run.root.clone(),
        is_session,
        folder: run.folder.clone(),
        words: run.words.clone(),
        environment: run.environment.clone(),
        network: run.network,
        limits: run.limits,
        keep: run.keep.clone(),
        landlock_demanded: run.demand.landlock,
        isolation,
        input_bytes: run.input.len() as u64,
        files: run.files.iter().map(file).collect(),
    };
    let files = run.files.iter().map(|file| file.bytes.as_slice());
    let contents = std::iter::once(run.input.as_slice()).chain(files).collect();
    (order, contents)
}

pub(crate) fn broken<E: fmt::Display>(what: &str) -> impl Fn(E) -> Failure {
    move |error| Failure::Broken(format!("{what}: {error}").into())
}
