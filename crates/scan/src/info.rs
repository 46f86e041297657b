//! What is in this index, and how fresh is it?

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    build::Source,
    index::Index,
    layout::{FORMAT, Section, record},
    wire::Damage,
};

/// What an index says of itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Info {
    pub format: u32,
    pub edition: Timestamp,
    pub digest: String,
    pub bytes: u64,
    pub sources: Vec<Source>,
    /// Oldest first.
    pub kev_catalogs: Vec<String>,
    /// The day of the EPSS scores.
    pub epss_date: Option<jiff::civil::Date>,
    pub advisories: u64,
    pub flaws: u64,
    pub packages: u64,
    pub products: u64,
    pub rows: u64,
    pub statements: u64,
    pub kev: u64,
    pub epss: u64,
    /// Bytes of each part of the file.
    pub sections: Vec<(&'static str, u64)>,
}

impl Index {
    /// What the index says of itself.
    pub fn info(&self) -> Result<Info, Damage> {
        let count = |section, size| self.array(section, size).len() as u64;
        let size = |&section: &Section| (section.name(), self.part(section).len() as u64);
        Ok(Info {
            format: FORMAT,
            edition: self.edition(),
            digest: self.digest(),
            bytes: self.size(),
            sources: self.sources()?,
            kev_catalogs: self.kev_catalogs()?,
            epss_date: self.epss_date()?,
            advisories: count(Section::Advisories, record::advisory::SIZE),
            flaws: count(Section::Flaws, record::flaw::SIZE),
            packages: count(Section::Packages, record::package::SIZE),
            products: count(Section::Products, record::product::SIZE),
            rows: count(Section::Rows, record::row::SIZE),
            statements: count(Section::Statements, 4),
            kev: count(Section::Kev, record::fact::SIZE),
            epss: count(Section::Epss, record::epss::SIZE),
            sections: Section::ALL.iter().map(size).collect(),
        })
    }

    /// Where its records came from, by name.
    pub fn sources(&self) -> Result<Vec<Source>, Damage> {
        self.wire(Section::Sources, 0).list(|from| {
            Ok(Source {
                name: from.string()?,
                date: from.time()?,
                digest: from.string()?,
                records: from.number()?,
                problems: from.number()?,
            })
        })
    }
}
