//! Supervisor: makes the namespaces and the root of a run, starts its first process, watches it, and reads what is left.
//!
//! It runs as the run's own user outside, never as root. It has no thread but one: a process whose children get
//! another process namespace may make none. When the caller goes away it goes too, and everything inside with it.

use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};

use crate::changes::Changes;
use crate::inside::{self, inside, map_both};
use crate::isolation::{Bound, Isolation, Missing};
use crate::loopback;
use crate::memory;
use crate::mounts::{self, Stage};
use crate::run::Network;
use crate::session::serve;
use crate::transcript::{Ended, Resources, Said, Transcript};
use crate::wire::{Answer, Order, Start, Status, receive};

/// The names under which a program is started again by [`crate::run`].
pub(crate) const SUPERVISOR: &str = "seamark-sandbox-supervisor";
const INSIDE: &str = "seamark-sandbox-inside";

/// How often memory is looked at where the kernel does not count it.
const WATCH: Duration = Duration::from_millis(10);

const NAMESPACES: &[(&str, CloneFlags)] = &[
    ("user", CloneFlags::CLONE_NEWUSER),
    ("pid", CloneFlags::CLONE_NEWPID),
    ("mount", CloneFlags::CLONE_NEWNS),
    ("network", CloneFlags::CLONE_NEWNET),
    ("ipc", CloneFlags::CLONE_NEWIPC),
    ("uts", CloneFlags::CLONE_NEWUTS),
    ("cgroup", CloneFlags::CLONE_NEWCGROUP),
];

/// Whether this process is one that the sandbox started, and how it ended. A program that uses the sandbox calls this
/// first in its `main`, before it has a thread or a file open, and returns what it is given.
pub fn entered() -> Option<ExitCode> {
    let mut words = std::env::args_os();
    let name = words.next()?;
    if name != SUPERVISOR && name != INSIDE {
        return None;
    }
    if close_inherited().is_err() {
        return Some(ExitCode::FAILURE);
    }
    if name == SUPERVISOR {
        let answer = supervise(&mut io::stdin().lock());
        let written = serde_json::to_vec(&answer)
            .map_err(io::Error::other)
            .and_then(|answer| io::stdout().write_all(&answer));
        return Some(code(written.is_ok()));
    }
    let start = words.next()?;
    Some(code(inside(Path::new(&start)).is_ok()))
}

/// Closes what a caller's caller left open for whoever is started: nothing inside is to have it.
fn close_inherited() -> io::Result<()> {
    let mut open = Vec::new();
    for one in fs::read_dir("/proc/self/fd")? {
        let number = one?
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok());
        open.extend(number.filter(|number| *number > 2));
    }
    for number in open {
        // The folder that was just read is among them, and closed by now.
        let _ = nix::unistd::close(number);
    }
    Ok(())
}

fn code(is_well: bool) -> ExitCode {
    match is_well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn supervise(from: &mut (impl Read + AsFd)) -> Answer {
    supervised(from).unwrap_or_else(|failed| failed)
}

fn supervised(from: &mut (impl Read + AsFd)) -> Result<Answer, Answer> {
    let order: Order = receive(from).map_err(broken("the order cannot be read"))?;
    let mut isolation = order.isolation.clone();
    separate(&mut isolation)?;
    if order.network == Network::Loopback {
        loopback::up().map_err(broken("loopback cannot be brought up"))?;
    }
    let stage = mounts::build(&order, from).map_err(|why| Answer::Broken(why.into()))?;
    let child =
        start(&order, &stage, from).map_err(broken("the first process cannot be started"))?;
    let watched = watch(child, from, &order)?;
    let status = fs::read(stage.file("status")).unwrap_or_default();
    let status = serde_json::from_slice(&status).ok();
    told(&order, isolation, &stage, watched, status)
}

/// Namespaces of its own, with this process as their root.
fn separate(isolation: &mut Isolation) -> Result<(), Answer> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    let all = NAMESPACES
        .iter()
        .fold(CloneFlags::empty(), |all, (_, one)| all | *one);
    unshare(all).map_err(|error| {
        let remedy = match error {
            nix::errno::Errno::ENOSPC => {
                "sysctl user.max_user_namespaces (and user.max_*_namespaces) has to be above 0"
            }
            _ => "sysctl kernel.unprivileged_userns_clone=1 and kernel.apparmor_restrict_unprivileged_userns=0, \
                  or a container that is allowed to make user namespaces",
        };
        let missing = Missing {
            what: "namespaces".into(),
            why: format!("unshare: {error}").into(),
            remedy: remedy.into(),
        };
        Answer::Missing(vec![missing])
    })?;
    map_both(0, user, group).map_err(broken("the user cannot be mapped"))?;
    isolation.namespaces = NAMESPACES.iter().map(|(name, _)| (*name).into()).collect();
    isolation.user = user;
    Ok(())
}

