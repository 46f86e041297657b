//! Holder: who holds a share, for which organization, and with which key?

use std::fmt;

use keys::Dice;
use keys::hpke::{Opener, Recipient};
use names::Problems;
use serde::{Deserialize, Serialize};

/// The form of a holder's public file.
const PUBLIC: &str = "seamark-holder/1";
/// The form of a holder's secret file.
const SECRET: &str = "seamark-holder-secret/1";
/// Bytes of a name or an organization: as long as people write them in full, 200.
const NAME_BYTES_MAX: usize = 200;
/// Bytes of a file of a holder: two names and a key are 600; 4 KiB.
const FILE_BYTES_MAX: usize = 4096;

/// Who holds a share. Public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    #[serde(default = "public")]
    pub format: Box<str>,
    /// A person or an office.
    pub name: Box<str>,
    pub organization: Box<str>,
    /// The key that shares are sealed to: X25519, 64 hexadecimal digits.
    pub key: Box<str>,
}

fn public() -> Box<str> {
    PUBLIC.into()
}

/// A holder with the key that opens.
pub struct HolderKey {
    holder: Holder,
    opener: Opener,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretFile {
    format: Box<str>,
    name: Box<str>,
    organization: Box<str>,
    /// 64 hexadecimal digits.
    secret: Box<str>,
}

/// Whether two names are of one organization: letters and digits alone, capitals or not.
///
/// Whoever gives one organization two names is not found out by this; the holders' names stand in the head, for all to see.
pub fn same_organization(one: &str, other: &str) -> bool {
    let bare = |name: &str| -> String {
        let letters = name.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    bare(one) == bare(other)
}

impl Holder {
    /// Reads a holder's public file.
    pub fn read(text: &[u8]) -> Result<Holder, Problems> {
        let holder: Holder = parse(text, "public file of a holder", "key")?;
        if *holder.format != *PUBLIC {
            return Err(Problems::one(format!(
                "no public file of a holder; its `format` is `{PUBLIC}`"
            )));
        }
        holder.check().or(holder)
    }

    /// As its file has it.
    pub fn to_text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a holder is texts");
        format!("{text}\n")
    }

    /// All that is wrong with it.
    pub(super) fn check(&self) -> Problems {
        let mut problems = named(&self.name, &self.organization);
        if let Err(problem) = self.recipient() {
            problems.extend(problem);
        }
        problems
    }

    /// The key that is sealed to.
    pub fn recipient(&self) -> Result<Recipient, Problems> {
        super::unhex(&self.key)
            .map(Recipient::from_bytes)
            .ok_or_else(|| {
                Problems::one(format!(
                    "key of `{}` is no key; it has 64 hexadecimal digits",
                    self.name
                ))
            })
    }
}

fn named(name: &str, organization: &str) -> Problems {
    let mut problems = Problems::none();
    for (what, text) in [("name", name), ("organization", organization)] {
        if !text.chars().any(char::is_alphanumeric) {
            problems.add(format!("a holder needs a {what}, with letters in it"));
        }
        if text.len() > NAME_BYTES_MAX || text.chars().any(char::is_control) {
            problems.add(format!(
                "{what} of a holder is longer than {NAME_BYTES_MAX} bytes or has control characters"
            ));
        }
    }
    problems
}

fn parse<'t, T: Deserialize<'t>>(text: &'t [u8], what: &str, last: &str) -> Result<T, Problems> {
    if text.len() > FILE_BYTES_MAX {
        return Err(Problems::one(format!("no {what}: longer than 4 KiB")));
    }
    // The message of the reader may quote what it read, which may be a secret.
    serde_json::from_slice(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problems::one(format!(
            "no {what}: line {line}, column {column}; it is an object of `format`, `name`, `organization` and `{last}`"
        ))
    })
}

impl HolderKey {
    /// A new one.
    pub fn new(name: &str, organization: &str, dice: &mut dyn Dice) -> Result<HolderKey, Problems> {
        named(name, organization).or(())?;
        Ok(HolderKey::of(name, organization, Opener::new(dice)))
    }

    fn of(name: &str, organization: &str, opener: Opener) -> HolderKey {
        HolderKey {
            holder: Holder {
                format: PUBLIC.into(),
                name: name.into(),
                organization: organization.into(),
                key: super::hex(opener.recipient().bytes()).into(),
            },
            opener,
        }
    }

    /// Reads a holder's secret file.
    pub fn read(text: &[u8]) -> Result<HolderKey, Problems> {
        let file: SecretFile = parse(text, "secret file of a holder", "secret")?;
        let secret = super::unhex(&file.secret).filter(|_| *file.format == *SECRET);
        let Some(secret) = secret else {
            return Err(Problems::one(format!(
                "no secret file of a holder; its `format` is `{SECRET}`, and its `secret` has 64 hexadecimal digits"
            )));
        };
        let opener = Opener::from_bytes(secret);
        named(&file.name, &file.organization).or(HolderKey::of(
            &file.name,
            &file.organization,
            opener,
        ))
    }

    /// As its file has it, which nobody but its holder reads: mode 0600.
    pub fn to_secret_text(&self) -> String {
        let file = SecretFile {
            format: SECRET.into(),
            name: self.holder.name.clone(),
            organization: self.holder.organization.clone(),
            secret: super::hex(self.opener.bytes()).into(),
        };
        let text = serde_json::to_string_pretty(&file).expect("a holder is texts");
        format!("{text}\n")
    }

    /// What is public of it.
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    pub(super) fn opener(&self) -> &Opener {
        &self.opener
    }
}

impl fmt::Debug for HolderKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "HolderKey(***, {:?})", self.holder)
    }
}
