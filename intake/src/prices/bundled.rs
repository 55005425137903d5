//! The price list that comes with the program.

use pratiko_domain::pricing::PriceList;

use super::{PriceFileError, Problem, read};

/// Its files, a provider each.
const FILES: [&str; 7] = [
    include_str!("bundled/openai.yml"),
    include_str!("bundled/anthropic.yml"),
    include_str!("bundled/google.yml"),
    include_str!("bundled/mistral.yml"),
    include_str!("bundled/deepseek.yml"),
    include_str!("bundled/aws.yml"),
    include_str!("bundled/azure.yml"),
];

/// The current public prices, and those before them where a change can be dated.
pub fn bundled() -> Result<PriceList, PriceFileError> {
    let mut providers = Vec::new();
    for text in FILES {
        providers.extend(read(text, None)?.into_providers());
    }
    PriceList::new(None, providers)
        .map_err(|error| PriceFileError { problems: vec![Problem { line: 1, message: error.to_string() }] })
}
