//! Files with tokens, of which only the hashes are kept.

use std::path::{Path, PathBuf};

use crate::web::TokenHash;

/// What begins a token that is written as its hash.
const PREFIX: &str = "sha256:";

/// Why the tokens in a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenFileError {
    /// The file cannot be read.
    #[error("cannot read the token file {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// There is no token in it.
    #[error("the token file {path} holds no token; write one on a line of its own")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A line is neither a token nor a hash.
    #[error(
        "line {line} of the token file {path} is neither a token without spaces nor sha256: and 64 \
         hexadecimal digits"
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

/// Reads a file with a token, or the hash of one, on each line; `#` begins a comment.
pub fn read_token_file(path: &Path) -> Result<Vec<TokenHash>, TokenFileError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| TokenFileError::Read { path: path.to_owned(), source })?;
    tokens_in(&text, path)
}

/// The first token in a file that is written in clear, if there is one: a hash lets nobody in.
pub fn plain_token_in(path: &Path) -> Result<Option<String>, TokenFileError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| TokenFileError::Read { path: path.to_owned(), source })?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.filter(|line| !line.starts_with(PREFIX)).map(str::to_owned).next())
}

fn tokens_in(text: &str, path: &Path) -> Result<Vec<TokenHash>, TokenFileError> {
    let mut tokens = Vec::new();
    for (position, line) in text.lines().map(str::trim).enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match hash_of(line) {
            Some(token) => tokens.push(token),
            None => return Err(TokenFileError::Malformed { path: path.to_owned(), line: position + 1 }),
        }
    }
    if tokens.is_empty() {
        return Err(TokenFileError::Empty { path: path.to_owned() });
    }
    Ok(tokens)
}

/// The hash of a token that is written as itself or as its hash.
pub(super) fn hash_of(text: &str) -> Option<TokenHash> {
    if text.starts_with(PREFIX) {
        TokenHash::parse(text).ok()
    } else {
        // A token travels in a header, where only visible letters of ASCII arrive unchanged.
        text.bytes().all(|byte| byte.is_ascii_graphic()).then(|| TokenHash::of(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf abc | sha256sum`.
    const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_token_file_holds_tokens_or_their_hashes() {
        let tokens = tokens_in(&format!("# two\nplain\n\n  {ABC}\n"), Path::new("tokens")).unwrap();
        assert!(
            tokens.len() == 2 && tokens[0] == TokenHash::of("plain") && tokens[1] == TokenHash::of("abc")
        );
    }

    #[test]
    fn a_token_file_that_cannot_be_used_says_why() {
        for (text, expected) in [
            ("# nothing\n", "the token file tokens holds no token; write one on a line of its own"),
            (
                "ok\ntwo words\n",
                "line 2 of the token file tokens is neither a token without spaces nor sha256: and 64 \
                 hexadecimal digits",
            ),
        ] {
            assert_eq!(tokens_in(text, Path::new("tokens")).unwrap_err().to_string(), expected);
        }
        let error = read_token_file(Path::new("/nonexistent/tokens")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read the token file /nonexistent/tokens: "), "{error}");
    }
}
