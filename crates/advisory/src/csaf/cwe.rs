//! What is a weakness called? CSAF asks for the name that MITRE's list gives it (2.0, mandatory test 6.1.11).

/// A number and a name a line; lines that begin with `#` say where they are from.
const NAMES: &str = include_str!("../../data/cwe.txt");

/// The name of `CWE-79`, where it is among those we know.
pub(super) fn name(id: &str) -> Option<&'static str> {
    let number = id.strip_prefix("CWE-")?;
    number.parse::<u32>().ok()?;
    NAMES.lines().find_map(|line| {
        let (known, name) = line.split_once(' ')?;
        (known == number).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weakness_has_the_name_of_the_list_or_none() {
        assert_eq!(name("CWE-787"), Some("Out-of-bounds Write"));
        for unknown in ["CWE-7870", "CWE-", "787", "CWE-#", "CWE-One"] {
            assert_eq!(name(unknown), None, "{unknown}");
        }
    }
}
