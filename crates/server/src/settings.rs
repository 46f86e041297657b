//! Settings: who runs this house, and whom it trusts.
//!
//! Whoever can write this file can redirect mail, sign-in and the database; it belongs to the service's user alone.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use keys::note::{Kind, VerifierKey};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::args::Args;
use crate::sign_on::provider::{self, Provider};

/// Where it listens unless said otherwise: only this machine reaches it.
const LISTEN: &str = "127.0.0.1:8790";

/// Most witnesses: a checkpoint has room for 64 signatures (C2SP signed-note), of which one or two are ours; and one
/// that no more than a few of these sign is worth as much.
const WITNESSES_MAX: usize = 16;

/// Most proofs at a time of one worker: each takes a processor and its memory, and a machine of 64 is a large one.
pub const AT_ONCE_MAX: usize = 64;

/// All settings, from the command line first and the file second.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder for the database, the keys and uploaded files.
    pub data_dir: PathBuf,
    /// `sqlite:FILE` or `postgres://…`.
    pub database: String,
    /// The address it listens on.
    pub listen: SocketAddr,
    /// The address people reach it at.
    pub url: Url,
    /// A second address for `/metrics`.
    pub metrics_listen: Option<SocketAddr>,
    /// Others' advisories that OSV API v1 answers from, beside the house's own.
    pub advisories: Option<PathBuf>,
    /// Everything in it is invented, and links of the screen sign in.
    pub demo: bool,
    /// Other houses that recognize people for this one.
    pub providers: Vec<Provider>,
    /// What only the file can say.
    pub file: File,
}

/// `seamarkd.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// Who runs this house, as every page says it.
    pub name: Option<String>,
    /// Where the people who run it are reached.
    pub contact: Option<String>,
    /// The name of the log, such as `harbor.example/log`: chosen once, whatever the address becomes.
    pub origin: Option<String>,
    /// A sentence or two on whom this house is for.
    pub about: Option<String>,
    pub listen: Option<SocketAddr>,
    pub database: Option<String>,
    pub url: Option<Url>,
    pub metrics_listen: Option<SocketAddr>,
    /// Others' advisories, as `seamark index build --originals` writes them: whoever can write that file says what is
    /// known of every package that somebody asks us about.
    pub advisories: Option<PathBuf>,
    /// Set where a proxy of yours stands before every request: its `X-Forwarded-For` is believed. Whoever reaches the
    /// port past that proxy can then say they come from anywhere, and try as many passwords as they like.
    pub behind_proxy: bool,
    /// Who carries our mail; without it, mail waits.
    pub mail: Option<Mail>,
    /// Whether notices may be sent to addresses inside: whoever can add one can then call any neighbor of this machine.
    pub private_webhooks: bool,
    /// Who else is to see the log grow, and to sign that it does (C2SP tlog-witness).
    pub witness: Vec<Witness>,
    /// Whether maintainers are sent at once only what a proof has shown; all else waits until a person has looked at it.
    pub proof_required: bool,
    /// Who re-runs proofs.
    pub worker: Worker,
    /// The secret of a Scrutineer federation. Whoever has it can try out which flaws others hold, as far as they answer.
    pub federation_salt: Option<clearinghouse::house::Salt>,
    /// Folder with what is forbidden besides, one `.cedar` file a subject; `policy` in the data folder unless said.
    pub policy_dir: Option<PathBuf>,
    /// Other houses that recognize people for this one (OpenID Connect): whoever can write this can come in as anyone
    /// whom a provider of theirs names.
    pub sign_on: Vec<provider::Said>,
    /// Who may list and mirror what this house publishes.
    pub provider: Aggregated,
    /// As whom the CVE Program knows who runs this house.
    pub cve: Option<Assigner>,
}

/// `[[witness]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Its key with its name, as its operator publishes it: `NAME+ID+KEY`.
    #[serde(deserialize_with = "witness_key")]
    pub key: VerifierKey,
    /// Where it is asked; `add-checkpoint` is below. Nothing secret goes there, and only its signature is believed.
    pub url: Url,
}

