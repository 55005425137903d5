//! What is wrong with a price file, and where.

use std::fmt;

/// One thing that is wrong with a price file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line it is on, from 1.
    pub line: u64,
    /// What is wrong and what to do about it.
    pub message: String,
}

/// A price file cannot be used. None of it is, so that no model is priced by half a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceFileError {
    /// All that is wrong, in the order of the file.
    pub problems: Vec<Problem>,
}

impl fmt::Display for PriceFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, Problem { line, message }) in self.problems.iter().enumerate() {
            let separator = if position == 0 { "" } else { "\n" };
            write!(f, "{separator}line {line}: {message}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PriceFileError {}
