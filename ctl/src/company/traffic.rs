//! Requests to the application.

use std::time::Duration;

use pratiko_domain::time::Timestamp;

use super::random::Random;
use super::rhythm::busyness;
use super::scenario::Scenario;
use super::{HOUR, Story};

/// A route of the application.
#[derive(Debug)]
struct Route {
    method: Method,
    path: &'static str,
    /// The part of the requests that goes here.
    share: f64,
    /// How many seconds an answer takes, and how differently.
    seconds: f64,
    spread: f64,
    /// How many seconds until it begins, if it is streamed.
    first_byte: Option<f64>,
    /// Whether a model answers, which is what gets slow.
    asks_model: bool,
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// To read.
    Get,
    /// To do.
    Post,
}

const LOGIN: &str = "/v1/login";

const fn route(method: Method, path: &'static str, share: f64, seconds: f64, spread: f64) -> Route {
    Route { method, path, share, seconds, spread, first_byte: None, asks_model: false }
}

static ROUTES: [Route; 5] = [
    Route { asks_model: true, ..route(Method::Post, "/v1/chat", 0.30, 1.4, 0.4) },
    Route {
        asks_model: true,
        first_byte: Some(0.45),
        ..route(Method::Post, "/v1/chat/stream", 0.20, 4.0, 0.5)
    },
    route(Method::Get, "/v1/chats/{chat}", 0.42, 0.035, 0.6),
    route(Method::Post, "/v1/documents", 0.05, 0.6, 0.5),
    route(Method::Post, LOGIN, 0.03, 0.12, 0.2),
];

/// Requests that reach one instance in a minute, in the mean of a week.
const REQUESTS_A_MINUTE: f64 = 45.0;
/// A part of the requests of busy hours fails.
const FAILURES: f64 = 1e-4;
const WRONG_PASSWORDS: f64 = 0.06;
/// How much slower models answer when the API is slow.
const SLOWNESS: f64 = 4.5;

/// A request that has been answered.
#[derive(Debug, Clone)]
pub struct Request {
    /// When it was answered.
    pub at: Timestamp,
    /// Its method.
    pub method: Method,
    /// Its route.
    pub route: &'static str,
    /// The status of the answer.
    pub status: &'static str,
    /// Empty for a success.
    pub error: &'static str,
    /// To the last byte.
    pub duration: Duration,
    /// To the first, if it was streamed.
    pub first_byte: Option<Duration>,
    /// Whether what it needed was in a cache, if it looked.
    pub cache: Option<(&'static str, bool)>,
    /// Whether somebody could log in, if it was about that.
    pub login: Option<bool>,
}

/// The requests to one instance of the application, minute by minute.
#[derive(Debug, Clone, Copy)]
pub struct Traffic {
    story: Story,
    instance: u64,
}

impl Method {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl Traffic {
    /// The requests to this instance.
    pub fn new(story: Story, instance: u64) -> Self {
        Self { story, instance }
    }

    /// Those of the minute that begins then, in their order.
    pub fn minute(&self, start: Timestamp) -> Vec<Request> {
        let minute = start.micros().div_euclid(60_000_000).cast_unsigned();
        let mut random = Random::of(&[self.story.seed, 4, self.instance, minute]);
        let busyness = Self::busyness(start);
        let count = random.times(REQUESTS_A_MINUTE * busyness * self.story.speed);
        let mut requests: Vec<Request> = (0..count)
            .map(|_| {
                let at = start.plus(Duration::from_micros(random.below(60_000_000)));
                self.request(&mut random, at, busyness)
            })
            .collect();
        requests.sort_by_key(|request| request.at);
        requests
    }

    /// Between the busyness of this hour's middle and that of the next one's, so that nothing jumps.
    fn busyness(at: Timestamp) -> f64 {
        let shifted = at.minus(HOUR / 2);
        let part = shifted.since(shifted.hour().start()).as_secs_f64() / HOUR.as_secs_f64();
        let (before, after) = (busyness(shifted.hour()), busyness(shifted.plus(HOUR).hour()));
        before + (after - before) * part
    }

    fn request(&self, random: &mut Random, at: Timestamp, busyness: f64) -> Request {
        let mut left = random.unit();
        let route = ROUTES.iter().find(|route| {
            left -= route.share;
            left < 0.0
        });
        let route = route.unwrap_or(&ROUTES[0]);
        let is_slow = route.asks_model && self.story.incident.is(Scenario::SlowApi, at);
        let slowness = if is_slow { SLOWNESS } else { 1.0 };
        let seconds = |random: &mut Random, median: f64| {
            Duration::from_secs_f64(random.skewed(median * slowness, route.spread))
        };
        let first_byte = route.first_byte.map(|median| seconds(random, median));
        let duration = first_byte.unwrap_or_default() + seconds(random, route.seconds);
        let login = (route.path == LOGIN).then(|| !random.chance(WRONG_PASSWORDS));
        let (status, error) = match login {
            Some(false) => ("401", ""),
            _ if busyness > 0.7 && random.chance(FAILURES) => ("500", "500"),
            _ => ("200", ""),
        };
        let cache = match route.path {
            "/v1/chat" => Some(("answers", random.chance(0.68))),
            "/v1/documents" | "/v1/chats/{chat}" => Some(("documents", random.chance(0.86))),
            _ => None,
        };
        Request {
            at,
            method: route.method,
            route: route.path,
            status,
            error,
            duration,
            first_byte,
            cache,
            login,
        }
    }
}
