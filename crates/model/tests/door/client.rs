//! Line: what a client does when things go wrong, against a real server that makes them go wrong.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::script::{Say, endpoint, events, http, question, said, script};
use expect_test::{Expect, expect};
use model::{Cause, Endpoint, Failure, Response, Secret, open};

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn ask(endpoint: &Endpoint) -> Result<Response, Failure> {
    open(endpoint).unwrap().respond(&question(), soon())
}

/// What came of it, in a line.
fn told(result: &Result<Response, Failure>) -> String {
    match result {
        Ok(response) => format!(
            "says `{}` after {} retries, {} unanswered, cost {:?}",
            response.message.text, response.retries, response.unanswered, response.cost
        ),
        Err(failure) => format!(
            "{} {:?} after {} retries, {} unanswered, cost {:?}: {failure}",
            failure.cause.word(),
            failure.status,
            failure.retries,
            failure.unanswered,
            failure.cost
        ),
    }
}

fn check(says: Vec<Say>, options: &str, expected: Expect) {
    let script = script(says);
    expected.assert_eq(&told(&ask(&script.endpoint(options))));
}

const PRICE: &str = "price_input=3&price_output=15";

fn busy(status: u16) -> Say {
    Say::Bytes(http(
        status,
        "Retry-After: 0\r\n",
        r#"{"error":{"message":"Slow down","type":"x"}}"#,
    ))
}

#[test]
fn what_passes_is_asked_again_and_costs_nothing() {
    check(
        vec![
            busy(429),
            busy(503),
            busy(529),
            Say::Bytes(http(200, "", &said("here"))),
        ],
        PRICE,
        expect!["says `here` after 3 retries, 0 unanswered, cost Some(4500)"],
    );
}

#[test]
fn what_may_have_been_billed_is_counted_and_estimated() {
    // A gateway that stopped waiting, a line that broke before and one that broke within the answer.
    check(
        vec![
            busy(504),
            Say::Last(Vec::new()),
            Say::Last(http(200, "", &said("half"))[..120].to_vec()),
            Say::Bytes(http(200, "", &said("here"))),
        ],
        PRICE,
        expect!["says `here` after 3 retries, 3 unanswered, cost Some(18000)"],
    );
}

#[test]
fn what_never_comes_is_given_up_with_what_it_may_have_cost() {
    check(
        vec![Say::Last(Vec::new()), busy(500), busy(500)],
        &format!("{PRICE}&retries=2"),
        expect![
            "busy Some(500) after 2 retries, 1 unanswered, cost Some(51): endpoint answers 500: `Slow down`; asked 3 times"
        ],
    );
}

#[test]
fn what_would_say_the_same_again_is_asked_once() {
    for (status, body, expected) in [
        (
            400,
            r#"{"error":{"message":"bad tool\nschema","type":"invalid_request_error"}}"#,
            expect![
                "request Some(400) after 0 retries, 0 unanswered, cost None: endpoint answers 400: `bad tool schema`"
            ],
        ),
        (
            400,
            r#"{"error":{"message":"This model's maximum context length is 8192 tokens","code":"context_length_exceeded"}}"#,
            expect![
                "long Some(400) after 0 retries, 0 unanswered, cost None: endpoint answers 400: `This model's maximum context length is 8192 tokens`; a shorter conversation would fit"
            ],
        ),
        (
            401,
            r#"{"error":{"message":"Incorrect API key provided: sk-abcdefghijklmnop","type":"authentication_error"}}"#,
            expect![
                "key Some(401) after 0 retries, 0 unanswered, cost None: endpoint answers 401: `Incorrect API key provided: ****`; is the key the one for this endpoint?"
            ],
        ),
        (
            404,
            r#"{"detail":"Not Found"}"#,
            expect![
                "request Some(404) after 0 retries, 0 unanswered, cost None: endpoint answers 404: `Not Found`; look at `url`, `api` and `model`"
            ],
        ),
        (
            413,
            "",
            expect![
                "long Some(413) after 0 retries, 0 unanswered, cost None: endpoint answers 413; a shorter conversation would fit"
            ],
        ),
        (
            429,
            r#"{"error":{"message":"You exceeded your quota","code":"insufficient_quota"}}"#,
            expect![
                "key Some(429) after 0 retries, 0 unanswered, cost None: endpoint answers 429: `You exceeded your quota`"
            ],
        ),
        (
            302,
            "",
            expect![
                "request Some(302) after 0 retries, 0 unanswered, cost None: endpoint answers 302; the address it sends on to would be right as `url`"
            ],
        ),
        (
            501,
            "<html>not\u{1b}[31m here</html>",
            expect![
                "busy Some(501) after 0 retries, 0 unanswered, cost None: endpoint answers 501: `<html>not�[31m here</html>`"
            ],
        ),
    ] {
        let script = script(vec![Say::Bytes(http(
            status,
            "Location: http://127.0.0.1:1/\r\n",
            body,
        ))]);
        let mut endpoint = script.endpoint("");
        endpoint.key = Secret::new("sk-abcdefghijklmnop").ok();
        expected.assert_eq(&told(&ask(&endpoint)));
        assert_eq!(script.heard().len(), 1);
    }
}

