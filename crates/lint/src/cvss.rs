//! CVSS: is a vector one, and does what stands beside it agree?
//!
//! Section 6 of CVSS 3.1 and section 7 of 4.0 say how a vector is written; the members beside it in JSON are those
//! of FIRST's schemas. Scores are compared in tenths.

use priority::Cvss;
use priority::cvss::Score;
use serde_json::Value;

use crate::Group;
use crate::at::At;
use crate::findings::Findings;
use crate::place::clip;

/// Reads a vector, or says all that is wrong with it.
pub fn read(text: &str) -> Result<Cvss, String> {
    let cvss = priority::cvss::parse(text).map_err(|error| error.problems.join("; "))?;
    // 4.0 alone fixes the order (section 7).
    if matches!(cvss, Cvss::V4(_)) {
        let defined: Vec<&str> = text
            .split('/')
            .filter(|pair| !pair.ends_with(":X"))
            .collect();
        let right = cvss.to_string();
        if defined.join("/") != right {
            return Err(format!(
                "its metrics are not in the order of CVSS 4.0; `{right}` would be right"
            ));
        }
    }
    Ok(cvss)
}

/// As [`read`], of a text that is to be a vector of `version`: those from 3.0 on say so themselves.
pub fn read_as(version: &str, text: &str) -> Result<Cvss, String> {
    let is_bare = !version.starts_with('2') && !text.starts_with("CVSS:");
    match is_bare {
        true => Err(format!(
            "it does not begin with its version, `CVSS:{version}/`"
        )),
        false => read(text),
    }
}

/// A number of JSON in tenths; `None` where it has more digits than a score.
pub fn tenths(number: &Value) -> Option<u8> {
    let tenths = number.as_f64()? * 10.0;
    let whole = tenths.round();
    ((tenths - whole).abs() < 1e-6 && (0.0..=100.0).contains(&whole)).then_some(whole as u8)
}

/// The names of a format's rules.
pub struct Tests {
    pub vector: &'static str,
    pub version: &'static str,
    pub score: &'static str,
    pub severity: &'static str,
    pub metric: &'static str,
}

/// Says what is wrong with a CVSS object of FIRST's JSON schemas.
pub fn object(at: &At<'_>, version: &str, tests: &Tests, findings: &mut Findings) {
    let Some(text) = at.text("vectorString") else {
        return;
    };
    let vector = match read_as(version, text) {
        Ok(vector) => vector,
        Err(problems) => {
            let message = format!("`{}` is no CVSS vector: {problems}", clip(text));
            return findings.say(
                tests.vector,
                Group::Mandatory,
                at.to("vectorString"),
                message,
            );
        }
    };
    if vector.version() != version {
        let message = format!(
            "vector is of CVSS {} where one of {version} belongs",
            vector.version()
        );
        return findings.say(
            tests.version,
            Group::Mandatory,
            at.to("vectorString"),
            message,
        );
    }
    scores(at, &vector, tests, findings);
    metrics(at, text, version, tests, findings);
}

fn scores(at: &At<'_>, vector: &Cvss, tests: &Tests, findings: &mut Findings) {
    let base = vector.base();
    let temporal = vector.temporal().unwrap_or(base);
    let known = [
        ("baseScore", "baseSeverity", Some(base)),
        ("temporalScore", "temporalSeverity", Some(temporal)),
        ("threatScore", "threatSeverity", vector.temporal()),
        (
            "environmentalScore",
            "environmentalSeverity",
            vector.environmental(),
        ),
    ];
    for (score, severity, right) in known {
        let Some(right) = right else { continue };
        if let Some(given) = at
            .get(score)
            .filter(|given| given.value.is_number() && tenths(given.value) != Some(right.tenths()))
        {
            let is_whole = tenths(given.value) == Some(vector.score().tenths());
            let message = match is_whole && score == "baseScore" {
                true => format!(
                    "`{score}` is {}, the score of the whole vector; its base metrics alone compute to {right}",
                    given.value
                ),
                false => format!(
                    "`{score}` is {} and the vector computes to {right}",
                    given.value
                ),
            };
            findings.say(tests.score, Group::Mandatory, given.pointer, message);
        }
        word(at, severity, vector, right, tests, findings);
    }
}

/// The word for a score. FIRST has none for 2.0; NVD's three are in use.
fn word(
    at: &At<'_>,
    member: &str,
    vector: &Cvss,
    score: Score,
    tests: &Tests,
    findings: &mut Findings,
) {
    let Some(given) = at.text(member) else { return };
    let right = vector.severity_of(score).word().to_uppercase();
    if !given.eq_ignore_ascii_case(&right) {
        let message = format!(
            "`{member}` is `{}`; the word for {score} is `{right}`",
            clip(given)
        );
        findings.say(tests.severity, Group::Mandatory, at.to(member), message);
    }
}

