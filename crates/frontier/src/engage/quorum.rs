//! Quorum: have enough different people of different organizations signed, one for each seat?

use names::{MemberId, OrganizationId};
use serde::{Deserialize, Serialize};

use super::table::Seat;

/// Who signed, for whom, as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    pub person: MemberId,
    pub organization: OrganizationId,
    pub seat: Seat,
}

/// The seats of `wanted` that `signed` leaves open; none where there is a signature for every seat, each of another
/// person of another organization. Nobody is counted twice: an official who also sits as one who is consulted fills
/// one of the two seats, and so does their organization.
pub fn missing(wanted: &[Seat], signed: &[Signature]) -> Vec<Seat> {
    let mut best = wanted.to_vec();
    fill(wanted, signed, &mut Vec::new(), &mut Vec::new(), &mut best);
    best
}

/// Tries every way to fill `wanted`, and keeps in `best` what the fullest leaves open. A quorum has two seats or three
/// and a pending act a handful of signatures, so every way is few ways.
fn fill(
    wanted: &[Seat],
    signed: &[Signature],
    used: &mut Vec<Signature>,
    open: &mut Vec<Seat>,
    best: &mut Vec<Seat>,
) {
    let Some((seat, rest)) = wanted.split_first() else {
        if open.len() < best.len() {
            best.clone_from(open);
        }
        return;
    };
    let is_another = |one: &Signature, used: &[Signature]| {
        used.iter()
            .all(|other| other.person != one.person && other.organization != one.organization)
    };
    for one in signed {
        if one.seat == *seat && is_another(one, used) {
            used.push(*one);
            fill(rest, signed, used, open, best);
            used.pop();
        }
    }
    open.push(*seat);
    fill(rest, signed, used, open, best);
    open.pop();
}

#[cfg(test)]
mod tests {
    use super::*;
    use Seat::{Consulted, Developer, Official};

    fn check(wanted: &[Seat], signed: &[(i64, i64, Seat)], open: &[Seat]) {
        let signed: Vec<Signature> = signed
            .iter()
            .map(|(person, organization, seat)| Signature {
                person: MemberId::new(*person),
                organization: OrganizationId::new(*organization),
                seat: *seat,
            })
            .collect();
        assert_eq!(missing(wanted, &signed), open, "{signed:?}");
    }

    #[test]
    fn a_quorum_is_one_of_each_seat_of_different_organizations() {
        let both = [Official, Consulted];
        check(&both, &[], &both);
        check(&both, &[(1, 1, Official)], &[Consulted]);
        check(&both, &[(1, 1, Official), (2, 2, Consulted)], &[]);
        check(&both, &[(1, 1, Official), (2, 2, Official)], &[Consulted]);
    }

    #[test]
    fn nobody_is_counted_twice() {
        let both = [Official, Consulted];
        // One person in two seats, of one organization or of two.
        check(&both, &[(1, 1, Official), (1, 1, Consulted)], &[Consulted]);
        check(&both, &[(1, 1, Official), (1, 2, Consulted)], &[Consulted]);
        // Two people of one organization.
        check(&both, &[(1, 1, Official), (2, 1, Consulted)], &[Consulted]);
        // A third one mends it, whoever signed first.
        check(
            &both,
            &[(1, 1, Official), (1, 1, Consulted), (2, 2, Consulted)],
            &[],
        );
        check(
            &both,
            &[(1, 1, Consulted), (1, 1, Official), (2, 2, Official)],
            &[],
        );
    }

    #[test]
    fn what_nobody_has_to_sign_lacks_nothing() {
        check(&[], &[], &[]);
        check(&[Developer], &[(1, 1, Developer)], &[]);
    }
}
