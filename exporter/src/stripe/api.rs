//! Stripe's API, as far as lists of objects are concerned.

use std::time::{Duration, Instant};

use form_urlencoded::Serializer;
use pratiko_domain::time::Timestamp;
use pratiko_intake::stripe::Object;
use serde::Deserialize;
use serde_json::value::RawValue;
use ureq::http::header::{AUTHORIZATION, DATE, RETRY_AFTER};
use ureq::http::{HeaderMap, StatusCode};

use crate::config::Secret;
use crate::outgoing::{self, CertificatesError};

/// The version whose shapes are asked for, whatever the account's own is.
const VERSION: &str = "2025-03-31.basil";

/// The most that a page can hold.
const PAGE_OBJECTS: u32 = 100;

/// Longer than any page takes.
const TIMEOUT: Duration = Duration::from_secs(80);

/// No page is larger, in bytes.
const LARGEST_PAGE: u64 = 64 << 20;

/// So often is asked again what failed for a reason that may pass.
const MOST_TRIES: u32 = 8;

/// However long a server wants to be left alone, it is asked again after this.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// Why a list could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The certificates that https needs.
    #[error(transparent)]
    Certificates(#[from] CertificatesError),
    /// The address or the key cannot be used.
    #[error("{0}")]
    Settings(String),
    /// No answer came, or not all of it.
    #[error("asking {url} failed {tries} times, at last because: {reason}")]
    NoAnswer {
        /// Where.
        url: String,
        /// How often.
        tries: u32,
        /// What happened.
        reason: String,
    },
    /// The answer was no list.
    #[error("{url} answered {status}{advice}")]
    Refused {
        /// Where.
        url: String,
        /// The status.
        status: u16,
        /// What to do about it.
        advice: String,
    },
    /// The answer cannot be read.
    #[error("{url} answered with something that is no list of Stripe's API")]
    NotAList {
        /// Where.
        url: String,
    },
}

/// A page of a list.
#[derive(Debug)]
pub struct Page {
    /// Its objects, as they came.
    pub objects: Vec<Box<RawValue>>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<String>,
    /// An instant, by the server's clock, at which everything on it was certainly so.
    pub at: Timestamp,
}

#[derive(Deserialize)]
struct List {
    data: Vec<Box<RawValue>>,
    #[serde(default)]
    has_more: bool,
}

/// The answer to a wrong question.
#[derive(Deserialize)]
struct Mistake {
    error: MistakeDetails,
}

#[derive(Default, Deserialize)]
struct MistakeDetails {
    #[serde(default)]
    param: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
}

/// Stripe's API.
pub struct Api {
    agent: ureq::Agent,
    base: String,
    key: Secret,
    /// Whether this server can be asked for discounts with their coupons.
    expands: bool,
}

/// What became of one try.
enum Try {
    Done(Page),
    Again {
        reason: String,
        wait: Option<Duration>,
    },
    /// The server does not know what it is to expand.
    CannotExpand,
}

impl Api {
    /// The API at `base`, asked with `key`.
    pub fn new(base: &str, key: Secret) -> Result<Self, ApiError> {
        let base = base.trim_end_matches('/').to_owned();
        if !outgoing::may_send_secret(&base) {
            let reason = format!("stripe.api_base is {base:?}; write an address that begins with https://");
            return Err(ApiError::Settings(reason));
        }
        if !key.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            let reason = "the key in stripe.api_key_file is none: it holds spaces or other signs";
            return Err(ApiError::Settings(reason.to_owned()));
        }
        Ok(Self { agent: outgoing::agent(&base, TIMEOUT)?, base, key, expands: true })
    }

    /// The page of a list that begins after the object `after`; of objects that were made at `since` or
    /// later, but for subscriptions, of which all may still matter. Waits where it is asked to.
    pub fn page(
        &mut self,
        kind: Object,
        after: Option<&str>,
        since: Option<Timestamp>,
    ) -> Result<Page, ApiError> {
        let mut tries = 0;
        loop {
            let url = self.url(kind, after, since);
            match self.try_page(&url)? {
                Try::Done(page) => return Ok(page),
                Try::CannotExpand if self.expands => {
                    tracing::warn!(
                        "this server does not expand discounts; those without their coupon are left out"
                    );
                    self.expands = false;
                }
                Try::CannotExpand => return Err(refused(&url, StatusCode::BAD_REQUEST)),
                Try::Again { reason, .. } if tries + 1 >= MOST_TRIES => {
                    return Err(ApiError::NoAnswer { url: without_query(&url), tries: MOST_TRIES, reason });
                }
                Try::Again { reason, wait } => {
                    tries += 1;
                    let wait = wait.unwrap_or(Duration::from_millis(250 << tries)).min(LONGEST_WAIT);
                    tracing::debug!(reason, ?wait, "Stripe is asked again");
                    std::thread::sleep(wait);
                }
            }
        }
    }

    fn url(&self, kind: Object, after: Option<&str>, since: Option<Timestamp>) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("limit", &PAGE_OBJECTS.to_string());
        if kind == Object::Subscription {
            query.append_pair("status", "all");
            if self.expands {
                query.append_pair("expand[]", "data.discounts");
                query.append_pair("expand[]", "data.items.data.discounts");
            }
        } else if let Some(since) = since {
            query.append_pair("created[gte]", &since.micros().div_euclid(1_000_000).to_string());
        }
        if let Some(after) = after {
            query.append_pair("starting_after", after);
        }
        format!("{}/v1/{}?{}", self.base, kind.plural(), query.finish())
    }

    fn try_page(&self, url: &str) -> Result<Try, ApiError> {
        let asked = Instant::now();
        let bearer = format!("Bearer {}", self.key.expose());
        let request = self.agent.get(url).header(AUTHORIZATION, bearer).header("Stripe-Version", VERSION);
        let mut response = match request.call() {
            Ok(response) => response,
            Err(error) => return Ok(Try::Again { reason: error.to_string(), wait: None }),
        };
        let status = response.status();
        let wait = seconds(response.headers());
        if status == StatusCode::TOO_MANY_REQUESTS
            || status.is_server_error()
            || status == StatusCode::CONFLICT
        {
            return Ok(Try::Again { reason: format!("it answered {status}"), wait });
        }
        if status == StatusCode::BAD_REQUEST && url.contains("expand") {
            // With a place to go on after, that may be what is wrong.
            let told = response.body_mut().read_to_vec().unwrap_or_default();
            if !url.contains("starting_after") || is_about_expanding(&told) {
                return Ok(Try::CannotExpand);
            }
        }
        if !status.is_success() {
            return Err(refused(url, status));
        }
        let told = date(response.headers());
        let read = response.body_mut().with_config().limit(LARGEST_PAGE).read_to_vec();
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Try::Again { reason: error.to_string(), wait: None }),
        };
        // The clock is told to the second, and at the end of what was asked.
        let certain = told.map(|told| told.minus(asked.elapsed() + Duration::from_secs(1)));
        let not_a_list = || ApiError::NotAList { url: without_query(url) };
        let list: List = serde_json::from_slice(&bytes).map_err(|_| not_a_list())?;
        let last = list.data.last().filter(|_| list.has_more);
        let next = last.map(|last| serde_json::from_str::<Listed>(last.get())).transpose();
        let next = next.map_err(|_| not_a_list())?.map(|last| last.id);
        let at = certain.ok_or_else(not_a_list)?;
        Ok(Try::Done(Page { objects: list.data, next, at }))
    }
}

