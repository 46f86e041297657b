//! Session: a sandbox that stays open, so that one call after another acts on the same files.
//!
//! The same protections as those of a run, and the bounds of a [`Run`] over the whole session: memory, disk, processes
//! and the clock on the wall. Nothing of a call outlives it but the files it wrote: whatever it started is ended with
//! it. A session that is dropped ends with everything inside; so does one whose harness goes away.

mod descriptor;
pub(crate) mod files;
pub(crate) mod serve;

use std::net::{Shutdown, TcpListener};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::{Deserialize, Serialize};

use crate::group::Group;
use crate::outside::{
    AROUND, Cancel, Failure, HEARD, broken, counted, enter, hear, obtain, order, ran, start, wrong,
    wrong_words,
};
use crate::run::{Network, Run};
use crate::transcript::{Ended, Said, Transcript};
use crate::wire::{Ask, Told, following, receive, send};

pub(crate) use descriptor::give;

/// What is kept of each stream of a call at the most: a head of 16 MiB holds both, twice as long in JSON at the worst.
pub const CALL_OUTPUT_BYTES_MAX: u64 = 2 << 20;

/// What a call is given to read, and what is read or written of one file at once.
pub const CALL_BYTES_MAX: u64 = 64 << 20;

/// Names of one folder that are listed.
pub const LISTED_MAX: usize = 10_000;

/// Folders within folders that are taken; the paths of a submission are not longer than those of its task.
const TAKEN_DEPTH_MAX: usize = 32;

/// Files and folders that are taken together.
const TAKEN_MAX: usize = 2_000;

/// An open sandbox.
#[derive(Debug)]
pub struct Session {
    child: Child,
    control: UnixStream,
    answer: ChildStdout,
    group: Option<Group>,
    cancel: Cancel,
    network: Network,
    file_bytes: u64,
    deadline: Instant,
    /// Why nothing can be asked any more.
    lost: Option<Box<str>>,
}

/// A program to start in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// The program, looked up in `PATH` where it has no `/`, and its arguments.
    pub words: Vec<Box<str>>,
    /// On top of that of the session.
    pub environment: Vec<(Box<str>, Box<str>)>,
    /// What it reads from its standard input.
    pub input: &'a [u8],
    /// By the clock on the wall.
    pub milliseconds: u64,
    /// What is kept of each of its streams, at most [`CALL_OUTPUT_BYTES_MAX`].
    pub output_bytes: u64,
}

impl Call<'_> {
    /// A call of `words` with nothing to read, for at most a minute.
    pub fn of<W: Into<Box<str>>>(words: impl IntoIterator<Item = W>) -> Call<'static> {
        Call {
            words: words.into_iter().map(Into::into).collect(),
            environment: Vec::new(),
            input: &[],
            milliseconds: 60_000,
            output_bytes: 1 << 20,
        }
    }
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    pub ended: Ended,
    pub output: Said,
    pub errors: Said,
    pub wall_microseconds: u64,
    /// Processes that were still there when it ended, and were ended with it.
    pub left_behind: u32,
}

/// What went through one network interface of a session, since it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    pub interface: Box<str>,
    pub received_bytes: u64,
    pub received_packets: u64,
    pub sent_bytes: u64,
    pub sent_packets: u64,
}

/// A name in a folder of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub name: Box<str>,
    pub kind: Kind,
    /// Of regular files.
    pub bytes: u64,
    pub executable: bool,
}

/// What a name stands for; a link is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    File,
    Folder,
    Link,
    /// A pipe, a socket, a device.
    Other,
}

/// A piece of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub bytes: Vec<u8>,
    /// What the whole file has.
    pub whole: u64,
    pub executable: bool,
}

/// A file that was taken out of a session, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Below the folder that was asked for; empty where a file was.
    pub path: Box<str>,
    pub bytes: Vec<u8>,
    pub executable: bool,
}

impl Session {
    /// Opens one; the words and the input of `run` are not used, and what changed comes back when it closes.
    ///
    /// The calling program has to call [`crate::entered`] first in its `main`.
    pub fn open(run: &Run) -> Result<Session, Failure> {
        Session::open_until(run, &Cancel::default())
    }

