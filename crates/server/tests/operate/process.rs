//! The real program on a free port, with its own folder; what it says is kept.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

/// Longer than any start on a busy machine; a test that waits so long has failed.
const START_SECONDS_MAX: u64 = 120;

/// A running house.
pub struct Process {
    child: Child,
    pub address: String,
    /// Role and secret of each link of a demo.
    links: Vec<(String, String)>,
}

/// A command that starts `seamarkd` on `folder`.
pub fn seamarkd(folder: &Path, arguments: &[&str]) -> Command {
    #[expect(
        clippy::disallowed_methods,
        reason = "these tests start the program that they are about"
    )]
    let mut command = Command::new(env!("CARGO_BIN_EXE_seamarkd"));
    command.arg("--data-dir").arg(folder).args(arguments);
    command
}

/// What a command that ends by itself said: exit code, standard output, standard error.
pub fn said(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = seamarkd(folder, arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr),
    )
}

impl Process {
    /// Starts on `folder`; log lines go to the file `said` beside it, after those that are there.
    pub fn start(folder: &Path, arguments: &[&str]) -> Process {
        Process::start_at(folder, "127.0.0.1:0", arguments)
    }

    /// The same at an address where it was before.
    pub fn start_at(folder: &Path, address: &str, arguments: &[&str]) -> Process {
        let mut command = seamarkd(folder, &["--listen", address]);
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(log_of(folder))
            .spawn()
            .unwrap();
        let lines = lines(&mut child);
        let mut links = Vec::new();
        let address = loop {
            let Ok(line) = lines.recv_timeout(Duration::from_secs(START_SECONDS_MAX)) else {
                panic!(
                    "it did not start: {}",
                    fs::read_to_string(log_path(folder)).unwrap()
                );
            };
            if let Some((role, secret)) = line.trim().split_once(" http") {
                let secret = secret.rsplit('/').next().unwrap();
                links.push((role.trim().to_owned(), secret.to_owned()));
            }
            if let Some((_, address)) = line.split_once("listens on ") {
                break address.trim_end_matches('/').to_owned();
            }
        };
        Process {
            child,
            address,
            links,
        }
    }

    /// A program that acts for the member whose link of the demo names `role`.
    pub fn token(&self, role: &str, scopes: &[&str]) -> Program {
        let known = self.links.iter().find(|(known, _)| known.contains(role));
        let (_, secret) = known.unwrap_or_else(|| panic!("no `{role}` in {:?}", self.links));
        let stranger = self.program("");
        let come_in = stranger
            .ask("GET", &format!("/demo/{secret}"), "", "")
            .unwrap();
        let cookie = come_in.header("set-cookie").unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let wish = json!({"label": "test", "scopes": scopes, "days": 30}).to_string();
        let mut member = stranger;
        member.headers.push(("cookie".into(), cookie));
        let made = member.ask("POST", "/account/tokens.json", "application/json", &wish);
        let made = made.unwrap();
        assert_eq!(made.status, 201, "{}", made.body);
        self.program(made.json()["token"].as_str().unwrap())
    }

    /// A program with this token; a stranger where it is empty.
    pub fn program(&self, token: &str) -> Program {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(90)))
            .build();
        let mut headers = Vec::new();
        if !token.is_empty() {
            headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        }
        Program {
            agent: agent.into(),
            address: self.address.clone(),
            headers,
            token: token.to_owned(),
        }
    }

    /// Stops it as a power cut stops a process: nothing is finished.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        #[expect(clippy::disallowed_methods, reason = "a signal is sent by a program")]
        let sent = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(child: &mut Child) -> Receiver<String> {
    let out = child.stdout.take().unwrap();
    let (tell, told) = mpsc::channel();
    // Read to the end, or the program would wait for a reader.
    thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let _ = tell.send(line);
        }
    });
    told
}

/// Where the log lines of the house on `folder` are kept.
pub fn log_path(folder: &Path) -> PathBuf {
    folder.with_extension("said")
}

fn log_of(folder: &Path) -> File {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log_path(folder))
        .unwrap();
    file.write_all(b"--- started\n").unwrap();
    file
}

/// Someone who asks by HTTP.
#[derive(Clone)]
pub struct Program {
    agent: Agent,
    pub address: String,
    headers: Vec<(String, String)>,
    pub token: String,
}

/// What came back.
pub struct Seen {
    pub status: u16,
    headers: ureq::http::HeaderMap,
    pub body: String,
}

impl Program {
    /// One request; an error where no answer came.
    pub fn ask(&self, method: &str, path: &str, kind: &str, body: &str) -> Result<Seen, String> {
        self.send(method, path, kind, body.as_bytes())
    }

    /// The same with bytes.
    pub fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Seen, String> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address))
            .header("accept", "application/json");
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let answer = match method {
            "GET" | "HEAD" => self.agent.run(request.body(()).unwrap()),
            _ => self.agent.run(request.body(body).unwrap()),
        };
        let mut answer = answer.map_err(|error| error.to_string())?;
        let body = answer.body_mut().with_config().limit(64 << 20);
        let body = body.read_to_string().map_err(|error| error.to_string())?;
        Ok(Seen {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body,
        })
    }

    /// The same program with one more header.
    pub fn with(&self, name: &str, value: &str) -> Program {
        let mut with = self.clone();
        with.headers.push((name.to_owned(), value.to_owned()));
        with
    }

    /// Reads, and expects it to be there.
    pub fn get(&self, path: &str) -> Seen {
        let seen = self.ask("GET", path, "", "").unwrap();
        assert_eq!(seen.status, 200, "{path}: {}", seen.body);
        seen
    }

    /// Sends JSON, and expects it to be taken.
    pub fn post(&self, path: &str, body: &Value) -> Seen {
        let seen = self.ask("POST", path, "application/json", &body.to_string());
        let seen = seen.unwrap();
        assert!(
            (200..300).contains(&seen.status),
            "{path}: {} {}",
            seen.status,
            seen.body
        );
        seen
    }
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }
}
