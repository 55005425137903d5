//! What a call costs.

use pratiko_metrics::domain::event::TokenUsage;
use pratiko_metrics::domain::money::Money;

/// In 10⁻⁹ euro a token, which is thousandths of a euro a million of them. Yours are on your
/// provider's page of prices.
const INPUT: i128 = 250;
const CACHED_INPUT: i128 = 25;
const OUTPUT: i128 = 2_000;

/// Exact: amounts of money are integers, and a token costs whole units of them.
pub fn in_euro(tokens: &TokenUsage) -> Money {
    // This provider counts what it has read from its cache as input.
    let new = tokens.input.saturating_sub(tokens.cache_read);
    let parts = [(new, INPUT), (tokens.cache_read, CACHED_INPUT), (tokens.output, OUTPUT)];
    parts.into_iter().map(|(count, price)| Money::from_nanos(price) * i128::from(count)).sum()
}
