//! The rates of all days, and conversion.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::money::{Money, NANOS_PER_UNIT};
use crate::time::{Date, Timestamp};

use super::EURO;
use super::rate::Rate;
use super::working_days::has_rates;

/// How many 10⁻¹⁵ of a unit make 10⁻⁹: exact amounts carry this many more digits than stored ones.
pub const FEMTOS_PER_NANO: i128 = 1_000_000;

/// No two days with rates are further apart than this, whatever the holidays; Easter's are five. Where the
/// last rate before an amount is older, the one that counts is not known yet.
pub const LONGEST_GAP_DAYS: i64 = 7;

/// The rates published on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyRates {
    /// The day that they are dated.
    pub day: Date,
    /// Currencies as three capital letters, each at most once and never the euro.
    pub rates: Vec<(String, Rate)>,
}

/// Reference rates by currency and the day that they are dated.
///
/// ```
/// use pratiko_domain::currency::Rates;
/// use pratiko_domain::money::Money;
/// use pratiko_domain::time::Date;
///
/// let friday = Date { year: 2026, month: 3, day: 6 };
/// let mut rates = Rates::default();
/// rates.insert(friday, "USD", "1.25".parse()?)?;
///
/// // On Sunday the last rate is Friday's.
/// let converted = rates.euro(Money::from_units(10), "USD", "2026-03-08T12:00:00Z".parse()?);
/// let converted = converted.ok_or("no rate")?;
/// assert_eq!((converted.euro, converted.rate_day), (Money::from_units(8), Some(friday)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    by_currency: BTreeMap<String, BTreeMap<Date, Rate>>,
}

/// What an amount is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Converted {
    /// In euro, rounded once, half to even, to 10⁻⁹.
    pub euro: Money,
    /// The day of the rate; the euro needs none.
    pub rate_day: Option<Date>,
}

/// Another rate is known for the day already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{currency} of {day} is known to be {known} and is now told to be {told}; the known rate is kept, since amounts may have been converted at it"
)]
pub struct ConflictingRate {
    /// The currency.
    pub currency: String,
    /// The day that both are dated.
    pub day: Date,
    /// The rate that is kept.
    pub known: Rate,
    /// The rate that was told.
    pub told: Rate,
}

impl Rates {
    /// No rates: only the euro is worth something.
    pub const fn none() -> Self {
        Self { by_currency: BTreeMap::new() }
    }

    /// Adds a rate; whether it was new. The same rate again is fine.
    pub fn insert(&mut self, day: Date, currency: &str, rate: Rate) -> Result<bool, ConflictingRate> {
        if let Some(known) = self.of_day(currency, day) {
            if known == rate {
                return Ok(false);
            }
            return Err(ConflictingRate { currency: currency.to_owned(), day, known, told: rate });
        }
        match self.by_currency.get_mut(currency) {
            Some(days) => days.insert(day, rate),
            None => self.by_currency.entry(currency.to_owned()).or_default().insert(day, rate),
        };
        Ok(true)
    }

    /// The rate dated this very day.
    pub fn of_day(&self, currency: &str, day: Date) -> Option<Rate> {
        self.by_currency.get(currency)?.get(&day).copied()
    }

    /// The rate in force at the instant `at`, and its day: the last one dated before the instant's UTC
    /// day, however old.
    pub fn in_force(&self, currency: &str, at: Timestamp) -> Option<(Date, Rate)> {
        let days = self.by_currency.get(currency)?;
        days.range(..at.utc_date()).next_back().map(|(day, rate)| (*day, *rate))
    }

    /// What an amount of the instant `at` is worth; `None` where the rate that counts is not known. An
    /// amount is converted once and for all, so that it rather waits than takes the rate of a day before.
    pub fn euro(&self, amount: Money, currency: &str, at: Timestamp) -> Option<Converted> {
        self.convert(amount.nanos().saturating_mul(FEMTOS_PER_NANO), currency, at)
    }

    /// What an amount of 10⁻¹⁵ of a unit is worth: the same as [`Rates::euro`], for amounts that have
    /// not been rounded yet.
    pub fn convert(&self, femtos: i128, currency: &str, at: Timestamp) -> Option<Converted> {
        if currency == EURO {
            let euro = Money::from_nanos(femtos).divided_by(FEMTOS_PER_NANO);
            return Some(Converted { euro, rate_day: None });
        }
        let (day, rate) = self.in_force(currency, at)?;
        if self.is_missing_after(currency, day, at.utc_date()) {
            return None;
        }
        Some(Converted { euro: rate.euro(femtos), rate_day: Some(day) })
    }

