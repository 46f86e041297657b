//! A house to knock at: started on a free port, in memory, with seeded dice and a clock that tests set.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use clap::Parser;
use clearinghouse::log::sequence;
use clearinghouse::testing::Work;
use jiff::{SignedDuration, Timestamp};
use server::args::Args;
use server::listener::Door;
use server::settings::Settings;
use server::{App, demo, run, web};
use tokio::sync::watch;

use crate::outline::outline;

/// When every house opens.
pub const START: &str = "2026-11-20T12:00:00Z";

/// A running house.
pub struct House {
    pub address: SocketAddr,
    pub app: App,
    /// Who can be played, where it was told `--demo`.
    links: Vec<demo::Link>,
    clock: Arc<AtomicI64>,
    stop: Option<watch::Sender<bool>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl House {
    /// A fresh house that nobody but the test reaches.
    pub fn start() -> House {
        House::start_as(&[])
    }

    /// The same, told `arguments` on its command line.
    pub fn start_as(arguments: &[&str]) -> House {
        House::start_counted(arguments, Arc::new(Work::default()))
    }

    /// The same, where `work` counts what answers cost.
    pub fn start_counted(arguments: &[&str], work: Arc<Work>) -> House {
        let args = Args::parse_from(
            ["seamarkd", "--listen", "127.0.0.1:0"]
                .iter()
                .chain(arguments),
        );
        let start: Timestamp = START.parse().expect("it is written as RFC 3339 says");
        let clock = Arc::new(AtomicI64::new(start.as_microsecond()));
        let hand = Arc::clone(&clock);
        let (stop, stopped) = watch::channel(false);
        let (tell, told) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let settings = Settings::gather(&args).unwrap();
                let door = Door::open(settings.listen).await.unwrap();
                let address = door.address().unwrap();
                let read = Box::new(move || {
                    Timestamp::from_microsecond(hand.load(Ordering::SeqCst)).unwrap()
                });
                let mut settings = settings;
                settings.listened(address);
                let mut house = clearinghouse::testing::counted(work).await.house;
                house.settings.proof_required = settings.file.proof_required;
                let house = server::forbid::apply(house, &settings).unwrap();
                let app = App::new(house, settings, read, None);
                let links = match app.settings.demo {
                    true => demo::fill(&app.house, app.now()).await.unwrap(),
                    false => Vec::new(),
                };
                sequence::catch_up(&app.house, app.now()).await.unwrap();
                tell.send((address, app.clone(), links)).unwrap();
                run::serve(door, web::router(app), stopped).await;
            });
        });
        let (address, app, links) = told.recv().unwrap();
        House {
            address,
            app,
            links,
            clock,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// What a house says that is told `arguments` and does not start because of its operator's policies.
    pub fn refusal(arguments: &[&str]) -> Option<String> {
        let args = Args::parse_from(["seamarkd"].iter().chain(arguments));
        let settings = Settings::gather(&args).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let house = runtime.block_on(clearinghouse::testing::house()).house;
        server::forbid::apply(house, &settings).err()
    }

    /// Somebody nobody knows.
    pub fn anon(&self) -> Visitor {
        Visitor {
            address: self.address,
            headers: Vec::new(),
        }
    }

    /// Where a member of `organization` comes in.
    pub fn entrance(&self, organization: &str) -> String {
        let mut links = self.links.iter();
        let link = links.find(|link| link.role.starts_with(organization));
        let link = link.unwrap_or_else(|| panic!("nobody of `{organization}` is in the demo"));
        format!("/demo/{}", link.secret)
    }

    /// A member of `organization`, signed in.
    pub fn member(&self, organization: &str) -> Visitor {
        let seen = self.anon().get(&self.entrance(organization));
        let cookie = seen.cookie().expect("a session").to_owned();
        self.anon().with("cookie", &cookie)
    }

    /// Moves the clock.
    pub fn later(&self, by: SignedDuration) {
        self.clock
            .fetch_add(by.as_micros() as i64, Ordering::SeqCst);
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(true);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Someone who asks.
#[derive(Clone)]
pub struct Visitor {
    address: SocketAddr,
    headers: Vec<(String, String)>,
}

/// What came back.
pub struct Seen {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// The body as it came, where it came in one piece.
    pub bytes: Vec<u8>,
    /// The address that was asked, which differs from run to run.
    pub host: String,
}

impl Visitor {
    /// The cookie that the visitor sends, `NAME=VALUE`.
    ///
    /// # Panics
    ///
    /// Where they have none.
    pub fn cookie(&self) -> &str {
        let is_it = |(name, _): &&(String, String)| name == "cookie";
        &self.headers.iter().find(is_it).expect("they signed in").1
    }

    /// The same visitor, who sends one more header each time.
    pub fn with(&self, name: &str, value: &str) -> Visitor {
        let mut with = self.clone();
        with.headers.push((name.to_owned(), value.to_owned()));
        with
    }

    pub fn get(&self, path: &str) -> Seen {
        self.send("GET", path, None, "")
    }

    /// Sends a form as a browser does.
    pub fn post(&self, path: &str, form: &str) -> Seen {
        self.send(
            "POST",
            path,
            Some("application/x-www-form-urlencoded"),
            form,
        )
    }

    /// Sends JSON as a program does.
    pub fn send_json(&self, method: &str, path: &str, body: &str) -> Seen {
        self.send(method, path, Some("application/json"), body)
    }

    /// Plays a script: a line `GET /about`, or `POST /x name=Ada&role=admin`, or `POST /x {"name": "Ada"}`.
    /// Says for each the status, where it leads, what kind of answer it is, and its outline.
    pub fn play(&self, script: &str) -> String {
        let mut said = String::new();
        for line in script
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            let mut words = line.splitn(3, ' ');
            let (method, path, body) = (
                words.next().unwrap_or(""),
                words.next().unwrap_or("/"),
                words.next(),
            );
            let seen = match body {
                Some(body) if body.starts_with('{') => self.send_json(method, path, body),
                Some(body) => self.send(
                    method,
                    path,
                    Some("application/x-www-form-urlencoded"),
                    body,
                ),
                None => self.send(method, path, None, ""),
            };
            said.push_str(&format!("{line}\n{}", seen.said()));
        }
        said
    }

    /// Sends one request on a connection of its own.
    pub fn send(&self, method: &str, path: &str, kind: Option<&str>, body: &str) -> Seen {
        self.send_bytes(method, path, kind, body.as_bytes())
    }

    /// The same with bytes.
    pub fn send_bytes(&self, method: &str, path: &str, kind: Option<&str>, body: &[u8]) -> Seen {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.address,
            body.len()
        );
        if let Some(kind) = kind {
            head.push_str(&format!("content-type: {kind}\r\n"));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let request = [format!("{head}\r\n").as_bytes(), body].concat();
        stream.write_all(&request).unwrap();
        let mut raw = Vec::new();
        let _ = stream.read_to_end(&mut raw);
        let end = raw.windows(4).position(|four| four == b"\r\n\r\n");
        let bytes = end.map_or(Vec::new(), |end| raw[end + 4..].to_vec());
        let seen = Seen::parse(&String::from_utf8_lossy(&raw), self.address.to_string());
        Seen { bytes, ..seen }
    }
}

impl Seen {
    fn parse(raw: &str, host: String) -> Seen {
        let (head, body) = raw.split_once("\r\n\r\n").unwrap_or((raw, ""));
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|code| code.parse().ok())
            .unwrap_or(0);
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let seen = Seen {
            status,
            headers,
            body: body.to_owned(),
            bytes: Vec::new(),
            host,
        };
        match seen.header("transfer-encoding") {
            Some("chunked") => Seen {
                body: unchunked(body),
                ..seen
            },
            _ => seen,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// What `Set-Cookie` sets, as a `Cookie` header sends it.
    pub fn cookie(&self) -> Option<&str> {
        self.header("set-cookie")?.split(';').next()
    }

    /// The JSON it is.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.body))
    }

    /// Status, where it leads, and the outline or the JSON. Request numbers are left out: they change.
    pub fn said(&self) -> String {
        let place = self
            .header("location")
            .map(|place| format!(" → {place}"))
            .unwrap_or_default();
        let caching = self.header("cache-control").unwrap_or("none");
        let mut said = format!("  {}{place} (cache-control {caching})\n", self.status);
        let kind = self.header("content-type").unwrap_or("");
        let body = match kind {
            kind if kind.starts_with("text/html") => outline(&self.body),
            kind if kind.contains("json") => format!("{}\n", self.body),
            _ => self.body.clone(),
        };
        let body = body.replace(&self.host, "HOUSE");
        for line in body.lines().filter(|line| !line.is_empty()) {
            said.push_str(&format!("  {line}\n"));
        }
        match self.header("x-request-id") {
            Some(id) => said.replace(id, "NUMBER"),
            None => said,
        }
    }
}

fn unchunked(body: &str) -> String {
    let (mut out, mut rest) = (String::new(), body);
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 {
            break;
        }
        out.push_str(after.get(..size).unwrap_or(after));
        rest = after.get(size + 2..).unwrap_or("");
    }
    out
}
