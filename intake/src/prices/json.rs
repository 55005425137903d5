//! Foreign JSON, within limits.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::ImportError;

/// The real lists have 2 to 4 MB.
const LARGEST: usize = 64 << 20;

/// An object whose values have not been looked at; of a name that is there twice the last value.
pub(super) type Object<'a> = BTreeMap<String, &'a RawValue>;

/// Reads a whole file as `T`. Deep nesting is refused by the JSON reader, 128 levels at most; values
/// that nobody looks at are skipped without recursion.
pub(super) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8], format: &'static str) -> Result<T, ImportError> {
    if bytes.len() > LARGEST {
        return Err(ImportError::TooLarge { size: bytes.len(), limit: LARGEST });
    }
    serde_json::from_slice(bytes).map_err(|source| ImportError::NotTheFormat { format, source })
}
