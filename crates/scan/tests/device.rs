//! Real-shaped devices against what CISA's advisories said of them.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use advisory::{Affected, AffectedRange, Format, Product, RangeScheme, Record};
use expect_test::{Expect, expect};
use inventory::Device;
use scan::device::{Known, judge, recognize, terms};
use scan::devices::{DeviceMatch, device_matches};
use scan::{Builder, Confidence, Index};
use versions::{End, Interval, Scheme};

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
fn software_beside_the_version_is_what_the_device_runs() {
    check(
        &[
            (
                "Fortinet|FortiGate firewall|FGT-60F|FortiOS 7.2.5",
                "Fortinet|FortiOS",
            ),
            (
                "Fortinet|FortiGate firewall|FGT-60F|FortiOS 7.2.5",
                "Fortinet|FortiProxy",
            ),
            (
                "Fortinet|FortiGate firewall|FGT-60F|7.2.5",
                "Fortinet|FortiOS",
            ),
        ],
        expect![[r#"
            Fortinet|FortiGate firewall|FGT-60F|FortiOS 7.2.5 / Fortinet|FortiOS
                Exact: same maker, `Fortinet`; the list says that it runs `FortiOS`
            Fortinet|FortiGate firewall|FGT-60F|FortiOS 7.2.5 / Fortinet|FortiProxy
                no
            Fortinet|FortiGate firewall|FGT-60F|7.2.5 / Fortinet|FortiOS
                no"#]],
    );
}

#[test]
fn a_maker_whose_name_begins_anothers_is_taken_for_it() {
    check(
        &[
            (
                "Contec|Patient monitor CMS8000|CMS8000",
                "Contec Health|CMS8000 Patient Monitor|CMS8000",
            ),
            (
                "Contec Medical Systems|Patient monitor|CMS8000",
                "Contec|CMS8000 Patient Monitor",
            ),
            ("Delta|DVP|DVP-12SE", "Delta Controls|DVP-12SE"),
            ("Con|CMS8000|", "Contec Health|CMS8000"),
        ],
        expect![[r#"
            Contec|Patient monitor CMS8000|CMS8000 / Contec Health|CMS8000 Patient Monitor|CMS8000
                Exact: `Contec` is taken for the maker `Contec Health`, whose name it shares; order number `cms8000`
            Contec Medical Systems|Patient monitor|CMS8000 / Contec|CMS8000 Patient Monitor
                Exact: `Contec Medical Systems` is taken for the maker `Contec`, whose name it shares; same name, `cms8000`
            Delta|DVP|DVP-12SE / Delta Controls|DVP-12SE
                no
            Con|CMS8000| / Contec Health|CMS8000
                no"#]],
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

/// Everything CISA's advisories say.
fn cisa() -> Vec<Record> {
    let path = data().map(|data| data.join("csaf/cisa/advisories.tar.zst"));
    let Some(path) = path.filter(|path| path.is_file()) else {
        println!("skipped: no shared data");
        return Vec::new();
    };
    let file = std::fs::File::open(path).expect("it is there");
    let mut decoder = zstd::Decoder::new(file).expect("it is zstd");
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
        advisory::read(
            Format::Csaf,
            &bytes,
            &mut |record| all.push(record),
            &mut |_| {},
        );
    }
    all
}

/// An index of CISA's advisories.
fn cisa_index() -> Option<Index> {
    let mut builder = Builder::new(jiff::Timestamp::UNIX_EPOCH);
    for record in cisa() {
        builder.add("cisa", record);
    }
    let (bytes, summary) = builder.finish_bytes().expect("it fits");
    (summary.advisories > 0).then(|| Index::from_bytes(bytes).expect("it was written so"))
}

/// Rows of each document, by the surest confidence.
fn documents(index: &Index, own: &Device) -> BTreeMap<String, (Confidence, String)> {
    let mut told = BTreeMap::<String, (Confidence, String)>::new();
    let mut keep = |one: DeviceMatch| {
        let document = index
            .resolve_device(&one, own)
            .expect("the index is whole")
            .document;
        let said = (one.verdict.confidence, one.verdict.reasons.join("; "));
        let known = told.entry(document).or_insert_with(|| said.clone());
        if said.0 < known.0 {
            *known = said;
        }
    };
    device_matches(index, own, &mut keep).expect("the index is whole");
    told
}

fn holds(index: &Index, document: &str) -> bool {
    let found = index.lookup(document).expect("the index is whole");
    !found.advisories.is_empty()
}

/// Devices as lists have them, with documents that are about them (`=` exactly, `~` likely, `?` version unknown) or,
/// though of the same maker and near in name, are not (`!`); `none` where no document is.
const DEVICES: &[(&str, &str)] = &[
    (
        "Siemens|SIMATIC S7-1500|6ES7515-2AM02-0AB0|V2.9.2",
        "=ICSA-22-041-01 =ICSA-22-349-03 =ICSA-23-257-01 !ICSA-19-344-04",
    ),
    (
        "Siemens|SIMATIC S7-1500|6ES7515-2AM02-0AB0|",
        "?ICSA-18-079-02 =ICSA-22-349-03",
    ),
    (
        "Siemens AG|S7-1200 PLC|6ES7214-1AG40-0XB0|V4.2",
        "=ICSA-18-226-02 =ICSA-21-194-03",
    ),
    (
        "Siemens AG|S7-1200 PLC|6ES7214-1AG40-0XB0|V4.6.1",
        "!ICSA-18-226-02 !ICSA-21-194-03",
    ),
    (
        "Siemens|Switch|SCALANCE XC208|V4.2",
        "=ICSA-22-167-14 =ICSA-23-320-08",
    ),
    (
        "Siemens|Switch|SCALANCE XC208|V4.4",
        "!ICSA-22-167-14 =ICSA-23-320-08",
    ),
    (
        "Siemens|HMI|SIMATIC WinCC|V7.4 SP1 Update 5",
        "=ICSA-19-134-08 =ICSA-20-042-06 !ICSA-18-081-01",
    ),
    (
        "Rockwell Automation|ControlLogix 5570|1756-L71|20.011",
        "=ICSA-22-090-05 =ICSA-22-144-01",
    ),
    (
        "Allen-Bradley|MicroLogix 1400|1766-L32BXB|21.2",
        "=ICSA-18-310-02 =ICSA-21-033-01 ?ICSA-18-009-01",
    ),
    (
        "Rockwell Automation|FactoryTalk View SE||11.00.00",
        "=ICSA-20-170-05 =ICSA-24-137-14 !ICSA-18-331-02",
    ),
    (
        "Schneider Electric|PLC|Modicon M580 BMEP582040|2.10",
        "=ICSA-20-016-01 =ICSA-23-227-01",
    ),
    ("Moxa|Secure router|EDR-810|4.1", "=ICSA-19-274-03"),
    ("Moxa|Secure router|EDR-810|5.3", "!ICSA-19-274-03"),
    ("Moxa|Device server|NPort 5110|2.4", "=ICSA-17-320-01"),
    ("Mitsubishi Electric|MELSEC iQ-R|R04CPU|", "?ICSA-20-303-01"),
    ("Omron|PLC|CJ2M-CPU31|2.0", "=ICSA-23-262-05"),
    ("Advantech|WebAccess/SCADA||8.4", "=ICSA-20-289-01"),
    (
        "Delta Electronics|DIAEnergie||1.8",
        "=ICSA-22-081-01 =ICSA-24-277-03",
    ),
    ("Delta Electronics|DIAEnergie||1.10.02", "!ICSA-22-081-01"),
    ("Hikvision|Camera|DS-2CD2142FWD-I|V5.4.0", "=ICSA-17-124-01"),
    ("Hikvision|Camera|DS-2CD2143G0-I|V5.5.0", "none"),
    (
        "Yokogawa|DCS|CENTUM VP|R6.07.00",
        "=ICSA-24-172-01 !ICSA-19-029-01",
    ),
    ("Emerson|ROC800|ROC827|", "=ICSA-23-206-03"),
    (
        "Honeywell|Experion PKS||R510",
        "=ICSA-23-194-06 !ICSA-22-242-07",
    ),
    (
        "Baxter|Infusion pump|Sigma Spectrum 35700BAX2|v8.00",
        "=ICSMA-20-170-04",
    ),
    (
        "Baxter|Infusion pump|Sigma Spectrum 35700BAX|v6.05",
        "=ICSMA-22-251-01",
    ),
    (
        "Baxter|Infusion pump|Sigma Spectrum 35700BAX|v5.01",
        "!ICSMA-22-251-01",
    ),
    (
        "BD|Infusion|Alaris Gateway Workstation|1.3.1.13",
        "?ICSMA-19-164-01 !ICSMA-23-194-01 !ICSMA-17-017-02",
    ),
    (
        "CareFusion|Infusion|Alaris 8015|9.33",
        "~ICSMA-23-194-01 !ICSMA-19-164-01",
    ),
    (
        "BD|Medication dispensing|Pyxis MedStation ES|1.6.1",
        "=ICSMA-22-151-01",
    ),
    (
        "Smiths Medical|Syringe pump|Medfusion 4000|1.5",
        "=ICSMA-17-250-02A",
    ),
    (
        "Philips|Patient monitor|IntelliVue MX800|N.01",
        "?ICSMA-20-254-01",
    ),
    ("GE|Monitor|CARESCAPE B650|1", "=ICSMA-20-023-01"),
    ("Dr\u{e4}ger|Ventilator|Evita V500|2.51", "none"),
    ("Cisco|Switch|Catalyst 2960|15.2", "none"),
    ("Dell|Laptop|Latitude 5420|1.2", "none"),
    ("HP|Printer|LaserJet M404n|", "none"),
    ("|Infusion pump||", "none"),
    ("|Server|PowerEdge R740|2.1", "none"),
];

#[test]
fn real_devices_meet_the_advisories_about_them() {
    let Some(index) = cisa_index() else { return };
    let mut wrong = Vec::new();
    for (line, expected) in DEVICES {
        let told = documents(&index, &device(line));
        for (document, (confidence, reasons)) in &told {
            println!("{line}: {document} {confidence:?} {reasons}");
        }
        for expected in expected.split_whitespace() {
            let (sign, document) = expected.split_at(1);
            let found = told.get(document).map(|(confidence, _)| *confidence);
            let right = match sign {
                "=" => found == Some(Confidence::Exact),
                "~" => found == Some(Confidence::Likely),
                "?" => found == Some(Confidence::Unknown),
                "!" => found.is_none(),
                _ => told.is_empty(),
            };
            // Another part of the corpus has other documents; what is not there cannot be found.
            let there = expected == "none" || holds(&index, document);
            if !right && there {
                wrong.push(format!(
                    "{line}: {expected} is {found:?} of {:?}",
                    told.keys()
                ));
            }
        }
    }
    println!(
        "vectors: devices against csaf/cisa {} ran, 0 listed as wrong",
        DEVICES.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    strangers_match_nothing(&index);
}

/// Invented models match nothing, of invented makers or of real ones.
fn strangers_match_nothing(index: &Index) {
    let makers = [
        "Siemens",
        "Philips",
        "Moxa",
        "Acme",
        "",
        "Rockwell Automation",
        "BD",
        "Honeywell",
    ];
    let kinds = [
        "Infusion pump",
        "PLC",
        "Switch",
        "Patient monitor",
        "UPS",
        "Camera",
    ];
    let (mut seed, mut found) = (0x5eed_u64, Vec::new());
    let mut next = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for _ in 0..500 {
        let mut word = String::new();
        for _ in 0..3 {
            word.push_str(
                ["zor", "wyx", "qua", "flem", "tiv", "kub", "vran", "jolt"][next(8) as usize],
            );
        }
        let own = Device {
            vendor: makers[next(8) as usize].into(),
            product: kinds[next(6) as usize].into(),
            model: format!(
                "{word} {}{}",
                ["ZQ", "WX", "KJ"][next(3) as usize],
                10_000 + next(80_000)
            ),
            version: format!("{}.{}", next(9), next(20)),
            count: 1,
            ..Device::default()
        };
        let told = documents(index, &own);
        if !told.is_empty() {
            found.push(format!("{} {} {told:?}", own.vendor, own.model));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_version_decides_and_what_cannot_be_compared_is_unknown() {
    let own = |version: &str| device(&format!("Moxa|EDR-810||{version}"));
    let theirs = product("Moxa|EDR-810 series");
    let before = |bound: &str| Affected {
        ranges: vec![AffectedRange {
            scheme: RangeScheme::Scheme(Scheme::Vendor),
            intervals: vec![Interval {
                introduced: None,
                end: End::Fixed(bound.to_owned()),
            }],
        }],
        ..Affected::default()
    };
    let table = [
        ("4.1", "V5.1", Some(Confidence::Exact)),
        ("V5.1", "5.1", None),
        ("", "5.1", Some(Confidence::Unknown)),
        ("blue", "5.1", Some(Confidence::Unknown)),
        ("2023-01-01", "5.1", Some(Confidence::Unknown)),
    ];
    for (version, bound, expected) in table {
        let own = own(version);
        let verdict = judge(&Known::new(&own), &theirs, &before(bound));
        assert_eq!(
            verdict.map(|verdict| verdict.confidence),
            expected,
            "{version} before {bound}"
        );
    }
}

#[test]
fn serial_numbers_and_platforms_are_part_of_the_product() {
    let own = device("Moxa|EDR-810||1.0|TAC123");
    let mut theirs = product("Moxa|EDR-810");
    theirs.serial_numbers = vec!["TAC1*".into()];
    let found =
        |theirs: &Product| recognize(&Known::new(&own), theirs).map(|verdict| verdict.confidence);
    assert_eq!(found(&theirs), Some(Confidence::Exact));
    theirs.serial_numbers = vec!["TAC2??".into()];
    assert_eq!(found(&theirs), None);
    theirs.serial_numbers.clear();
    theirs.installed_on = "Windows Server 2019".into();
    assert_eq!(found(&theirs), Some(Confidence::Likely));
}