#[test]
fn the_endpoints_own_word_on_retries_is_taken() {
    let no = Say::Bytes(http(503, "x-should-retry: false\r\n", "{}"));
    check(
        vec![no],
        "",
        expect![
            "busy Some(503) after 0 retries, 0 unanswered, cost None: endpoint answers 503: `{}`"
        ],
    );
    let yes = Say::Bytes(http(
        400,
        "x-should-retry: true\r\nRetry-After-Ms: 1\r\n",
        "{}",
    ));
    check(
        vec![yes, Say::Bytes(http(200, "", &said("here")))],
        "",
        expect!["says `here` after 1 retries, 0 unanswered, cost None"],
    );
}

#[test]
fn a_wait_that_is_too_long_is_not_begun() {
    let later = |seconds: u32| Say::Bytes(http(429, &format!("Retry-After: {seconds}\r\n"), "{}"));
    check(
        vec![later(301)],
        "",
        expect![
            "busy Some(429) after 0 retries, 0 unanswered, cost None: endpoint answers 429: `{}`; the next attempt would be in 301 s, and `retry_seconds` allows 300 in all"
        ],
    );
    check(
        vec![later(100)],
        "",
        expect![
            "busy Some(429) after 0 retries, 0 unanswered, cost None: endpoint answers 429: `{}`; the time is up before it may be asked again"
        ],
    );
}