fn start(order: &Order, stage: &Stage, caller: &impl AsFd) -> io::Result<Child> {
    let text = |path: std::path::PathBuf| path.display().to_string().into_boxed_str();
    let start = Start {
        root: text(stage.root()),
        status: text(stage.file("status")),
        input: text(stage.file("input")),
        is_session: order.is_session,
        folder: order.folder.clone(),
        words: order.words.clone(),
        environment: order.environment.clone(),
        network: order.network,
        limits: order.limits,
        landlock_demanded: order.landlock_demanded,
    };
    let path = stage.file("start");
    fs::write(&path, serde_json::to_vec(&start).map_err(io::Error::other)?)?;
    // Of a session all that was read so far is the order; whatever comes from now on is for the first process inside.
    let input = match order.is_session {
        true => Stdio::from(caller.as_fd().try_clone_to_owned()?),
        false => Stdio::null(),
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where processes are started"
    )]
    let mut command = Command::new("/proc/self/exe");
    command
        .arg0(INSIDE)
        .arg(path)
        .env_clear()
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

/// What was seen of a run while it ran.
struct Watched {
    output: Said,
    errors: Said,
    /// Why it was ended from here.
    ended: Option<Ended>,
    status: Option<std::process::ExitStatus>,
    memory_bytes: u64,
    wall_microseconds: u64,
}

/// Keeps what it writes, until both its streams are closed: the first process inside holds them, and ends last.
fn watch(mut child: Child, caller: &impl AsFd, order: &Order) -> Result<Watched, Answer> {
    let (Some(mut output), Some(mut errors)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Answer::Broken("its output cannot be read".into()));
    };
    let begun = Instant::now();
    let deadline = begun + Duration::from_millis(order.limits.milliseconds);
    let is_watched = order.isolation.memory == Some(Bound::Watched);
    let most = usize::try_from(order.limits.output_bytes).unwrap_or(usize::MAX);
    let (mut kept, mut kept_errors) = (Keep::of(most), Keep::of(most));
    let (mut is_open, mut errors_open) = (true, true);
    let (mut ended, mut memory_bytes) = (None, 0);
    while is_open || errors_open {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            ended = Some(Ended::TimedOut);
            break;
        }
        let pause = if is_watched { left.min(WATCH) } else { left };
        // Rounded up: a pause of less than a millisecond would be none.
        let pause = PollTimeout::try_from(pause.as_millis() + 1).unwrap_or(PollTimeout::MAX);
        let none = PollFlags::empty();
        let read = PollFlags::POLLIN;
        // The caller writes nothing more for this process: what can come is its end.
        let mut all = vec![PollFd::new(caller.as_fd(), none)];
        if is_open {
            all.push(PollFd::new(output.as_fd(), read));
        }
        if errors_open {
            all.push(PollFd::new(errors.as_fd(), read));
        }
        match poll(&mut all, pause) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(broken("waiting failed")(error)),
        }
        let ready: Vec<bool> = all.iter().map(|one| one.any().unwrap_or(true)).collect();
        let gone = ready.first() == Some(&true);
        if gone {
            ended = Some(Ended::Cancelled);
            break;
        }
        if is_open && ready.get(1) == Some(&true) {
            is_open = kept.read(&mut output);
        }
        let errors_at = all_at(errors_open, ready.len());
        if errors_at.is_some_and(|at| ready.get(at) == Some(&true)) {
            errors_open = kept_errors.read(&mut errors);
        }
        if is_watched {
            let resident = memory::resident(child.id());
            memory_bytes = memory_bytes.max(resident);
            if resident > order.limits.memory_bytes {
                ended = Some(Ended::OutOfMemory);
                break;
            }
        }
    }
    if ended.is_some() {
        // With the first process inside the kernel ends all others.
        let _ = child.kill();
    }
    Ok(Watched {
        output: kept.said(),
        errors: kept_errors.said(),
        ended,
        status: child.wait().ok(),
        memory_bytes,
        wall_microseconds: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
    })
}

