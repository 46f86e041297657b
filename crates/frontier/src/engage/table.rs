//! Table: from where to where an engagement goes, by which act, and who has to sign it. What is not here is not done.

use crate::words::words;

words! {
    /// Where an engagement stands.
    State "state" {
        /// The developer asks whether its model would be looked at.
        Inquiry "inquiry" "asked",
        /// An official took it up; what is measured, and on which terms, is talked about.
        Scoping "scoping" "being scoped",
        /// Both sides signed the terms.
        Engaged "engaged" "agreed",
        /// Suite, plan, rule and run are committed to and logged.
        Committed "committed" "committed",
        /// The scorecard is there.
        Evaluated "evaluated" "measured",
        /// Those who have to be heard are being heard, one by one.
        Consultation "consultation" "in consultation",
        /// What would be determined is written, and why.
        Proposed "proposed" "proposed",
        /// The developer has it, and may answer.
        Comment "developer-comment" "with the developer",
        /// Determined; the developer may have it looked at again.
        Determined "determined" "determined",
        /// Somebody who did not measure it before looks at it again.
        Reconsideration "reconsideration" "being reconsidered",
        /// It stands until its day.
        Final "final" "final",
        /// Whether it still holds is looked at.
        Review "review" "in review",
        /// Over: its day came, or it was lifted.
        Ended "ended" "ended",
        /// The developer left.
        Withdrawn "withdrawn" "withdrawn",
    }
}

words! {
    /// What is done to an engagement.
    Act "act" {
        /// Take it up.
        Scope "scope" "take it up",
        /// Sign the terms.
        Agree "agree" "sign the terms",
        /// Commit to what is going to be run.
        Commit "commit" "commit",
        /// Hand in the scorecard.
        Evaluate "evaluate" "hand in the scorecard",
        /// Ask those who have to be heard.
        Consult "consult" "ask those who are heard",
        /// Say what one thinks of it, as one who was asked.
        Opine "opine" "give an opinion",
        /// Write what would be determined.
        Propose "propose" "propose a determination",
        /// Give it to the developer.
        Share "share" "give it to the developer",
        /// Answer it.
        Comment "comment" "comment",
        /// Determine.
        Determine "determine" "determine",
        /// Have it looked at again.
        Reconsider "reconsider" "ask for reconsideration",
        /// Say who looks at it again.
        Assign "assign" "name the reviewer",
        /// End that.
        Conclude "conclude" "conclude the reconsideration",
        /// Nobody asked in time to have it looked at again.
        Settle "settle" "becomes final",
        /// Look whether it still holds.
        Review "review" "review it",
        /// Measure it again, on terms that are signed again.
        Retest "retest" "measure it again",
        /// Lift it.
        Lift "lift" "lift it",
        /// Its day came.
        Sunset "sunset" "ends by its day",
        /// Say what might be thought to sway one.
        Declare "declare" "declare a conflict",
        /// Tell that the model is or will be released. It is taken note of, always.
        Notify "notify" "tell of a release",
        /// Leave.
        Withdraw "withdraw" "withdraw",
    }
}

words! {
    /// As what somebody signs.
    Seat "seat" {
        /// For who develops the model.
        Developer "developer" "developer",
        /// For who measures it.
        Evaluator "evaluator" "evaluator",
        /// For who determines.
        Official "official" "designating official",
        /// For an office that has to be heard.
        Consulted "consulted" "consulted office",
        /// For who looks at it again, and did not measure it before.
        Reviewer "reviewer" "reviewer",
    }
}

/// One row: in `from`, `act` signed by one of each seat of `quorum` leads to `to`.
///
/// An empty quorum is the clock's alone: nobody signs, and it is done once the time of `from` has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    pub from: State,
    pub act: Act,
    pub quorum: &'static [Seat],
    pub to: State,
}

const fn row(from: State, act: Act, quorum: &'static [Seat], to: State) -> Transition {
    Transition {
        from,
        act,
        quorum,
        to,
    }
}

