//! How VEX statements from feeds stand in the index.

use advisory::{Statement, Target};
use rustc_hash::FxHashMap;

use crate::{
    detail::cut,
    index::Index,
    layout::{NONE, Section},
    pack::{read_range, read_target, status, status_byte, write_range, write_target},
    pool::offset,
    wire::{Damage, Reader, Writer},
};

/// An author's reason is a paragraph.
const REASON_BYTES_MAX: usize = 4_096;

/// Statements with their targets, each target once: one CSAF document makes hundreds of statements on the same
/// thousands of products.
#[derive(Default)]
pub struct Targets {
    known: FxHashMap<Box<[u8]>, u32>,
    pub bytes: Writer,
}

impl Targets {
    fn intern(&mut self, target: &Target) -> u32 {
        let mut packed = Writer::default();
        write_target(&mut packed, target);
        let at = offset(&self.bytes);
        match self.known.get(&*packed.0) {
            Some(&known) => known,
            None => {
                self.bytes.0.extend_from_slice(&packed.0);
                self.known.insert(packed.0.into(), at);
                at
            }
        }
    }
}

/// Packs a statement whole, for the builder.
pub fn pack(out: &mut Writer, statement: &Statement) {
    write(out, statement, write_target);
}

/// Reads what [`pack`] wrote.
pub fn unpack(from: &mut Reader<'_>) -> Result<Statement, Damage> {
    read(from, read_target)
}

/// Writes a statement with references to its targets.
pub fn refer(out: &mut Writer, statement: &Statement, targets: &mut Targets) {
    write(out, statement, |out, target| {
        out.number(targets.intern(target).into())
    });
}

fn write(out: &mut Writer, statement: &Statement, mut target: impl FnMut(&mut Writer, &Target)) {
    out.texts(&statement.flaws);
    out.byte(status_byte(statement.status));
    out.text(&statement.justification);
    out.text(&cut(&statement.impact, REASON_BYTES_MAX));
    out.text(&cut(&statement.action, REASON_BYTES_MAX));
    out.list(&statement.products, &mut target);
    out.texts(&statement.versions);
    out.list(&statement.ranges, write_range);
    out.list(&statement.subcomponents, &mut target);
    out.text(&statement.author);
    out.time(statement.timestamp);
    out.text(&statement.document);
}

fn read<'a>(
    from: &mut Reader<'a>,
    mut target: impl FnMut(&mut Reader<'a>) -> Result<Target, Damage>,
) -> Result<Statement, Damage> {
    Ok(Statement {
        flaws: from.strings()?,
        status: status(from.byte()?),
        justification: from.string()?,
        impact: from.string()?,
        action: from.string()?,
        products: from.list(&mut target)?,
        versions: from.strings()?,
        ranges: from.list(read_range)?,
        subcomponents: from.list(&mut target)?,
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
        read(&mut self.wire(Section::StatementText, at), |from| {
            let at = u32::try_from(from.number()?).unwrap_or(NONE);
            read_target(&mut self.wire(Section::StatementText, at))
        })
    }
}
