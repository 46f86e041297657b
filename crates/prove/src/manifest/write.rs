//! Write: a manifest to begin with, and one as text.

use super::{FORMAT, Given, Manifest, Root, Target};
use crate::oracle::{Oracle, Stream, signal_name};

/// A manifest to fill in, with a word about each key.
pub fn scaffold() -> String {
    SCAFFOLD.replace("{FORMAT}", FORMAT)
}

const SCAFFOLD: &str = r#"format = "{FORMAT}"
title = "Heap overflow when a record says it is longer than it is"

# What is run: the program, from the work folder or by PATH. {input} stands for the input.
command = ["./records", "{input}"]

[claim]
class = "heap-buffer-overflow"
# The innermost function of the target's own, and its file; leave out what you do not know.
function = "read_record"
file = "records.c"
weakness = "CWE-122"

[target]
version = "1.0.0"
# A folder of this bundle: what is in it stands in the work folder while it builds.
source = "source"
# Commands that build it without a network, and the files that they make.
build = [["gcc", "-g", "-O1", "-fsanitize=address", "-o", "records", "records.c"]]
outputs = ["records"]
# Commands that pass where the target works; a patch is checked with them.
tests = [["./records", "good"]]

# Where the flaw is gone: what is not said is as in [target]. Leave it out where there is none.
# [fixed]
# version = "1.0.1"
# source = "fixed"

[input]
file = "input"
# `stdin`, `argument` ({input} becomes its text) or `file` ({input} becomes its path).
as = "file"

[oracle]
# `sanitizer`, `signal`, `exit`, `output`, `secret`, `written` or `differential`.
kind = "sanitizer"

[limits]
milliseconds = 10000
memory_bytes = 2147483648
"#;

impl Manifest {
    /// As the text of a `proof.toml`; read again it is the same manifest.
    pub fn text(&self) -> String {
        let mut out = format!("format = {}\ntitle = {}\n", text(FORMAT), text(&self.title));
        line(&mut out, "command", &list(&self.command));
        out.push_str("\n[claim]\n");
        if !self.claim.class.is_empty() {
            line(&mut out, "class", &text(&self.claim.class));
        }
        optional(&mut out, "function", self.claim.function.as_deref());
        optional(&mut out, "file", self.claim.file.as_deref());
        if !self.claim.frames.is_empty() {
            line(&mut out, "frames", &list(&self.claim.frames));
        }
        let weakness = self.claim.weakness.map(|number| format!("CWE-{number}"));
        optional(&mut out, "weakness", weakness.as_deref());
        out.push_str("\n[target]\n");
        target(&mut out, &self.target);
        if let Some(fixed) = &self.fixed {
            out.push_str("\n[fixed]\n");
            target(&mut out, fixed);
        }
        for version in &self.history {
            out.push_str("\n[[history]]\n");
            target(&mut out, version);
        }
        self.rest(&mut out);
        out
    }

    fn rest(&self, out: &mut String) {
        out.push_str("\n[input]\n");
        line(out, "file", &text(&self.input.file));
        match &self.input.given {
            Given::Stdin => line(out, "as", "\"stdin\""),
            Given::Argument => line(out, "as", "\"argument\""),
            Given::File(path) => {
                line(out, "as", "\"file\"");
                line(out, "path", &text(path));
            }
        }
        out.push_str("\n[oracle]\n");
        oracle(out, &self.oracle);
        if !self.environment.is_empty() {
            out.push_str("\n[environment]\n");
            for (name, value) in &self.environment {
                line(out, name, &text(value));
            }
        }
        out.push_str("\n[limits]\n");
        for (key, number) in [
            ("milliseconds", self.limits.milliseconds),
            ("memory_bytes", self.limits.memory_bytes),
            ("disk_bytes", self.limits.disk_bytes),
            ("processes", u64::from(self.limits.processes)),
            ("build_milliseconds", self.limits.build_milliseconds),
        ] {
            line(out, key, &number.to_string());
        }
        line(out, "loopback", &self.limits.has_loopback.to_string());
    }
}

/// One version, with every key that another could lend it.
fn target(out: &mut String, target: &Target) {
    optional(out, "version", target.version.as_deref());
    let root = match &target.root {
        Root::System => "system",
        Root::Tar(path) => path,
    };
    line(out, "root", &text(root));
    optional(out, "source", target.source.as_deref());
    line(out, "files", &list(&target.files));
    line(out, "build", &lists(&target.build));
    line(out, "outputs", &list(&target.outputs));
    line(out, "tests", &lists(&target.tests));
}

fn oracle(out: &mut String, oracle: &Oracle) {
    line(out, "kind", &text(oracle.kind()));
    match oracle {
        Oracle::Sanitizer { report } => line(out, "report", &text(report)),
        Oracle::Signal { signal } => {
            optional(out, "signal", signal_name(*signal));
        }
        Oracle::Exit { code } => line(out, "code", &code.to_string()),
        Oracle::Output {
            stream,
            contains,
            matches,
        } => {
            let stream = match stream {
                Stream::Output => "output",
                Stream::Errors => "errors",
                Stream::Either => "either",
            };
            line(out, "stream", &text(stream));
            optional(out, "contains", contains.as_deref());
            optional(out, "matches", matches.as_deref());
        }
        Oracle::Secret { path, environment } => {
            optional(out, "path", path.as_deref());
            optional(out, "environment", environment.as_deref());
        }
        Oracle::Written { path, contains } => {
            line(out, "path", &text(path));
            optional(out, "contains", contains.as_deref());
        }
        Oracle::Differential => {}
    }
}

fn optional(out: &mut String, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        line(out, key, &text(value));
    }
}

fn line(out: &mut String, key: &str, value: &str) {
    out.push_str(&format!("{key} = {value}\n"));
}

fn lists(lists: &[Vec<Box<str>>]) -> String {
    let inner: Vec<String> = lists.iter().map(|words| list(words)).collect();
    format!("[{}]", inner.join(", "))
}

fn list(words: &[Box<str>]) -> String {
    let inner: Vec<String> = words.iter().map(|word| text(word)).collect();
    format!("[{}]", inner.join(", "))
}

/// A basic string (TOML 1.0.0, "String").
fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            letter if letter.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}
