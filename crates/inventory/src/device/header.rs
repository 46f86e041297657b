//! Which column says what: the header of a device list.

use super::text::{Record, records};
use super::{CELL_BYTES_MAX, value};
use crate::lock::Fault;

/// Lines above and with the header that are looked at: letterheads and dates of printing take some ten.
const HEADER_LINES_MAX: usize = 20;

/// Columns of a list; the exports of asset managers have up to 120.
const COLUMNS_MAX: usize = 256;

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Column {
    Vendor,
    Product,
    Model,
    Version,
    Serial,
    Site,
    Exposed,
    Owner,
    Count,
}

/// A header that was found.
pub(super) struct Header {
    pub delimiter: char,
    pub line: u32,
    /// Meaning, strength (lower is better) and place of each known column, the best first.
    known: Vec<(Column, usize, usize)>,
    written: Vec<String>,
}

/// How columns are called, best name first for each meaning. Compared in lower case, without accents and signs.
const NAMES: &[(Column, &str)] = &[
    (
        Column::Vendor,
        "vendor | manufacturer | vendor name | manufacturer name | mfr | mfg | mfgr | manuf | make | oem | \
         brand | maker | device manufacturer | equipment manufacturer | asset manufacturer | \
         manufactured by | hersteller | herstellername | fabricante | fabricant | constructeur | marca | \
         marque | supplier | vendor manufacturer | manufacturer vendor | company | lieferant | proveedor | \
         fournisseur",
    ),
    (
        Column::Product,
        "product | product name | device | device name | equipment | equipment name | asset | asset name | \
         system | system name | product family | geraet | gerat | geratename | geraetename | produkt | \
         produktname | bezeichnung | geratebezeichnung | producto | equipo | dispositivo | \
         nombre del equipo | produit | appareil | equipement | dispositif | item | item name | instrument | \
         component | device description | equipment description | asset description | product description | \
         description | beschreibung | descripcion | designation | device type | equipment type | \
         asset type | product type | geratetyp | tipo de equipo | type of device | category | type | tipo | \
         nombre | name",
    ),
    (
        Column::Model,
        "model | model number | model no | model name | device model | equipment model | product model | \
         modell | modellnummer | modelo | modele | model type | make model | typ | order number | order no | \
         order code | ordering code | mlfb | article number | article no | artikelnummer | artikel nr | \
         bestellnummer | bestellnr | part number | part no | part | pn | p n | product number | \
         product code | catalog number | catalogue number | catalog no | cat no | catalog | reference | \
         reference number | ref | sku | teilenummer | numero de modelo | numero de modele | \
         numero de parte | referencia | typenbezeichnung | model id | udi",
    ),
    (
        Column::Version,
        "firmware version | firmware | fw version | fw | firmware revision | firmware rev | fw rev | \
         version | software version | sw version | software | sw | software revision | sw rev | \
         firmwareversion | firmwarestand | softwarestand | softwareversion | version de firmware | \
         version del firmware | version du firmware | version de software | version logicielle | \
         version du logiciel | micrologiciel | current version | installed version | product version | \
         device version | revision | rev | ver | release | os version | operating system version | \
         os firmware version | fw sw version | firmware software version | build",
    ),
    (
        Column::Serial,
        "serial | serial number | serial no | serial num | sn | s n | ser no | seriennummer | serien nr | \
         seriennr | numero de serie | no de serie | n de serie | serie | device serial | \
         device serial number | serialnumber",
    ),
    (
        Column::Site,
        "site | location | facility | building | department | dept | ward | room | floor | plant | station | \
         area | zone | unit | clinic | hospital | campus | standort | ort | gebaude | raum | abteilung | \
         sitio | ubicacion | edificio | departamento | sala | emplacement | batiment | service | lieu | \
         site name | location name | physical location | care area | cost center | substation",
    ),
    (
        Column::Exposed,
        "exposed | internet | internet exposed | internet facing | public | public facing | \
         publicly accessible | publicly reachable | internet accessible | internet access | external | \
         externally accessible | exposed to internet | exposure | reachable from internet | offentlich | \
         offentlich erreichbar | expuesto | expuesto a internet | expose | expose a internet | \
         remote access | internet connected",
    ),
    (
        Column::Owner,
        "owner | responsible | responsible person | contact | contact person | team | asset owner | \
         device owner | system owner | custodian | technician | assigned to | managed by | administrator | \
         verantwortlich | verantwortlicher | zustandig | ansprechpartner | eigentumer | responsable | \
         propietario | contacto | proprietaire | owner email | support group | business owner | \
         equipo responsable",
    ),
    (
        Column::Count,
        "count | quantity | qty | number of devices | units | amount | no of units | anzahl | menge | \
         stuck | cantidad | quantite | installed quantity | devices | pcs",
    ),
];

/// Parts of names that give a meaning away when the whole is in no table.
const PARTS: &[(&str, Column)] = &[
    ("manufactur", Column::Vendor),
    ("hersteller", Column::Vendor),
    ("vendor", Column::Vendor),
    ("firmware", Column::Version),
    ("software ver", Column::Version),
    ("sw ver", Column::Version),
    ("serial", Column::Serial),
    ("seriennummer", Column::Serial),
    ("model", Column::Model),
    ("part n", Column::Model),
    ("order n", Column::Model),
    ("catalog n", Column::Model),
    ("artikel", Column::Model),
    ("internet", Column::Exposed),
    ("expos", Column::Exposed),
    ("responsib", Column::Owner),
    ("owner", Column::Owner),
    ("location", Column::Site),
    ("standort", Column::Site),
    ("department", Column::Site),
    ("device name", Column::Product),
    ("product name", Column::Product),
    ("equipment", Column::Product),
];

