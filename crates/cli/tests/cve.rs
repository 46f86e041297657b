//! `seamark cve`, by what it asks of CVE Services and what it says: a service of the test's own answers as theirs does
//! (openapi 2.8), and keeps what it was asked. That another client of theirs asks in the same words was seen once:
//! cvelib 1.8 sends the same methods, paths, headers and containers.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its world has failed"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use expect_test::{Expect, expect};
use serde_json::{Value, json};

mod common;

use common::seamark;

const ORG_ID: &str = "8254265b-2729-46b6-b9e3-3dfca2d5bfca";

#[derive(Default)]
struct Held {
    /// Id to state and owner.
    ids: BTreeMap<String, (String, String)>,
    records: BTreeMap<String, Value>,
    asked: Vec<String>,
    /// How many questions from now on are answered with 503.
    away: usize,
}

struct Service {
    url: String,
    held: Arc<Mutex<Held>>,
    folder: tempfile::TempDir,
}

impl Service {
    fn start() -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api", listener.local_addr().unwrap());
        let held = Arc::new(Mutex::new(Held::default()));
        for (id, state, owner) in [
            ("CVE-2026-10001", "RESERVED", "seamark"),
            ("CVE-2026-10002", "RESERVED", "another"),
            ("CVE-2026-10003", "REJECTED", "seamark"),
        ] {
            let of = (state.to_owned(), owner.to_owned());
            held.lock().unwrap().ids.insert(id.to_owned(), of);
        }
        let shared = Arc::clone(&held);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), &shared);
            }
        });
        Service {
            url,
            held,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Runs `seamark cve` as Ada of the CNA `seamark`; exit code and all it says, without the folder's name.
    fn said(&self, words: &[&str]) -> String {
        self.said_with("secret", words)
    }

    fn said_with(&self, key: &str, words: &[&str]) -> String {
        let account = [
            "--service",
            &self.url,
            "--org",
            "seamark",
            "--user",
            "ada@example.com",
            "--key",
            key,
        ];
        let all = [&["cve"][..], &words[..1], &account, &words[1..]].concat();
        let output = seamark(&all);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = format!(
            "{}{}exit {}",
            text(&output.stdout),
            text(&output.stderr),
            output.status.code().unwrap()
        );
        let folder = self.folder.path().display().to_string();
        said.replace(&folder, "DIR").replace(&self.url, "URL")
    }

    fn file(&self, name: &str, record: &Value) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, serde_json::to_vec_pretty(record).unwrap()).unwrap();
        path.display().to_string()
    }

    /// What was asked since the last time.
    fn asked(&self) -> String {
        std::mem::take(&mut self.held.lock().unwrap().asked).join("\n")
    }
}

fn answer(mut stream: TcpStream, shared: &Mutex<Held>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut words = line.split(' ');
        let (method, path) = (
            words.next().unwrap().to_owned(),
            words.next().unwrap().to_owned(),
        );
        let mut headers = BTreeMap::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            let Some((name, value)) = header.trim().split_once(": ") else {
                break;
            };
            headers.insert(name.to_lowercase(), value.to_owned());
        }
        let length = headers
            .get("content-length")
            .map_or(0, |it| it.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let (status, said) = reply(&mut shared.lock().unwrap(), &method, &path, &headers, &body);
        let said = said.to_string();
        let head = format!(
            "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\nretry-after: 0\r\ncontent-length: {}\r\n\r\n",
            said.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(said.as_bytes()).unwrap();
    }
}

