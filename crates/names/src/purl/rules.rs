//! What each registered purl type allows and how it folds (package-url type definitions of August 2026).
//!
//! Two facts of the definitions contradict each other and are decided here: Go's notes say "lowercased" while
//! its names are declared case-sensitive, and module paths are, so they keep their case; git names are
//! case-sensitive, except on the hosts whose own types (github, bitbucket) say that they are not.

use super::Purl;
use super::parse::Draft;
use crate::Problems;
use crate::problem::quoted;

use Namespace::{Optional, Prohibited, Required};

/// Whether a type has namespaces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Namespace {
    Optional,
    Required,
    Prohibited,
}

/// One type's definition.
struct Rule {
    kind: &'static str,
    namespace: Namespace,
    /// Parts that are not case-sensitive, of [`NAMESPACE`], [`NAME`], [`VERSION`] and [`SUBPATH`].
    folded: u8,
    /// The qualifier keys the type defines; these must be spelled as it does, others are folded.
    keys: &'static [&'static str],
    /// The qualifier without which nobody knows which package is meant.
    needed: Option<&'static str>,
}

const NAMESPACE: u8 = 1;
const NAME: u8 = 2;
const VERSION: u8 = 4;
const SUBPATH: u8 = 8;

const fn rule(
    kind: &'static str,
    namespace: Namespace,
    folded: u8,
    keys: &'static [&'static str],
) -> Rule {
    Rule {
        kind,
        namespace,
        folded,
        keys,
        needed: None,
    }
}

const RULES: &[Rule] = &[
    rule("alpm", Required, NAMESPACE | NAME, &["arch"]),
    rule("apk", Required, NAMESPACE | NAME, &["arch"]),
    rule("bazel", Prohibited, 0, &["repository_url"]),
    rule("bitbucket", Required, NAMESPACE | NAME, &[]),
    rule("bitnami", Prohibited, NAME, &["arch", "distro"]),
    rule("brew", Optional, NAMESPACE | NAME, &["repository_url"]),
    rule("cargo", Prohibited, 0, &[]),
    rule("chrome-extension", Prohibited, NAME, &[]),
    rule("cocoapods", Prohibited, 0, &[]),
    rule("composer", Required, NAMESPACE | NAME, &[]),
    rule("conan", Optional, 0, &["user", "channel", "rrev", "prev"]),
    rule(
        "conda",
        Prohibited,
        0,
        &["build", "channel", "subdir", "type"],
    ),
    rule(
        "cpan",
        Optional,
        0,
        &[
            "author",
            "distpath",
            "repository_url",
            "download_url",
            "vcs_url",
            "ext",
        ],
    ),
    rule("cran", Prohibited, 0, &[]),
    rule("deb", Required, NAMESPACE | NAME, &["arch"]),
    rule("docker", Optional, 0, &[]),
    rule("gem", Prohibited, 0, &["platform"]),
    rule("generic", Optional, 0, &["download_url", "checksum"]),
    rule("git", Required, 0, &[]),
    rule("github", Required, NAMESPACE | NAME, &[]),
    rule("golang", Required, 0, &[]),
    rule("hackage", Prohibited, 0, &[]),
    rule("hex", Optional, NAMESPACE | NAME, &[]),
    rule("huggingface", Required, VERSION, &[]),
    Rule {
        needed: Some("uuid"),
        ..rule("julia", Prohibited, 0, &["uuid"])
    },
    rule("luarocks", Optional, NAMESPACE | NAME, &["repository_url"]),
    rule("maven", Required, 0, &["classifier", "type"]),
    rule("mlflow", Prohibited, 0, &["model_uuid", "run_id"]),
    rule("npm", Optional, 0, &[]),
    rule("nuget", Prohibited, 0, &[]),
    rule(
        "oci",
        Prohibited,
        NAME | VERSION,
        &["arch", "repository_url", "tag"],
    ),
    rule("opam", Prohibited, 0, &[]),
    rule(
        "otp",
        Prohibited,
        NAME | SUBPATH,
        &["repository_url", "platform", "arch"],
    ),
    rule("pub", Prohibited, NAME, &[]),
    rule("pypi", Prohibited, NAME | VERSION, &["file_name"]),
    rule("qpkg", Required, NAMESPACE, &[]),
    rule("rpm", Required, NAMESPACE, &["epoch", "arch"]),
    Rule {
        needed: Some("tag_id"),
        ..rule(
            "swid",
            Optional,
            0,
            &[
                "tag_id",
                "tag_version",
                "patch",
                "tag_creator_name",
                "tag_creator_regid",
            ],
        )
    },
    rule("swift", Required, 0, &[]),
    rule(
        "vcpkg",
        Prohibited,
        0,
        &["port_version", "repository_revision", "triplet"],
    ),
    rule(
        "vscode-extension",
        Required,
        NAMESPACE | NAME | VERSION,
        &["platform"],
    ),
    rule(
        "yocto",
        Optional,
        NAMESPACE,
        &["repository_url", "layer_version"],
    ),
];

