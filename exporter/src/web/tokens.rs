//! Bearer tokens: made here, shown once, and kept only as a hash.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A token in clear, to be shown to the person who asked for it and to nobody else.
pub struct Token(String);

impl Token {
    /// A new token of 256 random bits, of characters that are safe in URLs.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes)?;
        // The prefix lets people and secret scanners see what leaked.
        Ok(Self(format!("pk_{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// The token in clear.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the configuration keeps of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

/// The SHA-256 of a token. One round is enough, because a token is random and long.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a token in clear.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Reads `sha256:` and 64 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, TokenHashError> {
        let digits = text.trim().strip_prefix("sha256:").ok_or(TokenHashError)?;
        let digits = digits.as_bytes();
        if digits.len() != 64 {
            return Err(TokenHashError);
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16).ok_or(TokenHashError);
            *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
        }
        Ok(Self(hash))
    }

    /// Whether both are of the same token; takes the same time for every answer.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// In the same time for every answer.
impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other)
    }
}

impl Eq for TokenHash {}

impl fmt::Display for TokenHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenHash(…)")
    }
}

/// A text that is no token hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token hash; it is written sha256: followed by 64 hexadecimal digits")]
pub struct TokenHashError;

/// Whoever was let through by a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller(String);

impl Caller {
    pub(super) fn of(token: &str) -> Self {
        const ENOUGH: usize = "sha256:".len() + 12;
        let mut hash = TokenHash::of(token).to_string();
        hash.truncate(ENOUGH);
        Self(hash)
    }

    /// The beginning of the token's hash: known to whoever wrote it into the configuration, and good for
    /// nothing else.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// The hashes of one scope's tokens: several while one replaces another.
#[derive(Clone, Debug, Default)]
pub struct TokenHashes(Vec<TokenHash>);

impl TokenHashes {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them is the hash of `token`. All are compared, whichever matches.
    pub fn contain(&self, token: &str) -> bool {
        let given = TokenHash::of(token);
        self.0.iter().fold(false, |found, hash| found | hash.matches(&given))
    }
}

impl FromIterator<TokenHash> for TokenHashes {
    fn from_iter<I: IntoIterator<Item = TokenHash>>(hashes: I) -> Self {
        Self(hashes.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_recognised_by_its_written_hash_and_no_other_is() {
        let (old, new) = (Token::generate().unwrap(), Token::generate().unwrap());
        let hashes: TokenHashes = [&old, &new]
            .map(|token| TokenHash::parse(&token.hash().to_string()).unwrap())
            .into_iter()
            .collect();
        assert!(hashes.contain(old.reveal()) && hashes.contain(new.reveal()));
        assert!(!hashes.contain(Token::generate().unwrap().reveal()));
        assert!(!hashes.contain(""));
    }

    #[test]
    fn tokens_are_long_random_and_safe_in_urls() {
        let token = Token::generate().unwrap();
        let rest = token.reveal().strip_prefix("pk_").unwrap();
        assert_eq!(rest.len(), 43);
        assert!(rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        assert_ne!(token.reveal(), Token::generate().unwrap().reveal());
    }

    #[test]
    fn a_hash_is_the_sha_256_that_other_tools_compute() {
        let expected = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(TokenHash::of("abc").to_string(), expected);
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        for text in ["", "abc", "sha256:", "sha256:zz", "md5:abc", &format!("sha256:{}", "g".repeat(64))] {
            assert!(TokenHash::parse(text).is_err(), "{text}");
        }
    }
}
