//! Witness: others are shown the log, and asked to sign that it only grew.
//!
//! C2SP tlog-witness, `add-checkpoint`. What to ask and what an answer is worth is decided in
//! `clearinghouse::log::witness`; here is the connection, with a bound on its time and on what comes back.

use std::sync::Arc;
use std::time::Duration;

use clearinghouse::Failure;
use clearinghouse::log::witness::{Ask, Outcome, answered, ask, is_due, unreached};
use futures_util::future::join_all;
use tlog::witness::{ANSWER_BYTES_MAX, PATH};
use ureq::Agent;
use ureq::config::Config;
use url::Url;

use crate::App;
use crate::settings::Witness;

/// A witness verifies a proof of some forty hashes and signs: milliseconds, and a round trip round the world.
const ASK_SECONDS_MAX: u64 = 10;

/// Asked so often in a row at most: the first answer may say that it is behind, and others of ours may have asked
/// meanwhile; who then still says so is asked the next time.
const ASKS_MAX: usize = 3;

/// Asks every witness of the settings that is due, all at once.
///
/// # Errors
///
/// Where the store does not answer. What a witness does wrong is noted, and no error.
pub async fn witnesses(app: &App) -> Result<(), Failure> {
    let asked = app.settings.file.witness.iter().map(|it| one(app, it));
    for ended in join_all(asked).await {
        ended?;
    }
    Ok(())
}

async fn one(app: &App, witness: &Witness) -> Result<(), Failure> {
    let (house, key) = (&app.house, &witness.key);
    if !is_due(house, key, app.now()).await? {
        return Ok(());
    }
    for _ in 0..ASKS_MAX {
        let Some(asked) = ask(house, key).await? else {
            return Ok(());
        };
        let asked = Arc::new(asked);
        let (url, sent) = (witness.url.clone(), Arc::clone(&asked));
        let called = tokio::task::spawn_blocking(move || post(&url, &sent)).await;
        let ending = match called.unwrap_or_else(|_| Err("the caller stopped".to_owned())) {
            Ok((status, body)) => answered(house, key, &asked, (status, &body), app.now()).await?,
            Err(why) => {
                unreached(house, key, &why, app.now()).await?;
                Outcome::Not(why.into())
            }
        };
        let said = match &ending {
            Outcome::Cosigned => "cosigned",
            Outcome::AskAgain => "behind",
            Outcome::Not(_) => "not",
        };
        let labels = [
            ("witness", key.name().to_owned()),
            ("ending", said.to_owned()),
        ];
        metrics::counter!("seamarkd_witness_asks_total", &labels).increment(1);
        match ending {
            Outcome::AskAgain => {}
            Outcome::Cosigned => return Ok(()),
            Outcome::Not(why) => {
                tracing::warn!(witness = key.name(), %why, "a witness did not cosign");
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Posts once; status and body.
fn post(url: &Url, asked: &Ask) -> Result<(u16, String), String> {
    let config: Config = Agent::config_builder()
        .tls_config(super::webhook::tls())
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("seamarkd/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(Duration::from_secs(ASK_SECONDS_MAX)))
        .build();
    let address = format!("{}/{PATH}", url.as_str().trim_end_matches('/'));
    let answer = Agent::new_with_config(config)
        .post(&address)
        .content_type("text/plain; charset=utf-8")
        .send(&asked.body);
    let mut answer = answer.map_err(|error| error.to_string())?;
    let body = answer.body_mut().with_config();
    let body = body.limit(ANSWER_BYTES_MAX as u64).read_to_string();
    let body = body.map_err(|error| error.to_string())?;
    Ok((answer.status().as_u16(), body))
}
