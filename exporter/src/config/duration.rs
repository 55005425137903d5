//! Lengths of time as Prometheus writes them: `500ms`, `30s`, `1h30m`, `14d`.

use std::time::Duration;

/// Units from the largest to the smallest, in milliseconds. A day is 24 hours.
const UNITS: [(&str, u64); 6] =
    [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Reads a length of time: whole numbers with their units, larger units first.
pub(super) fn parse(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut total: u64 = 0;
    let mut units = UNITS.iter();
    let mut rest = text;
    while !rest.is_empty() {
        let (number, after_number) = split_where(rest, |letter| !letter.is_ascii_digit());
        let (unit, after_unit) = split_where(after_number, |letter| letter.is_ascii_digit());
        // Searching on from the unit before refuses `30m1h` and `1m1m`.
        let (_, milliseconds) = units.find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*milliseconds)?)?;
        rest = after_unit;
    }
    (!text.is_empty()).then(|| Duration::from_millis(total))
}

fn split_where(text: &str, ends: impl FnMut(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_prometheus_reads_them() {
        let cases = [
            ("1s", 1_000),
            ("5m", 300_000),
            ("35d", 3_024_000_000),
            ("500ms", 500),
            ("1h30m", 5_400_000),
            ("1w", 604_800_000),
            ("1m5ms", 60_005),
            ("0", 0),
            ("0s", 0),
        ];
        for (text, milliseconds) in cases {
            assert_eq!(parse(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_duration_is_refused() {
        for text in
            ["", "5", "m", "-5m", "1.5s", "5 m", "30m1h", "1m1m", "5M", "1y", "99999999999999999999s", "5mm"]
        {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
