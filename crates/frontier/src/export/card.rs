//! Card: the record as a system card that people read, in Markdown and in HTML.
//!
//! What strangers wrote is data: no mark of either language survives in it.

use super::{Heading, lines};
use crate::record::{Checked, Entry, Kind};

/// What each part of a card is called and which kinds stand in it, in order.
const PARTS: &[(&str, &[Kind])] = &[
    ("The model", &[Kind::ModelIdentity, Kind::TrainingSummary]),
    ("What it can do", &[Kind::CapabilityClaim]),
    ("How it was measured", &[Kind::CyberTestRun]),
    ("What holds it back", &[Kind::SafeguardTest]),
    (
        "Who had access",
        &[Kind::AccessGrant, Kind::AccessRevocation],
    ),
    (
        "Decisions",
        &[
            Kind::DeploymentPlan,
            Kind::RiskDecision,
            Kind::ReleaseDecision,
        ],
    ),
    ("Incidents", &[Kind::Incident]),
    ("What was taken out of this copy", &[Kind::Redaction]),
];

/// One thing of a card.
enum Block {
    Title(String),
    Part(String),
    Entry(String),
    Text(String),
    Table(Vec<(String, String)>),
}

/// As Markdown (CommonMark with tables).
pub fn markdown(chain: &[Entry], checked: &Checked, heading: &Heading<'_>) -> String {
    let mut out = String::new();
    for block in blocks(chain, checked, heading) {
        match block {
            Block::Title(text) => out.push_str(&format!("# {}\n\n", plain(&text))),
            Block::Part(text) => out.push_str(&format!("## {}\n\n", plain(&text))),
            Block::Entry(text) => out.push_str(&format!("### {}\n\n", plain(&text))),
            Block::Text(text) => out.push_str(&format!("{}\n\n", plain(&text))),
            Block::Table(rows) => {
                out.push_str("| | |\n|---|---|\n");
                for (name, value) in rows {
                    out.push_str(&format!("| {} | {} |\n", plain(&name), plain(&value)));
                }
                out.push('\n');
            }
        }
    }
    out
}

/// As a page of its own: no script, no style from elsewhere, nothing to load.
pub fn html(chain: &[Entry], checked: &Checked, heading: &Heading<'_>) -> String {
    let mut body = String::new();
    let mut title = String::new();
    for block in blocks(chain, checked, heading) {
        match block {
            Block::Title(text) => {
                title = escaped(&text);
                body.push_str(&format!("<h1>{title}</h1>\n"));
            }
            Block::Part(text) => body.push_str(&format!("<h2>{}</h2>\n", escaped(&text))),
            Block::Entry(text) => body.push_str(&format!("<h3>{}</h3>\n", escaped(&text))),
            Block::Text(text) => body.push_str(&format!("<p>{}</p>\n", escaped(&text))),
            Block::Table(rows) => {
                body.push_str("<table>\n");
                for (name, value) in rows {
                    body.push_str(&format!(
                        "<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n",
                        escaped(&name),
                        escaped(&value)
                    ));
                }
                body.push_str("</table>\n");
            }
        }
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n</head>\n<body>\n<main>\n{body}</main>\n\
         </body>\n</html>\n"
    )
}

fn blocks(chain: &[Entry], checked: &Checked, heading: &Heading<'_>) -> Vec<Block> {
    let name = chain
        .first()
        .and_then(|entry| entry.statement.subject.first());
    let name = name.map_or("unnamed model", |subject| &*subject.name);
    let head = checked
        .head
        .map(|head| head.to_string())
        .unwrap_or_default();
    let mut blocks = vec![
        Block::Title(format!("{name}: what its developer holds on record")),
        Block::Text(format!(
            "By {}, written {} from a chain of {} statements that ends with sha256 {head}.",
            heading.developer, heading.now, checked.entries
        )),
        Block::Text(withheld(checked)),
    ];
    for (part, kinds) in PARTS {
        let of_part: Vec<&Entry> = chain
            .iter()
            .filter(|entry| entry.kind().is_some_and(|kind| kinds.contains(&kind)))
            .collect();
        if of_part.is_empty() {
            continue;
        }
        blocks.push(Block::Part((*part).to_owned()));
        for entry in of_part {
            let predicate = &entry.statement.predicate;
            let kind = entry.kind().map_or("statement", Kind::shown);
            blocks.push(Block::Entry(format!(
                "Entry {}: {kind}, {}",
                predicate.number, predicate.at
            )));
            blocks.push(Block::Table(lines(entry)));
        }
    }
    blocks.push(Block::Part("Check it yourself".to_owned()));
    blocks.push(Block::Text(
        "Every statement holds the digest of the one before and a salted digest of each field. Whoever has the record file \
         recomputes all of them, and sees which digest stands for what is withheld."
            .to_owned(),
    ));
    blocks
}

