//! How long an answer takes: the first time, and from then on. `cargo run --release -p policy --example speed`.

use std::hint::black_box;
use std::time::Instant;

use names::{MemberId, OrganizationId, OrganizationKind, Role, Tlp};
use policy::{Action, Asker, Embargo, Member, Part, Policy, Thing};

/// Enough that the clock's own grain does not show.
const QUESTIONS: u32 = 1_000_000;

fn main() {
    let policy = Policy::new();
    let member = Member {
        id: MemberId::new(1),
        organization: OrganizationId::new(1),
        kind: OrganizationKind::Vendor,
        role: Role::Member,
        staff: false,
        scopes: None,
    };
    let asker = Asker::Member(member);
    let thing = Thing::case()
        .part(Part::Vendor)
        .told(true)
        .embargo(Embargo::Running)
        .tlp(Tlp::Amber);
    let started = Instant::now();
    let answer = policy.may(&asker, Action::SetVerdict, &thing);
    println!("first: {:?}, answer {answer}", started.elapsed());
    let started = Instant::now();
    for _ in 0..QUESTIONS {
        black_box(policy.may(black_box(&asker), Action::SetVerdict, black_box(&thing)));
    }
    println!("then: {:?} each", started.elapsed() / QUESTIONS);
}
