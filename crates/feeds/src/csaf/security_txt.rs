//! Where does a `security.txt` say the provider metadata is? (RFC 9116; CSAF 2.0 and 2.1, 7.1.8)

/// Longest file that is read: RFC 9116, section 5.6, names 32 KiB as reasonable.
pub const SECURITY_TXT_BYTES_MAX: u64 = 32 * 1024;

/// Most providers one domain names; a transition between editions needs three.
const FIELDS_MAX: usize = 20;

/// Values of `CSAF` fields in their order. A signature around the file is passed over, not checked: it says who
/// wrote it, and what it points at is checked by itself.
pub fn csaf_fields(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let fields = text.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        (name.trim().eq_ignore_ascii_case("csaf") && !value.is_empty()).then(|| value.to_owned())
    });
    fields.take(FIELDS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::csaf_fields;

    #[test]
    fn fields_are_taken_in_their_order_and_comments_are_not() {
        let text = b"# CSAF: https://comment.example/\nContact: mailto:a@b\r\nCSAF: https://a.example/provider-metadata.json\r\ncsaf:https://b.example/provider-metadata.json\nCSAF:\n";
        assert_eq!(
            csaf_fields(text),
            [
                "https://a.example/provider-metadata.json",
                "https://b.example/provider-metadata.json"
            ]
        );
    }
}
