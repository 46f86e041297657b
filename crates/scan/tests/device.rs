//! Real-shaped devices against what CISA's advisories said of them.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use advisory::{Advisory, Affected, Format, Product, Record, Status, Target};
use expect_test::{Expect, expect};
use inventory::Device;
use scan::device::{Known, Verdict, judge, recognize, terms};

/// The shared data, where there is some.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
fn data() -> Option<PathBuf> {
    let near = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("SEAMARK_DATA").map_or(near, PathBuf::from);
    folder.is_dir().then_some(folder)
}

fn device(line: &str) -> Device {
    let mut cells = line.split('|').map(|cell| cell.trim().to_owned());
    let mut next = || cells.next().unwrap_or_default();
    Device {
        vendor: next(),
        product: next(),
        model: next(),
        version: next(),
        serial: next(),
        count: 1,
        ..Device::default()
    }
}

fn product(line: &str) -> Product {
    let mut cells = line.split('|').map(|cell| cell.trim().to_owned());
    let mut next = || cells.next().unwrap_or_default();
    Product {
        vendor: next(),
        name: next(),
        models: next().split_whitespace().map(str::to_owned).collect(),
        ..Product::default()
    }
}

/// Whether each device is the product beside it, and why.
fn check(pairs: &[(&str, &str)], expected: Expect) {
    let mut lines = Vec::new();
    for (own, theirs) in pairs {
        let (own_device, their_product) = (device(own), product(theirs));
        let known = Known::new(&own_device);
        let found = recognize(&known, &their_product);
        if found.is_some() {
            let terms = terms(&their_product);
            assert!(
                known.terms().iter().any(|term| terms.contains(term)),
                "{own} finds none of {terms:?}"
            );
        }
        let told = found.map_or("no".to_owned(), |verdict| {
            format!("{:?}: {}", verdict.confidence, verdict.reasons.join("; "))
        });
        lines.push(format!("{own} / {theirs}\n    {told}"));
    }
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn an_order_number_says_it_all() {
    let s7 = "Siemens|SIMATIC S7-1500 CPU 1515-2 PN (6ES7515-2AM02-0AB0)|6ES7515-2AM02-0AB0";
    let m580 = "Schneider Electric|Modicon M580 CPU (part numbers BMEP* and BMEH*)";
    let family =
        "Siemens|SIMATIC S7-1500 CPU family (incl. related ET200 CPUs and SIPLUS variants)";
    check(
        &[
            ("Siemens AG|PLC|6ES7 515-2AM02-0AB0", s7),
            ("Siemens AG|PLC|6ES7 516-3AN02-0AB0", s7),
            ("Schneider Electric|PLC|BMEP582040", m580),
            ("Schneider Electric|PLC|BMXP342020", m580),
            ("Siemens|PLC|6ES7515-2AM02-0AB0", family),
            ("Siemens|PLC|6ES7214-1AG40-0XB0", family),
        ],
        expect![[r#"
            Siemens AG|PLC|6ES7 515-2AM02-0AB0 / Siemens|SIMATIC S7-1500 CPU 1515-2 PN (6ES7515-2AM02-0AB0)|6ES7515-2AM02-0AB0
                Exact: same maker, `Siemens`; order number `6es75152am020ab0`
            Siemens AG|PLC|6ES7 516-3AN02-0AB0 / Siemens|SIMATIC S7-1500 CPU 1515-2 PN (6ES7515-2AM02-0AB0)|6ES7515-2AM02-0AB0
                no
            Schneider Electric|PLC|BMEP582040 / Schneider Electric|Modicon M580 CPU (part numbers BMEP* and BMEH*)
                Exact: same maker, `Schneider Electric`; order number `bmep*`
            Schneider Electric|PLC|BMXP342020 / Schneider Electric|Modicon M580 CPU (part numbers BMEP* and BMEH*)
                no
            Siemens|PLC|6ES7515-2AM02-0AB0 / Siemens|SIMATIC S7-1500 CPU family (incl. related ET200 CPUs and SIPLUS variants)
                Exact: same maker, `Siemens`; the list says `simatic` `s71500` and more, `6es75152am020ab0`
            Siemens|PLC|6ES7214-1AG40-0XB0 / Siemens|SIMATIC S7-1500 CPU family (incl. related ET200 CPUs and SIPLUS variants)
                no"#]],
    );
}

#[test]
fn a_name_is_the_same_however_it_is_written() {
    let s7 = "Siemens|SIMATIC S7-1500 CPU 1515-2 PN (6ES7515-2AM02-0AB0)|6ES7515-2AM02-0AB0";
    check(
        &[
            ("Siemens|SIMATIC S7-1500|CPU1515-2PN", s7),
            ("Siemens|SIMATIC S7-1500|CPU 1515T-2 PN", s7),
            (
                "Allen-Bradley|Stratix 5400|",
                "Rockwell Automation|Allen-Bradley Stratix 5400 Industrial Ethernet Switches",
            ),
            (
                "Philips|Patient monitor|IntelliVue MX450",
                "Philips|IntelliVue MX450",
            ),
            ("|Philips IntelliVue MX450|", "Philips|IntelliVue MX450"),
            (
                "Becton Dickinson|Alaris|8015",
                "Becton, Dickinson and Company (BD)|BD Alaris 8015 Point-of-Care Unit",
            ),
            ("Moxa|EDR-810 Series|", "Moxa|EDR-810 series"),
            (
                "Hikvision|Camera|DS-2CD2143G0-I",
                "Hikvision|DS-2CD2143G0-I",
            ),
            ("GE|CARESCAPE B650|", "GE Healthcare|CARESCAPE Monitor B650"),
            (
                "B. Braun|Infusion pump|Infusomat Space",
                "B. Braun|Infusomat Space Large Volume Pump",
            ),
        ],
        expect![[r#"
            Siemens|SIMATIC S7-1500|CPU1515-2PN / Siemens|SIMATIC S7-1500 CPU 1515-2 PN (6ES7515-2AM02-0AB0)|6ES7515-2AM02-0AB0
                Exact: same maker, `Siemens`; same name, `simatic` `s71500` `15152`
            Siemens|SIMATIC S7-1500|CPU 1515T-2 PN / Siemens|SIMATIC S7-1500 CPU 1515-2 PN (6ES7515-2AM02-0AB0)|6ES7515-2AM02-0AB0
                no
            Allen-Bradley|Stratix 5400| / Rockwell Automation|Allen-Bradley Stratix 5400 Industrial Ethernet Switches
                Exact: same maker, `Rockwell Automation`; same name, `stratix` `5400`
            Philips|Patient monitor|IntelliVue MX450 / Philips|IntelliVue MX450
                Exact: same maker, `Philips`; same name, `intellivue` `mx450`
            |Philips IntelliVue MX450| / Philips|IntelliVue MX450
                Exact: same maker, `Philips`; same name, `intellivue` `mx450`
            Becton Dickinson|Alaris|8015 / Becton, Dickinson and Company (BD)|BD Alaris 8015 Point-of-Care Unit
                Likely: same maker, `Becton, Dickinson and Company (BD)`; the list says `alaris` `8015`; the advisory is about `pointofcare`: confirm the model
            Moxa|EDR-810 Series| / Moxa|EDR-810 series
                Exact: same maker, `Moxa`; same name, `edr810`
            Hikvision|Camera|DS-2CD2143G0-I / Hikvision|DS-2CD2143G0-I
                Exact: same maker, `Hikvision`; same name, `ds2cd2143g0i`
            GE|CARESCAPE B650| / GE Healthcare|CARESCAPE Monitor B650
                Exact: same maker, `GE Healthcare`; same name, `carescape` `b650`
            B. Braun|Infusion pump|Infusomat Space / B. Braun|Infusomat Space Large Volume Pump
                Exact: same maker, `B. Braun`; same name, `infusomat` `space`"#]],
    );
}

#[test]
fn a_list_less_precise_than_the_advisory_asks_for_the_model() {
    check(
        &[
            (
                "Siemens|SIMATIC S7-1500|",
                "Siemens|SIMATIC S7-1500 CPU 1515-2 PN (6ES7515-2AM02-0AB0)|6ES7515-2AM02-0AB0",
            ),
            ("Philips|IntelliVue|", "Philips|IntelliVue MX450"),
            (
                "|Stratix 5400|",
                "Rockwell Automation|Allen-Bradley Stratix 5400 Industrial Ethernet Switches",
            ),
        ],
        expect![[r#"
            Siemens|SIMATIC S7-1500| / Siemens|SIMATIC S7-1500 CPU 1515-2 PN (6ES7515-2AM02-0AB0)|6ES7515-2AM02-0AB0
                Likely: same maker, `Siemens`; the list says `simatic` `s71500`; the advisory is about `15152`: confirm the model
            Philips|IntelliVue| / Philips|IntelliVue MX450
                Unknown: same maker, `Philips`; the list says `intellivue`; the advisory is about `mx450`: confirm the model
            |Stratix 5400| / Rockwell Automation|Allen-Bradley Stratix 5400 Industrial Ethernet Switches
                Likely: same name, `stratix` `5400`; the list names no maker: confirm it"#]],
    );
}

#[test]
fn other_makers_and_other_models_are_not_meant() {
    check(
        &[
            (
                "Baxter|Infusion pump|Sigma Spectrum 35700BAX2",
                "Siemens|SIMATIC S7-1500 CPU 1515-2 PN",
            ),
            (
                "B. Braun|Infusion pump|Infusomat fmS",
                "B. Braun|Infusomat Space Large Volume Pump",
            ),
            (
                "BD|Alaris Pump Module|8100",
                "BD|Alaris 8015 Point-of-Care Unit",
            ),
            ("Moxa|EDR-G903|", "Moxa|EDR-810 series"),
            (
                "Siemens|TIA Portal||V16",
                "Siemens|Totally Integrated Automation Portal (TIA Portal) V15",
            ),
            (
                "Siemens|TIA Portal||V15 Update 2",
                "Siemens|Totally Integrated Automation Portal (TIA Portal) V15",
            ),
            (
                "Delta Controls|enteliBUS Manager|",
                "Delta Electronics|DIAEnergie",
            ),
            ("GE|CARESCAPE B650|", "GE Healthcare|CARESCAPE Monitor B850"),
        ],
        expect![[r#"
            Baxter|Infusion pump|Sigma Spectrum 35700BAX2 / Siemens|SIMATIC S7-1500 CPU 1515-2 PN
                no
            B. Braun|Infusion pump|Infusomat fmS / B. Braun|Infusomat Space Large Volume Pump
                no
            BD|Alaris Pump Module|8100 / BD|Alaris 8015 Point-of-Care Unit
                no
            Moxa|EDR-G903| / Moxa|EDR-810 series
                no
            Siemens|TIA Portal||V16 / Siemens|Totally Integrated Automation Portal (TIA Portal) V15
                no
            Siemens|TIA Portal||V15 Update 2 / Siemens|Totally Integrated Automation Portal (TIA Portal) V15
                Likely: same maker, `Siemens`; the list says `portal`; the advisory is about `totally`: confirm the model; release line V15
            Delta Controls|enteliBUS Manager| / Delta Electronics|DIAEnergie
                no
            GE|CARESCAPE B650| / GE Healthcare|CARESCAPE Monitor B850
                no"#]],
    );
}

/// Every product entry of CISA's advisories.
fn cisa() -> Vec<(String, String, Affected)> {
    let path = data().map(|data| data.join("csaf/cisa/advisories.tar.zst"));
    let Some(path) = path.filter(|path| path.is_file()) else {
        println!("skipped: no shared data");
        return Vec::new();
    };
    let mut decoder =
        zstd::Decoder::new(std::fs::File::open(path).expect("it is there")).expect("it is zstd");
    decoder
        .window_log_max(27)
        .expect("128 MiB is a window zstd knows");
    let mut all = Vec::new();
    for entry in tar::Archive::new(decoder).entries().expect("it is a tar") {
        let mut entry = entry.expect("it is whole");
        let name = entry.path().expect("it has a name").display().to_string();
        if !name.ends_with(".json") || name.contains("feed") {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("it is whole");
        let mut keep = |record| {
            if let Record::Advisory(advisory) = record {
                let Advisory {
                    id,
                    document,
                    affected,
                    ..
                } = *advisory;
                let document = document.unwrap_or_default();
                all.extend(
                    affected
                        .into_iter()
                        .map(|one| (id.clone(), document.clone(), one)),
                );
            }
        };
        advisory::read(Format::Csaf, &bytes, &mut keep, &mut |_| {});
    }
    all
}

/// Products by their terms, as the index has them.
struct Found {
    all: Vec<(String, String, Affected)>,
    by: HashMap<String, Vec<usize>>,
}

impl Found {
    fn new() -> Option<Found> {
        let all = cisa();
        let mut by = HashMap::<String, Vec<usize>>::new();
        for (at, (_, _, affected)) in all.iter().enumerate() {
            if let (Target::Product(product), Status::Affected) =
                (&affected.target, affected.status)
            {
                for term in terms(product) {
                    by.entry(term).or_default().push(at);
                }
            }
        }
        (!all.is_empty()).then_some(Found { all, by })
    }

    /// The surest verdict of each document, with the number of its flaws.
    fn of(&self, own: &Device) -> Vec<(String, usize, Verdict)> {
        let known = Known::new(own);
        let terms = known.terms();
        let mut places: Vec<usize> = terms
            .iter()
            .filter_map(|term| self.by.get(term))
            .flatten()
            .copied()
            .collect();
        places.sort_unstable();
        places.dedup();
        let mut found: Vec<(String, usize, Verdict)> = Vec::new();
        for at in places {
            let (_, document, affected) = &self.all[at];
            let Target::Product(product) = &affected.target else {
                continue;
            };
            let Some(verdict) = judge(&known, product, affected) else {
                continue;
            };
            match found.iter_mut().find(|one| one.0 == *document) {
                Some(one) => {
                    one.1 += 1;
                    if verdict.confidence < one.2.confidence {
                        one.2 = verdict;
                    }
                }
                None => found.push((document.clone(), 1, verdict)),
            }
        }
        found.sort_by(|one, other| one.0.cmp(&other.0));
        found
    }
}

/// Devices as lists have them.
const DEVICES: &[&str] = &[
    "Siemens|SIMATIC S7-1500|6ES7515-2AM02-0AB0|V2.9.2",
    "Siemens|SIMATIC S7-1500|6ES7515-2AM02-0AB0|",
    "Siemens AG|S7-1200 PLC|6ES7214-1AG40-0XB0|V4.2",
    "Siemens|Switch|SCALANCE XC208|V4.2",
    "Siemens|HMI|SIMATIC WinCC|V7.4 SP1 Update 5",
    "Rockwell Automation|ControlLogix 5570|1756-L71|20.011",
    "Allen-Bradley|MicroLogix 1400|1766-L32BXB|21.2",
    "Rockwell Automation|FactoryTalk View SE||11.00.00",
    "Schneider Electric|PLC|Modicon M580 BMEP582040|2.10",
    "APC|UPS|Smart-UPS SMT1500|",
    "Moxa|Secure router|EDR-810|4.1",
    "Moxa|Device server|NPort 5110|2.4",
    "Mitsubishi Electric|MELSEC iQ-R|R04CPU|",
    "Omron|PLC|CJ2M-CPU31|2.0",
    "Advantech|WebAccess/SCADA||8.4",
    "Delta Electronics|DIAEnergie||1.8",
    "Hikvision|Camera|DS-2CD2143G0-I|V5.5.0",
    "Yokogawa|DCS|CENTUM VP|R6.07.00",
    "ABB|RTU|RTU560|12.4",
    "Emerson|ROC800|ROC827|",
    "Honeywell|Experion PKS||R510",
    "Baxter|Infusion pump|Sigma Spectrum 35700BAX2|v8.00",
    "B. Braun|Infusion pump|Infusomat Space|012U000050",
    "BD|Infusion|Alaris Gateway Workstation|1.3.1.13",
    "BD|Medication dispensing|Pyxis MedStation ES|1.6.1",
    "Hospira|Infusion pump|Plum A+|13.4",
    "ICU Medical|Infusion pump|LifeCare PCA|5.0",
    "Smiths Medical|Syringe pump|Medfusion 4000|1.5",
    "Medtronic|Insulin pump|MiniMed 508|",
    "Philips|Patient monitor|IntelliVue MX800|N.01",
    "GE Healthcare|Monitor|CARESCAPE B650|1",
    "Dräger|Ventilator|Evita V500|2.51",
    "Fresenius Kabi|Infusion|Agilia Connect|3.0",
    "Cisco|Switch|Catalyst 2960|15.2",
    "Dell|Laptop|Latitude 5420|1.2",
    "HP|Printer|LaserJet M404n|",
];

#[test]
fn real_devices_meet_the_advisories_about_them() {
    let Some(found) = Found::new() else { return };
    for line in DEVICES {
        let told = found.of(&device(line));
        println!("{line}");
        for (document, flaws, verdict) in &told {
            println!(
                "  {document} x{flaws} {:?} {}",
                verdict.confidence,
                verdict.reasons.join("; ")
            );
        }
    }
}
