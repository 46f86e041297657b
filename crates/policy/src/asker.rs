//! Asker: who asks, as far as a policy looks at it.

use std::fmt;
use std::str::FromStr;

use names::problem::quoted;
use names::{MemberId, OrganizationId, OrganizationKind, Problems, Role};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Nobody we know.
    Anonymous,
    /// Someone who signed in, or a program with their token.
    Member(Member),
}

/// A member who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    pub organization: OrganizationId,
    pub kind: OrganizationKind,
    pub role: Role,
    /// Their organization runs this instance.
    pub staff: bool,
    /// What a token may be used for; `None` for a session, which may all that its member may.
    pub scopes: Option<Scopes>,
}

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Read what its member may read.
    Read,
    /// Hand over reports, and ask what is known.
    Submit,
    /// Claim scans, and allow them.
    Claim,
    /// Speak and decide in cases.
    Coordinate,
}

impl Scope {
    /// All of them, in the order that pages list them.
    pub const ALL: &'static [Scope] =
        &[Scope::Read, Scope::Submit, Scope::Claim, Scope::Coordinate];

    /// The word of forms, JSON and policy files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Submit => "submit",
            Scope::Claim => "claim",
            Scope::Coordinate => "coordinate",
        }
    }

    /// What a page says beside it.
    pub const fn explanation(self) -> &'static str {
        match self {
            Scope::Read => "read what you may read",
            Scope::Submit => "hand over reports, and ask whether they are known",
            Scope::Claim => "claim scans, and allow scans of what is yours",
            Scope::Coordinate => "write, decide and publish in cases",
        }
    }
}

impl FromStr for Scope {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Scope, Problems> {
        let found = Scope::ALL.iter().find(|scope| scope.as_str() == text);
        found.copied().ok_or_else(|| {
            let text = quoted(text);
            Problems::one(format!(
                "{text} is no scope; write one of `read`, `submit`, `claim`, `coordinate`"
            ))
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scopes(u8);

impl Scopes {
    /// Whether `scope` is among them.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// These and `scope`.
    #[must_use]
    pub const fn and(self, scope: Scope) -> Scopes {
        Scopes(self.0 | (1 << scope as u8))
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .iter()
            .copied()
            .filter(move |scope| self.has(*scope))
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// As one small number, for a cache.
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Scopes {
        scopes.into_iter().fold(Scopes::default(), Scopes::and)
    }
}

/// Words with a space between: as the store keeps them and as OAuth 2.0 (RFC 6749, section 3.3) writes them.
impl fmt::Display for Scopes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.iter().map(Scope::as_str).collect();
        out.write_str(&words.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Scopes, Problems> {
        text.split_ascii_whitespace().map(Scope::from_str).collect()
    }
}
