//! The provider's answer on its way to the client.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream::unfold;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use pratiko_metrics::LlmCall;
use pratiko_metrics::domain::event::TokenUsage;
use serde::Deserialize;

use crate::{Gateway, price};

/// Hands a provider's answer on, and records the call when it is over.
///
/// The call travels with the answer: a client that goes away drops both, and the call is then recorded
/// as abandoned.
pub struct Relay {
    gateway: Arc<Gateway>,
    prompt: String,
    answer: Incoming,
    call: LlmCall<'static>,
    heard: Vec<u8>,
}

impl Relay {
    pub fn new(gateway: Arc<Gateway>, prompt: String, answer: Incoming, call: LlmCall<'static>) -> Self {
        Self { gateway, prompt, answer, call, heard: Vec::new() }
    }

    pub fn into_body(self) -> Body {
        Body::from_stream(unfold(Some(self), async |relay| relay?.next().await))
    }

    /// The next piece for the client, and what hands on those after it.
    async fn next(mut self) -> Option<(Result<Bytes, hyper::Error>, Option<Self>)> {
        match self.answer.frame().await {
            Some(Ok(frame)) => {
                self.call.first_chunk();
                let data = frame.into_data().unwrap_or_default();
                self.heard.extend_from_slice(&data);
                Some((Ok(data), Some(self)))
            }
            Some(Err(error)) => {
                self.call.fail("connection");
                Some((Err(error), None))
            }
            None => {
                self.end();
                None
            }
        }
    }

    fn end(mut self) {
        if let Some(tokens) = tokens_of(&self.heard) {
            self.call.tokens(tokens).cost_eur(price::in_euro(&tokens));
        }
        self.call.succeed();
        self.gateway.keep(self.prompt, self.heard.into());
    }
}

/// What the provider says at the end.
#[derive(Deserialize)]
struct Chunk {
    usage: Usage,
}

#[derive(Deserialize)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    prompt_tokens_details: PromptTokens,
}

#[derive(Deserialize)]
struct PromptTokens {
    cached_tokens: u64,
}

fn tokens_of(events: &[u8]) -> Option<TokenUsage> {
    let mut lines = events.split(|byte| *byte == b'\n').rev();
    let Chunk { usage } =
        lines.find_map(|line| serde_json::from_slice(line.strip_prefix(b"data: ")?).ok())?;
    Some(TokenUsage {
        input: usage.prompt_tokens,
        cache_read: usage.prompt_tokens_details.cached_tokens,
        output: usage.completion_tokens,
        ..TokenUsage::default()
    })
}
