//! Watch: how far a run is, as a page of this machine that draws itself anew.
//!
//! Counts alone: of a sealed suite no name of a task leaves the process. Whoever is on this machine can read it; a page
//! of elsewhere that a browser here was led to by its own name (DNS rebinding) cannot.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::bench::run::Progress;
use askama::Template;

use crate::failure::{Failure, wrong};
use crate::render::text::thousands;

/// Seconds after which the page is drawn again.
const SECONDS: u32 = 2;

/// A reader that says nothing is left after this; the next one waits behind it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Longest head of a request that is read.
const HEAD_BYTES_MAX: u64 = 8 << 10;

#[derive(Template)]
#[template(path = "watch.html")]
struct Page<'a> {
    style: &'static str,
    seconds: u32,
    suite: &'a str,
    model: &'a str,
    progress: &'a Progress,
    time: String,
    /// At the pace so far; nothing before an attempt is finished.
    left: Option<String>,
    figures: Vec<(String, &'static str)>,
    bars: Vec<Bar>,
}

/// How many attempts came to something.
struct Bar {
    what: &'static str,
    count: String,
    /// Percent of all attempts.
    width: u64,
    class: &'static str,
}

fn figures(progress: &Progress) -> Vec<(String, &'static str)> {
    let number = |count: u32| thousands(u64::from(count));
    let tokens = progress.tokens_input.saturating_add(progress.tokens_output);
    let finished = format!(
        "{} of {}",
        number(progress.finished),
        number(progress.samples)
    );
    let mut figures = vec![
        (finished, "attempts finished"),
        (number(progress.running), "under way"),
        (thousands(progress.turns), "turns"),
        (thousands(tokens), "tokens"),
    ];
    if progress.cost > 0 {
        let dollars = format!("${:.2}", progress.cost as f64 / 1e6);
        figures.push((dollars, "spent on finished attempts"));
    }
    figures
}

fn bars(progress: &Progress) -> Vec<Bar> {
    let all = u64::from(progress.samples.max(1));
    let outcomes = [
        ("solved", progress.solved, "good"),
        ("failed", progress.failed, "dim"),
        ("cheated", progress.cheated, "stop"),
        ("contaminated", progress.contaminated, "stop"),
        ("broken", progress.broken, "wait"),
    ];
    let bar = |(what, count, class): (&'static str, u32, &'static str)| Bar {
        what,
        count: thousands(u64::from(count)),
        width: u64::from(count) * 100 / all,
        class,
    };
    outcomes.into_iter().map(bar).collect()
}

fn left(progress: &Progress) -> Option<String> {
    let ahead = u64::from(progress.samples.saturating_sub(progress.finished));
    let done = u64::from(progress.finished);
    (done > 0 && ahead > 0).then(|| time(progress.milliseconds / done * ahead))
}

/// `1 h 02 min`, `2 min 05 s`.
fn time(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

/// What is shown, and of what.
pub struct Watch {
    shown: Arc<Mutex<Progress>>,
}

impl Watch {
    /// Serves the page at an address of this machine, until the process ends.
    pub fn begin(address: SocketAddr, suite: &str, model: &str) -> Result<Watch, Failure> {
        if !address.ip().is_loopback() {
            return Err(wrong(format!(
                "`--watch {address}`: whoever reaches it can read it, so it is an address of this machine, such as `127.0.0.1:{}`",
                address.port()
            )));
        }
        let listener = TcpListener::bind(address)
            .map_err(|error| wrong(format!("`--watch {address}`: {error}")))?;
        let taken = listener.local_addr()?;
        eprintln!("seamark: how far it is: http://{taken}/");
        let shown = Arc::new(Mutex::new(Progress::default()));
        let (shared, suite, model) = (Arc::clone(&shown), suite.to_owned(), model.to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let progress = shared
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                // A reader that went away is no failure of the run.
                let _ = answer(stream, &suite, &model, &progress);
            }
        });
        Ok(Watch { shown })
    }

    pub fn show(&self, progress: &Progress) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = progress.clone();
    }
}

fn answer(stream: TcpStream, suite: &str, model: &str, progress: &Progress) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let path = asked(&stream)?;
    let (status, kind, text) = match path.as_deref() {
        Some("/") => (
            "200 OK",
            "text/html; charset=utf-8",
            page(suite, model, progress),
        ),
        Some("/progress.json") => {
            let counts = Progress {
                last: None,
                ..progress.clone()
            };
            let text = serde_json::to_string(&counts)?;
            ("200 OK", "application/json", text)
        }
        _ => {
            let text = "there is `/` and `/progress.json`\n".to_owned();
            ("404 Not Found", "text/plain; charset=utf-8", text)
        }
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        text.len()
    );
    let mut stream = &stream;
    stream.write_all(head.as_bytes())?;
    stream.write_all(text.as_bytes())
}

