//! Fetching from a server on this machine that answers as it is told.

use std::io::{BufRead, BufReader, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use feeds::fetch::{self, Fetched, Settings};

/// A server that gives its answers one after another and remembers what it was asked.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(answers: &[&str]) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!(
            "http://{}/feeds/all.json",
            listener.local_addr().expect("an address")
        );
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answers, heard): (Vec<String>, _) = (
            answers.iter().map(|text| (*text).to_owned()).collect(),
            asked.clone(),
        );
        std::thread::spawn(move || {
            for answer in answers {
                let (stream, _) = listener.accept().expect("a caller");
                heard
                    .lock()
                    .expect("unpoisoned")
                    .push(serve(stream, &answer));
            }
        });
        Server { url, asked }
    }

    /// Headers of the request of this number that ask for something in particular.
    fn asked(&self, number: usize) -> String {
        let asked = self.asked.lock().expect("unpoisoned");
        let request = asked.get(number).expect("a request");
        let names = [
            "range:",
            "if-range:",
            "if-none-match:",
            "if-modified-since:",
        ];
        let wanted = request
            .lines()
            .map(str::to_ascii_lowercase)
            .filter(|line| names.iter().any(|name| line.starts_with(name)));
        wanted.collect::<Vec<_>>().join(", ")
    }
}

fn serve(mut stream: TcpStream, answer: &str) -> String {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut request = String::new();
    loop {
        let mut line = String::new();
        let count = reader.read_line(&mut line).expect("a line");
        if count == 0 || line == "\r\n" {
            break;
        }
        request += &line;
    }
    let (head, body) = answer.split_once("\n\n").expect("head and body");
    let head = head.replace('\n', "\r\n");
    // A client that has read what it needs may be gone before the end; that is no failure of the server's.
    let _ = write!(stream, "HTTP/1.1 {head}\r\nConnection: close\r\n\r\n{body}");
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = reader.read(&mut [0; 1]);
    request
}

fn settings() -> Settings {
    Settings {
        wait: |_| {},
        ..Settings::default()
    }
}

fn fetch(server: &Server, cache: &Path) -> Fetched {
    fetch::fetch(&server.url, cache, &settings()).expect("something fetched")
}

fn text(fetched: &Fetched) -> String {
    std::fs::read_to_string(&fetched.path).expect("a file")
}

#[test]
fn what_did_not_change_is_not_fetched_again() {
    let cache = tempfile::tempdir().expect("a folder");
    let server = Server::new(&[
        "200 OK\nETag: \"one\"\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\nContent-Length: 5\n\nfirst",
        "304 Not Modified\nETag: \"one\"\n\n",
        "200 OK\nETag: \"two\"\nContent-Length: 6\n\nsecond",
    ]);
    let first = fetch(&server, cache.path());
    assert_eq!((text(&first).as_str(), first.is_new), ("first", true));
    let same = fetch(&server, cache.path());
    assert_eq!(
        (text(&same).as_str(), same.is_new, same.stale),
        ("first", false, None)
    );
    assert_eq!(
        server.asked(1),
        "if-none-match: \"one\", if-modified-since: mon, 01 jan 2024 00:00:00 gmt"
    );
    let second = fetch(&server, cache.path());
    assert_eq!((text(&second).as_str(), second.is_new), ("second", true));
}

#[test]
fn what_broke_off_is_gone_on_with() {
    let cache = tempfile::tempdir().expect("a folder");
    let server = Server::new(&[
        "200 OK\nETag: \"one\"\nContent-Length: 10\n\n01234",
        "206 Partial Content\nETag: \"one\"\nContent-Range: bytes 5-9/10\nContent-Length: 5\n\n56789",
    ]);
    assert_eq!(text(&fetch(&server, cache.path())), "0123456789");
    assert_eq!(server.asked(1), "range: bytes=5-, if-range: \"one\"");
}

#[test]
fn what_changed_meanwhile_is_fetched_anew() {
    let cache = tempfile::tempdir().expect("a folder");
    let server = Server::new(&[
        "200 OK\nETag: \"one\"\nContent-Length: 10\n\n01234",
        "200 OK\nETag: \"two\"\nContent-Length: 3\n\nabc",
    ]);
    assert_eq!(text(&fetch(&server, cache.path())), "abc");
}

#[test]
fn a_part_that_fits_no_more_is_dropped() {
    let cache = tempfile::tempdir().expect("a folder");
    let server = Server::new(&[
        "200 OK\nETag: \"one\"\nContent-Length: 10\n\n01234",
        "416 Range Not Satisfiable\nContent-Length: 0\n\n",
        "200 OK\nContent-Length: 3\n\nabc",
    ]);
    assert_eq!(text(&fetch(&server, cache.path())), "abc");
    assert_eq!(server.asked(2), "");
}

