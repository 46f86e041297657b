//! Model: what measuring a model costs us, beside Inspect where that is installed.
//!
//! Both ask the same endpoint on this machine the same question, in the same run of this command; the endpoint answers
//! at once and never with the secret, so both have to come to the same score: nothing is solved.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::{Table, rooms};
use crate::run::{command, root};

/// Samples, and how many are asked at once: as many as Inspect is quickest with.
const SAMPLES: &str = "1000";
const CONNECTIONS: &str = "20";

/// The endpoint is built and started within this.
const START_SECONDS: u64 = 900;

/// What rooms measure, then both over HTTP.
pub fn model(table: &mut Table) -> Result<(), String> {
    for (room, name) in [("bench", "attempts"), ("bench", "evallog")] {
        rooms::bench(table, room, name, &[])?;
    }
    let endpoint = Endpoint::start()?;
    let url = format!(
        "http://{}/v1?model=mock&api=chat&connections={CONNECTIONS}",
        endpoint.address
    );
    let given = ["ask", &url, SAMPLES, CONNECTIONS].map(str::to_owned);
    rooms::bench(table, "bench", "attempts", &given)?;
    inspect(table, &endpoint.address)
}

/// `cargo bench -p model --bench http -- serve`, until it is dropped.
struct Endpoint {
    address: String,
    child: Child,
}

impl Endpoint {
    fn start() -> Result<Endpoint, String> {
        // A port that is free now; nobody else takes it in the moment until it is bound again.
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.map_err(|error| error.to_string())?.to_string();
        let words = [
            "bench",
            "--locked",
            "--quiet",
            "--workspace",
            "--bench",
            "http",
            "--",
            "serve",
            &address,
            "attended",
        ];
        let child = command("cargo", &words)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let endpoint = Endpoint { address, child };
        let begun = Instant::now();
        while TcpStream::connect(&endpoint.address).is_err() {
            if begun.elapsed() > Duration::from_secs(START_SECONDS) {
                return Err("the endpoint did not start".to_owned());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(endpoint)
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        // It ends where nobody can speak to it any more.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The python that has `inspect_ai`: what `SEAMARK_INSPECT` names, or the usual one.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever has Inspect in a place of its own names its python so"
)]
fn python() -> String {
    std::env::var("SEAMARK_INSPECT").unwrap_or_else(|_| "python3".to_owned())
}

fn inspect(table: &mut Table, address: &str) -> Result<(), String> {
    let python = python();
    let script = root().join("xtask/src/bench/beside_inspect.py");
    let (script, url) = (script.display().to_string(), format!("http://{address}/v1"));
    let words = [&*script, &url, SAMPLES, CONNECTIONS];
    let output = command(&python, &words)
        .output()
        .map_err(|error| format!("cannot start `{python}`: {error}"))?;
    if output.status.code() == Some(77) {
        table.row(
            "the same with Inspect",
            "not measured",
            "it is not installed; SEAMARK_INSPECT names a python that has it",
        );
        return Ok(());
    }
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("Inspect failed: {said}"));
    }
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if let [what, figure, beside] = line.split(" | ").collect::<Vec<_>>()[..] {
            table.row(what, figure, beside);
        }
    }
    Ok(())
}