/// The path that is asked for; none where it is no request to read something of this machine.
fn asked(stream: &TcpStream) -> io::Result<Option<String>> {
    let mut reader = BufReader::new(stream.take(HEAD_BYTES_MAX));
    let (mut line, mut rest) = (Vec::new(), Vec::new());
    let mut is_here = false;
    reader.read_until(b'\n', &mut line)?;
    // All of the head is taken in before an answer: who is still sending would lose it.
    while reader.read_until(b'\n', &mut rest)? > 2 {
        let header = String::from_utf8_lossy(&rest);
        if let Some((name, host)) = header.split_once(':')
            && name.eq_ignore_ascii_case("host")
        {
            is_here = is_of_here(host.trim());
        }
        rest.clear();
    }
    let line = String::from_utf8_lossy(&line);
    let path = line
        .strip_prefix("GET ")
        .and_then(|rest| rest.split(' ').next())
        .filter(|_| is_here);
    Ok(path.map(str::to_owned))
}

/// Whether `host` names this machine by what no name server says: `localhost:8791`, `127.0.0.1`, `[::1]:8791`.
fn is_of_here(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_matches(['[', ']']);
    let address = name.parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|it| it.is_loopback())
}

fn page(suite: &str, model: &str, progress: &Progress) -> String {
    let page = Page {
        style: include_str!("../../templates/report.css"),
        seconds: SECONDS,
        suite,
        model,
        progress,
        time: time(progress.milliseconds),
        left: left(progress),
        figures: figures(progress),
        bars: bars(progress),
    };
    page.render().unwrap_or_else(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn progress() -> Progress {
        Progress {
            samples: 40,
            finished: 10,
            running: 2,
            solved: 6,
            failed: 3,
            cheated: 1,
            turns: 120,
            tokens_input: 10_000,
            tokens_output: 2_345,
            cost: 1_234_567,
            milliseconds: 100_000,
            last: Some("a-secret-task".into()),
            ..Progress::default()
        }
    }

    #[test]
    fn the_page_has_counts_and_no_name_of_a_task() {
        let page = page("A <suite>", "oracle", &progress());
        assert!(!page.contains("a-secret-task"));
        assert!(page.contains("A &#60;suite&#62;") && !page.contains("A <suite>"));
        let body = page.split("<main>").nth(1).unwrap();
        let mut said = String::new();
        let mut inside = true;
        for character in body.chars() {
            match character {
                '<' => inside = false,
                '>' => {
                    inside = true;
                    said.push(' ');
                }
                _ if inside => said.push(character),
                _ => {}
            }
        }
        let words: Vec<&str> = said.split_whitespace().collect();
        expect!["A &#60;suite&#62; oracle, for 1 min 40 s. About 5 min 00 s to go at this pace. Drawn again every 2 seconds until the run ends. 10 of 40 attempts finished 2 under way 120 turns 12,345 tokens $1.23 spent on finished attempts What came of them solved 6 failed 3 cheated 1 contaminated 0 broken 0 Counts of a run that is not ended are no score: the scorecard with its bounds is made at the end. The same as JSON ."].assert_eq(&words.join(" "));
    }

    #[test]
    fn it_is_served_to_this_machine_alone_and_answers_what_it_knows() {
        let outside = Watch::begin("0.0.0.0:0".parse().unwrap(), "A", "oracle");
        expect!["`--watch 0.0.0.0:0`: whoever reaches it can read it, so it is an address of this machine, such as `127.0.0.1:0`"]
            .assert_eq(&outside.err().unwrap().message);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = answer(stream.unwrap(), "A", "oracle", &progress());
            }
        });
        let ask = |request: &str| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut text = String::new();
            let _ = stream.read_to_string(&mut text);
            text
        };
        let json = ask("GET /progress.json HTTP/1.1\r\nHost: localhost:1\r\n\r\n");
        assert!(
            json.ends_with(r#""milliseconds":100000,"last":null}"#),
            "{json}"
        );
        let status = |line: &str, host: &str| {
            let said = ask(&format!("{line} HTTP/1.1\r\n{host}\r\n\r\n"));
            said.split(' ').nth(1).unwrap_or("nothing").to_owned()
        };
        for (line, host, wanted) in [
            ("GET /", "Host: 127.0.0.1:8791", "200"),
            ("GET /", "host:[::1]:8791", "200"),
            ("GET /", "HOST: LocalHost", "200"),
            ("GET /other", "Host: localhost", "404"),
            ("POST /", "Host: localhost", "404"),
            ("GET /", "Host: evil.example", "404"),
            ("GET /", "Host: localhost.evil.example:8791", "404"),
            ("GET /", "Host: 203.0.113.7", "404"),
            ("GET /", "Accept: text/html", "404"),
        ] {
            assert_eq!(status(line, host), wanted, "{line} {host}");
        }
        // One who never ends a line is left, and the next one is answered.
        let _ = ask(&"x".repeat(9_000));
        assert_eq!(status("GET /", "Host: localhost"), "200");
    }
}