#[test]
fn all_requests_share_one_budget_of_retries() {
    let script = script(vec![busy(500), busy(500), busy(500)]);
    let model = open(&script.endpoint("retries_total=1&retries=9")).unwrap();
    let told = [0; 2]
        .map(|_| told(&model.respond(&question(), soon())))
        .join("\n");
    expect![[r#"
        busy Some(500) after 1 retries, 0 unanswered, cost None: endpoint answers 500: `Slow down`; all 1 retries of `retries_total` are used up
        busy Some(500) after 0 retries, 0 unanswered, cost None: endpoint answers 500: `Slow down`; all 1 retries of `retries_total` are used up"#]].assert_eq(&told);
    assert_eq!(model.ledger().retries, 1);
    assert_eq!(model.ledger().failed, 2);
}

#[test]
fn nobody_waits_beyond_the_deadline() {
    let mut begun = events("data: {\"choices\":[]}\n\n");
    begun.pop();
    let script = script(vec![Say::Nothing, Say::Begin(begun)]);
    let model = open(&script.endpoint("")).unwrap();
    let near = || Instant::now() + Duration::from_millis(200);
    for _ in 0..2 {
        let failure = model.respond(&question(), near()).unwrap_err();
        assert_eq!(
            (failure.cause, failure.unanswered),
            (Cause::Deadline, 1),
            "{failure}"
        );
    }
    let failure = model.respond(&question(), Instant::now()).unwrap_err();
    assert_eq!(
        (failure.cause, failure.unanswered),
        (Cause::Deadline, 0),
        "{failure}"
    );
    assert_eq!(script.heard().len(), 2, "the last was never sent");
}

#[test]
fn an_attempt_that_takes_too_long_is_one_that_may_be_billed() {
    check(
        vec![Say::Nothing, Say::Bytes(http(200, "", &said("here")))],
        &format!("seconds=1&{PRICE}"),
        expect!["says `here` after 1 retries, 1 unanswered, cost Some(9000)"],
    );
}

#[test]
fn where_nobody_listens_nothing_is_billed() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let failure = ask(&endpoint(port, "retries=1")).unwrap_err();
    assert_eq!(
        (failure.cause, failure.unanswered, failure.retries),
        (Cause::Line, 0, 1)
    );
    assert!(
        failure.message.starts_with("no way to the endpoint: "),
        "{failure}"
    );
}

#[test]
fn an_answer_that_is_none_is_not_asked_for_again() {
    for (say, expected) in [
        (
            http(200, "", "<html>"),
            expect![
                "answer Some(200) after 0 retries, 1 unanswered, cost None: answer is no JSON (expected value at line 1 column 1), it begins `<html>`; is this the address of an endpoint of the format `chat`?"
            ],
        ),
        (
            http(200, "", r#"{"object":"list"}"#),
            expect![
                "answer Some(200) after 0 retries, 1 unanswered, cost None: answer holds no `choices`; a chat completion would have one"
            ],
        ),
        (
            http(200, "", &said(&"x".repeat(2000))),
            expect![
                "answer Some(200) after 0 retries, 1 unanswered, cost None: answer is longer than 1024 bytes; raise `answer_bytes_max` if it is meant to be"
            ],
        ),
        (
            events(&format!("data: {}\n\n", "x".repeat(2000))),
            expect![
                "answer Some(200) after 0 retries, 1 unanswered, cost None: answer is longer than 1024 bytes; raise `answer_bytes_max` if it is meant to be"
            ],
        ),
        (
            events("data: nothing\n\n"),
            expect![
                "answer Some(200) after 0 retries, 1 unanswered, cost None: a chunk of the answer is no JSON: expected ident at line 1 column 2"
            ],
        ),
    ] {
        check(vec![Say::Bytes(say)], "answer_bytes_max=1024", expected);
    }
    // The same without a length: what is read is bounded, not what is announced.
    let mut endless = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n".to_vec();
    endless.extend(b": more\n".repeat(1000));
    check(
        vec![Say::Last(endless)],
        "answer_bytes_max=1024",
        expect![
            "answer Some(200) after 0 retries, 1 unanswered, cost None: answer is longer than 1024 bytes; raise `answer_bytes_max` if it is meant to be"
        ],
    );
}

#[test]
fn a_stream_that_breaks_off_is_asked_for_again() {
    let begun = r#"data: {"choices":[{"delta":{"content":"I was"}}]}"#;
    let broken = format!(
        "{begun}\n\ndata: {{\"error\":{{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"}}}}\n\n"
    );
    let whole = "data: {\"choices\":[{\"delta\":{\"content\":\"here\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    check(
        vec![
            Say::Last(events(&format!("{begun}\n\n"))),
            Say::Last(events(&broken)),
            Say::Bytes(events(whole)),
        ],
        "stream=true",
        expect!["says `here` after 2 retries, 2 unanswered, cost None"],
    );
}

#[test]
fn one_connection_serves_many_requests() {
    let script = script(vec![Say::Bytes(http(200, "", &said("here"))); 20]);
    let model = open(&script.endpoint("connections=1")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    model.respond(&question(), soon()).unwrap();
                }
            });
        }
    });
    assert_eq!(model.ledger().answered, 20);
    assert_eq!(model.ledger().usage.input, 20_000);
}

