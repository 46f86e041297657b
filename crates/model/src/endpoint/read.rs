//! Read: an endpoint from its description, and all that is wrong with it at once.

use names::problem::quoted;
use serde_json::{Map, Value};

use super::url::{self, Base};
use super::{Api, Endpoint, KeyFrom, Limits, Retries};
use crate::price::dollars;
use crate::{Price, Problems};

/// Longest description: each of its fields is a line, and members may hold a schema.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Every field, for whoever mistypes one.
const FIELDS: &[&str] = &[
    "url",
    "api",
    "model",
    "key_env",
    "key_file",
    "plain",
    "stream",
    "connections",
    "requests_minute",
    "tokens_minute",
    "seconds",
    "answer_bytes_max",
    "retries",
    "retry_seconds",
    "retries_total",
    "retry_first_milliseconds",
    "seed",
    "price_input",
    "price_output",
    "price_cached",
    "headers",
    "members",
];

/// What every request says itself: a description that said it too would win over the harness.
const OURS: &[&str] = &[
    "model",
    "messages",
    "input",
    "system",
    "instructions",
    "tools",
    "stream",
];

/// Headers that would carry a key into a description, or break the frame of a request.
const HEADERS_KEPT_OUT: &[&str] = &[
    "authorization",
    "x-api-key",
    "api-key",
    "cookie",
    "proxy-authorization",
    "host",
    "connection",
    "content-length",
    "content-type",
    "transfer-encoding",
    "accept-encoding",
    "expect",
    "te",
    "upgrade",
];

pub(super) fn endpoint(text: &str) -> Result<Endpoint, Problems> {
    let text = text.trim();
    if text.len() > TEXT_BYTES_MAX {
        return Err(Problems::one(format!(
            "endpoint is described in {} bytes; at most {TEXT_BYTES_MAX} are read",
            text.len()
        )));
    }
    let fields = if text.starts_with("http://") || text.starts_with("https://") {
        let (url, query) = text.split_once('?').unwrap_or((text, ""));
        let mut fields = Map::from_iter([("url".to_owned(), Value::from(url))]);
        for (name, value) in url::options(query)? {
            if fields.insert(name.clone(), Value::from(value)).is_some() {
                return Err(Problems::one(format!(
                    "option {} is given twice; once would do",
                    quoted(&name)
                )));
            }
        }
        fields
    } else if text.starts_with('{') {
        serde_json::from_str(text)
            .map_err(|error| Problems::one(format!("endpoint is no JSON object: {error}")))?
    } else {
        toml::from_str(text).map_err(|error| {
            Problems::one(format!(
                "endpoint is neither an address (`http://127.0.0.1:8000/v1?model=…`) nor JSON nor TOML: {}",
                error.message()
            ))
        })?
    };
    let mut fields = Fields {
        fields,
        problems: Problems::none(),
    };
    let endpoint = fields.endpoint();
    match endpoint {
        Some(endpoint) => fields.problems.or(endpoint),
        None => Err(fields.problems),
    }
}

/// The fields that are still to be read, and what was wrong with the others.
struct Fields {
    fields: Map<String, Value>,
    problems: Problems,
}

impl Fields {
    fn endpoint(&mut self) -> Option<Endpoint> {
        let url = self.url();
        let api = self.api();
        let model = self.text("model");
        if model.is_none() {
            self.problems
                .add("endpoint names no `model`; the name the endpoint knows it by would be right");
        }
        let key_from = self.key_from();
        let plain = self.switch("plain");
        let stream = self.switch("stream");
        let limits = self.limits();
        let retries = self.retries();
        let price = self.price();
        let headers = self.headers();
        let members = self.members();
        self.rest();
        let (url, named) = url?;
        if url.is_plain() && !plain {
            self.problems.add(format!(
                "`{url}` would carry the key and every word in the clear; `https://` would not, nor does an address of this machine; `plain = true` takes it as it is"
            ));
        }
        if let (Some(asked), Some(named)) = (api, named)
            && asked != named
        {
            self.problems.add(format!(
                "url ends as the format `{named}` does, and `api` says `{asked}`; leave one of the two out"
            ));
        }
        Some(Endpoint {
            url,
            api: api.or(named).unwrap_or_default(),
            model: model.unwrap_or_default(),
            key_from,
            key: None,
            stream,
            limits,
            retries,
            price,
            headers,
            members,
        })
    }

