//! `com.pratiko.llm.usage.v1`: one call to a language model.

use serde::{Deserialize, Serialize};

use super::{Invalid, amount, currency, name, optional_name};
use crate::money::Money;

/// One call to a language model, with its tokens and, if it is known, its cost.
///
/// What the provider says it cost wins: `cost_eur`, or `cost` in another currency. Without either, the
/// call is priced by the exporter's price table, and where that knows no price it is *unpriced*: counted
/// as such and never as free. A call that failed before it used tokens costs nothing; one that
/// succeeded and tells no tokens is unpriced, unless its price is one for each request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LlmUsage {
    /// Who pays; the event's subject by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The plan in force; by default that of the customer's subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Who answered, under OpenTelemetry's `gen_ai.provider.name`: `openai`, `anthropic`, `aws.bedrock`.
    pub provider: String,
    /// The model asked for, under OpenTelemetry's `gen_ai.request.model`.
    pub model: String,
    /// What was asked for, under OpenTelemetry's `gen_ai.operation.name`: `chat`, `embeddings`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// How it ended.
    #[serde(default)]
    pub outcome: LlmOutcome,
    /// The tokens used.
    #[serde(default)]
    pub tokens: TokenUsage,
    /// Whether `tokens.input` includes the cached tokens.
    #[serde(default)]
    pub convention: TokenConvention,
    /// The tier of service that the provider's answer names: `batch`, `flex`, `priority`; without it
    /// `standard`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<String>,
    /// What the call cost, in euro.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_eur: Option<Money>,
    /// What the provider says that the call cost, in `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// The currency of `cost`, as three capital letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Z]{3}$")))]
    pub currency: Option<String>,
}

/// How a call to a language model ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum LlmOutcome {
    /// With an answer.
    #[default]
    Success,
    /// With an error.
    Error,
    /// The caller went away before the answer was complete.
    Abandoned,
}

impl LlmOutcome {
    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Abandoned => "abandoned",
        }
    }
}

/// How a provider counts its input tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum TokenConvention {
    /// `input` includes what was read from and written to a cache: OpenAI, Google, OpenTelemetry.
    #[default]
    Inclusive,
    /// `input` excludes both: Anthropic.
    Exclusive,
}

/// The tokens of one call, as its provider counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenUsage {
    /// Tokens sent.
    pub input: u64,
    /// Of the input, or beside it (see `convention`): read from a cache.
    pub cache_read: u64,
    /// Of the input, or beside it (see `convention`): written to a cache.
    pub cache_write: u64,
    /// Tokens received, reasoning included.
    pub output: u64,
    /// Of the output: spent on reasoning.
    pub reasoning: u64,
    /// Audio tokens, apart from all others.
    pub audio: u64,
    /// Image tokens, apart from all others.
    pub image: u64,
    /// Of those written to a cache: to be kept for an hour, which costs more.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_write_1h: u64,
    /// Of the audio tokens: received.
    #[serde(skip_serializing_if = "is_zero")]
    pub audio_output: u64,
    /// Of the image tokens: received.
    #[serde(skip_serializing_if = "is_zero")]
    pub image_output: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// No call of any provider comes near; beyond it, totals would not fit their 64 bits for long.
const MOST_TOKENS: u64 = 1 << 40;

/// The tokens of one call in classes that do not overlap, so that they add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DisjointTokens {
    /// Sent and not cached.
    pub input: u64,
    /// Read from a cache.
    pub cache_read: u64,
    /// Written to a cache.
    pub cache_write: u64,
    /// Received, reasoning included.
    pub output: u64,
    /// Audio.
    pub audio: u64,
    /// Images.
    pub image: u64,
    /// Of `cache_write`: to be kept for an hour.
    pub cache_write_1h: u64,
    /// Of `audio`: received.
    pub audio_output: u64,
    /// Of `image`: received.
    pub image_output: u64,
}

