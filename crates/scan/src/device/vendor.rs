//! Makers under all their names.
//!
//! Companies are bought, renamed and abbreviated, and what is printed on a device is often a brand. The table is our
//! own, from what the makers say of themselves; a maker that is not in it is compared by its name without legal forms.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// Names of one maker a line, the first of which stands for it. In lower case, without signs and legal forms.
const MAKERS: &str = "\
abb
abbott | abbott laboratories | st jude medical | abbott st jude medical
advantech | b b smartworx | advantech b b smartworx
automationdirect | koyo electronics industries | automation direct | koyo | autodirect
automated logic | alc | carrier automated logic
aveva | schneider electric software | wonderware | invensys | aveva software
osisoft | osisoft pi
axis | axis communications
b braun | bbraun | b braun melsungen | b braun medical | braun medical
baxter | baxter healthcare | baxter international | sigma spectrum | sigma international
hillrom | hill rom | welch allyn | baxter hillrom | welchallyn
bd | becton dickinson | becton dickinson and company | becton dickinson and | carefusion | bd carefusion | pyxis | alaris
beckhoff | beckhoff automation
biotronik
boston scientific
bosch | robert bosch | bosch security systems | bosch rexroth
b r | b r industrial automation | bernecker rainer | b r automation | br automation
carestream | carestream health
cisco | cisco systems
codesys | 3s smart software solutions | 3s | 3s software
dahua | dahua technology | zhejiang dahua | zhejiang dahua technology
delta | delta electronics | delta industrial automation
delta controls
digi | digi international
draeger | drager | drager medical | draeger medical | dragerwerk | draegerwerk
eaton | cooper | eaton cooper
emerson | ge intelligent platforms | emerson electric | emerson automation solutions | emerson process management | fisher rosemount | rosemount | bristol babcock
fortinet
fresenius | fresenius kabi | fresenius medical care
fuji electric | hakko | hakko electronics
fujifilm | sonosite | fujifilm sonosite
ge | general electric | ge digital | ge fanuc | ge intelligent platforms | ge grid solutions | ge multilin | ge vernova | ge power
ge healthcare | general electric | ge | gehealthcare | ge medical systems | ge medical | general electric healthcare | datex ohmeda
geutebruck | geutebrueck
hid | hid global | mercury security | lenels2 | carrier lenels2 | lenel
hikvision | hangzhou hikvision | hikvision digital technology | hangzhou hikvision digital technology
hirschmann | hirschmann automation and control | belden | belden hirschmann
hitachi energy | abb | abb power grids | hitachi abb power grids | hitachi abb
hms | hms networks | hms industrial networks | ewon | anybus
honeywell | honeywell international | honeywell process solutions | matrikon | honeywell building technologies
icu medical | hospira | pfizer hospira | pfizer | hospira icu medical
idec
illumina
insulet
johnson controls | jci | sensormatic | sensormatic electronics | american dynamics | exacq | exacq technologies | exacqvision | tyco | kantech | software house | qolsys | cem systems | johnson contols
juniper | juniper networks
jtekt | jtekt electronics | koyo electronics industries
keysight | keysight technologies
korenix | korenix technology | beijer | westermo korenix
lantronix
loytec | loytec electronics
ls electric | lsis | ls industrial systems | ls industrial systems lsis
medtronic | covidien | medtronic minimed | minimed
mindray | shenzhen mindray
mitsubishi electric | mitsubishi | melco | melsec
iconics
mobotix
moxa | moxa technologies
national instruments | ni | national instruments ni
nihon kohden
omron | omron automation | oilgear omron
opto 22 | opto22
palo alto networks | palo alto
pepperl fuchs | pepperl and fuchs
philips | koninklijke philips | philips healthcare | philips medical systems | phillips | royal philips | respironics | philips respironics | capsule technologies
phoenix contact | innominate | innominate security technologies | phoenix contact innominate
ptc | kepware
red lion | red lion controls | sixnet | n tron
rockwell automation | rockwell | allen bradley | ab | rockwell automation allen bradley | allen bradley rockwell automation
roche | roche diagnostics
schneider electric | schneider electric software | schneider | modicon | apc | apc by schneider electric | american power conversion | telemecanique | square d | se | citect | pelco | eurotherm | foxboro | triconex | invensys schneider electric
sel | schweitzer engineering laboratories | schweitzer engineering laboratories sel | schweitzer
sick
siemens | siemens industry | siemens energy | siemens building technologies | siemens simatic | ruggedcom | siemens ruggedcom
siemens healthineers | siemens | siemens healthcare | siemens medical solutions | siemens healthcare diagnostics | siemens medical
sierra wireless | semtech sierra wireless
smiths medical | medfusion | smiths group
softing | softing industrial automation
sonicwall
stryker
teltonika | teltonika networks
trane | trane technologies
tridium | niagara | vykon
unitronics
wago | wago kontakttechnik
wecon | wecon technology
weidmueller | weidmuller
weintek | weintek labs
westermo | westermo network technologies
wibu systems | wibu
wind river | windriver
yokogawa | yokogawa electric
zebra | zebra technologies | motorola solutions enterprise";

