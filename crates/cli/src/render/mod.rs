//! One report, said in the way its reader needs.

use std::io::{self, Write};

use scan::report::Report;

use crate::args::Format;

mod csv;
mod cyclonedx;
mod html;
mod openvex;
mod sarif;
mod table;
pub mod text;

#[cfg(feature = "lint")]
pub use sarif::uri;

/// What the reader asked for beside the format.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Every row under its action.
    pub all: bool,
    /// Columns of the terminal, 40 to 120.
    pub width: usize,
}

/// Writes `report` to `out` in `format`.
pub fn render(report: &Report, format: Format, wish: Wish, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => table::render(report, wish, out),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, report)?;
            writeln!(out)
        }
        Format::Sarif => sarif::render(report, out),
        Format::CyclonedxVex => cyclonedx::render(report, out),
        Format::Openvex => openvex::render(report, out),
        Format::Csv => csv::render(report, out),
        Format::Html => html::render(report, out),
    }
}
