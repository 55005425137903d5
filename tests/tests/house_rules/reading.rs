//! Just enough of Rust's grammar: comments, strings, what only tests build, and paths.

/// Source text without its comments.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Text {
    /// The code, with every string empty: `"a {b}"` is `""`.
    pub code: String,
    /// Where each string stands in the code, and what it says.
    pub strings: Vec<(usize, String)>,
}

impl Text {
    /// Takes comments away and strings apart.
    pub fn read(text: &str) -> Self {
        let mut read = Self::default();
        let mut rest = text;
        while let Some(plain) = rest.find(['/', '"', '\'']) {
            read.code.push_str(&rest[..plain]);
            rest = &rest[plain..];
            rest = if rest.starts_with("//") {
                &rest[rest.find('\n').unwrap_or(rest.len())..]
            } else if rest.starts_with("/*") {
                after_block_comment(rest)
            } else if let Some(inside) = rest.strip_prefix('"') {
                let (string, after) = split_string(inside, raw_prefix(&read.code));
                read.strings.push((read.code.len(), string.to_owned()));
                read.code.push_str("\"\"");
                after
            } else if let Some(after) = after_character(rest) {
                read.code.push_str("' '");
                after
            } else {
                read.code.push_str(&rest[..1]);
                &rest[1..]
            };
        }
        read.code.push_str(rest);
        read
    }

    /// Whether `word` stands in the code, as a word.
    pub fn has_word(&self, word: &str) -> bool {
        words(&self.code).any(|found| found == word)
    }
}

/// The identifiers and numbers of a piece of code.
pub fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

fn after_block_comment(text: &str) -> &str {
    let (mut depth, mut position) = (0_usize, 0);
    while position < text.len() {
        let rest = &text.as_bytes()[position..];
        if rest.starts_with(b"/*") {
            depth += 1;
            position += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            position += 2;
            if depth == 0 {
                break;
            }
        } else {
            position += 1;
        }
    }
    &text[position..]
}

/// How many `#` a raw string has that begins after this code; `None` for one with escapes.
fn raw_prefix(code: &str) -> Option<usize> {
    let prefix = code.trim_end_matches('#');
    let before = prefix.strip_suffix('r')?;
    let before = before.strip_suffix(['b', 'c']).unwrap_or(before);
    let is_part_of_a_word = before.ends_with(|last: char| last.is_alphanumeric() || last == '_');
    (!is_part_of_a_word).then(|| code.len() - prefix.len())
}

/// What a string says, and what comes after it.
fn split_string(inside: &str, raw: Option<usize>) -> (&str, &str) {
    if let Some(hashes) = raw {
        let end = format!("\"{}", "#".repeat(hashes));
        return inside.split_once(end.as_str()).unwrap_or((inside, ""));
    }
    let mut escaped = false;
    let end = inside.find(|letter| {
        let ends = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        ends
    });
    end.map_or((inside, ""), |end| (&inside[..end], &inside[end + 1..]))
}

/// What comes after a character that begins here; a lifetime is none.
fn after_character(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('\'')?;
    if let Some(escape) = inside.strip_prefix('\\') {
        let end = escape.get(1..)?.find('\'')?;
        return escape.get(end + 2..);
    }
    inside.get(inside.chars().next()?.len_utf8()..)?.strip_prefix('\'')
}

/// The code without what stands under `#[cfg(test)]`, and the modules of tests that have a file of
/// their own.
pub fn split_tests(text: &Text) -> (Text, Vec<String>) {
    const MARK: &str = "#[cfg(test)]";
    let mut production = text.clone();
    let mut modules = Vec::new();
    let mut bytes = std::mem::take(&mut production.code).into_bytes();
    let mut from = 0;
    while let Some(found) = text.code[from..].find(MARK) {
        let begin = from + found;
        let end = item_end(&text.code, begin + MARK.len());
        let item = &text.code[begin..end];
        if let Some((head, _)) = item.split_once(';')
            && let Some((_, name)) = head.rsplit_once("mod ")
            && !head.contains('{')
        {
            modules.push(name.trim().to_owned());
        }
        bytes[begin..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        production.strings.retain(|(place, _)| !(begin..end).contains(place));
        from = end;
    }
    production.code = String::from_utf8(bytes).expect("items begin and end at ASCII characters");
    (production, modules)
}

/// Where the item that begins here ends: at its semicolon, or with its braces.
fn item_end(code: &str, begin: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, letter) in code[begin..].char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ';' if depth == 0 => return begin + offset + 1,
            _ => continue,
        }
        if letter == '}' && depth == 0 {
            return begin + offset + 1;
        }
    }
    code.len()
}

/// Every path of the code, with the braces of `use` multiplied out.
pub fn imported_paths(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let mut rest = code;
    while let Some(begin) = rest.find(|letter: char| letter.is_alphabetic() || letter == '_') {
        rest = tree(&rest[begin..], "", &mut paths);
    }
    paths
}

/// Reads a path, and the braces that it may end in; returns what comes after.
fn tree<'code>(code: &'code str, prefix: &str, paths: &mut Vec<String>) -> &'code str {
    let end = code.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(code.len());
    let path = if prefix.is_empty() { code[..end].to_owned() } else { format!("{prefix}::{}", &code[..end]) };
    let rest = &code[end..];
    let Some(next) = rest.strip_prefix("::").map(str::trim_start) else {
        if path.contains("::") {
            paths.push(path);
        }
        return rest;
    };
    if next.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') {
        return tree(next, &path, paths);
    }
    let Some(mut inside) = next.strip_prefix('{') else {
        paths.push(path);
        return next;
    };
    loop {
        inside = inside.trim_start_matches(|letter: char| letter.is_whitespace() || letter == ',');
        match inside.chars().next() {
            Some('}') => return &inside[1..],
            Some(_) if inside.starts_with("as ") => inside = &inside[inside.find([',', '}']).unwrap_or(0)..],
            Some(letter) if letter.is_alphabetic() || letter == '_' => inside = tree(inside, &path, paths),
            Some(letter) => inside = &inside[letter.len_utf8()..],
            None => return inside,
        }
    }
}

#[test]
fn comments_go_and_strings_are_taken_apart() {
    let text =
        Text::read("a /* \" /* */ ' */ \"b // \\\" c\" 'd' '\\'' '\"' &'e r#\"f \" g\"# b\"h\" // i\nj");
    assert_eq!(text.code, "a  \"\" ' ' ' ' ' ' &'e r#\"\" b\"\" \nj");
    let strings: Vec<&str> = text.strings.iter().map(|(_, string)| string.as_str()).collect();
    assert_eq!(strings, ["b // \\\" c", "f \" g", "h"]);
    assert!(text.has_word("j") && !text.has_word("i"));
}

#[test]
fn what_only_tests_build_is_left_out() {
    let text = "use a::b;\n#[cfg(test)]\nmod tests { fn f() { \"x\" } }\n#[cfg(test)]\npub(crate) mod fake;\nfn g() { \"y\" }";
    let (production, modules) = split_tests(&Text::read(text));
    assert_eq!(production.code.split_whitespace().collect::<String>(), "usea::b;fng(){\"\"}");
    assert_eq!(production.strings.len(), 1);
    assert_eq!(modules, ["fake"]);
}

#[test]
fn paths_are_multiplied_out() {
    let code = "use a::{b, c::{self, d as e}, f::*}; let x: g::h<i::j> = k::l(m);";
    assert_eq!(imported_paths(code), ["a::b", "a::c::self", "a::c::d", "a::f", "g::h", "i::j", "k::l"]);
}