    /// Whether, of the days between that of a currency's last rate before `until` and `until`, one must
    /// have had rates, and they are not known yet. That a later day's are known proves that there are none.
    fn is_missing_after(&self, currency: &str, last: Date, until: Date) -> bool {
        let (last, end) = (last.days_since_epoch(), until.days_since_epoch());
        if end - last > LONGEST_GAP_DAYS {
            return true;
        }
        let later_is_known =
            self.by_currency.get(currency).is_some_and(|days| days.range(until..).next().is_some());
        !later_is_known && (last + 1..end).map(Date::from_days_since_epoch).any(has_rates)
    }

    /// How long ago the day of a currency's last rate began; `None` without one.
    pub fn age(&self, currency: &str, now: Timestamp) -> Option<Duration> {
        Some(now.since(Timestamp::from_date(self.last_day(currency)?)))
    }

    /// The day of a currency's last rate.
    pub fn last_day(&self, currency: &str) -> Option<Date> {
        self.by_currency.get(currency)?.last_key_value().map(|(day, _)| *day)
    }

    /// Every currency with a rate, in order.
    pub fn currencies(&self) -> impl Iterator<Item = &str> {
        self.by_currency.keys().map(String::as_str)
    }

    /// Every rate of a currency, in the order of their days.
    pub fn of_currency(&self, currency: &str) -> impl DoubleEndedIterator<Item = (Date, Rate)> + '_ {
        self.by_currency.get(currency).into_iter().flatten().map(|(day, rate)| (*day, *rate))
    }

    /// Whether no rate is known.
    pub fn is_empty(&self) -> bool {
        self.by_currency.is_empty()
    }
}

