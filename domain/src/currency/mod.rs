//! Reference rates, and what an amount in another currency is worth in euro.
//!
//! A reference rate is published once a day, for a day. An amount is converted at the last rate
//! dated *before* the UTC day of its event, so that an event is worth the same whether it is
//! told at once or by a backfill a year later. A rate that is known is never replaced: history is
//! not converted again.
//!
//! Source: the euro foreign exchange reference rates of the European Central Bank, published around
//! 16:00 CET on every working day, as units of a currency per euro.

mod rate;
mod rates;
mod working_days;

pub use rate::{InvalidRate, Rate};
pub use rates::{ConflictingRate, Converted, DailyRates, FEMTOS_PER_NANO, LONGEST_GAP_DAYS, Rates};

/// The currency that every figure is in, and that needs no rate.
pub const EURO: &str = "EUR";

/// Whether a text is written like a currency code of ISO 4217: three capital letters.
pub fn is_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
