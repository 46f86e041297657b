//! Device lists as people keep them, and what is read of them.

use expect_test::{Expect, expect};
use inventory::{Device, Listing, Location};

/// Devices and problems in a line each.
fn check(list: impl AsRef<[u8]>, expected: Expect) {
    expected.assert_eq(&read(list.as_ref()));
}

fn read(list: &[u8]) -> String {
    let mut listing = Listing::default();
    let location = Location {
        path: "devices.csv".into(),
        ..Location::default()
    };
    if let Err(fault) = inventory::device::read(list, &location, &mut listing) {
        return format!("refused at {}: {}", fault.line, fault.message);
    }
    let mut lines: Vec<String> = listing.devices.iter().map(line).collect();
    lines.extend(listing.problems.iter().map(|problem| {
        let lost = if problem.lost { "lost" } else { "note" };
        format!("{lost} {}: {}", problem.location.line, problem.message)
    }));
    lines.join("\n")
}

fn line(d: &Device) -> String {
    let exposed = d
        .exposed
        .map_or("?", |yes| if yes { "exposed" } else { "inside" });
    format!(
        "{}: {} | {} | {} | {} | sn {} | at {} | {exposed} | of {} | x{}",
        d.location.line,
        d.vendor,
        d.product,
        d.model,
        d.version,
        d.serial,
        d.site,
        d.owner,
        d.count
    )
}

