//! Which devices does a hand-kept list name? CSV as hospitals and utilities really keep it.
//!
//! There is no standard for these but RFC 4180, which none of them follows: commas, semicolons or tabs, any of four
//! encodings, a title and the date of printing above the header, columns named in the keeper's language, one device
//! a row or a count of them. So the header is looked for, columns are recognized generously ([`header`]), and a row
//! that cannot be read costs a message that names its line and column.

mod header;
mod text;

use crate::lock::Fault;
use crate::{Device, Location, Problem, Sink};

use header::{Column, Header};

/// Rows read from one list. The design's largest single site has 10^4 devices; a hundred times that, and the rest is
/// told and not read.
const ROWS_MAX: usize = 1_000_000;

/// Bytes kept of one cell. The longest that mean something, descriptions, have some 200.
const CELL_BYTES_MAX: usize = 1_000;

/// Messages about single rows of one list; a list of the wrong kind should not print a page for each line.
const PROBLEMS_MAX: usize = 100;

/// Devices of one row. A row of more is a slip of the keyboard, or a phone number in the wrong column.
const COUNT_MAX: u32 = 100_000;

/// Reads one list.
pub fn read(bytes: &[u8], location: &Location, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = text::decode(bytes);
    let header = header::find(&text)?;
    let mut rows = Rows {
        header: &header,
        location,
        sink,
        problems: 0,
    };
    let mut read = 0_usize;
    for record in text::records(&text, header.delimiter) {
        if record.line <= header.line {
            continue;
        }
        if read >= ROWS_MAX {
            rows.problem(
                record.line,
                format!("list has more than {ROWS_MAX} rows; the rest is not read"),
                true,
            );
            break;
        }
        read += 1;
        rows.row(&record);
    }
    rows.finish();
    Ok(())
}

/// Rows on their way to the sink.
struct Rows<'a> {
    header: &'a Header,
    location: &'a Location,
    sink: &'a mut dyn Sink,
    problems: usize,
}

impl Rows<'_> {
    fn row(&mut self, record: &text::Record) {
        if record.unclosed {
            let message = "a quote is opened and not closed before a separator; the line is read without quotes";
            self.problem(record.line, message.into(), false);
        }
        if record.cells.iter().all(|cell| value(cell).is_empty())
            || self.header.repeats(&record.cells)
        {
            return;
        }
        let joined = |column, separator| self.header.joined(column, &record.cells, separator);
        let mut device = Device {
            vendor: joined(Column::Vendor, ""),
            product: joined(Column::Product, ""),
            model: joined(Column::Model, " / "),
            version: joined(Column::Version, ""),
            serial: joined(Column::Serial, ""),
            site: joined(Column::Site, ", "),
            owner: joined(Column::Owner, ""),
            exposed: None,
            count: 1,
            location: self.at(record.line),
        };
        if device.vendor.is_empty() && device.model.is_empty() && is_sum(&device.product) {
            return;
        }
        if device.product.is_empty() && device.model.is_empty() {
            let message = format!(
                "row names neither product nor model; fill in {}",
                self.header.names()
            );
            self.problem(record.line, message, true);
            return;
        }
        device.exposed = self.exposed(record);
        device.count = self.count(record);
        self.sink.device(device);
    }

    fn exposed(&mut self, record: &text::Record) -> Option<bool> {
        let (name, cell) = self.header.cell(Column::Exposed, &record.cells)?;
        let said = yes_or_no(cell);
        if said.is_none() {
            let message = format!(
                "column `{name}` says `{cell}`, which is neither yes nor no; read as not known"
            );
            self.problem(record.line, message, false);
        }
        said
    }

    fn count(&mut self, record: &text::Record) -> u32 {
        let Some((name, cell)) = self.header.cell(Column::Count, &record.cells) else {
            return 1;
        };
        match number(cell) {
            Some(count) if (1..=COUNT_MAX).contains(&count) => count,
            Some(0) => 1,
            _ => {
                let message = format!(
                    "column `{name}` says `{cell}`, which is no number from 1 to {COUNT_MAX}; read as 1"
                );
                self.problem(record.line, message, false);
                1
            }
        }
    }

    fn at(&self, line: u32) -> Location {
        Location {
            line,
            ..self.location.clone()
        }
    }

    fn problem(&mut self, line: u32, message: String, lost: bool) {
        self.problems += 1;
        if self.problems <= PROBLEMS_MAX {
            let location = self.at(line);
            self.sink.problem(Problem {
                location,
                message,
                lost,
            });
        }
    }

    fn finish(self) {
        if self.problems > PROBLEMS_MAX {
            let more = self.problems - PROBLEMS_MAX;
            self.sink.problem(Problem {
                location: self.location.clone(),
                message: format!("{more} more rows have problems of this kind"),
                lost: true,
            });
        }
    }
}

/// A cell without what people write for "nothing".
fn value(cell: &str) -> &str {
    let cell = cell.trim();
    let nothing = [
        "",
        "-",
        "--",
        "—",
        "n/a",
        "na",
        "n.a.",
        "none",
        "unknown",
        "tbd",
        "?",
        "k.a.",
        "unbekannt",
        "keine",
        "desconocido",
        "inconnu",
        "null",
        "not available",
        "not known",
        "nil",
    ];
    match nothing.contains(&cell.to_lowercase().as_str()) {
        true => "",
        false => cell,
    }
}

/// The last line of a printed list.
fn is_sum(product: &str) -> bool {
    let words = [
        "total",
        "totals",
        "grand total",
        "subtotal",
        "sum",
        "summe",
        "gesamt",
        "suma",
    ];
    words.contains(&product.trim_end_matches(':').to_lowercase().as_str())
}

/// Yes and no, as people write them into such a column.
fn yes_or_no(cell: &str) -> Option<bool> {
    let yes = [
        "yes",
        "y",
        "true",
        "t",
        "1",
        "x",
        "✓",
        "✔",
        "ja",
        "j",
        "si",
        "sí",
        "s",
        "oui",
        "o",
        "public",
        "internet",
        "exposed",
        "external",
        "internet-facing",
        "internet facing",
        "direct",
        "wan",
        "wahr",
        "vrai",
        "verdadero",
        "öffentlich",
    ];
    let no = [
        "no",
        "n",
        "false",
        "f",
        "0",
        "nein",
        "non",
        "internal",
        "isolated",
        "private",
        "air gapped",
        "air-gapped",
        "airgapped",
        "offline",
        "intranet",
        "lan",
        "not exposed",
        "none",
        "standalone",
        "intern",
        "falsch",
        "faux",
        "falso",
    ];
    let cell = cell.trim().to_lowercase();
    if yes.contains(&cell.as_str()) {
        return Some(true);
    }
    no.contains(&cell.as_str()).then_some(false)
}

/// `3`, `3.0`, `3 pcs`.
fn number(cell: &str) -> Option<u32> {
    let first = cell.split_whitespace().next()?;
    let whole = first
        .strip_suffix(".0")
        .or_else(|| first.strip_suffix(",0"))
        .unwrap_or(first);
    whole.trim_end_matches(['x', '×']).parse().ok()
}