/// Words of a company's name that say what it is in law or where it sits.
const FORMS: &[&str] = &[
    "ag",
    "aktiebolag",
    "aktiengesellschaft",
    "ab",
    "as",
    "asa",
    "bv",
    "b v",
    "co",
    "company",
    "corp",
    "corporation",
    "de",
    "gmbh",
    "group",
    "holding",
    "holdings",
    "inc",
    "incorporated",
    "international",
    "intl",
    "kg",
    "kgaa",
    "limited",
    "llc",
    "llp",
    "ltd",
    "ltda",
    "me",
    "nv",
    "n v",
    "oy",
    "oyj",
    "plc",
    "pte",
    "pty",
    "sa",
    "s a",
    "sarl",
    "sas",
    "se",
    "spa",
    "s p a",
    "sp z o o",
    "srl",
    "s r l",
    "the",
    "usa",
    "us",
    "north america",
    "europe",
    "america",
    "deutschland",
    "subsidiary",
    "affiliate",
];

/// What stands where there is no one maker.
const NOBODY: &[&str] = &[
    "multiple",
    "various",
    "several",
    "multiple vendors",
    "various vendors",
    "unknown",
    "n a",
    "generic",
    "other",
    "multiple open source",
    "open source",
];

/// The makers a text names, each by the name that stands for it; none where it names nobody in particular.
pub(super) fn all(text: &str) -> Vec<String> {
    let whole = folded(text);
    if whole.is_empty() || NOBODY.contains(&whole.as_str()) {
        return Vec::new();
    }
    // `Becton, Dickinson and Company (BD)`: what is in parentheses is said already.
    let outside = folded(text.split('(').next().unwrap_or_default());
    for name in [&whole, &outside] {
        let makers = known(name);
        if !makers.is_empty() {
            return makers;
        }
    }
    let mut makers: Vec<String> = Vec::new();
    let parts = text.split([',', ';', '/', '(', ')']);
    for part in parts
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" & "))
    {
        let part = folded(part.trim().strip_prefix("and ").unwrap_or(part));
        let mut named = known(&part);
        if named.is_empty() {
            named.push(bare(&part));
        }
        for maker in named {
            let a_form = FORMS.contains(&maker.as_str());
            if !maker.is_empty() && !a_form && !makers.contains(&maker) {
                makers.push(maker);
            }
        }
    }
    makers
}

/// Whether one of two makers' names begins the other: `Contec` and `Contec Health`. Makers that the table knows are
/// told apart by it: `Delta` is not `Delta Controls`.
pub(super) fn begins(one: &str, other: &str) -> bool {
    let (short, long) = match one.len() < other.len() {
        true => (one, other),
        false => (other, one),
    };
    let rest = long.strip_prefix(short);
    let is_longer = rest.is_some_and(|rest| rest.starts_with(' '));
    is_longer && short.len() > 2 && exactly(short).is_empty() && exactly(long).is_empty()
}

/// The first word of a maker that the table does not know and that has several: under it the other spelling is found.
pub(super) fn first(maker: &str) -> Option<&str> {
    let (first, _) = maker.split_once(' ')?;
    (first.len() > 2 && exactly(maker).is_empty() && exactly(first).is_empty()).then_some(first)
}

/// The makers that a product's name begins with, where the table knows them.
pub(super) fn leading(text: &str) -> Vec<String> {
    let words: Vec<String> = folded(text).split(' ').map(str::to_owned).collect();
    for count in (1..=words.len().min(4)).rev() {
        let head = words
            .get(..count)
            .map(|head| head.join(" "))
            .unwrap_or_default();
        let makers = exactly(&head);
        // Two letters at the front of a model are no maker.
        if head.len() > 2 && !makers.is_empty() {
            return makers;
        }
    }
    Vec::new()
}

/// The name without the makers' own names at its front: `Philips IntelliVue` is `IntelliVue`.
pub(super) fn without(name: &str, makers: &[String]) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    for count in (1..words.len().min(6)).rev() {
        let head = words
            .get(..count)
            .map(|head| folded(&head.join(" ")))
            .unwrap_or_default();
        let mut named = exactly(&head);
        if named.is_empty() {
            named.push(bare(&head));
        }
        // Brands that are makers' names stay: they are what the product is called.
        if named.iter().any(|maker| makers.contains(maker)) && !BRANDS.contains(&head.as_str()) {
            return words
                .get(count..)
                .map(|rest| rest.join(" "))
                .unwrap_or_default();
        }
    }
    name.to_owned()
}

/// Makers' names that products are also called by.
const BRANDS: &[&str] = &[
    "modicon",
    "alaris",
    "pyxis",
    "ruggedcom",
    "sigma spectrum",
    "medfusion",
    "minimed",
    "melsec",
    "niagara",
    "foxboro",
    "triconex",
    "exacqvision",
    "ewon",
    "anybus",
];

