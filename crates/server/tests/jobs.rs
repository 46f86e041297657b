//! What leaves the house by itself: mail without a word of a case, and calls that their receiver can check.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, mpsc};
use std::thread;

use clearinghouse::coordinate::{self, Opening};
use clearinghouse::notice::{self, Call};
use clearinghouse::testing::{Testing, house};
use clearinghouse::{Actor, Settings};
use finding::Report;
use jiff::{SignedDuration, Timestamp};
use names::{CaseId, OrganizationKind};
use server::jobs::outside::{calls, letters};
use server::jobs::{Caller, Mailer};

/// A mail server that hands out each mail it was told, with the envelope above it.
fn mail_server() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (told, mails) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let mut out = stream.try_clone().unwrap();
            let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
            let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes()).unwrap();
            let mut mail = String::new();
            say("220 test");
            while let Some(line) = lines.next() {
                match line.get(..4).unwrap_or(&line) {
                    "DATA" => {
                        say("354 go on");
                        for line in lines.by_ref().take_while(|line| line != ".") {
                            mail += &line;
                            mail += "\n";
                        }
                        say("250 taken");
                        told.send(std::mem::take(&mut mail)).unwrap();
                    }
                    "QUIT" => {
                        say("221 bye");
                        break;
                    }
                    _ => {
                        mail += &line;
                        mail += "\n";
                        say("250 ok");
                    }
                }
            }
        }
    });
    (url, mails)
}

/// A receiver that answers each call with the next of `answers` and hands out head and body.
fn receiver(answers: Vec<&'static str>) -> (String, mpsc::Receiver<(Vec<String>, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (told, calls) = mpsc::channel();
    thread::spawn(move || {
        for (stream, answer) in listener.incoming().zip(answers) {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if line.trim().is_empty() {
                    break;
                }
                head.push(line.trim().to_owned());
            }
            let length = header(&head, "content-length");
            let mut body = vec![0; length.parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            let text =
                format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(text.as_bytes()).unwrap();
            told.send((head, String::from_utf8(body).unwrap())).unwrap();
        }
    });
    (url, calls)
}

fn header(head: &[String], name: &str) -> String {
    let mut pairs = head.iter().filter_map(|line| line.split_once(": "));
    let found = pairs.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.to_owned()).unwrap_or_default()
}

/// A case that the lab reported, opened by the staff: one notice for the lab.
async fn a_case(house: &Testing, lab: &Actor, staff: &Actor) -> CaseId {
    let body = Report {
        title: "heapspray-zanzibar in the parser".into(),
        ..Report::default()
    };
    let finding = house.report(lab, None, body).await;
    coordinate::open(house, staff, finding, Opening::default(), house.now)
        .await
        .unwrap()
}

async fn parties(house: &Testing) -> (Actor, Actor) {
    let staff = house.member(OrganizationKind::Coordinator, "Harbor").await;
    (staff, house.member(OrganizationKind::Finder, "Lab").await)
}

fn mailer(url: &str) -> Arc<Mailer> {
    Arc::new(Mailer::new(url, "Harbor <seamark@harbor.example>").unwrap())
}

fn later(now: Timestamp) -> Timestamp {
    now + SignedDuration::from_mins(10)
}

#[tokio::test]
async fn a_letter_reaches_its_reader_and_holds_no_word_of_the_case() {
    let house = house().await;
    let (staff, lab) = parties(&house).await;
    let id = a_case(&house, &lab, &staff).await;
    let (url, mails) = mail_server();
    let mailer = mailer(&url);
    let done = letters(&house, &mailer, later(house.now)).await.unwrap();
    assert_eq!((done.tried, done.failed), (1, 0));
    let mail = mails.recv().unwrap();
    assert!(mail.contains("TO:<lab@test.example>"), "{mail}");
    assert!(mail.contains("Auto-Submitted: auto-generated"), "{mail}");
    assert!(mail.contains(&format!("/cases/{id}")), "{mail}");
    for word in ["zanzibar", "parser"] {
        assert!(!mail.contains(word), "{mail}");
    }
    let again = letters(&house, &mailer, later(later(house.now)))
        .await
        .unwrap();
    assert_eq!(again.tried, 0, "it was said once");
}

#[tokio::test]
async fn a_letter_that_nobody_takes_waits_and_goes_later() {
    let house = house().await;
    let (staff, lab) = parties(&house).await;
    a_case(&house, &lab, &staff).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("smtp://{}", listener.local_addr().unwrap());
    drop(listener);
    let failed = letters(&house, &mailer(&closed), later(house.now))
        .await
        .unwrap();
    assert_eq!((failed.tried, failed.failed), (1, 1));
    let (url, mails) = mail_server();
    let done = letters(&house, &mailer(&url), later(later(house.now)))
        .await
        .unwrap();
    assert_eq!((done.tried, done.failed), (1, 0));
    assert!(mails.recv().unwrap().contains("a case was opened"));
}

#[tokio::test]
async fn a_receiver_that_holds_the_secret_can_check_a_call_and_a_refused_one_comes_again() {
    let mut house = house().await;
    house.house.settings = Settings {
        private_webhooks: true,
        ..Settings::default()
    };
    let (staff, lab) = parties(&house).await;
    let (url, rung) = receiver(vec!["500 no", "204 fine"]);
    let (_, secret) = notice::add_webhook(&house, &lab, &url, house.now)
        .await
        .unwrap();
    let id = a_case(&house, &lab, &staff).await;
    let caller = Arc::new(Caller::new(true));
    let first = calls(&house, &caller, house.now).await.unwrap();
    assert_eq!((first.tried, first.failed), (1, 1));
    let second = calls(&house, &caller, later(house.now)).await.unwrap();
    assert_eq!((second.tried, second.failed), (1, 0));
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let (head, body) = rung.recv().unwrap();
        let number = header(&head, "webhook-id");
        let signed = secret.signature(&number, &header(&head, "webhook-timestamp"), &body);
        assert_eq!(header(&head, "webhook-signature"), signed);
        assert!(
            body.contains(&id.to_string()) && !body.contains("zanzibar"),
            "{body}"
        );
        numbers.push(number);
    }
    assert_eq!(
        numbers[0], numbers[1],
        "the same call again bears the same number"
    );
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_called() {
    let house = house().await;
    let (staff, lab) = parties(&house).await;
    notice::add_webhook(&house, &lab, "https://hooks.example.org/", house.now)
        .await
        .unwrap();
    a_case(&house, &lab, &staff).await;
    let calls = notice::take_calls(&house, house.now, 1).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    for inside in ["127.0.0.1", "localhost"] {
        let call = Call {
            url: format!("https://{inside}:{port}/").into(),
            ..calls[0].clone()
        };
        let said = Caller::new(false).call(&call);
        assert!(said.is_err(), "{said:?}");
    }
    assert!(listener.accept().is_err(), "nobody knocked");
}
