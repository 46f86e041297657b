//! Service: CVE Services, as their API has it (openapi 2.8: `/cve-id`, `/cve`, `/org`).

use std::cell::OnceCell;

use feeds::door::{Door, Question, Reply};
use serde_json::Value;

use super::text;
use crate::args::cve::Account;
use crate::failure::{Failure, unreadable, wrong};
use crate::render::text::plain;
use crate::submit::ask::persist;

pub struct Service {
    door: Door,
    org: String,
    user: String,
    key: String,
    /// The organization's id, once it was asked for.
    organization: OnceCell<String>,
}

/// Where an id is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Reserved,
    Published,
    Rejected,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            State::Reserved => "RESERVED",
            State::Published => "PUBLISHED",
            State::Rejected => "REJECTED",
        }
    }
}

/// What is known of an id.
pub struct Held {
    pub state: State,
    /// Short name of who reserved it.
    pub owner: String,
}

/// Whether a question is asked again where the line or the service fails.
#[derive(Clone, Copy)]
enum Again {
    Yes,
    No,
}

/// An answer: status and JSON.
type Answer = (u16, Value);

impl Service {
    pub fn new(account: &Account) -> Result<Service, Failure> {
        let is_header =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        for (what, given) in [
            ("--org", &account.org),
            ("--user", &account.user),
            ("--key", &account.key),
        ] {
            if !is_header(given) {
                return Err(wrong(format!(
                    "{what} goes into a header: printable ASCII, and not empty"
                )));
            }
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !account.org.bytes().all(is_name) {
            return Err(wrong(
                "--org is a short name, such as `example` or `GitHub_M`",
            ));
        }
        let service = account.service.trim_end_matches('/');
        let door = Door::new(service, None).map_err(|error| wrong(error.to_string()))?;
        Ok(Service {
            door,
            org: account.org.clone(),
            user: account.user.clone(),
            key: account.key.clone(),
            organization: OnceCell::new(),
        })
    }

    /// Asks as often as it takes: what is asked so does the same when it is done twice.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, Failure> {
        self.answer(method, path, body, Again::Yes)
    }

    fn once(&self, question: &Question<'_>) -> Result<Reply, Failure> {
        let unknown = |why: String| {
            unreadable(format!(
                "{why}; whether it was done is not known: look at the ids of `{}` before asking again",
                self.org
            ))
        };
        match self.door.ask(question) {
            Ok(reply) if reply.status >= 500 => {
                Err(unknown(format!("CVE Services answer {}", reply.status)))
            }
            Ok(reply) => Ok(reply),
            Err(error) => Err(unknown(error.to_string())),
        }
    }

    fn answer(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        again: Again,
    ) -> Result<Answer, Failure> {
        let bytes = body.map(Value::to_string).unwrap_or_default();
        let mut headers = vec![
            ("cve-api-org", &*self.org),
            ("cve-api-user", &*self.user),
            ("cve-api-key", &*self.key),
        ];
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let question = Question {
            method,
            path,
            headers: &headers,
            body: bytes.as_bytes(),
        };
        let reply = match again {
            Again::Yes => persist(&self.door, &question)?,
            Again::No => self.once(&question)?,
        };
        match reply.status {
            401 => Err(wrong(format!(
                "CVE Services do not know user `{}` of `{}` by this key",
                self.user, self.org
            ))),
            300..=399 => Err(unreadable(
                "the service answers from another address; name that one",
            )),
            status => {
                let value = serde_json::from_slice(&reply.body).unwrap_or_default();
                Ok((status, value))
            }
        }
    }

    /// The value of a good answer.
    fn good((status, value): Answer) -> Result<Value, Failure> {
        match status {
            200..=299 if value.is_object() => Ok(value),
            200..=299 => Err(unreadable(
                "the service answers otherwise than CVE Services do",
            )),
            _ => Err(wrong(problems(status, &value).join("; "))),
        }
    }

    /// Reserves ids: which, and how many more can be.
    pub fn reserve(
        &self,
        count: u16,
        year: &str,
        random: bool,
    ) -> Result<(Vec<String>, Option<u64>), Failure> {
        let mut path = format!(
            "/cve-id?cve_year={year}&amount={count}&short_name={}",
            self.org
        );
        if count > 1 {
            path += match random {
                true => "&batch_type=nonsequential",
                false => "&batch_type=sequential",
            };
        }
        // An id that was reserved twice is gone for ever.
        let answer = Self::good(self.answer("POST", &path, None, Again::No)?)?;
        let all = answer.get("cve_ids").and_then(Value::as_array);
        let ids: Vec<String> = all
            .into_iter()
            .flatten()
            .map(|one| text(one, "/cve_id").to_owned())
            .collect();
        let left = answer
            .pointer("/meta/remaining_quota")
            .and_then(Value::as_u64);
        Ok((ids, left))
    }

    /// What is known of an id; `None` where nobody has reserved it.
    pub fn held(&self, id: &str) -> Result<Option<Held>, Failure> {
        let (status, value) = self.ask("GET", &format!("/cve-id/{id}"), None)?;
        if status == 404 {
            return Ok(None);
        }
        let value = Self::good((status, value))?;
        let state = match text(&value, "/state") {
            "RESERVED" => State::Reserved,
            "PUBLISHED" => State::Published,
            "REJECTED" => State::Rejected,
            other => {
                let other = plain(other);
                return Err(unreadable(format!(
                    "{id} is in a state `{other}`, which is not known here"
                )));
            }
        };
        Ok(Some(Held {
            state,
            owner: text(&value, "/owning_cna").to_owned(),
        }))
    }

    pub fn is_own(&self, held: &Held) -> bool {
        held.owner.eq_ignore_ascii_case(&self.org)
    }

    /// The record of an id as it is published.
    pub fn published(&self, id: &str) -> Result<Option<Value>, Failure> {
        match self.ask("GET", &format!("/cve/{id}"), None)? {
            (404, _) => Ok(None),
            answer => Self::good(answer).map(Some),
        }
    }

    /// The organization's id at the CVE Program.
    pub fn organization(&self) -> Result<&str, Failure> {
        if let Some(known) = self.organization.get() {
            return Ok(known);
        }
        let answer = Self::good(self.ask("GET", &format!("/org/{}", self.org), None)?)?;
        let id = text(&answer, "/UUID");
        if id.is_empty() {
            return Err(unreadable("the service does not say the organization's id"));
        }
        Ok(self.organization.get_or_init(|| id.to_owned()))
    }

    /// Sends a container; what stands against it, where it was refused.
    pub fn send(
        &self,
        method: &str,
        id: &str,
        part: &str,
        body: &Value,
    ) -> Result<Result<(), Vec<String>>, Failure> {
        let (status, value) = self.ask(method, &format!("/cve/{id}/{part}"), Some(body))?;
        Ok(match status {
            200..=299 => Ok(()),
            _ => Err(problems(status, &value)),
        })
    }
}

/// Each thing that CVE Services say is wrong; at most so many, as one schema error can bring hundreds.
const PROBLEMS_MAX: usize = 50;

fn problems(status: u16, value: &Value) -> Vec<String> {
    let message = match text(value, "/message") {
        "" => format!("CVE Services answer {status}"),
        message => format!("{} ({status})", plain(message)),
    };
    let details = value.pointer("/details/errors").and_then(Value::as_array);
    let details = details.into_iter().flatten().take(PROBLEMS_MAX).map(|one| {
        let said = plain(text(one, "/message"));
        format!("{}: {said}", plain(text(one, "/instancePath")))
    });
    std::iter::once(message).chain(details).collect()
}
