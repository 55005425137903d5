//! `Retry-After`, as seconds or as a date (RFC 9110, 10.2.3 and 5.6.7).

use std::time::Duration;

use pratiko_domain::time::{Date, Timestamp};

/// How long the header asks to wait from `now`; `None` if it says neither seconds nor a date.
pub(super) fn parse(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number has are a very long time.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    date(value).map(|date| date.since(now))
}

/// A date in any of the three forms that a recipient has to understand:
/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
fn date(text: &str) -> Option<Timestamp> {
    let words: Vec<&str> = text.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    let ([_weekday, day, month, year, time, "GMT"] | [_weekday, month, day, time, year]) = words[..] else {
        return None;
    };
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months.iter().position(|name| *name == month)? as u8 + 1;
    let year = match year.len() {
        // Two digits were given up before this was written.
        2 => 2000 + year.parse::<i32>().ok()?,
        _ => year.parse().ok()?,
    };
    let mut parts = time.split(':').map(|part| part.parse::<u8>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if hour > 23 || minute > 59 || second > 60 || parts.next().is_some() {
        return None;
    }
    let seconds = u64::from(hour) * 3600 + u64::from(minute) * 60 + u64::from(second);
    Some(Timestamp::from_date(Date::new(year, month, day.parse().ok()?)?).plus(Duration::from_secs(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(value: &str) -> Option<u64> {
        let now = "1994-11-06T08:49:00Z".parse().unwrap();
        parse(value, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_every_form_of_a_date_are_understood() {
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait(" 0 "), Some(0));
        assert_eq!(wait("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(37));
        assert_eq!(wait("Sun Nov  6 08:49:37 1994"), Some(37));
        let now = "2026-11-06T08:49:00Z".parse().unwrap();
        assert_eq!(parse("Friday, 06-Nov-26 08:49:37 GMT", now), Some(Duration::from_secs(37)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:48:00 GMT"), Some(0), "what is past needs no wait");
    }

    #[test]
    fn anything_else_is_passed_over() {
        let bad = [
            "",
            "-1",
            "1.5",
            "soon",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 99999 08:49:37 GMT",
        ];
        for value in bad {
            assert_eq!(wait(value), None, "{value}");
        }
    }
}
