//! The products of vendors that advisories are about, found by the terms of their names or by CPE.
//!
//! A device list writes `Siemens S7-1500 CPU` where the advisory has `SIMATIC S7-1500 CPU 1518-4 PN/DP MFP`;
//! so products are found by shared terms, rarest first, and `device` judges. A CPE finds by its
//! part, vendor and product.

use std::collections::BTreeMap;

use advisory::{Affected, AffectedRange, Product, RangeScheme, Target};
use names::Cpe;
use rustc_hash::FxHashMap;

use crate::{
    device,
    index::Index,
    layout::{Section, record},
    pack::{read_product, write_product},
    pool::{Strings, offset},
    row::{Row, SpanKind},
    wire::{Damage, Writer},
};

/// Products looked at for one device, but for the rarest term's, which are always looked at. What tells a model
/// apart is shared by some 300 of CISA's products at most (`s71500`); what thousands share (`simatic`) is a brand,
/// and its turn comes last.
const CANDIDATES_MAX: usize = 2_000;

/// Products being collected.
#[derive(Default)]
pub struct Products {
    /// Packed, and the number in the order they were met.
    known: FxHashMap<Box<[u8]>, u32>,
    terms: BTreeMap<String, Vec<u32>>,
    cpes: Vec<(String, u32)>,
}

/// What [`Products::write`] makes.
pub struct Written {
    pub text: Writer,
    /// Offset of each product's text.
    pub offsets: Vec<u32>,
    pub terms: Vec<u8>,
    pub postings: Vec<u8>,
    pub cpes: Vec<u8>,
}

impl Products {
    /// The number of `product`; equal products have one.
    pub fn intern(&mut self, product: &Product) -> u32 {
        // The id it has inside its document is that document's business; without it products of many
        // documents are one. Statements are joined by the advisory's rows.
        let mut packed = Writer::default();
        write_product(&mut packed, product);
        let packed: Box<[u8]> = packed.0.into();
        if let Some(&number) = self.known.get(&packed) {
            return number;
        }
        let number = self.known.len() as u32;
        for term in device::terms(product) {
            self.terms.entry(term).or_default().push(number);
        }
        let mut cpes: Vec<String> = product.cpes.iter().filter_map(cpe_key).collect();
        cpes.sort();
        cpes.dedup();
        self.cpes.extend(cpes.into_iter().map(|key| (key, number)));
        self.known.insert(packed, number);
        number
    }

    pub fn count(&self) -> usize {
        self.known.len()
    }

    pub fn write(mut self, strings: &mut Strings) -> Written {
        let mut written = Written {
            text: Writer::default(),
            offsets: Vec::new(),
            terms: Vec::new(),
            postings: Vec::new(),
            cpes: Vec::new(),
        };
        let mut all: Vec<(u32, Box<[u8]>)> = std::mem::take(&mut self.known)
            .into_iter()
            .map(|(packed, number)| (number, packed))
            .collect();
        all.sort_unstable();
        for (_, packed) in &all {
            written.offsets.push(offset(&written.text));
            written.text.0.extend_from_slice(packed);
        }
        for (term, products) in &self.terms {
            let start = (written.postings.len() / 4) as u32;
            for field in [strings.intern(term), start, products.len() as u32] {
                written.terms.extend_from_slice(&field.to_le_bytes());
            }
            for product in products {
                written.postings.extend_from_slice(&product.to_le_bytes());
            }
        }
        self.cpes.sort();
        for (key, product) in &self.cpes {
            for field in [strings.intern(key), *product] {
                written.cpes.extend_from_slice(&field.to_le_bytes());
            }
        }
        written
    }
}

/// `a:openssl:openssl` of `cpe:2.3:a:openssl:openssl:1.0.2:…`; `None` where any of the three is open.
pub fn cpe_key(cpe: &Cpe) -> Option<String> {
    let (part, vendor, product) = (cpe.part()?, cpe.vendor()?, cpe.product()?);
    Some(format!("{part}:{vendor}:{product}"))
}

