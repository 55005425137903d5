//! Reading what was recorded.

use std::time::{Duration, Instant};

use pratiko_metrics::Registry;
use pratiko_metrics::exposition::Format;

/// The sample that is written so, if it is there: `name{label="value"}`.
pub fn sample(registry: &Registry, series: &str) -> Option<f64> {
    let page = registry.text(Format::Text);
    let value = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
    Some(value.parse().unwrap())
}

/// How many requests ended so: method, route, status, error.
pub fn requests(registry: &Registry, labels: [&str; 4]) -> f64 {
    let [method, route, status, error] = labels;
    let series = format!(
        "http_server_request_duration_seconds_count{{http_request_method=\"{method}\",http_route=\"{route}\",\
         http_response_status_code=\"{status}\",error_type=\"{error}\"}}"
    );
    sample(registry, &series).unwrap_or_default()
}

/// How many requests have ended in any way, in so many series.
pub fn all_requests(registry: &Registry) -> (f64, usize) {
    let page = registry.text(Format::Text);
    let counts = page.lines().filter(|line| line.starts_with("http_server_request_duration_seconds_count{"));
    let counts: Vec<f64> = counts.map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect();
    (counts.iter().sum(), counts.len())
}

/// A sample under method and route.
pub fn of_route(registry: &Registry, name: &str, method: &str, route: &str) -> Option<f64> {
    sample(registry, &format!("{name}{{http_request_method=\"{method}\",http_route=\"{route}\"}}"))
}

/// Requests that are being answered, whatever their method.
pub fn active(registry: &Registry) -> f64 {
    let page = registry.text(Format::Text);
    let samples = page.lines().filter(|line| line.starts_with("http_server_active_requests{"));
    samples.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

/// Waits until something is so, for as long as a slow machine may need.
pub async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
