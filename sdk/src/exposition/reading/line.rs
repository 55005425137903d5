//! One line of the text format 0.0.4.
//!
//! Format: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use crate::exposition::Kind;

/// What a line says.
#[derive(Debug, PartialEq)]
pub enum Line<'text> {
    /// A blank line or a comment.
    Nothing,
    /// `# HELP name text`. Blanks around the text are not kept.
    Help {
        /// The family.
        name: &'text str,
        /// What it says of itself.
        text: String,
    },
    /// `# TYPE name kind`.
    Type {
        /// The family.
        name: &'text str,
        /// Its type.
        kind: Kind,
    },
    /// `name{label="text"} value`.
    Sample(Sample<'text>),
}

/// One sample as it is written, before it is known what family it belongs to.
#[derive(Debug, PartialEq)]
pub struct Sample<'text> {
    /// The name, that of its family or, of a histogram or summary, a part's.
    pub name: &'text str,
    /// The labels as they stand, no name twice.
    pub labels: Vec<(&'text str, String)>,
    /// The value.
    pub value: f64,
    /// Whether it says when it was taken.
    pub has_timestamp: bool,
}

const BLANKS: [char; 3] = [' ', '\t', '\r'];

/// Reads one line, or says why it cannot be read.
pub fn parse(line: &str) -> Result<Line<'_>, &'static str> {
    let line = line.trim_matches(BLANKS);
    match line.strip_prefix('#') {
        Some(comment) => parse_comment(comment.trim_start_matches(BLANKS)),
        None if line.is_empty() => Ok(Line::Nothing),
        None => parse_sample(line).map(Line::Sample),
    }
}

fn parse_comment(comment: &str) -> Result<Line<'_>, &'static str> {
    let (keyword, rest) = split_word(comment);
    if keyword != "HELP" && keyword != "TYPE" {
        return Ok(Line::Nothing);
    }
    let (name, rest) = split_word(rest);
    if !is_metric_name(name) {
        return Err("not a metric name");
    }
    if keyword == "HELP" {
        let (text, _) = unescape(rest, None)?;
        return Ok(Line::Help { name, text });
    }
    let kind = match rest.to_ascii_lowercase().as_str() {
        "counter" => Kind::Counter,
        "gauge" => Kind::Gauge,
        "histogram" => Kind::Histogram,
        "summary" => Kind::Summary,
        "untyped" => Kind::Untyped,
        _ => return Err("not a metric type"),
    };
    Ok(Line::Type { name, kind })
}

fn parse_sample(line: &str) -> Result<Sample<'_>, &'static str> {
    let name_ends = line.find(|char| char == '{' || BLANKS.contains(&char)).unwrap_or(line.len());
    let (name, rest) = line.split_at(name_ends);
    if !is_metric_name(name) {
        return Err("not a metric name");
    }
    let rest = rest.trim_start_matches(BLANKS);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => parse_labels(rest)?,
        None => (Vec::new(), rest),
    };
    let (value, rest) = split_word(rest.trim_start_matches(BLANKS));
    let value = value.parse().map_err(|_| "not a number")?;
    let (timestamp, rest) = split_word(rest);
    if !timestamp.is_empty() && timestamp.parse::<i64>().is_err() || !rest.is_empty() {
        return Err("more than a value and a timestamp");
    }
    Ok(Sample { name, labels, value, has_timestamp: !timestamp.is_empty() })
}

type Labels<'text> = Vec<(&'text str, String)>;

