//! Answers: does an address answer?
//!
//! For links in documents of strangers, asked where a person wants it: with HEAD, and with GET of one byte where a
//! server refuses that (RFC 9110, sections 9.3.2 and 14.2). Nothing that comes back is kept. Names of this machine
//! and addresses of networks behind it are not asked: a document must not choose what is knocked at there.

use std::net::IpAddr;
use std::time::Duration;

use ureq::http::StatusCode;
use ureq::{Agent, Error};

use crate::web::tls;

/// How addresses are asked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Seconds of one question.
    pub seconds_max: u64,
    pub redirects_max: u32,
    /// Whether plain `http` and this machine may be asked: for tests.
    pub local: bool,
}

impl Default for Settings {
    /// A page that takes ten seconds to answer is no page to a reader.
    fn default() -> Settings {
        Settings {
            seconds_max: 10,
            redirects_max: 5,
            local: false,
        }
    }
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Answers,
    /// Nothing is there, and why that is thought.
    Silent(String),
    /// It was not asked, or what came back says nothing about it.
    Unasked(String),
}

/// Asks `url` once.
pub fn answers(url: &str, settings: &Settings) -> Answer {
    if let Some(why) = refusal(url).filter(|_| !settings.local) {
        return Answer::Unasked(why);
    }
    let agent = agent(settings);
    let head = status(agent.head(url).call());
    let first = match head {
        Ok(status) if status.is_success() => return Answer::Answers,
        Ok(StatusCode::NOT_FOUND | StatusCode::GONE) => head,
        // Many servers answer HEAD with anything at all.
        Ok(_) => status(agent.get(url).header("range", "bytes=0-0").call()),
        Err(error) => Err(error),
    };
    match first {
        Ok(status) if status.is_success() => Answer::Answers,
        // A server that is busy, or wants to know who asks, is there.
        Ok(status) if matches!(status.as_u16(), 401 | 403 | 429 | 500..) => Answer::Unasked(
            format!("server answers {status}, which says nothing about the page"),
        ),
        Ok(status) => Answer::Silent(format!("server answers {status}")),
        Err(Error::Timeout(_)) => {
            Answer::Unasked(format!("no answer within {} seconds", settings.seconds_max))
        }
        Err(error) => Answer::Silent(error.to_string()),
    }
}

fn status(answer: Result<ureq::http::Response<ureq::Body>, Error>) -> Result<StatusCode, Error> {
    answer.map(|response| response.status())
}

/// Why an address is not asked.
fn refusal(url: &str) -> Option<String> {
    let Some(rest) = url.strip_prefix("https://") else {
        return Some("only addresses that begin with `https://` are asked".to_owned());
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_address = |host: &str| host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let bare = match host.rsplit_once(':') {
        Some((bare, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => bare,
        _ => host,
    };
    let lower = bare.trim_end_matches('.').to_ascii_lowercase();
    let is_inside = !lower.contains('.')
        || [".local", ".localhost", ".internal", ".lan"]
            .iter()
            .any(|end| lower.ends_with(end));
    let is_odd = authority.contains('@')
        || lower
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    (is_address(bare) || is_inside || is_odd).then(|| format!("`{bare}` may be a machine of a network behind this one, which a document must not choose"))
}

fn agent(settings: &Settings) -> Agent {
    Agent::config_builder()
        .https_only(!settings.local)
        .tls_config(tls())
        .http_status_as_error(false)
        .max_redirects(settings.redirects_max)
        .max_redirects_will_error(true)
        .user_agent(concat!("seamark/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(Duration::from_secs(settings.seconds_max)))
        .build()
        .new_agent()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    /// A server that gives these answers, one a connection.
    fn serving(answers: &'static [&'static str]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        std::thread::spawn(move || {
            for answer in answers {
                let Ok((mut stream, _)) = listener.accept() else {
                    return;
                };
                let mut asked = [0; 1024];
                let _ = stream.read(&mut asked);
                let _ = write!(
                    stream,
                    "HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
            }
        });
        format!("http://127.0.0.1:{port}/a")
    }

    fn check(answers: &'static [&'static str]) -> Answer {
        let settings = Settings {
            local: true,
            ..Settings::default()
        };
        super::answers(&serving(answers), &settings)
    }

    #[test]
    fn what_is_gone_is_told_from_what_cannot_be_known() {
        assert_eq!(check(&["200 OK"]), Answer::Answers);
        assert_eq!(
            check(&["405 Method Not Allowed", "206 Partial Content"]),
            Answer::Answers
        );
        assert_eq!(
            check(&["404 Not Found"]),
            Answer::Silent("server answers 404 Not Found".to_owned())
        );
        assert!(matches!(
            check(&["403 Forbidden", "403 Forbidden"]),
            Answer::Unasked(_)
        ));
        assert!(matches!(
            check(&["503 Service Unavailable", "503 Service Unavailable"]),
            Answer::Unasked(_)
        ));
    }

    #[test]
    fn a_document_cannot_have_this_network_asked() {
        for url in [
            "http://example.org/",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://[::1]:8443/",
            "https://10.0.0.7/admin",
            "https://intranet/",
            "https://printer.local/",
            "https://2130706433/",
            "https://example.org@127.0.0.1/",
            "file:///etc/passwd",
        ] {
            assert!(refusal(url).is_some(), "{url}");
        }
        assert_eq!(refusal("https://www.example.org:8443/a?b#c"), None);
    }
}
