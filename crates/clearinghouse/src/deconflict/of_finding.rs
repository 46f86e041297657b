//! Of finding: one flaw with the reports that are of it, why they are, and what it was joined with.
//!
//! Whoever was told the flaw sees it; of the reports each sees those that their part in the case shows them, and of
//! other findings only those that they may see as well.

use finding::coordinate::{Scope, Stage};
use finding::deconflict::{Deconfliction, Outcome, Reason, Side};
use jiff::Timestamp;
use names::{AdvisoryId, CaseId, FindingId, ReportId};
use policy::{Action, Embargo, Thing};
use store::Link;

use super::WHY;
use crate::coordinate::desk::load;
use crate::{Actor, Failure, House, seal};

/// Reports that a page shows: fifty at some 400 bytes are 20 KiB; the flaw that everyone finds has more.
const REPORTS_MAX: usize = 50;

/// A finding, as its reader may see it.
#[derive(Clone, Debug)]
pub struct Found {
    pub id: FindingId,
    /// Of its case, or of its first report.
    pub title: Option<Box<str>>,
    pub case: Option<(CaseId, Stage)>,
    pub advisory: Option<AdvisoryId>,
    /// The finding that it became a part of.
    pub part_of: Option<FindingId>,
    /// Those that the reader may see, the first first.
    pub reports: Vec<Reported>,
    /// All of them, for whoever sees all.
    pub count: Option<usize>,
    /// The same cause at another place.
    pub siblings: Vec<FindingId>,
    /// For whoever decides what is the same: each question about it.
    pub questions: Vec<Question>,
    /// Whether the reader decides what is the same.
    pub decides: bool,
}

/// A report of the finding.
#[derive(Clone, Debug)]
pub struct Reported {
    pub report: ReportId,
    pub finder: Box<str>,
    pub received: Timestamp,
    pub title: Box<str>,
    /// How it came to this finding, in words, with the day: the first thing first.
    pub history: Vec<(Timestamp, String)>,
    /// What spoke for its being of this flaw.
    pub why: Vec<Box<str>>,
}

/// Whether it and another finding are one.
#[derive(Clone, Debug)]
pub struct Question {
    pub pair: i64,
    pub other: FindingId,
    /// `unsure`, `same`, `apart`, `sibling`.
    pub state: Box<str>,
}

/// How far someone sees a finding.
struct Sight {
    case: Option<store::case::Case>,
    scope: Scope,
    title: Option<Box<str>>,
}

/// One finding, for whoever may see it; for everyone else there is none.
pub async fn of_finding(
    house: &House,
    actor: &Actor,
    id: FindingId,
    now: Timestamp,
) -> Result<Found, Failure> {
    let link = house.store.link();
    let part_of = store::decision::merged_into(link, id)
        .await?
        .ok_or(Failure::Hidden)?;
    let sight = sight(house, actor, link, id, now).await?;
    let free = Thing::finding().held_by_another(false);
    let decides = house.may(actor, Action::DecideUnsure, &free);
    let reports = reports(house, actor, link, id, &sight).await?;
    let mut siblings = Vec::new();
    for other in store::pair::siblings(link, id).await? {
        match self::sight(house, actor, link, other, now).await {
            Ok(_) => siblings.push(other),
            Err(Failure::Hidden) => {}
            Err(broken) => return Err(broken),
        }
    }
    let questions = match decides {
        true => store::pair::of_finding(link, id).await?,
        false => Vec::new(),
    };
    let question = |pair: store::pair::Pair| Question {
        pair: pair.id,
        other: if pair.newer == id {
            pair.older
        } else {
            pair.newer
        },
        state: pair.state,
    };
    let advisory = match &sight.case {
        Some(case) => store::advisory::of_case(link, case.id).await?,
        None => None,
    };
    let first = reports.first().map(|report| report.title.clone());
    Ok(Found {
        id,
        title: sight.title.or(first),
        case: sight.case.as_ref().map(|case| (case.id, case.stage)),
        advisory: advisory.map(|advisory| advisory.id),
        part_of,
        count: match sight.scope {
            Scope::Everything => Some(store::decision::reports_of(link, id).await?.len()),
            _ => None,
        },
        reports,
        siblings,
        questions: questions.into_iter().map(question).collect(),
        decides,
    })
}

