//! CPE names: reading, printing, matching.

use expect_test::{Expect, expect};
use names::Cpe;
use proptest::prelude::*;

fn check(names: &str, expected: Expect) {
    let mut shown = String::new();
    for text in names.lines().map(str::trim) {
        shown += &match Cpe::read(text) {
            Err(problems) => format!("refused: {problems}\n"),
            Ok(cpe) => format!(
                "{cpe} | {} | {:?} {:?} {:?}\n",
                cpe.uri(),
                cpe.vendor(),
                cpe.product(),
                cpe.version()
            ),
        };
    }
    expected.assert_eq(&shown);
}

#[test]
fn a_name_is_read_from_either_binding() {
    check(
        r"cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*
          cpe:2.3:a:foo\\bar:big\$money_manager_2010:*:*:*:*:special:ipod_touch:80gb:*
          cpe:2.3:a:foo\\bar:big\$money_manager_2010:*:*:*:*:*:special:ipod_touch:80gb
          cpe:/a:foo%5cbar:big%24money_manager_2010:::~~special~ipod_touch~80gb~
          cpe:/a:hp:insight_diagnostics:7.4.0.1570:-:~~online~win2003~x64~
          cpe:/a:hp:insight:8.%02
          CPE:/O:Redhat:Enterprise_Linux:9::BaseOS
          cpe:2.3:o:siemens:simatic_s7-1500_firmware:2.9.4
          cpe:2.3:a:Azure:azure-sdk for go:v51.1.0+incompatible:*:*:*:*:*:*:*",
        expect![[r#"
            cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:* | cpe:/a:microsoft:internet_explorer:8.0.6001:beta | Some("microsoft") Some("internet_explorer") Some("8.0.6001")
            cpe:2.3:a:foo\\bar:big\$money_manager_2010:*:*:*:*:special:ipod_touch:80gb:* | cpe:/a:foo%5cbar:big%24money_manager_2010:::~~special~ipod_touch~80gb~ | Some("foo\\bar") Some("big$money_manager_2010") None
            cpe:2.3:a:foo\\bar:big\$money_manager_2010:*:*:*:*:*:special:ipod_touch:80gb | cpe:/a:foo%5cbar:big%24money_manager_2010:::~~~special~ipod_touch~80gb | Some("foo\\bar") Some("big$money_manager_2010") None
            cpe:2.3:a:foo\\bar:big\$money_manager_2010:*:*:*:*:special:ipod_touch:80gb:* | cpe:/a:foo%5cbar:big%24money_manager_2010:::~~special~ipod_touch~80gb~ | Some("foo\\bar") Some("big$money_manager_2010") None
            cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:-:*:*:online:win2003:x64:* | cpe:/a:hp:insight_diagnostics:7.4.0.1570:-:~~online~win2003~x64~ | Some("hp") Some("insight_diagnostics") Some("7.4.0.1570")
            cpe:2.3:a:hp:insight:8.*:*:*:*:*:*:*:* | cpe:/a:hp:insight:8.%02 | Some("hp") Some("insight") Some("8.*")
            cpe:2.3:o:redhat:enterprise_linux:9:*:baseos:*:*:*:*:* | cpe:/o:redhat:enterprise_linux:9::baseos | Some("redhat") Some("enterprise_linux") Some("9")
            cpe:2.3:o:siemens:simatic_s7-1500_firmware:2.9.4:*:*:*:*:*:*:* | cpe:/o:siemens:simatic_s7-1500_firmware:2.9.4 | Some("siemens") Some("simatic_s7-1500_firmware") Some("2.9.4")
            cpe:2.3:a:azure:azure-sdk_for_go:v51.1.0\+incompatible:*:*:*:*:*:*:* | cpe:/a:azure:azure-sdk_for_go:v51.1.0%2bincompatible | Some("azure") Some("azure-sdk_for_go") Some("v51.1.0+incompatible")
        "#]],
    );
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    check(
        "cpe:2.3:x:ü:*c*d:*:*:*:toolong:*:*:*:*
         cpe:/a:b:c:d:e:f:g:h
         cpe:/a:b%zz
         pkg:npm/x",
        expect![[r#"
            refused: CPE part `x` must be `a`, `o`, `h`, `*` or `-`; CPE vendor `ü` must have letters and digits, other characters after `\`, and wildcards only at its ends; CPE product `*c*d` must have letters and digits, other characters after `\`, and wildcards only at its ends; CPE language `toolong` must be a tag such as `en` or `en-us`
            refused: CPE URI has 8 components, and there are at most 7
            refused: CPE component `b%zz` has a `%` that two hexadecimal digits do not follow
            refused: `pkg:npm/x` is no CPE name; it starts with `cpe:2.3:` or `cpe:/`
        "#]],
    );
}

#[test]
fn names_match_as_nistir_7696_says() {
    let table = [
        (
            "cpe:2.3:a:adobe:reader:9.*",
            "cpe:2.3:a:adobe:reader:9.3.2",
            "Superset",
        ),
        (
            "cpe:2.3:a:adobe:reader:9.?",
            "cpe:2.3:a:adobe:reader:9.3.2",
            "Disjoint",
        ),
        (
            "cpe:2.3:a:adobe:reader:9.??",
            "cpe:2.3:a:adobe:reader:9.3",
            "Superset",
        ),
        (
            "cpe:2.3:a:adobe:reader:*",
            "cpe:2.3:a:adobe:reader:9.3",
            "Superset",
        ),
        (
            "cpe:2.3:a:adobe:reader:9.3",
            "cpe:2.3:a:adobe:reader:*",
            "Subset",
        ),
        (
            "cpe:2.3:a:adobe:reader:9.3",
            "cpe:2.3:a:adobe:reader:9.3",
            "Equal",
        ),
        (
            "cpe:2.3:a:adobe:reader:-",
            "cpe:2.3:a:adobe:reader:9.3",
            "Disjoint",
        ),
        (
            "cpe:2.3:a:adobe:reader:*:sp1",
            "cpe:2.3:a:adobe:reader:9.3:*",
            "Undefined",
        ),
        (
            "cpe:2.3:a:adobe:reader:9.3",
            "cpe:2.3:a:adobe:reader:9.*",
            "Undefined",
        ),
        (
            "cpe:2.3:h:adobe:*",
            "cpe:2.3:a:adobe:reader:9.3",
            "Disjoint",
        ),
    ];
    for (source, target, relation) in table {
        let [source, target] = [source, target].map(|text| Cpe::read(text).expect("a name"));
        assert_eq!(
            format!("{:?}", source.compare(&target)),
            relation,
            "{source} {target}"
        );
    }
}

/// A failure becomes a named test, not a file.
fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,60}", rest in "[a-z0-9:*?~%\\\\.-]{0,60}") {
        for text in [text, format!("cpe:2.3:{rest}"), format!("cpe:/{rest}")] {
            if let Ok(cpe) = Cpe::read(&text) {
                prop_assert_eq!(&Cpe::parse(&cpe.text).expect("what we print we read"), &cpe);
                let again = Cpe::parse(&cpe.uri()).expect("the URI we print we read");
                prop_assert_eq!(&again, &cpe);
                let _ = cpe.compare(&again);
            }
        }
    }
}
