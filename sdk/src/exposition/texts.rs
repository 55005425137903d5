//! Label values, helps and bounds as they stand on a page.

/// A label's name, from that of a field, which may be raw; for [`labels!`](crate::labels!).
#[doc(hidden)]
pub const fn label_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// Labels as they stand between the braces of a sample.
pub(crate) fn render_labels<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> Box<str> {
    let mut out = Vec::new();
    for (name, text) in labels {
        if !out.is_empty() {
            out.push(b',');
        }
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"=\"");
        write_escaped(text, true, &mut out);
        out.push(b'"');
    }
    // Made of texts, with nothing put into the middle of a character.
    String::from_utf8(out).unwrap_or_default().into_boxed_str()
}

/// The pair that names a bucket: `le="5.0"`.
pub(crate) fn render_bound(bound: f64) -> Box<str> {
    let mut out = b"le=\"".to_vec();
    write_bound(bound, &mut out);
    out.push(b'"');
    String::from_utf8(out).unwrap_or_default().into_boxed_str()
}

/// Label values (and OpenMetrics help) escape the backslash, the line feed and the quote; help in
/// the text format leaves the quote as it is.
pub(super) fn write_escaped(text: &str, quotes: bool, out: &mut Vec<u8>) {
    let is_special = |byte: &u8| matches!(byte, b'\\' | b'\n') || (quotes && *byte == b'"');
    // Most texts hold nothing special and are copied whole.
    let mut rest = text.as_bytes();
    while let Some(position) = rest.iter().position(is_special) {
        out.extend_from_slice(&rest[..position]);
        out.extend_from_slice(match rest[position] {
            b'\n' => b"\\n",
            b'"' => b"\\\"",
            _ => b"\\\\",
        });
        rest = &rest[position + 1..];
    }
    out.extend_from_slice(rest);
}

/// Bounds are written canonically in both formats, `5.0` rather than `5`, so that one rule matches both.
pub(super) fn write_bound(bound: f64, out: &mut Vec<u8>) {
    if bound.is_infinite() {
        out.extend_from_slice(b"+Inf");
    } else {
        out.extend_from_slice(ryu::Buffer::new().format(bound).as_bytes());
    }
}
