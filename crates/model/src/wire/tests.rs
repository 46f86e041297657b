//! Tests: what is written and read on the wire, as text.

use std::fs;
use std::path::Path;

use expect_test::{Expect, expect, expect_file};
use serde_json::{Value, json};

use super::{Fault, pieces, read, write};
use crate::sse::Parser;
use crate::{
    Api, Assistant, Endpoint, Extra, Message, Request, Sampling, Tool, ToolCall, ToolResult,
};

/// What an answer reads as, as text.
fn told(answer: Result<super::Answer, Fault>) -> String {
    let told = match answer {
        Ok(answer) => json!({
            "model": answer.model, "message": answer.message, "stop": answer.stop, "usage": answer.usage,
        }),
        Err(fault) => json!({"fault": fault.message, "cause": fault.cause.word()}),
    };
    serde_json::to_string_pretty(&told).unwrap() + "\n"
}

fn streamed(api: Api, cuts: &[&[u8]]) -> String {
    let mut parser = Parser::new(1 << 20);
    let mut pieces = pieces(api);
    for cut in cuts {
        let taken = parser.push::<Fault>(cut, &mut |kind, data| pieces.take(kind, data));
        if let Err(fault) = taken {
            return told(Err(fault));
        }
    }
    match pieces.whole() {
        Some(whole) => told(read(api, whole)),
        None => "the answer never ended\n".to_owned(),
    }
}

#[test]
fn answers_in_pieces_and_in_one_piece_read_the_same() {
    let mut count = 0;
    for api in Api::ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("testdata/answers")
            .join(api.word());
        let mut files: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        for file in files {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let (stem, ending) = name.split_once('.').unwrap();
            let bytes = fs::read(&file).unwrap();
            let reads = match ending {
                "json" => told(read(api, serde_json::from_slice(&bytes).unwrap())),
                "sse" => {
                    let whole = streamed(api, &[&bytes]);
                    for at in 0..=bytes.len() {
                        assert_eq!(
                            streamed(api, &[&bytes[..at], &bytes[at..]]),
                            whole,
                            "{name} cut at {at}"
                        );
                    }
                    let single: Vec<&[u8]> = bytes.chunks(1).collect();
                    assert_eq!(streamed(api, &single), whole);
                    let returns = String::from_utf8(bytes).unwrap().replace('\n', "\r\n");
                    assert_eq!(streamed(api, &[returns.as_bytes()]), whole);
                    whole
                }
                "reads.json" => continue,
                other => panic!("{name} ends in `{other}`, which no test reads"),
            };
            expect_file![folder.join(format!("{stem}.reads.json"))].assert_eq(&reads);
            count += 1;
        }
    }
    assert!(count > 20, "the answers were found");
}

