//! Rates from a server that has the bank's files: of the day, of the last 90 days, of all days.

use std::collections::HashMap;
use std::time::Duration;

use pratiko_domain::currency::DailyRates;
use pratiko_domain::time::Date;
use pratiko_intake::rates::MOST_BYTES;
use ureq::http::header::{ETAG, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, RETRY_AFTER};
use ureq::http::{HeaderMap, HeaderValue};

use super::RatesError;
use crate::outgoing;

const OF_THE_DAY: &str = "eurofxref-daily.xml";
const OF_90_DAYS: &str = "eurofxref-hist-90d.xml";
const OF_ALL_DAYS: &str = "eurofxref-hist.xml";

/// The shorter history reaches back at least so many days.
const DAYS_OF_THE_SHORTER_HISTORY: i64 = 80;

/// The history of all days is 8 MB, and may come over a slow line.
const TIMEOUT: Duration = Duration::from_secs(120);

/// A server, and what it said of the files that have been read.
pub(super) struct Server {
    /// A directory with the bank's files, with a slash at its end, or one file.
    url: String,
    timeout: Duration,
    read: HashMap<String, Validators>,
}

/// What tells a server which version of a file has been read.
#[derive(Debug, Clone, Default)]
pub(super) struct Validators {
    entity_tag: Option<HeaderValue>,
    modified: Option<HeaderValue>,
}

/// A file that is new.
pub(super) struct Fetched {
    pub days: Vec<DailyRates>,
    url: String,
    validators: Validators,
}

impl Server {
    pub fn new(url: String) -> Self {
        Self { url, timeout: TIMEOUT, read: HashMap::new() }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Rates that may be new, where `last` is the last day up to which all were read. They count as read
    /// when [`Server::keep`] is told so.
    pub fn changed(&self, last: Option<Date>, today: Date) -> Result<Option<Fetched>, RatesError> {
        let url = match self.url.strip_suffix('/') {
            Some(directory) => format!("{directory}/{}", file_for(last, today)),
            None => self.url.clone(),
        };
        let Some((bytes, validators)) = self.get(&url)? else { return Ok(None) };
        let days = pratiko_intake::rates::read(&bytes)
            .map_err(|error| RatesError::Content { from: url.clone(), error })?;
        Ok(Some(Fetched { days, url, validators }))
    }

    pub fn keep(&mut self, fetched: Fetched) {
        self.read.insert(fetched.url, fetched.validators);
    }

    fn get(&self, url: &str) -> Result<Option<(Vec<u8>, Validators)>, RatesError> {
        let no_answer =
            |error: ureq::Error| RatesError::NoAnswer { url: url.to_owned(), reason: error.to_string() };
        let mut request = outgoing::agent(url, self.timeout)?.get(url);
        let known = self.read.get(url).cloned().unwrap_or_default();
        for (name, value) in [(IF_NONE_MATCH, known.entity_tag), (IF_MODIFIED_SINCE, known.modified)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let mut response = request.call().map_err(no_answer)?;
        match response.status().as_u16() {
            200 => {}
            304 => return Ok(None),
            status => {
                let wait = seconds(response.headers());
                return Err(RatesError::Answer { url: url.to_owned(), status, advice: advice(status), wait });
            }
        }
        let header = |name: HeaderName| response.headers().get(name).cloned();
        let validators = Validators { entity_tag: header(ETAG), modified: header(LAST_MODIFIED) };
        let most = MOST_BYTES as u64 + 1;
        let bytes = response.body_mut().with_config().limit(most).read_to_vec().map_err(no_answer)?;
        Ok(Some((bytes, validators)))
    }
}

/// The smallest file that leaves no day out.
fn file_for(last: Option<Date>, today: Date) -> &'static str {
    let Some(last) = last.map(Date::days_since_epoch) else { return OF_ALL_DAYS };
    let today = today.days_since_epoch();
    if last >= working_day_before(today) {
        OF_THE_DAY
    } else if last >= today - DAYS_OF_THE_SHORTER_HISTORY {
        OF_90_DAYS
    } else {
        OF_ALL_DAYS
    }
}

/// The last day before a day that is no Saturday and no Sunday. Whatever other holidays there are, the
/// shorter history is asked for once too often.
fn working_day_before(day: i64) -> i64 {
    // The first day of 1970 was a Thursday.
    match (day + 3).rem_euclid(7) {
        0 => day - 3,
        6 => day - 2,
        _ => day - 1,
    }
}

fn seconds(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

fn advice(status: u16) -> &'static str {
    match status {
        300..=399 => "; it sends elsewhere: give that address as currencies.url",
        404 | 410 => "; is currencies.url the directory of the bank's files?",
        401 | 403 | 407 => "; it asks for a credential, and none is sent",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_says_nothing_is_given_up() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = Server { timeout: Duration::from_millis(200), ..Server::new(url) };
        let error = server.changed(None, Date { year: 2026, month: 3, day: 9 }).err().unwrap().to_string();
        assert!(error.contains("eurofxref-hist.xml for rates failed: timeout"), "{error}");
    }

    #[test]
    fn the_smallest_file_is_asked_for_that_leaves_no_day_out() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        // 2026-03-09 is a Monday.
        for (last, today, expected) in [
            (None, "2026-03-09", OF_ALL_DAYS),
            (Some("2026-03-06"), "2026-03-09", OF_THE_DAY),
            (Some("2026-03-09"), "2026-03-09", OF_THE_DAY),
            (Some("2026-03-06"), "2026-03-07", OF_THE_DAY),
            (Some("2026-03-06"), "2026-03-08", OF_THE_DAY),
            (Some("2026-03-05"), "2026-03-08", OF_90_DAYS),
            (Some("2026-03-06"), "2026-03-10", OF_90_DAYS),
            (Some("2025-12-19"), "2026-03-09", OF_90_DAYS),
            (Some("2025-12-18"), "2026-03-09", OF_ALL_DAYS),
        ] {
            assert_eq!(file_for(last.map(day), day(today)), expected, "{last:?} {today}");
        }
    }
}
