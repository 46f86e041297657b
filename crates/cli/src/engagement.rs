//! `seamark engagement key | leave`: leaving a clearinghouse without asking it.
//!
//! The statement is an in-toto Statement in a DSSE envelope (docs/engage.md): who leaves what, and no place for a why.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::ExitCode;

use feeds::door::{Door, Question};
use frontier::engage::withdraw::Withdrawal;
use keys::note::{SignerKey, is_name};
use keys::{Signer, statement};

use crate::args::Engagement;
use crate::args::engagement::{Key, Leave};
use crate::failure::{Failure, unreadable, wrong};
use crate::render::text::plain;
use crate::submit::ask::{persist, problems};
use crate::{now, output};

/// A key is a line; a name in it has at most some hundred characters.
const KEY_BYTES_MAX: u64 = 4 << 10;

pub fn engagement(asked: &Engagement) -> Result<ExitCode, Failure> {
    match asked {
        Engagement::Key(asked) => key(asked),
        Engagement::Leave(asked) => leave(asked),
    }
}

fn key(asked: &Key) -> Result<ExitCode, Failure> {
    let signer = Signer::new(&mut keys::SystemDice);
    let key = named(&asked.name)
        .and_then(|name| SignerKey::new(name, signer).map_err(|error| wrong(error.to_string())))?;
    let cannot = |error| {
        wrong(format!(
            "cannot write `{}`: {error}",
            asked.output.display()
        ))
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&asked.output)
        .map_err(cannot)?;
    writeln!(file, "{}", *key.reveal())
        .and_then(|()| file.sync_all())
        .map_err(cannot)?;
    println!("{}", key.verifier());
    eprintln!(
        "seamark: `{}` stays with you; the line above goes into the engagement, as the key to leave by",
        asked.output.display()
    );
    Ok(ExitCode::SUCCESS)
}

fn named(name: &str) -> Result<&str, Failure> {
    match is_name(name) {
        true => Ok(name),
        false => Err(wrong(format!(
            "`--name {}`: a name of a key has no space and no `+`, such as `larkspur.example/leave`",
            plain(name)
        ))),
    }
}

fn leave(asked: &Leave) -> Result<ExitCode, Failure> {
    let key = private(&asked.key)?;
    let said = Withdrawal {
        engagement: asked.engagement,
        developer: asked.developer,
        via: asked.log.as_str().into(),
        at: asked.as_of.unwrap_or_else(now::now),
    };
    let envelope = statement::sign(&said.statement(), &key);
    let bytes = serde_json::to_vec(&envelope).map_err(|error| wrong(error.to_string()))?;
    if asked.output.is_some() || asked.server.is_none() {
        output::to(asked.output.as_deref(), |out| {
            out.write_all(&bytes)?;
            writeln!(out)
        })?;
    }
    let Some(server) = &asked.server else {
        eprintln!(
            "seamark: whoever sends this with POST to `/engagements/{}/leave` of the clearinghouse ends the engagement",
            asked.engagement
        );
        return Ok(ExitCode::SUCCESS);
    };
    let door = Door::new(server, None).map_err(|error| wrong(error.to_string()))?;
    let reply = persist(
        &door,
        &Question {
            method: "POST",
            path: &format!("/engagements/{}/leave", asked.engagement),
            headers: &[("content-type", "application/json")],
            body: &bytes,
        },
    )?;
    match reply.status {
        200..=299 => {
            eprintln!(
                "seamark: {} is left; access to the model has ended",
                asked.engagement
            );
            Ok(ExitCode::SUCCESS)
        }
        404 => Err(wrong(format!(
            "this clearinghouse knows no {} that this key leaves; is it the key whose line stands in it?",
            asked.engagement
        ))),
        status => {
            let value = serde_json::from_slice(&reply.body).unwrap_or_default();
            let said = problems(&value, status);
            let each = said.iter().map(|(_, message)| plain(message));
            Err(wrong(each.collect::<Vec<_>>().join("; ")))
        }
    }
}

fn private(path: &Path) -> Result<SignerKey, Failure> {
    let cannot =
        |error: std::io::Error| unreadable(format!("cannot read `{}`: {error}", path.display()));
    let mut text = String::new();
    fs::File::open(path)
        .map_err(cannot)?
        .take(KEY_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(cannot)?;
    SignerKey::parse(text.trim()).map_err(|error| wrong(format!("`{}`: {error}", path.display())))
}
