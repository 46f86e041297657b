//! Words: enumerations that forms, JSON, the store and pages write in one way.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident $noun:literal { $($(#[$vdoc:meta])* $variant:ident $word:literal $shown:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All of them, in the order that pages list them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word that forms, JSON and the store use.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// The words that pages show.
            pub const fn shown(self) -> &'static str {
                match self { $($name::$variant => $shown,)* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = names::Problems;

            fn from_str(text: &str) -> Result<$name, names::Problems> {
                match text {
                    $($word => Ok($name::$variant),)*
                    _ => Err(names::Problems::one(format!(
                        "{} is no {}; write one of {}", names::problem::quoted(text), $noun,
                        [$($word,)*].map(|word| format!("`{word}`")).join(", ")
                    ))),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