#[test]
fn a_key_goes_into_its_header_and_nowhere_else() {
    for (api, header) in [
        ("chat", "authorization: Bearer sk-abcdefgh"),
        ("responses", "authorization: Bearer sk-abcdefgh"),
        ("messages", "x-api-key: sk-abcdefgh"),
    ] {
        let script = script(vec![Say::Bytes(http(
            418,
            "",
            r#"{"error":"sk-abcdefgh is a teapot"}"#,
        ))]);
        let mut endpoint = script.endpoint(&format!("api={api}"));
        endpoint.key = Secret::new("sk-abcdefgh").ok();
        let model = open(&endpoint).unwrap();
        let failure = model.respond(&question(), soon()).unwrap_err();
        assert_eq!(
            &*failure.message,
            "endpoint answers 418: `**** is a teapot`"
        );
        let heard = script.heard().join("").replacen(header, "", 1);
        assert!(!heard.contains("sk-"), "{heard}");
        assert!(!format!("{endpoint:?} {failure:?}").contains("sk-"));
        assert_eq!(
            heard.contains("anthropic-version: 2023-06-01"),
            api == "messages"
        );
    }
}

#[test]
fn an_endpoint_whose_key_nobody_read_is_not_opened() {
    let endpoint = endpoint(1, "key_env=SOME_KEY");
    let problems = open(&endpoint).map(|_| ()).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "endpoint names where its key lies, and nobody has read it; put it into `key` first"
    );
}

#[test]
fn a_name_that_nobody_has_is_no_way_there() {
    let endpoint = Endpoint::read("http://nobody.invalid/v1?model=m&plain=true&retries=0").unwrap();
    let failure = ask(&endpoint).unwrap_err();
    assert_eq!(
        (failure.cause, failure.unanswered),
        (Cause::Line, 0),
        "{failure}"
    );
    assert!(
        failure.message.starts_with("no way to the endpoint: "),
        "{failure}"
    );
}

#[test]
fn a_certificate_that_nobody_trusts_is_refused_before_anything_is_said() {
    let (listener, heard) = (
        TcpListener::bind("127.0.0.1:0").unwrap(),
        std::sync::mpsc::channel(),
    );
    let port = listener.local_addr().unwrap().port();
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let certificate = include_bytes!("../../testdata/tls/certificate.der").to_vec();
    let key = include_bytes!("../../testdata/tls/key.der").to_vec();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.into()],
            rustls::pki_types::PrivatePkcs8KeyDer::from(key).into(),
        )
        .unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut server = rustls::ServerConnection::new(config.into()).unwrap();
        let mut said = Vec::new();
        let _ = std::io::Read::read_to_end(
            &mut rustls::Stream::new(&mut server, &mut stream),
            &mut said,
        );
        heard.0.send(said).unwrap();
    });
    let endpoint = Endpoint::read(&format!("https://localhost:{port}/v1?model=m")).unwrap();
    expect!["line None after 0 retries, 0 unanswered, cost None: endpoint shows a certificate that this machine does not trust (io: invalid peer certificate: UnknownIssuer); one that leads to a root of this machine would be right"].assert_eq(&told(&ask(&endpoint)));
    assert_eq!(heard.1.recv().unwrap(), b"");
}

#[test]
fn a_limit_holds_back_what_could_only_go_too_late() {
    for options in ["requests_minute=6", "tokens_minute=6000"] {
        let script = script(vec![Say::Bytes(http(200, "", &said("here"))); 2]);
        let model = open(&script.endpoint(options)).unwrap();
        // The answer counts 1,100 tokens: ten seconds' worth and a second more.
        let ask = || model.respond(&question(), Instant::now() + Duration::from_millis(500));
        assert!(ask().is_ok());
        let failure = ask().unwrap_err();
        assert_eq!((failure.cause, failure.unanswered), (Cause::Deadline, 0));
        assert_eq!(
            &*failure.message,
            "time was up before the limits of the endpoint let the request go; fewer at once, or a later deadline, would let it"
        );
        assert_eq!(script.heard().len(), 1, "the second was never sent");
    }
}

#[test]
fn an_answer_in_one_piece_is_read_where_pieces_were_asked_for() {
    check(
        vec![Say::Bytes(http(200, "", &said("here")))],
        "stream=true",
        expect!["says `here` after 0 retries, 0 unanswered, cost None"],
    );
}
