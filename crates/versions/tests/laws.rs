//! Keys obey the plain comparators, whatever the strings.

use std::cmp::Ordering;

use proptest::prelude::*;
use proptest::sample::select;
use versions::{Containment, End, Interval, Scheme, compare, contains, key, key_into, vendor};

/// What versions are made of, and what they break on.
const PIECES: &[&str] = &[
    "0",
    "1",
    "2",
    "9",
    "10",
    "00",
    "01",
    "007",
    "2020",
    "20200101",
    "99999999999999999999999",
    "a",
    "b",
    "c",
    "m",
    "p",
    "r",
    "x",
    "z",
    "A",
    "rc",
    "RC",
    "cr",
    "alpha",
    "beta",
    "pre",
    "post",
    "dev",
    "final",
    "ga",
    "sp",
    "snapshot",
    "pl",
    "git",
    "svn",
    "v",
    "V",
    "go",
    "build",
    "update",
    "hf",
    ".",
    ".",
    ".",
    ".",
    ".",
    "-",
    "-",
    "_",
    "+",
    "~",
    "^",
    ":",
    "!",
    "#",
    "*",
    "(",
    ")",
    " ",
    "..",
    ".0",
    "-r",
    "_p",
    "_rc",
    "T",
    "é",
    "",
];

fn piece() -> impl Strategy<Value = &'static str> {
    select(PIECES)
}

fn shaped() -> impl Strategy<Value = Vec<&'static str>> {
    // Most begin as versions do, so that they are some.
    let head = select(&["", "1", "1.", "1.0", "1.0.0", "v1.2", "2:1-", "1.2.3-"][..]);
    (head, proptest::collection::vec(piece(), 0..8))
        .prop_map(|(head, tail)| std::iter::once(head).chain(tail).collect())
}

/// Two strings that share much.
fn pair() -> impl Strategy<Value = (String, String)> {
    (shaped(), any::<prop::sample::Index>(), piece(), 0..4).prop_map(|(base, at, piece, how)| {
        let mut other = base.clone();
        let at = at.index(base.len());
        match how {
            0 => other.insert(at, piece),
            1 => other[at] = piece,
            2 => drop(other.remove(at)),
            _ => other.truncate(at),
        }
        (base.concat(), other.concat())
    })
}

fn check(scheme: Scheme, a: &str, b: &str) -> Result<(), TestCaseError> {
    let keys = match (key(scheme, a), key(scheme, b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => None,
    };
    let plain = compare(scheme, a, b);
    if scheme == Scheme::Vendor {
        if let Some(plain) = plain {
            prop_assert_eq!(keys, Some(plain), "{:?} `{}` `{}`", scheme, a, b);
        } else if keys.is_some() {
            prop_assert_ne!(keys, Some(Ordering::Equal), "{:?} `{}` `{}`", scheme, a, b);
        }
    } else {
        prop_assert_eq!(keys, plain, "{:?} `{}` `{}`", scheme, a, b);
    }
    prop_assert_eq!(compare(scheme, b, a), plain.map(Ordering::reverse));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keys_order_as_the_plain_comparator_does((a, b) in pair()) {
        for scheme in Scheme::ALL {
            check(*scheme, &a, &b)?;
            check(*scheme, &a, &a)?;
        }
    }

    #[test]
    fn two_unrelated_versions_are_ordered_alike_too(a in shaped(), b in shaped()) {
        for scheme in Scheme::ALL {
            check(*scheme, &a.concat(), &b.concat())?;
        }
    }

    #[test]
    fn arbitrary_strings_never_panic(a in any::<String>(), b in any::<String>()) {
        for scheme in Scheme::ALL {
            check(*scheme, &a, &b)?;
            let interval = Interval { introduced: Some(a.clone()), end: End::Fixed(b.clone()) };
            prop_assert_ne!(contains(&interval, *scheme, &b), Containment::Inside);
        }
        let _ = vendor::shape(&a);
    }

    #[test]
    fn a_string_without_a_key_leaves_the_buffer_alone(a in shaped()) {
        for scheme in Scheme::ALL {
            let mut out = b"before".to_vec();
            let keyed = key_into(*scheme, &a.concat(), &mut out);
            prop_assert!(out.starts_with(b"before"));
            // PyPI's legacy order pads each number to eight digits and marks each dash in seven letters.
            prop_assert!(out.len() - 6 <= 16 * a.concat().len() + 32, "{:?} {:?}", scheme, a);
            prop_assert_eq!(keyed, out.len() > 6);
        }
    }
}

#[test]
fn a_string_beyond_the_bound_has_no_key() {
    let longest = "1".repeat(versions::VERSION_BYTES_MAX);
    for scheme in Scheme::ALL {
        if *scheme != Scheme::DateTime {
            assert!(key(*scheme, &longest).is_some(), "{scheme:?}");
        }
        assert_eq!(key(*scheme, &format!("{longest}1")), None, "{scheme:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fuzz_target_finds_nothing(first in any::<u8>(), (a, b) in pair()) {
        let mut bytes = vec![first];
        bytes.extend_from_slice(a.as_bytes());
        bytes.push(b'\n');
        bytes.extend_from_slice(b.as_bytes());
        versions::fuzz(&bytes);
    }

    #[test]
    fn the_fuzz_target_takes_arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        versions::fuzz(&bytes);
    }
}
