//! Show: two findings side by side, as a person compares them.

use finding::deconflict::{Candidate, Reason};
use finding::{Fingerprint, Report};
use jiff::{SignedDuration, Timestamp};
use names::{FindingId, ReportId};
use policy::{Action, Thing};
use store::Link;
use store::pair::Pair;

use super::{BODY, WHY, chunk};
use crate::{Actor, Failure, House, seal};

/// What one answered since then is told as their count.
const COUNTED: SignedDuration = SignedDuration::from_hours(1);

/// Reports of the older finding among which the closest is shown.
const REPORTS_MAX: usize = 8;

/// A stack is shown as far as the rule looks at most.
const FRAMES_SHOWN: usize = 6;

/// A patch and a description are shown so far; the report's own page has them whole.
const TEXT_CHARS_MAX: usize = 4_000;

/// Two findings that may be one.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub pair: i64,
    /// `unsure`, `sibling`, `same`, `apart`.
    pub state: Box<str>,
    pub newer: Side,
    pub older: Side,
    /// Fact by fact, the newer on the left.
    pub lines: Vec<Line>,
    /// What speaks for and against, the heaviest first.
    pub why: Vec<Reason>,
    pub points: i64,
    /// Questions that wait, this one among them.
    pub waiting: i64,
    /// Questions that the asker answered in the last hour.
    pub answered: i64,
}

/// One of the two, by the report that is closest to the other.
#[derive(Clone, Debug)]
pub struct Side {
    pub finding: FindingId,
    pub report: ReportId,
    pub reports: usize,
    pub received: Timestamp,
    pub title: Box<str>,
    pub description: Box<str>,
}

/// One fact of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub name: &'static str,
    pub newer: Vec<String>,
    pub older: Vec<String>,
}

impl Line {
    /// Whether both say the same.
    pub fn agrees(&self) -> bool {
        self.newer == self.older
    }

    /// Whether the other one says this too.
    pub fn shared(&self, value: &str) -> bool {
        let holds = |list: &[String]| list.iter().any(|held| held == value);
        holds(&self.newer) && holds(&self.older)
    }
}

/// The question whose turn it is; `None` where nothing waits.
pub async fn next(
    house: &House,
    actor: &Actor,
    now: Timestamp,
) -> Result<Option<Comparison>, Failure> {
    house.reveal(
        actor,
        Action::DecideUnsure,
        &Thing::finding().held_by_another(false),
    )?;
    let link = house.store.link();
    match store::pair::next(link).await? {
        Some(pair) => Ok(Some(comparison(house, actor, link, pair, now).await?)),
        None => Ok(None),
    }
}

/// One question, decided or not.
pub async fn show(
    house: &House,
    actor: &Actor,
    pair: i64,
    now: Timestamp,
) -> Result<Comparison, Failure> {
    house.reveal(
        actor,
        Action::DecideUnsure,
        &Thing::finding().held_by_another(false),
    )?;
    let link = house.store.link();
    let pair = store::pair::find(link, pair)
        .await?
        .ok_or(Failure::Hidden)?;
    comparison(house, actor, link, pair, now).await
}

async fn comparison(
    house: &House,
    actor: &Actor,
    link: Link<'_>,
    pair: Pair,
    now: Timestamp,
) -> Result<Comparison, Failure> {
    let asking = store::report::find(link, pair.report)
        .await?
        .ok_or(Failure::Hidden)?;
    let key = seal::key(house, "report", asking.key.as_deref())?;
    let candidate: Candidate = seal::open(&key, WHY, &pair.sealed)?;
    let own: Report = seal::open(&key, BODY, &asking.body)?;
    let own_print = Fingerprint::of(&own);
    // The question names the finding it is about; the report that asks is in the other one, or was.
    let about = if candidate.finding == pair.newer {
        pair.newer
    } else {
        pair.older
    };
    let other = closest(house, link, about, asking.id, &own_print).await?;
    let (other_row, other_body) = open(house, link, other).await?;
    let asker = if about == pair.newer {
        pair.older
    } else {
        pair.newer
    };
    let mine = side(link, asker, &asking, &own).await?;
    let theirs = side(link, about, &other_row, &other_body).await?;
    let (mut newer, mut older) = ((mine, own), (theirs, other_body));
    if asker != pair.newer {
        std::mem::swap(&mut newer, &mut older);
    }
    let since = now.saturating_sub(COUNTED).unwrap_or(now);
    let answered = match actor.member() {
        Some(member) => store::pair::answered(link, member.id, since).await?,
        None => 0,
    };
    Ok(Comparison {
        pair: pair.id,
        state: pair.state,
        lines: lines(&newer.1, &older.1),
        newer: newer.0,
        older: older.0,
        why: candidate.why,
        points: pair.points,
        waiting: store::pair::waiting(link).await?,
        answered,
    })
}

