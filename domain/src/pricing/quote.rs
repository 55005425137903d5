//! A price worked out, line by line.

use std::fmt::Write as _;

use super::find::Found;
use super::{Call, Exact, Price, PriceRow, PriceTable, Priced, ServiceTier, TokenClass, Unpriced};
use crate::time::Timestamp;

/// One class of a call: so many, at that price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// What was used.
    pub class: TokenClass,
    /// How many of it.
    pub count: u64,
    /// What a million of it costs (a request: what one costs).
    pub price: Price,
}

impl Line {
    /// What they cost together. It cannot overflow: 2⁶⁴ tokens at the highest price are below 2¹¹⁵,
    /// 2⁶⁴ requests below 2¹³⁴ and are cut off.
    pub fn cost(&self) -> Exact {
        let product = i128::from(self.count).saturating_mul(i128::from(self.price.nanos()));
        Exact::from_femtos(match self.class {
            TokenClass::Request => product.saturating_mul(Exact::PER_NANO),
            _ => product,
        })
    }
}

/// What a call costs, and how that comes about.
#[derive(Debug, Clone)]
pub struct Quote<'a> {
    /// The id of the price.
    pub price: String,
    /// The row that it is in.
    pub row: &'a PriceRow,
    /// The model, as the list calls it.
    pub model: &'a str,
    /// The name of the list; `None` for the one of the program.
    pub list: Option<&'a str>,
    /// The service tier.
    pub tier: ServiceTier,
    /// The size of input above which these prices hold.
    pub above: Option<u64>,
    /// Whether they hold at some hours only.
    pub at_hours: bool,
    /// What was used.
    pub lines: Vec<Line>,
}

impl Quote<'_> {
    /// The sum of its lines.
    pub fn total(&self) -> Exact {
        let sum = self.lines.iter().fold(0_i128, |sum, line| sum.saturating_add(line.cost().femtos()));
        Exact::from_femtos(sum)
    }

    /// The sum with its currency and price.
    pub fn priced(self) -> Priced {
        Priced { exact: self.total(), currency: self.row.currency.to_string(), price: self.price }
    }
}

impl PriceTable {
    /// How the cost of `call` at the time `at` comes about.
    pub fn quote(&self, call: &Call<'_>, at: Timestamp) -> Result<Quote<'_>, Unpriced> {
        let told = call.service_tier.unwrap_or_default();
        let tier = ServiceTier::named(told).ok_or_else(|| Unpriced::UnknownTier(told.to_owned()))?;
        let found = self.find(call.provider, call.model, at)?;
        let (tariffs, at_hours) = found.row.tariffs_at(at);
        let Some(tariff) = tariffs.get(tier) else {
            let price = id_of(&found, at_hours, ServiceTier::Standard, None);
            return Err(Unpriced::TierWithoutPrice { price, tier });
        };
        let (prices, above) = tariff.prices_for(call.tokens.whole_input());
        let price = id_of(&found, at_hours, tier, above);
        let reasoning_apart = prices.get(TokenClass::Reasoning).is_some();
        let mut lines = Vec::new();
        for class in TokenClass::ALL {
            let count = call.tokens.of(class, reasoning_apart);
            match prices.get(class) {
                _ if count == 0 => {}
                Some(price) => lines.push(Line { class, count, price }),
                // Few providers charge the request itself; the others need not say so.
                None if class == TokenClass::Request => {}
                None => return Err(Unpriced::ClassWithoutPrice { price, class, count }),
            }
        }
        let is_free = prices.iter().all(|(_, price)| price.nanos() == 0);
        if lines.is_empty() && call.tokens.requests > 0 && !is_free {
            return Err(Unpriced::NothingTold { price });
        }
        Ok(Quote {
            price,
            row: found.row,
            model: &found.model.name,
            list: found.list.name(),
            tier,
            above,
            at_hours,
            lines,
        })
    }
}

impl Found<'_> {
    fn id(&self) -> String {
        self.row.id(self.list.name(), self.provider, &self.model.name)
    }
}

/// The id of what holds in the row for this call: `+hours`, `#batch`, `>272000`.
fn id_of(found: &Found<'_>, at_hours: bool, tier: ServiceTier, above: Option<u64>) -> String {
    let mut id = found.id();
    if at_hours {
        id.push_str("+hours");
    }
    if tier != ServiceTier::Standard {
        id.push('#');
        id.push_str(tier.name());
    }
    if let Some(above) = above {
        // Writing to a string cannot fail.
        let _ = write!(id, ">{above}");
    }
    id
}
