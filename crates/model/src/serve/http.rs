//! Http: one connection from its first request to its end, and answers onto it (RFC 9112).

use std::io::{self, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::read::{End, Limits, Reader};
use super::{House, route};

/// An answer.
pub(super) struct Reply {
    pub status: u16,
    pub kind: &'static str,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: Body,
}

/// All at once, or in chunks.
pub(super) enum Body {
    Whole(Vec<u8>),
    Chunks(Vec<Vec<u8>>),
}

/// Serves one connection to its end.
pub(super) fn connection(house: &House<'_>, mut stream: TcpStream) {
    let limits = Limits {
        body_bytes_max: house.serving.request_bytes_max,
        seconds: Duration::from_secs(u64::from(house.serving.silence_seconds.max(1))),
    };
    let Ok(writer) = stream.try_clone() else {
        return;
    };
    let mut reader = Reader::new(&mut stream, &writer, limits);
    loop {
        let (reply, closes) = match reader.request() {
            Ok((head, body)) => {
                // An answer to `HEAD` has no body; it is the last, so that nobody takes ours for the next answer.
                let closes = head.closes || head.method == "HEAD";
                (route::reply(house, &head, &body), closes)
            }
            Err(End::Gone) => return,
            Err(End::Refused(status, words)) => (route::refused(house, status, words), true),
        };
        if write(&writer, &reply, closes).is_err() || closes {
            return;
        }
    }
}

/// Tells one connection too many so.
pub(super) fn turn_away(stream: TcpStream) {
    let reply = Reply {
        status: 503,
        kind: "text/plain",
        headers: vec![("Retry-After", "1")],
        body: Body::Whole(b"too many connections; one of those open would do\n".to_vec()),
    };
    // It is turned away whether or not it hears why, and nobody waits for that.
    let _ = stream.set_nonblocking(true);
    let _ = write(&stream, &reply, true);
}

fn write(mut stream: &TcpStream, reply: &Reply, closes: bool) -> io::Result<()> {
    let mut bytes = format!(
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\n",
        reply.status,
        words(reply.status),
        reply.kind
    )
    .into_bytes();
    for (name, value) in &reply.headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if closes {
        bytes.extend_from_slice(b"Connection: close\r\n");
    }
    match &reply.body {
        Body::Whole(body) => {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
            bytes.extend_from_slice(body);
        }
        Body::Chunks(chunks) => {
            bytes.extend_from_slice(
                b"Cache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n",
            );
            for chunk in chunks {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
        }
    }
    stream.write_all(&bytes)
}

fn words(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Error",
    }
}
