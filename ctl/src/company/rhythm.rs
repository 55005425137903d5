//! When people work.

use pratiko_domain::time::{Hour, Timestamp};

/// How busy each hour of a working day is, by UTC, compared with the busiest.
const WORKING_DAY: [f64; 24] = [
    0.10, 0.08, 0.07, 0.07, 0.09, 0.15, 0.30, 0.55, 0.85, 1.00, 0.97, 0.88, 0.72, 0.85, 0.95, 0.90, 0.78,
    0.60, 0.45, 0.38, 0.32, 0.26, 0.20, 0.14,
];

/// How much of that is left on Saturdays and Sundays.
const WEEKEND: f64 = 0.45;

/// How busy an hour is, compared with the mean hour of a week.
pub fn busyness(hour: Hour) -> f64 {
    let mean_of_day = WORKING_DAY.iter().sum::<f64>() / 24.0;
    let mean_of_week = mean_of_day * (5.0 + 2.0 * WEEKEND) / 7.0;
    let of_day = usize::try_from(hour.0.rem_euclid(24)).unwrap_or_default();
    let of_week = if is_weekend(hour.start()) { WEEKEND } else { 1.0 };
    WORKING_DAY[of_day] * of_week / mean_of_week
}

/// 1970 began on a Thursday.
fn is_weekend(at: Timestamp) -> bool {
    matches!(at.utc_date().days_since_epoch().rem_euclid(7), 2 | 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_has_its_mean() {
        let monday: Timestamp = "2026-06-15T00:00:00Z".parse().unwrap();
        let week: f64 = (0..7 * 24).map(|hour| busyness(Hour(monday.hour().0 + hour))).sum();
        assert!((week / (7.0 * 24.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn mornings_are_busier_than_nights_and_workdays_than_weekends() {
        let at = |text: &str| busyness(text.parse::<Timestamp>().unwrap().hour());
        assert!(at("2026-06-15T09:00:00Z") > 5.0 * at("2026-06-15T03:00:00Z"));
        assert!(at("2026-06-15T09:00:00Z") > 2.0 * at("2026-06-14T09:00:00Z"));
    }
}
