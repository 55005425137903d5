//! The names that a model goes by.

use std::fmt;
use std::sync::Arc;

/// A name, or a pattern of names: `*` stands for any text, `#` for one digit. Letters' case is ignored.
///
/// ```
/// use pratiko_domain::pricing::Pattern;
///
/// let dated: Pattern = "gpt-x-####-##-##".parse()?;
/// assert!(dated.matches("gpt-x-2026-03-05") && !dated.matches("gpt-x-mini"));
/// let anywhere: Pattern = "*.claude-x-*".parse()?;
/// assert!(anywhere.matches("eu.anthropic.Claude-X-20260101"));
/// # Ok::<(), pratiko_domain::pricing::PatternError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(Arc<str>);

/// A text is not a name or a pattern of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing, or only blanks.
    #[error("a name is not empty")]
    Empty,
    /// Longer than any name that an event may have.
    #[error("a name has at most 200 characters")]
    TooLong,
    /// Blanks at an end, control characters.
    #[error("a name has no blank at its ends and no control character")]
    Malformed,
    /// Only wildcards: it would match every model.
    #[error("a pattern of wildcards alone would be the price of every model; write a part of the name")]
    Everything,
    /// More wildcards than a pattern needs.
    #[error("a pattern has at most four `*`")]
    TooManyStars,
}

impl Pattern {
    /// Whether it is one name and not a pattern.
    pub fn is_name(&self) -> bool {
        !self.0.contains(['*', '#'])
    }

    /// How much of a name it tells: of two patterns that match, the one that tells more is meant.
    pub fn specificity(&self) -> usize {
        self.0.bytes().map(|byte| usize::from(byte != b'*')).sum()
    }

    /// Its text, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its text, shared.
    pub(super) fn text(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }

    /// Whether `name` is, or is one of, what it stands for.
    pub fn matches(&self, name: &str) -> bool {
        matches(self.0.as_bytes(), name.as_bytes())
    }
}

/// Matches greedily, and comes back to the last `*` when that was too much.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut in_pattern, mut in_name) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while in_name < name.len() {
        match pattern.get(in_pattern) {
            Some(b'*') => {
                last_star = Some((in_pattern, in_name));
                in_pattern += 1;
            }
            Some(expected) if stands_for(*expected, name[in_name]) => {
                in_pattern += 1;
                in_name += 1;
            }
            _ => match last_star {
                Some((star, taken)) => {
                    last_star = Some((star, taken + 1));
                    in_pattern = star + 1;
                    in_name = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[in_pattern..].iter().all(|rest| *rest == b'*')
}

const fn stands_for(expected: u8, byte: u8) -> bool {
    if expected == b'#' { byte.is_ascii_digit() } else { expected == byte.to_ascii_lowercase() }
}

impl std::str::FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Err(PatternError::Empty);
        }
        if text.len() > 200 {
            return Err(PatternError::TooLong);
        }
        if text.trim() != text || text.chars().any(char::is_control) {
            return Err(PatternError::Malformed);
        }
        if text.chars().all(|character| matches!(character, '*' | '#')) {
            return Err(PatternError::Everything);
        }
        if text.matches('*').count() > 4 {
            return Err(PatternError::TooManyStars);
        }
        Ok(Self(text.to_ascii_lowercase().into()))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        text.parse().unwrap()
    }

    #[test]
    fn a_star_is_any_text_and_a_hash_one_digit() {
        let cases = [
            ("gpt-x", "gpt-x", true),
            ("gpt-x", "GPT-X", true),
            ("gpt-x", "gpt-x-mini", false),
            ("gpt-x*", "gpt-x-mini", true),
            ("*-mini", "gpt-x-mini", true),
            ("*-mini", "gpt-x-mini-2", false),
            ("*sonnet*", "claude-sonnet-9", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("x-####", "x-2026", true),
            ("x-####", "x-20261", false),
            ("x-####", "x-20a6", false),
            ("x*", "x", true),
        ];
        for (text, name, expected) in cases {
            assert_eq!(pattern(text).matches(name), expected, "{text} {name}");
        }
    }

    #[test]
    fn a_pattern_that_would_match_everything_is_refused() {
        assert_eq!("**".parse::<Pattern>(), Err(PatternError::Everything));
        assert_eq!("*a*a*a*a*a".parse::<Pattern>(), Err(PatternError::TooManyStars));
        assert_eq!(" a".parse::<Pattern>(), Err(PatternError::Malformed));
        assert_eq!("".parse::<Pattern>(), Err(PatternError::Empty));
    }
}
