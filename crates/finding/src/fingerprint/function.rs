//! Function: the part of a function's name that stays the same between builds, finders and tools.
//!
//! What is odd: one C++ function is printed with and without its return type, arguments, template arguments, clone
//! suffix, ABI tag and inline namespace; Rust adds a hash and `{{closure}}`, Go a receiver in brackets and `.func1`,
//! Java `$` and `lambda$`. All become segments joined by `::`, outermost first.

/// Longer names are cut: templates print names of megabytes, and what is beyond this is arguments.
const NAME_BYTES_MAX: usize = 4096;

/// Innermost segments that are kept; a namespace further out is often missing anyway.
const SEGMENTS_MAX: usize = 5;

/// One segment has at most this many bytes; generated names are longer and cut.
const SEGMENT_BYTES_MAX: usize = 96;

/// The plain name, or none where the tool had none (`??`).
pub fn plain(name: &str) -> Option<Box<str>> {
    let name = cut(name.trim(), NAME_BYTES_MAX);
    let name = name.split(" [").next().unwrap_or(name);
    let name = ["noexcept", "const", "volatile", "&&", "&"]
        .iter()
        .fold(name, |name, after| {
            name.strip_suffix(after).unwrap_or(name).trim_end()
        });
    let demangled = demangle(name);
    let mut segments = Vec::new();
    push_segments(demangled.as_deref().unwrap_or(name), &mut segments, 0);
    // An inner function that has no name of its own belongs to the one around it.
    if name.contains("lambda") && segments.last().is_some_and(|last| last == "operator()") {
        segments.pop();
    }
    let from = segments.len().saturating_sub(SEGMENTS_MAX);
    let kept = segments.get(from..).unwrap_or_default();
    (!kept.is_empty()).then(|| kept.join("::").into())
}

/// The innermost segment: what a finder who writes by hand would call it.
pub fn leaf(plain: &str) -> &str {
    plain.rsplit("::").next().unwrap_or(plain)
}

/// Whether two plain names are of one function: equal, or one has fewer segments of the same.
pub fn agree(one: &str, other: &str) -> bool {
    // Most pairs that are compared differ in their last letter.
    if one.as_bytes().last() != other.as_bytes().last() {
        return false;
    }
    let (long, short) = if one.len() >= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    match long.strip_suffix(short) {
        Some(rest) => !short.is_empty() && (rest.is_empty() || rest.ends_with("::")),
        None => false,
    }
}

/// The first `limit` bytes, or fewer where a character would be cut in two.
pub fn cut(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The identifiers of a mangled name, joined by `::`: Itanium and Rust's legacy scheme, as far as names go.
///
/// Enough of both for what tools leave mangled; arguments and substitutions are not read.
fn demangle(name: &str) -> Option<String> {
    let rest = name
        .strip_prefix("__Z")
        .or_else(|| name.strip_prefix("_Z"))?;
    let nested = rest.strip_prefix('N');
    let mut rest = nested.unwrap_or(rest);
    rest = rest.trim_start_matches(['K', 'V', 'r']);
    rest = rest.strip_prefix("St").unwrap_or(rest);
    let mut names = Vec::new();
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let Some((number, after)) = rest.split_at_checked(digits) else {
            break;
        };
        let Ok(length) = number.parse::<usize>() else {
            break;
        };
        let Some((name, after)) = after.split_at_checked(length) else {
            break;
        };
        names.push(name);
        rest = after;
        if nested.is_none() {
            break;
        }
    }
    (!names.is_empty()).then(|| names.join("::"))
}

/// Calls are nested no deeper: `<<T as A>::B as C>::f`.
const NESTED_MAX: u8 = 4;

/// Adds the segments of `name` without arguments, templates, return type and what compilers append.
fn push_segments(name: &str, segments: &mut Vec<String>, depth: u8) {
    let name = name.trim();
    if let Some((inner, rest)) = opening_brackets(name) {
        // `<T as Trait>::method` is a method of `T`, `<impl Trait for T>::method` too.
        let inner = inner.split(" as ").next().unwrap_or(inner);
        let inner = inner.rsplit(" for ").next().unwrap_or(inner);
        if depth < NESTED_MAX {
            push_segments(inner, segments, depth + 1);
        }
        push_segments(rest.trim_start_matches("::"), segments, depth + 1);
        return;
    }
    let bare = without_brackets(name);
    let bare = match bare.split_once("operator ") {
        // A conversion and `operator new` have a blank inside.
        Some((before, after)) => {
            let before = before.rsplit(' ').next().unwrap_or(before);
            format!("{before}operator_{}", after.replace(' ', "_"))
        }
        None => bare
            .split_ascii_whitespace()
            .next_back()
            .unwrap_or_default()
            .to_owned(),
    };
    let bare = bare.rsplit('/').next().unwrap_or(&bare);
    for part in bare
        .split("::")
        .flat_map(|part| part.split(['.', '$', '#', '@', '\'']))
    {
        if !is_noise(part) {
            segments.push(cut(part, SEGMENT_BYTES_MAX).to_owned());
        }
    }
}

/// `<inside>` and what follows, where the name opens with a bracket.
fn opening_brackets(name: &str) -> Option<(&str, &str)> {
    let rest = name.strip_prefix('<')?;
    let mut depth = 1_usize;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'<' => depth += 1,
            b'>' if at > 0 && rest.as_bytes().get(at - 1) == Some(&b'-') => {}
            b'>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((rest.get(..at)?, rest.get(at + 1..)?));
        }
    }
    None
}

