//! What recurring revenue in other currencies is worth on which day.

use crate::currency::{Rate, Rates};
use crate::time::{Date, Timestamp, Zone};

/// At what rates recurring revenue is valued, and when it is valued anew.
///
/// All of a day of the reporting zone is valued at the rate in force at its first instant: at that
/// midnight what was there is revalued, which is a movement of its own, and whatever changes in the
/// course of the day changes at the day's rate.
#[derive(Clone, Copy)]
pub struct Valuation<'a> {
    /// The rates that are known.
    pub rates: &'a Rates,
    /// Where days begin.
    pub zone: &'a dyn Zone,
}

impl Valuation<'_> {
    /// The rate of the day that `at` lies in; `None` where none is known.
    pub fn rate(&self, currency: &str, at: Timestamp) -> Option<Rate> {
        let midnight = self.zone.start_of_day(self.zone.date_of(at));
        self.rates.in_force(currency, midnight).map(|(_, rate)| rate)
    }

    /// The midnights after `from` and up to `until` at which a new rate of the currency comes into
    /// force.
    pub(super) fn revaluations(&self, currency: &str, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
        let mut midnights = Vec::new();
        let mut rate = self.rate(currency, from);
        let mut at = self.next_midnight(from);
        while at <= until {
            let next = self.rate(currency, at);
            if next != rate {
                midnights.push(at);
                rate = next;
            }
            at = self.next_midnight(at);
        }
        midnights
    }

    /// The first midnight after an instant.
    pub(super) fn next_midnight(&self, after: Timestamp) -> Timestamp {
        let tomorrow = Date::from_days_since_epoch(self.zone.date_of(after).days_since_epoch() + 1);
        // Whatever a zone says, time goes on.
        self.zone.start_of_day(tomorrow).max(Timestamp::from_micros(after.micros() + 1))
    }
}

impl std::fmt::Debug for Valuation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Valuation").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revenue::testing::{Rome, at, dollars};
    use crate::time::UtcZone;

    #[test]
    fn a_day_has_the_rate_that_is_in_force_when_it_begins() {
        // Rates of Thursday the 5th (1.25), Friday the 6th (1.6) and Monday the 9th (2) of March.
        let rates = dollars();
        let utc = Valuation { rates: &rates, zone: &UtcZone };
        let rome = Valuation { rates: &rates, zone: &Rome };
        let cases = [
            // What the rate of the 5th dates from is before the 6th UTC. In Rome the 6th begins while it
            // is the 5th in UTC.
            ("2026-03-05T23:59:59Z", None, None),
            ("2026-03-06T00:00:00Z", Some("1.25"), None),
            ("2026-03-06T22:59:59Z", Some("1.25"), None),
            ("2026-03-06T23:00:00Z", Some("1.25"), Some("1.25")),
            ("2026-03-07T00:00:00Z", Some("1.6"), Some("1.25")),
            ("2026-03-07T23:00:00Z", Some("1.6"), Some("1.6")),
            ("2026-03-10T12:00:00Z", Some("2"), Some("1.6")),
            ("2026-03-10T23:00:00Z", Some("2"), Some("2")),
        ];
        for (time, in_utc, in_rome) in cases {
            let found =
                [utc, rome].map(|valuation| valuation.rate("USD", at(time)).map(|rate| rate.to_string()));
            assert_eq!(found, [in_utc, in_rome].map(|rate| rate.map(str::to_owned)), "{time}");
        }
        let told = |valuation: Valuation<'_>| {
            let midnights = valuation.revaluations("USD", at("2026-03-01"), at("2026-03-10T23:00:00Z"));
            midnights.iter().map(Timestamp::to_string).collect::<Vec<_>>()
        };
        assert_eq!(told(utc), ["2026-03-06T00:00:00Z", "2026-03-07T00:00:00Z", "2026-03-10T00:00:00Z"]);
        assert_eq!(told(rome), ["2026-03-06T23:00:00Z", "2026-03-07T23:00:00Z", "2026-03-10T23:00:00Z"]);
    }

    #[test]
    fn midnights_follow_one_another_over_the_change_of_the_clocks() {
        let rates = Rates::default();
        let rome = Valuation { rates: &rates, zone: &Rome };
        let mut midnight = at("2026-03-27T12:00:00Z");
        let mut next = || {
            midnight = rome.next_midnight(midnight);
            midnight.to_string()
        };
        assert_eq!(
            [next(), next(), next(), next()],
            ["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z"]
        );
    }
}