fn withheld(checked: &Checked) -> String {
    let unexplained = checked
        .withheld
        .iter()
        .filter(|one| one.by.is_none() && one.privilege.is_none())
        .count();
    match (checked.withheld.len(), unexplained) {
        (0, _) => "Nothing is withheld from this copy.".to_owned(),
        (all, 0) => format!(
            "Withheld from this copy: {all}. Each field stands by its digest, with who took it out and why."
        ),
        (all, some) => format!(
            "Withheld from this copy: {all}, of which {some} without a statement that says why."
        ),
    }
}

/// Text as Markdown shows it letter by letter, on one line.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '\n' | '\r' | '\t' => out.push(' '),
            control if control.is_control() => {}
            mark if r"\`*_{}[]<>()#+!|~&".contains(mark) => {
                out.push('\\');
                out.push(mark);
            }
            other => out.push(other),
        }
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(letter),
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{check, public, tests::chain};
    use expect_test::expect;

    fn made(how: fn(&[Entry], &Checked, &Heading<'_>) -> String) -> String {
        let chain = public(&chain());
        let checked = check(&chain, None).unwrap();
        let now = jiff::Timestamp::from_second(1_800_900_000).unwrap();
        how(
            &chain,
            &checked,
            &Heading {
                developer: "Larkspur",
                operator: "A clearinghouse",
                now,
            },
        )
    }

    #[test]
    fn a_card_reads_as_a_document_in_the_order_people_ask() {
        let text = made(markdown);
        let outline: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
        expect![[r#"
            # Lark 3: what its developer holds on record
            ## The model
            ### Entry 0: model, 2027-01-15T08:00:00Z
            ### Entry 1: training, 2027-01-16T08:00:00Z
            ## What it can do
            ### Entry 3: capability, 2027-01-18T08:00:00Z
            ## How it was measured
            ### Entry 2: benchmark, 2027-01-17T08:00:00Z
            ## What holds it back
            ### Entry 4: safeguard, 2027-01-19T08:00:00Z
            ## Who had access
            ### Entry 6: access, 2027-01-21T08:00:00Z
            ### Entry 7: end of access, 2027-01-22T08:00:00Z
            ## Decisions
            ### Entry 5: risk, 2027-01-20T08:00:00Z
            ### Entry 8: release, 2027-01-23T08:00:00Z
            ## Incidents
            ### Entry 9: incident, 2027-01-24T08:00:00Z
            ## What was taken out of this copy
            ### Entry 10: redaction, 2027-01-26T08:00:00Z
            ## Check it yourself"#]]
        .assert_eq(&outline.join("\n"));
        assert!(
            text.contains("Withheld from this copy: 1.") && !text.contains("wants a month more"),
            "{text}"
        );
    }

    #[test]
    fn no_mark_of_a_language_survives_in_what_strangers_wrote() {
        let page = made(html);
        assert!(
            page.contains("Offer it to &lt;everyone&gt;?") && !page.contains("<everyone>"),
            "{page}"
        );
        let text = made(markdown);
        assert!(text.contains(r"Offer it to \<everyone\>?"), "{text}");
        assert_eq!(plain("a|b\n<i>\u{1b}[2J`x`"), r"a\|b \<i\>\[2J\`x\`");
        assert_eq!(escaped("<script>'\u{1b}[0m"), "&lt;script&gt;&#39;[0m");
    }
}
