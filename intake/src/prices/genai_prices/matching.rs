//! genai-prices' rules for a model's names, as our patterns.

use pratiko_domain::pricing::Pattern;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::prices::imported::Aside;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Clause {
    Equals(String),
    StartsWith(String),
    EndsWith(String),
    Contains(String),
    Regex(String),
    Or(Vec<Clause>),
    And(Vec<Clause>),
}

/// The names and patterns of `raw`; what cannot be said with them is put aside.
pub(super) fn names(what: &str, raw: &RawValue, aside: &mut Aside) -> Vec<Pattern> {
    let mut names = Vec::new();
    match serde_json::from_str::<Clause>(raw.get()) {
        Ok(clause) => gather(what, clause, &mut names, aside),
        Err(_) => aside.put("rules for names that were not understood", what, "only its id is matched"),
    }
    names.dedup();
    names
}

fn gather(what: &str, clause: Clause, names: &mut Vec<Pattern>, aside: &mut Aside) {
    let texts = match clause {
        Clause::Equals(text) => literal(&text).into_iter().collect(),
        Clause::StartsWith(text) => literal(&text).map(|text| text + "*").into_iter().collect(),
        Clause::EndsWith(text) => literal(&text).map(|text| format!("*{text}")).into_iter().collect(),
        Clause::Contains(text) => literal(&text).map(|text| format!("*{text}*")).into_iter().collect(),
        Clause::Regex(text) => of_regex(&text),
        Clause::Or(clauses) => {
            return clauses.into_iter().for_each(|clause| gather(what, clause, names, aside));
        }
        Clause::And(clauses) => return all_of(what, clauses, names, aside),
    };
    let patterns: Vec<Pattern> = texts.iter().filter_map(|text: &String| text.parse().ok()).collect();
    if patterns.is_empty() {
        aside.put("rules for names that are no patterns", what, "names that only they match stay unpriced");
    }
    names.extend(patterns);
}

/// Rules that must all hold: one that says what the name is like, and others that exclude names.
fn all_of(what: &str, clauses: Vec<Clause>, names: &mut Vec<Pattern>, aside: &mut Aside) {
    let (excluding, mut saying): (Vec<_>, Vec<_>) = clauses
        .into_iter()
        .partition(|clause| matches!(clause, Clause::Regex(text) if text.starts_with("^(?!")));
    match saying.pop() {
        Some(clause) if saying.is_empty() => {
            gather(what, clause, names, aside);
            if !excluding.is_empty() {
                aside.put(
                    "names that a rule excludes",
                    what,
                    "they are matched, unless another model has the name",
                );
            }
        }
        _ => aside.put(
            "rules for names that are no patterns",
            what,
            "names that only they match stay unpriced",
        ),
    }
}

/// A text that has no wildcard of ours in it.
fn literal(text: &str) -> Option<String> {
    (!text.contains(['*', '#'])).then(|| text.to_owned())
}

/// The patterns for a regular expression of anchors, literals, digits and sets of few characters, as
/// there are for dated names; none for any other.
fn of_regex(regex: &str) -> Vec<String> {
    let Some(pieces) = pieces(regex) else { return Vec::new() };
    let append = |patterns: Vec<String>, piece: &Vec<String>| {
        let with = |pattern: &String| piece.iter().map(|text| format!("{pattern}{text}")).collect::<Vec<_>>();
        patterns.iter().flat_map(with).take(16).collect()
    };
    pieces.iter().fold(vec![String::new()], append)
}

/// What stands one after the other, each as the texts that it may be.
fn pieces(regex: &str) -> Option<Vec<Vec<String>>> {
    let any = || vec!["*".to_owned()];
    let mut pieces = Vec::new();
    let mut rest = regex.strip_prefix('^').unwrap_or_else(|| {
        pieces.push(any());
        regex
    });
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let (piece, behind) = match first {
            '$' if after.is_empty() => return Some(pieces),
            '\\' => escaped(after)?,
            '[' => set(after)?,
            plain if plain.is_ascii_alphanumeric() || matches!(plain, '-' | '@' | '/' | ':' | '_') => {
                (vec![plain.to_string()], after)
            }
            _ => return None,
        };
        // What was read must not be repeated.
        if behind.starts_with(['?', '*', '+', '{']) {
            return None;
        }
        pieces.push(piece);
        rest = behind;
    }
    pieces.push(any());
    Some(pieces)
}

/// `\d`, `\d{8}` or a character that needs a backslash, and what is behind it.
fn escaped(after: &str) -> Option<(Vec<String>, &str)> {
    let character = after.chars().next()?;
    let behind = &after[character.len_utf8()..];
    if character == 'd' {
        let (count, behind) = repetition(behind)?;
        return Some((vec!["#".repeat(count)], behind));
    }
    let literal = character.is_ascii_punctuation() && !matches!(character, '*' | '#');
    literal.then(|| (vec![character.to_string()], behind))
}

/// The characters of a set without ranges, and what is behind it.
fn set(after: &str) -> Option<(Vec<String>, &str)> {
    let (set, behind) = after.split_once(']')?;
    let is_plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '@' | '.' | '_');
    let has_range = set.trim_matches('-').contains('-');
    let fine = (1..=4).contains(&set.len()) && set.chars().all(is_plain) && !has_range;
    fine.then(|| (set.chars().map(String::from).collect(), behind))
}

/// How often `\d` stands there: `{8}`, or once.
fn repetition(rest: &str) -> Option<(usize, &str)> {
    let Some(inside) = rest.strip_prefix('{') else { return Some((1, rest)) };
    let (count, behind) = inside.split_once('}')?;
    let count: usize = count.parse().ok()?;
    (1..=16).contains(&count).then_some((count, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_for_dated_names_become_patterns() {
        assert_eq!(of_regex(r"^gpt-6\.1-sol-\d{4}-\d{2}-\d{2}$"), ["gpt-6.1-sol-####-##-##"]);
        assert_eq!(of_regex(r"^claude-x[-@]\d{8}$"), ["claude-x-########", "claude-x@########"]);
        assert_eq!(of_regex(r"^gemini-4-\d"), ["gemini-4-#*"]);
    }

    #[test]
    fn other_expressions_are_left_out() {
        for regex in [r"^(?!.*tts)", "a|b", "a.b", "a+", r"\d{99999999}", "[a-z]", "[", "x{2}", r"\w", "a?"] {
            assert_eq!(of_regex(regex), Vec::<String>::new(), "{regex}");
        }
    }
}
