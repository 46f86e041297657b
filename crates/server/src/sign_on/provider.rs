//! Provider: which other houses recognize people for this one, as `seamarkd.toml` says.
//!
//! Whoever can write this can come in as anyone whom a provider of theirs names.

use std::path::PathBuf;

use names::{OrganizationId, Role};
use serde::Deserialize;
use url::Url;

use super::caller::is_safe;

/// A word of an address.
const NAME_CHARS_MAX: usize = 30;
/// A button.
const LABEL_CHARS_MAX: usize = 60;

/// `[[sign_on]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The word in addresses: `corp` in `/sign-in/with/corp`, which the provider is told to send people back to.
    pub name: String,
    /// What the button says; the name unless said.
    pub label: Option<String>,
    /// As the provider calls itself, to the letter.
    pub issuer: String,
    /// As the provider calls this house.
    pub client_id: String,
    /// A file with the secret that this house shows the provider. Without one, it is a public client.
    pub client_secret_file: Option<PathBuf>,
    /// The variable of the environment that holds the secret, in place of a file.
    pub client_secret_env: Option<String>,
    /// Where everyone whom the provider recognizes is a member. Without one, they are invited like anyone.
    pub organization: Option<OrganizationId>,
    /// What they may do there, `member` or `reader`; administrators are made by hand.
    pub role: Option<Role>,
}

/// A house that recognizes people for this one.
#[derive(Clone)]
pub struct Provider {
    pub name: String,
    pub label: String,
    pub issuer: String,
    pub client_id: String,
    pub secret: Option<Secret>,
    /// Where everyone whom it recognizes is a member, and as what.
    pub home: Option<(OrganizationId, Role)>,
}

/// What this house shows a provider. Printed as stars.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Secret(***)")
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Provider({}, {})", self.name, self.issuer)
    }
}

/// Reads what is said of providers, or all that is wrong with it, a line each. `variable` reads the environment.
pub fn read(
    all: &[Said],
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Provider>, String> {
    let mut problems = Vec::new();
    let mut providers: Vec<Provider> = Vec::new();
    for said in all {
        if providers.iter().any(|other| other.name == said.name) {
            problems.push(format!(
                "`sign_on`: there are two called `{}`; each has a name of its own",
                said.name
            ));
        }
        let secret = problems_of(said, variable, &mut problems);
        let label = said.label.clone().unwrap_or_else(|| said.name.clone());
        providers.push(Provider {
            name: said.name.clone(),
            label,
            issuer: said.issuer.clone(),
            client_id: said.client_id.clone(),
            secret,
            home: said
                .organization
                .map(|id| (id, said.role.unwrap_or(Role::Member))),
        });
    }
    match problems.is_empty() {
        true => Ok(providers),
        false => Err(problems.join("\n")),
    }
}

/// Adds what is wrong with one; answers with its secret.
fn problems_of(
    said: &Said,
    variable: &dyn Fn(&str) -> Option<String>,
    problems: &mut Vec<String>,
) -> Option<Secret> {
    let mut wrong = |text: String| problems.push(format!("`sign_on` `{}`: {text}", said.name));
    let is_word = |text: &str| {
        text.chars()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-')
    };
    if said.name.is_empty() || said.name.len() > NAME_CHARS_MAX || !is_word(&said.name) {
        wrong(format!(
            "`name` is a word of an address: 1 to {NAME_CHARS_MAX} of `a-z`, `0-9` and `-`, such as `corp`"
        ));
    }
    let label = said.label.as_deref().unwrap_or("it");
    if label.trim().is_empty()
        || label.chars().count() > LABEL_CHARS_MAX
        || label.chars().any(char::is_control)
    {
        wrong(format!(
            "`label` is what a button says, in 1 to {LABEL_CHARS_MAX} characters"
        ));
    }
    let issuer = Url::parse(&said.issuer);
    if !issuer.is_ok_and(|url| is_safe(&url) && url.query().is_none() && url.fragment().is_none()) {
        wrong(format!(
            "`issuer` is `{}`; write the https address that the provider calls itself by, to the letter",
            said.issuer
        ));
    }
    if said.client_id.trim().is_empty() {
        wrong("`client_id` is empty; the provider says what it is".to_owned());
    }
    if said.role == Some(Role::Admin) {
        wrong("`role` is `member` or `reader`; an administrator is made by hand".to_owned());
    }
    if said.role.is_some() && said.organization.is_none() {
        wrong("`role` takes an `organization`; without one, the invitation says it".to_owned());
    }
    let secret = match (&said.client_secret_file, &said.client_secret_env) {
        (None, None) => return None,
        (Some(_), Some(_)) => {
            Err("both `client_secret_file` and `client_secret_env` are given; keep one".to_owned())
        }
        (Some(path), None) => std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read the secret `{}`: {error}", path.display())),
        (None, Some(name)) => {
            variable(name).ok_or_else(|| format!("the variable `{name}` is not set"))
        }
    };
    match secret {
        Ok(text) if text.trim().is_empty() => wrong("the client's secret is empty".to_owned()),
        Ok(text) => return Some(Secret(text.trim().to_owned())),
        Err(text) => wrong(text),
    }
    None
}
