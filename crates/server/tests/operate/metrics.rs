//! What Prometheus reads: in its format, described, and with nothing in it that tells of a case.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use expect_test::expect;

use crate::process::Process;

/// A page of metrics, read as its format has it (Prometheus, exposition formats, text format 0.0.4).
#[derive(Default)]
struct Metrics {
    help: BTreeMap<String, String>,
    kinds: BTreeMap<String, String>,
    /// Name, labels as they are written, value.
    samples: Vec<(String, String, f64)>,
}

impl Metrics {
    fn read(text: &str) -> Metrics {
        assert!(text.ends_with('\n'), "the last line ends too");
        let mut metrics = Metrics::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, said) = rest.split_once(' ').unwrap();
                metrics.help.insert(name.to_owned(), said.to_owned());
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                let before = metrics.kinds.insert(name.to_owned(), kind.to_owned());
                assert_eq!(before, None, "{name} has two types");
            } else {
                let (series, value) = line.rsplit_once(' ').unwrap();
                let (name, labels) = series.split_once('{').unwrap_or((series, ""));
                let value = value.parse().unwrap();
                let labels = labels.trim_end_matches('}');
                metrics
                    .samples
                    .push((name.to_owned(), labels.to_owned(), value));
            }
        }
        metrics
    }

    /// What a sample is of: `seamarkd_request_seconds_bucket` is of `seamarkd_request_seconds`.
    fn family<'a>(&self, sample: &'a str) -> &'a str {
        let endings = ["_bucket", "_sum", "_count"];
        let base = endings.iter().find_map(|end| sample.strip_suffix(end));
        base.filter(|base| self.kinds.contains_key(*base))
            .unwrap_or(sample)
    }

    /// The sum over all samples of this name whose labels have all of `labels`.
    fn sum(&self, name: &str, labels: &[&str]) -> f64 {
        let own = self
            .samples
            .iter()
            .filter(|(of, has, _)| of == name && labels.iter().all(|label| has.contains(label)));
        own.map(|(_, _, value)| value).sum()
    }
}

fn free() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn metrics_are_described_count_what_happens_and_tell_of_no_case() {
    let folder = tempfile::tempdir().unwrap();
    let own = free();
    // Others reach this house, so its own address does not tell.
    let url = ["--url", "https://harbor.example"];
    let arguments = [&["--metrics-listen", &*own][..], &url].concat();
    let house = Process::start(&folder.path().join("data"), &arguments);
    let hidden = house.program("").ask("GET", "/metrics", "", "").unwrap();
    assert_eq!(hidden.status, 404);
    let stranger = house.program("");
    let mut scraper = stranger.clone();
    scraper.address = format!("http://{own}");
    let read = || {
        let page = scraper.get("/metrics");
        let kind = page.header("content-type").map(str::to_owned);
        assert_eq!(kind.as_deref(), Some("text/plain; version=0.0.4"));
        page.body
    };
    let hits = |metrics: &Metrics| {
        let labels = [r#"route="/cases/{id}""#, r#"method="GET""#];
        metrics.sum("seamarkd_requests_total", &labels)
    };
    let before = Metrics::read(&read());
    for number in 1..=3 {
        let path = format!("/cases/C-00471{number}");
        stranger.ask("GET", &path, "", "").unwrap();
    }
    stranger.ask("GET", "/no-such-palette", "", "").unwrap();
    // Each would be a series of its own, kept for as long as the house runs.
    for method in ["PALETTE", "PALETTE2"] {
        let address = house.address.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        let asked = format!("{method} / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(asked.as_bytes()).unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        assert!(said.starts_with("HTTP/1.1 4"), "{said}");
    }
    // Jobs are counted from their first round on, which begins with the house.
    let mut text = read();
    while !text.contains("seamarkd_jobs_total") {
        std::thread::sleep(std::time::Duration::from_millis(20));
        text = read();
    }
    let after = Metrics::read(&text);
    assert_eq!(hits(&after) - hits(&before), 3.0);
    // Which number was asked for, and which wrong word, is nobody's business.
    for told in ["c-0047", "palette"] {
        assert!(!text.to_lowercase().contains(told), "{told}: {text}");
    }
    let made_up = after.sum("seamarkd_requests_total", &[r#"method="other""#]);
    assert_eq!(made_up, 2.0);
    for (name, _, _) in &after.samples {
        let family = after.family(name);
        assert!(after.kinds.contains_key(family), "{name} has no type");
        assert!(after.help.contains_key(family), "{name} is not described");
    }
    let infinite = after.sum("seamarkd_request_seconds_bucket", &[r#"le="+Inf""#]);
    assert_eq!(infinite, after.sum("seamarkd_request_seconds_count", &[]));
    assert_eq!(after.sum("seamarkd_store_answers", &[]), 1.0);
    let told: Vec<String> = after
        .kinds
        .iter()
        .map(|(name, kind)| format!("{name} {kind}"))
        .collect();
    expect![[r#"
        seamarkd_cases_open gauge
        seamarkd_job_seconds histogram
        seamarkd_jobs_total counter
        seamarkd_log_entries gauge
        seamarkd_log_unsequenced_entries gauge
        seamarkd_log_unsequenced_seconds gauge
        seamarkd_notices_waiting gauge
        seamarkd_proofs_waiting gauge
        seamarkd_request_seconds histogram
        seamarkd_requests_total counter
        seamarkd_store_answers gauge
        seamarkd_work_waiting gauge"#]]
    .assert_eq(&told.join("\n"));
}