/// Folds `draft` as its type says and names the rules it breaks.
///
/// Fails where a purl cannot be: no name, an impossible type, control characters.
pub fn settle(mut draft: Draft) -> Result<(Purl, Problems), Problems> {
    impossible(&draft)?;
    let rule = RULES.iter().find(|rule| rule.kind == draft.kind);
    if let Some(rule) = rule {
        rule.fold(&mut draft);
        rule.check(&mut draft);
    }
    fold_specially(&mut draft);
    check_specially(&mut draft);
    let mut qualifiers: Vec<(Box<str>, Box<str>)> = draft
        .qualifiers
        .into_iter()
        .map(|(key, value)| (key.to_ascii_lowercase().into(), value.into()))
        .collect();
    qualifiers.sort();
    let purl = Purl {
        kind: draft.kind.into(),
        namespace: draft.namespace.into(),
        name: draft.name.into(),
        version: draft.version.into(),
        qualifiers: qualifiers.into(),
        subpath: draft.subpath.into(),
    };
    Ok((purl, draft.broken))
}

fn impossible(draft: &Draft) -> Result<(), Problems> {
    let mut problems = Problems::none();
    let kind = &draft.kind;
    if kind.is_empty() {
        problems.add("purl has no type; write one such as `cargo` after `pkg:`");
    } else if !is_type(kind) {
        let kind = quoted(kind);
        problems.add(format!(
            "type {kind} must start with a letter and hold only letters, digits, `.` and `-`"
        ));
    }
    if draft.name.is_empty() {
        problems.add("purl has no name; write one after the type, as in `pkg:cargo/serde`");
    }
    let values = draft.qualifiers.iter().map(|(_, value)| value);
    let parts = [
        &draft.namespace,
        &draft.name,
        &draft.version,
        &draft.subpath,
    ];
    if parts
        .into_iter()
        .chain(values)
        .any(|part| part.contains(char::is_control))
    {
        problems.add("purl holds a control character; names and versions are printable");
    }
    problems.or(())
}