impl Rate {
    /// What an amount of 10⁻¹⁵ of a unit is worth in euro, rounded once, half to even, to 10⁻⁹.
    pub fn euro(self, femtos: i128) -> Money {
        // The rate counts 10⁻⁹ of a unit, the amount 10⁻¹⁵ and the result 10⁻⁹ of a euro.
        Money::from_nanos(femtos)
            .scaled(NANOS_PER_UNIT, i128::from(self.nanos()).saturating_mul(FEMTOS_PER_NANO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(month: u8, day: u8) -> Date {
        Date { year: 2026, month, day }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Thursday, Friday and the Monday after.
    fn dollars() -> Rates {
        let mut rates = Rates::default();
        for (date, rate) in [(day(3, 5), "1.1"), (day(3, 9), "1.3"), (day(3, 6), "1.2")] {
            assert_eq!(rates.insert(date, "USD", rate.parse().unwrap()), Ok(true));
        }
        rates
    }

    #[test]
    fn the_last_rate_dated_before_the_utc_day_counts() {
        let cases = [
            ("2026-03-05T23:59:59.999999Z", None),
            ("2026-03-06T00:00:00Z", Some(day(3, 5))),
            ("2026-03-06T23:59:59Z", Some(day(3, 5))),
            ("2026-03-07T00:00:00Z", Some(day(3, 6))),
            ("2026-03-09T23:59:59Z", Some(day(3, 6))),
            ("2026-03-10T00:30:00+01:00", Some(day(3, 6))),
            ("2026-03-10T00:00:00Z", Some(day(3, 9))),
            ("2026-03-10T23:59:59Z", Some(day(3, 9))),
            // Tuesday's rate is missing, and it is the one that counts.
            ("2026-03-11T00:00:00Z", None),
        ];
        for (time, expected) in cases {
            let converted = dollars().euro(Money::from_units(1), "USD", at(time));
            assert_eq!(converted.and_then(|converted| converted.rate_day), expected, "{time}");
        }
    }

    #[test]
    fn an_amount_waits_for_a_working_day_that_is_missing_until_a_later_one_shows_that_it_was_none() {
        let mut rates = Rates::default();
        let converted = |rates: &Rates, time| rates.euro(Money::from_units(1), "USD", at(time)).is_some();
        // Maundy Thursday: Good Friday, the weekend and Easter Monday have no rates.
        rates.insert(day(4, 2), "USD", "1.1".parse().unwrap()).unwrap();
        assert!(converted(&rates, "2026-04-07T23:59:59Z"));
        assert!(!converted(&rates, "2026-04-08T00:00:00Z"));
        // Another currency's rates say nothing of this one.
        rates.insert(day(4, 8), "GBP", "0.9".parse().unwrap()).unwrap();
        assert!(!converted(&rates, "2026-04-08T00:00:00Z"));
        rates.insert(day(4, 8), "USD", "1.2".parse().unwrap()).unwrap();
        assert!(converted(&rates, "2026-04-08T00:00:00Z"));

        // Longer than a week is no holiday, whatever is known later.
        assert!(converted(&rates, "2026-04-09T00:00:00Z"));
        rates.insert(day(4, 20), "USD", "1.3".parse().unwrap()).unwrap();
        assert!(converted(&rates, "2026-04-15T23:59:59Z"));
        assert!(!converted(&rates, "2026-04-16T00:00:00Z"));
    }

    #[test]
    fn the_euro_needs_no_rate_and_other_currencies_do() {
        let amount = Money::from_cents(1234);
        let now = at("2026-03-10T00:00:00Z");
        let euro = Rates::default().euro(amount, "EUR", now);
        assert_eq!(euro, Some(Converted { euro: amount, rate_day: None }));
        assert_eq!(dollars().euro(amount, "GBP", now), None);
    }

    #[test]
    fn an_amount_is_rounded_once_half_to_even() {
        let mut rates = Rates::default();
        rates.insert(day(3, 5), "TWO", "2".parse().unwrap()).unwrap();
        let worth = |femtos, currency| {
            rates.convert(femtos, currency, at("2026-03-06T00:00:00Z")).unwrap().euro.nanos()
        };
        assert_eq!(
            [1_000_000, 3_000_000, 5_000_000, -3_000_000].map(|exact| worth(exact, "TWO")),
            [0, 2, 2, -2]
        );
        assert_eq!([500_000, 1_500_000, 1_500_001, 2_500_000].map(|exact| worth(exact, "EUR")), [0, 2, 2, 2]);
        // Rounded to 10⁻⁹ of a unit first, both would be zero.
        assert_eq!(worth(1_000_001, "TWO"), 1);
    }

    #[test]
    fn a_known_rate_is_never_replaced() {
        let mut rates = dollars();
        assert_eq!(rates.insert(day(3, 6), "USD", "1.2".parse().unwrap()), Ok(false));
        let conflict = rates.insert(day(3, 6), "USD", "1.21".parse().unwrap()).unwrap_err();
        assert_eq!(
            conflict.to_string(),
            "USD of 2026-03-06 is known to be 1.2 and is now told to be 1.21; \
             the known rate is kept, since amounts may have been converted at it"
        );
        assert_eq!(rates, dollars());
    }

    #[test]
    fn age_counts_from_the_day_of_the_last_rate() {
        let rates = dollars();
        assert_eq!(rates.age("USD", at("2026-03-10T06:00:00Z")), Some(Duration::from_secs(30 * 3600)));
        assert_eq!(rates.age("USD", at("2026-03-08T06:00:00Z")), Some(Duration::ZERO));
        assert_eq!(rates.age("GBP", at("2026-03-10T06:00:00Z")), None);
        assert_eq!(rates.currencies().collect::<Vec<_>>(), ["USD"]);
        assert_eq!(rates.of_currency("USD").count(), 3);
    }

    proptest! {
        #[test]
        fn a_conversion_is_within_half_a_nano_of_the_exact_quotient(
            femtos in -(1_i128 << 83)..(1_i128 << 83),
            nanos in 1000_i64..100_000_000_000_000_000,
        ) {
            let rate = Rate::from_nanos(nanos).unwrap();
            let euro = rate.euro(femtos).nanos();
            // femtos × 1000 ÷ rate, without dividing.
            let error = (femtos * 1000 - euro * i128::from(nanos)).abs() * 2;
            prop_assert!(error <= i128::from(nanos), "{error}");
        }

        #[test]
        fn rates_do_not_depend_on_their_order(
            mut told in proptest::collection::btree_map((0_i64..400, 0_usize..3), 1_i64..1000, 0..60),
            now in 0_i64..500,
        ) {
            let currencies = ["AAA", "BBB", "CCC"];
            let mut forward = Rates::default();
            let mut backward = Rates::default();
            for (rates, reversed) in [(&mut forward, false), (&mut backward, true)] {
                let mut all: Vec<_> = told.iter().collect();
                if reversed {
                    all.reverse();
                }
                for ((day, currency), millionths) in all {
                    let rate = Rate::from_nanos(*millionths * 1000).unwrap();
                    rates.insert(Date::from_days_since_epoch(*day), currencies[*currency], rate).unwrap();
                }
            }
            prop_assert_eq!(&forward, &backward);
            // The rate in force is the naive one.
            told.retain(|(day, currency), _| *currency == 0 && *day < now);
            let naive = told.last_key_value().map(|((day, _), millionths)| (*day, *millionths * 1000));
            let now = Timestamp::from_seconds(now * 86_400 + 5);
            let found = forward.in_force("AAA", now).map(|(day, rate)| (day.days_since_epoch(), rate.nanos()));
            prop_assert_eq!(found, naive);
        }
    }
}
