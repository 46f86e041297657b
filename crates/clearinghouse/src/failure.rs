//! Failure: how an act ends when it does not end well.

use names::Refusal;
use store::StoreError;

/// The four endings. The door maps them to 422, 403, 404 and 500 in one place.
#[derive(Debug)]
pub enum Failure {
    /// The rules say no, and why, in words for the person who asked.
    Refused(Refusal),
    /// They may see it, and may not do this to it.
    Denied,
    /// There is no such thing, or none that they may know of. Never told apart.
    Hidden,
    /// Our fault. They see a number, the log has the cause.
    Broken(Incident),
}

/// What went wrong on our side. Its text is for the operator's log alone.
#[derive(Debug)]
pub struct Incident {
    cause: Box<dyn std::error::Error + Send + Sync>,
}

impl Incident {
    /// What went wrong.
    pub fn cause(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        &*self.cause
    }

    /// Whether the store was away, so that the same may work in a moment.
    pub fn is_away(&self) -> bool {
        let cause = self.cause.downcast_ref::<StoreError>();
        cause.is_some_and(StoreError::is_away) || self.cause.is::<Busy>()
    }
}

/// Nothing is wrong but that it came at a bad moment.
#[derive(Debug)]
struct Busy(&'static str);

impl std::fmt::Display for Busy {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.0)
    }
}

impl std::error::Error for Busy {}

impl Failure {
    /// The same may work in a moment, and does not now, because of `cause`.
    pub fn away(cause: &'static str) -> Failure {
        Failure::broken(Busy(cause))
    }

    /// Our fault, because of `cause`.
    pub fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
        Failure::Broken(Incident {
            cause: cause.into(),
        })
    }

    /// The rules say no to one field.
    pub fn refused(field: &str, message: impl Into<Box<str>>) -> Failure {
        Failure::Refused(Refusal::of(field, message))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::broken(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Refused(refusal)
    }
}

impl From<keys::SealError> for Failure {
    fn from(error: keys::SealError) -> Failure {
        Failure::broken(error)
    }
}

impl From<tlog::entry::EntryError> for Failure {
    fn from(error: tlog::entry::EntryError) -> Failure {
        Failure::broken(error)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Refused(refusal) => refusal.fmt(out),
            Failure::Denied => out.write_str("not allowed"),
            Failure::Hidden => out.write_str("no such thing"),
            Failure::Broken(_) => out.write_str("our fault"),
        }
    }
}

impl std::error::Error for Failure {}
