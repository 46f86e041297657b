//! A real `seamarkd` to measure, filled before it starts, and a client that costs little beside it.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clearinghouse::Actor;
use clearinghouse::testing::Testing;
use clearinghouse::who::{Guest, token};
use keys::SystemDice;
use names::OrganizationKind;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Reports that one organization may hand over in a day, as `clearinghouse::Settings` has it.
pub const QUOTA: u64 = 100_000;

const ORIGIN: &str = "bench.invalid/log";

/// A house on a database, before `seamarkd` serves it.
pub struct Site {
    pub folder: tempfile::TempDir,
    pub database: String,
    pub house: Testing,
}

impl Site {
    /// A fresh one on the PostgreSQL database of that address, or on SQLite in a folder.
    pub async fn new(postgres: Option<&str>) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = format!("sqlite:{}/seamark.db", folder.path().display());
        let database = postgres.map_or(sqlite, str::to_owned);
        Site::open(folder, database).await
    }

    async fn open(folder: tempfile::TempDir, database: String) -> Site {
        let settings = clearinghouse::Settings {
            origin: ORIGIN.into(),
            ..clearinghouse::Settings::default()
        };
        let dice = Box::new(SystemDice);
        let now = server::now::system()();
        let keys = folder.path().join("keys");
        let opened = clearinghouse::start::start(&database, &keys, settings, dice, now);
        let house = Testing {
            house: opened.await.unwrap(),
            now,
        };
        Site {
            folder,
            database,
            house,
        }
    }

    /// The token of a member of a new organization, who may hand over and look.
    pub async fn token(&self, kind: OrganizationKind, name: &str) -> (Actor, String) {
        let actor = self.house.member(kind, name).await;
        let member = actor.member().unwrap().clone();
        let guest = Guest {
            actor: actor.clone(),
            member,
            organization_name: name.into(),
            session: None,
        };
        let wish = token::Wish {
            label: "bench".to_owned(),
            scopes: "read submit coordinate".parse().unwrap(),
            days: 1,
        };
        let made = token::make(&self.house, &guest, wish, self.house.now);
        (actor, made.await.unwrap().reveal().to_owned())
    }

    /// Starts `seamarkd` on what is there.
    pub async fn serve(self) -> Running {
        self.serve_with(&[]).await
    }

    /// The same, told `arguments` besides.
    pub async fn serve_with(self, arguments: &[&str]) -> Running {
        let Site {
            folder,
            database,
            house,
        } = self;
        drop(house);
        let settings = format!("origin = {ORIGIN:?}\n");
        std::fs::write(folder.path().join("seamarkd.toml"), settings).unwrap();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut child = Command::new(program())
            .args(["--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder.path())
            .args(["--database", &database])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let out = std::io::BufReader::new(child.stdout.take().unwrap());
        let line = std::io::BufRead::lines(out).next().unwrap().unwrap();
        let address = line.split("http://").nth(1).unwrap();
        Running {
            address: address.trim_end_matches('/').to_owned(),
            child,
            left: Some((folder, database)),
        }
    }
}

/// The `seamarkd` of this build, or the one that `seamarkd=PATH` names.
fn program() -> String {
    let named = std::env::args().find_map(|one| one.strip_prefix("seamarkd=").map(str::to_owned));
    named.unwrap_or_else(|| env!("CARGO_BIN_EXE_seamarkd").to_owned())
}

/// A `seamarkd` that runs; dropping it ends it.
pub struct Running {
    pub address: String,
    child: Child,
    /// Taken where the process was killed and its house is opened again.
    left: Option<(tempfile::TempDir, String)>,
}

impl Running {
    /// Kills it, and opens what it leaves behind.
    pub async fn killed(mut self) -> Site {
        let (folder, database) = self.left.take().unwrap();
        drop(self);
        Site::open(folder, database).await
    }

    /// Seconds of processor that it has used, its own and the kernel's for it: what counts where others keep the machine
    /// busy.
    pub fn processor(&self) -> f64 {
        let file = PathBuf::from(format!("/proc/{}/stat", self.child.id()));
        let stat = std::fs::read_to_string(file).unwrap_or_default();
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks = after_name.split_whitespace().skip(11).take(2);
        // A hundred a second on every Linux there is (`getconf CLK_TCK`).
        ticks.filter_map(|one| one.parse::<f64>().ok()).sum::<f64>() / 100.0
    }

    /// Peak memory of the process, in MiB.
    pub fn peak_mib(&self) -> f64 {
        let file = PathBuf::from(format!("/proc/{}/status", self.child.id()));
        let status = std::fs::read_to_string(file).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        kib.unwrap_or_default() / 1024.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One connection that is kept.
pub struct Client {
    stream: BufReader<TcpStream>,
    head: String,
}

/// An answer.
pub struct Answered {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Client {
    pub async fn new(address: &str, token: &str) -> Client {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Client {
            stream: BufReader::with_capacity(1 << 16, stream),
            head: format!("host: {address}\r\nauthorization: Bearer {token}\r\n"),
        }
    }

    /// Somebody nobody knows.
    pub async fn anonymous(address: &str) -> Client {
        let known = Client::new(address, "").await;
        Client {
            head: format!("host: {address}\r\n"),
            ..known
        }
    }

    pub async fn get(&mut self, path: &str, accept: &str) -> Answered {
        let head = format!(
            "GET {path} HTTP/1.1\r\n{}accept: {accept}\r\n\r\n",
            self.head
        );
        self.stream
            .get_mut()
            .write_all(head.as_bytes())
            .await
            .unwrap();
        self.read().await
    }

    /// Sends `body` while the answer is read: of a long stream both go on at once.
    pub async fn post(&mut self, path: &str, kind: &str, body: &[u8]) -> Answered {
        let head = format!(
            "POST {path} HTTP/1.1\r\n{}accept: application/json\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.head,
            body.len()
        );
        if body.len() < 1 << 16 {
            let all = [head.as_bytes(), body].concat();
            self.stream.get_mut().write_all(&all).await.unwrap();
            return self.read().await;
        }
        let (mut reader, mut writer) = self.stream.get_mut().split();
        let send = async {
            writer.write_all(head.as_bytes()).await.unwrap();
            writer.write_all(body).await.unwrap();
        };
        let mut reader = BufReader::with_capacity(1 << 16, &mut reader);
        tokio::join!(send, read(&mut reader)).1
    }

    async fn read(&mut self) -> Answered {
        read(&mut self.stream).await
    }
}

async fn read(stream: &mut (impl AsyncBufReadExt + Unpin)) -> Answered {
    let (mut status, mut length, mut chunked) = (0, 0, false);
    let mut line = String::new();
    loop {
        line.clear();
        let count = stream.read_line(&mut line).await.unwrap();
        assert!(count > 0, "the server closed the connection");
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        let lower = text.to_ascii_lowercase();
        if let Some(rest) = lower.strip_prefix("http/1.1 ") {
            status = rest[..3].parse().unwrap();
        } else if let Some(rest) = lower.strip_prefix("content-length: ") {
            length = rest.parse().unwrap();
        } else if lower == "transfer-encoding: chunked" {
            chunked = true;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    while chunked {
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        let size = usize::from_str_radix(line.trim(), 16).unwrap();
        let from = body.len();
        body.resize(from + size + 2, 0);
        stream.read_exact(&mut body[from..]).await.unwrap();
        body.truncate(from + size);
        chunked = size > 0;
    }
    Answered { status, body }
}

/// The middle one and the last of 100, in milliseconds.
pub fn spread(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64();
    (at(50) * 1e3, at(99) * 1e3)
}
