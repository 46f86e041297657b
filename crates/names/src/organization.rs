//! Who takes part: kinds of organizations, and what a member may be in one.

use std::fmt;
use std::str::FromStr;

use crate::Problems;
use crate::problem::quoted;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident $noun:literal { $($(#[$vdoc:meta])* $variant:ident $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All of them, in the order that pages list them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word that forms, JSON and policy files use.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }

        impl FromStr for $name {
            type Err = Problems;

            fn from_str(text: &str) -> Result<$name, Problems> {
                match text {
                    $($word => Ok($name::$variant),)*
                    _ => Err(Problems::one(format!(
                        "{} is no {}; write one of {}", quoted(text), $noun,
                        [$($word,)*].map(|word| format!("`{word}`")).join(", ")
                    ))),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What an organization is here for. It decides what its members can be asked to do, never what they see of others.
    OrganizationKind "kind of organization" {
        /// Looks for flaws and hands them over.
        Finder "finder",
        /// Makes or maintains software; owns the verdict on flaws in it.
        Vendor "vendor",
        /// Runs software and has to fix it in time.
        Operator "operator",
        /// A government body that takes part as itself.
        Agency "agency",
        /// Runs cases: this clearinghouse's own staff, or another coordinator.
        Coordinator "coordinator",
        /// Develops AI models.
        Developer "developer",
        /// Measures what models can do.
        Evaluator "evaluator",
        /// Has early access to a model by agreement.
        Partner "partner",
        /// Verifies from the log, and sees no secret.
        Auditor "auditor",
    }
}

words! {
    /// What a member may do for their organization.
    Role "role" {
        /// Invites, removes, makes tokens, decides to leave.
        Admin "admin",
        /// Does the organization's work.
        Member "member",
        /// Reads what the organization may see, changes nothing.
        Reader "reader",
    }
}