    /// The same, and it ends as soon as `cancel` says so, whatever it is at.
    pub fn open_until(run: &Run, cancel: &Cancel) -> Result<Session, Failure> {
        let mut wrong = wrong(run);
        if !run.input.is_empty() {
            wrong.push("a session has no input of its own; give each call its input".to_owned());
        }
        if !wrong.is_empty() {
            return Err(Failure::Refused(wrong));
        }
        let (group, isolation) = obtain(run)?;
        if let Some(group) = &group {
            group.spare();
        }
        let (control, theirs) =
            UnixStream::pair().map_err(broken("no socket for the session could be made"))?;
        let mut child = start(Stdio::from(OwnedFd::from(theirs)))
            .map_err(broken("the supervisor cannot be started"))?;
        let Some(answer) = child.stdout.take() else {
            return Err(Failure::Broken("the supervisor cannot be talked to".into()));
        };
        let mut session = Session {
            child,
            control,
            answer,
            group,
            cancel: cancel.clone(),
            network: run.network,
            file_bytes: run.limits.file_bytes,
            deadline: Instant::now() + Duration::from_millis(run.limits.milliseconds) + AROUND,
            lost: None,
        };
        enter(&session.child, session.group.as_ref())?;
        let (order, contents) = order(run, isolation, true);
        let sent = send(&order, &contents, &mut session.control)
            .and_then(|()| session.control.set_read_timeout(Some(AROUND)))
            .and_then(|()| session.hear(Duration::ZERO));
        match sent {
            Ok(Told::Ready) => Ok(session),
            // It ended before it stood: the supervisor knows why.
            _ => Err(match session.end() {
                Ok(transcript) => Failure::Broken(
                    format!("the session did not begin: {:?}", transcript.ended).into(),
                ),
                Err(failure) => failure,
            }),
        }
    }

    /// Starts a program and sees it to its end, or to its time's; whatever else it started ends with it.
    pub fn call(&mut self, call: &Call<'_>) -> Result<Called, Failure> {
        let mut wrong = Vec::new();
        if call.words.first().is_none_or(|program| program.is_empty()) {
            wrong.push("no program is named".to_owned());
        }
        wrong_words(&call.words, &call.environment, &mut wrong);
        if call.input.len() as u64 > self.file_bytes.min(CALL_BYTES_MAX) {
            wrong.push(format!(
                "an input of {} bytes; a call reads at most {}",
                call.input.len(),
                self.file_bytes.min(CALL_BYTES_MAX)
            ));
        }
        if !wrong.is_empty() {
            return Err(Failure::Refused(wrong));
        }
        let ended = self.group.as_ref().map_or(0, Group::ended);
        let ask = Ask::Call {
            words: call.words.clone(),
            environment: call.environment.clone(),
            input_bytes: call.input.len() as u64,
            milliseconds: call.milliseconds,
            output_bytes: call.output_bytes.min(CALL_OUTPUT_BYTES_MAX),
        };
        let time = Duration::from_millis(call.milliseconds);
        match self.ask(&ask, call.input, time)? {
            Told::Called(mut called) => {
                let by_signal = matches!(called.ended, Ended::Signaled(_) | Ended::Exited(_));
                if by_signal && self.group.as_ref().map_or(0, Group::ended) > ended {
                    called.ended = Ended::OutOfMemory;
                }
                Ok(called)
            }
            other => Err(self.astray(&other)),
        }
    }

    /// A file's bytes, where it has at most `bytes_max`. The path is absolute, or from the session's folder.
    pub fn read(&mut self, path: &str, bytes_max: u64) -> Result<Vec<u8>, Failure> {
        Ok(self.read_whole(path, bytes_max)?.bytes)
    }

    fn read_whole(&mut self, path: &str, bytes_max: u64) -> Result<Part, Failure> {
        let part = self.read_part(path, 0, bytes_max)?;
        match part.whole > bytes_max {
            true => Err(refused(format!(
                "`{path}` has {} bytes; at most {bytes_max} are read",
                part.whole
            ))),
            false => Ok(part),
        }
    }

