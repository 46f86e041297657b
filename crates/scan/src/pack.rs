//! How does an advisory wait in memory until the index is written?
//!
//! As bytes that say all of it, so that the order in which records arrive leaves no trace: the builder sorts
//! the packed records, drops what is twice the same or outdated, and only then numbers anything.

use advisory::{Advisory, Affected, AffectedRange, Product, RangeScheme, Status, Target};
use names::{Cpe, Ecosystem, Purl};
use sha2::{Digest, Sha256};
use versions::{End, Interval};

use crate::{
    detail::{cut, write_detail},
    original::Original,
    scheme::scheme,
    spill::{Place, Spill},
    wire::{Damage, Reader, Writer},
};

/// A title is one line of a table; 300 bytes are four lines of 80 columns.
const TITLE_BYTES_MAX: usize = 300;
/// An advisory, packed.
pub struct Packed {
    pub id: Box<str>,
    pub document: Box<str>,
    pub publisher: Box<str>,
    pub source: u32,
    /// Microseconds; what replaces an older record of the same source, publisher, document and id.
    pub modified: i64,
    /// What goes into the file as it is, put aside.
    pub detail: Place,
    /// The first 16 bytes of the SHA-256 of detail and rest: what tells whether two records are the same.
    pub print: [u8; 16],
    /// What is interned and numbered first.
    pub rest: Box<[u8]>,
    /// Its record as its database wrote it, put aside; none where originals are not kept.
    pub original: Option<Original>,
}

/// What is numbered when the index is written.
pub struct Rest {
    pub publisher: String,
    pub title: String,
    pub informational: String,
    pub published: Option<jiff::Timestamp>,
    pub modified: Option<jiff::Timestamp>,
    pub withdrawn: Option<jiff::Timestamp>,
    pub affected: Vec<Affected>,
}

fn print(detail: &[u8], rest: &[u8]) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(detail);
    hash.update(rest);
    let hash: [u8; 32] = hash.finalize().into();
    let mut print = [0; 16];
    print.copy_from_slice(hash.split_at(16).0);
    print
}

/// Packs `advisory`, which came from source number `source`.
pub fn pack(source: u32, advisory: &Advisory, spill: &mut Spill) -> Packed {
    let mut detail = Writer::default();
    write_detail(&mut detail, advisory);
    let mut rest = Writer::default();
    write_rest(&mut rest, advisory);
    Packed {
        id: advisory.id.as_str().into(),
        document: advisory.document.as_deref().unwrap_or_default().into(),
        publisher: advisory.publisher.as_str().into(),
        source,
        modified: crate::wire::micros(advisory.modified),
        detail: spill.push(&detail.0),
        print: print(&detail.0, &rest.0),
        rest: rest.0.into(),
        original: None,
    }
}

fn write_rest(out: &mut Writer, advisory: &Advisory) {
    // What the first pass needs stands first.
    out.time(advisory.withdrawn);
    out.texts(&advisory.aliases);
    out.text(&advisory.publisher);
    out.text(&cut(&advisory.title, TITLE_BYTES_MAX));
    out.text(&advisory.informational);
    out.time(advisory.published);
    out.time(advisory.modified);
    out.list(&advisory.affected, |out, affected| {
        write_target(out, &affected.target);
        out.texts(&affected.versions);
        out.list(&affected.ranges, write_range);
        out.byte(status_byte(affected.status));
        out.text(&affected.module);
        out.texts(&affected.arches);
    });
}

/// The aliases a record joins its flaw to: none where it was withdrawn, for it is often withdrawn because it
/// named the wrong flaw.
pub fn read_joins<'a>(from: &mut Reader<'a>) -> Result<Vec<&'a str>, Damage> {
    let withdrawn = from.time()?;
    let aliases = from.list(Reader::text)?;
    Ok(if withdrawn.is_none() {
        aliases
    } else {
        Vec::new()
    })
}

/// Reads what [`pack`] put into [`Packed::rest`].
pub fn read_rest(from: &mut Reader<'_>) -> Result<Rest, Damage> {
    let withdrawn = from.time()?;
    from.list(Reader::text)?;
    Ok(Rest {
        publisher: from.string()?,
        title: from.string()?,
        informational: from.string()?,
        published: from.time()?,
        modified: from.time()?,
        withdrawn,
        affected: from.list(|from| {
            Ok(Affected {
                target: read_target(from)?,
                versions: from.strings()?,
                ranges: from.list(read_range)?,
                status: status(from.byte()?),
                module: from.string()?,
                arches: from.strings()?,
                ..Affected::default()
            })
        })?,
    })
}

const STATUSES: [Status; 5] = [
    Status::Affected,
    Status::Fixed,
    Status::NotAffected,
    Status::UnderInvestigation,
    Status::Recommended,
];

pub fn status_byte(status: Status) -> u8 {
    STATUSES.iter().position(|s| *s == status).unwrap_or(0) as u8
}