fn reply(
    held: &mut Held,
    method: &str,
    path: &str,
    headers: &BTreeMap<String, String>,
    body: &Value,
) -> (u16, Value) {
    let path = path.strip_prefix("/api").unwrap();
    let mut line = format!("{method} {path}");
    if !body.is_null() {
        line += &format!(" {body}");
    }
    held.asked.push(line);
    if held.away > 0 {
        held.away -= 1;
        return (
            503,
            json!({"error": "SERVICE_NOT_AVAILABLE", "message": "come back"}),
        );
    }
    let who = ["cve-api-org", "cve-api-user", "cve-api-key"].map(|name| headers[name].as_str());
    if who != ["seamark", "ada@example.com", "secret"] {
        return (
            401,
            json!({"error": "UNAUTHORIZED", "message": "Unauthorized"}),
        );
    }
    let parts: Vec<&str> = path.split(['/', '?']).skip(1).collect();
    match (method, &parts[..]) {
        ("GET", ["org", org]) => (200, json!({"short_name": org, "UUID": ORG_ID})),
        ("POST", ["cve-id", _]) => (
            200,
            json!({"cve_ids": [{"cve_id": "CVE-2026-20001", "state": "RESERVED"}, {"cve_id": "CVE-2026-20002", "state": "RESERVED"}], "meta": {"remaining_quota": 8}}),
        ),
        ("GET", ["cve-id", id]) => match held.ids.get(*id) {
            Some((state, owner)) => (
                200,
                json!({"cve_id": id, "state": state, "owning_cna": owner}),
            ),
            None => (
                404,
                json!({"error": "CVEID_DNE", "message": "The CVE ID does not exist"}),
            ),
        },
        ("GET", ["cve", id]) => match held.records.get(*id) {
            Some(record) => (200, record.clone()),
            None => (
                404,
                json!({"error": "CVE_RECORD_DNE", "message": "The CVE record does not exist"}),
            ),
        },
        ("POST" | "PUT", ["cve", id, part]) => taken(held, method, id, part, body),
        other => panic!("nothing of CVE Services is asked by {other:?}"),
    }
}

fn taken(held: &mut Held, method: &str, id: &str, part: &str, body: &Value) -> (u16, Value) {
    let is_there = held.records.contains_key(id);
    if *part != *"adp" && is_there == (method == "POST") {
        return (
            403,
            json!({"error": "CVE_RECORD_EXISTS", "message": "the record is there, or is not"}),
        );
    }
    let name = match part {
        "adp" => "adpContainer",
        _ => "cnaContainer",
    };
    let mut container = body[name].clone();
    assert_eq!(container["providerMetadata"]["orgId"], ORG_ID);
    if container.to_string().contains("refuse me") {
        let errors =
            json!([{"instancePath": "/cnaContainer/affected", "message": "must be nicer"}]);
        let said = json!({"error": "INVALID_JSON_SCHEMA", "message": "CVE JSON schema validation FAILED.", "details": {"errors": errors}});
        return (400, said);
    }
    // Filled in there, as theirs is.
    container["providerMetadata"]["dateUpdated"] = "2026-11-20T12:00:00.000Z".into();
    let state = match part {
        "reject" => "REJECTED",
        _ => "PUBLISHED",
    };
    held.ids.get_mut(id).unwrap().0 = state.to_owned();
    let record = held.records.entry(id.to_owned()).or_default();
    match part {
        "adp" => record["containers"]["adp"] = json!([container]),
        _ => record["containers"]["cna"] = container,
    }
    (200, json!({"message": "done"}))
}

/// A record without anything that is wrong.
fn record(id: &str, description: &str) -> Value {
    json!({
        "dataType": "CVE_RECORD",
        "dataVersion": "5.2.0",
        "cveMetadata": {"cveId": id, "assignerOrgId": "00000000-0000-4000-8000-000000000000", "state": "PUBLISHED"},
        "containers": {"cna": {
            "providerMetadata": {"orgId": "00000000-0000-4000-8000-000000000000"},
            "affected": [{"vendor": "Left Works", "product": "leftish", "defaultStatus": "unaffected",
                "versions": [{"version": "1.0.0", "lessThan": "1.4.2", "status": "affected", "versionType": "semver"}]}],
            "descriptions": [{"lang": "en", "value": description}],
            "references": [{"url": "https://leftish.example/fix"}],
        }},
    })
}

fn check(said: String, wanted: Expect) {
    wanted.assert_eq(&said);
}