impl DisjointTokens {
    /// The classes with their label values.
    pub const fn by_type(self) -> [(&'static str, u64); 6] {
        [
            ("input", self.input),
            ("cache_read", self.cache_read),
            ("cache_write", self.cache_write),
            ("output", self.output),
            ("audio", self.audio),
            ("image", self.image),
        ]
    }

    /// Whether no token was used.
    pub const fn is_empty(self) -> bool {
        self.input == 0
            && self.cache_read == 0
            && self.cache_write == 0
            && self.output == 0
            && self.audio == 0
            && self.image == 0
    }
}

impl TokenUsage {
    /// The tokens in classes that do not overlap.
    ///
    /// Source of the two conventions: OpenTelemetry's semantic conventions for generative AI (input
    /// includes cached tokens), and Anthropic's API (it excludes them).
    pub fn disjoint(self, convention: TokenConvention) -> Result<DisjointTokens, Invalid> {
        let Self { input, cache_read, cache_write, output, reasoning, audio, image, .. } = self;
        let Self { cache_write_1h, audio_output, image_output, .. } = self;
        let parts = [
            (reasoning, output, "data.tokens.reasoning", "is more than output, of which it is a part"),
            (
                cache_write_1h,
                cache_write,
                "data.tokens.cache_write_1h",
                "is more than cache_write, of which it is a part",
            ),
            (audio_output, audio, "data.tokens.audio_output", "is more than audio, of which it is a part"),
            (image_output, image, "data.tokens.image_output", "is more than image, of which it is a part"),
        ];
        if let Some((.., field, reason)) = parts.into_iter().find(|(part, whole, ..)| part > whole) {
            return Err(Invalid { field, reason });
        }
        let uncached = match convention {
            TokenConvention::Exclusive => Some(input),
            TokenConvention::Inclusive => {
                input.checked_sub(cache_read).and_then(|rest| rest.checked_sub(cache_write))
            }
        };
        let input = uncached.ok_or(Invalid {
            field: "data.tokens.input",
            reason: "is less than its cached part; if input excludes cached tokens, say \"convention\": \"exclusive\"",
        })?;
        Ok(DisjointTokens {
            input,
            cache_read,
            cache_write,
            output,
            audio,
            image,
            cache_write_1h,
            audio_output,
            image_output,
        })
    }
}

impl TokenUsage {
    /// The same tokens, as near as numbers that contradict each other can be read: where the input is
    /// less than its cached part, it cannot have included it; a part is at most its whole; and no class
    /// has more than 2⁴⁰. What comes of it passes [`Event::validate`](super::Event::validate).
    ///
    /// ```
    /// use pratiko_domain::event::{TokenConvention, TokenUsage};
    ///
    /// let told = TokenUsage { input: 10, cache_read: 500, output: 5, ..TokenUsage::default() };
    /// let (tokens, convention) = told.consistent(TokenConvention::Inclusive);
    /// assert_eq!((tokens, convention), (told, TokenConvention::Exclusive));
    /// ```
    #[must_use]
    pub fn consistent(self, convention: TokenConvention) -> (Self, TokenConvention) {
        let output = self.output.min(MOST_TOKENS);
        let cache_write = self.cache_write.min(MOST_TOKENS);
        let (audio, image) = (self.audio.min(MOST_TOKENS), self.image.min(MOST_TOKENS));
        let tokens = Self {
            input: self.input.min(MOST_TOKENS),
            cache_read: self.cache_read.min(MOST_TOKENS),
            cache_write,
            output,
            reasoning: self.reasoning.min(output),
            audio,
            image,
            cache_write_1h: self.cache_write_1h.min(cache_write),
            audio_output: self.audio_output.min(audio),
            image_output: self.image_output.min(image),
        };
        let includes = tokens.input >= tokens.cache_read + tokens.cache_write;
        (tokens, if includes { convention } else { TokenConvention::Exclusive })
    }
}

impl LlmUsage {
    /// A call that succeeded, with nothing else said of it.
    pub fn new(provider: impl Into<String>, model: impl Into<String>, tokens: TokenUsage) -> Self {
        Self {
            customer: None,
            plan: None,
            provider: provider.into(),
            model: model.into(),
            operation: None,
            outcome: LlmOutcome::Success,
            tokens,
            convention: TokenConvention::default(),
            service_tier: None,
            cost_eur: None,
            cost: None,
            currency: None,
        }
    }