/// All of them. Every state has a row for `withdraw` and one for `notify`, each signed by the developer alone.
pub const TRANSITIONS: &[Transition] = {
    use Seat::{Consulted, Developer, Evaluator, Official, Reviewer};
    use State::{
        Comment, Committed, Consultation, Determined, Ended, Engaged, Evaluated, Final, Inquiry,
        Proposed, Reconsideration, Review, Scoping, Withdrawn,
    };
    &[
        row(Inquiry, Act::Scope, &[Official], Scoping),
        row(Scoping, Act::Agree, &[Developer, Official], Engaged),
        row(Engaged, Act::Commit, &[Evaluator], Committed),
        row(Committed, Act::Evaluate, &[Evaluator], Evaluated),
        row(Evaluated, Act::Consult, &[Official], Consultation),
        row(Consultation, Act::Opine, &[Consulted], Consultation),
        // The evaluator signs that the numbers are those that were measured, not that the conclusion is right.
        row(Consultation, Act::Propose, &[Official, Evaluator], Proposed),
        row(Proposed, Act::Share, &[Official], Comment),
        row(Comment, Act::Comment, &[Developer], Comment),
        // A consulted office signs that it was heard, not that it agrees; its dissent stands beside.
        row(Comment, Act::Determine, &[Official, Consulted], Determined),
        row(Determined, Act::Reconsider, &[Developer], Reconsideration),
        row(Determined, Act::Settle, &[], Final),
        row(
            Reconsideration,
            Act::Assign,
            &[Developer, Official],
            Reconsideration,
        ),
        row(Reconsideration, Act::Conclude, &[Reviewer, Official], Final),
        row(Final, Act::Review, &[Official], Review),
        row(Final, Act::Review, &[Developer], Review),
        row(Review, Act::Retest, &[Developer, Official], Scoping),
        row(Review, Act::Lift, &[Official], Ended),
        // What ends by its day is not prolonged: only another run makes another determination.
        row(Final, Act::Sunset, &[], Ended),
        row(Review, Act::Sunset, &[], Ended),
        row(Evaluated, Act::Declare, &[Evaluator], Evaluated),
        row(Evaluated, Act::Declare, &[Official], Evaluated),
        row(Consultation, Act::Declare, &[Evaluator], Consultation),
        row(Consultation, Act::Declare, &[Official], Consultation),
        row(Consultation, Act::Declare, &[Consulted], Consultation),
        row(Comment, Act::Declare, &[Official], Comment),
        row(Comment, Act::Declare, &[Consulted], Comment),
        row(Reconsideration, Act::Declare, &[Reviewer], Reconsideration),
        row(Reconsideration, Act::Declare, &[Official], Reconsideration),
        row(Inquiry, Act::Notify, &[Developer], Inquiry),
        row(Scoping, Act::Notify, &[Developer], Scoping),
        row(Engaged, Act::Notify, &[Developer], Engaged),
        row(Committed, Act::Notify, &[Developer], Committed),
        row(Evaluated, Act::Notify, &[Developer], Evaluated),
        row(Consultation, Act::Notify, &[Developer], Consultation),
        row(Proposed, Act::Notify, &[Developer], Proposed),
        row(Comment, Act::Notify, &[Developer], Comment),
        row(Determined, Act::Notify, &[Developer], Determined),
        row(Reconsideration, Act::Notify, &[Developer], Reconsideration),
        row(Final, Act::Notify, &[Developer], Final),
        row(Review, Act::Notify, &[Developer], Review),
        row(Ended, Act::Notify, &[Developer], Ended),
        row(Withdrawn, Act::Notify, &[Developer], Withdrawn),
        row(Inquiry, Act::Withdraw, &[Developer], Withdrawn),
        row(Scoping, Act::Withdraw, &[Developer], Withdrawn),
        row(Engaged, Act::Withdraw, &[Developer], Withdrawn),
        row(Committed, Act::Withdraw, &[Developer], Withdrawn),
        row(Evaluated, Act::Withdraw, &[Developer], Withdrawn),
        row(Consultation, Act::Withdraw, &[Developer], Withdrawn),
        row(Proposed, Act::Withdraw, &[Developer], Withdrawn),
        row(Comment, Act::Withdraw, &[Developer], Withdrawn),
        row(Determined, Act::Withdraw, &[Developer], Withdrawn),
        row(Reconsideration, Act::Withdraw, &[Developer], Withdrawn),
        row(Final, Act::Withdraw, &[Developer], Withdrawn),
        row(Review, Act::Withdraw, &[Developer], Withdrawn),
        row(Ended, Act::Withdraw, &[Developer], Withdrawn),
        row(Withdrawn, Act::Withdraw, &[Developer], Withdrawn),
    ]
};

/// The rows of `act` in `from`; more than one where different people may do it.
pub fn rows(from: State, act: Act) -> impl Iterator<Item = &'static Transition> {
    TRANSITIONS
        .iter()
        .filter(move |row| row.from == from && row.act == act)
}

/// What `seat` may sign in `from`, each once.
pub fn acts(from: State, seat: Seat) -> Vec<Act> {
    let mut acts: Vec<Act> = TRANSITIONS
        .iter()
        .filter(|row| row.from == from && row.quorum.contains(&seat))
        .map(|row| row.act)
        .collect();
    acts.dedup();
    acts
}