    /// A piece of a file, from `offset` on.
    pub fn read_part(&mut self, path: &str, offset: u64, bytes_max: u64) -> Result<Part, Failure> {
        let bytes_max = bytes_max.min(CALL_BYTES_MAX);
        let ask = Ask::Read {
            path: path.into(),
            offset,
            bytes_max,
        };
        match self.ask(&ask, &[], Duration::ZERO)? {
            Told::Read {
                bytes,
                whole,
                executable,
            } => {
                let read = following(&mut self.control, bytes, bytes_max);
                let bytes = read.map_err(|error| self.lose(&error.to_string()))?;
                Ok(Part {
                    bytes,
                    whole,
                    executable,
                })
            }
            other => Err(self.astray(&other)),
        }
    }

    /// Writes a file, with the folders above it, over one that is there.
    pub fn write(&mut self, path: &str, bytes: &[u8], executable: bool) -> Result<(), Failure> {
        let most = self.file_bytes.min(CALL_BYTES_MAX);
        if bytes.len() as u64 > most {
            return Err(refused(format!(
                "{} bytes for `{path}`; at most {most} are written",
                bytes.len()
            )));
        }
        let ask = Ask::Write {
            path: path.into(),
            bytes: bytes.len() as u64,
            executable,
        };
        match self.ask(&ask, bytes, Duration::ZERO)? {
            Told::Written => Ok(()),
            other => Err(self.astray(&other)),
        }
    }

    /// What is in a folder, by name, at most [`LISTED_MAX`]; and how many names more there are.
    pub fn list(&mut self, path: &str) -> Result<(Vec<Listed>, u64), Failure> {
        match self.ask(&Ask::List { path: path.into() }, &[], Duration::ZERO)? {
            Told::Listed { entries, left_out } => Ok((entries, left_out)),
            other => Err(self.astray(&other)),
        }
    }

    /// A file, or all regular files of a folder and below it, as data; links and the like are left where they are.
    pub fn take(&mut self, path: &str, bytes_max: u64) -> Result<Vec<Taken>, Failure> {
        let mut left = bytes_max;
        let root = match self.list(path) {
            Ok((entries, 0)) => entries,
            Ok((_, _)) => return Err(too_many(path)),
            Err(Failure::Refused(_)) => {
                let part = self.read_whole(path, left)?;
                return Ok(vec![Taken {
                    path: "".into(),
                    bytes: part.bytes,
                    executable: part.executable,
                }]);
            }
            Err(other) => return Err(other),
        };
        let mut taken = Vec::new();
        let mut folders = vec![(String::new(), root, 0)];
        let mut seen = 0;
        while let Some((below, entries, depth)) = folders.pop() {
            for one in entries {
                seen += 1;
                if seen > TAKEN_MAX || depth > TAKEN_DEPTH_MAX {
                    return Err(too_many(path));
                }
                let inner = format!("{below}{}", one.name);
                let whole = format!("{}/{inner}", path.trim_end_matches('/'));
                match one.kind {
                    Kind::File => {
                        let bytes = self.read(&whole, left)?;
                        left -= bytes.len() as u64;
                        taken.push(Taken {
                            path: inner.into(),
                            bytes,
                            executable: one.executable,
                        });
                    }
                    Kind::Folder => match self.list(&whole)? {
                        (entries, 0) => folders.push((format!("{inner}/"), entries, depth + 1)),
                        _ => return Err(too_many(path)),
                    },
                    Kind::Link | Kind::Other => {}
                }
            }
        }
        taken.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(taken)
    }

    /// What went through each network interface since it began, as the kernel counts it. Nobody inside can change it.
    pub fn traffic(&mut self) -> Result<Vec<Traffic>, Failure> {
        match self.ask(&Ask::Traffic, &[], Duration::ZERO)? {
            Told::Traffic(all) => Ok(all),
            other => Err(self.astray(&other)),
        }
    }

