//! CPE names bound to URIs (NISTIR 7695 6.1): `cpe:/o:vendor:product:version:update:edition:language`.

use super::{Attribute, Cpe, Value};
use crate::Problems;
use crate::problem::quoted;

/// A URI has a part and six more components; the sixth may pack five attributes.
const COMPONENTS_MAX: usize = 7;

/// The eleven values of a URI's text after `cpe:/`, as a formatted string writes them.
pub fn unbind(text: &str) -> Result<Vec<String>, Problems> {
    let components: Vec<&str> = text.split(':').collect();
    let mut problems = Problems::none();
    if components.len() > COMPONENTS_MAX {
        let count = components.len();
        problems.add(format!(
            "CPE URI has {count} components, and there are at most {COMPONENTS_MAX}"
        ));
    }
    let component = |at: usize| components.get(at).copied().unwrap_or_default();
    let mut packed = component(5);
    let mut extended = ["", "", "", ""];
    if let Some(fields) = packed.strip_prefix('~') {
        let fields: Vec<&str> = fields.split('~').collect();
        if fields.len() != 5 {
            let edition = quoted(packed);
            problems.add(format!(
                "CPE edition {edition} must pack five fields between tildes"
            ));
        }
        let field = |at: usize| fields.get(at).copied().unwrap_or_default();
        packed = field(0);
        extended = [field(1), field(2), field(3), field(4)];
    }
    let plain = [
        component(0),
        component(1),
        component(2),
        component(3),
        component(4),
        packed,
        component(6),
    ];
    let values = plain.into_iter().chain(extended).map(|text| {
        decoded(text).unwrap_or_else(|problem| {
            problems.add(problem);
            String::new()
        })
    });
    let values = values.collect();
    problems.or(values)
}

fn decoded(component: &str) -> Result<String, String> {
    match component {
        "" => return Ok("*".to_owned()),
        "-" => return Ok("-".to_owned()),
        _ => {}
    }
    let mut value = String::with_capacity(component.len());
    let mut rest = component;
    while let Some(c) = rest.chars().next() {
        let (c, width) = match c {
            '%' => escape(rest).ok_or_else(|| {
                format!(
                    "CPE component {} has a `%` that two hexadecimal digits do not follow",
                    quoted(component)
                )
            })?,
            c => (c, c.len_utf8()),
        };
        match c {
            '\u{1}' => value.push('?'),
            '\u{2}' => value.push('*'),
            c if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') => {
                value.push(c.to_ascii_lowercase())
            }
            // Unescaped wildcards came into use with CPE 2.3; a URI that has them means them.
            c @ ('*' | '?') if width == 1 => value.push(c),
            c => value.extend(['\\', c]),
        }
        rest = rest.get(width..).unwrap_or_default();
    }
    Ok(value)
}

/// The character that `%21` at the beginning of `text` stands for, and how many bytes it takes.
fn escape(text: &str) -> Option<(char, usize)> {
    let byte = u8::from_str_radix(text.get(1..3)?, 16).ok()?;
    (byte <= 2 || byte.is_ascii_graphic()).then(|| (char::from(byte), 3))
}

/// Binds a name to a URI: trailing components that say nothing are left out.
pub fn bind(cpe: &Cpe) -> String {
    use Attribute as A;
    let bound = |attribute| encoded(cpe.value(attribute));
    let extended = [A::SwEdition, A::TargetSw, A::TargetHw, A::Other].map(bound);
    let edition = match extended.iter().all(String::is_empty) {
        true => bound(A::Edition),
        false => format!("~{}~{}", bound(A::Edition), extended.join("~")),
    };
    let plain = [A::Part, A::Vendor, A::Product, A::Version, A::Update].map(bound);
    let uri = format!("cpe:/{}:{edition}:{}", plain.join(":"), bound(A::Language));
    uri.trim_end_matches(':').to_owned()
}

fn encoded(value: Value<'_>) -> String {
    let text = match value {
        Value::Any => return String::new(),
        Value::NotApplicable => return "-".to_owned(),
        Value::Text(text) => text,
    };
    let mut bound = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '?' => bound.push_str("%01"),
            '*' => bound.push_str("%02"),
            '\\' => {
                let escaped = u32::from(characters.next().unwrap_or('\\'));
                bound.push_str(&format!("%{escaped:02x}"));
            }
            c => bound.push(c),
        }
    }
    bound
}
