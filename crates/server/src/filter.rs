//! The URL is the state: `?q=stage:validate+ecosystem:cargo&page=2`, and the chips that undo a part of it.

use askama::Template;
use names::Refusal;

use crate::page::Ask;

/// A page beyond this is nobody reading: who wants more narrows the filter.
const PAGE_MAX: u32 = 10_000;

/// A person types a line; a longer one is no filter.
const QUERY_CHARS_MAX: usize = 400;

/// What a list is narrowed by, and which page of it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// `stage:validate` as `("stage", "validate")`, in the order written. Only words that the page knows.
    terms: Vec<(String, String)>,
    /// The words without a colon.
    words: Vec<String>,
    page: u32,
    path: String,
    /// What was written that the page does not know.
    unknown: Vec<String>,
    known: &'static [&'static str],
}

impl Filter {
    /// Reads the filter of `ask`, where `known` are the words that may stand before a colon.
    pub fn read(ask: &Ask, known: &'static [&'static str]) -> Filter {
        let path = ask.address().split('?').next().unwrap_or("/").to_owned();
        Filter::parse(&path, ask.query(), known)
    }

    fn parse(path: &str, query: &str, known: &'static [&'static str]) -> Filter {
        let mut filter = Filter {
            page: 1,
            path: path.to_owned(),
            known,
            ..Filter::default()
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "q" => filter.add(&value.chars().take(QUERY_CHARS_MAX).collect::<String>()),
                "page" => filter.page = value.parse().unwrap_or(1).clamp(1, PAGE_MAX),
                // A select of the filter form: its name is the word before the colon.
                name if known.contains(&name) && !value.is_empty() => {
                    filter.terms.push((name.to_owned(), value.into_owned()));
                }
                _ => {}
            }
        }
        filter
    }

    fn add(&mut self, text: &str) {
        for part in parts(text) {
            match part.split_once(':') {
                Some((key, value)) if self.known.contains(&key) && !value.is_empty() => {
                    self.terms.push((key.to_owned(), value.to_owned()));
                }
                Some((key, _))
                    if !key.is_empty()
                        && key.chars().all(|c| c.is_ascii_lowercase() || c == '-') =>
                {
                    self.unknown.push(part);
                }
                _ => self.words.push(part),
            }
        }
    }

    /// The value of the last `key:value`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.terms
            .iter()
            .rev()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// The value of `key` as what it should be; what it cannot be is said in `refusal`.
    pub fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        key: &str,
        refusal: &mut Refusal,
    ) -> Option<T> {
        match self.get(key)?.parse() {
            Ok(value) => Some(value),
            Err(problem) => {
                refusal.add("q", format!("`{key}`: {problem}"));
                None
            }
        }
    }

    /// The words without a colon.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The page, from one.
    pub fn page(&self) -> u32 {
        self.page
    }

    /// The filter as a person types it.
    pub fn text(&self) -> String {
        let terms = self
            .terms
            .iter()
            .map(|(key, value)| quoted(&format!("{key}:{value}")));
        terms
            .chain(self.words.iter().map(|word| quoted(word)))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The address of the first page of this list.
    pub fn address(&self) -> String {
        address(&self.path, &self.text())
    }

    /// The form above a list, and a chip for each part of the filter.
    pub fn chips(&self) -> Chips {
        let all: Vec<String> = self
            .terms
            .iter()
            .map(|(key, value)| format!("{key}:{value}"))
            .chain(self.words.iter().cloned())
            .collect();
        let without = |index: usize| {
            let others = all.iter().enumerate().filter(|(other, _)| *other != index);
            address(
                &self.path,
                &others
                    .map(|(_, part)| quoted(part))
                    .collect::<Vec<_>>()
                    .join(" "),
            )
        };
        Chips {
            path: self.path.clone(),
            text: self.text(),
            chips: all
                .iter()
                .enumerate()
                .map(|(index, part)| (part.clone(), without(index)))
                .collect(),
            unknown: self.unknown.join(", "),
            known: self.known,
        }
    }
}

/// The filter form and the links that each take one part of the filter away.
#[derive(Clone, Debug, Template)]
#[template(path = "part/chips.html")]
pub struct Chips {
    path: String,
    text: String,
    chips: Vec<(String, String)>,
    unknown: String,
    known: &'static [&'static str],
}

impl askama::filters::HtmlSafe for Chips {}

fn address(path: &str, text: &str) -> String {
    if text.is_empty() {
        return path.to_owned();
    }
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("q", text)
        .finish();
    format!("{path}?{query}")
}

/// Splits at spaces that stand outside double quotes.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut is_quoted = false;
    for character in text.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            space if space.is_whitespace() && !is_quoted => parts.push(String::new()),
            other => parts
                .last_mut()
                .expect("there is one from the start")
                .push(other),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn quoted(part: &str) -> String {
    if part.contains(char::is_whitespace) {
        format!("\"{part}\"")
    } else {
        part.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(query: &str, wanted: Expect) {
        let filter = Filter::parse("/findings", query, &["stage", "ecosystem"]);
        let chips = filter.chips();
        let drawn: Vec<String> = chips
            .chips
            .iter()
            .map(|(part, address)| format!("  [{part}] {address}\n"))
            .collect();
        let unknown = if chips.unknown.is_empty() {
            String::new()
        } else {
            format!("  unknown {}\n", chips.unknown)
        };
        wanted.assert_eq(&format!(
            "{} page {}\n{}{unknown}",
            filter.address(),
            filter.page(),
            drawn.concat()
        ));
    }

    #[test]
    fn a_chip_leads_to_the_list_without_it() {
        check(
            "q=stage:validate+ecosystem:cargo&page=2",
            expect![[r#"
            /findings?q=stage%3Avalidate+ecosystem%3Acargo page 2
              [stage:validate] /findings?q=ecosystem%3Acargo
              [ecosystem:cargo] /findings?q=stage%3Avalidate
        "#]],
        );
    }

    #[test]
    fn a_value_with_spaces_is_quoted() {
        check(
            "q=stage:%22in+review%22+heap+overflow",
            expect![[r#"
            /findings?q=%22stage%3Ain+review%22+heap+overflow page 1
              [stage:in review] /findings?q=heap+overflow
              [heap] /findings?q=%22stage%3Ain+review%22+overflow
              [overflow] /findings?q=%22stage%3Ain+review%22+heap
        "#]],
        );
    }

    #[test]
    fn a_word_the_page_does_not_know_is_said() {
        check(
            "q=stgae:validate&page=0",
            expect![[r#"
            /findings page 1
              unknown stgae:validate
        "#]],
        );
    }

    #[test]
    fn a_select_of_the_form_becomes_a_part_of_the_filter() {
        check(
            "q=overflow&stage=validate&ecosystem=&page=99999999",
            expect![[r#"
                /findings?q=stage%3Avalidate+overflow page 10000
                  [stage:validate] /findings?q=overflow
                  [overflow] /findings?q=stage%3Avalidate
            "#]],
        );
    }
}
