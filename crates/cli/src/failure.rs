//! Why a command did not do what it was asked, and the exit code that says so.

/// Told once, on standard error.
#[derive(Debug)]
pub struct Failure {
    pub code: u8,
    /// Whoever read our output went away.
    pub closed: bool,
    pub message: String,
}

/// The command or a setting is wrong.
pub fn wrong(message: impl Into<String>) -> Failure {
    Failure {
        code: 2,
        closed: false,
        message: message.into(),
    }
}

/// Advisories or the index cannot be read.
pub fn unreadable(message: impl Into<String>) -> Failure {
    Failure {
        code: 3,
        closed: false,
        message: message.into(),
    }
}

/// An error and everything behind it, on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
