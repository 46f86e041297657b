//! What does a certificate say of itself, and what of it holds? (RFC 9580, sections 5.2.1 and 10.1)

use super::packet::{self, Packet};
use super::public::Public;
use super::signature::{Kind, Signature};
use super::{CHECKS_MAX, Certificate, KEYS_MAX, Member, Refusal, Revoked};

/// The certificate that these packets are, as far as its self-signatures hold.
pub(super) fn read(packets: &[Packet<'_>]) -> Result<Certificate, Refusal> {
    let Some((first, rest)) = packets.split_first() else {
        return Err(Refusal::Form("certificate is empty".to_owned()));
    };
    let primary = Public::read(first.body)?;
    let mut reading = Reading::new(&primary);
    let mut about = About::Primary;
    let mut subkeys: Vec<Subkey> = Vec::new();
    for packet in rest {
        match packet.tag {
            packet::USER_ID => {
                about = About::Name(packet.body);
                if reading.names.len() < KEYS_MAX {
                    let name: String = String::from_utf8_lossy(packet.body)
                        .chars()
                        .take(200)
                        .collect();
                    reading.names.push(name);
                }
            }
            packet::PUBLIC_SUBKEY if subkeys.len() < KEYS_MAX => {
                // A subkey of a kind that is not known here cannot have signed what is verified here.
                match Public::read(packet.body) {
                    Ok(public) => {
                        subkeys.push(Subkey::new(public));
                        about = About::Subkey;
                    }
                    Err(_) => about = About::Other,
                }
            }
            packet::SIGNATURE => match (&about, subkeys.last_mut()) {
                (About::Primary, _) => reading.on_primary(packet.body),
                (About::Name(name), _) => reading.on_name(packet.body, name),
                (About::Subkey, Some(subkey)) => reading.on_subkey(packet.body, subkey),
                (About::Subkey | About::Other, _) => {}
            },
            packet::USER_ATTRIBUTE | packet::PUBLIC_SUBKEY => about = About::Other,
            _ => {}
        }
    }
    Ok(reading.finish(subkeys))
}

/// What the packets last seen are about.
enum About<'a> {
    Primary,
    Name(&'a [u8]),
    Subkey,
    /// A picture, or something that is not known: signatures on it say nothing here.
    Other,
}

/// A subkey on its way in.
struct Subkey {
    public: Public,
    /// The newest binding that holds: when it was made, whether it may sign, how long the key lasts.
    binding: Option<(u64, bool, Option<u64>)>,
    revoked: Option<Revoked>,
}

impl Subkey {
    fn new(public: Public) -> Subkey {
        Subkey {
            public,
            binding: None,
            revoked: None,
        }
    }
}

/// What self-signatures said so far.
struct Reading<'a> {
    primary: &'a Public,
    /// The newest word on the primary key: when, whether it may sign, how long it lasts.
    word: Option<(u64, bool, Option<u64>)>,
    revoked: Option<Revoked>,
    names: Vec<String>,
    checks_left: usize,
}

impl<'a> Reading<'a> {
    fn new(primary: &'a Public) -> Reading<'a> {
        Reading {
            primary,
            word: None,
            revoked: None,
            names: Vec::new(),
            checks_left: CHECKS_MAX,
        }
    }

    /// A signature of the primary key over `told` that holds, of one of these kinds.
    fn own(&mut self, body: &[u8], kinds: &[Kind], told: &[&[u8]]) -> Option<Signature> {
        let signature = Signature::read(body).ok()?;
        if !kinds.contains(&signature.kind)
            || !signature.may_be_by(self.primary)
            || self.checks_left == 0
        {
            return None;
        }
        self.checks_left -= 1;
        signature.is_own_by(self.primary, told).then_some(signature)
    }

    fn on_primary(&mut self, body: &[u8]) {
        let hashed = self.primary.hashed();
        if let Some(signature) = self.own(body, &[Kind::Direct, Kind::RevokesKey], &[&hashed]) {
            match signature.kind {
                Kind::RevokesKey => self.revoked = worse(self.revoked, signature.revocation()),
                _ => self.hear(&signature),
            }
        }
    }

    fn on_name(&mut self, body: &[u8], name: &[u8]) {
        let hashed = self.primary.hashed();
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX).to_be_bytes();
        let told: [&[u8]; 4] = [&hashed, &[0xb4], &length, name];
        if let Some(signature) = self.own(body, &[Kind::CertifiesName], &told) {
            self.hear(&signature);
        }
    }

    fn hear(&mut self, signature: &Signature) {
        let made = signature.made.unwrap_or(0);
        if self.word.is_none_or(|(when, ..)| made >= when) {
            // A key without flags is from before there were any, and may sign.
            self.word = Some((
                made,
                signature.may_sign().unwrap_or(true),
                signature.key_lasts,
            ));
        }
    }

    fn on_subkey(&mut self, body: &[u8], subkey: &mut Subkey) {
        let hashed = [self.primary.hashed(), subkey.public.hashed()];
        let told: [&[u8]; 2] = [&hashed[0], &hashed[1]];
        let Some(signature) = self.own(body, &[Kind::BindsSubkey, Kind::RevokesSubkey], &told)
        else {
            return;
        };
        if signature.kind == Kind::RevokesSubkey {
            subkey.revoked = worse(subkey.revoked, signature.revocation());
            return;
        }
        // Section 5.2.1, 0x18: a subkey that signs has to agree.
        let agrees = signature.embedded.as_deref().is_some_and(|back| {
            let back = Signature::read(back);
            back.is_ok_and(|back| {
                back.kind == Kind::BindsBack && back.is_own_by(&subkey.public, &told)
            })
        });
        let may_sign = signature.may_sign() == Some(true) && agrees;
        let made = signature.made.unwrap_or(0);
        if subkey.binding.is_none_or(|(when, ..)| made >= when) {
            subkey.binding = Some((made, may_sign, signature.key_lasts));
        }
    }

    fn finish(self, subkeys: Vec<Subkey>) -> Certificate {
        let end = |public: &Public, lasts: Option<u64>| {
            lasts.map(|lasts| public.made.saturating_add(lasts))
        };
        let mut signers = Vec::new();
        // A key about which its owner says nothing that holds is nobody's.
        if let Some((_, may_sign, lasts)) = self.word {
            let until = end(self.primary, lasts);
            if may_sign && self.primary.can_verify() {
                signers.push(Member {
                    public: self.primary.clone(),
                    until,
                    revoked: self.revoked,
                });
            }
            for subkey in subkeys {
                let Some((_, true, lasts)) = subkey.binding else {
                    continue;
                };
                if subkey.public.can_verify() {
                    let own = end(&subkey.public, lasts);
                    signers.push(Member {
                        until: [own, until].into_iter().flatten().min(),
                        revoked: subkey
                            .revoked
                            .map_or(self.revoked, |one| worse(self.revoked, one)),
                        public: subkey.public,
                    });
                }
            }
        }
        Certificate {
            fingerprint: self.primary.fingerprint.clone(),
            signers,
            names: self.names,
        }
    }
}

fn worse(known: Option<Revoked>, new: Revoked) -> Option<Revoked> {
    Some(match (known, new) {
        (None, new) => new,
        (Some(Revoked::From(one)), Revoked::From(other)) => Revoked::From(one.min(other)),
        _ => Revoked::Wholly,
    })
}
