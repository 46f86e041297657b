//! What is a document's file called? (CSAF 2.0, 5.1; CSAF 2.1, 5.1)

/// Longest name that is kept: file systems take 255 bytes, and `.json.sha512` and a mark of a fresh file are added.
const NAME_BYTES_MAX: usize = 200;

/// The name that follows from a tracking id: lower case, and what is none of `a-z0-9+-` as one `_`.
pub fn filename(tracking_id: &str) -> Result<String, String> {
    let mut name = String::new();
    for letter in tracking_id.chars().flat_map(char::to_lowercase) {
        let is_plain =
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '+' | '-');
        match is_plain {
            true => name.push(letter),
            false if !name.ends_with('_') => name.push('_'),
            false => {}
        }
        if name.len() > NAME_BYTES_MAX {
            return Err(format!(
                "tracking id is too long for a file's name; at most {NAME_BYTES_MAX} letters are kept"
            ));
        }
    }
    match name.is_empty() {
        true => Err("tracking id is empty".to_owned()),
        false => Ok(name + ".json"),
    }
}

/// The last part of an address's path, as a file's name.
pub fn of_address(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::filename;

    #[test]
    fn names_follow_from_tracking_ids() {
        // The examples of the clause.
        for (id, name) in [
            (
                "Example Company - 2019-YH3234",
                "example_company_-_2019-yh3234.json",
            ),
            ("RHBA-2019:0024", "rhba-2019_0024.json"),
            (
                "cisco-sa-20190513-secureboot",
                "cisco-sa-20190513-secureboot.json",
            ),
            ("2022_#01-A", "2022_01-a.json"),
            ("../../etc/passwd", "_etc_passwd.json"),
        ] {
            assert_eq!(filename(id).as_deref(), Ok(name));
        }
        assert!(filename("").is_err());
        assert!(filename(&"a".repeat(300)).is_err());
    }
}