/// The labels after the opening brace, and what follows the closing one.
fn parse_labels(mut rest: &str) -> Result<(Labels<'_>, &str), &'static str> {
    let mut labels: Labels<'_> = Vec::new();
    loop {
        rest = rest.trim_start_matches(BLANKS);
        if let Some(rest) = rest.strip_prefix('}') {
            return Ok((labels, rest));
        }
        let (name, after_name) = rest.split_once('=').ok_or("a label without a value")?;
        let name = name.trim_end_matches(BLANKS);
        if !is_label_name(name) {
            return Err("not a label name");
        }
        if labels.iter().any(|(other, _)| *other == name) {
            return Err("a label is there twice");
        }
        let quoted =
            after_name.trim_start_matches(BLANKS).strip_prefix('"').ok_or("a label value without quotes")?;
        let (text, after_text) = unescape(quoted, Some('"'))?;
        labels.push((name, text));
        rest = after_text.trim_start_matches(BLANKS);
        match rest.strip_prefix(',') {
            Some(next) => rest = next,
            None if rest.starts_with('}') => {}
            None => return Err("labels that are not separated by a comma"),
        }
    }
}

/// The text up to the unescaped character `end` (or all of it) and what follows.
fn unescape(text: &str, end: Option<char>) -> Result<(String, &str), &'static str> {
    let mut plain = String::with_capacity(text.len().min(64));
    let mut chars = text.char_indices();
    while let Some((position, char)) = chars.next() {
        if Some(char) == end {
            return Ok((plain, &text[position + char.len_utf8()..]));
        }
        if char != '\\' {
            plain.push(char);
            continue;
        }
        match chars.next() {
            Some((_, 'n')) => plain.push('\n'),
            Some((_, '\\')) => plain.push('\\'),
            Some((_, escaped)) if Some(escaped) == end => plain.push(escaped),
            _ => return Err("not an escape sequence"),
        }
    }
    if end.is_some() { Err("a label value that does not end") } else { Ok((plain, "")) }
}

/// The first word and, without the blanks between, the rest.
fn split_word(text: &str) -> (&str, &str) {
    match text.find(BLANKS) {
        Some(end) => (&text[..end], text[end..].trim_start_matches(BLANKS)),
        None => (text, ""),
    }
}

fn is_metric_name(name: &str) -> bool {
    !name.starts_with(|char: char| char.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':')
}

/// Names that begin with two underscores are Prometheus' own.
fn is_label_name(name: &str) -> bool {
    is_metric_name(name) && !name.contains(':') && !name.starts_with("__")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample<'text>(name: &'text str, labels: &[(&'text str, &str)], value: f64) -> Line<'text> {
        let labels = labels.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        Line::Sample(Sample { name, labels, value, has_timestamp: false })
    }

    #[test]
    fn lines_are_read_with_whatever_blanks_the_format_allows() {
        let cases = [
            ("", Line::Nothing),
            ("  \t", Line::Nothing),
            ("# a comment", Line::Nothing),
            ("#HELP a Text.", Line::Help { name: "a", text: "Text.".to_owned() }),
            ("# HELP a", Line::Help { name: "a", text: String::new() }),
            (
                "# HELP a One\\ntwo \\\\ \"three\"",
                Line::Help { name: "a", text: "One\ntwo \\ \"three\"".to_owned() },
            ),
            ("# TYPE a\tGauge", Line::Type { name: "a", kind: Kind::Gauge }),
            ("a 1", sample("a", &[], 1.0)),
            ("\ta  1.5e3 ", sample("a", &[], 1500.0)),
            ("a:b_1{} -Inf\r", sample("a:b_1", &[], f64::NEG_INFINITY)),
            ("a {x=\"1\" , y = \"\\\"\\\\\\n}\", }2", sample("a", &[("x", "1"), ("y", "\"\\\n}")], 2.0)),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        assert!(matches!(parse("a NaN"), Ok(Line::Sample(Sample { value, .. })) if value.is_nan()));
        assert!(matches!(parse("a 1 1700000000000"), Ok(Line::Sample(Sample { has_timestamp: true, .. }))));
    }

    #[test]
    fn lines_that_prometheus_would_refuse_are_refused() {
        for text in [
            "a",
            "a one",
            "1a 1",
            "a-b 1",
            "{x=\"1\"} 1",
            "a{x=1} 1",
            "a{x=\"1} 1",
            "a{x=\"1\"",
            "a{x=\"1\" y=\"2\"} 1",
            "a{,} 1",
            "a{x=\"1\",x=\"2\"} 1",
            "a{__name__=\"b\"} 1",
            "a{a:b=\"1\"} 1",
            "a{\"x\"=\"1\"} 1",
            "a{x=\"\\t\"} 1",
            "a 1 soon",
            "a 1 2 3",
            "a 1 # {} 1",
            "# TYPE a",
            "# TYPE a enum",
            "# TYPE 1 gauge",
            "# HELP a \\q",
            "# HELP",
            "é 1",
            "a{é=\"1\"} 1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
