//! The parts pages are made of: tag, time, facts, steps, timeline, table, pages, confirmation.
//!
//! Each is a small template; a page's template writes `{{ part }}`. All text in them is escaped.

use askama::Template;
use jiff::Timestamp;

macro_rules! part {
    ($($name:ident),* $(,)?) => {$(
        // Its own template has escaped everything already.
        impl askama::filters::HtmlSafe for $name {}
    )*};
}
part!(
    Said, Tag, When, Facts, Steps, Timeline, Table, Pages, Confirm, Cell
);

/// One adjective for a state: *new, unsure, proven, embargoed, published, fixed, withdrawn* and their like.
/// Never a link, never colour alone.
#[derive(Clone, Debug, Template)]
#[template(path = "part/tag.html")]
pub struct Tag {
    word: &'static str,
}

impl Tag {
    /// A tag; its tone follows from the word.
    pub fn new(word: &'static str) -> Tag {
        Tag { word }
    }

    fn tone(&self) -> &'static str {
        match self.word {
            "overdue" | "denied" | "ended early" | "revoked" | "lapsed" | "broken" | "refused"
            | "failed" | "did not hold" => "stop",
            "new" | "unsure" | "embargoed" | "waiting" | "proposed" | "due" | "disputed"
            | "paused" | "pending" | "running" | "flaky" | "different flaw" | "slow" => "wait",
            "proven" | "published" | "fixed" | "accepted" | "verified" | "not affected"
            | "active" | "sent" | "held" => "good",
            _ => "plain",
        }
    }
}

/// A message as a page shows it: what stands in backticks is set as code.
#[derive(Clone, Debug, Template)]
#[template(path = "part/said.html")]
pub struct Said {
    pieces: Vec<String>,
}

impl Said {
    /// The message `text`.
    pub fn new(text: &str) -> Said {
        Said {
            pieces: text.split('`').map(str::to_owned).collect(),
        }
    }
}

/// A moment, in UTC, to the minute.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "part/when.html")]
pub struct When {
    at: Timestamp,
}

impl When {
    /// The moment `at`.
    pub fn new(at: Timestamp) -> When {
        When { at }
    }

    fn machine(&self) -> String {
        self.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    fn person(&self) -> String {
        self.at.strftime("%-d %b %Y, %H:%M UTC").to_string()
    }
}

/// Whole days from `since` to `now`, as a table of ages shows them.
pub fn age_days(since: Timestamp, now: Timestamp) -> i64 {
    (now.as_second() - since.as_second()) / 86_400
}

/// What stands in one place of a table or of facts.
#[derive(Clone, Debug, Template)]
#[template(path = "part/cell.html")]
pub enum Cell {
    Text(String),
    /// Figures: right-aligned, all digits of one width.
    Number(String),
    /// An id, a hash, a version: in the typewriter's face.
    Code(String),
    Link {
        text: String,
        address: String,
    },
    Tag(Tag),
    /// Several states at once, none of which hides another.
    Tags(Vec<Tag>),
    When(When),
    /// Nothing is known; drawn as a dash that a screen reader calls "none".
    Nothing,
}

impl Cell {
    /// A link whose text says where it leads.
    pub fn link(text: impl Into<String>, address: impl Into<String>) -> Cell {
        Cell::Link {
            text: text.into(),
            address: address.into(),
        }
    }

    /// Plain text.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    /// A figure.
    pub fn number(number: impl std::fmt::Display) -> Cell {
        Cell::Number(number.to_string())
    }

    /// An id, a hash, a version.
    pub fn code(code: impl std::fmt::Display) -> Cell {
        Cell::Code(code.to_string())
    }

    /// A moment, or nothing.
    pub fn when(at: impl Into<Option<Timestamp>>) -> Cell {
        at.into()
            .map_or(Cell::Nothing, |at| Cell::When(When::new(at)))
    }

    /// A state.
    pub fn tag(word: &'static str) -> Cell {
        Cell::Tag(Tag::new(word))
    }

