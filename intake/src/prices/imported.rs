//! What an import took, and what it could not.

use std::fmt;

use pratiko_domain::pricing::PriceList;

/// A foreign price list in our terms.
#[derive(Debug, Clone)]
pub struct Imported {
    /// What was taken.
    pub list: PriceList,
    /// What was not.
    pub left_out: Vec<LeftOut>,
}

/// Something of a foreign list that has no place in ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The model, or the provider, or the key.
    pub what: String,
    /// Why, and what that means.
    pub why: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

/// A file is not the list that it was said to be.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Larger than any such list.
    #[error("the file has {size} bytes; a list of prices has at most {limit}")]
    TooLarge {
        /// How large it is.
        size: usize,
        /// How large it may be.
        limit: usize,
    },
    /// Not JSON, or not of the form expected.
    #[error("this is not {format}: {source}")]
    NotTheFormat {
        /// What was expected.
        format: &'static str,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// What was read contradicts itself.
    #[error("the list contradicts itself: {0}")]
    Contradictory(#[from] pratiko_domain::pricing::PriceListError),
}

/// Gathers what is left out, the same of many models in one line.
#[derive(Debug, Default)]
pub(super) struct Aside(std::collections::BTreeMap<(String, String), Vec<String>>);

impl Aside {
    /// How many models are named in a line.
    const NAMED: usize = 5;

    pub fn put(&mut self, kind: &str, of: &str, why: &str) {
        let models = self.0.entry((kind.to_owned(), why.to_owned())).or_default();
        if models.last().is_none_or(|last| last != of) {
            models.push(of.to_owned());
        }
    }

    pub fn left_out(self) -> Vec<LeftOut> {
        let line = |((kind, why), models): ((String, String), Vec<String>)| {
            let named: Vec<&str> = models.iter().take(Self::NAMED).map(String::as_str).collect();
            let more = models.len().saturating_sub(Self::NAMED);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            LeftOut { what: kind, why: format!("{why}: {}{more}", named.join(", ")) }
        };
        self.0.into_iter().map(line).collect()
    }
}
