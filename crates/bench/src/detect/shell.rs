//! Shell: what a script would do, as far as its text tells.
//!
//! POSIX sh, section 2 ("Shell Command Language"), read for its words, redirections and here-documents; nothing is expanded
//! and nothing is run. What only running it would tell (variables, `eval`, encoded text) is not seen here: what it does to
//! files is seen in the sandbox instead.

/// Scripts within scripts: `sh -c "sh -c …"`.
const DEPTH_MAX: usize = 4;

/// Commands of a script that are looked at; a model that writes more in one call writes a file.
const COMMANDS_MAX: usize = 2_000;

/// Words before the program that only say how it is run.
const BEFORE: [&str; 22] = [
    "if",
    "then",
    "elif",
    "else",
    "while",
    "until",
    "do",
    "!",
    "{",
    "time",
    "sudo",
    "nohup",
    "exec",
    "command",
    "builtin",
    "env",
    "xargs",
    "nice",
    "setsid",
    "stdbuf",
    "doas",
    "proxychains",
];

/// One command with its words and what it writes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// As they stand there, quotes taken off.
    words: Vec<String>,
    /// What it is redirected to.
    outputs: Vec<String>,
    /// Here-documents and here-strings.
    inputs: Vec<String>,
    /// Where it is run, as far as `cd` told.
    folder: String,
}

/// All commands of `script`, which begins in `folder`, in order, with those inside of them.
pub fn commands(script: &str, folder: &str) -> Vec<Command> {
    let mut all = Vec::new();
    read(script, &mut folder.to_owned(), DEPTH_MAX, &mut all);
    all
}

/// `path` as it is from `folder`, without `.` and `..`.
pub fn absolute(folder: &str, path: &str) -> String {
    let whole = match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("{folder}/{path}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

impl Command {
    /// From the program on, without what stands before it.
    pub fn words(&self) -> Vec<String> {
        let mut words = self.words.as_slice();
        while let [first, rest @ ..] = words {
            let is_setting = first.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty()
                    && name
                        .chars()
                        .all(|it| it.is_ascii_alphanumeric() || it == '_')
            });
            words = match first.as_str() {
                // `timeout -k 5 10 PROGRAM`
                "timeout" => {
                    let options = rest.iter().take_while(|word| {
                        word.starts_with('-') || word.starts_with(|it: char| it.is_ascii_digit())
                    });
                    &rest[options.count()..]
                }
                word if is_setting || BEFORE.contains(&word) => rest,
                _ => break,
            };
        }
        words.to_vec()
    }

    /// The program's name, without its folder.
    pub fn program(&self) -> &str {
        let count = self.words.len() - self.words().len();
        let first = self.words.get(count).map_or("", String::as_str);
        first.rsplit('/').next().unwrap_or_default()
    }

    /// In a line.
    pub fn text(&self) -> String {
        self.words.join(" ")
    }

    /// Words that are no options.
    pub fn operands(&self) -> Vec<String> {
        let words = self.words().into_iter().skip(1);
        words.filter(|word| !word.starts_with('-')).collect()
    }

    /// Absolute paths that it writes, moves or removes.
    pub fn writes(&self) -> Vec<String> {
        let mut paths = self.outputs.clone();
        let operands = self.operands();
        let has = |flag: &str| self.words.iter().any(|word| word.starts_with(flag));
        match self.program() {
            "tee" | "rm" | "rmdir" | "unlink" | "shred" | "truncate" | "touch" | "mkdir" | "mv" => {
                paths.extend(operands)
            }
            "chmod" | "chown" | "chattr" => paths.extend(operands.into_iter().skip(1)),
            "cp" | "install" | "ln" | "rsync" => paths.extend(operands.last().cloned()),
            "sed" if has("-i") || has("--in-place") => paths.extend(operands),
            "perl" if has("-i") || has("-pi") => paths.extend(operands),
            "dd" => paths.extend(
                self.words
                    .iter()
                    .filter_map(|word| word.strip_prefix("of="))
                    .map(str::to_owned),
            ),
            _ => {}
        }
        paths
            .iter()
            .map(|path| absolute(&self.folder, path))
            .collect()
    }

    /// Text that it hands to an interpreter, or writes somewhere.
    pub fn code(&self) -> Vec<&str> {
        let is_interpreter = ["python", "perl", "ruby", "node", "php"]
            .iter()
            .any(|name| self.program().starts_with(name));
        let mut all: Vec<&str> = self.inputs.iter().map(String::as_str).collect();
        if is_interpreter {
            all.extend(self.words.iter().map(String::as_str));
        }
        all
    }

    /// The script that it hands to another shell.
    fn inner(&self) -> Option<String> {
        let words = self.words();
        match self.program() {
            "sh" | "bash" | "dash" | "ash" | "zsh" => {
                let at = words.iter().position(|word| {
                    word.starts_with('-') && !word.starts_with("--") && word.ends_with('c')
                });
                match at {
                    Some(at) => words.get(at + 1).cloned(),
                    None => self.inputs.first().cloned(),
                }
            }
            "eval" => Some(words[1..].join(" ")),
            _ => None,
        }
    }
}

/// Reads a script; `folder` is where it is after it.
fn read(script: &str, folder: &mut String, depth: usize, all: &mut Vec<Command>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    let mut reader = Reader {
        rest: script.chars().collect(),
        at: 0,
    };
    while let Some(line) = reader.command() {
        if all.len() >= COMMANDS_MAX {
            return;
        }
        for inner in &line.inner {
            read(inner, &mut folder.clone(), depth, all);
        }
        let mut command = line.command;
        command.folder.clone_from(folder);
        if command.program() == "cd" {
            let target = command
                .operands()
                .first()
                .cloned()
                .unwrap_or_else(|| "/tmp".to_owned());
            *folder = absolute(folder, &target);
        }
        let inner = command.inner();
        all.push(command);
        if let Some(inner) = inner {
            read(&inner, &mut folder.clone(), depth, all);
        }
    }
}

