//! As much of PromQL as it takes to say which series an expression asks for, and which numbers it
//! compares with. Whether it is PromQL at all is for `promtool` to say.

/// A piece of an expression. Strings are left out: they are no names and no numbers.
#[derive(Debug, Clone, PartialEq)]
enum Token<'a> {
    Name(&'a str),
    Number(f64),
    Sign(&'a str),
    /// What stands between braces, without them.
    Matchers(&'a str),
    /// A range, an offset, a subquery's step: `5m`.
    Duration,
    String,
}

const OPERATORS: [&str; 4] = ["and", "or", "unless", "atan2"];
const GROUPINGS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
const OTHER_WORDS: [&str; 5] = ["bool", "offset", "start", "end", "inf"];
const AGGREGATIONS: [&str; 12] = [
    "sum",
    "min",
    "max",
    "avg",
    "group",
    "stddev",
    "stdvar",
    "count",
    "count_values",
    "bottomk",
    "topk",
    "quantile",
];
const COMPARISONS: [&str; 6] = ["==", "!=", ">", "<", ">=", "<="];

/// A series that an expression asks for: its name, and the matchers as they are written.
#[derive(Debug, Clone, PartialEq)]
pub struct Selector<'a> {
    pub name: &'a str,
    pub matchers: &'a str,
}

/// The series that an expression asks for.
pub fn selectors(expression: &str) -> Vec<Selector<'_>> {
    let tokens = tokens(expression);
    let mut selectors = Vec::new();
    let mut position = 0;
    while position < tokens.len() {
        let next = tokens.get(position + 1);
        match &tokens[position] {
            // Labels in parentheses, if there are any.
            Token::Name(name) if GROUPINGS.contains(name) && next == Some(&Token::Sign("(")) => {
                let is_inside = |token: &&Token<'_>| **token != Token::Sign(")");
                position += tokens[position..].iter().take_while(is_inside).count();
            }
            Token::Name(name) if is_word(name) || next == Some(&Token::Sign("(")) => {}
            Token::Name(name) => {
                let matchers = match next {
                    Some(Token::Matchers(matchers)) => matchers,
                    _ => "",
                };
                selectors.push(Selector { name, matchers });
            }
            _ => {}
        }
        position += 1;
    }
    selectors
}

fn is_word(name: &str) -> bool {
    OPERATORS.contains(&name)
        || GROUPINGS.contains(&name)
        || OTHER_WORDS.contains(&name)
        || AGGREGATIONS.contains(&name)
}

/// Every number that is written in an expression; durations are none.
pub fn numbers(expression: &str) -> Vec<f64> {
    let number = |token: Token<'_>| match token {
        Token::Number(number) => Some(number),
        _ => None,
    };
    tokens(expression).into_iter().filter_map(number).collect()
}

/// The numbers that stand beside a comparison.
pub fn compared_numbers(expression: &str) -> Vec<f64> {
    let tokens = tokens(expression);
    let is_comparison = |token: &Token<'_>| matches!(token, Token::Sign(sign) if COMPARISONS.contains(sign));
    let mut compared = Vec::new();
    for pair in tokens.windows(2) {
        match pair {
            [left, Token::Number(number)] if is_comparison(left) => compared.push(*number),
            [Token::Number(number), right] if is_comparison(right) => compared.push(*number),
            _ => {}
        }
    }
    compared
}

/// Whether it divides one series by another.
pub fn divides(expression: &str) -> bool {
    tokens(expression).windows(2).any(|pair| {
        // A division by a number only changes the unit.
        pair[0] == Token::Sign("/") && !matches!(pair[1], Token::Number(_))
    })
}

/// Selectors without a name, which nobody can look up.
pub fn has_nameless_selector(expression: &str) -> bool {
    let tokens = tokens(expression);
    tokens.iter().enumerate().any(|(position, token)| {
        matches!(token, Token::Matchers(_))
            && !(position > 0 && matches!(tokens[position - 1], Token::Name(_)))
    })
}

fn tokens(expression: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' | '`' => {
                tokens.push(Token::String);
                string_length(rest)
            }
            '{' => {
                let length = matchers_length(rest);
                tokens.push(Token::Matchers(&rest[1..length - 1]));
                length
            }
            '0'..='9' | '.' => {
                let length = prefix(rest, |character| character.is_ascii_alphanumeric() || character == '.');
                let word = &rest[..length];
                tokens.push(word.parse().map_or(Token::Duration, Token::Number));
                length
            }
            _ if is_of_name(first) && first != ':' => {
                let length = prefix(rest, is_of_name);
                tokens.push(Token::Name(&rest[..length]));
                length
            }
            _ if first.is_whitespace() => prefix(rest, char::is_whitespace),
            _ => {
                let is_double = COMPARISONS.iter().any(|sign| sign.len() == 2 && rest.starts_with(sign));
                let length = if is_double { 2 } else { first.len_utf8() };
                tokens.push(Token::Sign(&rest[..length]));
                length
            }
        };
        rest = &rest[length..];
    }
    tokens
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == ':'
}

fn prefix(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character)).unwrap_or(text.len())
}

/// Up to and with the closing quote.
fn string_length(text: &str) -> usize {
    let quote = text.chars().next().unwrap_or('"');
    let mut is_escaped = false;
    for (position, character) in text.char_indices().skip(1) {
        if character == quote && !is_escaped {
            return position + 1;
        }
        is_escaped = character == '\\' && !is_escaped && quote != '`';
    }
    text.len()
}

/// Up to and with the closing brace, which is not in a string.
fn matchers_length(text: &str) -> usize {
    let mut position = 1;
    while let Some(character) = text[position..].chars().next() {
        match character {
            '}' => return position + 1,
            '"' | '\'' | '`' => position += string_length(&text[position..]),
            _ => position += character.len_utf8(),
        }
    }
    panic!("a brace is not closed: {text}");
}

#[test]
fn an_expression_says_which_series_it_asks_for() {
    let names = |expression| -> Vec<&str> {
        selectors(expression).into_iter().map(|selector| selector.name).collect()
    };
    assert_eq!(
        names("sum without (cpu) (rate(a_total{mode=~\"x|y}\"}[5m] offset 1h)) / b"),
        ["a_total", "b"]
    );
    assert_eq!(names("a > on (job) group_left () scalar(x:y:z)"), ["a", "x:y:z"]);
    assert_eq!(names("sum(a) by (b) and c unless ignoring (d) e or vector(1)"), ["a", "c", "e"]);
    assert_eq!(names("sum_of(a) # b\n+ max_over_time(c[1d:1h])"), ["a", "c"]);
    assert_eq!(selectors("absent(up{job=\"x\"})"), [Selector { name: "up", matchers: "job=\"x\"" }]);
}

#[test]
fn an_expression_says_which_numbers_it_compares_with() {
    assert_eq!(compared_numbers("a > 0.5 and 3 <= b and 7 * c > d offset 5m"), [0.5, 3.0]);
    assert_eq!(numbers("histogram_quantile(0.95, rate(a[5m])) > 1e3"), [0.95, 1000.0]);
}

#[test]
fn dividing_by_a_number_is_no_ratio() {
    assert!(divides("a / b") && divides("a\n/ on (x) b") && !divides("a / 60"));
    assert!(has_nameless_selector("count({__name__=~\"a\"})") && !has_nameless_selector("a{b=\"c\"}"));
}