    /// The tokens in classes that do not overlap.
    pub fn disjoint_tokens(&self) -> Result<DisjointTokens, Invalid> {
        self.tokens.disjoint(self.convention)
    }

    pub(super) fn validate(&self) -> Result<(), Invalid> {
        name("data.provider", &self.provider)?;
        name("data.model", &self.model)?;
        optional_name("data.operation", self.operation.as_deref())?;
        let tokens = self.disjoint_tokens()?;
        if tokens.by_type().iter().any(|(_, count)| *count > MOST_TOKENS) {
            return Err(Invalid { field: "data.tokens", reason: "has more than 10^12 tokens in one class" });
        }
        optional_name("data.service_tier", self.service_tier.as_deref())?;
        if let Some(cost) = self.cost {
            amount("data.cost", cost)?;
            let Some(code) = &self.currency else {
                let reason = "is missing; write the currency of cost as three capital letters";
                return Err(Invalid { field: "data.currency", reason });
            };
            currency("data.currency", code)?;
        }
        self.cost_eur.map_or(Ok(()), |cost| amount("data.cost_eur", cost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(tokens: TokenUsage, convention: TokenConvention) -> LlmUsage {
        LlmUsage { convention, ..LlmUsage::new("openai", "gpt", tokens) }
    }

    #[test]
    fn cached_tokens_are_counted_once_under_either_convention() {
        let inclusive =
            TokenUsage { input: 1000, cache_read: 600, cache_write: 100, output: 50, ..Default::default() };
        let exclusive = TokenUsage { input: 300, ..inclusive };
        let expected = DisjointTokens {
            input: 300,
            cache_read: 600,
            cache_write: 100,
            output: 50,
            ..Default::default()
        };
        assert_eq!(usage(inclusive, TokenConvention::Inclusive).disjoint_tokens(), Ok(expected));
        assert_eq!(usage(exclusive, TokenConvention::Exclusive).disjoint_tokens(), Ok(expected));
    }

    #[test]
    fn tokens_that_contradict_each_other_are_read_as_they_can_be() {
        let cases = [
            TokenUsage { input: 10, cache_read: 500, output: 5, ..Default::default() },
            TokenUsage { output: 5, reasoning: 6, ..Default::default() },
            TokenUsage { input: u64::MAX, cache_write: u64::MAX, image: u64::MAX, ..Default::default() },
        ];
        for told in cases {
            let (tokens, convention) = told.consistent(TokenConvention::Inclusive);
            usage(tokens, convention).validate().unwrap();
        }
        let fine = TokenUsage { input: 10, cache_read: 5, output: 5, reasoning: 5, ..Default::default() };
        assert_eq!(fine.consistent(TokenConvention::Inclusive), (fine, TokenConvention::Inclusive));
    }

    #[test]
    fn parts_that_are_more_than_their_whole_are_refused() {
        let cached = TokenUsage { input: 10, cache_read: 11, ..Default::default() };
        let error = usage(cached, TokenConvention::Inclusive).validate().unwrap_err();
        assert_eq!(error.field, "data.tokens.input");
        let reasoning = TokenUsage { output: 5, reasoning: 6, ..Default::default() };
        let error = usage(reasoning, TokenConvention::Inclusive).validate().unwrap_err();
        assert_eq!(error.field, "data.tokens.reasoning");
        let kept = TokenUsage { input: 9, cache_write: 5, cache_write_1h: 6, ..Default::default() };
        let error = usage(kept, TokenConvention::Inclusive).validate().unwrap_err();
        assert_eq!(error.field, "data.tokens.cache_write_1h");
    }

    #[test]
    fn a_cost_needs_its_currency() {
        let told = LlmUsage {
            cost: Some(Money::from_cents(1)),
            ..LlmUsage::new("openai", "gpt", TokenUsage::default())
        };
        assert_eq!(told.validate().unwrap_err().field, "data.currency");
        LlmUsage { currency: Some("USD".to_owned()), ..told.clone() }.validate().unwrap();
        let wrong = LlmUsage { currency: Some("dollars".to_owned()), ..told };
        assert_eq!(wrong.validate().unwrap_err().field, "data.currency");
    }
}
