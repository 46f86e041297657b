//! Load: several finders hand over at once, remember what was acknowledged, and send the rest again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};

use crate::process::{Process, Program};

/// Lines that hand over one report at a time, beside one that streams.
const SINGLE: usize = 3;
/// Reports of one stream.
const STREAMED: usize = 40;
/// Reports of a test are looked at one by one up to here; of more, some of each round.
const LOOKED_AT_MAX: usize = 60;

/// What everyone knows.
#[derive(Default)]
pub struct Known {
    /// Report, index in the log and title of each report that was acknowledged.
    acknowledged: Mutex<Vec<(String, u64, String)>>,
    /// Bodies that nobody knows the end of, to be sent again.
    open: Mutex<Vec<(String, &'static str)>>,
    numbers: AtomicU64,
    /// How often a clear `503` said when to come again.
    pub away: AtomicU64,
}

/// Finders at work.
pub struct Load {
    over: Arc<AtomicBool>,
    lines: Vec<JoinHandle<()>>,
}

impl Load {
    /// Begins; each keeps on until it is told to stop or nobody answers any more.
    pub fn begin(known: &Arc<Known>, program: &Program) -> Load {
        let over = Arc::new(AtomicBool::new(false));
        let line = |streams: bool| {
            let (known, program, over) = (known.clone(), program.clone(), over.clone());
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let (body, kind) = known.next(streams);
                    if !known.send(&program, body, kind) {
                        return;
                    }
                }
            })
        };
        let mut lines: Vec<_> = (0..SINGLE).map(|_| line(false)).collect();
        lines.push(line(true));
        Load { over, lines }
    }

    /// Ends after what was begun.
    pub fn end(self) {
        self.over.store(true, Ordering::Relaxed);
        for line in self.lines {
            line.join().unwrap();
        }
    }
}

impl Known {
    /// What was left open, or something new.
    fn next(&self, streams: bool) -> (String, &'static str) {
        if let Some(open) = self.open.lock().unwrap().pop() {
            return open;
        }
        let one = || {
            let number = self.numbers.fetch_add(1, Ordering::Relaxed);
            let title = format!("Overflow {number}");
            json!({"title": title, "target": {"package": format!("pkg:cargo/p{}@1.0.0", number % 40)}}).to_string()
        };
        match streams {
            false => (one(), "application/json"),
            true => {
                let lines: Vec<String> = (0..STREAMED).map(|_| one()).collect();
                (lines.join("\n"), "application/x-ndjson")
            }
        }
    }

    /// Sends once; `false` where nobody answered.
    fn send(&self, program: &Program, body: String, kind: &'static str) -> bool {
        let seen = match program.ask("POST", "/reports.json", kind, &body) {
            Ok(seen) => seen,
            Err(_) => {
                self.open.lock().unwrap().push((body, kind));
                return false;
            }
        };
        match seen.status {
            200 | 201 => self.note(&body, &seen.body, kind),
            503 => {
                assert!(seen.header("retry-after").is_some(), "{}", seen.body);
                self.away.fetch_add(1, Ordering::Relaxed);
                self.open.lock().unwrap().push((body, kind));
                thread::sleep(Duration::from_millis(100));
            }
            other => panic!("{other}: {}", seen.body),
        }
        true
    }

    fn note(&self, body: &str, answer: &str, kind: &'static str) {
        let title = |line: &str| {
            let value: Value = serde_json::from_str(line).unwrap();
            value["title"].as_str().unwrap().to_owned()
        };
        let mut all = self.acknowledged.lock().unwrap();
        let mut add = |receipt: &Value, title: String| {
            let report = receipt["report"].as_str().unwrap().to_owned();
            all.push((report, receipt["log_index"].as_u64().unwrap(), title));
        };
        if kind == "application/json" {
            let value: Value = serde_json::from_str(answer).unwrap();
            return add(&value["receipts"][0], title(body));
        }
        let mut unanswered = Vec::new();
        let mut answers = answer.lines();
        for line in body.lines() {
            let said = answers
                .next()
                .and_then(|said| serde_json::from_str::<Value>(said).ok());
            match said {
                Some(said) if said["receipt"].is_object() => add(&said["receipt"], title(line)),
                _ => unanswered.push(line),
            }
        }
        if !unanswered.is_empty() {
            // A stream that broke off: what it answered holds, and the rest is sent again.
            self.open
                .lock()
                .unwrap()
                .push((unanswered.join("\n"), kind));
        }
    }

    /// Sends what nobody knows the end of, until all of it was taken.
    pub fn settle(&self, program: &Program) {
        loop {
            let Some((body, kind)) = self.open.lock().unwrap().pop() else {
                return;
            };
            assert!(self.send(program, body, kind), "it does not answer");
        }
    }

    /// Every acknowledged report is there, as it was, and none of them twice.
    pub fn holds(&self, process: &Process, token: &str, all: bool) -> usize {
        let program = process.program(token);
        let known = self.acknowledged.lock().unwrap();
        let step = if all {
            1
        } else {
            (known.len() / LOOKED_AT_MAX).max(1)
        };
        for (report, index, title) in known.iter().rev().step_by(step) {
            let shown = program.get(&format!("/reports/{report}.json")).json();
            assert_eq!(shown["report"]["title"], title.as_str(), "{report}");
            let receipt = program
                .get(&format!("/reports/{report}/receipt.json"))
                .json();
            assert_eq!(receipt["index"], *index, "{report}");
        }
        let mut reports: Vec<&str> = known.iter().map(|(_, _, title)| title.as_str()).collect();
        reports.sort_unstable();
        let count = reports.len();
        reports.dedup();
        let mut ids: Vec<&str> = known.iter().map(|(report, _, _)| report.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), reports.len(), "a report was taken twice");
        println!("{count} acknowledgements of {} reports", reports.len());
        reports.len()
    }
}