#[test]
fn a_record_is_published_then_there_then_updated() {
    let service = Service::start();
    let file = service.file(
        "a.json",
        &record("CVE-2026-10001", "A length is not checked."),
    );
    check(
        service.said(&["publish", "--dry-run", &file]),
        expect![[r#"
            DIR/a.json: would be published
            seamark: 1 record would be sent, 0 refused
            exit 0"#]],
    );
    check(
        service.asked(),
        expect![[r#"
        GET /cve-id/CVE-2026-10001
        GET /org/seamark"#]],
    );
    check(
        service.said(&["publish", &file]),
        expect![[r#"
        DIR/a.json: published
        seamark: 1 record sent, 0 refused
        exit 0"#]],
    );
    check(
        service.asked(),
        expect![[r#"
        GET /cve-id/CVE-2026-10001
        GET /org/seamark
        POST /cve/CVE-2026-10001/cna {"cnaContainer":{"providerMetadata":{"orgId":"8254265b-2729-46b6-b9e3-3dfca2d5bfca"},"affected":[{"vendor":"Left Works","product":"leftish","defaultStatus":"unaffected","versions":[{"version":"1.0.0","lessThan":"1.4.2","status":"affected","versionType":"semver"}]}],"descriptions":[{"lang":"en","value":"A length is not checked."}],"references":[{"url":"https://leftish.example/fix"}]}}"#]],
    );
    check(
        service.said(&["publish", &file]),
        expect![[r#"
        DIR/a.json: there already, word for word
        seamark: 0 records sent, 1 there already, 0 refused
        exit 0"#]],
    );
    check(
        service.asked(),
        expect![[r#"
        GET /cve-id/CVE-2026-10001
        GET /cve/CVE-2026-10001
        GET /org/seamark"#]],
    );
    service.file(
        "a.json",
        &record("CVE-2026-10001", "A length is not checked at all."),
    );
    check(
        service.said(&["publish", &file]),
        expect![[r#"
        DIR/a.json: updated
        seamark: 1 record sent, 0 refused
        exit 0"#]],
    );
    check(
        service.said(&["show", "CVE-2026-10001", "CVE-2026-99999"]),
        expect![[r#"
            CVE-2026-10001  PUBLISHED  seamark
            CVE-2026-99999  unknown
            exit 1"#]],
    );
}

#[test]
fn what_is_wrong_is_told_and_nothing_of_it_is_sent() {
    let service = Service::start();
    let mut wrong = record("CVE-2026-10001", "A length is not checked.");
    wrong["containers"]["cna"]["affected"][0]["versions"][0]["status"] = "broken".into();
    wrong["containers"]["cna"]["references"] = json!([]);
    service.file("1-wrong.json", &wrong);
    service.file("2-not-ours.json", &record("CVE-2026-10002", "Of another."));
    service.file(
        "3-rejected.json",
        &record("CVE-2026-10003", "Rejected before."),
    );
    service.file("4-never.json", &record("CVE-2026-10004", "Never reserved."));
    service.file("5-refused.json", &record("CVE-2026-10001", "refuse me"));
    // The same advisory in another form, as it lies beside it in a folder of ours.
    service.file(
        "6-other.json",
        &json!({"id": "A-1", "modified": "2026-11-20T12:00:00Z", "affected": []}),
    );
    let folder = service.folder.path().display().to_string();
    check(
        service.said(&["publish", &folder]),
        expect![[r#"
        DIR/1-wrong.json: refused
            23:25 schema: `status` is `broken`; one of `affected`, `unaffected`, `unknown` belongs there
            35:21 schema: `references` is empty; it needs at least one of its entries, or must be left out
        DIR/2-not-ours.json: refused
            CVE-2026-10002 is of `another`; only who reserved an id publishes it
        DIR/3-rejected.json: refused
            CVE-2026-10003 was rejected; whoever takes it up again writes to the CVE Program first
        DIR/4-never.json: refused
            CVE-2026-10004 was never reserved
        DIR/5-refused.json: refused
            CVE JSON schema validation FAILED. (400)
            /cnaContainer/affected: must be nicer
        seamark: 0 records sent, 5 refused, 1 passed over as no CVE records
        exit 1"#]],
    );
    assert!(service.held.lock().unwrap().records.is_empty());
}

#[test]
fn a_wrong_record_is_rejected_with_a_reason_and_one_that_is_withdrawn_says_so_itself() {
    let service = Service::start();
    let file = service.file(
        "a.json",
        &record("CVE-2026-10001", "A length is not checked."),
    );
    service.said(&["publish", &file]);
    service.asked();
    check(
        service.said(&[
            "reject",
            "CVE-2026-10001",
            "--reason",
            "no flaw",
            "--replaced-by",
            "CVE-2026-10009",
        ]),
        expect![[r#"
            CVE-2026-10001: rejected
            exit 0"#]],
    );
    check(
        service.asked(),
        expect![[r#"
        GET /cve-id/CVE-2026-10001
        GET /cve/CVE-2026-10001
        GET /org/seamark
        PUT /cve/CVE-2026-10001/reject {"cnaContainer":{"rejectedReasons":[{"lang":"en","value":"no flaw"}],"replacedBy":["CVE-2026-10009"],"providerMetadata":{"orgId":"8254265b-2729-46b6-b9e3-3dfca2d5bfca"}}}"#]],
    );
    // A record that says so itself is the same act.
    let mut withdrawn = record("CVE-2026-10001", "");
    withdrawn["cveMetadata"]["state"] = "REJECTED".into();
    withdrawn["containers"]["cna"] = json!({
        "providerMetadata": {"orgId": ORG_ID},
        "rejectedReasons": [{"lang": "en", "value": "no flaw"}],
        "replacedBy": ["CVE-2026-10009"],
    });
    let file = service.file("b.json", &withdrawn);
    check(
        service.said(&["publish", &file]),
        expect![[r#"
            DIR/b.json: there already, word for word
            seamark: 0 records sent, 1 there already, 0 refused
            exit 0"#]],
    );
    // Asked again, nothing is sent.
    check(
        service.said(&[
            "reject",
            "CVE-2026-10001",
            "--reason",
            "no flaw",
            "--replaced-by",
            "CVE-2026-10009",
        ]),
        expect![[r#"
            CVE-2026-10001: there already, word for word
            exit 0"#]],
    );
    check(
        service.said(&["reject", "CVE-1", "--reason", "x"]),
        expect![[r#"
            seamark: `CVE-1`: an id is such as `CVE-2026-12345`
            exit 2"#]],
    );
}

#[test]
fn ids_are_reserved_one_a_line_and_never_twice() {
    let service = Service::start();
    check(
        service.said(&["reserve", "--count", "2", "--year", "2026"]),
        expect![[r#"
            CVE-2026-20001
            CVE-2026-20002
            seamark: 8 more can be reserved
            exit 0"#]],
    );
    check(
        service.asked(),
        expect!["POST /cve-id?cve_year=2026&amount=2&short_name=seamark&batch_type=sequential"],
    );
    service.held.lock().unwrap().away = 1;
    check(
        service.said(&["reserve", "--year", "2026"]),
        expect![[r#"
            seamark: CVE Services answer 503; whether it was done is not known: look at the ids of `seamark` before asking again
            exit 3"#]],
    );
    check(
        service.asked(),
        expect!["POST /cve-id?cve_year=2026&amount=1&short_name=seamark"],
    );
}

#[test]
fn a_publisher_of_more_adds_a_container_of_its_own() {
    let service = Service::start();
    let mut more = record("CVE-2026-10001", "A length is not checked.");
    more["containers"]["adp"] = json!([{
        "providerMetadata": {"orgId": "00000000-0000-4000-8000-000000000000", "shortName": "seamark"},
        "title": "more",
    }]);
    let file = service.file("a.json", &more);
    check(
        service.said(&["publish", "--adp", &file]),
        expect![[r#"
        DIR/a.json: refused
            CVE-2026-10001 has no record yet that could be added to
        seamark: 0 records sent, 1 refused
        exit 1"#]],
    );
    service.said(&["publish", &file]);
    service.asked();
    check(
        service.said(&["publish", "--adp", &file]),
        expect![[r#"
        DIR/a.json: added to
        seamark: 1 record sent, 0 refused
        exit 0"#]],
    );
    check(
        service.asked(),
        expect![[r#"
        GET /cve-id/CVE-2026-10001
        GET /cve/CVE-2026-10001
        GET /org/seamark
        PUT /cve/CVE-2026-10001/adp {"adpContainer":{"providerMetadata":{"orgId":"8254265b-2729-46b6-b9e3-3dfca2d5bfca"},"title":"more"}}"#]],
    );
    check(
        service.said(&["publish", "--adp", &file]),
        expect![[r#"
        DIR/a.json: there already, word for word
        seamark: 0 records sent, 1 there already, 0 refused
        exit 0"#]],
    );
}

#[test]
fn a_service_that_is_away_for_a_moment_is_asked_again_and_a_wrong_key_is_said() {
    let service = Service::start();
    service.held.lock().unwrap().away = 2;
    check(
        service.said(&["show", "CVE-2026-10001"]),
        expect![[r#"
        CVE-2026-10001  RESERVED  seamark
        exit 0"#]],
    );
    check(
        service.said_with("wrong", &["show", "CVE-2026-10001"]),
        expect![[r#"
            seamark: CVE Services do not know user `ada@example.com` of `seamark` by this key
            exit 2"#]],
    );
}

#[test]
fn the_key_is_never_shown_where_help_shows_what_is_set() {
    let help = common::said(&["cve", "publish", "--help"]);
    assert!(help.contains("CVE_API_KEY"), "{help}");
    assert!(help.contains("https://cveawg.mitre.org/api"), "{help}");
}