fn is_type(kind: &str) -> bool {
    kind.starts_with(|c: char| c.is_ascii_alphabetic())
        && kind
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

impl Rule {
    fn fold(&self, draft: &mut Draft) {
        let parts = [
            (NAMESPACE, &mut draft.namespace),
            (NAME, &mut draft.name),
            (VERSION, &mut draft.version),
            (SUBPATH, &mut draft.subpath),
        ];
        for (flag, part) in parts {
            if self.folded & flag != 0 {
                *part = part.to_lowercase();
            }
        }
    }

    fn check(&self, draft: &mut Draft) {
        let kind = self.kind;
        match self.namespace {
            Required if draft.namespace.is_empty() => draft.broken.add(format!(
                "type `{kind}` needs a namespace; write `pkg:{kind}/namespace/name`"
            )),
            Prohibited if !draft.namespace.is_empty() => draft.broken.add(format!(
                "type `{kind}` has no namespaces; leave out {}",
                quoted(&draft.namespace)
            )),
            _ => {}
        }
        for (key, _) in &draft.qualifiers {
            let lower = key.to_ascii_lowercase();
            if *key != lower && self.keys.contains(&&*lower) {
                let key = quoted(key);
                draft.broken.add(format!(
                    "qualifier key {key} of type `{kind}` is spelled `{lower}`"
                ));
            }
        }
        if let Some(needed) = self.needed
            && !draft
                .qualifiers
                .iter()
                .any(|(key, _)| key.eq_ignore_ascii_case(needed))
        {
            draft
                .broken
                .add(format!("type `{kind}` needs the qualifier `{needed}`"));
        }
    }
}

/// The normalizations that the definitions state in words.
fn fold_specially(draft: &mut Draft) {
    match &*draft.kind {
        "cpan" => draft.namespace = draft.namespace.to_uppercase(),
        "pypi" => draft.name = draft.name.replace('_', "-"),
        "hackage" => draft.name = draft.name.replace(['_', ' '], "-"),
        "pub" => {
            draft.name = draft
                .name
                .replace(|c: char| !c.is_ascii_alphanumeric(), "_")
        }
        "mlflow" if served_by_databricks(draft) => draft.name = draft.name.to_lowercase(),
        "git" if is_caseless_host(&draft.namespace) => draft.name = draft.name.to_lowercase(),
        "swid" => {
            let tag = draft.qualifiers.iter_mut().find(|(key, _)| key == "tag_id");
            if let Some((_, tag)) = tag.filter(|(_, tag)| is_guid(tag)) {
                *tag = tag.to_ascii_lowercase();
            }
        }
        _ => {}
    }
    if draft.kind == "git" {
        draft.namespace = draft.namespace.to_lowercase(); // Host names have no case.
    }
}

/// The restrictions on characters that the definitions state for single types.
fn check_specially(draft: &mut Draft) {
    if !matches!(
        &*draft.kind,
        "chrome-extension" | "cocoapods" | "cpan" | "swid"
    ) {
        return;
    }
    let (name, version) = (quoted(&draft.name), quoted(&draft.version));
    if draft.kind == "chrome-extension" && !is_chrome_id(&draft.name) {
        draft.broken.add(format!(
            "extension id {name} must be 32 letters from `a` to `p`"
        ));
    }
    if draft.kind == "chrome-extension" && !is_chrome_version(&draft.version) {
        draft.broken.add(format!(
            "extension version {version} must be one to four numbers joined by `.`"
        ));
    }
    if draft.kind == "cocoapods" && (draft.name.starts_with('.') || draft.name.contains(['+', ' ']))
    {
        draft.broken.add(format!(
            "pod name {name} must not start with `.` nor hold `+` or spaces"
        ));
    }
    if draft.kind == "cpan" && draft.name.contains("::") {
        draft.broken.add(format!(
            "{name} is a module; name its distribution, with `-` for `::`"
        ));
    }
    if draft.kind == "swid" && draft.namespace.split('/').count() > 2 {
        draft
            .broken
            .add("type `swid` has at most two segments of namespace: the creator's name and regid");
    }
}

fn served_by_databricks(draft: &Draft) -> bool {
    let url = draft
        .qualifiers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case("repository_url"));
    url.is_some_and(|(_, url)| url.contains("databricks."))
}

fn is_caseless_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    matches!(
        &*host,
        "github" | "github.com" | "bitbucket" | "bitbucket.org"
    )
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_chrome_id(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| matches!(byte, b'a'..=b'p'))
}

fn is_chrome_version(version: &str) -> bool {
    let numbers: Vec<&str> = version.split('.').collect();
    version.is_empty()
        || numbers.len() <= 4
            && numbers.iter().all(|number| {
                !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
            })
}
