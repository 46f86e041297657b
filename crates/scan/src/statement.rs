//! How VEX statements from feeds stand in the index.

use advisory::Statement;

use crate::{
    detail::cut,
    index::Index,
    layout::Section,
    pack::{read_range, read_target, status, status_byte, write_range, write_target},
    wire::{Damage, Reader, Writer},
};

/// An author's reason is a paragraph.
const REASON_BYTES_MAX: usize = 4_096;

/// Writes what [`read`] reads.
pub fn write(out: &mut Writer, statement: &Statement) {
    out.texts(&statement.flaws);
    out.byte(status_byte(statement.status));
    out.text(&statement.justification);
    out.text(&cut(&statement.impact, REASON_BYTES_MAX));
    out.text(&cut(&statement.action, REASON_BYTES_MAX));
    out.list(&statement.products, write_target);
    out.texts(&statement.versions);
    out.list(&statement.ranges, write_range);
    out.list(&statement.subcomponents, write_target);
    out.text(&statement.author);
    out.time(statement.timestamp);
    out.text(&statement.document);
}

pub fn read(from: &mut Reader<'_>) -> Result<Statement, Damage> {
    Ok(Statement {
        flaws: from.strings()?,
        status: status(from.byte()?),
        justification: from.string()?,
        impact: from.string()?,
        action: from.string()?,
        products: from.list(read_target)?,
        versions: from.strings()?,
        ranges: from.list(read_range)?,
        subcomponents: from.list(read_target)?,
        author: from.string()?,
        timestamp: from.time()?,
        document: from.string()?,
    })
}

impl Index {
    /// A statement.
    pub fn statement(&self, statement: u32) -> Result<Statement, Damage> {
        let all = self.array(Section::Statements, 4);
        let at = all.u32(statement as usize, 0)?;
        read(&mut self.wire(Section::StatementText, at))
    }
}
