//! Inside: the first process of a run, which its processes see as number 1.
//!
//! It changes the root, gives up what it can, starts the program, and stays: it takes in orphans, and when the program
//! has ended it ends too, and the kernel ends whatever is left. So nothing outlives a run, however it hides.
//!
//! Of a session it starts nothing by itself: it waits for what it is asked ([`crate::session::serve`]).

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope, path_beneath_rules,
};
use nix::mount::{MntFlags, MsFlags, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::resource::{Resource, UsageWho, getrusage, setrlimit};
use nix::sys::signal::Signal;
use nix::sys::time::TimeValLike;
use nix::sys::wait::{WaitStatus, wait};
use nix::unistd::{Pid, chdir, pivot_root, sethostname};

use crate::isolation::Missing;
use crate::mounts::mount_at;
use crate::run::Network;
use crate::session::serve;
use crate::syscalls;
use crate::transcript::Ended;
use crate::wire::{Start, Status};

/// Stands for all real-time signals.
const REAL_TIME: i32 = 34;

/// The user that the program is, as it sees itself.
const USER: u32 = 1_000;

/// Does all of it; the status tells how it ended.
pub(crate) fn inside(start: &Path) -> io::Result<()> {
    let start: Start = serde_json::from_slice(&fs::read(start)?).map_err(io::Error::other)?;
    let mut status = File::create(&*start.status)?;
    let said = run(&start).unwrap_or_else(|failed| failed);
    status.write_all(&serde_json::to_vec(&said).map_err(io::Error::other)?)
}

fn run(start: &Start) -> Result<Status, Status> {
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(broken("its end cannot be tied to ours"))?;
    let input = File::open(&*start.input).map_err(broken("its input cannot be opened"))?;
    enter(start)?;
    bounds(start)?;
    become_nobody()?;
    // Nobody inside reads this process's memory or its open files.
    prctl::set_dumpable(false).map_err(broken("it cannot be hidden"))?;
    // Credentials changed, which forgets it.
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(broken("its end cannot be tied to ours"))?;
    prctl::set_no_new_privs().map_err(broken("privileges cannot be given up"))?;
    let landlock = landlock(start)?;
    syscalls::bind().map_err(|why| {
        Status::Missing(missing(
            "allow-list of system calls",
            why,
            "a kernel with seccomp filters (CONFIG_SECCOMP_FILTER) is needed",
        ))
    })?;
    let begun = Instant::now();
    let ended = match start.is_session {
        true => serve::serve(start),
        false => started(start, input),
    };
    Ok(status(ended, begun, landlock))
}

/// Changes the root and what stands in it for this process alone.
fn enter(start: &Start) -> Result<(), Status> {
    let root = Path::new(&*start.root);
    unshare(CloneFlags::CLONE_NEWNS).map_err(broken("no mount namespace"))?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    let proc = root.join("proc");
    // Of /proc only the processes, and of those only what may be traced, where the kernel can (Linux 5.8): the first
    // process is none of these.
    mount_at(
        "proc",
        &proc,
        "proc",
        flags,
        "subset=pid,hidepid=ptraceable",
    )
    .or_else(|_| mount_at("proc", &proc, "proc", flags, "subset=pid,hidepid=0"))
    .or_else(|_| mount_at("proc", &proc, "proc", flags, ""))
    .map_err(|why| {
        Status::Missing(missing(
            "/proc of its own",
            why,
            "a container that masks /proc forbids it; run outside, or with an unmasked /proc",
        ))
    })?;
    chdir(root).map_err(broken("the new root cannot be entered"))?;
    pivot_root(".", ".").map_err(broken("the root cannot be changed"))?;
    umount2(".", MntFlags::MNT_DETACH).map_err(broken("the old root cannot be left"))?;
    chdir("/").map_err(broken("the new root cannot be entered"))?;
    sethostname("sandbox").map_err(broken("the host name cannot be set"))
}

fn bounds(start: &Start) -> Result<(), Status> {
    let limits = &start.limits;
    // This process is counted too.
    let processes = u64::from(limits.processes) + 1;
    for (resource, most) in [
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_CPU, limits.cpu_seconds),
        (Resource::RLIMIT_FSIZE, limits.file_bytes),
        (Resource::RLIMIT_NOFILE, limits.files),
        (Resource::RLIMIT_NPROC, processes),
        (Resource::RLIMIT_MEMLOCK, 64 << 10),
        (Resource::RLIMIT_MSGQUEUE, 0),
    ] {
        setrlimit(resource, most, most).map_err(broken("a limit cannot be set"))?;
    }
    Ok(())
}

/// A second user namespace, in which this process is nobody in particular and owns none of the mounts.
fn become_nobody() -> Result<(), Status> {
    unshare(CloneFlags::CLONE_NEWUSER).map_err(broken("no second user namespace"))?;
    map(USER, 0).map_err(broken("the user cannot be mapped"))
}

/// Makes this process `inner` in its new user namespace, whom the one above calls `outer`.
pub(crate) fn map(inner: u32, outer: u32) -> io::Result<()> {
    map_both(inner, outer, outer)
}

pub(crate) fn map_both(inner: u32, user: u32, group: u32) -> io::Result<()> {
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{inner} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{inner} {group} 1"))
}