/// The status that `byte` stands for. A byte nobody wrote reads as affected, the safe side.
pub fn status(byte: u8) -> Status {
    STATUSES.get(byte as usize).copied().unwrap_or_default()
}

pub fn write_target(out: &mut Writer, target: &Target) {
    match target {
        Target::Nothing => out.byte(0),
        Target::Package {
            ecosystem,
            name,
            purl,
        } => {
            out.byte(1);
            out.text(&ecosystem.to_string());
            out.text(name);
            let purls: Vec<&Purl> = purl.iter().collect();
            out.list(&purls, |out, purl| write_purl(out, purl));
        }
        Target::Product(product) => {
            out.byte(2);
            write_product(out, product);
        }
        Target::Repository { url } => {
            out.byte(3);
            out.text(url);
        }
    }
}

pub fn read_target(from: &mut Reader<'_>) -> Result<Target, Damage> {
    Ok(match from.byte()? {
        1 => Target::Package {
            ecosystem: Ecosystem::parse(from.text()?),
            name: from.string()?,
            purl: from.list(read_purl)?.into_iter().next(),
        },
        2 => Target::Product(Box::new(read_product(from)?)),
        3 => Target::Repository {
            url: from.string()?,
        },
        _ => Target::Nothing,
    })
}

pub fn write_product(out: &mut Writer, product: &Product) {
    out.text(&product.vendor);
    out.text(&product.name);
    out.text(&product.family);
    out.texts(&product.models);
    out.texts(&product.serial_numbers);
    out.list(&product.cpes, |out, cpe| out.text(&cpe.text));
    out.list(&product.purls, write_purl);
    out.text(&product.installed_on);
    out.text(&product.document_id);
}

pub fn read_product(from: &mut Reader<'_>) -> Result<Product, Damage> {
    Ok(Product {
        vendor: from.string()?,
        name: from.string()?,
        family: from.string()?,
        models: from.strings()?,
        serial_numbers: from.strings()?,
        cpes: from.list(read_cpe)?,
        purls: from.list(read_purl)?,
        installed_on: from.string()?,
        document_id: from.string()?,
    })
}

fn read_cpe(from: &mut Reader<'_>) -> Result<Cpe, Damage> {
    // It was written from a name that had been read.
    Ok(Cpe {
        text: from.text()?.into(),
    })
}

fn write_purl(out: &mut Writer, purl: &Purl) {
    for part in [&purl.kind, &purl.namespace, &purl.name, &purl.version] {
        out.text(part);
    }
    out.list(&purl.qualifiers, |out, (key, value)| {
        out.text(key);
        out.text(value);
    });
    out.text(&purl.subpath);
}

fn read_purl(from: &mut Reader<'_>) -> Result<Purl, Damage> {
    Ok(Purl {
        kind: from.text()?.into(),
        namespace: from.text()?.into(),
        name: from.text()?.into(),
        version: from.text()?.into(),
        qualifiers: from
            .list(|from| Ok((from.text()?.into(), from.text()?.into())))?
            .into(),
        subpath: from.text()?.into(),
    })
}

pub fn write_range(out: &mut Writer, range: &AffectedRange) {
    match &range.scheme {
        RangeScheme::Ecosystem => out.byte(0),
        RangeScheme::Scheme(scheme) => out.byte(*scheme as u8),
        RangeScheme::Git { repository } => {
            out.byte(254);
            out.text(repository);
        }
        RangeScheme::Unreadable(text) => {
            out.byte(255);
            out.text(&cut(text, TITLE_BYTES_MAX));
        }
    }
    out.list(&range.intervals, |out, interval| {
        let (kind, end) = match &interval.end {
            End::Open => (0, ""),
            End::Fixed(version) => (1, version.as_str()),
            End::LastAffected(version) => (2, version.as_str()),
        };
        out.byte(kind | if interval.introduced.is_some() { 4 } else { 0 });
        out.text(interval.introduced.as_deref().unwrap_or_default());
        out.text(end);
    });
}

pub fn read_range(from: &mut Reader<'_>) -> Result<AffectedRange, Damage> {
    let scheme = match from.byte()? {
        0 => RangeScheme::Ecosystem,
        254 => RangeScheme::Git {
            repository: from.string()?,
        },
        255 => RangeScheme::Unreadable(from.string()?),
        byte => RangeScheme::Scheme(scheme(byte)),
    };
    let intervals = from.list(|from| {
        let kind = from.byte()?;
        let introduced = from.string()?;
        let end = from.string()?;
        Ok(Interval {
            introduced: (kind & 4 != 0).then_some(introduced),
            end: match kind & 3 {
                1 => End::Fixed(end),
                2 => End::LastAffected(end),
                _ => End::Open,
            },
        })
    })?;
    Ok(AffectedRange { scheme, intervals })
}