/// Standard error is the last that is waited for, where it is still open.
fn all_at(is_open: bool, count: usize) -> Option<usize> {
    is_open.then(|| count - 1)
}

fn told(
    order: &Order,
    isolation: Isolation,
    stage: &Stage,
    watched: Watched,
    status: Option<Status>,
) -> Result<Answer, Answer> {
    let mut transcript = Transcript {
        ended: Ended::Cancelled,
        output: watched.output,
        errors: watched.errors,
        resources: Resources {
            memory_bytes: watched.memory_bytes,
            ..Resources::default()
        },
        changes: Vec::new(),
        changes_left_out: 0,
        left_behind: 0,
        // The supervisor is in the same namespace, and outlives whatever ended all inside.
        traffic: match order.is_session {
            true => serve::traffic().unwrap_or_default(),
            false => Vec::new(),
        },
        isolation,
    };
    transcript.isolation.system_calls = crate::syscalls::count();
    match (status, watched.ended) {
        (Some(Status::Missing(missing)), _) => return Err(Answer::Missing(vec![missing])),
        (Some(Status::Broken(why)), _) => return Err(Answer::Broken(why)),
        (
            Some(Status::Ended {
                ended,
                wall_microseconds,
                user_microseconds,
                system_microseconds,
                memory_bytes,
                left_behind,
                system_calls,
                landlock,
            }),
            forced,
        ) => {
            transcript.ended = forced.unwrap_or(ended);
            transcript.resources = Resources {
                wall_microseconds,
                user_microseconds,
                system_microseconds,
                memory_bytes: memory_bytes.max(watched.memory_bytes),
            };
            transcript.left_behind = left_behind;
            transcript.isolation.system_calls = system_calls;
            transcript.isolation.landlock = landlock;
        }
        (None, Some(forced)) => {
            transcript.resources.wall_microseconds = watched.wall_microseconds;
            transcript.ended = forced;
            let edition = inside::edition();
            transcript.isolation.landlock = (edition > 0).then_some(edition);
        }
        // Ended by the kernel for want of memory, or by what the run did: the caller looks at its group.
        (None, None) => {
            let said = transcript.errors.text();
            let why = inside::lost(watched.status);
            transcript.ended = Ended::NotStarted(format!("{why}: {}", said.trim()).into());
        }
    }
    let mut changes = Changes::new(&order.keep, &order.limits);
    changes.read(&stage.upper());
    (transcript.changes, transcript.changes_left_out) = changes.all();
    Ok(Answer::Ran(Box::new(transcript)))
}

/// The first half and the last of a stream.
pub(crate) struct Keep {
    half: usize,
    first: Vec<u8>,
    last: std::collections::VecDeque<u8>,
    left_out: u64,
}

impl Keep {
    pub(crate) fn of(most: usize) -> Keep {
        Keep {
            half: most / 2,
            first: Vec::new(),
            last: std::collections::VecDeque::new(),
            left_out: 0,
        }
    }

    /// Reads what is there; whether more may come.
    pub(crate) fn read(&mut self, from: &mut impl Read) -> bool {
        let mut buffer = [0; 65_536];
        match from.read(&mut buffer) {
            Ok(0) => false,
            Ok(length) => {
                self.keep(&buffer[..length]);
                true
            }
            Err(error) => error.kind() == io::ErrorKind::Interrupted,
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = self.half.saturating_sub(self.first.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(room);
        self.first.extend_from_slice(first);
        self.last.extend(rest);
        let over = self.last.len().saturating_sub(self.half);
        self.last.drain(..over);
        self.left_out += over as u64;
    }

    pub(crate) fn said(self) -> Said {
        Said {
            first: self.first,
            last: self.last.into(),
            left_out: self.left_out,
        }
    }
}

fn broken<E: std::fmt::Display>(what: &str) -> impl Fn(E) -> Answer {
    move |error| Answer::Broken(format!("{what}: {error}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_stream_the_first_half_and_the_last_are_kept() {
        let mut keep = Keep::of(8);
        for part in ["ab", "cdef", "g", "hijklm"] {
            keep.keep(part.as_bytes());
        }
        let said = keep.said();
        assert_eq!(said.first, b"abcd");
        assert_eq!(said.last, b"jklm");
        assert_eq!(said.left_out, 5);
        assert_eq!(said.text(), "abcd\n[5 bytes left out]\njklm");
    }
}
