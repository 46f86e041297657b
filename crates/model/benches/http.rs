//! Exchanges over HTTP between our client and our server on this machine: `cargo bench -p model --bench http`.
//!
//! `… --bench http -- serve 127.0.0.1:8000` serves one fixed answer in all three formats until it is ended: the endpoint
//! that other harnesses are measured against; with `tools` behind it, one that calls two tools; with `attended`, until its standard input ends. `… -- ask URL COUNT CONNECTIONS` asks any endpoint.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops where anything goes wrong"
)]

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use model::{
    Assistant, Endpoint, Fixed, Halt, Message, Model, Request, Response, Serving, Stop, ToolCall,
    Usage, open, serve,
};
use nix::sys::resource::{UsageWho, getrusage};

const EXCHANGES: usize = 4000;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", address, rest @ ..] => {
            let mut model = answer();
            if let (true, Ok(answer)) = (rest.contains(&"tools"), &mut model.answer) {
                let command = "echo 'Grüße' && ls -l /task ".repeat(30);
                let arguments = serde_json::json!({"command": command});
                answer.message.calls = ["call_1", "call_2"]
                    .map(|id| ToolCall::new(id, "shell", &arguments.to_string()))
                    .to_vec();
                answer.stop = Stop::Tools;
            }
            let listener = TcpListener::bind(address).unwrap();
            let halt = Halt::new();
            std::thread::scope(|scope| {
                if rest.contains(&"attended") {
                    scope.spawn(|| {
                        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
                        halt.halt();
                    });
                }
                serve(&listener, &model, &Serving::default(), &halt).unwrap();
            });
        }
        ["ask", url, count, connections] => {
            let model = open(&Endpoint::read(url).unwrap()).unwrap();
            run(
                url,
                &*model,
                count.parse().unwrap(),
                connections.parse().unwrap(),
            );
        }
        _ => all(),
    }
}

/// Answers as the mock endpoints of other harnesses do: a line, and a count.
fn answer() -> Fixed {
    Fixed {
        name: "mock".into(),
        answer: Ok(Response {
            model: "mock".into(),
            message: Assistant::said("Default output from the mock endpoint: 42"),
            usage: Usage {
                input: 20,
                output: 9,
                ..Usage::default()
            },
            ..Response::default()
        }),
    }
}

fn all() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let halt = Halt::new();
    let model = answer();
    std::thread::scope(|scope| {
        scope.spawn(|| serve(&listener, &model, &Serving::default(), &halt).unwrap());
        for (api, stream) in [
            ("chat", false),
            ("chat", true),
            ("responses", false),
            ("messages", false),
        ] {
            for connections in [1, 20] {
                let url = format!(
                    "http://{address}/v1?model=mock&api={api}&stream={stream}&connections={connections}"
                );
                let client = open(&Endpoint::read(&url).unwrap()).unwrap();
                let pieces = if stream { ", in pieces" } else { "" };
                run(
                    &format!("{api}{pieces}, {connections} at once"),
                    &*client,
                    EXCHANGES,
                    connections,
                );
            }
        }
        halt.halt();
    });
}

fn run(name: &str, model: &dyn Model, count: usize, connections: usize) {
    let request = Request {
        messages: vec![
            Message::System("You answer arithmetic questions.".into()),
            Message::User("What is 40 + 2? Reply with just the number.".into()),
        ],
        ..Request::default()
    };
    // Connections are opened, and the code is warm.
    let deadline = || Instant::now() + Duration::from_secs(60);
    model.respond(&request, deadline()).unwrap();
    let before = processor();
    let start = Instant::now();
    let next = AtomicUsize::new(0);
    let mut waits: Vec<Duration> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(|| {
                    let mut waits = Vec::new();
                    while next.fetch_add(1, Ordering::Relaxed) < count {
                        let start = Instant::now();
                        model.respond(&request, deadline()).unwrap();
                        waits.push(start.elapsed());
                    }
                    waits
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    let seconds = start.elapsed().as_secs_f64();
    let cpu = (processor() - before).as_secs_f64();
    waits.sort();
    let at = |part: usize| waits[(waits.len() - 1) * part / 100].as_secs_f64() * 1000.0;
    println!(
        "{name} | {:.0} exchanges/s | {:.3} ms of processor each in this process | half within {:.2} ms, 99 % within {:.2} ms",
        count as f64 / seconds,
        cpu * 1000.0 / count as f64,
        at(50),
        at(99),
    );
}

fn processor() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    let part = |time: nix::sys::time::TimeVal| {
        Duration::new(
            u64::try_from(time.tv_sec()).unwrap(),
            u32::try_from(time.tv_usec()).unwrap() * 1000,
        )
    };
    part(usage.user_time()) + part(usage.system_time())
}
