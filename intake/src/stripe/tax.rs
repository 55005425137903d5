//! Tax within prices, which is no revenue.

use pratiko_domain::event::Percent;
use pratiko_domain::money::Money;
use serde::Deserialize;

use super::field::{Decimal, Expandable};

/// A tax rate.
#[derive(Debug, Deserialize)]
pub struct TaxRateObject {
    #[serde(default)]
    percentage: Option<Decimal>,
    #[serde(default)]
    inclusive: bool,
}

/// How much tax, in percent of what is left without it, is within a price of this `tax_behavior` under
/// these rates; `otherwise` for one that includes tax and does not say how much.
pub fn percent_within(
    tax_behavior: Option<&str>,
    rates: &[Expandable<TaxRateObject>],
    otherwise: Money,
) -> Money {
    let known = rates.iter().filter_map(Expandable::object).filter(|rate| rate.inclusive);
    let known = known.filter_map(|rate| rate.percentage.as_ref()?.scaled(0));
    let percent: Money = known.filter(|percent| !percent.is_negative()).sum();
    match tax_behavior {
        Some("inclusive") if percent.is_zero() => otherwise,
        Some("exclusive") => Money::ZERO,
        _ => percent,
    }
}

/// What is left of an amount without so many percent of tax that are within it.
pub fn without(gross: Money, percent: Money) -> Money {
    if percent.is_zero() {
        return gross;
    }
    gross.scaled(Percent::WHOLE, Percent::WHOLE.saturating_add(percent.nanos()))
}
