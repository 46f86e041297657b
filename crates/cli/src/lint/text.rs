//! Text: for a person, by file, line and column.

use std::io::{self, Write};

use lint::Severity;

use super::{Print, Sum, Told};
use crate::output;
use crate::render::text::{counted, plain, wrap};

/// Where messages begin: `  12345:123   information  `.
const INDENT: usize = 4;

#[derive(Default)]
pub struct Text {
    printed: u64,
}

impl Print for Text {
    fn begin(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn one(&mut self, told: &Told, out: &mut dyn Write) -> io::Result<()> {
        if told.problems.is_empty() && told.untested.is_empty() {
            return Ok(());
        }
        if self.printed > 0 {
            writeln!(out)?;
        }
        self.printed += 1;
        match &told.edition {
            Some(edition) => writeln!(out, "{} ({edition})", plain(&told.file))?,
            None => writeln!(out, "{}", plain(&told.file))?,
        }
        for problem in &told.problems {
            let severity = match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Information => "note",
            };
            writeln!(
                out,
                "  {}:{} {severity} {}",
                problem.line,
                problem.column,
                plain(&problem.test)
            )?;
            paragraph(out, &problem.message)?;
        }
        for untested in &told.untested {
            writeln!(out, "  not tested: {}", plain(&untested.test))?;
            paragraph(out, &untested.why)?;
        }
        Ok(())
    }

    fn end(&mut self, sum: &Sum, out: &mut dyn Write) -> io::Result<()> {
        if sum.files == 0 {
            return Ok(());
        }
        if self.printed > 0 {
            writeln!(out)?;
        }
        let files = counted(sum.files, "file", "files");
        if sum.errors + sum.warnings + sum.notes == 0 {
            return writeln!(out, "{files}: nothing is wrong.");
        }
        let mut parts = vec![
            counted(sum.errors, "error", "errors"),
            counted(sum.warnings, "warning", "warnings"),
            counted(sum.notes, "note", "notes"),
        ];
        if sum.unreadable > 0 {
            parts.push(format!("{} unreadable", sum.unreadable));
        }
        writeln!(
            out,
            "{files}, {} without a problem: {}.",
            sum.clean,
            parts.join(", ")
        )
    }
}

fn paragraph(out: &mut dyn Write, text: &str) -> io::Result<()> {
    for line in wrap(text, output::width() - INDENT) {
        writeln!(out, "{:INDENT$}{line}", "")?;
    }
    Ok(())
}