fn witness_key<'de, D: Deserializer<'de>>(from: D) -> Result<VerifierKey, D::Error> {
    let text = String::deserialize(from)?;
    let key: VerifierKey = text.parse().map_err(D::Error::custom)?;
    match key.kind() {
        Kind::Cosignature => Ok(key),
        Kind::Ed25519 => Err(D::Error::custom(format!(
            "`{}` signs as a log does; a witness has a key of type 4 (cosignature)",
            key.name()
        ))),
    }
}

/// `[provider]`: what aggregators of CSAF documents are asked to do.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Aggregated {
    /// Whether they may name this house.
    pub listed: bool,
    /// Whether they may hand on copies of its documents.
    pub mirrored: bool,
}

impl Default for Aggregated {
    fn default() -> Aggregated {
        Aggregated {
            listed: true,
            mirrored: true,
        }
    }
}

/// `[cve]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assigner {
    /// Its UUID, as the CVE Program gave it: records carry it.
    pub organization: String,
    /// 2 to 32 characters: `seamark`.
    pub short_name: String,
}

impl Assigner {
    fn checked(&self) -> Result<(), String> {
        let length = self.short_name.chars().count();
        match (advisory::is_organization(&self.organization), length) {
            (true, 2..=32) => Ok(()),
            (false, _) => Err(format!(
                "`cve`: `organization` is a UUID of version 4, such as `8254265b-2729-46b6-b9e3-3dfca2d5bfca`, not `{}`",
                self.organization
            )),
            (true, _) => Err(format!(
                "`cve`: `short_name` has 2 to 32 characters, not {length}"
            )),
        }
    }
}

/// `[worker]`. Whoever can hand over a report has code of theirs run wherever a worker runs, inside of a sandbox.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Worker {
    /// Whether this house re-runs proofs itself, beside serving. Where `seamarkd worker` runs on machines that have
    /// nothing to lose, turn it off.
    pub here: bool,
    /// Proofs at a time.
    pub at_once: usize,
    /// One proof may take so long, all its runs together.
    pub seconds_max: u64,
}

impl Default for Worker {
    fn default() -> Worker {
        Worker {
            here: true,
            at_once: 1,
            // Three runs of two builds, a patch's tests and a budget of mutations are some minutes each.
            seconds_max: 1_800,
        }
    }
}

/// `[mail]`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// `smtps://user:password@host`. Whoever can write it reads who is told of what, and when.
    pub server: String,
    /// `Harbor ISAC <seamark@harbor.example>`.
    pub from: String,
}

/// The server's address holds a password.
impl std::fmt::Debug for Mail {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Mail(***, {})", self.from)
    }
}

impl Settings {
    /// Joins `args` with the settings file, where there is one.
    ///
    /// # Errors
    ///
    /// Where the file is named and absent, cannot be read, or says what nobody understands.
    pub fn gather(args: &Args) -> Result<Settings, String> {
        let file = match &args.settings {
            Some(path) => read(path)?,
            None => {
                let usual = args.data_dir.join("seamarkd.toml");
                if usual.exists() {
                    read(&usual)?
                } else {
                    File::default()
                }
            }
        };
        if let Some(mail) = &file.mail {
            crate::jobs::Mailer::new(&mail.server, &mail.from)?;
        }
        let providers = provider::read(&file.sign_on, &variable)?;
        if let Some(assigner) = &file.cve {
            assigner.checked()?;
        }
        if file.witness.len() > WITNESSES_MAX {
            return Err(format!("at most {WITNESSES_MAX} witnesses are asked"));
        }
        let Worker {
            at_once,
            seconds_max,
            ..
        } = file.worker;
        if !(1..=AT_ONCE_MAX).contains(&at_once) || seconds_max == 0 {
            return Err(format!(
                "`worker`: `at_once` is from 1 to {AT_ONCE_MAX}, and `seconds_max` more than 0"
            ));
        }
        let listen = args
            .listen
            .or(file.listen)
            .unwrap_or_else(|| LISTEN.parse().expect("it is an address and a port"));
        let url = match args.url.clone().or(file.url.clone()) {
            Some(url) => checked(url)?,
            None => {
                Url::parse(&format!("http://{listen}/")).expect("an address and a port make a URL")
            }
        };
        let database = args.database.clone().or(file.database.clone());
        let database = database
            .unwrap_or_else(|| format!("sqlite:{}", args.data_dir.join("seamark.db").display()));
        Ok(Settings {
            data_dir: args.data_dir.clone(),
            database,
            listen,
            url,
            metrics_listen: args.metrics_listen.or(file.metrics_listen),
            advisories: args.advisories.clone().or(file.advisories.clone()),
            demo: args.demo,
            providers,
            file,
        })
    }

