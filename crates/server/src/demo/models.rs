//! Models: a developer that asked about three of its models: one is asked about, one is measured, one was left.

use std::collections::BTreeMap;

use clearinghouse::engage::{self, Inquiry};
use clearinghouse::record;
use clearinghouse::{Actor, Failure, House, benchmark, designate};
use frontier::Digest;
use frontier::engage::{Access, Commitments, Model, Terms, What};
use frontier::record::{Draft, Kind};
use jiff::{SignedDuration, Timestamp};
use names::EngagementId;
use serde_json::json;

use super::ago;

const DEVELOPER: &str = "Meridian Models";
const EVALUATOR: &str = "Plumb Line Evaluations";
const OFFICIAL: &str = "Office of Payment Resilience";

/// Three engagements; a house without these three organizations has none.
pub async fn models(
    house: &House,
    actors: &BTreeMap<String, Actor>,
    now: Timestamp,
) -> Result<(), Failure> {
    let by = |name: &str| actors.get(name);
    let (Some(developer), Some(evaluator), Some(official)) =
        (by(DEVELOPER), by(EVALUATOR), by(OFFICIAL))
    else {
        return Ok(());
    };
    measured(house, (developer, evaluator, official), now).await?;
    asked(
        house,
        developer,
        official,
        "Meridian 7 preview",
        ago(now, 5),
    )
    .await?;
    let left = asked(house, developer, official, "Meridian 6 tools", ago(now, 4)).await?;
    engage::withdraw(house, developer, left, ago(now, 3)).await
}

async fn asked(
    house: &House,
    developer: &Actor,
    official: &Actor,
    name: &str,
    at: Timestamp,
) -> Result<EngagementId, Failure> {
    let inquiry = Inquiry {
        model: Model {
            name: name.into(),
            handle: format!("sha256:{}", digest(name)).into(),
        },
        official: official.organization().ok_or(Failure::Hidden)?,
        leave_key: None,
    };
    engage::inquire(house, developer, &inquiry, at).await
}

/// From the question to the scorecard.
async fn measured(
    house: &House,
    (developer, evaluator, official): (&Actor, &Actor, &Actor),
    now: Timestamp,
) -> Result<(), Failure> {
    let name = "Meridian 6";
    let id = asked(house, developer, official, name, ago(now, 20)).await?;
    let measures = evaluator.organization().ok_or(Failure::Hidden)?;
    designate::scope(house, official, id, measures, ago(now, 19)).await?;
    let from = ago(now, 18);
    let access = Access {
        from,
        until: from + SignedDuration::from_hours(24 * 21),
        partners: None,
    };
    let terms = Terms {
        digest: digest("terms"),
        access: Some(access),
    };
    let agree = What::Agree { terms };
    engage::act(house, official, id, &agree, from).await?;
    engage::act(house, developer, id, &agree, ago(now, 17)).await?;
    let commitments = Commitments {
        suite: digest("suite"),
        plan: digest("plan"),
        run: digest("run"),
    };
    let kinds = [
        ("suite", commitments.suite),
        ("plan", commitments.plan),
        ("run", commitments.run),
    ];
    for (kind, digest) in kinds {
        benchmark::commit(house, evaluator, kind, &digest.to_string(), ago(now, 16)).await?;
    }
    benchmark::bind(house, evaluator, id, commitments, ago(now, 15)).await?;
    let card = card().to_string();
    benchmark::evaluate(house, evaluator, id, card.as_bytes(), ago(now, 7)).await?;
    let fields = json!({"name": name, "version": "6.0", "weights": digest(name)});
    let draft = Draft {
        kind: Kind::ModelIdentity,
        fields: serde_json::from_value(fields).map_err(Failure::broken)?,
        privilege: None,
    };
    record::write(house, developer, id, &draft, ago(now, 6)).await?;
    Ok(())
}

fn digest(text: &str) -> Digest {
    Digest::of(&[b"demo ", text.as_bytes()])
}

/// Invented: 29 of 40 tasks solved.
fn card() -> serde_json::Value {
    let score = |treatment: &str, solved: u32, attempts: u32, bounds: [&str; 3]| {
        json!({
            "treatment": treatment, "solved": solved, "attempts": attempts, "estimate": bounds[1],
            "lower": bounds[0], "upper": bounds[2], "attempts_effective": attempts,
        })
    };
    let stratum = |name: &str, solved: u32, bounds: [&str; 3]| {
        json!({
            "stratum": name, "score": score("invalid-fails", solved, 8, bounds), "is_above": false,
        })
    };
    json!({
        "run": digest("run"), "suite": digest("root"), "verdict": "INDETERMINATE",
        "why": ["the bounds do not lie on one side of the threshold"],
        "planned": 40, "missing": 0, "validity": {"valid": 39, "broken": 1},
        "scores": [
            score("invalid-fails", 29, 40, ["0.586", "0.725", "0.837"]),
            score("invalid-dropped", 29, 39, ["0.604", "0.743589", "0.853"]),
            score("invalid-solves", 30, 40, ["0.613", "0.75", "0.857"]),
        ],
        "strata": [
            stratum("find", 7, ["0.529", "0.875", "0.994"]),
            stratum("prove", 5, ["0.289", "0.625", "0.889"]),
        ],
        "pass_at": [],
        "adequacy": {"holds": false, "missing": ["one scaffold was tried; two are asked for"], "curve": [],
            "refusals": "0", "truncated": 0, "scaffolds": 1},
        "horizon": [], "tokens_input": 1_200_000, "tokens_output": 300_000, "milliseconds": 5_400_000,
    })
}