/// Whether Stripe's answer says that what it is to expand is wrong.
fn is_about_expanding(answer: &[u8]) -> bool {
    let mistake = serde_json::from_slice::<Mistake>(answer).map(|mistake| mistake.error).unwrap_or_default();
    [mistake.param, mistake.message].into_iter().flatten().any(|text| text.contains("expand"))
}

fn refused(url: &str, status: StatusCode) -> ApiError {
    let advice = match status.as_u16() {
        401 => "; is the key in stripe.api_key_file the right one, and for the right mode?",
        403 => "; the key may not read this: a restricted key needs to read what is listed",
        404 => "; is stripe.api_base right? Leave this list out with --only if the server does not have it",
        400 => {
            "; if it was interrupted before, the object after which it goes on may be gone: --restart begins anew"
        }
        300..=399 => "; it sends elsewhere: give that address as stripe.api_base",
        _ => "",
    };
    ApiError::Refused { url: without_query(url), status: status.as_u16(), advice: advice.to_owned() }
}

/// A cursor is the id of an object, and nobody else's business.
fn without_query(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}

fn seconds(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let told = jiff::fmt::rfc2822::parse(headers.get(DATE)?.to_str().ok()?).ok()?;
    Some(Timestamp::from_micros(told.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(base: &str) -> Result<Api, ApiError> {
        Api::new(base, Secret::new("sk_test_1"))
    }

    #[test]
    fn a_key_is_sent_in_the_clear_to_this_host_alone() {
        for base in ["http://127.0.0.1:8420", "http://localhost", "http://[::1]:1/"] {
            assert!(api(base).is_ok(), "{base}");
        }
        for base in
            ["http://api.stripe.com", "api.stripe.com", "", "http://127.0.0.1:80@example.com", "ftp://x"]
        {
            let error = api(base).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains("begins with https://"), "{base}: {error}");
        }
        assert!(Api::new("http://127.0.0.1:1", Secret::new("two words")).is_err());
    }

    #[test]
    fn a_list_is_asked_for_with_what_it_can_be_narrowed_by() {
        let mut api = api("http://127.0.0.1:8420/").unwrap();
        let since = Some(Timestamp::from_seconds(1_760_000_000));
        assert_eq!(
            api.url(Object::Charge, Some("ch_1"), since),
            "http://127.0.0.1:8420/v1/charges?limit=100&created%5Bgte%5D=1760000000&starting_after=ch_1"
        );
        api.expands = false;
        assert_eq!(
            api.url(Object::Subscription, None, since),
            "http://127.0.0.1:8420/v1/subscriptions?limit=100&status=all"
        );
    }

    #[test]
    fn a_place_that_is_gone_is_not_taken_for_a_server_that_does_not_expand() {
        let about =
            |param: &str| is_about_expanding(format!(r#"{{"error": {{"param": "{param}"}}}}"#).as_bytes());
        assert!(about("expand[0]") && about("expand"));
        assert!(is_about_expanding(br#"{"error": {"message": "This property cannot be expanded (x)."}}"#));
        assert!(!about("starting_after"));
        assert!(!is_about_expanding(b"<html>"));
    }

    #[test]
    fn the_servers_clock_is_read_as_http_writes_it() {
        let mut headers = HeaderMap::new();
        headers.insert(DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        assert_eq!(date(&headers).map(|at| at.to_string()).as_deref(), Some("1994-11-06T08:49:37Z"));
    }
}
