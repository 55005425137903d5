//! The rates of a file by day, and what no file may say of them, whatever its form.

use std::collections::BTreeMap;

use pratiko_domain::currency::{DailyRates, EURO, InvalidRate, Rate, is_code};
use pratiko_domain::time::Date;

use super::error::{Place, RateFileError, shown};

/// Rates by day, on their way out of a file.
#[derive(Default)]
pub(super) struct Days {
    by_day: BTreeMap<Date, Vec<(String, Rate)>>,
}

impl Days {
    /// A day begins. It may do so once.
    pub fn begin(&mut self, day: Date, place: Place) -> Result<(), RateFileError> {
        if self.by_day.insert(day, Vec::new()).is_some() {
            return Err(place.error(format!("{day} was there before; each day has its rates once")));
        }
        Ok(())
    }

    /// A rate of a day that has begun.
    pub fn add(&mut self, day: Date, currency: &str, text: &str, place: Place) -> Result<(), RateFileError> {
        let rate = text.parse().map_err(|error| match error {
            InvalidRate::NotADecimal => {
                place.error(format!("{} is not a rate; write a decimal number like 1.0823", shown(text)))
            }
            InvalidRate::OutOfRange => place.error(format!(
                "{} cannot be how many {currency} one euro buys; believed are 0.000001 to 100000000",
                shown(text)
            )),
        })?;
        let rates = self.by_day.entry(day).or_default();
        if rates.iter().any(|(known, _)| known == currency) {
            return Err(place.error(format!("{currency} was there before on {day}")));
        }
        rates.push((currency.to_owned(), rate));
        Ok(())
    }

    /// All days that have a rate, in order.
    pub fn finish(self, nothing: Place) -> Result<Vec<DailyRates>, RateFileError> {
        let days = self.by_day.into_iter().map(|(day, rates)| DailyRates { day, rates });
        let days: Vec<DailyRates> = days.filter(|day| !day.rates.is_empty()).collect();
        if days.is_empty() {
            return Err(nothing.error("it holds no rates"));
        }
        Ok(days)
    }
}

/// The currency that a text names.
pub(super) fn currency(text: &str, place: Place) -> Result<&str, RateFileError> {
    if text == EURO {
        return Err(place.error("EUR has no rate: it is what rates are counted in"));
    }
    if !is_code(text) {
        return Err(place.error(format!("{} is not a currency code of three capital letters", shown(text))));
    }
    Ok(text)
}
