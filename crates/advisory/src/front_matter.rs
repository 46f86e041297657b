//! Markdown whose first block is TOML, as RustSec and Haskell's database keep their advisories.

use serde::de::DeserializeOwned;

/// The TOML, the title (the first heading), and the text below it.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, &str, &str), String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|reason| format!("not UTF-8: {reason}"))?;
    let body = text
        .trim_start()
        .strip_prefix("```toml")
        .ok_or("no TOML block at the beginning, opened by ```toml")?;
    let (front, text) = body
        .split_once("\n```")
        .ok_or("TOML block is not closed by ```")?;
    let front =
        toml::from_str(front).map_err(|reason| format!("not an advisory: {}", reason.message()))?;
    let text = text.trim_start();
    let (title, text) = match text.strip_prefix("# ") {
        Some(rest) => rest.split_once('\n').unwrap_or((rest, "")),
        None => ("", text),
    };
    Ok((front, title.trim(), text.trim()))
}
