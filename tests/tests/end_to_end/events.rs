//! Events that are quickly written.

use pratiko_domain::time::Timestamp;
use serde_json::{Value, json};

/// When most tests take place.
pub const NOON: &str = "2026-06-15T12:00:00Z";

/// An instant.
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An event of a kind such as `llm.usage`, about a user if there is one.
pub fn event(id: &str, kind: &str, time: Timestamp, user: Option<&str>, data: &Value) -> Value {
    let mut event = json!({
        "specversion": "1.0", "source": "test", "id": id,
        "type": format!("com.pratiko.{kind}.v1"), "time": time, "data": data,
    });
    if let Some(user) = user {
        event["subject"] = user.into();
    }
    event
}

/// A call to a language model.
pub fn usage(id: &str, time: Timestamp, user: &str, cost_eur: &str) -> Value {
    let data = json!({
        "provider": "openai", "model": "gpt-5", "cost_eur": cost_eur,
        "tokens": { "input": 100, "cache_read": 40, "output": 20 },
    });
    event(id, "llm.usage", time, Some(user), &data)
}
