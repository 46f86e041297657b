//! Write: a task as the files of its folder; read again it is the same task.

use std::fs;
use std::io;
use std::path::Path;

use super::{Agent, Answer, FORMAT, File, Files, Grade, Network, Solver, TASK_FILE, Task};

impl Task {
    /// All files of its folder, by path.
    pub fn to_files(&self) -> Files {
        let mut all = Files::new();
        let text = |text: &str| File {
            bytes: text.into(),
            is_executable: false,
        };
        all.insert(TASK_FILE.into(), text(&self.toml()));
        all.insert("prompt.md".into(), text(&self.prompt));
        let ending = match self.agent.solver {
            Solver::Tools => "sh",
            Solver::Single => "txt",
        };
        for (name, script) in [
            ("solution", &self.scripts.solution),
            ("wrong", &self.scripts.wrong),
            ("cheat", &self.scripts.cheat),
        ] {
            all.insert(format!("{name}.{ending}").into(), text(script));
        }
        if let Some(canary) = &self.canary {
            all.insert("canary".into(), text(&format!("{canary}\n")));
        }
        for (folder, files) in [
            ("files", &self.files),
            ("grader", &self.grader),
            ("prepare", &self.preparation),
        ] {
            for (path, file) in files {
                all.insert(format!("{folder}/{path}").into(), file.clone());
            }
        }
        all
    }

    /// Writes its folder into `folder`, which is made; one that is there is not written over.
    pub fn write_folder(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir(folder)?;
        for (path, file) in self.to_files() {
            let place = folder.join(&*path);
            if let Some(above) = place.parent() {
                fs::create_dir_all(above)?;
            }
            fs::write(&place, &file.bytes)?;
            if file.is_executable {
                executable(&place)?;
            }
        }
        Ok(())
    }

    /// The text of its `task.toml`.
    fn toml(&self) -> String {
        let mut out = String::new();
        line(&mut out, "format", &text(FORMAT));
        line(&mut out, "id", &text(&self.id.to_string()));
        line(&mut out, "title", &text(&self.title));
        line(&mut out, "stratum", &text(self.stratum.as_str()));
        line(&mut out, "tags", &list(&self.tags));
        line(&mut out, "languages", &list(&self.languages));
        if let Some(minutes) = self.human_minutes {
            line(&mut out, "human_minutes", &minutes.to_string());
        }
        line(&mut out, "baseliners", &self.baseliners.to_string());
        line(&mut out, "author", &text(&self.author));
        line(
            &mut out,
            "authored_at",
            &text(&self.authored_at.to_string()),
        );
        line(&mut out, "classification", &text(&self.classification));
        if let Some(recipient) = &self.recipient {
            line(&mut out, "recipient", &text(recipient));
        }
        agent(&mut out, &self.agent);
        if let Some(prepare) = &self.prepare {
            out.push_str("\n[prepare]\n");
            line(&mut out, "command", &list(&prepare.command));
            line(&mut out, "outputs", &list(&prepare.outputs));
            line(&mut out, "keeps", &list(&prepare.keeps));
            line(&mut out, "seconds", &prepare.seconds.to_string());
        }
        out.push_str("\n[grade]\n");
        match &self.grade {
            Grade::Secret => line(&mut out, "secret", "true"),
            Grade::Command {
                command,
                network: net,
                seconds,
                sees_cheats,
            } => {
                line(&mut out, "command", &list(command));
                line(&mut out, "network", network(*net));
                line(&mut out, "seconds", &seconds.to_string());
                if *sees_cheats {
                    out.push_str("\n[grade.cheat]\n");
                }
            }
        }
        out
    }
}

fn agent(out: &mut String, agent: &Agent) {
    out.push_str("\n[agent]\n");
    let solver = match agent.solver {
        Solver::Tools => "\"tools\"",
        Solver::Single => "\"single\"",
    };
    line(out, "solver", solver);
    match &agent.answer {
        Answer::Text => line(out, "answer", "\"text\""),
        Answer::File(path) => {
            line(out, "answer", "\"file\"");
            line(out, "path", &text(path));
        }
    }
    line(out, "protected", &list(&agent.protected));
    line(out, "turns", &agent.turns.to_string());
    line(out, "tokens", &agent.tokens.to_string());
    line(out, "seconds", &agent.seconds.to_string());
    line(out, "network", network(agent.network));
}

fn network(network: Network) -> &'static str {
    match network {
        Network::None => "\"none\"",
        Network::Loopback => "\"loopback\"",
    }
}

#[cfg(unix)]
fn executable(place: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(place, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &Path) -> io::Result<()> {
    Ok(())
}

fn line(out: &mut String, key: &str, value: &str) {
    out.push_str(&format!("{key} = {value}\n"));
}

fn list(words: &[Box<str>]) -> String {
    let inner: Vec<String> = words.iter().map(|word| text(word)).collect();
    format!("[{}]", inner.join(", "))
}

/// A basic string (TOML 1.0.0, "String").
pub(crate) fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            letter if letter.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}
