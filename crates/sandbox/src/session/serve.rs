//! Serve: the first process of a session answers what it is asked, until nobody asks any more.
//!
//! It is bound already as everything that it starts will be. All other processes inside descend from it, and those
//! whose parent ended become its own: so when it has no child left, it is alone.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::{ChildStderr, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Pid, PidfdFlags, WaitOptions, pidfd_open, wait};

use super::{CALL_BYTES_MAX, Called, Traffic, files, give};
use crate::inside::{command, not_started, others};
use crate::run::Network;
use crate::supervisor::Keep;
use crate::transcript::{Ended, Said};
use crate::wire::{Ask, Start, Told, following, receive, send};

/// How often whatever has ended is taken in while a call goes on: what nobody takes in counts as a process.
const REAP: Duration = Duration::from_millis(100);

/// How long what was written before the end is read after it. Nobody is left who could write.
const DRAIN: Duration = Duration::from_secs(2);

/// Answers until the other side says nothing more; how it ended.
pub(crate) fn serve(start: &Start) -> Ended {
    let control = io::stdin().as_fd().try_clone_to_owned();
    let served = control
        .map(UnixStream::from)
        .and_then(|control| attend(start, &control));
    match served {
        Ok(()) => Ended::Exited(0),
        Err(error) => Ended::NotStarted(format!("the session was lost: {error}").into()),
    }
}

fn attend(start: &Start, mut control: &UnixStream) -> io::Result<()> {
    send(&Told::Ready, &[], &mut control)?;
    loop {
        let ask = match receive(&mut control) {
            Ok(ask) => ask,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        answer(start, ask, control)?;
    }
}

fn answer(start: &Start, ask: Ask, mut control: &UnixStream) -> io::Result<()> {
    let refused = |why: String| Told::Refused(why.into());
    let told = match ask {
        Ask::Call {
            words,
            mut environment,
            input_bytes,
            milliseconds,
            output_bytes,
        } => {
            let input = following(&mut control, input_bytes, CALL_BYTES_MAX)?;
            environment.splice(0..0, start.environment.iter().cloned());
            let time = Duration::from_millis(milliseconds);
            call(start, &words, &environment, &input, time, output_bytes)
                .map_or_else(|error| refused(error.to_string()), Told::Called)
        }
        Ask::Read {
            path,
            offset,
            bytes_max,
        } => match files::read(&files::whole(&start.folder, &path), offset, bytes_max) {
            Ok(part) => {
                let told = Told::Read {
                    bytes: part.bytes.len() as u64,
                    whole: part.whole,
                    executable: part.executable,
                };
                return send(&told, &[&part.bytes], &mut control);
            }
            Err(error) => refused(format!("`{path}`: {error}")),
        },
        Ask::Write {
            path,
            bytes,
            executable,
        } => {
            let bytes = following(&mut control, bytes, CALL_BYTES_MAX)?;
            match files::write(&files::whole(&start.folder, &path), &bytes, executable) {
                Ok(()) => Told::Written,
                Err(error) => refused(format!("`{path}`: {error}")),
            }
        }
        Ask::List { path } => match files::list(&files::whole(&start.folder, &path)) {
            Ok((entries, left_out)) => Told::Listed { entries, left_out },
            Err(error) => refused(format!("`{path}`: {error}")),
        },
        Ask::Traffic => match traffic() {
            Ok(all) => Told::Traffic(all),
            Err(error) => refused(format!("the counters cannot be read: {error}")),
        },
        Ask::Listen { port } => match listen(start, port) {
            Ok(listener) => {
                send(&Told::Listening, &[], &mut control)?;
                return give(control, listener.as_fd());
            }
            Err(error) => refused(format!("port {port}: {error}")),
        },
    };
    send(&told, &[], &mut control)
}

fn listen(start: &Start, port: u16) -> io::Result<TcpListener> {
    match start.network {
        Network::None => Err(io::Error::other("there is no loopback")),
        Network::Loopback => TcpListener::bind((Ipv4Addr::LOCALHOST, port)),
    }
}

/// proc_pid_net(5), `dev`: two lines of titles, then one for each interface.
pub(crate) fn traffic() -> io::Result<Vec<Traffic>> {
    let text = std::fs::read_to_string("/proc/self/net/dev")?;
    Ok(text.lines().skip(2).filter_map(interface).collect())
}

fn interface(line: &str) -> Option<Traffic> {
    let (name, counts) = line.rsplit_once(':')?;
    let counts: Vec<u64> = counts
        .split_whitespace()
        .map_while(|count| count.parse().ok())
        .collect();
    Some(Traffic {
        interface: name.trim().into(),
        received_bytes: *counts.first()?,
        received_packets: *counts.get(1)?,
        sent_bytes: *counts.get(8)?,
        sent_packets: *counts.get(9)?,
    })
}

fn call(
    start: &Start,
    words: &[Box<str>],
    environment: &[(Box<str>, Box<str>)],
    input: &[u8],
    time: Duration,
    output_bytes: u64,
) -> io::Result<Called> {
    let begun = Instant::now();
    let input = match input {
        [] => Stdio::null(),
        input => Stdio::from(in_memory(input)?),
    };
    let spawned = command(start, words, environment)
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let called = |ended, output, errors, left_behind| Called {
        ended,
        output,
        errors,
        wall_microseconds: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
        left_behind,
    };
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            let ended = not_started(words, &error);
            return Ok(called(ended, Said::default(), Said::default(), 0));
        }
    };
    let program = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let (Some(program), Some(output), Some(errors)) =
        (program, child.stdout.take(), child.stderr.take())
    else {
        return Err(io::Error::other("the program was lost"));
    };
    let most = usize::try_from(output_bytes).unwrap_or(usize::MAX);
    let mut streams = Streams {
        output: Some(output),
        errors: Some(errors),
        said: Keep::of(most),
        complained: Keep::of(most),
    };
    let ended = see_out(program, &mut streams, begun + time);
    // Even where waiting failed nothing is left of it.
    let left_behind = others();
    let taken = end_all(program)?;
    streams.drain()?;
    let ended = ended?.or(taken).unwrap_or(Ended::TimedOut);
    let (output, errors) = (streams.said.said(), streams.complained.said());
    Ok(called(ended, output, errors, left_behind))
}

