//! Round: what one side of a format writes the other reads, over a real connection.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::script::{endpoint, question};
use expect_test::{Expect, expect};
use model::{
    Api, Assistant, Cause, Extra, Failure, Fixed, Halt, Ledger, Message, Model, Request, Response,
    Sampling, Secret, Served, Serving, Stop, Tool, ToolCall, ToolResult, Usage, open, serve,
};
use serde_json::{Value, json};

/// Serves `model` while `with` runs, on a port it is told.
fn serving<T>(model: &dyn Model, serving: &Serving, with: impl FnOnce(u16) -> T) -> (T, Served) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let halt = Halt::new();
    std::thread::scope(|scope| {
        let server = scope.spawn(|| serve(&listener, model, serving, &halt).unwrap());
        // Halted also where `with` stops: a test that failed must not wait for ever.
        let halted = Halted(&halt);
        let result = with(port);
        drop(halted);
        (result, server.join().unwrap())
    })
}

struct Halted<'a>(&'a Halt);

impl Drop for Halted<'_> {
    fn drop(&mut self) {
        self.0.halt();
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn fixed(response: Response) -> Fixed {
    Fixed {
        name: "inner".into(),
        answer: Ok(response),
    }
}

fn response(message: Assistant, stop: Stop) -> Response {
    Response {
        model: "inner-1".into(),
        message,
        stop,
        usage: Usage {
            input: 20,
            output: 7,
            cached: 5,
            reasoning: 0,
        },
        ..Response::default()
    }
}

/// Every format, whole and in pieces.
fn ways() -> impl Iterator<Item = (Api, &'static str)> {
    Api::ALL
        .into_iter()
        .flat_map(|api| [(api, "false"), (api, "true")])
}

#[test]
fn every_answer_comes_through_every_format() {
    let long = "Grüße, 世界 \"\\\n\u{1f30d}\u{0} ".repeat(500);
    let call = |id: &str, arguments: &str| ToolCall::new(id, "shell", arguments);
    let called = |text: &str, calls: Vec<ToolCall>| Assistant {
        calls,
        ..Assistant::said(text)
    };
    let big = json!({"text": long, "deep": {"list": [1, 2.5, null, true]}}).to_string();
    for answer in [
        response(Assistant::said("4"), Stop::End),
        response(Assistant::said(&*long), Stop::End),
        response(Assistant::said("and so"), Stop::Length),
        response(called("", vec![call("a", "{}")]), Stop::Tools),
        response(
            called(
                "I look.",
                vec![call("a", &big), call("b", r#"{"command":"ls"}"#)],
            ),
            Stop::Tools,
        ),
    ] {
        for (api, stream) in ways() {
            let ((), served) = serving(&fixed(answer.clone()), &Serving::default(), |port| {
                let model = open(&endpoint(port, &format!("api={api}&stream={stream}"))).unwrap();
                let mut read = model.respond(&question(), soon()).unwrap();
                read.milliseconds = 0;
                assert_eq!(read, answer, "{api} stream={stream}");
            });
            assert_eq!(
                served,
                Served {
                    connections: 1,
                    answered: 1,
                    refused: 0
                }
            );
        }
    }
}

#[test]
fn a_refusal_comes_through_with_its_words() {
    for (api, stream) in ways() {
        let refusing = response(Assistant::default(), Stop::Filtered("I will not.".into()));
        serving(&fixed(refusing), &Serving::default(), |port| {
            let model = open(&endpoint(port, &format!("api={api}&stream={stream}"))).unwrap();
            let read = model.respond(&question(), soon()).unwrap();
            assert_eq!(
                read.stop,
                Stop::Filtered("I will not.".into()),
                "{api} {stream}"
            );
        });
    }
}

/// Keeps what it is asked, and answers what it was given.
struct Recorder(Mutex<Vec<Request>>, Response);

impl Model for Recorder {
    fn name(&self) -> &str {
        "inner"
    }

    fn respond(&self, request: &Request, _: Instant) -> Result<Response, Failure> {
        self.0.lock().unwrap().push(request.clone());
        Ok(self.1.clone())
    }
}

#[test]
fn every_request_comes_through_every_format() {
    let request = Request {
        messages: vec![
            Message::System("Be brief.".into()),
            Message::User("List.".into()),
            Message::Assistant(Assistant {
                calls: vec![
                    ToolCall::new("c1", "shell", r#"{"command":"ls"}"#),
                    ToolCall::new("c2", "read", "{}"),
                ],
                ..Assistant::said("I look.")
            }),
            Message::Tool(ToolResult {
                id: "c1".into(),
                name: "shell".into(),
                text: "a\nb".into(),
                is_error: false,
            }),
            Message::Tool(ToolResult {
                id: "c2".into(),
                name: "read".into(),
                text: "gone".into(),
                is_error: false,
            }),
            Message::User("Go on.".into()),
        ],
        tools: vec![Tool {
            name: "shell".into(),
            description: "Runs a command.".into(),
            parameters: json!({"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]}),
        }],
        sampling: Sampling {
            temperature: Some("0.25".into()),
            top_p: Some("1.0".into()),
            max_tokens: Some(100),
            reasoning_effort: Some("high".into()),
            ..Sampling::default()
        },
        ..Request::default()
    };
    for (api, stream) in ways() {
        let recorder = Recorder(Mutex::default(), response(Assistant::said("4"), Stop::End));
        serving(&recorder, &Serving::default(), |port| {
            let model = open(&endpoint(port, &format!("api={api}&stream={stream}"))).unwrap();
            model.respond(&request, soon()).unwrap();
        });
        let mut heard = recorder.0.into_inner().unwrap().remove(0);
        // What the format alone says goes along, and is nothing of the request.
        if let Some(extra) = heard.extra.take() {
            let Extra { api: of, members } = extra;
            assert_eq!(of, Api::Responses);
            assert_eq!(
                Value::Object(members),
                json!({"include": ["reasoning.encrypted_content"]})
            );
        }
        let expected = Request {
            model: "inner".into(),
            stream: stream == "true",
            ..request.clone()
        };
        assert_eq!(heard, expected, "{api} {stream}");
    }
}

#[test]
fn what_a_provider_keeps_goes_through_and_comes_back_unchanged() {
    for (api, kept) in [
        (
            Api::Chat,
            json!({"role": "assistant", "content": "4", "reasoning_content": "2 and 2",
            "reasoning_details": [{"type": "reasoning.text", "text": "2 and 2", "signature": "sig=="}]}),
        ),
        (
            Api::Responses,
            json!([{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAA="},
            {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
             "content": [{"type": "output_text", "text": "4", "annotations": []}]}]),
        ),
        (
            Api::Messages,
            json!([{"type": "thinking", "thinking": "2 and 2", "signature": "EqQ=="},
            {"type": "redacted_thinking", "data": "EmwK"}, {"type": "text", "text": "4"}]),
        ),
    ] {
        for stream in ["false", "true"] {
            let said = Assistant {
                kept: Some(json!({api.word(): kept})),
                ..Assistant::said("4")
            };
            let recorder = Recorder(Mutex::default(), response(said, Stop::End));
            serving(&recorder, &Serving::default(), |port| {
                let model = open(&endpoint(port, &format!("api={api}&stream={stream}"))).unwrap();
                let first = model.respond(&question(), soon()).unwrap();
                let mut next = question();
                next.messages.push(Message::Assistant(first.message));
                next.messages.push(Message::User("sure?".into()));
                model.respond(&next, soon()).unwrap();
            });
            let heard = recorder.0.into_inner().unwrap();
            let Message::Assistant(said) = &heard[1].messages[1] else {
                panic!("the second is the model's");
            };
            assert_eq!(
                said.kept_for(api).map(Value::to_string),
                Some(kept.to_string()),
                "{stream}"
            );
        }
    }
}

#[test]
fn a_failure_behind_says_what_it_is_and_no_key() {
    let mut lines = Vec::new();
    for cause in [
        Cause::Request,
        Cause::Long,
        Cause::Key,
        Cause::Busy,
        Cause::Line,
        Cause::Deadline,
        Cause::Answer,
        Cause::Cancelled,
    ] {
        let failing = Fixed {
            name: "inner".into(),
            answer: Err(Failure::new(cause, format!("{} it is", cause.word()))),
        };
        for api in [Api::Chat, Api::Messages] {
            let (failure, served) = serving(&failing, &Serving::default(), |port| {
                let model = open(&endpoint(port, &format!("api={api}"))).unwrap();
                model.respond(&question(), soon()).unwrap_err()
            });
            // What was tried behind is not tried again in front.
            assert_eq!((served.refused, failure.retries), (1, 0));
            lines.push(format!(
                "{} {api}: {} {failure}",
                cause.word(),
                failure.cause.word()
            ));
        }
    }
    expect![[r#"
        request chat: request endpoint answers 400: `request it is`
        request messages: request endpoint answers 400: `request it is`
        long chat: long endpoint answers 400: `long it is`; a shorter conversation would fit
        long messages: long endpoint answers 400: `prompt is too long: long it is`; a shorter conversation would fit
        key chat: busy endpoint answers 502: `the model behind this address cannot be asked`
        key messages: busy endpoint answers 502: `the model behind this address cannot be asked`
        busy chat: busy endpoint answers 503: `busy it is`
        busy messages: busy endpoint answers 529: `busy it is`
        line chat: busy endpoint answers 502: `line it is`
        line messages: busy endpoint answers 502: `line it is`
        deadline chat: busy endpoint answers 504: `deadline it is`
        deadline messages: busy endpoint answers 504: `deadline it is`
        answer chat: busy endpoint answers 502: `answer it is`
        answer messages: busy endpoint answers 502: `answer it is`
        cancelled chat: key endpoint answers 403: `cancelled it is`; a key in `key_env` or `key_file` may be what it wants
        cancelled messages: key endpoint answers 403: `cancelled it is`; a key in `key_env` or `key_file` may be what it wants"#]].assert_eq(&lines.join("\n"));
}

/// What is answered to `text`, sent as it is, by a connection that then hangs up.
fn raw(port: u16, text: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream
        .write_all(text.replace('\n', "\r\n").as_bytes())
        .unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.replace("\r\n", "\n")
}

fn check(port: u16, text: &str, expected: Expect) {
    expected.assert_eq(&raw(port, text));
}

#[test]
fn what_is_not_served_is_told_what_is() {
    let model = fixed(response(Assistant::said("4"), Stop::End));
    serving(&model, &Serving::default(), |port| {
        check(
            port,
            "GET /v1/models HTTP/1.1\n\n",
            expect![[r#"
            HTTP/1.1 200 OK
            Content-Type: application/json
            Content-Length: 219

            {"object":"list","data":[{"id":"inner","object":"model","created":0,"owned_by":"seamark","type":"model","display_name":"inner","created_at":"1970-01-01T00:00:00Z"}],"has_more":false,"first_id":"inner","last_id":"inner"}"#]],
        );
        check(
            port,
            "GET /models/other HTTP/1.1\n\n",
            expect![[r#"
            HTTP/1.1 404 Not Found
            Content-Type: application/json
            Content-Length: 193

            {"error":{"message":"no such address; served are `POST /v1/chat/completions`, `POST /v1/responses`, `POST /v1/messages` and `GET /v1/models`","type":"not_found_error","param":null,"code":null}}"#]],
        );
        check(
            port,
            "GET /v1/messages HTTP/1.1\n\n",
            expect![[r#"
            HTTP/1.1 405 Method Not Allowed
            Content-Type: application/json
            Content-Length: 96

            {"type":"error","error":{"type":"invalid_request_error","message":"`POST` would be right here"}}"#]],
        );
        check(
            port,
            "POST /v1/messages?beta=true HTTP/1.1\nContent-Length: 1\n\n{",
            expect![[r#"
                HTTP/1.1 400 Bad Request
                Content-Type: application/json
                Content-Length: 136

                {"type":"error","error":{"type":"invalid_request_error","message":"request is no JSON: EOF while parsing an object at line 1 column 1"}}"#]],
        );
        check(
            port,
            "POST /v1/embeddings HTTP/1.1\nContent-Length: 2\n\n{}",
            expect![[r#"
                HTTP/1.1 404 Not Found
                Content-Type: application/json
                Content-Length: 193

                {"error":{"message":"no such address; served are `POST /v1/chat/completions`, `POST /v1/responses`, `POST /v1/messages` and `GET /v1/models`","type":"not_found_error","param":null,"code":null}}"#]],
        );
        check(
            port,
            "POST /v1/responses HTTP/1.1\nContent-Length: 19\nConnection: close\n\n{\"tools\":[{\"type\":1",
            expect![[r#"
                HTTP/1.1 400 Bad Request
                Content-Type: application/json
                Connection: close
                Content-Length: 147

                {"error":{"message":"request is no JSON: EOF while parsing an object at line 1 column 19","type":"invalid_request_error","param":null,"code":null}}"#]],
        );
        check(
            port,
            "PRI * HTTP/2.0\n\nSM\n\n",
            expect![[r#"
            HTTP/1.1 505 HTTP Version Not Supported
            Content-Type: application/json
            Connection: close
            Content-Length: 96

            {"error":{"message":"version is not `HTTP/1.1`","type":"server_error","param":null,"code":null}}"#]],
        );
    });
}

#[test]
fn only_who_shows_the_key_is_served() {
    let model = fixed(response(Assistant::said("4"), Stop::End));
    let locked = Serving {
        key: Secret::new("open-sesame").ok(),
        ..Serving::default()
    };
    let ((), served) = serving(&model, &locked, |port| {
        for api in Api::ALL {
            let mut endpoint = endpoint(port, &format!("api={api}"));
            for (key, opens) in [
                (None, false),
                (Some("open-sesam"), false),
                (Some("open-sesame"), true),
            ] {
                endpoint.key = key.and_then(|key| Secret::new(key).ok());
                let result = open(&endpoint).unwrap().respond(&question(), soon());
                assert_eq!(result.is_ok(), opens);
                if let Err(failure) = result {
                    assert_eq!(failure.cause, Cause::Key, "{failure}");
                }
            }
        }
        assert!(raw(port, "GET /v1/models HTTP/1.1\n\n").starts_with("HTTP/1.1 401 "));
    });
    assert_eq!((served.answered, served.refused), (3, 7));
}

#[test]
fn one_connection_too_many_is_told_to_come_back() {
    let model = fixed(response(Assistant::said("4"), Stop::End));
    let narrow = Serving {
        connections_max: 1,
        ..Serving::default()
    };
    serving(&model, &narrow, |port| {
        let mut first = TcpStream::connect(("127.0.0.1", port)).unwrap();
        first.write_all(b"GET /v1/models HTTP/1.1\r\n\r\n").unwrap();
        first.read_exact(&mut [0; 12]).unwrap();
        let mut second = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let mut told = String::new();
        second.read_to_string(&mut told).unwrap();
        assert!(
            told.starts_with("HTTP/1.1 503 ") && told.contains("Retry-After: 1"),
            "{told}"
        );
    });
}

#[test]
fn a_halt_ends_what_waits_and_what_was_not_begun() {
    let model = fixed(response(Assistant::said("4"), Stop::End));
    let (stream, served) = serving(&model, &Serving::default(), |port| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream
            .write_all(b"GET /v1/models HTTP/1.1\r\n\r\n")
            .unwrap();
        stream.read_exact(&mut [0; 12]).unwrap();
        stream
    });
    assert_eq!(served.connections, 1);
    let mut rest = Vec::new();
    (&stream).read_to_end(&mut rest).unwrap();
    let halt = Halt::new();
    halt.halt();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let served = serve(&listener, &model, &Serving::default(), &halt).unwrap();
    assert_eq!(served, Served::default());
}

#[test]
fn a_model_that_counts_nothing_has_an_empty_ledger() {
    assert_eq!(fixed(Response::default()).ledger(), Ledger::default());
}

#[test]
fn members_nobody_knows_go_along_or_are_dropped_as_the_server_says() {
    let mut request = question();
    let members = json!({"tool_choice": "auto", "search_everything": true});
    request.extra = Some(Extra {
        api: Api::Chat,
        members: members.as_object().unwrap().clone(),
    });
    for (only_known, expected) in [
        (false, members.clone()),
        (true, json!({"tool_choice": "auto"})),
    ] {
        let recorder = Recorder(Mutex::default(), response(Assistant::said("4"), Stop::End));
        let serving_so = Serving {
            only_known,
            ..Serving::default()
        };
        serving(&recorder, &serving_so, |port| {
            let model = open(&endpoint(port, "api=chat")).unwrap();
            model.respond(&request, soon()).unwrap();
        });
        let heard = recorder.0.into_inner().unwrap().remove(0);
        assert_eq!(Value::Object(heard.extra.unwrap().members), expected);
    }
}
