//! Listing: the documents of a folder as plain lists (CSAF 2.0, sections 7.1.12 to 7.1.14).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clearinghouse::publish::Listed;

use super::shelf::{self, Label, V20};

/// `index.txt`: every document, one a line.
pub fn index(listed: &[&Listed]) -> String {
    let lines = listed.iter().map(|one| shelf::below(one) + "\n");
    lines.collect()
}

/// `changes.csv`: every document with the time of its last version, the last changed first. CSAF 2.0 has quotes round
/// each field, 2.1 where one needs them, which none of ours does.
pub fn changes(label: Label, listed: &[&Listed]) -> String {
    let line = |one: &&Listed| match *label.edition == V20 {
        true => format!("\"{}\",\"{}\"\n", shelf::below(one), one.modified),
        false => format!("{},{}\n", shelf::below(one), one.modified),
    };
    listed.iter().map(line).collect()
}

/// The folder of a label, or a year of it, as a page that leads to what is in it. Names are made of letters, digits
/// and dashes alone, so nothing of it needs escaping.
pub fn folder(label: Label, year: Option<i16>, listed: &[&Listed]) -> String {
    let folder = label.folder();
    // What is above the folder of a label is one page for all editions.
    let (place, above, names) = match year {
        None => (folder, "/csaf/", of_label(label, listed)),
        Some(year) => (format!("{folder}{year:04}/"), "../", of_year(year, listed)),
    };
    // On a narrow screen the line breaks where a folder ends.
    let broken = place.replace('/', "/<wbr>");
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Index of {place}</title></head>\n\
         <body>\n<main>\n<h1>Index of {broken}</h1>\n<ul>\n<li><a href=\"{above}\">../</a></li>\n"
    );
    for name in names {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "<li><a href=\"{name}\">{name}</a></li>");
    }
    page + "</ul>\n</main>\n</body>\n</html>\n"
}

fn of_label(label: Label, listed: &[&Listed]) -> Vec<String> {
    let years: BTreeSet<i16> = listed.iter().map(|one| shelf::year(one)).collect();
    let years = years.iter().rev().map(|year| format!("{year:04}/"));
    let files = ["changes.csv".to_owned(), "index.txt".to_owned()];
    years
        .chain(files)
        .chain([label.feed(), label.categories()])
        .collect()
}

fn of_year(year: i16, listed: &[&Listed]) -> Vec<String> {
    let of_year = listed.iter().filter(|one| shelf::year(one) == year);
    of_year
        .flat_map(|one| {
            let name = shelf::name(one.advisory);
            let signature = one.is_signed.then(|| format!("{name}.asc"));
            [
                Some(name.clone()),
                Some(format!("{name}.sha256")),
                Some(format!("{name}.sha512")),
                signature,
            ]
        })
        .flatten()
        .collect()
}
