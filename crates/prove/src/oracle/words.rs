//! Words: patterns and the names of signals.

/// Bytes that a compiled pattern may take: a megabyte holds any that a person writes, and its matching stays linear.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// Compiles a pattern, or says what is wrong with it.
pub fn pattern(text: &str) -> Result<regex::Regex, String> {
    let built = regex::RegexBuilder::new(text)
        .size_limit(PATTERN_BYTES_MAX)
        .build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "is too large a pattern; write a shorter one".to_owned(),
        error => {
            let text = error.to_string();
            let last = text.lines().next_back().unwrap_or_default();
            format!(
                "is no regular expression: {}",
                last.trim_start_matches("error: ")
            )
        }
    })
}

/// Signals that end a program, by their numbers on Linux (signal(7), those alike on all of its architectures but
/// Alpha, SPARC and MIPS).
const SIGNALS: &[(&str, i32)] = &[
    ("SIGHUP", 1),
    ("SIGINT", 2),
    ("SIGQUIT", 3),
    ("SIGILL", 4),
    ("SIGTRAP", 5),
    ("SIGABRT", 6),
    ("SIGBUS", 7),
    ("SIGFPE", 8),
    ("SIGKILL", 9),
    ("SIGUSR1", 10),
    ("SIGSEGV", 11),
    ("SIGUSR2", 12),
    ("SIGPIPE", 13),
    ("SIGALRM", 14),
    ("SIGTERM", 15),
    ("SIGXCPU", 24),
    ("SIGXFSZ", 25),
    ("SIGSYS", 31),
];

/// The number of a signal.
pub fn signal_number(name: &str) -> Option<i32> {
    let found = SIGNALS.iter().find(|(known, _)| *known == name);
    found.map(|(_, number)| *number)
}

/// The name of a signal.
pub fn signal_name(number: i32) -> Option<&'static str> {
    let found = SIGNALS.iter().find(|(_, known)| *known == number);
    found.map(|(name, _)| *name)
}