#[test]
fn a_plain_list_is_read_column_by_column() {
    check(
        "vendor,product,model,version,serial,site,exposed,owner\n\
         Siemens,SIMATIC S7-1500,6ES7515-2AM02-0AB0,V2.9.2,S C-123,Pump house 3,no,OT team\n\
         B. Braun,Infusomat Space,,\"U, 012U000062\",,ICU,n/a,\n",
        expect![[r#"
            2: Siemens | SIMATIC S7-1500 | 6ES7515-2AM02-0AB0 | V2.9.2 | sn S C-123 | at Pump house 3 | inside | of OT team | x1
            3: B. Braun | Infusomat Space |  | U, 012U000062 | sn  | at ICU | ? | of  | x1"#]],
    );
}

#[test]
fn a_hospitals_export_has_a_letterhead_and_a_footer() {
    check(
        "sep=;\r\nCounty Hospital;;;;;\r\nMedical equipment as of 2026-03-01;;;;;\r\n;;;;;\r\n\
         Equipment Description;Manufacturer;Model No.;S/N;Dept.;Software Version;Qty\r\n\
         Infusion pump;Baxter Healthcare Corp.;SIGMA Spectrum 35700BAX2;12345;ICU;v6.05;12 pcs\r\n\
         Patient monitor;Philips;IntelliVue MX450;DE123;\"Ward 3\nroom 12\";;many\r\n\
         ;;;;;;\r\n\
         Equipment Description;Manufacturer;Model No.;S/N;Dept.;Software Version;Qty\r\n\
         Ventilator;Dräger;Evita V500;;ICU;2.51;1\r\n\
         Total;;;;;;14\r\n",
        expect![[r#"
            6: Baxter Healthcare Corp. | Infusion pump | SIGMA Spectrum 35700BAX2 | v6.05 | sn 12345 | at ICU | ? | of  | x12
            7: Philips | Patient monitor | IntelliVue MX450 |  | sn DE123 | at Ward 3 room 12 | ? | of  | x1
            11: Dräger | Ventilator | Evita V500 | 2.51 | sn  | at ICU | ? | of  | x1
            note 7: column `Qty` says `many`, which is no number from 1 to 100000; read as 1"#]],
    );
}

#[test]
fn other_languages_and_encodings_are_read() {
    check(
        b"Hersteller;Ger\xe4tebezeichnung;Artikel-Nr.;Firmwarestand;Seriennummer;Geb\xe4ude;Raum;\xd6ffentlich erreichbar;Verantwortlich;Anzahl\n\
          Dr\xe4ger;Infinity Delta;MS18597;VF10.1;5398;Haus 2;114;nein;Medizintechnik;3\n",
        expect!["2: Dräger | Infinity Delta | MS18597 | VF10.1 | sn 5398 | at Haus 2, 114 | inside | of Medizintechnik | x3"],
    );
    let spanish = "\u{feff}Fabricante\tEquipo\tModelo\tVersión de firmware\tNúmero de serie\tUbicación\n\
                   Hikvision\tCámara IP\tDS-2CD2143G0-I\tV5.5.82 build 190220\t\tEntrada\n";
    check(
        spanish,
        expect![
            "2: Hikvision | Cámara IP | DS-2CD2143G0-I | V5.5.82 build 190220 | sn  | at Entrada | ? | of  | x1"
        ],
    );
    let wide: Vec<u8> = "Marque,Appareil,Référence,Micrologiciel\nSchneider Electric,Modicon M340,BMXP342020,V3.10\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    check(
        &wide,
        expect![
            "2: Schneider Electric | Modicon M340 | BMXP342020 | V3.10 | sn  | at  | ? | of  | x1"
        ],
    );
    check(
        [&[0xff, 0xfe], wide.as_slice()].concat(),
        expect![
            "2: Schneider Electric | Modicon M340 | BMXP342020 | V3.10 | sn  | at  | ? | of  | x1"
        ],
    );
}

#[test]
fn a_bad_row_costs_a_message_and_not_the_list() {
    check(
        "Make,Model,FW,Internet-facing,Qty\n\
         Moxa,EDR-810,5.1,maybe,1\n\
         Moxa,,4.0,yes,1\n\
         Moxa,\"NPort 5110,2.0,yes,1\n\
         Moxa,AWK-3131A,1.13,yes,lots\n\
         \"Moxa\",\"MGate \"\"MB3180\"\"\",2.2,Y,2\n\
         short row\n",
        expect![[r#"
            2: Moxa |  | EDR-810 | 5.1 | sn  | at  | ? | of  | x1
            4: Moxa |  | NPort 5110 | 2.0 | sn  | at  | exposed | of  | x1
            5: Moxa |  | AWK-3131A | 1.13 | sn  | at  | exposed | of  | x1
            6: Moxa |  | MGate "MB3180" | 2.2 | sn  | at  | exposed | of  | x2
            note 2: column `Internet-facing` says `maybe`, which is neither yes nor no; read as not known
            lost 3: row names neither product nor model; fill in `Model`
            note 4: a quote is opened and not closed before a separator; the line is read without quotes
            note 5: column `Qty` says `lots`, which is no number from 1 to 100000; read as 1
            lost 7: row names neither product nor model; fill in `Model`"#]],
    );
}

#[test]
fn a_list_without_a_header_says_what_would_be_right() {
    check(
        "Siemens,S7-1200,6ES7214-1AG40-0XB0,V4.2\n",
        expect![
            "refused at 1: no header in the first 20 lines (the first is `Siemens,S7-1200,6ES7214-1AG40-0XB0,V4.2`); name the columns `vendor`, `product` or `model`, and where you have them `version`, `serial`, `site`, `exposed`, `owner`, `count`"
        ],
    );
    check(
        "",
        expect![
            "refused at 1: no header in the first 20 lines (the first is ``); name the columns `vendor`, `product` or `model`, and where you have them `version`, `serial`, `site`, `exposed`, `owner`, `count`"
        ],
    );
    check(
        b"\x7fELF\x01\x02\x03",
        expect![
            "refused at 1: no header in the first 20 lines (the first is `ELF`); name the columns `vendor`, `product` or `model`, and where you have them `version`, `serial`, `site`, `exposed`, `owner`, `count`"
        ],
    );
}

#[test]
fn columns_that_say_the_same_are_joined_or_the_best_is_taken() {
    check(
        "Asset Name,Device Type,Manufacturer,Model,Part Number,Firmware,OS Version,Hardware Revision,Building,Room\n\
         PLC-7,PLC,Rockwell Automation,ControlLogix 5570,1756-L71,20.011,,B,Plant 2,MCC\n\
         ,Switch,Cisco,IE-4000,,,15.2(7)E3,,Plant 2,\n",
        expect![[r#"
            2: Rockwell Automation | PLC-7 | ControlLogix 5570 / 1756-L71 | 20.011 | sn  | at Plant 2, MCC | ? | of  | x1
            3: Cisco | Switch | IE-4000 | 15.2(7)E3 | sn  | at Plant 2 | ? | of  | x1"#]],
    );
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        read(&bytes);
        read(&[b"vendor,model,qty,exposed\n", bytes.as_slice()].concat());
    }

    #[test]
    fn what_is_quoted_comes_back(product in "[a-z][ -~é\n]{1,20}[a-z]", model in "[A-Z][ -~\n]{1,20}[0-9]") {
        let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        for separator in [",", ";", "\t"] {
            let row = ["Acme".to_owned(), quoted(&product), quoted(&model)].join(separator);
            let list = format!("{}\n{row}\nAcme{separator}Pump{separator}1\n", ["vendor", "product", "model"].join(separator));
            let mut listing = Listing::default();
            inventory::device::read(list.as_bytes(), &Location::default(), &mut listing).expect("it has a header");
            let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            proptest::prop_assert_eq!(listing.devices.len(), 2);
            proptest::prop_assert_eq!(&listing.devices[0].product, &spaced(&product));
            proptest::prop_assert_eq!(&listing.devices[0].model, &spaced(&model));
        }
    }
}
