//! The price list that comes with the program.

use pratiko_domain::pricing::PriceList;

use super::{PriceFileError, read};

/// Its files, a provider each.
const FILES: [(&str, &str); 1] = [("openai", "")];

/// The list of current public prices, and of those before them where the change can be dated.
pub fn bundled() -> Result<PriceList, PriceFileError> {
    let mut providers = Vec::new();
    for (_, text) in FILES {
        providers.extend(read(text, None)?.providers().iter().cloned());
    }
    PriceList::new(None, providers).map_err(|error| PriceFileError {
        problems: vec![super::Problem { line: 1, message: error.to_string() }],
    })
}
