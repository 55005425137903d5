//! Where the prices of models come from.

use std::path::PathBuf;

use super::key::{DefaultValue::Is, Key, Kind};
use super::reader::Reader;

/// Where the prices of models come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prices {
    /// Price files, the one that wins first.
    pub files: Vec<PathBuf>,
    /// Whether the list that comes with the program holds where no file has a price.
    pub bundled: bool,
}

static FILES: Key = Key::new(
    "prices.files",
    Kind::List,
    Is(""),
    "Price files of one's own (docs/PRICES.md). The first that has a price for a model at that time wins, \
     and all win over the bundled list; a file that changes is read again.",
);
static BUNDLED: Key = Key::new(
    "prices.bundled",
    Kind::Switch,
    Is("true"),
    "Whether the public prices that come with the program hold where no file has one.",
);

pub(super) static KEYS: &[&Key] = &[&FILES, &BUNDLED];

impl Prices {
    pub(super) fn read(values: &mut Reader<'_>) -> Option<Self> {
        let files = values.paths(&FILES);
        let bundled = values.switch(&BUNDLED);
        Some(Self { files: files?, bundled: bundled? })
    }
}
