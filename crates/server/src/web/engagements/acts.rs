//! Acts: what is done in an engagement, each by who has the seat for it. A refused form comes back as it was filled in.

use clearinghouse::designate::{self, Conclusion, Written};
use clearinghouse::engage::{self, act};
use clearinghouse::{Failure, benchmark};
use frontier::Digest;
use frontier::designate::{Asked, Grounds, Outcome, REASONS_BYTES_MAX, Stance};
use frontier::engage::{
    ASKED_MAX, Access, Audience, Commitments, Step, TEXT_BYTES_MAX, Terms, What,
};
use names::{EngagementId, OrganizationId};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::view::EngagementView;
use crate::Answer;
use crate::form::{Fields, Form, Input};
use crate::page::{Ask, Path};
use crate::routes::Routes;

/// What one seat sends. Which fields an act reads is in the description of its address.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by hand; the derive describes it")]
struct Sent {
    /// scope: who measures. assign: who looks at it again. `O-000012`.
    organization: Option<String>,
    /// agree: SHA-256 of the terms that both sides sign.
    terms: Option<String>,
    /// agree: when the model may be used, and when the developer gives it to other trusted partners.
    access_from: Option<String>,
    access_until: Option<String>,
    partners: Option<String>,
    /// commit: three digests that are in the log.
    suite: Option<String>,
    plan: Option<String>,
    run: Option<String>,
    /// evaluate, conclude: `scorecard.json` of the run's bundle, as text.
    scorecard: Option<String>,
    /// consult: a line for each office, `O-000012 National Cyber Director`.
    asked: Option<String>,
    /// opine: `concurs`, `dissents` or `abstains`.
    stance: Option<String>,
    /// propose, determine, conclude: `covered`, `not-covered` or `indeterminate`.
    outcome: Option<String>,
    /// opine, propose, determine, conclude: paragraphs, each with its mark: `(U) …`.
    reasons: Option<String>,
    /// comment, declare: in one's own words.
    text: Option<String>,
    /// reconsider: `identity`, `validity`, `statistics`, `elicitation` or `new-evidence`.
    grounds: Option<String>,
    statement: Option<String>,
    /// conclude: digest of the beacon's round, and what differs.
    beacon: Option<String>,
    delta: Option<String>,
    /// notify: `partners` or `everyone`, and the day.
    to: Option<String>,
    on: Option<String>,
}

struct One(OrganizationId);

impl Input for One {
    fn read(fields: &mut Fields<'_>) -> Option<One> {
        let what = "an organization, such as `O-000012`";
        Some(One(fields.one("organization", what)?))
    }
}

struct Signed(Terms);

impl Input for Signed {
    fn read(fields: &mut Fields<'_>) -> Option<Signed> {
        let digest = fields.one::<Digest>("terms", "the SHA-256 of the terms");
        let from = fields.optional_moment("access_from");
        let until = fields.optional_moment("access_until");
        let partners = fields.optional_moment("partners");
        if from.is_some() != until.is_some() {
            fields.wrong(
                "access_until",
                "goes with a beginning; give both, or neither where no access is given",
            );
        }
        let access = from.zip(until).map(|(from, until)| Access {
            from,
            until,
            partners,
        });
        Some(Signed(Terms {
            digest: digest?,
            access,
        }))
    }
}

struct Bound(Commitments);

impl Input for Bound {
    fn read(fields: &mut Fields<'_>) -> Option<Bound> {
        let suite = fields.one::<Digest>("suite", "the digest of the suite's commitment");
        let plan = fields.one::<Digest>("plan", "the digest of the plan");
        let run = fields.one::<Digest>("run", "the digest of the run's commitment");
        Some(Bound(Commitments {
            suite: suite?,
            plan: plan?,
            run: run?,
        }))
    }
}

struct Card(String);

impl Input for Card {
    fn read(fields: &mut Fields<'_>) -> Option<Card> {
        Some(Card(fields.prose(
            "scorecard",
            "the scorecard",
            benchmark::SCORECARD_BYTES_MAX,
        )?))
    }
}

struct Offices(Vec<Asked>);

impl Input for Offices {
    fn read(fields: &mut Fields<'_>) -> Option<Offices> {
        let mut asked = Vec::new();
        for line in fields.list("asked", ASKED_MAX, 300) {
            let (id, office) = line.split_once(' ').unwrap_or((&line, ""));
            match id.parse::<OrganizationId>() {
                Ok(organization) if !office.trim().is_empty() => asked.push(Asked {
                    organization,
                    office: office.trim().into(),
                }),
                _ => fields.wrong(
                    "asked",
                    "each line names an agency and an office: `O-000012 National Cyber Director`",
                ),
            }
        }
        Some(Offices(asked))
    }
}

struct Said {
    stance: Stance,
    reasons: String,
}

impl Input for Said {
    fn read(fields: &mut Fields<'_>) -> Option<Said> {
        let stance = fields.one("stance", "whether you concur");
        let reasons = fields.prose("reasons", "why, in portions", REASONS_BYTES_MAX);
        Some(Said {
            stance: stance?,
            reasons: reasons?,
        })
    }
}