/// Each metric that is also written out says what the vector says.
fn metrics(at: &At<'_>, text: &str, version: &str, tests: &Tests, findings: &mut Findings) {
    let pairs: Vec<(&str, &str)> = text
        .split('/')
        .filter_map(|pair| pair.split_once(':'))
        .collect();
    for (member, value) in at.members() {
        let Some(metric) = metric(version, member) else {
            continue;
        };
        let Some(word) = value.as_text() else {
            continue;
        };
        let said = pairs
            .iter()
            .find(|(name, _)| *name == metric)
            .map_or(undefined(version), |(_, code)| code);
        // A modified metric that is not defined has its base's value, which calculators write out.
        let base = metric
            .strip_prefix('M')
            .filter(|_| said == undefined(version));
        let inherited = base
            .and_then(|base| pairs.iter().find(|(name, _)| *name == base))
            .map(|(_, code)| *code);
        let given = code(version, word);
        if given != said.to_uppercase() && Some(&*given) != inherited {
            let message = format!(
                "`{member}` is `{}` and the vector says `{metric}:{said}`",
                clip(word)
            );
            findings.say(tests.metric, Group::Mandatory, value.pointer, message);
        }
    }
}

fn undefined(version: &str) -> &'static str {
    if version == "2.0" { "ND" } else { "X" }
}

/// The code of a value's word: its first letter, but for these.
fn code(version: &str, word: &str) -> String {
    let special: &[(&str, &str)] = &[
        ("PROOF_OF_CONCEPT", "POC"),
        ("OFFICIAL_FIX", "OF"),
        ("TEMPORARY_FIX", "TF"),
        ("UNCONFIRMED", "UC"),
        ("UNCORROBORATED", "UR"),
        ("LOW_MEDIUM", "LM"),
        ("MEDIUM_HIGH", "MH"),
    ];
    match word {
        "NOT_DEFINED" => undefined(version).to_owned(),
        // Provider urgency is written out in vectors as well.
        "CLEAR" | "GREEN" | "AMBER" | "RED" => word.to_owned(),
        word if version == "2.0" => match special.iter().find(|(known, _)| *known == word) {
            Some((_, code)) => (*code).to_owned(),
            None => word.chars().take(1).collect(),
        },
        word => word.chars().take(1).collect(),
    }
}

/// Members of FIRST's JSON and the metrics they write out.
const V2: &[(&str, &str)] = &[
    ("accessVector", "AV"),
    ("accessComplexity", "AC"),
    ("authentication", "Au"),
    ("confidentialityImpact", "C"),
    ("integrityImpact", "I"),
    ("availabilityImpact", "A"),
    ("exploitability", "E"),
    ("remediationLevel", "RL"),
    ("reportConfidence", "RC"),
    ("collateralDamagePotential", "CDP"),
    ("targetDistribution", "TD"),
    ("confidentialityRequirement", "CR"),
    ("integrityRequirement", "IR"),
    ("availabilityRequirement", "AR"),
];

const V3: &[(&str, &str)] = &[
    ("attackVector", "AV"),
    ("attackComplexity", "AC"),
    ("privilegesRequired", "PR"),
    ("userInteraction", "UI"),
    ("scope", "S"),
    ("confidentialityImpact", "C"),
    ("integrityImpact", "I"),
    ("availabilityImpact", "A"),
    ("exploitCodeMaturity", "E"),
    ("remediationLevel", "RL"),
    ("reportConfidence", "RC"),
    ("confidentialityRequirement", "CR"),
    ("integrityRequirement", "IR"),
    ("availabilityRequirement", "AR"),
    ("modifiedAttackVector", "MAV"),
    ("modifiedAttackComplexity", "MAC"),
    ("modifiedPrivilegesRequired", "MPR"),
    ("modifiedUserInteraction", "MUI"),
    ("modifiedScope", "MS"),
    ("modifiedConfidentialityImpact", "MC"),
    ("modifiedIntegrityImpact", "MI"),
    ("modifiedAvailabilityImpact", "MA"),
];

const V4: &[(&str, &str)] = &[
    ("attackVector", "AV"),
    ("attackComplexity", "AC"),
    ("attackRequirements", "AT"),
    ("privilegesRequired", "PR"),
    ("userInteraction", "UI"),
    ("vulnConfidentialityImpact", "VC"),
    ("vulnIntegrityImpact", "VI"),
    ("vulnAvailabilityImpact", "VA"),
    ("subConfidentialityImpact", "SC"),
    ("subIntegrityImpact", "SI"),
    ("subAvailabilityImpact", "SA"),
    ("exploitMaturity", "E"),
    ("confidentialityRequirement", "CR"),
    ("integrityRequirement", "IR"),
    ("availabilityRequirement", "AR"),
    ("modifiedAttackVector", "MAV"),
    ("modifiedAttackComplexity", "MAC"),
    ("modifiedAttackRequirements", "MAT"),
    ("modifiedPrivilegesRequired", "MPR"),
    ("modifiedUserInteraction", "MUI"),
    ("modifiedVulnConfidentialityImpact", "MVC"),
    ("modifiedVulnIntegrityImpact", "MVI"),
    ("modifiedVulnAvailabilityImpact", "MVA"),
    ("modifiedSubConfidentialityImpact", "MSC"),
    ("modifiedSubIntegrityImpact", "MSI"),
    ("modifiedSubAvailabilityImpact", "MSA"),
    ("Safety", "S"),
    ("Automatable", "AU"),
    ("Recovery", "R"),
    ("valueDensity", "V"),
    ("vulnerabilityResponseEffort", "RE"),
    ("providerUrgency", "U"),
];

fn metric(version: &str, member: &str) -> Option<&'static str> {
    let table = match version {
        "2.0" => V2,
        "4.0" => V4,
        _ => V3,
    };
    table
        .iter()
        .find(|(name, _)| *name == member)
        .map(|(_, metric)| *metric)
}
