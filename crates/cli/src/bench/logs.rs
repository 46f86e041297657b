//! `seamark bench import` and `export`: tasks and logs of other harnesses.

use std::fs;
use std::process::ExitCode;

use ::bench::{import as tasks, log};
use jiff::tz::TimeZone;
use log::eee;

use crate::args::{self, bench::LogForm};
use crate::failure::{Failure, unreadable, wrong};
use crate::render::text::{counted, plain};
use crate::{now, output};

pub fn import(asked: &args::bench::Import) -> Result<ExitCode, Failure> {
    let today = now::now().to_zoned(TimeZone::UTC).date();
    let imported = tasks::import(&asked.from, today, &mut keys::SystemDice).map_err(|refusal| {
        wrong(format!(
            "`{}` cannot be taken over:{}",
            asked.from.display(),
            super::listed(&refusal)
        ))
    })?;
    tasks::write(&imported, &asked.output)
        .map_err(|error| unreadable(format!("`{}`: {error}", asked.output.display())))?;
    output::to(None, |out| {
        for task in &imported.tasks {
            writeln!(
                out,
                "wrote {}",
                plain(&asked.output.join(&*task.name).display().to_string())
            )?;
        }
        if !imported.left.is_empty() {
            writeln!(out, "\nNot carried over")?;
            let left: Vec<String> = imported
                .left
                .iter()
                .map(|left| format!("{}: {}", left.task, left.what))
                .collect();
            super::items(out, &left)?;
        }
        writeln!(
            out,
            "\nThen: `seamark bench check` on the suite; a task that is not shown to be solvable does not run"
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

pub fn export(asked: &args::bench::Export) -> Result<ExitCode, Failure> {
    let read = log::read(asked.log.as_path()).map_err(|refusal| unreadable(refusal.to_string()))?;
    match asked.form {
        LogForm::Eval => one(asked, &log::write_eval(&read))?,
        LogForm::Json => one(asked, &log::write_json(&read))?,
        LogForm::Eee => {
            let about = eee::About {
                organization: asked.organization.as_str().into(),
                relationship: eee::Relationship::Other,
                developer: asked.developer.as_str().into(),
                retrieved_at: now::now(),
                random: keys::dice::draw(&mut keys::SystemDice),
                bounds: Vec::new(),
            };
            let export = eee::export(&read, &about)
                .map_err(|problems| wrong(format!("`{}`: {problems}", asked.log.display())))?;
            for (path, text) in [
                (&export.path, &export.aggregate),
                (&export.instances_path, &export.instances),
            ] {
                let file = asked.output.join(&**path);
                let made = file.parent().map_or(Ok(()), fs::create_dir_all);
                made.map_err(|error| unreadable(format!("`{}`: {error}", file.display())))?;
                output::to(Some(&file), |out| out.write_all(text.as_bytes()))?;
                eprintln!("seamark: wrote {}", file.display());
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn one(asked: &args::bench::Export, bytes: &[u8]) -> Result<(), Failure> {
    output::to(Some(&asked.output), |out| out.write_all(bytes))?;
    eprintln!(
        "seamark: wrote {}, {}",
        asked.output.display(),
        counted(bytes.len() as u64, "byte", "bytes")
    );
    Ok(())
}