impl Index {
    /// How many products it holds.
    pub fn products(&self) -> u32 {
        let all = self.array(Section::Products, record::product::SIZE);
        all.len() as u32
    }

    /// A product.
    pub fn product(&self, product: u32) -> Result<Product, Damage> {
        let all = self.array(Section::Products, record::product::SIZE);
        let text = all.u32(product as usize, record::product::TEXT)?;
        read_product(&mut self.wire(Section::ProductText, text))
    }

    /// The rows about a product.
    pub fn product_rows(&self, product: u32) -> Result<std::ops::Range<u32>, Damage> {
        use record::product as at;
        let all = self.array(Section::Products, at::SIZE);
        let start = all.u32(product as usize, at::ROWS)?;
        let count = all.u32(product as usize, at::COUNT)?;
        let rows = self.array(Section::Rows, record::row::SIZE);
        let range = rows.range(start, count)?;
        Ok(range.start as u32..range.end as u32)
    }

    /// Products that are found by any of `terms`, the rarest first; each once, in order.
    pub fn candidates(&self, terms: &[String]) -> Result<Vec<u32>, Damage> {
        use record::term as at;
        let table = self.array(Section::Terms, at::SIZE);
        let mut found = Vec::new();
        for term in terms {
            let place = table
                .partition(|n| Ok(self.text_bytes(table.u32(n, at::TEXT)?)? < term.as_bytes()))?;
            if place < table.len()
                && self.text_bytes(table.u32(place, at::TEXT)?)? == term.as_bytes()
            {
                found.push((
                    table.u32(place, at::COUNT)?,
                    table.u32(place, at::POSTINGS)?,
                ));
            }
        }
        found.sort();
        let postings = self.array(Section::Postings, 4);
        let mut products = Vec::new();
        for (count, start) in found {
            if !products.is_empty() && products.len() + count as usize > CANDIDATES_MAX {
                break;
            }
            for n in postings.range(start, count)?.take(CANDIDATES_MAX) {
                products.push(postings.u32(n, 0)?);
            }
        }
        products.sort_unstable();
        products.dedup();
        Ok(products)
    }

    /// Products that carry a CPE of this part, vendor and product.
    pub(crate) fn products_of_cpe(&self, key: &str) -> Result<Vec<u32>, Damage> {
        use record::cpe as at;
        let table = self.array(Section::Cpes, at::SIZE);
        let text = |n| self.text_bytes(table.u32(n, at::TEXT)?);
        let mut n = table.partition(|n| Ok(text(n)? < key.as_bytes()))?;
        let mut products = Vec::new();
        while n < table.len() && text(n)? == key.as_bytes() {
            products.push(table.u32(n, at::PRODUCT)?);
            n += 1;
        }
        Ok(products)
    }

    /// What a row says, as the advisory said it: for those who judge products rather than packages.
    pub fn affected(&self, row: &Row) -> Result<Affected, Damage> {
        let mut affected = Affected {
            status: row.status,
            module: self.restriction(row.module)?.unwrap_or_default().to_owned(),
            ..Affected::default()
        };
        if row.of_product {
            affected.target = Target::Product(Box::new(self.product(row.owner)?));
        }
        let listed = self.array(Section::Listed, 4);
        for n in 0..listed.range(row.listed.0, row.listed.1)?.len() {
            affected
                .versions
                .push(self.listed(row, n)?.1.text.to_owned());
        }
        for span in self.spans(row)? {
            let (_, span) = span?;
            let scheme = match span.kind {
                SpanKind::Unreadable => {
                    let text = self.version(span.introduced)?.text;
                    RangeScheme::Unreadable(text.to_owned())
                }
                SpanKind::Git => RangeScheme::Git {
                    repository: String::new(),
                },
                _ => RangeScheme::Scheme(span.scheme),
            };
            affected.ranges.push(AffectedRange {
                scheme,
                intervals: match span.kind {
                    SpanKind::Unreadable => Vec::new(),
                    _ => vec![self.interval(&span)?],
                },
            });
        }
        Ok(affected)
    }
}