    fn url(&mut self) -> Option<(Base, Option<Api>)> {
        let Some(text) = self.text("url") else {
            self.problems.add("endpoint names no `url`; an address such as `http://127.0.0.1:8000/v1` would be right");
            return None;
        };
        Base::read(&text)
            .map_err(|problems| self.problems.extend(problems))
            .ok()
    }

    fn api(&mut self) -> Option<Api> {
        let word = self.text("api")?;
        let api = Api::ALL.into_iter().find(|api| api.word() == &*word);
        if api.is_none() {
            self.problems.add(format!(
                "api {} is not known; `chat`, `responses` and `messages` are",
                quoted(&word)
            ));
        }
        api
    }

    fn key_from(&mut self) -> Option<KeyFrom> {
        // Asked for by name, lest it be shown as a field that nobody knows.
        if self
            .fields
            .remove("key")
            .or_else(|| self.fields.remove("api_key"))
            .is_some()
        {
            self.problems.add("endpoint holds a key; name the file it lies in (`key_file`) or the environment variable (`key_env`) in its place");
        }
        match (self.text("key_file"), self.text("key_env")) {
            (Some(_), Some(_)) => {
                self.problems
                    .add("endpoint names both `key_file` and `key_env`; one of the two would do");
                None
            }
            (Some(file), None) => Some(KeyFrom::File(file)),
            (None, Some(name)) => {
                let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                if !name.bytes().all(fits) {
                    // Not shown: this is where a key itself is pasted by mistake.
                    self.problems.add("key_env is no name of an environment variable; one such as `OPENAI_API_KEY` would be right, and never the key itself");
                    return None;
                }
                Some(KeyFrom::Environment(name))
            }
            (None, None) => None,
        }
    }

    fn limits(&mut self) -> Limits {
        let usual = Limits::default();
        let requests = self.number("requests_minute", 1..=1_000_000);
        let connections = self.number("connections", 1..=1024);
        let seconds = self.number("seconds", 1..=24 * 3600);
        Limits {
            connections: connections.map_or(usual.connections, small),
            requests_minute: requests.map(small),
            tokens_minute: self.number("tokens_minute", 1..=1_000_000_000_000),
            seconds: seconds.map_or(usual.seconds, small),
            answer_bytes_max: self
                .number("answer_bytes_max", 1024..=256 * 1024 * 1024)
                .unwrap_or(usual.answer_bytes_max),
        }
    }

    fn retries(&mut self) -> Retries {
        let usual = Retries::default();
        let times = self.number("retries", 0..=100);
        let seconds = self.number("retry_seconds", 0..=24 * 3600);
        let first = self.number("retry_first_milliseconds", 1..=60_000);
        Retries {
            times: times.map_or(usual.times, small),
            seconds: seconds.map_or(usual.seconds, small),
            total: self
                .number("retries_total", 0..=1_000_000_000)
                .unwrap_or(usual.total),
            first_milliseconds: first.map_or(usual.first_milliseconds, small),
            seed: self.number("seed", 0..=u64::MAX).unwrap_or(usual.seed),
        }
    }

    fn price(&mut self) -> Option<Price> {
        let [input, output, cached] =
            ["price_input", "price_output", "price_cached"].map(|name| self.dollars(name));
        match (input, output) {
            (Some(input), Some(output)) => Some(Price {
                input,
                output,
                cached: cached.unwrap_or(input),
            }),
            (None, None) if cached.is_none() => None,
            _ => {
                self.problems.add("a price has `price_input` and `price_output`, dollars for a million tokens each; one of them is missing");
                None
            }
        }
    }

    fn dollars(&mut self, name: &str) -> Option<u64> {
        let text = match self.fields.remove(name)? {
            Value::String(text) => text,
            Value::Number(number) if number.is_u64() => number.to_string(),
            // A price with a point is written as text: 0.1 is no number of a computer.
            other => other.to_string() + " (no text)",
        };
        dollars(&text)
            .map_err(|problems| {
                for problem in problems.iter() {
                    self.problems.add(format!("{name} {problem}"));
                }
            })
            .ok()
    }

