//! Scan: does what an agent sees hold what it is to find out?
//!
//! A byte search for a word in the forms in which answers were found lying about elsewhere: as it is, in either case, in
//! hexadecimal, in base64 (at each of the three places that it can begin at), reversed, and in UTF-16; in files, and in
//! what is packed in them.

use std::collections::BTreeSet;
use std::io::Cursor;

use archive::{Flow, Kind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Shorter words are met by chance: eight letters of a text of a megabyte, once in a million texts.
pub const WORD_BYTES_MIN: usize = 8;

/// What is unpacked of one file to be looked through: the files of a task have 64 MiB.
const UNPACKED_BYTES_MAX: u64 = 256 << 20;

/// Archives within archives.
const DEPTH_MAX: u32 = 3;

/// A form in which a word was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    Plain,
    Hex,
    Base64,
    Reversed,
    Utf16,
}

/// A word met where it should not be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Met {
    /// The file, with `!` and a path for what was packed in it.
    pub place: Box<str>,
    pub form: Form,
}

impl Form {
    pub const fn as_str(self) -> &'static str {
        match self {
            Form::Plain => "as it is",
            Form::Hex => "in hexadecimal",
            Form::Base64 => "in base64",
            Form::Reversed => "reversed",
            Form::Utf16 => "in UTF-16",
        }
    }
}

/// A word in all its forms, made once for many files.
pub struct Needle {
    forms: Vec<(Form, Vec<u8>)>,
}

impl Needle {
    /// Of a word that is long enough to be told from chance.
    pub fn of(word: &[u8]) -> Option<Needle> {
        if word.len() < WORD_BYTES_MIN {
            return None;
        }
        let mut forms = Vec::new();
        for word in cases(word) {
            let hex: String = word.iter().map(|byte| format!("{byte:02x}")).collect();
            forms.push((Form::Hex, hex.to_uppercase().into_bytes()));
            forms.push((Form::Hex, hex.into_bytes()));
            let reversed: Vec<u8> = word.iter().rev().copied().collect();
            forms.push((Form::Reversed, reversed));
            forms.extend(encoded(&word).map(|text| (Form::Base64, text)));
            let wide: Vec<u8> = word.iter().flat_map(|byte| [*byte, 0]).collect();
            // Low bytes first or last: one is the other a byte later, but for its ends.
            forms.push((Form::Utf16, wide[..wide.len() - 1].to_vec()));
            forms.push((Form::Plain, word));
        }
        Some(Needle { forms })
    }

    /// The forms in which it stands in `bytes`.
    pub fn within(&self, bytes: &[u8]) -> BTreeSet<Form> {
        let found = self.forms.iter().filter(|(_, form)| contains(bytes, form));
        found.map(|(form, _)| *form).collect()
    }

    /// Everywhere that it stands: in the file itself and in what is packed in it.
    pub fn search(&self, place: &str, bytes: &[u8]) -> BTreeSet<Met> {
        let mut met = BTreeSet::new();
        self.look(place, bytes, DEPTH_MAX, &mut met);
        met
    }

    fn look(&self, place: &str, bytes: &[u8], depth: u32, met: &mut BTreeSet<Met>) {
        met.extend(self.within(bytes).into_iter().map(|form| Met {
            place: place.into(),
            form,
        }));
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        let limits = archive::Limits {
            bytes_total: UNPACKED_BYTES_MAX,
            entry_bytes: UNPACKED_BYTES_MAX,
            ..archive::Limits::default()
        };
        // What is no archive, or a damaged one, was looked through as it is.
        let _ = archive::walk(place, Cursor::new(bytes), &limits, &mut |mut entry| {
            if entry.kind == Kind::File
                && let Ok(content) = entry.content(UNPACKED_BYTES_MAX)
            {
                self.look(&format!("{place}!{}", entry.path), &content, depth, met);
            }
            Flow::Next
        });
    }
}

/// As it is, small and capital: each once.
fn cases(word: &[u8]) -> BTreeSet<Vec<u8>> {
    [
        word.to_vec(),
        word.to_ascii_lowercase(),
        word.to_ascii_uppercase(),
    ]
    .into()
}

/// In base64, without the letters at both ends that depend on what stands beside it.
fn encoded(word: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..3_usize).flat_map(move |before| {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(word);
        let text = STANDARD_NO_PAD.encode(&bytes);
        // Letters of six bits each: the first that holds nothing of what stands before, and the last of nothing after.
        let first = (before * 8).div_ceil(6);
        let last = bytes.len() * 8 / 6;
        let text = &text.as_bytes()[first..last];
        let url = text.iter().map(|letter| match letter {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        });
        let url: Vec<u8> = url.collect();
        [text.to_vec(), url]
    })
}

/// Whether `bytes` hold `word`.
pub fn contains(bytes: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(bytes, word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORD: &str = "5f1d0c9ab27e4433";

    fn met(bytes: &[u8]) -> Vec<Form> {
        Needle::of(WORD.as_bytes())
            .unwrap()
            .within(bytes)
            .into_iter()
            .collect()
    }

    #[test]
    fn a_word_is_met_in_each_of_its_forms() {
        let hex: String = WORD.bytes().map(|byte| format!("{byte:02X}")).collect();
        let reversed: String = WORD.chars().rev().collect();
        let little: Vec<u8> = WORD.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = WORD.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (text, form) in [
            (format!("key={WORD}").into_bytes(), Form::Plain),
            (WORD.to_uppercase().into_bytes(), Form::Plain),
            (hex.into_bytes(), Form::Hex),
            (reversed.into_bytes(), Form::Reversed),
            (little, Form::Utf16),
            (big, Form::Utf16),
        ] {
            assert_eq!(met(&text), [form], "{}", String::from_utf8_lossy(&text));
        }
        for before in ["", "a", "ab", "abc", "flag{"] {
            for after in ["", "}", "}\n", "}}}"] {
                let text = STANDARD_NO_PAD.encode(format!("{before}{WORD}{after}"));
                assert_eq!(met(text.as_bytes()), [Form::Base64], "{before} {after}");
            }
        }
        assert!(met(b"5f1d0c9ab27e443 and another text").is_empty());
    }

    #[test]
    fn what_is_packed_is_looked_through() {
        let needle = Needle::of(WORD.as_bytes()).unwrap();
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        zip.start_file("notes/key", options).unwrap();
        // Long enough that packing it leaves no letter as it was.
        let text: String = (0..2_000).map(|line| format!("{line}\n")).collect();
        let text = format!("{text}{WORD}\n{text}");
        std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
        let packed = zip.finish().unwrap().into_inner();
        assert!(needle.within(&packed).is_empty());
        let met: Vec<String> = needle
            .search("a.zip", &packed)
            .into_iter()
            .map(|met| met.place.into())
            .collect();
        assert_eq!(met, ["a.zip!notes/key"]);
        let packed = zstd::encode_all(text.as_bytes(), 9).unwrap();
        assert_eq!(needle.search("a.zst", &packed).len(), 1);
        let twice = zstd::encode_all(packed.as_slice(), 9).unwrap();
        assert_eq!(needle.search("a.zst.zst", &twice).len(), 1);
    }

    #[test]
    fn what_may_stand_there_by_chance_is_not_looked_for() {
        assert!(Needle::of(b"main.c").is_none());
    }
}
