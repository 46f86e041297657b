//! What a fuzzer hands to each parser here: whatever the bytes, nothing panics, and however they are cut, what was read
//! is the same.

use crate::sse::{Parser, TooLong};
use crate::{Api, Endpoint, serve, wire};

/// A target's name, and what reads the fuzzer's bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name, for the fuzzer and for replaying what it found.
pub const TARGETS: &[Target] = &[
    ("model_answer", answer),
    ("model_endpoint", endpoint),
    ("model_http", http),
    ("model_request", request),
    ("model_sse", sse),
];

/// An answer in each format: in one piece, and as the events of a stream.
pub fn answer(bytes: &[u8]) {
    for api in Api::ALL {
        if let Ok(value) = serde_json::from_slice(bytes) {
            let _ = wire::read(api, value);
        }
        let mut pieces = wire::pieces(api);
        let mut parser = Parser::new(bytes.len());
        let taken = parser.push::<wire::Fault>(bytes, &mut |kind, data| pieces.take(kind, data));
        if let (Ok(()), Some(whole)) = (taken, pieces.whole()) {
            let _ = wire::read(api, whole);
        }
    }
}

/// An endpoint's description.
pub fn endpoint(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    if let Ok(endpoint) = Endpoint::read(text) {
        let _ = (endpoint.address(), endpoint.describe());
    }
}

/// A connection to what is served.
pub fn http(bytes: &[u8]) {
    serve::read_all(bytes);
}

/// A request to what is served; what was read can be asked of somebody else.
pub fn request(bytes: &[u8]) {
    let Ok(endpoint) = Endpoint::read("http://127.0.0.1/v1?model=m") else {
        return;
    };
    for api in Api::ALL {
        let Ok(request) = serde_json::from_slice(bytes)
            .map_err(drop)
            .and_then(|body| wire::asked(api, body).map_err(drop))
        else {
            continue;
        };
        for to in Api::ALL {
            let _ = wire::write(
                &request,
                &Endpoint {
                    api: to,
                    ..endpoint.clone()
                },
            );
        }
    }
}

/// Events, in one piece and byte by byte.
pub fn sse(bytes: &[u8]) {
    let read = |step: usize| {
        let mut parser = Parser::new(1024);
        let mut events = Vec::new();
        let ended = bytes.chunks(step).try_for_each(|piece| {
            parser.push::<TooLong>(piece, &mut |kind, data| {
                events.push((kind.to_owned(), data.to_owned()));
                Ok(())
            })
        });
        (ended.is_ok(), events)
    };
    assert_eq!(read(bytes.len().max(1)), read(1));
}