    fn headers(&mut self) -> Vec<(Box<str>, Box<str>)> {
        let mut headers = Vec::new();
        for (name, value) in self.table("headers") {
            let small = name.to_ascii_lowercase();
            let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            if HEADERS_KEPT_OUT.contains(&small.as_str()) {
                self.problems.add(format!(
                    "header {} is ours to send; keys come from `key_file` or `key_env`",
                    quoted(&name)
                ));
                continue;
            }
            match value {
                Value::String(value)
                    if !name.is_empty()
                        && name.bytes().all(token)
                        && value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) =>
                {
                    headers.push((small.into(), value.into()));
                }
                _ => self.problems.add(format!(
                    "header {} is none; a name of letters and hyphens with a line of ASCII text would be",
                    quoted(&name)
                )),
            }
        }
        headers
    }

    fn members(&mut self) -> Map<String, Value> {
        let members = self.table("members");
        for name in members.keys().filter(|name| OURS.contains(&name.as_str())) {
            self.problems.add(format!(
                "member `{name}` is written by every request itself; leave it out of `members`"
            ));
        }
        members
    }

    fn table(&mut self, name: &str) -> Map<String, Value> {
        match self.fields.remove(name) {
            None => Map::new(),
            Some(Value::Object(table)) => table,
            // An option of an address is text.
            Some(Value::String(text)) => serde_json::from_str(&text).unwrap_or_else(|_| {
                self.problems
                    .add(format!("{name} is no table; a JSON object would be"));
                Map::new()
            }),
            Some(_) => {
                self.problems
                    .add(format!("{name} is no table; write it as `[{name}]`"));
                Map::new()
            }
        }
    }

    fn text(&mut self, name: &str) -> Option<Box<str>> {
        match self.fields.remove(name)? {
            Value::String(text)
                if !text.is_empty()
                    && text.len() <= 4096
                    && !text.chars().any(char::is_control) =>
            {
                Some(text.into())
            }
            _ => {
                self.problems.add(format!(
                    "{name} is no text of one line; one in quotes would be right"
                ));
                None
            }
        }
    }

    fn switch(&mut self, name: &str) -> bool {
        match self.fields.remove(name) {
            None => false,
            Some(Value::Bool(on)) => on,
            Some(Value::String(text)) if text == "true" || text == "false" => text == "true",
            Some(_) => {
                self.problems
                    .add(format!("{name} is neither `true` nor `false`"));
                false
            }
        }
    }

    fn number(&mut self, name: &str, within: std::ops::RangeInclusive<u64>) -> Option<u64> {
        let value = self.fields.remove(name)?;
        let number = match &value {
            Value::String(text) => text.parse().ok(),
            value => value.as_u64(),
        };
        let number = number.filter(|number| within.contains(number));
        if number.is_none() {
            self.problems.add(format!(
                "{name} {} is out of bounds; a whole number from {} to {} would be right",
                quoted(value.as_str().unwrap_or(&value.to_string())),
                within.start(),
                within.end()
            ));
        }
        number
    }

    fn rest(&mut self) {
        for name in self.fields.keys() {
            self.problems.add(format!(
                "{} is nothing an endpoint has; it has `{}`",
                quoted(name),
                FIELDS.join("`, `")
            ));
        }
    }
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_a_table_and_an_object_say_the_same() {
        let address = "http://127.0.0.1:8000/v1?api=responses&model=org%2Fm&key_env=KEY&stream=true&connections=4&requests_minute=60&tokens_minute=9000&retries=2&price_input=3&price_output=15&seed=7";
        let table = r#"
            url = "http://127.0.0.1:8000/v1"
            api = "responses"
            model = "org/m"
            key_env = "KEY"
            stream = true
            connections = 4
            requests_minute = 60
            tokens_minute = 9000
            retries = 2
            price_input = 3
            price_output = "15"
            seed = 7
        "#;
        let object = r#"{"url": "http://127.0.0.1:8000/v1", "api": "responses", "model": "org/m", "key_env": "KEY",
            "stream": true, "connections": 4, "requests_minute": 60, "tokens_minute": 9000, "retries": 2,
            "price_input": "3", "price_output": "15.00", "seed": 7}"#;
        let [first, second, third] =
            [address, table, object].map(|text| format!("{:?}", Endpoint::read(text).unwrap()));
        assert_eq!(first, second);
        assert_eq!(first, third);
        let endpoint = Endpoint::read(address).unwrap();
        assert_eq!(endpoint.address(), "http://127.0.0.1:8000/v1/responses");
        assert_eq!(endpoint.key_from, Some(KeyFrom::Environment("KEY".into())));
        assert_eq!(endpoint.price.unwrap().cached, 3_000_000);
    }

    fn wrong(text: &str) -> Vec<String> {
        let problems = Endpoint::read(text).unwrap_err();
        problems.iter().map(str::to_owned).collect()
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        expect_test::expect![[r#"
            [
                "api `soap` is not known; `chat`, `responses` and `messages` are",
                "endpoint names no `model`; the name the endpoint knows it by would be right",
                "endpoint names both `key_file` and `key_env`; one of the two would do",
                "connections `0` is out of bounds; a whole number from 1 to 1024 would be right",
                "price_input `0.1 (no text)` is no price; dollars for a million tokens would be, such as `3` or `0.25`, at most 1000000",
                "header `Authorization` is ours to send; keys come from `key_file` or `key_env`",
                "member `messages` is written by every request itself; leave it out of `members`",
                "`modle` is nothing an endpoint has; it has `url`, `api`, `model`, `key_env`, `key_file`, `plain`, `stream`, `connections`, `requests_minute`, `tokens_minute`, `seconds`, `answer_bytes_max`, `retries`, `retry_seconds`, `retries_total`, `retry_first_milliseconds`, `seed`, `price_input`, `price_output`, `price_cached`, `headers`, `members`",
                "`http://10.0.0.1/v1` would carry the key and every word in the clear; `https://` would not, nor does an address of this machine; `plain = true` takes it as it is",
            ]
        "#]]
        .assert_debug_eq(&wrong(
            r#"{"url": "http://10.0.0.1", "api": "soap", "modle": "m", "key_file": "a", "key_env": "B", "connections": 0,
                "price_input": 0.1, "headers": {"Authorization": "x"}, "members": {"messages": []}}"#,
        ));
    }

    #[test]
    fn a_key_in_a_description_is_refused_without_showing_it() {
        for text in [
            r#"{"url": "https://h", "model": "m", "key": "sk-secret"}"#,
            r#"{"url": "https://h", "model": "m", "api_key": "sk-secret"}"#,
            r#"{"url": "https://h", "model": "m", "key_env": "sk-secret"}"#,
            "https://ada:sk-secret@h/v1?model=m",
            "https://h/v1?model=m&key=sk-secret",
        ] {
            let told = Endpoint::read(text).unwrap_err().to_string();
            assert!(!told.contains("sk-secret"), "{told}");
        }
    }

    #[test]
    fn what_is_no_description_is_told_what_one_is() {
        assert!(wrong("gpt")[0].starts_with("endpoint is neither an address"));
        assert!(wrong("{")[0].starts_with("endpoint is no JSON object"));
        assert_eq!(
            wrong("http://h/v1?model=a&model=b"),
            ["option `model` is given twice; once would do"]
        );
        assert!(
            wrong("https://h/v1/messages?api=chat&model=m")[0]
                .starts_with("url ends as the format `messages`")
        );
        assert!(Endpoint::read("http://10.0.0.1/v1?model=m&plain=true").is_ok());
    }

    #[test]
    fn a_record_of_an_endpoint_holds_no_key_and_no_headers_value() {
        let mut endpoint = Endpoint::read(
            r#"{"url": "https://h", "model": "m", "headers": {"x-team": "hidden"}}"#,
        )
        .unwrap();
        endpoint.key = crate::Secret::new("sk-secret").ok();
        let shown = format!("{:?} {}", endpoint.key, endpoint.describe());
        assert!(
            !shown.contains("sk-secret") && !shown.contains("hidden"),
            "{shown}"
        );
    }
}
