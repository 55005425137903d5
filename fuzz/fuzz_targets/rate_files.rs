//! Files of reference rates: whatever the bytes are, they are refused with a place, or give days in order
//! whose rates can all be used.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pratiko_domain::currency::Rates;
use pratiko_domain::time::Timestamp;

fuzz_target!(|file: &[u8]| {
    match pratiko_intake::rates::read(file) {
        Err(error) => {
            assert!(error.line >= 1 && error.column >= 1, "{error}");
            assert!(!error.message.is_empty() && error.message.len() < 1000, "{error}");
        }
        Ok(days) => {
            assert!(!days.is_empty());
            assert!(days.is_sorted_by(|one, next| one.day < next.day));
            let mut rates = Rates::default();
            for of_day in &days {
                for (currency, rate) in &of_day.rates {
                    assert_eq!(rates.insert(of_day.day, currency, *rate), Ok(true));
                    // The largest amount that an event may carry.
                    let most = i128::from(i64::MAX) * 1_000_000;
                    assert!(rate.euro(most).is_positive());
                    assert_eq!(rate.to_string().parse(), Ok(*rate));
                }
            }
            let last = days[days.len() - 1].day;
            let next_day = Timestamp::from_micros(Timestamp::from_date(last).micros() + 86_400_000_000);
            for (currency, _) in &days[days.len() - 1].rates {
                assert!(rates.in_force(currency, next_day).is_some_and(|(day, _)| day == last));
            }
        }
    }
});
