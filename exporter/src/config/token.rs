//! Tokens, of which only the SHA-256 is kept.

use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::secret::{REDACTED, Secret};

/// What begins a token that is written as its hash.
const PREFIX: &str = "sha256:";

/// The SHA-256 of a token. Knowing it does not help to guess a random token, but it is not shown
/// either: a token that a person made up might be guessed.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a token.
    pub fn of(token: &Secret) -> Self {
        Self(Sha256::digest(token.expose()).into())
    }

    /// Reads `sha256:` and 64 hexadecimal digits.
    pub fn from_line(line: &str) -> Option<Self> {
        let digits = line.strip_prefix(PREFIX)?;
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 32];
        for (position, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(digits.get(2 * position..2 * position + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The line for the configuration: `sha256:` and 64 hexadecimal digits.
    pub fn to_line(self) -> String {
        use fmt::Write as _;
        self.0.iter().fold(PREFIX.to_owned(), |mut line, byte| {
            // Writing to a string cannot fail.
            let _ = write!(line, "{byte:02x}");
            line
        })
    }

    /// Whether `presented` is the token. It takes the same time wherever they differ.
    pub fn matches(&self, presented: &str) -> bool {
        let presented: [u8; 32] = Sha256::digest(presented).into();
        self.0.ct_eq(&presented).into()
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// A new random token of 256 bits.
pub fn new_token() -> Result<Secret, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

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
        TokenHash::from_line(text)
    } else {
        // A token travels in a header, where only visible letters of ASCII arrive unchanged.
        text.bytes().all(|byte| byte.is_ascii_graphic()).then(|| TokenHash::of(&Secret::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf abc | sha256sum`.
    const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_token_is_recognised_by_its_hash() {
        let hash = TokenHash::from_line(ABC).unwrap();
        assert!(hash.matches("abc"));
        assert!(!hash.matches("abd"));
        assert!(!hash.matches(""));
        assert_eq!(TokenHash::of(&Secret::new("abc")).to_line(), ABC);
        assert_eq!(format!("{hash:?}"), "<redacted>");
    }

    #[test]
    fn what_is_not_a_hash_is_refused() {
        let not_hex = ABC.replace("ba", "xy");
        for line in [
            "",
            "abc",
            "sha256:",
            "sha256:abc",
            &ABC[..70],
            &not_hex,
            "sha256:+a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ] {
            assert_eq!(TokenHash::from_line(line), None, "{line}");
        }
    }

    #[test]
    fn new_tokens_differ_and_are_long_enough_not_to_be_guessed() {
        let (one, other) = (new_token().unwrap(), new_token().unwrap());
        assert_eq!(one.expose().len(), 43);
        assert!(one != other);
    }

    #[test]
    fn a_token_file_holds_tokens_or_their_hashes() {
        let tokens = tokens_in(&format!("# two\nplain\n\n  {ABC}\n"), Path::new("tokens")).unwrap();
        assert!(tokens.len() == 2 && tokens[0].matches("plain") && tokens[1].matches("abc"));
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
