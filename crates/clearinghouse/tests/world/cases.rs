//! What coordinators, vendors, finders and the house itself do at random.

use clearinghouse::coordinate::{self, arrive, show};
use clearinghouse::deconflict::{self, Verdict};
use clearinghouse::embargo::{Ask, embargo};
use clearinghouse::provenance::extend;
use clearinghouse::submit::claim_check;
use clearinghouse::{Actor, Failure, clocks, known, log, pace, publish, verdict};
use finding::coordinate::{Part, Stage};
use finding::embargo::Cause;
use finding::known::{Evidence, EvidenceKind, Question};
use finding::provenance::Extension;
use finding::publish::Draft;
use finding::report::{Handling, Hop, Terms};
use finding::verdict::{Status, Word};
use jiff::SignedDuration;
use names::CaseId;

use super::laws::{self, SECRET};
use super::play::Play;

/// How an act ended; nobody here may be surprised by any of the ways.
fn ended<T>(outcome: Result<T, Failure>) -> String {
    match outcome {
        Ok(_) => "done".to_owned(),
        Err(Failure::Broken(_)) => "broke".to_owned(),
        Err(refused) => format!("no: {refused}"),
    }
}

impl Play {
    async fn some_case(&mut self) -> Option<CaseId> {
        let cases = laws::cases(&self.world.nodes[0]).await;
        match cases.len() {
            0 => None,
            count => Some(cases[self.luck.below(count)]),
        }
    }

    /// One step of the way of a case from its report to its advisory; any of them may break, as everything may.
    pub async fn leads(&mut self, step: usize) -> String {
        match step {
            0 => return self.submits().await,
            1 | 4 => return self.the_house_works().await,
            _ => {}
        }
        let Some(case) = self.some_case().await else {
            return "no case to lead".to_owned();
        };
        let (node, staff, now) = (&self.world.nodes[0], &self.world.staff, self.world.now);
        let vendor = &self.world.vendors[0];
        let id = vendor.organization().expect("a member");
        let did = match step {
            2 => ended(coordinate::advance(node, staff, case, Stage::Triage, "", now).await),
            3 => ended(coordinate::invite(node, staff, case, id, Part::Vendor, now).await),
            5 => match show::show(node, vendor, case, now).await {
                Ok(shown) => {
                    let until = shown.embargo.until().unwrap_or(now);
                    ended(embargo(node, vendor, case, Ask::Accept(until), now).await)
                }
                Err(_) => "not sent yet".to_owned(),
            },
            6 => {
                let end = Ask::End(Cause::Leak, "seen".into());
                ended(embargo(node, staff, case, end, now).await)
            }
            _ => ended(publish::publish(node, staff, case, &draft(case), now).await),
        };
        format!("led, {case}, {step}: {did}")
    }

    /// What the house does by itself, as its jobs do it, one of them on the other node at once.
    pub async fn the_house_works(&mut self) -> String {
        let (one, other) = (self.luck.below(2), self.luck.below(2));
        let (one, other) = (&self.world.nodes[one], &self.world.nodes[other]);
        let now = self.world.now;
        let arrived = tokio::join!(arrive::arrive(one, now), arrive::arrive(other, now));
        let sent = tokio::join!(pace::release(one, now), pace::release(other, now));
        let walked = clocks::walk(one, now).await;
        let told = known::tell(other, now).await;
        let tree = log::sequence::integrate(one, now).await;
        format!(
            "the house: arrived {} {}, sent {} {}, walked {}, told {}, tree {}",
            ended(arrived.0),
            ended(arrived.1),
            ended(sent.0),
            ended(sent.1),
            ended(walked),
            ended(told),
            ended(tree)
        )
    }

    pub async fn a_coordinator_works(&mut self) -> String {
        let Some(case) = self.some_case().await else {
            return "no case".to_owned();
        };
        let (what, to, vendor) = (self.luck.below(9), self.luck.below(5), self.luck.below(2));
        let node = self.luck.below(2);
        let (node, staff, now) = (&self.world.nodes[node], &self.world.staff, self.world.now);
        let stages = [
            Stage::Triage,
            Stage::Fixing,
            Stage::Ready,
            Stage::Closed,
            Stage::Published,
        ];
        let vendor = self.world.vendors[vendor].organization().expect("a member");
        let said = match what {
            0 => ended(coordinate::advance(node, staff, case, Stage::Triage, "", now).await),
            1 => ended(coordinate::advance(node, staff, case, stages[to], "so it is", now).await),
            2 | 3 => ended(coordinate::invite(node, staff, case, vendor, Part::Vendor, now).await),
            4 => ended(coordinate::message(node, staff, case, SECRET, None, &[], now).await),
            5 => {
                let cause = [Cause::Leak, Cause::Exploitation][to % 2];
                ended(embargo(node, staff, case, Ask::End(cause, "seen".into()), now).await)
            }
            6 => {
                let waiting = store::arrival::waiting(node.store.link(), case).await;
                match waiting.as_ref().map(|waiting| waiting.first()) {
                    Ok(Some((report, ..))) => {
                        ended(arrive::let_in(node, staff, *report, now).await)
                    }
                    _ => "nobody waits".to_owned(),
                }
            }
            _ => ended(publish::publish(node, staff, case, &draft(case), now).await),
        };
        format!("coordinator, {case}, {what}: {said}")
    }