struct Drafted(Written);

impl Input for Drafted {
    fn read(fields: &mut Fields<'_>) -> Option<Drafted> {
        let outcome = fields.one::<Outcome>("outcome", "the outcome");
        let reasons = fields.prose("reasons", "why, in portions", REASONS_BYTES_MAX);
        Some(Drafted(Written {
            outcome: outcome?,
            reasons: reasons?.into(),
        }))
    }
}

struct Words(String);

impl Input for Words {
    fn read(fields: &mut Fields<'_>) -> Option<Words> {
        Some(Words(fields.prose(
            "text",
            "what you say",
            TEXT_BYTES_MAX,
        )?))
    }
}

struct Contested {
    grounds: Grounds,
    statement: String,
}

impl Input for Contested {
    fn read(fields: &mut Fields<'_>) -> Option<Contested> {
        let grounds = fields.one("grounds", "the grounds");
        let statement = fields.prose("statement", "what you say", TEXT_BYTES_MAX);
        Some(Contested {
            grounds: grounds?,
            statement: statement?,
        })
    }
}

struct Concluded(Conclusion);

impl Input for Concluded {
    fn read(fields: &mut Fields<'_>) -> Option<Concluded> {
        let written = Drafted::read(fields);
        let card = fields.prose("scorecard", "the scorecard", benchmark::SCORECARD_BYTES_MAX);
        let beacon = fields.one::<Digest>("beacon", "the digest of the beacon's round");
        let delta = fields.prose("delta", "what differs", TEXT_BYTES_MAX);
        Some(Concluded(Conclusion {
            written: written?.0,
            card: card?.into_bytes(),
            beacon: beacon?,
            delta: delta?.into(),
        }))
    }
}

struct Told(What);

impl Input for Told {
    fn read(fields: &mut Fields<'_>) -> Option<Told> {
        let to = fields.one::<Audience>("to", "to whom the model goes");
        let on = fields.optional("on");
        Some(Told(What::Notify { to: to?, on }))
    }
}

/// Ends an act that was tried: on the page, or in the form as it was filled in.
async fn answered(
    ask: &Ask,
    id: EngagementId,
    form: &Form,
    outcome: Result<Step, Failure>,
    done: &'static str,
) -> Answer {
    match outcome {
        Ok(_) => ask.changed(&format!("/engagements/{id}"), done),
        Err(Failure::Refused(refusal)) => {
            let shown = engage::show(&ask.app.house, &ask.visitor.actor(), id).await?;
            let view = EngagementView::of(shown, form.filled(&refusal));
            Err(ask.refused(refusal, view.head(), &view))
        }
        Err(other) => Err(other.into()),
    }
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident $path:literal $done:literal ($ask:ident, $id:ident, $form:ident) $act:block)*) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "engagements", params(("id" = String, Path)),
            request_body = Sent, responses((status = 204)))]
        async fn $name($ask: Ask, Path($id): Path<EngagementId>, $form: Form) -> Answer {
            let outcome: Result<Step, Failure> = async { $act }.await;
            answered(&$ask, $id, &$form, outcome, $done).await
        }
    )*};
}