    /// Several states, or nothing.
    pub fn tags(words: impl IntoIterator<Item = &'static str>) -> Cell {
        let tags: Vec<Tag> = words.into_iter().map(Tag::new).collect();
        match tags.is_empty() {
            true => Cell::Nothing,
            false => Cell::Tags(tags),
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Cell::Number(_))
    }
}

/// The key facts of a thing, name and value.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "part/facts.html")]
pub struct Facts {
    facts: Vec<(&'static str, Cell)>,
}

impl Facts {
    /// No facts yet.
    pub fn new() -> Facts {
        Facts::default()
    }

    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: Cell) -> Facts {
        self.facts.push((name, value));
        self
    }
}

/// Where on a way of several steps something is.
#[derive(Clone, Debug, Template)]
#[template(path = "part/steps.html")]
pub struct Steps {
    steps: &'static [&'static str],
    current: &'static str,
}

impl Steps {
    /// `current` is one of `steps`; those before it are done.
    pub fn new(steps: &'static [&'static str], current: &'static str) -> Steps {
        Steps { steps, current }
    }

    fn state(&self, step: &str) -> &'static str {
        let place = |word: &str| self.steps.iter().position(|step| *step == word);
        match (place(step), place(self.current)) {
            (Some(here), Some(current)) if here < current => "done",
            (Some(here), Some(current)) if here == current => "now",
            _ => "later",
        }
    }
}

/// What happened, newest first.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "part/timeline.html")]
pub struct Timeline {
    events: Vec<Event>,
}

#[derive(Clone, Debug)]
struct Event {
    at: When,
    actor: String,
    said: String,
}

impl Timeline {
    /// Nothing happened yet.
    pub fn new() -> Timeline {
        Timeline::default()
    }

    /// Adds what happened before all the others: `actor` did what `said` says.
    #[must_use]
    pub fn then(
        mut self,
        at: Timestamp,
        actor: impl Into<String>,
        said: impl Into<String>,
    ) -> Timeline {
        self.events.push(Event {
            at: When::new(at),
            actor: actor.into(),
            said: said.into(),
        });
        self
    }
}

/// A table with a caption. On a small screen each row becomes a block that names its columns.
#[derive(Clone, Debug, Template)]
#[template(path = "part/table.html")]
pub struct Table {
    caption: String,
    columns: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
    empty: String,
}

impl Table {
    /// `empty` is what stands in place of a table without rows.
    pub fn new(
        caption: impl Into<String>,
        columns: &'static [&'static str],
        empty: impl Into<String>,
    ) -> Table {
        Table {
            caption: caption.into(),
            columns,
            rows: Vec::new(),
            empty: empty.into(),
        }
    }

    /// Whether the keyboard comes into it anyway; else the box it scrolls in takes the focus.
    fn has_links(&self) -> bool {
        let mut cells = self.rows.iter().flatten();
        cells.any(|cell| matches!(cell, Cell::Link { .. }))
    }

    /// Adds a row: a cell for each column, the first of which names the row.
    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The same with all rows at once.
    #[must_use]
    pub fn rows(mut self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Table {
        self.rows.extend(rows);
        self
    }

    fn column(&self, column: &usize) -> &'static str {
        self.columns.get(*column).copied().unwrap_or("")
    }

    fn is_figures(&self, column: &usize) -> bool {
        self.rows
            .iter()
            .any(|row| row.get(*column).is_some_and(Cell::is_number))
    }
}

/// Ways to the pages before and after this one.
#[derive(Clone, Debug, Template)]
#[template(path = "part/pages.html")]
pub struct Pages {
    page: u32,
    has_more: bool,
    /// The address without its page number, ending in `?` or `&`.
    base: String,
}

impl Pages {
    /// `base` is the address of the first page.
    pub fn new(page: u32, has_more: bool, base: &str) -> Pages {
        let joint = if base.contains('?') { '&' } else { '?' };
        Pages {
            page,
            has_more,
            base: format!("{base}{joint}"),
        }
    }
}

/// A page of its own before what cannot be undone. The warning button is only here.
#[derive(Clone, Debug, Template)]
#[template(path = "part/confirm.html")]
pub struct Confirm {
    /// What happens, as sentences.
    pub what: Vec<String>,
    /// Who is told or loses something.
    pub whom: Vec<String>,
    /// Where the button posts to.
    pub action: String,
    /// What the button says: a verb and a noun.
    pub button: String,
    /// The way back.
    pub back: String,
}
