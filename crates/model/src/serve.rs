//! Serve: any model behind a socket, in all three formats.
//!
//! Two use it: a program in a sandbox that brings its own agent and finds nothing else to talk to, and a benchmark that
//! wants an endpoint which costs nothing. Threads that block, a reader of HTTP of our own that takes little and refuses
//! the rest, and no way out: what would reach beyond the model (search, stored conversations, other models) is refused.

mod http;
mod read;
mod route;

use std::collections::BTreeMap;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Model, Secret};

pub(crate) use read::read_all;

/// How a model is served.
#[derive(Clone, Debug)]
pub struct Serving {
    /// What a caller must show, as a bearer token or as `x-api-key`. Without it everybody who gets there is served.
    pub key: Option<Secret>,
    /// Further ones are told to come back.
    pub connections_max: usize,
    /// How long the model has for one answer.
    pub answer_seconds: u32,
    /// How long a connection may be silent, and how long the whole of a request may take to arrive.
    pub silence_seconds: u32,
    pub request_bytes_max: usize,
    /// Lets only those members of a format through that are known to stay with the model, and drops the others. What
    /// is known to reach further is refused in any case; this also stops what a provider adds tomorrow.
    pub only_known: bool,
}

impl Default for Serving {
    fn default() -> Serving {
        Serving {
            key: None,
            connections_max: 128,
            answer_seconds: 600,
            silence_seconds: 75,
            // A conversation of 1,000 turns with 16 KiB of output each, written as JSON.
            request_bytes_max: 32 * 1024 * 1024,
            only_known: false,
        }
    }
}

/// What was served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    pub connections: u64,
    /// Requests that were answered by the model.
    pub answered: u64,
    /// Requests that were answered with an error.
    pub refused: u64,
}

/// Ends a [`serve()`] from another thread.
#[derive(Clone, Debug, Default)]
pub struct Halt(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    halted: bool,
    listener: Option<TcpListener>,
    streams: BTreeMap<u64, TcpStream>,
}

impl Halt {
    pub fn new() -> Halt {
        Halt::default()
    }

    /// No further connection, and no further byte on those that are there. An answer that a model is still at ends by
    /// itself, at its deadline at the latest.
    pub fn halt(&self) {
        let mut open = self.lock();
        open.halted = true;
        if let Some(listener) = open.listener.take() {
            // Wakes whoever waits for a connection; a listener that is closed already waits for none.
            let _ =
                nix::sys::socket::shutdown(listener.as_raw_fd(), nix::sys::socket::Shutdown::Both);
        }
        for stream in std::mem::take(&mut open.streams).into_values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What all connections share.
struct House<'a> {
    model: &'a dyn Model,
    serving: &'a Serving,
    halt: &'a Halt,
    /// Makes ids.
    asked: AtomicU64,
    answered: AtomicU64,
    refused: AtomicU64,
}

/// Serves `model` to whoever connects to `listener`, until `halt` says so.
pub fn serve(
    listener: &TcpListener,
    model: &dyn Model,
    serving: &Serving,
    halt: &Halt,
) -> io::Result<Served> {
    let house = House {
        model,
        serving,
        halt,
        asked: AtomicU64::new(0),
        answered: AtomicU64::new(0),
        refused: AtomicU64::new(0),
    };
    {
        let mut open = halt.lock();
        if open.halted {
            return Ok(Served::default());
        }
        open.listener = Some(listener.try_clone()?);
    }
    let mut connections = 0;
    let ended = std::thread::scope(|scope| {
        let house = &house;
        loop {
            let stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(_) if halt.lock().halted => return Ok(()),
                Err(error) if passes(&error) => continue,
                Err(error) => {
                    halt.halt();
                    return Err(error);
                }
            };
            let id = connections;
            connections += 1;
            // Where even that fails there is no room for one more either.
            if !house.admit(id, &stream).unwrap_or(false) {
                http::turn_away(stream);
                continue;
            }
            let served = std::thread::Builder::new()
                .name("model-served".to_owned())
                .spawn_scoped(scope, move || {
                    http::connection(house, stream);
                    house.halt.lock().streams.remove(&id);
                });
            if served.is_err() {
                house.halt.lock().streams.remove(&id);
            }
        }
    });
    halt.lock().listener = None;
    ended.map(|()| Served {
        connections,
        answered: house.answered.load(Ordering::Relaxed),
        refused: house.refused.load(Ordering::Relaxed),
    })
}

impl House<'_> {
    /// Whether there is room for one more. Its stream is kept, so that it can be ended.
    fn admit(&self, id: u64, stream: &TcpStream) -> io::Result<bool> {
        let mut open = self.halt.lock();
        if open.halted || open.streams.len() >= self.serving.connections_max {
            return Ok(false);
        }
        stream.set_nodelay(true)?;
        let silence = Some(Duration::from_secs(u64::from(
            self.serving.silence_seconds.max(1),
        )));
        stream.set_read_timeout(silence)?;
        stream.set_write_timeout(silence)?;
        open.streams.insert(id, stream.try_clone()?);
        Ok(true)
    }
}

/// A connection that was gone before it was accepted says nothing about the next; nor do descriptors that are used up
/// for a moment, after a short rest.
fn passes(error: &io::Error) -> bool {
    const TOO_MANY_OPEN: [i32; 2] = [23, 24];
    if error
        .raw_os_error()
        .is_some_and(|code| TOO_MANY_OPEN.contains(&code))
    {
        std::thread::sleep(Duration::from_millis(50));
        return true;
    }
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}