/// The table's makers of a folded name, with or without legal forms. A name may be two makers': a hospital writes
/// `GE` for GE HealthCare, a utility for General Electric.
fn known(folded: &str) -> Vec<String> {
    let makers = exactly(folded);
    match makers.is_empty() {
        true => exactly(&bare(folded)),
        false => makers,
    }
}

fn exactly(name: &str) -> Vec<String> {
    static KNOWN: LazyLock<FxHashMap<&str, Vec<&str>>> = LazyLock::new(|| {
        let mut known = FxHashMap::<&str, Vec<&str>>::default();
        for names in MAKERS.lines() {
            let maker = names.split(" | ").next().unwrap_or_default();
            for name in names.split(" | ") {
                known.entry(name).or_default().push(maker);
            }
        }
        known
    });
    let makers = KNOWN.get(name).into_iter().flatten();
    makers.map(|maker| (*maker).to_owned()).collect()
}

/// Without legal forms, wherever they stand but at the front.
fn bare(folded: &str) -> String {
    let mut name = folded.to_owned();
    loop {
        let shorter = FORMS.iter().find_map(|form| {
            name.strip_suffix(form)?
                .strip_suffix(' ')
                .map(str::to_owned)
        });
        match shorter {
            Some(shorter) if !shorter.is_empty() => name = shorter,
            _ => return name,
        }
    }
}

/// Lower case, accents folded (and what reading UTF-8 as Latin-1 made of them), every other sign a space.
fn folded(text: &str) -> String {
    let text = text
        .to_lowercase()
        .replace("ã¼", "u")
        .replace("ã£", "a")
        .replace("ã¶", "o")
        .replace("ã¤", "a");
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        let plain = match c {
            'ä' | 'á' | 'à' | 'â' | 'ã' | 'å' => 'a',
            'ö' | 'ó' | 'ò' | 'ô' | 'õ' | 'ø' => 'o',
            'ü' | 'ú' | 'ù' | 'û' => 'u',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ç' => 'c',
            'ñ' => 'n',
            c if c.is_alphanumeric() => c,
            '\'' | '’' => continue,
            _ => ' ',
        };
        if plain != ' ' || !folded.ends_with(' ') {
            folded.push(plain);
        }
    }
    folded.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_maker_is_known_by_all_its_names() {
        let table = [
            ("Siemens AG", "siemens"),
            ("SIEMENS", "siemens"),
            ("Schneider Electric Software, LLC", "aveva"),
            ("Allen-Bradley", "rockwell automation"),
            ("Rockwell Automation ", "rockwell automation"),
            ("Becton, Dickinson and Company (BD)", "bd"),
            ("CareFusion", "bd"),
            ("General Electric (GE)", "ge"),
            ("GE Healthcare", "ge healthcare"),
            ("Drägerwerk AG & Co. KGaA", "draeger"),
            ("B. Braun Melsungen AG", "b braun"),
            ("Hospira", "icu medical"),
            ("Delta Electronics, Inc.", "delta"),
            ("Delta Controls", "delta controls"),
            ("Dahua Technology Co, Ltd", "dahua"),
            ("Mitsubishi Electric Corporation", "mitsubishi electric"),
            ("Johnson Controls Inc.", "johnson controls"),
            ("GeutebrÃ¼ck", "geutebruck"),
            ("Acme Widgets Co., Ltd.", "acme widgets"),
        ];
        for (written, maker) in table {
            assert_eq!(
                all(written).first().map(String::as_str),
                Some(maker),
                "{written}"
            );
        }
    }

    #[test]
    fn several_makers_are_several() {
        assert_eq!(
            all("ABB, Phoenix Contact, Schneider Electric, Siemens, and WAGO"),
            [
                "abb",
                "hitachi energy",
                "phoenix contact",
                "schneider electric",
                "siemens",
                "siemens healthineers",
                "wago"
            ],
        );
        assert_eq!(all("multiple"), Vec::<String>::new());
        assert_eq!(
            all("Sensormatic Electronics, LLC, Johnson Controls Inc."),
            ["johnson controls"]
        );
    }

    #[test]
    fn a_makers_name_at_the_front_is_no_part_of_the_products() {
        assert_eq!(
            without("Philips IntelliVue MX450", &all("Philips")),
            "IntelliVue MX450"
        );
        assert_eq!(
            without("Allen-Bradley Stratix 5400", &all("Rockwell Automation")),
            "Stratix 5400"
        );
        assert_eq!(
            without("Modicon M340", &all("Schneider Electric")),
            "Modicon M340"
        );
        assert_eq!(
            leading("Siemens S7-1500"),
            ["siemens", "siemens healthineers"]
        );
        assert_eq!(leading("Infusion pump"), Vec::<String>::new());
    }
}
