//! Timeline: what was done in a case, in a sentence each, as one who takes part in it may read it.

use std::collections::BTreeMap;

use finding::coordinate::Part;
use finding::report::Handling;
use names::{MemberId, OrganizationId};
use store::case::Event;

use crate::coordinate::desk::{Desk, Seat};
use crate::coordinate::show::{Line, reads};
use crate::coordinate::{Came, Moved};
use crate::{Failure, handoff};

/// What was done when and by whom, newest first. Of messages only that there was one, and only to whoever reads it.
pub fn timeline(
    desk: &Desk,
    seat: &Seat,
    names: &BTreeMap<OrganizationId, Box<str>>,
) -> Result<Vec<Line>, Failure> {
    let mut lines = Vec::new();
    for event in &desk.events {
        if let Some(said) = sentence(desk, seat, names, event)? {
            lines.push(Line {
                at: event.at,
                by: event.organization,
                member: event.member,
                said,
                log_index: event.log_index,
            });
        }
    }
    lines.reverse();
    Ok(lines)
}

/// What `event` is to whoever sits in `seat`; `None` where it is not theirs to know of.
fn sentence(
    desk: &Desk,
    seat: &Seat,
    names: &BTreeMap<OrganizationId, Box<str>>,
    event: &Event,
) -> Result<Option<String>, Failure> {
    let name = |id: OrganizationId| {
        let known = names.get(&id).cloned();
        known.unwrap_or_else(|| id.to_string().into())
    };
    let (observer, coordinator) = (seat.part == Part::Observer, seat.part == Part::Coordinator);
    let said = match &*event.act {
        "message" if observer || !reads(seat, event) => return Ok(None),
        "message" => match event.audience {
            Some(audience) => format!("wrote to {}", name(audience)),
            None => "wrote to everyone in the case".to_owned(),
        },
        "stage" => moved(&desk.open(event)?, observer),
        "join" => {
            let came: Came = desk.open(event)?;
            format!("brought in {} as {}", name(came.organization), came.part)
        }
        "leave" => {
            let came: Came = desk.open(event)?;
            match came.organization == event.organization {
                true => "left".to_owned(),
                false => format!("let {} go", name(came.organization)),
            }
        }
        "embargo" => embargo_words(&desk.open(event)?),
        "verdict" if observer => "gave a verdict".to_owned(),
        "verdict" => verdict(&desk.open(event)?),
        "heard" => "wrote down what a vendor said elsewhere".to_owned(),
        // Whom a case waits for is the coordinator's business.
        "sent" => format!(
            "sent it to {}",
            event.audience.map_or_else(Box::default, name)
        ),
        "assign" if !coordinator => return Ok(None),
        "assign" => match desk.open::<Option<MemberId>>(event)? {
            Some(member) => format!("gave it to {member}"),
            None => "gave it back".to_owned(),
        },
        "draft" => "wrote a draft of the advisory".to_owned(),
        "facts" => "answered what its date is decided by".to_owned(),
        "mark" => {
            let (mark, _): (Box<str>, jiff::Timestamp) = desk.open(event)?;
            let mark: finding::clocks::Mark = mark.parse().map_err(Failure::broken)?;
            format!("said that {}", mark.shown())
        }
        "tlp" => format!("marked it TLP:{}", desk.open::<Box<str>>(event)?),
        "handoff" => {
            let to: handoff::HandOff = desk.open(event)?;
            format!("handed it to {}", to.coordinator)
        }
        "handling" if !coordinator => return Ok(None),
        "handling" => {
            let Handling { coordinator, id } = desk.open(event)?;
            format!("noted that {coordinator} calls it {id}")
        }
        other => other.to_owned(),
    };
    Ok(Some(said))
}

fn moved(moved: &Moved, observer: bool) -> String {
    match moved.reason.is_empty() || observer {
        true => format!("moved it from {} to {}", moved.from, moved.to),
        false => format!(
            "moved it from {} to {}: {}",
            moved.from, moved.to, moved.reason
        ),
    }
}

fn verdict(word: &finding::verdict::Word) -> String {
    format!(
        "gave a verdict: {} is {}",
        word.product,
        word.status.shown()
    )
}

fn embargo_words(event: &finding::embargo::Event) -> String {
    use finding::embargo::{Standing, What};
    use priority::bod2604::{day, utc_date};
    let on = |at: jiff::Timestamp| day(utc_date(at));
    match &event.what {
        What::Join(Standing::Asked) => "was asked to keep it".to_owned(),
        What::Join(_) => "takes part in the embargo".to_owned(),
        What::Terms {
            report,
            not_before: Some(until),
            ..
        } => format!("took in {report} on terms until {}", on(*until)),
        What::Terms {
            report,
            not_before: None,
            ..
        } => format!("took in {report} without a day of its own"),
        What::Propose { until } => format!("proposed to keep it until {}", on(*until)),
        What::Counter { until } => format!("countered with {}", on(*until)),
        What::Accept { until } => format!("agreed to keep it until {}", on(*until)),
        What::Refuse => "said no to the day on offer".to_owned(),
        What::Leave => "left the embargo".to_owned(),
        What::Alarm { cause, .. } => format!("raised an alarm: {}", cause.words()),
        What::End { cause, .. } => format!("ended the embargo: {}", cause.words()),
        What::Lapse => "the day of the embargo came".to_owned(),
        What::Publish => "the embargo ended with publication".to_owned(),
    }
}