struct Reader {
    rest: Vec<char>,
    at: usize,
}

/// A command under way, with the scripts that its words hold.
#[derive(Default)]
struct Line {
    command: Command,
    inner: Vec<String>,
}

/// Where the next word goes.
enum Next {
    Word,
    Output,
    Input,
    /// A here-document up to this word, which follows.
    Document,
    Text,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn after(&self, count: usize) -> Option<char> {
        self.rest.get(self.at + count).copied()
    }

    /// The next command; `None` at the end.
    fn command(&mut self) -> Option<Line> {
        let mut line = Line::default();
        let mut next = Next::Word;
        let mut documents: Vec<String> = Vec::new();
        self.peek()?;
        while let Some(letter) = self.peek() {
            match letter {
                '\n' => {
                    self.at += 1;
                    for end in documents.drain(..) {
                        let text = self.document(&end);
                        line.command.inputs.push(text);
                    }
                    break;
                }
                '&' if self.after(1) == Some('>') => {
                    self.at += 2;
                    next = Next::Output;
                }
                ';' | '&' | '|' | '(' | ')' if documents.is_empty() => {
                    self.at += 1;
                    break;
                }
                // Behind a here-document's word more may stand on the line; its text still belongs to what came before.
                ';' | '&' | '|' | '(' | ')' => {
                    self.at += 1;
                    line.command.words.push(";".to_owned());
                }
                '#' => {
                    while self.peek().is_some_and(|it| it != '\n') {
                        self.at += 1;
                    }
                }
                '>' => {
                    self.at += 1;
                    while matches!(self.peek(), Some('>' | '|')) {
                        self.at += 1;
                    }
                    next = Next::Output;
                    // `2>&1` writes no file.
                    if self.peek() == Some('&') {
                        self.at += 1;
                        next = Next::Input;
                    }
                }
                '<' => {
                    self.at += 1;
                    next = match (self.peek(), self.after(1)) {
                        (Some('<'), Some('<')) => {
                            self.at += 2;
                            Next::Text
                        }
                        (Some('<'), Some('-')) => {
                            self.at += 2;
                            Next::Document
                        }
                        (Some('<'), _) => {
                            self.at += 1;
                            Next::Document
                        }
                        (Some('>'), _) => {
                            self.at += 1;
                            Next::Output
                        }
                        _ => Next::Input,
                    };
                }
                letter if letter.is_whitespace() => self.at += 1,
                _ => {
                    let word = self.word(&mut line.inner);
                    // `2>`: a number before a redirection is no word.
                    let is_number = word.chars().all(|it| it.is_ascii_digit());
                    if is_number && matches!(self.peek(), Some('>' | '<')) {
                        continue;
                    }
                    match next {
                        Next::Word => line.command.words.push(word),
                        Next::Output => line.command.outputs.push(word),
                        Next::Input => {}
                        Next::Document => documents.push(word),
                        Next::Text => line.command.inputs.push(word),
                    }
                    next = Next::Word;
                }
            }
        }
        Some(line)
    }

    /// The text up to a line that is `end`.
    fn document(&mut self, end: &str) -> String {
        let mut text = String::new();
        while self.at < self.rest.len() {
            let line: String = self.rest[self.at..]
                .iter()
                .take_while(|it| **it != '\n')
                .collect();
            self.at += line.chars().count() + 1;
            if line.trim_start_matches('\t') == end {
                break;
            }
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    /// A word, its quotes taken off; scripts in `$(…)` and backquotes go to `inner`.
    fn word(&mut self, inner: &mut Vec<String>) -> String {
        let mut word = String::new();
        let mut is_quoted = false;
        while let Some(letter) = self.peek() {
            match letter {
                '\'' if !is_quoted => {
                    self.at += 1;
                    while let Some(letter) = self.peek() {
                        self.at += 1;
                        if letter == '\'' {
                            break;
                        }
                        word.push(letter);
                    }
                    continue;
                }
                '"' => is_quoted = !is_quoted,
                '\\' => {
                    self.at += 1;
                    if let Some(next) = self.peek() {
                        if is_quoted && !matches!(next, '"' | '\\' | '$' | '`' | '\n') {
                            word.push('\\');
                        }
                        if next != '\n' {
                            word.push(next);
                        }
                    }
                }
                '$' if self.after(1) == Some('(') => {
                    self.at += 2;
                    inner.push(self.nested());
                    word.push_str("$()");
                    continue;
                }
                '`' => {
                    self.at += 1;
                    let text: String = self.rest[self.at..]
                        .iter()
                        .take_while(|it| **it != '`')
                        .collect();
                    self.at += text.chars().count();
                    inner.push(text);
                    word.push_str("$()");
                }
                letter if is_quoted => word.push(letter),
                letter if letter.is_whitespace() || ";&|()<>".contains(letter) => break,
                letter => word.push(letter),
            }
            self.at += 1;
        }
        word
    }

    /// What stands up to the bracket that closes.
    fn nested(&mut self) -> String {
        let mut text = String::new();
        let mut depth = 1;
        let mut quote = None;
        while let Some(letter) = self.peek() {
            self.at += 1;
            match (quote, letter) {
                (None, '\'' | '"') => quote = Some(letter),
                (Some(open), letter) if open == letter => quote = None,
                (None, '(') => depth += 1,
                (None, ')') => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                _ => {}
            }
            text.push(letter);
        }
        text
    }
}
