//! The ledger's secret key, and what texts become under it.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::hexadecimal::hexadecimal;

/// A text's HMAC-SHA256 under the key of one ledger, cut to 128 bits: the same text has the same hash, and
/// without the key nobody can tell which text it was, not even by trying likely ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyedHash([u8; 16]);

impl KeyedHash {
    /// A hash of no text that anybody knows.
    pub fn random() -> Result<Self, getrandom::Error> {
        random().map(Self)
    }

    /// Its bytes, as a store keeps them.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The hash of these bytes.
    pub const fn of_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// A ledger's secret key, made once and kept in it.
#[derive(Clone, PartialEq, Eq)]
pub struct LedgerKey([u8; 32]);

impl LedgerKey {
    /// A new one.
    pub fn generate() -> Result<Self, getrandom::Error> {
        random().map(Self)
    }

    /// What `text` becomes under the key.
    pub fn hash(&self, text: &str) -> KeyedHash {
        // HMAC fills a key up with zeros to the block of its hash.
        let mut block = [0; 64];
        block[..self.0.len()].copy_from_slice(&self.0);
        let mut code = Hmac::<Sha256>::new(&block.into());
        code.update(text.as_bytes());
        let mut hash = [0; 16];
        hash.copy_from_slice(&code.finalize().into_bytes()[..16]);
        KeyedHash(hash)
    }

    /// The key itself, for whoever keeps it.
    pub fn reveal(&self) -> String {
        hexadecimal(&self.0)
    }
}

impl fmt::Debug for LedgerKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LedgerKey(…)")
    }
}

fn random<const SIZE: usize>() -> Result<[u8; SIZE], getrandom::Error> {
    let mut bytes = [0; SIZE];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// A text that is no key and no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not hexadecimal digits of the right number")]
pub struct NotHexadecimal;

impl FromStr for LedgerKey {
    type Err = NotHexadecimal;

    fn from_str(text: &str) -> Result<Self, NotHexadecimal> {
        bytes(text).map(Self)
    }
}

impl FromStr for KeyedHash {
    type Err = NotHexadecimal;

    fn from_str(text: &str) -> Result<Self, NotHexadecimal> {
        bytes(text).map(Self)
    }
}

impl fmt::Display for KeyedHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hexadecimal(&self.0))
    }
}

fn bytes<const SIZE: usize>(text: &str) -> Result<[u8; SIZE], NotHexadecimal> {
    let digits = text.as_bytes();
    if digits.len() != 2 * SIZE {
        return Err(NotHexadecimal);
    }
    let mut bytes = [0; SIZE];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16).ok_or(NotHexadecimal);
        *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_the_beginning_of_the_hmac() {
        // RFC 4231, test case 2, has a key of four bytes; HMAC fills keys up with zeros.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let hash = LedgerKey(key).hash("what do ya want for nothing?");
        assert_eq!(hash.to_string(), "5bdcc146bf60754e6a042426089575c7");
        assert_eq!(hash.to_string().parse(), Ok(hash));
    }

    #[test]
    fn keys_are_told_apart_and_found_again() {
        let (one, other) = (LedgerKey::generate().unwrap(), LedgerKey::generate().unwrap());
        assert_ne!(one.hash("anna"), other.hash("anna"));
        assert_eq!(one.reveal().parse::<LedgerKey>().unwrap().hash("anna"), one.hash("anna"));
        for text in ["", "5b", "zz", &"é".repeat(16)] {
            assert_eq!(text.parse::<KeyedHash>(), Err(NotHexadecimal), "{text}");
        }
    }
}
