//! The file of credentials: what opens to us what a provider keeps from the public.
//!
//! Whoever can read it can read what providers show only to us, so it has to be its owner's alone.

use std::fs;
use std::path::Path;

use feeds::web::{Credential, Credentials};
use serde::Deserialize;

use crate::failure::{Failure, wrong};

/// Longest file: a thousand providers with tokens of a KiB each.
const BYTES_MAX: u64 = 1 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default, rename = "credential")]
    credentials: Vec<RawCredential>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCredential {
    host: String,
    bearer: Option<String>,
    user: Option<String>,
    password: Option<String>,
}

/// Reads it; without a file there are none.
pub fn credentials(file: Option<&Path>) -> Result<Credentials, Failure> {
    let mut credentials = Credentials::default();
    let Some(file) = file else {
        return Ok(credentials);
    };
    let shown = file.display();
    let cannot = |reason: &dyn std::fmt::Display| {
        wrong(format!("cannot read the credentials `{shown}`: {reason}"))
    };
    let found = fs::metadata(file).map_err(|reason| cannot(&reason))?;
    if found.len() > BYTES_MAX {
        return Err(cannot(&format!("longer than {BYTES_MAX} bytes")));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if found.permissions().mode() & 0o077 != 0 {
            return Err(wrong(format!(
                "the credentials `{shown}` can be read or written by others; `chmod 600 {shown}` makes them yours alone"
            )));
        }
    }
    let text = fs::read_to_string(file).map_err(|reason| cannot(&reason))?;
    // What stands in the file is not shown, also not where it is wrong.
    let raw: Raw = toml::from_str(&text).map_err(|reason| cannot(&reason.message()))?;
    let mut wrongs = Vec::new();
    for one in raw.credentials {
        if one.host.is_empty() || one.host.contains('/') {
            wrongs.push(
                "a `host` is such as `psirt.example.com` or `psirt.example.com:8443`".to_owned(),
            );
        }
        match (one.bearer, one.user, one.password) {
            (Some(token), None, None) => credentials.add(&one.host, Credential::Bearer(token)),
            (None, Some(user), Some(password)) => {
                credentials.add(&one.host, Credential::Basic { user, password })
            }
            _ => wrongs.push(format!(
                "`{}` needs either `bearer`, or `user` and `password`",
                one.host
            )),
        }
    }
    match wrongs.is_empty() {
        true => Ok(credentials),
        false => Err(wrong(format!(
            "the credentials `{shown}` are wrong:\n  {}",
            wrongs.join("\n  ")
        ))),
    }
}
