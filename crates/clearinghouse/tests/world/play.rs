//! A play: reporters and claimers act at random, the laws are asked after each step.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clearinghouse::claim::{self, Choice};
use clearinghouse::submit::{self, Receipt};
use clearinghouse::{Actor, Failure, organization};
use finding::Report;
use finding::report::{Site, Target};
use names::{CaseId, ClaimId, OrganizationKind, ReportId};

use super::laws::{self, Advisories, Held, Paces, SECRET, Watcher};
use super::proofs::{self, Validators};
use super::{Luck, World};

/// Steps of one seed: short, so that a red one is soon read.
const STEPS: usize = 24;

/// Steps that every third seed begins with: the way of a case as far as its maintainer, which luck alone seldom goes;
/// and every sixth, as far as its advisory.
const LED: [usize; 2] = [6, 8];

/// Steps that every sixth seed begins with instead: two reports that only a person can say are one.
const ALIKE: usize = 4;

/// What happened in a seed, or in many.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Writes that failed, or whose answer was lost.
    pub broken: u64,
    pub cases: u64,
    pub merged: u64,
    /// Cases that went to a maintainer.
    pub sent: u64,
    pub published: u64,
    /// Proofs that were re-run, and attempts at it beyond the first.
    pub proven: u64,
    pub begun_again: u64,
    pub taken_back: u64,
}

impl Tally {
    pub fn plus(self, other: Tally) -> Tally {
        Tally {
            broken: self.broken + other.broken,
            cases: self.cases + other.cases,
            merged: self.merged + other.merged,
            sent: self.sent + other.sent,
            published: self.published + other.published,
            proven: self.proven + other.proven,
            begun_again: self.begun_again + other.begun_again,
            taken_back: self.taken_back + other.taken_back,
        }
    }
}

/// What everyone holds in hand so far.
pub struct Play {
    pub world: World,
    pub luck: Luck,
    /// Steps that are led before luck takes over.
    led: usize,
    /// Whether it begins with two reports that are alike.
    alike: bool,
    watcher: Watcher,
    paces: Paces,
    advisories: Advisories,
    /// By organization and key: the report as it was sent, and the receipt where one came back.
    pub sent: Vec<Sent>,
    claims: BTreeMap<ClaimId, Actor>,
    /// Reports whose finder was told that they are destroyed.
    taken_back: Vec<ReportId>,
    counted: u64,
    pub merged: u64,
    pub validators: Validators,
}

pub struct Sent {
    pub finder: usize,
    key: String,
    pub report: Report,
    digest: [u8; 32],
    /// A bundle that shows it, which came along.
    pub proof: Option<Vec<u8>>,
    pub held: Option<Held>,
}

impl Play {
    pub async fn new(seed: u64, url: &str) -> Play {
        Play {
            world: World::of(seed, url).await,
            luck: Luck::new(seed),
            led: match seed % 6 {
                0 => LED[1],
                3 => LED[0],
                _ => 0,
            },
            alike: seed % 6 == 1,
            watcher: Watcher::default(),
            paces: Paces::default(),
            advisories: Advisories::default(),
            sent: Vec::new(),
            claims: BTreeMap::new(),
            taken_back: Vec::new(),
            counted: 0,
            merged: 0,
            validators: Validators::default(),
        }
    }

    pub fn run(
        mut self,
        runtime: &tokio::runtime::Runtime,
        said: &std::cell::RefCell<String>,
    ) -> Tally {
        runtime.block_on(async {
            for step in 0..STEPS {
                self.world.weather.set(self.luck.one_in(2));
                let did = match (step < self.led, self.alike) {
                    (true, _) => self.leads(step).await,
                    (false, true) if step < ALIKE => self.leads_to_a_merge(step).await,
                    (false, _) => self.step().await,
                };
                let _ = writeln!(said.borrow_mut(), "{step:>3} {} {did}", self.world.now);
                if self.luck.one_in(2) {
                    let did = self.a_worker_works().await;
                    let _ = writeln!(said.borrow_mut(), "    {} {did}", self.world.now);
                }
                self.world.weather.set(false);
                self.laws(false).await;
            }
            self.everyone_asks_again().await;
            self.every_proof_comes_to_an_end().await;
            self.laws(true).await;
            self.tally().await
        })
    }