/// Names that look like ours and are not: dates, addresses and who sold it.
const OTHERS: &[&str] = &[
    "date", "datum", "fecha", "address", "hardware", "mac", "ip", "warranty", "price", "expir",
    "hostname",
];

/// What a column's name means, and how well it fits (0 is best).
fn meaning(name: &str) -> Option<(Column, usize)> {
    let name = folded(name);
    for (column, names) in NAMES {
        if let Some(strength) = names.split(" | ").position(|known| known == name) {
            return Some((*column, strength));
        }
    }
    let other = name
        .split(' ')
        .any(|word| OTHERS.iter().any(|other| word.starts_with(other)));
    let part = PARTS
        .iter()
        .position(|(part, _)| name.contains(part))
        .filter(|_| !other)?;
    PARTS.get(part).map(|(_, column)| (*column, 100 + part))
}

/// Lower case, letters without accents, everything else one space.
fn folded(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase).take(80) {
        let plain = match c {
            'ä' | 'á' | 'à' | 'â' | 'ã' => 'a',
            'ö' | 'ó' | 'ò' | 'ô' | 'õ' => 'o',
            'ü' | 'ú' | 'ù' | 'û' => 'u',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ñ' => 'n',
            'ç' => 'c',
            c if c.is_alphanumeric() => c,
            _ => ' ',
        };
        if plain != ' ' || !folded.ends_with(' ') {
            folded.push(plain);
        }
    }
    folded.trim().to_owned()
}

/// Finds the header among the first lines, under the separator that makes most of it.
pub(super) fn find(text: &str) -> Result<Header, Fault> {
    let mut best: Option<Header> = None;
    for delimiter in [',', ';', '\t', '|'] {
        for record in records(text, delimiter).take(HEADER_LINES_MAX) {
            let header = Header::read(delimiter, &record);
            if header.is_one()
                && best
                    .as_ref()
                    .is_none_or(|best| header.score() > best.score())
            {
                best = Some(header);
            }
        }
    }
    best.ok_or_else(|| none(text))
}

/// No header: says what stands there, and what would have been right.
fn none(text: &str) -> Fault {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let shown: String = first
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(60)
        .collect();
    Fault {
        line: 1,
        message: format!(
            "no header in the first {HEADER_LINES_MAX} lines (the first is `{shown}`); name the columns `vendor`, \
             `product` or `model`, and where you have them `version`, `serial`, `site`, `exposed`, `owner`, `count`"
        ),
    }
}

impl Header {
    fn read(delimiter: char, record: &Record) -> Header {
        let written: Vec<String> = record.cells.iter().take(COLUMNS_MAX).cloned().collect();
        let mut known: Vec<(Column, usize, usize)> = Vec::new();
        for (at, name) in written.iter().enumerate() {
            if let Some((column, strength)) = meaning(name) {
                known.push((column, strength, at));
            }
        }
        known.sort_by_key(|(_, strength, at)| (*strength, *at));
        Header {
            delimiter,
            line: record.line,
            known,
            written,
        }
    }

    /// How many different things its columns say.
    fn score(&self) -> usize {
        NAMES.iter().filter(|(column, _)| self.has(*column)).count()
    }

    fn has(&self, column: Column) -> bool {
        self.known.iter().any(|(known, ..)| *known == column)
    }

    /// Two meanings at least, one of them the product or the model: less is a line of data or a title.
    fn is_one(&self) -> bool {
        self.score() >= 2 && (self.has(Column::Product) || self.has(Column::Model))
    }

    /// The first filled cell of a meaning, with its column's name.
    pub fn cell<'a>(&'a self, column: Column, cells: &'a [String]) -> Option<(&'a str, &'a str)> {
        self.cells(column, cells).next()
    }

    fn cells<'a>(
        &'a self,
        column: Column,
        cells: &'a [String],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let of = self
            .known
            .iter()
            .filter(move |(known, ..)| *known == column);
        of.filter_map(|(_, _, at)| Some((self.written.get(*at)?.trim(), value(cells.get(*at)?))))
            .filter(|(_, cell)| !cell.is_empty())
    }

    /// The best filled cell, or with a separator all different ones, joined.
    pub fn joined(&self, column: Column, cells: &[String], separator: &str) -> String {
        let mut all: Vec<&str> = Vec::new();
        for (_, cell) in self.cells(column, cells) {
            if !all.contains(&cell) {
                all.push(cell);
            }
            if separator.is_empty() {
                break;
            }
        }
        let mut joined = clean(&all.join(separator));
        let end = (0..=CELL_BYTES_MAX)
            .rev()
            .find(|at| joined.is_char_boundary(*at));
        joined.truncate(end.unwrap_or(0));
        joined
    }

    /// Whether a row is the header again, as page breaks leave it.
    pub fn repeats(&self, cells: &[String]) -> bool {
        cells.len() == self.written.len()
            && cells
                .iter()
                .zip(&self.written)
                .all(|(cell, name)| cell.trim() == name.trim())
    }

    /// The columns that name a device in this list.
    pub fn names(&self) -> String {
        let wanted = |column: &Column| matches!(column, Column::Product | Column::Model);
        let of = self.known.iter().filter(|(column, ..)| wanted(column));
        let names: Vec<String> = of
            .filter_map(|(_, _, at)| self.written.get(*at))
            .take(2)
            .map(|name| format!("`{}`", name.trim()))
            .collect();
        names.join(" or ")
    }
}

/// One line, without what a terminal would obey.
fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() || c == '\u{a0}' => clean.push(' '),
            c => clean.push(c),
        }
    }
    // What is left of a quote that was one too many.
    let clean = clean
        .strip_prefix('"')
        .filter(|rest| !rest.contains('"'))
        .unwrap_or(&clean);
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}