/// What a program reads, as a file that has no name.
fn in_memory(bytes: &[u8]) -> io::Result<File> {
    let mut file = File::from(memfd_create("input", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file)
}

/// What it writes.
struct Streams {
    output: Option<ChildStdout>,
    errors: Option<ChildStderr>,
    said: Keep,
    complained: Keep,
}

impl Streams {
    /// Waits at most `pause`, reads what there is; whether `other` has something.
    fn read(&mut self, other: Option<&impl AsFd>, pause: Duration) -> io::Result<bool> {
        // Rounded up: a pause of less than a millisecond would be none.
        let pause = PollTimeout::try_from(pause.as_millis() + 1).unwrap_or(PollTimeout::MAX);
        let wait = |one| PollFd::new(one, PollFlags::POLLIN);
        let mut all: Vec<PollFd<'_>> = Vec::with_capacity(3);
        let output = self
            .output
            .as_ref()
            .map(|one| (all.len(), wait(one.as_fd())));
        let output = output.map(|(at, one)| (all.push(one), at).1);
        let errors = self
            .errors
            .as_ref()
            .map(|one| (all.len(), wait(one.as_fd())));
        let errors = errors.map(|(at, one)| (all.push(one), at).1);
        let other = other.map(|one| (all.len(), wait(one.as_fd())));
        let other = other.map(|(at, one)| (all.push(one), at).1);
        match poll(&mut all, pause) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let ready: Vec<bool> = all.iter().map(|one| one.any().unwrap_or(true)).collect();
        drop(all);
        let is_ready = |at: Option<usize>| at.is_some_and(|at| ready.get(at) == Some(&true));
        if is_ready(output) && !self.output.as_mut().is_some_and(|one| self.said.read(one)) {
            self.output = None;
        }
        if is_ready(errors)
            && !self
                .errors
                .as_mut()
                .is_some_and(|one| self.complained.read(one))
        {
            self.errors = None;
        }
        Ok(is_ready(other))
    }

    /// Reads what was written before the end.
    fn drain(&mut self) -> io::Result<()> {
        let until = Instant::now() + DRAIN;
        while (self.output.is_some() || self.errors.is_some()) && Instant::now() < until {
            self.read(None::<&ChildStdout>, REAP)?;
        }
        Ok(())
    }
}

/// Waits for the end of `program`, or for its time's, in which case there is none.
fn see_out(program: Pid, streams: &mut Streams, deadline: Instant) -> io::Result<Option<Ended>> {
    let process = pidfd_open(program, PidfdFlags::empty())?;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        streams.read(Some(&process), left.min(REAP))?;
        if let Some(ended) = reap(program, false)? {
            return Ok(Some(ended));
        }
    }
}

/// Takes in whatever has ended, all where `all` is told to end and is waited for; how `program` did, where it is among
/// them.
fn reap(program: Pid, all: bool) -> io::Result<Option<Ended>> {
    let options = match all {
        true => WaitOptions::empty(),
        false => WaitOptions::NOHANG,
    };
    let mut ended = None;
    loop {
        if all {
            end();
        }
        match wait(options) {
            Ok(Some((process, status))) if process == program => {
                ended = match (status.exit_status(), status.terminating_signal()) {
                    (Some(code), _) => Some(Ended::Exited(code)),
                    (None, Some(signal)) => Some(Ended::Signaled(signal)),
                    (None, None) => None,
                };
            }
            Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
            Ok(None) | Err(rustix::io::Errno::CHILD) => return Ok(ended),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Ends every process inside but this one, and waits until none is left.
fn end_all(program: Pid) -> io::Result<Option<Ended>> {
    let ended = reap(program, true)?;
    // Ended by us, so that is not how it ended.
    Ok(ended.filter(|ended| *ended != Ended::Signaled(Signal::SIGKILL as i32)))
}

/// kill(2): to -1, the signal goes to every process of this namespace but the first. No fork can slip away: one that
/// is under way while the signal is sent fails.
fn end() {
    let _ = kill(nix::unistd::Pid::from_raw(-1), Signal::SIGKILL);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_read_by_interface() {
        let line = "    lo:  120       2    0    0    0     0          0         0      340       5    0    0    0     0       0          0";
        let lo = interface(line).unwrap();
        assert_eq!(&*lo.interface, "lo");
        assert_eq!(
            (
                lo.received_bytes,
                lo.received_packets,
                lo.sent_bytes,
                lo.sent_packets
            ),
            (120, 2, 340, 5)
        );
        assert_eq!(interface(" face |bytes packets"), None);
    }
}
