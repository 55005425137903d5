//! A language model that knows twenty words and streams them, in the way that OpenAI's API does.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const WORDS: usize = 20;
/// Between two words.
const PAUSE: Duration = Duration::from_millis(100);
/// One request of so many comes too soon after the others.
const REFUSED: u32 = 5;

/// Starts it on a free port; where it answers.
pub async fn start() -> Result<Uri, Box<dyn std::error::Error>> {
    let path = "/v1/chat/completions";
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let uri = format!("http://{}{path}", listener.local_addr()?).parse()?;
    let app = Router::new().route(path, post(complete)).with_state(Arc::default());
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(uri)
}

async fn complete(State(requests): State<Arc<AtomicU32>>) -> Response {
    if (requests.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(REFUSED) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    let stream = unfold(0, async |position| {
        let data = match position {
            0..WORDS => word().to_string(),
            WORDS => usage().to_string(),
            _ if position == WORDS + 1 => "[DONE]".to_owned(),
            _ => return None,
        };
        tokio::time::sleep(PAUSE).await;
        Some((Ok::<_, Infallible>(Event::default().data(data)), position + 1))
    });
    Sse::new(stream).into_response()
}

fn word() -> Value {
    json!({ "choices": [{ "delta": { "content": "well " } }] })
}

fn usage() -> Value {
    json!({ "choices": [], "usage": {
        "prompt_tokens": 1200, "completion_tokens": 250, "prompt_tokens_details": { "cached_tokens": 1000 },
    } })
}