/// Drops everything in brackets, save the brackets that are an operator's name and Go's receiver.
fn without_brackets(name: &str) -> String {
    let mut bare = String::with_capacity(name.len().min(256));
    let mut depth = 0_usize;
    let mut rest = name;
    while let Some(letter) = rest.chars().next() {
        if depth == 0
            && let Some(symbol) = operator_symbol(&bare, rest)
        {
            bare.push_str(symbol);
            rest = rest.get(symbol.len()..).unwrap_or_default();
            continue;
        }
        if depth == 0
            && let Some(receiver) = rest.strip_prefix("(*")
            && let Some((receiver, after)) = receiver.split_once(')')
        {
            bare.push_str(receiver);
            rest = after;
            continue;
        }
        match letter {
            '<' | '(' | '{' | '[' => depth += 1,
            '>' | ')' | '}' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => bare.push(letter),
            _ => {}
        }
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
    bare
}

/// The brackets that follow `operator` and belong to its name.
fn operator_symbol<'a>(before: &str, rest: &'a str) -> Option<&'a str> {
    let operator = before.strip_suffix("operator")?;
    if operator.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
        return None;
    }
    let symbols = [
        "<=>", "<<=", ">>=", "->*", "()", "[]", "<<", ">>", "->", "<=", ">=", "<", ">",
    ];
    symbols
        .iter()
        .find_map(|symbol| rest.starts_with(symbol).then(|| rest.get(..symbol.len()))?)
}

/// What compilers and runtimes put beside a name, and what stands for a name that is not there.
fn is_noise(part: &str) -> bool {
    let hash = part
        .strip_prefix('h')
        .is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let numbered = |stem: &str| {
        let rest = part.strip_prefix(stem);
        rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let words = [
        "isra",
        "constprop",
        "part",
        "cold",
        "llvm",
        "lto_priv",
        "plt",
        "__1",
        "__cxx11",
        "__ndk1",
        "lambda",
        "anonymous",
        "closure",
        "Object",
        "??",
        "_",
    ];
    part.is_empty()
        || hash
        || numbered("")
        || numbered("func")
        || numbered("_")
        || numbered("v")
        || words.contains(&part)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(names: &[&str], expected: Expect) {
        let lines: String = names
            .iter()
            .map(|name| format!("{}\n", plain(name).as_deref().unwrap_or("none")))
            .collect();
        expected.assert_eq(&lines);
    }

    #[test]
    fn a_function_of_c_plus_plus_has_one_name() {
        check(
            &[
                "xlnt::detail::compound_document::read_directory()",
                "void xlnt::detail::binary_writer<std::vector<int> >::append<unsigned char>(std::vector<int> const&) const",
                "(anonymous namespace)::decrypt_xlsx(std::vector<unsigned char, std::allocator<unsigned char> > const&)",
                "std::ostream& foo::operator<<(std::ostream&, foo::Bar const&)",
                "foo::Bar::operator()(int) const",
                "operator new(unsigned long)",
                "foo::run(int)::{lambda(int)#1}::operator()(int) const",
                "std::__cxx11::basic_string<char>::basic_string[abi:cxx11](char const*)",
                "png_read_row.isra.0 [clone .cold]",
                "_ZN3foo3Bar4readEPKc",
                "_Z10read_chunkP4file",
                "??",
            ],
            expect![[r#"
                xlnt::detail::compound_document::read_directory
                xlnt::detail::binary_writer::append
                decrypt_xlsx
                foo::operator<<
                foo::Bar::operator()
                operator_new
                foo::run
                std::basic_string::basic_string
                png_read_row
                foo::Bar::read
                read_chunk
                none
            "#]],
        );
    }

    #[test]
    fn functions_of_other_languages_have_one_name() {
        check(
            &[
                "serde_json::de::Deserializer<R>::parse_str::h0123456789abcdef",
                "<alloc::vec::Vec<T> as core::ops::Index<I>>::index",
                "core::ptr::drop_in_place<alloc::vec::Vec<u8>>",
                "parser::<impl core::str::FromStr for parser::Rule>::from_str",
                "app::main::{{closure}}::{closure#0}",
                "_ZN4core9panicking5panic17h0123456789abcdefE",
                "github.com/owner/repo/v2/pkg.(*Server).handle.func1.2",
                "main.main()",
                "com.acme.Parser$Inner.lambda$run$0",
                "<module>",
                "Object.parse [as load]",
                "new Parser",
            ],
            expect![[r#"
                serde_json::de::Deserializer::parse_str
                alloc::vec::Vec::index
                core::ptr::drop_in_place
                parser::from_str
                app::main
                core::panicking::panic
                pkg::Server::handle
                main::main
                com::acme::Parser::Inner::run
                module
                parse
                Parser
            "#]],
        );
    }

    #[test]
    fn a_short_name_agrees_with_a_long_one_at_a_segment() {
        assert!(agree("foo::Bar::read", "Bar::read"));
        assert!(agree("read", "foo::read"));
        assert!(!agree("foo::pread", "read"));
        assert!(!agree("foo::read", ""));
    }
}