acts! {
    /// Takes it up, and names who measures: `organization`.
    scope "/engagements/{id}/scope" "engagement-done" (ask, id, form) {
        let One(evaluator) = form.read().map_err(Failure::Refused)?;
        designate::scope(&ask.app.house, &ask.visitor.actor(), id, evaluator, ask.now).await
    }
    /// Signs the terms: `terms`, `access_from`, `access_until`, `partners`. Takes effect when both sides signed the same.
    agree "/engagements/{id}/agree" "engagement-done" (ask, id, form) {
        let Signed(terms) = form.read().map_err(Failure::Refused)?;
        act(&ask.app.house, &ask.visitor.actor(), id, &What::Agree { terms }, ask.now).await
    }
    /// Binds the evaluator to `suite`, `plan` and `run`, which are in the log.
    commit "/engagements/{id}/commit" "engagement-done" (ask, id, form) {
        let Bound(commitments) = form.read().map_err(Failure::Refused)?;
        benchmark::bind(&ask.app.house, &ask.visitor.actor(), id, commitments, ask.now).await
    }
    /// Hands in the `scorecard` of the run.
    evaluate "/engagements/{id}/evaluate" "engagement-done" (ask, id, form) {
        let Card(card) = form.read().map_err(Failure::Refused)?;
        benchmark::evaluate(&ask.app.house, &ask.visitor.actor(), id, card.as_bytes(), ask.now).await
    }
    /// Asks offices to be heard: `asked`.
    consult "/engagements/{id}/consult" "engagement-done" (ask, id, form) {
        let Offices(asked) = form.read().map_err(Failure::Refused)?;
        designate::consult(&ask.app.house, &ask.visitor.actor(), id, asked, ask.now).await
    }
    /// Says what one thinks: `stance`, `reasons`.
    opine "/engagements/{id}/opine" "engagement-done" (ask, id, form) {
        let said: Said = form.read().map_err(Failure::Refused)?;
        designate::opine(&ask.app.house, &ask.visitor.actor(), id, said.stance, &said.reasons, ask.now).await
    }
    /// Declares what might be thought to sway one: `text`. Who did is heard, and not counted.
    declare "/engagements/{id}/declare" "engagement-done" (ask, id, form) {
        let Words(text) = form.read().map_err(Failure::Refused)?;
        act(&ask.app.house, &ask.visitor.actor(), id, &What::Declare { text: text.into() }, ask.now).await
    }
    /// Writes what would be determined: `outcome`, `reasons`. The evaluator signs beside it.
    propose "/engagements/{id}/propose" "engagement-done" (ask, id, form) {
        let Drafted(written) = form.read().map_err(Failure::Refused)?;
        designate::propose(&ask.app.house, &ask.visitor.actor(), id, &written, ask.now).await
    }
    /// Gives what is proposed to the developer.
    share "/engagements/{id}/share" "engagement-done" (ask, id, form) {
        act(&ask.app.house, &ask.visitor.actor(), id, &What::Share {}, ask.now).await
    }
    /// Answers what is proposed: `text`.
    comment "/engagements/{id}/comment" "engagement-done" (ask, id, form) {
        let Words(text) = form.read().map_err(Failure::Refused)?;
        act(&ask.app.house, &ask.visitor.actor(), id, &What::Comment { text: text.into() }, ask.now).await
    }
    /// Determines: `outcome`, `reasons`. An office that was heard signs beside it.
    determine "/engagements/{id}/determine" "engagement-done" (ask, id, form) {
        let Drafted(written) = form.read().map_err(Failure::Refused)?;
        designate::determine(&ask.app.house, &ask.visitor.actor(), id, &written, ask.now).await
    }
    /// Signs what waits for one's signature, as it stands.
    sign "/engagements/{id}/sign" "engagement-done" (ask, id, form) {
        designate::sign(&ask.app.house, &ask.visitor.actor(), id, ask.now).await
    }
    /// Has a determination looked at again: `grounds`, `statement`.
    reconsider "/engagements/{id}/reconsider" "engagement-done" (ask, id, form) {
        let said: Contested = form.read().map_err(Failure::Refused)?;
        designate::reconsider(&ask.app.house, &ask.visitor.actor(), id, said.grounds, &said.statement, ask.now).await
    }
    /// Names who looks at it again: `organization`. Developer and official sign the same.
    assign "/engagements/{id}/assign" "engagement-done" (ask, id, form) {
        let One(reviewer) = form.read().map_err(Failure::Refused)?;
        designate::assign(&ask.app.house, &ask.visitor.actor(), id, reviewer, ask.now).await
    }
    /// Ends a reconsideration: `outcome`, `reasons`, `scorecard`, `beacon`, `delta`.
    conclude "/engagements/{id}/conclude" "engagement-done" (ask, id, form) {
        let Concluded(conclusion) = form.read().map_err(Failure::Refused)?;
        designate::conclude(&ask.app.house, &ask.visitor.actor(), id, &conclusion, ask.now).await
    }
    /// Has it looked at whether a determination still holds.
    review "/engagements/{id}/review" "engagement-done" (ask, id, form) {
        act(&ask.app.house, &ask.visitor.actor(), id, &What::Review {}, ask.now).await
    }
    /// Measures it again, on terms that are signed again.
    retest "/engagements/{id}/retest" "engagement-done" (ask, id, form) {
        act(&ask.app.house, &ask.visitor.actor(), id, &What::Retest {}, ask.now).await
    }
    /// Lifts a determination.
    lift "/engagements/{id}/lift" "engagement-done" (ask, id, form) {
        act(&ask.app.house, &ask.visitor.actor(), id, &What::Lift {}, ask.now).await
    }
    /// Tells that the model is or will be released: `to`, `on`. It is taken note of in every state, and nobody answers.
    notify "/engagements/{id}/notify" "engagement-told" (ask, id, form) {
        let Told(what) = form.read().map_err(Failure::Refused)?;
        act(&ask.app.house, &ask.visitor.actor(), id, &what, ask.now).await
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .both("designate", routes!(scope))
        .both("take_part", routes!(agree))
        .both("take_part", routes!(commit))
        .both("take_part", routes!(evaluate))
        .both("designate", routes!(consult))
        .both("give_opinion", routes!(opine))
        .both("give_opinion", routes!(declare))
        .both("designate", routes!(propose))
        .both("designate", routes!(share))
        .both("take_part", routes!(comment))
        .both("designate", routes!(determine))
        .both("take_part", routes!(sign))
        .both("take_part", routes!(reconsider))
        .both("take_part", routes!(assign))
        .both("designate", routes!(conclude))
        .both("take_part", routes!(review))
        .both("take_part", routes!(retest))
        .both("designate", routes!(lift))
        .both("tell_release", routes!(notify))
}
