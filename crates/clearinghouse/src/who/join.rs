//! Join: how someone who was asked becomes a member, and what proves them from then on.

use jiff::Timestamp;
use keys::{Token, totp};
use names::{MemberId, Role};
use policy::Action;
use store::organization::Organization;
use store::{StoreError, Tx};

use crate::actor::Member;
use crate::who::session::{self, Proof};
use crate::who::sign_in::From;
use crate::who::{credential, device, note, password};
use crate::{Actor, Failure, House};

/// RFC 5321, section 4.5.3.1.3: a path has at most 256 octets, with its brackets.
const EMAIL_CHARS_MAX: usize = 254;
const NAME_CHARS_MAX: usize = 100;

/// An account that was made.
pub struct Joined {
    pub member: Member,
    pub session: Token,
    /// Shown once; empty where there is no password that they would stand in for a device of.
    pub recovery: Vec<String>,
}

/// Someone who becomes a member, with everything checked.
pub(super) struct Newcomer<'a> {
    pub name: &'a str,
    pub email: &'a str,
    pub role: Role,
    pub proof: Proven<'a>,
    /// How they come, for the log: ids and words of ours, never a word of anyone's.
    pub how: &'a str,
}

/// What proves them from now on.
pub(super) enum Proven<'a> {
    /// A password's hash, and the device whose code of `step` was accepted.
    Password {
        hash: Vec<u8>,
        device: &'a totp::Secret,
        step: u64,
    },
    /// Issuer and subject, and what people call the issuer.
    SignOn { subject: &'a str, label: &'a str },
}

/// Makes the account and signs it in; the write ends here.
pub(super) async fn join(
    house: &House,
    tx: Tx,
    organization: &Organization,
    newcomer: Newcomer<'_>,
    from: From<'_>,
    now: Timestamp,
) -> Result<Joined, Failure> {
    let Newcomer {
        name,
        email,
        role,
        proof,
        how,
    } = newcomer;
    let made = store::member::insert(tx.link(), organization.id, name, email, role, now).await;
    let id = match made {
        Ok(id) => id,
        Err(StoreError::Taken(_)) => {
            return Err(Failure::refused(
                "email",
                "this is the address of a member of the organization already",
            ));
        }
        Err(error) => return Err(error.into()),
    };
    let (proof, recovery) = prove(house, &tx, id, proof, now).await?;
    let session = session::begin(house, &tx, id, proof, from.agent, now).await?;
    let member = Member {
        id,
        name: name.into(),
        organization: organization.id,
        kind: organization.kind,
        role,
        staff: organization.staff,
        scopes: None,
    };
    let actor = Actor::Member(member.clone());
    let subject = format!("{id}, {how}");
    note(
        house,
        &tx,
        &actor,
        organization.id,
        Action::SignIn,
        &subject,
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(Joined {
        member,
        session,
        recovery,
    })
}

/// Keeps what proves a new member; says how they came in, and the recovery codes where there are some.
async fn prove(
    house: &House,
    tx: &Tx,
    id: MemberId,
    proof: Proven<'_>,
    now: Timestamp,
) -> Result<(Proof, Vec<String>), Failure> {
    match proof {
        Proven::Password {
            hash,
            device: shown,
            step,
        } => {
            password::put(house, tx, id, &hash, now).await?;
            device::put(house, tx, id, shown, step, now).await?;
            let recovery = device::put_recovery(house, tx, id, now).await?;
            Ok((Proof::Invitation, recovery))
        }
        Proven::SignOn { subject, label } => {
            credential::put(tx, id, "sign-on", subject, label, Vec::new(), now).await?;
            Ok((Proof::SignOn, Vec::new()))
        }
    }
}

/// What is wrong with a person's name.
pub(super) fn name_problem(name: &str) -> Option<String> {
    let is_line = !name.is_empty()
        && name.chars().count() <= NAME_CHARS_MAX
        && !name.chars().any(char::is_control);
    (!is_line).then(|| format!("write your name in one line of 1 to {NAME_CHARS_MAX} characters"))
}

/// One `@` with something on both sides, no blank, no control character. Whether mail arrives only mail can tell.
pub(super) fn is_address(text: &str) -> bool {
    let plain = !text
        .chars()
        .any(|it| it.is_control() || it.is_whitespace() || matches!(it, '<' | '>' | ','));
    let halves = text.rsplit_once('@');
    plain
        && text.chars().count() <= EMAIL_CHARS_MAX
        && halves.is_some_and(|(user, host)| {
            !user.is_empty() && !user.contains('@') && host.contains('.')
        })
}
