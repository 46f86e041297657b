//! View: what of an engagement does somebody see, and does it exist for them at all?

use names::OrganizationId;
use serde::Serialize;

use super::Engagement;
use super::table::{Seat, State};

/// What of an engagement somebody sees. Who sees nothing has no view: for them there is no such engagement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct View {
    /// Terms, commitments, scorecard and clock.
    pub evidence: bool,
    /// What was determined, its unclassified summary and the developer's answer.
    pub determination: bool,
    /// Every portion of the reasons, and of what is proposed.
    pub reasons: bool,
    /// Who said what when heard, and who declared which conflict.
    pub consultation: bool,
    /// Of what is told of releases.
    pub notices: bool,
}

/// What `organization` sees of `engagement`.
///
/// Once the developer has left, nobody but the developer sees anything: that it was there and is withdrawn reads the
/// same as that it never was.
pub fn view(engagement: &Engagement, organization: OrganizationId) -> Option<View> {
    let seats = engagement.seats_of(organization);
    let seen = seats.filter_map(|seat| of(seat, engagement.state));
    seen.reduce(View::or)
}

const fn of(seat: Seat, state: State) -> Option<View> {
    let is_withdrawn = matches!(state, State::Withdrawn);
    match seat {
        Seat::Developer => Some(View {
            evidence: true,
            determination: true,
            reasons: false,
            consultation: false,
            notices: true,
        }),
        _ if is_withdrawn => None,
        Seat::Official => Some(View {
            evidence: true,
            determination: true,
            reasons: true,
            consultation: true,
            notices: true,
        }),
        Seat::Consulted => Some(View {
            evidence: true,
            determination: true,
            reasons: true,
            consultation: true,
            notices: false,
        }),
        // Who looks at it again is told why it was determined, and not what others thought of it.
        Seat::Reviewer => Some(View {
            evidence: true,
            determination: true,
            reasons: true,
            consultation: false,
            notices: false,
        }),
        Seat::Evaluator => Some(View {
            evidence: true,
            determination: false,
            reasons: false,
            consultation: false,
            notices: false,
        }),
    }
}

impl View {
    const fn or(self, other: View) -> View {
        View {
            evidence: self.evidence || other.evidence,
            determination: self.determination || other.determination,
            reasons: self.reasons || other.reasons,
            consultation: self.consultation || other.consultation,
            notices: self.notices || other.notices,
        }
    }
}
