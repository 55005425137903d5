//! Reading `/sys`: directories of devices, and files that hold one value each.

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::str::FromStr;

/// The names in a directory, in their order.
pub fn names_in(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// The part of `name` after `prefix`, when it is a number: `0` of `thermal_zone0`.
pub fn number_after<'name>(name: &'name str, prefix: &str) -> Option<&'name str> {
    name.strip_prefix(prefix)
        .filter(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A file's value as text, without the white space around it.
pub fn text(content: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(content.trim_ascii())
}

/// A file's value as a number.
pub fn number<N: FromStr>(content: &[u8]) -> Option<N> {
    std::str::from_utf8(content.trim_ascii()).ok()?.parse().ok()
}
