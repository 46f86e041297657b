//! Sign-on: someone whom another house has recognized (OpenID Connect). The door verifies what that house says.
//!
//! An account is found by issuer and subject alone. A mail address is what someone is called, and never finds an
//! account: whoever can name a provider's addresses would come in as anyone.

use jiff::Timestamp;
use keys::Token;
use names::{OrganizationId, Refusal, Role};

use crate::who::invitation::Chosen;
use crate::who::join::{Joined, Newcomer, Proven, is_address, join, name_problem};
use crate::who::session::Proof;
use crate::who::sign_in::{From, address, enter, unknown};
use crate::who::{Guest, ceremony, credential, throttle};
use crate::{Failure, House};

/// OpenID Connect Core 1.0, section 2: a subject has at most 255 ASCII characters.
const SUBJECT_CHARS_MAX: usize = 255;
/// What a question to another house is kept for.
const PURPOSE: &str = "single sign-on";

/// Whom the other house has recognized.
#[derive(Clone, Debug)]
pub struct Proved {
    /// Its address, as it names itself.
    pub issuer: String,
    /// Its name for them, which it never gives to anyone else.
    pub subject: String,
    pub name: Option<String>,
    pub email: Option<String>,
}

impl Proved {
    /// As what proves an account that was invited; `label` is what people call the other house.
    pub fn chosen(&self, label: &str) -> Result<Chosen, Failure> {
        Ok(Chosen::SignOn {
            subject: self.key()?,
            label: label.to_owned(),
        })
    }

    /// What an account is found by. An address holds no blank, so no two pairs are alike.
    fn key(&self) -> Result<String, Failure> {
        let is_subject = !self.subject.is_empty()
            && self.subject.len() <= SUBJECT_CHARS_MAX
            && self.subject.is_ascii();
        if is_subject {
            Ok(format!("{} {}", self.issuer, self.subject))
        } else {
            let text = "the other house names nobody that could be found again";
            Err(Refusal::whole(text).into())
        }
    }
}

/// Keeps what the other house was asked.
pub async fn ask(
    house: &House,
    question: &[u8],
    from: From<'_>,
    now: Timestamp,
) -> Result<Token, Failure> {
    ceremony::keep_for(house, PURPOSE, question, from, now).await
}

/// Takes what it was asked: the second time, and after ten minutes, there is nothing.
pub async fn asked(house: &House, state: &str, now: Timestamp) -> Result<Vec<u8>, Failure> {
    let kept = ceremony::take(house, PURPOSE, state, now).await?;
    let text = "no sign-in of this house waits for this answer; begin again";
    kept.ok_or_else(|| Refusal::whole(text).into())
}

/// Whether there is an account of them.
pub async fn is_known(house: &House, proved: &Proved) -> Result<bool, Failure> {
    let link = house.store.link();
    let kept = store::credential::find(link, "sign-on", &proved.key()?).await?;
    Ok(kept.is_some())
}

/// Signs in whoever has been recognized.
pub async fn sign_in(
    house: &House,
    proved: &Proved,
    from: From<'_>,
    now: Timestamp,
) -> Result<Token, Failure> {
    let key = proved.key()?;
    let tx = house.store.write().await?;
    enter(house, tx, Proof::SignOn, &key, None, from, now).await
}

/// From now on whoever has been recognized is the guest, who is signed in and says so. `label` is what people call
/// the other house.
pub async fn link(
    house: &House,
    guest: &Guest,
    proved: &Proved,
    label: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    credential::authorize(house, guest)?;
    let key = proved.key()?;
    let tx = house.store.write().await?;
    let member = guest.member.id;
    credential::put(&tx, member, "sign-on", &key, label, Vec::new(), now).await?;
    credential::settle(house, tx, guest, "single sign-on", now).await
}

/// Makes an account of the organization whose people the other house recognizes, as its operator has said.
pub async fn take_in(
    house: &House,
    proved: &Proved,
    label: &str,
    organization: OrganizationId,
    role: Role,
    from: From<'_>,
    now: Timestamp,
) -> Result<Joined, Failure> {
    throttle::throttle(house, "", from.address, now).await?;
    let key = proved.key()?;
    let email = address(proved.email.as_deref().unwrap_or_default());
    if !is_address(&email) {
        let text = format!(
            "{label} tells no mail address of yours; ask whoever runs it, or for an invitation"
        );
        return Err(Refusal::whole(text).into());
    }
    let name = proved.name.as_deref().map(str::trim).unwrap_or_default();
    let name = match name_problem(name) {
        None => name,
        Some(_) => &email,
    };
    let tx = house.store.write().await?;
    let found = store::organization::find(tx.link(), organization).await?;
    let here = found.filter(|one| one.left.is_none()).ok_or_else(unknown)?;
    if store::leave::suspended(tx.link()).await?.contains(&here.id) {
        return Err(unknown());
    }
    let proof = Proven::SignOn {
        subject: &key,
        label,
    };
    let newcomer = Newcomer {
        name,
        email: &email,
        role,
        proof,
        how: "by single sign-on",
    };
    join(house, tx, &here, newcomer, from, now).await
}
