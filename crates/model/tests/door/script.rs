//! A server that says what it was told to, byte for byte, and keeps what it heard.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use model::{Endpoint, Message, Request};

/// What it does on its next request.
#[derive(Clone)]
pub enum Say {
    /// These bytes, and waits for the next request.
    Bytes(Vec<u8>),
    /// These bytes, and hangs up.
    Last(Vec<u8>),
    /// Nothing, until the other side hangs up.
    Nothing,
    /// This much, and then nothing until the other side hangs up.
    Begin(Vec<u8>),
}

pub struct Script {
    pub port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

/// An answer with this status, these headers and this body.
pub fn http(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} Any\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// A stream of events, whole.
pub fn events(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// A chat completion that says `words`.
pub fn said(words: &str) -> String {
    format!(
        r#"{{"model":"m-1","choices":[{{"message":{{"role":"assistant","content":"{words}"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":1000,"completion_tokens":100}}}}"#
    )
}

/// Answers one request after the other, whatever connection each comes on; what comes after the last is hung up on.
pub fn script(says: Vec<Say>) -> Script {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let script = Script {
        port,
        heard: Arc::clone(&heard),
    };
    let says = Arc::new(Mutex::new(says.into_iter()));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (says, heard) = (Arc::clone(&says), Arc::clone(&heard));
            std::thread::spawn(move || {
                let mut stream = stream.unwrap();
                while let Some(request) = request(&mut stream) {
                    heard.lock().unwrap().push(request);
                    let say = says.lock().unwrap().next();
                    match say {
                        Some(Say::Bytes(bytes)) => stream.write_all(&bytes).unwrap(),
                        Some(Say::Last(bytes)) => return stream.write_all(&bytes).unwrap(),
                        Some(Say::Begin(bytes)) => {
                            stream.write_all(&bytes).unwrap();
                            let _ = stream.read(&mut [0]);
                            return;
                        }
                        Some(Say::Nothing) => {
                            let _ = stream.read(&mut [0]);
                            return;
                        }
                        None => return,
                    }
                }
            });
        }
    });
    script
}

impl Script {
    /// Every request until now, its head and its body.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// An endpoint of it that waits a millisecond between attempts.
    pub fn endpoint(&self, options: &str) -> Endpoint {
        endpoint(self.port, options)
    }
}

pub fn endpoint(port: u16, options: &str) -> Endpoint {
    let url = format!("http://127.0.0.1:{port}/v1?model=m&retry_first_milliseconds=1&{options}");
    Endpoint::read(&url).unwrap()
}

pub fn question() -> Request {
    Request {
        messages: vec![Message::User("four letters".into())],
        ..Request::default()
    }
}

fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.lines().next());
            if body.len() >= length.unwrap_or("0").parse().unwrap() {
                return Some(text);
            }
        }
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}
