//! What is known of a call when it is priced.

use super::TokenClass;
use crate::event::{Invalid, LlmOutcome, LlmUsage};

/// One call to a language model, as far as its price depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'a> {
    /// Who answered.
    pub provider: &'a str,
    /// The model, under any of its names.
    pub model: &'a str,
    /// The service tier of the answer; the standard one if it says none.
    pub service_tier: Option<&'a str>,
    /// What was used.
    pub tokens: Tokens,
}

/// The tokens of one call, each in one class only. `reasoning` is what is part of another: of `output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tokens {
    /// Sent, not cached.
    pub input: u64,
    /// Read from a cache.
    pub cache_read: u64,
    /// Written to a cache for the usual time.
    pub cache_write: u64,
    /// Written to a cache for an hour.
    pub cache_write_1h: u64,
    /// Received, reasoning included.
    pub output: u64,
    /// Of `output`: spent on reasoning.
    pub reasoning: u64,
    /// Audio sent.
    pub audio_input: u64,
    /// Audio received.
    pub audio_output: u64,
    /// Images sent.
    pub image_input: u64,
    /// Images received.
    pub image_output: u64,
    /// Requests that a provider may charge as such.
    pub requests: u64,
}

impl Tokens {
    /// What the call used of `class`. Reasoning is counted apart only if `reasoning_apart`, and
    /// otherwise in the output.
    pub const fn of(&self, class: TokenClass, reasoning_apart: bool) -> u64 {
        match class {
            TokenClass::Input => self.input,
            TokenClass::CacheRead => self.cache_read,
            TokenClass::CacheWrite => self.cache_write,
            TokenClass::CacheWriteHour => self.cache_write_1h,
            TokenClass::Output if reasoning_apart => self.output.saturating_sub(self.reasoning),
            TokenClass::Output => self.output,
            TokenClass::Reasoning if reasoning_apart => self.reasoning,
            TokenClass::Reasoning => 0,
            TokenClass::AudioInput => self.audio_input,
            TokenClass::AudioOutput => self.audio_output,
            TokenClass::ImageInput => self.image_input,
            TokenClass::ImageOutput => self.image_output,
            TokenClass::Request => self.requests,
        }
    }

    /// The whole input of the request, by which long requests are told: cached tokens, audio and
    /// images included.
    pub fn whole_input(&self) -> u64 {
        [self.cache_read, self.cache_write, self.cache_write_1h, self.audio_input, self.image_input]
            .into_iter()
            .fold(self.input, u64::saturating_add)
    }
}

impl<'a> TryFrom<&'a LlmUsage> for Call<'a> {
    type Error = Invalid;

    fn try_from(usage: &'a LlmUsage) -> Result<Self, Invalid> {
        let disjoint = usage.disjoint_tokens()?;
        let answered = usage.outcome == LlmOutcome::Success || !disjoint.is_empty();
        let tokens = Tokens {
            input: disjoint.input,
            cache_read: disjoint.cache_read,
            cache_write: disjoint.cache_write - disjoint.cache_write_1h,
            cache_write_1h: disjoint.cache_write_1h,
            output: disjoint.output,
            reasoning: usage.tokens.reasoning,
            audio_input: disjoint.audio - disjoint.audio_output,
            audio_output: disjoint.audio_output,
            image_input: disjoint.image - disjoint.image_output,
            image_output: disjoint.image_output,
            requests: u64::from(answered),
        };
        let service_tier = usage.service_tier.as_deref();
        Ok(Self { provider: &usage.provider, model: &usage.model, service_tier, tokens })
    }
}