    async fn tally(&self) -> Tally {
        use std::sync::atomic::Ordering::Relaxed;
        let (node, weather) = (&self.world.nodes[0], &self.world.weather);
        let mut tally = Tally {
            broken: weather.failed.load(Relaxed) + weather.lost.load(Relaxed),
            merged: self.merged,
            taken_back: self.taken_back.len() as u64,
            ..Tally::default()
        };
        for one in proofs::all(node).await {
            tally.proven += u64::from(one.outcome.is_some());
            tally.begun_again += u64::try_from(one.attempt - 1).unwrap_or(0);
        }
        for case in laws::cases(node).await {
            tally.cases += 1;
            let link = node.store.link();
            let parts = store::case::participants(link, case).await;
            let parts = parts.expect("it answers");
            tally.sent += parts.iter().filter(|part| part.sent.is_some()).count() as u64;
            let advisory = store::advisory::of_case(link, case).await;
            tally.published += u64::from(advisory.expect("it answers").is_some());
        }
        tally
    }

    /// Everything that has to hold, whoever did what. Each step looks at one report and one case, the end at all: what is
    /// lost stays lost.
    async fn laws(&mut self, all: bool) {
        let at = self.luck.below(2);
        let (world, now) = (&self.world, self.world.now);
        let node = &world.nodes[at];
        self.watcher.looks(node).await;
        let picked = self.luck.below(self.sent.len().max(1));
        for (place, sent) in self.sent.iter().enumerate() {
            if let Some(held) = sent.held.as_ref().filter(|_| all || place == picked) {
                laws::nothing_acknowledged_is_lost(node, held).await;
                laws::a_report_is_in_one_finding(node, held).await;
            }
        }
        laws::what_was_taken_back_stays_gone(node, &self.taken_back).await;
        laws::leases_end(node, &self.claims, now).await;
        laws::an_outsider_learns_nothing(world, node, &self.claims).await;
        let cases = laws::cases(node).await;
        let looked: Vec<CaseId> = match (all, cases.is_empty()) {
            (true, _) => cases,
            (false, true) => Vec::new(),
            (false, false) => vec![cases[self.luck.below(cases.len())]],
        };
        for case in looked {
            laws::a_case_is_hidden_from_outsiders(world, node, case).await;
            laws::what_is_published_is_in_the_log(node, case).await;
        }
        laws::lists_tell_an_outsider_nothing(world, node, &self.sent_reports()).await;
        self.paces.hold(world, node).await;
        self.advisories.stay(node).await;
        self.validators.said.stay(node, all).await;
        proofs::nobody_else_sees_a_proof(world, node, all).await;
        if all {
            self.watcher.reads_it_all_again(node).await;
        }
    }

    fn sent_reports(&self) -> Vec<ReportId> {
        let held = self.sent.iter().filter_map(|sent| sent.held.as_ref());
        held.map(|held| held.report).take(2).collect()
    }

    async fn step(&mut self) -> String {
        match self.luck.below(27) {
            0..=4 => self.submits().await,
            5 => self.submits_twice_at_once().await,
            6 => self.sends_again().await,
            7 => self.sends_something_else_under_the_same_key().await,
            8 | 9 => self.claims().await,
            10 => self.changes_a_claim().await,
            11 => self.lapses().await,
            12 | 13 => self.jumps(),
            14 => self.joins_under_a_taken_name().await,
            15..=17 => self.the_house_works().await,
            18..=20 => self.a_coordinator_works().await,
            21 | 22 => self.a_vendor_works().await,
            23 => self.a_person_decides().await,
            24 => self.a_finder_adds().await,
            25 => self.takes_back().await,
            _ => self.a_stranger_guesses().await,
        }
    }

    fn jumps(&mut self) -> String {
        let seconds = match self.luck.below(4) {
            0 => 0,
            1 => 60,
            2 => 3_600 * 24 * 3,
            _ => 3_600 * 24 * 60,
        };
        self.world.later(seconds);
        format!("{seconds} s pass")
    }