/// A conversation in which everything happens once.
fn conversation() -> Request {
    let called = |kept: Option<Value>| {
        Message::Assistant(Assistant {
            text: "I look.".into(),
            reasoning: Some("Look first.".into()),
            calls: vec![
                ToolCall::new("c1", "shell", r#"{"command":"ls"}"#),
                ToolCall::new("c2", "shell", r#"{"command":"#),
            ],
            kept,
        })
    };
    let result = |id: &str, text: &str, is_error| {
        Message::Tool(ToolResult {
            id: id.into(),
            name: "shell".into(),
            text: text.into(),
            is_error,
        })
    };
    Request {
        messages: vec![
            Message::System("Be brief.".into()),
            Message::System("Be right.".into()),
            Message::User("List.".into()),
            called(None),
            result("c1", "a\nb", false),
            result("c2", "no JSON", true),
            Message::User("Go on.".into()),
            called(Some(
                json!({"messages": [{"type": "thinking", "thinking": "Look first.", "signature": "EqQ=="},
                {"type": "tool_use", "id": "c1", "name": "shell", "input": {"command": "ls"}}]}),
            )),
            result("c1", "", false),
            Message::Assistant(Assistant {
                kept: Some(
                    json!({"responses": [{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAA="}]}),
                ),
                ..Assistant::said("Done.")
            }),
            Message::System("Time is short.".into()),
        ],
        tools: vec![Tool {
            name: "shell".into(),
            description: "Runs a command.".into(),
            parameters: json!({"type": "object", "properties": {"command": {"type": "string"}}}),
        }],
        sampling: Sampling {
            temperature: Some("0.70".into()),
            max_tokens: Some(100),
            reasoning_effort: Some("low".into()),
            ..Sampling::default()
        },
        ..Request::default()
    }
}

fn endpoint(description: &str) -> Endpoint {
    Endpoint::read(description).unwrap()
}

/// One element of the conversation a line, so that a change shows where it is.
fn written(request: &Request, description: &str) -> String {
    let body = match write(request, &endpoint(description)) {
        Ok(body) => body,
        Err(fault) => return fault.message,
    };
    let Value::Object(members) = serde_json::from_slice(&body).unwrap() else {
        panic!("a body is an object");
    };
    let mut lines = Vec::new();
    for (name, value) in members {
        match value {
            Value::Array(all) if matches!(name.as_str(), "messages" | "input") => {
                lines.push(format!("{name}:"));
                lines.extend(all.iter().map(|each| format!("  {each}")));
            }
            value => lines.push(format!("{name}: {value}")),
        }
    }
    lines.join("\n")
}

fn check(request: &Request, description: &str, expected: Expect) {
    expected.assert_eq(&written(request, description));
}

#[test]
fn a_conversation_is_written_as_a_chat_completion() {
    check(
        &conversation(),
        "http://127.0.0.1/v1?model=m",
        expect![[r#"
            temperature: 0.7
            max_tokens: 100
            reasoning_effort: "low"
            tools: [{"type":"function","function":{"name":"shell","description":"Runs a command.","parameters":{"type":"object","properties":{"command":{"type":"string"}}}}}]
            model: "m"
            messages:
              {"role":"system","content":"Be brief."}
              {"role":"system","content":"Be right."}
              {"role":"user","content":"List."}
              {"role":"assistant","content":"I look.","tool_calls":[{"id":"c1","type":"function","function":{"name":"shell","arguments":"{\"command\":\"ls\"}"}},{"id":"c2","type":"function","function":{"name":"shell","arguments":"{\"command\":"}}]}
              {"role":"tool","tool_call_id":"c1","content":"a\nb"}
              {"role":"tool","tool_call_id":"c2","content":"no JSON"}
              {"role":"user","content":"Go on."}
              {"role":"assistant","content":"I look.","tool_calls":[{"id":"c1","type":"function","function":{"name":"shell","arguments":"{\"command\":\"ls\"}"}},{"id":"c2","type":"function","function":{"name":"shell","arguments":"{\"command\":"}}]}
              {"role":"tool","tool_call_id":"c1","content":""}
              {"role":"assistant","content":"Done."}
              {"role":"system","content":"Time is short."}"#]],
    );
}

#[test]
fn a_conversation_is_written_as_a_response() {
    check(
        &conversation(),
        "http://127.0.0.1/v1?model=m&api=responses&stream=true",
        expect![[r#"
            temperature: 0.7
            max_output_tokens: 100
            reasoning: {"effort":"low"}
            tools: [{"type":"function","name":"shell","description":"Runs a command.","parameters":{"type":"object","properties":{"command":{"type":"string"}}},"strict":false}]
            store: false
            include: ["reasoning.encrypted_content"]
            model: "m"
            stream: true
            input:
              {"role":"system","content":"Be brief."}
              {"role":"system","content":"Be right."}
              {"role":"user","content":"List."}
              {"role":"assistant","content":"I look."}
              {"type":"function_call","call_id":"c1","name":"shell","arguments":"{\"command\":\"ls\"}"}
              {"type":"function_call","call_id":"c2","name":"shell","arguments":"{\"command\":"}
              {"type":"function_call_output","call_id":"c1","output":"a\nb"}
              {"type":"function_call_output","call_id":"c2","output":"no JSON"}
              {"role":"user","content":"Go on."}
              {"role":"assistant","content":"I look."}
              {"type":"function_call","call_id":"c1","name":"shell","arguments":"{\"command\":\"ls\"}"}
              {"type":"function_call","call_id":"c2","name":"shell","arguments":"{\"command\":"}
              {"type":"function_call_output","call_id":"c1","output":""}
              {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAA="}
              {"role":"system","content":"Time is short."}"#]],
    );
}

#[test]
fn a_conversation_is_written_as_a_message() {
    check(
        &conversation(),
        "http://127.0.0.1/v1?model=m&api=messages",
        expect![[r#"
            temperature: 0.7
            max_tokens: 100
            output_config: {"effort":"low"}
            system: "Be brief.\n\nBe right."
            tools: [{"name":"shell","description":"Runs a command.","input_schema":{"type":"object","properties":{"command":{"type":"string"}}}}]
            model: "m"
            messages:
              {"role":"user","content":[{"type":"text","text":"List."}]}
              {"role":"assistant","content":[{"type":"text","text":"I look."},{"type":"tool_use","id":"c1","name":"shell","input":{"command":"ls"}},{"type":"tool_use","id":"c2","name":"shell","input":{"unreadable":"{\"command\":"}}]}
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"a\nb"},{"type":"tool_result","tool_use_id":"c2","content":"no JSON","is_error":true},{"type":"text","text":"Go on."}]}
              {"role":"assistant","content":[{"type":"thinking","thinking":"Look first.","signature":"EqQ=="},{"type":"tool_use","id":"c1","name":"shell","input":{"command":"ls"}}]}
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":""}]}
              {"role":"assistant","content":[{"type":"text","text":"Done."}]}
              {"role":"user","content":[{"type":"text","text":"Time is short."}]}"#]],
    );
}

#[test]
fn what_a_format_does_not_know_is_refused_rather_than_dropped() {
    let mut request = conversation();
    request.sampling.seed = Some(7);
    request.sampling.stop = vec!["END".into()];
    request.sampling.top_p = Some("much".into());
    check(
        &request,
        "http://127.0.0.1/v1?model=m",
        expect!["top_p `much` is no number; a decimal such as `0.7` would be right"],
    );
    check(
        &request,
        "http://127.0.0.1/v1?model=m&api=responses",
        expect![
            "top_p `much` is no number; a decimal such as `0.7` would be right; `seed` is nothing the format `responses` knows; leave it out, or ask an endpoint of the format `chat`; `stop` is nothing the format `responses` knows; leave it out, or ask an endpoint of the format `chat`"
        ],
    );
    request.sampling.top_p = None;
    check(
        &request,
        "http://127.0.0.1/v1?model=m&api=messages",
        expect![
            "`seed` is nothing the format `messages` knows; leave it out, or ask an endpoint of the format `chat`"
        ],
    );
}

#[test]
fn members_of_an_endpoint_and_of_the_same_format_go_along() {
    let request = Request {
        model: "other".into(),
        messages: vec![Message::User("Hello.".into())],
        extra: Some(Extra {
            api: Api::Chat,
            members: json!({"tool_choice": "required", "top_k": 3})
                .as_object()
                .unwrap()
                .clone(),
        }),
        ..Request::default()
    };
    let with = r#"{"url": "http://127.0.0.1/v1", "model": "m", "members": {"top_k": 40}}"#;
    check(
        &request,
        with,
        expect![[r#"
        model: "other"
        tool_choice: "required"
        top_k: 40
        messages:
          {"role":"user","content":"Hello."}"#]],
    );
    let theirs = r#"{"url": "https://api.openai.com/v1", "model": "m", "stream": true}"#;
    check(
        &Request {
            sampling: Sampling {
                max_tokens: Some(9),
                ..Sampling::default()
            },
            ..request.clone()
        },
        theirs,
        expect![[r#"
            max_completion_tokens: 9
            model: "other"
            stream: true
            stream_options: {"include_usage":true}
            tool_choice: "required"
            top_k: 3
            messages:
              {"role":"user","content":"Hello."}"#]],
    );
    let others = r#"{"url": "http://127.0.0.1/v1", "model": "m", "api": "messages", "members": {"thinking": {"type": "enabled", "budget_tokens": 2000}}}"#;
    check(
        &request,
        others,
        expect![[r#"
        max_tokens: 8192
        model: "other"
        thinking: {"type":"enabled","budget_tokens":2000}
        messages:
          {"role":"user","content":[{"type":"text","text":"Hello."}]}"#]],
    );
}

#[test]
fn what_is_kept_goes_back_byte_for_byte() {
    for (api, file) in [
        (Api::Chat, "chat/own-members.json"),
        (Api::Responses, "responses/reasoning-and-call.json"),
        (Api::Messages, "messages/thinking-and-call.json"),
    ] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("testdata/answers")
            .join(file);
        let text = fs::read_to_string(file).unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        let said = read(api, answer.clone()).unwrap().message;
        let request = Request {
            messages: vec![Message::User("?".into()), Message::Assistant(said)],
            ..Request::default()
        };
        let endpoint = endpoint(&format!("http://127.0.0.1/v1?model=m&api={api}"));
        let body = String::from_utf8(write(&request, &endpoint).unwrap()).unwrap();
        let kept = match api {
            Api::Chat => answer["choices"][0]["message"].to_string(),
            Api::Responses => answer["output"].to_string(),
            Api::Messages => answer["content"].to_string(),
        };
        // The items of a list stand among others'.
        assert!(body.contains(kept.trim_matches(['[', ']'])), "{body}");
        assert!(
            text.contains(kept.trim_matches(['[', ']'])),
            "written as it came"
        );
    }
}

#[test]
fn what_reaches_beyond_the_model_is_not_served() {
    let problems = |api: Api, body: Value| super::asked(api, body).unwrap_err().to_string();
    expect!["tools[0] is of the type `web_search`, which reaches beyond the model; a function would be right; `previous_response_id` reaches beyond the model, and is not served; leave it out; `service_tier` reaches beyond the model, and is not served; leave it out; `store` reaches beyond the model, and is not served; leave it out"].assert_eq(&problems(
        Api::Responses,
        json!({"model": "m", "input": "?", "previous_response_id": "resp_1", "store": true, "background": false,
            "service_tier": "priority", "tools": [{"type": "web_search"}, {"type": "function", "name": "f"}]}),
    ));
    expect!["`temperature` is no number; a decimal such as 0.7 would be right; messages[0] holds a part of the type `image_url`; only text is served; messages[1] has the role `king`; `system`, `developer`, `user`, `assistant` and `tool` are known; `web_search_options` reaches beyond the model, and is not served; leave it out; `n` asks for several answers; ask once for each"].assert_eq(&problems(
        Api::Chat,
        json!({"model": "m", "n": 2, "temperature": "hot", "web_search_options": {}, "messages": [
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://h/"}}]},
            {"role": "king", "content": "?"}]}),
    ));
    expect!["`max_tokens` is no whole number from zero on; tools[0] is of the type `web_search_20250305`, which reaches beyond the model; a function would be right; messages[0] holds neither a text nor a list of at most 1024 blocks; `mcp_servers` reaches beyond the model, and is not served; leave it out"].assert_eq(&problems(
        Api::Messages,
        json!({"model": "m", "max_tokens": -1, "mcp_servers": [{}], "messages": [{"role": "assistant", "content": 3}],
            "tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
    ));
    expect!["request is no JSON object; one with `model` and a conversation would be right"]
        .assert_eq(&problems(Api::Chat, json!([])));
    expect!["request holds no conversation; at least one message would be right"]
        .assert_eq(&problems(Api::Chat, json!({"model": "m"})));
    let kept = super::asked(
        Api::Chat,
        json!({"messages": [{"role": "user", "content": "?"}], "n": 1, "store": false, "service_tier": "auto",
            "stream_options": {"include_usage": true}, "parallel_tool_calls": false}),
    );
    let kept = kept.unwrap().extra.unwrap();
    assert_eq!(
        Value::Object(kept.members),
        json!({"parallel_tool_calls": false})
    );
}