    /// A listener on `port` of the session's own loopback, handed out: programs inside reach the harness by it, and
    /// nothing else.
    pub fn listen(&mut self, port: u16) -> Result<TcpListener, Failure> {
        if self.network == Network::None {
            return Err(refused(
                "the session has no loopback to listen on; open it with one".to_owned(),
            ));
        }
        match self.ask(&Ask::Listen { port }, &[], Duration::ZERO)? {
            Told::Listening => {
                let listener = descriptor::take(&self.control);
                let listener = listener.map_err(|error| self.lose(&error.to_string()))?;
                Ok(TcpListener::from(listener))
            }
            other => Err(self.astray(&other)),
        }
    }

    /// Whether it can still be asked; it cannot where its time is over, or something inside took all the memory.
    pub fn is_open(&self) -> bool {
        self.lost.is_none()
    }

    /// The process outside that holds it: with it everything inside ends.
    pub fn supervisor(&self) -> u32 {
        self.child.id()
    }

    /// Ends it, and says what was used and what changed.
    pub fn close(mut self) -> Result<Transcript, Failure> {
        self.end()
    }

    fn end(&mut self) -> Result<Transcript, Failure> {
        // The first process inside reads the end of what it may be asked, and ends; so does all inside.
        let _ = self.control.shutdown(Shutdown::Write);
        let deadline = self.deadline.min(Instant::now() + AROUND);
        let heard = hear(
            &mut self.answer,
            None,
            deadline,
            &Cancel::default(),
            self.group.as_ref(),
        );
        self.kill();
        let mut transcript = ran(heard?)?;
        let ended = transcript.ended.clone();
        counted(&mut transcript, self.group.as_ref());
        if ended == Ended::Exited(0) && self.lost.is_none() {
            // A call that needed too much memory was ended for it; the session was not.
            transcript.ended = ended;
        }
        Ok(transcript)
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks and hears the answer; what cannot be done is told as [`Failure::Refused`].
    fn ask(&mut self, ask: &Ask, bytes: &[u8], time: Duration) -> Result<Told, Failure> {
        if let Some(why) = &self.lost {
            return Err(Failure::Broken(why.clone()));
        }
        let told = send(ask, &[bytes], &mut self.control).and_then(|()| self.hear(time));
        match told {
            Ok(Told::Refused(why)) => Err(refused(why.into())),
            Ok(told) => Ok(told),
            Err(error) => Err(self.lose(&error.to_string())),
        }
    }

    /// What is answered within `time` and what is around it, unless it is told to end.
    fn hear(&mut self, time: Duration) -> std::io::Result<Told> {
        let until = Instant::now() + time + AROUND;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.cancel.is_cancelled() {
                return Err(std::io::ErrorKind::TimedOut.into());
            }
            let pause = PollTimeout::try_from(left.min(HEARD)).unwrap_or(PollTimeout::ZERO);
            let mut wait = [PollFd::new(self.control.as_fd(), PollFlags::POLLIN)];
            match poll(&mut wait, pause) {
                Ok(0) | Err(nix::errno::Errno::EINTR) => {}
                // Once it has begun to answer, it answers whole.
                Ok(_) => return receive(&mut self.control),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn astray(&mut self, told: &Told) -> Failure {
        self.lose(&format!("an answer to something else: {told:?}"))
    }

    fn lose(&mut self, why: &str) -> Failure {
        let why = match self.group.as_ref().is_some_and(Group::ran_out) {
            _ if self.cancel.is_cancelled() => "the session ended: it was told to".to_owned(),
            true => "the session ended: it took all the memory that it may have".to_owned(),
            false if Instant::now() + AROUND >= self.deadline => {
                "the session ended: its time is over".to_owned()
            }
            false => format!("the session ended: {why}"),
        };
        self.lost = Some(why.clone().into());
        Failure::Broken(why.into())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.kill();
    }
}

fn refused(why: String) -> Failure {
    Failure::Refused(vec![why])
}

fn too_many(path: &str) -> Failure {
    refused(format!(
        "`{path}` holds more than {TAKEN_MAX} files, or folders deeper than {TAKEN_DEPTH_MAX}"
    ))
}
