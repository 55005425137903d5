//! The response headers that the file may set: those the format allows, and no others.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::Problem;
use super::error::nearest;

/// Each header with its possible values; any value where there are none.
const ALLOWED: &[(&str, &[&str])] = &[
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
    ("Content-Security-Policy", &[]),
];

pub(super) fn validate(section: BTreeMap<String, Option<String>>) -> Result<HeaderMap, Problem> {
    let mut headers = HeaderMap::new();
    for (name, value) in section {
        let key = format!("http_server_config.headers.{name}");
        let names = || ALLOWED.iter().map(|(allowed, _)| *allowed);
        let Some((_, values)) = ALLOWED.iter().find(|(allowed, _)| *allowed == name) else {
            let reason = match nearest(&name, names()) {
                Some(nearest) => format!("cannot be set here; did you mean {nearest}?"),
                None => format!("cannot be set here; only {} can", names().collect::<Vec<_>>().join(", ")),
            };
            return Err(Problem::new(key, reason));
        };
        let value = value.unwrap_or_default();
        if !values.is_empty() && !values.contains(&value.as_str()) {
            return Err(Problem::new(key, format!("expected {}", values.join(" or "))));
        }
        if value.is_empty() {
            continue;
        }
        let name = HeaderName::try_from(name).map_err(|error| Problem::new(&*key, error.to_string()))?;
        let value = HeaderValue::try_from(value)
            .map_err(|_| Problem::new(&*key, "has a character that a header cannot carry"))?;
        headers.insert(name, value);
    }
    Ok(headers)
}