    /// Where the keys are: in the data folder, in a folder of their own.
    pub fn keys_dir(&self) -> PathBuf {
        self.data_dir.join("keys")
    }

    /// Notes the address that was taken, where any free port was asked for.
    pub fn listened(&mut self, address: SocketAddr) {
        if self.listen.port() == 0 && self.url.port() == Some(0) {
            let _ = self.url.set_port(Some(address.port()));
        }
        self.listen = address;
    }

    /// The other house of this name.
    pub fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|one| one.name == name)
    }

    /// Who runs this house.
    pub fn name(&self) -> &str {
        self.file.name.as_deref().unwrap_or("Seamark on trial")
    }

    /// The same for the acts.
    pub fn house(&self) -> clearinghouse::Settings {
        let host = self.url.host_str().unwrap_or("seamark.invalid");
        let origin = self
            .file
            .origin
            .clone()
            .unwrap_or_else(|| format!("{host}/log"));
        clearinghouse::Settings {
            operator: self.name().into(),
            url: self.url.as_str().trim_end_matches('/').into(),
            origin: origin.into(),
            private_webhooks: self.file.private_webhooks,
            proof_required: self.file.proof_required,
            federation_salt: self.file.federation_salt.clone(),
            assigner: self
                .file
                .cve
                .as_ref()
                .map_or_else(Default::default, |said| advisory::Assigner {
                    organization: said.organization.clone(),
                    short_name: said.short_name.clone(),
                }),
            ..clearinghouse::Settings::default()
        }
    }

    /// Whether only this machine reaches it, so that it is no secret how busy it is.
    pub fn is_local(&self) -> bool {
        matches!(
            self.url.host_str(),
            Some("localhost" | "127.0.0.1" | "[::1]")
        ) && self.listen.ip().is_loopback()
    }
}

fn read(path: &Path) -> Result<File, String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("cannot read the settings `{}`: {error}", path.display()))?;
    toml::from_str(&text)
        .map_err(|error| format!("`{}` says what nobody understands: {error}", path.display()))
}

