//! What a call to a language model costs, by the price list of the day.
//!
//! A [`PriceTable`] is a stack of price lists, the user's own over the one that comes with the
//! program. A price is found by provider, model, service tier and the time of the call; where the
//! provider charges long requests more, by the call's whole input. Nothing is ever guessed: what has
//! no price is [`Unpriced`] and says why.
//!
//! ```
//! use pratiko_domain::pricing::{Call, ClassPrices, Model, Price, PriceList, PriceRow, PriceTable, Provider};
//! use pratiko_domain::pricing::{Tariff, TokenClass, Tokens};
//! use pratiko_domain::time::Timestamp;
//!
//! let mut prices = ClassPrices::default();
//! prices.set(TokenClass::Input, Price::per_million("2.50".parse()?)?);
//! prices.set(TokenClass::Output, Price::per_million("10".parse()?)?);
//! let row = PriceRow::new("USD", Tariff::flat(prices));
//! let model = Model { name: "gpt-x".into(), rows: vec![row], ..Model::default() };
//! let provider = Provider { name: "openai".into(), models: vec![model], ..Provider::default() };
//! let table = PriceTable::new(vec![PriceList::new(None, vec![provider])?]);
//!
//! let tokens = Tokens { input: 1_000, output: 7, ..Tokens::default() };
//! let call = Call { provider: "openai", model: "gpt-x", service_tier: None, tokens };
//! let priced = table.price(&call, Timestamp::from_seconds(0))?;
//! assert_eq!(priced.amount().to_string(), "0.00257");
//! assert_eq!(priced.price, "openai/gpt-x");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod call;
mod class;
mod find;
mod hours;
mod list;
mod pattern;
mod price;
mod priced;
mod quote;
mod row;
mod service_tier;
mod span;
mod table;
mod unpriced;

#[cfg(test)]
mod tests;

pub use call::{Call, Tokens};
pub use class::TokenClass;
pub use hours::{Hours, Weekdays};
pub use list::{Model, PriceList, PriceListError, Provider};
pub use pattern::{Pattern, PatternError};
pub use price::{ClassPrices, Price, PriceError};
pub use priced::{Exact, Priced};
pub use quote::{Line, Quote};
pub use row::{PriceRow, Step, Tariff, TariffError, Tariffs};
pub use service_tier::ServiceTier;
pub use span::Span;
pub use table::PriceTable;
pub use unpriced::Unpriced;
