//! A CVE id as a number, for columns sorted by it.

/// `CVE-2024-3094` as year and number; `None` for anything that would not print back as it was.
pub fn number(id: &str) -> Option<u64> {
    let (year, serial) = id.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    // The CVE numbering authority promises four digits or more, without leading zeros beyond those.
    let plain = year.len() == 4
        && digits(year)
        && (4..=14).contains(&serial.len())
        && digits(serial)
        && (serial.len() == 4 || !serial.starts_with('0'));
    if !plain {
        return None;
    }
    let (year, serial) = (year.parse::<u64>().ok()?, serial.parse::<u64>().ok()?);
    Some((year << 48) | serial)
}

/// The id that `number` stands for.
pub fn text(number: u64) -> String {
    let (year, serial) = (number >> 48, number & 0xffff_ffff_ffff);
    format!("CVE-{year:04}-{serial:04}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_prints_back_as_it_was_or_is_none() {
        for id in ["CVE-1999-0001", "CVE-2024-3094", "CVE-2026-1000000"] {
            assert_eq!(number(id).map(text).as_deref(), Some(id));
        }
        for id in [
            "CVE-2024-00123",
            "cve-2024-3094",
            "GHSA-x",
            "CVE-24-1234",
            "CVE-2024-12a4",
        ] {
            assert_eq!(number(id), None, "{id}");
        }
    }
}
