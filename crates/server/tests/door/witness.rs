//! Witnesses that really verify: asked, behind, and one that lies.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use keys::note::{Kind, Note, Signature, VerifierKey, cosigned};
use keys::{SeededDice, Signer};
use server::jobs::witness::witnesses;
use tlog::{Checkpoint, Hash, proof};

use crate::common::House;
use crate::who::{ada, wait};

/// How a witness behaves.
#[derive(Clone, Copy, PartialEq)]
enum Nature {
    /// Verifies, and remembers what it saw.
    Honest,
    /// Signs something else than what it was shown.
    Lying,
}

/// A witness that listens.
struct Witness {
    key: VerifierKey,
    url: String,
    /// The size and root that it last saw; as if nothing yet where it is reset.
    saw: Arc<Mutex<(u64, Hash)>>,
    /// The status of each answer.
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Witness {
    fn start(name: &str, seed: u64, nature: Nature) -> Witness {
        let signer = Signer::new(&mut SeededDice::new(seed));
        let key = VerifierKey::new(name, Kind::Cosignature, signer.verifier()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/{name}/", listener.local_addr().unwrap());
        let saw = Arc::new(Mutex::new((0, tlog::hash::empty())));
        let answers = Arc::new(Mutex::new(Vec::new()));
        let (own, seen, said) = (key.clone(), saw.clone(), answers.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut line, mut length) = (String::new(), 0);
                loop {
                    line.clear();
                    reader.read_line(&mut line).unwrap();
                    let lower = line.to_ascii_lowercase();
                    if let Some(value) = lower.strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    if line.trim().is_empty() {
                        break;
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let body = String::from_utf8(body).unwrap();
                let (status, answer) = add_checkpoint(&body, &signer, &own, nature, &seen);
                said.lock().unwrap().push(status);
                let head = format!(
                    "HTTP/1.1 {status} -\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    answer.len()
                );
                stream
                    .write_all(format!("{head}{answer}").as_bytes())
                    .unwrap();
            }
        });
        Witness {
            key,
            url,
            saw,
            answers,
        }
    }

    fn setting(&self) -> String {
        format!(
            "[[witness]]\nkey = \"{}\"\nurl = \"{}\"\n",
            self.key, self.url
        )
    }
}

/// C2SP tlog-witness, `add-checkpoint`, for one log.
fn add_checkpoint(
    body: &str,
    signer: &Signer,
    key: &VerifierKey,
    nature: Nature,
    saw: &Mutex<(u64, Hash)>,
) -> (u16, String) {
    let (head, note) = body.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let old: u64 = lines
        .next()
        .unwrap()
        .strip_prefix("old ")
        .unwrap()
        .parse()
        .unwrap();
    let path: Vec<Hash> = lines.map(|line| line.parse().unwrap()).collect();
    let note = Note::parse(note).unwrap();
    let shown = Checkpoint::parse(note.text()).unwrap();
    let mut saw = saw.lock().unwrap();
    if old != saw.0 {
        return (409, format!("{}\n", saw.0));
    }
    let new = (shown.size, shown.root);
    if old > 0 && proof::verify_consistency(*saw, new, &path).is_err() {
        return (422, String::new());
    }
    *saw = new;
    let time = 1_795_176_000;
    let text = match nature {
        Nature::Honest => cosigned(time, note.text()),
        Nature::Lying => cosigned(time, "another.example/log\n1\n"),
    };
    let bytes = [&time.to_be_bytes()[..], &signer.sign(text.as_bytes())].concat();
    (200, format!("{}\n", Signature::new(key, bytes)))
}

/// A house that knows these witnesses.
fn house(witnesses: &[&Witness]) -> (House, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let settings: String = witnesses.iter().map(|it| it.setting()).collect();
    std::fs::write(folder.path().join("seamarkd.toml"), settings).unwrap();
    let house = House::start_as(&["--data-dir", folder.path().to_str().unwrap()]);
    (house, folder)
}

fn ask(house: &House) {
    wait(async {
        let now = house.app.now();
        clearinghouse::log::sequence::catch_up(&house.app.house, now)
            .await
            .unwrap();
        witnesses(&house.app).await.unwrap();
    });
}

#[test]
fn checkpoints_are_served_with_the_cosignatures_of_those_who_verified_them() {
    let (first, second) = (
        Witness::start("first.example", 1, Nature::Honest),
        Witness::start("second.example", 2, Nature::Honest),
    );
    let (house, _folder) = house(&[&first, &second]);
    let (ada, _) = ada(&house);
    ask(&house);
    let keys = [
        house.app.house.keys.log().verifier().clone(),
        first.key.clone(),
        second.key.clone(),
    ];
    let head = || {
        let note = Note::parse(&house.anon().get("/log/checkpoint").body).unwrap();
        let size = Checkpoint::parse(note.text()).unwrap().size;
        (size, note.verify(&keys).unwrap().len())
    };
    let (size, signed) = head();
    assert_eq!(signed, 3);
    // More entries, and a proof from what they saw.
    let organization = r#"{"name": "A lab", "kind": "finder"}"#;
    assert_eq!(
        ada.send_json("POST", "/organizations.json", organization)
            .status,
        201
    );
    ask(&house);
    assert!(head().0 > size && head().1 == 3);
    let shown = house.anon().get("/log.json").json();
    assert_eq!(shown["witnesses"][1]["name"], "second.example");
    assert_eq!(shown["witnesses"][1]["size"], shown["size"]);
    assert!(house.anon().get("/log").body.contains("2 of 2 witnesses"));
    // One that lost what it saw says so, and is asked again from there.
    *first.saw.lock().unwrap() = (0, tlog::hash::empty());
    let organization = r#"{"name": "Another lab", "kind": "finder"}"#;
    assert_eq!(
        ada.send_json("POST", "/organizations.json", organization)
            .status,
        201
    );
    ask(&house);
    assert_eq!(head().1, 3);
    assert_eq!(*first.answers.lock().unwrap(), [200, 200, 409, 200]);
    assert_eq!(*second.answers.lock().unwrap(), [200, 200, 200]);
}

#[test]
fn a_witness_that_lies_or_is_away_is_left_out_and_asked_again_later() {
    let lying = Witness::start("lying.example", 3, Nature::Lying);
    let away = Witness {
        url: "http://127.0.0.1:9/".into(),
        ..Witness::start("away.example", 4, Nature::Honest)
    };
    let (house, _folder) = house(&[&lying, &away]);
    let _ = ada(&house);
    ask(&house);
    let note = house.anon().get("/log/checkpoint").body;
    assert!(!note.contains("lying.example"), "{note}");
    let shown = house.anon().get("/log.json").json();
    for one in shown["witnesses"].as_array().unwrap() {
        assert_eq!((&one["size"], &one["is_well"]), (&0.into(), &false.into()));
    }
    assert!(house.anon().get("/log").body.contains("0 of 2 witnesses"));
    ask(&house);
    assert_eq!(
        lying.answers.lock().unwrap().len(),
        1,
        "it was asked again at once"
    );
    house.later(jiff::SignedDuration::from_mins(6));
    ask(&house);
    assert_eq!(lying.answers.lock().unwrap().len(), 2);
}