/// A variable of the environment, by the name that the file gives it.
#[expect(
    clippy::disallowed_methods,
    reason = "the door's settings name which variable holds a secret, so clap cannot know it"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn checked(url: Url) -> Result<Url, String> {
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.host_str().is_some();
    if is_plain {
        Ok(url)
    } else {
        Err(format!(
            "`{url}` is no address of a house; write one such as `https://clearinghouse.example`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use expect_test::{Expect, expect};

    use super::*;

    fn check(arguments: &[&str], file: &str, wanted: Expect) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("seamarkd.toml"), file).unwrap();
        let folder = folder.path().display().to_string();
        let args = Args::parse_from(["seamarkd", "--data-dir", &folder].iter().chain(arguments));
        let said = match Settings::gather(&args) {
            Ok(settings) => format!(
                "{} at {} on {}, {}, local {}",
                settings.name(),
                settings.url,
                settings.listen,
                settings.database,
                settings.is_local()
            ),
            Err(problem) => problem,
        };
        wanted.assert_eq(&said.replace(&folder, "DIR"));
    }

    #[test]
    fn nothing_said_means_this_machine_alone() {
        check(
            &[],
            "",
            expect![
                "Seamark on trial at http://127.0.0.1:8790/ on 127.0.0.1:8790, sqlite:DIR/seamark.db, local true"
            ],
        );
    }

    #[test]
    fn the_command_line_beats_the_file() {
        check(
            &["--listen", "127.0.0.1:9000"],
            "name = \"Harbor ISAC\"\nlisten = \"0.0.0.0:80\"\nurl = \"https://harbor.example\"",
            expect![
                "Harbor ISAC at https://harbor.example/ on 127.0.0.1:9000, sqlite:DIR/seamark.db, local false"
            ],
        );
    }

    #[test]
    fn a_word_nobody_knows_is_refused() {
        check(
            &[],
            "nmae = \"Harbor ISAC\"",
            expect![[r#"
                `DIR/seamarkd.toml` says what nobody understands: TOML parse error at line 1, column 1
                  |
                1 | nmae = "Harbor ISAC"
                  | ^^^^
                unknown field `nmae`, expected one of `name`, `contact`, `origin`, `about`, `listen`, `database`, `url`, `metrics_listen`, `advisories`, `behind_proxy`, `mail`, `private_webhooks`, `witness`, `proof_required`, `worker`, `federation_salt`, `policy_dir`, `sign_on`, `provider`, `cve`
            "#]],
        );
    }

    #[test]
    fn all_that_is_wrong_with_the_providers_is_said_at_once() {
        check(
            &[],
            r#"
            [[sign_on]]
            name = "Corp ID"
            issuer = "http://id.example"
            client_id = ""
            client_secret_file = "/nowhere/secret"
            client_secret_env = "SECRET"
            [[sign_on]]
            name = "lab"
            issuer = "https://id.lab.example/"
            client_id = "seamark"
            client_secret_file = "/nowhere/secret"
            role = "admin"
            [[sign_on]]
            name = "lab"
            issuer = "http://127.0.0.1:9000"
            client_id = "seamark"
            client_secret_env = "SEAMARK_A_VARIABLE_THAT_IS_NOT_SET"
            "#,
            expect![[r#"
                `sign_on` `Corp ID`: `name` is a word of an address: 1 to 30 of `a-z`, `0-9` and `-`, such as `corp`
                `sign_on` `Corp ID`: `issuer` is `http://id.example`; write the https address that the provider calls itself by, to the letter
                `sign_on` `Corp ID`: `client_id` is empty; the provider says what it is
                `sign_on` `Corp ID`: both `client_secret_file` and `client_secret_env` are given; keep one
                `sign_on` `lab`: `role` is `member` or `reader`; an administrator is made by hand
                `sign_on` `lab`: `role` takes an `organization`; without one, the invitation says it
                `sign_on` `lab`: cannot read the secret `/nowhere/secret`: No such file or directory (os error 2)
                `sign_on`: there are two called `lab`; each has a name of its own
                `sign_on` `lab`: the variable `SEAMARK_A_VARIABLE_THAT_IS_NOT_SET` is not set"#]],
        );
    }

    #[test]
    fn a_witness_has_a_key_of_its_own_kind() {
        let said = |key: &str| {
            let folder = tempfile::tempdir().unwrap();
            let file = format!("[[witness]]\nkey = \"{key}\"\nurl = \"https://w.example/\"");
            fs::write(folder.path().join("seamarkd.toml"), file).unwrap();
            let folder = folder.path().display().to_string();
            let args = Args::parse_from(["seamarkd", "--data-dir", &folder]);
            Settings::gather(&args).err().unwrap_or_default()
        };
        let signer = keys::Signer::new(&mut keys::SeededDice::new(1)).verifier();
        let key = |kind| VerifierKey::new("w.example/1", kind, signer).unwrap();
        assert_eq!(said(&key(Kind::Cosignature).to_string()), "");
        let of_a_log = said(&key(Kind::Ed25519).to_string());
        let wanted =
            "`w.example/1` signs as a log does; a witness has a key of type 4 (cosignature)";
        assert!(of_a_log.contains(wanted), "{of_a_log}");
        let mistyped = said("w.example/1+00000000+AAAA");
        assert!(mistyped.contains("the key is of type 0"), "{mistyped}");
    }

    #[test]
    fn an_address_with_a_path_is_refused() {
        check(
            &["--url", "https://harbor.example/x"],
            "",
            expect![[
                r#"`https://harbor.example/x` is no address of a house; write one such as `https://clearinghouse.example`"#
            ]],
        );
    }
}