async fn sight(
    house: &House,
    actor: &Actor,
    link: Link<'_>,
    id: FindingId,
    now: Timestamp,
) -> Result<Sight, Failure> {
    let sees_all = house.may(actor, Action::SeeQueue, &Thing::instance());
    let all = |scope| if sees_all { Scope::Everything } else { scope };
    let Some(row) = store::case::of_finding(link, id).await? else {
        // What has no case yet is for the staff alone.
        house.reveal(actor, Action::SeeFinding, &Thing::finding())?;
        return Ok(Sight {
            case: None,
            scope: all(Scope::Nothing),
            title: None,
        });
    };
    let desk = load(house, link, row.id).await?;
    let (thing, scope) = match desk.seat(house, actor, now) {
        Ok(seat) => (desk.thing(Thing::finding(), &seat, now), seat.view.reports),
        Err(Failure::Hidden) => {
            let embargo = match row.stage {
                Stage::Published => Embargo::Published,
                _ => Embargo::Running,
            };
            let tlp = row.tlp.parse().unwrap_or(names::Tlp::Red);
            let thing = Thing::finding().embargo(embargo).tlp(tlp);
            (thing, Scope::Nothing)
        }
        Err(other) => return Err(other),
    };
    house.reveal(actor, Action::SeeFinding, &thing)?;
    Ok(Sight {
        title: Some(seal::open(&desk.key, "case title", &row.title)?),
        scope: all(scope),
        case: Some(row),
    })
}

async fn reports(
    house: &House,
    actor: &Actor,
    link: Link<'_>,
    id: FindingId,
    sight: &Sight,
) -> Result<Vec<Reported>, Failure> {
    let mut reports = Vec::new();
    for row in store::report::of_finding(link, id).await? {
        let is_own = actor.organization() == Some(row.organization);
        let is_shown = match sight.scope {
            Scope::Everything => true,
            Scope::Own => is_own,
            Scope::Nothing => false,
        };
        if !is_shown || reports.len() == REPORTS_MAX {
            continue;
        }
        let key = seal::key(house, "report", row.key.as_deref())?;
        let body: finding::Report = seal::open(&key, super::BODY, &row.body)?;
        // Whoever sees only their own report is not told by what evidence another's agrees with it.
        let tells = sight.scope == Scope::Everything;
        let (mut history, mut why) = (Vec::new(), Vec::new());
        for decision in store::decision::of_report(link, row.id).await? {
            let sealed = decision.sealed.as_deref().filter(|_| tells);
            let said: Option<Deconfliction> = sealed
                .map(|sealed| seal::open(&key, WHY, sealed))
                .transpose()?;
            if let Some(Outcome::Same(candidate)) = said.map(|said| said.outcome) {
                why = reasons(candidate.why);
            }
            if tells {
                history.push((decision.at, words(&decision)));
            }
        }
        let finder = store::organization::find(link, row.organization).await?;
        reports.push(Reported {
            report: row.id,
            finder: finder.map_or_else(|| row.organization.to_string().into(), |one| one.name),
            received: row.received,
            title: body.title,
            history,
            why,
        });
    }
    Ok(reports)
}

fn reasons(why: Vec<Reason>) -> Vec<Box<str>> {
    let speaks_for = why.into_iter().filter(|reason| reason.side == Side::For);
    speaks_for.map(|reason| reason.words).collect()
}

/// What a decision did, in words.
fn words(decision: &store::decision::Decision) -> String {
    let from = decision
        .before
        .map_or_else(|| "another finding".to_owned(), |before| before.to_string());
    let by = match decision.decider {
        Some(_) => "a person",
        None => "the rule",
    };
    match &*decision.outcome {
        "new" => "was new: it shared no telling evidence with what was here".to_owned(),
        "same" => "is of the same flaw as a report that was here, by the rule".to_owned(),
        "unsure" => "was close to another finding, and a person was asked".to_owned(),
        "merged" => format!("came from {from}: {by} found them to be one flaw"),
        "undone" => format!("came back from {from}: {by} took the merge back"),
        "split" => format!("was taken out of {from} by {by}"),
        "again" => "was looked at again by a later edition of the rule".to_owned(),
        other => format!("{other}, by {by}"),
    }
}
