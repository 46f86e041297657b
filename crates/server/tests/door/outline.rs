//! Outline: what a page holds, without how it looks: headings, tables, links, forms, words.

use std::fmt::Write;

/// The main part of `html` as lines, each with what stands there. Text keeps its order; white space is one space.
pub fn outline(html: &str) -> String {
    let mut lines = Lines::default();
    if let Some(title) = between(html, "<title>", "</title>") {
        lines.say(&format!("title {}", text(title)));
    }
    let main = html
        .split("<main")
        .nth(1)
        .and_then(|rest| rest.split("</main>").next())
        .unwrap_or(html);
    let main = main.split_once('>').map_or(main, |(_, rest)| rest);
    for token in tokens(main) {
        lines.token(token);
    }
    lines.flush();
    lines.out
}

#[derive(Default)]
struct Lines {
    out: String,
    kind: String,
    text: String,
    link: Option<String>,
}

enum Token<'a> {
    Open(&'a str, &'a str),
    Close(&'a str),
    Text(&'a str),
}

fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let Some(start) = rest.find('<') else {
            tokens.push(Token::Text(rest));
            break;
        };
        if start > 0 {
            tokens.push(Token::Text(&rest[..start]));
        }
        let end = rest[start..]
            .find('>')
            .map_or(rest.len(), |end| start + end);
        let tag = rest.get(start + 1..end).unwrap_or("");
        match tag.strip_prefix('/') {
            Some(name) => tokens.push(Token::Close(name)),
            None => {
                let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
                tokens.push(Token::Open(name, attributes));
            }
        }
        rest = rest.get(end + 1..).unwrap_or("");
    }
    tokens
}

impl Lines {
    fn token(&mut self, token: Token<'_>) {
        match token {
            Token::Text(raw) => self.text.push_str(raw),
            Token::Open(name, attributes) => self.open(name, attributes),
            Token::Close("a") => {
                if let Some(address) = self.link.take() {
                    let _ = write!(self.text, "]({address})");
                }
            }
            Token::Close("th" | "td") => self.text.push_str(" |"),
            Token::Close(name) if is_block(name) => self.flush(),
            Token::Close(_) => {}
        }
    }

    fn open(&mut self, name: &str, attributes: &str) {
        let get = |key: &str| attribute(attributes, key);
        match name {
            "a" => {
                self.text.push('[');
                self.link = Some(get("href").unwrap_or_default());
            }
            "form" => {
                self.flush();
                let method = get("method").unwrap_or("get".into()).to_uppercase();
                self.say(&format!(
                    "form {method} {}",
                    get("action").unwrap_or_default()
                ));
            }
            "input" | "select" | "textarea" => {
                self.flush();
                let kind = get("type").unwrap_or_else(|| name.to_owned());
                let value = get("value")
                    .filter(|value| !value.is_empty())
                    .map(|value| format!(" = {value}"))
                    .unwrap_or_default();
                let checked = if attributes.ends_with("checked") || attributes.contains(" checked ")
                {
                    " ✔"
                } else {
                    ""
                };
                let wrong = if attributes.contains("aria-invalid") {
                    " ✘"
                } else {
                    ""
                };
                self.say(&format!(
                    "  {kind} {}{value}{checked}{wrong}",
                    get("name").unwrap_or_default()
                ));
            }
            "option" => {
                self.flush();
                let selected = if attributes.contains("selected") {
                    " ✔"
                } else {
                    ""
                };
                self.say(&format!(
                    "    option {}{selected}",
                    get("value").unwrap_or_default()
                ));
            }
            _ if is_block(name) => {
                self.flush();
                self.kind = name.to_owned();
                if attributes.contains("aria-current=\"step\"") {
                    self.kind.push_str(" (now)");
                }
            }
            _ => {}
        }
    }

    fn flush(&mut self) {
        let said = text(&std::mem::take(&mut self.text));
        let kind = std::mem::take(&mut self.kind);
        if said.is_empty() {
            return;
        }
        match kind.as_str() {
            "" | "p" | "div" | "span" => self.say(&said),
            kind => self.say(&format!("{kind} {said}")),
        }
    }

    fn say(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "h1" | "h2"
            | "h3"
            | "p"
            | "li"
            | "div"
            | "table"
            | "caption"
            | "tr"
            | "dt"
            | "dd"
            | "button"
            | "legend"
            | "label"
            | "fieldset"
            | "summary"
            | "pre"
            | "form"
            | "nav"
            | "section"
            | "details"
            | "ul"
            | "ol"
            | "dl"
    )
}

fn attribute(attributes: &str, key: &str) -> Option<String> {
    let start = attributes.find(&format!("{key}=\""))? + key.len() + 2;
    let end = attributes[start..].find('"')? + start;
    Some(text(&attributes[start..end]))
}

fn between<'a>(html: &'a str, open: &str, close: &str) -> Option<&'a str> {
    html.split_once(open)?
        .1
        .split_once(close)
        .map(|(inside, _)| inside)
}

/// One space for any white space, and the four escapes that our templates write undone.
fn text(raw: &str) -> String {
    let words = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    words
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
