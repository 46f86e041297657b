//! Invented: as many reports of invented flaws as a benchmark needs, the same ones each time.

use finding::Report;
use finding::report::{Crash, Frame, ProofMark, Site};

/// The report of this number: every fifth is of a flaw that an earlier one is of, in other words and another version.
pub fn invented(number: u64) -> Report {
    let flaw = if number % 5 == 4 {
        mix(number) % number
    } else {
        number
    };
    let package = mix(flaw) % (1 + flaw / 20);
    let pick = |seed: u64, words: &[&str]| {
        words[(mix(flaw ^ (seed << 32)) % words.len() as u64) as usize].to_owned()
    };
    let verbs = [
        "read", "parse", "decode", "copy", "merge", "scan", "unpack", "resolve",
    ];
    let nouns = [
        "palette", "chunk", "header", "frame", "table", "glyph", "packet", "record",
    ];
    let function = |seed| {
        format!(
            "{}_{}_{}",
            pick(seed, &verbs),
            pick(seed + 1, &nouns),
            mix(flaw + seed) % 40
        )
    };
    let mut report = Report {
        title: format!("Out-of-bounds write in {}()", function(1)).into(),
        description: format!(
            "While handling a damaged {} the length in the {} is trusted, so that {} writes behind what {} allocated \
             (seen {} times in a run of {}).",
            pick(7, &nouns), pick(8, &nouns), function(1), function(3), number % 97, number % 89
        )
        .into(),
        weaknesses: vec![[787, 125, 416, 190][(mix(flaw) % 4) as usize]],
        ..Report::default()
    };
    report.target.package = Some(
        format!("pkg:generic/package{package}@1.{}", number % 3)
            .parse()
            .expect("it is written as a package URL is"),
    );
    let file = format!("src/{}_{}.c", pick(5, &nouns), mix(flaw) % 6);
    let line = 10 + (mix(flaw) % 900) as u32;
    report.sites.push(Site {
        file: file.as_str().into(),
        function: Some(function(1).into()),
        line: Some(line),
    });
    if number.is_multiple_of(2) {
        let frames = (0..6).map(|depth| Frame {
            function: function(1 + depth).into(),
            file: file.as_str().into(),
            line: Some(line + 40 * depth as u32),
            module: "".into(),
        });
        report.crash = Some(Crash {
            kind: "heap-buffer-overflow".into(),
            stack: frames.collect(),
            raw: "".into(),
        });
        report.proofs.push(ProofMark {
            sha256: format!("{:016x}", mix(number)).repeat(4).into(),
            bytes: 400,
            kind: "testcase".into(),
            harness: None,
        });
    }
    report
}

/// Spreads the bits of a number (the finish of SplitMix64).
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
