//! Network: does a command or a program ask a host outside?

use super::shell::Command;

/// Programs that open a connection to what they are told.
const TOOLS: [&str; 21] = [
    "curl", "wget", "nc", "ncat", "netcat", "socat", "ssh", "scp", "sftp", "telnet", "ftp", "tftp",
    "aria2c", "lynx", "w3m", "links", "http", "https", "httpie", "rsync", "nmap",
];

/// Letters of their options that take a value, which is no host.
const VALUED: [(&str, &str); 8] = [
    ("curl", "AbcCdDeEFHKmoPQrTtuUwXxYyz"),
    ("wget", "aABDeiIlOoPQRTtUwX"),
    ("nc", "iIOpqswXx"),
    ("ncat", "cegGimopswx"),
    ("netcat", "iIOpqswXx"),
    ("ssh", "bBcDEeFIiJLlmOopQRSWw"),
    ("scp", "cFiJloPSX"),
    ("nmap", "DegipS"),
];

/// The same for long ones.
const VALUED_LONG: [&str; 22] = [
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-urlencode",
    "--json",
    "--header",
    "--output",
    "--request",
    "--user",
    "--cookie",
    "--cookie-jar",
    "--form",
    "--max-time",
    "--connect-timeout",
    "--retry",
    "--user-agent",
    "--referer",
    "--post-data",
    "--timeout",
    "--tries",
    "--output-document",
    "--write-out",
];

/// Calls by which programs open a connection; what follows the bracket tells where to.
const CALLS: [&str; 26] = [
    "requests.get(",
    "requests.post(",
    "requests.put(",
    "requests.head(",
    "requests.patch(",
    "requests.delete(",
    "requests.request(",
    "httpx.get(",
    "httpx.post(",
    "httpx.request(",
    "session.get(",
    "session.post(",
    "urlopen(",
    "urlretrieve(",
    "Request(",
    ".connect((",
    "create_connection((",
    "HTTPConnection(",
    "HTTPSConnection(",
    "fetch(",
    "TcpStream::connect(",
    "IO::Socket::INET->new(",
    "Net::HTTP.get(",
    "file_get_contents(",
    "ftplib.FTP(",
    "smtplib.SMTP(",
];

/// Names that nobody outside has.
const OURS: [&str; 6] = [
    "localhost",
    ".localhost",
    ".local",
    ".internal",
    ".test",
    ".invalid",
];

/// The host outside that a command asks.
pub fn host(command: &Command) -> Option<String> {
    let words = command.words();
    let device = words.iter().chain(&command.writes()).find_map(|word| {
        let rest = word
            .strip_prefix("/dev/tcp/")
            .or_else(|| word.strip_prefix("/dev/udp/"))?;
        outside(rest.split('/').next().unwrap_or_default())
    });
    if device.is_some() {
        return device;
    }
    let program = command.program();
    if program == "git" {
        let asks = words.iter().any(|word| {
            matches!(
                word.as_str(),
                "clone" | "fetch" | "pull" | "push" | "ls-remote"
            )
        });
        return words
            .iter()
            .filter(|_| asks)
            .filter(|word| word.contains("://") || word.starts_with("git@"))
            .find_map(|word| outside(word));
    }
    if !TOOLS.contains(&program) {
        return None;
    }
    let mut is_value = false;
    for word in words.iter().skip(1) {
        if std::mem::take(&mut is_value) {
            continue;
        }
        if word.starts_with('-') {
            is_value = takes_value(program, word);
            continue;
        }
        // `socat - TCP:host:port`
        let word = match program {
            "socat" => word.split_once(':').map_or("", |(_, rest)| rest),
            _ => word,
        };
        if let Some(host) = outside(word) {
            return Some(host);
        }
    }
    None
}

/// Whether what follows an option is its value. Letters may stand together: `-sSo FILE`.
fn takes_value(program: &str, option: &str) -> bool {
    if option.starts_with("--") {
        return VALUED_LONG.contains(&option);
    }
    let letters = VALUED.iter().find(|(name, _)| *name == program);
    let last = option.chars().next_back();
    letters.is_some_and(|(_, letters)| last.is_some_and(|last| letters.contains(last)))
}

/// The hosts outside that a program asks in the text of a call.
pub fn hosts_of_code(code: &str) -> Vec<String> {
    let mut hosts = Vec::new();
    for call in CALLS {
        for (at, _) in code.match_indices(call) {
            let rest = code[at + call.len()..].trim_start();
            // A call with a name or an expression tells nothing; `b`, `f`, `r` and `u` may stand before the quote.
            let rest = rest.trim_start_matches(['b', 'f', 'r', 'u']);
            let quote = rest.chars().next().filter(|it| matches!(it, '"' | '\''));
            let text = quote.and_then(|quote| rest[1..].split(quote).next());
            hosts.extend(text.and_then(outside));
        }
    }
    hosts
}

/// The host of an address or a name with a port, where it is one outside.
fn outside(word: &str) -> Option<String> {
    let rest = word.split_once("://").map_or(word, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let host = match rest.strip_prefix('[') {
        Some(six) => six.split(']').next()?,
        None => rest.split(['/', ':', '?', '#', ',']).next()?,
    };
    let host = host.trim_end_matches('.').to_lowercase();
    let is_plain = !host.is_empty()
        && host
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | ':'));
    if !is_plain {
        return None;
    }
    if let Ok(address) = host.parse::<std::net::IpAddr>() {
        let is_own = address.is_loopback() || address.is_unspecified();
        return (!is_own).then_some(host);
    }
    if OURS
        .iter()
        .any(|name| host == *name || host.ends_with(name))
    {
        return None;
    }
    // A name that the world knows has a dot and ends in letters: `notes.txt` has both, so without a scheme it has to end in
    // what is no file's.
    let (name, top) = host.rsplit_once('.')?;
    let is_name =
        !name.is_empty() && top.len() >= 2 && top.chars().all(|it| it.is_ascii_alphabetic());
    let is_address = word.contains("://") || word.contains('@') || rest.contains('/');
    let is_known = [
        "com", "org", "net", "io", "dev", "gov", "edu", "eu", "de", "uk", "me", "ai", "app",
        "example",
    ]
    .contains(&top);
    (is_name && (is_address || is_known)).then_some(host)
}
