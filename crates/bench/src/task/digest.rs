//! Digest: a task as it is committed to, without any of it.

use frontier::{Digest, TaskManifest};
use serde::Serialize;

use super::{Answer, Files, Grade, Network, Solver, Task};

/// What a task is made of, each by its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digests {
    /// What the model is told.
    pub prompt: Digest,
    /// Files, what prepares them, and the bounds under which the agent works.
    pub environment: Digest,
    /// What decides, with its files.
    pub grader: Digest,
    /// The reference solution, the wrong one and the cheat.
    pub solution: Digest,
}

impl Task {
    /// What it is made of.
    ///
    /// A digest covers the text of each setting as well as each file's path, bytes and whether it may be executed; times and
    /// owners do not count, so a copy of a task is that task.
    pub fn digests(&self) -> Digests {
        Digests {
            prompt: Digest::of(&[b"seamark task prompt\n", self.prompt.as_bytes()]),
            environment: of(
                "environment",
                &self.environment(),
                &[("files", &self.files), ("prepare", &self.preparation)],
            ),
            grader: of("grader", &self.decides(), &[("grader", &self.grader)]),
            solution: Digest::of(&[
                b"seamark task solution\n",
                &framed(&self.scripts.solution),
                &framed(&self.scripts.wrong),
                &framed(&self.scripts.cheat),
            ]),
        }
    }

    /// What a suite commits to, with `solvability` as the digest of the report that this task can be solved.
    pub fn manifest(&self, solvability: Digest) -> TaskManifest {
        let digests = self.digests();
        TaskManifest {
            id: self.id,
            stratum: self.stratum,
            tags: self.tags.clone(),
            human_minutes: self.human_minutes,
            baseliners: self.baseliners,
            prompt: digests.prompt,
            environment: digests.environment,
            grader: digests.grader,
            solution: digests.solution,
            solvability,
            canaries: self.canary.iter().map(|word| canary_digest(word)).collect(),
            author: self.author.clone(),
            authored_at: self.authored_at,
            classification: self.classification.clone(),
            recipient: self.recipient.clone(),
        }
    }

    /// The settings under which the agent works, a line each.
    fn environment(&self) -> String {
        let agent = &self.agent;
        let solver = match agent.solver {
            Solver::Tools => "tools",
            Solver::Single => "single",
        };
        let answer = match &agent.answer {
            Answer::Text => "text",
            Answer::File(path) => path,
        };
        let mut text = format!(
            "root system\nsolver {solver}\nanswer {answer}\nturns {}\ntokens {}\nseconds {}\nnetwork {}\n",
            agent.turns,
            agent.tokens,
            agent.seconds,
            network(agent.network),
        );
        text.push_str(&list("protected", &agent.protected));
        if let Some(prepare) = &self.prepare {
            text.push_str(&list("prepare", &prepare.command));
            text.push_str(&list("outputs", &prepare.outputs));
            text.push_str(&list("keeps", &prepare.keeps));
            text.push_str(&format!("prepare seconds {}\n", prepare.seconds));
        }
        text
    }

    /// The settings of the grader, a line each.
    fn decides(&self) -> String {
        match &self.grade {
            Grade::Secret => "secret\n".to_owned(),
            Grade::Command {
                command,
                network: net,
                seconds,
                sees_cheats,
            } => format!(
                "{}network {}\nseconds {seconds}\nsees cheats {sees_cheats}\n",
                list("command", command),
                network(*net),
            ),
        }
    }
}

/// The digest of a canary; the word itself is secret.
pub fn canary_digest(word: &str) -> Digest {
    Digest::of(&[b"seamark canary\n", word.as_bytes()])
}

/// SHA-256 over a kind, its settings, and a line for each file in the order of paths' bytes.
fn of(kind: &str, settings: &str, folders: &[(&str, &Files)]) -> Digest {
    let mut text = format!("seamark task {kind}\n");
    for (folder, files) in folders {
        for (path, file) in *files {
            let mode = if file.is_executable { 'x' } else { '-' };
            text.push_str(&format!(
                "{} {mode} {folder}/{path}\n",
                Digest::of(&[&file.bytes])
            ));
        }
    }
    Digest::of(&[text.as_bytes(), b"\n", settings.as_bytes()])
}

/// With its length before it, so that no two lists of texts run together into the same bytes.
fn framed(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as u64).to_be_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// JSON keeps the words apart.
fn list(name: &str, words: &[Box<str>]) -> String {
    let words = serde_json::to_string(words).expect("a list of texts is JSON");
    format!("{name} {words}\n")
}

fn network(network: Network) -> &'static str {
    match network {
        Network::None => "none",
        Network::Loopback => "loopback",
    }
}