#[test]
fn a_busy_server_is_asked_again_after_the_time_it_names() {
    static WAITED: Mutex<Vec<u64>> = Mutex::new(Vec::new());
    let cache = tempfile::tempdir().expect("a folder");
    let server = Server::new(&[
        "429 Too Many Requests\nRetry-After: 7\nContent-Length: 0\n\n",
        "503 Service Unavailable\nDate: Mon, 01 Jan 2024 00:00:00 GMT\nRetry-After: Mon, 01 Jan 2024 00:00:30 GMT\nContent-Length: 0\n\n",
        "503 Service Unavailable\nRetry-After: 86400\nContent-Length: 0\n\n",
        "200 OK\nContent-Length: 2\n\nok",
    ]);
    let settings = Settings {
        wait: |time| WAITED.lock().expect("unpoisoned").push(time.as_secs()),
        ..Settings::default()
    };
    let fetched = fetch::fetch(&server.url, cache.path(), &settings).expect("something fetched");
    assert_eq!(text(&fetched), "ok");
    assert_eq!(*WAITED.lock().expect("unpoisoned"), [7, 30, 120]);
}

#[test]
fn while_a_source_fails_the_earlier_copy_is_kept_and_said_to_be_old() {
    let cache = tempfile::tempdir().expect("a folder");
    let server = Server::new(&[
        "200 OK\nContent-Length: 3\n\nold",
        "404 Not Found\nContent-Length: 0\n\n",
    ]);
    fetch(&server, cache.path());
    let kept = fetch(&server, cache.path());
    assert_eq!(text(&kept), "old");
    assert!(kept.stale.expect("a reason").contains("404"));
}

#[test]
fn nothing_kept_and_nothing_fetched_is_an_error() {
    let cache = tempfile::tempdir().expect("a folder");
    let server = Server::new(&["404 Not Found\nContent-Length: 0\n\n"]);
    let error = fetch::fetch(&server.url, cache.path(), &settings()).expect_err("nothing there");
    assert!(
        error
            .to_string()
            .ends_with("cannot be fetched: server answers 404 Not Found"),
        "{error}"
    );
}

#[test]
fn an_answer_without_an_end_is_cut_at_the_limit() {
    let cache = tempfile::tempdir().expect("a folder");
    let long = format!("200 OK\n\n{}", "x".repeat(100_000));
    let server = Server::new(&[&long, "200 OK\nContent-Length: 99999999\n\n"]);
    let settings = Settings {
        bytes_max: 1000,
        ..settings()
    };
    for _ in 0..2 {
        let error = fetch::fetch(&server.url, cache.path(), &settings).expect_err("too long");
        assert!(
            error.to_string().ends_with("longer than 1000 bytes"),
            "{error}"
        );
    }
    assert_eq!(
        std::fs::read_dir(cache.path()).expect("a folder").count(),
        0
    );
}

#[test]
fn redirects_are_followed_within_a_bound() {
    let cache = tempfile::tempdir().expect("a folder");
    let around = "302 Found\nLocation: /again\nContent-Length: 0\n\n";
    let server = Server::new(&[around, "200 OK\nContent-Length: 2\n\nok"]);
    assert_eq!(text(&fetch(&server, cache.path())), "ok");
    let server = Server::new(&[around; 8]);
    let error = fetch::fetch(&server.url, cache.path(), &settings()).expect_err("a circle");
    assert!(error.to_string().contains("redirect"), "{error}");
}

#[test]
fn plain_http_is_refused_but_for_this_machine() {
    let cache = tempfile::tempdir().expect("a folder");
    for url in [
        "http://example.org/a",
        "ftp://127.0.0.1/a",
        "file:///etc/passwd",
        "http://127.0.0.1.example.org/a",
        "http://127.0.0.1@example.org/",
        "http://127.0.0.1:80@example.org/",
    ] {
        let error = fetch::fetch(url, cache.path(), &settings()).expect_err("refused");
        assert!(error.to_string().contains("https://"), "{error}");
    }
}

#[test]
fn a_fetched_address_is_read_as_a_source() {
    let cache = tempfile::tempdir().expect("a folder");
    let server = Server::new(&[
        "200 OK\nContent-Length: 51\n\n{\"id\": \"A-1\", \"modified\": \"2024-01-01T00:00:00Z\"}  \n",
    ]);
    let sources = [feeds::Source::Url {
        url: server.url.clone(),
        cache: cache.path().to_owned(),
    }];
    let mut told = Vec::new();
    feeds::read_all(
        &sources,
        &feeds::Settings::default(),
        &mut |item| match item {
            feeds::Item::Record(origin, _) => told.push(origin.file.clone()),
            feeds::Item::Unreadable(what) => told.push(what.reason),
            feeds::Item::Original(..) | feeds::Item::Progress(_) => {}
        },
    );
    assert_eq!(told, [server.url]);
}