/// Restricts this thread and all that it starts. Namespaces hold the files; Landlock adds what they do not: no
/// devices, no TCP where there is no network, no signals and no abstract sockets out of here.
fn landlock(start: &Start) -> Result<Option<u32>, Status> {
    let newest = ABI::V6;
    let files = AccessFs::from_all(newest)
        & !(AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev);
    let restrict = || {
        let mut rules = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(newest))?
            .scope(Scope::from_all(newest))?;
        if start.network == Network::None {
            rules = rules.handle_access(AccessNet::from_all(newest))?;
        }
        rules
            .create()?
            .add_rules(path_beneath_rules(["/"], files))?
            .restrict_self()
    };
    let obtained: Result<_, landlock::RulesetError> = restrict();
    let why = match obtained {
        Ok(status) if status.ruleset != RulesetStatus::NotEnforced => {
            return Ok(Some(edition()));
        }
        Ok(_) => "the kernel does not have it".to_owned(),
        Err(error) => error.to_string(),
    };
    match start.landlock_demanded {
        true => Err(Status::Missing(missing("landlock", why, LANDLOCK_REMEDY))),
        false => Ok(None),
    }
}

pub(crate) const LANDLOCK_REMEDY: &str =
    "a kernel of 5.13 or later with `landlock` among its `lsm=` has it";

/// The edition of Landlock that the kernel has, up to the newest that is asked of it here; 0 where it has none.
pub(crate) fn edition() -> u32 {
    let editions = [ABI::V6, ABI::V5, ABI::V4, ABI::V3, ABI::V2, ABI::V1];
    let has = |edition: &ABI| {
        let rules = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(*edition));
        let rules = match *edition >= ABI::V6 {
            true => rules.and_then(|rules| rules.scope(Scope::from_all(*edition))),
            false => rules,
        };
        rules.is_ok_and(|rules| rules.create().is_ok())
    };
    editions
        .into_iter()
        .find(has)
        .map_or(0, |edition| edition as u32)
}

fn started(start: &Start, input: File) -> Ended {
    let mut command = command(start, &start.words, &start.environment);
    match command.stdin(Stdio::from(input)).spawn() {
        Ok(child) => outlive(child.id()),
        Err(error) => not_started(&start.words, &error),
    }
}

/// What starts a program inside, in the folder and with the environment that all have.
pub(crate) fn command(
    start: &Start,
    words: &[Box<str>],
    environment: &[(Box<str>, Box<str>)],
) -> Command {
    let (program, arguments) = match words.split_first() {
        Some((program, arguments)) => (&**program, arguments),
        None => ("", &[][..]),
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where processes are started"
    )]
    let mut command = Command::new(program);
    command
        .args(arguments.iter().map(|word| &**word))
        .current_dir(&*start.folder)
        .env_clear()
        .env(
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        )
        .env("HOME", "/tmp")
        .env("LANG", "C.UTF-8")
        .envs(environment.iter().map(|(name, value)| (&**name, &**value)))
        .process_group(0);
    command
}

pub(crate) fn not_started(words: &[Box<str>], error: &io::Error) -> Ended {
    let program = words.first().map_or("", |word| &**word);
    Ended::NotStarted(format!("`{program}`: {error}").into())
}

fn status(ended: Ended, begun: Instant, landlock: Option<u32>) -> Status {
    let wall = begun.elapsed();
    let used = getrusage(UsageWho::RUSAGE_CHILDREN);
    let micros =
        |time: nix::sys::time::TimeVal| u64::try_from(time.num_microseconds()).unwrap_or(0);
    let used = used.ok();
    Status::Ended {
        ended,
        wall_microseconds: u64::try_from(wall.as_micros()).unwrap_or(u64::MAX),
        user_microseconds: used.map_or(0, |used| micros(used.user_time())),
        system_microseconds: used.map_or(0, |used| micros(used.system_time())),
        // In units of 1,024 bytes.
        memory_bytes: used.map_or(0, |used| u64::try_from(used.max_rss()).unwrap_or(0) * 1_024),
        left_behind: others(),
        system_calls: syscalls::count(),
        landlock,
    }
}

/// Takes in whatever ends, until the program has.
fn outlive(program: u32) -> Ended {
    loop {
        match wait() {
            Ok(WaitStatus::Exited(one, code)) if is(one, program) => return Ended::Exited(code),
            Ok(WaitStatus::Signaled(one, signal, _)) if is(one, program) => {
                return Ended::Signaled(signal as i32);
            }
            // Ended by a real-time signal, which has no name: whoever is gone now.
            Err(nix::errno::Errno::EINVAL)
                if !Path::new("/proc").join(program.to_string()).exists() =>
            {
                return Ended::Signaled(REAL_TIME);
            }
            Ok(_) | Err(nix::errno::Errno::EINTR | nix::errno::Errno::EINVAL) => {}
            Err(error) => return Ended::NotStarted(format!("it was lost: {error}").into()),
        }
    }
}

fn is(process: Pid, program: u32) -> bool {
    u32::try_from(process.as_raw()).is_ok_and(|process| process == program)
}

/// Processes besides this one.
pub(crate) fn others() -> u32 {
    let Ok(all) = fs::read_dir("/proc") else {
        return 0;
    };
    let numbers = all
        .flatten()
        .filter_map(|one| one.file_name().to_str()?.parse::<u32>().ok());
    u32::try_from(numbers.filter(|number| *number != 1).count()).unwrap_or(u32::MAX)
}

/// How the supervisor tells that the first process inside ended before it could say anything.
pub(crate) fn lost(status: Option<ExitStatus>) -> String {
    match status.map(|status| (status.code(), status.signal())) {
        Some((Some(code), _)) => format!("the first process inside exited with {code}"),
        Some((_, Some(signal))) => format!("the first process inside was ended by signal {signal}"),
        _ => "the first process inside was lost".to_owned(),
    }
}

fn missing(what: &str, why: String, remedy: &str) -> Missing {
    Missing {
        what: what.into(),
        why: why.into(),
        remedy: remedy.into(),
    }
}

fn broken<E: std::fmt::Display>(what: &str) -> impl Fn(E) -> Status {
    move |error| Status::Broken(format!("{what}: {error}").into())
}
