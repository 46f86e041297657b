//! File name: is the file named after the document it holds? (clause 5.1)

use super::view::View;
use crate::{Group, findings::Findings};

/// The file name of clause 5.1 for the document of `id`.
pub fn of(id: &str) -> String {
    let mut name = String::new();
    for character in id.to_lowercase().chars() {
        match character {
            'a'..='z' | '0'..='9' | '+' | '-' => name.push(character),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    name + ".json"
}

/// Says where `name` is not that of the document. What is known to be invalid may say so before the extension.
pub fn check(name: &str, view: &View<'_>, findings: &mut Findings) {
    const ID: &str = "/document/tracking/id";
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let Some(id) = view.string(ID).filter(|_| !name.is_empty()) else {
        return;
    };
    let right = of(id);
    let invalid = right
        .strip_suffix(".json")
        .map(|stem| format!("{stem}_invalid.json"));
    if name != right && Some(name) != invalid.as_deref() {
        findings.say(
            "5.1",
            Group::Mandatory,
            ID,
            format!("file `{name}` must be named `{right}` after this id"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_id_in_lower_case_with_one_underscore_for_what_it_cannot_hold() {
        for (id, name) in [
            ("2022_#01-A", "2022_01-a.json"),
            ("RHSA-2019:0024", "rhsa-2019_0024.json"),
            (
                "Example Company - 2019-YH3234",
                "example_company_-_2019-yh3234.json",
            ),
            ("a+b__c", "a+b_c.json"),
        ] {
            assert_eq!(of(id), name);
        }
    }
}
