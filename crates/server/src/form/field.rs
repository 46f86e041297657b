//! A field as a page draws it: label, hint, message and box belong together for eye and screen reader alike.

use askama::Template;
use names::Refusal;

/// A form's values and what is wrong with them: empty at first, as it was filled in after a refusal.
///
/// A page's template writes `{{ form.line("name", "Name", "As others will see it") }}`.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    values: Vec<(String, String)>,
    refusal: Refusal,
    /// What ids begin with where a page has several forms.
    form: &'static str,
}

/// One of several that can be chosen.
#[derive(Clone, Debug)]
pub struct Choice {
    value: String,
    label: String,
    hint: String,
}

impl Choice {
    /// `value` is sent, `label` is read.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Choice {
        Choice {
            value: value.into(),
            label: label.into(),
            hint: String::new(),
        }
    }

    /// With a sentence under it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Choice {
        self.hint = hint.into();
        self
    }
}

impl Filled {
    /// Nothing filled in yet.
    pub fn empty() -> Filled {
        Filled::default()
    }

    pub(super) fn again(values: Vec<(String, String)>, refusal: Refusal) -> Filled {
        Filled {
            values,
            refusal,
            form: "",
        }
    }

    /// One of several forms of a page, whose ids begin with `form`.
    pub(super) fn within(self, form: &'static str) -> Filled {
        Filled { form, ..self }
    }

    /// Filled in beforehand: a default, or what is to be changed.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Filled {
        self.values.push((name.to_owned(), value.into()));
        self
    }

    /// A line of text.
    pub fn line(&self, name: &str, label: &str, hint: &str) -> Field {
        self.known_line(name, label, hint, "text", "off")
    }

    /// A line that the browser can help with: `kind` is `email`, `url`, `search`; `autocomplete` as HTML lists them.
    pub fn known_line(
        &self,
        name: &str,
        label: &str,
        hint: &str,
        kind: &'static str,
        autocomplete: &'static str,
    ) -> Field {
        self.field(name, label, hint, Kind::Line { kind, autocomplete })
    }

    /// A secret; never filled in again.
    pub fn password(
        &self,
        name: &str,
        label: &str,
        hint: &str,
        autocomplete: &'static str,
    ) -> Field {
        let field = self.known_line(name, label, hint, "password", autocomplete);
        Field {
            values: Vec::new(),
            ..field
        }
    }

    /// A whole number.
    pub fn number(&self, name: &str, label: &str, hint: &str) -> Field {
        self.field(name, label, hint, Kind::Number)
    }

    /// A day.
    pub fn date(&self, name: &str, label: &str, hint: &str) -> Field {
        self.known_line(name, label, hint, "date", "off")
    }

    /// A text of several lines.
    pub fn prose(&self, name: &str, label: &str, hint: &str, rows: u32) -> Field {
        self.field(name, label, hint, Kind::Prose { rows })
    }

    /// One of many, in a drop-down list.
    pub fn select(&self, name: &str, label: &str, hint: &str, choices: &[Choice]) -> Field {
        self.field(name, label, hint, Kind::Select(choices.to_vec()))
    }

    /// One of a few, all in sight.
    pub fn radios(&self, name: &str, label: &str, hint: &str, choices: &[Choice]) -> Field {
        self.field(
            name,
            label,
            hint,
            Kind::Boxes {
                kind: "radio",
                choices: choices.to_vec(),
            },
        )
    }

    /// Any of a few.
    pub fn boxes(&self, name: &str, label: &str, hint: &str, choices: &[Choice]) -> Field {
        self.field(
            name,
            label,
            hint,
            Kind::Boxes {
                kind: "checkbox",
                choices: choices.to_vec(),
            },
        )
    }

    /// Yes or no.
    pub fn tick(&self, name: &str, label: &str, hint: &str) -> Field {
        self.field(name, label, hint, Kind::Tick)
    }

    /// A file; the form needs `enctype="multipart/form-data"`.
    pub fn file(&self, name: &str, label: &str, hint: &str) -> Field {
        self.field(name, label, hint, Kind::File)
    }

    /// Carried along, not shown.
    pub fn hidden(&self, name: &str) -> Field {
        self.field(name, "", "", Kind::Hidden)
    }

    /// Whether anything was refused.
    pub fn is_refused(&self) -> bool {
        !self.refusal.is_empty()
    }

    /// What was filled in for `name`.
    pub fn value(&self, name: &str) -> &str {
        self.values
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    fn field(&self, name: &str, label: &str, hint: &str, kind: Kind) -> Field {
        let mine = self.values.iter().filter(|(known, _)| known == name);
        let wrong = self.refusal.iter().filter(|one| &*one.field == name);
        Field {
            id: match self.form {
                "" => name.to_owned(),
                form => format!("{form}-{name}"),
            },
            name: name.to_owned(),
            label: label.to_owned(),
            hint: hint.to_owned(),
            values: mine.map(|(_, value)| value.clone()).collect(),
            wrong: wrong.map(|one| one.message.to_string()).collect(),
            kind,
        }
    }
}

/// One field, drawn.
#[derive(Clone, Debug, Template)]
#[template(path = "part/field.html")]
pub struct Field {
    id: String,
    name: String,
    label: String,
    hint: String,
    values: Vec<String>,
    wrong: Vec<String>,
    kind: Kind,
}

// Its own template has escaped everything already.
impl askama::filters::HtmlSafe for Field {}

#[derive(Clone, Debug)]
enum Kind {
    Line {
        kind: &'static str,
        autocomplete: &'static str,
    },
    Number,
    Prose {
        rows: u32,
    },
    Select(Vec<Choice>),
    Boxes {
        kind: &'static str,
        choices: Vec<Choice>,
    },
    Tick,
    File,
    Hidden,
}

impl Field {
    fn value(&self) -> &str {
        self.values.last().map_or("", String::as_str)
    }

    fn has(&self, value: &str) -> bool {
        self.values.iter().any(|known| known == value)
    }

    fn is_ticked(&self) -> bool {
        matches!(self.value(), "true" | "on" | "yes")
    }

    /// What a screen reader reads after the label.
    fn described(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.id));
        let wrong = (!self.wrong.is_empty()).then(|| format!("{}-wrong", self.id));
        hint.into_iter().chain(wrong).collect::<Vec<_>>().join(" ")
    }
}