/// The report of a finding that agrees best with another report.
async fn closest(
    house: &House,
    link: Link<'_>,
    finding: FindingId,
    besides: ReportId,
    print: &Fingerprint,
) -> Result<ReportId, Failure> {
    let rows = store::decision::prints_of(link, finding, REPORTS_MAX).await?;
    let mut best: Option<(i32, ReportId)> = None;
    for row in rows.iter().filter(|row| row.report != besides) {
        let held = chunk::open(house, row)?;
        let points: i32 = finding::deconflict::compare(print, &held)
            .iter()
            .map(Reason::signed)
            .sum();
        if best.is_none_or(|(most, _)| points > most) {
            best = Some((points, row.report));
        }
    }
    best.map(|(_, report)| report).ok_or(Failure::Hidden)
}

async fn open(
    house: &House,
    link: Link<'_>,
    report: ReportId,
) -> Result<(store::report::Report, Report), Failure> {
    let row = store::report::find(link, report)
        .await?
        .ok_or(Failure::Hidden)?;
    let key = seal::key(house, "report", row.key.as_deref())?;
    let body = seal::open(&key, BODY, &row.body)?;
    Ok((row, body))
}

async fn side(
    link: Link<'_>,
    finding: FindingId,
    row: &store::report::Report,
    body: &Report,
) -> Result<Side, Failure> {
    Ok(Side {
        finding,
        report: row.id,
        reports: store::decision::reports_of(link, finding).await?.len(),
        received: row.received,
        title: body.title.clone(),
        description: body
            .description
            .chars()
            .take(TEXT_CHARS_MAX)
            .collect::<String>()
            .into(),
    })
}

/// The facts of both, fact by fact; what neither says is left out.
fn lines(newer: &Report, older: &Report) -> Vec<Line> {
    let (ours, theirs) = (facts(newer), facts(older));
    let lines = ours
        .into_iter()
        .zip(theirs)
        .map(|((name, newer), (_, older))| Line { name, newer, older });
    lines
        .filter(|line| !line.newer.is_empty() || !line.older.is_empty())
        .collect()
}

fn facts(report: &Report) -> [(&'static str, Vec<String>); 10] {
    let print = Fingerprint::of(report);
    let target = &report.target;
    let list = |values: &[Box<str>]| values.iter().map(|value| value.to_string()).collect();
    let one = |value: Option<&str>| value.iter().map(|value| (*value).to_owned()).collect();
    let site = |site: &finding::report::Site| {
        let function = site
            .function
            .as_deref()
            .map(|name| format!(" {name}"))
            .unwrap_or_default();
        let line = site.line.map(|line| format!(":{line}")).unwrap_or_default();
        format!("{}{line}{function}", site.file)
    };
    let frames = print.stack.iter().take(FRAMES_SHOWN).map(|place| {
        let line = place
            .line
            .map(|line| format!(":{line}"))
            .unwrap_or_default();
        format!("{} {}{line}", place.function, place.base())
    });
    let product = target
        .product
        .as_ref()
        .map(|product| format!("{} {}", product.vendor, product.name));
    let patch = report
        .patch
        .as_deref()
        .map(|patch| patch.chars().take(TEXT_CHARS_MAX).collect::<String>());
    [
        (
            "Package",
            target.package.iter().map(ToString::to_string).collect(),
        ),
        ("Repository", one(target.repository.as_deref())),
        ("Product", product.into_iter().collect()),
        ("Versions", one(target.versions.as_deref())),
        (
            "Weakness",
            report
                .weaknesses
                .iter()
                .map(|weakness| format!("CWE-{weakness}"))
                .collect(),
        ),
        ("Place", report.sites.iter().map(site).collect()),
        ("Stack", frames.collect()),
        (
            "Proof",
            report
                .proofs
                .iter()
                .map(|proof| proof.sha256.to_string())
                .collect(),
        ),
        ("Known as", list(&report.aliases)),
        ("Patch", patch.into_iter().collect()),
    ]
}