    pub async fn a_vendor_works(&mut self) -> String {
        let Some(case) = self.some_case().await else {
            return "no case".to_owned();
        };
        let (what, vendor, node) = (self.luck.below(6), self.luck.below(2), self.luck.below(2));
        let (node, vendor) = (&self.world.nodes[node], &self.world.vendors[vendor]);
        let now = self.world.now;
        let day = match show::show(node, vendor, case, now).await {
            Ok(shown) => shown
                .embargo
                .proposal()
                .map(|one| one.until)
                .or(shown.embargo.until()),
            Err(_) => None,
        };
        let until = day.unwrap_or(now);
        let later = now + SignedDuration::from_hours(24 * 20);
        let said = match what {
            0 | 1 => ended(embargo(node, vendor, case, Ask::Accept(until), now).await),
            2 => ended(embargo(node, vendor, case, Ask::Propose(later), now).await),
            3 => ended(coordinate::message(node, vendor, case, SECRET, None, &[], now).await),
            4 => ended(embargo(node, vendor, case, Ask::Leave, now).await),
            _ => ended(verdict::say(node, vendor, case, word(), now).await),
        };
        format!("vendor, {case}, {what}: {said}")
    }

    pub async fn a_person_decides(&mut self) -> String {
        let (what, node) = (self.luck.below(6), self.luck.below(2));
        let picked = self.luck.below(self.sent.len().max(1));
        let (node, staff, now) = (&self.world.nodes[node], &self.world.staff, self.world.now);
        if what == 5 {
            let held = self.sent.get(picked).and_then(|sent| sent.held.as_ref());
            return match held {
                Some(held) => {
                    let split = deconflict::split(node, staff, held.report, now).await;
                    format!("{} is split off: {}", held.report, ended(split))
                }
                None => "nothing to split".to_owned(),
            };
        }
        if what == 4 {
            let pair = 1 + picked as i64;
            return format!(
                "undone {pair}: {}",
                ended(deconflict::undo(node, staff, pair, now).await)
            );
        }
        let Ok(Some(asked)) = deconflict::next(node, staff, now).await else {
            return "nothing is asked".to_owned();
        };
        let verdict = [
            Verdict::Same,
            Verdict::Same,
            Verdict::Apart,
            Verdict::Sibling,
        ][what];
        let decided = deconflict::decide(node, staff, asked.pair, verdict, now).await;
        let merged = decided
            .as_ref()
            .is_ok_and(|decided| decided.merged.is_some());
        let said = format!("{} is {verdict:?}: {}", asked.pair, ended(decided));
        self.merged += u64::from(merged);
        said
    }

    /// A finder adds to what they handed over, tightens its terms, or raises an alarm.
    pub async fn a_finder_adds(&mut self) -> String {
        let (picked, what) = (self.luck.below(self.sent.len().max(1)), self.luck.below(4));
        let case = self.some_case().await;
        let node = self.luck.below(2);
        let (node, now) = (&self.world.nodes[node], self.world.now);
        let Some(sent) = self.sent.get(picked) else {
            return "nothing to add to".to_owned();
        };
        let finder = &self.world.finders[sent.finder];
        let Some(held) = &sent.held else {
            return "nothing to add to".to_owned();
        };
        let extension = match what {
            0 => Extension::Hop(Hop {
                organization: SECRET.into(),
                at: now,
                note: "".into(),
            }),
            1 => Extension::Handling(Handling {
                coordinator: SECRET.into(),
                id: format!("{now}").into(),
            }),
            2 => Extension::Terms(Terms {
                embargo_until: Some(now + SignedDuration::from_hours(24 * 30)),
                ..Terms::default()
            }),
            _ => {
                let Some(case) = case else {
                    return "no case".to_owned();
                };
                let alarm = Ask::Alarm(Cause::Leak, SECRET.into());
                return format!(
                    "alarm in {case}: {}",
                    ended(embargo(node, finder, case, alarm, now).await)
                );
            }
        };
        let outcome = extend(node, finder, held.report, extension, now).await;
        format!("{} is added to: {}", held.report, ended(outcome))
    }

    /// Who holds no evidence asks whether something is known, and gets no yes.
    pub async fn a_stranger_guesses(&mut self) -> String {
        let node = self.luck.below(2);
        let (node, now) = (&self.world.nodes[node], self.world.now);
        let guess = Evidence {
            kind: EvidenceKind::Proof,
            digest: [self.luck.below(9) as u8; 32],
        };
        let question = Question::Evidence(vec![guess]);
        let answer = claim_check(node, &self.world.stranger, &question, now).await;
        if let Ok(answer) = &answer {
            assert!(!answer.matches, "a guess is answered by a yes");
        }
        let anonymous = claim_check(node, &Actor::Anonymous, &question, now).await;
        assert!(anonymous.is_err(), "whoever nobody knows asks");
        format!("a stranger guesses: {}", ended(answer))
    }
}

fn word() -> Word {
    Word {
        product: format!("{SECRET} product").into(),
        versions: "vers:npm/<1.4.2".into(),
        status: Status::Affected,
        justification: None,
        words: "".into(),
        severity: None,
    }
}

/// An advisory without a word of what was handed over.
fn draft(case: CaseId) -> Draft {
    Draft {
        title: format!("What {case} was about").into(),
        summary: "An attacker can write past a buffer.".into(),
        products: vec![Word {
            product: "pkg:npm/plain".into(),
            versions: "vers:npm/<1.4.2".into(),
            status: Status::Affected,
            justification: None,
            words: "".into(),
            severity: None,
        }],
        fix: "Take 1.4.2.".into(),
        workaround: "".into(),
        untold: "no vendor answered".into(),
        ..Draft::default()
    }
}