    fn draft(&mut self) -> usize {
        self.counted += 1;
        let (number, finder) = (self.counted, self.luck.below(self.world.finders.len()));
        let purl = format!("pkg:npm/{SECRET}{}@1.0.0", self.luck.below(4));
        // Of few functions, with or without a line: some are the same to the rule, some are for a person.
        let site = Site {
            file: format!("{SECRET}.c").into(),
            function: Some(format!("decode{}", self.luck.below(2)).into()),
            line: self.luck.one_in(2).then_some(12),
        };
        let report = Report {
            title: format!("{SECRET} overflow {number}").into(),
            description: format!("{SECRET} in decode").into(),
            target: Target {
                package: Some(purl.parse().expect("a purl")),
                ..Target::default()
            },
            weaknesses: vec![787],
            sites: vec![site],
            ..Report::default()
        };
        let mut report = report;
        let proof = self.luck.one_in(6).then(|| proofs::bundle(number));
        if let Some(proof) = &proof {
            report.proofs.push(proofs::mark(proof));
        }
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&number.to_be_bytes());
        self.sent.push(Sent {
            finder,
            key: format!("k{number}"),
            report,
            digest,
            proof,
            held: None,
        });
        self.sent.len() - 1
    }

    async fn send(&self, at: usize, node: usize) -> Result<Receipt, Failure> {
        let sent = &self.sent[at];
        let actor = &self.world.finders[sent.finder];
        let node = &self.world.nodes[node];
        let draft = finding::submit::Draft {
            report: sent.report.clone(),
            key: Some(sent.key.as_str().into()),
            digest: sent.digest,
            inputs: proofs::inputs(sent.proof.as_deref()),
        };
        let prepared = submit::prepare(node, actor, draft, None, self.world.now)?;
        let mut taken = submit::take(node, vec![prepared]).await?;
        taken.pop().expect("one report has one answer")
    }

    /// A receipt is the finder's from here on, and every later one must be the same.
    fn takes(&mut self, at: usize, answer: Result<Receipt, Failure>) -> String {
        let sent = &mut self.sent[at];
        let organization = self.world.finders[sent.finder]
            .organization()
            .expect("a member");
        match answer {
            Ok(receipt) => {
                let held = Held {
                    organization,
                    report: receipt.report,
                    log_index: receipt.log_index,
                    digest: receipt.digest,
                };
                let before = sent.held.replace(held.clone());
                assert!(
                    before.is_none_or(|before| before == held),
                    "{} has two receipts",
                    sent.key
                );
                format!(
                    "{} is {} at {}",
                    sent.key, receipt.report, receipt.log_index
                )
            }
            Err(Failure::Broken(_)) => format!("{} broke", sent.key),
            Err(other) => panic!("{} was refused: {other}", sent.key),
        }
    }

    /// Two reports of one place, one of them without its line, and then whatever a person says.
    async fn leads_to_a_merge(&mut self, step: usize) -> String {
        if step >= 2 {
            return self.a_person_decides().await;
        }
        let at = self.draft();
        let report = &mut self.sent[at].report;
        report.target.package = format!("pkg:npm/{SECRET}9@1.0.0").parse().ok();
        report.sites[0].function = Some("decode0".into());
        report.sites[0].line = (step == 0).then_some(12);
        let answer = self.send(at, step).await;
        format!("led, {}", self.takes(at, answer))
    }

    pub async fn submits(&mut self) -> String {
        let (at, node) = (self.draft(), self.luck.below(2));
        let answer = self.send(at, node).await;
        self.takes(at, answer)
    }

    /// Both nodes get the same report in the same moment.
    async fn submits_twice_at_once(&mut self) -> String {
        let at = self.draft();
        let (one, other) = tokio::join!(self.send(at, 0), self.send(at, 1));
        let (one, other) = (self.takes(at, one), self.takes(at, other));
        format!("twice at once: {one}, {other}")
    }

    async fn sends_again(&mut self) -> String {
        if self.sent.is_empty() {
            return "nothing to send again".to_owned();
        }
        let (at, node) = (self.luck.below(self.sent.len()), self.luck.below(2));
        let answer = self.send(at, node).await;
        format!("again: {}", self.takes(at, answer))
    }

    async fn sends_something_else_under_the_same_key(&mut self) -> String {
        let Some(at) = (0..self.sent.len()).find(|at| self.sent[*at].held.is_some()) else {
            return "no key is taken".to_owned();
        };
        let sent = &self.sent[at];
        let actor = &self.world.finders[sent.finder];
        let node = self.world.node(&mut self.luck);
        let answer = submit::submit(
            node,
            actor,
            &sent.report,
            &sent.key,
            [9; 32],
            self.world.now,
        )
        .await;
        assert!(
            matches!(answer, Err(Failure::Refused(_) | Failure::Broken(_))),
            "{answer:?}"
        );
        format!("{} is refused for another report", sent.key)
    }

    async fn takes_back(&mut self) -> String {
        if self.sent.is_empty() {
            return "nothing to take back".to_owned();
        }
        let at = self.luck.below(self.sent.len());
        let node = self.luck.below(2);
        let sent = &self.sent[at];
        let Some(held) = &sent.held else {
            return format!("{} has no receipt yet", sent.key);
        };
        let actor = &self.world.finders[sent.finder];
        let done =
            submit::withdraw(&self.world.nodes[node], actor, held.report, self.world.now).await;
        match done {
            Ok(held) => {
                self.taken_back.push(held.report);
                format!("{} is taken back", held.report)
            }
            Err(Failure::Broken(_)) => format!("{} is taken back, and it broke", held.report),
            Err(other) => format!("{} is not taken back: {other}", held.report),
        }
    }

    async fn claims(&mut self) -> String {
        let finder = self.luck.below(self.world.finders.len());
        let actor = self.world.finders[finder].clone();
        let draft = finding::claim::Draft {
            targets: vec![format!("pkg:npm/{SECRET}{}", self.luck.below(3)).into()],
            testing: vec!["review".into()],
            contact: format!("{SECRET}@lab.example").into(),
            tlp: Some("RED".into()),
            days: 1 + self.luck.below(30) as i64,
            ..finding::claim::Draft::default()
        };
        let node = self.luck.below(2);
        match claim::claim(&self.world.nodes[node], &actor, &draft, self.world.now).await {
            Ok(made) => {
                self.claims.insert(made.id, actor);
                format!(
                    "{} claims {} for {} days: {:?}",
                    finder, draft.targets[0], draft.days, made.standing
                )
            }
            Err(Failure::Broken(_)) => format!("{finder} claims, and it broke"),
            Err(other) => format!("{finder} claims: {other}"),
        }
    }

    async fn changes_a_claim(&mut self) -> String {
        let Some((id, actor)) = self
            .claims
            .iter()
            .nth(self.luck.below(self.claims.len().max(1)))
        else {
            return "no claim".to_owned();
        };
        let (id, actor, now) = (*id, actor.clone(), self.world.now);
        let choice = self.luck.below(3);
        let node = self.luck.below(2);
        let node = &self.world.nodes[node];
        let done = match choice {
            0 => claim::release(node, &actor, id, now).await,
            1 => claim::renew(node, &actor, id, 10, now).await,
            _ => claim::answer(node, &actor, id, Choice::Queue, now)
                .await
                .map(|_| ()),
        };
        format!(
            "{id} {} {done:?}",
            ["released", "renewed", "queued"][choice]
        )
    }

    async fn lapses(&mut self) -> String {
        let node = self.world.node(&mut self.luck);
        format!("lapse {:?}", claim::lapse(node, self.world.now).await.ok())
    }

    async fn joins_under_a_taken_name(&mut self) -> String {
        let node = self.world.node(&mut self.luck);
        let kind = OrganizationKind::Finder;
        let answer = organization::create(node, &Actor::House, kind, "Lab", self.world.now).await;
        assert!(answer.is_err(), "two organizations of one name");
        "a second Lab is refused".to_owned()
    }

    /// Whoever got no answer asks again in fair weather, and gets one.
    async fn everyone_asks_again(&mut self) {
        for at in 0..self.sent.len() {
            let answer = self.send(at, at % 2).await;
            self.takes(at, answer);
            assert!(
                self.sent[at].held.is_some(),
                "{} has no receipt in fair weather",
                self.sent[at].key
            );
        }
    }
}
